/*
 * Covers sip/environment: random numbers from the seed, tokens, names of counters.
 * Does not cover: who counts what.
 */
#include "check_main.h"
#include "sip/base/environment.h"

static struct ps_environment env;

START_TEST(same_seed_same_numbers)
{
    uint64_t first[100];
    unsigned i, j;
    memset(&env, 0, sizeof env);
    env.random_key[3] = 9;
    for (i = 0; i < 100; i++)
        first[i] = ps_random(&env);
    for (i = 0; i < 100; i++)
        for (j = 0; j < i; j++)
            ck_assert_uint_ne(first[i], first[j]);
    env.random_counter = 0;
    for (i = 0; i < 100; i++)
        ck_assert_uint_eq(ps_random(&env), first[i]);
    env.random_counter = 0;
    env.random_key[15] = 1;
    ck_assert_uint_ne(ps_random(&env), first[0]);
}
END_TEST

START_TEST(token_keeps_64_bits_rfc3261_25_1)
{
    char text[16];
    struct ps_writer w = ps_writer(text, sizeof text);
    ps_put_base32(&w, 0);
    ck_assert(ps_equal(ps_written(&w), PS_S("0000000000000")));
    w = ps_writer(text, sizeof text);
    ps_put_base32(&w, UINT64_MAX);
    ck_assert(ps_equal(ps_written(&w), PS_S("vvvvvvvvvvvvf")));
    w = ps_writer(text, sizeof text);
    ps_put_token(&w, &env);
    ck_assert_uint_eq(ps_written(&w).n, 13);
    ck_assert(ps_all(ps_written(&w), PS_C_TOKEN));
}
END_TEST

START_TEST(counters_have_names)
{
    unsigned i, j;
    for (i = 0; i < PS_COUNTER_COUNT; i++)
        for (j = 0; j < i; j++)
            ck_assert_str_ne(ps_counter_name((enum ps_counter)i),
                             ps_counter_name((enum ps_counter)j));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("environment");
    TCase *t = tcase_create("environment");
    tcase_add_test(t, same_seed_same_numbers);
    tcase_add_test(t, token_keeps_64_bits_rfc3261_25_1);
    tcase_add_test(t, counters_have_names);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
