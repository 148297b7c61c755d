/*
 * Calls: the table of calls, how one ends, and what an application does with one. See call.h.
 * What the other side says is in call_client.c (responses) and call_server.c (requests).
 */
#include "call_internal.h"

struct ps_calls *ps_calls_init(struct ps_arena *arena, struct ps_environment *env,
                               struct ps_transactions *transactions, struct ps_dialogs *dialogs,
                               struct ps_requests *requests, struct ps_responder *responder,
                               struct ps_account *account, struct ps_slice allow, uint32_t count)
{
    struct ps_calls *c = ps_arena_take(arena, sizeof *c);
    struct ps_pool pool;
    ps_pool_init(&pool, arena, PS_KIND_CALL, sizeof(struct ps_call), count);
    if (!c)
        return NULL;
    memset(c, 0, sizeof *c);
    c->env = env;
    c->transactions = transactions;
    c->dialogs = dialogs;
    c->requests = requests;
    c->responder = responder;
    c->account = account;
    c->allow = allow;
    c->pool = pool;
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
                                  enum ps_event_kind kind, unsigned status,
                                  const struct ps_message *m)
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
    ps_timer_stop(&c->env->timers, &call->timer);
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
    put_line(&w, PS_H_ALLOW, c->allow);
    ps_write_lines(&w, options->lines);
    ps_write_body(&w, options->type, options->body);
    call->outgoing = true;
    call->account = options->account;
    call->user = options->user;
    call->timer.kind = PS_KIND_CALL;
    request.owner = ps_call_handle(c, call);
    error = w.error ? w.error
                    : ps_request_start(c->requests, &request, ps_written(&w), &call->invite);
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
    else
        put_line(w, PS_H_ALLOW, c->allow);
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
    request.alone = !request.owner;
    if (request.owner)
        request.dialog = ps_dialog_handle(c->dialogs, dialog);
    return w.error ? w.error : ps_request_start(c->requests, &request, ps_written(&w), out);
}

enum ps_error ps_call_send_bye(struct ps_calls *c, struct ps_call *call)
{
    struct ps_request_options options = {.account = call->account,
                                         .owner = ps_call_handle(c, call)};
    struct ps_within bye = {.method = PS_S("BYE")};
    enum ps_error error;
    if (call->offer_in_ok) /* the 2xx wants its ACK all the same */
        ps_call_send_ack(c, call->dialog, options.owner,
                         call->reinvite ? call->reinvite : call->invite, PS_NONE, PS_NONE);
    error = ps_call_send_within(c, call->dialog, &options, &bye, &call->bye);
    if (error)
        return error;
    ps_call_forget_ok(c, call);
    call->offer_in_ok = false;
    call->state = PS_ENDING;
    return PS_OK;
}

struct ps_event ps_call_bye(struct ps_calls *c, struct ps_call *call)
{
    if (call->state == PS_ENDING)
        return ps_no_event();
    if (ps_call_send_bye(c, call))
        return ps_call_end(c, call, 500, NULL);
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
    if (call->state == PS_INCOMING)
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
    return call->state == PS_ENDING ? PS_OK : ps_call_send_bye(c, call);
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
