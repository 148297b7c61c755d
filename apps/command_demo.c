/*
 * plainsip demo: a registrar and two phones in one process, on one loop, over UDP on loopback. They
 * register, call each other by their public addresses, ring, answer, hold, resume, hang up and
 * cancel. Prints the ladder of all that is sent, with the steps of the state machines beside it.
 * Exit status 0 only if every step happened as it should.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "apps.h"
#include "users.h"
#include "cli.h"
#include "media.h"
#include "service.h"
#include "trace.h"
#include "transport/host.h"

static const char usage[] =
    "usage: plainsip demo [--quiet]\n"
    "\n"
    "Runs a registrar and two phones on loopback, which register with Digest, call each other by\n"
    "their public addresses, ring, answer, hold, resume, hang up and cancel. Prints the ladder of\n"
    "the messages and the steps of the state machines. Exit status 0 only if all of it happened.\n"
    "\n"
    "  --quiet                prints the steps of the story alone\n"
    "\n"
    "Example:\n"
    "  plainsip demo\n";

enum { ALICE, REGISTRAR, BOB, PARTIES };

/* Lists the steps that must happen, in this order. */
#define DEMO_STORY(X)                                                                              \
    X(REGISTERED_ALICE, "alice has registered")                                                    \
    X(REGISTERED_BOB, "bob has registered")                                                        \
    X(RINGS_AT_BOB, "alice calls bob by his public address; it rings at bob")                      \
    X(ALICE_HEARS_RINGING, "alice hears it ring")                                                  \
    X(ANSWERED, "bob has answered")                                                                \
    X(CONFIRMED, "the answer is acknowledged: they talk")                                          \
    X(HELD, "alice holds the call")                                                                \
    X(RESUMED, "alice resumes it")                                                                 \
    X(HUNG_UP_AT_BOB, "alice hangs up; bob is told")                                               \
    X(HUNG_UP, "the call is over for alice too")                                                   \
    X(RINGS_AT_ALICE, "bob calls alice; it rings at alice")                                        \
    X(BOB_HEARS_RINGING, "bob hears it ring")                                                      \
    X(CANCELLED_AT_ALICE, "bob cancels; it stops ringing at alice")                                \
    X(CANCELLED, "the call is over for bob too: 487")                                              \
    X(UNREGISTERED_ALICE, "alice has unregistered")                                                \
    X(UNREGISTERED_BOB, "bob has unregistered")

enum story {
#define STORY_ENUM(id, text) id,
    DEMO_STORY(STORY_ENUM)
#undef STORY_ENUM
        STORY_END
};

static const char *const story_text[] = {
#define STORY_TEXT(id, text) text,
    DEMO_STORY(STORY_TEXT)
#undef STORY_TEXT
};

struct demo;

struct party {
    struct demo *demo;
    const char *name;
    struct ps_host *host;
    struct ps_account account;
    struct ps_digest_user user;
    char aor[80], proxy[80];
    ps_handle call, registration;
    struct ps_address local;
    struct app_media media;
};

struct demo {
    struct ps_loop *loop;
    struct party party[PARTIES];
    struct app_auth auth;
    struct app_service service;
    enum story next; /* what must happen next */
    bool quiet, failed;
    uint64_t started;
    struct ps_loop_timer limit;
};

/* ---- the ladder ---- */

#define COLUMN 30
#define LIFELINES (2 * COLUMN + 1) /* characters from the first to the last */

static int column_of(const struct demo *d, const struct ps_address *address)
{
    int i;
    for (i = 0; i < PARTIES; i++)
        if (d->party[i].host && ps_host_address(d->party[i].host)->port == address->port)
            return i;
    return -1;
}

static void print_time(const struct demo *d)
{
    uint64_t ms = ps_loop_now() - d->started;
    printf("%3" PRIu64 ".%03u  ", ms / 1000, (unsigned)(ms % 1000));
}

static void draw_lifelines(char line[LIFELINES])
{
    int i;
    memset(line, ' ', LIFELINES);
    for (i = 0; i < PARTIES; i++)
        line[i * COLUMN] = '|';
}

