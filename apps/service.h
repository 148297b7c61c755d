/*
 * A registrar with Digest authentication that redirects (RFC 3261 10.3, 8.3): what `serve` runs,
 * and the registrar of `demo`. Opens nothing.
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

/* Serves these domains; `stack` and `auth` are set before. */
void app_service_open(struct app_service *s);

/* Answers what came in. */
void app_service_event(struct app_service *s, const struct ps_event *event);

#endif
