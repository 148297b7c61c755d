/*
 * Tables of names and the look-ups in them: methods, header names, reason phrases, error texts.
 * Refuses to know any grammar.
 */
#include "names.h"

/* ---- methods ---- */

static const char *const method_names[] = {"",
#define METHOD_NAME(id, name) name,
                                           PS_METHODS(METHOD_NAME)
#undef METHOD_NAME
};

struct ps_slice ps_method_name(enum ps_method method)
{
    return method < PS_METHOD_OTHER ? ps_slice_of(method_names[method]) : PS_S("");
}

/* The first letter leaves at most three methods to compare. */
enum ps_method ps_method_from(struct ps_slice name)
{
    unsigned i;
    for (i = PS_METHOD_NONE + 1; i < PS_METHOD_OTHER; i++)
        if (name.n && name.p[0] == method_names[i][0] &&
            ps_equal(name, ps_slice_of(method_names[i])))
            break;
    return (enum ps_method)i;
}

/* ---- header names ---- */

/* Padded with zeros, so that names compare in words. */
enum { NAME_ROOM = 24 };

static const char header_names[PS_H_COUNT][NAME_ROOM] = {"",
#define HEADER_NAME(id, name, compact, once) name,
                                                         PS_HEADERS(HEADER_NAME)
#undef HEADER_NAME
};

static const uint8_t header_lengths[PS_H_COUNT] = {0,
#define HEADER_LENGTH(id, name, compact, once) sizeof(name) - 1,
                                                   PS_HEADERS(HEADER_LENGTH)
#undef HEADER_LENGTH
};

static const uint8_t header_once[PS_H_COUNT] = {0,
#define HEADER_ONCE(id, name, compact, once) once,
                                                PS_HEADERS(HEADER_ONCE)
#undef HEADER_ONCE
};

/* Compact forms, by letter; 0 is PS_H_OTHER. */
static enum ps_header_id from_compact(char c)
{
    switch (ps_lower(c)) {
    case 'a':
        return PS_H_ACCEPT_CONTACT;
    case 'b':
        return PS_H_REFERRED_BY;
    case 'c':
        return PS_H_CONTENT_TYPE;
    case 'd':
        return PS_H_REQUEST_DISPOSITION;
    case 'e':
        return PS_H_CONTENT_ENCODING;
    case 'f':
        return PS_H_FROM;
    case 'i':
        return PS_H_CALL_ID;
    case 'j':
        return PS_H_REJECT_CONTACT;
    case 'k':
        return PS_H_SUPPORTED;
    case 'l':
        return PS_H_CONTENT_LENGTH;
    case 'm':
        return PS_H_CONTACT;
    case 'o':
        return PS_H_EVENT;
    case 'r':
        return PS_H_REFER_TO;
    case 's':
        return PS_H_SUBJECT;
    case 't':
        return PS_H_TO;
    case 'u':
        return PS_H_ALLOW_EVENTS;
    case 'v':
        return PS_H_VIA;
    case 'x':
        return PS_H_SESSION_EXPIRES;
    case 'y':
        return PS_H_IDENTITY;
    default:
        return PS_H_OTHER;
    }
}

/*
 * A slot for each name: four of its features, mixed so that the names of the list fall apart. It
 * only says which name to compare with (a test holds each name to its slot and prints the slots
 * where the list was changed).
 */
static unsigned slot_of(struct ps_slice name)
{
    unsigned first = (uint8_t)name.p[0] | 32u, last = (uint8_t)name.p[name.n - 1] | 32u;
    unsigned middle = (uint8_t)name.p[name.n / 2] | 32u;
    return ((unsigned)name.n * 21 + first * 14 + last * 40 + middle * 62) & 255;
}

