/*
 * Calls as server: what the other side's INVITE, re-INVITE, UPDATE, ACK, BYE and CANCEL mean, and
 * our answers. RFC 3261 9.2, 13.3, 14.2, 15.1.2. See call.h and call_internal.h.
 */
#include "call_internal.h"

/* 13.3.1.1: proxies give up on an INVITE that hears nothing for three minutes. And nothing rings for
 * ever, as nothing stays in Proceeding for ever (machines.c). */
#define RING_AGAIN 60000
#define RING_END 300000

static enum ps_error respond(struct ps_calls *c, ps_handle transaction,
                             const struct ps_response *response)
{
    return ps_response_send(c->responder, transaction, response, NULL);
}

/* A refusal that nobody need be told of where even it cannot be sent. */
static void refuse(struct ps_calls *c, ps_handle transaction, unsigned status,
                   struct ps_slice lines)
{
    struct ps_response response = {.status = status, .lines = lines};
    if (respond(c, transaction, &response))
        c->env->counter[PS_COUNT_DROPPED_FULL]++;
}

/* ---- INVITE ---- */

struct ps_event ps_calls_invite(struct ps_calls *c, ps_handle transaction,
                                const struct ps_message *m)
{
    struct ps_call *call = ps_pool_take(&c->pool);
    char tag[32];
    struct ps_writer w = ps_writer(tag, sizeof tag);
    ps_transaction_put_tag(&w, c->transactions, transaction, m);
    if (call)
        call->dialog = ps_dialog_from_request(c->dialogs, m, ps_written(&w));
    if (!call || !call->dialog) {
        if (call)
            ps_pool_give(&c->pool, call);
        c->env->counter[PS_COUNT_REFUSED_FULL]++;
        refuse(c, transaction, 503, PS_S("Retry-After: 5\r\n"));
        return ps_no_event();
    }
    call->state = PS_INCOMING;
    call->account = c->account;
    call->timer.kind = PS_KIND_CALL;
    call->offer_transaction = transaction;
    call->offer_method = PS_METHOD_INVITE;
    call->dialog->owner = ps_call_handle(c, call);
    ps_transaction_own(c->transactions, transaction, call->dialog->owner);
    return ps_call_event(c, call, PS_EVENT_CALL_INCOMING, 0, m);
}

enum ps_error ps_call_ring(struct ps_calls *c, ps_handle handle, unsigned status,
                           struct ps_slice type, struct ps_slice body)
{
    struct ps_call *call = ps_call_get(c, handle);
    struct ps_response response = {.status = status, .type = type, .body = body, .dialog = true};
    enum ps_error error;
    if (!call)
        return PS_E_STALE;
    if (status <= 100 || status > 199)
        return PS_E_ARGUMENT;
    if (call->state != PS_INCOMING)
        return PS_E_STATE;
    response.account = call->account;
    error = respond(c, call->offer_transaction, &response);
    if (error)
        return error;
    call->ring_status = (uint16_t)status;
    call->ring_end = c->env->now + RING_END;
    ps_timer_start(&c->env->timers, &call->timer, c->env->now + RING_AGAIN);
    return PS_OK;
}

static struct ps_event ring_due(struct ps_calls *c, struct ps_call *call)
{
    struct ps_response response = {
        .status = call->ring_status, .dialog = true, .account = call->account};
    uint64_t next = c->env->now + RING_AGAIN;
    if (c->env->now >= call->ring_end) {
        refuse(c, call->offer_transaction, 480, PS_NONE);
        return ps_call_end(c, call, 480, NULL);
    }
    if (respond(c, call->offer_transaction, &response))
        c->env->counter[PS_COUNT_DROPPED_FULL]++;
    ps_timer_start(&c->env->timers, &call->timer, next < call->ring_end ? next : call->ring_end);
    return ps_no_event();
}

/* 13.3.1.4: the call repeats its 2xx, on reliable flows too, until the ACK is there. */
static void repeat_ok(struct ps_calls *c, struct ps_call *call, const struct ps_flow *flow)
{
    call->ok_flow = *flow;
    call->ok_interval = c->env->t1;
    call->ok_end = c->env->now + 64 * (uint64_t)c->env->t1;
    ps_timer_start(&c->env->timers, &call->timer, c->env->now + call->ok_interval);
}

