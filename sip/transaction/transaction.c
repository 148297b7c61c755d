/*
 * Takes in and gives out for the transaction layer: messages, the user's wishes, timers.
 *
 * RFC 3261 9.2, 17.1.3, 17.2.3, 18.2.2. Finds or makes the transaction (transaction_matching.c) and
 * runs its machine (machines.c, transaction_perform.c). Knows no dialog and no socket.
 */
#include "transaction_internal.h"

static const struct ps_transaction_event nothing = {PS_TX_NOTHING, 0, 0, 0, 0, NULL};

struct ps_transactions *ps_transactions_init(struct ps_arena *arena, struct ps_environment *env,
                                             uint32_t count)
{
    struct ps_transactions counted;
    struct ps_transactions *taken = (struct ps_transactions *)ps_arena_take(arena, sizeof counted);
    struct ps_transactions *t = taken ? taken : &counted;
    memset(t, 0, sizeof *t);
    t->env = env;
    t->machines = ps_machines;
    t->pending_head = t->pending_tail = PS_TX_NONE;
    if (count > PS_POOL_MAX)
        count = PS_POOL_MAX;
    ps_pool_init(&t->pool, arena, PS_KIND_TRANSACTION, sizeof(struct ps_tx), count);
    ps_matching_init(t, arena, count);
    ps_room_init(t);
    return arena->used <= arena->n ? taken : NULL;
}

static bool reject(struct ps_transactions *t, enum ps_counter counter, unsigned status,
                   struct ps_transaction_event *out)
{
    t->env->count.of[counter]++;
    out->kind = status ? PS_TX_REFUSED : PS_TX_NOTHING;
    out->status = status;
    return false;
}

/* ---- making one ---- */

static struct ps_tx *take(struct ps_transactions *t, enum ps_machine_id machine,
                          const struct ps_message *m, const struct ps_flow *flow)
{
    static const uint8_t counters[PS_MACHINES] = {PS_COUNT_ICT, PS_COUNT_NICT, PS_COUNT_IST,
                                                  PS_COUNT_NIST};
    struct ps_tx *tx = (struct ps_tx *)ps_pool_take(&t->pool);
    if (!tx && ps_room_make(t))
        tx = (struct ps_tx *)ps_pool_take(&t->pool);
    if (!tx)
        return NULL;
    tx->machine = (uint8_t)machine;
    tx->method = m->method;
    tx->flow = *flow;
    tx->room_list = PS_ROOM_NO_LIST;
    tx->repeat.kind = tx->bound.kind = PS_KIND_TRANSACTION;
    t->live[machine]++;
    t->env->count.of[counters[machine]]++;
    return tx;
}

static void untake(struct ps_transactions *t, struct ps_tx *tx)
{
    t->live[tx->machine]--;
    ps_tx_release(t, tx);
}

/* ---- responses: 17.1.3, 18.1.2 ---- */

/* Has the response two Vias? Such a response came to us by mistake (8.1.3.3). */
static bool has_two_vias(const struct ps_message *m)
{
    struct ps_values values = ps_values(m, PS_H_VIA);
    struct ps_slice via;
    (void)ps_values_next(&values, &via); /* one there is: it was parsed */
    return ps_values_next(&values, &via);
}

static struct ps_transaction_event receive_response(struct ps_transactions *t,
                                                    const struct ps_message *m)
{
    struct ps_transaction_event out = nothing;
    struct ps_key key;
    struct ps_tx *tx;
    ps_key_of(t->env, m, true, &key);
    tx = ps_tx_find(t, &key, m->cseq_method);
    if (!tx) {
        reject(t, PS_COUNT_DROPPED_RESPONSE_STRAY, 0, &out);
        out.kind = PS_TX_STRAY;
        out.status = m->status;
        return out;
    }
    if (has_two_vias(m) || tx->witness != ps_sent_by_of(t->env, m))
        reject(t, PS_COUNT_DROPPED_RESPONSE_FOREIGN, 0, &out);
    else if (!ps_tx_run(t, tx, ps_tx_event_of_status(tx, m->status), &out) ||
             out.kind == PS_TX_NOTHING)
        t->env->count.of[PS_COUNT_RETRANSMISSIONS_ABSORBED]++;
    return out;
}

