/*
 * URIs, one or two: the second stands after a line that is "=" alone.
 *
 * Must hold: slices lie inside; an error says where; what parses writes back to an equal URI
 * with the same parts, and that is a fixed point; equality is reflexive and symmetric, and says why
 * not; a next hop lies inside the URI.
 */
#include "fuzz.h"
#include "sip/uri.h"

static char once[1 << 17], twice[1 << 17];

static void parts_lie_inside(const struct ps_uri *u, struct ps_slice text)
{
    const struct ps_slice parts[] = {u->whole, u->scheme_name, u->user,    u->password,
                                     u->host,  u->params,      u->headers, u->opaque};
    struct ps_slice rest = u->params, name, value = PS_NONE, found;
    size_t i;
    for (i = 0; i < sizeof parts / sizeof *parts; i++)
        HOLDS(fuzz_inside(parts[i], text));
    while (ps_uri_param_next(&rest, &name, &value)) {
        HOLDS(name.n && fuzz_inside(name, text) && fuzz_inside(value, text));
        HOLDS(ps_uri_param(u, name, &found));
    }
    rest = u->headers;
    while (ps_uri_header_next(&rest, &name, &value))
        HOLDS(name.n && value.p && fuzz_inside(name, text) && fuzz_inside(value, text));
}

static void same_parts(const struct ps_uri *a, const struct ps_uri *b)
{
    HOLDS(a->scheme == b->scheme && a->port == b->port);
    HOLDS(fuzz_same(a->user, b->user) && fuzz_same(a->password, b->password));
    HOLDS(fuzz_same(a->host, b->host) && fuzz_same(a->opaque, b->opaque));
    HOLDS(fuzz_same(a->params, b->params) && fuzz_same(a->headers, b->headers));
}

static void writes_back(const struct ps_uri *u)
{
    struct ps_writer w = ps_writer(once, sizeof once), v = ps_writer(twice, sizeof twice);
    struct ps_uri again;
    ps_put_uri(&w, u);
    HOLDS(!w.error);
    HOLDS(!ps_uri_parse(ps_written(&w), &again, NULL));
    same_parts(u, &again);
    HOLDS(ps_uri_equal(u, &again, NULL) || again.whole.n != u->whole.n);
    ps_put_uri(&v, &again);
    HOLDS(ps_equal(ps_written(&v), ps_written(&w)));
}

static void user_escapes(struct ps_slice text)
{
    struct ps_writer w = ps_writer(once, sizeof once);
    struct ps_uri u;
    if (!text.n || text.n > 1000)
        return;
    ps_put(&w, PS_S("sip:"));
    ps_put_user(&w, text);
    ps_put(&w, PS_S("@a"));
    HOLDS(!ps_uri_parse(ps_written(&w), &u, NULL));
    HOLDS(u.user.n == w.n - 6 && !u.password.p);
}

static bool parse(struct ps_slice text, struct ps_uri *u)
{
    size_t offset = 0;
    struct ps_next_hop hop;
    if (ps_uri_parse(text, u, &offset)) {
        HOLDS(offset <= text.n);
        return false;
    }
    parts_lie_inside(u, text);
    writes_back(u);
    HOLDS(ps_uri_equal(u, u, NULL));
    if (!ps_uri_next_hop(u, &hop))
        HOLDS(hop.host.n && fuzz_inside(hop.host, text));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice rest = fuzz_input(data, size), first, second;
    const char *why = NULL, *back = NULL;
    struct ps_uri a, b;
    bool equal;
    first = fuzz_take(&rest, '=');
    first = first.n && first.p[first.n - 1] == '\n' ? ps_slice(first.p, first.n - 1) : first;
    second = rest;
    user_escapes(first);
    (void)ps_host_length(first);
    if (!parse(first, &a) || !parse(second, &b))
        return 0;
    equal = ps_uri_equal(&a, &b, &why);
    HOLDS(equal == ps_uri_equal(&b, &a, &back));
    HOLDS(equal || (why && back));
    HOLDS(equal || !ps_equal(first, second));
    return 0;
}
