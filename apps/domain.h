/*
 * Decides which domains a server is for: names from the command line, or else its realm, its own
 * addresses and host names. Looks nothing up.
 */
#ifndef APPS_DOMAIN_H
#define APPS_DOMAIN_H

#include "cli.h"
#include "sip/uri.h"

enum { APP_DOMAIN_ADDRESSES = 64 };

struct app_domains {
    const struct app_list *given; /* --domain; where that is empty: all below */
    const char *realm;
    char host[256];                              /* our host name */
    struct ps_address own[APP_DOMAIN_ADDRESSES]; /* without ports */
    unsigned own_n;
    uint16_t port; /* where we listen */
};

/* Begins with the names of --domain. Returns APP_USAGE after saying on standard error which name is
 * invalid. `given` (NULL: none) and `realm` are borrowed. */
int app_domains_open(struct app_domains *d, const char *command, const struct app_list *given,
                     const char *realm);

/* Adds the address at which the server listens; 0.0.0.0 and [::] stand for every address that this
 * system has now. */
void app_domains_listen(struct app_domains *d, const struct ps_address *listen);

/* Tells whether the URI's host is one of the domains, whatever its port and parameters. Fits
 * ps_serves. */
bool app_domains_serve(void *domains, const struct ps_uri *uri);

/* Tells the same of a Request-URI. One of our own addresses with a port at which we do not listen
 * belongs to another server on this machine. */
bool app_domains_asked(struct app_domains *d, const struct ps_uri *uri);

#endif
