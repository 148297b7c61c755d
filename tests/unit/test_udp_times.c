/*
 * Covers the transactions' times once over real UDP on loopback, with T1 = 50 ms: an INVITE and an
 * OPTIONS that nobody answers (rows A1, B1; 17.1.1.2, 17.1.2.2), a 486 and a 200 that nobody
 * acknowledges (D3, D10; 17.2.1, 13.3.1.4), by the program itself, all at once; arrival times are
 * the kernel's. Nothing may come early, and nothing later than the rows' tolerance.
 * Does not cover: the cap at T2, which 4 s hides here (virtual time shows it: tests/sim).
 */
#define _GNU_SOURCE
#include "check_main.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WATCHED = 4, MOST = 16, PACKETS = 7 };

struct watched {
    int socket;
    unsigned port;
    pid_t child;
    const char *start; /* of the messages that count */
    double at[MOST];   /* ms */
    unsigned n;
};
static struct watched watched[WATCHED];

static void open_socket(struct watched *w, const char *start)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    int on = 1;
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    w->start = start;
    w->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(w->socket, (struct sockaddr *)&a, sizeof a), 0);
    ck_assert_int_eq(getsockname(w->socket, (struct sockaddr *)&a, &n), 0);
    ck_assert_int_eq(setsockopt(w->socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on), 0);
    w->port = ntohs(a.sin_port);
}

/* Starts build/plainsip with these arguments; its standard output is a pipe. */
static int run(struct watched *w, const char *const arguments[])
{
    char path[256];
    const char *argv[16] = {"plainsip"};
    const char *b = getenv("B");
    int out[2];
    unsigned i;
    snprintf(path, sizeof path, "%s/plainsip", b ? b : "build");
    for (i = 0; arguments[i]; i++)
        argv[i + 1] = arguments[i];
    ck_assert_int_eq(pipe(out), 0);
    w->child = fork();
    if (w->child == 0) {
        dup2(out[1], 1);
        dup2(out[1], 2);
        close(out[0]);
        execv(path, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(out[1]);
    return out[0];
}

static void client(struct watched *w, const char *command)
{
    char uri[64];
    const char *call[] = {"call", "--t1", "50", "--listen", "127.0.0.1", "--to", uri, NULL};
    const char *options[] = {"options", "--t1", "50", "--listen", "127.0.0.1", uri, NULL};
    snprintf(uri, sizeof uri, "sip:x@127.0.0.1:%u", w->port);
    (void)run(w, strcmp(command, "call") == 0 ? call : options);
}

/* A server, and an INVITE to it from the watched socket. */
static void server(struct watched *w, const char *status)
{
    const char *refuse[] = {"answer",    "--t1",     "50",   "--listen",
                            "127.0.0.1", "--status", status, NULL};
    const char *take[] = {"answer", "--t1", "50", "--listen", "127.0.0.1", NULL};
    char line[256] = "", invite[1024];
    unsigned port = 0;
    struct sockaddr_in a;
    FILE *out = fdopen(run(w, strcmp(status, "200") == 0 ? take : refuse), "r");
    while (!port && fgets(line, sizeof line, out))
        (void)sscanf(line, "listening on udp:127.0.0.1:%u", &port);
    ck_assert_msg(port > 0, "no port: %s", line);
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons((uint16_t)port);
    snprintf(
        invite, sizeof invite,
        "INVITE sip:b@127.0.0.1:%u SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK%s\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.1>\r\n"
        "Call-ID: times%s\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1:%u>\r\n"
        "Content-Length: 0\r\n\r\n",
        port, w->port, status, status, w->port);
    ck_assert_int_gt(sendto(w->socket, invite, strlen(invite), 0, (struct sockaddr *)&a, sizeof a),
                     0);
}

static void receive(struct watched *w)
{
    char bytes[4096], control[256];
    struct iovec io = {bytes, sizeof bytes - 1};
    struct msghdr m;
    struct cmsghdr *c;
    struct timespec t = {0, 0};
    ssize_t n;
    memset(&m, 0, sizeof m);
    m.msg_iov = &io;
    m.msg_iovlen = 1;
    m.msg_control = control;
    m.msg_controllen = sizeof control;
    n = recvmsg(w->socket, &m, 0);
    ck_assert_int_gt(n, 0);
    bytes[n] = '\0';
    if (strncmp(bytes, w->start, strlen(w->start)) != 0)
        return;
    for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
            memcpy(&t, CMSG_DATA(c), sizeof t);
    ck_assert_uint_lt(w->n, MOST);
    w->at[w->n++] = (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void watch(double ms)
{
    double end = now_ms() + ms;
    struct pollfd p[WATCHED];
    unsigned i;
    while (now_ms() < end) {
        for (i = 0; i < WATCHED; i++) {
            p[i].fd = watched[i].socket;
            p[i].events = POLLIN;
        }
        if (poll(p, WATCHED, 20) <= 0)
            continue;
        for (i = 0; i < WATCHED; i++)
            if (p[i].revents)
                receive(&watched[i]);
    }
}

/* By how much the worst packet is out of its tolerance, in ms. */
static double worst_of(const struct watched *w)
{
    static const double expected[PACKETS] = {0, 50, 150, 350, 750, 1550, 3150};
    double worst = 0;
    unsigned k;
    if (w->n != PACKETS) {
        printf("%s: %u packets\n", w->start, w->n);
        return 1000;
    }
    for (k = 1; k < PACKETS; k++) {
        double late = w->at[k] - w->at[0] - expected[k];
        double allowed = expected[k] / 10 > 50 ? expected[k] / 10 : 50;
        if (late - allowed > worst)
            worst = late - allowed;
        if (-late - 2 > worst) /* whole milliseconds: the first may be sent late in its own */
            worst = -late - 2;
    }
    return worst;
}

static double attempt(void)
{
    double worst = 0;
    unsigned i;
    memset(watched, 0, sizeof watched);
    open_socket(&watched[0], "INVITE");
    open_socket(&watched[1], "OPTIONS");
    open_socket(&watched[2], "SIP/2.0 486");
    open_socket(&watched[3], "SIP/2.0 200");
    client(&watched[0], "call");
    client(&watched[1], "options");
    server(&watched[2], "486");
    server(&watched[3], "200");
    watch(3800); /* and no packet after 64*T1 = 3.2 s */
    for (i = 0; i < WATCHED; i++) {
        double its = worst_of(&watched[i]);
        worst = its > worst ? its : worst;
        kill(watched[i].child, SIGKILL);
        waitpid(watched[i].child, NULL, 0);
        close(watched[i].socket);
    }
    return worst;
}

/* On a busy machine a process may be held up, at its first packet too, after which the others seem
 * early: three tries. */
START_TEST(over_real_udp)
{
    double out = attempt();
    unsigned tries;
    for (tries = 1; out > 0 && tries < 3; tries++)
        out = attempt();
    ck_assert_msg(out <= 0, "%.1f ms out of tolerance, three times", out);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("udp times");
    TCase *t = tcase_create("udp times");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, over_real_udp);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
