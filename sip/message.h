/*
 * Messages: an index over the received bytes (parse.c), validation (check.c), writing (write.c).
 *
 * RFC 3261 7, 8.1.1, 8.2, 18.3, 20, 25. A parsed message holds offsets, never copies: it may be
 * moved or parsed again wherever its bytes are. What needs keeping is kept as bytes.
 */
#ifndef PS_MESSAGE_H
#define PS_MESSAGE_H

#include "header.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_span {
    uint16_t at, n;
};

/* One header line. */
struct ps_line {
    struct ps_span name, value; /* value: trimmed, may hold folds */
    uint8_t id;                 /* enum ps_header_id */
    uint8_t folded;
};

/*
 * A message. `bytes` is borrowed: it must stay as it is for as long as the index is used.
 * Fields are for reading; use the functions below where there is one.
 */
struct ps_message {
    const char *bytes;
    uint16_t n;              /* of the message: bytes after Content-Length do not count (18.3) */
    uint8_t method;          /* enum ps_method; PS_METHOD_NONE for a response */
    uint8_t lines;           /* how many header lines */
    uint16_t status;         /* 0 for a request */
    struct ps_span start[3]; /* request: method, URI, version; response: version, status, reason */
    struct ps_span body;     /* n = 0 where no Content-Type says what it is; `at` ends the head */
    /* decoded for the stack */
    uint32_t cseq;
    uint8_t cseq_method;  /* enum ps_method */
    uint8_t max_forwards; /* 255 where none stands (or that) */
    struct ps_span top_via, via_branch, via_host, via_params;
    uint16_t via_port;         /* 0: none written */
    bool via_rport, via_maddr; /* does it have these parameters? */
    uint8_t via_transport;     /* enum ps_transport */
    bool via_whole;            /* were all of them read? */
    struct ps_span call_id;
    struct ps_span from, from_uri, from_tag; /* n = 0: absent */
    struct ps_span to, to_uri, to_tag;
    struct ps_span contact; /* the first Contact's first element */
    struct ps_line line[PS_MAX_HEADERS];
};

struct ps_parse_options {
    bool strict_line_ends; /* refuse LF without CR */
    bool stream;           /* Content-Length is mandatory (18.3) */
    bool draft;            /* our own, not sent yet: it needs no Via */
};

/* Under these names the next two link (limits.h). */
enum ps_error PS_LIMITED(ps_message_parse, PS_MAX_HEADERS)(struct ps_message *m, const char *bytes,
                                                           size_t n,
                                                           const struct ps_parse_options *options,
                                                           struct ps_fault *fault);
enum ps_error PS_LIMITED(ps_message_index, PS_MAX_HEADERS)(struct ps_message *m, const char *bytes,
                                                           size_t n,
                                                           const struct ps_parse_options *options,
                                                           struct ps_fault *fault);

/*
 * Indexes a message and decodes the headers that every message must have (8.1.1, 8.2.6.2, 18.3).
 *
 * On an error `*fault` (may be NULL) names the first fault, its offset, its rule, and the status
 * that a server owes the sender. A status other than 0 means a request other than ACK with a
 * readable top Via: ps_write_response can answer `m`, with as much of From, To, Call-ID and CSeq as
 * is there. PS_E_TOO_LARGE over PS_MAX_MESSAGE bytes. `options` may be NULL. `bytes` are borrowed
 * for as long as `m` is used.
 */
static inline enum ps_error ps_message_parse(struct ps_message *m, const char *bytes, size_t n,
                                             const struct ps_parse_options *options,
                                             struct ps_fault *fault)
{
    return PS_LIMITED(ps_message_parse, PS_MAX_HEADERS)(m, bytes, n, options, fault);
}

/* The same without decoding: start line and header lines alone, and what follows them as the body,
 * typed or not. For walking headers; nobody is owed an answer. */
static inline enum ps_error ps_message_index(struct ps_message *m, const char *bytes, size_t n,
                                             const struct ps_parse_options *options,
                                             struct ps_fault *fault)
{
    return PS_LIMITED(ps_message_index, PS_MAX_HEADERS)(m, bytes, n, options, fault);
}

/* Further questions of an element that validates; all zero: none. */
struct ps_check_options {
    bool every_header; /* every known header's grammar, not just those that matter (8.2.2) */
    bool forwards;     /* it would have to forward: Max-Forwards 0 is 483 (16.3) */
    uint32_t max_body; /* more is 413; 0: no bound */
    struct ps_slice supported; /* option tags, a comma list: others in Require are 420 (8.2.2.3);
                                  {NULL, 0}: not looked at */
};

/*
 * The rules that a parsed message must keep beyond its syntax (check.c), in this order:
 *   Request-URI: syntax 400, scheme 416 (8.2.2.1), no headers (19.1.1);
 *   header values: grammar of those that a server needs, 400 (8.2.2);
 *   Contact "*" alone, in REGISTER, with Expires 0 (10.2.2);
 *   a body has a Content-Type (20.15), but in an ACK and a response, where one that is missing or
 *   malformed is no fault: who reads it finds no body; it is not too large, 413;
 *   Max-Forwards 483 (16.3); Require 420 (8.2.2.3).
 * PS_OK or the first that it breaks. `options` and `fault` may be NULL.
 */
