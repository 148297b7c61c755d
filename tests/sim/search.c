/* Exhaustive search over a client and a server machine: see search.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"

static struct search *run;
static const char *broken;

enum { T1 = 1, T4 = 2, GUARD = 8, LIFE = T4, OFF = 255, NET = 4 };
#define T2 (run->t2)
#define W (run->t1_64)

enum message { NONE, REQUEST, ACK, ACK_2XX, TRYING, RINGING, FINAL_A, FINAL_B };
enum outcome { OPEN, GOT_A, GOT_B, GAVE_UP };

struct machine_state {
    uint8_t state, repeat_event, repeat_left, interval, bound_event, bound_left;
    uint8_t response; /* kept by a server, or the client's ACK */
    uint8_t sent_100;
};

/* All bytes: two states are equal when their bytes are. */
struct world {
    struct machine_state client, server;
    uint8_t net[NET], age[NET], copied[NET];
    /* the client's watcher */
    uint8_t c_outcome, c_age, c_since, c_quiet, c_gap, c_heard, c_guarded, c_ended;
    /* the server's watcher */
    uint8_t s_told, s_final, s_age, s_since, s_acked, s_ack_since, s_quiet, s_gap, s_last, s_ended,
        s_first;
    /* what the users may still do */
    uint8_t rings, repeats, failures, begun;
};

static void bad(const char *what)
{
    if (!broken)
        broken = what;
}

/* 17.2.1: 200 ms. RFC 4320 4.1: when a client's Timer E comes to T2. */
static unsigned until_100(void)
{
    unsigned at = 0, interval = T1;
    for (; !run->invite && interval < T2; interval *= 2)
        at += interval;
    return run->invite ? 1 : at;
}

/* ---- the network ---- */

/* Kept in order, so that states that differ by nothing are one. */
static void net_sort(struct world *w)
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
static void net_send(struct world *w, enum message m)
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

static void net_remove(struct world *w, unsigned i)
{
    w->net[i] = NONE;
    w->age[i] = w->copied[i] = 0;
    net_sort(w);
}

/* ---- the client's watcher: 17.1 seen from outside ---- */

static bool c_waiting(const struct world *w)
{
    return w->begun && w->c_outcome == OPEN;
}

static void c_sends_request(struct world *w)
{
    if (!c_waiting(w))
        bad("a request after the end");
    if (run->invite && w->c_heard)
        bad("an INVITE after a response");
    if (w->c_age > 0 || w->c_gap) {
        if (w->c_quiet != w->c_gap)
            bad("a request repeated at the wrong time");
        w->c_gap = (uint8_t)(w->c_heard ? T2 : 2u * w->c_gap);
        if (!run->invite && w->c_gap > T2)
            w->c_gap = (uint8_t)T2;
    } else {
        w->c_gap = T1;
    }
    w->c_quiet = 0;
}

static void c_hears(struct world *w, enum message m)
{
    if (m == TRYING || m == RINGING) {
        if (w->c_outcome != OPEN)
            bad("a provisional after the end");
        return;
    }
    if (w->c_outcome == OPEN) {
        w->c_outcome = m == FINAL_A ? GOT_A : GOT_B;
        w->c_since = 0;
    } else if (!(run->invite && w->c_outcome == GOT_A && m == FINAL_A)) {
        bad("a second final");
    }
}

static void c_hears_timeout(struct world *w, bool guard)
{
    if (w->c_outcome != OPEN)
        bad("a time-out after the end");
    if (guard) {
        if (!run->invite || !w->c_heard || w->c_since != GUARD || w->c_guarded)
            bad("the guard at the wrong time");
        w->c_guarded = 1;
        w->c_since = 0;
        return;
    }
    if (run->invite && w->c_heard ? !w->c_guarded || w->c_since != W : w->c_age != W)
        bad("a time-out at the wrong time");
    w->c_outcome = GAVE_UP;
}

