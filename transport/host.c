/*
 * Drives a stack by a loop, its sockets and its resolver. See host.h.
 */
#define _GNU_SOURCE /* madvise */
#include "host.h"

#include <stdlib.h>
#include <sys/mman.h>

/* Holds a look-up that a request waits for. */
struct host_lookup {
    struct ps_host *host;
    ps_handle request; /* 0: free */
    uint16_t port;
};

struct ps_host {
    struct ps_loop *loop;
    struct ps_udp *udp;
    struct ps_keepalive keepalive;
    struct ps_resolver *resolver;
    struct ps_stack *stack;
    ps_host_event_fn event;
    ps_udp_observe_fn observe;
    void *context;
    struct ps_loop_timer timer;
    struct ps_loop_task task;
    uint32_t socket;
    bool draining;
    struct host_lookup *pending;
};

/* Names the port of a URI that has none (18.1.1). */
#define SIP_PORT 5060

/* ---- names ---- */

static void resolved(struct ps_host *host, ps_handle request, uint16_t port,
                     const struct ps_address *addresses, size_t n)
{
    struct ps_flow flow[PS_MAX_ADDRESSES];
    unsigned flows = 0;
    size_t i;
    for (i = 0; i < n && flows < PS_MAX_ADDRESSES; i++) {
        struct ps_address remote = addresses[i];
        remote.port = port;
        if (!ps_udp_flow_to(host->udp, &remote, &flow[flows]))
            flows++;
    }
    ps_stack_resolved(host->stack, request, flow, flows);
}

static void looked_up(void *context, enum ps_error error, const struct ps_address *addresses,
                      size_t n)
{
    struct host_lookup *lookup = context;
    ps_handle request = lookup->request;
    (void)error; /* without an address the request ends with a 503, whatever the cause */
    lookup->request = 0;
    resolved(lookup->host, request, lookup->port, addresses, n);
    ps_host_kick(lookup->host);
}

/* Finds a free look-up. There always is one: see ps_host_open. */
static struct host_lookup *free_lookup(struct ps_host *host)
{
    struct host_lookup *lookup = host->pending;
    while (lookup->request)
        lookup++;
    return lookup;
}

static void resolve(struct ps_host *host, ps_handle request, const struct ps_next_hop *hop)
{
    struct ps_address address;
    struct host_lookup *lookup;
    uint16_t port = hop->port ? hop->port : SIP_PORT;
    if (hop->transport != PS_UDP) {
        ps_stack_resolved(host->stack, request, NULL, 0);
        return;
    }
    if (!ps_ip_parse(hop->host, &address)) {
        resolved(host, request, port, &address, 1);
        return;
    }
    lookup = free_lookup(host);
    lookup->host = host;
    lookup->request = request;
    lookup->port = port;
    if (ps_resolver_lookup(host->resolver, hop->host, looked_up, lookup, NULL)) {
        lookup->request = 0;
        ps_stack_resolved(host->stack, request, NULL, 0);
    }
}

/* ---- the pull ---- */

/* Sends, and reports a failure only where the bytes have a transaction. Bytes without one are
 * retransmitted by somebody else or not at all. Their failure must not end other transactions: a
 * stranger may forge our proxy's address and ask for an answer that is too large to send. */
static void send(struct ps_host *host, const struct ps_action *action)
{
    enum ps_error error = ps_udp_send(host->udp, action->flow, action->bytes, action->transaction);
    /* a full queue is counted, and acts like a lossy network: timers repair it */
    if (error && error != PS_E_FULL && action->transaction)
        ps_stack_failed(host->stack, action->transaction, &action->flow->remote);
}

static void act(struct ps_host *host, const struct ps_action *action)
{
    switch (action->kind) {
    case PS_ACTION_SEND:
        send(host, action);
        break;
    case PS_ACTION_RESOLVE:
        resolve(host, action->request, &action->hop);
        break;
    case PS_ACTION_EVENT:
        host->event(host->context, host, &action->event);
        break;
    default:
        break;
    }
}

static void tick(void *context);

static void drain(struct ps_host *host)
{
    struct ps_action action;
    uint64_t deadline;
    if (host->draining)
        return;
    host->draining = true;
    while (ps_stack_pull(host->stack, ps_loop_now(), &action))
        act(host, &action);
    host->draining = false;
    deadline = ps_stack_deadline(host->stack);
    if (deadline == PS_NEVER)
        ps_loop_timer_stop(host->loop, &host->timer);
    else if (!host->timer.running || host->timer.deadline != deadline)
        ps_loop_timer_start(host->loop, &host->timer, deadline, tick, host);
}

static void tick(void *context)
{
    drain(context);
}

void ps_host_kick(struct ps_host *host)
{
    if (!host->draining)
        ps_loop_post(host->loop, &host->task, tick, host);
}

void ps_host_flush(struct ps_host *host)
{
    struct ps_action action;
    while (ps_stack_pull_send(host->stack, &action))
        send(host, &action);
}

/* ---- the sockets ---- */

