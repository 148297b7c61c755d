/*
 * The stack: joins the layers. See stack.h.
 *
 * The path of a datagram: ps_stack_receive parses and checks it, the transactions take it, and what
 * they tell is handed to requests (responses) or to the UAS core below (requests, RFC 3261 8.2),
 * and from there to calls and registrations; one event at most remains for the application.
 */
#include "../stack.h"

#include "../body.h"

/* Bytes of the challenges of one 401: each algorithm's is some 200. */
#define PS_MAX_LINES 2048

/* Failures between two pulls: as many as one event's messages. */
#define PS_MAX_FAILED 8

struct ps_stack {
    struct ps_environment env;
    struct ps_transactions *transactions;
    struct ps_dialogs *dialogs;
    struct ps_requests *requests;
    struct ps_calls *calls;
    struct ps_registrations *registrations;
    struct ps_subscriptions *subscriptions;
    struct ps_registrar *registrar;
    struct ps_responder responder;
    struct ps_limits limits;
    bool notify_unasked;
    /* the datagram being handled */
    struct ps_message message;
    struct ps_flow flow;
    ps_handle asked;       /* the server transaction of its request, or of the event's */
    struct ps_event event; /* for the application, not pulled yet */
    /* an answer without a transaction (8.2.7) */
    char *stateless;
    size_t stateless_n, stateless_used;
    struct ps_flow stateless_flow;
    bool stateless_waits;
    /* what could not be sent, the first first */
    struct failure {
        ps_handle transaction;
        struct ps_address remote;
    } failed[PS_MAX_FAILED];
    unsigned failing;
    char lines[PS_MAX_LINES]; /* of a refusal: by acceptable() or ps_stack_authenticate() */
};

/* ---- memory ---- */

/* One walk for both: counts with an empty arena, takes with a full one. */
static struct ps_stack *lay_out(struct ps_arena *arena, const struct ps_limits *limits,
                                const struct ps_config *config)
{
    struct ps_stack *s = ps_arena_take(arena, sizeof *s);
    char *scratch = ps_arena_take(arena, limits->message_bytes);
    char *stateless = ps_arena_take(arena, limits->message_bytes);
    struct ps_store store;
    struct ps_environment *env = s ? &s->env : NULL;
    struct ps_responder *responder = s ? &s->responder : NULL;
    struct ps_transactions *transactions = ps_transactions_init(arena, env, limits->transactions);
    struct ps_dialogs *dialogs = ps_dialogs_init(arena, env, limits->dialogs);
    struct ps_requests *requests =
        ps_requests_init(arena, env, transactions, dialogs, limits->requests);
    struct ps_calls *calls = ps_calls_init(arena, env, transactions, dialogs, requests, responder,
                                           config ? config->account : NULL, limits->calls);
    struct ps_registrations *registrations =
        ps_registrations_init(arena, env, requests, limits->registrations);
    struct ps_subscriptions *subscriptions =
        ps_subscriptions_init(arena, env, dialogs, requests, responder, limits->subscriptions);
    struct ps_registrar *registrar = ps_registrar_init(arena, env, limits->bindings);
    ps_store_init(&store, arena, limits->kept);
    if (!s || arena->used > arena->n)
        return NULL;
    memset(&s->event, 0, sizeof s->event);
    s->env.scratch = scratch;
    s->env.scratch_n = limits->message_bytes;
    s->env.store = store;
    s->transactions = transactions;
    s->dialogs = dialogs;
    s->requests = requests;
    s->calls = calls;
    s->registrations = registrations;
    s->subscriptions = subscriptions;
    s->registrar = registrar;
    s->stateless = stateless;
    s->stateless_n = limits->message_bytes;
    return s;
}

struct ps_limits ps_limits_for(uint32_t calls, uint32_t registrations, uint32_t subscriptions,
                               uint32_t message_bytes)
{
    struct ps_limits limits = PS_LIMITS_FOR(calls, registrations, subscriptions, message_bytes);
    return limits;
}

size_t ps_stack_size(const struct ps_limits *limits)
{
    struct ps_arena arena = {NULL, 0, 0};
    (void)lay_out(&arena, limits, NULL);
    return arena.used;
}

struct ps_stack *ps_stack_init(void *block, size_t n, const struct ps_config *config)
{
    struct ps_arena arena = {block, n, 0};
    struct ps_stack *s;
    if (config->limits.message_bytes > PS_MAX_MESSAGE || ps_stack_size(&config->limits) > n)
        return NULL;
    memset(block, 0, sizeof(struct ps_stack));
    s = lay_out(&arena, &config->limits, config);
    if (!s)
        return NULL;
    s->limits = config->limits;
    s->env.now = config->now;
    s->env.t1 = config->t1 ? config->t1 : 500;
    s->env.t2 = config->t2 ? config->t2 : 4000;
    s->env.t4 = config->t4 ? config->t4 : 5000;
    s->env.per_source = config->limits.per_source;
    s->env.transports = config->transports ? config->transports : 1 << PS_UDP;
    memcpy(s->env.hash_key, config->seed, PS_SIPHASH_KEY);
    memcpy(s->env.random_key, config->seed + PS_SIPHASH_KEY, PS_SIPHASH_KEY);
    s->env.trace = config->trace;
    s->env.trace_context = config->trace_context;
    ps_timers_init(&s->env.timers, config->now);
    s->env.can.allow = config->allow;
    s->env.can.supported = config->supported;
    s->env.can.accept = config->accept;
    s->env.can.accept_message = config->accept_message;
    s->notify_unasked = config->notify_unasked;
    s->responder.env = &s->env;
    s->responder.transactions = s->transactions;
    s->responder.server = config->server;
    return s;
}

struct ps_calls *ps_stack_calls(struct ps_stack *s)
{
    return s->calls;
}

struct ps_registrations *ps_stack_registrations(struct ps_stack *s)
{
    return s->registrations;
}

struct ps_subscriptions *ps_stack_subscriptions(struct ps_stack *s)
{
    return s->subscriptions;
}

struct ps_registrar *ps_stack_registrar(struct ps_stack *s)
{
    return s->registrar;
}

const struct ps_environment *ps_stack_environment(const struct ps_stack *s)
{
    return &s->env;
}

struct ps_stack_live ps_stack_live(const struct ps_stack *s)
{
    struct ps_stack_live live;
    unsigned i;
    for (i = 0; i < 4; i++)
        live.transactions[i] = ps_transactions_live(s->transactions, i);
    live.requests = ps_requests_live(s->requests);
    live.dialogs = ps_dialogs_live(s->dialogs);
    live.calls = ps_calls_live(s->calls);
    live.registrations = ps_registrations_live(s->registrations);
    live.subscriptions = ps_subscriptions_live(s->subscriptions);
    live.bindings = ps_registrar_live(s->registrar);
    live.timers = s->env.timers.running;
    for (i = 0; i < PS_SIZE_CLASSES; i++)
        live.kept[i] = s->env.store.size_class[i].live;
    return live;
}

static void report(struct ps_writer *w, const char *name, uint64_t value)
{
    ps_put_string(w, name);
    ps_put_char(w, ' ');
    ps_put_number(w, value);
    ps_put_char(w, '\n');
}

static void report_pool(struct ps_writer *w, const char *name, uint64_t limit, uint64_t live)
{
    ps_put_string(w, name);
    ps_put_char(w, ' ');
    ps_put_number(w, limit);
    ps_put(w, PS_S(" live "));
    ps_put_number(w, live);
    ps_put_char(w, '\n');
}

