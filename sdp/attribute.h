/*
 * Typed attributes of a session description: each read from an a= line without copying, and
 * written.
 *
 * Covers what telephony and browsers use; any other attribute is PS_SDP_A_OTHER, with its name and
 * value as they stand. Knows one attribute at a time, not what two of them mean together.
 */
#ifndef PS_SDP_ATTRIBUTE_H
#define PS_SDP_ATTRIBUTE_H

#include "sdp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(id, number, name, RFC). A number never changes; new ones come last. */
/* clang-format off */
#define PS_SDP_ATTRIBUTES(X)                                      \
    X(RTPMAP, 1, "rtpmap", "RFC 8866 6.6")                        \
    X(FMTP, 2, "fmtp", "RFC 8866 6.15")                           \
    X(PTIME, 3, "ptime", "RFC 8866 6.4")                          \
    X(MAXPTIME, 4, "maxptime", "RFC 8866 6.5")                    \
    X(FRAMERATE, 5, "framerate", "RFC 8866 6.13")                 \
    X(SENDRECV, 6, "sendrecv", "RFC 8866 6.7.3")                  \
    X(SENDONLY, 7, "sendonly", "RFC 8866 6.7.2")                  \
    X(RECVONLY, 8, "recvonly", "RFC 8866 6.7.1")                  \
    X(INACTIVE, 9, "inactive", "RFC 8866 6.7.4")                  \
    X(RTCP, 10, "rtcp", "RFC 3605 2.1")                           \
    X(RTCP_MUX, 11, "rtcp-mux", "RFC 5761 5.1.1")                 \
    X(RTCP_FB, 12, "rtcp-fb", "RFC 4585 4.2")                     \
    X(SSRC, 13, "ssrc", "RFC 5576 4.1")                           \
    X(MID, 14, "mid", "RFC 5888 4")                               \
    X(GROUP, 15, "group", "RFC 5888 5")                           \
    X(SETUP, 16, "setup", "RFC 4145 4")                           \
    X(CONNECTION, 17, "connection", "RFC 4145 5")                 \
    X(FINGERPRINT, 18, "fingerprint", "RFC 8122 5")               \
    X(ICE_UFRAG, 19, "ice-ufrag", "RFC 8839 5.4")                 \
    X(ICE_PWD, 20, "ice-pwd", "RFC 8839 5.4")                     \
    X(ICE_OPTIONS, 21, "ice-options", "RFC 8839 5.6")             \
    X(CANDIDATE, 22, "candidate", "RFC 8839 5.1")                 \
    X(END_OF_CANDIDATES, 23, "end-of-candidates", "RFC 8840 8.2") \
    X(CRYPTO, 24, "crypto", "RFC 4568 9.1")                       \
    X(EXTMAP, 25, "extmap", "RFC 8285 8")                         \
    X(MSID, 26, "msid", "RFC 8830 2")                             \
    X(LABEL, 27, "label", "RFC 4574 4")                           \
    X(TCAP, 28, "tcap", "RFC 5939 3.4.1")                         \
    X(PCFG, 29, "pcfg", "RFC 5939 3.5.1")                         \
    X(ACFG, 30, "acfg", "RFC 5939 3.5.2")                         \
    X(SILENCE_SUPP, 31, "silenceSupp", "RFC 3108 5.6.3.3")
/* clang-format on */

enum ps_sdp_attribute_id {
    PS_SDP_A_OTHER = 0,
#define PS_SDP_ATTRIBUTE_ENUM(id, number, name, rule) PS_SDP_A_##id = (number),
    PS_SDP_ATTRIBUTES(PS_SDP_ATTRIBUTE_ENUM)
#undef PS_SDP_ATTRIBUTE_ENUM
        PS_SDP_A_COUNT = 32 /* one above the last */
};

/* rtpmap:PAYLOAD NAME/CLOCK_RATE[/CHANNELS] */
struct ps_sdp_rtpmap {
    uint32_t payload; /* 0 to 127 */
    struct ps_slice name;
    uint32_t clock_rate; /* hertz, above 0 */
    uint32_t channels;   /* 1 where it is left out */
};

/* fmtp:FORMAT PARAMETERS */
struct ps_sdp_fmtp {
    struct ps_slice format;
    struct ps_slice parameters;
};

/* ptime, maxptime: microseconds ("20" is 20,000; "2.5" is 2,500). framerate: millihertz. */
struct ps_sdp_decimal {
    uint32_t thousandths; /* above 0 */
};

/* rtcp:PORT [NETWORK FAMILY ADDRESS] */
struct ps_sdp_rtcp {
    uint32_t port;
    struct ps_slice network; /* these three are there or absent together */
    struct ps_slice family;
    struct ps_slice address;
};

/* rtcp-fb:FORMAT TYPE [PARAMETERS]; the format is a payload type or * */
struct ps_sdp_rtcp_fb {
    struct ps_slice format;
    struct ps_slice type;
    struct ps_slice parameters;
};

/* ssrc:ID NAME[:VALUE] */
struct ps_sdp_ssrc {
    uint32_t id;
    struct ps_slice name;
    struct ps_slice value;
};

/* group:SEMANTICS [MIDS]; mids are a list for ps_sdp_word */
struct ps_sdp_group {
    struct ps_slice semantics;
    struct ps_slice mids;
};

