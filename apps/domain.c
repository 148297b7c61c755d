/*
 * Decides which domains a server is for. See domain.h.
 */
#define _DEFAULT_SOURCE /* getifaddrs, gethostname */
#include "domain.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps.h"

static void add_address(struct app_domains *d, const struct sockaddr *from)
{
    struct ps_address *to = &d->own[d->own_n];
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (!from || d->own_n == APP_DOMAIN_ADDRESSES)
        return;
    if (from->sa_family == AF_INET) {
        memcpy(&in, from, sizeof in);
        to->family = PS_IPV4;
        memcpy(to->ip, &in.sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        memcpy(&in6, from, sizeof in6);
        to->family = PS_IPV6;
        memcpy(to->ip, &in6.sin6_addr, 16);
    } else {
        return;
    }
    d->own_n++;
}

void app_domains_listen(struct app_domains *d, const struct ps_address *listen)
{
    struct ifaddrs *all, *one;
    d->port = listen->port;
    if (!ps_ip_is_any(listen)) {
        d->own[d->own_n++] = *listen;
        return;
    }
    if (getifaddrs(&all))
        return; /* the server is then known by its names alone */
    for (one = all; one; one = one->ifa_next)
        add_address(d, one->ifa_addr);
    freeifaddrs(all);
}

static bool is_host(const char *name)
{
    struct ps_slice s = ps_slice_of(name);
    struct ps_address address;
    return (s.n && ps_host_length(s) == s.n) || !ps_ip_parse(s, &address);
}

int app_domains_open(struct app_domains *d, const char *command, const struct app_list *given,
                     const char *realm)
{
    unsigned i;
    memset(d, 0, sizeof *d);
    for (i = 0; given && i < given->n; i++)
        if (!is_host(given->text[i]))
            return app_wrong(command, given->text[i], "is no host name or address");
    d->given = given && given->n ? given : NULL;
    d->realm = realm;
    if (gethostname(d->host, sizeof d->host - 1))
        d->host[0] = '\0';
    return APP_OK;
}

static bool is_name(struct ps_slice host, const char *name)
{
    struct ps_address a, b;
    return ps_equal_nocase(host, ps_slice_of(name)) ||
           (!ps_ip_parse(host, &a) && !ps_ip_parse(ps_slice_of(name), &b) && ps_ip_equal(&a, &b));
}

static bool is_own(const struct app_domains *d, struct ps_slice host)
{
    struct ps_address address;
    unsigned i;
    if (ps_ip_parse(host, &address))
        return false;
    for (i = 0; i < d->own_n; i++)
        if (ps_ip_equal(&address, &d->own[i]))
            return true;
    return false;
}

bool app_domains_serve(void *domains, const struct ps_uri *uri)
{
    const struct app_domains *d = domains;
    unsigned i;
    if (!d->given)
        return is_name(uri->host, d->realm) || is_name(uri->host, d->host) ||
               is_own(d, uri->host) ||
               (is_name(uri->host, "localhost") && is_own(d, PS_S("127.0.0.1")));
    for (i = 0; i < d->given->n; i++)
        if (is_name(uri->host, d->given->text[i]))
            return true;
    return false;
}

bool app_domains_asked(struct app_domains *d, const struct ps_uri *uri)
{
    if (uri->port && uri->port != d->port && is_own(d, uri->host))
        return false;
    return app_domains_serve(d, uri);
}
