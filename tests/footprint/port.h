/*
 * Stands for the board of the programs here: registers, as far as a compiler knows. Kept as small
 * as it can be, so that `make footprint` measures the library. Nothing of it is run.
 */
#ifndef FOOTPRINT_PORT_H
#define FOOTPRINT_PORT_H

#define PORT_RECEIVED (*(volatile uint32_t *)0x40000000) /* bytes of the datagram that came, or 0 */
#define PORT_WIRE (*(volatile uint8_t *)0x40000004)      /* its next byte; or one to be sent */
#define PORT_CLOCK (*(volatile uint32_t *)0x40000008)    /* milliseconds */
#define PORT_RANDOM (*(volatile uint8_t *)0x4000000c)
#define PORT_KEY (*(volatile uint32_t *)0x40000010)  /* what the user has pressed */
#define PORT_SHOW (*(volatile uint32_t *)0x40000014) /* a number that the user is shown */

static size_t port_receive(char *bytes, size_t room)
{
    size_t i, n = PORT_RECEIVED;
    for (i = 0; i < n && i < room; i++)
        bytes[i] = (char)PORT_WIRE;
    return i;
}

static void port_send(struct ps_slice bytes)
{
    size_t i;
    for (i = 0; i < bytes.n; i++)
        PORT_WIRE = (uint8_t)bytes.p[i];
}

#endif
