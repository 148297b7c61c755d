/*
 * Tries a request again: after a challenge (RFC 3261 22.2), a redirection (8.1.3.4), a failure with
 * another address left (8.1.2), a 491 (14.1). Each is a small edit of the draft. See request.h.
 */
#include "request_internal.h"

/* Edits the draft for the same request with a CSeq one higher (8.1.3.5, 22.2). */
static enum ps_error raise_cseq(struct ps_requests *r, struct ps_request *request,
                                struct ps_edit *edit)
{
    struct ps_dialog *dialog = ps_dialog_get(r->dialogs, request->dialog);
    edit->cseq = dialog ? ++dialog->local_cseq : request->cseq + 1;
    if (dialog && request->method == PS_METHOD_INVITE)
        dialog->invite_cseq = edit->cseq;
    return ps_request_edit(r, request, edit);
}

static bool again(struct ps_requests *r, struct ps_request *request, enum ps_request_state state,
                  struct ps_edit *edit)
{
    if (raise_cseq(r, request, edit))
        return false;
    request->state = (uint8_t)state;
    request->transaction = 0;
    ps_request_set_pending(r, request);
    return true;
}

void ps_request_wait(struct ps_requests *r, ps_handle handle, uint32_t delay)
{
    struct ps_request *request = ps_request_get(r, handle);
    if (!request || request->state < PS_DONE)
        return;
    request->state = PS_WAITING;
    ps_timer_start(&r->env->timers, &request->timer, r->env->now + delay);
}

enum ps_error ps_request_renew(struct ps_requests *r, ps_handle handle, struct ps_slice next_hop,
                               struct ps_slice draft)
{
    struct ps_request *request = ps_request_get(r, handle);
    enum ps_error error;
    if (!request || request->state != PS_DONE)
        return request ? PS_E_STATE : PS_E_STALE;
    error = ps_request_keep(r, &request->next_hop, next_hop);
    if (!error)
        error = ps_request_keep(r, &request->draft, draft);
    if (error)
        return error;
    request->state = PS_DRAFT;
    request->transaction = 0;
    request->flows = request->current = 0;
    ps_digest_attempt_start(&request->attempt);
    ps_request_set_pending(r, request);
    return PS_OK;
}

static bool answer_challenge(struct ps_requests *r, struct ps_request *request,
                             const struct ps_message *m)
{
    char target[PS_ADDRESS_TEXT];
    struct ps_writer t = ps_writer(target, sizeof target);
    struct ps_edit edit = {.cseq = 0};
    if (!m || !request->account || !request->account->digest.n_users || request->cancel_wanted)
        return false;
    ps_put_address(&t, &request->flow[request->current].remote);
    if (ps_auth_challenged(r->env, &request->account->digest, &request->attempt, ps_written(&t), m))
        return false;
    return again(r, request, PS_ROUTED, &edit);
}

/* Tries the next address of a request that failed without an answer, with a branch of its own
 * (8.1.2). A request that goes out one time goes to one address. */
static bool try_next_address(struct ps_requests *r, struct ps_request *request)
{
    if (request->cancel_wanted || request->once || request->current + 1 >= request->flows)
        return false;
    request->current++;
    request->state = PS_ROUTED;
    ps_request_set_pending(r, request);
    return true;
}

static void add_lower(struct ps_siphash *hash, struct ps_slice s)
{
    size_t i;
    for (i = 0; i < s.n; i++)
        ps_siphash_byte(hash, (uint8_t)ps_lower(s.p[i]));
    ps_siphash_byte(hash, '\n');
}

/* Hashes what makes two URIs equal (19.1.4), but for escapes and the order of parameters. A circle
 * of redirections repeats its own words, and PS_MAX_REDIRECTS ends any other. */
static uint64_t hash_of(const struct ps_requests *r, const struct ps_uri *uri)
{
    struct ps_siphash hash;
    ps_siphash_start(&hash, r->env->hash_key);
    ps_siphash_byte(&hash, (uint8_t)uri->scheme);
    ps_siphash_add64(&hash, uri->user.n);
    ps_siphash_add(&hash, uri->user.p, uri->user.n);
    add_lower(&hash, uri->host);
    ps_siphash_add64(&hash, uri->port);
    add_lower(&hash, uri->params);
    return ps_siphash_end(&hash);
}

static void note_visit(const struct ps_requests *r, struct ps_request *request,
                       const struct ps_uri *uri)
{
    if (request->visits < PS_MAX_REDIRECTS + 1)
        request->visited[request->visits++] = hash_of(r, uri);
}

/* Has the request been sent to that URI? No URI is put into the target set more than once
 * (8.1.3.4). */
static bool was_visited(const struct ps_requests *r, const struct ps_request *request,
                        const struct ps_uri *uri)
{
    uint64_t hash = hash_of(r, uri);
    unsigned i;
    for (i = 0; i < request->visits; i++)
        if (request->visited[i] == hash)
            return true;
    return false;
}

