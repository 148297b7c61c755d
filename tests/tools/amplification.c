/*
 * The table of `make amplification`: bytes that a source which may be forged, and never answers, is
 * sent for each byte of its request, all repetitions together.
 *   amplification library
 *   amplification program ANSWER ASKING REFUSING FULL SERVE
 * The second sends to programs on loopback, at these ports (tests/tools/amplification.sh starts
 * them), each case from an address of its own and all at the same time, and counts for 40 s what
 * comes back. Exit status: 1 where a row does not hold, 2 where it could not be measured.
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/sim/amplification.h"
#include "transport/host.h"

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

static bool print_rows(const struct amplify_result *rows, unsigned n, const char *of)
{
    bool holds = true;
    unsigned i;
    amplify_print_head(of);
    for (i = 0; i < n; i++) {
        amplify_print(&rows[i]);
        holds = amplify_holds(&rows[i]) && holds;
    }
    return holds;
}

static bool library(void)
{
    static struct amplify_result rows[256];
    unsigned i, n = 0;
    for (i = 0; i < amplify_cases(); i++) {
        rows[n++] = amplify_library(i, AMPLIFY_USUAL);
        rows[n++] = amplify_library(i, AMPLIFY_SHORT);
    }
    return print_rows(rows, n, "the library, in virtual time");
}

/* ---- the program ---- */

/* As `answer` alone, with --user, with --status 486, with --calls 1; and `serve --realm r`. */
enum program { ANSWER, ASKING, REFUSING, FULL, SERVE, PROGRAMS };

static const struct program_case {
    const char *name;
    enum program at;
    const char *method, *uri;
    unsigned status;
    bool offer, faulty;
    const char *to_tag;
} cases[] = {
    {"answer, full: the call that fills it", FULL, "INVITE", "sip:h", 200, true, false, NULL},
    {"answer, full: INVITE, 503", FULL, "INVITE", "sip:h", 503, false, false, NULL},
    {"answer: INVITE without an offer, taken", ANSWER, "INVITE", "sip:h", 200, false, false, NULL},
    {"answer: INVITE with an offer, taken", ANSWER, "INVITE", "sip:h", 200, true, false, NULL},
    {"answer: INVITE of no dialog, 481", ANSWER, "INVITE", "sip:h", 481, false, false, "x"},
    {"answer: INVITE, faulty, 400", ANSWER, "INVITE", "sip:h", 400, false, true, NULL},
    {"answer: OPTIONS, 200", ANSWER, "OPTIONS", "sip:h", 200, false, false, NULL},
    {"answer: MESSAGE, 200", ANSWER, "MESSAGE", "sip:h", 200, false, false, NULL},
    {"answer: BYE, 481", ANSWER, "BYE", "sip:h", 481, false, false, "x"},
    {"answer: CANCEL, 481", ANSWER, "CANCEL", "sip:h", 481, false, false, NULL},
    {"answer: OPTIONS, faulty, 400", ANSWER, "OPTIONS", "sip:h", 400, false, true, NULL},
    {"answer: REGISTER, 405", ANSWER, "REGISTER", "sip:h", 405, false, false, NULL},
    {"answer --user: INVITE, 401", ASKING, "INVITE", "sip:h", 401, true, false, NULL},
    {"answer --user: OPTIONS, 401", ASKING, "OPTIONS", "sip:h", 401, false, false, NULL},
    {"answer --user: MESSAGE, 401", ASKING, "MESSAGE", "sip:h", 401, false, false, NULL},
    {"answer --status 486: INVITE, 486", REFUSING, "INVITE", "sip:h", 486, true, false, NULL},
    {"serve: INVITE, 302, 1 Contact", SERVE, "INVITE", "sip:u@r", 302, false, false, NULL},
    {"serve: INVITE, 302, 16 Contacts", SERVE, "INVITE", "sip:w@r", 302, false, false, NULL},
    {"serve: INVITE, 480", SERVE, "INVITE", "sip:n@r", 480, false, false, NULL},
    {"serve: INVITE, 404", SERVE, "INVITE", "sip:z@r", 404, false, false, NULL},
    {"serve: INVITE, faulty, 400", SERVE, "INVITE", "sip:w@r", 400, false, true, NULL},
    {"serve: OPTIONS, 302, 16 Contacts", SERVE, "OPTIONS", "sip:w@r", 302, false, false, NULL},
    {"serve: MESSAGE, 302, 16 Contacts", SERVE, "MESSAGE", "sip:w@r", 302, false, false, NULL},
    {"serve: REGISTER, 401", SERVE, "REGISTER", "sip:r", 401, false, false, NULL},
    {"serve: BYE, 481", SERVE, "BYE", "sip:w@r", 481, false, false, "x"},
    {"serve: OPTIONS, faulty, 400", SERVE, "OPTIONS", "sip:w@r", 400, false, true, NULL},
};

