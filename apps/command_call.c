/*
 * plainsip call: places a call with an SDP offer, talks, hangs up; or cancels. With --count it is a
 * small load generator: that many calls, started at a steady rate.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "users.h"
#include "endpoint.h"
#include "session.h"

static const char usage[] =
    "usage: plainsip call --to URI [OPTION...]\n"
    "\n"
    "Places a call with an SDP offer, answers challenges, follows redirections, talks, hangs up.\n"
    "Prints \"status CODE REASON\" and the media agreed on. Exit status: 0 what was asked\n"
    "happened (with --cancel-after: 487), 1 refused, ended before it was answered, or answered\n"
    "with SDP that does not fit the offer, 3 nobody answered.\n"
    "\n"
    "  --to URI               who is called\n"
    "  --from URI             who calls (default: --user at the host of --to, or anonymous)\n"
    "  --proxy ADDR[:PORT]    where requests go first\n"
    "  --talk SECONDS         how long to talk (default 1)\n"
    "  --cancel-after MS      cancels after MS; a call that is answered earlier has failed\n"
    "  --user U               answers Digest challenges as U; the password is the first line of\n"
    "  --password-file FILE   FILE, or the variable PLAINSIP_PASSWORD\n"
    "  --count N --rate R     N calls, R a second; prints one line of results at the "
    "end\n" APP_COMMON_USAGE "\n"
    "Example:\n"
    "  plainsip call --to sip:bob@example.org --proxy 127.0.0.1:5060 --talk 2\n";

#define BUSY 486 /* this phone takes no incoming call */

struct call;

struct call_one {
    struct call *app;
    ps_handle call;
    bool answered, agreed, cancelled;
    struct ps_loop_timer timer;
    struct app_session session;
    struct app_media early; /* agreed on by an answer in a 1xx; not begun where none came */
};

struct call {
    struct app_endpoint ep;
    struct ps_account account;
    struct app_credentials credentials;
    struct ps_address proxy, local;
    const char *to, *from, *user;
    char from_text[600], proxy_text[80], contact[300];
    uint32_t talk, cancel_after, count, rate;
    uint32_t started, ended, succeeded, failed;
    uint64_t first;
    struct ps_loop_timer next;
    struct call_one *one; /* `count` of them */
};

/* ---- one call ---- */

static void hang_up(void *context)
{
    struct call_one *k = context;
    k->cancelled = !k->answered;
    (void)ps_call_hangup(app_stack(&k->app->ep), k->call);
    ps_host_kick(k->app->ep.host);
}

static void after(struct call_one *k, uint64_t ms)
{
    ps_loop_timer_start(k->app->ep.loop, &k->timer, ps_loop_now() + ms, hang_up, k);
}

/* Prints a line on standard error, with a reason or NULL; for many calls the summary is enough. */
static void say(const struct call_one *k, const char *what, const char *why)
{
    char text[160];
    snprintf(text, sizeof text, "%s%s%s", what, why ? ": " : "", why ? why : "");
    if (k->app->count == 1)
        (void)app_wrong("call", k->app->to, text);
}

/* Reads the first answer in a 1xx (13.2.1), not its copies. The offer stays open for the 2xx, which
 * another fork may send. */
static void progress(struct call_one *k, const struct ps_event *event)
{
    if (!app_media_is_sdp(event) || k->early.kept || app_media_copy(&k->early, &k->session.media))
        return;
    if (app_media_accept(&k->early, event->body))
        app_media_end(&k->early);
}

/* Takes the description of the 2xx, or without one that of a 1xx. */
static bool agree(struct call_one *k, const struct ps_event *event)
{
    if (app_media_is_sdp(event)) {
        /* an answer that does not fit leaves no session */
        (void)app_media_accept(&k->session.media, event->body);
    } else if (k->early.kept) {
        app_media_end(&k->session.media);
        k->session.media = k->early;
        memset(&k->early, 0, sizeof k->early);
    }
    app_media_end(&k->early);
    return app_media_agreed(&k->session.media);
}

static void answered(struct call_one *k, const struct ps_event *event)
{
    struct call *c = k->app;
    k->answered = true;
    k->agreed = agree(k, event);
    if (c->count == 1) {
        app_print_status(event->status, event->message);
        app_media_print(stdout, &k->session.media);
    }
    if (!k->agreed)
        say(k, "the answer holds no description that fits the offer", NULL);
    after(k, k->agreed ? (uint64_t)c->talk * 1000 : 0);
}

/* Returns the exit status of a call that is over. An event of status 200 means that it ended in
 * order, not that it was answered. */
static int verdict(const struct call_one *k, const struct ps_event *event)
{
    bool success = event->status < 300;
    bool received = event->message && event->message->status == event->status;
    int failure = app_status_of(event->status, received);
    if (k->app->ep.ending)
        return APP_OK;
    if (k->answered && !success) {
        say(k, "was answered, and then lost", event->why);
        return APP_NO; /* somebody has answered: it is no time-out */
    }
    if (k->app->cancel_after && success) { /* a 487 was asked for */
        say(k, "was answered before it was cancelled", NULL);
        return APP_NO;
    }
    if (k->answered)
        return k->agreed ? APP_OK : APP_NO;
    if (success) {
        say(k, "was ended before it was answered", NULL);
        return APP_NO;
    }
    if (failure == APP_NO && event->why)
        say(k, "failed", event->why);
    return k->cancelled && event->status == 487 ? APP_OK : failure;
}

