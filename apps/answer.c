/*
 * plainsip answer: a phone that answers. Takes calls with an SDP answer (or an offer, where none
 * came), and what else phones are asked: OPTIONS, MESSAGE, INFO, NOTIFY, SUBSCRIBE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "endpoint.h"
#include "escape.h"
#include "media.h"

static const char usage[] =
    "usage: plainsip answer [OPTION...]\n"
    "\n"
    "Answers calls and other requests, until it is interrupted. Rings, then takes an INVITE with\n"
    "an SDP answer, or offers where no offer came.\n"
    "\n"
    "  --ring MS              rings that long before it answers (default 0)\n"
    "  --status CODE          answers INVITEs with CODE instead (300 to 699)\n"
    "  --hangup SECONDS       hangs up that long after it answered\n"
    "  --per-source N         calls not yet acknowledged that one source may have (4096)\n"
    "  --calls N              calls at a time (default 10000)\n"
    "  --user U --realm R     asks for Digest credentials; the password is the first line of\n"
    "  --password-file FILE   FILE, or the variable PLAINSIP_PASSWORD\n"
    "  --nonce-life SECONDS   after which a client is asked anew (default 300)\n"
    "  --algorithms LIST      offered, in this order (default MD5,SHA-256)\n" APP_COMMON_USAGE
    "\n"
    "Example:\n"
    "  plainsip answer --listen 127.0.0.1:5060 --ring 500 --trace\n";

#define ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, MESSAGE, INFO, NOTIFY, SUBSCRIBE"

struct answer;

/* A call's side of the application: its negotiation, and what it waits for. */
struct answer_call {
    struct answer *app;
    ps_handle call;
    struct answer_call *next_free;
    struct ps_address local; /* named in the description */
    bool offered;            /* by them; else we have */
    struct ps_loop_timer timer;
    struct app_media media;
};

struct answer {
    struct app_endpoint ep;
    struct ps_account account;
    struct app_auth auth;
    uint32_t ring, status, hangup, per_source, calls;
    const char *user, *realm;
    struct answer_call *free_calls;
    uint32_t live;
};

/* ---- calls ---- */

static struct answer_call *take_call(struct answer *a, ps_handle call)
{
    struct answer_call *k = a->free_calls;
    if (k)
        a->free_calls = k->next_free;
    else
        k = malloc(sizeof *k); /* kept for later calls: memory follows the busiest moment */
    if (!k)
        return NULL;
    memset(k, 0, sizeof *k);
    k->app = a;
    k->call = call;
    ps_call_set_user(ps_stack_calls(app_stack(&a->ep)), call, k);
    a->live++;
    return k;
}

static void give_call(struct answer *a, struct answer_call *k)
{
    ps_loop_timer_stop(a->ep.loop, &k->timer);
    app_media_end(&k->media);
    k->next_free = a->free_calls;
    a->free_calls = k;
    a->live--;
    if (a->ep.ending && !a->live)
        app_endpoint_stop(&a->ep, APP_OK);
}

static void hang_up(void *context)
{
    struct answer_call *k = context;
    (void)ps_call_hangup(ps_stack_calls(app_stack(&k->app->ep)), k->call);
    ps_host_kick(k->app->ep.host);
}

static void after(struct answer_call *k, uint64_t ms, ps_loop_fn call)
{
    ps_loop_timer_start(k->app->ep.loop, &k->timer, ps_loop_now() + ms, call, k);
}

static void reject(struct answer_call *k, unsigned status)
{
    struct answer *a = k->app;
    (void)ps_call_reject(ps_stack_calls(app_stack(&a->ep)), k->call, status, PS_NONE);
    give_call(a, k);
}

static enum ps_error make_body(struct answer_call *k, struct ps_slice *body)
{
    struct ps_slice offer = ps_call_offer(ps_stack_calls(app_stack(&k->app->ep)), k->call);
    k->offered = offer.n > 0;
    if (k->offered)
        return app_media_answer(&k->media, &k->local, offer, body);
    return app_media_offer(&k->media, &k->local, PS_SDP_SENDRECV, body);
}

