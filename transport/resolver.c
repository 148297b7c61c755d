/*
 * Looks names up: answers what it can without asking, and remembers answers. Knows no sockets
 * (resolver_query.c) and no messages (dns.c).
 */
#include "resolver.h"

#include <stdlib.h>

#include "resolver_query_internal.h"
#include "route_internal.h"

enum {
    CONF_AGE = 5000, /* until resolv.conf is looked at again, in milliseconds */
    UNKNOWN_TTL = 60 /* how long a name with one family unknown is remembered, in seconds */
};

struct lookup {
    bool used;
    uint32_t generation;
    ps_resolved_fn call; /* NULL: cancelled */
    void *context;
    struct ps_resolver_query *query; /* the query it waits for; NULL: its answer is here */
    struct lookup *next;             /* among look-ups whose answer is here */
    enum ps_error error;
    struct ps_resolver_addresses found;
};

struct entry {
    struct ps_dns_name name; /* n = 0: empty */
    uint64_t until, touched;
    enum ps_error error;
    struct ps_resolver_addresses found;
};

struct ps_resolver {
    struct ps_loop *loop;
    struct ps_resolver_config config;
    char *resolv_conf, *hosts;

    struct lookup *lookups;
    struct lookup *answered, *last_answered;
    struct ps_loop_task task;

    struct ps_resolver_query *queries;
    struct entry *cache;
    uint64_t touches;

    struct ps_resolv_conf conf;
    uint64_t conf_until;
    unsigned good_server;

    struct ps_resolver_counters counters;
    bool calling, closing;
};

const struct ps_resolver_counters *ps_resolver_counters(const struct ps_resolver *resolver)
{
    return &resolver->counters;
}

/* ---- life ---- */

static bool fill_defaults(struct ps_resolver_config *c)
{
    if (!c->resolv_conf)
        c->resolv_conf = "/etc/resolv.conf";
    if (!c->hosts)
        c->hosts = "/etc/hosts";
    if (!c->families)
        c->families = PS_RESOLVE_IPV4 | PS_RESOLVE_IPV6;
    if (!c->port)
        c->port = 53;
    if (!c->lookups)
        c->lookups = PS_RESOLVER_LOOKUPS;
    if (!c->names)
        c->names = 16;
    if (!c->cache)
        c->cache = 64;
    return c->families <= 3 && c->port <= 65535 && c->timeout <= 60000 && c->attempts <= 100 &&
           c->lookups <= 65536 && c->names <= 65536 && c->cache <= 65536;
}

static char *copy(const char *text)
{
    size_t n = strlen(text) + 1;
    char *p = malloc(n);
    if (p)
        memcpy(p, text, n);
    return p;
}

static void free_resolver(struct ps_resolver *r)
{
    free(r->resolv_conf);
    free(r->hosts);
    free(r->lookups);
    free(r->queries);
    free(r->cache);
    free(r);
}

enum ps_error ps_resolver_open(struct ps_loop *loop, const struct ps_resolver_config *config,
                               struct ps_resolver **out)
{
    struct ps_resolver_config c = *config;
    struct ps_resolver *r;
    *out = NULL;
    if (!fill_defaults(&c))
        return PS_E_ARGUMENT;
    r = calloc(1, sizeof *r);
    if (!r)
        return PS_E_TRANSPORT;
    r->loop = loop;
    r->config = c;
    r->resolv_conf = copy(c.resolv_conf);
    r->hosts = copy(c.hosts);
    r->lookups = calloc(c.lookups, sizeof *r->lookups);
    r->queries = calloc(c.names, sizeof *r->queries);
    r->cache = calloc(c.cache, sizeof *r->cache);
    if (!r->resolv_conf || !r->hosts || !r->lookups || !r->queries || !r->cache) {
        free_resolver(r);
        return PS_E_TRANSPORT;
    }
    *out = r;
    return PS_OK;
}

