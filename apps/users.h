/*
 * Brings Digest to the program. As server: one user from the command line, or a file of users. As
 * client: one account with a password.
 */
#ifndef APPS_AUTH_H
#define APPS_AUTH_H

#include "domain.h"
#include "password.h"
#include "sip/auth.h"
#include "sip/account.h"

/* Counts the buckets of the replay table, which hold 4 nonces each. */
#define APP_AUTH_BUCKETS 1024

/* Bounds how long a nonce is valid, in seconds. */
#define APP_AUTH_NONCE_LIFE 300

struct app_auth {
    /* options, set before the users are read */
    uint32_t nonce_life;    /* seconds; 0: APP_AUTH_NONCE_LIFE */
    const char *algorithms; /* as --algorithms gives them; NULL: "MD5,SHA-256" */
    const char *realm;
    struct app_domains *domains; /* whose URIs credentials may name (22.4); NULL: any called */
    struct ps_auth_server server;
    struct ps_digest_bucket bucket[APP_AUTH_BUCKETS];
    struct ps_digest_user *user; /* sorted by name */
    size_t users;
    char *text;                   /* the file, which the users borrow from */
    struct app_password password; /* of the single user */
    struct ps_digest_user single;
};

/* Takes one user. Returns APP_OK, or APP_USAGE after saying what is wrong. `realm` NULL is
 * "plainsip". */
int app_auth_single(struct app_auth *auth, const char *command, const char *user, const char *realm,
                    const char *password_file);

/* Reads a file of users: "user:password" or "@ha1 USER REALM ALGORITHM HEX" a line. Skips empty
 * lines and those that begin with "#". Returns APP_OK, or APP_USAGE after naming the file and the
 * line that is wrong. */
int app_auth_file(struct app_auth *auth, const char *command, const char *file, const char *realm);

/* Takes credentials only for URIs of these domains, which are borrowed. */
void app_auth_serve(struct app_auth *auth, struct app_domains *domains);

/* Takes two users that the program itself knows (demo); their names and passwords are borrowed. */
int app_auth_users(struct app_auth *auth, const char *command, const struct ps_digest_user *a,
                   const struct ps_digest_user *b);

/* Finds a user by name, without escapes; NULL where there is none. */
const struct ps_digest_user *app_auth_find(const struct app_auth *auth, struct ps_slice name);
void app_auth_free(struct app_auth *auth);

/* Holds the user as whom an account answers challenges. `user` NULL: it answers none. */
struct app_credentials {
    struct app_password password;
    struct ps_digest_user user;
};
int app_credentials_read(struct app_credentials *credentials, const char *command, const char *user,
                         const char *password_file, struct ps_account *account);

#endif
