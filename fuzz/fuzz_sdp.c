/*
 * Session descriptions. The input is one body.
 *
 * Must hold: strict takes only what lenient takes, and only what has no note; a fault says
 * where; it writes back byte for byte; canonical form parses, means the same and is a fixed point;
 * typed lines and attributes written from their parts read as the same.
 */
#include "fuzz.h"
#include "sdp/attribute.h"

enum { ROOM = 1 << 18 };
static char once[ROOM], twice[ROOM];

static void fault_is_sane(const struct ps_sdp_fault *fault, enum ps_error error,
                          struct ps_slice text)
{
    HOLDS(fault->error == error && fault->offset <= text.n);
    HOLDS(fault->line >= 1 && fault->column >= 1);
    HOLDS(fault->rule && fault->expected);
}

static void lines_lie_inside(const struct ps_sdp *sdp, struct ps_slice text)
{
    unsigned i;
    HOLDS(sdp->lines <= PS_SDP_MAX_LINES && sdp->media <= PS_SDP_MAX_MEDIA);
    HOLDS(sdp->first[0] == 0 && sdp->first[sdp->media + 1] == sdp->lines);
    for (i = 0; i <= sdp->media; i++)
        HOLDS(sdp->first[i] <= sdp->first[i + 1]);
    for (i = 0; i < sdp->lines; i++) {
        HOLDS(fuzz_inside(ps_sdp_value(sdp, i), text));
        HOLDS(fuzz_inside(ps_sdp_attribute_name(sdp, i), ps_sdp_value(sdp, i)));
        HOLDS(fuzz_inside(ps_sdp_attribute_value(sdp, i), ps_sdp_value(sdp, i)));
    }
}

/* ---- typed lines ---- */

/* "x=value CRLF" as it was written, without the two at each end. */
static struct ps_slice line_of(const struct ps_writer *w)
{
    struct ps_slice s = ps_written(w);
    HOLDS(s.n >= 4);
    return ps_slice(s.p + 2, s.n - 4);
}

