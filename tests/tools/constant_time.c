/*
 * Runs what check_constant_time.sh counts the instructions of: one comparison, or one check of
 * credentials, in the way that the argument says. Prints nothing; exit 0 where the result is the
 * expected one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest/secret_internal.h"
#include "digest/server.h"

/* compare N: the first difference is at byte N of 64; 64 is none. */
static int compare(size_t at)
{
    char a[64], b[65];
    memset(a, 'x', sizeof a);
    memset(b, 'x', sizeof b);
    b[at] = 'y';
    return ps_same_secret(a, b, sizeof a) == (at == 64) ? 0 : 1;
}

struct bench {
    struct ps_digest_server server;
    struct ps_digest_bucket bucket;
    struct ps_digest_question question;
    struct ps_digest_credentials credentials;
    struct ps_digest_user user;
    char nonce[PS_DIGEST_NONCE], response[PS_DIGEST_HEX];
    struct ps_digest_hex ha1;
};

/* A server, user alice with password "pass-word", and credentials that are right but for `text`. */
static void set_up(struct bench *b)
{
    struct ps_digest_hex response;
    memset(b, 0, sizeof *b);
    b->server.realm = PS_S("biloxi.com");
    b->server.nonce_life = 30000;
    b->server.n_offers = 1; /* MD5 */
    b->server.qop = PS_QOP_AUTH;
    b->server.bucket = &b->bucket;
    b->server.n_buckets = 1;
    b->user.username = PS_S("alice");
    b->user.password = PS_S("pass-word");
    ps_digest_server_nonce(&b->server, PS_NONE, 1000, b->nonce);
    b->credentials.username = PS_S("alice");
    b->credentials.realm = b->server.realm;
    b->credentials.nonce = ps_slice(b->nonce, sizeof b->nonce);
    b->credentials.uri = PS_S("sip:biloxi.com");
    b->credentials.cnonce = PS_S("0a4f113b");
    b->credentials.nc_text = PS_S("00000001");
    b->credentials.nc = 1;
    b->credentials.qop = PS_QOP_AUTH;
    b->question.request.method = PS_S("REGISTER");
    b->question.request.uri = b->credentials.uri;
    b->question.credentials = &b->credentials;
    b->question.user = &b->user;
    b->question.now_ms = 1000;
    ps_digest_ha1(&b->user, b->server.realm, PS_HASH_MD5, &b->ha1);
    ps_digest_response(&b->credentials, &b->ha1, b->question.request.method, PS_NONE, &response);
    memcpy(b->response, response.text, response.n);
    b->credentials.response = ps_slice(b->response, response.n);
}

/* The right user whose response is wrong at byte `at`. */
static int wrong_at(size_t at)
{
    struct bench b;
    set_up(&b);
    b.response[at] = b.response[at] == '0' ? '1' : '0';
    return ps_digest_server_check(&b.server, &b.question) == PS_DIGEST_WRONG ? 0 : 1;
}

static int unknown_user(void)
{
    struct bench b;
    set_up(&b);
    b.question.user = NULL;
    return ps_digest_server_check(&b.server, &b.question) == PS_DIGEST_WRONG ? 0 : 1;
}

/* A user whose HA1 is stored, and wrong. */
static int stored(void)
{
    struct bench b;
    set_up(&b);
    b.ha1.text[0] = b.ha1.text[0] == '0' ? '1' : '0';
    b.user.password = PS_NONE;
    b.user.ha1[PS_HASH_MD5] = ps_digest_hex_slice(&b.ha1);
    return ps_digest_server_check(&b.server, &b.question) == PS_DIGEST_WRONG ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "compare"))
        return compare((size_t)atoi(argv[2]));
    if (argc == 3 && !strcmp(argv[1], "wrong"))
        return wrong_at((size_t)atoi(argv[2]));
    if (argc == 2 && !strcmp(argv[1], "unknown"))
        return unknown_user();
    if (argc == 2 && !strcmp(argv[1], "stored"))
        return stored();
    fprintf(stderr, "usage: constant_time compare N | wrong N | unknown | stored\n");
    return 2;
}
