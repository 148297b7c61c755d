/*
 * Handles calls as client: the responses to our INVITE, re-INVITE and BYE. RFC 3261 13.2.2, 14.1,
 * 15.1.1. See call.h and call_internal.h.
 */
#include "call_internal.h"

static struct ps_dialog *adopt(struct ps_calls *c, struct ps_call *call, const struct ps_message *m)
{
    struct ps_dialog *dialog = ps_dialog_of_response(c->dialogs, m);
    if (dialog)
        return dialog;
    dialog = ps_dialog_from_response(c->dialogs, m);
    if (dialog && call) {
        dialog->owner = ps_call_handle(c, call);
        dialog->next_of_owner = call->dialog;
        call->dialog = dialog;
    }
    return dialog;
}

/* Makes an early dialog for this 1xx (12.1), if there is none and the call is within its share. */
static bool follow(struct ps_calls *c, struct ps_call *call, const struct ps_message *m)
{
    const struct ps_dialog *dialog;
    uint32_t n = 0;
    if (ps_dialog_of_response(c->dialogs, m))
        return true;
    for (dialog = call->dialog; dialog; dialog = dialog->next_of_owner)
        n++;
    return n < ps_dialogs_share(c->dialogs) && adopt(c, call, m);
}

/* Tells of a 1xx. One with a To tag makes an early dialog, one per fork (12.1). */
static struct ps_event progress(struct ps_calls *c, struct ps_call *call, unsigned status,
                                const struct ps_message *m)
{
    if (status == 100 || !m || call->state != PS_CALLING)
        return ps_no_event();
    if (ps_to_tag(m).n && !follow(c, call, m))
        c->env->count.of[PS_COUNT_DROPPED_FULL]++; /* its 2xx will need one, not this */
    return ps_call_event(c, call, PS_EVENT_CALL_PROGRESS, status, m);
}

/* Sends the ACK to this 2xx again, or the first one where it found no room or no way. */
static void acknowledge(struct ps_calls *c, struct ps_dialog *dialog, ps_handle owner,
                        ps_handle invite, uint32_t cseq)
{
    if (ps_request_cseq(c->requests, dialog->ack) == cseq)
        ps_request_repeat(c->requests, dialog->ack);
    else if (dialog->invite_cseq == cseq) /* not an earlier one, whose ACK made way for this */
        (void)ps_call_send_ack(c, dialog, owner, invite, PS_NONE, PS_NONE);
}

/* Refuses a 2xx that nobody wants, from a fork or after the call (13.2.2.4): acknowledges it each
 * time, and ends its session once. Its dialog counts as confirmed when the BYE is out. */
static void refuse_2xx(struct ps_calls *c, ps_handle invite, struct ps_dialog *dialog,
                       const struct ps_message *m)
{
    struct ps_request_options options = {.account = ps_request_account(c->requests, invite)};
    struct ps_within what = {.method = PS_S("BYE")};
    ps_handle bye;
    if (!dialog) {
        dialog = ps_dialog_from_response(c->dialogs, m);
        if (!dialog) {
            c->env->count.of[PS_COUNT_DROPPED_FULL]++;
            return;
        }
        if (!ps_request_keep_fork(c->requests, invite, dialog)) {
            c->env->count.of[PS_COUNT_DROPPED_FULL]++;
            return;
        }
    }
    acknowledge(c, dialog, invite, invite, m->cseq);
    if (dialog->confirmed)
        return;
    dialog->confirmed = !ps_call_send_within(c, dialog, &options, &what, &bye);
    c->env->count.of[PS_COUNT_DROPPED_FULL] += !dialog->confirmed;
}

/* Takes a 2xx after the one that decided: another fork's, or a retransmission. */
static void later_2xx(struct ps_calls *c, ps_handle invite, const struct ps_message *m)
{
    struct ps_dialog *dialog = ps_dialog_of_response(c->dialogs, m);
    const struct ps_call *call = dialog ? ps_call_get(c, dialog->owner) : NULL;
    if (!call)
        refuse_2xx(c, invite, dialog, m);
    else if (!call->offer_in_ok && call->state != PS_CALLING)
        acknowledge(c, dialog, dialog->owner, invite, m->cseq);
}

/* Gives the ACK 64*T1 from now to go out, as long as the 2xx is retransmitted. */
static void begin_to_acknowledge(struct ps_calls *c, struct ps_call *call, ps_handle invite)
{
    call->ack_end = c->env->now + 64 * (uint64_t)c->env->t1;
    ps_call_set_timer(c, call);
    if (!call->offer_in_ok)
        (void)ps_call_send_ack(c, call->dialog, ps_call_handle(c, call), invite, PS_NONE, PS_NONE);
}

