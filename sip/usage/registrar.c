/*
 * Keeps bindings as registrar: RFC 3261 10.3. See registrar.h.
 */
#include "../registrar.h"

#include "../core/responder.h"
#include "../message/writing.h"
#include "address_of_record.h"
#include "rows.h"

/* Names the texts that a binding keeps: canonical address of record, Contact URI, the Contact's
 * parameters but q and expires (each with its ";"), the Path as a list. */
enum part { AOR, CONTACT, PARAMS, PATH, PARTS };

struct ps_binding {
    struct ps_object object;
    struct ps_binding *next; /* in the bucket */
    struct ps_kept text;     /* the parts, one by one */
    struct ps_span span[PARTS];
    uint64_t call_id; /* a keyed hash of it */
    uint32_t cseq;
    uint16_t q; /* thousandths */
    bool has_q;
    bool leaves;  /* the REGISTER that is looked at removes it */
    uint64_t end; /* ms */
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

static struct ps_registrar *registrar_of(const struct ps_stack *stack)
{
    return (struct ps_registrar *)ps_environment_look(stack)->usage[PS_KIND_BINDING];
}

void ps_registrar_set_expires(struct ps_stack *stack, uint32_t shortest, uint32_t longest,
                              uint32_t standard)
{
    struct ps_registrar *r = registrar_of(stack);
    r->shortest = shortest;
    r->longest = longest;
    r->standard = standard;
}

void ps_registrar_set_domain(struct ps_stack *stack, ps_serves serves, void *context)
{
    struct ps_registrar *r = registrar_of(stack);
    r->serves = serves;
    r->context = context;
}

enum ps_error ps_registrar_set_date(struct ps_stack *stack, struct ps_slice date)
{
    struct ps_registrar *r = registrar_of(stack);
    if (date.n > sizeof r->date)
        return PS_E_TOO_LARGE;
    if (date.n)
        memcpy(r->date, date.p, date.n);
    r->date_n = (uint8_t)date.n;
    return PS_OK;
}

static struct ps_slice part(const struct ps_binding *binding, enum part which)
{
    return ps_slice(binding->text.p + binding->span[which].at, binding->span[which].n);
}

static struct ps_binding **bucket_of(const struct ps_registrar *r, struct ps_slice aor)
{
    return &r->bucket[ps_siphash_of(r->env->hash_key, aor.p, aor.n) & (r->buckets - 1)];
}

/* Finds the next binding of an address of record, from `binding` on. */
static struct ps_binding *of_aor(struct ps_binding *binding, struct ps_slice aor)
{
    while (binding && !ps_equal(aor, part(binding, AOR)))
        binding = binding->next;
    return binding;
}

static struct ps_binding *find(const struct ps_registrar *r, struct ps_slice aor,
                               const struct ps_uri *contact)
{
    struct ps_binding *binding;
    struct ps_uri uri;
    for (binding = of_aor(*bucket_of(r, aor), aor); binding; binding = of_aor(binding->next, aor))
        if (!ps_uri_parse(part(binding, CONTACT), &uri, NULL) && ps_uri_equal(&uri, contact, NULL))
            return binding;
    return NULL;
}

static void drop(struct ps_registrar *r, struct ps_binding *binding)
{
    struct ps_binding **at = bucket_of(r, part(binding, AOR));
    while (*at && *at != binding)
        at = &(*at)->next;
    if (*at)
        *at = binding->next;
    ps_timer_stop(&r->env->timers, &binding->timer);
    ps_forget(&r->env->store, &binding->text);
    ps_pool_give(&r->pool, binding);
}

static struct ps_event on_time(void *state, struct ps_timer *timer)
{
    drop(state, PS_CONTAINER(struct ps_binding, timer, timer));
    return ps_no_event();
}

/* ---- REGISTER ---- */

/* Says what one Contact of a REGISTER wants. */
struct wish {
    struct ps_slice contact, params;
    struct ps_uri uri;
    uint32_t expires;
    uint16_t q;
    bool has_q;
};

/* Reads what a Contact wants (10.3 step 7): its expires, else the header's, else ours. */
static unsigned read_wish(const struct ps_registrar *r, const struct ps_message *m,
                          struct ps_slice element, struct wish *wish)
{
    struct ps_contact contact;
    struct ps_slice q;
    if (element.n > PS_MAX_CONTACT)
        return 403;
    if (ps_contact_parse(element, &contact) || ps_uri_parse(contact.addr.uri, &wish->uri, NULL))
        return 400;
    wish->contact = contact.addr.uri;
    wish->params = contact.addr.params;
    wish->expires =
        contact.has_expires ? contact.expires : ps_header_number(m, PS_H_EXPIRES, r->standard);
    wish->has_q = ps_param_find(contact.addr.params, PS_S("q"), &q);
    wish->q = contact.q;
    if (wish->expires > r->longest)
        wish->expires = r->longest;
    return wish->expires && wish->expires < r->shortest ? 423 : 200;
}

static uint64_t hash_call_id(const struct ps_registrar *r, const struct ps_message *m)
{
    struct ps_slice call_id = ps_call_id(m);
    return ps_siphash_of(r->env->hash_key, call_id.p, call_id.n);
}

/* Is the REGISTER out of order (steps 6, 7)? It is with a lower CSeq of the same Call-ID. */
static bool out_of_order(const struct ps_registrar *r, const struct ps_binding *binding,
                         const struct ps_message *m)
{
    return binding->call_id == hash_call_id(r, m) && m->cseq <= binding->cseq;
}

/* Returns the span from `at` to where the writer is. */
static struct ps_span span_from(const struct ps_writer *w, size_t at)
{
    struct ps_span span;
    span.at = (uint16_t)at;
    span.n = (uint16_t)(w->n - at);
    return span;
}

/* Writes parameters as registered, on one line (RFC 5626, 5627), without q and expires. */
static void put_params(struct ps_writer *w, struct ps_slice params)
{
    struct ps_param one;
    while (ps_param_next(&params, &one)) {
        if (ps_equal_nocase(one.name, PS_S("expires")) || ps_equal_nocase(one.name, PS_S("q")))
            continue;
        ps_put_char(w, ';');
        ps_put(w, one.name);
        if (!one.value.p)
            continue;
        ps_put_char(w, '=');
        ps_put_unfolded(w, one.value);
    }
}

/* Writes the Path, which each binding keeps (RFC 3327 5.3). */
static void put_path(struct ps_writer *w, const struct ps_message *m)
{
    struct ps_values values = ps_values(m, PS_H_PATH);
    struct ps_slice element;
    bool first = true;
    for (; ps_values_next(&values, &element); first = false) {
        if (!first)
            ps_put(w, PS_S(", "));
        ps_put_unfolded(w, element);
    }
}

/* Holds what a wish needs, taken before anything changes, so that all is done or nothing. */
struct supply {
    struct ps_binding *fresh; /* NULL: there is one */
    struct ps_kept text;      /* not kept: the binding's own does */
    struct ps_span span[PARTS];
};

static void put_parts(struct ps_writer *w, struct ps_slice aor, const struct wish *wish,
                      const struct ps_message *m, struct ps_span out[PARTS])
{
    ps_put(w, aor);
    out[AOR] = span_from(w, 0);
    ps_put(w, wish->contact);
    out[CONTACT] = span_from(w, out[AOR].n);
    put_params(w, wish->params);
    out[PARAMS] = span_from(w, (size_t)out[CONTACT].at + out[CONTACT].n);
    put_path(w, m);
    out[PATH] = span_from(w, (size_t)out[PARAMS].at + out[PARAMS].n);
}

/* Has the binding these very parts? They follow each other, so their lengths tell them apart. */
static bool has_parts(const struct ps_binding *binding, struct ps_slice text,
                      const struct ps_span parts[PARTS])
{
    unsigned i;
    for (i = 0; i < PARTS; i++)
        if (binding->span[i].n != parts[i].n)
            return false;
    return ps_equal(text, ps_slice(binding->text.p, binding->text.n));
}

/* Takes what a wish needs. A mere refresh needs nothing, and works in a full store, too. Where the
 * REGISTER also removes (`removes`), the binding to refresh may be gone by then. */
static enum ps_error take_supply(struct ps_registrar *r, struct ps_slice aor,
                                 const struct wish *wish, const struct ps_message *m, bool removes,
                                 struct supply *supply)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    const struct ps_binding *binding = removes ? NULL : find(r, aor, &wish->uri);
    put_parts(&w, aor, wish, m, supply->span);
    if (binding && has_parts(binding, ps_written(&w), supply->span))
        return PS_OK;
    if (!binding && (supply->fresh = ps_pool_take(&r->pool)) == NULL)
        return PS_E_FULL;
    return w.error ? w.error
                   : ps_transaction_keep(r->env->transactions, ps_written(&w), &supply->text);
}

