/*
 * Indexes bytes: start line, header lines, and the few values that the stack always needs (RFC 3261
 * 7, 18.3, 25). Refuses to judge a message beyond that (check.c), copies nothing, and looks at each
 * byte of the head about twice.
 */
#include "../message.h"

#include "../base/names_internal.h"
#include "scan_internal.h"
#include "header_internal.h"

struct parser {
    struct ps_message *m;
    const char *p, *end; /* what is not read yet */
    const struct ps_parse_options *options;
    struct ps_fault fault;     /* the first one */
    uint8_t first[PS_H_COUNT]; /* the first line of each id, from 1; 0 for none */
};

/* Keeps the first fault alone, because the others may follow from it. */
static void note(struct parser *ps, enum ps_error error, const char *at, const char *rule,
                 unsigned status)
{
    if (ps->fault.error)
        return;
    ps->fault.error = error;
    ps->fault.offset = (unsigned)(at - ps->m->bytes);
    ps->fault.rule = rule;
    ps->fault.status = status;
    ps->fault.header = PS_H_OTHER;
}

/* Notes a fault of a listed header. `rule` NULL stands for the section that defines the header. */
static void note_header(struct parser *ps, enum ps_header_id id, enum ps_error error,
                        const char *at, const char *rule, unsigned status)
{
    if (ps->fault.error)
        return;
    note(ps, error, at, rule ? rule : ps_header_rule(id), status);
    ps->fault.header = id;
}

static struct ps_span span_of(const struct ps_message *m, struct ps_slice s)
{
    struct ps_span span = {0, 0};
    if (s.p) {
        span.at = (uint16_t)(s.p - m->bytes);
        span.n = (uint16_t)s.n;
    }
    return span;
}

/* ---- lines ---- */

/*
 * Takes one physical line, to `*line_end` without its CRLF (or LF); p goes to the next line. False
 * at the end of the bytes. A CR without LF is a fault, and the rest of the line is left out.
 */
static bool take_line(struct parser *ps, const char **line_end, const char **colon)
{
    const char *at = ps_scan_line(ps->p, ps->end, colon), *lf = at;
    if (at < ps->end && *at == '\r')
        lf++;
    if (lf < ps->end && *lf != '\n') {
        note(ps, PS_E_HEADER_LINE, at, "RFC 3261 25.1", 400);
        lf = ps_find(ps_between(at, ps->end), '\n');
    }
    if (!lf || lf >= ps->end)
        return false;
    if (lf == at && ps->options->strict_line_ends)
        note(ps, PS_E_HEADER_LINE, at, "RFC 3261 7", 400);
    *line_end = at;
    ps->p = lf + 1;
    return true;
}

/* ---- the start line ---- */

/* SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT; 7.1: "SIP/2.0" in any case. */
static enum ps_error check_version(struct ps_slice s)
{
    size_t i = 4;
    if (ps_equal(s, PS_S("SIP/2.0")) || ps_equal_nocase(s, PS_S("SIP/2.0")))
        return PS_OK;
    if (s.n < 7 || !ps_equal_nocase(ps_slice(s.p, 4), PS_S("SIP/")))
        return PS_E_START_LINE;
    while (i < s.n && ps_is_digit(s.p[i]))
        i++;
    if (i == 4 || i + 1 >= s.n || s.p[i] != '.' || !ps_is_digit(s.p[s.n - 1]))
        return PS_E_START_LINE;
    return PS_E_VERSION;
}

/* Request-Line = Method SP Request-URI SP SIP-Version */
static void parse_request_line(struct parser *ps, struct ps_slice line, const char *space)
{
    const char *end = ps_end(line), *uri = space + 1;
    const char *second = ps_scan_for(uri, end, ' ', '\t', ' ');
    struct ps_slice method = ps_between(line.p, space), version;
    enum ps_error error;
    ps->m->start[0] = span_of(ps->m, method);
    ps->m->method = (uint8_t)ps_method_from(method);
    if (ps->m->method == PS_METHOD_OTHER && !ps_all(method, PS_C_TOKEN))
        note(ps, PS_E_START_LINE, line.p, "RFC 3261 7.1", 400);
    if (second == end || second == uri || *second == '\t') {
        note(ps, PS_E_START_LINE, uri, "RFC 3261 7.1", 400);
        return;
    }
    version = ps_between(second + 1, end);
    ps->m->start[1] = span_of(ps->m, ps_between(uri, second));
    ps->m->start[2] = span_of(ps->m, version);
    error = check_version(version);
    if (error)
        note(ps, error, version.p, "RFC 3261 7.1", error == PS_E_VERSION ? 505 : 400);
}

/* Parses Status-Line = SIP-Version SP Status-Code SP Reason-Phrase. The SP before an empty phrase
 * is often forgotten. */
