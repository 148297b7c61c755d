/*
 * Writes one media description of an offer or an answer: its formats, attributes and direction.
 * Knows the capabilities and the other side's description, not the state of the negotiation.
 */
#include "negotiation_internal.h"

/* ---- looking things up ---- */

bool ps_sdp_connection_of(const struct ps_sdp *sdp, int media, struct ps_sdp_connection *out)
{
    struct ps_slice value = ps_sdp_first(sdp, media, 'c');
    if (!value.p)
        value = ps_sdp_first(sdp, PS_SDP_SESSION, 'c');
    return ps_sdp_connection_parse(value, out, NULL) == PS_OK; /* no c= is no address */
}

bool ps_sdp_is_held(const struct ps_sdp *sdp, int media)
{
    struct ps_sdp_connection c;
    return ps_sdp_connection_of(sdp, media, &c) &&
           (ps_equal(c.address, PS_S("0.0.0.0")) || ps_equal(c.address, PS_S("::")));
}

struct ps_slice ps_sdp_bundle(const struct ps_sdp *sdp)
{
    unsigned cursor = 0;
    unsigned i;
    while (ps_sdp_next(sdp, PS_SDP_SESSION, 'a', &cursor, &i)) {
        struct ps_slice rest = ps_sdp_attribute_value(sdp, i);
        if (ps_equal(ps_sdp_attribute_name(sdp, i), PS_S("group")) &&
            ps_equal(ps_sdp_word(&rest), PS_S("BUNDLE")))
            return rest;
    }
    return PS_NONE;
}

bool ps_sdp_is_bundled(const struct ps_sdp *sdp, struct ps_slice mid)
{
    struct ps_slice rest = ps_sdp_bundle(sdp);
    struct ps_slice word;
    while ((word = ps_sdp_word(&rest)).n)
        if (ps_equal(word, mid))
            return true;
    return false;
}

/* Tells whether some media description of `sdp` has this mid. */
static bool media_mid_taken(const struct ps_sdp *sdp, struct ps_slice mid)
{
    struct ps_slice other;
    int i;
    for (i = 0; i < (int)sdp->media; i++)
        if (ps_sdp_attribute(sdp, i, PS_S("mid"), &other) && ps_equal(mid, other))
            return true;
    return false;
}

struct ps_slice ps_sdp_mid_of(const struct ps_sdp_making *making, unsigned i)
{
    struct ps_slice mid = PS_NONE;
    if (making->theirs) {
        (void)ps_sdp_attribute(making->theirs, (int)i, PS_S("mid"), &mid);
        return mid;
    }
    if (making->before && ps_sdp_attribute(making->before, (int)i, PS_S("mid"), &mid))
        return mid;
    if (making->from[i] == PS_SDP_REFUSED ||
        !ps_sdp_attribute(making->ours, making->from[i], PS_S("mid"), &mid))
        return PS_NONE;
    return making->before && media_mid_taken(making->before, mid) ? PS_NONE : mid;
}

/* ---- formats ---- */

static bool media_has(const uint8_t *list, unsigned n, uint8_t payload)
{
    return n && memchr(list, payload, n);
}

/* Finds our first format that matches theirs. */
static bool media_find_format(const struct ps_sdp_side *ours, const struct ps_sdp_format *theirs,
                              struct ps_sdp_format *out)
{
    struct ps_slice rest = ours->m.formats;
    uint8_t payload;
    while (ps_sdp_next_payload(&rest, &payload))
        if (ps_sdp_format_of(ours, payload, out) && ps_sdp_format_match(out, theirs))
            return true;
    return false;
}

/* Tells whether an auxiliary format stays. telephone-event and CN do where a codec of their clock
 * rate stays (RFC 4733 2.1, 3389 4). rtx does where the format that it repeats stays (RFC 4588
 * 8.1). */
static bool media_auxiliary_stays(const struct ps_sdp_pairs *pairs,
                                  const struct ps_sdp_side *theirs, const struct ps_sdp_format *aux)
{
    struct ps_sdp_format f;
    uint32_t apt;
    unsigned i;
    if (ps_equal_nocase(aux->name, PS_S("rtx")))
        return !ps_parse_u32(ps_sdp_fmtp_parameter(aux->fmtp, PS_S("apt")), 127, &apt) &&
               media_has(pairs->written, pairs->n, (uint8_t)apt);
    for (i = 0; i < pairs->n; i++) {
        (void)ps_sdp_format_of(theirs, pairs->written[i], &f); /* they were matched */
        if (!ps_sdp_format_is_auxiliary(&f) && f.clock_rate == aux->clock_rate)
            return true;
    }
    return false;
}