/* Takes the first 2xx, which decides which dialog is the call's. */
static struct ps_event answered(struct ps_calls *c, struct ps_call *call, struct ps_dialog *dialog,
                                unsigned status, const struct ps_message *m)
{
    bool ours = ps_request_has_body(c->requests, call->invite);
    if (!dialog || ps_dialog_confirm(c->dialogs, dialog, m)) {
        c->env->count.of[PS_COUNT_DROPPED_FULL]++; /* tried again when the 2xx comes again */
        return ps_no_event();
    }
    ps_call_end_dialogs_but(c, call, dialog);
    call->state = PS_ESTABLISHED;
    call->offer_in_ok = !ours && ps_call_body(c, m).n > 0 && !call->hangup;
    begin_to_acknowledge(c, call, call->invite);
    if (call->hangup) { /* 9.1: the CANCEL crossed the 2xx */
        ps_call_bye(c, call, call->end_status ? call->end_status : 200, NULL);
        return ps_no_event();
    }
    return ps_call_event(c, call, PS_EVENT_CALL_ANSWERED, status, m);
}

static struct ps_event reaccepted(struct ps_calls *c, struct ps_call *call, unsigned status,
                                  const struct ps_message *m)
{
    (void)ps_dialog_refresh(c->dialogs, call->dialog, m); /* full: the old target is still right */
    call->reinviting = PS_REINVITE_NONE;
    call->offer_in_ok =
        !ps_request_has_body(c->requests, call->reinvite) && ps_call_body(c, m).n > 0;
    begin_to_acknowledge(c, call, call->reinvite);
    return ps_call_event(c, call, PS_EVENT_CALL_ACCEPTED, status, m);
}

/* Returns the delay after a 491 (14.1): 2.1 to 4 s for the owner of the Call-ID, 0 to 2 s for the
 * other, in steps of 10 ms. Milliseconds. */
static uint32_t glare_delay(struct ps_calls *c, const struct ps_call *call)
{
    uint32_t random = (uint32_t)(ps_random(c->env) >> 32);
    return call->outgoing ? 2100 + 10 * (random % 191) : 10 * (random % 201);
}

/* Does the status end the dialog (12.2.1.2, RFC 5057 5.1)? The other side knows nothing of it, or
 * is gone. */
static bool is_the_end(unsigned status)
{
    return status == 481 || status == 408;
}

static struct ps_event reinvite_failed(struct ps_calls *c, struct ps_call *call, unsigned status,
                                       const struct ps_message *m)
{
    if (status == 491 && call->reinviting == PS_REINVITE_OUT) {
        call->reinviting = PS_REINVITE_WAITS;
        ps_request_wait(c->requests, call->reinvite, glare_delay(c, call));
        return ps_no_event();
    }
    ps_request_end(c->requests, call->reinvite);
    call->reinvite = 0;
    call->reinviting = PS_REINVITE_NONE;
    if (is_the_end(status)) {
        ps_call_bye(c, call, status, NULL);
        return ps_no_event();
    }
    return ps_call_event(c, call, PS_EVENT_CALL_REFUSED, status, m);
}

/* Sends the re-INVITE again when the delay of its 491 is over (14.1), with the CSeq and the target
 * of now. */
static struct ps_event reinvite_due(struct ps_calls *c, struct ps_call *call)
{
    struct ps_writer w = ps_writer(c->env->scratch, c->env->scratch_n);
    if (call->reinviting != PS_REINVITE_WAITS)
        return reinvite_failed(c, call, 491, NULL);
    ps_dialog_write_request(&w, call->dialog, PS_S("INVITE"), 0);
    ps_request_write_rest(c->requests, call->reinvite, &w);
    if (w.error || ps_request_renew(c->requests, call->reinvite, ps_dialog_next_hop(call->dialog),
                                    ps_written(&w)))
        return reinvite_failed(c, call, 500, NULL);
    call->reinviting = PS_REINVITE_OUT;
    call->dialog->invite_cseq = call->dialog->local_cseq;
    return ps_no_event();
}

