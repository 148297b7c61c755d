/*
 * plainsip sdp: explains a session description line by line, or makes the answer to an offer.
 * Reads with sdp/ alone; opens no port.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sdp/attribute.h"
#include "../sdp/negotiation.h"
#include "apps.h"
#include "cli.h"
#include "escape.h"

static void sdp_usage(void)
{
    puts("usage: plainsip sdp [--json] [--strict] [FILE]\n"
         "       plainsip sdp --answer CAPABILITIES OFFER\n"
         "\n"
         "Explains a session description (RFC 8866) from FILE or standard input: what each line\n"
         "says, and which mistakes were read all the same. For an invalid one it says the line,\n"
         "the column and the rule (exit 1).\n"
         "\n"
         "  --json    the same as one JSON object on one line\n"
         "  --strict  refuses mistakes that are otherwise read with a note\n"
         "  --answer  prints the answer (RFC 3264) to the offer in the file OFFER, made from the\n"
         "            session description in CAPABILITIES: what this side can do, best first.\n"
         "            Status 1 where the two have no medium in common\n"
         "\n"
         "Example:\n"
         "  plainsip sdp --answer phone.sdp offer.sdp");
}

static int sdp_wrong(const char *argument, const char *why)
{
    return app_wrong("sdp", argument, why);
}

/* ---- files ---- */

/* Holds one byte more than a description may have, so that a longer one is noticed. */
struct sdp_file {
    const char *name;
    size_t n;
    char bytes[65536 + 1];
};

static bool sdp_read(struct sdp_file *file, const char *name)
{
    FILE *in = name ? fopen(name, "rb") : stdin;
    bool good;
    file->name = name ? name : "-";
    if (!in)
        return false;
    file->n = fread(file->bytes, 1, sizeof file->bytes, in);
    good = !ferror(in);
    if (name)
        fclose(in);
    return good;
}

static struct ps_slice sdp_text(const struct sdp_file *file)
{
    return ps_slice(file->bytes, file->n);
}

static void sdp_complain(const char *file, const struct ps_sdp_fault *fault)
{
    app_print(stderr, ps_slice_of(file));
    fprintf(stderr, ":%u:%u: %s: expected %s (%s)\n", fault->line, fault->column,
            ps_error_text(fault->error), fault->expected, fault->rule);
}

/* ---- as text ---- */

static const char *sdp_line_name(char type)
{
    static const char *const names[] = {
        "v version", "o origin",     "s session name", "i information", "u URI",
        "e e-mail",  "p phone",      "c connection",   "b bandwidth",   "t time",
        "r repeat",  "z time zones", "k key",          "a attribute",   "m media",
    };
    size_t i;
    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i][0] == type)
            return names[i] + 2;
    return "";
}

static void sdp_explain_media(struct ps_slice value)
{
    struct ps_sdp_media m;
    if (ps_sdp_media_parse(value, &m, NULL))
        return;
    fputs("; ", stdout);
    app_print(stdout, m.media);
    if (m.port)
        printf(" to port %u", (unsigned)m.port);
    else
        fputs(", refused or unused", stdout);
    fputs(" by ", stdout);
    app_print(stdout, m.protocol);
}

static void sdp_explain_attribute(const struct ps_sdp *sdp, unsigned i)
{
    struct ps_sdp_attribute a;
    if (ps_sdp_attribute_parse(ps_sdp_attribute_name(sdp, i), ps_sdp_attribute_value(sdp, i), &a,
                               NULL))
        return;
    if (a.id == PS_SDP_A_OTHER) {
        fputs(", kept as it is", stdout);
    } else if (a.id == PS_SDP_A_RTPMAP) {
        printf("; payload type %u is ", (unsigned)a.u.rtpmap.payload);
        app_print(stdout, a.u.rtpmap.name);
        printf(" at %u Hz", (unsigned)a.u.rtpmap.clock_rate);
        if (a.u.rtpmap.channels > 1)
            printf(", %u channels", (unsigned)a.u.rtpmap.channels);
    } else if (a.id == PS_SDP_A_PTIME || a.id == PS_SDP_A_MAXPTIME) {
        printf("; %g ms", a.u.decimal.thousandths / 1000.0);
    } else if (a.id == PS_SDP_A_FRAMERATE) {
        printf("; %g frames a second", a.u.decimal.thousandths / 1000.0);
    } else {
        struct ps_slice name = ps_sdp_attribute_id_name(a.id);
        fputs("; ", stdout);
        app_print(stdout, name);
    }
}