static void parse_status_line(struct parser *ps, struct ps_slice line, const char *space)
{
    const char *end = ps_end(line), *code = space + 1, *after = code;
    enum ps_error error = check_version(ps_between(line.p, space));
    uint32_t status;
    while (after < end && ps_is_digit(*after))
        after++;
    ps->m->start[0] = span_of(ps->m, ps_between(line.p, space));
    ps->m->start[1] = span_of(ps->m, ps_between(code, after));
    if (after < end)
        ps->m->start[2] = span_of(ps->m, ps_between(after + 1, end));
    if (error)
        note(ps, error, line.p, "RFC 3261 7.2", 0);
    if (after - code != 3 || ps_parse_u32(ps_between(code, after), 699, &status) || status < 100 ||
        (after < end && *after != ' ')) {
        note(ps, PS_E_START_LINE, code, "RFC 3261 7.2", 0);
        status = 699;
    }
    ps->m->status = (uint16_t)status;
}

/* Passes CRLFs before the start line (7.5). A method has no "/", a version has one. */
static bool parse_start_line(struct parser *ps)
{
    const char *end, *colon, *first, *space, *begin, *nul;
    struct ps_slice line;
    while (ps->p < ps->end && (*ps->p == '\r' || *ps->p == '\n'))
        ps->p++;
    colon = begin = ps->p; /* none is looked for */
    if (!take_line(ps, &end, &colon)) {
        note(ps, PS_E_END, ps->end, "RFC 3261 7", 0);
        return false;
    }
    line = ps_between(begin, end);
    first = ps_scan_for(begin, end, ' ', '/', ' ');
    space = first < end && *first == '/' ? ps_find(ps_between(first, end), ' ') : first;
    if (!space || space == end) {
        note(ps, PS_E_START_LINE, begin, "RFC 3261 7.1", 0);
        return false;
    }
    if (*first == '/')
        parse_status_line(ps, line, space);
    else
        parse_request_line(ps, line, space);
    nul = ps_find(line, '\0'); /* what is written from it would end there for others */
    if (nul)
        note(ps, PS_E_START_LINE, nul, "RFC 3261 25.1", 400);
    return true;
}

/* ---- header lines ---- */

static PS_ALWAYS_INLINE void keep_line(struct parser *ps, struct ps_message *m, const char *bytes,
                                       const char *name, const char *name_end,
                                       struct ps_slice value, bool folded)
{
    struct ps_line *line = &m->line[m->lines];
    struct ps_slice text = ps_between(name, name_end);
    enum ps_header_id id = text.n > 1 ? ps_header_long(text) : ps_header_from(text);
    unsigned n = m->lines + 1u;
    /* a known name is a token already */
    if (!id && !ps_all(text, PS_C_TOKEN)) {
        note(ps, PS_E_HEADER_LINE, name, "RFC 3261 7.3.1", 400);
        return;
    }
    line->name.at = (uint16_t)(name - bytes);
    line->name.n = (uint16_t)text.n;
    line->value.at = (uint16_t)(value.p - bytes);
    line->value.n = (uint16_t)value.n;
    line->id = (uint8_t)id;
    line->folded = folded;
    m->lines = (uint8_t)n;
    if (!ps->first[id])
        ps->first[id] = (uint8_t)n;
    else if (ps_header_once(id))
        note_header(ps, id, PS_E_REPEATED_HEADER, name, "RFC 3261 7.3.1", 400);
}

/* Parses header = name HCOLON value, whose value may go on over lines that start with a blank. */
static void parse_header(struct parser *ps, const char *begin, const char *end, const char *colon)
{
    const char *more = end, *next;
    const char *name_end = colon; /* a colon in a fold is no separator */
    bool folded = false;
    while (ps->p < ps->end && ps_is_blank(*ps->p)) {
        bool whole = ps->p - end <= 2; /* else a CR alone ended it, and the value with it */
        folded = true;
        if (!take_line(ps, &next, &more))
            return;
        if (whole)
            end = next;
    }
    while (name_end && name_end > begin && ps_is_blank(name_end[-1]))
        name_end--;
    if (!colon) {
        note(ps, PS_E_HEADER_LINE, begin, "RFC 3261 7.3.1", 400);
        return;
    }
    keep_line(ps, ps->m, ps->m->bytes, begin, name_end, ps_trim(ps_between(colon + 1, end)),
              folded);
}

/* Parses one line of any kind. False at the end of the head. */
static bool parse_line(struct parser *ps)
{
    const char *begin = ps->p, *colon = NULL, *end;
    if (!take_line(ps, &end, &colon)) {
        note(ps, PS_E_END, ps->end, "RFC 3261 7", 400);
        ps->p = ps->end;
        return false;
    }
    if (end == begin)
        return false;
    if (ps->m->lines == PS_MAX_HEADERS) {
        note(ps, PS_E_TOO_MANY_HEADERS, begin, "RFC 3261 21.5.7", 513);
        return false;
    }
    parse_header(ps, begin, end, colon);
    return true;
}

