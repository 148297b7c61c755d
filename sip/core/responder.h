/*
 * Answers on a server transaction: RFC 3261 8.2.6 and, for dialogs, 12.1.1. Makes the whole message
 * from the request that the transaction keeps, a status and what the owner adds.
 *
 * Does for responses what request.h does for requests. Decides nothing: the owner chooses the
 * status.
 */
#ifndef PS_RESPONDER_H
#define PS_RESPONDER_H

#include "../response.h"
#include "../transaction/transaction.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_responder {
    struct ps_environment *env;
    struct ps_transactions *transactions;
    struct ps_slice server; /* the Server header, or empty */
    struct ps_message index;
    ps_handle indexed; /* whose request that is of; 0: nobody's */
};

/* Returns the request of a server transaction, NULL where that keeps it no longer (or is gone).
 * Borrowed until this is asked for another's. */
const struct ps_message *ps_responder_request(struct ps_responder *r, ps_handle transaction);

/* Takes the index of a request that has just begun a transaction: what that keeps are its bytes. */
void ps_responder_take(struct ps_responder *r, ps_handle transaction, const struct ps_message *m);

/* Writes the response to `m`, which came on `flow`; response->tag is To's. Where it is longer than
 * `room`, it is shortened: compact forms, as many whole header lines of response->lines as fit, and
 * no body in a refusal. A 3xx of which no Contact fits becomes a 480. */
void ps_response_write(struct ps_writer *w, const struct ps_responder *r,
                       const struct ps_message *m, const struct ps_flow *flow,
                       const struct ps_response *response, size_t room);

/* Answers on a transaction. The response is shortened by ps_response_write where the far end may be
 * forged (ps_transaction_room); a refusal that finds no room is shortened to what 8.2.6 demands.
 * PS_E_STALE, PS_E_STATE (a final was sent), PS_E_OVERFLOW, PS_E_INJECTION, PS_E_FULL,
 * PS_E_TOO_LARGE: then nothing was sent and nothing is kept. `*copy` (may be NULL; must be empty)
 * keeps the bytes for the caller, who forgets them. */
enum ps_error ps_response_send(struct ps_responder *r, ps_handle transaction,
                               const struct ps_response *response, struct ps_kept *copy);

/* Answers likewise with a final response that has to be. Where not even the shortest finds room the
 * transaction is abandoned, and that is counted. Errors: PS_E_STALE, PS_E_STATE, PS_E_INJECTION. */
enum ps_error ps_response_finish(struct ps_responder *r, ps_handle transaction,
                                 const struct ps_response *response);

#ifdef __cplusplus
}
#endif
#endif
