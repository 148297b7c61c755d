/*
 * Covers what an application itself puts into a call's messages: header lines, reasons and bodies
 * of responses (ps_call_respond), header lines of requests within (ps_call_request), for each of
 * them what is refused; and limits that are known when the program runs (ps_limits_for).
 * Does not cover: when which of them may be sent (test_dialog, test_rows_call).
 */
#include "../unit/check_main.h"
#include "world.h"

#define BOB "Contact: <sip:bob@192.0.2.9:5070>\r\n"
#define SDP PS_S("application/sdp")

static struct world w;
static struct station *st;

static void setup(void)
{
    const struct ps_limits limits = ps_limits_for(1, 0, 0, 2048);
    world_start(&w, 21);
    st = station_add(&w, "192.0.2.1:5060", "b", &limits, NULL);
}

static void teardown(void)
{
    world_free(&w);
}

static ps_handle incoming(void)
{
    struct tester_request r = {.body = "offer"};
    world_request(&w, &r);
    return heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
}

static enum ps_error respond(ps_handle call, unsigned status, const char *reason, const char *lines,
                             const char *body)
{
    struct ps_response response = {.status = status,
                                   .reason = ps_slice_of(reason),
                                   .lines = ps_slice_of(lines),
                                   .type = body ? PS_S("text/plain") : PS_NONE,
                                   .body = ps_slice_of(body)};
    enum ps_error error = ps_call_respond(st->stack, call, &response);
    station_pull(st);
    return error;
}

static enum ps_error request(ps_handle call, const char *method, const char *lines,
                             const char *body, ps_handle *out)
{
    enum ps_error error =
        ps_call_request(st->stack, call, ps_slice_of(method), ps_slice_of(lines),
                        body ? PS_S("text/plain") : PS_NONE, ps_slice_of(body), out);
    station_pull(st);
    return error;
}

static ps_handle established(void)
{
    ps_handle call = start_call(st, "offer");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, "x", BOB, "answer");
    return call;
}

static void end_all(void)
{
    world_run(&w, w.now + 64000);
    station_expect_empty(st);
}

START_TEST(a_180_and_a_refusal_with_a_reason_lines_and_a_body)
{
    const struct sent *sent;
    ps_handle call = incoming();
    ck_assert_int_eq(respond(call, 183, NULL, "P-Early-Media: sendonly\r\n", "ringing"), PS_OK);
    sent = sent_last(&w.log, "SIP/2.0 183 Session Progress\r\n");
    ck_assert_ptr_nonnull(strstr(sent->text, "\r\nP-Early-Media: sendonly\r\n"));
    ck_assert_str_eq(header_of(sent, PS_H_CONTACT), "<sip:b@192.0.2.1:5060>");
    ck_assert_str_eq(body_of(sent), "ringing");
    ck_assert_int_eq(
        respond(call, 480, "In a Meeting", "Reason: SIP;cause=480\r\nRetry-After: 60\r\n", "later"),
        PS_OK);
    sent = sent_last(&w.log, "SIP/2.0 480 In a Meeting\r\n");
    ck_assert_str_eq(header_of(sent, PS_H_REASON), "SIP;cause=480");
    ck_assert_str_eq(header_of(sent, PS_H_RETRY_AFTER), "60");
    ck_assert_str_eq(header_of(sent, PS_H_CONTENT_TYPE), "text/plain");
    ck_assert_str_eq(body_of(sent), "later");
    ck_assert_int_eq(respond(call, 480, NULL, NULL, NULL), PS_E_STALE);
    end_all();
}
END_TEST

START_TEST(a_200_with_lines)
{
    ps_handle call = incoming();
    ck_assert_int_eq(respond(call, 200, NULL, "P-Answer-State: Confirmed\r\n", "answer"), PS_OK);
    ck_assert_ptr_nonnull(
        strstr(sent_last(&w.log, "SIP/2.0 200 OK")->text, "\r\nP-Answer-State: Confirmed\r\n"));
    ck_assert_int_eq(respond(call, 180, NULL, NULL, NULL), PS_E_STATE);
    end_all(); /* nobody acknowledges: a BYE, that nobody answers */
}
END_TEST