/* ---- requests: 17.2.3 ---- */

/* Does the ACK belong to the response? RFC 2543 knows it by the To tag of the response. In
 * Confirmed that is gone, and every ACK is absorbed. */
static bool ack_fits(const struct ps_tx *tx, const struct ps_message *m)
{
    struct ps_message response;
    if (!tx->old_key || tx->state != PS_IN_COMPLETED)
        return true;
    return ps_message_parse(&response, tx->response.p, tx->response.n, NULL, NULL) == PS_OK &&
           ps_equal(ps_to_tag(&response), ps_to_tag(m));
}

/* Finds the INVITE whose 2xx this acknowledges, if the To tag is ours, so that nobody lowers a
 * count by guessing. */
static struct ps_tx *acknowledged(struct ps_transactions *t, const struct ps_message *m)
{
    char text[16];
    uint64_t group = ps_group_of_request(t->env, m);
    struct ps_tx *tx = NULL;
    while ((tx = ps_tx_find_in_group(t, group, tx)) != NULL) {
        struct ps_writer w = ps_writer(text, sizeof text);
        ps_put_base32(&w, tx->local_tag);
        if (tx->state == PS_IN_ACCEPTED && ps_equal_nocase(ps_written(&w), ps_to_tag(m)))
            return tx;
    }
    return NULL;
}

static struct ps_transaction_event receive_ack(struct ps_transactions *t,
                                               const struct ps_message *m, const struct ps_key *key)
{
    struct ps_transaction_event out = nothing;
    struct ps_tx *tx = ps_tx_find(t, key, PS_METHOD_INVITE);
    if (tx && ack_fits(tx, m)) {
        if (!ps_tx_run(t, tx, PS_ON_ACK, &out))
            t->env->count.of[PS_COUNT_RETRANSMISSIONS_ABSORBED]++;
        if (out.kind == PS_TX_ACK)
            ps_tx_acknowledged(t, tx);
        return out;
    }
    out.kind = PS_TX_ACK;
    tx = acknowledged(t, m);
    if (tx) {
        out.transaction = ps_pool_handle(&t->pool, tx);
        out.user = tx->user;
        ps_tx_acknowledged(t, tx);
    }
    return out;
}

/* Returns port 5060 where the Via names none (18.2.2), 5061 for TLS. */
static uint16_t reply_port(const struct ps_message *m)
{
    return m->via_port ? m->via_port : m->via_transport == PS_TLS ? 5061 : 5060;
}

/*
 * Sends a response to the source's address, whatever the Via says (18.2.2, RFC 3581 4): to answer
 * where a stranger says would make a reflector. So maddr counts only where the environment says so.
 */
void ps_response_flow(const struct ps_environment *env, const struct ps_message *m,
                      struct ps_flow *flow)
{
    struct ps_via via;
    struct ps_address maddr;
    if (flow->reliable)
        return;
    if (env->follow_maddr && m->via_maddr) {
        ps_top_via(m, &via);
        if (ps_ip_parse(via.maddr, &maddr) == PS_OK) {
            flow->remote = maddr;
            flow->remote.port = reply_port(m);
            return;
        }
    }
    if (!m->via_rport)
        flow->remote.port = reply_port(m);
}

/* Is it merged (8.2.2.2)? Another transaction has the same From tag, Call-ID and CSeq, its request
 * came another way, and this is no in-dialog request. */
static bool is_merged(struct ps_transactions *t, const struct ps_tx *tx, const struct ps_message *m)
{
    return !ps_to_tag(m).n && tx->method != PS_METHOD_CANCEL &&
           ps_tx_find_in_group(t, tx->group, NULL) != NULL;
}

static bool keep_request(struct ps_transactions *t, struct ps_tx *tx, const struct ps_message *m,
                         struct ps_transaction_event *out)
{
    switch (ps_room_keep(t, ps_message_bytes(m), &tx->request)) {
    case PS_OK:
        return true;
    case PS_E_FULL:
        return reject(t, PS_COUNT_REFUSED_FULL, 503, out);
    default:
        return reject(t, PS_COUNT_REFUSED_TOO_LARGE, 513, out);
    }
}

