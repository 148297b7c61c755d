/*
 * plainsip parse: explains SIP messages, as text or JSON, or writes one back in canonical form.
 * Takes one message a file, and judges its syntax alone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps.h"
#include "cli.h"
#include "escape.h"
#include "sip/message.h"

static void usage(FILE *out)
{
    fprintf(out,
            "usage: plainsip parse [--json] [FILE...]\n"
            "       plainsip parse --rewrite FILE\n\n"
            "Reads one SIP message a file (standard input without one) and explains it, or says\n"
            "what is wrong with it, where, by which RFC, and what a server owes its sender\n"
            "(exit 1 if any message is invalid).\n\n"
            "  --json     one JSON object a message, on one line\n"
            "  --rewrite  writes the message back in canonical form\n\n"
            "Example:\n  plainsip parse tests/traces/000-INVITE.sip\n");
}

/* ---- decoded parts ---- */

static void print_part(const char *name, struct ps_slice value)
{
    if (!value.p)
        return;
    printf("    %s: ", name);
    app_print(stdout, value);
    putchar('\n');
}

static void print_params(struct ps_slice params)
{
    struct ps_param one;
    while (ps_param_next(&params, &one)) {
        printf("    ;");
        app_print(stdout, one.name);
        if (one.value.p) {
            putchar('=');
            app_print(stdout, one.value);
        }
        putchar('\n');
    }
}

static void print_via(struct ps_slice element)
{
    struct ps_via via;
    if (ps_via_parse(element, &via))
        return;
    print_part("transport", via.transport_name);
    print_part("sent by", via.host);
    if (via.port)
        printf("    port: %u\n", via.port);
    print_params(via.params);
}

static void print_address(struct ps_slice element)
{
    struct ps_name_addr addr;
    if (ps_name_addr_parse(element, &addr))
        return;
    if (addr.display.n)
        print_part("name", addr.display);
    print_part("uri", addr.uri);
    print_params(addr.params);
}

static void print_cseq(struct ps_slice element)
{
    struct ps_cseq cseq;
    if (ps_cseq_parse(element, &cseq))
        return;
    printf("    number: %u\n", cseq.number);
    print_part("method", cseq.method_name);
}

static void print_auth(struct ps_slice element)
{
    struct ps_auth auth;
    struct ps_param one;
    if (ps_auth_parse(element, &auth))
        return;
    print_part("scheme", auth.scheme);
    while (ps_auth_param_next(&auth.params, &one)) {
        printf("    ");
        app_print(stdout, one.name);
        putchar('=');
        app_print(stdout, one.value);
        putchar('\n');
    }
}

/* Prints a token or a media type that is followed by parameters. */
static void print_tokens(struct ps_slice element)
{
    struct ps_token token;
    struct ps_media_type type;
    if (!ps_token_parse(element, &token) && token.params.n) {
        print_part("value", token.token);
        print_params(token.params);
    } else if (!ps_media_type_parse(element, &type) && type.params.n) {
        print_part("type", type.type);
        print_part("subtype", type.subtype);
        print_params(type.params);
    }
}

static void print_element(enum ps_header_id id, struct ps_slice element)
{
    switch (ps_header_grammar(id)) {
    case PS_GRAMMAR_VIA:
        print_via(element);
        break;
    case PS_GRAMMAR_CSEQ:
        print_cseq(element);
        break;
    case PS_GRAMMAR_AUTH:
        print_auth(element);
        break;
    case PS_GRAMMAR_ADDRESS:
    case PS_GRAMMAR_CONTACT:
    case PS_GRAMMAR_ROUTE:
    case PS_GRAMMAR_INFO:
        print_address(element);
        break;
    default:
        print_tokens(element);
        break;
    }
}

/* ---- text ---- */

/* Returns the value on one line, borrowed until the next call. */
static struct ps_slice unfolded(const struct ps_message *m, const struct ps_line *line)
{
    static char buffer[PS_MAX_MESSAGE];
    struct ps_writer w = ps_writer(buffer, sizeof buffer);
    ps_put_unfolded(&w, ps_line_value(m, line));
    return ps_written(&w);
}

static void print_line(const struct ps_message *m, const struct ps_line *line)
{
    enum ps_header_id id = (enum ps_header_id)line->id;
    struct ps_slice value = unfolded(m, line), element;
    app_print(stdout, ps_line_name(m, line));
    printf(": ");
    app_print(stdout, value);
    putchar('\n');
    if (!id)
        return;
    if (!ps_header_is_list(id))
        print_element(id, value);
    else
        while (ps_list_next(&value, &element))
            print_element(id, element);
}

static void print_message(const struct ps_message *m)
{
    unsigned i;
    if (ps_is_request(m)) {
        printf("request ");
        app_print(stdout, ps_request_method(m));
        putchar(' ');
        app_print(stdout, ps_request_uri(m));
    } else {
        printf("response %u ", m->status);
        app_print(stdout, ps_reason(m));
    }
    putchar('\n');
    for (i = 0; i < m->lines; i++)
        print_line(m, &m->line[i]);
    printf("body: %u bytes\n", (unsigned)ps_body_bytes(m).n);
}

/* ---- JSON ---- */

