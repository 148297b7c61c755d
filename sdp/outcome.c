/*
 * Reads from the two descriptions of an exchange where to send and what to expect (RFC 3264 7).
 * Knows nothing of how they were made.
 */
#include "negotiation_internal.h"

/* Holds one medium as both ends describe it. */
struct outcome_pair {
    struct ps_sdp_side local;
    struct ps_sdp_side remote;
};

unsigned ps_sdp_outcomes(const struct ps_sdp_negotiation *n)
{
    struct ps_sdp local;
    if (!ps_sdp_local(n).n)
        return 0;
    (void)ps_sdp_parse(ps_sdp_local(n), 0, &local, NULL); /* as when it was agreed on */
    return local.media;
}

/* ---- formats ---- */

/* Finds the other side's payload type for a format: the same number where that is the same codec,
 * else another. */
static bool outcome_counterpart(const struct ps_sdp_side *side, const struct ps_sdp_format *f,
                                struct ps_sdp_format *out)
{
    struct ps_slice rest = side->m.formats;
    struct ps_sdp_format other;
    bool found = false;
    uint8_t payload;
    while (ps_sdp_next_payload(&rest, &payload)) {
        if (!ps_sdp_format_of(side, payload, &other) || !ps_sdp_format_match(&other, f))
            continue;
        if (!found || payload == f->payload)
            *out = other;
        found = true;
    }
    return found;
}

static void outcome_add(struct ps_sdp_outcome *out, const struct ps_sdp_format *local,
                        const struct ps_sdp_format *remote)
{
    struct ps_sdp_codec *codec = &out->format[out->formats++];
    codec->name = local->name;
    codec->clock_rate = local->clock_rate;
    codec->channels = (uint16_t)local->channels;
    codec->send_payload = remote->payload;
    codec->receive_payload = local->payload;
    codec->auxiliary = ps_sdp_format_is_auxiliary(local);
    codec->send_fmtp = remote->fmtp;
    codec->receive_fmtp = local->fmtp;
}

/* Lists the formats of the answer that the offer has, in the answer's order: first codecs, then
 * auxiliary formats. */
static void outcome_formats(struct ps_sdp_outcome *out, const struct outcome_pair *pair,
                            bool local_answers)
{
    const struct ps_sdp_side *answer = local_answers ? &pair->local : &pair->remote;
    const struct ps_sdp_side *offer = local_answers ? &pair->remote : &pair->local;
    int auxiliary;
    for (auxiliary = 0; auxiliary < 2; auxiliary++) {
        struct ps_slice rest = answer->m.formats;
        uint8_t payload;
        while (ps_sdp_next_payload(&rest, &payload)) {
            struct ps_sdp_format a;
            struct ps_sdp_format o;
            if (!ps_sdp_format_of(answer, payload, &a) ||
                ps_sdp_format_is_auxiliary(&a) != (auxiliary != 0) ||
                !outcome_counterpart(offer, &a, &o))
                continue;
            outcome_add(out, local_answers ? &a : &o, local_answers ? &o : &a);
        }
    }
}

/* Lists the formats of a medium without RTP, which are names. */
static void outcome_words(struct ps_sdp_outcome *out, struct ps_slice formats)
{
    struct ps_slice word;
    while ((word = ps_sdp_word(&formats)).n) {
        struct ps_sdp_codec *codec = &out->format[out->formats++];
        memset(codec, 0, sizeof *codec);
        codec->name = word;
    }
}

/* ---- addresses ---- */

struct outcome_place {
    struct ps_slice address;
    struct ps_slice rtcp_address;
    uint16_t port;
    uint16_t rtcp_port;
};

/* Reads PORT [IN IP4 ADDRESS] of a=rtcp (RFC 3605 2.1). */
static void outcome_rtcp(struct outcome_place *out, const struct ps_sdp *sdp, int media)
{
    struct ps_slice rest = PS_NONE;
    uint32_t port;
    if (!ps_sdp_attribute(sdp, media, PS_S("rtcp"), &rest) ||
        ps_parse_u32(ps_sdp_word(&rest), 65535, &port))
        return;
    out->rtcp_port = (uint16_t)port;
    (void)ps_sdp_word(&rest);
    (void)ps_sdp_word(&rest);
    rest = ps_sdp_word(&rest);
    if (rest.n)
        out->rtcp_address = rest;
}

static struct outcome_place outcome_place_of(const struct ps_sdp *sdp, int media, bool mux)
{
    struct outcome_place out;
    struct ps_sdp_connection c;
    struct ps_sdp_media m;
    memset(&out, 0, sizeof out);
    (void)ps_sdp_media_parse(ps_sdp_first(sdp, media, 'm'), &m, NULL);
    if (ps_sdp_connection_of(sdp, media, &c))
        out.address = c.address;
    out.port = m.port;
    if (!m.rtp)
        return out;
    out.rtcp_address = out.address;
    out.rtcp_port = mux ? m.port : (uint16_t)(m.port + 1);
    if (!mux)
        outcome_rtcp(&out, sdp, media);
    return out;
}

