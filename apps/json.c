/*
 * Printing text as JSON strings and as readable lines (json.h). Knows no SIP.
 */
#include "json.h"

/* How many bytes at p are one character of UTF-8 (RFC 3629 4); 0 where they are none. */
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

void json_string(FILE *out, struct ps_slice s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;
    putc('"', out);
    while (i < s.n) {
        size_t length = utf8_length(p + i, s.n - i);
        if (!length)
            fprintf(out, "\\\\x%02x", p[i]);
        else if (p[i] == '"' || p[i] == '\\')
            fprintf(out, "\\%c", p[i]);
        else if (p[i] < 32 || p[i] == 127)
            fprintf(out, "\\u%04x", p[i]);
        else
            fwrite(p + i, 1, length, out);
        i += length ? length : 1;
    }
    putc('"', out);
}

void print_readable(FILE *out, struct ps_slice s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;
    while (i < s.n) {
        size_t length = utf8_length(p + i, s.n - i);
        if (!length || p[i] < 32 || p[i] == 127)
            fprintf(out, "\\x%02x", p[i]);
        else
            fwrite(p + i, 1, length, out);
        i += length ? length : 1;
    }
}
