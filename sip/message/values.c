/*
 * Reads the typed values of single headers: numbers, tokens with parameters, media types, dates,
 * dialogs named in headers. Refuses to know whole messages, and whether values fit each other.
 */
#include "header_internal.h"

/* ---- what they share ---- */

/* Reads the delta-seconds of a parameter; more than 32 bits hold become the most that they hold. */
static enum ps_error seconds_of(struct ps_slice value, uint32_t *out)
{
    if (!ps_all(value, PS_C_DIGIT))
        return PS_E_PARAMETER;
    if (ps_parse_u32(value, UINT32_MAX, out))
        *out = UINT32_MAX;
    return PS_OK;
}

/* Takes parameters and nothing else from p on. */
static enum ps_error take_params(const char *p, const char *end, struct ps_slice *out)
{
    enum ps_error error = PS_OK;
    *out = ps_params_after(p, end, &error);
    return error ? error : ps_check_params(*out);
}

enum ps_error ps_token_parse(struct ps_slice value, struct ps_token *out)
{
    struct ps_slice s = ps_trim(value);
    const char *end = ps_end(s), *p = ps_skip_token(s.p, end);
    out->token = ps_between(s.p, p);
    return out->token.n ? take_params(p, end, &out->params) : PS_E_VALUE;
}

/* ---- numbers ---- */

enum ps_error ps_number_parse(struct ps_slice value, uint32_t max, uint32_t *out,
                              struct ps_slice *params)
{
    struct ps_slice s = ps_trim(value);
    const char *end = ps_end(s), *p = ps_take_number(s.p, end, max, out);
    if (!p)
        return PS_E_NUMBER;
    if (params)
        return take_params(p, end, params);
    return p == end ? PS_OK : PS_E_NUMBER;
}

enum ps_error ps_cseq_parse(struct ps_slice value, struct ps_cseq *out)
{
    struct ps_slice s = ps_trim(value);
    const char *end = ps_end(s), *p, *method;
    p = ps_take_number(s.p, end, 0x7fffffff, &out->number); /* 8.1.1.5: less than 2^31 */
    if (!p)
        return PS_E_NUMBER;
    method = ps_skip_lws(p, end);
    out->method_name = ps_between(method, end);
    if (method == p) /* or nothing follows: `s` does not end in blanks */
        return PS_E_VALUE;
    out->method = (uint8_t)ps_method_from(out->method_name);
    /* a known one is a token already */
    return out->method == PS_METHOD_OTHER && !ps_all(out->method_name, PS_C_TOKEN) ? PS_E_VALUE
                                                                                   : PS_OK;
}

enum ps_error ps_q_parse(struct ps_slice value, uint16_t *out)
{
    unsigned q = 0, scale = 1000;
    size_t i;
    if (!value.n || value.n > 5 || (value.n > 1 && value.p[1] != '.'))
        return PS_E_NUMBER;
    for (i = 0; i < value.n; i++) {
        if (i == 1)
            continue;
        if (!ps_is_digit(value.p[i]))
            return PS_E_NUMBER;
        q += (unsigned)(value.p[i] - '0') * scale;
        scale /= 10;
    }
    if (q > 1000)
        return PS_E_NUMBER;
    *out = (uint16_t)q;
    return PS_OK;
}

uint16_t ps_param_q(struct ps_slice params)
{
    struct ps_slice value;
    uint16_t q = 1000;
    if (ps_param_find(params, PS_S("q"), &value))
        (void)ps_q_parse(value, &q);
    return q;
}

enum ps_error ps_session_expires_parse(struct ps_slice value, struct ps_session_expires *out)
{
    struct ps_slice params, refresher;
    enum ps_error error = ps_number_parse(value, UINT32_MAX, &out->seconds, &params);
    out->refresher = PS_REFRESHER_NONE;
    if (error || !ps_param_find(params, PS_S("refresher"), &refresher))
        return error;
    if (ps_equal_nocase(refresher, PS_S("uac")))
        out->refresher = PS_REFRESHER_UAC;
    else if (ps_equal_nocase(refresher, PS_S("uas")))
        out->refresher = PS_REFRESHER_UAS;
    else
        return PS_E_PARAMETER;
    return PS_OK;
}

enum ps_error ps_retry_after_parse(struct ps_slice value, struct ps_retry_after *out)
{
    struct ps_slice s = ps_trim(value);
    const char *end = ps_end(s), *p = ps_take_number(s.p, end, UINT32_MAX, &out->seconds), *open;
    if (!p)
        return PS_E_NUMBER;
    open = p = ps_skip_lws(p, end);
    if (p < end && *p == '(')
        p = ps_skip_comment(p, end);
    if (!p)
        return PS_E_VALUE;
    out->comment = p > open ? ps_between(open, p) : PS_NONE;
    return take_params(p, end, &out->params);
}

