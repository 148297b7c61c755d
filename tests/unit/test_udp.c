/*
 * Covers transport/udp: datagrams both ways on IPv4 and IPv6 loopback, wildcard sockets and the
 * local address, the IPv6 wildcard that takes IPv4 too, batches and budgets, the bounded queue,
 * truncation, the kernel's drops, ICMP and path errors and whose they are, closing inside
 * callbacks, local addresses by route.
 * Does not cover: system calls that fail (test_transport_faults), links with loss (test_network).
 */
#define _GNU_SOURCE
#include "check_main.h"
#include "transport/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a driver that remembers what it was told ---- */

struct peer {
    struct ps_udp *udp;
    uint32_t socket;
    struct ps_address address;
    int received, failed, observed_in, observed_out, truncated;
    char bytes[65536];
    size_t n;
    struct ps_flow flow;
    struct ps_udp_error error, errors[16];
    char error_bytes[2048];
    bool echo, unbind_on_receive, close_on_receive, close_on_failed;
};

static struct ps_loop *loop;
static struct peer a, b;

static void on_received(void *context, const struct ps_flow *flow, struct ps_slice bytes,
                        bool truncated)
{
    struct peer *p = context;
    p->received++;
    p->truncated += truncated;
    p->flow = *flow;
    p->n = bytes.n;
    if (bytes.n)
        memcpy(p->bytes, bytes.p, bytes.n);
    if (p->echo)
        ck_assert_int_eq(ps_udp_send(p->udp, flow, bytes, 0), PS_OK);
    if (p->unbind_on_receive)
        ps_udp_unbind(p->udp, flow->socket);
    if (p->close_on_receive) {
        ps_udp_close(p->udp);
        p->udp = NULL;
    }
}

static void on_failed(void *context, const struct ps_udp_error *error)
{
    struct peer *p = context;
    if (p->failed < 16)
        p->errors[p->failed] = *error;
    p->failed++;
    p->error = *error;
    if (error->bytes.n)
        memcpy(p->error_bytes, error->bytes.p, error->bytes.n);
    if (p->close_on_failed) {
        ps_udp_close(p->udp);
        p->udp = NULL;
    }
}

static void on_observed(void *context, bool out, uint64_t now, const struct ps_flow *flow,
                        struct ps_slice bytes)
{
    struct peer *p = context;
    ck_assert_uint_le(now, ps_loop_now());
    ck_assert_int_eq(flow->transport, PS_UDP);
    ck_assert_ptr_nonnull(bytes.p);
    p->observed_in += !out;
    p->observed_out += out;
}

static struct ps_address address(const char *text)
{
    struct ps_address out;
    ck_assert_int_eq(ps_address_parse(ps_slice_of(text), 0, &out), PS_OK);
    return out;
}

static void open_with(struct peer *p, const char *where, struct ps_udp_config config)
{
    struct ps_address local = address(where);
    struct ps_system_error why = {"none", 0};
    memset(p, 0, sizeof *p);
    config.received = on_received;
    config.failed = on_failed;
    config.context = p;
    ck_assert_int_eq(ps_udp_open(loop, &config, &p->udp), PS_OK);
    ck_assert_msg(!ps_udp_bind(p->udp, &local, &p->socket, &why), "%s: %s", why.call,
                  strerror(why.error));
    p->address = *ps_udp_address(p->udp, p->socket);
}

static void open_peer(struct peer *p, const char *where)
{
    struct ps_udp_config config;
    memset(&config, 0, sizeof config);
    open_with(p, where, config);
}

static struct ps_flow flow_to(const struct peer *p, const struct ps_address *remote)
{
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    flow.socket = p->socket;
    flow.remote = *remote;
    return flow;
}

static enum ps_error send_to(struct peer *p, const struct ps_address *remote, const char *text,
                             uint64_t token)
{
    struct ps_flow flow = flow_to(p, remote);
    return ps_udp_send(p->udp, &flow, ps_slice_of(text), token);
}

static void step(void)
{
    ck_assert_int_eq(ps_loop_step(loop, 0), PS_OK);
}

/* On loopback everything has arrived when sendmmsg returns; some steps carry it through. */
static void settle(void)
{
    int i;
    for (i = 0; i < 20; i++)
        step();
}

static void setup(void)
{
    ck_assert_int_eq(ps_loop_open(&loop, NULL), PS_OK);
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
}

static void teardown(void)
{
    ps_udp_close(a.udp);
    ps_udp_close(b.udp);
    ps_loop_close(loop);
}

static bool have_ipv6(void)
{
    struct sockaddr_in6 name;
    int fd = socket(AF_INET6, SOCK_DGRAM, 0), rc;
    memset(&name, 0, sizeof name);
    name.sin6_family = AF_INET6;
    name.sin6_addr.s6_addr[15] = 1;
    rc = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&name, sizeof name);
    if (fd >= 0)
        close(fd);
    return rc == 0;
}

/* ---- there and back ---- */

