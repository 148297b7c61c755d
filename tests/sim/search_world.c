/* Two machines, a network and two users, and what can happen to them: see search_world.h. */
#include <string.h>

#include "search_world.h"

enum { LIFE = T4, OFF = 255 };

/* ---- the network ---- */

/* Kept in order, so that states that differ by nothing are one. */
static void net_sort(struct search_world *w)
{
    unsigned i, j;
    for (i = 1; i < NET; i++)
        for (j = i; j > 0; j--) {
            unsigned a = w->net[j - 1] * 64u + w->age[j - 1] * 2u + w->copied[j - 1];
            unsigned b = w->net[j] * 64u + w->age[j] * 2u + w->copied[j];
            uint8_t t;
            if (a >= b)
                break;
#define SWAP(field) (t = w->field[j], w->field[j] = w->field[j - 1], w->field[j - 1] = t)
            SWAP(net);
            SWAP(age);
            SWAP(copied);
#undef SWAP
        }
}

/* Where the network is full, the message is lost: losing is always possible. */
static void net_send(const struct search *run, struct search_world *w, enum message m)
{
    unsigned i;
    for (i = 0; i < run->in_flight; i++)
        if (w->net[i] == NONE) {
            w->net[i] = (uint8_t)m;
            w->age[i] = w->copied[i] = 0;
            net_sort(w);
            return;
        }
}

static void net_remove(struct search_world *w, unsigned i)
{
    w->net[i] = NONE;
    w->age[i] = w->copied[i] = 0;
    net_sort(w);
}

/* ---- running rows: as transaction_perform.c does, in this small world ---- */

struct effect {
    bool told, acked;
    enum message sent; /* by a server */
};

static unsigned duration(const struct search *run, unsigned timer)
{
    switch (timer) {
    case PS_ON_TIMER_A:
    case PS_ON_TIMER_E:
    case PS_ON_TIMER_G:
        return T1;
    case PS_ON_TIMER_100:
        return watch_until_100(run);
    case PS_ON_TIMER_D:
    case PS_ON_TIMER_J:
        return run->reliable ? 0 : run->t1_64;
    case PS_ON_TIMER_I:
    case PS_ON_TIMER_K:
        return run->reliable ? 0 : T4;
    case PS_ON_TIMER_GUARD:
        return run->invite ? GUARD : run->t1_64;
    default:
        return run->t1_64;
    }
}

static void start(const struct search *run, struct machine_state *m, unsigned timer)
{
    if (timer > PS_ON_TIMER_100) {
        m->bound_event = (uint8_t)timer;
        m->bound_left = (uint8_t)duration(run, timer);
        return;
    }
    m->repeat_event = (uint8_t)timer;
    if (timer == PS_ON_TIMER_100 || !run->reliable)
        m->interval = m->repeat_left = (uint8_t)duration(run, timer);
}

static void start_timers(const struct search *run, struct machine_state *m,
                         const struct ps_row *row)
{
    unsigned timer;
    if (row->actions & PS_DO(DOUBLE)) {
        m->interval = (uint8_t)(2 * m->interval);
        if (m->repeat_event != PS_ON_TIMER_A && m->interval > run->t2)
            m->interval = (uint8_t)run->t2;
        m->repeat_left = m->interval;
    }
    if (row->actions & PS_DO(EVERY_T2))
        m->interval = m->repeat_left = (uint8_t)run->t2;
    for (timer = 0; timer < PS_TX_TIMER_COUNT; timer++)
        if (row->actions >> timer & 1)
            start(run, m, timer);
}

static struct machine_state without_timers(uint8_t state)
{
    return (struct machine_state){.state = state, .repeat_left = OFF, .bound_left = OFF};
}

static bool gone(const struct machine_state *m)
{
    return m->state == PS_IN_INITIAL || m->state == PS_IN_TERMINATED;
}

static const struct ps_row *row_of(struct search *run, unsigned machine,
                                   const struct machine_state *m, unsigned event, unsigned side)
{
    const struct ps_machine *table = &run->machines[machine];
    const struct ps_row *row = ps_machine_row(table, m->state, event);
    if (row)
        run->row_runs[side][row - table->rows]++;
    return row;
}

/* Of a transport error the watcher hears afterwards. */
static void client_tells(struct search *run, struct search_world *w, unsigned event, enum message m)
{
    if (event < PS_TX_TIMER_COUNT)
        watch_client_hears_timeout(run, &w->c, event == PS_ON_TIMER_GUARD);
    else if (event != PS_ON_FAILED)
        watch_client_hears(run, &w->c, m);
}

