/* The other side of what is under test: see tester.h. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tester.h"

/* ---- its requests and responses ---- */

static const char * or (const char *given, const char *otherwise)
{
    return given ? given : otherwise;
}

/* The type of a body, where the lines do not say it. */
static bool needs_type(const char *lines, const char *body)
{
    return body && *body && !(lines && strstr(lines, "Content-Type"));
}

struct ps_slice tester_text(const struct tester_request *r)
{
    static char text[TESTER_TEXT];
    const char *method = or (r->method, "INVITE"), *tag = or (r->from_tag, "f1");
    const char *contact = or (r->contact, "<sip:a@192.0.2.2>"), *body = or (r->body, "");
    unsigned number = r->cseq ? r->cseq : 1;
    char branch[128], via[256], cseq[16];
    int n;
    snprintf(branch, sizeof branch, "z9hG4bK-%s-%u", method, number);
    snprintf(via, sizeof via, "192.0.2.2:5060;branch=%s", or (r->branch, branch));
    snprintf(cseq, sizeof cseq, "%u", number);
    n = snprintf(text, sizeof text,
                 "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s\r\nMax-Forwards: %s\r\n"
                 "From: <%s>%s%s\r\nTo: <%s>%s%s\r\n"
                 "Call-ID: %s\r\nCSeq: %s %s\r\n%s%s%s%s%sContent-Length: %u\r\n\r\n%s",
                 method, or (r->uri, "sip:b@192.0.2.1"), or (r->via, via),
                 or (r->max_forwards, "70"), or (r->from, "sip:a@example.com"), *tag ? ";tag=" : "",
                 tag, or (r->to, "sip:b@example.com"), r->to_tag ? ";tag=" : "", or (r->to_tag, ""),
                 or (r->call_id, "c1@tester"), or (r->cseq_text, cseq), method,
                 *contact ? "Contact: " : "", contact, *contact ? "\r\n" : "", or (r->lines, ""),
                 needs_type(r->lines, body) ? "Content-Type: application/sdp\r\n" : "",
                 (unsigned)strlen(body), body);
    ck_assert_int_lt(n, TESTER_TEXT);
    return ps_slice(text, (size_t)n);
}

struct ps_slice tester_answer_text(struct ps_slice request, unsigned status, const char *tag,
                                   const char *lines, const char *body)
{
    static char text[TESTER_TEXT];
    struct ps_writer w = ps_writer(text, sizeof text);
    ps_write_response(&w, tester_parse(request), NULL, status, PS_NONE, ps_slice_of(tag));
    ps_put_string(&w, lines ? lines : "");
    ps_write_body(&w, needs_type(lines, body) ? PS_S("application/sdp") : PS_NONE,
                  ps_slice_of(body));
    ck_assert_int_eq(w.error, PS_OK);
    return ps_written(&w);
}

const struct ps_message *tester_parse(struct ps_slice text)
{
    static struct ps_message m;
    ck_assert_int_eq(ps_message_parse(&m, text.p, text.n, NULL, NULL), PS_OK);
    return &m;
}

/* ---- what was sent ---- */

void sent_record(struct sent_log *log, uint64_t at, const struct ps_flow *flow,
                 struct ps_slice bytes, bool again)
{
    struct sent *sent;
    log->sent = grow(log->sent, log->n, &log->room, sizeof *log->sent);
    sent = &log->sent[log->n++];
    sent->at = at;
    sent->flow = *flow;
    sent->again = again;
    sent->text = copy_text(bytes);
    sent->n = bytes.n;
}

void sent_forget(struct sent_log *log)
{
    while (log->n)
        free(log->sent[--log->n].text);
    free(log->sent);
    memset(log, 0, sizeof *log);
}

static bool begins(const struct sent *sent, const char *start)
{
    return strncmp(sent->text, start, strlen(start)) == 0;
}

