/*
 * Sends client requests and tells what became of them: RFC 3261 8.1. See request.h. Knows nothing
 * of what a request is good for.
 */
#include "request_internal.h"

struct ps_requests *ps_requests_init(struct ps_arena *arena, struct ps_environment *env,
                                     uint32_t count)
{
    struct ps_requests *r = ps_arena_take(arena, sizeof *r);
    char *credentials = ps_arena_take(arena, CREDENTIALS_BYTES);
    struct ps_pool pool;
    ps_pool_init(&pool, arena, PS_KIND_REQUEST, sizeof(struct ps_request), count);
    if (!r || !credentials)
        return NULL;
    memset(r, 0, sizeof *r);
    r->env = env;
    r->transactions = env->transactions;
    r->dialogs = env->dialogs;
    r->pool = pool;
    r->credentials = credentials;
    return r;
}

uint32_t ps_requests_live(const struct ps_requests *r)
{
    return r->pool.live;
}

static void clear_pending(struct ps_requests *r, struct ps_request *request)
{
    struct ps_request **at = &r->first, *before = NULL;
    if (!request->pending)
        return;
    while (*at && *at != request) {
        before = *at;
        at = &(*at)->next_pending;
    }
    *at = request->next_pending;
    if (r->last == request)
        r->last = before;
    request->pending = false;
}

/* ---- starting and ending ---- */

static void set_options(struct ps_request *request, const struct ps_request_options *options)
{
    request->account = options->account;
    request->owner = options->owner;
    request->dialog = options->dialog;
    request->user = options->user;
    request->contact = options->contact;
    request->expires = options->expires;
    request->contact_params = options->contact_params;
    request->follow_redirects = options->follow_redirects;
    request->alone = options->alone;
    request->proxied = options->proxied;
    request->once = options->once;
    if (options->way) {
        request->flow[request->flows++] = *options->way;
        request->fixed = true;
        request->state = PS_ROUTED;
    }
}

enum ps_error ps_request_start(struct ps_requests *r, const struct ps_request_options *options,
                               struct ps_slice draft, ps_handle *out)
{
    static const struct ps_parse_options as_draft = {.draft = true};
    struct ps_request *request;
    enum ps_error error = ps_message_parse(&r->index, draft.p, draft.n, &as_draft, NULL);
    r->indexed = NULL;
    if (error)
        return error;
    request = ps_pool_take(&r->pool);
    if (!request)
        return PS_E_FULL;
    error = ps_transaction_keep(r->transactions, draft, &request->draft);
    if (!error && options->next_hop.n && !options->way)
        error = ps_transaction_keep(r->transactions, options->next_hop, &request->next_hop);
    if (error) {
        ps_forget(&r->env->store, &request->draft);
        ps_pool_give(&r->pool, request);
        return error;
    }
    r->index.bytes = request->draft.p; /* the same bytes: nobody need index them again */
    r->indexed = request;
    set_options(request, options);
    request->method = r->index.method;
    request->cseq = r->index.cseq;
    request->timer.kind = PS_KIND_REQUEST;
    ps_digest_attempt_start(&request->attempt);
    ps_request_set_pending(r, request);
    *out = ps_pool_handle(&r->pool, request);
    return PS_OK;
}

bool ps_request_keep_fork(struct ps_requests *r, ps_handle handle, struct ps_dialog *dialog)
{
    struct ps_request *request = ps_request_get(r, handle);
    const struct ps_dialog *other;
    uint32_t n = 0;
    for (other = request ? request->forks : NULL; other; other = other->next_of_owner)
        n++;
    if (!request || n >= ps_dialogs_share(r->dialogs)) {
        ps_dialog_end(r->dialogs, dialog);
        return false;
    }
    dialog->owner = handle;
    dialog->next_of_owner = request->forks;
    request->forks = dialog;
    return true;
}

