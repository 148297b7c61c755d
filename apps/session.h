/*
 * Makes `answer` and `call` the same phone: how an offer in a call is taken or refused,
 * and what else the phone is asked. Knows no command line and no timer.
 */
#ifndef APPS_SESSION_H
#define APPS_SESSION_H

#include "media.h"
#include "sip/stack.h"

/* A call's session description; all zero before the first offer. End it with app_session_end. */
struct app_session {
    struct ps_address local; /* named in what we describe */
    bool ours;               /* the last offer, whose answer comes in their ACK */
    struct app_media media;
};

/* Methods and types of bodies that the phone takes. */
void app_session_config(struct ps_config *config);

void app_session_end(struct app_session *s);

/* 13.3.1.4, 14.2: answers the INVITE, re-INVITE or UPDATE that waits, by an answer to its offer, or
 * by an offer where it brought none. 0, or the status to refuse it with, whose headers are written
 * to `lines` (APP_REFUSAL_LINES suffice). */
#define APP_REFUSAL_LINES 200
unsigned app_session_take(struct app_session *s, struct ps_stack *calls, ps_handle call,
                          struct ps_writer *lines);

/* PS_EVENT_CALL_OFFER: takes it or refuses it. */
void app_session_offered(struct app_session *s, struct ps_stack *calls,
                         const struct ps_event *event);

/* PS_EVENT_CALL_CONFIRMED: takes the answer, where the offer was ours. */
void app_session_confirmed(struct app_session *s, const struct ps_event *event);

/* PS_EVENT_REQUEST: answers it. A MESSAGE is printed. `invited` is what an INVITE would get now
 * (11.2): 200 where it would be taken. */
void app_session_asked(struct ps_stack *stack, const struct ps_account *account, unsigned invited,
                       const struct ps_event *event);

#endif
