/*
 * Offer and answer: RFC 3264, with RFC 6337's clarifications. One small state a session: bodies in,
 * bodies out, and whose turn it is.
 *
 * Knows nothing of the messages that carry the bodies: the owner of a call feeds it, wherever the
 * bodies stand (offer in an INVITE and answer in a 2xx or a reliable 1xx; offer in a 2xx and answer
 * in the ACK; UPDATE, PRACK). Opens no port and plays no media: what was agreed is told as a small
 * struct that a media engine can be started from.
 *
 * The application describes what it is able to do by a description ("capabilities"): its
 * addresses, ports and media lines with their codecs, best first, as it would offer them. The o=
 * line of the first capabilities names the session from then on; only its version changes, by one,
 * and only where the description does (RFC 3264 8).
 */
#ifndef PS_SDP_NEGOTIATION_H
#define PS_SDP_NEGOTIATION_H

#include "sdp.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ps_sdp_turn {
    PS_SDP_TURN_EITHER = 0, /* nothing is open: either side may offer */
    PS_SDP_TURN_REMOTE = 1  /* this side has offered; the peer's answer is due */
};

/* The state of one session; its fields are private. Less than 200 bytes at the default limits; the
 * three bodies that it keeps (ours, the peer's, and the one being made) are in memory of the
 * caller's, which lives as long as the state does. */
struct ps_sdp_negotiation {
    char *memory;
    size_t slot; /* bytes of each of the three */
    size_t n[3];
    uint8_t local;  /* which of the three is ours, ... */
    uint8_t remote; /* ... the peer's ... */
    uint8_t spare;  /* ... and free, or our open offer */
    uint8_t turn;   /* enum ps_sdp_turn */
    bool answered;  /* the local body is the answer, not the offer */
    /* The port of the capability behind each of our media lines, agreed on and being made: a bundle
     * hides it from the body. */
    uint16_t port[PS_SDP_MAX_MEDIA];
    uint16_t made[PS_SDP_MAX_MEDIA];
};

/* Bytes of memory for bodies of at most `body_bytes` each: 3 * 1024 do for a telephone, 3 * 16384
 * for a browser. */
#define PS_SDP_MEMORY(body_bytes) (3 * (size_t)(body_bytes))

/* Under this name the next one links (sip/limits.h); an outcome has the second limit in it. */
#define PS_SDP_NEGOTIATION_LIMITED                                                                 \
    PS_LIMITED(PS_LIMITED(ps_sdp_negotiation_init, PS_SDP_MAX_MEDIA), PS_SDP_MAX_FORMATS)
void PS_SDP_NEGOTIATION_LIMITED(struct ps_sdp_negotiation *n, char *memory, size_t size);

/* Begins a session. `memory` of `size` bytes is borrowed until the session is over. */
static inline void ps_sdp_negotiation_init(struct ps_sdp_negotiation *n, char *memory, size_t size)
{
    PS_SDP_NEGOTIATION_LIMITED(n, memory, size);
}

/* Tells whose turn it is. */
enum ps_sdp_turn ps_sdp_turn(const struct ps_sdp_negotiation *n);

/*
 * Makes an offer from capabilities: the first of a session, or a later one that keeps the place of
 * each media line (8.1): media that the capabilities no longer have get port 0, new media come
 * last, and payload types keep their meaning (8.3.2). `direction` limits every stream:
 * PS_SDP_SENDRECV for all that the capabilities allow, PS_SDP_SENDONLY or PS_SDP_INACTIVE to hold.
 * `*body` is borrowed from the state's memory until the next call that changes it.
 * PS_E_SDP_TURN where an offer of ours is open (on a refused one call ps_sdp_withdraw);
 * PS_E_OVERFLOW where the memory is too small, PS_E_SDP_LIMIT past the limits; the state is then
 * unchanged.
 */
enum ps_error ps_sdp_offer(struct ps_sdp_negotiation *n, const struct ps_sdp *capabilities,
                           enum ps_sdp_direction direction, struct ps_slice *body);

/*
 * Takes an offer and makes the answer to it. `direction` as above. PS_E_SDP_TURN where an offer of
 * ours is open (glare: answer 491); PS_E_SDP_NO_COMMON where no medium that it offers is possible
 * (answer 488); what ps_sdp_parse returns where it is none; PS_E_OVERFLOW. The state is unchanged
 * after an error. `fault` may be NULL. `*body` as above.
 */
