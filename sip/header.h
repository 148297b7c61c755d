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

/* Finds the first parameter of that name, in any case. */
bool ps_param_find(struct ps_slice params, struct ps_slice name, struct ps_slice *value);

/* Takes the next element off a comma list, trimmed; commas in quotes and <> do not part.
 * False at the end. */
bool ps_list_next(struct ps_slice *rest, struct ps_slice *element);

/* Writes a quoted-string's content without quotes and backslashes. */
void ps_put_unquoted(struct ps_writer *w, struct ps_slice quoted);
/* Writes text as a quoted-string, escaping as needed. */
void ps_put_quoted(struct ps_writer *w, struct ps_slice text);

/* Writes a value on one line: each fold becomes one space (7.3.1). */
void ps_put_unfolded(struct ps_writer *w, struct ps_slice value);

/* ---- Via: 20.42, 18.2, RFC 3581 ---- */

struct ps_via {
    struct ps_slice transport_name;
    uint8_t transport;    /* enum ps_transport */
    struct ps_slice host; /* sent-by; IPv6 with brackets */
    uint16_t port;        /* 0 where none stands */
    struct ps_slice params;
    struct ps_slice branch;   /* {NULL, 0} without one */
    struct ps_slice received; /* likewise */
    struct ps_slice maddr;
    bool has_rport, has_ttl;
    uint16_t rport; /* 0 where it has no value */
    uint8_t ttl;    /* 0 where none stands */
};
/* Parses one via-parm, an element of the comma list. PS_E_PARAMETER where one of the parameters
 * above stands twice (7.3.1). */
enum ps_error ps_via_parse(struct ps_slice value, struct ps_via *out);

/* ---- name-addr and addr-spec: From, To, Contact, Route, ...: 20.10 ---- */

struct ps_name_addr {
    struct ps_slice display; /* without quotes, still escaped; may be empty */
    struct ps_slice uri;     /* without <>; "*" for Contact's wildcard */
    struct ps_slice params;  /* header parameters, after the first ";" */
    struct ps_slice tag;     /* From, To */
    bool bracketed;
};
/* PS_E_PARAMETER where a tag stands twice (7.3.1). */
enum ps_error ps_name_addr_parse(struct ps_slice value, struct ps_name_addr *out);

/* ---- Contact: 20.10; RFC 5626 (+sip.instance, reg-id) ---- */

struct ps_contact {
    struct ps_name_addr addr; /* uri is "*" for the wildcard */
    bool any;                 /* "*": no parameter stands then */
    bool has_expires;
    uint32_t expires;         /* seconds; over 2^32-1 is 2^32-1 (10.2.1.1) */
    uint16_t q;               /* thousandths; 1000 where none stands */
    struct ps_slice instance; /* +sip.instance, with its quotes and <> */
    uint32_t reg_id;          /* 0 where none stands */
};
/* PS_E_PARAMETER where one of the parameters above stands twice (7.3.1). */
enum ps_error ps_contact_parse(struct ps_slice value, struct ps_contact *out);

/* Parses a name-addr whose <> are mandatory: Route, Record-Route, Path, Service-Route,
 * History-Info, Diversion, Remote-Party-ID; also Alert-Info, Call-Info and Error-Info, which have
 * no name. */
enum ps_error ps_route_parse(struct ps_slice value, struct ps_name_addr *out);

/* ---- numbers ---- */

struct ps_cseq {     /* 20.16 */
    uint32_t number; /* 0 to 2^31-1 */
    uint8_t method;  /* enum ps_method */
    struct ps_slice method_name;
};
enum ps_error ps_cseq_parse(struct ps_slice value, struct ps_cseq *out);

/* Parses a number up to `max`, and parameters where `params` is not NULL: Expires, Min-Expires,
 * RSeq, Content-Length, Max-Forwards, Min-SE. */
enum ps_error ps_number_parse(struct ps_slice value, uint32_t max, uint32_t *out,
                              struct ps_slice *params);

/* Parses a qvalue, 0[.ddd] or 1[.000], into thousandths; `out` is untouched on an error. */
enum ps_error ps_q_parse(struct ps_slice value, uint16_t *out);

