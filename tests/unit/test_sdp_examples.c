/*
 * Covers the exchanges of RFC 3264 10 and RFC 4317, each offer and each answer, played from both
 * ends: our offer from the offerer's capabilities is the RFC's, our answer from the answerer's
 * capabilities is the RFC's, the RFC's answer is taken, and both ends agree.
 * The answerer's capabilities are those with which its side of the example comes about. Does not
 * cover: what the examples do not show (test_sdp_negotiation).
 *
 * Left out of the RFC's text: rtpmap lines of refused media (RFC 3264 10.1 has none, RFC 4317 has
 * some; they mean nothing). Put right: where RFC 4317 3.2 answers an offered sendonly without a
 * direction, RFC 3264 6.1 wants recvonly, and the answer to one format lists one. The space of
 * "s= " is as in the RFCs.
 */
#include "check_main.h"
#include "sdp/negotiation.h"

/* ---- the examples as data ---- */

/* A side of one exchange: what it can do, which way it wants media to go, and what it says. */
struct side {
    const char *can; /* NULL: what it says is what it can */
    enum ps_sdp_direction wants;
    const char *says;
};

struct exchange {
    const char *name;
    char offerer; /* 'a' or 'b' */
    struct side offer;
    struct side answer;
};

#define A(version, host, rest)                                                                     \
    "v=0\r\no=alice 2890844526 " version " IN IP4 host.atlanta.example.com\r\ns= \r\n"             \
    "c=IN IP4 " host "\r\nt=0 0\r\n" rest
#define B(version, host, rest)                                                                     \
    "v=0\r\no=bob 2808844564 " version " IN IP4 host.biloxi.example.com\r\ns= \r\n"                \
    "c=IN IP4 " host "\r\nt=0 0\r\n" rest
#define A1(rest) A("2890844526", "host.atlanta.example.com", rest)
#define A2(rest) A("2890844527", "host.atlanta.example.com", rest)
#define B1(rest) B("2808844564", "host.biloxi.example.com", rest)
#define B2(rest) B("2808844565", "host.biloxi.example.com", rest)

#define PCMU "a=rtpmap:0 PCMU/8000\r\n"
#define PCMA "a=rtpmap:8 PCMA/8000\r\n"
#define ILBC "a=rtpmap:97 iLBC/8000\r\n"
#define ILBC99 "a=rtpmap:99 iLBC/8000\r\n"
#define EVENT98 "a=rtpmap:98 telephone-event/8000\r\n"
#define EVENT101 "a=rtpmap:101 telephone-event/8000\r\n"
#define H261 "a=rtpmap:31 H261/90000\r\n"
#define MPV "a=rtpmap:32 MPV/90000\r\n"
#define M_ALL "m=audio 49170 RTP/AVP 0 8 97\r\n" PCMU PCMA ILBC
#define M_VIDEO "m=video 51372 RTP/AVP 31 32\r\n" H261 MPV
#define M_31 "m=video 51372 RTP/AVP 31\r\n" H261
#define M_NONE "m=video 0 RTP/AVP 31\r\n"
#define BOTH PS_SDP_SENDRECV
#define SAME(text)                                                                                 \
    {                                                                                              \
        NULL, BOTH, text                                                                           \
    }

/* RFC 3264 10 */
#define C(version, rest)                                                                           \
    "v=0\r\no=alice 2890844526 " version " IN IP4 host.anywhere.com\r\ns= \r\n"                    \
    "c=IN IP4 host.anywhere.com\r\nt=0 0\r\n" rest
#define D(version, rest)                                                                           \
    "v=0\r\no=bob 2890844730 " version " IN IP4 host.example.com\r\ns= \r\n"                       \
    "c=IN IP4 host.example.com\r\nt=0 0\r\n" rest
#define D_AUDIO(port) "m=audio " port " RTP/AVP 0\r\n" PCMU
#define D_MPV "m=video 53000 RTP/AVP 32\r\n" MPV
#define EVENTS(port) "m=audio " port " RTP/AVP 110\r\na=rtpmap:110 telephone-events/8000\r\n"
#define G723 "a=rtpmap:4 G723/8000\r\n"

