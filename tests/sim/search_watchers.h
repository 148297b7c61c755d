/*
 * The watchers of the search (an inner header of it, see search.h): a client's and a server's
 * transaction seen from outside. A watcher is shown each message that passes, each word to the user
 * and each tick, and calls by name what breaks a rule of RFC 3261 17.1 or 17.2. What it remembers
 * tells worlds apart, so it remembers no more than the rules ask.
 *
 * Refuses to know a machine's states, timers and rows, and the network.
 */
#ifndef SEARCH_WATCHERS_H
#define SEARCH_WATCHERS_H

#include "search.h"

enum { T1 = 1, T4 = 2, GUARD = 8 };

enum message { NONE, REQUEST, ACK, ACK_2XX, TRYING, RINGING, FINAL_A, FINAL_B };
enum outcome { OPEN, GOT_A, GOT_B, GAVE_UP };

/* Ages are in ticks, and end where no rule asks any more; `gap` is the wait for the next copy,
 * `quiet` how long nothing was sent. A user's own act (it begins, rings, abandons) is written
 * straight into it. */
struct client_watcher {
    uint8_t begun, outcome, age, since, quiet, gap, heard, guarded, ended;
};
struct server_watcher {
    uint8_t told, final, age, since, acked, ack_since, quiet, gap, last, ended;
};

/* Only the first thing that goes wrong is kept. */
static inline void bad(struct search *run, const char *what)
{
    if (!run->broken)
        run->broken = what;
}

static inline bool is_provisional(enum message m)
{
    return m == TRYING || m == RINGING;
}

/* When a server that is not answered sends its 100, in ticks after the request. */
unsigned watch_until_100(const struct search *run);

/* ---- a client's ---- */

static inline bool watch_client_waits(const struct client_watcher *c)
{
    return c->begun && c->outcome == OPEN;
}

void watch_client_sends(struct search *run, struct client_watcher *c);
void watch_client_hears(struct search *run, struct client_watcher *c, enum message m);
void watch_client_hears_timeout(struct search *run, struct client_watcher *c, bool guard);
/* After a response has arrived; `before`: as it was when it came. */
void watch_client_received(struct search *run, struct client_watcher *c,
                           const struct client_watcher *before, enum message m, bool told,
                           bool acked);
/* After the transport has failed. */
void watch_client_failed(struct search *run, struct client_watcher *c,
                         const struct client_watcher *before, bool told);
void watch_client_tick(struct search *run, struct client_watcher *c);
/* Clears what no rule asks for any more: it is not to tell worlds apart. */
void watch_client_forgets(struct client_watcher *c);

/* ---- a server's ---- */

/* Is a request that arrives now one that the user has been told of? */
bool watch_server_is_bound(const struct search *run, const struct server_watcher *s);

static inline bool watch_server_is_asked(const struct server_watcher *s)
{
    return s->told && s->final == NONE && !s->ended;
}

void watch_server_hears_request(struct search *run, struct server_watcher *s);
/* The guard's time-out, or the word of a missing ACK. */
void watch_server_hears_timeout(struct search *run, struct server_watcher *s, bool guard);
void watch_server_sends(struct search *run, struct server_watcher *s, enum message m,
                        bool by_timer);
/* The user answers with a final response, the first time. */
void watch_server_answers(struct server_watcher *s, enum message final);
/* After a request has arrived; `before`: as it was when it came. */
void watch_server_received(struct search *run, const struct server_watcher *before,
                           enum message sent, bool told);
/* After an ACK has arrived. */
void watch_server_received_ack(struct search *run, struct server_watcher *s, enum message m,
                               bool told);
/* After the transport has failed. */
void watch_server_failed(struct search *run, struct server_watcher *s, bool told);
void watch_server_tick(struct search *run, struct server_watcher *s);
void watch_server_forgets(const struct search *run, struct server_watcher *s);

#endif