enum { CASES = sizeof cases / sizeof *cases, ROWS = CASES * AMPLIFY_SIZES, SECONDS = 40 };

static unsigned port_of[PROGRAMS];
static struct amplify_result rows[ROWS];
static struct pollfd sockets[ROWS];

/* ---- sources ---- */

static struct sockaddr_in loopback(unsigned host, unsigned port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(0x7f000001u + host);
    return address;
}

/* 127.0.77.i, whichever port is free, connected to the program. */
static void open_source(unsigned i, unsigned port, char name[32])
{
    struct sockaddr_in from = loopback(77 * 256 + i, 0), to = loopback(0, port);
    socklen_t n = sizeof from;
    char ip[INET_ADDRSTRLEN];
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, n) ||
        connect(fd, (struct sockaddr *)&to, sizeof to) ||
        getsockname(fd, (struct sockaddr *)&from, &n))
        fail("a source on loopback");
    inet_ntop(AF_INET, &from.sin_addr, ip, sizeof ip);
    snprintf(name, 32, "%s:%u", ip, ntohs(from.sin_port));
    sockets[i].fd = fd;
    sockets[i].events = POLLIN;
}

static void take(unsigned i)
{
    static char bytes[65536];
    ssize_t n = recv(sockets[i].fd, bytes, sizeof bytes - 1, MSG_DONTWAIT);
    if (n < 0)
        return;
    bytes[n] = '\0';
    amplify_count(&rows[i], ps_slice(bytes, (size_t)n));
}

/* Counts what comes until then; with `row` not longer than until its final answer. */
static void receive(unsigned opened, uint64_t until, const struct amplify_result *row)
{
    unsigned i;
    while (ps_loop_now() < until && !(row && row->status)) {
        int ready = poll(sockets, opened, (int)(until - ps_loop_now()));
        for (i = 0; i < opened && ready > 0; i++)
            if (sockets[i].revents)
                take(i);
    }
}

static unsigned bound_of(const struct program_case *c)
{
    if (strcmp(c->method, "INVITE") != 0)
        return AMPLIFY_OF_REQUEST;
    return c->status < 300 ? AMPLIFY_OF_TAKEN : AMPLIFY_OF_REFUSED;
}

static void ask(unsigned i, const struct program_case *c, enum amplify_size size)
{
    char text[AMPLIFY_TEXT], source[32];
    bool invite = strcmp(c->method, "INVITE") == 0;
    struct amplify_request request = {.method = c->method,
                                      .uri = c->uri,
                                      .source = source,
                                      .contact = invite ? source : NULL,
                                      .to_tag = c->to_tag,
                                      .rport = true,
                                      .offer = c->offer,
                                      .faulty = c->faulty,
                                      .number = i};
    struct amplify_result row = {.name = c->name,
                                 .size = size,
                                 .bound = bound_of(c),
                                 .expected = c->status,
                                 .bye = invite && c->status == 200};
    open_source(i, port_of[c->at], source);
    row.in = amplify_write(text, &request, size);
    rows[i] = row;
    if (send(sockets[i].fd, text, row.in, 0) != (ssize_t)row.in)
        fail("send");
    receive(i + 1, ps_loop_now() + 2000, &rows[i]);
}

