/*
 * Brings Digest to the program. See users.h.
 */
#include "users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps.h"
#include "cli.h"
#include "escape.h"
#include "transport/loop.h"

/* Reads a list like "MD5,SHA-256", which is offered in this order. By default MD5 is first, for
 * phones that read one challenge alone; some give up where any other stands beside it. */
static bool read_algorithms(struct ps_digest_server *digest, const char *text)
{
    struct ps_slice rest = ps_slice_of(text ? text : "MD5,SHA-256");
    const char *comma;
    do {
        enum ps_digest_algorithm a;
        comma = ps_find(rest, ',');
        a = ps_digest_algorithm_from(comma ? ps_between(rest.p, comma) : rest);
        if (a == PS_DIGEST_ALGORITHMS || digest->n_offers == PS_DIGEST_ALGORITHMS)
            return false;
        digest->offers[digest->n_offers++] = a;
        rest = comma ? ps_between(comma + 1, rest.p + rest.n) : PS_NONE;
    } while (comma);
    return true;
}

static int start(struct app_auth *auth, const char *command, const char *realm)
{
    struct ps_digest_server *digest = &auth->server.digest;
    auth->realm = realm ? realm : "plainsip";
    digest->realm = ps_slice_of(auth->realm);
    digest->nonce_life =
        (auth->nonce_life ? auth->nonce_life : APP_AUTH_NONCE_LIFE) * UINT64_C(1000);
    if (!read_algorithms(digest, auth->algorithms))
        return app_wrong(command, auth->algorithms, "is no list like MD5,SHA-256,SHA-512-256");
    digest->qop = PS_QOP_AUTH | PS_QOP_NONE;
    digest->bucket = auth->bucket;
    digest->n_buckets = APP_AUTH_BUCKETS;
    if (ps_system_random(digest->key, sizeof digest->key) || ps_digest_server_valid(digest))
        return app_wrong(command, "--realm", "cannot be used");
    return APP_OK;
}

/* ---- one user ---- */

static const struct ps_digest_user *find_single(void *context,
                                                const struct ps_digest_credentials *credentials)
{
    const struct app_auth *auth = context;
    return ps_digest_names(credentials, &auth->single) ? &auth->single : NULL;
}

int app_auth_single(struct app_auth *auth, const char *command, const char *user, const char *realm,
                    const char *password_file)
{
    if (app_password_read(command, password_file, &auth->password))
        return APP_USAGE;
    auth->single.username = ps_slice_of(user);
    auth->single.password = ps_slice(auth->password.text, auth->password.n);
    auth->server.find_user = find_single;
    auth->server.context = auth;
    if (start(auth, command, realm))
        return APP_USAGE;
    auth->single.realm = auth->server.digest.realm;
    return APP_OK;
}

/* ---- a file of users ---- */

