/*
 * Client requests: RFC 3261 8.1. See request.h. Knows nothing of what a request is good for.
 */
#include "request_internal.h"
#include "../message/writing.h"

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

static void clear_pending(struct ps_requests *r, struct ps_request *q)
{
    struct ps_request **at = &r->first, *before = NULL;
    if (!q->pending)
        return;
    while (*at && *at != q) {
        before = *at;
        at = &(*at)->next_pending;
    }
    *at = q->next_pending;
    if (r->last == q)
        r->last = before;
    q->pending = false;
}

/* ---- starting and ending ---- */

static void set_options(struct ps_request *q, const struct ps_request_options *options)
{
    q->account = options->account;
    q->owner = options->owner;
    q->dialog = options->dialog;
    q->user = options->user;
    q->contact = options->contact;
    q->expires = options->expires;
    q->contact_params = options->contact_params;
    q->follow_redirects = options->follow_redirects;
    q->alone = options->alone;
    q->proxied = options->proxied;
    q->once = options->once;
    if (options->way) {
        q->flow[q->flows++] = *options->way;
        q->fixed = true;
        q->state = PS_ROUTED;
    }
}

enum ps_error ps_request_start(struct ps_requests *r, const struct ps_request_options *options,
                               struct ps_slice draft, ps_handle *out)
{
    static const struct ps_parse_options as_draft = {.draft = true};
    struct ps_request *q;
    enum ps_error error = ps_message_parse(&r->index, draft.p, draft.n, &as_draft, NULL);
    r->indexed = NULL;
    if (error)
        return error;
    q = ps_pool_take(&r->pool);
    if (!q)
        return PS_E_FULL;
    error = ps_transaction_keep(r->transactions, draft, &q->draft);
    if (!error && options->next_hop.n && !options->way)
        error = ps_transaction_keep(r->transactions, options->next_hop, &q->next_hop);
    if (error) {
        ps_forget(&r->env->store, &q->draft);
        ps_pool_give(&r->pool, q);
        return error;
    }
    r->index.bytes = q->draft.p; /* the same bytes: nobody need index them again */
    r->indexed = q;
    set_options(q, options);
    q->method = r->index.method;
    q->cseq = r->index.cseq;
    q->timer.kind = PS_KIND_REQUEST;
    ps_digest_attempt_start(&q->attempt);
    ps_request_set_pending(r, q);
    *out = ps_pool_handle(&r->pool, q);
    return PS_OK;
}

bool ps_request_keep_fork(struct ps_requests *r, ps_handle request, struct ps_dialog *dialog)
{
    struct ps_request *q = ps_request_get(r, request);
    const struct ps_dialog *other;
    uint32_t n = 0;
    for (other = q ? q->forks : NULL; other; other = other->next_of_owner)
        n++;
    if (!q || n >= ps_dialogs_share(r->dialogs)) {
        ps_dialog_end(r->dialogs, dialog);
        return false;
    }
    dialog->owner = request;
    dialog->next_of_owner = q->forks;
    q->forks = dialog;
    return true;
}

static void end_forks(struct ps_requests *r, struct ps_request *q)
{
    struct ps_dialog *dialog;
    while ((dialog = q->forks) != NULL) {
        q->forks = dialog->next_of_owner;
        ps_request_end(r, dialog->ack); /* an ACK has no forks */
        ps_dialog_end(r->dialogs, dialog);
    }
}

void ps_request_end(struct ps_requests *r, ps_handle request)
{
    struct ps_request *q = ps_request_get(r, request);
    if (!q)
        return;
    end_forks(r, q);
    if (r->indexed == q)
        r->indexed = NULL;
    clear_pending(r, q);
    ps_timer_stop(&r->env->timers, &q->timer);
    ps_forget(&r->env->store, &q->draft);
    ps_forget(&r->env->store, &q->next_hop);
    ps_forget(&r->env->store, &q->alternatives);
    ps_pool_give(&r->pool, q);
}

ps_handle ps_request_owner(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = ps_request_get(r, request);
    return q ? q->owner : 0;
}

void ps_request_disown(struct ps_requests *r, ps_handle request)
{
    struct ps_request *q = ps_request_get(r, request);
    if (q)
        q->owner = 0;
}

void *ps_request_user(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = ps_request_get(r, request);
    return q ? q->user : NULL;
}

uint32_t ps_request_cseq(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = ps_request_get(r, request);
    return q ? q->cseq : 0;
}

struct ps_account *ps_request_account(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = ps_request_get(r, request);
    return q ? q->account : NULL;
}

const struct ps_flow *ps_request_flow(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = ps_request_get(r, request);
    return q && q->flows ? &q->flow[q->current] : NULL;
}

