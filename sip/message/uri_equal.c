/*
 * Compares URIs (RFC 3261 19.1.4, RFC 3966 4). Both must have been parsed.
 * Refuses to know where they came from; compares text, resolves nothing.
 */
#include "../uri.h"

/* Is the character in the reserved set? Any other equals its escape (19.1.4). */
static bool is_reserved(unsigned c)
{
    return c < 128 && ps_find(PS_S(";/?:@&=+$,"), (char)c) != NULL;
}

/* Takes one character, escaped or not: returns its value, plus 256 where an escape keeps it
 * apart. */
static unsigned take(const char **p)
{
    unsigned c = (uint8_t) * *p;
    if (c == '%') { /* an escape has two digits in a URI that was parsed */
        c = (unsigned)(ps_hex_value((*p)[1]) * 16 + ps_hex_value((*p)[2]));
        *p += 3;
        return is_reserved(c) ? c + 256 : c;
    }
    ++*p;
    return c;
}

static bool same_text(struct ps_slice a, struct ps_slice b, bool any_case)
{
    const char *p = a.p, *q = b.p, *p_end = ps_end(a), *q_end = ps_end(b);
    while (p < p_end && q < q_end) {
        unsigned c = take(&p), d = take(&q);
        if (c == d)
            continue;
        if (!any_case || c > 127 || d > 127 || ps_lower((char)c) != ps_lower((char)d))
            return false;
    }
    return p == p_end && q == q_end;
}

/* Compares hosts; one IPv6 address has many spellings (RFC 5954, RFC 5952). */
static bool same_host(struct ps_slice a, struct ps_slice b)
{
    struct ps_address x, y;
    if (ps_equal_nocase(a, b))
        return true;
    return !ps_ip_parse(a, &x) && !ps_ip_parse(b, &y) && ps_ip_equal(&x, &y);
}

typedef bool next_fn(struct ps_slice *rest, struct ps_slice *name, struct ps_slice *value);

/* Says how one kind of list (parameters, headers) is compared. */
struct list_rules {
    next_fn *next;
    bool all_matter; /* one that stands on one side only always makes a difference */
    bool (*same_value)(struct ps_slice name, struct ps_slice a, struct ps_slice b);
};

/* Does the parameter matter even where only one side has it (19.1.4)? */
static bool matters(struct ps_slice name)
{
    return same_text(name, PS_S("user"), true) || same_text(name, PS_S("ttl"), true) ||
           same_text(name, PS_S("method"), true) || same_text(name, PS_S("maddr"), true) ||
           same_text(name, PS_S("transport"), true);
}

static bool find(const struct list_rules *rules, struct ps_slice list, struct ps_slice name,
                 struct ps_slice *value)
{
    struct ps_slice its_name;
    while (rules->next(&list, &its_name, value))
        if (same_text(name, its_name, true))
            return true;
    return false;
}

/* Is each of `a` equal to one in `b`, or does it not matter? Bounded, because it is quadratic. */
static bool contained(const struct list_rules *rules, struct ps_slice a, struct ps_slice b)
{
    struct ps_slice rest = a, name, value, other;
    unsigned n = 0;
    while (rules->next(&rest, &name, &value)) {
        if (++n > PS_MAX_URI_COMPARED)
            return false;
        if (find(rules, b, name, &other)) {
            if (!value.p != !other.p || !rules->same_value(name, value, other))
                return false;
        } else if (rules->all_matter || matters(name)) {
            return false;
        }
    }
    return true;
}

static bool same_list(const struct list_rules *rules, struct ps_slice a, struct ps_slice b)
{
    return ps_equal(a, b) || (contained(rules, a, b) && contained(rules, b, a));
}

/* Compares numbers without visual separators and the case of hexadecimal digits (RFC 3966 4). */
static bool same_number(struct ps_slice a, struct ps_slice b)
{
    const char *p = a.p, *q = b.p, *p_end = ps_end(a), *q_end = ps_end(b);
    for (;;) {
        while (p < p_end && ps_find(PS_S("-.()"), *p))
            p++;
        while (q < q_end && ps_find(PS_S("-.()"), *q))
            q++;
        if (p == p_end || q == q_end)
            return p == p_end && q == q_end;
        if (ps_lower(*p++) != ps_lower(*q++))
            return false;
    }
}

static bool same_sip_param(struct ps_slice name, struct ps_slice a, struct ps_slice b)
{
    (void)name;
    return same_text(a, b, true);
}

/* Compares a context that is a number, and an extension, digit by digit; a domain as it stands (RFC
 * 3966 4). */
static bool same_tel_param(struct ps_slice name, struct ps_slice a, struct ps_slice b)
{
    if (ps_is(name, PS_S("ext")) || (ps_is(name, PS_S("phone-context")) && ps_find(a, '+') == a.p))
        return same_number(a, b);
    return same_text(a, b, true);
}

static bool same_header(struct ps_slice name, struct ps_slice a, struct ps_slice b)
{
    (void)name;
    return same_text(a, b, false);
}

static const struct list_rules sip_params = {ps_uri_param_next, false, same_sip_param};
static const struct list_rules tel_params = {ps_uri_param_next, true, same_tel_param};
/* 19.1.4: header components are never ignored */
static const struct list_rules uri_headers = {ps_uri_header_next, true, same_header};

static const char *sip_difference(const struct ps_uri *a, const struct ps_uri *b)
{
    if (!a->user.p != !b->user.p || !same_text(a->user, b->user, false))
        return "user";
    if (!a->password.p != !b->password.p || !same_text(a->password, b->password, false))
        return "password";
    if (!same_host(a->host, b->host))
        return "host";
    if (a->port != b->port)
        return "port";
    if (!same_list(&sip_params, a->params, b->params))
        return "parameters";
    return same_list(&uri_headers, a->headers, b->headers) ? NULL : "headers";
}

static const char *difference(const struct ps_uri *a, const struct ps_uri *b)
{
    if (!ps_equal_nocase(a->scheme_name, b->scheme_name))
        return "scheme";
    if (a->scheme == PS_SCHEME_OTHER)
        return ps_equal(a->opaque, b->opaque) ? NULL : "opaque part";
    if (a->scheme != PS_SCHEME_TEL)
        return sip_difference(a, b);
    if (!same_number(a->user, b->user))
        return "number";
    return same_list(&tel_params, a->params, b->params) ? NULL : "parameters";
}

bool ps_uri_equal(const struct ps_uri *a, const struct ps_uri *b, const char **why)
{
    const char *differs = difference(a, b);
    if (why)
        *why = differs;
    return !differs;
}
