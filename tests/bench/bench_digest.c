/*
 * MB/s of each hash, beside OpenSSL's where its headers are (PS_BENCH_OPENSSL, from bench.mk);
 * challenges made and credentials checked a second on one core; and what a check costs above the
 * three hashes that it cannot do without. The goal is a ratio of at most 1.5 with MD5.
 *
 * A check is ps_digest_server_check: whose they are, the response from the password, the nonce, the
 * window; every one with fresh credentials. Measured with and without reading the header value.
 */
#define _POSIX_C_SOURCE 199309L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "digest/server.h"

#ifdef PS_BENCH_OPENSSL
#include <openssl/evp.h>
#endif

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *const names[PS_HASH_KINDS] = {"MD5", "SHA-256", "SHA-512/256"};

/* ---- hashes ---- */

#define BUFFER 16384

static uint8_t buffer[BUFFER];

static double ours(enum ps_hash_kind kind, double seconds)
{
    uint8_t out[PS_HASH_MAX_BYTES];
    double start = now(), taken;
    size_t rounds = 0, i;
    do {
        struct ps_hash h;
        ps_hash_start(&h, kind);
        for (i = 0; i < 64; i++)
            ps_hash_add(&h, buffer, BUFFER);
        ps_hash_end(&h, out);
        buffer[0] ^= out[0];
        rounds++;
        taken = now() - start;
    } while (taken < seconds);
    return (double)rounds * 64 * BUFFER / taken / 1e6;
}

#ifdef PS_BENCH_OPENSSL
static double openssl(enum ps_hash_kind kind, double seconds)
{
    const EVP_MD *md = kind == PS_HASH_MD5      ? EVP_md5()
                       : kind == PS_HASH_SHA256 ? EVP_sha256()
                                                : EVP_sha512_256();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char out[EVP_MAX_MD_SIZE];
    double start = now(), taken;
    size_t rounds = 0, i;
    do {
        EVP_DigestInit_ex(context, md, NULL);
        for (i = 0; i < 64; i++)
            EVP_DigestUpdate(context, buffer, BUFFER);
        EVP_DigestFinal_ex(context, out, NULL);
        buffer[0] ^= out[0];
        rounds++;
        taken = now() - start;
    } while (taken < seconds);
    EVP_MD_CTX_free(context);
    return (double)rounds * 64 * BUFFER / taken / 1e6;
}
#endif

static void bench_hashes(void)
{
    int k;
    for (k = 0; k < PS_HASH_KINDS; k++) {
        enum ps_hash_kind kind = (enum ps_hash_kind)k;
        printf("%-12s %6.0f MB/s", names[k], ours(kind, 0.3));
#ifdef PS_BENCH_OPENSSL
        printf("   OpenSSL %6.0f MB/s", openssl(kind, 0.3));
#endif
        printf("\n");
    }
}

/* ---- checks ---- */

#define VALUES 4096

static struct ps_digest_bucket buckets[1024];
static struct ps_digest_server server;
static struct ps_digest_user user;
static char values[VALUES][512];
static size_t lengths[VALUES];
static struct ps_digest_request request;

static void set_up(enum ps_digest_algorithm algorithm)
{
    memset(&server, 0, sizeof server);
    server.realm = PS_S("biloxi.example.com");
    server.nonce_life = 30000;
    server.offers[0] = algorithm;
    server.n_offers = 1;
    server.qop = PS_QOP_AUTH;
    server.bucket = buckets;
    server.n_buckets = sizeof buckets / sizeof *buckets;
    memset(server.key, 7, sizeof server.key);
    memset(&user, 0, sizeof user);
    user.username = PS_S("10103002002");
    user.password = PS_S("x7Gq-2fLw9");
    request.method = PS_S("REGISTER");
    request.uri = PS_S("sip:biloxi.example.com");
    request.body = PS_NONE;
}

/* Values of 256 clients, 16 requests of each. */
static void make_values(void)
{
    static const struct ps_digest_policy policy;
    struct ps_digest_client client;
    struct ps_digest_attempt attempt;
    struct ps_digest_place place;
    size_t i;
    place.target = PS_S("t");
    place.proxy = false;
    for (i = 0; i < VALUES; i++) {
        struct ps_writer w = ps_writer(values[i], sizeof values[i]);
        size_t at = 0;
        if (i % 16 == 0) {
            char nonce[PS_DIGEST_NONCE], text[400];
            struct ps_writer c = ps_writer(text, sizeof text);
            struct ps_slice value;
            ps_digest_client_start(&client, &user, 1, &policy);
            ps_digest_attempt_start(&attempt);
            ps_digest_server_nonce(&server, PS_S("192.0.2.1:5060"), 1000 + i, nonce);
            ps_digest_server_put(&server, 0, nonce, false, &c);
            value = ps_written(&c);
            ps_digest_client_challenged(&client, &attempt, &place, &value, 1,
                                        PS_S("b3468b9ac6827d7c51e85ef96618190f"));
        }
        ps_digest_client_put(&client, ps_digest_client_next(&client, place.target, &at), &attempt,
                             &request, &w);
        lengths[i] = w.n;
    }
}

