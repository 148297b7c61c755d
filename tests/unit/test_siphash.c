/*
 * Covers sip/siphash.h: published vectors, any way of cutting, words.
 * Does not cover: what is keyed with it (transactions, nonces).
 */
#include "check_main.h"
#include "sip/base/siphash.h"

/* Appendix A of the paper "SipHash: a fast short-input PRF", and the vectors that its authors
 * publish with it: key 00 01 ... 0f, message 00 01 ... */
START_TEST(siphash_2_4_vectors)
{
    uint8_t key[PS_SIPHASH_KEY], message[64];
    uint8_t i;
    for (i = 0; i < sizeof key; i++)
        key[i] = i;
    for (i = 0; i < sizeof message; i++)
        message[i] = i;
    ck_assert_uint_eq(ps_siphash_of(key, NULL, 0), UINT64_C(0x726fdb47dd0e0e31));
    ck_assert_uint_eq(ps_siphash_of(key, message, 1), UINT64_C(0x74f839c593dc67fd));
    ck_assert_uint_eq(ps_siphash_of(key, message, 2), UINT64_C(0x0d6c8009d9a94f5a));
    ck_assert_uint_eq(ps_siphash_of(key, message, 8), UINT64_C(0x93f5f5799a932462));
    ck_assert_uint_eq(ps_siphash_of(key, message, 15), UINT64_C(0xa129ca6149be45e5));
    ck_assert_uint_eq(ps_siphash_of(key, message, 63), UINT64_C(0x958a324ceb064572));
}
END_TEST

START_TEST(siphash_in_pieces_is_the_same)
{
    uint8_t key[PS_SIPHASH_KEY] = {1, 2, 3}, message[40];
    size_t a, b;
    for (a = 0; a < sizeof message; a++)
        message[a] = (uint8_t)(a * 5);
    for (a = 0; a <= sizeof message; a++)
        for (b = a; b <= sizeof message; b++) {
            struct ps_siphash h;
            ps_siphash_start(&h, key);
            ps_siphash_add(&h, message, a);
            ps_siphash_add(&h, message + a, b - a);
            ps_siphash_add(&h, message + b, sizeof message - b);
            ck_assert_uint_eq(ps_siphash_end(&h), ps_siphash_of(key, message, sizeof message));
        }
}
END_TEST

START_TEST(siphash_words_are_bytes_lowest_first)
{
    static const uint8_t bytes[11] = {'x', 'y', 'z', 8, 7, 6, 5, 4, 3, 2, 1};
    uint8_t key[PS_SIPHASH_KEY] = {9};
    struct ps_siphash h;
    ps_siphash_start(&h, key);
    ps_siphash_add(&h, "xyz", 3);
    ps_siphash_add64(&h, UINT64_C(0x0102030405060708));
    ck_assert_uint_eq(ps_siphash_end(&h), ps_siphash_of(key, bytes, sizeof bytes));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("siphash");
    TCase *t = tcase_create("siphash");
    tcase_add_test(t, siphash_2_4_vectors);
    tcase_add_test(t, siphash_in_pieces_is_the_same);
    tcase_add_test(t, siphash_words_are_bytes_lowest_first);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
