/*
 * Covers transport/keepalive: what comes on a SIP port and is no SIP is ignored or answered from
 * the same port (RFC 5626 4.4, 8); flows are kept by CRLF or STUN, a changed public address and a
 * silent peer are told.
 * Does not cover: the bytes of STUN (test_stun).
 */
#include "check_main.h"
#include "transport/keepalive.h"
#include "transport/stun_internal.h"

static struct ps_loop *loop;

struct end {
    struct ps_udp *udp;
    uint32_t socket;
    struct ps_address address;
    struct ps_keepalive keepalive;
    bool deaf;
    int sip, received;
    char last[64];
    size_t n;
};

static struct end phone, proxy;

static void on_received(void *context, const struct ps_flow *flow, struct ps_slice bytes,
                        bool truncated)
{
    struct end *e = context;
    ck_assert(!truncated);
    e->received++;
    e->n = bytes.n;
    memcpy(e->last, bytes.p, bytes.n);
    if (!e->deaf)
        e->sip += !ps_keepalive_take(&e->keepalive, flow, bytes);
}

static void open_end(struct end *e)
{
    struct ps_udp_config config;
    struct ps_address local;
    memset(e, 0, sizeof *e);
    memset(&config, 0, sizeof config);
    config.received = on_received;
    config.context = e;
    ps_address_parse(PS_S("127.0.0.1"), 0, &local);
    ck_assert_int_eq(ps_udp_open(loop, &config, &e->udp), PS_OK);
    ck_assert_int_eq(ps_udp_bind(e->udp, &local, &e->socket, NULL), PS_OK);
    e->address = *ps_udp_address(e->udp, e->socket);
    ps_keepalive_init(&e->keepalive, loop, e->udp);
}

static void setup(void)
{
    ck_assert_int_eq(ps_loop_open(&loop, NULL), PS_OK);
    open_end(&phone);
    open_end(&proxy);
}

static void teardown(void)
{
    ps_udp_close(phone.udp);
    ps_udp_close(proxy.udp);
    ps_loop_close(loop);
}

static struct ps_flow flow_between(const struct end *from, const struct end *to)
{
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    flow.socket = from->socket;
    flow.local = from->address;
    flow.remote = to->address;
    return flow;
}

static void send_bytes(struct ps_slice bytes)
{
    struct ps_flow flow = flow_between(&phone, &proxy);
    ck_assert_int_eq(ps_udp_send(phone.udp, &flow, bytes, 0), PS_OK);
}

static void settle(void)
{
    int i;
    for (i = 0; i < 10; i++)
        ck_assert_int_eq(ps_loop_step(loop, 0), PS_OK);
}

/* ---- what comes ---- */

START_TEST(crlf_and_empty_are_ignored_without_an_answer)
{
    send_bytes(PS_S(""));
    send_bytes(PS_S("\r\n\r\n"));
    send_bytes(PS_S("OPTIONS"));
    settle();
    ck_assert_int_eq(proxy.received, 3);
    ck_assert_int_eq(proxy.sip, 1);
    ck_assert_uint_eq(proxy.keepalive.counters.ignored, 2);
    ck_assert_int_eq(phone.received, 0);
}
END_TEST

START_TEST(a_binding_request_is_answered_from_the_same_port_rfc5626_8)
{
    struct ps_stun stun;
    send_bytes(PS_S("\0\1\0\0\x21\x12\xa4\x42qwertyuiopas"));
    settle();
    ck_assert_int_eq(proxy.sip, 0);
    ck_assert_uint_eq(proxy.keepalive.counters.stun_answered, 1);
    ck_assert_int_eq(phone.received, 1);
    ck_assert_int_eq(ps_stun_read(ps_slice(phone.last, phone.n), &stun), PS_OK);
    ck_assert_int_eq(stun.kind, PS_STUN_SUCCESS);
    ck_assert(ps_address_equal(&stun.mapped, &phone.address));
    ck_assert_uint_eq(phone.keepalive.counters.stun_ignored, 1); /* it had not asked */
}
END_TEST

START_TEST(other_stun_is_ignored)
{
    send_bytes(PS_S("\0\x11\0\0\x21\x12\xa4\x42qwertyuiopas"));       /* an indication */
    send_bytes(PS_S("\1\x11\0\0\x21\x12\xa4\x42qwertyuiopas"));       /* an error, to nothing */
    send_bytes(PS_S("\0\1\0\4\x21\x12\xa4\x42qwertyuiopas\0\6\0\1")); /* over its end */
    settle();
    ck_assert_int_eq(proxy.sip, 0);
    ck_assert_uint_eq(proxy.keepalive.counters.stun_ignored, 3);
    ck_assert_int_eq(phone.received, 0);
}
END_TEST

