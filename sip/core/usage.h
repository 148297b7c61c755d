/*
 * Defines a usage (RFC 5057): what goes on in or beside a dialog, as the stack knows it. Each is a
 * row; stack/usages.c lists those that are in the build, and nobody else knows them by name.
 *
 * A function that is NULL is never called. `state` is what `init` has returned.
 */
#ifndef PS_USAGE_H
#define PS_USAGE_H

#include "../capacity.h"
#include "dialog.h"
#include "request.h"

/* Nothing to tell: all zero. */
static inline struct ps_event ps_no_event(void)
{
    struct ps_event event;
    memset(&event, 0, sizeof event);
    return event;
}

/* Says what a usage wants of the driver, or tells the application by itself. */
struct ps_usage_pull {
    ps_handle owner;
    bool ask;               /* for flows to `hop` */
    struct ps_next_hop hop; /* borrowed until the next call into the usage */
    struct ps_event event;  /* of kind PS_EVENT_NONE: nothing */
};

struct ps_usage {
    const char *name; /* as ps_stack_report prints it: that of its limit */
    uint8_t kind;     /* enum ps_kind: of its handles and timers */
    uint8_t orphans;  /* enum ps_method: whose final responses it takes where the owner is gone */
    size_t limit;     /* offset of its count in struct ps_limits */
    size_t living;    /* and in struct ps_stack_live */
    void *(*init)(struct ps_arena *arena, struct ps_environment *env, uint32_t count);
    uint32_t (*live)(const void *state);
    struct ps_event (*expire)(void *state, struct ps_timer *timer);
    /* hears a response to a request of its own; `m` and `flow` are NULL where none came */
    struct ps_event (*response)(void *state, const struct ps_request_event *event,
                                const struct ps_message *m, const struct ps_flow *flow);
    /* takes a request in a dialog of its own, in order */
    struct ps_event (*request)(void *state, struct ps_dialog *dialog, ps_handle transaction,
                               const struct ps_message *m);
    /* claims a request in no known dialog: true where it takes it */
    bool (*claim)(void *state, ps_handle transaction, const struct ps_message *m,
                  struct ps_event *event);
    struct ps_event (*ack)(void *state, struct ps_dialog *dialog, const struct ps_message *m);
    struct ps_event (*cancelled)(void *state, ps_handle invite);
    /* hears that a server transaction of its own has ended without its due */
    struct ps_event (*lost)(void *state, ps_handle owner, ps_handle transaction);
    /* gives bytes that go out once more, borrowed until the next call into the usage */
    bool (*send)(void *state, const struct ps_flow **flow, struct ps_slice *bytes);
    bool (*pull)(void *state, struct ps_usage_pull *out);
    void (*resolved)(void *state, ps_handle owner, bool found);
};

#endif
