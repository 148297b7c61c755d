/*
 * Covers matching (rows G), where answers go (rows H), what happens when there is no room, and what
 * a user may not ask of the transaction layer. Does not cover: what the user agent core answers
 * (F, G5, G9 to G15: the call's tests); streams (H6, H10 to H13).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "layer.h"

static struct layer l;

/* Takes every chunk that is left, until done(). */
static struct ps_kept taken[128];
static unsigned taken_n;

static void hoard(void)
{
    while (ps_keep(&l.env.store, PS_S("x"), &taken[taken_n]) == PS_OK)
        ck_assert_uint_lt(++taken_n, 128);
}

static void setup(void)
{
    layer_start(&l, 16);
    taken_n = 0;
}

static void teardown(void)
{
    layer_free(&l);
}

static struct ps_transaction_event invite_via(const char *via)
{
    struct tester_request r = {.method = "INVITE", .via = via};
    return layer_request(&l, &r);
}

static struct ps_transaction_event one_invite(void)
{
    static const struct tester_request r = {.branch = ONE_BRANCH};
    return layer_request(&l, &r);
}

/* Nothing is left in the end. */
static void done(void)
{
    while (taken_n)
        ps_forget(&l.env.store, &taken[--taken_n]);
    layer_end(&l, 400000);
}

/* ---- 17.2.3 ---- */

START_TEST(G1_another_port_is_another_transaction)
{
    ck_assert_uint_ne(invite_via("192.0.2.2:5062;branch=z9hG4bKx").transaction, 0);
    ck_assert_uint_ne(invite_via("192.0.2.2:5063;branch=z9hG4bKx").transaction, 0);
    ck_assert_uint_ne(invite_via("192.0.2.3:5062;branch=z9hG4bKx").transaction, 0);
    ck_assert_int_eq(invite_via("192.0.2.2:5062;branch=z9hG4bKx").kind, PS_TX_NOTHING);
    done();
}
END_TEST

START_TEST(a_port_left_out_is_5060)
{
    ck_assert_uint_ne(invite_via("192.0.2.2;branch=z9hG4bKx").transaction, 0);
    ck_assert_int_eq(invite_via("192.0.2.2:5060;branch=z9hG4bKx").kind, PS_TX_NOTHING);
    done();
}
END_TEST

/* Decided: one transaction; values of parameters are compared in any case (7.3.1). */
START_TEST(G2_branch_in_another_case)
{
    ck_assert_uint_ne(invite_via("host.example:5060;branch=z9hG4bKabc").transaction, 0);
    ck_assert_int_eq(invite_via("HOST.example:5060;branch=Z9HG4BKABC").kind, PS_TX_NOTHING);
    done();
}
END_TEST

static struct ps_transaction_event feed_cseq(const char *method, const char *branch, unsigned cseq,
                                             const char *to_tag)
{
    struct tester_request r = {.branch = branch};
    r.method = method;
    r.cseq = cseq;
    r.to_tag = to_tag;
    return layer_request(&l, &r);
}

static void merged_482(const char *method)
{
    struct ps_transaction_event first = feed_cseq(method, "z9hG4bKa", 1, NULL), second, third;
    ck_assert_int_eq(first.kind, PS_TX_REQUEST);
    second = feed_cseq(method, "z9hG4bKb", 1, NULL);
    ck_assert_int_eq(second.kind, PS_TX_MERGED);
    ck_assert_int_eq(layer_respond(&l, second.transaction, 482), PS_OK);
    ck_assert_uint_eq(sent_count(&l.log, "SIP/2.0 482"), 1);
    ck_assert(ps_transaction_waits(l.t, first.transaction)); /* it goes on */
    third = feed_cseq(method, "z9hG4bKb", 1, NULL);
    ck_assert_int_eq(third.kind, PS_TX_NOTHING);
    ck_assert_uint_eq(sent_count(&l.log, "SIP/2.0 482"), 2);
    ck_assert_int_eq(feed_cseq(method, "z9hG4bKc", 2, NULL).kind, PS_TX_REQUEST);
    ck_assert_int_eq(feed_cseq(method, "z9hG4bKd", 1, "indialog").kind, PS_TX_REQUEST);
    layer_respond(&l, first.transaction, 200);
    ck_assert_int_eq(feed_cseq(method, "z9hG4bKe", 1, NULL).kind, PS_TX_MERGED);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_MERGED], 2);
}

START_TEST(G3_merged_invite)
{
    merged_482("INVITE");
    done();
}
END_TEST

START_TEST(G4_merged_options)
{
    merged_482("OPTIONS");
    done();
    ck_assert_int_eq(feed_cseq("OPTIONS", "z9hG4bKf", 1, NULL).kind,
                     PS_TX_REQUEST); /* 32 s later */
    done();
}
END_TEST

START_TEST(G6_no_branch_the_invite_again)
{
    struct tester_request r = {.via = "192.0.2.2:5060"};
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_NOTHING);
    r.cseq = 2;
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    r.call_id = "other";
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    r.to_tag = "t";
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    r.from_tag = "f2";
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    r.uri = "sip:c@192.0.2.1";
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    r.via = "192.0.2.2:5061";
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_NOTHING);
    done();
}
END_TEST

START_TEST(G7_no_branch_ack_by_the_responses_to_tag)
{
    struct tester_request r = {.via = "192.0.2.2:5060"};
    char tag[32];
    ps_handle h = layer_request(&l, &r).transaction;
    layer_respond(&l, h, 486);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&l.log, "")));
    r.method = "ACK";
    r.to_tag = "wrong";
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_ACK);
    layer_run(&l, 600);
    ck_assert_uint_eq(l.log.n, 2);
    r.to_tag = tag;
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_NOTHING);
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_NOTHING);
    layer_end(&l, 5000);
    ck_assert_uint_eq(l.log.n, 2);
}
END_TEST

