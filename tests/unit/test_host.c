/*
 * Covers transport/host: a timer wakes the loop once, at its time; the IPv6 wildcard answers IPv4;
 * what becomes of a request or an answer that cannot be sent, or whose name finds no room among the
 * lookups; a look-up that another host cancels.
 *
 * Sockets are real, on loopback; time is virtual: a wait that would block moves the clock instead.
 * Does not cover: the stack (tests/sim), the sockets (test_udp) and the resolver (test_resolver) by
 * themselves; real networks (test_network, tests/interop).
 */
#define _GNU_SOURCE
#include "check_main.h"
#include "transport/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- time ---- */

static bool is_virtual;
static uint64_t now;

int __real_epoll_wait(int epoll, struct epoll_event *events, int max, int timeout);
int __wrap_epoll_wait(int epoll, struct epoll_event *events, int max, int timeout);
int __wrap_epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
    int n = __real_epoll_wait(epoll, events, max, is_virtual ? 0 : timeout);
    if (is_virtual && !n && timeout > 0)
        now += (uint64_t)timeout;
    return n;
}

int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
    if (!is_virtual)
        return __real_clock_gettime(clock, t);
    t->tv_sec = (time_t)(now / 1000);
    t->tv_nsec = (long)(now % 1000) * 1000000;
    return 0;
}

static int refused; /* errno of what is sent; 0: all goes out */

int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags)
{
    errno = refused;
    return refused ? -1 : __real_sendmmsg(fd, messages, n, flags);
}

/* ---- a host, and a peer that is a bare socket ---- */

static struct ps_loop *loop;
static struct ps_host *host;
static struct ps_account account;
static struct ps_event heard[16];
static unsigned heard_n;
static int peer = -1;
static uint16_t peer_port;

static void on_event(void *context, struct ps_host *h, const struct ps_event *event)
{
    (void)context;
    if (heard_n < 16)
        heard[heard_n++] = *event;
    if (event->kind == PS_EVENT_CALL_INCOMING)
        ps_call_ring(ps_host_stack(h), event->call, 180, PS_NONE, PS_NONE);
    if (event->kind == PS_EVENT_REQUEST)
        ps_stack_respond(ps_host_stack(h), event->transaction,
                         &(struct ps_response){.status = 200});
}

static struct ps_host_config defaults(void)
{
    static const struct ps_limits limits = PS_LIMITS_DEFAULT;
    struct ps_host_config config;
    memset(&config, 0, sizeof config);
    ck_assert_int_eq(ps_address_parse(PS_S("127.0.0.1"), 0, &config.listen), PS_OK);
    config.loop = loop;
    config.stack.limits = limits;
    config.stack.account = &account;
    config.event = on_event;
    return config;
}

static void open_host(const struct ps_host_config *config)
{
    struct ps_system_error why = {"none", 0};
    ck_assert_msg(!ps_host_open(config, &host, &why), "%s: %s", why.call, strerror(why.error));
}

static void setup(void)
{
    struct sockaddr_in name;
    socklen_t n = sizeof name;
    int room = 1 << 20;
    is_virtual = true;
    now = 1000000;
    heard_n = 0;
    refused = 0;
    memset(&account, 0, sizeof account);
    account.aor = PS_S("sip:b@127.0.0.1");
    ck_assert_int_eq(ps_loop_open(&loop, NULL), PS_OK);
    peer = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(peer, (struct sockaddr *)&name, sizeof name), 0);
    setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    getsockname(peer, (struct sockaddr *)&name, &n);
    peer_port = ntohs(name.sin_port);
}

static void teardown(void)
{
    ps_host_close(host);
    host = NULL;
    ps_loop_close(loop);
    close(peer);
    is_virtual = false; /* Check takes the time of each test */
}

static void settle(void)
{
    int i;
    for (i = 0; i < 20; i++)
        ck_assert_int_eq(ps_loop_step(loop, 0), PS_OK);
}