enum ps_error ps_message_check(const struct ps_message *m, const struct ps_check_options *options,
                               struct ps_fault *fault);

static inline struct ps_slice ps_span_of(const struct ps_message *m, struct ps_span span)
{
    return span.n ? ps_slice(m->bytes + span.at, span.n) : PS_NONE;
}
/* Returns the value of one of its lines. */
static inline struct ps_slice ps_line_value(const struct ps_message *m, const struct ps_line *line)
{
    return ps_slice(m->bytes + line->value.at, line->value.n);
}
/* Returns the name of one of its lines: the canonical one; as it is written where it is not in the
 * list. */
static PS_ALWAYS_INLINE struct ps_slice ps_line_name(const struct ps_message *m,
                                                     const struct ps_line *line)
{
    return line->id ? ps_header_name((enum ps_header_id)line->id) : ps_span_of(m, line->name);
}
/* Returns the message as it was received, byte for byte. */
static inline struct ps_slice ps_message_bytes(const struct ps_message *m)
{
    return ps_slice(m->bytes, m->n);
}
static inline bool ps_is_request(const struct ps_message *m)
{
    return m->status == 0;
}
static inline struct ps_slice ps_request_uri(const struct ps_message *m)
{
    return ps_span_of(m, m->start[1]);
}
static inline struct ps_slice ps_request_method(const struct ps_message *m)
{
    return ps_span_of(m, m->start[0]);
}
static inline struct ps_slice ps_reason(const struct ps_message *m)
{
    return ps_span_of(m, m->start[2]);
}
/* Returns the body; empty also where the message has no Content-Type (20.15). ps_message_check
 * refuses such a request; an ACK or a response is taken as if it had no body, since neither can be
 * answered (8.2.7). */
static inline struct ps_slice ps_body(const struct ps_message *m)
{
    return ps_span_of(m, m->body);
}
/* Returns the bytes behind the head, typed or not, for those who write or measure them. */
static inline struct ps_slice ps_body_bytes(const struct ps_message *m)
{
    return ps_slice(m->bytes + m->body.at, (size_t)m->n - m->body.at);
}
static inline struct ps_slice ps_call_id(const struct ps_message *m)
{
    return ps_span_of(m, m->call_id);
}
static inline struct ps_slice ps_from_tag(const struct ps_message *m)
{
    return ps_span_of(m, m->from_tag);
}
static inline struct ps_slice ps_to_tag(const struct ps_message *m)
{
    return ps_span_of(m, m->to_tag);
}
static inline struct ps_slice ps_via_branch(const struct ps_message *m)
{
    return ps_span_of(m, m->via_branch);
}

/* Decodes the whole top Via. Cannot fail on a parsed message. */
void ps_top_via(const struct ps_message *m, struct ps_via *out);

/* Returns the value of the nth line (from 0) of that header; {NULL, 0} where there is none. */
struct ps_slice ps_header_value(const struct ps_message *m, enum ps_header_id id, unsigned nth);

/* Returns the value of the first line of a header, by its full or compact name in any case. */
struct ps_slice ps_header_named(const struct ps_message *m, struct ps_slice name);

/* Walks the elements of a multi-value header over comma lists and repeated lines alike. */
struct ps_values {
    const struct ps_message *m;
    struct ps_slice rest;
    uint16_t line;
    uint8_t id;
};
struct ps_values ps_values(const struct ps_message *m, enum ps_header_id id);
bool ps_values_next(struct ps_values *values, struct ps_slice *element);

/* Does a token stand in a list header (Supported, Require, Allow, ...)? In any case. */
bool ps_has_token(const struct ps_message *m, enum ps_header_id id, struct ps_slice token);

/* Returns the number of a header (Expires, Min-Expires, ...) without its parameters; `otherwise`
 * where it is absent or malformed. */
uint32_t ps_header_number(const struct ps_message *m, enum ps_header_id id, uint32_t otherwise);

/* ---- multipart bodies: RFC 2046 5.1, RFC 5621 ---- */

/* One part: its header lines, and the bytes behind the empty line ({NULL, 0} without one). */
struct ps_part {
    struct ps_slice headers;
    struct ps_slice body;
};
struct ps_parts {
    struct ps_slice boundary;
    struct ps_slice rest;
    bool begun;
    bool closed; /* the last delimiter was seen: the body is whole */
};

/* Begins to walk a body by the value of its Content-Type. PS_E_VALUE: not multipart;
 * PS_E_PARAMETER: no boundary, or one over 70 characters. */
enum ps_error ps_parts_begin(struct ps_parts *parts, struct ps_slice content_type,
                             struct ps_slice body);

/* Takes the next part. False at the end; `closed` tells whether the body is whole. */
bool ps_parts_next(struct ps_parts *parts, struct ps_part *out);

