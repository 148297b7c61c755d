/*
 * Answers on a server transaction: RFC 3261 17.2, RFC 4320.
 *
 * Keeps the response and runs the machine; transaction.c takes what arrives, and the client's side.
 * Knows no dialog and no socket.
 */
#include "transaction_internal.h"

/* Keeps the bytes in place of those that they replace, where no chunk is free. */
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

/* Keeps a response. The request is needed until the final response. Then its place takes a
 * provisional that has not been pulled, so that the final does not swallow it. Nothing changes on
 * an error. */
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

void ps_transaction_ring_again(struct ps_transactions *t, ps_handle transaction)
{
    struct ps_transaction_event out = {PS_TX_NOTHING, 0, 0, 0, 0, NULL};
    struct ps_tx *tx;
    ps_tx_settle(t);
    tx = ps_tx_running(t, transaction);
    if (tx && tx->machine == PS_IST && tx->state == PS_IN_PROCEEDING && tx->response.p)
        ps_tx_run(t, tx, ps_tx_event_of_status(tx, 180), &out);
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
    event = ps_tx_is_once(tx, status) ? PS_ON_ONCE : ps_tx_event_of_status(tx, status);
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
