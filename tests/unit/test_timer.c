/*
 * Covers sip/timer: each timer expires once, at its time, in order, near and far, stopped and
 * started again; held against a plain sorted list by random operations.
 * Does not cover: which timer a transaction runs (test_transaction).
 */
#include "check_main.h"
#include "sip/timer.h"

static struct ps_timers timers;

START_TEST(none_runs)
{
    struct ps_timer t = {0};
    ps_timers_init(&timers, 5);
    ck_assert_uint_eq(ps_timers_deadline(&timers), PS_NEVER);
    ck_assert_ptr_null(ps_timers_expire(&timers, 1000000));
    ps_timer_stop(&timers, &t);
    ck_assert(!ps_timer_runs(&t));
    ck_assert_ptr_null(ps_timers_expire(&timers, PS_NEVER));
}
END_TEST

START_TEST(never_early_never_late)
{
    static const uint64_t after[] = {0,
                                     1,
                                     63,
                                     64,
                                     65,
                                     4095,
                                     4096,
                                     32000,
                                     UINT64_C(1) << 30,
                                     UINT64_C(1) << 36,
                                     (UINT64_C(1) << 36) - 1,
                                     UINT64_C(1) << 40};
    static const uint64_t starts[] = {0,
                                      1,
                                      63,
                                      64,
                                      0xfffff,
                                      UINT64_C(1) << 36,
                                      (UINT64_C(1) << 36) - 1,
                                      (UINT64_C(63) << 30) + 17};
    unsigned i, j;
    for (i = 0; i < sizeof starts / sizeof *starts; i++)
        for (j = 0; j < sizeof after / sizeof *after; j++) {
            struct ps_timer t = {0};
            uint64_t when = starts[i] + after[j];
            ps_timers_init(&timers, starts[i]);
            ps_timer_start(&timers, &t, when);
            ck_assert_uint_le(ps_timers_deadline(&timers), when);
            if (after[j])
                ck_assert_ptr_null(ps_timers_expire(&timers, when - 1));
            ck_assert_uint_eq(ps_timers_deadline(&timers), when);
            ck_assert_ptr_eq(ps_timers_expire(&timers, when), &t);
            ck_assert(!ps_timer_runs(&t));
            ck_assert_uint_eq(timers.running, 0);
            ck_assert_ptr_null(ps_timers_expire(&timers, when));
        }
}
END_TEST

START_TEST(past_expires_at_the_next_pull)
{
    struct ps_timer t = {0};
    ps_timers_init(&timers, 1000);
    ps_timer_start(&timers, &t, 3);
    ck_assert_uint_le(ps_timers_deadline(&timers), 1000);
    ck_assert_ptr_eq(ps_timers_expire(&timers, 1000), &t);
}
END_TEST

START_TEST(same_time_first_started_first)
{
    struct ps_timer t[3] = {{0}};
    unsigned i;
    ps_timers_init(&timers, 0);
    ps_timer_start(&timers, &t[0], 500);
    ck_assert_ptr_null(ps_timers_expire(&timers, 400));
    ps_timer_start(&timers, &t[1], 500);
    ck_assert_ptr_null(ps_timers_expire(&timers, 499));
    ps_timer_start(&timers, &t[2], 500);
    for (i = 0; i < 3; i++)
        ck_assert_ptr_eq(ps_timers_expire(&timers, 500), &t[i]);
}
END_TEST

START_TEST(started_anew_forgets_the_old_time)
{
    struct ps_timer t = {0};
    ps_timers_init(&timers, 0);
    ps_timer_start(&timers, &t, 100);
    ps_timer_start(&timers, &t, 300);
    ck_assert_uint_eq(timers.running, 1);
    ck_assert_ptr_null(ps_timers_expire(&timers, 299));
    ck_assert_ptr_eq(ps_timers_expire(&timers, 300), &t);
}
END_TEST

/* Against a model: an array of times, the least first. */
enum { MANY = 200, STEPS = 60000 };

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 20;
}

static uint64_t least(const uint64_t when[MANY])
{
    uint64_t min = PS_NEVER;
    unsigned i;
    for (i = 0; i < MANY; i++)
        if (when[i] < min)
            min = when[i];
    return min;
}

static void expire_all(struct ps_timer t[MANY], uint64_t when[MANY], uint64_t now)
{
    struct ps_timer *due;
    while ((due = ps_timers_expire(&timers, now)) != NULL) {
        ck_assert_uint_eq(when[due - t], least(when));
        ck_assert_uint_le(due->when, now);
        when[due - t] = PS_NEVER;
    }
    ck_assert_uint_gt(least(when), now);
    ck_assert_uint_le(ps_timers_deadline(&timers), least(when));
}

START_TEST(random_against_a_list)
{
    static struct ps_timer t[MANY];
    static uint64_t when[MANY];
    uint64_t random = (uint64_t)_i + 1, now = next_random(&random) >> (next_random(&random) & 31);
    unsigned i, step;
    memset(t, 0, sizeof t);
    for (i = 0; i < MANY; i++)
        when[i] = PS_NEVER;
    ps_timers_init(&timers, now);
    for (step = 0; step < STEPS; step++) {
        i = (unsigned)(next_random(&random) % MANY);
        switch (next_random(&random) & 3) {
        case 0:
            ps_timer_stop(&timers, &t[i]);
            when[i] = PS_NEVER;
            break;
        case 1:
            now += next_random(&random) & 0xff;
            if ((next_random(&random) & 0xfff) == 0)
                now += next_random(&random) >> 4; /* the machine slept */
            expire_all(t, when, now);
            break;
        default:
            when[i] =
                now + (next_random(&random) & ((UINT64_C(1) << (next_random(&random) % 39)) - 1));
            ps_timer_start(&timers, &t[i], when[i]);
        }
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("timer");
    TCase *t = tcase_create("timer");
    tcase_add_test(t, none_runs);
    tcase_add_test(t, never_early_never_late);
    tcase_add_test(t, past_expires_at_the_next_pull);
    tcase_add_test(t, same_time_first_started_first);
    tcase_add_test(t, started_anew_forgets_the_old_time);
    tcase_add_loop_test(t, random_against_a_list, 0, 8);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
