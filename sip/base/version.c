/*
 * Tells which version this library is. Knows nothing else.
 */
#include "../version.h"

const char *ps_version(void)
{
    return PS_VERSION;
}
