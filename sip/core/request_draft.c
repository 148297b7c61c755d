/*
 * Finds, indexes, keeps and edits a request's draft: the message without Via and Contact that every
 * try is made from; gives its parts to other messages. Stands below what sends it (request.c) and
 * what tries it again (request_again.c).
 */
#include "../message/writing.h"
#include "request_internal.h"

static void put_party(struct ps_writer *w, enum ps_header_id id, struct ps_slice display,
                      struct ps_slice uri)
{
    ps_put(w, ps_header_name(id));
    ps_put(w, PS_S(": "));
    if (display.n) {
        ps_put_quoted(w, display);
        ps_put_char(w, ' ');
    }
    ps_put_char(w, '<');
    ps_put_value(w, uri);
    ps_put_char(w, '>');
}

/* Cuts the headers off a URI: they stand in no Request-URI, From or To (19.1.1, table 1). 19.1.5
 * leaves it to us not to honour them. */
static struct ps_slice without_headers(struct ps_slice text)
{
    struct ps_uri uri;
    if (!ps_uri_parse(text, &uri, NULL) && uri.headers.p)
        text.n = (size_t)(uri.headers.p - text.p) - 1;
    return text;
}

void ps_write_new_request(struct ps_writer *w, struct ps_environment *env,
                          const struct ps_account *account, struct ps_slice method,
                          struct ps_slice uri, struct ps_slice to)
{
    ps_write_request_line(w, method, without_headers(uri));
    ps_put(w, PS_S("Max-Forwards: 70\r\n"));
    put_party(w, PS_H_FROM, account->display, without_headers(account->aor));
    ps_put(w, PS_S(";tag="));
    ps_put_token(w, env);
    ps_put(w, PS_S("\r\n"));
    put_party(w, PS_H_TO, PS_NONE, without_headers(to));
    ps_put(w, PS_S("\r\nCall-ID: "));
    ps_put_token(w, env);
    ps_put_token(w, env);
    ps_put(w, PS_S("\r\nCSeq: 1 "));
    ps_put(w, method);
    ps_put(w, PS_S("\r\n"));
}

struct ps_request *ps_request_get(const struct ps_requests *r, ps_handle handle)
{
    return ps_pool_get(&r->pool, handle);
}

void ps_request_set_pending(struct ps_requests *r, struct ps_request *request)
{
    if (request->pending)
        return;
    request->pending = true;
    request->next_pending = NULL;
    if (r->last)
        r->last->next_pending = request;
    else
        r->first = request;
    r->last = request;
}

/* Indexes the draft; it was indexed before it was kept, so it cannot fail. */
const struct ps_message *ps_request_index(struct ps_requests *r, const struct ps_request *request)
{
    static const struct ps_parse_options draft = {.draft = true};
    if (r->indexed == request)
        return &r->index;
    (void)ps_message_parse(&r->index, request->draft.p, request->draft.n, &draft, NULL);
    r->indexed = request;
    return &r->index;
}

enum ps_error ps_request_keep(struct ps_requests *r, struct ps_kept *kept, struct ps_slice bytes)
{
    struct ps_store *store = &r->env->store;
    struct ps_kept fresh = {NULL, 0, 0};
    enum ps_error error = ps_transaction_keep(r->transactions, bytes, &fresh);
    r->indexed = NULL; /* it may be the draft that changes */
    if (error == PS_E_FULL && kept->p && store->size_class[kept->size_class].bytes >= bytes.n) {
        memmove(kept->p, bytes.p, bytes.n);
        kept->n = (uint16_t)bytes.n;
        return PS_OK;
    }
    if (error)
        return error;
    ps_forget(store, kept);
    *kept = fresh;
    return PS_OK;
}

/* Writes the draft with changes and keeps that instead. */
enum ps_error ps_request_edit(struct ps_requests *r, struct ps_request *request,
                              const struct ps_edit *edit)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    ps_write_copy(&w, ps_request_index(r, request), edit);
    return w.error ? w.error : ps_request_keep(r, &request->draft, ps_written(&w));
}

enum ps_error ps_request_index_other(struct ps_requests *r, struct ps_slice bytes)
{
    r->indexed = NULL;
    return ps_message_parse(&r->index, bytes.p, bytes.n, NULL, NULL);
}

/* ---- its parts, for another message ---- */

const struct ps_message *ps_request_draft(struct ps_requests *r, ps_handle handle)
{
    const struct ps_request *request = ps_request_get(r, handle);
    return request && request->draft.p ? ps_request_index(r, request) : NULL;
}

bool ps_request_has_body(struct ps_requests *r, ps_handle request)
{
    const struct ps_message *m = ps_request_draft(r, request);
    return m && ps_body(m).n > 0;
}

/* Is this line of a request written from the dialog, or by each try? */
static bool is_of_head(unsigned id)
{
    static const uint8_t head[] = {PS_H_VIA,
                                   PS_H_ROUTE,
                                   PS_H_MAX_FORWARDS,
                                   PS_H_FROM,
                                   PS_H_TO,
                                   PS_H_CALL_ID,
                                   PS_H_CSEQ,
                                   PS_H_CONTACT,
                                   PS_H_AUTHORIZATION,
                                   PS_H_PROXY_AUTHORIZATION,
                                   PS_H_CONTENT_TYPE,
                                   PS_H_CONTENT_LENGTH};
    return memchr(head, (int)id, sizeof head) != NULL;
}

void ps_request_write_rest(struct ps_requests *r, ps_handle request, struct ps_writer *w)
{
    const struct ps_message *m = ps_request_draft(r, request);
    unsigned i;
    if (!m)
        return;
    for (i = 0; i < m->lines; i++)
        if (!is_of_head(m->line[i].id)) {
            ps_put(w, ps_line_name(m, &m->line[i]));
            ps_put(w, PS_S(": "));
            ps_put(w, ps_line_value(m, &m->line[i]));
            ps_put(w, PS_S("\r\n"));
        }
    ps_write_body(w, ps_header_value(m, PS_H_CONTENT_TYPE, 0), ps_body(m));
}

void ps_request_write_credentials(struct ps_requests *r, ps_handle request, struct ps_writer *w)
{
    const struct ps_message *m = ps_request_draft(r, request);
    if (!m)
        return;
    ps_write_copy_lines(w, m, PS_H_AUTHORIZATION);
    ps_write_copy_lines(w, m, PS_H_PROXY_AUTHORIZATION);
}
