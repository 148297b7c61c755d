/*
 * plainsip digest: prints the response of Digest credentials, for comparing with a trace and for
 * scripts. Computes with digest/ alone; sends nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../digest/digest.h"
#include "apps.h"
#include "cli.h"
#include "password.h"

/* Names the options, in the order of digest_names. */
enum digest_option {
    DIGEST_USER,
    DIGEST_REALM,
    DIGEST_METHOD,
    DIGEST_URI,
    DIGEST_NONCE,
    DIGEST_ALGORITHM,
    DIGEST_QOP,
    DIGEST_NC,
    DIGEST_CNONCE,
    DIGEST_BODY,
    DIGEST_PASSWORD_FILE,
    DIGEST_OPTIONS
};

static const char *const digest_names[DIGEST_OPTIONS] = {
    "--user", "--realm", "--method", "--uri",  "--nonce",        "--algorithm",
    "--qop",  "--nc",    "--cnonce", "--body", "--password-file"};

static void digest_usage(void)
{
    puts("usage: plainsip digest --user U --realm R --method M --uri URI --nonce N\n"
         "           [--algorithm A] [--qop auth|auth-int --nc N --cnonce C] [--body FILE]\n"
         "           [--password-file FILE]\n"
         "\n"
         "Prints the response of Digest credentials (RFC 7616) in hexadecimal. User, realm and\n"
         "nonce are hashed as given. The password is the first line of --password-file, or the\n"
         "variable PLAINSIP_PASSWORD.\n"
         "\n"
         "  --algorithm A  MD5 (default), SHA-256, SHA-512-256, or one of them with -sess\n"
         "  --nc N         eight hexadecimal digits; fewer are filled up with zeros\n"
         "  --body FILE    what auth-int covers; without it an empty body\n"
         "\n"
         "Example (RFC 2617 3.5, whose user is Mufasa):\n"
         "  PLAINSIP_PASSWORD='Circle Of Life' plainsip digest --user Mufasa \\\n"
         "      --realm testrealm@host.com --method GET --uri /dir/index.html \\\n"
         "      --nonce dcd98b7102dd2f0e8b11d0f600bfb0c093 \\\n"
         "      --qop auth --nc 00000001 --cnonce 0a4f113b");
}

static int digest_wrong(const char *argument, const char *why)
{
    return app_wrong("digest", argument, why);
}

static int digest_options(int argc, char **argv, const char **option)
{
    int i, o;
    for (i = 1; i < argc; i += 2) {
        for (o = 0; o < DIGEST_OPTIONS && strcmp(argv[i], digest_names[o]) != 0; o++)
            ;
        if (o == DIGEST_OPTIONS)
            return digest_wrong(argv[i], "no such option (plainsip digest --help)");
        if (i + 1 == argc)
            return digest_wrong(argv[i], "needs a value");
        option[o] = argv[i + 1];
    }
    for (o = 0; o <= DIGEST_NONCE; o++)
        if (!option[o])
            return digest_wrong(digest_names[o], "is needed (plainsip digest --help)");
    return APP_OK;
}

static int digest_qop(const char **option, struct ps_digest_credentials *c)
{
    c->qop = PS_QOP_NONE;
    if (!option[DIGEST_QOP])
        return APP_OK;
    if (!strcmp(option[DIGEST_QOP], "auth"))
        c->qop = PS_QOP_AUTH;
    else if (!strcmp(option[DIGEST_QOP], "auth-int"))
        c->qop = PS_QOP_AUTH_INT;
    else
        return digest_wrong("--qop", "is auth or auth-int");
    if (!option[DIGEST_NC])
        return digest_wrong("--nc", "is needed with --qop");
    return option[DIGEST_CNONCE] ? APP_OK : digest_wrong("--cnonce", "is needed with --qop");
}

