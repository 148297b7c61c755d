/*
 * Carries out the rows of the machines: timers, events for the user, messages that wait to go out,
 * the ACK to 3xx-6xx, the automatic 100, the end.
 *
 * The tables say which row comes when (machines.c), transaction_matching.c says whose message it
 * is. A message waits as a bit on its transaction and is pulled later: nothing is called back.
 */
#include "transaction_internal.h"

/* Bounds how long an INVITE is left without an answer (17.2.1), rings, and waits in Timer D.
 * Milliseconds. */
enum { WAIT_BEFORE_100 = 200, RINGING_GUARD = 300000, TIMER_D_LEAST = 32000 };

/* ---- timers ---- */

/* Returns when a client's Timer E comes to T2: 3.5 s by default. No 100 goes out before (RFC 4320
 * 4.1). */
static uint64_t until_timer_e_is_t2(const struct ps_environment *env)
{
    uint64_t at = 0, interval = env->t1;
    for (; interval && interval < env->t2; interval *= 2)
        at += interval;
    return at;
}

/* Returns 0 on a reliable transport, which repeats nothing: there is nothing to wait for. */
static uint64_t unless_reliable(const struct ps_tx *tx, uint64_t ms)
{
    return tx->flow.reliable ? 0 : ms;
}

static uint64_t duration(const struct ps_transactions *t, const struct ps_tx *tx, unsigned timer)
{
    const struct ps_environment *env = t->env;
    uint64_t t1_64 = UINT64_C(64) * env->t1;
    switch (timer) {
    case PS_ON_TIMER_A:
    case PS_ON_TIMER_E:
    case PS_ON_TIMER_G:
        return env->t1;
    case PS_ON_TIMER_100:
        return tx->machine == PS_IST ? WAIT_BEFORE_100 : until_timer_e_is_t2(env);
    case PS_ON_TIMER_D: /* 17.1.1.2: at least 32 s, and as long as the server may repeat */
        return unless_reliable(tx, t1_64 > TIMER_D_LEAST ? t1_64 : TIMER_D_LEAST);
    case PS_ON_TIMER_I:
    case PS_ON_TIMER_K:
        return unless_reliable(tx, env->t4);
    case PS_ON_TIMER_J:
        return unless_reliable(tx, t1_64);
    case PS_ON_TIMER_GUARD:
        return tx->machine == PS_NIST ? t1_64 : RINGING_GUARD;
    default: /* B, F, H, L, M */
        return t1_64;
    }
}

static void repeat_after(struct ps_transactions *t, struct ps_tx *tx, uint64_t interval)
{
    tx->interval = (uint32_t)interval;
    ps_timer_start(&t->env->timers, &tx->repeat, t->env->now + interval);
}

/* Counts from when the timer was due, so that late calls do not add up and push the last
 * retransmission behind the end. Counts from now where even that is past. */
static void repeat_again(struct ps_transactions *t, struct ps_tx *tx, uint64_t interval)
{
    uint64_t when = tx->repeat.when + interval;
    tx->interval = (uint32_t)interval;
    if (when <= t->env->now)
        when = t->env->now + interval;
    ps_timer_start(&t->env->timers, &tx->repeat, when);
}

/* Timers A, E and G do not run on a reliable flow (17.1.1.2, 17.1.2.2, 17.2.1). */
static void start_timer(struct ps_transactions *t, struct ps_tx *tx, unsigned timer)
{
    uint64_t wait = duration(t, tx, timer);
    if (timer <= PS_ON_TIMER_100) {
        tx->repeat_event = (uint8_t)timer;
        if (timer == PS_ON_TIMER_100 || !tx->flow.reliable)
            repeat_after(t, tx, wait);
    } else {
        tx->bound_event = (uint8_t)timer;
        ps_timer_start(&t->env->timers, &tx->bound, t->env->now + wait);
    }
}

static void double_interval(struct ps_transactions *t, struct ps_tx *tx)
{
    uint64_t interval = UINT64_C(2) * tx->interval;
    if (tx->repeat_event != PS_ON_TIMER_A && interval > t->env->t2)
        interval = t->env->t2;
    repeat_again(t, tx, interval);
}