/* Gives back what was not used, or all. */
static void give_supply(struct ps_registrar *r, struct supply *supply)
{
    if (supply->fresh)
        ps_pool_give(&r->pool, supply->fresh);
    ps_forget(&r->env->store, &supply->text);
}

static void set(struct ps_registrar *r, struct ps_binding *binding, const struct wish *wish,
                const struct ps_message *m, struct supply *supply)
{
    if (supply->text.p) {
        ps_forget(&r->env->store, &binding->text);
        binding->text = supply->text;
        supply->text.p = NULL;
        memcpy(binding->span, supply->span, sizeof binding->span);
    }
    binding->call_id = hash_call_id(r, m);
    binding->cseq = m->cseq;
    binding->q = wish->q;
    binding->has_q = wish->has_q;
    binding->end = r->env->now + (uint64_t)wish->expires * 1000;
    ps_timer_start(&r->env->timers, &binding->timer, binding->end);
}

/* Does what a wish wants; nothing is left that could fail. */
static void apply(struct ps_registrar *r, struct ps_slice aor, const struct wish *wish,
                  const struct ps_message *m, struct supply *supply)
{
    struct ps_binding *binding = find(r, aor, &wish->uri), **bucket = bucket_of(r, aor);
    if (!wish->expires) {
        if (binding)
            drop(r, binding);
        return;
    }
    if (!binding) {
        binding = supply->fresh;
        if (!binding) /* cannot be: a REGISTER that also removes brings one for each wish */
            return;
        supply->fresh = NULL;
        binding->timer.kind = PS_KIND_BINDING;
        binding->next = *bucket;
        *bucket = binding;
    }
    set(r, binding, wish, m, supply);
}