void ps_stack_report(struct ps_writer *w, const struct ps_stack *s)
{
    const struct ps_limits *l = &s->limits;
    struct ps_stack_live live = ps_stack_live(s);
    const uint32_t *t = live.transactions;
    unsigned i;
#define PS_REPORT_LIMIT(name) report(w, #name, name);
    PS_LIMITS(PS_REPORT_LIMIT)
#undef PS_REPORT_LIMIT
    report_pool(w, "transactions", l->transactions, (uint64_t)t[0] + t[1] + t[2] + t[3]);
    report_pool(w, "requests", l->requests, live.requests);
    report_pool(w, "dialogs", l->dialogs, live.dialogs);
    report_pool(w, "calls", l->calls, live.calls);
    report_pool(w, "registrations", l->registrations, live.registrations);
    report_pool(w, "subscriptions", l->subscriptions, live.subscriptions);
    report_pool(w, "bindings", l->bindings, live.bindings);
    report(w, "message_bytes", l->message_bytes);
    report(w, "per_source", l->per_source);
    for (i = 0; i < PS_SIZE_CLASSES && l->kept[i].count; i++) {
        ps_put(w, PS_S("kept_"));
        ps_put_number(w, l->kept[i].bytes);
        report_pool(w, "", l->kept[i].count, live.kept[i]);
    }
    report(w, "block_bytes", ps_stack_size(l));
}

/* ---- the UAS core: RFC 3261 8.2 ---- */

/* 8.2.7: an answer without a transaction; one waits at most, as one datagram asks for one. */
static void answer_stateless(struct ps_stack *s, const struct ps_message *m, unsigned status,
                             struct ps_slice tag, struct ps_slice lines)
{
    char own_tag[32];
    struct ps_writer w = ps_writer(s->stateless, s->stateless_n);
    struct ps_writer own = ps_writer(own_tag, sizeof own_tag);
    struct ps_response response = {.status = status, .lines = lines};
    size_t room =
        (size_t)m->n * (m->method == PS_METHOD_INVITE ? PS_AMPLIFY_REFUSED : PS_AMPLIFY_REQUEST);
    ps_put_local_tag(&own, &s->env, m);
    response.tag = tag.n ? tag : ps_written(&own);
    ps_response_write(&w, &s->responder, m, &s->flow, &response, room);
    if (w.error)
        return;
    s->stateless_flow = s->flow;
    ps_response_flow(&s->env, m, &s->stateless_flow);
    s->env.counter[PS_COUNT_ANSWERED_STATELESS]++;
    s->stateless_used = w.n;
    s->stateless_waits = true;
}

static void respond(struct ps_stack *s, ps_handle transaction, unsigned status,
                    struct ps_slice lines)
{
    struct ps_response response = {.status = status, .lines = lines};
    (void)ps_response_finish(&s->responder, transaction, &response);
}

static struct ps_slice allow_line(const struct ps_stack *s, struct ps_writer *w)
{
    ps_write_header(w, PS_H_ALLOW, s->env.can.allow);
    return ps_written(w);
}

/* 8.2.1: 405 for a method that we know and do not take, 501 for one that we do not know. */
static bool method_allowed(const struct ps_stack *s, const struct ps_message *m)
{
    struct ps_slice rest = s->env.can.allow, element;
    if (!rest.n)
        return true;
    while (ps_list_next(&rest, &element))
        if (ps_equal(element, ps_request_method(m)))
            return true;
    return false;
}

static bool is_listed(struct ps_slice list, struct ps_slice token)
{
    struct ps_slice element;
    while (ps_list_next(&list, &element))
        if (ps_equal_nocase(element, token))
            return true;
    return false;
}

/* 8.2.2.3: does Require name what we do not have? Writes what there is room for. */
static bool unsupported(const struct ps_stack *s, const struct ps_message *m, struct ps_writer *w)
{
    struct ps_values values = ps_values(m, PS_H_REQUIRE);
    struct ps_slice option;
    bool any = false;
    while (ps_values_next(&values, &option)) {
        if (is_listed(s->env.can.supported, option))
            continue;
        any = true;
        if (option.n + 16 < w->capacity - w->n)
            ps_write_header(w, PS_H_UNSUPPORTED, option);
    }
    return any;
}

/* The types of bodies that are understood in such a message; empty: any. */
static struct ps_slice types_for(const struct ps_stack *s, const struct ps_message *m)
{
    switch (m->status ? m->cseq_method : m->method) {
    case PS_METHOD_INVITE:
    case PS_METHOD_ACK:
    case PS_METHOD_UPDATE:
    case PS_METHOD_PRACK:
        return s->env.can.accept;
    case PS_METHOD_MESSAGE:
        return m->status ? PS_NONE : s->env.can.accept_message;
    default:
        return PS_NONE;
    }
}

/* 8.2.3, 20.1: 415 for a body that is not understood, 406 for an INVITE that would not understand
 * ours; 0. */
static unsigned refusal_of_body(const struct ps_stack *s, const struct ps_message *m,
                                struct ps_writer *w)
{
    struct ps_slice types = types_for(s, m);
    struct ps_content content;
    ps_content_read(&content, m, types);
    if (content.status)
        ps_write_content_accepted(w, &content, types);
    if (!content.status && m->method == PS_METHOD_INVITE && types.n &&
        !ps_content_acceptable(m, types))
        return 406;
    return content.status;
}

/* 8.2: may the request be taken at all? Else it is answered. */
static bool acceptable(struct ps_stack *s, ps_handle transaction, const struct ps_message *m)
{
    struct ps_writer w = ps_writer(s->lines, sizeof s->lines);
    unsigned status;
    if (!method_allowed(s, m)) {
        status = m->method == PS_METHOD_OTHER ? 501 : 405;
        respond(s, transaction, status, allow_line(s, &w));
        return false;
    }
    if (unsupported(s, m, &w)) {
        respond(s, transaction, 420, ps_written(&w));
        return false;
    }
    status = refusal_of_body(s, m, &w);
    if (status)
        respond(s, transaction, status, ps_written(&w));
    return status == 0;
}

/* 12.2.2: 481 for a dialog that is not, unless this is the NOTIFY that makes it (6665 4.4.1). */
static struct ps_event request_astray(struct ps_stack *s, ps_handle transaction,
                                      const struct ps_message *m)
{
    bool taken;
    struct ps_event event = ps_subscriptions_first(s->subscriptions, transaction, m, &taken);
    if (!taken)
        respond(s, transaction, 481, PS_NONE);
    return event;
}

/* 12.2.2: 500 for what is out of order. */
static struct ps_event request_within(struct ps_stack *s, ps_handle transaction,
                                      const struct ps_message *m)
{
    struct ps_dialog *dialog = ps_dialog_of_request(s->dialogs, m);
    if (!dialog)
        return request_astray(s, transaction, m);
    ps_transaction_prove(s->transactions, transaction); /* it knows our tag */
    if (!ps_dialog_in_order(dialog, m)) {
        respond(s, transaction, 500, PS_NONE);
        return ps_no_event();
    }
    if (ps_handle_kind(dialog->owner) == PS_KIND_SUBSCRIPTION)
        return ps_subscriptions_request(s->subscriptions, dialog, transaction, m);
    return ps_calls_request(s->calls, dialog, transaction, m);
}

/* Means nothing outside of one (12.2.2; RFC 3262 3, 3311 5.2, 6086 4.2.2, 6665 4.1.3). */
static bool belongs_to_a_dialog(const struct ps_stack *s, const struct ps_message *m)
{
    return m->method == PS_METHOD_BYE || m->method == PS_METHOD_UPDATE ||
           m->method == PS_METHOD_PRACK || m->method == PS_METHOD_INFO ||
           (m->method == PS_METHOD_NOTIFY && !s->notify_unasked);
}

static struct ps_event request(struct ps_stack *s, ps_handle transaction,
                               const struct ps_message *m)
{
    struct ps_event event = ps_no_event();
    if (!acceptable(s, transaction, m))
        return event;
    if (ps_to_tag(m).n && m->method != PS_METHOD_REGISTER) /* 10.2: which stands in no dialog */
        return request_within(s, transaction, m);
    if (m->method == PS_METHOD_INVITE)
        return ps_calls_invite(s->calls, transaction, m);
    if (belongs_to_a_dialog(s, m)) {
        respond(s, transaction, 481, PS_NONE);
        return event;
    }
    event.kind = PS_EVENT_REQUEST;
    event.transaction = transaction;
    event.message = m;
    return event;
}

/* 9.2: 200 where the INVITE is known, whatever became of it, with the tag of its responses; else
 * 481. */