START_TEST(a_datagram_and_its_answer)
{
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "127.0.0.1");
    b.echo = true;
    ck_assert_uint_ne(a.address.port, 0);
    ck_assert_int_eq(send_to(&a, &b.address, "hello", 1), PS_OK);
    ck_assert_uint_eq(ps_udp_pending(a.udp), 1);
    settle();
    ck_assert_uint_eq(ps_udp_pending(a.udp), 0);
    ck_assert_int_eq(a.received, 1);
    ck_assert_uint_eq(a.n, 5);
    ck_assert_int_eq(memcmp(a.bytes, "hello", 5), 0);
    ck_assert(ps_address_equal(&a.flow.remote, &b.address));
    ck_assert(ps_address_equal(&a.flow.local, &a.address));
    ck_assert_uint_eq(a.flow.socket, a.socket);
    ck_assert_int_eq(a.flow.transport, PS_UDP);
    ck_assert(!a.flow.reliable);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->datagrams_out, 1);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->bytes_out, 5);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->datagrams_in, 1);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->bytes_in, 5);
    ck_assert_int_eq(a.failed + b.failed, 0);
}
END_TEST

START_TEST(ipv6_there_and_back)
{
    if (!have_ipv6()) {
        printf("note: no IPv6 loopback here\n");
        return;
    }
    open_peer(&a, "[::]");
    open_peer(&b, "[::]");
    b.echo = true;
    b.address.ip[15] = 1;
    ck_assert_int_eq(send_to(&a, &b.address, "hello", 1), PS_OK);
    settle();
    ck_assert_int_eq(a.received, 1);
    ck_assert(ps_address_equal(&a.flow.remote, &b.address));
    ck_assert_uint_eq(a.flow.local.ip[15], 1);
    ck_assert_uint_eq(a.flow.local.port, a.address.port);
    ck_assert_uint_eq(a.flow.local.scope, 0);
}
END_TEST

/* 127.0.0.0/8 is all local: a wildcard socket is reached by any of it, and answers from it. */
START_TEST(a_wildcard_socket_answers_from_the_address_that_was_asked)
{
    struct ps_address asked;
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "0.0.0.0");
    b.echo = true;
    asked = address("127.0.0.77");
    asked.port = b.address.port;
    send_to(&a, &asked, "x", 0);
    settle();
    ck_assert(ps_address_equal(&b.flow.local, &asked));
    ck_assert_int_eq(a.received, 1);
    ck_assert(ps_address_equal(&a.flow.remote, &asked));
}
END_TEST

/* ---- the IPv6 wildcard: IPv4, too (RFC 3493 3.7, 5.3) ---- */

static struct ps_address port_of(const char *ip, const struct peer *p)
{
    struct ps_address out = address(ip);
    out.port = p->address.port;
    return out;
}

START_TEST(the_ipv6_wildcard_takes_ipv4_and_answers_from_the_address_that_was_asked)
{
    struct ps_address asked;
    if (!have_ipv6())
        return;
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "[::]");
    b.echo = true;
    asked = port_of("127.0.0.77", &b);
    send_to(&a, &asked, "x", 0);
    settle();
    ck_assert_int_eq(b.received, 1);
    ck_assert(ps_address_equal(&b.flow.local, &asked));
    ck_assert(ps_address_equal(&b.flow.remote, &a.address));
    ck_assert_int_eq(a.received, 1);
    ck_assert(ps_address_equal(&a.flow.remote, &asked));
    ps_udp_close(a.udp);
    open_peer(&a, "[::1]"); /* and the same socket IPv6 */
    asked = port_of("[::1]", &b);
    send_to(&a, &asked, "x", 0);
    settle();
    ck_assert(ps_address_equal(&b.flow.local, &asked));
    ck_assert(ps_address_equal(&b.flow.remote, &a.address));
    ck_assert_int_eq(a.received, 1);
    ck_assert(ps_address_equal(&a.flow.remote, &asked));
}
END_TEST

START_TEST(the_ipv6_wildcard_sends_by_ipv4_where_the_route_leads)
{
    struct ps_address mapped, local = address("127.0.0.5");
    struct ps_flow flow;
    if (!have_ipv6())
        return;
    open_peer(&a, "[::]");
    open_peer(&b, "127.0.0.1");
    mapped = port_of("[::ffff:127.0.0.1]", &b);
    ck_assert_int_eq(ps_udp_flow_to(a.udp, &mapped, &flow), PS_OK);
    ck_assert(ps_address_equal(&flow.remote, &b.address));
    ck_assert_int_eq(flow.local.family, PS_IPV4);
    ck_assert_uint_eq(flow.local.ip[0], 127);
    ck_assert_uint_eq(flow.local.port, a.address.port);
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, PS_S("x"), 0), PS_OK);
    settle();
    ck_assert(ps_address_equal(&b.flow.remote, &flow.local));
    local.port = a.address.port;
    flow.local = local;
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, PS_S("x"), 0), PS_OK);
    settle();
    ck_assert(ps_address_equal(&b.flow.remote, &local));
    ck_assert_int_eq(send_to(&a, &b.address, "no local end", 0), PS_OK);
    flow.local = port_of("[::1]", &a); /* of the other family: as good as none */
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, PS_S("x"), 0), PS_OK);
    settle();
    ck_assert_int_eq(b.received, 4);
    ck_assert_int_eq(a.failed, 0);
}
END_TEST

