/*
 * Keeps bindings, and changes those of one address of record as a REGISTER asks: RFC 3261 10.3 step
 * 7. See bindings.h.
 */
#include "bindings.h"

#include "../transaction/transaction.h"

struct ps_slice ps_binding_part(const struct ps_binding *binding, enum ps_binding_part which)
{
    return ps_slice(binding->is.text.p + binding->is.span[which].at, binding->is.span[which].n);
}

static struct ps_binding **bucket_of(const struct ps_registrar *r, struct ps_slice aor)
{
    return &r->bucket[ps_siphash_of(r->env->hash_key, aor.p, aor.n) & (r->buckets - 1)];
}

/* Is it one of that address of record? One that leaves is as gone, and so is one whose time is over
 * while its timer is still to run. */
static bool is_of(const struct ps_registrar *r, const struct ps_binding *binding,
                  struct ps_slice aor)
{
    return !(binding->is.marks & PS_BINDING_LEAVES) && binding->is.end > r->env->now &&
           ps_equal(aor, ps_binding_part(binding, PS_BINDING_AOR));
}

struct ps_binding *ps_bindings_next(const struct ps_registrar *r, struct ps_slice aor,
                                    const struct ps_binding *binding)
{
    struct ps_binding *next = binding ? binding->next : *bucket_of(r, aor);
    while (next && !is_of(r, next, aor))
        next = next->next;
    return next;
}

unsigned ps_bindings_count(const struct ps_registrar *r, struct ps_slice aor)
{
    const struct ps_binding *binding = NULL;
    unsigned n = 0;
    while ((binding = ps_bindings_next(r, aor, binding)) != NULL)
        n++;
    return n;
}

static struct ps_binding *find(const struct ps_registrar *r, struct ps_slice aor,
                               const struct ps_uri *contact)
{
    struct ps_binding *binding = NULL;
    struct ps_uri uri;
    while ((binding = ps_bindings_next(r, aor, binding)) != NULL)
        if (!ps_uri_parse(ps_binding_part(binding, PS_BINDING_CONTACT), &uri, NULL) &&
            ps_uri_equal(&uri, contact, NULL))
            break;
    return binding;
}

static void drop(struct ps_registrar *r, struct ps_binding *binding)
{
    struct ps_binding **at = bucket_of(r, ps_binding_part(binding, PS_BINDING_AOR));
    while (*at && *at != binding)
        at = &(*at)->next;
    if (*at)
        *at = binding->next;
    ps_timer_stop(&r->env->timers, &binding->timer);
    ps_forget(&r->env->store, &binding->is.text);
    ps_pool_give(&r->pool, binding);
}

struct ps_event ps_bindings_on_time(void *state, struct ps_timer *timer)
{
    drop(state, PS_CONTAINER(struct ps_binding, timer, timer));
    return ps_no_event();
}

/* ---- what a REGISTER says ---- */

static uint64_t hash_call_id(const struct ps_registrar *r, const struct ps_message *m)
{
    struct ps_slice call_id = ps_call_id(m);
    return ps_siphash_of(r->env->hash_key, call_id.p, call_id.n);
}

