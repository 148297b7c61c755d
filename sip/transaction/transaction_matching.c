/*
 * Finds the transaction that a message belongs to: keys, groups, and who has how many INVITEs open.
 *
 * RFC 3261 8.2.2.2, 17.1.3, 17.2.3, 18.1.2. The first index is by the key of 17.1.3 or 17.2.3 (RFC
 * 2543's where there is no cookie). The second index is by group. Server transactions with the same
 * From tag, Call-ID and CSeq form a group: there a merged request finds its twin, and the ACK to a
 * 2xx its INVITE. Client transactions that send to the same address form a group: there an ICMP
 * error finds them. Knows no machine and no timer.
 *
 * Parameter values are compared in any case of letters (7.3.1), a branch too. A port left out is
 * 5060. A response may come from another address than the request went to, as a peer may have two.
 * It is trusted by its branch, which holds 64 bits that only we and the way to the peer have seen.
 */
#include "transaction_internal.h"

/* Stands in front of what is hashed, so that one kind's text never passes for another's. None of
 * these bytes can begin a Call-ID or a header. */
enum {
    OF_CLIENT = 1,
    OF_SERVER,
    OF_OLD_SERVER,
    OF_REQUEST,
    OF_REMOTE,
    OF_SENT_BY,
    OF_TO_TAG,
    OF_LOCAL_TAG,
    OF_SOURCE
};

static void begin(struct ps_siphash *h, const struct ps_environment *env, uint8_t what)
{
    ps_siphash_start(h, env->hash_key);
    ps_siphash_byte(h, what);
}

/* Ends each text with a byte that stands in none of them, which tells them apart. */
static void add(struct ps_siphash *h, struct ps_slice s)
{
    ps_siphash_add(h, s.p, s.n);
    ps_siphash_byte(h, '\n');
}

static void add_lower(struct ps_siphash *h, struct ps_slice s)
{
    char lower[64];
    size_t i, n = 0;
    for (i = 0; i < s.n; i++) {
        lower[n++] = ps_lower(s.p[i]);
        if (n == sizeof lower || i + 1 == s.n) {
            ps_siphash_add(h, lower, n);
            n = 0;
        }
    }
    ps_siphash_byte(h, '\n');
}

static void add_sent_by(struct ps_siphash *h, const struct ps_message *m)
{
    add_lower(h, ps_span_of(m, m->via_host));
    ps_siphash_add64(h, m->via_port ? m->via_port : 5060);
}

/* Makes the second half as SipHash's 128-bit variant does. */
static void end_key(struct ps_siphash *h, struct ps_key *key)
{
    unsigned i;
    key->half[0] = ps_siphash_end(h);
    h->v[1] ^= 0xdd;
    for (i = 0; i < 4; i++)
        ps_siphash_round(h->v);
    key->half[1] = h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
}

/* ---- keys ---- */

bool ps_key_is_old(const struct ps_message *m)
{
    struct ps_slice branch = ps_via_branch(m), cookie = PS_S("z9hG4bK");
    return branch.n <= cookie.n || !ps_equal_nocase(ps_slice(branch.p, cookie.n), cookie);
}

/* Adds what RFC 2543 compares (17.2.3), without the To tag, in which an ACK differs. */
static void add_old(struct ps_siphash *h, const struct ps_message *m)
{
    add(h, ps_request_uri(m));
    add(h, ps_from_tag(m));
    add(h, ps_call_id(m));
    ps_siphash_add64(h, m->cseq);
    add(h, ps_span_of(m, m->top_via));
}

/* Adds the name of a method that has no number. Known methods are compared beside the key, so that
 * a CANCEL finds its INVITE. */
static void add_method(struct ps_siphash *h, const struct ps_message *m)
{
    struct ps_cseq cseq;
    if (m->cseq_method != PS_METHOD_OTHER)
        return;
    memset(&cseq, 0, sizeof cseq);
    (void)ps_cseq_parse(ps_header_value(m, PS_H_CSEQ, 0), &cseq); /* it was parsed before */
    add(h, cseq.method_name);
}

