/*
 * Covers transport/resolver: addresses, hosts, localhost, the cache and its bounds, questions to a
 * name server of the test's own on loopback that answers, lies, truncates, fails or keeps silent,
 * tries and servers, TCP, cancelling and closing; and Debian's dnsmasq where it is installed.
 * Does not cover: the messages themselves (test_dns), system calls that fail
 * (test_transport_faults).
 */
#define _GNU_SOURCE
#include "check_main.h"
#include "transport/dns_internal.h"
#include "transport/resolver.h"
#include "transport/resolver_files_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct ps_loop *loop;
static struct ps_resolver *resolver;
static uint16_t port;
static char conf_path[64], hosts_path[64];

/* ---- a name server: what it answers is decided by the first label ---- */

struct server {
    int udp, tcp, connection;
    struct ps_loop_watch watch, tcp_watch, connection_watch;
    bool silent, unanswered_tcp, tcp_in_pieces, tcp_too_long, tcp_stray, tcp_slow, tcp_pause;
    size_t tcp_sent, tcp_end;
    int questions, tcp_questions, first_port, ports_seen;
    uint16_t ids[64];
    char reply[4096];
    struct ps_writer w;
};

static struct server servers[2];
static bool failing; /* "flaky": answers only when this is false */

static void u16(struct server *s, unsigned v)
{
    ps_put_char(&s->w, (char)(v >> 8 & 255));
    ps_put_char(&s->w, (char)(v & 255));
}

static void rr(struct server *s, unsigned type, unsigned ttl, const char *data, size_t n)
{
    u16(s, 0xc00c);
    u16(s, type);
    u16(s, 1);
    u16(s, 0);
    u16(s, ttl);
    u16(s, (unsigned)n);
    ps_put(&s->w, ps_slice(data, n));
}

static void soa(struct server *s, unsigned ttl)
{
    char data[22] = {0};
    data[20] = (char)(ttl >> 8);
    data[21] = (char)ttl;
    rr(s, 6, ttl, data, sizeof data);
}

#define V6 " \1\r\270\0\0\0\0\0\0\0\0\0\0\0"

static void v4(struct server *s, unsigned ttl, const char *ip)
{
    s->reply[7]++;
    rr(s, PS_DNS_A, ttl, ip, 4);
}

static void v6(struct server *s, unsigned ttl)
{
    s->reply[7]++;
    rr(s, PS_DNS_AAAA, ttl, V6 "\1", 16);
}

static void nothing(struct server *s, unsigned code, unsigned ttl)
{
    s->reply[3] = (char)(0x80 | code);
    s->reply[9] = 1;
    soa(s, ttl);
}

/* Fills the reply; false: say nothing. */
static bool answer(struct server *s, struct ps_slice label, unsigned type, bool tcp)
{
    bool a = type == PS_DNS_A;
    if (ps_equal(label, PS_S("both"))) {
        a ? v4(s, 60, "\300\0\2\1") : v6(s, 60);
    } else if (ps_equal(label, PS_S("four"))) {
        a ? v4(s, 1, "\300\0\2\4") : nothing(s, 0, 60);
    } else if (ps_equal(label, PS_S("six"))) {
        a ? nothing(s, 0, 60) : v6(s, 60);
    } else if (ps_equal(label, PS_S("bare"))) { /* nothing, without a time to hold */
        if (a)
            v4(s, 60, "\300\0\2\5");
    } else if (ps_equal(label, PS_S("none"))) {
        nothing(s, 3, 60);
    } else if (ps_equal(label, PS_S("fail"))) {
        s->reply[3] = (char)0x82;
    } else if (ps_equal(label, PS_S("zero"))) {
        v4(s, 0, "\300\0\2\6");
    } else if (ps_equal(label, PS_S("half"))) {
        if (!a)
            return false;
        v4(s, 60, "\300\0\2\7");
    } else if (ps_equal(label, PS_S("long"))) {
        if (!tcp)
            s->reply[2] |= 2;
        else
            a ? v4(s, 60, "\300\0\2\10") : v6(s, 60);
    } else if (ps_equal(label, PS_S("never"))) {
        s->reply[2] |= 2; /* truncated by TCP too */
    } else if (ps_equal(label, PS_S("flaky"))) {
        if (failing)
            return false;
        a ? v4(s, 60, "\300\0\2\11") : v6(s, 60);
    } else if (ps_equal(label, PS_S("silent"))) {
        return false;
    } else {
        v4(s, 60, "\300\0\2\12");
    }
    return true;
}