/* 13.3.1.4, 14.2: takes what was offered, or refuses it with 488. */
static bool take_offer(struct answer_call *k)
{
    struct ps_calls *calls = ps_stack_calls(app_stack(&k->app->ep));
    struct ps_slice body;
    return !make_body(k, &body) && !ps_call_answer(calls, k->call, APP_SDP, body);
}

static void pick_up(void *context)
{
    struct answer_call *k = context;
    if (k->app->status)
        reject(k, k->app->status);
    else if (!take_offer(k))
        reject(k, 488);
    else if (k->app->hangup)
        after(k, (uint64_t)k->app->hangup * 1000, hang_up);
    ps_host_kick(k->app->ep.host);
}

static void incoming(struct answer *a, const struct ps_event *event)
{
    struct ps_calls *calls = ps_stack_calls(app_stack(&a->ep));
    struct ps_response refusal;
    struct answer_call *k;
    if (a->user &&
        !ps_stack_authenticate(app_stack(&a->ep), &a->auth.server, event->message, NULL,
                               &refusal)) {
        (void)ps_call_reject(calls, event->call, refusal.status, refusal.lines);
        return;
    }
    k = take_call(a, event->call);
    if (!k) {
        (void)ps_call_reject(calls, event->call, 503, PS_S("Retry-After: 5\r\n"));
        return;
    }
    k->local = event->flow->local;
    (void)ps_call_ring(calls, event->call, 180, PS_NONE, PS_NONE);
    ps_host_flush(a->ep.host);
    if (a->ring)
        after(k, a->ring, pick_up);
    else
        pick_up(k);
}

static void offered_anew(struct answer *a, const struct ps_event *event)
{
    struct ps_calls *calls = ps_stack_calls(app_stack(&a->ep));
    struct answer_call *k = event->user;
    if (event->message->method == PS_METHOD_UPDATE && !ps_body(event->message).n) {
        (void)ps_call_answer(calls, event->call, PS_NONE, PS_NONE); /* RFC 3311: a refresh */
        return;
    }
    if (!take_offer(k))
        (void)ps_call_reject(calls, event->call, 488, PS_NONE);
}

static void confirmed(struct answer_call *k, const struct ps_message *m)
{
    if (!k->offered && ps_body(m).n)
        (void)app_media_accept(&k->media, ps_body(m)); /* else the session stays as it was */
    app_media_withdraw(&k->media);
}

/* ---- other requests ---- */

/* 11.2: what an OPTIONS is told; SUBSCRIBE to what we have no notifier for is 489 (RFC 6665). */
static void request(struct answer *a, const struct ps_event *event)
{
    static const char told[] = "Allow: " ALLOW "\r\nAccept: application/sdp, text/plain\r\n"
                               "Accept-Encoding: identity\r\nAccept-Language: en\r\n"
                               "Supported: \r\n";
    struct ps_response response;
    const struct ps_message *m = event->message;
    memset(&response, 0, sizeof response);
    if (a->user &&
        !ps_stack_authenticate(app_stack(&a->ep), &a->auth.server, m, NULL, &response)) {
        (void)ps_stack_respond(app_stack(&a->ep), event->transaction, &response);
        return;
    }
    response.status = 200;
    response.account = &a->account;
    if (m->method == PS_METHOD_OPTIONS) {
        response.lines = ps_slice(told, sizeof told - 1);
        response.dialog = true; /* with a Contact */
    } else if (m->method == PS_METHOD_SUBSCRIBE) {
        response.status = 489;
        response.lines = PS_S("Allow-Events: \r\n");
    } else if (m->method == PS_METHOD_MESSAGE) {
        printf("message ");
        app_print(stdout, event->body);
        putchar('\n');
        fflush(stdout);
    }
    (void)ps_stack_respond(app_stack(&a->ep), event->transaction, &response);
}

static void on_event(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct answer *a = context;
    (void)host;
    switch (event->kind) {
    case PS_EVENT_CALL_INCOMING:
        incoming(a, event);
        break;
    case PS_EVENT_CALL_OFFER:
        offered_anew(a, event);
        break;
    case PS_EVENT_CALL_CONFIRMED:
        confirmed(event->user, event->message);
        break;
    case PS_EVENT_CALL_ENDED:
        if (event->user)
            give_call(a, event->user);
        break;
    case PS_EVENT_REQUEST:
        request(a, event);
        break;
    default:
        break;
    }
}

