/*
 * plainsip answer: a phone that answers. Takes calls with an SDP answer, or an offer where none
 * came. Also answers OPTIONS, MESSAGE, INFO, NOTIFY and SUBSCRIBE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "users.h"
#include "endpoint.h"
#include "session.h"

static const char usage[] =
    "usage: plainsip answer [OPTION...]\n"
    "\n"
    "Answers calls and other requests, until it is interrupted. Rings, then takes an INVITE with\n"
    "an SDP answer, or offers where no offer came.\n"
    "\n"
    "  --ring MS              rings that long before it answers (default 0)\n"
    "  --status CODE          answers INVITEs with CODE instead (300 to 699), and OPTIONS too\n"
    "  --hangup SECONDS       hangs up that long after it answered\n"
    "  --per-source N         calls not yet acknowledged that one source may have (default: a\n"
    "                         quarter of the transactions, which are 4 a call and 256)\n"
    "  --calls N              calls at a time (default 10000)\n"
    "  --user U --realm R     asks for Digest credentials; the password is the first line of\n"
    "  --password-file FILE   FILE, or the variable PLAINSIP_PASSWORD\n"
    "  --nonce-life SECONDS   how long a nonce is valid (default 300)\n"
    "  --algorithms LIST      offered, in this order (default MD5,SHA-256; some phones, such as\n"
    "                         baresip 1.0, give up where both are offered: name one for "
    "them)\n" APP_COMMON_USAGE "\n"
    "Example:\n"
    "  plainsip answer --listen 127.0.0.1:5060 --ring 500 --trace\n";

struct answer;

/* Holds what the application keeps of a call: its negotiation and the timer that it waits for. */
struct answer_call {
    struct answer *app;
    ps_handle call;
    struct answer_call *next_free;
    struct ps_loop_timer timer;
    struct app_session session;
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
        k = malloc(sizeof *k); /* kept for later calls, so memory follows the busiest moment */
    if (!k)
        return NULL;
    memset(k, 0, sizeof *k);
    k->app = a;
    k->call = call;
    ps_call_set_user(app_stack(&a->ep), call, k);
    a->live++;
    return k;
}

static void give_call(struct answer *a, struct answer_call *k)
{
    ps_loop_timer_stop(a->ep.loop, &k->timer);
    app_session_end(&k->session);
    k->next_free = a->free_calls;
    a->free_calls = k;
    a->live--;
    if (a->ep.ending && !a->live)
        app_endpoint_stop(&a->ep, APP_OK);
}

static void hang_up(void *context)
{
    struct answer_call *k = context;
    (void)ps_call_hangup(app_stack(&k->app->ep), k->call);
    ps_host_kick(k->app->ep.host);
}

static void after(struct answer_call *k, uint64_t ms, ps_loop_fn call)
{
    ps_loop_timer_start(k->app->ep.loop, &k->timer, ps_loop_now() + ms, call, k);
}

/* Detaches the object from the call before refusing it, so that no later event brings it back. */
static void reject(struct answer_call *k, unsigned status, struct ps_slice lines)
{
    struct answer *a = k->app;
    struct ps_stack *calls = app_stack(&a->ep);
    ps_call_set_user(calls, k->call, NULL);
    (void)ps_call_reject(calls, k->call, status, lines);
    give_call(a, k);
}

static void pick_up(void *context)
{
    struct answer_call *k = context;
    struct answer *a = k->app;
    char text[APP_REFUSAL_LINES];
    struct ps_writer lines = ps_writer(text, sizeof text);
    unsigned refusal = a->status;
    if (!refusal)
        refusal = app_session_take(&k->session, app_stack(&a->ep), k->call, &lines);
    if (refusal)
        reject(k, refusal, ps_written(&lines));
    else if (a->hangup)
        after(k, (uint64_t)a->hangup * 1000, hang_up);
    ps_host_kick(a->ep.host);
}

static void incoming(struct answer *a, const struct ps_event *event)
{
    struct ps_stack *calls = app_stack(&a->ep);
    struct ps_response refusal;
    struct answer_call *k;
    if (a->user && !ps_stack_authenticate(app_stack(&a->ep), &a->auth.server, event->transaction,
                                          NULL, &refusal)) {
        (void)ps_call_reject(calls, event->call, refusal.status, refusal.lines);
        return;
    }
    k = take_call(a, event->call);
    if (!k) {
        (void)ps_call_reject(calls, event->call, 503, PS_S("Retry-After: 5\r\n"));
        return;
    }
    k->session.local = event->flow->local;
    (void)ps_call_ring(calls, event->call, 180, PS_NONE, PS_NONE);
    ps_host_flush(a->ep.host);
    if (a->ring)
        after(k, a->ring, pick_up);
    else
        pick_up(k);
}

/* ---- other requests ---- */

static void request(struct answer *a, const struct ps_event *event)
{
    struct ps_response refusal;
    if (a->user && !ps_stack_authenticate(app_stack(&a->ep), &a->auth.server, event->transaction,
                                          NULL, &refusal))
        (void)ps_stack_respond(app_stack(&a->ep), event->transaction, &refusal);
    else
        app_session_asked(app_stack(&a->ep), &a->account, a->status ? a->status : 200, event);
}

static void on_event(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct answer *a = context;
    struct answer_call *k = event->user; /* NULL for a call that was refused */
    (void)host;
    switch (event->kind) {
    case PS_EVENT_CALL_INCOMING:
        incoming(a, event);
        break;
    case PS_EVENT_CALL_OFFER:
        if (k)
            app_session_offered(&k->session, app_stack(&a->ep), event);
        break;
    case PS_EVENT_CALL_CONFIRMED:
        if (k)
            app_session_confirmed(&k->session, event);
        break;
    case PS_EVENT_CALL_ENDED:
        if (k)
            give_call(a, k);
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
    struct ps_stack *calls = app_stack(&a->ep);
    ps_handle call, next;
    for (call = ps_call_next(calls, 0); call; call = next) {
        struct answer_call *k = ps_call_user(calls, call);
        next = ps_call_next(calls, call);
        (void)ps_call_hangup(calls, call);
        if (k && !ps_call_user(calls, call)) /* it was ringing: refused without an event */
            give_call(a, k);
    }
    if (!ps_stack_live(calls).calls)
        app_endpoint_stop(&a->ep, APP_OK);
}

/* Frees the calls that are still there because nobody answered their BYE in time. */
static void on_close(void *context)
{
    struct answer *a = context;
    struct ps_stack *calls = app_stack(&a->ep);
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
    limits.per_source = a->per_source ? a->per_source : limits.transactions / 4;
    /* dialogs and small responses; INVITEs and their 2xx; those of browsers; the rest */
    limits.kept[0].bytes = 384;
    limits.kept[0].count = 3 * a->calls + 256;
    limits.kept[1].bytes = 1024;
    limits.kept[1].count = 3 * a->calls + 256;
    limits.kept[2].count = a->calls / 16 + 16;
    limits.kept[3].count = 4;
    config->limits = limits;
    app_session_config(config);
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