/* Draws "|-- INVITE sip:bob@... --->|                       |" between two of the three. */
static void print_arrow(const struct demo *d, int from, int to, const char *label)
{
    char line[LIFELINES];
    int left = from < to ? from : to, right = from < to ? to : from;
    int begin = left * COLUMN + 1, n = (int)strlen(label), i;
    draw_lifelines(line);
    for (i = begin; i < right * COLUMN; i++)
        if (line[i] != '|')
            line[i] = '-';
    line[from < to ? right * COLUMN - 1 : begin] = from < to ? '>' : '<';
    if (n > COLUMN - 7)
        n = COLUMN - 7;
    memcpy(line + begin + 3, label, (size_t)n);
    line[begin + 2] = line[begin + 3 + n] = ' ';
    print_time(d);
    printf("%.*s\n", LIFELINES, line);
}

static void observe(void *context, bool out, uint64_t now, const struct ps_flow *flow,
                    struct ps_slice bytes)
{
    const struct party *p = context;
    const struct demo *d = p->demo;
    char label[128];
    struct ps_writer w = ps_writer(label, sizeof label - 1);
    int to = column_of(d, &flow->remote);
    (void)now;
    if (!out || d->quiet || to < 0)
        return;
    app_put_summary(&w, bytes);
    label[w.n < sizeof label - 1 ? w.n : sizeof label - 1] = '\0';
    print_arrow(d, (int)(p - d->party), to, label);
}

static void on_step(void *context, const struct ps_trace_step *step)
{
    const struct party *p = context;
    char line[LIFELINES];
    if (p->demo->quiet)
        return;
    draw_lifelines(line);
    print_time(p->demo);
    printf("%.*s  %s: %s %s -> %s on %s (%s)\n", LIFELINES, line, p->name, step->machine,
           step->from, step->to, step->event, step->rule);
}

/* ---- the story ---- */

static void fail(struct demo *d, const char *why)
{
    printf("%s: not so: %s\n", why, d->next < STORY_END ? story_text[d->next] : "the end");
    d->failed = true;
    ps_loop_stop(d->loop);
}

/* Marks a step as done; fails where it is not its turn, or not `right`. */
static bool happened(struct demo *d, enum story step, bool right)
{
    if (step != d->next || !right) {
        fail(d, story_text[step]);
        return false;
    }
    print_time(d);
    printf("* %s\n", story_text[step]);
    d->next = (enum story)(step + 1);
    if (d->next == STORY_END)
        ps_loop_stop(d->loop);
    return true;
}

static struct ps_stack *calls(struct party *p)
{
    return ps_host_stack(p->host);
}

static enum ps_sdp_direction direction(const struct party *p)
{
    static struct ps_sdp_outcome outcome;
    if (app_media_outcome(&p->media, 0, &outcome) || !outcome.active)
        return PS_SDP_INACTIVE;
    return outcome.direction;
}

static void register_party(struct party *p)
{
    struct ps_registration_options options;
    memset(&options, 0, sizeof options);
    options.account = &p->account;
    options.registrar = PS_S("sip:example.org");
    options.expires = 600;
    if (ps_registration_start(ps_host_stack(p->host), &options, &p->registration))
        fail(p->demo, p->name);
    ps_host_kick(p->host);
}

static void call_party(struct party *p, const char *to)
{
    struct ps_call_options options;
    memset(&options, 0, sizeof options);
    app_media_end(&p->media); /* of the call before */
    options.account = &p->account;
    options.to = ps_slice_of(to);
    options.type = APP_SDP;
    if (app_media_offer(&p->media, &p->local, PS_SDP_SENDRECV, &options.body) ||
        ps_call_start(calls(p), &options, &p->call))
        fail(p->demo, p->name);
    ps_host_kick(p->host);
}

static void offer_anew(struct party *p, enum ps_sdp_direction wanted)
{
    struct ps_slice body;
    if (app_media_offer(&p->media, &p->local, wanted, &body) ||
        ps_call_reinvite(calls(p), p->call, APP_SDP, body))
        fail(p->demo, p->name);
    ps_host_kick(p->host);
}

static bool answer(struct party *p, const struct ps_event *event)
{
    struct ps_slice body;
    return !app_media_answer(&p->media, &p->local, ps_body(event->message), &body) &&
           !ps_call_answer(calls(p), event->call, APP_SDP, body);
}

static void registered(struct party *p)
{
    struct demo *d = p->demo;
    if (p == &d->party[ALICE]) {
        if (happened(d, REGISTERED_ALICE, true))
            register_party(&d->party[BOB]);
    } else if (happened(d, REGISTERED_BOB, true)) {
        call_party(&d->party[ALICE], "sip:bob@example.org");
    }
}

