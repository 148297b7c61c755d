/*
 * Handles calls as server: the other side's INVITE, re-INVITE, UPDATE, ACK, BYE and CANCEL, and our
 * answers. RFC 3261 9.2, 13.3, 14.2, 15.1.2. See call.h and call_internal.h.
 */
#include "call_internal.h"

/* ---- INVITE ---- */

/* Is it a copy of an INVITE that was answered and acknowledged, whose transaction has made room for
 * another (RFC 6026 7.1, transaction_room.c)? */
static bool is_copy(const struct ps_calls *c, uint64_t key)
{
    const struct ps_call *call = ps_call_of_key(c, key);
    return call && c->env->now < call->copy_end;
}

static struct ps_call *take_call(struct ps_calls *c, ps_handle transaction,
                                 const struct ps_message *m)
{
    struct ps_call *call = ps_pool_take(&c->pool);
    char tag[32];
    struct ps_writer w = ps_writer(tag, sizeof tag);
    ps_transaction_put_tag(&w, c->transactions, transaction, m);
    if (call)
        call->dialog = ps_dialog_from_request(c->dialogs, m, ps_written(&w));
    if (call && !call->dialog) {
        ps_pool_give(&c->pool, call);
        call = NULL;
    }
    return call;
}

/* Checks the next hop of our requests in the dialog. An old far end that names no Contact is
 * reached at its source. */
static unsigned check_hop(const struct ps_calls *c, const struct ps_dialog *dialog,
                          const struct ps_message *m, struct ps_next_hop *hop)
{
    if (c->env->any_next_hop || (!m->contact.n && !dialog->routes.n))
        return 0;
    return ps_call_check_hop(c, ps_dialog_next_hop(dialog), hop);
}

static void bad_hop(struct ps_calls *c, ps_handle transaction, unsigned status)
{
    struct ps_response response = {.status = status, .reason = PS_S("Contact Cannot Be Reached")};
    (void)ps_response_finish(c->responder, transaction, &response);
}

static void begin_call(struct ps_calls *c, struct ps_call *call, ps_handle transaction,
                       const struct ps_message *m)
{
    uint32_t expires = ps_header_number(m, PS_H_EXPIRES, UINT32_MAX);
    call->account = c->account;
    call->timer.kind = PS_KIND_CALL;
    call->offer_transaction = transaction;
    call->offer_method = PS_METHOD_INVITE;
    call->dialog->owner = ps_call_handle(c, call);
    call->next = call->ack_end = PS_NEVER;
    call->expires = expires == UINT32_MAX ? PS_NEVER : c->env->now + (uint64_t)expires * 1000;
    call->end = call->expires;
    ps_call_set_timer(c, call);
    ps_call_set_key(c, call, ps_transaction_key(c->transactions, transaction));
    ps_transaction_own(c->transactions, transaction, call->dialog->owner);
}

struct ps_event ps_calls_invite(struct ps_calls *c, ps_handle transaction,
                                const struct ps_message *m)
{
    struct ps_next_hop hop;
    struct ps_call *call;
    unsigned status;
    if (is_copy(c, ps_transaction_key(c->transactions, transaction))) {
        c->env->count.of[PS_COUNT_RETRANSMISSIONS_ABSORBED]++;
        ps_transaction_abandon(c->transactions, transaction);
        return ps_no_event();
    }
    call = take_call(c, transaction, m);
    if (!call) {
        c->env->count.of[PS_COUNT_REFUSED_FULL]++;
        ps_call_refuse(c, transaction, 503, PS_S("Retry-After: 5\r\n"));
        return ps_no_event();
    }
    begin_call(c, call, transaction, m);
    status = check_hop(c, call->dialog, m, &hop);
    call->state = status ? PS_CHECKING : PS_INCOMING;
    if (status == 480) {
        ps_call_set_pending(c, call);
        return ps_no_event();
    }
    if (!status)
        return ps_call_event(c, call, PS_EVENT_CALL_INCOMING, 0, m);
    bad_hop(c, transaction, status);
    ps_call_give(c, call);
    return ps_no_event();
}

