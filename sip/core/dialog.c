/*
 * Makes, finds and changes dialogs: RFC 3261 section 12. See dialog.h. Knows nothing of calls and
 * of sending.
 */
#include "dialog.h"
#include "../message/writing.h"
#include "../transaction/transaction.h"

struct ps_dialogs {
    struct ps_environment *env;
    struct ps_pool pool;
    struct ps_dialog **bucket;
    uint32_t buckets; /* a power of two */
};

/* Holds the sources of a dialog's text, written one after the other into its kept chunk. */
struct parts {
    struct ps_slice call_id, local, local_tag, remote, remote_tag, target;
    struct ps_slice new_tag;               /* to be added to `local` (12.1.1) */
    const struct ps_message *route_source; /* NULL: `routes` as it stands */
    bool reverse;
    struct ps_slice routes;
};

struct ps_dialogs *ps_dialogs_init(struct ps_arena *arena, struct ps_environment *env,
                                   uint32_t count)
{
    struct ps_dialogs *d = ps_arena_take(arena, sizeof *d);
    struct ps_pool pool;
    uint32_t buckets;
    void *bucket = ps_arena_take_buckets(arena, count, &buckets);
    ps_pool_init(&pool, arena, PS_KIND_DIALOG, sizeof(struct ps_dialog), count);
    if (!d || !bucket)
        return NULL;
    d->env = env;
    d->pool = pool;
    d->bucket = bucket;
    d->buckets = buckets;
    return d;
}

struct ps_slice ps_dialog_part(const struct ps_dialog *dialog, struct ps_span part)
{
    return ps_slice(dialog->text.p + part.at, part.n);
}

/* ---- finding ---- */

/* Hashes Call-ID and tags, which are compared byte for byte (8.1.1.4, 19.3). */
static struct ps_dialog **bucket_of(const struct ps_dialogs *d, struct ps_slice call_id,
                                    struct ps_slice local_tag, struct ps_slice remote_tag)
{
    struct ps_siphash hash;
    uint64_t h;
    ps_siphash_start(&hash, d->env->hash_key);
    ps_siphash_add(&hash, call_id.p, call_id.n);
    ps_siphash_add(&hash, "\n", 1); /* in none of the three: where one ends is told */
    ps_siphash_add(&hash, local_tag.p, local_tag.n);
    ps_siphash_add(&hash, "\n", 1);
    ps_siphash_add(&hash, remote_tag.p, remote_tag.n);
    h = ps_siphash_end(&hash);
    return &d->bucket[h & (d->buckets - 1)];
}

static struct ps_dialog *find(const struct ps_dialogs *d, struct ps_slice call_id,
                              struct ps_slice local_tag, struct ps_slice remote_tag)
{
    struct ps_dialog *dialog = *bucket_of(d, call_id, local_tag, remote_tag);
    while (dialog && !(ps_equal(call_id, ps_dialog_part(dialog, dialog->call_id)) &&
                       ps_equal(local_tag, ps_dialog_part(dialog, dialog->local_tag)) &&
                       ps_equal(remote_tag, ps_dialog_part(dialog, dialog->remote_tag))))
        dialog = dialog->next_in_bucket;
    return dialog;
}

static struct ps_dialog **bucket_of_dialog(const struct ps_dialogs *d,
                                           const struct ps_dialog *dialog)
{
    return bucket_of(d, ps_dialog_part(dialog, dialog->call_id),
                     ps_dialog_part(dialog, dialog->local_tag),
                     ps_dialog_part(dialog, dialog->remote_tag));
}

struct ps_dialog *ps_dialog_of_request(const struct ps_dialogs *d, const struct ps_message *request)
{
    return find(d, ps_call_id(request), ps_to_tag(request), ps_from_tag(request));
}

struct ps_dialog *ps_dialog_of_response(const struct ps_dialogs *d,
                                        const struct ps_message *response)
{
    return find(d, ps_call_id(response), ps_from_tag(response), ps_to_tag(response));
}

struct ps_dialog *ps_dialog_waiting(const struct ps_dialogs *d, const struct ps_message *request)
{
    return find(d, ps_call_id(request), ps_to_tag(request), PS_NONE);
}

struct ps_dialog *ps_dialog_get(const struct ps_dialogs *d, ps_handle handle)
{
    return ps_pool_get(&d->pool, handle);
}

ps_handle ps_dialog_handle(const struct ps_dialogs *d, const struct ps_dialog *dialog)
{
    return ps_pool_handle(&d->pool, dialog);
}

