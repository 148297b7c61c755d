/*
 * Whole messages. The input is one datagram.
 *
 * Must hold: every slice lies inside; strict takes only what lenient takes; a fault says where and
 * why; what parses writes back and means the same, and canonical form is a fixed point; the two
 * line scanners agree; the response, ACK, CANCEL and copy made from a message parse; a Via put
 * first and dropped again leaves a plain copy; a faulty request that is owed an answer can be
 * answered.
 */
#include "fuzz.h"
#include "sip/body.h"
#include "sip/message/scan_internal.h"

enum { ROOM = 4 * PS_MAX_MESSAGE };
static char once[ROOM], twice[ROOM];

static const struct ps_flow flow = {
    .local = {.family = PS_IPV4, .port = 5060, .ip = {192, 0, 2, 1}},
    .remote = {.family = PS_IPV4, .port = 5062, .ip = {192, 0, 2, 2}}};

static void scanners_agree(struct ps_slice text)
{
    const char *p = text.p, *end = text.p + text.n;
    while (p < end) {
        const char *a = NULL, *b = NULL;
        const char *x = ps_scan_line(p, end, &a), *y = ps_scan_line_portable(p, end, &b);
        HOLDS(x == y && a == b);
        p = x + 1;
    }
}

static void fault_is_sane(const struct ps_fault *fault, enum ps_error error, struct ps_slice text)
{
    HOLDS(fault->error == error && error > PS_OK && error < PS_ERROR_COUNT);
    HOLDS(fault->offset <= text.n);
    HOLDS(fault->rule && fault->rule[0]);
    HOLDS(fault->status == 0 || (fault->status >= 400 && fault->status < 700));
}

/* ---- what a parsed message says ---- */

static bool span_inside(const struct ps_message *m, struct ps_span span)
{
    return span.n == 0 || (size_t)span.at + span.n <= m->n;
}

static void spans_lie_inside(const struct ps_message *m)
{
    const struct ps_span spans[] = {m->start[0],   m->start[1], m->start[2], m->body,   m->top_via,
                                    m->via_branch, m->via_host, m->call_id,  m->from,   m->from_uri,
                                    m->from_tag,   m->to,       m->to_uri,   m->to_tag, m->contact};
    size_t i, at = 0;
    for (i = 0; i < sizeof spans / sizeof *spans; i++)
        HOLDS(span_inside(m, spans[i]));
    for (i = 0; i < m->lines; i++) { /* in order, none on top of another */
        const struct ps_line *line = &m->line[i];
        HOLDS(line->name.n && line->name.at >= at);
        HOLDS(line->value.at >= line->name.at + line->name.n);
        at = (size_t)line->value.at + line->value.n;
        HOLDS(at <= m->n && line->id < PS_H_COUNT);
    }
    HOLDS(m->body.at >= at && m->body.at <= m->n);
    HOLDS(!m->body.n || ps_equal(ps_body(m), ps_body_bytes(m)));
}

static void walk_values(const struct ps_message *m)
{
    unsigned id, n;
    for (id = 0; id < PS_H_COUNT; id++) {
        struct ps_values values = ps_values(m, (enum ps_header_id)id);
        struct ps_slice element;
        for (n = 0; ps_values_next(&values, &element); n++)
            HOLDS(element.n && fuzz_inside(element, ps_message_bytes(m)));
        HOLDS(n <= m->n);
        (void)ps_header_number(m, (enum ps_header_id)id, 7);
        if (ps_header_value(m, (enum ps_header_id)id, 0).p && id)
            HOLDS(ps_header_named(m, ps_header_name((enum ps_header_id)id)).p);
    }
}

static void content_is_read(const struct ps_message *m)
{
    struct ps_content c;
    ps_content_read(&c, m, PS_S("application/sdp, text/plain"));
    HOLDS(c.status == 0 || c.status == 415);
    HOLDS(!c.body.n || fuzz_inside(c.body, ps_body(m)));
    (void)ps_content_acceptable(m, PS_S("application/sdp, text/plain"));
}

static void decoded_is_what_stands_there(const struct ps_message *m)
{
    struct ps_via via;
    struct ps_cseq cseq;
    struct ps_name_addr addr;
    ps_top_via(m, &via);
    HOLDS(ps_equal(via.branch, ps_via_branch(m)) && via.port == m->via_port);
    HOLDS(!ps_cseq_parse(ps_header_value(m, PS_H_CSEQ, 0), &cseq));
    HOLDS(cseq.number == m->cseq && cseq.method == m->cseq_method);
    HOLDS(!ps_name_addr_parse(ps_header_value(m, PS_H_FROM, 0), &addr));
    HOLDS(ps_equal(addr.tag, ps_from_tag(m)));
    HOLDS(!ps_name_addr_parse(ps_header_value(m, PS_H_TO, 0), &addr));
    HOLDS(ps_equal(addr.tag, ps_to_tag(m)));
    HOLDS(ps_is_request(m) ? m->method == m->cseq_method : m->status >= 100 && m->status < 700);
}

