/*
 * Covers subscriptions as subscriber (RFC 6665 4.1, 4.4): what a SUBSCRIBE looks like, the NOTIFY
 * that makes the dialog, before its 2xx and after, which NOTIFYs are refused and how, refreshes,
 * their failures, 423, challenges, Timer N, the reasons of a termination, unsubscribing in each
 * state, pools that are empty.
 * Does not cover: notifiers and event packages, which the stack has none of.
 */
#include "../unit/check_main.h"
#include "world.h"

#include <stdio.h>

static struct world w;
static struct station *st;

static void setup(void)
{
    world_start(&w, 2);
    st = station_add(&w, "192.0.2.1:5060", "alice", NULL, NULL);
    st->account.aor = PS_S("sip:alice@example.org");
}

static void teardown(void)
{
    world_free(&w);
}

static struct ps_stack *subscriptions(void)
{
    return st->stack;
}

static enum ps_error try_start(const char *target, const char *event, uint32_t expires,
                               ps_handle *out)
{
    struct ps_subscription_options options = {.account = &st->account,
                                              .target = ps_slice_of(target),
                                              .event = ps_slice_of(event),
                                              .accept = PS_S("application/pidf+xml"),
                                              .expires = expires,
                                              .user = st};
    enum ps_error error = ps_subscription_start(subscriptions(), &options, out);
    station_pull(st);
    return error;
}

static ps_handle start(uint32_t expires)
{
    ps_handle handle = 0;
    ck_assert_int_eq(try_start("sip:b@192.0.2.2", "presence", expires, &handle), PS_OK);
    return handle;
}

static const struct sent *subscribe(void)
{
    return sent_last(&w.log, "SUBSCRIBE");
}

static unsigned subscribes(void)
{
    return sent_count(&w.log, "SUBSCRIBE");
}

static void answer(unsigned status, const char *lines)
{
    world_answer(&w, subscribe(), status, "r", lines, NULL);
}

/* A NOTIFY to the last SUBSCRIBE's dialog; `state` NULL: without Subscription-State. */
static unsigned notify_cseq = 1; /* of the last one */
static const char *contact = "<sip:b@192.0.2.2:5070>";
static void send_notify(const char *tag, const char *event, const char *state)
{
    char lines[256];
    char call_id[128], to_tag[64];
    struct tester_request r = {
        .method = "NOTIFY", .from_tag = tag, .contact = contact, .cseq = notify_cseq};
    snprintf(call_id, sizeof call_id, "%s", header_of(subscribe(), PS_H_CALL_ID));
    snprintf(to_tag, sizeof to_tag, "%s", from_tag_of(subscribe()));
    snprintf(lines, sizeof lines, "%s%s%s%s%s%s", event ? "Event: " : "", event ? event : "",
             event ? "\r\n" : "", state ? "Subscription-State: " : "", state ? state : "",
             state ? "\r\n" : "");
    r.call_id = call_id;
    r.to_tag = to_tag;
    r.lines = lines;
    world_request(&w, &r);
}

static unsigned notify_with(const char *tag, const char *event, const char *state)
{
    struct ps_message m;
    unsigned before = sent_count(&w.log, "SIP/2.0"), status = 0;
    struct ps_slice text;
    notify_cseq++;
    send_notify(tag, event, state);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0"), before + 1);
    text = sent_slice(sent_last(&w.log, "SIP/2.0"));
    ck_assert(!ps_message_parse(&m, text.p, text.n, NULL, NULL));
    status = m.status;
    return status;
}

static unsigned notify(const char *state)
{
    return notify_with("r", "presence", state);
}

static unsigned ended_with(void)
{
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 1);
    ck_assert_uint_eq(ps_stack_live(subscriptions()).subscriptions, 0);
    return heard_last(st, PS_EVENT_SUBSCRIPTION_ENDED)->event.status;
}

static void nothing_is_left(void)
{
    world_end(&w, 40000);
}

