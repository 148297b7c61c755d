/*
 * Calls: INVITE sessions by RFC 3261 13 to 15, as client and server, with re-INVITE (14), UPDATE as
 * server (RFC 3311), CANCEL (9), forking (13.2.2.4) and the repeated 2xx (13.3.1.4).
 *
 * Bodies are opaque: whoever owns a call makes and reads offers and answers. Knows no socket and no
 * SDP. One event for the application comes back from each thing that happens.
 */
#ifndef PS_CALL_H
#define PS_CALL_H

#include "core/request.h"
#include "core/response.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_calls; /* opaque; lives in the stack's block */

struct ps_calls *ps_calls_init(struct ps_arena *arena, struct ps_environment *env,
                               struct ps_transactions *transactions, struct ps_dialogs *dialogs,
                               struct ps_requests *requests, struct ps_responder *responder,
                               struct ps_account *account, uint32_t count);

/* ---- what an application does ---- */

struct ps_call_options {
    struct ps_account *account; /* borrowed for the call's life */
    struct ps_slice to;         /* URI: who is called; copied */
    struct ps_slice type, body; /* the offer; empty: the other side offers. Copied */
    struct ps_slice lines;      /* further headers, whole lines with CRLF; copied */
    void *user;                 /* comes back in each event */
};
/* 13.2.1. PS_E_URI where `to` is no sip or sips URI; PS_E_FULL. */
enum ps_error ps_call_start(struct ps_calls *c, const struct ps_call_options *options,
                            ps_handle *out);

/* 13.3.1.1: a provisional response, 101 to 199; repeated every minute, for five minutes after the
 * last call of this: then 480 ends what nobody answers. */
enum ps_error ps_call_ring(struct ps_calls *c, ps_handle call, unsigned status,
                           struct ps_slice type, struct ps_slice body);

/* The body of the INVITE, re-INVITE or UPDATE that waits: borrowed until it is answered. Empty where
 * none waits, or it brought none. */
struct ps_slice ps_call_offer(struct ps_calls *c, ps_handle call);

/* Takes what was offered: 200 to the INVITE, re-INVITE or UPDATE that waits, with a body. */
enum ps_error ps_call_answer(struct ps_calls *c, ps_handle call, struct ps_slice type,
                             struct ps_slice body);

/* Refuses what waits, 300 to 699. A first INVITE's refusal ends the call, without an event, and
 * whether or not there is room for the response: it is shortened to what fits, and in the end given
 * up. A 401, 407 or 503 to a first INVITE goes out once (8.2.7, 26.3.2.4). PS_E_STALE, PS_E_STATE
 * (nothing waits), PS_E_ARGUMENT, PS_E_INJECTION: nothing has changed. */
enum ps_error ps_call_reject(struct ps_calls *c, ps_handle call, unsigned status,
                             struct ps_slice lines);

/* The ACK with the answer, where the 2xx brought the offer. PS_E_FULL, PS_E_TOO_LARGE: it still
 * waits. */
enum ps_error ps_call_acknowledge(struct ps_calls *c, ps_handle call, struct ps_slice type,
                                  struct ps_slice body);

/* 14.1: offers anew. One at a time, and only in an established call: PS_E_STATE. After a 491 it is
 * tried again by itself, unless they have offered meanwhile: then this offer fits no more, and
 * PS_EVENT_CALL_REFUSED with 491 says so. */
enum ps_error ps_call_reinvite(struct ps_calls *c, ps_handle call, struct ps_slice type,
                               struct ps_slice body);

/* Ends it by what its state wants: CANCEL, BYE, or 480 to a call that rings here. The event
 * PS_EVENT_CALL_ENDED follows, but for that last case. A BYE waits for room, for 64*T1; the event's
 * status is 200 only where it went out. An offer of theirs that waits gets 487. */
enum ps_error ps_call_hangup(struct ps_calls *c, ps_handle call);

/* A request inside the call's dialog (INFO, MESSAGE, ...); its final comes as PS_EVENT_RESPONSE. */
enum ps_error ps_call_request(struct ps_calls *c, ps_handle call, struct ps_slice method,
                              struct ps_slice lines, struct ps_slice type, struct ps_slice body,
                              ps_handle *out);

/* NULL where the call is gone. */
void *ps_call_user(const struct ps_calls *c, ps_handle call);
void ps_call_set_user(struct ps_calls *c, ps_handle call, void *user);
/* 0 when it is gone. Live calls, for statistics and tests. */
ps_handle ps_call_next(const struct ps_calls *c, ps_handle after);
uint32_t ps_calls_live(const struct ps_calls *c);

/* ---- what the stack feeds ---- */

/* An INVITE outside of any dialog. PS_EVENT_NONE where it was refused for want of room. */
struct ps_event ps_calls_invite(struct ps_calls *c, ps_handle transaction,
                                const struct ps_message *m);
/* INVITE, UPDATE or BYE in a call's dialog, in order. */
struct ps_event ps_calls_request(struct ps_calls *c, struct ps_dialog *dialog,
                                 ps_handle transaction, const struct ps_message *m);
struct ps_event ps_calls_ack(struct ps_calls *c, struct ps_dialog *dialog,
                             const struct ps_message *m);
/* 9.2: the INVITE transaction that a CANCEL names. */
struct ps_event ps_calls_cancelled(struct ps_calls *c, ps_handle invite);
/* An INVITE transaction of ours as server ended without its due: PS_TX_TIMEOUT, PS_TX_GUARD. */
struct ps_event ps_calls_lost(struct ps_calls *c, ps_handle call, ps_handle invite);
/* A request of a call's, or one whose call is gone. `m` is the response or NULL. */
struct ps_event ps_calls_response(struct ps_calls *c, const struct ps_request_event *event,
                                  const struct ps_message *m, const struct ps_flow *flow);
struct ps_event ps_calls_expire(struct ps_calls *c, struct ps_timer *timer);

/* A 2xx to be sent again; borrowed until the next call into this layer. */
bool ps_calls_pull(struct ps_calls *c, const struct ps_flow **flow, struct ps_slice *bytes);

/* A call that came in whose next hop is a name: the driver is to be asked for it; or it has answered,
 * and the event is what the application hears (of a refusal, nothing). False where there is none. */
struct ps_call_hop {
    ps_handle call;
    bool ask;
    struct ps_next_hop hop; /* borrowed until the next call into this layer */
    struct ps_event event;
};
bool ps_calls_pull_hop(struct ps_calls *c, struct ps_call_hop *out);
void ps_calls_resolved(struct ps_calls *c, ps_handle call, bool found);

#ifdef __cplusplus
}
#endif
#endif
