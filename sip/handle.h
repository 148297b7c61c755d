/*
 * Handles: what an application holds of a call, a registration, a request. A stale one is an error,
 * never another's object. And the time that never comes. Knows no object.
 */
#ifndef PS_HANDLE_H
#define PS_HANDLE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 8 bits of kind, 24 of index, 32 of generation. 0 names nothing. */
typedef uint64_t ps_handle;

/* A time, in milliseconds, that does not come. */
#define PS_NEVER UINT64_MAX

#ifdef __cplusplus
}
#endif
#endif
