/*
 * Addresses inside other texts: for the codecs, which know what may stand behind one (RFC 3261
 * 25.1, RFC 3986 3.2.2). A whole address is read by ps_ip_parse (address.h).
 */
#ifndef PS_ADDRESS_TEXT_H
#define PS_ADDRESS_TEXT_H

#include "../address.h"

/* Returns how many bytes at the start of the text are an IPv4 address, and puts it into `ip`; 0
 * where none stands there. Judges nothing behind it. */
size_t ps_ipv4_length(struct ps_slice text, uint8_t ip[4]);

/* Reads an IPv6 address by RFC 3986, as SDP has it: without brackets, and without the third colon
 * that RFC 3261 lets stand before an IPv4 address. PS_E_ADDRESS; `ip` is then untouched. */
enum ps_error ps_ipv6_parse(struct ps_slice text, uint8_t ip[16]);

#endif
