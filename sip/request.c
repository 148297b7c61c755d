/*
 * Client requests: RFC 3261 8.1. See request.h. Knows nothing of what a request is good for.
 */
#include "request.h"

enum request_state {
    DRAFT,     /* wants a way to its target */
    RESOLVING, /* the driver was asked */
    ROUTED,    /* wants to be sent */
    RUNNING,   /* a transaction has it */
    WAITING,   /* to be sent again when the timer is up */
    FAILED,    /* wants to tell its owner `failure` */
    DONE,      /* the final response was told */
    ACK_SENT   /* an ACK: kept for its repetition */
};

struct ps_request {
    struct ps_object object;
    struct ps_request *next_pending;
    bool pending, repeat;
    uint8_t state, method, contact;
    uint8_t flows, current; /* flow[current] is in use */
    uint8_t redirects;
    bool follow_redirects, proxied;
    bool cancel_wanted, cancelled, guarded;
    uint16_t failure;
    uint16_t last_q, last_position; /* the 3xx Contact tried last */
    uint32_t expires, cseq;
    ps_handle owner, dialog, transaction;
    void *user;
    struct ps_account *account;
    struct ps_digest_attempt attempt;
    struct ps_kept draft;        /* without Via and Contact; an ACK: as it was sent */
    struct ps_kept next_hop;     /* within a dialog */
    struct ps_kept alternatives; /* the 3xx whose Contacts are tried */
    struct ps_timer timer;
    struct ps_flow flow[PS_MAX_ADDRESSES];
};

/* Bytes of the credentials of one request: a few realms. */
#define CREDENTIALS_BYTES 4096

struct ps_requests {
    struct ps_environment *env;
    struct ps_transactions *transactions;
    struct ps_dialogs *dialogs;
    struct ps_pool pool;
    struct ps_request *first, *last; /* pending, in the order in which they became so */
    ps_handle spent; /* an ACK without owner, sent: forgotten when its bytes are not needed more */
    char *credentials;
    struct ps_message index;
};

struct ps_requests *ps_requests_init(struct ps_arena *arena, struct ps_environment *env,
                                     struct ps_transactions *transactions,
                                     struct ps_dialogs *dialogs, uint32_t count)
{
    struct ps_requests *r = ps_arena_take(arena, sizeof *r);
    char *credentials = ps_arena_take(arena, CREDENTIALS_BYTES);
    struct ps_pool pool;
    ps_pool_init(&pool, arena, PS_KIND_REQUEST, sizeof(struct ps_request), count);
    if (!r || !credentials)
        return NULL;
    memset(r, 0, sizeof *r);
    r->env = env;
    r->transactions = transactions;
    r->dialogs = dialogs;
    r->pool = pool;
    r->credentials = credentials;
    return r;
}

static struct ps_request *get(const struct ps_requests *r, ps_handle handle)
{
    return ps_pool_get(&r->pool, handle);
}

uint32_t ps_requests_live(const struct ps_requests *r)
{
    return r->pool.live;
}