static const struct exchange exchanges[] = {
    {"RFC 3264 10.1",
     'a',
     SAME(C("2890844526", D_AUDIO("49170") M_31 D_MPV)),
     {D("2890844730", D_AUDIO("49920") D_MPV), BOTH,
      D("2890844730", D_AUDIO("49920") M_NONE D_MPV)}},
    {"+ a second exchange",
     'b',
     {D("2890844730", D_AUDIO("65422") D_MPV EVENTS("51434") "a=recvonly\r\n"), BOTH,
      D("2890844731", D_AUDIO("65422") M_NONE D_MPV EVENTS("51434") "a=recvonly\r\n")},
     {C("2890844526", D_AUDIO("49170") M_31 D_MPV EVENTS("53122")), BOTH,
      C("2890844527", D_AUDIO("49170") M_NONE D_MPV EVENTS("53122") "a=sendonly\r\n")}},
    {"RFC 3264 10.2",
     'a',
     SAME(C("2890844526", "m=audio 62986 RTP/AVP 0 4 18\r\n" PCMU G723 "a=rtpmap:18 G729/8000\r\n"
                          "a=inactive\r\n")),
     {D("2890844731", "m=audio 54344 RTP/AVP 4 0\r\n" PCMU G723), BOTH,
      D("2890844731", "m=audio 54344 RTP/AVP 0 4\r\n" PCMU G723 "a=inactive\r\n")}},
    {"+ a second exchange",
     'a',
     {C("2890844526", "m=audio 62986 RTP/AVP 4\r\n" G723 "a=sendrecv\r\n"), BOTH,
      C("2890844527", "m=audio 62986 RTP/AVP 4\r\n" G723 "a=sendrecv\r\n")},
     {D("2890844731", "m=audio 54344 RTP/AVP 4 0\r\n" PCMU G723), BOTH,
      D("2890844732", "m=audio 54344 RTP/AVP 4\r\n" G723 "a=sendrecv\r\n")}},
    /* RFC 4317 */
    {"RFC 4317 2.1", 'a', SAME(A1(M_ALL M_VIDEO)),
     SAME(B1("m=audio 49174 RTP/AVP 0\r\n" PCMU "m=video 49170 RTP/AVP 32\r\n" MPV))},
    {"RFC 4317 2.2",
     'a',
     SAME(A1(M_ALL M_VIDEO)),
     {B1("m=audio 49172 RTP/AVP 0 8\r\n" PCMU PCMA), BOTH,
      B1("m=audio 49172 RTP/AVP 0 8\r\n" PCMU PCMA M_NONE)}},
    {"+ a second exchange",
     'a',
     {A1("m=audio 51372 RTP/AVP 0\r\n" PCMU), BOTH, A2("m=audio 51372 RTP/AVP 0\r\n" PCMU M_NONE)},
     {B1("m=audio 49172 RTP/AVP 0 8\r\n" PCMU PCMA), BOTH,
      B2("m=audio 49172 RTP/AVP 0\r\n" PCMU M_NONE)}},
    {"RFC 4317 2.4",
     'a',
     SAME(A1("m=audio 49170 RTP/AVP 0 97\r\n" PCMU ILBC "m=audio 49172 RTP/AVP 98\r\n" EVENT98
             "a=sendonly\r\n")),
     {B1("m=audio 49172 RTP/AVP 97\r\n" ILBC "m=audio 49174 RTP/AVP 98\r\n" EVENT98), BOTH,
      B1("m=audio 49172 RTP/AVP 97\r\n" ILBC "m=audio 49174 RTP/AVP 98\r\n" EVENT98
         "a=recvonly\r\n")}},
    {"RFC 4317 2.5", 'a', SAME(A1("m=audio 49170 RTP/AVP 97\r\n" ILBC M_31)),
     SAME(B1("m=audio 49174 RTP/AVP 97\r\n" ILBC "m=video 49170 RTP/AVP 31\r\n" H261))},
    {"+ a second exchange",
     'b',
     {B("2808844564", "newhost.biloxi.example.com",
        "m=audio 49178 RTP/AVP 97\r\n" ILBC "m=video 49188 RTP/AVP 31\r\n" H261),
      BOTH,
      B("2808844565", "newhost.biloxi.example.com",
        "m=audio 49178 RTP/AVP 97\r\n" ILBC "m=video 49188 RTP/AVP 31\r\n" H261)},
     SAME(A1("m=audio 49170 RTP/AVP 97\r\n" ILBC M_31))},
    {"RFC 4317 2.6",
     'a',
     SAME(A1("m=audio 49170 RTP/AVP 0\r\n" PCMU "m=audio 51372 RTP/AVP 97 101\r\n" ILBC EVENT101)),
     {B1("m=audio 49170 RTP/AVP 97 101\r\n" ILBC EVENT101), BOTH,
      B1("m=audio 0 RTP/AVP 0\r\nm=audio 49170 RTP/AVP 97 101\r\n" ILBC EVENT101)}},
    {"RFC 4317 2.7", 'a', SAME(A1("m=audio 49170 RTP/AVP 99\r\n" ILBC99 M_31)),
     SAME(B1("m=audio 49172 RTP/AVP 99\r\n" ILBC99 "m=video 51374 RTP/AVP 31\r\n" H261))},
    {"+ a second exchange",
     'a',
     {A1("m=audio 49170 RTP/AVP 99\r\n" ILBC99 M_VIDEO), BOTH,
      A2("m=audio 49170 RTP/AVP 99\r\n" ILBC99 M_VIDEO)},
     {B1("m=audio 49172 RTP/AVP 99\r\n" ILBC99 "m=video 51374 RTP/AVP 31 32\r\n" H261 MPV), BOTH,
      B2("m=audio 49172 RTP/AVP 99\r\n" ILBC99 "m=video 51374 RTP/AVP 31 32\r\n" H261 MPV)}},
    {"RFC 4317 2.8", 'a', SAME(A1(M_ALL M_VIDEO)),
     SAME(B1("m=audio 49174 RTP/AVP 0\r\n" PCMU "m=video 49172 RTP/AVP 32\r\n"
             "c=IN IP4 otherhost.biloxi.example.com\r\n" MPV))},
    {"RFC 4317 3.1",
     'a',
     SAME(A1("m=audio 49170 RTP/AVP 0 97\r\n" PCMU ILBC)),
     {B("2808844564", "placeholder.biloxi.example.com", "m=audio 49172 RTP/AVP 97\r\n" ILBC),
      PS_SDP_SENDONLY,
      B("2808844564", "placeholder.biloxi.example.com",
        "m=audio 49172 RTP/AVP 97\r\n" ILBC "a=sendonly\r\n")}},
    {"+ a second exchange",
     'b',
     {B1("m=audio 49170 RTP/AVP 97\r\n" ILBC), BOTH, B2("m=audio 49170 RTP/AVP 97\r\n" ILBC)},
     {A1("m=audio 49178 RTP/AVP 0 97\r\n" PCMU ILBC), BOTH,
      A2("m=audio 49178 RTP/AVP 97\r\n" ILBC)}},
    {"RFC 4317 3.2",
     'a',
     SAME(A1("m=audio 49170 RTP/AVP 0 97\r\n" PCMU ILBC "m=audio 49172 RTP/AVP 98\r\n" EVENT98
             "a=sendonly\r\n")),
     {B1("m=audio 49172 RTP/AVP 97\r\n" ILBC "m=audio 49174 RTP/AVP 98\r\n" EVENT98
         "a=recvonly\r\n"),
      BOTH,
      B1("m=audio 49172 RTP/AVP 97\r\n" ILBC "m=audio 49174 RTP/AVP 98\r\n" EVENT98
         "a=recvonly\r\n")}},
    {"+ a second exchange",
     'b',
     {B1("m=audio 49172 RTP/AVP 97\r\n" ILBC "a=sendonly\r\nm=audio 49174 RTP/AVP 98\r\n" EVENT98
         "a=recvonly\r\n"),
      BOTH,
      B2("m=audio 49172 RTP/AVP 97\r\n" ILBC "a=sendonly\r\nm=audio 49174 RTP/AVP 98\r\n" EVENT98
         "a=recvonly\r\n")},
     {A1("m=audio 49170 RTP/AVP 0 97\r\n" PCMU ILBC "m=audio 49172 RTP/AVP 98\r\n" EVENT98
         "a=sendonly\r\n"),
      BOTH,
      A2("m=audio 49170 RTP/AVP 97\r\n" ILBC "a=recvonly\r\nm=audio 49172 RTP/AVP 98\r\n" EVENT98
         "a=sendonly\r\n")}},
    {"RFC 4317 4.1", 'a', SAME(A1("m=audio 49170 RTP/AVP 0 97\r\n" PCMU ILBC)),
     SAME(B1("m=audio 49170 RTP/AVP 97\r\n" ILBC))},
    {"+ a second exchange",
     'b',
     {B1("m=audio 49170 RTP/AVP 97\r\n" ILBC "m=audio 48282 RTP/AVP 98\r\n"
         "c=IN IP4 mediaserver.biloxi.example.com\r\n" EVENT98 "a=recvonly\r\n"),
      BOTH,
      B2("m=audio 49170 RTP/AVP 97\r\n" ILBC "m=audio 48282 RTP/AVP 98\r\n"
         "c=IN IP4 mediaserver.biloxi.example.com\r\n" EVENT98 "a=recvonly\r\n")},
     {A1("m=audio 49170 RTP/AVP 0 97\r\n" PCMU ILBC "m=audio 49172 RTP/AVP 98\r\n"
         "c=IN IP4 host.atlanta.example.com\r\n" EVENT98),
      BOTH,
      A2("m=audio 49170 RTP/AVP 97\r\n" ILBC "m=audio 49172 RTP/AVP 98\r\n"
         "c=IN IP4 host.atlanta.example.com\r\n" EVENT98 "a=sendonly\r\n")}},
    {"RFC 4317 4.2", 'a', SAME(A1("m=audio 49170 RTP/AVP 0\r\n" PCMU)),
     SAME(B1("m=audio 49172 RTP/AVP 0\r\n" PCMU))},
    {"+ a second exchange",
     'a',
     {A1("m=audio 49170 RTP/AVP 0\r\n" PCMU "m=video 49172 RTP/AVP 31\r\n" H261), BOTH,
      A2("m=audio 49170 RTP/AVP 0\r\n" PCMU "m=video 49172 RTP/AVP 31\r\n" H261)},
     {B1("m=audio 49172 RTP/AVP 0\r\n" PCMU "m=video 49168 RTP/AVP 31\r\n" H261), BOTH,
      B2("m=audio 49172 RTP/AVP 0\r\n" PCMU "m=video 49168 RTP/AVP 31\r\n" H261)}},
    {"RFC 4317 4.3", 'a', SAME(A1("m=audio 49170 RTP/AVP 97\r\n" ILBC M_31)),
     SAME(B1("m=audio 49174 RTP/AVP 97\r\n" ILBC "m=video 49170 RTP/AVP 31\r\n" H261))},
    {"+ a second exchange",
     'b',
     {B1("m=audio 49174 RTP/AVP 97\r\n" ILBC), BOTH,
      B2("m=audio 49174 RTP/AVP 97\r\n" ILBC M_NONE)},
     {A1("m=audio 49170 RTP/AVP 97\r\n" ILBC M_31), BOTH,
      A2("m=audio 49170 RTP/AVP 97\r\n" ILBC M_NONE)}},
    {"RFC 4317 5.1", 'a', SAME(A1("")), SAME(B1(""))},
    {"+ a second exchange",
     'a',
     {A1("m=audio 49170 RTP/AVP 97\r\n" ILBC), BOTH, A2("m=audio 49170 RTP/AVP 97\r\n" ILBC)},
     {B1("m=audio 49172 RTP/AVP 97\r\n" ILBC), BOTH, B2("m=audio 49172 RTP/AVP 97\r\n" ILBC)}},
    {"RFC 4317 5.2", 'a', SAME(A("2890844526", "0.0.0.0", "m=audio 23442 RTP/AVP 97\r\n" ILBC)),
     SAME(B1("m=audio 49170 RTP/AVP 97\r\n" ILBC))},
    {"+ a second exchange",
     'a',
     {A1("m=audio 49170 RTP/AVP 97\r\n" ILBC), BOTH, A2("m=audio 49170 RTP/AVP 97\r\n" ILBC)},
     SAME(B1("m=audio 49170 RTP/AVP 97\r\n" ILBC))},
    {"RFC 4317 5.3", 'a', SAME(A1("m=audio 49170 RTP/AVP 97\r\n" ILBC)),
     SAME(B("2808844564", "0.0.0.0", "m=audio 9322 RTP/AVP 97\r\n" ILBC))},
    {"+ a second exchange",
     'b',
     {B1("m=audio 49172 RTP/AVP 97\r\n" ILBC), BOTH, B2("m=audio 49172 RTP/AVP 97\r\n" ILBC)},
     SAME(A1("m=audio 49170 RTP/AVP 97\r\n" ILBC))},
};

