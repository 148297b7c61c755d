/* One whole stack, played and looked at: see driver.h. */
#include "driver.h"
#include "sip/base/memory.h"
#include "sip/message/header_internal.h"

static const struct ps_limits roomy = {24, 12, 6,    4, 2,
                                       2,  3,  4096, 8, {{512, 24}, {1536, 24}, {4096, 6}, {0, 0}}};
static const struct ps_limits tight_ones = {
    4, 3, 2, 2, 1, 1, 1, 2048, 2, {{512, 5}, {1024, 3}, {2048, 1}, {0, 0}}};

static const char offer[] =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";

static struct ps_slice sdp(void)
{
    return ps_slice(offer, sizeof offer - 1);
}

/* ---- pools and a store that are empty: wrapped by the linker (fuzz.mk) ---- */

static struct starved {
    unsigned skip, count;
} objects, chunks;

static bool fails(struct starved *s)
{
    if (!s->count)
        return false;
    if (s->skip) {
        s->skip--;
        return false;
    }
    s->count--;
    return true;
}

void *__real_ps_pool_take(struct ps_pool *pool);
void *__wrap_ps_pool_take(struct ps_pool *pool);
void *__wrap_ps_pool_take(struct ps_pool *pool)
{
    return fails(&objects) ? NULL : __real_ps_pool_take(pool);
}

enum ps_error __real_ps_keep(struct ps_store *store, struct ps_slice bytes, struct ps_kept *kept);
enum ps_error __wrap_ps_keep(struct ps_store *store, struct ps_slice bytes, struct ps_kept *kept);
enum ps_error __wrap_ps_keep(struct ps_store *store, struct ps_slice bytes, struct ps_kept *kept)
{
    return fails(&chunks) ? PS_E_FULL : __real_ps_keep(store, bytes, kept);
}

void driver_starve(char what, unsigned skip, unsigned count)
{
    struct starved *s = what == 'o' ? &objects : &chunks;
    s->skip = skip;
    s->count = count;
}

/* ---- what must hold ---- */

static void within_limits(const struct driver *d)
{
    const struct ps_limits *l = d->limits;
    struct ps_stack_live live = ps_stack_live(d->stack);
    uint32_t transactions = 0;
    unsigned i;
    for (i = 0; i < 4; i++)
        transactions += live.transactions[i];
    HOLDS(transactions <= l->transactions && live.requests <= l->requests);
    HOLDS(live.dialogs <= l->dialogs && live.calls <= l->calls);
    HOLDS(live.registrations <= l->registrations && live.bindings <= l->bindings);
    HOLDS(live.subscriptions <= l->subscriptions &&
          live.subscriptions <= live.dialogs + live.timers);
    for (i = 0; i < PS_SIZE_CLASSES; i++)
        HOLDS(live.kept[i] <= l->kept[i].count);
    /* nothing lives for ever: each transaction and binding has a timer running */
    HOLDS(live.timers >= transactions + live.bindings);
}

/* 17: a retransmission is what was sent before, byte for byte. */
static void repeats_itself(struct driver *d, const struct ps_action *a)
{
    unsigned i, free = REMEMBERED;
    if (!a->transaction)
        return;
    for (i = 0; i < REMEMBERED && d->last[i].transaction != a->transaction; i++)
        if (!d->last[i].transaction)
            free = i;
    if (i == REMEMBERED)
        i = free < REMEMBERED ? free : (unsigned)(a->transaction % REMEMBERED);
    else if (a->again)
        HOLDS(d->last[i].n == a->bytes.n && d->last[i].sum == watch_sum(a->bytes));
    d->last[i].transaction = a->transaction;
    d->last[i].n = a->bytes.n;
    d->last[i].sum = watch_sum(a->bytes);
}

/* No reflector: nothing goes where nobody wrote from and no name led. */
static bool knows(const struct driver *d, const struct ps_address *address)
{
    unsigned i;
    for (i = 0; i < d->known_n; i++)
        if (ps_ip_equal(&d->known[i], address))
            return true;
    return false;
}

static void is_a_good_message(struct driver *d, const struct ps_action *a)
{
    static const struct ps_parse_options strict = {true, false, false};
    static struct ps_message m;
    struct ps_fault fault;
    HOLDS(a->bytes.n && a->bytes.n <= d->limits->message_bytes);
    HOLDS(a->flow->remote.port && knows(d, &a->flow->remote));
    if (d->answering_faulty && !a->transaction) {
        HOLDS(!ps_message_index(&m, a->bytes.p, a->bytes.n, NULL, NULL));
        watch_sent(&d->watch, &m);
        return;
    }
    if (ps_message_parse(&m, a->bytes.p, a->bytes.n, NULL, &fault)) {
        fprintf(stderr, "%s at %u of\n%.*s\n", ps_error_text(fault.error), fault.offset,
                (int)a->bytes.n, a->bytes.p);
        abort();
    }
    HOLDS(m.n == a->bytes.n);
    if (ps_is_request(&m))
        HOLDS(!ps_message_parse(&m, a->bytes.p, a->bytes.n, &strict, NULL) &&
              ps_branch_has_cookie(ps_via_branch(&m)));
    watch_sent(&d->watch, &m);
}

/* ---- the application ---- */

/* None, one, so many that they fit nowhere, one that is long. */
static struct ps_slice lines_of(unsigned n)
{
    static char text[4096];
    struct ps_writer w = ps_writer(text, sizeof text);
    unsigned i, contacts = n % 4 == 2 ? 40 : n % 4 == 1;
    for (i = 0; i < contacts; i++)
        ps_put(&w, PS_S("Contact: <sip:c@example.com;transport=udp;and=more>;q=0.5\r\n"));
    for (i = 0; n % 4 == 3 && i < 30; i++)
        ps_put(&w, i ? PS_S(" and another reason") : PS_S("X-Why: a reason"));
    if (n % 4 == 3)
        ps_put(&w, PS_S("\r\n"));
    HOLDS(!w.error);
    return ps_written(&w);
}

static unsigned refusal(const struct driver *d)
{
    static const unsigned status[] = {486, 302, 401, 503};
    return status[d->policy / PLAY_STATUS % 4];
}

static struct ps_slice refusal_lines(const struct driver *d)
{
    return d->policy & PLAY_LONG ? lines_of(refusal(d) < 400 ? 2 : 3) : PS_NONE;
}

static void incoming(struct driver *d, const struct ps_event *e)
{
    struct ps_stack *calls = d->stack;
    HOLDS(e->kind == PS_EVENT_CALL_OFFER ||
          ps_call_offer(calls, e->call).n <= d->limits->message_bytes);
    if (d->policy & PLAY_RING)
        (void)ps_call_ring(calls, e->call, 180, PS_NONE, PS_NONE);
    if (d->policy & PLAY_ANSWER)
        watch_answer(&d->watch, e->call, PS_S("application/sdp"), sdp());
    else if (d->policy & PLAY_REJECT)
        watch_reject(&d->watch, e->call, refusal(d), refusal_lines(d));
}

/* Refuses; whether that finds room or not, the request is done with. */
static void refuse_request(struct driver *d, ps_handle transaction, struct ps_response *r)
{
    enum ps_error error = ps_stack_respond(d->stack, transaction, r);
    HOLDS(error == PS_OK);
    error = ps_stack_respond(d->stack, transaction, r);
    HOLDS(error == PS_E_STALE || error == PS_E_STATE);
}

static void request(struct driver *d, const struct ps_event *e)
{
    struct ps_response ok = {.status = 200}, no = {.status = refusal(d)};
    HOLDS(e->message && ps_is_request(e->message));
    no.lines = refusal_lines(d);
    if (e->message->method == PS_METHOD_REGISTER) {
        if (!(d->policy & PLAY_ASK) ||
            ps_stack_authenticate(d->stack, &d->auth, e->transaction, NULL, &no))
            (void)ps_registrar_register(d->stack, e->transaction);
        else
            refuse_request(d, e->transaction, &no);
    } else if (d->policy & PLAY_SILENT) {
        d->request = e->transaction;
    } else if (d->policy & PLAY_REJECT) {
        refuse_request(d, e->transaction, &no);
    } else {
        (void)ps_stack_respond(d->stack, e->transaction, &ok);
    }
}