/* A port where nobody listens. */
static struct ps_address closed_port(const char *host)
{
    struct ps_address out;
    open_peer(&b, host);
    out = b.address;
    ps_udp_close(b.udp);
    b.udp = NULL;
    return out;
}

static void send_to_closed_port(const char *host, const char *from)
{
    struct ps_address closed = closed_port(host);
    open_peer(&a, from);
    send_to(&a, &closed, "INVITE sip:x", 77);
    settle();
    ck_assert_int_eq(a.failed, 1);
    ck_assert_int_eq(a.error.error, PS_E_UNREACHABLE);
    ck_assert_int_eq(a.error.system_error, ECONNREFUSED);
    ck_assert(a.error.icmp);
    ck_assert(ps_address_equal(&a.error.flow.remote, &closed));
}

/* The error queue of the IPv6 socket names an IPv4 address as mapped. */
START_TEST(icmp_of_ipv4_on_the_ipv6_wildcard_18_4)
{
    if (have_ipv6())
        send_to_closed_port("127.0.0.1", "[::]");
}
END_TEST

START_TEST(where_somebody_has_the_port_for_ipv4_there_remains_ipv6)
{
    struct ps_address again, asked;
    uint32_t number;
    char text[32];
    if (!have_ipv6())
        return;
    open_peer(&a, "0.0.0.0");
    snprintf(text, sizeof text, "[::]:%u", (unsigned)a.address.port);
    open_peer(&b, text);
    asked = port_of("127.0.0.1", &b);
    ck_assert_int_eq(send_to(&b, &asked, "x", 0), PS_E_ARGUMENT);
    ck_assert_int_eq(send_to(&a, &asked, "x", 0), PS_OK);
    settle();
    ck_assert_int_eq(a.received, 1);
    asked = port_of("[::1]", &b);
    ck_assert_int_eq(send_to(&b, &asked, "x", 0), PS_OK);
    settle();
    ck_assert_int_eq(b.received, 1);
    again = b.address; /* and where both are taken, that is an error */
    ck_assert_int_eq(ps_udp_bind(a.udp, &again, &number, NULL), PS_E_TRANSPORT);
}
END_TEST

START_TEST(an_ipv6_address_takes_ipv6_alone)
{
    struct ps_address v4 = address("127.0.0.1:5060");
    struct ps_flow flow;
    if (!have_ipv6())
        return;
    open_peer(&a, "[::1]");
    ck_assert_int_eq(send_to(&a, &v4, "x", 0), PS_E_ARGUMENT);
    ck_assert_int_eq(ps_udp_flow_to(a.udp, &v4, &flow), PS_E_UNREACHABLE);
}
END_TEST

START_TEST(empty_and_largest_datagrams)
{
    static char large[65507];
    struct ps_flow flow;
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "127.0.0.1");
    ck_assert_int_eq(send_to(&a, &b.address, "", 0), PS_OK);
    settle();
    ck_assert_int_eq(b.received, 1);
    ck_assert_uint_eq(b.n, 0);
    memset(large, 'x', sizeof large);
    flow = flow_to(&a, &b.address);
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, ps_slice(large, sizeof large), 0), PS_OK);
    settle();
    ck_assert_int_eq(b.received, 2);
    ck_assert_uint_eq(b.n, sizeof large);
    ck_assert_int_eq(b.truncated, 0);
}
END_TEST

START_TEST(a_truncated_datagram_is_said_to_be)
{
    struct ps_udp_config config;
    memset(&config, 0, sizeof config);
    config.datagram = 8;
    open_peer(&a, "127.0.0.1");
    open_with(&b, "127.0.0.1", config);
    send_to(&a, &b.address, "12345678", 0);
    settle();
    ck_assert_int_eq(b.truncated, 0);
    send_to(&a, &b.address, "123456789", 0);
    settle();
    ck_assert_int_eq(b.truncated, 1);
    ck_assert_uint_eq(b.n, 8);
    ck_assert_uint_eq(ps_udp_counters(b.udp)->truncated, 1);
}
END_TEST

START_TEST(a_datagram_from_port_0_is_dropped)
{
    struct {
        uint16_t source, target, length, checksum;
    } header;
    struct sockaddr_in to;
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
    if (fd < 0) {
        printf("note: no raw socket here: port 0 not tried\n");
        return;
    }
    open_peer(&b, "127.0.0.1");
    memset(&header, 0, sizeof header);
    header.target = htons(b.address.port);
    header.length = htons(sizeof header);
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(sendto(fd, &header, sizeof header, 0, (struct sockaddr *)&to, sizeof to),
                     sizeof header);
    close(fd);
    settle();
    ck_assert_int_eq(b.received, 0);
    ck_assert_uint_eq(ps_udp_counters(b.udp)->no_port, 1);
}
END_TEST