/* Checks what had to follow the arrival of a response. */
static void c_after(const struct world *before, enum message m, bool told, bool acked)
{
    bool error = run->invite && m == FINAL_B;
    bool copy =
        before->c_outcome == GOT_B && before->c_since < W && !run->reliable && !before->c_ended;
    if (c_waiting(before) && !told)
        bad("a response that the user does not hear of");
    if (run->invite && m == FINAL_A && before->c_outcome == GOT_A && before->c_since < W && !told)
        bad("a 2xx again that the user does not hear of");
    if (error && (c_waiting(before) || copy) && !acked)
        bad("no ACK for an error response");
    if (acked && before->c_ended)
        bad("an ACK after the transport has failed");
    if (acked && !(error && before->c_outcome != GOT_A && before->c_outcome != GAVE_UP))
        bad("an ACK for something else");
}

static void c_before_tick(const struct world *w)
{
    if (!c_waiting(w))
        return;
    if (!run->reliable && !(run->invite && w->c_heard) && w->c_quiet >= w->c_gap)
        bad("a request not repeated in time");
    if (run->invite && w->c_heard ? w->c_since >= (w->c_guarded ? W : GUARD) : w->c_age >= W)
        bad("no time-out in time");
}

/* ---- the server's watcher: 17.2 seen from outside ---- */

/* Is the request that arrives one that the user has been told of? */
static bool s_bound(const struct world *w)
{
    if (!w->s_told || w->s_ended)
        return false;
    if (w->s_final == NONE)
        return true;
    if (run->invite && w->s_final == FINAL_B)
        return w->s_acked ? !run->reliable && w->s_ack_since < T4 : w->s_since < W;
    return (run->invite || !run->reliable) && w->s_since < W;
}

static void s_hears_request(struct world *w)
{
    if (s_bound(w))
        bad("the user hears of a request twice");
    w->s_told = 1;
    w->s_final = w->s_last = NONE;
    w->s_age = w->s_since = w->s_acked = w->s_ack_since = w->s_quiet = w->s_gap = w->s_ended = 0;
    w->s_first = 1;
}

static void s_sends(struct world *w, enum message m, bool by_timer)
{
    if (w->s_ended)
        bad("a response after the end");
    if (w->s_final != NONE && m != w->s_final)
        bad("a final response that changes");
    if (w->s_acked && w->s_final == FINAL_B && run->invite)
        bad("a response after the ACK");
    if (m == TRYING && w->s_last == NONE && w->s_age != until_100())
        bad("100 at the wrong time");
    if (m == TRYING && w->s_last == RINGING)
        bad("100 after a better provisional");
    if (by_timer && w->s_final == FINAL_B && run->invite) {
        if (w->s_quiet != w->s_gap || run->reliable)
            bad("an error response repeated at the wrong time");
        w->s_gap = (uint8_t)(2u * w->s_gap > T2 ? T2 : 2u * w->s_gap);
        w->s_quiet = 0;
    }
    w->s_last = (uint8_t)m;
}

/* Checks what had to follow the arrival of a copy of the request. */
static void s_after_request(const struct world *before, enum message sent, bool told)
{
    bool bound = s_bound(before);
    enum message expected = NONE;
    if (!bound) {
        /* on the last instant of an absorbing state both are right */
        if (!told && !before->s_told)
            bad("a request that the user does not hear of");
        return;
    }
    if (before->s_final == NONE)
        expected = (enum message)before->s_last;
    else if (!run->invite || (before->s_final == FINAL_B && !before->s_acked))
        expected = (enum message)before->s_final;
    if (sent != expected)
        bad("a copy of the request is answered wrongly");
}

static void s_before_tick(const struct world *w)
{
    if (!w->s_told || w->s_ended)
        return;
    if (w->s_final == NONE && w->s_last == NONE && w->s_age >= until_100())
        bad("no 100 in time");
    if (w->s_final == NONE && (run->invite ? w->s_since >= GUARD : w->s_age >= W))
        bad("a server that waits for ever");
    if (run->invite && w->s_final == FINAL_B && !w->s_acked) {
        if (!run->reliable && w->s_quiet >= w->s_gap)
            bad("an error response not repeated in time");
        if (w->s_since >= W)
            bad("no word of a missing ACK");
    }
}

