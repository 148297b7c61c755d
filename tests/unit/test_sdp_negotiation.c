/*
 * Covers sdp/negotiation and sdp/codec: RFC 3264 and 6337, and the parameters of codecs that decide
 * about an answer. Does not cover: reading and writing of lines (test_sdp), attributes
 * (test_sdp_attribute), the examples of RFC 3264 and 4317 (test_sdp_examples).
 */
#include "check_main.h"
#include "sdp/negotiation.h"

#include <stdio.h>

#define SESSION(name, id)                                                                          \
    "v=0\r\no=" name " " id " 1 IN IP4 host." name ".example\r\ns=-\r\n"                           \
    "c=IN IP4 192.0.2.1\r\nt=0 0\r\n"

/* Two ends of a session. */
struct end {
    struct ps_sdp_negotiation n;
    struct ps_sdp capabilities;
    char memory[PS_SDP_MEMORY(4096)];
};

static struct end alice;
static struct end bob;

static void can(struct end *end, const char *text)
{
    ck_assert_int_eq(ps_sdp_parse(ps_slice_of(text), 0, &end->capabilities, NULL), PS_OK);
}

static void begin(const char *a, const char *b)
{
    ps_sdp_negotiation_init(&alice.n, alice.memory, sizeof alice.memory);
    ps_sdp_negotiation_init(&bob.n, bob.memory, sizeof bob.memory);
    can(&alice, a);
    can(&bob, b);
}

static const char *text_of(struct ps_slice s)
{
    static char text[4][8192];
    static unsigned next;
    char *t = text[next++ % 4];
    ck_assert_uint_lt(s.n, sizeof text[0]);
    memcpy(t, s.p, s.n);
    t[s.n] = 0;
    return t;
}

/* Packs the session, which goes on in other memory as the same. */
static void elsewhere(struct end *end)
{
    static char packed[2][32768];
    struct ps_writer w = ps_writer(packed[0], sizeof packed[0]);
    struct ps_writer again = ps_writer(packed[1], sizeof packed[1]);
    ps_sdp_pack(&w, &end->n);
    ck_assert(!w.error);
    memset(end->memory, 'x', sizeof end->memory);
    memset(&end->n, 1, sizeof end->n);
    ck_assert(!ps_sdp_unpack(&end->n, end->memory, sizeof end->memory, ps_written(&w)));
    ps_sdp_pack(&again, &end->n);
    ck_assert_slices_eq(ps_written(&w), ps_written(&again));
}

/* One exchange; the answer. Both sessions are packed before each step. */
static const char *exchange(struct end *from, enum ps_sdp_direction wanted, struct end *to)
{
    struct ps_slice offer;
    struct ps_slice answer;
    elsewhere(from);
    elsewhere(to);
    ck_assert_int_eq(ps_sdp_offer(&from->n, &from->capabilities, wanted, &offer), PS_OK);
    elsewhere(from);
    offer = ps_sdp_open_offer(&from->n);
    ck_assert_int_eq(
        ps_sdp_answer(&to->n, offer, &to->capabilities, PS_SDP_SENDRECV, &answer, NULL), PS_OK);
    ck_assert_int_eq(ps_sdp_accept(&from->n, answer, NULL), PS_OK);
    return text_of(answer);
}

static struct ps_sdp_outcome outcome(const struct end *end, unsigned media)
{
    struct ps_sdp_outcome o;
    ck_assert_int_eq(ps_sdp_outcome(&end->n, media, &o), PS_OK);
    return o;
}

#define ALICE                                                                                      \
    SESSION("alice", "100")                                                                        \
    "m=audio 4000 RTP/AVP 96 0 8 101\r\na=rtpmap:96 opus/48000/2\r\n"                              \
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n"
#define BOB                                                                                        \
    SESSION("bob", "200")                                                                          \
    "m=audio 5000 RTP/AVP 8 0 97\r\na=rtpmap:97 telephone-event/8000\r\na=ptime:30\r\n"

START_TEST(answer_rfc3264_6)
{
    struct ps_sdp_outcome o;
    begin(ALICE, BOB);
    ck_assert_str_eq(
        exchange(&alice, PS_SDP_SENDRECV, &bob),
        SESSION("bob",
                "200") "m=audio 5000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
                       "a=ptime:30\r\n");
    o = outcome(&alice, 0);
    ck_assert(o.active);
    ck_assert_uint_eq(o.port, 5000);
    ck_assert_uint_eq(o.rtcp_port, 5001);
    ck_assert_uint_eq(o.local_port, 4000);
    ck_assert_uint_eq(o.ptime, 30);
    ck_assert_uint_eq(o.formats, 3);
    ck_assert_str_eq(text_of(o.format[0].name), "PCMU");
    ck_assert_uint_eq(o.format[2].send_payload, 101);
    ck_assert(o.format[2].auxiliary);
    ck_assert_int_eq(o.direction, PS_SDP_SENDRECV);
}
END_TEST

START_TEST(packed_a_session_takes_the_bytes_of_its_bodies)
{
    static char packed[4096], memory[PS_SDP_MEMORY(200)];
    struct ps_writer w = ps_writer(packed, sizeof packed), little = ps_writer(memory, 100);
    struct ps_sdp_negotiation n;
    begin(ALICE, BOB);
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    ps_sdp_pack(&w, &alice.n);
    ck_assert(!w.error);
    ck_assert_uint_le(w.n, ps_sdp_local(&alice.n).n + ps_sdp_remote(&alice.n).n + 64);
    ps_sdp_pack(&little, &alice.n);
    ck_assert_int_eq(little.error, PS_E_OVERFLOW);
    ck_assert_int_eq(ps_sdp_unpack(&n, memory, 3 * (ps_sdp_local(&alice.n).n - 1), ps_written(&w)),
                     PS_E_OVERFLOW);
}
END_TEST

START_TEST(hold_and_resume_rfc3264_8_4)
{
    begin(ALICE, BOB);
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    ck_assert_ptr_nonnull(strstr(exchange(&alice, PS_SDP_SENDONLY, &bob), "a=recvonly\r\n"));
    ck_assert_ptr_nonnull(strstr(text_of(ps_sdp_local(&alice.n)), "o=alice 100 2 IN"));
    ck_assert_int_eq(outcome(&alice, 0).direction, PS_SDP_SENDONLY);
    ck_assert_int_eq(outcome(&bob, 0).direction, PS_SDP_RECVONLY);
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    ck_assert_ptr_nonnull(strstr(text_of(ps_sdp_local(&alice.n)), "o=alice 100 3 IN"));
    ck_assert_int_eq(outcome(&alice, 0).direction, PS_SDP_SENDRECV);
    exchange(&alice, PS_SDP_SENDRECV, &bob); /* nothing changed */
    ck_assert_ptr_nonnull(strstr(text_of(ps_sdp_local(&alice.n)), "o=alice 100 3 IN"));
}
END_TEST

/* ---- helpers for single answers ---- */

/* The answer of `can` to `offer`, both sessions' ends left out: from the first m= on. */
static const char *answer_to(const char *offer_media, const char *can_media)
{
    static char offer[8192];
    static char capabilities[8192];
    struct ps_slice answer;
    enum ps_error e;
    char *m;
    snprintf(offer, sizeof offer, "%s%s", SESSION("alice", "100"), offer_media);
    snprintf(capabilities, sizeof capabilities, "%s%s", SESSION("bob", "200"), can_media);
    begin(ALICE, capabilities);
    e = ps_sdp_answer(&bob.n, ps_slice_of(offer), &bob.capabilities, PS_SDP_SENDRECV, &answer,
                      NULL);
    if (e == PS_E_SDP_NO_COMMON)
        return "none";
    ck_assert_int_eq(e, PS_OK);
    m = strstr(text_of(answer), "t=0 0\r\n");
    return m + 7;
}