/* ---- messages that wait ---- */

static void pend(struct ps_transactions *t, struct ps_tx *tx, unsigned bit)
{
    uint32_t i = ps_tx_number(t, tx);
    if (!tx->pending) {
        tx->pending_next = PS_TX_NONE;
        tx->pending_previous = t->pending_tail;
        if (t->pending_tail == PS_TX_NONE)
            t->pending_head = i;
        else
            ps_tx_at(t, t->pending_tail)->pending_next = i;
        t->pending_tail = i;
    }
    tx->pending |= (uint8_t)bit;
}

void ps_tx_unpend(struct ps_transactions *t, struct ps_tx *tx)
{
    if (!tx->pending)
        return;
    if (tx->pending_previous == PS_TX_NONE)
        t->pending_head = tx->pending_next;
    else
        ps_tx_at(t, tx->pending_previous)->pending_next = tx->pending_next;
    if (tx->pending_next == PS_TX_NONE)
        t->pending_tail = tx->pending_previous;
    else
        ps_tx_at(t, tx->pending_next)->pending_previous = tx->pending_previous;
    tx->pending = 0;
}

/* Stops the retransmissions and drops the messages that wait, but for a provisional that the final
 * has overtaken. */
static void stop(struct ps_transactions *t, struct ps_tx *tx)
{
    unsigned earlier = tx->pending & PS_PEND_EARLIER;
    ps_timer_stop(&t->env->timers, &tx->repeat);
    ps_tx_unpend(t, tx);
    if (earlier)
        pend(t, tx, earlier);
}

/* Sends the last provisional, or the automatic 100 where that was the last; nothing before it. */
static void send_response(struct ps_transactions *t, struct ps_tx *tx)
{
    if (tx->response.p)
        pend(t, tx, PS_PEND_RESPONSE);
    else if (tx->sent & PS_PEND_100)
        pend(t, tx, PS_PEND_100);
}

static bool parse_kept(struct ps_message *m, const struct ps_kept *kept)
{
    return kept->p && ps_message_parse(m, kept->p, kept->n, NULL, NULL) == PS_OK;
}

/* Writes the ACK (17.1.1.3) and keeps it beside the INVITE, or in its place where nothing is
 * left. */
static void write_ack(struct ps_transactions *t, struct ps_tx *tx)
{
    struct ps_message invite;
    struct ps_writer w = ps_writer(t->env->scratch, t->env->scratch_n);
    PS_ASSERT(t->m); /* only a response asks for it */
    if (!parse_kept(&invite, &tx->request))
        return;
    ps_write_ack(&w, &invite, t->m);
    if (w.error || ps_keep(&t->env->store, ps_written(&w), &tx->response) == PS_OK)
        return;
    ps_forget(&t->env->store, &tx->request);
    if (ps_keep(&t->env->store, ps_written(&w), &tx->response))
        t->env->count.of[PS_COUNT_DROPPED_FULL]++;
}

static void send_ack(struct ps_transactions *t, struct ps_tx *tx)
{
    if (!tx->response.p)
        write_ack(t, tx);
    if (tx->response.p)
        pend(t, tx, PS_PEND_ACK);
}

/* ---- telling ---- */

static enum ps_transaction_event_kind kind_of(const struct ps_tx *tx, unsigned event)
{
    switch (event) {
    case PS_ON_BEGIN:
        return tx->method == PS_METHOD_CANCEL ? PS_TX_CANCEL : PS_TX_REQUEST;
    case PS_ON_ACK:
        return PS_TX_ACK;
    case PS_ON_1XX:
        return PS_TX_PROVISIONAL;
    case PS_ON_FAILED:
        return PS_TX_UNREACHABLE;
    case PS_ON_TIMER_GUARD: /* a NIST's user is too late; where it has none, nobody is told */
        return tx->machine != PS_NIST ? PS_TX_GUARD : tx->user ? PS_TX_TERMINATED : PS_TX_NOTHING;
    case PS_ON_TIMER_B:
    case PS_ON_TIMER_F:
    case PS_ON_TIMER_H:
        return PS_TX_TIMEOUT;
    default:
        return PS_TX_FINAL;
    }
}

