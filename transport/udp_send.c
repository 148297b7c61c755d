/*
 * Keeps the bounded queue of datagrams to send, and sends it in batches. Knows nothing of what it
 * sends.
 */
#define _GNU_SOURCE
#include "udp_internal.h"

#include <errno.h>
#include <sys/epoll.h>

enum { TRIES = 4 };

/* ---- the queue: a ring of places, and a ring of bytes in which each datagram lies in one piece */

static struct ps_udp_waiting *at(struct ps_udp_socket *s, unsigned i)
{
    unsigned place = s->first + i;
    return &s->queue[place < s->udp->config.queue ? place : place - s->udp->config.queue];
}

/* Finds where `n` bytes lie in one piece: after the last datagram, or at the start of the ring. */
static bool find_room(const struct ps_udp_socket *s, uint32_t n, uint32_t *where)
{
    uint32_t size = (uint32_t)s->udp->config.queue_bytes;
    uint32_t begin = s->count ? s->queue[s->first].at : 0;
    uint32_t end = s->count ? s->end : 0;
    bool wrapped = s->count && end <= begin;
    if (n <= (wrapped ? begin : size) - end) {
        *where = end;
        return true;
    }
    *where = 0;
    return !wrapped && n <= begin;
}

static bool enqueue(struct ps_udp_socket *s, const struct ps_flow *flow, struct ps_slice bytes,
                    uint64_t token)
{
    uint32_t n = (uint32_t)bytes.n + 1; /* so that an empty datagram takes a place too */
    struct ps_udp_waiting *w;
    uint32_t where;
    if (s->count == s->udp->config.queue || !find_room(s, n, &where))
        return false;
    if (!s->count)
        s->first = 0; /* uses the same few places again, not all in turn */
    w = at(s, s->count++);
    w->local = flow->local;
    w->remote = flow->remote;
    w->token = token;
    w->at = where;
    w->n = (uint32_t)bytes.n;
    s->end = where + n;
    if (bytes.n)
        memcpy(s->ring + where, bytes.p, bytes.n);
    return true;
}

static void dequeue(struct ps_udp_socket *s, unsigned n)
{
    s->first = (s->first + n) % s->udp->config.queue;
    s->count -= n;
}

/* ---- batches ---- */

/* Tells the system the address to send from; returns how many bytes of control that takes. */
static socklen_t put_pktinfo(struct ps_udp_place *place, const struct ps_address *local)
{
    struct cmsghdr *c = (struct cmsghdr *)(void *)place->control.bytes;
    memset(c, 0, CMSG_SPACE(sizeof(struct in6_pktinfo)));
    if (local->family == PS_IPV6) {
        struct in6_pktinfo info;
        memset(&info, 0, sizeof info);
        memcpy(&info.ipi6_addr, local->ip, 16);
        info.ipi6_ifindex = local->scope;
        c->cmsg_level = IPPROTO_IPV6;
        c->cmsg_type = IPV6_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(c), &info, sizeof info);
        return (socklen_t)CMSG_SPACE(sizeof info);
    } else {
        struct in_pktinfo info;
        memset(&info, 0, sizeof info);
        memcpy(&info.ipi_spec_dst, local->ip, 4);
        c->cmsg_level = IPPROTO_IP;
        c->cmsg_type = IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(c), &info, sizeof info);
        return (socklen_t)CMSG_SPACE(sizeof info);
    }
}

static void put_place(struct ps_udp_socket *s, const struct ps_udp_waiting *w, unsigned i)
{
    struct ps_udp_batch *out = &s->udp->out;
    struct msghdr *h = &out->headers[i].msg_hdr;
    struct ps_address local = w->local, remote = w->remote;
    bool from = s->wildcard && local.family == remote.family && !ps_ip_is_any(&local);
    if (s->both) {
        ps_map_ipv4(&local);
        ps_map_ipv4(&remote);
    }
    out->parts[i].iov_base = s->ring + w->at;
    out->parts[i].iov_len = w->n;
    h->msg_iov = &out->parts[i];
    h->msg_iovlen = 1;
    h->msg_name = &out->places[i].name;
    h->msg_namelen = ps_to_sockaddr(&remote, &out->places[i].name);
    h->msg_control = NULL;
    h->msg_controllen = 0;
    if (from) {
        h->msg_controllen = put_pktinfo(&out->places[i], &local);
        h->msg_control = out->places[i].control.bytes;
    }
}

static int send_batch(struct ps_udp_socket *s)
{
    unsigned i, n = s->count < s->udp->config.batch ? s->count : s->udp->config.batch;
    for (i = 0; i < n; i++)
        put_place(s, at(s, i), i);
    return sendmmsg(s->fd, s->udp->out.headers, n, MSG_DONTWAIT);
}

