/*
 * Takes tokens, words and numbers off one line's value, and says what was expected where one is
 * missing. Knows no line type.
 */
#include "cursor_internal.h"

enum ps_error ps_sdp_fault_at(struct ps_sdp_fault *fault, enum ps_error error, size_t offset,
                              const char *expected, const char *rule)
{
    if (fault) {
        fault->error = error;
        fault->line = 0;
        fault->column = 0;
        fault->offset = (unsigned)offset;
        fault->expected = expected;
        fault->rule = rule;
    }
    return error;
}

enum ps_error ps_sdp_take_token(struct ps_sdp_cursor *c, struct ps_slice *out, const char *expected)
{
    const char *from = c->p;
    c->p = ps_sdp_skip(from, c->end, PS_SDP_C_TOKEN);
    if (c->p == from)
        return ps_sdp_fail(c, from, expected);
    *out = ps_between(from, c->p);
    return PS_OK;
}

enum ps_error ps_sdp_take_word(struct ps_sdp_cursor *c, struct ps_slice *out, const char *expected)
{
    const char *from = c->p;
    c->p = ps_sdp_skip(from, c->end, PS_SDP_C_WORD);
    if (c->p == from)
        return ps_sdp_fail(c, from, expected);
    *out = ps_between(from, c->p);
    return PS_OK;
}

enum ps_error ps_sdp_take_number(struct ps_sdp_cursor *c, uint64_t max, uint64_t *out,
                                 const char *expected)
{
    const char *from = c->p;
    const char *p = from;
    uint64_t value = 0;
    while (p < c->end && ps_is_digit(*p))
        value = value * 10 + (unsigned)(*p++ - '0');
    c->p = p;
    if (p - from > 19 ? ps_parse_number(ps_between(from, p), max, &value) != PS_OK
                      : p == from || value > max)
        return ps_sdp_fail(c, from, expected);
    *out = value;
    return PS_OK;
}

struct ps_slice ps_sdp_word(struct ps_slice *rest)
{
    const char *p = rest->p ? rest->p : "";
    const char *end = p + rest->n;
    const char *from;
    while (p < end && ps_is_blank(*p))
        p++;
    from = p;
    while (p < end && !ps_is_blank(*p))
        p++;
    *rest = ps_between(p, end);
    return ps_between(from, p);
}