START_TEST(each_datagram_is_observed_both_ways)
{
    struct ps_udp_config config;
    memset(&config, 0, sizeof config);
    config.observe = on_observed;
    open_with(&a, "127.0.0.1", config);
    open_peer(&b, "127.0.0.1");
    b.echo = true;
    send_to(&a, &b.address, "x", 0);
    settle();
    ck_assert_int_eq(a.observed_out, 1);
    ck_assert_int_eq(a.observed_in, 1);
}
END_TEST

/* ---- batches and budgets ---- */

START_TEST(what_a_step_sends_leaves_in_one_batch)
{
    struct ps_udp_config config;
    int i;
    memset(&config, 0, sizeof config);
    config.batch = 16;
    open_with(&a, "127.0.0.1", config);
    open_with(&b, "127.0.0.1", config);
    for (i = 0; i < 15; i++)
        send_to(&a, &b.address, "x", 0);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->batches_out, 0);
    step();
    ck_assert_uint_eq(ps_udp_counters(a.udp)->batches_out, 1);
    settle();
    ck_assert_int_eq(b.received, 15);
    ck_assert_uint_eq(ps_udp_counters(b.udp)->batches_in, 1);
    for (i = 0; i < 16; i++)
        send_to(&a, &b.address, "x", 0);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->batches_out, 2); /* full: sooner than the step */
    ck_assert_uint_eq(ps_udp_pending(a.udp), 0);
    settle();
    ck_assert_int_eq(b.received, 31);
}
END_TEST

/* Each its own, as it leaves; what the path refuses is not sent. */
START_TEST(bytes_that_leave_are_counted)
{
    struct ps_address nowhere = address("240.0.0.1:5060");
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "127.0.0.1");
    send_to(&a, &b.address, "1", 0);
    send_to(&a, &b.address, "4444", 0);
    send_to(&a, &nowhere, "refused", 0);
    send_to(&a, &b.address, "333", 0);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->bytes_out, 0);
    settle();
    ck_assert_uint_eq(ps_udp_counters(a.udp)->send_errors, 1);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->datagrams_out, 3);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->bytes_out, 8);
    ck_assert_uint_eq(ps_udp_counters(b.udp)->datagrams_in, 3);
    ck_assert_uint_eq(ps_udp_counters(b.udp)->bytes_in, 8);
}
END_TEST

/* 100 datagrams wait on one socket, one on another: the second is not kept waiting for the 100. */
START_TEST(a_busy_socket_does_not_starve_another)
{
    struct ps_udp_config config;
    struct ps_address any = address("127.0.0.1"), second;
    uint32_t other;
    int i;
    memset(&config, 0, sizeof config);
    config.batch = 4;
    config.budget = 2;
    open_peer(&a, "127.0.0.1");
    open_with(&b, "127.0.0.1", config);
    ck_assert_int_eq(ps_udp_bind(b.udp, &any, &other, NULL), PS_OK);
    second = *ps_udp_address(b.udp, other);
    for (i = 0; i < 100; i++)
        send_to(&a, &b.address, "x", 0);
    send_to(&a, &second, "y", 0);
    ps_udp_flush(a.udp);
    step();
    ck_assert_int_eq(b.received, 9);
    step();
    ck_assert_int_eq(b.received, 17);
    settle();
    ck_assert_int_eq(b.received, 101);
}
END_TEST

/* Lengths that wrap the ring of bytes in all ways; what arrives is what was sent, in order. */
START_TEST(the_queue_keeps_bytes_and_order)
{
    struct ps_udp_config config;
    unsigned seed = 7, sent = 0, i;
    memset(&config, 0, sizeof config);
    config.queue = 8;
    config.batch = 8;
    config.queue_bytes = 1000;
    open_with(&a, "127.0.0.1", config);
    open_peer(&b, "127.0.0.1");
    for (i = 0; i < 2000; i++) {
        char text[400];
        size_t n;
        seed = seed * 1103515245 + 12345;
        n = 4 + (seed >> 16) % 390;
        memset(text, 'a' + (int)(i % 26), n);
        memcpy(text, &sent, sizeof sent);
        {
            struct ps_flow flow = flow_to(&a, &b.address);
            enum ps_error error = ps_udp_send(a.udp, &flow, ps_slice(text, n), 0);
            if (error == PS_E_FULL) {
                settle();
                continue;
            }
            ck_assert_int_eq(error, PS_OK);
        }
        sent++;
        if ((seed >> 8) % 3 == 0) {
            unsigned last;
            settle();
            ck_assert_uint_eq((unsigned)b.received, sent);
            memcpy(&last, b.bytes, sizeof last);
            ck_assert_uint_eq(last, sent - 1);
            ck_assert_uint_eq(b.n, n);
            ck_assert(b.n == 4 || b.bytes[n - 1] == 'a' + (int)(i % 26));
        }
    }
    ck_assert_uint_gt(ps_udp_counters(a.udp)->queue_full, 0);
    ck_assert_uint_gt(sent, 1000);
}
END_TEST

