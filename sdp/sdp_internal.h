/*
 * Declares small steps over parsed descriptions that offer/answer takes often. For the files of
 * sdp/ alone.
 */
#ifndef PS_SDP_INTERNAL_H
#define PS_SDP_INTERNAL_H

#include "sdp.h"

/* Tells whether it is the name of one of the four direction attributes, and which. */
bool ps_sdp_is_direction(struct ps_slice name, enum ps_sdp_direction *out);

/* Finds an attribute of the media description, or else of the session (ps_sdp_attribute). */
bool ps_sdp_inherited(const struct ps_sdp *sdp, int media, struct ps_slice name,
                      struct ps_slice *value);

/* Writes "a=NAME:VALUE", or "a=NAME" where the value is absent. */
void ps_sdp_put_named(struct ps_writer *w, struct ps_slice name, struct ps_slice value);

#endif
