/*
 * Writes and sends responses on a server transaction: RFC 3261 8.2.6. See responder.h.
 */
#include "responder.h"

#include "request.h"
#include "../message/writing.h"

static void write_contact(struct ps_writer *w, const struct ps_account *account,
                          const struct ps_flow *flow)
{
    char text[512];
    struct ps_writer contact = ps_writer(text, sizeof text);
    ps_put_char(&contact, '<');
    ps_put_contact_uri(&contact, account, flow);
    ps_put_char(&contact, '>');
    ps_write_header(w, PS_H_CONTACT, ps_written(&contact));
    if (contact.error && !w->error)
        w->error = contact.error;
}

/* Writes all but `lines` and body. */
static void write_head(struct ps_writer *w, const struct ps_message *m, const struct ps_flow *flow,
                       const struct ps_response *response)
{
    ps_write_response(w, m, flow, response->status, response->reason,
                      response->status > 100 ? response->tag : PS_NONE); /* 8.2.6.2 */
    if (response->dialog) {
        ps_write_copy_lines(w, m, PS_H_RECORD_ROUTE);
        write_contact(w, response->account, flow);
    }
}

/* Takes the next header line with its continuations; {NULL, 0} at the end. */
static struct ps_slice next_line(struct ps_slice *rest)
{
    const char *begin = rest->p, *end = ps_end(*rest), *at = begin;
    if (!rest->n)
        return PS_NONE;
    do {
        const char *lf = ps_find(ps_between(at, end), '\n');
        at = lf ? lf + 1 : end;
    } while (at < end && ps_is_blank(*at));
    *rest = ps_between(at, end);
    return ps_between(begin, at);
}

/* Counts "l:0" and the empty line. */
enum { SHORTEST_END = 7 };

/* Writes the lines that fit, from the first on. Returns how many. */
static unsigned write_fitting(struct ps_writer *w, struct ps_slice lines, size_t room)
{
    struct ps_slice line;
    unsigned n = 0;
    while ((line = next_line(&lines)).n) {
        if (w->n + line.n + SHORTEST_END > room)
            continue;
        ps_write_lines(w, line);
        n++;
    }
    return n;
}

static void write_short(struct ps_writer *w, const struct ps_message *m, const struct ps_flow *flow,
                        const struct ps_response *response, size_t room)
{
    bool refusal = response->status >= 300, invite = m->method == PS_METHOD_INVITE;
    struct ps_response other = *response;
    w->compact = true;
    write_head(w, m, flow, response);
    /* a 2xx to an INVITE is short where it can be, and has to hold its description */
    if ((refusal || !invite) && !write_fitting(w, response->lines, room) && response->lines.n &&
        response->status < 400 && refusal) {
        *w = ps_writer(w->p, w->capacity);
        w->compact = true;
        other.status = 480;
        write_head(w, m, flow, &other);
    }
    ps_write_body(w, refusal ? PS_NONE : response->type, refusal ? PS_NONE : response->body);
}

void ps_response_write(struct ps_writer *w, const struct ps_responder *r,
                       const struct ps_message *m, const struct ps_flow *flow,
                       const struct ps_response *response, size_t room)
{
    if (room > w->capacity)
        room = w->capacity;
    write_head(w, m, flow, response);
    if (r->server.n)
        ps_write_header(w, PS_H_SERVER, r->server);
    ps_write_lines(w, response->lines);
    ps_write_body(w, response->type, response->body);
    if (w->n <= room || w->error == PS_E_INJECTION)
        return;
    *w = ps_writer(w->p, w->capacity);
    write_short(w, m, flow, response, room);
}

/* Keeps the index, because a call asks three times: for the offer, for its 180 and its 200. */
const struct ps_message *ps_responder_request(struct ps_responder *r, ps_handle transaction)
{
    struct ps_slice bytes = ps_transaction_message(r->transactions, transaction);
    if (!bytes.n)
        return NULL;
    if (r->indexed == transaction && r->index.bytes == bytes.p)
        return &r->index;
    r->indexed = 0;
    if (ps_message_parse(&r->index, bytes.p, bytes.n, NULL, NULL))
        return NULL;
    r->indexed = transaction;
    return &r->index;
}

void ps_responder_take(struct ps_responder *r, ps_handle transaction, const struct ps_message *m)
{
    struct ps_slice bytes = ps_transaction_message(r->transactions, transaction);
    r->indexed = 0;
    if (bytes.n != m->n)
        return;
    memcpy(&r->index, m, offsetof(struct ps_message, line) + m->lines * sizeof m->line[0]);
    r->index.bytes = bytes.p;
    r->indexed = transaction;
}

static bool lacks_room(enum ps_error error)
{
    return error == PS_E_FULL || error == PS_E_TOO_LARGE || error == PS_E_OVERFLOW;
}

static enum ps_error send(struct ps_responder *r, ps_handle transaction,
                          const struct ps_message *request, const struct ps_response *response,
                          size_t room, struct ps_kept *copy)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    const struct ps_flow *flow = ps_transaction_flow(r->transactions, transaction);
    enum ps_error error;
    ps_response_write(&w, r, request, flow, response, room);
    error = w.error;
    if (!error && copy)
        error = ps_transaction_keep(r->transactions, ps_written(&w), copy);
    if (!error)
        error =
            ps_transaction_respond(r->transactions, transaction, response->status, ps_written(&w));
    if (error && copy)
        ps_forget(&r->env->store, copy);
    return error;
}

enum ps_error ps_response_send(struct ps_responder *r, ps_handle transaction,
                               const struct ps_response *response, struct ps_kept *copy)
{
    char tag[32];
    struct ps_writer t = ps_writer(tag, sizeof tag);
    struct ps_response tagged = *response;
    size_t room = ps_transaction_room(r->transactions, transaction, response->status);
    enum ps_error error;
    const struct ps_message *request = ps_responder_request(r, transaction);
    if (!ps_transaction_flow(r->transactions, transaction))
        return PS_E_STALE;
    if (!request)
        return PS_E_STATE;
    if (ps_transaction_once(r->transactions, transaction, response->status))
        ps_put_local_tag(&t, r->env, request); /* a copy of the request gets the same (8.2.7) */
    else
        ps_transaction_put_tag(&t, r->transactions, transaction, request);
    if (!tagged.tag.n)
        tagged.tag = ps_written(&t);
    error = send(r, transaction, request, &tagged, room, copy);
    if (response->status >= 300 && lacks_room(error))
        error = send(r, transaction, request, &tagged, 0, copy);
    return error;
}

enum ps_error ps_response_finish(struct ps_responder *r, ps_handle transaction,
                                 const struct ps_response *response)
{
    enum ps_error error = ps_response_send(r, transaction, response, NULL);
    if (!lacks_room(error))
        return error;
    r->env->count.of[PS_COUNT_DROPPED_FULL]++;
    ps_transaction_abandon(r->transactions, transaction);
    return PS_OK;
}