/* Tells whether the offer has a codec that is not auxiliary. A line of telephone-event alone is a
 * stream of its own (RFC 4317 2.4). */
static bool media_has_codec(const struct ps_sdp_side *side)
{
    struct ps_slice rest = side->m.formats;
    struct ps_sdp_format f;
    uint8_t payload;
    while (ps_sdp_next_payload(&rest, &payload))
        if (ps_sdp_format_of(side, payload, &f) && !ps_sdp_format_is_auxiliary(&f))
            return true;
    return false;
}

static bool media_drop_auxiliaries(struct ps_sdp_pairs *pairs, const struct ps_sdp_side *theirs)
{
    struct ps_sdp_pairs all = *pairs;
    bool codec = false;
    unsigned i;
    if (!media_has_codec(theirs))
        return pairs->n > 0;
    pairs->n = 0;
    for (i = 0; i < all.n; i++) {
        struct ps_sdp_format f;
        bool auxiliary;
        (void)ps_sdp_format_of(theirs, all.written[i], &f); /* they were matched */
        auxiliary = ps_sdp_format_is_auxiliary(&f);
        if (auxiliary && !media_auxiliary_stays(&all, theirs, &f))
            continue;
        codec |= !auxiliary;
        pairs->ours[pairs->n] = all.ours[i];
        pairs->written[pairs->n++] = all.written[i];
    }
    return codec;
}

bool ps_sdp_pair_answer(struct ps_sdp_pairs *pairs, const struct ps_sdp_side *ours,
                        const struct ps_sdp_side *theirs)
{
    struct ps_slice rest = theirs->m.formats;
    uint8_t payload;
    pairs->n = 0;
    while (ps_sdp_next_payload(&rest, &payload)) {
        struct ps_sdp_format t;
        struct ps_sdp_format o;
        if (media_has(pairs->written, pairs->n, payload) ||
            !ps_sdp_format_of(theirs, payload, &t) || !media_find_format(ours, &t, &o))
            continue;
        pairs->ours[pairs->n] = o.payload;
        pairs->written[pairs->n++] = payload;
    }
    return media_drop_auxiliaries(pairs, theirs);
}

/* Returns a payload type that `used` leaves free, or the wanted one where none is free. */
static uint8_t media_free_payload(const bool used[128], uint8_t wanted)
{
    uint8_t p;
    for (p = 96; p < 128; p++)
        if (!used[p])
            return p;
    for (p = 35; p < 64; p++) /* RFC 5761 4: free where RTCP shares the port */
        if (!used[p])
            return p;
    return wanted;
}

/* Chooses the payload types of an offer. In a later offer a codec keeps its number, and a number
 * its codec (8.3.2). */
static void media_pair_offer(struct ps_sdp_pairs *pairs, const struct ps_sdp_side *ours,
                             const struct ps_sdp_side *before)
{
    bool mapped[128] = {false}; /* in our last description */
    bool used[128] = {false};   /* there, or in the capabilities */
    struct ps_slice rest = before->m.formats;
    uint8_t payload;
    while (ps_sdp_next_payload(&rest, &payload))
        mapped[payload] = used[payload] = true;
    rest = ours->m.formats;
    while (ps_sdp_next_payload(&rest, &payload))
        used[payload] = true;
    rest = ours->m.formats;
    pairs->n = 0;
    while (ps_sdp_next_payload(&rest, &payload)) {
        struct ps_sdp_format f;
        struct ps_sdp_format was;
        uint8_t p = payload;
        if (media_has(pairs->ours, pairs->n, payload))
            continue;
        if (ps_sdp_format_of(ours, payload, &f)) {
            if (media_find_format(before, &f, &was) &&
                !media_has(pairs->written, pairs->n, was.payload))
                p = was.payload;
            else if (mapped[payload])
                p = media_free_payload(used, payload);
        }
        used[p] = true;
        pairs->ours[pairs->n] = payload;
        pairs->written[pairs->n++] = p;
    }
}

/* Finds a format by name, because it is no payload type (t38, webrtc-datachannel, *). */
static bool media_has_word(struct ps_slice list, struct ps_slice wanted)
{
    struct ps_slice word;
    while ((word = ps_sdp_word(&list)).n)
        if (ps_equal_nocase(word, wanted))
            return true;
    return false;
}

