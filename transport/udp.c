/*
 * Opens and closes a ps_udp, binds its sockets, and receives in batches. Knows flows and bytes, not
 * what they say.
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

/* Prepares the headers for receiving once; the system changes only what receive_batch sets
 * again. */
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

enum ps_error ps_udp_open(struct ps_loop *loop, const struct ps_udp_config *config,
                          struct ps_udp **out)
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

const struct ps_address *ps_udp_address(const struct ps_udp *udp, uint32_t socket)
{
    const struct ps_udp_socket *s = ps_udp_socket(udp, socket);
    return s ? &s->address : NULL;
}

void ps_udp_unbind(struct ps_udp *udp, uint32_t socket)
{
    struct ps_udp_socket *s = ps_udp_socket(udp, socket);
    if (s)
        ps_udp_socket_close(s);
}

const struct ps_udp_counters *ps_udp_counters(const struct ps_udp *udp)
{
    return &udp->counters;
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

/* Counts dropped datagrams by the growth of the kernel's count, which is 32 bits wide and wraps. */
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

/* Tells whether an error of reading came from ICMP, so that reading may go on. One without a
 * record, because the error queue was full, is excused once. */
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

/* Clears an error that has no record, by reading SO_ERROR; otherwise it would be reported for
 * ever. */
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

/* ---- binding ---- */

enum ps_error ps_udp_bind(struct ps_udp *udp, const struct ps_address *address, uint32_t *socket,
                          struct ps_system_error *why)
{
    struct ps_system_error refused = {NULL, 0};
    enum ps_error error;
    if (address->family != PS_IPV4 && address->family != PS_IPV6)
        return PS_E_ARGUMENT;
    error = ps_udp_socket_open(udp, address, on_events, socket, &refused);
    if (error && why)
        *why = refused;
    return error;
}
