/*
 * Feeds and pulls the stack: datagrams, time and look-ups go in, actions come out. See ../stack.h.
 *
 * A datagram's path: ps_stack_receive parses and checks it, and the transactions take it. What they
 * tell goes to the requests (a response) or to the UAS core (core/uas.c), and from there to a
 * usage. One event at most remains for the application.
 */
#include "stack_internal.h"

/* ---- what the layers tell ---- */

/* Tells the application of its own request. */
static struct ps_event answered(struct ps_stack *s, const struct ps_request_event *told,
                                const struct ps_message *m)
{
    struct ps_event event = ps_no_event();
    event.kind = told->outcome == PS_REQUEST_PROVISIONAL ? PS_EVENT_PROVISIONAL : PS_EVENT_RESPONSE;
    event.request = told->request;
    event.user = ps_request_user(s->env.requests, told->request);
    event.status = told->status;
    event.message = m;
    if (told->outcome != PS_REQUEST_PROVISIONAL)
        ps_request_end(s->env.requests, told->request);
    return event;
}

/* Finds whose request it is, or whose it was where its owner is gone. */
static const struct ps_usage *usage_of(const struct ps_stack *s,
                                       const struct ps_request_event *told)
{
    const struct ps_usage *const *row = s->env.usages;
    if (told->owner)
        return ps_usage_of(&s->env, ps_handle_kind(told->owner));
    while (*row && !((*row)->orphans && (*row)->orphans == told->method))
        row++;
    return *row;
}

static struct ps_event request_told(struct ps_stack *s, const struct ps_request_event *told,
                                    const struct ps_message *m)
{
    const struct ps_usage *usage;
    if (told->outcome == PS_REQUEST_NOTHING)
        return ps_no_event();
    if (ps_handle_kind(told->owner) == PS_KIND_REQUEST)
        return ps_no_event(); /* the ACK to a fork's 2xx: tried again when that comes again */
    usage = usage_of(s, told);
    if (!usage)
        return answered(s, told, m);
    return usage->response(s->env.usage[usage->kind], told, m, m ? &s->flow : NULL);
}

/* Hands on what a transaction tells. `m` is the message that caused it, NULL where time or the
 * network did. */
static struct ps_event transaction_told(struct ps_stack *s,
                                        const struct ps_transaction_event *event,
                                        const struct ps_message *m)
{
    struct ps_request_event told;
    const struct ps_usage *usage;
    if (event->kind == PS_TX_NOTHING || event->kind == PS_TX_STRAY)
        return ps_no_event();
    if (m && ps_is_request(m))
        return ps_uas_told(&s->uas, event, m);
    usage = ps_usage_of(&s->env, ps_handle_kind(event->user));
    if (usage && event->kind == PS_TX_UNREACHABLE &&
        ps_transaction_waits(s->env.transactions, event->transaction))
        return ps_no_event(); /* an INVITE's provisional: they ask again (RFC 6026 7.1) */
    if (usage && usage->lost)
        return usage->lost(s->env.usage[usage->kind], event->user, event->transaction);
    told = ps_requests_event(s->env.requests, event, m);
    return request_told(s, &told, m);
}

/* ---- feeding ---- */

/* Is it a keep-alive? Line ends alone keep a NAT's binding alive (18.2.1, RFC 5626). */
static bool is_keepalive(struct ps_slice bytes)
{
    return ps_trim(bytes).n == 0;
}

/* Counts what is wrong by its cause, and answers where the sender is owed an answer. */
static void refuse(struct ps_stack *s, const struct ps_fault *fault)
{
    s->env.count.fault[fault->error]++;
    if (fault->status)
        ps_uas_answer(&s->uas, &s->message, fault->status, PS_NONE, PS_NONE);
    else
        s->env.count.of[s->message.status ? PS_COUNT_DROPPED_RESPONSE_INVALID
                                          : PS_COUNT_DROPPED_UNPARSEABLE]++;
}

enum ps_error ps_stack_receive(struct ps_stack *s, uint64_t now, const struct ps_flow *flow,
                               struct ps_slice bytes)
{
    struct ps_transaction_event event;
    struct ps_fault fault;
    if (s->event.kind != PS_EVENT_NONE || s->uas.stateless)
        return PS_E_STATE;
    s->env.now = now;
    if (is_keepalive(bytes)) {
        s->env.count.of[PS_COUNT_KEEPALIVES]++;
        return PS_OK;
    }
    s->env.count.of[PS_COUNT_RECEIVED]++;
    s->flow = *flow;
    s->message.status = 0;
    if (ps_message_parse(&s->message, bytes.p, bytes.n, NULL, &fault) ||
        ps_message_check(&s->message, NULL, &fault)) {
        refuse(s, &fault);
        return PS_OK;
    }
    event = ps_transactions_receive(s->env.transactions, &s->message, flow);
    s->event = transaction_told(s, &event, &s->message);
    s->event.flow = &s->flow;
    return PS_OK;
}

