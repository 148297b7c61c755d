/*
 * Covers the rows of calls, dialogs and the user agent core that a whole stack shows in virtual
 * time: A and C as caller, D, F, G and H as the one who is called. Each test is named by its row.
 * Does not cover: 100rel (D19), streams (H6, H10 to H13).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "sut.h"

static struct sut s;

/* Says what the application does with a call that comes in. */
static struct {
    unsigned ring, status;
} plan;

static struct ps_stack *calls(void)
{
    return s.stack;
}

static void application(struct sut *sut, const struct ps_event *event)
{
    static const struct ps_response ok = {.status = 200};
    (void)sut;
    if (event->kind == PS_EVENT_REQUEST)
        ck_assert_int_eq(ps_stack_respond(s.stack, event->transaction, &ok), PS_OK);
    if (event->kind == PS_EVENT_CALL_OFFER)
        ck_assert_int_eq(ps_call_answer(calls(), event->call, PS_NONE, PS_NONE), PS_OK);
    if (event->kind != PS_EVENT_CALL_INCOMING)
        return;
    if (plan.ring)
        ck_assert_int_eq(ps_call_ring(calls(), event->call, plan.ring, PS_NONE, PS_NONE), PS_OK);
    if (plan.status == 200)
        ck_assert_int_eq(
            ps_call_answer(calls(), event->call, PS_S("application/sdp"), PS_S("v=0\r\n")), PS_OK);
    else if (plan.status)
        ck_assert_int_eq(ps_call_reject(calls(), event->call, plan.status, PS_NONE), PS_OK);
}

static void setup(void)
{
    memset(&plan, 0, sizeof plan);
    sut_start_stack(&s, application);
}

static void teardown(void)
{
    sut_free(&s);
}

/* ---- as caller ---- */

static ps_handle call(void)
{
    struct ps_call_options options = {.account = &s.account};
    ps_handle h = 0;
    options.to = PS_S("sip:t@192.0.2.2");
    options.type = PS_S("application/sdp");
    options.body = PS_S("v=0\r\n");
    ck_assert_int_eq(ps_call_start(calls(), &options, &h), PS_OK);
    sut_pull(&s);
    return h;
}

/* The nth message sent whose text begins so, from 0. */
static struct ps_slice nth(const char *start, unsigned n)
{
    unsigned i;
    for (i = 0; i < s.sent_n; i++)
        if (strncmp(s.sent[i].text, start, strlen(start)) == 0 && n-- == 0)
            return sut_sent_text(&s, i);
    ck_abort_msg("no such message: %s", start);
    return PS_NONE;
}

static void answer(const char *request, unsigned status, const char *tag)
{
    sut_feed(&s, sut_response_text(nth(request, 0), status, tag));
}

static struct ps_message parsed[2];

static const struct ps_message *parse(unsigned i, struct ps_slice text)
{
    ck_assert_int_eq(ps_message_parse(&parsed[i], text.p, text.n, NULL, NULL), PS_OK);
    return &parsed[i];
}

static void same(enum ps_header_id id)
{
    ck_assert(ps_equal(ps_header_value(&parsed[0], id, 0), ps_header_value(&parsed[1], id, 0)));
}

static void end_call(ps_handle h)
{
    unsigned byes = sut_count(&s, "BYE");
    ck_assert_int_eq(ps_call_hangup(calls(), h), PS_OK);
    sut_pull(&s);
    sut_feed(&s, sut_response_text(nth("BYE", byes), 200, "x"));
}

