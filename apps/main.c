/*
 * plainsip: runs one sub-command from a table, each in a file of its own (apps/command_NAME.c).
 * Knows their names and first lines of help, and nothing of what they do.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "apps.h"
#include "cli.h"
#include "escape.h"
#include "sip/version.h"

static const struct app_command commands[] = {
    {"answer", "a phone that answers", app_answer},
    {"call", "places a call", app_call},
    {"demo", "a registrar and two phones on loopback, drawn as a ladder", app_demo},
    {"digest", "the response of Digest credentials", app_digest},
    {"message", "sends an instant message", app_message},
    {"options", "asks what the other side can do", app_options_command},
    {"parse", "explains SIP messages, or writes one back in canonical form", app_parse},
    {"register", "keeps a binding with a registrar alive", app_register},
    {"sdp", "explains a session description, or answers an offer", app_sdp},
    {"serve", "a registrar that redirects", app_serve},
    {"states", "the transaction machines, from the tables that run", app_states},
    {"subscribe", "follows the state of somebody", app_subscribe},
    {"uri", "the parts of a URI, or whether two are equal", app_uri},
    {NULL, NULL, NULL},
};

static void usage(FILE *out)
{
    const struct app_command *c;
    fprintf(out, "usage: plainsip COMMAND [OPTION...] [ARGUMENT...]\n\ncommands:\n");
    for (c = commands; c->name; c++)
        fprintf(out, "  %-10s %s\n", c->name, c->summary);
    fprintf(out,
            "\nplainsip COMMAND --help tells more; plainsip --version says which version this is.\n"
            "\nExample:\n  plainsip demo\n");
}

/* Exits with 2 where output was lost, because a result that nobody can read is no result. */
static int finish(const char *command, int status)
{
    bool good = !fflush(stdout) && !ferror(stdout);
    if (!good)
        (void)app_wrong(command, "standard output", "cannot be written");
    return good && !ferror(stderr) ? status : APP_USAGE;
}

static int run(int argc, char **argv)
{
    const struct app_command *c;
    if (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h") || !strcmp(argv[0], "help")) {
        usage(stdout);
        return APP_OK;
    }
    if (!strcmp(argv[0], "--version")) {
        printf("plainsip %s\n", ps_version());
        return APP_OK;
    }
    for (c = commands; c->name; c++)
        if (!strcmp(argv[0], c->name))
            return c->run(argc, argv);
    fprintf(stderr, "plainsip: no such command: ");
    app_print(stderr, ps_slice_of(argv[0]));
    fprintf(stderr, " (plainsip --help lists them)\n");
    return APP_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return APP_USAGE;
    }
    signal(SIGPIPE, SIG_IGN); /* the write to a reader that is gone fails instead */
    return finish(argv[1], run(argc - 1, argv + 1));
}
