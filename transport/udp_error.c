/*
 * Reports datagrams that could not be delivered. Knows ICMP as far as the kernel's error queue
 * tells it (ip(7), IP_RECVERR).
 */
#define _GNU_SOURCE
#include "udp_internal.h"

#include <errno.h>
#include <time.h> /* which the next one needs under musl */

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

static enum ps_error kind(int error)
{
    switch (error) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENONET:
    case ENOPROTOOPT:
        return PS_E_UNREACHABLE;
    case EMSGSIZE:
        return PS_E_TOO_LARGE;
    default:
        return PS_E_TRANSPORT;
    }
}

static void report(struct ps_udp_socket *s, struct ps_udp_error *e, int error)
{
    e->error = kind(error);
    e->system_error = error;
    e->flow.transport = PS_UDP;
    e->flow.socket = s->number;
    if (s->udp->config.failed)
        s->udp->config.failed(s->udp->config.context, e);
}

void ps_udp_refused(struct ps_udp_socket *s, const struct ps_udp_waiting *w, int error)
{
    struct ps_udp_error e;
    memset(&e, 0, sizeof e);
    e.token = w->token;
    e.flow.local = w->local;
    e.flow.remote = w->remote;
    s->udp->counters.send_errors++;
    report(s, &e, error);
}

/* Tells whether an ICMP error is reported: unreachable and parameter problem are (RFC 3261 18.4). A
 * fragment that was too large is not: the kernel knows the path now, and the retransmission fits
 * it. */
static bool is_final(const struct sock_extended_err *e)
{
    if (e->ee_origin == SO_EE_ORIGIN_ICMP6)
        return e->ee_type == ICMP6_DST_UNREACH || e->ee_type == ICMP6_PARAM_PROB;
    return (e->ee_type == ICMP_DEST_UNREACH && e->ee_code != ICMP_FRAG_NEEDED) ||
           e->ee_type == ICMP_PARAMETERPROB;
}

static const struct cmsghdr *find_error(struct msghdr *h)
{
    struct cmsghdr *c;
    for (c = CMSG_FIRSTHDR(h); c; c = ps_next_control(h, c))
        if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
            (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
            return c;
    return NULL;
}

/* Reports one record of the error queue. Skips local ones, which sendmmsg has reported. */
static bool handle(struct ps_udp_socket *s, struct msghdr *h, struct ps_slice bytes)
{
    const struct cmsghdr *c = find_error(h);
    struct sock_extended_err said;
    struct ps_udp_error e;
    if (!c)
        return false;
    memcpy(&said, CMSG_DATA(c), sizeof said);
    if (said.ee_origin != SO_EE_ORIGIN_ICMP && said.ee_origin != SO_EE_ORIGIN_ICMP6)
        return false;
    if (!is_final(&said)) {
        s->udp->counters.icmp_ignored++;
        return true;
    }
    memset(&e, 0, sizeof e);
    e.icmp = true;
    e.bytes = bytes;
    e.flow.local = s->address;
    ps_from_sockaddr(h->msg_name, &e.flow.remote);
    s->udp->counters.icmp_errors++;
    report(s, &e, (int)said.ee_errno);
    return true;
}

static bool read_error(struct ps_udp_socket *s, bool *icmp)
{
    char bytes[2048];
    union {
        char bytes[512];
        size_t align;
    } control;
    union ps_sockaddr name;
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr h;
    ssize_t n;
    memset(&h, 0, sizeof h);
    memset(&name, 0, sizeof name);
    h.msg_name = &name;
    h.msg_namelen = sizeof name;
    h.msg_iov = &part;
    h.msg_iovlen = 1;
    h.msg_control = &control;
    h.msg_controllen = sizeof control;
    n = recvmsg(s->fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        ps_loop_failed(s->udp->loop, "recvmsg", errno);
        ps_loop_rest(s->udp->loop, &s->watch); /* it stays readable */
    }
    if (n < 0)
        return false;
    *icmp = handle(s, &h, ps_slice(bytes, (size_t)n));
    return true;
}

unsigned ps_udp_read_errors(struct ps_udp_socket *s)
{
    unsigned i, found = 0;
    bool icmp = false;
    for (i = 0; i < PS_UDP_MAX_BATCH && s->fd >= 0 && read_error(s, &icmp); i++)
        found += icmp;
    return found;
}
