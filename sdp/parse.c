/*
 * Parses a description in one pass: finds its lines, checks each (line.c) and their order, and
 * indexes them. Knows the sections and the order of RFC 8866 5, and nothing of what attributes
 * mean.
 */
#include "cursor_internal.h"

/* Gives the place of a line type in the order of a section, -1 where it may not stand. t=, r= and
 * z= share a place, because they alternate (5.9 to 5.11). */
struct sdp_parse_place {
    int8_t session;
    int8_t media;
    bool once_session;
    bool once_media;
};

enum { SDP_PLACE_NAME = 2, SDP_PLACE_CONNECTION = 7, SDP_PLACE_TIME = 9 };

#define NOWHERE                                                                                    \
    {                                                                                              \
        -1, -1, false, false                                                                       \
    }
/* clang-format off */
static const struct sdp_parse_place sdp_parse_places[27] = {
    /* a */ {11, 5, false, false}, /* b */ {8, 3, false, false},  /* c */ {7, 2, true, false},
    NOWHERE,                       /* e */ {5, -1, false, false}, NOWHERE,
    NOWHERE,                       NOWHERE,                       /* i */ {3, 1, true, true},
    NOWHERE,                       /* k */ {10, 4, true, true},   NOWHERE,
    /* m */ {-1, 0, false, true},  NOWHERE,                       /* o */ {1, -1, true, false},
    /* p */ {6, -1, false, false}, NOWHERE,                       /* r */ {9, -1, false, false},
    /* s */ {2, -1, true, false},  /* t */ {9, -1, false, false}, /* u */ {4, -1, true, false},
    /* v */ {0, -1, true, false},  NOWHERE,                       NOWHERE,
    NOWHERE,                       /* z */ {9, -1, false, false}, /* any other */ NOWHERE,
};
/* clang-format on */
#undef NOWHERE

static const struct sdp_parse_place *sdp_parse_place_of(char type)
{
    unsigned letter = (unsigned char)type - (unsigned)'a';
    return &sdp_parse_places[letter < 26 ? letter : 26];
}

/* Holds the state while lines are read. */
struct sdp_parse_state {
    struct ps_sdp *out;
    struct ps_sdp_fault *fault;
    bool strict;
    bool in_media;
    bool session_connection; /* the session has a c= */
    uint16_t port;           /* of the current m= */
    int8_t place;            /* the furthest in this section */
    uint32_t seen;           /* a bit a place, in this section */
};

/* Fails in line `line`, which starts at `begin`, at column `column`, both from 0. */
static enum ps_error sdp_parse_fail(const struct sdp_parse_state *s, enum ps_error error,
                                    unsigned line, size_t begin, size_t column,
                                    const char *expected, const char *rule)
{
    ps_sdp_fault_at(s->fault, error, begin + column, expected, rule);
    if (s->fault) {
        s->fault->line = line + 1;
        s->fault->column = (unsigned)column + 1;
    }
    return error;
}

/* Notes a mistake on the line being read; in strict mode it is an error. */
static enum ps_error sdp_parse_note(struct sdp_parse_state *s, enum ps_sdp_note note, size_t begin,
                                    size_t column, const char *expected, const char *rule)
{
    if (s->strict)
        return sdp_parse_fail(s, note == PS_SDP_NOTE_ORDER ? PS_E_SDP_ORDER : PS_E_SDP_LINE,
                              s->out->lines, begin, column, expected, rule);
    if (!s->out->noted[note])
        s->out->noted[note] = (uint16_t)(s->out->lines + 1);
    return PS_OK;
}

/* ---- sections ---- */

static size_t sdp_parse_line_begin(const struct ps_sdp *sdp, unsigned line)
{
    return line < sdp->lines ? sdp->line[line].at - 2u : sdp->text.n;
}

/* Fails because the session lacks the line of `place`; names the position where it should have
 * stood. */
static enum ps_error sdp_parse_missing(const struct sdp_parse_state *s, int8_t place,
                                       const char *expected, const char *rule)
{
    unsigned line = 0;
    while (line < s->out->lines && sdp_parse_place_of(s->out->line[line].type)->session <= place)
        line++;
    return sdp_parse_fail(s, PS_E_SDP_MISSING, line, sdp_parse_line_begin(s->out, line), 0,
                          expected, rule);
}

