/*
 * Covers transport/udp and transport/resolver across a real link between two hosts: loss, delay and
 * reordering from a seed, a small MTU, a path with a smaller one, a host that vanishes in three
 * ways, an address that changes, a network with IPv6 alone; and calls of the program across that
 * link: loss, reordering and fragments together, IPv6, a host that vanishes while it rings.
 *
 * The hosts are two network namespaces of this process, the link is this file: each end of it a tun
 * device, whose packets are read, lost, kept for a while and written to the other. So it needs no
 * tc(8), and does the same each time. Where namespaces or tun devices are not permitted, each test
 * says so and is skipped.
 * Does not cover: which message is sent again when (the stack's tests do that in virtual time).
 */
#define _GNU_SOURCE
#include "check_main.h"
#include "transport/resolver.h"
#include "transport/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- hosts ---- */

enum { LARGEST = 2048, PACKETS = 512 };

struct host {
    int net, tun; /* the namespace; this end of the link */
    struct ps_loop_watch watch;
    struct host *other;

    struct ps_udp *udp;
    uint32_t socket;
    struct ps_address address;
    bool echo;
    int received, out_of_order;
    unsigned last, sum;
    size_t last_size;
    struct ps_flow flow;
    int failed;
    struct ps_udp_error error;
};

static struct host a, b;
static struct ps_loop *loop;
static int home = -1; /* the namespace that we came from */

static void enter(const struct host *h)
{
    ck_assert_int_eq(setns(h->net, CLONE_NEWNET), 0);
}

static bool new_namespace(struct host *h)
{
    if (unshare(CLONE_NEWNET) && (geteuid() == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET)))
        return false;
    h->net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    return h->net >= 0;
}

static int control_socket(int family)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void request(unsigned long what, struct ifreq *r)
{
    int fd = control_socket(AF_INET);
    ck_assert_msg(ioctl(fd, what, r) == 0, "ioctl %lx: %s", what, strerror(errno));
    close(fd);
}

static struct ifreq device(const char *name)
{
    struct ifreq r;
    memset(&r, 0, sizeof r);
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    return r;
}

static void set_up(const char *name, bool up)
{
    struct ifreq r = device(name);
    request(SIOCGIFFLAGS, &r);
    r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
    request(SIOCSIFFLAGS, &r);
}

static void set_ipv4(const char *ip)
{
    struct ifreq r = device("link");
    struct sockaddr_in name;
    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    inet_pton(AF_INET, ip, &name.sin_addr);
    memcpy(&r.ifr_addr, &name, sizeof name);
    request(SIOCSIFADDR, &r);
    inet_pton(AF_INET, "255.255.255.0", &name.sin_addr);
    memcpy(&r.ifr_netmask, &name, sizeof name);
    request(SIOCSIFNETMASK, &r);
}

/* A new address is tentative for a moment (RFC 4862 5.4): it is there when it can be bound. */
static bool usable(const struct in6_addr *ip)
{
    struct sockaddr_in6 name;
    int rc, fd = control_socket(AF_INET6);
    memset(&name, 0, sizeof name);
    name.sin6_family = AF_INET6;
    name.sin6_addr = *ip;
    name.sin6_scope_id = if_nametoindex("link");
    rc = bind(fd, (struct sockaddr *)&name, sizeof name);
    close(fd);
    return rc == 0;
}

static void set_ipv6(const char *ip)
{
    int i;
    struct {
        struct in6_addr address;
        uint32_t prefix;
        int index;
    } r;
    int fd = control_socket(AF_INET6);
    inet_pton(AF_INET6, ip, &r.address);
    r.prefix = 64;
    r.index = (int)if_nametoindex("link");
    ck_assert_msg(ioctl(fd, SIOCSIFADDR, &r) == 0, "%s", strerror(errno));
    close(fd);
    for (i = 0; i < 3000 && !usable(&r.address); i++)
        usleep(1000);
    ck_assert_int_lt(i, 3000);
}

static void set_mtu(int mtu)
{
    struct ifreq r = device("link");
    r.ifr_mtu = mtu;
    request(SIOCSIFMTU, &r);
}

