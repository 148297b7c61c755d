/*
 * Bodies: finds the one that a reader of certain media types understands, in a multipart, too.
 * RFC 3261 8.2.3, 20.1, 20.2, 20.11, 20.12, RFC 5621, RFC 2046 5.1. Knows no body's content, and
 * answers nothing.
 */
#ifndef PS_BODY_H
#define PS_BODY_H

#include "message.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Slices borrow from the message; the type of a part without one, text/plain, is static. */
struct ps_content {
    struct ps_slice type; /* the Content-Type of `body`, parameters and all */
    struct ps_slice body;
    unsigned status;  /* 0, or 415: a body that must be understood is not */
    bool by_encoding; /* with 415: its type is understood, its Content-Encoding is not */
};

/*
 * Finds the body of `m` for a reader of `types`: a comma list of media types without parameters,
 * "application/sdp, text/plain", compared in any case. An empty list takes the body as it stands.
 *
 * - A body or a part is understood where its type is of the list and its encoding is the identity;
 *   an application/sdp only where its disposition is `session`, which is the default (20.11): an
 *   `early-session` (RFC 3959) is none.
 * - Of a multipart/alternative the last part that is understood is read; of a multipart/mixed, and
 *   of any other multipart (RFC 2046 5.1.3), the one whose type stands first in the list, of two
 *   the first. One multipart may stand in another. A multipart of another kind than these two that
 *   is itself in the list is read as a whole.
 * - A part that is not understood is passed over where it says handling=optional (20.11), else it
 *   is 415; of alternatives one that is understood is enough.
 *
 * Without a body, with an empty one, and where every part is passed over, status is 0 and `body`
 * empty. A multipart without its closing delimiter is 415. With 415, too, `body` is the part that
 * was understood, for an ACK or a response: neither can be answered. Linear in the body.
 */
void ps_content_read(struct ps_content *out, const struct ps_message *m, struct ps_slice types);

/* Tells whether the Accept of `m` admits one of `types`, a list as above (20.1); where not, answer
 * 406. Without an Accept, an INVITE admits application/sdp alone, any other request everything. An
 * empty Accept admits nothing. The most specific media range decides; q=0 refuses. */
bool ps_content_acceptable(const struct ps_message *m, struct ps_slice types);

/* 21.4.13: writes the header line that a 415 owes: Accept with `types`, or Accept-Encoding. */
void ps_write_content_accepted(struct ps_writer *w, const struct ps_content *content,
                               struct ps_slice types);

#ifdef __cplusplus
}
#endif
#endif
