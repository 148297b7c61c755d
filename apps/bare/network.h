/*
 * Carries datagrams between the parties of the bare-metal demo, in a short queue. Knows neither SIP
 * nor addresses; a party is a number here. Loses nothing: that is left to the story.
 */
#ifndef BARE_NETWORK_H
#define BARE_NETWORK_H

#include "plainsip.h"

struct datagram {
    uint64_t due; /* when it arrives, in milliseconds */
    int from, to;
    size_t n;
    char bytes[PS_MAX_MESSAGE];
};

/* Takes a copy of `bytes` on its way; false where the queue is full or the datagram too long. */
bool network_carry(uint64_t now, int from, int to, struct ps_slice bytes);

/* Returns the datagram that has arrived, or NULL; it stays until network_taken. */
const struct datagram *network_arrived(uint64_t now);

/* Removes the datagram that network_arrived returned. */
void network_taken(void);

bool network_is_empty(void);

#endif
