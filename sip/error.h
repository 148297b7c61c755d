/*
 * Error codes of every layer, one list.
 *
 * A function that can fail returns enum ps_error; PS_OK is 0. The texts are in names.c
 * (ps_error_text). Knows no layer: it only lists what they may say.
 */
#ifndef PS_ERROR_H
#define PS_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator, one-line text). A new code goes to the end of its group. */
#define PS_ERRORS(X)                                                                               \
    X(PS_OK, "no error")                                                                           \
    /* any layer */                                                                                \
    X(PS_E_OVERFLOW, "output buffer too small")                                                    \
    X(PS_E_INJECTION, "a value holds CR, LF or NUL")                                               \
    X(PS_E_ARGUMENT, "argument out of range")                                                      \
    X(PS_E_FULL, "a pool is empty")                                                                \
    X(PS_E_TOO_LARGE, "message larger than the limits")                                            \
    X(PS_E_STALE, "the handle names nothing that lives")                                           \
    X(PS_E_STATE, "not possible in this state")                                                    \
    X(PS_E_NUMBER, "not a number, or out of range")                                                \
    X(PS_E_END, "ends too early")                                                                  \
    X(PS_E_SYNTAX, "syntax error")                                                                 \
    X(PS_E_ADDRESS, "not an IP address")                                                           \
    X(PS_E_UNSUPPORTED, "not supported")                                                           \
    X(PS_E_TRANSPORT, "the transport could not send")                                              \
    X(PS_E_TIMEOUT, "nobody answered in time")                                                     \
    X(PS_E_UNREACHABLE, "the peer is unreachable")                                                 \
    X(PS_E_RESOLVE, "the name has no address")                                                     \
    /* messages, headers, URIs */                                                                  \
    X(PS_E_START_LINE, "malformed start line")                                                     \
    X(PS_E_VERSION, "SIP version not supported")                                                   \
    X(PS_E_HEADER_LINE, "malformed header line")                                                   \
    X(PS_E_TOO_MANY_HEADERS, "more headers than the limits allow")                                 \
    X(PS_E_MISSING_HEADER, "a mandatory header is missing")                                        \
    X(PS_E_REPEATED_HEADER, "a header that may stand once stands twice")                           \
    X(PS_E_CONTENT_LENGTH, "Content-Length does not fit the message")                              \
    X(PS_E_CSEQ_METHOD, "CSeq names another method than the request line")                         \
    X(PS_E_URI, "malformed URI")                                                                   \
    X(PS_E_SCHEME, "unknown URI scheme")                                                           \
    X(PS_E_HOST, "malformed host")                                                                 \
    X(PS_E_PORT, "malformed port")                                                                 \
    X(PS_E_PARAMETER, "malformed parameter")                                                       \
    X(PS_E_VALUE, "malformed header value")                                                        \
    /* SDP */                                                                                      \
    X(PS_E_SDP_LINE, "malformed SDP line")                                                         \
    X(PS_E_SDP_ORDER, "SDP line out of order")                                                     \
    X(PS_E_SDP_MISSING, "a mandatory SDP line is missing")                                         \
    X(PS_E_SDP_LIMIT, "more SDP lines than the limits allow")                                      \
    X(PS_E_SDP_NO_COMMON, "no common media")                                                       \
    X(PS_E_SDP_TURN, "not this side's turn in offer/answer")                                       \
    /* Digest */                                                                                   \
    X(PS_E_DIGEST_SCHEME, "not a Digest challenge or credentials")                                 \
    X(PS_E_DIGEST_ALGORITHM, "no supported Digest algorithm")                                      \
    X(PS_E_DIGEST_REALM, "no credentials for the realm")                                           \
    X(PS_E_DIGEST_REJECTED, "credentials rejected")                                                \
    X(PS_E_DIGEST_STALE, "nonce expired")                                                          \
    X(PS_E_DIGEST_REPLAY, "nonce count used before")                                               \
    X(PS_E_DIGEST_LONG, "a Digest parameter is longer than the limits")

enum ps_error {
#define PS_ERROR_ENUM(name, text) name,
    PS_ERRORS(PS_ERROR_ENUM)
#undef PS_ERROR_ENUM
        PS_ERROR_COUNT
};

/* One line for people; never NULL. Static storage. */
const char *ps_error_text(enum ps_error error);

/* The enumerator's own name, "PS_E_URI"; never NULL. Static storage. */
const char *ps_error_name(enum ps_error error);

/*
 * What is wrong with bytes that came in: where and why. `rule` is static text such as
 * "RFC 3261 20.42"; `answer` is the status that a server owes the sender, 0 where the message must
 * be dropped.
 */
struct ps_fault {
    enum ps_error error;
    unsigned offset; /* bytes from the start of the input */
    unsigned answer;
    const char *rule;
};

#ifdef PS_DEBUG
/* Guards only what no input can reach; compiled out for release and for coverage. */
#define PS_ASSERT(x) ((x) ? (void)0 : __builtin_trap())
#else
#define PS_ASSERT(x) ((void)0)
#endif

#ifdef __cplusplus
}
#endif
#endif
