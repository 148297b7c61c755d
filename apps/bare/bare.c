/*
 * plainsip without an operating system: the image of `make demo-bare` for a Cortex-M4 board. A
 * phone on a static block of memory registers with Digest, calls, talks, hangs up and unregisters;
 * its peers, a registrar and another phone that follow a script, are in the image too, each a stack
 * of its own, and the network between them is a small queue that loses one datagram. The ladder
 * goes out by semihosting; exit status 0 only if every step happened and nothing is left.
 *
 * Also what a port looks like: startup code, a clock, a driver, and nothing else. Knows libc's
 * memory functions alone; no heap, no printf, no random device (the board has none).
 */
#include "plainsip.h"

/* ---- the board: MPS2 with the AN386 image, Cortex-M4 at 25 MHz ---- */

#define BOARD_HZ 25000000u
#define SYSTICK_CONTROL (*(volatile uint32_t *)0xe000e010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xe000e014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xe000e018u)
#define TICK 10u          /* ms */
#define PAINT 0xa5a5a5a5u /* of stack that was never used */

/* of bare.ld */
extern uint32_t bare_data[], bare_data_end[], bare_bss[], bare_bss_end[];
extern uint32_t bare_stack[], bare_stack_end[];
extern const uint32_t bare_data_from[];

void bare_reset(void);
static void run(void);

static volatile uint32_t ticks; /* wraps after more than a year, long after the story's end */

static uint64_t clock_ms(void)
{
    return (uint64_t)ticks * TICK;
}

static void on_tick(void)
{
    ticks = ticks + 1;
}

/* Arm's semihosting: an operation's number and its argument, in r0 and r1; the debugger (here:
 * qemu) does it. */