static bool open_tun(struct host *h)
{
    struct ifreq r = device("link");
    h->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    r.ifr_flags = IFF_TUN | IFF_NO_PI;
    return h->tun >= 0 && ioctl(h->tun, TUNSETIFF, &r) == 0;
}

/* ---- the link ---- */

struct packet {
    struct ps_loop_timer timer;
    const struct host *to;
    size_t n;
    uint8_t bytes[LARGEST];
};

static struct packet packets[PACKETS];

static struct {
    unsigned loss;  /* percent */
    unsigned delay; /* ms, and up to so many more: */
    unsigned jitter;
    size_t path_mtu; /* of a router in the middle; 0: none */
    bool cut;        /* nothing comes through */
    int type, code;  /* of the ICMP by which a router refuses packets; 0: it does not */
    uint32_t seed;
    int forwarded, lost, icmp, fragments;
} net;

static uint32_t chance(void)
{
    net.seed = net.seed * 1664525 + 1013904223;
    return net.seed >> 8;
}

static void arrive(void *context)
{
    struct packet *p = context;
    if (!net.cut)
        ck_assert_int_eq(write(p->to->tun, p->bytes, p->n), (ssize_t)p->n);
}

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put_checksum(uint8_t *p, size_t n, size_t at)
{
    uint32_t sum = 0;
    size_t i;
    put16(p + at, 0);
    for (i = 0; i < n; i += 2)
        sum += (uint32_t)(p[i] << 8 | (i + 1 < n ? p[i + 1] : 0));
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    put16(p + at, ~sum & 0xffff);
}

/* A router's ICMP about a packet, to who sent it (RFC 792; RFC 1191 for the MTU). */
static void say_icmp(const struct host *to, const uint8_t *bytes, size_t n, int type, int code)
{
    uint8_t m[20 + 8 + 128];
    size_t quoted = n < 128 ? n : 128;
    memset(m, 0, sizeof m);
    m[0] = 0x45;
    put16(m + 2, (unsigned)(28 + quoted));
    m[8] = 64;
    m[9] = 1;
    memcpy(m + 12, "\12\11\0\376", 4); /* 10.9.0.254 */
    memcpy(m + 16, bytes + 12, 4);
    put_checksum(m, 20, 10);
    m[20] = (uint8_t)type;
    m[21] = (uint8_t)code;
    put16(m + 26, type == 3 && code == 4 ? (unsigned)net.path_mtu : 0);
    memcpy(m + 28, bytes, quoted);
    put_checksum(m + 20, 8 + quoted, 2);
    ck_assert_int_eq(write(to->tun, m, 28 + quoted), (ssize_t)(28 + quoted));
    net.icmp++;
}

/* The same for IPv6 (RFC 4443); its checksum is over a pseudo-header too (RFC 8200 8.1). */
static void say_icmp6(const struct host *to, const uint8_t *bytes, size_t n, int type, int code)
{
    uint8_t m[40 + 8 + 128];
    size_t quoted = n < 128 ? n : 128, length = 8 + quoted;
    memset(m, 0, sizeof m);
    memcpy(m + 8, "\xfd\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\xfe", 16); /* fd09::fe */
    memcpy(m + 24, bytes + 8, 16);
    m[40] = (uint8_t)type;
    m[41] = (uint8_t)code;
    put16(m + 46, type == 2 ? 1280 : 0);
    memcpy(m + 48, bytes, quoted);
    put16(m + 4, (unsigned)length);
    m[7] = 58;
    put_checksum(m, 40 + length, 42); /* while the header looks like the pseudo-header */
    m[0] = 0x60;
    m[6] = 58;
    m[7] = 64;
    ck_assert_int_eq(write(to->tun, m, 40 + length), (ssize_t)(40 + length));
    net.icmp++;
}

static void keep(const struct host *to, const uint8_t *bytes, size_t n)
{
    unsigned i, delay = net.delay + (net.jitter ? chance() % net.jitter : 0);
    for (i = 0; i < PACKETS && packets[i].timer.running; i++)
        ;
    ck_assert_uint_lt(i, PACKETS);
    packets[i].to = to;
    packets[i].n = n;
    memcpy(packets[i].bytes, bytes, n);
    net.forwarded++;
    if (delay)
        ps_loop_timer_start(loop, &packets[i].timer, ps_loop_now() + delay, arrive, &packets[i]);
    else
        arrive(&packets[i]);
}