/* Takes the most common line by the short way: "Name: value" CRLF, not folded, nothing to trim. */
static void parse_headers(struct parser *ps)
{
    struct ps_message *m = ps->m;
    const char *p = ps->p, *end = ps->end, *bytes = m->bytes;
    for (;;) {
        const char *colon = NULL, *eol = ps_scan_line(p, end, &colon), *value;
        if (colon > p && end - eol > 2 && memcmp(eol, "\r\n", 2) == 0 && !ps_is_blank(eol[2]) &&
            colon[-1] > ' ' && eol[-1] > ' ' && m->lines < PS_MAX_HEADERS) {
            value = colon + (colon[1] == ' ' ? 2 : 1);
            if (*value > ' ') { /* neither is eol, nor what ends a blank value */
                keep_line(ps, m, bytes, p, colon, ps_between(value, eol), false);
                p = eol + 2;
                continue;
            }
        }
        ps->p = p;
        if (!parse_line(ps))
            return;
        p = ps->p;
    }
}

/* ---- what the stack needs ---- */

static const struct ps_line *first_line(const struct parser *ps, enum ps_header_id id)
{
    return ps->first[id] ? &ps->m->line[ps->first[id] - 1] : NULL;
}

/* Returns the line, or NULL and notes a fault (8.1.1). */
static const struct ps_line *mandatory(struct parser *ps, enum ps_header_id id)
{
    if (!ps->first[id])
        note_header(ps, id, PS_E_MISSING_HEADER, ps->end, "RFC 3261 8.1.1", 400);
    return first_line(ps, id);
}

static void decode_via(struct parser *ps)
{
    struct ps_message *m = ps->m;
    const struct ps_line *line;
    struct ps_slice rest, first;
    struct ps_via via;
    enum ps_error error;
    if (ps->options->draft && !first_line(ps, PS_H_VIA))
        return;
    line = mandatory(ps, PS_H_VIA);
    if (!line)
        return;
    rest = ps_line_value(m, line);
    if (!ps_list_next(&rest, &first))
        first = rest;
    error = ps_via_parse(first, &via);
    if (error)
        note_header(ps, PS_H_VIA, error, first.p, NULL, 400);
    if (!via.host.n)
        return;
    m->top_via = span_of(m, first);
    m->via_branch = span_of(m, via.branch);
    m->via_host = span_of(m, via.host);
    m->via_params = span_of(m, via.params);
    m->via_port = via.port;
    m->via_transport = via.transport;
    m->via_whole = !error;
    m->via_rport = via.has_rport;
    m->via_maddr = via.maddr.n > 0;
}

/* Decodes From or To: the whole value, its URI and its tag. */
static void decode_party(struct parser *ps, enum ps_header_id id, struct ps_span *whole,
                         struct ps_span *uri, struct ps_span *tag)
{
    const struct ps_line *line = mandatory(ps, id);
    struct ps_name_addr party;
    enum ps_error error;
    if (!line)
        return;
    *whole = line->value;
    error = ps_name_addr_parse(ps_line_value(ps->m, line), &party);
    if (error) {
        note_header(ps, id, error, ps_line_value(ps->m, line).p, NULL, 400);
        return;
    }
    *uri = span_of(ps->m, party.uri);
    *tag = span_of(ps->m, party.tag);
}

static void decode_call_id(struct parser *ps)
{
    const struct ps_line *line = mandatory(ps, PS_H_CALL_ID);
    if (!line)
        return;
    ps->m->call_id = line->value;
    if (!ps_is_call_id(ps_line_value(ps->m, line)))
        note_header(ps, PS_H_CALL_ID, PS_E_VALUE, ps_line_value(ps->m, line).p, NULL, 400);
}

/* Checks the method against the request's (8.1.1.5); an unknown method is a 501 before that. */
static void decode_cseq(struct parser *ps)
{
    const struct ps_line *line = mandatory(ps, PS_H_CSEQ);
    struct ps_message *m = ps->m;
    struct ps_cseq cseq;
    enum ps_error error;
    if (!line)
        return;
    error = ps_cseq_parse(ps_line_value(m, line), &cseq);
    if (error) {
        note_header(ps, PS_H_CSEQ, error, ps_line_value(m, line).p, NULL, 400);
        return;
    }
    m->cseq = cseq.number;
    m->cseq_method = cseq.method;
    if (!m->status && !ps_equal(cseq.method_name, ps_span_of(m, m->start[0])))
        note_header(ps, PS_H_CSEQ, PS_E_CSEQ_METHOD, cseq.method_name.p, "RFC 3261 8.1.1.5",
                    m->method == PS_METHOD_OTHER ? 501 : 400);
}

