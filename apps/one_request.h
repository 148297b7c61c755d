/*
 * Sends one request outside of any dialog and awaits its final response: shared by `options` and
 * `message`, and in part by `subscribe`.
 */
#ifndef APPS_ONE_REQUEST_H
#define APPS_ONE_REQUEST_H

#include "users.h"
#include "endpoint.h"

struct app_one_request {
    struct app_endpoint ep;
    struct ps_account account;
    struct app_credentials credentials;
    struct ps_address proxy;
    const char *from, *user;
    char from_text[600], proxy_text[80], contact[300];
    struct ps_request_to_send request; /* method, uri, type, body: the command's */
    bool print_headers;                /* Allow, Supported, ... of the response */
    bool notified;                     /* takes NOTIFY, too */
};

/* Describes the options of both, with the common ones. */
#define APP_ONE_REQUEST_USAGE                                                                      \
    "  --from URI             who sends it (default: anonymous)\n"                                 \
    "  --proxy ADDR[:PORT]    where the request goes first\n"                                      \
    "  --user U               answers Digest challenges as U; the password is the first line of\n" \
    "  --password-file FILE   FILE, or the variable PLAINSIP_PASSWORD\n" APP_COMMON_USAGE

/* Reads the command line. Takes from `command` the name, the usage, its own options (at most 8; may
 * be NULL) and the number of arguments. `arguments` gets those that are no options. Returns APP_OK,
 * APP_USAGE or APP_HELPED. */
#define APP_ONE_REQUEST_OPTIONS 12
int app_one_request_options(struct app_one_request *r, const struct app_cli *command, int argc,
                            char **argv, const char **arguments);

/* Sends r->request and waits for its end; returns the exit status. */
int app_one_request_run(struct app_one_request *r);

/* Does the first part of that, for a command that does more. Checks r->request.uri, sets up account
 * and credentials, and opens the endpoint, whose events get `r` as context. Returns APP_OK or
 * APP_USAGE. */
int app_one_request_open(struct app_one_request *r, ps_host_event_fn event);
/* Answers requests that come meanwhile: a client takes OPTIONS alone (8.2.1: 405 to all others). */
void app_one_request_asked(struct app_one_request *r, const struct ps_event *event);

#endif