static void release(struct ps_requests *r, struct ps_request *request)
{
    if (r->indexed == request)
        r->indexed = NULL;
    clear_pending(r, request);
    ps_timer_stop(&r->env->timers, &request->timer);
    ps_forget(&r->env->store, &request->draft);
    ps_forget(&r->env->store, &request->next_hop);
    ps_forget(&r->env->store, &request->alternatives);
    ps_pool_give(&r->pool, request);
}

/* Ends the dialogs of its INVITE that nobody wanted, with their ACKs, which have no forks. */
static void end_forks(struct ps_requests *r, struct ps_request *request)
{
    struct ps_dialog *dialog;
    struct ps_request *ack;
    while ((dialog = request->forks) != NULL) {
        request->forks = dialog->next_of_owner;
        ack = ps_request_get(r, dialog->ack);
        if (ack)
            release(r, ack);
        ps_dialog_end(r->dialogs, dialog);
    }
}

void ps_request_end(struct ps_requests *r, ps_handle handle)
{
    struct ps_request *request = ps_request_get(r, handle);
    if (!request)
        return;
    end_forks(r, request);
    release(r, request);
}

ps_handle ps_request_owner(const struct ps_requests *r, ps_handle handle)
{
    const struct ps_request *request = ps_request_get(r, handle);
    return request ? request->owner : 0;
}

void ps_request_disown(struct ps_requests *r, ps_handle handle)
{
    struct ps_request *request = ps_request_get(r, handle);
    if (request)
        request->owner = 0;
}

void *ps_request_user(const struct ps_requests *r, ps_handle handle)
{
    const struct ps_request *request = ps_request_get(r, handle);
    return request ? request->user : NULL;
}

uint32_t ps_request_cseq(const struct ps_requests *r, ps_handle handle)
{
    const struct ps_request *request = ps_request_get(r, handle);
    return request ? request->cseq : 0;
}

struct ps_account *ps_request_account(const struct ps_requests *r, ps_handle handle)
{
    const struct ps_request *request = ps_request_get(r, handle);
    return request ? request->account : NULL;
}

const struct ps_flow *ps_request_flow(const struct ps_requests *r, ps_handle handle)
{
    const struct ps_request *request = ps_request_get(r, handle);
    return request && request->flows ? &request->flow[request->current] : NULL;
}

/* ---- sending ---- */

static void put_reached_at(struct ps_writer *w, const struct ps_account *account,
                           const struct ps_address *at, unsigned transport)
{
    ps_put_string(w, transport == PS_TLS ? "sips:" : "sip:");
    if (account && account->contact_user.n) {
        ps_put_user(w, account->contact_user);
        ps_put_char(w, '@');
    }
    ps_put_address(w, at);
    if (transport != PS_UDP && transport != PS_TLS) {
        ps_put(w, PS_S(";transport="));
        ps_put(w, ps_transport_name((enum ps_transport)transport));
    }
}

void ps_put_contact_uri(struct ps_writer *w, const struct ps_account *account,
                        const struct ps_flow *flow)
{
    bool seen = account && account->seen.family != PS_FAMILY_NONE &&
                ps_address_equal(&account->seen_from, &flow->local);
    put_reached_at(w, account, seen ? &account->seen : &flow->local, flow->transport);
}

/* Writes the Contact by which we can be reached on this flow. */
static void put_contact(struct ps_writer *w, const struct ps_request *request,
                        const struct ps_flow *flow)
{
    if (request->contact == PS_CONTACT_STAR) {
        ps_put_char(w, '*');
        return;
    }
    ps_put_char(w, '<');
    ps_put_contact_uri(w, request->account, flow);
    ps_put_char(w, '>');
    ps_put_value(w, request->contact_params);
    if (request->contact == PS_CONTACT_PLAIN)
        return;
    ps_put(w, PS_S(";expires="));
    ps_put_number(w, request->expires);
    if (request->contact == PS_CONTACT_REPLACE) {
        ps_put(w, PS_S(", <"));
        put_reached_at(w, request->account, &flow->local, flow->transport);
        ps_put(w, PS_S(">;expires=0"));
    }
}

