/*
 * What resolver.c (lookups, the cache), resolver_query.c (asking servers) and resolver_files.c
 * (hosts, resolv.conf) share.
 */
#ifndef PS_RESOLVER_INTERNAL_H
#define PS_RESOLVER_INTERNAL_H

#include "dns_internal.h"
#include "resolver.h"

enum { PS_RESOLVER_SERVERS = 3, PS_RESOLVER_MESSAGE = 4096 };

/* ---- resolver_files.c ---- */

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

/* ---- resolver_query.c ---- */

struct ps_resolver_query;

/* One type of record asked for: A or AAAA. One socket at a time. */
struct ps_resolver_question {
    struct ps_resolver_query *query;
    unsigned type;
    bool done, tcp;
    int fd; /* -1: none */
    uint16_t id;
    unsigned tries;
    struct ps_loop_watch watch;
    struct ps_loop_timer timer;
    enum ps_error error; /* of the last try */
    struct ps_dns_answer answer;
    size_t sent, received;                 /* TCP: bytes so far, with the length before it */
    char message[2 + PS_RESOLVER_MESSAGE]; /* what comes */
};

/* One name that is being asked for. */
struct ps_resolver_query {
    struct ps_resolver *resolver;
    struct ps_dns_name name;
    struct ps_resolv_conf conf; /* as it was when it began */
    unsigned first;             /* server to ask first */
    unsigned good;              /* server that answered last */
    bool used;
    struct ps_resolver_question questions[2]; /* AAAA, A */
};

/* Begins to ask for PS_RESOLVE_... `families`; its end is ps_resolver_answered, never from inside
 * this. */
void ps_resolver_ask(struct ps_resolver_query *query, unsigned families);

/* Closes what it has open. */
void ps_resolver_stop(struct ps_resolver_query *query);

/* ---- resolver.c ---- */

struct ps_loop *ps_resolver_loop(const struct ps_resolver *resolver);
struct ps_resolver_counters *ps_resolver_count(struct ps_resolver *resolver);

/* All questions of the query are done. */
void ps_resolver_answered(struct ps_resolver_query *query);

#endif