static bool media_words_in_common(struct ps_slice ours, struct ps_slice theirs)
{
    struct ps_slice word;
    while ((word = ps_sdp_word(&theirs)).n)
        if (media_has_word(ours, word))
            return true;
    return false;
}

/* Tells whether the profile is secure without DTLS, and so has its keys in crypto attributes. */
static bool media_needs_crypto(struct ps_slice protocol)
{
    return ps_equal_nocase(protocol, PS_S("RTP/SAVP")) ||
           ps_equal_nocase(protocol, PS_S("RTP/SAVPF"));
}

bool ps_sdp_media_fits(const struct ps_sdp *ours, int m, const struct ps_sdp *theirs, int i)
{
    struct ps_sdp_side o;
    struct ps_sdp_side t;
    struct ps_sdp_pairs pairs;
    struct ps_sdp_keying keying;
    ps_sdp_side_of(&o, ours, m);
    ps_sdp_side_of(&t, theirs, i);
    if (!o.m.port || !ps_equal_nocase(o.m.media, t.m.media) ||
        !ps_equal_nocase(o.m.protocol, t.m.protocol))
        return false;
    if (media_needs_crypto(t.m.protocol) && ps_sdp_attribute(theirs, i, PS_S("crypto"), NULL) &&
        !ps_sdp_keying_of(&keying, ours, m, theirs, i))
        return false;
    return t.m.rtp ? ps_sdp_pair_answer(&pairs, &o, &t)
                   : media_words_in_common(o.m.formats, t.m.formats);
}

/* ---- writing formats ---- */

/* Tells whether "NUMBER ..." or "* ..." is about this payload type; *rest gets what follows. */
static bool media_feedback_is(struct ps_slice value, uint8_t payload, struct ps_slice *rest,
                              bool star)
{
    struct ps_slice word;
    uint32_t n;
    *rest = value;
    word = ps_sdp_word(rest);
    *rest = ps_trim(*rest);
    if (ps_equal(word, PS_S("*")))
        return star;
    return !ps_parse_u32(word, 127, &n) && n == payload;
}

/* Tells whether the offer has this feedback, for its payload type or for all (RFC 4585 4.2). */
static bool media_feedback_offered(const struct ps_sdp *theirs, int i, uint8_t payload,
                                   struct ps_slice feedback)
{
    unsigned cursor = 0;
    unsigned line;
    struct ps_slice rest;
    while (ps_sdp_next(theirs, i, 'a', &cursor, &line))
        if (ps_equal(ps_sdp_attribute_name(theirs, line), PS_S("rtcp-fb")) &&
            media_feedback_is(ps_sdp_attribute_value(theirs, line), payload, &rest, true) &&
            ps_equal_nocase(rest, feedback))
            return true;
    return false;
}

static void media_put_feedback(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i,
                               uint8_t ours, uint8_t written)
{
    unsigned cursor = 0;
    unsigned line;
    struct ps_slice rest;
    while (ps_sdp_next(making->ours, making->from[i], 'a', &cursor, &line)) {
        if (!ps_equal(ps_sdp_attribute_name(making->ours, line), PS_S("rtcp-fb")) ||
            !media_feedback_is(ps_sdp_attribute_value(making->ours, line), ours, &rest,
                               making->theirs != NULL))
            continue;
        if (making->theirs && !media_feedback_offered(making->theirs, (int)i, written, rest))
            continue;
        ps_put(w, PS_S("a=rtcp-fb:"));
        ps_put_number(w, written);
        ps_put_char(w, ' ');
        ps_put_value(w, rest);
        ps_put(w, PS_S("\r\n"));
    }
}

static void media_put_rtpmap(struct ps_writer *w, uint8_t payload, struct ps_slice rtpmap)
{
    if (!rtpmap.n)
        return;
    ps_put(w, PS_S("a=rtpmap:"));
    ps_put_number(w, payload);
    ps_put_char(w, ' ');
    ps_put_value(w, rtpmap);
    ps_put(w, PS_S("\r\n"));
}

/* Returns the number that is written for a payload type of the capabilities. */
static uint8_t media_written(const struct ps_sdp_pairs *pairs, uint32_t payload)
{
    unsigned k;
    for (k = 0; k < pairs->n; k++)
        if (pairs->ours[k] == payload)
            return pairs->written[k];
    return (uint8_t)payload;
}

