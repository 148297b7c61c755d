/*
 * Opens and ends what every command with a socket has. See endpoint.h.
 */
#include "endpoint.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "trace.h"

/* Bounds an orderly end, so that all of it takes at most 2 s. */
#define GRACE_MS 1800

void app_common_options(struct app_endpoint *ep, struct app_option table[APP_COMMON_OPTIONS])
{
    const struct app_option all[APP_COMMON_OPTIONS] = {
        {"--listen", APP_ADDRESS, &ep->listen, 0, 0},
        {"--t1", APP_NUMBER, &ep->t1, 1, 60000},
        {"--trace", APP_TRACE, &ep->trace, 0, 0},
        {"--stats", APP_FLAG, &ep->stats, 0, 0},
        {"--password-file", APP_TEXT, (void *)&ep->password_file, 0, 0},
        {NULL, APP_FLAG, NULL, 0, 0},
    };
    memcpy(table, all, sizeof all);
}

static uint64_t elapsed(const struct app_endpoint *ep)
{
    return ps_loop_now() - ep->started;
}

static void give_up(void *context)
{
    struct app_endpoint *ep = context;
    app_endpoint_stop(ep, ep->status);
}

/* Ends calls and bindings, and then the command, with `status`. */
static void end_in_order(struct app_endpoint *ep, int status)
{
    if (ep->ending || !ep->on_signal) {
        app_endpoint_stop(ep, status);
        return;
    }
    ep->ending = true;
    ep->status = status;
    ps_loop_timer_start(ep->loop, &ep->grace, ps_loop_now() + GRACE_MS, give_up, ep);
    ep->on_signal(ep->context);
    ps_host_kick(ep->host);
}

static void signalled(void *context, int number)
{
    (void)number;
    end_in_order(context, APP_OK);
}

/* ---- output ---- */

static void unwritable(void *context)
{
    end_in_order(context, APP_USAGE);
}

/* Tells whether nobody reads any more, or the disk is full. main() says so; calls and bindings end
 * in order. */
static bool output_broke(const struct app_endpoint *ep)
{
    return !ep->ending && (ferror(stdout) || ferror(stderr));
}

static void check_output(struct app_endpoint *ep)
{
    if (output_broke(ep))
        ps_loop_post(ep->loop, &ep->broken, unwritable, ep);
}

static void observe(void *context, bool out, uint64_t now, const struct ps_flow *flow,
                    struct ps_slice bytes)
{
    struct app_endpoint *ep = context;
    app_trace_message(stderr, ep->trace > 1, out, now - ep->started, flow, bytes);
    check_output(ep);
}

static void step(void *context, const struct ps_trace_step *s)
{
    const struct app_endpoint *ep = context;
    app_trace_step(stderr, elapsed(ep), s);
}

static void on_event(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct app_endpoint *ep = context;
    ep->event(ep->context, host, event);
    check_output(ep);
}

/* ---- opening ---- */

static int open_host(struct app_endpoint *ep, struct ps_config *config, struct ps_system_error *why)
{
    struct ps_host_config host;
    memset(&host, 0, sizeof host);
    config->t1 = ep->t1;
    config->trace = ep->trace ? step : NULL;
    config->trace_context = ep;
    host.loop = ep->loop;
    host.listen = ep->listen;
    host.stack = *config;
    host.udp.observe = ep->trace ? observe : NULL;
    host.udp.queue = 8192;
    host.udp.queue_bytes = 8u << 20;
    host.udp.receive_buffer = 4 << 20;
    host.event = on_event;
    host.context = ep;
    return ps_host_open(&host, &ep->host, why) ? APP_USAGE : APP_OK;
}

int app_endpoint_open(struct app_endpoint *ep, struct ps_config *config, ps_host_event_fn event,
                      void *context)
{
    struct ps_system_error why = {"memory", 0};
    char address[PS_ADDRESS_TEXT];
    struct ps_writer w = ps_writer(address, sizeof address - 1);
    ep->started = ps_loop_now();
    ep->event = event;
    ep->context = context;
    if (ep->listen.family == PS_FAMILY_NONE)
        ep->listen.family = PS_IPV4;
    ps_put_address(&w, &ep->listen);
    address[w.n] = '\0';
    if (ps_loop_open(&ep->loop, &why) || open_host(ep, config, &why)) {
        fprintf(stderr, "plainsip %s: --listen %s: %s: %s\n", ep->command, address, why.call,
                strerror(why.error));
        ps_loop_close(ep->loop);
        return APP_USAGE;
    }
    ps_loop_signal(ep->loop, SIGINT, signalled, ep);
    ps_loop_signal(ep->loop, SIGTERM, signalled, ep);
    return APP_OK;
}