static void decode_max_forwards(struct parser *ps)
{
    const struct ps_line *line = first_line(ps, PS_H_MAX_FORWARDS);
    uint32_t hops = 255;
    if (line && ps_parse_u32(ps_line_value(ps->m, line), 255, &hops))
        note_header(ps, PS_H_MAX_FORWARDS, PS_E_NUMBER, ps_line_value(ps->m, line).p, NULL, 400);
    ps->m->max_forwards = (uint8_t)hops;
}

static void decode_contact(struct parser *ps)
{
    const struct ps_line *line = first_line(ps, PS_H_CONTACT);
    struct ps_slice rest, first;
    if (!line)
        return;
    rest = ps_line_value(ps->m, line);
    if (ps_list_next(&rest, &first))
        ps->m->contact = span_of(ps->m, first);
}

/* Finds the body (18.3, 20.14). Without Content-Length, a datagram's body is all that is left of
 * it. */
static void decode_body(struct parser *ps, const char *body)
{
    const struct ps_line *line = first_line(ps, PS_H_CONTENT_LENGTH);
    uint32_t left = (uint32_t)(ps->end - body), n = left;
    if (!line && ps->options->stream)
        note_header(ps, PS_H_CONTENT_LENGTH, PS_E_MISSING_HEADER, body, "RFC 3261 18.3", 400);
    if (line && ps_parse_u32(ps_line_value(ps->m, line), left, &n)) {
        note_header(ps, PS_H_CONTENT_LENGTH, PS_E_CONTENT_LENGTH, ps_line_value(ps->m, line).p,
                    "RFC 3261 18.3", 400);
        n = left;
    }
    ps->m->body.at = (uint16_t)(body - ps->m->bytes);
    ps->m->body.n = first_line(ps, PS_H_CONTENT_TYPE) ? (uint16_t)n : 0; /* 20.15 */
    ps->m->n = (uint16_t)(body + n - ps->m->bytes);
}

static void decode(struct parser *ps)
{
    struct ps_message *m = ps->m;
    const char *body = ps->p;
    decode_via(ps);
    decode_party(ps, PS_H_FROM, &m->from, &m->from_uri, &m->from_tag);
    decode_party(ps, PS_H_TO, &m->to, &m->to_uri, &m->to_tag);
    decode_call_id(ps);
    decode_cseq(ps);
    decode_max_forwards(ps);
    decode_contact(ps);
    decode_body(ps, body);
}

/* May a faulty message be answered? An ACK never is (8.2.7); a response is dropped, and so is a
 * request without a way back. */
static bool answerable(const struct ps_message *m)
{
    return !m->status && m->start[0].n && m->method != PS_METHOD_ACK && m->top_via.n;
}

static const struct ps_parse_options no_options = {false, false, false};

static void begin(struct parser *ps, struct ps_message *m, const char *bytes, size_t n,
                  const struct ps_parse_options *options)
{
    memset(m, 0, offsetof(struct ps_message, line));
    m->bytes = bytes;
    m->max_forwards = 255;
    ps->m = m;
    ps->options = options ? options : &no_options;
    ps->p = bytes;
    ps->end = bytes + (n < PS_MAX_MESSAGE ? n : PS_MAX_MESSAGE);
    memset(ps->first, 0, sizeof ps->first);
    memset(&ps->fault, 0, sizeof ps->fault);
    if (n > PS_MAX_MESSAGE)
        note(ps, PS_E_TOO_LARGE, ps->end, "RFC 3261 21.5.7", 513);
}

static enum ps_error finish(struct parser *ps, struct ps_fault *fault)
{
    if (fault)
        *fault = ps->fault;
    return ps->fault.error;
}

enum ps_error PS_LIMITED(ps_message_index, PS_MAX_HEADERS)(struct ps_message *m, const char *bytes,
                                                           size_t n,
                                                           const struct ps_parse_options *options,
                                                           struct ps_fault *fault)
{
    struct parser ps;
    begin(&ps, m, bytes, n, options);
    if (parse_start_line(&ps))
        parse_headers(&ps);
    m->body.at = (uint16_t)(ps.p - bytes);
    m->body.n = (uint16_t)(ps.end - ps.p);
    m->n = (uint16_t)(ps.end - bytes);
    ps.fault.status = 0;
    return finish(&ps, fault);
}

enum ps_error PS_LIMITED(ps_message_parse, PS_MAX_HEADERS)(struct ps_message *m, const char *bytes,
                                                           size_t n,
                                                           const struct ps_parse_options *options,
                                                           struct ps_fault *fault)
{
    struct parser ps;
    begin(&ps, m, bytes, n, options);
    if (parse_start_line(&ps)) {
        parse_headers(&ps);
        decode(&ps);
    }
    if (!answerable(m))
        ps.fault.status = 0;
    return finish(&ps, fault);
}