static void hear(struct driver *d, const struct ps_event *e)
{
    struct ps_stack *calls = d->stack;
    HOLDS(e->kind > PS_EVENT_NONE && e->kind <= PS_EVENT_SUBSCRIPTION_ENDED);
    HOLDS(!e->status || (e->status >= 100 && e->status < 700));
    watch_event(&d->watch, e);
    switch (e->kind) {
    case PS_EVENT_CALL_INCOMING:
    case PS_EVENT_CALL_OFFER:
        incoming(d, e);
        break;
    case PS_EVENT_CALL_ANSWERED:
    case PS_EVENT_CALL_ACCEPTED:
        if (d->policy & PLAY_ANSWER)
            (void)ps_call_acknowledge(calls, e->call, PS_S("application/sdp"), sdp());
        break;
    case PS_EVENT_REQUEST:
        request(d, e);
        break;
    default:
        break;
    }
}

/* ---- feeding and pulling ---- */

static void learn(struct driver *d, const struct ps_address *address)
{
    if (!knows(d, address) && d->known_n < 4)
        d->known[d->known_n++] = *address;
}

static void resolve(struct driver *d, const struct ps_action *a)
{
    struct ps_flow flow[PS_MAX_ADDRESSES];
    unsigned i, n = d->policy & PLAY_NO_NAMES ? 0 : d->policy & PLAY_FOUR ? PS_MAX_ADDRESSES : 1;
    HOLDS(a->hop.host.n);
    for (i = 0; i < n; i++) {
        flow[i] = d->way;
        flow[i].remote.port = (uint16_t)(flow[i].remote.port + i);
    }
    ps_stack_resolved(d->stack, a->request, flow, n);
}

static void pull(struct driver *d)
{
    struct ps_action a;
    unsigned n;
    for (n = 0; ps_stack_pull(d->stack, d->now, &a); n++) {
        HOLDS(n < 1000);
        if (a.kind == PS_ACTION_SEND) {
            is_a_good_message(d, &a);
            repeats_itself(d, &a);
            d->send(d, &a);
        } else if (a.kind == PS_ACTION_RESOLVE) {
            resolve(d, &a);
        } else {
            HOLDS(a.kind == PS_ACTION_EVENT);
            hear(d, &a.event);
        }
        within_limits(d);
    }
    HOLDS(a.kind == PS_ACTION_NONE || !a.bytes.n);
    HOLDS(ps_stack_deadline(d->stack) > d->now);
    within_limits(d);
    watch_calls(&d->watch);
}

static bool parses(struct ps_slice bytes)
{
    static struct ps_message m;
    return !ps_message_parse(&m, bytes.p, bytes.n, NULL, NULL);
}

void driver_receive(struct driver *d, const struct ps_address *from, struct ps_slice bytes)
{
    struct ps_flow flow = d->way;
    flow.remote = *from;
    learn(d, from);
    d->answering_faulty = !parses(bytes);
    watch_received(&d->watch, bytes);
    HOLDS(!ps_stack_receive(d->stack, d->now, &flow, bytes));
    pull(d);
    d->answering_faulty = false;
}

void driver_fail(struct driver *d, ps_handle transaction)
{
    ps_stack_failed(d->stack, transaction, transaction ? NULL : &d->way.remote);
    pull(d);
}

void driver_run(struct driver *d, uint64_t until)
{
    pull(d);
    while (d->now < until) {
        uint64_t next = ps_stack_deadline(d->stack);
        d->now = next < until ? next : until;
        pull(d);
    }
}

/* ---- the user ---- */

static ps_handle nth_call(const struct driver *d, unsigned n)
{
    struct ps_stack *calls = d->stack;
    ps_handle call = ps_call_next(calls, 0), first = call;
    while (n-- && call)
        call = ps_call_next(calls, call);
    return call ? call : first;
}