static void json_message(const struct ps_message *m)
{
    unsigned i;
    if (ps_is_request(m)) {
        printf("\"valid\":true,\"kind\":\"request\",\"method\":");
        app_print_json(stdout, ps_request_method(m));
        printf(",\"request_uri\":");
        app_print_json(stdout, ps_request_uri(m));
    } else {
        printf("\"valid\":true,\"kind\":\"response\",\"status\":%u,\"reason\":", m->status);
        app_print_json(stdout, ps_reason(m));
    }
    printf(",\"headers\":[");
    for (i = 0; i < m->lines; i++) {
        printf("%s{\"name\":", i ? "," : "");
        app_print_json(stdout, ps_line_name(m, &m->line[i]));
        printf(",\"as_written\":");
        app_print_json(stdout, ps_span_of(m, m->line[i].name));
        printf(",\"value\":");
        app_print_json(stdout, unfolded(m, &m->line[i]));
        putchar('}');
    }
    printf("],\"body_length\":%u}\n", (unsigned)ps_body_bytes(m).n);
}

static void json_fault(const struct ps_fault *fault)
{
    printf("\"header\":");
    if (fault->header)
        app_print_json(stdout, ps_header_name((enum ps_header_id)fault->header));
    else
        printf("null");
    printf(",\"valid\":false,\"error\":\"%s\",\"offset\":%u,\"rfc\":\"%s\",\"answer\":",
           ps_error_text(fault->error), fault->offset, fault->rule);
    if (fault->status)
        printf("%u}\n", fault->status);
    else
        printf("null}\n");
}

/* ---- files ---- */

static char bytes[PS_MAX_MESSAGE + 1];

/* Reads a whole file, or as much as shows that it is too large. False where it cannot be read. */
static bool read_file(const char *name, size_t *n)
{
    FILE *in = strcmp(name, "-") ? fopen(name, "rb") : stdin;
    bool good;
    if (!in)
        return false;
    *n = fread(bytes, 1, sizeof bytes, in);
    good = !ferror(in);
    if (in != stdin)
        fclose(in);
    return good;
}

static enum ps_error judge(struct ps_message *m, size_t n, struct ps_fault *fault)
{
    struct ps_check_options whole;
    enum ps_error error = ps_message_parse(m, bytes, n, NULL, fault);
    memset(&whole, 0, sizeof whole);
    whole.every_header = true;
    return error ? error : ps_message_check(m, &whole, fault);
}

static void print_fault(FILE *out, const char *name, const struct ps_fault *fault)
{
    app_print(out, ps_slice_of(name));
    fprintf(out, ": invalid: ");
    if (fault->header) {
        app_print(out, ps_header_name((enum ps_header_id)fault->header));
        fprintf(out, ": ");
    }
    fprintf(out, "%s at byte %u (%s), ", ps_error_text(fault->error), fault->offset, fault->rule);
    if (fault->status)
        fprintf(out, "answer %u\n", fault->status);
    else
        fprintf(out, "no answer\n");
}

static int rewrite(const char *name, const struct ps_message *m, const struct ps_fault *fault)
{
    static char out[4 * PS_MAX_MESSAGE]; /* a compact name grows at most by 18 bytes */
    struct ps_writer w = ps_writer(out, sizeof out);
    if (fault->error) {
        print_fault(stderr, name, fault);
        return APP_NO;
    }
    ps_write_message(&w, m);
    app_print_document(stdout, ps_written(&w));
    return APP_OK;
}

static int explain(const char *name, bool json, const struct ps_message *m,
                   const struct ps_fault *fault)
{
    if (json) {
        printf("{\"file\":");
        app_print_json(stdout, ps_slice_of(name));
        putchar(',');
        if (fault->error)
            json_fault(fault);
        else
            json_message(m);
    } else if (fault->error) {
        print_fault(stdout, name, fault);
    } else {
        app_print(stdout, ps_slice_of(name));
        printf(": ");
        print_message(m);
    }
    return fault->error ? APP_NO : APP_OK;
}

static int parse_one(const char *name, bool json, bool canonical)
{
    struct ps_message m;
    struct ps_fault fault;
    size_t n;
    if (!read_file(name, &n))
        return app_wrong("parse", name, strerror(errno));
    judge(&m, n, &fault);
    return canonical ? rewrite(name, &m, &fault) : explain(name, json, &m, &fault);
}

int app_parse(int argc, char **argv)
{
    bool json = false, canonical = false;
    int i = 1, status = APP_OK;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (!strcmp(argv[i], "--help")) {
            usage(stdout);
            return APP_OK;
        }
        if (!strcmp(argv[i], "--json")) {
            json = true;
        } else if (!strcmp(argv[i], "--rewrite")) {
            canonical = true;
        } else {
            return app_wrong("parse", argv[i], "no such option (--help lists them)");
        }
    }
    if (canonical && (json || argc - i > 1))
        return app_wrong("parse", "--rewrite", "takes one FILE and no other option");
    if (i == argc)
        return parse_one("-", json, canonical);
    for (; i < argc; i++) {
        int one = parse_one(argv[i], json, canonical);
        if (one > status)
            status = one;
    }
    return status;
}
