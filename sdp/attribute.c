/*
 * Reads and writes typed attributes. The grammar of each is a few rows of a table, from left to
 * right, which one reader and one writer run. Nothing about the value of an attribute is anywhere
 * else.
 */
#include "attribute.h"
#include "cursor_internal.h"

enum field_kind {
    FIELD_NUMBER,  /* uint32_t: digits, min to max */
    FIELD_DECIMAL, /* uint32_t in thousandths: digits[.digits], above 0 */
    FIELD_TOKEN,   /* slice */
    FIELD_WORD,    /* slice: no blanks */
    FIELD_REST,    /* slice: to the end of the line */
    FIELD_HEX,     /* slice: pairs of hexadecimal digits, colons between */
    FIELD_ICE,     /* slice: ice-chars, min to max of them */
    FIELD_CHOICE,  /* uint32_t: which of the words */
    FIELD_ONE_OF,  /* slice: one of the words, which may hold a blank */
    FIELD_LITERAL  /* nothing is kept: the word itself */
};

enum {
    FIELD_MUST = 0,
    FIELD_MAY = 1, /* may be left out: a slice is then absent, a number `otherwise` */
    FIELD_WITH = 2 /* there if and only if the row above is */
};

struct attribute_field {
    uint8_t kind;
    uint8_t presence;
    char before; /* stands before the value; 0: nothing does */
    uint16_t at; /* offset in struct ps_sdp_attribute */
    uint32_t min;
    uint32_t max;
    uint32_t otherwise;
    const char *words; /* of FIELD_CHOICE, FIELD_ONE_OF, FIELD_LITERAL: separated by '|'; of others:
                          a keyword and a blank stand before the value ("raddr ") */
    const char *expected; /* for people */
};

#define AT(member) (uint16_t) offsetof(struct ps_sdp_attribute, u.member)
#define F_NUMBER(before, member, min, max, text)                                                   \
    {                                                                                              \
        FIELD_NUMBER, FIELD_MUST, before, AT(member), min, max, 0, NULL, text                      \
    }
#define F_SLICE(kind, presence, before, member, text)                                              \
    {                                                                                              \
        kind, presence, before, AT(member), 0, 0, 0, NULL, text                                    \
    }

