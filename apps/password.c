/*
 * Reads a password from a file's first line or from the environment. Knows nothing of its use.
 */
#include "password.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps.h"
#include "cli.h"

static int password_too_long(const char *command, const char *where)
{
    char why[64];
    snprintf(why, sizeof why, "the password is longer than %zu bytes",
             sizeof((struct app_password *)0)->text);
    return app_wrong(command, where, why);
}

static int password_from_environment(const char *command, struct app_password *out)
{
    const char *value = getenv("PLAINSIP_PASSWORD");
    if (!value)
        return app_wrong(command, "no password",
                         "give --password-file FILE or set PLAINSIP_PASSWORD");
    out->n = strlen(value);
    if (out->n > sizeof out->text)
        return password_too_long(command, "PLAINSIP_PASSWORD");
    memcpy(out->text, value, out->n);
    return APP_OK;
}

/* Cuts the bytes at the first line end, of either kind. */
static int password_from_file(const char *command, const char *file, FILE *f,
                              struct app_password *out)
{
    int c = 0;
    setvbuf(f, NULL, _IONBF, 0); /* no copy of it in a buffer */
    for (out->n = 0; (c = getc(f)) != EOF && c != '\n'; out->n++) {
        if (out->n == sizeof out->text)
            return password_too_long(command, file);
        out->text[out->n] = (char)c;
    }
    if (ferror(f))
        return app_wrong(command, file, strerror(errno));
    if (out->n && out->text[out->n - 1] == '\r')
        out->n--;
    return APP_OK;
}

int app_password_read(const char *command, const char *file, struct app_password *out)
{
    FILE *f;
    int status;
    if (!file)
        return password_from_environment(command, out);
    f = fopen(file, "rb");
    if (!f)
        return app_wrong(command, file, strerror(errno));
    status = password_from_file(command, file, f, out);
    fclose(f);
    if (status == APP_OK)
        app_warn_readable(command, file);
    return status;
}
