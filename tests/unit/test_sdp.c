/*
 * Covers reading and writing of good descriptions: lines, sections, typed lines, every description
 * of tests/traces, the example of RFC 8866, canonical writing. Does not cover: what is wrong with
 * bad ones (test_sdp_faults), attributes' values (test_sdp_attribute), offer/answer.
 */
#include "check_main.h"
#include "sdp/attribute.h"
#include "sdp_files.h"

static struct ps_sdp sdp;
static char out[1 << 17];

static void read_one(const char *text)
{
    ck_assert_int_eq(ps_sdp_parse(ps_slice_of(text), 0, &sdp, NULL), PS_OK);
}

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

static struct ps_slice canonical(const struct ps_sdp *of)
{
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_sdp_write_canonical(&w, of);
    ck_assert_int_eq(w.error, PS_OK);
    return ps_written(&w);
}

/* RFC 8866 5, the example that ends the section. */
static const char example[] = "v=0\r\n"
                              "o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n"
                              "s=Call to John Smith\r\n"
                              "i=SDP Offer #1\r\n"
                              "u=http://www.jdoe.example.com/home.html\r\n"
                              "e=Jane Doe <jane@jdoe.example.com>\r\n"
                              "p=+1 617 555-6011\r\n"
                              "c=IN IP4 198.51.100.1\r\n"
                              "t=0 0\r\n"
                              "m=audio 49170 RTP/AVP 0\r\n"
                              "m=audio 49180 RTP/AVP 0\r\n"
                              "m=video 51372 RTP/AVP 99\r\n"
                              "c=IN IP6 2001:db8::2\r\n"
                              "a=rtpmap:99 h263-1998/90000\r\n";

START_TEST(example_rfc8866_5)
{
    struct ps_sdp_origin o;
    struct ps_sdp_media m;
    unsigned i;
    read_one(example);
    for (i = 0; i < PS_SDP_NOTES; i++)
        ck_assert_uint_eq(sdp.noted[i], 0);
    ck_assert_uint_eq(sdp.lines, 14);
    ck_assert_uint_eq(sdp.media, 3);
    ck_assert_str_eq(text_of(ps_sdp_first(&sdp, PS_SDP_SESSION, 's')), "Call to John Smith");
    ck_assert_str_eq(text_of(ps_sdp_first(&sdp, PS_SDP_SESSION, 'm')), "(absent)");
    ck_assert_str_eq(text_of(ps_sdp_first(&sdp, 2, 'c')), "IN IP6 2001:db8::2");
    ck_assert_str_eq(text_of(ps_sdp_first(&sdp, 1, 'c')), "(absent)");
    ck_assert_str_eq(text_of(ps_sdp_first(&sdp, 3, 'm')), "(absent)");
    ck_assert_str_eq(text_of(ps_sdp_first(&sdp, -2, 'm')), "(absent)");
    ck_assert_int_eq(ps_sdp_origin_parse(ps_sdp_first(&sdp, PS_SDP_SESSION, 'o'), &o, NULL), PS_OK);
    ck_assert_str_eq(text_of(o.username), "jdoe");
    ck_assert_str_eq(text_of(o.session_id), "3724394400");
    ck_assert_str_eq(text_of(o.version), "3724394405");
    ck_assert_str_eq(text_of(o.address), "198.51.100.1");
    ck_assert_int_eq(ps_sdp_media_parse(ps_sdp_first(&sdp, 2, 'm'), &m, NULL), PS_OK);
    ck_assert_str_eq(text_of(m.media), "video");
    ck_assert_uint_eq(m.port, 51372);
    ck_assert_uint_eq(m.count, 1);
    ck_assert(m.rtp);
    ck_assert_str_eq(text_of(m.protocol), "RTP/AVP");
    ck_assert_str_eq(text_of(m.formats), " 99");
    ck_assert_slice_eq(canonical(&sdp), example);
}
END_TEST

