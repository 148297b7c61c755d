/*
 * Reads the parts of header values: parameters, comma lists, quoted strings, name-addr (RFC 3261
 * 20.10, 25.1). Refuses to know which header a value came from; the typed values are in via.c and
 * values.c.
 */
#include "header_internal.h"
#include "scan_internal.h"
#include "writing.h"

/* ---- parameters ---- */

/* gen-value = token / host / quoted-string */
static const char *skip_value(const char *p, const char *end)
{
    return p < end && *p == '"' ? ps_skip_quoted(p, end) : ps_skip_bare(p, end);
}

bool ps_param_next(struct ps_slice *rest, struct ps_param *out)
{
    const char *end = ps_end(*rest), *p = ps_skip_lws(rest->p, end);
    const char *name = p, *after_name = ps_skip_token(p, end), *value;
    if (!rest->n || after_name == name)
        return false;
    out->name = ps_between(name, after_name);
    out->value = PS_NONE;
    p = ps_skip_lws(after_name, end);
    if (p < end && *p == '=') {
        value = ps_skip_lws(p + 1, end);
        p = skip_value(value, end);
        if (!p || p == value)
            return false;
        out->value = ps_between(value, p);
        p = ps_skip_lws(p, end);
    }
    if (p < end && *p != ';')
        return false;
    /* a ";" with nothing behind it stays, for the next call to find malformed */
    *rest = ps_between(p + (end - p > 1 ? 1 : 0), end);
    return true;
}

bool ps_param_find(struct ps_slice params, struct ps_slice name, struct ps_slice *value)
{
    struct ps_param one;
    while (ps_param_next(&params, &one)) {
        if (!ps_equal_nocase(one.name, name))
            continue;
        *value = one.value;
        return true;
    }
    return false;
}

/* ---- lists ---- */

/* Finds the comma that ends the element, or the end. A comma in quotes or <> does not count. */
static const char *element_end(const char *p, const char *end)
{
    const char *close;
    while ((p = ps_scan_for(p, end, ',', '"', '<')) < end && *p != ',') {
        close = *p == '"' ? ps_skip_quoted(p, end) : ps_find(ps_between(p, end), '>');
        p = close ? close : end;
    }
    return p;
}

bool ps_list_next(struct ps_slice *rest, struct ps_slice *element)
{
    const char *end = ps_end(*rest), *comma;
    if (!rest->n)
        return false;
    comma = ps_find(*rest, ','); /* most have none */
    comma = comma ? element_end(rest->p, end) : end;
    *element = ps_trim(ps_between(rest->p, comma));
    /* a comma with nothing behind it stays, so that the empty element after it is seen */
    if (end - comma == 1 && comma != rest->p)
        *rest = ps_between(comma, end);
    else
        *rest = ps_between(comma < end ? comma + 1 : end, end);
    return true;
}

/* ---- quoted strings ---- */

void ps_put_unquoted(struct ps_writer *w, struct ps_slice quoted)
{
    size_t i;
    if (quoted.n > 1 && quoted.p[0] == '"' && quoted.p[quoted.n - 1] == '"')
        quoted = ps_slice(quoted.p + 1, quoted.n - 2);
    for (i = 0; i < quoted.n; i++) {
        if (quoted.p[i] == '\\' && i + 1 < quoted.n)
            i++;
        ps_put_char(w, quoted.p[i]);
    }
}

void ps_put_quoted(struct ps_writer *w, struct ps_slice text)
{
    size_t i;
    ps_put_char(w, '"');
    for (i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            ps_put_char(w, '\\');
        ps_put_value(w, ps_slice(text.p + i, 1));
    }
    ps_put_char(w, '"');
}

/* ---- folds ---- */