enum ps_error ps_rack_parse(struct ps_slice value, struct ps_rack *out)
{
    struct ps_slice s = ps_trim(value);
    const char *end = ps_end(s), *p = ps_take_number(s.p, end, UINT32_MAX, &out->rseq);
    if (!p)
        return PS_E_NUMBER;
    if (p == end || !ps_is_lws(*p))
        return PS_E_VALUE;
    return ps_cseq_parse(ps_between(p, end), &out->cseq);
}

/* Takes 1*DIGIT [ "." *DIGIT ]; returns the place after it, or NULL. Thousandths. */
static const char *take_decimal(const char *p, const char *end, uint64_t *out)
{
    const char *begin = p;
    uint64_t scale = 1000, fraction = 0;
    while (p < end && ps_is_digit(*p))
        p++;
    if (ps_parse_number(ps_between(begin, p), UINT64_MAX / 1000 - 1, out))
        return NULL;
    if (p < end && *p == '.')
        for (p++; p < end && ps_is_digit(*p); p++) {
            scale /= 10;
            fraction += scale * (uint64_t)(*p - '0');
        }
    *out = *out * 1000 + fraction;
    return p;
}

enum ps_error ps_timestamp_parse(struct ps_slice value, struct ps_timestamp *out)
{
    struct ps_slice s = ps_trim(value);
    const char *end = ps_end(s), *p = take_decimal(s.p, end, &out->sent), *delay;
    out->delay = 0;
    if (!p)
        return PS_E_NUMBER;
    if (p == end)
        return PS_OK;
    delay = ps_skip_lws(p, end);
    return delay > p && take_decimal(delay, end, &out->delay) == end ? PS_OK : PS_E_NUMBER;
}

/* ---- Date ---- */

static bool index_of(struct ps_slice three, const char *names, uint8_t *out)
{
    uint8_t i;
    for (i = 0; names[3 * i]; i++)
        if (ps_equal(three, ps_slice(names + 3 * i, 3))) {
            *out = i;
            return true;
        }
    return false;
}

static bool two_digits(const char *p, unsigned max, uint8_t *out)
{
    uint32_t value;
    if (ps_parse_u32(ps_slice(p, 2), max, &value))
        return false;
    *out = (uint8_t)value;
    return true;
}

/* Returns days since 1970-01-01 in the Gregorian calendar: 400 years have 146,097 days. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
    unsigned y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    return (int64_t)y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* Parses a date such as "Sat, 13 Nov 2010 23:29:00 GMT". */
enum ps_error ps_date_parse(struct ps_slice value, struct ps_date *out)
{
    static const char shape[] = "___, __ ___ ____ __:__:__ GMT";
    char text[sizeof shape];
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_slice s;
    uint32_t year = 0;
    size_t i;
    ps_put_unfolded(&w,
                    ps_trim(value)); /* 7.3.1: the only white space but SP that may stand here */
    s = ps_written(&w);
    if (w.error || s.n != sizeof shape - 1)
        return PS_E_VALUE;
    for (i = 0; i < s.n; i++)
        if (shape[i] != '_' && shape[i] != s.p[i])
            return PS_E_VALUE;
    if (!index_of(ps_slice(s.p, 3), "SunMonTueWedThuFriSat", &out->weekday) ||
        !index_of(ps_slice(s.p + 8, 3), "JanFebMarAprMayJunJulAugSepOctNovDec", &out->month) ||
        ps_parse_u32(ps_slice(s.p + 12, 4), 9999, &year) || !year ||
        !two_digits(s.p + 5, days_in(year, out->month + 1u), &out->day) || !out->day ||
        !two_digits(s.p + 17, 23, &out->hour) || !two_digits(s.p + 20, 59, &out->minute) ||
        !two_digits(s.p + 23, 60, &out->second))
        return PS_E_VALUE;
    out->month++;
    out->year = (uint16_t)year;
    out->unix_seconds = days_of(year, out->month, out->day) * 86400 + out->hour * 3600 +
                        out->minute * 60 + out->second;
    return PS_OK;
}

/* ---- media types, events ---- */

