/*
 * Makes what a peer wrote fit for a terminal: no command prints such bytes in another way. Knows no
 * SIP.
 *
 * Printable UTF-8 stays. A control character shows as \xNN, and so does each byte that is no valid
 * UTF-8; the controls U+0080 to U+009F, line and paragraph separators and all that changes the
 * direction of writing show as \uNNNN.
 */
#ifndef APPS_ESCAPE_H
#define APPS_ESCAPE_H

#include <stdio.h>

#include "sip/text.h"

/* On one line: a line end is a control character, too. */
void app_put_escaped(struct ps_writer *w, struct ps_slice s);
void app_print(FILE *out, struct ps_slice s);

/* Of several lines: LF and CRLF are line ends, and the last line gets one, too. */
void app_print_lines(FILE *out, struct ps_slice s);

/* A document that is the result itself, such as a message written anew: lines for a terminal, and
 * the bytes as they are for anything else. */
void app_print_document(FILE *out, struct ps_slice s);

/* A JSON string with its quotes. What is escaped above is \uNNNN here; a byte NN that is no valid
 * UTF-8 is the lone surrogate \udcNN, which no text can bring about. */
void app_print_json(FILE *out, struct ps_slice s);

#endif
