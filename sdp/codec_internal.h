/*
 * Declares codecs as offer/answer sees them: what a payload type stands for, whether two sides'
 * formats are the same codec, and which fmtp goes into an answer. Knows no state.
 */
#ifndef PS_SDP_CODEC_INTERNAL_H
#define PS_SDP_CODEC_INTERNAL_H

#include "sdp.h"

/* One format of a media description, decoded once. Slices are kept as places and lengths, because
 * PS_SDP_MAX_FORMATS of these lie on the stack for each side. */
struct ps_sdp_format {
    const char *name; /* at the start of the rtpmap's text where there is one */
    const char *fmtp;
    uint32_t clock_rate;
    uint16_t channels;
    uint16_t name_n;
    uint16_t rtpmap_n; /* bytes of "opus/48000/2"; 0 where the number alone says it */
    uint16_t fmtp_n;   /* 0 without one */
    uint8_t payload;
    bool known;     /* false where neither an rtpmap nor RFC 3551 6 says what it is */
    bool auxiliary; /* no medium by itself: telephone-event, CN, red, rtx and the like */
};

/* Holds a media description, its formats in their order. */
struct ps_sdp_side {
    const struct ps_sdp *sdp;
    int16_t media; /* its number */
    bool read;     /* the formats are decoded */
    uint8_t n;
    struct ps_sdp_media m;
    struct ps_sdp_format format[PS_SDP_MAX_FORMATS];
};

/* Reads the m= line of media description `media` of a parsed description. */
void ps_sdp_side_begin(struct ps_sdp_side *side, const struct ps_sdp *sdp, int media);

/* Decodes the formats, unless that is done. */
void ps_sdp_side_read(struct ps_sdp_side *side);

/* Returns the value of the format's rtpmap ("opus/48000/2"), empty without one. */
static inline struct ps_slice ps_sdp_format_rtpmap(const struct ps_sdp_format *f)
{
    return ps_slice(f->name, f->rtpmap_n);
}

/* Returns the parameters of the format, absent without any. */
static inline struct ps_slice ps_sdp_format_fmtp(const struct ps_sdp_format *f)
{
    return ps_slice(f->fmtp, f->fmtp_n);
}

/* Finds the first format of the side that is the same codec as `wanted`; NULL where none is. */
const struct ps_sdp_format *ps_sdp_side_find(const struct ps_sdp_side *side,
                                             const struct ps_sdp_format *wanted);

/* Tells whether the format has this encoding name. */
static inline bool ps_sdp_format_is(const struct ps_sdp_format *f, struct ps_slice name)
{
    return f->name_n == name.n && ps_is(ps_slice(f->name, name.n), name);
}

/* Tells whether encoding, clock rate and channels are the same, and no parameters exclude one
 * another. */
bool ps_sdp_format_match(const struct ps_sdp_format *a, const struct ps_sdp_format *b);

/* Finds the value of a parameter ("mode") in an fmtp text ("mode=20; x=1"); absent where it is not
 * there. */
struct ps_slice ps_sdp_fmtp_parameter(struct ps_slice fmtp, struct ps_slice name);

/* Writes "a=fmtp:PAYLOAD ..." where the answer to `theirs` needs one. */
void ps_sdp_put_answer_fmtp(struct ps_writer *w, const struct ps_sdp_format *ours,
                            const struct ps_sdp_format *theirs);

#endif