enum ps_error ps_media_type_parse(struct ps_slice value, struct ps_media_type *out)
{
    struct ps_slice s = ps_trim(value);
    const char *end = ps_end(s), *p = ps_skip_token(s.p, end), *subtype;
    out->type = ps_between(s.p, p);
    p = ps_skip_lws(p, end);
    if (!out->type.n || p == end || *p != '/')
        return PS_E_VALUE;
    subtype = ps_skip_lws(p + 1, end);
    p = ps_skip_token(subtype, end);
    out->subtype = ps_between(subtype, p);
    return out->subtype.n ? take_params(p, end, &out->params) : PS_E_VALUE;
}

enum ps_error ps_event_parse(struct ps_slice value, struct ps_event_value *out)
{
    struct ps_token token;
    enum ps_error error = ps_token_parse(value, &token);
    out->package = token.token;
    if (error || !ps_param_find(token.params, PS_S("id"), &out->id))
        out->id = PS_NONE;
    return error;
}

enum ps_error ps_subscription_state_parse(struct ps_slice value, struct ps_subscription_state *out)
{
    struct ps_token token;
    struct ps_slice seconds;
    enum ps_error error = ps_token_parse(value, &token);
    memset(out, 0, sizeof *out);
    if (error)
        return error;
    out->state = token.token;
    ps_param_find(token.params, PS_S("reason"), &out->reason);
    out->has_expires = ps_param_find(token.params, PS_S("expires"), &seconds);
    if (out->has_expires)
        error = seconds_of(seconds, &out->expires);
    out->has_retry_after = ps_param_find(token.params, PS_S("retry-after"), &seconds);
    if (out->has_retry_after && !error)
        error = seconds_of(seconds, &out->retry_after);
    return error;
}

enum ps_error ps_reason_parse(struct ps_slice value, struct ps_reason_value *out)
{
    struct ps_token token;
    struct ps_slice cause;
    enum ps_error error = ps_token_parse(value, &token);
    memset(out, 0, sizeof *out);
    if (error)
        return error;
    out->protocol = token.token;
    ps_param_find(token.params, PS_S("text"), &out->text);
    if (ps_param_find(token.params, PS_S("cause"), &cause) &&
        ps_parse_u32(cause, UINT32_MAX, &out->cause))
        return PS_E_PARAMETER;
    return PS_OK;
}

/* ---- Contact and routes ---- */

/* Takes a parameter. `*seen` has a bit for each of the four that stood before. */
static enum ps_error contact_param(const struct ps_param *one, struct ps_contact *out,
                                   unsigned *seen)
{
    enum { EXPIRES = 1, Q = 2, INSTANCE = 4, REG_ID = 8 };
    enum ps_error error = PS_OK;
    unsigned bit = 0;
    if (ps_is(one->name, PS_S("expires"))) {
        bit = EXPIRES;
        out->has_expires = true;
        error = seconds_of(one->value, &out->expires);
    } else if (ps_is(one->name, PS_S("q"))) {
        bit = Q;
        error = ps_q_parse(one->value, &out->q);
    } else if (ps_is(one->name, PS_S("+sip.instance"))) {
        bit = INSTANCE;
        out->instance = one->value;
    } else if (ps_is(one->name, PS_S("reg-id"))) {
        bit = REG_ID;
        error = ps_parse_u32(one->value, 0x7fffffff, &out->reg_id);
    }
    if (error || (*seen & bit))
        return PS_E_PARAMETER;
    *seen |= bit;
    return PS_OK;
}

enum ps_error ps_contact_parse(struct ps_slice value, struct ps_contact *out)
{
    enum ps_error error;
    struct ps_slice params;
    struct ps_param one;
    unsigned seen = 0;
    memset(out, 0, sizeof *out);
    out->q = 1000;
    error = ps_name_addr_parse(value, &out->addr);
    if (error)
        return error;
    if (!out->addr.bracketed && ps_equal(out->addr.uri, PS_S("*"))) {
        out->any = true;
        return out->addr.params.p ? PS_E_PARAMETER : PS_OK;
    }
    params = out->addr.params;
    while (!error && ps_param_next(&params, &one))
        error = contact_param(&one, out, &seen);
    return error;
}

enum ps_error ps_route_parse(struct ps_slice value, struct ps_name_addr *out)
{
    enum ps_error error = ps_name_addr_parse(value, out);
    return error || out->bracketed ? error : PS_E_VALUE;
}

/* ---- dialogs ---- */

bool ps_is_call_id(struct ps_slice text)
{
    const char *end = ps_end(text), *p = ps_skip_word(text.p, end), *host;
    if (p == text.p || p == end)
        return p != text.p;
    host = p + 1;
    return *p == '@' && host < end && ps_skip_word(host, end) == end;
}

