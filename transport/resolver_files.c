/*
 * Reads the two files of a resolver: hosts(5) and resolv.conf(5). Reads a line at a time through a
 * small buffer, and skips a longer line. Knows no DNS.
 */
#define _GNU_SOURCE
#include "resolver_files_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <unistd.h>

/* ---- lines ---- */

struct lines {
    int fd;
    size_t begin, end;
    bool skipping; /* the rest of a line that did not fit */
    struct ps_system_error *why;
    char bytes[4096];
};

static void failed(struct lines *l, const char *call)
{
    l->why->call = call;
    l->why->error = errno;
}

/* Makes room and reads more; false at the end. */
static bool fill(struct lines *l)
{
    ssize_t got;
    if (l->begin) {
        memmove(l->bytes, l->bytes + l->begin, l->end - l->begin);
        l->end -= l->begin;
        l->begin = 0;
    }
    if (l->end == sizeof l->bytes) {
        l->skipping = true;
        l->end = 0;
    }
    got = read(l->fd, l->bytes + l->end, sizeof l->bytes - l->end);
    if (got < 0)
        failed(l, "read");
    if (got <= 0)
        return false;
    l->end += (size_t)got;
    return true;
}

/* Takes the next line without its end; false after the last. */
static bool next_line(struct lines *l, struct ps_slice *line)
{
    for (;;) {
        struct ps_slice rest = ps_slice(l->bytes + l->begin, l->end - l->begin);
        const char *end = ps_find(rest, '\n');
        bool skipped = l->skipping;
        if (end) {
            *line = ps_between(rest.p, end);
            l->begin += line->n + 1;
            l->skipping = false;
        } else if (!fill(l)) {
            *line = ps_slice(l->bytes + l->begin, l->end - l->begin);
            l->begin = l->end;
            if (!line->n)
                return false;
        } else {
            continue;
        }
        if (!skipped)
            return true;
    }
}

static bool open_lines(struct lines *l, const char *path, struct ps_system_error *why)
{
    why->error = 0;
    l->why = why;
    l->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    l->begin = l->end = 0;
    l->skipping = false;
    if (l->fd < 0 && errno != ENOENT)
        failed(l, "open");
    return l->fd >= 0;
}

/* Takes the next word off a line; empty at the end. */
static struct ps_slice next_word(struct ps_slice *line)
{
    size_t n = 0;
    struct ps_slice word;
    *line = ps_trim(*line);
    while (n < line->n && !ps_is_lws(line->p[n]))
        n++;
    word = ps_slice(line->p, n);
    *line = ps_slice(line->p + n, line->n - n);
    return word;
}

static struct ps_slice without_comment(struct ps_slice line, const char *marks)
{
    for (; *marks; marks++) {
        const char *mark = ps_find(line, *marks);
        if (mark)
            line = ps_between(line.p, mark);
    }
    return line;
}

/* ---- hosts ---- */

static bool names(struct ps_slice line, struct ps_slice name)
{
    struct ps_slice word;
    while ((word = next_word(&line)).n)
        if (ps_equal_nocase(word, name))
            return true;
    return false;
}

/* Adds an address, up to as many of each family as an answer of DNS holds. */
static void add(struct ps_resolver_addresses *out, const struct ps_address *a)
{
    unsigned i, same = 0;
    for (i = 0; i < out->n; i++)
        same += out->ip[i].family == a->family;
    if (same < PS_RESOLVER_ADDRESSES)
        out->ip[out->n++] = *a;
}

unsigned ps_resolver_read_hosts(const char *path, struct ps_slice name, unsigned families,
                                struct ps_resolver_addresses *out, struct ps_system_error *why)
{
    struct lines lines;
    struct ps_slice line;
    out->n = 0;
    if (!open_lines(&lines, path, why))
        return 0;
    while (next_line(&lines, &line)) {
        struct ps_address a;
        line = without_comment(line, "#");
        if (ps_ip_parse(next_word(&line), &a) || !names(line, name))
            continue;
        if (families & (a.family == PS_IPV6 ? PS_RESOLVE_IPV6 : PS_RESOLVE_IPV4))
            add(out, &a);
    }
    close(lines.fd);
    return out->n;
}

/* ---- resolv.conf ---- */

/* Reads a server's address. "fe80::1%eth0" names the interface, by name or number. */
static bool parse_server(struct ps_slice word, uint16_t port, struct ps_address *out)
{
    const char *percent = ps_find(word, '%');
    struct ps_slice zone = PS_NONE;
    char name[IF_NAMESIZE] = {0};
    uint32_t scope = 0;
    if (percent) {
        zone = ps_between(percent + 1, word.p + word.n);
        word = ps_between(word.p, percent);
    }
    if (ps_ip_parse(word, out) || zone.n >= sizeof name)
        return false;
    if (zone.n) {
        memcpy(name, zone.p, zone.n);
        if (ps_parse_u32(zone, UINT32_MAX, &scope))
            scope = if_nametoindex(name);
    }
    out->scope = scope;
    out->port = port;
    return true;
}

/* Reads the options: timeout up to 30 s, attempts up to 5 (resolv.conf(5)). */
static void parse_options(struct ps_slice line, struct ps_resolv_conf *out)
{
    struct ps_slice word;
    while ((word = next_word(&line)).n) {
        const char *colon = ps_find(word, ':');
        struct ps_slice value;
        uint32_t number;
        if (!colon)
            continue;
        value = ps_between(colon + 1, word.p + word.n);
        word = ps_between(word.p, colon);
        if (ps_parse_u32(value, UINT32_MAX, &number) || !number)
            continue;
        if (ps_equal(word, PS_S("timeout")))
            out->timeout = (number < 30 ? number : 30) * 1000;
        else if (ps_equal(word, PS_S("attempts")))
            out->attempts = number < 5 ? number : 5;
    }
}

static void parse_conf_line(struct ps_slice line, uint16_t port, struct ps_resolv_conf *out)
{
    struct ps_slice word;
    line = without_comment(line, "#;");
    word = next_word(&line);
    if (ps_equal(word, PS_S("options")))
        parse_options(line, out);
    else if (ps_equal(word, PS_S("nameserver")) && out->count < PS_RESOLVER_SERVERS &&
             parse_server(next_word(&line), port, &out->servers[out->count]))
        out->count++;
}

void ps_resolver_read_conf(const char *path, uint16_t port, struct ps_resolv_conf *out,
                           struct ps_system_error *why)
{
    struct lines lines;
    struct ps_slice line;
    memset(out, 0, sizeof *out);
    out->timeout = 2000;
    out->attempts = 2;
    if (open_lines(&lines, path, why)) {
        while (next_line(&lines, &line))
            parse_conf_line(line, port, out);
        close(lines.fd);
    }
    if (!out->count) {
        parse_server(PS_S("127.0.0.1"), port, &out->servers[0]);
        out->count = 1;
    }
}