static void set_pending(struct ps_requests *r, struct ps_request *q)
{
    if (q->pending)
        return;
    q->pending = true;
    q->next_pending = NULL;
    if (r->last)
        r->last->next_pending = q;
    else
        r->first = q;
    r->last = q;
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

/* Indexes the draft; it was indexed before it was kept, so it cannot fail. */
static const struct ps_message *index_draft(struct ps_requests *r, const struct ps_request *q)
{
    static const struct ps_parse_options draft = {.draft = true};
    (void)ps_message_parse(&r->index, q->draft.p, q->draft.n, &draft, NULL);
    return &r->index;
}

static enum ps_error replace(struct ps_requests *r, struct ps_kept *kept, struct ps_slice bytes)
{
    ps_forget(&r->env->store, kept);
    return ps_keep(&r->env->store, bytes, kept);
}

/* ---- starting and ending ---- */

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

void ps_write_new_request(struct ps_writer *w, struct ps_environment *env,
                          const struct ps_account *account, struct ps_slice method,
                          struct ps_slice uri, struct ps_slice to)
{
    ps_write_request_line(w, method, uri);
    ps_put(w, PS_S("Max-Forwards: 70\r\n"));
    put_party(w, PS_H_FROM, account->display, account->aor);
    ps_put(w, PS_S(";tag="));
    ps_put_token(w, env);
    ps_put(w, PS_S("\r\n"));
    put_party(w, PS_H_TO, PS_NONE, to);
    ps_put(w, PS_S("\r\nCall-ID: "));
    ps_put_token(w, env);
    ps_put_token(w, env);
    ps_put(w, PS_S("\r\nCSeq: 1 "));
    ps_put(w, method);
    ps_put(w, PS_S("\r\n"));
}


enum ps_error ps_request_start(struct ps_requests *r, const struct ps_request_options *options,
                               struct ps_slice draft, ps_handle *out)
{
    static const struct ps_parse_options as_draft = {.draft = true};
    struct ps_request *q;
    enum ps_error error = ps_message_parse(&r->index, draft.p, draft.n, &as_draft, NULL);
    if (error)
        return error;
    q = ps_pool_take(&r->pool);
    if (!q)
        return PS_E_FULL;
    error = ps_keep(&r->env->store, draft, &q->draft);
    if (!error && options->next_hop.n)
        error = ps_keep(&r->env->store, options->next_hop, &q->next_hop);
    if (error) {
        ps_forget(&r->env->store, &q->draft);
        ps_pool_give(&r->pool, q);
        return error;
    }
    q->method = r->index.method;
    q->cseq = r->index.cseq;
    q->account = options->account;
    q->owner = options->owner;
    q->dialog = options->dialog;
    q->user = options->user;
    q->contact = options->contact;
    q->expires = options->expires;
    q->follow_redirects = options->follow_redirects;
    q->proxied = options->proxied;
    q->timer.kind = PS_KIND_REQUEST;
    ps_digest_attempt_start(&q->attempt);
    set_pending(r, q);
    *out = ps_pool_handle(&r->pool, q);
    return PS_OK;
}

void ps_request_end(struct ps_requests *r, ps_handle request)
{
    struct ps_request *q = get(r, request);
    if (!q)
        return;
    clear_pending(r, q);
    ps_timer_stop(&r->env->timers, &q->timer);
    ps_forget(&r->env->store, &q->draft);
    ps_forget(&r->env->store, &q->next_hop);
    ps_forget(&r->env->store, &q->alternatives);
    ps_pool_give(&r->pool, q);
}

ps_handle ps_request_owner(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = get(r, request);
    return q ? q->owner : 0;
}

void ps_request_disown(struct ps_requests *r, ps_handle request)
{
    struct ps_request *q = get(r, request);
    if (q)
        q->owner = 0;
}

void *ps_request_user(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = get(r, request);
    return q ? q->user : NULL;
}

uint32_t ps_request_cseq(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = get(r, request);
    return q ? q->cseq : 0;
}

struct ps_account *ps_request_account(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = get(r, request);
    return q ? q->account : NULL;
}

const struct ps_flow *ps_request_flow(const struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = get(r, request);
    return q && q->flows ? &q->flow[q->current] : NULL;
}

bool ps_request_has_body(struct ps_requests *r, ps_handle request)
{
    const struct ps_request *q = get(r, request);
    return q && q->draft.p && index_draft(r, q)->body.n > 0;
}

void ps_request_write_credentials(struct ps_requests *r, ps_handle request, struct ps_writer *w)
{
    const struct ps_request *q = get(r, request);
    const struct ps_message *m;
    if (!q || !q->draft.p)
        return;
    m = index_draft(r, q);
    ps_write_copy_lines(w, m, PS_H_AUTHORIZATION);
    ps_write_copy_lines(w, m, PS_H_PROXY_AUTHORIZATION);
}

/* ---- sending ---- */

void ps_put_contact_uri(struct ps_writer *w, const struct ps_account *account,
                        const struct ps_flow *flow)
{
    ps_put_string(w, flow->transport == PS_TLS ? "sips:" : "sip:");
    if (account && account->contact_user.n) {
        ps_put_user(w, account->contact_user);
        ps_put_char(w, '@');
    }
    ps_put_address(w, &flow->local);
    if (flow->transport != PS_UDP && flow->transport != PS_TLS) {
        ps_put(w, PS_S(";transport="));
        ps_put(w, ps_transport_name((enum ps_transport)flow->transport));
    }
}

/* The Contact by which we can be reached on this flow. */
static void put_contact(struct ps_writer *w, const struct ps_request *q, const struct ps_flow *flow)
{
    if (q->contact == PS_CONTACT_STAR) {
        ps_put_char(w, '*');
        return;
    }
    ps_put(w, PS_S("<"));
    ps_put_contact_uri(w, q->account, flow);
    ps_put_char(w, '>');
    if (q->contact == PS_CONTACT_EXPIRES) {
        ps_put(w, PS_S(";expires="));
        ps_put_number(w, q->expires);
    }
}

/* Writes the draft with changes and keeps that instead. */
static enum ps_error edit_draft(struct ps_requests *r, struct ps_request *q,
                                const struct ps_edit *edit)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    ps_write_copy(&w, index_draft(r, q), edit);
    return w.error ? w.error : replace(r, &q->draft, ps_written(&w));
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
    const struct ps_message *m = index_draft(r, q);
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
    return edit_draft(r, q, &edit);
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
    ps_write_copy(w, index_draft(r, q), &edit);
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
        q->state = ACK_SENT;
        return replace(r, &q->draft, ps_written(&w));
    }
    if (w.n > 1300) /* 18.1.1: would go by TCP, which is still to come */
        r->env->counter[PS_COUNT_SENT_OVER_MTU]++;
    q->state = RUNNING;
    return ps_transaction_request(r->transactions, &q->flow[q->current], ps_written(&w),
                                  ps_pool_handle(&r->pool, q), &q->transaction);
}