/* IPv6: what is to one host, so that the chatter of a new interface uses up no chance. */
static bool counts(const uint8_t *bytes)
{
    return bytes[0] >> 4 == 4 || (bytes[0] >> 4 == 6 && bytes[24] != 0xff);
}

static void forward(const struct host *from, const uint8_t *bytes, size_t n)
{
    bool ipv4 = bytes[0] >> 4 == 4;
    if (!counts(bytes))
        return;
    net.fragments += ipv4 && ((bytes[6] & 0x3f) || bytes[7]);
    if (net.type && ipv4)
        say_icmp(from, bytes, n, net.type, net.code);
    else if (net.type)
        say_icmp6(from, bytes, n, net.type, net.code);
    else if (net.path_mtu && n > net.path_mtu && ipv4 && (bytes[6] & 0x40))
        say_icmp(from, bytes, n, 3, 4);
    else if (chance() % 100 < net.loss)
        net.lost++;
    else
        keep(from->other, bytes, n);
}

static void on_packet(void *context, uint32_t events)
{
    struct host *h = context;
    uint8_t bytes[LARGEST];
    ssize_t n;
    (void)events;
    while ((n = read(h->tun, bytes, sizeof bytes)) > 0)
        forward(h, bytes, (size_t)n);
}

/* ---- what runs on the hosts ---- */

/* Datagrams begin with their number and are filled with a byte that follows from it. */
static void make(char *bytes, size_t n, unsigned number)
{
    memset(bytes, (int)(number % 251), n);
    memcpy(bytes, &number, sizeof number);
}

static void on_received(void *context, const struct ps_flow *flow, struct ps_slice bytes,
                        bool truncated)
{
    static char expected[16384];
    struct host *h = context;
    unsigned number;
    ck_assert(!truncated);
    ck_assert_uint_ge(bytes.n, sizeof number);
    memcpy(&number, bytes.p, sizeof number);
    make(expected, bytes.n, number);
    ck_assert_int_eq(memcmp(bytes.p, expected, bytes.n), 0);
    h->out_of_order += h->received && number < h->last;
    h->last = number;
    h->sum += number;
    h->last_size = bytes.n;
    h->flow = *flow;
    h->received++;
    if (h->echo)
        ck_assert_int_eq(ps_udp_send(h->udp, flow, bytes, 0), PS_OK);
}

static void on_failed(void *context, const struct ps_udp_error *error)
{
    struct host *h = context;
    h->failed++;
    h->error = *error;
    h->error.bytes = PS_NONE;
}

static struct ps_address address(const char *text)
{
    struct ps_address out;
    ck_assert_int_eq(ps_address_parse(ps_slice_of(text), 0, &out), PS_OK);
    return out;
}

static void open_udp(struct host *h, const char *wildcard)
{
    struct ps_udp_config config;
    struct ps_address local = address(wildcard);
    memset(&config, 0, sizeof config);
    config.received = on_received;
    config.failed = on_failed;
    config.context = h;
    config.receive_buffer = 1 << 20;
    enter(h);
    ck_assert_int_eq(ps_udp_open(loop, &config, &h->udp), PS_OK);
    ck_assert_int_eq(ps_udp_bind(h->udp, &local, &h->socket, NULL), PS_OK);
}

/* `port` of the other's socket at this address of it. */
static struct ps_address at(const struct host *h, const char *ip)
{
    struct ps_address out = address(ip);
    out.port = ps_udp_address(h->udp, h->socket)->port;
    return out;
}

static enum ps_error send_number(struct host *h, const struct ps_address *to, size_t n,
                                 unsigned number)
{
    static char bytes[16384];
    struct ps_flow flow;
    enum ps_error error;
    enter(h);
    error = ps_udp_flow_to(h->udp, to, &flow);
    if (error)
        return error;
    make(bytes, n, number);
    return ps_udp_send(h->udp, &flow, ps_slice(bytes, n), number);
}

static void run_for(uint64_t ms)
{
    uint64_t end = ps_loop_now() + ms;
    while (ps_loop_now() < end)
        ck_assert_int_eq(ps_loop_step(loop, 1), PS_OK);
}

