/*
 * Pieces of messages, and what the parser and the check say of a message, for the tests of both.
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
        error = ps_message_check_with(&m, &all, &fault);
        ck_assert_int_eq(error, fault.error);
        ck_assert_int_eq(ps_message_check_with(&m, &all, NULL), error);
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
