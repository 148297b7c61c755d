/*
 * Calls: INVITE sessions by RFC 3261 13 to 15, as client and server, with re-INVITE (14), UPDATE as
 * server (RFC 3311), CANCEL (9), forking (13.2.2.4) and the repeated 2xx (13.3.1.4).
 *
 * Bodies are opaque: whoever owns a call makes and reads offers and answers. Knows no socket and no
 * SDP. One event for the application comes back from each thing that happens.
 */
#ifndef PS_CALL_H
#define PS_CALL_H

#include "event.h"
#include "response.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_stack;

struct ps_call_options {
    struct ps_account *account; /* borrowed for the call's life */
    struct ps_slice to;         /* URI: who is called; copied */
    struct ps_slice type, body; /* the offer; empty: the other side offers. Copied */
    struct ps_slice lines;      /* further headers, whole lines with CRLF; copied */
    void *user;                 /* comes back in each event */
};
/* Sends an INVITE (13.2.1) and returns the call in `*out`. Errors of ps_uri_parse for `to`,
 * PS_E_SCHEME where it is no sip or sips URI; PS_E_INJECTION; PS_E_OVERFLOW or PS_E_TOO_LARGE for
 * an INVITE over the limits; PS_E_FULL. `*out` is then untouched, and no event follows. */
enum ps_error ps_call_start(struct ps_stack *stack, const struct ps_call_options *options,
                            ps_handle *out);

/* Sends a provisional response, 101 to 199, to the INVITE that waits (13.3.1.1), and repeats it
 * each minute. 300 s after the last such call, 480 ends the call; where the INVITE expires
 * sooner (13.3.1), 487 does. PS_E_ARGUMENT, PS_E_STALE, PS_E_STATE (it does not ring here),
 * PS_E_INJECTION, PS_E_OVERFLOW, PS_E_TOO_LARGE, PS_E_FULL: nothing was sent. */
enum ps_error ps_call_ring(struct ps_stack *stack, ps_handle call, unsigned status,
                           struct ps_slice type, struct ps_slice body);

/* Returns the body of the INVITE, re-INVITE or UPDATE that waits for an answer. Empty where none
 * waits, it has no body, or the handle is stale. Borrowed until it is answered. */
struct ps_slice ps_call_offer(struct ps_stack *stack, ps_handle call);

/* Sends 200 with a body to the INVITE, re-INVITE or UPDATE that waits (13.3.1.4, 14.2): the answer
 * to its offer, or an offer where it had none. PS_E_STALE, PS_E_STATE (nothing waits),
 * PS_E_INJECTION, PS_E_OVERFLOW, PS_E_TOO_LARGE, PS_E_FULL: it still waits. */
enum ps_error ps_call_answer(struct ps_stack *stack, ps_handle call, struct ps_slice type,
                             struct ps_slice body);

/* Refuses the INVITE, re-INVITE or UPDATE that waits, by a status from 300 to 699. The refusal of a
 * first INVITE ends the call, without an event. A response that finds no room is shortened; where
 * even that finds none, its transaction is abandoned: PS_OK. A 401, 407 or 503 to a first INVITE is
 * sent once, without Timer G (8.2.7, 26.3.2.4). PS_E_ARGUMENT (also for a 408 to an UPDATE, RFC
 * 4320), PS_E_STALE, PS_E_STATE (nothing waits), PS_E_INJECTION: nothing has changed. */
enum ps_error ps_call_reject(struct ps_stack *stack, ps_handle call, unsigned status,
                             struct ps_slice lines);

/* Sends the ACK with our answer, where the 2xx to our INVITE or re-INVITE brought the offer
 * (13.2.2.4). PS_E_STALE, PS_E_STATE (no such offer waits). After PS_E_FULL or PS_E_TOO_LARGE it
 * still waits; 64*T1 after the 2xx the call ends with 408. */
enum ps_error ps_call_acknowledge(struct ps_stack *stack, ps_handle call, struct ps_slice type,
                                  struct ps_slice body);

/* Sends a re-INVITE with an offer (14.1); without a body, the far end offers. PS_E_STALE;
 * PS_E_STATE where the call is not established, or an INVITE, ACK or offer of either side is
 * pending; PS_E_FULL, PS_E_OVERFLOW, PS_E_TOO_LARGE. After a 491 the stack sends it again. If the
 * far end offers first, PS_EVENT_CALL_REFUSED with 491 follows instead. */
enum ps_error ps_call_reinvite(struct ps_stack *stack, ps_handle call, struct ps_slice type,
                               struct ps_slice body);

/* Ends the call: CANCEL for an INVITE of ours (9.1), 480 for a call that rings here, else BYE (15).
 * PS_EVENT_CALL_ENDED follows, except after the 480. A BYE waits for the ACK to our 2xx (15), and
 * up to 64*T1 for room; the event's status is 200 only if it went out. A re-INVITE or UPDATE of
 * theirs that waits gets 487. PS_E_STALE. */
enum ps_error ps_call_hangup(struct ps_stack *stack, ps_handle call);

/* Sends a request in the call's dialog (INFO, MESSAGE, ...). PS_EVENT_RESPONSE with the request
 * `*out` brings its final response. INVITE and BYE act as ps_call_reinvite and ps_call_hangup, with
 * `lines` added (not to a CANCEL), and leave `*out` 0. Everything is copied. PS_E_STALE, PS_E_STATE
 * (not established), PS_E_INJECTION, PS_E_OVERFLOW, PS_E_TOO_LARGE, PS_E_FULL: `*out` is 0. */
enum ps_error ps_call_request(struct ps_stack *stack, ps_handle call, struct ps_slice method,
                              struct ps_slice lines, struct ps_slice type, struct ps_slice body,
                              ps_handle *out);

/* Answers the request that waits: a status of 101 to 199 as ps_call_ring does, a 2xx as
 * ps_call_answer, 300 to 699 as ps_call_reject, with the same errors. Reason, header lines and body
 * are the response's. Below 300 the call sets its `dialog` and `account`. */
enum ps_error ps_call_respond(struct ps_stack *stack, ps_handle call,
                              const struct ps_response *response);

/* Returns the application's pointer for the call; NULL for a stale handle. */
void *ps_call_user(const struct ps_stack *stack, ps_handle call);
/* Replaces that pointer; nothing happens for a stale handle. */
void ps_call_set_user(struct ps_stack *stack, ps_handle call, void *user);
/* Walks the live calls: returns the one after `after` (0: the first), 0 past the last. A call may
 * end on the way. */
ps_handle ps_call_next(const struct ps_stack *stack, ps_handle after);

#ifdef __cplusplus
}
#endif
#endif