static void run_until(const int *count, int value)
{
    uint64_t end = ps_loop_now() + 3000;
    while (*count < value && ps_loop_now() < end)
        ck_assert_int_eq(ps_loop_step(loop, 1), PS_OK);
    ck_assert_int_eq(*count, value);
}

/* ---- making and taking down ---- */

static bool build(void)
{
    struct host *hosts[] = {&a, &b};
    int i;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    memset(&net, 0, sizeof net);
    memset(packets, 0, sizeof packets);
    net.seed = 4711;
    a.other = &b;
    b.other = &a;
    a.tun = b.tun = a.net = b.net = -1;
    home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(ps_loop_open(&loop, NULL), PS_OK);
    for (i = 0; i < 2; i++)
        if (!new_namespace(hosts[i]) || !open_tun(hosts[i])) {
            printf("note: no network namespaces or tun devices here (%s): skipped\n",
                   strerror(errno));
            return false;
        }
    for (i = 0; i < 2; i++) {
        enter(hosts[i]);
        set_up("lo", true);
        set_up("link", true);
        ps_loop_watch(loop, &hosts[i]->watch, hosts[i]->tun, EPOLLIN, on_packet, hosts[i]);
    }
    return true;
}

static bool build_ipv4(void)
{
    if (!build())
        return false;
    enter(&a);
    set_ipv4("10.9.0.1");
    open_udp(&a, "0.0.0.0");
    enter(&b);
    set_ipv4("10.9.0.2");
    open_udp(&b, "0.0.0.0");
    return true;
}

static bool build_ipv6(void)
{
    if (!build())
        return false;
    enter(&a);
    set_ipv6("fd09::1");
    open_udp(&a, "[::]");
    enter(&b);
    set_ipv6("fd09::2");
    open_udp(&b, "[::]");
    return true;
}

static void close_host(struct host *h)
{
    ps_udp_close(h->udp);
    if (h->tun >= 0) {
        ps_loop_unwatch(loop, &h->watch);
        close(h->tun);
    }
    if (h->net >= 0)
        close(h->net);
}

static void teardown(void)
{
    close_host(&a);
    close_host(&b);
    ps_loop_close(loop);
    if (home >= 0) {
        (void)!setns(home, CLONE_NEWNET); /* not from a user namespace of ours; nothing follows */
        close(home);
    }
}

/* ---- tests ---- */

START_TEST(there_and_back)
{
    struct ps_address to;
    if (!build_ipv4())
        return;
    to = at(&b, "10.9.0.2");
    b.echo = true;
    ck_assert_int_eq(send_number(&a, &to, 400, 1), PS_OK);
    run_until(&a.received, 1);
    ck_assert(ps_address_equal(&a.flow.remote, &to));
    to = at(&a, "10.9.0.1");
    ck_assert(ps_address_equal(&b.flow.remote, &to));
    ck_assert_int_eq(a.failed + b.failed, 0);
}
END_TEST

/* Whatever the link let through arrives whole, once each, and is counted; the rest is no error. */
START_TEST(loss_delay_and_reordering)
{
    struct ps_address to;
    unsigned i;
    if (!build_ipv4())
        return;
    to = at(&b, "10.9.0.2");
    net.loss = 20;
    net.delay = 5;
    net.jitter = 30;
    for (i = 0; i < 300; i++)
        ck_assert_int_eq(send_number(&a, &to, 4 + i * 4, i), PS_OK);
    while (net.lost + net.forwarded < 300)
        run_for(1);
    run_until(&b.received, net.forwarded);
    run_for(10);
    ck_assert_int_gt(net.lost, 30);
    ck_assert_int_eq(b.received, net.forwarded);
    ck_assert_int_gt(b.out_of_order, 20); /* times that a ms brought an older one */
    ck_assert_uint_eq(ps_udp_counters(b.udp)->datagrams_in, (unsigned)net.forwarded);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->datagrams_out, 300);
    ck_assert_int_eq(a.failed + b.failed, 0);
}
END_TEST

