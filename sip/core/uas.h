/*
 * The UAS core: RFC 3261 8.2. Which requests are taken at all (method, extensions, body), which
 * dialog and usage they belong to, what is answered without anybody's help, and what is answered
 * without a transaction (8.2.7). Knows usages by their rows alone.
 */
#ifndef PS_UAS_H
#define PS_UAS_H

#include "../auth.h"
#include "responder.h"
#include "usage.h"

/* Bytes of the header lines that a refusal of the UAS core's owes: those of the challenges of one
 * 401 are some 200 an algorithm. */
#define PS_MAX_LINES 2048

struct ps_uas {
    struct ps_environment *env;
    bool notify_unasked;
    const struct ps_flow *flow; /* of the datagram that is being handled */
    struct ps_flow stateless_flow;
    size_t stateless; /* bytes of an answer that waits in env->side; 0: none does */
    char lines[PS_MAX_LINES];
};

/* The row of a kind, NULL where that is no usage's. */
const struct ps_usage *ps_usage_of(const struct ps_environment *env, uint8_t kind);

/* Handles a request of which the transactions have told. */
struct ps_event ps_uas_told(struct ps_uas *u, const struct ps_transaction_event *told,
                            const struct ps_message *m);

/* 8.2.7: answers without a transaction; `tag` empty: the request's own. One answer waits at most,
 * as one datagram asks for one. */
void ps_uas_answer(struct ps_uas *u, const struct ps_message *m, unsigned status,
                   struct ps_slice tag, struct ps_slice lines);
/* Takes the answer that waits; borrowed until the next call into the stack. */
bool ps_uas_pull(struct ps_uas *u, const struct ps_flow **flow, struct ps_slice *bytes);

/* 8.2.3: reads the body of an event's message into it, as far as it is understood. */
void ps_uas_describe(const struct ps_environment *env, struct ps_event *event);

#ifndef PS_WITHOUT_DIGEST_SERVER
/* 22: see ps_stack_authenticate. */
bool ps_uas_authenticate(struct ps_uas *u, struct ps_auth_server *server, ps_handle transaction,
                         const struct ps_digest_user **user, struct ps_response *refusal);
#endif

#endif
