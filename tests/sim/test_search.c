/*
 * Covers the four machines (sip/transaction/machines.c, RFC 3261 17, RFC 6026, RFC 4320) by
 * exhaustive search: every state of a client, a server, a network between them and both users is
 * visited, and what the watchers of search.c ask holds in each. Then each row's next state is put
 * wrong, each way it can be, and each of its actions left out: the search must notice.
 * Does not cover: how transaction_perform.c carries out an action (the rows' tests).
 *
 * PS_SEARCH_IN_FLIGHT in the environment sets how many messages are in flight at most (2).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "search.h"

/* The third's Timer E never comes to T2 before the guard ends a silent server. */
static const struct search configurations[] = {
    {.invite = true, .t2 = 3, .t1_64 = 7},
    {.invite = true, .t2 = 3, .t1_64 = 7, .reliable = true},
    {.t2 = 5, .t1_64 = 9},
    {.t2 = 5, .t1_64 = 9, .reliable = true},
    {.t2 = 20, .t1_64 = 5},
};
enum { CONFIGURATIONS = sizeof configurations / sizeof *configurations };

static unsigned in_flight(void)
{
    const char *given = getenv("PS_SEARCH_IN_FLIGHT");
    return given ? (unsigned)atoi(given) : 2;
}

static struct search searched(unsigned i, const struct ps_machine *machines, unsigned messages)
{
    struct search s = configurations[i];
    s.machines = machines;
    s.in_flight = messages;
    s.explain = machines == ps_machines;
    search_run(&s);
    return s;
}

START_TEST(every_state_keeps_the_rules_and_every_run_ends)
{
    static bool ran[PS_MACHINES][32];
    unsigned i, m, row;
    for (i = 0; i < CONFIGURATIONS; i++) {
        struct search s = searched(i, ps_machines, in_flight());
        printf("states: %s, %s, %u in flight: %lu reachable, %lu steps, %s\n",
               s.invite ? "ict and ist" : "nict and nist", s.reliable ? "reliable" : "unreliable",
               s.in_flight, s.states, s.steps, s.broken ? s.broken : "each keeps the rules");
        ck_assert_msg(!s.broken, "%s", s.broken);
        for (m = 0; m < 2; m++)
            for (row = 0; row < 32; row++)
                ran[m * 2 + !s.invite][row] |= s.row_runs[m][row] > 0;
    }
    for (m = 0; m < PS_MACHINES; m++)
        for (row = 0; row < ps_machines[m].count; row++)
            ck_assert_msg(ran[m][row], "%s: row %u never ran", ps_machines[m].name, row);
}
END_TEST

/* ---- mutants ---- */

struct mutant {
    uint8_t machine, state, event, next;
    const char *why; /* nobody outside can tell */
};

static const struct mutant unseen[] = {
    {PS_NICT, PS_IN_TRYING, PS_ON_FINAL, PS_IN_TERMINATED,
     "an absorbing state left early: a copy of the final is dropped as a stray instead"},
    {PS_NICT, PS_IN_PROCEEDING, PS_ON_FINAL, PS_IN_TERMINATED,
     "an absorbing state left early: a copy of the final is dropped as a stray instead"},
    {PS_NICT, PS_IN_PROCEEDING, PS_ON_TIMER_E, PS_IN_TRYING,
     "the wait is T2 already, and twice as long is T2 in Trying too"},
};
enum { UNSEEN = sizeof unseen / sizeof *unseen };

static bool caught(const struct ps_machine *machines, bool invite)
{
    unsigned messages, i;
    for (messages = 1; messages <= 2; messages++)
        for (i = 0; i < CONFIGURATIONS; i++)
            if (configurations[i].invite == invite && searched(i, machines, messages).broken)
                return true;
    return false;
}

static const char *why_unseen(unsigned machine, const struct ps_row *row)
{
    unsigned i;
    for (i = 0; i < UNSEEN; i++)
        if (unseen[i].machine == machine && unseen[i].state == row->state &&
            unseen[i].event == row->event && unseen[i].next == row->next)
            return unseen[i].why;
    return NULL;
}

static struct ps_row rows[32];
static struct ps_machine machines[PS_MACHINES];

/* The machine whose rows may be put wrong; the states it can be in, a bit each. */
static unsigned open_machine(unsigned m)
{
    unsigned i, states = 0;
    memcpy(machines, ps_machines, sizeof machines);
    memcpy(rows, ps_machines[m].rows, ps_machines[m].count * sizeof *rows);
    machines[m].rows = rows;
    for (i = 0; i < machines[m].count; i++)
        states |= 1u << rows[i].next;
    return states;
}

START_TEST(a_wrong_next_state_is_noticed)
{
    unsigned m, i, next, made = 0, found = 0, listed = 0;
    for (m = 0; m < PS_MACHINES; m++) {
        unsigned states = open_machine(m);
        for (i = 0; i < machines[m].count; i++)
            for (next = 0; next < PS_TX_STATE_COUNT; next++) {
                uint8_t right = ps_machines[m].rows[i].next;
                const char *why;
                if (!(states >> next & 1) || next == right)
                    continue;
                made++;
                rows[i].next = (uint8_t)next;
                why = why_unseen(m, &rows[i]);
                if (caught(machines, m == PS_ICT || m == PS_IST)) {
                    found++;
                    ck_assert_msg(!why, "listed as unseen, but seen");
                } else {
                    listed += why != NULL;
                    printf("mutants: %s %s on %s -> %s instead of %s is not caught: %s\n",
                           machines[m].name, ps_tx_state_name(rows[i].state),
                           ps_tx_event_name(rows[i].event), ps_tx_state_name(next),
                           ps_tx_state_name(right), why ? why : "FOR NO REASON");
                }
                rows[i].next = right;
            }
    }
    printf("mutants: next states: %u of %u caught\n", found, made);
    ck_assert_uint_eq(found + listed, made);
    ck_assert_uint_eq(listed, UNSEEN);
}
END_TEST

/* Not these two: here nothing waits to be pulled, a timer without a row does nothing, and bytes
 * take no room. The rows' tests hold them. */
static const uint32_t not_modelled = PS_DO(STOP) | PS_DO(FORGET);

START_TEST(a_missing_action_is_noticed)
{
    unsigned m, i, bit, made = 0, found = 0;
    for (m = 0; m < PS_MACHINES; m++) {
        open_machine(m);
        for (i = 0; i < machines[m].count; i++)
            for (bit = 0; bit < PS_TX_ACTION_END; bit++) {
                if (!((rows[i].actions & ~not_modelled) >> bit & 1))
                    continue;
                made++;
                rows[i].actions &= ~(UINT32_C(1) << bit);
                if (caught(machines, m == PS_ICT || m == PS_IST))
                    found++;
                else
                    printf("mutants: %s %s on %s without '%s' is not caught\n", machines[m].name,
                           ps_tx_state_name(rows[i].state), ps_tx_event_name(rows[i].event),
                           ps_tx_action_name(bit));
                rows[i].actions |= UINT32_C(1) << bit;
            }
    }
    printf("mutants: actions: %u of %u caught\n", found, made);
    ck_assert_uint_eq(found, made);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("search");
    TCase *t = tcase_create("search");
    tcase_set_timeout(t, 300);
    tcase_add_unchecked_fixture(t, NULL, search_free);
    tcase_add_test(t, every_state_keeps_the_rules_and_every_run_ends);
    tcase_add_test(t, a_wrong_next_state_is_noticed);
    tcase_add_test(t, a_missing_action_is_noticed);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
