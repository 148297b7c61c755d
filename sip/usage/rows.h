/*
 * Declares the rows of this room (core/usage.h), for the stack's table.
 */
#ifndef PS_ROWS_H
#define PS_ROWS_H

#include "../core/usage.h"

extern const struct ps_usage ps_registration_usage;
extern const struct ps_usage ps_registrar_usage;
extern const struct ps_usage ps_subscription_usage;

#endif
