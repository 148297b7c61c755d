/*
 * Holds what every layer of a stack shares: time, timers, kept bytes, secrets, settings, counters,
 * trace.
 *
 * Belongs to one stack, whose layers get a pointer to it. Knows no layer.
 */
#ifndef PS_ENVIRONMENT_H
#define PS_ENVIRONMENT_H

#include "../address.h"
#include "../observe.h"
#include "siphash.h"
#include "timer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Names the kinds of objects in handles and of timers: which layer owns them. */
enum ps_kind {
    PS_KIND_NONE,
    PS_KIND_TRANSACTION,
    PS_KIND_REQUEST,
    PS_KIND_DIALOG,
    PS_KIND_CALL,
    PS_KIND_REGISTRATION,
    PS_KIND_SUBSCRIPTION,
    PS_KIND_PUBLICATION,
    PS_KIND_BINDING,
    PS_KIND_OTHER,
    PS_KINDS
};

struct ps_stack; /* opaque here */
struct ps_transactions;
struct ps_dialogs;
struct ps_requests;
struct ps_responder;
struct ps_account;
struct ps_usage;

/* Lists what this end understands, for headers; empty ones are neither written nor checked. */
struct ps_capabilities {
    struct ps_slice allow, supported;
    struct ps_slice accept, accept_message; /* types of session descriptions, of MESSAGE bodies */
};

struct ps_environment {
    uint64_t now; /* set by whoever feeds the stack, before anything else */
    struct ps_timers timers;
    struct ps_store store;
    char *scratch; /* where messages are written before they are kept; any layer, for one call */
    char *side;    /* another, as long: header lines of a response, an answer without state */
    size_t scratch_n;
    uint8_t hash_key[PS_SIPHASH_KEY];   /* of the tables: secret */
    uint8_t random_key[PS_SIPHASH_KEY]; /* of the generator: secret */
    uint64_t random_counter;
    uint32_t t1, t2, t4; /* milliseconds */
    uint32_t per_source; /* unacknowledged INVITEs from one address (IPv6: from one /64) */
    uint8_t transports;  /* 1 << enum ps_transport: how a next hop can be reached */
    bool any_next_hop;   /* that of an INVITE is not checked: nobody here takes a call */
    struct ps_capabilities can;
    bool follow_maddr; /* answer where a Via's maddr says (18.2.2); off: it makes a reflector */
    ps_trace_function trace; /* may be NULL; only looks */
    void *trace_context;
    struct ps_counters count;
    /* the layers, each opaque to those below it */
    struct ps_transactions *transactions;
    struct ps_dialogs *dialogs;
    struct ps_requests *requests;
    struct ps_responder *responder;
    struct ps_account *account;           /* who answers calls that come in; may be NULL */
    const struct ps_usage *const *usages; /* the rows, NULL at the end (core/usage.h) */
    void *usage[PS_KINDS];                /* each row's own state, by its kind */
};

/* Returns the environment, with which a stack begins. */
static inline struct ps_environment *ps_environment_of(struct ps_stack *stack)
{
    return (struct ps_environment *)(void *)stack;
}
static inline const struct ps_environment *ps_environment_look(const struct ps_stack *stack)
{
    return (const struct ps_environment *)(const void *)stack;
}

/* Returns 64 bits that nobody outside can guess, made from the stack's seed. */
uint64_t ps_random(struct ps_environment *env);
/* Writes 64 bits as 13 characters of base 32, digits and lower-case letters: a token (25.1) that no
 * change of case spoils. */
void ps_put_base32(struct ps_writer *w, uint64_t value);
/* Writes a new token of 64 random bits in base 32: tags, Call-IDs, branches. */
void ps_put_token(struct ps_writer *w, struct ps_environment *env);

#ifdef __cplusplus
}
#endif
#endif
