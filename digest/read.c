/*
 * Reads challenges, credentials and Authentication-Info out of header values. One pass; borrows.
 *
 * The grammar is RFC 3261 25.1 (challenge, credentials, ainfo) with the parameters that RFC 7616
 * adds. Does not know which parameters must be there.
 */
#include "digest.h"
#include "digest_internal.h"

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
};

static enum read_param read_param_of(struct ps_slice name)
{
    unsigned i;
    if (name.n + 1 >= sizeof read_by_length)
        return READ_PARAMS;
    for (i = read_by_length[name.n]; i < read_by_length[name.n + 1]; i++)
        if (!memcmp(name.p, read_names[i], name.n) || /* as nearly everybody writes it */
            ps_equal_nocase(name, ps_slice(read_names[i], name.n)))
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

/* One byte between white space, or NULL where another stands. */
static const char *read_separator(const char *p, const char *end, char c)
{
    p = read_lws(p, end);
    return p < end && *p == c ? read_lws(p + 1, end) : NULL;
}

#define READ_ONES UINT64_C(0x0101010101010101)

/* Which of eight bytes are zero: their high bits; those above the lowest may be wrong. */
static uint64_t read_zeros(uint64_t eight)
{
    return (eight - READ_ONES) & ~eight & (READ_ONES << 7);
}

/* Are all eight bytes of those that need no second look between quotes? */
static bool read_eight_plain(const char *p)
{
    uint64_t eight, controls;
    memcpy(&eight, p, 8);
    controls = (eight - READ_ONES * ' ') & ~eight & (READ_ONES << 7);
    return !(controls | read_zeros(eight ^ READ_ONES * '"') | read_zeros(eight ^ READ_ONES * '\\') |
             read_zeros(eight ^ READ_ONES * 0x7f));
}

/* quoted-string less LWS over several lines */
const char *ps_digest_raw_end(const char *p, const char *end)
{
    while (p < end) {
        const char *stop;
        while (end - p >= 8 && read_eight_plain(p))
            p += 8;
        stop = end - p > 8 ? p + 8 : end;
        for (; p < stop; p++) {
            unsigned char c = (unsigned char)*p;
            if (c == '\\') {
                if (end - p < 2 || p[1] == '\r' || p[1] == '\n' || (unsigned char)p[1] > 0x7f)
                    return p;
                p++;
            } else if (c == '"' || c == 0x7f || (c < ' ' && c != '\t')) {
                return p;
            }
        }
    }
    return p;
}
#undef READ_ONES

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

static enum ps_error read_keep(struct read_params *out, struct ps_slice name, struct ps_slice value)
{
    enum read_param param = read_param_of(name);
    if (param == READ_PARAMS)
        return PS_OK;
    if (out->value[param].p)
        return PS_E_PARAMETER;
    if (value.n > PS_DIGEST_MAX_VALUE)
        return PS_E_DIGEST_LONG;
    out->value[param] = value;
    return PS_OK;
}

/* auth-param *(COMMA auth-param) */
static enum ps_error read_params(const char *p, const char *end, struct read_params *out)
{
    memset(out, 0, sizeof *out);
    while (p) {
        struct ps_slice name = ps_between(p, read_token(p, end)), value;
        enum ps_error error;
        if (!name.n || !(p = read_separator(name.p + name.n, end, '=')) ||
            !(p = read_value(p, end, &value)))
            return PS_E_PARAMETER;
        error = read_keep(out, name, value);
        if (error)
            return error;
        if (read_lws(p, end) == end)
            return PS_OK;
        p = read_separator(p, end, ',');
    }
    return PS_E_SYNTAX;
}

/* "Digest" LWS parameters */
static enum ps_error read_digest(struct ps_slice value, struct read_params *out)
{
    struct ps_slice s = ps_trim(value);
    const char *end = s.n ? s.p + s.n : s.p, *p = read_token(s.p, end);
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

/* What a client sends: one value. */
static unsigned read_qop(struct ps_slice value)
{
    return value.p ? read_qop_bit(value) : PS_QOP_NONE;
}

/* What a server offers: a list with commas. An empty one offers as little as none. */
static unsigned read_qop_list(struct ps_slice list)
{
    unsigned bits = 0;
    while (list.n) {
        const char *comma = ps_find(list, ','), *end = list.p + list.n;
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
    out->realm = in.value[READ_REALM];
    out->nonce = in.value[READ_NONCE];
    out->opaque = in.value[READ_OPAQUE];
    out->domain = in.value[READ_DOMAIN];
    out->algorithm = read_algorithm(in.value[READ_ALGORITHM]);
    out->algorithm_named = in.value[READ_ALGORITHM].p != NULL;
    out->qop = read_qop_list(in.value[READ_QOP]);
    out->stale = read_true(in.value[READ_STALE]);
    out->userhash = read_true(in.value[READ_USERHASH]);
    out->utf8 = ps_equal_nocase(in.value[READ_CHARSET], PS_S("UTF-8"));
    return PS_OK;
}

enum ps_error ps_digest_read_credentials(struct ps_slice value, struct ps_digest_credentials *out)
{
    struct read_params in;
    enum ps_error error = read_digest(value, &in);
    if (error)
        return error;
    out->username = in.value[READ_USERNAME];
    out->realm = in.value[READ_REALM];
    out->nonce = in.value[READ_NONCE];
    out->uri = in.value[READ_URI];
    out->response = in.value[READ_RESPONSE];
    out->cnonce = in.value[READ_CNONCE];
    out->opaque = in.value[READ_OPAQUE];
    out->nc_text = in.value[READ_NC];
    out->algorithm = read_algorithm(in.value[READ_ALGORITHM]);
    out->algorithm_named = in.value[READ_ALGORITHM].p != NULL;
    out->qop = read_qop(in.value[READ_QOP]);
    out->userhash = read_true(in.value[READ_USERHASH]);
    return read_nc(out->nc_text, &out->nc);
}

enum ps_error ps_digest_read_info(struct ps_slice value, struct ps_digest_info *out)
{
    struct read_params in;
    struct ps_slice s = ps_trim(value);
    enum ps_error error = read_params(s.p, s.n ? s.p + s.n : s.p, &in);
    if (error)
        return error;
    out->nextnonce = in.value[READ_NEXTNONCE];
    out->rspauth = in.value[READ_RSPAUTH];
    out->cnonce = in.value[READ_CNONCE];
    out->nc_text = in.value[READ_NC];
    out->qop = read_qop(in.value[READ_QOP]);
    return read_nc(out->nc_text, &out->nc);
}
