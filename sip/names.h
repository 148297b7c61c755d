/*
 * Names: methods, header names with their compact forms, reason phrases.
 *
 * Tables and look-ups only; knows no grammar. RFC 3261 7.1, 7.3.3, 20, 21 and the IANA SIP
 * parameters registry.
 */
#ifndef PS_NAMES_H
#define PS_NAMES_H

#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator suffix, value, name). Methods are case-sensitive (7.1). A value is never given
 * again: a new method takes the next one after PS_METHOD_OTHER. */
#define PS_METHODS(X)                                                                              \
    X(INVITE, 1, "INVITE")                                                                         \
    X(ACK, 2, "ACK")                                                                               \
    X(BYE, 3, "BYE")                                                                               \
    X(CANCEL, 4, "CANCEL")                                                                         \
    X(OPTIONS, 5, "OPTIONS")                                                                       \
    X(REGISTER, 6, "REGISTER")                                                                     \
    X(PRACK, 7, "PRACK")                                                                           \
    X(SUBSCRIBE, 8, "SUBSCRIBE")                                                                   \
    X(NOTIFY, 9, "NOTIFY")                                                                         \
    X(PUBLISH, 10, "PUBLISH")                                                                      \
    X(INFO, 11, "INFO")                                                                            \
    X(REFER, 12, "REFER")                                                                          \
    X(MESSAGE, 13, "MESSAGE")                                                                      \
    X(UPDATE, 14, "UPDATE")

enum ps_method {
    PS_METHOD_NONE = 0, /* a response */
#define PS_METHOD_ENUM(id, value, name) PS_METHOD_##id = value,
    PS_METHODS(PS_METHOD_ENUM)
#undef PS_METHOD_ENUM
        PS_METHOD_OTHER = 15 /* an extension method: compare its name */
};

/* Finds a method by its name, case-sensitive; PS_METHOD_OTHER for another. */
enum ps_method ps_method_from(struct ps_slice name);

/* Returns "INVITE", ...; empty for NONE and OTHER. Static. */
struct ps_slice ps_method_name(enum ps_method method);

/* X(enumerator suffix, value, canonical name, compact letter or 0, may stand once only). A value is
 * never given again: a new header takes the next. */