static struct ps_event cancel(struct ps_stack *s, const struct ps_transaction_event *event)
{
    char tag[32];
    struct ps_writer w = ps_writer(tag, sizeof tag);
    struct ps_response response = {.status = event->cancelled ? 200 : 481};
    if (event->cancelled)
        ps_transaction_put_tag(&w, s->transactions, event->cancelled, &s->message);
    response.tag = ps_written(&w);
    if (!event->transaction)
        answer_stateless(s, &s->message, response.status, response.tag, PS_NONE);
    else
        (void)ps_response_finish(&s->responder, event->transaction, &response);
    return event->cancelled ? ps_calls_cancelled(s->calls, event->cancelled) : ps_no_event();
}

static struct ps_event ack(struct ps_stack *s, const struct ps_message *m)
{
    struct ps_dialog *dialog = ps_dialog_of_request(s->dialogs, m);
    if (dialog) {
        s->env.counter[PS_COUNT_ACKS]++;
        return ps_calls_ack(s->calls, dialog, m);
    }
    s->env.counter[PS_COUNT_DROPPED_ACK_STRAY]++;
    return ps_no_event();
}

/* ---- what the layers tell ---- */

static struct ps_event request_told(struct ps_stack *s, const struct ps_request_event *told,
                                    const struct ps_message *m)
{
    struct ps_event event = ps_no_event();
    uint8_t kind = ps_handle_kind(told->owner);
    if (told->outcome == PS_REQUEST_NOTHING)
        return event;
    if (kind == PS_KIND_REQUEST) /* the ACK to a fork's 2xx: tried again when that comes again */
        return event;
    if (kind == PS_KIND_CALL || (!told->owner && told->method == PS_METHOD_INVITE))
        return ps_calls_response(s->calls, told, m, m ? &s->flow : NULL);
    if (kind == PS_KIND_REGISTRATION)
        return ps_registrations_response(s->registrations, told, m);
    if (kind == PS_KIND_SUBSCRIPTION)
        return ps_subscriptions_response(s->subscriptions, told, m);
    event.kind = told->outcome == PS_REQUEST_PROVISIONAL ? PS_EVENT_PROVISIONAL : PS_EVENT_RESPONSE;
    event.request = told->request;
    event.user = ps_request_user(s->requests, told->request);
    event.status = told->status;
    event.message = m;
    if (told->outcome != PS_REQUEST_PROVISIONAL)
        ps_request_end(s->requests, told->request);
    return event;
}

/* What a message made the transactions tell, where it is a request. */
static struct ps_event server_told(struct ps_stack *s, const struct ps_transaction_event *event,
                                   const struct ps_message *m)
{
    s->asked = event->transaction;
    switch (event->kind) {
    case PS_TX_REQUEST:
        return request(s, event->transaction, m);
    case PS_TX_MERGED:
        respond(s, event->transaction, 482, PS_NONE);
        break;
    case PS_TX_CANCEL:
        return cancel(s, event);
    case PS_TX_ACK:
        return ack(s, m);
    case PS_TX_REFUSED:
        answer_stateless(s, m, event->status, PS_NONE,
                         event->status == 503 ? PS_S("Retry-After: 5\r\n") : PS_NONE);
        break;
    default:
        break;
    }
    return ps_no_event();
}

/* `m` is the message that caused it, NULL where time or the network did. */
static struct ps_event transaction_told(struct ps_stack *s,
                                        const struct ps_transaction_event *event,
                                        const struct ps_message *m)
{
    struct ps_request_event told;
    if (event->kind == PS_TX_NOTHING || event->kind == PS_TX_STRAY)
        return ps_no_event();
    if (m && ps_is_request(m))
        return server_told(s, event, m);
    if (ps_handle_kind(event->user) == PS_KIND_CALL)
        return event->kind == PS_TX_UNREACHABLE
                   ? ps_no_event() /* a response: the other side asks again (RFC 6026 7.1) */
                   : ps_calls_lost(s->calls, event->user, event->transaction);
    told = ps_requests_event(s->requests, event, m);
    return request_told(s, &told, m);
}

/* ---- feeding ---- */

/* 18.2.1, RFC 5626: line ends alone keep a NAT's binding alive. */
static bool is_keepalive(struct ps_slice bytes)
{
    return ps_trim(bytes).n == 0;
}