void ps_put_unfolded(struct ps_writer *w, struct ps_slice value)
{
    const char *p = value.p, *end = ps_end(value), *q;
    while (p < end) {
        for (q = p; q < end && *q != '\r' && *q != '\n'; q++)
            ;
        while (q > p && q < end && ps_is_blank(q[-1]))
            q--;
        ps_put(w, ps_between(p, q));
        for (p = q; p < end && ps_is_lws(*p); p++)
            ;
        if (p < end)
            ps_put_char(w, ' ');
    }
}

void ps_put_tagged(struct ps_writer *w, struct ps_slice value, struct ps_slice tag)
{
    ps_put(w, value);
    if (!value.n || ps_end(value)[-1] != ';') /* some senders leave one behind the last parameter */
        ps_put_char(w, ';');
    ps_put(w, PS_S("tag="));
    ps_put_value(w, tag);
}

/* ---- name-addr / addr-spec ---- */

/* Checks display-name = *(token LWS). Bytes of UTF-8 are let through unquoted, as many phones send
 * them. */
static bool is_display(struct ps_slice s)
{
    size_t i;
    for (i = 0; i < s.n; i++)
        if (!ps_is_token(s.p[i]) && !ps_is_lws(s.p[i]) && (uint8_t)s.p[i] < 128)
            return false;
    return true;
}

/* Sets display and uri; returns the place after ">", or NULL. */
static const char *parse_bracketed(const char *p, const char *open, const char *end,
                                   struct ps_name_addr *out)
{
    const char *close = ps_find(ps_between(open, end), '>');
    if (!close)
        return NULL;
    out->bracketed = true;
    out->uri = ps_between(open + 1, close);
    if (ps_trim(out->uri).n != out->uri.n)
        return NULL; /* RFC 4475 3.1.2.14 */
    if (p < open && *p == '"') {
        const char *after = ps_skip_quoted(p, open); /* find_open has been past it */
        if (ps_skip_lws(after, open) != open)
            return NULL;
        out->display = ps_between(p + 1, after - 1);
    } else {
        out->display = ps_trim(ps_between(p, open));
        if (!is_display(out->display))
            return NULL;
    }
    return close + 1;
}

/* Takes a URI without <>: what follows ";" belongs to the header, and "?" and "," may not stand
 * (20.10). */
static const char *parse_bare(const char *p, const char *end, struct ps_name_addr *out)
{
    const char *q = p;
    while (q < end && !ps_is_lws(*q) && !ps_find(PS_S(";?,<>\""), *q))
        q++;
    if (q < end && *q != ';' && !ps_is_lws(*q))
        return NULL;
    out->uri = ps_between(p, q);
    return q;
}

/* Finds the "<" of a name-addr, or NULL. A "<" in quotes does not count, and one behind the first
 * ";" is in a parameter of a bare URI. */
static const char *find_open(const char *p, const char *end)
{
    const char *open;
    if (p < end && *p == '<')
        return p;
    if (p < end && *p == '"') {
        p = ps_skip_quoted(p, end);
        return p ? ps_find(ps_between(p, end), '<') : NULL;
    }
    open = ps_scan_for(p, end, '<', ';', '<');
    return open < end && *open == '<' ? open : NULL;
}

enum ps_error ps_name_addr_parse(struct ps_slice value, struct ps_name_addr *out)
{
    struct ps_slice s = ps_trim(value), params;
    const char *end = ps_end(s), *open = find_open(s.p, end), *after;
    enum ps_error error = PS_OK;
    struct ps_param one;
    bool tagged = false;
    memset(out, 0, sizeof *out);
    if (open)
        after = parse_bracketed(s.p, open, end, out);
    else
        after = parse_bare(s.p, end, out);
    if (!after)
        return PS_E_VALUE;
    if (!out->uri.n)
        return PS_E_URI;
    params = out->params = ps_params_after(after, end, &error);
    while (ps_param_next(&params, &one)) {
        if (!ps_is(one.name, PS_S("tag")))
            continue;
        if (tagged)
            return PS_E_PARAMETER;
        tagged = true;
        out->tag = one.value;
    }
    return params.n ? PS_E_PARAMETER : error;
}