static struct ps_event invite_final(struct ps_calls *c, struct ps_call *call,
                                    const struct ps_request_event *event,
                                    const struct ps_message *m)
{
    bool success = event->status < 300, first = event->request == call->invite;
    if (first && call->state == PS_CALLING && success)
        return answered(c, call, adopt(c, call, m), event->status, m);
    if (call->reinviting == PS_REINVITE_OUT && event->request == call->reinvite) {
        if (call->state == PS_ENDING)
            call->reinviting = PS_REINVITE_NONE; /* nobody asks any more: as a later 2xx */
        else
            return success ? reaccepted(c, call, event->status, m)
                           : reinvite_failed(c, call, event->status, m);
    }
    if (success) {
        later_2xx(c, event->request, m);
        return ps_no_event();
    }
    ps_request_end(c->requests, event->request);
    if (!first || call->state != PS_CALLING)
        return ps_no_event();
    call->invite = 0;
    return ps_call_end(c, call, event->status, m);
}

/* Takes a response whose call is gone: only a 2xx still wants something. */
static struct ps_event orphan(struct ps_calls *c, const struct ps_request_event *event,
                              const struct ps_message *m)
{
    if (event->method == PS_METHOD_INVITE && event->status < 300 && m)
        later_2xx(c, event->request, m);
    else
        ps_request_end(c->requests, event->request);
    return ps_no_event();
}

/* Takes the BYE's final response: whatever it is, the session is over (15.1.1). A BYE that found no
 * room is tried again. */
static struct ps_event bye_final(struct ps_calls *c, struct ps_call *call,
                                 const struct ps_request_event *event, const struct ps_message *m)
{
    struct ps_event told;
    const char *why = call->end_why;
    unsigned status = call->end_status;
    call->bye = 0;
    if (event->unsent && !event->no_way) {
        call->next = c->env->now + c->env->t1;
        call->end = call->end == PS_NEVER ? call->next : call->end;
        ps_call_set_timer(c, call);
        return ps_no_event();
    }
    if (event->no_way && call->no_way)
        return ps_call_unreachable(c, call);
    if (event->unsent && status == 200) {
        status = 503;
        why = "the next hop cannot be reached";
    }
    told = ps_call_end(c, call, status, m);
    told.why = why;
    return told;
}

/* Keeps the ACK for the next 2xx, by which a name may resolve. A next hop that is no name stays
 * unreachable. */
static struct ps_event ack_unsent(struct ps_calls *c, struct ps_call *call,
                                  const struct ps_request_event *event)
{
    call->no_way = event->no_way;
    if (event->no_way && ps_call_check_uri(c, ps_dialog_next_hop(call->dialog)) != 480)
        return ps_call_unreachable(c, call);
    return ps_no_event();
}

static struct ps_event final(struct ps_calls *c, struct ps_call *call,
                             const struct ps_request_event *event, const struct ps_message *m)
{
    struct ps_event told;
    if (event->method == PS_METHOD_INVITE)
        return invite_final(c, call, event, m);
    if (event->method == PS_METHOD_ACK)
        return ack_unsent(c, call, event);
    ps_request_end(c->requests, event->request);
    if (event->request == call->bye)
        return bye_final(c, call, event, m);
    told = ps_call_event(c, call, PS_EVENT_RESPONSE, event->status, m);
    told.request = event->request;
    if (is_the_end(event->status))
        ps_call_bye(c, call, event->status, NULL);
    return told;
}

/* Ends an INVITE for which no 2xx can come any more; a call that had no room for its 2xx ends with
 * it. */
static struct ps_event gone(struct ps_calls *c, struct ps_call *call,
                            const struct ps_request_event *event)
{
    ps_request_end(c->requests, event->request);
    if (call && call->state == PS_CALLING && event->request == call->invite)
        return ps_call_end(c, call, 500, NULL);
    return ps_no_event();
}

struct ps_event ps_calls_response(struct ps_calls *c, const struct ps_request_event *event,
                                  const struct ps_message *m, const struct ps_flow *flow)
{
    struct ps_call *call = ps_call_get(c, event->owner);
    if (call && flow && event->method == PS_METHOD_INVITE && !call->ok.p)
        call->ok_flow = *flow;
    if (event->outcome == PS_REQUEST_DUE && call && call->state == PS_ESTABLISHED)
        return reinvite_due(c, call);
    if (event->outcome == PS_REQUEST_GONE || event->outcome == PS_REQUEST_DUE)
        return gone(c, call, event);
    if (event->outcome == PS_REQUEST_FINAL)
        return call ? final(c, call, event, m) : orphan(c, event, m);
    if (call && event->method == PS_METHOD_INVITE && event->request == call->invite)
        return progress(c, call, event->status, m);
    return ps_no_event();
}
