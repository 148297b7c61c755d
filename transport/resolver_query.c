/*
 * Asks the resolver's questions: a socket, a timer and the tries of each, over the loop. Knows
 * servers and messages; not who asked, nor what is remembered.
 */
#define _GNU_SOURCE
#include "resolver_query_internal.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "sockaddr_internal.h"

enum {
    READS = 8,      /* datagrams at each wake-up */
    PORT_TRIES = 4, /* random ports before the system's */
    GRACE = 250     /* ms */
};

static struct ps_loop *loop_of(const struct ps_resolver_question *q)
{
    return q->query->loop;
}

static struct ps_resolver_counters *count_of(const struct ps_resolver_question *q)
{
    return q->query->counters;
}

static unsigned server_of(const struct ps_resolver_question *q)
{
    return (q->query->first + q->tries - 1) % q->query->conf.count;
}

static void shut(struct ps_resolver_question *q)
{
    ps_loop_timer_stop(loop_of(q), &q->timer);
    ps_loop_unwatch(loop_of(q), &q->watch);
    if (q->fd >= 0)
        close(q->fd);
    q->fd = -1;
}

/* ---- a try ---- */

static bool refused(struct ps_resolver_question *q, const char *call)
{
    ps_loop_failed(loop_of(q), call, errno);
    return false;
}

/* Binds a random port, which does half of what makes a forged answer hard (RFC 5452). The range
 * avoids ports that programs bind by number. Where none is free, the system chooses. */
static void bind_by_chance(struct ps_resolver_question *q, const struct ps_address *server)
{
    struct ps_address local;
    union ps_sockaddr name;
    uint16_t ports[PORT_TRIES];
    unsigned i;
    memset(&local, 0, sizeof local);
    local.family = server->family;
    if (ps_system_random(ports, sizeof ports)) {
        (void)refused(q, "getrandom");
        return;
    }
    for (i = 0; i < PORT_TRIES; i++) {
        socklen_t n;
        local.port = ports[i] | 0x8000;
        n = ps_to_sockaddr(&local, &name);
        if (!bind(q->fd, &name.any, n))
            return;
        if (errno != EADDRINUSE) {
            (void)refused(q, "bind");
            return;
        }
    }
}