/* ---- running rows: as transaction_perform.c does, in this small world ---- */

struct effect {
    bool told, acked;
    enum message sent; /* by a server */
};

static unsigned duration(unsigned timer)
{
    switch (timer) {
    case PS_ON_TIMER_A:
    case PS_ON_TIMER_E:
    case PS_ON_TIMER_G:
        return T1;
    case PS_ON_TIMER_100:
        return until_100();
    case PS_ON_TIMER_D:
    case PS_ON_TIMER_J:
        return run->reliable ? 0 : W;
    case PS_ON_TIMER_I:
    case PS_ON_TIMER_K:
        return run->reliable ? 0 : T4;
    case PS_ON_TIMER_GUARD:
        return run->invite ? GUARD : W;
    default:
        return W;
    }
}

static void start(struct machine_state *m, unsigned timer)
{
    if (timer > PS_ON_TIMER_100) {
        m->bound_event = (uint8_t)timer;
        m->bound_left = (uint8_t)duration(timer);
        return;
    }
    m->repeat_event = (uint8_t)timer;
    if (timer == PS_ON_TIMER_100 || !run->reliable)
        m->interval = m->repeat_left = (uint8_t)duration(timer);
}

static void start_timers(struct machine_state *m, const struct ps_row *row)
{
    unsigned timer;
    if (row->actions & PS_DO(DOUBLE)) {
        m->interval = (uint8_t)(2 * m->interval);
        if (m->repeat_event != PS_ON_TIMER_A && m->interval > T2)
            m->interval = (uint8_t)T2;
        m->repeat_left = m->interval;
    }
    if (row->actions & PS_DO(EVERY_T2))
        m->interval = m->repeat_left = (uint8_t)T2;
    for (timer = 0; timer < PS_TX_TIMER_COUNT; timer++)
        if (row->actions >> timer & 1)
            start(m, timer);
}

static void ended(struct machine_state *m)
{
    memset(m, 0, sizeof *m);
    m->state = PS_IN_TERMINATED;
    m->repeat_left = m->bound_left = OFF;
}

static const struct ps_row *row_of(unsigned machine, const struct machine_state *m, unsigned event,
                                   unsigned side)
{
    const struct ps_machine *table = &run->machines[machine];
    const struct ps_row *row = ps_machine_row(table, m->state, event);
    if (row)
        run->row_runs[side][row - table->rows]++;
    return row;
}

static void c_tell(struct world *w, unsigned event, enum message m)
{
    if (event == PS_ON_FAILED)
        w->c_outcome = GAVE_UP;
    else if (event < PS_TX_TIMER_COUNT)
        c_hears_timeout(w, event == PS_ON_TIMER_GUARD);
    else
        c_hears(w, m);
}

static struct effect client_event(struct world *w, unsigned event, enum message m)
{
    struct effect e = {false, false, NONE};
    struct machine_state *c = &w->client;
    const struct ps_row *row = row_of(run->invite ? PS_ICT : PS_NICT, c, event, 0);
    if (!row)
        return e;
    c->state = row->next;
    if (row->actions & PS_DO(STOP))
        c->repeat_left = OFF;
    if (row->actions & PS_DO(SEND_REQUEST)) {
        c_sends_request(w);
        net_send(w, REQUEST);
    }
    if (row->actions & PS_DO(SEND_ACK)) {
        e.acked = true;
        net_send(w, ACK);
    }
    if (row->actions & PS_DO(TELL)) {
        e.told = true;
        c_tell(w, event, m);
        if (run->invite && m == FINAL_A)
            net_send(w, ACK_2XX); /* 13.2.2.4: the user's */
    }
    start_timers(c, row);
    if (c->state == PS_IN_TERMINATED)
        ended(c);
    return e;
}