/* Is there room for the request, and is its source within its share? */
static bool admit(struct ps_transactions *t, struct ps_tx *tx, const struct ps_message *m,
                  const struct ps_flow *from, struct ps_transaction_event *out)
{
    if (tx->method == PS_METHOD_INVITE) {
        tx->source = ps_source_take(t, &from->remote);
        if (!tx->source)
            return reject(t, PS_COUNT_REFUSED_PER_SOURCE, 503, out);
        tx->local_tag = ps_random(t->env);
    }
    return keep_request(t, tx, m, out);
}

static void identify(struct ps_transactions *t, struct ps_tx *tx, const struct ps_message *m,
                     const struct ps_key *key)
{
    tx->key = *key;
    tx->old_key = ps_key_is_old(m);
    tx->witness = tx->old_key ? ps_to_tag_of(t->env, m) : 0;
    tx->group = ps_group_of_request(t->env, m);
}

static struct ps_transaction_event begin_server(struct ps_transactions *t,
                                                const struct ps_message *m,
                                                const struct ps_flow *flow,
                                                const struct ps_key *key)
{
    struct ps_transaction_event out = nothing;
    bool merged;
    struct ps_tx *tx = take(t, m->method == PS_METHOD_INVITE ? PS_IST : PS_NIST, m, flow);
    if (!tx) {
        reject(t, PS_COUNT_REFUSED_FULL, 503, &out);
        return out;
    }
    if (!admit(t, tx, m, flow, &out)) {
        untake(t, tx);
        return out;
    }
    ps_response_flow(t->env, m, &tx->flow);
    tx->received = (uint32_t)m->n;
    identify(t, tx, m, key);
    merged = is_merged(t, tx, m);
    ps_index_add(t, tx, PS_BY_KEY);
    if (!merged && tx->method != PS_METHOD_CANCEL)
        ps_index_add(t, tx, PS_BY_GROUP);
    ps_tx_run(t, tx, PS_ON_BEGIN, &out);
    if (merged) {
        out.kind = PS_TX_MERGED;
        t->env->count.of[PS_COUNT_MERGED]++;
    }
    return out;
}

/* Finds the INVITE to cancel (9.2): its key is the same but for the method. It must have come from
 * the same address, because a CANCEL has no credentials, and whoever saw a branch could end a call
 * (26.1). When nothing is left, the CANCEL is told without a transaction of its own, so that what
 * is under way can end. */
static struct ps_transaction_event begin_cancel(struct ps_transactions *t,
                                                const struct ps_message *m,
                                                const struct ps_flow *flow,
                                                const struct ps_key *key)
{
    const struct ps_tx *invite = ps_tx_find(t, key, PS_METHOD_INVITE);
    struct ps_transaction_event out = begin_server(t, m, flow, key);
    if (!invite || (!t->env->follow_maddr && !ps_ip_equal(&invite->flow.remote, &flow->remote)))
        return out;
    out.cancelled = ps_pool_handle(&t->pool, invite);
    if (out.kind == PS_TX_REFUSED) {
        out.kind = PS_TX_CANCEL;
        out.status = 0;
    }
    return out;
}

static bool is_again(const struct ps_transactions *t, const struct ps_tx *tx,
                     const struct ps_message *m)
{
    return !tx->old_key || tx->witness == ps_to_tag_of(t->env, m);
}

static struct ps_transaction_event
receive_request(struct ps_transactions *t, const struct ps_message *m, const struct ps_flow *flow)
{
    struct ps_transaction_event out = nothing;
    struct ps_key key;
    struct ps_tx *tx;
    ps_key_of(t->env, m, false, &key);
    if (m->method == PS_METHOD_ACK)
        return receive_ack(t, m, &key);
    tx = ps_tx_find(t, &key, m->method);
    if (tx && is_again(t, tx, m)) {
        t->env->count.of[PS_COUNT_RETRANSMISSIONS_ABSORBED]++;
        if (tx->received < UINT32_MAX / 64)
            tx->received += (uint32_t)m->n;
        ps_tx_run(t, tx, PS_ON_AGAIN, &out);
        return out;
    }
    if (m->method == PS_METHOD_CANCEL)
        return begin_cancel(t, m, flow, &key);
    return begin_server(t, m, flow, &key);
}

