/*
 * URIs: RFC 3261 19.1 (sip, sips), RFC 3966 (tel), RFC 5954 (IPv6); any other absolute URI is kept
 * whole. Parsing, comparison by 19.1.4, writing. Knows nothing of name-addr (header.h).
 */
#ifndef PS_URI_H
#define PS_URI_H

#include "address.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A new one takes the next value after PS_SCHEME_OTHER. */
enum ps_scheme { PS_SCHEME_SIP = 0, PS_SCHEME_SIPS = 1, PS_SCHEME_TEL = 2, PS_SCHEME_OTHER = 3 };

/* Slices borrow from the parsed text. Absent parts are {NULL, 0}. */
struct ps_uri {
    enum ps_scheme scheme;
    struct ps_slice whole;
    struct ps_slice scheme_name; /* as written, without ":" */
    struct ps_slice user;        /* sip: still escaped; tel: the number */
    struct ps_slice password;
    struct ps_slice host;    /* IPv6 with its brackets */
    uint16_t port;           /* 0 where none stands */
    struct ps_slice params;  /* what follows the first ";", without it */
    struct ps_slice headers; /* what follows "?", without it */
    struct ps_slice opaque;  /* other schemes: all after the ":" */
};

/* Parses the whole slice. PS_E_URI, PS_E_SCHEME, PS_E_HOST, PS_E_PORT, PS_E_PARAMETER; then
 * `*offset` (may be NULL) says where in the text. */
enum ps_error ps_uri_parse(struct ps_slice text, struct ps_uri *out, size_t *offset);

/* Finds a URI parameter, name compared in any case; `*value` is {NULL, 0} for one without "=". */
bool ps_uri_param(const struct ps_uri *uri, struct ps_slice name, struct ps_slice *value);

/* Takes the next parameter off `*rest` (begin with uri->params). False at the end. */
bool ps_uri_param_next(struct ps_slice *rest, struct ps_slice *name, struct ps_slice *value);

/* Does the same for headers (begin with uri->headers); names and values are still escaped. */
bool ps_uri_header_next(struct ps_slice *rest, struct ps_slice *name, struct ps_slice *value);

/* Returns how many bytes at the start of the text are a host: a host name, an IPv4 address, or an
 * IPv6 address in brackets. 0 for none. */
size_t ps_host_length(struct ps_slice text);

/* Compares by 19.1.4, tel URIs by RFC 3966 4. `*why` (may be NULL) names the part that differs;
 * static. */
bool ps_uri_equal(const struct ps_uri *a, const struct ps_uri *b, const char **why);

/* Writes from the parts: scheme, userinfo, host, port, parameters, headers. */
void ps_put_uri(struct ps_writer *w, const struct ps_uri *uri);

/* Writes a user part, escaping what 25.1 does not allow there. */
void ps_put_user(struct ps_writer *w, struct ps_slice unescaped);

/* Where a request to a URI goes: to its maddr or host, a slice of the URI. */
struct ps_next_hop {
    struct ps_slice host;
    uint16_t port; /* as written, or 0 */
    uint8_t
        transport; /* enum ps_transport; from the transport parameter, else PS_UDP (TLS: sips) */
};
/* Derives the next hop of a sip or sips URI (RFC 3263 4, without its look-ups). PS_E_SCHEME for any
 * other URI. The host borrows from the URI. */
enum ps_error ps_uri_next_hop(const struct ps_uri *uri, struct ps_next_hop *out);

/* Tells whether the domain of a sip or sips URI is the application's own. The registrar (10.3) and
 * Digest (22.4) call it; it must not call into the stack. The URI is borrowed for the call. */
typedef bool (*ps_serves)(void *context, const struct ps_uri *uri);

#ifdef __cplusplus
}
#endif
#endif