/* The label of the question, its type; begins the reply. */
static bool reply_to(struct server *s, const char *query, size_t n, bool tcp)
{
    struct ps_slice label = ps_slice(query + 13, (size_t)query[12]);
    unsigned type = (unsigned char)query[n - 3];
    ck_assert_uint_gt(n, 16);
    s->ids[s->questions % 64] = (uint16_t)((uint8_t)query[0] << 8 | (uint8_t)query[1]);
    s->questions++;
    s->w = ps_writer(s->reply, sizeof s->reply);
    ps_put(&s->w, ps_slice(query, n));
    s->reply[2] = (char)0x81;
    s->reply[3] = (char)0x80;
    return !s->silent && answer(s, label, type, tcp);
}

static void send_strays(struct server *s, const struct sockaddr_in *to)
{
    char stray[512];
    memcpy(stray, s->reply, s->w.n);
    stray[0] ^= 1; /* another id */
    sendto(s->udp, stray, s->w.n, 0, (const struct sockaddr *)to, sizeof *to);
    stray[0] ^= 1;
    stray[13] = 'X'; /* another name */
    sendto(s->udp, stray, s->w.n, 0, (const struct sockaddr *)to, sizeof *to);
    sendto(s->udp, "", 0, 0, (const struct sockaddr *)to, sizeof *to);
}

static void on_question(void *context, uint32_t events)
{
    struct server *s = context;
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    char query[512];
    int i;
    ssize_t n =
        recvfrom(s->udp, query, sizeof query, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
    (void)events;
    ck_assert_int_gt((int)n, 0);
    if (ntohs(from.sin_port) != s->first_port)
        s->ports_seen++;
    s->first_port = ntohs(from.sin_port);
    if (!reply_to(s, query, (size_t)n, false))
        return;
    if (memcmp(query + 13, "stray", 5) == 0)
        send_strays(s, &from);
    for (i = 0; i < 20 && memcmp(query + 13, "flood", 5) == 0; i++)
        send_strays(s, &from);
    sendto(s->udp, s->reply, s->w.n, 0, (struct sockaddr *)&from, sizeof from);
}

/* One question a connection; the answer may come byte by byte, a byte a step. */
static void on_tcp_question(void *context, uint32_t events)
{
    struct server *s = context;
    char query[512];
    ssize_t n;
    if (events & EPOLLIN) {
        n = recv(s->connection, query, sizeof query, MSG_DONTWAIT);
        s->w.n = s->tcp_sent = s->tcp_end = 0;
        if (n > 2 && reply_to(s, query + 2, (size_t)n - 2, true)) {
            s->tcp_questions++;
            memmove(s->reply + 2, s->reply, s->w.n);
            s->reply[0] = s->tcp_too_long ? '\x7f' : (char)(s->w.n >> 8);
            s->reply[1] = (char)(s->w.n & 255);
            s->reply[2] = (char)(s->reply[2] ^ s->tcp_stray);
            s->tcp_end = s->tcp_in_pieces ? s->w.n / 2 : s->w.n + 2;
        }
        ps_loop_rewatch(loop, &s->connection_watch, EPOLLOUT);
    } else if (s->tcp_slow && (s->tcp_pause = !s->tcp_pause)) {
        return;
    } else if (s->tcp_sent < s->tcp_end) {
        n = send(s->connection, s->reply + s->tcp_sent, s->tcp_slow ? 1 : s->tcp_end - s->tcp_sent,
                 MSG_NOSIGNAL);
        s->tcp_sent = n > 0 ? s->tcp_sent + (size_t)n : s->tcp_end;
    }
    if (s->tcp_sent == s->tcp_end && !(events & EPOLLIN)) {
        ps_loop_unwatch(loop, &s->connection_watch);
        close(s->connection);
    }
}

static void on_connection(void *context, uint32_t events)
{
    struct server *s = context;
    (void)events;
    if (s->connection_watch.active)
        return; /* one after the other */
    s->connection = accept(s->tcp, NULL, NULL);
    ck_assert_int_ge(s->connection, 0);
    if (s->unanswered_tcp)
        close(s->connection);
    else
        ps_loop_watch(loop, &s->connection_watch, s->connection, EPOLLIN, on_tcp_question, s);
}

static int listen_on(int type, const char *ip)
{
    struct sockaddr_in name;
    socklen_t n = sizeof name;
    int one = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    inet_pton(AF_INET, ip, &name.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&name, sizeof name)) {
        close(fd);
        return -1;
    }
    getsockname(fd, (struct sockaddr *)&name, &n);
    port = ntohs(name.sin_port);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(listen(fd, 8), 0);
    return fd;
}

/* False where the port is not free for both. */
static bool open_server(struct server *s, const char *ip)
{
    memset(s, 0, sizeof *s);
    s->tcp = listen_on(SOCK_STREAM, ip);
    s->udp = s->tcp < 0 ? -1 : listen_on(SOCK_DGRAM, ip);
    if (s->udp < 0) {
        close(s->tcp);
        return false;
    }
    ps_loop_watch(loop, &s->watch, s->udp, EPOLLIN, on_question, s);
    ps_loop_watch(loop, &s->tcp_watch, s->tcp, EPOLLIN, on_connection, s);
    return true;
}

