/* Both sides' transactions seen from outside, RFC 3261 17 as rules: see search_watchers.h. */
#include "search_watchers.h"

/* 17.2.1: 200 ms. RFC 4320 4.1: when a client's Timer E comes to T2. */
unsigned watch_until_100(const struct search *run)
{
    unsigned at = 0, interval = T1;
    for (; !run->invite && interval < run->t2; interval *= 2)
        at += interval;
    return run->invite ? 1 : at;
}

static void age(uint8_t *counter, unsigned most)
{
    if (*counter < most)
        ++*counter;
}

/* ---- the client's: 17.1 ---- */

void watch_client_sends(struct search *run, struct client_watcher *c)
{
    if (!watch_client_waits(c))
        bad(run, "a request after the end");
    if (run->invite && c->heard)
        bad(run, "an INVITE after a response");
    if (c->age > 0 || c->gap) {
        if (c->quiet != c->gap)
            bad(run, "a request repeated at the wrong time");
        c->gap = (uint8_t)(c->heard ? run->t2 : 2u * c->gap);
        if (!run->invite && c->gap > run->t2)
            c->gap = (uint8_t)run->t2;
    } else {
        c->gap = T1;
    }
    c->quiet = 0;
}

void watch_client_hears(struct search *run, struct client_watcher *c, enum message m)
{
    if (is_provisional(m)) {
        if (c->outcome != OPEN)
            bad(run, "a provisional after the end");
        return;
    }
    if (c->outcome == OPEN) {
        c->outcome = m == FINAL_A ? GOT_A : GOT_B;
        c->since = 0;
    } else if (!(run->invite && c->outcome == GOT_A && m == FINAL_A)) {
        bad(run, "a second final");
    }
}

void watch_client_hears_timeout(struct search *run, struct client_watcher *c, bool guard)
{
    bool rang = run->invite && c->heard;
    if (c->outcome != OPEN)
        bad(run, "a time-out after the end");
    if (guard) {
        if (!rang || c->since != GUARD || c->guarded)
            bad(run, "the guard at the wrong time");
        c->guarded = 1;
        c->since = 0;
        return;
    }
    if (rang ? !c->guarded || c->since != run->t1_64 : c->age != run->t1_64)
        bad(run, "a time-out at the wrong time");
    c->outcome = GAVE_UP;
}

/* Checks what had to follow the arrival of a response. */
static void check_received(struct search *run, const struct client_watcher *before, enum message m,
                           bool told, bool acked)
{
    bool waited = watch_client_waits(before);
    bool error = run->invite && m == FINAL_B;
    bool in_time = before->since < run->t1_64;
    bool copy = before->outcome == GOT_B && in_time && !run->reliable && !before->ended;
    if (waited && !told)
        bad(run, "a response that the user does not hear of");
    if (run->invite && m == FINAL_A && before->outcome == GOT_A && in_time && !told)
        bad(run, "a 2xx again that the user does not hear of");
    if (error && (waited || copy) && !acked)
        bad(run, "no ACK for an error response");
    if (acked && before->ended)
        bad(run, "an ACK after the transport has failed");
    if (acked && !(error && before->outcome != GOT_A && before->outcome != GAVE_UP))
        bad(run, "an ACK for something else");
}

void watch_client_received(struct search *run, struct client_watcher *c,
                           const struct client_watcher *before, enum message m, bool told,
                           bool acked)
{
    check_received(run, before, m, told, acked);
    if (!watch_client_waits(before))
        return;
    c->heard = 1;
    c->since = 0;
    if (c->outcome == OPEN && is_provisional(m))
        c->guarded = 0;
}

void watch_client_failed(struct search *run, struct client_watcher *c,
                         const struct client_watcher *before, bool told)
{
    if (told != (watch_client_waits(before) && !(run->invite && before->heard)))
        bad(run, "a transport error is told wrongly");
    if (told)
        c->outcome = GAVE_UP;
    c->ended |= c->outcome == GOT_B;
}

static void check_client_is_in_time(struct search *run, const struct client_watcher *c)
{
    bool rang = run->invite && c->heard;
    if (!run->reliable && !rang && c->quiet >= c->gap)
        bad(run, "a request not repeated in time");
    if (rang ? c->since >= (c->guarded ? run->t1_64 : GUARD) : c->age >= run->t1_64)
        bad(run, "no time-out in time");
}

void watch_client_tick(struct search *run, struct client_watcher *c)
{
    if (watch_client_waits(c)) {
        check_client_is_in_time(run, c);
        age(&c->age, run->t1_64 + 1);
        age(&c->quiet, run->t1_64 + 1);
    }
    if (c->begun && c->outcome != GAVE_UP)
        age(&c->since, GUARD + 1);
}

void watch_client_forgets(struct client_watcher *c)
{
    if (c->outcome != OPEN)
        c->age = c->quiet = c->gap = c->heard = c->guarded = 0;
    if (c->outcome == GAVE_UP)
        c->since = 0;
}

