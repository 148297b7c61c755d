/*
 * Sizes a user agent when the program runs. See ../capacity.h. Knows no layer.
 */
#include "../capacity.h"

struct ps_limits ps_limits_for(uint32_t calls, uint32_t registrations, uint32_t subscriptions,
                               uint32_t message_bytes)
{
    struct ps_limits limits = PS_LIMITS_FOR(calls, registrations, subscriptions, message_bytes);
    return limits;
}
