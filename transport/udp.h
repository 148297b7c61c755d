/*
 * UDP sockets on a loop: batches in, batches out, and what the network says about them.
 *
 * One ps_udp holds any number of sockets, IPv4 and IPv6, which share the buffers for reading. It
 * reads with recvmmsg(2) within a budget a wake-up, keeps what is sent in a bounded queue a socket,
 * and writes the queue with sendmmsg(2) at the end of the loop's step. Knows flows and bytes;
 * nothing of SIP (but the two sections on ICMP that it quotes: RFC 3261 18.4).
 *
 * Memory is taken in ps_udp_open and ps_udp_bind alone, never for a datagram. Callbacks come from
 * ps_loop_step and ps_udp_flush only, never from inside ps_udp_send; inside them anything here may
 * be called, unbind and close too.
 */
#ifndef PS_UDP_H
#define PS_UDP_H

#include "loop.h"
#include "sip/address.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_udp;

/* A datagram came. The flow's local end is the address that it was sent to, also on a wildcard
 * socket. `truncated`: it was larger than the configuration takes, and `bytes` are its beginning.
 * Flow and bytes are borrowed for the call. */
typedef void (*ps_udp_received_fn)(void *context, const struct ps_flow *flow, struct ps_slice bytes,
                                   bool truncated);

/* A datagram that could not be delivered. */
struct ps_udp_error {
    enum ps_error error;   /* PS_E_UNREACHABLE, PS_E_TOO_LARGE, or PS_E_TRANSPORT for the rest */
    int system_error;      /* errno */
    bool icmp;             /* said by the network later, else by the system when it was sent */
    uint64_t token;        /* of ps_udp_send; 0 where `icmp` */
    struct ps_flow flow;   /* where it was to go; the local end is the socket's where `icmp` */
    struct ps_slice bytes; /* `icmp`: the beginning of that datagram, as much as came back of it;
                              borrowed for the call; else none */
};
typedef void (*ps_udp_failed_fn)(void *context, const struct ps_udp_error *error);

/* Sees each datagram: one that was received before it is handed on, one that is sent when it is
 * queued. For traces. */
typedef void (*ps_udp_observe_fn)(void *context, bool out, uint64_t now, const struct ps_flow *flow,
                                  struct ps_slice bytes);

/* All zero but `received` will do. Copied. */
struct ps_udp_config {
    ps_udp_received_fn received;
    ps_udp_failed_fn failed;   /* may be NULL */
    ps_udp_observe_fn observe; /* may be NULL */
    void *context;             /* of all three */
    size_t datagram;           /* largest datagram to take, bytes; 0: PS_MAX_MESSAGE */
    unsigned batch;            /* datagrams a system call, to PS_UDP_MAX_BATCH; 0: 32 */
    unsigned budget;           /* batches a socket a wake-up; 0: 4 */
    unsigned queue;            /* datagrams that wait to be sent, a socket; 0: 1024 */
    size_t queue_bytes;        /* and their bytes; 0: 1 MiB */
    int receive_buffer;        /* the kernel's (SO_RCVBUF), bytes; 0: the system's default */
    int send_buffer;           /* SO_SNDBUF, the same */
};

#define PS_UDP_MAX_BATCH 64

/* Takes memory for `config`. PS_E_ARGUMENT for a configuration that cannot work (no `received`, a
 * queue smaller than a batch), PS_E_TRANSPORT without memory; `*out` is then NULL. The loop must
 * outlive it. */
enum ps_error ps_udp_open(struct ps_loop *loop, const struct ps_udp_config *config,
                          struct ps_udp **out);

/* Closes all sockets; what still waits to be sent is dropped (ps_udp_flush first). NULL is fine. */
void ps_udp_close(struct ps_udp *udp);

/* Opens a socket on `address` (port 0: any) and says its number for flows. 0.0.0.0 is all of IPv4;
 * :: is all of IPv6, and of IPv4 where the system lets it and nobody has the port there already (so
 * that 0.0.0.0 for a socket of its own is bound first). What comes by IPv4 has IPv4 flows.
 * PS_E_TRANSPORT, and `why` (may be NULL) says which call failed and how. */