/* What is wrong is counted by its cause, and answered where the sender is owed an answer. */
static void refuse(struct ps_stack *s, const struct ps_fault *fault)
{
    s->env.faults[fault->error]++;
    if (fault->answer)
        answer_stateless(s, &s->message, fault->answer, PS_NONE, PS_NONE);
    else
        s->env.counter[s->message.status ? PS_COUNT_DROPPED_RESPONSE_INVALID
                                         : PS_COUNT_DROPPED_UNPARSEABLE]++;
}

enum ps_error ps_stack_receive(struct ps_stack *s, uint64_t now, const struct ps_flow *flow,
                               struct ps_slice bytes)
{
    struct ps_transaction_event event;
    struct ps_fault fault;
    if (s->event.kind != PS_EVENT_NONE || s->stateless_waits)
        return PS_E_STATE;
    s->env.now = now;
    if (is_keepalive(bytes)) {
        s->env.counter[PS_COUNT_KEEPALIVES]++;
        return PS_OK;
    }
    s->env.counter[PS_COUNT_RECEIVED]++;
    s->flow = *flow;
    s->message.status = 0;
    if (ps_message_parse(&s->message, bytes.p, bytes.n, NULL, &fault) ||
        ps_message_check(&s->message, &fault)) {
        refuse(s, &fault);
        return PS_OK;
    }
    event = ps_transactions_receive(s->transactions, &s->message, flow);
    s->event = transaction_told(s, &event, &s->message);
    s->event.flow = &s->flow;
    return PS_OK;
}

void ps_stack_resolved(struct ps_stack *s, ps_handle request, const struct ps_flow *flows,
                       unsigned n)
{
    if (ps_handle_kind(request) == PS_KIND_CALL)
        ps_calls_resolved(s->calls, request, n > 0);
    else
        ps_requests_resolved(s->requests, request, flows, n);
}

