/*
 * plainsip uri: prints the parts of a URI, or whether two are equal by RFC 3261 19.1.4.
 */
#include <stdio.h>
#include <string.h>

#include "apps.h"
#include "cli.h"
#include "escape.h"
#include "sip/names.h"
#include "sip/uri.h"

static void usage(FILE *out)
{
    fprintf(out,
            "usage: plainsip uri [--json] URI\n"
            "       plainsip uri URI URI\n\n"
            "Prints the parts of a URI, or why it is none (exit 1); with two, whether they are\n"
            "equal by RFC 3261 19.1.4: \"equal\" (exit 0) or \"different: WHY\" (exit 1).\n\n"
            "  --json  one JSON object on one line\n\n"
            "Example:\n  plainsip uri 'sip:alice@example.com;transport=tcp'\n"
            "  plainsip uri sip:%%61lice@example.com sip:alice@EXAMPLE.com\n");
}

typedef bool next_fn(struct ps_slice *rest, struct ps_slice *name, struct ps_slice *value);

static void text_part(const char *name, struct ps_slice value)
{
    if (!value.p)
        return;
    printf("%s: ", name);
    app_print(stdout, value);
    putchar('\n');
}

static void text_list(const char *name, struct ps_slice list, next_fn *next)
{
    struct ps_slice key, value;
    while (next(&list, &key, &value)) {
        printf("%s: ", name);
        app_print(stdout, key);
        if (value.p) {
            putchar('=');
            app_print(stdout, value);
        }
        putchar('\n');
    }
}

static void print_text(const struct ps_uri *uri)
{
    text_part("scheme", uri->scheme_name);
    text_part(uri->scheme == PS_SCHEME_TEL ? "number" : "user", uri->user);
    text_part("password", uri->password);
    text_part("host", uri->host);
    if (uri->port)
        printf("port: %u\n", uri->port);
    text_list("parameter", uri->params, ps_uri_param_next);
    text_list("header", uri->headers, ps_uri_header_next);
    text_part("opaque", uri->opaque);
}

static void json_part(const char *name, struct ps_slice value)
{
    printf(",\"%s\":", name);
    if (value.p)
        app_print_json(stdout, value);
    else
        printf("null");
}

static void json_list(const char *name, struct ps_slice list, next_fn *next)
{
    struct ps_slice key, value;
    const char *comma = "";
    printf(",\"%s\":[", name);
    while (next(&list, &key, &value)) {
        printf("%s{\"name\":", comma);
        app_print_json(stdout, key);
        json_part("value", value);
        putchar('}');
        comma = ",";
    }
    putchar(']');
}

static void print_json(const struct ps_uri *uri)
{
    printf("{\"uri\":");
    app_print_json(stdout, uri->whole);
    printf(",\"valid\":true");
    json_part("scheme", uri->scheme_name);
    json_part("user", uri->user);
    json_part("password", uri->password);
    json_part("host", uri->host);
    if (uri->port)
        printf(",\"port\":%u", uri->port);
    else
        printf(",\"port\":null");
    json_list("parameters", uri->params, ps_uri_param_next);
    json_list("headers", uri->headers, ps_uri_header_next);
    json_part("opaque", uri->opaque);
    printf("}\n");
}

static int explain(const char *text, bool json)
{
    struct ps_uri uri;
    size_t offset = 0;
    enum ps_error error = ps_uri_parse(ps_slice_of(text), &uri, &offset);
    const char *rule = uri.scheme == PS_SCHEME_TEL     ? "RFC 3966 3"
                       : uri.scheme == PS_SCHEME_OTHER ? "RFC 3986 3"
                                                       : "RFC 3261 19.1.1";
    if (!error && json) {
        print_json(&uri);
    } else if (!error) {
        print_text(&uri);
    } else if (json) {
        printf("{\"uri\":");
        app_print_json(stdout, ps_slice_of(text));
        printf(",\"valid\":false,\"error\":\"%s\",\"offset\":%zu,\"rfc\":\"%s\"}\n",
               ps_error_text(error), offset, rule);
    } else {
        printf("invalid: %s at byte %zu (%s)\n", ps_error_text(error), offset, rule);
    }
    return error ? APP_NO : APP_OK;
}

static int compare(char *const text[2])
{
    struct ps_uri uri[2];
    const char *why = NULL;
    int i;
    for (i = 0; i < 2; i++) {
        size_t offset = 0;
        enum ps_error error = ps_uri_parse(ps_slice_of(text[i]), &uri[i], &offset);
        if (!error)
            continue;
        printf("different: ");
        app_print(stdout, ps_slice_of(text[i]));
        printf(" is no URI: %s at byte %zu\n", ps_error_text(error), offset);
        return APP_NO;
    }
    if (ps_uri_equal(&uri[0], &uri[1], &why)) {
        printf("equal\n");
        return APP_OK;
    }
    printf("different: %s\n", why);
    return APP_NO;
}

int app_uri(int argc, char **argv)
{
    bool json = false;
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (!strcmp(argv[i], "--help")) {
            usage(stdout);
            return APP_OK;
        }
        if (!strcmp(argv[i], "--json")) {
            json = true;
        } else {
            return app_wrong("uri", argv[i], "no such option (--help lists them)");
        }
    }
    if (argc - i == 2 && json)
        return app_wrong("uri", argv[i + 1], "is one too many: --json takes one URI");
    if (argc - i == 1)
        return explain(argv[i], json);
    if (argc - i == 2)
        return compare(argv + i);
    if (argc == i)
        return app_wrong("uri", "URI", "is needed (--help)");
    return app_wrong("uri", argv[i + 2], "one argument too many (--help)");
}
