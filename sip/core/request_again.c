/*
 * Trying a request again: after a challenge (RFC 3261 22.2), a redirection (8.1.3.4), a failure
 * with another address left (8.1.2), a 491 (14.1). Each is a small edit of the draft. See
 * request.h.
 */
#include "request_internal.h"

/* 8.1.3.5, 22.2: the same request, CSeq one higher. */
static enum ps_error raise_cseq(struct ps_requests *r, struct ps_request *q, struct ps_edit *edit)
{
    struct ps_dialog *dialog = ps_dialog_get(r->dialogs, q->dialog);
    edit->cseq = dialog ? ++dialog->local_cseq : q->cseq + 1;
    if (dialog && q->method == PS_METHOD_INVITE)
        dialog->invite_cseq = edit->cseq;
    return ps_request_edit(r, q, edit);
}

static bool again(struct ps_requests *r, struct ps_request *q, enum ps_request_state state,
                  struct ps_edit *edit)
{
    if (raise_cseq(r, q, edit))
        return false;
    q->state = (uint8_t)state;
    q->transaction = 0;
    ps_request_set_pending(r, q);
    return true;
}

void ps_request_wait(struct ps_requests *r, ps_handle request, uint32_t delay)
{
    struct ps_request *q = ps_request_get(r, request);
    if (!q || q->state < PS_DONE)
        return;
    q->state = PS_WAITING;
    ps_timer_start(&r->env->timers, &q->timer, r->env->now + delay);
}

enum ps_error ps_request_renew(struct ps_requests *r, ps_handle request, struct ps_slice next_hop,
                               struct ps_slice draft)
{
    struct ps_request *q = ps_request_get(r, request);
    enum ps_error error;
    if (!q || q->state != PS_DONE)
        return q ? PS_E_STATE : PS_E_STALE;
    error = ps_request_keep(r, &q->next_hop, next_hop);
    if (!error)
        error = ps_request_keep(r, &q->draft, draft);
    if (error)
        return error;
    q->state = PS_DRAFT;
    q->transaction = 0;
    q->flows = q->current = 0;
    ps_digest_attempt_start(&q->attempt);
    ps_request_set_pending(r, q);
    return PS_OK;
}

static bool answer_challenge(struct ps_requests *r, struct ps_request *q,
                             const struct ps_message *m)
{
    char target[PS_ADDRESS_TEXT];
    struct ps_writer t = ps_writer(target, sizeof target);
    struct ps_edit edit = {.cseq = 0};
    if (!m || !q->account || !q->account->digest.n_users || q->cancel_wanted)
        return false;
    ps_put_address(&t, &q->flow[q->current].remote);
    if (ps_auth_challenged(r->env, &q->account->digest, &q->attempt, ps_written(&t), m))
        return false;
    return again(r, q, PS_ROUTED, &edit);
}

/* 8.1.2: the request failed without an answer: the next address, with a branch of its own. What
 * goes out one time goes to one address. */
static bool try_next_address(struct ps_requests *r, struct ps_request *q)
{
    if (q->cancel_wanted || q->once || q->current + 1 >= q->flows)
        return false;
    q->current++;
    q->state = PS_ROUTED;
    ps_request_set_pending(r, q);
    return true;
}

static void add_lower(struct ps_siphash *hash, struct ps_slice s)
{
    size_t i;
    for (i = 0; i < s.n; i++)
        ps_siphash_byte(hash, (uint8_t)ps_lower(s.p[i]));
    ps_siphash_byte(hash, '\n');
}

/* Of what makes two URIs equal (19.1.4), but for escapes and the order of parameters: a redirection
 * in a circle repeats its own words, and PS_MAX_REDIRECTS ends what does not. */
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

static void note_visit(const struct ps_requests *r, struct ps_request *q, const struct ps_uri *uri)
{
    if (q->visits < PS_MAX_REDIRECTS + 1)
        q->visited[q->visits++] = hash_of(r, uri);
}

/* 8.1.3.4: no URI is put into the target set more than once. */
static bool was_visited(const struct ps_requests *r, const struct ps_request *q,
                        const struct ps_uri *uri)
{
    uint64_t hash = hash_of(r, uri);
    unsigned i;
    for (i = 0; i < q->visits; i++)
        if (q->visited[i] == hash)
            return true;
    return false;
}

/* A Contact that a request can be sent to: sip with a host, and not where it has been. */
static bool usable_target(const struct ps_requests *r, const struct ps_request *q,
                          const struct ps_name_addr *contact, struct ps_uri *uri)
{
    return !ps_uri_parse(contact->uri, uri, NULL) && uri->scheme <= PS_SCHEME_SIPS &&
           !was_visited(r, q, uri);
}

