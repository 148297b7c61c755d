/*
 * Converts struct ps_address to the system's socket addresses, and back. For transport/ alone.
 */
#ifndef PS_SOCKADDR_INTERNAL_H
#define PS_SOCKADDR_INTERNAL_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sip/address.h"

union ps_sockaddr {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static inline int ps_socket_family(const struct ps_address *a)
{
    return a->family == PS_IPV6 ? AF_INET6 : AF_INET;
}

static inline socklen_t ps_to_sockaddr(const struct ps_address *a, union ps_sockaddr *out)
{
    memset(out, 0, sizeof *out);
    if (a->family == PS_IPV6) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(a->port);
        out->v6.sin6_scope_id = a->scope;
        memcpy(&out->v6.sin6_addr, a->ip, 16);
        return sizeof out->v6;
    }
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(a->port);
    memcpy(&out->v4.sin_addr, a->ip, 4);
    return sizeof out->v4;
}

/* Maps an IPv4 address as an IPv6 socket that takes both names it (RFC 4291 2.5.5.2), and back;
 * leaves others as they are. */
static inline void ps_map_ipv4(struct ps_address *a)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    if (a->family != PS_IPV4)
        return;
    memmove(a->ip + 12, a->ip, 4);
    memcpy(a->ip, prefix, 12);
    a->family = PS_IPV6;
}

static inline void ps_unmap_ipv4(struct ps_address *a)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    if (a->family != PS_IPV6 || memcmp(a->ip, prefix, 12) != 0)
        return;
    memmove(a->ip, a->ip + 12, 4);
    memset(a->ip + 4, 0, 12);
    a->family = PS_IPV4;
    a->scope = 0;
}

/* Reads a socket address; family none for one that is neither IPv4 nor IPv6. An IPv4 address that
 * is mapped into IPv6 becomes IPv4. */
static inline void ps_from_sockaddr(const union ps_sockaddr *in, struct ps_address *out)
{
    memset(out, 0, sizeof *out);
    if (in->any.sa_family == AF_INET6) {
        out->family = PS_IPV6;
        out->port = ntohs(in->v6.sin6_port);
        out->scope = in->v6.sin6_scope_id;
        memcpy(out->ip, &in->v6.sin6_addr, 16);
        ps_unmap_ipv4(out);
    } else if (in->any.sa_family == AF_INET) {
        out->family = PS_IPV4;
        out->port = ntohs(in->v4.sin_port);
        memcpy(out->ip, &in->v4.sin_addr, 4);
    }
}

/* Returns the next control message, or NULL. The macro of some C libraries converts a sign. */
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#endif
static inline struct cmsghdr *ps_next_control(struct msghdr *h, struct cmsghdr *c)
{
    return CMSG_NXTHDR(h, c);
}
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif
