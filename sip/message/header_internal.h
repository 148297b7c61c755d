/*
 * Holds the scanning helpers that the header codecs share. Each takes a place and the end of the
 * value, and returns the place after what it found. Private to sip/.
 */
#ifndef PS_HEADER_INTERNAL_H
#define PS_HEADER_INTERNAL_H

#include "../header.h"
#include "scan_internal.h"

/* Takes the digits from p on, 0 to max, and returns the place behind them. NULL where there are
 * none or too many; `*out` is then untouched. */
static inline const char *ps_take_number(const char *p, const char *end, uint32_t max,
                                         uint32_t *out)
{
    const char *begin = p;
    uint64_t value = 0;
    for (; p < end && ps_is_digit(*p); p++)
        value = value > max ? value : value * 10 + (uint64_t)(*p - '0');
    if (p == begin || value > max)
        return NULL;
    *out = (uint32_t)value;
    return p;
}

static inline const char *ps_skip_lws(const char *p, const char *end)
{
    while (p < end && ps_is_lws(*p))
        p++;
    return p;
}

static inline const char *ps_skip_token(const char *p, const char *end)
{
    p = ps_scan_plain(p, end);
    if (p < end && !ps_is_token(*p))
        return p;
    while (end - p >= 4 &&
           (ps_class(p[0]) & ps_class(p[1]) & ps_class(p[2]) & ps_class(p[3]) & PS_C_TOKEN))
        p += 4;
    while (p < end && ps_is_token(*p))
        p++;
    return p;
}

static inline const char *ps_skip_word(const char *p, const char *end)
{
    p = ps_scan_plain(p, end);
    while (end - p >= 4 &&
           (ps_class(p[0]) & ps_class(p[1]) & ps_class(p[2]) & ps_class(p[3]) & PS_C_WORD))
        p += 4;
    while (p < end && (ps_class(*p) & PS_C_WORD))
        p++;
    return p;
}

/* Passes the quoted-string that opens at p; NULL where it does not close. */
static inline const char *ps_skip_quoted(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        if (*p == '"')
            return p + 1;
        if (*p == '\\')
            p++;
    }
    return NULL;
}

/* Passes the comment that opens at p; NULL where it does not close. Comments nest (25.1); they are
 * counted, without recursion. */
static inline const char *ps_skip_comment(const char *p, const char *end)
{
    size_t depth = 0;
    for (; p < end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == '(')
            depth++;
        else if (*p == ')' && !--depth)
            return p + 1;
    }
    return NULL;
}

/* Lets a bare value hold token and host characters, and a few more: some senders leave bare what
 * should be quoted, base64 and URIs in tags and instance names. */
static inline bool ps_is_bare(char c)
{
    return (ps_class(c) & (PS_C_TOKEN | PS_C_PARAM)) || c == '=' || c == '@' || c == '#';
}
static inline const char *ps_skip_bare(const char *p, const char *end)
{
    p = ps_skip_token(p, end);
    while (p < end && ps_is_bare(*p))
        p++;
    return p;
}

/* Returns the parameters behind SEMI, without the first ";". PS_NONE where nothing follows;
 * `*error` is set where anything but a ";" stands there. */
static inline struct ps_slice ps_params_after(const char *p, const char *end, enum ps_error *error)
{
    p = ps_skip_lws(p, end);
    if (p == end)
        return PS_NONE;
    if (*p != ';') {
        *error = PS_E_PARAMETER;
        return PS_NONE;
    }
    return ps_between(p + 1, end);
}

/* Takes the value of a parameter that must have one and may stand once (7.3.1). */
static inline enum ps_error ps_take_once(struct ps_slice value, struct ps_slice *out)
{
    if (out->p || !value.p)
        return PS_E_PARAMETER;
    *out = value;
    return PS_OK;
}

/* Are all parameters well-formed? */
static inline enum ps_error ps_check_params(struct ps_slice params)
{
    struct ps_param one;
    while (ps_param_next(&params, &one))
        ;
    return params.n ? PS_E_PARAMETER : PS_OK;
}

/* Does it start with "z9hG4bK" (8.1.1.7), with something behind it? */
bool ps_branch_has_cookie(struct ps_slice branch);

/* Is it word [ "@" word ] (20.8)? */
bool ps_is_call_id(struct ps_slice text);

#endif
