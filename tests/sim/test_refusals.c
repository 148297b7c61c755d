/*
 * Covers refusals for which there is little room or none, and what they leave behind: nothing. The
 * whole response, the shortest that RFC 3261 8.2.6 allows, and the transaction abandoned; 401, 407
 * and 503 to a stranger, which go out once (8.2.7); the bounds of what a forged source is sent
 * (26.3.2.4); and which answered transactions make room for new ones, in which order.
 * Does not cover: pools that are empty at each step (test_pools.c), floods over a real socket
 * (tests/interop/flood.sh).
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/check_main.h"
#include "world.h"

static struct world w;
static struct station *st;

static struct ps_stack *calls(void)
{
    return st->stack;
}

static uint64_t counter(enum ps_counter which)
{
    return ps_stack_counters(st->stack)->of[which];
}

static void start(const struct ps_limits *limits)
{
    world_start(&w, 12);
    st = station_add(&w, "192.0.2.1:5060", "b", limits, NULL);
}

static void finish(void)
{
    world_end(&w, 400000);
    world_free(&w);
}

static ps_handle incoming(void)
{
    return heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
}

static void reject(unsigned status, struct ps_slice lines)
{
    ck_assert_int_eq(ps_call_reject(calls(), incoming(), status, lines), PS_OK);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 0);
    ck_assert_int_eq(ps_call_reject(calls(), incoming(), status, lines), PS_E_STALE);
    station_pull(st);
}

static void next_call_works(void)
{
    struct tester_request r = {.call_id = "next@tester", .branch = "z9hG4bKnext"};
    char tag[64];
    world_request(&w, &r);
    ck_assert_int_eq(ps_call_answer(calls(), incoming(), PS_S("application/sdp"), PS_S("answer")),
                     PS_OK);
    station_pull(st);
    world_run(&w, w.now);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 200")));
    r.to_tag = tag;
    r.method = "ACK";
    world_request(&w, &r);
    r.method = "BYE";
    r.cseq = 2;
    world_request(&w, &r);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 200);
}

/* ---- room for the response ---- */

/* An INVITE in compact forms, of just `n` bytes: what a response repeats and a dialog does not
 * keep, a parameter of its Via, fills it up. */
static struct ps_slice compact_invite(size_t n)
{
    static char text[70000];
    static const char head[] = "INVITE sip:b@192.0.2.1 SIP/2.0\r\n"
                               "f:<sip:a@h>;tag=1\r\nt:<sip:b@h>\r\nCSeq:1 INVITE\r\n"
                               "i:big\r\nm:<sip:a@192.0.2.2>\r\n"
                               "v:SIP/2.0/UDP h;branch=z9hG4bKbig;x=";
    size_t used = (size_t)snprintf(text, sizeof text, "%s", head);
    ck_assert_uint_lt(used + 4, n);
    memset(text + used, 'x', n - used - 4);
    memcpy(text + n - 4, "\r\n\r\n", 4);
    return ps_slice(text, n);
}

static const struct ps_limits one_chunk = {8, 8, 4,    4, 0,
                                           0, 0, 2048, 8, {{512, 6}, {1536, 1}, {0, 0}, {0, 0}}};

START_TEST(rfc3261_8_2_6_a_refusal_that_finds_no_room_is_written_short)
{
    static char lines[1400];
    struct ps_writer writer = ps_writer(lines, sizeof lines);
    struct ps_limits limits = one_chunk;
    limits.kept[1].bytes = 1304; /* what would be allowed is more */
    start(&limits);
    while (writer.n < 1000)
        ps_put(&writer, PS_S("X-Reason: because of this and of that\r\n"));
    world_feed(&w, compact_invite(1200));
    reject(486, ps_written(&writer));
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 486 \r\nv:"), 1);
    ck_assert_str_eq(header_of(sent_last(&w.log, "SIP/2.0 486"), PS_H_CSEQ), "1 INVITE");
    ck_assert_ptr_null(strstr(sent_last(&w.log, "SIP/2.0 486")->text, "X-Reason"));
    ck_assert_uint_eq(counter(PS_COUNT_DROPPED_FULL), 0);
    next_call_works();
    finish();
}
END_TEST

/* Whatever is answered without a transaction and what with one: the allowed length is more than the
 * stack can write. */
