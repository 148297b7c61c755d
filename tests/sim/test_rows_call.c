/*
 * Covers the rows of calls, dialogs and the user agent core that a whole stack shows in virtual
 * time: A and C as caller, D, F, G and H as the one who is called. Each test is named by its row.
 * Does not cover: 100rel (D19), streams (H6, H10 to H13).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "world.h"

#define TESTER "Contact: <sip:tester@192.0.2.2:5070>\r\n"

static struct world w;
static struct station *st;

/* Says what the application does with a call that comes in. */
static struct {
    unsigned ring, status;
} plan;

static struct ps_stack *calls(void)
{
    return st->stack;
}

static void application(struct station *station, const struct ps_event *event)
{
    static const struct ps_response ok = {.status = 200};
    (void)station;
    if (event->kind == PS_EVENT_REQUEST)
        ck_assert_int_eq(ps_stack_respond(st->stack, event->transaction, &ok), PS_OK);
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
    struct ps_config config = {
        .allow = PS_S("INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, MESSAGE")};
    memset(&plan, 0, sizeof plan);
    world_start(&w, 7);
    st = station_add(&w, "192.0.2.1:5060", "b", NULL, &config);
    st->account.aor = PS_S("sip:b@example.com");
    st->on_event = application;
}

static void teardown(void)
{
    world_free(&w);
}

/* ---- as caller ---- */

static ps_handle call(void)
{
    return start_call(st, "v=0\r\n");
}

/* Answers the nth request that begins so, from 0. */
static void answer_nth(const char *request, unsigned n, unsigned status, const char *tag)
{
    world_answer(&w, sent_nth(&w.log, request, n), status, tag,
                 status > 100 && status < 400 ? TESTER : NULL, NULL);
}

static void answer(const char *request, unsigned status, const char *tag)
{
    answer_nth(request, 0, status, tag);
}

static void same(const struct sent *a, const struct sent *b, enum ps_header_id id)
{
    ck_assert_str_eq(header_of(a, id), header_of(b, id));
}

static void absent(const struct sent *sent, enum ps_header_id id, unsigned nth)
{
    ck_assert_ptr_null(ps_header_value(tester_parse(sent_slice(sent)), id, nth).p);
}

static void hang_up(ps_handle h)
{
    ck_assert_int_eq(ps_call_hangup(calls(), h), PS_OK);
    station_pull(st);
}

static void end_call(ps_handle h)
{
    unsigned byes = sent_count(&w.log, "BYE");
    hang_up(h);
    answer_nth("BYE", byes, 200, "x");
}

START_TEST(A7_the_ack_for_a_2xx)
{
    const struct sent *invite, *ack;
    ps_handle h = call();
    world_run(&w, 200);
    answer("INVITE", 200, "x");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 1);
    invite = sent_nth(&w.log, "INVITE", 0);
    ack = sent_nth(&w.log, "ACK", 0);
    ck_assert_str_ne(branch_of(invite), branch_of(ack));
    ck_assert_str_eq(request_uri_of(ack), "sip:tester@192.0.2.2:5070");
    ck_assert_uint_eq(cseq_of(ack), cseq_of(invite));
    ck_assert_str_eq(to_tag_of(ack), "x");
    same(invite, ack, PS_H_CALL_ID);
    same(invite, ack, PS_H_FROM);
    end_call(h);
    world_end(&w, 40000);
}
END_TEST

START_TEST(A8_each_200_gets_the_same_ack)
{
    static const uint64_t at[] = {200,   700,   1700,  3700,  7700, 11700,
                                  15700, 19700, 23700, 27700, 31700};
    unsigned i;
    ps_handle h = call();
    for (i = 0; i < sizeof at / sizeof *at; i++) {
        world_run(&w, at[i]);
        answer("INVITE", 200, "x");
    }
    sent_expect(&w.log, "ACK", at, sizeof at / sizeof *at);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 1);
    end_call(h);
    world_end(&w, 40000);
}
END_TEST

