/*
 * Holds the table of header kinds (grammar, list or not, needed or not, section), and a check for
 * each grammar. Refuses to know messages, and the meaning of a value.
 */
#include "header_internal.h"
#include "rules_internal.h"

/* ---- grammars that have no type of their own ---- */

static enum ps_error check_uri_of(const struct ps_name_addr *addr)
{
    struct ps_uri uri;
    return ps_uri_parse(addr->uri, &uri, NULL);
}

static enum ps_error check_via(struct ps_slice s)
{
    struct ps_via via;
    return ps_via_parse(s, &via);
}

/* From, To, Reply-To, Refer-To, Referred-By, P-Asserted-Identity, P-Preferred-Identity */
static enum ps_error check_address(struct ps_slice s)
{
    struct ps_name_addr addr;
    enum ps_error error = ps_name_addr_parse(s, &addr);
    return error ? error : check_uri_of(&addr);
}

static enum ps_error check_contact(struct ps_slice s)
{
    struct ps_contact contact;
    enum ps_error error = ps_contact_parse(s, &contact);
    return error || contact.any ? error : check_uri_of(&contact.addr);
}

static enum ps_error check_route(struct ps_slice s)
{
    struct ps_name_addr addr;
    enum ps_error error = ps_route_parse(s, &addr);
    return error ? error : check_uri_of(&addr);
}

/* "<" absoluteURI ">" and parameters, without a name */
static enum ps_error check_info(struct ps_slice s)
{
    struct ps_name_addr addr;
    enum ps_error error = ps_route_parse(s, &addr);
    if (!error && addr.display.n)
        return PS_E_VALUE;
    return error ? error : check_uri_of(&addr);
}

static enum ps_error check_call_id(struct ps_slice s)
{
    return ps_is_call_id(s) ? PS_OK : PS_E_VALUE;
}

static enum ps_error check_cseq(struct ps_slice s)
{
    struct ps_cseq cseq;
    return ps_cseq_parse(s, &cseq);
}

static enum ps_error check_hops(struct ps_slice s)
{
    uint32_t number;
    return ps_number_parse(s, 255, &number, NULL);
}

static enum ps_error check_number(struct ps_slice s)
{
    uint32_t number;
    return ps_number_parse(s, UINT32_MAX, &number, NULL);
}

static enum ps_error check_number_params(struct ps_slice s)
{
    struct ps_slice params;
    uint32_t number;
    return ps_number_parse(s, UINT32_MAX, &number, &params);
}

static enum ps_error check_session_expires(struct ps_slice s)
{
    struct ps_session_expires value;
    return ps_session_expires_parse(s, &value);
}

static enum ps_error check_retry_after(struct ps_slice s)
{
    struct ps_retry_after value;
    return ps_retry_after_parse(s, &value);
}

static enum ps_error check_rack(struct ps_slice s)
{
    struct ps_rack value;
    return ps_rack_parse(s, &value);
}

static enum ps_error check_timestamp(struct ps_slice s)
{
    struct ps_timestamp value;
    return ps_timestamp_parse(s, &value);
}

static enum ps_error check_date(struct ps_slice s)
{
    struct ps_date value;
    return ps_date_parse(s, &value);
}

static enum ps_error check_token(struct ps_slice s)
{
    return ps_all(s, PS_C_TOKEN) ? PS_OK : PS_E_VALUE;
}

/* Checks the whole list of tokens at once, because option tags and methods come in dozens. */
static enum ps_error check_tokens(struct ps_slice s)
{
    const char *p = s.p, *end = ps_end(s), *token;
    for (;; p++) {
        token = p = ps_skip_lws(p, end);
        p = ps_skip_token(p, end);
        if (p == token)
            return PS_E_VALUE;
        p = ps_skip_lws(p, end);
        if (p == end)
            return PS_OK;
        if (*p != ',')
            return PS_E_VALUE;
    }
}

