/*
 * Reads a password from a file's first line or the environment; never from the command line, where
 * every process could read it.
 */
#ifndef APPS_PASSWORD_H
#define APPS_PASSWORD_H

#include <stddef.h>

/* Holds a password, which may be empty. Wipe it after use (ps_wipe). */
struct app_password {
    char text[1024];
    size_t n;
};

/*
 * Reads the first line of `file` without its line end, or where `file` is NULL the variable
 * PLAINSIP_PASSWORD. A variable that is set but empty is an empty password. Returns APP_OK, or
 * APP_USAGE after one line on standard error that names `command`. That happens without file and
 * variable, where the file cannot be read, or its line is too long.
 */
int app_password_read(const char *command, const char *file, struct app_password *out);

#endif