START_TEST(a_small_mtu_means_fragments)
{
    struct ps_address to;
    if (!build_ipv4())
        return;
    enter(&a);
    set_mtu(576);
    to = at(&b, "10.9.0.2");
    send_number(&a, &to, 8000, 1);
    run_until(&b.received, 1);
    ck_assert_uint_eq(b.last_size, 8000);
    ck_assert_int_ge(net.fragments, 14);
    net.loss = 15; /* one fragment lost is all lost: some come, whole */
    send_number(&a, &to, 8000, 2);
    send_number(&a, &to, 8000, 3);
    send_number(&a, &to, 400, 4);
    run_for(20);
    net.loss = 0;
    ck_assert_int_gt(net.lost, 0);
    send_number(&a, &to, 8000, 5);
    run_until(&b.received, b.received + 1);
    ck_assert_uint_eq(b.last, 5);
    ck_assert_int_eq(a.failed, 0);
}
END_TEST

/* A router has a smaller MTU and says so (RFC 1191). The datagram is lost, which is no end (RFC
 * 3261 18.4): the system knows the path now, and the retransmission comes through. */
START_TEST(a_path_with_a_smaller_mtu)
{
    struct ps_address to;
    if (!build_ipv4())
        return;
    net.path_mtu = 700;
    to = at(&b, "10.9.0.2");
    send_number(&a, &to, 1200, 1);
    run_until(&net.icmp, 1);
    run_for(5);
    ck_assert_int_eq(b.received, 0);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->icmp_ignored, 1);
    send_number(&a, &to, 1200, 1);
    run_until(&b.received, 1);
    ck_assert_uint_eq(b.last_size, 1200);
    ck_assert_int_eq(a.failed, 0);
}
END_TEST

START_TEST(a_host_that_vanishes_in_silence)
{
    struct ps_address to;
    if (!build_ipv4())
        return;
    to = at(&b, "10.9.0.2");
    net.cut = true;
    send_number(&a, &to, 400, 1);
    run_for(20);
    ck_assert_int_eq(b.received + a.failed, 0);
    net.cut = false;
    send_number(&a, &to, 400, 2);
    run_until(&b.received, 1);
    ck_assert_uint_eq(b.last, 2);
}
END_TEST

START_TEST(a_host_that_a_router_calls_unreachable)
{
    struct ps_address to;
    if (!build_ipv4())
        return;
    to = at(&b, "10.9.0.2");
    net.type = 3;
    net.code = 1;
    send_number(&a, &to, 400, 1);
    run_until(&a.failed, 1);
    ck_assert(a.error.icmp);
    ck_assert_int_eq(a.error.error, PS_E_UNREACHABLE);
    ck_assert_int_eq(a.error.system_error, EHOSTUNREACH);
    ck_assert(ps_address_equal(&a.error.flow.remote, &to));
    net.type = 0;
    send_number(&a, &to, 400, 2);
    run_until(&b.received, 1);
}
END_TEST

/* All of a large batch is refused at once: more errors than are read at a time. */
START_TEST(many_errors_at_once)
{
    struct ps_address to;
    unsigned i;
    if (!build_ipv4())
        return;
    to = at(&b, "10.9.0.2");
    net.type = 3;
    net.code = 1;
    for (i = 0; i < 200; i++)
        ck_assert_int_eq(send_number(&a, &to, 20, i), PS_OK);
    run_until(&a.failed, 200);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->icmp_errors, 200);
    ck_assert_uint_eq(ps_udp_counters(a.udp)->send_errors, 0);
}
END_TEST

/* Sends one datagram that a router refuses so: is it told, and with which errno? 0: it is not. */
static int fate(const struct ps_address *to, int type, int code)
{
    int icmp = net.icmp, failed = a.failed;
    uint64_t ignored = ps_udp_counters(a.udp)->icmp_ignored;
    net.type = type;
    net.code = code;
    ck_assert_int_eq(send_number(&a, to, 200, 1), PS_OK);
    run_until(&net.icmp, icmp + 1);
    run_for(3);
    net.type = 0;
    ck_assert_int_eq(a.failed - failed + (int)(ps_udp_counters(a.udp)->icmp_ignored - ignored), 1);
    return a.failed > failed ? a.error.system_error : 0;
}