#define AUDIO(formats) "m=audio 4000 RTP/AVP " formats "\r\n"
#define VIDEO(formats) "m=video 6000 RTP/AVP " formats "\r\n"
#define MAP(payload, codec) "a=rtpmap:" payload " " codec "\r\n"
#define FMTP(payload, text) "a=fmtp:" payload " " text "\r\n"

/* ---- codecs ---- */

START_TEST(codecs_match_by_name_rate_and_channels)
{
    ck_assert_str_eq(answer_to(AUDIO("97") MAP("97", "SPEEX/16000"),
                               AUDIO("110 111") MAP("110", "speex/8000") MAP("111", "speex/16000")),
                     AUDIO("97") MAP("97", "SPEEX/16000"));
    ck_assert_str_eq(answer_to(AUDIO("97") MAP("97", "L16/44100/2"), AUDIO("11")), "none");
    ck_assert_str_eq(answer_to(AUDIO("97") MAP("97", "L16/44100/2"), AUDIO("10")),
                     AUDIO("97") MAP("97", "L16/44100/2"));
    /* some leave out opus's two channels */
    ck_assert_str_eq(
        answer_to(AUDIO("97") MAP("97", "opus/48000"), AUDIO("96") MAP("96", "opus/48000/2")),
        AUDIO("97") MAP("97", "opus/48000"));
    /* a static type by number, and by name */
    ck_assert_str_eq(answer_to(AUDIO("0 8") MAP("0", "PCMU/8000"), AUDIO("8 0")),
                     AUDIO("0 8") MAP("0", "PCMU/8000"));
    ck_assert_str_eq(answer_to(AUDIO("8"), AUDIO("8") MAP("8", "PCMA/8000")),
                     AUDIO("8") MAP("8", "PCMA/8000"));
    /* listed twice, known once */
    ck_assert_str_eq(answer_to(AUDIO("0 0"), AUDIO("0 0")), AUDIO("0"));
}
END_TEST

START_TEST(malformed_attributes_say_nothing)
{
    static const char *const maps[] = {"a=rtpmap:0\r\n", "a=rtpmap:0 x\r\n", "a=rtpmap\r\n",
                                       "a=rtpmap:200 PCMU/8000\r\n", "a=fmtp:x y\r\n"};
    static const char *const bad[] = {"x",       "/8000",    "x/",  "x/0",
                                      "x/8000/", "x/8000/0", "x/y", "x/8000/65536"};
    char offer[256];
    size_t i;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(offer, sizeof offer, AUDIO("96") "a=rtpmap:96 %s\r\n", bad[i]);
        ck_assert_str_eq(answer_to(offer, AUDIO("96") MAP("96", "x/8000")), "none");
        ck_assert_str_eq(answer_to(AUDIO("96") MAP("96", "x/8000"), offer), "none");
    }
    for (i = 2; i < sizeof maps / sizeof *maps; i++) {
        snprintf(offer, sizeof offer, AUDIO("0") "%s", maps[i]);
        ck_assert_str_eq(answer_to(offer, AUDIO("0")), AUDIO("0"));
    }
    ck_assert_str_eq(answer_to(AUDIO("0") "a=rtpmap:0\r\n", AUDIO("0")), AUDIO("0"));
    /* the first rtpmap of a number holds */
    ck_assert_str_eq(answer_to(AUDIO("96") MAP("96", "x/8000") MAP("96", "y/8000"),
                               AUDIO("97") MAP("97", "x/8000")),
                     AUDIO("96") MAP("96", "x/8000"));
}
END_TEST

START_TEST(telephone_event_beside_its_codec_rfc4733)
{
#define EVENTS MAP("100", "telephone-event/48000") MAP("101", "telephone-event/8000")
    ck_assert_str_eq(answer_to(AUDIO("0 96 100 101") MAP("96", "opus/48000/2") EVENTS,
                               AUDIO("0 110 111") MAP("110", "telephone-event/8000")
                                   MAP("111", "telephone-event/48000")),
                     AUDIO("0 101") MAP("101", "telephone-event/8000"));
    ck_assert_str_eq(answer_to(AUDIO("96 100 101") MAP("96", "opus/48000/2") EVENTS,
                               AUDIO("0 96 110 111") MAP("96", "opus/48000/2")
                                   MAP("110", "telephone-event/8000")
                                       MAP("111", "telephone-event/48000") FMTP("111", "0-15")),
                     AUDIO("96 100") MAP("96", "opus/48000/2") MAP("100", "telephone-event/48000")
                         FMTP("100", "0-15"));
    /* tones alone are no audio, but where nothing else was offered (RFC 4317 2.4) */
    ck_assert_str_eq(answer_to(AUDIO("0 101") MAP("101", "telephone-event/8000"),
                               AUDIO("101") MAP("101", "telephone-event/8000")),
                     "none");
    ck_assert_str_eq(answer_to(AUDIO("99 101") MAP("101", "telephone-event/8000"),
                               AUDIO("101") MAP("101", "telephone-event/8000")),
                     AUDIO("101") MAP("101", "telephone-event/8000"));
    ck_assert_uint_eq(outcome(&bob, 0).formats, 1); /* 99 is nothing */
    ck_assert_str_eq(answer_to(AUDIO("13 0"), AUDIO("0 13")), AUDIO("13 0"));
}
END_TEST

START_TEST(g729_annexb_rfc7261)
{
#define G729(fmtp) AUDIO("18") fmtp
#define NO FMTP("18", "annexb=no")
#define YES FMTP("18", "annexb=yes")
    ck_assert_str_eq(answer_to(G729(""), G729("")), G729(""));
    ck_assert_str_eq(answer_to(G729(NO), G729("")), G729(NO));
    ck_assert_str_eq(answer_to(G729(""), G729(NO)), G729(NO));
    ck_assert_str_eq(answer_to(G729(NO), G729(YES)), G729(NO));
    ck_assert_str_eq(answer_to(G729(YES), G729(YES)), G729(YES));
    ck_assert_str_eq(answer_to(G729(NO), G729(FMTP("18", "x=1"))),
                     G729(FMTP("18", "annexb=no;x=1")));
}
END_TEST

START_TEST(ilbc_mode_rfc3952)
{
#define LBC(fmtp) AUDIO("97") MAP("97", "iLBC/8000") fmtp
#define M20 FMTP("97", "mode=20")
#define M30 FMTP("97", "mode=30")
    ck_assert_str_eq(answer_to(LBC(""), LBC("")), LBC(""));
    ck_assert_str_eq(answer_to(LBC(M20), LBC(M20)), LBC(M20));
    ck_assert_str_eq(answer_to(LBC(M20), LBC("")), LBC(M30));
    ck_assert_str_eq(answer_to(LBC(""), LBC(M20)), LBC(M30));
    ck_assert_str_eq(answer_to(LBC(M30), LBC(M20)), LBC(M30));
}
END_TEST