static void tell(struct ps_transactions *t, struct ps_tx *tx, unsigned event,
                 struct ps_transaction_event *out)
{
    out->kind = kind_of(tx, event);
    if (out->kind == PS_TX_TIMEOUT)
        t->env->count.of[PS_COUNT_TIMEOUTS]++;
    if (out->kind == PS_TX_UNREACHABLE)
        t->env->count.of[PS_COUNT_TRANSPORT_ERRORS]++;
    out->transaction = ps_pool_handle(&t->pool, tx);
    out->user = tx->user;
    out->status = t->m ? t->m->status : 0;
}

/* Tells the trace of a step. It may take its time, so the Call-ID is read again out of the kept
 * bytes. */
static void trace(struct ps_transactions *t, const struct ps_tx *tx, unsigned event,
                  const struct ps_row *row)
{
    struct ps_trace_step step;
    struct ps_message kept;
    step.machine = t->machines[tx->machine].name;
    step.from = ps_tx_state_name(row->state);
    step.to = ps_tx_state_name(row->next);
    step.event = ps_tx_event_name(event);
    step.rule = row->rule;
    step.now = t->env->now;
    step.call_id = PS_NONE;
    if (t->m)
        step.call_id = ps_call_id(t->m);
    else if (parse_kept(&kept, &tx->request) || parse_kept(&kept, &tx->response))
        step.call_id = ps_call_id(&kept);
    t->env->trace(t->env->trace_context, &step);
}

/* ---- the end ---- */

static void leave_source(struct ps_transactions *t, struct ps_tx *tx)
{
    if (tx->source)
        ps_source_give(t, tx->source);
    tx->source = NULL;
}

void ps_tx_acknowledged(struct ps_transactions *t, struct ps_tx *tx)
{
    leave_source(t, tx);
    tx->acknowledged = true;
    ps_room_update(t, tx);
}

void ps_tx_release(struct ps_transactions *t, struct ps_tx *tx)
{
    ps_tx_unpend(t, tx);
    ps_room_leave(t, tx);
    leave_source(t, tx);
    ps_forget(&t->env->store, &tx->request);
    ps_forget(&t->env->store, &tx->response);
    ps_pool_give(&t->pool, tx);
}

/* Ends a transaction: nothing finds it any more. Its bytes stay until its last message was pulled,
 * or for this call. */
static void end(struct ps_transactions *t, struct ps_tx *tx)
{
    ps_timer_stop(&t->env->timers, &tx->repeat);
    ps_timer_stop(&t->env->timers, &tx->bound);
    ps_index_remove(t, tx, PS_BY_KEY);
    ps_index_remove(t, tx, PS_BY_GROUP);
    ps_room_leave(t, tx);
    leave_source(t, tx);
    t->live[tx->machine]--;
    if (!tx->pending)
        t->lent = tx;
}

void ps_tx_settle(struct ps_transactions *t)
{
    struct ps_tx *tx = t->lent;
    t->lent = NULL;
    if (!tx)
        return;
    if (tx->sent & ~tx->pending & PS_PEND_EARLIER) {
        ps_forget(&t->env->store, &tx->request);
        tx->sent &= (uint8_t)~PS_PEND_EARLIER;
    }
    if (tx->pending)
        return;
    if (tx->state == PS_IN_TERMINATED)
        ps_tx_release(t, tx);
    else if (tx->once)
        ps_forget(&t->env->store, &tx->response);
}

/* ---- one step ---- */

static bool wants(const struct ps_row *row, unsigned bit)
{
    return (row->actions >> bit & 1) != 0;
}

static void start_timers(struct ps_transactions *t, struct ps_tx *tx, const struct ps_row *row)
{
    unsigned timer;
    if (wants(row, PS_TX_BIT_DOUBLE))
        double_interval(t, tx);
    if (wants(row, PS_TX_BIT_EVERY_T2))
        repeat_again(t, tx, t->env->t2);
    if (row->actions & (PS_DO(TELL) - 1))
        for (timer = 0; timer < PS_TX_TIMER_COUNT; timer++)
            if (wants(row, timer))
                start_timer(t, tx, timer);
}

