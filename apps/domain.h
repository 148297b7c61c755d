/*
 * Which domains a server is for: names from the command line, or else its realm, its own addresses
 * and host names. Looks nothing up.
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

/* `given` (NULL: none) and `realm` are borrowed. Says on standard error which name is none;
 * APP_USAGE then. */
int app_domains_open(struct app_domains *d, const char *command, const struct app_list *given,
                     const char *realm);

/* Where the server listens: 0.0.0.0 and [::] stand for every address that this system has now. */
void app_domains_listen(struct app_domains *d, const struct ps_address *listen);

/* Is the URI's host one of the domains? Its port and parameters do not matter: a ps_serves. */
bool app_domains_serve(void *domains, const struct ps_uri *uri);

/* Likewise for a Request-URI: one of our own addresses with a port at which we do not listen is
 * somebody else, on this machine. */
bool app_domains_asked(struct app_domains *d, const struct ps_uri *uri);

#endif