/* ---- playing them ---- */

struct end {
    struct ps_sdp_negotiation n;
    char memory[PS_SDP_MEMORY(2048)];
};

static struct end alice;
static struct end bob;

static const struct ps_sdp *can(const struct side *side)
{
    static struct ps_sdp sdp;
    struct ps_sdp_fault fault;
    ck_assert_msg(!ps_sdp_parse(ps_slice_of(side->can ? side->can : side->says), 0, &sdp, &fault),
                  "%u", fault.line);
    return &sdp;
}

static void agree(const struct ps_sdp_outcome *x, const struct ps_sdp_outcome *y)
{
    unsigned i;
    ck_assert(x->active == y->active);
    ck_assert_uint_eq(x->formats, y->formats);
    if (!x->active)
        return;
    ck_assert_uint_eq(x->port, y->local_port);
    ck_assert_uint_eq(x->rtcp_port, y->local_rtcp_port);
    ck_assert_slices_eq(x->address, y->local_address);
    ck_assert_int_eq(x->direction, ps_sdp_direction_mirror(y->direction));
    for (i = 0; i < x->formats; i++) {
        ck_assert(ps_equal_nocase(x->format[i].name, y->format[i].name));
        ck_assert_uint_eq(x->format[i].send_payload, y->format[i].receive_payload);
        ck_assert_uint_eq(x->format[i].clock_rate, y->format[i].clock_rate);
    }
}

