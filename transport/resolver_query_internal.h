/*
 * Asks name servers for one name: A and AAAA, by UDP and TCP, try after try. Knows who wants the
 * answer by a callback alone. For transport/ alone.
 */
#ifndef PS_RESOLVER_QUERY_INTERNAL_H
#define PS_RESOLVER_QUERY_INTERNAL_H

#include "dns_internal.h"
#include "resolver_files_internal.h"

enum { PS_RESOLVER_MESSAGE = 4096 };

struct ps_resolver_query;

/* Is called when all questions of the query are done. */
typedef void (*ps_resolver_query_fn)(void *context, struct ps_resolver_query *query);

/* Holds one type of record asked for, A or AAAA. Has one socket at a time. */
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

/* Holds one name that is asked for. The caller fills the first group of fields. */
struct ps_resolver_query {
    struct ps_loop *loop;
    struct ps_resolver_counters *counters; /* of who asks */
    ps_resolver_query_fn call;
    void *context;
    struct ps_dns_name name;
    struct ps_resolv_conf conf; /* as it was when it began */
    unsigned first;             /* server to ask first */

    unsigned good;                            /* server that answered last; `first` before */
    bool used;                                /* the asker's: it is under way */
    struct ps_resolver_question questions[2]; /* AAAA, A */
};

/* Begins to ask for PS_RESOLVE_... `families`. Ends with query->call, never from inside this. */
void ps_resolver_ask(struct ps_resolver_query *query, unsigned families);

/* Closes what is open; query->call is not called any more. */
void ps_resolver_stop(struct ps_resolver_query *query);

#endif
