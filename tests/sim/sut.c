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

void sut_end(struct sut *s, uint64_t quiet)
{
    unsigned i;
    sut_run(s, s->env.now + quiet);
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

void sut_pull(struct sut *s)
{
    struct ps_transaction_send out;
    while (ps_transactions_pull(s->t, &out)) {
        struct sut_sent *sent = &s->sent[s->sent_n++];
        ck_assert_uint_lt(s->sent_n, SUT_LOG);
        ck_assert_uint_lt(out.bytes.n, SUT_TEXT);
        memcpy(sent->text, out.bytes.p, out.bytes.n);
        sent->text[out.bytes.n] = '\0';
        sent->n = out.bytes.n;
        sent->at = s->env.now;
        sent->flow = *out.flow;
        sent->transaction = out.transaction;
        sent->again = out.again;
    }
}

static void hear(struct sut *s, const struct ps_transaction_event *event)
{
    if (event->kind == PS_TX_NOTHING)
        return;
    ck_assert_uint_lt(s->heard_n, SUT_LOG);
    s->heard[s->heard_n].at = s->env.now;
    s->heard[s->heard_n++].event = *event;
}

void sut_run(struct sut *s, uint64_t until)
{
    struct ps_timer *timer;
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
    struct ps_transaction_event event;
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
    const char *method = or (r->method, "INVITE");
    int n = snprintf(text, sizeof text,
                     "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s\r\nMax-Forwards: 70\r\n"
                     "From: <sip:a@example.com>%s%s\r\nTo: <sip:b@example.com>%s%s\r\n"
                     "Call-ID: %s\r\nCSeq: %u %s\r\nContact: <sip:a@192.0.2.2>\r\n%s"
                     "Content-Length: 0\r\n\r\n",
                     method, or (r->uri, "sip:b@192.0.2.1"),
                     or (r->via, "192.0.2.2:5060;branch=z9hG4bKtester"),
                     r->from_tag && !*r->from_tag ? "" : ";tag=", or (r->from_tag, "f1"),
                     r->to_tag ? ";tag=" : "", or (r->to_tag, ""), or (r->call_id, "c1@tester"),
                     r->cseq ? r->cseq : 1, or (r->cseq_method, method), or (r->lines, ""));
    return ps_slice(text, (size_t)n);
}

struct ps_slice sut_response_text(struct ps_slice request, unsigned status, const char *to_tag)
{
    static char text[SUT_TEXT];
    static struct ps_message m;
    struct ps_writer w = ps_writer(text, sizeof text);
    ck_assert_int_eq(ps_message_parse(&m, request.p, request.n, NULL, NULL), PS_OK);
    ps_write_response(&w, &m, NULL, status, PS_NONE, ps_slice_of(to_tag));
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
    ps_put_local_tag(&wt, &s->env, &m);
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
