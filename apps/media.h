/*
 * Makes the program's phone speak SDP: PCMU, PCMA and telephone-event, one negotiation a call.
 * Plays no media: what arrives at its port is thrown away.
 */
#ifndef APPS_MEDIA_H
#define APPS_MEDIA_H

#include <stdio.h>

#include "sdp/negotiation.h"
#include "sip/address.h"
#include "sip/event.h"

/* Keeps the negotiation of a call, packed to the size of its two descriptions. All zero is a
 * session not begun. */
struct app_media {
    char *kept; /* allocated */
    size_t n;
};

/* Returns the UDP port to which media may be sent, one for the whole process; 0 where none can be
 * had. */
uint16_t app_media_port(void);

/* Ends the session and frees its memory. A session not begun is fine. */
void app_media_end(struct app_media *media);

/* Writes an offer or an answer to send, and begins the session where it is not begun. `local` is
 * the address named in the body, which is borrowed until the next call of these. */
enum ps_error app_media_offer(struct app_media *media, const struct ps_address *local,
                              enum ps_sdp_direction direction, struct ps_slice *body);
enum ps_error app_media_answer(struct app_media *media, const struct ps_address *local,
                               struct ps_slice offer, struct ps_slice *body);
/* Takes the answer to our offer. */
enum ps_error app_media_accept(struct app_media *media, struct ps_slice answer);

/* Returns the Warning code that says why app_media_answer refused an offer (20.43): 304, 305 or
 * 399. */
unsigned app_media_warning(enum ps_error error, struct ps_slice offer);

/* Makes `to`, which must not be begun, the same session as `from`. */
enum ps_error app_media_copy(struct app_media *to, const struct app_media *from);

/* Takes back our open offer, which will not be answered; the session stays as it was. */
void app_media_withdraw(struct app_media *media);

/* Tells what was agreed on for medium `i`, as ps_sdp_outcome does; borrowed until the next call of
 * these. */
enum ps_error app_media_outcome(const struct app_media *media, unsigned i,
                                struct ps_sdp_outcome *out);

/* Tells whether there is a medium with a format that both sides have. */
bool app_media_agreed(const struct app_media *media);

/* Prints "media audio ADDR:PORT CODEC/RATE DIRECTION" for each that was agreed on. */
void app_media_print(FILE *out, const struct app_media *media);

#define APP_SDP PS_S("application/sdp")

/* Tells whether the event's message brings a session description. */
bool app_media_is_sdp(const struct ps_event *event);

#endif
