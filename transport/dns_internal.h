/*
 * Declares the DNS messages that the resolver needs: a question for A or AAAA, and its answer (RFC
 * 1035 section 4, RFC 3596). Bytes alone: no sockets, no time, no state.
 */
#ifndef PS_DNS_INTERNAL_H
#define PS_DNS_INTERNAL_H

#include "sip/address.h"

/* Holds a name as DNS writes it: labels with their lengths, in lower case, up to the root's 0. */
struct ps_dns_name {
    uint8_t n; /* RFC 1035 2.3.4: at most 255 */
    uint8_t bytes[255];
};

enum { PS_DNS_A = 1, PS_DNS_AAAA = 28 };
enum { PS_DNS_QUERY = 12 + 255 + 4 }; /* bytes of the longest query */

enum ps_dns_kind {
    PS_DNS_ADDRESSES, /* at least one */
    PS_DNS_NOTHING,   /* the name does not exist, or has none of that type */
    PS_DNS_TRUNCATED, /* ask again by TCP */
    PS_DNS_FAILED     /* the server cannot or will not say, or its answer makes no sense */
};

struct ps_dns_answer {
    enum ps_dns_kind kind;
    uint32_t ttl; /* how long it is valid, in seconds: the smallest on the way; 0 where unknown */
    unsigned n;
    struct ps_address addresses[PS_RESOLVER_ADDRESSES]; /* port 0 */
};

/* Reads a name from text, with or without the dot at the end. PS_E_HOST unless it is a host name:
 * labels of 1 to 63 letters, digits, '-', '_', at most 253 characters in all. */
enum ps_error ps_dns_name(struct ps_slice text, struct ps_dns_name *out);

/* Tells whether both are the same name. */
bool ps_dns_name_equal(const struct ps_dns_name *a, const struct ps_dns_name *b);

/* Writes a query with recursion desired. */
void ps_dns_put_query(struct ps_writer *w, uint16_t id, const struct ps_dns_name *name,
                      unsigned type);

/* Reads a message. PS_E_SYNTAX: it does not answer this question, by its id or its text, so go on
 * waiting. Otherwise fills `out`; an answer that is malformed is PS_DNS_FAILED. */
enum ps_error ps_dns_read(struct ps_slice bytes, uint16_t id, const struct ps_dns_name *name,
                          unsigned type, struct ps_dns_answer *out);

#endif
