/*
 * Checks the rules that a message keeps beyond its syntax, one after the other, each with its
 * section and the status that a server owes (RFC 3261 8.1.1, 8.2, 20). Refuses to parse lines and
 * to answer.
 */
#include "../message.h"

#include "rules_internal.h"
#include "writing.h"

struct check {
    const struct ps_message *m;
    const struct ps_check_options *options;
    struct ps_fault fault;
};

/* Is a fault answered? Faulty responses are dropped (18.1.2), and an ACK is never answered
 * (8.2.7). */
static bool is_answered(const struct ps_message *m)
{
    return !m->status && m->method != PS_METHOD_ACK;
}

/* Notes a fault. `id` is the faulty header, PS_H_OTHER where it is the start line. */
static void fail(struct check *c, enum ps_header_id id, enum ps_error error, const char *at,
                 const char *rule, unsigned status)
{
    c->fault.error = error;
    c->fault.offset = (unsigned)(at - c->m->bytes);
    c->fault.status = is_answered(c->m) ? status : 0;
    c->fault.header = id;
    c->fault.rule = rule;
}

/* Checks the Request-URI: an unknown scheme is a 416 (8.2.2.1), and headers may not stand in it
 * (19.1.1). */
static void check_request_uri(struct check *c)
{
    struct ps_slice text = ps_request_uri(c->m);
    struct ps_uri uri;
    size_t offset = 0;
    enum ps_error error;
    if (c->m->status)
        return;
    error = ps_uri_parse(text, &uri, &offset);
    if (error)
        fail(c, PS_H_OTHER, error, text.p + offset, "RFC 3261 19.1.1", 400);
    else if (uri.scheme == PS_SCHEME_OTHER)
        fail(c, PS_H_OTHER, PS_E_SCHEME, text.p, "RFC 3261 8.2.2.1", 416);
    else if (uri.headers.p)
        fail(c, PS_H_OTHER, PS_E_URI, uri.headers.p, "RFC 3261 19.1.1", 400);
}

/* Does a malformed header matter? Those that are not needed to process a request are passed over
 * (8.2.2). So are those of a body in an ACK or a response, which have done their work by then. */
static bool is_needed(const struct ps_message *m, uint8_t id)
{
    unsigned needed = ps_rules[id].needed;
    return needed == PS_NEEDED || (needed == PS_NEEDED_TO_ANSWER && is_answered(m));
}

/* Checks what the parser has not read of a line: behind the top Via the others of its line, of From
 * and To the URI. Of an index alone (ps_message_index) it has read nothing. */
static enum ps_error check_rest(const struct ps_message *m, const struct ps_line *line)
{
    struct ps_slice value = ps_line_value(m, line), first;
    struct ps_span party = line->id == PS_H_FROM ? m->from_uri : m->to_uri;
    struct ps_uri uri;
    if (line->id == PS_H_VIA && m->top_via.n && line->value.at == m->top_via.at) {
        (void)ps_list_next(&value, &first);
        return value.n ? ps_header_check(PS_H_VIA, value) : PS_OK;
    }
    if ((line->id == PS_H_FROM || line->id == PS_H_TO) && party.n)
        return ps_uri_parse(ps_span_of(m, party), &uri, NULL);
    return ps_header_check((enum ps_header_id)line->id, value);
}

static void check_values(struct check *c)
{
    const struct ps_line *line = c->m->line, *end = line + c->m->lines;
    for (; line < end && !c->fault.error; line++) {
        enum ps_header_id id = (enum ps_header_id)line->id;
        enum ps_error error;
        if (!c->options->every_header && !is_needed(c->m, line->id))
            continue;
        error = check_rest(c->m, line);
        if (error)
            fail(c, id, error, ps_line_value(c->m, line).p, ps_header_rule(id), 400);
    }
}

