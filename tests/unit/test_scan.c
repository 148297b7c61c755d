/*
 * Covers sip/scan_internal and the skippers of sip/header_internal: the fast paths say what a loop
 * over single bytes says, for every position in blocks and words, and read nothing beyond the end.
 */
#include "check_main.h"
#include "sip/message/header_internal.h"
#include "sip/message/scan_internal.h"

/* Text flush against the end of its block, so that a tool sees reads beyond it. */
static char *flush(const char *text, size_t n)
{
    char *copy = malloc(n ? n : 1);
    memcpy(copy, text, n);
    return copy;
}

static uint32_t seed = 1;

static unsigned draw(unsigned n)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % n;
}

static void hold_together(const char *text, size_t n)
{
    char *p = flush(text, n), *end = p + n;
    const char *colon[3] = {NULL, NULL, NULL}, *stop[3];
    unsigned known;
    for (known = 0; known < 2; known++) {
        if (known)
            colon[0] = colon[1] = colon[2] = p;
        stop[0] = ps_scan_bytes(p, end, &colon[0]);
        stop[1] = ps_scan_line_portable(p, end, &colon[1]);
        stop[2] = ps_scan_line(p, end, &colon[2]);
        ck_assert_ptr_eq(stop[0], stop[1]);
        ck_assert_ptr_eq(stop[0], stop[2]);
        ck_assert_ptr_eq(colon[0], colon[1]);
        ck_assert_ptr_eq(colon[0], colon[2]);
    }
    ck_assert_ptr_eq(ps_scan_for(p, end, ':', '\r', ','),
                     ps_scan_bytes_for(p, end, ':', '\r', ','));
    free(p);
}

START_TEST(each_byte_at_each_place)
{
    char text[80];
    size_t n, at, other;
    unsigned c;
    for (n = 0; n < 40; n++)
        for (at = 0; at < n; at++) {
            memset(text, 'a', n);
            for (c = 0; c < 256; c++) {
                text[at] = (char)c;
                hold_together(text, n);
            }
            text[at] = ':';
            for (other = 0; other < n; other++) {
                char was = text[other];
                text[other] = '\r';
                hold_together(text, n);
                text[other] = '\t';
                hold_together(text, n);
                text[other] = was;
            }
        }
}
END_TEST

START_TEST(random_texts)
{
    static const char some[] = "ab:\r\n\t\001 ,\"<\x8a\xba\xff";
    char text[200];
    unsigned run;
    for (run = 0; run < 20000; run++) {
        size_t n = draw(sizeof text), i;
        for (i = 0; i < n; i++)
            text[i] = draw(8) ? 'x' : some[draw(sizeof some - 1)];
        hold_together(text, n);
    }
}
END_TEST

START_TEST(tokens_and_words)
{
    char text[40];
    size_t n, at;
    unsigned c;
    for (n = 0; n < 36; n++)
        for (at = 0; at < n; at++)
            for (c = 0; c < 256; c++) {
                char *p;
                size_t token, word, bare;
                memset(text, 'a', n);
                text[at] = (char)c;
                p = flush(text, n);
                token = ps_is_token((char)c) ? n : at;
                word = ps_class((char)c) & PS_C_WORD ? n : at;
                bare = ps_is_bare((char)c) ? n : at;
                ck_assert_ptr_eq(ps_skip_token(p, p + n), p + token);
                ck_assert_ptr_eq(ps_skip_word(p, p + n), p + word);
                ck_assert_ptr_eq(ps_skip_bare(p, p + n), p + bare);
                free(p);
            }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("scan");
    TCase *t = tcase_create("scan");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, each_byte_at_each_place);
    tcase_add_test(t, random_texts);
    tcase_add_test(t, tokens_and_words);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