START_TEST(rfc3261_8_2_6_an_answer_that_overflows_is_written_short)
{
    static const char *const head[] = {
        "OPTIONS sip:b@192.0.2.1 SIP/2.0\r\nl:x\r\n", /* 400, by nobody */
        "BYE sip:b@192.0.2.1 SIP/2.0\r\n"};           /* 481 */
    static const char *const method[] = {"OPTIONS", "BYE"};
    struct ps_limits limits = one_chunk;
    char text[1600];
    unsigned n, used, i = 0;
    limits.message_bytes = 1536;
    start(&limits);
    for (n = 1400; n < 1525; n += 5, i++) {
        used =
            (unsigned)snprintf(text, sizeof text,
                               "%sf:<sip:a@h>;tag=1\r\nt:<sip:b@h>;tag=%u\r\nCSeq:1 %s\r\ni:%u\r\n"
                               "v:SIP/2.0/UDP h;branch=z9hG4bKo%u;x=",
                               head[_i], i, method[_i], i, i);
        memset(text + used, 'x', n - used - 4);
        memcpy(text + n - 4, "\r\n\r\n", 4);
        world_feed(&w, ps_slice(text, n));
        ck_assert_msg(sent_count(&w.log, "SIP/2.0 4") == i + 1, "%u bytes get no answer", n);
        world_run(&w, w.now + 40000);
    }
    finish();
}
END_TEST

/* Two datagrams once ended a program: an INVITE to which no refusal fits, and its CANCEL. */
START_TEST(rfc3261_8_2_6_a_refusal_that_fits_nowhere_abandons_the_transaction)
{
    struct tester_request cancel = {.method = "CANCEL", .via = "h;branch=z9hG4bKbig"};
    struct ps_limits limits = one_chunk;
    int marker;
    limits.message_bytes = 1536;
    start(&limits);
    world_feed(&w, compact_invite(1536));
    ps_call_set_user(calls(), incoming(), &marker);
    reject(486, PS_NONE);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 4"), 0);
    ck_assert_uint_eq(counter(PS_COUNT_DROPPED_FULL), 1);
    world_request(&w, &cancel);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 481"), 1);
    world_run(&w, 400000);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_ENDED), 0); /* it was told to forget the call */
    next_call_works();
    finish();
}
END_TEST

START_TEST(rfc3261_8_2_6_the_largest_datagram_is_refused_too)
{
    struct ps_limits limits = {8, 8, 4, 4, 0, 0, 0, 65535, 8, {{512, 6}, {65535, 1}}};
    unsigned i;
    start(&limits);
    for (i = 0; i < 3; i++) {
        world_feed(&w, compact_invite(i == 0 ? 65507 : i == 1 ? 65535 : 65480));
        reject(486, PS_NONE);
        world_run(&w, w.now + 40000);
    }
    next_call_works();
    finish();
}
END_TEST

/* All that could hold the response is taken by answers to others: they make room. */
START_TEST(a_refusal_takes_the_room_of_what_was_answered)
{
    struct tester_request options = {.method = "OPTIONS"};
    struct ps_response ok = {.status = 200};
    struct ps_limits limits = {64, 8, 4, 4, 0, 0, 0, 4096, 8, {{512, 4}, {1536, 8}}};
    char id[900], branch[64];
    unsigned i;
    start(&limits);
    memset(id, 'i', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    options.call_id = id;
    options.branch = branch;
    for (i = 0; i < 20; i++) {
        snprintf(branch, sizeof branch, "z9hG4bKo%u", i);
        id[0] = (char)('A' + i);
        world_request(&w, &options);
        ck_assert_int_eq(
            ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction, &ok),
            PS_OK);
        station_pull(st);
    }
    world_feed(&w, compact_invite(1400));
    reject(603, PS_NONE);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 603"), 1);
    next_call_works();
    finish();
}
END_TEST

START_TEST(a_refusal_of_any_request_is_short_where_it_must_be)
{
    static char lines[1400];
    struct ps_writer writer = ps_writer(lines, sizeof lines);
    struct ps_response no = {.status = 403};
    struct tester_request message = {.method = "MESSAGE", .call_id = "m@tester"};
    start(&one_chunk);
    while (writer.n < 1300)
        ps_put(&writer, PS_S("X-Reason: because of this and of that\r\n"));
    no.lines = ps_written(&writer);
    world_request(&w, &message);
    ck_assert_int_eq(
        ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction, &no),
        PS_OK);
    station_pull(st);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 403 \r\nv:"), 1);
    finish();
}
END_TEST

/* ---- once ---- */