/* Decided: RFC 2543 rules. */
START_TEST(G8_the_cookie_alone)
{
    struct tester_request r = {.branch = "z9hG4bK"};
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    r.call_id = "other";
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_NOTHING);
    done();
}
END_TEST

START_TEST(an_extension_method_is_known_by_its_name)
{
    static const struct tester_request one = {.method = "ALPHA", .branch = ONE_BRANCH},
                                       two = {.method = "BETA", .branch = ONE_BRANCH};
    ck_assert_int_eq(layer_request(&l, &one).kind, PS_TX_REQUEST);
    ck_assert_int_eq(layer_request(&l, &two).kind, PS_TX_REQUEST);
    ck_assert_int_eq(layer_request(&l, &one).kind, PS_TX_NOTHING);
    done();
}
END_TEST

START_TEST(extension_method_as_a_client)
{
    layer_send(&l, "ALPHA", "z9hG4bKext");
    ck_assert_int_eq(layer_answer(&l, sent_last(&l.log, ""), 200, "x").kind, PS_TX_FINAL);
    layer_end(&l, 5000);
}
END_TEST

/* ---- 9.2: which INVITE a CANCEL is for ---- */

static ps_handle cancelled(const char *via, unsigned cseq, const char *uri)
{
    struct tester_request r = {.method = "CANCEL", .via = via};
    struct ps_transaction_event event;
    r.cseq = cseq;
    r.uri = uri;
    event = layer_request(&l, &r);
    ck_assert_int_eq(event.kind, PS_TX_CANCEL);
    ck_assert_uint_ne(event.transaction, 0);
    ck_assert_uint_ne(event.transaction, event.cancelled);
    return event.cancelled;
}

START_TEST(cancel_finds_its_invite_9_2)
{
    ps_handle h = invite_via("192.0.2.2:5060;branch=z9hG4bKx").transaction;
    ck_assert_uint_eq(cancelled("192.0.2.2:5060;branch=z9hG4bKy", 1, NULL), 0);
    ck_assert_uint_eq(cancelled("192.0.2.2:5061;branch=z9hG4bKx", 1, NULL), 0);
    ck_assert_uint_eq(cancelled("192.0.2.3:5060;branch=z9hG4bKx", 1, NULL), 0);
    ck_assert_uint_eq(cancelled("192.0.2.2:5060;branch=z9hG4bKx", 1, NULL), h);
    done();
}
END_TEST

START_TEST(cancel_matches_by_branch_whatever_its_uri_and_cseq)
{
    ps_handle h = invite_via("192.0.2.2:5060;branch=z9hG4bKx").transaction;
    ck_assert_uint_eq(cancelled("192.0.2.2:5060;branch=z9hG4bKx", 5, "sip:other@192.0.2.1"), h);
    done();
}
END_TEST

START_TEST(cancel_is_for_an_invite_alone_and_is_one_transaction)
{
    static const struct tester_request o = {.method = "OPTIONS", .branch = ONE_BRANCH},
                                       c = {.method = "CANCEL", .branch = ONE_BRANCH};
    struct ps_transaction_event event;
    layer_request(&l, &o);
    event = layer_request(&l, &c);
    ck_assert_uint_eq(event.cancelled, 0);
    ck_assert_int_eq(layer_request(&l, &c).kind, PS_TX_NOTHING);
    layer_respond(&l, event.transaction, 481);
    layer_request(&l, &c);
    ck_assert_uint_eq(sent_count(&l.log, "SIP/2.0 481"), 2);
    done();
}
END_TEST

START_TEST(stray_ack_goes_up_and_is_never_answered)
{
    static const struct tester_request r = {.method = "ACK", .branch = ONE_BRANCH};
    struct ps_transaction_event event = layer_request(&l, &r);
    ck_assert_int_eq(event.kind, PS_TX_ACK);
    ck_assert_uint_eq(event.transaction, 0);
    layer_end(&l, 0);
    ck_assert_uint_eq(l.log.n, 0);
}
END_TEST

START_TEST(ack_before_any_final_is_dropped)
{
    static const struct tester_request a = {.method = "ACK", .branch = ONE_BRANCH};
    one_invite();
    ck_assert_int_eq(layer_request(&l, &a).kind, PS_TX_NOTHING);
    done();
}
END_TEST

/* ---- 18.2.2: where an answer goes ---- */

static const struct sent *answer_to(const char *source, const char *via)
{
    struct ps_flow from = l.flow;
    struct tester_request r = {.method = "OPTIONS", .via = via};
    ck_assert_int_eq(ps_address_parse(ps_slice_of(source), 0, &from.remote), PS_OK);
    from.socket = 3;
    layer_respond(&l, layer_feed_from(&l, tester_text(&r), &from).transaction, 200);
    ck_assert(ps_address_equal(&sent_last(&l.log, "")->flow.local, &l.flow.local));
    ck_assert_uint_eq(sent_last(&l.log, "")->flow.socket, 3);
    return sent_last(&l.log, "");
}

static const char *destination(void)
{
    static char text[PS_ADDRESS_TEXT];
    struct ps_writer w = ps_writer(text, sizeof text);
    ps_put_address(&w, &sent_last(&l.log, "")->flow.remote);
    ps_put_char(&w, '\0');
    return text;
}

