/*
 * Declares codecs as offer/answer sees them: what a payload type stands for, whether two sides'
 * formats are the same codec, and which fmtp goes into an answer. Knows no state.
 */
#ifndef PS_SDP_CODEC_INTERNAL_H
#define PS_SDP_CODEC_INTERNAL_H

#include "sdp.h"

/* Holds the number of a line plus one; 0 is none. One byte where that is enough, because 256 of
 * these lie on the stack for each side. */
#if PS_SDP_MAX_LINES < 255
typedef uint8_t ps_sdp_line_number;
#else
typedef uint16_t ps_sdp_line_number;
#endif

/* Indexes the rtpmap and fmtp lines of a media description by payload type. */
struct ps_sdp_side {
    const struct ps_sdp *sdp;
    int media;
    struct ps_sdp_media m;
    ps_sdp_line_number rtpmap[128];
    ps_sdp_line_number fmtp[128];
};

struct ps_sdp_format {
    struct ps_slice name;
    uint32_t clock_rate;
    uint32_t channels;
    uint8_t payload;
    struct ps_slice rtpmap; /* "opus/48000/2"; absent where the number alone says it */
    struct ps_slice fmtp;   /* absent without one */
};

/* Indexes media description `media` of a parsed description. */
void ps_sdp_side_of(struct ps_sdp_side *side, const struct ps_sdp *sdp, int media);

/* Finds the format that a payload type stands for; false where neither an rtpmap nor RFC 3551 6
 * says. */
bool ps_sdp_format_of(const struct ps_sdp_side *side, uint8_t payload, struct ps_sdp_format *out);

/* Takes the next payload type off the list `*rest`; false at its end. */
bool ps_sdp_next_payload(struct ps_slice *rest, uint8_t *payload);

/* Tells whether encoding, clock rate and channels are the same, and no parameters exclude one
 * another. */
bool ps_sdp_format_match(const struct ps_sdp_format *a, const struct ps_sdp_format *b);

/* Tells whether a format is no medium by itself: telephone-event, CN, red, rtx and the like. */
bool ps_sdp_format_is_auxiliary(const struct ps_sdp_format *f);

/* Finds the value of a parameter ("mode") in an fmtp text ("mode=20; x=1"); absent where it is not
 * there. */
struct ps_slice ps_sdp_fmtp_parameter(struct ps_slice fmtp, struct ps_slice name);

/* Writes "a=fmtp:PAYLOAD ..." where the answer to `theirs` needs one. */
void ps_sdp_put_answer_fmtp(struct ps_writer *w, const struct ps_sdp_format *ours,
                            const struct ps_sdp_format *theirs);

#endif
