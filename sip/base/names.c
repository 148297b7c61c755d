/*
 * Holds the tables of names and looks names up: methods, headers, reason phrases, error texts.
 * Refuses to know any grammar.
 */
#include "names_internal.h"

/* ---- methods ---- */

#define METHOD(id, value, name) [value] = {name, sizeof(name) - 1},
static const struct {
    char name[15];
    uint8_t n;
} methods[] = {PS_METHODS(METHOD)};
#undef METHOD

enum { METHODS = sizeof methods / sizeof methods[0] };

struct ps_slice ps_method_name(enum ps_method method)
{
    return (size_t)method < METHODS ? ps_slice(methods[method].name, methods[method].n) : PS_S("");
}

enum ps_method ps_method_from(struct ps_slice name)
{
    unsigned i;
    for (i = 1; name.n && i < METHODS; i++)
        if (name.n == methods[i].n && name.p[0] == methods[i].name[0] &&
            memcmp(name.p, methods[i].name, name.n) == 0)
            return (enum ps_method)i;
    return PS_METHOD_OTHER;
}

/* ---- header names ---- */

#define HEADER_NAME(id, value, name, compact, once) [value] = name,
const char ps_header_names[PS_H_COUNT][PS_NAME_ROOM] = {PS_HEADERS(HEADER_NAME)};
#undef HEADER_NAME

#define HEADER_LENGTH(id, value, name, compact, once) [value] = sizeof(name) - 1,
const uint8_t ps_header_lengths[PS_H_COUNT] = {PS_HEADERS(HEADER_LENGTH)};
#undef HEADER_LENGTH

#define HEADER_ONCE(id, value, name, compact, once) [value] = once,
static const uint8_t header_once[PS_H_COUNT] = {PS_HEADERS(HEADER_ONCE)};
#undef HEADER_ONCE

#define HEADER_LETTER(id, value, name, compact, once) [value] = compact,
static const char header_letters[PS_H_COUNT] = {PS_HEADERS(HEADER_LETTER)};
#undef HEADER_LETTER

char ps_header_compact(enum ps_header_id id)
{
    return id < PS_H_COUNT ? header_letters[id] : 0;
}

/* Finds PS_H_OTHER for a NUL, because that header has no letter. */
static enum ps_header_id from_compact(char c)
{
    const char *at = (const char *)memchr(header_letters, ps_lower(c), sizeof header_letters);
    return at ? (enum ps_header_id)(at - header_letters) : PS_H_OTHER;
}

/* Maps the slots of ps_header_slot to headers. */
const uint8_t ps_header_slots[256] = {
    [1] = PS_H_REASON,
    [3] = PS_H_REJECT_CONTACT,
    [12] = PS_H_ACCEPT_CONTACT,
    [13] = PS_H_TO,
    [14] = PS_H_REQUIRE,
    [15] = PS_H_ALERT_INFO,
    [20] = PS_H_CONTENT_TYPE,
    [26] = PS_H_ACCEPT_ENCODING,
    [32] = PS_H_EVENT,
    [33] = PS_H_PROXY_AUTHENTICATE,
    [36] = PS_H_ALLOW,
    [40] = PS_H_CALL_ID,
    [41] = PS_H_PATH,
    [43] = PS_H_P_ASSERTED_IDENTITY,
    [44] = PS_H_SUBSCRIPTION_STATE,
    [53] = PS_H_RSEQ,
    [56] = PS_H_CONTENT_DISPOSITION,
    [58] = PS_H_ERROR_INFO,
    [59] = PS_H_EXPIRES,
    [60] = PS_H_WWW_AUTHENTICATE,
    [64] = PS_H_PROXY_REQUIRE,
    [67] = PS_H_REFER_TO,
    [72] = PS_H_AUTHENTICATION_INFO,
    [73] = PS_H_ACCEPT_LANGUAGE,
    [84] = PS_H_WARNING,
    [86] = PS_H_VIA,
    [89] = PS_H_AUTHORIZATION,
    [91] = PS_H_SIP_ETAG,
    [98] = PS_H_HISTORY_INFO,
    [99] = PS_H_REPLACES,
    [101] = PS_H_FROM,
    [102] = PS_H_CONTENT_ENCODING,
    [103] = PS_H_REFERRED_BY,
    [112] = PS_H_IN_REPLY_TO,
    [114] = PS_H_REPLY_TO,
    [115] = PS_H_RECORD_ROUTE,
    [118] = PS_H_MIME_VERSION,
    [124] = PS_H_SUBJECT,
    [128] = PS_H_CONTENT_LENGTH,
    [130] = PS_H_CONTACT,
    [140] = PS_H_JOIN,
    [149] = PS_H_CONTENT_LANGUAGE,
    [152] = PS_H_ORGANIZATION,
    [153] = PS_H_REQUEST_DISPOSITION,
    [160] = PS_H_ROUTE,
    [164] = PS_H_PRIVACY,
    [168] = PS_H_DATE,
    [169] = PS_H_MAX_FORWARDS,
    [172] = PS_H_ACCEPT,
    [173] = PS_H_PRIORITY,
    [177] = PS_H_USER_AGENT,
    [181] = PS_H_MIN_SE,
    [186] = PS_H_TIMESTAMP,
    [188] = PS_H_RETRY_AFTER,
    [190] = PS_H_SIP_IF_MATCH,
    [191] = PS_H_TARGET_DIALOG,
    [195] = PS_H_SUPPORTED,
    [205] = PS_H_SERVER,
    [212] = PS_H_CSEQ,
    [216] = PS_H_PROXY_AUTHORIZATION,
    [222] = PS_H_RACK,
    [225] = PS_H_P_PREFERRED_IDENTITY,
    [226] = PS_H_SESSION_EXPIRES,
    [228] = PS_H_DIVERSION,
    [236] = PS_H_REMOTE_PARTY_ID,
    [237] = PS_H_SERVICE_ROUTE,
    [238] = PS_H_CALL_INFO,
    [241] = PS_H_UNSUPPORTED,
    [245] = PS_H_ALLOW_EVENTS,
    [246] = PS_H_MIN_EXPIRES,
    [249] = PS_H_IDENTITY,
};

enum ps_header_id ps_header_from(struct ps_slice name)
{
    if (name.n < 2)
        return name.n ? from_compact(name.p[0]) : PS_H_OTHER;
    return ps_find(name, '\r') ? PS_H_OTHER : ps_header_long(name);
}

struct ps_slice ps_header_name(enum ps_header_id id)
{
    return id < PS_H_COUNT ? ps_slice(ps_header_names[id], ps_header_lengths[id]) : PS_S("");
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

static const char *const error_texts[PS_ERROR_COUNT] = {
#define ERROR_TEXT(name, value, text) [value] = text,
    PS_ERRORS(ERROR_TEXT)
#undef ERROR_TEXT
};

/* Returns an entry of one of the two tables; some numbers are no error any more. */
static const char *error_entry(const char *const table[PS_ERROR_COUNT], enum ps_error error,
                               const char *otherwise)
{
    const char *text = (unsigned)error < PS_ERROR_COUNT ? table[error] : NULL;
    return text ? text : otherwise;
}

const char *ps_error_text(enum ps_error error)
{
    return error_entry(error_texts, error, "unknown error");
}

static const char *const error_names[PS_ERROR_COUNT] = {
#define PS_ERROR_NAME(name, value, text) [value] = #name,
    PS_ERRORS(PS_ERROR_NAME)
#undef PS_ERROR_NAME
};

const char *ps_error_name(enum ps_error error)
{
    return error_entry(error_names, error, "unknown");
}