#define AGAIN(kind, value)                                                                         \
    do {                                                                                           \
        struct ps_sdp_##kind a, b;                                                                 \
        struct ps_writer w = ps_writer(once, ROOM), v = ps_writer(twice, ROOM);                    \
        if (ps_sdp_##kind##_parse(value, &a, NULL))                                                \
            break;                                                                                 \
        ps_sdp_put_##kind(&w, &a);                                                                 \
        HOLDS(!w.error && !ps_sdp_##kind##_parse(line_of(&w), &b, NULL));                          \
        ps_sdp_put_##kind(&v, &b);                                                                 \
        HOLDS(ps_equal(ps_written(&w), ps_written(&v)));                                           \
    } while (0)

static void typed_line(char type, struct ps_slice value)
{
    struct ps_sdp_repeat repeat;
    struct ps_sdp_key key;
    struct ps_sdp_zone zone;
    struct ps_slice rest = value;
    switch (type) {
    case 'o':
        AGAIN(origin, value);
        break;
    case 'c':
        AGAIN(connection, value);
        break;
    case 'b':
        AGAIN(bandwidth, value);
        break;
    case 't':
        AGAIN(time, value);
        break;
    case 'm':
        AGAIN(media, value);
        break;
    case 'r':
        if (!ps_sdp_repeat_parse(value, &repeat, NULL))
            HOLDS(fuzz_inside(repeat.offsets, value));
        break;
    case 'k':
        if (!ps_sdp_key_parse(value, &key, NULL))
            HOLDS(fuzz_inside(key.method, value) && fuzz_inside(key.value, value));
        break;
    case 'z':
        while (!ps_sdp_zone_next(&rest, &zone, NULL))
            HOLDS(fuzz_inside(rest, value));
        break;
    default:
        break;
    }
}

/* ---- attributes ---- */

static void attribute_again(const struct ps_sdp_attribute *a)
{
    struct ps_writer w = ps_writer(once, ROOM), v = ps_writer(twice, ROOM);
    struct ps_sdp_attribute b;
    struct ps_slice line, name, value = PS_NONE;
    const char *colon;
    if (a->error)
        return;
    ps_sdp_put_attribute(&w, a);
    HOLDS(!w.error);
    line = line_of(&w);
    colon = ps_find(line, ':');
    name = colon ? ps_between(line.p, colon) : line;
    if (colon)
        value = ps_between(colon + 1, line.p + line.n);
    HOLDS(ps_equal(name, a->name));
    HOLDS(!ps_sdp_attribute_parse(name, value, &b, NULL) && b.id == a->id);
    ps_sdp_put_attribute(&v, &b);
    HOLDS(ps_equal(ps_written(&w), ps_written(&v)));
}

static void attributes(const struct ps_sdp *sdp)
{
    int section;
    bool malformed = false;
    for (section = PS_SDP_SESSION; section < (int)sdp->media; section++) {
        struct ps_sdp_attribute a;
        unsigned cursor = 0;
        while (ps_sdp_attribute_next(sdp, section, &cursor, &a)) {
            malformed = malformed || a.error;
            HOLDS(!a.error == (a.id == PS_SDP_A_OTHER || !a.error));
            attribute_again(&a);
        }
        HOLDS(ps_sdp_direction_mirror(ps_sdp_direction_mirror(ps_sdp_direction(sdp, section))) ==
              ps_sdp_direction(sdp, section));
    }
    HOLDS(malformed == (ps_sdp_check(sdp, NULL) != PS_OK));
}

/* ---- written back ---- */

static void canonical_is_a_fixed_point(const struct ps_sdp *sdp)
{
    static struct ps_sdp b;
    static char first[ROOM];
    struct ps_writer w = ps_writer(first, ROOM), v = ps_writer(twice, ROOM);
    unsigned i;
    ps_sdp_write_canonical(&w, sdp);
    HOLDS(!w.error);
    if (w.n > 65535) /* CRs were added */
        return;
    HOLDS(!ps_sdp_parse(ps_written(&w), 0, &b, NULL));
    HOLDS(b.media == sdp->media && b.lines == sdp->lines);
    HOLDS(!b.noted[PS_SDP_NOTE_LF] && !b.noted[PS_SDP_NOTE_NO_LAST_END] &&
          !b.noted[PS_SDP_NOTE_ORDER] && !b.noted[PS_SDP_NOTE_BLANKS] &&
          !b.noted[PS_SDP_NOTE_EMPTY_LINES]);
    ps_sdp_write_canonical(&v, &b);
    HOLDS(ps_equal(ps_written(&w), ps_written(&v)));
    for (i = 0; i < b.media; i++)
        HOLDS(ps_sdp_direction(sdp, (int)i) == ps_sdp_direction(&b, (int)i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice text = fuzz_input(data, size);
    static struct ps_sdp sdp, strict;
    struct ps_sdp_fault fault;
    enum ps_error error = ps_sdp_parse(text, 0, &sdp, &fault);
    bool strictly = !ps_sdp_parse(text, PS_SDP_STRICT, &strict, NULL);
    struct ps_writer w = ps_writer(once, ROOM), v = ps_writer(twice, ROOM);
    bool noted = false;
    unsigned i;
    if (error) {
        HOLDS(!strictly);
        fault_is_sane(&fault, error, text);
        return 0;
    }
    for (i = 0; i < PS_SDP_NOTES; i++)
        noted = noted || sdp.noted[i];
    for (i = 0; i < PS_SDP_NOTES; i++) /* blanks may end an a= line: strict keeps them */
        HOLDS(!strictly || !sdp.noted[i] || i == PS_SDP_NOTE_BLANKS);
    HOLDS(strictly || noted);
    lines_lie_inside(&sdp, text);
    ps_sdp_write(&w, &sdp);
    HOLDS(ps_equal(ps_written(&w), text));
    ps_sdp_write_canonical(&v, &sdp);
    HOLDS(noted || ps_equal(ps_written(&v), text));
    canonical_is_a_fixed_point(&sdp);
    for (i = 0; i < sdp.lines; i++)
        typed_line(sdp.line[i].type, ps_sdp_value(&sdp, i));
    attributes(&sdp);
    return 0;
}
