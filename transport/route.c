/*
 * Finds the local address towards a peer by asking: a connected UDP socket has the one that the
 * system would use. Sends nothing. Knows neither routes nor interfaces itself.
 */
#define _GNU_SOURCE
#include "route_internal.h"

#include <errno.h>
#include <unistd.h>

#include "sockaddr_internal.h"

static bool no_way(int error)
{
    return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL ||
           error == EAFNOSUPPORT || error == ENETDOWN;
}

static enum ps_error failed(struct ps_loop *loop, const char *call, int error)
{
    if (no_way(error))
        return PS_E_UNREACHABLE;
    ps_loop_failed(loop, call, error);
    return PS_E_TRANSPORT;
}

enum ps_error ps_route_local(struct ps_loop *loop, const struct ps_address *remote,
                             struct ps_address *local)
{
    int fd = socket(ps_socket_family(remote), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    enum ps_error error = PS_OK;
    union ps_sockaddr name;
    socklen_t n = ps_to_sockaddr(remote, &name);
    if (fd < 0)
        return failed(loop, "socket", errno);
    if (!remote->port) /* any will do, but 0 is refused by some systems */
        *(remote->family == PS_IPV6 ? &name.v6.sin6_port : &name.v4.sin_port) = htons(9);
    if (connect(fd, &name.any, n)) {
        error = failed(loop, "connect", errno);
    } else {
        n = sizeof name;
        if (getsockname(fd, &name.any, &n))
            error = failed(loop, "getsockname", errno);
    }
    close(fd);
    if (!error) {
        ps_from_sockaddr(&name, local);
        local->port = 0;
    }
    return error;
}