static int compare(struct ps_slice a, struct ps_slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int compare_users(const void *a, const void *b)
{
    return compare(((const struct ps_digest_user *)a)->username,
                   ((const struct ps_digest_user *)b)->username);
}

const struct ps_digest_user *app_auth_find(const struct app_auth *auth, struct ps_slice name)
{
    size_t low = 0, high = auth->users;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(name, auth->user[middle].username);
        if (!order)
            return &auth->user[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static const struct ps_digest_user *find_in_file(void *context,
                                                 const struct ps_digest_credentials *credentials)
{
    const struct app_auth *auth = context;
    char name[PS_DIGEST_MAX_VALUE];
    struct ps_writer w = ps_writer(name, sizeof name);
    ps_digest_put_plain(&w, credentials->username);
    return w.error ? NULL : app_auth_find(auth, ps_written(&w));
}

static struct ps_slice word(struct ps_slice *rest)
{
    struct ps_slice s = ps_trim(*rest);
    size_t n = 0;
    while (n < s.n && !ps_is_blank(s.p[n]))
        n++;
    *rest = ps_slice(s.p + n, s.n - n);
    return ps_slice(s.p, n);
}

/* Reads "@ha1 USER REALM ALGORITHM HEX". Returns NULL, or the error. */
static const char *read_ha1(struct ps_slice line, struct ps_digest_user *user)
{
    struct ps_slice rest = line, name, realm, algorithm, hex;
    enum ps_digest_algorithm a;
    (void)word(&rest);
    name = word(&rest);
    realm = word(&rest);
    algorithm = word(&rest);
    hex = word(&rest);
    if (!hex.n || ps_trim(rest).n)
        return "is not \"@ha1 USER REALM ALGORITHM HEX\"";
    a = ps_digest_algorithm_from(algorithm);
    if (a == PS_DIGEST_ALGORITHMS || ps_digest_is_session(a))
        return "names no algorithm of MD5, SHA-256, SHA-512-256";
    if (hex.n != 2 * ps_hash_bytes(ps_digest_hash(a)) || !ps_all(hex, PS_C_HEX))
        return "has a hash that is not of the algorithm's length in hexadecimal";
    user->username = name;
    user->realm = realm;
    user->ha1[ps_digest_hash(a)] = hex;
    return NULL;
}

static const char *read_user(struct ps_slice line, struct ps_digest_user *user)
{
    const char *colon;
    if (line.n >= 4 && !memcmp(line.p, "@ha1", 4) && (line.n == 4 || ps_is_blank(line.p[4])))
        return read_ha1(line, user);
    colon = ps_find(line, ':');
    if (!colon || colon == line.p)
        return "is neither \"user:password\" nor \"@ha1 USER REALM ALGORITHM HEX\"";
    user->username = ps_between(line.p, colon);
    user->password = ps_between(colon + 1, line.p + line.n);
    return NULL;
}

static bool add(struct app_auth *auth, const struct ps_digest_user *user)
{
    struct ps_digest_user *grown = realloc(auth->user, (auth->users + 1) * sizeof *auth->user);
    if (!grown)
        return false;
    auth->user = grown;
    auth->user[auth->users++] = *user;
    return true;
}

static const char *read_line(struct app_auth *auth, struct ps_slice line)
{
    struct ps_digest_user user;
    const char *why;
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    if (!ps_trim(line).n || line.p[0] == '#')
        return NULL;
    if (ps_find(line, '\0'))
        return "holds a NUL byte";
    memset(&user, 0, sizeof user);
    why = read_user(line, &user);
    if (why)
        return why;
    if (!user.realm.p)
        user.realm = auth->server.digest.realm;
    if (!ps_equal(user.realm, auth->server.digest.realm)) {
        fprintf(stderr, "plainsip: user ");
        app_print(stderr, user.username);
        fprintf(stderr, " is of realm ");
        app_print(stderr, user.realm);
        fprintf(stderr, ", which is not served\n");
        return NULL;
    }
    return add(auth, &user) ? NULL : "does not fit into memory";
}

/* Merges the lines of a user who has hashes of several algorithms; the first password counts. */
static void merge(struct app_auth *auth)
{
    size_t i, kept = 0;
    unsigned kind;
    for (i = 0; i < auth->users; i++) {
        struct ps_digest_user *from = &auth->user[i], *to = &auth->user[kept ? kept - 1 : 0];
        if (!kept || compare(to->username, from->username)) {
            auth->user[kept++] = *from;
            continue;
        }
        for (kind = 0; kind < PS_HASH_KINDS; kind++)
            if (!to->ha1[kind].p)
                to->ha1[kind] = from->ha1[kind];
        if (!to->password.p)
            to->password = from->password;
    }
    auth->users = kept;
}

/* Reads the whole file into memory that auth->text owns. Returns NULL, or the error. */
static const char *slurp(struct app_auth *auth, const char *file, size_t *n)
{
    size_t room = 0, got = 1;
    FILE *f = fopen(file, "r");
    if (!f)
        return strerror(errno);
    *n = 0;
    while (got) {
        char *grown = realloc(auth->text, room += 65536);
        if (!grown)
            break;
        auth->text = grown;
        got = fread(auth->text + *n, 1, room - *n, f);
        *n += got;
    }
    if (ferror(f) || got) {
        fclose(f);
        return got ? "does not fit into memory" : "cannot be read";
    }
    fclose(f);
    return NULL;
}

static int read_file(struct app_auth *auth, const char *command, const char *file)
{
    char where[300];
    unsigned number = 0;
    size_t n = 0;
    struct ps_slice rest;
    const char *why = slurp(auth, file, &n);
    if (why)
        return app_wrong(command, file, why);
    rest = ps_slice(auth->text, n);
    while (!why && rest.n) {
        const char *end = ps_find(rest, '\n');
        struct ps_slice line = end ? ps_between(rest.p, end) : rest;
        rest = end ? ps_between(end + 1, rest.p + rest.n) : PS_NONE;
        number++;
        why = read_line(auth, line);
    }
    if (!why)
        return APP_OK;
    snprintf(where, sizeof where, "%s line %u", file, number);
    return app_wrong(command, where, why);
}

/* Prepares the users for look-ups: sorted, one entry a name. */
static void finish(struct app_auth *auth)
{
    if (!auth->users)
        return;
    qsort(auth->user, auth->users, sizeof *auth->user, compare_users);
    merge(auth);
}

int app_auth_users(struct app_auth *auth, const char *command, const struct ps_digest_user *a,
                   const struct ps_digest_user *b)
{
    auth->server.find_user = find_in_file;
    auth->server.context = auth;
    if (start(auth, command, "example.org") || !add(auth, a) || !add(auth, b))
        return APP_USAGE;
    auth->user[0].realm = auth->user[1].realm = auth->server.digest.realm;
    finish(auth);
    return APP_OK;
}

static bool all_can(const struct app_auth *auth, enum ps_digest_algorithm algorithm)
{
    size_t i;
    for (i = 0; i < auth->users; i++)
        if (!auth->user[i].password.p && !auth->user[i].ha1[ps_digest_hash(algorithm)].p)
            return false;
    return true;
}

/* Offers only algorithms for which every user has a hash. A client answers the first challenge that
 * it knows (RFC 8760 2.4) and would be shut out by one without. Offers all where none suits all. */
static void offer_what_all_can(struct app_auth *auth)
{
    static const enum ps_digest_algorithm known[] = {PS_DIGEST_MD5, PS_DIGEST_SHA_256,
                                                     PS_DIGEST_SHA_512_256};
    struct ps_digest_server *digest = &auth->server.digest;
    size_t i, n = 0;
    for (i = 0; i < sizeof known / sizeof known[0] && n < 2; i++)
        if (all_can(auth, known[i]))
            digest->offers[n++] = known[i];
    if (n)
        digest->n_offers = n;
}

int app_auth_file(struct app_auth *auth, const char *command, const char *file, const char *realm)
{
    auth->server.find_user = find_in_file;
    auth->server.context = auth;
    if (start(auth, command, realm) || read_file(auth, command, file))
        return APP_USAGE;
    finish(auth);
    if (!auth->algorithms)
        offer_what_all_can(auth);
    return APP_OK;
}

static bool serves(void *context, const struct ps_uri *uri)
{
    const struct app_auth *auth = context;
    return app_domains_serve(auth->domains, uri);
}

void app_auth_serve(struct app_auth *auth, struct app_domains *domains)
{
    auth->domains = domains;
    auth->server.serves = serves;
}

void app_auth_free(struct app_auth *auth)
{
    free(auth->user);
    free(auth->text);
    auth->text = NULL;
    auth->user = NULL;
    auth->users = 0;
}

/* ---- as client ---- */

int app_credentials_read(struct app_credentials *credentials, const char *command, const char *user,
                         const char *password_file, struct ps_account *account)
{
    static const struct ps_digest_policy policy; /* answers the first that we know (RFC 8760) */
    if (!user)
        return APP_OK;
    if (app_password_read(command, password_file, &credentials->password))
        return APP_USAGE;
    credentials->user.username = ps_slice_of(user);
    credentials->user.password = ps_slice(credentials->password.text, credentials->password.n);
    ps_digest_client_start(&account->digest, &credentials->user, 1, &policy);
    return APP_OK;
}
