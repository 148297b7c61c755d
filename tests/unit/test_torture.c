/*
 * Covers the messages of RFC 4475 and RFC 5118, each with the verdict and the answer that its
 * table (tests/traces/.../verdicts.tsv) takes from the RFC: what parsing and the whole check say,
 * and what an element owes that looks at the meaning too (420, 483, 501).
 * Does not cover: 401, 406 and 415 (they need to know what the element can do), the dropped
 * broadcast response (transaction).
 */
#include "check_main.h"
#include "sip/message.h"
#include "trace_files.h"

#include <stdio.h>

struct verdict {
    char name[64], section[16], word[16], syntax[16], element[16];
};

static unsigned read_verdicts(const char *folder, struct verdict *out, unsigned room)
{
    char path[256], line[512];
    unsigned n = 0;
    FILE *in;
    snprintf(path, sizeof path, "%s/verdicts.tsv", folder);
    in = fopen(path, "r");
    ck_assert_ptr_nonnull(in);
    while (fgets(line, sizeof line, in)) {
        struct verdict v;
        if (line[0] == '#')
            continue;
        ck_assert_int_eq(sscanf(line, "%63[^\t]\t%15[^\t]\t%15[^\t]\t%15[^\t]\t%15[^\t]", v.name,
                                v.section, v.word, v.syntax, v.element),
                         5);
        ck_assert_uint_lt(n, room);
        out[n++] = v;
    }
    fclose(in);
    return n;
}

/* The verdict as the table writes it: "-", "drop" or a status. */
static void judge(const struct trace_file *file, const struct ps_check_options *options, char *out,
                  struct ps_fault *fault)
{
    struct ps_message m;
    enum ps_error error = ps_message_parse(&m, file->bytes, file->n, NULL, fault);
    if (!error)
        error = ps_message_check(&m, options, fault);
    if (!error)
        strcpy(out, "-");
    else if (fault->status)
        snprintf(out, 16, "%u", fault->status);
    else
        strcpy(out, "drop");
}

static void hold_to_table(const char *folder, unsigned expected)
{
    static struct verdict verdicts[64];
    unsigned n = read_verdicts(folder, verdicts, 64), i;
    ck_assert_uint_eq(n, expected);
    for (i = 0; i < n; i++) {
        const struct ps_check_options all = {true, false, 0, PS_NONE};
        struct ps_fault fault;
        struct trace_file file;
        char name[80], got[16];
        snprintf(name, sizeof name, "%.70s.sip", verdicts[i].name);
        file = trace_file(folder, name);
        judge(&file, &all, got, &fault);
        ck_assert_msg(!strcmp(got, verdicts[i].syntax), "%s (%s): %s, not %s (%s at %u, %s)",
                      verdicts[i].name, verdicts[i].section, got, verdicts[i].syntax,
                      ps_error_text(fault.error), fault.offset, fault.rule ? fault.rule : "-");
        ck_assert_str_eq(verdicts[i].word, !strcmp(got, "-") ? "valid" : "invalid");
        if (fault.error) {
            ck_assert_ptr_nonnull(fault.rule);
            ck_assert_uint_le(fault.offset, file.n);
        }
        free(file.bytes);
    }
}

START_TEST(rfc4475_each_with_its_verdict)
{
    hold_to_table("tests/traces/rfc4475", 49);
}
END_TEST

START_TEST(rfc5118_each_with_its_verdict)
{
    hold_to_table("tests/traces/rfc5118", 12);
}
END_TEST

/* Judges one message with the options of a proxy that supports nothing. */
static unsigned answer_of_proxy(const char *name, enum ps_error *error)
{
    const struct ps_check_options proxy = {false, true, 0, PS_S("")};
    struct trace_file file = trace_file("tests/traces/rfc4475", name);
    struct ps_fault fault;
    char got[16];
    judge(&file, &proxy, got, &fault);
    free(file.bytes);
    *error = fault.error;
    return fault.status;
}

START_TEST(rfc4475_answers_beyond_syntax)
{
    enum ps_error error;
    ck_assert_uint_eq(answer_of_proxy("bext01.sip", &error), 420);
    ck_assert_int_eq(error, PS_E_UNSUPPORTED);
    ck_assert_uint_eq(answer_of_proxy("zeromf.sip", &error), 483);
    /* malformed, but not necessary for processing: 8.2.2 */
    ck_assert_uint_eq(answer_of_proxy("baddate.sip", &error), 0);
    ck_assert_int_eq(error, PS_OK);
}
END_TEST

/* Each request that is owed an answer can be given one, which is itself a message. */
START_TEST(rfc4475_faulty_requests_can_be_answered)
{
    struct trace_file *files;
    size_t n = trace_files("tests/traces/rfc4475", &files), i;
    unsigned answered = 0;
    for (i = 0; i < n; i++) {
        static char out[16384];
        struct ps_writer w = ps_writer(out, sizeof out);
        struct ps_message m, r;
        struct ps_fault fault;
        struct ps_flow flow;
        memset(&flow, 0, sizeof flow);
        ck_assert(!ps_address_parse(PS_S("192.0.2.77:5060"), 0, &flow.remote));
        if (!ps_message_parse(&m, files[i].bytes, files[i].n, NULL, &fault) || !fault.status)
            continue;
        answered++;
        ps_write_response(&w, &m, &flow, fault.status, PS_NONE, PS_S("t"));
        ps_write_body(&w, PS_NONE, PS_NONE);
        ck_assert_int_eq(w.error, PS_OK);
        ck_assert_msg(!ps_message_index(&r, out, w.n, NULL, &fault), "%s", files[i].name);
        ck_assert_uint_ge(r.status, 400);
        ck_assert_ptr_nonnull(ps_header_value(&r, PS_H_VIA, 0).p);
    }
    ck_assert_uint_ge(answered, 12);
    trace_files_free(files, n);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("torture");
    TCase *t = tcase_create("torture");
    tcase_add_test(t, rfc4475_each_with_its_verdict);
    tcase_add_test(t, rfc5118_each_with_its_verdict);
    tcase_add_test(t, rfc4475_answers_beyond_syntax);
    tcase_add_test(t, rfc4475_faulty_requests_can_be_answered);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
