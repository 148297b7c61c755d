/*
 * Reads and writes URIs (RFC 3261 19.1 and 25.1, RFC 3966, RFC 5954). Comparing is in uri_equal.c.
 * Refuses to know what a header or a message is, and looks nothing up.
 */
#include "../uri.h"
#include "../base/address_text.h"
#include "header_internal.h"

/* Holds where in the text the parser stands, and where it met an error. */
struct uri_parser {
    struct ps_uri *uri;
    const char *p, *end;
    const char *at;
};

static enum ps_error fail(struct uri_parser *u, const char *at, enum ps_error error)
{
    u->at = at;
    return error;
}

/* unreserved: alphanum / mark */
enum { UNRESERVED = PS_C_DIGIT | PS_C_ALPHA | PS_C_MARK };

/* Passes characters of the classes or of `more`, and escapes; stops at anything else. */
static const char *pass(const char *p, const char *end, unsigned classes, struct ps_slice more)
{
    while (p < end) {
        if ((ps_class(*p) & classes) || ps_find(more, *p))
            p++;
        else if (*p == '%' && end - p > 2 && ps_hex_value(p[1]) >= 0 && ps_hex_value(p[2]) >= 0)
            p += 3;
        else
            break;
    }
    return p;
}

/* userinfo = user [ ":" password ] "@"; no later part of a URI may hold a bare "@". */
static enum ps_error parse_userinfo(struct uri_parser *u)
{
    const char *at = ps_find(ps_between(u->p, u->end), '@'), *q;
    if (!at)
        return PS_OK;
    q = pass(u->p, at, UNRESERVED | PS_C_USER, PS_NONE);
    if (q == u->p || (q < at && *q != ':'))
        return fail(u, q, PS_E_URI);
    u->uri->user = ps_between(u->p, q);
    if (q < at) {
        u->uri->password = ps_between(q + 1, at);
        q = pass(q + 1, at, UNRESERVED, PS_S("&=+$,"));
        if (q < at)
            return fail(u, q, PS_E_URI);
    }
    u->p = at + 1;
    return PS_OK;
}

static bool is_host_char(char c)
{
    return (ps_class(c) & (PS_C_DIGIT | PS_C_ALPHA)) || c == '-' || c == '_';
}

/* Returns how many bytes are an IPv4 address that no more of a name follows; 0 for none. */
static size_t ipv4_length(struct ps_slice text)
{
    uint8_t ip[4];
    size_t n = ps_ipv4_length(text, ip);
    return n < text.n && ps_is_token(text.p[n]) ? 0 : n;
}

/* Counts a hostname: labels of letters, digits and "-" (inside). The last label starts with a
 * letter, and a "." may follow it. "_" is let through, as it stands in names that people give to
 * machines. */
static size_t hostname_length(const char *begin, const char *end)
{
    const char *p = begin, *label, *last = begin;
    for (;;) {
        for (label = p; p < end && is_host_char(*p); p++)
            ;
        if (p == label) /* nothing stands behind a ".", or nothing at all */
            break;
        if (*label == '-' || p[-1] == '-')
            return 0;
        last = label;
        if (p == end || *p != '.')
            break;
        p++;
    }
    if (p == begin || (p < end && *p == '.') || ps_is_digit(*last))
        return 0;
    return (size_t)(p - begin);
}

/* Returns how many bytes at the start are an IPv6 address in brackets; 0 for none. */
static size_t ipv6_length(struct ps_slice text)
{
    const char *close = ps_find(text, ']');
    struct ps_address ip;
    if (!close || ps_ip_parse(ps_between(text.p, close + 1), &ip))
        return 0;
    return (size_t)(close + 1 - text.p);
}

size_t ps_host_length(struct ps_slice text)
{
    size_t n = 0;
    if (!text.n)
        return 0;
    if (text.p[0] == '[')
        return ipv6_length(text);
    if (ps_is_digit(text.p[0]))
        n = ipv4_length(text);
    return n ? n : hostname_length(text.p, ps_end(text));
}

/* hostport = host [ ":" port ] */
static enum ps_error parse_hostport(struct uri_parser *u)
{
    size_t n = ps_host_length(ps_between(u->p, u->end));
    const char *q;
    uint32_t port;
    if (!n)
        return fail(u, u->p, PS_E_HOST);
    u->uri->host = ps_slice(u->p, n);
    u->p += n;
    if (u->p == u->end || *u->p != ':')
        return PS_OK;
    q = ps_take_number(u->p + 1, u->end, 65535, &port);
    if (!q || !port)
        return fail(u, u->p + 1, PS_E_PORT);
    u->uri->port = (uint16_t)port;
    u->p = q;
    return PS_OK;
}

