/*
 * Covers sip/names: methods (case-sensitive, 7.1), header names and compact forms in any case
 * (7.3.1, 7.3.3), single-value headers, reason phrases (21), error texts; the version.
 */
#include "check_main.h"
#include "sip/names.h"
#include "sip/version.h"

#include <stdio.h>

START_TEST(methods_are_case_sensitive_7_1)
{
    static const char *const names[] = {
#define METHOD(id, value, name) name,
        PS_METHODS(METHOD)
#undef METHOD
    };
    unsigned i;
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_uint_eq(ps_method_from(ps_slice_of(names[i])), i + 1);
        ck_assert_slice_eq(ps_method_name((enum ps_method)(i + 1)), names[i]);
    }
    ck_assert_int_eq(ps_method_from(PS_S("invite")), PS_METHOD_OTHER);
    ck_assert_int_eq(ps_method_from(PS_S("INVITES")), PS_METHOD_OTHER);
    ck_assert_int_eq(ps_method_from(PS_S("")), PS_METHOD_OTHER);
    ck_assert_int_eq(ps_method_from(PS_NONE), PS_METHOD_OTHER);
    ck_assert_uint_eq(ps_method_name(PS_METHOD_OTHER).n, 0);
    ck_assert_uint_eq(ps_method_name(PS_METHOD_NONE).n, 0);
}
END_TEST

struct header {
    enum ps_header_id id;
    const char *name;
    char compact;
    bool once;
};

static const struct header headers[] = {
#define HEADER(id, value, name, compact, once) {PS_H_##id, name, compact, once},
    PS_HEADERS(HEADER)
#undef HEADER
};

static struct ps_slice in_case(const char *name, char *out, bool upper)
{
    size_t i;
    for (i = 0; name[i]; i++) {
        char c = ps_lower(name[i]);
        out[i] = (upper || i % 2) && c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    return ps_slice(out, i);
}

/* Where this fails after a change of the list, the table in names.c wants these slots. */
static void print_slots(void)
{
    unsigned i;
    for (i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const char *name = headers[i].name;
        size_t n = strlen(name);
        uint32_t slot =
            (((uint8_t)name[n / 2] | 32u) | ((uint8_t)name[0] | 32u) << 8 | (uint32_t)n << 16) *
                0x2b4ab6d7u >>
            24;
        printf("[%u] = %s\n", slot, name);
    }
}

START_TEST(header_names_in_any_case_7_3_1)
{
    unsigned i;
    char buffer[64];
    for (i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const struct header *h = &headers[i];
        if (ps_header_from(ps_slice_of(h->name)) != h->id) {
            print_slots();
            ck_abort_msg("%s is not found", h->name);
        }
        ck_assert_int_eq(ps_header_from(in_case(h->name, buffer, true)), h->id);
        ck_assert_int_eq(ps_header_from(in_case(h->name, buffer, false)), h->id);
        ck_assert_slice_eq(ps_header_name(h->id), h->name);
        ck_assert_int_eq(ps_header_once(h->id), h->once);
        /* a name that differs in one place, or is longer, is another name */
        in_case(h->name, buffer, false);
        buffer[strlen(h->name) / 2 + 1 < strlen(h->name) ? strlen(h->name) / 2 + 1 : 1] = '_';
        ck_assert_int_eq(ps_header_from(ps_slice(buffer, strlen(h->name))), PS_H_OTHER);
    }
    ck_assert_int_eq(ps_header_from(PS_S("X-Unknown")), PS_H_OTHER);
    ck_assert_int_eq(ps_header_from(PS_S("")), PS_H_OTHER);
    ck_assert_uint_eq(ps_header_name(PS_H_OTHER).n, 0);
    ck_assert_uint_eq(ps_header_name(PS_H_COUNT).n, 0);
    ck_assert(!ps_header_once(PS_H_OTHER));
    ck_assert(!ps_header_once(PS_H_COUNT));
}
END_TEST

/* "Call\rID" differs from "Call-ID" in the bit that folds letters. */
START_TEST(no_byte_but_a_letter_folds)
{
    ck_assert_int_eq(ps_header_from(PS_S("Call\rID")), PS_H_OTHER);
    ck_assert_int_eq(ps_header_from(PS_S("Content\rLength")), PS_H_OTHER);
    ck_assert_int_eq(ps_header_from(PS_S("Content-Len\007th")), PS_H_OTHER);
}
END_TEST

START_TEST(compact_forms_7_3_3)
{
    unsigned i;
    char c, found[256] = {0};
    for (i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        char upper;
        if (!headers[i].compact)
            continue;
        c = headers[i].compact;
        upper = (char)(c - 32);
        ck_assert_int_eq(ps_header_from(ps_slice(&c, 1)), headers[i].id);
        ck_assert_int_eq(ps_header_from(ps_slice(&upper, 1)), headers[i].id);
        found[(uint8_t)c] = 1;
    }
    for (c = 'a'; c <= 'z'; c++)
        if (!found[(uint8_t)c])
            ck_assert_int_eq(ps_header_from(ps_slice(&c, 1)), PS_H_OTHER);
    c = '\0';
    ck_assert_int_eq(ps_header_from(ps_slice(&c, 1)), PS_H_OTHER);
    ck_assert_int_eq(ps_header_compact(PS_H_COUNT), 0);
}
END_TEST

START_TEST(reason_phrases_21)
{
    static const struct {
        unsigned status;
        const char *phrase;
    } statuses[] = {
#define STATUS(code, phrase) {code, phrase},
        PS_STATUSES(STATUS)
#undef STATUS
    };
    unsigned i;
    for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        ck_assert_slice_eq(ps_reason_phrase(statuses[i].status), statuses[i].phrase);
    ck_assert_slice_eq(ps_reason_phrase(299), "Unknown");
}
END_TEST

START_TEST(error_texts)
{
    unsigned i;
    for (i = 0; i < PS_ERROR_COUNT; i++)
        ck_assert_ptr_nonnull(ps_error_text((enum ps_error)i));
    ck_assert_str_eq(ps_error_text(PS_OK), "no error");
    ck_assert_str_eq(ps_error_text(PS_E_HOST), "malformed host");
    ck_assert_str_eq(ps_error_text(PS_ERROR_COUNT), "unknown error");
    ck_assert_str_eq(ps_error_text((enum ps_error)41), "unknown error"); /* no error any more */
    ck_assert_str_eq(ps_error_name((enum ps_error)41), "unknown");
    ck_assert_str_eq(ps_error_name(PS_E_HOST), "PS_E_HOST");
    ck_assert_str_eq(ps_error_name(PS_ERROR_COUNT), "unknown");
}
END_TEST

START_TEST(version)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", PS_VERSION_MAJOR, PS_VERSION_MINOR, PS_VERSION_PATCH);
    ck_assert_str_eq(PS_VERSION, text);
    ck_assert_str_eq(ps_version(), text);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("names");
    TCase *t = tcase_create("names");
    tcase_add_test(t, methods_are_case_sensitive_7_1);
    tcase_add_test(t, header_names_in_any_case_7_3_1);
    tcase_add_test(t, no_byte_but_a_letter_folds);
    tcase_add_test(t, compact_forms_7_3_3);
    tcase_add_test(t, reason_phrases_21);
    tcase_add_test(t, error_texts);
    tcase_add_test(t, version);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