struct ps_slice ps_call_offer(struct ps_calls *c, ps_handle handle)
{
    const struct ps_call *call = ps_call_get(c, handle);
    const struct ps_message *m =
        call ? ps_responder_request(c->responder, call->offer_transaction) : NULL;
    return m ? ps_body(m) : PS_NONE;
}

enum ps_error ps_call_answer(struct ps_calls *c, ps_handle handle, struct ps_slice type,
                             struct ps_slice body)
{
    struct ps_call *call = ps_call_get(c, handle);
    struct ps_response response = {.status = 200, .type = type, .body = body, .dialog = true};
    const struct ps_flow *flow;
    bool invite;
    char allow[256];
    struct ps_writer lines = ps_writer(allow, sizeof allow);
    enum ps_error error;
    if (!call)
        return PS_E_STALE;
    if (!call->offer_transaction)
        return PS_E_STATE;
    if (c->allow.n)
        ps_write_header(&lines, PS_H_ALLOW, c->allow);
    response.lines = ps_written(&lines);
    response.account = call->account;
    invite = call->offer_method == PS_METHOD_INVITE;
    flow = ps_transaction_flow(c->transactions, call->offer_transaction);
    error = ps_response_send(c->responder, call->offer_transaction, &response,
                             invite ? &call->ok : NULL);
    if (error)
        return error;
    if (invite)
        repeat_ok(c, call, flow);
    call->offer_transaction = 0;
    call->dialog->confirmed = true;
    if (call->state == PS_INCOMING)
        call->state = PS_ESTABLISHED;
    return PS_OK;
}

enum ps_error ps_call_reject(struct ps_calls *c, ps_handle handle, unsigned status,
                             struct ps_slice lines)
{
    struct ps_call *call = ps_call_get(c, handle);
    struct ps_response response = {.status = status, .lines = lines};
    enum ps_error error;
    if (!call)
        return PS_E_STALE;
    if (status < 300 || status > 699)
        return PS_E_ARGUMENT;
    if (!call->offer_transaction)
        return PS_E_STATE;
    error = respond(c, call->offer_transaction, &response);
    if (error)
        return error;
    call->offer_transaction = 0;
    if (call->state == PS_INCOMING)
        ps_call_give(c, call);
    return PS_OK;
}

/* ---- requests within ---- */

/* 14.2, RFC 3311 5.2: one offer at a time, whoever makes it; and none before the ACK that ends the
 * last (RFC 5407 3.1.5). */
static struct ps_event offered(struct ps_calls *c, struct ps_call *call, ps_handle transaction,
                               const struct ps_message *m)
{
    char lines[32];
    struct ps_writer w = ps_writer(lines, sizeof lines);
    if (call->offer_transaction) {
        ps_write_header_number(&w, PS_H_RETRY_AFTER, ps_random(c->env) % 11);
        refuse(c, transaction, 500, ps_written(&w));
        return ps_no_event();
    }
    if (call->reinviting == PS_REINVITE_OUT || call->offer_in_ok || call->ok.p) {
        refuse(c, transaction, 491, PS_NONE);
        return ps_no_event();
    }
    if (call->state != PS_ESTABLISHED) {
        refuse(c, transaction, call->state == PS_ENDING ? 481 : 491, PS_NONE);
        return ps_no_event();
    }
    (void)ps_dialog_refresh(c->dialogs, call->dialog, m); /* full: the old target stays */
    if (call->reinviting == PS_REINVITE_WAITS)
        call->reinviting = PS_REINVITE_OVERTAKEN;
    call->offer_transaction = transaction;
    call->offer_method = m->method;
    if (m->method == PS_METHOD_INVITE)
        call->dialog->invite_cseq = m->cseq;
    ps_transaction_own(c->transactions, transaction, ps_call_handle(c, call));
    return ps_call_event(c, call, PS_EVENT_CALL_OFFER, 0, m);
}

/* 15.1.2: 200, and 487 to what still waits. */
static struct ps_event ended(struct ps_calls *c, struct ps_call *call, ps_handle transaction,
                             const struct ps_message *m)
{
    refuse(c, transaction, 200, PS_NONE);
    if (call->offer_transaction)
        refuse(c, call->offer_transaction, 487, PS_NONE);
    call->offer_transaction = 0;
    return ps_call_end(c, call, 200, m);
}