START_TEST(attributes_by_name)
{
    struct ps_slice value = PS_S("untouched");
    unsigned cursor = 0;
    unsigned i;
    read_one("v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\na=one\r\na=two:\r\na=two:x:y\r\n");
    ck_assert(ps_sdp_attribute(&sdp, PS_SDP_SESSION, PS_S("one"), NULL));
    ck_assert(ps_sdp_attribute(&sdp, PS_SDP_SESSION, PS_S("one"), &value));
    ck_assert_str_eq(text_of(value), "(absent)");
    ck_assert(ps_sdp_attribute(&sdp, PS_SDP_SESSION, PS_S("two"), &value));
    ck_assert_str_eq(text_of(value), "");
    ck_assert(!ps_sdp_attribute(&sdp, PS_SDP_SESSION, PS_S("ONE"), &value));
    ck_assert(!ps_sdp_attribute(&sdp, 0, PS_S("one"), &value));
    ck_assert_str_eq(text_of(ps_sdp_attribute_value(&sdp, 6)), "x:y");
    ck_assert_str_eq(text_of(ps_sdp_attribute_value(&sdp, 2)), "(absent)");
    ck_assert_str_eq(text_of(ps_sdp_attribute_name(&sdp, 2)), "");
    ck_assert(ps_sdp_next(&sdp, PS_SDP_SESSION, 'a', &cursor, &i) && i == 4);
    ck_assert(ps_sdp_next(&sdp, PS_SDP_SESSION, 'a', &cursor, &i) && i == 5);
    ck_assert(ps_sdp_next(&sdp, PS_SDP_SESSION, 'a', &cursor, &i) && i == 6);
    ck_assert(!ps_sdp_next(&sdp, PS_SDP_SESSION, 'a', &cursor, &i));
}
END_TEST

START_TEST(words)
{
    struct ps_slice rest = PS_S("  a bc\td ");
    ck_assert_str_eq(text_of(ps_sdp_word(&rest)), "a");
    ck_assert_str_eq(text_of(ps_sdp_word(&rest)), "bc");
    ck_assert_str_eq(text_of(ps_sdp_word(&rest)), "d");
    ck_assert_uint_eq(ps_sdp_word(&rest).n, 0);
    ck_assert_uint_eq(ps_sdp_word(&rest).n, 0);
    rest = PS_NONE;
    ck_assert_uint_eq(ps_sdp_word(&rest).n, 0);
}
END_TEST

/* ---- typed lines ---- */

/* Multicast addresses end at 239.255.255.255. */
START_TEST(as_many_addresses_as_there_are_rfc8866_5_7)
{
    static const char *const fit[] = {"IN IP4 239.255.255.254/1/2", "IN IP4 239.255.255.255/1/1",
                                      "IN IP4 224.0.0.0/1/268435456", "IN IP6 ff15::1/4294967295"};
    static const char *const do_not[] = {
        "IN IP4 239.255.255.255/1/2", "IN IP4 224.0.0.0/1/268435457",
        "IN IP4 224.2.1.1/127/2000000000", "IN IP4 233.252.0.1/127/4294967295"};
    struct ps_sdp_connection c;
    struct ps_sdp_fault fault;
    unsigned i;
    for (i = 0; i < 4; i++) {
        ck_assert(!ps_sdp_connection_parse(ps_slice_of(fit[i]), &c, &fault));
        ck_assert_int_eq(ps_sdp_connection_parse(ps_slice_of(do_not[i]), &c, &fault),
                         PS_E_SDP_LINE);
        ck_assert_uint_eq(fault.offset, (size_t)(strrchr(do_not[i], '/') + 1 - do_not[i]));
    }
}
END_TEST

/* Ports end at 65535; RTP takes two for each (5.14). */
START_TEST(as_many_ports_as_there_are_rfc8866_5_14)
{
    static const char *const fit[] = {"audio 49170/8183 RTP/AVP 0", "audio 0/32768 RTP/AVP 0",
                                      "audio 65535/1 RTP/AVP 0", "image 49170/16366 udptl t38"};
    static const char *const do_not[] = {"audio 49170/8184 RTP/AVP 0", "audio 0/32769 RTP/AVP 0",
                                         "audio 65534/2 RTP/AVP 0", "image 49170/16367 udptl t38"};
    struct ps_sdp_media m;
    struct ps_sdp_fault fault;
    unsigned i;
    for (i = 0; i < 4; i++) {
        ck_assert(!ps_sdp_media_parse(ps_slice_of(fit[i]), &m, &fault));
        ck_assert_int_eq(ps_sdp_media_parse(ps_slice_of(do_not[i]), &m, &fault), PS_E_SDP_LINE);
        ck_assert_uint_eq(fault.offset, (size_t)(strchr(do_not[i], '/') + 1 - do_not[i]));
    }
}
END_TEST

