/*
 * The SDP codec: an index over the lines of a session description, its typed lines, and writing.
 *
 * RFC 8866 (and 4566, whose grammar it keeps). Attributes have types of their own in attribute.h;
 * offer and answer are in negotiation.h. Knows nothing of SIP, sockets or media. Nothing here
 * allocates; every slice borrows the text that was parsed.
 */
#ifndef PS_SDP_H
#define PS_SDP_H

#include "../sip/error.h"
#include "../sip/limits.h"
#include "../sip/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where a description is wrong. Lines and columns count from 1; `offset` is bytes from the start of
 * what was parsed. `expected` ("a port, 0 to 65535") and `rule` ("RFC 8866 5.14") are static. */
struct ps_sdp_fault {
    enum ps_error error;
    unsigned line;
    unsigned column;
    unsigned offset;
    const char *expected;
    const char *rule;
};

/* ---- the index ---- */

/* Mistakes of real devices that are read all the same, each noted; PS_SDP_STRICT refuses them. */
enum ps_sdp_note {
    PS_SDP_NOTE_LF = 0,            /* a line ends in LF alone */
    PS_SDP_NOTE_NO_LAST_END = 1,   /* the last line has no end */
    PS_SDP_NOTE_ORDER = 2,         /* a line stands before one that it should follow */
    PS_SDP_NOTE_BLANKS = 3,        /* blanks at a line's end */
    PS_SDP_NOTE_EMPTY_LINES = 4,   /* empty lines at the end */
    PS_SDP_NOTE_EMPTY_NAME = 5,    /* s= without a text */
    PS_SDP_NOTE_NO_CONNECTION = 6, /* no c= for a media description whose port is 0 */
    PS_SDP_NOTE_NO_TTL = 7,        /* an IPv4 multicast address without a TTL */
    PS_SDP_NOTE_TIME = 8,          /* a time of fewer than ten digits */
    PS_SDP_NOTES = 9
};

/* One line. `at` and `n` are the value's place in the text (after "x="). */
struct ps_sdp_line {
    uint16_t at;
    uint16_t n;
    char type;
    uint8_t name_n; /* of an a= line: bytes of the attribute's name */
};

/* A parsed description: all lines in their order. Borrows `text`. */
struct ps_sdp {
    struct ps_slice text;
    uint16_t lines;
    uint16_t media; /* number of media descriptions */
    /* First line of each section: the session, the media descriptions, and one past the last. */
    uint16_t first[PS_SDP_MAX_MEDIA + 2];
    uint16_t noted[PS_SDP_NOTES]; /* line number (from 1) of the first of its kind; 0: none */
    struct ps_sdp_line line[PS_SDP_MAX_LINES];
};

enum { PS_SDP_STRICT = 1 };

/* In place of a media description's number (from 0): the session level. */
#define PS_SDP_SESSION (-1)

/* Under this name the next one links (sip/limits.h). */
#define PS_SDP_LIMITED PS_LIMITED(PS_LIMITED(ps_sdp_parse, PS_SDP_MAX_MEDIA), PS_SDP_MAX_LINES)
enum ps_error PS_SDP_LIMITED(struct ps_slice text, unsigned flags, struct ps_sdp *out,
                             struct ps_sdp_fault *fault);

/*
 * Reads a description. Every line is checked but the values of attributes (ps_sdp_check does that).
 * `flags`: 0 or PS_SDP_STRICT. `fault` may be NULL; on an error it says where and why. Linear in
 * the text. PS_E_TOO_LARGE over 65,535 bytes; PS_E_SDP_LIMIT past PS_SDP_MAX_LINES,
 * PS_SDP_MAX_MEDIA or PS_SDP_MAX_FORMATS; PS_E_SDP_LINE, PS_E_SDP_ORDER, PS_E_SDP_MISSING.
 */
static inline enum ps_error ps_sdp_parse(struct ps_slice text, unsigned flags, struct ps_sdp *out,
                                         struct ps_sdp_fault *fault)
{
    return PS_SDP_LIMITED(text, flags, out, fault);
}

