/*
 * Answers requests and sends one, reliably: parser, writer and transactions. For `make footprint`,
 * which links it. The border gives transactions with the stack alone, so this uses the inside,
 * which a file that includes plainsip.c can see, and which no version promises.
 */
#define PS_STATIC
#define PS_WITHOUT_SDP
#define PS_WITHOUT_DIGEST
#include "plainsip.c"
#include "port.h"

static struct ps_environment env;
static struct ps_message message;
static char block[16384], scratch[PS_MAX_MESSAGE];

static const struct ps_flow peer = {
    {PS_IPV4, 5060, 0, {192, 0, 2, 4}}, {PS_IPV4, 5060, 0, {192, 0, 2, 1}}, PS_UDP, false, 0};

static void start(void)
{
    static const struct ps_size_class classes[PS_SIZE_CLASSES] = {{512, 8}, {1500, 4}};
    struct ps_arena arena = {block, sizeof block, 0};
    unsigned i;
    for (i = 0; i < PS_SIPHASH_KEY; i++) {
        env.hash_key[i] = PORT_RANDOM;
        env.random_key[i] = PORT_RANDOM;
    }
    env.t1 = 500;
    env.t2 = 4000;
    env.t4 = 5000;
    env.per_source = 4;
    env.scratch = scratch;
    env.scratch_n = sizeof scratch;
    ps_timers_init(&env.timers, PORT_CLOCK);
    ps_store_init(&env.store, &arena, classes);
    env.transactions = ps_transactions_init(&arena, &env, 8);
}

static void answer(const struct ps_transaction_event *e, const struct ps_message *m)
{
    static char out[PS_MAX_MESSAGE];
    const struct ps_flow *flow = ps_transaction_flow(env.transactions, e->transaction);
    struct ps_writer w = ps_writer(out, sizeof out), tag;
    char text[32];
    tag = ps_writer(text, sizeof text);
    ps_transaction_put_tag(&tag, env.transactions, e->transaction, m);
    ps_write_response(&w, m, flow, 200, PS_NONE, ps_written(&tag));
    ps_write_body(&w, PS_NONE, PS_NONE);
    if (ps_transaction_respond(env.transactions, e->transaction, 200, ps_written(&w)))
        ps_transaction_abandon(env.transactions, e->transaction);
}

static void ask(void)
{
    static char out[PS_MAX_MESSAGE];
    struct ps_writer w = ps_writer(out, sizeof out), branch;
    char text[32];
    ps_handle transaction;
    branch = ps_writer(text, sizeof text);
    ps_put(&branch, PS_S("z9hG4bK"));
    ps_put_token(&branch, &env);
    ps_write_request_line(&w, PS_S("OPTIONS"), PS_S("sip:192.0.2.1"));
    ps_write_via(&w, &peer, ps_written(&branch), true);
    ps_write_header_number(&w, PS_H_MAX_FORWARDS, 70);
    ps_write_header(&w, PS_H_FROM, PS_S("<sip:bob@192.0.2.4>;tag=456248"));
    ps_write_header(&w, PS_H_TO, PS_S("<sip:192.0.2.1>"));
    ps_write_header(&w, PS_H_CALL_ID, ps_written(&branch));
    ps_write_header(&w, PS_H_CSEQ, PS_S("1 OPTIONS"));
    ps_write_body(&w, PS_NONE, PS_NONE);
    PORT_SHOW = ps_transaction_request(env.transactions, &peer, ps_written(&w), 1, &transaction);
}

static void told(const struct ps_transaction_event *e, const struct ps_message *m)
{
    PORT_SHOW = e->kind;
    PORT_SHOW = e->status;
    if (m && (e->kind == PS_TX_REQUEST || e->kind == PS_TX_CANCEL))
        answer(e, m);
}

static void receive(void)
{
    static char in[PS_MAX_MESSAGE];
    size_t n = port_receive(in, sizeof in);
    struct ps_transaction_event e;
    if (!n || ps_message_parse(&message, in, n, NULL, NULL) ||
        ps_message_check(&message, NULL, NULL))
        return;
    e = ps_transactions_receive(env.transactions, &message, &peer);
    told(&e, &message);
}

static void expire(void)
{
    struct ps_timer *timer;
    while ((timer = ps_timers_expire(&env.timers, env.now)) != NULL) {
        struct ps_transaction_event e = ps_transactions_expire(env.transactions, timer);
        told(&e, NULL);
    }
}

int main(void)
{
    struct ps_transaction_send out;
    start();
    for (;;) {
        env.now = PORT_CLOCK;
        if (PORT_KEY)
            ask();
        receive();
        expire();
        while (ps_transactions_pull(env.transactions, &out))
            port_send(out.bytes);
    }
}
