/*
 * Goes through the worlds that can be reached, each once: see search.h. Keeps a table of those
 * seen, and the way to the one it stands in, which it prints where something goes wrong.
 *
 * Refuses to know what a world is made of, but to print it, and what can happen (search_world.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search_world.h"

/* ---- the worlds seen ---- */

enum { WHITE, GREY, BLACK };

/* Kept from one search to the next: mutants are searched by the hundred. */
static struct {
    struct search_world *worlds;
    uint8_t *colour;
    size_t size; /* a power of two */
} seen;

static void seen_empty(unsigned in_flight)
{
    if (!seen.worlds) {
        seen.size = (size_t)1 << (in_flight > 2 ? 24 : 22);
        seen.worlds = malloc(seen.size * sizeof *seen.worlds);
        seen.colour = malloc(seen.size);
    }
    if (!seen.worlds || !seen.colour)
        abort();
    memset(seen.colour, WHITE, seen.size);
}

void search_free(void)
{
    free(seen.worlds);
    free(seen.colour);
    seen.worlds = NULL;
    seen.colour = NULL;
}

static size_t slot_of(const struct search_world *w)
{
    const uint8_t *p = (const uint8_t *)w;
    uint64_t h = 14695981039346656037u;
    size_t i;
    for (i = 0; i < sizeof *w; i++)
        h = (h ^ p[i]) * 1099511628211u;
    h ^= h >> 29;
    for (i = (size_t)h & (seen.size - 1); seen.colour[i] != WHITE; i = (i + 1) & (seen.size - 1))
        if (memcmp(&seen.worlds[i], w, sizeof *w) == 0)
            break;
    return i;
}

static void enter(struct search *run, const struct search_world *w, size_t slot)
{
    seen.worlds[slot] = *w;
    seen.colour[slot] = GREY;
    if (++run->states > seen.size / 4 * 3) {
        fprintf(stderr, "search: more states than its table holds\n");
        abort();
    }
}

/* ---- the search: depth first, so that a run without an end is a way back to itself ---- */

enum { DEPTH = 4096 };

struct frame {
    size_t at;
    unsigned choice;
    bool moved;
};

struct way {
    struct frame frames[DEPTH];
    unsigned depth;
};

/* Steps into a world that was not seen before. */
static void descend(struct search *run, struct way *way, const struct search_world *w, size_t slot)
{
    if (way->depth == DEPTH)
        abort();
    enter(run, w, slot);
    way->frames[way->depth++] = (struct frame){slot, 0, false};
}

/* Steps back out of a world in which everything that can happen has. */
static void leave(struct search *run, struct way *way)
{
    const struct frame *f = &way->frames[--way->depth];
    const struct search_world *w = &seen.worlds[f->at];
    if (!f->moved && !search_world_is_over(w))
        bad(run, "stuck");
    if (!f->moved && watch_client_waits(&w->c))
        bad(run, "the user never hears of the end");
    seen.colour[f->at] = BLACK;
}

static void take_next_choice(struct search *run, struct way *way)
{
    struct frame *f = &way->frames[way->depth - 1];
    struct search_world w = seen.worlds[f->at];
    size_t slot;
    if (!search_world_happen(run, &w, f->choice++))
        return;
    f->moved = true;
    run->steps++;
    slot = slot_of(&w);
    if (seen.colour[slot] == GREY)
        bad(run, "a run without an end");
    if (seen.colour[slot] == WHITE)
        descend(run, way, &w, slot);
}

/* For whoever looks into a failure: the way to it, a choice a line. */
static void print_way(const struct way *way, const char *broken)
{
    unsigned i;
    for (i = 0; i < way->depth; i++) {
        const struct search_world *w = &seen.worlds[way->frames[i].at];
        fprintf(stderr,
                "client %s %u/%u server %s %u/%u final %u net %u.%u %u.%u %u.%u choice %u\n",
                ps_tx_state_name(w->client.state), w->client.repeat_left, w->client.bound_left,
                ps_tx_state_name(w->server.state), w->server.repeat_left, w->server.bound_left,
                w->s.final, w->net[0], w->age[0], w->net[1], w->age[1], w->net[2], w->age[2],
                way->frames[i].choice - 1);
    }
    fprintf(stderr, "%s\n", broken);
}

void search_run(struct search *s)
{
    static struct way way;
    struct search_world first = search_world_first();
    unsigned choices = search_world_choices();
    seen_empty(s->in_flight);
    memset(s->row_runs, 0, sizeof s->row_runs);
    s->states = s->steps = 0;
    s->broken = NULL;
    way.depth = 0;
    descend(s, &way, &first, slot_of(&first));
    while (way.depth && !s->broken)
        if (way.frames[way.depth - 1].choice < choices)
            take_next_choice(s, &way);
        else
            leave(s, &way);
    if (s->broken && s->explain)
        print_way(&way, s->broken);
}