static void expect_once(unsigned status, const char *start_line)
{
    struct tester_request invite = {.method = NULL};
    char tag[64];
    start(NULL);
    world_request(&w, &invite);
    reject(status, PS_NONE);
    ck_assert_uint_eq(ps_stack_live(st->stack).transactions[2], 0);
    world_run(&w, 33000);
    ck_assert_uint_eq(sent_count(&w.log, start_line), 1);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, start_line)));
    world_run(&w, w.now + 1000);
    station_forget_heard(st);
    world_request(&w, &invite); /* a copy is challenged again, and gets the same tag */
    reject(status, PS_NONE);
    ck_assert_uint_eq(sent_count(&w.log, start_line), 2);
    ck_assert_str_eq(to_tag_of(sent_last(&w.log, start_line)), tag);
    finish();
}

START_TEST(rfc3261_8_2_7_a_challenge_and_a_503_to_a_stranger_go_out_once)
{
    expect_once(401, "SIP/2.0 401");
    expect_once(407, "SIP/2.0 407");
    expect_once(503, "SIP/2.0 503");
}
END_TEST

/* A call of the tester's, with our answer on its way. */
static void answered(void)
{
    static const struct tester_request invite = {.cseq = 1};
    world_request(&w, &invite);
    ck_assert_int_eq(ps_call_answer(calls(), incoming(), PS_S("application/sdp"), PS_S("answer")),
                     PS_OK);
    station_pull(st);
}

/* A request of the tester's in that call's dialog. */
static void in_dialog(const char *method, unsigned cseq)
{
    struct tester_request r = {.method = method, .cseq = cseq};
    r.to_tag = to_tag_of(sent_last(&w.log, "SIP/2.0 200"));
    world_request(&w, &r);
}

START_TEST(rfc3261_17_2_1_a_challenge_within_a_dialog_is_repeated)
{
    start(NULL);
    answered();
    in_dialog("ACK", 1);
    in_dialog("INVITE", 2);
    ck_assert_int_eq(ps_call_reject(calls(), incoming(), 401, PS_NONE), PS_OK);
    station_pull(st);
    world_run(&w, w.now + 1600);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 401"), 3);
    in_dialog("BYE", 3);
    finish();
}
END_TEST

/* 11,500 INVITEs without credentials once left 10,000 calls behind for five minutes. */
START_TEST(challenged_invites_leave_nothing)
{
    struct tester_request invite = {.method = NULL};
    char branch[64], id[32];
    unsigned i;
    start(NULL);
    invite.branch = branch;
    invite.call_id = id;
    for (i = 0; i < 1000; i++) {
        snprintf(branch, sizeof branch, "z9hG4bKc%u", i);
        snprintf(id, sizeof id, "c%u@tester", i);
        world_request(&w, &invite);
        reject(401, PS_S("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"));
    }
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 401"), 1000);
    ck_assert_uint_eq(ps_stack_live(st->stack).transactions[2], 0);
    next_call_works();
    finish();
}
END_TEST

/* ---- amplification: 26.3.2.4 ---- */

static size_t bytes_sent(void)
{
    size_t n = 0;
    unsigned i;
    for (i = 0; i < w.log.n; i++)
        n += w.log.sent[i].n;
    return n;
}

/* The shortest INVITE, or other request, that can be answered. */
static struct ps_slice shortest(const char *method)
{
    static char text[512];
    snprintf(text, sizeof text,
             "%s sip:b@h SIP/2.0\r\nv:SIP/2.0/UDP h;branch=z9hG4bKs;rport\r\nf:<sip:a@h>;tag=1\r\n"
             "t:<sip:b@h>\r\ni:1\r\nCSeq:1 %s\r\nMax-Forwards:1\r\nm:<sip:a@192.0.2.2>\r\n\r\n",
             method, method);
    return ps_slice_of(text);
}

static const char contacts[] = "Contact: <sip:b@192.0.2.10:5060;transport=udp>;q=1.0\r\n"
                               "Contact: <sip:b@192.0.2.11:5060;transport=udp>;q=0.9\r\n"
                               "Contact: <sip:b@192.0.2.12:5060;transport=udp>;q=0.8\r\n"
                               "Contact: <sip:b@192.0.2.13:5060;transport=udp>;q=0.7\r\n"
                               "Contact: <sip:b@192.0.2.14:5060;transport=udp>;q=0.6\r\n"
                               "Contact: <sip:b@192.0.2.15:5060;transport=udp>;q=0.5\r\n";