START_TEST(A9_two_2xx_of_a_fork)
{
    ps_handle h = call();
    world_run(&w, 200);
    answer("INVITE", 200, "x");
    world_run(&w, 400);
    answer("INVITE", 200, "y");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 2);
    ck_assert_str_eq(to_tag_of(sent_nth(&w.log, "ACK", 1)), "y");
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    ck_assert_str_eq(to_tag_of(sent_nth(&w.log, "BYE", 0)), "y");
    answer("BYE", 200, "y");
    world_run(&w, 1000);
    answer("INVITE", 200, "y");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 3);
    end_call(h);
    world_end(&w, 40000);
}
END_TEST

START_TEST(A11_early_dialogs_end_with_the_call)
{
    call();
    answer("INVITE", 180, "x");
    answer("INVITE", 183, "y");
    answer("INVITE", 486, "z");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 1);
    ck_assert_str_eq(to_tag_of(sent_nth(&w.log, "ACK", 0)), "z");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 486);
    ck_assert_uint_eq(ps_stack_live(st->stack).dialogs, 0);
    world_end(&w, 40000);
}
END_TEST

/* The next INVITE after the ACK: same call, CSeq + 1, another branch. */
static const struct sent *next_invite(void)
{
    const struct sent *first = sent_nth(&w.log, "INVITE", 0);
    const struct sent *again = sent_last(&w.log, "INVITE");
    ck_assert(again > sent_last(&w.log, "ACK"));
    ck_assert_uint_eq(cseq_of(again), cseq_of(first) + 1);
    ck_assert_str_ne(branch_of(again), branch_of(first));
    same(first, again, PS_H_CALL_ID);
    same(first, again, PS_H_FROM);
    ck_assert_str_eq(to_tag_of(again), "");
    return again;
}

static void challenge(unsigned status)
{
    char line[96];
    snprintf(line, sizeof line, "%s: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n",
             status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate");
    world_answer(&w, sent_nth(&w.log, "INVITE", 0), status, "x", line, NULL);
}

static void challenged(unsigned status, enum ps_header_id credentials)
{
    static struct ps_digest_user user;
    ps_handle h;
    user.username = PS_S("u");
    user.password = PS_S("p");
    ps_digest_client_start(&st->account.digest, &user, 1, &(struct ps_digest_policy){0});
    h = call();
    challenge(status);
    ck_assert_str_ne(header_of(next_invite(), credentials), "");
    answer_nth("INVITE", 1, 200, "y");
    /* 22.1: repeated in the ACK */
    same(sent_nth(&w.log, "INVITE", 1), sent_nth(&w.log, "ACK", 1), credentials);
    end_call(h);
    ps_digest_client_end(&st->account.digest);
    world_end(&w, 40000);
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
    world_run(&w, 200);
    answer("INVITE", 302, "x");
    ck_assert_str_eq(request_uri_of(next_invite()), "sip:tester@192.0.2.2:5070");
    answer_nth("INVITE", 1, 200, "y");
    end_call(h);
    world_end(&w, 40000);
}
END_TEST

START_TEST(C1_cancel_waits_for_a_provisional)
{
    ps_handle h = call();
    world_run(&w, 300);
    hang_up(h);
    world_run(&w, 1600);
    ck_assert_uint_eq(sent_count(&w.log, "CANCEL"), 0);
    answer("INVITE", 100, "");
    SENT_AT(&w.log, "INVITE", 0, 500, 1500);
    SENT_AT(&w.log, "CANCEL", 1600);
    answer("CANCEL", 200, "x");
    answer("INVITE", 487, "x");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 487);
    world_end(&w, 40000);
}
END_TEST

START_TEST(C2_cancel_is_a_transaction_of_its_own)
{
    ps_handle h = call();
    world_run(&w, 200);
    answer("INVITE", 180, "x");
    world_run(&w, 1000);
    hang_up(h);
    world_run(&w, 90000);
    SENT_AT(&w.log, "CANCEL", 1000, 1500, 2500, 4500, 8500, 12500, 16500, 20500, 24500, 28500,
            32500);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    world_end(&w, 0);
}
END_TEST

