/*
 * One transaction layer under test in virtual time: what it is fed, what it sends and what its user
 * hears, each with its millisecond. The test is the transactions' user, and the other side by
 * tester.h.
 *
 * Refuses to know calls and dialogs: whole stacks are world.h's.
 */
#ifndef LAYER_H
#define LAYER_H

#include "sip/machines.h"
#include "sip/transaction/transaction.h"
#include "tester.h"

enum { LAYER_LOG = 4096 };

/* The branch of the tester's requests that are to have one, whatever their methods. */
#define ONE_BRANCH "z9hG4bKtester"

struct layer {
    struct ps_environment env;
    struct ps_transactions *t;
    void *block;
    struct ps_flow flow; /* its own end and the tester's: where requests go and come from */
    struct sent_log log;
    struct {
        uint64_t at;
        struct ps_transaction_event event;
    } heard[LAYER_LOG];
    unsigned heard_n;
    char trace[LAYER_LOG][96]; /* "ict calling -> proceeding on 1xx (17.1.1.2)" */
    unsigned trace_n;
};

/* Defaults of RFC 3261, `transactions` of them, size classes for as many messages. */
void layer_start(struct layer *l, uint32_t transactions);
void layer_free(struct layer *l);
/* Lets time pass: each timer at its time, everything sent pulled. */
void layer_run(struct layer *l, uint64_t until);
/* After `quiet` ms more nothing may be left: no transaction, timer, kept byte. */
void layer_end(struct layer *l, uint64_t quiet);
/* Pulls what is to be sent now. */
void layer_pull(struct layer *l);

/* ---- the tester: feeds the layer, now; what it sends is pulled ---- */

/* Bytes from the flow's remote end, or by another flow. */
struct ps_transaction_event layer_feed(struct layer *l, struct ps_slice bytes);
struct ps_transaction_event layer_feed_from(struct layer *l, struct ps_slice bytes,
                                            const struct ps_flow *flow);
struct ps_transaction_event layer_request(struct layer *l, const struct tester_request *r);
/* An answer to what the layer sent, by the flow on which it was sent. */
struct ps_transaction_event layer_answer(struct layer *l, const struct sent *request,
                                         unsigned status, const char *tag);

/* ---- the user ---- */

/* Starts a client transaction, with our Via in front: its handle. */
ps_handle layer_send(struct layer *l, const char *method, const char *branch);
/* Answers on a server transaction. */
enum ps_error layer_respond(struct layer *l, ps_handle transaction, unsigned status);
/* How many events of a kind it has heard. */
unsigned layer_heard(const struct layer *l, enum ps_transaction_event_kind kind);
/* Forgets what was sent and heard. */
void layer_forget(struct layer *l);

#endif
