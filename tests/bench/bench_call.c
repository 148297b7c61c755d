/*
 * Nanoseconds and instructions a call (INVITE, 180, 200, ACK, BYE, 200), of the server's stack and
 * of the client's, each with its session description and with a body that nobody reads. Two stacks
 * talk once, and what each was fed is kept; then each is measured alone, fed with just that again:
 * the same seed makes the same messages. No sockets, no other clock than the calls' own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "sdp/negotiation.h"
#include "sip/stack.h"

enum { CALLS = 100, STEPS = CALLS * 8, BYTES = 1 << 20, APART = 20, HOLD = 100, QUIET = 70000 };

/* Keeps a step of a side: a datagram fed to it, or (empty) its own turn to begin or end a call. */
struct step {
    uint64_t now;
    const char *p;
    size_t n;
};

struct side {
    struct ps_stack *stack;
    struct ps_account account;
    struct ps_flow flow;
    void *block;
    size_t size;
    struct step step[STEPS];
    unsigned steps, read;
    ps_handle call[CALLS];
    unsigned begun, over;
};

/* A recording: with session descriptions that are made and read, or with bodies that are not. */
static struct pair {
    struct side client, server;
    char kept[BYTES];
    size_t n;
} pairs[2];
static bool with_sdp;
static struct ps_sdp can;
static char memory[PS_SDP_MEMORY(4096)];

static const struct ps_limits limits = {.transactions = 4 * CALLS,
                                        .requests = 4 * CALLS,
                                        .dialogs = 2 * CALLS,
                                        .calls = 2 * CALLS,
                                        .message_bytes = 4096,
                                        .per_source = 2 * CALLS,
                                        .kept = {{512, 16 * CALLS}, {1536, 16 * CALLS}}};

static const char capabilities[] =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "bench_call: %s\n", what);
        exit(EXIT_FAILURE);
    }
}

/* ---- the application ---- */

static struct ps_slice offer(void)
{
    struct ps_sdp_negotiation session;
    struct ps_slice body = PS_S("an offer");
    if (!with_sdp)
        return body;
    ps_sdp_negotiation_init(&session, memory, sizeof memory);
    must(!ps_sdp_offer(&session, &can, PS_SDP_SENDRECV, &body), "no offer");
    return body;
}

static struct ps_slice answer(struct ps_slice theirs)
{
    struct ps_sdp_negotiation session;
    struct ps_slice body = PS_S("an answer");
    if (!with_sdp)
        return body;
    ps_sdp_negotiation_init(&session, memory, sizeof memory);
    must(!ps_sdp_answer(&session, theirs, &can, PS_SDP_SENDRECV, &body, NULL), "no answer");
    return body;
}

static void begin_call(struct side *s)
{
    struct ps_call_options options = {.account = &s->account,
                                      .to = PS_S("sip:bob@192.0.2.1"),
                                      .type = PS_S("application/sdp"),
                                      .body = offer()};
    must(!ps_call_start(s->stack, &options, &s->call[s->begun++]), "no call");
}

static void on_event(struct side *s, const struct ps_event *event)
{
    s->over += event->kind == PS_EVENT_CALL_ENDED && event->status == 200;
    if (event->kind != PS_EVENT_CALL_INCOMING)
        return;
    must(!ps_call_ring(s->stack, event->call, 180, PS_NONE, PS_NONE), "no 180");
    must(!ps_call_answer(s->stack, event->call, PS_S("application/sdp"), answer(event->body)),
         "no 200");
}

/* ---- the network ---- */

static const char begins[] = "a call begins", ends[] = "it is hung up";

static void keep(struct pair *into, struct side *other, uint64_t now, struct ps_slice bytes)
{
    struct step *step = &other->step[other->steps++];
    must(other->steps < STEPS && into->n + bytes.n < BYTES, "no room for what is recorded");
    step->now = now;
    step->p = memcpy(into->kept + into->n, bytes.p, bytes.n);
    step->n = bytes.n;
    into->n += bytes.n;
}

static void make(struct side *s)
{
    struct ps_config config = {.limits = limits, .seed = {1}, .account = &s->account};
    config.seed[1] = s->account.contact_user.n == 3; /* not the other's */
    s->size = ps_stack_size(&limits);
    if (!s->block)
        s->block = calloc(1, s->size);
    s->stack = ps_stack_init(s->block, s->size, &config);
    must(s->stack != NULL, "no stack");
    s->begun = s->over = 0;
}

