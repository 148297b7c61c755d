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
    /* Ends calls and bindings, then stops the endpoint, which stops by itself after 2 s. Called on
     * a signal, and where output cannot be written. May be NULL. */
    void (*on_signal)(void *context);
    void *context;
};

/* Fills the table of common options for struct app_cli. `ep` must outlive the table. */
#define APP_COMMON_OPTIONS 7
void app_common_options(struct app_endpoint *ep, struct app_option table[APP_COMMON_OPTIONS]);
/* Describes the common options in a usage text. */
#define APP_COMMON_USAGE                                                                           \
    "  --listen ADDR[:PORT]   where to listen (default 0.0.0.0, any port)\n"                       \
    "  --t1 MS                round-trip estimate T1 (default 500)\n"                              \
    "  --trace, --trace=full  messages and state machines on standard error\n"                     \
    "  --stats                counters at the end, \"name value\" a line\n"

/* Returns the stack, and tells it the time. Call this again before each use. */
static inline struct ps_stack *app_stack(const struct app_endpoint *ep)
{
    return ps_host_stack(ep->host);
}

/* Opens loop and host. The caller sets limits, account, allow and the like in `config`; the rest is
 * filled here. Returns APP_USAGE after saying on standard error what is wrong. */
int app_endpoint_open(struct app_endpoint *ep, struct ps_config *config, ps_host_event_fn event,
                      void *context);

/* Prints "listening on udp:ADDR:PORT" and flushes it. Where that fails, the end begins: ep->ending
 * is set, or for a command without on_signal app_endpoint_run returns soon. */
void app_endpoint_announce(struct app_endpoint *ep);

/* Runs until app_endpoint_stop, prints the counters and closes everything. Returns the status given
 * to app_endpoint_stop. */
int app_endpoint_run(struct app_endpoint *ep);
void app_endpoint_stop(struct app_endpoint *ep, int status);

/* Prints the counters, as --stats does. */
void app_print_stats(const struct app_endpoint *ep);

/* Answers an OPTIONS (11.2) with the methods and types of bodies that are taken here; `accept` may
 * be absent. `status` is that of an INVITE; `account` (may be NULL) gives the Contact of a 2xx. */
void app_tell_abilities(struct ps_stack *stack, ps_handle transaction, unsigned status,
                        const struct ps_account *account, struct ps_slice allow,
                        struct ps_slice accept);

/* Returns the exit status that a final status means. A 408 or 503 that was not received means that
 * nobody answered (8.1.3.1). */
int app_status_of(unsigned status, bool received);

/* Prints a line on standard error where app_status_of said APP_TIMEOUT. It names who was asked: the
 * proxy of the account, or else the URI. */
void app_say_unanswered(const char *command, const struct ps_account *account, struct ps_slice uri,
                        unsigned status);

/* Prints "status CODE REASON" on standard output. The reason is the default one unless `m` (may be
 * NULL) is a response of that status. */
void app_print_status(unsigned status, const struct ps_message *m);

#endif
