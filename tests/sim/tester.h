/*
 * The other side of what is under test, be it whole stacks (world.h) or a transaction layer alone
 * (layer.h): the texts of its requests and responses, the record of what was sent, and a look into
 * it. Both feed, run and end with the same verbs.
 *
 * Refuses to know what is under test, and how a text gets there.
 */
#ifndef TESTER_H
#define TESTER_H

#include "sip/message.h"

enum { TESTER_TEXT = 8192 };

/* ---- its requests and responses ---- */

/* A request of the tester's. What is NULL has a default. */
struct tester_request {
    const char *method;       /* INVITE */
    const char *uri;          /* sip:b@192.0.2.1 */
    const char *branch;       /* z9hG4bK-METHOD-CSEQ */
    const char *via;          /* 192.0.2.2:5060;branch=BRANCH */
    const char *max_forwards; /* 70 */
    const char *from, *to;    /* sip:a@example.com, sip:b@example.com */
    const char *from_tag;     /* f1; "": none */
    const char *to_tag;       /* none */
    const char *call_id;      /* c1@tester */
    const char *cseq_text;    /* `cseq` in digits */
    const char *contact;      /* <sip:a@192.0.2.2>; "": none */
    const char *lines;        /* more of them, with CRLF */
    const char *body;         /* SDP, so to speak */
    unsigned cseq;            /* 1 */
};
/* Its text; static storage, until the next call. */
struct ps_slice tester_text(const struct tester_request *r);
/* The text of a response to a request's text; static storage, until the next call. `tag` NULL:
 * none. `lines` (more header lines) and `body` may be NULL. */
struct ps_slice tester_answer_text(struct ps_slice request, unsigned status, const char *tag,
                                   const char *lines, const char *body);
/* The index of a text; static storage, until the next call. */
const struct ps_message *tester_parse(struct ps_slice text);

/* ---- what was sent: recorded as it leaves, in order ---- */

struct sent {
    uint64_t at;
    struct ps_flow flow;
    bool again; /* as the layer that sent it says */
    char *text; /* NUL-terminated */
    size_t n;
};

struct sent_log {
    struct sent *sent;
    unsigned n, room;
};

void sent_record(struct sent_log *log, uint64_t at, const struct ps_flow *flow,
                 struct ps_slice bytes, bool again);
void sent_forget(struct sent_log *log);
/* The number of messages that begin with `start`. */
unsigned sent_count(const struct sent_log *log, const char *start);
/* The last, or the nth (from 0), message that begins with `start` ("": any): fails the test where
 * it is not there. */
const struct sent *sent_last(const struct sent_log *log, const char *start);
const struct sent *sent_nth(const struct sent_log *log, const char *start, unsigned nth);
/* Fails unless these were sent at just these times (ms), each the same octets the same way. */
void sent_expect(const struct sent_log *log, const char *start, const uint64_t *at, unsigned n);
#define SENT_AT(log, start, ...)                                                                   \
    do {                                                                                           \
        static const uint64_t sent_at[] = {__VA_ARGS__};                                           \
        sent_expect(log, start, sent_at, sizeof sent_at / sizeof *sent_at);                        \
    } while (0)

/* ---- looking ---- */

struct ps_slice sent_slice(const struct sent *sent);
/* The value of a header's first line (empty where there is none); parts of a message that the tests
 * ask for; each in static storage of its own, NUL-terminated, until the fourth next call. */
const char *header_of(const struct sent *sent, enum ps_header_id id);
const char *nth_header_of(const struct sent *sent, enum ps_header_id id, unsigned nth);
const char *request_uri_of(const struct sent *sent);
const char *to_tag_of(const struct sent *sent);
const char *from_tag_of(const struct sent *sent);
const char *branch_of(const struct sent *sent);
const char *body_of(const struct sent *sent);
unsigned cseq_of(const struct sent *sent);

/* ---- memory: the caller frees it ---- */

/* Room for one more where `array` holds `n`. */
void *grow(void *array, unsigned n, unsigned *room, size_t size);
/* A copy with a NUL after it. */
char *copy_text(struct ps_slice bytes);

#endif
