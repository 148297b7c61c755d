/*
 * Where a raw text ends. For the files of digest/ alone; the rest of raw and plain is in digest.h.
 */
#ifndef PS_RAW_INTERNAL_H
#define PS_RAW_INTERNAL_H

#include "digest.h"

/* Finds the first byte that cannot stand between quotes as it is (most often the closing quote), or
 * returns `end`. */
const char *ps_digest_raw_end(const char *p, const char *end);

/* Tells whether this raw text is the plain one with escapes. */
bool ps_digest_raw_is(struct ps_slice raw, struct ps_slice plain);
/* Writes the plain text as a raw one: escapes before '"' and '\'. */
void ps_digest_put_escaped(struct ps_writer *w, struct ps_slice plain);

#endif
