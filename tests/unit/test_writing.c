/*
 * Covers sip/message/writing: a tag put behind a To (RFC 3261 8.2.6.2), the Unsupported line of a
 * 420 (8.2.2.3).
 * Does not cover: the public writer (test_message, test_copy).
 */
#include "message_texts.h"
#include "sip/message/writing.h"

/* Found by fuzz-message: the answer to a To that ends in ";" had two of them. */
START_TEST(a_tag_behind_8_2_6_2)
{
    static const char *const value[] = {"<sip:a@b>", "<sip:a@b>;", "<sip:a@b>;x=y", "sip:a@b;", ""};
    static const char *const tagged[] = {"<sip:a@b>;tag=t", "<sip:a@b>;tag=t",
                                         "<sip:a@b>;x=y;tag=t", "sip:a@b;tag=t", ";tag=t"};
    char text[64];
    struct ps_writer w;
    unsigned i;
    for (i = 0; i < 5; i++) {
        w = ps_writer(text, sizeof text);
        ps_put_tagged(&w, ps_slice_of(value[i]), PS_S("t"));
        ck_assert(!w.error && ps_equal(ps_written(&w), ps_slice_of(tagged[i])));
    }
    ps_put_tagged(&w, PS_S("<sip:a@b>"), PS_S("a\r\nb"));
    ck_assert_int_eq(w.error, PS_E_INJECTION);
}
END_TEST

/* The Unsupported line that is written of a message which knows "timer" and "100rel"; "-" where
 * nothing is refused. */
static const char *unsupported(const char *text, size_t room)
{
    static char out[64];
    struct ps_writer w = ps_writer(out, room < sizeof out ? room : sizeof out);
    struct ps_message m;
    ck_assert(!ps_message_parse(&m, text, strlen(text), NULL, NULL));
    if (!ps_write_unsupported(&w, &m, PS_S("timer, 100rel"))) {
        ck_assert_uint_eq(w.n, 0);
        return "-";
    }
    ck_assert(!w.error);
    out[w.n] = '\0';
    return out;
}

START_TEST(unsupported_8_2_2_3)
{
    static const char require[] = START BASE "Require: 100rel, a\r\nRequire: b\r\n\r\n";
    char out[64];
    struct ps_writer w = ps_writer(out, sizeof out);
    struct ps_message m;
    ck_assert_str_eq(unsupported(START BASE "\r\n", 63), "-");
    ck_assert_str_eq(unsupported(START BASE "Require: Timer,100rel\r\n\r\n", 63), "-");
    ck_assert_str_eq(unsupported(ACK "Require: a\r\n\r\n", 63), "-");
    ck_assert_str_eq(unsupported(require, 63), "Unsupported: a, b\r\n");
    ck_assert_str_eq(unsupported(require, 16), "Unsupported: a\r\n");
    ck_assert_str_eq(unsupported(require, 15), ""); /* it is refused all the same */
    ck_assert_str_eq(unsupported(START BASE "Require: a@a, b\r\n\r\n", 63), "Unsupported: b\r\n");
    w.error = PS_E_OVERFLOW; /* nothing fits into a message that is lost already */
    ck_assert(!ps_message_parse(&m, require, strlen(require), NULL, NULL));
    ck_assert(ps_write_unsupported(&w, &m, PS_NONE));
    ck_assert_uint_eq(w.n, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("writing");
    TCase *t = tcase_create("writing");
    tcase_add_test(t, a_tag_behind_8_2_6_2);
    tcase_add_test(t, unsupported_8_2_2_3);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
