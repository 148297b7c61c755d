/*
 * Walks the sections of a parsed description, and writes it back. Knows lines, not what they say.
 */
#include "sdp_internal.h"

const char *ps_sdp_note_text(enum ps_sdp_note note)
{
    static const char *const texts[PS_SDP_NOTES + 1] = {
        "a line ends in LF alone",
        "the last line has no end",
        "a line stands after one that it should precede",
        "blanks at the end of a line",
        "empty lines at the end",
        "an empty session name",
        "no c= line for a rejected media description",
        "an IPv4 multicast address without a TTL",
        "a time of fewer than ten digits",
        "",
    };
    return texts[(unsigned)note < PS_SDP_NOTES ? note : PS_SDP_NOTES];
}

struct ps_slice ps_sdp_attribute_name(const struct ps_sdp *sdp, unsigned i)
{
    return ps_slice(sdp->text.p + sdp->line[i].at, sdp->line[i].name_n);
}

struct ps_slice ps_sdp_attribute_value(const struct ps_sdp *sdp, unsigned i)
{
    const struct ps_sdp_line *line = &sdp->line[i];
    if (line->type != 'a' || line->n == line->name_n)
        return PS_NONE;
    return ps_slice(sdp->text.p + line->at + line->name_n + 1, line->n - line->name_n - 1u);
}

bool ps_sdp_next(const struct ps_sdp *sdp, int media, char type, unsigned *cursor, unsigned *i)
{
    unsigned from;
    unsigned to;
    if (media < PS_SDP_SESSION || media >= (int)sdp->media)
        return false;
    from = sdp->first[media + 1];
    to = sdp->first[media + 2];
    while (from + *cursor < to) {
        *i = from + (*cursor)++;
        if (sdp->line[*i].type == type)
            return true;
    }
    return false;
}

struct ps_slice ps_sdp_first(const struct ps_sdp *sdp, int media, char type)
{
    unsigned cursor = 0;
    unsigned i;
    return ps_sdp_next(sdp, media, type, &cursor, &i) ? ps_sdp_value(sdp, i) : PS_NONE;
}

bool ps_sdp_next_named(const struct ps_sdp *sdp, int media, struct ps_slice name, unsigned *cursor,
                       struct ps_slice *value)
{
    unsigned from;
    unsigned i;
    if (media < PS_SDP_SESSION || media >= (int)sdp->media)
        return false;
    from = sdp->first[media + 1];
    for (i = from + *cursor; i < sdp->first[media + 2]; i++) {
        const struct ps_sdp_line *line = &sdp->line[i];
        if (line->type != 'a' || line->name_n != name.n ||
            memcmp(sdp->text.p + line->at, name.p, name.n) != 0)
            continue;
        *cursor = i + 1 - from;
        if (value)
            *value = ps_sdp_attribute_value(sdp, i);
        return true;
    }
    return false;
}

bool ps_sdp_attribute(const struct ps_sdp *sdp, int media, struct ps_slice name,
                      struct ps_slice *value)
{
    unsigned cursor = 0;
    return name.n && ps_sdp_next_named(sdp, media, name, &cursor, value);
}

bool ps_sdp_inherited(const struct ps_sdp *sdp, int media, struct ps_slice name,
                      struct ps_slice *value)
{
    return ps_sdp_attribute(sdp, media, name, value) ||
           ps_sdp_attribute(sdp, PS_SDP_SESSION, name, value);
}

/* ---- m= lines that have been checked ---- */

/* Takes digits off a text that begins with some. */
static uint32_t sdp_take_digits(const char **p, const char *end)
{
    uint32_t value = 0;
    while (*p < end && ps_is_digit(**p))
        value = value * 10 + (unsigned)(*(*p)++ - '0');
    return value;
}

/* Tells whether one of the parts of a protocol is RTP. */
static bool sdp_is_rtp(struct ps_slice protocol)
{
    while (protocol.n) {
        const char *end = ps_end(protocol);
        const char *slash = ps_find(protocol, '/');
        if (ps_equal(ps_between(protocol.p, slash ? slash : end), PS_S("RTP")))
            return true;
        protocol = ps_between(slash ? slash + 1 : end, end);
    }
    return false;
}

uint16_t ps_sdp_port_of(const struct ps_sdp *sdp, int media)
{
    struct ps_slice value = ps_sdp_value(sdp, sdp->first[media + 1]);
    const char *p = ps_find(value, ' ') + 1;
    return (uint16_t)sdp_take_digits(&p, ps_end(value));
}

