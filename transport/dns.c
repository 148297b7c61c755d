/*
 * Writes a DNS query and reads its answer (RFC 1035, 2181, 2308, 3596). Knows bytes alone. Trusts
 * nothing that a server sends: checks all offsets, and follows the pointers of a compressed name
 * only backwards. Its work is bounded by the length of the message.
 */
#include "dns_internal.h"

enum {
    HEADER = 12,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    CLASS_IN = 1,
    MAX_POINTERS = 32, /* in one name */
    MAX_ALIASES = 8,   /* CNAMEs in a row */
    MAX_TTL = 86400,
    MAX_NEGATIVE_TTL = 300
};

/* ---- names ---- */

static bool is_host_char(char c)
{
    return ps_is_digit(c) || ps_is_alpha(c) || c == '-' || c == '_';
}

enum ps_error ps_dns_name(struct ps_slice text, struct ps_dns_name *out)
{
    size_t i, label = 0; /* the place of the current label's length */
    if (text.n && text.p[text.n - 1] == '.')
        text.n--;
    if (!text.n || text.n > 253)
        return PS_E_HOST;
    for (i = 0; i <= text.n; i++) {
        if (i == text.n || text.p[i] == '.') {
            size_t n = i - label;
            if (n < 1 || n > 63)
                return PS_E_HOST;
            out->bytes[label] = (uint8_t)n;
            label = i + 1;
        } else if (is_host_char(text.p[i])) {
            out->bytes[i + 1] = (uint8_t)ps_lower(text.p[i]);
        } else {
            return PS_E_HOST;
        }
    }
    out->bytes[text.n + 1] = 0;
    out->n = (uint8_t)(text.n + 2);
    return PS_OK;
}

bool ps_dns_name_equal(const struct ps_dns_name *a, const struct ps_dns_name *b)
{
    return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

/* ---- writing ---- */

static void put_u16(struct ps_writer *w, unsigned value)
{
    ps_put_char(w, (char)(value >> 8 & 0xff));
    ps_put_char(w, (char)(value & 0xff));
}

void ps_dns_put_query(struct ps_writer *w, uint16_t id, const struct ps_dns_name *name,
                      unsigned type)
{
    put_u16(w, id);
    put_u16(w, 0x0100); /* RD */
    put_u16(w, 1);
    put_u16(w, 0);
    put_u16(w, 0);
    put_u16(w, 0);
    ps_put(w, ps_slice((const char *)name->bytes, name->n));
    put_u16(w, type);
    put_u16(w, CLASS_IN);
}

/* ---- reading: a cursor that remembers that the message ended too early ---- */

struct cursor {
    const uint8_t *p;
    size_t n, at;
    bool bad;
};

static unsigned get_u8(struct cursor *c)
{
    if (c->at >= c->n) {
        c->bad = true;
        return 0;
    }
    return c->p[c->at++];
}

static unsigned get_u16(struct cursor *c)
{
    unsigned high = get_u8(c);
    return high << 8 | get_u8(c);
}

static uint32_t get_u32(struct cursor *c)
{
    uint32_t high = get_u16(c);
    return high << 16 | get_u16(c);
}

static void skip(struct cursor *c, size_t n)
{
    if (n > c->n - c->at)
        c->bad = true;
    else
        c->at += n;
}

/* Appends a label; false where the name grows too long or the message ends. */
static bool get_label(struct cursor *c, unsigned length, struct ps_dns_name *out)
{
    unsigned i;
    if (out->n + length + 2 > sizeof out->bytes || length > c->n - c->at)
        return false;
    out->bytes[out->n++] = (uint8_t)length;
    for (i = 0; i < length; i++)
        out->bytes[out->n++] = (uint8_t)ps_lower((char)c->p[c->at++]);
    return true;
}

/* Reads a name. A pointer leads to an earlier one (4.1.4), each further back than the one before,
 * so that none is followed twice. */
static void get_name(struct cursor *c, struct ps_dns_name *out)
{
    size_t limit = c->at, after = 0;
    unsigned pointers = 0;
    out->n = 0;
    for (;;) {
        unsigned length = get_u8(c);
        if (!length) {
            break;
        } else if (length < 64) {
            if (!get_label(c, length, out))
                c->bad = true;
        } else if (length >= 0xc0) {
            size_t target = (length & 0x3f) << 8 | get_u8(c);
            if (!pointers)
                after = c->at;
            if (target >= limit || ++pointers > MAX_POINTERS)
                c->bad = true;
            else
                limit = c->at = target;
        } else {
            c->bad = true;
        }
        if (c->bad)
            break;
    }
    out->bytes[out->n++] = 0;
    if (pointers && !c->bad)
        c->at = after;
}

/* ---- reading: records ---- */

struct record {
    struct ps_dns_name name;
    unsigned type, class;
    uint32_t ttl;
    size_t data, length; /* of the message */
};

static void get_record(struct cursor *c, struct record *r)
{
    get_name(c, &r->name);
    r->type = get_u16(c);
    r->class = get_u16(c);
    r->ttl = get_u32(c);
    if (r->ttl > 0x7fffffff) /* RFC 2181 8 */
        r->ttl = 0;
    r->length = get_u16(c);
    r->data = c->at;
    skip(c, r->length);
}

static void lower_ttl(struct ps_dns_answer *out, uint32_t ttl)
{
    if (ttl < out->ttl)
        out->ttl = ttl;
}

static void add_address(const struct cursor *c, const struct record *r, struct ps_dns_answer *out)
{
    size_t length = r->type == PS_DNS_A ? 4 : 16;
    struct ps_address *a = &out->addresses[out->n];
    if (r->length != length || out->n == PS_RESOLVER_ADDRESSES)
        return;
    memset(a, 0, sizeof *a);
    a->family = r->type == PS_DNS_A ? PS_IPV4 : PS_IPV6;
    memcpy(a->ip, c->p + r->data, length);
    lower_ttl(out, r->ttl);
    out->n++;
}

/* Passes once over the answers, which are known to be whole. Takes the addresses of `name`; or
 * follows its alias, sets `name` to it, and returns true. */
static bool take(struct cursor c, unsigned count, unsigned type, struct ps_dns_name *name,
                 struct ps_dns_answer *out)
{
    struct record r;
    while (count--) {
        get_record(&c, &r);
        if (r.class != CLASS_IN || !ps_dns_name_equal(&r.name, name))
            continue;
        if (r.type == type) {
            add_address(&c, &r, out);
        } else if (r.type == TYPE_CNAME) {
            struct cursor target = c;
            target.at = r.data;
            get_name(&target, name);
            lower_ttl(out, r.ttl);
            return !target.bad;
        }
    }
    return false;
}

/* Returns how long a negative answer is valid, in seconds: the smaller of TTL and MINIMUM of the
 * zone's SOA (RFC 2308 5), at most MAX_NEGATIVE_TTL. */
static uint32_t negative_ttl(struct cursor c, unsigned count)
{
    struct record r;
    while (count-- && !c.bad) {
        get_record(&c, &r);
        if (!c.bad && r.type == TYPE_SOA && r.length >= 4) {
            struct cursor soa = c;
            uint32_t minimum;
            soa.at = r.data + r.length - 4;
            minimum = get_u32(&soa);
            if (minimum > r.ttl)
                minimum = r.ttl;
            return minimum < MAX_NEGATIVE_TTL ? minimum : MAX_NEGATIVE_TTL;
        }
    }
    return 0;
}

/* Reads the sections after the question. */
static void read_sections(struct cursor *c, unsigned answers, unsigned authorities,
                          struct ps_dns_name name, unsigned type, struct ps_dns_answer *out)
{
    struct cursor begin = *c;
    struct record r;
    unsigned i;
    for (i = 0; i < answers && !c->bad; i++)
        get_record(c, &r);
    out->kind = c->bad ? PS_DNS_FAILED : PS_DNS_NOTHING;
    if (c->bad)
        return;
    out->ttl = MAX_TTL;
    i = 0;
    while (i < MAX_ALIASES && take(begin, answers, type, &name, out))
        i++;
    if (out->n)
        out->kind = PS_DNS_ADDRESSES;
    else
        out->ttl = negative_ttl(*c, authorities);
}

static bool same_question(struct cursor *c, const struct ps_dns_name *name, unsigned type)
{
    struct ps_dns_name asked;
    unsigned asked_type, asked_class;
    get_name(c, &asked);
    asked_type = get_u16(c);
    asked_class = get_u16(c);
    return !c->bad && ps_dns_name_equal(&asked, name) && asked_type == type &&
           asked_class == CLASS_IN;
}

enum ps_error ps_dns_read(struct ps_slice bytes, uint16_t id, const struct ps_dns_name *name,
                          unsigned type, struct ps_dns_answer *out)
{
    struct cursor c = {(const uint8_t *)bytes.p, bytes.n, 0, false};
    unsigned got_id = get_u16(&c), flags = get_u16(&c), questions = get_u16(&c);
    unsigned answers = get_u16(&c), authorities = get_u16(&c), code = flags & 15;
    (void)get_u16(&c); /* additional */
    /* takes an answer to a standard query; a server that failed may leave the question out */
    if (c.bad || got_id != id || (flags & 0xf800) != 0x8000 || questions > 1)
        return PS_E_SYNTAX;
    if (questions ? !same_question(&c, name, type) : code == 0 || code == 3)
        return PS_E_SYNTAX;
    memset(out, 0, sizeof *out);
    if (flags & 0x0200)
        out->kind = PS_DNS_TRUNCATED;
    else if (code != 0 && code != 3)
        out->kind = PS_DNS_FAILED;
    else
        read_sections(&c, answers, authorities, *name, type, out);
    return PS_OK;
}