static void via_parts(const struct sent *sent, struct ps_via *via)
{
    ck_assert_int_eq(ps_via_parse(ps_slice_of(header_of(sent, PS_H_VIA)), via), PS_OK);
}

START_TEST(H1_sent_by_port_without_rport)
{
    answer_to("127.0.0.1:40000", "127.0.0.1:5070;branch=z9hG4bKh1");
    ck_assert_str_eq(destination(), "127.0.0.1:5070");
    done();
}
END_TEST

START_TEST(H2_rport)
{
    struct ps_via via;
    via_parts(answer_to("127.0.0.1:40000", "127.0.0.1:5070;rport;branch=z9hG4bKh2"), &via);
    ck_assert_str_eq(destination(), "127.0.0.1:40000");
    ck_assert_uint_eq(via.rport, 40000);
    ck_assert(ps_equal(via.received, PS_S("127.0.0.1")));
    done();
}
END_TEST

START_TEST(H3_sent_by_is_a_name)
{
    struct ps_via via;
    via_parts(answer_to("127.0.0.1:40000", "phone.example.com;branch=z9hG4bKh3"), &via);
    ck_assert_str_eq(destination(), "127.0.0.1:5060");
    ck_assert(ps_equal(via.received, PS_S("127.0.0.1")));
    answer_to("127.0.0.1:40000", "phone.example.com:5080;branch=z9hG4bKh3");
    ck_assert_str_eq(destination(), "127.0.0.1:5080");
    done();
}
END_TEST

START_TEST(H4_a_received_of_its_own)
{
    struct ps_via via;
    via_parts(
        answer_to("127.0.0.1:40000", "phone.example.com;received=203.0.113.66;branch=z9hG4bKh4"),
        &via);
    ck_assert_str_eq(destination(), "127.0.0.1:5060");
    ck_assert(ps_equal(via.received, PS_S("127.0.0.1")));
    done();
}
END_TEST

START_TEST(H5_maddr)
{
    answer_to("127.0.0.1:40000", "127.0.0.1:5070;maddr=203.0.113.66;branch=z9hG4bKh5");
    ck_assert_str_eq(destination(), "127.0.0.1:5070");
    l.env.follow_maddr = true;
    answer_to("127.0.0.1:40000", "127.0.0.1:5070;maddr=203.0.113.66;branch=z9hG4bKh5on");
    ck_assert_str_eq(destination(), "203.0.113.66:5070");
    answer_to("127.0.0.1:40000", "127.0.0.1:5071;branch=z9hG4bKh5none");
    ck_assert_str_eq(destination(), "127.0.0.1:5071");
    answer_to("127.0.0.1:40000", "127.0.0.1:5070;maddr=a.name;branch=z9hG4bKh5name");
    ck_assert_str_eq(destination(), "127.0.0.1:5070");
    done();
}
END_TEST

START_TEST(tls_has_a_port_of_its_own)
{
    struct ps_slice text;
    static char tls[TESTER_TEXT];
    static const struct tester_request r = {.method = "OPTIONS",
                                            .via = "127.0.0.1;branch=z9hG4bKt"};
    char *at;
    text = tester_text(&r);
    memcpy(tls, text.p, text.n + 1);
    at = strstr(tls, "/UDP");
    memcpy(at, "/TLS", 4);
    layer_respond(&l, layer_feed(&l, ps_slice_of(tls)).transaction, 200);
    ck_assert_str_eq(destination(), "192.0.2.2:5061");
    done();
}
END_TEST

START_TEST(H16_the_flow_counts_not_the_vias_protocol)
{
    static char tcp[TESTER_TEXT];
    static const struct tester_request r = {.branch = "z9hG4bKh16"};
    struct ps_slice text = tester_text(&r);
    memcpy(tcp, text.p, text.n + 1);
    memcpy(strstr(tcp, "/UDP"), "/TCP", 4);
    layer_respond(&l, layer_feed(&l, ps_slice_of(tcp)).transaction, 486);
    layer_run(&l, 32000);
    ck_assert_uint_eq(l.log.n, 11); /* repeated: it is UDP */
    ck_assert_str_eq(destination(), "192.0.2.2:5060");
    done();
}
END_TEST

START_TEST(a_reliable_flow_takes_its_answers)
{
    l.flow.reliable = true;
    answer_to("127.0.0.1:40000", "127.0.0.1:5070;branch=z9hG4bKh1");
    ck_assert_str_eq(destination(), "127.0.0.1:40000");
    done();
}
END_TEST

START_TEST(H14_the_to_tag_is_computed)
{
    static const struct tester_request r = {.method = "OPTIONS", .branch = ONE_BRANCH};
    struct tester_request cancel = {.method = "CANCEL", .cseq = 9, .branch = ONE_BRANCH},
                          other = {.via = "192.0.2.2;branch=z9hG4bKother"};
    char tag[4][16] = {{0}};
    unsigned i;
    for (i = 0; i < 4; i++) {
        struct ps_writer w = ps_writer(tag[i], sizeof tag[i]);
        struct ps_slice text = tester_text(i < 2 ? &r : i < 3 ? &cancel : &other);
        ps_put_local_tag(&w, &l.env, tester_parse(text));
    }
    ck_assert_str_eq(tag[0], tag[1]);
    ck_assert_str_eq(tag[0], tag[2]);
    ck_assert_str_ne(tag[0], tag[3]);
    layer_end(&l, 0);
}
END_TEST

/* ---- room ---- */