static const uint8_t credential_headers[] = {PS_H_AUTHORIZATION, PS_H_PROXY_AUTHORIZATION};

/* Adds the credentials for this target, computed again for each sending (22.2, 22.3). They stay in
 * the draft for the ACK. */
static enum ps_error add_credentials(struct ps_requests *r, struct ps_request *request)
{
    char target[PS_ADDRESS_TEXT];
    struct ps_writer t = ps_writer(target, sizeof target);
    struct ps_writer lines = ps_writer(r->credentials, CREDENTIALS_BYTES);
    struct ps_edit edit = {.drop = credential_headers, .drops = 2};
    const struct ps_message *m = ps_request_index(r, request);
    struct ps_digest_request digest;
    if (!request->account || !request->account->digest.n_users)
        return PS_OK;
    digest.method = ps_request_method(m);
    digest.uri = ps_request_uri(m);
    digest.body = ps_body(m);
    ps_put_address(&t, &request->flow[request->current].remote);
    ps_auth_write_credentials(&lines, &request->account->digest, &request->attempt, ps_written(&t),
                              &digest);
    if (lines.error)
        return lines.error;
    edit.lines = ps_written(&lines);
    return ps_request_edit(r, request, &edit);
}

static void write_final(struct ps_requests *r, struct ps_request *request, struct ps_writer *w)
{
    const struct ps_flow *flow = &request->flow[request->current];
    char branch_text[40], contact_text[512];
    struct ps_writer branch = ps_writer(branch_text, sizeof branch_text);
    struct ps_writer contact = ps_writer(contact_text, sizeof contact_text);
    struct ps_edit edit = {.via_flow = flow};
    ps_put(&branch, PS_S("z9hG4bK"));
    ps_put_token(&branch, r->env);
    edit.via_branch = ps_written(&branch);
    if (request->contact != PS_CONTACT_NONE) {
        put_contact(&contact, request, flow);
        edit.contact = ps_written(&contact);
        w->error = contact.error;
    }
    ps_write_copy(w, ps_request_index(r, request), &edit);
}

/* Sends a draft that has a way. An ACK has no transaction: its bytes are kept here. */
static enum ps_error send_now(struct ps_requests *r, struct ps_request *request)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    enum ps_error error = request->method == PS_METHOD_ACK ? PS_OK : add_credentials(r, request);
    if (error)
        return error;
    write_final(r, request, &w);
    if (w.error)
        return w.error;
    request->cseq = r->index.cseq;
    if (request->method == PS_METHOD_ACK) {
        error = ps_request_keep(r, &request->draft, ps_written(&w));
        request->state = error ? PS_ROUTED : PS_ACK_SENT;
        return error;
    }
    error =
        ps_transaction_request(r->transactions, &request->flow[request->current], ps_written(&w),
                               ps_pool_handle(&r->pool, request), &request->transaction);
    if (error)
        return error;
    if (request->once)
        ps_transaction_send_once(r->transactions, request->transaction);
    request->state = PS_RUNNING;
    request->sent = true;
    return PS_OK;
}

/* ---- cancelling: 9.1 ---- */

/* Sends the CANCEL. Without room it tries again each T1, as long as the final response is
 * awaited. */
static void send_cancel(struct ps_requests *r, struct ps_request *request)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    struct ps_slice invite = ps_transaction_message(r->transactions, request->transaction);
    uint64_t again = r->env->now + r->env->t1;
    ps_handle cancel;
    if (!request->cancel_end)
        request->cancel_end = r->env->now + 64 * (uint64_t)r->env->t1;
    if (!invite.n || ps_request_index_other(r, invite))
        return;
    ps_write_cancel(&w, &r->index);
    request->cancelled =
        !w.error && !ps_transaction_request(r->transactions, &request->flow[request->current],
                                            ps_written(&w), 0, &cancel);
    if (!request->cancelled)
        r->env->count.of[PS_COUNT_DROPPED_FULL]++;
    ps_timer_start(&r->env->timers, &request->timer,
                   request->cancelled || again > request->cancel_end ? request->cancel_end : again);
}

