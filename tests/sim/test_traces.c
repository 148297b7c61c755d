/*
 * Covers the captured flows of tests/traces: our stack plays one side, then the other, of each, and
 * the captured messages of the far side are fed to it. What we send is compared with what was
 * captured in its place by what the flow needs: method or status, Request-URI, which tags there are
 * and that they stay the same, Call-ID, how CSeq counts, received and rport of the top Via, and
 * which requests share a branch.
 * Does not cover: the letters (tests/unit), Digest's sums (a challenge of 2020 is answered, but a
 * response to it cannot be checked by us), SDP.
 *
 * Tags, Call-IDs, branches and CSeq numbers of ours take the place of the captured ones in what is
 * fed, once a message of ours has shown them.
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "../unit/trace_files.h"
#include "world.h"

enum action { END, FEED, EXPECT, CALL, RING, ANSWER, REJECT, HANGUP, REGISTER, RESPOND, WAIT };

struct step {
    enum action action;
    const char *file;     /* FEED, EXPECT; CALL, REGISTER: the URI */
    unsigned number;      /* status; ms */
    const char *was, *is; /* of the file: one word in the place of another */
};

struct flow {
    const char *name, *near, *far; /* who we play, and where the other's messages come from */
    const char *user, *password;
    struct step step[24];
};

#define CHALLENGE "-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n"

/* clang-format off */
#define STEP(action, file, number, was, is) {action, file, number, was, is}
#define THEY(file) STEP(FEED, file, 0, NULL, NULL)
#define WE(file) STEP(EXPECT, file, 0, NULL, NULL)
#define DO(action, what, number) STEP(action, what, number, NULL, NULL)