/* Passes the digits of a telephone number and its visual separators (RFC 3966 3). Sets `*digit`
 * where there is a digit. */
static const char *pass_number(const char *p, const char *end, bool global, bool *digit)
{
    *digit = false;
    for (; p < end; p++) {
        if (global ? ps_is_digit(*p) : ps_hex_value(*p) >= 0 || *p == '*' || *p == '#')
            *digit = true;
        else if (!ps_find(PS_S("-.()"), *p))
            break;
    }
    return p;
}

/* ---- parameters ---- */

/* 19.1.1: ttl = 0 to 255 */
static bool is_ttl(struct ps_slice value)
{
    uint32_t ttl;
    return !ps_parse_u32(value, 255, &ttl);
}

/* RFC 3966 3: descriptor = domainname / global-number-digits */
static bool is_context(struct ps_slice value)
{
    const char *end = ps_end(value);
    bool digit;
    if (value.n && value.p[0] == '+')
        return pass_number(value.p + 1, end, true, &digit) == end && digit;
    return value.n && hostname_length(value.p, end) == value.n;
}

/* RFC 3966 3: extension = 1*phonedigit */
static bool is_extension(struct ps_slice value)
{
    bool digit;
    return value.n && pass_number(value.p, ps_end(value), true, &digit) == ps_end(value);
}

static bool is_there(struct ps_slice value)
{
    return value.n > 0;
}

/* Describes a parameter that has a meaning. Those of one slot stand once, and not together. */
struct known_param {
    char name[14];
    uint8_t n, slot;
    bool (*check)(struct ps_slice value); /* NULL: any value, or none */
};

static const struct known_param sip_params[] = {{"transport", 9, 0, NULL}, {"maddr", 5, 1, NULL},
                                                {"ttl", 3, 2, is_ttl},     {"user", 4, 3, NULL},
                                                {"method", 6, 4, NULL},    {"lr", 2, 5, NULL}};

/* RFC 3966 5.3: an extension or an ISDN subaddress */
static const struct known_param tel_params[] = {
    {"phone-context", 13, 0, is_context}, {"ext", 3, 1, is_extension}, {"isub", 4, 1, is_there}};

static const struct known_param *known_param(enum ps_scheme scheme, struct ps_slice name)
{
    bool tel = scheme == PS_SCHEME_TEL;
    const struct known_param *row = tel ? tel_params : sip_params;
    size_t n = tel ? sizeof tel_params / sizeof *row : sizeof sip_params / sizeof *row;
    for (; n; n--, row++)
        if (ps_is(name, ps_slice(row->name, row->n)))
            return row;
    return NULL;
}

/* Does the name stand among those before it? Bounded: a URI with more parameters is equal only to
 * the same text. */
static bool stands_before(struct ps_slice before, struct ps_slice name)
{
    struct ps_slice its_name, value;
    unsigned n;
    for (n = 0; n < PS_MAX_URI_COMPARED && ps_uri_param_next(&before, &its_name, &value); n++)
        if (ps_equal_nocase(its_name, name))
            return true;
    return false;
}

/* Checks that a parameter does not stand twice (19.1.1, RFC 3966 3). Of sip and sips only those
 * that have a meaning here are looked at, because proxies repeat their own. */
static enum ps_error check_param(struct uri_parser *u, const char *begin, struct ps_slice name,
                                 struct ps_slice value, unsigned *seen)
{
    enum ps_scheme scheme = u->uri->scheme;
    const struct known_param *known = known_param(scheme, name);
    if (scheme == PS_SCHEME_TEL && stands_before(ps_between(begin, name.p), name))
        return fail(u, name.p, PS_E_PARAMETER);
    if (!known)
        return PS_OK;
    if (*seen & (1u << known->slot))
        return fail(u, name.p, PS_E_PARAMETER);
    *seen |= 1u << known->slot;
    if (known->check && !known->check(value))
        return fail(u, value.p ? value.p : ps_end(name), PS_E_PARAMETER);
    return PS_OK;
}

