/*
 * Finds the sockets of a ps_udp by number, opens them with their options, closes them, and frees
 * them when no callback may still be using them. Knows neither what is received nor what is sent.
 */
#define _GNU_SOURCE
#include "udp_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* ---- life: nothing is freed while a callback may be running ---- */

static void free_socket(struct ps_udp_socket *s)
{
    free(s->queue);
    free(s->ring);
    free(s);
}

static void free_dead(struct ps_udp *udp)
{
    while (udp->dead) {
        struct ps_udp_socket *s = udp->dead;
        udp->dead = s->next_dead;
        free_socket(s);
    }
}

void ps_udp_enter(struct ps_udp *udp)
{
    udp->depth++;
}

void ps_udp_leave(struct ps_udp *udp)
{
    if (--udp->depth)
        return;
    free_dead(udp);
    if (udp->closing) {
        free(udp->sockets);
        free(udp->buffers);
        free(udp);
    }
}

/* ---- sockets by number: the place, and above it how often places were taken ---- */

struct ps_udp_socket *ps_udp_socket(const struct ps_udp *udp, uint32_t number)
{
    unsigned place = number & 0xffff;
    struct ps_udp_socket *s = place < udp->size ? udp->sockets[place] : NULL;
    return s && s->number == number ? s : NULL;
}

/* Finds a free place, or makes one; false without memory or numbers. */
static bool find_place(struct ps_udp *udp, unsigned *place)
{
    struct ps_udp_socket **larger;
    unsigned i, size = udp->size ? udp->size * 2 : 4;
    for (i = 0; i < udp->size; i++)
        if (!udp->sockets[i]) {
            *place = i;
            return true;
        }
    if (size > 0x10000)
        return false;
    larger = realloc(udp->sockets, size * sizeof *larger);
    if (!larger)
        return false;
    memset(larger + udp->size, 0, (size - udp->size) * sizeof *larger);
    *place = udp->size;
    udp->sockets = larger;
    udp->size = size;
    return true;
}

static struct ps_udp_socket *new_socket(struct ps_udp *udp)
{
    struct ps_udp_socket *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->udp = udp;
    s->fd = -1;
    s->queue = calloc(udp->config.queue, sizeof *s->queue);
    s->ring = malloc(udp->config.queue_bytes);
    if (s->queue && s->ring)
        return s;
    free_socket(s);
    return NULL;
}

bool ps_udp_has_family(const struct ps_udp_socket *s, const struct ps_address *remote)
{
    return s->address.family == remote->family || (s->both && remote->family == PS_IPV4);
}

/* ---- opening and closing ---- */

struct option {
    int level, name, value;
    const char *call;
};

static bool set(struct ps_udp_socket *s, const struct option *o, struct ps_system_error *why)
{
    if (!setsockopt(s->fd, o->level, o->name, &o->value, sizeof o->value))
        return true;
    why->call = o->call;
    why->error = errno;
    return false;
}

/* Sets options: wildcards are told the local address of each datagram, all are told of ICMP errors
 * and drops. */
static bool set_options(struct ps_udp_socket *s, struct ps_system_error *why)
{
    const struct ps_udp_config *c = &s->udp->config;
    bool ipv6 = s->address.family == PS_IPV6, ipv4 = !ipv6 || s->both;
    const struct option options[] = {
        {IPPROTO_IPV6, IPV6_RECVERR, ipv6, "setsockopt(IPV6_RECVERR)"},
        {IPPROTO_IPV6, IPV6_RECVPKTINFO, ipv6 && s->wildcard, "setsockopt(IPV6_RECVPKTINFO)"},
        {IPPROTO_IP, IP_RECVERR, ipv4, "setsockopt(IP_RECVERR)"},
        {IPPROTO_IP, IP_PKTINFO, ipv4 && s->wildcard, "setsockopt(IP_PKTINFO)"},
        {SOL_SOCKET, SO_RXQ_OVFL, 1, "setsockopt(SO_RXQ_OVFL)"},
        {SOL_SOCKET, SO_RCVBUF, c->receive_buffer, "setsockopt(SO_RCVBUF)"},
        {SOL_SOCKET, SO_SNDBUF, c->send_buffer, "setsockopt(SO_SNDBUF)"},
    };
    size_t i;
    for (i = 0; i < sizeof options / sizeof options[0]; i++)
        if (options[i].value && !set(s, &options[i], why))
            return false;
    return true;
}

