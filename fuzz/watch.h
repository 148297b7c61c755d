/*
 * Remembers an application's calls, and who was sent what: oracles over a whole
 * script, where driver.c's look at one step.
 *
 * An application keeps an object for each call, gives it to the library as `user`, and frees it
 * when it is told that the call has ended, or has refused it. Here none is used twice, so that one
 * which comes back after that is noticed.
 */
#ifndef WATCH_H
#define WATCH_H

#include "fuzz.h"
#include "sip/stack.h"

enum { WATCHED = 2048 };

enum watch_state { WATCH_RINGS, WATCH_GOES_ON, WATCH_GONE };

struct watch_call {
    ps_handle call;
    enum watch_state state;
    uint64_t id;  /* of its Call-ID; 0: not known yet */
    bool changed; /* the far end says another: what has our branch is taken */
};

struct watch {
    struct ps_stack *calls;
    struct watch_call call[WATCHED];
    unsigned used;
    uint8_t byes[512]; /* bits: by the sums of the Call-IDs of BYEs, sent or received */
    bool any_bye;
    /* what sources that may be forged have sent, in INVITEs and else, and were sent */
    uint64_t invited, asked, sent;
    bool taken;  /* a call was taken */
    bool proven; /* somebody has answered, or the user has asked: nothing bounds it any more */
};

uint64_t watch_sum(struct ps_slice s);

/* An object for a call that starts; `call` 0: not known yet. */
struct watch_call *watch_take(struct watch *w, ps_handle call, enum watch_state state);
/* That of a call; NULL where there is none. */
struct watch_call *watch_find(struct watch *w, ps_handle call);
/* Notes what comes from the network; what does not parse too. */
void watch_received(struct watch *w, struct ps_slice bytes);
/* Notes what is sent, and that it is not too much. */
void watch_sent(struct watch *w, const struct ps_message *m);
/* An event names no call that is over, and its `user` is the call's. */
void watch_event(struct watch *w, const struct ps_event *e);
/* All is told: the application's calls are those that live. */
void watch_calls(struct watch *w);

void watch_answer(struct watch *w, ps_handle call, struct ps_slice type, struct ps_slice body);
/* ps_call_reject and ps_call_hangup: a call that rings is over at once, whatever room there was. */
void watch_reject(struct watch *w, ps_handle call, unsigned status, struct ps_slice lines);
void watch_hangup(struct watch *w, ps_handle call);

#endif
