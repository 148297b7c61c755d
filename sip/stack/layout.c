/*
 * Makes a stack: checks its configuration, counts its memory and lays it out. RFC 3261 knows
 * nothing of this.
 */
#include "stack_internal.h"

/* ---- checking ---- */

static bool is_zero(const uint8_t *p, size_t n)
{
    uint8_t any = 0;
    while (n--)
        any |= *p++;
    return !any;
}

static bool has_chunks(const struct ps_limits *limits)
{
    unsigned i;
    for (i = 0; i < PS_SIZE_CLASSES; i++)
        if (limits->kept[i].count && limits->kept[i].bytes)
            return true;
    return false;
}

/* Bounds a message from below: any element must take a larger one (18.1.1). */
enum { LEAST_MESSAGE = 512 };

static const char *wrong_field(const struct ps_config *config)
{
    const struct ps_limits *limits = &config->limits;
    if (limits->message_bytes < LEAST_MESSAGE || limits->message_bytes > PS_MAX_MESSAGE)
        return "limits.message_bytes";
    if (!limits->transactions || limits->transactions > PS_POOL_MAX)
        return "limits.transactions";
    if (limits->calls && (!limits->per_source || !limits->dialogs))
        return limits->per_source ? "limits.dialogs" : "limits.per_source";
    if (!has_chunks(limits))
        return "limits.kept";
    if (is_zero(config->seed, sizeof config->seed))
        return "seed";
    return NULL;
}

enum ps_error ps_stack_check(const struct ps_config *config, const char **field)
{
    const char *wrong = wrong_field(config);
    if (field)
        *field = wrong;
    return wrong ? PS_E_ARGUMENT : PS_OK;
}

/* ---- memory ---- */

/* Takes the layers, each of which finds those below it in the environment. Where the arena only
 * counts there is no environment, and the layers say what they would take. */
static void take_layers(struct ps_arena *arena, const struct ps_limits *limits,
                        struct ps_environment *env)
{
    const struct ps_usage *const *row;
    struct ps_transactions *transactions = ps_transactions_init(arena, env, limits->transactions);
    struct ps_dialogs *dialogs = ps_dialogs_init(arena, env, limits->dialogs);
    struct ps_requests *requests;
    if (env) {
        env->transactions = transactions;
        env->dialogs = dialogs;
    }
    requests = ps_requests_init(arena, env, limits->requests);
    if (env)
        env->requests = requests;
    for (row = ps_usage_rows(); *row; row++) {
        void *state = (*row)->init(arena, env, ps_usage_limit(*row, limits));
        if (env)
            env->usage[(*row)->kind] = state;
    }
}

/* Counts with an empty arena, takes with a full one, in the same walk. */
static struct ps_stack *lay_out(struct ps_arena *arena, const struct ps_limits *limits,
                                struct ps_account *account)
{
    struct ps_stack *s = ps_arena_take(arena, sizeof *s);
    char *scratch = ps_arena_take(arena, limits->message_bytes);
    char *side = ps_arena_take(arena, limits->message_bytes);
    struct ps_store store;
    if (s) {
        s->env.responder = &s->responder;
        s->env.account = account;
        s->env.usages = ps_usage_rows();
    }
    take_layers(arena, limits, s ? &s->env : NULL);
    ps_store_init(&store, arena, limits->kept);
    if (!s || arena->used > arena->n)
        return NULL;
    s->env.scratch = scratch;
    s->env.side = side;
    s->env.scratch_n = limits->message_bytes;
    s->env.store = store;
    return s;
}

size_t ps_stack_size(const struct ps_limits *limits)
{
    struct ps_arena arena = {NULL, 0, 0};
    (void)lay_out(&arena, limits, NULL);
    return arena.used;
}

static void set_up(struct ps_environment *env, const struct ps_config *config)
{
    env->now = config->now;
    env->t1 = config->t1 ? config->t1 : 500;
    env->t2 = config->t2 ? config->t2 : 4000;
    env->t4 = config->t4 ? config->t4 : 5000;
    env->per_source = config->limits.per_source;
    env->transports = config->transports ? config->transports : 1 << PS_UDP;
    memcpy(env->hash_key, config->seed, PS_SIPHASH_KEY);
    memcpy(env->random_key, config->seed + PS_SIPHASH_KEY, PS_SIPHASH_KEY);
    env->any_next_hop = config->any_next_hop;
    env->trace = config->trace;
    env->trace_context = config->trace_context;
    env->can.allow = config->allow;
    env->can.supported = config->supported;
    env->can.accept = config->accept;
    env->can.accept_message = config->accept_message;
    ps_timers_init(&env->timers, config->now);
}

struct ps_stack *PS_STACK_LIMITED(void *block, size_t n, const struct ps_config *config)
{
    struct ps_arena arena = {block, n, 0};
    struct ps_stack *s;
    if (config->limits.message_bytes > PS_MAX_MESSAGE || ps_stack_size(&config->limits) > n)
        return NULL;
    memset(block, 0, sizeof(struct ps_stack));
    s = lay_out(&arena, &config->limits, config->account);
    if (!s)
        return NULL;
    s->limits = config->limits;
    set_up(&s->env, config);
    s->responder.env = &s->env;
    s->responder.transactions = s->env.transactions;
    s->responder.server = config->server;
    s->uas.env = &s->env;
    s->uas.flow = &s->flow;
    s->uas.notify_unasked = config->notify_unasked;
    return s;
}
