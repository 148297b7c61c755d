/*
 * The registrar: RFC 3261 10.3. Bindings of addresses of record, in bounded memory; what a REGISTER
 * changes, and which Contacts an address of record has.
 *
 * Who may register is not its business (auth.h).
 */
#ifndef PS_REGISTRAR_H
#define PS_REGISTRAR_H

#include "handle.h"
#include "message.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_stack;

/* Seconds: a shorter wish (but 0) gets 423 with Min-Expires; a longer one is cut; without a
 * wish. */
void ps_registrar_set_expires(struct ps_stack *stack, uint32_t shortest, uint32_t longest,
                              uint32_t standard);

/*
 * 10.3 step 5: the domains that are served. Their users are one, whatever domain, port or
 * parameters a URI names; others are answered with 404. Without it (the default; NULL) every host
 * is served, and each host and port is a domain of its own: a user may then have PS_MAX_CONTACTS
 * bindings in each that they can think of. `context` is borrowed. To be called before the first
 * REGISTER.
 */
void ps_registrar_set_domain(struct ps_stack *stack, ps_serves serves, void *context);

/* Step 8, 20.17: the Date of the answers to come, "Sat, 13 Nov 2010 23:29:00 GMT"; copied. Empty
 * (the default): none is written. Nothing here reads a clock, so whoever wants it says it before
 * each ps_registrar_register. PS_E_TOO_LARGE: no date is that long. */
enum ps_error ps_registrar_set_date(struct ps_stack *stack, struct ps_slice date);

/*
 * 10.3 steps 5 to 8 for the REGISTER that waits as `transaction`: changes all that it asks for or
 * nothing, and answers it: 200 with the bindings as they are then, with the parameters of their
 * Contacts, the Path where the REGISTER says that it is supported (RFC 3327), and Date; 423 with
 * Min-Expires; 503 with Retry-After; 403 for more bindings than PS_MAX_CONTACTS, or a Contact or a
 * Path that is longer than PS_MAX_CONTACT; 404 for another domain. PS_E_STALE, PS_E_STATE: it does
 * not wait any more.
 */
enum ps_error ps_registrar_register(struct ps_stack *stack, ps_handle transaction);

/* One binding. Slices are borrowed until the next REGISTER or pull. */
struct ps_bound {
    struct ps_slice contact; /* URI */
    struct ps_slice params;  /* of its Contact but q and expires, each with its ";" */
    struct ps_slice path;    /* a list of Path values (RFC 3327), or empty */
    uint16_t q;              /* thousandths; 1000 without one */
    bool has_q;
    uint32_t seconds; /* that it still lives */
};

/* The bindings of that address of record (a URI), the highest q first, then the newest. Returns how
 * many. */
unsigned ps_registrar_bindings(const struct ps_stack *stack, struct ps_slice aor,
                               struct ps_bound out[PS_MAX_CONTACTS]);

/* Writes a Contact line for each of them, as for a 302 where `redirect` (no expires in it); only as
 * many as fit into `room` bytes, in that order, one that is too long left out. Returns how many. */
unsigned ps_registrar_contacts(const struct ps_stack *stack, struct ps_slice aor, bool redirect,
                               size_t room, struct ps_writer *lines);

#ifdef __cplusplus
}
#endif
#endif
