/*
 * Declares the two phones of the bare-metal demo. Alice registers, calls bob, hangs up and
 * unregisters; bob answers.
 */
#ifndef BARE_PHONE_H
#define BARE_PHONE_H

#include "party.h"

/* Lets alice register as `user`, whose password she knows; the rest follows from events. */
void alice_start(struct party *p, const struct ps_digest_user *user);

void alice_on_event(struct party *p, const struct ps_event *event);
void bob_on_event(struct party *p, const struct ps_event *event);

#endif