static struct effect client_event(struct search *run, struct search_world *w, unsigned event,
                                  enum message m)
{
    struct effect e = {false, false, NONE};
    struct machine_state *c = &w->client;
    const struct ps_row *row = row_of(run, run->invite ? PS_ICT : PS_NICT, c, event, 0);
    if (!row)
        return e;
    c->state = row->next;
    if (row->actions & PS_DO(STOP))
        c->repeat_left = OFF;
    if (row->actions & PS_DO(SEND_REQUEST)) {
        watch_client_sends(run, &w->c);
        net_send(run, w, REQUEST);
    }
    if (row->actions & PS_DO(SEND_ACK)) {
        e.acked = true;
        net_send(run, w, ACK);
    }
    if (row->actions & PS_DO(TELL)) {
        e.told = true;
        client_tells(run, w, event, m);
        if (run->invite && m == FINAL_A)
            net_send(run, w, ACK_2XX); /* 13.2.2.4: the user's */
    }
    start_timers(run, c, row);
    if (c->state == PS_IN_TERMINATED)
        *c = without_timers(PS_IN_TERMINATED);
    return e;
}

static void server_tells(struct search *run, struct search_world *w, unsigned event)
{
    if (event == PS_ON_BEGIN)
        watch_server_hears_request(run, &w->s);
    else if (event == PS_ON_TIMER_H || event == PS_ON_TIMER_GUARD)
        watch_server_hears_timeout(run, &w->s, event == PS_ON_TIMER_GUARD);
}

static struct effect server_event(struct search *run, struct search_world *w, unsigned event,
                                  enum message response)
{
    struct effect e = {false, false, NONE};
    struct machine_state *s = &w->server;
    const struct ps_row *row = row_of(run, run->invite ? PS_IST : PS_NIST, s, event, 1);
    if (!row)
        return e;
    s->state = row->next;
    if (response != NONE)
        s->response = (uint8_t)response;
    if (row->actions & PS_DO(TELL)) {
        e.told = true;
        server_tells(run, w, event);
    }
    if (row->actions & PS_DO(STOP))
        s->repeat_left = OFF;
    if (row->actions & PS_DO(SEND_100))
        e.sent = TRYING;
    if (row->actions & PS_DO(SEND_RESPONSE))
        e.sent = s->response ? (enum message)s->response : s->sent_100 ? TRYING : NONE;
    if (e.sent == TRYING)
        s->sent_100 = 1;
    if (e.sent != NONE) {
        watch_server_sends(run, &w->s, e.sent, event == PS_ON_TIMER_G);
        net_send(run, w, e.sent);
    }
    start_timers(run, s, row);
    if (row->actions & PS_DO(FORGET))
        s->response = NONE;
    if (s->state == PS_IN_TERMINATED)
        *s = without_timers(PS_IN_TERMINATED);
    return e;
}

/* ---- what arrives, what a user does, time ---- */

static unsigned response_event(const struct search *run, enum message m)
{
    if (is_provisional(m))
        return PS_ON_1XX;
    if (!run->invite)
        return PS_ON_FINAL;
    return m == FINAL_A ? PS_ON_2XX : PS_ON_ERROR;
}

static void request_arrives(struct search *run, struct search_world *w)
{
    struct server_watcher before = w->s;
    struct effect e;
    if (w->server.state == PS_IN_TERMINATED)
        w->server = without_timers(PS_IN_INITIAL);
    e = server_event(run, w, w->server.state == PS_IN_INITIAL ? PS_ON_BEGIN : PS_ON_AGAIN, NONE);
    watch_server_received(run, &before, e.sent, e.told);
}

static void ack_arrives(struct search *run, struct search_world *w, enum message m)
{
    struct effect e = server_event(run, w, PS_ON_ACK, NONE);
    watch_server_received_ack(run, &w->s, m, e.told);
}

/* Where the machine is gone, the response is nobody's. */
static void response_arrives(struct search *run, struct search_world *w, enum message m)
{
    struct client_watcher before = w->c;
    struct effect e = {false, false, NONE};
    if (!gone(&w->client))
        e = client_event(run, w, response_event(run, m), m);
    watch_client_received(run, &w->c, &before, m, e.told, e.acked);
}

static void deliver(struct search *run, struct search_world *w, unsigned i, bool keep)
{
    enum message m = (enum message)w->net[i];
    if (keep)
        w->copied[i] = 1;
    else
        net_remove(w, i);
    net_sort(w);
    if (m == REQUEST)
        request_arrives(run, w);
    else if (m == ACK || m == ACK_2XX)
        ack_arrives(run, w, m);
    else
        response_arrives(run, w, m);
}