static struct ps_transaction_event number(const char *method, unsigned i, const char *source)
{
    char branch[64], call_id[16];
    struct tester_request r = {.branch = branch, .call_id = call_id};
    struct ps_flow from = l.flow;
    ck_assert_int_eq(ps_address_parse(ps_slice_of(source), 0, &from.remote), PS_OK);
    snprintf(branch, sizeof branch, "z9hG4bK%u", i);
    snprintf(call_id, sizeof call_id, "%u", i);
    r.method = method;
    return layer_feed_from(&l, tester_text(&r), &from);
}

START_TEST(full_refuses_the_new_and_serves_the_old)
{
    unsigned i;
    ps_handle first = number("INVITE", 0, "192.0.2.2:5060").transaction, out;
    struct ps_transaction_event event;
    for (i = 1; i < 16; i++)
        ck_assert_int_eq(number("INVITE", i, "192.0.2.2:5060").kind, PS_TX_REQUEST);
    event = number("INVITE", 16, "192.0.2.2:5060");
    ck_assert_int_eq(event.kind, PS_TX_REFUSED);
    ck_assert_uint_eq(event.status, 503);
    ck_assert_uint_eq(event.transaction, 0);
    ck_assert_int_eq(number("OPTIONS", 17, "192.0.2.2:5060").kind, PS_TX_REFUSED);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_REFUSED_FULL], 2);
    ck_assert_int_eq(
        ps_transaction_request(
            l.t, &l.flow, tester_text(&(struct tester_request){.branch = ONE_BRANCH}), 0, &out),
        PS_E_FULL);
    ck_assert_int_eq(number("INVITE", 3, "192.0.2.2:5060").kind, PS_TX_NOTHING);
    event = number("CANCEL", 0, "192.0.2.2:5060");
    ck_assert_int_eq(event.kind, PS_TX_CANCEL);
    ck_assert_uint_eq(event.transaction, 0);
    ck_assert_uint_eq(event.cancelled, first);
    ck_assert_int_eq(number("CANCEL", 99, "192.0.2.2:5060").kind, PS_TX_REFUSED);
    ck_assert_int_eq(layer_respond(&l, first, 487), PS_OK);
    ck_assert_int_eq(number("ACK", 0, "192.0.2.2:5060").kind, PS_TX_NOTHING);
    done();
}
END_TEST

/* A flood of requests that were answered at once locks nobody out. */
START_TEST(the_answered_make_room_17_2_2)
{
    struct ps_transaction_event event;
    unsigned i;
    for (i = 0; i < 1000; i++) {
        event = number("OPTIONS", i, "192.0.2.9:5060");
        ck_assert_int_eq(event.kind, PS_TX_REQUEST);
        ck_assert_int_eq(layer_respond(&l, event.transaction, 401), PS_OK);
    }
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_MADE_ROOM], 1000 - 16);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_REFUSED_FULL], 0);
    /* the last ones are still known */
    ck_assert_int_eq(number("OPTIONS", 999, "192.0.2.9:5060").kind, PS_TX_NOTHING);
    ck_assert_int_eq(number("OPTIONS", 0, "192.0.2.9:5060").kind, PS_TX_REQUEST);
    /* what waits for an answer stays */
    for (i = 1000; i < 1015; i++)
        ck_assert_int_eq(number("INVITE", i, "192.0.2.2:5060").kind, PS_TX_REQUEST);
    ck_assert_int_eq(number("INVITE", 1015, "192.0.2.2:5060").kind, PS_TX_REFUSED);
    done();
}
END_TEST

/* A CANCEL has no credentials: it is taken from where the INVITE came from (9.2, 26.1). */
START_TEST(cancel_from_another_address_9_2)
{
    ps_handle invite = number("INVITE", 1, "192.0.2.2:5060").transaction;
    struct ps_transaction_event event = number("CANCEL", 1, "192.0.2.66:5060");
    ck_assert_int_eq(event.kind, PS_TX_CANCEL);
    ck_assert_uint_eq(event.cancelled, 0);
    ck_assert(ps_transaction_waits(l.t, invite));
    ck_assert_int_eq(layer_respond(&l, event.transaction, 481), PS_OK);
    layer_run(&l, 40000);
    event = number("CANCEL", 1, "192.0.2.2:40000"); /* the port may be another */
    ck_assert_uint_eq(event.cancelled, invite);
    ck_assert_int_eq(layer_respond(&l, event.transaction, 200), PS_OK);
    ck_assert_int_eq(layer_respond(&l, invite, 487), PS_OK);
    done();
}
END_TEST

static void big_request(char *text, size_t n)
{
    struct ps_slice start = tester_text(&(struct tester_request){.branch = ONE_BRANCH});
    memset(text, 'x', n);
    memcpy(text, start.p, start.n - 4 - strlen("Content-Length: 0"));
    memcpy(text + start.n - 4 - strlen("Content-Length: 0"), "Subject: ", 9);
    memcpy(text + n - 4, "\r\n\r\n", 4);
}

START_TEST(no_chunk_for_it)
{
    static char text[4000];
    struct ps_transaction_event event;
    big_request(text, sizeof text);
    event = layer_feed(&l, ps_slice(text, sizeof text));
    ck_assert_int_eq(event.kind, PS_TX_REFUSED);
    ck_assert_uint_eq(event.status, 513);
    hoard();
    event = one_invite();
    ck_assert_int_eq(event.kind, PS_TX_REFUSED);
    ck_assert_uint_eq(event.status, 503);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_REFUSED_TOO_LARGE], 1);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_REFUSED_FULL], 1);
    done();
}
END_TEST