START_TEST(which_icmp_is_told_rfc3261_18_4)
{
    struct ps_address to;
    if (!build_ipv4())
        return;
    to = at(&b, "10.9.0.2");
    net.path_mtu = 1400;
    ck_assert_int_eq(fate(&to, 3, 0), ENETUNREACH);
    ck_assert_int_eq(fate(&to, 3, 3), ECONNREFUSED);
    ck_assert_int_eq(fate(&to, 3, 4), 0);
    ck_assert_int_eq(fate(&to, 11, 0), 0); /* time exceeded */
    ck_assert_int_eq(fate(&to, 12, 0), EPROTO);
}
END_TEST

/* Our own link goes: what is queued is refused with its token, what is new finds no route. */
START_TEST(an_interface_that_goes_down)
{
    struct ps_address to;
    if (!build_ipv4())
        return;
    to = at(&b, "10.9.0.2");
    ck_assert_int_eq(send_number(&a, &to, 400, 77), PS_OK);
    set_up("link", false);
    run_until(&a.failed, 1);
    ck_assert(!a.error.icmp);
    ck_assert_int_eq(a.error.error, PS_E_UNREACHABLE);
    ck_assert_uint_eq(a.error.token, 77);
    set_up("link", true);
    ck_assert_int_eq(send_number(&a, &to, 400, 2), PS_OK);
    run_until(&b.received, 1);
}
END_TEST

/* The old address is refused with the token, the new one is found, and the peer sees it. */
START_TEST(an_address_that_changes)
{
    struct ps_address to, old, now;
    struct ps_flow flow;
    if (!build_ipv4())
        return;
    to = at(&b, "10.9.0.2");
    enter(&a);
    ck_assert_int_eq(ps_udp_flow_to(a.udp, &to, &flow), PS_OK);
    old = at(&a, "10.9.0.1");
    ck_assert(ps_address_equal(&flow.local, &old));
    set_ipv4("10.9.0.7");
    ck_assert_int_eq(ps_udp_send(a.udp, &flow, PS_S("12345678"), 5), PS_OK);
    run_until(&a.failed, 1);
    ck_assert_uint_eq(a.error.token, 5);
    run_for(1001); /* as long as a route is remembered */
    ck_assert_int_eq(ps_udp_flow_to(a.udp, &to, &flow), PS_OK);
    now = at(&a, "10.9.0.7");
    ck_assert(ps_address_equal(&flow.local, &now));
    ck_assert_int_eq(send_number(&a, &to, 400, 2), PS_OK);
    run_until(&b.received, 1);
    ck_assert(ps_address_equal(&b.flow.remote, &now));
}
END_TEST

/* ---- IPv6 alone ---- */

static struct ps_address resolved[2 * PS_RESOLVER_ADDRESSES];
static int resolutions;

static void on_resolved(void *context, enum ps_error error, const struct ps_address *addresses,
                        size_t n)
{
    (void)context;
    ck_assert_int_eq(error, PS_OK);
    ck_assert_uint_eq(n, 2);
    memcpy(resolved, addresses, n * sizeof *addresses);
    resolutions++;
}

/* The first address of a name that has one of each family. */
static int first_family(void)
{
    struct ps_resolver_config config;
    struct ps_resolver *resolver;
    char path[64];
    FILE *f;
    snprintf(path, sizeof path, "/tmp/ps-network-hosts.%d", (int)getpid());
    f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs("10.9.0.2 peer\nfd09::2 peer\n", f);
    fclose(f);
    memset(&config, 0, sizeof config);
    config.hosts = path;
    resolutions = 0;
    ck_assert_int_eq(ps_resolver_open(loop, &config, &resolver), PS_OK);
    ck_assert_int_eq(ps_resolver_lookup(resolver, PS_S("peer"), on_resolved, NULL, NULL), PS_OK);
    run_until(&resolutions, 1);
    ps_resolver_close(resolver);
    unlink(path);
    return resolved[0].family;
}