/* ---- written back ---- */

static void same_meaning(const struct ps_message *a, const struct ps_message *b)
{
    unsigned i;
    HOLDS(a->method == b->method && a->status == b->status);
    HOLDS(a->cseq == b->cseq && a->cseq_method == b->cseq_method);
    HOLDS(a->max_forwards == b->max_forwards && a->via_port == b->via_port);
    HOLDS(ps_equal(ps_request_method(a), ps_request_method(b)) || !ps_is_request(a));
    HOLDS(ps_equal(ps_request_uri(a), ps_request_uri(b)) || !ps_is_request(a));
    HOLDS(ps_equal(ps_call_id(a), ps_call_id(b)));
    HOLDS(ps_equal(ps_via_branch(a), ps_via_branch(b)));
    HOLDS(ps_equal(ps_from_tag(a), ps_from_tag(b)));
    HOLDS(ps_equal(ps_to_tag(a), ps_to_tag(b)));
    HOLDS(ps_equal(ps_body(a), ps_body(b)) && ps_equal(ps_body_bytes(a), ps_body_bytes(b)));
    HOLDS(a->lines <= b->lines); /* a Content-Length may have come to them */
    for (i = 0; i < a->lines; i++) {
        HOLDS(a->line[i].id == b->line[i].id && !b->line[i].folded);
        if (!a->line[i].folded && a->line[i].id != PS_H_CONTENT_LENGTH)
            HOLDS(ps_equal(ps_span_of(a, a->line[i].value), ps_span_of(b, b->line[i].value)));
    }
}

/* Full names and a Content-Length may make it longer than a message can be. */
static bool fits(const struct ps_message *m, const struct ps_writer *w)
{
    return w->n <= PS_MAX_MESSAGE && m->lines < PS_MAX_HEADERS;
}

static void canonical_is_a_fixed_point(const struct ps_message *m,
                                       const struct ps_parse_options *options)
{
    struct ps_writer w = ps_writer(once, sizeof once), v = ps_writer(twice, sizeof twice);
    static struct ps_message b;
    const struct ps_check_options every = {true, true, 0, PS_S("100rel, timer")};
    struct ps_parse_options strict = *options;
    strict.strict_line_ends = strict.stream = true;
    ps_write_message(&w, m);
    HOLDS(!w.error);
    if (!fits(m, &w))
        return;
    HOLDS(!ps_message_parse(&b, once, w.n, &strict, NULL));
    same_meaning(m, &b);
    HOLDS(ps_message_check(m, &every, NULL) == ps_message_check(&b, &every, NULL));
    ps_write_message(&v, &b);
    HOLDS(ps_equal(ps_written(&v), ps_written(&w)));
}

/* ---- made from it ---- */

static void parses(const struct ps_message *m, const struct ps_writer *w)
{
    static struct ps_message made;
    HOLDS(!w->error);
    if (fits(m, w))
        HOLDS(!ps_message_parse(&made, w->p, w->n, NULL, NULL) && made.n == w->n);
}

static void answers_parse(const struct ps_message *m)
{
    static const unsigned statuses[] = {100, 200, 486};
    size_t i;
    for (i = 0; i < 3; i++) {
        struct ps_writer w = ps_writer(once, sizeof once);
        ps_write_response(&w, m, i ? &flow : NULL, statuses[i], PS_NONE, i ? PS_S("tag") : PS_NONE);
        ps_write_body(&w, PS_NONE, PS_NONE);
        parses(m, &w);
    }
}

