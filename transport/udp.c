/*
 * UDP sockets: opening, receiving in batches.
 * Knows flows and bytes; what they say is nothing to it.
 */
#define _GNU_SOURCE
#include "udp_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* ---- life ---- */

static unsigned or_default(unsigned value, unsigned standard)
{
    return value ? value : standard;
}

static bool fill_defaults(struct ps_udp_config *c)
{
    if (!c->datagram)
        c->datagram = PS_MAX_MESSAGE;
    if (!c->queue_bytes)
        c->queue_bytes = 1 << 20;
    c->batch = or_default(c->batch, 32);
    c->budget = or_default(c->budget, 4);
    c->queue = or_default(c->queue, 1024);
    return c->received && c->datagram <= 65535 && c->batch <= PS_UDP_MAX_BATCH &&
           c->queue >= c->batch && c->queue <= 1 << 20 && c->queue_bytes <= 1 << 30 &&
           c->receive_buffer >= 0 && c->send_buffer >= 0;
}

/* The headers for receiving stay; the system changes only what receive_batch sets again. */
static void prepare(struct ps_udp *udp)
{
    unsigned i;
    for (i = 0; i < udp->config.batch; i++) {
        struct msghdr *h = &udp->in.headers[i].msg_hdr;
        udp->in.parts[i].iov_base = udp->buffers + i * udp->stride;
        udp->in.parts[i].iov_len = udp->config.datagram;
        h->msg_iov = &udp->in.parts[i];
        h->msg_iovlen = 1;
        h->msg_name = &udp->in.places[i].name;
        h->msg_control = &udp->in.places[i].control;
    }
}

enum ps_error ps_udp_open(struct ps_udp **out, struct ps_loop *loop,
                          const struct ps_udp_config *config)
{
    struct ps_udp_config c = *config;
    struct ps_udp *udp;
    *out = NULL;
    if (!fill_defaults(&c))
        return PS_E_ARGUMENT;
    udp = calloc(1, sizeof *udp);
    if (!udp)
        return PS_E_TRANSPORT;
    udp->loop = loop;
    udp->config = c;
    udp->stride = (c.datagram + 63) / 64 * 64; /* whole cache lines */
    udp->buffers = calloc(c.batch, udp->stride);
    if (!udp->buffers) {
        free(udp);
        return PS_E_TRANSPORT;
    }
    prepare(udp);
    *out = udp;
    return PS_OK;
}

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

void ps_udp_close(struct ps_udp *udp)
{
    unsigned i;
    if (!udp)
        return;
    ps_udp_enter(udp);
    for (i = 0; i < udp->size; i++)
        if (udp->sockets[i])
            ps_udp_unbind(udp, udp->sockets[i]->number);
    udp->closing = true;
    ps_udp_leave(udp);
}

/* ---- sockets by number: the place, and above it how often places were taken ---- */

struct ps_udp_socket *ps_udp_socket(const struct ps_udp *udp, uint32_t number)
{
    unsigned place = number & 0xffff;
    struct ps_udp_socket *s = place < udp->size ? udp->sockets[place] : NULL;
    return s && s->number == number ? s : NULL;
}

/* A free place, made if there is none; false without memory or numbers. */
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

const struct ps_address *ps_udp_address(const struct ps_udp *udp, uint32_t socket)
{
    const struct ps_udp_socket *s = ps_udp_socket(udp, socket);
    return s ? &s->address : NULL;
}

void ps_udp_unbind(struct ps_udp *udp, uint32_t socket)
{
    struct ps_udp_socket *s = ps_udp_socket(udp, socket);
    if (!s)
        return;
    udp->sockets[socket & 0xffff] = NULL;
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

const struct ps_udp_counters *ps_udp_counters(const struct ps_udp *udp)
{
    return &udp->counters;
}

/* ---- binding ---- */

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

/* Wildcards are told each datagram's local address; all are told of ICMP errors and drops. */
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

/* The IPv6 wildcard takes IPv4 too. A system that does not let it is said to fail, and has its
 * own IPv6 sockets. */
static bool choose_families(struct ps_udp_socket *s, struct ps_system_error *why)
{
    if (s->address.family != PS_IPV6)
        return true;
    s->both = s->wildcard && set_v6only(s, false, why);
    if (s->wildcard && !s->both)
        ps_loop_failed(s->udp->loop, why->call, why->error);
    return s->both || set_v6only(s, true, why);
}

/* False with errno. Where somebody else has the port for IPv4, there remains IPv6. */
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

static void on_events(void *context, uint32_t events);

static bool open_socket(struct ps_udp_socket *s, struct ps_system_error *why)
{
    int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    why->call = "socket";
    s->fd = socket(ps_socket_family(&s->address), type, 0);
    why->error = errno;
    if (s->fd < 0 || !choose_families(s, why) || !set_options(s, why) || !bind_to(s, why))
        return false;
    why->call = "epoll_ctl";
    if (!ps_loop_watch(s->udp->loop, &s->watch, s->fd, EPOLLIN, on_events, s))
        return true;
    why->error = errno;
    return false;
}

enum ps_error ps_udp_bind(struct ps_udp *udp, const struct ps_address *address, uint32_t *socket,
                          struct ps_system_error *why)
{
    struct ps_system_error error = {"malloc", ENOMEM};
    struct ps_udp_socket *s = NULL;
    unsigned place;
    if (address->family != PS_IPV4 && address->family != PS_IPV6)
        return PS_E_ARGUMENT;
    if (find_place(udp, &place) && (s = new_socket(udp)) != NULL) {
        s->address = *address;
        s->wildcard = ps_ip_is_any(address);
        if (open_socket(s, &error)) {
            s->number = (uint32_t)++udp->generation << 16 | place;
            udp->sockets[place] = s;
            *socket = s->number;
            return PS_OK;
        }
        if (s->fd >= 0)
            close(s->fd);
        free_socket(s);
    }
    if (why)
        *why = error;
    return PS_E_TRANSPORT;
}

/* ---- receiving ---- */

static void read_pktinfo(const struct cmsghdr *c, struct ps_address *local)
{
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        local->family = PS_IPV4;
        local->scope = 0;
        memset(local->ip, 0, sizeof local->ip);
        memcpy(local->ip, &info.ipi_spec_dst, 4);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        if (IN6_IS_ADDR_V4MAPPED(&info.ipi6_addr))
            return; /* IP_PKTINFO says it too, and from where to answer a broadcast */
        memcpy(local->ip, &info.ipi6_addr, 16);
        if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
            local->scope = (uint32_t)info.ipi6_ifindex;
    }
}