START_TEST(a_network_with_ipv6_alone)
{
    struct ps_address to, ipv4 = address("10.9.0.2:5060"), local;
    struct ps_flow flow;
    if (!build_ipv6())
        return;
    to = at(&b, "fd09::2");
    b.echo = true;
    ck_assert_int_eq(send_number(&a, &to, 4000, 1), PS_OK);
    run_until(&a.received, 1);
    ck_assert(ps_address_equal(&a.flow.remote, &to));
    local = at(&a, "fd09::1");
    ck_assert(ps_address_equal(&a.flow.local, &local));
    enter(&a);
    ck_assert_int_eq(ps_udp_flow_to(a.udp, &ipv4, &flow), PS_E_UNREACHABLE);
    ck_assert_int_eq(first_family(), PS_IPV6);
    ck_assert_int_eq(a.failed + b.failed, 0);
}
END_TEST

START_TEST(which_icmpv6_is_told_rfc3261_18_4)
{
    struct ps_address to;
    if (!build_ipv6())
        return;
    to = at(&b, "fd09::2");
    ck_assert_int_eq(fate(&to, 1, 0), ENETUNREACH);
    ck_assert_int_eq(fate(&to, 1, 4), ECONNREFUSED);
    ck_assert_int_eq(fate(&to, 2, 0), 0); /* packet too big */
    ck_assert_int_eq(fate(&to, 3, 0), 0); /* time exceeded */
    ck_assert_int_eq(fate(&to, 4, 0), EPROTO);
    ck_assert_int_eq(a.error.error, PS_E_TRANSPORT);
}
END_TEST

/* A link-local address is one only with its interface: both ends carry it. */
START_TEST(link_local_addresses_carry_their_scope)
{
    struct ps_address to;
    if (!build_ipv6())
        return;
    enter(&b);
    set_ipv6("fe80::2");
    b.echo = true;
    enter(&a);
    set_ipv6("fe80::1");
    to = at(&b, "fe80::2");
    ck_assert_int_ne(send_number(&a, &to, 400, 1), PS_OK); /* on which interface? */
    to.scope = if_nametoindex("link");
    ck_assert_int_eq(send_number(&a, &to, 400, 1), PS_OK);
    run_until(&a.received, 1);
    ck_assert(ps_address_equal(&a.flow.remote, &to));
    ck_assert_uint_eq(a.flow.local.scope, to.scope);
    ck_assert_uint_eq(a.flow.local.ip[0], 0xfe);
    ck_assert_uint_eq(b.flow.remote.scope, to.scope); /* both are the second interface */
}
END_TEST

START_TEST(without_a_network)
{
    if (!build())
        return;
    enter(&a);
    set_up("lo", false);
    ck_assert_int_eq(first_family(), PS_IPV6);
}
END_TEST

START_TEST(a_network_with_ipv4_alone)
{
    struct ps_address ipv6 = address("[fd09::2]:5060"), local;
    if (!build_ipv4())
        return;
    enter(&a);
    ck_assert_int_eq(ps_udp_local_for(a.udp, &ipv6, &local), PS_E_UNREACHABLE);
    ck_assert_int_eq(first_family(), PS_IPV4); /* RFC 6724 6, rule 1 */
}
END_TEST

/* ---- calls across the link ---- */

/* Starts build/plainsip on this host; what it says on standard output goes to `out`, -1:
 * nowhere. */