static void incoming(struct party *p, const struct ps_event *event)
{
    struct demo *d = p->demo;
    p->call = event->call;
    app_media_end(&p->media); /* of the call before */
    if (p == &d->party[ALICE]) {
        happened(d, RINGS_AT_ALICE, true);
        (void)ps_call_ring(calls(p), p->call, 180, PS_NONE, PS_NONE);
        return;
    }
    happened(d, RINGS_AT_BOB, true);
    (void)ps_call_ring(calls(p), p->call, 180, PS_NONE, PS_NONE);
    ps_host_flush(p->host);
    if (!answer(p, event))
        fail(d, "bob could not answer");
}

static void accepted(struct party *p, const struct ps_event *event)
{
    struct demo *d = p->demo;
    bool taken = !app_media_accept(&p->media, ps_body(event->message));
    if (d->next == HELD) {
        if (happened(d, HELD,
                     taken && direction(p) == PS_SDP_SENDONLY &&
                         direction(&d->party[BOB]) == PS_SDP_RECVONLY))
            offer_anew(p, PS_SDP_SENDRECV);
        return;
    }
    if (happened(d, RESUMED, taken && direction(p) == PS_SDP_SENDRECV))
        (void)ps_call_hangup(calls(p), p->call);
}

static void ended(struct party *p, const struct ps_event *event)
{
    struct demo *d = p->demo;
    bool alice = p == &d->party[ALICE];
    if (d->next == HUNG_UP_AT_BOB)
        happened(d, HUNG_UP_AT_BOB, !alice && event->status == 200);
    else if (d->next == HUNG_UP) {
        if (happened(d, HUNG_UP, alice && event->status == 200))
            call_party(&d->party[BOB], "sip:alice@example.org");
    } else if (d->next == CANCELLED_AT_ALICE)
        happened(d, CANCELLED_AT_ALICE, alice && event->status == 487);
    else if (happened(d, CANCELLED, !alice && event->status == 487)) {
        struct party *first = &d->party[ALICE];
        (void)ps_registration_stop(ps_host_stack(first->host), first->registration);
        ps_host_kick(first->host);
    }
}

static void unregistered(struct party *p)
{
    struct demo *d = p->demo;
    struct party *bob = &d->party[BOB];
    if (p == bob) {
        happened(d, UNREGISTERED_BOB, true);
    } else if (happened(d, UNREGISTERED_ALICE, true)) {
        (void)ps_registration_stop(ps_host_stack(bob->host), bob->registration);
        ps_host_kick(bob->host);
    }
}

/* Takes the story on by an event. While the call is set up, bob may see the ACK before or after
 * alice goes on: loopback keeps the order of the datagrams, no more. */
static void on_event(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct party *p = context;
    struct demo *d = p->demo;
    (void)host;
    switch (event->kind) {
    case PS_EVENT_REGISTERED:
        registered(p);
        break;
    case PS_EVENT_CALL_INCOMING:
        incoming(p, event);
        break;
    case PS_EVENT_CALL_PROGRESS:
        if (p != &d->party[BOB])
            happened(d, ALICE_HEARS_RINGING, event->status == 180);
        else if (happened(d, BOB_HEARS_RINGING, event->status == 180))
            (void)ps_call_hangup(calls(p), p->call);
        break;
    case PS_EVENT_CALL_ANSWERED:
        happened(d, ANSWERED, !app_media_accept(&p->media, ps_body(event->message)));
        break;
    case PS_EVENT_CALL_CONFIRMED:
        if (d->next == CONFIRMED && happened(d, CONFIRMED, direction(p) == PS_SDP_SENDRECV))
            offer_anew(&d->party[ALICE], PS_SDP_SENDONLY);
        break;
    case PS_EVENT_CALL_OFFER:
        if (!answer(p, event))
            fail(d, "the new offer could not be answered");
        break;
    case PS_EVENT_CALL_ACCEPTED:
        accepted(p, event);
        break;
    case PS_EVENT_CALL_ENDED:
        ended(p, event);
        break;
    case PS_EVENT_UNREGISTERED:
        unregistered(p);
        break;
    default:
        fail(d, "something else happened");
        break;
    }
}

static void on_service(void *context, struct ps_host *host, const struct ps_event *event)
{
    struct party *p = context;
    (void)host;
    app_service_event(&p->demo->service, event);
}

/* ---- the parties ---- */