enum ps_error ps_udp_bind(struct ps_udp *udp, const struct ps_address *address, uint32_t *socket,
                          struct ps_system_error *why);

/* Closes one socket; its number becomes stale. A stale number is fine. */
void ps_udp_unbind(struct ps_udp *udp, uint32_t socket);

/* Returns the address and port that a socket is bound to, as the system says; NULL for a stale
 * number. Borrowed until it is unbound. */
const struct ps_address *ps_udp_address(const struct ps_udp *udp, uint32_t socket);

/* Queues a datagram to the flow's remote end, from its local end where the socket is a wildcard (a
 * local end of none or any: the route decides). Bytes are copied. `token` (the caller's; 0 means
 * nothing) comes back in an error about it. It is written at the end of the loop's step, or sooner
 * when a batch is full.
 * PS_E_FULL: the queue is; dropped and counted, as the network would: not an error for SIP.
 * PS_E_STALE: no such socket. PS_E_ARGUMENT: a remote end of a family that it does not take, or
 * without port.
 * PS_E_TOO_LARGE: no UDP datagram, or larger than the queue. */
enum ps_error ps_udp_send(struct ps_udp *udp, const struct ps_flow *flow, struct ps_slice bytes,
                          uint64_t token);

/* Writes what waits, as far as the system takes it now; errors are called back. */
void ps_udp_flush(struct ps_udp *udp);

/* Counts the datagrams that wait to be sent, over all sockets. */
size_t ps_udp_pending(const struct ps_udp *udp);

/* Finds the local address (port 0) from which a datagram to `remote` would leave, by the system's
 * routes, for a Contact or a Via. Sends nothing. The answer is remembered for a second.
 * PS_E_UNREACHABLE: no route; PS_E_TRANSPORT: the system refused to say. */
enum ps_error ps_udp_local_for(struct ps_udp *udp, const struct ps_address *remote,
                               struct ps_address *out);

/* Finds the flow for a new exchange with `remote`: its socket is one bound to the route's address,
 * else a wildcard of the family, else for IPv4 a :: that takes it too, else any of the family; its
 * local end is what the peer will see.
 * PS_E_UNREACHABLE also where no socket has the family. */
enum ps_error ps_udp_flow_to(struct ps_udp *udp, const struct ps_address *remote,
                             struct ps_flow *out);

/* X(name, what it counts) */
#define PS_UDP_COUNTERS(X)                                                                         \
    X(datagrams_in, "datagrams received")                                                          \
    X(bytes_in, "their bytes")                                                                     \
    X(batches_in, "system calls that brought them")                                                \
    X(truncated, "of them larger than the configuration takes")                                    \
    X(no_port, "dropped: from port 0, nobody to answer")                                           \
    X(kernel_dropped, "dropped by the kernel: its receive buffer was full")                        \
    X(receive_errors, "failures of receiving")                                                     \
    X(datagrams_out, "datagrams sent")                                                             \
    X(bytes_out, "their bytes")                                                                    \
    X(batches_out, "system calls that took them")                                                  \
    X(send_waits, "times that the kernel's send buffer was full")                                  \
    X(send_retries, "errors of sending that a second try did not have, or that were another's")    \
    X(queue_full, "dropped: our queue was full")                                                   \
    X(no_buffers, "dropped: the system had no memory or its device queue was full")                \
    X(send_errors, "dropped: the path refused them; reported")                                     \
    X(icmp_errors, "ICMP errors reported")                                                         \
    X(icmp_ignored, "ICMP errors that say nothing final (RFC 3261 18.4)")

struct ps_udp_counters {
#define PS_COUNTER_FIELD(name, text) uint64_t name;
    PS_UDP_COUNTERS(PS_COUNTER_FIELD)
#undef PS_COUNTER_FIELD
};

/* Returns the counters over all sockets, closed ones too. Borrowed; they live with `udp`. */
const struct ps_udp_counters *ps_udp_counters(const struct ps_udp *udp);

#ifdef __cplusplus
}
#endif
#endif