static const struct flow flows[] = {
    {"FreeSWITCH is called", "10.3.0.11:5060", "10.2.1.100:5060", "888001", NULL,
     {THEY("000-INVITE"), DO(WAIT, NULL, 200),
      WE("001-100"), DO(RING, NULL, 180),
      WE("002-180"), DO(RING, NULL, 183),
      WE("003-183"), DO(ANSWER, NULL, 0),
      WE("004-200"), THEY("005-ACK"),
      DO(HANGUP, NULL, 0), WE("006-BYE"),
      THEY("007-200")}},
    {"the pjsip phone calls", "10.2.1.100:5060", "10.3.0.11:5060", "10103002002", NULL,
     {DO(CALL, "sip:888001@10.3.0.11", 0), WE("000-INVITE"),
      THEY("001-100"), THEY("002-180"),
      THEY("003-183"), THEY("004-200"),
      WE("005-ACK"), THEY("006-BYE"),
      WE("007-200")}},
    {"FreeSWITCH is called and it is cancelled", "10.3.0.11:5060", "10.2.1.100:5060", "888001",
     NULL,
     {STEP(FEED, "008-CANCEL", 0, "CANCEL", "INVITE"), DO(RING, NULL, 180),
      STEP(EXPECT, "010-487", 0, "487 Request Terminated", "180 Ringing"),
      THEY("008-CANCEL"), WE("009-200"),
      WE("010-487")}},
    {"the pjsip phone cancels", "10.2.1.100:5060", "10.3.0.11:5060", "10103002002", NULL,
     {DO(CALL, "sip:888001@10.3.0.11", 0),
      STEP(EXPECT, "008-CANCEL", 0, "CANCEL", "INVITE"),
      STEP(FEED, "010-487", 0, "487 Request Terminated", "180 Ringing"),
      DO(HANGUP, NULL, 0), WE("008-CANCEL"),
      THEY("009-200"), THEY("010-487")}},
    {"the pjsip phone registers", "10.2.1.100:5060", "10.3.0.11:5060", "10103002002", "123456",
     {DO(REGISTER, "sip:10.3.0.11", 0), WE("011-REGISTER"),
      THEY("012-401"), WE("013-REGISTER"),
      THEY("014-200")}},
    {"FreeSWITCH is registered with", "10.3.0.11:5060", "10.2.1.100:5060", "", NULL,
     {THEY("011-REGISTER"), DO(RESPOND, "WWW" CHALLENGE, 401),
      WE("012-401"), THEY("013-REGISTER"),
      DO(RESPOND, NULL, 0), WE("014-200")}},
    {"the pjsip phone is notified and pinged", "10.2.1.100:5060", "10.3.0.11:5060", "", NULL,
     {THEY("015-NOTIFY"), DO(RESPOND, "", 200),
      WE("016-200"), THEY("017-OPTIONS"),
      DO(RESPOND, "", 200), WE("018-200")}},
    {"Zoiper calls", "192.168.31.142:55747", "192.168.31.109:5060", "1002", "1234",
     {DO(CALL, "sip:1009@192.168.31.109:5060;transport=UDP", 0),
      WE("019-INVITE"), THEY("020-407"),
      WE("021-ACK"), WE("022-INVITE"),
      THEY("023-100"), THEY("027-183"),
      THEY("030-200"), WE("031-ACK"),
      THEY("036-BYE"), WE("038-200"),
      THEY("037-BYE"), WE("039-200")}},
    {"FreeSWITCH is called by Zoiper", "192.168.31.109:5060", "192.168.31.142:55747", "1009", NULL,
     {THEY("019-INVITE"), DO(REJECT, "Proxy" CHALLENGE, 407),
      WE("020-407"), THEY("021-ACK"),
      THEY("022-INVITE"), DO(WAIT, NULL, 200),
      WE("023-100"), DO(RING, NULL, 183),
      WE("027-183"), DO(ANSWER, NULL, 0),
      WE("030-200"), THEY("031-ACK"),
      DO(HANGUP, NULL, 0), WE("036-BYE"),
      DO(WAIT, NULL, 500), WE("037-BYE"),
      THEY("038-200"), THEY("039-200")}},
    {"FreeSWITCH calls MicroSIP", "192.168.31.109:5060", "192.168.31.109:60119", "mod_sofia", NULL,
     {DO(CALL, "sip:1009@192.168.31.109:60119;ob", 0),
      WE("024-INVITE"), THEY("025-100"),
      THEY("026-180"), THEY("028-200"),
      WE("029-ACK"), THEY("034-BYE"),
      WE("035-200")}},
    {"MicroSIP is called", "192.168.31.109:60119", "192.168.31.109:5060", "1009", NULL,
     {THEY("024-INVITE"), DO(WAIT, NULL, 200),
      WE("025-100"), DO(RING, NULL, 180),
      WE("026-180"), DO(ANSWER, NULL, 0),
      WE("028-200"), THEY("029-ACK"),
      DO(HANGUP, NULL, 0), WE("034-BYE"),
      THEY("035-200")}},
    {"Zoiper's registration is refreshed", "192.168.31.109:5060", "192.168.31.142:55747", "", NULL,
     {THEY("032-REGISTER"), DO(RESPOND, NULL, 0),
      WE("033-200")}},
    {"a phone behind NAT registers", "47.98.109.96:50620", "112.25.222.170:28555", "", NULL,
     {THEY("040-REGISTER"), DO(RESPOND, "WWW" CHALLENGE, 401),
      WE("041-401"), THEY("042-REGISTER"),
      DO(RESPOND, NULL, 0), WE("043-200")}},
    {"a phone behind NAT calls, and its ACKs are late", "47.98.109.96:50620",
     "112.25.222.170:28555", "1014", NULL,
     {THEY("044-INVITE"), DO(WAIT, NULL, 200),
      WE("045-100"), DO(ANSWER, NULL, 0),
      WE("046-200"), DO(WAIT, NULL, 500),
      WE("048-200"), DO(WAIT, NULL, 1000),
      WE("050-200"), THEY("047-ACK"),
      THEY("049-ACK"), THEY("051-ACK"),
      DO(WAIT, NULL, 40000)}},
    {"doubango calls, and the 200 comes three times", "192.168.1.107:62118", "47.98.109.96:50620",
     "1011", NULL,
     {DO(CALL, "sip:1014@47.98.109.96", 0), WE("044-INVITE"),
      THEY("045-100"), THEY("046-200"),
      WE("047-ACK"), THEY("048-200"),
      WE("049-ACK"), THEY("050-200"),
      WE("051-ACK")}},
    {"doubango is called", "192.168.2.2:63365", "47.97.174.58:50600", "1011", NULL,
     {THEY("052-INVITE"), DO(WAIT, NULL, 200),
      WE("053-100"), DO(RING, NULL, 180),
      WE("054-180"), DO(ANSWER, NULL, 0),
      WE("055-200"), THEY("056-ACK"),
      THEY("057-BYE"), WE("058-200")}},
    {"FreeSWITCH calls doubango", "47.97.174.58:50600", "192.168.2.2:63365", "mod_sofia", NULL,
     {DO(CALL, "sip:1011@192.168.2.2:63365;transport=udp", 0),
      WE("052-INVITE"), THEY("053-100"),
      THEY("054-180"), THEY("055-200"),
      WE("056-ACK"), DO(HANGUP, NULL, 0),
      WE("057-BYE"), THEY("058-200")}},
    {"FreeSWITCH is called from behind NAT", "47.97.174.58:50600", "112.25.222.170:20732", "1010",
     NULL,
     {THEY("059-INVITE"), DO(WAIT, NULL, 200),
      WE("060-100"), DO(RING, NULL, 183),
      WE("061-183"), DO(ANSWER, NULL, 0),
      WE("062-200"), THEY("063-ACK"),
      THEY("064-BYE"), WE("065-200")}},
    {"doubango calls", "192.168.2.2:63365", "47.97.174.58:50600", "1011", NULL,
     {DO(CALL, "sip:1010@47.97.174.58", 0), WE("059-INVITE"),
      THEY("060-100"), THEY("061-183"),
      THEY("062-200"), WE("063-ACK"),
      DO(HANGUP, NULL, 0), WE("064-BYE"),
      THEY("065-200")}},
    {"FreeSWITCH declines", "47.97.174.58:50600", "112.25.222.170:20732", "1010", NULL,
     {THEY("066-INVITE"), DO(WAIT, NULL, 200),
      WE("067-100"), DO(RING, NULL, 183),
      WE("068-183"), DO(REJECT, "", 603),
      WE("069-603"), THEY("070-ACK"),
      DO(WAIT, NULL, 5000)}},
    {"doubango is declined", "192.168.2.2:63365", "47.97.174.58:50600", "1011", NULL,
     {DO(CALL, "sip:1010@47.97.174.58", 0), WE("066-INVITE"),
      THEY("067-100"), THEY("068-183"),
      THEY("069-603"), WE("070-ACK")}},
    {"doubango is called again", "192.168.2.4:55594", "47.97.174.58:5060", "1010", NULL,
     {THEY("071-INVITE"), DO(WAIT, NULL, 200),
      WE("072-100"), DO(RING, NULL, 180),
      WE("073-180"), DO(ANSWER, NULL, 0),
      WE("074-200"), THEY("075-ACK"),
      THEY("078-BYE"), WE("079-200")}},
    {"FreeSWITCH calls again, and is registered with", "47.97.174.58:5060", "192.168.2.4:55594",
     "mod_sofia", NULL,
     {DO(CALL, "sip:1010@192.168.2.4:55594;transport=udp", 0),
      WE("071-INVITE"), THEY("072-100"),
      THEY("073-180"), THEY("074-200"),
      WE("075-ACK"), THEY("076-REGISTER"),
      DO(RESPOND, NULL, 0), STEP(EXPECT, "077-200", 0, "rport=22861;received=112.25.222.170",
           "rport=55594;received=192.168.2.4"),
      DO(HANGUP, NULL, 0), WE("078-BYE"),
      THEY("079-200")}},
};
/* clang-format on */