static void on_signal(void *context)
{
    struct answer *a = context;
    struct ps_calls *calls = ps_stack_calls(app_stack(&a->ep));
    ps_handle call, next;
    for (call = ps_call_next(calls, 0); call; call = next) {
        struct answer_call *k = ps_call_user(calls, call);
        next = ps_call_next(calls, call);
        (void)ps_call_hangup(calls, call);
        if (k && !ps_call_user(calls, call)) /* it rang: refused without an event */
            give_call(a, k);
    }
    if (!ps_calls_live(calls))
        app_endpoint_stop(&a->ep, APP_OK);
}

/* Calls whose BYE nobody answered in time are still there. */
static void on_close(void *context)
{
    struct answer *a = context;
    struct ps_calls *calls = ps_stack_calls(app_stack(&a->ep));
    ps_handle call;
    for (call = ps_call_next(calls, 0); call; call = ps_call_next(calls, call))
        if (ps_call_user(calls, call))
            give_call(a, ps_call_user(calls, call));
}

/* ---- the command ---- */

static void set_limits(const struct answer *a, struct ps_config *config)
{
    struct ps_limits limits = PS_LIMITS_DEFAULT;
    limits.calls = limits.dialogs = a->calls;
    limits.transactions = 4 * a->calls + 256;
    limits.requests = a->calls / 4 + 256;
    limits.registrations = limits.subscriptions = limits.bindings = 0;
    limits.per_source = a->per_source;
    /* dialogs and small responses; INVITEs and their 2xx; those of browsers; the rest */
    limits.kept[0].bytes = 384;
    limits.kept[0].count = 3 * a->calls + 256;
    limits.kept[1].bytes = 1024;
    limits.kept[1].count = 3 * a->calls + 256;
    limits.kept[2].count = a->calls / 16 + 16;
    limits.kept[3].count = 4;
    config->limits = limits;
    config->allow = PS_S(ALLOW);
}

int app_answer(int argc, char **argv)
{
    static struct answer a;
    struct app_option common[APP_COMMON_OPTIONS];
    const struct app_option options[] = {
        {"--ring", APP_NUMBER, &a.ring, 0, 3600000},
        {"--status", APP_NUMBER, &a.status, 300, 699},
        {"--hangup", APP_NUMBER, &a.hangup, 1, 1000000},
        {"--per-source", APP_NUMBER, &a.per_source, 1, 1000000},
        {"--calls", APP_NUMBER, &a.calls, 1, 1000000},
        {"--user", APP_TEXT, (void *)&a.user, 0, 0},
        {"--realm", APP_TEXT, (void *)&a.realm, 0, 0},
        {"--nonce-life", APP_NUMBER, &a.auth.nonce_life, 1, 86400},
        {"--algorithms", APP_TEXT, (void *)&a.auth.algorithms, 0, 0},
        {NULL, APP_FLAG, NULL, 0, 0},
    };
    const struct app_cli cli = {"answer", usage, options, common, 0, NULL};
    struct ps_config config;
    int status;
    memset(&config, 0, sizeof config);
    a.ep.command = "answer";
    a.per_source = 4096;
    a.calls = 10000;
    app_common_options(&a.ep, common);
    status = app_options(&cli, argc, argv, NULL);
    if (status)
        return status == APP_HELPED ? APP_OK : status;
    if (a.user && app_auth_single(&a.auth, "answer", a.user, a.realm, a.ep.password_file))
        return APP_USAGE;
    set_limits(&a, &config);
    a.account.contact_user = ps_slice_of(a.user ? a.user : "");
    config.account = &a.account;
    a.ep.on_signal = on_signal;
    a.ep.on_close = on_close;
    if (app_endpoint_open(&a.ep, &config, on_event, &a))
        return APP_USAGE;
    app_endpoint_announce(&a.ep);
    status = app_endpoint_run(&a.ep);
    while (a.free_calls) {
        struct answer_call *k = a.free_calls;
        a.free_calls = k->next_free;
        free(k);
    }
    return status;
}
