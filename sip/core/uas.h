/*
 * Runs the UAS core: RFC 3261 8.2. Decides which requests are taken at all (method, extensions,
 * body), and which dialog and usage they belong to. Answers those that need nobody's help, and
 * those that get no transaction (8.2.7). Knows usages by their rows alone.
 */
#ifndef PS_UAS_H
#define PS_UAS_H

#include "../auth.h"
#include "responder.h"
#include "usage.h"

/* Bounds the header lines that a refusal of the UAS core owes: the challenges of one 401 take some
 * 200 bytes an algorithm. Bytes. */
#define PS_MAX_LINES 2048

struct ps_uas {
    struct ps_environment *env;
    bool notify_unasked;
    const struct ps_flow *flow; /* of the datagram that is being handled */
    struct ps_flow stateless_flow;
    size_t stateless; /* bytes of an answer that waits in env->side; 0: none does */
    char lines[PS_MAX_LINES];
};

/* Returns the row of a kind, NULL where that is no usage's. */
const struct ps_usage *ps_usage_of(const struct ps_environment *env, uint8_t kind);

/* Handles a request that the transactions have told of. */
struct ps_event ps_uas_told(struct ps_uas *u, const struct ps_transaction_event *told,
                            const struct ps_message *m);

/* Answers without a transaction (8.2.7); with `tag` empty the tag is made from the request. One
 * answer waits at most, as one datagram asks for one. */
void ps_uas_answer(struct ps_uas *u, const struct ps_message *m, unsigned status,
                   struct ps_slice tag, struct ps_slice lines);
/* Takes the answer that waits; borrowed until the next call into the stack. */
bool ps_uas_pull(struct ps_uas *u, const struct ps_flow **flow, struct ps_slice *bytes);

/* Reads the body of an event's message into the event, as far as it is understood (8.2.3). */
void ps_uas_describe(const struct ps_environment *env, struct ps_event *event);

#ifndef PS_WITHOUT_DIGEST_SERVER
/* Authenticates a request (22): see ps_stack_authenticate. */
bool ps_uas_authenticate(struct ps_uas *u, struct ps_auth_server *server, ps_handle transaction,
                         const struct ps_digest_user **user, struct ps_response *refusal);
#endif

#endif