static void say(const char *text)
{
    struct sockaddr_in to;
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_port = htons(ps_host_address(host)->port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(sendto(peer, text, strlen(text), 0, (struct sockaddr *)&to, sizeof to),
                     (int)strlen(text));
    settle();
}

/* The next datagram that the peer has got begins with `start`; NULL: there is none. */
static void expect(const char *start)
{
    static char text[65536];
    ssize_t n = recv(peer, text, sizeof text - 1, 0);
    if (!start) {
        ck_assert_int_lt(n, 0);
        return;
    }
    ck_assert_int_gt(n, 0);
    text[n] = '\0';
    ck_assert_msg(strncmp(text, start, strlen(start)) == 0, "not %s but %s", start, text);
}

/* A request whose Call-ID has `more` bytes; the whole is borrowed until the next. */
static const char *request(const char *method, const char *max_forwards, size_t more)
{
    static char text[8192], call_id[4096];
    memset(call_id, 'x', more);
    call_id[more] = '\0';
    snprintf(text, sizeof text,
             "%s sip:b@127.0.0.1 SIP/2.0\r\n"
             "Via: SIP/2.0/UDP 127.0.0.1:%u;rport;branch=z9hG4bK1\r\n"
             "Max-Forwards: %s\r\n"
             "From: <sip:a@127.0.0.1>;tag=a\r\n"
             "To: <sip:b@127.0.0.1>\r\n"
             "Call-ID: 1%s\r\n"
             "CSeq: 1 %s\r\n"
             "Contact: <sip:a@127.0.0.1:%u>\r\n"
             "Content-Length: 0\r\n\r\n",
             method, (unsigned)peer_port, max_forwards, call_id, method, (unsigned)peer_port);
    return text;
}

/* ---- time ---- */

/* Whatever time it is, the loop comes back for the 180 that is due in 60 s, and not before. */
START_TEST(a_timer_of_60_s_wakes_the_loop_once_at_60_s)
{
    struct ps_host_config config = defaults();
    uint64_t start, wakeups;
    now += (uint64_t)_i * 7919;
    open_host(&config);
    say(request("INVITE", "70", 0));
    expect("SIP/2.0 180");
    expect(NULL);
    start = now;
    wakeups = ps_loop_counters(loop)->wakeups;
    ck_assert_int_eq(ps_loop_step(loop, -1), PS_OK);
    ck_assert_uint_eq(now, start + 60000);
    ck_assert_uint_eq(ps_loop_counters(loop)->wakeups, wakeups + 1);
    settle();
    expect("SIP/2.0 180");
    wakeups = ps_loop_counters(loop)->wakeups;
    while (now < start + 240000)
        ck_assert_int_eq(ps_loop_step(loop, -1), PS_OK);
    ck_assert_uint_eq(ps_loop_counters(loop)->wakeups, wakeups + 3);
}
END_TEST

/* ---- families ---- */

START_TEST(the_ipv6_wildcard_answers_a_request_by_ipv4)
{
    struct ps_host_config config = defaults();
    struct ps_system_error why;
    ck_assert_int_eq(ps_address_parse(PS_S("[::]"), 0, &config.listen), PS_OK);
    if (ps_host_open(&config, &host, &why)) {
        printf("note: no IPv6 here\n");
        return;
    }
    say(request("OPTIONS", "70", 0));
    expect("SIP/2.0 200");
    ck_assert_uint_eq(heard_n, 1);
}
END_TEST

/* ---- what cannot be sent ---- */

static void start_request(const char *uri, struct ps_slice lines)
{
    struct ps_request_to_send options = {
        .account = &account, .method = PS_S("OPTIONS"), .uri = ps_slice_of(uri), .lines = lines};
    ps_handle handle;
    ck_assert_int_eq(ps_stack_request(ps_host_stack(host), &options, &handle), PS_OK);
    ps_host_kick(host);
    settle();
}

static void start_request_to_peer(struct ps_slice lines)
{
    char uri[64];
    snprintf(uri, sizeof uri, "sip:a@127.0.0.1:%u", (unsigned)peer_port);
    start_request(uri, lines);
}

/* A 400 to what claims to come from our proxy: the queue does not take it, or the system. */
static void hold_answer_refused(size_t more, int error)
{
    start_request_to_peer(PS_NONE);
    expect("OPTIONS ");
    refused = error;
    say(request("OPTIONS", "x", more));
    refused = 0;
    expect(NULL);
    ck_assert_uint_eq(heard_n, 0);
    ck_assert_uint_eq(ps_stack_live(ps_host_stack(host)).transactions[1 /* NICT */], 1);
    say(request("OPTIONS", "x", 0));
    expect("SIP/2.0 400");
}

START_TEST(an_answer_too_large_for_the_queue_fails_no_transaction)
{
    struct ps_host_config config = defaults();
    config.udp.queue_bytes = 2048;
    open_host(&config);
    hold_answer_refused(2000, 0);
}
END_TEST

START_TEST(an_answer_that_the_system_refuses_fails_no_transaction)
{
    struct ps_host_config config = defaults();
    open_host(&config);
    hold_answer_refused(0, EMSGSIZE);
    ck_assert_uint_eq(ps_host_udp_counters(host)->send_errors, 1);
}
END_TEST

START_TEST(a_request_that_the_system_refuses_ends_17_1_4)
{
    struct ps_host_config config = defaults();
    open_host(&config);
    refused = EPERM;
    start_request_to_peer(PS_NONE);
    ck_assert_uint_eq(heard_n, 1);
    ck_assert_uint_eq(heard[0].status, 503);
}
END_TEST

START_TEST(a_request_too_large_for_the_queue_ends_17_1_4)
{
    static char line[3000];
    struct ps_host_config config = defaults();
    config.udp.queue_bytes = 2048;
    open_host(&config);
    snprintf(line, sizeof line, "Subject: %02500d\r\n", 0);
    start_request_to_peer(ps_slice_of(line));
    ck_assert_uint_eq(heard_n, 1);
    ck_assert_int_eq(heard[0].kind, PS_EVENT_RESPONSE);
    ck_assert_uint_eq(heard[0].status, 503);
}
END_TEST

START_TEST(an_icmp_error_ends_the_transactions_to_that_address_18_4)
{
    struct ps_host_config config = defaults();
    open_host(&config);
    close(peer);
    start_request_to_peer(PS_NONE);
    ck_assert_uint_eq(heard_n, 1);
    ck_assert_uint_eq(heard[0].status, 503);
    peer = -1;
}
END_TEST

/* ---- names ---- */

static char conf_path[64];

/* The name server is the peer, who does not answer. */
static struct ps_host_config with_a_dead_server(void)
{
    struct ps_host_config config = defaults();
    FILE *f;
    snprintf(conf_path, sizeof conf_path, "/tmp/ps-host-resolv.%d", (int)getpid());
    f = fopen(conf_path, "w");
    ck_assert_ptr_nonnull(f);
    fputs("nameserver 127.0.0.1\n", f);
    fclose(f);
    config.resolver.resolv_conf = conf_path;
    config.resolver.port = peer_port;
    config.resolver.hosts = "/dev/null";
    return config;
}

/* The first waits for a name server that does not answer; it is told when that is certain. */
START_TEST(a_request_whose_name_finds_no_room_among_the_lookups_ends)
{
    struct ps_host_config config = with_a_dead_server();
    config.resolver.names = _i ? 1 : 0;
    config.resolver.lookups = _i ? 0 : 1;
    open_host(&config);
    start_request("sip:a@one.test", PS_NONE);
    ck_assert_uint_eq(heard_n, 0);
    start_request("sip:a@two.test", PS_NONE);
    ck_assert_uint_eq(heard_n, 1);
    ck_assert_int_eq(heard[0].kind, PS_EVENT_RESPONSE);
    ck_assert_uint_eq(heard[0].status, 503);
    ck_assert_uint_eq(ps_host_resolver_counters(host)->refused, 1);
    while (heard_n < 2)
        ck_assert_int_eq(ps_loop_step(loop, -1), PS_OK);
    ck_assert_uint_eq(heard[1].status, 503);
    unlink(conf_path);
}
END_TEST

/* A configuration that no stack can be made of is refused, and all is given back. */
START_TEST(limits_that_are_none_are_refused)
{
    struct ps_host_config config = defaults();
    struct ps_system_error why = {"none", 0};
    config.stack.limits.message_bytes = _i ? 70000 : 100;
    ck_assert_int_eq(ps_host_open(&config, &host, &why), PS_E_ARGUMENT);
    ck_assert_ptr_null(host);
    config.stack.limits.message_bytes = 4096;
    config.stack.limits.per_source = 0;
    ck_assert_int_eq(ps_host_open(&config, &host, &why), PS_E_ARGUMENT);
}
END_TEST

static void on_resolved(void *context, enum ps_error error, const struct ps_address *addresses,
                        size_t n)
{
    (void)error;
    (void)addresses;
    *(size_t *)context += n;
}

/* As another host than ours uses it: an address is its own answer, given in the next step; one that
 * is cancelled before is not given. */
START_TEST(a_cancelled_lookup_is_not_answered)
{
    struct ps_resolver_config config = {.hosts = "/dev/null", .resolv_conf = "/dev/null"};
    struct ps_resolver *resolver;
    uint64_t first, second;
    size_t n = 0;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &resolver), PS_OK);
    ck_assert_int_eq(ps_resolver_lookup(resolver, PS_S("192.0.2.1"), on_resolved, &n, &first),
                     PS_OK);
    ck_assert_int_eq(ps_resolver_lookup(resolver, PS_S("192.0.2.2"), on_resolved, &n, &second),
                     PS_OK);
    ps_resolver_cancel(resolver, first);
    ps_resolver_cancel(resolver, first);
    settle();
    ck_assert_uint_eq(n, 1);
    ps_resolver_cancel(resolver, second);
    ps_resolver_close(resolver);
}
END_TEST