static enum ps_error sdp_parse_end_session(struct sdp_parse_state *s)
{
    if (!(s->seen & 1u << 1))
        return sdp_parse_missing(s, 1, "an o= line", "RFC 8866 5.2");
    if (!(s->seen & 1u << SDP_PLACE_NAME))
        return sdp_parse_missing(s, SDP_PLACE_NAME, "an s= line", "RFC 8866 5.3");
    if (!(s->seen & 1u << SDP_PLACE_TIME))
        return sdp_parse_missing(s, SDP_PLACE_TIME, "a t= line", "RFC 8866 5.9");
    s->session_connection = (s->seen & 1u << SDP_PLACE_CONNECTION) != 0;
    return PS_OK;
}

/* Checks that the session has a c=, or else this media description (5.7). */
static enum ps_error sdp_parse_end_media(struct sdp_parse_state *s)
{
    unsigned first = s->out->first[s->out->media];
    if (s->session_connection || (s->seen & 1u << 2))
        return PS_OK;
    if (s->strict || s->port)
        return sdp_parse_fail(s, PS_E_SDP_MISSING, first, sdp_parse_line_begin(s->out, first), 0,
                              "a c= line for the session or this media description",
                              "RFC 8866 5.7");
    if (!s->out->noted[PS_SDP_NOTE_NO_CONNECTION])
        s->out->noted[PS_SDP_NOTE_NO_CONNECTION] = (uint16_t)(first + 1);
    return PS_OK;
}

static enum ps_error sdp_parse_end_section(struct sdp_parse_state *s)
{
    return s->in_media ? sdp_parse_end_media(s) : sdp_parse_end_session(s);
}

static enum ps_error sdp_parse_begin_media(struct sdp_parse_state *s, size_t begin)
{
    enum ps_error e = sdp_parse_end_section(s);
    if (e)
        return e;
    if (s->out->media == PS_SDP_MAX_MEDIA)
        return sdp_parse_fail(s, PS_E_SDP_LIMIT, s->out->lines, begin, 0,
                              "at most PS_SDP_MAX_MEDIA media descriptions", "RFC 8866 5.14");
    s->out->media++;
    s->out->first[s->out->media] = s->out->lines;
    s->in_media = true;
    s->place = 0;
    s->seen = 0;
    return PS_OK;
}

/* Fails because a line may not stand here, or not twice. */
static enum ps_error sdp_parse_misplaced(const struct sdp_parse_state *s, char type, size_t begin)
{
    const struct sdp_parse_place *place = sdp_parse_place_of(type);
    if ((s->in_media ? place->media : place->session) >= 0)
        return sdp_parse_fail(s, PS_E_SDP_ORDER, s->out->lines, begin, 0, "this line type once",
                              "RFC 8866 5");
    return sdp_parse_fail(
        s, place->session < 0 ? PS_E_SDP_LINE : PS_E_SDP_ORDER, s->out->lines, begin, 0,
        s->in_media ? "i= c= b= k= a= or m=" : "a line type of a session", "RFC 8866 5");
}

/* Checks that a line of this type is in its place. */
static enum ps_error sdp_parse_order(struct sdp_parse_state *s, char type, size_t begin)
{
    const struct sdp_parse_place *place = sdp_parse_place_of(type);
    int8_t at = s->in_media ? place->media : place->session;
    bool once = s->in_media ? place->once_media : place->once_session;
    if (at < 0 || (once && (s->seen & 1u << at)))
        return sdp_parse_misplaced(s, type, begin);
    if ((type == 'r' || type == 'z') && !(s->seen & 1u << SDP_PLACE_TIME))
        return sdp_parse_fail(s, PS_E_SDP_ORDER, s->out->lines, begin, 0, "a t= line before this",
                              "RFC 8866 5.9");
    s->seen |= 1u << at;
    if (at < s->place)
        return sdp_parse_note(s, PS_SDP_NOTE_ORDER, begin, 0, "this line before the one above",
                              "RFC 8866 5");
    s->place = at;
    return PS_OK;
}

/* ---- values ---- */

static enum ps_error sdp_parse_version(struct ps_slice value, struct ps_sdp_fault *fault)
{
    return ps_equal(value, PS_S("0"))
               ? PS_OK
               : ps_sdp_fault_at(fault, PS_E_SDP_LINE, 0, "0", "RFC 8866 5.1");
}

static enum ps_error sdp_parse_text(struct ps_slice value, const char *rule,
                                    struct ps_sdp_fault *fault)
{
    return value.n ? PS_OK : ps_sdp_fault_at(fault, PS_E_SDP_LINE, 0, "a text", rule);
}

