/*
 * Covers sdp/negotiation and sdp/codec: RFC 3264 and 6337, and the parameters of codecs that decide
 * about an answer. Does not cover: reading and writing of lines (test_sdp), attributes
 * (test_sdp_attribute), the examples of RFC 3264 and 4317 (test_sdp_examples).
 */
#include "check_main.h"
#include "sdp/negotiation.h"

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
    ck_assert_int_eq(ps_sdp_parse(&end->capabilities, ps_slice_of(text), 0, NULL), PS_OK);
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

/* One exchange; the answer. */
static const char *exchange(struct end *from, enum ps_sdp_direction wanted, struct end *to)
{
    struct ps_slice offer;
    struct ps_slice answer;
    ck_assert_int_eq(ps_sdp_offer(&from->n, &from->capabilities, wanted, &offer), PS_OK);
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

static Suite *suite(void)
{
    Suite *s = suite_create("sdp_negotiation");
    TCase *t = tcase_create("offer/answer");
    tcase_add_test(t, answer_rfc3264_6);
    tcase_add_test(t, hold_and_resume_rfc3264_8_4);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