void ps_calls_resolved(struct ps_calls *c, ps_handle handle, bool found)
{
    struct ps_call *call = ps_call_get(c, handle);
    c->checking -= c->checking > 0; /* whether or not the call has ended meanwhile */
    if (!call || call->state != PS_CHECKING || !call->asked)
        return;
    call->reachable = found;
    ps_call_set_pending(c, call);
}

static struct ps_call *next_checking(struct ps_calls *c)
{
    struct ps_call **at = &c->first_pending, *call;
    while (*at && (*at)->state != PS_CHECKING)
        at = &(*at)->next_pending;
    call = *at;
    if (call) {
        *at = call->next_pending;
        call->pending = false;
    }
    return call;
}

bool ps_calls_pull_hop(struct ps_calls *c, struct ps_usage_pull *out)
{
    struct ps_call *call = next_checking(c);
    const struct ps_message *m;
    if (!call)
        return false;
    memset(out, 0, sizeof *out);
    out->owner = ps_call_handle(c, call);
    m = ps_responder_request(c->responder, call->offer_transaction);
    if (m && !call->asked && c->checking < PS_MAX_CHECKING) {
        c->checking++;
        out->ask = call->asked = true;
        (void)check_hop(c, call->dialog, m, &out->hop);
    } else if (m && call->reachable) {
        call->state = PS_INCOMING;
        out->event = ps_call_event(c, call, PS_EVENT_CALL_INCOMING, 0, m);
    } else {
        bad_hop(c, call->offer_transaction, 480);
        ps_call_give(c, call);
    }
    return true;
}

/* Rings again, or ends the ringing: an INVITE that expires gets 487 (13.3.1). */
static struct ps_event ring_due(struct ps_calls *c, struct ps_call *call)
{
    if (c->env->now >= call->end) {
        unsigned status = c->env->now >= call->expires ? 487 : 480;
        bool told = call->state == PS_INCOMING;
        struct ps_event event;
        ps_call_refuse(c, call->offer_transaction, status, PS_NONE);
        event = ps_call_end(c, call, status, NULL);
        event.why = status == 487 ? "the INVITE has expired" : "it rang for too long";
        return told ? event : ps_no_event();
    }
    if (ps_transaction_may_ring(c->transactions, call->offer_transaction))
        ps_transaction_ring_again(c->transactions, call->offer_transaction);
    call->next = c->env->now + PS_RING_AGAIN;
    ps_call_set_timer(c, call);
    return ps_no_event();
}

/* ---- requests within ---- */

static void refuse_for_now(struct ps_calls *c, ps_handle transaction)
{
    char lines[32];
    struct ps_writer w = ps_writer(lines, sizeof lines);
    ps_write_header_number(&w, PS_H_RETRY_AFTER, ps_random(c->env) % 11);
    ps_call_refuse(c, transaction, 500, ps_written(&w));
}

/* Returns the status by which their offer is refused, 0 where it is taken. One offer is open at a
 * time, whoever makes it (14.2, RFC 3311 5.2). Until an ACK brings the answer to our offer, ours is
 * open (RFC 5407 3.1.5); before any other ACK none is (3.1.4). */
static unsigned refusal_of_offer(const struct ps_call *call, enum ps_method method)
{
    if (call->state == PS_ENDING)
        return 481;
    if (call->offer_transaction)
        return 500;
    if (call->hangup && call->ok.p && method != PS_METHOD_INVITE)
        return 500; /* our BYE waits for the ACK, which only an INVITE stands for (15) */
    if (call->state != PS_ESTABLISHED || call->reinviting == PS_REINVITE_OUT || call->offer_in_ok ||
        (call->ok.p && call->answer_due))
        return 491;
    return 0;
}

/* Would the Contact move the target out of reach? A name that does not resolve shows when it is
 * used, and the session stands. */
static bool moves_out_of_reach(const struct ps_calls *c, const struct ps_dialog *dialog,
                               const struct ps_message *m)
{
    struct ps_name_addr contact;
    struct ps_next_hop hop;
    return !dialog->routes.n && m->contact.n &&
           !ps_name_addr_parse(ps_span_of(m, m->contact), &contact) &&
           ps_call_check_hop(c, contact.uri, &hop) == 400;
}