const struct ps_message *ps_request_draft(struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = ps_request_get(r, request);
    return q && q->draft.p ? ps_request_index(r, q) : NULL;
}

struct ps_slice ps_request_body(struct ps_requests *r, ps_handle request, struct ps_slice *type)
{
    const struct ps_message *m = ps_request_draft(r, request);
    *type = PS_NONE;
    if (!m)
        return PS_NONE;
    *type = ps_header_value(m, PS_H_CONTENT_TYPE, 0);
    return ps_body(m);
}

bool ps_request_has_body(struct ps_requests *r, ps_handle request)
{
    struct ps_slice type;
    return ps_request_body(r, request, &type).n > 0;
}

void ps_request_write_credentials(struct ps_requests *r, ps_handle request, struct ps_writer *w)
{
    const struct ps_message *m = ps_request_draft(r, request);
    if (!m)
        return;
    ps_write_copy_lines(w, m, PS_H_AUTHORIZATION);
    ps_write_copy_lines(w, m, PS_H_PROXY_AUTHORIZATION);
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

/* The Contact by which we can be reached on this flow. */
static void put_contact(struct ps_writer *w, const struct ps_request *q, const struct ps_flow *flow)
{
    if (q->contact == PS_CONTACT_STAR) {
        ps_put_char(w, '*');
        return;
    }
    ps_put_char(w, '<');
    ps_put_contact_uri(w, q->account, flow);
    ps_put_char(w, '>');
    ps_put_value(w, q->contact_params);
    if (q->contact == PS_CONTACT_PLAIN)
        return;
    ps_put(w, PS_S(";expires="));
    ps_put_number(w, q->expires);
    if (q->contact == PS_CONTACT_REPLACE) {
        ps_put(w, PS_S(", <"));
        put_reached_at(w, q->account, &flow->local, flow->transport);
        ps_put(w, PS_S(">;expires=0"));
    }
}

static const uint8_t credential_headers[] = {PS_H_AUTHORIZATION, PS_H_PROXY_AUTHORIZATION};

/* 22.2, 22.3: credentials for this target, made anew for each sending; they stay in the draft for
 * the ACK. */
static enum ps_error add_credentials(struct ps_requests *r, struct ps_request *q)
{
    char target[PS_ADDRESS_TEXT];
    struct ps_writer t = ps_writer(target, sizeof target);
    struct ps_writer lines = ps_writer(r->credentials, CREDENTIALS_BYTES);
    struct ps_edit edit = {.drop = credential_headers, .drops = 2};
    const struct ps_message *m = ps_request_index(r, q);
    struct ps_digest_request digest;
    if (!q->account || !q->account->digest.n_users)
        return PS_OK;
    digest.method = ps_request_method(m);
    digest.uri = ps_request_uri(m);
    digest.body = ps_body(m);
    ps_put_address(&t, &q->flow[q->current].remote);
    ps_auth_write_credentials(&lines, &q->account->digest, &q->attempt, ps_written(&t), &digest);
    if (lines.error)
        return lines.error;
    edit.lines = ps_written(&lines);
    return ps_request_edit(r, q, &edit);
}

static void write_final(struct ps_requests *r, struct ps_request *q, struct ps_writer *w)
{
    const struct ps_flow *flow = &q->flow[q->current];
    char branch_text[40], contact_text[512];
    struct ps_writer branch = ps_writer(branch_text, sizeof branch_text);
    struct ps_writer contact = ps_writer(contact_text, sizeof contact_text);
    struct ps_edit edit = {.via_flow = flow};
    ps_put(&branch, PS_S("z9hG4bK"));
    ps_put_token(&branch, r->env);
    edit.via_branch = ps_written(&branch);
    if (q->contact != PS_CONTACT_NONE) {
        put_contact(&contact, q, flow);
        edit.contact = ps_written(&contact);
        w->error = contact.error;
    }
    ps_write_copy(w, ps_request_index(r, q), &edit);
}

/* From a draft with a way to the wire. An ACK has no transaction: its bytes are kept here. */
static enum ps_error send_now(struct ps_requests *r, struct ps_request *q)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    enum ps_error error = q->method == PS_METHOD_ACK ? PS_OK : add_credentials(r, q);
    if (error)
        return error;
    write_final(r, q, &w);
    if (w.error)
        return w.error;
    q->cseq = r->index.cseq;
    if (q->method == PS_METHOD_ACK) {
        error = ps_request_keep(r, &q->draft, ps_written(&w));
        q->state = error ? PS_ROUTED : PS_ACK_SENT;
        return error;
    }
    error = ps_transaction_request(r->transactions, &q->flow[q->current], ps_written(&w),
                                   ps_pool_handle(&r->pool, q), &q->transaction);
    if (error)
        return error;
    if (q->once)
        ps_transaction_send_once(r->transactions, q->transaction);
    q->state = PS_RUNNING;
    q->sent = true;
    return PS_OK;
}

