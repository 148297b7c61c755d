/*
 * Runs a registrar with Digest authentication that redirects (RFC 3261 10.3, 8.3), for `serve` and
 * `demo`. Opens no socket and no file.
 */
#ifndef APPS_SERVICE_H
#define APPS_SERVICE_H

#include "users.h"
#include "sip/stack.h"

struct app_service {
    struct ps_stack *stack;
    struct app_auth *auth; /* users, of app_auth_file */
    struct app_domains domains;
};

/* Begins to serve the domains. The caller has set `stack` and `auth`. */
void app_service_open(struct app_service *s);

/* Answers the request of an event. */
void app_service_event(struct app_service *s, const struct ps_event *event);

#endif