/* The kernel's count is 32 bits wide and runs on: what counts is by how much. */
static void count_dropped(struct ps_udp_socket *s, const struct cmsghdr *c)
{
    uint32_t dropped;
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
        return;
    memcpy(&dropped, CMSG_DATA(c), sizeof dropped);
    s->udp->counters.kernel_dropped += (uint32_t)(dropped - s->kernel_dropped);
    s->kernel_dropped = dropped;
}

static void read_control(struct ps_udp_socket *s, struct msghdr *h, struct ps_address *local)
{
    struct cmsghdr *c;
    for (c = CMSG_FIRSTHDR(h); c; c = ps_next_control(h, c)) {
        read_pktinfo(c, local);
        count_dropped(s, c);
    }
}

static void deliver(struct ps_udp_socket *s, unsigned i)
{
    struct ps_udp *udp = s->udp;
    struct msghdr *h = &udp->in.headers[i].msg_hdr;
    struct ps_slice bytes = ps_slice(udp->in.parts[i].iov_base, udp->in.headers[i].msg_len);
    bool truncated = (h->msg_flags & MSG_TRUNC) != 0;
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    flow.local = s->address;
    flow.transport = PS_UDP;
    flow.socket = s->number;
    ps_from_sockaddr(&udp->in.places[i].name, &flow.remote);
    read_control(s, h, &flow.local);
    udp->counters.datagrams_in++;
    udp->counters.bytes_in += bytes.n;
    udp->counters.truncated += truncated;
    if (!flow.remote.port) {
        udp->counters.no_port++;
        return;
    }
    if (udp->config.observe)
        udp->config.observe(udp->config.context, false, ps_loop_now(), &flow, bytes);
    udp->config.received(udp->config.context, &flow, bytes, truncated);
}

static int receive_batch(struct ps_udp_socket *s)
{
    struct ps_udp_batch *in = &s->udp->in;
    unsigned i;
    for (i = 0; i < s->udp->config.batch; i++) {
        in->headers[i].msg_hdr.msg_namelen = sizeof in->places[i].name;
        in->headers[i].msg_hdr.msg_controllen = sizeof in->places[i].control;
    }
    return recvmmsg(s->fd, in->headers, s->udp->config.batch, MSG_DONTWAIT, NULL);
}

/* Was it an ICMP error that surfaced here, so that reading may go on? One that came without a
 * record (the error queue was full) is excused once. */
static bool excused(struct ps_udp_socket *s, int error, bool *before)
{
    bool first = !*before;
    if (error == EAGAIN || error == EINTR)
        return false;
    if (ps_udp_read_errors(s))
        return true;
    *before = true;
    s->udp->counters.receive_errors++;
    if (first)
        return true;
    ps_loop_failed(s->udp->loop, "recvmmsg", error);
    ps_loop_rest(s->udp->loop, &s->watch);
    return false;
}

static void receive(struct ps_udp_socket *s)
{
    struct ps_udp *udp = s->udp;
    bool failed_before = false;
    unsigned round;
    for (round = 0; round < udp->config.budget && s->fd >= 0; round++) {
        int i, n = receive_batch(s);
        if (n < 0 && excused(s, errno, &failed_before))
            continue;
        if (n <= 0)
            return;
        udp->counters.batches_in++;
        for (i = 0; i < n && s->fd >= 0; i++)
            deliver(s, (unsigned)i);
        if ((unsigned)n < udp->config.batch)
            return;
    }
}

/* An error without a record would be reported for ever: reading SO_ERROR clears it. */
static void clear_error(struct ps_udp_socket *s)
{
    int error = 0;
    socklen_t n = sizeof error;
    if (!ps_udp_read_errors(s))
        (void)getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n);
}

static void on_events(void *context, uint32_t events)
{
    struct ps_udp_socket *s = context;
    struct ps_udp *udp = s->udp;
    ps_udp_enter(udp);
    if (events & EPOLLERR)
        clear_error(s);
    if (s->fd >= 0 && (events & EPOLLOUT))
        ps_udp_write(s, true);
    if (s->fd >= 0 && (events & EPOLLIN))
        receive(s);
    ps_udp_leave(udp);
}