START_TEST(A7_the_ack_for_a_2xx)
{
    ps_handle h = call();
    sut_run(&s, 200);
    answer("INVITE", 200, "x");
    ck_assert_uint_eq(sut_count(&s, "ACK"), 1);
    parse(0, nth("INVITE", 0));
    parse(1, nth("ACK", 0));
    ck_assert(!ps_equal(ps_via_branch(&parsed[0]), ps_via_branch(&parsed[1])));
    ck_assert(ps_equal(ps_request_uri(&parsed[1]), PS_S("sip:tester@192.0.2.2:5070")));
    ck_assert_uint_eq(parsed[1].cseq, parsed[0].cseq);
    ck_assert(ps_equal(ps_to_tag(&parsed[1]), PS_S("x")));
    same(PS_H_CALL_ID);
    same(PS_H_FROM);
    end_call(h);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(A8_each_200_gets_the_same_ack)
{
    static const uint64_t at[] = {200,   700,   1700,  3700,  7700, 11700,
                                  15700, 19700, 23700, 27700, 31700};
    unsigned i;
    ps_handle h = call();
    for (i = 0; i < sizeof at / sizeof *at; i++) {
        sut_run(&s, at[i]);
        answer("INVITE", 200, "x");
    }
    sut_expect_sent(&s, "ACK", at, sizeof at / sizeof *at);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ANSWERED), 1);
    end_call(h);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(A9_two_2xx_of_a_fork)
{
    ps_handle h = call();
    sut_run(&s, 200);
    answer("INVITE", 200, "x");
    sut_run(&s, 400);
    answer("INVITE", 200, "y");
    ck_assert_uint_eq(sut_count(&s, "ACK"), 2);
    ck_assert(ps_equal(ps_to_tag(parse(0, nth("ACK", 1))), PS_S("y")));
    ck_assert_uint_eq(sut_count(&s, "BYE"), 1);
    ck_assert(ps_equal(ps_to_tag(parse(0, nth("BYE", 0))), PS_S("y")));
    answer("BYE", 200, "y");
    sut_run(&s, 1000);
    answer("INVITE", 200, "y");
    ck_assert_uint_eq(sut_count(&s, "ACK"), 3);
    end_call(h);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(A11_early_dialogs_end_with_the_call)
{
    call();
    answer("INVITE", 180, "x");
    answer("INVITE", 183, "y");
    answer("INVITE", 486, "z");
    ck_assert_uint_eq(sut_count(&s, "ACK"), 1);
    ck_assert(ps_equal(ps_to_tag(parse(0, nth("ACK", 0))), PS_S("z")));
    ck_assert_uint_eq(sut_event(&s, PS_EVENT_CALL_ENDED)->status, 486);
    ck_assert_uint_eq(ps_stack_live(s.stack).dialogs, 0);
    sut_end(&s, 40000);
}
END_TEST

/* The next INVITE after the ACK: same call, CSeq + 1, another branch. */
static void next_invite(void)
{
    unsigned i, ack = 0, again = 0;
    for (i = 1; i < s.sent_n; i++) {
        ack = strncmp(s.sent[i].text, "ACK", 3) == 0 ? i : ack;
        again = strncmp(s.sent[i].text, "INVITE", 6) == 0 ? i : again;
    }
    ck_assert(ack && again > ack);
    parse(0, nth("INVITE", 0));
    parse(1, sut_sent_text(&s, again));
    ck_assert_uint_eq(parsed[1].cseq, parsed[0].cseq + 1);
    ck_assert(!ps_equal(ps_via_branch(&parsed[0]), ps_via_branch(&parsed[1])));
    same(PS_H_CALL_ID);
    same(PS_H_FROM);
    ck_assert_uint_eq(ps_to_tag(&parsed[1]).n, 0);
}

static void challenge(unsigned status)
{
    static char text[SUT_TEXT];
    struct ps_slice plain = sut_response_text(nth("INVITE", 0), status, "x");
    struct ps_writer w = ps_writer(text, sizeof text);
    ps_put(&w, ps_slice(plain.p, plain.n - strlen("Content-Length: 0\r\n\r\n")));
    ps_put_string(&w, status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate");
    ps_put_string(&w,
                  ": Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n");
    sut_feed(&s, ps_written(&w));
}

static void challenged(unsigned status, enum ps_header_id credentials)
{
    static struct ps_digest_user user;
    ps_handle h;
    user.username = PS_S("u");
    user.password = PS_S("p");
    ps_digest_client_start(&s.account.digest, &user, 1, &(struct ps_digest_policy){0});
    h = call();
    challenge(status);
    next_invite();
    ck_assert_uint_gt(ps_header_value(&parsed[1], credentials, 0).n, 0);
    sut_feed(&s, sut_response_text(nth("INVITE", 1), 200, "y"));
    parse(0, nth("ACK", 1));
    same(credentials); /* 22.1: repeated in the ACK */
    end_call(h);
    ps_digest_client_end(&s.account.digest);
    sut_end(&s, 40000);
}

START_TEST(A15_a_401_is_acked_then_answered)
{
    challenged(401, PS_H_AUTHORIZATION);
}
END_TEST

START_TEST(A15_a_407_is_acked_then_answered)
{
    challenged(407, PS_H_PROXY_AUTHORIZATION);
}
END_TEST

START_TEST(A15_a_302_is_acked_then_followed)
{
    ps_handle h = call();
    sut_run(&s, 200);
    answer("INVITE", 302, "x");
    next_invite();
    ck_assert(ps_equal(ps_request_uri(&parsed[1]), PS_S("sip:tester@192.0.2.2:5070")));
    sut_feed(&s, sut_response_text(nth("INVITE", 1), 200, "y"));
    end_call(h);
    sut_end(&s, 40000);
}
END_TEST

static void hang_up(ps_handle h)
{
    ck_assert_int_eq(ps_call_hangup(calls(), h), PS_OK);
    sut_pull(&s);
}

START_TEST(C1_cancel_waits_for_a_provisional)
{
    ps_handle h = call();
    sut_run(&s, 300);
    hang_up(h);
    sut_run(&s, 1600);
    ck_assert_uint_eq(sut_count(&s, "CANCEL"), 0);
    answer("INVITE", 100, "");
    SUT_SENT_AT(&s, "INVITE", 0, 500, 1500);
    SUT_SENT_AT(&s, "CANCEL", 1600);
    answer("CANCEL", 200, "x");
    answer("INVITE", 487, "x");
    ck_assert_uint_eq(sut_event(&s, PS_EVENT_CALL_ENDED)->status, 487);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(C2_cancel_is_a_transaction_of_its_own)
{
    ps_handle h = call();
    sut_run(&s, 200);
    answer("INVITE", 180, "x");
    sut_run(&s, 1000);
    hang_up(h);
    sut_run(&s, 90000);
    SUT_SENT_AT(&s, "CANCEL", 1000, 1500, 2500, 4500, 8500, 12500, 16500, 20500, 24500, 28500,
                32500);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ENDED), 1);
    sut_end(&s, 0);
}
END_TEST

START_TEST(C3_the_cancel)
{
    ps_handle h = call();
    answer("INVITE", 180, "x");
    hang_up(h);
    parse(0, nth("INVITE", 0));
    parse(1, nth("CANCEL", 0));
    ck_assert(ps_equal(ps_request_uri(&parsed[0]), ps_request_uri(&parsed[1])));
    same(PS_H_VIA);
    same(PS_H_CALL_ID);
    same(PS_H_TO);
    same(PS_H_FROM);
    same(PS_H_ROUTE);
    ck_assert_uint_eq(ps_to_tag(&parsed[1]).n, 0);
    ck_assert_uint_eq(parsed[1].cseq, parsed[0].cseq);
    ck_assert_int_eq(parsed[1].cseq_method, PS_METHOD_CANCEL);
    ck_assert_ptr_null(ps_header_value(&parsed[1], PS_H_VIA, 1).p);
    ck_assert_ptr_null(ps_header_value(&parsed[1], PS_H_REQUIRE, 0).p);
    ck_assert_ptr_null(ps_header_value(&parsed[1], PS_H_PROXY_REQUIRE, 0).p);
    ck_assert_uint_eq(ps_body(&parsed[1]).n, 0);
    answer("CANCEL", 200, "x");
    answer("INVITE", 487, "x");
    sut_end(&s, 40000);
}
END_TEST

START_TEST(C4_no_final_after_the_cancel)
{
    ps_handle h = call();
    answer("INVITE", 180, "x");
    sut_run(&s, 1000);
    hang_up(h);
    answer("CANCEL", 200, "x");
    sut_run(&s, 32999);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ENDED), 0);
    sut_run(&s, 33000);
    ck_assert_uint_eq(sut_event(&s, PS_EVENT_CALL_ENDED)->status, 487);
    sut_end(&s, 40000);
    ck_assert_uint_eq(sut_count(&s, "CANCEL"), 1);
}
END_TEST