static void start_call(struct driver *d, unsigned n)
{
    struct watch_call *k = watch_take(&d->watch, 0, WATCH_GOES_ON);
    const struct ps_call_options options = {.account = &d->account,
                                            .to = n & 2 ? PS_S("sip:bob@192.0.2.2:5070")
                                                        : PS_S("sip:bob@example.com"),
                                            .type = PS_S("application/sdp"),
                                            .body = n & 1 ? PS_NONE : sdp(),
                                            .lines = n & 4 ? PS_S("Subject: x\r\n") : PS_NONE,
                                            .user = k};
    if (ps_call_start(d->stack, &options, &k->call))
        k->state = WATCH_GONE;
}

static void send_request(struct driver *d, unsigned n)
{
    const struct ps_request_to_send options = {.account = &d->account,
                                               .method = n & 1 ? PS_S("MESSAGE") : PS_S("OPTIONS"),
                                               .uri = PS_S("sip:bob@example.com"),
                                               .contact = (n & 2) != 0};
    ps_handle handle;
    (void)ps_stack_request(d->stack, &options, &handle);
}

static void start_registration(struct driver *d, unsigned n)
{
    const struct ps_registration_options options = {
        .account = &d->account, .registrar = PS_S("sip:example.com"), .expires = n & 1 ? 60 : 3600};
    ps_handle handle;
    (void)ps_registration_start(d->stack, &options, &handle);
}

static void start_subscription(struct driver *d, unsigned n)
{
    const struct ps_subscription_options options = {.account = &d->account,
                                                    .target = PS_S("sip:bob@example.com"),
                                                    .event = PS_S("presence"),
                                                    .expires = n & 2   ? 0
                                                               : n & 1 ? 60
                                                                       : 3600};
    ps_handle handle;
    (void)ps_subscription_start(d->stack, &options, &handle);
}

static void act_on_call(struct driver *d, char what, unsigned n)
{
    struct ps_stack *calls = d->stack;
    struct ps_slice type = PS_S("application/sdp"), body = n & 4 ? PS_NONE : sdp();
    ps_handle call = nth_call(d, n & 3), handle;
    switch (what) {
    case 'a':
        watch_answer(&d->watch, call, type, body);
        break;
    case 'h':
        watch_hangup(&d->watch, call);
        break;
    case 'i':
        (void)ps_call_reinvite(calls, call, type, body);
        break;
    case 'j':
        watch_reject(&d->watch, call,
                     n >= 16 ? 300 + n % 400
                     : n & 8 ? 302
                             : 603,
                     lines_of(n >= 16 ? n / 4 : n / 8));
        break;
    case 'k':
        (void)ps_call_acknowledge(calls, call, type, body);
        break;
    case 'o':
        (void)ps_call_request(calls, call, PS_S("INFO"), PS_NONE, type, body, &handle);
        break;
    case 'r':
        (void)ps_call_ring(calls, call, n & 8 ? 183 : 180, type, body);
        break;
    default:
        break;
    }
}

static void answer_request(struct driver *d, unsigned n)
{
    struct ps_response r = {.status = 100 + n % 600};
    (void)ps_stack_respond(d->stack, d->request, &r);
}

static void forget_registrations(struct driver *d, bool politely)
{
    struct ps_stack *r = d->stack;
    ps_handle next, handle = ps_registration_next(r, 0);
    for (; handle; handle = next) {
        next = ps_registration_next(r, handle);
        if (!politely || ps_registration_stop(r, handle))
            ps_registration_end(r, handle);
    }
}

static void forget_subscriptions(struct driver *d, bool politely)
{
    struct ps_stack *s = d->stack;
    ps_handle next, handle = ps_subscription_next(s, 0);
    for (; handle; handle = next) {
        next = ps_subscription_next(s, handle);
        if (!politely || ps_subscription_stop(s, handle))
            ps_subscription_end(s, handle);
    }
}