static void summary(const struct call *c)
{
    printf("calls %u succeeded %u failed %u\n", c->started, c->succeeded, c->failed);
    fflush(stdout);
}

static void ended(struct call_one *k, const struct ps_event *event)
{
    struct call *c = k->app;
    int status = verdict(k, event);
    ps_loop_timer_stop(c->ep.loop, &k->timer);
    app_session_end(&k->session);
    app_media_end(&k->early);
    if (!k->answered && c->count == 1 && (k->cancelled || event->status >= 300))
        app_print_status(event->status, event->message);
    c->ended++;
    c->succeeded += status == APP_OK;
    c->failed += status != APP_OK;
    if (status == APP_TIMEOUT && !k->answered && c->ep.status != APP_TIMEOUT) /* once for all */
        app_say_unanswered("call", &c->account, ps_slice_of(c->to), event->status);
    if (status != APP_OK)
        c->ep.status = status;
    if (c->ended == c->count || (c->ep.ending && c->ended == c->started)) {
        if (c->count > 1)
            summary(c);
        app_endpoint_stop(&c->ep, c->ep.status);
    }
}

static void on_call_event(struct call_one *k, struct ps_stack *calls, const struct ps_event *event)
{
    switch (event->kind) {
    case PS_EVENT_CALL_PROGRESS:
        progress(k, event);
        break;
    case PS_EVENT_CALL_ANSWERED:
        answered(k, event);
        break;
    case PS_EVENT_CALL_OFFER:
        app_session_offered(&k->session, calls, event);
        break;
    case PS_EVENT_CALL_CONFIRMED:
        app_session_confirmed(&k->session, event);
        break;
    case PS_EVENT_CALL_ENDED:
        ended(k, event);
        break;
    default:
        break;
    }
}

static void on_event(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct call *c = context;
    struct ps_stack *calls = app_stack(&c->ep);
    (void)host;
    if (event->kind == PS_EVENT_CALL_INCOMING)
        (void)ps_call_reject(calls, event->call, BUSY, PS_NONE);
    else if (event->kind == PS_EVENT_REQUEST)
        app_session_asked(app_stack(&c->ep), &c->account, BUSY, event);
    else if (event->user) /* none: an incoming call, which was refused */
        on_call_event(event->user, calls, event);
}

/* ---- starting ---- */

static int start_one(struct call *c)
{
    struct call_one *k = &c->one[c->started];
    struct ps_call_options options;
    enum ps_error error;
    memset(&options, 0, sizeof options);
    k->app = c;
    k->session.local = c->local;
    error = app_media_offer(&k->session.media, &c->local, PS_SDP_SENDRECV, &options.body);
    options.account = &c->account;
    options.to = ps_slice_of(c->to);
    options.type = APP_SDP;
    options.user = k;
    if (!error)
        error = ps_call_start(app_stack(&c->ep), &options, &k->call);
    if (error)
        return app_wrong("call", c->to, ps_error_text(error));
    c->started++;
    if (c->cancel_after)
        after(k, c->cancel_after);
    return APP_OK;
}

/* Starts all calls that are due, so that the average rate holds, however coarse the timers are. */
static void next(void *context)
{
    struct call *c = context;
    uint64_t now = ps_loop_now();
    uint64_t due = c->rate ? (now - c->first) * c->rate / 1000 + 1 : c->count;
    while (!c->ep.ending && c->started < c->count && c->started < due)
        if (start_one(c)) {
            app_endpoint_stop(&c->ep, APP_USAGE);
            return;
        }
    ps_host_kick(c->ep.host);
    if (!c->ep.ending && c->started < c->count)
        ps_loop_timer_start(c->ep.loop, &c->next, now + 1 + 200 / c->rate, next, c);
}

static void on_signal(void *context)
{
    struct call *c = context;
    uint32_t i;
    for (i = 0; i < c->started; i++)
        (void)ps_call_hangup(app_stack(&c->ep), c->one[i].call);
    if (c->ended == c->started)
        app_endpoint_stop(&c->ep, APP_OK);
}

/* Finds the address of the host in a URI; looks it up where it is a name. */
static bool find_host(const char *text, struct ps_address *out)
{
    struct ps_uri uri;
    char name[256];
    if (ps_uri_parse(ps_slice_of(text), &uri, NULL))
        return false;
    if (!ps_ip_parse(uri.host, out))
        return true;
    if (uri.host.n >= sizeof name)
        return false;
    memcpy(name, uri.host.p, uri.host.n);
    name[uri.host.n] = '\0';
    return !app_lookup(name, 5060, out);
}