/* Takes an element of the list if it can be a target. */
static bool read_target(const struct ps_requests *r, const struct ps_request *q,
                        struct ps_slice element, struct ps_uri *uri, unsigned *value)
{
    struct ps_name_addr contact;
    if (ps_name_addr_parse(element, &contact) || !usable_target(r, q, &contact, uri))
        return false;
    *value = ps_param_q(contact.params);
    return true;
}

/* The best target that it has not been at: higher q first, then by position. */
static bool next_target(const struct ps_requests *r, const struct ps_request *q,
                        struct ps_uri *best)
{
    struct ps_slice rest = ps_slice(q->alternatives.p, q->alternatives.n), element;
    struct ps_uri uri;
    unsigned best_q = 0, value;
    bool found = false;
    while (ps_list_next(&rest, &element)) {
        if (!read_target(r, q, element, &uri, &value) || (found && value <= best_q))
            continue;
        found = true;
        best_q = value;
        *best = uri;
    }
    return found;
}

/* 8.1.3.4: the same request to the next Contact, on a way of its own. */
static bool try_next_target(struct ps_requests *r, struct ps_request *q)
{
    static const uint8_t drop[] = {PS_H_ROUTE, PS_H_AUTHORIZATION, PS_H_PROXY_AUTHORIZATION};
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_edit edit = {.drop = drop, .drops = 3};
    struct ps_uri target;
    if (!q->alternatives.p || q->cancel_wanted || q->redirects >= PS_MAX_REDIRECTS)
        return false;
    if (!next_target(r, q, &target))
        return false;
    note_visit(r, q, &target);
    target.headers = PS_NONE; /* 19.1.1: not allowed in a Request-URI */
    ps_put_uri(&w, &target);
    edit.request_uri = ps_written(&w);
    q->redirects++;
    q->proxied = false;
    q->flows = q->current = 0;
    return !w.error && again(r, q, PS_DRAFT, &edit);
}

static void put_target(struct ps_writer *w, const struct ps_requests *r, const struct ps_request *q,
                       struct ps_slice element)
{
    struct ps_uri uri;
    unsigned value;
    if (!read_target(r, q, element, &uri, &value))
        return;
    if (w->n)
        ps_put_char(w, ',');
    ps_put(w, element);
}

/* 8.1.3.4: what the response names joins what is left of earlier ones: a redirection within a
 * redirection loses none. */
static enum ps_error add_targets(struct ps_requests *r, struct ps_request *q,
                                 const struct ps_message *m)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    struct ps_slice rest = ps_slice(q->alternatives.p, q->alternatives.n), element;
    struct ps_values values = ps_values(m, PS_H_CONTACT);
    unsigned n;
    for (n = 0; n < PS_MAX_REDIRECTS && ps_values_next(&values, &element); n++)
        put_target(&w, r, q, element);
    for (n = 0; n < PS_MAX_REDIRECTS && ps_list_next(&rest, &element); n++)
        put_target(&w, r, q, element);
    return w.error ? w.error : ps_request_keep(r, &q->alternatives, ps_written(&w));
}

static bool redirect(struct ps_requests *r, struct ps_request *q, const struct ps_message *m)
{
    struct ps_uri first;
    if (!m || !q->follow_redirects)
        return false;
    if (!q->visits && !ps_uri_parse(ps_request_uri(ps_request_index(r, q)), &first, NULL))
        note_visit(r, q, &first);
    return !add_targets(r, q, m) && try_next_target(r, q);
}

/* Reads what a success says of the next request's credentials. */
static void learn(struct ps_requests *r, const struct ps_request *q, const struct ps_message *m)
{
    char target[PS_ADDRESS_TEXT];
    struct ps_writer t = ps_writer(target, sizeof target);
    if (!m || !q->account || !q->account->digest.n_users)
        return;
    ps_put_address(&t, &q->flow[q->current].remote);
    ps_auth_learn(&q->account->digest, ps_written(&t), ps_request_index(r, q), m);
}

/* Does another try take the place of this final response? */
bool ps_request_try_again(struct ps_requests *r, struct ps_request *q, unsigned status,
                          const struct ps_message *m)
{
    if (q->state == PS_DONE)
        return false;
    if (status < 300) {
        learn(r, q, m);
        return false;
    }
    if (status < 400)
        return redirect(r, q, m);
    if (status == 401 || status == 407)
        return answer_challenge(r, q, m) || try_next_target(r, q);
    if (status == 503 || (status == 408 && !m))
        return try_next_address(r, q) || try_next_target(r, q);
    return status < 600 && try_next_target(r, q);
}
