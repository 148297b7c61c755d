/*
 * The line scanner: where does a line end, and where is its first colon? The one place of parsing
 * that looks at every byte of a head. Private to sip/.
 */
#ifndef PS_SCAN_INTERNAL_H
#define PS_SCAN_INTERNAL_H

#include "text.h"

/*
 * The first CR or LF from p on, or end. `*colon` becomes the first
 * ":" before it if it is NULL and there is one. The first is the portable reference, the second
 * the fastest that this machine has; both say the same.
 */
const char *ps_scan_line_portable(const char *p, const char *end, const char **colon);
const char *ps_scan_line(const char *p, const char *end, const char **colon);

#endif