START_TEST(connection_rfc8866_5_7)
{
    struct ps_sdp_connection c;
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 233.252.0.1/127/3"), &c, NULL), PS_OK);
    ck_assert_str_eq(text_of(c.address), "233.252.0.1");
    ck_assert(c.multicast && c.has_ttl);
    ck_assert_uint_eq(c.ttl, 127);
    ck_assert_uint_eq(c.count, 3);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 224.0.0.1/0"), &c, NULL), PS_OK);
    ck_assert(c.multicast && c.has_ttl && c.ttl == 0 && c.count == 1);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP6 FF15::101/3"), &c, NULL), PS_OK);
    ck_assert(c.multicast && !c.has_ttl && c.count == 3);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP6 ff02::1"), &c, NULL), PS_OK);
    ck_assert(c.multicast && c.count == 1);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 host.example"), &c, NULL), PS_OK);
    ck_assert(!c.multicast);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 239.example"), &c, NULL), PS_OK);
    ck_assert(!c.multicast);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP6 ff.example"), &c, NULL), PS_OK);
    ck_assert(!c.multicast);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP6 f"), &c, NULL), PS_OK);
    ck_assert(!c.multicast);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP6 fa::1"), &c, NULL), PS_OK);
    ck_assert(!c.multicast);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP6 ff::1"), &c, NULL), PS_OK);
    ck_assert(!c.multicast); /* that is 00ff::1 */
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 223.1.1.1"), &c, NULL), PS_OK);
    ck_assert(!c.multicast);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 240.1.1.1"), &c, NULL), PS_OK);
    ck_assert(!c.multicast);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 23.1.1.1"), &c, NULL), PS_OK);
    ck_assert(!c.multicast);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 1.1"), &c, NULL), PS_E_SDP_LINE);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 pbx"), &c, NULL), PS_OK);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("ATM NSAP 47.0091"), &c, NULL), PS_OK);
    ck_assert_str_eq(text_of(c.network), "ATM");
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP9 anything[]"), &c, NULL), PS_OK);
    ck_assert_str_eq(text_of(c.family), "IP9");
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IPX9 anything"), &c, NULL), PS_OK);
    ck_assert_str_eq(text_of(c.family), "IPX9");
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("IN IP4 1x.example"), &c, NULL), PS_OK);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_S("INX IP4"), &c, NULL), PS_E_SDP_LINE);
    ck_assert_int_eq(ps_sdp_connection_parse(PS_NONE, &c, NULL), PS_E_SDP_LINE);
}
END_TEST

START_TEST(ipv6_addresses_rfc3986)
{
    static const char *const right[] = {"::",
                                        "::1",
                                        "1::",
                                        "1:2:3:4:5:6:7:8",
                                        "1::8",
                                        "::ffff:192.0.2.1",
                                        "1:2:3:4:5:6:192.0.2.1",
                                        "2001:DB8::a:0:1",
                                        "1:2:3:4:5:6:7::"};
    static const char *const wrong[] = {":",           ":::",
                                        "1",           "1:2:3:4:5:6:7",
                                        "1:",          "1::2::3",
                                        "12345::1",    "1:2:3:4:5:6:7:8:9",
                                        ":1",          "g::",
                                        "::1.2.3",     "1:2:3:4:5:6:7:1.2.3.4",
                                        "::1:",        "1:2:3:4:5:6:7:8::",
                                        "::1.2.3.4:5", "1:2:3:4:5:6:7:8:9:a:b",
                                        "1.2.3.4",     "::.1"};
    struct ps_sdp_connection c;
    char text[80] = "IN IP6 ";
    size_t i;
    for (i = 0; i < sizeof right / sizeof *right; i++) {
        strcpy(text + 7, right[i]);
        ck_assert_msg(!ps_sdp_connection_parse(ps_slice_of(text), &c, NULL), "%s", right[i]);
    }
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        strcpy(text + 7, wrong[i]);
        ck_assert_msg(ps_sdp_connection_parse(ps_slice_of(text), &c, NULL), "%s", wrong[i]);
    }
}
END_TEST