static void close_server(struct server *s)
{
    if (s->udp < 0)
        return;
    ps_loop_unwatch(loop, &s->watch);
    ps_loop_unwatch(loop, &s->tcp_watch);
    close(s->udp);
    close(s->tcp);
    s->udp = -1;
}

/* ---- the resolver and what it says ---- */

static int answers;
static enum ps_error result;
static struct ps_address found[2 * PS_RESOLVER_ADDRESSES];
static size_t found_count;

static void on_resolved(void *context, enum ps_error error, const struct ps_address *addresses,
                        size_t n)
{
    ck_assert_ptr_eq(context, &answers);
    answers++;
    result = error;
    found_count = n;
    memcpy(found, addresses, n * sizeof *addresses);
    ck_assert_int_eq(error == PS_OK, n > 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void open_resolver(struct ps_resolver_config config)
{
    config.resolv_conf = conf_path;
    config.hosts = hosts_path;
    config.port = port;
    if (!config.timeout)
        config.timeout = 20;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &resolver), PS_OK);
}

static void setup(void)
{
    static const struct ps_resolver_config none;
    port = 0;
    ck_assert_int_eq(ps_loop_open(&loop, NULL), PS_OK);
    snprintf(conf_path, sizeof conf_path, "/tmp/ps-test-resolv.%d", (int)getpid());
    snprintf(hosts_path, sizeof hosts_path, "/tmp/ps-test-hosts.%d", (int)getpid());
    write_file(conf_path, "nameserver 127.0.0.1\nnameserver 127.0.0.2\n");
    write_file(hosts_path, "# a comment\n192.0.2.99 pbx.test pbx # another\n2001:db8::99 pbx\n");
    while (!open_server(&servers[0], "127.0.0.1") || !open_server(&servers[1], "127.0.0.2")) {
        close_server(&servers[0]);
        port = 0;
    }
    answers = 0;
    failing = false;
    open_resolver(none);
}

static void reopen(struct ps_resolver_config config)
{
    ps_resolver_close(resolver);
    open_resolver(config);
}

static void teardown(void)
{
    ps_resolver_close(resolver);
    close_server(&servers[0]);
    close_server(&servers[1]);
    ps_loop_close(loop);
    unlink(conf_path);
    unlink(hosts_path);
}

static void lookup(const char *name)
{
    ck_assert_int_eq(ps_resolver_lookup(resolver, ps_slice_of(name), on_resolved, &answers, NULL),
                     PS_OK);
}

static void wait_answers(int n)
{
    uint64_t limit = ps_loop_now() + 5000;
    while (answers < n && ps_loop_now() < limit)
        ck_assert_int_eq(ps_loop_step(loop, 100), PS_OK);
    ck_assert_int_eq(answers, n);
}

/* The text of what was found, or of the error. */
static const char *resolve(const char *name)
{
    static char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    size_t i;
    int before = answers;
    lookup(name);
    ck_assert_int_eq(answers, before); /* never from inside the call */
    wait_answers(before + 1);
    for (i = 0; i < found_count; i++) {
        ps_put_string(&w, i ? " " : "");
        ps_put_ip(&w, &found[i], false);
        ck_assert_uint_eq(found[i].port, 0);
    }
    if (result)
        ps_put_string(&w, result == PS_E_RESOLVE   ? "none"
                          : result == PS_E_TIMEOUT ? "timeout"
                                                   : "failed");
    ps_put_char(&w, '\0');
    return text;
}

static const struct ps_resolver_counters *counters(void)
{
    return ps_resolver_counters(resolver);
}

/* Both addresses, in the order of RFC 6724: the route to 2001:db8:: decides, if there is one. */
static bool is_both(const char *text, const char *four, const char *six)
{
    char one[128], other[128];
    snprintf(one, sizeof one, "%s %s", four, six);
    snprintf(other, sizeof other, "%s %s", six, four);
    return strcmp(text, one) == 0 || strcmp(text, other) == 0;
}

/* ---- without asking ---- */

START_TEST(addresses_are_their_own_answer)
{
    ck_assert_str_eq(resolve("192.0.2.1"), "192.0.2.1");
    ck_assert_str_eq(resolve("2001:db8::1"), "2001:db8::1");
    ck_assert_str_eq(resolve("[2001:db8::1]"), "2001:db8::1");
    ck_assert_uint_eq(counters()->local, 3);
    ck_assert_int_eq(servers[0].questions, 0);
}
END_TEST