START_TEST(past_the_queue_datagrams_are_dropped_and_counted)
{
    struct ps_udp_config config;
    struct ps_flow flow;
    static char large[600];
    memset(&config, 0, sizeof config);
    config.batch = 4;
    config.queue = 4;
    config.queue_bytes = 1024;
    open_with(&a, "127.0.0.1", config);
    open_peer(&b, "127.0.0.1");
    flow = flow_to(&a, &b.address);
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, ps_slice(large, 600), 0), PS_OK);
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, ps_slice(large, 600), 0), PS_E_FULL);
    ck_assert_int_eq(send_to(&a, &b.address, "x", 0), PS_OK);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->queue_full, 1);
    settle();
    ck_assert_int_eq(b.received, 2);
    ck_assert_int_eq(a.failed, 0);
}
END_TEST

/* The receiver's buffer is small and nobody reads: what the kernel drops, it says with the next. */
START_TEST(drops_of_the_kernel_are_counted)
{
    struct ps_udp_config config;
    static char large[1000];
    struct ps_flow flow;
    uint64_t got;
    int i;
    memset(&config, 0, sizeof config);
    config.receive_buffer = 4096;
    config.send_buffer = 1 << 20;
    open_peer(&a, "127.0.0.1");
    open_with(&b, "127.0.0.1", config);
    flow = flow_to(&a, &b.address);
    for (i = 0; i < 64; i++)
        ps_udp_send(a.udp, &flow, ps_slice(large, sizeof large), 0);
    ps_udp_flush(a.udp);
    settle();
    got = ps_udp_counters(b.udp)->datagrams_in;
    ck_assert_uint_lt(got, 64);
    send_to(&a, &b.address, "x", 0);
    settle();
    ck_assert_uint_eq(ps_udp_counters(b.udp)->kernel_dropped, 64 - got);
}
END_TEST

/* ---- errors, and whose they are ---- */

START_TEST(icmp_port_unreachable_names_where_it_was_sent_18_4)
{
    send_to_closed_port("127.0.0.1", "0.0.0.0");
    ck_assert_uint_eq(a.error.flow.socket, a.socket);
    ck_assert_uint_ge(a.error.bytes.n, 12);
    ck_assert_int_eq(memcmp(a.error_bytes, "INVITE sip:x", 12), 0);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->icmp_errors, 1);
}
END_TEST

START_TEST(icmpv6_port_unreachable)
{
    if (have_ipv6())
        send_to_closed_port("[::1]", "[::]");
}
END_TEST

/* The ICMP error of the first datagram surfaces on the next sendmmsg, which goes elsewhere. */
START_TEST(an_icmp_error_is_not_blamed_on_the_next_datagram)
{
    struct ps_address closed = closed_port("127.0.0.1");
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "127.0.0.1");
    send_to(&a, &closed, "lost", 1);
    ps_udp_flush(a.udp); /* the loop does not see the error queue before the next flush */
    send_to(&a, &b.address, "good", 2);
    ps_udp_flush(a.udp);
    settle();
    ck_assert_int_eq(b.received, 1);
    ck_assert_int_eq(a.failed, 1);
    ck_assert(a.error.icmp);
    ck_assert(ps_address_equal(&a.error.flow.remote, &closed));
    ck_assert_uint_eq(ps_udp_counters(a.udp)->send_errors, 0);
}
END_TEST

/* In one batch: good, refused by ICMP, refused by the path, good. */
START_TEST(a_batch_of_mixed_fates)
{
    struct ps_address closed = closed_port("127.0.0.1"),
                      broadcast = address("255.255.255.255:5060");
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "127.0.0.1");
    send_to(&a, &b.address, "1", 1);
    send_to(&a, &closed, "2", 2);
    send_to(&a, &broadcast, "3", 3);
    send_to(&a, &b.address, "4", 4);
    settle();
    ck_assert_int_eq(b.received, 2);
    ck_assert_int_eq(b.bytes[0], '4');
    ck_assert_int_eq(a.failed, 2);
    ck_assert(a.errors[0].icmp != a.errors[1].icmp);
    {
        struct ps_udp_error *own = a.errors[0].icmp ? &a.errors[1] : &a.errors[0];
        ck_assert_uint_eq(own->token, 3);
        ck_assert(ps_address_equal(&own->flow.remote, &broadcast));
        ck_assert_int_eq(own->error,
                         own->system_error == ENETUNREACH ? PS_E_UNREACHABLE : PS_E_TRANSPORT);
    }
    ck_assert_uint_eq(ps_udp_counters(a.udp)->send_errors, 1);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->icmp_errors, 1);
}
END_TEST

START_TEST(a_message_too_large_for_udp)
{
    static char large[65535];
    struct ps_flow flow;
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "127.0.0.1");
    flow = flow_to(&a, &b.address);
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, ps_slice(large, sizeof large), 9), PS_OK);
    send_to(&a, &b.address, "x", 0);
    settle();
    ck_assert_int_eq(a.failed, 1);
    ck_assert_int_eq(a.error.error, PS_E_TOO_LARGE);
    ck_assert_uint_eq(a.error.token, 9);
    ck_assert(!a.error.icmp);
    ck_assert_int_eq(b.received, 1);
}
END_TEST

