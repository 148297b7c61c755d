/*
 * Capacity: how many transactions, calls, bytes, ... a stack holds (struct ps_limits), how many a
 * user agent needs, and how many bytes that is, as a constant expression for a static block.
 *
 * All of it is fixed when the stack is made; nothing is allocated later. Limits that shape
 * structures are constants of the build: limits.h.
 */
#ifndef PS_CAPACITY_H
#define PS_CAPACITY_H

#include "message.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One size class of kept bytes: `count` chunks of `bytes` each, rounded up to a multiple of 8.
 * Classes stand in ascending size. One without chunks, or of more than 65,536 bytes, is left
 * out. */
struct ps_size_class {
    uint32_t bytes, count;
};

/* A zero count leaves a usage out. */
struct ps_limits {
    uint32_t transactions;
    uint32_t requests; /* client requests: those that wait, run, or are an ACK kept */
    uint32_t dialogs;
    uint32_t calls;
    uint32_t registrations; /* as client */
    uint32_t subscriptions; /* as subscriber; each takes a dialog */
    uint32_t bindings;      /* as registrar */
    uint32_t message_bytes; /* of the largest message, in or out: PS_MAX_MESSAGE at most */
    uint32_t per_source;    /* unacknowledged INVITEs from one address: a quarter of the
                               transactions leaves the others their share */
    struct ps_size_class kept[PS_SIZE_CLASSES]; /* chunks for what is kept, smallest first */
};

/*
 * Limits are written as one list, by name, from which the structure and the bytes of a static block
 * are made:
 *
 *     #define DOOR(COUNT, CHUNKS) COUNT(transactions, 16) COUNT(requests, 8) COUNT(dialogs, 4)
 *         COUNT(calls, 4) COUNT(message_bytes, 4096) COUNT(per_source, 4)
 *         CHUNKS(0, 512, 32) CHUNKS(1, 1536, 32)     (the place in `kept`, bytes, count)
 *     static char block[PS_STACK_BYTES_OF(DOOR)];
 *     struct ps_config config = {.limits = PS_LIMITS_OF(DOOR)};
 */
/* clang-format off */
#define PS_LIMITS_OF(LIST) {LIST(PS_LIMIT_COUNT_, PS_LIMIT_CHUNKS_)}
#define PS_LIMIT_COUNT_(name, n) .name = (n),
#define PS_LIMIT_CHUNKS_(place, size, n) .kept[place] = {(size), (n)},

/* Bytes that suffice for a stack of these limits; generous by some per cent on 64 bits, more on 32
 * (ps_stack_size tells them exactly). */
#define PS_STACK_BYTES_OF(LIST) (PS_STACK_FIXED_ LIST(PS_LIMIT_BYTES_, PS_CHUNK_BYTES_))
#define PS_LIMIT_BYTES_(name, n) + (size_t)PS_BYTES_OF_##name * (n)
#define PS_CHUNK_BYTES_(place, size, n) + ((size_t)(size) + 7u) / 8u * 8u * (n)
#define PS_STACK_FIXED_ (size_t)(10752u + 6u * sizeof(struct ps_message))
#define PS_BYTES_OF_transactions 360u
#define PS_BYTES_OF_requests 592u
#define PS_BYTES_OF_dialogs 128u
#define PS_BYTES_OF_calls 304u
#define PS_BYTES_OF_registrations 184u
#define PS_BYTES_OF_subscriptions 136u
#define PS_BYTES_OF_bindings 128u
#define PS_BYTES_OF_message_bytes 2u
#define PS_BYTES_OF_per_source 0u

/* A phone or a small server. */
#define PS_LIMITS_DEFAULT PS_LIMITS_OF(PS_DEFAULT_)
#define PS_DEFAULT_(COUNT, CHUNKS)                                                                 \
    COUNT(transactions, 256) COUNT(requests, 128) COUNT(dialogs, 64) COUNT(calls, 64)              \
    COUNT(registrations, 8) COUNT(subscriptions, 8) COUNT(bindings, 64)                            \
    COUNT(message_bytes, PS_MAX_MESSAGE) COUNT(per_source, 64)                                     \
    CHUNKS(0, 512, 256) CHUNKS(1, 1536, 256) CHUNKS(2, 8192, 16) CHUNKS(3, PS_MAX_MESSAGE, 2)