START_TEST(C5_cancel_crosses_a_200)
{
    ps_handle h = call();
    answer("INVITE", 180, "x");
    hang_up(h);
    answer("INVITE", 200, "x");
    ck_assert_uint_eq(sut_count(&s, "ACK"), 1);
    ck_assert_uint_eq(sut_count(&s, "BYE"), 1);
    answer("CANCEL", 200, "x");
    answer("BYE", 200, "x");
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ENDED), 1);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(C6_487_is_acked)
{
    ps_handle h = call();
    answer("INVITE", 180, "x");
    hang_up(h);
    answer("CANCEL", 200, "x");
    answer("INVITE", 487, "x");
    parse(0, nth("INVITE", 0));
    parse(1, nth("ACK", 0));
    same(PS_H_VIA);
    ck_assert(ps_equal(ps_to_tag(&parsed[1]), PS_S("x")));
    ck_assert_uint_eq(sut_count(&s, "ACK"), 1);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(C7_no_cancel_after_a_final)
{
    ps_handle h = call();
    answer("INVITE", 180, "x");
    answer("INVITE", 486, "x");
    ck_assert_int_ne(ps_call_hangup(calls(), h), PS_OK);
    h = call();
    sut_feed(&s, sut_response_text(nth("INVITE", 1), 200, "y"));
    end_call(h);
    sut_end(&s, 40000);
    ck_assert_uint_eq(sut_count(&s, "CANCEL"), 0);
}
END_TEST

/* ---- as the one who is called ---- */

static void feed(const char *method, const char *branch, unsigned cseq, const char *to_tag)
{
    char via[64];
    struct sut_request r = {.via = via};
    snprintf(via, sizeof via, "192.0.2.2:5060;branch=%s", branch);
    r.method = method;
    r.cseq = cseq;
    r.to_tag = to_tag;
    sut_feed(&s, sut_request_text(&r));
}

static void invite(void)
{
    feed("INVITE", "z9hG4bKi", 1, NULL);
}

/* The tag that the stack has put into its responses. */
static const char *our_tag(void)
{
    static char tag[32];
    unsigned i = s.sent_n;
    while (i-- > 0)
        if (strncmp(s.sent[i].text, "SIP/2.0", 7) == 0 &&
            ps_to_tag(parse(0, sut_sent_text(&s, i))).n)
            break;
    snprintf(tag, sizeof tag, "%.*s", (int)ps_to_tag(&parsed[0]).n, ps_to_tag(&parsed[0]).p);
    return tag;
}

static void ack_2xx(const char *branch)
{
    feed("ACK", branch, 1, our_tag());
}

/* The tester hangs up. */
static void bye(unsigned cseq)
{
    unsigned oks = sut_count(&s, "SIP/2.0 200");
    feed("BYE", "z9hG4bKbye", cseq, our_tag());
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), oks + 1);
}

