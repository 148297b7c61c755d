/*
 * Responses on a server transaction: RFC 3261 8.2.6. See response.h.
 */
#include "response.h"

#include "request.h"

static void write_contact(struct ps_writer *w, const struct ps_account *account,
                          const struct ps_flow *flow)
{
    ps_put(w, PS_S("Contact: <"));
    ps_put_contact_uri(w, account, flow);
    ps_put(w, PS_S(">\r\n"));
}

void ps_response_write(struct ps_writer *w, const struct ps_responder *r,
                       const struct ps_message *m, const struct ps_flow *flow,
                       const struct ps_response *response)
{
    ps_write_response(w, m, flow, response->status, response->reason,
                      response->status > 100 ? response->tag : PS_NONE); /* 8.2.6.2 */
    if (response->dialog) {
        ps_write_copy_lines(w, m, PS_H_RECORD_ROUTE);
        write_contact(w, response->account, flow);
    }
    if (r->server.n)
        ps_write_header(w, PS_H_SERVER, r->server);
    ps_write_lines(w, response->lines);
    ps_write_body(w, response->type, response->body);
}

/* A call asks three times: for the offer, for its 180 and its 200. */
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

enum ps_error ps_response_send(struct ps_responder *r, ps_handle transaction,
                               const struct ps_response *response, struct ps_kept *copy)
{
    char tag[32];
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    struct ps_writer t = ps_writer(tag, sizeof tag);
    struct ps_response tagged = *response;
    enum ps_error error;
    const struct ps_message *request = ps_responder_request(r, transaction);
    const struct ps_flow *flow = ps_transaction_flow(r->transactions, transaction);
    if (!flow)
        return PS_E_STALE;
    if (!request)
        return PS_E_STATE;
    ps_transaction_put_tag(&t, r->transactions, transaction, request);
    if (!tagged.tag.n)
        tagged.tag = ps_written(&t);
    ps_response_write(&w, r, request, flow, &tagged);
    error = w.error;
    if (!error && copy)
        error = ps_keep(&r->env->store, ps_written(&w), copy);
    if (!error)
        error = ps_transaction_respond(r->transactions, transaction, response->status,
                                       ps_written(&w));
    if (error && copy)
        ps_forget(&r->env->store, copy);
    return error;
}
