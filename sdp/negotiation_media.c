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
    struct ps_slice rest;
    unsigned cursor = 0;
    while (ps_sdp_next_named(sdp, PS_SDP_SESSION, PS_S("group"), &cursor, &rest))
        if (ps_equal(ps_sdp_word(&rest), PS_S("BUNDLE")))
            return rest;
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

static void media_pair(struct ps_sdp_pairs *pairs, size_t ours, size_t theirs, uint8_t written)
{
    pairs->ours[pairs->n] = (uint8_t)ours;
    pairs->theirs[pairs->n] = (uint8_t)theirs;
    pairs->written[pairs->n++] = written;
}

static bool media_is_written(const struct ps_sdp_pairs *pairs, uint32_t payload)
{
    return pairs->n && memchr(pairs->written, (int)payload, pairs->n);
}

/* Tells whether an auxiliary format stays. telephone-event and CN do where a codec of their clock
 * rate stays (RFC 4733 2.1, 3389 4). rtx does where the format that it repeats stays (RFC 4588
 * 8.1). */
static bool media_auxiliary_stays(const struct ps_sdp_pairs *pairs,
                                  const struct ps_sdp_side *theirs, const struct ps_sdp_format *aux)
{
    uint32_t apt;
    unsigned i;
    if (ps_sdp_format_is(aux, PS_S("rtx")))
        return !ps_parse_u32(ps_sdp_fmtp_parameter(ps_sdp_format_fmtp(aux), PS_S("apt")), 127,
                             &apt) &&
               media_is_written(pairs, apt);
    for (i = 0; i < pairs->n; i++) {
        const struct ps_sdp_format *f = &theirs->format[pairs->theirs[i]];
        if (!f->auxiliary && f->clock_rate == aux->clock_rate)
            return true;
    }
    return false;
}

/* Tells whether the offer has a codec that is not auxiliary. A line of telephone-event alone is a
 * stream of its own (RFC 4317 2.4). */
static bool media_has_codec(const struct ps_sdp_side *side)
{
    unsigned i;
    for (i = 0; i < side->n; i++)
        if (side->format[i].known && !side->format[i].auxiliary)
            return true;
    return false;
}

static bool media_drop_auxiliaries(struct ps_sdp_pairs *pairs, const struct ps_sdp_side *theirs)
{
    bool stays[PS_SDP_MAX_FORMATS];
    bool codec = false;
    unsigned n = pairs->n;
    unsigned i;
    if (!media_has_codec(theirs))
        return n > 0;
    for (i = 0; i < n; i++) {
        const struct ps_sdp_format *f = &theirs->format[pairs->theirs[i]];
        stays[i] = !f->auxiliary || media_auxiliary_stays(pairs, theirs, f);
        codec |= !f->auxiliary;
    }
    pairs->n = 0;
    for (i = 0; i < n; i++)
        if (stays[i])
            media_pair(pairs, pairs->ours[i], pairs->theirs[i], pairs->written[i]);
    return codec;
}

/* Finds the formats of ours that the offer `theirs` has too, in the offer's order. False where no
 * codec is among them; telephone-event alone is none. */
static bool media_pair_answer(struct ps_sdp_pairs *pairs, const struct ps_sdp_side *ours,
                              const struct ps_sdp_side *theirs)
{
    unsigned i;
    pairs->n = 0;
    for (i = 0; i < theirs->n; i++) {
        const struct ps_sdp_format *t = &theirs->format[i];
        const struct ps_sdp_format *o;
        if (!t->known || media_is_written(pairs, t->payload))
            continue;
        o = ps_sdp_side_find(ours, t);
        if (o)
            media_pair(pairs, (size_t)(o - ours->format), i, t->payload);
    }
    return media_drop_auxiliaries(pairs, theirs);
}

/* A set of payload types. */
struct media_set {
    uint32_t word[4];
};

static bool media_in(const struct media_set *set, uint8_t payload)
{
    return (set->word[payload >> 5] >> (payload & 31) & 1) != 0;
}

static void media_add(struct media_set *set, uint8_t payload)
{
    set->word[payload >> 5] |= UINT32_C(1) << (payload & 31);
}

static void media_add_all(struct media_set *set, const struct ps_sdp_side *side)
{
    unsigned i;
    for (i = 0; i < side->n; i++)
        media_add(set, side->format[i].payload);
}

/* Returns a payload type that is not taken, or the wanted one where none is free. */
static uint8_t media_free_payload(const struct media_set *taken, uint8_t wanted)
{
    uint8_t p;
    for (p = 96; p < 128; p++)
        if (!media_in(taken, p))
            return p;
    for (p = 35; p < 64; p++) /* RFC 5761 4: free where RTCP shares the port */
        if (!media_in(taken, p))
            return p;
    return wanted;
}

/* Chooses the payload type of our format: in a later offer a codec keeps its number, and a number
 * its codec (8.3.2). */
static uint8_t media_choose_payload(const struct ps_sdp_pairs *pairs, const struct media_set *taken,
                                    const struct ps_sdp_format *f, const struct ps_sdp_side *before)
{
    const struct ps_sdp_format *was = f->known ? ps_sdp_side_find(before, f) : NULL;
    unsigned i;
    if (was && !media_is_written(pairs, was->payload))
        return was->payload;
    for (i = 0; f->known && i < before->n; i++)
        if (before->format[i].payload == f->payload)
            return media_free_payload(taken, f->payload);
    return f->payload;
}

/* Chooses the payload types of an offer. */
static void media_pair_offer(struct ps_sdp_pairs *pairs, const struct ps_sdp_side *ours,
                             const struct ps_sdp_side *before)
{
    struct media_set taken = {{0, 0, 0, 0}}; /* before, or by the capabilities */
    struct media_set paired = {{0, 0, 0, 0}};
    unsigned i;
    media_add_all(&taken, before);
    media_add_all(&taken, ours);
    pairs->n = 0;
    for (i = 0; i < ours->n; i++) {
        const struct ps_sdp_format *f = &ours->format[i];
        uint8_t p;
        if (media_in(&paired, f->payload))
            continue;
        p = media_choose_payload(pairs, &taken, f, before);
        media_add(&paired, f->payload);
        media_add(&taken, p);
        media_pair(pairs, i, 0, p);
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

/* Takes our medium `m` and line `i` in hand, as far as they are not yet. */
static void media_meet(struct ps_sdp_making *making, int m, unsigned i)
{
    const struct ps_sdp *of = making->theirs ? making->theirs : making->before;
    struct ps_sdp_meeting *meeting = &making->meeting;
    if (meeting->ours.media != m) {
        ps_sdp_side_begin(&meeting->ours, making->ours, m);
        meeting->paired = false;
    }
    if (meeting->other.media == (int)i)
        return;
    meeting->other.media = (int16_t)i;
    meeting->other.n = 0;
    meeting->other.read = true; /* there may be no description on this line yet */
    meeting->paired = false;
    if (of && i < of->media)
        ps_sdp_side_begin(&meeting->other, of, (int)i);
}

/* Pairs the formats of the two in hand; false where they have no codec in common. */
static PS_SDP_NOINLINE bool media_pair_formats(struct ps_sdp_making *making)
{
    struct ps_sdp_meeting *meeting = &making->meeting;
    if (meeting->paired)
        return meeting->common;
    ps_sdp_side_read(&meeting->ours);
    ps_sdp_side_read(&meeting->other);
    meeting->paired = meeting->common = true;
    if (making->theirs)
        meeting->common = media_pair_answer(&meeting->pairs, &meeting->ours, &meeting->other);
    else
        media_pair_offer(&meeting->pairs, &meeting->ours, &meeting->other);
    return meeting->common;
}

bool ps_sdp_media_fits(struct ps_sdp_making *making, int m, unsigned i)
{
    const struct ps_sdp_media *o = &making->meeting.ours.m;
    const struct ps_sdp_media *t = &making->meeting.other.m;
    struct ps_sdp_keying keying;
    media_meet(making, m, i);
    if (!o->port || !ps_equal_nocase(o->media, t->media) ||
        !ps_equal_nocase(o->protocol, t->protocol))
        return false;
    if (media_needs_crypto(t->protocol) &&
        ps_sdp_attribute(making->theirs, (int)i, PS_S("crypto"), NULL) &&
        !ps_sdp_keying_of(&keying, making->ours, m, making->theirs, (int)i))
        return false;
    return t->rtp ? media_pair_formats(making) : media_words_in_common(o->formats, t->formats);
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
    struct ps_slice value;
    struct ps_slice rest;
    while (ps_sdp_next_named(theirs, i, PS_S("rtcp-fb"), &cursor, &value))
        if (media_feedback_is(value, payload, &rest, true) && ps_equal_nocase(rest, feedback))
            return true;
    return false;
}

/* Writes "a=NAME:PAYLOAD ". */
static void media_put_about(struct ps_writer *w, struct ps_slice name, uint8_t payload)
{
    ps_put(w, PS_S("a="));
    ps_put(w, name);
    ps_put_char(w, ':');
    ps_put_number(w, payload);
    ps_put_char(w, ' ');
}

static void media_put_feedback(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i,
                               uint8_t ours, uint8_t written)
{
    unsigned cursor = 0;
    struct ps_slice value;
    struct ps_slice rest;
    while (ps_sdp_next_named(making->ours, making->from[i], PS_S("rtcp-fb"), &cursor, &value)) {
        if (!media_feedback_is(value, ours, &rest, making->theirs != NULL) ||
            (making->theirs && !media_feedback_offered(making->theirs, (int)i, written, rest)))
            continue;
        media_put_about(w, PS_S("rtcp-fb"), written);
        ps_put(w, rest);
        ps_put(w, PS_S("\r\n"));
    }
}

static void media_put_rtpmap(struct ps_writer *w, uint8_t payload, struct ps_slice rtpmap)
{
    if (!rtpmap.n)
        return;
    media_put_about(w, PS_S("rtpmap"), payload);
    ps_put(w, rtpmap);
    ps_put(w, PS_S("\r\n"));
}

/* Returns the number that is written for a payload type of the capabilities. */
static uint8_t media_written(const struct ps_sdp_pairs *pairs, const struct ps_sdp_side *ours,
                             uint32_t payload)
{
    unsigned k;
    for (k = 0; k < pairs->n; k++)
        if (ours->format[pairs->ours[k]].payload == payload)
            return pairs->written[k];
    return (uint8_t)payload;
}

/* Writes the fmtp of an offer. The apt= of an rtx follows the payload type that it names. */
static void media_put_offer_fmtp(struct ps_writer *w, const struct ps_sdp_pairs *pairs,
                                 const struct ps_sdp_side *ours, unsigned k)
{
    struct ps_slice fmtp = ps_sdp_format_fmtp(&ours->format[pairs->ours[k]]);
    struct ps_slice apt = ps_sdp_fmtp_parameter(fmtp, PS_S("apt"));
    uint32_t n;
    if (!fmtp.n)
        return;
    media_put_about(w, PS_S("fmtp"), pairs->written[k]);
    if (!ps_parse_u32(apt, 127, &n)) {
        ps_put(w, ps_between(fmtp.p, apt.p));
        ps_put_number(w, media_written(pairs, ours, n));
        fmtp = ps_between(ps_end(apt), ps_end(fmtp));
    }
    ps_put(w, fmtp);
    ps_put(w, PS_S("\r\n"));
}

static PS_SDP_NOINLINE void media_put_formats(struct ps_writer *w,
                                              const struct ps_sdp_making *making, unsigned i)
{
    const struct ps_sdp_meeting *meeting = &making->meeting;
    const struct ps_sdp_pairs *pairs = &meeting->pairs;
    unsigned k;
    for (k = 0; k < pairs->n; k++) {
        const struct ps_sdp_format *o = &meeting->ours.format[pairs->ours[k]];
        const struct ps_sdp_format *t =
            making->theirs ? &meeting->other.format[pairs->theirs[k]] : o;
        media_put_rtpmap(w, pairs->written[k], ps_sdp_format_rtpmap(t->rtpmap_n ? t : o));
        if (making->theirs)
            ps_sdp_put_answer_fmtp(w, o, t);
        else
            media_put_offer_fmtp(w, pairs, &meeting->ours, k);
        media_put_feedback(w, making, i, o->payload, pairs->written[k]);
    }
}

/* ---- a media description ---- */

static void media_put_m(struct ps_writer *w, const struct ps_sdp_media *m, uint16_t port)
{
    ps_put(w, PS_S("m="));
    ps_put(w, m->media);
    ps_put_char(w, ' ');
    ps_put_number(w, port);
    if (port && m->count > 1) {
        ps_put_char(w, '/');
        ps_put_number(w, m->count);
    }
    ps_put_char(w, ' ');
    ps_put(w, m->protocol);
}

static void media_put_words(struct ps_writer *w, struct ps_slice list, const struct ps_slice *only)
{
    struct ps_slice word;
    while ((word = ps_sdp_word(&list)).n) {
        if (only && !media_has_word(*only, word))
            continue;
        ps_put_char(w, ' ');
        ps_put(w, word);
    }
}

/* Writes a refused medium: port 0, and some format, because one must be there (6). */
static PS_SDP_NOINLINE void media_put_refused(struct ps_writer *w,
                                              const struct ps_sdp_making *making, unsigned i)
{
    const struct ps_sdp *of = making->theirs ? making->theirs : making->before;
    struct ps_slice mid = ps_sdp_mid_of(making, i);
    struct ps_sdp_media m;
    ps_sdp_media_of(of, (int)i, &m);
    media_put_m(w, &m, 0);
    ps_put_char(w, ' ');
    ps_put(w, ps_sdp_word(&m.formats));
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

/* Tells whether the offer has a multicast address, which is answered as it was offered, with its
 * port (6.2). */
static bool media_multicast(const struct ps_sdp_making *making, unsigned i,
                            struct ps_sdp_connection *c)
{
    return making->theirs && ps_sdp_connection_of(making->theirs, (int)i, c) && c->multicast;
}

/* Chooses the ports to write: ours, multicast ones as offered (6.2), in the bundle of an answer
 * that of its first line (RFC 9143 7.3.3). */
static void media_place(struct ps_sdp_media *m, const struct ps_sdp_making *making, unsigned i,
                        bool multicast)
{
    struct ps_sdp_media other;
    if (multicast) {
        ps_sdp_media_of(making->theirs, (int)i, &other);
        m->port = other.port;
        m->count = other.count;
    } else if (making->theirs && making->bundled[i]) {
        ps_sdp_media_of(making->ours, making->from[making->bundle_tag], &other);
        m->port = other.port;
        m->count = 1;
    }
}

/* Writes the m= line, with the formats that the rest of the description explains. */
static PS_SDP_NOINLINE void media_put_first(struct ps_writer *w, const struct ps_sdp_making *making,
                                            unsigned i, bool multicast)
{
    const struct ps_sdp_meeting *meeting = &making->meeting;
    struct ps_sdp_media placed = meeting->ours.m;
    unsigned k;
    media_place(&placed, making, i, multicast);
    media_put_m(w, &placed, placed.port);
    for (k = 0; k < meeting->pairs.n; k++) {
        ps_put_char(w, ' ');
        ps_put_number(w, meeting->pairs.written[k]);
    }
    if (!placed.rtp && making->theirs)
        media_put_words(w, meeting->other.m.formats, &placed.formats);
    else if (!placed.rtp)
        media_put_words(w, placed.formats, NULL);
    ps_put(w, PS_S("\r\n"));
}

/* Tells whether the m= line of an answer, written from `from` on, is one. It is where both sides
 * write the protocol alike; where only the case differs, one of them may not be RTP to us. */
static PS_SDP_NOINLINE bool media_is_readable(const struct ps_writer *w, size_t from,
                                              const struct ps_sdp_meeting *meeting)
{
    struct ps_sdp_media m;
    return w->error || ps_equal(meeting->ours.m.protocol, meeting->other.m.protocol) ||
           !ps_sdp_media_parse(ps_slice(w->p + from + 2, w->n - from - 4), &m, NULL);
}

/* Writes i=, c= and b=. */
static PS_SDP_NOINLINE void media_put_head(struct ps_writer *w, const struct ps_sdp_making *making,
                                           unsigned i, bool multicast)
{
    struct ps_sdp_connection c;
    ps_sdp_put_types(w, making->ours, making->from[i], multicast ? "i" : "icb");
    if (multicast) {
        (void)media_multicast(making, i, &c); /* as when it was asked */
        ps_sdp_put_connection(w, &c);
        ps_sdp_put_types(w, making->ours, making->from[i], "b");
    }
}

PS_SDP_NOINLINE void ps_sdp_put_media_of(struct ps_writer *w, struct ps_sdp_making *making,
                                         unsigned i)
{
    struct ps_slice mid = ps_sdp_mid_of(making, i);
    struct ps_sdp_connection c;
    size_t from;
    bool multicast;
    if (making->from[i] == PS_SDP_REFUSED) {
        media_put_refused(w, making, i);
        return;
    }
    media_meet(making, making->from[i], i);
    (void)media_pair_formats(making); /* not for the first time where this is an answer */
    if (!making->meeting.ours.m.rtp)
        making->meeting.pairs.n = 0;
    multicast = media_multicast(making, i, &c);
    from = w->n;
    media_put_first(w, making, i, multicast);
    if (making->theirs && !media_is_readable(w, from, &making->meeting))
        making->unreadable = true;
    media_put_head(w, making, i, multicast);
    if (mid.p)
        ps_sdp_put_named(w, PS_S("mid"), mid);
    media_put_formats(w, making, i);
    ps_sdp_put_attributes(w, making, i);
    media_put_direction(w, making, i, media_direction(making, i, multicast));
}
