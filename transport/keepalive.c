/*
 * Keeps flows open, and takes the datagrams of a SIP port that are no SIP. Knows nothing of
 * registrations.
 */
#include "keepalive.h"

#include <errno.h>

#include "stun_internal.h"

_Static_assert(PS_KEEPALIVE_ID == PS_STUN_ID, "a kept flow holds the id of its request");

enum { RTO = 500, TRIES = 7, LAST_WAIT = 16 }; /* RFC 5389 7.2.1: Rc, Rm */

void ps_keepalive_init(struct ps_keepalive *keepalive, struct ps_loop *loop, struct ps_udp *udp)
{
    memset(keepalive, 0, sizeof *keepalive);
    keepalive->loop = loop;
    keepalive->udp = udp;
}

/* ---- sending ---- */

static void send_bytes(struct ps_keepalive_flow *k, struct ps_slice bytes)
{
    k->keepalive->counters.sent++;
    (void)ps_udp_send(k->keepalive->udp, &k->flow, bytes, 0); /* if lost, the next one follows */
}

static void send_request(struct ps_keepalive_flow *k)
{
    char bytes[20];
    struct ps_writer w = ps_writer(bytes, sizeof bytes);
    ps_stun_put_request(&w, k->id);
    send_bytes(k, ps_written(&w));
}

static bool get_random(struct ps_keepalive_flow *k, void *bytes, size_t n)
{
    if (!ps_system_random(bytes, n))
        return true;
    ps_loop_failed(k->keepalive->loop, "getrandom", errno);
    return false;
}

static void on_timer(void *context);

static void wait_for(struct ps_keepalive_flow *k, uint64_t ms)
{
    ps_loop_timer_start(k->keepalive->loop, &k->timer, ps_loop_now() + ms, on_timer, k);
}

/* Waits between 80 and 100 % of the interval, at random, so that flows do not keep in step (RFC
 * 5626 4.4.1). */
static void wait_interval(struct ps_keepalive_flow *k)
{
    uint32_t chance = 0, fifth = k->interval / 5;
    (void)get_random(k, &chance, sizeof chance); /* without randomness: 80 % */
    k->tries = 0;
    wait_for(k, k->interval - fifth + chance % (fifth + 1));
}

static void tell(struct ps_keepalive_flow *k, enum ps_keepalive_event event)
{
    k->keepalive->counters.changed += event == PS_KEEPALIVE_CHANGED;
    k->keepalive->counters.lost += event == PS_KEEPALIVE_LOST;
    if (k->call)
        k->call(k->context, event, k->mapped.family ? &k->mapped : NULL);
}

static void repeat_request(struct ps_keepalive_flow *k)
{
    if (k->tries == TRIES) {
        wait_interval(k);
        tell(k, PS_KEEPALIVE_LOST);
        return;
    }
    send_request(k);
    k->tries++;
    wait_for(k,
             k->tries == TRIES ? (uint64_t)k->rto * LAST_WAIT : (uint64_t)k->rto << (k->tries - 1));
}

static void on_timer(void *context)
{
    struct ps_keepalive_flow *k = context;
    if (k->kind == PS_KEEPALIVE_CRLF) {
        send_bytes(k, PS_S("\r\n\r\n"));
        wait_interval(k);
    } else if (k->tries) {
        repeat_request(k);
    } else if (get_random(k, k->id, sizeof k->id)) {
        repeat_request(k);
    } else {
        wait_interval(k); /* a request with a predictable id is not sent */
    }
}

void ps_keepalive_start(struct ps_keepalive *keepalive, struct ps_keepalive_flow *kept,
                        const struct ps_flow *flow, enum ps_keepalive_kind kind, uint32_t interval,
                        uint32_t rto, ps_keepalive_fn call, void *context)
{
    ps_keepalive_stop(kept);
    memset(kept, 0, sizeof *kept);
    kept->keepalive = keepalive;
    kept->flow = *flow;
    kept->kind = kind;
    kept->interval = interval < 1000 ? 1000 : interval;
    kept->rto = rto ? rto : RTO;
    kept->call = call;
    kept->context = context;
    kept->next = keepalive->flows;
    keepalive->flows = kept;
    wait_for(kept, 0);
}

void ps_keepalive_stop(struct ps_keepalive_flow *kept)
{
    struct ps_keepalive_flow **at;
    if (!kept->keepalive)
        return;
    ps_loop_timer_stop(kept->keepalive->loop, &kept->timer);
    for (at = &kept->keepalive->flows; *at != kept; at = &(*at)->next)
        ;
    *at = kept->next;
    kept->keepalive = NULL;
}

/* ---- receiving ---- */

static void answer(struct ps_keepalive *keepalive, const struct ps_flow *flow,
                   const struct ps_stun *request)
{
    char bytes[PS_STUN_ANSWER];
    struct ps_writer w = ps_writer(bytes, sizeof bytes);
    ps_stun_put_answer(&w, request, &flow->remote);
    keepalive->counters.stun_answered++;
    (void)ps_udp_send(keepalive->udp, flow, ps_written(&w), 0);
}

/* Finds the flow whose request this answers, by its id and the address from which it came. */
static struct ps_keepalive_flow *asked(struct ps_keepalive *keepalive, const struct ps_flow *flow,
                                       const struct ps_stun *stun)
{
    struct ps_keepalive_flow *k;
    for (k = keepalive->flows; k; k = k->next)
        if (k->tries && memcmp(k->id, stun->id, sizeof k->id) == 0 &&
            ps_address_equal(&k->flow.remote, &flow->remote))
            return k;
    return NULL;
}

/* Takes an answer. Any answer shows that the flow is alive; one with an address shows how the
 * server sees us. */
static void take_answer(struct ps_keepalive_flow *k, const struct ps_stun *stun)
{
    struct ps_address before = k->mapped;
    wait_interval(k);
    if (!stun->mapped.family || ps_address_equal(&before, &stun->mapped))
        return;
    k->mapped = stun->mapped;
    tell(k, before.family ? PS_KEEPALIVE_CHANGED : PS_KEEPALIVE_SEEN);
}

static void take_stun(struct ps_keepalive *keepalive, const struct ps_flow *flow,
                      struct ps_slice bytes)
{
    struct ps_keepalive_flow *k = NULL;
    struct ps_stun stun;
    if (!ps_stun_read(bytes, &stun)) {
        if (stun.kind == PS_STUN_REQUEST) {
            answer(keepalive, flow, &stun);
            return;
        }
        if (stun.kind != PS_STUN_OTHER)
            k = asked(keepalive, flow, &stun);
    }
    if (k)
        take_answer(k, &stun);
    else
        keepalive->counters.stun_ignored++;
}

bool ps_keepalive_take(struct ps_keepalive *keepalive, const struct ps_flow *flow,
                       struct ps_slice bytes)
{
    switch (ps_datagram_kind(bytes)) {
    case PS_DATAGRAM_KEEPALIVE:
        keepalive->counters.ignored++;
        return true;
    case PS_DATAGRAM_STUN:
        take_stun(keepalive, flow, bytes);
        return true;
    default:
        return false;
    }
}
