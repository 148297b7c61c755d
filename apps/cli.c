/*
 * Reads the command line of a sub-command. See cli.h.
 */
#define _POSIX_C_SOURCE 200809L /* getaddrinfo */
#include "cli.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "apps.h"
#include "escape.h"

int app_wrong(const char *command, const char *argument, const char *why)
{
    fprintf(stderr, "plainsip %s: ", command);
    app_print(stderr, ps_slice_of(argument));
    fprintf(stderr, ": %s\n", why);
    return APP_USAGE;
}

void app_warn_readable(const char *command, const char *file)
{
    struct stat s;
    if (!stat(file, &s) && S_ISREG(s.st_mode) && (s.st_mode & 077))
        (void)app_wrong(command, file, "others may read it");
}

/* ---- host names ---- */

/* Prefers IPv4 where a name has both, because commands listen on IPv4 by default. */
static const char *look_up(const char *name, struct ps_address *out)
{
    struct addrinfo hints, *found;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_family = AF_INET;
    if (getaddrinfo(name, NULL, &hints, &found) != 0) {
        hints.ai_family = AF_INET6;
        if (getaddrinfo(name, NULL, &hints, &found) != 0)
            return "is no address, and no such host name is known";
    }
    if (found->ai_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, found->ai_addr, sizeof in6);
        out->family = PS_IPV6;
        out->scope = in6.sin6_scope_id;
        memcpy(out->ip, &in6.sin6_addr, 16);
    } else {
        struct sockaddr_in in;
        memcpy(&in, found->ai_addr, sizeof in);
        out->family = PS_IPV4;
        memcpy(out->ip, &in.sin_addr, 4);
    }
    freeaddrinfo(found);
    return NULL;
}

const char *app_lookup(const char *text, uint16_t default_port, struct ps_address *out)
{
    char name[256];
    const char *colon = strchr(text, ':'), *why;
    size_t n = colon ? (size_t)(colon - text) : strlen(text);
    uint32_t port = default_port;
    enum ps_error error = ps_address_parse(ps_slice_of(text), default_port, out);
    if (!error)
        return NULL;
    if (error == PS_E_PORT || text[0] == '[')
        return error == PS_E_PORT ? "its port is not 0 to 65535" : "is no address";
    if (!n || n >= sizeof name)
        return "is no address";
    if (colon && ps_parse_u32(ps_slice_of(colon + 1), 65535, &port))
        return "its port is not 0 to 65535";
    memcpy(name, text, n);
    name[n] = '\0';
    memset(out, 0, sizeof *out);
    why = look_up(name, out);
    out->port = (uint16_t)port;
    return why;
}

struct ps_slice app_plain_user(struct ps_slice user, struct ps_writer *out)
{
    size_t i;
    for (i = 0; i < user.n; i++) {
        int high = user.p[i] == '%' && i + 2 < user.n ? ps_hex_value(user.p[i + 1]) : -1;
        if (high < 0) {
            ps_put_char(out, user.p[i]);
            continue;
        }
        ps_put_char(out, (char)(high * 16 + ps_hex_value(user.p[i + 2])));
        i += 2;
    }
    return ps_written(out);
}

/* ---- options ---- */

static const struct app_option *find(const struct app_option *table, const char *name, size_t n)
{
    for (; table && table->name; table++)
        if (strlen(table->name) == n && !memcmp(table->name, name, n))
            return table;
    return NULL;
}

static const char *set_number(const struct app_option *o, const char *value)
{
    static char why[80];
    uint32_t number;
    if (!ps_parse_u32(ps_slice_of(value), o->most, &number) && number >= o->least) {
        *(uint32_t *)o->target = number;
        return NULL;
    }
    snprintf(why, sizeof why, "is not a number from %u to %u", o->least, o->most);
    return why;
}

static const char *add(struct app_list *list, const char *value)
{
    if (list->n == sizeof list->text / sizeof *list->text)
        return "is one too many";
    list->text[list->n++] = value;
    return NULL;
}

static const char *set(const struct app_option *o, const char *value)
{
    switch (o->kind) {
    case APP_FLAG:
        *(bool *)o->target = true;
        return value ? "takes no value" : NULL;
    case APP_TRACE:
        if (value && strcmp(value, "full") != 0)
            return "is --trace or --trace=full";
        *(unsigned *)o->target = value ? 2 : 1;
        return NULL;
    case APP_TEXT:
        *(const char **)o->target = value;
        return NULL;
    case APP_LIST:
        return add(o->target, value);
    case APP_NUMBER:
        return set_number(o, value);
    default:
        return app_lookup(value, (uint16_t)o->least, o->target);
    }
}

static int complain(const struct app_cli *cli, const struct app_option *o, const char *value,
                    const char *why)
{
    char argument[300];
    snprintf(argument, sizeof argument, "%s%s%s", o->name, value ? " " : "", value ? value : "");
    return app_wrong(cli->command, argument, why);
}

/* Reads the option at argv[*i]; takes its value from the next argument where it needs one. */
static int option(const struct app_cli *cli, int argc, char **argv, int *i)
{
    const char *name = argv[*i], *equals = strchr(name, '='), *value = NULL, *why;
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    const struct app_option *o = find(cli->options, name, n);
    if (!o)
        o = find(cli->more, name, n);
    if (!o)
        return app_wrong(cli->command, name, "no such option (--help lists them)");
    if (equals)
        value = equals + 1;
    else if (o->kind != APP_FLAG && o->kind != APP_TRACE) {
        if (*i + 1 >= argc)
            return app_wrong(cli->command, o->name, "needs a value");
        value = argv[++*i];
    }
    why = set(o, value);
    return why ? complain(cli, o, value, why) : APP_OK;
}

int app_options(const struct app_cli *cli, int argc, char **argv, const char **arguments)
{
    int i, n = 0;
    bool only_arguments = false;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") != 0 && strcmp(argv[i], "-h") != 0)
            continue;
        fputs(cli->usage, stdout);
        return APP_HELPED;
    }
    for (i = 1; i < argc; i++) {
        if (!only_arguments && !strcmp(argv[i], "--")) {
            only_arguments = true;
        } else if (!only_arguments && argv[i][0] == '-' && argv[i][1]) {
            if (option(cli, argc, argv, &i))
                return APP_USAGE;
        } else if (n == cli->n) {
            return app_wrong(cli->command, argv[i], "one argument too many (--help)");
        } else {
            arguments[n++] = argv[i];
        }
    }
    return n < cli->n ? app_wrong(cli->command, cli->names[n], "is needed (--help)") : APP_OK;
}