START_TEST(h264_profile_level_and_packetization_rfc6184)
{
#define AVC(fmtp) VIDEO("99") MAP("99", "H264/90000") fmtp
#define ID(id) FMTP("99", "profile-level-id=" id)
    ck_assert_str_eq(answer_to(AVC(""), AVC("")), AVC(ID("42000A")));
    /* the lower level of the same profile, however it is spelt */
    ck_assert_str_eq(answer_to(AVC(ID("42e01f")), AVC(ID("42C00D"))), AVC(ID("42C00D")));
    ck_assert_str_eq(answer_to(AVC(ID("42c00d")), AVC(ID("4D801F"))), AVC(ID("42c00d")));
    ck_assert_str_eq(answer_to(AVC(ID("42e01f")), AVC(ID("42001f"))), "none");
    ck_assert_str_eq(answer_to(AVC(ID("64001f")), AVC(ID("4d001f"))), "none");
    ck_assert_str_eq(answer_to(AVC(ID("64001f")), AVC(ID("640028"))), AVC(ID("64001f")));
    ck_assert_str_eq(answer_to(AVC(ID("64001")), AVC(ID("64001"))), "none");
    ck_assert_str_eq(answer_to(AVC(ID("64001")), AVC(ID("64001f"))), "none");
    ck_assert_str_eq(answer_to(AVC(ID("64001f")), AVC(ID("6400xx"))), "none");
    /* level 1b is 11 with constraint_set3 in the old profiles: below 1.1, above 1 */
    ck_assert_str_eq(answer_to(AVC(ID("42100B")), AVC(ID("42000B"))), AVC(ID("42100B")));
    ck_assert_str_eq(answer_to(AVC(ID("42000A")), AVC(ID("42100B"))), AVC(ID("42000A")));
    ck_assert_str_eq(answer_to(AVC(ID("64100B")), AVC(ID("64100C"))), AVC(ID("64100B")));
    /* 8.1: each side its own level where both allow it */
#define ASYM(id) FMTP("99", "level-asymmetry-allowed=1;profile-level-id=" id)
    ck_assert_str_eq(answer_to(AVC(ASYM("42e00d")), AVC(ASYM("42e01f"))), AVC(ASYM("42e01f")));
    ck_assert_str_eq(answer_to(AVC(ID("42e00d")), AVC(ASYM("42e01f"))), AVC(ASYM("42e00d")));
    ck_assert_str_eq(answer_to(AVC(ASYM("42e00d")), AVC(ID("42e01f"))), AVC(ID("42e00d")));
    ck_assert_str_eq(answer_to(AVC(FMTP("99", "packetization-mode=1")), AVC("")), "none");
    ck_assert_str_eq(answer_to(AVC(FMTP("99", "packetization-mode=0 ;x")),
                               AVC(FMTP("99", "profile-level-id=42000A"))),
                     AVC(ID("42000A")));
}
END_TEST

START_TEST(other_parameters)
{
    ck_assert_str_eq(answer_to(AUDIO("96") MAP("96", "AMR/8000") FMTP("96", "octet-align=1"),
                               AUDIO("96") MAP("96", "AMR/8000")),
                     "none");
    /* what we want to receive is said, whatever they want (RFC 7587 6.1) */
    ck_assert_str_eq(answer_to(AUDIO("96") MAP("96", "opus/48000/2") FMTP("96", "stereo=1"),
                               AUDIO("111") MAP("111", "opus/48000/2")
                                   FMTP("111", "useinbandfec=1")),
                     AUDIO("96") MAP("96", "opus/48000/2") FMTP("96", "useinbandfec=1"));
}
END_TEST

START_TEST(rtx_follows_its_codec_rfc4588)
{
#define RTX(p, apt) MAP(p, "rtx/90000") FMTP(p, "apt=" apt)
    ck_assert_str_eq(answer_to(VIDEO("96 97 98 99") MAP("96", "VP8/90000") RTX("97", "96")
                                   MAP("98", "AV2/90000") RTX("99", "98"),
                               VIDEO("120 121") MAP("120", "VP8/90000") RTX("121", "120")),
                     VIDEO("96 97") MAP("96", "VP8/90000") RTX("97", "96"));
    ck_assert_str_eq(answer_to(VIDEO("96 97") MAP("96", "VP8/90000") MAP("97", "rtx/90000"),
                               VIDEO("120 121") MAP("120", "VP8/90000") RTX("121", "120")),
                     VIDEO("96") MAP("96", "VP8/90000"));
    /* an offer's apt= names the number that is written */
    begin(SESSION("alice", "1") VIDEO("96") MAP("96", "VP9/90000"),
          SESSION("bob", "2") VIDEO("96") MAP("96", "VP9/90000"));
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    can(&alice, SESSION("alice", "1") VIDEO("96 97 98") MAP("96", "VP8/90000") RTX("97", "96")
                    MAP("98", "rtx/90000") FMTP("98", "apt=5"));
    {
        struct ps_slice offer;
        ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &offer),
                         PS_OK);
        ck_assert_str_eq(strstr(text_of(offer), "m="),
                         VIDEO("99 97 98") MAP("99", "VP8/90000") RTX("97", "99") RTX("98", "5"));
    }
}
END_TEST

/* ---- payload types in later offers: RFC 3264 8.3.2 ---- */

static const char *offer_of(struct end *end)
{
    struct ps_slice offer;
    ck_assert_int_eq(ps_sdp_offer(&end->n, &end->capabilities, PS_SDP_SENDRECV, &offer), PS_OK);
    return strstr(text_of(offer), "m=");
}

START_TEST(a_codec_keeps_its_number)
{
    begin(SESSION("alice", "1") AUDIO("111 0") MAP("111", "opus/48000/2"),
          SESSION("bob", "2") AUDIO("96 0") MAP("96", "opus/48000/2"));
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    ck_assert_str_eq(offer_of(&bob), AUDIO("111 0") MAP("111", "opus/48000/2"));
    ps_sdp_withdraw(&bob.n);
    /* and a number its codec; what nothing says is left as it is */
    can(&bob, SESSION("bob", "2") AUDIO("111 97 97 97") MAP("111", "speex/8000"));
    ck_assert_str_eq(offer_of(&bob), AUDIO("96 97") MAP("96", "speex/8000"));
}
END_TEST

/* All dynamic numbers taken, by formats f96 to f127 and f35 to f63. */
static void take_numbers(char *text, size_t size, int low)
{
    size_t n = (size_t)snprintf(text, size, "%sm=audio 4000 RTP/AVP", SESSION("alice", "1"));
    int p;
    for (p = 127; p >= low; p = p == 96 ? 63 : p - 1)
        n += (size_t)snprintf(text + n, size - n, " %d", p);
    n += (size_t)snprintf(text + n, size - n, "\r\n");
    for (p = 127; p >= low; p = p == 96 ? 63 : p - 1)
        n += (size_t)snprintf(text + n, size - n, "a=rtpmap:%d f%d/8000\r\n", p, p);
}

START_TEST(numbers_run_out_rfc5761_4)
{
    static char all[4096];
    take_numbers(all, sizeof all, 96);
    begin(all, all);
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    can(&alice, SESSION("alice", "1") AUDIO("96") MAP("96", "new/8000"));
    ck_assert_str_eq(offer_of(&alice), AUDIO("35") MAP("35", "new/8000"));
    take_numbers(all, sizeof all, 35);
    begin(all, all);
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    can(&alice, SESSION("alice", "1") AUDIO("96") MAP("96", "new/8000"));
    ck_assert_str_eq(offer_of(&alice), AUDIO("96") MAP("96", "new/8000"));
}
END_TEST

/* ---- media lines ---- */

START_TEST(media_are_refused_one_by_one)
{
    ck_assert_str_eq(answer_to(AUDIO("0") VIDEO("31 34") "a=mid:v\r\nm=audio 0 RTP/AVP 8\r\n"
                                                         "m=image 8 udptl t38\r\n",
                               AUDIO("0") "m=image 9 udptl x T38\r\nm=video 0 RTP/AVP 31\r\n"),
                     AUDIO("0") "m=video 0 RTP/AVP 31\r\na=mid:v\r\nm=audio 0 RTP/AVP 8\r\n"
                                "m=image 9 udptl t38\r\n");
    ck_assert_str_eq(answer_to("m=image 8 udptl t38\r\n", "m=image 9 udptl fax\r\n"), "none");
    ck_assert_str_eq(answer_to("m=image 8 udptl t38\r\n", "m=image 9 tcp t38\r\n"), "none");
    ck_assert_str_eq(answer_to("m=image 8 udptl t38 x\r\n", "m=image 9 udptl t38\r\n"),
                     "m=image 9 udptl t38\r\n");
    /* all of them removed is no refusal */
    ck_assert_str_eq(answer_to("m=audio 0 RTP/AVP 0\r\n", AUDIO("0")), "m=audio 0 RTP/AVP 0\r\n");
}
END_TEST