START_TEST(C3_the_cancel)
{
    static const enum ps_header_id alike[] = {PS_H_VIA, PS_H_CALL_ID, PS_H_TO, PS_H_FROM,
                                              PS_H_ROUTE};
    const struct sent *invite, *cancel;
    ps_handle h = call();
    unsigned i;
    answer("INVITE", 180, "x");
    hang_up(h);
    invite = sent_nth(&w.log, "INVITE", 0);
    cancel = sent_nth(&w.log, "CANCEL", 0);
    ck_assert_str_eq(request_uri_of(invite), request_uri_of(cancel));
    for (i = 0; i < sizeof alike / sizeof *alike; i++)
        same(invite, cancel, alike[i]);
    ck_assert_str_eq(to_tag_of(cancel), "");
    ck_assert_uint_eq(cseq_of(cancel), cseq_of(invite));
    ck_assert_str_eq(header_of(cancel, PS_H_CSEQ), "1 CANCEL");
    absent(cancel, PS_H_VIA, 1);
    absent(cancel, PS_H_REQUIRE, 0);
    absent(cancel, PS_H_PROXY_REQUIRE, 0);
    ck_assert_str_eq(body_of(cancel), "");
    answer("CANCEL", 200, "x");
    answer("INVITE", 487, "x");
    world_end(&w, 40000);
}
END_TEST

START_TEST(C4_no_final_after_the_cancel)
{
    ps_handle h = call();
    answer("INVITE", 180, "x");
    world_run(&w, 1000);
    hang_up(h);
    answer("CANCEL", 200, "x");
    world_run(&w, 32999);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0);
    world_run(&w, 33000);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 487);
    world_end(&w, 40000);
    ck_assert_uint_eq(sent_count(&w.log, "CANCEL"), 1);
}
END_TEST

START_TEST(C5_cancel_crosses_a_200)
{
    ps_handle h = call();
    answer("INVITE", 180, "x");
    hang_up(h);
    answer("INVITE", 200, "x");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1);
    answer("CANCEL", 200, "x");
    answer("BYE", 200, "x");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    world_end(&w, 40000);
}
END_TEST

START_TEST(C6_487_is_acked)
{
    ps_handle h = call();
    answer("INVITE", 180, "x");
    hang_up(h);
    answer("CANCEL", 200, "x");
    answer("INVITE", 487, "x");
    same(sent_nth(&w.log, "INVITE", 0), sent_nth(&w.log, "ACK", 0), PS_H_VIA);
    ck_assert_str_eq(to_tag_of(sent_nth(&w.log, "ACK", 0)), "x");
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 1);
    world_end(&w, 40000);
}
END_TEST

START_TEST(C7_no_cancel_after_a_final)
{
    ps_handle h = call();
    answer("INVITE", 180, "x");
    answer("INVITE", 486, "x");
    ck_assert_int_ne(ps_call_hangup(calls(), h), PS_OK);
    h = call();
    answer_nth("INVITE", 1, 200, "y");
    end_call(h);
    world_end(&w, 40000);
    ck_assert_uint_eq(sent_count(&w.log, "CANCEL"), 0);
}
END_TEST

/* ---- as the one who is called ---- */

static void feed(const char *method, const char *branch, unsigned cseq, const char *to_tag)
{
    struct tester_request r = {.branch = branch};
    r.method = method;
    r.cseq = cseq;
    r.to_tag = to_tag;
    world_request(&w, &r);
}

static void invite(void)
{
    feed("INVITE", "z9hG4bKi", 1, NULL);
}

/* The tag that the stack has put into its responses. */
static const char *our_tag(void)
{
    static char tag[32];
    unsigned i = sent_count(&w.log, "SIP/2.0");
    *tag = '\0';
    while (i-- > 0 && !*tag)
        snprintf(tag, sizeof tag, "%s", to_tag_of(sent_nth(&w.log, "SIP/2.0", i)));
    return tag;
}

static void ack_2xx(const char *branch)
{
    feed("ACK", branch, 1, our_tag());
}

/* The tester hangs up. */
static void bye(unsigned cseq)
{
    unsigned oks = sent_count(&w.log, "SIP/2.0 200");
    feed("BYE", "z9hG4bKbye", cseq, our_tag());
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), oks + 1);
}

