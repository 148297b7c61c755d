/* Requests of a forged source, and a stack that answers them: see amplification.h. */
#include "amplification.h"

#include <stdio.h>
#include <stdlib.h>

#include "sip/stack.h"

/* ---- requests ---- */

static const char usual_offer[] =
    "v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.66\r\ns=-\r\nc=IN IP4 192.0.2.66\r\n"
    "t=0 0\r\nm=audio 49170 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";
static const char short_offer[] = "v=0\r\no=- 0 0 IN IP4 h\r\ns=-\r\nc=IN IP4 h\r\nt=0 0\r\n"
                                  "m=audio 9 RTP/AVP 0\r\n";

static int write_usual(char *text, const struct amplify_request *r)
{
    const char *body = r->offer ? usual_offer : "";
    return snprintf(
        text, AMPLIFY_TEXT,
        "%s %s SIP/2.0\r\n"
        "Via: SIP/2.0/UDP %s;branch=z9hG4bK-524287-1---5e3c9bd0a1f1%04u;rport\r\n"
        "Max-Forwards: 70\r\nFrom: \"Alice\" <sip:alice@example.com>;tag=5a3c1d07\r\n"
        "To: <sip:bob@example.com>%s%s\r\nCall-ID: 84a1d9c2-71f6-4be9-8a35-0c4f2e9d7b%04u\r\n"
        "CSeq: 1 %s\r\nContact: <sip:alice@%s>\r\n%s"
        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, INFO\r\n"
        "User-Agent: A Phone/1.2.3\r\n%sContent-Length: %u\r\n\r\n%s",
        r->method, r->uri, r->source, r->number, r->to_tag ? ";tag=" : "",
        r->to_tag ? r->to_tag : "", r->number, r->method, r->contact ? r->contact : r->source,
        r->faulty ? "Expires: x\r\n" : "", r->offer ? "Content-Type: application/sdp\r\n" : "",
        (unsigned)strlen(body), body);
}

/* Without all that a server can do without: Max-Forwards, the branch and From's tag came after RFC
 * 2543, where no Contact stands From says it, and a line may end with LF alone. */
static int write_short(char *text, const struct amplify_request *r)
{
    return snprintf(text, AMPLIFY_TEXT,
                    "%s %s SIP/2.0\nv:SIP/2.0/UDP h%s\nf:sip:h\nt:a:b%s%s\n"
                    "i:%u\nCSeq:1 %s\n%s%s%s%s%s\n%s",
                    r->method, r->uri, r->rport ? ";rport" : "", r->to_tag ? ";tag=" : "",
                    r->to_tag ? r->to_tag : "", r->number, r->method, r->contact ? "m:sip:" : "",
                    r->contact ? r->contact : "", r->contact ? "\n" : "",
                    r->faulty ? "Expires:x\n" : "", r->offer ? "c:application/sdp\n" : "",
                    r->offer ? short_offer : "");
}

size_t amplify_write(char text[AMPLIFY_TEXT], const struct amplify_request *r,
                     enum amplify_size size)
{
    int n = size == AMPLIFY_USUAL ? write_usual(text, r) : write_short(text, r);
    return n < 0 || n >= AMPLIFY_TEXT ? 0 : (size_t)n;
}

/* ---- results ---- */

static bool begins(struct ps_slice bytes, struct ps_slice with)
{
    return bytes.n > with.n && !memcmp(bytes.p, with.p, with.n);
}

void amplify_count(struct amplify_result *result, struct ps_slice bytes)
{
    result->datagrams++;
    result->out += bytes.n;
    if (begins(bytes, PS_S("BYE ")))
        result->byes++;
    else if (begins(bytes, PS_S("SIP/2.0 ")) && bytes.n > 12 && bytes.p[8] >= '2')
        result->status = (unsigned)atoi(bytes.p + 8);
}

static bool is_expected(const struct amplify_result *result)
{
    return result->status == result->expected || (result->expected == 302 && result->status == 480);
}

