/*
 * Typed header values, each read from a bare value (without name and colon) into slices of it.
 *
 * RFC 3261 20 and 25.1, and the RFCs named at each type. Knows nothing of whole messages. Values
 * may be folded: LWS inside them is skipped where the grammar has it. Functions return PS_OK or an
 * error and leave `out` undefined then; slices borrow from the value.
 */
#ifndef PS_HEADER_H
#define PS_HEADER_H

#include "names.h"
#include "uri.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- parameters ---- */

/* One ";name=value" or "name". A quoted value keeps its quotes. */
struct ps_param {
    struct ps_slice name;
    struct ps_slice value; /* {NULL, 0} without "=" */
};

/* Takes the next parameter off `*rest` (what follows the first ";"). False at the end, and at a
 * malformed one: then `rest->n` is not 0. */
bool ps_param_next(struct ps_slice *rest, struct ps_param *out);

/* The first parameter of that name (any case). */
bool ps_param_find(struct ps_slice params, struct ps_slice name, struct ps_slice *value);

/* Takes the next element off a comma list, trimmed; commas in quotes and <> do not part.
 * False at the end. */
bool ps_list_next(struct ps_slice *rest, struct ps_slice *element);

/* Writes a quoted-string's content without quotes and backslashes. */
void ps_put_unquoted(struct ps_writer *w, struct ps_slice quoted);
/* Writes text as a quoted-string, escaping as needed. */
void ps_put_quoted(struct ps_writer *w, struct ps_slice text);

/* ---- Via: 20.42, 18.2, RFC 3581 ---- */

struct ps_via {
    struct ps_slice transport_name;
    uint8_t transport; /* enum ps_transport */
    struct ps_slice host; /* sent-by; IPv6 with brackets */
    uint16_t port;        /* 0 where none stands */
    struct ps_slice params;
    struct ps_slice branch;   /* {NULL, 0} without one */
    struct ps_slice received; /* likewise */
    struct ps_slice maddr;
    bool has_rport;
    uint16_t rport; /* 0 where it has no value */
    uint8_t ttl;    /* 0 where none stands */
};
/* One via-parm (an element of the comma list). */
enum ps_error ps_via_parse(struct ps_slice value, struct ps_via *out);

/* "z9hG4bK" in front (8.1.1.7), and something behind it. */
bool ps_branch_has_cookie(struct ps_slice branch);

/* ---- name-addr and addr-spec: From, To, Contact, Route, ...: 20.10 ---- */

struct ps_name_addr {
    struct ps_slice display; /* without quotes, still escaped; may be empty */
    struct ps_slice uri;     /* without <>; "*" for Contact's wildcard */
    struct ps_slice params;  /* header parameters, after the first ";" */
    struct ps_slice tag;     /* From, To */
    bool bracketed;
};
enum ps_error ps_name_addr_parse(struct ps_slice value, struct ps_name_addr *out);

/* ---- small ones ---- */

struct ps_cseq { /* 20.16 */
    uint32_t number; /* 0 to 2^31-1 */
    uint8_t method;  /* enum ps_method */
    struct ps_slice method_name;
};
enum ps_error ps_cseq_parse(struct ps_slice value, struct ps_cseq *out);

#ifdef __cplusplus
}
#endif
#endif