void ps_stack_failed(struct ps_stack *s, ps_handle transaction, const struct ps_address *remote)
{
    struct failure *failed = &s->failed[s->failing];
    if (s->failing == PS_MAX_FAILED) { /* its timers will find out */
        s->env.counter[PS_COUNT_FAILURES_FORGOTTEN]++;
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
    s->env.counter[PS_COUNT_SENT]++;
    s->env.counter[PS_COUNT_RETRANSMITTED] += again;
    return true;
}

bool ps_stack_pull_send(struct ps_stack *s, struct ps_action *action)
{
    struct ps_transaction_send out;
    const struct ps_flow *flow;
    struct ps_slice bytes;
    memset(action, 0, sizeof *action);
    if (s->stateless_waits) {
        s->stateless_waits = false;
        return send(s, action, &s->stateless_flow, ps_slice(s->stateless, s->stateless_used),
                    false);
    }
    if (ps_transactions_pull(s->transactions, &out)) {
        action->transaction = out.transaction;
        return send(s, action, out.flow, out.bytes, out.again);
    }
    if (ps_calls_pull(s->calls, &flow, &bytes))
        return send(s, action, flow, bytes, true);
    return false;
}

/* Requests on their way: a name to look up, an ACK to send, or the end of one. */
static bool pull_request(struct ps_stack *s, struct ps_action *action)
{
    struct ps_request_pull pull;
    if (!ps_requests_pull(s->requests, &pull))
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

/* Calls that came in and name their next hop: to be looked up before the application hears of them. */
static bool pull_hop(struct ps_stack *s, struct ps_action *action)
{
    struct ps_call_hop pull;
    if (!ps_calls_pull_hop(s->calls, &pull))
        return false;
    s->event = pull.event;
    if (pull.ask) {
        action->kind = PS_ACTION_RESOLVE;
        action->request = pull.call;
        action->hop = pull.hop;
    } else if (s->event.kind != PS_EVENT_NONE) {
        s->asked = s->event.transaction;
        s->flow = *ps_transaction_flow(s->transactions, s->asked);
        s->event.flow = &s->flow;
    }
    return true;
}

/* What could not be sent ends its transactions one by one (17.1.4, 18.4). */
static void next_failure(struct ps_stack *s)
{
    const struct failure *failed = &s->failed[0];
    struct ps_transaction_event event =
        ps_transactions_failed(s->transactions, failed->transaction, &failed->remote);
    if (failed->transaction || event.kind == PS_TX_NOTHING) {
        s->failing--;
        memmove(&s->failed[0], &s->failed[1], s->failing * sizeof s->failed[0]);
    }
    s->event = transaction_told(s, &event, NULL);
}

static struct ps_event expired(struct ps_stack *s, struct ps_timer *timer)
{
    struct ps_transaction_event event;
    struct ps_request_event told;
    switch (timer->kind) {
    case PS_KIND_TRANSACTION:
        event = ps_transactions_expire(s->transactions, timer);
        return transaction_told(s, &event, NULL);
    case PS_KIND_REQUEST:
        told = ps_requests_expire(s->requests, timer);
        return request_told(s, &told, NULL);
    case PS_KIND_CALL:
        return ps_calls_expire(s->calls, timer);
    case PS_KIND_REGISTRATION:
        return ps_registrations_expire(s->registrations, timer);
    case PS_KIND_SUBSCRIPTION:
        return ps_subscriptions_expire(s->subscriptions, timer);
    default:
        ps_registrar_expire(s->registrar, timer);
        return ps_no_event();
    }
}

static void describe_body(const struct ps_stack *s, struct ps_event *event)
{
    struct ps_content content;
    if (!event->message)
        return;
    ps_content_read(&content, event->message, types_for(s, event->message));
    event->type = content.type;
    event->body = content.body;
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
            describe_body(s, &action->event);
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
        } else if (pull_hop(s, action)) {
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
    return w.error ? w.error : ps_request_start(s->requests, &options, ps_written(&w), out);
}

enum ps_error ps_stack_respond(struct ps_stack *s, ps_handle transaction,
                               const struct ps_response *response)
{
    if (response->status >= 300)
        return ps_response_finish(&s->responder, transaction, response);
    return ps_response_send(&s->responder, transaction, response, NULL);
}

bool ps_stack_authenticate(struct ps_stack *s, struct ps_auth_server *server,
                           const struct ps_message *m, const struct ps_digest_user **user,
                           struct ps_response *refusal)
{
    const struct ps_digest_user *found = NULL;
    char source[PS_ADDRESS_TEXT];
    struct ps_writer binding = ps_writer(source, sizeof source);
    enum ps_digest_result result;
    struct ps_writer w = ps_writer(s->lines, sizeof s->lines);
    ps_put_ip(&binding, &s->flow.remote,
              false); /* a nonce serves the address that it was given to */
    result = ps_auth_check(server, &s->env, m, ps_written(&binding), &found);
    if (user)
        *user = found;
    if (result == PS_DIGEST_GRANTED) {
        if (found) /* a nonce reaches its address alone */
            ps_transaction_prove(s->transactions, s->asked);
        return true;
    }
    memset(refusal, 0, sizeof *refusal);
    refusal->status = result == PS_DIGEST_BAD ? 400 : server->proxy ? 407 : 401;
    if (result != PS_DIGEST_BAD)
        ps_auth_write_challenges(&w, server, &s->env, ps_written(&binding),
                                 result == PS_DIGEST_STALE || result == PS_DIGEST_REPLAY);
    refusal->lines = ps_written(&w);
    return false;
}

enum ps_error ps_stack_register(struct ps_stack *s, ps_handle transaction,
                                const struct ps_message *m)
{
    struct ps_writer w = ps_writer(s->stateless, s->stateless_n);
    struct ps_response response = {.status = 0};
    enum ps_error error;
    response.status = ps_registrar_register(s->registrar, m, &w);
    response.lines = ps_written(&w);
    error = w.error ? w.error : ps_stack_respond(s, transaction, &response);
    if (error == PS_OK || error == PS_E_STALE || error == PS_E_STATE)
        return error;
    response.status = 500; /* there is no room to list the bindings */
    response.lines = PS_NONE;
    return ps_stack_respond(s, transaction, &response);
}
