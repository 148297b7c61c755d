/*
 * Gives every command with a socket the same: a loop, a host, the common options, signals, the
 * trace, the counters at the end.
 *
 * Knows no command. A command embeds a struct app_endpoint first in its own state.
 */
#ifndef APPS_ENDPOINT_H
#define APPS_ENDPOINT_H

#include "apps.h"
#include "cli.h"
#include "password.h"
#include "transport/host.h"

struct app_endpoint {
    const char *command;
    /* options */
    struct ps_address listen;
    uint32_t t1;
    unsigned trace;
    bool stats;
    const char *password_file;
    /* running */
    struct ps_loop *loop;
    struct ps_host *host;
    int status;  /* what the command ends with */
    bool ending; /* a signal, or output that cannot be written, asked for the end */
    uint64_t started;
    struct ps_loop_timer grace;
    struct ps_loop_task broken;
    ps_host_event_fn event;
    void (*on_close)(void *context); /* before the host is closed; may be NULL */
    /* Ends things in order: calls, bindings; and then stops the endpoint, which does it by itself
     * after 2 s. Also where output cannot be written. May be NULL. */
    void (*on_signal)(void *context);
    void *context;
};

/* The table of common options, for struct app_cli; `ep` must outlive its use. */
#define APP_COMMON_OPTIONS 7
void app_common_options(struct app_endpoint *ep, struct app_option table[APP_COMMON_OPTIONS]);
/* Their lines for a usage text. */
#define APP_COMMON_USAGE                                                                           \
    "  --listen ADDR[:PORT]   where to listen (default 0.0.0.0, any port)\n"                       \
    "  --t1 MS                round-trip estimate T1 (default 500)\n"                              \
    "  --trace, --trace=full  messages and state machines on standard error\n"                     \
    "  --stats                counters at the end, \"name value\" a line\n"

/* The stack, told the time: fetched anew for each wish. */
static inline struct ps_stack *app_stack(const struct app_endpoint *ep)
{
    return ps_host_stack(ep->host);
}

/* Opens loop and host. `config` brings limits, account, allow, ...; the rest is filled here. Says
 * on standard error what is wrong; APP_USAGE then. */
int app_endpoint_open(struct app_endpoint *ep, struct ps_config *config, ps_host_event_fn event,
                      void *context);

/* "listening on udp:ADDR:PORT", flushed. Where that cannot be written the end begins: ep->ending,
 * or for a command without on_signal app_endpoint_run returns soon. */
void app_endpoint_announce(struct app_endpoint *ep);

/* Until app_endpoint_stop; returns the status that it was given, after printing the counters and
 * closing everything. */
int app_endpoint_run(struct app_endpoint *ep);
void app_endpoint_stop(struct app_endpoint *ep, int status);

/* Counters alone, as --stats prints them. */
void app_print_stats(const struct app_endpoint *ep);

/* 11.2: answers an OPTIONS with what is taken here: methods, and types of bodies (may be none). The
 * status is that of an INVITE; `account` (may be NULL) is whose Contact a 2xx names. */
void app_tell_abilities(struct ps_stack *stack, ps_handle transaction, unsigned status,
                        const struct ps_account *account, struct ps_slice allow,
                        struct ps_slice accept);

/* 8.1.3.1: what a final status means for the exit status: 408 of our own is "nobody answered". */
int app_status_of(unsigned status, bool received);

/* Where app_status_of said APP_TIMEOUT: a line on standard error that names who was asked, the
 * proxy of the account or else the URI. */
void app_say_unanswered(const char *command, const struct ps_account *account, struct ps_slice uri,
                        unsigned status);

/* "status CODE REASON" on standard output; the reason is the default one where `m` (may be NULL) is
 * no response of that status. */
void app_print_status(unsigned status, const struct ps_message *m);

#endif