/* ---- who is registered ---- */

static void heard(void *loop, struct ps_host *host, const struct ps_event *event)
{
    (void)host;
    if (event->kind != PS_EVENT_RESPONSE)
        return;
    if (event->status != 200) {
        fprintf(stderr, "serve: REGISTER: %u\n", event->status);
        exit(2);
    }
    ps_loop_stop(loop);
}

/* Contacts as long as 450 bytes, the longest first. */
static struct ps_slice contacts(unsigned n)
{
    static char text[16384];
    struct ps_writer w = ps_writer(text, sizeof text);
    unsigned i, k;
    for (i = 0; i < n; i++) {
        ps_put(&w, PS_S("Contact: <sip:u@192.0.2."));
        ps_put_number(&w, 1 + i);
        ps_put(&w, PS_S(":5060;transport=udp;x"));
        for (k = 0; k < 25 * (n - 1 - i); k++)
            ps_put_char(&w, 'x');
        ps_put(&w, PS_S(">\r\n"));
    }
    return ps_written(&w);
}

/* The realm is r, each user's password its name. */
static void register_user(const char *uri, const char *name, unsigned n)
{
    static const struct ps_digest_policy policy;
    struct ps_digest_user user = {.username = ps_slice_of(name), .password = ps_slice_of(name)};
    struct ps_host_config config = {.event = heard, .stack.limits = PS_LIMITS_DEFAULT};
    struct ps_account account = {.aor = ps_slice_of(uri)};
    struct ps_request_to_send request = {.account = &account,
                                         .method = PS_S("REGISTER"),
                                         .uri = ps_slice_of(uri),
                                         .lines = contacts(n)};
    struct ps_host *host;
    ps_handle handle;
    char proxy[64];
    snprintf(proxy, sizeof proxy, "sip:127.0.0.1:%u;lr", port_of[SERVE]);
    account.proxy = ps_slice_of(proxy);
    ps_digest_client_start(&account.digest, &user, 1, &policy);
    if (ps_address_parse(PS_S("127.0.0.1:0"), 0, &config.listen) ||
        ps_loop_open(&config.loop, NULL))
        fail("a host");
    config.context = config.loop;
    if (ps_host_open(&config, &host, NULL) ||
        ps_stack_request(ps_host_stack(host), &request, &handle))
        fail("REGISTER");
    ps_host_kick(host);
    ps_loop_run(config.loop);
    ps_host_close(host);
    ps_loop_close(config.loop);
    ps_digest_client_end(&account.digest);
}

/* One call fills it. */
static bool has_size(const struct program_case *c, enum amplify_size size)
{
    return size == AMPLIFY_USUAL || c->at != FULL || c->status != 200;
}

static unsigned ask_all(void)
{
    unsigned i, n = 0;
    for (i = 0; i < CASES * AMPLIFY_SIZES; i++) {
        const struct program_case *c = &cases[i / AMPLIFY_SIZES];
        enum amplify_size size = (enum amplify_size)(i % AMPLIFY_SIZES);
        if (has_size(c, size))
            ask(n++, c, size);
    }
    return n;
}

static bool program(char **ports)
{
    unsigned i, n;
    for (i = 0; i < PROGRAMS; i++)
        port_of[i] = (unsigned)atoi(ports[i]);
    register_user("sip:u@r", "u", 1);
    register_user("sip:w@r", "w", 16);
    n = ask_all();
    receive(n, ps_loop_now() + SECONDS * 1000, NULL);
    return print_rows(rows, n, "the program, over sockets");
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "library") == 0)
        return library() ? 0 : 1;
    if (argc == 2 + PROGRAMS && strcmp(argv[1], "program") == 0)
        return program(argv + 2) ? 0 : 1;
    fprintf(stderr, "usage: amplification library | amplification program PORT...\n");
    return 2;
}