/* Times are medians of many short pieces, the three kinds of work in turn: what other processes
 * take falls on all of them, and on few pieces. */
#define PIECE 128
#define ROUNDS 20
#define PIECES (ROUNDS * VALUES / PIECE)

struct times {
    double reading[PIECES], checking[PIECES], hashing[PIECES];
};

static int by_value(const void *a, const void *b)
{
    const double *x = (const double *)a, *y = (const double *)b;
    return (*x > *y) - (*x < *y);
}

/* Nanoseconds each. */
static double median(double *times)
{
    qsort(times, PIECES, sizeof *times, by_value);
    return times[PIECES / 2] * 1e9 / PIECE;
}

static struct ps_digest_credentials credentials[VALUES];

static void read_piece(size_t first)
{
    size_t i;
    for (i = first; i < first + PIECE; i++)
        ps_digest_read_credentials(ps_slice(values[i], lengths[i]), &credentials[i]);
}

static size_t check_piece(size_t first)
{
    struct ps_digest_question question;
    size_t i, granted = 0;
    memset(&question, 0, sizeof question);
    question.request = request;
    question.user = &user;
    question.binding = PS_S("192.0.2.1:5060");
    question.now_ms = 20000;
    for (i = first; i < first + PIECE; i++) {
        question.credentials = &credentials[i];
        if (ps_digest_server_check(&server, &question) == PS_DIGEST_GRANTED)
            granted++;
    }
    return granted;
}

static void hash_piece(enum ps_hash_kind kind, const size_t n[3])
{
    size_t i, k;
    for (i = 0; i < PIECE; i++)
        for (k = 0; k < 3; k++) {
            struct ps_hash h;
            uint8_t out[PS_HASH_MAX_BYTES];
            ps_hash_start(&h, kind);
            ps_hash_add(&h, buffer, n[k]);
            ps_hash_end(&h, out);
            buffer[0] ^= out[0];
        }
}

/* Over texts of the same lengths as the check has, which lie ready: nothing but hashing. */
static void three_lengths(enum ps_hash_kind kind, size_t n[3])
{
    size_t hex = 2 * ps_hash_bytes(kind);
    n[0] = user.username.n + 1 + server.realm.n + 1 + user.password.n;
    n[1] = request.method.n + 1 + request.uri.n;
    n[2] = hex + 1 + PS_DIGEST_NONCE + 1 + 8 + 1 + 32 + 1 + 4 + 1 + hex;
}

/* False where a check fails. */
static bool bench_pieces(enum ps_hash_kind kind, struct times *times)
{
    size_t n[3], piece, first = 0;
    three_lengths(kind, n);
    for (piece = 0; piece < PIECES; piece++) {
        double start, end;
        if (!first)
            memset(buckets, 0, sizeof buckets);
        start = now();
        read_piece(first);
        times->reading[piece] = (end = now()) - start;
        start = end;
        if (check_piece(first) != PIECE)
            return false;
        times->checking[piece] = (end = now()) - start;
        start = end;
        hash_piece(kind, n);
        times->hashing[piece] = now() - start;
        first = (first + PIECE) % VALUES;
    }
    return true;
}

static void bench_challenges(void)
{
    char nonce[PS_DIGEST_NONCE], text[400];
    double start;
    size_t i;
    set_up(PS_DIGEST_MD5);
    start = now();
    for (i = 0; i < 300000; i++) {
        struct ps_writer w = ps_writer(text, sizeof text);
        ps_digest_server_nonce(&server, PS_S("192.0.2.1:5060"), i, nonce);
        ps_digest_server_put(&server, 0, nonce, false, &w);
    }
    printf("challenges   %8.0f a second\n", 300000 / (now() - start));
}

static int bench_server(enum ps_digest_algorithm algorithm)
{
    static struct times times;
    enum ps_hash_kind kind = ps_digest_hash(algorithm);
    double reading, checking, hashing;
    set_up(algorithm);
    make_values();
    if (!bench_pieces(kind, &times)) {
        fprintf(stderr, "a check failed\n");
        return 1;
    }
    reading = median(times.reading);
    checking = median(times.checking);
    hashing = median(times.hashing);
    printf("%-12s %8.0f checks a second, %4.0f ns each; the three hashes %4.0f ns: ratio %.2f\n",
           names[kind], 1e9 / checking, checking, hashing, checking / hashing);
    printf("%-12s %8.0f a second with reading the value (%.0f ns): ratio %.2f\n", "",
           1e9 / (checking + reading), reading, (checking + reading) / hashing);
    return 0;
}

int main(void)
{
    bench_hashes();
    printf(
        "sizes        client %zu, session %zu, attempt %zu, server %zu, bucket of %d nonces %zu\n",
        sizeof(struct ps_digest_client), sizeof(struct ps_digest_session),
        sizeof(struct ps_digest_attempt), sizeof(struct ps_digest_server), PS_DIGEST_WAYS,
        sizeof(struct ps_digest_bucket));
    bench_challenges();
    return bench_server(PS_DIGEST_MD5) | bench_server(PS_DIGEST_SHA_256) |
           bench_server(PS_DIGEST_SHA_512_256);
}
