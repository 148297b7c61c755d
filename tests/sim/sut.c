/* One transaction layer under test in virtual time: see sut.h. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "sut.h"

static void on_step(void *context, const struct ps_trace_step *step)
{
    struct sut *s = (struct sut *)context;
    if (s->trace_n < SUT_LOG)
        snprintf(s->trace[s->trace_n++], sizeof s->trace[0], "%s %s -> %s on %s (%s)",
                 step->machine, step->from, step->to, step->event, step->rule);
}

void sut_start(struct sut *s, uint32_t transactions)
{
    static const char local[] = "192.0.2.1:5060", remote[] = "192.0.2.2:5060";
    struct ps_size_class classes[PS_SIZE_CLASSES] = {{512, 0}, {1024, 0}, {2048, 0}, {0, 0}};
    struct ps_arena arena = {NULL, 0, 0};
    unsigned i;
    memset(s, 0, sizeof *s);
    for (i = 0; i < 3; i++)
        classes[i].count = transactions + 2;
    s->env.t1 = 500;
    s->env.t2 = 4000;
    s->env.t4 = 5000;
    s->env.per_source = 4096;
    s->env.hash_key[0] = 1;
    s->env.random_key[0] = 1;
    s->env.trace = on_step;
    s->env.trace_context = s;
    ps_store_init(&s->env.store, &arena, classes);
    ck_assert_ptr_null(ps_transactions_init(&arena, &s->env, transactions));
    arena.n = arena.used + 4096;
    arena.used = 0;
    arena.p = s->block = malloc(arena.n);
    s->sent = malloc(SUT_LOG * sizeof *s->sent);
    ps_timers_init(&s->env.timers, 0);
    ps_store_init(&s->env.store, &arena, classes);
    s->env.scratch_n = 4096;
    s->env.scratch = malloc(s->env.scratch_n);
    s->t = ps_transactions_init(&arena, &s->env, transactions);
    ck_assert_ptr_nonnull(s->t);
    ck_assert_int_eq(ps_address_parse(ps_slice_of(local), 0, &s->flow.local), PS_OK);
    ck_assert_int_eq(ps_address_parse(ps_slice_of(remote), 0, &s->flow.remote), PS_OK);
}

void sut_start_stack(struct sut *s, sut_application application)
{
    static const struct ps_limits limits = {
        32, 16, 8, 8, 2, 2, 4, 4096, 4096, {{512, 64}, {1536, 64}, {4096, 8}, {0, 0}}};
    struct ps_config config = {.limits = limits};
    sut_start(s, 1);
    s->application = application;
    s->account.aor = PS_S("sip:b@example.com");
    s->account.contact_user = PS_S("b");
    config.account = &s->account;
    config.seed[0] = 7;
    config.allow = PS_S("INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, MESSAGE");
    config.trace = on_step;
    config.trace_context = s;
    free(s->block);
    s->block = malloc(ps_stack_size(&limits));
    s->stack = ps_stack_init(s->block, ps_stack_size(&limits), &config);
    ck_assert_ptr_nonnull(s->stack);
}

static void stack_end(const struct sut *s)
{
    struct ps_stack_live live = ps_stack_live(s->stack);
    unsigned i;
    for (i = 0; i < 4; i++)
        ck_assert_uint_eq(live.transactions[i], 0);
    for (i = 0; i < PS_SIZE_CLASSES; i++)
        ck_assert_uint_eq(live.kept[i], 0);
    ck_assert_uint_eq(live.requests, 0);
    ck_assert_uint_eq(live.dialogs, 0);
    ck_assert_uint_eq(live.calls, 0);
    ck_assert_uint_eq(live.timers, 0);
}

void sut_end(struct sut *s, uint64_t quiet)
{
    unsigned i;
    sut_run(s, s->env.now + quiet);
    if (s->stack) {
        stack_end(s);
        return;
    }
    for (i = 0; i < 4; i++)
        ck_assert_uint_eq(ps_transactions_live(s->t, i), 0);
    for (i = 0; i < PS_SIZE_CLASSES; i++)
        ck_assert_uint_eq(s->env.store.size_class[i].live, 0);
    ck_assert_uint_eq(s->env.timers.running, 0);
}

void sut_free(struct sut *s)
{
    free(s->block);
    free(s->sent);
    free(s->env.scratch);
}

static struct sut_sent *log_sent(struct sut *s, const struct ps_flow *flow, struct ps_slice bytes)
{
    struct sut_sent *sent = &s->sent[s->sent_n++];
    ck_assert_uint_lt(s->sent_n, SUT_LOG);
    ck_assert_uint_lt(bytes.n, SUT_TEXT);
    memcpy(sent->text, bytes.p, bytes.n);
    sent->text[bytes.n] = '\0';
    sent->n = bytes.n;
    sent->at = s->env.now;
    sent->flow = *flow;
    return sent;
}

static void pull_stack(struct sut *s)
{
    struct ps_action action;
    while (ps_stack_pull(s->stack, s->env.now, &action)) {
        struct sut_sent *sent;
        switch (action.kind) {
        case PS_ACTION_SEND:
            sent = log_sent(s, action.flow, action.bytes);
            sent->transaction = action.transaction;
            sent->again = action.again;
            break;
        case PS_ACTION_RESOLVE:
            ps_stack_resolved(s->stack, action.request, &s->flow, 1);
            break;
        default:
            ck_assert_uint_lt(s->event_n, SUT_LOG);
            s->event[s->event_n].at = s->env.now;
            s->event[s->event_n++].event = action.event;
            if (s->application)
                s->application(s, &action.event);
        }
    }
}

void sut_pull(struct sut *s)
{
    struct ps_transaction_send out;
    if (s->stack) {
        pull_stack(s);
        return;
    }
    while (ps_transactions_pull(s->t, &out)) {
        struct sut_sent *sent = log_sent(s, out.flow, out.bytes);
        sent->transaction = out.transaction;
        sent->again = out.again;
    }
}

unsigned sut_events(const struct sut *s, enum ps_event_kind kind)
{
    unsigned i, n = 0;
    for (i = 0; i < s->event_n; i++)
        n += s->event[i].event.kind == kind;
    return n;
}

const struct ps_event *sut_event(const struct sut *s, enum ps_event_kind kind)
{
    unsigned i = s->event_n;
    while (i && s->event[i - 1].event.kind != kind)
        i--;
    ck_assert_msg(i > 0, "no event of kind %u", (unsigned)kind);
    return &s->event[i - 1].event;
}

static void hear(struct sut *s, const struct ps_transaction_event *event)
{
    if (event->kind == PS_TX_NOTHING)
        return;
    ck_assert_uint_lt(s->heard_n, SUT_LOG);
    s->heard[s->heard_n].at = s->env.now;
    s->heard[s->heard_n++].event = *event;
}

static void run_stack(struct sut *s, uint64_t until)
{
    sut_pull(s);
    while (s->env.now < until) {
        uint64_t next = ps_stack_deadline(s->stack);
        s->env.now = next < until ? next : until;
        sut_pull(s);
    }
}

void sut_run(struct sut *s, uint64_t until)
{
    struct ps_timer *timer;
    if (s->stack) {
        run_stack(s, until);
        return;
    }
    sut_pull(s);
    for (;;) {
        uint64_t next = ps_timers_deadline(&s->env.timers);
        s->env.now = next < until ? next : until;
        while ((timer = ps_timers_expire(&s->env.timers, s->env.now)) != NULL) {
            struct ps_transaction_event event = ps_transactions_expire(s->t, timer);
            hear(s, &event);
            sut_pull(s);
        }
        if (s->env.now >= until)
            return;
    }
}

struct ps_transaction_event sut_feed_from(struct sut *s, struct ps_slice text,
                                          const struct ps_flow *flow)
{
    static struct ps_message m;
    struct ps_transaction_event event = {PS_TX_NOTHING, 0, 0, 0, 0, NULL};
    if (s->stack) {
        ck_assert_int_eq(ps_stack_receive(s->stack, s->env.now, flow, text), PS_OK);
        sut_pull(s);
        return event;
    }
    ck_assert_int_eq(ps_message_parse(&m, text.p, text.n, NULL, NULL), PS_OK);
    event = ps_transactions_receive(s->t, &m, flow);
    hear(s, &event);
    sut_pull(s);
    return event;
}

struct ps_transaction_event sut_feed(struct sut *s, struct ps_slice text)
{
    return sut_feed_from(s, text, &s->flow);
}

static const char * or (const char *given, const char *otherwise)
{
    return given ? given : otherwise;
}

struct ps_slice sut_request_text(const struct sut_request *r)
{
    static char text[SUT_TEXT];
    const char *method = or (r->method, "INVITE"), *body = or (r->body, "");
    char cseq[16];
    int n;
    snprintf(cseq, sizeof cseq, "%u", r->cseq ? r->cseq : 1);
    n = snprintf(text, sizeof text,
                 "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s\r\nMax-Forwards: %s\r\n"
                 "From: <sip:a@example.com>%s%s\r\nTo: <sip:b@example.com>%s%s\r\n"
                 "Call-ID: %s\r\nCSeq: %s %s\r\nContact: <sip:a@192.0.2.2>\r\n%s"
                 "Content-Length: %u\r\n\r\n%s",
                 method, or (r->uri, "sip:b@192.0.2.1"),
                 or (r->via, "192.0.2.2:5060;branch=z9hG4bKtester"), or (r->max_forwards, "70"),
                 r->from_tag && !*r->from_tag ? "" : ";tag=", or (r->from_tag, "f1"),
                 r->to_tag ? ";tag=" : "", or (r->to_tag, ""), or (r->call_id, "c1@tester"),
                 or (r->cseq_text, cseq), or (r->cseq_method, method), or (r->lines, ""),
                 (unsigned)strlen(body), body);
    return ps_slice(text, (size_t)n);
}

struct ps_slice sut_response_text(struct ps_slice request, unsigned status, const char *to_tag)
{
    static char text[SUT_TEXT];
    static struct ps_message m;
    struct ps_writer w = ps_writer(text, sizeof text);
    ck_assert_int_eq(ps_message_parse(&m, request.p, request.n, NULL, NULL), PS_OK);
    ps_write_response(&w, &m, NULL, status, PS_NONE, ps_slice_of(to_tag));
    if (status > 100 && status < 400)
        ps_write_header(&w, PS_H_CONTACT, PS_S("<sip:tester@192.0.2.2:5070>"));
    ps_write_body(&w, PS_NONE, PS_NONE);
    ck_assert_int_eq(w.error, PS_OK);
    return ps_written(&w);
}

ps_handle sut_send(struct sut *s, const char *method, const char *branch)
{
    static struct sut_request r;
    char via[128];
    ps_handle handle = 0;
    snprintf(via, sizeof via, "192.0.2.1:5060;branch=%s;rport", branch);
    memset(&r, 0, sizeof r);
    r.method = method;
    r.via = via;
    r.lines = "Route: <sip:192.0.2.2;lr>\r\nSubject: x\r\n";
    ck_assert_int_eq(ps_transaction_request(s->t, &s->flow, sut_request_text(&r), 77, &handle),
                     PS_OK);
    sut_pull(s);
    return handle;
}

enum ps_error sut_respond(struct sut *s, ps_handle transaction, unsigned status)
{
    static struct ps_message m;
    char text[SUT_TEXT], tag[16];
    struct ps_slice request = ps_transaction_message(s->t, transaction);
    struct ps_writer w = ps_writer(text, sizeof text), wt = ps_writer(tag, sizeof tag);
    enum ps_error error;
    if (!request.p) { /* an answer after the first: some bytes */
        error = ps_transaction_respond(s->t, transaction, status, PS_S("SIP/2.0 200 OK\r\n\r\n"));
        sut_pull(s);
        return error;
    }
    ck_assert_int_eq(ps_message_parse(&m, request.p, request.n, NULL, NULL), PS_OK);
    ps_transaction_put_tag(&wt, s->t, transaction, &m);
    ps_write_response(&w, &m, ps_transaction_flow(s->t, transaction), status, PS_NONE,
                      status == 100 ? PS_NONE : ps_written(&wt));
    ps_write_body(&w, PS_NONE, PS_NONE);
    error = ps_transaction_respond(s->t, transaction, status, ps_written(&w));
    sut_pull(s);
    return error;
}

static bool begins(const struct sut_sent *sent, const char *start)
{
    return strncmp(sent->text, start, strlen(start)) == 0;
}

unsigned sut_count(const struct sut *s, const char *start)
{
    unsigned i, n = 0;
    for (i = 0; i < s->sent_n; i++)
        n += begins(&s->sent[i], start);
    return n;
}

void sut_expect_sent(const struct sut *s, const char *start, const uint64_t *at, unsigned n)
{
    const struct sut_sent *first = NULL;
    unsigned i, k = 0;
    for (i = 0; i < s->sent_n; i++) {
        const struct sut_sent *sent = &s->sent[i];
        if (!begins(sent, start))
            continue;
        ck_assert_msg(k < n, "%s: one more at %u ms", start, (unsigned)sent->at);
        ck_assert_msg(sent->at == at[k], "%s: number %u at %u ms, not %u", start, k,
                      (unsigned)sent->at, (unsigned)at[k]);
        first = first ? first : sent;
        ck_assert_str_eq(sent->text, first->text);
        ck_assert(ps_address_equal(&sent->flow.remote, &first->flow.remote));
        ck_assert(ps_address_equal(&sent->flow.local, &first->flow.local));
        ck_assert_uint_eq(sent->again, k > 0);
        k++;
    }
    ck_assert_msg(k == n, "%s: %u sent, not %u", start, k, n);
}

unsigned sut_heard(const struct sut *s, enum ps_transaction_event_kind kind)
{
    unsigned i, n = 0;
    for (i = 0; i < s->heard_n; i++)
        n += s->heard[i].event.kind == kind;
    return n;
}

struct ps_slice sut_sent_text(const struct sut *s, unsigned i)
{
    ck_assert_uint_lt(i, s->sent_n);
    return ps_slice(s->sent[i].text, s->sent[i].n);
}

struct ps_slice sut_last(const struct sut *s)
{
    ck_assert_uint_gt(s->sent_n, 0);
    return sut_sent_text(s, s->sent_n - 1);
}

struct ps_slice sut_header(struct ps_slice text, enum ps_header_id id)
{
    static struct ps_message m;
    ck_assert_int_eq(ps_message_parse(&m, text.p, text.n, NULL, NULL), PS_OK);
    return ps_header_value(&m, id, 0);
}