/*
 * Sizes a user agent so that none of its calls, registrations and subscriptions waits for room.
 *
 * A call needs most when it is ours, was challenged, is put on hold, and its BYE is under way:
 * - transactions: INVITE and re-INVITE, each twice (challenged, then with credentials) for 64*T1;
 *   the BYE; one request of the far end;
 * - requests: INVITE, re-INVITE, ACK, BYE;
 * - small chunks: the dialog before and after a target refresh, an ACK for each INVITE, next hops,
 *   the BYE as drafted and as sent;
 * - large chunks: the INVITE as drafted, the re-INVITE as drafted and as sent; or for a call of
 *   theirs the INVITE, our 2xx and its copy.
 *
 * A registration keeps one REGISTER and sends another. A subscription keeps its texts and its
 * dialog, and sends a SUBSCRIBE. Answered server transactions are evicted where room is needed.
 */
#define PS_SMALL_CHUNK 512
#define PS_LARGE_CHUNK 1536
#define PS_USER_AGENT_(COUNT, CHUNKS, n_calls, n_registrations, n_subscriptions, n_bytes)          \
    COUNT(transactions, 4u + 6u * (n_calls) + 2u * (n_registrations) + 2u * (n_subscriptions))     \
    COUNT(requests, 1u + 4u * (n_calls) + (n_registrations) + (n_subscriptions))                   \
    COUNT(dialogs, 1u + (n_calls) + (n_subscriptions))                                             \
    COUNT(calls, n_calls) COUNT(registrations, n_registrations)                                    \
    COUNT(subscriptions, n_subscriptions) COUNT(message_bytes, n_bytes)                            \
    COUNT(per_source, 1u + 2u * (n_calls))                                                         \
    CHUNKS(0, PS_SMALL_CHUNK, 2u + 7u * (n_calls) + (n_registrations) + 4u * (n_subscriptions))    \
    CHUNKS(1, PS_LARGE_CHUNK, 1u + 4u * (n_calls) + 2u * (n_registrations) + 2u * (n_subscriptions))
#define PS_LIMITS_FOR(calls, registrations, subscriptions, message_bytes)                          \
    {PS_USER_AGENT_(PS_LIMIT_COUNT_, PS_LIMIT_CHUNKS_, calls, registrations, subscriptions,        \
                    message_bytes)}
#define PS_STACK_BYTES_FOR(calls, registrations, subscriptions, message_bytes)                     \
    (PS_STACK_FIXED_ PS_USER_AGENT_(PS_LIMIT_BYTES_, PS_CHUNK_BYTES_, calls, registrations,        \
                                    subscriptions, message_bytes))

/* As 0.1 had it, by position; the last number is the bytes of all chunks. */
#define PS_STACK_BYTES(t, r, d, c, g, s, b, n, kept_bytes)                                         \
    (PS_STACK_FIXED_ PS_LIMIT_BYTES_(transactions, t) PS_LIMIT_BYTES_(requests, r)                 \
     PS_LIMIT_BYTES_(dialogs, d) PS_LIMIT_BYTES_(calls, c) PS_LIMIT_BYTES_(registrations, g)       \
     PS_LIMIT_BYTES_(subscriptions, s) PS_LIMIT_BYTES_(bindings, b)                                \
     PS_LIMIT_BYTES_(message_bytes, n) + (kept_bytes))
/* clang-format on */

/* How many of each are in use now (ps_stack_live, stack.h). */
struct ps_stack_live {
    uint32_t transactions[4]; /* ICT, NICT, IST, NIST */
    uint32_t requests, dialogs, calls, registrations, subscriptions, bindings, timers;
    uint32_t kept[PS_SIZE_CLASSES];
};

/* Returns the limits of PS_LIMITS_FOR, for counts that are known only at run time. */
struct ps_limits ps_limits_for(uint32_t calls, uint32_t registrations, uint32_t subscriptions,
                               uint32_t message_bytes);

#ifdef __cplusplus
}
#endif
#endif
