/*
 * Shows an application on plainsip: registrations, calls and SDP, started by functions and driven
 * by events. Knows no board, no network and no other stack than its own.
 */
#include "phone.h"

struct phone {
    struct ps_sdp_negotiation negotiation;
    char memory[PS_SDP_MEMORY(384)];
    ps_handle call, registration;
};

static struct phone alice, bob;

/* ---- media ---- */

/* Returns the phone's abilities as SDP, borrowed until the next call. */
static const struct ps_sdp *codecs(const struct party *p)
{
    static char text[256];
    static struct ps_sdp sdp;
    struct ps_writer w = ps_writer(text, sizeof text);
    ps_put(&w, PS_S("v=0\r\no=- 1 1 IN IP4 "));
    ps_put_ip(&w, &p->address, false);
    ps_put(&w, PS_S("\r\ns=-\r\nc=IN IP4 "));
    ps_put_ip(&w, &p->address, false);
    ps_put(&w, PS_S("\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n"
                    "a=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"));
    story_must(ps_sdp_parse(ps_written(&w), PS_SDP_STRICT, &sdp, NULL));
    return &sdp;
}

static void prepare_media(struct phone *f)
{
    ps_sdp_negotiation_init(&f->negotiation, f->memory, sizeof f->memory);
}

/* Tells whether both directions are open, and media goes to where the peer receives. */
static bool talks_to(const struct phone *f, const struct party *peer)
{
    static struct ps_sdp_outcome outcome;
    struct ps_address address;
    return !ps_sdp_outcome(&f->negotiation, 0, &outcome) && outcome.active &&
           outcome.direction == PS_SDP_SENDRECV && outcome.port == 4000 &&
           !ps_ip_parse(outcome.address, &address) && ps_ip_equal(&address, &peer->address);
}

/* ---- alice ---- */

void alice_start(struct party *p, const struct ps_digest_user *user)
{
    static const struct ps_digest_policy policy;
    struct ps_registration_options options;
    ps_digest_client_start(&p->account.digest, user, 1, &policy);
    memset(&options, 0, sizeof options);
    options.account = &p->account;
    options.registrar = PS_S("sip:example.org");
    options.expires = 600;
    story_must(ps_registration_start(p->stack, &options, &alice.registration));
}

static void call_bob(struct party *p)
{
    struct ps_call_options options;
    memset(&options, 0, sizeof options);
    options.account = &p->account;
    options.to = PS_S("sip:bob@bob.example.org");
    options.type = PS_S("application/sdp");
    prepare_media(&alice);
    story_must(ps_sdp_offer(&alice.negotiation, codecs(p), PS_SDP_SENDRECV, &options.body));
    story_must(ps_call_start(p->stack, &options, &alice.call));
}

static void hang_up(struct party *p)
{
    story_must(ps_call_hangup(p->stack, alice.call));
}

void alice_on_event(struct party *p, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REGISTERED) {
        story_happened(REGISTERED, event->expires == 600);
        party_later(1000, ALICE, call_bob);
    } else if (event->kind == PS_EVENT_CALL_PROGRESS) {
        story_happened(ALICE_HEARS_RINGING, event->status == 180);
    } else if (event->kind == PS_EVENT_CALL_ANSWERED) {
        story_must(ps_sdp_accept(&alice.negotiation, ps_body(event->message), NULL));
        story_happened(ANSWERED, talks_to(&alice, &party[BOB]));
    } else if (event->kind == PS_EVENT_CALL_ENDED) {
        story_happened(HUNG_UP, event->status == 200);
        story_must(ps_registration_stop(p->stack, alice.registration));
    } else if (event->kind == PS_EVENT_UNREGISTERED) {
        story_happened(UNREGISTERED, true);
    } else {
        story_fail("something else happened at alice");
    }
}

/* ---- bob ---- */

static void answer(struct party *p)
{
    struct ps_stack *calls = p->stack;
    struct ps_slice body;
    prepare_media(&bob);
    story_must(ps_sdp_answer(&bob.negotiation, ps_call_offer(calls, bob.call), codecs(p),
                             PS_SDP_SENDRECV, &body, NULL));
    story_must(ps_call_answer(calls, bob.call, PS_S("application/sdp"), body));
}

void bob_on_event(struct party *p, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_CALL_INCOMING) {
        story_happened(RINGS_AT_BOB, true);
        bob.call = event->call;
        story_must(ps_call_ring(p->stack, bob.call, 180, PS_NONE, PS_NONE));
        party_later(1000, BOB, answer);
    } else if (event->kind == PS_EVENT_CALL_CONFIRMED) {
        story_happened(CONFIRMED, talks_to(&bob, &party[ALICE]));
        party_later(3000, ALICE, hang_up);
    } else if (event->kind == PS_EVENT_CALL_ENDED) {
        story_happened(HUNG_UP_AT_BOB, event->status == 200);
    } else {
        story_fail("something else happened at bob");
    }
}
