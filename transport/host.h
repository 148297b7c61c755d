/*
 * The host: a sip/ stack on a loop, with UDP sockets and a resolver. What remains for an
 * application is one callback for events.
 *
 * Joins, and decides nothing: what is sent is the stack's word, when is the loop's. Memory is taken
 * in ps_host_open alone.
 */
#ifndef PS_HOST_H
#define PS_HOST_H

#include "keepalive.h"
#include "resolver.h"
#include "sip/stack.h"
#include "udp.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_host;

/* An event for the application; borrowed for the call. Inside, anything of the stack and the host
 * may be called but ps_host_close. */
typedef void (*ps_host_event_fn)(void *context, struct ps_host *host, const struct ps_event *event);

struct ps_host_config {
    struct ps_loop *loop;     /* must outlive the host */
    struct ps_address listen; /* port 0: any; the wildcard: answers from where it was asked */
    struct ps_config stack;   /* `seed` and `now` are the host's to fill */
    struct ps_udp_config udp; /* its callbacks are the host's, but `observe` */
    struct ps_resolver_config resolver;
    ps_host_event_fn event;
    void *context; /* of `event` and of udp.observe */
};

/* Opens a host; the caller ends it with ps_host_close. PS_E_ARGUMENT, PS_E_TRANSPORT (memory, or a
 * call that `why`, which may be NULL, names: the port is in use, ...). */
enum ps_error ps_host_open(const struct ps_host_config *config, struct ps_host **out,
                           struct ps_system_error *why);

/* Sends what still waits, closes, and returns all memory; calls and bindings are not ended by it.
 * NULL is fine. */
void ps_host_close(struct ps_host *host);

/* Sets the stack's time to now and returns it. Outside an event's callback, call this before each
 * call to the stack, and ps_host_kick after it. Borrowed; lives with the host. */
struct ps_stack *ps_host_stack(struct ps_host *host);

/* Returns the address and port listened on. */
const struct ps_address *ps_host_address(const struct ps_host *host);

/* Finds the local end of a flow to `remote`: the address that a description of media should
 * name. */
enum ps_error ps_host_local_for(struct ps_host *host, const struct ps_address *remote,
                                struct ps_address *out);

/* Schedules a pull at the end of the loop's step, for calls to the stack that were made outside an
 * event's callback; without it they wait for the next datagram or timer. */
void ps_host_kick(struct ps_host *host);

/* Sends now what waits to be sent: a 180 before the 200 that follows in the same callback. */
void ps_host_flush(struct ps_host *host);

/* Returns the keep-alives, for ps_keepalive_start. Kept flows must be stopped before the host is
 * closed. */
struct ps_keepalive *ps_host_keepalive(struct ps_host *host);

/* Return the counters of the sockets and of the resolver. Borrowed; they live with the host. */
const struct ps_udp_counters *ps_host_udp_counters(const struct ps_host *host);
const struct ps_resolver_counters *ps_host_resolver_counters(const struct ps_host *host);

#ifdef __cplusplus
}
#endif
#endif
