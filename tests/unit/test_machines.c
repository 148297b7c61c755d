/*
 * Covers sip/machines: that the tables say what RFC 3261 17 (Figures 5 to 8), RFC 6026 (Figures of
 * 7.1 and 7.2) and RFC 4320 say, state by state and event by event; that each state is bounded by a
 * timer; the look-up and the names.
 * Does not cover: what comes of it (tests/sim: the rows and the search).
 */
#include <stdio.h>

#include "check_main.h"
#include "sip/machines.h"

/* Lists what the figures draw: state, event, next. Nothing else happens. */
struct arrow {
    const char *state, *event, *next;
};

static const struct arrow ict[] = {
    {"initial", "request", "calling"},
    {"calling", "timer A", "calling"},
    {"calling", "timer B", "terminated"},
    {"calling", "1xx", "proceeding"},
    {"calling", "2xx", "accepted"},
    {"calling", "300-699", "completed"},
    {"calling", "transport error", "terminated"},
    {"calling", "abandoned by the user", "terminated"},
    {"proceeding", "1xx", "proceeding"},
    {"proceeding", "2xx", "accepted"},
    {"proceeding", "300-699", "completed"},
    {"proceeding", "guard", "proceeding"},
    {"proceeding", "timer B", "terminated"},
    {"proceeding", "abandoned by the user", "terminated"},
    {"completed", "300-699", "completed"},
    {"completed", "transport error", "terminated"},
    {"completed", "timer D", "terminated"},
    {"accepted", "2xx", "accepted"},
    {"accepted", "timer M", "terminated"},
    {NULL, NULL, NULL},
};

static const struct arrow nict[] = {
    {"initial", "request", "trying"},
    {"trying", "timer E", "trying"},
    {"trying", "timer F", "terminated"},
    {"trying", "1xx", "proceeding"},
    {"trying", "final response", "completed"},
    {"trying", "transport error", "terminated"},
    {"trying", "abandoned by the user", "terminated"},
    {"proceeding", "timer E", "proceeding"},
    {"proceeding", "timer F", "terminated"},
    {"proceeding", "1xx", "proceeding"},
    {"proceeding", "final response", "completed"},
    {"proceeding", "transport error", "terminated"},
    {"proceeding", "abandoned by the user", "terminated"},
    {"completed", "timer K", "terminated"},
    {NULL, NULL, NULL},
};

static const struct arrow ist[] = {
    {"initial", "request", "proceeding"},
    {"proceeding", "request again", "proceeding"},
    {"proceeding", "timer 100", "proceeding"},
    {"proceeding", "1xx", "proceeding"},
    {"proceeding", "2xx", "accepted"},
    {"proceeding", "300-699", "completed"},
    {"proceeding", "transport error", "proceeding"},
    {"proceeding", "guard", "terminated"},
    {"proceeding", "final sent once", "terminated"},
    {"proceeding", "abandoned by the user", "terminated"},
    {"completed", "request again", "completed"},
    {"completed", "timer G", "completed"},
    {"completed", "ACK", "confirmed"},
    {"completed", "transport error", "completed"},
    {"completed", "timer H", "terminated"},
    {"completed", "evicted", "terminated"},
    {"confirmed", "timer I", "terminated"},
    {"confirmed", "evicted", "terminated"},
    {"accepted", "2xx", "accepted"},
    {"accepted", "ACK", "accepted"},
    {"accepted", "transport error", "accepted"},
    {"accepted", "timer L", "terminated"},
    {"accepted", "evicted", "terminated"},
    {NULL, NULL, NULL},
};

static const struct arrow nist[] = {
    {"initial", "request", "trying"},
    {"trying", "timer 100", "proceeding"},
    {"trying", "final response", "completed"},
    {"trying", "transport error", "terminated"},
    {"trying", "guard", "terminated"},
    {"trying", "abandoned by the user", "terminated"},
    {"proceeding", "request again", "proceeding"},
    {"proceeding", "final response", "completed"},
    {"proceeding", "transport error", "terminated"},
    {"proceeding", "guard", "terminated"},
    {"proceeding", "abandoned by the user", "terminated"},
    {"completed", "request again", "completed"},
    {"completed", "transport error", "terminated"},
    {"completed", "timer J", "terminated"},
    {"completed", "evicted", "terminated"},
    {NULL, NULL, NULL},
};

static const struct arrow *const figures[PS_MACHINES] = {ict, nict, ist, nist};

