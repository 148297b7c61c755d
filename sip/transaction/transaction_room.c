/*
 * Lists the answered transactions that may make room for new ones, in the order in which they came
 * to it.
 *
 * Keeps the lists; transaction_evict.c ends the oldest of them. Knows no message.
 */
#include "transaction_internal.h"

void ps_room_init(struct ps_transactions *t)
{
    unsigned i;
    for (i = 0; i < PS_ROOM_LISTS; i++)
        t->room[i].first = t->room[i].last = PS_TX_NONE;
}

/* Returns the room that a transaction stands in. One that waits for the ACK to its 2xx is still
 * needed: without the ACK a BYE is due (13.3.1.4). */
static unsigned room_of(const struct ps_tx *tx)
{
    if (tx->machine == PS_NIST)
        return tx->state == PS_IN_COMPLETED ? PS_ROOM_NIST : PS_ROOMS;
    if (tx->machine != PS_IST)
        return PS_ROOMS;
    if (tx->state == PS_IN_CONFIRMED)
        return PS_ROOM_CONFIRMED;
    if (tx->state == PS_IN_COMPLETED)
        return PS_ROOM_IST;
    return tx->state == PS_IN_ACCEPTED && tx->acknowledged ? PS_ROOM_ACKNOWLEDGED : PS_ROOMS;
}

static uint8_t list_of(const struct ps_tx *tx)
{
    unsigned room = room_of(tx), chunk = tx->response.p ? tx->response.size_class + 1u : 0;
    if (room == PS_ROOMS)
        return PS_ROOM_NO_LIST;
    return (uint8_t)(room * (PS_SIZE_CLASSES + 1) + chunk);
}

void ps_room_leave(struct ps_transactions *t, struct ps_tx *tx)
{
    if (tx->room_list == PS_ROOM_NO_LIST)
        return;
    if (tx->room_previous == PS_TX_NONE)
        t->room[tx->room_list].first = tx->room_next;
    else
        ps_tx_at(t, tx->room_previous)->room_next = tx->room_next;
    if (tx->room_next == PS_TX_NONE)
        t->room[tx->room_list].last = tx->room_previous;
    else
        ps_tx_at(t, tx->room_next)->room_previous = tx->room_previous;
    tx->room_list = PS_ROOM_NO_LIST;
}

void ps_room_update(struct ps_transactions *t, struct ps_tx *tx)
{
    uint8_t list = list_of(tx);
    uint32_t i = ps_tx_number(t, tx);
    if (list == tx->room_list)
        return;
    ps_room_leave(t, tx);
    if (list == PS_ROOM_NO_LIST)
        return;
    tx->room_list = list;
    tx->room_next = PS_TX_NONE;
    tx->room_previous = t->room[list].last;
    if (tx->room_previous == PS_TX_NONE)
        t->room[list].first = i;
    else
        ps_tx_at(t, tx->room_previous)->room_next = i;
    t->room[list].last = i;
}