static void semihost(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void print(const char *line)
{
    semihost(0x04, line); /* SYS_WRITE0 */
}

static void leave(uint32_t status)
{
    const uint32_t block[2] = {0x20026, status}; /* ADP_Stopped_ApplicationExit */
    for (;;)
        semihost(0x20, block); /* SYS_EXIT_EXTENDED */
}

static void on_fault(void)
{
    print("The processor has faulted.\n");
    leave(2);
}

void bare_reset(void)
{
    const uint32_t *from = bare_data_from;
    uint32_t *to, *here = __builtin_frame_address(0);
    for (to = bare_data; to < bare_data_end; to++)
        *to = *from++;
    for (to = bare_bss; to < bare_bss_end; to++)
        *to = 0;
    for (to = bare_stack; to < here - 16; to++)
        *to = PAINT;
    SYSTICK_RELOAD = BOARD_HZ / 1000 * TICK - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7; /* the processor's clock, interrupt, on */
    run();
    leave(2);
}

/* clang-format off */
/* The first word is the stack's end, then the exceptions by their numbers. */
union vector {
    uint32_t *stack;
    void (*handler)(void);
};
__attribute__((section(".vectors"), used)) static const union vector vectors[16] = {
    {.stack = bare_stack_end}, {.handler = bare_reset}, /* 0, 1 */
    {.handler = on_fault}, {.handler = on_fault},       /* NMI, HardFault */
    {.handler = on_fault}, {.handler = on_fault},       /* memory, bus */
    {.handler = on_fault}, {.handler = on_fault},       /* usage; 7 to 10 are reserved */
    {.handler = on_fault}, {.handler = on_fault},
    {.handler = on_fault}, {.handler = on_fault},       /* 11: SVCall */
    {.handler = on_fault}, {.handler = on_fault},       /* debug; reserved */
    {.handler = on_fault}, {.handler = on_tick},        /* PendSV, SysTick */
};
/* clang-format on */

static uint32_t deepest_stack(void)
{
    const uint32_t *p = bare_stack;
    while (p < bare_stack_end && *p == PAINT)
        p++;
    return (uint32_t)((const char *)bare_stack_end - (const char *)p);
}

/* ---- the parties ---- */

enum { ALICE, REGISTRAR, BOB, PARTIES };

/* Phones of 1 call, by the rule of stack.h, of which one registers; and a registrar. */
static const struct ps_limits alice_limits = PS_LIMITS_FOR(1, 1, 0, PS_MAX_MESSAGE);
static const struct ps_limits bob_limits = PS_LIMITS_FOR(1, 0, 0, PS_MAX_MESSAGE);
static const struct ps_limits registrar_limits = {
    8, 0, 0, 0, 0, 0, 4, PS_MAX_MESSAGE, 4, {{512, 4}, {1024, 3}, {0, 0}, {0, 0}},
};
#define ALICE_BYTES PS_STACK_BYTES_FOR(1, 1, 0, PS_MAX_MESSAGE)
#define BOB_BYTES PS_STACK_BYTES_FOR(1, 0, 0, PS_MAX_MESSAGE)
#define REGISTRAR_BYTES PS_STACK_BYTES(8, 0, 0, 0, 0, 0, 4, PS_MAX_MESSAGE, 4 * 512 + 3 * 1024)

static _Alignas(8) char alice_block[ALICE_BYTES];
static _Alignas(8) char bob_block[BOB_BYTES];
static _Alignas(8) char registrar_block[REGISTRAR_BYTES];

struct media {
    struct ps_sdp_negotiation negotiation;
    char memory[PS_SDP_MEMORY(384)];
};

static const struct identity {
    const char *name, *host, *aor;
    struct ps_address address;
} identity[PARTIES] = {
    {"alice",
     "alice.example.org",
     "sip:alice@example.org",
     {.family = PS_IPV4, .port = 5060, .ip = {192, 0, 2, 10}}},
    {"registrar",
     "example.org",
     "sip:example.org",
     {.family = PS_IPV4, .port = 5060, .ip = {192, 0, 2, 1}}},
    {"bob",
     "bob.example.org",
     "sip:bob@example.org",
     {.family = PS_IPV4, .port = 5060, .ip = {192, 0, 2, 20}}},
};

static struct party {
    struct ps_address address;
    struct ps_stack *stack;
    struct ps_account account;
    struct media media;
    ps_handle call, registration;
} party[PARTIES];

static const struct ps_digest_user user = {
    .username = {"alice", 5}, .realm = {"example.org", 11}, .password = {"secret of alice", 15}};

/* ---- the ladder ---- */

#define COLUMN 30
#define LIFELINES (2 * COLUMN + 1) /* characters from the first to the last */

static void put_padded(struct ps_writer *w, uint64_t number, size_t width, char pad)
{
    uint64_t n = number;
    size_t digits = 1;
    for (; n >= 10; n /= 10)
        digits++;
    for (; digits < width; digits++)
        ps_put_char(w, pad);
    ps_put_number(w, number);
}

static void put_time(struct ps_writer *w)
{
    uint64_t now = clock_ms();
    put_padded(w, now / 1000, 3, ' ');
    ps_put_char(w, '.');
    put_padded(w, now % 1000, 3, '0');
    ps_put(w, PS_S("  "));
}

/* A line is the writer's buffer, cut where it is full. */
static void print_line(struct ps_writer *w)
{
    size_t n = w->n < w->capacity - 2 ? w->n : w->capacity - 2;
    w->p[n] = '\n';
    w->p[n + 1] = '\0';
    print(w->p);
}

static void put_summary(struct ps_writer *w, struct ps_slice bytes)
{
    static struct ps_message m;
    struct ps_fault fault;
    if (ps_message_parse(&m, bytes.p, bytes.n, NULL, &fault)) {
        ps_put(w, PS_S("no valid message"));
        return;
    }
    if (m.status) {
        ps_put_number(w, m.status);
        ps_put_char(w, ' ');
        ps_put(w, ps_reason(&m));
    } else {
        ps_put(w, ps_request_method(&m));
        ps_put_char(w, ' ');
        ps_put(w, ps_request_uri(&m));
    }
    ps_put(w, PS_S(" ("));
    ps_put(w, ps_header_value(&m, PS_H_CSEQ, 0));
    ps_put_char(w, ')');
}

/* "|-- INVITE sip:bob@... --->|                       |" between two of the three. */
static void print_arrow(int from, int to, struct ps_slice bytes, bool lost)
{
    char line[96], label[96];
    struct ps_writer w = ps_writer(line, sizeof line), l = ps_writer(label, sizeof label);
    int left = from < to ? from : to, right = from < to ? to : from;
    int begin = left * COLUMN + 1, n, i;
    char *lifelines;
    put_summary(&l, bytes);
    n = l.n < COLUMN - 7 ? (int)l.n : COLUMN - 7;
    put_time(&w);
    lifelines = line + w.n;
    memset(lifelines, ' ', LIFELINES);
    for (i = 0; i < PARTIES; i++)
        lifelines[i * COLUMN] = '|';
    for (i = begin; i < right * COLUMN; i++)
        if (lifelines[i] != '|')
            lifelines[i] = '-';
    lifelines[from < to ? right * COLUMN - 1 : begin] = lost ? 'x' : from < to ? '>' : '<';
    memcpy(lifelines + begin + 3, label, (size_t)n);
    lifelines[begin + 2] = lifelines[begin + 3 + n] = ' ';
    w.n += LIFELINES;
    print_line(&w);
}

static void print_head(void)
{
    char line[96];
    struct ps_writer w = ps_writer(line, sizeof line);
    int i;
    for (i = 0; i < PARTIES; i++) {
        while (w.n < 9 + (size_t)i * COLUMN)
            ps_put_char(&w, ' ');
        ps_put_string(&w, identity[i].name);
    }
    print_line(&w);
}

/* ---- the story: what must happen, in this order ---- */

#define BARE_STORY(X)                                                                              \
    X(CHALLENGED, "the registrar asks alice for her password")                                     \
    X(GRANTED, "alice's answer is right")                                                          \
    X(REGISTERED, "alice has registered")                                                          \
    X(LOST, "alice calls bob; the network loses her INVITE")                                       \
    X(SENT_AGAIN, "half a second later it goes again (17.1.1.2, timer A)")                         \
    X(RINGS_AT_BOB, "it rings at bob")                                                             \
    X(ALICE_HEARS_RINGING, "alice hears it ring")                                                  \
    X(ANSWERED, "bob has answered")                                                                \
    X(CONFIRMED, "the answer is acknowledged: they talk")                                          \
    X(HUNG_UP_AT_BOB, "bob hears that alice has hung up")                                          \
    X(HUNG_UP, "the call is over for alice too")                                                   \
    X(GRANTED_UNASKED, "alice takes her binding back, with her password unasked")                  \
    X(UNREGISTERED, "alice has unregistered")                                                      \
    X(QUIET, "all timers have run out: nothing is left in any of the three")

enum story {
#define STORY_ENUM(id, text) id,
    BARE_STORY(STORY_ENUM)
#undef STORY_ENUM
        STORY_END
};

static const char *const story_text[] = {
#define STORY_TEXT(id, text) text,
    BARE_STORY(STORY_TEXT)
#undef STORY_TEXT
        "the end",
};

static enum story next_step;

static void fail(const char *what)
{
    char line[160];
    struct ps_writer w = ps_writer(line, sizeof line);
    put_time(&w);
    ps_put_string(&w, what);
    ps_put(&w, PS_S(": not so: "));
    ps_put_string(&w, story_text[next_step]);
    print_line(&w);
    print("The story broke off.\n");
    leave(1);
}

/* It happened; was it its turn? */
static void happened(enum story step, bool right)
{
    char line[96];
    struct ps_writer w = ps_writer(line, sizeof line);
    if (step != next_step || !right)
        fail(story_text[step]);
    put_time(&w);
    ps_put(&w, PS_S("* "));
    ps_put_string(&w, story_text[step]);
    print_line(&w);
    next_step = (enum story)(step + 1);
}

static void must(enum ps_error error)
{
    if (error)
        fail(ps_error_text(error));
}

/* ---- the network: a queue of datagrams, each some milliseconds under way ---- */

#define UNDER_WAY 20 /* ms */
#define DATAGRAMS 8

static struct datagram {
    uint64_t due;
    int from, to;
    size_t n;
    char bytes[PS_MAX_MESSAGE];
} network[DATAGRAMS]; /* a ring: what is sent first arrives first */
static unsigned network_first, network_count;

static int party_at(const struct ps_address *address)
{
    int i;
    for (i = 0; i < PARTIES; i++)
        if (ps_address_equal(&party[i].address, address))
            return i;
    return -1;
}

static void carry(int from, int to, struct ps_slice bytes)
{
    struct datagram *d = &network[(network_first + network_count) % DATAGRAMS];
    if (network_count == DATAGRAMS || bytes.n > sizeof d->bytes)
        fail("the network is full");
    d->due = clock_ms() + UNDER_WAY;
    d->from = from;
    d->to = to;
    d->n = bytes.n;
    memcpy(d->bytes, bytes.p, bytes.n);
    network_count++;
}

static void send(int from, const struct ps_action *action)
{
    int to = party_at(&action->flow->remote);
    bool lost = next_step == LOST;
    if (to < 0)
        fail("nobody has that address");
    print_arrow(from, to, action->bytes, lost);
    if (lost)
        happened(LOST, from == ALICE && to == BOB && !action->again);
    else
        carry(from, to, action->bytes);
    if (action->again)
        happened(SENT_AGAIN, from == ALICE && to == BOB);
}

/* ---- the driver: what sip/README.md says that a port gives ---- */

static void on_event(struct party *p, const struct ps_event *event);

/* A name is one of the parties'; or it is an address. */
static void resolve(const struct party *p, const struct ps_action *action)
{
    struct ps_flow flow;
    bool found;
    int i;
    memset(&flow, 0, sizeof flow);
    found = !ps_ip_parse(action->hop.host, &flow.remote);
    for (i = 0; i < PARTIES && !found; i++) {
        found = ps_equal_nocase(ps_slice_of(identity[i].host), action->hop.host);
        flow.remote = party[i].address;
    }
    flow.local = p->address;
    flow.remote.port = action->hop.port ? action->hop.port : 5060;
    ps_stack_resolved(p->stack, action->request, &flow, found);
}

static void pull(int i)
{
    struct ps_action action;
    while (ps_stack_pull(party[i].stack, clock_ms(), &action)) {
        if (action.kind == PS_ACTION_SEND)
            send(i, &action);
        else if (action.kind == PS_ACTION_RESOLVE)
            resolve(&party[i], &action);
        else
            on_event(&party[i], &action.event);
    }
}

static void deliver(void)
{
    struct datagram *d = &network[network_first];
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    flow.local = party[d->to].address;
    flow.remote = party[d->from].address;
    must(ps_stack_receive(party[d->to].stack, clock_ms(), &flow, ps_slice(d->bytes, d->n)));
    pull(d->to);
    network_first = (network_first + 1) % DATAGRAMS;
    network_count--;
}

/* ---- what the parties do ---- */

/* One thing that somebody does later: bob thinks a second before he answers, say. */
static struct {
    uint64_t due;
    void (*act)(struct party *p);
    int who;
} later;

static void do_later(uint32_t ms, int who, void (*act)(struct party *p))
{
    later.due = clock_ms() + ms;
    later.who = who;
    later.act = act;
}

/* Returns the phone's abilities as SDP; parses them each time, because they are wanted twice. */
static const struct ps_sdp *codecs(const struct party *p)
{
    static char text[256];
    static struct ps_sdp sdp;
    struct ps_writer w = ps_writer(text, sizeof text);
    ps_put(&w, PS_S("v=0\r\no=- 1 1 IN IP4 "));
    ps_put_ip(&w, &p->address, false);
    ps_put(&w, PS_S("\r\ns=-\r\nc=IN IP4 "));
    ps_put_ip(&w, &p->address, false);
    ps_put(&w, PS_S("\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n"
                    "a=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"));
    must(ps_sdp_parse(ps_written(&w), PS_SDP_STRICT, &sdp, NULL));
    return &sdp;
}

/* Do both sides send to where the other one receives? */
static bool talk(const struct party *p, const struct party *peer)
{
    static struct ps_sdp_outcome outcome;
    struct ps_address address;
    return !ps_sdp_outcome(&p->media.negotiation, 0, &outcome) && outcome.active &&
           outcome.direction == PS_SDP_SENDRECV && outcome.port == 4000 &&
           !ps_ip_parse(outcome.address, &address) && ps_ip_equal(&address, &peer->address);
}

static void register_alice(struct party *p)
{
    struct ps_registration_options options;
    memset(&options, 0, sizeof options);
    options.account = &p->account;
    options.registrar = PS_S("sip:example.org");
    options.expires = 600;
    must(ps_registration_start(p->stack, &options, &p->registration));
}

static void call_bob(struct party *p)
{
    struct ps_call_options options;
    memset(&options, 0, sizeof options);
    options.account = &p->account;
    options.to = PS_S("sip:bob@bob.example.org");
    options.type = PS_S("application/sdp");
    ps_sdp_negotiation_init(&p->media.negotiation, p->media.memory, sizeof p->media.memory);
    must(ps_sdp_offer(&p->media.negotiation, codecs(p), PS_SDP_SENDRECV, &options.body));
    must(ps_call_start(p->stack, &options, &p->call));
}

static void answer(struct party *p)
{
    struct ps_stack *calls = p->stack;
    struct ps_slice body;
    ps_sdp_negotiation_init(&p->media.negotiation, p->media.memory, sizeof p->media.memory);
    must(ps_sdp_answer(&p->media.negotiation, ps_call_offer(calls, p->call), codecs(p),
                       PS_SDP_SENDRECV, &body, NULL));
    must(ps_call_answer(calls, p->call, PS_S("application/sdp"), body));
}

static void hang_up(struct party *p)
{
    must(ps_call_hangup(p->stack, p->call));
}

static void on_alice(struct party *p, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REGISTERED) {
        happened(REGISTERED, event->expires == 600);
        do_later(1000, ALICE, call_bob);
    } else if (event->kind == PS_EVENT_CALL_PROGRESS) {
        happened(ALICE_HEARS_RINGING, event->status == 180);
    } else if (event->kind == PS_EVENT_CALL_ANSWERED) {
        must(ps_sdp_accept(&p->media.negotiation, ps_body(event->message), NULL));
        happened(ANSWERED, talk(p, &party[BOB]));
    } else if (event->kind == PS_EVENT_CALL_ENDED) {
        happened(HUNG_UP, event->status == 200);
        must(ps_registration_stop(p->stack, p->registration));
    } else if (event->kind == PS_EVENT_UNREGISTERED) {
        happened(UNREGISTERED, true);
    } else {
        fail("something else happened at alice");
    }
}

