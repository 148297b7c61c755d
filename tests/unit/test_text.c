/*
 * Covers sip/text: character classes (RFC 3261 25.1), comparing, trimming, numbers, the bounded
 * writer, refused injection.
 */
#include "check_main.h"
#include "sip/text.h"

/* The classes as 25.1 lists them. */
static bool in(const char *set, unsigned c)
{
    return c && c < 128 && strchr(set, (int)c) != NULL;
}

START_TEST(character_classes_25_1)
{
    unsigned c;
    for (c = 0; c < 256; c++) {
        unsigned got = ps_class((char)c);
        bool digit = c >= '0' && c <= '9';
        bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        ck_assert_int_eq(!!(got & PS_C_DIGIT), digit);
        ck_assert_int_eq(!!(got & PS_C_ALPHA), alpha);
        ck_assert_int_eq(!!(got & PS_C_HEX), hex);
        ck_assert_int_eq(!!(got & PS_C_TOKEN), digit || alpha || in("-.!%*_+`'~", c));
        ck_assert_int_eq(ps_is_token((char)c), !!(got & PS_C_TOKEN));
        ck_assert_int_eq(!!(got & PS_C_MARK), in("-_.!~*'()", c));
        ck_assert_int_eq(!!(got & PS_C_WORD), digit || alpha || in("-.!%*_+`'~()<>:\\\"/[]?{}", c));
        ck_assert_int_eq(!!(got & PS_C_USER), in("&=+$,;?/", c));
        ck_assert_int_eq(!!(got & PS_C_PARAM), in("[]/:&+$", c));
        ck_assert_int_eq(ps_is_digit((char)c), digit);
        ck_assert_int_eq(ps_is_alpha((char)c), alpha);
        ck_assert_int_eq(ps_hex_value((char)c) >= 0, hex);
        ck_assert_int_eq(ps_is_blank((char)c), c == ' ' || c == '\t');
        ck_assert_int_eq(ps_is_lws((char)c), c == ' ' || c == '\t' || c == '\r' || c == '\n');
    }
    ck_assert_int_eq(ps_hex_value('F'), 15);
    ck_assert_int_eq(ps_lower('Q'), 'q');
    ck_assert_int_eq(ps_lower('['), '[');
    ck_assert_int_eq(ps_lower('@'), '@');
}
END_TEST

START_TEST(comparing_and_trimming)
{
    const struct ps_slice text = PS_S("abc");
    ck_assert_slice_eq(PS_S("a"), "a");
    ck_assert(!ps_equal(PS_S("a"), PS_S("A")));
    ck_assert(!ps_equal(PS_S("a"), PS_S("ab")));
    ck_assert_slice_eq(PS_NONE, "");
    ck_assert(ps_equal_nocase(PS_S("aBc"), PS_S("AbC")));
    ck_assert(!ps_equal_nocase(PS_S("aBc"), PS_S("AbD")));
    ck_assert(!ps_equal_nocase(PS_S("a"), PS_S("ab")));
    ck_assert(ps_is(PS_S("tag"), PS_S("tag")));
    ck_assert(ps_is(PS_S("TaG"), PS_S("tag")));
    ck_assert(!ps_is(PS_S("tab"), PS_S("tag")));
    ck_assert(!ps_is(PS_S("tags"), PS_S("tag")));
    ck_assert_slice_eq(ps_trim(PS_S(" \r\n\ta b\t ")), "a b");
    ck_assert_uint_eq(ps_trim(PS_S(" \t")).n, 0);
    ck_assert_uint_eq(ps_trim(PS_S("")).n, 0);
    ck_assert(ps_all(PS_S("12"), PS_C_DIGIT));
    ck_assert(!ps_all(PS_S("1a"), PS_C_DIGIT));
    ck_assert(!ps_all(PS_S(""), PS_C_DIGIT));
    ck_assert_ptr_null(ps_find(PS_NONE, 'a'));
    ck_assert_ptr_null(ps_slice_of(NULL).p);
    ck_assert_uint_eq(ps_slice_of("abc").n, 3);
    ck_assert(ps_breaks_line(PS_S("a\rb")));
    ck_assert(ps_breaks_line(PS_S("a\nb")));
    ck_assert(ps_breaks_line(PS_S("a\0b")));
    ck_assert(!ps_breaks_line(PS_S("a\tb")));
    ck_assert_ptr_eq(ps_end(text), text.p + 3);
    ck_assert_ptr_null(ps_end(PS_NONE));
}
END_TEST