START_TEST(full_store_an_answer_takes_the_place_of_what_it_replaces)
{
    ps_handle h = one_invite().transaction;
    char big[1100];
    hoard();
    ck_assert_int_eq(layer_respond(&l, h, 180), PS_E_FULL);
    ck_assert_uint_gt(ps_transaction_message(l.t, h).n, 0);
    memset(big, 'x', sizeof big);
    ck_assert_int_eq(ps_transaction_respond(l.t, h, 486, ps_slice(big, sizeof big)), PS_E_FULL);
    ck_assert_uint_gt(ps_transaction_message(l.t, h).n, 0);
    ck_assert_int_eq(layer_respond(&l, h, 486), PS_OK);
    ck_assert_uint_eq(sent_count(&l.log, "SIP/2.0 486"), 1);
    done();
}
END_TEST

START_TEST(full_store_a_final_over_a_provisional)
{
    ps_handle h = one_invite().transaction;
    ck_assert_int_eq(layer_respond(&l, h, 180), PS_OK);
    hoard();
    ck_assert_int_eq(layer_respond(&l, h, 183), PS_OK);
    ck_assert_int_eq(layer_respond(&l, h, 486), PS_OK);
    ck_assert_uint_eq(l.log.n, 3);
    done();
}
END_TEST

START_TEST(full_store_the_ack_takes_the_invites_place)
{
    ps_handle h = layer_send(&l, "INVITE", "z9hG4bKfull");
    hoard();
    layer_answer(&l, &l.log.sent[0], 486, "x");
    ck_assert_uint_eq(sent_count(&l.log, "ACK"), 1);
    ck_assert_ptr_null(ps_transaction_message(l.t, h).p);
    layer_answer(&l, &l.log.sent[0], 486, "x");
    ck_assert_uint_eq(sent_count(&l.log, "ACK"), 2);
    done();
}
END_TEST

START_TEST(per_source_cap_counts_what_is_not_acknowledged)
{
    struct ps_transaction_event event;
    ps_handle first;
    l.env.per_source = 3;
    first = number("INVITE", 1, "192.0.2.2:5060").transaction;
    number("INVITE", 2, "192.0.2.2:5061");
    number("INVITE", 3, "192.0.2.2:5062");
    event = number("INVITE", 4, "192.0.2.2:5063");
    ck_assert_int_eq(event.kind, PS_TX_REFUSED);
    ck_assert_uint_eq(event.status, 503);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_REFUSED_PER_SOURCE], 1);
    ck_assert_int_eq(number("OPTIONS", 5, "192.0.2.2:5063").kind, PS_TX_REQUEST);
    ck_assert_int_eq(number("INVITE", 6, "192.0.2.3:5060").kind, PS_TX_REQUEST);
    layer_respond(&l, first, 486);
    ck_assert_int_eq(number("INVITE", 7, "192.0.2.2:5060").kind, PS_TX_REFUSED);
    number("ACK", 1, "192.0.2.2:5060");
    ck_assert_int_eq(number("INVITE", 7, "192.0.2.2:5060").kind, PS_TX_REQUEST);
    ck_assert_int_eq(number("INVITE", 8, "192.0.2.2:5060").kind, PS_TX_REFUSED);
    done();
}
END_TEST

START_TEST(per_source_an_ipv6_source_is_its_64)
{
    l.env.per_source = 1;
    ck_assert_int_eq(number("INVITE", 1, "[2001:db8::1]:5060").kind, PS_TX_REQUEST);
    ck_assert_int_eq(number("INVITE", 2, "[2001:db8::ffff:2]:5060").kind, PS_TX_REFUSED);
    ck_assert_int_eq(number("INVITE", 3, "[2001:db8:0:1::1]:5060").kind, PS_TX_REQUEST);
    l.env.per_source = 0;
    ck_assert_int_eq(number("INVITE", 4, "192.0.2.9:5060").kind, PS_TX_REFUSED);
    done();
}
END_TEST

START_TEST(per_source_the_ack_for_a_2xx_counts_by_our_tag)
{
    char tag[32];
    struct tester_request r = {.method = "ACK", .branch = "z9hG4bKnew", .call_id = "1"};
    struct ps_transaction_event event;
    ps_handle h;
    l.env.per_source = 1;
    h = number("INVITE", 1, "192.0.2.2:5060").transaction;
    ps_transaction_own(l.t, h, 5);
    layer_respond(&l, h, 200);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&l.log, "")));
    r.to_tag = "guessed";
    ck_assert_uint_eq(layer_request(&l, &r).transaction, 0);
    ck_assert_int_eq(number("INVITE", 2, "192.0.2.2:5060").kind, PS_TX_REFUSED);
    r.to_tag = tag;
    event = layer_request(&l, &r);
    ck_assert_int_eq(event.kind, PS_TX_ACK);
    ck_assert_uint_eq(event.transaction, h);
    ck_assert_uint_eq(event.user, 5);
    ck_assert_int_eq(number("INVITE", 2, "192.0.2.2:5060").kind, PS_TX_REQUEST);
    done();
}
END_TEST

