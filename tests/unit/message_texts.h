/*
 * Messages and pieces of them, and short ways to parse, judge and write them, for several tests.
 */
#ifndef PS_MESSAGE_TEXTS_H
#define PS_MESSAGE_TEXTS_H

#include "check_main.h"
#include "sip/message.h"

#define VIA "Via: SIP/2.0/UDP h:5061;branch=z9hG4bKx\r\n"
#define FROM "From: <sip:a@b>;tag=1\r\n"
#define TO "To: <sip:c@d>\r\n"
#define CALL "Call-ID: x\r\n"
#define CSEQ "CSeq: 1 OPTIONS\r\n"
#define START "OPTIONS sip:c@d SIP/2.0\r\n"
#define BASE VIA FROM TO CALL CSEQ
#define TYPE "c: a/b\r\n"
#define ACK "ACK sip:a SIP/2.0\r\n" VIA FROM TO CALL "CSeq: 1 ACK\r\n"

/* Three Vias on two lines, compact names, a fold, a header of no list. */
#define INVITE                                                                                     \
    "INVITE sip:bob@example.com;x=1 SIP/2.0\r\n"                                                   \
    "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa;rport, "                                       \
    "SIP/2.0/TCP [2001:db8::1];branch=z9hG4bKb\r\n"                                                \
    "v: SIP/2.0/UDP h;branch=z9hG4bKc\r\n"                                                         \
    "Route: <sip:p1;lr>,<sip:p2;lr>\r\n"                                                           \
    "From: \"A, B\" <sip:alice@example.com>;tag=f1\r\n"                                            \
    "To: <sip:bob@example.com>\r\n"                                                                \
    "Call-ID: c1@host\r\n"                                                                         \
    "CSeq: 7 INVITE\r\n"                                                                           \
    "Max-Forwards: 69\r\n"                                                                         \
    "Contact: <sip:alice@10.0.0.1:5070>;q=1, <sip:a@b>\r\n"                                        \
    "k: timer,\r\n"                                                                                \
    "  100rel\r\n"                                                                                 \
    "Expires: 30;x\r\n"                                                                            \
    "X-Odd: 1\r\n"                                                                                 \
    "Timestamp: 54\r\n"                                                                            \
    "Subject:\r\n"                                                                                 \
    "Content-Type: text/plain\r\n"                                                                 \
    "Content-Length: 4\r\n"                                                                        \
    "\r\n"                                                                                         \
    "body"

/* Of a message whose To has a tag. */
#define HEAD "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=old;x\r\nCall-ID: x\r\n"

/* A message that is well-formed. */
static inline struct ps_message parsed(const char *text)
{
    struct ps_message m;
    struct ps_fault fault;
    if (ps_message_parse(&m, text, strlen(text), NULL, &fault))
        ck_abort_msg("%s at %u (%s)", ps_error_text(fault.error), fault.offset, fault.rule);
    return m;
}

/* Ends what was written with a NUL. */
static inline const char *text_of(struct ps_writer *w)
{
    ck_assert_int_eq(w->error, PS_OK);
    ps_put_char(w, '\0');
    return w->p;
}

static inline struct ps_flow flow_of(const char *local, const char *remote)
{
    struct ps_flow flow;
    memset(&flow, 0, sizeof flow);
    ck_assert(!ps_address_parse(ps_slice_of(local), 5060, &flow.local));
    ck_assert(!ps_address_parse(ps_slice_of(remote), 5060, &flow.remote));
    return flow;
}

/* The first fault by parser and check. */
static inline struct ps_fault fault_of(const char *text, size_t n,
                                       const struct ps_parse_options *options)
{
    struct ps_fault fault;
    struct ps_message m;
    char *copy = malloc(n ? n : 1); /* of its exact size, so that a tool sees reads beyond it */
    enum ps_error error;
    memcpy(copy, text, n);
    error = ps_message_parse(&m, copy, n, options, &fault);
    ck_assert_int_eq(error, fault.error);
    ck_assert_int_eq(ps_message_parse(&m, copy, n, options, NULL), error);
    if (!error) {
        struct ps_check_options all = {true, false, 0, PS_NONE};
        error = ps_message_check(&m, &all, &fault);
        ck_assert_int_eq(error, fault.error);
        ck_assert_int_eq(ps_message_check(&m, &all, NULL), error);
    }
    free(copy);
    return fault;
}

static inline void good(const char *text)
{
    struct ps_fault fault = fault_of(text, strlen(text), NULL);
    ck_assert_msg(!fault.error, "%s: %s at %u", text, ps_error_text(fault.error), fault.offset);
}

static inline void bad(const char *text, enum ps_error error, const char *at, unsigned answer)
{
    struct ps_fault fault = fault_of(text, strlen(text), NULL);
    ck_assert_msg(fault.error == error && fault.status == answer, "%s: %s, answer %u", text,
                  ps_error_text(fault.error), fault.status);
    ck_assert_ptr_nonnull(fault.rule);
    if (at)
        ck_assert_msg(!strncmp(text + fault.offset, at, strlen(at)), "%s: at '%.20s', not '%s'",
                      text, text + fault.offset, at);
}

#endif
