/*
 * Every bound of the stack: a default that -D (or PS_CONFIG_FILE) changes, a hard bound, a reason.
 *
 * These are the compile-time limits: shapes of structures and bounds of scanners. How many
 * transactions, dialogs or bytes a stack holds is decided at start by struct ps_limits
 * (capacity.h).
 *
 * The library and whoever includes its headers must agree on them, because they shape structures
 * that both see. `make install` writes those in force into the installed copy of this file, which
 * refuses others; and see PS_LIMITED.
 */
#ifndef PS_LIMITS_H
#define PS_LIMITS_H

#ifdef PS_CONFIG_FILE
#include PS_CONFIG_FILE
#endif

/*
 * Appends a limit to a function's symbol, so that a program built with other limits does not link,
 * be the library static, shared or vendored. Used where a function fills a structure of the
 * caller's whose size depends on the limit: ps_message_parse is the symbol ps_message_parse_128.
 * For this, limits are written in plain decimal digits.
 */
#define PS_LIMITED(name, limit) PS_LIMITED_PASTE(name, limit)
#define PS_LIMITED_PASTE(name, limit) name##_##limit

/* Header lines of one message. The busiest captured message has 24; IMS adds a dozen.
 * Each costs 10 bytes of struct ps_message. */
#ifndef PS_MAX_HEADERS
#define PS_MAX_HEADERS 128
#endif
#if PS_MAX_HEADERS < 16 || PS_MAX_HEADERS > 255
#error "PS_MAX_HEADERS: 16 to 255 (a line's number is kept in a byte)"
#endif

/* Bytes of one message. A datagram has at most 65,535, and an index holds 16-bit offsets. */
#ifndef PS_MAX_MESSAGE
#define PS_MAX_MESSAGE 65535
#endif
#if PS_MAX_MESSAGE < 512 || PS_MAX_MESSAGE > 65535
#error "PS_MAX_MESSAGE: 512 to 65535 (offsets have 16 bits)"
#endif

/* Parameters (or headers) that two URIs may have and still be found equal: comparing is quadratic
 * in them. A URI with more is equal only to the same text. */
#ifndef PS_MAX_URI_COMPARED
#define PS_MAX_URI_COMPARED 32
#endif
#if PS_MAX_URI_COMPARED < 8 || PS_MAX_URI_COMPARED > 1024
#error "PS_MAX_URI_COMPARED: 8 to 1024"
#endif

/* Media descriptions of one SDP body. */
#ifndef PS_SDP_MAX_MEDIA
#define PS_SDP_MAX_MEDIA 16
#endif
#if PS_SDP_MAX_MEDIA < 1 || PS_SDP_MAX_MEDIA > 255
#error "PS_SDP_MAX_MEDIA: 1 to 255"
#endif

/* Lines of one SDP body; a browser's offer has about 400. */
#ifndef PS_SDP_MAX_LINES
#define PS_SDP_MAX_LINES 768
#endif
#if PS_SDP_MAX_LINES < 16 || PS_SDP_MAX_LINES > 4096
#error "PS_SDP_MAX_LINES: 16 to 4096"
#endif

/* Formats (payload types) of one media line. */
#ifndef PS_SDP_MAX_FORMATS
#define PS_SDP_MAX_FORMATS 64
#endif
#if PS_SDP_MAX_FORMATS < 1 || PS_SDP_MAX_FORMATS > 128
#error "PS_SDP_MAX_FORMATS: 1 to 128 (payload types have 7 bits)"
#endif

/* Bytes of one Digest parameter's value (user, realm, nonce, uri, ...). */
#ifndef PS_DIGEST_MAX_VALUE
#define PS_DIGEST_MAX_VALUE 1024
#endif
#if PS_DIGEST_MAX_VALUE < 64 || PS_DIGEST_MAX_VALUE > 65535
#error "PS_DIGEST_MAX_VALUE: 64 to 65535"
#endif

/* Bytes that a Digest client keeps of one server's challenge: the caller's name of the target,
 * realm, nonce, opaque and cnonce together. Captured ones need 60 to 150. */
#ifndef PS_DIGEST_SESSION_TEXT
#define PS_DIGEST_SESSION_TEXT 1024
#endif
#if PS_DIGEST_SESSION_TEXT < 128 || PS_DIGEST_SESSION_TEXT > 65535
#error "PS_DIGEST_SESSION_TEXT: 128 to 65535 (lengths have 16 bits)"
#endif

/* Servers (target, realm, 401 or 407) that a Digest client answers at the same time. One request
 * meets at most its registrar or peer and the proxies on its way. */
#ifndef PS_DIGEST_MAX_SESSIONS
#define PS_DIGEST_MAX_SESSIONS 4
#endif
#if PS_DIGEST_MAX_SESSIONS < 1 || PS_DIGEST_MAX_SESSIONS > 64
#error "PS_DIGEST_MAX_SESSIONS: 1 to 64 (searched one by one)"
#endif

/* Addresses of one name that the resolver keeps, a family; more than a handful is never tried. */
#ifndef PS_RESOLVER_ADDRESSES
#define PS_RESOLVER_ADDRESSES 8
#endif
#if PS_RESOLVER_ADDRESSES < 1 || PS_RESOLVER_ADDRESSES > 64
#error "PS_RESOLVER_ADDRESSES: 1 to 64"
#endif

