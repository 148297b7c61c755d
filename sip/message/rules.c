/*
 * What each header's value must look like: a table from header to grammar and section. Refuses to
 * know messages, and what a value means.
 */
#include "header_internal.h"

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

/* The whole list of tokens at once, because option tags and methods come in dozens. */
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

enum shape {
    ONE,         /* one value, not empty */
    ONE_OR_NONE, /* one value, which may be empty */
    LIST,        /* 1#element */
    LIST_OR_NONE /* #element */
};

struct rule {
    enum ps_error (*check)(struct ps_slice value);
    uint8_t shape;
    const char *section;
};

static const struct rule rules[PS_H_COUNT] = {
    [PS_H_VIA] = {check_via, LIST, "RFC 3261 20.42"},
    [PS_H_FROM] = {check_address, ONE, "RFC 3261 20.20"},
    [PS_H_TO] = {check_address, ONE, "RFC 3261 20.39"},
    [PS_H_CALL_ID] = {check_call_id, ONE, "RFC 3261 20.8"},
    [PS_H_CSEQ] = {check_cseq, ONE, "RFC 3261 20.16"},
    [PS_H_MAX_FORWARDS] = {check_hops, ONE, "RFC 3261 20.22"},
    [PS_H_CONTACT] = {check_contact, LIST, "RFC 3261 20.10"},
    [PS_H_CONTENT_LENGTH] = {check_number, ONE, "RFC 3261 20.14"},
    [PS_H_CONTENT_TYPE] = {check_media_type, ONE, "RFC 3261 20.15"},
    [PS_H_ROUTE] = {check_route, LIST, "RFC 3261 20.34"},
    [PS_H_RECORD_ROUTE] = {check_route, LIST, "RFC 3261 20.30"},
    [PS_H_ALLOW] = {check_tokens, LIST_OR_NONE, "RFC 3261 20.5"},
    [PS_H_SUPPORTED] = {check_tokens, LIST_OR_NONE, "RFC 3261 20.37"},
    [PS_H_REQUIRE] = {check_tokens, LIST, "RFC 3261 20.32"},
    [PS_H_PROXY_REQUIRE] = {check_tokens, LIST, "RFC 3261 20.29"},
    [PS_H_UNSUPPORTED] = {check_tokens, LIST, "RFC 3261 20.40"},
    [PS_H_USER_AGENT] = {check_products, ONE_OR_NONE, "RFC 3261 20.41"},
    [PS_H_SERVER] = {check_products, ONE_OR_NONE, "RFC 3261 20.35"},
    [PS_H_EXPIRES] = {check_number, ONE, "RFC 3261 20.19"},
    [PS_H_MIN_EXPIRES] = {check_number, ONE, "RFC 3261 20.23"},
    /* an empty Authorization is sent by phones that have no challenge yet */
    [PS_H_AUTHORIZATION] = {check_auth, ONE_OR_NONE, "RFC 3261 20.7"},
    [PS_H_PROXY_AUTHORIZATION] = {check_auth, ONE_OR_NONE, "RFC 3261 20.28"},
    [PS_H_WWW_AUTHENTICATE] = {check_auth, ONE, "RFC 3261 20.44"},
    [PS_H_PROXY_AUTHENTICATE] = {check_auth, ONE, "RFC 3261 20.27"},
    [PS_H_AUTHENTICATION_INFO] = {check_auth_info, ONE, "RFC 3261 20.6"},
    [PS_H_SESSION_EXPIRES] = {check_session_expires, ONE, "RFC 4028 4"},
    [PS_H_MIN_SE] = {check_number_params, ONE, "RFC 4028 5"},
    [PS_H_EVENT] = {check_token_params, ONE, "RFC 6665 8.2.1"},
    [PS_H_ALLOW_EVENTS] = {check_tokens, LIST_OR_NONE, "RFC 6665 8.2.2"},
    [PS_H_SUBSCRIPTION_STATE] = {check_subscription_state, ONE, "RFC 6665 8.2.3"},
    [PS_H_RSEQ] = {check_number, ONE, "RFC 3262 7.1"},
    [PS_H_RACK] = {check_rack, ONE, "RFC 3262 7.2"},
    [PS_H_REPLACES] = {check_replaces, ONE, "RFC 3891 6.1"},
    [PS_H_JOIN] = {check_replaces, ONE, "RFC 3911 7.1"},
    [PS_H_TARGET_DIALOG] = {check_replaces, ONE, "RFC 4538 7"},
    [PS_H_REFER_TO] = {check_address, ONE, "RFC 3515 2.1"},
    [PS_H_REFERRED_BY] = {check_address, ONE, "RFC 3892 3"},
    [PS_H_REPLY_TO] = {check_address, ONE, "RFC 3261 20.31"},
    [PS_H_REASON] = {check_reason, LIST, "RFC 3326 2"},
    [PS_H_RETRY_AFTER] = {check_retry_after, ONE, "RFC 3261 20.33"},
    [PS_H_WARNING] = {check_warning, LIST, "RFC 3261 20.43"},
    [PS_H_DATE] = {check_date, ONE, "RFC 3261 20.17"},
    [PS_H_TIMESTAMP] = {check_timestamp, ONE, "RFC 3261 20.38"},
    [PS_H_SUBJECT] = {check_text, ONE_OR_NONE, "RFC 3261 20.36"},
    [PS_H_ORGANIZATION] = {check_text, ONE_OR_NONE, "RFC 3261 20.25"},
    [PS_H_PRIVACY] = {check_privacy, ONE, "RFC 3323 4.2"},
    [PS_H_ALERT_INFO] = {check_info, LIST, "RFC 3261 20.4"},
    [PS_H_CALL_INFO] = {check_info, LIST, "RFC 3261 20.9"},
    [PS_H_IN_REPLY_TO] = {check_call_id, LIST, "RFC 3261 20.21"},
    [PS_H_PRIORITY] = {check_token, ONE, "RFC 3261 20.26"},
    [PS_H_MIME_VERSION] = {check_mime_version, ONE, "RFC 3261 20.24"},
    [PS_H_SIP_ETAG] = {check_token, ONE, "RFC 3903 11.3.1"},
    [PS_H_SIP_IF_MATCH] = {check_token, ONE, "RFC 3903 11.3.2"},
    [PS_H_HISTORY_INFO] = {check_route, LIST, "RFC 7044 5"},
    [PS_H_PATH] = {check_route, LIST, "RFC 3327 4"},
    [PS_H_SERVICE_ROUTE] = {check_route, LIST, "RFC 3608 5"},
    [PS_H_P_ASSERTED_IDENTITY] = {check_address, LIST, "RFC 3325 9.1"},
    [PS_H_P_PREFERRED_IDENTITY] = {check_address, LIST, "RFC 3325 9.2"},
    [PS_H_REMOTE_PARTY_ID] = {check_route, LIST, "draft-ietf-sip-privacy-04 4.1"},
    [PS_H_DIVERSION] = {check_route, LIST, "RFC 5806 10"},
    [PS_H_CONTENT_DISPOSITION] = {check_token_params, ONE, "RFC 3261 20.11"},
    [PS_H_CONTENT_ENCODING] = {check_tokens, LIST, "RFC 3261 20.12"},
    [PS_H_CONTENT_LANGUAGE] = {check_tokens, LIST, "RFC 3261 20.13"},
    [PS_H_ACCEPT] = {check_media_type, LIST_OR_NONE, "RFC 3261 20.1"},
    [PS_H_ACCEPT_ENCODING] = {check_token_params, LIST_OR_NONE, "RFC 3261 20.2"},
    [PS_H_ACCEPT_LANGUAGE] = {check_token_params, LIST_OR_NONE, "RFC 3261 20.3"},
    [PS_H_ACCEPT_CONTACT] = {check_token_params, LIST, "RFC 3841 9.2"},
    [PS_H_REJECT_CONTACT] = {check_token_params, LIST, "RFC 3841 9.2"},
    [PS_H_REQUEST_DISPOSITION] = {check_tokens, LIST, "RFC 3841 9.1"},
    [PS_H_ERROR_INFO] = {check_info, LIST, "RFC 3261 20.18"},
    [PS_H_IDENTITY] = {check_text, ONE, "RFC 8224 4"},
};

bool ps_header_is_list(enum ps_header_id id)
{
    return rules[id].shape >= LIST;
}

const char *ps_header_rule(enum ps_header_id id)
{
    return rules[id].section ? rules[id].section : "RFC 3261 7.3.1";
}

enum ps_error ps_header_check(enum ps_header_id id, struct ps_slice value)
{
    const struct rule *rule = &rules[id];
    struct ps_slice rest = value, element;
    enum ps_error error = PS_OK;
    if (!rule->check)
        return PS_OK;
    if (!value.n)
        return rule->shape == ONE_OR_NONE || rule->shape == LIST_OR_NONE ? PS_OK : PS_E_VALUE;
    if (rule->shape < LIST || rule->check == check_tokens)
        return rule->check(value);
    while (!error && ps_list_next(&rest, &element))
        error = rule->check(element);
    return error;
}
