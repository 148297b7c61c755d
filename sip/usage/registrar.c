/*
 * Carries out and answers REGISTERs: RFC 3261 10.3. See registrar.h. The bindings are kept, and
 * changed wholly or not at all, by bindings.c.
 */
#include "../registrar.h"

#include "../core/responder.h"
#include "../message/writing.h"
#include "address_of_record.h"
#include "bindings.h"
#include "rows.h"

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

/* ---- REGISTER ---- */

/* Reads what a Contact wants (10.3 step 7): its expires, else the header's, else ours. */
static unsigned read_wish(const struct ps_registrar *r, const struct ps_message *m,
                          struct ps_slice element, struct ps_wish *wish)
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

static size_t path_bytes(const struct ps_message *m)
{
    struct ps_values values = ps_values(m, PS_H_PATH);
    struct ps_slice element;
    size_t n = 0;
    while (ps_values_next(&values, &element))
        n += element.n + 2;
    return n;
}

static bool has_star(const struct ps_message *m, bool *alone)
{
    struct ps_values values = ps_values(m, PS_H_CONTACT);
    struct ps_slice element;
    bool star = false;
    unsigned n;
    for (n = 0; ps_values_next(&values, &element); n++)
        star |= ps_equal(element, PS_S("*"));
    *alone = n == 1;
    return star;
}

/* Does what the REGISTER wants, as far as its status goes. What is wrong for good comes before what
 * lacks room just now. */
static unsigned change(struct ps_change *c)
{
    struct ps_values values = ps_values(c->m, PS_H_CONTACT);
    struct ps_slice element;
    struct ps_wish wish;
    bool alone;
    unsigned n, status = 200;
    if (path_bytes(c->m) > PS_MAX_CONTACT)
        return 403;
    if (has_star(c->m, &alone))
        return alone ? ps_change_remove_all(c) : 400;
    for (n = 0; status == 200 && ps_values_next(&values, &element); n++) {
        status = n < PS_MAX_CONTACTS ? read_wish(c->r, c->m, element, &wish) : 403;
        if (status == 200)
            status = ps_change_apply(c, &wish);
    }
    if (status != 200)
        return status;
    if (ps_bindings_count(c->r, c->aor) + c->missing > PS_MAX_CONTACTS)
        return 403;
    return c->full ? 503 : 200;
}

/* ---- who is where ---- */

static struct ps_bound describe(const struct ps_registrar *r, const struct ps_binding *binding)
{
    struct ps_bound bound;
    bound.contact = ps_binding_part(binding, PS_BINDING_CONTACT);
    bound.params = ps_binding_part(binding, PS_BINDING_PARAMS);
    bound.path = ps_binding_part(binding, PS_BINDING_PATH);
    bound.q = binding->is.q;
    bound.has_q = binding->is.has_q;
    bound.seconds = (uint32_t)((binding->is.end - r->env->now + 999) / 1000);
    return bound;
}

