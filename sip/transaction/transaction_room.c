/*
 * Room for new transactions: which answered ones are evicted, and in which order.
 *
 * A server transaction that has answered waits for copies of its request alone, for up to 32 s. A
 * flood would lock everybody out for as long, so that the oldest of these make room. Knows no
 * message; asks nobody whether an eviction is wise.
 */
#include "transaction_internal.h"

void ps_room_init(struct ps_transactions *t)
{
    unsigned i;
    for (i = 0; i < PS_ROOM_LISTS; i++)
        t->room[i].first = t->room[i].last = PS_TX_NONE;
}

/* What waits for an ACK to its 2xx is still needed: who never sends it gets a BYE (13.3.1.4). */
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

/* The oldest of a list, unless its bytes are still to be sent. */
static struct ps_tx *oldest(const struct ps_transactions *t, unsigned room, unsigned chunk)
{
    uint32_t i = t->room[room * (PS_SIZE_CLASSES + 1) + chunk].first;
    struct ps_tx *tx = i == PS_TX_NONE ? NULL : ps_tx_at(t, i);
    return tx && !tx->pending ? tx : NULL;
}

static void evict(struct ps_transactions *t, struct ps_tx *tx)
{
    struct ps_transaction_event out = {PS_TX_NOTHING, 0, 0, 0, 0, NULL};
    const struct ps_message *m = t->m;
    t->m = NULL; /* it is none of this one's */
    ps_tx_run(t, tx, PS_ON_EVICT, &out);
    ps_tx_settle(t);
    t->m = m;
    t->env->count.of[PS_COUNT_MADE_ROOM]++;
}

/* Those of one room end in the order in which they came into it, so that the one to end first is
 * the oldest, whatever its response takes. */
bool ps_room_make(struct ps_transactions *t)
{
    struct ps_tx *best = NULL, *tx;
    unsigned room, chunk;
    for (room = 0; room < PS_ROOMS && !best; room++)
        for (chunk = 0; chunk <= PS_SIZE_CLASSES; chunk++) {
            tx = oldest(t, room, chunk);
            if (tx && (!best || tx->bound.when < best->bound.when))
                best = tx;
        }
    if (best)
        evict(t, best);
    return best != NULL;
}

/* One whose response takes a chunk that is large enough, the smallest first. */
static bool make_chunk(struct ps_transactions *t, size_t n)
{
    unsigned room, c;
    for (room = 0; room < PS_ROOMS; room++)
        for (c = 0; c < PS_SIZE_CLASSES; c++) {
            struct ps_tx *tx = oldest(t, room, c + 1);
            if (!tx || t->env->store.size_class[c].bytes < n)
                continue;
            evict(t, tx);
            return true;
        }
    return false;
}

enum ps_error ps_room_keep(struct ps_transactions *t, struct ps_slice bytes, struct ps_kept *kept)
{
    enum ps_error error = ps_keep(&t->env->store, bytes, kept);
    return error == PS_E_FULL && make_chunk(t, bytes.n) ? ps_keep(&t->env->store, bytes, kept)
                                                        : error;
}
