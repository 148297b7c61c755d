/*
 * Writes messages: lines one by one, and whole messages made from others (response, ACK, CANCEL).
 * Refuses to judge what it copies, and to send.
 *
 * RFC 3261 7, 8.2.6, 9.1, 17.1.1.3, 18.2.1; RFC 3581 4.
 */
#include "../message.h"
#include "writing.h"

/* ---- lines ---- */

void ps_write_request_line(struct ps_writer *w, struct ps_slice method, struct ps_slice uri)
{
    ps_put_value(w, method);
    ps_put_char(w, ' ');
    ps_put_value(w, uri);
    ps_put(w, PS_S(" SIP/2.0\r\n"));
}

void ps_write_status_line(struct ps_writer *w, unsigned status, struct ps_slice reason)
{
    ps_put(w, PS_S("SIP/2.0 "));
    ps_put_number(w, status);
    ps_put_char(w, ' ');
    if (!w->compact)
        ps_put_value(w, reason.p ? reason : ps_reason_phrase(status));
    ps_put(w, PS_S("\r\n"));
}

static void put_name(struct ps_writer *w, enum ps_header_id id)
{
    char letter = w->compact ? ps_header_compact(id) : 0;
    if (letter)
        ps_put_char(w, letter);
    else
        ps_put(w, ps_header_name(id));
    ps_put(w, letter ? PS_S(":") : PS_S(": "));
}

void ps_write_header_named(struct ps_writer *w, struct ps_slice name, struct ps_slice value)
{
    if (!ps_all(name, PS_C_TOKEN) && !w->error)
        w->error = PS_E_INJECTION;
    ps_put(w, name);
    ps_put(w, PS_S(": "));
    ps_put_value(w, value);
    ps_put(w, PS_S("\r\n"));
}

void ps_write_header(struct ps_writer *w, enum ps_header_id id, struct ps_slice value)
{
    put_name(w, id);
    ps_put_value(w, value);
    ps_put(w, PS_S("\r\n"));
}

/* Is it "name: value", or the continuation of the line before? Without its CRLF. */
static bool is_header_line(struct ps_slice line, bool first)
{
    const char *colon = ps_find(line, ':');
    if (!line.n || ps_breaks_line(line))
        return false;
    if (ps_is_blank(line.p[0]))
        return !first;
    return colon && ps_all(ps_trim(ps_between(line.p, colon)), PS_C_TOKEN);
}

void ps_write_lines(struct ps_writer *w, struct ps_slice lines)
{
    struct ps_slice rest = lines;
    while (rest.n) {
        const char *cr = ps_find(rest, '\r'), *end = ps_end(rest);
        bool whole = cr && end - cr > 1 && cr[1] == '\n';
        if (!whole || !is_header_line(ps_between(rest.p, cr), rest.p == lines.p)) {
            if (!w->error)
                w->error = PS_E_INJECTION;
            return;
        }
        rest = ps_between(cr + 2, end);
    }
    ps_put(w, lines);
}

void ps_write_header_number(struct ps_writer *w, enum ps_header_id id, uint64_t value)
{
    put_name(w, id);
    ps_put_number(w, value);
    ps_put(w, PS_S("\r\n"));
}

void ps_write_via(struct ps_writer *w, const struct ps_flow *flow, struct ps_slice branch,
                  bool rport)
{
    ps_put(w, PS_S("Via: SIP/2.0/"));
    ps_put(w, ps_transport_name((enum ps_transport)flow->transport));
    ps_put_char(w, ' ');
    ps_put_address(w, &flow->local);
    ps_put(w, PS_S(";branch="));
    ps_put_value(w, branch);
    if (rport)
        ps_put(w, PS_S(";rport"));
    ps_put(w, PS_S("\r\n"));
}

/* Writes a line as it stands, folds and all, without blanks at its end. */
static void put_line(struct ps_writer *w, const struct ps_message *m, const struct ps_line *line)
{
    const char *begin = m->bytes + line->name.at;
    if (w->compact && ps_header_compact((enum ps_header_id)line->id)) {
        put_name(w, (enum ps_header_id)line->id);
        begin = m->bytes + line->value.at;
    }
    ps_put(w, ps_between(begin, m->bytes + line->value.at + line->value.n));
    ps_put(w, PS_S("\r\n"));
}

void ps_write_copy_lines(struct ps_writer *w, const struct ps_message *m, enum ps_header_id id)
{
    unsigned i;
    for (i = 0; i < m->lines; i++)
        if (m->line[i].id == id)
            put_line(w, m, &m->line[i]);
}

void ps_write_body(struct ps_writer *w, struct ps_slice type, struct ps_slice body)
{
    if (type.n)
        ps_write_header(w, PS_H_CONTENT_TYPE, type);
    ps_write_header_number(w, PS_H_CONTENT_LENGTH, body.n);
    ps_put(w, PS_S("\r\n"));
    ps_put(w, body);
}

/* Writes the first line of that header alone, so that the answer to a faulty request with two has
 * one. */
static void put_first(struct ps_writer *w, const struct ps_message *m, enum ps_header_id id)
{
    unsigned i;
    for (i = 0; i < m->lines; i++)
        if (m->line[i].id == id) {
            put_line(w, m, &m->line[i]);
            return;
        }
}

