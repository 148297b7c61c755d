/*
 * Declares the two files that a resolver reads: hosts(5) and resolv.conf(5). For transport/ alone.
 */
#ifndef PS_RESOLVER_FILES_INTERNAL_H
#define PS_RESOLVER_FILES_INTERNAL_H

#include "resolver.h"

enum { PS_RESOLVER_SERVERS = 3 };

struct ps_resolv_conf {
    struct ps_address servers[PS_RESOLVER_SERVERS];
    unsigned count;    /* at least 1 */
    unsigned timeout;  /* ms */
    unsigned attempts; /* for each server */
};

/* Both functions say in `why` what failed; error 0 where nothing did. A missing file is no
 * failure. */

/* Reads resolv.conf; where it names no server, the one on this machine is taken. */
void ps_resolver_read_conf(const char *path, uint16_t port, struct ps_resolv_conf *out,
                           struct ps_system_error *why);

/* Holds addresses of both families of one name. */
struct ps_resolver_addresses {
    struct ps_address ip[2 * PS_RESOLVER_ADDRESSES];
    unsigned n;
};

/* Reads the addresses of `name` in the hosts file, of the families wanted; returns how many. */
unsigned ps_resolver_read_hosts(const char *path, struct ps_slice name, unsigned families,
                                struct ps_resolver_addresses *out, struct ps_system_error *why);

#endif
