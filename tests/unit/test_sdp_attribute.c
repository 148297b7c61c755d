/*
 * Covers the values of typed attributes, read and written, and that every one of the descriptions
 * of tests/traces comes back. Does not cover: malformed values (test_sdp_faults).
 */
#include "check_main.h"
#include "sdp/attribute.h"
#include "sdp_files.h"

static struct ps_sdp_attribute a;
static char out[4096];

static const char *text_of(struct ps_slice s)
{
    static char text[4][512];
    static unsigned next;
    char *t = text[next++ % 4];
    ck_assert_uint_lt(s.n, sizeof text[0]);
    if (s.n)
        memcpy(t, s.p, s.n);
    t[s.n] = 0;
    return s.p ? t : "(absent)";
}

static enum ps_error read_line(struct ps_slice line)
{
    const char *colon = ps_find(line, ':');
    struct ps_slice name = colon ? ps_between(line.p, colon) : line;
    struct ps_slice value = colon ? ps_between(colon + 1, line.p + line.n) : PS_NONE;
    return ps_sdp_attribute_parse(name, value, &a, NULL);
}

/* Reads "name:value"; it must come back as written. */
static void read_back(const char *line)
{
    struct ps_writer w = ps_writer(out, sizeof out);
    ck_assert_msg(!read_line(ps_slice_of(line)), "%s", line);
    ck_assert_int_eq(a.error, PS_OK);
    ps_sdp_put_attribute(&w, &a);
    ck_assert_int_eq(w.error, PS_OK);
    ck_assert_uint_gt(w.n, 4);
    ck_assert_str_eq(text_of(ps_slice(out + 2, w.n - 4)), line);
}

START_TEST(rtpmap_and_fmtp_rfc8866_6_6_and_6_15)
{
    read_back("rtpmap:96 opus/48000/2");
    ck_assert_int_eq(a.id, PS_SDP_A_RTPMAP);
    ck_assert_uint_eq(a.u.rtpmap.payload, 96);
    ck_assert_str_eq(text_of(a.u.rtpmap.name), "opus");
    ck_assert_uint_eq(a.u.rtpmap.clock_rate, 48000);
    ck_assert_uint_eq(a.u.rtpmap.channels, 2);
    read_back("rtpmap:0 PCMU/8000");
    ck_assert_uint_eq(a.u.rtpmap.channels, 1);
    read_back("fmtp:96 minptime=10;useinbandfec=1");
    ck_assert_str_eq(text_of(a.u.fmtp.format), "96");
    ck_assert_str_eq(text_of(a.u.fmtp.parameters), "minptime=10;useinbandfec=1");
}
END_TEST

START_TEST(decimals_rfc8866_6_4_6_5_6_13)
{
    read_back("ptime:20");
    ck_assert_uint_eq(a.u.decimal.thousandths, 20000);
    read_back("maxptime:2.5");
    ck_assert_uint_eq(a.u.decimal.thousandths, 2500);
    read_back("framerate:29.97");
    ck_assert_uint_eq(a.u.decimal.thousandths, 29970);
    read_back("framerate:0.001");
    ck_assert_uint_eq(a.u.decimal.thousandths, 1);
    read_back("framerate:10.05");
    ck_assert_int_eq(read_line(PS_S("framerate:29.970029")), PS_OK);
    ck_assert_uint_eq(a.u.decimal.thousandths, 29970);
    ck_assert_int_eq(read_line(PS_S("framerate:0.0001")), PS_E_SDP_LINE);
    ck_assert_int_eq(a.error, PS_E_SDP_LINE);
}
END_TEST

START_TEST(flags_and_others)
{
    read_back("sendrecv");
    ck_assert_int_eq(a.id, PS_SDP_A_SENDRECV);
    read_back("sendonly");
    read_back("recvonly");
    read_back("inactive");
    ck_assert_int_eq(a.id, PS_SDP_A_INACTIVE);
    read_back("rtcp-mux");
    read_back("end-of-candidates");
    read_back("X-nat:0");
    ck_assert_int_eq(a.id, PS_SDP_A_OTHER);
    ck_assert_str_eq(text_of(a.value), "0");
    read_back("ice-lite");
    ck_assert_ptr_null(a.value.p);
    ck_assert_str_eq(text_of(ps_sdp_attribute_id_name(PS_SDP_A_OTHER)), "");
    ck_assert_str_eq(text_of(ps_sdp_attribute_id_name(PS_SDP_A_SILENCE_SUPP)), "silenceSupp");
}
END_TEST

