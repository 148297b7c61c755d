/*
 * Covers what the header codecs share among themselves: numbers inside a value, the cookie of a
 * branch (RFC 3261 8.1.1.7), the form of a Call-ID (20.8, 25.1).
 * Does not cover: the line scanner (test_scan), whole values (test_header, test_values).
 */
#include "check_main.h"
#include "sip/message/header_internal.h"

/* `n` digits are taken, or none and the number stays as it was. */
static void takes(const char *text, uint32_t max, size_t n, uint32_t value)
{
    uint32_t out = 77;
    const char *after = ps_take_number(text, text + strlen(text), max, &out);
    ck_assert_ptr_eq(after, n ? text + n : NULL);
    ck_assert_uint_eq(out, n ? value : 77);
}

START_TEST(numbers_inside_a_value)
{
    takes("5060;", 65535, 4, 5060);
    takes("00065535", 65535, 8, 65535);
    takes("65536", 65535, 0, 0);
    takes("99999999999999999999999999 ", UINT32_MAX, 0, 0);
    takes("4294967295", UINT32_MAX, 10, UINT32_MAX);
    takes("/1", 9, 0, 0);
    takes(":1", 9, 0, 0);
    takes("", 9, 0, 0);
}
END_TEST

START_TEST(branch_cookie_8_1_1_7)
{
    ck_assert(ps_branch_has_cookie(PS_S("z9hG4bKa")));
    ck_assert(!ps_branch_has_cookie(PS_S("z9hG4bK")));
    ck_assert(!ps_branch_has_cookie(PS_S("Z9hG4bKa")));
    ck_assert(!ps_branch_has_cookie(PS_NONE));
}
END_TEST

START_TEST(call_id_20_8)
{
    ck_assert(ps_is_call_id(PS_S("word%ZK-!.*_+'@word`~)(><:\\/\"][?}{")));
    ck_assert(!ps_is_call_id(PS_S("a@")));
    ck_assert(!ps_is_call_id(PS_S("@a")));
    ck_assert(!ps_is_call_id(PS_S("a b")));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("header internal");
    TCase *t = tcase_create("header internal");
    tcase_add_test(t, numbers_inside_a_value);
    tcase_add_test(t, branch_cookie_8_1_1_7);
    tcase_add_test(t, call_id_20_8);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
