/*
 * Makes room for new transactions and for what they keep: evicts the oldest answered one.
 *
 * A server transaction that has answered waits for copies of its request alone, for up to 32 s. A
 * flood would lock everybody out for as long, so the oldest of these make room. Asks nobody whether
 * an eviction is wise.
 */
#include "transaction_internal.h"

/* Returns the oldest of a list, unless its bytes are still to be sent. */
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
    t->m = NULL; /* the message is not the evicted one's */
    ps_tx_run(t, tx, PS_ON_EVICT, &out);
    ps_tx_settle(t);
    t->m = m;
    t->env->count.of[PS_COUNT_MADE_ROOM]++;
}

/* Evicts the oldest of the first room that has any, whatever its response takes. Transactions of
 * one room end in the order in which they came into it. */
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

/* Evicts one whose response takes a chunk that is large enough, the smallest first. */
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
