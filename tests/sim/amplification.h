/*
 * Amplification (RFC 3261 26.3.2.4): requests of a source that may be forged and never says another
 * word, what it is sent for them, and by how much that is more. The requests, and the stack that
 * answers them in virtual time; a row of the table that `make amplification` prints.
 *
 * Knows no socket and no test framework: test_amplification.c holds the bounds,
 * tests/tools/amplification.c measures the program.
 */
#ifndef AMPLIFICATION_H
#define AMPLIFICATION_H

#include <stddef.h>
#include <stdint.h>

#include "sip/text.h"

/* Bounds of the stack with its default limits, all repetitions together. */
enum { AMPLIFY_OF_REQUEST = 4, AMPLIFY_OF_REFUSED = 14, AMPLIFY_OF_TAKEN = 45 };

/* A request is as phones send it (450 to 700 bytes), or as short as it can be to be answered. */
enum amplify_size { AMPLIFY_USUAL, AMPLIFY_SHORT, AMPLIFY_SIZES };

struct amplify_request {
    const char *method, *uri;
    const char *source;  /* its address and port */
    const char *contact; /* host of its Contact; NULL: the source */
    const char *to_tag;  /* NULL: none */
    bool rport;          /* the short one, too, is answered where it came from, not at port 5060 */
    bool offer, faulty;
    unsigned number; /* no two requests to one stack have the same */
};

enum { AMPLIFY_TEXT = 2048 };
/* Writes the request; its length. */
size_t amplify_write(char text[AMPLIFY_TEXT], const struct amplify_request *r,
                     enum amplify_size size);

/* Says what came of one. */
struct amplify_result {
    const char *name; /* of the case */
    enum amplify_size size;
    unsigned bound;    /* bytes out for a byte in */
    unsigned expected; /* the final status; a 302 may have become a 480 */
    unsigned bye;      /* 1: a call that was taken ends with one BYE; 0: there is none */
    size_t in, out;
    unsigned datagrams, status, byes;
};
/* Counts a datagram that came back. */
void amplify_count(struct amplify_result *result, struct ps_slice bytes);
/* Within its bound, and the answer that was expected? */
bool amplify_holds(const struct amplify_result *result);
void amplify_print_head(const char *of);
void amplify_print(const struct amplify_result *result);

/* ---- against the library ---- */

unsigned amplify_cases(void);
struct amplify_result amplify_library(unsigned i, enum amplify_size size);
/* The shortest INVITE, taken with a description of that length (1 to 2048). */
struct amplify_result amplify_taken(size_t description);

#endif