#define TWOHUNDRED_AT 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500

START_TEST(D10_200_without_ack)
{
    plan.status = 200;
    s.flow.reliable = _i;
    invite();
    sut_run(&s, 31999);
    SUT_SENT_AT(&s, "SIP/2.0 200", TWOHUNDRED_AT);
    ck_assert_uint_eq(sut_count(&s, "BYE"), 0);
    sut_run(&s, 32000);
    SUT_SENT_AT(&s, "BYE", 32000);
    answer("BYE", 200, "f1");
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ENDED), 1);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(D11_D14_ack_stops_the_200)
{
    plan.status = 200;
    invite();
    sut_run(&s, 2000);
    ack_2xx("z9hG4bKack");
    sut_run(&s, 5000);
    ack_2xx("z9hG4bKack");
    sut_run(&s, 40000);
    SUT_SENT_AT(&s, "SIP/2.0 200", 0, 500, 1500);
    ck_assert_uint_eq(s.sent_n, 3);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_CONFIRMED), 1);
    bye(2);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(D12_D13_the_invite_again_after_its_200)
{
    static const uint64_t at[] = {2500, 10000, 31000};
    unsigned i;
    plan.status = 200;
    invite();
    sut_run(&s, 2000);
    ack_2xx("z9hG4bKack");
    for (i = 0; i < 3; i++) {
        sut_run(&s, at[i]);
        invite();
    }
    SUT_SENT_AT(&s, "SIP/2.0 200", 0, 500, 1500);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_INCOMING), 1);
    sut_run(&s, 33000);
    bye(2);
    plan.status = 486;
    invite();
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_INCOMING), 2);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(D17_the_ack_has_the_invites_branch)
{
    plan.status = 200;
    invite();
    sut_run(&s, 700);
    ack_2xx("z9hG4bKi");
    sut_run(&s, 40000);
    SUT_SENT_AT(&s, "SIP/2.0 200", 0, 500);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_CONFIRMED), 1);
    bye(2);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(D18_a_provisional_each_minute)
{
    unsigned i;
    plan.ring = 180;
    invite();
    sut_run(&s, 280000);
    ck_assert_int_eq(ps_call_ring(calls(), s.event[0].event.call, 180, PS_NONE, PS_NONE), PS_OK);
    sut_run(&s, 280000 + 299999);
    ck_assert_uint_eq(s.sent_n, 10);
    for (i = 0; i < 10; i++) {
        ck_assert_uint_eq(s.sent[i].at, i < 5 ? 60000 * i : 280000 + 60000 * (i - 5));
        ck_assert(strncmp(s.sent[i].text, "SIP/2.0 180", 11) == 0);
    }
    ck_assert_int_eq(ps_call_reject(calls(), s.event[0].event.call, 486, PS_NONE), PS_OK);
    sut_end(&s, 40000);
}
END_TEST