static const char *drawn(const struct arrow *figure, unsigned state, unsigned event)
{
    for (; figure->state; figure++)
        if (strcmp(figure->state, ps_tx_state_name(state)) == 0 &&
            strcmp(figure->event, ps_tx_event_name(event)) == 0)
            return figure->next;
    return "";
}

START_TEST(each_state_and_event_as_drawn)
{
    const struct ps_machine *machine = &ps_machines[_i];
    unsigned state, event, rows = 0;
    for (state = 0; state < PS_TX_STATE_COUNT; state++)
        for (event = 0; event < PS_TX_EVENT_COUNT; event++) {
            const struct ps_row *row = ps_machine_row(machine, state, event);
            const char *next = row ? ps_tx_state_name(row->next) : "";
            ck_assert_msg(strcmp(next, drawn(figures[_i], state, event)) == 0, "%s: %s on %s: '%s'",
                          machine->name, ps_tx_state_name(state), ps_tx_event_name(event), next);
            rows += row != NULL;
        }
    ck_assert_uint_eq(rows, machine->count); /* no row stands twice */
}
END_TEST

static uint32_t bounds(uint32_t actions)
{
    return actions & (PS_DO(TELL) - 1) & ~(2 * PS_START(100) - 1);
}

/* Whoever comes into another state starts its bound, or has one that runs on (NICT's Timer F). */
START_TEST(each_state_is_bounded)
{
    const struct ps_machine *machine = &ps_machines[_i];
    unsigned i;
    for (i = 0; i < machine->count; i++) {
        const struct ps_row *row = &machine->rows[i];
        uint32_t bound = bounds(row->actions);
        ck_assert_uint_eq(bound & (bound - 1), 0); /* one at most */
        if (row->next == PS_IN_TERMINATED) {
            ck_assert_uint_eq(bound, 0);
            continue;
        }
        if (row->next != row->state && row->next != PS_IN_PROCEEDING)
            ck_assert_uint_ne(bound, 0);
        if (bound) /* and its end is known there */
            ck_assert_ptr_nonnull(
                ps_machine_row(machine, row->next, (unsigned)__builtin_ctz(bound)));
    }
}
END_TEST

START_TEST(each_row_names_its_rule)
{
    const struct ps_machine *machine = &ps_machines[_i];
    unsigned i;
    for (i = 0; i < machine->count; i++)
        ck_assert(strncmp(machine->rows[i].rule, "17.", 3) == 0 ||
                  strncmp(machine->rows[i].rule, "6026 7.", 7) == 0 ||
                  strncmp(machine->rows[i].rule, "4320 4.", 7) == 0 ||
                  strcmp(machine->rows[i].rule, "9.1") == 0 ||
                  strcmp(machine->rows[i].rule, "8.2.7") == 0 ||
                  strcmp(machine->rows[i].rule, "room") == 0 ||
                  strcmp(machine->rows[i].rule, "guard") == 0);
}
END_TEST

START_TEST(everything_has_a_name)
{
    unsigned i;
    for (i = 0; i < PS_TX_STATE_COUNT; i++)
        ck_assert_str_ne(ps_tx_state_name(i), "?");
    for (i = 0; i < PS_TX_EVENT_COUNT; i++)
        ck_assert_str_ne(ps_tx_event_name(i), "?");
    for (i = 0; i < PS_TX_ACTION_END; i++)
        ck_assert_str_ne(ps_tx_action_name(i), "?");
    ck_assert_str_eq(ps_tx_state_name(PS_TX_STATE_COUNT), "?");
    ck_assert_str_eq(ps_tx_event_name(PS_TX_EVENT_COUNT), "?");
    ck_assert_str_eq(ps_tx_action_name(PS_TX_ACTION_END), "?");
    ck_assert_str_eq(ps_tx_action_name(PS_ON_TIMER_A), "start timer A");
    ck_assert_str_eq(ps_tx_action_name(PS_TX_BIT_SEND_ACK), "send ACK");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("machines");
    TCase *t = tcase_create("machines");
    tcase_add_loop_test(t, each_state_and_event_as_drawn, 0, PS_MACHINES);
    tcase_add_loop_test(t, each_state_is_bounded, 0, PS_MACHINES);
    tcase_add_loop_test(t, each_row_names_its_rule, 0, PS_MACHINES);
    tcase_add_test(t, everything_has_a_name);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
