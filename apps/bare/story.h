/*
 * Tells the story of the bare-metal demo: who plays, what must happen in which order, and the
 * ladder that is printed. Knows no stack: it is told what was sent and what happened.
 */
#ifndef BARE_STORY_H
#define BARE_STORY_H

#include "plainsip.h"

enum { ALICE, REGISTRAR, BOB, PARTIES };

#define BARE_STORY(X)                                                                              \
    X(CHALLENGED, "the registrar asks alice for her password")                                     \
    X(GRANTED, "alice's answer is right")                                                          \
    X(REGISTERED, "alice has registered")                                                          \
    X(LOST, "alice calls bob; the network loses her INVITE")                                       \
    X(SENT_AGAIN, "half a second later it goes again (17.1.1.2, timer A)")                         \
    X(RINGS_AT_BOB, "it rings at bob")                                                             \
    X(ALICE_HEARS_RINGING, "alice hears it ring")                                                  \
    X(ANSWERED, "bob has answered")                                                                \
    X(CONFIRMED, "the answer is acknowledged: they talk")                                          \
    X(HUNG_UP_AT_BOB, "bob hears that alice has hung up")                                          \
    X(HUNG_UP, "the call is over for alice too")                                                   \
    X(GRANTED_UNASKED, "alice takes her binding back, with her password unasked")                  \
    X(UNREGISTERED, "alice has unregistered")                                                      \
    X(QUIET, "all timers have run out: nothing is left in any of the three")

enum story {
#define STORY_ENUM(id, text) id,
    BARE_STORY(STORY_ENUM)
#undef STORY_ENUM
        STORY_END
};

/* Returns the name of a party, which lives as long as the image. */
const char *story_name(int who);

/* Prints the names above the ladder. */
void story_begin(void);

/* Returns the step that must happen next. */
enum story story_next(void);

/* Says that a step has happened, as it should where `right`; leaves with status 1 where it should
 * not, or where another step was due. */
void story_happened(enum story step, bool right);

/* Draws a datagram that one party sends another; `again` is a retransmission. Returns false where
 * the network is to lose it. */
bool story_sent(int from, int to, struct ps_slice bytes, bool again);

/* Leaves with status 1 where a function of the library failed. */
void story_must(enum ps_error error);

/* Says which step did not come, and what came instead; leaves with status 1. */
_Noreturn void story_fail(const char *instead);

/* Ends a line with a newline, and prints it; cuts it where the writer's buffer is full. */
void story_print_line(struct ps_writer *w);

#endif