static bool set_v6only(struct ps_udp_socket *s, bool only, struct ps_system_error *why)
{
    const struct option option = {IPPROTO_IPV6, IPV6_V6ONLY, only, "setsockopt(IPV6_V6ONLY)"};
    return set(s, &option, why);
}

/* Lets the IPv6 wildcard take IPv4 too. Where the system refuses, that is reported and the socket
 * takes IPv6 alone. */
static bool choose_families(struct ps_udp_socket *s, struct ps_system_error *why)
{
    if (s->address.family != PS_IPV6)
        return true;
    s->both = s->wildcard && set_v6only(s, false, why);
    if (s->wildcard && !s->both)
        ps_loop_failed(s->udp->loop, why->call, why->error);
    return s->both || set_v6only(s, true, why);
}

/* Binds a socket; false with `why` where that fails. Where IPv4 has the port taken by somebody
 * else, IPv6 alone remains. */
static bool bind_name(struct ps_udp_socket *s, const union ps_sockaddr *name, socklen_t n,
                      struct ps_system_error *why)
{
    if (!bind(s->fd, &name->any, n))
        return true;
    why->error = errno;
    if (!s->both || errno != EADDRINUSE || !set_v6only(s, true, why))
        return false;
    s->both = false;
    why->call = "bind";
    if (!bind(s->fd, &name->any, n))
        return true;
    why->error = errno;
    return false;
}

static bool bind_to(struct ps_udp_socket *s, struct ps_system_error *why)
{
    union ps_sockaddr name;
    socklen_t n = ps_to_sockaddr(&s->address, &name);
    why->call = "bind";
    if (!bind_name(s, &name, n, why))
        return false;
    n = sizeof name;
    why->call = "getsockname";
    if (getsockname(s->fd, &name.any, &n)) {
        why->error = errno;
        return false;
    }
    ps_from_sockaddr(&name, &s->address);
    return true;
}

static bool open_socket(struct ps_udp_socket *s, ps_loop_watch_fn call, struct ps_system_error *why)
{
    int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    why->call = "socket";
    s->fd = socket(ps_socket_family(&s->address), type, 0);
    why->error = errno;
    if (s->fd < 0 || !choose_families(s, why) || !set_options(s, why) || !bind_to(s, why))
        return false;
    why->call = "epoll_ctl";
    if (!ps_loop_watch(s->udp->loop, &s->watch, s->fd, EPOLLIN, call, s))
        return true;
    why->error = errno;
    return false;
}

enum ps_error ps_udp_socket_open(struct ps_udp *udp, const struct ps_address *address,
                                 ps_loop_watch_fn call, uint32_t *number,
                                 struct ps_system_error *why)
{
    struct ps_udp_socket *s;
    unsigned place;
    why->call = "malloc";
    why->error = ENOMEM;
    if (!find_place(udp, &place) || !(s = new_socket(udp)))
        return PS_E_TRANSPORT;
    s->address = *address;
    s->wildcard = ps_ip_is_any(address);
    if (open_socket(s, call, why)) {
        s->number = (uint32_t)++udp->generation << 16 | place;
        udp->sockets[place] = s;
        *number = s->number;
        return PS_OK;
    }
    if (s->fd >= 0)
        close(s->fd);
    free_socket(s);
    return PS_E_TRANSPORT;
}

void ps_udp_socket_close(struct ps_udp_socket *s)
{
    struct ps_udp *udp = s->udp;
    udp->sockets[s->number & 0xffff] = NULL;
    ps_loop_unpost(udp->loop, &s->flush);
    ps_loop_unwatch(udp->loop, &s->watch);
    close(s->fd);
    s->fd = -1;
    s->count = 0;
    s->next_dead = udp->dead;
    udp->dead = s;
    if (!udp->depth)
        free_dead(udp);
}