/* ---- what is sent ---- */

static int seen, changed, lost;
static struct ps_address mapped;
static struct ps_keepalive_flow kept;

static void on_event(void *context, enum ps_keepalive_event event, const struct ps_address *address)
{
    ck_assert_ptr_eq(context, &kept);
    seen += event == PS_KEEPALIVE_SEEN;
    changed += event == PS_KEEPALIVE_CHANGED;
    lost += event == PS_KEEPALIVE_LOST;
    if (address)
        mapped = *address;
}

static void start(enum ps_keepalive_kind kind, uint32_t rto)
{
    struct ps_flow flow = flow_between(&phone, &proxy);
    seen = changed = lost = 0;
    memset(&kept, 0, sizeof kept);
    ps_keepalive_start(&phone.keepalive, &kept, &flow, kind, 25000, rto, on_event, &kept);
}

/* The next one is due between 80 and 100 % of 25 s. */
static void check_interval(void)
{
    uint64_t now = ps_loop_now(), due = ps_loop_deadline(loop);
    ck_assert_uint_ge(due, now + 19000);
    ck_assert_uint_le(due, now + 25000);
}

START_TEST(a_flow_kept_by_crlf_rfc5626_4_4_1)
{
    start(PS_KEEPALIVE_CRLF, 0);
    settle();
    ck_assert_int_eq(proxy.received, 1);
    ck_assert_int_eq(memcmp(proxy.last, "\r\n\r\n", 4), 0);
    ck_assert_uint_eq(proxy.n, 4);
    check_interval();
    ck_assert_uint_eq(phone.keepalive.counters.sent, 1);
    ps_keepalive_stop(&kept);
    ps_keepalive_stop(&kept);
    ck_assert_uint_eq(ps_loop_deadline(loop), PS_LOOP_NEVER);
}
END_TEST

START_TEST(keep_alives_do_not_march_in_step)
{
    uint64_t first, due[20];
    int i, differ = 0;
    for (i = 0; i < 20; i++) {
        start(PS_KEEPALIVE_CRLF, 0);
        first = ps_loop_now();
        settle();
        due[i] = ps_loop_deadline(loop) - first;
        differ += i && due[i] != due[0];
        ps_keepalive_stop(&kept);
    }
    ck_assert_int_ge(differ, 15);
}
END_TEST

START_TEST(a_flow_kept_by_stun_learns_its_address_rfc5626_4_4_2)
{
    start(PS_KEEPALIVE_STUN, 0);
    settle();
    ck_assert_uint_eq(proxy.keepalive.counters.stun_answered, 1);
    ck_assert_int_eq(seen, 1);
    ck_assert(ps_address_equal(&mapped, &phone.address));
    check_interval();
    ck_assert_uint_eq(phone.keepalive.counters.stun_ignored, 0);
    ps_keepalive_stop(&kept);
}
END_TEST

/* Answers as the proxy would, but says another address. */
static void answer_with(const char *address, const struct end *from)
{
    struct ps_flow flow = flow_between(from, &phone);
    struct ps_stun request;
    struct ps_address says;
    char bytes[PS_STUN_ANSWER];
    struct ps_writer w = ps_writer(bytes, sizeof bytes);
    ck_assert_int_eq(ps_stun_read(ps_slice(proxy.last, proxy.n), &request), PS_OK);
    ps_address_parse(ps_slice_of(address), 0, &says);
    ps_stun_put_answer(&w, &request, &says);
    ck_assert_int_eq(ps_udp_send(from->udp, &flow, ps_written(&w), 0), PS_OK);
    settle();
}

static void until_asked(int times)
{
    uint64_t limit = ps_loop_now() + 3000;
    while (proxy.received < times && ps_loop_now() < limit)
        ck_assert_int_eq(ps_loop_step(loop, 100), PS_OK);
    ck_assert_int_eq(proxy.received, times);
}