void ps_resolver_close(struct ps_resolver *resolver)
{
    unsigned i;
    if (!resolver)
        return;
    ps_loop_unpost(resolver->loop, &resolver->task);
    for (i = 0; i < resolver->config.names; i++)
        if (resolver->queries[i].used)
            ps_resolver_stop(&resolver->queries[i]);
    resolver->closing = true;
    if (!resolver->calling)
        free_resolver(resolver);
}

/* ---- answering: always from the loop ---- */

static struct lookup *pop_answered(struct ps_resolver *r)
{
    struct lookup *l = r->answered;
    r->answered = l->next;
    if (!r->answered)
        r->last_answered = NULL;
    return l;
}

/* Calls back for the answers that are here; what the callbacks look up comes in the next step. */
static void call_back(void *context)
{
    struct ps_resolver *r = context;
    const struct lookup *last = r->last_answered;
    bool end = false;
    r->calling = true;
    while (!end && !r->closing) {
        struct lookup *l = pop_answered(r);
        struct lookup done = *l;
        end = l == last;
        l->used = false;
        if (done.call)
            done.call(done.context, done.error, done.found.ip, done.found.n);
    }
    r->calling = false;
    if (r->closing)
        free_resolver(r);
    else if (r->answered)
        ps_loop_post(r->loop, &r->task, call_back, r);
}

static void answer(struct ps_resolver *r, struct lookup *l)
{
    l->query = NULL;
    l->next = NULL;
    if (r->last_answered)
        r->last_answered->next = l;
    else
        r->answered = l;
    r->last_answered = l;
    ps_loop_post(r->loop, &r->task, call_back, r);
}

/* ---- the order of addresses: RFC 6724 6, rules 1 and 6 ---- */

static const struct ps_address *first_of(const struct ps_resolver_addresses *a, unsigned family)
{
    unsigned i;
    for (i = 0; i < a->n; i++)
        if (a->ip[i].family == family)
            return &a->ip[i];
    return NULL;
}

static void append(struct ps_resolver_addresses *to, const struct ps_resolver_addresses *from,
                   unsigned family)
{
    unsigned i;
    for (i = 0; i < from->n; i++)
        if (from->ip[i].family == family)
            to->ip[to->n++] = from->ip[i];
}

/* Puts IPv6 before IPv4, except where only IPv4 has a route. */
static void sort(struct ps_resolver *r, struct ps_resolver_addresses *a)
{
    const struct ps_address *v4 = first_of(a, PS_IPV4), *v6 = first_of(a, PS_IPV6);
    struct ps_resolver_addresses sorted;
    struct ps_address local;
    bool v4_first;
    if (!v4 || !v6)
        return;
    v4_first = ps_route_local(r->loop, v6, &local) && !ps_route_local(r->loop, v4, &local);
    sorted.n = 0;
    append(&sorted, a, v4_first ? PS_IPV4 : PS_IPV6);
    append(&sorted, a, v4_first ? PS_IPV6 : PS_IPV4);
    *a = sorted;
}

/* ---- the cache ---- */

static struct entry *recall(struct ps_resolver *r, const struct ps_dns_name *name)
{
    uint64_t now = ps_loop_now();
    unsigned i;
    for (i = 0; i < r->config.cache; i++) {
        struct entry *e = &r->cache[i];
        if (now < e->until && ps_dns_name_equal(&e->name, name)) {
            e->touched = ++r->touches;
            return e;
        }
    }
    return NULL;
}

/* Finds the place for a name: its own, or an expired one, or the least recently used. */
static struct entry *place_for(struct ps_resolver *r, const struct ps_dns_name *name, uint64_t now)
{
    struct entry *best = &r->cache[0];
    unsigned i;
    for (i = 0; i < r->config.cache; i++) {
        struct entry *e = &r->cache[i];
        if (ps_dns_name_equal(&e->name, name))
            return e;
        if (e->until <= now)
            e->touched = 0;
        if (e->touched < best->touched)
            best = e;
    }
    return best;
}