/* ---- cancelling: 9.1 ---- */

/* Room for it is waited for: each T1 it is tried again, until the final response is awaited no
 * longer. */
static void send_cancel(struct ps_requests *r, struct ps_request *q)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    struct ps_slice invite = ps_transaction_message(r->transactions, q->transaction);
    uint64_t again = r->env->now + r->env->t1;
    ps_handle cancel;
    if (!q->cancel_end)
        q->cancel_end = r->env->now + 64 * (uint64_t)r->env->t1;
    if (!invite.n || ps_request_index_other(r, invite))
        return;
    ps_write_cancel(&w, &r->index);
    q->cancelled = !w.error && !ps_transaction_request(r->transactions, &q->flow[q->current],
                                                       ps_written(&w), 0, &cancel);
    if (!q->cancelled)
        r->env->count.of[PS_COUNT_DROPPED_FULL]++;
    ps_timer_start(&r->env->timers, &q->timer,
                   q->cancelled || again > q->cancel_end ? q->cancel_end : again);
}

static void fail(struct ps_requests *r, struct ps_request *q, unsigned status)
{
    q->state = PS_FAILED;
    q->failure = (uint16_t)status;
    ps_request_set_pending(r, q);
}

enum ps_error ps_request_cancel(struct ps_requests *r, ps_handle request)
{
    struct ps_request *q = ps_request_get(r, request);
    if (!q)
        return PS_E_STALE;
    if (q->method != PS_METHOD_INVITE || q->state >= PS_FAILED)
        return PS_E_STATE;
    if (q->cancel_wanted)
        return PS_OK;
    q->cancel_wanted = true;
    if (q->state != PS_RUNNING) { /* nobody has seen it: nothing to cancel but ourselves */
        fail(r, q, 487);
    } else if (ps_transaction_cancellable(r->transactions, q->transaction)) {
        send_cancel(r, q);
    }
    return PS_OK;
}

/* ---- what became of it ---- */

static struct ps_request_event tell(const struct ps_requests *r, const struct ps_request *q,
                                    enum ps_request_outcome outcome, unsigned status)
{
    struct ps_request_event event;
    event.outcome = outcome;
    event.request = q ? ps_pool_handle(&r->pool, q) : 0;
    event.owner = q ? q->owner : 0;
    event.status = status;
    event.method = q ? q->method : 0;
    event.unsent = q && !q->sent;
    event.no_way = q && !q->flows;
    return event;
}

static struct ps_request_event finish(const struct ps_requests *r, struct ps_request *q,
                                      unsigned status)
{
    bool more = q->method == PS_METHOD_INVITE && status < 300;
    if (more && q->state != PS_DONE) /* as long as Timer M lets 2xx through (RFC 6026 7.2) */
        ps_timer_start(&r->env->timers, &q->timer, r->env->now + 64 * (uint64_t)r->env->t1);
    else if (!more)
        ps_timer_stop(&r->env->timers, &q->timer);
    q->state = PS_DONE;
    return tell(r, q, PS_REQUEST_FINAL, status);
}

static struct ps_request_event final(struct ps_requests *r, struct ps_request *q, unsigned status,
                                     const struct ps_message *m)
{
    struct ps_request_event event;
    if (ps_request_try_again(r, q, status, m))
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    event = finish(r, q, status);
    if (!q->alone)
        return event;
    ps_request_end(r, event.request);
    return tell(r, NULL, PS_REQUEST_NOTHING, 0);
}

static void provisional(struct ps_requests *r, struct ps_request *q)
{
    if (q->cancel_wanted && !q->cancelled)
        send_cancel(r, q);
}

struct ps_request_event ps_requests_event(struct ps_requests *r,
                                          const struct ps_transaction_event *event,
                                          const struct ps_message *m)
{
    struct ps_request *q = ps_request_get(r, event->user);
    if (!q || q->transaction != event->transaction)
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    switch (event->kind) {
    case PS_TX_PROVISIONAL:
        provisional(r, q);
        return tell(r, q, q->alone ? PS_REQUEST_NOTHING : PS_REQUEST_PROVISIONAL, event->status);
    case PS_TX_FINAL:
        return final(r, q, event->status, m);
    case PS_TX_TIMEOUT:
        return final(r, q, 408, NULL); /* 8.1.3.1 */
    case PS_TX_UNREACHABLE:
        return final(r, q, 503, NULL);
    case PS_TX_GUARD:
        q->guarded = q->cancel_wanted = true;
        if (!q->cancelled)
            send_cancel(r, q);
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    default:
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    }
}