static void s_tell(struct world *w, unsigned event)
{
    if (event == PS_ON_BEGIN) {
        s_hears_request(w);
    } else if (event == PS_ON_TIMER_H) {
        if (w->s_final != FINAL_B || w->s_acked || w->s_since != W)
            bad("word of a missing ACK at the wrong time");
        w->s_ended = 1;
    } else if (event == PS_ON_TIMER_GUARD) {
        if (w->s_final != NONE || (run->invite ? w->s_since != GUARD : w->s_age != W))
            bad("the server's guard at the wrong time");
        w->s_ended = 1;
    } else if (event == PS_ON_FAILED && !run->invite) {
        w->s_ended = 1;
    }
}

static struct effect server_event(struct world *w, unsigned event, enum message response)
{
    struct effect e = {false, false, NONE};
    struct machine_state *s = &w->server;
    const struct ps_row *row = row_of(run->invite ? PS_IST : PS_NIST, s, event, 1);
    if (!row)
        return e;
    s->state = row->next;
    if (response != NONE)
        s->response = (uint8_t)response;
    if (row->actions & PS_DO(TELL)) {
        e.told = true;
        s_tell(w, event);
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
        s_sends(w, e.sent, event == PS_ON_TIMER_G);
        net_send(w, e.sent);
    }
    start_timers(s, row);
    if (row->actions & PS_DO(FORGET))
        s->response = NONE;
    if (s->state == PS_IN_TERMINATED)
        ended(s);
    return e;
}

/* ---- everything that can happen ---- */

static void request_arrives(struct world *w)
{
    struct world before = *w;
    struct effect e;
    if (w->server.state == PS_IN_TERMINATED) {
        memset(&w->server, 0, sizeof w->server);
        w->server.repeat_left = w->server.bound_left = OFF;
    }
    e = server_event(w, w->server.state == PS_IN_INITIAL ? PS_ON_BEGIN : PS_ON_AGAIN, NONE);
    s_after_request(&before, e.sent, e.told);
}

static void ack_arrives(struct world *w, enum message m)
{
    bool bound = s_bound(w);
    struct effect e = server_event(w, PS_ON_ACK, NONE);
    if (bound && m == ACK_2XX && w->s_final == FINAL_A && !e.told)
        bad("an ACK for a 2xx that the user does not hear of");
    if (e.told && w->s_final != FINAL_A)
        bad("the user hears of an ACK that is none of his");
    if (run->invite && w->s_final == FINAL_B && !w->s_ended && !w->s_acked) {
        w->s_acked = 1;
        w->s_ack_since = 0;
    }
}

static void response_arrives(struct world *w, enum message m)
{
    struct world before = *w;
    struct effect e;
    unsigned event = m == TRYING || m == RINGING ? PS_ON_1XX
                     : !run->invite              ? PS_ON_FINAL
                     : m == FINAL_A              ? PS_ON_2XX
                                                 : PS_ON_ERROR;
    if (w->client.state == PS_IN_INITIAL || w->client.state == PS_IN_TERMINATED) {
        c_after(&before, m, false, false);
        return;
    }
    e = client_event(w, event, m);
    if (c_waiting(&before)) {
        w->c_heard = 1;
        w->c_guarded = w->c_outcome == OPEN && (m == TRYING || m == RINGING) ? 0 : w->c_guarded;
        w->c_since = 0;
    }
    c_after(&before, m, e.told, e.acked);
}

static void deliver(struct world *w, unsigned i, bool keep)
{
    enum message m = (enum message)w->net[i];
    if (keep)
        w->copied[i] = 1;
    else
        net_remove(w, i);
    net_sort(w);
    if (m == REQUEST)
        request_arrives(w);
    else if (m == ACK || m == ACK_2XX)
        ack_arrives(w, m);
    else
        response_arrives(w, m);
}

/* The server's user answers. */
static void respond(struct world *w, enum message m)
{
    unsigned event = m == RINGING   ? PS_ON_1XX
                     : !run->invite ? PS_ON_FINAL
                     : m == FINAL_A ? PS_ON_2XX
                                    : PS_ON_ERROR;
    bool again = w->s_final != NONE;
    struct effect e;
    if (!ps_machine_row(&run->machines[run->invite ? PS_IST : PS_NIST], w->server.state, event)) {
        if (!w->s_ended)
            bad("the user's answer is refused");
        return;
    }
    if (m != RINGING && !again) {
        w->s_final = (uint8_t)m;
        w->s_since = w->s_quiet = 0;
        w->s_gap = T1;
    }
    e = server_event(w, event, m);
    if (e.sent != m)
        bad("the user's answer is not sent");
    if (m == RINGING)
        w->s_since = 0;
}

