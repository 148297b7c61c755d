/*
 * Registers with a password (MD5), calls and is called, two calls at most: a phone. Included behind
 * plainsip.c by a program that has the bodies: make_offer, make_answer, take_answer.
 */
#ifndef FOOTPRINT_PHONE_H
#define FOOTPRINT_PHONE_H

#include "port.h"

/* Begins a session with nothing agreed on. */
static void begin_session(unsigned line);
static bool make_offer(unsigned line, bool hold, struct ps_slice *body);
static bool make_answer(unsigned line, struct ps_slice offer, struct ps_slice *body);
static bool take_answer(unsigned line, struct ps_slice answer);

enum key { KEY_NONE, KEY_CALL, KEY_HOLD, KEY_RESUME, KEY_HANG_UP };

#define PHONE_LINES 2
static const struct ps_limits limits = PS_LIMITS_FOR(PHONE_LINES, 1, 0, 1500);
static char block[PS_STACK_BYTES_FOR(PHONE_LINES, 1, 0, 1500)];
static struct ps_account account;
static struct ps_stack *stack;
static ps_handle calls[PHONE_LINES];

static const struct ps_flow flow = {
    {PS_IPV4, 5060, 0, {192, 0, 2, 4}}, {PS_IPV4, 5060, 0, {192, 0, 2, 1}}, PS_UDP, false, 0};

/* Finds the line of a call, or a free one for 0; PHONE_LINES where there is none. */
static unsigned line_of(ps_handle call)
{
    unsigned line = 0;
    while (line < PHONE_LINES && calls[line] != call)
        line++;
    return line;
}

static void incoming(const struct ps_event *e)
{
    unsigned line = line_of(0);
    struct ps_slice body;
    if (line == PHONE_LINES) {
        ps_call_reject(stack, e->call, 486, PS_NONE);
        return;
    }
    calls[line] = e->call;
    begin_session(line);
    ps_call_ring(stack, e->call, 180, PS_NONE, PS_NONE);
    if (e->body.n ? make_answer(line, e->body, &body) : make_offer(line, false, &body)) {
        ps_call_answer(stack, e->call, PS_S("application/sdp"), body);
    } else {
        ps_call_reject(stack, e->call, 488, PS_NONE);
        calls[line] = 0;
    }
}

static void offered(const struct ps_event *e, unsigned line)
{
    struct ps_slice body;
    if (e->body.n ? make_answer(line, e->body, &body) : make_offer(line, false, &body))
        ps_call_answer(stack, e->call, PS_S("application/sdp"), body);
    else
        ps_call_reject(stack, e->call, 488, PS_NONE);
}

/* Takes the answer of a 2xx to our INVITE or re-INVITE, or of the ACK to the 2xx with our offer. */
static void answered(const struct ps_event *e, unsigned line)
{
    if (e->body.n && !take_answer(line, e->body))
        ps_call_hangup(stack, e->call);
}

static void on_event(const struct ps_event *e)
{
    unsigned line = e->call ? line_of(e->call) : PHONE_LINES;
    struct ps_response refusal = {.status = 501};
    PORT_SHOW = e->kind;
    PORT_SHOW = e->status;
    if (e->kind == PS_EVENT_CALL_INCOMING)
        incoming(e);
    else if (e->kind == PS_EVENT_REQUEST)
        ps_stack_respond(stack, e->transaction, &refusal);
    if (line == PHONE_LINES)
        return;
    if (e->kind == PS_EVENT_CALL_OFFER)
        offered(e, line);
    else if (e->kind == PS_EVENT_CALL_ANSWERED || e->kind == PS_EVENT_CALL_CONFIRMED ||
             e->kind == PS_EVENT_CALL_ACCEPTED)
        answered(e, line);
    else if (e->kind == PS_EVENT_CALL_ENDED)
        calls[line] = 0;
}

static void start_call(void)
{
    struct ps_call_options options = {
        .account = &account, .to = PS_S("sip:alice@192.0.2.1"), .type = PS_S("application/sdp")};
    unsigned line = line_of(0);
    if (line == PHONE_LINES)
        return;
    begin_session(line);
    if (make_offer(line, false, &options.body))
        PORT_SHOW = ps_call_start(stack, &options, &calls[line]);
}

static void on_key(enum key key)
{
    struct ps_slice body;
    if (key == KEY_CALL)
        start_call();
    else if (key == KEY_HANG_UP)
        ps_call_hangup(stack, calls[0]);
    else if (key != KEY_NONE && make_offer(0, key == KEY_HOLD, &body))
        ps_call_reinvite(stack, calls[0], PS_S("application/sdp"), body);
}

static void act(const struct ps_action *a)
{
    if (a->kind == PS_ACTION_SEND) {
        port_send(a->bytes);
    } else if (a->kind == PS_ACTION_RESOLVE) { /* addresses alone */
        struct ps_flow to = flow;
        bool found = !ps_ip_parse(a->hop.host, &to.remote);
        to.remote.port = a->hop.port ? a->hop.port : 5060;
        ps_stack_resolved(stack, a->request, &to, found);
    } else {
        on_event(&a->event);
    }
}

static void start_phone(void)
{
    static const struct ps_digest_user user = {.username = {"bob", 3}, .password = {"zanzibar", 8}};
    static const struct ps_digest_policy policy = {PS_DIGEST_TOPMOST, PS_HASH_MD5, false};
    struct ps_config config = {.account = &account,
                               .allow = PS_S("INVITE, ACK, BYE, CANCEL"),
                               .accept = PS_S("application/sdp")};
    struct ps_registration_options registration = {
        .account = &account, .registrar = PS_S("sip:192.0.2.1"), .expires = 300};
    ps_handle handle;
    unsigned i;
    account.aor = PS_S("sip:bob@192.0.2.1");
    account.contact_user = PS_S("bob");
    ps_digest_client_start(&account.digest, &user, 1, &policy);
    config.limits = limits;
    config.now = PORT_CLOCK;
    for (i = 0; i < sizeof config.seed; i++)
        config.seed[i] = PORT_RANDOM;
    stack = ps_stack_init(block, sizeof block, &config);
    PORT_SHOW = ps_registration_start(stack, &registration, &handle);
}

int main(void)
{
    static char in[PS_MAX_MESSAGE];
    struct ps_action action;
    start_phone();
    for (;;) {
        size_t n = port_receive(in, sizeof in);
        ps_stack_set_now(stack, PORT_CLOCK);
        on_key((enum key)PORT_KEY);
        if (n)
            ps_stack_receive(stack, PORT_CLOCK, &flow, ps_slice(in, n));
        while (ps_stack_pull(stack, PORT_CLOCK, &action))
            act(&action);
    }
}

#endif
