/*
 * Reads the typed lines of a description, o= c= b= t= r= z= k= m=, one at a time. Knows nothing of
 * the lines around them: their order and number belong to parse.c.
 */
#include "../sip/address.h"
#include "cursor_internal.h"
#include "../sip/base/address_text.h"

/* ---- addresses ---- */

enum line_family { LINE_IP4, LINE_IP6, LINE_OTHER };

/* Tells whether it is a host name. Digits and dots alone were meant to be an address. */
static bool line_is_name(struct ps_slice s)
{
    const char *end = ps_end(s);
    const char *p = s.p;
    while (p < end && (ps_is_digit(*p) || *p == '.'))
        p++;
    return p < end && ps_sdp_skip(p, end, PS_SDP_C_NAME) == end;
}

/* Tells whether it is a host of that family, other than an IPv4 address. */
static bool line_is_host(struct ps_slice s, enum line_family family, uint8_t ip[16])
{
    if (!s.n)
        return false;
    return family == LINE_OTHER || line_is_name(s) || (family == LINE_IP6 && !ps_ipv6_parse(s, ip));
}

/* Takes nettype SP addrtype SP, which is nearly always "IN IP4 ". */
static enum ps_error line_network(struct ps_sdp_cursor *c, struct ps_slice *network,
                                  struct ps_slice *family, enum line_family *which)
{
    enum ps_error e;
    if (c->end - c->p >= 7 && memcmp(c->p, "IN IP", 5) == 0 && c->p[6] == ' ') {
        *which = c->p[5] == '4' ? LINE_IP4 : c->p[5] == '6' ? LINE_IP6 : LINE_OTHER;
        *network = ps_slice(c->p, 2);
        *family = ps_slice(c->p + 3, 3);
        c->p += 7;
        return PS_OK;
    }
    *which = LINE_OTHER;
    if ((e = ps_sdp_take_token(c, network, "a network type: IN")) || (e = ps_sdp_take_space(c)) ||
        (e = ps_sdp_take_token(c, family, "an address type: IP4 or IP6")))
        return e;
    return ps_sdp_take_space(c);
}

/* Takes an address of the family, or a host name, up to a blank or a slash. The bytes of an address
 * go to `ip`; for a name ip[0] is 0. */
static enum ps_error line_host(struct ps_sdp_cursor *c, enum line_family family,
                               struct ps_slice *out, uint8_t ip[16])
{
    const char *from = c->p;
    const char *p = from;
    ip[0] = 0;
    if (family == LINE_IP4)
        p += ps_ipv4_length(ps_between(from, c->end), ip);
    if (p == from || (p < c->end && *p != '/' && *p != ' ')) {
        p = from;
        ip[0] = 0;
        while (p < c->end && ps_sdp_is(*p, PS_SDP_C_WORD) && *p != '/')
            p++;
        if (!line_is_host(ps_between(from, p), family, ip))
            return ps_sdp_fail(c, from, "an address or a host name");
    }
    *out = ps_between(from, p);
    c->p = p;
    return PS_OK;
}

/* ---- the lines ---- */

/* Takes digits as text, because the numbers of o= have no bound. */
static enum ps_error line_digits(struct ps_sdp_cursor *c, struct ps_slice *out,
                                 const char *expected)
{
    const char *from = c->p;
    c->p = ps_sdp_skip(from, c->end, PS_SDP_C_DIGIT);
    *out = ps_between(from, c->p);
    return c->p == from ? ps_sdp_fail(c, from, expected) : PS_OK;
}

enum ps_error ps_sdp_origin_parse(struct ps_slice value, struct ps_sdp_origin *out,
                                  struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c = ps_sdp_cursor(value, "RFC 8866 5.2", fault);
    enum line_family family;
    uint8_t ip[16];
    enum ps_error e;
    if ((e = ps_sdp_take_word(&c, &out->username, "a user name, - for none")) ||
        (e = ps_sdp_take_space(&c)) ||
        (e = line_digits(&c, &out->session_id, "a numeric session id")) ||
        (e = ps_sdp_take_space(&c)) ||
        (e = line_digits(&c, &out->version, "a numeric session version")) ||
        (e = ps_sdp_take_space(&c)) ||
        (e = line_network(&c, &out->network, &out->family, &family)) ||
        (e = line_host(&c, family, &out->address, ip)))
        return e;
    return ps_sdp_take_end(&c);
}

/* Counts the addresses from a multicast one up to 239.255.255.255. IPv6 has 2^112, more than any
 * number here. */
static uint32_t line_addresses(const uint8_t ip[16], bool ip4)
{
    uint32_t first = (uint32_t)ip[0] << 24 | (uint32_t)ip[1] << 16 | (uint32_t)ip[2] << 8 | ip[3];
    return ip4 ? UINT32_C(0xf0000000) - first : UINT32_MAX;
}

/* Takes /TTL and /count of an IPv4 multicast address, /count of an IPv6 one (5.7). */
static enum ps_error line_multicast(struct ps_sdp_cursor *c, struct ps_sdp_connection *out,
                                    const uint8_t ip[16], bool ip4)
{
    uint64_t n;
    enum ps_error e;
    if (!ps_sdp_take_optional(c, '/'))
        return PS_OK;
    if (!out->multicast)
        return ps_sdp_fail(c, c->p - 1, "no TTL and no count for a unicast address");
    if (ip4) {
        if ((e = ps_sdp_take_number(c, 255, &n, "a TTL, 0 to 255")))
            return e;
        out->ttl = (uint8_t)n;
        out->has_ttl = true;
        if (!ps_sdp_take_optional(c, '/'))
            return PS_OK;
    }
    if (c->p < c->end && *c->p == '0')
        return ps_sdp_fail(c, c->p, "a number of addresses, from 1");
    if ((e = ps_sdp_take_number(c, line_addresses(ip, ip4), &n,
                                "a number of multicast addresses, from 1")))
        return e;
    out->count = (uint32_t)n;
    return PS_OK;
}

/* Tells whether it lies in 224.0.0.0/4 or ff00::/8. */
static bool line_is_multicast(const uint8_t ip[16], enum line_family family)
{
    return (family == LINE_IP4 && ip[0] >> 4 == 14) || (family == LINE_IP6 && ip[0] == 0xff);
}

enum ps_error ps_sdp_connection_parse(struct ps_slice value, struct ps_sdp_connection *out,
                                      struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c = ps_sdp_cursor(value, "RFC 8866 5.7", fault);
    enum line_family family;
    uint8_t ip[16] = {0};
    enum ps_error e;
    out->has_ttl = false;
    out->ttl = 0;
    out->count = 1;
    if ((e = line_network(&c, &out->network, &out->family, &family)) ||
        (e = line_host(&c, family, &out->address, ip)))
        return e;
    out->multicast = line_is_multicast(ip, family);
    if ((e = line_multicast(&c, out, ip, family == LINE_IP4)))
        return e;
    return ps_sdp_take_end(&c);
}

enum ps_error ps_sdp_bandwidth_parse(struct ps_slice value, struct ps_sdp_bandwidth *out,
                                     struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c = ps_sdp_cursor(value, "RFC 8866 5.8", fault);
    enum ps_error e;
    if ((e = ps_sdp_take_token(&c, &out->type, "a bandwidth type: AS, CT, TIAS, ...")) ||
        (e = ps_sdp_take_char(&c, ':', "a colon after the bandwidth type")) ||
        (e = ps_sdp_take_number(&c, UINT64_MAX, &out->value, "a bandwidth in digits")))
        return e;
    return ps_sdp_take_end(&c);
}

enum ps_error ps_sdp_time_parse(struct ps_slice value, struct ps_sdp_time *out,
                                struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c = ps_sdp_cursor(value, "RFC 8866 5.9", fault);
    enum ps_error e;
    if ((e = ps_sdp_take_number(&c, UINT64_MAX, &out->start, "a start time in seconds")) ||
        (e = ps_sdp_take_space(&c)) ||
        (e = ps_sdp_take_number(&c, UINT64_MAX, &out->stop, "a stop time in seconds")))
        return e;
    return ps_sdp_take_end(&c);
}

/* Returns the seconds that a unit's letter stands for (5.10); 0 for no unit. */
static uint32_t line_unit(char c)
{
    switch (c) {
    case 'd':
        return 86400;
    case 'h':
        return 3600;
    case 'm':
        return 60;
    case 's':
        return 1;
    default:
        return 0;
    }
}

enum ps_error ps_sdp_typed_time_parse(struct ps_slice text, uint64_t *seconds)
{
    uint32_t unit = text.n ? line_unit(text.p[text.n - 1]) : 0;
    uint64_t n;
    if (unit)
        text.n--;
    else
        unit = 1;
    if (ps_parse_number(text, (uint64_t)INT64_MAX / unit, &n))
        return PS_E_NUMBER;
    *seconds = n * unit;
    return PS_OK;
}

static enum ps_error line_typed_time(struct ps_sdp_cursor *c, uint64_t *out, const char *expected)
{
    const char *from = c->p;
    struct ps_slice word;
    enum ps_error e = ps_sdp_take_word(c, &word, expected);
    if (e)
        return e;
    return ps_sdp_typed_time_parse(word, out) ? ps_sdp_fail(c, from, expected) : PS_OK;
}

enum ps_error ps_sdp_repeat_parse(struct ps_slice value, struct ps_sdp_repeat *out,
                                  struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c = ps_sdp_cursor(value, "RFC 8866 5.10", fault);
    const char *from = c.p;
    uint64_t offset;
    enum ps_error e;
    if ((e = line_typed_time(&c, &out->interval, "a repeat interval such as 7d")))
        return e;
    if (!out->interval)
        return ps_sdp_fail(&c, from, "a repeat interval above 0");
    if ((e = ps_sdp_take_space(&c)) ||
        (e = line_typed_time(&c, &out->duration, "a duration such as 1h")))
        return e;
    out->offsets = ps_between(c.p, c.end);
    do {
        if ((e = ps_sdp_take_space(&c)) ||
            (e = line_typed_time(&c, &offset, "an offset such as 25h")))
            return e;
    } while (c.p < c.end);
    return PS_OK;
}

enum ps_error ps_sdp_zone_next(struct ps_slice *rest, struct ps_sdp_zone *out,
                               struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c = ps_sdp_cursor(*rest, "RFC 8866 5.11", fault);
    uint64_t offset = 0;
    bool minus;
    enum ps_error e;
    if (!rest->n)
        return PS_E_END;
    if ((e = ps_sdp_take_number(&c, UINT64_MAX, &out->time, "an adjustment time in seconds")) ||
        (e = ps_sdp_take_space(&c)))
        return e;
    minus = ps_sdp_take_optional(&c, '-');
    if ((e = line_typed_time(&c, &offset, "an offset such as -1h")))
        return e;
    out->offset = minus ? -(int64_t)offset : (int64_t)offset;
    if (c.p < c.end && (e = ps_sdp_take_space(&c)))
        return e;
    if (c.p == c.end && c.p[-1] == ' ')
        return ps_sdp_fail(&c, c.p, "an adjustment time");
    *rest = ps_between(c.p, c.end);
    return PS_OK;
}

enum ps_error ps_sdp_key_parse(struct ps_slice value, struct ps_sdp_key *out,
                               struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c = ps_sdp_cursor(value, "RFC 8866 5.12", fault);
    enum ps_error e = ps_sdp_take_token(&c, &out->method, "prompt, clear:, base64: or uri:");
    if (e)
        return e;
    out->value = PS_NONE;
    if (ps_equal(out->method, PS_S("prompt")))
        return ps_sdp_take_end(&c);
    if ((e = ps_sdp_take_char(&c, ':', "a colon after the key's method")))
        return e;
    out->value = ps_between(c.p, c.end);
    return out->value.n ? PS_OK : ps_sdp_fail(&c, c.p, "a key");
}

/* ---- m= ---- */

/* Takes proto = token *("/" token), and notes in `*rtp` whether one of them is RTP. */
static enum ps_error line_protocol(struct ps_sdp_cursor *c, struct ps_sdp_media *out)
{
    const char *from = c->p;
    struct ps_slice part;
    out->rtp = false;
    do {
        enum ps_error e = ps_sdp_take_token(c, &part, "a transport such as RTP/AVP");
        if (e)
            return e;
        out->rtp |= ps_equal(part, PS_S("RTP"));
    } while (ps_sdp_take_optional(c, '/'));
    out->protocol = ps_between(from, c->p);
    return PS_OK;
}

/* Skips a payload type, one to three digits up to 127; NULL where there is none. */
static const char *line_skip_payload(const char *p, const char *end)
{
    const char *from = p;
    unsigned value = 0;
    while (p < end && p - from < 4 && ps_is_digit(*p))
        value = value * 10 + (unsigned)(*p++ - '0');
    return p > from && value <= 127 ? p : NULL;
}

static enum ps_error line_format(struct ps_sdp_cursor *c, bool rtp)
{
    struct ps_slice format;
    const char *end;
    if (!rtp)
        return ps_sdp_take_token(c, &format, "a media format");
    end = line_skip_payload(c->p, c->end);
    if (!end)
        return ps_sdp_fail(c, c->p, "a payload type, 0 to 127");
    c->p = end;
    return PS_OK;
}

static enum ps_error line_formats(struct ps_sdp_cursor *c, struct ps_sdp_media *out)
{
    unsigned n = 0;
    enum ps_error e;
    out->formats = ps_between(c->p, c->end);
    do {
        if (++n > PS_SDP_MAX_FORMATS)
            return ps_sdp_fault_at(c->fault, PS_E_SDP_LIMIT, (size_t)(c->p - c->begin),
                                   "at most PS_SDP_MAX_FORMATS formats", c->rule);
        if ((e = ps_sdp_take_space(c)) || (e = line_format(c, out->rtp)))
            return e;
    } while (c->p < c->end);
    return PS_OK;
}

/* Tells whether the ports that a count takes exist (5.14). RTP takes two for each, the second for
 * RTCP. */
static bool line_ports_fit(const struct ps_sdp_media *m)
{
    return m->port + (m->count - 1) * (m->rtp ? 2u : 1u) <= 65535;
}

/* Takes the port and how many there are from it on. `*count` gets the place of that number. */
static enum ps_error line_ports(struct ps_sdp_cursor *c, struct ps_sdp_media *out,
                                const char **count)
{
    uint64_t n;
    enum ps_error e = ps_sdp_take_number(c, 65535, &n, "a port, 0 to 65535");
    if (e)
        return e;
    out->port = (uint16_t)n;
    out->count = 1;
    *count = c->p;
    if (!ps_sdp_take_optional(c, '/'))
        return PS_OK;
    *count = c->p;
    if ((e = ps_sdp_take_number(c, 65535, &n, "a number of ports, from 1")))
        return e;
    out->count = (uint32_t)n;
    return n ? PS_OK : ps_sdp_fail(c, *count, "a number of ports, from 1");
}

enum ps_error ps_sdp_media_parse(struct ps_slice value, struct ps_sdp_media *out,
                                 struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c = ps_sdp_cursor(value, "RFC 8866 5.14", fault);
    const char *count = NULL;
    enum ps_error e;
    if ((e = ps_sdp_take_token(&c, &out->media, "a media type such as audio")) ||
        (e = ps_sdp_take_space(&c)) || (e = line_ports(&c, out, &count)) ||
        (e = ps_sdp_take_space(&c)) || (e = line_protocol(&c, out)))
        return e;
    if (!line_ports_fit(out))
        return ps_sdp_fail(&c, count, "a number of ports that ends at 65535");
    return line_formats(&c, out);
}
