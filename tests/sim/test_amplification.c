/*
 * Covers the bounds of what a source that may be forged and never answers is sent, all repetitions
 * together (RFC 3261 26.3.2.4): each case of the table that `make amplification` prints, over a
 * whole stack in virtual time, for a request as phones send it and for the shortest that is
 * answered.
 * Does not cover: the program over sockets (tests/tools/amplification.sh); how refusals are
 * shortened (test_refusals.c); the cap a source (test_hostile.c).
 */
#include "../unit/check_main.h"
#include "amplification.h"

static void expect_within(struct amplify_result result)
{
    ck_assert_msg(amplify_holds(&result),
                  "%s, size %d: %lu bytes in, %lu out in %u datagrams, at most %u times; "
                  "status %u, %u BYE",
                  result.name, (int)result.size, (unsigned long)result.in,
                  (unsigned long)result.out, result.datagrams, result.bound, result.status,
                  result.byes);
}

START_TEST(rfc3261_26_3_2_4_a_forged_source_is_sent_so_much_at_most)
{
    expect_within(amplify_library((unsigned)_i, AMPLIFY_USUAL));
    expect_within(amplify_library((unsigned)_i, AMPLIFY_SHORT));
}
END_TEST

/* The 2xx fills up what it may, and the BYE still has its share. */
START_TEST(rfc3261_26_3_2_4_whatever_the_length_of_the_description)
{
    size_t n;
    for (n = 1; n < 800; n++)
        expect_within(amplify_taken(n));
}
END_TEST

/* The table tells what does not hold. */
START_TEST(a_row_fails_where_it_should)
{
    struct amplify_result row = {.in = 100, .bound = 4, .expected = 200, .status = 200, .out = 400};
    ck_assert(amplify_holds(&row));
    row.out = 401;
    ck_assert(!amplify_holds(&row));
    row.out = 400;
    row.status = 0; /* it was not answered */
    ck_assert(!amplify_holds(&row));
    row.status = 480;
    ck_assert(!amplify_holds(&row));
    row.expected = 302; /* not one Contact had room */
    ck_assert(amplify_holds(&row));
    row.bye = 1;
    ck_assert(!amplify_holds(&row));
    row.byes = 1;
    ck_assert(amplify_holds(&row));
    row.bye = 0;
    ck_assert(!amplify_holds(&row));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("amplification");
    TCase *tc = tcase_create("bounds");
    tcase_add_loop_test(tc, rfc3261_26_3_2_4_a_forged_source_is_sent_so_much_at_most, 0,
                        (int)amplify_cases());
    tcase_add_test(tc, rfc3261_26_3_2_4_whatever_the_length_of_the_description);
    tcase_add_test(tc, a_row_fails_where_it_should);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
