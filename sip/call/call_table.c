/*
 * Keeps the table of calls: what a call is known by, when it wants to be woken, its requests and
 * refusals, and how it ends. Stands below what the other side says (call_client.c, call_server.c)
 * and what an application wants (call.c); knows neither.
 */
#include "call_internal.h"

struct ps_call *ps_call_get(const struct ps_calls *c, ps_handle handle)
{
    return ps_pool_get(&c->pool, handle);
}

ps_handle ps_call_handle(const struct ps_calls *c, const struct ps_call *call)
{
    return ps_pool_handle(&c->pool, call);
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
        if (!kept || dialog != kept)
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

/* Gives a call back. Our INVITE may still bring a 2xx of another fork, which is answered without
 * the call. So it lives on alone until no such can come (RFC 6026 7.2). */
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

/* Writes Supported beside Allow, empty where there is nothing to name (13.2.1, 13.3.1.4, 20.37). */
void ps_call_put_supported(const struct ps_calls *c, struct ps_writer *w)
{
    if (c->env->can.allow.n || c->env->can.supported.n)
        ps_write_header(w, PS_H_SUPPORTED, c->env->can.supported);
}

void ps_call_put_line(struct ps_writer *w, enum ps_header_id id, struct ps_slice value)
{
    if (value.n)
        ps_write_header(w, id, value);
}

void ps_call_write_within(struct ps_calls *c, struct ps_writer *w, struct ps_dialog *dialog,
                          const struct ps_within *what)
{
    ps_dialog_write_request(w, dialog, what->method, what->invite ? dialog->invite_cseq : 0);
    if (what->invite)
        ps_request_write_credentials(c->requests, what->invite, w);
    else if (ps_equal(what->method, PS_S("INVITE"))) { /* 13.2.1, 14.1 */
        ps_call_put_line(w, PS_H_ALLOW, c->env->can.allow);
        ps_call_put_supported(c, w);
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

void ps_call_refuse(struct ps_calls *c, ps_handle transaction, unsigned status,
                    struct ps_slice lines)
{
    struct ps_response response = {.status = status, .lines = lines};
    (void)ps_response_finish(c->responder, transaction, &response);
}

void ps_call_refuse_offer(struct ps_calls *c, struct ps_call *call, unsigned status)
{
    if (call->offer_transaction)
        ps_call_refuse(c, call->offer_transaction, status, PS_NONE);
    call->offer_transaction = 0;
}

enum ps_error ps_call_send_ack(struct ps_calls *c, struct ps_dialog *dialog, ps_handle owner,
                               ps_handle invite, struct ps_slice type, struct ps_slice body)
{
    struct ps_request_options options = {.account = ps_request_account(c->requests, invite),
                                         .owner = owner};
    struct ps_within what = {.method = PS_S("ACK"), .invite = invite, .type = type, .body = body};
    ps_handle ack = 0;
    enum ps_error error;
    ps_request_end(c->requests, dialog->ack);
    dialog->ack = 0;
    error = ps_call_send_within(c, dialog, &options, &what, &ack);
    if (error)
        c->env->count.of[PS_COUNT_DROPPED_FULL]++;
    else if (owner)
        dialog->ack = ack;
    return error;
}

static enum ps_error send_bye(struct ps_calls *c, struct ps_call *call, struct ps_slice lines)
{
    struct ps_request_options options = {.account = call->account,
                                         .owner = ps_call_handle(c, call),
                                         .once = !call->outgoing && !call->shown};
    struct ps_within bye = {.method = PS_S("BYE"), .lines = lines};
    return ps_call_send_within(c, call->dialog, &options, &bye, &call->bye);
}

static void begin_bye(struct ps_calls *c, struct ps_call *call, unsigned status, const char *why,
                      struct ps_slice lines)
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
    if (send_bye(c, call, lines))
        call->next = c->env->now + c->env->t1;
    ps_call_set_timer(c, call);
}

void ps_call_bye(struct ps_calls *c, struct ps_call *call, unsigned status, const char *why)
{
    begin_bye(c, call, status, why, PS_NONE);
}

void ps_call_bye_with(struct ps_calls *c, struct ps_call *call, struct ps_slice lines)
{
    begin_bye(c, call, 200, NULL, lines);
}

/* Handles a due BYE. One that is out has a transaction, which ends it; one that found no room is
 * tried again. */
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
    if (send_bye(c, call, PS_NONE))
        call->next = c->env->now + c->env->t1;
    ps_call_set_timer(c, call);
    return ps_no_event();
}

struct ps_event ps_call_unreachable(struct ps_calls *c, struct ps_call *call)
{
    struct ps_request_options options = {.account = call->account};
    struct ps_within what = {.method = PS_S("ACK"), .way = &call->ok_flow};
    struct ps_event event;
    ps_handle sent;
    what.invite = call->reinvite ? call->reinvite : call->invite;
    if (!ps_dialog_is_secure(call->dialog)) { /* where the 2xx came from they will hear it */
        (void)ps_call_send_within(c, call->dialog, &options, &what, &sent);
        what.method = PS_S("BYE");
        what.invite = 0;
        (void)ps_call_send_within(c, call->dialog, &options, &what, &sent);
    }
    ps_call_refuse_offer(c, call, 487);
    event = ps_call_end(c, call, 503, NULL);
    event.why = "the next hop cannot be reached";
    return event;
}

unsigned ps_call_check_hop(const struct ps_calls *c, struct ps_slice text, struct ps_next_hop *hop)
{
    struct ps_address ip;
    struct ps_uri uri;
    if (ps_uri_parse(text, &uri, NULL) || ps_uri_next_hop(&uri, hop) ||
        !(c->env->transports >> hop->transport & 1))
        return 400;
    return ps_ip_parse(hop->host, &ip) ? 480 : 0;
}

unsigned ps_call_check_uri(const struct ps_calls *c, struct ps_slice text)
{
    struct ps_next_hop hop;
    return ps_call_check_hop(c, text, &hop);
}