static void on_bob(struct party *p, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_CALL_INCOMING) {
        happened(RINGS_AT_BOB, true);
        p->call = event->call;
        must(ps_call_ring(p->stack, p->call, 180, PS_NONE, PS_NONE));
        do_later(1000, BOB, answer);
    } else if (event->kind == PS_EVENT_CALL_CONFIRMED) {
        happened(CONFIRMED, talk(p, &party[ALICE]));
        do_later(3000, ALICE, hang_up);
    } else if (event->kind == PS_EVENT_CALL_ENDED) {
        happened(HUNG_UP_AT_BOB, event->status == 200);
    } else {
        fail("something else happened at bob");
    }
}

static const struct ps_digest_user *find_user(void *context,
                                              const struct ps_digest_credentials *credentials)
{
    (void)context;
    return ps_digest_names(credentials, &user) ? &user : NULL;
}

static struct ps_digest_bucket nonces;
static struct ps_auth_server auth = {
    .digest = {.realm = {"example.org", 11},
               .nonce_life = 60000,
               .n_offers = 2,
               .offers = {PS_DIGEST_SHA_256, PS_DIGEST_MD5},
               .qop = PS_QOP_AUTH,
               .key = {7, 2, 3, 5},
               .bucket = &nonces,
               .n_buckets = 1},
    .find_user = find_user,
};