/* Checks that "*" stands alone, in a REGISTER, with Expires: 0 (10.2.2). */
static void check_wildcard(struct check *c)
{
    struct ps_values values = ps_values(c->m, PS_H_CONTACT);
    struct ps_slice element, star = PS_NONE;
    unsigned n = 0;
    while (ps_values_next(&values, &element)) {
        n++;
        if (element.p[0] == '*')
            star = element;
    }
    if (star.p && (n > 1 || c->m->method != PS_METHOD_REGISTER ||
                   ps_header_number(c->m, PS_H_EXPIRES, 1) != 0))
        fail(c, PS_H_CONTACT, PS_E_VALUE, star.p, "RFC 3261 10.2.2", 400);
}

/* Checks that a body has a type (7.4, 20.15) and is not longer than allowed (21.4.11). */
static void check_body(struct check *c)
{
    struct ps_slice body = ps_body_bytes(c->m);
    if (body.n && !ps_body(c->m).n && is_answered(c->m))
        fail(c, PS_H_CONTENT_TYPE, PS_E_MISSING_HEADER, body.p, "RFC 3261 20.15", 400);
    else if (c->options->max_body && body.n > c->options->max_body)
        fail(c, PS_H_OTHER, PS_E_TOO_LARGE, body.p, "RFC 3261 21.4.11", 413);
}

/* Checks Max-Forwards: an element that would have to forward answers 483 (16.3). */
static void check_hops(struct check *c)
{
    if (c->options->forwards && !c->m->status && c->m->max_forwards == 0)
        fail(c, PS_H_MAX_FORWARDS, PS_E_NUMBER, ps_header_value(c->m, PS_H_MAX_FORWARDS, 0).p,
             "RFC 3261 16.3", 483);
}

static bool in_list(struct ps_slice list, struct ps_slice token)
{
    struct ps_slice element;
    while (ps_list_next(&list, &element))
        if (ps_equal_nocase(element, token))
            return true;
    return false;
}

/* Finds the next option that is not supported. Require is not looked at in ACK and CANCEL
 * (8.2.2.3). */
static bool next_unsupported(const struct ps_message *m, struct ps_values *values,
                             struct ps_slice supported, struct ps_slice *tag)
{
    if (m->status || m->method == PS_METHOD_ACK || m->method == PS_METHOD_CANCEL)
        return false;
    while (ps_values_next(values, tag))
        if (!in_list(supported, *tag))
            return true;
    return false;
}

static void check_require(struct check *c)
{
    struct ps_values values = ps_values(c->m, PS_H_REQUIRE);
    struct ps_slice tag;
    if (c->options->supported.p && next_unsupported(c->m, &values, c->options->supported, &tag))
        fail(c, PS_H_REQUIRE, PS_E_UNSUPPORTED, tag.p, "RFC 3261 8.2.2.3", 420);
}

typedef void rule_fn(struct check *c);

static rule_fn *const rules[] = {check_request_uri, check_values, check_wildcard,
                                 check_body,        check_hops,   check_require};

static const struct ps_check_options no_options;

enum ps_error ps_message_check(const struct ps_message *m, const struct ps_check_options *options,
                               struct ps_fault *fault)
{
    struct check c;
    unsigned i;
    memset(&c, 0, sizeof c);
    c.m = m;
    c.options = options ? options : &no_options;
    for (i = 0; i < sizeof rules / sizeof rules[0] && !c.fault.error; i++)
        rules[i](&c);
    if (fault)
        *fault = c.fault;
    return c.fault.error;
}

/* Is there room for so many bytes and the end of the line? */
static bool fits(const struct ps_writer *w, size_t n)
{
    return !w->error && n + 2 <= w->capacity - w->n;
}

bool ps_write_unsupported(struct ps_writer *w, const struct ps_message *m,
                          struct ps_slice supported)
{
    struct ps_values values = ps_values(m, PS_H_REQUIRE);
    struct ps_slice tag, before = PS_S("Unsupported: ");
    bool any = false;
    size_t begin = w->n;
    while (next_unsupported(m, &values, supported, &tag)) {
        any = true;
        if (!ps_all(tag, PS_C_TOKEN) || !fits(w, before.n + tag.n))
            continue;
        ps_put(w, before);
        ps_put(w, tag);
        before = PS_S(", ");
    }
    if (w->n > begin)
        ps_put(w, PS_S("\r\n"));
    return any;
}
