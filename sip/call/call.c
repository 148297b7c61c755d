/*
 * Calls: the table of calls, how one ends, and what an application does with one. See call.h.
 * What the other side says is in call_client.c (responses) and call_server.c (requests).
 */
#include "call_internal.h"

struct ps_calls *ps_calls_init(struct ps_arena *arena, struct ps_environment *env,
                               struct ps_transactions *transactions, struct ps_dialogs *dialogs,
                               struct ps_requests *requests, struct ps_responder *responder,
                               struct ps_account *account, uint32_t count)
{
    struct ps_calls *c = ps_arena_take(arena, sizeof *c);
    struct ps_pool pool;
    uint32_t buckets;
    void *bucket = ps_arena_take_buckets(arena, count, &buckets);
    ps_pool_init(&pool, arena, PS_KIND_CALL, sizeof(struct ps_call), count);
    if (!c || !bucket)
        return NULL;
    memset(c, 0, sizeof *c);
    c->env = env;
    c->transactions = transactions;
    c->dialogs = dialogs;
    c->requests = requests;
    c->responder = responder;
    c->account = account;
    c->pool = pool;
    c->bucket = bucket;
    c->buckets = buckets;
    return c;
}

struct ps_call *ps_call_get(const struct ps_calls *c, ps_handle handle)
{
    return ps_pool_get(&c->pool, handle);
}

ps_handle ps_call_handle(const struct ps_calls *c, const struct ps_call *call)
{
    return ps_pool_handle(&c->pool, call);
}

uint32_t ps_calls_live(const struct ps_calls *c)
{
    return c->pool.live;
}

ps_handle ps_call_next(const struct ps_calls *c, ps_handle after)
{
    const struct ps_call *call = ps_pool_next(&c->pool, after ? ps_call_get(c, after) : NULL);
    return call ? ps_call_handle(c, call) : 0;
}

void *ps_call_user(const struct ps_calls *c, ps_handle call)
{
    const struct ps_call *k = ps_call_get(c, call);
    return k ? k->user : NULL;
}

void ps_call_set_user(struct ps_calls *c, ps_handle call, void *user)
{
    struct ps_call *k = ps_call_get(c, call);
    if (k)
        k->user = user;
}

struct ps_event ps_call_event(const struct ps_calls *c, const struct ps_call *call,
                              enum ps_event_kind kind, unsigned status, const struct ps_message *m)
{
    struct ps_event event = ps_no_event();
    event.kind = kind;
    event.call = ps_call_handle(c, call);
    event.user = call->user;
    event.transaction = call->offer_transaction;
    event.status = status;
    event.message = m;
    return event;
}

struct ps_slice ps_call_body(const struct ps_calls *c, const struct ps_message *m)
{
    struct ps_content content;
    ps_content_read(&content, m, c->env->can.accept);
    return content.body;
}

/* ---- by key ---- */

struct ps_call *ps_call_of_key(const struct ps_calls *c, uint64_t key)
{
    struct ps_call *call = c->bucket[key & (c->buckets - 1)];
    while (call && call->key != key)
        call = call->next_of_key;
    return call;
}

void ps_call_set_key(struct ps_calls *c, struct ps_call *call, uint64_t key)
{
    struct ps_call **head = &c->bucket[key & (c->buckets - 1)];
    call->key = key;
    call->next_of_key = *head;
    *head = call;
}

static void forget_key(struct ps_calls *c, const struct ps_call *call)
{
    struct ps_call **at = &c->bucket[call->key & (c->buckets - 1)];
    while (*at && *at != call)
        at = &(*at)->next_of_key;
    if (*at)
        *at = call->next_of_key;
}

/* ---- time, and what is pulled ---- */

void ps_call_set_timer(struct ps_calls *c, struct ps_call *call)
{
    uint64_t first = call->next < call->end ? call->next : call->end;
    if (call->ack_end < first)
        first = call->ack_end;
    if (first == PS_NEVER)
        ps_timer_stop(&c->env->timers, &call->timer);
    else
        ps_timer_start(&c->env->timers, &call->timer, first);
}

void ps_call_set_pending(struct ps_calls *c, struct ps_call *call)
{
    if (call->pending)
        return;
    call->pending = true;
    call->next_pending = c->first_pending;
    c->first_pending = call;
}

/* ---- the end ---- */

static void end_dialog(struct ps_calls *c, struct ps_dialog *dialog)
{
    ps_request_end(c->requests, dialog->ack);
    ps_dialog_end(c->dialogs, dialog);
}

