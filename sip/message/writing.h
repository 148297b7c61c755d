/*
 * Writes for the layers above what the public writer (message.h, header.h) does not: pieces of a
 * message that another one gives. RFC 3261 8.2. Knows no transaction, no dialog.
 */
#ifndef PS_WRITING_H
#define PS_WRITING_H

#include "../message.h"

/* Writes a From or To that has no tag, and this one behind it. PS_E_INJECTION in the writer for a
 * tag that breaks the line. */
void ps_put_tagged(struct ps_writer *w, struct ps_slice value, struct ps_slice tag);

/* Writes all lines of that header as they stand, in order. */
void ps_write_copy_lines(struct ps_writer *w, const struct ps_message *m, enum ps_header_id id);

/* 8.2.2.3: does Require name option tags that are not in the comma list `supported`? True is a 420:
 * its Unsupported line is written, with as many of them as there is room for. False for an ACK, a
 * CANCEL and a response, where Require says nothing. */
bool ps_write_unsupported(struct ps_writer *w, const struct ps_message *m,
                          struct ps_slice supported);

#endif