static void age(uint8_t *counter, unsigned most)
{
    if (*counter < most)
        ++*counter;
}

static void tick(struct world *w)
{
    uint8_t *left[4] = {&w->client.repeat_left, &w->client.bound_left, &w->server.repeat_left,
                        &w->server.bound_left};
    unsigned i;
    c_before_tick(w);
    s_before_tick(w);
    for (i = 0; i < 4; i++)
        if (*left[i] != OFF)
            --*left[i];
    for (i = 0; i < NET; i++)
        if (w->net[i] != NONE)
            w->age[i]++;
    if (c_waiting(w)) {
        age(&w->c_age, W + 1);
        age(&w->c_quiet, W + 1);
    }
    if (w->begun && w->c_outcome != GAVE_UP)
        age(&w->c_since, GUARD + 1);
    if (w->s_told && !w->s_ended) {
        age(&w->s_age, W + 1);
        age(&w->s_since, GUARD + 1);
        age(&w->s_quiet, W + 1);
        if (w->s_acked)
            age(&w->s_ack_since, T4);
    }
}

static bool gone(const struct machine_state *m)
{
    return m->state == PS_IN_INITIAL || m->state == PS_IN_TERMINATED;
}

static bool can_tick(const struct world *w)
{
    unsigned i;
    for (i = 0; i < NET; i++)
        if (w->net[i] != NONE && w->age[i] >= LIFE)
            return false;
    return w->client.repeat_left && w->client.bound_left && w->server.repeat_left &&
           w->server.bound_left && !(gone(&w->client) && gone(&w->server) && w->net[0] == NONE);
}

/* When no watcher can ask any more, what it remembers no longer tells worlds apart. */
static void forget(struct world *w)
{
    if (w->c_outcome != OPEN)
        w->c_age = w->c_quiet = w->c_gap = w->c_heard = w->c_guarded = 0;
    if (w->c_outcome == GAVE_UP)
        w->c_since = 0;
    if (w->s_ended || (w->s_told && !s_bound(w)))
        w->s_age = w->s_quiet = w->s_gap = w->s_last = 0;
    if (w->s_final != NONE)
        w->s_age = 0;
}

/* The server's transaction ends before its time: a misfortune as a failure is, and one a run. */
static bool gives_up(struct world *w, unsigned event, enum message final)
{
    struct effect e;
    if (!w->failures)
        return false;
    w->failures--;
    if (final != NONE)
        w->s_final = (uint8_t) final;
    e = server_event(w, event, final);
    w->s_ended = 1;
    if (e.sent != final)
        bad("something else is sent at the end");
    if (!gone(&w->server))
        bad("what makes room lives on");
    return true;
}

/* ---- what can happen: a datagram's ways, then the rows of a table ---- */

static bool is_copy_of_the_last(const struct world *w, unsigned i)
{
    return i && w->net[i] == w->net[i - 1] && w->age[i] == w->age[i - 1] &&
           w->copied[i] == w->copied[i - 1];
}

static bool arrives(struct world *w, unsigned i)
{
    deliver(w, i, false);
    return true;
}

static bool is_lost(struct world *w, unsigned i)
{
    net_remove(w, i);
    return !run->reliable;
}

static bool arrives_twice(struct world *w, unsigned i)
{
    if (w->copied[i] || run->reliable)
        return false;
    deliver(w, i, true);
    return true;
}

static bool (*const ways[])(struct world *, unsigned) = {arrives, is_lost, arrives_twice};
enum { WAYS = sizeof ways / sizeof ways[0] };

static bool is_due(uint8_t *left)
{
    if (*left)
        return false;
    *left = OFF;
    return true;
}