static void fail(struct ps_requests *r, struct ps_request *request, unsigned status)
{
    request->state = PS_FAILED;
    request->failure = (uint16_t)status;
    ps_request_set_pending(r, request);
}

enum ps_error ps_request_cancel(struct ps_requests *r, ps_handle handle)
{
    struct ps_request *request = ps_request_get(r, handle);
    if (!request)
        return PS_E_STALE;
    if (request->method != PS_METHOD_INVITE || request->state >= PS_FAILED)
        return PS_E_STATE;
    if (request->cancel_wanted)
        return PS_OK;
    request->cancel_wanted = true;
    if (request->state != PS_RUNNING) { /* nobody has seen it: nothing to cancel but ourselves */
        fail(r, request, 487);
    } else if (ps_transaction_cancellable(r->transactions, request->transaction)) {
        send_cancel(r, request);
    }
    return PS_OK;
}

/* ---- what became of it ---- */

static struct ps_request_event tell(const struct ps_requests *r, const struct ps_request *request,
                                    enum ps_request_outcome outcome, unsigned status)
{
    struct ps_request_event event;
    event.outcome = outcome;
    event.request = request ? ps_pool_handle(&r->pool, request) : 0;
    event.owner = request ? request->owner : 0;
    event.status = status;
    event.method = request ? request->method : 0;
    event.unsent = request && !request->sent;
    event.no_way = request && !request->flows;
    return event;
}

static struct ps_request_event finish(const struct ps_requests *r, struct ps_request *request,
                                      unsigned status)
{
    bool more = request->method == PS_METHOD_INVITE && status < 300;
    if (more && request->state != PS_DONE) /* as long as Timer M lets 2xx through (RFC 6026 7.2) */
        ps_timer_start(&r->env->timers, &request->timer, r->env->now + 64 * (uint64_t)r->env->t1);
    else if (!more)
        ps_timer_stop(&r->env->timers, &request->timer);
    request->state = PS_DONE;
    return tell(r, request, PS_REQUEST_FINAL, status);
}

static struct ps_request_event final(struct ps_requests *r, struct ps_request *request,
                                     unsigned status, const struct ps_message *m)
{
    struct ps_request_event event;
    if (ps_request_try_again(r, request, status, m))
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    event = finish(r, request, status);
    if (!request->alone)
        return event;
    ps_request_end(r, event.request);
    return tell(r, NULL, PS_REQUEST_NOTHING, 0);
}

static void provisional(struct ps_requests *r, struct ps_request *request)
{
    if (request->cancel_wanted && !request->cancelled)
        send_cancel(r, request);
}

struct ps_request_event ps_requests_event(struct ps_requests *r,
                                          const struct ps_transaction_event *event,
                                          const struct ps_message *m)
{
    struct ps_request *request = ps_request_get(r, event->user);
    if (!request || request->transaction != event->transaction)
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    switch (event->kind) {
    case PS_TX_PROVISIONAL:
        provisional(r, request);
        return tell(r, request, request->alone ? PS_REQUEST_NOTHING : PS_REQUEST_PROVISIONAL,
                    event->status);
    case PS_TX_FINAL:
        return final(r, request, event->status, m);
    case PS_TX_TIMEOUT:
        return final(r, request, 408, NULL); /* 8.1.3.1 */
    case PS_TX_UNREACHABLE:
        return final(r, request, 503, NULL);
    case PS_TX_GUARD:
        request->guarded = request->cancel_wanted = true;
        if (!request->cancelled)
            send_cancel(r, request);
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    default:
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    }
}

/* Ends a wait: the owner's delay is over, or no 2xx can come any more, or 64*T1 have passed since
 * the CANCEL (9.1). */