/* Returns the short text of a note, for people; never NULL. */
const char *ps_sdp_note_text(enum ps_sdp_note note);

/* Returns the value of line `i` (from 0, below sdp->lines). */
static inline struct ps_slice ps_sdp_value(const struct ps_sdp *sdp, unsigned i)
{
    return ps_slice(sdp->text.p + sdp->line[i].at, sdp->line[i].n);
}

/* Return the name of the attribute on line `i`, and what follows the colon (absent without one).
 * Empty and absent for a line of another type. */
struct ps_slice ps_sdp_attribute_name(const struct ps_sdp *sdp, unsigned i);
struct ps_slice ps_sdp_attribute_value(const struct ps_sdp *sdp, unsigned i);

/* Walks the lines of `type` of one section: `*cursor` starts at 0 and is kept between calls; true
 * with the line's number in `*i`, false past the last. `media` is PS_SDP_SESSION or from 0; false
 * for one that is not there. */
bool ps_sdp_next(const struct ps_sdp *sdp, int media, char type, unsigned *cursor, unsigned *i);

/* Returns the value of the section's first line of that type; absent without one. */
struct ps_slice ps_sdp_first(const struct ps_sdp *sdp, int media, char type);

/* Finds the section's first attribute of that name, compared as written (8866 5.13). Its value goes
 * to `*value`, which may be NULL; it is absent for a flag such as rtcp-mux. */
bool ps_sdp_attribute(const struct ps_sdp *sdp, int media, struct ps_slice name,
                      struct ps_slice *value);

/* Which way media flows, as bits: PS_SDP_SENDRECV is both. */
enum ps_sdp_direction {
    PS_SDP_INACTIVE = 0,
    PS_SDP_SENDONLY = 1,
    PS_SDP_RECVONLY = 2,
    PS_SDP_SENDRECV = 3
};

/* Returns the direction of a media description: its own, or the session's, or sendrecv (6.7). */
enum ps_sdp_direction ps_sdp_direction(const struct ps_sdp *sdp, int media);

/* Returns "sendrecv", "sendonly", "recvonly" or "inactive". */
struct ps_slice ps_sdp_direction_name(enum ps_sdp_direction direction);

/* Returns the direction as the other end sees it: sendonly and recvonly change places. */
enum ps_sdp_direction ps_sdp_direction_mirror(enum ps_sdp_direction direction);

/* Takes the next word off `*rest`, a list separated by blanks; empty at its end. */
struct ps_slice ps_sdp_word(struct ps_slice *rest);

/* ---- typed lines ----
 *
 * Each reads one line's value, as ps_sdp_value gives it, or a bare string. On an error `fault`
 * (which may be NULL) has its offset from the value's start, and `*out` is unspecified.
 */

/* o= (5.2). Numbers stay text: their grammar has no bound. */
struct ps_sdp_origin {
    struct ps_slice username;
    struct ps_slice session_id;
    struct ps_slice version;
    struct ps_slice network; /* "IN" */
    struct ps_slice family;  /* "IP4", "IP6" */
    struct ps_slice address; /* an address or a host name */
};
enum ps_error ps_sdp_origin_parse(struct ps_slice value, struct ps_sdp_origin *out,
                                  struct ps_sdp_fault *fault);

/* c= (5.7). */
struct ps_sdp_connection {
    struct ps_slice network;
    struct ps_slice family;
    struct ps_slice address; /* without TTL and count */
    bool multicast;
    bool has_ttl;
    uint8_t ttl;    /* 0 to 255 */
    uint32_t count; /* of contiguous addresses, at least 1, up to 239.255.255.255 */
};
enum ps_error ps_sdp_connection_parse(struct ps_slice value, struct ps_sdp_connection *out,
                                      struct ps_sdp_fault *fault);

/* b= (5.8): kilobits a second for CT and AS, bits a second for TIAS, RS and RR. */
struct ps_sdp_bandwidth {
    struct ps_slice type;
    uint64_t value;
};
enum ps_error ps_sdp_bandwidth_parse(struct ps_slice value, struct ps_sdp_bandwidth *out,
                                     struct ps_sdp_fault *fault);