/* The application refuses the call that has come in. */
static void refuse(void)
{
    ck_assert_int_eq(ps_call_reject(calls(), st->heard[0].event.call, 486, PS_NONE), PS_OK);
    station_pull(st);
}

#define TWOHUNDRED_AT 0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500

START_TEST(D10_200_without_ack)
{
    plan.status = 200;
    w.reliable = _i;
    invite();
    world_run(&w, 31999);
    SENT_AT(&w.log, "SIP/2.0 200", TWOHUNDRED_AT);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 0);
    world_run(&w, 32000);
    SENT_AT(&w.log, "BYE", 32000);
    answer("BYE", 200, "f1");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    world_end(&w, 40000);
}
END_TEST

START_TEST(D11_D14_ack_stops_the_200)
{
    plan.status = 200;
    invite();
    world_run(&w, 2000);
    ack_2xx("z9hG4bKack");
    world_run(&w, 5000);
    ack_2xx("z9hG4bKack");
    world_run(&w, 40000);
    SENT_AT(&w.log, "SIP/2.0 200", 0, 500, 1500);
    ck_assert_uint_eq(w.log.n, 3);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 1);
    bye(2);
    world_end(&w, 40000);
}
END_TEST

START_TEST(D12_D13_the_invite_again_after_its_200)
{
    static const uint64_t at[] = {2500, 10000, 31000};
    unsigned i;
    plan.status = 200;
    invite();
    world_run(&w, 2000);
    ack_2xx("z9hG4bKack");
    for (i = 0; i < 3; i++) {
        world_run(&w, at[i]);
        invite();
    }
    SENT_AT(&w.log, "SIP/2.0 200", 0, 500, 1500);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
    world_run(&w, 33000);
    bye(2);
    plan.status = 486;
    invite();
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 2);
    world_end(&w, 40000);
}
END_TEST

START_TEST(D17_the_ack_has_the_invites_branch)
{
    plan.status = 200;
    invite();
    world_run(&w, 700);
    ack_2xx("z9hG4bKi");
    world_run(&w, 40000);
    SENT_AT(&w.log, "SIP/2.0 200", 0, 500);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 1);
    bye(2);
    world_end(&w, 40000);
}
END_TEST

START_TEST(D18_a_provisional_each_minute)
{
    unsigned i;
    plan.ring = 180;
    invite();
    world_run(&w, 280000);
    ck_assert_int_eq(ps_call_ring(calls(), st->heard[0].event.call, 180, PS_NONE, PS_NONE), PS_OK);
    station_pull(st);
    world_run(&w, 280000 + 299999);
    ck_assert_uint_eq(w.log.n, 10);
    for (i = 0; i < 10; i++) {
        ck_assert_uint_eq(w.log.sent[i].at, i < 5 ? 60000 * i : 280000 + 60000 * (i - 5));
        ck_assert(strncmp(w.log.sent[i].text, "SIP/2.0 180", 11) == 0);
    }
    refuse();
    world_end(&w, 40000);
}
END_TEST

/* 300 s after the user's last sign, as the transaction's guard would. */
START_TEST(D18_nothing_rings_for_ever)
{
    plan.ring = 180;
    invite();
    world_run(&w, 299999);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0);
    world_run(&w, 300000);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 480);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 180"), 5);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 480"), 1);
    world_end(&w, 40000);
}
END_TEST

static void cancel(const char *via)
{
    struct tester_request r = {.method = "CANCEL"};
    r.via = via;
    world_request(&w, &r);
}
#define INVITES_VIA "192.0.2.2:5060;branch=z9hG4bKi"