/* The server's user answers. */
static void respond(struct search *run, struct search_world *w, enum message m)
{
    const struct ps_machine *machine = &run->machines[run->invite ? PS_IST : PS_NIST];
    unsigned event = response_event(run, m);
    struct effect e;
    if (!ps_machine_row(machine, w->server.state, event)) {
        if (!w->s.ended)
            bad(run, "the user's answer is refused");
        return;
    }
    if (m != RINGING && w->s.final == NONE)
        watch_server_answers(&w->s, m);
    e = server_event(run, w, event, m);
    if (e.sent != m)
        bad(run, "the user's answer is not sent");
    if (m == RINGING)
        w->s.since = 0;
}

static void tick(struct search *run, struct search_world *w)
{
    uint8_t *left[4] = {&w->client.repeat_left, &w->client.bound_left, &w->server.repeat_left,
                        &w->server.bound_left};
    unsigned i;
    watch_client_tick(run, &w->c);
    watch_server_tick(run, &w->s);
    for (i = 0; i < 4; i++)
        if (*left[i] != OFF)
            --*left[i];
    for (i = 0; i < NET; i++)
        if (w->net[i] != NONE)
            w->age[i]++;
}

bool search_world_is_over(const struct search_world *w)
{
    return gone(&w->client) && gone(&w->server);
}

static bool can_tick(const struct search_world *w)
{
    unsigned i;
    for (i = 0; i < NET; i++)
        if (w->net[i] != NONE && w->age[i] >= LIFE)
            return false;
    return w->client.repeat_left && w->client.bound_left && w->server.repeat_left &&
           w->server.bound_left && !(search_world_is_over(w) && w->net[0] == NONE);
}

/* The server's transaction ends before its time: a misfortune as a failure is, and one a run. */
static bool gives_up(struct search *run, struct search_world *w, unsigned event, enum message final)
{
    struct effect e;
    if (!w->failures)
        return false;
    w->failures--;
    if (final != NONE)
        w->s.final = (uint8_t) final;
    e = server_event(run, w, event, final);
    w->s.ended = 1;
    if (e.sent != final)
        bad(run, "something else is sent at the end");
    if (!gone(&w->server))
        bad(run, "what makes room lives on");
    return true;
}

/* ---- what can happen: a datagram's ways, then the rows of a table ---- */

static bool is_copy_of_the_last(const struct search_world *w, unsigned i)
{
    return i && w->net[i] == w->net[i - 1] && w->age[i] == w->age[i - 1] &&
           w->copied[i] == w->copied[i - 1];
}

static bool arrives(struct search *run, struct search_world *w, unsigned i)
{
    deliver(run, w, i, false);
    return true;
}

static bool is_lost(struct search *run, struct search_world *w, unsigned i)
{
    net_remove(w, i);
    return !run->reliable;
}

static bool arrives_twice(struct search *run, struct search_world *w, unsigned i)
{
    if (w->copied[i] || run->reliable)
        return false;
    deliver(run, w, i, true);
    return true;
}

typedef bool (*way)(struct search *run, struct search_world *w, unsigned i);
static const way ways[] = {arrives, is_lost, arrives_twice};
enum { WAYS = sizeof ways / sizeof ways[0] };

static bool is_due(uint8_t *left)
{
    if (*left)
        return false;
    *left = OFF;
    return true;
}

static bool client_repeats(struct search *run, struct search_world *w)
{
    bool due = is_due(&w->client.repeat_left);
    if (due)
        client_event(run, w, w->client.repeat_event, NONE);
    return due;
}

static bool client_waited(struct search *run, struct search_world *w)
{
    bool due = is_due(&w->client.bound_left);
    if (due)
        client_event(run, w, w->client.bound_event, NONE);
    return due;
}

static bool server_repeats(struct search *run, struct search_world *w)
{
    bool due = is_due(&w->server.repeat_left);
    if (due)
        server_event(run, w, w->server.repeat_event, NONE);
    return due;
}

/* A NIST's guard tells nobody: its user had the time. */
static bool server_waited(struct search *run, struct search_world *w)
{
    bool due = is_due(&w->server.bound_left);
    if (due)
        server_event(run, w, w->server.bound_event, NONE);
    return due;
}

static bool begins(struct search *run, struct search_world *w)
{
    if (w->c.begun)
        return false;
    w->c.begun = 1;
    client_event(run, w, PS_ON_BEGIN, NONE);
    return true;
}

