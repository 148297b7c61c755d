/*
 * Runs transactions: matching, the four machines, their timers, the bytes they keep.
 *
 * RFC 3261 17 and 18.2.2, RFC 6026, RFC 4320, RFC 3581. Takes messages, the user's wishes and
 * expired timers. Each gives back at most one event for the transaction user, and leaves messages
 * to send, pulled one by one. Builds the ACK to 3xx-6xx, the automatic 100 and nothing else; knows
 * no dialog, no name, no socket.
 */
#ifndef PS_TRANSACTION_H
#define PS_TRANSACTION_H

#include "../base/environment.h"
#include "../message.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_transactions; /* opaque; lives in the stack's block */

/* Takes its memory from the arena. Where arena->p is NULL it only counts, and returns NULL. */
struct ps_transactions *ps_transactions_init(struct ps_arena *arena, struct ps_environment *env,
                                             uint32_t count);

enum ps_transaction_event_kind {
    PS_TX_NOTHING, /* absorbed, or dropped and counted */
    PS_TX_REQUEST, /* a new server transaction waits for ps_transaction_respond */
    PS_TX_MERGED,  /* the same, but a copy of one that runs (8.2.2.2): answer it with 482 */
    PS_TX_CANCEL,  /* a CANCEL, its own server transaction; `cancelled` is the INVITE's or 0.
                          With `transaction` 0 nothing was left for one: answer it statelessly */
    PS_TX_ACK,     /* for a 2xx; `transaction` is the INVITE's where it was found: by its branch,
                          or by the tag of ps_transaction_put_tag. It may be 0 for a good ACK */
    PS_TX_PROVISIONAL, /* client: a 1xx */
    PS_TX_FINAL,       /* client: the final response; INVITE 2xx: each, by Timer M (RFC 6026) */
    PS_TX_STRAY,       /* a response that matches nothing (dropped and counted already) */
    PS_TX_TIMEOUT, /* client: Timer B or F, or 64*T1 after the guard: a 408 to the user (17.1.4);
                          server: Timer H, no ACK came. It ended */
    PS_TX_UNREACHABLE, /* client: the transport could not deliver: it ended, a 503 to the user
                          (8.1.3.1). Server: the response; an INVITE's lives on (RFC 6026 7.1) */
    PS_TX_GUARD,       /* ICT Proceeding for 300 s: the user should cancel; it lives 64*T1 more.
                          IST Proceeding for 300 s without a sign of the user: it ended */
    PS_TX_REFUSED,     /* a new request for which nothing is left: answer statelessly `status` */
    PS_TX_TERMINATED   /* NIST whose user was too late (RFC 4320): only for those with `user` != 0.
                          Every other end is told by one of the above, or owes nobody anything */
};

struct ps_transaction_event {
    enum ps_transaction_event_kind kind;
    ps_handle transaction; /* 0: none */
    ps_handle cancelled;
    uint64_t user;    /* what the user gave with ps_transaction_request/_own, else 0 */
    unsigned status;  /* responses: their status; PS_TX_REFUSED: 503 or 513 */
    const char *rule; /* for the trace; may be NULL */
};

/*
 * Feeds one parsed and checked message. A request's source (flow->remote) decides where responses
 * go (18.2.2, RFC 3581). A response may come from anywhere: its branch proves it
 * (transaction_matching.c). The event's transaction, ended or not, can be looked at (_message,
 * _flow) until the next call that changes anything in this layer. `m` and its bytes are borrowed
 * for the call.
 */
struct ps_transaction_event ps_transactions_receive(struct ps_transactions *t,
                                                    const struct ps_message *m,
                                                    const struct ps_flow *flow);

/* Starts a client transaction: `request` is the whole message, its top Via of ours; copied. It is
 * first sent when it is pulled, like every other message. `user` comes back in each event. A CANCEL
 * is a request like others, by ps_write_cancel. PS_E_FULL, PS_E_TOO_LARGE, PS_E_ARGUMENT (an ACK,
 * no request), or why it does not parse. */
enum ps_error ps_transaction_request(struct ps_transactions *t, const struct ps_flow *flow,
                                     struct ps_slice request, uint64_t user, ps_handle *out);

/*
 * Answers on a server transaction: `response` is the whole message, copied and kept as long as a
 * machine repeats it. A response after the final one is discarded (17.2.2): PS_E_STATE. A 2xx to an
 * INVITE is sent once. The call retransmits it (13.3.1.4), by calling this again until Timer L.
 * PS_E_ARGUMENT: a 1xx or a 408 to a non-INVITE (RFC 4320 4.1, 4.2). PS_E_FULL,
 * PS_E_TOO_LARGE: nothing has changed, a smaller response may do.
 */
enum ps_error ps_transaction_respond(struct ps_transactions *t, ps_handle transaction,
                                     unsigned status, struct ps_slice response);

/* Does that status end the transaction as soon as it is sent (8.2.7, 26.3.2.4)? 401, 407 and 503
 * do, to an INVITE of which nothing but itself is known; their To tag is ps_put_local_tag's. */
bool ps_transaction_once(const struct ps_transactions *t, ps_handle transaction, unsigned status);

/* Notes that the far end is where it says it is, because it has answered a challenge or stands in a
 * dialog. Nothing bounds what it is sent any more. */