/* Size classes of kept bytes (capacity.h). The four serve small responses and dialogs, INVITEs, the
 * INVITEs of browsers, and the largest message. */
#ifndef PS_SIZE_CLASSES
#define PS_SIZE_CLASSES 4
#endif
#if PS_SIZE_CLASSES < 1 || PS_SIZE_CLASSES > 16
#error "PS_SIZE_CLASSES: 1 to 16 (searched one by one)"
#endif

/* Addresses of one target that are tried in turn; each costs a flow in every client request. */
#ifndef PS_MAX_ADDRESSES
#define PS_MAX_ADDRESSES 4
#endif
#if PS_MAX_ADDRESSES < 1 || PS_MAX_ADDRESSES > 64
#error "PS_MAX_ADDRESSES: 1 to 64"
#endif

/* Redirections followed for one request, and targets of one 3xx that are looked at. */
#ifndef PS_MAX_REDIRECTS
#define PS_MAX_REDIRECTS 8
#endif
#if PS_MAX_REDIRECTS < 1 || PS_MAX_REDIRECTS > 64
#error "PS_MAX_REDIRECTS: 1 to 64 (compared one by one)"
#endif

/* Contacts of one address of record at the registrar; one more is answered with 403. */
#ifndef PS_MAX_CONTACTS
#define PS_MAX_CONTACTS 16
#endif
#if PS_MAX_CONTACTS < 1 || PS_MAX_CONTACTS > 255
#error "PS_MAX_CONTACTS: 1 to 255 (searched one by one)"
#endif

/* Calls that come in whose next hop, a name, is looked up at the same time; one more gets 480. A
 * look-up is a stranger's wish, and the resolver is ours, too. */
#ifndef PS_MAX_CHECKING
#define PS_MAX_CHECKING 8
#endif
#if PS_MAX_CHECKING < 1 || PS_MAX_CHECKING > 1000
#error "PS_MAX_CHECKING: 1 to 1000 (each takes one of the driver's look-ups)"
#endif

/* Bytes that go out for each byte of a request whose source may be forged (26.3.2.4), over all
 * repetitions: to a request other than INVITE, to an INVITE that is refused, to one that is
 * answered. Refusals are written shorter where they would exceed it, and repeated less often. */
#ifndef PS_AMPLIFY_REQUEST
#define PS_AMPLIFY_REQUEST 4
#endif
#ifndef PS_AMPLIFY_REFUSED
#define PS_AMPLIFY_REFUSED 14
#endif
#ifndef PS_AMPLIFY_ANSWERED
#define PS_AMPLIFY_ANSWERED 45
#endif
#if PS_AMPLIFY_REQUEST < 2 || PS_AMPLIFY_REQUEST > 1000
#error "PS_AMPLIFY_REQUEST: 2 to 1000 (a response repeats most of its request)"
#endif
#if PS_AMPLIFY_REFUSED < 2 || PS_AMPLIFY_REFUSED > 1000
#error "PS_AMPLIFY_REFUSED: 2 to 1000 (Timer G sends eleven times)"
#endif
#if PS_AMPLIFY_ANSWERED < 8 || PS_AMPLIFY_ANSWERED > 1000
#error "PS_AMPLIFY_ANSWERED: 8 to 1000 (a 2xx is sent eleven times, and a BYE follows)"
#endif

/* Bytes of one Contact at the registrar with its parameters, and of one Path; a longer one is
 * answered with 403. Captured ones have 40 to 250; what is kept a stranger's request may make us
 * repeat. */
#ifndef PS_MAX_CONTACT
#define PS_MAX_CONTACT 512
#endif
#if PS_MAX_CONTACT < 64 || PS_MAX_CONTACT > 8192
#error "PS_MAX_CONTACT: 64 to 8192 (all that a binding keeps has 16-bit offsets)"
#endif

/* X(name) over all of them, for a report of what is in force (ps_stack_report). */
#define PS_LIMITS(X)                                                                               \
    X(PS_MAX_HEADERS)                                                                              \
    X(PS_MAX_MESSAGE)                                                                              \
    X(PS_MAX_URI_COMPARED)                                                                         \
    X(PS_SDP_MAX_MEDIA)                                                                            \
    X(PS_SDP_MAX_LINES)                                                                            \
    X(PS_SDP_MAX_FORMATS)                                                                          \
    X(PS_DIGEST_MAX_VALUE)                                                                         \
    X(PS_DIGEST_SESSION_TEXT)                                                                      \
    X(PS_DIGEST_MAX_SESSIONS)                                                                      \
    X(PS_RESOLVER_ADDRESSES)                                                                       \
    X(PS_SIZE_CLASSES)                                                                             \
    X(PS_MAX_ADDRESSES)                                                                            \
    X(PS_MAX_CHECKING)                                                                             \
    X(PS_AMPLIFY_REQUEST)                                                                          \
    X(PS_AMPLIFY_REFUSED)                                                                          \
    X(PS_AMPLIFY_ANSWERED)                                                                         \
    X(PS_MAX_REDIRECTS)                                                                            \
    X(PS_MAX_CONTACTS)                                                                             \
    X(PS_MAX_CONTACT)

#endif
