/*
 * Where the program takes a password from: a file's first line or the environment, never the
 * command line, where every process could read it.
 */
#ifndef APPS_PASSWORD_H
#define APPS_PASSWORD_H

#include <stddef.h>

/* A password; empty is one too. Wipe it after use (ps_wipe). */
struct app_password {
    char text[1024];
    size_t n;
};

/*
 * Reads the first line of `file` (without its line end), or where `file` is NULL the variable
 * PLAINSIP_PASSWORD (set but empty is an empty password). Returns APP_OK, or says on standard error
 * in one line what is wrong, naming `command`, and returns APP_USAGE: no file and no variable, a
 * file that cannot be read, a line that is too long.
 */
int app_password_read(const char *command, const char *file, struct app_password *out);

#endif