void ps_key_of(const struct ps_environment *env, const struct ps_message *m, bool client,
               struct ps_key *key)
{
    struct ps_siphash h;
    bool old = !client && ps_key_is_old(m);
    begin(&h, env, client ? OF_CLIENT : old ? OF_OLD_SERVER : OF_SERVER);
    if (old)
        add_old(&h, m);
    else
        add_lower(&h, ps_via_branch(m));
    if (!client && !old)
        add_sent_by(&h, m);
    add_method(&h, m);
    end_key(&h, key);
}

uint64_t ps_group_of_request(const struct ps_environment *env, const struct ps_message *m)
{
    struct ps_siphash h;
    begin(&h, env, OF_REQUEST);
    add(&h, ps_call_id(m));
    add(&h, ps_from_tag(m));
    ps_siphash_add64(&h, m->cseq);
    add(&h, m->method == PS_METHOD_ACK ? PS_S("INVITE") : ps_request_method(m));
    return ps_siphash_end(&h);
}

uint64_t ps_group_of_remote(const struct ps_environment *env, const struct ps_address *remote)
{
    struct ps_siphash h;
    begin(&h, env, OF_REMOTE);
    ps_siphash_add(&h, remote->ip, remote->family == PS_IPV6 ? 16 : 4);
    ps_siphash_add64(&h, remote->port);
    return ps_siphash_end(&h);
}

uint32_t ps_sent_by_of(const struct ps_environment *env, const struct ps_message *m)
{
    struct ps_siphash h;
    begin(&h, env, OF_SENT_BY);
    add_sent_by(&h, m);
    return (uint32_t)ps_siphash_end(&h);
}

uint32_t ps_to_tag_of(const struct ps_environment *env, const struct ps_message *m)
{
    struct ps_siphash h;
    begin(&h, env, OF_TO_TAG);
    add(&h, ps_to_tag(m));
    return (uint32_t)ps_siphash_end(&h);
}

/* Computes the tag for each response to a request, with or without a transaction (8.2.6.2, 8.2.7).
 * Each branch of a fork gets another. The branch counts as it stands: a retransmission has it
 * so. */
uint64_t ps_local_tag_of(const struct ps_environment *env, const struct ps_message *m)
{
    struct ps_siphash h;
    begin(&h, env, OF_LOCAL_TAG);
    add(&h, ps_call_id(m));
    add(&h, ps_from_tag(m));
    add(&h, ps_via_branch(m));
    return ps_siphash_end(&h);
}

/* ---- the indexes ---- */

static uint32_t *bucket_of(const struct ps_transactions *t, const struct ps_tx *tx, unsigned index)
{
    uint64_t hash = index == PS_BY_KEY ? tx->key.half[0] : tx->group;
    return &t->bucket[index][(uint32_t)hash & t->mask];
}

void ps_index_add(struct ps_transactions *t, struct ps_tx *tx, unsigned index)
{
    uint32_t *head = bucket_of(t, tx, index), i = ps_tx_number(t, tx);
    tx->next[index] = *head;
    tx->previous[index] = PS_TX_NONE;
    if (*head != PS_TX_NONE)
        ps_tx_at(t, *head)->previous[index] = i;
    *head = i;
    tx->indexed[index] = true;
}

void ps_index_remove(struct ps_transactions *t, struct ps_tx *tx, unsigned index)
{
    if (!tx->indexed[index])
        return;
    if (tx->next[index] != PS_TX_NONE)
        ps_tx_at(t, tx->next[index])->previous[index] = tx->previous[index];
    if (tx->previous[index] != PS_TX_NONE)
        ps_tx_at(t, tx->previous[index])->next[index] = tx->next[index];
    else
        *bucket_of(t, tx, index) = tx->next[index];
    tx->indexed[index] = false;
}