static void count_sent(struct ps_udp_socket *s, unsigned n)
{
    struct ps_udp_counters *counters = &s->udp->counters;
    unsigned i;
    counters->batches_out++;
    counters->datagrams_out += n;
    for (i = 0; i < n; i++)
        counters->bytes_out += at(s, i)->n;
    dequeue(s, n);
}

static void wait_writable(struct ps_udp_socket *s, bool wait)
{
    (void)ps_loop_rewatch(s->udp->loop, &s->watch, wait ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static bool waits(const struct ps_udp_socket *s)
{
    return (s->watch.events & EPOLLOUT) != 0;
}

static void drop_first(struct ps_udp_socket *s, int error)
{
    struct ps_udp_waiting w = s->queue[s->first];
    dequeue(s, 1);
    if (error == ENOBUFS || error == ENOMEM)
        s->udp->counters.no_buffers++;
    else
        ps_udp_refused(s, &w, error);
}

/*
 * Decides whose error sendmmsg returned: the first datagram's own, or that of an earlier one, which
 * ICMP brought meanwhile. The latter stands in the error queue and is reported from there; where
 * the queue was full it is lost, which costs one try. Trying again tells.
 */
static enum { OWN, AGAIN, LATER } whose(struct ps_udp_socket *s, unsigned *tries)
{
    unsigned found = ps_udp_read_errors(s);
    unsigned before = (*tries)++;
    if (!found && before)
        return OWN;
    s->udp->counters.send_retries++;
    return before < TRIES ? AGAIN : LATER;
}

/* Handles the error of sendmmsg; false where nothing more can be sent for now. */
static bool handle_error(struct ps_udp_socket *s, int error, unsigned *tries)
{
    if (error == EAGAIN || error == EINTR) {
        s->udp->counters.send_waits += error == EAGAIN;
        wait_writable(s, true);
        return false;
    }
    switch (whose(s, tries)) {
    case OWN:
        *tries = 0; /* nothing was called back: the socket is still there */
        drop_first(s, error);
        return true;
    case AGAIN:
        return true;
    default: /* many ICMP errors: let others have their turn */
        if (s->fd >= 0)
            ps_loop_post(s->udp->loop, &s->flush, ps_udp_flush_task, s);
        return false;
    }
}

void ps_udp_write(struct ps_udp_socket *s, bool may_call)
{
    unsigned tries = 0;
    while (s->fd >= 0 && s->count) {
        int n = send_batch(s), error = errno;
        if (n > 0) {
            count_sent(s, (unsigned)n);
            tries = 0;
        } else if (!may_call && error != EAGAIN) {
            s->udp->counters.send_retries++; /* the posted flush tries again, and may call back */
            return;
        } else if (!handle_error(s, error, &tries)) {
            return;
        }
    }
    if (s->fd >= 0)
        wait_writable(s, false);
}

void ps_udp_flush_task(void *context)
{
    struct ps_udp_socket *s = context;
    struct ps_udp *udp = s->udp;
    ps_udp_enter(udp);
    ps_udp_write(s, true);
    ps_udp_leave(udp);
}

/* ---- what users call ---- */

static enum ps_error check(const struct ps_udp_socket *s, const struct ps_flow *flow, size_t n)
{
    if (!s)
        return PS_E_STALE;
    if (!ps_udp_has_family(s, &flow->remote) || !flow->remote.port)
        return PS_E_ARGUMENT;
    if (n > 65535 || n >= s->udp->config.queue_bytes)
        return PS_E_TOO_LARGE;
    return PS_OK;
}

enum ps_error ps_udp_send(struct ps_udp *udp, const struct ps_flow *flow, struct ps_slice bytes,
                          uint64_t token)
{
    struct ps_udp_socket *s = ps_udp_socket(udp, flow->socket);
    enum ps_error error = check(s, flow, bytes.n);
    if (error)
        return error;
    if (!enqueue(s, flow, bytes, token)) {
        udp->counters.queue_full++;
        return PS_E_FULL;
    }
    if (udp->config.observe)
        udp->config.observe(udp->config.context, true, ps_loop_now(), flow, bytes);
    if (!waits(s) && s->count % udp->config.batch == 0)
        ps_udp_write(s, false);
    if (!waits(s) && s->count)
        ps_loop_post(udp->loop, &s->flush, ps_udp_flush_task, s);
    return PS_OK;
}

void ps_udp_flush(struct ps_udp *udp)
{
    unsigned i;
    ps_udp_enter(udp);
    for (i = 0; i < udp->size; i++)
        if (udp->sockets[i])
            ps_udp_write(udp->sockets[i], true);
    ps_udp_leave(udp);
}

size_t ps_udp_pending(const struct ps_udp *udp)
{
    size_t n = 0;
    unsigned i;
    for (i = 0; i < udp->size; i++)
        n += udp->sockets[i] ? udp->sockets[i]->count : 0;
    return n;
}
