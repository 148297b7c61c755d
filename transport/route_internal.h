/*
 * Declares how the local address towards a peer is found. For transport/ alone.
 */
#ifndef PS_ROUTE_INTERNAL_H
#define PS_ROUTE_INTERNAL_H

#include "loop.h"
#include "sip/address.h"

/* Finds the local address (port 0) from which a datagram to `remote` would leave. PS_E_UNREACHABLE:
 * no route; PS_E_TRANSPORT: the system refused to say (counted and reported on the loop). */
enum ps_error ps_route_local(struct ps_loop *loop, const struct ps_address *remote,
                             struct ps_address *local);

#endif