unsigned sent_count(const struct sent_log *log, const char *start)
{
    unsigned i, n = 0;
    for (i = 0; i < log->n; i++)
        n += begins(&log->sent[i], start);
    return n;
}

const struct sent *sent_nth(const struct sent_log *log, const char *start, unsigned nth)
{
    unsigned i, n = 0;
    for (i = 0; i < log->n; i++)
        if (begins(&log->sent[i], start) && n++ == nth)
            return &log->sent[i];
    ck_abort_msg("\"%s\" was sent %u times, no %u more", start, n, nth + 1 - n);
    return NULL;
}

const struct sent *sent_last(const struct sent_log *log, const char *start)
{
    unsigned n = sent_count(log, start);
    ck_assert_msg(n > 0, "no \"%s\" was sent", start);
    return sent_nth(log, start, n - 1);
}

static void expect_same(const struct sent *sent, const struct sent *first)
{
    ck_assert_str_eq(sent->text, first->text);
    ck_assert(ps_address_equal(&sent->flow.remote, &first->flow.remote));
    ck_assert(ps_address_equal(&sent->flow.local, &first->flow.local));
    ck_assert_uint_eq(sent->again, sent != first);
}

void sent_expect(const struct sent_log *log, const char *start, const uint64_t *at, unsigned n)
{
    const struct sent *first = NULL;
    unsigned i, k = 0;
    for (i = 0; i < log->n; i++) {
        const struct sent *sent = &log->sent[i];
        if (!begins(sent, start))
            continue;
        ck_assert_msg(k < n, "%s: one more at %u ms", start, (unsigned)sent->at);
        ck_assert_msg(sent->at == at[k], "%s: number %u at %u ms, not %u", start, k,
                      (unsigned)sent->at, (unsigned)at[k]);
        first = first ? first : sent;
        expect_same(sent, first);
        k++;
    }
    ck_assert_msg(k == n, "%s: %u sent, not %u", start, k, n);
}

/* ---- looking ---- */

struct ps_slice sent_slice(const struct sent *sent)
{
    return ps_slice(sent->text, sent->n);
}

static const struct ps_message *parse(const struct sent *sent)
{
    return tester_parse(sent_slice(sent));
}

static const char *kept(struct ps_slice s)
{
    static char text[4][TESTER_TEXT];
    static unsigned at;
    char *p = text[at++ % 4];
    ck_assert_uint_lt(s.n, TESTER_TEXT);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

const char *nth_header_of(const struct sent *sent, enum ps_header_id id, unsigned nth)
{
    return kept(ps_header_value(parse(sent), id, nth));
}

const char *header_of(const struct sent *sent, enum ps_header_id id)
{
    return nth_header_of(sent, id, 0);
}

const char *request_uri_of(const struct sent *sent)
{
    return kept(ps_request_uri(parse(sent)));
}

const char *to_tag_of(const struct sent *sent)
{
    return kept(ps_to_tag(parse(sent)));
}

const char *from_tag_of(const struct sent *sent)
{
    return kept(ps_from_tag(parse(sent)));
}

const char *branch_of(const struct sent *sent)
{
    return kept(ps_via_branch(parse(sent)));
}

const char *body_of(const struct sent *sent)
{
    return kept(ps_body(parse(sent)));
}

unsigned cseq_of(const struct sent *sent)
{
    return parse(sent)->cseq;
}

/* ---- memory ---- */

void *grow(void *array, unsigned n, unsigned *room, size_t size)
{
    if (n < *room)
        return array;
    *room = *room ? 2 * *room : 64;
    array = realloc(array, *room * size);
    ck_assert_ptr_nonnull(array);
    return array;
}

char *copy_text(struct ps_slice bytes)
{
    char *p = malloc(bytes.n + 1);
    ck_assert_ptr_nonnull(p);
    if (bytes.n)
        memcpy(p, bytes.p, bytes.n);
    p[bytes.n] = '\0';
    return p;
}
