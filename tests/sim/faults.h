/*
 * Makes the stack's pools empty: requests for an object of a pool, and for a chunk of the store,
 * fail where the test says so. For the one file of a program whose ps_pool_take and ps_keep are
 * wrapped by the linker (see the Makefile).
 */
#ifndef FAULTS_H
#define FAULTS_H

#include "sip/base/memory.h"

static struct fault {
    unsigned at, span, count; /* requests number `at` to at + span - 1 fail */
} of_objects, of_chunks;

static bool fails(struct fault *fault)
{
    unsigned n = fault->count++;
    return n >= fault->at && n - fault->at < fault->span;
}

void *__real_ps_pool_take(struct ps_pool *pool);
void *__wrap_ps_pool_take(struct ps_pool *pool);
void *__wrap_ps_pool_take(struct ps_pool *pool)
{
    return fails(&of_objects) ? NULL : __real_ps_pool_take(pool);
}

enum ps_error __real_ps_keep(struct ps_store *store, struct ps_slice bytes, struct ps_kept *kept);
enum ps_error __wrap_ps_keep(struct ps_store *store, struct ps_slice bytes, struct ps_kept *kept);
enum ps_error __wrap_ps_keep(struct ps_store *store, struct ps_slice bytes, struct ps_kept *kept)
{
    return fails(&of_chunks) ? PS_E_FULL : __real_ps_keep(store, bytes, kept);
}

#endif