START_TEST(the_file_of_hosts_comes_first)
{
    struct ps_resolver_config config;
    ck_assert_str_eq(resolve("PBX.test"), "192.0.2.99");
    ck_assert_str_eq(resolve("pbx.test."), "192.0.2.99");
    ck_assert(is_both(resolve("pbx"), "192.0.2.99", "2001:db8::99"));
    memset(&config, 0, sizeof config);
    config.families = PS_RESOLVE_IPV6;
    reopen(config);
    ck_assert_str_eq(resolve("pbx"), "2001:db8::99");
    write_file(hosts_path, "192.0.2.98 pbx\n::1 pbx");
    ck_assert_str_eq(resolve("pbx"), "::1");
    ck_assert_int_eq(servers[0].questions, 0);
    ck_assert_str_eq(resolve("another"), "none"); /* a comment is no name: this one was asked for */
    ck_assert_int_gt(servers[0].questions, 0);
}
END_TEST

START_TEST(hosts_may_be_long_or_missing)
{
    char text[12000];
    int i;
    size_t n = 0;
    for (i = 0; i < 12; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "192.0.2.%d many\n", i + 1);
    n += (size_t)snprintf(text + n, sizeof text - n, "192.0.2.100");
    memset(text + n, ' ', 9000); /* longer than what is looked at: skipped */
    n += 9000;
    snprintf(text + n, sizeof text - n, " toolong\n192.0.2.101 after\n\n \nnonsense after\n");
    write_file(hosts_path, text);
    ck_assert_str_eq(resolve("after"), "192.0.2.101");
    ck_assert_str_eq(resolve("many"), "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 "
                                      "192.0.2.6 192.0.2.7 192.0.2.8");
    ck_assert_str_eq(resolve("toolong"), "192.0.2.10"); /* of the server */
    unlink(hosts_path);
    ck_assert_str_eq(resolve("four.test"), "192.0.2.4");
}
END_TEST

START_TEST(localhost_stays_here_rfc6761_6_3)
{
    struct ps_resolver_config config;
    ck_assert_str_eq(resolve("localhost"), "::1 127.0.0.1");
    ck_assert_str_eq(resolve("a.LocalHost."), "::1 127.0.0.1");
    memset(&config, 0, sizeof config);
    config.families = PS_RESOLVE_IPV4;
    reopen(config);
    ck_assert_str_eq(resolve("localhost"), "127.0.0.1");
    config.families = PS_RESOLVE_IPV6;
    reopen(config);
    ck_assert_str_eq(resolve("localhost"), "::1");
    ck_assert_int_eq(servers[0].questions, 0);
    ck_assert_str_ne(resolve("notlocalhost"), "127.0.0.1");
    ck_assert_int_eq(servers[0].questions, 1);
}
END_TEST

START_TEST(what_is_no_host_name_is_an_error)
{
    ck_assert_int_eq(ps_resolver_lookup(resolver, PS_S("a b"), on_resolved, &answers, NULL),
                     PS_E_HOST);
    ck_assert_int_eq(ps_resolver_lookup(resolver, PS_NONE, on_resolved, &answers, NULL), PS_E_HOST);
    ck_assert_int_eq(ps_resolver_lookup(resolver, PS_S("."), on_resolved, &answers, NULL),
                     PS_E_HOST);
    ck_assert_int_eq(ps_loop_step(loop, 0), PS_OK);
    ck_assert_int_eq(answers, 0);
}
END_TEST

/* ---- asking ---- */

START_TEST(both_families_are_asked_for)
{
    struct ps_resolver_config config;
    ck_assert(is_both(resolve("both.test"), "192.0.2.1", "2001:db8::1"));
    ck_assert_int_eq(servers[0].questions, 2);
    ck_assert_int_eq(servers[1].questions, 0);
    ck_assert_str_eq(resolve("four.test"), "192.0.2.4");
    ck_assert_str_eq(resolve("six.test"), "2001:db8::1");
    ck_assert_str_eq(resolve("none.test"), "none");
    ck_assert_uint_eq(counters()->queries, 8);
    ck_assert_uint_eq(counters()->answers, 8);
    memset(&config, 0, sizeof config);
    config.families = PS_RESOLVE_IPV4;
    reopen(config);
    ck_assert_str_eq(resolve("both.test"), "192.0.2.1");
    ck_assert_uint_eq(counters()->queries, 1);
}
END_TEST

START_TEST(one_question_for_all_who_ask_at_once)
{
    lookup("both.test");
    lookup("BOTH.test.");
    lookup("both.test");
    wait_answers(3);
    ck_assert_int_eq(servers[0].questions, 2);
    ck_assert_uint_eq(counters()->joined, 2);
    ck_assert_uint_eq(counters()->lookups, 3);
}
END_TEST