/* Chooses the address for media: the one from which the next hop is reached. */
static void find_local(struct call *c)
{
    struct ps_address remote = c->proxy;
    c->local = *ps_host_address(c->ep.host);
    if (remote.family == PS_FAMILY_NONE && !find_host(c->to, &remote))
        return;
    if (!remote.port)
        remote.port = 5060;
    (void)ps_host_local_for(c->ep.host, &remote, &c->local);
}

static void set_account(struct call *c)
{
    struct ps_uri to;
    struct ps_writer w = ps_writer(c->from_text, sizeof c->from_text);
    struct ps_writer p = ps_writer(c->proxy_text, sizeof c->proxy_text);
    (void)ps_uri_parse(ps_slice_of(c->to), &to, NULL);
    if (c->from) {
        ps_put_string(&w, c->from);
    } else if (c->user) {
        ps_put(&w, PS_S("sip:"));
        ps_put_user(&w, ps_slice_of(c->user));
        ps_put_char(&w, '@');
        ps_put(&w, to.host);
    } else {
        ps_put(&w, PS_S("sip:anonymous@anonymous.invalid")); /* 8.1.1.3 */
    }
    c->account.aor = ps_written(&w);
    if (c->proxy.family != PS_FAMILY_NONE) {
        ps_put(&p, PS_S("sip:"));
        ps_put_address(&p, &c->proxy);
        c->account.proxy = ps_written(&p);
    }
}

static int check(struct call *c)
{
    struct ps_uri uri;
    struct ps_writer w = ps_writer(c->contact, sizeof c->contact);
    enum ps_error error;
    if (!c->to)
        return app_wrong("call", "--to", "is needed (--help)");
    error = ps_uri_parse(ps_slice_of(c->to), &uri, NULL);
    if (!error && uri.scheme > PS_SCHEME_SIPS)
        error = PS_E_SCHEME;
    if (error)
        return app_wrong("call", c->to, ps_error_text(error));
    if (c->from && ps_uri_parse(ps_slice_of(c->from), &uri, NULL))
        return app_wrong("call", c->from, "is no URI");
    if (!c->from)
        return APP_OK;
    c->account.contact_user = app_plain_user(uri.user, &w);
    return APP_OK;
}

static void set_limits(const struct call *c, struct ps_config *config)
{
    struct ps_limits limits = PS_LIMITS_DEFAULT;
    if (c->count > 1) { /* an INVITE answered with 2xx stays for 64*T1 (RFC 6026) */
        uint32_t n = c->count < 1000000 ? c->count : 1000000;
        limits.calls = limits.dialogs = n + 16;
        limits.transactions = 3 * n + 64;
        limits.requests = 3 * n + 64;
        limits.kept[0].count = 8 * n + 64;
        limits.kept[1].count = 4 * n + 64;
    }
    limits.registrations = limits.subscriptions = limits.bindings = 0;
    config->limits = limits;
    app_session_config(config);
}

static int run(struct call *c)
{
    struct ps_config config;
    memset(&config, 0, sizeof config);
    set_limits(c, &config);
    config.account = &c->account;
    c->ep.on_signal = on_signal;
    c->one = calloc(c->count, sizeof *c->one);
    if (!c->one)
        return app_wrong("call", "--count", "is more than memory holds");
    if (app_endpoint_open(&c->ep, &config, on_event, c)) {
        free(c->one);
        return APP_USAGE;
    }
    find_local(c);
    app_endpoint_announce(&c->ep);
    c->first = ps_loop_now();
    next(c);
    (void)app_endpoint_run(&c->ep);
    while (c->started--) {
        app_session_end(&c->one[c->started].session);
        app_media_end(&c->one[c->started].early);
    }
    free(c->one);
    return c->ep.status;
}

int app_call(int argc, char **argv)
{
    static struct call c;
    struct app_option common[APP_COMMON_OPTIONS];
    const struct app_option options[] = {
        {"--to", APP_TEXT, (void *)&c.to, 0, 0},
        {"--from", APP_TEXT, (void *)&c.from, 0, 0},
        {"--proxy", APP_ADDRESS, &c.proxy, 5060, 0},
        {"--talk", APP_NUMBER, &c.talk, 0, 1000000},
        {"--cancel-after", APP_NUMBER, &c.cancel_after, 1, 1000000000},
        {"--user", APP_TEXT, (void *)&c.user, 0, 0},
        {"--count", APP_NUMBER, &c.count, 1, 10000000},
        {"--rate", APP_NUMBER, &c.rate, 1, 1000000},
        {NULL, APP_FLAG, NULL, 0, 0},
    };
    const struct app_cli cli = {"call", usage, options, common, 0, NULL};
    int status;
    c.ep.command = "call";
    c.talk = 1;
    c.count = 1;
    app_common_options(&c.ep, common);
    status = app_options(&cli, argc, argv, NULL);
    if (status)
        return status == APP_HELPED ? APP_OK : status;
    if (!c.rate)
        c.rate = 10;
    if (check(&c) ||
        app_credentials_read(&c.credentials, "call", c.user, c.ep.password_file, &c.account))
        return APP_USAGE;
    set_account(&c);
    return run(&c);
}