void ps_call_end_dialogs_but(struct ps_calls *c, struct ps_call *call, struct ps_dialog *kept)
{
    struct ps_dialog *dialog = call->dialog, *next;
    for (; dialog; dialog = next) {
        next = dialog->next_of_owner;
        if (dialog != kept)
            end_dialog(c, dialog);
    }
    call->dialog = kept;
    if (kept)
        kept->next_of_owner = NULL;
}

void ps_call_forget_ok(struct ps_calls *c, struct ps_call *call)
{
    ps_forget(&c->env->store, &call->ok);
    call->next = call->end = PS_NEVER;
    ps_call_set_timer(c, call);
}

/* Our INVITE may still bring a 2xx of another fork, which is answered without the call: it lives on
 * alone until no such can come (RFC 6026 7.2). */
void ps_call_give(struct ps_calls *c, struct ps_call *call)
{
    struct ps_call **at = &c->first_pending;
    while (*at && *at != call)
        at = &(*at)->next_pending;
    if (*at)
        *at = call->next_pending;
    ps_request_disown(c->requests, call->invite);
    ps_request_disown(c->requests, call->reinvite);
    ps_request_end(c->requests, call->bye);
    ps_call_forget_ok(c, call);
    ps_timer_stop(&c->env->timers, &call->timer);
    forget_key(c, call);
    ps_call_end_dialogs_but(c, call, NULL);
    ps_pool_give(&c->pool, call);
}

struct ps_event ps_call_end(struct ps_calls *c, struct ps_call *call, unsigned status,
                            const struct ps_message *m)
{
    struct ps_event event = ps_call_event(c, call, PS_EVENT_CALL_ENDED, status, m);
    ps_call_give(c, call);
    return event;
}

/* ---- requests ---- */

static void put_line(struct ps_writer *w, enum ps_header_id id, struct ps_slice value)
{
    if (value.n)
        ps_write_header(w, id, value);
}

enum ps_error ps_call_start(struct ps_calls *c, const struct ps_call_options *options,
                            ps_handle *out)
{
    struct ps_writer w = ps_writer(c->env->scratch, c->env->scratch_n);
    struct ps_request_options request = {.account = options->account,
                                         .contact = PS_CONTACT_PLAIN,
                                         .follow_redirects = true,
                                         .proxied = true};
    struct ps_uri uri;
    struct ps_call *call;
    enum ps_error error = ps_uri_parse(options->to, &uri, NULL);
    if (error || uri.scheme > PS_SCHEME_SIPS)
        return error ? error : PS_E_SCHEME;
    call = ps_pool_take(&c->pool);
    if (!call)
        return PS_E_FULL;
    ps_write_new_request(&w, c->env, options->account, PS_S("INVITE"), options->to, options->to);
    put_line(&w, PS_H_ALLOW, c->env->can.allow);
    put_line(&w, PS_H_SUPPORTED, c->env->can.supported);
    ps_write_lines(&w, options->lines);
    ps_write_body(&w, options->type, options->body);
    call->outgoing = true;
    call->account = options->account;
    call->user = options->user;
    call->timer.kind = PS_KIND_CALL;
    call->next = call->end = call->ack_end = PS_NEVER;
    request.owner = ps_call_handle(c, call);
    error =
        w.error ? w.error : ps_request_start(c->requests, &request, ps_written(&w), &call->invite);
    if (error) {
        ps_pool_give(&c->pool, call);
        return error;
    }
    *out = ps_call_handle(c, call);
    return PS_OK;
}

void ps_call_write_within(struct ps_calls *c, struct ps_writer *w, struct ps_dialog *dialog,
                          const struct ps_within *what)
{
    ps_dialog_write_request(w, dialog, what->method, what->invite ? dialog->invite_cseq : 0);
    if (what->invite)
        ps_request_write_credentials(c->requests, what->invite, w);
    else if (ps_equal(what->method, PS_S("INVITE"))) { /* 13.2.1, 14.1 */
        put_line(w, PS_H_ALLOW, c->env->can.allow);
        put_line(w, PS_H_SUPPORTED, c->env->can.supported);
    }
    ps_write_lines(w, what->lines);
    ps_write_body(w, what->type, what->body);
}

enum ps_error ps_call_send_within(struct ps_calls *c, struct ps_dialog *dialog,
                                  const struct ps_request_options *options,
                                  const struct ps_within *what, ps_handle *out)
{
    struct ps_writer w = ps_writer(c->env->scratch, c->env->scratch_n);
    struct ps_request_options request = *options;
    ps_call_write_within(c, &w, dialog, what);
    request.next_hop = ps_dialog_next_hop(dialog);
    request.way = what->way;
    request.alone = !request.owner;
    if (request.owner)
        request.dialog = ps_dialog_handle(c->dialogs, dialog);
    return w.error ? w.error : ps_request_start(c->requests, &request, ps_written(&w), out);
}