/* Feeds one step; what the stack sends is kept in the recording, where there is one, as the next of
 * the other. */
static void feed(struct side *s, const struct step *step, struct pair *into, struct side *other)
{
    struct ps_action action;
    if (step->n)
        must(!ps_stack_receive(s->stack, step->now, &s->flow, ps_slice(step->p, step->n)), "fed");
    else
        ps_stack_set_now(s->stack, step->now);
    if (!step->n && step->p == begins)
        begin_call(s);
    else if (!step->n && step->p == ends)
        must(!ps_call_hangup(s->stack, s->call[s->over]), "no hang-up");
    while (ps_stack_pull(s->stack, step->now, &action)) {
        if (action.kind == PS_ACTION_EVENT)
            on_event(s, &action.event);
        else if (action.kind == PS_ACTION_RESOLVE)
            ps_stack_resolved(s->stack, action.request, &s->flow, 1);
        else if (into)
            keep(into, other, step->now + 1, action.bytes);
    }
}

/* Both sides take turns until neither has anything left to read. */
static void talk(struct pair *p)
{
    struct side *c = &p->client, *s = &p->server;
    while (c->read < c->steps || s->read < s->steps) {
        if (c->read < c->steps)
            feed(c, &c->step[c->read++], p, s);
        if (s->read < s->steps)
            feed(s, &s->step[s->read++], p, c);
    }
}

static void turn(struct side *s, uint64_t now, const char *what)
{
    struct step *step = &s->step[s->steps++];
    must(s->steps < STEPS, "steps");
    step->now = now;
    step->p = what;
    step->n = 0;
}

/* The calls come one after the other, each holds a while, and at the end every timer runs out. */
static void record(struct pair *p)
{
    uint64_t now = 1000;
    unsigned i;
    make(&p->client);
    make(&p->server);
    for (i = 0; i < CALLS; i++, now += APART) {
        turn(&p->client, now, begins);
        talk(p);
        now += HOLD;
        turn(&p->client, now, ends);
        talk(p);
    }
    turn(&p->client, now + QUIET, NULL);
    turn(&p->server, now + QUIET, NULL);
    talk(p);
    must(p->client.over == CALLS && p->server.over == CALLS, "not every call went through");
}

static void replay(struct pair *p, struct side *s)
{
    unsigned i;
    with_sdp = p == &pairs[1];
    make(s);
    for (i = 0; i < s->steps; i++)
        feed(s, &s->step[i], NULL, NULL);
    must(s->over == CALLS, "a call was lost");
}

/* ---- the cases ---- */

static void server_plain(void)
{
    replay(&pairs[0], &pairs[0].server);
}
static void client_plain(void)
{
    replay(&pairs[0], &pairs[0].client);
}
static void server_sdp(void)
{
    replay(&pairs[1], &pairs[1].server);
}
static void client_sdp(void)
{
    replay(&pairs[1], &pairs[1].client);
}

static void prepare(struct pair *p)
{
    p->client.account.aor = PS_S("sip:alice@192.0.2.2");
    p->server.account.aor = PS_S("sip:bob@192.0.2.1");
    p->client.account.contact_user = PS_S("alice");
    p->server.account.contact_user = PS_S("bob");
    ps_address_parse(PS_S("192.0.2.2:5060"), 0, &p->client.flow.local);
    ps_address_parse(PS_S("192.0.2.1:5060"), 0, &p->client.flow.remote);
    p->server.flow.local = p->client.flow.remote;
    p->server.flow.remote = p->client.flow.local;
    with_sdp = p == &pairs[1];
    record(p);
}

int main(int argc, char **argv)
{
    struct bench_case cases[] = {{"a server's call, bodies as bytes", server_plain, 0},
                                 {"a client's call, bodies as bytes", client_plain, 0},
                                 {"a server's call, with SDP", server_sdp, 0},
                                 {"a client's call, with SDP", client_sdp, 0}};
    must(!ps_sdp_parse(ps_slice_of(capabilities), PS_SDP_STRICT, &can, NULL), "capabilities");
    prepare(&pairs[0]);
    prepare(&pairs[1]);
    return bench(cases, sizeof cases / sizeof *cases, CALLS, 0, argc, argv);
}