/* Returns the rest of the top Via's line behind its first element: ", ..." or nothing. */
static struct ps_slice other_vias(const struct ps_message *m, const struct ps_line *line)
{
    unsigned at = (unsigned)m->top_via.at + m->top_via.n;
    return ps_slice(m->bytes + at, (size_t)line->value.at + line->value.n - at);
}

/* ---- responses ---- */

/* Does the flow's far end differ from the host that the Via names (18.2.1)? */
static bool needs_received(const struct ps_message *m, const struct ps_flow *flow)
{
    struct ps_address ip;
    return ps_ip_parse(ps_span_of(m, m->via_host), &ip) || !ps_ip_equal(&ip, &flow->remote);
}

/* Writes the top Via with `received` and `rport` from the flow, not as the sender claimed them. */
static void put_top_via(struct ps_writer *w, const struct ps_message *m, const struct ps_flow *flow)
{
    struct ps_slice params = ps_span_of(m, m->via_params), host = ps_span_of(m, m->via_host);
    struct ps_param one;
    put_name(w, PS_H_VIA);
    ps_put(w, ps_between(m->bytes + m->top_via.at, ps_end(host)));
    if (m->via_port) {
        ps_put_char(w, ':');
        ps_put_number(w, m->via_port);
    }
    while (ps_param_next(&params, &one)) {
        if (ps_is(one.name, PS_S("received")) || ps_is(one.name, PS_S("rport")))
            continue;
        ps_put_char(w, ';');
        ps_put(w, one.name);
        if (one.value.p) {
            ps_put_char(w, '=');
            ps_put(w, one.value);
        }
    }
    if (m->via_rport || needs_received(m, flow)) {
        ps_put(w, PS_S(";received="));
        ps_put_ip(w, &flow->remote, false);
    }
    if (m->via_rport) {
        ps_put(w, PS_S(";rport="));
        ps_put_number(w, flow->remote.port);
    }
}

static void put_vias(struct ps_writer *w, const struct ps_message *m, const struct ps_flow *flow)
{
    bool top = flow && m->via_whole;
    unsigned i;
    for (i = 0; i < m->lines; i++) {
        if (m->line[i].id != PS_H_VIA)
            continue;
        if (!top) {
            put_line(w, m, &m->line[i]);
            continue;
        }
        put_top_via(w, m, flow);
        ps_put(w, other_vias(m, &m->line[i]));
        ps_put(w, PS_S("\r\n"));
        top = false;
    }
}

/* Writes To as it stands, with the tag where it has none. */
static void put_to(struct ps_writer *w, const struct ps_message *m, struct ps_slice to_tag)
{
    if (!to_tag.n || !m->to_uri.n || m->to_tag.n) {
        put_first(w, m, PS_H_TO);
        return;
    }
    put_name(w, PS_H_TO);
    ps_put_tagged(w, ps_span_of(m, m->to), to_tag);
    ps_put(w, PS_S("\r\n"));
}

void ps_write_response(struct ps_writer *w, const struct ps_message *request,
                       const struct ps_flow *flow, unsigned status, struct ps_slice reason,
                       struct ps_slice to_tag)
{
    ps_write_status_line(w, status, reason);
    put_vias(w, request, flow);
    put_first(w, request, PS_H_FROM);
    put_to(w, request, to_tag);
    put_first(w, request, PS_H_CALL_ID);
    put_first(w, request, PS_H_CSEQ);
    if (status == 100) /* 8.2.6.1 */
        put_first(w, request, PS_H_TIMESTAMP);
}

/* ---- ACK and CANCEL ---- */

/* Begins a request that belongs to another: with its Request-URI, top Via and route. */
static void begin_like(struct ps_writer *w, const struct ps_message *request, enum ps_method method)
{
    ps_write_request_line(w, ps_method_name(method), ps_request_uri(request));
    ps_put(w, PS_S("Via: "));
    ps_put(w, ps_span_of(request, request->top_via));
    ps_put(w, PS_S("\r\n"));
    ps_write_copy_lines(w, request, PS_H_ROUTE);
    ps_put(w, PS_S("Max-Forwards: 70\r\n"));
    ps_write_copy_lines(w, request, PS_H_FROM);
}

static void end_like(struct ps_writer *w, const struct ps_message *request, enum ps_method method)
{
    ps_write_copy_lines(w, request, PS_H_CALL_ID);
    ps_put(w, PS_S("CSeq: "));
    ps_put_number(w, request->cseq);
    ps_put_char(w, ' ');
    ps_put(w, ps_method_name(method));
    ps_put(w, PS_S("\r\n"));
    ps_write_body(w, PS_NONE, PS_NONE);
}

void ps_write_ack(struct ps_writer *w, const struct ps_message *invite,
                  const struct ps_message *response)
{
    begin_like(w, invite, PS_METHOD_ACK);
    ps_write_copy_lines(w, response, PS_H_TO);
    end_like(w, invite, PS_METHOD_ACK);
}

void ps_write_cancel(struct ps_writer *w, const struct ps_message *request)
{
    begin_like(w, request, PS_METHOD_CANCEL);
    ps_write_copy_lines(w, request, PS_H_TO);
    end_like(w, request, PS_METHOD_CANCEL);
}
