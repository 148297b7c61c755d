/*
 * Reads and writes STUN binding requests and answers (RFC 5389). Knows bytes alone.
 */
#include "stun_internal.h"

enum {
    HEADER = 20,
    COOKIE = 0x2112a442,
    REQUEST = 0x0001,
    SUCCESS = 0x0101,
    ERROR = 0x0111,
    ERROR_CODE = 0x0009,
    UNKNOWN_ATTRIBUTES = 0x000a,
    XOR_MAPPED_ADDRESS = 0x0020,
    FINGERPRINT = 0x8028,
    FINGERPRINT_XOR = 0x5354554e
};

static unsigned get_u16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)get_u16(p) << 16 | get_u16(p + 2);
}

static void put_u16(struct ps_writer *w, unsigned value)
{
    ps_put_char(w, (char)(value >> 8 & 0xff));
    ps_put_char(w, (char)(value & 0xff));
}

static void put_u32(struct ps_writer *w, uint32_t value)
{
    put_u16(w, value >> 16);
    put_u16(w, value & 0xffff);
}

/* ---- kinds of datagrams ---- */

static bool is_stun(struct ps_slice bytes)
{
    const uint8_t *p = (const uint8_t *)bytes.p;
    return bytes.n >= HEADER && p[0] < 64 && get_u32(p + 4) == COOKIE &&
           get_u16(p + 2) == bytes.n - HEADER && bytes.n % 4 == 0;
}

enum ps_datagram_kind ps_datagram_kind(struct ps_slice bytes)
{
    size_t i;
    if (is_stun(bytes))
        return PS_DATAGRAM_STUN;
    for (i = 0; i < bytes.n; i++)
        if (bytes.p[i] != '\r' && bytes.p[i] != '\n' && bytes.p[i] != '\0')
            return PS_DATAGRAM_SIP;
    return PS_DATAGRAM_KEEPALIVE;
}

/* ---- the fingerprint: CRC-32 as in ITU V.42, of all before it (15.5) ---- */

static uint32_t fingerprint(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xffffffff;
    size_t i;
    int bit;
    for (i = 0; i < n; i++) {
        crc ^= p[i];
        for (bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc ^ FINGERPRINT_XOR;
}

/* ---- reading ---- */

/* Reads XOR-MAPPED-ADDRESS: the address is masked by the cookie, an IPv6 one by the id too
 * (15.2). */
static bool read_mapped(const uint8_t *message, const uint8_t *value, size_t n,
                        struct ps_address *out)
{
    size_t i, length = value[1] == 1 ? 4 : 16;
    if (n != 4 + length || value[1] < 1 || value[1] > 2)
        return false;
    memset(out, 0, sizeof *out);
    out->family = value[1] == 1 ? PS_IPV4 : PS_IPV6;
    out->port = (uint16_t)(get_u16(value + 2) ^ (COOKIE >> 16));
    for (i = 0; i < length; i++)
        out->ip[i] = value[4 + i] ^ message[4 + i];
    return true;
}

/* Tells whether an attribute is known (RFC 5389 18.2). Those for authentication are known and not
 * used. */
static bool is_known(unsigned type)
{
    switch (type) {
    case 0x0001: /* MAPPED-ADDRESS */
    case 0x0006: /* USERNAME */
    case 0x0008: /* MESSAGE-INTEGRITY */
    case ERROR_CODE:
    case UNKNOWN_ATTRIBUTES:
    case 0x0014: /* REALM */
    case 0x0015: /* NONCE */
    case XOR_MAPPED_ADDRESS:
        return true;
    default:
        return type >= 0x8000; /* may be passed over */
    }
}

static bool read_attribute(const uint8_t *message, size_t at, unsigned type, size_t n,
                           struct ps_stun *out)
{
    const uint8_t *value = message + at + 4;
    if (type == FINGERPRINT) {
        out->fingerprint = n == 4 && get_u32(value) == fingerprint(message, at);
        return out->fingerprint;
    }
    if (type == XOR_MAPPED_ADDRESS)
        return n >= 4 && read_mapped(message, value, n, &out->mapped);
    if (!is_known(type) && out->unknown_count < PS_STUN_UNKNOWN)
        out->unknown[out->unknown_count++] = (uint16_t)type;
    return true;
}

static enum ps_stun_kind kind_of(unsigned type)
{
    switch (type) {
    case REQUEST:
        return PS_STUN_REQUEST;
    case SUCCESS:
        return PS_STUN_SUCCESS;
    case ERROR:
        return PS_STUN_ERROR;
    default:
        return PS_STUN_OTHER;
    }
}

/* Reads a message; the fingerprint stands last (15.5). */
enum ps_error ps_stun_read(struct ps_slice bytes, struct ps_stun *out)
{
    const uint8_t *p = (const uint8_t *)bytes.p;
    size_t at = HEADER;
    struct ps_stun stun;
    if (!is_stun(bytes))
        return PS_E_SYNTAX;
    memset(&stun, 0, sizeof stun);
    stun.kind = kind_of(get_u16(p));
    memcpy(stun.id, p + 8, PS_STUN_ID);
    while (at < bytes.n) { /* both are multiples of 4 */
        size_t n = get_u16(p + at + 2), padded = (n + 3) / 4 * 4;
        if (stun.fingerprint || padded > bytes.n - at - 4 ||
            !read_attribute(p, at, get_u16(p + at), n, &stun))
            return PS_E_SYNTAX;
        at += 4 + padded;
    }
    *out = stun;
    return PS_OK;
}

/* ---- writing ---- */

static void put_header(struct ps_writer *w, unsigned type, size_t length,
                       const uint8_t id[PS_STUN_ID])
{
    put_u16(w, type);
    put_u16(w, (unsigned)length);
    put_u32(w, COOKIE);
    ps_put(w, ps_slice((const char *)id, PS_STUN_ID));
}

void ps_stun_put_request(struct ps_writer *w, const uint8_t id[PS_STUN_ID])
{
    put_header(w, REQUEST, 0, id);
}

static void put_mapped(struct ps_writer *w, const uint8_t id[PS_STUN_ID],
                       const struct ps_address *seen)
{
    static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};
    size_t i, n = seen->family == PS_IPV6 ? 16 : 4;
    put_u16(w, XOR_MAPPED_ADDRESS);
    put_u16(w, (unsigned)(4 + n));
    put_u16(w, n == 16 ? 2 : 1);
    put_u16(w, seen->port ^ (COOKIE >> 16));
    for (i = 0; i < n; i++)
        ps_put_char(w, (char)(seen->ip[i] ^ (i < 4 ? cookie[i] : id[i - 4])));
}

/* Writes the 420 that lists unknown attributes (7.3.1, 15.6, 15.9). */
static void put_unknown(struct ps_writer *w, const struct ps_stun *request)
{
    unsigned i;
    put_u16(w, ERROR_CODE);
    put_u16(w, 4 + 17);
    put_u32(w, 4 << 8 | 20);
    ps_put(w, ps_slice("Unknown Attribute\0\0", 20));
    put_u16(w, UNKNOWN_ATTRIBUTES);
    put_u16(w, 2 * request->unknown_count);
    for (i = 0; i < request->unknown_count; i++)
        put_u16(w, request->unknown[i]);
    if (request->unknown_count % 2)
        put_u16(w, 0);
}

static size_t body_length(const struct ps_stun *request, const struct ps_address *seen)
{
    size_t n = seen->family == PS_IPV6 ? 24 : 12;
    if (request->unknown_count)
        n = 28 + 4 + (request->unknown_count + 1) / 2 * 4;
    return n + (request->fingerprint ? 8 : 0);
}

void ps_stun_put_answer(struct ps_writer *w, const struct ps_stun *request,
                        const struct ps_address *seen)
{
    size_t begin = w->n;
    put_header(w, request->unknown_count ? ERROR : SUCCESS, body_length(request, seen),
               request->id);
    if (request->unknown_count)
        put_unknown(w, request);
    else
        put_mapped(w, request->id, seen);
    if (request->fingerprint && !w->error) {
        uint32_t value = fingerprint((const uint8_t *)w->p + begin, w->n - begin);
        put_u16(w, FINGERPRINT);
        put_u16(w, 4);
        put_u32(w, value);
    }
}
