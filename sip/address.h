/*
 * IP addresses as text and as bytes; the flow on which a datagram came or leaves.
 *
 * Pure text and bytes: opens nothing, looks nothing up. RFC 3261 25.1 (IPv4address,
 * IPv6reference), RFC 5954 (its IPv6 grammar), RFC 5952 (how IPv6 is written).
 */
#ifndef PS_ADDRESS_H
#define PS_ADDRESS_H

#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ps_family { PS_FAMILY_NONE = 0, PS_IPV4 = 1, PS_IPV6 = 2 };

/* An IP address and a port in host order. All-zero is "none". Compare with ps_address_equal. */
struct ps_address {
    uint8_t family; /* enum ps_family */
    uint16_t port;
    uint32_t scope; /* IPv6 link-local: the interface; else 0 */
    uint8_t ip[16]; /* network order; IPv4 uses the first 4 */
};

/* Bytes of the longest text of an address with brackets and port, and a NUL. */
#define PS_ADDRESS_TEXT 64

/* A new one takes the next value after PS_TRANSPORT_OTHER. */
enum ps_transport {
    PS_UDP = 0,
    PS_TCP = 1,
    PS_TLS = 2,
    PS_SCTP = 3,
    PS_WS = 4,
    PS_WSS = 5,
    PS_TRANSPORT_OTHER = 6
};

/* The two ends between which a message goes, and the transport by which it does. A response goes
 * back on the flow of its request, to the remote end that 18.2.2 says. */
struct ps_flow {
    struct ps_address local;
    struct ps_address remote;
    uint8_t transport; /* enum ps_transport */
    bool reliable;     /* no retransmissions by the transaction layer (17) */
    uint32_t socket;   /* which of the driver's sockets; opaque to the core */
};

/* Reads a bare IPv4 or IPv6 address ("10.0.0.1", "2001:db8::1", "[2001:db8::1]"), without port.
 * The port and scope of `out` become 0. PS_E_ADDRESS where it is none; `out` is then untouched. */
enum ps_error ps_ip_parse(struct ps_slice text, struct ps_address *out);

/* Reads "ADDR", "ADDR:PORT", "[V6]:PORT" or a bare V6; a port left out is `default_port`.
 * PS_E_ADDRESS or PS_E_PORT; `out` is then untouched. */
enum ps_error ps_address_parse(struct ps_slice text, uint16_t default_port, struct ps_address *out);

/* Writes the address alone; IPv6 in brackets where `brackets` (as a host), by RFC 5952. */
void ps_put_ip(struct ps_writer *w, const struct ps_address *address, bool brackets);

/* Writes "ADDR:PORT" or "[V6]:PORT". */
void ps_put_address(struct ps_writer *w, const struct ps_address *address);

/* Compares family, address, port and scope. */
bool ps_address_equal(const struct ps_address *a, const struct ps_address *b);

/* Compares family and address alone. */
bool ps_ip_equal(const struct ps_address *a, const struct ps_address *b);

/* Is it 0.0.0.0, :: or none? */
bool ps_ip_is_any(const struct ps_address *address);

/* Returns "UDP", "TCP", ... as a Via spells it; empty for PS_TRANSPORT_OTHER. Static. */
struct ps_slice ps_transport_name(enum ps_transport transport);

/* Finds a transport by its name in any case; PS_TRANSPORT_OTHER for another. */
enum ps_transport ps_transport_from(struct ps_slice name);

#ifdef __cplusplus
}
#endif
#endif