/* Found by fuzz-sdp_answer: without a c=, and with an empty s=, the answer was none that strict
 * readers take. */
START_TEST(who_can_do_nothing_and_names_nothing_rfc8866_5_3_5_7)
{
    struct ps_slice answer;
    begin(ALICE, "v=0\r\no=bob 200 1 IN IP4 192.0.2.2\r\ns=\r\nt=0 0\r\n"); /* nor the session */
    ck_assert_int_eq(ps_sdp_answer(&bob.n, PS_S(SESSION("alice", "100") "m=audio 0 RTP/AVP 0\r\n"),
                                   &bob.capabilities, PS_SDP_SENDRECV, &answer, NULL),
                     PS_OK);
    ck_assert_ptr_nonnull(strstr(text_of(answer), "\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
                                                  "m=audio 0 RTP/AVP 0\r\n"));
}
END_TEST

START_TEST(media_are_added_and_removed_rfc3264_8)
{
    begin(SESSION("alice", "1") AUDIO("0"), SESSION("bob", "2") AUDIO("0") VIDEO("31"));
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    can(&alice, SESSION("alice", "1") VIDEO("31") AUDIO("0"));
    ck_assert_str_eq(strstr(exchange(&alice, PS_SDP_SENDRECV, &bob), "m="), AUDIO("0") VIDEO("31"));
    can(&alice, SESSION("alice", "1") VIDEO("31"));
    ck_assert_str_eq(strstr(exchange(&alice, PS_SDP_SENDRECV, &bob), "m="),
                     "m=audio 0 RTP/AVP 0\r\n" VIDEO("31"));
    ck_assert(!outcome(&alice, 0).active && outcome(&alice, 1).active);
    ck_assert_uint_eq(outcome(&alice, 0).port, 0);
    /* a line that is free is used again */
    can(&alice, SESSION("alice", "1") "m=audio 4002 RTP/AVP 0\r\n" VIDEO("31"));
    ck_assert_str_eq(strstr(exchange(&alice, PS_SDP_SENDRECV, &bob), "m="), AUDIO("0") VIDEO("31"));
    ck_assert(outcome(&alice, 0).active);
    /* what has no port is not offered */
    can(&alice,
        SESSION("alice", "1") "m=audio 0 RTP/AVP 0\r\n" VIDEO("31") "m=text 0 RTP/AVP 99\r\n");
    ck_assert_str_eq(offer_of(&alice), "m=audio 0 RTP/AVP 0\r\n" VIDEO("31"));
}
END_TEST

START_TEST(a_session_has_at_most_so_many_lines)
{
    static char text[4096];
    struct ps_slice body;
    size_t n = (size_t)snprintf(text, sizeof text, "%s", SESSION("alice", "1"));
    int i;
    begin(SESSION("alice", "1") "m=message 1 x y\r\n", ALICE);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &body), PS_OK);
    ck_assert_int_eq(ps_sdp_accept(&alice.n, PS_S(SESSION("bob", "2") "m=message 0 x y\r\n"), NULL),
                     PS_OK);
    for (i = 0; i < PS_SDP_MAX_MEDIA; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "m=audio %d RTP/AVP 0\r\n", 4000 + i);
    can(&alice, text);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &body),
                     PS_E_SDP_LIMIT);
    ck_assert_int_eq(ps_sdp_turn(&alice.n), PS_SDP_TURN_EITHER);
}
END_TEST

/* Feedback for all payload types, answered one by one, can be more than fits. */
START_TEST(an_answer_that_could_not_be_read_is_not_made)
{
    static char offer[8192];
    static char memory[PS_SDP_MEMORY(65535)];
    size_t n;
    int p;
    struct ps_sdp_negotiation big;
    struct ps_slice body;
    take_numbers(offer, sizeof offer, 35);
    n = strlen(offer);
    for (p = 0; p < 12; p++)
        n += (size_t)snprintf(offer + n, sizeof offer - n, "a=rtcp-fb:* f%d\r\n", p);
    can(&bob, offer);
    ps_sdp_negotiation_init(&big, memory, sizeof memory);
    ck_assert_int_eq(
        ps_sdp_answer(&big, ps_slice(offer, n), &bob.capabilities, PS_SDP_SENDRECV, &body, NULL),
        PS_E_SDP_LIMIT);
    ck_assert_uint_eq(ps_sdp_local(&big).n, 0);
    ck_assert_int_eq(ps_sdp_offer(&big, &bob.capabilities, PS_SDP_SENDRECV, &body), PS_OK);
    ck_assert_ptr_nonnull(strstr(body.p, "a=rtcp-fb:* f11\r\n"));
}
END_TEST

/* ---- turns, errors, versions ---- */

START_TEST(turns_rfc3264_4_and_rfc6337)
{
    struct ps_slice offer;
    struct ps_slice body;
    struct ps_sdp_outcome o;
    begin(ALICE, BOB);
    ck_assert_uint_eq(ps_sdp_outcomes(&alice.n), 0);
    ck_assert_int_eq(ps_sdp_outcome(&alice.n, 0, &o), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_sdp_accept(&alice.n, PS_S(BOB), NULL), PS_E_SDP_TURN);
    ck_assert_ptr_null(ps_sdp_open_offer(&alice.n).p);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &offer), PS_OK);
    ck_assert_int_eq(ps_sdp_turn(&alice.n), PS_SDP_TURN_REMOTE);
    ck_assert_slices_eq(ps_sdp_open_offer(&alice.n), offer);
    ck_assert_uint_eq(ps_sdp_local(&alice.n).n, 0);
    /* glare */
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &body),
                     PS_E_SDP_TURN);
    ck_assert_int_eq(
        ps_sdp_answer(&alice.n, PS_S(BOB), &alice.capabilities, PS_SDP_SENDRECV, &body, NULL),
        PS_E_SDP_TURN);
    /* a bad answer leaves the offer open */
    ck_assert_int_eq(ps_sdp_accept(&alice.n, PS_S("v=1\r\n"), NULL), PS_E_SDP_LINE);
    ck_assert_int_eq(ps_sdp_turn(&alice.n), PS_SDP_TURN_REMOTE);
    ck_assert_int_eq(ps_sdp_accept(&alice.n, PS_S(BOB), NULL), PS_OK);
    ck_assert_int_eq(ps_sdp_turn(&alice.n), PS_SDP_TURN_EITHER);
    ck_assert_slice_eq(ps_sdp_remote(&alice.n), BOB);
    ck_assert_uint_eq(ps_sdp_outcomes(&alice.n), 1);
    ck_assert_int_eq(ps_sdp_outcome(&alice.n, 1, &o), PS_E_ARGUMENT);
}
END_TEST

