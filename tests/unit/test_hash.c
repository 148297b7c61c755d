/*
 * Covers digest/hash.h (MD5 by RFC 1321, SHA-256 and SHA-512/256 by FIPS 180-4) and
 * digest/secret_internal.h: published vectors, lengths around every block boundary, any way of
 * cutting. Does not cover: that comparing takes constant time (check_constant_time.sh), Digest
 * itself.
 */
#include "check_main.h"
#include "digest/hash.h"
#include "digest/secret_internal.h"
#include "sip/text.h"
#include "digest/hash_internal.h"

static const char *hex(const uint8_t *bytes, size_t n)
{
    static char out[2 * PS_HASH_MAX_BYTES + 1];
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_put_hex(&w, bytes, n);
    ps_put_char(&w, '\0');
    return out;
}

static const char *hash_of(enum ps_hash_kind kind, const void *bytes, size_t n)
{
    struct ps_hash h;
    uint8_t out[PS_HASH_MAX_BYTES];
    ps_hash_start(&h, kind);
    ps_hash_add(&h, bytes, n);
    ps_hash_end(&h, out);
    return hex(out, ps_hash_bytes(kind));
}

static const char *hash_text(enum ps_hash_kind kind, const char *text)
{
    return hash_of(kind, text, strlen(text));
}

/* `n` letters a, added a few at a time */
static const char *hash_letters(enum ps_hash_kind kind, size_t n)
{
    static char letters[1000];
    struct ps_hash h;
    uint8_t out[PS_HASH_MAX_BYTES];
    memset(letters, 'a', sizeof letters);
    ps_hash_start(&h, kind);
    for (; n > sizeof letters; n -= sizeof letters)
        ps_hash_add(&h, letters, sizeof letters);
    ps_hash_add(&h, letters, n);
    ps_hash_end(&h, out);
    return hex(out, ps_hash_bytes(kind));
}