START_TEST(rfc6665_4_1_2_what_a_subscribe_looks_like)
{
    const struct sent *s;
    start(3600);
    s = subscribe();
    ck_assert_str_eq(request_uri_of(s), "sip:b@192.0.2.2");
    ck_assert_str_eq(header_of(s, PS_H_TO), "<sip:b@192.0.2.2>");
    ck_assert_ptr_nonnull(strstr(header_of(s, PS_H_FROM), "<sip:alice@example.org>;tag="));
    ck_assert_str_eq(header_of(s, PS_H_CONTACT), "<sip:alice@192.0.2.1:5060>");
    ck_assert_str_eq(header_of(s, PS_H_EVENT), "presence");
    ck_assert_str_eq(header_of(s, PS_H_ACCEPT), "application/pidf+xml");
    ck_assert_str_eq(header_of(s, PS_H_EXPIRES), "3600");
    ck_assert_str_eq(header_of(s, PS_H_CSEQ), "1 SUBSCRIBE");
}
END_TEST

START_TEST(rfc6665_4_4_1_the_notify_makes_the_dialog)
{
    ps_handle handle = start(3600);
    answer(200, "Expires: 600\r\nContact: <sip:b@192.0.2.2:5070>\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_SUBSCRIBED)->event.expires, 600);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_SUBSCRIBED)->event.subscription, handle);
    ck_assert_ptr_eq(heard_last(st, PS_EVENT_SUBSCRIBED)->event.user, st);
    ck_assert_uint_eq(notify("active;expires=500"), 200);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_NOTIFIED)->event.expires, 500);
    ck_assert_ptr_nonnull(heard_last(st, PS_EVENT_NOTIFIED)->text);
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_NOTIFIED), 2);
    ck_assert_uint_eq(ps_stack_live(st->stack).dialogs, 1);
    world_run(&w, 450000); /* a tenth before the end that the NOTIFY told */
    ck_assert_uint_eq(subscribes(), 2);
    ck_assert_str_eq(request_uri_of(subscribe()), "sip:b@192.0.2.2:5070");
    ck_assert_str_eq(to_tag_of(subscribe()), "r");
    ck_assert_str_eq(header_of(subscribe(), PS_H_CSEQ), "2 SUBSCRIBE");
    ck_assert_str_eq(header_of(subscribe(), PS_H_EXPIRES), "3600");
    ck_assert_str_eq(header_of(subscribe(), PS_H_EVENT), "presence");
    answer(200, "Expires: 600\r\nContact: <sip:b@192.0.2.2:5071>\r\n");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIBED), 2);
    world_run(&w, w.now + 540000);
    ck_assert_uint_eq(subscribes(), 3);
    ck_assert_str_eq(request_uri_of(subscribe()), "sip:b@192.0.2.2:5071"); /* a target refresh */
}
END_TEST

START_TEST(rfc6665_4_4_1_a_notify_refreshes_the_target)
{
    start(100);
    answer(200, "Expires: 100\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    contact = "<sip:b@192.0.2.2:5072>";
    ck_assert_uint_eq(notify("active"), 200);
    world_run(&w, 90000);
    ck_assert_str_eq(request_uri_of(subscribe()), "sip:b@192.0.2.2:5072");
}
END_TEST

START_TEST(rfc6665_4_1_2_4_a_notify_before_the_2xx)
{
    start(3600);
    ck_assert_uint_eq(notify("pending;expires=3600"), 200);
    answer(200, "Expires: 3600\r\n");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIBED), 1);
    ck_assert_uint_eq(notify("active;expires=3600"), 200);
    world_run(&w, 3239000);
    ck_assert_uint_eq(subscribes(), 1);
    world_run(&w, 3240000);
    ck_assert_uint_eq(subscribes(), 2);
}
END_TEST

START_TEST(rfc6665_4_1_2_4_timer_n)
{
    start(3600);
    world_run(&w, 1000);
    answer(200, "Expires: 3600\r\n");
    world_run(&w, 32999);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
    world_run(&w, 33000);
    ck_assert_uint_eq(ended_with(), 408);
    nothing_is_left();
}
END_TEST

START_TEST(nobody_answers)
{
    start(3600);
    world_run(&w, 32000);
    ck_assert_uint_eq(ended_with(), 408);
    nothing_is_left();
}
END_TEST

