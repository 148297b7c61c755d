/*
 * The four transaction machines as tables: what happens in which state on which event.
 *
 * RFC 3261 17 as corrected by RFC 6026 (Accepted, Timers L and M; a transport error does not end an
 * INVITE server transaction) and RFC 4320 (non-INVITE: no 100 before 3.5 s with the default
 * T1, no final response after 64*T1). A guard timer bounds each state that the RFCs leave
 * unbounded. A machine is its rows and nothing else: knows no message, no time, no memory.
 */
#ifndef PS_MACHINES_H
#define PS_MACHINES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ps_machine_id { PS_ICT, PS_NICT, PS_IST, PS_NIST, PS_MACHINES };

/* X(enumerator suffix, name). INITIAL: not yet begun. */
#define PS_TX_STATES(X)                                                                            \
    X(INITIAL, "initial")                                                                          \
    X(CALLING, "calling")                                                                          \
    X(TRYING, "trying")                                                                            \
    X(PROCEEDING, "proceeding")                                                                    \
    X(COMPLETED, "completed")                                                                      \
    X(CONFIRMED, "confirmed")                                                                      \
    X(ACCEPTED, "accepted")                                                                        \
    X(TERMINATED, "terminated")

enum ps_tx_state {
#define PS_TX_STATE_ENUM(id, name) PS_IN_##id,
    PS_TX_STATES(PS_TX_STATE_ENUM)
#undef PS_TX_STATE_ENUM
        PS_TX_STATE_COUNT
};

/*
 * X(enumerator suffix, name). Timers carry the RFC's letters; "trying" is the wait before the
 * automatic 100, "guard" the bound of a state that has none in the RFC. 2XX and 300-699 are final
 * responses to an INVITE, FINAL one to anything else. ONCE is a refusal that is sent without a
 * repetition (8.2.7); EVICT ends an answered transaction that makes room for a new one.
 */
#define PS_TX_TIMERS(X)                                                                            \
    X(A, "timer A")                                                                                \
    X(E, "timer E")                                                                                \
    X(G, "timer G")                                                                                \
    X(100, "timer 100")                                                                            \
    X(B, "timer B")                                                                                \
    X(D, "timer D")                                                                                \
    X(F, "timer F")                                                                                \
    X(H, "timer H")                                                                                \
    X(I, "timer I")                                                                                \
    X(J, "timer J")                                                                                \
    X(K, "timer K")                                                                                \
    X(L, "timer L")                                                                                \
    X(M, "timer M")                                                                                \
    X(GUARD, "guard")

#define PS_TX_EVENTS(X)                                                                            \
    X(BEGIN, "request")                                                                            \
    X(AGAIN, "request again")                                                                      \
    X(ACK, "ACK")                                                                                  \
    X(1XX, "1xx")                                                                                  \
    X(2XX, "2xx")                                                                                  \
    X(ERROR, "300-699")                                                                            \
    X(FINAL, "final response")                                                                     \
    X(FAILED, "transport error")                                                                   \
    X(ABANDON, "abandoned by the user")                                                            \
    X(ONCE, "final sent once")                                                                     \
    X(EVICT, "evicted")

/* Events that are timers have the timer's number. */
enum ps_tx_event {
#define PS_TX_TIMER_ENUM(id, name) PS_ON_TIMER_##id,
    PS_TX_TIMERS(PS_TX_TIMER_ENUM)
#undef PS_TX_TIMER_ENUM
        PS_TX_TIMER_COUNT,
    PS_ON_FIRST = PS_TX_TIMER_COUNT - 1,
#define PS_TX_EVENT_ENUM(id, name) PS_ON_##id,
    PS_TX_EVENTS(PS_TX_EVENT_ENUM)
#undef PS_TX_EVENT_ENUM
        PS_TX_EVENT_COUNT
};

/*
 * Actions: bits of a row, each one function of transaction.c, in the order in which they are done.
 * START(x) starts timer x: A, E, G and 100 repeat or provoke a message and stand in one place, all
 * others bound a state and stand in another, so that one at most of each group runs.
 */
#define PS_TX_ACTIONS(X)                                                                           \
    X(TELL, "tell the user")                                                                       \
    X(STOP, "stop sending")                                                                        \
    X(SEND_REQUEST, "send the request")                                                            \
    X(SEND_RESPONSE, "send the response")                                                          \
    X(SEND_100, "send 100")                                                                        \
    X(SEND_ACK, "send ACK")                                                                        \
    X(DOUBLE, "wait twice as long")                                                                \
    X(EVERY_T2, "wait T2")                                                                         \
    X(FORGET, "forget the response")

enum ps_tx_action_bit {
    PS_TX_ACTION_BASE = PS_TX_TIMER_COUNT - 1,
#define PS_TX_ACTION_ENUM(id, name) PS_TX_BIT_##id,
    PS_TX_ACTIONS(PS_TX_ACTION_ENUM)
#undef PS_TX_ACTION_ENUM
        PS_TX_ACTION_END
};
#define PS_DO(action) (UINT32_C(1) << PS_TX_BIT_##action)
#define PS_START(timer) (UINT32_C(1) << PS_ON_TIMER_##timer)

struct ps_row {
    uint8_t state; /* enum ps_tx_state */
    uint8_t event; /* enum ps_tx_event */
    uint8_t next;  /* enum ps_tx_state */
    uint32_t actions;
    const char *rule; /* the RFC's section; "6026 7.1": of RFC 6026; else of RFC 3261 */
};

struct ps_machine {
    const char *name;
    const struct ps_row *rows;
    unsigned count;
};

/* Indexed by enum ps_machine_id. */
extern const struct ps_machine ps_machines[PS_MACHINES];

/* Returns the row for an event in a state; NULL where the event is ignored. Static. */
const struct ps_row *ps_machine_row(const struct ps_machine *machine, unsigned state,
                                    unsigned event);

/* "calling", "timer A", "tell the user"; static. */
const char *ps_tx_state_name(unsigned state);
const char *ps_tx_event_name(unsigned event);
/* Of a bit's number, timers included: "start timer A". */
const char *ps_tx_action_name(unsigned bit);

#ifdef __cplusplus
}
#endif
#endif
