/*
 * Subscriptions as subscriber: RFC 6665 4.1. Subscribes, answers each NOTIFY, refreshes in time,
 * subscribes again where the notifier asks for that (4.1.3), unsubscribes.
 *
 * Knows requests and dialogs; nothing of calls or event packages: bodies are the application's. The
 * first NOTIFY creates the dialog (4.4.1). After a forked SUBSCRIBE, NOTIFYs of other branches get
 * 481 (4.4.1, 5.4.9).
 */
#ifndef PS_SUBSCRIPTION_H
#define PS_SUBSCRIPTION_H

#include "account.h"
#include "event.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_stack;

struct ps_subscription_options {
    struct ps_account *account; /* borrowed for the subscription's life */
    struct ps_slice target;     /* Request-URI and To, "sip:bob@example.org"; copied */
    struct ps_slice event;      /* Event: "presence", "dialog;id=7"; copied */
    struct ps_slice accept;     /* Accept: "application/pidf+xml"; copied; empty: none is sent */
    uint32_t expires;           /* wanted, seconds; 0: the state once (4.4.3) */
    void *user;                 /* comes back in each event */
};

/* Subscribes, and refreshes until PS_EVENT_SUBSCRIPTION_ENDED. Takes one dialog. Events:
 * - PS_EVENT_SUBSCRIBED: a 2xx to a SUBSCRIBE; `expires` seconds granted;
 * - PS_EVENT_NOTIFIED: `message` is the NOTIFY; it is answered already;
 * - PS_EVENT_SUBSCRIPTION_ENDED releases the handle. `status` 200: the NOTIFY before it terminated
 *   the subscription; 408: no NOTIFY came within 64*T1 (Timer N) or before it expired; any other:
 *   the final response to the SUBSCRIBE.
 * Errors of ps_uri_parse and PS_E_SCHEME for the target, of ps_event_parse for the event;
 * PS_E_INJECTION, PS_E_OVERFLOW, PS_E_TOO_LARGE, PS_E_FULL: then there is none. */
enum ps_error ps_subscription_start(struct ps_stack *stack,
                                    const struct ps_subscription_options *options, ps_handle *out);

/* Unsubscribes (4.1.2.3). PS_EVENT_NOTIFIED for the last NOTIFY and PS_EVENT_SUBSCRIPTION_ENDED
 * follow. PS_E_STALE; PS_E_FULL and PS_E_TOO_LARGE: the subscription goes on. */
enum ps_error ps_subscription_stop(struct ps_stack *stack, ps_handle subscription);

/* Releases the handle at once and sends nothing. No event follows; the next NOTIFY gets 481, by
 * which the notifier ends the subscription (4.2.2). A stale handle is fine. */
void ps_subscription_end(struct ps_stack *stack, ps_handle subscription);

/* 0 at the end. */
ps_handle ps_subscription_next(const struct ps_stack *stack, ps_handle after);

#ifdef __cplusplus
}
#endif
#endif