/* The owner's delay is over, or no 2xx can come any more, or 64*T1 have passed since the
 * CANCEL (9.1). */
struct ps_request_event ps_requests_expire(struct ps_requests *r, struct ps_timer *timer)
{
    struct ps_request *q = PS_CONTAINER(struct ps_request, timer, timer);
    if (q->state == PS_WAITING) {
        q->state = PS_DONE;
        return tell(r, q, PS_REQUEST_DUE, 0);
    }
    if (q->state == PS_DONE)
        return tell(r, q, PS_REQUEST_GONE, 0);
    if (!q->cancelled && r->env->now < q->cancel_end) {
        send_cancel(r, q);
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    }
    ps_transaction_abandon(r->transactions, q->transaction);
    return finish(r, q, q->guarded ? 408 : 487);
}

/* ---- pulling ---- */

static void find_hop(struct ps_requests *r, struct ps_request *q, struct ps_request_pull *out)
{
    struct ps_slice text = ps_slice(q->next_hop.p, q->next_hop.n);
    struct ps_uri uri;
    if (!text.n && q->proxied && q->account)
        text = q->account->proxy;
    if (!text.n)
        text = ps_request_uri(ps_request_index(r, q));
    if (ps_uri_parse(text, &uri, NULL) || ps_uri_next_hop(&uri, &out->hop)) {
        fail(r, q, 503);
        return;
    }
    q->state = PS_RESOLVING;
    out->work = PS_WORK_RESOLVE;
}

void ps_requests_resolved(struct ps_requests *r, ps_handle request, const struct ps_flow *flows,
                          unsigned n)
{
    struct ps_request *q = ps_request_get(r, request);
    if (!q || q->state != PS_RESOLVING)
        return;
    if (!n) {
        fail(r, q, 503);
        return;
    }
    q->flows = (uint8_t)(n > PS_MAX_ADDRESSES ? PS_MAX_ADDRESSES : n);
    q->current = 0;
    memcpy(q->flow, flows, q->flows * sizeof *flows);
    q->state = PS_ROUTED;
    ps_request_set_pending(r, q);
}

void ps_request_repeat(struct ps_requests *r, ps_handle request)
{
    struct ps_request *q = ps_request_get(r, request);
    if (q && q->state == PS_ACK_SENT) {
        q->repeat = true;
        ps_request_set_pending(r, q);
    } else if (q && q->state == PS_ACK_UNSENT) {
        q->state = q->fixed ? PS_ROUTED : PS_DRAFT;
        ps_request_set_pending(r, q);
    }
}

bool ps_request_ack_sent(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = ps_request_get(r, request);
    return q && q->state == PS_ACK_SENT;
}

static void pull_one(struct ps_requests *r, struct ps_request *q, struct ps_request_pull *out)
{
    if (q->state == PS_DRAFT) {
        find_hop(r, q, out);
    } else if (q->state == PS_ROUTED) {
        if (send_now(r, q)) {
            r->env->count.of[PS_COUNT_DROPPED_FULL]++;
            fail(r, q, 503);
        }
    } else if (q->state == PS_FAILED) {
        unsigned status = q->failure;
        if (q->method == PS_METHOD_ACK && q->owner) {
            q->state = PS_ACK_UNSENT;
            out->event = tell(r, q, PS_REQUEST_FINAL, status);
            out->work = PS_WORK_EVENT;
            return;
        }
        q->state = PS_RUNNING;
        out->event = final(r, q, status, NULL);
        out->work = out->event.outcome ? PS_WORK_EVENT : PS_WORK_NONE;
        return;
    }
    if (q->state == PS_ACK_SENT) {
        out->work = PS_WORK_SEND;
        out->flow = &q->flow[q->current];
        out->bytes = ps_slice(q->draft.p, q->draft.n);
        out->again = q->repeat;
        q->sent = true;
        if (q->alone)
            r->spent = out->request;
    }
}

bool ps_requests_pull(struct ps_requests *r, struct ps_request_pull *out)
{
    struct ps_request *q;
    ps_request_end(r, r->spent);
    r->spent = 0;
    if (!r->first)
        return false;
    q = r->first;
    clear_pending(r, q);
    out->work = PS_WORK_NONE;
    out->request = ps_pool_handle(&r->pool, q);
    pull_one(r, q, out);
    return true;
}
