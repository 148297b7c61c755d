/*
 * Holds the rows of the four transaction machines, and looks them up.
 * A machine is changed here and nowhere else; transaction_perform.c acts on a row.
 */
#include "../machines.h"

/* clang-format off */
#define ROW(state, event, actions, next, rule) \
    {PS_IN_##state, event, PS_IN_##next, actions, rule}
#define ON(event) PS_ON_##event
#define TIMER(timer) PS_ON_TIMER_##timer
#define NOTHING 0

/* 17.1.1, RFC 6026 8.4: INVITE client transaction */
static const struct ps_row ict[] = {
    ROW(INITIAL, ON(BEGIN), PS_DO(SEND_REQUEST) | PS_START(A) | PS_START(B), CALLING, "17.1.1.2"),

    ROW(CALLING, TIMER(A), PS_DO(SEND_REQUEST) | PS_DO(DOUBLE), CALLING, "17.1.1.2"),
    ROW(CALLING, TIMER(B), PS_DO(TELL) | PS_DO(STOP), TERMINATED, "17.1.1.2"),
    ROW(CALLING, ON(1XX), PS_DO(TELL) | PS_DO(STOP) | PS_START(GUARD), PROCEEDING, "17.1.1.2"),
    ROW(CALLING, ON(2XX), PS_DO(TELL) | PS_DO(STOP) | PS_START(M), ACCEPTED, "6026 7.2"),
    ROW(CALLING, ON(ERROR), PS_DO(TELL) | PS_DO(STOP) | PS_DO(SEND_ACK) | PS_START(D),
        COMPLETED, "17.1.1.2"),
    ROW(CALLING, ON(FAILED), PS_DO(TELL) | PS_DO(STOP), TERMINATED, "17.1.1.2"),
    ROW(CALLING, ON(ABANDON), PS_DO(STOP), TERMINATED, "9.1"),

    ROW(PROCEEDING, ON(1XX), PS_DO(TELL) | PS_START(GUARD), PROCEEDING, "17.1.1.2"),
    ROW(PROCEEDING, ON(2XX), PS_DO(TELL) | PS_START(M), ACCEPTED, "6026 7.2"),
    ROW(PROCEEDING, ON(ERROR), PS_DO(TELL) | PS_DO(SEND_ACK) | PS_START(D), COMPLETED, "17.1.1.2"),
    /* the user is told to cancel, and as after a CANCEL the final has 64*T1 to come */
    ROW(PROCEEDING, TIMER(GUARD), PS_DO(TELL) | PS_START(B), PROCEEDING, "guard"),
    ROW(PROCEEDING, TIMER(B), PS_DO(TELL), TERMINATED, "9.1"),
    ROW(PROCEEDING, ON(ABANDON), PS_DO(STOP), TERMINATED, "9.1"),

    ROW(COMPLETED, ON(ERROR), PS_DO(SEND_ACK), COMPLETED, "17.1.1.2"),
    ROW(COMPLETED, ON(FAILED), PS_DO(STOP), TERMINATED, "17.1.1.2"),
    ROW(COMPLETED, TIMER(D), NOTHING, TERMINATED, "17.1.1.2"),

    ROW(ACCEPTED, ON(2XX), PS_DO(TELL), ACCEPTED, "6026 7.2"),
    ROW(ACCEPTED, TIMER(M), NOTHING, TERMINATED, "6026 7.2"),
};

/* 17.1.2: non-INVITE client transaction */
static const struct ps_row nict[] = {
    ROW(INITIAL, ON(BEGIN), PS_DO(SEND_REQUEST) | PS_START(E) | PS_START(F), TRYING, "17.1.2.2"),

    ROW(TRYING, TIMER(E), PS_DO(SEND_REQUEST) | PS_DO(DOUBLE), TRYING, "17.1.2.2"),
    ROW(TRYING, TIMER(F), PS_DO(TELL) | PS_DO(STOP), TERMINATED, "17.1.2.2"),
    ROW(TRYING, ON(1XX), PS_DO(TELL), PROCEEDING, "17.1.2.2"),
    ROW(TRYING, ON(FINAL), PS_DO(TELL) | PS_DO(STOP) | PS_START(K), COMPLETED, "17.1.2.2"),
    ROW(TRYING, ON(FAILED), PS_DO(TELL) | PS_DO(STOP), TERMINATED, "17.1.2.2"),
    ROW(TRYING, ON(ABANDON), PS_DO(STOP), TERMINATED, "9.1"),

    ROW(PROCEEDING, TIMER(E), PS_DO(SEND_REQUEST) | PS_DO(EVERY_T2), PROCEEDING, "17.1.2.2"),
    ROW(PROCEEDING, TIMER(F), PS_DO(TELL) | PS_DO(STOP), TERMINATED, "17.1.2.2"),
    ROW(PROCEEDING, ON(1XX), PS_DO(TELL), PROCEEDING, "17.1.2.2"),
    ROW(PROCEEDING, ON(FINAL), PS_DO(TELL) | PS_DO(STOP) | PS_START(K), COMPLETED, "17.1.2.2"),
    ROW(PROCEEDING, ON(FAILED), PS_DO(TELL) | PS_DO(STOP), TERMINATED, "17.1.2.2"),
    ROW(PROCEEDING, ON(ABANDON), PS_DO(STOP), TERMINATED, "9.1"),

    ROW(COMPLETED, TIMER(K), NOTHING, TERMINATED, "17.1.2.2"),
};

/* 17.2.1, RFC 6026 8.7: INVITE server transaction */
static const struct ps_row ist[] = {
    ROW(INITIAL, ON(BEGIN), PS_DO(TELL) | PS_START(100) | PS_START(GUARD), PROCEEDING, "17.2.1"),

    ROW(PROCEEDING, ON(AGAIN), PS_DO(SEND_RESPONSE), PROCEEDING, "17.2.1"),
    ROW(PROCEEDING, TIMER(100), PS_DO(SEND_100), PROCEEDING, "17.2.1"),
    ROW(PROCEEDING, ON(1XX), PS_DO(SEND_RESPONSE) | PS_DO(STOP) | PS_START(GUARD),
        PROCEEDING, "17.2.1"),
    ROW(PROCEEDING, ON(2XX), PS_DO(SEND_RESPONSE) | PS_DO(STOP) | PS_START(L),
        ACCEPTED, "6026 7.1"),
    ROW(PROCEEDING, ON(ERROR), PS_DO(SEND_RESPONSE) | PS_DO(STOP) | PS_START(G) | PS_START(H),
        COMPLETED, "17.2.1"),
    ROW(PROCEEDING, ON(FAILED), PS_DO(TELL), PROCEEDING, "6026 7.1"),
    ROW(PROCEEDING, TIMER(GUARD), PS_DO(TELL), TERMINATED, "guard"),
    ROW(PROCEEDING, ON(ONCE), PS_DO(STOP) | PS_DO(SEND_RESPONSE), TERMINATED, "8.2.7"),
    ROW(PROCEEDING, ON(ABANDON), PS_DO(STOP), TERMINATED, "room"),

    ROW(COMPLETED, ON(AGAIN), PS_DO(SEND_RESPONSE), COMPLETED, "17.2.1"),
    ROW(COMPLETED, TIMER(G), PS_DO(SEND_RESPONSE) | PS_DO(DOUBLE), COMPLETED, "17.2.1"),
    ROW(COMPLETED, ON(ACK), PS_DO(STOP) | PS_DO(FORGET) | PS_START(I), CONFIRMED, "17.2.1"),
    ROW(COMPLETED, ON(FAILED), PS_DO(TELL), COMPLETED, "6026 7.1"),
    ROW(COMPLETED, TIMER(H), PS_DO(TELL) | PS_DO(STOP), TERMINATED, "17.2.1"),
    ROW(COMPLETED, ON(EVICT), PS_DO(STOP), TERMINATED, "room"),

    ROW(CONFIRMED, TIMER(I), NOTHING, TERMINATED, "17.2.1"),
    ROW(CONFIRMED, ON(EVICT), NOTHING, TERMINATED, "room"),

    ROW(ACCEPTED, ON(2XX), PS_DO(SEND_RESPONSE), ACCEPTED, "6026 7.1"),
    ROW(ACCEPTED, ON(ACK), PS_DO(TELL), ACCEPTED, "6026 7.1"),
    ROW(ACCEPTED, ON(FAILED), PS_DO(TELL), ACCEPTED, "6026 7.1"),
    ROW(ACCEPTED, TIMER(L), NOTHING, TERMINATED, "6026 7.1"),
    ROW(ACCEPTED, ON(EVICT), NOTHING, TERMINATED, "room"),
};

/* 17.2.2, RFC 4320 4: non-INVITE server transaction */
static const struct ps_row nist[] = {
    ROW(INITIAL, ON(BEGIN), PS_DO(TELL) | PS_START(100) | PS_START(GUARD), TRYING, "17.2.2"),

    ROW(TRYING, TIMER(100), PS_DO(SEND_100), PROCEEDING, "4320 4.1"),
    ROW(TRYING, ON(FINAL), PS_DO(SEND_RESPONSE) | PS_DO(STOP) | PS_START(J), COMPLETED, "17.2.2"),
    ROW(TRYING, ON(FAILED), PS_DO(TELL), TERMINATED, "17.2.2"),
    ROW(TRYING, TIMER(GUARD), PS_DO(TELL), TERMINATED, "4320 4.2"),
    ROW(TRYING, ON(ABANDON), PS_DO(STOP), TERMINATED, "room"),

    ROW(PROCEEDING, ON(AGAIN), PS_DO(SEND_100), PROCEEDING, "17.2.2"),
    ROW(PROCEEDING, ON(FINAL), PS_DO(SEND_RESPONSE) | PS_DO(STOP) | PS_START(J),
        COMPLETED, "17.2.2"),
    ROW(PROCEEDING, ON(FAILED), PS_DO(TELL), TERMINATED, "17.2.2"),
    ROW(PROCEEDING, TIMER(GUARD), PS_DO(TELL) | PS_DO(STOP), TERMINATED, "4320 4.2"),
    ROW(PROCEEDING, ON(ABANDON), PS_DO(STOP), TERMINATED, "room"),

    ROW(COMPLETED, ON(AGAIN), PS_DO(SEND_RESPONSE), COMPLETED, "17.2.2"),
    ROW(COMPLETED, ON(FAILED), PS_DO(TELL) | PS_DO(STOP), TERMINATED, "17.2.2"),
    ROW(COMPLETED, TIMER(J), NOTHING, TERMINATED, "17.2.2"),
    ROW(COMPLETED, ON(EVICT), PS_DO(STOP), TERMINATED, "room"),
};

#define MACHINE(name) {#name, name, sizeof name / sizeof name[0]}
const struct ps_machine ps_machines[PS_MACHINES] = {
    MACHINE(ict), MACHINE(nict), MACHINE(ist), MACHINE(nist),
};
/* clang-format on */

const struct ps_row *ps_machine_row(const struct ps_machine *machine, unsigned state,
                                    unsigned event)
{
    unsigned i;
    for (i = 0; i < machine->count; i++)
        if (machine->rows[i].state == state && machine->rows[i].event == event)
            return &machine->rows[i];
    return NULL;
}

#define NAME(id, name) name,

const char *ps_tx_state_name(unsigned state)
{
    static const char *const names[PS_TX_STATE_COUNT] = {PS_TX_STATES(NAME)};
    return state < PS_TX_STATE_COUNT ? names[state] : "?";
}

const char *ps_tx_event_name(unsigned event)
{
    static const char *const names[PS_TX_EVENT_COUNT] = {PS_TX_TIMERS(NAME) PS_TX_EVENTS(NAME)};
    return event < PS_TX_EVENT_COUNT ? names[event] : "?";
}

#define START_NAME(id, name) "start " name,

const char *ps_tx_action_name(unsigned bit)
{
    static const char *const names[PS_TX_ACTION_END] = {PS_TX_TIMERS(START_NAME)
                                                            PS_TX_ACTIONS(NAME)};
    return bit < PS_TX_ACTION_END ? names[bit] : "?";
}
