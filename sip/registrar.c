/*
 * The registrar: RFC 3261 10.3. See registrar.h.
 */
#include "registrar.h"

struct ps_binding {
    struct ps_object object;
    struct ps_binding *next; /* in the bucket */
    struct ps_kept text;     /* canonical address of record, Contact URI, Call-ID, one by one */
    struct ps_span aor, contact, call_id;
    uint32_t cseq;
    uint16_t q; /* thousandths */
    bool has_q;
    uint64_t end; /* ms */
    struct ps_timer timer;
};

struct ps_registrar {
    struct ps_environment *env;
    struct ps_pool pool;
    struct ps_binding **bucket;
    uint32_t buckets, shortest, longest, standard;
};

struct ps_registrar *ps_registrar_init(struct ps_arena *arena, struct ps_environment *env,
                                       uint32_t count)
{
    struct ps_registrar *r = ps_arena_take(arena, sizeof *r);
    struct ps_pool pool;
    uint32_t buckets;
    void *bucket = ps_arena_take_buckets(arena, count, &buckets);
    ps_pool_init(&pool, arena, PS_KIND_BINDING, sizeof(struct ps_binding), count);
    if (!r || !bucket)
        return NULL;
    r->env = env;
    r->pool = pool;
    r->bucket = bucket;
    r->buckets = buckets;
    ps_registrar_set_expires(r, 60, 7200, 3600);
    return r;
}

void ps_registrar_set_expires(struct ps_registrar *r, uint32_t shortest, uint32_t longest,
                              uint32_t standard)
{
    r->shortest = shortest;
    r->longest = longest;
    r->standard = standard;
}

uint32_t ps_registrar_live(const struct ps_registrar *r)
{
    return r->pool.live;
}

/* ---- addresses of record ---- */

static void put_unescaped(struct ps_writer *w, struct ps_slice s)
{
    size_t i;
    for (i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? ps_hex_value(s.p[i + 1]) : -1;
        int low = high >= 0 ? ps_hex_value(s.p[i + 2]) : -1;
        if (low >= 0) {
            ps_put_char(w, (char)(high * 16 + low));
            i += 2;
        } else {
            ps_put_char(w, s.p[i]);
        }
    }
}

/* 10.3 step 5: without parameters, unescaped; the host in lower case (19.1.4). */
static enum ps_error put_canonical(struct ps_writer *w, struct ps_slice aor)
{
    struct ps_uri uri;
    size_t i;
    enum ps_error error = ps_uri_parse(aor, &uri, NULL);
    if (error)
        return error;
    if (uri.scheme > PS_SCHEME_SIPS)
        return PS_E_SCHEME;
    put_unescaped(w, uri.user);
    ps_put_char(w, '@');
    for (i = 0; i < uri.host.n; i++)
        ps_put_char(w, ps_lower(uri.host.p[i]));
    if (uri.port) {
        ps_put_char(w, ':');
        ps_put_number(w, uri.port);
    }
    return w->error;
}

static struct ps_slice part(const struct ps_binding *b, struct ps_span span)
{
    return ps_slice(b->text.p + span.at, span.n);
}

static struct ps_binding **bucket_of(const struct ps_registrar *r, struct ps_slice aor)
{
    return &r->bucket[ps_siphash_of(r->env->hash_key, aor.p, aor.n) & (r->buckets - 1)];
}

/* The next binding of an address of record, from `b` on. */
static struct ps_binding *of_aor(struct ps_binding *b, struct ps_slice aor)
{
    while (b && !ps_equal(aor, part(b, b->aor)))
        b = b->next;
    return b;
}

static struct ps_binding *find(const struct ps_registrar *r, struct ps_slice aor,
                               const struct ps_uri *contact)
{
    struct ps_binding *b;
    struct ps_uri uri;
    for (b = of_aor(*bucket_of(r, aor), aor); b; b = of_aor(b->next, aor))
        if (!ps_uri_parse(part(b, b->contact), &uri, NULL) && ps_uri_equal(&uri, contact, NULL))
            return b;
    return NULL;
}

static void drop(struct ps_registrar *r, struct ps_binding *b)
{
    struct ps_binding **at = bucket_of(r, part(b, b->aor));
    while (*at && *at != b)
        at = &(*at)->next;
    if (*at)
        *at = b->next;
    ps_timer_stop(&r->env->timers, &b->timer);
    ps_forget(&r->env->store, &b->text);
    ps_pool_give(&r->pool, b);
}

void ps_registrar_expire(struct ps_registrar *r, struct ps_timer *timer)
{
    drop(r, (struct ps_binding *)(void *)((char *)timer - offsetof(struct ps_binding, timer)));
}

/* ---- REGISTER ---- */

/* What one Contact of a REGISTER wants. */
struct wish {
    struct ps_slice contact; /* URI */
    struct ps_uri uri;
    uint32_t expires;
    uint16_t q;
    bool has_q;
};

