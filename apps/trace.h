/*
 * Prints for --trace: a line for each message and each step of a state machine; with `full` the
 * messages too. Knows how they look, not when they happen.
 */
#ifndef APPS_TRACE_H
#define APPS_TRACE_H

#include <stdbool.h>
#include <stdio.h>

#include "sip/address.h"
#include "sip/observe.h"

/* Writes "INVITE sip:bob@example.org (1 INVITE)" or "180 Ringing (1 INVITE)"; for bytes that are no
 * message, the error in them. */
void app_put_summary(struct ps_writer *w, struct ps_slice bytes);

/* Prints one message: time, direction, far end, summary. Leaves out what a password could be
 * guessed from, such as the response in (Proxy-)Authorization, even with `full`. */
void app_trace_message(FILE *out, bool full, bool sent, uint64_t ms, const struct ps_flow *flow,
                       struct ps_slice bytes);

/* Prints one step: "ict calling -> proceeding on 1xx (17.1.1.2)". */
void app_trace_step(FILE *out, uint64_t ms, const struct ps_trace_step *step);

#endif