uint32_t ps_dialogs_share(const struct ps_dialogs *d)
{
    return d->pool.count / 4 + 1;
}

uint32_t ps_dialogs_live(const struct ps_dialogs *d)
{
    return d->pool.live;
}

/* ---- making ---- */

static struct ps_span put_part(struct ps_writer *w, struct ps_slice part)
{
    struct ps_span span;
    span.at = (uint16_t)w->n;
    span.n = (uint16_t)part.n;
    ps_put(w, part);
    return span;
}

/* Writes Record-Route's elements; the client takes them in reverse (12.1.2). To reverse them they
 * are written from the buffer's end backwards, so it costs one walk. */
static struct ps_span put_routes(struct ps_writer *w, const struct parts *parts)
{
    struct ps_span span;
    struct ps_values values;
    struct ps_slice element;
    size_t end = w->capacity, n;
    if (!parts->route_source)
        return put_part(w, parts->routes);
    span.at = (uint16_t)w->n;
    values = ps_values(parts->route_source, PS_H_RECORD_ROUTE);
    while (ps_values_next(&values, &element)) {
        size_t comma = w->n > span.at || end < w->capacity ? 1 : 0;
        if (!parts->reverse) {
            if (comma)
                ps_put_char(w, ',');
            ps_put(w, element);
        } else if (element.n + comma <= end - w->n) {
            if (comma)
                w->p[--end] = ',';
            end -= element.n;
            memcpy(w->p + end, element.p, element.n);
        } else {
            w->error = PS_E_OVERFLOW;
        }
    }
    n = w->capacity - end;
    if (n) {
        memmove(w->p + w->n, w->p + end, n);
        w->n += n;
    }
    span.n = (uint16_t)(w->n - span.at);
    return span;
}

/* Places a tag inside the whole value it was taken from. */
static struct ps_span span_within(struct ps_span whole, struct ps_slice value, struct ps_slice part)
{
    struct ps_span span = {0, 0};
    if (part.n) {
        span.at = (uint16_t)(whole.at + (part.p - value.p));
        span.n = (uint16_t)part.n;
    }
    return span;
}

/* Writes the local end as it stands in From of our requests: with our tag. */
static void put_local(struct ps_writer *w, const struct parts *parts, struct ps_dialog *made)
{
    if (!parts->new_tag.n) {
        made->local = put_part(w, parts->local);
        made->local_tag = span_within(made->local, parts->local, parts->local_tag);
        return;
    }
    made->local.at = (uint16_t)w->n;
    ps_put_tagged(w, parts->local, parts->new_tag);
    made->local.n = (uint16_t)(w->n - made->local.at);
    made->local_tag.n = (uint16_t)parts->new_tag.n;
    made->local_tag.at = (uint16_t)(w->n - parts->new_tag.n);
}

/* Writes the text; `*made` is a copy of the dialog and gets it. An answered transaction makes room
 * where there is none. */
static enum ps_error make_text(struct ps_dialogs *d, const struct parts *parts,
                               struct ps_dialog *made)
{
    struct ps_writer w = ps_writer(d->env->scratch, d->env->scratch_n);
    struct ps_kept none = {NULL, 0, 0};
    made->text = none;
    made->call_id = put_part(&w, parts->call_id);
    put_local(&w, parts, made);
    made->remote = put_part(&w, parts->remote);
    made->remote_tag = span_within(made->remote, parts->remote, parts->remote_tag);
    made->target = put_part(&w, parts->target);
    made->routes = put_routes(&w, parts);
    return w.error ? w.error
                   : ps_transaction_keep(d->env->transactions, ps_written(&w), &made->text);
}

void ps_dialog_replace(struct ps_dialogs *d, struct ps_dialog *dialog, struct ps_dialog *made)
{
    if (!made->text.p)
        return;
    ps_forget(&d->env->store, &dialog->text);
    *dialog = *made;
    made->text.p = NULL;
}

void ps_dialog_discard(struct ps_dialogs *d, struct ps_dialog *made)
{
    ps_forget(&d->env->store, &made->text);
}

static enum ps_error set_text(struct ps_dialogs *d, struct ps_dialog *dialog,
                              const struct parts *parts)
{
    struct ps_dialog made = *dialog;
    enum ps_error error = make_text(d, parts, &made);
    if (!error)
        ps_dialog_replace(d, dialog, &made);
    return error;
}

