/*
 * Declares small steps over parsed descriptions that offer/answer takes often. For the files of
 * sdp/ alone.
 */
#ifndef PS_SDP_INTERNAL_H
#define PS_SDP_INTERNAL_H

#include "sdp.h"

/* For functions whose locals would otherwise lie on the stack beside those of their caller. */
#if defined(__GNUC__)
#define PS_SDP_NOINLINE __attribute__((noinline))
#else
#define PS_SDP_NOINLINE
#endif

/* Tells whether it is the name of one of the four direction attributes, and which. */
bool ps_sdp_is_direction(struct ps_slice name, enum ps_sdp_direction *out);

/* Finds an attribute of the media description, or else of the session (ps_sdp_attribute). */
bool ps_sdp_inherited(const struct ps_sdp *sdp, int media, struct ps_slice name,
                      struct ps_slice *value);

/* Walks the attributes of that name, as ps_sdp_next does, and gives their values; `value` may be
 * NULL. */
bool ps_sdp_next_named(const struct ps_sdp *sdp, int media, struct ps_slice name, unsigned *cursor,
                       struct ps_slice *value);

/* Reads the m= line of media description `media`, which is there and was checked by the parser. */
void ps_sdp_media_of(const struct ps_sdp *sdp, int media, struct ps_sdp_media *out);

/* Returns its port alone. */
uint16_t ps_sdp_port_of(const struct ps_sdp *sdp, int media);

/* Writes the lines of one section that have these types, in the order of the types. */
void ps_sdp_put_types(struct ps_writer *w, const struct ps_sdp *sdp, int media, const char *types);

/* Writes "a=NAME:VALUE", or "a=NAME" where the value is absent. */
void ps_sdp_put_named(struct ps_writer *w, struct ps_slice name, struct ps_slice value);

#endif