START_TEST(times_rfc8866_5_9_to_5_11)
{
    struct ps_sdp_time t;
    struct ps_sdp_repeat r;
    struct ps_sdp_zone z;
    struct ps_slice rest = PS_S("3730928400 -1h 3749680800 0");
    uint64_t s = 7;
    ck_assert_int_eq(ps_sdp_time_parse(PS_S("3724394400 3724398000"), &t, NULL), PS_OK);
    ck_assert_uint_eq(t.start, 3724394400u);
    ck_assert_uint_eq(t.stop, 3724398000u);
    ck_assert_int_eq(ps_sdp_repeat_parse(PS_S("7d 1h 0 25h"), &r, NULL), PS_OK);
    ck_assert_uint_eq(r.interval, 604800);
    ck_assert_uint_eq(r.duration, 3600);
    ck_assert_str_eq(text_of(r.offsets), " 0 25h");
    ck_assert_int_eq(ps_sdp_zone_next(&rest, &z, NULL), PS_OK);
    ck_assert_uint_eq(z.time, 3730928400u);
    ck_assert_int_eq(z.offset, -3600);
    ck_assert_int_eq(ps_sdp_zone_next(&rest, &z, NULL), PS_OK);
    ck_assert_int_eq(z.offset, 0);
    ck_assert_int_eq(ps_sdp_zone_next(&rest, &z, NULL), PS_E_END);
    rest = PS_S("1 1h ");
    ck_assert_int_eq(ps_sdp_zone_next(&rest, &z, NULL), PS_E_SDP_LINE);
    ck_assert_int_eq(ps_sdp_typed_time_parse(PS_S("30m"), &s), PS_OK);
    ck_assert_uint_eq(s, 1800);
    ck_assert_int_eq(ps_sdp_typed_time_parse(PS_S("90s"), &s), PS_OK);
    ck_assert_uint_eq(s, 90);
    ck_assert_int_eq(ps_sdp_typed_time_parse(PS_S("106751991167300d"), &s), PS_OK);
    ck_assert_int_eq(ps_sdp_typed_time_parse(PS_S("106751991167301d"), &s), PS_E_NUMBER);
    ck_assert_int_eq(ps_sdp_typed_time_parse(PS_S("d"), &s), PS_E_NUMBER);
    ck_assert_int_eq(ps_sdp_typed_time_parse(PS_NONE, &s), PS_E_NUMBER);
    ck_assert_int_eq(ps_sdp_typed_time_parse(PS_S("1D"), &s), PS_E_NUMBER);
}
END_TEST

START_TEST(media_bandwidth_and_keys)
{
    struct ps_sdp_media m;
    struct ps_sdp_bandwidth b;
    struct ps_sdp_key k;
    ck_assert_int_eq(ps_sdp_media_parse(PS_S("video 49170/2 UDP/TLS/RTP/SAVPF 31 127"), &m, NULL),
                     PS_OK);
    ck_assert_uint_eq(m.count, 2);
    ck_assert(m.rtp);
    ck_assert_int_eq(ps_sdp_media_parse(PS_S("application 0 udp wb"), &m, NULL), PS_OK);
    ck_assert(!m.rtp);
    ck_assert_uint_eq(m.port, 0);
    ck_assert_int_eq(ps_sdp_media_parse(PS_S("a 1 RTPX/RT wb"), &m, NULL), PS_OK);
    ck_assert(!m.rtp);
    ck_assert_int_eq(ps_sdp_bandwidth_parse(PS_S("X-YZ:18446744073709551615"), &b, NULL), PS_OK);
    ck_assert_uint_eq(b.value, UINT64_MAX);
    ck_assert_int_eq(ps_sdp_bandwidth_parse(PS_S("AS:000000000000000000000001"), &b, NULL), PS_OK);
    ck_assert_uint_eq(b.value, 1);
    ck_assert_int_eq(ps_sdp_key_parse(PS_S("prompt"), &k, NULL), PS_OK);
    ck_assert_ptr_null(k.value.p);
    ck_assert_int_eq(ps_sdp_key_parse(PS_S("uri:https://a b"), &k, NULL), PS_OK);
    ck_assert_str_eq(text_of(k.value), "https://a b");
}
END_TEST

START_TEST(direction_is_inherited_rfc8866_6_7)
{
    read_one("v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nc=IN IP4 a\r\nt=0 0\r\na=x\r\na=recvonly\r\n"
             "m=a 1 b c\r\na=y\r\nm=a 1 b c\r\na=inactive\r\n");
    ck_assert_int_eq(ps_sdp_direction(&sdp, PS_SDP_SESSION), PS_SDP_RECVONLY);
    ck_assert_int_eq(ps_sdp_direction(&sdp, 0), PS_SDP_RECVONLY);
    ck_assert_int_eq(ps_sdp_direction(&sdp, 1), PS_SDP_INACTIVE);
    read_one(example);
    ck_assert_int_eq(ps_sdp_direction(&sdp, 0), PS_SDP_SENDRECV);
    ck_assert_int_eq(ps_sdp_direction_mirror(PS_SDP_SENDONLY), PS_SDP_RECVONLY);
    ck_assert_int_eq(ps_sdp_direction_mirror(PS_SDP_RECVONLY), PS_SDP_SENDONLY);
    ck_assert_int_eq(ps_sdp_direction_mirror(PS_SDP_SENDRECV), PS_SDP_SENDRECV);
    ck_assert_int_eq(ps_sdp_direction_mirror(PS_SDP_INACTIVE), PS_SDP_INACTIVE);
    ck_assert_str_eq(text_of(ps_sdp_direction_name(PS_SDP_SENDONLY)), "sendonly");
}
END_TEST

