/*
 * Prints for --trace. See trace.h.
 */
#include "trace.h"

#include "sip/message.h"

#include <inttypes.h>

#include "escape.h"

void app_put_summary(struct ps_writer *w, struct ps_slice bytes)
{
    struct ps_message m;
    struct ps_fault fault;
    if (ps_trim(bytes).n == 0) {
        ps_put(w, PS_S("keep-alive"));
        return;
    }
    if (ps_message_parse(&m, bytes.p, bytes.n, NULL, &fault)) {
        ps_put(w, PS_S("no valid message: "));
        ps_put_string(w, ps_error_text(fault.error));
        ps_put(w, PS_S(" at byte "));
        ps_put_number(w, fault.offset);
        return;
    }
    if (m.status) {
        ps_put_number(w, m.status);
        ps_put_char(w, ' ');
        app_put_escaped(w, ps_reason(&m));
    } else {
        app_put_escaped(w, ps_request_method(&m));
        ps_put_char(w, ' ');
        app_put_escaped(w, ps_request_uri(&m));
    }
    ps_put(w, PS_S(" ("));
    app_put_escaped(w, ps_header_value(&m, PS_H_CSEQ, 0));
    ps_put(w, PS_S(")"));
}

static void print_time(FILE *out, uint64_t ms)
{
    fprintf(out, "%6" PRIu64 ".%03u ", ms / 1000, (unsigned)(ms % 1000));
}

/* Tells whether a header holds a digest of a password, from which the password could be guessed. */
static bool is_secret(struct ps_slice line)
{
    static const char *const names[] = {"Authorization", "Proxy-Authorization",
                                        "Authentication-Info", "Proxy-Authentication-Info"};
    const char *colon = ps_find(line, ':');
    size_t i;
    for (i = 0; colon && i < sizeof names / sizeof *names; i++)
        if (ps_equal_nocase(ps_trim(ps_between(line.p, colon)), ps_slice_of(names[i])))
            return true;
    return false;
}

/* Prints the lines of a message, indented. In place of a secret header and its continuation lines
 * it says that one was there. */
static void print_message(FILE *out, struct ps_slice bytes)
{
    struct ps_slice rest = bytes;
    bool secret = false;
    while (rest.n) {
        const char *end = ps_find(rest, '\n');
        struct ps_slice line = end ? ps_between(rest.p, end + 1) : rest;
        if (!ps_is_blank(line.p[0]))
            secret = is_secret(line);
        rest = ps_between(line.p + line.n, rest.p + rest.n);
        fprintf(out, "        | ");
        app_print(out, secret ? PS_S("(credentials not shown)") : ps_trim(line));
        putc('\n', out);
    }
}

void app_trace_message(FILE *out, bool full, bool sent, uint64_t ms, const struct ps_flow *flow,
                       struct ps_slice bytes)
{
    char text[1024] = ""; /* what does not fit is cut */
    struct ps_writer w = ps_writer(text, sizeof text - 1);
    ps_put_string(&w, sent ? "-> " : "<- ");
    ps_put_address(&w, &flow->remote);
    ps_put_char(&w, ' ');
    app_put_summary(&w, bytes);
    print_time(out, ms);
    fprintf(out, "%s\n", text);
    if (full)
        print_message(out, bytes);
}

void app_trace_step(FILE *out, uint64_t ms, const struct ps_trace_step *step)
{
    print_time(out, ms);
    fprintf(out, "   %s %s -> %s on %s (%s)\n", step->machine, step->from, step->to, step->event,
            step->rule);
}