START_TEST(md5_rfc1321_a5)
{
    ck_assert_str_eq(hash_text(PS_HASH_MD5, ""), "d41d8cd98f00b204e9800998ecf8427e");
    ck_assert_str_eq(hash_text(PS_HASH_MD5, "a"), "0cc175b9c0f1b6a831c399e269772661");
    ck_assert_str_eq(hash_text(PS_HASH_MD5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
    ck_assert_str_eq(hash_text(PS_HASH_MD5, "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    ck_assert_str_eq(hash_text(PS_HASH_MD5, "abcdefghijklmnopqrstuvwxyz"),
                     "c3fcd3d76192e4007dfb496cca67e13b");
    ck_assert_str_eq(
        hash_text(PS_HASH_MD5, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
        "d174ab98d277d9f5a5611c2c9f419d9f");
    ck_assert_str_eq(hash_text(PS_HASH_MD5,
                               "1234567890123456789012345678901234567890123456789012345"
                               "6789012345678901234567890"),
                     "57edf4a22be3c955ac49da2e2107b67a");
}
END_TEST

START_TEST(sha256_fips180_4)
{
    ck_assert_str_eq(hash_text(PS_HASH_SHA256, ""),
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert_str_eq(hash_text(PS_HASH_SHA256, "abc"),
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_str_eq(
        hash_text(PS_HASH_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    ck_assert_str_eq(hash_letters(PS_HASH_SHA256, 1000000),
                     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

START_TEST(sha512_256_fips180_4)
{
    ck_assert_str_eq(hash_text(PS_HASH_SHA512_256, ""),
                     "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a");
    ck_assert_str_eq(hash_text(PS_HASH_SHA512_256, "abc"),
                     "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
    ck_assert_str_eq(
        hash_text(PS_HASH_SHA512_256,
                  "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopq"
                  "klmnopqrlmnopqrsmnopqrstnopqrstu"),
        "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a");
    ck_assert_str_eq(hash_letters(PS_HASH_SHA512_256, 1000000),
                     "9a59a052930187a97038cae692f30708aa6491923ef5194394dc68d56c74fb21");
}
END_TEST

/* Expected values from Python's hashlib (OpenSSL): the letter a, n times. */
START_TEST(lengths_around_block_boundaries)
{
    static const struct {
        enum ps_hash_kind kind;
        size_t n;
        const char *hash;
    } rows[] = {
        {PS_HASH_MD5, 55, "ef1772b6dff9a122358552954ad0df65"},
        {PS_HASH_MD5, 56, "3b0c8ac703f828b04c6c197006d17218"},
        {PS_HASH_MD5, 57, "652b906d60af96844ebd21b674f35e93"},
        {PS_HASH_MD5, 63, "b06521f39153d618550606be297466d5"},
        {PS_HASH_MD5, 64, "014842d480b571495a4a0363793f7367"},
        {PS_HASH_MD5, 65, "c743a45e0d2e6a95cb859adae0248435"},
        {PS_HASH_MD5, 119, "8a7bd0732ed6a28ce75f6dabc90e1613"},
        {PS_HASH_MD5, 120, "5f61c0ccad4cac44c75ff505e1f1e537"},
        {PS_HASH_MD5, 128, "e510683b3f5ffe4093d021808bc6ff70"},
        {PS_HASH_SHA256, 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {PS_HASH_SHA256, 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {PS_HASH_SHA256, 57, "f13b2d724659eb3bf47f2dd6af1accc87b81f09f59f2b75e5c0bed6589dfe8c6"},
        {PS_HASH_SHA256, 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {PS_HASH_SHA256, 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {PS_HASH_SHA256, 65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
        {PS_HASH_SHA256, 119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {PS_HASH_SHA256, 120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
        {PS_HASH_SHA256, 128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"},
        {PS_HASH_SHA512_256, 111,
         "0239e429f98d0ed61ee8e2a7c30afe98c1c3a80ce5dff62a107e9c538f7632ce"},
        {PS_HASH_SHA512_256, 112,
         "9216b5303edb66504570bee90e48ea5beaa5e9fe9f760bbd3e0460559fc005f6"},
        {PS_HASH_SHA512_256, 113,
         "d0ac79bea5bc97ac80c77c7cbbe92811ba9997eb0ce3c9888f9cef8362d187cd"},
        {PS_HASH_SHA512_256, 127,
         "2fe3b2a6ee7e12f6fe4ba82166541ad9b4ed882c493581cbe300d68f3757b778"},
        {PS_HASH_SHA512_256, 128,
         "b88f97e274f9c1d49f181c8cbd01a9c74930ad055a46ac4499a1d601f1c80bf2"},
        {PS_HASH_SHA512_256, 129,
         "fb9035c9009ed4a60e37510339ebdb1c771339f30aa581d5dea3690a524c23f1"},
        {PS_HASH_SHA512_256, 239,
         "78d0a1b37aaad84c89fff13cbe3cd3d1025bcdb648268f9102b7e7032bea7d2a"},
        {PS_HASH_SHA512_256, 240,
         "d48a4d53397b38ab4e771d781c98ac6b86712dff2a664cfd1f27c7ca40f8ce37"},
        {PS_HASH_SHA512_256, 256,
         "d43f85191c3058fd3b2383077f8e1aa800aae7fdf6eb829440fa45f189562c07"},
    };
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_str_eq(hash_letters(rows[i].kind, rows[i].n), rows[i].hash);
}
END_TEST

/* Every length from 0 to 299, byte i of length n being 7 i + n, all hashes hashed once more; the
 * expected values from Python's hashlib. */
START_TEST(every_length_up_to_300)
{
    static const char *const expected[PS_HASH_KINDS] = {
        "07078cab541bc45f0a66e2c0213a32f4",
        "d5238871a46ac4a1a75ac3fb19d645b0b3b9e5f35f5f720e2b240d605c6b694e",
        "7284103825cd2449d0eb4ce53139220bf85b3c859a7e28c87b494f2602b801c7",
    };
    uint8_t message[300], one[PS_HASH_MAX_BYTES], all[PS_HASH_MAX_BYTES];
    size_t i, n;
    int kind;
    for (kind = 0; kind < PS_HASH_KINDS; kind++) {
        struct ps_hash h, sum;
        ps_hash_start(&sum, (enum ps_hash_kind)kind);
        for (n = 0; n < sizeof message; n++) {
            for (i = 0; i < n; i++)
                message[i] = (uint8_t)(7 * i + n);
            ps_hash_start(&h, (enum ps_hash_kind)kind);
            ps_hash_add(&h, message, n);
            ps_hash_end(&h, one);
            ps_hash_add(&sum, one, ps_hash_bytes((enum ps_hash_kind)kind));
        }
        ps_hash_end(&sum, all);
        ck_assert_str_eq(hex(all, ps_hash_bytes((enum ps_hash_kind)kind)), expected[kind]);
    }
}
END_TEST

START_TEST(cut_anywhere_is_the_same)
{
    char message[300], whole[2 * PS_HASH_MAX_BYTES + 1];
    uint8_t out[PS_HASH_MAX_BYTES];
    size_t a, b;
    int k;
    for (a = 0; a < sizeof message; a++)
        message[a] = (char)(a * 31);
    for (k = 0; k < PS_HASH_KINDS; k++) {
        enum ps_hash_kind kind = (enum ps_hash_kind)k;
        strcpy(whole, hash_of(kind, message, sizeof message));
        for (a = 0; a <= sizeof message; a++)
            for (b = a; b <= sizeof message; b += 13) {
                struct ps_hash h;
                ps_hash_start(&h, kind);
                ps_hash_add(&h, message, a);
                ps_hash_add(&h, message + a, b - a);
                ps_hash_add(&h, NULL, 0);
                ps_hash_add(&h, message + b, sizeof message - b);
                ps_hash_end(&h, out);
                ck_assert_str_eq(hex(out, ps_hash_bytes(kind)), whole);
            }
    }
}
END_TEST

START_TEST(contexts_are_wiped_when_they_end)
{
    static const uint8_t zero[sizeof(struct ps_sha512_256)] = {0};
    uint8_t out[PS_HASH_MAX_BYTES];
    struct ps_md5 md5;
    struct ps_sha256 sha256;
    struct ps_sha512_256 sha512_256;
    ps_md5_start(&md5);
    ps_md5_add(&md5, "secret", 6);
    ps_md5_end(&md5, out);
    ck_assert_mem_eq(&md5, zero, sizeof md5);
    ps_sha256_start(&sha256);
    ps_sha256_add(&sha256, "secret", 6);
    ps_sha256_end(&sha256, out);
    ck_assert_mem_eq(&sha256, zero, sizeof sha256);
    ps_sha512_256_start(&sha512_256);
    ps_sha512_256_add(&sha512_256, "secret", 6);
    ps_sha512_256_end(&sha512_256, out);
    ck_assert_mem_eq(&sha512_256, zero, sizeof sha512_256);
}
END_TEST

START_TEST(wipe_and_compare)
{
    char a[65], b[65];
    size_t i;
    memset(a, 'x', sizeof a);
    memset(b, 'x', sizeof b);
    ck_assert(ps_same_secret(a, b, sizeof a));
    for (i = 0; i < sizeof a; i++) {
        b[i] = 'y';
        ck_assert(!ps_same_secret(a, b, sizeof a));
        ck_assert(ps_same_secret(a, b, i));
        b[i] = 'x';
    }
    b[7] = (char)('x' ^ 0x80);
    ck_assert(!ps_same_secret(a, b, sizeof a));
    ps_wipe(a, 64);
    for (i = 0; i < 64; i++)
        ck_assert_int_eq(a[i], 0);
    ck_assert_int_eq(a[64], 'x');
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("hash");
    TCase *t = tcase_create("hash");
    tcase_add_test(t, md5_rfc1321_a5);
    tcase_add_test(t, sha256_fips180_4);
    tcase_add_test(t, sha512_256_fips180_4);
    tcase_add_test(t, lengths_around_block_boundaries);
    tcase_add_test(t, every_length_up_to_300);
    tcase_add_test(t, cut_anywhere_is_the_same);
    tcase_add_test(t, contexts_are_wiped_when_they_end);
    suite_add_tcase(s, t);
    t = tcase_create("secret");
    tcase_add_test(t, wipe_and_compare);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