START_TEST(F1_cancel_while_it_rings)
{
    char tag[32];
    plan.ring = 180;
    invite();
    strcpy(tag, our_tag());
    world_run(&w, 1000);
    cancel(INVITES_VIA);
    ck_assert_str_eq(to_tag_of(sent_nth(&w.log, "SIP/2.0 200", 0)), tag);
    ck_assert_str_eq(header_of(sent_nth(&w.log, "SIP/2.0 200", 0), PS_H_CSEQ), "1 CANCEL");
    ck_assert_str_eq(to_tag_of(sent_nth(&w.log, "SIP/2.0 487", 0)), tag);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 487);
    world_run(&w, 5000);
    feed("ACK", "z9hG4bKi", 1, tag);
    world_end(&w, 40000);
    SENT_AT(&w.log, "SIP/2.0 487", 1000, 1500, 2500, 4500);
}
END_TEST

START_TEST(F2_cancel_twice)
{
    plan.ring = 180;
    invite();
    cancel(INVITES_VIA);
    world_run(&w, 200);
    cancel(INVITES_VIA);
    SENT_AT(&w.log, "SIP/2.0 200", 0, 200);
    SENT_AT(&w.log, "SIP/2.0 487", 0);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    feed("ACK", "z9hG4bKi", 1, our_tag());
    world_end(&w, 40000);
}
END_TEST

static void cancel_of_another(const char *via)
{
    plan.ring = 180;
    invite();
    cancel(via);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 481"), 1);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0);
    ck_assert_int_eq(ps_call_answer(calls(), st->heard[0].event.call, PS_NONE, PS_NONE), PS_OK);
    station_pull(st);
    ack_2xx("z9hG4bKack");
    bye(2);
    world_end(&w, 40000);
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
    ck_assert_str_eq(header_of(sent_last(&w.log, ""), PS_H_CSEQ), "1 CANCEL");
    ck_assert(sent_last(&w.log, "") == sent_last(&w.log, "SIP/2.0 200"));
    ack_2xx("z9hG4bKack");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 1);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0);
    bye(2);
    world_end(&w, 40000);
}
END_TEST

START_TEST(F6_cancel_after_486)
{
    plan.status = 486;
    invite();
    cancel(INVITES_VIA);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 487"), 0);
    feed("ACK", "z9hG4bKi", 1, our_tag());
    world_end(&w, 40000);
}
END_TEST

START_TEST(F7_cancel_for_an_options)
{
    feed("OPTIONS", "z9hG4bKi", 1, NULL);
    cancel(INVITES_VIA);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 481"), 1);
    world_end(&w, 40000);
}
END_TEST

START_TEST(F8_cancel_before_its_invite)
{
    plan.ring = 180;
    cancel(INVITES_VIA);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 481"), 1);
    invite();
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 180"), 1);
    refuse();
    world_end(&w, 40000);
}
END_TEST

/* The CANCEL had its 200, the INVITE its 487. */
static void expect_cancelled(void)
{
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 487"), 1);
    feed("ACK", "z9hG4bKi", 1, our_tag());
    world_end(&w, 40000);
}

START_TEST(F9_cancel_with_require)
{
    static const struct tester_request r = {
        .method = "CANCEL", .via = INVITES_VIA, .lines = "Require: foo\r\n"};
    plan.ring = 180;
    invite();
    world_request(&w, &r);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 420"), 0);
    expect_cancelled();
}
END_TEST

START_TEST(F10_an_ack_is_never_answered)
{
    static const struct tester_request require = {.method = "ACK", .lines = "Require: foo\r\n"};
    static const struct tester_request cseq = {.method = "ACK", .cseq_text = "nonsense"};
    static const struct tester_request uri = {.method = "ACK", .uri = "sip:<>"};
    feed("ACK", "z9hG4bKstray", 1, NULL);
    feed("ACK", "z9hG4bKstray", 1, "nodialog");
    world_request(&w, &require);
    world_request(&w, &cseq);
    world_request(&w, &uri);
    world_feed(
        &w,
        PS_S("ACK sip:b@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n\r\n"));
    world_end(&w, 40000);
    ck_assert_uint_eq(w.log.n, 0);
}
END_TEST

START_TEST(F11_cancel_with_another_uri_and_cseq)
{
    static const struct tester_request r = {
        .method = "CANCEL", .via = INVITES_VIA, .uri = "sip:c@192.0.2.1", .cseq = 9};
    plan.ring = 180;
    invite();
    world_request(&w, &r);
    expect_cancelled();
}
END_TEST

