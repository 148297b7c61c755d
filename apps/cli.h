/*
 * The command line of a sub-command, read by a table. Values are checked here, so that each command
 * finds them right; every refusal is one line that names the argument.
 */
#ifndef APPS_CLI_H
#define APPS_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "sip/address.h"

enum app_option_kind {
    APP_FLAG,    /* bool */
    APP_TEXT,    /* const char * */
    APP_LIST,    /* struct app_list: may be given again and again */
    APP_NUMBER,  /* uint32_t, decimal, least to most */
    APP_ADDRESS, /* struct ps_address: ADDR[:PORT] or NAME[:PORT], looked up; port `least` */
    APP_TRACE    /* unsigned: --trace 1, --trace=full 2 */
};

struct app_list {
    const char *text[32];
    unsigned n;
};

struct app_option {
    const char *name; /* with its dashes; NULL ends a table */
    enum app_option_kind kind;
    void *target; /* of the kind's type; left alone where the option is not given */
    uint32_t least, most;
};

/* Not done: `--help` was asked for and has been answered; the command ends with APP_OK. */
#define APP_HELPED (-1)

struct app_cli {
    const char *command; /* "call" */
    const char *usage;   /* the whole help, with an example */
    const struct app_option *options;
    const struct app_option *more; /* a second table, or NULL */
    int n;                         /* arguments besides options: as many as these */
    const char *const *names;      /* "URI", ...; NULL where there are none */
};

/* APP_OK, APP_USAGE (said on standard error) or APP_HELPED. `arguments` gets what is no option. */
int app_options(const struct app_cli *cli, int argc, char **argv, const char **arguments);

/* Says "plainsip COMMAND: ARGUMENT: WHY" on standard error; returns APP_USAGE. */
int app_wrong(const char *command, const char *argument, const char *why);

/* Warns on standard error of a file with secrets that others than its owner may read. */
void app_warn_readable(const char *command, const char *file);

/* The user part of a URI without its escapes, into a buffer of the caller's (19.1.2: "%61lice" is
 * alice). Errors stay in the writer. */
struct ps_slice app_plain_user(struct ps_slice user, struct ps_writer *out);

/* NAME, NAME:PORT, ADDR, ADDR:PORT, [V6]:PORT: looked up here and now where it is a name. NULL, or
 * why not. */
const char *app_lookup(const char *text, uint16_t default_port, struct ps_address *out);

#endif
