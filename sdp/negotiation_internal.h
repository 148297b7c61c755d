/*
 * Declares the description that is being made: shared by negotiation.c (state, session level, which
 * medium answers which) and negotiation_media.c (one media description).
 */
#ifndef PS_SDP_NEGOTIATION_INTERNAL_H
#define PS_SDP_NEGOTIATION_INTERNAL_H

#include "codec_internal.h"
#include "negotiation.h"
#include "sdp_internal.h"

enum { PS_SDP_REFUSED = -1 };

struct ps_sdp_making {
    const struct ps_sdp *ours;   /* the capabilities */
    const struct ps_sdp *theirs; /* the offer that is answered; NULL while an offer is made */
    const struct ps_sdp *before; /* our last description; NULL in the first exchange */
    const uint16_t *ports;       /* of the capabilities behind the lines of `before` */
    enum ps_sdp_direction wanted;
    unsigned media;                 /* lines of what is made */
    int16_t from[PS_SDP_MAX_MEDIA]; /* the capability's medium for each, or PS_SDP_REFUSED */
    bool bundled[PS_SDP_MAX_MEDIA]; /* listed in group:BUNDLE */
    int16_t bundle_tag;             /* the first bundled line, or PS_SDP_REFUSED */
};

/* Pairs the formats in common: payload types of the capabilities, and those to write for them. */
struct ps_sdp_pairs {
    unsigned n;
    uint8_t ours[PS_SDP_MAX_FORMATS];
    uint8_t written[PS_SDP_MAX_FORMATS];
};

/* Finds the formats of an RTP medium of `ours` that the offer `theirs` has too, in the offer's
 * order. False where no codec is among them; telephone-event alone is none. */
bool ps_sdp_pair_answer(struct ps_sdp_pairs *pairs, const struct ps_sdp_side *ours,
                        const struct ps_sdp_side *theirs);

/* Tells whether our medium `m` can answer their medium `i`. */
bool ps_sdp_media_fits(const struct ps_sdp *ours, int m, const struct ps_sdp *theirs, int i);

/* Holds the parts of a crypto attribute: TAG SUITE REST. */
struct ps_sdp_keying {
    struct ps_slice tag;
    struct ps_slice suite;
    struct ps_slice rest;
};

/* Finds the first offered suite that we have, and gives the offer's tag and our key (RFC 4568
 * 5.1.2); false where there is none. */
bool ps_sdp_keying_of(struct ps_sdp_keying *out, const struct ps_sdp *ours, int m,
                      const struct ps_sdp *theirs, int i);

/* Writes the attributes of our medium for line `i`, other than formats, mid and direction. */
void ps_sdp_put_attributes(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i);

/* Writes media description `i` of the new description. */
void ps_sdp_put_media_of(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i);

/* Writes the attributes of the session level. */
void ps_sdp_put_session_attributes(struct ps_writer *w, const struct ps_sdp_making *making);

/* Returns the mid of media description `i` of the new description; absent where it has none. */
struct ps_slice ps_sdp_mid_of(const struct ps_sdp_making *making, unsigned i);

/* Finds the c= that holds for a medium; false where there is none. */
bool ps_sdp_connection_of(const struct ps_sdp *sdp, int media, struct ps_sdp_connection *out);

/* Tells whether a medium has c=0.0.0.0, the old way to say that nothing may be sent (8.4). */
bool ps_sdp_is_held(const struct ps_sdp *sdp, int media);

/* Tells whether `mid` is in the description's group:BUNDLE. */
bool ps_sdp_is_bundled(const struct ps_sdp *sdp, struct ps_slice mid);

/* Returns the mids of the description's group:BUNDLE, a list for ps_sdp_word; absent where it has
 * none. */
struct ps_slice ps_sdp_bundle(const struct ps_sdp *sdp);

#endif