bool amplify_holds(const struct amplify_result *result)
{
    return result->in && result->out <= result->bound * result->in && is_expected(result) &&
           (result->bye ? result->byes > 0 : result->byes == 0);
}

void amplify_print_head(const char *of)
{
    printf("%-46s %-6s %5s %4s %6s %6s %6s  %s\n", of, "size", "in", "n", "out", "ratio", "bound",
           "answer");
}

void amplify_print(const struct amplify_result *result)
{
    printf("%-46s %-6s %5lu %4u %6lu %6.1f %6u  %u%s%s\n", result->name,
           result->size == AMPLIFY_USUAL ? "usual" : "short", (unsigned long)result->in,
           result->datagrams, (unsigned long)result->out,
           result->in ? (double)result->out / (double)result->in : 0.0, result->bound,
           result->status, result->byes ? ", BYE" : "",
           amplify_holds(result) ? "" : "  <- does not hold");
}

/* ---- the library ---- */

enum play { AT_ONCE, RINGS, ASKS, RINGS_FOR_EVER };

#define INVITE_REFUSED .method = "INVITE", .bound = AMPLIFY_OF_REFUSED
#define INVITE_TAKEN .method = "INVITE", .bound = AMPLIFY_OF_TAKEN
#define REQUEST(name) .method = (name), .bound = AMPLIFY_OF_REQUEST

static const struct amplify_case {
    const char *name, *method;
    unsigned status;
    enum play play;
    unsigned bound;
    unsigned contacts;
    bool offer, faulty;
    const char *to_tag, *contact;
    size_t description; /* bytes of ours; 0: a phone's */
} cases[] = {
    {INVITE_REFUSED, .name = "INVITE, refused with 302, 1 Contact", .status = 302, .contacts = 1},
    {INVITE_REFUSED, .name = "INVITE, refused with 302, 16 Contacts", .status = 302,
     .contacts = 16},
    {INVITE_REFUSED, .name = "INVITE, refused with 400", .status = 400},
    {INVITE_REFUSED, .name = "INVITE, refused with 401", .status = 401, .play = ASKS},
    {INVITE_REFUSED, .name = "INVITE, refused with 404", .status = 404},
    {INVITE_REFUSED, .name = "INVITE, refused with 480", .status = 480},
    {INVITE_REFUSED, .name = "INVITE, rings for 300 s: 480", .status = 480, .play = RINGS_FOR_EVER},
    {INVITE_REFUSED, .name = "INVITE, 180, refused with 486", .status = 486, .play = RINGS,
     .offer = true},
    {INVITE_REFUSED, .name = "INVITE, refused with 503", .status = 503},
    {INVITE_REFUSED, .name = "INVITE of no dialog: 481", .status = 481, .to_tag = "x"},
    {INVITE_REFUSED, .name = "INVITE, faulty: 400", .status = 400, .faulty = true},
    {INVITE_TAKEN, .name = "INVITE without an offer, taken", .status = 200, .play = RINGS},
    {INVITE_TAKEN, .name = "INVITE with an offer, taken", .status = 200, .play = RINGS,
     .offer = true},
    {INVITE_TAKEN, .name = "INVITE, taken, Contact of 4 addresses", .status = 200, .play = RINGS,
     .contact = "x.y"},
    {REQUEST("OPTIONS"), .name = "OPTIONS, 200", .status = 200},
    {REQUEST("OPTIONS"), .name = "OPTIONS, 302, 16 Contacts", .status = 302, .contacts = 16},
    {REQUEST("OPTIONS"), .name = "OPTIONS, 401", .status = 401, .play = ASKS},
    {REQUEST("OPTIONS"), .name = "OPTIONS, faulty: 400", .status = 400, .faulty = true},
    {REQUEST("MESSAGE"), .name = "MESSAGE, 200", .status = 200},
    {REQUEST("MESSAGE"), .name = "MESSAGE, 302, 16 Contacts", .status = 302, .contacts = 16},
    {REQUEST("REGISTER"), .name = "REGISTER, 401", .status = 401, .play = ASKS},
    {REQUEST("SUBSCRIBE"), .name = "SUBSCRIBE, 489", .status = 489},
    {REQUEST("NOTIFY"), .name = "NOTIFY of no dialog: 481", .status = 481, .to_tag = "x"},
    {REQUEST("BYE"), .name = "BYE of no dialog: 481", .status = 481, .to_tag = "x"},
    {REQUEST("CANCEL"), .name = "CANCEL of nothing: 481", .status = 481},
    {REQUEST("FETCH"), .name = "a method that nobody knows: 501", .status = 501},
};

