/*
 * One INVITE with an offer comes, is answered 180 and 200, and all that is to be sent is pulled: a
 * stack played by hand, in a build whose every function says that it was entered (walk.sh). Prints
 * the address of each, in order. Knows neither files nor names, which addr2line does.
 */
#include <stdio.h>
#include <string.h>

#include "sip/stack.h"

/* Gives what functions of calls take first; an older tree had a table of calls beside the stack. */
#ifndef WALK_CALLS
#define WALK_CALLS(stack) (stack)
#endif

#define QUIET __attribute__((no_instrument_function))

void __cyg_profile_func_enter(void *function, void *site) QUIET;
void __cyg_profile_func_exit(void *function, void *site) QUIET;
int main(void) QUIET;

static bool walking;

void __cyg_profile_func_enter(void *function, void *site)
{
    (void)site;
    if (walking)
        printf("%p\n", function);
}

void __cyg_profile_func_exit(void *function, void *site)
{
    (void)function;
    (void)site;
}

static const char invite[] =
    "INVITE sip:bob@192.0.2.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK776asdhds;rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: \"Alice\" <sip:alice@example.com>;tag=1928301774\r\n"
    "To: <sip:bob@example.com>\r\n"
    "Call-ID: a84b4c76e66710\r\n"
    "CSeq: 314159 INVITE\r\n"
    "Contact: <sip:alice@192.0.2.2>\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 109\r\n"
    "\r\n"
    "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

/* Plays the application, which rings and then takes the call, and the driver, which pulls. */
QUIET static unsigned play(struct ps_stack *stack, const struct ps_flow *flow)
{
    struct ps_action a;
    unsigned final = 0;
    while (ps_stack_pull(stack, 1, &a)) {
        if (a.kind == PS_ACTION_RESOLVE)
            ps_stack_resolved(stack, a.request, flow, 1);
        else if (a.kind == PS_ACTION_SEND && a.bytes.n > 12 &&
                 !memcmp(a.bytes.p, "SIP/2.0 200 ", 12))
            final = 200;
        else if (a.kind == PS_ACTION_EVENT && a.event.kind == PS_EVENT_CALL_INCOMING) {
            ps_handle call = a.event.call;
            ps_call_ring(WALK_CALLS(stack), call, 180, PS_NONE, PS_NONE);
            while (ps_stack_pull_send(stack, &a))
                ;
            ps_call_answer(WALK_CALLS(stack), call, PS_S("application/sdp"),
                           PS_S("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"
                                "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"));
        }
    }
    return final;
}

int main(void)
{
    static struct ps_account account;
    static union {
        char bytes[1 << 20];
        uint64_t aligned;
    } block;
    struct ps_config config = {.limits = {.transactions = 16,
                                          .requests = 16,
                                          .dialogs = 4,
                                          .calls = 4,
                                          .message_bytes = 4096,
                                          .per_source = 4,
                                          .kept = {{512, 32}, {1536, 32}}},
                               .seed = {1},
                               .account = &account};
    struct ps_flow flow = {.local = {.family = PS_IPV4, .port = 5060, .ip = {192, 0, 2, 1}},
                           .remote = {.family = PS_IPV4, .port = 5060, .ip = {192, 0, 2, 2}}};
    struct ps_stack *stack = ps_stack_init(&block, sizeof block, &config);
    if (!stack)
        return 1;
    walking = true;
    ps_stack_receive(stack, 1, &flow, ps_slice(invite, sizeof invite - 1));
    if (play(stack, &flow) != 200)
        return 1;
    walking = false;
    return 0;
}