/* From an address that this machine does not have. */
START_TEST(a_local_end_that_is_gone_is_a_path_error)
{
    struct ps_flow flow;
    open_peer(&a, "0.0.0.0");
    open_peer(&b, "127.0.0.1");
    flow = flow_to(&a, &b.address);
    flow.local = address("192.0.2.1");
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, PS_S("x"), 5), PS_OK);
    settle();
    ck_assert_int_eq(a.failed, 1);
    ck_assert_uint_eq(a.error.token, 5);
    ck_assert_int_eq(b.received, 0);
    flow.local = address("0.0.0.0"); /* any: the route decides */
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, PS_S("x"), 6), PS_OK);
    settle();
    ck_assert_int_eq(b.received, 1);
}
END_TEST

/* Errors that a full batch meets inside ps_udp_send are called back later, from the loop. */
START_TEST(sending_never_calls_back)
{
    struct ps_udp_config config;
    struct ps_address broadcast = address("255.255.255.255:5060");
    memset(&config, 0, sizeof config);
    config.batch = 1;
    open_with(&a, "127.0.0.1", config);
    send_to(&a, &broadcast, "x", 1);
    send_to(&a, &broadcast, "x", 2);
    ck_assert_int_eq(a.failed, 0);
    settle();
    ck_assert_int_eq(a.failed, 2);
    ck_assert_uint_eq(a.errors[0].token, 1);
    ck_assert_uint_eq(a.errors[1].token, 2);
}
END_TEST

START_TEST(nobody_need_listen_to_errors)
{
    struct ps_udp_config config;
    struct ps_address local = address("127.0.0.1"), closed = closed_port("127.0.0.1");
    memset(&config, 0, sizeof config);
    config.received = on_received;
    config.context = &a;
    ck_assert_int_eq(ps_udp_open(loop, &config, &a.udp), PS_OK);
    ck_assert_int_eq(ps_udp_bind(a.udp, &local, &a.socket, NULL), PS_OK);
    send_to(&a, &closed, "x", 0);
    settle();
    ck_assert_uint_eq(ps_udp_counters(a.udp)->icmp_errors, 1);
}
END_TEST

/* ---- closing from inside ---- */

START_TEST(unbinding_inside_a_callback_ends_the_batch)
{
    struct ps_udp_config config;
    int i;
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "127.0.0.1");
    b.unbind_on_receive = true;
    b.echo = true; /* what it queued goes with the socket */
    for (i = 0; i < 5; i++)
        send_to(&a, &b.address, "x", 0);
    settle();
    ck_assert_int_eq(b.received, 1);
    ck_assert_ptr_null(ps_udp_address(b.udp, b.socket));
    ps_udp_close(b.udp);
    memset(&config, 0, sizeof config);
    config.batch = 1; /* and between two batches */
    open_with(&b, "127.0.0.1", config);
    b.unbind_on_receive = true;
    send_to(&a, &b.address, "x", 0);
    send_to(&a, &b.address, "x", 0);
    settle();
    ck_assert_int_eq(b.received, 1);
    ck_assert_int_eq(send_to(&b, &a.address, "x", 0), PS_E_STALE);
    ck_assert_uint_eq(ps_udp_pending(b.udp), 0);
}
END_TEST

START_TEST(closing_inside_the_received_callback)
{
    int i;
    open_peer(&a, "127.0.0.1");
    open_peer(&b, "127.0.0.1");
    b.close_on_receive = true;
    for (i = 0; i < 5; i++)
        send_to(&a, &b.address, "x", 0);
    settle();
    ck_assert_int_eq(b.received, 1);
    ck_assert_ptr_null(b.udp);
}
END_TEST

START_TEST(closing_inside_the_failed_callback)
{
    struct ps_address broadcast = address("255.255.255.255:5060"),
                      closed = closed_port("127.0.0.1");
    open_peer(&a, "127.0.0.1");
    a.close_on_failed = true;
    send_to(&a, &broadcast, "x", 1);
    send_to(&a, &broadcast, "x", 2);
    settle();
    ck_assert_int_eq(a.failed, 1);
    ck_assert_ptr_null(a.udp);
    open_peer(&a, "127.0.0.1"); /* the same with ICMP, where two wait in the error queue */
    a.close_on_failed = true;
    send_to(&a, &closed, "x", 0);
    ps_udp_flush(a.udp);
    settle();
    ck_assert_int_eq(a.failed, 1);
    ck_assert_ptr_null(a.udp);
}
END_TEST

START_TEST(a_socket_number_is_not_used_twice)
{
    struct ps_address local = address("127.0.0.1");
    uint32_t old = 0, i;
    open_peer(&a, "127.0.0.1");
    old = a.socket;
    ps_udp_unbind(a.udp, old);
    ps_udp_unbind(a.udp, old);
    for (i = 0; i < 9; i++) {
        uint32_t number;
        ck_assert_int_eq(ps_udp_bind(a.udp, &local, &number, NULL), PS_OK);
        ck_assert_uint_ne(number, old);
    }
    ck_assert_ptr_null(ps_udp_address(a.udp, old));
    ck_assert_ptr_null(ps_udp_address(a.udp, 0xffff));
}
END_TEST

