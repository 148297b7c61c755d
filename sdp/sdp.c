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

bool ps_sdp_attribute(const struct ps_sdp *sdp, int media, struct ps_slice name,
                      struct ps_slice *value)
{
    unsigned cursor = 0;
    unsigned i;
    while (ps_sdp_next(sdp, media, 'a', &cursor, &i))
        if (ps_equal(ps_sdp_attribute_name(sdp, i), name)) {
            if (value)
                *value = ps_sdp_attribute_value(sdp, i);
            return true;
        }
    return false;
}

bool ps_sdp_inherited(const struct ps_sdp *sdp, int media, struct ps_slice name,
                      struct ps_slice *value)
{
    return ps_sdp_attribute(sdp, media, name, value) ||
           ps_sdp_attribute(sdp, PS_SDP_SESSION, name, value);
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
    for (d = PS_SDP_INACTIVE; d <= PS_SDP_SENDRECV; d++)
        if (ps_equal(name, ps_sdp_direction_name((enum ps_sdp_direction)d))) {
            *out = (enum ps_sdp_direction)d;
            return true;
        }
    return false;
}

static bool sdp_own_direction(const struct ps_sdp *sdp, int media, enum ps_sdp_direction *out)
{
    unsigned cursor = 0;
    unsigned i;
    while (ps_sdp_next(sdp, media, 'a', &cursor, &i))
        if (ps_sdp_is_direction(ps_sdp_attribute_name(sdp, i), out))
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