enum ps_error ps_sdp_answer(struct ps_sdp_negotiation *n, struct ps_slice offer,
                            const struct ps_sdp *capabilities, enum ps_sdp_direction direction,
                            struct ps_slice *body, struct ps_sdp_fault *fault);

/*
 * Takes the answer to our open offer. PS_E_SDP_TURN where there is none; PS_E_SDP_MISSING or
 * PS_E_SDP_LINE where it does not have the media lines of the offer in their order (RFC 3264 6);
 * what ps_sdp_parse returns; PS_E_OVERFLOW. The offer stays open after an error. `fault` may be
 * NULL.
 */
enum ps_error ps_sdp_accept(struct ps_sdp_negotiation *n, struct ps_slice answer,
                            struct ps_sdp_fault *fault);

/* Takes our open offer back, as after its refusal: the session is as if it had not been made (RFC
 * 6337 3.4). Nothing happens where none is open. */
void ps_sdp_withdraw(struct ps_sdp_negotiation *n);

/*
 * Save and restore a session, so that many can share one working memory: ps_sdp_pack writes the
 * whole state, an open offer included, and ps_sdp_unpack restores it in `memory`, borrowed as by
 * ps_sdp_negotiation_init. PS_E_OVERFLOW where the writer (in w->error) or `memory` is too small.
 * Unpack only bytes that the same build has packed: they are not checked.
 */
void ps_sdp_pack(struct ps_writer *w, const struct ps_sdp_negotiation *n);
enum ps_error ps_sdp_unpack(struct ps_sdp_negotiation *n, char *memory, size_t size,
                            struct ps_slice packed);

/* Return the descriptions that were last agreed on, ours and the peer's; empty before the first
 * exchange is over. Borrowed until the next call that changes the state. */
struct ps_slice ps_sdp_local(const struct ps_sdp_negotiation *n);
struct ps_slice ps_sdp_remote(const struct ps_sdp_negotiation *n);

/* Returns our open offer; empty where none is. */
struct ps_slice ps_sdp_open_offer(const struct ps_sdp_negotiation *n);

/* ---- what was agreed on ---- */

/* One format of an agreed medium. For media without RTP only `name` is set: the format. */
struct ps_sdp_codec {
    struct ps_slice name;         /* encoding name, as written in our description */
    uint32_t clock_rate;          /* hertz */
    uint16_t channels;            /* at least 1 */
    uint8_t send_payload;         /* the payload type to send it with (the peer's) */
    uint8_t receive_payload;      /* the payload type that it arrives with (ours) */
    bool auxiliary;               /* goes beside a codec: telephone-event, CN, red, rtx, ... */
    struct ps_slice send_fmtp;    /* what the peer wants; absent without one */
    struct ps_slice receive_fmtp; /* what we said that we want */
};

/* One agreed medium. Slices are borrowed from the state until it changes. */
struct ps_sdp_outcome {
    bool active; /* false: refused or removed; then only `media` and `protocol` are set */
    struct ps_slice media;
    struct ps_slice protocol;
    struct ps_slice mid;             /* absent without one */
    enum ps_sdp_direction direction; /* as seen from here: PS_SDP_SENDONLY, we send */
    struct ps_slice address;         /* where to send to; a host name is possible */
    struct ps_slice rtcp_address;    /* and RTCP (RFC 3605) */
    uint16_t port;
    uint16_t rtcp_port;            /* equal to `port` where rtcp_mux; 0 without RTP */
    struct ps_slice local_address; /* what we said: where we receive */
    uint16_t local_port;
    uint16_t local_rtcp_port;
    bool rtcp_mux;     /* RFC 5761: both sides said so */
    bool bundled;      /* RFC 9143: shares the first bundled medium's ports */
    uint32_t ptime;    /* milliseconds a packet that the peer wants; 20 where it says nothing */
    uint32_t maxptime; /* milliseconds; 0 where the peer says nothing */
    unsigned formats;  /* number in `format`, the most wanted codec first */
    struct ps_sdp_codec format[PS_SDP_MAX_FORMATS];
};

/* Counts the media lines of the last agreed description; 0 before. */
unsigned ps_sdp_outcomes(const struct ps_sdp_negotiation *n);

/* Reads out what was agreed on for media line `media` (from 0). PS_E_ARGUMENT where there is
 * none. */
enum ps_error ps_sdp_outcome(const struct ps_sdp_negotiation *n, unsigned media,
                             struct ps_sdp_outcome *out);

#ifdef __cplusplus
}
#endif
#endif