/* 300 s after the user's last sign, as the transaction's guard would. */
START_TEST(D18_nothing_rings_for_ever)
{
    plan.ring = 180;
    invite();
    sut_run(&s, 299999);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ENDED), 0);
    sut_run(&s, 300000);
    ck_assert_uint_eq(sut_event(&s, PS_EVENT_CALL_ENDED)->status, 480);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 180"), 5);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 480"), 1);
    sut_end(&s, 40000);
}
END_TEST

static void cancel(const char *via)
{
    struct sut_request r = {.method = "CANCEL"};
    r.via = via;
    sut_feed(&s, sut_request_text(&r));
}
#define INVITES_VIA "192.0.2.2:5060;branch=z9hG4bKi"

START_TEST(F1_cancel_while_it_rings)
{
    char tag[32];
    plan.ring = 180;
    invite();
    strcpy(tag, our_tag());
    sut_run(&s, 1000);
    cancel(INVITES_VIA);
    ck_assert(ps_equal(ps_to_tag(parse(0, nth("SIP/2.0 200", 0))), ps_slice_of(tag)));
    ck_assert_int_eq(parsed[0].cseq_method, PS_METHOD_CANCEL);
    ck_assert(ps_equal(ps_to_tag(parse(0, nth("SIP/2.0 487", 0))), ps_slice_of(tag)));
    ck_assert_uint_eq(sut_event(&s, PS_EVENT_CALL_ENDED)->status, 487);
    sut_run(&s, 5000);
    feed("ACK", "z9hG4bKi", 1, tag);
    sut_end(&s, 40000);
    SUT_SENT_AT(&s, "SIP/2.0 487", 1000, 1500, 2500, 4500);
}
END_TEST

START_TEST(F2_cancel_twice)
{
    plan.ring = 180;
    invite();
    cancel(INVITES_VIA);
    sut_run(&s, 200);
    cancel(INVITES_VIA);
    SUT_SENT_AT(&s, "SIP/2.0 200", 0, 200);
    SUT_SENT_AT(&s, "SIP/2.0 487", 0);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ENDED), 1);
    feed("ACK", "z9hG4bKi", 1, our_tag());
    sut_end(&s, 40000);
}
END_TEST

static void cancel_of_another(const char *via)
{
    plan.ring = 180;
    invite();
    cancel(via);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 481"), 1);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ENDED), 0);
    ck_assert_int_eq(ps_call_answer(calls(), s.event[0].event.call, PS_NONE, PS_NONE), PS_OK);
    sut_pull(&s);
    ack_2xx("z9hG4bKack");
    bye(2);
    sut_end(&s, 40000);
}

START_TEST(F3_cancel_with_another_branch)
{
    cancel_of_another("192.0.2.2:5060;branch=z9hG4bKother");
}
END_TEST

START_TEST(F4_cancel_with_another_host)
{
    cancel_of_another("192.0.2.3:5060;branch=z9hG4bKi");
}
END_TEST

START_TEST(F4_cancel_with_another_port)
{
    cancel_of_another("192.0.2.2:5061;branch=z9hG4bKi");
}
END_TEST

START_TEST(F5_cancel_after_the_200)
{
    plan.status = 200;
    invite();
    cancel(INVITES_VIA);
    ck_assert_int_eq(parse(0, sut_last(&s))->cseq_method, PS_METHOD_CANCEL);
    ck_assert_uint_eq(parsed[0].status, 200);
    ack_2xx("z9hG4bKack");
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_CONFIRMED), 1);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ENDED), 0);
    bye(2);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(F6_cancel_after_486)
{
    plan.status = 486;
    invite();
    cancel(INVITES_VIA);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 487"), 0);
    feed("ACK", "z9hG4bKi", 1, our_tag());
    sut_end(&s, 40000);
}
END_TEST

START_TEST(F7_cancel_for_an_options)
{
    feed("OPTIONS", "z9hG4bKi", 1, NULL);
    cancel(INVITES_VIA);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 481"), 1);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(F8_cancel_before_its_invite)
{
    plan.ring = 180;
    cancel(INVITES_VIA);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 481"), 1);
    invite();
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 180"), 1);
    ck_assert_int_eq(ps_call_reject(calls(), s.event[0].event.call, 486, PS_NONE), PS_OK);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(F9_cancel_with_require)
{
    static const struct sut_request r = {
        .method = "CANCEL", .via = INVITES_VIA, .lines = "Require: foo\r\n"};
    plan.ring = 180;
    invite();
    sut_feed(&s, sut_request_text(&r));
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 420"), 0);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 487"), 1);
    feed("ACK", "z9hG4bKi", 1, our_tag());
    sut_end(&s, 40000);
}
END_TEST

