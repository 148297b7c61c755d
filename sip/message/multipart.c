/*
 * Walks the parts of a multipart body (RFC 2046 5.1, RFC 5621), and the header lines of one part.
 * Refuses to know what is in a part; nested multiparts are walked by calling it again.
 */
#include "../message.h"

#include "scan_internal.h"

/* Limits a boundary to 70 characters (RFC 2046 5.1.1); longer ones would cost more than linear
 * time. */
enum { MAX_BOUNDARY = 70 };

enum ps_error ps_parts_begin(struct ps_parts *parts, struct ps_slice content_type,
                             struct ps_slice body)
{
    struct ps_media_type type;
    struct ps_slice boundary = PS_NONE;
    enum ps_error error = ps_media_type_parse(content_type, &type);
    memset(parts, 0, sizeof *parts);
    if (error)
        return error;
    if (!ps_equal_nocase(type.type, PS_S("multipart")))
        return PS_E_VALUE;
    ps_param_find(type.params, PS_S("boundary"), &boundary);
    if (boundary.n > 1 && boundary.p[0] == '"')
        boundary = ps_slice(boundary.p + 1, boundary.n - 2);
    if (!boundary.n || boundary.n > MAX_BOUNDARY)
        return PS_E_PARAMETER;
    parts->boundary = boundary;
    parts->rest = body;
    return PS_OK;
}

/* Passes the blanks and the line end behind a delimiter; NULL where anything else stands there.
 * Behind the last delimiter the body may end. */
static const char *delimiter_end(const char *p, const char *end, bool last)
{
    while (p < end && ps_is_blank(*p))
        p++;
    if (p < end && *p == '\r')
        p++;
    if (p < end && *p == '\n')
        return p + 1;
    return last && p == end ? p : NULL;
}

/* Does a delimiter line stand at p? Sets the place after it and whether it closes the body. */
static bool is_delimiter(struct ps_slice boundary, const char *p, const char *end,
                         const char **after, bool *closes)
{
    if ((size_t)(end - p) < boundary.n + 2 || p[0] != '-' || p[1] != '-' ||
        memcmp(p + 2, boundary.p, boundary.n) != 0)
        return false;
    p += 2 + boundary.n;
    *closes = end - p >= 2 && p[0] == '-' && p[1] == '-';
    *after = delimiter_end(*closes ? p + 2 : p, end, *closes);
    return *after != NULL;
}

/* Finds the next delimiter line from p on; NULL where there is none. */
static const char *find_delimiter(struct ps_slice boundary, const char *p, const char *end,
                                  const char **after, bool *closes)
{
    while (p) {
        if (is_delimiter(boundary, p, end, after, closes))
            return p;
        p = ps_find(ps_between(p, end), '\n');
        p = p ? p + 1 : NULL;
    }
    return NULL;
}

/* Finds the end of the line that begins at p. A CR without LF ends no line (RFC 2046 4.1.1), here
 * and behind a delimiter. */
static const char *line_end(const char *p, const char *end, const char **colon)
{
    for (;;) {
        p = ps_scan_line(p, end, colon);
        if (p == end || *p == '\n' || (end - p > 1 && p[1] == '\n'))
            return p;
        p++;
    }
}

/* Returns the start of the line after the one that ends here. */
static const char *next_line(const char *eol, const char *end)
{
    if (eol < end && *eol == '\r')
        eol++;
    return eol < end ? eol + 1 : end;
}

/* Splits a part at its empty line. A part that begins with it has no header lines. */
static void split_part(struct ps_slice whole, struct ps_part *out)
{
    const char *p = whole.p, *end = ps_end(whole), *eol, *colon, *next;
    out->body = PS_NONE;
    while (p < end) {
        colon = NULL;
        eol = line_end(p, end, &colon);
        next = next_line(eol, end);
        if (eol == p) {
            out->body = ps_between(next, end);
            break;
        }
        p = next;
    }
    out->headers = ps_between(whole.p, p);
}

bool ps_parts_next(struct ps_parts *parts, struct ps_part *out)
{
    const char *p = parts->rest.p, *end = ps_end(parts->rest), *begin, *stop, *after = NULL;
    bool closes = false;
    if (!p || parts->closed)
        return false;
    begin = p;
    if (!parts->begun && !find_delimiter(parts->boundary, p, end, &begin, &closes)) {
        parts->rest = PS_NONE;
        return false;
    }
    parts->begun = true;
    parts->closed = closes;
    if (closes)
        return false;
    stop = find_delimiter(parts->boundary, begin, end, &after, &closes);
    if (!stop) {
        parts->rest = PS_NONE; /* the last delimiter is missing: the rest is no part */
        return false;
    }
    parts->rest = ps_between(after, end);
    parts->closed = closes;
    /* the line end before a delimiter belongs to it */
    if (stop > begin)
        stop--;
    if (stop > begin && stop[-1] == '\r')
        stop--;
    split_part(ps_between(begin, stop), out);
    return true;
}

struct ps_slice ps_part_header(const struct ps_part *part, struct ps_slice name)
{
    const char *p = part->headers.p, *end = ps_end(part->headers);
    while (p < end) {
        const char *begin = p, *colon = NULL, *more = NULL, *eol = line_end(p, end, &colon);
        for (;;) {
            p = next_line(eol, end);
            if (p == end || !ps_is_blank(*p))
                break;
            eol = line_end(p, end, &more);
        }
        if (colon && ps_equal_nocase(ps_trim(ps_between(begin, colon)), name))
            return ps_trim(ps_between(colon + 1, eol));
    }
    return PS_NONE;
}
