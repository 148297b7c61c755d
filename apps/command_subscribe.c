/*
 * plainsip subscribe: subscribes to an event package and prints each NOTIFY (RFC 6665).
 */
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "one_request.h"

static const char usage[] =
    "usage: plainsip subscribe URI --event NAME [OPTION...]\n"
    "\n"
    "Subscribes to the state of URI and keeps the subscription until it is interrupted or the "
    "other\n"
    "side ends it. Prints \"status CODE REASON\", and for each NOTIFY \"notify STATE\" with its\n"
    "parameters, its body's type and the body. Exit status: 0 done, 1 refused, 3 no answer, or no\n"
    "NOTIFY.\n"
    "\n"
    "  --event NAME           the event package: presence, dialog, message-summary, ...\n"
    "  --accept TYPE          media types of the state (Accept; default: the package's)\n"
    "  --expires N            seconds wanted (default 3600); 0 asks for the state "
    "once\n" APP_ONE_REQUEST_USAGE "\n"
    "Example:\n"
    "  plainsip subscribe sip:bob@127.0.0.1:5060 --event presence --expires 0\n";

struct subscription {
    struct app_one_request r;
    const char *event, *accept;
    uint32_t expires;
    bool accepted; /* a 2xx came */
    ps_handle handle;
};

/* Prints "notify STATE;PARAMETERS", then the body, line by line. */
static void print_notify(const struct ps_event *event)
{
    printf("notify ");
    app_print(stdout, ps_header_value(event->message, PS_H_SUBSCRIPTION_STATE, 0));
    if (event->body.n) {
        printf("\ncontent-type ");
        app_print(stdout, event->type);
    }
    putchar('\n');
    app_print_lines(stdout, event->body);
    fflush(stdout);
}

/* Ends the command: nobody answered, no NOTIFY came, or the request was refused. */
static void ended(struct subscription *s, const struct ps_event *event)
{
    struct app_endpoint *ep = &s->r.ep;
    int status = app_status_of(event->status, event->message != NULL);
    if (status != APP_OK && (!s->accepted || event->message))
        app_print_status(event->status, event->message);
    if (status == APP_TIMEOUT && s->accepted)
        (void)app_wrong("subscribe", s->r.request.uri.p, "no NOTIFY came in time");
    else if (status == APP_TIMEOUT)
        app_say_unanswered("subscribe", &s->r.account, s->r.request.uri, event->status);
    app_endpoint_stop(ep, ep->ending ? APP_OK : status);
}

static void on_event(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct subscription *s = context;
    (void)host;
    if (event->kind == PS_EVENT_SUBSCRIBED) {
        if (!s->accepted) /* a refresh is no news */
            app_print_status(event->status, event->message);
        s->accepted = true;
    } else if (event->kind == PS_EVENT_NOTIFIED) {
        print_notify(event);
    } else if (event->kind == PS_EVENT_SUBSCRIPTION_ENDED) {
        ended(s, event);
    } else {
        app_one_request_asked(&s->r, event);
    }
}

static void on_signal(void *context)
{
    struct subscription *s = context;
    if (ps_subscription_stop(app_stack(&s->r.ep), s->handle))
        app_endpoint_stop(&s->r.ep, APP_OK);
}

static int run(struct subscription *s)
{
    struct app_endpoint *ep = &s->r.ep;
    struct ps_subscription_options options;
    enum ps_error error = PS_OK;
    ep->on_signal = on_signal;
    s->r.notified = true;
    if (app_one_request_open(&s->r, on_event))
        return APP_USAGE;
    memset(&options, 0, sizeof options);
    options.account = &s->r.account;
    options.target = s->r.request.uri;
    options.event = ps_slice_of(s->event);
    options.accept = s->accept ? ps_slice_of(s->accept) : PS_NONE;
    options.expires = s->expires;
    app_endpoint_announce(ep);
    if (!ep->ending)
        error = ps_subscription_start(app_stack(ep), &options, &s->handle);
    if (error)
        app_endpoint_stop(ep, app_wrong("subscribe", s->r.request.uri.p, ps_error_text(error)));
    ps_host_kick(ep->host);
    return app_endpoint_run(ep);
}

int app_subscribe(int argc, char **argv)
{
    static struct subscription s;
    const struct app_option options[] = {
        {"--event", APP_TEXT, (void *)&s.event, 0, 0},
        {"--accept", APP_TEXT, (void *)&s.accept, 0, 0},
        {"--expires", APP_NUMBER, &s.expires, 0, 4294967295u},
        {NULL, APP_FLAG, NULL, 0, 0},
    };
    const struct app_cli cli = {"subscribe", usage, options, NULL, 1, NULL};
    struct ps_event_value event;
    const char *uri;
    int status;
    s.expires = 3600;
    status = app_one_request_options(&s.r, &cli, argc, argv, &uri);
    if (status)
        return status == APP_HELPED ? APP_OK : status;
    if (!s.event)
        return app_wrong("subscribe", "--event", "is needed (--help)");
    if (ps_event_parse(ps_slice_of(s.event), &event) || ps_breaks_line(ps_slice_of(s.event)))
        return app_wrong("subscribe", s.event, "is no event package");
    s.r.request.uri = ps_slice_of(uri);
    return run(&s);
}