START_TEST(G3_a_merged_invite_gets_482)
{
    plan.ring = 180;
    invite();
    feed("INVITE", "z9hG4bKfork", 1, NULL);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 482"), 1);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
    refuse();
    world_end(&w, 40000);
}
END_TEST

START_TEST(G5_no_such_dialog)
{
    feed("BYE", "z9hG4bKg5", 2, "nobody");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 481"), 1);
    feed("INFO", "z9hG4bKg5i", 2, "nobody");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 481"), 2);
    feed("ACK", "z9hG4bKg5a", 2, "nobody");
    ck_assert_uint_eq(w.log.n, 2);
    world_end(&w, 40000);
}
END_TEST

START_TEST(G9_max_forwards_0)
{
    static const struct tester_request r = {.method = "OPTIONS", .max_forwards = "0"};
    world_request(&w, &r);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    world_end(&w, 40000);
}
END_TEST

START_TEST(G10_our_own_via_is_in_it)
{
    static const struct tester_request r = {
        .method = "OPTIONS", .lines = "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours\r\n"};
    world_request(&w, &r);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    world_end(&w, 40000);
}
END_TEST

static void confirmed_call(void)
{
    plan.status = 200;
    invite();
    ack_2xx("z9hG4bKack");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_CONFIRMED), 1);
}

/* Decided: 500 for an equal one, too; a copy has its branch and comes no further. */
START_TEST(G11_cseq_out_of_order)
{
    confirmed_call();
    feed("INFO", "z9hG4bKn5", 5, our_tag());
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 500"), 0);
    feed("INFO", "z9hG4bKn4", 4, our_tag());
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 500"), 1);
    feed("INFO", "z9hG4bKn5again", 5, our_tag());
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 500") + sent_count(&w.log, "SIP/2.0 482"), 2);
    bye(6);
    world_end(&w, 40000);
}
END_TEST

START_TEST(G12_an_invite_while_the_first_has_no_final)
{
    uint32_t after;
    plan.ring = 180;
    invite();
    feed("INVITE", "z9hG4bKi2", 2, our_tag());
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 500"), 1);
    after = ps_header_number(tester_parse(sent_slice(sent_nth(&w.log, "SIP/2.0 500", 0))),
                             PS_H_RETRY_AFTER, 99);
    ck_assert_uint_le(after, 10);
    refuse();
    world_end(&w, 40000);
}
END_TEST

/* Our re-INVITE meets theirs; ours is refused with 491 and comes again (14.1: we do not own the
 * Call-ID, 0 to 2 s in steps of 10 ms). */
START_TEST(G13_invites_cross)
{
    const struct sent *again;
    confirmed_call();
    ck_assert_int_eq(ps_call_reinvite(calls(), st->heard[0].event.call, PS_S("application/sdp"),
                                      PS_S("v=0\r\n")),
                     PS_OK);
    station_pull(st);
    feed("INVITE", "z9hG4bKre", 2, our_tag());
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 491"), 1);
    world_run(&w, 100);
    answer("INVITE", 491, "f1");
    world_run(&w, 2100);
    ck_assert_uint_ge(sent_count(&w.log, "INVITE"), 2);
    again = sent_nth(&w.log, "INVITE", 1);
    ck_assert_uint_eq(cseq_of(again), cseq_of(sent_nth(&w.log, "INVITE", 0)) + 1);
    ck_assert_uint_eq((again->at - 100) % 10, 0);
    answer_nth("INVITE", 1, 200, "f1");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ACCEPTED), 1);
    bye(3);
    world_end(&w, 40000);
}
END_TEST

/* As owner of the Call-ID: 2.1 to 4.0 s. */
START_TEST(G13_the_callers_491)
{
    ps_handle h = call();
    answer("INVITE", 200, "x");
    ck_assert_int_eq(ps_call_reinvite(calls(), h, PS_S("application/sdp"), PS_S("v=0\r\n")), PS_OK);
    station_pull(st);
    answer_nth("INVITE", 1, 491, "x");
    world_run(&w, 2099);
    ck_assert_uint_eq(sent_count(&w.log, "INVITE"), 2);
    world_run(&w, 4000);
    ck_assert_uint_ge(sent_count(&w.log, "INVITE"), 3);
    ck_assert_uint_eq(sent_nth(&w.log, "INVITE", 2)->at % 10, 0);
    answer_nth("INVITE", 2, 200, "x");
    end_call(h);
    world_end(&w, 40000);
}
END_TEST

