/*
 * Two whole stacks and the network between them, under virtual time. Each byte of the input is one
 * step: the fate of the next datagram under way, an act of a user, or time. The last one also says
 * which of them has little of everything (bits 1 and 2).
 *
 * Holds what driver.c asks, for both sides after each step; and at the end, when all that is under
 * way was delivered or lost and every timer ran out, nothing is left on either side.
 */
#include "driver.h"

enum { WAY = 32, STEPS = 600 };

static struct driver side[2];
static struct under_way {
    unsigned to;
    size_t n;
    ps_handle transaction;
    char bytes[4096];
} way[WAY];
static unsigned ways;

static void keep(struct driver *from, const struct ps_action *a)
{
    struct under_way *one;
    if (ways == WAY) /* what is too much is lost */
        return;
    one = &way[ways++];
    one->to = from == &side[0];
    one->n = a->bytes.n;
    one->transaction = a->transaction;
    memcpy(one->bytes, a->bytes.p, a->bytes.n);
}

static void lose(unsigned i)
{
    ways--;
    memmove(&way[i], &way[i + 1], (ways - i) * sizeof way[0]);
}

static void deliver(unsigned i)
{
    static struct under_way one;
    one = way[i];
    lose(i);
    driver_receive(&side[one.to], &side[!one.to].address, ps_slice(one.bytes, one.n));
}

/* A byte of it is changed on the way. */
static void spoil(unsigned i, uint8_t at, uint8_t with)
{
    way[i].bytes[(size_t)at * 7 % way[i].n] = (char)with;
    deliver(i);
}

static void repeat(unsigned i)
{
    if (ways < WAY)
        way[ways++] = way[i];
    deliver(i);
}

static void pass(uint64_t ms)
{
    uint64_t until = side[0].now + ms;
    driver_run(&side[0], until);
    driver_run(&side[1], until);
}

/* Names what a byte's high half says; its low half is a number. */
static void step(uint8_t byte, const uint8_t *more, size_t left)
{
    static const char acts[] = "sahirjkoqgGewpnN";
    unsigned n = byte & 15, i = ways ? n % ways : 0;
    switch (byte >> 4) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (ways)
            deliver(byte < 0x30 ? 0 : i);
        break;
    case 4:
        if (ways)
            lose(i);
        break;
    case 5:
        if (ways)
            repeat(i);
        break;
    case 6:
        if (ways && left > 1)
            spoil(i, more[0], more[1]);
        break;
    case 7:
        if (ways)
            driver_fail(&side[!way[i].to], n & 8 ? 0 : way[i].transaction);
        break;
    case 8:
        pass(UINT64_C(1) << n);
        break;
    case 9:
        pass(250u * n);
        break;
    case 10:
        driver_act(&side[0], 'p', left ? more[0] : n);
        break;
    case 11:
        driver_act(&side[1], 'p', left ? more[0] : n);
        break;
    default:
        driver_act(&side[byte >> 4 & 1], acts[n], byte >= 0xe0 && left ? more[0] : 0);
    }
}

static void finish(void)
{
    unsigned rounds;
    for (rounds = 0; ways && rounds < 1000; rounds++)
        deliver(0);
    ways = 0;
    driver_end(&side[0]);
    ways = 0;
    driver_end(&side[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned tight = size ? data[size - 1] : 0;
    size_t i;
    ways = 0;
    driver_start(&side[0], "192.0.2.1:5060", "192.0.2.2:5060", 1, tight & 1);
    driver_start(&side[1], "192.0.2.2:5060", "192.0.2.1:5060", 2, tight & 2);
    side[0].send = side[1].send = keep;
    side[0].policy = side[1].policy = PLAY_RING | PLAY_ANSWER;
    for (i = 0; i < size && i < STEPS; i++)
        step(data[i], data + i + 1, size - i - 1);
    finish();
    return 0;
}
