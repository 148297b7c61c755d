/*
 * The registrar: RFC 3261 10.3. Keeps the bindings of addresses of record in bounded memory,
 * changes them as a REGISTER asks, and lists them. Authenticates nobody: see ps_stack_authenticate.
 */
#ifndef PS_REGISTRAR_H
#define PS_REGISTRAR_H

#include "handle.h"
#include "message.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_stack;

/* Sets the bounds of a binding's life, in seconds. A REGISTER that asks for less than `shortest`,
 * but not for 0, gets 423 with Min-Expires (10.3 step 7); more than `longest` is granted as
 * `longest`; one that says nothing gets `standard`. At first they are 60, 7,200 and 3,600. */
void ps_registrar_set_expires(struct ps_stack *stack, uint32_t shortest, uint32_t longest,
                              uint32_t standard);

/*
 * Sets which domains are served (10.3 step 5); call it before the first REGISTER. A user part then
 * names the same user in all of them, whatever port or parameters the URI has, and any other domain
 * gets 404. At first, and with NULL, every host is served, and each host and port is a domain of
 * its own: one user can fill PS_MAX_CONTACTS bindings for each name that they invent. `context` is
 * borrowed for the stack's life.
 */
void ps_registrar_set_domain(struct ps_stack *stack, ps_serves serves, void *context);

/* Sets the Date of the answers that follow (10.3 step 8), "Sat, 13 Nov 2010 23:29:00 GMT"; copied.
 * Empty, as at first, writes none. The registrar has no clock: set it before each
 * ps_registrar_register. PS_E_TOO_LARGE over 32 bytes. */
enum ps_error ps_registrar_set_date(struct ps_stack *stack, struct ps_slice date);

/*
 * Carries out the REGISTER that waits as `transaction` (10.3 steps 5 to 8), wholly or not at all,
 * and answers it:
 *   200 with all bindings and their Contacts' parameters, Path where the REGISTER supports it (RFC
 *       3327), and Date;
 *   400 a malformed Contact, or "*" that does not stand alone with Expires 0;
 *   403 more than PS_MAX_CONTACTS bindings, a Contact or Path over PS_MAX_CONTACT bytes, or a list
 *       that would be too long for the 200;
 *   404 another domain; 423 with Min-Expires;
 *   500 a CSeq that is not higher than the binding's;
 *   503 with Retry-After: no room for the bindings, or for the 200 just now.
 * A REGISTER that adds nothing (a fetch, a removal, a mere refresh) of a list that is too long, as
 * its own header lines may make it, is done: its 200 lists as many Contacts as fit, the highest q
 * first.
 * PS_E_STATE: it does not wait any more.
 */
enum ps_error ps_registrar_register(struct ps_stack *stack, ps_handle transaction);

/* One binding. Slices are borrowed until the next REGISTER or pull. */
struct ps_bound {
    struct ps_slice contact; /* URI */
    struct ps_slice params;  /* of its Contact but q and expires, each with its ";" */
    struct ps_slice path;    /* a list of Path values (RFC 3327), or empty */
    uint16_t q;              /* thousandths; 1000 without one */
    bool has_q;
    uint32_t seconds; /* until it expires */
};

/* Reads the bindings of an address of record, a URI: the highest q first, of equals the newest.
 * Returns how many; 0 also for a URI that is not served. */
unsigned ps_registrar_bindings(const struct ps_stack *stack, struct ps_slice aor,
                               struct ps_bound out[PS_MAX_CONTACTS]);

/* Writes a Contact line for each of these bindings, in the same order, within `room` bytes; one
 * that does not fit is left out. `redirect` leaves `expires` out, as a 302 wants. Returns how many
 * were written; errors stay in the writer. */
unsigned ps_registrar_contacts(const struct ps_stack *stack, struct ps_slice aor, bool redirect,
                               size_t room, struct ps_writer *lines);

#ifdef __cplusplus
}
#endif
#endif