START_TEST(an_answer_has_the_offers_lines_rfc3264_6)
{
    struct ps_slice body;
    struct ps_sdp_fault fault;
    begin(SESSION("alice", "1") AUDIO("0") VIDEO("31"), BOB);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &body), PS_OK);
    ck_assert_int_eq(ps_sdp_accept(&alice.n, PS_S(SESSION("bob", "2") AUDIO("0")), &fault),
                     PS_E_SDP_MISSING);
    ck_assert_uint_eq(fault.line, 7);
    ck_assert_int_eq(
        ps_sdp_accept(&alice.n, PS_S(SESSION("bob", "2") VIDEO("31") AUDIO("0")), &fault),
        PS_E_SDP_LINE);
    ck_assert_uint_eq(fault.line, 6);
    ck_assert_uint_eq(fault.column, 1);
    ck_assert_int_eq(
        ps_sdp_accept(&alice.n, PS_S(SESSION("bob", "2") AUDIO("0") "m=video 6000 RTP/SAVP 31\r\n"),
                      &fault),
        PS_E_SDP_LINE);
    ck_assert_uint_eq(fault.line, 7);
    ck_assert_int_eq(ps_sdp_accept(&alice.n,
                                   PS_S(SESSION("bob", "2") AUDIO("0") VIDEO("31") AUDIO("0")),
                                   &fault),
                     PS_E_SDP_LINE);
    ck_assert_uint_eq(fault.line, 8);
    ck_assert_str_eq(fault.rule, "RFC 3264 6");
    ck_assert_int_eq(ps_sdp_accept(&alice.n, PS_S(SESSION("bob", "2")), NULL), PS_E_SDP_MISSING);
    ck_assert_int_eq(ps_sdp_turn(&alice.n), PS_SDP_TURN_REMOTE);
}
END_TEST

START_TEST(memory_is_bounded)
{
    struct ps_slice body;
    char small[PS_SDP_MEMORY(sizeof ALICE - 1)];
    begin(ALICE, BOB);
    ps_sdp_negotiation_init(&alice.n, small, sizeof small);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &body), PS_OK);
    ck_assert_int_eq(ps_sdp_accept(&alice.n,
                                   PS_S(BOB "a=a-long-attribute-that-nobody-has-ever-heard-of\r\n"
                                            "a=another-attribute-of-that-kind-but-longer\r\n"),
                                   NULL),
                     PS_E_OVERFLOW);
    ck_assert_int_eq(ps_sdp_turn(&alice.n), PS_SDP_TURN_REMOTE);
    ps_sdp_negotiation_init(&alice.n, small, sizeof small - 3);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &body),
                     PS_E_OVERFLOW);
    ck_assert_int_eq(ps_sdp_turn(&alice.n), PS_SDP_TURN_EITHER);
    ck_assert_int_eq(
        ps_sdp_answer(&alice.n, PS_S(ALICE), &alice.capabilities, PS_SDP_SENDRECV, &body, NULL),
        PS_E_OVERFLOW);
    ck_assert_int_eq(
        ps_sdp_answer(&alice.n, PS_S(BOB), &alice.capabilities, PS_SDP_SENDRECV, &body, NULL),
        PS_OK);
    /* an answer larger than its room */
    can(&alice, ALICE "a=tool:something-that-says-more-than-was-offered-in-a-line-of-its-own\r\n");
    ps_sdp_negotiation_init(&alice.n, small, PS_SDP_MEMORY(sizeof BOB - 1));
    ck_assert_int_eq(
        ps_sdp_answer(&alice.n, PS_S(BOB), &alice.capabilities, PS_SDP_SENDRECV, &body, NULL),
        PS_E_OVERFLOW);
    ck_assert_int_eq(
        ps_sdp_answer(&alice.n, PS_S("x"), &alice.capabilities, PS_SDP_SENDRECV, &body, NULL),
        PS_E_SDP_MISSING);
    ck_assert_uint_lt(sizeof(struct ps_sdp_negotiation), 200);
}
END_TEST

START_TEST(version_rfc3264_8)
{
    struct ps_slice body;
    begin(ALICE, BOB);
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_INACTIVE, &body), PS_OK);
    ck_assert_ptr_nonnull(strstr(text_of(body), "o=alice 100 2 IN"));
    ps_sdp_withdraw(&alice.n); /* refused: as if it had not been made */
    ps_sdp_withdraw(&alice.n);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &body), PS_OK);
    ck_assert_ptr_nonnull(strstr(text_of(body), "o=alice 100 1 IN"));
    /* capabilities without media need no address */
    begin("v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\n",
          "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\n");
    ck_assert_str_eq(exchange(&alice, PS_SDP_SENDRECV, &bob),
                     "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\n");
    /* a version that cannot be raised */
    begin("v=0\r\no=- 1 9223372036854775808 IN IP4 a\r\ns=-\r\nc=IN IP4 a\r\nt=0 0\r\n" AUDIO("0"),
          "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\nm=audio 4 RTP/AVP 0\r\nc=IN IP4 b\r\n");
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_INACTIVE, &body),
                     PS_E_NUMBER);
    ck_assert_ptr_nonnull(strstr(text_of(ps_sdp_local(&bob.n)), "s=-\r\nc=IN IP4 b\r\n"));
}
END_TEST

/* ---- direction ---- */

START_TEST(both_hold_rfc6337_5_3)
{
    struct ps_slice offer;
    struct ps_slice answer;
    begin(ALICE, BOB);
    exchange(&alice, PS_SDP_SENDONLY, &bob);
    ck_assert_int_eq(ps_sdp_offer(&bob.n, &bob.capabilities, PS_SDP_SENDONLY, &offer), PS_OK);
    ck_assert_int_eq(
        ps_sdp_answer(&alice.n, offer, &alice.capabilities, PS_SDP_SENDONLY, &answer, NULL), PS_OK);
    ck_assert_int_eq(ps_sdp_accept(&bob.n, answer, NULL), PS_OK);
    ck_assert_int_eq(outcome(&alice, 0).direction, PS_SDP_INACTIVE);
    ck_assert_int_eq(outcome(&bob, 0).direction, PS_SDP_INACTIVE);
    exchange(&bob, PS_SDP_SENDRECV, &alice);
    ck_assert_int_eq(outcome(&bob, 0).direction, PS_SDP_SENDRECV);
}
END_TEST

START_TEST(old_hold_by_address_rfc3264_8_4)
{
    struct ps_slice answer;
    begin(ALICE, BOB);
    ck_assert_int_eq(
        ps_sdp_answer(
            &bob.n,
            PS_S("v=0\r\no=a 1 1 IN IP4 a\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n" AUDIO("0")),
            &bob.capabilities, PS_SDP_SENDRECV, &answer, NULL),
        PS_OK);
    ck_assert_int_eq(outcome(&bob, 0).direction, PS_SDP_RECVONLY);
    ck_assert_int_eq(
        ps_sdp_answer(&bob.n,
                      PS_S("v=0\r\no=a 1 2 IN IP4 a\r\ns=-\r\nc=IN IP6 ::\r\nt=0 0\r\n" AUDIO("0")),
                      &bob.capabilities, PS_SDP_SENDRECV, &answer, NULL),
        PS_OK);
    ck_assert_int_eq(outcome(&bob, 0).direction, PS_SDP_RECVONLY);
    ck_assert_int_eq(ps_sdp_answer(&bob.n, PS_S(SESSION("a", "1") AUDIO("0")), &bob.capabilities,
                                   PS_SDP_SENDRECV, &answer, NULL),
                     PS_OK);
    ck_assert_int_eq(outcome(&bob, 0).direction, PS_SDP_SENDRECV);
}
END_TEST

START_TEST(multicast_is_answered_as_offered_rfc3264_6_2)
{
    const struct ps_sdp_outcome *o;
    struct ps_sdp_outcome copy;
    ck_assert_str_eq(answer_to(AUDIO("0") "c=IN IP4 233.252.0.1/127\r\na=recvonly\r\n",
                               "m=audio 5000 RTP/AVP 0\r\nc=IN IP4 192.0.2.7\r\n"),
                     AUDIO("0") "c=IN IP4 233.252.0.1/127\r\na=recvonly\r\n");
    copy = outcome(&bob, 0);
    o = &copy;
    ck_assert_int_eq(o->direction, PS_SDP_RECVONLY);
    ck_assert_uint_eq(o->port, 4000);
    /* all of its ports, not as many as we have */
    ck_assert_str_eq(
        answer_to("m=audio 65534 RTP/AVP 0\r\nc=IN IP4 233.252.0.1/127\r\na=recvonly\r\n",
                  "m=audio 5000/2 RTP/AVP 0\r\n"),
        "m=audio 65534 RTP/AVP 0\r\nc=IN IP4 233.252.0.1/127\r\na=recvonly\r\n");
    ck_assert_str_eq(answer_to("m=audio 4000/3 RTP/AVP 0\r\nc=IN IP4 233.252.0.1/127\r\n",
                               "m=audio 5000 RTP/AVP 0\r\n"),
                     "m=audio 4000/3 RTP/AVP 0\r\nc=IN IP4 233.252.0.1/127\r\n");
}
END_TEST

