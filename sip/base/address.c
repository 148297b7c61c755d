/*
 * IP addresses: reading (RFC 3261 25.1, RFC 5954) and writing (RFC 5952).
 * Knows nothing of host names, URIs or sockets.
 */
#include "../address.h"

static enum ps_error parse_ipv4(struct ps_slice s, uint8_t ip[4])
{
    unsigned part = 0, digits = 0, value = 0;
    size_t i;
    for (i = 0; i <= s.n; i++) {
        if (i < s.n && ps_is_digit(s.p[i])) {
            value = value * 10 + (unsigned)(s.p[i] - '0');
            if (++digits > 3 || value > 255)
                return PS_E_ADDRESS;
            continue;
        }
        if ((i < s.n && s.p[i] != '.') || !digits || part > 3)
            return PS_E_ADDRESS;
        ip[part++] = (uint8_t)value;
        digits = value = 0;
    }
    return part == 4 ? PS_OK : PS_E_ADDRESS;
}

/* One group of up to four hexadecimal digits; returns how many bytes of `s` it takes, 0 if none. */
static size_t parse_group(struct ps_slice s, uint16_t *out)
{
    unsigned value = 0;
    size_t i;
    for (i = 0; i < s.n && i < 4 && ps_hex_value(s.p[i]) >= 0; i++)
        value = value * 16 + (unsigned)ps_hex_value(s.p[i]);
    *out = (uint16_t)value;
    return i;
}

/* RFC 5118 4.10: RFC 3261's grammar lets a third colon stand between "::" and an IPv4 address. */
static bool is_third_colon(struct ps_slice s, size_t i, size_t gap, size_t at)
{
    struct ps_slice rest = ps_slice(s.p + i, s.n - i);
    uint8_t ip[4];
    return gap == at && rest.p[0] == ':' && !parse_ipv4(ps_slice(rest.p + 1, rest.n - 1), ip);
}

/* Groups before and after "::" fill from the left; the gap is opened at the end. */
static enum ps_error parse_ipv6(struct ps_slice s, uint8_t ip[16])
{
    uint8_t bytes[16] = {0};
    size_t at = 0, gap = 17, i = 0;
    if (s.n >= 2 && s.p[0] == ':' && s.p[1] == ':') {
        gap = 0;
        i = 2;
    }
    while (i < s.n) {
        uint16_t group;
        size_t taken;
        if (is_third_colon(s, i, gap, at))
            i++;
        taken = parse_group(ps_slice(s.p + i, s.n - i), &group);
        if (!taken || at > 14)
            return PS_E_ADDRESS;
        if (i + taken < s.n && s.p[i + taken] == '.') {
            if (at > 12 || parse_ipv4(ps_slice(s.p + i, s.n - i), bytes + at))
                return PS_E_ADDRESS;
            at += 4;
            break;
        }
        bytes[at++] = (uint8_t)(group >> 8);
        bytes[at++] = (uint8_t)group;
        i += taken;
        if (i == s.n)
            break;
        if (s.p[i++] != ':' || i == s.n)
            return PS_E_ADDRESS;
        if (s.p[i] == ':') {
            if (gap <= 16)
                return PS_E_ADDRESS;
            gap = at;
            i++;
        }
    }
    if (gap > 16 ? at != 16 : at > 14)
        return PS_E_ADDRESS;
    memset(ip, 0, 16);
    if (gap > 16)
        gap = 16;
    memcpy(ip, bytes, gap);
    memcpy(ip + 16 - (at - (gap < at ? gap : at)), bytes + gap, gap < at ? at - gap : 0);
    return PS_OK;
}

enum ps_error ps_ip_parse(struct ps_slice text, struct ps_address *out)
{
    struct ps_address address;
    memset(&address, 0, sizeof address);
    if (text.n > 2 && text.p[0] == '[') {
        if (text.p[text.n - 1] != ']' || parse_ipv6(ps_slice(text.p + 1, text.n - 2), address.ip))
            return PS_E_ADDRESS;
        address.family = PS_IPV6;
    } else if (!parse_ipv4(text, address.ip)) {
        address.family = PS_IPV4;
    } else {
        memset(address.ip, 0, sizeof address.ip);
        if (parse_ipv6(text, address.ip))
            return PS_E_ADDRESS;
        address.family = PS_IPV6;
    }
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

static void put_hex_group(struct ps_writer *w, unsigned value)
{
    unsigned shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0;
    for (;; shift -= 4) {
        ps_put_char(w, "0123456789abcdef"[(value >> shift) & 15]);
        if (!shift)
            return;
    }
}

/* RFC 5952 4.2: the longest run of two or more zero groups, the first of equals, becomes "::". */
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
} transport_names[] = {{"UDP", 3}, {"TCP", 3}, {"TLS", 3}, {"SCTP", 4}, {"WS", 2}, {"WSS", 3}};

static struct ps_slice name_of_transport(unsigned i)
{
    return ps_slice(transport_names[i].name, transport_names[i].n);
}

struct ps_slice ps_transport_name(enum ps_transport transport)
{
    return transport < PS_TRANSPORT_OTHER ? name_of_transport(transport) : PS_S("");
}

enum ps_transport ps_transport_from(struct ps_slice name)
{
    unsigned i;
    for (i = 0; i < PS_TRANSPORT_OTHER; i++)
        if (ps_is(name, name_of_transport(i)))
            break;
    return (enum ps_transport)i;
}