static struct world w;
static struct station *st;
static const struct flow *flow;
static unsigned cursor; /* the next message of ours to be compared */

/* ---- ours for theirs ---- */

static struct {
    const char *what;
    char captured[128], ours[128];
} word[32];
static unsigned words;
static long cseq_offset; /* of our requests: ours less the captured one */
static bool cseq_known;

/* pjsip's tags are its branches: what is what counts. */
static const char *ours_for(const char *what, const char *captured)
{
    unsigned i;
    for (i = 0; i < words; i++)
        if (strcmp(word[i].what, what) == 0 && strcmp(word[i].captured, captured) == 0)
            return word[i].ours;
    return NULL;
}

/* The word of ours in that place: learnt the first time, the same ever after. */
static void same_word(struct ps_slice captured, struct ps_slice ours, const char *what)
{
    char a[128], b[128];
    snprintf(a, sizeof a, "%.*s", (int)captured.n, captured.p ? captured.p : "");
    snprintf(b, sizeof b, "%.*s", (int)ours.n, ours.p ? ours.p : "");
    ck_assert_msg(!*a == !*b, "%s: %s: \"%s\" for \"%s\"", flow->name, what, b, a);
    if (!*a)
        return;
    if (!ours_for(what, a)) {
        ck_assert_uint_lt(words, 32);
        word[words].what = what;
        memcpy(word[words].captured, a, sizeof a);
        memcpy(word[words++].ours, b, sizeof b);
    }
    ck_assert_msg(strcmp(ours_for(what, a), b) == 0, "%s: %s: \"%s\" for \"%s\", was \"%s\"",
                  flow->name, what, b, a, ours_for(what, a));
}

