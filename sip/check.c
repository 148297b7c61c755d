/*
 * What a message must keep beyond its syntax, one rule after the other, each with its section and
 * the answer that a server owes (RFC 3261 8.1.1, 8.2, 20). Refuses to parse lines and to answer.
 */
#include "message.h"

struct check {
    const struct ps_message *m;
    struct ps_fault fault;
};

static enum ps_error fail(struct check *c, enum ps_error error, const char *at, const char *rule,
                          unsigned answer)
{
    c->fault.error = error;
    c->fault.offset = (unsigned)(at - c->m->bytes);
    c->fault.rule = rule;
    /* responses that are wrong are dropped (8.1.3), and an ACK is never answered (8.2.7) */
    c->fault.answer = c->m->status || c->m->method == PS_METHOD_ACK ? 0 : answer;
    return error;
}

/* 8.2.2.1: a Request-URI of an unknown scheme is 416; 19.1.1: it has no headers. */
static enum ps_error check_request_uri(struct check *c)
{
    struct ps_slice text = ps_request_uri(c->m);
    struct ps_uri uri;
    size_t offset = 0;
    enum ps_error error;
    if (c->m->status)
        return PS_OK;
    error = ps_uri_parse(text, &uri, &offset);
    if (error)
        return fail(c, error, text.p + offset, "RFC 3261 19.1.1", 400);
    if (uri.scheme == PS_SCHEME_OTHER)
        return fail(c, PS_E_SCHEME, text.p, "RFC 3261 8.2.2.1", 416);
    if (uri.headers.p)
        return fail(c, PS_E_URI, uri.headers.p, "RFC 3261 19.1.1", 400);
    return PS_OK;
}

typedef enum ps_error rule_fn(struct check *c);

static rule_fn *const rules[] = {check_request_uri};

enum ps_error ps_message_check(const struct ps_message *m, struct ps_fault *fault)
{
    struct check c;
    unsigned i;
    memset(&c, 0, sizeof c);
    c.m = m;
    for (i = 0; i < sizeof rules / sizeof rules[0] && !c.fault.error; i++)
        rules[i](&c);
    if (fault)
        *fault = c.fault;
    return c.fault.error;
}