static const struct attribute_field rtpmap_fields[] = {
    F_NUMBER(0, rtpmap.payload, 0, 127, "a payload type, 0 to 127"),
    F_SLICE(FIELD_TOKEN, FIELD_MUST, ' ', rtpmap.name, "an encoding name"),
    F_NUMBER('/', rtpmap.clock_rate, 1, UINT32_MAX, "a clock rate above 0"),
    {FIELD_NUMBER, FIELD_MAY, '/', AT(rtpmap.channels), 1, 65535, 1, NULL,
     "a number of channels, from 1"},
};
static const struct attribute_field fmtp_fields[] = {
    F_SLICE(FIELD_TOKEN, FIELD_MUST, 0, fmtp.format, "a format of the m= line"),
    F_SLICE(FIELD_REST, FIELD_MUST, ' ', fmtp.parameters, "the format's parameters"),
};
static const struct attribute_field decimal_fields[] = {
    F_SLICE(FIELD_DECIMAL, FIELD_MUST, 0, decimal.thousandths, "a number above 0"),
};
static const struct attribute_field rtcp_fields[] = {
    F_NUMBER(0, rtcp.port, 0, 65535, "a port, 0 to 65535"),
    F_SLICE(FIELD_TOKEN, FIELD_MAY, ' ', rtcp.network, "a network type: IN"),
    F_SLICE(FIELD_TOKEN, FIELD_WITH, ' ', rtcp.family, "an address type: IP4 or IP6"),
    F_SLICE(FIELD_WORD, FIELD_WITH, ' ', rtcp.address, "an address"),
};
static const struct attribute_field rtcp_fb_fields[] = {
    F_SLICE(FIELD_TOKEN, FIELD_MUST, 0, rtcp_fb.format, "a payload type or *"),
    F_SLICE(FIELD_TOKEN, FIELD_MUST, ' ', rtcp_fb.type, "a feedback type such as nack"),
    F_SLICE(FIELD_REST, FIELD_MAY, ' ', rtcp_fb.parameters, "parameters of the feedback"),
};
static const struct attribute_field ssrc_fields[] = {
    F_NUMBER(0, ssrc.id, 0, UINT32_MAX, "an SSRC, 0 to 4294967295"),
    F_SLICE(FIELD_TOKEN, FIELD_MUST, ' ', ssrc.name, "an attribute of the source"),
    F_SLICE(FIELD_REST, FIELD_MAY, ':', ssrc.value, "the attribute's value"),
};
static const struct attribute_field group_fields[] = {
    F_SLICE(FIELD_TOKEN, FIELD_MUST, 0, group.semantics, "a meaning such as BUNDLE"),
    F_SLICE(FIELD_REST, FIELD_MAY, ' ', group.mids, "identification tags"),
};
static const struct attribute_field setup_fields[] = {
    {FIELD_CHOICE, FIELD_MUST, 0, AT(choice.value), 0, 0, 0, "active|passive|actpass|holdconn",
     "active, passive, actpass or holdconn"},
};
static const struct attribute_field connection_fields[] = {
    {FIELD_CHOICE, FIELD_MUST, 0, AT(choice.value), 0, 0, 0, "new|existing", "new or existing"},
};
static const struct attribute_field token_fields[] = {
    F_SLICE(FIELD_TOKEN, FIELD_MUST, 0, text.text, "a token"),
};
static const struct attribute_field rest_fields[] = {
    F_SLICE(FIELD_REST, FIELD_MUST, 0, text.text, "option tags"),
};
static const struct attribute_field ufrag_fields[] = {
    {FIELD_ICE, FIELD_MUST, 0, AT(text.text), 4, 256, 0, NULL, "4 to 256 letters, digits, + or /"},
};
static const struct attribute_field pwd_fields[] = {
    {FIELD_ICE, FIELD_MUST, 0, AT(text.text), 22, 256, 0, NULL,
     "22 to 256 letters, digits, + or /"},
};
static const struct attribute_field fingerprint_fields[] = {
    F_SLICE(FIELD_TOKEN, FIELD_MUST, 0, fingerprint.hash, "a hash function such as sha-256"),
    F_SLICE(FIELD_HEX, FIELD_MUST, ' ', fingerprint.digits,
            "pairs of hexadecimal digits with colons between"),
};
static const struct attribute_field candidate_fields[] = {
    {FIELD_ICE, FIELD_MUST, 0, AT(candidate.foundation), 1, 32, 0, NULL,
     "a foundation of 1 to 32 characters"},
    F_NUMBER(' ', candidate.component, 1, 256, "a component, 1 to 256"),
    F_SLICE(FIELD_TOKEN, FIELD_MUST, ' ', candidate.transport, "a transport such as UDP"),
    F_NUMBER(' ', candidate.priority, 1, 0x7fffffff, "a priority, 1 to 2147483647"),
    F_SLICE(FIELD_WORD, FIELD_MUST, ' ', candidate.address, "an address"),
    F_NUMBER(' ', candidate.port, 0, 65535, "a port, 0 to 65535"),
    {FIELD_LITERAL, FIELD_MUST, ' ', 0, 0, 0, 0, "typ", "typ"},
    F_SLICE(FIELD_TOKEN, FIELD_MUST, ' ', candidate.type, "a candidate type such as host"),
    {FIELD_WORD, FIELD_MAY, ' ', AT(candidate.related_address), 0, 0, 0, "raddr ",
     "a related address"},
    {FIELD_NUMBER, FIELD_MAY, ' ', AT(candidate.related_port), 0, 65535, PS_SDP_NO_PORT, "rport ",
     "a related port, 0 to 65535"},
    F_SLICE(FIELD_REST, FIELD_MAY, ' ', candidate.extensions, "extensions"),
};
static const struct attribute_field crypto_fields[] = {
    F_NUMBER(0, crypto.tag, 0, 999999999, "a tag of at most nine digits"),
    F_SLICE(FIELD_TOKEN, FIELD_MUST, ' ', crypto.suite, "a crypto suite"),
    F_SLICE(FIELD_WORD, FIELD_MUST, ' ', crypto.keys, "key parameters such as inline:..."),
    F_SLICE(FIELD_REST, FIELD_MAY, ' ', crypto.parameters, "session parameters"),
};
static const struct attribute_field extmap_fields[] = {
    F_NUMBER(0, extmap.id, 1, 4351, "a number, 1 to 4351"),
    {FIELD_ONE_OF, FIELD_MAY, '/', AT(extmap.direction), 0, 0, 0,
     "sendrecv|sendonly|recvonly|inactive", "a direction"},
    F_SLICE(FIELD_WORD, FIELD_MUST, ' ', extmap.uri, "a URI"),
    F_SLICE(FIELD_REST, FIELD_MAY, ' ', extmap.attributes, "attributes of the extension"),
};
static const struct attribute_field msid_fields[] = {
    F_SLICE(FIELD_TOKEN, FIELD_MUST, 0, msid.id, "an identifier"),
    F_SLICE(FIELD_TOKEN, FIELD_MAY, ' ', msid.track, "application data"),
};
static const struct attribute_field tcap_fields[] = {
    F_NUMBER(0, capability.number, 1, 0x7fffffff, "a capability number, from 1"),
    F_SLICE(FIELD_REST, FIELD_MUST, ' ', capability.text, "transport protocols"),
};
static const struct attribute_field configuration_fields[] = {
    F_NUMBER(0, capability.number, 1, 0x7fffffff, "a configuration number, from 1"),
    F_SLICE(FIELD_REST, FIELD_MAY, ' ', capability.text, "a configuration"),
};
static const struct attribute_field silence_supp_fields[] = {
    {FIELD_ONE_OF, FIELD_MUST, 0, AT(silence_supp.enable), 0, 0, 0, "on|off|-", "on, off or -"},
    F_SLICE(FIELD_TOKEN, FIELD_MUST, ' ', silence_supp.timer, "a time in milliseconds or -"),
    {FIELD_ONE_OF, FIELD_MUST, ' ', AT(silence_supp.preference), 0, 0, 0, "standard|custom|-",
     "standard, custom or -"},
    {FIELD_ONE_OF, FIELD_MUST, ' ', AT(silence_supp.sid_use), 0, 0, 0,
     "No SID|Fixed Noise|Sampled Noise|-", "No SID, Fixed Noise, Sampled Noise or -"},
    F_SLICE(FIELD_TOKEN, FIELD_MUST, ' ', silence_supp.level, "a noise level or -"),
};

