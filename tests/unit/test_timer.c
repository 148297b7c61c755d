/*
 * Covers sip/timer: each timer expires once, at its time, in order, near and far, stopped and
 * started again; the deadline is the earliest one's time and never the wheel's housekeeping; held
 * against a plain list by random operations.
 * Does not cover: which timer a transaction runs (test_rows_*), what it costs
 * (tests/bench/bench_transaction).
 */
#include "check_main.h"
#include "sip/base/timer.h"

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
            ck_assert_uint_eq(ps_timers_deadline(&timers), when);
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
    ck_assert_uint_eq(ps_timers_deadline(&timers), 3);
    ck_assert_ptr_eq(ps_timers_expire(&timers, 1000), &t);
}
END_TEST

/* How often a driver is woken that sleeps until the deadline. */
static unsigned wakes_until(struct ps_timer *timer)
{
    unsigned wakes = 1;
    while (ps_timers_expire(&timers, ps_timers_deadline(&timers)) != timer)
        wakes++;
    return wakes;
}

START_TEST(one_timer_wakes_once)
{
    static const uint64_t waits[] = {1, 63, 64, 500, 4096, 60000, 300000, UINT64_C(1) << 30};
    unsigned i;
    uint64_t start;
    for (i = 0; i < sizeof waits / sizeof *waits; i++)
        for (start = 0; start < 300000; start += 977) {
            struct ps_timer t = {0};
            ps_timers_init(&timers, start);
            ps_timer_start(&timers, &t, start + waits[i]);
            ck_assert_uint_eq(ps_timers_deadline(&timers), start + waits[i]);
            ck_assert_uint_eq(wakes_until(&t), 1);
        }
}
END_TEST

/* All in one slot far away: the oldest is stopped each time, as one that makes room is. */
START_TEST(the_next_is_known_when_the_earliest_stops)
{
    enum { N = 1000 };
    static struct ps_timer t[N];
    unsigned i;
    memset(t, 0, sizeof t);
    ps_timers_init(&timers, 0);
    for (i = 0; i < N; i++)
        ps_timer_start(&timers, &t[i], 33000 + (i * 7919u) % N);
    for (i = 0; i < N; i++) {
        unsigned j, earliest = 0;
        for (j = 0; j < N; j++)
            if (ps_timer_runs(&t[j]) &&
                (!ps_timer_runs(&t[earliest]) || t[j].when < t[earliest].when))
                earliest = j;
        ck_assert_uint_eq(ps_timers_deadline(&timers), t[earliest].when);
        ps_timer_stop(&timers, &t[earliest]);
    }
    ck_assert_uint_eq(ps_timers_deadline(&timers), PS_NEVER);
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

/* However they are put down by the wheel, and whoever else expires or stops meanwhile. */
START_TEST(of_many_for_the_same_times_first_started_first)
{
    enum { N = 300, TIMES = 5 };
    static struct ps_timer t[N];
    const struct ps_timer *last[TIMES] = {NULL}, *due;
    unsigned i;
    memset(t, 0, sizeof t);
    ps_timers_init(&timers, 100);
    for (i = 0; i < N; i++)
        ps_timer_start(&timers, &t[i], 70000 + (i * 31u) % TIMES);
    for (i = 0; i < N; i += 3)
        ps_timer_stop(&timers, &t[(i * 7) % N]);
    for (i = 0; (due = ps_timers_expire(&timers, 80000)) != NULL; i++) {
        unsigned time = (unsigned)(due->when - 70000);
        ck_assert(!last[time] || last[time] < due);
        last[time] = due;
    }
    ck_assert_uint_eq(i, N - N / 3);
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
            if ((next_random(&random) & 15) == 0)
                when[i] -= when[i] < 100 ? when[i] : 100; /* past already, perhaps */
            ps_timer_start(&timers, &t[i], when[i]);
        }
        ck_assert_uint_eq(ps_timers_deadline(&timers), least(when));
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
    tcase_add_test(t, one_timer_wakes_once);
    tcase_add_test(t, the_next_is_known_when_the_earliest_stops);
    tcase_add_test(t, same_time_first_started_first);
    tcase_add_test(t, of_many_for_the_same_times_first_started_first);
    tcase_add_test(t, started_anew_forgets_the_old_time);
    tcase_add_loop_test(t, random_against_a_list, 0, 8);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