static struct ps_event offered(struct ps_calls *c, struct ps_call *call, ps_handle transaction,
                               const struct ps_message *m)
{
    unsigned status = refusal_of_offer(call, (enum ps_method)m->method);
    if (!status && moves_out_of_reach(c, call->dialog, m)) {
        bad_hop(c, transaction, 400);
        return ps_no_event();
    }
    if (status == 500) {
        refuse_for_now(c, transaction);
        return ps_no_event();
    }
    if (status) {
        ps_call_refuse(c, transaction, status, PS_NONE);
        return ps_no_event();
    }
    if (m->method == PS_METHOD_INVITE && call->ok.p) /* it has our 2xx, then */
        ps_call_forget_ok(c, call);
    if (call->reinviting == PS_REINVITE_WAITS)
        call->reinviting = PS_REINVITE_OVERTAKEN;
    call->offer_transaction = transaction;
    call->offer_method = m->method;
    if (m->method == PS_METHOD_INVITE)
        call->dialog->invite_cseq = m->cseq;
    ps_transaction_own(c->transactions, transaction, ps_call_handle(c, call));
    if (call->hangup) {
        ps_call_bye(c, call, 200, NULL);
        return ps_no_event();
    }
    return ps_call_event(c, call, PS_EVENT_CALL_OFFER, 0, m);
}

/* Refreshes the target by an UPDATE without an offer, in whatever state the dialog is (RFC 3311
 * 5.2). */
static void refreshed(struct ps_calls *c, struct ps_call *call, struct ps_dialog *dialog,
                      ps_handle transaction, const struct ps_message *m)
{
    struct ps_response response = {.status = 200, .dialog = true, .account = call->account};
    if (call->state == PS_ENDING)
        response.status = 481;
    else if (moves_out_of_reach(c, dialog, m))
        response.status = 400;
    else
        (void)ps_dialog_refresh(c->dialogs, dialog, m); /* full: the old target stays */
    response.dialog = response.status == 200;
    (void)ps_response_finish(c->responder, transaction, &response);
}

/* Ends an early dialog of a call of ours by their BYE (15). The INVITE is cancelled once no early
 * dialog is left; its final response ends the call. */
static void ended_early(struct ps_calls *c, struct ps_call *call, struct ps_dialog *dialog)
{
    struct ps_dialog **at = &call->dialog;
    while (*at != dialog)
        at = &(*at)->next_of_owner;
    *at = dialog->next_of_owner;
    ps_dialog_end(c->dialogs, dialog);
    if (call->dialog)
        return;
    call->hangup = true;
    call->end_status = 487;
    (void)ps_request_cancel(c->requests, call->invite);
}

/* Takes a BYE: 200, and 487 to what still waits (15.1.2). */
static struct ps_event ended(struct ps_calls *c, struct ps_call *call, struct ps_dialog *dialog,
                             ps_handle transaction, const struct ps_message *m)
{
    unsigned state = call->state;
    ps_call_refuse(c, transaction, 200, PS_NONE);
    if (state == PS_CALLING) {
        ended_early(c, call, dialog);
        return ps_no_event();
    }
    ps_call_refuse_offer(c, call, 487);
    if (state != PS_CHECKING)
        return ps_call_end(c, call, state == PS_INCOMING ? 487 : 200, m);
    ps_call_give(c, call);
    return ps_no_event();
}

struct ps_event ps_calls_request(struct ps_calls *c, struct ps_dialog *dialog,
                                 ps_handle transaction, const struct ps_message *m)
{
    struct ps_call *call = ps_call_get(c, dialog->owner);
    struct ps_event event;
    if (!call) {
        ps_call_refuse(c, transaction, 481, PS_NONE);
        return ps_no_event();
    }
    call->shown = true;
    if (m->method == PS_METHOD_BYE)
        return ended(c, call, dialog, transaction, m);
    if (m->method == PS_METHOD_UPDATE && !ps_call_body(c, m).n) {
        refreshed(c, call, dialog, transaction, m);
        return ps_no_event();
    }
    if (m->method == PS_METHOD_INVITE || m->method == PS_METHOD_UPDATE)
        return offered(c, call, transaction, m);
    event = ps_call_event(c, call, PS_EVENT_REQUEST, 0, m);
    event.transaction = transaction;
    return event;
}