/* Forgets a client's request once it has its final response: it is sent no more. */
static void forget_sent(struct ps_transactions *t, struct ps_tx *tx)
{
    if (ps_tx_is_client(tx) && (tx->state == PS_IN_COMPLETED || tx->state == PS_IN_ACCEPTED) &&
        (tx->machine == PS_NICT || tx->state == PS_IN_ACCEPTED || tx->response.p))
        ps_forget(&t->env->store, &tx->request);
}

static void send(struct ps_transactions *t, struct ps_tx *tx, unsigned event,
                 const struct ps_row *row)
{
    if (wants(row, PS_TX_BIT_SEND_REQUEST))
        pend(t, tx, PS_PEND_REQUEST);
    if (wants(row, PS_TX_BIT_SEND_RESPONSE) && (event != PS_ON_TIMER_G || ps_tx_may_repeat(tx)))
        send_response(t, tx);
    if (wants(row, PS_TX_BIT_SEND_100))
        pend(t, tx, PS_PEND_100);
    if (wants(row, PS_TX_BIT_SEND_ACK))
        send_ack(t, tx);
}

bool ps_tx_run(struct ps_transactions *t, struct ps_tx *tx, unsigned event,
               struct ps_transaction_event *out)
{
    const struct ps_row *row = ps_machine_row(&t->machines[tx->machine], tx->state, event);
    if (!row)
        return false;
    if (t->env->trace)
        trace(t, tx, event, row);
    out->rule = row->rule;
    tx->state = row->next;
    if (wants(row, PS_TX_BIT_TELL))
        tell(t, tx, event, out);
    if (wants(row, PS_TX_BIT_STOP))
        stop(t, tx);
    send(t, tx, event, row);
    start_timers(t, tx, row);
    if (wants(row, PS_TX_BIT_FORGET))
        ps_forget(&t->env->store, &tx->response);
    forget_sent(t, tx);
    if (tx->state == PS_IN_CONFIRMED)
        leave_source(t, tx);
    if (tx->state == PS_IN_TERMINATED)
        end(t, tx);
    else
        ps_room_update(t, tx);
    return true;
}

/* ---- pulling ---- */

/* Writes the automatic 100: without a To tag, with the Timestamp copied (17.2.1, 8.2.6.1). */
static struct ps_slice write_100(struct ps_transactions *t, const struct ps_tx *tx)
{
    struct ps_message request;
    struct ps_writer w = ps_writer(t->env->scratch, t->env->scratch_n);
    if (!parse_kept(&request, &tx->request))
        return PS_NONE;
    ps_write_response(&w, &request, &tx->flow, 100, PS_NONE, PS_NONE);
    ps_write_body(&w, PS_NONE, PS_NONE);
    return ps_written(&w);
}

static struct ps_slice bytes_of(struct ps_transactions *t, const struct ps_tx *tx, unsigned bit)
{
    switch (bit) {
    case PS_PEND_100:
        return write_100(t, tx);
    case PS_PEND_EARLIER:
    case PS_PEND_REQUEST:
        return ps_slice(tx->request.p, tx->request.n);
    default:
        return ps_slice(tx->response.p, tx->response.n);
    }
}

bool ps_tx_next_message(struct ps_transactions *t, struct ps_tx *tx,
                        struct ps_transaction_send *out)
{
    unsigned bit = tx->pending & (0u - tx->pending); /* the lowest */
    out->bytes = bytes_of(t, tx, bit);
    out->flow = &tx->flow;
    out->transaction = ps_pool_handle(&t->pool, tx);
    out->again = (tx->sent & bit) != 0;
    tx->sent |= (uint8_t)bit;
    if (tx->sent_bytes < UINT32_MAX / 2)
        tx->sent_bytes += (uint32_t)out->bytes.n;
    if (tx->pending == bit)
        ps_tx_unpend(t, tx);
    else
        tx->pending &= (uint8_t)~bit;
    t->lent = tx;
    return out->bytes.n > 0;
}