/* ---- the server's: 17.2 ---- */

bool watch_server_is_bound(const struct search *run, const struct server_watcher *s)
{
    if (!s->told || s->ended)
        return false;
    if (s->final == NONE)
        return true;
    if (run->invite && s->final == FINAL_B)
        return s->acked ? !run->reliable && s->ack_since < T4 : s->since < run->t1_64;
    return (run->invite || !run->reliable) && s->since < run->t1_64;
}

void watch_server_hears_request(struct search *run, struct server_watcher *s)
{
    if (watch_server_is_bound(run, s))
        bad(run, "the user hears of a request twice");
    *s = (struct server_watcher){.told = 1};
}

void watch_server_hears_timeout(struct search *run, struct server_watcher *s, bool guard)
{
    if (guard) {
        if (s->final != NONE || (run->invite ? s->since != GUARD : s->age != run->t1_64))
            bad(run, "the server's guard at the wrong time");
    } else if (s->final != FINAL_B || s->acked || s->since != run->t1_64) {
        bad(run, "word of a missing ACK at the wrong time");
    }
    s->ended = 1;
}

void watch_server_sends(struct search *run, struct server_watcher *s, enum message m, bool by_timer)
{
    bool error = run->invite && s->final == FINAL_B;
    if (s->ended)
        bad(run, "a response after the end");
    if (s->final != NONE && m != s->final)
        bad(run, "a final response that changes");
    if (s->acked && error)
        bad(run, "a response after the ACK");
    if (m == TRYING && s->last == NONE && s->age != watch_until_100(run))
        bad(run, "100 at the wrong time");
    if (m == TRYING && s->last == RINGING)
        bad(run, "100 after a better provisional");
    if (by_timer && error) {
        if (s->quiet != s->gap || run->reliable)
            bad(run, "an error response repeated at the wrong time");
        s->gap = (uint8_t)(2u * s->gap > run->t2 ? run->t2 : 2u * s->gap);
        s->quiet = 0;
    }
    s->last = (uint8_t)m;
}

void watch_server_answers(struct server_watcher *s, enum message final)
{
    s->final = (uint8_t) final;
    s->since = s->quiet = 0;
    s->gap = T1;
}

void watch_server_received(struct search *run, const struct server_watcher *before,
                           enum message sent, bool told)
{
    enum message expected = NONE;
    if (!watch_server_is_bound(run, before)) {
        /* on the last instant of an absorbing state both are right */
        if (!told && !before->told)
            bad(run, "a request that the user does not hear of");
        return;
    }
    if (before->final == NONE)
        expected = (enum message)before->last;
    else if (!run->invite || (before->final == FINAL_B && !before->acked))
        expected = (enum message)before->final;
    if (sent != expected)
        bad(run, "a copy of the request is answered wrongly");
}

void watch_server_received_ack(struct search *run, struct server_watcher *s, enum message m,
                               bool told)
{
    if (watch_server_is_bound(run, s) && m == ACK_2XX && s->final == FINAL_A && !told)
        bad(run, "an ACK for a 2xx that the user does not hear of");
    if (told && s->final != FINAL_A)
        bad(run, "the user hears of an ACK that is none of his");
    if (run->invite && s->final == FINAL_B && !s->ended && !s->acked) {
        s->acked = 1;
        s->ack_since = 0;
    }
}

void watch_server_failed(struct search *run, struct server_watcher *s, bool told)
{
    if (!told && !(run->invite && s->final == FINAL_B && s->acked))
        bad(run, "a transport error that the user does not hear of");
    if (told && !run->invite)
        s->ended = 1;
}

static void check_server_is_in_time(struct search *run, const struct server_watcher *s)
{
    if (s->final == NONE && s->last == NONE && s->age >= watch_until_100(run))
        bad(run, "no 100 in time");
    if (s->final == NONE && (run->invite ? s->since >= GUARD : s->age >= run->t1_64))
        bad(run, "a server that waits for ever");
    if (run->invite && s->final == FINAL_B && !s->acked) {
        if (!run->reliable && s->quiet >= s->gap)
            bad(run, "an error response not repeated in time");
        if (s->since >= run->t1_64)
            bad(run, "no word of a missing ACK");
    }
}

void watch_server_tick(struct search *run, struct server_watcher *s)
{
    if (!s->told || s->ended)
        return;
    check_server_is_in_time(run, s);
    age(&s->age, run->t1_64 + 1);
    age(&s->since, GUARD + 1);
    age(&s->quiet, run->t1_64 + 1);
    if (s->acked)
        age(&s->ack_since, T4);
}

void watch_server_forgets(const struct search *run, struct server_watcher *s)
{
    if (s->ended || (s->told && !watch_server_is_bound(run, s)))
        s->age = s->quiet = s->gap = s->last = 0;
    if (s->final != NONE)
        s->age = 0;
}