struct ps_request_event ps_requests_expire(struct ps_requests *r, struct ps_timer *timer)
{
    struct ps_request *request = PS_CONTAINER(struct ps_request, timer, timer);
    if (request->state == PS_WAITING) {
        request->state = PS_DONE;
        return tell(r, request, PS_REQUEST_DUE, 0);
    }
    if (request->state == PS_DONE)
        return tell(r, request, PS_REQUEST_GONE, 0);
    if (!request->cancelled && r->env->now < request->cancel_end) {
        send_cancel(r, request);
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    }
    ps_transaction_abandon(r->transactions, request->transaction);
    return finish(r, request, request->guarded ? 408 : 487);
}

/* ---- pulling ---- */

static void find_hop(struct ps_requests *r, struct ps_request *request, struct ps_request_pull *out)
{
    struct ps_slice text = ps_slice(request->next_hop.p, request->next_hop.n);
    struct ps_uri uri;
    if (!text.n && request->proxied && request->account)
        text = request->account->proxy;
    if (!text.n)
        text = ps_request_uri(ps_request_index(r, request));
    if (ps_uri_parse(text, &uri, NULL) || ps_uri_next_hop(&uri, &out->hop)) {
        fail(r, request, 503);
        return;
    }
    request->state = PS_RESOLVING;
    out->work = PS_WORK_RESOLVE;
}

void ps_requests_resolved(struct ps_requests *r, ps_handle handle, const struct ps_flow *flows,
                          unsigned n)
{
    struct ps_request *request = ps_request_get(r, handle);
    if (!request || request->state != PS_RESOLVING)
        return;
    if (!n) {
        fail(r, request, 503);
        return;
    }
    request->flows = (uint8_t)(n > PS_MAX_ADDRESSES ? PS_MAX_ADDRESSES : n);
    request->current = 0;
    memcpy(request->flow, flows, request->flows * sizeof *flows);
    request->state = PS_ROUTED;
    ps_request_set_pending(r, request);
}

void ps_request_repeat(struct ps_requests *r, ps_handle handle)
{
    struct ps_request *request = ps_request_get(r, handle);
    if (request && request->state == PS_ACK_SENT) {
        request->repeat = true;
        ps_request_set_pending(r, request);
    } else if (request && request->state == PS_ACK_UNSENT) {
        request->state = request->fixed ? PS_ROUTED : PS_DRAFT;
        ps_request_set_pending(r, request);
    }
}

bool ps_request_ack_sent(const struct ps_requests *r, ps_handle handle)
{
    const struct ps_request *request = ps_request_get(r, handle);
    return request && request->state == PS_ACK_SENT;
}

static void pull_one(struct ps_requests *r, struct ps_request *request, struct ps_request_pull *out)
{
    if (request->state == PS_DRAFT) {
        find_hop(r, request, out);
    } else if (request->state == PS_ROUTED) {
        if (send_now(r, request)) {
            r->env->count.of[PS_COUNT_DROPPED_FULL]++;
            fail(r, request, 503);
        }
    } else if (request->state == PS_FAILED) {
        unsigned status = request->failure;
        if (request->method == PS_METHOD_ACK && request->owner) {
            request->state = PS_ACK_UNSENT;
            out->event = tell(r, request, PS_REQUEST_FINAL, status);
            out->work = PS_WORK_EVENT;
            return;
        }
        request->state = PS_RUNNING;
        out->event = final(r, request, status, NULL);
        out->work = out->event.outcome ? PS_WORK_EVENT : PS_WORK_NONE;
        return;
    }
    if (request->state == PS_ACK_SENT) {
        out->work = PS_WORK_SEND;
        out->flow = &request->flow[request->current];
        out->bytes = ps_slice(request->draft.p, request->draft.n);
        out->again = request->repeat;
        request->sent = true;
        if (request->alone)
            r->spent = out->request;
    }
}

bool ps_requests_pull(struct ps_requests *r, struct ps_request_pull *out)
{
    struct ps_request *request;
    ps_request_end(r, r->spent);
    r->spent = 0;
    if (!r->first)
        return false;
    request = r->first;
    clear_pending(r, request);
    out->work = PS_WORK_NONE;
    out->request = ps_pool_handle(&r->pool, request);
    pull_one(r, request, out);
    return true;
}
