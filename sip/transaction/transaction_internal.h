/*
 * Declares what transaction_matching.c (which transaction a message belongs to),
 * transaction_perform.c (what a row does) and transaction.c (what comes in and goes out) share.
 * Nobody else includes it but tests that break a table on purpose.
 */
#ifndef PS_TRANSACTION_INTERNAL_H
#define PS_TRANSACTION_INTERNAL_H

#include "../machines.h"
#include "transaction.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Names the messages that wait to be pulled, in the order in which they go out. */
enum {
    PS_PEND_EARLIER = 1, /* a provisional overtaken by the final: its bytes are in `request` */
    PS_PEND_100 = 2,     /* written when pulled */
    PS_PEND_RESPONSE = 4,
    PS_PEND_REQUEST = 8,
    PS_PEND_ACK = 16
};

/* Names the two indexes: by key (17.1.3, 17.2.3), and by group (transaction_matching.c). */
enum { PS_BY_KEY, PS_BY_GROUP, PS_INDEXES };

#define PS_TX_NONE UINT32_MAX

/*
 * Stands for the text of a key: 128 bits of keyed hash. The text itself may be gone, as an INVITE
 * in Accepted keeps no byte. Two keys of a million live ones agree by chance once in 2^88 tables,
 * and without the stack's secret nobody can look for two that do.
 */
struct ps_key {
    uint64_t half[2];
};

/* Counts the INVITEs that one source has not acknowledged. An IPv6 source is its /64: whoever has
 * one of its addresses has all. */
struct ps_source {
    struct ps_object object;
    uint8_t ip[8];
    uint8_t family;
    uint32_t count;
    uint32_t next; /* in its bucket */
};

/*
 * Orders the answered server transactions that may make room for new ones, the first to go first.
 * Within each room they stand by the chunk that their response takes (its size class plus one, 0:
 * none), the oldest first.
 */
enum ps_room { PS_ROOM_CONFIRMED, PS_ROOM_ACKNOWLEDGED, PS_ROOM_NIST, PS_ROOM_IST, PS_ROOMS };
enum { PS_ROOM_LISTS = PS_ROOMS * (PS_SIZE_CLASSES + 1), PS_ROOM_NO_LIST = 255 };

struct ps_tx {
    struct ps_object object;
    struct ps_key key;
    uint32_t next[PS_INDEXES], previous[PS_INDEXES]; /* in the buckets */
    uint64_t group;                                  /* see transaction_matching.c */
    uint32_t witness; /* client: of the sent-by; server without a cookie: of the request's To tag */
    uint8_t machine;  /* enum ps_machine_id */
    uint8_t state;    /* enum ps_tx_state */
    uint8_t method;   /* enum ps_method */
    uint8_t pending;  /* PS_PEND_* */
    uint8_t sent;     /* PS_PEND_*: pulled before, so that the next is a retransmission */
    uint8_t repeat_event, bound_event; /* which timers run in the two places */
    bool indexed[PS_INDEXES];
    bool old_key; /* no cookie: RFC 2543 */
    bool once;    /* the response is forgotten when it was pulled: a 2xx to an INVITE */
    bool proven;  /* server: the source is where it says, so that nothing bounds what it is sent */
    bool acknowledged; /* INVITE server: the ACK to its 2xx has come */
    uint8_t room_list; /* of ps_transactions.room, or PS_ROOM_NO_LIST */
    uint32_t room_next, room_previous;
    uint32_t received, sent_bytes; /* server: bytes of the request and its copies; and back */
    uint32_t interval;
    uint32_t pending_next, pending_previous;
    struct ps_kept request, response; /* response: of a client, its ACK */
    struct ps_timer repeat, bound;
    uint64_t user;
    uint64_t local_tag; /* INVITE server: To's, of its own */
    struct ps_source *source;
    struct ps_flow flow;
};

struct ps_transactions {
    struct ps_environment *env;
    const struct ps_machine *machines; /* ps_machines, but for a test that breaks one */
    struct ps_pool pool, sources;
    uint32_t *bucket[PS_INDEXES], *source_bucket;
    uint32_t mask; /* buckets less one */
    uint32_t pending_head, pending_tail;
    uint32_t live[PS_MACHINES];
    struct {
        uint32_t first, last;
    } room[PS_ROOM_LISTS];
    struct ps_tx *lent;         /* its bytes were given out by the last call: settled by the next */
    const struct ps_message *m; /* being received */
};

/* ---- transaction_matching.c ---- */

void ps_matching_init(struct ps_transactions *t, struct ps_arena *arena, uint32_t count);

/* Computes the key of a request (17.2.3), or of a response or our own request (17.1.3). */
void ps_key_of(const struct ps_environment *env, const struct ps_message *m, bool client,
               struct ps_key *key);