static void play(const struct exchange *x)
{
    struct end *from = x->offerer == 'a' ? &alice : &bob;
    struct end *to = x->offerer == 'a' ? &bob : &alice;
    struct ps_slice offer = PS_NONE;
    struct ps_slice answer = PS_NONE;
    unsigned i;
    ck_assert_int_eq(ps_sdp_offer(&from->n, can(&x->offer), x->offer.wants, &offer), PS_OK);
    ck_assert_msg(ps_equal(offer, ps_slice_of(x->offer.says)), "%s, offer:\n%.*s", x->name,
                  (int)offer.n, offer.p);
    ck_assert_int_eq(ps_sdp_answer(&to->n, offer, can(&x->answer), x->answer.wants, &answer, NULL),
                     PS_OK);
    ck_assert_msg(ps_equal(answer, ps_slice_of(x->answer.says)), "%s, answer:\n%.*s", x->name,
                  (int)answer.n, answer.p);
    ck_assert_int_eq(ps_sdp_accept(&from->n, answer, NULL), PS_OK);
    ck_assert_uint_eq(ps_sdp_outcomes(&alice.n), ps_sdp_outcomes(&bob.n));
    for (i = 0; i < ps_sdp_outcomes(&alice.n); i++) {
        struct ps_sdp_outcome a;
        struct ps_sdp_outcome b;
        ck_assert_int_eq(ps_sdp_outcome(&alice.n, i, &a), PS_OK);
        ck_assert_int_eq(ps_sdp_outcome(&bob.n, i, &b), PS_OK);
        agree(&a, &b);
        agree(&b, &a);
    }
}