/* Writes the fmtp of an offer. The apt= of an rtx follows the payload type that it names. */
static void media_put_offer_fmtp(struct ps_writer *w, const struct ps_sdp_pairs *pairs,
                                 const struct ps_sdp_format *ours, uint8_t written)
{
    struct ps_slice apt = ps_sdp_fmtp_parameter(ours->fmtp, PS_S("apt"));
    struct ps_slice fmtp = ours->fmtp;
    uint32_t n;
    if (!fmtp.n)
        return;
    ps_put(w, PS_S("a=fmtp:"));
    ps_put_number(w, written);
    ps_put_char(w, ' ');
    if (!ps_parse_u32(apt, 127, &n)) {
        ps_put_value(w, ps_between(fmtp.p, apt.p));
        ps_put_number(w, media_written(pairs, n));
        fmtp = ps_between(ps_end(apt), ps_end(fmtp));
    }
    ps_put_value(w, fmtp);
    ps_put(w, PS_S("\r\n"));
}

static void media_put_formats(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i,
                              const struct ps_sdp_pairs *pairs, const struct ps_sdp_side *ours,
                              const struct ps_sdp_side *theirs)
{
    unsigned k;
    for (k = 0; k < pairs->n; k++) {
        struct ps_sdp_format o;
        struct ps_sdp_format t;
        (void)ps_sdp_format_of(ours, pairs->ours[k], &o);
        if (making->theirs) {
            (void)ps_sdp_format_of(theirs, pairs->written[k], &t);
            media_put_rtpmap(w, pairs->written[k], t.rtpmap.n ? t.rtpmap : o.rtpmap);
            ps_sdp_put_answer_fmtp(w, &o, &t);
        } else {
            media_put_rtpmap(w, pairs->written[k], o.rtpmap);
            media_put_offer_fmtp(w, pairs, &o, pairs->written[k]);
        }
        media_put_feedback(w, making, i, pairs->ours[k], pairs->written[k]);
    }
}

/* ---- a media description ---- */

static void media_put_m(struct ps_writer *w, const struct ps_sdp_media *m, uint16_t port)
{
    ps_put(w, PS_S("m="));
    ps_put_value(w, m->media);
    ps_put_char(w, ' ');
    ps_put_number(w, port);
    if (port && m->count > 1) {
        ps_put_char(w, '/');
        ps_put_number(w, m->count);
    }
    ps_put_char(w, ' ');
    ps_put_value(w, m->protocol);
}

static void media_put_words(struct ps_writer *w, struct ps_slice list, const struct ps_slice *only)
{
    struct ps_slice word;
    while ((word = ps_sdp_word(&list)).n) {
        if (only && !media_has_word(*only, word))
            continue;
        ps_put_char(w, ' ');
        ps_put_value(w, word);
    }
}

/* Writes a refused medium: port 0, and some format, because one must be there (6). */
static void media_put_refused(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i)
{
    const struct ps_sdp *of = making->theirs ? making->theirs : making->before;
    struct ps_slice mid = ps_sdp_mid_of(making, i);
    struct ps_sdp_media m;
    (void)ps_sdp_media_parse(ps_sdp_first(of, (int)i, 'm'), &m, NULL);
    media_put_m(w, &m, 0);
    ps_put_char(w, ' ');
    ps_put_value(w, ps_sdp_word(&m.formats));
    ps_put(w, PS_S("\r\n"));
    if (mid.p)
        ps_sdp_put_named(w, PS_S("mid"), mid);
}

/* Returns the direction to write, as bits. We receive what they send, as far as we can and want
 * (6.1). */
static enum ps_sdp_direction media_direction(const struct ps_sdp_making *making, unsigned i,
                                             bool multicast)
{
    unsigned d = (unsigned)ps_sdp_direction(making->ours, making->from[i]) & making->wanted;
    enum ps_sdp_direction theirs;
    if (!making->theirs)
        return (enum ps_sdp_direction)d;
    theirs = ps_sdp_direction(making->theirs, (int)i);
    if (multicast) /* 6.2: a multicast stream looks the same from both sides */
        return theirs;
    return (enum ps_sdp_direction)(d & ps_sdp_direction_mirror(theirs));
}

/* Writes the direction. Its absence means sendrecv, so that is written only where one of the sides
 * writes it. */
static void media_put_direction(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i,
                                enum ps_sdp_direction direction)
{
    struct ps_slice name = ps_sdp_direction_name(direction);
    if (direction != PS_SDP_SENDRECV ||
        ps_sdp_inherited(making->ours, making->from[i], name, NULL) ||
        (making->theirs && ps_sdp_inherited(making->theirs, (int)i, name, NULL)))
        ps_sdp_put_named(w, name, PS_NONE);
}

