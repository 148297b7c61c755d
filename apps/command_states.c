/*
 * plainsip states: draws the transaction machines from the tables that run. Reads sip/machines.h
 * alone; what it prints cannot differ from what the stack does.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../sip/machines.h"
#include "apps.h"
#include "cli.h"

static const char *const machine_titles[PS_MACHINES] = {
    "INVITE client transaction", "non-INVITE client transaction", "INVITE server transaction",
    "non-INVITE server transaction"};

static void states_usage(void)
{
    puts("usage: plainsip states [ict|nict|ist|nist] [--text|--dot]\n"
         "\n"
         "Prints a transaction machine (all four without a name) from the table that runs:\n"
         "in each state what happens on which event, the state after it, and the rule (a\n"
         "section of RFC 3261; \"6026 7.1\" is one of RFC 6026, \"guard\" a bound of our own,\n"
         "\"room\" an end before its time, where memory is short).\n"
         "\n"
         "  --text  lines for people (default)\n"
         "  --dot   a graph for Graphviz\n"
         "\n"
         "Example:\n"
         "  plainsip states ict --dot | dot -Tsvg >ict.svg");
}

static int states_wrong(const char *argument)
{
    return app_wrong("states", argument, "neither a machine nor an option (--help lists them)");
}

/* Prints "tell the user, start timer D", in the order in which they are done. */
static void print_actions(const struct ps_row *row, const char *separator)
{
    const char *between = "";
    unsigned i, bit;
    if (!row->actions)
        printf("nothing more");
    for (i = 0; i < PS_TX_ACTION_END; i++) {
        bit =
            (i + PS_TX_BIT_TELL) % PS_TX_ACTION_END; /* timers have the low bits, and start last */
        if (!(row->actions >> bit & 1))
            continue;
        printf("%s%s", between, ps_tx_action_name(bit));
        between = separator;
    }
}

static void print_text(unsigned id)
{
    const struct ps_machine *machine = &ps_machines[id];
    unsigned i, state = PS_TX_STATE_COUNT;
    printf("%s: %s\n", machine->name, machine_titles[id]);
    for (i = 0; i < machine->count; i++) {
        const struct ps_row *row = &machine->rows[i];
        if (row->state != state)
            printf("\n  %s\n", ps_tx_state_name(row->state));
        state = row->state;
        printf("    %-22s -> %-11s %-10s ", ps_tx_event_name(row->event),
               ps_tx_state_name(row->next), row->rule);
        print_actions(row, ", ");
        putchar('\n');
    }
}

static void print_dot(unsigned id)
{
    const struct ps_machine *machine = &ps_machines[id];
    unsigned i;
    printf("digraph %s {\n    label=\"%s\";\n    node [shape=box, style=rounded];\n", machine->name,
           machine_titles[id]);
    for (i = 0; i < machine->count; i++) {
        const struct ps_row *row = &machine->rows[i];
        printf("    %s -> %s [label=\"%s (%s)\\n", ps_tx_state_name(row->state),
               ps_tx_state_name(row->next), ps_tx_event_name(row->event), row->rule);
        print_actions(row, "\\n");
        printf("\"];\n");
    }
    printf("}\n");
}

static unsigned machine_named(const char *name)
{
    unsigned id = 0;
    while (id < PS_MACHINES && strcmp(name, ps_machines[id].name) != 0)
        id++;
    return id;
}

int app_states(int argc, char **argv)
{
    unsigned first = 0, end = PS_MACHINES, id;
    bool dot = false;
    int i;
    for (i = 1; i < argc; i++) {
        id = machine_named(argv[i]);
        if (!strcmp(argv[i], "--help")) {
            states_usage();
            return APP_OK;
        }
        if (id < PS_MACHINES && end == PS_MACHINES && first == 0) {
            first = id;
            end = id + 1;
        } else if (!strcmp(argv[i], "--dot") || !strcmp(argv[i], "--text")) {
            dot = argv[i][2] == 'd';
        } else {
            return states_wrong(argv[i]);
        }
    }
    for (id = first; id < end; id++) {
        if (id > first)
            putchar('\n');
        if (dot)
            print_dot(id);
        else
            print_text(id);
    }
    return APP_OK;
}
