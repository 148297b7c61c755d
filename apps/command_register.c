/*
 * plainsip register: keeps a binding alive; with --once registers, prints the bindings, leaves.
 */
#include <stdio.h>
#include <string.h>

#include "users.h"
#include "endpoint.h"
#include "escape.h"

static const char usage[] =
    "usage: plainsip register --aor URI --registrar ADDR[:PORT] [OPTION...]\n"
    "\n"
    "Registers, refreshes in time, and removes the binding when it is interrupted. Prints\n"
    "\"status CODE REASON\" and a line \"contact ...\" for each binding. Where a refusal may pass\n"
    "(408, most 5xx, any with Retry-After) it says when it tries again, and does; with --once it\n"
    "leaves. Exit status: 0 done, 1 refused, 3 nobody answered.\n"
    "\n"
    "  --aor URI              the address of record\n"
    "  --registrar ADDR       where REGISTER goes (default port 5060)\n"
    "  --user U               Digest user; the password is the first line of\n"
    "  --password-file FILE   FILE, or the variable PLAINSIP_PASSWORD\n"
    "  --expires N            seconds wanted (default 3600); 0 removes the binding and leaves\n"
    "  --once                 registers once and leaves the binding\n"
    "  --keepalive SECONDS    sends CRLFs that keep a NAT's binding (default 0: "
    "none)\n" APP_COMMON_USAGE "\n"
    "Example:\n"
    "  PLAINSIP_PASSWORD=secret plainsip register --aor sip:alice@example.org \\\n"
    "      --registrar 127.0.0.1:5060 --user alice --once\n";

/* Answers OPTIONS alone: this command takes no calls and no messages. */
#define ALLOW "OPTIONS"

struct registration {
    struct app_endpoint ep;
    struct ps_account account;
    struct app_credentials credentials;
    struct ps_address registrar;
    const char *aor, *user;
    char uri[300], proxy[80], contact[300];
    uint32_t expires, keepalive;
    bool once;
    ps_handle handle;
    struct ps_keepalive_flow kept;
};

/* Prints the bindings that a response lists. There is none where the REGISTER after it was
 * refused. */
static void print_bindings(const struct ps_message *m)
{
    struct ps_values values;
    struct ps_slice element;
    if (!m)
        return;
    values = ps_values(m, PS_H_CONTACT);
    while (ps_values_next(&values, &element)) {
        printf("contact ");
        app_print(stdout, element);
        putchar('\n');
    }
    fflush(stdout);
}

static void failed(struct registration *r, const struct ps_event *event)
{
    app_print_status(event->status, event->message);
    r->ep.status = app_status_of(event->status, event->message != NULL);
    if (r->ep.status == APP_TIMEOUT)
        app_say_unanswered("register", &r->account, PS_NONE, event->status);
    if (r->once || !event->retry_in || r->ep.ending)
        app_endpoint_stop(&r->ep, r->ep.ending ? APP_OK : r->ep.status);
    else
        fprintf(stderr, "plainsip register: tries again in %u s\n", (unsigned)event->retry_in);
}

static void on_event(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct registration *r = context;
    switch (event->kind) {
    case PS_EVENT_REGISTERED:
        app_print_status(event->status, event->message);
        print_bindings(event->message);
        r->ep.status = APP_OK;
        if (r->once || !r->expires) /* removed: nothing to keep alive */
            app_endpoint_stop(&r->ep, APP_OK);
        else if (r->keepalive && event->flow)
            ps_keepalive_start(ps_host_keepalive(host), &r->kept, event->flow, PS_KEEPALIVE_CRLF,
                               r->keepalive * 1000, 0, NULL, NULL);
        break;
    case PS_EVENT_REGISTRATION_FAILED:
        failed(r, event);
        break;
    case PS_EVENT_UNREGISTERED:
        app_print_status(event->status, event->message);
        app_endpoint_stop(&r->ep, APP_OK);
        break;
    case PS_EVENT_REQUEST: /* OPTIONS: the stack refuses every other method */
        app_tell_abilities(app_stack(&r->ep), event->transaction, 200, NULL, PS_S(ALLOW), PS_NONE);
        break;
    default:
        break;
    }
}