static enum ps_error sdp_parse_uri(struct ps_slice value, struct ps_sdp_fault *fault)
{
    struct ps_sdp_cursor c = ps_sdp_cursor(value, "RFC 8866 5.5", fault);
    struct ps_slice uri;
    enum ps_error e = ps_sdp_take_word(&c, &uri, "a URI");
    return e ? e : ps_sdp_take_end(&c);
}

static enum ps_error sdp_parse_zones(struct ps_slice value, struct ps_sdp_fault *fault)
{
    struct ps_slice rest = value;
    struct ps_sdp_zone zone;
    enum ps_error e;
    do {
        e = ps_sdp_zone_next(&rest, &zone, fault);
        if (e == PS_E_END)
            e = ps_sdp_fault_at(fault, PS_E_SDP_LINE, 0, "an adjustment time", "RFC 8866 5.11");
        else if (e && fault)
            fault->offset += (unsigned)(value.n - rest.n);
    } while (!e && rest.n);
    return e;
}

/* Checks a=NAME or a=NAME:VALUE, and keeps the length of the name. */
static enum ps_error sdp_parse_attribute(struct ps_sdp_line *line, struct ps_slice value,
                                         struct ps_sdp_fault *fault)
{
    size_t n = (size_t)(ps_sdp_skip(value.p, ps_end(value), PS_SDP_C_TOKEN) - value.p);
    if (!n)
        return ps_sdp_fault_at(fault, PS_E_SDP_LINE, 0, "an attribute's name", "RFC 8866 5.13");
    if (n > 255)
        return ps_sdp_fault_at(fault, PS_E_SDP_LINE, 255,
                               "an attribute's name of at most 255 characters", "RFC 8866 5.13");
    if (n < value.n && value.p[n] != ':')
        return ps_sdp_fault_at(fault, PS_E_SDP_LINE, n, "a colon or the end of the line",
                               "RFC 8866 5.13");
    line->name_n = (uint8_t)n;
    return PS_OK;
}

static enum ps_error sdp_parse_media(struct sdp_parse_state *s, struct ps_slice value,
                                     struct ps_sdp_fault *fault)
{
    struct ps_sdp_media media;
    enum ps_error e = ps_sdp_media_parse(value, &media, fault);
    if (!e)
        s->port = media.port;
    return e;
}

static enum ps_error sdp_parse_connection(struct sdp_parse_state *s, struct ps_slice value,
                                          size_t begin)
{
    struct ps_sdp_connection connection;
    enum ps_error e = ps_sdp_connection_parse(value, &connection, s->fault);
    if (!e && connection.multicast && !connection.has_ttl &&
        ps_equal(connection.family, PS_S("IP4")))
        return sdp_parse_note(s, PS_SDP_NOTE_NO_TTL, begin, value.n + 2, "a TTL: /1 to /255",
                              "RFC 8866 5.7");
    return e;
}

/* Tells whether it is a time: 0, or at least ten digits without leading zeros (9). */
static bool sdp_parse_is_time(struct ps_slice word)
{
    return ps_equal(word, PS_S("0")) || (word.n >= 10 && word.p[0] != '0');
}

static enum ps_error sdp_parse_time(struct sdp_parse_state *s, struct ps_slice value, size_t begin)
{
    struct ps_sdp_time time;
    struct ps_slice rest = value;
    enum ps_error e;
    if (ps_equal(value, PS_S("0 0"))) /* nearly always */
        return PS_OK;
    e = ps_sdp_time_parse(value, &time, s->fault);
    if (!e && (!sdp_parse_is_time(ps_sdp_word(&rest)) || !sdp_parse_is_time(ps_trim(rest))))
        return sdp_parse_note(s, PS_SDP_NOTE_TIME, begin, 2, "0 or a time of at least ten digits",
                              "RFC 8866 9");
    return e;
}

static enum ps_error sdp_parse_name(struct sdp_parse_state *s, struct ps_slice value, size_t begin)
{
    if (value.n)
        return PS_OK;
    return sdp_parse_note(s, PS_SDP_NOTE_EMPTY_NAME, begin, 2, "a session name, - for none",
                          "RFC 8866 5.3");
}