/* Is the REGISTER out of order (steps 6, 7)? It is with a lower CSeq of the same Call-ID. */
static bool out_of_order(const struct ps_registrar *r, const struct ps_binding *binding,
                         const struct ps_message *m)
{
    return binding->is.call_id == hash_call_id(r, m) && m->cseq <= binding->is.cseq;
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

static void put_parts(struct ps_writer *w, struct ps_slice aor, const struct ps_wish *wish,
                      const struct ps_message *m, struct ps_span out[PS_BINDING_PARTS])
{
    ps_put(w, aor);
    out[PS_BINDING_AOR] = span_from(w, 0);
    ps_put(w, wish->contact);
    out[PS_BINDING_CONTACT] = span_from(w, out[PS_BINDING_AOR].n);
    put_params(w, wish->params);
    out[PS_BINDING_PARAMS] =
        span_from(w, (size_t)out[PS_BINDING_CONTACT].at + out[PS_BINDING_CONTACT].n);
    put_path(w, m);
    out[PS_BINDING_PATH] =
        span_from(w, (size_t)out[PS_BINDING_PARAMS].at + out[PS_BINDING_PARAMS].n);
}

/* Has the binding these very parts? They follow each other, so their lengths tell them apart. */
static bool has_parts(const struct ps_binding *binding, struct ps_slice text,
                      const struct ps_span parts[PS_BINDING_PARTS])
{
    unsigned i;
    for (i = 0; i < PS_BINDING_PARTS; i++)
        if (binding->is.span[i].n != parts[i].n)
            return false;
    return ps_equal(text, ps_slice(binding->is.text.p, binding->is.text.n));
}

/* ---- all or nothing ---- */

/* Notes what a binding was, for an undoing, and gives it a text where there is one. */
static void note(struct ps_change *c, struct ps_binding *binding, const struct ps_terms *text)
{
    c->done[c->n].binding = binding;
    c->done[c->n].was = binding->is;
    c->done[c->n++].replaced = text->text.p != NULL;
    if (!text->text.p)
        return;
    binding->is.text = text->text;
    memcpy(binding->is.span, text->span, sizeof binding->is.span);
    c->adds = true;
}

/* Keeps what a wish says, unless `binding` says the same: a mere refresh needs nothing, and works
 * in a full store, too. */
static enum ps_error keep_parts(const struct ps_change *c, const struct ps_binding *binding,
                                const struct ps_wish *wish, struct ps_terms *out)
{
    struct ps_environment *env = c->r->env;
    struct ps_writer w = ps_writer(env->scratch, env->scratch_n);
    memset(out, 0, sizeof *out);
    put_parts(&w, c->aor, wish, c->m, out->span);
    if (w.error || (binding && has_parts(binding, ps_written(&w), out->span)))
        return w.error;
    return ps_transaction_keep(env->transactions, ps_written(&w), &out->text);
}

static struct ps_binding *enter(struct ps_change *c)
{
    struct ps_binding *binding = ps_pool_take(&c->r->pool), **bucket = bucket_of(c->r, c->aor);
    if (!binding)
        return NULL;
    binding->timer.kind = PS_KIND_BINDING;
    binding->is.marks = PS_BINDING_COMES;
    binding->next = *bucket;
    *bucket = binding;
    return binding;
}

/* Binds what a wish names, or refreshes it. */
static void bind_contact(struct ps_change *c, struct ps_binding *binding,
                         const struct ps_wish *wish)
{
    bool fresh = !binding;
    struct ps_terms text;
    bool kept = !keep_parts(c, binding, wish, &text);
    if (kept && fresh)
        binding = enter(c);
    if (!kept || !binding) {
        ps_forget(&c->r->env->store, &text.text);
        c->full = true;
        c->missing += fresh;
        return;
    }
    note(c, binding, &text);
    binding->is.call_id = hash_call_id(c->r, c->m);
    binding->is.cseq = c->m->cseq;
    binding->is.q = wish->q;
    binding->is.has_q = wish->has_q;
    binding->is.end = c->r->env->now + (uint64_t)wish->expires * 1000;
    binding->is.marks |= PS_BINDING_CHANGES;
}

unsigned ps_change_apply(struct ps_change *c, const struct ps_wish *wish)
{
    struct ps_binding *binding = find(c->r, c->aor, &wish->uri);
    if (binding && !binding->is.marks && out_of_order(c->r, binding, c->m))
        return 500;
    if (wish->expires)
        bind_contact(c, binding, wish);
    else if (binding)
        binding->is.marks |= PS_BINDING_LEAVES;
    return 200;
}

unsigned ps_change_remove_all(struct ps_change *c)
{
    struct ps_binding *binding = NULL;
    if (ps_header_number(c->m, PS_H_EXPIRES, 1) != 0)
        return 400;
    while ((binding = ps_bindings_next(c->r, c->aor, binding)) != NULL) {
        if (out_of_order(c->r, binding, c->m))
            return 500;
        binding->is.marks |= PS_BINDING_LEAVES;
    }
    return 200;
}

/* Takes the marks off; drops what has one of `leave`. */
static void settle(const struct ps_change *c, unsigned leave)
{
    struct ps_binding *binding = *bucket_of(c->r, c->aor), *next;
    for (; binding; binding = next) {
        next = binding->next;
        if (binding->is.marks & leave)
            drop(c->r, binding);
        else
            binding->is.marks = 0;
    }
}

void ps_change_commit(struct ps_change *c)
{
    unsigned i;
    for (i = 0; i < c->n; i++) {
        struct ps_binding *binding = c->done[i].binding;
        ps_timer_start(&c->r->env->timers, &binding->timer, binding->is.end);
        if (c->done[i].replaced)
            ps_forget(&c->r->env->store, &c->done[i].was.text);
    }
    settle(c, PS_BINDING_LEAVES);
}

void ps_change_undo(struct ps_change *c)
{
    unsigned i;
    for (i = c->n; i-- > 0;) {
        struct ps_binding *binding = c->done[i].binding;
        if (!c->done[i].was.text.p)
            continue; /* it came, and goes as a whole */
        if (c->done[i].replaced)
            ps_forget(&c->r->env->store, &binding->is.text);
        binding->is = c->done[i].was;
    }
    settle(c, PS_BINDING_COMES);
}