START_TEST(no_room_even_in_the_invites_place)
{
    struct ps_slice invite =
        PS_S("INVITE sip:b SIP/2.0\r\nv:SIP/2.0/UDP h;branch=z9hG4bKs\r\n"
             "f:<sip:a>;tag=1\r\nt:<sip:b>\r\ni:1\r\nCSeq:1 INVITE\r\nMax-Forwards:70\r\n\r\n");
    ps_handle h;
    char tag[600];
    memset(tag, 't', sizeof tag - 1);
    tag[sizeof tag - 1] = '\0';
    ck_assert_int_eq(ps_transaction_request(l.t, &l.flow, invite, 0, &h), PS_OK);
    layer_pull(&l);
    hoard();
    ck_assert_int_eq(layer_answer(&l, sent_last(&l.log, "INVITE"), 486, tag).kind, PS_TX_FINAL);
    ck_assert_uint_eq(sent_count(&l.log, "ACK"), 0); /* it is too large for the INVITE's chunk */
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_DROPPED_FULL], 1);
    layer_answer(&l, sent_last(&l.log, "INVITE"), 486, tag);
    ck_assert_uint_eq(sent_count(&l.log, "ACK"), 0);
    done();
}
END_TEST

START_TEST(no_room_to_write_an_ack_or_a_100)
{
    ps_handle h = layer_send(&l, "INVITE", "z9hG4bKs");
    one_invite();
    l.env.scratch_n = 50;
    ck_assert_int_eq(layer_answer(&l, &l.log.sent[0], 486, "x").kind, PS_TX_FINAL);
    layer_run(&l, 1000);
    ck_assert_uint_eq(l.log.n, 1);
    ck_assert(!ps_transaction_waits(l.t, h));
    done();
}
END_TEST

START_TEST(several_wait_to_be_pulled)
{
    struct ps_transaction_send out;
    ps_handle h[3], extra;
    unsigned i;
    static const char *const branch[] = {"z9hG4bK1", "z9hG4bK2", "z9hG4bK3"};
    for (i = 0; i < 3; i++) {
        char via[64];
        struct tester_request r = {.method = "OPTIONS", .via = via};
        snprintf(via, sizeof via, "192.0.2.1:5060;branch=%s", branch[i]);
        ck_assert_int_eq(ps_transaction_request(l.t, &l.flow, tester_text(&r), 0, &h[i]), PS_OK);
    }
    ps_transaction_abandon(l.t, h[1]); /* in the middle */
    ck_assert(ps_transactions_pull(l.t, &out));
    ck_assert_uint_eq(out.transaction, h[0]);
    ck_assert(ps_transactions_pull(l.t, &out));
    ck_assert_uint_eq(out.transaction, h[2]);
    ck_assert(!ps_transactions_pull(l.t, &out));
    extra = layer_send(&l, "OPTIONS", "z9hG4bK4");
    ps_transaction_abandon(l.t, extra);
    done();
}
END_TEST

/* A timer that ends a transaction leaves what was sent before on a reliable flow. */
START_TEST(what_waits_outlives_its_transaction)
{
    struct ps_transaction_send out;
    struct ps_timer *timer;
    static const struct tester_request r = {.method = "OPTIONS", .branch = ONE_BRANCH};
    ps_handle h;
    l.flow.reliable = true;
    h = layer_request(&l, &r).transaction;
    ck_assert_int_eq(ps_transaction_respond(l.t, h, 200, PS_S("SIP/2.0 200 OK\r\n\r\n")), PS_OK);
    timer = ps_timers_expire(&l.env.timers, 0); /* Timer J = 0 */
    ck_assert_ptr_nonnull(timer);
    (void)ps_transactions_expire(l.t, timer);
    ck_assert_uint_eq(ps_transactions_live(l.t, PS_NIST), 0);
    ck_assert(ps_transactions_pull(l.t, &out));
    ck_assert(ps_equal(out.bytes, PS_S("SIP/2.0 200 OK\r\n\r\n")));
    ck_assert(!ps_transactions_pull(l.t, &out));
    done();
}
END_TEST

START_TEST(icmp_for_ipv6_and_for_what_does_not_wait)
{
    ps_handle h;
    ck_assert_int_eq(ps_address_parse(PS_S("[2001:db8::2]:5060"), 0, &l.flow.remote), PS_OK);
    h = layer_send(&l, "INVITE", "z9hG4bKv6");
    layer_answer(&l, &l.log.sent[0], 486, "x");
    ck_assert_int_eq(ps_transactions_failed(l.t, 0, &l.flow.remote).kind, PS_TX_NOTHING);
    ck_assert_int_eq(ps_transactions_failed(l.t, h, NULL).kind,
                     PS_TX_NOTHING); /* 17.1.1.2: it ends */
    ck_assert_uint_eq(ps_transactions_live(l.t, PS_ICT), 0);
    one_invite();
    ck_assert_int_eq(ps_transactions_failed(l.t, 0, &l.flow.remote).kind, PS_TX_NOTHING);
    done();
}
END_TEST

START_TEST(icmp_leaves_an_invite_that_was_answered)
{
    ps_handle h = layer_send(&l, "INVITE", "z9hG4bKp");
    layer_answer(&l, &l.log.sent[0], 180, "x");
    ck_assert_int_eq(ps_transactions_failed(l.t, 0, &l.flow.remote).kind, PS_TX_NOTHING);
    ck_assert(ps_transaction_waits(l.t, h));
    ps_transaction_abandon(l.t, h);
    done();
}
END_TEST

START_TEST(what_is_kept_and_parses_no_more_is_not_sent)
{
    ps_handle h = one_invite().transaction;
    struct ps_slice kept = ps_transaction_message(l.t, h);
    memset((char *)(uintptr_t)kept.p, 0, kept.n);
    layer_run(&l, 1000);
    ck_assert_uint_eq(l.log.n, 0);
    done();
}
END_TEST

START_TEST(an_old_ack_for_an_answer_that_is_no_message)
{
    struct tester_request r = {.via = "192.0.2.2:5060"};
    ps_handle h = layer_request(&l, &r).transaction;
    ck_assert_int_eq(ps_transaction_respond(l.t, h, 486, PS_S("x")), PS_OK);
    r.method = "ACK";
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_ACK);
    done();
}
END_TEST

