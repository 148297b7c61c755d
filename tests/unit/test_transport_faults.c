/*
 * Covers: each system call that transport/ makes, and each allocation, fails with each errno that
 * its manual lists: once, at each place where it is made, and from there on for ever. Nothing
 * crashes, leaks a byte or a descriptor, or spins; the cause is counted or told; and when the calls
 * work again, so does everything.
 *
 * The calls come here by the linker's --wrap (see Makefile). Time is virtual: a wait that would
 * block moves the clock instead, so that a minute costs nothing.
 * Does not cover: what the kernel really does in want (test_udp, test_network have some of it).
 */
#define _GNU_SOURCE
#include "check_main.h"
#include "transport/keepalive.h"
#include "transport/resolver.h"
#include "transport/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- what is to fail ---- */

#define CALLS(X)                                                                                   \
    X(epoll_create1)                                                                               \
    X(epoll_ctl)                                                                                   \
    X(epoll_wait)                                                                                  \
    X(eventfd)                                                                                     \
    X(signalfd)                                                                                    \
    X(read)                                                                                        \
    X(write)                                                                                       \
    X(getrandom)                                                                                   \
    X(socket)                                                                                      \
    X(setsockopt)                                                                                  \
    X(getsockopt)                                                                                  \
    X(bind)                                                                                        \
    X(getsockname)                                                                                 \
    X(connect)                                                                                     \
    X(send)                                                                                        \
    X(recv)                                                                                        \
    X(recvmsg)                                                                                     \
    X(recvmmsg)                                                                                    \
    X(sendmmsg)                                                                                    \
    X(open)                                                                                        \
    X(close)                                                                                       \
    X(allocate)

enum call {
#define ENUM(name) CALL_##name,
    CALLS(ENUM)
#undef ENUM
        CALL_COUNT
};

static const char *const call_names[] = {
#define NAME(name) #name,
    CALLS(NAME)
#undef NAME
};

static struct {
    bool armed, virtual;
    enum call call; /* CALL_COUNT: none */
    int place;      /* the how-manieth */
    bool for_ever;
    int error;
    bool hit;
    int made[CALL_COUNT];
    long blocks, descriptors;
    bool again; /* a second call fails from its first time after that, for ever: */
    enum call second;
    int second_error;
    size_t piece; /* TCP takes so many bytes a call; 0: all */
    bool odd;     /* control messages are none that were asked for */
    int storm_in; /* and so many receivings */
    int storm;    /* so many sendings fail with another's ICMP error */
    int takes;    /* sendmmsg takes so many datagrams in all, then none; -1: all */
    uint64_t now; /* ms */
    long waits;   /* that moved no clock */
} fault;

/* Check itself calls what is wrapped: while that is armed, a complaint is kept for later. */
static const char *complaint;

static void expect(bool holds, const char *what)
{
    if (!holds && !complaint)
        complaint = what;
}

/* Counts the call; does it fail? */
static bool fails(enum call call)
{
    int place = fault.made[call];
    if (!fault.armed)
        return false;
    fault.made[call]++;
    if (fault.call == CALL_getsockopt && call == CALL_recvmsg && place < 4) {
        errno = EAGAIN; /* only an error without a record makes that call */
        return true;
    }
    if (fault.again && fault.hit && call == fault.second) {
        errno = fault.second_error;
        return true;
    }
    if (call != fault.call || place < fault.place || (place > fault.place && !fault.for_ever))
        return false;
    fault.hit = true;
    errno = fault.error;
    return true;
}

/* ---- the calls ---- */

#define REAL(type, name, ...)                                                                      \
    type __real_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__)

REAL(int, close, int fd)
{
    bool failed = fails(CALL_close);
    int keep = errno, rc = __real_close(fd);
    fault.descriptors -= fault.armed && rc == 0;
    if (!failed)
        return rc;
    errno = keep; /* as Linux has it: closed all the same */
    return -1;
}

static int opened(int fd)
{
    fault.descriptors += fault.armed && fd >= 0;
    return fd;
}