/* ---- cancelling: 9.1 ---- */

static void send_cancel(struct ps_requests *r, struct ps_request *q)
{
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    struct ps_slice invite = ps_transaction_message(r->transactions, q->transaction);
    ps_handle cancel;
    if (!invite.n || ps_message_parse(&r->index, invite.p, invite.n, NULL, NULL))
        return;
    ps_write_cancel(&w, &r->index);
    if (w.error || ps_transaction_request(r->transactions, &q->flow[q->current], ps_written(&w), 0,
                                          &cancel))
        r->env->counter[PS_COUNT_DROPPED_FULL]++; /* the timer gives the INVITE up all the same */
    q->cancelled = true;
    ps_timer_start(&r->env->timers, &q->timer, r->env->now + 64 * r->env->t1);
}

static void fail(struct ps_requests *r, struct ps_request *q, unsigned status)
{
    q->state = FAILED;
    q->failure = (uint16_t)status;
    set_pending(r, q);
}

enum ps_error ps_request_cancel(struct ps_requests *r, ps_handle request)
{
    struct ps_request *q = get(r, request);
    if (!q)
        return PS_E_STALE;
    if (q->method != PS_METHOD_INVITE || q->state >= FAILED)
        return PS_E_STATE;
    if (q->cancel_wanted)
        return PS_OK;
    q->cancel_wanted = true;
    if (q->state != RUNNING) { /* nobody has seen it: nothing to cancel but ourselves */
        ps_timer_stop(&r->env->timers, &q->timer);
        fail(r, q, 487);
    } else if (ps_transaction_cancellable(r->transactions, q->transaction)) {
        send_cancel(r, q);
    }
    return PS_OK;
}

/* ---- trying again ---- */

/* 8.1.3.5, 22.2: the same request, CSeq one higher. */
static enum ps_error raise_cseq(struct ps_requests *r, struct ps_request *q, struct ps_edit *edit)
{
    struct ps_dialog *dialog = ps_dialog_get(r->dialogs, q->dialog);
    edit->cseq = dialog ? ++dialog->local_cseq : q->cseq + 1;
    if (dialog && q->method == PS_METHOD_INVITE)
        dialog->invite_cseq = edit->cseq;
    return edit_draft(r, q, edit);
}

static bool again(struct ps_requests *r, struct ps_request *q, enum request_state state,
                  struct ps_edit *edit)
{
    if (raise_cseq(r, q, edit))
        return false;
    q->state = (uint8_t)state;
    q->transaction = 0;
    if (state != WAITING)
        set_pending(r, q);
    return true;
}