START_TEST(ids_and_ports_are_by_chance)
{
    struct ps_resolver_config config;
    char name[16];
    int i, k, same = 0;
    memset(&config, 0, sizeof config);
    config.families = PS_RESOLVE_IPV4;
    reopen(config);
    for (i = 0; i < 32; i++) {
        snprintf(name, sizeof name, "n%d.test", i);
        resolve(name);
    }
    ck_assert_int_eq(servers[0].questions, 32);
    ck_assert_int_ge(servers[0].ports_seen, 31);
    for (i = 0; i < 32; i++)
        for (k = 0; k < i; k++)
            same += servers[0].ids[i] == servers[0].ids[k];
    ck_assert_int_le(same, 1); /* 496 pairs out of 65,536: two equal once in 17,000 runs */
    ck_assert_uint_ne((unsigned)servers[0].ids[1], servers[0].ids[0] + 1u);
}
END_TEST

START_TEST(strays_are_waited_out)
{
    struct ps_resolver_config config;
    memset(&config, 0, sizeof config);
    config.families = PS_RESOLVE_IPV4;
    reopen(config);
    ck_assert_str_eq(resolve("stray.test"), "192.0.2.10");
    ck_assert_uint_eq(counters()->strays, 3);
    ck_assert_uint_eq(counters()->queries, 1);
    ck_assert_str_eq(resolve("flood.test"), "192.0.2.10"); /* more than are read at a time */
    ck_assert_uint_eq(counters()->strays, 63);
    ck_assert_uint_eq(counters()->queries, 2);
}
END_TEST

/* ---- servers that fail ---- */

START_TEST(a_silent_server_is_followed_by_the_next)
{
    servers[0].silent = true;
    ck_assert_str_eq(resolve("four.test"), "192.0.2.4");
    ck_assert_int_eq(servers[0].questions, 2);
    ck_assert_int_eq(servers[1].questions, 2);
    ck_assert_uint_eq(counters()->timeouts, 2);
    ck_assert_str_eq(resolve("six.test"), "2001:db8::1"); /* the one that answered is asked first */
    ck_assert_int_eq(servers[0].questions, 2);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_followed_at_once)
{
    struct ps_resolver_config config;
    uint64_t begin = ps_loop_now();
    memset(&config, 0, sizeof config);
    config.timeout = 3000;
    reopen(config);
    close_server(&servers[0]); /* ICMP says so */
    ck_assert_str_eq(resolve("four.test"), "192.0.2.4");
    ck_assert_uint_lt(ps_loop_now() - begin, 3000);
    ck_assert_uint_eq(counters()->failures, 2);
    ck_assert_uint_eq(counters()->timeouts, 0);
}
END_TEST

START_TEST(tries_end)
{
    struct ps_resolver_config config;
    ck_assert_str_eq(resolve("silent.test"), "timeout");
    ck_assert_uint_eq(counters()->queries, 2 * 2 * 2); /* families, servers, attempts */
    ck_assert_uint_eq(counters()->timeouts, 8);
    ck_assert_str_eq(resolve("fail.test"), "failed");
    ck_assert_uint_eq(counters()->failures, 8);
    memset(&config, 0, sizeof config);
    config.attempts = 1;
    reopen(config);
    ck_assert_str_eq(resolve("silent.test"), "timeout");
    ck_assert_uint_eq(counters()->queries, 4);
    ck_assert_str_eq(resolve("silent.test"), "timeout"); /* not remembered: asked again */
    ck_assert_uint_eq(counters()->queries, 8);
}
END_TEST

START_TEST(no_server_at_all)
{
    static const struct ps_resolver_config none;
    close_server(&servers[0]);
    close_server(&servers[1]);
    reopen(none);
    ck_assert_str_eq(resolve("both.test"), "failed");
    unlink(conf_path); /* then it is the one on this machine */
    reopen(none);
    ck_assert_str_eq(resolve("both.test"), "failed");
    ck_assert_uint_eq(counters()->failures, 4);
}
END_TEST

/* The family that does not answer does not hold up the one that did, much; and is remembered so. */
START_TEST(a_server_that_drops_aaaa_rfc8305)
{
    struct ps_resolver_config config;
    uint64_t begin = ps_loop_now();
    memset(&config, 0, sizeof config);
    config.timeout = 4000;
    reopen(config);
    ck_assert_str_eq(resolve("half.test"), "192.0.2.7");
    ck_assert_uint_lt(ps_loop_now() - begin, 2000);
    ck_assert_uint_eq(counters()->timeouts, 1);
    ck_assert_uint_eq(counters()->queries, 2);
    ck_assert_str_eq(resolve("half.test"), "192.0.2.7");
    ck_assert_uint_eq(counters()->remembered, 1);
    config.timeout = 20; /* sooner over than the grace */
    reopen(config);
    ck_assert_str_eq(resolve("half.test"), "192.0.2.7");
}
END_TEST

/* ---- truncation ---- */