START_TEST(rtcp_rfc3605_4585_5576)
{
    read_back("rtcp:53020");
    ck_assert_uint_eq(a.u.rtcp.port, 53020);
    ck_assert_ptr_null(a.u.rtcp.address.p);
    read_back("rtcp:53020 IN IP4 126.16.64.4");
    ck_assert_str_eq(text_of(a.u.rtcp.family), "IP4");
    ck_assert_str_eq(text_of(a.u.rtcp.address), "126.16.64.4");
    read_back("rtcp-fb:* nack");
    ck_assert_ptr_null(a.u.rtcp_fb.parameters.p);
    read_back("rtcp-fb:98 ccm tmmbr smaxpr=120");
    ck_assert_str_eq(text_of(a.u.rtcp_fb.type), "ccm");
    ck_assert_str_eq(text_of(a.u.rtcp_fb.parameters), "tmmbr smaxpr=120");
    read_back("ssrc:4294967295 cname:another user@example.com");
    ck_assert_uint_eq(a.u.ssrc.id, 4294967295u);
    ck_assert_str_eq(text_of(a.u.ssrc.value), "another user@example.com");
    read_back("ssrc:0 flag");
    ck_assert_ptr_null(a.u.ssrc.value.p);
}
END_TEST

START_TEST(grouping_and_identity)
{
    read_back("group:BUNDLE 0 1");
    ck_assert_str_eq(text_of(a.u.group.mids), "0 1");
    read_back("group:LS");
    ck_assert_ptr_null(a.u.group.mids.p);
    read_back("mid:audio");
    ck_assert_str_eq(text_of(a.u.text.text), "audio");
    read_back("label:1");
    read_back("msid:stream");
    read_back("msid:stream track");
    ck_assert_str_eq(text_of(a.u.msid.track), "track");
}
END_TEST

START_TEST(setup_and_connection_rfc4145)
{
    read_back("setup:active");
    ck_assert_uint_eq(a.u.choice.value, PS_SDP_ACTIVE);
    read_back("setup:passive");
    ck_assert_uint_eq(a.u.choice.value, PS_SDP_PASSIVE);
    read_back("setup:actpass");
    ck_assert_uint_eq(a.u.choice.value, PS_SDP_ACTPASS);
    read_back("setup:holdconn");
    ck_assert_uint_eq(a.u.choice.value, PS_SDP_HOLDCONN);
    read_back("connection:new");
    ck_assert_uint_eq(a.u.choice.value, PS_SDP_NEW);
    read_back("connection:existing");
    ck_assert_uint_eq(a.u.choice.value, PS_SDP_EXISTING);
}
END_TEST

START_TEST(keys)
{
    read_back("fingerprint:sha-1 4A:AD:B9:b1");
    ck_assert_str_eq(text_of(a.u.fingerprint.hash), "sha-1");
    ck_assert_str_eq(text_of(a.u.fingerprint.digits), "4A:AD:B9:b1");
    read_back(
        "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20");
    ck_assert_uint_eq(a.u.crypto.tag, 1);
    ck_assert_str_eq(text_of(a.u.crypto.suite), "AES_CM_128_HMAC_SHA1_80");
    ck_assert_ptr_null(a.u.crypto.parameters.p);
    read_back("crypto:2 F8_128_HMAC_SHA1_80 inline:x;inline:y FEC_ORDER=FEC_SRTP KDR=1");
    ck_assert_str_eq(text_of(a.u.crypto.parameters), "FEC_ORDER=FEC_SRTP KDR=1");
}
END_TEST

START_TEST(ice_rfc8839)
{
    read_back("ice-ufrag:8hhY");
    read_back("ice-pwd:asd88fgpdd777uzjYhagZg+/");
    ck_assert_str_eq(text_of(a.u.text.text), "asd88fgpdd777uzjYhagZg+/");
    read_back("ice-options:rtp+ecn trickle");
    read_back("candidate:1 1 UDP 2130706431 203.0.113.141 8998 typ host");
    ck_assert_uint_eq(a.u.candidate.related_port, PS_SDP_NO_PORT);
    ck_assert_ptr_null(a.u.candidate.related_address.p);
    ck_assert_ptr_null(a.u.candidate.extensions.p);
    read_back("candidate:2 2 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 0 "
              "generation 0");
    ck_assert_str_eq(text_of(a.u.candidate.foundation), "2");
    ck_assert_uint_eq(a.u.candidate.component, 2);
    ck_assert_str_eq(text_of(a.u.candidate.transport), "UDP");
    ck_assert_uint_eq(a.u.candidate.priority, 1694498815);
    ck_assert_str_eq(text_of(a.u.candidate.address), "192.0.2.3");
    ck_assert_uint_eq(a.u.candidate.port, 45664);
    ck_assert_str_eq(text_of(a.u.candidate.type), "srflx");
    ck_assert_str_eq(text_of(a.u.candidate.related_address), "203.0.113.141");
    ck_assert_uint_eq(a.u.candidate.related_port, 0);
    ck_assert_str_eq(text_of(a.u.candidate.extensions), "generation 0");
    read_back("candidate:3 1 udp 5 2001:db8::1 9 typ host ext");
    ck_assert_str_eq(text_of(a.u.candidate.extensions), "ext");
    read_back("candidate:3 1 tcp 5 2001:db8::1 9 typ host tcptype active");
    ck_assert_str_eq(text_of(a.u.candidate.extensions), "tcptype active");
}
END_TEST

