/*
 * Carries datagrams in a ring: each is under way equally long, so the first sent arrives first.
 * Knows no clock; the caller says the time.
 */
#include "network.h"

#define UNDER_WAY 20 /* ms */
#define DATAGRAMS 8

static struct datagram network[DATAGRAMS];
static unsigned network_first, network_count;

bool network_carry(uint64_t now, int from, int to, struct ps_slice bytes)
{
    struct datagram *d = &network[(network_first + network_count) % DATAGRAMS];
    if (network_count == DATAGRAMS || bytes.n > sizeof d->bytes)
        return false;
    d->due = now + UNDER_WAY;
    d->from = from;
    d->to = to;
    d->n = bytes.n;
    memcpy(d->bytes, bytes.p, bytes.n);
    network_count++;
    return true;
}

const struct datagram *network_arrived(uint64_t now)
{
    const struct datagram *d = &network[network_first];
    return network_count && d->due <= now ? d : NULL;
}

void network_taken(void)
{
    network_first = (network_first + 1) % DATAGRAMS;
    network_count--;
}

bool network_is_empty(void)
{
    return !network_count;
}