/* Can a request be sent to the Contact? It is a sip URI with a host, and not where it has been. */
static bool usable_target(const struct ps_requests *r, const struct ps_request *request,
                          const struct ps_name_addr *contact, struct ps_uri *uri)
{
    return !ps_uri_parse(contact->uri, uri, NULL) && uri->scheme <= PS_SCHEME_SIPS &&
           !was_visited(r, request, uri);
}

/* Takes an element of the list if it can be a target. */
static bool read_target(const struct ps_requests *r, const struct ps_request *request,
                        struct ps_slice element, struct ps_uri *uri, unsigned *value)
{
    struct ps_name_addr contact;
    if (ps_name_addr_parse(element, &contact) || !usable_target(r, request, &contact, uri))
        return false;
    *value = ps_param_q(contact.params);
    return true;
}

/* Finds the best target that it has not been at: higher q first, then by position. */
static bool next_target(const struct ps_requests *r, const struct ps_request *request,
                        struct ps_uri *best)
{
    struct ps_slice rest = ps_slice(request->alternatives.p, request->alternatives.n), element;
    struct ps_uri uri;
    unsigned best_q = 0, value;
    bool found = false;
    while (ps_list_next(&rest, &element)) {
        if (!read_target(r, request, element, &uri, &value) || (found && value <= best_q))
            continue;
        found = true;
        best_q = value;
        *best = uri;
    }
    return found;
}

/* Sends the same request to the next Contact, on a way of its own (8.1.3.4). */
static bool try_next_target(struct ps_requests *r, struct ps_request *request)
{
    static const uint8_t drop[] = {PS_H_ROUTE, PS_H_AUTHORIZATION, PS_H_PROXY_AUTHORIZATION};
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_edit edit = {.drop = drop, .drops = 3};
    struct ps_uri target;
    if (!request->alternatives.p || request->cancel_wanted ||
        request->redirects >= PS_MAX_REDIRECTS)
        return false;
    if (!next_target(r, request, &target))
        return false;
    note_visit(r, request, &target);
    target.headers = PS_NONE; /* 19.1.1: not allowed in a Request-URI */
    ps_put_uri(&w, &target);
    edit.request_uri = ps_written(&w);
    request->redirects++;
    request->proxied = false;
    request->flows = request->current = 0;
    return !w.error && again(r, request, PS_DRAFT, &edit);
}

static void put_target(struct ps_writer *w, const struct ps_requests *r,
                       const struct ps_request *request, struct ps_slice element)
{
    struct ps_uri uri;
    unsigned value;
    if (!read_target(r, request, element, &uri, &value))
        return;
    if (w->n)
        ps_put_char(w, ',');
    ps_put(w, element);
}

/* Adds the Contacts of the response to those left of earlier ones (8.1.3.4): a redirection within a
 * redirection loses none. */
static enum ps_error add_targets(struct ps_requests *r, struct ps_request *request,
                                 const struct ps_message *m)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    struct ps_slice rest = ps_slice(request->alternatives.p, request->alternatives.n), element;
    struct ps_values values = ps_values(m, PS_H_CONTACT);
    unsigned n;
    for (n = 0; n < PS_MAX_REDIRECTS && ps_values_next(&values, &element); n++)
        put_target(&w, r, request, element);
    for (n = 0; n < PS_MAX_REDIRECTS && ps_list_next(&rest, &element); n++)
        put_target(&w, r, request, element);
    return w.error ? w.error : ps_request_keep(r, &request->alternatives, ps_written(&w));
}

static bool redirect(struct ps_requests *r, struct ps_request *request, const struct ps_message *m)
{
    struct ps_uri first;
    if (!m || !request->follow_redirects)
        return false;
    if (!request->visits &&
        !ps_uri_parse(ps_request_uri(ps_request_index(r, request)), &first, NULL))
        note_visit(r, request, &first);
    return !add_targets(r, request, m) && try_next_target(r, request);
}

/* Reads what a success says of the next request's credentials. */
static void learn(struct ps_requests *r, const struct ps_request *request,
                  const struct ps_message *m)
{
    char target[PS_ADDRESS_TEXT];
    struct ps_writer t = ps_writer(target, sizeof target);
    if (!m || !request->account || !request->account->digest.n_users)
        return;
    ps_put_address(&t, &request->flow[request->current].remote);
    ps_auth_learn(&request->account->digest, ps_written(&t), ps_request_index(r, request), m);
}

/* Does another try take the place of this final response? */
bool ps_request_try_again(struct ps_requests *r, struct ps_request *request, unsigned status,
                          const struct ps_message *m)
{
    if (request->state == PS_DONE)
        return false;
    if (status < 300) {
        learn(r, request, m);
        return false;
    }
    if (status < 400)
        return redirect(r, request, m);
    if (status == 401 || status == 407)
        return answer_challenge(r, request, m) || try_next_target(r, request);
    if (status == 503 || (status == 408 && !m))
        return try_next_address(r, request) || try_next_target(r, request);
    return status < 600 && try_next_target(r, request);
}
