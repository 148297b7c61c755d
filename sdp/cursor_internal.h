/*
 * Declares a cursor over one line's value: it takes things off, and keeps the first failure with
 * what was expected there. For the files of sdp/ alone.
 */
#ifndef PS_SDP_CURSOR_INTERNAL_H
#define PS_SDP_CURSOR_INTERNAL_H

#include "sdp.h"

/* Names the character classes of RFC 8866 9. */
enum {
    PS_SDP_C_TOKEN = 1, /* token-char */
    PS_SDP_C_WORD = 2,  /* non-ws-string: all but blanks and controls */
    PS_SDP_C_DIGIT = 4,
    PS_SDP_C_NAME = 8 /* of host names: letters, digits, - and . */
};

/* clang-format off */
static inline bool ps_sdp_is(char c, unsigned classes)
{
    enum { T = PS_SDP_C_TOKEN | PS_SDP_C_WORD, W = PS_SDP_C_WORD, N = T | PS_SDP_C_NAME,
           D = N | PS_SDP_C_DIGIT };
    static const uint8_t table[256] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, T, W, T, T, T, T, T, W, W, T, T, W, N, N, W,
        D, D, D, D, D, D, D, D, D, D, W, W, W, W, W, W,
        W, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
        N, N, N, N, N, N, N, N, N, N, N, W, W, W, T, T,
        T, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
        N, N, N, N, N, N, N, N, N, N, N, T, T, T, T, 0,
        W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
        W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
        W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
        W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
        W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
        W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
        W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
        W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W,
    };
    return (table[(unsigned char)c] & classes) != 0;
}
/* clang-format on */

/* Returns the first character from p on that is not of the classes. */
static inline const char *ps_sdp_skip(const char *p, const char *end, unsigned classes)
{
    while (p < end && ps_sdp_is(*p, classes))
        p++;
    return p;
}

/* Marks a place in a value; the first failure is kept in *fault (which may be NULL). */
struct ps_sdp_cursor {
    const char *p;
    const char *end;
    const char *begin;
    const char *rule;
    struct ps_sdp_fault *fault;
};

static inline struct ps_sdp_cursor ps_sdp_cursor(struct ps_slice value, const char *rule,
                                                 struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c;
    c.p = value.p ? value.p : "";
    c.end = c.p + value.n;
    c.begin = c.p;
    c.rule = rule;
    c.fault = fault;
    return c;
}

/* Fills *fault and returns the error; the caller sets line and column. */
enum ps_error ps_sdp_fault_at(struct ps_sdp_fault *fault, enum ps_error error, size_t offset,
                              const char *expected, const char *rule);

/* Fails at `at`, which lies in the cursor's value or at its end. */
static inline enum ps_error ps_sdp_fail(struct ps_sdp_cursor *c, const char *at,
                                        const char *expected)
{
    return ps_sdp_fault_at(c->fault, PS_E_SDP_LINE, (size_t)(at - c->begin), expected, c->rule);
}

/* Takes one thing off the cursor, or fails where something else stands. */
enum ps_error ps_sdp_take_token(struct ps_sdp_cursor *c, struct ps_slice *out,
                                const char *expected);
enum ps_error ps_sdp_take_word(struct ps_sdp_cursor *c, struct ps_slice *out, const char *expected);
enum ps_error ps_sdp_take_number(struct ps_sdp_cursor *c, uint64_t max, uint64_t *out,
                                 const char *expected);

static inline enum ps_error ps_sdp_take_char(struct ps_sdp_cursor *c, char wanted,
                                             const char *expected)
{
    if (c->p == c->end || *c->p != wanted)
        return ps_sdp_fail(c, c->p, expected);
    c->p++;
    return PS_OK;
}

static inline enum ps_error ps_sdp_take_space(struct ps_sdp_cursor *c)
{
    return ps_sdp_take_char(c, ' ', "one space");
}

static inline enum ps_error ps_sdp_take_end(struct ps_sdp_cursor *c)
{
    return c->p == c->end ? PS_OK : ps_sdp_fail(c, c->p, "the end of the line");
}

/* Takes one `wanted`; false, and nothing taken, where another character stands. */
static inline bool ps_sdp_take_optional(struct ps_sdp_cursor *c, char wanted)
{
    if (c->p == c->end || *c->p != wanted)
        return false;
    c->p++;
    return true;
}

#endif