/* Takes a parameter. Both pairs of names mean the two ends as the receiver of Replaces sees
 * them. */
static enum ps_error dialog_param(const struct ps_param *one, struct ps_replaces *out)
{
    if (ps_is(one->name, PS_S("to-tag")) || ps_is(one->name, PS_S("local-tag")))
        return ps_take_once(one->value, &out->to_tag);
    if (ps_is(one->name, PS_S("from-tag")) || ps_is(one->name, PS_S("remote-tag")))
        return ps_take_once(one->value, &out->from_tag);
    if (ps_is(one->name, PS_S("early-only")))
        out->early_only = true;
    return PS_OK;
}

enum ps_error ps_replaces_parse(struct ps_slice value, struct ps_replaces *out)
{
    struct ps_slice s = ps_trim(value), params = PS_NONE;
    const char *end = ps_end(s), *semi = ps_find(s, ';');
    struct ps_param one;
    enum ps_error error = PS_OK;
    memset(out, 0, sizeof *out);
    out->call_id = ps_trim(ps_between(s.p, semi ? semi : end));
    if (!ps_is_call_id(out->call_id))
        return PS_E_VALUE;
    if (semi)
        params = ps_between(semi + 1, end);
    while (!error && ps_param_next(&params, &one))
        error = dialog_param(&one, out);
    /* both tags are mandatory */
    return error || params.n || !out->to_tag.n || !out->from_tag.n ? PS_E_PARAMETER : PS_OK;
}

/* ---- others ---- */

/* warn-code SP warn-agent SP warn-text */
enum ps_error ps_warning_parse(struct ps_slice value, struct ps_warning *out)
{
    struct ps_slice s = ps_trim(value);
    const char *end = ps_end(s), *p, *q;
    uint32_t code;
    p = ps_take_number(s.p, end, 999, &code);
    if (!p || p - s.p != 3)
        return PS_E_NUMBER;
    out->code = (uint16_t)code;
    q = ps_skip_lws(p, end);
    for (p = q; p < end && !ps_is_lws(*p) && *p != '"'; p++)
        ;
    out->agent = ps_between(q, p);
    q = ps_skip_lws(p, end);
    out->text = ps_between(q, end);
    if (!out->agent.n || q == end || *q != '"' || ps_skip_quoted(q, end) != end)
        return PS_E_VALUE;
    return PS_OK;
}

enum ps_error ps_auth_parse(struct ps_slice value, struct ps_auth *out)
{
    struct ps_slice s = ps_trim(value), rest;
    const char *end = ps_end(s), *p = ps_skip_token(s.p, end);
    struct ps_param one;
    out->scheme = ps_between(s.p, p);
    rest = out->params = ps_trim(ps_between(p, end));
    if (!out->scheme.n || (p < end && !ps_is_lws(*p)))
        return PS_E_VALUE;
    while (ps_auth_param_next(&rest, &one))
        ;
    return rest.n ? PS_E_PARAMETER : PS_OK;
}

bool ps_auth_param_next(struct ps_slice *rest, struct ps_param *out)
{
    struct ps_slice list = *rest, element, after = PS_NONE;
    const char *p, *end;
    if (!ps_list_next(&list, &element))
        return false;
    p = element.p;
    end = ps_end(element);
    p = ps_skip_token(p, end);
    out->name = ps_between(element.p, p);
    p = ps_skip_lws(p, end);
    if (!out->name.n || p == end || *p != '=')
        return false;
    out->value = ps_trim(ps_between(p + 1, end));
    if (out->value.n && out->value.p[0] == '"')
        after.p = ps_skip_quoted(out->value.p, end);
    else
        after.p = ps_skip_bare(out->value.p, end);
    if (!out->value.n || after.p != end)
        return false;
    *rest = list;
    return true;
}

bool ps_product_next(struct ps_slice *rest, struct ps_product *out)
{
    const char *end = ps_end(*rest), *begin = ps_skip_lws(rest->p, end), *p = begin;
    memset(out, 0, sizeof *out);
    *rest = ps_between(begin, end);
    if (!rest->n)
        return false;
    if (*p == '(') {
        p = ps_skip_comment(p, end);
        if (!p)
            return false;
        out->comment = ps_between(begin, p);
    } else {
        p = ps_skip_token(p, end);
        if (p == begin)
            return false;
        out->name = ps_between(begin, p);
        if (p < end && *p == '/') {
            begin = p + 1;
            p = ps_skip_token(begin, end);
            out->version = ps_between(begin, p);
        }
    }
    *rest = ps_between(p, end);
    return true;
}