void ps_stack_resolved(struct ps_stack *s, ps_handle request, const struct ps_flow *flows,
                       unsigned n)
{
    const struct ps_usage *usage = ps_usage_of(&s->env, ps_handle_kind(request));
    if (usage && usage->resolved)
        usage->resolved(s->env.usage[usage->kind], request, n > 0);
    else
        ps_requests_resolved(s->env.requests, request, flows, n);
}

void ps_stack_failed(struct ps_stack *s, ps_handle transaction, const struct ps_address *remote)
{
    struct ps_failure *failed = &s->failed[s->failing];
    if (s->failing == PS_MAX_FAILED) { /* its timers will find out */
        s->env.count.of[PS_COUNT_FAILURES_FORGOTTEN]++;
        return;
    }
    s->failing++;
    memset(failed, 0, sizeof *failed);
    failed->transaction = transaction;
    if (remote)
        failed->remote = *remote;
}

/* ---- pulling ---- */

static bool send(struct ps_stack *s, struct ps_action *action, const struct ps_flow *flow,
                 struct ps_slice bytes, bool again)
{
    action->kind = PS_ACTION_SEND;
    action->flow = flow;
    action->bytes = bytes;
    action->again = again;
    s->env.count.of[PS_COUNT_SENT]++;
    s->env.count.of[PS_COUNT_RETRANSMITTED] += again;
    return true;
}

/* Takes what a usage retransmits by itself. */
static bool send_of_usages(struct ps_stack *s, struct ps_action *action)
{
    const struct ps_usage *const *row;
    const struct ps_flow *flow;
    struct ps_slice bytes;
    for (row = s->env.usages; *row; row++)
        if ((*row)->send && (*row)->send(s->env.usage[(*row)->kind], &flow, &bytes))
            return send(s, action, flow, bytes, true);
    return false;
}

bool ps_stack_pull_send(struct ps_stack *s, struct ps_action *action)
{
    struct ps_transaction_send out;
    const struct ps_flow *flow;
    struct ps_slice bytes;
    memset(action, 0, sizeof *action);
    if (ps_uas_pull(&s->uas, &flow, &bytes))
        return send(s, action, flow, bytes, false);
    if (ps_transactions_pull(s->env.transactions, &out)) {
        action->transaction = out.transaction;
        return send(s, action, out.flow, out.bytes, out.again);
    }
    return send_of_usages(s, action);
}

/* Pulls the requests on their way: a name to look up, an ACK to send, or the end of one. */
static bool pull_request(struct ps_stack *s, struct ps_action *action)
{
    struct ps_request_pull pull;
    if (!ps_requests_pull(s->env.requests, &pull))
        return false;
    if (pull.work == PS_WORK_RESOLVE) {
        action->kind = PS_ACTION_RESOLVE;
        action->request = pull.request;
        action->hop = pull.hop;
    } else if (pull.work == PS_WORK_SEND) {
        return send(s, action, pull.flow, pull.bytes, pull.again);
    } else if (pull.work == PS_WORK_EVENT) {
        s->event = request_told(s, &pull.event, NULL);
    }
    return true;
}

/* Copies the message of an event that comes late, to be borrowed until the next pull whatever
 * becomes of its transaction. No answer waits where the copy goes, because all that is to be sent
 * was pulled before. */
static void borrow_message(struct ps_stack *s)
{
    const struct ps_message *m = s->event.message;
    if (m->n > s->env.scratch_n)
        return;
    memcpy(s->env.side, m->bytes, m->n);
    s->message = *m;
    s->message.bytes = s->env.side;
    s->event.message = &s->message;
}

/* Takes what a usage asks the driver for, or tells by itself; the event is a transaction's. */
static bool pull_usage(struct ps_stack *s, const struct ps_usage *usage, struct ps_action *action)
{
    struct ps_usage_pull pull;
    if (!usage->pull || !usage->pull(s->env.usage[usage->kind], &pull))
        return false;
    s->event = pull.event;
    if (pull.ask) {
        action->kind = PS_ACTION_RESOLVE;
        action->request = pull.owner;
        action->hop = pull.hop;
    } else if (s->event.kind != PS_EVENT_NONE) {
        s->flow = *ps_transaction_flow(s->env.transactions, s->event.transaction);
        s->event.flow = &s->flow;
        borrow_message(s);
    }
    return true;
}