START_TEST(extensions_and_capabilities)
{
    read_back("extmap:1 urn:ietf:params:rtp-hdrext:toffset");
    ck_assert_ptr_null(a.u.extmap.direction.p);
    read_back("extmap:4351/inactive http://example.com/ext#a b c");
    ck_assert_uint_eq(a.u.extmap.id, 4351);
    ck_assert_str_eq(text_of(a.u.extmap.direction), "inactive");
    ck_assert_str_eq(text_of(a.u.extmap.uri), "http://example.com/ext#a");
    ck_assert_str_eq(text_of(a.u.extmap.attributes), "b c");
    read_back("tcap:1 RTP/SAVP RTP/AVP");
    ck_assert_str_eq(text_of(a.u.capability.text), "RTP/SAVP RTP/AVP");
    read_back("pcfg:1 t=1|2 a=1,2");
    read_back("pcfg:1");
    ck_assert_ptr_null(a.u.capability.text.p);
    read_back("acfg:2 t=1");
    ck_assert_uint_eq(a.u.capability.number, 2);
    read_back("silenceSupp:off - - - -");
    ck_assert_str_eq(text_of(a.u.silence_supp.enable), "off");
    read_back("silenceSupp:on 150 custom Fixed Noise 30");
    ck_assert_str_eq(text_of(a.u.silence_supp.timer), "150");
    ck_assert_str_eq(text_of(a.u.silence_supp.sid_use), "Fixed Noise");
    ck_assert_str_eq(text_of(a.u.silence_supp.level), "30");
}
END_TEST

START_TEST(a_line_break_is_not_written)
{
    struct ps_writer w = ps_writer(out, sizeof out);
    ck_assert_int_eq(read_line(PS_S("mid:audio")), PS_OK);
    a.u.text.text = PS_S("x\r\nm=evil");
    ps_sdp_put_attribute(&w, &a);
    ck_assert_int_eq(w.error, PS_E_INJECTION);
}
END_TEST

/* "/1" at the end of an rtpmap, and zeros at the end of a framerate, say nothing and are lost. */
static bool says_too_much(const struct ps_sdp_attribute *attribute)
{
    struct ps_slice v = attribute->value;
    if (attribute->id == PS_SDP_A_RTPMAP)
        return ps_equal(ps_slice(v.p + v.n - 2, 2), PS_S("/1"));
    return attribute->id == PS_SDP_A_FRAMERATE && v.p[v.n - 1] == '0';
}

/* All attributes of all descriptions. */
START_TEST(every_attribute_comes_back)
{
    static struct ps_sdp sdp;
    const struct sdp_file *files;
    size_t n = sdp_files(&files);
    unsigned seen[PS_SDP_A_COUNT] = {0};
    size_t i;
    int id;
    for (i = 0; i < n; i++) {
        int media;
        ck_assert_int_eq(ps_sdp_parse(files[i].text, 0, &sdp, NULL), PS_OK);
        for (media = PS_SDP_SESSION; media < (int)sdp.media; media++) {
            unsigned cursor = 0;
            while (ps_sdp_attribute_next(&sdp, media, &cursor, &a)) {
                struct ps_writer w = ps_writer(out, sizeof out);
                const char *end = a.value.p ? a.value.p + a.value.n : a.name.p + a.name.n;
                ck_assert_int_eq(a.error, PS_OK);
                seen[a.id]++;
                ps_sdp_put_attribute(&w, &a);
                if (!says_too_much(&a))
                    ck_assert_str_eq(text_of(ps_slice(out + 2, w.n - 4)),
                                     text_of(ps_between(a.name.p, end)));
            }
        }
    }
    for (id = 0; id < PS_SDP_A_COUNT; id++)
        ck_assert_msg(seen[id], "no description has a=%s",
                      text_of(ps_sdp_attribute_id_name((enum ps_sdp_attribute_id)id)));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sdp_attribute");
    TCase *t = tcase_create("attributes");
    tcase_add_test(t, rtpmap_and_fmtp_rfc8866_6_6_and_6_15);
    tcase_add_test(t, decimals_rfc8866_6_4_6_5_6_13);
    tcase_add_test(t, flags_and_others);
    tcase_add_test(t, rtcp_rfc3605_4585_5576);
    tcase_add_test(t, grouping_and_identity);
    tcase_add_test(t, setup_and_connection_rfc4145);
    tcase_add_test(t, keys);
    tcase_add_test(t, ice_rfc8839);
    tcase_add_test(t, extensions_and_capabilities);
    tcase_add_test(t, a_line_break_is_not_written);
    tcase_add_test(t, every_attribute_comes_back);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