START_TEST(a_changed_address_is_told)
{
    struct ps_flow flow = flow_between(&phone, &proxy);
    proxy.deaf = true;
    start(PS_KEEPALIVE_STUN, 0);
    ps_keepalive_start(&phone.keepalive, &kept, &flow, PS_KEEPALIVE_STUN, 1, 0, on_event,
                       &kept); /* once more, and as often as it goes: each second */
    until_asked(1);
    answer_with("192.0.2.1:5060", &proxy);
    ck_assert_int_eq(seen, 1);
    answer_with("192.0.2.2:5060", &proxy); /* that question has its answer already */
    ck_assert_int_eq(seen + changed, 1);
    until_asked(2);
    answer_with("192.0.2.2:5060", &proxy);
    ck_assert_int_eq(changed, 1);
    ck_assert_uint_eq(phone.keepalive.counters.changed, 1);
    ck_assert_uint_eq(mapped.ip[3], 2);
    until_asked(3);
    answer_with("192.0.2.2:5060", &proxy);
    ck_assert_int_eq(seen + changed + lost, 2);
    ps_keepalive_stop(&kept);
}
END_TEST

/* By somebody else, though with the right id; or without an address. */
START_TEST(only_the_peer_answers)
{
    static struct end other;
    proxy.deaf = true;
    open_end(&other);
    start(PS_KEEPALIVE_STUN, 10000);
    until_asked(1);
    answer_with("192.0.2.1:5060", &other);
    ck_assert_int_eq(seen, 0);
    ck_assert_uint_eq(phone.keepalive.counters.stun_ignored, 1);
    {
        struct ps_flow flow = flow_between(&proxy, &phone);
        proxy.last[0] = 1;
        ck_assert_int_eq(ps_udp_send(proxy.udp, &flow, ps_slice(proxy.last, proxy.n), 0), PS_OK);
        proxy.last[0] = 1;
        proxy.last[1] = 1;
        ck_assert_int_eq(ps_udp_send(proxy.udp, &flow, ps_slice(proxy.last, proxy.n), 0), PS_OK);
        settle();
    }
    ck_assert_int_eq(seen + lost, 0);
    check_interval(); /* but it lives */
    ps_keepalive_stop(&kept);
    ps_udp_close(other.udp);
}
END_TEST

/* 2 ms, doubling: 7 requests, and 16 times that after the last (RFC 5389 7.2.1). */
START_TEST(a_silent_peer_is_told_after_7_requests)
{
    uint64_t begin = ps_loop_now();
    proxy.deaf = true;
    start(PS_KEEPALIVE_STUN, 2);
    while (!lost && ps_loop_now() < begin + 5000)
        ck_assert_int_eq(ps_loop_step(loop, 100), PS_OK);
    ck_assert_int_eq(lost, 1);
    ck_assert_int_eq(proxy.received, 7);
    ck_assert_uint_ge(ps_loop_now() - begin, (1 + 2 + 4 + 8 + 16 + 32 + 16) * 2);
    ck_assert_uint_eq(phone.keepalive.counters.lost, 1);
    check_interval();
    ps_keepalive_stop(&kept);
}
END_TEST

START_TEST(several_flows_and_nobody_told)
{
    struct ps_keepalive_flow more[3];
    struct ps_flow flow = flow_between(&phone, &proxy);
    int i;
    memset(more, 0, sizeof more);
    for (i = 0; i < 3; i++)
        ps_keepalive_start(&phone.keepalive, &more[i], &flow, PS_KEEPALIVE_STUN, 25000, 0, NULL,
                           NULL);
    settle();
    ck_assert_uint_eq(proxy.keepalive.counters.stun_answered, 3);
    ck_assert_uint_eq(phone.keepalive.counters.stun_ignored, 0);
    ps_keepalive_stop(&more[1]);
    ps_keepalive_stop(&more[0]);
    ps_keepalive_stop(&more[2]);
    ck_assert_uint_eq(ps_loop_deadline(loop), PS_LOOP_NEVER);
    ck_assert_ptr_null(phone.keepalive.flows);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("keepalive");
    TCase *t = tcase_create("keepalive");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 20);
    tcase_add_test(t, crlf_and_empty_are_ignored_without_an_answer);
    tcase_add_test(t, a_binding_request_is_answered_from_the_same_port_rfc5626_8);
    tcase_add_test(t, other_stun_is_ignored);
    tcase_add_test(t, a_flow_kept_by_crlf_rfc5626_4_4_1);
    tcase_add_test(t, keep_alives_do_not_march_in_step);
    tcase_add_test(t, a_flow_kept_by_stun_learns_its_address_rfc5626_4_4_2);
    tcase_add_test(t, a_changed_address_is_told);
    tcase_add_test(t, only_the_peer_answers);
    tcase_add_test(t, a_silent_peer_is_told_after_7_requests);
    tcase_add_test(t, several_flows_and_nobody_told);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