static pid_t start_program(const struct host *h, int out, const char *const arguments[])
{
    const char *b_folder = getenv("B"), *argv[20] = {"plainsip"};
    char path[256];
    pid_t child;
    unsigned i;
    snprintf(path, sizeof path, "%s/plainsip", b_folder ? b_folder : "build");
    for (i = 0; arguments[i]; i++)
        argv[i + 1] = arguments[i];
    enter(h);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(out < 0 ? nowhere : out, 1);
        dup2(nowhere, 2);
        execv(path, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return child;
}

/* The program's exit status; the link works meanwhile. */
static int status_of(pid_t child, uint64_t ms)
{
    uint64_t end = ps_loop_now() + ms;
    int status = 0;
    pid_t done;
    while ((done = waitpid(child, &status, WNOHANG)) == 0 && ps_loop_now() < end)
        ck_assert_int_eq(ps_loop_step(loop, 1), PS_OK);
    if (!done)
        kill(child, SIGKILL);
    ck_assert_msg(done == child && WIFEXITED(status), "ended: %d, status %d", (int)done, status);
    return WEXITSTATUS(status);
}

/* `answer` on b, listening. */
static pid_t start_answer(const char *listen, const char *ring)
{
    const char *const answer[] = {"answer", "--listen", listen, "--t1", "50", "--ring", ring, NULL};
    char line[128];
    int out[2];
    pid_t child;
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    child = start_program(&b, out[1], answer);
    close(out[1]);
    ck_assert_int_gt(read(out[0], line, sizeof line), 0); /* "listening on ..." */
    close(out[0]);
    return child;
}

static void calls_succeed(const char *any, const char *listen, const char *uri)
{
    const char *const call[] = {"call",   "--listen", any,       "--to", uri,      "--t1", "50",
                                "--talk", "0",        "--count", "20",   "--rate", "40",   NULL};
    pid_t answering = start_answer(listen, "0");
    ck_assert_int_eq(status_of(start_program(&a, -1, call), 15000), 0);
    kill(answering, SIGTERM);
    ck_assert_int_eq(status_of(answering, 5000), 0);
}

/* 17: what is lost is sent again, what comes twice is taken once: every call is made and ended. */
START_TEST(calls_across_a_bad_link)
{
    if (!build_ipv4())
        return;
    enter(&a);
    set_mtu(576); /* an INVITE with its offer takes two packets */
    enter(&b);
    set_mtu(576);
    net.loss = 12;
    net.delay = 5;
    net.jitter = 30;
    calls_succeed("0.0.0.0", "10.9.0.2:5060", "sip:b@10.9.0.2");
    ck_assert_int_gt(net.lost, 10);
    ck_assert_int_gt(net.fragments, 20);
}
END_TEST

START_TEST(calls_in_a_network_with_ipv6_alone)
{
    if (!build_ipv6())
        return;
    net.loss = 10;
    calls_succeed("[::]", "[fd09::2]:5060", "sip:b@[fd09::2]");
    ck_assert_int_gt(net.lost, 5);
}
END_TEST

/* The caller hears nothing more after the 180; its CANCEL is not answered either, and 64*T1 later
 * the INVITE counts as cancelled. */
START_TEST(a_host_that_vanishes_while_it_rings_rfc3261_9_1)
{
    const char *const call[] = {"call", "--to", "sip:b@10.9.0.2", "--t1", "50", "--cancel-after",
                                "500",  NULL};
    pid_t answering, calling;
    uint64_t began;
    if (!build_ipv4())
        return;
    answering = start_answer("10.9.0.2:5060", "60000");
    calling = start_program(&a, -1, call);
    run_for(300);
    ck_assert_int_gt(net.forwarded, 1);
    net.loss = 100;
    began = ps_loop_now();
    ck_assert_int_eq(status_of(calling, 10000), 0);
    ck_assert_uint_ge(ps_loop_now() - began, 3200);
    kill(answering, SIGKILL);
    waitpid(answering, NULL, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("network");
    TCase *t = tcase_create("network");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 20);
    tcase_add_test(t, there_and_back);
    tcase_add_test(t, loss_delay_and_reordering);
    tcase_add_test(t, a_small_mtu_means_fragments);
    tcase_add_test(t, a_path_with_a_smaller_mtu);
    tcase_add_test(t, a_host_that_vanishes_in_silence);
    tcase_add_test(t, a_host_that_a_router_calls_unreachable);
    tcase_add_test(t, many_errors_at_once);
    tcase_add_test(t, which_icmp_is_told_rfc3261_18_4);
    tcase_add_test(t, an_interface_that_goes_down);
    tcase_add_test(t, an_address_that_changes);
    tcase_add_test(t, a_network_with_ipv6_alone);
    tcase_add_test(t, which_icmpv6_is_told_rfc3261_18_4);
    tcase_add_test(t, link_local_addresses_carry_their_scope);
    tcase_add_test(t, without_a_network);
    tcase_add_test(t, a_network_with_ipv4_alone);
    tcase_add_test(t, calls_across_a_bad_link);
    tcase_add_test(t, calls_in_a_network_with_ipv6_alone);
    tcase_add_test(t, a_host_that_vanishes_while_it_rings_rfc3261_9_1);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