/* Removes what is not newer, for "*", which stands alone and with Expires 0 (step 6). */
static unsigned remove_all(struct ps_registrar *r, struct ps_slice aor, const struct ps_message *m)
{
    struct ps_binding *binding, *next;
    for (binding = of_aor(*bucket_of(r, aor), aor); binding; binding = of_aor(binding->next, aor))
        if (out_of_order(r, binding, m))
            return 500;
    for (binding = of_aor(*bucket_of(r, aor), aor); binding; binding = next) {
        next = of_aor(binding->next, aor);
        drop(r, binding);
    }
    return 200;
}

static size_t path_bytes(const struct ps_message *m)
{
    struct ps_values values = ps_values(m, PS_H_PATH);
    struct ps_slice element;
    size_t n = 0;
    while (ps_values_next(&values, &element))
        n += element.n + 2;
    return n;
}

/* Counts the bindings that the REGISTER does not remove. */
static unsigned stay(const struct ps_registrar *r, struct ps_slice aor)
{
    const struct ps_binding *binding;
    unsigned n = 0;
    for (binding = of_aor(*bucket_of(r, aor), aor); binding; binding = of_aor(binding->next, aor))
        n += !binding->leaves;
    return n;
}

static void forget_who_leaves(const struct ps_registrar *r, struct ps_slice aor)
{
    struct ps_binding *binding;
    for (binding = of_aor(*bucket_of(r, aor), aor); binding; binding = of_aor(binding->next, aor))
        binding->leaves = false;
}

