/*
 * Reads IP addresses (RFC 3261 25.1, RFC 5954) and writes them (RFC 5952).
 * Knows nothing of host names, URIs or sockets.
 */
#include "../address.h"
#include "address_text.h"

/* ---- reading ---- */

size_t ps_ipv4_length(struct ps_slice text, uint8_t ip[4])
{
    const char *p = text.p, *end = ps_end(text), *digits;
    unsigned part, value;
    for (part = 0; part < 4; part++, p++) {
        for (value = 0, digits = p; p < end && ps_is_digit(*p); p++)
            value = value * 10 + (unsigned)(*p - '0');
        if (value > 255 || (size_t)(p - digits) - 1 > 2) /* one to three digits */
            return 0;
        ip[part] = (uint8_t)value;
        if (part < 3 && (p == end || *p != '.'))
            return 0;
    }
    return (size_t)(p - 1 - text.p);
}

/* Holds an IPv6 address while it is read: its bytes from the left, and how many stand before
 * "::". */
struct ipv6 {
    uint8_t bytes[16];
    size_t n, before_gap; /* NO_GAP: no "::" yet */
    bool third_colon;
};
enum { NO_GAP = 17 };

/* Takes ":" or "::". RFC 5118 4.10: RFC 3261's grammar lets a third colon stand between "::" and an
 * IPv4 address. Returns the place after it, or NULL. */
static const char *take_colons(struct ipv6 *a, const char *p, const char *end)
{
    uint8_t ip[4];
    if (*p++ != ':' || p == end)
        return NULL;
    if (*p != ':')
        return a->n ? p : NULL; /* a single one cannot be the first */
    if (a->before_gap != NO_GAP)
        return NULL;
    a->before_gap = a->n;
    p++;
    if (a->third_colon && p < end && *p == ':' && ps_ipv4_length(ps_between(p + 1, end), ip))
        p++;
    return p;
}

/* Takes an IPv4 address, which must be the end. Returns the place after it, or NULL. */
static const char *take_ipv4(struct ipv6 *a, const char *p, const char *end)
{
    if (a->n > 12 || ps_ipv4_length(ps_between(p, end), a->bytes + a->n) != (size_t)(end - p))
        return NULL;
    a->n += 4;
    return end;
}

/* Takes a group of up to four hexadecimal digits, or the IPv4 address. Returns the place after it,
 * or NULL. */
static const char *take_group(struct ipv6 *a, const char *begin, const char *end)
{
    const char *p = begin;
    unsigned value = 0;
    for (; p < end && p - begin < 4 && ps_hex_value(*p) >= 0; p++)
        value = value * 16 + (unsigned)ps_hex_value(*p);
    if (p < end && *p == '.')
        return take_ipv4(a, begin, end);
    if (p == begin || a->n > 14)
        return NULL;
    a->bytes[a->n++] = (uint8_t)(value >> 8);
    a->bytes[a->n++] = (uint8_t)value;
    return p;
}

/* Opens the gap: "::" stands for at least one group of zeros. */
static bool open_gap(const struct ipv6 *a, uint8_t ip[16])
{
    size_t before = a->before_gap == NO_GAP ? 16 : a->before_gap;
    if (a->before_gap == NO_GAP ? a->n != 16 : a->n > 14)
        return false;
    memset(ip, 0, 16);
    memcpy(ip, a->bytes, before);
    memcpy(ip + 16 - (a->n - before), a->bytes + before, a->n - before);
    return true;
}

static bool read_ipv6(struct ps_slice text, bool third_colon, uint8_t ip[16])
{
    struct ipv6 a = {{0}, 0, NO_GAP, third_colon};
    const char *p = text.p, *end = ps_end(text);
    if (text.n && *p == ':')
        p = take_colons(&a, p, end);
    while (p && p < end) {
        p = take_group(&a, p, end);
        if (p && p < end)
            p = take_colons(&a, p, end);
    }
    return p && open_gap(&a, ip);
}

enum ps_error ps_ipv6_parse(struct ps_slice text, uint8_t ip[16])
{
    return read_ipv6(text, false, ip) ? PS_OK : PS_E_ADDRESS;
}

enum ps_error ps_ip_parse(struct ps_slice text, struct ps_address *out)
{
    bool brackets = text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']';
    struct ps_address address;
    memset(&address, 0, sizeof address);
    address.family = PS_IPV6;
    if (brackets)
        text = ps_slice(text.p + 1, text.n - 2);
    if (!brackets && text.n && ps_ipv4_length(text, address.ip) == text.n)
        address.family = PS_IPV4;
    else if (!read_ipv6(text, true, address.ip))
        return PS_E_ADDRESS;
    *out = address;
    return PS_OK;
}

enum ps_error ps_address_parse(struct ps_slice text, uint16_t default_port, struct ps_address *out)
{
    struct ps_slice host = text, rest = PS_NONE;
    struct ps_address address;
    uint32_t port = default_port;
    const char *end = NULL;
    if (text.n && text.p[0] == '[') {
        end = ps_find(text, ']');
        end = end ? end + 1 : NULL;
    } else {
        end = ps_find(text, ':');
        if (end && ps_find(ps_between(end + 1, ps_end(text)), ':'))
            end = NULL; /* two colons: a bare IPv6 address */
    }
    if (end) {
        host = ps_between(text.p, end);
        rest = ps_between(end, ps_end(text));
    }
    if (ps_ip_parse(host, &address))
        return PS_E_ADDRESS;
    if (rest.n &&
        (rest.p[0] != ':' || ps_parse_u32(ps_slice(rest.p + 1, rest.n - 1), 65535, &port)))
        return PS_E_PORT;
    address.port = (uint16_t)port;
    *out = address;
    return PS_OK;
}

/* ---- writing ---- */

static void put_hex_group(struct ps_writer *w, unsigned value)
{
    unsigned shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0;
    for (;; shift -= 4) {
        ps_put_char(w, "0123456789abcdef"[(value >> shift) & 15]);
        if (!shift)
            return;
    }
}

/* Writes the longest run of two or more zero groups, the first of equals, as "::" (RFC 5952
 * 4.2). */
static void put_ipv6(struct ps_writer *w, const uint8_t ip[16])
{
    unsigned group[8], i, run = 0, best = 8, best_n = 1;
    for (i = 0; i < 8; i++) {
        group[i] = ((unsigned)ip[2 * i] << 8) | ip[2 * i + 1];
        run = group[i] ? 0 : run + 1;
        if (run > best_n) {
            best_n = run;
            best = i + 1 - run;
        }
    }
    for (i = 0; i < 8; i++) {
        if (i == best) {
            ps_put(w, PS_S("::"));
            i += best_n - 1;
            continue;
        }
        if (i && i != best + best_n)
            ps_put_char(w, ':');
        put_hex_group(w, group[i]);
    }
}

void ps_put_ip(struct ps_writer *w, const struct ps_address *address, bool brackets)
{
    unsigned i;
    if (address->family == PS_IPV6) {
        if (brackets)
            ps_put_char(w, '[');
        put_ipv6(w, address->ip);
        if (brackets)
            ps_put_char(w, ']');
        return;
    }
    for (i = 0; i < 4; i++) {
        if (i)
            ps_put_char(w, '.');
        ps_put_number(w, address->ip[i]);
    }
}

void ps_put_address(struct ps_writer *w, const struct ps_address *address)
{
    ps_put_ip(w, address, true);
    ps_put_char(w, ':');
    ps_put_number(w, address->port);
}

/* ---- comparing, transports ---- */

bool ps_ip_equal(const struct ps_address *a, const struct ps_address *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, a->family == PS_IPV6 ? 16 : 4) == 0;
}

bool ps_address_equal(const struct ps_address *a, const struct ps_address *b)
{
    return ps_ip_equal(a, b) && a->port == b->port && a->scope == b->scope;
}

bool ps_ip_is_any(const struct ps_address *address)
{
    static const uint8_t zero[16];
    return memcmp(address->ip, zero, address->family == PS_IPV6 ? 16 : 4) == 0;
}

static const struct {
    char name[5];
    uint8_t n;
} transports[] = {[PS_UDP] = {"UDP", 3},   [PS_TCP] = {"TCP", 3}, [PS_TLS] = {"TLS", 3},
                  [PS_SCTP] = {"SCTP", 4}, [PS_WS] = {"WS", 2},   [PS_WSS] = {"WSS", 3}};

enum { TRANSPORTS = sizeof transports / sizeof transports[0] };

struct ps_slice ps_transport_name(enum ps_transport transport)
{
    return (size_t)transport < TRANSPORTS
               ? ps_slice(transports[transport].name, transports[transport].n)
               : PS_S("");
}

enum ps_transport ps_transport_from(struct ps_slice name)
{
    unsigned i;
    for (i = 0; i < TRANSPORTS; i++)
        if (ps_is(name, ps_slice(transports[i].name, transports[i].n)))
            return (enum ps_transport)i;
    return PS_TRANSPORT_OTHER;
}