struct ps_event ps_calls_request(struct ps_calls *c, struct ps_dialog *dialog,
                                 ps_handle transaction, const struct ps_message *m)
{
    struct ps_call *call = ps_call_get(c, dialog->owner);
    struct ps_event event;
    if (!call) {
        refuse(c, transaction, 481, PS_NONE);
        return ps_no_event();
    }
    if (m->method == PS_METHOD_BYE)
        return ended(c, call, transaction, m);
    if (m->method == PS_METHOD_INVITE || m->method == PS_METHOD_UPDATE)
        return offered(c, call, transaction, m);
    event = ps_call_event(c, call, PS_EVENT_REQUEST, 0, m);
    event.transaction = transaction;
    return event;
}

/* The CSeq of the INVITE that a 2xx of ours answered: the dialog's, but for a client's own. */
struct ps_event ps_calls_ack(struct ps_calls *c, struct ps_dialog *dialog,
                             const struct ps_message *m)
{
    struct ps_call *call = ps_call_get(c, dialog->owner);
    if (!call || !call->ok.p || m->cseq != dialog->invite_cseq)
        return ps_no_event();
    ps_call_forget_ok(c, call);
    if (call->hangup)
        return ps_call_bye(c, call);
    return ps_call_event(c, call, PS_EVENT_CALL_CONFIRMED, 0, m);
}

struct ps_event ps_calls_cancelled(struct ps_calls *c, ps_handle invite)
{
    struct ps_call *call =
        ps_call_get(c, ps_transaction_user(c->transactions, invite));
    if (!call || call->offer_transaction != invite)
        return ps_no_event(); /* its final is sent already: no effect (9.2) */
    refuse(c, invite, 487, PS_NONE);
    call->offer_transaction = 0;
    if (call->state == PS_INCOMING)
        return ps_call_end(c, call, 487, NULL);
    return ps_call_event(c, call, PS_EVENT_CALL_WITHDRAWN, 487, NULL);
}

struct ps_event ps_calls_lost(struct ps_calls *c, ps_handle handle, ps_handle invite)
{
    struct ps_call *call = ps_call_get(c, handle);
    if (!call || call->offer_transaction != invite)
        return ps_no_event();
    call->offer_transaction = 0;
    if (call->state == PS_INCOMING)
        return ps_call_end(c, call, 408, NULL);
    return ps_call_event(c, call, PS_EVENT_CALL_WITHDRAWN, 408, NULL);
}

/* ---- time ---- */

static struct ps_event ok_due(struct ps_calls *c, struct ps_call *call)
{
    uint64_t next;
    if (c->env->now >= call->ok_end) { /* 13.3.1.4: never acknowledged: a BYE */
        ps_call_forget_ok(c, call);
        return ps_call_bye(c, call);
    }
    if (!call->pending) {
        call->pending = true;
        call->next_pending = c->first_pending;
        c->first_pending = call;
    }
    call->ok_interval = call->ok_interval * 2 > c->env->t2 ? c->env->t2 : call->ok_interval * 2;
    next = c->env->now + call->ok_interval;
    ps_timer_start(&c->env->timers, &call->timer, next < call->ok_end ? next : call->ok_end);
    return ps_no_event();
}

struct ps_event ps_calls_expire(struct ps_calls *c, struct ps_timer *timer)
{
    struct ps_call *call =
        (struct ps_call *)(void *)((char *)timer - offsetof(struct ps_call, timer));
    if (call->ok.p)
        return ok_due(c, call);
    return call->state == PS_INCOMING ? ring_due(c, call) : ps_no_event();
}

bool ps_calls_pull(struct ps_calls *c, const struct ps_flow **flow, struct ps_slice *bytes)
{
    struct ps_call *call;
    while ((call = c->first_pending) != NULL) {
        c->first_pending = call->next_pending;
        call->pending = false;
        if (!call->ok.p)
            continue;
        *flow = &call->ok_flow;
        *bytes = ps_slice(call->ok.p, call->ok.n);
        return true;
    }
    return false;
}