/* 10.3 step 7: the Contact's expires, else the header's, else ours. A malformed one counts as
 * 3600 (20.19 says so of the header, and 10.2.1.1 of the parameter). */
static unsigned read_wish(const struct ps_registrar *r, const struct ps_message *m,
                          struct ps_slice element, struct wish *wish)
{
    struct ps_name_addr contact;
    struct ps_slice value;
    if (ps_name_addr_parse(element, &contact) || ps_uri_parse(contact.uri, &wish->uri, NULL))
        return 400;
    wish->contact = contact.uri;
    wish->expires = ps_header_number(m, PS_H_EXPIRES, r->standard);
    if (ps_param_find(contact.params, PS_S("expires"), &value) &&
        ps_parse_u32(value, UINT32_MAX, &wish->expires))
        wish->expires = 3600;
    wish->has_q = ps_param_find(contact.params, PS_S("q"), &value);
    wish->q = ps_param_q(contact.params);
    if (wish->expires > r->longest)
        wish->expires = r->longest;
    return wish->expires && wish->expires < r->shortest ? 423 : 200;
}

/* Step 6 and 7: a lower CSeq of the same Call-ID is out of order. */
static bool out_of_order(const struct ps_binding *b, const struct ps_message *m)
{
    return ps_equal(part(b, b->call_id), ps_call_id(m)) && m->cseq <= b->cseq;
}

static struct ps_span put_part(struct ps_writer *w, struct ps_slice s)
{
    struct ps_span span;
    span.at = (uint16_t)w->n;
    span.n = (uint16_t)s.n;
    ps_put(w, s);
    return span;
}

/* What a wish needs, taken before anything changes, so that what is asked for together can be done
 * whole. */
struct supply {
    struct ps_binding *fresh; /* NULL: there is one */
    struct ps_kept text;      /* not kept: the binding's own does */
    struct ps_span aor, contact, call_id;
};

/* A mere refresh needs nothing, so that it works in a full store too; but where the same REGISTER
 * also removes (`removes`), nobody knows what is left by then. */
static enum ps_error take_supply(struct ps_registrar *r, struct ps_slice aor,
                                 const struct wish *wish, const struct ps_message *m, bool removes,
                                 struct supply *supply)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    const struct ps_binding *b = removes ? NULL : find(r, aor, &wish->uri);
    supply->aor = put_part(&w, aor);
    supply->contact = put_part(&w, wish->contact);
    supply->call_id = put_part(&w, ps_call_id(m));
    if (b && ps_equal(ps_written(&w), ps_slice(b->text.p, b->text.n)))
        return PS_OK;
    if (!b && (supply->fresh = ps_pool_take(&r->pool)) == NULL)
        return PS_E_FULL;
    return w.error ? w.error : ps_keep(&r->env->store, ps_written(&w), &supply->text);
}

/* What was not used, or all. */
static void give_supply(struct ps_registrar *r, struct supply *supply)
{
    if (supply->fresh)
        ps_pool_give(&r->pool, supply->fresh);
    ps_forget(&r->env->store, &supply->text);
}

static void set(struct ps_registrar *r, struct ps_binding *b, const struct wish *wish,
                const struct ps_message *m, struct supply *supply)
{
    if (supply->text.p) {
        ps_forget(&r->env->store, &b->text);
        b->text = supply->text;
        supply->text.p = NULL;
        b->aor = supply->aor;
        b->contact = supply->contact;
        b->call_id = supply->call_id;
    }
    b->cseq = m->cseq;
    b->q = wish->q;
    b->has_q = wish->has_q;
    b->end = r->env->now + (uint64_t)wish->expires * 1000;
    ps_timer_start(&r->env->timers, &b->timer, b->end);
}

/* Nothing is left that could fail. */
static void apply(struct ps_registrar *r, struct ps_slice aor, const struct wish *wish,
                  const struct ps_message *m, struct supply *supply)
{
    struct ps_binding *b = find(r, aor, &wish->uri), **bucket = bucket_of(r, aor);
    if (!wish->expires) {
        if (b)
            drop(r, b);
        return;
    }
    if (!b) {
        b = supply->fresh;
        if (!b) /* cannot be: a REGISTER that also removes brings one for each wish */
            return;
        supply->fresh = NULL;
        b->timer.kind = PS_KIND_BINDING;
        b->next = *bucket;
        *bucket = b;
    }
    set(r, b, wish, m, supply);
}

/* Step 6: "*" stands alone, with Expires 0, and removes what is not newer. */
static unsigned remove_all(struct ps_registrar *r, struct ps_slice aor, const struct ps_message *m)
{
    struct ps_binding *b, *next;
    for (b = of_aor(*bucket_of(r, aor), aor); b; b = of_aor(b->next, aor))
        if (out_of_order(b, m))
            return 500;
    for (b = of_aor(*bucket_of(r, aor), aor); b; b = next) {
        next = of_aor(b->next, aor);
        drop(r, b);
    }
    return 200;
}