void app_endpoint_announce(struct app_endpoint *ep)
{
    char address[PS_ADDRESS_TEXT];
    struct ps_writer w = ps_writer(address, sizeof address - 1);
    ps_put_address(&w, ps_host_address(ep->host));
    address[w.n] = '\0';
    printf("listening on udp:%s\n", address);
    fflush(stdout);
    if (output_broke(ep))
        end_in_order(ep, APP_USAGE);
}

void app_print_stats(const struct app_endpoint *ep)
{
    const struct ps_counters *counters = ps_stack_counters(app_stack(ep));
    const struct ps_udp_counters *udp = ps_host_udp_counters(ep->host);
    char limits[4096];
    struct ps_writer w = ps_writer(limits, sizeof limits);
    unsigned i;
    ps_stack_report(&w, app_stack(ep));
    printf("%.*s", (int)ps_written(&w).n, limits);
    for (i = 0; i < PS_COUNTER_COUNT; i++)
        printf("%s %" PRIu64 "\n", ps_counter_name((enum ps_counter)i), counters->of[i]);
    for (i = 1; i < PS_ERROR_COUNT; i++)
        if (counters->fault[i])
            printf("fault_%s %" PRIu64 "\n", ps_error_name((enum ps_error)i) + 3,
                   counters->fault[i]);
#define PRINT_COUNTER(name, text) printf("udp_" #name " %" PRIu64 "\n", udp->name);
    PS_UDP_COUNTERS(PRINT_COUNTER)
#undef PRINT_COUNTER
}

int app_endpoint_run(struct app_endpoint *ep)
{
    enum ps_error error = ps_loop_run(ep->loop);
    if (error) {
        fprintf(stderr, "plainsip %s: the event loop: %s\n", ep->command, ps_error_text(error));
        ep->status = APP_USAGE;
    }
    fflush(stdout);
    if (ep->stats)
        app_print_stats(ep);
    ps_loop_timer_stop(ep->loop, &ep->grace);
    if (ep->on_close)
        ep->on_close(ep->context);
    ps_host_close(ep->host);
    ps_loop_close(ep->loop);
    return ep->status;
}

void app_endpoint_stop(struct app_endpoint *ep, int status)
{
    ep->status = status;
    ps_loop_stop(ep->loop);
}

void app_tell_abilities(struct ps_stack *stack, ps_handle transaction, unsigned status,
                        const struct ps_account *account, struct ps_slice allow,
                        struct ps_slice accept)
{
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_response response;
    memset(&response, 0, sizeof response);
    ps_write_header(&w, PS_H_ALLOW, allow);
    ps_write_header(&w, PS_H_ACCEPT, accept); /* may be empty; absent means SDP (20.1) */
    ps_put(&w, PS_S("Accept-Encoding: identity\r\nAccept-Language: en\r\nSupported: \r\n"));
    response.status = status;
    response.lines = ps_written(&w);
    response.account = account;
    response.dialog = account && status < 300; /* with a Contact, which would redirect in a 3xx */
    (void)ps_stack_respond(stack, transaction, &response);
}

int app_status_of(unsigned status, bool received)
{
    if (status >= 200 && status < 300)
        return APP_OK;
    return !received && (status == 408 || status == 503) ? APP_TIMEOUT : APP_NO;
}

void app_say_unanswered(const char *command, const struct ps_account *account, struct ps_slice uri,
                        unsigned status)
{
    struct ps_slice whom = account->proxy.n ? account->proxy : uri;
    fprintf(stderr, "plainsip %s: ", command);
    app_print(stderr, whom);
    fprintf(stderr, ": %s\n", status == 408 ? "nobody answered" : "cannot be reached");
}

void app_print_status(unsigned status, const struct ps_message *m)
{
    printf("status %u ", status);
    app_print(stdout, m && m->status == status ? ps_reason(m) : ps_reason_phrase(status));
    putchar('\n');
    fflush(stdout);
}