/* ---- attributes with rules of their own ---- */

/* It is of the media level: one for the session offers nothing, and both ends must see that. */
START_TEST(rtcp_mux_for_the_session_rfc5761_5_1_1)
{
    ck_assert_str_eq(answer_to("a=rtcp-mux\r\n" AUDIO("0"), AUDIO("0") "a=rtcp-mux\r\n"),
                     AUDIO("0"));
    ck_assert(!outcome(&bob, 0).rtcp_mux);
}
END_TEST

START_TEST(rtcp_rfc3605_rfc5761)
{
    struct ps_sdp_outcome o;
    ck_assert_str_eq(answer_to(AUDIO("0") "a=rtcp-mux\r\n", AUDIO("0") "a=rtcp-mux\r\n"),
                     AUDIO("0") "a=rtcp-mux\r\n");
    o = outcome(&bob, 0);
    ck_assert(o.rtcp_mux);
    ck_assert_uint_eq(o.rtcp_port, 4000);
    ck_assert_str_eq(answer_to(AUDIO("0"), AUDIO("0") "a=rtcp-mux\r\na=rtcp:4009\r\n"),
                     AUDIO("0") "a=rtcp:4009\r\n");
    o = outcome(&bob, 0);
    ck_assert(!o.rtcp_mux);
    ck_assert_uint_eq(o.rtcp_port, 4001);
    ck_assert_uint_eq(o.local_rtcp_port, 4009);
    answer_to(AUDIO("0") "a=rtcp-mux\r\na=rtcp:53020 IN IP4 192.0.2.77\r\na=maxptime:40\r\n"
                         "a=ptime:0\r\n",
              AUDIO("0"));
    o = outcome(&bob, 0);
    ck_assert_uint_eq(o.rtcp_port, 53020);
    ck_assert_str_eq(text_of(o.rtcp_address), "192.0.2.77");
    ck_assert_uint_eq(o.maxptime, 40);
    ck_assert_uint_eq(o.ptime, 20);
    answer_to(AUDIO("0") "a=rtcp:x\r\na=ptime:2.5\r\n", AUDIO("0"));
    o = outcome(&bob, 0);
    ck_assert_uint_eq(o.rtcp_port, 4001);
    ck_assert_uint_eq(o.ptime, 20);
    answer_to("m=image 8 udptl t38\r\n", "m=image 9 udptl t38\r\n");
    o = outcome(&bob, 0);
    ck_assert_uint_eq(o.rtcp_port, 0);
    ck_assert_str_eq(text_of(o.format[0].name), "t38");
}
END_TEST

START_TEST(feedback_rfc4585)
{
    ck_assert_str_eq(
        answer_to(
            VIDEO("96 97") MAP("96", "VP8/90000")
                MAP("97",
                    "VP9/90000") "a=rtcp-fb:* nack\r\na=rtcp-fb:97 ccm fir\r\na=rtcp-fb:200 x\r\n",
            VIDEO("100 101") MAP("100", "VP8/90000")
                MAP("101", "VP9/90000") "a=rtcp-fb:100 nack\r\na=rtcp-fb:* ccm "
                                        "fir\r\na=rtcp-fb:101 nack pli\r\n"),
        VIDEO("96 97") MAP("96", "VP8/90000") "a=rtcp-fb:96 nack\r\n" MAP(
            "97", "VP9/90000") "a=rtcp-fb:97 ccm fir\r\n");
    begin(SESSION("alice", "1") VIDEO("96") MAP(
              "96", "VP8/90000") "a=rtcp-fb:* nack\r\na=rtcp-fb:96 ccm fir\r\na=rtcp-fb:97 x\r\n",
          BOB);
    ck_assert_str_eq(offer_of(&alice),
                     VIDEO("96")
                         MAP("96", "VP8/90000") "a=rtcp-fb:96 ccm fir\r\na=rtcp-fb:* nack\r\n");
}
END_TEST

START_TEST(crypto_rfc4568_5_1)
{
#define SAVP(lines) "m=audio 4000 RTP/SAVP 0\r\n" lines
    ck_assert_str_eq(
        answer_to(SAVP("a=crypto:3 A inline:x\r\na=crypto\r\na=crypto:4 B inline:y|1 K=1\r\n"),
                  SAVP("a=crypto:1 C inline:c\r\na=crypto:2 B inline:z\r\n")),
        SAVP("a=crypto:4 B inline:z\r\n"));
    ck_assert_str_eq(
        answer_to(SAVP("a=crypto:3 A inline:x\r\n"), SAVP("a=crypto:1 B inline:z\r\n")), "none");
    ck_assert_str_eq(answer_to(SAVP("a=crypto:3 A inline:x\r\n"), SAVP("a=crypto:1 A\r\n")),
                     "none");
    ck_assert_str_eq(answer_to(SAVP(""), SAVP("a=crypto:1 A inline:x\r\n")), SAVP(""));
    ck_assert_str_eq(answer_to("m=audio 4000 RTP/SAVPF 0\r\na=crypto:3 A inline:x\r\n",
                               "m=audio 4000 RTP/SAVPF 0\r\n"),
                     "none");
    ck_assert_str_eq(answer_to(AUDIO("0") "a=crypto:3 A inline:x\r\n", AUDIO("0")), AUDIO("0"));
}
END_TEST

START_TEST(setup_and_connection_rfc4145)
{
#define TCP(lines) "m=image 9 TCP t38\r\n" lines
#define SETUP(x) "a=setup:" x "\r\n"
    ck_assert_str_eq(answer_to(TCP(SETUP("actpass")), TCP(SETUP("actpass"))), TCP(SETUP("active")));
    ck_assert_str_eq(answer_to(TCP(SETUP("actpass")), TCP(SETUP("passive"))),
                     TCP(SETUP("passive")));
    ck_assert_str_eq(answer_to(TCP(SETUP("active")), TCP(SETUP("active"))), TCP(SETUP("passive")));
    ck_assert_str_eq(answer_to(TCP(SETUP("passive")), TCP(SETUP("passive"))), TCP(SETUP("active")));
    ck_assert_str_eq(answer_to(TCP(SETUP("holdconn")), TCP(SETUP("active"))),
                     TCP(SETUP("holdconn")));
    ck_assert_str_eq(answer_to(TCP(""), TCP(SETUP("active"))), TCP(""));
    ck_assert_str_eq(answer_to(TCP(""), TCP("a=connection:new\r\n")), TCP(""));
    ck_assert_str_eq(answer_to(TCP("a=connection:existing\r\n"), TCP("a=connection:existing\r\n")),
                     TCP("a=connection:new\r\n")); /* there is none yet */
    {
        struct ps_slice answer;
        ck_assert_int_eq(ps_sdp_answer(&bob.n,
                                       PS_S(SESSION("a", "1") TCP("a=connection:existing\r\n")),
                                       &bob.capabilities, PS_SDP_SENDRECV, &answer, NULL),
                         PS_OK);
        ck_assert_ptr_nonnull(strstr(text_of(answer), "a=connection:existing\r\n"));
        ck_assert_int_eq(ps_sdp_answer(&bob.n, PS_S(SESSION("a", "1") TCP("a=connection:new\r\n")),
                                       &bob.capabilities, PS_SDP_SENDRECV, &answer, NULL),
                         PS_OK);
        ck_assert_ptr_nonnull(strstr(text_of(answer), "a=connection:new\r\n"));
        can(&bob, SESSION("bob", "200") TCP("a=connection:new\r\n"));
        ck_assert_int_eq(ps_sdp_answer(&bob.n,
                                       PS_S(SESSION("a", "1") TCP("a=connection:existing\r\n")),
                                       &bob.capabilities, PS_SDP_SENDRECV, &answer, NULL),
                         PS_OK);
        ck_assert_ptr_nonnull(strstr(text_of(answer), "a=connection:new\r\n"));
    }
}
END_TEST

