/*
 * The line scanner (scan_internal.h). Refuses to know what a line means.
 */
#include "scan_internal.h"

const char *ps_scan_line_portable(const char *p, const char *end, const char **colon)
{
    for (; p < end && *p != '\r' && *p != '\n'; p++)
        if (*p == ':' && !*colon)
            *colon = p;
    return p;
}

const char *ps_scan_line(const char *p, const char *end, const char **colon)
{
    return ps_scan_line_portable(p, end, colon);
}
