/*
 * The canonical form of an address of record: RFC 3261 10.3 step 5. The library's own.
 */
#ifndef PS_ADDRESS_OF_RECORD_H
#define PS_ADDRESS_OF_RECORD_H

#include "../registrar.h"
#include "../text.h"

/* 10.3 step 5: without parameters, unescaped. Of the domains that we serve a user is one and the
 * same; without a list of them each host and port is a domain of its own, its host in lower case
 * (19.1.4). No host has an "@", so the last one parts the two whatever the user's escapes hold. */
enum ps_error ps_put_address_of_record(struct ps_writer *w, struct ps_slice aor, ps_serves serves,
                                       void *context);

#endif