/* Returns the value of a part's header, by its full name in any case; {NULL, 0} where there is
 * none. */
struct ps_slice ps_part_header(const struct ps_part *part, struct ps_slice name);

/* ---- byte streams: 18.3 ---- */

/* Zero before the first byte, and again after each message or blank that was taken away. */
struct ps_framer {
    size_t scanned; /* bytes of the head that were looked at */
    size_t head;    /* bytes of the head, once known */
    uint32_t body;
};

enum ps_frame {
    PS_FRAME_MORE = 0,    /* no whole message yet */
    PS_FRAME_MESSAGE = 1, /* the first `*length` bytes are one */
    PS_FRAME_BLANK = 2, /* the first `*length` bytes are CRLFs: four are a ping (RFC 5626 4.4.1) */
    PS_FRAME_WRONG =
        3 /* it cannot be told where it ends: answer what `*length` bytes hold (parse with
                      `stream`), then close */
};

/* Finds the end of the first message in the `n` bytes that were received and not yet consumed
 * (18.3); after PS_FRAME_MORE, call it again with more behind the same bytes. Each byte is scanned
 * once, however they arrive. A message over PS_MAX_MESSAGE bytes is PS_FRAME_WRONG. */
enum ps_frame ps_frame(struct ps_framer *framer, const char *bytes, size_t n, size_t *length);

/* ---- writing ---- */

void ps_write_request_line(struct ps_writer *w, struct ps_slice method, struct ps_slice uri);
/* Writes the default phrase where `reason` is {NULL, 0}. */
void ps_write_status_line(struct ps_writer *w, unsigned status, struct ps_slice reason);
/* Writes "Name: value" and CRLF; CR, LF or NUL in the value is PS_E_INJECTION in the writer. */
void ps_write_header(struct ps_writer *w, enum ps_header_id id, struct ps_slice value);
void ps_write_header_named(struct ps_writer *w, struct ps_slice name, struct ps_slice value);
/* Writes header lines that an application made, each with its CRLF. PS_E_INJECTION in the writer
 * for anything else, above all an empty line. */
void ps_write_lines(struct ps_writer *w, struct ps_slice lines);
void ps_write_header_number(struct ps_writer *w, enum ps_header_id id, uint64_t value);
/* Writes "Via: SIP/2.0/UDP host:port;branch=..." for the flow's local end, with ";rport" if
 * asked. */
void ps_write_via(struct ps_writer *w, const struct ps_flow *flow, struct ps_slice branch,
                  bool rport);
/* Writes Content-Type (where `type` is not empty), Content-Length, the empty line and the body: the
 * end of a message. */
void ps_write_body(struct ps_writer *w, struct ps_slice type, struct ps_slice body);

/*
 * Writes the head of a response to a request (8.2.6, 18.2.1, RFC 3581 4): status line, all Vias
 * with `received` and `rport` put into the top one from `flow` (NULL: as they stand), From, To with
 * `to_tag` added where it has none (empty: not added, as in a 100), Call-ID, CSeq, Timestamp in a
 * 100. The caller adds headers and ends with ps_write_body.
 */
void ps_write_response(struct ps_writer *w, const struct ps_message *request,
                       const struct ps_flow *flow, unsigned status, struct ps_slice reason,
                       struct ps_slice to_tag);

/* Writes the whole ACK for a 3xx to 6xx from the INVITE that was sent and the response
 * (17.1.1.3). */
void ps_write_ack(struct ps_writer *w, const struct ps_message *invite,
                  const struct ps_message *response);

/* Writes the whole CANCEL for a request that was sent (9.1). */
void ps_write_cancel(struct ps_writer *w, const struct ps_message *request);

/*
 * Copies a message with changes: each field that is set replaces what stands there. The order of
 * headers stays. A proxy forwards a request with its own Via (and Record-Route) put first (16.6),
 * and a response with the top Via dropped (16.7).
 */
struct ps_edit {
    struct ps_slice first; /* whole lines with CRLF, before all others */
    bool drop_via;         /* the top Via is left out, other Vias of its line are not */
    const struct ps_flow
        *via_flow; /* the top Via is replaced by one of this flow; a message without
                                       any Via gets it */
    struct ps_slice via_branch;
    struct ps_slice request_uri; /* of a request */
    uint32_t cseq;               /* 0: unchanged */
    struct ps_slice to_tag;      /* replaces or adds To's tag */
    struct ps_slice contact;     /* whole value; replaces all Contacts, or is added */
    struct ps_slice lines;       /* whole lines with CRLF, before Content-Length */
    const uint8_t *drop;         /* ids of headers that are left out ... */
    unsigned drops;              /* ... and how many */
};
void ps_write_copy(struct ps_writer *w, const struct ps_message *m, const struct ps_edit *edit);

/* Writes a parsed message in canonical form: full names, one space after the colon, no folds,
 * Content-Length counted. The order stays, and unknown names are as they were written. */
void ps_write_message(struct ps_writer *w, const struct ps_message *m);

#ifdef __cplusplus
}
#endif
#endif