/* ---- opening ---- */

START_TEST(what_cannot_work_is_refused)
{
    struct ps_udp_config config;
    struct ps_address none, local = address("127.0.0.1"), taken;
    struct ps_system_error why;
    struct ps_flow flow;
    uint32_t number;
    memset(&config, 0, sizeof config);
    memset(&none, 0, sizeof none);
    ck_assert_int_eq(ps_udp_open(loop, &config, &a.udp), PS_E_ARGUMENT); /* no `received` */
    config.received = on_received;
    config.batch = PS_UDP_MAX_BATCH + 1;
    ck_assert_int_eq(ps_udp_open(loop, &config, &a.udp), PS_E_ARGUMENT);
    config.batch = 32;
    config.queue = 31;
    ck_assert_int_eq(ps_udp_open(loop, &config, &a.udp), PS_E_ARGUMENT);
    config.queue = (1 << 20) + 1;
    ck_assert_int_eq(ps_udp_open(loop, &config, &a.udp), PS_E_ARGUMENT);
    config.queue = 32;
    config.datagram = 65536;
    ck_assert_int_eq(ps_udp_open(loop, &config, &a.udp), PS_E_ARGUMENT);
    config.datagram = 0;
    config.queue_bytes = (1 << 30) + 1;
    ck_assert_int_eq(ps_udp_open(loop, &config, &a.udp), PS_E_ARGUMENT);
    config.queue_bytes = 0;
    config.receive_buffer = -1;
    ck_assert_int_eq(ps_udp_open(loop, &config, &a.udp), PS_E_ARGUMENT);
    config.receive_buffer = 0;
    config.send_buffer = -1;
    ck_assert_int_eq(ps_udp_open(loop, &config, &a.udp), PS_E_ARGUMENT);
    config.send_buffer = 0;
    ck_assert_ptr_null(a.udp);
    open_peer(&a, "127.0.0.1");
    ck_assert_int_eq(ps_udp_bind(a.udp, &none, &number, NULL), PS_E_ARGUMENT);
    taken = a.address;
    ck_assert_int_eq(ps_udp_bind(a.udp, &taken, &number, NULL), PS_E_TRANSPORT);
    ck_assert_int_eq(ps_udp_bind(a.udp, &taken, &number, &why), PS_E_TRANSPORT);
    ck_assert_str_eq(why.call, "bind");
    ck_assert_int_eq(why.error, EADDRINUSE);
    ck_assert_int_eq(send_to(&a, &local, "no port", 0), PS_E_ARGUMENT);
    local = address("[::1]:5060");
    ck_assert_int_eq(send_to(&a, &local, "other family", 0), PS_E_ARGUMENT);
    flow = flow_to(&a, &taken);
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, ps_slice(a.bytes, 65536), 0), PS_E_TOO_LARGE);
    config.queue_bytes = 1000;
    open_with(&b, "127.0.0.1", config);
    flow = flow_to(&b, &taken);
    ck_assert_int_eq(ps_udp_send(b.udp, &flow, ps_slice(b.bytes, 1000), 0), PS_E_TOO_LARGE);
    ck_assert_int_eq(ps_udp_send(b.udp, &flow, ps_slice(b.bytes, 999), 0), PS_OK);
    ps_udp_close(NULL);
}
END_TEST

/* ---- routes ---- */

START_TEST(the_local_address_by_the_route)
{
    struct ps_address local, remote = address("127.0.0.9:5060"), other = address("192.0.2.77");
    struct ps_address none;
    struct ps_flow flow;
    uint32_t bound;
    int i;
    memset(&none, 0, sizeof none);
    open_peer(&a, "0.0.0.0");
    for (i = 0; i < 2; i++) { /* asked, then remembered */
        ck_assert_int_eq(ps_udp_local_for(a.udp, &remote, &local), PS_OK);
        ck_assert_uint_eq(local.ip[0], 127);
        ck_assert_uint_eq(local.port, 0);
    }
    ck_assert_int_eq(ps_udp_local_for(a.udp, &none, &local), PS_E_ARGUMENT);
    (void)ps_udp_local_for(a.udp, &other, &local);
    for (i = 0; i < 40; i++) { /* more than are remembered */
        remote.ip[3] = (uint8_t)(i + 2);
        ck_assert_int_eq(ps_udp_local_for(a.udp, &remote, &local), PS_OK);
    }
    ck_assert_int_eq(ps_udp_flow_to(a.udp, &remote, &flow), PS_OK);
    ck_assert_uint_eq(flow.socket, a.socket);
    ck_assert_uint_eq(flow.local.port, a.address.port);
    ck_assert(ps_ip_equal(&flow.local, &local));
    ck_assert_int_eq(ps_udp_bind(a.udp, &local, &bound, NULL), PS_OK);
    ck_assert_int_eq(ps_udp_flow_to(a.udp, &remote, &flow), PS_OK);
    ck_assert_uint_eq(flow.socket, bound); /* bound to the very address: better than a wildcard */
    remote = address("[::1]:5060");
    ck_assert_int_eq(ps_udp_flow_to(a.udp, &remote, &flow), PS_E_UNREACHABLE);
    ps_udp_unbind(a.udp, a.socket);
    ps_udp_unbind(a.udp, bound);
    local = address("127.0.0.3"); /* bound elsewhere than the route says: it will have to do */
    ck_assert_int_eq(ps_udp_bind(a.udp, &local, &bound, NULL), PS_OK);
    ck_assert_int_eq(ps_udp_bind(a.udp, &local, &a.socket, NULL), PS_OK);
    remote = address("127.0.0.9:5060");
    ck_assert_int_eq(ps_udp_flow_to(a.udp, &remote, &flow), PS_OK);
    ck_assert_uint_eq(flow.socket, bound);
    ck_assert(ps_ip_equal(&flow.local, &local));
}
END_TEST

