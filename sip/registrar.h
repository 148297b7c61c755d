/*
 * The registrar: RFC 3261 10.3. Bindings of addresses of record, in bounded memory; what a REGISTER
 * changes, and which Contacts an address of record has.
 *
 * Answers nothing itself: it gives the status and the header lines of the answer. Who may register
 * is not its business (auth.h).
 */
#ifndef PS_REGISTRAR_H
#define PS_REGISTRAR_H

#include "environment.h"
#include "message.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_registrar; /* opaque; lives in the stack's block */

struct ps_registrar *ps_registrar_init(struct ps_arena *arena, struct ps_environment *env,
                                       uint32_t count);

/* Seconds: a shorter wish (but 0) gets 423 with Min-Expires; a longer one is cut; without a wish. */
void ps_registrar_set_expires(struct ps_registrar *r, uint32_t shortest, uint32_t longest,
                              uint32_t standard);

/*
 * 10.3 steps 5 to 8 for a REGISTER: changes all that it asks for or nothing. Returns the status;
 * writes the answer's lines: the bindings as they are then (200), or Min-Expires (423).
 */
unsigned ps_registrar_register(struct ps_registrar *r, const struct ps_message *m,
                               struct ps_writer *lines);

/* Writes a Contact line for each binding of that address of record (a URI), and as for a 302
 * where `redirect` (no expires in it). Returns how many. */
unsigned ps_registrar_contacts(struct ps_registrar *r, struct ps_slice aor, bool redirect,
                               struct ps_writer *lines);

void ps_registrar_expire(struct ps_registrar *r, struct ps_timer *timer);

uint32_t ps_registrar_live(const struct ps_registrar *r);

#ifdef __cplusplus
}
#endif
#endif