static void requests_parse(const struct ps_message *m)
{
    const struct ps_edit edit = {.via_flow = &flow,
                                 .via_branch = PS_S("z9hG4bKcopy"),
                                 .request_uri = PS_S("sip:copy@192.0.2.3"),
                                 .cseq = 77,
                                 .to_tag = PS_S("copied"),
                                 .contact = PS_S("<sip:us@192.0.2.1>")};
    struct ps_writer w = ps_writer(once, sizeof once);
    static struct ps_message copy;
    ps_write_cancel(&w, m);
    parses(m, &w);
    w = ps_writer(once, sizeof once);
    ps_write_ack(&w, m, m);
    parses(m, &w);
    w = ps_writer(once, sizeof once);
    ps_write_copy(&w, m, &edit);
    HOLDS(!w.error);
    if (w.n > PS_MAX_MESSAGE || m->lines > PS_MAX_HEADERS - 4)
        return;
    HOLDS(!ps_message_parse(&copy, once, w.n, NULL, NULL));
    HOLDS(copy.cseq == 77 && ps_equal(ps_to_tag(&copy), PS_S("copied")));
    HOLDS(ps_equal(ps_via_branch(&copy), PS_S("z9hG4bKcopy")));
    HOLDS(ps_equal(ps_body_bytes(&copy), ps_body_bytes(m)));
}

/* ---- a faulty one ---- */

/* The answer that is owed holds no more than the request, and one empty line, at its end. */
static void can_be_answered(const struct ps_message *m, const struct ps_fault *fault)
{
    struct ps_writer w = ps_writer(once, sizeof once);
    static struct ps_message answer;
    ps_write_response(&w, m, &flow, fault->status, PS_NONE, PS_S("tag"));
    ps_write_body(&w, PS_NONE, PS_NONE);
    HOLDS(!w.error && m->method != PS_METHOD_ACK && m->status == 0);
    if (w.n > PS_MAX_MESSAGE)
        return;
    HOLDS(!ps_message_index(&answer, once, w.n, NULL, NULL));
    HOLDS(answer.status == fault->status && answer.body.n == 0);
    HOLDS(ps_header_value(&answer, PS_H_VIA, 0).n);
}

/* A proxy's Via put first and dropped again leaves what a plain copy is. */
static void forwarded_and_back(const struct ps_message *m)
{
    const struct ps_edit plain = {.cseq = 0}, drop = {.drop_via = true},
                         put = {.first = PS_S("Via: SIP/2.0/UDP proxy;branch=z9hG4bKproxy\r\n")};
    struct ps_writer w = ps_writer(once, sizeof once), v = ps_writer(twice, sizeof twice);
    static struct ps_message forwarded;
    size_t begin;
    ps_write_copy(&w, m, &put);
    HOLDS(!w.error);
    begin = w.n;
    if (w.n > PS_MAX_MESSAGE || m->lines > PS_MAX_HEADERS - 2)
        return;
    HOLDS(!ps_message_parse(&forwarded, once, w.n, NULL, NULL));
    HOLDS(ps_equal(ps_via_branch(&forwarded), PS_S("z9hG4bKproxy")));
    ps_write_copy(&v, &forwarded, &drop);
    ps_write_copy(&w, m, &plain);
    HOLDS(!v.error && !w.error);
    HOLDS(ps_equal(ps_written(&v), ps_between(once + begin, once + w.n)));
}

static void one_way(struct ps_slice text, const struct ps_parse_options *options)
{
    static struct ps_message m;
    struct ps_fault fault;
    enum ps_error error = ps_message_parse(&m, text.p, text.n, options, &fault);
    HOLDS(error == ps_message_parse(&m, text.p, text.n, options, NULL));
    if (error) {
        fault_is_sane(&fault, error, text);
        if (fault.status)
            can_be_answered(&m, &fault);
        return;
    }
    HOLDS(m.bytes == text.p && m.n <= text.n);
    spans_lie_inside(&m);
    walk_values(&m);
    content_is_read(&m);
    if (ps_message_check(&m, NULL, &fault))
        fault_is_sane(&fault, fault.error, text);
    if (!options->draft) {
        decoded_is_what_stands_there(&m);
        canonical_is_a_fixed_point(&m, options);
        forwarded_and_back(&m);
    }
    if (!options->draft && ps_is_request(&m)) {
        answers_parse(&m);
        requests_parse(&m);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice text = fuzz_input(data, size);
    const struct ps_parse_options lenient = {false, false, false}, strict = {true, false, false},
                                  stream = {false, true, false}, draft = {false, false, true};
    static struct ps_message m;
    bool taken = !ps_message_parse(&m, text.p, text.n, &lenient, NULL);
    HOLDS(taken || ps_message_parse(&m, text.p, text.n, &strict, NULL));
    HOLDS(taken || ps_message_parse(&m, text.p, text.n, &stream, NULL));
    HOLDS(!taken || !ps_message_parse(&m, text.p, text.n, &draft, NULL));
    HOLDS(!taken || !ps_message_index(&m, text.p, text.n, &lenient, NULL));
    scanners_agree(text);
    one_way(text, &lenient);
    one_way(text, &stream);
    one_way(text, &draft);
    return 0;
}