START_TEST(extmap_rfc8285_6)
{
    ck_assert_str_eq(
        answer_to(
            AUDIO("0") "a=extmap:3/sendonly urn:a\r\na=extmap:4/x urn:b\r\na=extmap:5 urn:c\r\n"
                       "a=other:9 urn:d\r\n",
            AUDIO("0") "a=extmap:1 urn:a\r\na=extmap:2 urn:b\r\na=extmap:3 urn:c\r\n"
                       "a=extmap:4 urn:d\r\na=extmap:5 urn:e\r\n"),
        AUDIO("0") "a=extmap:3/recvonly urn:a\r\na=extmap:4 urn:b\r\na=extmap:5 urn:c\r\n");
    /* found by fuzz-sdp_answer: two that name nothing are not the same thing */
    ck_assert_str_eq(answer_to(AUDIO("0") "a=extmap:2\r\n", AUDIO("0") "a=extmap:1\r\n"),
                     AUDIO("0"));
}
END_TEST

START_TEST(what_is_answered_only_where_offered)
{
#define DTLS "a=fingerprint:sha-1 4A\r\n"
#define ICE "a=ice-ufrag:abcd\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\n"
    static const char can_do[] =
        AUDIO("0") ICE DTLS "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\n"
                            "a=tcap:1 RTP/SAVP\r\na=pcfg:1 t=1\r\na=tool:x\r\n";
    ck_assert_str_eq(answer_to(AUDIO("0"), can_do), AUDIO("0") "a=tool:x\r\n");
    ck_assert_str_eq(answer_to(AUDIO("0") DTLS, can_do), AUDIO("0") DTLS "a=tool:x\r\n");
    ck_assert_str_eq(answer_to(AUDIO("0") ICE, can_do), AUDIO("0") ICE
                     "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\na=tool:x\r\n");
    /* at the session level, offered anywhere */
    ck_assert_str_eq(
        answer_to(AUDIO("0") ICE, "a=ice-lite\r\na=tool:y\r\na=recvonly\r\n" DTLS AUDIO("0")),
        "a=ice-lite\r\na=tool:y\r\n" AUDIO("0") "a=recvonly\r\n");
    ck_assert_str_eq(answer_to("a=ice-lite\r\n" AUDIO("0"), "a=ice-lite\r\n" DTLS AUDIO("0")),
                     AUDIO("0"));
    /* an offer says all of it */
    begin(SESSION("alice", "1") "a=ice-lite\r\n" AUDIO("0") DTLS, BOB);
    ck_assert_str_eq(offer_of(&alice), AUDIO("0") DTLS);
    ck_assert_ptr_nonnull(strstr(text_of(ps_sdp_open_offer(&alice.n)), "a=ice-lite\r\n"));
}
END_TEST

/* ---- bundles: RFC 9143 ---- */

#define BUNDLE "a=group:BUNDLE a v\r\n"
#define BUNDLED(audio_port, video_port, more)                                                      \
    "m=audio " audio_port " RTP/AVP 0\r\na=mid:a\r\nm=video " video_port                           \
    " RTP/AVP 31\r\na=mid:v\r\n" more

START_TEST(bundle_only_where_offered_rfc9143_7_3)
{
    struct ps_sdp_outcome o;
    ck_assert_str_eq(
        answer_to(BUNDLE BUNDLED("4000", "6000", ""), BUNDLE BUNDLED("5000", "7000", "")),
        BUNDLE BUNDLED("5000", "5000", ""));
    /* one port for all, however many ours has outside of a bundle */
    ck_assert_str_eq(
        answer_to(BUNDLE BUNDLED("4000", "6000", ""), BUNDLE BUNDLED("65534", "7000/8", "")),
        BUNDLE BUNDLED("65534", "65534", ""));
    ck_assert_str_eq(
        answer_to(BUNDLE BUNDLED("4000", "6000", ""), BUNDLE BUNDLED("5000", "7000", "")),
        BUNDLE BUNDLED("5000", "5000", ""));
    o = outcome(&bob, 1);
    ck_assert(o.bundled);
    ck_assert_uint_eq(o.port, 4000);
    ck_assert_uint_eq(o.local_port, 5000);
    ck_assert_str_eq(answer_to(BUNDLED("4000", "6000", ""), BUNDLE BUNDLED("5000", "7000", "")),
                     BUNDLED("5000", "7000", ""));
    ck_assert(!outcome(&bob, 1).bundled);
    ck_assert_str_eq(answer_to(BUNDLE BUNDLED("4000", "6000", ""), BUNDLED("5000", "7000", "")),
                     BUNDLED("5000", "7000", ""));
    /* a line outside of the group, one without a mid, one refused */
    ck_assert_str_eq(
        answer_to("a=group:LS a v\r\na=group:BUNDLE v\r\n" BUNDLED("4000", "6000", AUDIO("8")),
                  BUNDLE BUNDLED("5000", "7000", "m=audio 5002 RTP/AVP 8\r\n")),
        "a=group:BUNDLE v\r\n" BUNDLED("5000", "7000", "m=audio 5002 RTP/AVP 8\r\n"));
    ck_assert_str_eq(
        answer_to(BUNDLE BUNDLED("4000", "6000", ""), BUNDLE "m=audio 5000 RTP/AVP 0\r\n"),
        "a=group:BUNDLE a\r\nm=audio 5000 RTP/AVP 0\r\na=mid:a\r\n"
        "m=video 0 RTP/AVP 31\r\na=mid:v\r\n");
}
END_TEST