static bool client_repeats(struct world *w)
{
    bool due = is_due(&w->client.repeat_left);
    if (due)
        client_event(w, w->client.repeat_event, NONE);
    return due;
}

static bool client_waited(struct world *w)
{
    bool due = is_due(&w->client.bound_left);
    if (due)
        client_event(w, w->client.bound_event, NONE);
    return due;
}

static bool server_repeats(struct world *w)
{
    bool due = is_due(&w->server.repeat_left);
    if (due)
        server_event(w, w->server.repeat_event, NONE);
    return due;
}

/* A NIST's guard tells nobody: its user had the time. */
static bool server_waited(struct world *w)
{
    bool due = is_due(&w->server.bound_left);
    if (due)
        server_event(w, w->server.bound_event, NONE);
    return due;
}

static bool begins(struct world *w)
{
    if (w->begun)
        return false;
    w->begun = 1;
    client_event(w, PS_ON_BEGIN, NONE);
    return true;
}

static bool is_asked(const struct world *w)
{
    return w->s_told && w->s_final == NONE && !w->s_ended;
}

static bool rings(struct world *w)
{
    if (!(run->invite ? is_asked(w) : w->begun) || !w->rings)
        return false;
    w->rings--;
    if (run->invite)
        respond(w, RINGING);
    else
        net_send(w, TRYING); /* a proxy's, on the way */
    return true;
}

static bool answers_a(struct world *w)
{
    bool asked = is_asked(w);
    if (asked)
        respond(w, FINAL_A);
    return asked;
}

static bool answers_b(struct world *w)
{
    bool asked = is_asked(w);
    if (asked)
        respond(w, FINAL_B);
    return asked;
}

static bool user_repeats_2xx(struct world *w)
{
    if (!run->invite || w->s_final != FINAL_A || !w->repeats || w->s_ended || w->s_since >= W)
        return false;
    w->repeats--;
    respond(w, FINAL_A);
    return true;
}

static bool client_is_abandoned(struct world *w)
{
    if (!c_waiting(w))
        return false;
    client_event(w, PS_ON_ABANDON, NONE);
    w->c_outcome = GAVE_UP;
    return true;
}

static bool client_cannot_send(struct world *w)
{
    bool waits = c_waiting(w) && !(run->invite && w->c_heard);
    if (!w->failures || !w->begun || gone(&w->client))
        return false;
    w->failures--;
    if (waits != client_event(w, PS_ON_FAILED, NONE).told)
        bad("a transport error is told wrongly");
    w->c_ended |= w->c_outcome == GOT_B;
    return true;
}

static bool server_cannot_send(struct world *w)
{
    if (!w->failures || !w->s_told || gone(&w->server) || !s_bound(w))
        return false;
    w->failures--;
    if (!server_event(w, PS_ON_FAILED, NONE).told &&
        !(run->invite && w->s_final == FINAL_B && w->s_acked))
        bad("a transport error that the user does not hear of");
    return true;
}

static bool time_passes(struct world *w)
{
    bool can = can_tick(w);
    if (can)
        tick(w);
    return can;
}

static bool refuses_once(struct world *w)
{
    return run->invite && is_asked(w) && gives_up(w, PS_ON_ONCE, FINAL_B);
}

static bool server_is_abandoned(struct world *w)
{
    return is_asked(w) && gives_up(w, PS_ON_ABANDON, NONE);
}

static bool server_is_evicted(struct world *w)
{
    return !gone(&w->server) && w->s_final != NONE && gives_up(w, PS_ON_EVICT, NONE);
}

