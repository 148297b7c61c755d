/*
 * Sends one request and awaits its final response. See one_request.h.
 */
#include "one_request.h"

#include <stdio.h>
#include <string.h>

#include "escape.h"

int app_one_request_options(struct app_one_request *r, const struct app_cli *command, int argc,
                            char **argv, const char **arguments)
{
    static const char *const names[] = {"URI", "TEXT"};
    struct app_option common[APP_COMMON_OPTIONS];
    struct app_option options[APP_ONE_REQUEST_OPTIONS] = {
        {"--from", APP_TEXT, (void *)&r->from, 0, 0},
        {"--proxy", APP_ADDRESS, &r->proxy, 5060, 0},
        {"--user", APP_TEXT, (void *)&r->user, 0, 0},
    };
    const struct app_option *own = command->options;
    struct app_cli cli = *command;
    unsigned n = 3;
    while (own && own->name)
        options[n++] = *own++;
    options[n].name = NULL;
    cli.options = options;
    cli.more = common;
    cli.names = names;
    r->ep.command = cli.command;
    app_common_options(&r->ep, common);
    return app_options(&cli, argc, argv, arguments);
}

static void print_headers(const struct ps_message *m)
{
    static const uint8_t shown[] = {PS_H_ALLOW,  PS_H_SUPPORTED,  PS_H_ACCEPT,
                                    PS_H_SERVER, PS_H_USER_AGENT, PS_H_CONTACT};
    unsigned i, nth;
    for (i = 0; m && i < sizeof shown; i++) {
        struct ps_slice name = ps_header_name((enum ps_header_id)shown[i]), value;
        for (nth = 0; (value = ps_header_value(m, (enum ps_header_id)shown[i], nth)).p; nth++) {
            printf("%.*s: ", (int)name.n, name.p);
            app_print(stdout, value);
            putchar('\n');
        }
    }
}

/* Lists the methods that are taken from others while the answer is awaited. */
static struct ps_slice allowed(const struct app_one_request *r)
{
    return r->notified ? PS_S("OPTIONS, NOTIFY") : PS_S("OPTIONS");
}

void app_one_request_asked(struct app_one_request *r, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REQUEST)
        app_tell_abilities(app_stack(&r->ep), event->transaction, 200, NULL, allowed(r), PS_NONE);
}

static void on_event(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct app_one_request *r = context;
    (void)host;
    if (event->kind == PS_EVENT_RESPONSE) {
        app_print_status(event->status, event->message);
        if (r->print_headers)
            print_headers(event->message);
        r->ep.status = app_status_of(event->status, event->message != NULL);
        if (r->ep.status == APP_TIMEOUT)
            app_say_unanswered(r->ep.command, &r->account, r->request.uri, event->status);
        app_endpoint_stop(&r->ep, r->ep.status);
    } else {
        app_one_request_asked(r, event);
    }
}

static int set_account(struct app_one_request *r)
{
    struct ps_writer w = ps_writer(r->from_text, sizeof r->from_text);
    struct ps_writer p = ps_writer(r->proxy_text, sizeof r->proxy_text);
    struct ps_writer c = ps_writer(r->contact, sizeof r->contact);
    struct ps_uri uri;
    if (r->from && ps_uri_parse(ps_slice_of(r->from), &uri, NULL))
        return app_wrong(r->ep.command, r->from, "is no URI");
    if (r->from) {
        ps_put_string(&w, r->from);
        r->account.contact_user = app_plain_user(uri.user, &c);
    } else if (r->user && !ps_uri_parse(r->request.uri, &uri, NULL)) {
        ps_put(&w, PS_S("sip:"));
        ps_put_user(&w, ps_slice_of(r->user));
        ps_put_char(&w, '@');
        ps_put(&w, uri.host);
    } else {
        ps_put(&w, PS_S("sip:anonymous@anonymous.invalid")); /* 8.1.1.3 */
    }
    r->account.aor = ps_written(&w);
    if (r->proxy.family != PS_FAMILY_NONE) {
        ps_put(&p, PS_S("sip:"));
        ps_put_address(&p, &r->proxy);
        r->account.proxy = ps_written(&p);
    }
    return w.error ? app_wrong(r->ep.command, r->from ? r->from : r->user, "is too long") : APP_OK;
}

int app_one_request_open(struct app_one_request *r, ps_host_event_fn event)
{
    struct ps_limits limits = PS_LIMITS_DEFAULT;
    struct ps_config config;
    struct ps_uri uri;
    enum ps_error error = ps_uri_parse(r->request.uri, &uri, NULL);
    if (!error && uri.scheme > PS_SCHEME_SIPS)
        error = PS_E_SCHEME;
    if (error)
        return app_wrong(r->ep.command, r->request.uri.p, ps_error_text(error));
    memset(&config, 0, sizeof config);
    config.limits = limits;
    config.account = &r->account;
    config.allow = allowed(r);
    if (set_account(r) ||
        app_credentials_read(&r->credentials, r->ep.command, r->user, r->ep.password_file,
                             &r->account) ||
        app_endpoint_open(&r->ep, &config, event, r))
        return APP_USAGE;
    r->request.account = &r->account;
    return APP_OK;
}

int app_one_request_run(struct app_one_request *r)
{
    ps_handle handle;
    enum ps_error error;
    if (app_one_request_open(r, on_event))
        return APP_USAGE;
    error = ps_stack_request(app_stack(&r->ep), &r->request, &handle);
    if (error)
        app_endpoint_stop(&r->ep, app_wrong(r->ep.command, r->request.uri.p, ps_error_text(error)));
    ps_host_kick(r->ep.host);
    return app_endpoint_run(&r->ep);
}
