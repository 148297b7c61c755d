/*
 * From a host name to its addresses, on a loop, without ever waiting.
 *
 * In this order: an address itself; the file of hosts; "localhost" (RFC 6761 6.3); what is
 * remembered; A and AAAA questions (RFC 1035, 3596) to the name servers of resolv.conf(5), by UDP,
 * and by TCP where the answer was truncated. Names are taken as complete: search lists are not
 * applied. Knows nothing of SIP; SRV and NAPTR (RFC 3263) are not asked for.
 *
 * Memory is taken in ps_resolver_open alone. Both files are read again when they are needed, so
 * changes take hold (the list of servers is looked at every 5 s at most).
 */
#ifndef PS_RESOLVER_H
#define PS_RESOLVER_H

#include "loop.h"
#include "sip/address.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_resolver;

/* Families to ask for. */
enum { PS_RESOLVE_IPV4 = 1, PS_RESOLVE_IPV6 = 2 };

#define PS_RESOLVER_LOOKUPS 256

/* All zero will do. Copied; the paths too. */
struct ps_resolver_config {
    const char *resolv_conf; /* NULL: /etc/resolv.conf */
    const char *hosts;       /* NULL: /etc/hosts */
    unsigned families;       /* PS_RESOLVE_...; 0: both */
    unsigned port;           /* of the name servers; 0: 53 */
    unsigned timeout;        /* ms a try; 0: "options timeout:", or 2 s */
    unsigned attempts;       /* tries a server; 0: "options attempts:", or 2 */
    unsigned lookups;        /* that wait at a time; 0: PS_RESOLVER_LOOKUPS */
    unsigned names;          /* different ones that are asked for at a time; 0: 16 */
    unsigned cache;          /* names remembered; 0: 64 */
};

/* Takes memory for `config`. PS_E_ARGUMENT, PS_E_TRANSPORT without memory; `*out` is then NULL. The
 * loop must outlive it. */
enum ps_error ps_resolver_open(struct ps_loop *loop, const struct ps_resolver_config *config,
                               struct ps_resolver **out);

/* Returns all memory; lookups that still wait are not called back. May be called inside a callback.
 * NULL is fine. */
void ps_resolver_close(struct ps_resolver *resolver);

/*
 * The answer: PS_OK and at least one address, port 0, in the order in which to try them: those of a
 * family that has a route first, and among those IPv6 (RFC 6724 section 6, rules 1 and 6).
 * PS_E_RESOLVE: the name has none; PS_E_TIMEOUT: no server answered; PS_E_TRANSPORT: the servers
 * could not say. Then `n` is 0. Addresses are borrowed for the call.
 */
typedef void (*ps_resolved_fn)(void *context, enum ps_error error,
                               const struct ps_address *addresses, size_t n);

/* Looks `name` up (copied). The answer always comes from ps_loop_step, once, unless it is
 * cancelled. `lookup` (may be NULL) gets a handle for that, never 0. PS_E_HOST: no host name;
 * PS_E_FULL: too many wait; then no answer comes. */
enum ps_error ps_resolver_lookup(struct ps_resolver *resolver, struct ps_slice name,
                                 ps_resolved_fn call, void *context, uint64_t *lookup);

/* Cancels a lookup: no answer comes any more. A handle that was answered is fine. */
void ps_resolver_cancel(struct ps_resolver *resolver, uint64_t lookup);

/* X(name, what it counts) */
#define PS_RESOLVER_COUNTERS(X)                                                                    \
    X(lookups, "lookups begun")                                                                    \
    X(local, "of them answered without asking: addresses, hosts, localhost")                       \
    X(remembered, "of them answered from the cache")                                               \
    X(joined, "of them that waited for a question already asked")                                  \
    X(refused, "not begun: too many waited, or too many names were asked for")                     \
    X(queries, "questions sent, each try")                                                         \
    X(tcp, "of them by TCP, after truncation")                                                     \
    X(answers, "answers taken")                                                                    \
    X(strays, "datagrams that answered no question of ours, ignored")                              \
    X(timeouts, "tries without an answer")                                                         \
    X(failures, "tries that a server or the network refused")

struct ps_resolver_counters {
#define PS_COUNTER_FIELD(name, text) uint64_t name;
    PS_RESOLVER_COUNTERS(PS_COUNTER_FIELD)
#undef PS_COUNTER_FIELD
};

/* Returns the counters. Borrowed; they live with the resolver. */
const struct ps_resolver_counters *ps_resolver_counters(const struct ps_resolver *resolver);

#ifdef __cplusplus
}
#endif
#endif