START_TEST(truncated_answers_come_by_tcp_rfc1035_4_2_2)
{
    struct ps_resolver_config config;
    ck_assert(is_both(resolve("long.test"), "192.0.2.8", "2001:db8::1"));
    ck_assert_int_eq(servers[0].tcp_questions, 2);
    ck_assert_uint_eq(counters()->tcp, 2);
    ck_assert_uint_eq(counters()->queries, 4);
    memset(&config, 0, sizeof config);
    config.families = PS_RESOLVE_IPV4;
    config.timeout = 2000;
    reopen(config);
    servers[0].tcp_slow = true;
    ck_assert_str_eq(resolve("long.test"), "192.0.2.8");
    ck_assert_uint_eq(counters()->tcp, 1);
}
END_TEST

START_TEST(tcp_that_fails_in_each_way)
{
    struct ps_resolver_config config;
    memset(&config, 0, sizeof config);
    config.attempts = 1;
    config.families = PS_RESOLVE_IPV4;
    reopen(config);
    ck_assert_str_eq(resolve("never.test"), "failed");
    servers[0].tcp_in_pieces = true; /* and then it closes */
    ck_assert_str_eq(resolve("long.test"), "192.0.2.8");
    ck_assert_int_eq(servers[1].tcp_questions, 2);
    servers[0].tcp_in_pieces = false;
    servers[0].tcp_too_long = true;
    write_file(conf_path, "nameserver 127.0.0.1\n");
    reopen(config);
    ck_assert_str_eq(resolve("long.test"), "failed");
    servers[0].tcp_too_long = false;
    servers[0].tcp_stray = true;
    ck_assert_str_eq(resolve("long.test"), "failed");
    servers[0].tcp_stray = false;
    servers[0].unanswered_tcp = true;
    ck_assert_str_eq(resolve("long.test"), "failed");
    ps_loop_unwatch(loop, &servers[0].tcp_watch);
    close(servers[0].tcp); /* nobody listens */
    ck_assert_str_eq(resolve("long.test"), "failed");
    servers[0].tcp = socket(AF_INET, SOCK_STREAM, 0);
}
END_TEST

/* ---- the cache ---- */

START_TEST(answers_are_remembered_as_long_as_they_hold)
{
    ck_assert_str_eq(resolve("both.test"), resolve("both.test"));
    ck_assert_str_eq(resolve("none.test"), "none");
    ck_assert_str_eq(resolve("NONE.test."), "none");
    ck_assert_str_eq(resolve("bare.test"), "192.0.2.5");
    ck_assert_str_eq(resolve("bare.test"), "192.0.2.5");
    ck_assert_uint_eq(counters()->remembered, 3);
    ck_assert_int_eq(servers[0].questions, 6);
    ck_assert_str_eq(resolve("zero.test"), "192.0.2.6"); /* TTL 0: for this once */
    ck_assert_str_eq(resolve("zero.test"), "192.0.2.6");
    ck_assert_uint_eq(counters()->remembered, 3);
}
END_TEST

START_TEST(a_second_is_over_after_a_second)
{
    uint64_t begin = ps_loop_now();
    resolve("four.test");
    resolve("four.test");
    ck_assert_int_eq(servers[0].questions, 2);
    while (ps_loop_now() < begin + 1050)
        ps_loop_step(loop, 50);
    resolve("four.test");
    ck_assert_int_eq(servers[0].questions, 4);
}
END_TEST

START_TEST(the_cache_is_bounded_and_forgets_the_least_used)
{
    struct ps_resolver_config config;
    memset(&config, 0, sizeof config);
    config.families = PS_RESOLVE_IPV4;
    config.cache = 2;
    reopen(config);
    resolve("a.test");
    resolve("b.test");
    resolve("a.test");
    resolve("c.test"); /* in the place of b */
    ck_assert_int_eq(servers[0].questions, 3);
    resolve("a.test");
    ck_assert_int_eq(servers[0].questions, 3);
    resolve("b.test");
    ck_assert_int_eq(servers[0].questions, 4);
}
END_TEST

/* ---- bounds, cancelling, closing ---- */

START_TEST(lookups_and_names_are_bounded)
{
    struct ps_resolver_config config;
    memset(&config, 0, sizeof config);
    config.lookups = 3;
    config.names = 2;
    reopen(config);
    lookup("both.test");
    lookup("four.test");
    ck_assert_int_eq(ps_resolver_lookup(resolver, PS_S("six.test"), on_resolved, &answers, NULL),
                     PS_E_FULL);
    lookup("both.test");
    ck_assert_int_eq(ps_resolver_lookup(resolver, PS_S("both.test"), on_resolved, &answers, NULL),
                     PS_E_FULL);
    wait_answers(3);
    ck_assert_str_eq(resolve("six.test"), "2001:db8::1");
}
END_TEST