START_TEST(rfc6665_4_1_2_1_refused)
{
    static const unsigned status[] = {489, 403, 503, 603};
    unsigned i;
    for (i = 0; i < 4; i++) {
        station_forget_heard(st);
        start(3600);
        answer(status[i], "Min-Expires: 7200\r\n"); /* which means nothing here */
        ck_assert_uint_eq(ended_with(), status[i]);
    }
    nothing_is_left();
}
END_TEST

START_TEST(rfc6665_4_1_2_1_423_asks_for_longer)
{
    start(60);
    answer(423, "Min-Expires: 600\r\n");
    ck_assert_uint_eq(subscribes(), 2);
    ck_assert_str_eq(header_of(subscribe(), PS_H_EXPIRES), "600");
    answer(423, "Min-Expires: 600\r\n"); /* the same again: no third time */
    ck_assert_uint_eq(ended_with(), 423);
    nothing_is_left();
}
END_TEST

static void answer_challenges(void)
{
    static const struct ps_digest_user user = {.username = {"alice", 5}, .password = {"secret", 6}};
    static const struct ps_digest_policy policy;
    ps_digest_client_start(&st->account.digest, &user, 1, &policy);
}

START_TEST(rfc3261_12_2_1_1_cseq_counts_on_from_a_challenge_before_the_2xx)
{
    ps_handle handle;
    answer_challenges();
    handle = start(3600);
    answer(401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_int_eq(ps_subscription_stop(subscriptions(), handle), PS_OK);
    station_pull(st);
    ck_assert_str_eq(header_of(subscribe(), PS_H_EXPIRES), "0");
    ck_assert_uint_eq(cseq_of(subscribe()), 3);
}
END_TEST

START_TEST(rfc3261_22_2_a_challenge_keeps_call_id_and_tag)
{
    char call_id[128];
    answer_challenges();
    start(3600);
    snprintf(call_id, sizeof call_id, "%s", header_of(subscribe(), PS_H_CALL_ID));
    answer(401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
    ck_assert_uint_eq(subscribes(), 2);
    ck_assert_str_eq(header_of(subscribe(), PS_H_CALL_ID), call_id);
    answer(200, "Expires: 100\r\n");
    ck_assert_uint_eq(notify("active;expires=100"), 200);
    world_run(&w, w.now + 90000);
    ck_assert_uint_eq(cseq_of(subscribe()), 3); /* counts on from the challenge's */
}
END_TEST

/* ---- NOTIFYs that are refused ---- */

START_TEST(rfc6665_4_1_3_what_a_notify_must_bring)
{
    start(3600);
    answer(200, "Expires: 3600\r\n");
    ck_assert_uint_eq(notify_with("r", "presence", NULL), 400);
    ck_assert_uint_eq(notify_with("r", "dialog", "active"), 489);
    ck_assert_uint_eq(notify_with("r", "Presence", "active"), 489); /* 8.2.1: byte by byte */
    ck_assert_uint_eq(notify_with("r", NULL, "active"), 489);
    ck_assert_uint_eq(notify_with("r", "presence;id=1", "active"), 481); /* another one's */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_NOTIFIED), 0);
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_uint_eq(notify_with("r", "dialog", "active"), 489);
    ck_assert_uint_eq(notify_with("r", "presence;id=1", "active"), 481);
    ck_assert_uint_eq(notify_with("r", "presence", NULL), 400);
    ck_assert_uint_eq(notify("something-new"), 200); /* an extension: it stands */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_NOTIFIED), 2);
}
END_TEST