static bool rings(struct search *run, struct search_world *w)
{
    if (!(run->invite ? watch_server_is_asked(&w->s) : w->c.begun) || !w->rings)
        return false;
    w->rings--;
    if (run->invite)
        respond(run, w, RINGING);
    else
        net_send(run, w, TRYING); /* a proxy's, on the way */
    return true;
}

static bool answers_a(struct search *run, struct search_world *w)
{
    bool asked = watch_server_is_asked(&w->s);
    if (asked)
        respond(run, w, FINAL_A);
    return asked;
}

static bool answers_b(struct search *run, struct search_world *w)
{
    bool asked = watch_server_is_asked(&w->s);
    if (asked)
        respond(run, w, FINAL_B);
    return asked;
}

static bool user_repeats_2xx(struct search *run, struct search_world *w)
{
    if (!run->invite || w->s.final != FINAL_A || !w->repeats || w->s.ended ||
        w->s.since >= run->t1_64)
        return false;
    w->repeats--;
    respond(run, w, FINAL_A);
    return true;
}

static bool client_is_abandoned(struct search *run, struct search_world *w)
{
    if (!watch_client_waits(&w->c))
        return false;
    client_event(run, w, PS_ON_ABANDON, NONE);
    w->c.outcome = GAVE_UP;
    return true;
}

static bool client_cannot_send(struct search *run, struct search_world *w)
{
    struct client_watcher before = w->c;
    struct effect e;
    if (!w->failures || !w->c.begun || gone(&w->client))
        return false;
    w->failures--;
    e = client_event(run, w, PS_ON_FAILED, NONE);
    watch_client_failed(run, &w->c, &before, e.told);
    return true;
}

static bool server_cannot_send(struct search *run, struct search_world *w)
{
    struct effect e;
    if (!w->failures || !w->s.told || gone(&w->server) || !watch_server_is_bound(run, &w->s))
        return false;
    w->failures--;
    e = server_event(run, w, PS_ON_FAILED, NONE);
    watch_server_failed(run, &w->s, e.told);
    return true;
}

static bool time_passes(struct search *run, struct search_world *w)
{
    bool can = can_tick(w);
    if (can)
        tick(run, w);
    return can;
}

static bool refuses_once(struct search *run, struct search_world *w)
{
    return run->invite && watch_server_is_asked(&w->s) && gives_up(run, w, PS_ON_ONCE, FINAL_B);
}

static bool server_is_abandoned(struct search *run, struct search_world *w)
{
    return watch_server_is_asked(&w->s) && gives_up(run, w, PS_ON_ABANDON, NONE);
}

static bool server_is_evicted(struct search *run, struct search_world *w)
{
    return !gone(&w->server) && w->s.final != NONE && gives_up(run, w, PS_ON_EVICT, NONE);
}

/* Each does it and says so, or says that it cannot happen now. */
typedef bool (*happening)(struct search *run, struct search_world *w);
static const happening happenings[] = {client_repeats,
                                       client_waited,
                                       server_repeats,
                                       server_waited,
                                       begins,
                                       rings,
                                       answers_a,
                                       answers_b,
                                       user_repeats_2xx /* 13.3.1.4 */,
                                       client_is_abandoned,
                                       client_cannot_send,
                                       server_cannot_send,
                                       time_passes,
                                       refuses_once /* 8.2.7 */,
                                       server_is_abandoned,
                                       server_is_evicted};
enum { HAPPENINGS = sizeof happenings / sizeof happenings[0] };
enum { CHOICES = WAYS * NET + HAPPENINGS };

struct search_world search_world_first(void)
{
    return (struct search_world){.client = without_timers(PS_IN_INITIAL),
                                 .server = without_timers(PS_IN_INITIAL),
                                 .rings = 1,
                                 .repeats = 1,
                                 .failures = 1};
}

unsigned search_world_choices(void)
{
    return CHOICES;
}

static bool happens(struct search *run, struct search_world *w, unsigned n)
{
    unsigned i = n % NET;
    if (n >= WAYS * NET)
        return happenings[n - WAYS * NET](run, w);
    if (w->net[i] == NONE || is_copy_of_the_last(w, i))
        return false;
    return ways[n / NET](run, w, i);
}

bool search_world_happen(struct search *run, struct search_world *w, unsigned n)
{
    if (!happens(run, w, n))
        return false;
    watch_client_forgets(&w->c);
    watch_server_forgets(run, &w->s);
    return true;
}