static void received(void *context, const struct ps_flow *flow, struct ps_slice bytes,
                     bool truncated)
{
    struct ps_host *host = context;
    if (truncated)
        return; /* counted by the socket; a truncated message would be misread */
    if (ps_keepalive_take(&host->keepalive, flow, bytes))
        return;
    (void)ps_stack_receive(host->stack, ps_loop_now(), flow, bytes); /* it is always pulled empty */
    drain(host);
}

static void failed(void *context, const struct ps_udp_error *error)
{
    struct ps_host *host = context;
    if (error->icmp || error->token)
        ps_stack_failed(host->stack, error->token, &error->flow.remote);
    drain(host);
}

static void observe(void *context, bool out, uint64_t now, const struct ps_flow *flow,
                    struct ps_slice bytes)
{
    struct ps_host *host = context;
    host->observe(host->context, out, now, flow, bytes);
}

/* ---- life ---- */

/* Sets which blocks get large pages. A block for many calls is touched bit by bit, and large pages
 * make that cheap. */
#define LARGE_BLOCK ((size_t)64 << 20)
#define LARGE_PAGE ((size_t)2 << 20)

static void *take_block(size_t n)
{
    void *block;
    if (n < LARGE_BLOCK)
        return malloc(n);
    block = aligned_alloc(LARGE_PAGE, (n + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE);
    if (block)
        (void)madvise(block, n, MADV_HUGEPAGE); /* the system may not have them */
    return block;
}

static enum ps_error open_stack(struct ps_host *host, const struct ps_host_config *config)
{
    struct ps_config stack = config->stack;
    size_t n = ps_stack_size(&stack.limits);
    void *block = take_block(n);
    if (!block)
        return PS_E_TRANSPORT;
    stack.now = ps_loop_now();
    if (ps_system_random(stack.seed, sizeof stack.seed)) {
        free(block);
        return PS_E_TRANSPORT;
    }
    host->stack = ps_stack_init(block, n, &stack);
    if (host->stack)
        return ps_stack_check(&stack, NULL);
    free(block);
    return PS_E_ARGUMENT;
}

static enum ps_error open_sockets(struct ps_host *host, const struct ps_host_config *config,
                                  struct ps_system_error *why)
{
    struct ps_udp_config udp = config->udp;
    enum ps_error error;
    udp.received = received;
    udp.failed = failed;
    udp.observe = config->udp.observe ? observe : NULL;
    udp.context = host;
    error = ps_udp_open(config->loop, &udp, &host->udp);
    if (!error)
        ps_keepalive_init(&host->keepalive, config->loop, host->udp);
    if (!error)
        error = ps_resolver_open(config->loop, &config->resolver, &host->resolver);
    if (!error)
        error = ps_udp_bind(host->udp, &config->listen, &host->socket, why);
    return error;
}

enum ps_error ps_host_open(const struct ps_host_config *config, struct ps_host **out,
                           struct ps_system_error *why)
{
    struct ps_host *host = calloc(1, sizeof *host);
    unsigned lookups;
    enum ps_error error;
    *out = NULL;
    if (!host)
        return PS_E_TRANSPORT;
    host->loop = config->loop;
    host->event = config->event;
    host->observe = config->udp.observe;
    host->context = config->context;
    lookups = config->resolver.lookups ? config->resolver.lookups : PS_RESOLVER_LOOKUPS;
    /* one more than the resolver takes, so that the resolver refuses and counts it */
    host->pending = calloc((size_t)lookups + 1, sizeof *host->pending);
    error = host->pending ? open_stack(host, config) : PS_E_TRANSPORT;
    if (!error)
        error = open_sockets(host, config, why);
    if (error) {
        ps_host_close(host);
        return error;
    }
    *out = host;
    return PS_OK;
}

void ps_host_close(struct ps_host *host)
{
    if (!host)
        return;
    ps_loop_timer_stop(host->loop, &host->timer);
    ps_loop_unpost(host->loop, &host->task);
    if (host->udp && host->stack) {
        host->draining = true; /* events are for nobody now */
        ps_host_flush(host);
        ps_udp_flush(host->udp);
    }
    ps_resolver_close(host->resolver);
    ps_udp_close(host->udp);
    free(host->stack);
    free(host->pending);
    free(host);
}

struct ps_stack *ps_host_stack(struct ps_host *host)
{
    ps_stack_set_now(host->stack, ps_loop_now());
    return host->stack;
}

const struct ps_address *ps_host_address(const struct ps_host *host)
{
    return ps_udp_address(host->udp, host->socket);
}

enum ps_error ps_host_local_for(struct ps_host *host, const struct ps_address *remote,
                                struct ps_address *out)
{
    struct ps_flow flow;
    enum ps_error error = ps_udp_flow_to(host->udp, remote, &flow);
    if (!error)
        *out = flow.local;
    return error;
}

const struct ps_udp_counters *ps_host_udp_counters(const struct ps_host *host)
{
    return ps_udp_counters(host->udp);
}

struct ps_keepalive *ps_host_keepalive(struct ps_host *host)
{
    return &host->keepalive;
}

const struct ps_resolver_counters *ps_host_resolver_counters(const struct ps_host *host)
{
    return ps_resolver_counters(host->resolver);
}
