/*
 * Declares the part of STUN that keeps a SIP flow over UDP alive (RFC 5389; RFC 5626 4.4.2 and 8).
 * That is binding requests, and answers that say how the sender was seen. Also tells apart the
 * three kinds of datagrams that arrive at a SIP port.
 *
 * Knows bytes alone: no sockets, no time. Has no authentication, as RFC 5626 8 says.
 */
#ifndef PS_STUN_INTERNAL_H
#define PS_STUN_INTERNAL_H

#include "sip/address.h"

enum ps_datagram_kind {
    PS_DATAGRAM_SIP,       /* or nothing that we know */
    PS_DATAGRAM_KEEPALIVE, /* empty, or CR, LF and NUL alone: to be ignored */
    PS_DATAGRAM_STUN       /* by RFC 5389 6: two zero bits, a length that fits, the magic cookie */
};

/* Tells the datagrams of a SIP port apart. No SIP message begins like a STUN message (RFC 5626
 * 8). */
enum ps_datagram_kind ps_datagram_kind(struct ps_slice bytes);

enum ps_stun_kind {
    PS_STUN_REQUEST, /* a binding request: to be answered with ps_stun_put_answer */
    PS_STUN_SUCCESS, /* the answer to one of ours */
    PS_STUN_ERROR,
    PS_STUN_OTHER /* an indication, another method: to be ignored */
};

enum { PS_STUN_ID = 12, PS_STUN_UNKNOWN = 8 };

struct ps_stun {
    enum ps_stun_kind kind;
    uint8_t id[PS_STUN_ID];            /* of the transaction */
    bool fingerprint;                  /* it has one, which is right */
    struct ps_address mapped;          /* SUCCESS: how the server saw us; none if it does not say */
    unsigned unknown_count;            /* attributes that must be understood and are not; */
    uint16_t unknown[PS_STUN_UNKNOWN]; /* the first of them */
};

/* Reads a message. PS_E_SYNTAX: it is no STUN message, or an attribute runs over its end, or its
 * fingerprint is wrong; `out` then holds nothing. */
enum ps_error ps_stun_read(struct ps_slice bytes, struct ps_stun *out);

/* Writes a binding request without attributes, 20 bytes. `id` must be random. */
void ps_stun_put_request(struct ps_writer *w, const uint8_t id[PS_STUN_ID]);

/* Bounds the longest answer, in bytes. */
#define PS_STUN_ANSWER 80

/* Writes the answer to a binding request from `seen`: success with XOR-MAPPED-ADDRESS. Where the
 * request has attributes that must be understood and are not, it is 420 (RFC 5389 7.3.1). Adds a
 * fingerprint if the request has one. */
void ps_stun_put_answer(struct ps_writer *w, const struct ps_stun *request,
                        const struct ps_address *seen);

#endif