#define PS_HEADERS(X)                                                                              \
    X(VIA, 1, "Via", 'v', 0)                                                                       \
    X(FROM, 2, "From", 'f', 1)                                                                     \
    X(TO, 3, "To", 't', 1)                                                                         \
    X(CALL_ID, 4, "Call-ID", 'i', 1)                                                               \
    X(CSEQ, 5, "CSeq", 0, 1)                                                                       \
    X(MAX_FORWARDS, 6, "Max-Forwards", 0, 1)                                                       \
    X(CONTACT, 7, "Contact", 'm', 0)                                                               \
    X(CONTENT_LENGTH, 8, "Content-Length", 'l', 1)                                                 \
    X(CONTENT_TYPE, 9, "Content-Type", 'c', 1)                                                     \
    X(ROUTE, 10, "Route", 0, 0)                                                                    \
    X(RECORD_ROUTE, 11, "Record-Route", 0, 0)                                                      \
    X(ALLOW, 12, "Allow", 0, 0)                                                                    \
    X(SUPPORTED, 13, "Supported", 'k', 0)                                                          \
    X(REQUIRE, 14, "Require", 0, 0)                                                                \
    X(PROXY_REQUIRE, 15, "Proxy-Require", 0, 0)                                                    \
    X(UNSUPPORTED, 16, "Unsupported", 0, 0)                                                        \
    X(USER_AGENT, 17, "User-Agent", 0, 1)                                                          \
    X(SERVER, 18, "Server", 0, 1)                                                                  \
    X(EXPIRES, 19, "Expires", 0, 1)                                                                \
    X(MIN_EXPIRES, 20, "Min-Expires", 0, 1)                                                        \
    X(AUTHORIZATION, 21, "Authorization", 0, 0)                                                    \
    X(PROXY_AUTHORIZATION, 22, "Proxy-Authorization", 0, 0)                                        \
    X(WWW_AUTHENTICATE, 23, "WWW-Authenticate", 0, 0)                                              \
    X(PROXY_AUTHENTICATE, 24, "Proxy-Authenticate", 0, 0)                                          \
    X(AUTHENTICATION_INFO, 25, "Authentication-Info", 0, 1)                                        \
    X(SESSION_EXPIRES, 26, "Session-Expires", 'x', 1)                                              \
    X(MIN_SE, 27, "Min-SE", 0, 1)                                                                  \
    X(EVENT, 28, "Event", 'o', 1)                                                                  \
    X(ALLOW_EVENTS, 29, "Allow-Events", 'u', 0)                                                    \
    X(SUBSCRIPTION_STATE, 30, "Subscription-State", 0, 1)                                          \
    X(RSEQ, 31, "RSeq", 0, 1)                                                                      \
    X(RACK, 32, "RAck", 0, 1)                                                                      \
    X(REPLACES, 33, "Replaces", 0, 1)                                                              \
    X(JOIN, 34, "Join", 0, 1)                                                                      \
    X(TARGET_DIALOG, 35, "Target-Dialog", 0, 1)                                                    \
    X(REFER_TO, 36, "Refer-To", 'r', 1)                                                            \
    X(REFERRED_BY, 37, "Referred-By", 'b', 1)                                                      \
    X(REPLY_TO, 38, "Reply-To", 0, 1)                                                              \
    X(REASON, 39, "Reason", 0, 0)                                                                  \
    X(RETRY_AFTER, 40, "Retry-After", 0, 1)                                                        \
    X(WARNING, 41, "Warning", 0, 0)                                                                \
    X(DATE, 42, "Date", 0, 1)                                                                      \
    X(TIMESTAMP, 43, "Timestamp", 0, 1)                                                            \
    X(SUBJECT, 44, "Subject", 's', 1)                                                              \
    X(ORGANIZATION, 45, "Organization", 0, 1)                                                      \
    X(PRIVACY, 46, "Privacy", 0, 1)                                                                \
    X(ALERT_INFO, 47, "Alert-Info", 0, 0)                                                          \
    X(CALL_INFO, 48, "Call-Info", 0, 0)                                                            \
    X(IN_REPLY_TO, 49, "In-Reply-To", 0, 0)                                                        \
    X(PRIORITY, 50, "Priority", 0, 1)                                                              \
    X(MIME_VERSION, 51, "MIME-Version", 0, 1)                                                      \
    X(SIP_ETAG, 52, "SIP-ETag", 0, 1)                                                              \
    X(SIP_IF_MATCH, 53, "SIP-If-Match", 0, 1)                                                      \
    X(HISTORY_INFO, 54, "History-Info", 0, 0)                                                      \
    X(PATH, 55, "Path", 0, 0)                                                                      \
    X(SERVICE_ROUTE, 56, "Service-Route", 0, 0)                                                    \
    X(P_ASSERTED_IDENTITY, 57, "P-Asserted-Identity", 0, 0)                                        \
    X(P_PREFERRED_IDENTITY, 58, "P-Preferred-Identity", 0, 0)                                      \
    X(REMOTE_PARTY_ID, 59, "Remote-Party-ID", 0, 0)                                                \
    X(DIVERSION, 60, "Diversion", 0, 0)                                                            \
    X(CONTENT_DISPOSITION, 61, "Content-Disposition", 0, 1)                                        \
    X(CONTENT_ENCODING, 62, "Content-Encoding", 'e', 0)                                            \
    X(CONTENT_LANGUAGE, 63, "Content-Language", 0, 0)                                              \
    X(ACCEPT, 64, "Accept", 0, 0)                                                                  \
    X(ACCEPT_ENCODING, 65, "Accept-Encoding", 0, 0)                                                \
    X(ACCEPT_LANGUAGE, 66, "Accept-Language", 0, 0)                                                \
    X(ACCEPT_CONTACT, 67, "Accept-Contact", 'a', 0)                                                \
    X(REJECT_CONTACT, 68, "Reject-Contact", 'j', 0)                                                \
    X(REQUEST_DISPOSITION, 69, "Request-Disposition", 'd', 0)                                      \
    X(ERROR_INFO, 70, "Error-Info", 0, 0)                                                          \
    X(IDENTITY, 71, "Identity", 'y', 0)

enum ps_header_id {
    PS_H_OTHER = 0, /* not in the list: compare its name */
#define PS_HEADER_ENUM(id, value, name, compact, once) PS_H_##id = value,
    PS_HEADERS(PS_HEADER_ENUM)
#undef PS_HEADER_ENUM
        PS_H_COUNT = 72 /* one more than the last */
};

/* Returns the letter of the compact form (7.3.3), 0 where there is none. */
char ps_header_compact(enum ps_header_id id);

/* Finds a header by its full or compact name in any case; PS_H_OTHER for another. */
enum ps_header_id ps_header_from(struct ps_slice name);

