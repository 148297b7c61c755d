/*
 * The two files that a resolver reads: hosts(5) and resolv.conf(5). For transport/ alone.
 */
#ifndef PS_RESOLVER_FILES_INTERNAL_H
#define PS_RESOLVER_FILES_INTERNAL_H

#include "resolver.h"

enum { PS_RESOLVER_SERVERS = 3 };

struct ps_resolv_conf {
    struct ps_address servers[PS_RESOLVER_SERVERS];
    unsigned count;    /* at least 1 */
    unsigned timeout;  /* ms */
    unsigned attempts; /* a server */
};

/* Both say in `why` what failed, but that a file is missing, which is no failure; else error 0. */

/* Where no server is named: the one on this machine. */
void ps_resolver_read_conf(const char *path, uint16_t port, struct ps_resolv_conf *out,
                           struct ps_system_error *why);

/* Addresses of both families of one name. */
struct ps_resolver_addresses {
    struct ps_address ip[2 * PS_RESOLVER_ADDRESSES];
    unsigned n;
};

/* The addresses of `name` in the file of hosts, of the families wanted; how many. */
unsigned ps_resolver_read_hosts(const char *path, struct ps_slice name, unsigned families,
                                struct ps_resolver_addresses *out, struct ps_system_error *why);

#endif
