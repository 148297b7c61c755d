/* One transaction layer under test in virtual time: see layer.h. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "layer.h"

enum { SCRATCH = 4096, CLASSES = 3 };

static void on_step(void *context, const struct ps_trace_step *step)
{
    struct layer *l = (struct layer *)context;
    if (l->trace_n < LAYER_LOG)
        snprintf(l->trace[l->trace_n++], sizeof l->trace[0], "%s %s -> %s on %s (%s)",
                 step->machine, step->from, step->to, step->event, step->rule);
}

static void defaults(struct layer *l)
{
    static const char local[] = "192.0.2.1:5060", remote[] = "192.0.2.2:5060";
    l->env.t1 = 500;
    l->env.t2 = 4000;
    l->env.t4 = 5000;
    l->env.per_source = 4096;
    l->env.hash_key[0] = 1;
    l->env.random_key[0] = 1;
    l->env.trace = on_step;
    l->env.trace_context = l;
    l->env.scratch_n = SCRATCH;
    l->env.scratch = malloc(SCRATCH);
    ps_timers_init(&l->env.timers, 0);
    ck_assert_int_eq(ps_address_parse(ps_slice_of(local), 0, &l->flow.local), PS_OK);
    ck_assert_int_eq(ps_address_parse(ps_slice_of(remote), 0, &l->flow.remote), PS_OK);
}

void layer_start(struct layer *l, uint32_t transactions)
{
    struct ps_size_class classes[PS_SIZE_CLASSES] = {{512, 0}, {1024, 0}, {2048, 0}, {0, 0}};
    struct ps_arena arena = {NULL, 0, 0};
    unsigned i;
    memset(l, 0, sizeof *l);
    for (i = 0; i < CLASSES; i++)
        classes[i].count = transactions + 2;
    defaults(l);
    ps_store_init(&l->env.store, &arena, classes); /* counts the bytes alone */
    ck_assert_ptr_null(ps_transactions_init(&arena, &l->env, transactions));
    arena.n = arena.used + 4096;
    arena.used = 0;
    arena.p = l->block = malloc(arena.n);
    ps_store_init(&l->env.store, &arena, classes);
    l->t = ps_transactions_init(&arena, &l->env, transactions);
    ck_assert_ptr_nonnull(l->t);
}

void layer_free(struct layer *l)
{
    free(l->block);
    free(l->env.scratch);
    sent_forget(&l->log);
}

/* ---- time ---- */

static void hear(struct layer *l, const struct ps_transaction_event *event)
{
    if (event->kind == PS_TX_NOTHING)
        return;
    ck_assert_uint_lt(l->heard_n, LAYER_LOG);
    l->heard[l->heard_n].at = l->env.now;
    l->heard[l->heard_n++].event = *event;
}

void layer_pull(struct layer *l)
{
    struct ps_transaction_send out;
    while (ps_transactions_pull(l->t, &out))
        sent_record(&l->log, l->env.now, out.flow, out.bytes, out.again);
}

void layer_run(struct layer *l, uint64_t until)
{
    struct ps_timer *timer;
    layer_pull(l);
    for (;;) {
        uint64_t next = ps_timers_deadline(&l->env.timers);
        l->env.now = next < until ? next : until;
        while ((timer = ps_timers_expire(&l->env.timers, l->env.now)) != NULL) {
            struct ps_transaction_event event = ps_transactions_expire(l->t, timer);
            hear(l, &event);
            layer_pull(l);
        }
        if (l->env.now >= until)
            return;
    }
}

void layer_end(struct layer *l, uint64_t quiet)
{
    unsigned i;
    layer_run(l, l->env.now + quiet);
    for (i = 0; i < 4; i++)
        ck_assert_uint_eq(ps_transactions_live(l->t, i), 0);
    for (i = 0; i < PS_SIZE_CLASSES; i++)
        ck_assert_uint_eq(l->env.store.size_class[i].live, 0);
    ck_assert_uint_eq(l->env.timers.running, 0);
}

/* ---- the tester ---- */

struct ps_transaction_event layer_feed_from(struct layer *l, struct ps_slice bytes,
                                            const struct ps_flow *flow)
{
    static struct ps_message m;
    struct ps_transaction_event event;
    ck_assert_int_eq(ps_message_parse(&m, bytes.p, bytes.n, NULL, NULL), PS_OK);
    event = ps_transactions_receive(l->t, &m, flow);
    hear(l, &event);
    layer_pull(l);
    return event;
}

struct ps_transaction_event layer_feed(struct layer *l, struct ps_slice bytes)
{
    return layer_feed_from(l, bytes, &l->flow);
}

struct ps_transaction_event layer_request(struct layer *l, const struct tester_request *r)
{
    return layer_feed(l, tester_text(r));
}

struct ps_transaction_event layer_answer(struct layer *l, const struct sent *request,
                                         unsigned status, const char *tag)
{
    struct ps_flow flow = request->flow;
    struct ps_slice text = tester_answer_text(sent_slice(request), status, tag, NULL, NULL);
    return layer_feed_from(l, text, &flow);
}

/* ---- the user ---- */

ps_handle layer_send(struct layer *l, const char *method, const char *branch)
{
    char via[128];
    struct tester_request r = {
        .method = method, .via = via, .lines = "Route: <sip:192.0.2.2;lr>\r\nSubject: x\r\n"};
    ps_handle handle = 0;
    snprintf(via, sizeof via, "192.0.2.1:5060;branch=%s;rport", branch);
    ck_assert_int_eq(ps_transaction_request(l->t, &l->flow, tester_text(&r), 77, &handle), PS_OK);
    layer_pull(l);
    return handle;
}

/* An answer to the request; after the first, which takes the request's place, some bytes. */
static struct ps_slice response(struct layer *l, ps_handle transaction, unsigned status)
{
    static char text[TESTER_TEXT];
    char tag[16];
    struct ps_slice request = ps_transaction_message(l->t, transaction);
    struct ps_writer w = ps_writer(text, sizeof text), wt = ps_writer(tag, sizeof tag);
    if (!request.p)
        return PS_S("SIP/2.0 200 OK\r\n\r\n");
    ps_transaction_put_tag(&wt, l->t, transaction, tester_parse(request));
    ps_write_response(&w, tester_parse(request), ps_transaction_flow(l->t, transaction), status,
                      PS_NONE, status == 100 ? PS_NONE : ps_written(&wt));
    ps_write_body(&w, PS_NONE, PS_NONE);
    return ps_written(&w);
}

enum ps_error layer_respond(struct layer *l, ps_handle transaction, unsigned status)
{
    enum ps_error error =
        ps_transaction_respond(l->t, transaction, status, response(l, transaction, status));
    layer_pull(l);
    return error;
}

unsigned layer_heard(const struct layer *l, enum ps_transaction_event_kind kind)
{
    unsigned i, n = 0;
    for (i = 0; i < l->heard_n; i++)
        n += l->heard[i].event.kind == kind;
    return n;
}

void layer_forget(struct layer *l)
{
    sent_forget(&l->log);
    l->heard_n = 0;
}