START_TEST(numbers_are_decimal_and_bounded)
{
    uint64_t big = 7;
    uint32_t small = 7;
    ck_assert_int_eq(ps_parse_number(PS_S("18446744073709551615"), UINT64_MAX, &big), PS_OK);
    ck_assert(big == UINT64_MAX);
    ck_assert_int_eq(ps_parse_number(PS_S("18446744073709551616"), UINT64_MAX, &big), PS_E_NUMBER);
    ck_assert_int_eq(ps_parse_number(PS_S("0007"), 7, &big), PS_OK);
    ck_assert_int_eq(ps_parse_number(PS_S("8"), 7, &big), PS_E_NUMBER);
    ck_assert_int_eq(ps_parse_number(PS_S("9"), 3, &big), PS_E_NUMBER);
    ck_assert_int_eq(ps_parse_number(PS_S("10"), 9, &big), PS_E_NUMBER);
    ck_assert_int_eq(ps_parse_number(PS_S(""), 7, &big), PS_E_NUMBER);
    ck_assert_int_eq(ps_parse_number(PS_S("-1"), 7, &big), PS_E_NUMBER);
    ck_assert_int_eq(ps_parse_number(PS_S("+1"), 7, &big), PS_E_NUMBER);
    ck_assert_int_eq(ps_parse_number(PS_S("0x1"), 7, &big), PS_E_NUMBER);
    ck_assert(big == 7);
    ck_assert_int_eq(ps_parse_u32(PS_S("4294967295"), UINT32_MAX, &small), PS_OK);
    ck_assert_uint_eq(small, UINT32_MAX);
    ck_assert_int_eq(ps_parse_u32(PS_S("4294967296"), UINT32_MAX, &small), PS_E_NUMBER);
    ck_assert_uint_eq(small, UINT32_MAX);
}
END_TEST

START_TEST(writer_never_writes_past_and_counts_on)
{
    char buffer[8];
    struct ps_writer w = ps_writer(buffer, 4);
    memset(buffer, '#', sizeof buffer);
    ps_put(&w, PS_S("abc"));
    ck_assert_slice_eq(ps_written(&w), "abc");
    ps_put(&w, PS_S("de"));
    ck_assert_int_eq(w.error, PS_E_OVERFLOW);
    ps_put_char(&w, 'f');
    ps_put_string(&w, "gh");
    ck_assert_uint_eq(w.n, 8);
    ck_assert_uint_eq(ps_written(&w).n, 0);
    ck_assert(memcmp(buffer + 4, "####", 4) == 0);
}
END_TEST

START_TEST(writer_gives_room_for_others_to_write)
{
    char buffer[4] = "####";
    struct ps_writer w = ps_writer(buffer, 3);
    char *p = ps_put_room(&w, 2);
    ck_assert_ptr_eq(p, buffer);
    memcpy(p, "ab", 2);
    ck_assert_slice_eq(ps_written(&w), "ab");
    ck_assert_ptr_null(ps_put_room(&w, 2));
    ck_assert_int_eq(w.error, PS_E_OVERFLOW);
    ck_assert_uint_eq(w.n, 4);
    ck_assert_ptr_null(ps_put_room(&w, SIZE_MAX)); /* nor does the count's own end let it in */
    ck_assert_int_eq(buffer[3], '#');
}
END_TEST

START_TEST(writer_numbers_and_values)
{
    char buffer[64];
    struct ps_writer w = ps_writer(buffer, sizeof buffer);
    ps_put_number(&w, 0);
    ps_put_char(&w, ' ');
    ps_put_number(&w, UINT64_MAX);
    ps_put_char(&w, ' ');
    ps_put_hex(&w, "\x01\xab", 2);
    ps_put(&w, PS_NONE);
    ps_put_value(&w, PS_S(" good"));
    ck_assert_slice_eq(ps_written(&w), "0 18446744073709551615 01ab good");
    ps_put_value(&w, PS_S("a\r\nb"));
    ck_assert_int_eq(w.error, PS_E_INJECTION);
    w.error = PS_E_OVERFLOW; /* the first error sticks */
    ps_put_value(&w, PS_S("a\r\nb"));
    ck_assert_int_eq(w.error, PS_E_OVERFLOW);
    w = ps_writer(buffer, 1);
    ps_put_value(&w, PS_S("\n"));
    ps_put_value(&w, PS_S("longer than the buffer"));
    ck_assert_int_eq(w.error, PS_E_INJECTION);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");
    tcase_add_test(t, character_classes_25_1);
    tcase_add_test(t, comparing_and_trimming);
    tcase_add_test(t, numbers_are_decimal_and_bounded);
    tcase_add_test(t, writer_never_writes_past_and_counts_on);
    tcase_add_test(t, writer_gives_room_for_others_to_write);
    tcase_add_test(t, writer_numbers_and_values);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
