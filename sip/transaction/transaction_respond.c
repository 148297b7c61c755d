/*
 * What a server transaction answers, and how much of it a forged source may be sent.
 *
 * RFC 3261 8.2.7, 17.2, 26.3.2.4, RFC 4320. Keeps the response and runs the machine; what arrives,
 * and the client's side, is transaction.c's. Knows no dialog and no socket.
 */
#include "transaction_internal.h"

/* No chunk is free: the bytes go where something stood that they replace. */
static enum ps_error keep_in_place(struct ps_store *store, struct ps_slice bytes,
                                   struct ps_kept *old, struct ps_kept *fresh)
{
    if (!old->p || store->size_class[old->size_class].bytes < bytes.n)
        return PS_E_FULL;
    *fresh = *old;
    old->p = NULL;
    fresh->n = (uint16_t)bytes.n;
    memmove(fresh->p, bytes.p, bytes.n);
    return PS_OK;
}

/* The request is needed until the final response; then its place takes a provisional that has not
 * been pulled, so that the final does not swallow it. Nothing changes on an error. */
static enum ps_error keep_response(struct ps_transactions *t, struct ps_tx *tx, bool final,
                                   struct ps_slice bytes)
{
    struct ps_store *store = &t->env->store;
    struct ps_kept fresh = {NULL, 0, 0};
    enum ps_error error = ps_room_keep(t, bytes, &fresh);
    if (error == PS_E_FULL)
        error = keep_in_place(store, bytes, &tx->response, &fresh);
    if (error == PS_E_FULL && final)
        error = keep_in_place(store, bytes, &tx->request, &fresh);
    if (error)
        return error;
    if (final)
        ps_forget(store, &tx->request);
    if (final && tx->response.p && (tx->pending & PS_PEND_RESPONSE)) {
        tx->request = tx->response;
        tx->pending |= PS_PEND_EARLIER;
        tx->response.p = NULL;
    }
    ps_forget(store, &tx->response);
    tx->response = fresh;
    return PS_OK;
}

/* 8.2.7, 26.3.2.4: what challenges or turns away a stranger keeps nothing for him. */
static bool is_once(const struct ps_tx *tx, unsigned status)
{
    return tx->machine == PS_IST && !tx->proven && !tx->flow.reliable &&
           (status == 401 || status == 407 || status == 503);
}

bool ps_transaction_once(const struct ps_transactions *t, ps_handle transaction, unsigned status)
{
    const struct ps_tx *tx = ps_tx_running(t, transaction);
    return tx && is_once(tx, status);
}

/* ---- how much a forged source may be sent ---- */

/* Sendings of a final response to an INVITE without an ACK: at 0, T1, 3 T1, ... with the default
 * timers. With others, ps_tx_may_repeat ends the repetitions. */
enum { SENDINGS = 11 };

/* Bytes of the BYE that ends what nobody acknowledges, for a byte of the INVITE: it repeats less of
 * the INVITE than there is, and adds 200 bytes at most where that has 70 at least. */
enum { BYE_SHARE = 4 };

static size_t allowance(const struct ps_tx *tx, uint64_t factor)
{
    uint64_t all = factor * tx->received;
    return all > tx->sent_bytes ? (size_t)(all - tx->sent_bytes) : 0;
}

size_t ps_transaction_room(const struct ps_transactions *t, ps_handle transaction, unsigned status)
{
    const struct ps_tx *tx = ps_tx_running(t, transaction);
    if (!tx || tx->proven || tx->flow.reliable || status < 200)
        return SIZE_MAX;
    if (tx->machine == PS_NIST)
        return allowance(tx, PS_AMPLIFY_REQUEST);
    if (status < 300)
        return allowance(tx, PS_AMPLIFY_ANSWERED - BYE_SHARE) / SENDINGS;
    return allowance(tx, PS_AMPLIFY_REFUSED) / (is_once(tx, status) ? 1 : SENDINGS);
}

bool ps_tx_may_repeat(const struct ps_tx *tx)
{
    return tx->proven || tx->flow.reliable || tx->response.n <= allowance(tx, PS_AMPLIFY_REFUSED);
}

/* A refusal that follows it is no longer. */
bool ps_transaction_may_ring(const struct ps_transactions *t, ps_handle transaction)
{
    const struct ps_tx *tx = ps_tx_running(t, transaction);
    return !tx || tx->proven || tx->flow.reliable ||
           2 * (size_t)tx->response.n <= allowance(tx, PS_AMPLIFY_REFUSED);
}

bool ps_transaction_may_repeat(struct ps_transactions *t, ps_handle transaction, size_t n)
{
    struct ps_tx *tx = ps_tx_running(t, transaction);
    if (!tx || tx->proven || tx->flow.reliable)
        return true;
    if (n > allowance(tx, PS_AMPLIFY_ANSWERED - BYE_SHARE))
        return false;
    tx->sent_bytes += (uint32_t)n;
    return true;
}

void ps_transaction_prove(struct ps_transactions *t, ps_handle transaction)
{
    struct ps_tx *tx = ps_tx_running(t, transaction);
    if (tx)
        tx->proven = true;
}

enum ps_error ps_transaction_respond(struct ps_transactions *t, ps_handle transaction,
                                     unsigned status, struct ps_slice response)
{
    struct ps_transaction_event out = {PS_TX_NOTHING, 0, 0, 0, 0, NULL};
    enum ps_error error;
    unsigned event;
    struct ps_tx *tx;
    ps_tx_settle(t);
    tx = ps_tx_running(t, transaction);
    if (!tx)
        return PS_E_STALE;
    if (ps_tx_is_client(tx) || status < 100 || status > 699 || !response.n)
        return PS_E_ARGUMENT;
    /* RFC 4320 4.1, 4.2: no provisional but the automatic 100, and no 408, to a non-INVITE */
    if (tx->machine == PS_NIST && (status < 200 || status == 408))
        return PS_E_ARGUMENT;
    event = is_once(tx, status) ? PS_ON_ONCE : ps_tx_event_of_status(tx, status);
    if (!ps_machine_row(&t->machines[tx->machine], tx->state, event))
        return PS_E_STATE;
    error = keep_response(t, tx, status >= 200, response);
    if (error)
        return error;
    if (tx->state != PS_IN_ACCEPTED)
        tx->sent &= (uint8_t)~PS_PEND_RESPONSE;
    tx->once = event == PS_ON_2XX; /* 13.3.1.4: repeating it is the user's */
    ps_tx_run(t, tx, event, &out);
    return PS_OK;
}