static struct ps_dialog *enter(struct ps_dialogs *d, const struct parts *parts)
{
    struct ps_dialog *dialog = ps_pool_take(&d->pool), **bucket;
    if (!dialog)
        return NULL;
    if (set_text(d, dialog, parts)) {
        ps_pool_give(&d->pool, dialog);
        return NULL;
    }
    bucket = bucket_of_dialog(d, dialog);
    dialog->bucket = (uint32_t)(bucket - d->bucket);
    dialog->next_in_bucket = *bucket;
    *bucket = dialog;
    return dialog;
}

static const struct ps_span no_uri;

/* Returns the URI of the first Contact, which 12.1 demands. Where an old peer sends none,
 * `otherwise` (the From or To) is all that there is to call it by. */
static struct ps_slice contact_uri(const struct ps_message *m, struct ps_span otherwise)
{
    struct ps_name_addr contact;
    struct ps_slice value = ps_span_of(m, m->contact);
    if (!value.n || ps_name_addr_parse(value, &contact) || ps_equal(contact.uri, PS_S("*")))
        return ps_span_of(m, otherwise);
    return contact.uri;
}

struct ps_dialog *ps_dialog_from_request(struct ps_dialogs *d, const struct ps_message *request,
                                         struct ps_slice local_tag)
{
    struct parts parts = {.call_id = ps_call_id(request),
                          .local = ps_span_of(request, request->to),
                          .local_tag = ps_to_tag(request),
                          .new_tag = local_tag,
                          .remote = ps_span_of(request, request->from),
                          .remote_tag = ps_from_tag(request),
                          .target = contact_uri(request, request->from_uri),
                          .route_source = request};
    struct ps_dialog *dialog = enter(d, &parts);
    if (!dialog)
        return NULL;
    dialog->remote_cseq = request->cseq;
    dialog->remote_cseq_known = true;
    dialog->invite_cseq = request->cseq;
    return dialog;
}

struct ps_dialog *ps_dialog_from_response(struct ps_dialogs *d, const struct ps_message *response)
{
    struct parts parts = {.call_id = ps_call_id(response),
                          .local = ps_span_of(response, response->from),
                          .local_tag = ps_from_tag(response),
                          .remote = ps_span_of(response, response->to),
                          .remote_tag = ps_to_tag(response),
                          .target = contact_uri(response, response->to_uri),
                          .route_source = response,
                          .reverse = true};
    struct ps_dialog *dialog = enter(d, &parts);
    if (!dialog)
        return NULL;
    dialog->local_cseq = response->cseq;
    dialog->invite_cseq = response->cseq;
    return dialog;
}

static struct parts parts_of(const struct ps_dialog *dialog)
{
    struct parts parts = {.call_id = ps_dialog_part(dialog, dialog->call_id),
                          .local = ps_dialog_part(dialog, dialog->local),
                          .local_tag = ps_dialog_part(dialog, dialog->local_tag),
                          .remote = ps_dialog_part(dialog, dialog->remote),
                          .remote_tag = ps_dialog_part(dialog, dialog->remote_tag),
                          .target = ps_dialog_part(dialog, dialog->target),
                          .routes = ps_dialog_part(dialog, dialog->routes)};
    return parts;
}

enum ps_error ps_dialog_confirm(struct ps_dialogs *d, struct ps_dialog *dialog,
                                const struct ps_message *response)
{
    struct parts parts = parts_of(dialog);
    struct ps_slice target = contact_uri(response, no_uri);
    dialog->confirmed = true;
    dialog->invite_cseq = response->cseq; /* an early dialog may be of a try before this one */
    if (dialog->local_cseq < response->cseq)
        dialog->local_cseq = response->cseq;
    if (target.n)
        parts.target = target;
    parts.route_source = response;
    parts.reverse = true;
    return set_text(d, dialog, &parts);
}

enum ps_error ps_dialog_prepare(struct ps_dialogs *d, const struct ps_dialog *dialog,
                                const struct ps_message *m, struct ps_dialog *made)
{
    struct parts parts = parts_of(dialog);
    struct ps_slice target = contact_uri(m, no_uri);
    *made = *dialog;
    made->text.p = NULL;
    if (!target.n || ps_equal(target, parts.target))
        return PS_OK;
    parts.target = target;
    return make_text(d, &parts, made);
}

enum ps_error ps_dialog_refresh(struct ps_dialogs *d, struct ps_dialog *dialog,
                                const struct ps_message *m)
{
    struct ps_dialog made;
    enum ps_error error = ps_dialog_prepare(d, dialog, m, &made);
    if (!error)
        ps_dialog_replace(d, dialog, &made);
    return error;
}