/* Returns the q among parameters, in thousandths. 1000 where none stands, and for a malformed one,
 * which says nothing (8.2.2). */
uint16_t ps_param_q(struct ps_slice params);

enum ps_refresher { PS_REFRESHER_NONE = 0, PS_REFRESHER_UAC = 1, PS_REFRESHER_UAS = 2 };
struct ps_session_expires { /* RFC 4028 4 */
    uint32_t seconds;
    uint8_t refresher; /* enum ps_refresher */
};
enum ps_error ps_session_expires_parse(struct ps_slice value, struct ps_session_expires *out);

struct ps_retry_after { /* 20.33 */
    uint32_t seconds;
    struct ps_slice comment; /* with its parentheses */
    struct ps_slice params;  /* duration, and others */
};
enum ps_error ps_retry_after_parse(struct ps_slice value, struct ps_retry_after *out);

struct ps_rack { /* RFC 3262 7.2 */
    uint32_t rseq;
    struct ps_cseq cseq;
};
enum ps_error ps_rack_parse(struct ps_slice value, struct ps_rack *out);

struct ps_timestamp { /* 20.38, in milliseconds; 64 bits hold 19 digits */
    uint64_t sent;
    uint64_t delay;
};
enum ps_error ps_timestamp_parse(struct ps_slice value, struct ps_timestamp *out);

struct ps_date { /* 20.17: RFC 1123, always GMT */
    uint16_t year;
    uint8_t month, day, hour, minute, second; /* month and day from 1 */
    uint8_t weekday;                          /* 0: Sunday */
    int64_t unix_seconds;
};
enum ps_error ps_date_parse(struct ps_slice value, struct ps_date *out);

/* ---- tokens with parameters ---- */

/* token *( ";" parameter ): Event, Subscription-State, Content-Disposition, and the elements of
 * Accept-Encoding, Content-Encoding, Accept-Language, Allow, Supported, Require, Accept-Contact
 * ("*"), Reason, Request-Disposition, Priority, SIP-ETag. */
struct ps_token {
    struct ps_slice token;
    struct ps_slice params;
};
enum ps_error ps_token_parse(struct ps_slice value, struct ps_token *out);

struct ps_media_type { /* Content-Type 20.15, an element of Accept 20.1 ("*" for any) */
    struct ps_slice type, subtype, params;
};
enum ps_error ps_media_type_parse(struct ps_slice value, struct ps_media_type *out);

struct ps_event_value { /* RFC 6665 8.2.1 */
    struct ps_slice package;
    struct ps_slice id; /* {NULL, 0} without one */
};
enum ps_error ps_event_parse(struct ps_slice value, struct ps_event_value *out);

struct ps_subscription_state { /* RFC 6665 8.2.3 */
    struct ps_slice state;
    struct ps_slice reason;
    bool has_expires, has_retry_after;
    uint32_t expires, retry_after; /* seconds */
};
enum ps_error ps_subscription_state_parse(struct ps_slice value, struct ps_subscription_state *out);

struct ps_reason_value { /* an element of Reason, RFC 3326 */
    struct ps_slice protocol;
    uint32_t cause;       /* 0 where none stands */
    struct ps_slice text; /* with its quotes */
};
enum ps_error ps_reason_parse(struct ps_slice value, struct ps_reason_value *out);

/* ---- dialogs named in headers ---- */

struct ps_replaces { /* Replaces RFC 3891, Join RFC 3911, Target-Dialog RFC 4538 */
    struct ps_slice call_id;
    struct ps_slice to_tag, from_tag; /* Target-Dialog: local-tag, remote-tag */
    bool early_only;
};
enum ps_error ps_replaces_parse(struct ps_slice value, struct ps_replaces *out);

/* ---- others ---- */

struct ps_warning { /* an element of Warning, 20.43 */
    uint16_t code;
    struct ps_slice agent;
    struct ps_slice text; /* with its quotes */
};
enum ps_error ps_warning_parse(struct ps_slice value, struct ps_warning *out);

struct ps_auth { /* challenges and credentials: 20.7, 20.27, 20.28, 20.44 */
    struct ps_slice scheme;
    struct ps_slice params; /* a comma list of name=value; for ps_auth_param_next */
};
enum ps_error ps_auth_parse(struct ps_slice value, struct ps_auth *out);

