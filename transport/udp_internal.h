/*
 * Declares a ps_udp and its sockets: shared by udp_socket.c (sockets), udp_error.c (errors of the
 * network), udp_send.c (the queue, sending), udp.c (receiving) and udp_route.c (local addresses).
 * None of them calls one that stands after it here. Each defines _GNU_SOURCE first, for struct
 * mmsghdr.
 */
#ifndef PS_UDP_INTERNAL_H
#define PS_UDP_INTERNAL_H

#include "sockaddr_internal.h"
#include "udp.h"

/* Holds one datagram that waits to be sent; its bytes lie in the socket's ring. */
struct ps_udp_waiting {
    struct ps_address local, remote;
    uint64_t token;
    uint32_t at, n;
};

struct ps_udp_socket {
    struct ps_udp *udp;
    int fd; /* -1: unbound inside a callback, to be freed at its end */
    uint32_t number;
    bool wildcard;
    bool both; /* :: that takes IPv4 too, as mapped addresses (RFC 3493 3.7) */
    struct ps_address address;
    struct ps_loop_watch watch;
    uint32_t kernel_dropped; /* as SO_RXQ_OVFL last said */

    struct ps_udp_waiting *queue; /* ring of config.queue */
    unsigned first, count;
    char *ring;   /* config.queue_bytes */
    uint32_t end; /* of the last one's bytes */
    struct ps_loop_task flush;

    struct ps_udp_socket *next_dead;
};

enum { PS_UDP_CONTROL = 128 }; /* bytes for a pktinfo and a count of drops */

/* Holds one place of a batch, as the system wants it. */
struct ps_udp_place {
    union ps_sockaddr name;
    union {
        char bytes[PS_UDP_CONTROL];
        size_t align;
    } control;
};

struct ps_udp_batch {
    struct mmsghdr headers[PS_UDP_MAX_BATCH];
    struct iovec parts[PS_UDP_MAX_BATCH];
    struct ps_udp_place places[PS_UDP_MAX_BATCH];
};

struct ps_udp_route {
    struct ps_address remote, local;
    uint64_t until;
    enum ps_error error;
};

enum { PS_UDP_ROUTES = 16 };

struct ps_udp {
    struct ps_loop *loop;
    struct ps_udp_config config;
    struct ps_udp_counters counters;

    struct ps_udp_socket **sockets; /* NULL where unbound */
    unsigned size;
    uint16_t generation;

    struct ps_udp_batch in, out;
    char *buffers; /* config.batch of them, `stride` apart */
    size_t stride;

    struct ps_udp_route routes[PS_UDP_ROUTES];
    unsigned next_route;

    unsigned depth; /* callbacks may be running: nothing is freed */
    bool closing;
    struct ps_udp_socket *dead;
};

/* ---- udp_socket.c ---- */
/* Finds a socket by its number; NULL for a stale one. */
struct ps_udp_socket *ps_udp_socket(const struct ps_udp *udp, uint32_t number);

/* Opens a socket, which `call` watches with the socket as its context. On PS_E_TRANSPORT `why` is
 * filled. */
enum ps_error ps_udp_socket_open(struct ps_udp *udp, const struct ps_address *address,
                                 ps_loop_watch_fn call, uint32_t *number,
                                 struct ps_system_error *why);

/* Closes a socket at once, and frees it when no callback may be using it. */
void ps_udp_socket_close(struct ps_udp_socket *s);

/* Encloses whatever may call back: between enter and leave nothing is freed. */
void ps_udp_enter(struct ps_udp *udp);
void ps_udp_leave(struct ps_udp *udp);

/* Tells whether a socket can send to the family of `remote`. */
bool ps_udp_has_family(const struct ps_udp_socket *s, const struct ps_address *remote);

/* ---- udp_send.c ---- */
/* Sends the queue, and calls back for errors. Where it may not call back, it leaves a failed
 * datagram for later. */
void ps_udp_write(struct ps_udp_socket *s, bool may_call);
void ps_udp_flush_task(void *socket);

/* ---- udp_error.c ---- */
/* Reads the socket's error queue and reports its records; returns how many ICMP errors it held. */
unsigned ps_udp_read_errors(struct ps_udp_socket *s);
/* Reports a datagram that the system refused to send. */
void ps_udp_refused(struct ps_udp_socket *s, const struct ps_udp_waiting *w, int error);

#endif