struct ps_tx *ps_tx_find(const struct ps_transactions *t, const struct ps_key *key, unsigned method)
{
    uint32_t i = t->bucket[PS_BY_KEY][(uint32_t)key->half[0] & t->mask];
    for (; i != PS_TX_NONE; i = ps_tx_at(t, i)->next[PS_BY_KEY]) {
        struct ps_tx *tx = ps_tx_at(t, i);
        if (memcmp(&tx->key, key, sizeof *key) == 0 && tx->method == method)
            return tx;
    }
    return NULL;
}

struct ps_tx *ps_tx_find_in_group(const struct ps_transactions *t, uint64_t group,
                                  const struct ps_tx *tx)
{
    uint32_t i = tx ? tx->next[PS_BY_GROUP] : t->bucket[PS_BY_GROUP][(uint32_t)group & t->mask];
    for (; i != PS_TX_NONE; i = ps_tx_at(t, i)->next[PS_BY_GROUP])
        if (ps_tx_at(t, i)->group == group)
            return ps_tx_at(t, i);
    return NULL;
}

/* ---- sources ---- */

static struct ps_source *source_at(const struct ps_transactions *t, uint32_t i)
{
    return (struct ps_source *)(void *)(t->sources.objects + (size_t)i * sizeof(struct ps_source));
}

static uint32_t *source_bucket(const struct ps_transactions *t, unsigned family,
                               const uint8_t ip[8])
{
    struct ps_siphash h;
    begin(&h, t->env, OF_SOURCE);
    ps_siphash_byte(&h, (uint8_t)family);
    ps_siphash_add(&h, ip, 8);
    return &t->source_bucket[(uint32_t)ps_siphash_end(&h) & t->mask];
}

struct ps_source *ps_source_take(struct ps_transactions *t, const struct ps_address *remote)
{
    uint8_t ip[8] = {0};
    uint32_t *head, i;
    struct ps_source *source;
    memcpy(ip, remote->ip, remote->family == PS_IPV6 ? 8 : 4);
    head = source_bucket(t, remote->family, ip);
    for (i = *head; i != PS_TX_NONE; i = source->next) {
        source = source_at(t, i);
        if (source->family == remote->family && memcmp(source->ip, ip, sizeof ip) == 0)
            return source->count < t->env->per_source ? source->count++, source : NULL;
    }
    source = t->env->per_source ? (struct ps_source *)ps_pool_take(&t->sources) : NULL;
    if (!source)
        return NULL;
    memcpy(source->ip, ip, sizeof ip);
    source->family = remote->family;
    source->count = 1;
    source->next = *head;
    *head = (uint32_t)(source - source_at(t, 0));
    return source;
}

void ps_source_give(struct ps_transactions *t, struct ps_source *source)
{
    uint32_t *link, i = (uint32_t)(source - source_at(t, 0));
    if (--source->count)
        return;
    for (link = source_bucket(t, source->family, source->ip); *link != i;)
        link = &source_at(t, *link)->next;
    *link = source->next;
    ps_pool_give(&t->sources, source);
}

/* ---- memory ---- */

static uint32_t *buckets(struct ps_arena *arena, uint32_t n)
{
    uint32_t *heads = (uint32_t *)ps_arena_take(arena, n * sizeof *heads);
    if (heads)
        memset(heads, 0xff, n * sizeof *heads); /* PS_TX_NONE in each */
    return heads;
}

/* Takes as many buckets as transactions, rounded up to a power of two. */
void ps_matching_init(struct ps_transactions *t, struct ps_arena *arena, uint32_t count)
{
    uint32_t n = 1, index;
    while (n < count)
        n *= 2;
    t->mask = n - 1;
    for (index = 0; index < PS_INDEXES; index++)
        t->bucket[index] = buckets(arena, n);
    t->source_bucket = buckets(arena, n);
    ps_pool_init(&t->sources, arena, PS_KIND_OTHER, sizeof(struct ps_source), count);
}