/* Takes the next "name = value" off the list (also of Authentication-Info). False at the end, and
 * at a malformed one: then `rest->n` is not 0. */
bool ps_auth_param_next(struct ps_slice *rest, struct ps_param *out);

/* Takes the next product or comment of User-Agent and Server (20.41): a product is "name" or
 * "name/version", a comment keeps its parentheses and leaves `name` {NULL, 0}. False at the end,
 * and at what is neither: then `rest->n` is not 0. */
struct ps_product {
    struct ps_slice name, version, comment;
};
bool ps_product_next(struct ps_slice *rest, struct ps_product *out);

/* ---- which header has which value ---- */

/* The grammar of a value, or of each element of a list, and the function that parses it. A new one
 * takes the next value. */
enum ps_grammar {
    PS_GRAMMAR_NONE = 0,                /* of a header that is not in the list: anything */
    PS_GRAMMAR_VIA = 1,                 /* ps_via_parse */
    PS_GRAMMAR_ADDRESS = 2,             /* ps_name_addr_parse, and a URI in it */
    PS_GRAMMAR_CONTACT = 3,             /* ps_contact_parse */
    PS_GRAMMAR_ROUTE = 4,               /* ps_route_parse */
    PS_GRAMMAR_INFO = 5,                /* the same without a display name */
    PS_GRAMMAR_CALL_ID = 6,             /* word [ "@" word ] */
    PS_GRAMMAR_CSEQ = 7,                /* ps_cseq_parse */
    PS_GRAMMAR_HOPS = 8,                /* ps_number_parse, up to 255 */
    PS_GRAMMAR_NUMBER = 9,              /* ps_number_parse */
    PS_GRAMMAR_NUMBER_PARAMS = 10,      /* the same, with parameters */
    PS_GRAMMAR_SESSION_EXPIRES = 11,    /* ps_session_expires_parse */
    PS_GRAMMAR_RETRY_AFTER = 12,        /* ps_retry_after_parse */
    PS_GRAMMAR_RACK = 13,               /* ps_rack_parse */
    PS_GRAMMAR_TIMESTAMP = 14,          /* ps_timestamp_parse */
    PS_GRAMMAR_DATE = 15,               /* ps_date_parse */
    PS_GRAMMAR_TOKEN = 16,              /* a token alone */
    PS_GRAMMAR_TOKEN_PARAMS = 17,       /* ps_token_parse */
    PS_GRAMMAR_MEDIA_TYPE = 18,         /* ps_media_type_parse */
    PS_GRAMMAR_EVENT = 19,              /* ps_event_parse */
    PS_GRAMMAR_SUBSCRIPTION_STATE = 20, /* ps_subscription_state_parse */
    PS_GRAMMAR_REASON = 21,             /* ps_reason_parse */
    PS_GRAMMAR_REPLACES = 22,           /* ps_replaces_parse */
    PS_GRAMMAR_WARNING = 23,            /* ps_warning_parse */
    PS_GRAMMAR_AUTH = 24,               /* ps_auth_parse */
    PS_GRAMMAR_AUTH_INFO = 25,          /* ps_auth_param_next */
    PS_GRAMMAR_PRODUCTS = 26,           /* ps_product_next */
    PS_GRAMMAR_PRIVACY = 27,            /* RFC 3323 4.2: tokens between ";" */
    PS_GRAMMAR_MIME_VERSION = 28,       /* digits "." digits */
    PS_GRAMMAR_TEXT = 29,               /* any text */
    PS_GRAMMAR_COUNT = 30               /* one more than the last */
};
/* Returns the grammar of a header. */
enum ps_grammar ps_header_grammar(enum ps_header_id id);

/* Is the header a comma list? */
bool ps_header_is_list(enum ps_header_id id);

/* Is the value of this header well-formed, all elements of a list? An unknown header's always
 * is. */
enum ps_error ps_header_check(enum ps_header_id id, struct ps_slice value);

/* Returns the section that defines the header, "RFC 3261 20.42". Static. */
const char *ps_header_rule(enum ps_header_id id);

#ifdef __cplusplus
}
#endif
#endif