static enum ps_error check_token_params(struct ps_slice s)
{
    struct ps_token value;
    return ps_token_parse(s, &value);
}

static enum ps_error check_event(struct ps_slice s)
{
    struct ps_event_value value;
    return ps_event_parse(s, &value);
}

static enum ps_error check_media_type(struct ps_slice s)
{
    struct ps_media_type value;
    return ps_media_type_parse(s, &value);
}

static enum ps_error check_subscription_state(struct ps_slice s)
{
    struct ps_subscription_state value;
    return ps_subscription_state_parse(s, &value);
}

static enum ps_error check_reason(struct ps_slice s)
{
    struct ps_reason_value value;
    return ps_reason_parse(s, &value);
}

static enum ps_error check_replaces(struct ps_slice s)
{
    struct ps_replaces value;
    return ps_replaces_parse(s, &value);
}

static enum ps_error check_warning(struct ps_slice s)
{
    struct ps_warning value;
    return ps_warning_parse(s, &value);
}

static enum ps_error check_auth(struct ps_slice s)
{
    struct ps_auth value;
    return ps_auth_parse(s, &value);
}

static enum ps_error check_auth_info(struct ps_slice s)
{
    struct ps_param one;
    while (ps_auth_param_next(&s, &one))
        ;
    return s.n ? PS_E_PARAMETER : PS_OK;
}

static enum ps_error check_products(struct ps_slice s)
{
    struct ps_product one;
    while (ps_product_next(&s, &one))
        ;
    return s.n ? PS_E_VALUE : PS_OK;
}

/* RFC 3323 4.2: priv-value *( ";" priv-value ) */
static enum ps_error check_privacy(struct ps_slice s)
{
    struct ps_param one;
    while (ps_param_next(&s, &one))
        if (one.value.p)
            return PS_E_VALUE;
    return s.n ? PS_E_VALUE : PS_OK;
}

/* MIME-Version: 1*DIGIT "." 1*DIGIT */
static enum ps_error check_mime_version(struct ps_slice s)
{
    const char *dot = ps_find(s, '.');
    if (!dot || !ps_all(ps_between(s.p, dot), PS_C_DIGIT) ||
        !ps_all(ps_between(dot + 1, ps_end(s)), PS_C_DIGIT))
        return PS_E_VALUE;
    return PS_OK;
}

static enum ps_error check_nothing(struct ps_slice s)
{
    (void)s;
    return PS_OK;
}

/* TEXT-UTF8-TRIM: no control character but the folds' */
static enum ps_error check_text(struct ps_slice s)
{
    size_t i;
    for (i = 0; i < s.n; i++)
        if (((uint8_t)s.p[i] < 32 && !ps_is_lws(s.p[i])) || s.p[i] == 127)
            return PS_E_VALUE;
    return PS_OK;
}

/* ---- the table ---- */