static enum ps_error sdp_parse_value(struct sdp_parse_state *s, struct ps_sdp_line *line,
                                     struct ps_slice value, size_t begin)
{
    union {
        struct ps_sdp_origin origin;
        struct ps_sdp_bandwidth bandwidth;
        struct ps_sdp_repeat repeat;
        struct ps_sdp_key key;
    } u;
    switch (line->type) {
    case 'a':
        return sdp_parse_attribute(line, value, s->fault);
    case 'b':
        return ps_sdp_bandwidth_parse(value, &u.bandwidth, s->fault);
    case 'c':
        return sdp_parse_connection(s, value, begin);
    case 'e':
    case 'p':
        return sdp_parse_text(value, "RFC 8866 5.6", s->fault);
    case 'i':
        return sdp_parse_text(value, "RFC 8866 5.4", s->fault);
    case 'k':
        return ps_sdp_key_parse(value, &u.key, s->fault);
    case 'm':
        return sdp_parse_media(s, value, s->fault);
    case 'o':
        return ps_sdp_origin_parse(value, &u.origin, s->fault);
    case 'r':
        return ps_sdp_repeat_parse(value, &u.repeat, s->fault);
    case 's':
        return sdp_parse_name(s, value, begin);
    case 't':
        return sdp_parse_time(s, value, begin);
    case 'u':
        return sdp_parse_uri(value, s->fault);
    case 'v':
        return sdp_parse_version(value, s->fault);
    default:
        return sdp_parse_zones(value, s->fault);
    }
}

/* ---- lines ---- */

/* Tells whether the line is free text, whose last blank may be meant. */
static bool sdp_parse_is_free_text(char type)
{
    return type == 's' || type == 'i' || type == 'e' || type == 'p' || type == 'u' || type == 'k';
}

/* Takes trailing blanks off and notes them; in strict mode the line's grammar decides. */
static void sdp_parse_trim(struct sdp_parse_state *s, struct ps_slice *text)
{
    if (s->strict || sdp_parse_is_free_text(text->p[0]))
        return;
    while (text->n > 2 && ps_is_blank(text->p[text->n - 1]))
        text->n--;
    if (!s->out->noted[PS_SDP_NOTE_BLANKS])
        s->out->noted[PS_SDP_NOTE_BLANKS] = (uint16_t)(s->out->lines + 1);
}

/* Adds the line to the index. */
static enum ps_error sdp_parse_add(struct sdp_parse_state *s, struct ps_slice text, size_t begin)
{
    struct ps_sdp_line *line = &s->out->line[s->out->lines];
    enum ps_error e;
    line->at = (uint16_t)(begin + 2);
    line->n = (uint16_t)(text.n - 2);
    line->type = text.p[0];
    line->name_n = 0;
    e = sdp_parse_value(s, line, ps_slice(text.p + 2, text.n - 2), begin);
    if (e && s->fault && !s->fault->line) /* in the value: a note says its own place */
        sdp_parse_fail(s, e, s->out->lines, begin, s->fault->offset + 2, s->fault->expected,
                       s->fault->rule);
    s->out->lines++;
    return e;
}

static enum ps_error sdp_parse_line(struct sdp_parse_state *s, struct ps_slice text)
{
    size_t begin = (size_t)(text.p - s->out->text.p);
    enum ps_error e;
    if (s->out->lines == PS_SDP_MAX_LINES)
        return sdp_parse_fail(s, PS_E_SDP_LIMIT, s->out->lines, begin, 0,
                              "at most PS_SDP_MAX_LINES lines", "RFC 8866 5");
    if (text.n < 2 || text.p[1] != '=')
        return sdp_parse_fail(s, PS_E_SDP_LINE, s->out->lines, begin, 1,
                              "a line type, then =", "RFC 8866 5");
    if (text.p[0] == 'm' && (e = sdp_parse_begin_media(s, begin)))
        return e;
    if ((e = sdp_parse_order(s, text.p[0], begin)))
        return e;
    if (ps_is_blank(text.p[text.n - 1]))
        sdp_parse_trim(s, &text);
    return sdp_parse_add(s, text, begin);
}

/* ---- line ends ---- */

static bool sdp_parse_is_end(char c)
{
    return c == '\n' || c == '\r' || c == '\0';
}

/* Finds the first control character of eight bytes, which have one; returns its offset. */
static unsigned sdp_parse_first_control(const char *p, uint64_t controls)
{
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    (void)p;
    return (unsigned)__builtin_ctzll(controls) / 8;
#else
    unsigned i = 0;
    (void)controls;
    while ((unsigned char)p[i] >= 0x20)
        i++;
    return i;
#endif
}

