/*
 * The version of these headers and of the library: semantic versioning. It is said here alone; the
 * build and the program read it.
 */
#ifndef PS_VERSION_H
#define PS_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

#define PS_VERSION_MAJOR 0
#define PS_VERSION_MINOR 2
#define PS_VERSION_PATCH 0

/* "0.2.0" */
#define PS_VERSION PS_VERSION_TEXT(PS_VERSION_MAJOR, PS_VERSION_MINOR, PS_VERSION_PATCH)
#define PS_VERSION_TEXT(major, minor, patch) PS_VERSION_TEXT_OF(major, minor, patch)
#define PS_VERSION_TEXT_OF(major, minor, patch) #major "." #minor "." #patch

/* Returns the PS_VERSION that the library was built from; an application has the one of the headers
 * that it was built with. Static. */
const char *ps_version(void);

#ifdef __cplusplus
}
#endif
#endif