/* Calls that are ended while their name is asked for leave room for the next. */
START_TEST(lookups_of_requests_that_ended_keep_no_request_from_its_own)
{
    struct ps_host_config config = with_a_dead_server();
    struct ps_call_options call = {.account = &account, .to = PS_S("sip:a@one.test")};
    ps_handle handle;
    unsigned i;
    config.stack.limits.requests = 2;
    open_host(&config);
    for (i = 0; i < 4; i++) {
        ck_assert_int_eq(ps_call_start(ps_host_stack(host), &call, &handle), PS_OK);
        ps_host_kick(host);
        settle();
        ck_assert_uint_eq(heard_n, i); /* it waits */
        ck_assert_int_eq(ps_call_hangup(ps_host_stack(host), handle), PS_OK);
        ps_host_kick(host);
        settle();
        ck_assert_uint_eq(heard_n, i + 1);
        ck_assert_int_eq(heard[i].kind, PS_EVENT_CALL_ENDED);
        ck_assert_uint_eq(heard[i].status, 487);
    }
    unlink(conf_path);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("host");
    TCase *t = tcase_create("host");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_timer_of_60_s_wakes_the_loop_once_at_60_s, 0, 40);
    tcase_add_test(t, the_ipv6_wildcard_answers_a_request_by_ipv4);
    tcase_add_test(t, an_answer_too_large_for_the_queue_fails_no_transaction);
    tcase_add_test(t, an_answer_that_the_system_refuses_fails_no_transaction);
    tcase_add_test(t, a_request_that_the_system_refuses_ends_17_1_4);
    tcase_add_test(t, a_request_too_large_for_the_queue_ends_17_1_4);
    tcase_add_test(t, an_icmp_error_ends_the_transactions_to_that_address_18_4);
    tcase_add_loop_test(t, a_request_whose_name_finds_no_room_among_the_lookups_ends, 0, 2);
    tcase_add_test(t, lookups_of_requests_that_ended_keep_no_request_from_its_own);
    tcase_add_test(t, a_cancelled_lookup_is_not_answered);
    tcase_add_loop_test(t, limits_that_are_none_are_refused, 0, 2);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