static void sdp_explain_line(const struct ps_sdp *sdp, unsigned i)
{
    char type = sdp->line[i].type;
    struct ps_slice value = ps_sdp_value(sdp, i);
    printf("%4u  %c=", i + 1, type);
    app_print(stdout, value);
    printf("\n        %s", sdp_line_name(type));
    if (type == 'm')
        sdp_explain_media(value);
    else if (type == 'a')
        sdp_explain_attribute(sdp, i);
    putchar('\n');
}

static void sdp_explain(const struct ps_sdp *sdp)
{
    unsigned i;
    int media;
    for (i = 0; i < sdp->lines; i++)
        sdp_explain_line(sdp, i);
    for (media = 0; media < (int)sdp->media; media++) {
        struct ps_slice direction = ps_sdp_direction_name(ps_sdp_direction(sdp, media));
        printf("media %d: ", media + 1);
        app_print(stdout, direction);
        putchar('\n');
    }
    for (i = 0; i < PS_SDP_NOTES; i++)
        if (sdp->noted[i])
            printf("note: line %u: %s\n", (unsigned)sdp->noted[i],
                   ps_sdp_note_text((enum ps_sdp_note)i));
    puts("valid");
}

/* ---- as JSON ---- */

/* Prints ,"name":"value", or ,"name":null for an absent one. */
static void sdp_json_member(const char *name, struct ps_slice value)
{
    printf(",\"%s\":", name);
    if (value.p)
        app_print_json(stdout, value);
    else
        fputs("null", stdout);
}

static void sdp_json_words(const char *name, struct ps_slice list)
{
    struct ps_slice word;
    const char *comma = "";
    printf(",\"%s\":[", name);
    while ((word = ps_sdp_word(&list)).n) {
        fputs(comma, stdout);
        app_print_json(stdout, word);
        comma = ",";
    }
    putchar(']');
}

static void sdp_json_attributes(const struct ps_sdp *sdp, int media)
{
    unsigned cursor = 0;
    unsigned i;
    const char *comma = "";
    fputs(",\"attributes\":[", stdout);
    while (ps_sdp_next(sdp, media, 'a', &cursor, &i)) {
        printf("%s{\"line\":%u", comma, i + 1);
        sdp_json_member("name", ps_sdp_attribute_name(sdp, i));
        sdp_json_member("value", ps_sdp_attribute_value(sdp, i));
        putchar('}');
        comma = ",";
    }
    putchar(']');
}

static void sdp_json_connection(const struct ps_sdp *sdp, int media)
{
    struct ps_slice value = ps_sdp_first(sdp, media, 'c');
    struct ps_sdp_connection c;
    if (!value.p)
        value = ps_sdp_first(sdp, PS_SDP_SESSION, 'c');
    if (value.p && !ps_sdp_connection_parse(value, &c, NULL))
        sdp_json_member("address", c.address);
    else
        sdp_json_member("address", PS_NONE);
}

static void sdp_json_media(const struct ps_sdp *sdp, int media)
{
    struct ps_sdp_media m;
    (void)ps_sdp_media_parse(ps_sdp_first(sdp, media, 'm'), &m, NULL);
    printf("{\"line\":%u", sdp->first[media + 1] + 1u);
    sdp_json_member("media", m.media);
    printf(",\"port\":%u,\"ports\":%u", (unsigned)m.port, (unsigned)m.count);
    sdp_json_member("protocol", m.protocol);
    sdp_json_words("formats", m.formats);
    sdp_json_connection(sdp, media);
    sdp_json_member("direction", ps_sdp_direction_name(ps_sdp_direction(sdp, media)));
    sdp_json_attributes(sdp, media);
    putchar('}');
}

static void sdp_json_notes(const struct ps_sdp *sdp)
{
    const char *comma = "";
    unsigned i;
    fputs(",\"notes\":[", stdout);
    for (i = 0; i < PS_SDP_NOTES; i++) {
        if (!sdp->noted[i])
            continue;
        printf("%s{\"line\":%u", comma, (unsigned)sdp->noted[i]);
        sdp_json_member("note", ps_slice_of(ps_sdp_note_text((enum ps_sdp_note)i)));
        putchar('}');
        comma = ",";
    }
    putchar(']');
}

