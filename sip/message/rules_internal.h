/*
 * Declares the table of header kinds: which grammar a header's value has, whether it is a list,
 * whether a server needs it, and which section says so. Private to sip/message. Parsing reads the
 * sections, check.c reads which headers are needed, and ps_header_grammar() tells the grammar to
 * everybody.
 */
#ifndef PS_RULES_INTERNAL_H
#define PS_RULES_INTERNAL_H

#include "../header.h"

enum ps_shape {
    PS_ONE,         /* one value, not empty */
    PS_ONE_OR_NONE, /* one value, which may be empty */
    PS_LIST,        /* 1#element */
    PS_LIST_OR_NONE /* #element */
};

/* Says whether a request is refused where this header is malformed (8.2.2). */
enum ps_need {
    PS_NOT_NEEDED,
    PS_NEEDED,
    PS_NEEDED_TO_ANSWER /* not in an ACK, nor in a response */
};

struct ps_rule {
    uint8_t grammar; /* enum ps_grammar */
    uint8_t shape;   /* enum ps_shape */
    uint8_t needed;  /* enum ps_need */
    const char *section;
};

extern const struct ps_rule ps_rules[PS_H_COUNT];

#endif