START_TEST(bundle_only_lines_rfc9143_6)
{
    struct ps_sdp_outcome o;
    const char *offer = BUNDLE BUNDLED("4000", "0", "a=bundle-only\r\n");
    ck_assert_str_eq(answer_to(offer, BUNDLE BUNDLED("5000", "7000", "")),
                     BUNDLE BUNDLED("5000", "5000", ""));
    o = outcome(&bob, 1);
    ck_assert(o.active);
    ck_assert_uint_eq(o.port, 4000);
    /* without a bundle of ours, outside of theirs, without a mid: port 0 is what it says */
    ck_assert_str_eq(answer_to(offer, BUNDLED("5000", "7000", "")),
                     "m=audio 5000 RTP/AVP 0\r\na=mid:a\r\nm=video 0 RTP/AVP 31\r\na=mid:v\r\n");
    ck_assert_str_eq(answer_to("a=group:BUNDLE a\r\n" BUNDLED("4000", "0", "a=bundle-only\r\n"),
                               BUNDLE BUNDLED("5000", "7000", "")),
                     "a=group:BUNDLE a\r\nm=audio 5000 RTP/AVP 0\r\na=mid:a\r\n"
                     "m=video 0 RTP/AVP 31\r\na=mid:v\r\n");
    ck_assert_str_eq(answer_to(BUNDLE AUDIO("0") "m=video 0 RTP/AVP 31\r\na=bundle-only\r\n",
                               BUNDLE BUNDLED("5000", "7000", "")),
                     "m=audio 5000 RTP/AVP 0\r\nm=video 0 RTP/AVP 31\r\n");
    /* we offer one, and offer it again in its place */
    begin("v=0\r\no=a 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\n" BUNDLE
          "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\na=mid:a\r\nm=video 0 RTP/AVP 31\r\n"
          "a=mid:v\r\na=bundle-only\r\n",
          SESSION("bob", "2") BUNDLE BUNDLED("5000", "7000", ""));
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    o = outcome(&alice, 1);
    ck_assert(o.active && o.bundled);
    ck_assert_uint_eq(o.port, 5000);
    ck_assert_int_eq(o.direction, PS_SDP_SENDRECV);
    ck_assert_uint_eq(ps_sdp_outcomes(&alice.n), 2);
    /* one without a c= of its own; and a bundle of nothing else, which has no port at all */
    begin(ALICE, SESSION("bob", "2") BUNDLE BUNDLED("5000", "7000", ""));
    {
        struct ps_slice answer;
        ck_assert_int_eq(
            ps_sdp_answer(&bob.n,
                          PS_S("v=0\r\no=a 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\n" BUNDLE
                               "m=audio 0 RTP/AVP 0\r\na=mid:a\r\na=bundle-only\r\n"
                               "m=video 6000 RTP/AVP 31\r\nc=IN IP4 192.0.2.1\r\na=mid:v\r\n"),
                          &bob.capabilities, PS_SDP_SENDRECV, &answer, NULL),
            PS_OK);
        o = outcome(&bob, 0);
        ck_assert(o.active);
        ck_assert_uint_eq(o.port, 6000);
        ck_assert_str_eq(text_of(o.address), "192.0.2.1");
        ck_assert_int_eq(ps_sdp_answer(&bob.n,
                                       PS_S("v=0\r\no=a 1 2 IN IP4 a\r\ns=-\r\nt=0 0\r\n" BUNDLE
                                            "m=audio 0 RTP/AVP 0\r\na=mid:a\r\na=bundle-only\r\n"),
                                       &bob.capabilities, PS_SDP_SENDRECV, &answer, NULL),
                         PS_OK);
        ck_assert(!outcome(&bob, 0).active);
        ck_assert_str_eq(text_of(outcome(&bob, 0).media), "audio");
    }
    exchange(&alice, PS_SDP_SENDRECV, &bob);
    /* a bundle-only line without a bundle has nothing to share */
    can(&alice, SESSION("a", "1") "m=audio 4000 RTP/AVP 0\r\na=mid:a\r\nm=text 0 RTP/AVP 99\r\n"
                                  "a=bundle-only\r\n");
    ck_assert_ptr_null(strstr(offer_of(&alice), "m=text"));
}
END_TEST

/* The other end names its lines as ours were named: a new one of ours gets no name twice. */
START_TEST(mids_stay_apart_rfc5888)
{
    begin(SESSION("alice", "1") BUNDLE "m=audio 4000 RTP/AVP 0\r\na=mid:v\r\n",
          SESSION("bob", "2") BUNDLE "m=audio 4000 RTP/AVP 0\r\na=mid:a\r\n");
    ck_assert_ptr_nonnull(strstr(exchange(&alice, PS_SDP_SENDRECV, &bob), "a=mid:v\r\n"));
    can(&bob,
        SESSION("bob", "2") BUNDLE BUNDLED("4000", "6000", AUDIO("8") "a=mid:z\r\n" AUDIO("8")));
    ck_assert_str_eq(offer_of(&bob),
                     "m=audio 4000 RTP/AVP 0\r\na=mid:v\r\nm=video 6000 RTP/AVP 31\r\n" AUDIO(
                         "8") "a=mid:z\r\n" AUDIO("8"));
}
END_TEST

/* An answer of a peer that names things it should not. */
START_TEST(strange_answers)
{
    struct ps_slice body;
    struct ps_sdp_outcome o;
    begin(SESSION("alice", "1") BUNDLE BUNDLED("4000", "6000", ""), BOB);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &body), PS_OK);
    ck_assert_int_eq(
        ps_sdp_accept(
            &alice.n,
            PS_S(SESSION("bob",
                         "2") "a=group:BUNDLE x a v\r\n"
                              "m=audio 5000 RTP/AVP 8 99 0 101\r\na=mid:b\r\na=rtpmap:101 q/1\r\n"
                              "m=video 5002 RTP/AVP 31\r\n"),
            NULL),
        PS_OK);
    o = outcome(&alice, 0);
    ck_assert_uint_eq(o.formats, 1);
    ck_assert_uint_eq(o.format[0].send_payload, 0);
    ck_assert_uint_eq(o.port, 5000); /* the group's first tag is nowhere */
    ck_assert(outcome(&alice, 1).active);
    /* refused by us in the offer, taken in the answer */
    can(&alice, SESSION("alice", "1") "m=audio 4000 RTP/AVP 0\r\n");
    ck_assert_int_eq(ps_sdp_offer(&alice.n, &alice.capabilities, PS_SDP_SENDRECV, &body), PS_OK);
    ck_assert_int_eq(
        ps_sdp_accept(
            &alice.n,
            PS_S(SESSION("bob", "2") "m=audio 0 RTP/AVP 0\r\nm=video 5002 RTP/AVP 31\r\n"), NULL),
        PS_OK);
    ck_assert(!outcome(&alice, 0).active && !outcome(&alice, 1).active);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sdp_negotiation");
    TCase *t = tcase_create("offer/answer");
    tcase_add_test(t, answer_rfc3264_6);
    tcase_add_test(t, packed_a_session_takes_the_bytes_of_its_bodies);
    tcase_add_test(t, hold_and_resume_rfc3264_8_4);
    tcase_add_test(t, codecs_match_by_name_rate_and_channels);
    tcase_add_test(t, malformed_attributes_say_nothing);
    tcase_add_test(t, telephone_event_beside_its_codec_rfc4733);
    tcase_add_test(t, g729_annexb_rfc7261);
    tcase_add_test(t, ilbc_mode_rfc3952);
    tcase_add_test(t, h264_profile_level_and_packetization_rfc6184);
    tcase_add_test(t, other_parameters);
    tcase_add_test(t, rtx_follows_its_codec_rfc4588);
    tcase_add_test(t, a_codec_keeps_its_number);
    tcase_add_test(t, numbers_run_out_rfc5761_4);
    tcase_add_test(t, media_are_refused_one_by_one);
    tcase_add_test(t, who_can_do_nothing_and_names_nothing_rfc8866_5_3_5_7);
    tcase_add_test(t, media_are_added_and_removed_rfc3264_8);
    tcase_add_test(t, a_session_has_at_most_so_many_lines);
    tcase_add_test(t, an_answer_that_could_not_be_read_is_not_made);
    tcase_add_test(t, turns_rfc3264_4_and_rfc6337);
    tcase_add_test(t, an_answer_has_the_offers_lines_rfc3264_6);
    tcase_add_test(t, memory_is_bounded);
    tcase_add_test(t, version_rfc3264_8);
    tcase_add_test(t, both_hold_rfc6337_5_3);
    tcase_add_test(t, old_hold_by_address_rfc3264_8_4);
    tcase_add_test(t, multicast_is_answered_as_offered_rfc3264_6_2);
    tcase_add_test(t, rtcp_mux_for_the_session_rfc5761_5_1_1);
    tcase_add_test(t, rtcp_rfc3605_rfc5761);
    tcase_add_test(t, feedback_rfc4585);
    tcase_add_test(t, crypto_rfc4568_5_1);
    tcase_add_test(t, setup_and_connection_rfc4145);
    tcase_add_test(t, extmap_rfc8285_6);
    tcase_add_test(t, what_is_answered_only_where_offered);
    tcase_add_test(t, bundle_only_where_offered_rfc9143_7_3);
    tcase_add_test(t, bundle_only_lines_rfc9143_6);
    tcase_add_test(t, mids_stay_apart_rfc5888);
    tcase_add_test(t, strange_answers);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