void driver_act(struct driver *d, char what, unsigned n)
{
    switch (what) {
    case 's':
        start_call(d, n);
        break;
    case 'q':
        send_request(d, n);
        break;
    case 'g':
        start_registration(d, n);
        break;
    case 'G':
        forget_registrations(d, true);
        break;
    case 'e':
        forget_registrations(d, false);
        forget_subscriptions(d, false);
        break;
    case 'n':
        start_subscription(d, n);
        break;
    case 'N':
        forget_subscriptions(d, true);
        break;
    case 'w':
        answer_request(d, n);
        break;
    case 'p':
        d->policy = n;
        break;
    default:
        act_on_call(d, what, n);
    }
    if (ps_find(PS_S("sqgnikor"), what)) /* what is sent is the user's wish */
        d->watch.proven = true;
    pull(d);
}

/* ---- begin and end ---- */

static const struct ps_digest_user *find_user(void *context,
                                              const struct ps_digest_credentials *credentials)
{
    struct driver *d = (struct driver *)context;
    return ps_digest_names(credentials, &d->user) ? &d->user : NULL;
}

static void start_auth(struct driver *d)
{
    struct ps_digest_server *s = &d->auth.digest;
    d->user.username = PS_S("alice");
    d->user.password = PS_S("secret");
    s->realm = PS_S("example.com");
    s->nonce_life = 60000;
    s->offers[0] = PS_DIGEST_SHA_256;
    s->offers[1] = PS_DIGEST_MD5;
    s->n_offers = 2;
    s->qop = PS_QOP_AUTH;
    s->bucket = d->buckets;
    s->n_buckets = 4;
    d->auth.find_user = find_user;
    d->auth.context = d;
}

void driver_start(struct driver *d, const char *address, const char *peer, uint8_t seed, bool tight)
{
    static const struct ps_digest_policy policy;
    struct ps_config config = {.limits = tight ? tight_ones : roomy, .now = 1000};
    memset(d, 0, offsetof(struct driver, block));
    memset((char *)d + offsetof(struct driver, account), 0,
           sizeof *d - offsetof(struct driver, account));
    d->now = 1000;
    d->limits = tight ? &tight_ones : &roomy;
    HOLDS(!ps_address_parse(ps_slice_of(address), 5060, &d->address));
    d->way.local = d->address;
    HOLDS(!ps_address_parse(ps_slice_of(peer), 5060, &d->way.remote));
    learn(d, &d->way.remote);
    d->account.aor = PS_S("sip:alice@example.com");
    d->account.contact_user = PS_S("alice");
    start_auth(d);
    ps_digest_client_start(&d->account.digest, &d->user, 1, &policy);
    memset(config.seed, seed, sizeof config.seed);
    config.account = &d->account;
    config.allow =
        PS_S("INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, UPDATE, INFO, MESSAGE, NOTIFY");
    HOLDS(ps_stack_size(&config.limits) <= sizeof d->block);
    d->stack = ps_stack_init(d->block, sizeof d->block, &config);
    HOLDS(d->stack);
    d->watch.calls = d->stack;
    driver_starve('o', 0, 0);
    driver_starve('c', 0, 0);
}

void driver_end(struct driver *d)
{
    struct ps_stack_live live;
    unsigned i, rounds = 0;
    d->policy = PLAY_REJECT;
    driver_starve('o', 0, 0);
    driver_starve('c', 0, 0);
    forget_registrations(d, false);
    forget_subscriptions(d, false);
    while (ps_call_next(d->stack, 0) && rounds++ < 64) {
        for (i = 0; i < d->limits->calls; i++)
            driver_act(d, 'h', i);
        driver_run(d, d->now + 400000);
    }
    for (rounds = 0; ps_stack_deadline(d->stack) != PS_NEVER; rounds++) {
        HOLDS(rounds < 20000);
        driver_run(d, ps_stack_deadline(d->stack));
    }
    live = ps_stack_live(d->stack);
    for (i = 0; i < 4; i++)
        HOLDS(!live.transactions[i]);
    for (i = 0; i < PS_SIZE_CLASSES; i++)
        HOLDS(!live.kept[i]);
    HOLDS(!live.requests && !live.dialogs && !live.calls && !live.timers);
    HOLDS(!live.registrations && !live.subscriptions && !live.bindings);
    ps_digest_client_end(&d->account.digest);
}