START_TEST(rfc6665_4_4_1_another_branch_of_a_fork_gets_481)
{
    start(3600);
    answer(200, "Expires: 3600\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_uint_eq(notify_with("other", "presence", "active"), 481);
    ck_assert_uint_eq(ps_stack_live(st->stack).dialogs, 1);
}
END_TEST

START_TEST(a_request_of_another_method_has_no_dialog_here)
{
    char call_id[128], to_tag[64];
    struct tester_request r = {.method = "BYE", .from_tag = "r", .cseq = 1};
    start(3600);
    snprintf(call_id, sizeof call_id, "%s", header_of(subscribe(), PS_H_CALL_ID));
    snprintf(to_tag, sizeof to_tag, "%s", from_tag_of(subscribe()));
    r.call_id = call_id;
    r.to_tag = to_tag;
    world_request(&w, &r); /* before the first NOTIFY */
    ck_assert_ptr_nonnull(strstr(sent_last(&w.log, "SIP/2.0")->text, "SIP/2.0 481"));
    answer(200, "Expires: 3600\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    r.cseq = notify_cseq + 1;
    world_request(&w, &r);
    ck_assert_ptr_nonnull(strstr(sent_last(&w.log, "SIP/2.0")->text, "SIP/2.0 481"));
    ck_assert_uint_eq(ps_stack_live(subscriptions()).subscriptions, 1);
}
END_TEST

START_TEST(rfc6665_4_2_2_a_notify_to_nothing_gets_481)
{
    ps_handle handle = start(3600);
    answer(200, "Expires: 3600\r\n");
    ps_subscription_end(subscriptions(), handle);
    ps_subscription_end(subscriptions(), handle);
    ck_assert_uint_eq(notify("active"), 481);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
    nothing_is_left();
}
END_TEST

/* ---- refreshes that fail ---- */

static void active(uint32_t expires)
{
    char lines[64];
    start(expires);
    snprintf(lines, sizeof lines, "Expires: %u\r\n", (unsigned)expires);
    answer(200, lines);
    ck_assert_uint_eq(notify("active"), 200);
}

START_TEST(rfc6665_4_1_2_2_a_refresh_that_ends_it)
{
    static const unsigned status[] = {404, 405, 410, 416, 480, 481, 485, 489, 501, 604};
    unsigned i;
    for (i = 0; i < 10; i++) {
        station_forget_heard(st);
        active(1000);
        world_run(&w, w.now + 900000);
        answer(status[i], NULL);
        ck_assert_uint_eq(ended_with(), status[i]);
    }
    nothing_is_left();
}
END_TEST

START_TEST(rfc6665_4_1_2_2_any_other_failure_leaves_it_until_its_end)
{
    active(1000);
    world_run(&w, 900000);
    answer(500, NULL);
    world_run(&w, 949999);
    ck_assert_uint_eq(subscribes(), 2);
    world_run(&w, 950000); /* half way to the end */
    ck_assert_uint_eq(subscribes(), 3);
    answer(503, NULL);
    ck_assert_uint_eq(notify("active"), 200);
    world_run(&w, 975000);
    ck_assert_uint_eq(subscribes(), 4);
    answer(200, "Expires: 1000\r\n");
    world_run(&w, 1874999);
    ck_assert_uint_eq(subscribes(), 4);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
}
END_TEST

/* The time between two is never less than 5 s, and the last try leaves the end alone. */
START_TEST(a_refresh_that_fails_again_and_again_is_not_repeated_in_haste)
{
    static const uint64_t at[] = {90000, 95000, 100000};
    unsigned i;
    active(100);
    for (i = 0; i < 2; i++) {
        world_run(&w, at[i] - 1);
        ck_assert_uint_eq(subscribes(), i + 1);
        world_run(&w, at[i]);
        ck_assert_uint_eq(subscribes(), i + 2);
        answer(500, NULL);
    }
    world_run(&w, 99999);
    ck_assert_uint_eq(subscribes(), 3);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
    world_run(&w, at[2]);
    ck_assert_uint_eq(subscribes(), 3);
    ck_assert_uint_eq(ended_with(), 408);
    nothing_is_left();
}
END_TEST

START_TEST(rfc3261_20_33_retry_after_of_a_refresh_is_kept_whole)
{
    active(1000);
    world_run(&w, 900000);
    answer(503, "Retry-After: 80\r\n");
    world_run(&w, 979999);
    ck_assert_uint_eq(subscribes(), 2);
    world_run(&w, 980000);
    ck_assert_uint_eq(subscribes(), 3);
    answer(503, "Retry-After: 4294967295\r\n"); /* not before the end: so the end comes */
    world_run(&w, 999999);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
    world_run(&w, 1000000);
    ck_assert_uint_eq(subscribes(), 3);
    ck_assert_uint_eq(ended_with(), 408);
    nothing_is_left();
}
END_TEST

START_TEST(rfc6665_4_1_2_1_the_2xx_says_how_long_where_the_notify_does_not)
{
    start(3600);
    answer(200, "Expires: 60\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    world_run(&w, 53999);
    ck_assert_uint_eq(subscribes(), 1);
    world_run(&w, 54000);
    ck_assert_uint_eq(subscribes(), 2);
    answer(200, "Expires: 60\r\n");
    /* and the next one starts with what it wants itself */
    ck_assert_uint_eq(notify("terminated;reason=deactivated"), 200);
    ck_assert_uint_eq(subscribes(), 3);
    ck_assert_uint_eq(notify("active"), 200);
    world_run(&w, 54000 + 3239000);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
}
END_TEST

START_TEST(a_notifier_that_is_gone)
{
    active(100);
    world_run(&w, 200000);
    ck_assert_uint_eq(ended_with(), 408);
    nothing_is_left();
}
END_TEST

/* Else we would ask again and again, as fast as it answers. */
START_TEST(a_notifier_that_grants_nothing_is_not_asked_again)
{
    active(100);
    world_run(&w, 90000);
    ck_assert_uint_eq(subscribes(), 2);
    answer(200, "Expires: 0\r\n");
    ck_assert_uint_eq(heard_last(st, PS_EVENT_SUBSCRIBED)->event.expires, 0);
    world_run(&w, 121999);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
    world_run(&w, 122000); /* no last NOTIFY came: Timer N */
    ck_assert_uint_eq(ended_with(), 408);
    station_forget_heard(st);
    active(100);
    ck_assert_uint_eq(notify("active;expires=0"), 200);
    world_run(&w, w.now + 32000);
    ck_assert_uint_eq(ended_with(), 408);
    ck_assert_uint_eq(subscribes(), 3);
    nothing_is_left();
}
END_TEST

/* ---- the notifier ends it ---- */

START_TEST(rfc6665_4_1_3_terminated_for_good)
{
    static const char *const state[] = {
        "terminated;reason=rejected", "terminated;reason=noresource", "terminated;reason=invariant",
        "terminated", "TERMINATED;reason=else"};
    unsigned i;
    for (i = 0; i < 5; i++) {
        station_forget_heard(st);
        active(1000);
        ck_assert_uint_eq(notify(state[i]), 200);
        ck_assert_uint_eq(heard_count(st, PS_EVENT_NOTIFIED), 2);
        ck_assert_uint_eq(ended_with(), 200);
        ck_assert_uint_eq(subscribes(), i + 1);
    }
    nothing_is_left();
}
END_TEST

START_TEST(terminated_before_the_2xx_the_end_waits_for_it)
{
    start(4);
    ck_assert_uint_eq(notify("terminated;reason=rejected"), 200);
    world_run(&w, 3000); /* past the time of a refresh */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
    answer(200, "Expires: 4\r\n");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIBED), 1);
    ck_assert_uint_eq(ended_with(), 200);
    nothing_is_left();
}
END_TEST

START_TEST(rfc6665_4_1_3_deactivated_subscribes_anew_at_once_but_not_in_a_circle)
{
    char call_id[128];
    active(1000);
    snprintf(call_id, sizeof call_id, "%s", header_of(subscribe(), PS_H_CALL_ID));
    ck_assert_uint_eq(notify("terminated;reason=deactivated"), 200);
    ck_assert_uint_eq(subscribes(), 2);
    ck_assert_str_ne(header_of(subscribe(), PS_H_CALL_ID), call_id);
    ck_assert_str_eq(to_tag_of(subscribe()), "");
    answer(200, "Expires: 1000\r\n");
    ck_assert_uint_eq(notify("terminated;reason=timeout"), 200);
    ck_assert_uint_eq(subscribes(), 2);
    world_run(&w, w.now + 30000);
    ck_assert_uint_eq(subscribes(), 3);
    answer(200, "Expires: 1000\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    world_run(&w, w.now + 900000);
    ck_assert_uint_eq(subscribes(), 4);
    answer(200, "Expires: 1000\r\n"); /* refreshed: it has proved itself */
    ck_assert_uint_eq(notify("terminated;reason=deactivated"), 200);
    ck_assert_uint_eq(subscribes(), 5);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
}
END_TEST

START_TEST(rfc6665_4_1_3_probation_waits_as_told)
{
    active(1000);
    ck_assert_uint_eq(notify("terminated;reason=probation;retry-after=120"), 200);
    world_run(&w, 119999);
    ck_assert_uint_eq(subscribes(), 1);
    world_run(&w, 120000);
    ck_assert_uint_eq(subscribes(), 2);
    answer(200, "Expires: 1000\r\n");
    ck_assert_uint_eq(notify("terminated;reason=giveup"), 200);
    world_run(&w, 150000);
    ck_assert_uint_eq(subscribes(), 3);
}
END_TEST

/* ---- we end it ---- */

START_TEST(rfc6665_4_1_2_3_unsubscribed)
{
    ps_handle handle = start(1000);
    answer(200, "Expires: 1000\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_int_eq(ps_subscription_stop(subscriptions(), handle), PS_OK);
    ck_assert_int_eq(ps_subscription_stop(subscriptions(), handle), PS_OK); /* once is enough */
    station_pull(st);
    ck_assert_uint_eq(subscribes(), 2);
    ck_assert_str_eq(header_of(subscribe(), PS_H_EXPIRES), "0");
    answer(200, "Expires: 0\r\n");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
    ck_assert_uint_eq(notify("terminated;reason=timeout"),
                      200); /* 4.2.2: what it is told; no circle */
    ck_assert_uint_eq(ended_with(), 200);
    ck_assert_int_eq(ps_subscription_stop(subscriptions(), handle), PS_E_STALE);
    ck_assert_uint_eq(subscribes(), 2);
    nothing_is_left();
}
END_TEST

START_TEST(rfc6665_4_1_2_3_the_last_notify_may_come_first_or_never)
{
    ps_handle handle = start(1000);
    answer(200, "Expires: 1000\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_int_eq(ps_subscription_stop(subscriptions(), handle), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(notify("terminated"), 200);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
    ck_assert_uint_eq(notify("terminated"), 481); /* once is enough */
    answer(200, "Expires: 0\r\n");
    ck_assert_uint_eq(ended_with(), 200);
    station_forget_heard(st);
    handle = start(1000);
    answer(200, "Expires: 1000\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_int_eq(ps_subscription_stop(subscriptions(), handle), PS_OK);
    station_pull(st);
    answer(200, "Expires: 0\r\n");
    world_run(&w, w.now + 32000); /* Timer N */
    ck_assert_uint_eq(ended_with(), 408);
    station_forget_heard(st);
    handle = start(1000);
    answer(200, "Expires: 1000\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_int_eq(ps_subscription_stop(subscriptions(), handle), PS_OK);
    station_pull(st);
    answer(481, NULL); /* it was over there already */
    ck_assert_uint_eq(ended_with(), 200);
    nothing_is_left();
}
END_TEST

START_TEST(unsubscribed_before_the_first_notify)
{
    ps_handle handle = start(1000);
    ck_assert_int_eq(ps_subscription_stop(subscriptions(), handle), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(subscribes(), 1);
    answer(200, "Expires: 1000\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_uint_eq(subscribes(), 2);
    ck_assert_str_eq(header_of(subscribe(), PS_H_EXPIRES), "0");
    answer(200, NULL);
    ck_assert_uint_eq(notify("terminated"), 200);
    ck_assert_uint_eq(ended_with(), 200);
    nothing_is_left();
}
END_TEST

START_TEST(unsubscribed_while_it_pauses)
{
    ps_handle handle = start(1000);
    answer(200, "Expires: 1000\r\n");
    ck_assert_uint_eq(notify("terminated;reason=probation;retry-after=1000"), 200);
    ck_assert_int_eq(ps_subscription_stop(subscriptions(), handle), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(ended_with(), 200);
    nothing_is_left();
}
END_TEST

START_TEST(rfc6665_4_4_3_the_state_once)
{
    start(0);
    answer(200, "Expires: 0\r\n");
    ck_assert_uint_eq(notify("terminated;reason=timeout"), 200);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_NOTIFIED), 1);
    ck_assert_uint_eq(ended_with(), 200);
    station_forget_heard(st);
    start(0); /* the NOTIFY first */
    ck_assert_uint_eq(notify("terminated;reason=timeout"), 200);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED), 0);
    answer(200, "Expires: 0\r\n");
    ck_assert_uint_eq(heard_count(st, PS_EVENT_SUBSCRIBED), 1);
    ck_assert_uint_eq(ended_with(), 200);
    ck_assert_uint_eq(subscribes(), 2);
    nothing_is_left();
}
END_TEST

/* ---- what is wrong from the start ---- */

START_TEST(what_cannot_be_subscribed_to)
{
    ps_handle a = 0, b = 0, c = 0;
    ck_assert_int_eq(try_start("tel:+15551234", "presence", 60, &a), PS_E_SCHEME);
    ck_assert_int_ne(try_start("sip:", "presence", 60, &a), PS_OK);
    ck_assert_int_ne(try_start("sip:b@192.0.2.2", "", 60, &a), PS_OK);
    ck_assert_int_ne(try_start("sip:b@192.0.2.2", "a\r\nX: y", 60, &a), PS_OK);
    ck_assert_uint_eq(ps_stack_live(subscriptions()).subscriptions, 0);
    ck_assert_uint_eq(subscribes(), 0);
    a = start(60);
    b = start(60);
    ck_assert_uint_eq(ps_subscription_next(subscriptions(), 0), a);
    ck_assert_uint_eq(ps_subscription_next(subscriptions(), a), b);
    ck_assert_uint_eq(ps_subscription_next(subscriptions(), b), 0);
    ck_assert_int_eq(try_start("sip:b@192.0.2.2", "presence", 60, &c), PS_E_FULL);
    ps_subscription_end(subscriptions(), a);
    ps_subscription_end(subscriptions(), b);
    nothing_is_left();
}
END_TEST

/* Each pool at 0, 1, 2: an error or a subscription, and nothing left over. */
START_TEST(empty_pools)
{
    struct ps_limits limits = world_limits();
    uint32_t *const limit[] = {&limits.transactions,  &limits.requests,      &limits.dialogs,
                               &limits.subscriptions, &limits.kept[0].count, &limits.kept[1].count};
    ps_handle handle = 0;
    enum ps_error error;
    *limit[_i / 3] = (uint32_t)_i % 3;
    world_free(&w);
    world_start(&w, 2);
    st = station_add(&w, "192.0.2.1:5060", "alice", &limits, NULL);
    st->account.aor = PS_S("sip:alice@example.org");
    error = try_start("sip:b@192.0.2.2", "presence", 100, &handle);
    if (!error && subscribes()) {
        answer(200, "Expires: 100\r\n");
        (void)notify("active");
        world_run(&w, w.now + 90000);
        (void)notify("terminated");
        world_run(&w, w.now + 40000);
    }
    world_run(&w, w.now + 200000);
    ck_assert_uint_eq(ps_stack_live(subscriptions()).subscriptions, 0);
    ck_assert(error || heard_count(st, PS_EVENT_SUBSCRIPTION_ENDED) == 1);
    nothing_is_left();
}
END_TEST

/* A Server that is as long as a chunk makes each 2xx need the only large one, which a request holds
 * that waits. The NOTIFY is abandoned, so its copy is answered, and the next one is taken. */
START_TEST(a_notify_whose_answer_finds_no_room)
{
    struct ps_limits limits = world_limits();
    struct ps_response ok = {.status = 200};
    struct ps_config config = {.server = PS_NONE};
    char lines[600];
    memset(&limits.kept, 0, sizeof limits.kept);
    limits.kept[0] = (struct ps_size_class){512, 32};
    limits.kept[1] = (struct ps_size_class){1536, 1};
    snprintf(lines, sizeof lines, "X-Long: %0500u\r\n", 1u);
    config.server = ps_slice(lines + 8, 500);
    world_free(&w);
    world_start(&w, 2);
    st = station_add(&w, "192.0.2.1:5060", "alice", &limits, &config);
    start(3600);
    answer(200, "Expires: 3600\r\n");
    ck_assert_uint_eq(notify("active"), 200);
    world_request(&w, &(struct tester_request){.method = "OPTIONS", .lines = lines, .body = ""});
    notify_cseq++;
    send_notify("r", "presence", "active");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0"), 1);
    ck_assert_uint_eq(ps_stack_live(st->stack).transactions[3], 1);
    ck_assert_uint_eq(ps_stack_counters(st->stack)->of[PS_COUNT_DROPPED_FULL], 1);
    send_notify("r", "presence", "active");
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 500"), 1); /* its CSeq is known */
    ck_assert_int_eq(
        ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction, &ok),
        PS_OK);
    station_pull(st);
    ck_assert_uint_eq(notify("active"), 200);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_NOTIFIED), 3);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("subscription");
    TCase *tc = tcase_create("subscriber");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rfc6665_4_1_2_what_a_subscribe_looks_like);
    tcase_add_test(tc, rfc6665_4_4_1_the_notify_makes_the_dialog);
    tcase_add_test(tc, rfc6665_4_4_1_a_notify_refreshes_the_target);
    tcase_add_test(tc, rfc6665_4_1_2_4_a_notify_before_the_2xx);
    tcase_add_test(tc, rfc6665_4_1_2_4_timer_n);
    tcase_add_test(tc, nobody_answers);
    tcase_add_test(tc, rfc6665_4_1_2_1_refused);
    tcase_add_test(tc, rfc6665_4_1_2_1_423_asks_for_longer);
    tcase_add_test(tc, rfc3261_12_2_1_1_cseq_counts_on_from_a_challenge_before_the_2xx);
    tcase_add_test(tc, rfc3261_22_2_a_challenge_keeps_call_id_and_tag);
    tcase_add_test(tc, rfc6665_4_1_3_what_a_notify_must_bring);
    tcase_add_test(tc, rfc6665_4_4_1_another_branch_of_a_fork_gets_481);
    tcase_add_test(tc, a_request_of_another_method_has_no_dialog_here);
    tcase_add_test(tc, rfc6665_4_2_2_a_notify_to_nothing_gets_481);
    tcase_add_test(tc, rfc6665_4_1_2_2_a_refresh_that_ends_it);
    tcase_add_test(tc, rfc6665_4_1_2_2_any_other_failure_leaves_it_until_its_end);
    tcase_add_test(tc, a_refresh_that_fails_again_and_again_is_not_repeated_in_haste);
    tcase_add_test(tc, rfc3261_20_33_retry_after_of_a_refresh_is_kept_whole);
    tcase_add_test(tc, rfc6665_4_1_2_1_the_2xx_says_how_long_where_the_notify_does_not);
    tcase_add_test(tc, a_notifier_that_is_gone);
    tcase_add_test(tc, a_notifier_that_grants_nothing_is_not_asked_again);
    tcase_add_test(tc, rfc6665_4_1_3_terminated_for_good);
    tcase_add_test(tc, terminated_before_the_2xx_the_end_waits_for_it);
    tcase_add_test(tc, rfc6665_4_1_3_deactivated_subscribes_anew_at_once_but_not_in_a_circle);
    tcase_add_test(tc, rfc6665_4_1_3_probation_waits_as_told);
    tcase_add_test(tc, rfc6665_4_1_2_3_unsubscribed);
    tcase_add_test(tc, rfc6665_4_1_2_3_the_last_notify_may_come_first_or_never);
    tcase_add_test(tc, unsubscribed_before_the_first_notify);
    tcase_add_test(tc, unsubscribed_while_it_pauses);
    tcase_add_test(tc, rfc6665_4_4_3_the_state_once);
    tcase_add_test(tc, what_cannot_be_subscribed_to);
    tcase_add_loop_test(tc, empty_pools, 0, 18);
    tcase_add_test(tc, a_notify_whose_answer_finds_no_room);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