#undef AT
#undef F_NUMBER
#undef F_SLICE

/* ---- which attribute has which rows ---- */

#define FIELDS(table) table, sizeof table / sizeof *table
/* Finds the rows of an attribute; a flag, which has no value, has none. */
static const struct {
    const struct attribute_field *fields;
    size_t n;
} attribute_rows[PS_SDP_A_COUNT] = {
    [PS_SDP_A_RTPMAP] = {FIELDS(rtpmap_fields)},
    [PS_SDP_A_FMTP] = {FIELDS(fmtp_fields)},
    [PS_SDP_A_PTIME] = {FIELDS(decimal_fields)},
    [PS_SDP_A_MAXPTIME] = {FIELDS(decimal_fields)},
    [PS_SDP_A_FRAMERATE] = {FIELDS(decimal_fields)},
    [PS_SDP_A_RTCP] = {FIELDS(rtcp_fields)},
    [PS_SDP_A_RTCP_FB] = {FIELDS(rtcp_fb_fields)},
    [PS_SDP_A_SSRC] = {FIELDS(ssrc_fields)},
    [PS_SDP_A_MID] = {FIELDS(token_fields)},
    [PS_SDP_A_GROUP] = {FIELDS(group_fields)},
    [PS_SDP_A_SETUP] = {FIELDS(setup_fields)},
    [PS_SDP_A_CONNECTION] = {FIELDS(connection_fields)},
    [PS_SDP_A_FINGERPRINT] = {FIELDS(fingerprint_fields)},
    [PS_SDP_A_ICE_UFRAG] = {FIELDS(ufrag_fields)},
    [PS_SDP_A_ICE_PWD] = {FIELDS(pwd_fields)},
    [PS_SDP_A_ICE_OPTIONS] = {FIELDS(rest_fields)},
    [PS_SDP_A_CANDIDATE] = {FIELDS(candidate_fields)},
    [PS_SDP_A_CRYPTO] = {FIELDS(crypto_fields)},
    [PS_SDP_A_EXTMAP] = {FIELDS(extmap_fields)},
    [PS_SDP_A_MSID] = {FIELDS(msid_fields)},
    [PS_SDP_A_LABEL] = {FIELDS(token_fields)},
    [PS_SDP_A_TCAP] = {FIELDS(tcap_fields)},
    [PS_SDP_A_PCFG] = {FIELDS(configuration_fields)},
    [PS_SDP_A_ACFG] = {FIELDS(configuration_fields)},
    [PS_SDP_A_SILENCE_SUPP] = {FIELDS(silence_supp_fields)},
};

