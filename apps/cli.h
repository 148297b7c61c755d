/*
 * Reads the command line of a sub-command by a table, and checks the values, so that the command
 * need not. Each refusal is one line that names the argument. Knows no command.
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

/* Says that `--help` was asked for and has been answered: the command ends with APP_OK. */
#define APP_HELPED (-1)

struct app_cli {
    const char *command; /* "call" */
    const char *usage;   /* the whole help, with an example */
    const struct app_option *options;
    const struct app_option *more; /* a second table, or NULL */
    int n;                         /* arguments besides options: as many as these */
    const char *const *names;      /* "URI", ...; NULL where there are none */
};

/* Reads the options; `arguments` gets the other arguments. Returns APP_OK, APP_HELPED, or APP_USAGE
 * after saying on standard error what is wrong. */
int app_options(const struct app_cli *cli, int argc, char **argv, const char **arguments);

/* Says "plainsip COMMAND: ARGUMENT: WHY" on standard error; returns APP_USAGE. */
int app_wrong(const char *command, const char *argument, const char *why);

/* Warns on standard error of a file with secrets that others than its owner may read. */
void app_warn_readable(const char *command, const char *file);

/* Writes the user part of a URI without its escapes (19.1.2: "%61lice" is alice), and returns it.
 * The writer and its buffer are the caller's; an error stays in the writer. */
struct ps_slice app_plain_user(struct ps_slice user, struct ps_writer *out);

/* Reads ADDR, ADDR:PORT, [V6]:PORT, NAME or NAME:PORT; looks a name up, and waits for the answer.
 * Returns NULL, or why it failed. */
const char *app_lookup(const char *text, uint16_t default_port, struct ps_address *out);

#endif
