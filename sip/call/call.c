/*
 * Does what an application wants of a call, and holds the row by which the stack knows calls. See
 * ../call.h. The other side's messages are in call_client.c (responses) and call_server.c
 * (requests).
 */
#include "call_internal.h"

ps_handle ps_call_next(const struct ps_stack *stack, ps_handle after)
{
    const struct ps_calls *c = ps_calls_of(stack);
    const struct ps_call *call = ps_pool_next(&c->pool, after);
    return call ? ps_call_handle(c, call) : 0;
}

void *ps_call_user(const struct ps_stack *stack, ps_handle handle)
{
    const struct ps_calls *c = ps_calls_of(stack);
    const struct ps_call *call = ps_call_get(c, handle);
    return call ? call->user : NULL;
}

void ps_call_set_user(struct ps_stack *stack, ps_handle handle, void *user)
{
    struct ps_calls *c = ps_calls_of(stack);
    struct ps_call *call = ps_call_get(c, handle);
    if (call)
        call->user = user;
}

enum ps_error ps_call_start(struct ps_stack *stack, const struct ps_call_options *options,
                            ps_handle *out)
{
    struct ps_calls *c = ps_calls_of(stack);
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
    ps_call_put_line(&w, PS_H_ALLOW, c->env->can.allow);
    ps_call_put_supported(c, &w);
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

/* Repeats the call's 2xx until the ACK is there, on reliable flows too (13.3.1.4). */
static void repeat_ok(struct ps_calls *c, struct ps_call *call, const struct ps_flow *flow)
{
    call->ok_flow = *flow;
    call->ok_interval = c->env->t1;
    call->next = c->env->now + call->ok_interval;
    call->end = call->copy_end = c->env->now + 64 * (uint64_t)c->env->t1;
    ps_call_set_timer(c, call);
}

struct ps_slice ps_call_offer(struct ps_stack *stack, ps_handle handle)
{
    struct ps_calls *c = ps_calls_of(stack);
    const struct ps_call *call = ps_call_get(c, handle);
    const struct ps_message *m =
        call ? ps_responder_request(c->responder, call->offer_transaction) : NULL;
    return m ? ps_call_body(c, m) : PS_NONE;
}

enum ps_error ps_call_acknowledge(struct ps_stack *stack, ps_handle handle, struct ps_slice type,
                                  struct ps_slice body)
{
    struct ps_calls *c = ps_calls_of(stack);
    struct ps_call *call = ps_call_get(c, handle);
    enum ps_error error;
    if (!call)
        return PS_E_STALE;
    if (!call->offer_in_ok)
        return PS_E_STATE;
    error = ps_call_send_ack(c, call->dialog, handle,
                             call->reinvite ? call->reinvite : call->invite, type, body);
    call->offer_in_ok = error != PS_OK;
    return error;
}

/* ---- answers ---- */

static enum ps_error ring(struct ps_calls *c, struct ps_call *call,
                          const struct ps_response *response)
{
    enum ps_error error;
    if (response->status <= 100)
        return PS_E_ARGUMENT;
    if (call->state != PS_INCOMING)
        return PS_E_STATE;
    error = ps_response_send(c->responder, call->offer_transaction, response, NULL);
    if (error)
        return error;
    call->next = c->env->now + PS_RING_AGAIN;
    call->end = c->env->now + PS_RING_END;
    if (call->expires < call->end)
        call->end = call->expires;
    ps_call_set_timer(c, call);
    return PS_OK;
}

/* Writes Allow and Supported, and what the application adds. */
static struct ps_slice ok_lines(const struct ps_calls *c, struct ps_slice lines,
                                struct ps_writer *w)
{
    ps_call_put_line(w, PS_H_ALLOW, c->env->can.allow);
    ps_call_put_supported(c, w);
    ps_put(w, lines);
    return w->error ? lines : ps_written(w);
}

/* Sends a 2xx to the request that waits. The Contact of an in-dialog request is the target from
 * then on (RFC 6141 4.4), and not before. */
static enum ps_error send_ok(struct ps_calls *c, struct ps_call *call, struct ps_response *response)
{
    const struct ps_message *m = ps_responder_request(c->responder, call->offer_transaction);
    bool invite = call->offer_method == PS_METHOD_INVITE;
    struct ps_dialog made = *call->dialog;
    char text[512];
    struct ps_writer lines = ps_writer(text, sizeof text);
    enum ps_error error;
    if (!m)
        return PS_E_STATE;
    call->answer_due = !ps_call_body(c, m).n;
    response->lines = ok_lines(c, response->lines, &lines);
    made.text.p = NULL;
    if (call->state == PS_ESTABLISHED) /* without room the old target stands */
        (void)ps_dialog_prepare(c->dialogs, call->dialog, m, &made);
    if (invite)
        ps_forget(&c->env->store, &call->ok);
    error = ps_response_send(c->responder, call->offer_transaction, response,
                             invite ? &call->ok : NULL);
    if (error)
        ps_dialog_discard(c->dialogs, &made);
    else
        ps_dialog_replace(c->dialogs, call->dialog, &made);
    return error;
}

static enum ps_error answer(struct ps_calls *c, struct ps_call *call, struct ps_response *response)
{
    const struct ps_flow *way = ps_transaction_flow(c->transactions, call->offer_transaction);
    struct ps_flow flow;
    enum ps_error error;
    if (!way || call->state == PS_CHECKING)
        return PS_E_STATE;
    flow = *way;
    error = send_ok(c, call, response);
    if (error)
        return error;
    if (call->offer_method == PS_METHOD_INVITE) {
        call->ok_transaction = call->offer_transaction;
        repeat_ok(c, call, &flow);
    }
    call->offer_transaction = 0;
    call->dialog->confirmed = true;
    if (call->state == PS_INCOMING)
        call->state = PS_ESTABLISHED;
    return PS_OK;
}

static enum ps_error reject(struct ps_calls *c, struct ps_call *call,
                            const struct ps_response *response)
{
    enum ps_error error;
    if (!call->offer_transaction)
        return PS_E_STATE;
    error = ps_response_finish(c->responder, call->offer_transaction, response);
    if (error == PS_E_INJECTION || error == PS_E_ARGUMENT)
        return error;
    call->offer_transaction = 0;
    if (call->state == PS_INCOMING || call->state == PS_CHECKING)
        ps_call_give(c, call);
    return PS_OK;
}

enum ps_error ps_call_respond(struct ps_stack *stack, ps_handle handle,
                              const struct ps_response *given)
{
    struct ps_calls *c = ps_calls_of(stack);
    struct ps_call *call = ps_call_get(c, handle);
    struct ps_response response = *given;
    if (!call)
        return PS_E_STALE;
    if (response.status < 100 || response.status > 699)
        return PS_E_ARGUMENT;
    if (response.status >= 300)
        return reject(c, call, &response);
    response.dialog = true;
    response.account = call->account;
    return response.status < 200 ? ring(c, call, &response) : answer(c, call, &response);
}

enum ps_error ps_call_ring(struct ps_stack *stack, ps_handle call, unsigned status,
                           struct ps_slice type, struct ps_slice body)
{
    struct ps_response response = {.status = status, .type = type, .body = body};
    return status > 199 ? PS_E_ARGUMENT : ps_call_respond(stack, call, &response);
}

enum ps_error ps_call_answer(struct ps_stack *stack, ps_handle call, struct ps_slice type,
                             struct ps_slice body)
{
    struct ps_response response = {.status = 200, .type = type, .body = body};
    return ps_call_respond(stack, call, &response);
}

enum ps_error ps_call_reject(struct ps_stack *stack, ps_handle call, unsigned status,
                             struct ps_slice lines)
{
    struct ps_response response = {.status = status, .lines = lines};
    return status < 300 ? PS_E_ARGUMENT : ps_call_respond(stack, call, &response);
}

/* ---- requests within ---- */

static enum ps_error reinvite(struct ps_calls *c, struct ps_call *call,
                              const struct ps_within *what)
{
    struct ps_request_options options = {
        .contact = PS_CONTACT_PLAIN, .owner = ps_call_handle(c, call), .account = call->account};
    enum ps_error error;
    ps_handle sent;
    if (call->state != PS_ESTABLISHED || call->reinviting || call->offer_transaction ||
        call->ok.p || call->offer_in_ok)
        return PS_E_STATE; /* 14.1: one at a time, of either side */
    error = ps_call_send_within(c, call->dialog, &options, what, &sent);
    if (error)
        return error;
    ps_request_disown(c->requests, call->reinvite);
    call->reinvite = sent;
    call->reinviting = PS_REINVITE_OUT;
    call->dialog->invite_cseq = call->dialog->local_cseq;
    return PS_OK;
}

static enum ps_error hangup(struct ps_calls *c, struct ps_call *call, struct ps_slice lines)
{
    struct ps_response unavailable = {.status = 480, .lines = lines};
    enum ps_error error;
    if (call->state == PS_INCOMING || call->state == PS_CHECKING)
        return reject(c, call, &unavailable);
    if (call->state == PS_CALLING) {
        call->hangup = true;
        error = ps_request_cancel(c->requests, call->invite);
        return error == PS_E_STATE ? PS_OK : error; /* a 2xx that there was no room for: see GONE */
    }
    if (call->ok.p) { /* 15: no BYE by the callee before the ACK, or its time-out */
        call->hangup = true;
        return PS_OK;
    }
    ps_call_bye_with(c, call, lines);
    return PS_OK;
}

static enum ps_error send_other(struct ps_calls *c, struct ps_call *call,
                                const struct ps_within *what, ps_handle *out)
{
    struct ps_request_options options = {
        .owner = ps_call_handle(c, call), .account = call->account, .user = call->user};
    if (call->state != PS_ESTABLISHED)
        return PS_E_STATE;
    return ps_call_send_within(c, call->dialog, &options, what, out);
}

enum ps_error ps_call_request(struct ps_stack *stack, ps_handle handle, struct ps_slice method,
                              struct ps_slice lines, struct ps_slice type, struct ps_slice body,
                              ps_handle *out)
{
    struct ps_calls *c = ps_calls_of(stack);
    struct ps_call *call = ps_call_get(c, handle);
    struct ps_within what = {.method = method, .lines = lines, .type = type, .body = body};
    *out = 0;
    if (!call)
        return PS_E_STALE;
    if (ps_equal(method, PS_S("INVITE")))
        return reinvite(c, call, &what);
    if (ps_equal(method, PS_S("BYE")))
        return hangup(c, call, lines);
    return send_other(c, call, &what, out);
}

enum ps_error ps_call_reinvite(struct ps_stack *stack, ps_handle call, struct ps_slice type,
                               struct ps_slice body)
{
    ps_handle none;
    return ps_call_request(stack, call, PS_S("INVITE"), PS_NONE, type, body, &none);
}

enum ps_error ps_call_hangup(struct ps_stack *stack, ps_handle call)
{
    ps_handle none;
    return ps_call_request(stack, call, PS_S("BYE"), PS_NONE, PS_NONE, PS_NONE, &none);
}

/* ---- the row ---- */

static void *make_state(struct ps_arena *arena, struct ps_environment *env, uint32_t count)
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
    c->transactions = env->transactions;
    c->dialogs = env->dialogs;
    c->requests = env->requests;
    c->responder = env->responder;
    c->account = env->account;
    c->pool = pool;
    c->bucket = bucket;
    c->buckets = buckets;
    return c;
}

