/*
 * plainsip serve: a registrar with Digest authentication, and a redirect server (RFC 3261 8.3) for
 * the users that are registered with it.
 */
#include <stdio.h>
#include <string.h>

#include "endpoint.h"
#include "service.h"

static const char usage[] =
    "usage: plainsip serve --users FILE [OPTION...]\n"
    "\n"
    "Registers the users of FILE, who prove themselves by Digest, and redirects requests for\n"
    "them: 302 with the Contacts of a registered user, 480 for one who is not registered, 404\n"
    "for no such user or another domain. The source of a request may be forged, so its size\n"
    "bounds the 302, which names the Contacts of the highest q; 480 where not one fits.\n"
    "\n"
    "  --users FILE           a user a line: \"user:password\" (all after the first colon), or\n"
    "                         \"@ha1 USER REALM ALGORITHM HEX\"\n"
    "  --realm R              the realm (default plainsip)\n"
    "  --domain NAME          a domain that it serves; may be repeated (default: the realm, its\n"
    "                         own addresses and host names). A user is known in all of them;\n"
    "                         port and parameters of an address do not matter\n"
    "  --nonce-life SECONDS   how long a nonce is valid (default 300)\n"
    "  --algorithms LIST      offered, in this order (default MD5,SHA-256, or those for which "
    "FILE\n"
    "                         has a password or hash of every user). Some phones (baresip 1.0)\n"
    "                         give up where both are offered: --algorithms MD5 for those\n"
    "  --per-source N         calls not yet acknowledged that one source may have (default: a\n"
    "                         quarter of the transactions)\n" APP_COMMON_USAGE "\n"
    "Example:\n"
    "  printf 'alice:secret\\nbob:hush\\n' > users\n"
    "  plainsip serve --users users --realm example.org --listen 127.0.0.1:5060\n";

#define TRANSACTIONS 32768

struct serve {
    struct app_endpoint ep;
    struct app_auth auth;
    struct app_service service;
    struct app_list domains;
    const char *users, *realm;
    uint32_t per_source;
};

static void on_event(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct serve *s = context;
    (void)host;
    app_service_event(&s->service, event);
}

static int run(struct serve *s)
{
    struct ps_limits limits = PS_LIMITS_DEFAULT;
    struct ps_config config;
    int status;
    memset(&config, 0, sizeof config);
    limits.transactions = TRANSACTIONS;
    limits.calls = limits.dialogs = 1024;
    limits.bindings = 65536;
    limits.per_source = s->per_source ? s->per_source : limits.transactions / 4;
    limits.kept[0].count = 131072;
    limits.kept[1].count = 32768;
    limits.kept[2].count = 64;
    config.limits = limits;
    config.supported = PS_S("path");
    config.any_next_hop = true; /* it sends no request of its own towards a caller */
    if (app_endpoint_open(&s->ep, &config, on_event, s))
        return APP_USAGE;
    s->service.stack = app_stack(&s->ep);
    s->service.auth = &s->auth;
    app_domains_listen(&s->service.domains, ps_host_address(s->ep.host));
    app_service_open(&s->service);
    app_warn_readable("serve", s->users);
    app_endpoint_announce(&s->ep);
    status = app_endpoint_run(&s->ep);
    app_auth_free(&s->auth);
    return status;
}

int app_serve(int argc, char **argv)
{
    static struct serve s;
    struct app_option common[APP_COMMON_OPTIONS];
    const struct app_option options[] = {
        {"--users", APP_TEXT, (void *)&s.users, 0, 0},
        {"--realm", APP_TEXT, (void *)&s.realm, 0, 0},
        {"--domain", APP_LIST, &s.domains, 0, 0},
        {"--nonce-life", APP_NUMBER, &s.auth.nonce_life, 1, 86400},
        {"--algorithms", APP_TEXT, (void *)&s.auth.algorithms, 0, 0},
        {"--per-source", APP_NUMBER, &s.per_source, 1, 1000000},
        {NULL, APP_FLAG, NULL, 0, 0},
    };
    const struct app_cli cli = {"serve", usage, options, common, 0, NULL};
    int status;
    s.ep.command = "serve";
    app_common_options(&s.ep, common);
    status = app_options(&cli, argc, argv, NULL);
    if (status)
        return status == APP_HELPED ? APP_OK : status;
    if (!s.users)
        return app_wrong("serve", "--users", "is needed (--help)");
    if (app_auth_file(&s.auth, "serve", s.users, s.realm) ||
        app_domains_open(&s.service.domains, "serve", &s.domains, s.auth.realm))
        return APP_USAGE;
    return run(&s);
}