/* Does the branch lack the cookie (8.1.1.7), in any case of letters? */
bool ps_key_is_old(const struct ps_message *m);
/* Returns the group of a server transaction: From tag, Call-ID, CSeq, for an ACK those of its
 * INVITE. */
uint64_t ps_group_of_request(const struct ps_environment *env, const struct ps_message *m);
uint64_t ps_group_of_remote(const struct ps_environment *env, const struct ps_address *remote);
/* Hashes the host and port of the top Via. A client checks them in a response, beside the key. */
uint32_t ps_sent_by_of(const struct ps_environment *env, const struct ps_message *m);
uint32_t ps_to_tag_of(const struct ps_environment *env, const struct ps_message *m);
uint64_t ps_local_tag_of(const struct ps_environment *env, const struct ps_message *m);

void ps_index_add(struct ps_transactions *t, struct ps_tx *tx, unsigned index);
void ps_index_remove(struct ps_transactions *t, struct ps_tx *tx, unsigned index);

struct ps_tx *ps_tx_find(const struct ps_transactions *t, const struct ps_key *key,
                         unsigned method);
/* Returns the next transaction of that group after `tx` (NULL: the first). */
struct ps_tx *ps_tx_find_in_group(const struct ps_transactions *t, uint64_t group,
                                  const struct ps_tx *tx);

/* Counts one INVITE more from there; NULL when its source has its fill. */
struct ps_source *ps_source_take(struct ps_transactions *t, const struct ps_address *remote);
void ps_source_give(struct ps_transactions *t, struct ps_source *source);

/* ---- transaction_share.c ---- */

/* May Timer G send the response once more? A source that may be forged must not be flooded. */
bool ps_tx_may_repeat(const struct ps_tx *tx);
/* Does such a response go out once, without a copy being kept for a repeated INVITE? */
bool ps_tx_is_once(const struct ps_tx *tx, unsigned status);

/* ---- transaction_room.c ---- */

void ps_room_init(struct ps_transactions *t);
/* Puts the transaction into the list that fits its state, or into none. */
void ps_room_update(struct ps_transactions *t, struct ps_tx *tx);
void ps_room_leave(struct ps_transactions *t, struct ps_tx *tx);

/* ---- transaction_evict.c ---- */

/* Evicts one answered transaction; false where there is none. */
bool ps_room_make(struct ps_transactions *t);
/* Keeps the bytes, evicting where no chunk is left. */
enum ps_error ps_room_keep(struct ps_transactions *t, struct ps_slice bytes, struct ps_kept *kept);

/* ---- transaction_perform.c ---- */

/* Runs the row for the event; false where there is none. The user's event goes to `*out`, which
 * must be PS_TX_NOTHING before. */
bool ps_tx_run(struct ps_transactions *t, struct ps_tx *tx, unsigned event,
               struct ps_transaction_event *out);
/* Finishes what the last call lent out; each call that changes anything does this first. */
void ps_tx_settle(struct ps_transactions *t);
/* Notes the ACK to its 2xx: its source has one INVITE less open, and it may make room. */
void ps_tx_acknowledged(struct ps_transactions *t, struct ps_tx *tx);
/* Gives the next message of the transaction; false where there is none (any more). */
bool ps_tx_next_message(struct ps_transactions *t, struct ps_tx *tx,
                        struct ps_transaction_send *out);
void ps_tx_unpend(struct ps_transactions *t, struct ps_tx *tx);
void ps_tx_release(struct ps_transactions *t, struct ps_tx *tx);

static inline uint32_t ps_tx_number(const struct ps_transactions *t, const struct ps_tx *tx)
{
    return (uint32_t)(tx - (const struct ps_tx *)(const void *)t->pool.objects);
}

static inline struct ps_tx *ps_tx_at(const struct ps_transactions *t, uint32_t i)
{
    return (struct ps_tx *)(void *)(t->pool.objects + (size_t)i * sizeof(struct ps_tx));
}

static inline bool ps_tx_is_client(const struct ps_tx *tx)
{
    return tx->machine == PS_ICT || tx->machine == PS_NICT;
}

/* Returns a transaction that runs, or NULL. */
static inline struct ps_tx *ps_tx_running(const struct ps_transactions *t, ps_handle handle)
{
    struct ps_tx *tx = (struct ps_tx *)ps_pool_get(&t->pool, handle);
    return tx && tx->state != PS_IN_TERMINATED ? tx : NULL;
}

static inline unsigned ps_tx_event_of_status(const struct ps_tx *tx, unsigned status)
{
    if (status < 200)
        return PS_ON_1XX;
    if (tx->machine == PS_NICT || tx->machine == PS_NIST)
        return PS_ON_FINAL;
    return status < 300 ? PS_ON_2XX : PS_ON_ERROR;
}

#ifdef __cplusplus
}
#endif
#endif