static uint32_t count_live(const void *state)
{
    return ((const struct ps_calls *)state)->pool.live;
}

static struct ps_event on_time(void *state, struct ps_timer *timer)
{
    return ps_calls_expire(state, timer);
}

static struct ps_event on_response(void *state, const struct ps_request_event *event,
                                   const struct ps_message *m, const struct ps_flow *flow)
{
    return ps_calls_response(state, event, m, flow);
}

static struct ps_event on_request(void *state, struct ps_dialog *dialog, ps_handle transaction,
                                  const struct ps_message *m)
{
    return ps_calls_request(state, dialog, transaction, m);
}

/* Begins a call with an INVITE outside of any dialog. */
static bool claims(void *state, ps_handle transaction, const struct ps_message *m,
                   struct ps_event *event)
{
    if (m->method != PS_METHOD_INVITE || ps_to_tag(m).n)
        return false;
    *event = ps_calls_invite(state, transaction, m);
    return true;
}

static struct ps_event on_ack(void *state, struct ps_dialog *dialog, const struct ps_message *m)
{
    return ps_calls_ack(state, dialog, m);
}

static struct ps_event on_cancel(void *state, ps_handle invite)
{
    return ps_calls_cancelled(state, invite);
}

static struct ps_event on_lost(void *state, ps_handle owner, ps_handle transaction)
{
    return ps_calls_lost(state, owner, transaction);
}

static bool sends(void *state, const struct ps_flow **flow, struct ps_slice *bytes)
{
    return ps_calls_pull(state, flow, bytes);
}

static bool pulls(void *state, struct ps_usage_pull *out)
{
    return ps_calls_pull_hop(state, out);
}

static void on_resolved(void *state, ps_handle owner, bool found)
{
    ps_calls_resolved(state, owner, found);
}

const struct ps_usage ps_call_usage = {
    .name = "calls",
    .kind = PS_KIND_CALL,
    .orphans = PS_METHOD_INVITE,
    .limit = offsetof(struct ps_limits, calls),
    .living = offsetof(struct ps_stack_live, calls),
    .init = make_state,
    .live = count_live,
    .expire = on_time,
    .response = on_response,
    .request = on_request,
    .claim = claims,
    .ack = on_ack,
    .cancelled = on_cancel,
    .lost = on_lost,
    .send = sends,
    .pull = pulls,
    .resolved = on_resolved,
};