START_TEST(rfc3261_26_3_2_4_a_refused_invite_gets_fourteen_bytes_a_byte_at_most)
{
    static const unsigned status[] = {302, 400, 480, 486, 603, 401};
    struct ps_slice invite = shortest("INVITE");
    start(NULL);
    world_feed(&w, invite);
    (void)ps_call_ring(calls(), incoming(), 180, PS_NONE, PS_NONE);
    station_pull(st);
    world_run(&w, 300);
    reject(status[_i], ps_slice(contacts, sizeof contacts - 1));
    world_run(&w, 40000);
    ck_assert_uint_le(bytes_sent(), PS_AMPLIFY_REFUSED * invite.n);
    ck_assert_uint_ge(w.log.n, 2);
    finish();
}
END_TEST

START_TEST(rfc3261_21_3_as_many_contacts_as_may_be_are_named)
{
    struct tester_request invite = {.body = "an offer of such a length that two lines more fit in"};
    unsigned named = 0;
    const char *at;
    start(NULL);
    world_request(&w, &invite);
    reject(302, ps_slice(contacts, sizeof contacts - 1));
    at = sent_last(&w.log, "SIP/2.0 302")->text;
    while ((at = strstr(at, "Contact:")) != NULL) {
        named++;
        at++;
    }
    ck_assert_uint_ge(named, 1);
    ck_assert_uint_lt(named, 6);
    finish();
}
END_TEST

/* The best one is too long: who is called is reached by the others all the same. */
START_TEST(rfc3261_21_3_a_contact_too_long_for_a_302_hides_none_behind_it)
{
    struct tester_request invite = {.body = "an offer of such a length that two lines more fit in"};
    char lines[600];
    start(NULL);
    world_request(&w, &invite);
    snprintf(lines, sizeof lines,
             "Contact: <sip:b@192.0.2.9;x=%0400d>\r\nContact: <sip:b@192.0.2.10>\r\n", 0);
    reject(302, ps_slice_of(lines));
    ck_assert_ptr_null(strstr(sent_last(&w.log, "SIP/2.0 302")->text, "192.0.2.9"));
    ck_assert_str_eq(header_of(sent_last(&w.log, "SIP/2.0 302"), PS_H_CONTACT),
                     "<sip:b@192.0.2.10>");
    finish();
}
END_TEST

START_TEST(rfc3261_21_3_a_302_of_which_no_contact_fits_is_a_480)
{
    start(NULL);
    world_feed(&w, shortest("INVITE"));
    reject(302, ps_slice(contacts, sizeof contacts - 1));
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 480"), 1);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 302"), 0);
    finish();
}
END_TEST

START_TEST(rfc3261_26_3_2_4_an_answered_invite_gets_forty_five_bytes_a_byte_at_most)
{
    static char body[400];
    struct ps_slice invite = shortest("INVITE");
    memset(body, 'x', sizeof body);
    start(NULL);
    world_feed(&w, invite);
    (void)ps_call_ring(calls(), incoming(), 180, PS_NONE, PS_NONE);
    station_pull(st);
    ck_assert_int_eq(
        ps_call_answer(calls(), incoming(), PS_S("application/sdp"), ps_slice(body, sizeof body)),
        PS_OK);
    station_pull(st);
    world_run(&w, 100000);
    ck_assert_uint_eq(sent_count(&w.log, "BYE"), 1); /* to who never showed itself, once */
    ck_assert_uint_le(bytes_sent(), PS_AMPLIFY_ANSWERED * invite.n);
    ck_assert_uint_ge(sent_count(&w.log, "SIP/2.0 200"), 5);
    ck_assert_uint_eq(heard_last(st, PS_EVENT_CALL_ENDED)->event.status, 408);
    finish();
}
END_TEST

START_TEST(rfc3261_26_3_2_4_another_request_gets_four_bytes_a_byte_at_most)
{
    static const unsigned status[] = {200, 302, 401, 403};
    struct ps_slice options = shortest("OPTIONS");
    struct ps_response response = {.status = status[_i]};
    unsigned i;
    start(NULL);
    response.lines = ps_slice(contacts, sizeof contacts - 1);
    world_feed(&w, options);
    ck_assert_int_eq(
        ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction, &response),
        PS_OK);
    station_pull(st);
    for (i = 0; i < 3; i++) {
        ck_assert_uint_le(bytes_sent(), PS_AMPLIFY_REQUEST * options.n * (i + 1));
        world_feed(&w, options);
    }
    finish();
}
END_TEST