static void remember(struct ps_resolver *r, const struct ps_dns_name *name, uint32_t ttl,
                     enum ps_error error, const struct ps_resolver_addresses *found)
{
    uint64_t now = ps_loop_now();
    struct entry *e;
    if (!ttl)
        return;
    e = place_for(r, name, now);
    e->name = *name;
    e->until = now + (uint64_t)ttl * 1000;
    e->touched = ++r->touches;
    e->error = error;
    e->found = *found;
}

/* ---- the end of a query ---- */

static void collect(const struct ps_resolver_question *q, struct ps_resolver_addresses *found)
{
    unsigned i;
    for (i = 0; i < q->answer.n; i++)
        found->ip[found->n++] = q->answer.addresses[i];
}

/* Returns how long both answers together are valid, in seconds. An answer that one family has none
 * may have no lifetime; then the other's counts. One unknown family holds for a short time, so that
 * not every look-up waits for it. Two are not remembered. */
static uint32_t lifetime(const struct ps_resolver_query *query, bool found)
{
    uint32_t ttl = UINT32_MAX;
    unsigned i;
    for (i = 0; i < 2; i++) {
        const struct ps_resolver_question *q = &query->questions[i];
        uint32_t own = q->error ? (found ? UNKNOWN_TTL : 0) : q->answer.ttl;
        if (q->tries && own < ttl && (own || q->answer.n || !found))
            ttl = own;
    }
    return ttl;
}

static void on_answered(void *context, struct ps_resolver_query *query)
{
    struct ps_resolver *r = context;
    const struct ps_resolver_question *q6 = &query->questions[0], *q4 = &query->questions[1];
    enum ps_error failure = q6->error ? q6->error : q4->error, error;
    struct ps_resolver_addresses found;
    unsigned i;
    found.n = 0;
    collect(q6, &found);
    collect(q4, &found);
    error = found.n ? PS_OK : failure ? failure : PS_E_RESOLVE;
    remember(r, &query->name, lifetime(query, found.n > 0), error, &found);
    r->good_server = query->good;
    query->used = false;
    sort(r, &found);
    for (i = 0; i < r->config.lookups; i++) {
        struct lookup *l = &r->lookups[i];
        if (!l->used || l->query != query)
            continue;
        l->error = error;
        l->found = found;
        answer(r, l);
    }
}

/* ---- lookups ---- */

static struct lookup *new_lookup(struct ps_resolver *r)
{
    unsigned i;
    for (i = 0; i < r->config.lookups; i++) {
        struct lookup *l = &r->lookups[i];
        if (l->used)
            continue;
        l->used = true;
        l->generation = l->generation % UINT32_MAX + 1; /* a handle is never 0 */
        l->query = NULL;
        l->error = PS_OK;
        l->found.n = 0;
        return l;
    }
    return NULL;
}

static void add_loopback(struct ps_resolver *r, struct ps_resolver_addresses *found)
{
    if (r->config.families & PS_RESOLVE_IPV6)
        ps_ip_parse(PS_S("::1"), &found->ip[found->n++]);
    if (r->config.families & PS_RESOLVE_IPV4)
        ps_ip_parse(PS_S("127.0.0.1"), &found->ip[found->n++]);
}

/* Tells whether a name is "localhost" or ends with it: such a name never goes to a server (RFC 6761
 * 6.3). */
static bool is_localhost(struct ps_slice name)
{
    struct ps_slice local = PS_S("localhost");
    if (name.n > local.n && name.p[name.n - local.n - 1] == '.')
        name = ps_slice(name.p + name.n - local.n, local.n);
    return ps_equal_nocase(name, local);
}

static void tell(struct ps_resolver *r, const struct ps_system_error *why)
{
    if (why->error)
        ps_loop_failed(r->loop, why->call, why->error);
}