/* Tells whether line `i` is in the bundle of both sides. */
static bool outcome_is_bundled(const struct ps_sdp *local, const struct ps_sdp *remote, int i)
{
    struct ps_slice mid = PS_NONE;
    return ps_sdp_attribute(local, i, PS_S("mid"), &mid) && ps_sdp_is_bundled(local, mid) &&
           ps_sdp_is_bundled(remote, mid);
}

/* Finds the line of `side` whose address and port hold for the bundle (RFC 9143 7.2). It is the
 * first that has them: a bundle-only line has port 0. */
static int outcome_tag(const struct ps_sdp *side, const struct outcome_pair *pair)
{
    struct ps_sdp_media m;
    int i;
    for (i = 0; i < (int)side->media; i++) {
        (void)ps_sdp_media_parse(ps_sdp_first(side, i, 'm'), &m, NULL);
        if (m.port && outcome_is_bundled(pair->local.sdp, pair->remote.sdp, i))
            return i;
    }
    return pair->local.media;
}

/* ---- the rest ---- */

static uint32_t outcome_number(const struct ps_sdp *sdp, int media, struct ps_slice name,
                               uint32_t otherwise)
{
    struct ps_slice value = PS_NONE;
    uint32_t n;
    if (!ps_sdp_attribute(sdp, media, name, &value) || ps_parse_u32(value, 60000, &n) || !n)
        return otherwise;
    return n;
}

static enum ps_sdp_direction outcome_direction(const struct outcome_pair *pair)
{
    const struct ps_sdp_side *l = &pair->local;
    const struct ps_sdp_side *r = &pair->remote;
    struct ps_sdp_connection c;
    unsigned d = ps_sdp_direction(l->sdp, l->media);
    if (ps_sdp_connection_of(r->sdp, r->media, &c) && c.multicast)
        return (enum ps_sdp_direction)d;
    d &= ps_sdp_direction_mirror(ps_sdp_direction(r->sdp, r->media));
    if (ps_sdp_is_held(r->sdp, r->media))
        d &= PS_SDP_RECVONLY;
    if (ps_sdp_is_held(l->sdp, l->media))
        d &= PS_SDP_SENDONLY;
    return (enum ps_sdp_direction)d;
}

static void outcome_places(struct ps_sdp_outcome *out, const struct outcome_pair *pair)
{
    const struct ps_sdp *local = pair->local.sdp;
    const struct ps_sdp *remote = pair->remote.sdp;
    int media = pair->local.media;
    struct outcome_place l;
    struct outcome_place r;
    out->bundled = outcome_is_bundled(local, remote, media);
    out->rtcp_mux = ps_sdp_attribute(local, media, PS_S("rtcp-mux"), NULL) &&
                    ps_sdp_attribute(remote, media, PS_S("rtcp-mux"), NULL);
    l = outcome_place_of(local, out->bundled ? outcome_tag(local, pair) : media, out->rtcp_mux);
    r = outcome_place_of(remote, out->bundled ? outcome_tag(remote, pair) : media, out->rtcp_mux);
    out->address = r.address;
    out->port = r.port;
    out->rtcp_address = r.rtcp_address;
    out->rtcp_port = r.rtcp_port;
    out->local_address = l.address;
    out->local_port = l.port;
    out->local_rtcp_port = l.rtcp_port;
}

static void outcome_fill(struct ps_sdp_outcome *out, const struct outcome_pair *pair,
                         bool local_answers)
{
    const struct ps_sdp_side *l = &pair->local;
    const struct ps_sdp_side *r = &pair->remote;
    const struct ps_sdp_side *answer = local_answers ? l : r;
    if (answer->m.port)
        outcome_places(out, pair);
    out->active = out->port && out->local_port;
    if (!out->active)
        memset(out, 0, sizeof *out);
    out->media = l->m.media;
    out->protocol = l->m.protocol;
    if (!out->active)
        return;
    (void)ps_sdp_attribute(l->sdp, l->media, PS_S("mid"), &out->mid);
    if (answer->m.rtp)
        outcome_formats(out, pair, local_answers);
    else
        outcome_words(out, answer->m.formats);
    out->direction = outcome_direction(pair);
    out->ptime = outcome_number(r->sdp, r->media, PS_S("ptime"), 20);
    out->maxptime = outcome_number(r->sdp, r->media, PS_S("maxptime"), 0);
}

enum ps_error ps_sdp_outcome(const struct ps_sdp_negotiation *n, unsigned media,
                             struct ps_sdp_outcome *out)
{
    struct ps_sdp local;
    struct ps_sdp remote;
    struct outcome_pair pair;
    memset(out, 0, sizeof *out);
    if (!ps_sdp_local(n).n)
        return PS_E_ARGUMENT;
    (void)ps_sdp_parse(ps_sdp_local(n), 0, &local, NULL); /* as when they were agreed on */
    (void)ps_sdp_parse(ps_sdp_remote(n), 0, &remote, NULL);
    if (media >= local.media)
        return PS_E_ARGUMENT;
    ps_sdp_side_of(&pair.local, &local, (int)media);
    ps_sdp_side_of(&pair.remote, &remote, (int)media);
    outcome_fill(out, &pair, n->answered);
    return PS_OK;
}