/* Row D10: who has sent more than its INVITE is asked as often as any. */
START_TEST(rfc3261_13_3_1_4_a_far_end_that_showed_itself_gets_its_bye_again)
{
    start(NULL);
    answered();
    in_dialog("UPDATE", 2);
    world_run(&w, 40000);
    ck_assert_uint_gt(sent_count(&w.log, "BYE"), 1);
    finish();
}
END_TEST

/* ---- what makes room: oldest first, class by class ---- */

static void ask(const char *method, unsigned i, const char *to_tag)
{
    struct tester_request r = {.method = method, .to_tag = to_tag};
    char branch[64], id[32];
    snprintf(branch, sizeof branch, "z9hG4bKr%u", i);
    snprintf(id, sizeof id, "r%u@tester", i);
    r.branch = branch;
    r.call_id = id;
    world_request(&w, &r);
}

static void answer_options(unsigned i)
{
    struct ps_response ok = {.status = 200};
    ask("OPTIONS", i, NULL);
    (void)ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction, &ok);
    station_pull(st);
}

static const struct ps_limits four = {4, 4, 8,    8, 0,
                                      0, 0, 2048, 8, {{512, 32}, {1536, 16}, {0, 0}, {0, 0}}};

START_TEST(answered_transactions_make_room_in_their_order)
{
    char tag[64];
    start(&four);
    ask("INVITE", 1, NULL); /* Completed, unacknowledged */
    reject(486, PS_NONE);
    answer_options(2);      /* Completed */
    ask("INVITE", 3, NULL); /* Confirmed */
    reject(486, PS_NONE);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 486")));
    ask("ACK", 3, tag);
    ask("INVITE", 4, NULL); /* Accepted, acknowledged */
    ck_assert_int_eq(ps_call_answer(calls(), incoming(), PS_S("application/sdp"), PS_S("answer")),
                     PS_OK);
    station_pull(st);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 200")));
    ask("ACK", 4, tag);
    ck_assert_uint_eq(ps_stack_live(st->stack).transactions[2], 3);
    answer_options(5); /* 3 goes: Confirmed */
    ck_assert_uint_eq(counter(PS_COUNT_MADE_ROOM), 1);
    ck_assert_uint_eq(ps_stack_live(st->stack).transactions[2], 2);
    answer_options(6); /* 4 goes: Accepted */
    ck_assert_uint_eq(ps_stack_live(st->stack).transactions[2], 1);
    answer_options(7); /* 2 goes: the oldest of the others */
    ck_assert_uint_eq(ps_stack_live(st->stack).transactions[2], 1);
    station_forget_heard(st);
    ask("OPTIONS", 5, NULL); /* it was not 5 that went: a copy is answered without the user */
    ck_assert_uint_eq(heard_count(st, PS_EVENT_REQUEST), 0);
    answer_options(2); /* 2 went, and 5 goes for it */
    ck_assert_uint_eq(counter(PS_COUNT_MADE_ROOM), 4);
    ck_assert_uint_eq(sent_count(&w.log, "SIP/2.0 503"), 0);
    (void)ps_call_hangup(calls(), ps_call_next(calls(), 0));
    station_pull(st);
    finish();
}
END_TEST

START_TEST(unacknowledged_refusals_make_room_last_and_nothing_else_does)
{
    unsigned i;
    start(&four);
    for (i = 1; i <= 4; i++) {
        ask("INVITE", i, NULL);
        reject(486, PS_NONE);
    }
    answer_options(5);
    ck_assert_uint_eq(ps_stack_live(st->stack).transactions[2], 3);
    for (i = 6; i <= 12; i++) /* these wait for the user: they stay */
        ask("INVITE", i, NULL);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 4);
    ck_assert_uint_eq(counter(PS_COUNT_REFUSED_FULL), 3);
    while (ps_call_next(calls(), 0))
        (void)ps_call_reject(calls(), ps_call_next(calls(), 0), 480, PS_NONE);
    station_pull(st);
    finish();
}
END_TEST