START_TEST(sources_that_share_a_bucket)
{
    unsigned i;
    char source[32];
    l.env.per_source = 1;
    for (i = 0; i < 16; i++) {
        snprintf(source, sizeof source, i % 2 ? "10.0.0.%u:5060" : "[2001:db8:0:%x::1]:5060", i);
        ck_assert_int_eq(number("INVITE", i, source).kind, PS_TX_REQUEST);
        layer_respond(&l, l.heard[i].event.transaction, 486);
    }
    done();
}
END_TEST

START_TEST(no_t1_no_wait)
{
    static const struct tester_request r = {.method = "OPTIONS", .branch = ONE_BRANCH};
    l.env.t1 = 0;
    layer_request(&l, &r);
    layer_run(&l, 1);
    ck_assert_uint_eq(ps_transactions_live(l.t, PS_NIST), 0);
    done();
}
END_TEST

START_TEST(a_64_letter_branch_and_a_long_one)
{
    char via[256];
    struct tester_request r = {.via = via};
    unsigned n;
    for (n = 57; n < 60; n++) { /* 64 with the cookie among them */
        int length = snprintf(via, sizeof via, "192.0.2.2:5060;branch=z9hG4bK");
        memset(via + length, 'x', n);
        via[length + (int)n] = '\0';
        ck_assert_uint_ne(layer_request(&l, &r).transaction, 0);
        ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_NOTHING);
    }
    done();
}
END_TEST

START_TEST(a_branch_without_the_cookie_is_old)
{
    struct tester_request r = {.branch = "1234567890"};
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    r.call_id = "other"; /* the same branch means nothing */
    ck_assert_int_eq(layer_request(&l, &r).kind, PS_TX_REQUEST);
    done();
}
END_TEST

START_TEST(no_more_than_16_million)
{
    struct ps_arena one = {NULL, 0, 0}, most = one;
    ck_assert_ptr_null(ps_transactions_init(&one, &l.env, PS_POOL_MAX));
    ck_assert_ptr_null(ps_transactions_init(&most, &l.env, UINT32_MAX));
    ck_assert_uint_eq(one.used, most.used);
    layer_end(&l, 0);
}
END_TEST

START_TEST(too_small_a_block)
{
    static char block[4096];
    struct ps_arena arena = {block, sizeof block, 0};
    ck_assert_ptr_null(ps_transactions_init(&arena, &l.env, 1000));
    ck_assert_uint_gt(arena.used, arena.n);
    layer_end(&l, 0);
}
END_TEST

/* ---- the user's mistakes ---- */

START_TEST(wrong_wishes_are_errors)
{
    static const struct tester_request ack = {.method = "ACK", .branch = ONE_BRANCH},
                                       other = {.method = "OPTIONS", .branch = ONE_BRANCH};
    ps_handle client = layer_send(&l, "OPTIONS", "z9hG4bKe"), server, out;
    ck_assert_int_eq(ps_transaction_request(l.t, &l.flow, tester_text(&ack), 0, &out),
                     PS_E_ARGUMENT);
    ck_assert_int_eq(
        ps_transaction_request(
            l.t, &l.flow, tester_answer_text(tester_text(&other), 200, "x", NULL, NULL), 0, &out),
        PS_E_ARGUMENT);
    ck_assert_int_ne(ps_transaction_request(l.t, &l.flow, PS_S("nonsense"), 0, &out), PS_OK);
    ck_assert_int_eq(ps_transaction_respond(l.t, client, 200, PS_S("x")), PS_E_ARGUMENT);
    server = layer_request(&l, &other).transaction;
    ck_assert_int_eq(ps_transaction_respond(l.t, server, 99, PS_S("x")), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_transaction_respond(l.t, server, 700, PS_S("x")), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_transaction_respond(l.t, server, 200, PS_NONE), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_transaction_respond(l.t, 0, 200, PS_S("x")), PS_E_STALE);
    ck_assert_ptr_null(ps_transaction_flow(l.t, 0));
    ck_assert_ptr_null(ps_transaction_message(l.t, 0).p);
    ck_assert(!ps_transaction_waits(l.t, 0));
    ck_assert(!ps_transaction_cancellable(l.t, 0));
    ck_assert_int_eq(ps_transactions_failed(l.t, 0x1234, NULL).kind, PS_TX_NOTHING);
    ck_assert_uint_eq(ps_transactions_live(l.t, 4), 0);
    ps_transaction_own(l.t, 0, 1);
    ck_assert_uint_eq(ps_transaction_user(l.t, client), 77);
    ck_assert_uint_eq(ps_transaction_user(l.t, 0), 0);
    ps_transaction_abandon(l.t, 0);
    ps_transaction_abandon(l.t, server);
    ck_assert(!ps_transaction_waits(l.t, server));
    ps_transaction_abandon(l.t, client);
    ck_assert(!ps_transaction_waits(l.t, client));
    done();
}
END_TEST

START_TEST(request_too_large_for_any_chunk)
{
    static char text[4000];
    ps_handle out;
    big_request(text, sizeof text);
    ck_assert_int_eq(ps_transaction_request(l.t, &l.flow, ps_slice(text, sizeof text), 0, &out),
                     PS_E_TOO_LARGE);
    ck_assert_int_eq(ps_transaction_request(l.t, &l.flow, ps_slice(text, 10), 0, &out) != PS_OK, 1);
    ck_assert_uint_eq(ps_transactions_live(l.t, PS_ICT), 0);
    layer_end(&l, 0);
}
END_TEST