static void replace(char *text, size_t room, const char *was, const char *is)
{
    char *at = text;
    size_t old = strlen(was), fresh = strlen(is);
    while ((at = strstr(at, was)) != NULL) {
        ck_assert_uint_lt(strlen(text) + fresh - old, room);
        memmove(at + fresh, at + old, strlen(at + old) + 1);
        memcpy(at, is, fresh);
        at += fresh;
    }
}

static char text[16384];
static struct ps_message captured, ours;

static void load(const struct step *step)
{
    char name[64];
    struct trace_file file;
    snprintf(name, sizeof name, "%s.sip", step->file);
    file = trace_file("tests/traces", name);
    ck_assert_uint_lt(file.n, sizeof text);
    memcpy(text, file.bytes, file.n);
    text[file.n] = '\0';
    free(file.bytes);
    if (step->was)
        replace(text, sizeof text, step->was, step->is);
    ck_assert_int_eq(ps_message_parse(&captured, text, strlen(text), NULL, NULL), PS_OK);
}

static void feed(const struct step *step)
{
    char was[64], is[64];
    struct ps_address to = st->address;
    char near[PS_ADDRESS_TEXT] = {0};
    struct ps_writer n = ps_writer(near, sizeof near - 1);
    unsigned i;
    load(step);
    if (captured.status && cseq_known) {
        snprintf(was, sizeof was, "CSeq: %u ", captured.cseq);
        snprintf(is, sizeof is, "CSeq: %ld ", (long)captured.cseq + cseq_offset);
        replace(text, sizeof text, was, is);
    }
    for (i = 0; i < words; i++)
        replace(text, sizeof text, word[i].captured, word[i].ours);
    ps_put_address(&n, &to);
    cursor = w.log.n;
    world_feed_from(&w, ps_slice_of(text), flow->far, near);
}

/* ---- what we sent ---- */

static void compare_via(const struct ps_address *far)
{
    struct ps_via theirs, mine;
    char ip[PS_ADDRESS_TEXT];
    struct ps_writer p = ps_writer(ip, sizeof ip);
    ps_top_via(&captured, &theirs);
    ps_top_via(&ours, &mine);
    same_word(theirs.branch, mine.branch, "branch");
    if (!captured.status)
        return;
    ck_assert(ps_equal(theirs.host, mine.host));
    ck_assert_uint_eq(theirs.has_rport, mine.has_rport);
    if (theirs.rport)
        ck_assert_uint_eq(theirs.rport, mine.rport);
    ck_assert_uint_eq(mine.rport, far->port);
    ps_put_ip(&p, far, false);
    ck_assert(ps_equal(mine.received, ps_written(&p)));
    if (theirs.received.n)
        ck_assert(ps_equal(theirs.received, mine.received));
}

static void expect(const struct step *step)
{
    struct ps_address far = world_address(flow->far);
    const struct sent *sent;
    load(step);
    ck_assert_msg(cursor < w.log.n, "%s: nothing for %s", flow->name, step->file);
    sent = &w.log.sent[cursor++];
    ck_assert_int_eq(ps_message_parse(&ours, sent->text, sent->n, NULL, NULL), PS_OK);
    ck_assert_int_eq(ps_message_check(&ours, NULL, NULL), PS_OK);
    ck_assert_msg(captured.status == ours.status && captured.method == ours.method &&
                      captured.cseq_method == ours.cseq_method,
                  "%s: %.20s for %s", flow->name, sent->text, step->file);
    ck_assert(ps_address_equal(&sent->flow.remote, &far));
    if (!captured.status) {
        ck_assert_msg(ps_equal(ps_request_uri(&captured), ps_request_uri(&ours)), "%s: %.60s",
                      flow->name, sent->text);
        ck_assert(!cseq_known || (long)ours.cseq - (long)captured.cseq == cseq_offset);
        cseq_offset = (long)ours.cseq - (long)captured.cseq;
        cseq_known = true;
    } else {
        ck_assert_uint_eq(ours.cseq, captured.cseq);
    }
    same_word(ps_call_id(&captured), ps_call_id(&ours), "Call-ID");
    same_word(ps_from_tag(&captured), ps_from_tag(&ours), "tag");
    same_word(ps_to_tag(&captured), ps_to_tag(&ours), "tag");
    compare_via(&far);
}

