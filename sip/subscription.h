/*
 * Subscriptions as subscriber: RFC 6665 4.1. Subscribes, takes the NOTIFYs, refreshes in time,
 * subscribes anew where the notifier asks for it, unsubscribes.
 *
 * Knows requests and dialogs, and nothing of calls; no event package: bodies are the application's.
 * It is the first NOTIFY that makes a subscription's dialog (4.4.1). Of a forked SUBSCRIBE the
 * first NOTIFY's is taken, those of other branches get 481 (4.4.1, 5.4.9).
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

/* Subscribes, and goes on until the end that an event tells. Each subscription takes a dialog.
 * Events:
 *   PS_EVENT_SUBSCRIBED          a 2xx to a SUBSCRIBE; `expires` seconds granted
 *   PS_EVENT_NOTIFIED            a NOTIFY, which is answered already; `message` is it
 *   PS_EVENT_SUBSCRIPTION_ENDED  for good. `status` 200: terminated by the NOTIFY that came before;
 *                                408: no NOTIFY came in 64*T1 (Timer N), or none before its end;
 *                                else the SUBSCRIBE's final response
 * PS_E_SCHEME, PS_E_URI_... for the target, PS_E_VALUE for the event, PS_E_FULL, PS_E_TOO_LARGE,
 * PS_E_INJECTION: then there is none. */
enum ps_error ps_subscription_start(struct ps_stack *stack,
                                    const struct ps_subscription_options *options, ps_handle *out);

/* 4.1.2.3: unsubscribes; the last NOTIFY and PS_EVENT_SUBSCRIPTION_ENDED follow. */
enum ps_error ps_subscription_stop(struct ps_stack *stack, ps_handle subscription);

/* Forgets it without a word: the next NOTIFY gets 481, which ends it there (4.2.2). */
void ps_subscription_end(struct ps_stack *stack, ps_handle subscription);

/* 0 at the end. */
ps_handle ps_subscription_next(const struct ps_stack *stack, ps_handle after);

#ifdef __cplusplus
}
#endif
#endif
