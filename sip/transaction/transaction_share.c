/*
 * Bounds what a source that has proved nothing may be sent: RFC 3261 8.2.7, 26.3.2.4.
 *
 * Counts bytes against those of the request, by the bounds of ../limits.h. Sends nothing.
 */
#include "transaction_internal.h"

/* Is the response sent once, and nothing kept of it? It is where it challenges or turns away a
 * stranger (8.2.7, 26.3.2.4). */
bool ps_tx_is_once(const struct ps_tx *tx, unsigned status)
{
    return tx->machine == PS_IST && !tx->proven && !tx->flow.reliable &&
           (status == 401 || status == 407 || status == 503);
}

bool ps_transaction_once(const struct ps_transactions *t, ps_handle transaction, unsigned status)
{
    const struct ps_tx *tx = ps_tx_running(t, transaction);
    return tx && ps_tx_is_once(tx, status);
}

/* Counts the sendings of a final response to an INVITE without an ACK: at 0, T1, 3 T1, ... with the
 * default timers. With others, ps_tx_may_repeat ends the retransmissions. */
enum { SENDINGS = 11 };

/* Bounds the BYE that ends what nobody acknowledges, in bytes for a byte of the INVITE. The BYE
 * repeats less than the whole INVITE, and adds 200 bytes at most where the INVITE has 70 at
 * least. */
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
    return allowance(tx, PS_AMPLIFY_REFUSED) / (ps_tx_is_once(tx, status) ? 1 : SENDINGS);
}

bool ps_tx_may_repeat(const struct ps_tx *tx)
{
    return tx->proven || tx->flow.reliable || tx->response.n <= allowance(tx, PS_AMPLIFY_REFUSED);
}

/* Leaves room for a refusal that follows, which is no longer than the provisional. */
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