struct ps_transaction_event ps_transactions_receive(struct ps_transactions *t,
                                                    const struct ps_message *m,
                                                    const struct ps_flow *flow)
{
    struct ps_transaction_event out;
    ps_tx_settle(t);
    t->m = m;
    out = ps_is_request(m) ? receive_request(t, m, flow) : receive_response(t, m);
    t->m = NULL;
    return out;
}

/* ---- the user: client ---- */

enum { LONGEST_ON_UDP = 1300 }; /* 18.1.1, for an unknown MTU; TCP is still to come */

enum ps_error ps_transaction_request(struct ps_transactions *t, const struct ps_flow *flow,
                                     struct ps_slice request, uint64_t user, ps_handle *out)
{
    struct ps_transaction_event event = nothing;
    struct ps_message m;
    struct ps_tx *tx;
    enum ps_error error = ps_message_parse(&m, request.p, request.n, NULL, NULL);
    ps_tx_settle(t);
    if (error || !ps_is_request(&m) || m.method == PS_METHOD_ACK)
        return error ? error : PS_E_ARGUMENT;
    tx = take(t, m.method == PS_METHOD_INVITE ? PS_ICT : PS_NICT, &m, flow);
    if (!tx)
        return PS_E_FULL;
    error = ps_room_keep(t, ps_message_bytes(&m), &tx->request);
    if (error) {
        untake(t, tx);
        return error;
    }
    tx->user = user;
    ps_key_of(t->env, &m, true, &tx->key);
    tx->witness = ps_sent_by_of(t->env, &m);
    tx->group = ps_group_of_remote(t->env, &flow->remote);
    ps_index_add(t, tx, PS_BY_KEY);
    ps_index_add(t, tx, PS_BY_GROUP);
    if (m.n > LONGEST_ON_UDP && !flow->reliable)
        t->env->count.of[PS_COUNT_SENT_OVER_MTU]++;
    *out = ps_pool_handle(&t->pool, tx);
    ps_tx_run(t, tx, PS_ON_BEGIN, &event);
    return PS_OK;
}

void ps_transaction_abandon(struct ps_transactions *t, ps_handle transaction)
{
    struct ps_transaction_event out = nothing;
    struct ps_tx *tx;
    ps_tx_settle(t);
    tx = ps_tx_running(t, transaction);
    if (tx)
        ps_tx_run(t, tx, PS_ON_ABANDON, &out);
}

/* ---- the user: server ---- */

void ps_transaction_acknowledged(struct ps_transactions *t, ps_handle transaction)
{
    struct ps_tx *tx = ps_tx_running(t, transaction);
    if (tx)
        ps_tx_acknowledged(t, tx);
}

enum ps_error ps_transaction_keep(struct ps_transactions *t, struct ps_slice bytes,
                                  struct ps_kept *kept)
{
    ps_tx_settle(t);
    return ps_room_keep(t, bytes, kept);
}

void ps_transaction_send_once(struct ps_transactions *t, ps_handle transaction)
{
    struct ps_tx *tx = ps_tx_running(t, transaction);
    if (tx)
        ps_timer_stop(&t->env->timers, &tx->repeat);
}

uint64_t ps_transaction_key(const struct ps_transactions *t, ps_handle transaction)
{
    const struct ps_tx *tx = ps_tx_running(t, transaction);
    return tx ? tx->key.half[0] ^ tx->key.half[1] : 0;
}

void ps_transaction_own(struct ps_transactions *t, ps_handle transaction, uint64_t user)
{
    struct ps_tx *tx = ps_tx_running(t, transaction);
    if (tx)
        tx->user = user;
}