static unsigned bindings_of(const struct ps_registrar *r, struct ps_slice aor,
                            struct ps_bound out[PS_MAX_CONTACTS])
{
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    const struct ps_binding *binding = NULL;
    unsigned n = 0, i;
    if (ps_put_address_of_record(&w, aor, r->serves, r->context))
        return 0;
    aor = ps_written(&w);
    while (n < PS_MAX_CONTACTS && (binding = ps_bindings_next(r, aor, binding)) != NULL) {
        for (i = n++; i > 0 && out[i - 1].q < binding->is.q; i--)
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

/* Writes at most `most` of them. */
static unsigned write_contacts(const struct ps_registrar *r, struct ps_slice aor, bool redirect,
                               unsigned most, size_t room, struct ps_writer *lines)
{
    struct ps_bound bound[PS_MAX_CONTACTS];
    unsigned i, fit = 0, n = bindings_of(r, aor, bound);
    for (i = 0; i < n && fit < most; i++) {
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

/* ---- the answer (step 8) ---- */

/* Writes its lines with at most `most` Contacts. Returns how many. */
static unsigned write_answer(const struct ps_change *c, unsigned most, struct ps_writer *lines)
{
    const struct ps_registrar *r = c->r;
    unsigned n =
        write_contacts(r, ps_span_of(c->m, c->m->to_uri), false, most, r->env->scratch_n, lines);
    if (ps_has_token(c->m, PS_H_SUPPORTED, PS_S("path"))) /* RFC 3327 5.3 */
        ps_write_copy_lines(lines, c->m, PS_H_PATH);
    if (r->date_n)
        ps_write_header(lines, PS_H_DATE, ps_slice(r->date, r->date_n));
    return n;
}

/* Does the response fit a message, however little its receiver may be sent before it has proved
 * where it is? */
static bool fits(const struct ps_change *c, ps_handle transaction,
                 const struct ps_response *response)
{
    const struct ps_environment *env = c->r->env;
    char tag[32];
    struct ps_writer t = ps_writer(tag, sizeof tag), w = ps_writer(env->scratch, env->scratch_n);
    struct ps_response tagged = *response;
    ps_transaction_put_tag(&t, env->transactions, transaction, c->m);
    tagged.tag = ps_written(&t);
    ps_response_write(&w, env->responder, c->m, ps_transaction_flow(env->transactions, transaction),
                      &tagged, SIZE_MAX);
    return !w.error && !w.compact; /* as a whole, not shortened */
}

/* Sends the 200 with at most `most` Contacts, and says how many. A REGISTER that adds to the list
 * gets all of it or none. */
static enum ps_error send_list(const struct ps_change *c, ps_handle transaction, unsigned most,
                               unsigned *n)
{
    struct ps_environment *env = c->r->env;
    struct ps_writer lines = ps_writer(env->side, env->scratch_n);
    struct ps_response response = {.status = 200};
    *n = write_answer(c, most, &lines);
    response.lines = ps_written(&lines);
    if (lines.error)
        return lines.error;
    if (c->adds && (*n < ps_bindings_count(c->r, c->aor) || !fits(c, transaction, &response)))
        return PS_E_OVERFLOW;
    return ps_response_send(env->responder, transaction, &response, NULL);
}

static bool lacks_room(enum ps_error error)
{
    return error == PS_E_FULL || error == PS_E_TOO_LARGE || error == PS_E_OVERFLOW;
}

/* Sends the 200 before anything is made to last: where it cannot be sent, all is undone. A REGISTER
 * that adds nothing may get a shorter list, so that a full one can be read and emptied. */
static enum ps_error grant(const struct ps_change *c, ps_handle transaction)
{
    unsigned n;
    enum ps_error error = send_list(c, transaction, PS_MAX_CONTACTS, &n);
    while (lacks_room(error) && !c->adds && n)
        error = send_list(c, transaction, n - 1, &n);
    return error;
}

static enum ps_error refuse(struct ps_registrar *r, ps_handle transaction, unsigned status)
{
    struct ps_writer lines = ps_writer(r->env->side, r->env->scratch_n);
    struct ps_response response = {.status = status};
    if (status == 423)
        ps_write_header_number(&lines, PS_H_MIN_EXPIRES, r->shortest);
    else if (status == 503)
        ps_write_header_number(&lines, PS_H_RETRY_AFTER, 60);
    response.lines = ps_written(&lines);
    return ps_response_finish(r->env->responder, transaction, &response);
}

static unsigned status_of(const struct ps_change *c, enum ps_error error)
{
    if (error == PS_E_FULL)
        return 503;
    return c->adds && lacks_room(error) ? 403 : 500;
}

/* Carries out the REGISTER of c->m, and answers it. */
static enum ps_error obey(struct ps_change *c, ps_handle transaction)
{
    unsigned status = change(c);
    enum ps_error error = status == 200 ? grant(c, transaction) : PS_OK;
    if (status == 200 && !error) {
        ps_change_commit(c);
        return PS_OK;
    }
    if (status == 200)
        status = status_of(c, error);
    ps_change_undo(c);
    return error == PS_E_STALE || error == PS_E_STATE ? error : refuse(c->r, transaction, status);
}

/* ---- for an application ---- */

enum ps_error ps_registrar_register(struct ps_stack *stack, ps_handle transaction)
{
    struct ps_change c = {.r = registrar_of(stack)};
    char aor[512];
    struct ps_writer w = ps_writer(aor, sizeof aor);
    c.m = ps_responder_request(c.r->env->responder, transaction);
    if (!c.m)
        return PS_E_STATE;
    if (ps_put_address_of_record(&w, ps_span_of(c.m, c.m->to_uri), c.r->serves, c.r->context))
        return refuse(c.r, transaction, 404); /* 10.3 step 5: not an address of ours */
    c.aor = ps_written(&w);
    return obey(&c, transaction);
}

unsigned ps_registrar_bindings(const struct ps_stack *stack, struct ps_slice aor,
                               struct ps_bound out[PS_MAX_CONTACTS])
{
    return bindings_of(registrar_of(stack), aor, out);
}

unsigned ps_registrar_contacts(const struct ps_stack *stack, struct ps_slice aor, bool redirect,
                               size_t room, struct ps_writer *lines)
{
    return write_contacts(registrar_of(stack), aor, redirect, PS_MAX_CONTACTS, room, lines);
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
    .expire = ps_bindings_on_time,
};
