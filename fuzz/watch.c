/* Remembers an application's calls: see watch.h. */
#include "watch.h"

#include "sip/message.h"

uint64_t watch_sum(struct ps_slice s)
{
    uint64_t sum = 1469598103934665603u;
    size_t i;
    for (i = 0; i < s.n; i++)
        sum = (sum ^ (uint8_t)s.p[i]) * 1099511628211u;
    return sum;
}

/* ---- objects ---- */

struct watch_call *watch_take(struct watch *w, ps_handle call, enum watch_state state)
{
    struct watch_call *k = &w->call[w->used++];
    HOLDS(w->used < WATCHED);
    k->call = call;
    k->state = state;
    return k;
}

struct watch_call *watch_find(struct watch *w, ps_handle call)
{
    unsigned i;
    for (i = w->used; call && i--;)
        if (w->call[i].call == call)
            return &w->call[i];
    return NULL;
}

/* ---- messages ---- */

static void note_bye(struct watch *w, const struct ps_message *m)
{
    uint64_t sum = watch_sum(ps_call_id(m));
    if (!ps_is_request(m) || m->method != PS_METHOD_BYE)
        return;
    w->byes[sum / 8 % sizeof w->byes] |= (uint8_t)(1 << sum % 8);
    w->any_bye = true;
}

/* Was there a BYE in that call? Sums that two Call-IDs share are passed over; a call whose Call-ID
 * is not known, or that was changed on the way, may have had any. */
static bool had_bye(const struct watch *w, const struct watch_call *k)
{
    return k->id && !k->changed ? w->byes[k->id / 8 % sizeof w->byes] >> k->id % 8 & 1 : w->any_bye;
}

/* The Call-ID of a call of ours is that of its INVITE, where only one call waits for one. */
static void note_invite(struct watch *w, const struct ps_message *m)
{
    struct watch_call *k = NULL;
    uint64_t id = watch_sum(ps_call_id(m));
    unsigned i, n = 0;
    if (!ps_is_request(m) || m->method != PS_METHOD_INVITE || ps_to_tag(m).n)
        return;
    for (i = 0; i < w->used; i++) {
        if (w->call[i].id == id)
            return;
        if (!w->call[i].id && w->call[i].state == WATCH_GOES_ON) {
            k = &w->call[i];
            n++;
        }
    }
    if (n == 1)
        k->id = id;
}

/* Whoever answers, names a tag of ours or has credentials is no forged source. */
static bool proves(const struct ps_message *m)
{
    return !ps_is_request(m) || ps_to_tag(m).n || m->method == PS_METHOD_ACK ||
           ps_header_value(m, PS_H_AUTHORIZATION, 0).n;
}

void watch_received(struct watch *w, struct ps_slice bytes)
{
    static struct ps_message m;
    bool invite = bytes.n > 7 && !memcmp(bytes.p, "INVITE ", 7);
    *(invite ? &w->invited : &w->asked) += bytes.n;
    if (ps_message_parse(&m, bytes.p, bytes.n, NULL, NULL))
        return;
    note_bye(w, &m);
    w->proven |= proves(&m);
}

/* 26.3.2.4 */
static uint64_t allowed(const struct watch *w)
{
    return w->invited * (w->taken ? PS_AMPLIFY_ANSWERED : PS_AMPLIFY_REFUSED) +
           w->asked * PS_AMPLIFY_REQUEST;
}

void watch_sent(struct watch *w, const struct ps_message *m)
{
    note_bye(w, m);
    note_invite(w, m);
    w->sent += m->n;
    HOLDS(w->proven || w->sent <= allowed(w));
}

/* ---- events ---- */

static void look_at(struct watch *w, struct watch_call *k, const struct ps_event *e)
{
    HOLDS(k && k->state != WATCH_GONE && e->user == k);
    k->changed |= e->message && watch_sum(ps_call_id(e->message)) != k->id;
    if (e->kind != PS_EVENT_CALL_ENDED)
        return;
    HOLDS(e->status != 200 || had_bye(w, k));
    HOLDS(ps_call_hangup(w->calls, e->call) == PS_E_STALE);
    k->state = WATCH_GONE;
}

void watch_event(struct watch *w, const struct ps_event *e)
{
    struct watch_call *k = watch_find(w, e->call);
    if (e->kind == PS_EVENT_CALL_INCOMING) {
        HOLDS(!k && !e->user && e->call && e->message);
        k = watch_take(w, e->call, WATCH_RINGS);
        k->id = watch_sum(ps_call_id(e->message));
        ps_call_set_user(w->calls, e->call, k);
    } else if (e->call) {
        look_at(w, k, e);
    } else {
        HOLDS(!e->user); /* only calls have one here */
    }
}

/* One that the application has not heard of yet may live: its next hop is looked up. */
void watch_calls(struct watch *w)
{
    ps_handle call;
    unsigned i;
    for (i = 0; i < w->used; i++)
        if (w->call[i].state != WATCH_GONE)
            HOLDS(ps_call_user(w->calls, w->call[i].call) == &w->call[i]);
    for (call = ps_call_next(w->calls, 0); call; call = ps_call_next(w->calls, call)) {
        const struct watch_call *k = watch_find(w, call);
        HOLDS(!k || k->state != WATCH_GONE);
    }
}

/* ---- what the user does ---- */

void watch_answer(struct watch *w, ps_handle call, struct ps_slice type, struct ps_slice body)
{
    struct watch_call *k = watch_find(w, call);
    if (ps_call_answer(w->calls, call, type, body))
        return;
    HOLDS(k && k->state != WATCH_GONE); /* the next hop of one that nobody heard of is unknown */
    k->state = WATCH_GOES_ON;
    w->taken = true;
}

static void is_over(struct watch *w, ps_handle call, struct watch_call *k)
{
    if (!k)
        k = watch_take(w, call, WATCH_GONE);
    k->state = WATCH_GONE;
    HOLDS(!ps_call_user(w->calls, call));
    HOLDS(ps_call_reject(w->calls, call, 486, PS_NONE) == PS_E_STALE);
    HOLDS(ps_call_hangup(w->calls, call) == PS_E_STALE);
}

void watch_reject(struct watch *w, ps_handle call, unsigned status, struct ps_slice lines)
{
    struct watch_call *k = watch_find(w, call);
    enum ps_error error = ps_call_reject(w->calls, call, status, lines);
    if (!call)
        return;
    HOLDS(error == PS_OK || error == PS_E_STATE);
    if (!k || k->state == WATCH_RINGS) {
        HOLDS(error == PS_OK);
        is_over(w, call, k);
    }
}

void watch_hangup(struct watch *w, ps_handle call)
{
    struct watch_call *k = watch_find(w, call);
    enum ps_error error = ps_call_hangup(w->calls, call);
    if (call && (!k || k->state == WATCH_RINGS)) {
        HOLDS(error == PS_OK);
        is_over(w, call, k);
    }
}