START_TEST(a_cancelled_lookup_is_not_answered)
{
    uint64_t asked, local, third;
    ps_resolver_lookup(resolver, PS_S("both.test"), on_resolved, &answers, &asked);
    ps_resolver_lookup(resolver, PS_S("127.0.0.1"), on_resolved, &answers, &local);
    ps_resolver_lookup(resolver, PS_S("both.test"), on_resolved, &answers, &third);
    ck_assert_uint_ne(asked, 0);
    ps_resolver_cancel(resolver, asked);
    ps_resolver_cancel(resolver, asked);
    ps_resolver_cancel(resolver, local);
    ps_resolver_cancel(resolver, 0);
    ps_resolver_cancel(resolver, UINT64_MAX);
    wait_answers(1);
    ps_resolver_cancel(resolver, third);
    ps_resolver_lookup(resolver, PS_S("127.0.0.1"), on_resolved, &answers, NULL);
    ps_resolver_cancel(resolver, asked); /* its place is another's now */
    wait_answers(2);
    resolve("both.test");
    ck_assert_uint_eq(counters()->remembered, 1);
}
END_TEST

static void look_up_again(void *context, enum ps_error error, const struct ps_address *addresses,
                          size_t n)
{
    (void)error;
    (void)addresses;
    (void)n;
    ++*(int *)context;
    ck_assert_int_eq(ps_resolver_lookup(resolver, PS_S("127.0.0.1"), look_up_again, context, NULL),
                     PS_OK);
}

START_TEST(a_lookup_inside_an_answer_comes_in_the_next_step)
{
    int i, calls = 0;
    ps_resolver_lookup(resolver, PS_S("127.0.0.1"), look_up_again, &calls, NULL);
    for (i = 0; i < 3; i++)
        ps_loop_step(loop, 0);
    ck_assert_int_ge(calls, 3);
    ck_assert_int_le(calls, 6);
}
END_TEST

static void close_it(void *context, enum ps_error error, const struct ps_address *addresses,
                     size_t n)
{
    (void)error;
    (void)addresses;
    (void)n;
    ++*(int *)context;
    ps_resolver_close(resolver);
    resolver = NULL;
}

START_TEST(closing_inside_an_answer)
{
    int calls = 0;
    ps_resolver_lookup(resolver, PS_S("127.0.0.1"), close_it, &calls, NULL);
    ps_resolver_lookup(resolver, PS_S("127.0.0.1"), close_it, &calls, NULL);
    ps_resolver_lookup(resolver, PS_S("both.test"), close_it, &calls, NULL);
    ps_loop_step(loop, 0);
    ps_loop_step(loop, 0);
    ck_assert_int_eq(calls, 1);
    ck_assert_ptr_null(resolver);
}
END_TEST

START_TEST(closing_while_questions_are_open)
{
    lookup("silent.test");
    ps_loop_step(loop, 0);
    ps_resolver_close(resolver);
    resolver = NULL;
    ck_assert_uint_eq(ps_loop_deadline(loop), PS_LOOP_NEVER);
    ps_resolver_close(NULL);
}
END_TEST

START_TEST(what_cannot_work_is_refused)
{
    static const struct ps_resolver_config none;
    struct ps_resolver_config config = none;
    struct ps_resolver *r;
    config.families = 4;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &r), PS_E_ARGUMENT);
    config = none;
    config.port = 65536;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &r), PS_E_ARGUMENT);
    config = none;
    config.timeout = 60001;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &r), PS_E_ARGUMENT);
    config = none;
    config.attempts = 101;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &r), PS_E_ARGUMENT);
    config = none;
    config.lookups = 65537;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &r), PS_E_ARGUMENT);
    config = none;
    config.names = 65537;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &r), PS_E_ARGUMENT);
    config = none;
    config.cache = 65537;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &r), PS_E_ARGUMENT);
    ck_assert_ptr_null(r);
    ck_assert_int_eq(ps_resolver_open(loop, &none, &r), PS_OK); /* all of the system's */
    ps_resolver_close(r);
}
END_TEST

/* ---- resolv.conf(5) ---- */

START_TEST(the_servers_of_resolv_conf)
{
    struct ps_resolv_conf conf;
    struct ps_system_error why;
    write_file(conf_path, "; comment\n# comment\ndomain x.test\nnameserver 192.0.2.1 # one\n"
                          "nameserver fe80::1%1\nnameserver nonsense\nnameserver\n"
                          "nameserver fe80::1%aninterfacenamethatistoolong\n"
                          "options rotate timeout:3 attempts:4 ndots:2 timeout:x timeout:0\n"
                          "nameserver fe80::2%lo\nnameserver 192.0.2.3");
    ps_resolver_read_conf(conf_path, 5353, &conf, &why);
    ck_assert_uint_eq(conf.count, 3);
    ck_assert_int_eq(conf.servers[0].family, PS_IPV4);
    ck_assert_uint_eq(conf.servers[0].port, 5353);
    ck_assert_uint_eq(conf.servers[1].scope, 1);
    ck_assert_int_eq(conf.servers[2].family, PS_IPV6);
    ck_assert_uint_eq(conf.servers[2].scope, 1);
    ck_assert_uint_eq(conf.timeout, 3000);
    ck_assert_uint_eq(conf.attempts, 4);
    write_file(conf_path, "options timeout:31 attempts:6\n");
    ps_resolver_read_conf(conf_path, 53, &conf, &why);
    ck_assert_uint_eq(conf.count, 1);
    ck_assert_uint_eq(conf.servers[0].ip[0], 127);
    ck_assert_uint_eq(conf.timeout, 30000);
    ck_assert_uint_eq(conf.attempts, 5);
    ck_assert_int_eq(why.error, 0);
    ps_resolver_read_conf("/", 53, &conf, &why);
    ck_assert_int_eq(why.error, EISDIR);
    ck_assert_uint_eq(conf.count, 1);
    ps_resolver_read_conf("/etc/passwd/x", 53, &conf, &why);
    ck_assert_str_eq(why.call, "open");
    ck_assert_int_eq(why.error, ENOTDIR);
}
END_TEST

