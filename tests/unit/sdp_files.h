/*
 * The session descriptions of the tests: tests/traces/sdp, and the bodies of tests/traces. Loaded
 * once, kept until the program ends.
 */
#ifndef PS_SDP_FILES_H
#define PS_SDP_FILES_H

#include "sip/text.h"

struct sdp_file {
    char name[64];
    struct ps_slice text; /* flush against the end of its allocation */
};

/* All of them, sorted by name within each folder; returns how many. Stops the program where a
 * folder cannot be read. */
size_t sdp_files(const struct sdp_file **files);

/* The one of that name ("browser-chrome-offer.sdp"). */
struct ps_slice sdp_file(const char *name);

#endif