#undef FIELDS

static const struct {
    const char *name;
    size_t n;
    const char *rule;
} attribute_names[PS_SDP_A_COUNT] = {[PS_SDP_A_OTHER] = {"", 0, ""},
#define ATTRIBUTE_NAME(id, number, name, rule) [number] = {name, sizeof name - 1, rule},
                                     PS_SDP_ATTRIBUTES(ATTRIBUTE_NAME)
#undef ATTRIBUTE_NAME
};

struct ps_slice ps_sdp_attribute_id_name(enum ps_sdp_attribute_id id)
{
    return ps_slice(attribute_names[id].name, attribute_names[id].n);
}

static enum ps_sdp_attribute_id attribute_id(struct ps_slice name)
{
    int id;
    for (id = PS_SDP_A_OTHER + 1; id < PS_SDP_A_COUNT; id++)
        if (ps_equal(name, ps_sdp_attribute_id_name((enum ps_sdp_attribute_id)id)))
            return (enum ps_sdp_attribute_id)id;
    return PS_SDP_A_OTHER;
}

/* ---- the rows' storage ---- */

static void field_set_number(struct ps_sdp_attribute *out, const struct attribute_field *f,
                             uint32_t value)
{
    memcpy((char *)out + f->at, &value, sizeof value);
}

static void field_set_slice(struct ps_sdp_attribute *out, const struct attribute_field *f,
                            struct ps_slice value)
{
    memcpy((char *)out + f->at, &value, sizeof value);
}

static uint32_t field_number(const struct ps_sdp_attribute *a, const struct attribute_field *f)
{
    uint32_t value;
    memcpy(&value, (const char *)a + f->at, sizeof value);
    return value;
}

static struct ps_slice field_slice(const struct ps_sdp_attribute *a,
                                   const struct attribute_field *f)
{
    struct ps_slice value;
    memcpy(&value, (const char *)a + f->at, sizeof value);
    return value;
}

static bool field_is_number(const struct attribute_field *f)
{
    return f->kind == FIELD_NUMBER || f->kind == FIELD_DECIMAL || f->kind == FIELD_CHOICE;
}

/* ---- reading ---- */

/* Takes one of the words "a|b|c", which ends at a blank or the line's end. */
static bool field_take_word_of(struct ps_sdp_cursor *c, const char *words, struct ps_slice *word,
                               uint32_t *which)
{
    struct ps_slice rest = ps_slice_of(words);
    for (*which = 0; rest.n; (*which)++) {
        const char *bar = ps_find(rest, '|');
        *word = ps_between(rest.p, bar ? bar : ps_end(rest));
        if ((size_t)(c->end - c->p) >= word->n && memcmp(c->p, word->p, word->n) == 0 &&
            (c->p + word->n == c->end || c->p[word->n] == ' ')) {
            *word = ps_slice(c->p, word->n);
            c->p += word->n;
            return true;
        }
        rest = bar ? ps_between(bar + 1, ps_end(rest)) : PS_NONE;
    }
    return false;
}

/* Takes digits[.digits] in thousandths; cuts further digits off. */
static bool field_take_decimal(struct ps_sdp_cursor *c, uint32_t *out)
{
    uint64_t whole;
    uint32_t scale = 1000;
    uint32_t part = 0;
    if (ps_sdp_take_number(c, 4000000, &whole, NULL))
        return false;
    if (c->p < c->end && *c->p == '.') {
        const char *from = ++c->p;
        for (; c->p < c->end && ps_is_digit(*c->p); c->p++) {
            scale /= 10;
            part += (uint32_t)(*c->p - '0') * scale;
        }
        if (c->p == from)
            return false;
    }
    *out = (uint32_t)whole * 1000 + part;
    return *out > 0;
}

static bool field_take_hex(struct ps_sdp_cursor *c)
{
    for (;;) {
        if (c->end - c->p < 2 || ps_hex_value(c->p[0]) < 0 || ps_hex_value(c->p[1]) < 0)
            return false;
        c->p += 2;
        if (c->p == c->end || *c->p != ':')
            return true;
        c->p++;
    }
}

static bool field_take_ice(struct ps_sdp_cursor *c, const struct attribute_field *f)
{
    const char *from = c->p;
    while (c->p < c->end &&
           ((ps_class(*c->p) & (PS_C_DIGIT | PS_C_ALPHA)) || *c->p == '+' || *c->p == '/'))
        c->p++;
    return c->p - from >= (long)f->min && c->p - from <= (long)f->max;
}

static enum ps_error field_take_slice(struct ps_sdp_cursor *c, const struct attribute_field *f,
                                      struct ps_slice *out)
{
    const char *from = c->p;
    uint32_t which;
    bool taken = true;
    switch (f->kind) {
    case FIELD_TOKEN:
        return ps_sdp_take_token(c, out, f->expected);
    case FIELD_WORD:
        return ps_sdp_take_word(c, out, f->expected);
    case FIELD_HEX:
        taken = field_take_hex(c);
        break;
    case FIELD_ICE:
        taken = field_take_ice(c, f);
        break;
    case FIELD_REST:
        c->p = c->end;
        taken = c->p > from;
        break;
    default: /* FIELD_ONE_OF, FIELD_LITERAL */
        taken = field_take_word_of(c, f->words, out, &which);
        break;
    }
    *out = ps_between(from, c->p);
    return taken ? PS_OK : ps_sdp_fail(c, from, f->expected);
}

static enum ps_error field_take_number(struct ps_sdp_cursor *c, const struct attribute_field *f,
                                       uint32_t *out)
{
    const char *from = c->p;
    struct ps_slice word;
    uint64_t value;
    bool taken;
    if (f->kind == FIELD_CHOICE) {
        taken = field_take_word_of(c, f->words, &word, out);
    } else if (f->kind == FIELD_DECIMAL) {
        taken = field_take_decimal(c, out);
    } else {
        taken = !ps_sdp_take_number(c, f->max, &value, f->expected) && value >= f->min;
        *out = taken ? (uint32_t)value : 0;
    }
    return taken ? PS_OK : ps_sdp_fail(c, from, f->expected);
}

/* Takes what stands before a row's value; false where the row is left out. */
static bool field_begins(struct ps_sdp_cursor *c, const struct attribute_field *f)
{
    const char *p = c->p;
    struct ps_slice keyword =
        f->kind == FIELD_NUMBER || f->kind == FIELD_WORD ? ps_slice_of(f->words) : PS_NONE;
    if (f->before) {
        if (p == c->end || *p != f->before)
            return false;
        p++;
    }
    if ((size_t)(c->end - p) < keyword.n || (keyword.n && memcmp(p, keyword.p, keyword.n) != 0))
        return false;
    c->p = p + keyword.n;
    return true;
}

static enum ps_error field_take(struct ps_sdp_cursor *c, const struct attribute_field *f,
                                struct ps_sdp_attribute *out)
{
    struct ps_slice slice = PS_NONE;
    uint32_t number = 0;
    enum ps_error e;
    if (field_is_number(f)) {
        e = field_take_number(c, f, &number);
        if (!e)
            field_set_number(out, f, number);
        return e;
    }
    e = field_take_slice(c, f, &slice);
    if (!e && f->kind != FIELD_LITERAL)
        field_set_slice(out, f, slice);
    return e;
}

static enum ps_error attribute_take(struct ps_sdp_cursor *c, const struct attribute_field *fields,
                                    size_t n, struct ps_sdp_attribute *out)
{
    bool there = true;
    size_t i;
    for (i = 0; i < n; i++) {
        const struct attribute_field *f = &fields[i];
        enum ps_error e = PS_OK;
        if (f->presence == FIELD_WITH && !there)
            continue;
        there = field_begins(c, f);
        if (there)
            e = field_take(c, f, out);
        else if (f->presence != FIELD_MAY)
            return ps_sdp_fail(c, c->p, f->expected);
        else if (field_is_number(f))
            field_set_number(out, f, f->otherwise);
        if (e)
            return e;
    }
    return ps_sdp_take_end(c);
}

enum ps_error ps_sdp_attribute_parse(struct ps_slice name, struct ps_slice value,
                                     struct ps_sdp_attribute *out, struct ps_sdp_fault *fault)
{
    const struct attribute_field *fields;
    struct ps_sdp_cursor c;
    size_t n;
    memset(out, 0, sizeof *out);
    out->id = attribute_id(name);
    out->name = name;
    out->value = value;
    if (out->id == PS_SDP_A_OTHER)
        return PS_OK;
    c = ps_sdp_cursor(value, attribute_names[out->id].rule, fault);
    fields = attribute_rows[out->id].fields;
    n = attribute_rows[out->id].n;
    if (!n && value.p)
        out->error = ps_sdp_fail(&c, c.p, "no value");
    else
        out->error = attribute_take(&c, fields, n, out);
    return out->error;
}

bool ps_sdp_attribute_next(const struct ps_sdp *sdp, int media, unsigned *cursor,
                           struct ps_sdp_attribute *out)
{
    unsigned i;
    if (!ps_sdp_next(sdp, media, 'a', cursor, &i))
        return false;
    (void)ps_sdp_attribute_parse(ps_sdp_attribute_name(sdp, i), ps_sdp_attribute_value(sdp, i), out,
                                 NULL);
    return true;
}

enum ps_error ps_sdp_check(const struct ps_sdp *sdp, struct ps_sdp_fault *fault)
{
    struct ps_sdp_attribute attribute;
    unsigned i;
    for (i = 0; i < sdp->lines; i++) {
        const struct ps_sdp_line *line = &sdp->line[i];
        struct ps_slice value = ps_sdp_attribute_value(sdp, i);
        unsigned column = line->name_n + (value.p ? 1u : 0u);
        enum ps_error e;
        if (line->type != 'a')
            continue;
        e = ps_sdp_attribute_parse(ps_sdp_attribute_name(sdp, i), value, &attribute, fault);
        if (e && fault) {
            fault->line = i + 1;
            fault->column = fault->offset + column + 3;
            fault->offset += line->at + column;
        }
        if (e)
            return e;
    }
    return PS_OK;
}

/* ---- writing ---- */

static void field_put_decimal(struct ps_writer *w, uint32_t thousandths)
{
    uint32_t part = thousandths % 1000;
    uint32_t scale = 100;
    ps_put_number(w, thousandths / 1000);
    if (part)
        ps_put_char(w, '.');
    for (; part; scale /= 10) {
        ps_put_char(w, (char)('0' + (int)(part / scale)));
        part %= scale;
    }
}

/* Returns the word of "a|b|c" that `which` counts to, from 0. */
static struct ps_slice field_word(const char *words, uint32_t which)
{
    struct ps_slice rest = ps_slice_of(words);
    for (;;) {
        const char *bar = ps_find(rest, '|');
        if (!bar || !which--)
            return ps_between(rest.p, bar ? bar : ps_end(rest));
        rest = ps_between(bar + 1, ps_end(rest));
    }
}

static bool field_is_left_out(const struct attribute_field *f, const struct ps_sdp_attribute *a)
{
    if (f->presence == FIELD_MUST)
        return false;
    return field_is_number(f) ? field_number(a, f) == f->otherwise : !field_slice(a, f).p;
}

static void field_put(struct ps_writer *w, const struct attribute_field *f,
                      const struct ps_sdp_attribute *a)
{
    if (f->before)
        ps_put_char(w, f->before);
    if (f->words && f->kind != FIELD_CHOICE && f->kind != FIELD_ONE_OF)
        ps_put_string(w, f->words); /* a keyword, or the literal */
    if (f->kind == FIELD_NUMBER)
        ps_put_number(w, field_number(a, f));
    else if (f->kind == FIELD_DECIMAL)
        field_put_decimal(w, field_number(a, f));
    else if (f->kind == FIELD_CHOICE)
        ps_put(w, field_word(f->words, field_number(a, f)));
    else if (f->kind != FIELD_LITERAL)
        ps_put_value(w, field_slice(a, f));
}

void ps_sdp_put_attribute(struct ps_writer *w, const struct ps_sdp_attribute *attribute)
{
    bool other = attribute->id == PS_SDP_A_OTHER;
    const struct attribute_field *fields;
    size_t n;
    size_t i;
    ps_put(w, PS_S("a="));
    ps_put_value(w, other ? attribute->name : ps_sdp_attribute_id_name(attribute->id));
    fields = attribute_rows[attribute->id].fields;
    n = attribute_rows[attribute->id].n;
    if (n || (other && attribute->value.p))
        ps_put_char(w, ':');
    if (other)
        ps_put_value(w, attribute->value);
    for (i = 0; i < n; i++)
        if (!field_is_left_out(&fields[i], attribute))
            field_put(w, &fields[i], attribute);
    ps_put(w, PS_S("\r\n"));
}