START_TEST(F10_an_ack_is_never_answered)
{
    static const struct sut_request require = {.method = "ACK", .lines = "Require: foo\r\n"};
    static const struct sut_request cseq = {.method = "ACK", .cseq_text = "nonsense"};
    static const struct sut_request uri = {.method = "ACK", .uri = "sip:<>"};
    feed("ACK", "z9hG4bKstray", 1, NULL);
    feed("ACK", "z9hG4bKstray", 1, "nodialog");
    sut_feed(&s, sut_request_text(&require));
    sut_feed(&s, sut_request_text(&cseq));
    sut_feed(&s, sut_request_text(&uri));
    sut_feed(
        &s,
        PS_S("ACK sip:b@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n\r\n"));
    sut_end(&s, 40000);
    ck_assert_uint_eq(s.sent_n, 0);
}
END_TEST

START_TEST(F11_cancel_with_another_uri_and_cseq)
{
    static const struct sut_request r = {
        .method = "CANCEL", .via = INVITES_VIA, .uri = "sip:c@192.0.2.1", .cseq = 9};
    plan.ring = 180;
    invite();
    sut_feed(&s, sut_request_text(&r));
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 487"), 1);
    feed("ACK", "z9hG4bKi", 1, our_tag());
    sut_end(&s, 40000);
}
END_TEST

START_TEST(G3_a_merged_invite_gets_482)
{
    plan.ring = 180;
    invite();
    feed("INVITE", "z9hG4bKfork", 1, NULL);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 482"), 1);
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_INCOMING), 1);
    ck_assert_int_eq(ps_call_reject(calls(), s.event[0].event.call, 486, PS_NONE), PS_OK);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(G5_no_such_dialog)
{
    feed("BYE", "z9hG4bKg5", 2, "nobody");
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 481"), 1);
    feed("INFO", "z9hG4bKg5i", 2, "nobody");
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 481"), 2);
    feed("ACK", "z9hG4bKg5a", 2, "nobody");
    ck_assert_uint_eq(s.sent_n, 2);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(G9_max_forwards_0)
{
    static const struct sut_request r = {.method = "OPTIONS", .max_forwards = "0"};
    sut_feed(&s, sut_request_text(&r));
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(G10_our_own_via_is_in_it)
{
    static const struct sut_request r = {
        .method = "OPTIONS", .lines = "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours\r\n"};
    sut_feed(&s, sut_request_text(&r));
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    sut_end(&s, 40000);
}
END_TEST

static void confirmed_call(void)
{
    plan.status = 200;
    invite();
    ack_2xx("z9hG4bKack");
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_CONFIRMED), 1);
}

/* Decided: 500 for an equal one, too; a copy has its branch and comes no further. */
START_TEST(G11_cseq_out_of_order)
{
    confirmed_call();
    feed("INFO", "z9hG4bKn5", 5, our_tag());
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 500"), 0);
    feed("INFO", "z9hG4bKn4", 4, our_tag());
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 500"), 1);
    feed("INFO", "z9hG4bKn5again", 5, our_tag());
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 500") + sut_count(&s, "SIP/2.0 482"), 2);
    bye(6);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(G12_an_invite_while_the_first_has_no_final)
{
    uint32_t after;
    plan.ring = 180;
    invite();
    feed("INVITE", "z9hG4bKi2", 2, our_tag());
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 500"), 1);
    after = ps_header_number(parse(0, nth("SIP/2.0 500", 0)), PS_H_RETRY_AFTER, 99);
    ck_assert_uint_le(after, 10);
    ck_assert_int_eq(ps_call_reject(calls(), s.event[0].event.call, 486, PS_NONE), PS_OK);
    sut_end(&s, 40000);
}
END_TEST

/* Our re-INVITE meets theirs; ours is refused with 491 and comes again (14.1: we do not own the
 * Call-ID, 0 to 2 s in steps of 10 ms). */
START_TEST(G13_invites_cross)
{
    uint64_t again;
    confirmed_call();
    ck_assert_int_eq(
        ps_call_reinvite(calls(), s.event[0].event.call, PS_S("application/sdp"), PS_S("v=0\r\n")),
        PS_OK);
    sut_pull(&s);
    feed("INVITE", "z9hG4bKre", 2, our_tag());
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 491"), 1);
    sut_run(&s, 100);
    answer("INVITE", 491, "f1");
    sut_run(&s, 2100);
    ck_assert_uint_ge(sut_count(&s, "INVITE"), 2);
    parse(0, nth("INVITE", 0));
    parse(1, nth("INVITE", 1));
    ck_assert_uint_eq(parsed[1].cseq, parsed[0].cseq + 1);
    for (again = 0;
         s.sent[again].n != nth("INVITE", 1).n || s.sent[again].text != nth("INVITE", 1).p;)
        again++;
    ck_assert_uint_eq((s.sent[again].at - 100) % 10, 0);
    sut_feed(&s, sut_response_text(nth("INVITE", 1), 200, "f1"));
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ACCEPTED), 1);
    bye(3);
    sut_end(&s, 40000);
}
END_TEST

