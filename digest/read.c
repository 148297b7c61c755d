/*
 * Reads challenges, credentials and Authentication-Info out of header values. One pass; borrows.
 *
 * The grammar is RFC 3261 25.1 (challenge, credentials, ainfo) with the parameters that RFC 7616
 * adds. Does not know which parameters must be there.
 */
#include "raw_internal.h"

/* Known parameters, ordered by the length of their names. */
enum read_param {
    READ_NC,
    READ_URI,
    READ_QOP,
    READ_REALM,
    READ_NONCE,
    READ_STALE,
    READ_CNONCE,
    READ_OPAQUE,
    READ_DOMAIN,
    READ_CHARSET,
    READ_RSPAUTH,
    READ_USERNAME,
    READ_RESPONSE,
    READ_USERHASH,
    READ_ALGORITHM,
    READ_NEXTNONCE,
    READ_PARAMS
};

static const char *const read_names[READ_PARAMS] = {
    "nc",     "uri",     "qop",     "realm",    "nonce",    "stale",    "cnonce",    "opaque",
    "domain", "charset", "rspauth", "username", "response", "userhash", "algorithm", "nextnonce"};

/* The first of the names with that many characters; the last entry ends the last. */
static const uint8_t read_by_length[11] = {0, 0, 0, 1, 3, 3, 6, 9, 11, 14, 16};

struct read_params {
    struct ps_slice value[READ_PARAMS];
    unsigned seen; /* bit i: value[i] is set */
};

static struct ps_slice read_of(const struct read_params *in, enum read_param param)
{
    return in->seen >> param & 1 ? in->value[param] : PS_NONE;
}

/* Is the name this one of ours, but for case? Ours are all letters, so one bit is the case. */
static bool read_is(struct ps_slice name, const char *ours)
{
    size_t i;
    for (i = 0; i < name.n; i++)
        if ((name.p[i] | 0x20) != ours[i])
            return false;
    return true;
}

static enum read_param read_param_of(struct ps_slice name)
{
    unsigned i;
    if (name.n + 1 >= sizeof read_by_length)
        return READ_PARAMS;
    for (i = read_by_length[name.n]; i < read_by_length[name.n + 1]; i++)
        if (read_is(name, read_names[i]))
            return (enum read_param)i;
    return READ_PARAMS;
}

static const char *read_lws(const char *p, const char *end)
{
    while (p < end && ps_is_lws(*p))
        p++;
    return p;
}

static const char *read_token(const char *p, const char *end)
{
    while (p < end && ps_is_token(*p))
        p++;
    return p;
}

/* token or quoted-string; what stands between the quotes. Returns the byte after, or NULL. */
static const char *read_value(const char *p, const char *end, struct ps_slice *out)
{
    const char *stop;
    if (p < end && *p == '"') {
        stop = ps_digest_raw_end(p + 1, end);
        *out = ps_between(p + 1, stop);
        return stop < end && *stop == '"' ? stop + 1 : NULL;
    }
    stop = read_token(p, end);
    *out = ps_between(p, stop);
    return stop > p ? stop : NULL;
}

/* auth-param-name EQUAL. Returns the byte after, or NULL. A name of ours right before its '=', as
 * it nearly always stands, needs no look at each byte's class. */
static const char *read_name(const char *p, const char *end, enum read_param *out)
{
    const char *equal = ps_find(ps_between(p, end), '='), *stop;
    if (!equal)
        return NULL;
    *out = read_param_of(ps_between(p, equal));
    if (*out != READ_PARAMS)
        return read_lws(equal + 1, end);
    stop = read_token(p, end);
    *out = read_param_of(ps_between(p, stop));
    return stop > p && read_lws(stop, end) == equal ? read_lws(equal + 1, end) : NULL;
}

static enum ps_error read_keep(struct read_params *out, enum read_param param,
                               struct ps_slice value)
{
    if (param == READ_PARAMS)
        return PS_OK;
    if (out->seen >> param & 1)
        return PS_E_PARAMETER;
    if (value.n > PS_DIGEST_MAX_VALUE)
        return PS_E_DIGEST_LONG;
    out->value[param] = value;
    out->seen |= 1u << param;
    return PS_OK;
}

/* auth-param *(COMMA auth-param) */
static enum ps_error read_params(const char *p, const char *end, struct read_params *out)
{
    out->seen = 0;
    for (;;) {
        enum read_param param;
        struct ps_slice value;
        enum ps_error error;
        p = read_name(p, end, &param);
        if (!p || !(p = read_value(p, end, &value)))
            return PS_E_PARAMETER;
        error = read_keep(out, param, value);
        if (error)
            return error;
        p = read_lws(p, end);
        if (p == end)
            return PS_OK;
        if (*p != ',')
            return PS_E_SYNTAX;
        p = read_lws(p + 1, end);
    }
}

