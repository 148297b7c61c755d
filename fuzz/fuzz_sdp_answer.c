/*
 * Offer and answer: RFC 3264. The input is an offer, a line that is "=" alone, and what our side
 * can do; without the second, our side is a telephone.
 *
 * Must hold: an answer is a valid description with the offer's media lines in their order,
 * each refused or with formats that were offered; the same offer again gets the same answer; a
 * refused offer leaves no trace; both ends find the same outcome.
 */
#include "fuzz.h"
#include "sdp/attribute.h"
#include "sdp/negotiation.h"

static const char phone[] =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8 97 101\r\na=rtpmap:97 opus/48000/2\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=rtcp-mux\r\n"
    "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n";

enum { BODY = 1 << 17 };

struct end {
    struct ps_sdp_negotiation n;
    struct ps_sdp can;
    char memory[PS_SDP_MEMORY(BODY)];
};
static struct end ours, theirs;
static char kept[BODY];

/* "008" is payload type 8. */
static bool same_format(struct ps_slice a, struct ps_slice b)
{
    uint64_t x, y;
    if (ps_parse_number(a, 127, &x) || ps_parse_number(b, 127, &y))
        return ps_equal(a, b);
    return x == y;
}

static bool has_format(struct ps_slice list, struct ps_slice wanted)
{
    struct ps_slice word;
    while ((word = ps_sdp_word(&list)).n)
        if (same_format(word, wanted))
            return true;
    return false;
}

/* A direction seen from the other side: what they send we receive (6.1); but a multicast stream
 * looks the same from both (6.2). */
static enum ps_sdp_direction other_side(const struct ps_sdp *o, int i, enum ps_sdp_direction d)
{
    struct ps_slice c = ps_sdp_first(o, i, 'c');
    struct ps_sdp_connection connection;
    if (!c.p)
        c = ps_sdp_first(o, PS_SDP_SESSION, 'c');
    if (c.p && !ps_sdp_connection_parse(c, &connection, NULL) && connection.multicast)
        return d;
    return ps_sdp_direction_mirror(d);
}

/* RFC 3264 6 */
static void line_fits(const struct ps_sdp *o, const struct ps_sdp *a, int i)
{
    struct ps_sdp_media x, y;
    struct ps_slice word;
    HOLDS(!ps_sdp_media_parse(ps_sdp_first(o, i, 'm'), &x, NULL));
    HOLDS(!ps_sdp_media_parse(ps_sdp_first(a, i, 'm'), &y, NULL));
    HOLDS(ps_equal_nocase(x.media, y.media) && ps_equal_nocase(x.protocol, y.protocol));
    while ((word = ps_sdp_word(&y.formats)).n)
        HOLDS(has_format(x.formats, word));
    if (!y.port)
        return;
    /* a port of 0 in a bundle is the first one's (RFC 9143 6) */
    HOLDS(x.port || ps_sdp_attribute(o, i, PS_S("bundle-only"), NULL));
    HOLDS(!(ps_sdp_direction(a, i) & ~other_side(o, i, ps_sdp_direction(o, i))));
    if (ps_sdp_attribute(a, i, PS_S("rtcp-mux"), NULL))
        HOLDS(ps_sdp_attribute(o, i, PS_S("rtcp-mux"), NULL));
}

static void answer_fits(struct ps_slice offer, struct ps_slice answer)
{
    static struct ps_sdp o, a;
    int i;
    HOLDS(!ps_sdp_parse(offer, 0, &o, NULL));
    HOLDS(!ps_sdp_parse(answer, 0, &a, NULL));
    for (i = 0; i < PS_SDP_NOTES; i++) /* its time and its group come back as they are: 6, 6.2 */
        HOLDS(!a.noted[i] || ((i == PS_SDP_NOTE_TIME || i == PS_SDP_NOTE_NO_TTL) && o.noted[i]));
    HOLDS(o.media == a.media);
    for (i = 0; i < (int)o.media; i++)
        line_fits(&o, &a, i);
}