/* Each is refused, the call rings on, and is then answered. */
START_TEST(what_is_no_response_changes_nothing)
{
    static const unsigned no_status[] = {0, 99, 700, 65535};
    unsigned i;
    ps_handle call = incoming();
    for (i = 0; i < sizeof no_status / sizeof *no_status; i++)
        ck_assert_int_eq(respond(call, no_status[i], NULL, NULL, NULL), PS_E_ARGUMENT);
    ck_assert_int_eq(respond(call, 180, "a\r\nb", NULL, NULL), PS_E_INJECTION);
    ck_assert_int_eq(respond(call, 180, NULL, "no header line", NULL), PS_E_INJECTION);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 180"), 0);
    ck_assert_uint_eq(ps_stack_live(st->stack).calls, 1);
    ck_assert_int_eq(respond(call, 200, NULL, NULL, "answer"), PS_OK);
    end_all();
}
END_TEST

START_TEST(requests_within_with_lines)
{
    ps_handle call = established(), info = 0, none = 7;
    ck_assert_int_eq(request(call, "INFO", "Info-Package: x\r\n", "1", &info), PS_OK);
    ck_assert_uint_ne(info, 0);
    ck_assert_ptr_nonnull(strstr(sent_last(&w.log, "INFO")->text, "\r\nInfo-Package: x\r\n"));
    ck_assert_str_eq(body_of(sent_last(&w.log, "INFO")), "1");
    world_answer(&w, sent_last(&w.log, "INFO"), 200, NULL, NULL, NULL);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_RESPONSE)->event.request, info);
    ck_assert_int_eq(request(call, "INVITE", "Subject: hold\r\n", "offer2", &none), PS_OK);
    ck_assert_uint_eq(none, 0);
    ck_assert_str_eq(header_of(sent_last(&w.log, "INVITE"), PS_H_SUBJECT), "hold");
    world_answer(&w, sent_last(&w.log, "INVITE"), 200, NULL, BOB, "answer2");
    ck_assert_int_eq(request(call, "BYE", "Reason: Q.850;cause=16\r\n", NULL, &none), PS_OK);
    ck_assert_str_eq(header_of(sent_last(&w.log, "BYE"), PS_H_REASON), "Q.850;cause=16");
    world_answer(&w, sent_last(&w.log, "BYE"), 200, NULL, NULL, NULL);
    ck_assert_int_eq(request(call, "INFO", NULL, NULL, &none), PS_E_STALE);
    end_all();
}
END_TEST

/* Lines that would end the head, a method that is no token: nothing is sent, the call goes on. */
START_TEST(requests_within_that_are_none)
{
    ps_handle call = established(), none = 7;
    unsigned before = w.log.n;
    ck_assert_int_eq(request(call, "INFO", "\r\n", NULL, &none), PS_E_INJECTION);
    ck_assert_uint_eq(none, 0);
    ck_assert_int_eq(request(call, "INVITE", "no header line", "o", &none), PS_E_INJECTION);
    ck_assert_int_ne(request(call, "IN FO", NULL, NULL, &none), PS_OK);
    ck_assert_uint_eq(w.log.n, before);
    ck_assert_int_eq(request(call, "INFO", NULL, NULL, &none), PS_OK);
    world_answer(&w, sent_last(&w.log, "INFO"), 200, NULL, NULL, NULL);
    ck_assert_int_eq(ps_call_hangup(st->stack, call), PS_OK);
    station_pull(st);
    world_answer(&w, sent_last(&w.log, "BYE"), 200, NULL, NULL, NULL);
    end_all();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("call messages");
    TCase *t = tcase_create("call messages");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_180_and_a_refusal_with_a_reason_lines_and_a_body);
    tcase_add_test(t, a_200_with_lines);
    tcase_add_test(t, what_is_no_response_changes_nothing);
    tcase_add_test(t, requests_within_with_lines);
    tcase_add_test(t, requests_within_that_are_none);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
