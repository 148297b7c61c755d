/*
 * Declares what stack.c (feeds and pulls), layout.c (lays out) and report.c (looks) share.
 */
#ifndef PS_STACK_INTERNAL_H
#define PS_STACK_INTERNAL_H

#include "../core/uas.h"
#include "../stack.h"

/* Bounds the failures between two pulls: as many as one event's messages. */
#define PS_MAX_FAILED 8

struct ps_stack {
    struct ps_environment env; /* first: ps_environment_of */
    struct ps_responder responder;
    struct ps_uas uas;
    struct ps_limits limits;
    /* the datagram being handled */
    struct ps_message message;
    struct ps_flow flow;
    struct ps_event event; /* for the application, not pulled yet */
    /* what could not be sent, in order */
    struct ps_failure {
        ps_handle transaction;
        struct ps_address remote;
    } failed[PS_MAX_FAILED];
    unsigned failing;
};

/* Returns the usages of this build, NULL at the end (usages.c). */
const struct ps_usage *const *ps_usage_rows(void);

/* Returns how many objects the limits give a usage. */
static inline uint32_t ps_usage_limit(const struct ps_usage *usage, const struct ps_limits *limits)
{
    uint32_t count;
    memcpy(&count, (const char *)limits + usage->limit, sizeof count);
    return count;
}

#endif
