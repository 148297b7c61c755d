/*
 * Drives the three stacks of the bare-metal demo: does all that sip/README.md says a port gives.
 * Looks names up in a table. Knows no phone and no registrar.
 */
#include "party.h"
#include "board.h"
#include "network.h"

static const struct identity {
    const char *host, *aor;
    struct ps_address address;
} identity[PARTIES] = {
    {"alice.example.org",
     "sip:alice@example.org",
     {.family = PS_IPV4, .port = 5060, .ip = {192, 0, 2, 10}}},
    {"example.org", "sip:example.org", {.family = PS_IPV4, .port = 5060, .ip = {192, 0, 2, 1}}},
    {"bob.example.org",
     "sip:bob@example.org",
     {.family = PS_IPV4, .port = 5060, .ip = {192, 0, 2, 20}}},
};

struct party party[PARTIES];

static struct {
    uint64_t due;
    void (*act)(struct party *p);
    int who;
} later;

void party_open(int who, void *block, size_t n, const struct ps_limits *limits)
{
    struct party *p = &party[who];
    struct ps_config config;
    size_t k;
    memset(&config, 0, sizeof config);
    config.limits = *limits;
    config.now = board_clock();
    for (k = 0; k < sizeof config.seed; k++) /* a product takes its hardware's random bytes */
        config.seed[k] = (uint8_t)(k * 41 + (size_t)who * 101 + 1);
    config.account = &p->account;
    p->address = identity[who].address;
    p->account.aor = ps_slice_of(identity[who].aor);
    p->account.contact_user = ps_slice_of(story_name(who));
    p->stack = ps_stack_init(block, n, &config);
    if (!p->stack)
        story_fail("the block is too small");
}

static int party_at(const struct ps_address *address)
{
    int i;
    for (i = 0; i < PARTIES; i++)
        if (ps_address_equal(&party[i].address, address))
            return i;
    return -1;
}

static void send(int from, const struct ps_action *action)
{
    int to = party_at(&action->flow->remote);
    if (to < 0)
        story_fail("nobody has that address");
    if (story_sent(from, to, action->bytes, action->again) &&
        !network_carry(board_clock(), from, to, action->bytes))
        story_fail("the network is full");
}

/* Finds a next hop: an address, or the host name of a party. */
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

void party_pull(int who)
{
    struct party *p = &party[who];
    struct ps_action action;
    while (ps_stack_pull(p->stack, board_clock(), &action)) {
        if (action.kind == PS_ACTION_SEND)
            send(who, &action);
        else if (action.kind == PS_ACTION_RESOLVE)
            resolve(p, &action);
        else
            p->on_event(p, &action.event);
    }
}

static void deliver(const struct datagram *d)
{
    struct party *p = &party[d->to];
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    flow.local = p->address;
    flow.remote = party[d->from].address;
    story_must(ps_stack_receive(p->stack, board_clock(), &flow, ps_slice(d->bytes, d->n)));
    party_pull(d->to);
    network_taken();
}

void party_later(uint32_t ms, int who, void (*act)(struct party *p))
{
    later.due = board_clock() + ms;
    later.who = who;
    later.act = act;
}

static void act_now(uint64_t now)
{
    void (*act)(struct party *) = later.act;
    later.act = NULL;
    ps_stack_set_now(party[later.who].stack, now);
    act(&party[later.who]);
    party_pull(later.who);
}

bool party_step(void)
{
    uint64_t now = board_clock();
    const struct datagram *arrived = network_arrived(now);
    bool done = arrived != NULL;
    int i;
    if (arrived)
        deliver(arrived);
    if (later.act && later.due <= now) {
        act_now(now);
        done = true;
    }
    for (i = 0; i < PARTIES; i++)
        if (ps_stack_deadline(party[i].stack) <= now) {
            party_pull(i);
            done = true;
        }
    return done;
}

bool party_all_quiet(void)
{
    static const struct ps_stack_live nothing;
    struct ps_stack_live live;
    int i;
    for (i = 0; i < PARTIES; i++) {
        live = ps_stack_live(party[i].stack);
        if (ps_stack_deadline(party[i].stack) != PS_NEVER || memcmp(&live, &nothing, sizeof live))
            return false;
    }
    return network_is_empty();
}
