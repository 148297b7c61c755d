/*
 * Events: the stack tells its application of each in turn, by PS_ACTION_EVENT of ps_stack_pull
 * (stack.h). Knows only their shape.
 */
#ifndef PS_EVENT_H
#define PS_EVENT_H

#include "handle.h"
#include "message.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ps_event_kind {
    PS_EVENT_NONE = 0,
    /* A request that the stack does not answer itself: ps_stack_respond answers `transaction`.
     * `call` is the call in whose dialog it came; 0 for one outside of calls. */
    PS_EVENT_REQUEST = 1,
    /* A 1xx, and the final response, to a request of ps_stack_request or ps_call_request. `message`
     * is NULL where the stack made the status: 408 timed out, 503 unreachable. */
    PS_EVENT_PROVISIONAL = 2,
    PS_EVENT_RESPONSE = 3,
    /* a call */
    PS_EVENT_CALL_INCOMING = 4, /* INVITE; the body is the offer, or empty: then we offer */
    PS_EVENT_CALL_PROGRESS = 5, /* 1xx to our INVITE */
    PS_EVENT_CALL_ANSWERED =
        6, /* 2xx to our INVITE; an offer in it waits for ps_call_acknowledge */
    PS_EVENT_CALL_CONFIRMED = 7, /* the ACK to our 2xx; with the answer where we had offered */
    PS_EVENT_CALL_OFFER = 8,     /* re-INVITE or UPDATE: ps_call_answer or ps_call_reject */
    PS_EVENT_CALL_WITHDRAWN =
        9, /* the far end cancelled its re-INVITE; the session stays as it was */
    PS_EVENT_CALL_ACCEPTED = 10, /* 2xx to our re-INVITE */
    PS_EVENT_CALL_REFUSED = 11,  /* final failure of our re-INVITE; the call goes on as it was */
    PS_EVENT_CALL_ENDED = 12, /* for good; `status` says why: 200 hung up, 487 cancelled, 4xx-6xx */
    /* a registration */
    /* `expires` seconds granted; `message` lists the bindings. It is NULL where the REGISTER that
     * followed, for the address by which a NAT shows us, was refused: the first one stands */
    PS_EVENT_REGISTERED = 13,
    /* `status`; `retry_in` seconds from now it is tried again by itself, 0: refused for good */
    PS_EVENT_REGISTRATION_FAILED = 14,
    PS_EVENT_UNREGISTERED = 15,
    /* a subscription (subscription.h) */
    PS_EVENT_SUBSCRIBED = 16,        /* `expires` seconds granted */
    PS_EVENT_NOTIFIED = 17,          /* `message` is the NOTIFY, answered already */
    PS_EVENT_SUBSCRIPTION_ENDED = 18 /* for good; `status` says why */
};

struct ps_event {
    enum ps_event_kind kind;
    ps_handle call, transaction, request, registration, subscription;
    void *user; /* of the call, registration, subscription or request that the event concerns */
    unsigned status;
    const char *why;   /* reason for a status that the stack made itself; static, may be NULL */
    uint32_t expires;  /* seconds */
    uint32_t retry_in; /* seconds; PS_EVENT_REGISTRATION_FAILED */
    const struct ps_message *message; /* borrowed until the next pull; may be NULL */
    const struct ps_flow *flow;       /* of the message, likewise */
    /* the message's body and its type, likewise; empty where there is none (8.2.3) */
    struct ps_slice type, body;
};

/* Returns the name of a kind in words, "call incoming"; static. */
const char *ps_event_name(enum ps_event_kind kind);

/* Tells who sends the event's request: URI and display name (without quotes, still escaped) of its
 * From. Borrowed as the message is. False where the event has no request. */
struct ps_caller {
    struct ps_slice uri, display;
};
bool ps_event_caller(const struct ps_event *event, struct ps_caller *out);

#ifdef __cplusplus
}
#endif
#endif
