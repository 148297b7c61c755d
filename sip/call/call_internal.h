/*
 * Declares what call.c, call_client.c, call_server.c and call_table.c share: the shape of a call,
 * and its end.
 */
#ifndef PS_CALL_INTERNAL_H
#define PS_CALL_INTERNAL_H

#include "../body.h"
#include "../call.h"
#include "../core/request.h"
#include "../core/responder.h"
#include "../core/usage.h"

/* Sets when to ring again, and the end of ringing. Proxies abandon an INVITE that hears nothing for
 * three minutes, so it hears a 1xx each minute (13.3.1.1). Nothing rings for ever, as nothing stays
 * in Proceeding for ever (machines.c). Milliseconds. */
enum { PS_RING_AGAIN = 60000, PS_RING_END = 300000 };

enum ps_call_state {
    PS_CALLING,     /* our INVITE has no 2xx yet */
    PS_CHECKING,    /* theirs came; the application hears of it once its next hop is known */
    PS_INCOMING,    /* theirs has no final from us yet */
    PS_ESTABLISHED, /* a 2xx was sent or received */
    PS_ENDING       /* our BYE is out, or waits for room */
};

/* Says where our re-INVITE stands. */
enum ps_reinviting {
    PS_REINVITE_NONE,
    PS_REINVITE_OUT,      /* it has no final yet */
    PS_REINVITE_WAITS,    /* it met theirs (491): to be sent again */
    PS_REINVITE_OVERTAKEN /* the same, but they have offered since: its body fits no more */
};

struct ps_call {
    struct ps_object object;
    struct ps_call
        *next_pending;           /* to be pulled: a 2xx again, a next hop to look up or looked up */
    struct ps_call *next_of_key; /* in the bucket */
    uint64_t key;                /* of their INVITE: its copies are known by it */
    bool pending;
    bool asked, reachable; /* PS_CHECKING: the driver was asked; and said */
    bool answer_due;       /* our 2xx brought an offer: their ACK brings the answer */
    bool no_way;           /* our ACK's next hop was not found: the next 2xx asks again */
    bool shown;          /* the far end has sent more than its INVITE: its address is no forgery */
    uint16_t end_status; /* told when the BYE is through; 0: 200 */
    const char *end_why;
    uint8_t state, offer_method;
    bool outgoing, hangup;
    bool offer_in_ok;            /* a 2xx brought an offer: its ACK waits for our answer */
    uint8_t reinviting;          /* enum ps_reinviting */
    ps_handle invite;            /* our first INVITE, a request; lives until no 2xx can come */
    ps_handle reinvite;          /* our last re-INVITE, likewise */
    ps_handle bye;               /* our BYE, a request */
    ps_handle offer_transaction; /* their INVITE, re-INVITE or UPDATE that waits for us */
    struct ps_account *account;
    void *user;
    struct ps_dialog *dialog; /* the call's; while it rings the first of a list of early ones */
    struct ps_kept ok;        /* our 2xx, until its ACK */
    ps_handle ok_transaction; /* whose it is */
    struct ps_flow ok_flow;   /* where ours goes, or where theirs came from */
    uint64_t copy_end;        /* ms: no copy of their INVITE can come any more */
    /* ms, or PS_NEVER. What `next` and `end` stand for: the next 1xx and the end of ringing; the
     * next retransmission of our 2xx and the end of them; the next try of a BYE that waits, and the
     * last */
    uint64_t next, end;
    uint64_t expires; /* of their INVITE (20.19): it rings no longer */
    uint64_t ack_end; /* our ACK has to be out by then */
    uint32_t ok_interval;
    struct ps_timer timer; /* the first of the three */
};

struct ps_calls {
    struct ps_environment *env;
    struct ps_transactions *transactions;
    struct ps_dialogs *dialogs;
    struct ps_requests *requests;
    struct ps_responder *responder;
    struct ps_account *account; /* for calls that come in */
    struct ps_pool pool;
    struct ps_call *first_pending;
    uint32_t checking;       /* look-ups of next hops that the driver has not answered */
    struct ps_call **bucket; /* by key */
    uint32_t buckets;        /* a power of two */
};

/* Returns the session description in a message; empty without one. */
struct ps_slice ps_call_body(const struct ps_calls *c, const struct ps_message *m);

/* Makes the timer run for whatever is due first. */
void ps_call_set_timer(struct ps_calls *c, struct ps_call *call);
/* Puts the call among those that are pulled. */
void ps_call_set_pending(struct ps_calls *c, struct ps_call *call);
/* Finds a call by its INVITE's key, or NULL. */
struct ps_call *ps_call_of_key(const struct ps_calls *c, uint64_t key);
void ps_call_set_key(struct ps_calls *c, struct ps_call *call, uint64_t key);

/* Returns the living call of a handle, or NULL. */
struct ps_call *ps_call_get(const struct ps_calls *c, ps_handle handle);
ps_handle ps_call_handle(const struct ps_calls *c, const struct ps_call *call);

struct ps_event ps_call_event(const struct ps_calls *c, const struct ps_call *call,
                              enum ps_event_kind kind, unsigned status, const struct ps_message *m);