static void media_put_all(struct ps_writer *w, const struct ps_sdp *sdp, int media, char type)
{
    unsigned cursor = 0;
    unsigned line;
    while (ps_sdp_next(sdp, media, type, &cursor, &line))
        ps_sdp_put_lines(w, sdp, line, line + 1);
}

/* Tells whether the offer has a multicast address, which is answered as it was offered, with its
 * port (6.2). */
static bool media_multicast(const struct ps_sdp_making *making, unsigned i,
                            struct ps_sdp_connection *c)
{
    return making->theirs && ps_sdp_connection_of(making->theirs, (int)i, c) && c->multicast;
}

/* Chooses the ports to write: ours, multicast ones as offered (6.2), in the bundle of an answer
 * that of its first line (RFC 9143 7.3.3). */
static struct ps_sdp_media media_placed(const struct ps_sdp_making *making, unsigned i,
                                        const struct ps_sdp_media *ours)
{
    struct ps_sdp_media placed = *ours, other;
    struct ps_sdp_connection c;
    if (media_multicast(making, i, &c)) {
        (void)ps_sdp_media_parse(ps_sdp_first(making->theirs, (int)i, 'm'), &other, NULL);
        placed.port = other.port;
        placed.count = other.count;
    } else if (making->theirs && making->bundled[i]) {
        int first = making->from[making->bundle_tag];
        (void)ps_sdp_media_parse(ps_sdp_first(making->ours, first, 'm'), &other, NULL);
        placed.port = other.port;
        placed.count = 1;
    }
    return placed;
}

/* Writes the m= line, with the formats that the rest of the description explains. */
static void media_put_first(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i,
                            const struct ps_sdp_pairs *pairs, const struct ps_sdp_side *ours,
                            const struct ps_sdp_side *theirs)
{
    struct ps_sdp_media placed = media_placed(making, i, &ours->m);
    unsigned k;
    media_put_m(w, &placed, placed.port);
    for (k = 0; k < pairs->n; k++) {
        ps_put_char(w, ' ');
        ps_put_number(w, pairs->written[k]);
    }
    if (!ours->m.rtp)
        media_put_words(w, making->theirs ? theirs->m.formats : ours->m.formats,
                        making->theirs ? &ours->m.formats : NULL);
    ps_put(w, PS_S("\r\n"));
}

/* Writes i=, c= and b=. */
static void media_put_head(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i)
{
    struct ps_sdp_connection c;
    media_put_all(w, making->ours, making->from[i], 'i');
    if (media_multicast(making, i, &c))
        ps_sdp_put_connection(w, &c);
    else
        media_put_all(w, making->ours, making->from[i], 'c');
    media_put_all(w, making->ours, making->from[i], 'b');
}

/* Finds the other side's description of this line, or our own last one while an offer is made. */
static void media_other_side(struct ps_sdp_side *side, const struct ps_sdp_making *making,
                             unsigned i)
{
    const struct ps_sdp *of = making->theirs ? making->theirs : making->before;
    if (of && i < of->media)
        ps_sdp_side_of(side, of, (int)i);
    else
        memset(side, 0, sizeof *side);
}

void ps_sdp_put_media_of(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i)
{
    struct ps_sdp_side ours;
    struct ps_sdp_side other;
    struct ps_sdp_pairs pairs;
    struct ps_sdp_connection c;
    struct ps_slice mid = ps_sdp_mid_of(making, i);
    if (making->from[i] == PS_SDP_REFUSED) {
        media_put_refused(w, making, i);
        return;
    }
    ps_sdp_side_of(&ours, making->ours, making->from[i]);
    media_other_side(&other, making, i);
    pairs.n = 0;
    if (ours.m.rtp && making->theirs)
        (void)ps_sdp_pair_answer(&pairs, &ours, &other);
    else if (ours.m.rtp)
        media_pair_offer(&pairs, &ours, &other);
    media_put_first(w, making, i, &pairs, &ours, &other);
    media_put_head(w, making, i);
    if (mid.p)
        ps_sdp_put_named(w, PS_S("mid"), mid);
    media_put_formats(w, making, i, &pairs, &ours, &other);
    ps_sdp_put_attributes(w, making, i);
    media_put_direction(w, making, i, media_direction(making, i, media_multicast(making, i, &c)));
}
