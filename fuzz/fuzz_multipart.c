/*
 * Multipart bodies. The input is the value of Content-Type, a line that is "=" alone, and the body.
 *
 * What must hold: parts lie inside the body, in order, none on top of another; a body made anew
 * from its parts has the same parts.
 */
#include "fuzz.h"
#include "sip/message.h"

static char made[1 << 18];

static struct ps_slice part_whole(const struct ps_part *part)
{
    const char *end =
        part->body.p ? part->body.p + part->body.n : part->headers.p + part->headers.n;
    return ps_between(part->headers.p, end);
}

static void put_part(struct ps_writer *w, struct ps_slice boundary, const struct ps_part *part)
{
    ps_put(w, PS_S("--"));
    ps_put(w, boundary);
    ps_put(w, PS_S("\r\n"));
    ps_put(w, part->headers);
    if (part->body.p)
        ps_put(w, PS_S("\r\n"));
    ps_put(w, part->body);
    ps_put(w, PS_S("\r\n"));
}

/* Walks the body; writes one of the same parts. How many there were. */
static unsigned walk(struct ps_parts *parts, struct ps_slice body, struct ps_writer *w)
{
    const char *after = body.p;
    struct ps_part part;
    unsigned n;
    for (n = 0; ps_parts_next(parts, &part); n++) {
        struct ps_slice whole = part_whole(&part), type;
        HOLDS(fuzz_inside(whole, body) && whole.p >= after);
        HOLDS(fuzz_inside(part.body, whole));
        type = ps_part_header(&part, PS_S("content-type"));
        HOLDS(fuzz_inside(type, part.headers));
        after = whole.p + whole.n;
        put_part(w, parts->boundary, &part);
    }
    HOLDS(!ps_parts_next(parts, &part));
    return n;
}

static void same_parts(struct ps_parts a, struct ps_parts b)
{
    struct ps_part x, y;
    while (ps_parts_next(&a, &x)) {
        HOLDS(ps_parts_next(&b, &y));
        HOLDS(fuzz_same(x.headers, y.headers) && fuzz_same(x.body, y.body));
    }
    HOLDS(!ps_parts_next(&b, &y) && b.closed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice body = fuzz_input(data, size), type = ps_trim(fuzz_take(&body, '='));
    struct ps_writer w = ps_writer(made, sizeof made);
    struct ps_parts parts, first, again;
    if (ps_parts_begin(&first, type, body))
        return 0;
    HOLDS(first.boundary.n && first.boundary.n <= 70 && fuzz_inside(first.boundary, type));
    parts = first;
    (void)walk(&parts, body, &w);
    ps_put(&w, PS_S("--"));
    ps_put(&w, first.boundary);
    ps_put(&w, PS_S("--\r\n"));
    HOLDS(!w.error);
    HOLDS(!ps_parts_begin(&again, type, ps_written(&w)));
    same_parts(first, again);
    return 0;
}