static enum ps_error send_bye(struct ps_calls *c, struct ps_call *call)
{
    struct ps_request_options options = {.account = call->account,
                                         .owner = ps_call_handle(c, call),
                                         .once = !call->outgoing && !call->shown};
    struct ps_within bye = {.method = PS_S("BYE")};
    return ps_call_send_within(c, call->dialog, &options, &bye, &call->bye);
}

void ps_call_bye(struct ps_calls *c, struct ps_call *call, unsigned status, const char *why)
{
    if (call->state == PS_ENDING)
        return;
    ps_call_refuse_offer(c, call, 487); /* 15.1.2 */
    if (call->offer_in_ok)              /* the 2xx wants its ACK all the same */
        (void)ps_call_send_ack(c, call->dialog, ps_call_handle(c, call),
                               call->reinvite ? call->reinvite : call->invite, PS_NONE, PS_NONE);
    ps_call_forget_ok(c, call);
    call->offer_in_ok = false;
    call->state = PS_ENDING;
    call->end_status = (uint16_t)status;
    call->end_why = why;
    call->end = c->env->now + 64 * (uint64_t)c->env->t1;
    call->next = call->ack_end = PS_NEVER;
    if (send_bye(c, call))
        call->next = c->env->now + c->env->t1;
    ps_call_set_timer(c, call);
}

/* The BYE that is out has a transaction, which ends it; one that found no room is tried again. */
struct ps_event ps_call_bye_due(struct ps_calls *c, struct ps_call *call)
{
    if (call->bye) {
        call->next = call->end = PS_NEVER;
        return ps_no_event();
    }
    if (c->env->now >= call->end) {
        struct ps_event event = ps_call_end(c, call, 503, NULL);
        event.why = "no room for the BYE";
        return event;
    }
    call->next = PS_NEVER;
    if (send_bye(c, call))
        call->next = c->env->now + c->env->t1;
    ps_call_set_timer(c, call);
    return ps_no_event();
}

/* ---- what an application does ---- */

enum ps_error ps_call_reinvite(struct ps_calls *c, ps_handle handle, struct ps_slice type,
                               struct ps_slice body)
{
    struct ps_request_options options = {.contact = PS_CONTACT_PLAIN, .owner = handle};
    struct ps_within invite = {.method = PS_S("INVITE"), .type = type, .body = body};
    struct ps_call *call = ps_call_get(c, handle);
    enum ps_error error;
    ps_handle reinvite;
    if (!call)
        return PS_E_STALE;
    if (call->state != PS_ESTABLISHED || call->reinviting || call->offer_transaction ||
        call->ok.p || call->offer_in_ok)
        return PS_E_STATE; /* 14.1: one at a time, of either side */
    options.account = call->account;
    error = ps_call_send_within(c, call->dialog, &options, &invite, &reinvite);
    if (error)
        return error;
    ps_request_disown(c->requests, call->reinvite);
    call->reinvite = reinvite;
    call->reinviting = PS_REINVITE_OUT;
    call->dialog->invite_cseq = call->dialog->local_cseq;
    return PS_OK;
}

enum ps_error ps_call_hangup(struct ps_calls *c, ps_handle handle)
{
    struct ps_call *call = ps_call_get(c, handle);
    enum ps_error error;
    if (!call)
        return PS_E_STALE;
    if (call->state == PS_INCOMING || call->state == PS_CHECKING)
        return ps_call_reject(c, handle, 480, PS_NONE);
    if (call->state == PS_CALLING) {
        call->hangup = true;
        error = ps_request_cancel(c->requests, call->invite);
        return error == PS_E_STATE ? PS_OK : error; /* a 2xx that there was no room for: see GONE */
    }
    if (call->ok.p) { /* 15: no BYE by the callee before the ACK, or its time-out */
        call->hangup = true;
        return PS_OK;
    }
    ps_call_bye(c, call, 200, NULL);
    return PS_OK;
}

enum ps_error ps_call_request(struct ps_calls *c, ps_handle handle, struct ps_slice method,
                              struct ps_slice lines, struct ps_slice type, struct ps_slice body,
                              ps_handle *out)
{
    struct ps_call *call = ps_call_get(c, handle);
    struct ps_request_options options = {.owner = handle};
    struct ps_within what = {.method = method, .lines = lines, .type = type, .body = body};
    if (!call)
        return PS_E_STALE;
    if (call->state != PS_ESTABLISHED)
        return PS_E_STATE;
    options.account = call->account;
    options.user = call->user;
    return ps_call_send_within(c, call->dialog, &options, &what, out);
}