static void sdp_json(const struct ps_sdp *sdp)
{
    struct ps_sdp_origin o;
    int media;
    (void)ps_sdp_origin_parse(ps_sdp_first(sdp, PS_SDP_SESSION, 'o'), &o, NULL);
    fputs(",\"valid\":true,\"origin\":{\"user\":", stdout);
    app_print_json(stdout, o.username);
    sdp_json_member("session_id", o.session_id);
    sdp_json_member("version", o.version);
    sdp_json_member("family", o.family);
    sdp_json_member("address", o.address);
    putchar('}');
    sdp_json_member("name", ps_sdp_first(sdp, PS_SDP_SESSION, 's'));
    sdp_json_connection(sdp, PS_SDP_SESSION);
    sdp_json_attributes(sdp, PS_SDP_SESSION);
    fputs(",\"media\":[", stdout);
    for (media = 0; media < (int)sdp->media; media++) {
        if (media)
            putchar(',');
        sdp_json_media(sdp, media);
    }
    putchar(']');
    sdp_json_notes(sdp);
}

static void sdp_json_fault(const struct ps_sdp_fault *fault)
{
    fputs(",\"valid\":false", stdout);
    sdp_json_member("error", ps_slice_of(ps_error_text(fault->error)));
    printf(",\"line\":%u,\"column\":%u,\"offset\":%u", fault->line, fault->column, fault->offset);
    sdp_json_member("expected", ps_slice_of(fault->expected));
    sdp_json_member("rfc", ps_slice_of(fault->rule));
}

/* ---- the two commands ---- */

static int sdp_explain_file(const char *name, bool json, unsigned flags)
{
    static struct sdp_file file;
    static struct ps_sdp sdp;
    struct ps_sdp_fault fault;
    enum ps_error e;
    if (!sdp_read(&file, name))
        return sdp_wrong(name ? name : "standard input", "cannot be read");
    e = ps_sdp_parse(sdp_text(&file), flags, &sdp, &fault);
    if (!e)
        e = ps_sdp_check(&sdp, &fault);
    if (json) {
        fputs("{\"file\":", stdout);
        app_print_json(stdout, ps_slice_of(file.name));
        if (e)
            sdp_json_fault(&fault);
        else
            sdp_json(&sdp);
        puts("}");
    } else if (e) {
        sdp_complain(file.name, &fault);
    } else {
        sdp_explain(&sdp);
    }
    return e ? APP_NO : APP_OK;
}

static int sdp_answer(const char *capabilities, const char *offer)
{
    static struct sdp_file ours;
    static struct sdp_file theirs;
    static struct ps_sdp sdp;
    static char memory[PS_SDP_MEMORY(65535)];
    struct ps_sdp_negotiation n;
    struct ps_sdp_fault fault;
    struct ps_slice answer;
    enum ps_error e;
    if (!sdp_read(&ours, capabilities))
        return sdp_wrong(capabilities, "cannot be read");
    if (!sdp_read(&theirs, offer))
        return sdp_wrong(offer, "cannot be read");
    if (ps_sdp_parse(sdp_text(&ours), 0, &sdp, &fault) || ps_sdp_check(&sdp, &fault)) {
        sdp_complain(capabilities, &fault);
        return APP_USAGE;
    }
    ps_sdp_negotiation_init(&n, memory, sizeof memory);
    memset(&fault, 0, sizeof fault);
    e = ps_sdp_answer(&n, sdp_text(&theirs), &sdp, PS_SDP_SENDRECV, &answer, &fault);
    if (e && fault.line)
        sdp_complain(offer, &fault);
    else if (e)
        (void)sdp_wrong(offer, ps_error_text(e));
    else
        app_print_document(stdout, answer);
    return e ? APP_NO : APP_OK;
}

int app_sdp(int argc, char **argv)
{
    bool json = false;
    unsigned flags = 0;
    int i;
    for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (!strcmp(argv[i], "--help")) {
            sdp_usage();
            return APP_OK;
        }
        if (!strcmp(argv[i], "--answer")) {
            if (i + 2 >= argc)
                return sdp_wrong("--answer", "needs two files: CAPABILITIES and OFFER");
            if (i + 3 < argc)
                return sdp_wrong(argv[i + 3], "one offer at a time");
            return sdp_answer(argv[i + 1], argv[i + 2]);
        }
        if (!strcmp(argv[i], "--json"))
            json = true;
        else if (!strcmp(argv[i], "--strict"))
            flags = PS_SDP_STRICT;
        else
            return sdp_wrong(argv[i], "no such option (plainsip sdp --help)");
    }
    if (i + 1 < argc)
        return sdp_wrong(argv[i + 1], "one file at a time");
    return sdp_explain_file(i < argc && strcmp(argv[i], "-") != 0 ? argv[i] : NULL, json, flags);
}