static int open_party(struct demo *d, int i, const char *name)
{
    const struct ps_limits limits = PS_LIMITS_DEFAULT;
    struct ps_system_error why = {"memory", 0};
    struct party *p = &d->party[i];
    struct ps_host_config config;
    memset(&config, 0, sizeof config);
    p->demo = d;
    p->name = name;
    config.loop = d->loop;
    (void)ps_address_parse(PS_S("127.0.0.1:0"), 0, &config.listen);
    config.stack.limits = limits;
    config.stack.account = &p->account;
    config.stack.trace = on_step;
    config.stack.trace_context = p;
    config.udp.observe = observe;
    config.event = i == REGISTRAR ? on_service : on_event;
    config.context = p;
    if (ps_host_open(&config, &p->host, &why)) {
        fprintf(stderr, "plainsip demo: 127.0.0.1: %s: %s\n", why.call, strerror(why.error));
        return APP_USAGE;
    }
    p->local = *ps_host_address(p->host);
    return APP_OK;
}

/* Sets a phone's account: its public address, and the registrar as the proxy in front of it. */
static void set_account(struct party *p, struct ps_slice password)
{
    static const struct ps_digest_policy policy;
    struct ps_writer aor = ps_writer(p->aor, sizeof p->aor);
    struct ps_writer proxy = ps_writer(p->proxy, sizeof p->proxy);
    ps_put(&aor, PS_S("sip:"));
    ps_put_string(&aor, p->name);
    ps_put(&aor, PS_S("@example.org"));
    ps_put(&proxy, PS_S("sip:"));
    ps_put_address(&proxy, ps_host_address(p->demo->party[REGISTRAR].host));
    p->account.aor = ps_written(&aor);
    p->account.proxy = ps_written(&proxy);
    p->account.contact_user = ps_slice_of(p->name);
    p->user.username = ps_slice_of(p->name);
    p->user.password = password;
    ps_digest_client_start(&p->account.digest, &p->user, 1, &policy);
}

static int open_all(struct demo *d)
{
    int status = open_party(d, REGISTRAR, "registrar");
    if (!status)
        status = open_party(d, ALICE, "alice");
    if (!status)
        status = open_party(d, BOB, "bob");
    if (status)
        return status;
    set_account(&d->party[ALICE], PS_S("secret of alice"));
    set_account(&d->party[BOB], PS_S("secret of bob"));
    d->service.stack = ps_host_stack(d->party[REGISTRAR].host);
    d->service.auth = &d->auth;
    if (app_auth_users(&d->auth, "demo", &d->party[ALICE].user, &d->party[BOB].user) ||
        app_domains_open(&d->service.domains, "demo", NULL, d->auth.realm))
        return APP_USAGE;
    app_domains_listen(&d->service.domains, ps_host_address(d->party[REGISTRAR].host));
    app_service_open(&d->service);
    return APP_OK;
}

static void too_late(void *context)
{
    fail(context, "ten seconds have passed");
}

static int run(struct demo *d)
{
    int i, status;
    if (ps_loop_open(&d->loop, NULL))
        return APP_USAGE;
    d->started = ps_loop_now();
    status = open_all(d);
    if (!status) {
        printf("         %-*s%-*s%s\n", COLUMN, "alice", COLUMN, "registrar", "bob");
        ps_loop_timer_start(d->loop, &d->limit, d->started + 10000, too_late, d);
        register_party(&d->party[ALICE]);
        if (ps_loop_run(d->loop))
            d->failed = true;
        status = d->failed || d->next != STORY_END ? APP_NO : APP_OK;
        printf("%s\n", status ? "The story broke off." : "Everything happened as it should.");
    }
    ps_loop_timer_stop(d->loop, &d->limit);
    for (i = 0; i < PARTIES; i++) {
        app_media_end(&d->party[i].media);
        ps_host_close(d->party[i].host);
    }
    app_auth_free(&d->auth);
    ps_loop_close(d->loop);
    return status;
}

int app_demo(int argc, char **argv)
{
    static struct demo d;
    const struct app_option options[] = {
        {"--quiet", APP_FLAG, &d.quiet, 0, 0},
        {NULL, APP_FLAG, NULL, 0, 0},
    };
    const struct app_cli cli = {"demo", usage, options, NULL, 0, NULL};
    int status = app_options(&cli, argc, argv, NULL);
    if (status)
        return status == APP_HELPED ? APP_OK : status;
    return run(&d);
}
