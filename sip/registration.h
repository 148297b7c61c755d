/*
 * Registrations as client: RFC 3261 10.2. Keeps a binding alive: registers, refreshes in time,
 * tries again after failures, removes it.
 *
 * Knows requests, and nothing of calls. Challenges, redirections, a 423 and the second REGISTER
 * behind a NAT are dealt with inside; the application hears of the outcome.
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

/*
 * Registers, and refreshes the binding until ps_registration_stop or ps_registration_end. Follows
 * redirections (8.1.3.4), and asks for Min-Expires after a 423. Events: PS_EVENT_REGISTERED, at
 * first and after each refresh; PS_EVENT_REGISTRATION_FAILED.
 *
 * After 408, 480, 482, 483, 486, 487, 491, a 5xx other than 501, 505 and 513, and any refusal with
 * Retry-After it tries again: the event's `retry_in` says in how many seconds, never less than
 * Retry-After. After any other refusal it waits for ps_registration_refresh; ps_registration_end
 * releases it.
 *
 * Errors of ps_uri_parse for the registrar, PS_E_SCHEME where it is no sip or sips URI;
 * PS_E_INJECTION, PS_E_OVERFLOW, PS_E_TOO_LARGE, PS_E_FULL: then there is none.
 */
enum ps_error ps_registration_start(struct ps_stack *stack,
                                    const struct ps_registration_options *options, ps_handle *out);

/* Sends a REGISTER now, for example when the local address has changed. PS_E_STALE; PS_E_STATE
 * where one is under way or the binding is being removed; PS_E_FULL. The event is as for a
 * refresh. */
enum ps_error ps_registration_refresh(struct ps_stack *stack, ps_handle registration);

/* Removes the binding (10.2.2), after a REGISTER that is under way. PS_EVENT_UNREGISTERED or
 * PS_EVENT_REGISTRATION_FAILED follows and releases the handle. Twice is fine. PS_E_STALE;
 * PS_E_FULL and PS_E_TOO_LARGE: the registration goes on. */
enum ps_error ps_registration_stop(struct ps_stack *stack, ps_handle registration);

/* Releases the handle at once and sends nothing: the registrar's binding stays until it expires. No
 * event follows. A stale handle is fine. */
void ps_registration_end(struct ps_stack *stack, ps_handle registration);

/* Walks the registrations: returns the one after `after` (0: the first), 0 past the last. One
 * may end on the way. */
ps_handle ps_registration_next(const struct ps_stack *stack, ps_handle after);

#ifdef __cplusplus
}
#endif
#endif