void ps_dialog_end(struct ps_dialogs *d, struct ps_dialog *dialog)
{
    struct ps_dialog **at = &d->bucket[dialog->bucket];
    while (*at && *at != dialog)
        at = &(*at)->next_in_bucket;
    if (*at)
        *at = dialog->next_in_bucket;
    ps_forget(&d->env->store, &dialog->text);
    ps_pool_give(&d->pool, dialog);
}

bool ps_dialog_in_order(struct ps_dialog *dialog, const struct ps_message *request)
{
    if (request->method == PS_METHOD_ACK || request->method == PS_METHOD_CANCEL)
        return true;
    /* an equal CSeq on a new branch is no retransmission: as wrong as a lower one, but in a BYE, of
     * which nothing would be lost */
    if (dialog->remote_cseq_known &&
        (request->cseq < dialog->remote_cseq ||
         (request->cseq == dialog->remote_cseq && request->method != PS_METHOD_BYE)))
        return false;
    dialog->remote_cseq = request->cseq;
    dialog->remote_cseq_known = true;
    return true;
}

/* ---- requests within ---- */

/* Returns the first Route's URI; `*loose` says whether it has lr. {NULL, 0} without a route set. */
static struct ps_slice first_route(const struct ps_dialog *dialog, bool *loose,
                                   struct ps_slice *others)
{
    struct ps_slice rest = ps_dialog_part(dialog, dialog->routes), element, value;
    struct ps_name_addr route;
    struct ps_uri uri;
    *loose = true;
    if (!ps_list_next(&rest, &element) || ps_name_addr_parse(element, &route))
        return PS_NONE;
    *others = ps_trim(rest);
    if (!ps_uri_parse(route.uri, &uri, NULL))
        *loose = ps_uri_param(&uri, PS_S("lr"), &value);
    return route.uri;
}

struct ps_slice ps_dialog_next_hop(const struct ps_dialog *dialog)
{
    bool loose;
    struct ps_slice others, route = first_route(dialog, &loose, &others);
    return route.n ? route : ps_dialog_part(dialog, dialog->target);
}

static bool is_sips(struct ps_slice text)
{
    struct ps_uri uri;
    return !ps_uri_parse(text, &uri, NULL) && uri.scheme == PS_SCHEME_SIPS;
}

bool ps_dialog_is_secure(const struct ps_dialog *dialog)
{
    return is_sips(ps_dialog_part(dialog, dialog->target)) || is_sips(ps_dialog_next_hop(dialog));
}

/* Writes a value that the peer sent. It may be folded, and ps_write_header would refuse its line
 * ends. */
static void put_field(struct ps_writer *w, enum ps_header_id id, struct ps_slice value)
{
    ps_put(w, ps_header_name(id));
    ps_put(w, PS_S(": "));
    ps_put(w, value);
    ps_put(w, PS_S("\r\n"));
}

/* Writes the Request-URI and the Route (12.2.1.1). A first route without lr is a strict router: it
 * becomes the Request-URI, and the remote target goes to the end of the Route. */
static void write_target(struct ps_writer *w, const struct ps_dialog *dialog,
                         struct ps_slice method)
{
    struct ps_slice target = ps_dialog_part(dialog, dialog->target), others = PS_NONE;
    bool loose;
    struct ps_slice route = first_route(dialog, &loose, &others);
    ps_write_request_line(w, method, loose ? target : route);
    if (!route.n)
        return;
    if (loose) {
        put_field(w, PS_H_ROUTE, ps_dialog_part(dialog, dialog->routes));
        return;
    }
    ps_put(w, PS_S("Route: "));
    ps_put(w, others);
    ps_put_string(w, others.n ? ", <" : "<");
    ps_put(w, target);
    ps_put(w, PS_S(">\r\n"));
}

void ps_dialog_write_request(struct ps_writer *w, struct ps_dialog *dialog, struct ps_slice method,
                             uint32_t cseq)
{
    write_target(w, dialog, method);
    ps_put(w, PS_S("Max-Forwards: 70\r\n"));
    put_field(w, PS_H_FROM, ps_dialog_part(dialog, dialog->local));
    put_field(w, PS_H_TO, ps_dialog_part(dialog, dialog->remote));
    put_field(w, PS_H_CALL_ID, ps_dialog_part(dialog, dialog->call_id));
    ps_put(w, PS_S("CSeq: "));
    ps_put_number(w, cseq ? cseq : ++dialog->local_cseq);
    ps_put_char(w, ' ');
    ps_put(w, method);
    ps_put(w, PS_S("\r\n"));
}