static void on_signal(void *context)
{
    struct registration *r = context;
    if (r->once || ps_registration_stop(app_stack(&r->ep), r->handle))
        app_endpoint_stop(&r->ep, APP_OK);
}

static void on_close(void *context)
{
    struct registration *r = context;
    ps_keepalive_stop(&r->kept);
}

/* Sets the account. The Request-URI names the registrar's domain, without user part (10.2). */
static int set_account(struct registration *r)
{
    struct ps_uri uri;
    struct ps_writer w = ps_writer(r->uri, sizeof r->uri);
    struct ps_writer p = ps_writer(r->proxy, sizeof r->proxy);
    struct ps_writer c = ps_writer(r->contact, sizeof r->contact);
    if (!r->aor)
        return app_wrong("register", "--aor", "is needed (--help)");
    if (r->registrar.family == PS_FAMILY_NONE)
        return app_wrong("register", "--registrar", "is needed (--help)");
    if (ps_uri_parse(ps_slice_of(r->aor), &uri, NULL) || uri.scheme > PS_SCHEME_SIPS)
        return app_wrong("register", r->aor, "is no sip URI");
    r->account.aor = ps_slice_of(r->aor);
    r->account.contact_user = app_plain_user(uri.user, &c);
    ps_put(&w, uri.scheme_name);
    ps_put_char(&w, ':');
    ps_put(&w, uri.host);
    if (uri.port) {
        ps_put_char(&w, ':');
        ps_put_number(&w, uri.port);
    }
    ps_put_char(&w, '\0');
    ps_put(&p, PS_S("sip:"));
    ps_put_address(&p, &r->registrar);
    r->account.proxy = ps_written(&p);
    return w.error || c.error ? app_wrong("register", r->aor, "is too long") : APP_OK;
}

static int run(struct registration *r)
{
    struct ps_limits limits = PS_LIMITS_DEFAULT;
    struct ps_registration_options options;
    struct ps_config config;
    memset(&config, 0, sizeof config);
    memset(&options, 0, sizeof options);
    config.limits = limits;
    config.account = &r->account;
    config.allow = PS_S(ALLOW);
    r->ep.on_signal = on_signal;
    r->ep.on_close = on_close;
    if (app_endpoint_open(&r->ep, &config, on_event, r))
        return APP_USAGE;
    app_endpoint_announce(&r->ep);
    options.account = &r->account;
    options.registrar = ps_slice_of(r->uri);
    options.expires = r->expires;
    if (ps_registration_start(app_stack(&r->ep), &options, &r->handle)) {
        app_endpoint_stop(&r->ep, app_wrong("register", r->aor, "cannot be registered"));
    }
    ps_host_kick(r->ep.host);
    return app_endpoint_run(&r->ep);
}

int app_register(int argc, char **argv)
{
    static struct registration r;
    struct app_option common[APP_COMMON_OPTIONS];
    const struct app_option options[] = {
        {"--aor", APP_TEXT, (void *)&r.aor, 0, 0},
        {"--registrar", APP_ADDRESS, &r.registrar, 5060, 0},
        {"--user", APP_TEXT, (void *)&r.user, 0, 0},
        {"--expires", APP_NUMBER, &r.expires, 0, 4294967295u},
        {"--once", APP_FLAG, &r.once, 0, 0},
        {"--keepalive", APP_NUMBER, &r.keepalive, 1, 3600},
        {NULL, APP_FLAG, NULL, 0, 0},
    };
    const struct app_cli cli = {"register", usage, options, common, 0, NULL};
    int status;
    r.ep.command = "register";
    r.expires = 3600;
    app_common_options(&r.ep, common);
    status = app_options(&cli, argc, argv, NULL);
    if (status)
        return status == APP_HELPED ? APP_OK : status;
    if (set_account(&r) ||
        app_credentials_read(&r.credentials, "register", r.user, r.ep.password_file, &r.account))
        return APP_USAGE;
    return run(&r);
}
