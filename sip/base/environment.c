/*
 * Makes random numbers and tokens from the seed that a stack was given; names its counters.
 * Reads no random device and no clock.
 */
#include "environment.h"

const char *ps_counter_name(enum ps_counter counter)
{
    static const char *const names[PS_COUNTER_COUNT] = {
#define NAME(value, id, name) [value] = name,
        PS_COUNTERS(NAME)
#undef NAME
    };
    return names[counter];
}

uint64_t ps_random(struct ps_environment *env)
{
    struct ps_siphash hash;
    ps_siphash_start(&hash, env->random_key);
    ps_siphash_add64(&hash, env->random_counter++);
    return ps_siphash_end(&hash);
}

void ps_put_base32(struct ps_writer *w, uint64_t value)
{
    char text[13];
    unsigned i;
    for (i = 0; i < sizeof text; i++)
        text[i] = "0123456789abcdefghijklmnopqrstuv"[(value >> (5 * i)) & 31];
    ps_put(w, ps_slice(text, sizeof text));
}

void ps_put_token(struct ps_writer *w, struct ps_environment *env)
{
    ps_put_base32(w, ps_random(env));
}
