/*
 * Bytes of what a stack keeps, asked of ps_stack_size: one more of a thing, less without it.
 * Compiled with the two files for the machine that is to be measured, with
 * tests/tools/small_phone.h as PS_CONFIG_FILE. Knows no struct of the inside.
 */
#include <stdio.h>

#include "plainsip.h"

/* 2 calls, 1 registration, 1,500-byte messages: each call its INVITE, a request inside it and one
 * to answer; a refresh of the registration; and a request to be refused. */
static const struct ps_limits phone = {
    8, 4, 2, 2, 1, 0, 0, 1500, 4, {{512, 4}, {1024, 4}, {1500, 3}, {0, 0}},
};

static void one_more(const char *what, uint32_t struct_offset_of_count, unsigned kept)
{
    struct ps_limits more = phone;
    uint32_t n = 64; /* so that a table's rounding to a power of two is spread */
    uint32_t *count = (uint32_t *)(void *)((char *)&more + struct_offset_of_count);
    size_t few, many;
    *count = n;
    few = ps_stack_size(&more);
    *count = 2 * n;
    many = ps_stack_size(&more);
    printf("%s %lu\n", what, (unsigned long)((many - few + n - 1) / n + kept));
}

int main(void)
{
    printf("ps_message %lu\n", (unsigned long)sizeof(struct ps_message));
    one_more("transaction", offsetof(struct ps_limits, transactions), 0);
    one_more("request", offsetof(struct ps_limits, requests), 0);
    one_more("dialog", offsetof(struct ps_limits, dialogs), 0);
    one_more("call", offsetof(struct ps_limits, calls), 0);
    one_more("registration", offsetof(struct ps_limits, registrations), 0);
    one_more("subscription", offsetof(struct ps_limits, subscriptions), 0);
    one_more("binding", offsetof(struct ps_limits, bindings), 0);
    printf("small_phone %lu\n", (unsigned long)ps_stack_size(&phone));
    return 0;
}