static const uint8_t slots[256] = {
    [1] = PS_H_DIVERSION,
    [13] = PS_H_UNSUPPORTED,
    [15] = PS_H_PROXY_AUTHORIZATION,
    [16] = PS_H_WWW_AUTHENTICATE,
    [23] = PS_H_ACCEPT_ENCODING,
    [29] = PS_H_IN_REPLY_TO,
    [34] = PS_H_MIN_SE,
    [44] = PS_H_SERVER,
    [47] = PS_H_PRIVACY,
    [53] = PS_H_CONTACT,
    [55] = PS_H_REMOTE_PARTY_ID,
    [66] = PS_H_RACK,
    [70] = PS_H_CONTENT_TYPE,
    [72] = PS_H_CONTENT_ENCODING,
    [73] = PS_H_VIA,
    [76] = PS_H_PRIORITY,
    [82] = PS_H_HISTORY_INFO,
    [90] = PS_H_REPLACES,
    [94] = PS_H_ALERT_INFO,
    [98] = PS_H_ACCEPT,
    [99] = PS_H_SESSION_EXPIRES,
    [101] = PS_H_CALL_INFO,
    [102] = PS_H_IDENTITY,
    [103] = PS_H_TARGET_DIALOG,
    [105] = PS_H_REQUEST_DISPOSITION,
    [108] = PS_H_SIP_IF_MATCH,
    [111] = PS_H_TIMESTAMP,
    [119] = PS_H_ALLOW,
    [121] = PS_H_ACCEPT_LANGUAGE,
    [124] = PS_H_REJECT_CONTACT,
    [127] = PS_H_EXPIRES,
    [128] = PS_H_SIP_ETAG,
    [133] = PS_H_EVENT,
    [134] = PS_H_MAX_FORWARDS,
    [137] = PS_H_SUPPORTED,
    [138] = PS_H_REPLY_TO,
    [142] = PS_H_ACCEPT_CONTACT,
    [146] = PS_H_PROXY_AUTHENTICATE,
    [149] = PS_H_PROXY_REQUIRE,
    [150] = PS_H_ERROR_INFO,
    [151] = PS_H_CONTENT_DISPOSITION,
    [152] = PS_H_MIME_VERSION,
    [153] = PS_H_SERVICE_ROUTE,
    [167] = PS_H_REFERRED_BY,
    [169] = PS_H_SUBJECT,
    [170] = PS_H_CONTENT_LANGUAGE,
    [172] = PS_H_DATE,
    [174] = PS_H_RSEQ,
    [179] = PS_H_AUTHENTICATION_INFO,
    [182] = PS_H_CONTENT_LENGTH,
    [184] = PS_H_ALLOW_EVENTS,
    [188] = PS_H_TO,
    [190] = PS_H_JOIN,
    [195] = PS_H_ROUTE,
    [196] = PS_H_REASON,
    [197] = PS_H_CALL_ID,
    [202] = PS_H_ORGANIZATION,
    [204] = PS_H_PATH,
    [207] = PS_H_P_ASSERTED_IDENTITY,
    [209] = PS_H_WARNING,
    [210] = PS_H_FROM,
    [214] = PS_H_USER_AGENT,
    [216] = PS_H_REFER_TO,
    [217] = PS_H_RETRY_AFTER,
    [220] = PS_H_CSEQ,
    [228] = PS_H_P_PREFERRED_IDENTITY,
    [229] = PS_H_MIN_EXPIRES,
    [230] = PS_H_RECORD_ROUTE,
    [237] = PS_H_REQUIRE,
    [250] = PS_H_SUBSCRIPTION_STATE,
    [253] = PS_H_AUTHORIZATION,
};

enum ps_header_id ps_header_from(struct ps_slice name)
{
    unsigned id;
    if (name.n < 2)
        return name.n ? from_compact(name.p[0]) : PS_H_OTHER;
    id = slots[slot_of(name)];
    if (name.n == header_lengths[id] && ps_equal_nocase(name, ps_slice(header_names[id], name.n)))
        return (enum ps_header_id)id;
    return PS_H_OTHER;
}

struct ps_slice ps_header_name(enum ps_header_id id)
{
    return id < PS_H_COUNT ? ps_slice(header_names[id], header_lengths[id]) : PS_S("");
}

bool ps_header_once(enum ps_header_id id)
{
    return id < PS_H_COUNT && header_once[id];
}

/* ---- reason phrases ---- */

struct ps_slice ps_reason_phrase(unsigned status)
{
    switch (status) {
#define STATUS_PHRASE(code, phrase)                                                                \
    case code:                                                                                     \
        return PS_S(phrase);
        PS_STATUSES(STATUS_PHRASE)
#undef STATUS_PHRASE
    default:
        return PS_S("Unknown");
    }
}

/* ---- errors ---- */

static const char *const error_texts[] = {
#define ERROR_TEXT(name, text) text,
    PS_ERRORS(ERROR_TEXT)
#undef ERROR_TEXT
};

const char *ps_error_text(enum ps_error error)
{
    return (unsigned)error < PS_ERROR_COUNT ? error_texts[error] : "unknown error";
}

static const char *const error_names[] = {
#define PS_ERROR_NAME(name, text) #name,
    PS_ERRORS(PS_ERROR_NAME)
#undef PS_ERROR_NAME
};

const char *ps_error_name(enum ps_error error)
{
    return (unsigned)error < PS_ERROR_COUNT ? error_names[error] : "unknown";
}