/* 10.3: who is it; then what the REGISTER says. */
static void on_registrar(struct party *p, const struct ps_event *event)
{
    const struct ps_digest_user *who;
    struct ps_response refusal;
    memset(&refusal, 0, sizeof refusal);
    if (event->kind != PS_EVENT_REQUEST || event->message->method != PS_METHOD_REGISTER)
        fail("something else happened at the registrar");
    if (ps_stack_authenticate(p->stack, &auth, event->transaction, &who, &refusal)) {
        happened(next_step == GRANTED ? GRANTED : GRANTED_UNASKED, who == &user);
        must(ps_registrar_register(p->stack, event->transaction));
        return;
    }
    happened(CHALLENGED, refusal.status == 401);
    must(ps_stack_respond(p->stack, event->transaction, &refusal));
}

static void on_event(struct party *p, const struct ps_event *event)
{
    if (p == &party[ALICE])
        on_alice(p, event);
    else if (p == &party[BOB])
        on_bob(p, event);
    else
        on_registrar(p, event);
}

/* ---- the whole ---- */

static void open_party(int i, void *block, size_t n, const struct ps_limits *limits)
{
    struct ps_config config;
    size_t k;
    memset(&config, 0, sizeof config);
    config.limits = *limits;
    config.now = clock_ms();
    for (k = 0; k < sizeof config.seed; k++) /* a product takes its hardware's random bytes */
        config.seed[k] = (uint8_t)(k * 41 + (size_t)i * 101 + 1);
    config.account = &party[i].account;
    party[i].address = identity[i].address;
    party[i].account.aor = ps_slice_of(identity[i].aor);
    party[i].account.contact_user = ps_slice_of(identity[i].name);
    party[i].stack = ps_stack_init(block, n, &config);
    if (!party[i].stack)
        fail("the block is too small");
}