START_TEST(rfc6026_7_1_a_copy_of_an_evicted_invite_rings_nobody_twice)
{
    char tag[64];
    unsigned i;
    start(&four);
    ask("INVITE", 1, NULL);
    ck_assert_int_eq(ps_call_answer(calls(), incoming(), PS_S("application/sdp"), PS_S("answer")),
                     PS_OK);
    station_pull(st);
    snprintf(tag, sizeof tag, "%s", to_tag_of(sent_last(&w.log, "SIP/2.0 200")));
    ask("ACK", 1, tag);
    for (i = 2; i <= 6; i++)
        answer_options(i);
    ck_assert_uint_eq(ps_stack_live(st->stack).transactions[2], 0);
    ask("INVITE", 1, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 1);
    ck_assert_uint_eq(ps_stack_live(calls()).calls, 1);
    world_run(&w, 33000); /* row D13: after that it is another call */
    ask("INVITE", 1, NULL);
    ck_assert_uint_eq(heard_count(st, PS_EVENT_CALL_INCOMING), 2);
    (void)ps_call_reject(calls(), incoming(), 480, PS_NONE);
    (void)ps_call_hangup(calls(), ps_call_next(calls(), 0));
    station_pull(st);
    finish();
}
END_TEST

/* A flood of INVITEs that nobody acknowledges, and a request between them. */
START_TEST(a_flood_of_refused_invites_locks_nobody_out)
{
    struct ps_limits limits = world_limits();
    unsigned i;
    limits.transactions = 64;
    limits.per_source = 16;
    start(&limits);
    for (i = 0; i < 2000; i++) {
        struct tester_request r = {.method = "INVITE"};
        char via[64], id[32], from[32];
        snprintf(from, sizeof from, "192.0.2.%u:5060", 10 + i % 8);
        snprintf(via, sizeof via, "%s;branch=z9hG4bKf%u", from, i);
        snprintf(id, sizeof id, "f%u@tester", i);
        r.via = via;
        r.call_id = id;
        world_feed_from(&w, tester_text(&r), from, "192.0.2.1:5060");
        world_run(&w, w.now + 1);
        if (ps_call_next(calls(), 0))
            (void)ps_call_reject(calls(), ps_call_next(calls(), 0), 486, PS_NONE);
        station_pull(st);
        if (i % 50 == 49) {
            station_forget_heard(st);
            answer_options(100000 + i);
            ck_assert_uint_eq(heard_count(st, PS_EVENT_REQUEST), 1);
        }
    }
    finish();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("refusals");
    TCase *tc = tcase_create("room");
    tcase_add_test(tc, rfc3261_8_2_6_a_refusal_that_finds_no_room_is_written_short);
    tcase_add_loop_test(tc, rfc3261_8_2_6_an_answer_that_overflows_is_written_short, 0, 2);
    tcase_add_test(tc, rfc3261_8_2_6_a_refusal_that_fits_nowhere_abandons_the_transaction);
    tcase_add_test(tc, rfc3261_8_2_6_the_largest_datagram_is_refused_too);
    tcase_add_test(tc, a_refusal_takes_the_room_of_what_was_answered);
    tcase_add_test(tc, a_refusal_of_any_request_is_short_where_it_must_be);
    tcase_add_test(tc, rfc3261_8_2_7_a_challenge_and_a_503_to_a_stranger_go_out_once);
    tcase_add_test(tc, rfc3261_17_2_1_a_challenge_within_a_dialog_is_repeated);
    tcase_add_test(tc, challenged_invites_leave_nothing);
    tcase_add_loop_test(tc, rfc3261_26_3_2_4_a_refused_invite_gets_fourteen_bytes_a_byte_at_most, 0,
                        6);
    tcase_add_test(tc, rfc3261_21_3_as_many_contacts_as_may_be_are_named);
    tcase_add_test(tc, rfc3261_21_3_a_contact_too_long_for_a_302_hides_none_behind_it);
    tcase_add_test(tc, rfc3261_21_3_a_302_of_which_no_contact_fits_is_a_480);
    tcase_add_test(tc, rfc3261_26_3_2_4_an_answered_invite_gets_forty_five_bytes_a_byte_at_most);
    tcase_add_loop_test(tc, rfc3261_26_3_2_4_another_request_gets_four_bytes_a_byte_at_most, 0, 4);
    tcase_add_test(tc, rfc3261_13_3_1_4_a_far_end_that_showed_itself_gets_its_bye_again);
    tcase_add_test(tc, answered_transactions_make_room_in_their_order);
    tcase_add_test(tc, unacknowledged_refusals_make_room_last_and_nothing_else_does);
    tcase_add_test(tc, rfc6026_7_1_a_copy_of_an_evicted_invite_rings_nobody_twice);
    tcase_add_test(tc, a_flood_of_refused_invites_locks_nobody_out);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
