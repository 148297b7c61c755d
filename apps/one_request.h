/*
 * One request outside of any dialog, and its final response: what `options` and `message` share.
 */
#ifndef APPS_ONE_REQUEST_H
#define APPS_ONE_REQUEST_H

#include "auth.h"
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
};

/* Options of both, after the common ones. */
#define APP_ONE_REQUEST_USAGE                                                                      \
    "  --from URI             who asks (default: anonymous)\n"                                    \
    "  --proxy ADDR[:PORT]    where the request goes first\n"                                      \
    "  --user U               answers Digest challenges as U; the password is the first line of\n" \
    "  --password-file FILE   FILE, or the variable PLAINSIP_PASSWORD\n" APP_COMMON_USAGE

/* Reads the command line; `arguments` gets the `n` that are no options. APP_OK, APP_USAGE or
 * APP_HELPED. */
int app_one_request_options(struct app_one_request *r, const char *command, const char *usage,
                            int n, int argc, char **argv, const char **arguments);

/* Sends r->request and waits for its end; returns the exit status. */
int app_one_request_run(struct app_one_request *r);

#endif
