/*
 * Registrations as client: RFC 3261 10.2. Keeps a binding alive: registers, refreshes in time,
 * tries again after failures, removes it.
 *
 * Knows requests, and nothing of calls. One event for the application comes back from each final
 * response.
 */
#ifndef PS_REGISTRATION_H
#define PS_REGISTRATION_H

#include "account.h"
#include "event.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_stack;

struct ps_registration_options {
    struct ps_account *account; /* borrowed for the registration's life; its aor is registered */
    struct ps_slice registrar;  /* Request-URI, "sip:example.org"; copied */
    uint32_t expires;           /* wanted, seconds */
    struct ps_slice lines;      /* further headers, whole lines with CRLF; copied */
    /* of the Contact, each with its ";" (";+sip.instance=...;q=0.5"), but expires; borrowed for the
     * registration's life */
    struct ps_slice contact_params;
    void *user; /* comes back in each event */
};

/* Registers, and goes on until ps_registration_end; follows redirections (8.1.3.4). Events:
 * PS_EVENT_REGISTERED (first and after each refresh), PS_EVENT_REGISTRATION_FAILED. After a failure
 * that may pass (408, 480, 482, 483, 486, 487, 491, 5xx but 501, 505 and 513, and any refusal with
 * a Retry-After) it tries again by itself, never before that Retry-After is over: the event says
 * when. After any other nothing happens until the application starts anew; ps_registration_end
 * frees it in both cases. */
enum ps_error ps_registration_start(struct ps_stack *stack,
                                    const struct ps_registration_options *options, ps_handle *out);

/* Registers now, as where the address has changed. PS_E_STALE, PS_E_STATE (a REGISTER is on its
 * way, or it is being removed), PS_E_FULL. */
enum ps_error ps_registration_refresh(struct ps_stack *stack, ps_handle registration);

/* 10.2.2: removes the binding; PS_EVENT_UNREGISTERED or PS_EVENT_REGISTRATION_FAILED follows, then
 * it is gone. */
enum ps_error ps_registration_stop(struct ps_stack *stack, ps_handle registration);

/* Forgets it without a word: the binding expires by itself. */
void ps_registration_end(struct ps_stack *stack, ps_handle registration);

/* 0 at the end. */
ps_handle ps_registration_next(const struct ps_stack *stack, ps_handle after);

#ifdef __cplusplus
}
#endif
#endif