enum ps_sdp_setup {
    PS_SDP_ACTIVE = 0,
    PS_SDP_PASSIVE = 1,
    PS_SDP_ACTPASS = 2,
    PS_SDP_HOLDCONN = 3
};
enum ps_sdp_connection_kind { PS_SDP_NEW = 0, PS_SDP_EXISTING = 1 };

/* setup, connection: one of the two enums above */
struct ps_sdp_choice {
    uint32_t value;
};

/* mid, label, ice-ufrag, ice-pwd, ice-options (a list for ps_sdp_word) */
struct ps_sdp_text {
    struct ps_slice text;
};

/* fingerprint:HASH DIGITS; pairs of hexadecimal digits with colons between */
struct ps_sdp_fingerprint {
    struct ps_slice hash;
    struct ps_slice digits;
};

/* candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ TYPE
 * [raddr RELATED_ADDRESS] [rport RELATED_PORT] [EXTENSIONS] */
struct ps_sdp_candidate {
    struct ps_slice foundation;
    uint32_t component; /* 1 to 256 */
    struct ps_slice transport;
    uint32_t priority;
    struct ps_slice address;
    uint32_t port;
    struct ps_slice type; /* host, srflx, prflx, relay, ... */
    struct ps_slice related_address;
    uint32_t related_port; /* PS_SDP_NO_PORT where it is left out */
    struct ps_slice extensions;
};
#define PS_SDP_NO_PORT 65536u

/* crypto:TAG SUITE KEYS [PARAMETERS] */
struct ps_sdp_crypto {
    uint32_t tag;
    struct ps_slice suite;
    struct ps_slice keys; /* inline:...;... */
    struct ps_slice parameters;
};

/* extmap:ID[/DIRECTION] URI [ATTRIBUTES] */
struct ps_sdp_extmap {
    uint32_t id;
    struct ps_slice direction; /* absent where it is left out */
    struct ps_slice uri;
    struct ps_slice attributes;
};

/* msid:ID [TRACK] */
struct ps_sdp_msid {
    struct ps_slice id;
    struct ps_slice track;
};

/* tcap, pcfg, acfg: a number, and what it numbers: protocols (a list for ps_sdp_word), or a
 * configuration, which pcfg and acfg may leave out */
struct ps_sdp_capability {
    uint32_t number; /* 1 to 2^31 - 1 */
    struct ps_slice text;
};

/* silenceSupp:ENABLE TIMER PREFERENCE SID_USE LEVEL, each "-" where it is not given */
struct ps_sdp_silence_supp {
    struct ps_slice enable;     /* on, off */
    struct ps_slice timer;      /* milliseconds */
    struct ps_slice preference; /* standard, custom */
    struct ps_slice sid_use;    /* No SID, Fixed Noise, Sampled Noise */
    struct ps_slice level;
};

/* One attribute. `id` says which member of `u` is set; none is for flags and PS_SDP_A_OTHER. */
struct ps_sdp_attribute {
    enum ps_sdp_attribute_id id;
    enum ps_error error; /* of a known attribute whose value is malformed; `u` is then not set */
    struct ps_slice name;
    struct ps_slice value; /* absent without a colon */
    union {
        struct ps_sdp_rtpmap rtpmap;
        struct ps_sdp_fmtp fmtp;
        struct ps_sdp_decimal decimal; /* ptime, maxptime, framerate */
        struct ps_sdp_rtcp rtcp;
        struct ps_sdp_rtcp_fb rtcp_fb;
        struct ps_sdp_ssrc ssrc;
        struct ps_sdp_group group;
        struct ps_sdp_choice choice; /* setup, connection */
        struct ps_sdp_text text;     /* mid, label, ice-ufrag, ice-pwd, ice-options */
        struct ps_sdp_fingerprint fingerprint;
        struct ps_sdp_candidate candidate;
        struct ps_sdp_crypto crypto;
        struct ps_sdp_extmap extmap;
        struct ps_sdp_msid msid;
        struct ps_sdp_capability capability; /* tcap, pcfg, acfg */
        struct ps_sdp_silence_supp silence_supp;
    } u;
};

/* Reads one attribute from its name and value. Slices of `*out` borrow them. PS_E_SDP_LINE where
 * the value is malformed, also in out->error; `fault` (may be NULL) then has the offset from the
 * value's start. */
enum ps_error ps_sdp_attribute_parse(struct ps_slice name, struct ps_slice value,
                                     struct ps_sdp_attribute *out, struct ps_sdp_fault *fault);

/* Walks the attributes of one section (as ps_sdp_next does), each parsed; false past the last. */
bool ps_sdp_attribute_next(const struct ps_sdp *sdp, int media, unsigned *cursor,
                           struct ps_sdp_attribute *out);

/* Checks the values of all known attributes against their RFCs. The first malformed one stands in
 * `fault` (may be NULL). */
enum ps_error ps_sdp_check(const struct ps_sdp *sdp, struct ps_sdp_fault *fault);

/* Writes the a= line of an attribute from `id` and `u`, or for PS_SDP_A_OTHER from `name` and
 * `value`. */
void ps_sdp_put_attribute(struct ps_writer *w, const struct ps_sdp_attribute *attribute);

/* Returns the name that an id is written with; empty for PS_SDP_A_OTHER. */
struct ps_slice ps_sdp_attribute_id_name(enum ps_sdp_attribute_id id);

#ifdef __cplusplus
}
#endif
#endif