/* Returns the canonical full name; empty for PS_H_OTHER. Static. */
struct ps_slice ps_header_name(enum ps_header_id id);

/* May it stand only once in a message (7.3.1)? */
bool ps_header_once(enum ps_header_id id);

/* X(status, default reason phrase): 21 and the IANA registry. */
#define PS_STATUSES(X)                                                                             \
    X(100, "Trying")                                                                               \
    X(180, "Ringing")                                                                              \
    X(181, "Call Is Being Forwarded")                                                              \
    X(182, "Queued")                                                                               \
    X(183, "Session Progress")                                                                     \
    X(199, "Early Dialog Terminated")                                                              \
    X(200, "OK")                                                                                   \
    X(202, "Accepted")                                                                             \
    X(204, "No Notification")                                                                      \
    X(300, "Multiple Choices")                                                                     \
    X(301, "Moved Permanently")                                                                    \
    X(302, "Moved Temporarily")                                                                    \
    X(305, "Use Proxy")                                                                            \
    X(380, "Alternative Service")                                                                  \
    X(400, "Bad Request")                                                                          \
    X(401, "Unauthorized")                                                                         \
    X(402, "Payment Required")                                                                     \
    X(403, "Forbidden")                                                                            \
    X(404, "Not Found")                                                                            \
    X(405, "Method Not Allowed")                                                                   \
    X(406, "Not Acceptable")                                                                       \
    X(407, "Proxy Authentication Required")                                                        \
    X(408, "Request Timeout")                                                                      \
    X(410, "Gone")                                                                                 \
    X(412, "Conditional Request Failed")                                                           \
    X(413, "Request Entity Too Large")                                                             \
    X(414, "Request-URI Too Long")                                                                 \
    X(415, "Unsupported Media Type")                                                               \
    X(416, "Unsupported URI Scheme")                                                               \
    X(417, "Unknown Resource-Priority")                                                            \
    X(420, "Bad Extension")                                                                        \
    X(421, "Extension Required")                                                                   \
    X(422, "Session Interval Too Small")                                                           \
    X(423, "Interval Too Brief")                                                                   \
    X(424, "Bad Location Information")                                                             \
    X(425, "Bad Alert Message")                                                                    \
    X(428, "Use Identity Header")                                                                  \
    X(429, "Provide Referrer Identity")                                                            \
    X(430, "Flow Failed")                                                                          \
    X(433, "Anonymity Disallowed")                                                                 \
    X(436, "Bad Identity-Info")                                                                    \
    X(437, "Unsupported Certificate")                                                              \
    X(438, "Invalid Identity Header")                                                              \
    X(439, "First Hop Lacks Outbound Support")                                                     \
    X(440, "Max-Breadth Exceeded")                                                                 \
    X(469, "Bad Info Package")                                                                     \
    X(470, "Consent Needed")                                                                       \
    X(480, "Temporarily Unavailable")                                                              \
    X(481, "Call/Transaction Does Not Exist")                                                      \
    X(482, "Loop Detected")                                                                        \
    X(483, "Too Many Hops")                                                                        \
    X(484, "Address Incomplete")                                                                   \
    X(485, "Ambiguous")                                                                            \
    X(486, "Busy Here")                                                                            \
    X(487, "Request Terminated")                                                                   \
    X(488, "Not Acceptable Here")                                                                  \
    X(489, "Bad Event")                                                                            \
    X(491, "Request Pending")                                                                      \
    X(493, "Undecipherable")                                                                       \
    X(494, "Security Agreement Required")                                                          \
    X(500, "Server Internal Error")                                                                \
    X(501, "Not Implemented")                                                                      \
    X(502, "Bad Gateway")                                                                          \
    X(503, "Service Unavailable")                                                                  \
    X(504, "Server Time-out")                                                                      \
    X(505, "Version Not Supported")                                                                \
    X(513, "Message Too Large")                                                                    \
    X(555, "Push Notification Service Not Supported")                                              \
    X(580, "Precondition Failure")                                                                 \
    X(600, "Busy Everywhere")                                                                      \
    X(603, "Decline")                                                                              \
    X(604, "Does Not Exist Anywhere")                                                              \
    X(606, "Not Acceptable")                                                                       \
    X(607, "Unwanted")                                                                             \
    X(608, "Rejected")

/* Returns the default reason phrase of a status, "Unknown" where none is registered. Static. */
struct ps_slice ps_reason_phrase(unsigned status);

#ifdef __cplusplus
}
#endif
#endif
