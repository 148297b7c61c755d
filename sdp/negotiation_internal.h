/*
 * One description being made: shared by negotiation.c (state, session level, which medium answers
 * which) and negotiation_media.c (one media description).
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

/* Formats in common: payload types of the capabilities, and those to write for them. */
struct ps_sdp_pairs {
    unsigned n;
    uint8_t ours[PS_SDP_MAX_FORMATS];
    uint8_t written[PS_SDP_MAX_FORMATS];
};

/* The formats of an RTP medium of `ours` (capabilities) that the offer `theirs` has too, in the
 * offer's order; false where no codec is among them (telephone-event alone is none). */
bool ps_sdp_pair_answer(struct ps_sdp_pairs *pairs, const struct ps_sdp_side *ours,
                        const struct ps_sdp_side *theirs);

/* Can our medium `m` answer their medium `i`? */
bool ps_sdp_media_fits(const struct ps_sdp *ours, int m, const struct ps_sdp *theirs, int i);

/* The parts of a crypto attribute: TAG SUITE REST. */
struct ps_sdp_keying {
    struct ps_slice tag;
    struct ps_slice suite;
    struct ps_slice rest;
};

/* RFC 4568 5.1.2: the first offered suite that we have, with the offer's tag and our key; false
 * where there is none. */
bool ps_sdp_keying_of(struct ps_sdp_keying *out, const struct ps_sdp *ours, int m,
                      const struct ps_sdp *theirs, int i);

/* Writes the attributes of our medium for line `i`, but for formats, mid and direction. */
void ps_sdp_put_attributes(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i);

/* Writes media description `i` of what is made. */
void ps_sdp_put_media_of(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i);

/* Writes those attributes of the session level that belong there. */
void ps_sdp_put_session_attributes(struct ps_writer *w, const struct ps_sdp_making *making);

/* The mid that media description `i` of what is made gets; absent without one. */
struct ps_slice ps_sdp_mid_of(const struct ps_sdp_making *making, unsigned i);

/* The c= that holds for a medium; false where there is none. */
bool ps_sdp_connection_of(const struct ps_sdp *sdp, int media, struct ps_sdp_connection *out);

/* 8.4: c=0.0.0.0, the old way to say that nothing may be sent here. */
bool ps_sdp_is_held(const struct ps_sdp *sdp, int media);

/* Is `mid` in the description's group:BUNDLE? */
bool ps_sdp_is_bundled(const struct ps_sdp *sdp, struct ps_slice mid);

/* The mids of the description's group:BUNDLE, a list for ps_sdp_word; absent without one. */
struct ps_slice ps_sdp_bundle(const struct ps_sdp *sdp);

#endif