void ps_transaction_prove(struct ps_transactions *t, ps_handle transaction);

/* Returns how long a final response of `status` may be, so that with its retransmissions no
 * more goes out than PS_AMPLIFY_... (limits.h) allows. A longer one is taken all the same, and
 * repeated less often. Bytes; SIZE_MAX where nothing bounds it. */
size_t ps_transaction_room(const struct ps_transactions *t, ps_handle transaction, unsigned status);

/* May the last provisional go out once more within these bounds, with room left for a refusal after
 * it? */
bool ps_transaction_may_ring(const struct ps_transactions *t, ps_handle transaction);
/* Sends the last provisional of an INVITE that waits once more, the same bytes (13.3.1.1). */
void ps_transaction_ring_again(struct ps_transactions *t, ps_handle transaction);

/* May `n` bytes of a 2xx that the call repeats go out once more within these bounds? Counts
 * them. */
bool ps_transaction_may_repeat(struct ps_transactions *t, ps_handle transaction, size_t n);

/* Notes that the call has the ACK to the 2xx. */
void ps_transaction_acknowledged(struct ps_transactions *t, ps_handle transaction);

/* Keeps bytes for an upper layer, as ps_keep does; evicts an answered transaction where no chunk is
 * left. */
enum ps_error ps_transaction_keep(struct ps_transactions *t, struct ps_slice bytes,
                                  struct ps_kept *kept);

/* Stops the retransmissions of a client transaction's request: it goes out this one time. */
void ps_transaction_send_once(struct ps_transactions *t, ps_handle transaction);

/* Returns a hash of the key by which a copy of a server transaction's request is found (17.2.3); 0
 * where stale. */
uint64_t ps_transaction_key(const struct ps_transactions *t, ps_handle transaction);

/* Sets what comes back in `user` for a server transaction. */
void ps_transaction_own(struct ps_transactions *t, ps_handle transaction, uint64_t user);
/* Returns what the user gave; 0 where stale. */
uint64_t ps_transaction_user(const struct ps_transactions *t, ps_handle transaction);

/* Decides where the response to request `m` goes (18.2.2, RFC 3581 4): changes the remote end of
 * `flow`, on which the request came. */
void ps_response_flow(const struct ps_environment *env, const struct ps_message *m,
                      struct ps_flow *flow);

/* Returns a transaction's request: a client's as sent, as long as the transaction lives; a server's
 * as received, until its final response. In a full store an INVITE makes room for its ACK. {NULL,
 * 0} where it is gone. Borrowed until the next call that changes the transaction. */
struct ps_slice ps_transaction_message(const struct ps_transactions *t, ps_handle transaction);
/* Returns a client's flow, on which it sends, or a server's, whose responses go to flow->remote.
 * NULL where stale. */
const struct ps_flow *ps_transaction_flow(const struct ps_transactions *t, ps_handle transaction);
/* Writes the To tag for responses on a server transaction to `request`, the same each time
 * (8.2.6.2). An INVITE has a tag of its own (19.3): the same INVITE, once more after the
 * transaction, makes another dialog. */
void ps_transaction_put_tag(struct ps_writer *w, const struct ps_transactions *t,
                            ps_handle transaction, const struct ps_message *request);
/* Writes the tag without a transaction, from the request alone (8.2.7). */
void ps_put_local_tag(struct ps_writer *w, const struct ps_environment *env,
                      const struct ps_message *request);

/* Abandons a transaction without a word: a client's 64*T1 after a CANCEL (9.1), or a server's whose
 * response finds no room. */
void ps_transaction_abandon(struct ps_transactions *t, ps_handle transaction);
/* Has an INVITE client transaction had a provisional, and no final (9.1)? */
bool ps_transaction_cancellable(const struct ps_transactions *t, ps_handle transaction);
/* Does a client wait for its final response, or a server for the user's? */
bool ps_transaction_waits(const struct ps_transactions *t, ps_handle transaction);

/* Handles an expired timer of kind PS_KIND_TRANSACTION, from ps_timers_expire. */
struct ps_transaction_event ps_transactions_expire(struct ps_transactions *t,
                                                   struct ps_timer *timer);

/* Handles a failure: the transport could not send for `transaction`, or (0) an ICMP error came for
 * `remote`. In that case every client transaction that sends there and waits fails, one a call:
 * call again until PS_TX_NOTHING. */
struct ps_transaction_event ps_transactions_failed(struct ps_transactions *t, ps_handle transaction,
                                                   const struct ps_address *remote);

/* Describes a message to send. Borrowed until the next call into this layer; an automatic 100 also
 * only until a message is written, because it stands in the environment's scratch. */
struct ps_transaction_send {
    const struct ps_flow *flow;
    struct ps_slice bytes;
    ps_handle transaction;
    bool again; /* a retransmission */
};
/* Gives the next message to send; false when there is none. */
bool ps_transactions_pull(struct ps_transactions *t, struct ps_transaction_send *out);

/* Counts the living ones by machine (0 ICT, 1 NICT, 2 IST, 3 NIST), for statistics and tests. */
uint32_t ps_transactions_live(const struct ps_transactions *t, unsigned machine);

#ifdef __cplusplus
}
#endif
#endif
