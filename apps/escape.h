/*
 * Makes what a peer wrote fit for a terminal: no command prints such bytes in another way. Knows no
 * SIP.
 *
 * Printable UTF-8 stays. A control character is shown as \xNN, and so is each byte that is no valid
 * UTF-8. Shown as \uNNNN are the controls U+0080 to U+009F, line and paragraph separators, and all
 * that changes the direction of writing.
 */
#ifndef APPS_ESCAPE_H
#define APPS_ESCAPE_H

#include <stdio.h>

#include "sip/text.h"

/* Writes or prints on one line: a line end is a control character too. */
void app_put_escaped(struct ps_writer *w, struct ps_slice s);
void app_print(FILE *out, struct ps_slice s);

/* Prints several lines: LF and CRLF are line ends, and the last line gets one. */
void app_print_lines(FILE *out, struct ps_slice s);

/* Prints a document that is itself the result, such as a rewritten message: as lines on a terminal,
 * as the unchanged bytes anywhere else. */
void app_print_document(FILE *out, struct ps_slice s);

/* Prints a JSON string with its quotes. Characters escaped above are \uNNNN here. A byte NN that is
 * no valid UTF-8 becomes the lone surrogate \udcNN, which no valid text contains. */
void app_print_json(FILE *out, struct ps_slice s);

#endif