enum ps_error ps_request_again(struct ps_requests *r, ps_handle request, uint32_t delay)
{
    struct ps_request *q = get(r, request);
    struct ps_edit edit = {.cseq = 0};
    if (!q)
        return PS_E_STALE;
    if (!again(r, q, WAITING, &edit))
        return PS_E_FULL;
    ps_timer_start(&r->env->timers, &q->timer, r->env->now + delay);
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
    return again(r, q, ROUTED, &edit);
}

/* 8.1.2: the request failed without an answer: the next address, with a branch of its own. */
static bool try_next_address(struct ps_requests *r, struct ps_request *q)
{
    if (q->cancel_wanted || q->current + 1 >= q->flows)
        return false;
    q->current++;
    q->state = ROUTED;
    set_pending(r, q);
    return true;
}

/* Thousandths of a Contact's q, 1000 where none stands (8.1.3.4). */
static unsigned contact_q(const struct ps_name_addr *contact)
{
    struct ps_slice q;
    unsigned value, scale = 100, i;
    if (!ps_param_find(contact->params, PS_S("q"), &q) || !q.n || !ps_is_digit(q.p[0]))
        return 1000;
    value = (unsigned)(q.p[0] - '0') * 1000;
    for (i = 2; i < q.n && i < 5 && ps_is_digit(q.p[i]); i++, scale /= 10)
        value += (unsigned)(q.p[i] - '0') * scale;
    return value > 1000 ? 1000 : value;
}

/* A Contact that a request can be sent to: sip with a host, and not where we have just been. */
static bool usable_target(const struct ps_name_addr *contact, struct ps_slice asked,
                          struct ps_uri *uri)
{
    struct ps_uri before;
    return !ps_uri_parse(contact->uri, uri, NULL) && uri->scheme <= PS_SCHEME_SIPS &&
           (ps_uri_parse(asked, &before, NULL) || !ps_uri_equal(&before, uri, NULL));
}

/* The best Contact behind the one tried last: higher q first, then by position. */
static bool next_target(struct ps_request *q, const struct ps_message *m, struct ps_slice asked,
                        struct ps_uri *best)
{
    struct ps_values values = ps_values(m, PS_H_CONTACT);
    struct ps_slice element;
    struct ps_name_addr contact;
    struct ps_uri uri;
    unsigned position = 0, best_q = 0, best_position = 0;
    bool found = false;
    while (ps_values_next(&values, &element) && ++position <= PS_MAX_REDIRECTS) {
        unsigned value;
        if (ps_name_addr_parse(element, &contact) || !usable_target(&contact, asked, &uri))
            continue;
        value = contact_q(&contact);
        if (value > q->last_q || (value == q->last_q && position <= q->last_position))
            continue;
        if (found && value <= best_q)
            continue;
        found = true;
        best_q = value;
        best_position = position;
        *best = uri;
    }
    q->last_q = (uint16_t)best_q;
    q->last_position = (uint16_t)best_position;
    return found;
}

/* 8.1.3.4: the same request to the next Contact, on a way of its own. */
static bool try_next_target(struct ps_requests *r, struct ps_request *q)
{
    static const uint8_t drop[] = {PS_H_ROUTE, PS_H_AUTHORIZATION, PS_H_PROXY_AUTHORIZATION};
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_edit edit = {.drop = drop, .drops = 3};
    struct ps_slice asked;
    struct ps_uri target;
    if (!q->alternatives.p || q->cancel_wanted || q->redirects >= PS_MAX_REDIRECTS)
        return false;
    asked = ps_request_uri(index_draft(r, q)); /* borrows from the draft, not from the index */
    if (ps_message_parse(&r->index, q->alternatives.p, q->alternatives.n, NULL, NULL) ||
        !next_target(q, &r->index, asked, &target))
        return false;
    target.headers = PS_NONE; /* 19.1.1: not allowed in a Request-URI */
    ps_put_uri(&w, &target);
    edit.request_uri = ps_written(&w);
    q->redirects++;
    q->proxied = false;
    q->flows = q->current = 0;
    return !w.error && again(r, q, DRAFT, &edit);
}

static bool redirect(struct ps_requests *r, struct ps_request *q, const struct ps_message *m)
{
    if (!m || !q->follow_redirects)
        return false;
    q->last_q = UINT16_MAX;
    q->last_position = 0;
    return !replace(r, &q->alternatives, ps_slice(m->bytes, m->n)) && try_next_target(r, q);
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
    return event;
}