/* ---- a real name server ---- */

static pid_t start_dnsmasq(void)
{
    char option[32];
    pid_t pid = fork();
    if (pid)
        return pid;
    snprintf(option, sizeof option, "--port=%u", port);
    execlp("dnsmasq", "dnsmasq", "--keep-in-foreground", option, "--listen-address=127.0.0.1",
           "--bind-interfaces", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
           "--user=", "--pid-file=", "--log-facility=/dev/null", "--auth-ttl=60", "--local-ttl=60",
           "--local=/example/", "--host-record=sip.example,192.0.2.5",
           "--host-record=dual.example,192.0.2.6,2001:db8::6", "--cname=alias.example,sip.example",
           (char *)NULL);
    _exit(127);
}

START_TEST(dnsmasq_answers)
{
    static const struct ps_resolver_config none;
    struct ps_resolver_config patient = none;
    uint64_t limit = ps_loop_now() + 3000;
    pid_t pid;
    int status;
    close_server(&servers[0]);
    write_file(conf_path, "nameserver 127.0.0.1\n");
    pid = start_dnsmasq();
    patient.timeout = 500;
    reopen(patient);
    while (strcmp(resolve("sip.example"), "failed") == 0 && ps_loop_now() < limit &&
           waitpid(pid, &status, WNOHANG) == 0)
        ps_loop_step(loop, 10);
    if (result && waitpid(pid, &status, WNOHANG) == -1) {
        printf("note: dnsmasq is not installed: not tried\n");
        return;
    }
    ck_assert_str_eq(resolve("sip.example"), "192.0.2.5");
    ck_assert(is_both(resolve("dual.example"), "192.0.2.6", "2001:db8::6"));
    ck_assert_str_eq(resolve("Alias.Example"), "192.0.2.5");
    ck_assert_str_eq(resolve("nosuch.example"), "none");
    ck_assert_str_eq(resolve("elsewhere.invalid"), "failed"); /* REFUSED: it has no upstream */
    kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("resolver");
    TCase *t = tcase_create("resolver");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 20);
    tcase_add_test(t, addresses_are_their_own_answer);
    tcase_add_test(t, the_file_of_hosts_comes_first);
    tcase_add_test(t, hosts_may_be_long_or_missing);
    tcase_add_test(t, localhost_stays_here_rfc6761_6_3);
    tcase_add_test(t, what_is_no_host_name_is_an_error);
    tcase_add_test(t, both_families_are_asked_for);
    tcase_add_test(t, one_question_for_all_who_ask_at_once);
    tcase_add_test(t, ids_and_ports_are_by_chance);
    tcase_add_test(t, strays_are_waited_out);
    tcase_add_test(t, a_silent_server_is_followed_by_the_next);
    tcase_add_test(t, a_server_that_is_not_there_is_followed_at_once);
    tcase_add_test(t, tries_end);
    tcase_add_test(t, no_server_at_all);
    tcase_add_test(t, a_server_that_drops_aaaa_rfc8305);
    tcase_add_test(t, truncated_answers_come_by_tcp_rfc1035_4_2_2);
    tcase_add_test(t, tcp_that_fails_in_each_way);
    tcase_add_test(t, answers_are_remembered_as_long_as_they_hold);
    tcase_add_test(t, a_second_is_over_after_a_second);
    tcase_add_test(t, the_cache_is_bounded_and_forgets_the_least_used);
    tcase_add_test(t, lookups_and_names_are_bounded);
    tcase_add_test(t, a_cancelled_lookup_is_not_answered);
    tcase_add_test(t, a_lookup_inside_an_answer_comes_in_the_next_step);
    tcase_add_test(t, closing_inside_an_answer);
    tcase_add_test(t, closing_while_questions_are_open);
    tcase_add_test(t, what_cannot_work_is_refused);
    tcase_add_test(t, the_servers_of_resolv_conf);
    tcase_add_test(t, dnsmasq_answers);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