/* *( ";" pname [ "=" pvalue ] ), for sip and tel alike (RFC 3966 3 has the same characters) */
static enum ps_error parse_params(struct uri_parser *u)
{
    const char *begin = u->p + 1;
    enum ps_error error = PS_OK;
    unsigned seen = 0;
    if (u->p == u->end || *u->p != ';')
        return PS_OK;
    while (!error && u->p < u->end && *u->p == ';') {
        const char *name = u->p + 1, *q = pass(name, u->end, UNRESERVED | PS_C_PARAM, PS_NONE);
        struct ps_slice value = PS_NONE;
        if (q == name)
            return fail(u, name, PS_E_PARAMETER);
        u->p = q;
        if (q < u->end && *q == '=') {
            u->p = pass(q + 1, u->end, UNRESERVED | PS_C_PARAM, PS_NONE);
            if (u->p == q + 1)
                return fail(u, u->p, PS_E_PARAMETER);
            value = ps_between(q + 1, u->p);
        }
        error = check_param(u, begin, ps_between(name, q), value, &seen);
    }
    u->uri->params = ps_between(begin, u->p);
    return error;
}

/* "?" header *( "&" header ); header = hname "=" hvalue, where hvalue may be empty */
static enum ps_error parse_headers(struct uri_parser *u)
{
    const char *begin = u->p + 1, *q;
    if (u->p == u->end || *u->p != '?')
        return PS_OK;
    do {
        q = pass(u->p + 1, u->end, UNRESERVED, PS_S("[]/?:+$"));
        if (q == u->p + 1 || q == u->end || *q != '=')
            return fail(u, q, PS_E_URI);
        u->p = pass(q + 1, u->end, UNRESERVED, PS_S("[]/?:+$"));
    } while (u->p < u->end && *u->p == '&');
    u->uri->headers = ps_between(begin, u->p);
    return PS_OK;
}

static enum ps_error parse_sip(struct uri_parser *u)
{
    enum ps_error error = parse_userinfo(u);
    if (!error)
        error = parse_hostport(u);
    if (!error)
        error = parse_params(u);
    if (!error)
        error = parse_headers(u);
    return error;
}

/* Parses "+" and digits with visual separators, or a local number (RFC 3966 3). A local number must
 * say where it counts (5.1.5: phone-context). */
static enum ps_error parse_tel(struct uri_parser *u)
{
    bool global = u->p < u->end && *u->p == '+', digit;
    const char *begin = u->p;
    const char *p = pass_number(begin + (global ? 1 : 0), u->end, global, &digit);
    struct ps_slice context;
    enum ps_error error;
    if (!digit || (p < u->end && *p != ';'))
        return fail(u, p, PS_E_URI);
    u->uri->user = ps_between(begin, p);
    u->p = p;
    error = parse_params(u);
    if (!error && !global && !ps_uri_param(u->uri, PS_S("phone-context"), &context))
        return fail(u, p, PS_E_PARAMETER);
    return error;
}

/* Takes any visible ASCII (RFC 3986) but the delimiters that would break a header. */
static enum ps_error parse_other(struct uri_parser *u)
{
    const char *q = pass(u->p, u->end, UNRESERVED | PS_C_USER | PS_C_PARAM, PS_S("@#"));
    if (q == u->p)
        return fail(u, q, PS_E_URI);
    u->uri->opaque = ps_between(u->p, q);
    u->p = q;
    return PS_OK;
}

static enum ps_error parse_scheme(struct uri_parser *u)
{
    const char *p = u->p;
    struct ps_slice name;
    if (u->end - p > 4 && memcmp(p, "sip:", 4) == 0) { /* nearly all, as nearly all write it */
        u->uri->scheme = PS_SCHEME_SIP;
        u->uri->scheme_name = ps_slice(p, 3);
        u->p = p + 4;
        return PS_OK;
    }
    if (p == u->end || !ps_is_alpha(*p))
        return fail(u, p, PS_E_URI);
    while (p < u->end &&
           ((ps_class(*p) & (PS_C_DIGIT | PS_C_ALPHA)) || *p == '+' || *p == '-' || *p == '.'))
        p++;
    if (p == u->end || *p != ':')
        return fail(u, p, PS_E_URI);
    name = ps_between(u->p, p);
    u->uri->scheme_name = name;
    u->uri->scheme = ps_equal_nocase(name, PS_S("sip"))    ? PS_SCHEME_SIP
                     : ps_equal_nocase(name, PS_S("sips")) ? PS_SCHEME_SIPS
                     : ps_equal_nocase(name, PS_S("tel"))  ? PS_SCHEME_TEL
                                                           : PS_SCHEME_OTHER;
    u->p = p + 1;
    return PS_OK;
}