REAL(int, epoll_create1, int flags)
{
    return fails(CALL_epoll_create1) ? -1 : opened(__real_epoll_create1(flags));
}
REAL(int, eventfd, unsigned value, int flags)
{
    return fails(CALL_eventfd) ? -1 : opened(__real_eventfd(value, flags));
}
REAL(int, signalfd, int fd, const sigset_t *set, int flags)
{
    int made;
    if (fails(CALL_signalfd))
        return -1;
    made = __real_signalfd(fd, set, flags);
    return fd < 0 ? opened(made) : made;
}
REAL(int, socket, int family, int type, int protocol)
{
    return fails(CALL_socket) ? -1 : opened(__real_socket(family, type, protocol));
}
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    return fails(CALL_open) ? -1 : opened(__real_open(path, flags));
}
REAL(int, epoll_ctl, int epoll, int operation, int fd, struct epoll_event *event)
{
    /* what is watched can always be removed, even in want of all */
    bool removes = operation == EPOLL_CTL_DEL && fault.again;
    return !removes && fails(CALL_epoll_ctl) ? -1 : __real_epoll_ctl(epoll, operation, fd, event);
}
REAL(int, epoll_wait, int epoll, struct epoll_event *events, int max, int timeout)
{
    int n;
    fault.waits++;
    if (fails(CALL_epoll_wait))
        return -1;
    n = __real_epoll_wait(epoll, events, max, fault.virtual ? 0 : timeout);
    if (!n && timeout > 0 && fault.virtual) {
        fault.now += (uint64_t)timeout;
        fault.waits = 0;
    }
    return n;
}
REAL(ssize_t, read, int fd, void *bytes, size_t n)
{
    return fails(CALL_read) ? -1 : __real_read(fd, bytes, n);
}
REAL(ssize_t, write, int fd, const void *bytes, size_t n)
{
    return fails(CALL_write) ? -1 : __real_write(fd, bytes, n);
}
REAL(ssize_t, getrandom, void *bytes, size_t n, unsigned flags)
{
    return fails(CALL_getrandom) ? -1 : __real_getrandom(bytes, n, flags);
}
REAL(int, setsockopt, int fd, int level, int name, const void *value, socklen_t n)
{
    return fails(CALL_setsockopt) ? -1 : __real_setsockopt(fd, level, name, value, n);
}
REAL(int, getsockopt, int fd, int level, int name, void *value, socklen_t *n)
{
    return fails(CALL_getsockopt) ? -1 : __real_getsockopt(fd, level, name, value, n);
}
REAL(int, bind, int fd, const struct sockaddr *name, socklen_t n)
{
    return fails(CALL_bind) ? -1 : __real_bind(fd, name, n);
}
REAL(int, getsockname, int fd, struct sockaddr *name, socklen_t *n)
{
    return fails(CALL_getsockname) ? -1 : __real_getsockname(fd, name, n);
}
REAL(int, connect, int fd, const struct sockaddr *name, socklen_t n)
{
    return fails(CALL_connect) ? -1 : __real_connect(fd, name, n);
}
REAL(ssize_t, send, int fd, const void *bytes, size_t n, int flags)
{
    if (fault.piece && (flags & MSG_NOSIGNAL) && n > fault.piece)
        n = fault.piece;
    return fails(CALL_send) ? -1 : __real_send(fd, bytes, n, flags);
}
REAL(ssize_t, recv, int fd, void *bytes, size_t n, int flags)
{
    return fails(CALL_recv) ? -1 : __real_recv(fd, bytes, n, flags);
}
/* As if the socket had been asked for other things. */
static void make_odd(struct msghdr *message)
{
    static const int kinds[][2] = {
        {IPPROTO_IP, IP_TTL}, {IPPROTO_IPV6, IPV6_HOPLIMIT}, {SOL_SOCKET, SO_TIMESTAMP}};
    struct cmsghdr header;
    size_t i, space = CMSG_SPACE(sizeof(int));
    memset(message->msg_control, 0, 3 * space);
    for (i = 0; i < 3; i++) {
        memset(&header, 0, sizeof header);
        header.cmsg_len = CMSG_LEN(sizeof(int));
        header.cmsg_level = kinds[i][0];
        header.cmsg_type = kinds[i][1];
        memcpy((char *)message->msg_control + i * space, &header, sizeof header);
    }
    message->msg_controllen = 3 * space;
}
REAL(ssize_t, recvmsg, int fd, struct msghdr *message, int flags)
{
    ssize_t n = fails(CALL_recvmsg) ? -1 : __real_recvmsg(fd, message, flags);
    if (n >= 0 && fault.odd)
        make_odd(message);
    return n;
}
/* Another datagram of this socket is refused by ICMP just now, and that is what the call says. */
static int icmp_comes(int fd)
{
    struct sockaddr_in closed;
    memset(&closed, 0, sizeof closed);
    closed.sin_family = AF_INET;
    closed.sin_port = htons(9);
    closed.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sendto(fd, "", 0, 0, (struct sockaddr *)&closed, sizeof closed);
    errno = ECONNREFUSED;
    return -1;
}
REAL(int, recvmmsg, int fd, struct mmsghdr *messages, unsigned n, int flags, struct timespec *t)
{
    int i, got;
    if (fault.storm_in) {
        fault.storm_in--;
        return icmp_comes(fd);
    }
    got = fails(CALL_recvmmsg) ? -1 : __real_recvmmsg(fd, messages, n, flags, t);
    for (i = 0; i < got && fault.odd; i++)
        make_odd(&messages[i].msg_hdr);
    return got;
}
/* RFC 3493 3.7: IPv4 goes by mapped addresses. Linux is not so strict. */
static void check_names(int fd, const struct mmsghdr *messages, unsigned n)
{
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    unsigned i;
    for (i = 0; i < n && !__real_getsockname(fd, (struct sockaddr *)&own, &length); i++) {
        const struct sockaddr *name = messages[i].msg_hdr.msg_name;
        expect(name->sa_family == own.ss_family, "a name is of another family than its socket");
    }
}
REAL(int, sendmmsg, int fd, struct mmsghdr *messages, unsigned n, int flags)
{
    if (fault.storm) {
        fault.storm--;
        return icmp_comes(fd);
    }
    check_names(fd, messages, n);
    if (fault.takes >= 0) {
        n = n < (unsigned)fault.takes ? n : (unsigned)fault.takes;
        fault.takes -= (int)n;
        errno = EAGAIN;
        if (!n)
            return -1;
    }
    return fails(CALL_sendmmsg) ? -1 : __real_sendmmsg(fd, messages, n, flags);
}
REAL(int, clock_gettime, clockid_t clock, struct timespec *t)
{
    if (!fault.virtual)
        return __real_clock_gettime(clock, t);
    t->tv_sec = (time_t)(fault.now / 1000);
    t->tv_nsec = (long)(fault.now % 1000) * 1000000;
    return 0;
}

static void *allocated(void *p)
{
    fault.blocks += fault.armed && p;
    return p;
}

REAL(void *, malloc, size_t n)
{
    return fails(CALL_allocate) ? NULL : allocated(__real_malloc(n));
}
REAL(void *, calloc, size_t n, size_t size)
{
    return fails(CALL_allocate) ? NULL : allocated(__real_calloc(n, size));
}
REAL(void *, realloc, void *old, size_t n)
{
    void *p;
    if (fails(CALL_allocate))
        return NULL;
    p = __real_realloc(old, n);
    fault.blocks += fault.armed && p && !old;
    return p;
}
REAL(void, free, void *p)
{
    fault.blocks -= fault.armed && p;
    __real_free(p);
}

/* ---- a name server that never fails, served between steps ---- */

static int server_udp, server_tcp;
static bool ipv6; /* there is a loopback of it */
static int options_before_c;
static uint16_t server_port;
static char conf_path[64], hosts_path[64];

static int listen_on(int type)
{
    struct sockaddr_in name;
    socklen_t n = sizeof name;
    int one = 1, fd = __real_socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    name.sin_port = htons(server_port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    __real_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (__real_bind(fd, (struct sockaddr *)&name, sizeof name)) {
        __real_close(fd);
        return -1;
    }
    __real_getsockname(fd, (struct sockaddr *)&name, &n);
    server_port = ntohs(name.sin_port);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(listen(fd, 64), 0);
    return fd;
}

/* One A record; truncated by UDP where the name begins with "t". */
static size_t make_reply(char *m, size_t n, bool tcp)
{
    static const char record[] = "\xc0\x0c\0\1\0\1\0\0\0\74\0\4\300\0\2\1";
    m[2] = (char)0x81;
    m[3] = (char)0x80;
    if (m[13] == 't' && !tcp) {
        m[2] |= 2;
        return n;
    }
    m[7] = 1;
    memcpy(m + n, record, sizeof record - 1);
    return n + sizeof record - 1;
}

static void serve_tcp(void)
{
    static int open_connections[64];
    static unsigned count;
    char m[600];
    unsigned i;
    int fd;
    while (count < 64 && (fd = accept4(server_tcp, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        open_connections[count++] = fd;
    for (i = 0; i < count; i++) {
        ssize_t n = __real_recv(open_connections[i], m, 512, MSG_PEEK);
        if ((n < 0 && errno == EAGAIN) || n == 1 || (n > 1 && n < 2 + m[1]))
            continue; /* not yet whole */
        n = __real_recv(open_connections[i], m, 512, 0);
        if (n > 14) {
            size_t reply = make_reply(m + 2, (size_t)n - 2, true);
            m[0] = (char)(reply >> 8);
            m[1] = (char)reply;
            __real_send(open_connections[i], m, reply + 2, MSG_NOSIGNAL);
        }
        __real_close(open_connections[i]);
        open_connections[i--] = open_connections[--count];
    }
}

static void serve(void)
{
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    char m[600];
    ssize_t n;
    while ((n = recvfrom(server_udp, m, 512, 0, (struct sockaddr *)&from, &length)) > 12) {
        sendto(server_udp, m, make_reply(m, (size_t)n, false), 0, (struct sockaddr *)&from, length);
        length = sizeof from;
    }
    serve_tcp();
}

static bool have_ipv6(void)
{
    struct sockaddr_in6 name;
    int fd = __real_socket(AF_INET6, SOCK_DGRAM, 0), rc;
    memset(&name, 0, sizeof name);
    name.sin6_family = AF_INET6;
    name.sin6_addr.s6_addr[15] = 1;
    rc = fd < 0 ? -1 : __real_bind(fd, (struct sockaddr *)&name, sizeof name);
    if (fd >= 0)
        __real_close(fd);
    return rc == 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void setup(void)
{
    snprintf(conf_path, sizeof conf_path, "/tmp/ps-faults-resolv.%d", (int)getpid());
    snprintf(hosts_path, sizeof hosts_path, "/tmp/ps-faults-hosts.%d", (int)getpid());
    write_file(conf_path, "nameserver 127.0.0.1\n");
    write_file(hosts_path, "192.0.2.99 pbx\n");
    ipv6 = have_ipv6();
    do { /* a port that is free for both; many connections of before still hold one */
        server_port = 0;
        server_tcp = listen_on(SOCK_STREAM);
        server_udp = listen_on(SOCK_DGRAM);
        if (server_udp < 0)
            __real_close(server_tcp);
    } while (server_udp < 0);
}

static void teardown(void)
{
    __real_close(server_udp);
    __real_close(server_tcp);
    unlink(conf_path);
    unlink(hosts_path);
}

/* ---- the scene: everything that transport/ does ---- */

static struct {
    struct ps_loop *loop;
    struct ps_udp *udp;
    struct ps_resolver *resolver;
    struct ps_keepalive keepalive;
    struct ps_keepalive_flow kept;
    struct ps_loop_wakeup wakeup;
    uint32_t a, b, c; /* c: the IPv6 wildcard, where there is IPv6 */
    struct ps_address a_address, b_address, c_address;
    bool has_signal, has_wakeup, has_a, has_b, has_c, c_is_asked; /* by IPv4 */
    int errors; /* that functions returned or callbacks said */
    int echoes, signals, wakes, answers, failures, good_answers;
} scene;

static void check_error(enum ps_error error)
{
    scene.errors += error != PS_OK;
}

static void on_failure(void *context, struct ps_system_error why)
{
    (void)context;
    expect(why.call && why.error, "a report says nothing");
    scene.failures++;
}

static void on_signal(void *context, int signal)
{
    (void)context;
    scene.signals += signal == SIGUSR1;
}

static void on_wake(void *context)
{
    (void)context;
    scene.wakes++;
}

/* b and c send back to a. */
static void on_received(void *context, const struct ps_flow *flow, struct ps_slice bytes,
                        bool truncated)
{
    (void)context;
    (void)truncated;
    if (ps_keepalive_take(&scene.keepalive, flow, bytes))
        return;
    if ((scene.has_b && flow->socket == scene.b) || (scene.has_c && flow->socket == scene.c))
        check_error(ps_udp_send(scene.udp, flow, bytes, 2));
    else
        scene.echoes++;
}

static void on_failed(void *context, const struct ps_udp_error *error)
{
    (void)context;
    scene.errors += !error->icmp || error->flow.remote.port != 9;
}

static void on_resolved(void *context, enum ps_error error, const struct ps_address *addresses,
                        size_t n)
{
    (void)context;
    (void)addresses;
    scene.answers++;
    scene.good_answers += n > 0;
    check_error(error);
}

/* It takes IPv4 too, or says that it does not. */
static void open_ipv6(void)
{
    struct ps_address local;
    struct ps_flow flow;
    ps_address_parse(PS_S("[::]"), 0, &local);
    options_before_c = fault.made[CALL_setsockopt];
    scene.has_c = ipv6 && !ps_udp_bind(scene.udp, &local, &scene.c, NULL);
    scene.errors += ipv6 && !scene.has_c;
    if (!scene.has_c)
        return;
    ps_address_parse(PS_S("127.0.0.1"), 0, &scene.c_address);
    scene.c_address.port = ps_udp_address(scene.udp, scene.c)->port;
    memset(&flow, 0, sizeof flow);
    flow.socket = scene.c;
    flow.remote = scene.c_address;
    flow.remote.port = 9; /* nobody's */
    scene.c_is_asked = ps_udp_send(scene.udp, &flow, PS_NONE, 0) != PS_E_ARGUMENT;
}

static void open_sockets(void)
{
    struct ps_udp_config config;
    struct ps_address local;
    struct ps_system_error why;
    memset(&config, 0, sizeof config);
    config.received = on_received;
    config.failed = on_failed;
    config.batch = 2;
    config.queue = 16;
    config.queue_bytes = 4096;
    config.datagram = 2048;
    config.receive_buffer = config.send_buffer = 65536;
    check_error(ps_udp_open(scene.loop, &config, &scene.udp));
    if (!scene.udp)
        return;
    ps_keepalive_init(&scene.keepalive, scene.loop, scene.udp);
    ps_address_parse(PS_S("127.0.0.1"), 0, &local);
    scene.has_a = !ps_udp_bind(scene.udp, &local, &scene.a, &why);
    ps_address_parse(PS_S("0.0.0.0"), 0, &local);
    scene.has_b = !ps_udp_bind(scene.udp, &local, &scene.b, &why);
    scene.errors += !scene.has_a + !scene.has_b;
    if (scene.has_a)
        scene.a_address = *ps_udp_address(scene.udp, scene.a);
    if (scene.has_b) {
        uint16_t port = ps_udp_address(scene.udp, scene.b)->port;
        scene.b_address = scene.a_address;
        ps_address_parse(PS_S("127.0.0.1"), 0, &scene.b_address);
        scene.b_address.port = port;
    }
    open_ipv6();
}

static void open_scene(void)
{
    struct ps_system_error why;
    struct ps_resolver_config config;
    memset(&scene, 0, sizeof scene);
    check_error(ps_loop_open(&scene.loop, fault.error % 2 ? NULL : &why));
    if (!scene.loop)
        return;
    ps_loop_on_failure(scene.loop, on_failure, NULL);
    scene.has_signal = !ps_loop_signal(scene.loop, SIGUSR1, on_signal, NULL);
    scene.has_wakeup = !ps_loop_wakeup_open(scene.loop, &scene.wakeup, on_wake, NULL);
    scene.errors += !scene.has_signal + !scene.has_wakeup;
    open_sockets();
    memset(&config, 0, sizeof config);
    config.resolv_conf = conf_path;
    config.hosts = hosts_path;
    config.port = server_port;
    config.families = PS_RESOLVE_IPV4;
    check_error(ps_resolver_open(scene.loop, &config, &scene.resolver));
}

static void send_to(const struct ps_address *remote)
{
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    flow.socket = scene.a;
    flow.remote = *remote;
    check_error(ps_udp_send(scene.udp, &flow, PS_S("OPTIONS"), 1));
}

static void look_up(const char *name)
{
    if (scene.resolver)
        check_error(ps_resolver_lookup(scene.resolver, ps_slice_of(name), on_resolved, NULL, NULL));
}

static void act(void)
{
    struct ps_address nobody, local;
    ps_address_parse(PS_S("127.0.0.1:9"), 0, &nobody);
    if (scene.has_signal) {
        raise(SIGUSR1);
        if (!ps_loop_signal(scene.loop, SIGUSR2, on_signal, NULL))
            check_error(ps_loop_signal(scene.loop, SIGUSR2, NULL, NULL));
        else
            scene.errors++;
    }
    if (scene.has_wakeup)
        check_error(ps_loop_wake(&scene.wakeup));
    if (scene.has_a && scene.has_b) {
        struct ps_flow flow;
        int i;
        for (i = 0; i < 3; i++)
            send_to(&scene.b_address);
        send_to(&nobody);
        send_to(&scene.b_address);
        if (scene.c_is_asked)
            send_to(&scene.c_address);
        check_error(ps_udp_local_for(scene.udp, &nobody, &local));
        memset(&flow, 0, sizeof flow);
        flow.socket = scene.a;
        flow.remote = scene.b_address;
        ps_keepalive_start(&scene.keepalive, &scene.kept, &flow, PS_KEEPALIVE_STUN, 5000, 0, NULL,
                           NULL);
    }
    look_up("pbx");
    look_up("a.test");
    look_up("t.test");
}

enum { MOST_WAITS = 200 };

/* Steps through `ms` of virtual time; false where the loop itself gives up. */
static bool step_through(uint64_t ms)
{
    uint64_t end = fault.now + ms;
    fault.waits = 0;
    while (fault.now < end) {
        int timeout = (int)(end - fault.now);
        enum ps_error error = ps_loop_step(scene.loop, timeout);
        check_error(error);
        if (error)
            return false;
        serve();
        expect(fault.waits < MOST_WAITS, "it spins"); /* many returns while the clock stands */
        if (complaint)
            return false;
    }
    return true;
}

static void close_scene(void)
{
    ps_keepalive_stop(&scene.kept);
    ps_resolver_close(scene.resolver);
    ps_udp_close(scene.udp);
    if (scene.has_wakeup)
        ps_loop_wakeup_close(&scene.wakeup);
    ps_loop_close(scene.loop);
    fault.virtual = false; /* Check takes the time of each test */
}

/* Was anything said of a fault? Counters, errors returned, the loop's report. */
static bool told(void)
{
    uint64_t n = (uint64_t)scene.errors + (uint64_t)scene.failures;
    if (scene.udp) {
        const struct ps_udp_counters *c = ps_udp_counters(scene.udp);
        n += c->receive_errors + c->send_waits + c->no_buffers + c->send_errors + c->queue_full +
             c->send_retries;
    }
    if (scene.resolver)
        n += ps_resolver_counters(scene.resolver)->failures;
    return n > 0;
}

/* All that could be opened works, now that nothing fails. */
static void check_service(void)
{
    int echoes = scene.echoes, answers, wakes = scene.wakes, signals = scene.signals;
    expect(step_through(40000), "the loop gives up"); /* what was under way ends */
    answers = scene.good_answers;
    if (scene.has_a && scene.has_b)
        send_to(&scene.b_address);
    look_up("b.test");
    look_up("t2.test");
    if (scene.has_signal)
        raise(SIGUSR1);
    if (scene.has_wakeup)
        ps_loop_wake(&scene.wakeup);
    expect(step_through(1000), "the loop gives up");
    expect(!scene.has_a || !scene.has_b || scene.echoes > echoes, "no datagram comes through");
    expect(!scene.resolver || scene.good_answers == answers + 2, "names are not resolved");
    expect(!scene.has_signal || scene.signals > signals, "no signal comes");
    expect(!scene.has_wakeup || scene.wakes > wakes, "no wake-up comes");
}

/* Names what may stay unsaid: nothing is lost by it. */
static bool harmless(void)
{
    switch (fault.call) {
    case CALL_close: /* closed all the same */
    case CALL_getsockopt:
        return true;
    case CALL_open:
        return fault.error == ENOENT;
    case CALL_bind: /* a port by chance: the next one is tried */
        return fault.error == EADDRINUSE;
    default:
        return fault.error == EINTR || fault.error == EAGAIN;
    }
}

/* One run with one fault. How often the call was made, for the next. */
static int run_two(enum call call, int place, bool for_ever, int error, enum call second,
                   int second_error)
{
    int made;
    memset(&fault, 0, sizeof fault);
    fault.call = call;
    fault.place = place;
    fault.for_ever = for_ever;
    fault.error = error;
    fault.now = 1000000;
    fault.takes = -1;
    fault.again = second != CALL_COUNT;
    fault.second = second;
    fault.second_error = second_error;
    complaint = NULL;
    fault.armed = fault.virtual = true;
    open_scene();
    if (scene.loop) {
        act();
        step_through(20000);
    }
    made = call < CALL_COUNT ? fault.made[call] : 0;
    expect(!fault.hit || told() || harmless(), "nothing is said of it");
    fault.call = CALL_COUNT;
    fault.again = false;
    if (scene.loop)
        check_service();
    close_scene();
    fault.armed = fault.virtual = false;
    expect(fault.blocks == 0, "memory is left");
    expect(fault.descriptors == 0, "descriptors are left");
    ck_assert_msg(!complaint, "%s, place %d%s, %s: %s", call < CALL_COUNT ? call_names[call] : "",
                  place, for_ever ? " and ever" : "", strerror(error), complaint);
    return made;
}

static int run(enum call call, int place, bool for_ever, int error)
{
    return run_two(call, place, for_ever, error, CALL_COUNT, 0);
}

/* ---- the manuals' lists ---- */

static const int errors_epoll_create1[] = {EINVAL, EMFILE, ENFILE, ENOMEM, 0};
static const int errors_epoll_ctl[] = {EBADF,  EEXIST, EINVAL, ELOOP, ENOENT,
                                       ENOMEM, ENOSPC, EPERM,  0};
static const int errors_epoll_wait[] = {EBADF, EFAULT, EINTR, EINVAL, 0};
static const int errors_eventfd[] = {EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, 0};
static const int errors_signalfd[] = {EBADF, EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, 0};
static const int errors_read[] = {EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EIO, EISDIR, 0};
static const int errors_write[] = {EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EIO, ENOSPC, EPIPE, 0};
static const int errors_getrandom[] = {EAGAIN, EFAULT, EINTR, EINVAL, ENOSYS, 0};
static const int errors_socket[] = {EACCES,  EAFNOSUPPORT, EINVAL,          EMFILE, ENFILE,
                                    ENOBUFS, ENOMEM,       EPROTONOSUPPORT, 0};
static const int errors_setsockopt[] = {EBADF, EFAULT, EINVAL, ENOPROTOOPT, ENOTSOCK, ENOMEM, 0};
static const int errors_getsockopt[] = {EBADF, EFAULT, EINVAL, ENOPROTOOPT, ENOTSOCK, 0};
static const int errors_bind[] = {EACCES,       EADDRINUSE, EBADF,  EINVAL, ENOTSOCK, EADDRNOTAVAIL,
                                  EHOSTUNREACH, ENETDOWN,   EFAULT, ENOMEM, 0};
static const int errors_getsockname[] = {EBADF, EFAULT, EINVAL, ENOBUFS, ENOTSOCK, 0};
static const int errors_connect[] = {EACCES,       EPERM,      EADDRINUSE,   EADDRNOTAVAIL,
                                     EHOSTUNREACH, ENETDOWN,   EAFNOSUPPORT, EAGAIN,
                                     EALREADY,     EBADF,      ECONNREFUSED, EFAULT,
                                     EINPROGRESS,  EINTR,      EISCONN,      ENETUNREACH,
                                     ENOTSOCK,     EPROTOTYPE, ETIMEDOUT,    0};
#define SENDING                                                                                    \
    EACCES, EAGAIN, EALREADY, EBADF, ECONNRESET, EDESTADDRREQ, EFAULT, EINTR, EINVAL, EISCONN,     \
        EMSGSIZE, ENOBUFS, ENOMEM, ENOTCONN, ENOTSOCK, EOPNOTSUPP, EPIPE, EPERM, ENETUNREACH,      \
        EHOSTUNREACH, ECONNREFUSED, ENETDOWN, 0
#define RECEIVING                                                                                  \
    EAGAIN, EBADF, ECONNREFUSED, EFAULT, EINTR, EINVAL, ENOMEM, ENOTCONN, ENOTSOCK, EHOSTUNREACH, 0
static const int errors_send[] = {SENDING}, errors_sendmmsg[] = {SENDING};
static const int errors_recv[] = {RECEIVING}, errors_recvmsg[] = {RECEIVING},
                 errors_recvmmsg[] = {RECEIVING};
static const int errors_open[] = {EACCES, EINTR,   EINVAL,       EIO,    EISDIR,
                                  ELOOP,  EMFILE,  ENAMETOOLONG, ENFILE, ENOENT,
                                  ENOMEM, ENOTDIR, ENXIO,        EPERM,  0};
static const int errors_close[] = {EBADF, EINTR, EIO, ENOSPC, 0};
static const int errors_allocate[] = {ENOMEM, 0};

static const int *const errors[] = {
#define ERRORS(name) errors_##name,
    CALLS(ERRORS)
#undef ERRORS
};

/* EAGAIN and EINTR for ever are no fault but another world: a descriptor that is ready and is not.
 */
static bool can_last(enum call call, int error)
{
    return call == CALL_getrandom || (error != EAGAIN && error != EINTR);
}

START_TEST(every_fault)
{
    enum call call = (enum call)_i;
    const int *error;
    int runs = 0, clean;
    run(CALL_COUNT, 0, false, 0);
    run(CALL_COUNT, 0, false, 0);
    ck_assert_int_eq(scene.errors + scene.failures, 0);
    clean = fault.made[call];
    for (error = errors[call]; *error; error++) {
        int place;
        for (place = 0; place < 400 && run(call, place, false, *error) > place; place++)
            runs++;
        for (place = 0;
             can_last(call, *error) && place < 400 && run(call, place, true, *error) > place;
             place++)
            runs++;
    }
    printf("note: %s: %d faults\n", call_names[call], runs);
    ck_assert(clean > 0 || call == CALL_getsockopt);
    ck_assert_int_gt(runs, 0);
}
END_TEST

/* Fails a call, and then the way out of it too. */
START_TEST(two_faults)
{
    static const enum call first[] = {CALL_recvmmsg, CALL_recvmsg, CALL_sendmmsg, CALL_send};
    static const enum call second[] = {CALL_epoll_ctl, CALL_recvmsg, CALL_getsockopt, CALL_socket};
    size_t i, k;
    int place, runs = 0;
    for (i = 0; i < sizeof first / sizeof first[0]; i++)
        for (k = 0; k < sizeof second / sizeof second[0]; k++)
            for (place = 0; place < 100; place++) {
                int made = run_two(first[i], place, true, EBADF, second[k], ENOMEM);
                int again = run_two(first[i], place, false, EAGAIN, second[k], ENOMEM);
                if (made <= place && again <= place)
                    break;
                runs += 2;
            }
    printf("note: two at a time: %d\n", runs);
    ck_assert_int_gt(runs, 100);
}
END_TEST

/* ---- what the system takes, and when ---- */

static unsigned next_expected, out_of_order;

static void on_numbered(void *context, const struct ps_flow *flow, struct ps_slice bytes,
                        bool truncated)
{
    unsigned number;
    size_t i;
    (void)context;
    (void)flow;
    memcpy(&number, bytes.p, sizeof number);
    out_of_order += truncated || number != next_expected;
    for (i = sizeof number; i < bytes.n; i++)
        out_of_order += bytes.p[i] != (char)number;
    next_expected++;
}

static int blamed, close_at;

static void on_blame(void *context, const struct ps_udp_error *error)
{
    (void)context;
    blamed += !error->icmp;
    if (close_at && fault.storm == close_at)
        ps_udp_unbind(scene.udp, scene.a);
}

static void open_numbered(unsigned queue_bytes, struct ps_flow *flow)
{
    struct ps_udp_config config;
    struct ps_address local;
    memset(&fault, 0, sizeof fault);
    memset(&scene, 0, sizeof scene);
    memset(&config, 0, sizeof config);
    memset(flow, 0, sizeof *flow);
    fault.call = fault.second = CALL_COUNT;
    fault.takes = -1;
    fault.virtual = true;
    fault.now = 1000000;
    next_expected = out_of_order = 0;
    blamed = close_at = 0;
    config.received = on_numbered;
    config.failed = on_blame;
    config.batch = 8;
    config.queue = 16;
    config.queue_bytes = queue_bytes;
    ps_address_parse(PS_S("127.0.0.1"), 0, &local);
    ck_assert_int_eq(ps_loop_open(&scene.loop, NULL), PS_OK);
    ck_assert_int_eq(ps_udp_open(scene.loop, &config, &scene.udp), PS_OK);
    ck_assert_int_eq(ps_udp_bind(scene.udp, &local, &scene.a, NULL), PS_OK);
    ck_assert_int_eq(ps_udp_bind(scene.udp, &local, &scene.b, NULL), PS_OK);
    flow->socket = scene.a;
    flow->remote = *ps_udp_address(scene.udp, scene.b);
}

/* The system takes some at a time: the rings of places and of bytes wrap in all ways, nothing is
 * lost but what was refused with PS_E_FULL, and the order stays. */
START_TEST(a_queue_that_drains_by_pieces)
{
    struct ps_flow flow;
    unsigned sent = 0, refused = 0, seed = 9, i;
    open_numbered(1500, &flow);
    for (i = 0; i < 20000; i++) {
        char bytes[500];
        size_t n;
        enum ps_error error;
        seed = seed * 1103515245 + 12345;
        n = 4 + (seed >> 16) % (i % 64 < 32 ? 450 : 20);
        memset(bytes, (int)sent, n);
        memcpy(bytes, &sent, sizeof sent);
        fault.takes = (int)(seed >> 8) % 3;
        error = ps_udp_send(scene.udp, &flow, ps_slice(bytes, n), 0);
        sent += !error;
        refused += error == PS_E_FULL;
        ck_assert(!error || error == PS_E_FULL);
        if (i % 64 < 32 || i % 4 == 0)
            ck_assert_int_eq(ps_loop_step(scene.loop, 0), PS_OK);
    }
    fault.takes = -1;
    for (i = 0; i < 10; i++)
        ck_assert_int_eq(ps_loop_step(scene.loop, 0), PS_OK);
    ck_assert_uint_eq(ps_udp_pending(scene.udp), 0);
    ck_assert_uint_eq(next_expected, sent);
    ck_assert_uint_eq(out_of_order, 0);
    ck_assert_uint_gt(refused, 100);
    ck_assert_uint_gt(sent, 5000);
    ck_assert_uint_eq(ps_udp_counters(scene.udp)->queue_full, refused);
    ck_assert_uint_gt(ps_udp_counters(scene.udp)->send_waits, 100);
    close_scene();
}
END_TEST

/* However many ICMP errors of other datagrams come in its way, none is blamed on this one. */
START_TEST(a_storm_of_others_errors)
{
    struct ps_flow flow;
    unsigned number = 0, i;
    open_numbered(1500, &flow);
    ck_assert_int_eq(ps_udp_send(scene.udp, &flow, ps_slice((char *)&number, 4), 1), PS_OK);
    fault.storm = 40;
    for (i = 0; i < 30 && !next_expected; i++)
        ck_assert_int_eq(ps_loop_step(scene.loop, 10), PS_OK);
    ck_assert_int_eq(fault.storm, 0);
    ck_assert_uint_eq(next_expected, 1);
    ck_assert_int_eq(blamed, 0);
    ck_assert_uint_eq(ps_udp_counters(scene.udp)->icmp_errors, 40);
    number = 1; /* and in the way of receiving */
    fault.storm_in = 10;
    ck_assert_int_eq(ps_udp_send(scene.udp, &flow, ps_slice((char *)&number, 4), 1), PS_OK);
    for (i = 0; i < 30 && next_expected < 2; i++)
        ck_assert_int_eq(ps_loop_step(scene.loop, 10), PS_OK);
    ck_assert_uint_eq(next_expected, 2);
    ck_assert_uint_eq(ps_udp_counters(scene.udp)->receive_errors, 0);
    close_scene();
}
END_TEST

/* The socket is closed by who hears of the fifth. */
START_TEST(closing_in_the_storm)
{
    struct ps_flow flow;
    open_numbered(1500, &flow);
    close_at = 35;
    ck_assert_int_eq(ps_udp_send(scene.udp, &flow, PS_S("1234"), 1), PS_OK);
    fault.storm = 40;
    ck_assert_int_eq(ps_loop_step(scene.loop, 0), PS_OK);
    ck_assert_int_eq(fault.storm, 35);
    ck_assert_ptr_null(ps_udp_address(scene.udp, scene.a));
    ck_assert_int_eq(blamed, 0);
    close_scene();
}
END_TEST

/* epoll will not watch for writability, and then not for its end: both come when it will again. */
START_TEST(an_epoll_that_refuses_changes)
{
    struct ps_flow flow;
    unsigned number;
    complaint = NULL;
    open_numbered(1500, &flow);
    for (number = 0; number < 2; number++) {
        fault.takes = 0;
        fault.error = ENOMEM;
        fault.for_ever = fault.again = true;
        fault.armed = number == 0;
        fault.call = CALL_epoll_ctl;
        expect(!ps_udp_send(scene.udp, &flow, ps_slice((char *)&number, 4), 1), "no room");
        expect(!ps_loop_step(scene.loop, 0), "the loop gives up");
        fault.takes = -1;
        fault.armed = number == 1;
        expect(step_through(1), "the loop gives up");
        expect(number == 1 || next_expected == 0, "not at rest");
        fault.armed = false;
        expect(step_through(PS_LOOP_REST + 1), "the loop gives up");
        expect(next_expected == number + 1, "it did not come");
        ck_assert_msg(!complaint, "%u: %s", number, complaint);
        ck_assert_uint_eq(ps_loop_counters(scene.loop)->failures, number + 1);
    }
    close_scene();
}
END_TEST

START_TEST(control_messages_that_nobody_asked_for)
{
    struct ps_flow flow;
    struct ps_address nobody;
    unsigned number = 0;
    open_numbered(1500, &flow);
    fault.odd = true;
    ck_assert_int_eq(ps_udp_send(scene.udp, &flow, ps_slice((char *)&number, 4), 1), PS_OK);
    ps_address_parse(PS_S("127.0.0.1:9"), 0, &nobody);
    flow.remote = nobody;
    ck_assert_int_eq(ps_udp_send(scene.udp, &flow, PS_S("1234"), 1), PS_OK);
    ck_assert(step_through(10));
    ck_assert_uint_eq(next_expected, 1);
    ck_assert_uint_eq(ps_udp_counters(scene.udp)->icmp_errors, 0); /* nothing that can be read */
    ck_assert_int_eq(blamed, 0);
    close_scene();
}
END_TEST

START_TEST(a_query_that_leaves_by_pieces)
{
    memset(&fault, 0, sizeof fault);
    fault.call = CALL_COUNT;
    fault.takes = -1;
    fault.now = 1000000;
    fault.virtual = true;
    fault.piece = 7;
    complaint = NULL;
    open_scene();
    look_up("t.test");
    expect(step_through(1000), "the loop gives up");
    expect(scene.good_answers == 1, "no answer");
    close_scene();
    ck_assert_msg(!complaint, "%s", complaint);
}
END_TEST

START_TEST(an_ipv6_wildcard_that_may_not_take_ipv4_takes_ipv6)
{
    if (!ipv6)
        return;
    run(CALL_COUNT, 0, false, 0);
    ck_assert(scene.has_c && scene.c_is_asked);
    run(CALL_setsockopt, options_before_c, false, EPERM);
    ck_assert(fault.hit && scene.has_c && !scene.c_is_asked);
    ck_assert_int_eq(scene.failures, 1);
}
END_TEST

START_TEST(a_run_ends_where_the_loop_cannot_wait)
{
    struct ps_loop *loop;
    memset(&fault, 0, sizeof fault);
    fault.takes = -1;
    ck_assert_int_eq(ps_loop_open(&loop, NULL), PS_OK);
    fault.call = CALL_epoll_wait;
    fault.error = EBADF;
    fault.armed = fault.virtual = true;
    complaint = NULL;
    expect(ps_loop_run(loop) == PS_E_TRANSPORT, "the run goes on");
    ps_loop_close(loop);
    fault.armed = fault.virtual = false;
    ck_assert_msg(!complaint, "%s", complaint);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("transport faults");
    TCase *t = tcase_create("faults");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 100);
    tcase_add_loop_test(t, every_fault, 0, CALL_COUNT);
    tcase_add_test(t, two_faults);
    tcase_add_test(t, a_queue_that_drains_by_pieces);
    tcase_add_test(t, a_storm_of_others_errors);
    tcase_add_test(t, closing_in_the_storm);
    tcase_add_test(t, an_epoll_that_refuses_changes);
    tcase_add_test(t, control_messages_that_nobody_asked_for);
    tcase_add_test(t, a_query_that_leaves_by_pieces);
    tcase_add_test(t, an_ipv6_wildcard_that_may_not_take_ipv4_takes_ipv6);
    tcase_add_test(t, a_run_ends_where_the_loop_cannot_wait);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