/* Each does it and says so, or says that it cannot happen now. */
static bool (*const happenings[])(struct world *) = {client_repeats,
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

/* The nth thing that can happen to `w`; false where it cannot. */
static bool happen(struct world *w, unsigned n)
{
    unsigned i = n % NET;
    if (n >= WAYS * NET)
        return happenings[n - WAYS * NET](w);
    if (w->net[i] == NONE || is_copy_of_the_last(w, i))
        return false;
    return ways[n / NET](w, i);
}

/* ---- the search: depth first, so that a run without an end is a way back to itself ---- */

enum { WHITE, GREY, BLACK };
static struct world *worlds;
static uint8_t *colour;
static size_t table_size;

static void table_grow(size_t n)
{
    table_size = n;
    worlds = realloc(worlds, n * sizeof *worlds);
    colour = realloc(colour, n);
    if (!worlds || !colour)
        abort();
}

static size_t slot_of(const struct world *w)
{
    const uint8_t *p = (const uint8_t *)w;
    uint64_t h = 14695981039346656037u;
    size_t i;
    for (i = 0; i < sizeof *w; i++)
        h = (h ^ p[i]) * 1099511628211u;
    h ^= h >> 29;
    for (i = (size_t)h & (table_size - 1); colour[i] != WHITE; i = (i + 1) & (table_size - 1))
        if (memcmp(&worlds[i], w, sizeof *w) == 0)
            break;
    return i;
}

static size_t enter(const struct world *w)
{
    size_t i = slot_of(w);
    worlds[i] = *w;
    colour[i] = GREY;
    if (++run->states > table_size / 4 * 3) {
        fprintf(stderr, "search: more states than its table holds\n");
        abort();
    }
    return i;
}

struct frame {
    size_t at;
    unsigned choice;
    bool moved;
};

static void print_way(const struct frame *stack, unsigned depth);

static void search_from(const struct world *first)
{
    enum { DEPTH = 4096 };
    static struct frame stack[DEPTH];
    unsigned depth = 1;
    stack[0] = (struct frame){enter(first), 0, false};
    while (depth && !broken) {
        struct frame *f = &stack[depth - 1];
        struct world w = worlds[f->at];
        size_t i;
        if (f->choice == CHOICES) {
            if (!f->moved && !(gone(&w.client) && gone(&w.server)))
                bad("stuck");
            if (!f->moved && c_waiting(&w))
                bad("the user never hears of the end");
            colour[f->at] = BLACK;
            depth--;
            continue;
        }
        if (!happen(&w, f->choice++))
            continue;
        f->moved = true;
        run->steps++;
        forget(&w);
        i = slot_of(&w);
        if (colour[i] == GREY)
            bad("a run without an end");
        if (colour[i] == WHITE) {
            if (depth == DEPTH)
                abort();
            stack[depth++] = (struct frame){enter(&w), 0, false};
        }
    }
    if (broken && run->explain)
        print_way(stack, depth);
}

/* For whoever looks into a failure: the way to it, a choice a line. */
static void print_way(const struct frame *stack, unsigned depth)
{
    unsigned i;
    for (i = 0; i < depth; i++) {
        const struct world *w = &worlds[stack[i].at];
        fprintf(stderr,
                "client %s %u/%u server %s %u/%u final %u net %u.%u %u.%u %u.%u choice %u\n",
                ps_tx_state_name(w->client.state), w->client.repeat_left, w->client.bound_left,
                ps_tx_state_name(w->server.state), w->server.repeat_left, w->server.bound_left,
                w->s_final, w->net[0], w->age[0], w->net[1], w->age[1], w->net[2], w->age[2],
                stack[i].choice - 1);
    }
    fprintf(stderr, "%s\n", broken);
}

void search_run(struct search *s)
{
    struct world first;
    if (!worlds)
        table_grow((size_t)1 << (s->in_flight > 2 ? 24 : 22));
    memset(colour, WHITE, table_size);
    memset(&first, 0, sizeof first);
    memset(s->row_runs, 0, sizeof s->row_runs);
    first.client.repeat_left = first.client.bound_left = OFF;
    first.server.repeat_left = first.server.bound_left = OFF;
    first.rings = 1;
    first.repeats = 1;
    first.failures = 1;
    s->states = s->steps = 0;
    s->broken = broken = NULL;
    run = s;
    search_from(&first);
    s->broken = broken;
}

void search_free(void)
{
    free(worlds);
    free(colour);
    worlds = NULL;
    colour = NULL;
}