/* Ends all dialogs of the call but one (NULL: all), which becomes the call's. */
void ps_call_end_dialogs_but(struct ps_calls *c, struct ps_call *call, struct ps_dialog *kept);
/* Forgets our 2xx: it is acknowledged, or nobody waits for it any more. */
void ps_call_forget_ok(struct ps_calls *c, struct ps_call *call);
/* Gives the call back, without a word to anyone. */
void ps_call_give(struct ps_calls *c, struct ps_call *call);
/* Ends the call: gives it back and returns the event for the application. */
struct ps_event ps_call_end(struct ps_calls *c, struct ps_call *call, unsigned status,
                            const struct ps_message *m);
/* Answers what waits for the application, if anything does, with a refusal. */
void ps_call_refuse_offer(struct ps_calls *c, struct ps_call *call, unsigned status);

/* Gives the parts of a request within a dialog, beside the head. */
struct ps_within {
    struct ps_slice method;
    ps_handle invite; /* an ACK: whose credentials it repeats (22.1) */
    struct ps_slice lines, type, body;
    const struct ps_flow *way; /* where it goes, whatever the dialog says; NULL: as that says */
};
/* Writes an in-dialog request, but for Via and Contact. */
void ps_call_write_within(struct ps_calls *c, struct ps_writer *w, struct ps_dialog *dialog,
                          const struct ps_within *what);
/* Sends an in-dialog request. Without an owner in the options it lives alone. */
enum ps_error ps_call_send_within(struct ps_calls *c, struct ps_dialog *dialog,
                                  const struct ps_request_options *options,
                                  const struct ps_within *what, ps_handle *out);
/* Sends the ACK to a 2xx, with the INVITE's credentials (13.2.2.4, 22.1). It is kept as dialog->ack
 * where there is an owner. On an error none is kept, and the next 2xx asks for it again. */
enum ps_error ps_call_send_ack(struct ps_calls *c, struct ps_dialog *dialog, ps_handle owner,
                               ps_handle invite, struct ps_slice type, struct ps_slice body);
/* Ends the session by a BYE, as soon as there is room for it. Its final response ends the call, and
 * the event tells `status` and `why` (or NULL). */
void ps_call_bye(struct ps_calls *c, struct ps_call *call, unsigned status, const char *why);
/* Ends the session likewise, by a BYE with header lines. A BYE that has to wait for room goes
 * without them. */
void ps_call_bye_with(struct ps_calls *c, struct ps_call *call, struct ps_slice lines);
/* Tries a BYE that waits once more, or ends the call when the time of waiting is over. */
struct ps_event ps_call_bye_due(struct ps_calls *c, struct ps_call *call);

/* Tells how a next hop is known: 0 at once, 400 for one that cannot be reached, 480 for a name,
 * which has to be looked up. */
unsigned ps_call_check_hop(const struct ps_calls *c, struct ps_slice text, struct ps_next_hop *hop);
unsigned ps_call_check_uri(const struct ps_calls *c, struct ps_slice text);
/* Ends a call whose ACK has found no way: ACK and BYE go where the 2xx came from. */
struct ps_event ps_call_unreachable(struct ps_calls *c, struct ps_call *call);
/* Refuses on a transaction: see ps_response_finish. */
void ps_call_refuse(struct ps_calls *c, ps_handle transaction, unsigned status,
                    struct ps_slice lines);
/* Writes Supported. */
void ps_call_put_supported(const struct ps_calls *c, struct ps_writer *w);
/* Writes a header line unless the value is empty. */
void ps_call_put_line(struct ps_writer *w, enum ps_header_id id, struct ps_slice value);

static inline struct ps_calls *ps_calls_of(const struct ps_stack *stack)
{
    return (struct ps_calls *)ps_environment_look(stack)->usage[PS_KIND_CALL];
}

/* ---- what comes in: call_client.c, call_server.c ---- */

/* Takes an INVITE outside of any dialog. PS_EVENT_NONE where it was refused for want of room. */
struct ps_event ps_calls_invite(struct ps_calls *c, ps_handle transaction,
                                const struct ps_message *m);
/* Takes an INVITE, UPDATE or BYE in a call's dialog, in order. */
struct ps_event ps_calls_request(struct ps_calls *c, struct ps_dialog *dialog,
                                 ps_handle transaction, const struct ps_message *m);
struct ps_event ps_calls_ack(struct ps_calls *c, struct ps_dialog *dialog,
                             const struct ps_message *m);
/* Takes a CANCEL (9.2); `invite` is the INVITE's transaction. */
struct ps_event ps_calls_cancelled(struct ps_calls *c, ps_handle invite);
/* Takes the end of an INVITE server transaction that had no response or no ACK: PS_TX_TIMEOUT,
 * PS_TX_GUARD. */
struct ps_event ps_calls_lost(struct ps_calls *c, ps_handle call, ps_handle invite);
/* Takes what became of a request of a call's, or of one whose call is gone. `m` is the response or
 * NULL. */
struct ps_event ps_calls_response(struct ps_calls *c, const struct ps_request_event *event,
                                  const struct ps_message *m, const struct ps_flow *flow);
struct ps_event ps_calls_expire(struct ps_calls *c, struct ps_timer *timer);

/* Gives a 2xx to be sent again; borrowed until the next call into this layer. */
bool ps_calls_pull(struct ps_calls *c, const struct ps_flow **flow, struct ps_slice *bytes);

/* Gives a look-up to be asked for, or what came of one. */
bool ps_calls_pull_hop(struct ps_calls *c, struct ps_usage_pull *out);
void ps_calls_resolved(struct ps_calls *c, ps_handle call, bool found);

extern const struct ps_usage ps_call_usage;

#endif
