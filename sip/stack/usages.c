/*
 * Lists the usages. Another one is its file and a row here; one that is left out costs nothing.
 */
#include "../call/call_internal.h"
#include "../usage/rows.h"
#include "stack_internal.h"

const struct ps_usage *const *ps_usage_rows(void)
{
    static const struct ps_usage *const rows[] = {
        &ps_call_usage, &ps_registration_usage, &ps_subscription_usage, &ps_registrar_usage, NULL,
    };
    return rows;
}
