/*
 * Error codes of every layer, one list. A function that can fail returns one of them; PS_OK is 0.
 * Knows no layer: it only lists what each may say.
 */
#ifndef PS_ERROR_H
#define PS_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator, value, one-line text). A value is never given again: a new code takes the next. */
#define PS_ERRORS(X)                                                                               \
    X(PS_OK, 0, "no error")                                                                        \
    /* any layer */                                                                                \
    X(PS_E_OVERFLOW, 1, "output buffer too small")                                                 \
    X(PS_E_INJECTION, 2, "a value holds CR, LF or NUL")                                            \
    X(PS_E_ARGUMENT, 3, "argument out of range")                                                   \
    X(PS_E_FULL, 4, "no room left")                                                                \
    X(PS_E_TOO_LARGE, 5, "message larger than the limits")                                         \
    X(PS_E_STALE, 6, "the handle names nothing that lives")                                        \
    X(PS_E_STATE, 7, "not possible in this state")                                                 \
    X(PS_E_NUMBER, 8, "not a number, or out of range")                                             \
    X(PS_E_END, 9, "ends too early")                                                               \
    X(PS_E_SYNTAX, 10, "syntax error")                                                             \
    X(PS_E_ADDRESS, 11, "not an IP address")                                                       \
    X(PS_E_UNSUPPORTED, 12, "not supported")                                                       \
    X(PS_E_TRANSPORT, 13, "the transport could not send")                                          \
    X(PS_E_TIMEOUT, 14, "nobody answered in time")                                                 \
    X(PS_E_UNREACHABLE, 15, "the peer is unreachable")                                             \
    X(PS_E_RESOLVE, 16, "the name has no address")                                                 \
    /* messages, headers, URIs */                                                                  \
    X(PS_E_START_LINE, 17, "malformed start line")                                                 \
    X(PS_E_VERSION, 18, "SIP version not supported")                                               \
    X(PS_E_HEADER_LINE, 19, "malformed header line")                                               \
    X(PS_E_TOO_MANY_HEADERS, 20, "more headers than the limits allow")                             \
    X(PS_E_MISSING_HEADER, 21, "a mandatory header is missing")                                    \
    X(PS_E_REPEATED_HEADER, 22, "a header that may stand once stands twice")                       \
    X(PS_E_CONTENT_LENGTH, 23, "Content-Length does not fit the message")                          \
    X(PS_E_CSEQ_METHOD, 24, "CSeq names another method than the request line")                     \
    X(PS_E_URI, 25, "malformed URI")                                                               \
    X(PS_E_SCHEME, 26, "unknown URI scheme")                                                       \
    X(PS_E_HOST, 27, "malformed host")                                                             \
    X(PS_E_PORT, 28, "malformed port")                                                             \
    X(PS_E_PARAMETER, 29, "malformed parameter")                                                   \
    X(PS_E_VALUE, 30, "malformed header value")                                                    \
    /* SDP */                                                                                      \
    X(PS_E_SDP_LINE, 31, "malformed SDP line")                                                     \
    X(PS_E_SDP_ORDER, 32, "SDP line out of order")                                                 \
    X(PS_E_SDP_MISSING, 33, "a mandatory SDP line is missing")                                     \
    X(PS_E_SDP_LIMIT, 34, "more SDP lines than the limits allow")                                  \
    X(PS_E_SDP_NO_COMMON, 35, "no common media")                                                   \
    X(PS_E_SDP_TURN, 36, "not this side's turn in offer/answer")                                   \
    /* Digest */                                                                                   \
    X(PS_E_DIGEST_SCHEME, 37, "not a Digest challenge or credentials")                             \
    X(PS_E_DIGEST_ALGORITHM, 38, "no supported Digest algorithm")                                  \
    X(PS_E_DIGEST_REALM, 39, "no credentials for the realm")                                       \
    X(PS_E_DIGEST_REJECTED, 40, "credentials rejected")                                            \
    X(PS_E_DIGEST_LONG, 43, "a Digest parameter is longer than the limits")

enum ps_error {
#define PS_ERROR_ENUM(name, value, text) name = value,
    PS_ERRORS(PS_ERROR_ENUM)
#undef PS_ERROR_ENUM
        PS_ERROR_COUNT = 44 /* one more than the last */
};

/* Returns one line for people; never NULL. Static. */
const char *ps_error_text(enum ps_error error);

/* Returns the enumerator's own name, "PS_E_URI"; never NULL. Static. */
const char *ps_error_name(enum ps_error error);

/* Says where bytes that came in are wrong, and why. */
struct ps_fault {
    enum ps_error error;
    unsigned offset;  /* bytes from the start of the input */
    unsigned status;  /* owed by a server to the sender; 0: the message must be dropped */
    unsigned header;  /* enum ps_header_id of the header that is wrong or missing; 0: none, or one
                         that is not in the list */
    const char *rule; /* "RFC 3261 20.42"; static */
};

#ifdef PS_DEBUG
/* Guards only states that no input can reach; compiled out for release and for coverage. */
#define PS_ASSERT(x) ((x) ? (void)0 : __builtin_trap())
#else
#define PS_ASSERT(x) ((void)0)
#endif

#ifdef __cplusplus
}
#endif
#endif
