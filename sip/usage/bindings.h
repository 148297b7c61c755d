/*
 * Keeps the registrar's bindings, and changes those of one address of record: all that a REGISTER
 * asks for, or nothing. Private to the library. Answers nobody.
 */
#ifndef PS_BINDINGS_H
#define PS_BINDINGS_H

#include "../registrar.h"
#include "../core/usage.h"

/* Names the texts that a binding keeps: canonical address of record, Contact URI, the Contact's
 * parameters but q and expires (each with its ";"), the Path as a list. */
enum ps_binding_part {
    PS_BINDING_AOR,
    PS_BINDING_CONTACT,
    PS_BINDING_PARAMS,
    PS_BINDING_PATH,
    PS_BINDING_PARTS
};

/* Says what the REGISTER that is looked at does to a binding; all 0 between two. */
enum ps_binding_mark { PS_BINDING_COMES = 1, PS_BINDING_CHANGES = 2, PS_BINDING_LEAVES = 4 };

/* Holds what a REGISTER sets. */
struct ps_terms {
    struct ps_kept text; /* the parts, one by one */
    struct ps_span span[PS_BINDING_PARTS];
    uint64_t call_id; /* a keyed hash of it */
    uint64_t end;     /* ms */
    uint32_t cseq;
    uint16_t q; /* thousandths */
    bool has_q;
    uint8_t marks; /* enum ps_binding_mark */
};

struct ps_binding {
    struct ps_object object;
    struct ps_binding *next; /* in the bucket */
    struct ps_terms is;
    struct ps_timer timer;
};

struct ps_registrar {
    struct ps_environment *env;
    struct ps_pool pool;
    struct ps_binding **bucket;
    uint32_t buckets, shortest, longest, standard;
    ps_serves serves;
    void *context;
    char date[32];
    uint8_t date_n;
};

/* Says what one Contact of a REGISTER wants. */
struct ps_wish {
    struct ps_slice contact, params;
    struct ps_uri uri;
    uint32_t expires;
    uint16_t q;
    bool has_q;
};

/*
 * Holds what a REGISTER has done, until its 200 is on its way or all is undone. The wishes are done
 * one after the other, each on what those before it have left, because equality of URIs is not
 * transitive (19.1.4): what the second finds depends on the first. What leaves is marked, and goes
 * at the end.
 */
struct ps_change {
    struct ps_registrar *r;
    const struct ps_message *m; /* the REGISTER, until it is answered */
    struct ps_slice aor;
    unsigned n;       /* of `done` */
    unsigned missing; /* wishes for a binding that find no room */
    bool full;        /* a wish found no room */
    bool adds;        /* a text is kept that was not: the list may be longer */
    struct {
        struct ps_binding *binding;
        struct ps_terms was; /* without text: it comes */
        bool replaced;       /* was.text is kept for an undoing alone */
    } done[PS_MAX_CONTACTS];
};

/* Returns the next binding of a canonical address of record after `binding` (NULL: from the start),
 * NULL at the end. Those that leave or whose time is over are passed over. */
struct ps_binding *ps_bindings_next(const struct ps_registrar *r, struct ps_slice aor,
                                    const struct ps_binding *binding);
unsigned ps_bindings_count(const struct ps_registrar *r, struct ps_slice aor);
/* Returns a text of the binding; borrowed from it. */
struct ps_slice ps_binding_part(const struct ps_binding *binding, enum ps_binding_part which);

/* Does what a wish wants. Returns 200, or 500 where the REGISTER is out of order; a lack of room is
 * noted in the change. Of a Contact named twice the last counts. */
unsigned ps_change_apply(struct ps_change *c, const struct ps_wish *wish);
/* Removes all, for "*", which stands alone and with Expires 0 (step 6). Returns 200, 400 or 500. */
unsigned ps_change_remove_all(struct ps_change *c);
/* Makes it last, or as if it had not been: one of both ends each change. The REGISTER may be gone
 * by then. */
void ps_change_commit(struct ps_change *c);
void ps_change_undo(struct ps_change *c);

/* Drops the binding whose time is over. */
struct ps_event ps_bindings_on_time(void *state, struct ps_timer *timer);

#endif
