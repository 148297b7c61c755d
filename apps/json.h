/*
 * Printing text as JSON strings and as readable lines. Knows no SIP.
 */
#ifndef APPS_JSON_H
#define APPS_JSON_H

#include <stdio.h>

#include "sip/text.h"

/* A string with its quotes. Valid UTF-8 stays; control characters become \uXXXX, and a byte that is
 * no valid UTF-8 becomes the four characters \xHH (written \\xHH). */
void json_string(FILE *out, struct ps_slice s);

/* For people: what is no printable UTF-8 becomes \xHH. */
void print_readable(FILE *out, struct ps_slice s);

#endif