static bool is_quiet(void)
{
    static const struct ps_stack_live nothing;
    struct ps_stack_live live;
    int i;
    for (i = 0; i < PARTIES; i++) {
        live = ps_stack_live(party[i].stack);
        if (ps_stack_deadline(party[i].stack) != PS_NEVER || memcmp(&live, &nothing, sizeof live))
            return false;
    }
    return !network_count;
}

/* All that is due now; false where nothing was. */
static bool step(void)
{
    uint64_t now = clock_ms();
    bool done = false;
    int i;
    if (network_count && network[network_first].due <= now) {
        deliver();
        done = true;
    }
    if (later.act && later.due <= now) {
        void (*act)(struct party *) = later.act;
        later.act = NULL;
        ps_stack_set_now(party[later.who].stack, now);
        act(&party[later.who]);
        pull(later.who);
        done = true;
    }
    for (i = 0; i < PARTIES; i++)
        if (ps_stack_deadline(party[i].stack) <= now) {
            pull(i);
            done = true;
        }
    return done;
}

static void print_sizes(void)
{
    char line[160];
    struct ps_writer w = ps_writer(line, sizeof line);
    ps_put(&w, PS_S("alice: a block of "));
    ps_put_number(&w, sizeof alice_block);
    ps_put(&w, PS_S(" bytes, of which her limits need "));
    ps_put_number(&w, ps_stack_size(&alice_limits));
    ps_put(&w, PS_S("; deepest stack of the whole image: "));
    ps_put_number(&w, deepest_stack());
    ps_put(&w, PS_S(" bytes"));
    print_line(&w);
}

static void run(void)
{
    static const struct ps_digest_policy policy;
    open_party(ALICE, alice_block, sizeof alice_block, &alice_limits);
    open_party(REGISTRAR, registrar_block, sizeof registrar_block, &registrar_limits);
    open_party(BOB, bob_block, sizeof bob_block, &bob_limits);
    must(ps_digest_server_valid(&auth.digest));
    ps_digest_client_start(&party[ALICE].account.digest, &user, 1, &policy);
    print_head();
    register_alice(&party[ALICE]);
    pull(ALICE);
    while (next_step != STORY_END) {
        if (clock_ms() > 60000)
            fail("a minute has passed");
        if (next_step == QUIET && is_quiet())
            happened(QUIET, true);
        else if (!step())
            __asm__ volatile("wfi"); /* until the next tick at the latest */
    }
    print_sizes();
    print("Everything happened as it should.\n");
    leave(0);
}