static bool connect_to_server(struct ps_resolver_question *q, int type)
{
    const struct ps_address *server = &q->query->conf.servers[server_of(q)];
    union ps_sockaddr name;
    socklen_t n = ps_to_sockaddr(server, &name);
    q->fd = socket(ps_socket_family(server), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (q->fd < 0)
        return refused(q, "socket");
    if (ps_system_random(&q->id, sizeof q->id))
        return refused(q, "getrandom");
    if (type == SOCK_DGRAM)
        bind_by_chance(q, server);
    if (connect(q->fd, &name.any, n) && errno != EINPROGRESS)
        return refused(q, "connect");
    return true;
}

/* Writes the query, after two bytes for the length that TCP wants (RFC 1035 4.2.2). */
static struct ps_slice put_query(const struct ps_resolver_question *q, char *buffer)
{
    struct ps_writer w = ps_writer(buffer + 2, PS_DNS_QUERY);
    ps_dns_put_query(&w, q->id, &q->query->name, q->type);
    buffer[0] = (char)(w.n >> 8);
    buffer[1] = (char)(w.n & 0xff);
    return ps_slice(buffer, w.n + 2);
}

static void on_udp(void *context, uint32_t events);
static void on_tcp(void *context, uint32_t events);
static void on_timer(void *context);

static void start_timer(struct ps_resolver_question *q)
{
    ps_loop_timer_start(loop_of(q), &q->timer, ps_loop_now() + q->query->conf.timeout, on_timer, q);
}

static bool try_udp(struct ps_resolver_question *q)
{
    char buffer[2 + PS_DNS_QUERY];
    struct ps_slice query;
    q->tcp = false;
    if (!connect_to_server(q, SOCK_DGRAM))
        return false;
    query = put_query(q, buffer);
    if (send(q->fd, query.p + 2, query.n - 2, 0) < 0)
        return refused(q, "send");
    if (ps_loop_watch(loop_of(q), &q->watch, q->fd, EPOLLIN, on_udp, q))
        return false;
    count_of(q)->queries++;
    start_timer(q);
    return true;
}

static bool try_tcp(struct ps_resolver_question *q)
{
    q->tcp = true;
    q->sent = q->received = 0;
    if (!connect_to_server(q, SOCK_STREAM) ||
        ps_loop_watch(loop_of(q), &q->watch, q->fd, EPOLLOUT, on_tcp, q))
        return false;
    count_of(q)->queries++;
    count_of(q)->tcp++;
    start_timer(q);
    return true;
}

/* ---- the end, and the next try ---- */

static bool has_addresses(const struct ps_resolver_question *q)
{
    return q->done && !q->error && q->answer.kind == PS_DNS_ADDRESSES;
}

/* Shortens the wait for the other family once one has addresses (RFC 8305 3 says 50 ms). A server
 * that drops AAAA questions must not hold up each call. */
static void hurry(struct ps_resolver_question *q)
{
    uint64_t until = ps_loop_now() + GRACE;
    if (q->timer.deadline > until)
        ps_loop_timer_start(loop_of(q), &q->timer, until, on_timer, q);
}

static struct ps_resolver_question *other_of(struct ps_resolver_question *q)
{
    return &q->query->questions[q == q->query->questions];
}

static void finish(struct ps_resolver_question *q)
{
    struct ps_resolver_question *other = other_of(q);
    shut(q);
    q->done = true;
    if (other->done)
        q->query->call(q->query->context, q->query);
    else if (has_addresses(q))
        hurry(other);
}

/* Tries server after server, then again from the first. Once the other family has addresses, a
 * failed try is the last. */
static void try_next(struct ps_resolver_question *q)
{
    const struct ps_resolv_conf *conf = &q->query->conf;
    while (q->tries < conf->count * conf->attempts && !(q->tries && has_addresses(other_of(q)))) {
        shut(q);
        q->tries++;
        if (try_udp(q))
            return;
        q->error = PS_E_TRANSPORT;
        count_of(q)->failures++;
    }
    finish(q);
}

static void on_timer(void *context)
{
    struct ps_resolver_question *q = context;
    if (q->fd >= 0) {
        count_of(q)->timeouts++;
        if (!q->error)
            q->error = PS_E_TIMEOUT;
    }
    try_next(q);
}

static void fail_try(struct ps_resolver_question *q)
{
    q->error = PS_E_TRANSPORT;
    count_of(q)->failures++;
    try_next(q);
}

static void take_answer(struct ps_resolver_question *q, const struct ps_dns_answer *answer)
{
    if (answer->kind == PS_DNS_TRUNCATED && !q->tcp) {
        shut(q);
        if (!try_tcp(q))
            fail_try(q);
    } else if (answer->kind == PS_DNS_TRUNCATED || answer->kind == PS_DNS_FAILED) {
        fail_try(q);
    } else {
        q->answer = *answer;
        q->error = PS_OK;
        q->query->good = server_of(q);
        count_of(q)->answers++;
        finish(q);
    }
}

/* ---- events ---- */

static bool temporary(int error)
{
    return error == EAGAIN || error == EINTR;
}

/* Reads answers. The socket is connected, so what comes is from the server's address and port, or
 * forged. */
static void on_udp(void *context, uint32_t events)
{
    struct ps_resolver_question *q = context;
    struct ps_dns_answer answer;
    int i;
    (void)events;
    for (i = 0; i < READS; i++) {
        ssize_t n = recv(q->fd, q->message, PS_RESOLVER_MESSAGE, MSG_DONTWAIT);
        if (n < 0) {
            if (!temporary(errno))
                fail_try(q); /* ICMP: nobody there */
            return;
        }
        if (!ps_dns_read(ps_slice(q->message, (size_t)n), q->id, &q->query->name, q->type,
                         &answer)) {
            take_answer(q, &answer);
            return;
        }
        count_of(q)->strays++;
    }
}

static void send_tcp(struct ps_resolver_question *q)
{
    char buffer[2 + PS_DNS_QUERY];
    struct ps_slice query = put_query(q, buffer);
    ssize_t n = send(q->fd, query.p + q->sent, query.n - q->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
        if (!temporary(errno))
            fail_try(q);
        return;
    }
    q->sent += (size_t)n;
    if (q->sent == query.n)
        (void)ps_loop_rewatch(loop_of(q), &q->watch, EPOLLIN);
}

/* Returns how many bytes are still to come, by the length at the front. */
static size_t left(const struct ps_resolver_question *q)
{
    size_t n = (size_t)(uint8_t)q->message[0] << 8 | (uint8_t)q->message[1];
    return (q->received < 2 ? 2 : 2 + n) - q->received;
}

static void receive_tcp(struct ps_resolver_question *q)
{
    struct ps_dns_answer answer;
    size_t want = left(q);
    ssize_t n;
    if (want > sizeof q->message - q->received) {
        fail_try(q); /* longer than any answer that we need */
        return;
    }
    n = recv(q->fd, q->message + q->received, want, MSG_DONTWAIT);
    if (n < 0 && temporary(errno))
        return;
    if (n <= 0) {
        fail_try(q);
        return;
    }
    q->received += (size_t)n;
    if (q->received < 2 || left(q))
        return;
    if (ps_dns_read(ps_slice(q->message + 2, q->received - 2), q->id, &q->query->name, q->type,
                    &answer))
        fail_try(q);
    else
        take_answer(q, &answer);
}

static void on_tcp(void *context, uint32_t events)
{
    struct ps_resolver_question *q = context;
    (void)events;
    if (q->watch.events & EPOLLOUT)
        send_tcp(q);
    else
        receive_tcp(q);
}

/* ---- life ---- */

static void begin(struct ps_resolver_question *q, struct ps_resolver_query *query, unsigned type,
                  bool wanted)
{
    q->query = query;
    q->type = type;
    q->done = !wanted;
    q->fd = -1;
    q->tries = 0;
    q->error = PS_OK;
    memset(&q->watch, 0, sizeof q->watch);
    memset(&q->timer, 0, sizeof q->timer);
    memset(&q->answer, 0, sizeof q->answer);
    q->answer.kind = PS_DNS_NOTHING;
    if (wanted) /* from the loop, so that even an end at once comes from there */
        ps_loop_timer_start(query->loop, &q->timer, 0, on_timer, q);
}

void ps_resolver_ask(struct ps_resolver_query *query, unsigned families)
{
    query->good = query->first;
    begin(&query->questions[0], query, PS_DNS_AAAA, (families & PS_RESOLVE_IPV6) != 0);
    begin(&query->questions[1], query, PS_DNS_A, (families & PS_RESOLVE_IPV4) != 0);
}

void ps_resolver_stop(struct ps_resolver_query *query)
{
    shut(&query->questions[0]);
    shut(&query->questions[1]);
}