enum ps_error ps_uri_parse(struct ps_slice text, struct ps_uri *out, size_t *offset)
{
    struct uri_parser u;
    enum ps_error error;
    memset(out, 0, sizeof *out);
    u.uri = out;
    u.p = text.p;
    u.end = ps_end(text);
    u.at = text.p;
    out->whole = text;
    error = parse_scheme(&u);
    if (!error)
        error = out->scheme == PS_SCHEME_TEL     ? parse_tel(&u)
                : out->scheme == PS_SCHEME_OTHER ? parse_other(&u)
                                                 : parse_sip(&u);
    if (!error && u.p != u.end)
        error = fail(&u, u.p, PS_E_URI);
    if (error && offset)
        *offset = (size_t)(u.at - text.p);
    return error;
}

/* Takes "name[=value]" off the list, up to the separator. */
static bool take_pair(struct ps_slice *rest, char separator, struct ps_slice *name,
                      struct ps_slice *value)
{
    struct ps_slice one = *rest;
    const char *end = ps_find(one, separator), *equals;
    if (!rest->n)
        return false;
    if (end)
        one.n = (size_t)(end - rest->p);
    rest->p += one.n + (end ? 1 : 0);
    rest->n -= one.n + (end ? 1 : 0);
    equals = ps_find(one, '=');
    *name = equals ? ps_between(one.p, equals) : one;
    *value = equals ? ps_between(equals + 1, ps_end(one)) : PS_NONE;
    return true;
}

bool ps_uri_param_next(struct ps_slice *rest, struct ps_slice *name, struct ps_slice *value)
{
    return take_pair(rest, ';', name, value);
}

bool ps_uri_header_next(struct ps_slice *rest, struct ps_slice *name, struct ps_slice *value)
{
    return take_pair(rest, '&', name, value);
}

bool ps_uri_param(const struct ps_uri *uri, struct ps_slice name, struct ps_slice *value)
{
    struct ps_slice rest = uri->params, found, its_value;
    while (ps_uri_param_next(&rest, &found, &its_value)) {
        if (!ps_equal_nocase(found, name))
            continue;
        *value = its_value;
        return true;
    }
    return false;
}

void ps_put_uri(struct ps_writer *w, const struct ps_uri *uri)
{
    ps_put_value(w, uri->scheme_name);
    ps_put_char(w, ':');
    if (uri->scheme == PS_SCHEME_OTHER) {
        ps_put_value(w, uri->opaque);
        return;
    }
    ps_put_value(w, uri->user);
    if (uri->scheme != PS_SCHEME_TEL) {
        if (uri->password.p) {
            ps_put_char(w, ':');
            ps_put_value(w, uri->password);
        }
        if (uri->user.n)
            ps_put_char(w, '@');
        ps_put_value(w, uri->host);
        if (uri->port) {
            ps_put_char(w, ':');
            ps_put_number(w, uri->port);
        }
    }
    if (uri->params.n) {
        ps_put_char(w, ';');
        ps_put_value(w, uri->params);
    }
    if (uri->headers.n) {
        ps_put_char(w, '?');
        ps_put_value(w, uri->headers);
    }
}

void ps_put_user(struct ps_writer *w, struct ps_slice unescaped)
{
    size_t i;
    for (i = 0; i < unescaped.n; i++) {
        char c = unescaped.p[i];
        if (ps_class(c) & (UNRESERVED | PS_C_USER)) {
            ps_put_char(w, c);
        } else {
            ps_put_char(w, '%');
            ps_put_char(w, "0123456789ABCDEF"[(uint8_t)c >> 4]);
            ps_put_char(w, "0123456789ABCDEF"[(uint8_t)c & 15]);
        }
    }
}

enum ps_error ps_uri_next_hop(const struct ps_uri *uri, struct ps_next_hop *out)
{
    struct ps_slice value;
    if (uri->scheme != PS_SCHEME_SIP && uri->scheme != PS_SCHEME_SIPS)
        return PS_E_SCHEME;
    out->host = uri->host;
    out->port = uri->port;
    out->transport = uri->scheme == PS_SCHEME_SIPS ? PS_TLS : PS_UDP;
    if (ps_uri_param(uri, PS_S("maddr"), &value) && value.n)
        out->host = value;
    if (ps_uri_param(uri, PS_S("transport"), &value)) {
        out->transport = (uint8_t)ps_transport_from(value);
        /* 26.2.2: sips over TCP means TLS over TCP */
        if (uri->scheme == PS_SCHEME_SIPS && out->transport == PS_TCP)
            out->transport = PS_TLS;
    }
    return PS_OK;
}