/* Which of two is taken does not depend on which was bound first; of two alike, the first is. */
static void hold_choice(const char *chosen, const char *other)
{
    struct ps_address remote = address("127.0.0.1:5060"), local;
    struct ps_flow flow;
    uint32_t number;
    int i;
    for (i = 0; i < 2; i++) {
        open_peer(&a, i ? other : chosen);
        local = address(i ? chosen : other);
        ck_assert_int_eq(ps_udp_bind(a.udp, &local, &number, NULL), PS_OK);
        ck_assert_int_eq(ps_udp_flow_to(a.udp, &remote, &flow), PS_OK);
        ck_assert_msg(flow.socket == (i ? number : a.socket), "not %s but %s", chosen, other);
        ps_udp_close(a.udp);
    }
    a.udp = NULL;
}

START_TEST(the_choice_between_two_sockets)
{
    hold_choice("127.0.0.1", "0.0.0.0"); /* the route's address */
    hold_choice("127.0.0.1", "127.0.0.3");
    hold_choice("0.0.0.0", "127.0.0.3"); /* the family's wildcard */
    if (!have_ipv6())
        return;
    hold_choice("127.0.0.1", "[::]");
    hold_choice("127.0.0.1", "[::1]");
    hold_choice("0.0.0.0", "[::]");
    hold_choice("0.0.0.0", "[::1]");
    hold_choice("[::]", "127.0.0.3"); /* a wildcard that takes IPv4 too */
    hold_choice("[::]", "[::1]");
    hold_choice("127.0.0.3", "[::1]"); /* any of the family */
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("udp");
    TCase *t = tcase_create("udp");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_datagram_and_its_answer);
    tcase_add_test(t, ipv6_there_and_back);
    tcase_add_test(t, a_wildcard_socket_answers_from_the_address_that_was_asked);
    tcase_add_test(t, the_ipv6_wildcard_takes_ipv4_and_answers_from_the_address_that_was_asked);
    tcase_add_test(t, the_ipv6_wildcard_sends_by_ipv4_where_the_route_leads);
    tcase_add_test(t, icmp_of_ipv4_on_the_ipv6_wildcard_18_4);
    tcase_add_test(t, where_somebody_has_the_port_for_ipv4_there_remains_ipv6);
    tcase_add_test(t, an_ipv6_address_takes_ipv6_alone);
    tcase_add_test(t, empty_and_largest_datagrams);
    tcase_add_test(t, a_truncated_datagram_is_said_to_be);
    tcase_add_test(t, a_datagram_from_port_0_is_dropped);
    tcase_add_test(t, each_datagram_is_observed_both_ways);
    tcase_add_test(t, what_a_step_sends_leaves_in_one_batch);
    tcase_add_test(t, bytes_that_leave_are_counted);
    tcase_add_test(t, a_busy_socket_does_not_starve_another);
    tcase_add_test(t, the_queue_keeps_bytes_and_order);
    tcase_add_test(t, past_the_queue_datagrams_are_dropped_and_counted);
    tcase_add_test(t, drops_of_the_kernel_are_counted);
    tcase_add_test(t, icmp_port_unreachable_names_where_it_was_sent_18_4);
    tcase_add_test(t, icmpv6_port_unreachable);
    tcase_add_test(t, an_icmp_error_is_not_blamed_on_the_next_datagram);
    tcase_add_test(t, a_batch_of_mixed_fates);
    tcase_add_test(t, a_message_too_large_for_udp);
    tcase_add_test(t, a_local_end_that_is_gone_is_a_path_error);
    tcase_add_test(t, sending_never_calls_back);
    tcase_add_test(t, nobody_need_listen_to_errors);
    tcase_add_test(t, unbinding_inside_a_callback_ends_the_batch);
    tcase_add_test(t, closing_inside_the_received_callback);
    tcase_add_test(t, closing_inside_the_failed_callback);
    tcase_add_test(t, a_socket_number_is_not_used_twice);
    tcase_add_test(t, what_cannot_work_is_refused);
    tcase_add_test(t, the_local_address_by_the_route);
    tcase_add_test(t, the_choice_between_two_sockets);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
