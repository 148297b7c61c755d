/*
 * Multipart bodies. The input is the value of Content-Type, a line that is "=" alone, and the body.
 *
 * Must hold: parts lie inside the body, in order, none on top of another; a body written again
 * from its parts has the same parts; who understands some types reads the same out of both, and
 * nothing that does not stand there.
 */
#include "fuzz.h"
#include "sip/body.h"

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

/* A message with that body; false where it is none. */
static bool wrap(struct ps_message *m, char *room, size_t n, struct ps_slice type,
                 struct ps_slice body)
{
    struct ps_writer w = ps_writer(room, n);
    ps_put(&w, PS_S("NOTIFY sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: sip:a\r\nTo: sip:a\r\n"
                    "Call-ID: x\r\nCSeq: 1 NOTIFY\r\n"));
    ps_write_body(&w, type, body);
    return !w.error && !ps_message_parse(m, room, w.n, NULL, NULL);
}

static void content_is_sane(const struct ps_content *c, const struct ps_message *m)
{
    HOLDS(c->status == 0 || c->status == 415);
    HOLDS(c->status || !c->by_encoding);
    HOLDS(!c->type.n == !c->body.n);
    HOLDS(!c->body.n || fuzz_inside(c->body, ps_body(m)));
}

static void content_is_read(struct ps_slice type, struct ps_slice body, struct ps_slice again,
                            bool closed)
{
    static const char *const types[] = {"application/sdp", "text/plain, application/sdp, a/b",
                                        "multipart/related, application/sdp"};
    static char room[2][PS_MAX_MESSAGE];
    static struct ps_message m, same;
    struct ps_content c, d;
    unsigned i;
    if (!type.n || !wrap(&m, room[0], sizeof room[0], type, body))
        return;
    ps_content_read(&c, &m, PS_NONE);
    HOLDS(!c.status && ps_equal(c.body, body) && !c.type.n == !body.n);
    for (i = 0; i < sizeof types / sizeof types[0]; i++) {
        ps_content_read(&c, &m, ps_slice_of(types[i]));
        content_is_sane(&c, &m);
        if (!closed || !wrap(&same, room[1], sizeof room[1], type, again))
            continue;
        ps_content_read(&d, &same, ps_slice_of(types[i]));
        HOLDS(c.status == d.status && c.by_encoding == d.by_encoding);
        HOLDS(i == 2 || (ps_equal(c.type, d.type) && ps_equal(c.body, d.body)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice body = fuzz_input(data, size), type = ps_trim(fuzz_take(&body, '='));
    struct ps_writer w = ps_writer(made, sizeof made);
    struct ps_parts parts, first, again;
    if (ps_parts_begin(&first, type, body)) {
        content_is_read(type, body, PS_NONE, false);
        return 0;
    }
    HOLDS(first.boundary.n && first.boundary.n <= 70 && fuzz_inside(first.boundary, type));
    parts = first;
    (void)walk(&parts, body, &w);
    ps_put(&w, PS_S("--"));
    ps_put(&w, first.boundary);
    ps_put(&w, PS_S("--\r\n"));
    HOLDS(!w.error);
    HOLDS(!ps_parts_begin(&again, type, ps_written(&w)));
    same_parts(first, again);
    content_is_read(type, body, ps_written(&w), parts.closed);
    return 0;
}