/* As owner of the Call-ID: 2.1 to 4.0 s. */
START_TEST(G13_the_callers_491)
{
    static char text[SUT_TEXT];
    ps_handle h = call();
    unsigned i;
    answer("INVITE", 200, "x");
    ck_assert_int_eq(ps_call_reinvite(calls(), h, PS_S("application/sdp"), PS_S("v=0\r\n")), PS_OK);
    sut_pull(&s);
    (void)text;
    sut_feed(&s, sut_response_text(nth("INVITE", 1), 491, "x"));
    sut_run(&s, 2099);
    ck_assert_uint_eq(sut_count(&s, "INVITE"), 2);
    sut_run(&s, 4000);
    ck_assert_uint_ge(sut_count(&s, "INVITE"), 3);
    for (i = 0; i < s.sent_n; i++)
        if (s.sent[i].text == nth("INVITE", 2).p)
            ck_assert_uint_eq(s.sent[i].at % 10, 0);
    sut_feed(&s, sut_response_text(nth("INVITE", 2), 200, "x"));
    end_call(h);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(G14_bye_before_the_final)
{
    plan.ring = 180;
    invite();
    feed("BYE", "z9hG4bKbye", 2, our_tag());
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 487"), 1);
    feed("ACK", "z9hG4bKi", 1, our_tag());
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ENDED), 1);
    sut_end(&s, 40000);
}
END_TEST

/* Decided: 2^31 and more is 400. */
START_TEST(G15_cseq_at_its_bounds)
{
    static const char *const cseq[] = {"2147483647", "2147483648", "4294967295", "4294967296",
                                       "99999999999999999999"};
    struct sut_request r = {.method = "OPTIONS"};
    char via[64];
    unsigned i;
    for (i = 0; i < 5; i++) {
        snprintf(via, sizeof via, "192.0.2.2:5060;branch=z9hG4bKc%u", i);
        r.via = via;
        r.cseq_text = cseq[i];
        sut_feed(&s, sut_request_text(&r));
    }
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 400"), 4);
    sut_end(&s, 40000);
}
END_TEST

/* ---- 18.3: framing ---- */

static unsigned body_seen;

static void takes_message(struct sut *sut, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REQUEST)
        body_seen = (unsigned)ps_body(event->message).n;
    application(sut, event);
}

static void message_with(const char *length, const char *body)
{
    static char text[SUT_TEXT];
    snprintf(
        text, sizeof text,
        "MESSAGE sip:b@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKm\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>\r\n"
        "Call-ID: m@tester\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n%s\r\n%s",
        length, body);
    s.application = takes_message;
    body_seen = 9999;
    sut_feed(&s, ps_slice_of(text));
}

START_TEST(H7_no_content_length)
{
    message_with("", "twelve bytes");
    ck_assert_uint_eq(body_seen, 12);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(H8_content_length_too_large)
{
    struct ps_slice response;
    static char text[SUT_TEXT];
    ps_handle h;
    message_with("Content-Length: 13\r\n", "twelve bytes");
    ck_assert_uint_eq(body_seen, 9999);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 400"), 1);
    h = call();
    response = sut_response_text(nth("INVITE", 0), 200, "x");
    memcpy(text, response.p, response.n);
    *strstr(text, "Content-Length: 0") = 'X'; /* an unknown header, then one that is too large */
    memcpy(text + response.n - 2, "l: 5\r\n\r\n", 9);
    sut_feed(&s, ps_slice_of(text));
    ck_assert_uint_eq(sut_events(&s, PS_EVENT_CALL_ANSWERED), 0);
    ck_assert_uint_eq(sut_count(&s, "ACK"), 0);
    hang_up(h);
    sut_end(&s, 80000);
}
END_TEST

START_TEST(H9_content_length_too_small)
{
    message_with("Content-Length: 6\r\n", "twelve bytes");
    ck_assert_uint_eq(body_seen, 6);
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 1);
    sut_end(&s, 40000);
}
END_TEST