/* t= (5.9): seconds since 1900, 0 for unbounded. */
struct ps_sdp_time {
    uint64_t start;
    uint64_t stop;
};
enum ps_error ps_sdp_time_parse(struct ps_slice value, struct ps_sdp_time *out,
                                struct ps_sdp_fault *fault);

/* Reads a typed time ("7d", "1h", "30m", "90s", "3600"), which is the whole text, in seconds. */
enum ps_error ps_sdp_typed_time_parse(struct ps_slice text, uint64_t *seconds);

/* r= (5.10), in seconds. `offsets` is a list of typed times for ps_sdp_word. */
struct ps_sdp_repeat {
    uint64_t interval;
    uint64_t duration;
    struct ps_slice offsets;
};
enum ps_error ps_sdp_repeat_parse(struct ps_slice value, struct ps_sdp_repeat *out,
                                  struct ps_sdp_fault *fault);

/* z= (5.11): takes the next adjustment off `*rest` (which starts as the line's value). PS_E_END
 * where none is left. */
struct ps_sdp_zone {
    uint64_t time;  /* seconds since 1900 */
    int64_t offset; /* seconds */
};
enum ps_error ps_sdp_zone_next(struct ps_slice *rest, struct ps_sdp_zone *out,
                               struct ps_sdp_fault *fault);

/* k= (5.12; obsolete, to be ignored): "prompt", or "clear", "base64" or "uri" with a value. */
struct ps_sdp_key {
    struct ps_slice method;
    struct ps_slice value; /* absent for prompt */
};
enum ps_error ps_sdp_key_parse(struct ps_slice value, struct ps_sdp_key *out,
                               struct ps_sdp_fault *fault);

/* m= (5.14). `formats` is a list for ps_sdp_word; of payload types 0 to 127 where `rtp`. */
struct ps_sdp_media {
    struct ps_slice media;
    struct ps_slice protocol;
    struct ps_slice formats;
    uint16_t port;
    bool rtp;       /* the protocol has RTP in it: RTP/AVP, UDP/TLS/RTP/SAVPF, ... */
    uint32_t count; /* of port pairs (RTP) or ports, at least 1; the last is at most 65535 */
};
enum ps_error ps_sdp_media_parse(struct ps_slice value, struct ps_sdp_media *out,
                                 struct ps_sdp_fault *fault);

/* ---- writing ---- */

/* Writes the description as it was read, byte for byte. */
void ps_sdp_write(struct ps_writer *w, const struct ps_sdp *sdp);

/* Writes the description with CRLF after each line and the lines of each section in the order of
 * RFC 8866 5, without blanks or empty lines at the end. A description without notes comes out as it
 * came in. */
void ps_sdp_write_canonical(struct ps_writer *w, const struct ps_sdp *sdp);

/* Writes one line with its CRLF. PS_E_INJECTION (in the writer) where the value would end it. */
void ps_sdp_put_line(struct ps_writer *w, char type, struct ps_slice value);

/* Writes the lines from..to-1 of a parsed description, unchanged but for their ends, which become
 * CRLF. To change a description, write the lines that stay, and your own between them. */
void ps_sdp_put_lines(struct ps_writer *w, const struct ps_sdp *sdp, unsigned from, unsigned to);

/* Write typed lines, each with its CRLF. */
void ps_sdp_put_origin(struct ps_writer *w, const struct ps_sdp_origin *origin);
void ps_sdp_put_connection(struct ps_writer *w, const struct ps_sdp_connection *connection);
void ps_sdp_put_bandwidth(struct ps_writer *w, const struct ps_sdp_bandwidth *bandwidth);
void ps_sdp_put_time(struct ps_writer *w, const struct ps_sdp_time *time);
void ps_sdp_put_media(struct ps_writer *w, const struct ps_sdp_media *media);

#ifdef __cplusplus
}
#endif
#endif