void ps_sdp_media_of(const struct ps_sdp *sdp, int media, struct ps_sdp_media *out)
{
    struct ps_slice rest = ps_sdp_value(sdp, sdp->first[media + 1]);
    const char *end = ps_end(rest);
    const char *p;
    out->media = ps_sdp_word(&rest);
    p = rest.p + 1;
    out->port = (uint16_t)sdp_take_digits(&p, end);
    out->count = 1;
    if (*p++ == '/') {
        out->count = sdp_take_digits(&p, end);
        p++;
    }
    rest = ps_between(p, end);
    out->protocol = ps_sdp_word(&rest);
    out->formats = rest;
    out->rtp = sdp_is_rtp(out->protocol);
}

/* ---- direction: 6.7 ---- */

struct ps_slice ps_sdp_direction_name(enum ps_sdp_direction direction)
{
    static const char *const names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};
    return ps_slice_of(names[direction & PS_SDP_SENDRECV]);
}

enum ps_sdp_direction ps_sdp_direction_mirror(enum ps_sdp_direction direction)
{
    if (direction == PS_SDP_SENDONLY)
        return PS_SDP_RECVONLY;
    return direction == PS_SDP_RECVONLY ? PS_SDP_SENDONLY : direction;
}

bool ps_sdp_is_direction(struct ps_slice name, enum ps_sdp_direction *out)
{
    int d;
    if (name.n != 8) /* as each of them */
        return false;
    for (d = PS_SDP_INACTIVE; d <= PS_SDP_SENDRECV; d++)
        if (ps_equal(name, ps_sdp_direction_name((enum ps_sdp_direction)d))) {
            *out = (enum ps_sdp_direction)d;
            return true;
        }
    return false;
}

static bool sdp_own_direction(const struct ps_sdp *sdp, int media, enum ps_sdp_direction *out)
{
    unsigned i;
    if (media >= (int)sdp->media)
        return false;
    for (i = sdp->first[media + 1]; i < sdp->first[media + 2]; i++)
        if (sdp->line[i].name_n == 8 && ps_sdp_is_direction(ps_sdp_attribute_name(sdp, i), out))
            return true;
    return false;
}

enum ps_sdp_direction ps_sdp_direction(const struct ps_sdp *sdp, int media)
{
    enum ps_sdp_direction direction = PS_SDP_SENDRECV;
    if (!sdp_own_direction(sdp, media, &direction))
        sdp_own_direction(sdp, PS_SDP_SESSION, &direction);
    return direction;
}

/* ---- writing ---- */

void ps_sdp_write(struct ps_writer *w, const struct ps_sdp *sdp)
{
    ps_put(w, sdp->text);
}

static void sdp_put_line_of(struct ps_writer *w, const struct ps_sdp *sdp, unsigned i)
{
    const struct ps_sdp_line *line = &sdp->line[i];
    ps_put(w, ps_slice(sdp->text.p + line->at - 2, line->n + 2u));
    ps_put(w, PS_S("\r\n"));
}

void ps_sdp_put_lines(struct ps_writer *w, const struct ps_sdp *sdp, unsigned from, unsigned to)
{
    unsigned i;
    for (i = from; i < to && i < sdp->lines; i++)
        sdp_put_line_of(w, sdp, i);
}

void ps_sdp_put_types(struct ps_writer *w, const struct ps_sdp *sdp, int media, const char *types)
{
    unsigned i;
    for (; *types; types++)
        for (i = sdp->first[media + 1]; i < sdp->first[media + 2]; i++)
            if (sdp->line[i].type == *types)
                sdp_put_line_of(w, sdp, i);
}

/* Writes lines in the order of RFC 8866 5; t=, r= and z= keep theirs. */
static void sdp_put_ordered(struct ps_writer *w, const struct ps_sdp *sdp, unsigned from,
                            unsigned to, const char *const *order, unsigned places)
{
    unsigned place;
    unsigned i;
    for (place = 0; place < places; place++)
        for (i = from; i < to; i++)
            if (ps_find(ps_slice_of(order[place]), sdp->line[i].type))
                sdp_put_line_of(w, sdp, i);
}

void ps_sdp_write_canonical(struct ps_writer *w, const struct ps_sdp *sdp)
{
    static const char *const session[] = {"v", "o", "s", "i",   "u", "e",
                                          "p", "c", "b", "trz", "k", "a"};
    static const char *const media[] = {"m", "i", "c", "b", "k", "a"};
    unsigned m;
    if (!sdp->noted[PS_SDP_NOTE_ORDER]) {
        ps_sdp_put_lines(w, sdp, 0, sdp->lines);
        return;
    }
    sdp_put_ordered(w, sdp, 0, sdp->first[1], session, 12);
    for (m = 1; m <= sdp->media; m++)
        sdp_put_ordered(w, sdp, sdp->first[m], sdp->first[m + 1], media, 6);
}