START_TEST(H15_no_answer_where_a_bad_via_says)
{
    static const char *const vias[] = {"203.0.113.66:99999;branch=z9hG4bKx",
                                       "203.0.113.66 203.0.113.67", ";;;",
                                       "[203.0.113.66]:5060;branch=z9hG4bKx", ""};
    struct sut_request r = {.method = "OPTIONS"};
    unsigned i;
    for (i = 0; i < sizeof vias / sizeof *vias; i++) {
        r.via = vias[i];
        sut_feed(&s, sut_request_text(&r));
    }
    for (i = 0; i < s.sent_n; i++)
        ck_assert(ps_ip_equal(&s.sent[i].flow.remote, &s.flow.remote));
    ck_assert_uint_eq(sut_count(&s, "SIP/2.0 200"), 0);
    sut_end(&s, 40000);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("rows: call");
    TCase *t = tcase_create("A, C, D, F, G, H");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, A7_the_ack_for_a_2xx);
    tcase_add_test(t, A8_each_200_gets_the_same_ack);
    tcase_add_test(t, A9_two_2xx_of_a_fork);
    tcase_add_test(t, A11_early_dialogs_end_with_the_call);
    tcase_add_test(t, A15_a_401_is_acked_then_answered);
    tcase_add_test(t, A15_a_407_is_acked_then_answered);
    tcase_add_test(t, A15_a_302_is_acked_then_followed);
    tcase_add_test(t, C1_cancel_waits_for_a_provisional);
    tcase_add_test(t, C2_cancel_is_a_transaction_of_its_own);
    tcase_add_test(t, C3_the_cancel);
    tcase_add_test(t, C4_no_final_after_the_cancel);
    tcase_add_test(t, C5_cancel_crosses_a_200);
    tcase_add_test(t, C6_487_is_acked);
    tcase_add_test(t, C7_no_cancel_after_a_final);
    tcase_add_loop_test(t, D10_200_without_ack, 0, 2);
    tcase_add_test(t, D11_D14_ack_stops_the_200);
    tcase_add_test(t, D12_D13_the_invite_again_after_its_200);
    tcase_add_test(t, D17_the_ack_has_the_invites_branch);
    tcase_add_test(t, D18_a_provisional_each_minute);
    tcase_add_test(t, D18_nothing_rings_for_ever);
    tcase_add_test(t, F1_cancel_while_it_rings);
    tcase_add_test(t, F2_cancel_twice);
    tcase_add_test(t, F3_cancel_with_another_branch);
    tcase_add_test(t, F4_cancel_with_another_host);
    tcase_add_test(t, F4_cancel_with_another_port);
    tcase_add_test(t, F5_cancel_after_the_200);
    tcase_add_test(t, F6_cancel_after_486);
    tcase_add_test(t, F7_cancel_for_an_options);
    tcase_add_test(t, F8_cancel_before_its_invite);
    tcase_add_test(t, F9_cancel_with_require);
    tcase_add_test(t, F10_an_ack_is_never_answered);
    tcase_add_test(t, F11_cancel_with_another_uri_and_cseq);
    tcase_add_test(t, G3_a_merged_invite_gets_482);
    tcase_add_test(t, G5_no_such_dialog);
    tcase_add_test(t, G9_max_forwards_0);
    tcase_add_test(t, G10_our_own_via_is_in_it);
    tcase_add_test(t, G11_cseq_out_of_order);
    tcase_add_test(t, G12_an_invite_while_the_first_has_no_final);
    tcase_add_test(t, G13_invites_cross);
    tcase_add_test(t, G13_the_callers_491);
    tcase_add_test(t, G14_bye_before_the_final);
    tcase_add_test(t, G15_cseq_at_its_bounds);
    tcase_add_test(t, H7_no_content_length);
    tcase_add_test(t, H8_content_length_too_large);
    tcase_add_test(t, H9_content_length_too_small);
    tcase_add_test(t, H15_no_answer_where_a_bad_via_says);
    suite_add_tcase(suite, t);
    return suite;
}

PS_CHECK_MAIN