/* Writes nc as it is hashed: eight digits. */
static int digest_nc(const char *text, char out[8], struct ps_digest_credentials *c)
{
    size_t n = strlen(text);
    if (!n || n > 8 || !ps_all(ps_slice(text, n), PS_C_HEX))
        return digest_wrong("--nc", "is one to eight hexadecimal digits");
    memset(out, '0', 8);
    memcpy(out + 8 - n, text, n);
    c->nc_text = ps_slice(out, 8);
    return APP_OK;
}

static int digest_fill(const char **option, char nc[8], struct ps_digest_credentials *c)
{
    c->realm = ps_slice_of(option[DIGEST_REALM]);
    c->uri = ps_slice_of(option[DIGEST_URI]);
    c->nonce = ps_slice_of(option[DIGEST_NONCE]);
    c->cnonce = ps_slice_of(option[DIGEST_CNONCE]);
    if (option[DIGEST_ALGORITHM])
        c->algorithm = ps_digest_algorithm_from(ps_slice_of(option[DIGEST_ALGORITHM]));
    if (c->algorithm == PS_DIGEST_ALGORITHMS)
        return digest_wrong("--algorithm",
                            "is MD5, SHA-256, SHA-512-256 or one of them with -sess");
    if (ps_digest_is_session(c->algorithm) && !option[DIGEST_CNONCE])
        return digest_wrong("--cnonce", "is needed with a -sess algorithm");
    if (option[DIGEST_NC] && digest_nc(option[DIGEST_NC], nc, c))
        return APP_USAGE;
    return digest_qop(option, c);
}

/* Reads a whole file into memory that the caller frees. */
static int digest_body(const char *file, char **bytes, size_t *n)
{
    size_t room = 65536, got;
    char *grown;
    FILE *f = fopen(file, "rb");
    if (!f)
        return digest_wrong(file, strerror(errno));
    *bytes = NULL;
    *n = 0;
    do {
        grown = realloc(*bytes, *n + room);
        if (!grown)
            break;
        *bytes = grown;
        got = fread(*bytes + *n, 1, room, f);
        *n += got;
    } while (got == room);
    if (!grown || ferror(f)) {
        fclose(f);
        return digest_wrong(file, strerror(errno));
    }
    fclose(f);
    return APP_OK;
}

static void digest_print(const char **option, const struct ps_digest_credentials *c,
                         const struct app_password *password, struct ps_slice body)
{
    enum ps_hash_kind kind = ps_digest_hash(c->algorithm);
    struct ps_digest_user user;
    struct ps_digest_hex ha1, response;
    memset(&user, 0, sizeof user);
    user.username = ps_slice_of(option[DIGEST_USER]);
    user.password = ps_slice(password->text, password->n);
    ps_digest_ha1(&user, c->realm, kind, &ha1); /* there is a password, so it cannot fail */
    if (ps_digest_is_session(c->algorithm))
        ps_digest_session_ha1(kind, &ha1, c->nonce, c->cnonce, &ha1);
    ps_digest_response(c, &ha1, ps_slice_of(option[DIGEST_METHOD]), body, &response);
    ps_wipe(&ha1, sizeof ha1);
    printf("%.*s\n", (int)response.n, response.text);
}

int app_digest(int argc, char **argv)
{
    const char *option[DIGEST_OPTIONS] = {NULL};
    struct ps_digest_credentials c;
    struct app_password password;
    char nc[8], *body = NULL;
    size_t body_n = 0;
    int status;
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
        digest_usage();
        return APP_OK;
    }
    memset(&c, 0, sizeof c);
    status = digest_options(argc, argv, option);
    if (!status)
        status = digest_fill(option, nc, &c);
    if (!status)
        status = app_password_read("digest", option[DIGEST_PASSWORD_FILE], &password);
    if (!status && option[DIGEST_BODY])
        status = digest_body(option[DIGEST_BODY], &body, &body_n);
    if (!status)
        digest_print(option, &c, &password, ps_slice(body, body_n));
    ps_wipe(&password, sizeof password);
    free(body);
    return status;
}