START_TEST(exchanges_of_rfc3264_10_and_rfc4317)
{
    int first = _i;
    if (exchanges[_i].name[0] == '+') /* played with the one before */
        return;
    ps_sdp_negotiation_init(&alice.n, alice.memory, sizeof alice.memory);
    ps_sdp_negotiation_init(&bob.n, bob.memory, sizeof bob.memory);
    do
        play(&exchanges[first++]);
    while (first < (int)(sizeof exchanges / sizeof *exchanges) && exchanges[first].name[0] == '+');
}
END_TEST

/* 2.3: the answer gives the codec another number than the offer; both hold, each for its way. */
START_TEST(another_number_for_a_codec_rfc4317_2_3)
{
    static const struct side offer = SAME(A1(M_ALL M_VIDEO));
    struct ps_sdp_outcome o;
    struct ps_slice body;
    ps_sdp_negotiation_init(&alice.n, alice.memory, sizeof alice.memory);
    ck_assert_int_eq(ps_sdp_offer(&alice.n, can(&offer), BOTH, &body), PS_OK);
    ck_assert_int_eq(ps_sdp_accept(&alice.n,
                                   PS_S(B1("m=audio 49172 RTP/AVP 99\r\n" ILBC99
                                           "m=video 51374 RTP/AVP 31\r\n" H261)),
                                   NULL),
                     PS_OK);
    ck_assert_int_eq(ps_sdp_outcome(&alice.n, 0, &o), PS_OK);
    ck_assert_uint_eq(o.formats, 1);
    ck_assert_uint_eq(o.format[0].send_payload, 99);
    ck_assert_uint_eq(o.format[0].receive_payload, 97);
    ck_assert_slice_eq(o.format[0].name, "iLBC");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sdp_examples");
    TCase *t = tcase_create("examples");
    tcase_add_loop_test(t, exchanges_of_rfc3264_10_and_rfc4317, 0,
                        (int)(sizeof exchanges / sizeof *exchanges));
    tcase_add_test(t, another_number_for_a_codec_rfc4317_2_3);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
