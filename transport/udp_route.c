/*
 * Chooses the local address by the route to a peer, remembers it, and finds the socket for it.
 * Knows routes only by asking (route.c).
 */
#define _GNU_SOURCE
#include "udp_internal.h"

#include "route_internal.h"

enum { REMEMBER = 1000 }; /* ms */

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
        r->error = ps_route_local(udp->loop, remote, &r->local);
        r->until = now + REMEMBER;
    }
    if (!r->error)
        *out = r->local;
    return r->error;
}

/* Rates a socket for a local address. 3: bound to it; 2: the wildcard of its family; 1: the IPv6
 * wildcard that takes IPv4 too; 0: bound elsewhere; -1: of the other family. */
static int fitness(const struct ps_udp_socket *s, const struct ps_address *local)
{
    if (!ps_udp_has_family(s, local))
        return -1;
    if (s->wildcard)
        return s->address.family == local->family ? 2 : 1;
    return ps_ip_equal(&s->address, local) ? 3 : 0;
}

enum ps_error ps_udp_flow_to(struct ps_udp *udp, const struct ps_address *address,
                             struct ps_flow *out)
{
    const struct ps_udp_socket *best = NULL;
    struct ps_address remote = *address, local;
    enum ps_error error;
    int fits = -1;
    unsigned i;
    ps_unmap_ipv4(&remote);
    error = ps_udp_local_for(udp, &remote, &local);
    if (error)
        return error;
    for (i = 0; i < udp->size; i++) {
        const struct ps_udp_socket *s = udp->sockets[i];
        if (s && fitness(s, &local) > fits) {
            best = s;
            fits = fitness(s, &local);
        }
    }
    if (!best)
        return PS_E_UNREACHABLE;
    memset(out, 0, sizeof *out);
    out->local = best->wildcard ? local : best->address;
    out->local.port = best->address.port;
    out->remote = remote;
    out->transport = PS_UDP;
    out->socket = best->number;
    return PS_OK;
}
