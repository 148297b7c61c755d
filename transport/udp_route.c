/*
 * UDP sockets: the local address by the route to a peer, and the socket for it.
 * Knows routes only by asking: a connected UDP socket has the address that the system would use.
 */
#define _GNU_SOURCE
#include "udp_internal.h"

#include <errno.h>
#include <unistd.h>

enum { REMEMBER = 1000 }; /* ms */

/* The name of `fd` connected to `remote`; 0 or errno. */
static int connected_name(int fd, const struct ps_address *remote, union ps_sockaddr *name)
{
    socklen_t n = ps_to_sockaddr(remote, name);
    if (connect(fd, &name->any, n))
        return errno;
    n = sizeof *name;
    return getsockname(fd, &name->any, &n) ? errno : 0;
}

static enum ps_error ask(struct ps_udp *udp, const struct ps_address *remote,
                         struct ps_address *local)
{
    int fd = socket(ps_socket_family(remote), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    union ps_sockaddr name;
    int error;
    if (fd < 0) {
        error = errno;
        ps_loop_failed(udp->loop, "socket", error);
        return error == EAFNOSUPPORT ? PS_E_UNREACHABLE : PS_E_TRANSPORT;
    }
    error = connected_name(fd, remote, &name);
    close(fd);
    if (error)
        return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL
                   ? PS_E_UNREACHABLE
                   : PS_E_TRANSPORT;
    ps_from_sockaddr(&name, local);
    local->port = 0;
    return PS_OK;
}

static struct ps_udp_route *remembered(struct ps_udp *udp, const struct ps_address *remote,
                                       uint64_t now)
{
    unsigned i;
    for (i = 0; i < PS_UDP_ROUTES; i++) {
        struct ps_udp_route *r = &udp->routes[i];
        if (now < r->until && ps_ip_equal(&r->remote, remote) && r->remote.scope == remote->scope)
            return r;
    }
    return NULL;
}

enum ps_error ps_udp_local_for(struct ps_udp *udp, const struct ps_address *remote,
                               struct ps_address *out)
{
    uint64_t now = ps_loop_now();
    struct ps_udp_route *r = remembered(udp, remote, now);
    if (remote->family != PS_IPV4 && remote->family != PS_IPV6)
        return PS_E_ARGUMENT;
    if (!r) {
        r = &udp->routes[udp->next_route++ % PS_UDP_ROUTES];
        memset(r, 0, sizeof *r);
        r->remote = *remote;
        if (!r->remote.port)
            r->remote.port = 9; /* any will do, but 0 is refused by some systems */
        r->error = ask(udp, &r->remote, &r->local);
        r->until = now + REMEMBER;
    }
    if (!r->error)
        *out = r->local;
    return r->error;
}

/* 2: bound to the route's address; 1: a wildcard; 0: bound elsewhere. */
static int fitness(const struct ps_udp_socket *s, const struct ps_address *local)
{
    return s->wildcard ? 1 : ps_ip_equal(&s->address, local) ? 2 : 0;
}

enum ps_error ps_udp_flow_to(struct ps_udp *udp, const struct ps_address *remote,
                             struct ps_flow *out)
{
    const struct ps_udp_socket *best = NULL;
    struct ps_address local;
    enum ps_error error = ps_udp_local_for(udp, remote, &local);
    unsigned i;
    if (error)
        return error;
    for (i = 0; i < udp->size; i++) {
        const struct ps_udp_socket *s = udp->sockets[i];
        if (s && s->address.family == remote->family &&
            (!best || fitness(s, &local) > fitness(best, &local)))
            best = s;
    }
    if (!best)
        return PS_E_UNREACHABLE;
    memset(out, 0, sizeof *out);
    out->local = best->wildcard ? local : best->address;
    out->local.port = best->address.port;
    out->remote = *remote;
    out->transport = PS_UDP;
    out->socket = best->number;
    return PS_OK;
}