/* Answers an address, a name of the hosts file, and localhost. */
static bool answer_locally(struct ps_resolver *r, struct ps_slice name, struct lookup *l)
{
    struct ps_system_error why;
    unsigned n;
    if (!ps_ip_parse(name, &l->found.ip[0])) {
        l->found.n = 1;
        return true;
    }
    if (name.n && name.p[name.n - 1] == '.')
        name.n--;
    n = ps_resolver_read_hosts(r->hosts, name, r->config.families, &l->found, &why);
    tell(r, &why);
    if (!n && is_localhost(name))
        add_loopback(r, &l->found);
    sort(r, &l->found);
    return l->found.n > 0;
}

static bool answer_from_cache(struct ps_resolver *r, const struct ps_dns_name *name,
                              struct lookup *l)
{
    const struct entry *e = recall(r, name);
    if (!e)
        return false;
    l->error = e->error;
    l->found = e->found;
    sort(r, &l->found);
    return true;
}

static const struct ps_resolv_conf *servers(struct ps_resolver *r)
{
    uint64_t now = ps_loop_now();
    struct ps_system_error why;
    if (now >= r->conf_until) {
        ps_resolver_read_conf(r->resolv_conf, (uint16_t)r->config.port, &r->conf, &why);
        tell(r, &why);
        if (r->config.timeout)
            r->conf.timeout = r->config.timeout;
        if (r->config.attempts)
            r->conf.attempts = r->config.attempts;
        r->conf_until = now + CONF_AGE;
    }
    return &r->conf;
}

/* Returns the query that asks for this name already, or a new one; NULL where too many run. */
static struct ps_resolver_query *query_for(struct ps_resolver *r, const struct ps_dns_name *name)
{
    struct ps_resolver_query *query = NULL;
    unsigned i;
    for (i = 0; i < r->config.names; i++) {
        struct ps_resolver_query *q = &r->queries[i];
        if (q->used && ps_dns_name_equal(&q->name, name)) {
            r->counters.joined++;
            return q;
        }
        if (!q->used)
            query = q;
    }
    if (!query)
        return NULL;
    query->loop = r->loop;
    query->counters = &r->counters;
    query->call = on_answered;
    query->context = r;
    query->used = true;
    query->name = *name;
    query->conf = *servers(r);
    query->first = r->good_server % query->conf.count;
    ps_resolver_ask(query, r->config.families);
    return query;
}

static enum ps_error begin(struct ps_resolver *r, struct ps_slice name, struct lookup *l)
{
    struct ps_dns_name dns;
    enum ps_error error = PS_OK;
    if (answer_locally(r, name, l)) {
        r->counters.local++;
        answer(r, l);
    } else if ((error = ps_dns_name(name, &dns)) != PS_OK) {
        return error;
    } else if (answer_from_cache(r, &dns, l)) {
        r->counters.remembered++;
        answer(r, l);
    } else {
        l->query = query_for(r, &dns);
        error = l->query ? PS_OK : PS_E_FULL;
    }
    return error;
}

enum ps_error ps_resolver_lookup(struct ps_resolver *resolver, struct ps_slice name,
                                 ps_resolved_fn call, void *context, uint64_t *lookup)
{
    struct lookup *l = new_lookup(resolver);
    enum ps_error error = PS_E_FULL;
    if (l) {
        l->call = call;
        l->context = context;
        error = begin(resolver, name, l);
        l->used = !error;
    }
    resolver->counters.refused += error == PS_E_FULL;
    if (error)
        return error;
    resolver->counters.lookups++;
    if (lookup)
        *lookup = (uint64_t)l->generation << 32 | (uint64_t)(l - resolver->lookups);
    return PS_OK;
}

void ps_resolver_cancel(struct ps_resolver *resolver, uint64_t lookup)
{
    uint32_t place = (uint32_t)lookup;
    struct lookup *l;
    if (place >= resolver->config.lookups)
        return;
    l = &resolver->lookups[place];
    if (!l->used || l->generation != lookup >> 32)
        return;
    if (l->query)
        l->used = false;
    else
        l->call = NULL;
}
