/*
 * Covers what must hold for any two ends: random capabilities on both sides, several exchanges with
 * holds and changes, from a seed that a failure prints (PS_SEED=N plays one again).
 * - an answer exists, or nothing offered is possible and the session stays as it was;
 * - offer and answer are valid in strict mode, the answer has the offer's lines and only its
 * formats;
 * - both ends agree on what was negotiated;
 * - answering the same offer again changes nothing, and so does offering again.
 * Then every description of tests/traces is offered to an end that can do the same.
 */
#include "check_main.h"
#include "sdp/attribute.h"
#include "sdp/negotiation.h"
#include "sdp_files.h"

#include <stdio.h>

static uint64_t random_state;
static unsigned seed_now;

static unsigned pick(unsigned n) /* 0 to n - 1 */
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 11) % n;
}

#define HOLDS(x) ck_assert_msg(x, "seed %u: %s", seed_now, #x)

/* ---- random capabilities ---- */

struct text {
    char p[8192];
    size_t n;
};

static void say(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
#include <stdarg.h>
static void say(struct text *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    t->n += (size_t)vsnprintf(t->p + t->n, sizeof t->p - t->n, format, arguments);
    va_end(arguments);
    ck_assert_uint_lt(t->n, sizeof t->p);
}

/* `payload` is the static number, or 128 for a dynamic one. */
static const struct codec {
    unsigned payload;
    const char *rtpmap;
    const char *fmtp;
} audio[] =
    {
        {0, "PCMU/8000", NULL},
        {8, "PCMA/8000", NULL},
        {3, "GSM/8000", NULL},
        {9, "G722/8000", NULL},
        {18, "G729/8000", "annexb=no"},
        {18, "G729/8000", NULL},
        {128, "iLBC/8000", "mode=20"},
        {128, "iLBC/8000", "mode=30"},
        {128, "opus/48000/2", "useinbandfec=1"},
        {128, "AMR-WB/16000", "octet-align=1"},
        {128, "AMR-WB/16000", NULL},
        {128, "telephone-event/8000", "0-15"},
        {128, "telephone-event/16000", "0-15"},
        {128, "telephone-event/48000", NULL},
        {13, "CN/8000", NULL},
},
  video[] = {
      {31, "H261/90000", NULL},
      {34, "H263/90000", NULL},
      {128, "VP8/90000", "max-fr=30"},
      {128, "VP9/90000", "profile-id=2"},
      {128, "H264/90000", "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1"},
      {128, "H264/90000", "profile-level-id=42c00d;packetization-mode=1"},
      {128, "H264/90000", "packetization-mode=0;profile-level-id=640028"},
      {128, "H264/90000", NULL},
      {128, "ulpfec/90000", NULL},
};

static void rtp_media(struct text *t, const char *kind, unsigned port, const struct codec *codecs,
                      unsigned n, bool secure)
{
    unsigned chosen[6];
    unsigned payload[6];
    unsigned count = 1 + pick(6);
    unsigned next = 96 + pick(10);
    unsigned k;
    for (k = 0; k < count; k++) {
        chosen[k] = pick(n);
        payload[k] = codecs[chosen[k]].payload;
        if (payload[k] == 128) {
            payload[k] = next;
            next += 1 + pick(3);
        }
    }
    say(t, "m=%s %u RTP/%s", kind, port, secure ? "SAVP" : "AVP");
    for (k = 0; k < count; k++)
        say(t, " %u", payload[k]);
    say(t, "\r\n");
    if (pick(3) == 0)
        say(t, "c=IN IP4 192.0.2.%u\r\n", 1 + pick(250));
    for (k = 0; k < count; k++) {
        say(t, "a=rtpmap:%u %s\r\n", payload[k], codecs[chosen[k]].rtpmap);
        if (codecs[chosen[k]].fmtp)
            say(t, "a=fmtp:%u %s\r\n", payload[k], codecs[chosen[k]].fmtp);
        if (pick(4) == 0)
            say(t, "a=rtcp-fb:%u nack%s\r\n", payload[k], pick(2) ? "" : " pli");
    }
    if (secure)
        for (k = 1; k < 3; k++)
            say(t, "a=crypto:%u AES_CM_128_HMAC_SHA1_%s inline:key%u\r\n", k + pick(5) * 2,
                pick(2) ? "80" : "32", pick(100));
    if (pick(2))
        say(t, "a=ptime:%u\r\n", 10 * (1 + pick(6)));
    if (pick(2))
        say(t, "a=rtcp-mux\r\n");
    if (pick(4) == 0)
        say(t, "a=rtcp:%u\r\n", port + 11);
    if (pick(3) == 0)
        say(t, "a=extmap:%u urn:example:%u\r\n", 1 + pick(14), pick(3));
}

static void other_media(struct text *t, unsigned port)
{
    static const char *const setups[] = {"active", "passive", "actpass"};
    say(t, "m=");
    switch (pick(4)) {
    case 0:
        say(t, "image %u udptl t38\r\na=T38FaxVersion:0\r\n", port);
        break;
    case 1:
        say(t, "message %u TCP/MSRP *\r\na=connection:new\r\n", port);
        break;
    case 2:
        say(t, "application %u UDP/BFCP *\r\n", port);
        break;
    default:
        say(t, "application %u UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n", port);
        break;
    }
    if (pick(2))
        say(t, "a=setup:%s\r\n", setups[pick(3)]);
}

static struct ps_slice capabilities(struct text *t, const char *name)
{
    static const char *const directions[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
    unsigned media = pick(5);
    bool bundle = pick(3) == 0;
    unsigned m;
    t->n = 0;
    say(t, "v=0\r\no=%s 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n", name,
        pick(10) ? "192.0.2.9" : "0.0.0.0");
    if (bundle) {
        say(t, "a=group:BUNDLE");
        for (m = 0; m < media; m++)
            say(t, " %s%u", name, m);
        say(t, "\r\n");
    }
    if (pick(10) == 0)
        say(t, "a=%s\r\n", directions[pick(4)]);
    for (m = 0; m < media; m++) {
        unsigned port = 4000 + 2 * pick(1000);
        unsigned kind = pick(10);
        if (kind < 5)
            rtp_media(t, "audio", port, audio, sizeof audio / sizeof *audio, pick(5) == 0);
        else if (kind < 8)
            rtp_media(t, "video", port, video, sizeof video / sizeof *video, pick(5) == 0);
        else
            other_media(t, port);
        if (bundle)
            say(t, "a=mid:%s%u\r\n", name, m);
        if (pick(4) == 0)
            say(t, "a=%s\r\n", directions[pick(4)]);
    }
    return ps_slice(t->p, t->n);
}

/* ---- two ends ---- */

struct end {
    struct ps_sdp_negotiation n;
    struct ps_sdp can;
    struct text text;
    char memory[PS_SDP_MEMORY(20000)];
};

static struct end ends[2];

static void valid(struct ps_sdp *out, struct ps_slice text)
{
    struct ps_sdp_fault fault;
    enum ps_error e = ps_sdp_parse(text, PS_SDP_STRICT, out, &fault);
    if (!e)
        e = ps_sdp_check(out, &fault);
    ck_assert_msg(!e, "seed %u: line %u column %u: expected %s in\n%.*s", seed_now, fault.line,
                  fault.column, fault.expected, (int)text.n, text.p);
}

static bool has_word(struct ps_slice list, struct ps_slice wanted)
{
    struct ps_slice word;
    while ((word = ps_sdp_word(&list)).n)
        if (ps_equal(word, wanted))
            return true;
    return false;
}

/* RFC 3264 6: the offer's lines, and of each none but the offer's formats. */
static void fits(struct ps_slice offer, struct ps_slice answer)
{
    static struct ps_sdp o;
    static struct ps_sdp a;
    int i;
    valid(&o, offer);
    valid(&a, answer);
    HOLDS(o.media == a.media);
    for (i = 0; i < (int)o.media; i++) {
        struct ps_sdp_media x;
        struct ps_sdp_media y;
        struct ps_slice word;
        HOLDS(!ps_sdp_media_parse(ps_sdp_first(&o, i, 'm'), &x, NULL));
        HOLDS(!ps_sdp_media_parse(ps_sdp_first(&a, i, 'm'), &y, NULL));
        HOLDS(ps_equal(x.media, y.media) && ps_equal(x.protocol, y.protocol));
        while ((word = ps_sdp_word(&y.formats)).n)
            HOLDS(has_word(x.formats, word));
        HOLDS(x.port || !y.port);
        if (ps_sdp_attribute(&a, i, PS_S("rtcp-mux"), NULL))
            HOLDS(ps_sdp_attribute(&o, i, PS_S("rtcp-mux"), NULL));
    }
}

static void agree(void)
{
    unsigned i;
    unsigned k;
    HOLDS(ps_sdp_outcomes(&ends[0].n) == ps_sdp_outcomes(&ends[1].n));
    for (i = 0; i < ps_sdp_outcomes(&ends[0].n); i++) {
        struct ps_sdp_outcome x;
        struct ps_sdp_outcome y;
        HOLDS(!ps_sdp_outcome(&ends[0].n, i, &x) && !ps_sdp_outcome(&ends[1].n, i, &y));
        HOLDS(x.active == y.active && x.formats == y.formats);
        if (!x.active)
            continue;
        HOLDS(x.formats > 0);
        HOLDS(x.port == y.local_port && y.port == x.local_port);
        HOLDS(x.rtcp_port == y.local_rtcp_port && y.rtcp_port == x.local_rtcp_port);
        HOLDS(ps_equal(x.address, y.local_address) && ps_equal(y.address, x.local_address));
        HOLDS(x.direction == ps_sdp_direction_mirror(y.direction));
        HOLDS(x.rtcp_mux == y.rtcp_mux && x.bundled == y.bundled);
        for (k = 0; k < x.formats; k++) {
            HOLDS(ps_equal_nocase(x.format[k].name, y.format[k].name));
            HOLDS(x.format[k].clock_rate == y.format[k].clock_rate);
            HOLDS(x.format[k].auxiliary == y.format[k].auxiliary);
            HOLDS(x.format[k].send_payload == y.format[k].receive_payload);
            HOLDS(y.format[k].send_payload == x.format[k].receive_payload);
        }
    }
}

static void keep(struct text *t, struct ps_slice s)
{
    t->n = s.n;
    ck_assert_uint_lt(s.n, sizeof t->p);
    if (s.n)
        memcpy(t->p, s.p, s.n);
}

static struct ps_slice kept(const struct text *t)
{
    return ps_slice(t->p, t->n);
}

/* One exchange; true where it led to an answer. */
static bool exchange(struct end *from, struct end *to, enum ps_sdp_direction a,
                     enum ps_sdp_direction b)
{
    static struct text offer;
    static struct text answer;
    static struct text before;
    struct ps_slice body;
    enum ps_error e;
    HOLDS(!ps_sdp_offer(&from->n, &from->can, a, &body));
    keep(&offer, body);
    ps_sdp_withdraw(&from->n); /* an offer taken back leaves nothing behind */
    HOLDS(!ps_sdp_offer(&from->n, &from->can, a, &body));
    HOLDS(ps_equal(body, kept(&offer)));
    keep(&before, ps_sdp_local(&to->n));
    e = ps_sdp_answer(&to->n, kept(&offer), &to->can, b, &body, NULL);
    HOLDS(e == PS_OK || e == PS_E_SDP_NO_COMMON);
    if (e) {
        HOLDS(ps_equal(ps_sdp_local(&to->n), kept(&before)));
        ps_sdp_withdraw(&from->n);
        return false;
    }
    keep(&answer, body);
    fits(kept(&offer), kept(&answer));
    HOLDS(!ps_sdp_answer(&to->n, kept(&offer), &to->can, b, &body, NULL));
    ck_assert_msg(ps_equal(body, kept(&answer)),
                  "seed %u: offer\n%.*sfirst answer\n%.*ssecond answer\n%.*s", seed_now,
                  (int)offer.n, offer.p, (int)answer.n, answer.p, (int)body.n, body.p);
    HOLDS(!ps_sdp_accept(&from->n, kept(&answer), NULL));
    agree();
    return true;
}

static unsigned play(unsigned seed)
{
    unsigned answered = 0;
    unsigned rounds;
    unsigned i;
    seed_now = seed;
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (i = 0; i < 2; i++) {
        ps_sdp_negotiation_init(&ends[i].n, ends[i].memory, sizeof ends[i].memory);
        valid(&ends[i].can, capabilities(&ends[i].text, i ? "b" : "a"));
    }
    for (rounds = 0; rounds < 4; rounds++) {
        unsigned who = pick(2);
        unsigned changes = pick(3);
        answered += exchange(&ends[who], &ends[1 - who], (enum ps_sdp_direction)pick(4),
                             (enum ps_sdp_direction)pick(4));
        if (changes < 2)
            valid(&ends[changes].can, capabilities(&ends[changes].text, changes ? "b" : "a"));
    }
    return answered;
}

START_TEST(any_two_ends)
{
    const char *one = getenv("PS_SEED");
    unsigned answered = 0;
    unsigned seed;
    if (one) {
        play((unsigned)strtoul(one, NULL, 10));
        return;
    }
    for (seed = 1; seed <= 3000; seed++)
        answered += play(seed);
    ck_assert_uint_gt(answered, 3000); /* of 12,000: not a test of refusals alone */
}
END_TEST

/* Each real description as an offer, answered by an end that can do just the same. */
START_TEST(every_description_is_answered)
{
    const struct sdp_file *files;
    size_t n = sdp_files(&files);
    static struct ps_sdp o;
    static struct ps_sdp a;
    size_t i;
    for (i = 0; i < n; i++) {
        struct ps_slice answer = PS_NONE;
        struct ps_slice again = PS_NONE;
        static char first[1 << 16];
        unsigned offered = 0;
        unsigned m;
        enum ps_error e;
        ck_assert_int_eq(ps_sdp_parse(files[i].text, 0, &o, NULL), PS_OK);
        ps_sdp_negotiation_init(&ends[0].n, ends[0].memory, sizeof ends[0].memory);
        for (m = 0; m < o.media; m++) {
            struct ps_sdp_media media;
            ck_assert(!ps_sdp_media_parse(ps_sdp_first(&o, (int)m, 'm'), &media, NULL));
            offered += media.port != 0;
        }
        e = ps_sdp_answer(&ends[0].n, files[i].text, &o, PS_SDP_SENDRECV, &answer, NULL);
        ck_assert_msg(!e, "%s: %d", files[i].name, e);
        ck_assert_uint_le(answer.n, sizeof first);
        memcpy(first, answer.p, answer.n);
        ck_assert_msg(!ps_sdp_parse(ps_slice(first, answer.n), PS_SDP_STRICT, &a, NULL), "%s",
                      files[i].name);
        ck_assert_int_eq(ps_sdp_check(&a, NULL), PS_OK);
        ck_assert_uint_eq(a.media, o.media);
        ck_assert(!ps_sdp_answer(&ends[0].n, files[i].text, &o, PS_SDP_SENDRECV, &again, NULL));
        ck_assert_slices_eq(again, ps_slice(first, again.n));
        for (m = 0; m < a.media; m++) {
            struct ps_sdp_outcome outcome;
            ck_assert(!ps_sdp_outcome(&ends[0].n, m, &outcome));
            offered -= outcome.active && offered;
        }
        ck_assert_msg(offered == 0, "%s: something was refused", files[i].name);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sdp_property");
    TCase *t = tcase_create("property");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, any_two_ends);
    tcase_add_test(t, every_description_is_answered);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