void ps_transaction_put_tag(struct ps_writer *w, const struct ps_transactions *t,
                            ps_handle transaction, const struct ps_message *request)
{
    const struct ps_tx *tx = (const struct ps_tx *)ps_pool_get(&t->pool, transaction);
    if (tx && tx->machine == PS_IST)
        ps_put_base32(w, tx->local_tag);
    else
        ps_put_local_tag(w, t->env, request);
}

void ps_put_local_tag(struct ps_writer *w, const struct ps_environment *env,
                      const struct ps_message *request)
{
    ps_put_base32(w, ps_local_tag_of(env, request));
}

/* ---- looking ---- */

uint64_t ps_transaction_user(const struct ps_transactions *t, ps_handle transaction)
{
    const struct ps_tx *tx = (const struct ps_tx *)ps_pool_get(&t->pool, transaction);
    return tx ? tx->user : 0;
}

struct ps_slice ps_transaction_message(const struct ps_transactions *t, ps_handle transaction)
{
    const struct ps_tx *tx = (const struct ps_tx *)ps_pool_get(&t->pool, transaction);
    if (!tx || !tx->request.p || (tx->pending & PS_PEND_EARLIER))
        return PS_NONE;
    return ps_slice(tx->request.p, tx->request.n);
}

const struct ps_flow *ps_transaction_flow(const struct ps_transactions *t, ps_handle transaction)
{
    const struct ps_tx *tx = (const struct ps_tx *)ps_pool_get(&t->pool, transaction);
    return tx ? &tx->flow : NULL;
}

bool ps_transaction_cancellable(const struct ps_transactions *t, ps_handle transaction)
{
    const struct ps_tx *tx = ps_tx_running(t, transaction);
    return tx && tx->machine == PS_ICT && tx->state == PS_IN_PROCEEDING;
}

bool ps_transaction_waits(const struct ps_transactions *t, ps_handle transaction)
{
    const struct ps_tx *tx = ps_tx_running(t, transaction);
    return tx && (tx->state == PS_IN_CALLING || tx->state == PS_IN_TRYING ||
                  tx->state == PS_IN_PROCEEDING);
}

uint32_t ps_transactions_live(const struct ps_transactions *t, unsigned machine)
{
    return machine < PS_MACHINES ? t->live[machine] : 0;
}

/* ---- time, errors, sending ---- */

struct ps_transaction_event ps_transactions_expire(struct ps_transactions *t,
                                                   struct ps_timer *timer)
{
    struct ps_transaction_event out = nothing;
    size_t i = (size_t)((char *)timer - t->pool.objects) / sizeof(struct ps_tx);
    struct ps_tx *tx = (struct ps_tx *)(void *)(t->pool.objects + i * sizeof(struct ps_tx));
    ps_tx_settle(t);
    ps_tx_run(t, tx, timer == &tx->repeat ? tx->repeat_event : tx->bound_event, &out);
    return out;
}

struct ps_transaction_event ps_transactions_failed(struct ps_transactions *t, ps_handle transaction,
                                                   const struct ps_address *remote)
{
    struct ps_transaction_event out = nothing;
    struct ps_tx *tx = NULL;
    uint64_t group;
    ps_tx_settle(t);
    if (transaction) {
        tx = ps_tx_running(t, transaction);
        if (tx)
            ps_tx_run(t, tx, PS_ON_FAILED, &out);
        return out;
    }
    /* in ICT Proceeding an answer has come from there, and Completed has nothing to tell */
    group = ps_group_of_remote(t->env, remote);
    while ((tx = ps_tx_find_in_group(t, group, tx)) != NULL)
        if (tx->state != PS_IN_COMPLETED && ps_tx_run(t, tx, PS_ON_FAILED, &out))
            break;
    return out;
}

bool ps_transactions_pull(struct ps_transactions *t, struct ps_transaction_send *out)
{
    for (;;) {
        ps_tx_settle(t);
        if (t->pending_head == PS_TX_NONE)
            return false;
        if (ps_tx_next_message(t,
                               (struct ps_tx *)(void *)(t->pool.objects + (size_t)t->pending_head *
                                                                              sizeof(struct ps_tx)),
                               out))
            return true;
    }
}