/* "Digest" LWS parameters */
static enum ps_error read_digest(struct ps_slice value, struct read_params *out)
{
    struct ps_slice s = ps_trim(value);
    const char *end = ps_end(s), *p = read_token(s.p, end);
    if (!ps_equal_nocase(ps_between(s.p, p), PS_S("Digest")))
        return PS_E_DIGEST_SCHEME;
    return read_params(read_lws(p, end), end, out);
}

static unsigned read_qop_bit(struct ps_slice name)
{
    if (ps_equal_nocase(name, PS_S("auth")))
        return PS_QOP_AUTH;
    return ps_equal_nocase(name, PS_S("auth-int")) ? PS_QOP_AUTH_INT : PS_QOP_OTHER;
}

/* Reads the one value that a client sends. */
static unsigned read_qop(struct ps_slice value)
{
    return value.p ? read_qop_bit(value) : PS_QOP_NONE;
}

/* Reads the list, with commas, that a server offers. An empty one offers as little as none. */
static unsigned read_qop_list(struct ps_slice list)
{
    unsigned bits = 0;
    while (list.n) {
        const char *comma = ps_find(list, ','), *end = ps_end(list);
        struct ps_slice name = ps_trim(ps_between(list.p, comma ? comma : end));
        if (name.n)
            bits |= read_qop_bit(name);
        list = comma ? ps_between(comma + 1, end) : ps_slice(end, 0);
    }
    return bits ? bits : PS_QOP_NONE;
}

static bool read_true(struct ps_slice value)
{
    return ps_equal_nocase(value, PS_S("true"));
}

/* nc-value: eight hexadecimal digits; absent is 0 */
static enum ps_error read_nc(struct ps_slice text, uint32_t *out)
{
    uint32_t nc = 0;
    size_t i;
    if (text.p && text.n != 8)
        return PS_E_PARAMETER;
    for (i = 0; i < text.n; i++) {
        int digit = ps_hex_value(text.p[i]);
        if (digit < 0)
            return PS_E_PARAMETER;
        nc = nc << 4 | (uint32_t)digit;
    }
    *out = nc;
    return PS_OK;
}

/* RFC 2617 3.2.1: MD5 where none is named */
static enum ps_digest_algorithm read_algorithm(struct ps_slice name)
{
    return name.p ? ps_digest_algorithm_from(name) : PS_DIGEST_MD5;
}

enum ps_error ps_digest_read_challenge(struct ps_slice value, struct ps_digest_challenge *out)
{
    struct read_params in;
    enum ps_error error = read_digest(value, &in);
    if (error)
        return error;
    out->realm = read_of(&in, READ_REALM);
    out->nonce = read_of(&in, READ_NONCE);
    out->opaque = read_of(&in, READ_OPAQUE);
    out->domain = read_of(&in, READ_DOMAIN);
    out->algorithm = read_algorithm(read_of(&in, READ_ALGORITHM));
    out->algorithm_named = read_of(&in, READ_ALGORITHM).p != NULL;
    out->qop = read_qop_list(read_of(&in, READ_QOP));
    out->stale = read_true(read_of(&in, READ_STALE));
    out->userhash = read_true(read_of(&in, READ_USERHASH));
    out->utf8 = ps_equal_nocase(read_of(&in, READ_CHARSET), PS_S("UTF-8"));
    return PS_OK;
}

enum ps_error ps_digest_read_credentials(struct ps_slice value, struct ps_digest_credentials *out)
{
    struct read_params in;
    enum ps_error error = read_digest(value, &in);
    if (error)
        return error;
    out->username = read_of(&in, READ_USERNAME);
    out->realm = read_of(&in, READ_REALM);
    out->nonce = read_of(&in, READ_NONCE);
    out->uri = read_of(&in, READ_URI);
    out->response = read_of(&in, READ_RESPONSE);
    out->cnonce = read_of(&in, READ_CNONCE);
    out->opaque = read_of(&in, READ_OPAQUE);
    out->nc_text = read_of(&in, READ_NC);
    out->algorithm = read_algorithm(read_of(&in, READ_ALGORITHM));
    out->algorithm_named = read_of(&in, READ_ALGORITHM).p != NULL;
    out->qop = read_qop(read_of(&in, READ_QOP));
    out->userhash = read_true(read_of(&in, READ_USERHASH));
    return read_nc(out->nc_text, &out->nc);
}

enum ps_error ps_digest_read_info(struct ps_slice value, struct ps_digest_info *out)
{
    struct read_params in;
    struct ps_slice s = ps_trim(value);
    enum ps_error error = read_params(s.p, ps_end(s), &in);
    if (error)
        return error;
    out->nextnonce = read_of(&in, READ_NEXTNONCE);
    out->rspauth = read_of(&in, READ_RSPAUTH);
    out->cnonce = read_of(&in, READ_CNONCE);
    out->nc_text = read_of(&in, READ_NC);
    out->qop = read_qop(read_of(&in, READ_QOP));
    return read_nc(out->nc_text, &out->nc);
}