/* Checks all before anything changes: step 7 wants all or nothing. */
static unsigned check_wishes(const struct ps_registrar *r, struct ps_slice aor,
                             const struct ps_message *m, unsigned *n)
{
    struct ps_values values = ps_values(m, PS_H_CONTACT);
    struct ps_slice element;
    struct ps_binding *binding;
    struct wish wish;
    unsigned status, fresh = 0;
    *n = 0;
    forget_who_leaves(r, aor);
    while (ps_values_next(&values, &element)) {
        if (++*n > PS_MAX_CONTACTS)
            return 403;
        if (ps_equal(element, PS_S("*")))
            continue;
        status = read_wish(r, m, element, &wish);
        if (status != 200)
            return status;
        binding = find(r, aor, &wish.uri);
        if (binding && out_of_order(r, binding, m))
            return 500;
        fresh += !binding && wish.expires;
        if (binding) /* named twice: what is said last counts */
            binding->leaves = !wish.expires;
    }
    return fresh && stay(r, aor) + fresh > PS_MAX_CONTACTS ? 403 : 200;
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
    if (status == 200 && path_bytes(m) > PS_MAX_CONTACT)
        status = 403;
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

/* ---- who is where ---- */

static struct ps_bound describe(const struct ps_registrar *r, const struct ps_binding *binding)
{
    struct ps_bound bound;
    bound.contact = part(binding, CONTACT);
    bound.params = part(binding, PARAMS);
    bound.path = part(binding, PATH);
    bound.q = binding->q;
    bound.has_q = binding->has_q;
    bound.seconds = (uint32_t)((binding->end - r->env->now + 999) / 1000);
    return bound;
}

static unsigned bindings_of(const struct ps_registrar *r, struct ps_slice aor,
                            struct ps_bound out[PS_MAX_CONTACTS])
{
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    const struct ps_binding *binding;
    unsigned n = 0, i;
    if (ps_put_address_of_record(&w, aor, r->serves, r->context))
        return 0;
    aor = ps_written(&w);
    for (binding = of_aor(*bucket_of(r, aor), aor); binding && n < PS_MAX_CONTACTS;
         binding = of_aor(binding->next, aor)) {
        for (i = n++; i > 0 && out[i - 1].q < binding->q; i--)
            out[i] = out[i - 1];
        out[i] = describe(r, binding);
    }
    return n;
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

static void put_contact(struct ps_writer *w, const struct ps_bound *bound, bool redirect)
{
    ps_put(w, PS_S("Contact: <"));
    ps_put(w, bound->contact);
    ps_put_char(w, '>');
    if (bound->has_q)
        put_q(w, bound->q);
    ps_put(w, bound->params);
    if (!redirect) {
        ps_put(w, PS_S(";expires="));
        ps_put_number(w, bound->seconds);
    }
    ps_put(w, PS_S("\r\n"));
}

static unsigned write_contacts(const struct ps_registrar *r, struct ps_slice aor, bool redirect,
                               size_t room, struct ps_writer *lines)
{
    struct ps_bound bound[PS_MAX_CONTACTS];
    unsigned i, fit = 0, n = bindings_of(r, aor, bound);
    for (i = 0; i < n; i++) {
        struct ps_writer counted = ps_writer(NULL, 0);
        put_contact(&counted, &bound[i], redirect);
        if (counted.n > room)
            continue;
        put_contact(lines, &bound[i], redirect);
        room -= counted.n;
        fit++;
    }
    return fit;
}

/* Writes the answer to a REGISTER that was done (step 8). */
static void write_answer(struct ps_registrar *r, const struct ps_message *m,
                         struct ps_writer *lines)
{
    (void)write_contacts(r, ps_span_of(m, m->to_uri), false, SIZE_MAX, lines);
    if (ps_has_token(m, PS_H_SUPPORTED, PS_S("path"))) /* RFC 3327 5.3 */
        ps_write_copy_lines(lines, m, PS_H_PATH);
    if (r->date_n)
        ps_write_header(lines, PS_H_DATE, ps_slice(r->date, r->date_n));
}

static unsigned obey(struct ps_registrar *r, const struct ps_message *m, struct ps_writer *lines)
{
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    unsigned status;
    if (ps_put_address_of_record(&w, ps_span_of(m, m->to_uri), r->serves, r->context))
        return 404; /* 10.3 step 5: not an address of ours */
    status = change(r, ps_written(&w), m);
    if (status == 423)
        ps_write_header_number(lines, PS_H_MIN_EXPIRES, r->shortest);
    else if (status == 503)
        ps_write_header_number(lines, PS_H_RETRY_AFTER, 60);
    else if (status == 200)
        write_answer(r, m, lines);
    return status;
}

/* ---- for an application ---- */

enum ps_error ps_registrar_register(struct ps_stack *stack, ps_handle transaction)
{
    struct ps_registrar *r = registrar_of(stack);
    struct ps_writer w = ps_writer(r->env->side, r->env->scratch_n);
    struct ps_response response = {.status = 0};
    const struct ps_message *m = ps_responder_request(r->env->responder, transaction);
    if (!m)
        return PS_E_STATE;
    response.status = obey(r, m, &w);
    response.lines = ps_written(&w);
    if (!w.error && response.status < 300) {
        w.error = ps_response_send(r->env->responder, transaction, &response, NULL);
        if (!w.error || w.error == PS_E_STALE || w.error == PS_E_STATE)
            return w.error;
    }
    if (w.error) { /* there is no room to list the bindings */
        response.status = 500;
        response.lines = PS_NONE;
    }
    return ps_response_finish(r->env->responder, transaction, &response);
}

unsigned ps_registrar_bindings(const struct ps_stack *stack, struct ps_slice aor,
                               struct ps_bound out[PS_MAX_CONTACTS])
{
    return bindings_of(registrar_of(stack), aor, out);
}

unsigned ps_registrar_contacts(const struct ps_stack *stack, struct ps_slice aor, bool redirect,
                               size_t room, struct ps_writer *lines)
{
    return write_contacts(registrar_of(stack), aor, redirect, room, lines);
}

/* ---- the row ---- */

static void *make_state(struct ps_arena *arena, struct ps_environment *env, uint32_t count)
{
    struct ps_registrar *r = ps_arena_take(arena, sizeof *r);
    struct ps_pool pool;
    uint32_t buckets;
    void *bucket = ps_arena_take_buckets(arena, count, &buckets);
    ps_pool_init(&pool, arena, PS_KIND_BINDING, sizeof(struct ps_binding), count);
    if (!r || !bucket)
        return NULL;
    memset(r, 0, sizeof *r);
    r->env = env;
    r->pool = pool;
    r->bucket = bucket;
    r->buckets = buckets;
    r->shortest = 60;
    r->longest = 7200;
    r->standard = 3600;
    return r;
}

static uint32_t count_live(const void *state)
{
    return ((const struct ps_registrar *)state)->pool.live;
}

const struct ps_usage ps_registrar_usage = {
    .name = "bindings",
    .kind = PS_KIND_BINDING,
    .limit = offsetof(struct ps_limits, bindings),
    .living = offsetof(struct ps_stack_live, bindings),
    .init = make_state,
    .live = count_live,
    .expire = on_time,
};