/* Finds the first CR, LF or NUL from p on; steps by eight bytes while none of them is a control
 * character. */
static const char *sdp_parse_find_end(const char *p, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    while (end - p >= 8) {
        uint64_t x;
        uint64_t controls;
        memcpy(&x, p, 8);
        controls = (x - ones * 0x20) & ~x & (ones * 0x80);
        if (!controls) {
            p += 8;
            continue;
        }
        p += sdp_parse_first_control(p, controls);
        if (sdp_parse_is_end(*p))
            return p;
        p++;
    }
    while (p < end && !sdp_parse_is_end(*p))
        p++;
    return p;
}

/* Takes off a line end that is not CRLF; returns the start of the next line. */
static const char *sdp_parse_line_end(struct sdp_parse_state *s, const char *from, const char *p,
                                      const char *end, enum ps_error *e)
{
    size_t begin = (size_t)(from - s->out->text.p);
    size_t column = (size_t)(p - from);
    *e = PS_OK;
    if (p < end && *p == '\n') {
        *e = sdp_parse_note(s, PS_SDP_NOTE_LF, begin, column, "CRLF", "RFC 8866 5");
        return p + 1;
    }
    if (p == end || (p + 1 == end && *p == '\r')) {
        *e = sdp_parse_note(s, PS_SDP_NOTE_NO_LAST_END, begin, column, "CRLF", "RFC 8866 5");
        return end;
    }
    *e = sdp_parse_fail(s, PS_E_SDP_LINE, s->out->lines, begin, column,
                        "no NUL and no CR in a line", "RFC 8866 9");
    return end;
}

/* Checks that only blanks and line ends follow an empty line. */
static enum ps_error sdp_parse_empty_end(struct sdp_parse_state *s, const char *from,
                                         const char *end)
{
    size_t begin = (size_t)(from - s->out->text.p);
    const char *p = from;
    while (p < end && ps_is_lws(*p))
        p++;
    if (p < end)
        return sdp_parse_fail(s, PS_E_SDP_LINE, s->out->lines, begin, 0,
                              "a line type, then =", "RFC 8866 5");
    return sdp_parse_note(s, PS_SDP_NOTE_EMPTY_LINES, begin, 0, "the end of the description",
                          "RFC 8866 5");
}

/* Tells whether only blanks stand before the end of the line. */
static bool sdp_parse_is_empty(const char *p, const char *end)
{
    while (p < end && ps_is_blank(*p))
        p++;
    return p == end || *p == '\r' || *p == '\n';
}

static enum ps_error sdp_parse_lines(struct sdp_parse_state *s)
{
    const char *p = s->out->text.p;
    const char *end = p + s->out->text.n;
    enum ps_error e = PS_OK;
    while (p < end && !e) {
        const char *from = p;
        const char *stop;
        if (*p <= ' ' && sdp_parse_is_empty(p, end))
            return sdp_parse_empty_end(s, from, end);
        stop = sdp_parse_find_end(from, end);
        if (end - stop >= 2 && *stop == '\r' && stop[1] == '\n')
            p = stop + 2;
        else
            p = sdp_parse_line_end(s, from, stop, end, &e);
        if (!e)
            e = sdp_parse_line(s, ps_between(from, stop));
    }
    return e;
}

enum ps_error PS_SDP_LIMITED(struct ps_slice text, unsigned flags, struct ps_sdp *out,
                             struct ps_sdp_fault *fault)
{
    struct sdp_parse_state s;
    enum ps_error e;
    memset(&s, 0, sizeof s);
    s.out = out;
    s.fault = fault;
    s.strict = (flags & PS_SDP_STRICT) != 0;
    out->text = ps_slice(text.p ? text.p : "", text.n);
    out->lines = 0;
    out->media = 0;
    out->first[0] = 0;
    memset(out->noted, 0, sizeof out->noted);
    if (fault)
        fault->line = 0;
    if (text.n > 65535)
        return sdp_parse_fail(&s, PS_E_TOO_LARGE, 0, 0, 0, "at most 65535 bytes", "RFC 8866 5");
    if (!text.n || out->text.p[0] != 'v')
        return sdp_parse_fail(&s, PS_E_SDP_MISSING, 0, 0, 0, "v=0", "RFC 8866 5.1");
    if ((e = sdp_parse_lines(&s)) || (e = sdp_parse_end_section(&s)))
        return e;
    out->first[out->media + 1] = out->lines;
    return PS_OK;
}