static void outcomes(const struct ps_sdp_negotiation *n)
{
    unsigned i;
    for (i = 0; i < ps_sdp_outcomes(n); i++) {
        struct ps_sdp_outcome x;
        HOLDS(!ps_sdp_outcome(n, i, &x));
        HOLDS(!x.active || (x.formats > 0 && x.formats <= PS_SDP_MAX_FORMATS));
        HOLDS(!x.active || (x.port && x.local_port));
    }
}

static void keep(struct ps_slice s)
{
    HOLDS(s.n <= sizeof kept);
    memcpy(kept, s.p, s.n);
}

static void answer(struct ps_slice offer, enum ps_sdp_direction direction)
{
    struct ps_slice body = PS_NONE;
    struct ps_sdp_fault fault;
    enum ps_error error;
    size_t n;
    ps_sdp_negotiation_init(&ours.n, ours.memory, sizeof ours.memory);
    error = ps_sdp_answer(&ours.n, offer, &ours.can, direction, &body, &fault);
    if (error) {
        HOLDS(!ps_sdp_local(&ours.n).n && !ps_sdp_outcomes(&ours.n));
        return;
    }
    answer_fits(offer, body);
    HOLDS(fuzz_same(ps_sdp_local(&ours.n), body) && ps_equal(ps_sdp_remote(&ours.n), offer));
    outcomes(&ours.n);
    n = body.n;
    keep(body);
    HOLDS(!ps_sdp_answer(&ours.n, offer, &ours.can, direction, &body, &fault));
    HOLDS(ps_equal(body, ps_slice(kept, n)));
    HOLDS(ps_sdp_turn(&ours.n) == PS_SDP_TURN_EITHER);
}

/* The offer's side made of the same description: it takes our answer, and both agree. */
static void both_ends(struct ps_slice theirs_can)
{
    static char offer_kept[BODY];
    static struct ps_sdp offered;
    struct ps_slice offer, body;
    unsigned i;
    if (ps_sdp_parse(theirs_can, PS_SDP_STRICT, &theirs.can, NULL) ||
        ps_sdp_check(&theirs.can, NULL))
        return;
    ps_sdp_negotiation_init(&ours.n, ours.memory, sizeof ours.memory);
    ps_sdp_negotiation_init(&theirs.n, theirs.memory, sizeof theirs.memory);
    if (ps_sdp_offer(&theirs.n, &theirs.can, PS_SDP_SENDRECV, &offer))
        return;
    HOLDS(offer.n <= BODY && ps_sdp_turn(&theirs.n) == PS_SDP_TURN_REMOTE);
    memcpy(offer_kept, offer.p, offer.n);
    offer.p = offer_kept;
    HOLDS(!ps_sdp_parse(offer, 0, &offered, NULL));
    if (ps_sdp_answer(&ours.n, offer, &ours.can, PS_SDP_SENDRECV, &body, NULL)) {
        ps_sdp_withdraw(&theirs.n);
        HOLDS(ps_sdp_turn(&theirs.n) == PS_SDP_TURN_EITHER);
        return;
    }
    HOLDS(!ps_sdp_accept(&theirs.n, body, NULL));
    HOLDS(ps_sdp_outcomes(&ours.n) == ps_sdp_outcomes(&theirs.n));
    for (i = 0; i < ps_sdp_outcomes(&ours.n); i++) {
        struct ps_sdp_outcome x, y;
        HOLDS(!ps_sdp_outcome(&ours.n, i, &x) && !ps_sdp_outcome(&theirs.n, i, &y));
        HOLDS(x.active == y.active);
        if (!x.active)
            continue;
        HOLDS(x.port == y.local_port && y.port == x.local_port);
        HOLDS(x.direction == other_side(&offered, (int)i, y.direction));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice rest = fuzz_input(data, size), offer = fuzz_take(&rest, '=');
    struct ps_slice can = rest.n ? rest : ps_slice(phone, sizeof phone - 1);
    unsigned direction;
    if (ps_sdp_parse(can, 0, &ours.can, NULL))
        return 0;
    for (direction = PS_SDP_INACTIVE; direction <= PS_SDP_SENDRECV; direction++)
        answer(offer, (enum ps_sdp_direction)direction);
    both_ends(offer);
    return 0;
}