/* A blank at the end of a text may be meant: it stays. */
START_TEST(texts_keep_their_blanks)
{
    read_one("v=0\r\no=- 1 1 IN IP4 a\r\ns=s \r\ni=i \r\ne=e \r\np=p \r\nt=0 0\r\n"
             "k=clear:k \r\n");
    ck_assert_uint_eq(sdp.noted[PS_SDP_NOTE_BLANKS], 0);
    ck_assert_str_eq(text_of(ps_sdp_first(&sdp, PS_SDP_SESSION, 'k')), "clear:k ");
    ck_assert_int_eq(
        ps_sdp_parse(PS_S("v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nu=u \r\nt=0 0\r\n"), 0, &sdp, NULL),
        PS_E_SDP_LINE);
}
END_TEST

/* ---- writing ---- */

/* Puts in order what is out of order, each section for itself; t= r= z= keep theirs. */
START_TEST(canonical_order_rfc8866_5)
{
    read_one(
        "v=0\ns=- \no=- 1 1 IN IP4 a\na=x \nt=0 0\nr=1 1 0\nt=0 0\nz=1 1h\nk=prompt\nb=A:1\n"
        "p=1\nc=IN IP4 a\ne=e\nu=u\ni=i\nm=a 1 b c\na=y\nk=prompt\nb=B:2\nc=IN IP4 b\ni=j\n\n");
    ck_assert_slice_eq(
        canonical(&sdp),
        "v=0\r\no=- 1 1 IN IP4 a\r\ns=- \r\ni=i\r\nu=u\r\ne=e\r\np=1\r\nc=IN IP4 a\r\n"
        "b=A:1\r\nt=0 0\r\nr=1 1 0\r\nt=0 0\r\nz=1 1h\r\nk=prompt\r\na=x\r\nm=a 1 b c\r\n"
        "i=j\r\nc=IN IP4 b\r\nb=B:2\r\nk=prompt\r\na=y\r\n");
}
END_TEST

START_TEST(typed_lines_are_written)
{
    struct ps_writer w = ps_writer(out, sizeof out);
    struct ps_sdp_origin o;
    struct ps_sdp_connection c;
    struct ps_sdp_bandwidth b;
    struct ps_sdp_time t;
    struct ps_sdp_media m;
    ck_assert(!ps_sdp_origin_parse(PS_S("- 1 2 IN IP4 a"), &o, NULL));
    ck_assert(!ps_sdp_connection_parse(PS_S("IN IP4 233.252.0.1/127/3"), &c, NULL));
    ck_assert(!ps_sdp_bandwidth_parse(PS_S("AS:64"), &b, NULL));
    ck_assert(!ps_sdp_time_parse(PS_S("0 9"), &t, NULL));
    ck_assert(!ps_sdp_media_parse(PS_S("audio 5/2 RTP/AVP 0 8"), &m, NULL));
    ps_sdp_put_origin(&w, &o);
    ps_sdp_put_connection(&w, &c);
    ps_sdp_put_bandwidth(&w, &b);
    ps_sdp_put_time(&w, &t);
    ps_sdp_put_media(&w, &m);
    m.count = 1;
    c.count = 1;
    c.has_ttl = false;
    ps_sdp_put_media(&w, &m);
    ps_sdp_put_connection(&w, &c);
    ps_sdp_put_line(&w, 's', PS_S("x"));
    ck_assert_slice_eq(ps_written(&w),
                       "o=- 1 2 IN IP4 a\r\nc=IN IP4 233.252.0.1/127/3\r\nb=AS:64\r\n"
                       "t=0 9\r\nm=audio 5/2 RTP/AVP 0 8\r\nm=audio 5 RTP/AVP 0 8\r\n"
                       "c=IN IP4 233.252.0.1\r\ns=x\r\n");
    ps_sdp_put_line(&w, 's', PS_S("x\r\na=evil"));
    ck_assert_int_eq(w.error, PS_E_INJECTION);
}
END_TEST