static struct ps_request_event finish(const struct ps_requests *r, struct ps_request *q,
                                      unsigned status)
{
    bool more = q->method == PS_METHOD_INVITE && status < 300;
    if (more && q->state != DONE) /* as long as Timer M lets 2xx through (RFC 6026 7.2) */
        ps_timer_start(&r->env->timers, &q->timer, r->env->now + 64 * (uint64_t)r->env->t1);
    else if (!more)
        ps_timer_stop(&r->env->timers, &q->timer);
    q->state = DONE;
    return tell(r, q, PS_REQUEST_FINAL, status);
}

/* Does another try take the place of this final response? */
static bool try_again(struct ps_requests *r, struct ps_request *q, unsigned status,
                      const struct ps_message *m)
{
    if (status < 300 || q->state == DONE)
        return false;
    if (status < 400)
        return redirect(r, q, m);
    if (status == 401 || status == 407)
        return answer_challenge(r, q, m) || try_next_target(r, q);
    if (status == 503 || (status == 408 && !m))
        return try_next_address(r, q) || try_next_target(r, q);
    return status < 600 && try_next_target(r, q);
}

static struct ps_request_event final(struct ps_requests *r, struct ps_request *q, unsigned status,
                                     const struct ps_message *m)
{
    if (try_again(r, q, status, m))
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    return finish(r, q, status);
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
    struct ps_request *q = get(r, event->user);
    if (!q || q->transaction != event->transaction)
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    switch (event->kind) {
    case PS_TX_PROVISIONAL:
        provisional(r, q);
        return tell(r, q, PS_REQUEST_PROVISIONAL, event->status);
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

/* The delay before another try is over, or no 2xx can come any more, or 64*T1 have passed since the
 * CANCEL (9.1). */
struct ps_request_event ps_requests_expire(struct ps_requests *r, struct ps_timer *timer)
{
    struct ps_request *q =
        (struct ps_request *)(void *)((char *)timer - offsetof(struct ps_request, timer));
    if (q->state == WAITING) {
        q->state = ROUTED;
        set_pending(r, q);
        return tell(r, NULL, PS_REQUEST_NOTHING, 0);
    }
    if (q->state == DONE)
        return tell(r, q, PS_REQUEST_GONE, 0);
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
        text = ps_request_uri(index_draft(r, q));
    if (ps_uri_parse(text, &uri, NULL) || ps_uri_next_hop(&uri, &out->hop)) {
        fail(r, q, 503);
        return;
    }
    q->state = RESOLVING;
    out->work = PS_WORK_RESOLVE;
}

void ps_requests_resolved(struct ps_requests *r, ps_handle request, const struct ps_flow *flows,
                          unsigned n)
{
    struct ps_request *q = get(r, request);
    if (!q || q->state != RESOLVING)
        return;
    if (!n) {
        fail(r, q, 503);
        return;
    }
    q->flows = (uint8_t)(n > PS_MAX_ADDRESSES ? PS_MAX_ADDRESSES : n);
    q->current = 0;
    memcpy(q->flow, flows, q->flows * sizeof *flows);
    q->state = ROUTED;
    set_pending(r, q);
}

void ps_request_repeat(struct ps_requests *r, ps_handle request)
{
    struct ps_request *q = get(r, request);
    if (q && q->state == ACK_SENT) {
        q->repeat = true;
        set_pending(r, q);
    }
}

static void pull_one(struct ps_requests *r, struct ps_request *q, struct ps_request_pull *out)
{
    if (q->state == DRAFT) {
        find_hop(r, q, out);
    } else if (q->state == ROUTED) {
        if (send_now(r, q)) {
            r->env->counter[PS_COUNT_DROPPED_FULL]++;
            fail(r, q, 503);
        }
    } else if (q->state == FAILED) {
        unsigned status = q->failure;
        q->state = RUNNING;
        out->event = final(r, q, status, NULL);
        out->work = out->event.outcome ? PS_WORK_EVENT : PS_WORK_NONE;
        return;
    }
    if (q->state == ACK_SENT) {
        out->work = PS_WORK_SEND;
        out->flow = &q->flow[q->current];
        out->bytes = ps_slice(q->draft.p, q->draft.n);
        out->again = q->repeat;
        if (!q->owner)
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
