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
/* 13.2.1. PS_E_URI where `to` is no sip or sips URI; PS_E_FULL. */
enum ps_error ps_call_start(struct ps_stack *stack, const struct ps_call_options *options,
                            ps_handle *out);

/* 13.3.1.1: a provisional response, 101 to 199; repeated every minute, for five minutes after the
 * last call of this: then 480 ends what nobody answers. */
enum ps_error ps_call_ring(struct ps_stack *stack, ps_handle call, unsigned status,
                           struct ps_slice type, struct ps_slice body);

/* The body of the INVITE, re-INVITE or UPDATE that waits: borrowed until it is answered. Empty
 * where none waits, or it brought none. */
struct ps_slice ps_call_offer(struct ps_stack *stack, ps_handle call);

/* Takes what was offered: 200 to the INVITE, re-INVITE or UPDATE that waits, with a body. */
enum ps_error ps_call_answer(struct ps_stack *stack, ps_handle call, struct ps_slice type,
                             struct ps_slice body);

/* Refuses what waits, 300 to 699. A first INVITE's refusal ends the call, without an event, and
 * whether or not there is room for the response: it is shortened to what fits, and in the end given
 * up. A 401, 407 or 503 to a first INVITE goes out once (8.2.7, 26.3.2.4). PS_E_STALE, PS_E_STATE
 * (nothing waits), PS_E_ARGUMENT, PS_E_INJECTION: nothing has changed. */
enum ps_error ps_call_reject(struct ps_stack *stack, ps_handle call, unsigned status,
                             struct ps_slice lines);

/* The ACK with the answer, where the 2xx brought the offer. PS_E_FULL, PS_E_TOO_LARGE: it still
 * waits. */
enum ps_error ps_call_acknowledge(struct ps_stack *stack, ps_handle call, struct ps_slice type,
                                  struct ps_slice body);

/* 14.1: offers anew. One at a time, and only in an established call: PS_E_STATE. After a 491 it is
 * tried again by itself, unless they have offered meanwhile: then this offer fits no more, and
 * PS_EVENT_CALL_REFUSED with 491 says so. */
enum ps_error ps_call_reinvite(struct ps_stack *stack, ps_handle call, struct ps_slice type,
                               struct ps_slice body);

/* Ends it by what its state wants: CANCEL, BYE, or 480 to a call that rings here. The event
 * PS_EVENT_CALL_ENDED follows, but for that last case. A BYE waits for room, for 64*T1; the event's
 * status is 200 only where it went out. An offer of theirs that waits gets 487. */
enum ps_error ps_call_hangup(struct ps_stack *stack, ps_handle call);

/* A request inside the call's dialog (INFO, MESSAGE, ...); its final comes as PS_EVENT_RESPONSE.
 * With INVITE it is ps_call_reinvite, with BYE ps_call_hangup, each with header lines (a CANCEL
 * has none): `*out` is 0 then. */
enum ps_error ps_call_request(struct ps_stack *stack, ps_handle call, struct ps_slice method,
                              struct ps_slice lines, struct ps_slice type, struct ps_slice body,
                              ps_handle *out);

/* Answers what waits in one form for all: 101 to 199 as ps_call_ring, a 2xx as ps_call_answer, 300
 * to 699 as ps_call_reject, with the response's reason, header lines and body. */
enum ps_error ps_call_respond(struct ps_stack *stack, ps_handle call,
                              const struct ps_response *response);

/* NULL where the call is gone. */
void *ps_call_user(const struct ps_stack *stack, ps_handle call);
void ps_call_set_user(struct ps_stack *stack, ps_handle call, void *user);
/* 0 when it is gone. Live calls, for statistics and tests. */
ps_handle ps_call_next(const struct ps_stack *stack, ps_handle after);

#ifdef __cplusplus
}
#endif
#endif