unsigned amplify_cases(void)
{
    return (unsigned)(sizeof cases / sizeof *cases);
}

/* Addresses as long as they can be: they stand in the responses and in the BYE. */
#define OURS "[2001:db8:aaaa:2222:3333:4444:5555:6667]:50600"
#define FORGED "[2001:db8:1111:2222:3333:4444:5555:6666]:50660"

/* The stack, and what its application does. */
struct under_test {
    const struct amplify_case *what;
    struct amplify_result result;
    struct ps_stack *stack;
    struct ps_account account;
    struct ps_auth_server auth;
    struct ps_digest_bucket bucket[4];
    struct ps_flow flow;
    uint64_t now;
    char contacts[16384];
    size_t contacts_n;
};

/* Contacts as long as 450 bytes, the first the shortest. */
static void write_contacts(struct under_test *u)
{
    struct ps_writer w = ps_writer(u->contacts, sizeof u->contacts);
    unsigned i, k;
    for (i = 0; i < u->what->contacts; i++) {
        ps_put(&w, PS_S("Contact: <sip:bob@192.0.2."));
        ps_put_number(&w, 100 + i);
        ps_put(&w, PS_S(":5060;transport=udp"));
        for (k = 0; k < 25 * i; k++)
            ps_put(&w, k % 25 ? PS_S("x") : PS_S(";p"));
        ps_put(&w, PS_S(">\r\n"));
    }
    u->contacts_n = w.n;
}

static void take(struct under_test *u, ps_handle call)
{
    static const char body[] =
        "v=0\r\no=plainsip 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
        "m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";
    static char other[2048];
    struct ps_slice description = ps_slice(body, sizeof body - 1);
    if (u->what->description) {
        memset(other, 'x', sizeof other);
        description = ps_slice(other, u->what->description);
    }
    (void)ps_call_answer(u->stack, call, PS_S("application/sdp"), description);
}

static void incoming(struct under_test *u, const struct ps_event *event,
                     const struct ps_response *response)
{
    struct ps_stack *calls = u->stack;
    enum play play = u->what->play;
    if (play == RINGS || play == RINGS_FOR_EVER)
        (void)ps_call_ring(calls, event->call, 180, PS_NONE, PS_NONE);
    if (play == RINGS) {
        struct ps_action action; /* lets the 180 out before the final response */
        while (ps_stack_pull_send(u->stack, &action))
            amplify_count(&u->result, action.bytes);
    }
    if (u->what->status == 200)
        take(u, event->call);
    else if (play != RINGS_FOR_EVER)
        (void)ps_call_reject(calls, event->call, response->status, response->lines);
}

static void hear(struct under_test *u, const struct ps_event *event)
{
    struct ps_response response = {.status = u->what->status, .account = &u->account};
    response.lines = ps_slice(u->contacts, u->contacts_n);
    response.dialog = response.status == 200; /* with a Contact */
    if (u->what->play == ASKS && event->message)
        (void)ps_stack_authenticate(u->stack, &u->auth, event->transaction, NULL, &response);
    if (event->kind == PS_EVENT_CALL_INCOMING)
        incoming(u, event, &response);
    else if (event->kind == PS_EVENT_REQUEST)
        (void)ps_stack_respond(u->stack, event->transaction, &response);
}

static void resolve(struct under_test *u, const struct ps_action *action)
{
    struct ps_flow flows[PS_MAX_ADDRESSES];
    unsigned i, n = u->what->contact ? PS_MAX_ADDRESSES : 1;
    for (i = 0; i < n; i++) {
        flows[i] = u->flow;
        flows[i].remote.port = (uint16_t)(5060 + i);
    }
    ps_stack_resolved(u->stack, action->request, flows, n);
}

static void pull(struct under_test *u)
{
    struct ps_action action;
    while (ps_stack_pull(u->stack, u->now, &action)) {
        if (action.kind == PS_ACTION_SEND)
            amplify_count(&u->result, action.bytes);
        else if (action.kind == PS_ACTION_RESOLVE)
            resolve(u, &action);
        else
            hear(u, &action.event);
    }
}

static const struct ps_digest_user *find_nobody(void *context,
                                                const struct ps_digest_credentials *credentials)
{
    (void)context;
    (void)credentials;
    return NULL;
}

static void start_auth(struct under_test *u)
{
    struct ps_digest_server *s = &u->auth.digest;
    s->realm = PS_S("example.com");
    s->nonce_life = 300000;
    s->offers[0] = PS_DIGEST_MD5;
    s->offers[1] = PS_DIGEST_SHA_256;
    s->n_offers = 2;
    s->qop = PS_QOP_AUTH;
    s->bucket = u->bucket;
    s->n_buckets = 4;
    u->auth.find_user = find_nobody;
}

static void *start(struct under_test *u)
{
    struct ps_config config = {.limits = PS_LIMITS_DEFAULT, .account = &u->account};
    size_t n = ps_stack_size(&config.limits);
    void *block = malloc(n);
    if (!block || ps_address_parse(PS_S(OURS), 5060, &u->flow.local) ||
        ps_address_parse(PS_S(FORGED), 5060, &u->flow.remote))
        abort();
    u->account.aor = PS_S("sip:bob@example.com");
    u->account.contact_user = PS_S("bob");
    memset(config.seed, 7, sizeof config.seed);
    config.allow = PS_S("INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, MESSAGE, INFO, NOTIFY, "
                        "SUBSCRIBE, REGISTER");
    u->stack = ps_stack_init(block, n, &config);
    start_auth(u);
    write_contacts(u);
    return block;
}

/* Until nothing will ever happen any more. */
static void run(struct under_test *u, struct ps_slice bytes)
{
    (void)ps_stack_receive(u->stack, u->now, &u->flow, bytes);
    pull(u);
    while (ps_stack_deadline(u->stack) != PS_NEVER) {
        u->now = ps_stack_deadline(u->stack);
        pull(u);
    }
}

static struct amplify_result measure(const struct amplify_case *what, enum amplify_size size)
{
    static struct under_test u;
    static char text[AMPLIFY_TEXT];
    struct amplify_request request = {.method = what->method,
                                      .uri = "sip:h",
                                      .source = FORGED,
                                      .contact = what->contact,
                                      .to_tag = what->to_tag,
                                      .offer = what->offer,
                                      .faulty = what->faulty};
    struct amplify_result result = {.name = what->name,
                                    .size = size,
                                    .bound = what->bound,
                                    .expected = what->status,
                                    .bye = what->status == 200 && what->method[0] == 'I'};
    void *block;
    memset(&u, 0, sizeof u);
    u.what = what;
    result.in = amplify_write(text, &request, size);
    u.result = result;
    block = start(&u);
    run(&u, ps_slice(text, result.in));
    free(block);
    return u.result;
}

struct amplify_result amplify_library(unsigned i, enum amplify_size size)
{
    return measure(&cases[i], size);
}

struct amplify_result amplify_taken(size_t description)
{
    const struct amplify_case what = {INVITE_TAKEN, .name = "INVITE, taken", .status = 200,
                                      .description = description};
    return measure(&what, AMPLIFY_SHORT);
}