static bool pull_usages(struct ps_stack *s, struct ps_action *action)
{
    const struct ps_usage *const *row;
    for (row = s->env.usages; *row; row++)
        if (pull_usage(s, *row, action))
            return true;
    return false;
}

/* Ends the transactions of what could not be sent, one by one (17.1.4, 18.4). */
static void next_failure(struct ps_stack *s)
{
    const struct ps_failure *failed = &s->failed[0];
    struct ps_transaction_event event =
        ps_transactions_failed(s->env.transactions, failed->transaction, &failed->remote);
    if (failed->transaction || event.kind == PS_TX_NOTHING) {
        s->failing--;
        memmove(&s->failed[0], &s->failed[1], s->failing * sizeof s->failed[0]);
    }
    s->event = transaction_told(s, &event, NULL);
}

static struct ps_event expired(struct ps_stack *s, struct ps_timer *timer)
{
    const struct ps_usage *usage = ps_usage_of(&s->env, timer->kind);
    struct ps_transaction_event event;
    struct ps_request_event told;
    if (usage)
        return usage->expire(s->env.usage[usage->kind], timer);
    if (timer->kind == PS_KIND_REQUEST) {
        told = ps_requests_expire(s->env.requests, timer);
        return request_told(s, &told, NULL);
    }
    event = ps_transactions_expire(s->env.transactions, timer);
    return transaction_told(s, &event, NULL);
}

bool ps_stack_pull(struct ps_stack *s, uint64_t now, struct ps_action *action)
{
    struct ps_timer *timer;
    s->env.now = now;
    for (;;) {
        if (s->event.kind != PS_EVENT_NONE) {
            memset(action, 0, sizeof *action);
            action->kind = PS_ACTION_EVENT;
            action->event = s->event;
            ps_uas_describe(&s->env, &action->event);
            s->event.kind = PS_EVENT_NONE;
            return true;
        }
        if (s->failing) {
            next_failure(s);
        } else if (ps_stack_pull_send(s, action)) {
            return true;
        } else if (pull_request(s, action)) {
            if (action->kind != PS_ACTION_NONE)
                return true;
        } else if (pull_usages(s, action)) {
            if (action->kind != PS_ACTION_NONE)
                return true;
        } else {
            timer = ps_timers_expire(&s->env.timers, now);
            if (!timer)
                return false;
            s->event = expired(s, timer);
        }
    }
}

uint64_t ps_stack_deadline(const struct ps_stack *s)
{
    return ps_timers_deadline(&s->env.timers);
}

void ps_stack_set_now(struct ps_stack *s, uint64_t now)
{
    s->env.now = now;
}

/* ---- for the application ---- */

enum ps_error ps_stack_request(struct ps_stack *s, const struct ps_request_to_send *request,
                               ps_handle *out)
{
    struct ps_writer w = ps_writer(s->env.scratch, s->env.scratch_n);
    struct ps_request_options options = {.account = request->account,
                                         .user = request->user,
                                         .follow_redirects = true,
                                         .proxied = true};
    struct ps_uri uri;
    enum ps_error error = ps_uri_parse(request->uri, &uri, NULL);
    if (error || uri.scheme > PS_SCHEME_SIPS)
        return error ? error : PS_E_SCHEME;
    options.contact = request->contact ? PS_CONTACT_PLAIN : PS_CONTACT_NONE;
    ps_write_new_request(&w, &s->env, request->account, request->method, request->uri,
                         request->uri);
    ps_write_lines(&w, request->lines);
    ps_write_body(&w, request->type, request->body);
    return w.error ? w.error : ps_request_start(s->env.requests, &options, ps_written(&w), out);
}

enum ps_error ps_stack_respond(struct ps_stack *s, ps_handle transaction,
                               const struct ps_response *response)
{
    if (response->status >= 300)
        return ps_response_finish(&s->responder, transaction, response);
    return ps_response_send(&s->responder, transaction, response, NULL);
}

#ifndef PS_WITHOUT_DIGEST_SERVER
bool ps_stack_authenticate(struct ps_stack *s, struct ps_auth_server *server, ps_handle transaction,
                           const struct ps_digest_user **user, struct ps_response *refusal)
{
    return ps_uas_authenticate(&s->uas, server, transaction, user, refusal);
}
#endif
