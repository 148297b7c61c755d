/*
 * Raw texts: where one ends, and the way from raw to plain and back (RFC 3261 25.1, quoted-string).
 * Knows no parameter and no header.
 */
#include "raw_internal.h"

#define RAW_ONES UINT64_C(0x0101010101010101)

/* Marks the zeros among eight bytes by their high bits; marks above the lowest may be wrong. */
static uint64_t raw_zeros(uint64_t eight)
{
    return (eight - RAW_ONES) & ~eight & (RAW_ONES << 7);
}

/* Is none of the eight bytes, which are no quotes, in need of a second look between quotes? */
static bool raw_eight_plain(const char *p)
{
    uint64_t eight, controls;
    memcpy(&eight, p, 8);
    controls = (eight - RAW_ONES * ' ') & ~eight & (RAW_ONES << 7);
    return !(controls | raw_zeros(eight ^ RAW_ONES * '\\') | raw_zeros(eight ^ RAW_ONES * 0x7f));
}

/* Nothing between the two that needs a second look? Eight at a time, the last eight perhaps twice.
 */
static bool raw_plain(const char *p, const char *end)
{
    if (end - p < 8)
        return false;
    while (raw_eight_plain(p)) {
        if (end - p == 8)
            return true;
        p = end - p > 16 ? p + 8 : end - 8;
    }
    return false;
}

/* quoted-string less LWS over several lines */
const char *ps_digest_raw_end(const char *p, const char *end)
{
    const char *quote = ps_find(ps_between(p, end), '"');
    if (raw_plain(p, quote ? quote : end))
        return quote ? quote : end;
    for (; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\\') {
            if (end - p < 2 || p[1] == '\r' || p[1] == '\n' || (unsigned char)p[1] > 0x7f)
                return p;
            p++;
        } else if (c == '"' || c == 0x7f || (c < ' ' && c != '\t')) {
            return p;
        }
    }
    return p;
}
#undef RAW_ONES

bool ps_digest_raw_is(struct ps_slice raw, struct ps_slice plain)
{
    size_t i, at = 0;
    for (i = 0; i < raw.n; i++, at++) {
        if (raw.p[i] == '\\' && i + 1 < raw.n)
            i++;
        if (at == plain.n || raw.p[i] != plain.p[at])
            return false;
    }
    return at == plain.n;
}

void ps_digest_put_escaped(struct ps_writer *w, struct ps_slice plain)
{
    size_t i;
    for (i = 0; i < plain.n; i++) {
        char c = plain.p[i];
        if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f) {
            if (!w->error)
                w->error = PS_E_INJECTION;
        } else if (c == '"' || c == '\\') {
            ps_put_char(w, '\\');
        }
        ps_put_char(w, c);
    }
}

void ps_digest_put_plain(struct ps_writer *w, struct ps_slice raw)
{
    size_t i;
    for (i = 0; i < raw.n; i++) {
        if (raw.p[i] == '\\' && i + 1 < raw.n)
            i++;
        ps_put_char(w, raw.p[i]);
    }
}