/* Takes the ACK to a 2xx of ours, known by the CSeq of the INVITE that was answered. */
struct ps_event ps_calls_ack(struct ps_calls *c, struct ps_dialog *dialog,
                             const struct ps_message *m)
{
    struct ps_call *call = ps_call_get(c, dialog->owner);
    if (!call || !call->ok.p || m->cseq != dialog->invite_cseq)
        return ps_no_event();
    call->shown = true;
    ps_transaction_acknowledged(c->transactions, call->ok_transaction);
    ps_call_forget_ok(c, call);
    if (call->hangup) {
        ps_call_bye(c, call, 200, NULL);
        return ps_no_event();
    }
    return ps_call_event(c, call, PS_EVENT_CALL_CONFIRMED, 0, m);
}

/* Takes an offer back. Nothing is told of a call that the application has not heard of. */
static struct ps_event withdrawn(struct ps_calls *c, struct ps_call *call, unsigned status)
{
    call->offer_transaction = 0;
    if (call->state == PS_INCOMING)
        return ps_call_end(c, call, status, NULL);
    if (call->state != PS_CHECKING)
        return ps_call_event(c, call, PS_EVENT_CALL_WITHDRAWN, status, NULL);
    ps_call_give(c, call);
    return ps_no_event();
}

struct ps_event ps_calls_cancelled(struct ps_calls *c, ps_handle invite)
{
    struct ps_call *call = ps_call_get(c, ps_transaction_user(c->transactions, invite));
    if (!call || call->offer_transaction != invite)
        return ps_no_event(); /* its final is sent already: no effect (9.2) */
    ps_call_refuse(c, invite, 487, PS_NONE);
    return withdrawn(c, call, 487);
}

struct ps_event ps_calls_lost(struct ps_calls *c, ps_handle handle, ps_handle invite)
{
    struct ps_call *call = ps_call_get(c, handle);
    if (!call || call->offer_transaction != invite)
        return ps_no_event();
    return withdrawn(c, call, 408);
}

/* ---- time ---- */

static struct ps_event ok_due(struct ps_calls *c, struct ps_call *call)
{
    if (c->env->now >= call->end) { /* 13.3.1.4: never acknowledged: a BYE */
        ps_call_bye(c, call, call->hangup ? 200 : 408, "nobody acknowledged the 2xx");
        return ps_no_event();
    }
    if (call->shown || ps_transaction_may_repeat(c->transactions, call->ok_transaction, call->ok.n))
        ps_call_set_pending(c, call);
    call->ok_interval = call->ok_interval * 2 > c->env->t2 ? c->env->t2 : call->ok_interval * 2;
    call->next = c->env->now + call->ok_interval;
    ps_call_set_timer(c, call);
    return ps_no_event();
}

/* Checks that the ACK to their 2xx is out by now. */
static struct ps_event ack_due(struct ps_calls *c, struct ps_call *call)
{
    call->ack_end = PS_NEVER;
    ps_call_set_timer(c, call);
    if (call->state != PS_ESTABLISHED || ps_request_ack_sent(c->requests, call->dialog->ack))
        return ps_no_event();
    if (call->no_way)
        return ps_call_unreachable(c, call);
    ps_call_bye(c, call, 408, "the 2xx could not be acknowledged");
    return ps_no_event();
}

struct ps_event ps_calls_expire(struct ps_calls *c, struct ps_timer *timer)
{
    struct ps_call *call = PS_CONTAINER(struct ps_call, timer, timer);
    if (c->env->now >= call->ack_end)
        return ack_due(c, call);
    if (call->ok.p)
        return ok_due(c, call);
    if (call->state == PS_ENDING)
        return ps_call_bye_due(c, call);
    return call->state == PS_INCOMING || call->state == PS_CHECKING ? ring_due(c, call)
                                                                    : ps_no_event();
}

bool ps_calls_pull(struct ps_calls *c, const struct ps_flow **flow, struct ps_slice *bytes)
{
    struct ps_call **at = &c->first_pending, *call;
    while ((call = *at) != NULL) {
        if (call->state == PS_CHECKING) {
            at = &call->next_pending;
            continue;
        }
        *at = call->next_pending;
        call->pending = false;
        if (!call->ok.p)
            continue;
        *flow = &call->ok_flow;
        *bytes = ps_slice(call->ok.p, call->ok.n);
        return true;
    }
    return false;
}
