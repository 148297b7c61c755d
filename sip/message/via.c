/*
 * Parses one element of Via: 20.42, 18.2, RFC 3581. Refuses to decide where a response goes.
 */
#include "header_internal.h"

/* Parses sent-protocol = protocol-name SLASH protocol-version SLASH transport, with white space
 * around "/". Another version is no syntax error: the start line tells of it (7.1). Returns the
 * place after it, or NULL. */
static const char *parse_protocol(const char *p, const char *end, struct ps_via *out)
{
    const char *begin = p;
    unsigned part = 0;
    if (end - p > 8 && memcmp(p, "SIP/2.0/", 8) == 0) {
        p += 8;
        part = 2;
    }
    for (;; part++) {
        begin = p = ps_skip_lws(p, end);
        p = ps_skip_token(p, end);
        if (p == begin)
            return NULL;
        if (part == 2)
            break;
        p = ps_skip_lws(p, end);
        if (p == end || *p++ != '/')
            return NULL;
    }
    out->transport_name = ps_between(begin, p);
    out->transport = (uint8_t)ps_transport_from(out->transport_name);
    return p;
}

/* sent-by = host [ COLON port ] */
static enum ps_error parse_sent_by(const char **at, const char *end, struct ps_via *out)
{
    const char *p = ps_skip_lws(*at, end);
    size_t n = ps_host_length(ps_between(p, end));
    uint32_t port;
    if (p == *at || !n)
        return PS_E_HOST;
    out->host = ps_slice(p, n);
    *at = p + n;
    p = ps_skip_lws(*at, end);
    if (p == end || *p != ':')
        return PS_OK;
    p = ps_take_number(ps_skip_lws(p + 1, end), end, 65535, &port);
    if (!p || !port)
        return PS_E_PORT;
    out->port = (uint16_t)port;
    *at = p;
    return PS_OK;
}

static enum ps_error take_rport(struct ps_slice value, struct ps_via *out)
{
    uint32_t number = 0;
    if (out->has_rport || (value.p && (ps_parse_u32(value, 65535, &number) || !number)))
        return PS_E_PARAMETER;
    out->has_rport = true;
    out->rport = (uint16_t)number;
    return PS_OK;
}

/* 25.1: ttl = 1*3DIGIT */
static enum ps_error take_ttl(struct ps_slice value, struct ps_via *out)
{
    uint32_t number = 0;
    if (out->has_ttl || ps_parse_u32(value, 255, &number))
        return PS_E_PARAMETER;
    out->has_ttl = true;
    out->ttl = (uint8_t)number;
    return PS_OK;
}

/* Takes the parameters that have a meaning here. One that is out of its range, has no value, or
 * stands twice (7.3.1) is malformed. */
static enum ps_error take_param(const struct ps_param *one, struct ps_via *out)
{
    switch (ps_lower(one->name.p[0])) {
    case 'b':
        if (ps_is(one->name, PS_S("branch")))
            return ps_take_once(one->value, &out->branch);
        break;
    case 'm':
        if (ps_is(one->name, PS_S("maddr")))
            return ps_take_once(one->value, &out->maddr);
        break;
    case 'r':
        if (ps_is(one->name, PS_S("received")))
            return ps_take_once(one->value, &out->received);
        if (ps_is(one->name, PS_S("rport")))
            return take_rport(one->value, out);
        break;
    case 't':
        if (ps_is(one->name, PS_S("ttl")))
            return take_ttl(one->value, out);
        break;
    default:
        break;
    }
    return PS_OK;
}

enum ps_error ps_via_parse(struct ps_slice value, struct ps_via *out)
{
    const char *end = ps_end(value), *p;
    struct ps_slice params;
    struct ps_param one;
    enum ps_error error;
    memset(out, 0, sizeof *out);
    p = parse_protocol(value.p, end, out);
    if (!p)
        return PS_E_VALUE;
    error = parse_sent_by(&p, end, out);
    if (error)
        return error;
    params = out->params = ps_params_after(p, end, &error);
    while (!error && ps_param_next(&params, &one))
        error = take_param(&one, out);
    return params.n ? PS_E_PARAMETER : error;
}

bool ps_branch_has_cookie(struct ps_slice branch)
{
    return branch.n > 7 && memcmp(branch.p, "z9hG4bK", 7) == 0;
}
