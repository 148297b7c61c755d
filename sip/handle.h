/*
 * Handles, by which an application names a call, a registration, a request, ...; and PS_NEVER. The
 * handle of an object that has ended is stale: an error, and never the name of another object.
 */
#ifndef PS_HANDLE_H
#define PS_HANDLE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 8 bits of kind, 24 of index, 32 of generation. 0 names nothing. */
typedef uint64_t ps_handle;

/* In place of a time in milliseconds: never. */
#define PS_NEVER UINT64_MAX

#ifdef __cplusplus
}
#endif
#endif
