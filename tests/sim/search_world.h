/*
 * The world of the search (an inner header of it, see search.h): a client's machine, a server's,
 * the network between them, what both users may still do, and the watchers beside them. All that
 * changes a world is a numbered list of things that can happen to it.
 *
 * Refuses to know which worlds were seen, and the rules: those are the watchers', but for what only
 * shows here, such as an answer that a machine refuses.
 */
#ifndef SEARCH_WORLD_H
#define SEARCH_WORLD_H

#include "search_watchers.h"

enum { NET = 4 };

struct machine_state {
    uint8_t state, repeat_event, repeat_left, interval, bound_event, bound_left;
    uint8_t response; /* kept by a server, or the client's ACK */
    uint8_t sent_100;
};

/* All bytes: two worlds are equal when their bytes are. */
struct search_world {
    struct machine_state client, server;
    uint8_t net[NET], age[NET], copied[NET];
    struct client_watcher c;
    struct server_watcher s;
    /* what the users may still do */
    uint8_t rings, repeats, failures;
};
_Static_assert(_Alignof(struct search_world) == 1, "a world has no padding");

struct search_world search_world_first(void);
/* How many things can happen, at most. */
unsigned search_world_choices(void);
/* Does the nth thing that can happen to `w`; false where it cannot, and then `w` is spoilt. */
bool search_world_happen(struct search *run, struct search_world *w, unsigned n);
/* Is neither machine alive? */
bool search_world_is_over(const struct search_world *w);

#endif