START_TEST(G14_bye_before_the_final)
{
    plan.ring = 180;
    invite();
    feed("BYE", "z9hG4bKbye", 2, our_tag());
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 487"), 1);
    feed("ACK", "z9hG4bKi", 1, our_tag());
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 1);
    world_end(&w, 40000);
}
END_TEST

/* Decided: 2^31 and more is 400. */
START_TEST(G15_cseq_at_its_bounds)
{
    static const char *const cseq[] = {"2147483647", "2147483648", "4294967295", "4294967296",
                                       "99999999999999999999"};
    struct tester_request r = {.method = "OPTIONS"};
    char branch[64];
    unsigned i;
    for (i = 0; i < 5; i++) {
        snprintf(branch, sizeof branch, "z9hG4bKc%u", i);
        r.branch = branch;
        r.cseq_text = cseq[i];
        world_request(&w, &r);
    }
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 400"), 4);
    world_end(&w, 40000);
}
END_TEST

/* ---- 18.3: framing ---- */

static unsigned body_seen;

static void takes_message(struct station *station, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REQUEST)
        body_seen = (unsigned)ps_body(event->message).n;
    application(station, event);
}

static void message_with(const char *length, const char *body)
{
    static char text[TESTER_TEXT];
    snprintf(
        text, sizeof text,
        "MESSAGE sip:b@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKm\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>\r\n"
        "Call-ID: m@tester\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n%s\r\n%s",
        length, body);
    st->on_event = takes_message;
    body_seen = 9999;
    world_feed(&w, ps_slice_of(text));
}

START_TEST(H7_no_content_length)
{
    message_with("", "twelve bytes");
    ck_assert_uint_eq(body_seen, 12);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    world_end(&w, 40000);
}
END_TEST

START_TEST(H8_content_length_too_large)
{
    struct ps_slice response;
    static char text[TESTER_TEXT];
    ps_handle h;
    message_with("Content-Length: 13\r\n", "twelve bytes");
    ck_assert_uint_eq(body_seen, 9999);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 400"), 1);
    h = call();
    response =
        tester_answer_text(sent_slice(sent_nth(&w.log, "INVITE", 0)), 200, "x", TESTER, NULL);
    memcpy(text, response.p, response.n);
    *strstr(text, "Content-Length: 0") = 'X'; /* an unknown header, then one that is too large */
    memcpy(text + response.n - 2, "l: 5\r\n\r\n", 9);
    world_feed(&w, ps_slice_of(text));
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ANSWERED), 0);
    ck_assert_uint_eq(sent_count(&w.log, "ACK"), 0);
    hang_up(h);
    world_end(&w, 80000);
}
END_TEST

START_TEST(H9_content_length_too_small)
{
    message_with("Content-Length: 6\r\n", "twelve bytes");
    ck_assert_uint_eq(body_seen, 6);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 1);
    world_end(&w, 40000);
}
END_TEST

START_TEST(H15_no_answer_where_a_bad_via_says)
{
    static const char *const vias[] = {"203.0.113.66:99999;branch=z9hG4bKx",
                                       "203.0.113.66 203.0.113.67", ";;;",
                                       "[203.0.113.66]:5060;branch=z9hG4bKx", ""};
    const struct ps_address tester = world_address("192.0.2.2");
    struct tester_request r = {.method = "OPTIONS"};
    unsigned i;
    for (i = 0; i < sizeof vias / sizeof *vias; i++) {
        r.via = vias[i];
        world_request(&w, &r);
    }
    for (i = 0; i < w.log.n; i++)
        ck_assert(ps_ip_equal(&w.log.sent[i].flow.remote, &tester));
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 200"), 0);
    world_end(&w, 40000);
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