START_TEST(lines_of_a_parsed_one_are_written)
{
    struct ps_writer w = ps_writer(out, sizeof out);
    read_one("v=0\no=- 1 1 IN IP4 a\ns=-\nt=0 0 \na=x\n");
    ps_sdp_put_lines(&w, &sdp, 3, 99);
    ck_assert_slice_eq(ps_written(&w), "t=0 0\r\na=x\r\n");
    w = ps_writer(out, 3);
    ps_sdp_put_lines(&w, &sdp, 3, 4);
    ck_assert_int_eq(w.error, PS_E_OVERFLOW);
    ck_assert_uint_eq(w.n, 7);
}
END_TEST

/* ---- the descriptions of real devices ---- */

START_TEST(every_description_comes_back)
{
    const struct sdp_file *files;
    size_t n = sdp_files(&files);
    static struct ps_sdp again;
    static char kept[1 << 16];
    size_t i;
    ck_assert_uint_ge(n, 61);
    for (i = 0; i < n; i++) {
        struct ps_writer w = ps_writer(kept, sizeof kept);
        struct ps_sdp_fault fault;
        struct ps_slice first;
        unsigned k;
        bool clean = true;
        ck_assert_msg(!ps_sdp_parse(files[i].text, 0, &sdp, &fault), "%s:%u", files[i].name,
                      fault.line);
        ck_assert_msg(!ps_sdp_check(&sdp, &fault), "%s:%u:%u", files[i].name, fault.line,
                      fault.column);
        ps_sdp_write(&w, &sdp);
        ck_assert_slices_eq(ps_written(&w), files[i].text);
        for (k = 0; k < PS_SDP_NOTES; k++)
            clean = clean && !sdp.noted[k];
        w = ps_writer(kept, sizeof kept);
        ps_sdp_write_canonical(&w, &sdp);
        first = ps_written(&w);
        ck_assert_msg(clean == ps_equal(first, files[i].text), "%s", files[i].name);
        ck_assert_msg(!ps_sdp_parse(first, PS_SDP_STRICT, &again, &fault), "%s:%u", files[i].name,
                      fault.line);
        ck_assert_slices_eq(canonical(&again), first);
    }
}
END_TEST

START_TEST(a_browser_has_more_than_400_lines)
{
    ck_assert_int_eq(ps_sdp_parse(sdp_file("browser-chrome-offer.sdp"), PS_SDP_STRICT, &sdp, NULL),
                     PS_OK);
    ck_assert_uint_ge(sdp.lines, 400);
}
END_TEST

/* Cut anywhere, a description is read or refused, never read past its end (each copy ends where its
 * allocation does, so that valgrind and the sanitizers see it). Cut after a line from t= on, it is
 * whole, but for the c= that the last m= may lack. */
START_TEST(cut_anywhere)
{
    size_t t = (size_t)(strstr(example, "t=0 0") - example);
    size_t n;
    for (n = 0; n < sizeof example; n++) {
        char *copy = malloc(n ? n : 1);
        enum ps_error e;
        memcpy(copy, example, n);
        e = ps_sdp_parse(ps_slice(copy, n), 0, &sdp, NULL);
        if (n < t)
            ck_assert_int_ne(e, PS_OK);
        else if (n > t && copy[n - 1] == '\n')
            ck_assert_int_eq(e, PS_OK);
        free(copy);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sdp");
    TCase *t = tcase_create("sdp");
    tcase_add_test(t, example_rfc8866_5);
    tcase_add_test(t, attributes_by_name);
    tcase_add_test(t, words);
    tcase_add_test(t, connection_rfc8866_5_7);
    tcase_add_test(t, as_many_addresses_as_there_are_rfc8866_5_7);
    tcase_add_test(t, as_many_ports_as_there_are_rfc8866_5_14);
    tcase_add_test(t, ipv6_addresses_rfc3986);
    tcase_add_test(t, times_rfc8866_5_9_to_5_11);
    tcase_add_test(t, media_bandwidth_and_keys);
    tcase_add_test(t, direction_is_inherited_rfc8866_6_7);
    tcase_add_test(t, texts_keep_their_blanks);
    tcase_add_test(t, canonical_order_rfc8866_5);
    tcase_add_test(t, typed_lines_are_written);
    tcase_add_test(t, lines_of_a_parsed_one_are_written);
    tcase_add_test(t, every_description_comes_back);
    tcase_add_test(t, a_browser_has_more_than_400_lines);
    tcase_add_test(t, cut_anywhere);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