/* ---- playing ---- */

static ps_handle call;

static void act(const struct step *step)
{
    struct ps_registration_options options = {.account = &st->account, .expires = 900};
    struct ps_response response = {.status = step->number};
    struct ps_stack *calls = st->stack;
    enum ps_error error = PS_OK;
    ps_handle handle;
    if (step->action != RESPOND && step->action != REGISTER &&
        heard_count(st, PS_EVENT_CALL_INCOMING))
        call = heard_last(st, PS_EVENT_CALL_INCOMING)->event.call;
    cursor = w.log.n;
    if (step->action == RING) {
        error = ps_call_ring(calls, call, step->number, PS_NONE, PS_NONE);
    } else if (step->action == ANSWER) {
        error = ps_call_answer(calls, call, PS_S("application/sdp"), PS_S("answer"));
    } else if (step->action == REJECT) {
        error = ps_call_reject(calls, call, step->number, ps_slice_of(step->file));
    } else if (step->action == HANGUP) {
        error = ps_call_hangup(calls, call);
    } else if (step->action == CALL) {
        call = start_call_to(st, step->file, "offer");
    } else if (step->action == REGISTER) {
        options.registrar = ps_slice_of(step->file);
        error = ps_registration_start(st->stack, &options, &handle);
    } else if (step->file) {
        response.lines = ps_slice_of(step->file);
        error = ps_stack_respond(st->stack, heard_last(st, PS_EVENT_REQUEST)->event.transaction,
                                 &response);
    } else {
        const struct heard *heard = heard_last(st, PS_EVENT_REQUEST);
        static struct ps_message m;
        ck_assert_int_eq(ps_message_parse(&m, heard->text, heard->n, NULL, NULL), PS_OK);
        error = ps_registrar_register(st->stack, heard->event.transaction);
    }
    ck_assert_int_eq(error, PS_OK);
    station_pull(st);
    world_run(&w, w.now);
}

static void play(void)
{
    const struct step *step;
    for (step = flow->step; step->action != END; step++) {
        if (step->action == FEED) {
            feed(step);
        } else if (step->action == EXPECT) {
            expect(step);
        } else if (step->action == WAIT) {
            cursor = w.log.n;
            world_run(&w, w.now + step->number);
        } else {
            act(step);
        }
    }
}

START_TEST(flow_of_the_captures)
{
    static const struct ps_digest_policy topmost;
    const struct ps_config config = {.notify_unasked = true}; /* FreeSWITCH's voice mail */
    struct ps_digest_user user = {.username = {NULL, 0}};
    char aor[128], proxy[128];
    flow = &flows[_i];
    world_start(&w, 6);
    st = station_add(&w, flow->near, flow->user, NULL, &config);
    ps_registrar_set_expires(st->stack, 10, 3600, 3600);
    snprintf(aor, sizeof aor, "sip:%s@%.*s", flow->user, (int)strcspn(flow->far, ":"), flow->far);
    snprintf(proxy, sizeof proxy, "sip:%s", flow->far);
    st->account.aor = ps_slice_of(aor);
    st->account.proxy = ps_slice_of(proxy);
    if (flow->password) {
        user.username = ps_slice_of(flow->user);
        user.password = ps_slice_of(flow->password);
        ps_digest_client_start(&st->account.digest, &user, 1, &topmost);
    }
    play();
    ck_assert_uint_eq(ps_stack_counters(st->stack)->of[PS_COUNT_DROPPED_UNPARSEABLE], 0);
    ck_assert_uint_eq(ps_stack_counters(st->stack)->of[PS_COUNT_DROPPED_RESPONSE_FOREIGN], 0);
    if (heard_count(st, PS_EVENT_REGISTERED)) {
        ck_assert_uint_eq(heard_last(st, PS_EVENT_REGISTERED)->event.expires, 120);
    } else if (ps_stack_live(st->stack).calls) { /* the capture ends before the call */
        ck_assert_int_eq(ps_call_hangup(st->stack, call), PS_OK);
        station_pull(st);
    }
    if (!heard_count(st, PS_EVENT_REGISTERED)) {
        world_end(&w, 100000);
    }
    world_free(&w);
    world_free(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("traces");
    TCase *tc = tcase_create("flows");
    tcase_add_loop_test(tc, flow_of_the_captures, 0, sizeof flows / sizeof *flows);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN
