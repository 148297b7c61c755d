/* Whole stacks in virtual time: see world.h. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

/* ---- the world ---- */

void world_start(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->random = seed;
}

void world_free(struct world *w)
{
    unsigned i, k;
    for (i = 0; i < w->stations; i++) {
        for (k = 0; k < w->station[i].heard_n; k++)
            free(w->station[i].heard[k].text);
        free(w->station[i].heard);
        free(w->station[i].block);
    }
    for (i = 0; i < w->packets; i++)
        free(w->packet[i].bytes);
    free(w->packet);
    sent_forget(&w->log);
    memset(w, 0, sizeof *w);
}

/* splitmix64 */
uint64_t world_random(struct world *w)
{
    uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct ps_address world_address(const char *text)
{
    struct ps_address address;
    ck_assert_int_eq(ps_address_parse(ps_slice_of(text), 5060, &address), PS_OK);
    return address;
}

void world_name(struct world *w, const char *name, const char *address)
{
    unsigned i = 0;
    while (i < w->names && strcmp(w->name[i].name, name) != 0)
        i++;
    if (i == w->names)
        ck_assert_uint_le(++w->names, WORLD_NAMES);
    w->name[i].name = name;
    ck_assert_uint_lt(w->name[i].n, PS_MAX_ADDRESSES);
    w->name[i].address[w->name[i].n++] = world_address(address);
}

/* ---- the network ---- */

static void put_on_the_way(struct world *w, const struct ps_address *from,
                           const struct ps_address *to, struct ps_slice bytes)
{
    struct packet *packet;
    w->packet = grow(w->packet, w->packets, &w->packet_room, sizeof *w->packet);
    packet = &w->packet[w->packets++];
    packet->at = w->now + w->delay;
    packet->from = *from;
    packet->to = *to;
    packet->bytes = copy_text(bytes);
    packet->n = bytes.n;
}

static struct packet take_first(struct world *w)
{
    struct packet first = w->packet[0];
    memmove(w->packet, w->packet + 1, --w->packets * sizeof first);
    return first;
}

static struct station *station_at(struct world *w, const struct ps_address *address)
{
    unsigned i;
    for (i = 0; i < w->stations; i++)
        if (ps_address_equal(&w->station[i].address, address))
            return &w->station[i];
    return NULL;
}

static void transmit(struct station *st, const struct ps_action *action)
{
    struct world *w = st->world;
    if (!w->quiet)
        sent_record(&w->log, w->now, action->flow, action->bytes, action->again);
    if (w->dead.family && ps_address_equal(&w->dead, &action->flow->remote)) {
        ps_stack_failed(st->stack, action->transaction, &action->flow->remote);
        return;
    }
    if (!station_at(w, &action->flow->remote))
        return;
    put_on_the_way(w, &action->flow->local, &action->flow->remote, action->bytes);
}

/* ---- stations ---- */

static void resolve(struct station *st, const struct ps_action *action)
{
    struct ps_flow flow[PS_MAX_ADDRESSES];
    struct world *w = st->world;
    unsigned i, k, n = 0;
    memset(flow, 0, sizeof flow);
    if (action->hop.transport != PS_UDP) {
        n = 0; /* there is no other here */
    } else if (!ps_ip_parse(action->hop.host, &flow[0].remote)) {
        n = 1;
    } else {
        for (i = 0; i < w->names; i++)
            for (k = 0; k < w->name[i].n &&
                        ps_equal_nocase(action->hop.host, ps_slice_of(w->name[i].name));
                 k++)
                flow[n++].remote = w->name[i].address[k];
    }
    for (i = 0; i < n; i++) {
        flow[i].local = st->address;
        flow[i].reliable = w->reliable;
        if (action->hop.port)
            flow[i].remote.port = action->hop.port;
        if (!flow[i].remote.port)
            flow[i].remote.port = 5060;
    }
    ps_stack_resolved(st->stack, action->request, flow, n);
}

static void hear(struct station *st, const struct ps_event *event)
{
    struct heard *heard;
    if (st->world->quiet)
        return;
    st->heard = grow(st->heard, st->heard_n, &st->heard_room, sizeof *st->heard);
    heard = &st->heard[st->heard_n++];
    heard->at = st->world->now;
    heard->event = *event;
    heard->event.message = NULL;
    heard->event.flow = NULL;
    heard->text = event->message ? copy_text(ps_message_bytes(event->message)) : NULL;
    heard->n = event->message ? event->message->n : 0;
}

void station_pull(struct station *st)
{
    struct ps_action action;
    unsigned steps = 0;
    while (ps_stack_pull(st->stack, st->world->now, &action)) {
        ck_assert_uint_lt(++steps, 100000); /* it comes to rest */
        if (action.kind == PS_ACTION_SEND) {
            transmit(st, &action);
        } else if (action.kind == PS_ACTION_RESOLVE) {
            resolve(st, &action);
        } else {
            hear(st, &action.event);
            if (st->on_event)
                st->on_event(st, &action.event);
        }
    }
}

struct ps_limits world_limits(void)
{
    struct ps_limits limits = {32, 32, 16,   8,    4,
                               2,  40, 8192, 4096, {{512, 32}, {1024, 64}, {4096, 32}, {0, 0}}};
    return limits;
}

struct station *station_add(struct world *w, const char *address, const char *user,
                            const struct ps_limits *limits, const struct ps_config *config)
{
    struct station *st = &w->station[w->stations];
    struct ps_config c;
    unsigned i;
    size_t n;
    memset(&c, 0, sizeof c);
    if (config)
        c = *config;
    ck_assert_uint_lt(w->stations++, WORLD_STATIONS);
    memset(st, 0, sizeof *st);
    c.limits = limits ? *limits : world_limits();
    c.now = w->now;
    for (i = 0; i < sizeof c.seed; i++)
        c.seed[i] = (uint8_t)world_random(w);
    st->world = w;
    st->address = world_address(address);
    st->account.contact_user = ps_slice_of(user);
    st->account.aor = PS_S("sip:me@example.org");
    c.account = &st->account;
    n = ps_stack_size(&c.limits);
    st->block = malloc(n);
    ck_assert_ptr_nonnull(st->block);
    memset(st->block, 0xa5, n); /* whatever the caller's block held before */
    ck_assert_ptr_null(ps_stack_init(st->block, n - 1, &c));
    st->stack = ps_stack_init(st->block, n, &c);
    ck_assert_ptr_nonnull(st->stack);
    return st;
}

void station_forget_heard(struct station *st)
{
    while (st->heard_n)
        free(st->heard[--st->heard_n].text);
}

void station_expect_empty(const struct station *st)
{
    struct ps_stack_live live = ps_stack_live(st->stack);
    unsigned i, held = live.registrations + live.subscriptions + live.bindings;
    for (i = 0; i < 4; i++)
        ck_assert_uint_eq(live.transactions[i], 0);
    ck_assert_uint_eq(live.requests, 0);
    ck_assert_uint_eq(live.dialogs, 0);
    ck_assert_uint_eq(live.calls, 0);
    ck_assert_uint_le(live.timers, held);
    for (i = 0; i < PS_SIZE_CLASSES && !held; i++)
        ck_assert_uint_eq(live.kept[i], 0);
}

/* ---- time ---- */

static void deliver(struct world *w, const struct ps_address *from, const struct ps_address *to,
                    struct ps_slice bytes)
{
    struct station *st = station_at(w, to);
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    flow.local = *to;
    flow.remote = *from;
    flow.reliable = w->reliable;
    ck_assert_ptr_nonnull(st);
    ck_assert_int_eq(ps_stack_receive(st->stack, w->now, &flow, bytes), PS_OK);
    station_pull(st);
}

static uint64_t next_time(const struct world *w)
{
    uint64_t next = w->packets ? w->packet[0].at : PS_NEVER, due;
    unsigned i;
    for (i = 0; i < w->stations; i++) {
        due = ps_stack_deadline(w->station[i].stack);
        next = due < next ? due : next;
    }
    return next;
}

void world_run(struct world *w, uint64_t until)
{
    uint64_t next;
    unsigned i;
    ck_assert_uint_ge(until, w->now);
    while ((next = next_time(w)) <= until) {
        if (next > w->now)
            w->now = next;
        while (w->packets && w->packet[0].at <= w->now) {
            struct packet packet = take_first(w);
            deliver(w, &packet.from, &packet.to, ps_slice(packet.bytes, packet.n));
            free(packet.bytes);
        }
        for (i = 0; i < w->stations; i++)
            if (ps_stack_deadline(w->station[i].stack) <= w->now)
                station_pull(&w->station[i]);
    }
    w->now = until;
    for (i = 0; i < w->stations; i++)
        ps_stack_set_now(w->station[i].stack, until);
}

void world_end(struct world *w, uint64_t quiet)
{
    unsigned i;
    world_run(w, w->now + quiet);
    for (i = 0; i < w->stations; i++)
        station_expect_empty(&w->station[i]);
}

/* ---- the tester ---- */

static void feed(struct world *w, const struct ps_address *from, const struct ps_address *to,
                 struct ps_slice bytes)
{
    char *copy = copy_text(bytes);
    deliver(w, from, to, ps_slice(copy, bytes.n));
    free(copy);
    world_run(w, w->now);
}

void world_feed_from(struct world *w, struct ps_slice bytes, const char *from, const char *to)
{
    struct ps_address source = world_address(from), target = world_address(to);
    world_run(w, w->now);
    feed(w, &source, &target, bytes);
}

void world_feed(struct world *w, struct ps_slice bytes)
{
    world_feed_from(w, bytes, "192.0.2.2:5060", "192.0.2.1:5060");
}

void world_request(struct world *w, const struct tester_request *r)
{
    world_feed(w, tester_text(r));
}

unsigned world_ask(struct world *w, const struct tester_request *r)
{
    unsigned before = w->log.n;
    world_request(w, r);
    ck_assert_uint_eq(w->log.n, before + 1);
    return tester_parse(sent_slice(&w->log.sent[before]))->status;
}

void world_request_within(struct world *w, const struct sent *dialog, struct tester_request r)
{
    r.call_id = header_of(dialog, PS_H_CALL_ID);
    r.to_tag = from_tag_of(dialog);
    world_request(w, &r);
}

void world_answer(struct world *w, const struct sent *request, unsigned status, const char *tag,
                  const char *lines, const char *body)
{
    struct ps_slice text = tester_answer_text(sent_slice(request), status, tag, lines, body);
    struct ps_address from = request->flow.remote, to = request->flow.local;
    feed(w, &from, &to, text);
}

/* ---- what was heard ---- */

unsigned heard_count(const struct station *st, enum ps_event_kind kind)
{
    unsigned i, n = 0;
    for (i = 0; i < st->heard_n; i++)
        n += st->heard[i].event.kind == kind;
    return n;
}

const struct heard *heard_last(const struct station *st, enum ps_event_kind kind)
{
    unsigned i = st->heard_n;
    while (i--)
        if (st->heard[i].event.kind == kind)
            return &st->heard[i];
    ck_abort_msg("event %u was not heard", (unsigned)kind);
    return NULL;
}

ps_handle start_call_to(struct station *st, const char *to, const char *body)
{
    struct ps_call_options options;
    ps_handle call = 0;
    memset(&options, 0, sizeof options);
    options.account = &st->account;
    options.to = ps_slice_of(to);
    options.type = body ? PS_S("application/sdp") : PS_NONE;
    options.body = ps_slice_of(body);
    ck_assert_int_eq(ps_call_start(st->stack, &options, &call), PS_OK);
    station_pull(st);
    return call;
}

ps_handle start_call(struct station *st, const char *body)
{
    return start_call_to(st, "sip:b@192.0.2.2", body);
}
