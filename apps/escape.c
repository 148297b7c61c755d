/*
 * Makes what a peer wrote fit for a terminal. See escape.h.
 */
#define _POSIX_C_SOURCE 200809L /* fileno */
#include "escape.h"

#include <unistd.h>

/* Holds one character, or one byte that is not part of any. */
struct character {
    size_t n; /* bytes */
    bool text;
    uint32_t code; /* of the character or the byte */
};

/* Counts the bytes at p that are one character of UTF-8 (RFC 3629 4); 0 where they are none. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4, i;
    if (!length || p[0] > 0xf4 || length > n)
        return 0;
    for (i = 1; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return length;
}

static struct character first_of(struct ps_slice s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    struct character c = {1, false, p[0]};
    size_t n = utf8_length(p, s.n), i;
    if (!n)
        return c;
    c.n = n;
    c.text = true;
    if (n > 1)
        c.code = p[0] & (0x7fu >> n);
    for (i = 1; i < n; i++)
        c.code = c.code << 6 | (p[i] & 0x3fu);
    return c;
}

/* Tells whether a terminal acts on a character, or shows its neighbours elsewhere because of it. */
static bool is_active(uint32_t code)
{
    return code < 32 || (code >= 0x7f && code <= 0x9f) || code == 0x061c || code == 0x200e ||
           code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

static void put_u(struct ps_writer *w, uint32_t code)
{
    const unsigned char byte[2] = {(unsigned char)(code >> 8), (unsigned char)code};
    ps_put(w, PS_S("\\u"));
    ps_put_hex(w, byte, 2);
}

static void put_one(struct ps_writer *w, const char *p, struct character c)
{
    if (c.text && !is_active(c.code)) {
        ps_put(w, ps_slice(p, c.n));
    } else if (c.text && c.code > 0x7f) {
        put_u(w, c.code);
    } else {
        ps_put(w, PS_S("\\x"));
        ps_put_hex(w, p, 1);
    }
}

static void put_json(struct ps_writer *w, const char *p, struct character c)
{
    if (!c.text) {
        put_u(w, 0xdc00 + c.code);
    } else if (is_active(c.code)) {
        put_u(w, c.code);
    } else {
        if (*p == '"' || *p == '\\')
            ps_put_char(w, '\\');
        ps_put(w, ps_slice(p, c.n));
    }
}

static struct ps_slice behind(struct ps_slice s, size_t n)
{
    return ps_slice(s.p + n, s.n - n);
}

void app_put_escaped(struct ps_writer *w, struct ps_slice s)
{
    while (s.n) {
        struct character c = first_of(s);
        put_one(w, s.p, c);
        s = behind(s, c.n);
    }
}

static void print_with(FILE *out, struct ps_slice s,
                       void (*put)(struct ps_writer *, const char *, struct character))
{
    char text[8];
    while (s.n) {
        struct ps_writer w = ps_writer(text, sizeof text);
        struct character c = first_of(s);
        put(&w, s.p, c);
        fwrite(text, 1, ps_written(&w).n, out);
        s = behind(s, c.n);
    }
}

void app_print(FILE *out, struct ps_slice s)
{
    print_with(out, s, put_one);
}

void app_print_lines(FILE *out, struct ps_slice s)
{
    while (s.n) {
        const char *end = ps_find(s, '\n');
        struct ps_slice line = end ? ps_between(s.p, end) : s;
        s = end ? behind(s, line.n + 1) : PS_NONE;
        if (end && line.n && line.p[line.n - 1] == '\r')
            line.n--;
        app_print(out, line);
        putc('\n', out);
    }
}

void app_print_document(FILE *out, struct ps_slice s)
{
    if (isatty(fileno(out)))
        app_print_lines(out, s);
    else
        fwrite(s.p, 1, s.n, out);
}

void app_print_json(FILE *out, struct ps_slice s)
{
    putc('"', out);
    print_with(out, s, put_json);
    putc('"', out);
}