/* All is looked at before anything changes: step 7 wants all or nothing. */
static unsigned check_wishes(const struct ps_registrar *r, struct ps_slice aor,
                             const struct ps_message *m, unsigned *n)
{
    struct ps_values values = ps_values(m, PS_H_CONTACT);
    struct ps_slice element;
    struct ps_binding *b;
    struct wish wish;
    unsigned status, fresh = 0, live = 0;
    *n = 0;
    while (ps_values_next(&values, &element)) {
        if (++*n > PS_MAX_CONTACTS)
            return 403;
        if (ps_equal(element, PS_S("*")))
            continue;
        status = read_wish(r, m, element, &wish);
        if (status != 200)
            return status;
        b = find(r, aor, &wish.uri);
        if (b && out_of_order(b, m))
            return 500;
        fresh += !b && wish.expires;
    }
    for (b = of_aor(*bucket_of(r, aor), aor); b; b = of_aor(b->next, aor))
        live++;
    if (fresh && live + fresh > PS_MAX_CONTACTS)
        return 403;
    return 200;
}

static bool has_star(const struct ps_message *m)
{
    struct ps_values values = ps_values(m, PS_H_CONTACT);
    struct ps_slice element;
    while (ps_values_next(&values, &element))
        if (ps_equal(element, PS_S("*")))
            return true;
    return false;
}

/* Walks the wishes once more: takes what they need, or does them. */
static enum ps_error walk(struct ps_registrar *r, struct ps_slice aor, const struct ps_message *m,
                          struct supply supply[PS_MAX_CONTACTS], bool ready)
{
    struct ps_values values = ps_values(m, PS_H_CONTACT);
    struct ps_slice element;
    struct wish wish;
    enum ps_error error = PS_OK;
    bool removes = false;
    unsigned i;
    memset(&wish, 0, sizeof wish);
    for (i = 0; !error && ps_values_next(&values, &element); i++) {
        (void)read_wish(r, m, element, &wish);
        removes |= !wish.expires;
        if (ready)
            apply(r, aor, &wish, m, &supply[i]);
        else if (wish.expires)
            error = take_supply(r, aor, &wish, m, removes, &supply[i]);
    }
    return error;
}

static unsigned change(struct ps_registrar *r, struct ps_slice aor, const struct ps_message *m)
{
    struct supply supply[PS_MAX_CONTACTS];
    unsigned i, n, status = check_wishes(r, aor, m, &n);
    if (status != 200)
        return status;
    if (has_star(m))
        return n == 1 && ps_header_number(m, PS_H_EXPIRES, 1) == 0 ? remove_all(r, aor, m) : 400;
    memset(supply, 0, sizeof supply);
    if (walk(r, aor, m, supply, false))
        status = 503;
    else
        (void)walk(r, aor, m, supply, true);
    for (i = 0; i < n; i++)
        give_supply(r, &supply[i]);
    return status;
}

unsigned ps_registrar_register(struct ps_registrar *r, const struct ps_message *m,
                               struct ps_writer *lines)
{
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_slice to = ps_span_of(m, m->to_uri);
    unsigned status;
    if (put_canonical(&w, to))
        return 404; /* 10.3 step 5: not an address of ours */
    status = change(r, ps_written(&w), m);
    if (status == 423)
        ps_write_header_number(lines, PS_H_MIN_EXPIRES, r->shortest);
    else if (status == 503)
        ps_write_header_number(lines, PS_H_RETRY_AFTER, 60);
    else if (status == 200)
        ps_registrar_contacts(r, to, false, lines);
    return status;
}

static void put_q(struct ps_writer *w, unsigned q)
{
    if (q >= 1000) {
        ps_put(w, PS_S(";q=1.0"));
        return;
    }
    ps_put(w, PS_S(";q=0."));
    ps_put_char(w, (char)('0' + q / 100));
    ps_put_char(w, (char)('0' + q / 10 % 10));
    ps_put_char(w, (char)('0' + q % 10));
}

static void put_contact(struct ps_writer *w, const struct ps_registrar *r,
                        const struct ps_binding *b, bool redirect)
{
    ps_put(w, PS_S("Contact: <"));
    ps_put(w, part(b, b->contact));
    ps_put_char(w, '>');
    if (b->has_q)
        put_q(w, b->q);
    if (!redirect) {
        ps_put(w, PS_S(";expires="));
        ps_put_number(w, (b->end - r->env->now + 999) / 1000);
    }
    ps_put(w, PS_S("\r\n"));
}

unsigned ps_registrar_contacts(struct ps_registrar *r, struct ps_slice aor, bool redirect,
                               struct ps_writer *lines)
{
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_binding *b;
    unsigned n = 0;
    if (put_canonical(&w, aor))
        return 0;
    for (b = of_aor(*bucket_of(r, ps_written(&w)), ps_written(&w)); b;
         b = of_aor(b->next, ps_written(&w))) {
        put_contact(lines, r, b, redirect);
        n++;
    }
    return n;
}
