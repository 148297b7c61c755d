/*
 * Reports on a stack: what lives, what has happened, which limits are in force.
 * Changes nothing.
 */
#include "stack_internal.h"

const struct ps_counters *ps_stack_counters(const struct ps_stack *s)
{
    return &s->env.count;
}

static uint32_t live_of(const struct ps_stack *s, const struct ps_usage *usage)
{
    return usage->live(s->env.usage[usage->kind]);
}

struct ps_stack_live ps_stack_live(const struct ps_stack *s)
{
    struct ps_stack_live live;
    const struct ps_usage *const *row;
    unsigned i;
    memset(&live, 0, sizeof live);
    for (i = 0; i < 4; i++)
        live.transactions[i] = ps_transactions_live(s->env.transactions, i);
    live.requests = ps_requests_live(s->env.requests);
    live.dialogs = ps_dialogs_live(s->env.dialogs);
    live.timers = s->env.timers.running;
    for (row = s->env.usages; *row; row++) {
        uint32_t n = live_of(s, *row);
        memcpy((char *)&live + (*row)->living, &n, sizeof n);
    }
    for (i = 0; i < PS_SIZE_CLASSES; i++)
        live.kept[i] = s->env.store.size_class[i].live;
    return live;
}

static void report(struct ps_writer *w, const char *name, uint64_t value)
{
    ps_put_string(w, name);
    ps_put_char(w, ' ');
    ps_put_number(w, value);
    ps_put_char(w, '\n');
}

static void report_pool(struct ps_writer *w, const char *name, uint64_t limit, uint64_t live)
{
    ps_put_string(w, name);
    ps_put_char(w, ' ');
    ps_put_number(w, limit);
    ps_put(w, PS_S(" live "));
    ps_put_number(w, live);
    ps_put_char(w, '\n');
}

void ps_stack_report(struct ps_writer *w, const struct ps_stack *s)
{
    const struct ps_limits *l = &s->limits;
    struct ps_stack_live live = ps_stack_live(s);
    const uint32_t *t = live.transactions;
    const struct ps_usage *const *row;
    unsigned i;
#define PS_REPORT_LIMIT(name) report(w, #name, name);
    PS_LIMITS(PS_REPORT_LIMIT)
#undef PS_REPORT_LIMIT
    report_pool(w, "transactions", l->transactions, (uint64_t)t[0] + t[1] + t[2] + t[3]);
    report_pool(w, "requests", l->requests, live.requests);
    report_pool(w, "dialogs", l->dialogs, live.dialogs);
    for (row = s->env.usages; *row; row++)
        report_pool(w, (*row)->name, ps_usage_limit(*row, l), live_of(s, *row));
    report(w, "message_bytes", l->message_bytes);
    report(w, "per_source", l->per_source);
    for (i = 0; i < PS_SIZE_CLASSES && l->kept[i].count; i++) {
        ps_put(w, PS_S("kept_"));
        ps_put_number(w, l->kept[i].bytes);
        report_pool(w, "", l->kept[i].count, live.kept[i]);
    }
    report(w, "block_bytes", ps_stack_size(l));
}
