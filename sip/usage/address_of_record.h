/*
 * Writes the canonical form of an address of record: RFC 3261 10.3 step 5. Private to the library.
 */
#ifndef PS_ADDRESS_OF_RECORD_H
#define PS_ADDRESS_OF_RECORD_H

#include "../registrar.h"
#include "../text.h"

/* Writes it without parameters, unescaped (10.3 step 5). In all domains that we serve a user is the
 * same. Without a list of them each host and port is a domain of its own, with the host in lower
 * case (19.1.4). No host has an "@", so the last one ends the user, whatever its escapes hold. */
enum ps_error ps_put_address_of_record(struct ps_writer *w, struct ps_slice aor, ps_serves serves,
                                       void *context);

#endif