/* clang-format off */
#define RULE(header, grammar, shape, need, section) \
    [PS_H_##header] = {PS_GRAMMAR_##grammar, PS_##shape, PS_##need, section}
const struct ps_rule ps_rules[PS_H_COUNT] = {
    RULE(OTHER, NONE, ONE_OR_NONE, NOT_NEEDED, "RFC 3261 7.3.1"),
    RULE(VIA, VIA, LIST, NEEDED, "RFC 3261 20.42"),
    RULE(FROM, ADDRESS, ONE, NEEDED, "RFC 3261 20.20"),
    RULE(TO, ADDRESS, ONE, NEEDED, "RFC 3261 20.39"),
    RULE(CALL_ID, CALL_ID, ONE, NOT_NEEDED, "RFC 3261 20.8"),
    RULE(CSEQ, CSEQ, ONE, NOT_NEEDED, "RFC 3261 20.16"),
    RULE(MAX_FORWARDS, HOPS, ONE, NOT_NEEDED, "RFC 3261 20.22"),
    RULE(CONTACT, CONTACT, LIST, NEEDED, "RFC 3261 20.10"),
    RULE(CONTENT_LENGTH, NUMBER, ONE, NOT_NEEDED, "RFC 3261 20.14"),
    RULE(CONTENT_TYPE, MEDIA_TYPE, ONE, NEEDED_TO_ANSWER, "RFC 3261 20.15"),
    RULE(ROUTE, ROUTE, LIST, NEEDED, "RFC 3261 20.34"),
    RULE(RECORD_ROUTE, ROUTE, LIST, NEEDED, "RFC 3261 20.30"),
    RULE(ALLOW, TOKEN, LIST_OR_NONE, NOT_NEEDED, "RFC 3261 20.5"),
    RULE(SUPPORTED, TOKEN, LIST_OR_NONE, NOT_NEEDED, "RFC 3261 20.37"),
    RULE(REQUIRE, TOKEN, LIST, NEEDED, "RFC 3261 20.32"),
    RULE(PROXY_REQUIRE, TOKEN, LIST, NEEDED, "RFC 3261 20.29"),
    RULE(UNSUPPORTED, TOKEN, LIST, NOT_NEEDED, "RFC 3261 20.40"),
    RULE(USER_AGENT, PRODUCTS, ONE_OR_NONE, NOT_NEEDED, "RFC 3261 20.41"),
    RULE(SERVER, PRODUCTS, ONE_OR_NONE, NOT_NEEDED, "RFC 3261 20.35"),
    RULE(EXPIRES, NUMBER, ONE, NEEDED, "RFC 3261 20.19"),
    RULE(MIN_EXPIRES, NUMBER, ONE, NOT_NEEDED, "RFC 3261 20.23"),
    /* an empty Authorization is sent by phones that have no challenge yet */
    RULE(AUTHORIZATION, AUTH, ONE_OR_NONE, NOT_NEEDED, "RFC 3261 20.7"),
    RULE(PROXY_AUTHORIZATION, AUTH, ONE_OR_NONE, NOT_NEEDED, "RFC 3261 20.28"),
    RULE(WWW_AUTHENTICATE, AUTH, ONE, NOT_NEEDED, "RFC 3261 20.44"),
    RULE(PROXY_AUTHENTICATE, AUTH, ONE, NOT_NEEDED, "RFC 3261 20.27"),
    RULE(AUTHENTICATION_INFO, AUTH_INFO, ONE, NOT_NEEDED, "RFC 3261 20.6"),
    RULE(SESSION_EXPIRES, SESSION_EXPIRES, ONE, NEEDED, "RFC 4028 4"),
    RULE(MIN_SE, NUMBER_PARAMS, ONE, NEEDED, "RFC 4028 5"),
    RULE(EVENT, EVENT, ONE, NEEDED, "RFC 6665 8.2.1"),
    RULE(ALLOW_EVENTS, TOKEN, LIST_OR_NONE, NOT_NEEDED, "RFC 6665 8.2.2"),
    RULE(SUBSCRIPTION_STATE, SUBSCRIPTION_STATE, ONE, NEEDED, "RFC 6665 8.2.3"),
    RULE(RSEQ, NUMBER, ONE, NEEDED, "RFC 3262 7.1"),
    RULE(RACK, RACK, ONE, NEEDED, "RFC 3262 7.2"),
    RULE(REPLACES, REPLACES, ONE, NEEDED, "RFC 3891 6.1"),
    RULE(JOIN, REPLACES, ONE, NOT_NEEDED, "RFC 3911 7.1"),
    RULE(TARGET_DIALOG, REPLACES, ONE, NOT_NEEDED, "RFC 4538 7"),
    RULE(REFER_TO, ADDRESS, ONE, NEEDED, "RFC 3515 2.1"),
    RULE(REFERRED_BY, ADDRESS, ONE, NOT_NEEDED, "RFC 3892 3"),
    RULE(REPLY_TO, ADDRESS, ONE, NOT_NEEDED, "RFC 3261 20.31"),
    RULE(REASON, REASON, LIST, NOT_NEEDED, "RFC 3326 2"),
    RULE(RETRY_AFTER, RETRY_AFTER, ONE, NOT_NEEDED, "RFC 3261 20.33"),
    RULE(WARNING, WARNING, LIST, NOT_NEEDED, "RFC 3261 20.43"),
    RULE(DATE, DATE, ONE, NOT_NEEDED, "RFC 3261 20.17"),
    RULE(TIMESTAMP, TIMESTAMP, ONE, NOT_NEEDED, "RFC 3261 20.38"),
    RULE(SUBJECT, TEXT, ONE_OR_NONE, NOT_NEEDED, "RFC 3261 20.36"),
    RULE(ORGANIZATION, TEXT, ONE_OR_NONE, NOT_NEEDED, "RFC 3261 20.25"),
    RULE(PRIVACY, PRIVACY, ONE, NOT_NEEDED, "RFC 3323 4.2"),
    RULE(ALERT_INFO, INFO, LIST, NOT_NEEDED, "RFC 3261 20.4"),
    RULE(CALL_INFO, INFO, LIST, NOT_NEEDED, "RFC 3261 20.9"),
    RULE(IN_REPLY_TO, CALL_ID, LIST, NOT_NEEDED, "RFC 3261 20.21"),
    RULE(PRIORITY, TOKEN, ONE, NOT_NEEDED, "RFC 3261 20.26"),
    RULE(MIME_VERSION, MIME_VERSION, ONE, NOT_NEEDED, "RFC 3261 20.24"),
    RULE(SIP_ETAG, TOKEN, ONE, NOT_NEEDED, "RFC 3903 11.3.1"),
    RULE(SIP_IF_MATCH, TOKEN, ONE, NOT_NEEDED, "RFC 3903 11.3.2"),
    RULE(HISTORY_INFO, ROUTE, LIST, NOT_NEEDED, "RFC 7044 5"),
    RULE(PATH, ROUTE, LIST, NOT_NEEDED, "RFC 3327 4"),
    RULE(SERVICE_ROUTE, ROUTE, LIST, NOT_NEEDED, "RFC 3608 5"),
    RULE(P_ASSERTED_IDENTITY, ADDRESS, LIST, NOT_NEEDED, "RFC 3325 9.1"),
    RULE(P_PREFERRED_IDENTITY, ADDRESS, LIST, NOT_NEEDED, "RFC 3325 9.2"),
    RULE(REMOTE_PARTY_ID, ROUTE, LIST, NOT_NEEDED, "draft-ietf-sip-privacy-04 4.1"),
    RULE(DIVERSION, ROUTE, LIST, NOT_NEEDED, "RFC 5806 10"),
    RULE(CONTENT_DISPOSITION, TOKEN_PARAMS, ONE, NOT_NEEDED, "RFC 3261 20.11"),
    RULE(CONTENT_ENCODING, TOKEN, LIST, NOT_NEEDED, "RFC 3261 20.12"),
    RULE(CONTENT_LANGUAGE, TOKEN, LIST, NOT_NEEDED, "RFC 3261 20.13"),
    RULE(ACCEPT, MEDIA_TYPE, LIST_OR_NONE, NOT_NEEDED, "RFC 3261 20.1"),
    RULE(ACCEPT_ENCODING, TOKEN_PARAMS, LIST_OR_NONE, NOT_NEEDED, "RFC 3261 20.2"),
    RULE(ACCEPT_LANGUAGE, TOKEN_PARAMS, LIST_OR_NONE, NOT_NEEDED, "RFC 3261 20.3"),
    RULE(ACCEPT_CONTACT, TOKEN_PARAMS, LIST, NOT_NEEDED, "RFC 3841 9.2"),
    RULE(REJECT_CONTACT, TOKEN_PARAMS, LIST, NOT_NEEDED, "RFC 3841 9.2"),
    RULE(REQUEST_DISPOSITION, TOKEN, LIST, NOT_NEEDED, "RFC 3841 9.1"),
    RULE(ERROR_INFO, INFO, LIST, NOT_NEEDED, "RFC 3261 20.18"),
    RULE(IDENTITY, TEXT, ONE, NOT_NEEDED, "RFC 8224 4"),
};
#undef RULE
/* clang-format on */

/* Checks one value; lists of TOKEN are checked as a whole. */
typedef enum ps_error check_fn(struct ps_slice value);

static check_fn *const checks[PS_GRAMMAR_COUNT] = {
    [PS_GRAMMAR_NONE] = check_nothing,
    [PS_GRAMMAR_VIA] = check_via,
    [PS_GRAMMAR_ADDRESS] = check_address,
    [PS_GRAMMAR_CONTACT] = check_contact,
    [PS_GRAMMAR_ROUTE] = check_route,
    [PS_GRAMMAR_INFO] = check_info,
    [PS_GRAMMAR_CALL_ID] = check_call_id,
    [PS_GRAMMAR_CSEQ] = check_cseq,
    [PS_GRAMMAR_HOPS] = check_hops,
    [PS_GRAMMAR_NUMBER] = check_number,
    [PS_GRAMMAR_NUMBER_PARAMS] = check_number_params,
    [PS_GRAMMAR_SESSION_EXPIRES] = check_session_expires,
    [PS_GRAMMAR_RETRY_AFTER] = check_retry_after,
    [PS_GRAMMAR_RACK] = check_rack,
    [PS_GRAMMAR_TIMESTAMP] = check_timestamp,
    [PS_GRAMMAR_DATE] = check_date,
    [PS_GRAMMAR_TOKEN] = check_token,
    [PS_GRAMMAR_TOKEN_PARAMS] = check_token_params,
    [PS_GRAMMAR_MEDIA_TYPE] = check_media_type,
    [PS_GRAMMAR_EVENT] = check_event,
    [PS_GRAMMAR_SUBSCRIPTION_STATE] = check_subscription_state,
    [PS_GRAMMAR_REASON] = check_reason,
    [PS_GRAMMAR_REPLACES] = check_replaces,
    [PS_GRAMMAR_WARNING] = check_warning,
    [PS_GRAMMAR_AUTH] = check_auth,
    [PS_GRAMMAR_AUTH_INFO] = check_auth_info,
    [PS_GRAMMAR_PRODUCTS] = check_products,
    [PS_GRAMMAR_PRIVACY] = check_privacy,
    [PS_GRAMMAR_MIME_VERSION] = check_mime_version,
    [PS_GRAMMAR_TEXT] = check_text,
};

enum ps_grammar ps_header_grammar(enum ps_header_id id)
{
    return (enum ps_grammar)ps_rules[id].grammar;
}

bool ps_header_is_list(enum ps_header_id id)
{
    return ps_rules[id].shape >= PS_LIST;
}

const char *ps_header_rule(enum ps_header_id id)
{
    return ps_rules[id].section;
}

static enum ps_error check_elements(struct ps_slice list, check_fn *check)
{
    struct ps_slice element;
    enum ps_error error = PS_OK;
    while (!error && ps_list_next(&list, &element))
        error = check(element);
    return error;
}

enum ps_error ps_header_check(enum ps_header_id id, struct ps_slice value)
{
    const struct ps_rule *rule = &ps_rules[id];
    check_fn *check = checks[rule->grammar];
    if (!value.n)
        return rule->shape == PS_ONE_OR_NONE || rule->shape == PS_LIST_OR_NONE ? PS_OK : PS_E_VALUE;
    if (rule->shape < PS_LIST)
        return check(value);
    return rule->grammar == PS_GRAMMAR_TOKEN ? check_tokens(value) : check_elements(value, check);
}