START_TEST(over_1300_octets_is_counted_18_1_1)
{
    static char text[1301];
    ps_handle out;
    big_request(text, sizeof text);
    ck_assert_int_eq(ps_transaction_request(l.t, &l.flow, ps_slice(text, sizeof text), 0, &out),
                     PS_OK);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_SENT_OVER_MTU], 1);
    ps_transaction_abandon(l.t, out);
    l.flow.reliable = true;
    ck_assert_int_eq(ps_transaction_request(l.t, &l.flow, ps_slice(text, sizeof text), 0, &out),
                     PS_OK);
    ck_assert_uint_eq(l.env.count.of[PS_COUNT_SENT_OVER_MTU], 1);
    ps_transaction_abandon(l.t, out);
    layer_end(&l, 0);
    ck_assert_uint_eq(l.log.n, 0);
}
END_TEST

START_TEST(the_trace_says_each_step)
{
    layer_send(&l, "INVITE", "z9hG4bKtr");
    layer_answer(&l, sent_last(&l.log, ""), 180, "x");
    layer_answer(&l, &l.log.sent[0], 486, "x");
    layer_end(&l, 32000);
    ck_assert_uint_eq(l.trace_n, 4);
    ck_assert_str_eq(l.trace[0], "ict initial -> calling on request (17.1.1.2)");
    ck_assert_str_eq(l.trace[1], "ict calling -> proceeding on 1xx (17.1.1.2)");
    ck_assert_str_eq(l.trace[2], "ict proceeding -> completed on 300-699 (17.1.1.2)");
    ck_assert_str_eq(l.trace[3], "ict completed -> terminated on timer D (17.1.1.2)");
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("rows: matching");
    TCase *t = tcase_create("G, H");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, G1_another_port_is_another_transaction);
    tcase_add_test(t, a_port_left_out_is_5060);
    tcase_add_test(t, G2_branch_in_another_case);
    tcase_add_test(t, G3_merged_invite);
    tcase_add_test(t, G4_merged_options);
    tcase_add_test(t, G6_no_branch_the_invite_again);
    tcase_add_test(t, G7_no_branch_ack_by_the_responses_to_tag);
    tcase_add_test(t, G8_the_cookie_alone);
    tcase_add_test(t, an_extension_method_is_known_by_its_name);
    tcase_add_test(t, extension_method_as_a_client);
    tcase_add_test(t, cancel_finds_its_invite_9_2);
    tcase_add_test(t, cancel_matches_by_branch_whatever_its_uri_and_cseq);
    tcase_add_test(t, cancel_is_for_an_invite_alone_and_is_one_transaction);
    tcase_add_test(t, stray_ack_goes_up_and_is_never_answered);
    tcase_add_test(t, ack_before_any_final_is_dropped);
    tcase_add_test(t, H1_sent_by_port_without_rport);
    tcase_add_test(t, H2_rport);
    tcase_add_test(t, H3_sent_by_is_a_name);
    tcase_add_test(t, H4_a_received_of_its_own);
    tcase_add_test(t, H5_maddr);
    tcase_add_test(t, tls_has_a_port_of_its_own);
    tcase_add_test(t, H16_the_flow_counts_not_the_vias_protocol);
    tcase_add_test(t, a_reliable_flow_takes_its_answers);
    tcase_add_test(t, H14_the_to_tag_is_computed);
    tcase_add_test(t, full_refuses_the_new_and_serves_the_old);
    tcase_add_test(t, the_answered_make_room_17_2_2);
    tcase_add_test(t, cancel_from_another_address_9_2);
    tcase_add_test(t, no_chunk_for_it);
    tcase_add_test(t, full_store_an_answer_takes_the_place_of_what_it_replaces);
    tcase_add_test(t, full_store_a_final_over_a_provisional);
    tcase_add_test(t, full_store_the_ack_takes_the_invites_place);
    tcase_add_test(t, per_source_cap_counts_what_is_not_acknowledged);
    tcase_add_test(t, per_source_an_ipv6_source_is_its_64);
    tcase_add_test(t, per_source_the_ack_for_a_2xx_counts_by_our_tag);
    tcase_add_test(t, no_room_even_in_the_invites_place);
    tcase_add_test(t, no_room_to_write_an_ack_or_a_100);
    tcase_add_test(t, several_wait_to_be_pulled);
    tcase_add_test(t, what_waits_outlives_its_transaction);
    tcase_add_test(t, icmp_for_ipv6_and_for_what_does_not_wait);
    tcase_add_test(t, icmp_leaves_an_invite_that_was_answered);
    tcase_add_test(t, what_is_kept_and_parses_no_more_is_not_sent);
    tcase_add_test(t, an_old_ack_for_an_answer_that_is_no_message);
    tcase_add_test(t, sources_that_share_a_bucket);
    tcase_add_test(t, no_t1_no_wait);
    tcase_add_test(t, a_64_letter_branch_and_a_long_one);
    tcase_add_test(t, a_branch_without_the_cookie_is_old);
    tcase_add_test(t, no_more_than_16_million);
    tcase_add_test(t, too_small_a_block);
    tcase_add_test(t, wrong_wishes_are_errors);
    tcase_add_test(t, request_too_large_for_any_chunk);
    tcase_add_test(t, over_1300_octets_is_counted_18_1_1);
    tcase_add_test(t, the_trace_says_each_step);
    suite_add_tcase(suite, t);
    return suite;
}

PS_CHECK_MAIN
