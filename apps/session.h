/*
 * Makes `answer` and `call` the same phone: takes or refuses an offer in a call, and answers what
 * else the phone is asked. Knows no command line and no timer.
 */
#ifndef APPS_SESSION_H
#define APPS_SESSION_H

#include "media.h"
#include "sip/stack.h"

/* Holds the session of a call; all zero before the first offer. End it with app_session_end. */
struct app_session {
    struct ps_address local; /* named in what we describe */
    bool ours;               /* the last offer, whose answer comes in their ACK */
    struct app_media media;
};

/* Sets the methods and types of bodies that the phone takes. */
void app_session_config(struct ps_config *config);

void app_session_end(struct app_session *s);

/* Answers the INVITE, re-INVITE or UPDATE that waits: with an answer to its offer, or with an offer
 * where it brought none (13.3.1.4, 14.2). Returns 0, or the status to refuse it with. The headers
 * of a refusal are written to `lines` (APP_REFUSAL_LINES suffice). */
#define APP_REFUSAL_LINES 200
unsigned app_session_take(struct app_session *s, struct ps_stack *calls, ps_handle call,
                          struct ps_writer *lines);

/* Takes or refuses the offer of a PS_EVENT_CALL_OFFER. */
void app_session_offered(struct app_session *s, struct ps_stack *calls,
                         const struct ps_event *event);

/* Takes the answer that a PS_EVENT_CALL_CONFIRMED brings, where the offer was ours. */
void app_session_confirmed(struct app_session *s, const struct ps_event *event);

/* Answers the request of a PS_EVENT_REQUEST, and prints a MESSAGE. `invited` is the status that an
 * INVITE would get now (11.2): 200 where it would be taken. */
void app_session_asked(struct ps_stack *stack, const struct ps_account *account, unsigned invited,
                       const struct ps_event *event);

#endif
