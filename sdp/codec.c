/*
 * Matches codecs in offer/answer: the payload types of RFC 3551, the formats of two sides, and the
 * parameters that decide (RFC 7261, 3952, 6184, 4867, 7587, 4588). Knows no state.
 */
#include "codec_internal.h"
#include "sdp_internal.h"

/* A name with its length, for tables. */
struct codec_name {
    const char *p;
    size_t n;
};
#define CODEC_NAME(name)                                                                           \
    {                                                                                              \
        name, sizeof name - 1                                                                      \
    }

/* ---- what a payload type stands for ---- */

/* Lists the static payload types (RFC 3551 6, tables 4 and 5). */
static const struct {
    uint8_t payload;
    uint8_t channels;
    uint32_t clock_rate;
    const char *name;
} codec_static[] = {
    {0, 1, 8000, "PCMU"},   {3, 1, 8000, "GSM"},    {4, 1, 8000, "G723"},   {5, 1, 8000, "DVI4"},
    {6, 1, 16000, "DVI4"},  {7, 1, 8000, "LPC"},    {8, 1, 8000, "PCMA"},   {9, 1, 8000, "G722"},
    {10, 2, 44100, "L16"},  {11, 1, 44100, "L16"},  {12, 1, 8000, "QCELP"}, {13, 1, 8000, "CN"},
    {14, 1, 90000, "MPA"},  {15, 1, 8000, "G728"},  {16, 1, 11025, "DVI4"}, {17, 1, 22050, "DVI4"},
    {18, 1, 8000, "G729"},  {25, 1, 90000, "CelB"}, {26, 1, 90000, "JPEG"}, {28, 1, 90000, "nv"},
    {31, 1, 90000, "H261"}, {32, 1, 90000, "MPV"},  {33, 1, 90000, "MP2T"}, {34, 1, 90000, "H263"},
};

/* Takes a payload type off the list `*rest`; false at its end, and where it is none. */
static bool codec_take_payload(struct ps_slice *rest, uint8_t *payload)
{
    const char *p = rest->p;
    const char *end = ps_end(*rest);
    const char *from;
    unsigned value = 0;
    while (p < end && ps_is_blank(*p))
        p++;
    for (from = p; p < end && ps_is_digit(*p) && value <= 127; p++)
        value = value * 10 + (unsigned)(*p - '0');
    *rest = ps_between(p, end);
    *payload = (uint8_t)value;
    return p > from && value <= 127 && (p == end || ps_is_blank(*p));
}

/* Gives "PAYLOAD TEXT" of an rtpmap or an fmtp to the formats with that number. The first of its
 * kind holds. */
static void codec_index(struct ps_sdp_side *side, struct ps_slice value, bool rtpmap)
{
    struct ps_sdp_format *f = side->format;
    struct ps_sdp_format *end = f + side->n;
    uint8_t payload;
    if (!codec_take_payload(&value, &payload))
        return;
    value = ps_trim(value);
    if (!value.n)
        return;
    for (; f < end; f++) {
        if (f->payload != payload || (rtpmap ? f->rtpmap_n : f->fmtp_n))
            continue;
        if (rtpmap) {
            f->name = value.p;
            f->rtpmap_n = (uint16_t)value.n;
        } else {
            f->fmtp = value.p;
            f->fmtp_n = (uint16_t)value.n;
        }
    }
}

/* Reads NAME/CLOCK[/CHANNELS]. */
static bool codec_rtpmap(struct ps_sdp_format *f)
{
    const char *end = f->name + f->rtpmap_n;
    const char *slash = ps_find(ps_sdp_format_rtpmap(f), '/');
    const char *second;
    uint32_t channels = 1;
    if (!slash)
        return false;
    f->name_n = (uint16_t)(slash - f->name);
    second = ps_find(ps_between(slash + 1, end), '/');
    if (second && ps_parse_u32(ps_between(second + 1, end), 65535, &channels))
        return false;
    f->channels = (uint16_t)channels;
    return f->name_n && channels &&
           !ps_parse_u32(ps_between(slash + 1, second ? second : end), UINT32_MAX,
                         &f->clock_rate) &&
           f->clock_rate;
}

/* Reads what the payload type alone stands for. */
static bool codec_static_of(struct ps_sdp_format *f)
{
    size_t i;
    for (i = 0; i < sizeof codec_static / sizeof *codec_static; i++)
        if (codec_static[i].payload == f->payload) {
            f->name = codec_static[i].name;
            f->name_n = (uint16_t)strlen(f->name);
            f->clock_rate = codec_static[i].clock_rate;
            f->channels = codec_static[i].channels;
            return true;
        }
    return false;
}

static bool codec_is_auxiliary(const struct ps_sdp_format *f)
{
    static const struct codec_name names[] = {CODEC_NAME("telephone-event"),
                                              CODEC_NAME("CN"),
                                              CODEC_NAME("red"),
                                              CODEC_NAME("rtx"),
                                              CODEC_NAME("ulpfec"),
                                              CODEC_NAME("flexfec-03"),
                                              CODEC_NAME("parityfec"),
                                              CODEC_NAME("tone")};
    size_t i;
    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].n == f->name_n && ps_sdp_format_is(f, ps_slice(names[i].p, names[i].n)))
            return true;
    return false;
}

/* Lists the payload types of the m= line, with nothing known of them. */
static void codec_list(struct ps_sdp_side *side)
{
    struct ps_slice rest = side->m.formats;
    uint8_t payload;
    side->n = 0;
    while (side->n < PS_SDP_MAX_FORMATS && codec_take_payload(&rest, &payload)) {
        struct ps_sdp_format *f = &side->format[side->n++];
        f->payload = payload;
        f->name = f->fmtp = NULL;
        f->rtpmap_n = f->fmtp_n = 0;
    }
}

void ps_sdp_side_begin(struct ps_sdp_side *side, const struct ps_sdp *sdp, int media)
{
    side->sdp = sdp;
    side->media = (int16_t)media;
    side->read = false;
    ps_sdp_media_of(sdp, media, &side->m);
}

void ps_sdp_side_read(struct ps_sdp_side *side)
{
    const struct ps_sdp *sdp = side->sdp;
    unsigned i;
    if (side->read)
        return;
    side->read = true;
    codec_list(side);
    for (i = sdp->first[side->media + 1]; i < sdp->first[side->media + 2]; i++) {
        const struct ps_sdp_line *line = &sdp->line[i];
        const char *name = sdp->text.p + line->at;
        bool rtpmap = line->name_n == 6 && memcmp(name, "rtpmap", 6) == 0;
        if (rtpmap || (line->name_n == 4 && memcmp(name, "fmtp", 4) == 0))
            codec_index(side, ps_sdp_attribute_value(sdp, i), rtpmap);
    }
    for (i = 0; i < side->n; i++) {
        struct ps_sdp_format *f = &side->format[i];
        f->known = f->rtpmap_n ? codec_rtpmap(f) : codec_static_of(f);
        f->auxiliary = f->known && codec_is_auxiliary(f);
    }
}

const struct ps_sdp_format *ps_sdp_side_find(const struct ps_sdp_side *side,
                                             const struct ps_sdp_format *wanted)
{
    const struct ps_sdp_format *f = side->format;
    const struct ps_sdp_format *end = f + side->n;
    for (; f < end; f++)
        if (f->known && f->clock_rate == wanted->clock_rate && ps_sdp_format_match(f, wanted))
            return f;
    return NULL;
}

/* ---- parameters ---- */

struct ps_slice ps_sdp_fmtp_parameter(struct ps_slice fmtp, struct ps_slice name)
{
    while (fmtp.n) {
        const char *end = ps_end(fmtp);
        const char *semicolon = ps_find(fmtp, ';');
        struct ps_slice one = ps_between(fmtp.p, semicolon ? semicolon : end);
        const char *equals = ps_find(one, '=');
        if (equals && ps_equal_nocase(ps_trim(ps_between(one.p, equals)), name))
            return ps_trim(ps_between(equals + 1, ps_end(one)));
        fmtp = semicolon ? ps_between(semicolon + 1, end) : PS_NONE;
    }
    return PS_NONE;
}

/* Lists the parameters that must be equal on both sides, and the value that a missing one means. */
static const struct {
    struct codec_name codec;
    const char *parameter;
    const char *otherwise;
} codec_equal[] = {
    {CODEC_NAME("H264"), "packetization-mode", "0"}, /* RFC 6184 8.2.2 */
    {CODEC_NAME("AMR"), "octet-align", "0"},         /* RFC 4867 8.3.1 */
    {CODEC_NAME("AMR"), "crc", "0"},
    {CODEC_NAME("AMR"), "robust-sorting", "0"},
    {CODEC_NAME("AMR-WB"), "octet-align", "0"},
    {CODEC_NAME("AMR-WB"), "crc", "0"},
    {CODEC_NAME("AMR-WB"), "robust-sorting", "0"},
    {CODEC_NAME("G7221"), "bitrate", ""},   /* RFC 5577 5 */
    {CODEC_NAME("VP9"), "profile-id", "0"}, /* RFC 9628 7.2 */
    {CODEC_NAME("AV1"), "profile", "0"},
    {CODEC_NAME("H265"), "profile-id", "1"}, /* RFC 7798 7.2.2 */
};

static struct ps_slice codec_parameter(const struct ps_sdp_format *f, const char *name,
                                       const char *otherwise)
{
    struct ps_slice value = ps_sdp_fmtp_parameter(ps_sdp_format_fmtp(f), ps_slice_of(name));
    return value.n ? value : ps_slice_of(otherwise);
}

/* Tells whether two formats have the same value of a parameter. */
static bool codec_parameter_equal(const struct ps_sdp_format *a, const struct ps_sdp_format *b,
                                  const char *name, const char *otherwise)
{
    return ps_equal_nocase(codec_parameter(a, name, otherwise),
                           codec_parameter(b, name, otherwise));
}

static bool codec_parameters_equal(const struct ps_sdp_format *a, const struct ps_sdp_format *b)
{
    size_t i;
    for (i = 0; i < sizeof codec_equal / sizeof *codec_equal; i++)
        if (ps_sdp_format_is(a, ps_slice(codec_equal[i].codec.p, codec_equal[i].codec.n)) &&
            !codec_parameter_equal(a, b, codec_equal[i].parameter, codec_equal[i].otherwise))
            return false;
    return true;
}

/* ---- H.264: RFC 6184 8.1 ---- */

struct codec_h264 {
    unsigned profile; /* a kind: equal kinds are the same profile */
    unsigned iop;
    unsigned level;
};

/* Returns the plainest spelling of a profile, because several spell the same one (RFC 6184 table
 * 5). */
static unsigned codec_h264_kind(unsigned idc, unsigned iop)
{
    static const struct {
        uint8_t idc, mask, value;
        uint16_t kind;
    } rows[] = {
        {0x42, 0x4f, 0x40, 0x4240}, /* constrained baseline */
        {0x4d, 0x8f, 0x80, 0x4240}, {0x58, 0xcf, 0xc0, 0x4240},
        {0x42, 0x4f, 0x00, 0x4200},                             /* baseline */
        {0x58, 0xcf, 0x80, 0x4200}, {0x4d, 0xaf, 0x00, 0x4d00}, /* main */
        {0x58, 0xcf, 0x00, 0x5800},                             /* extended */
    };
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].idc == idc && (iop & rows[i].mask) == rows[i].value)
            return rows[i].kind;
    return idc << 8 | iop;
}

static bool codec_h264_of(const struct ps_sdp_format *f, struct codec_h264 *out)
{
    struct ps_slice id = codec_parameter(f, "profile-level-id", "42000A");
    uint32_t value = 0;
    size_t i;
    if (id.n != 6)
        return false;
    for (i = 0; i < 6; i++) {
        int digit = ps_hex_value(id.p[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    out->iop = value >> 8 & 255;
    out->level = value & 255;
    out->profile = codec_h264_kind(value >> 16, out->iop);
    return true;
}

static bool codec_h264_match(const struct ps_sdp_format *a, const struct ps_sdp_format *b)
{
    struct codec_h264 x;
    struct codec_h264 y;
    return codec_h264_of(a, &x) && codec_h264_of(b, &y) && x.profile == y.profile;
}

/* Ranks the level. Level 1b is level_idc 11 with constraint_set3 in the older profiles, and ranks
 * between 1.0 and 1.1. */
static unsigned codec_h264_rank(const struct codec_h264 *h)
{
    bool one_b = h->level == 11 && (h->iop & 0x10) && h->profile <= 0x5800;
    return one_b ? 21 : h->level * 2;
}

bool ps_sdp_format_match(const struct ps_sdp_format *a, const struct ps_sdp_format *b)
{
    if (a->clock_rate != b->clock_rate || !ps_sdp_format_is(a, ps_slice(b->name, b->name_n)))
        return false;
    if (a->channels != b->channels &&
        !ps_sdp_format_is(a, PS_S("opus"))) /* some phones leave out the /2 */
        return false;
    if (!a->fmtp_n && !b->fmtp_n)
        return true;
    if (ps_sdp_format_is(a, PS_S("H264")) && !codec_h264_match(a, b))
        return false;
    return codec_parameters_equal(a, b);
}

/* ---- the fmtp of an answer ---- */

/* Writes our parameters, with the value of one of them replaced or added. */
static void codec_put_replaced(struct ps_writer *w, struct ps_slice fmtp, struct ps_slice name,
                               struct ps_slice value)
{
    struct ps_slice old = ps_sdp_fmtp_parameter(fmtp, name);
    if (old.p) {
        ps_put_value(w, ps_between(fmtp.p, old.p));
        ps_put_value(w, value);
        ps_put_value(w, ps_between(ps_end(old), ps_end(fmtp)));
        return;
    }
    ps_put(w, name);
    ps_put_char(w, '=');
    ps_put_value(w, value);
    if (fmtp.n) {
        ps_put_char(w, ';');
        ps_put_value(w, fmtp);
    }
}

static bool codec_says(const struct ps_sdp_format *f, const char *name, const char *value)
{
    return ps_equal_nocase(codec_parameter(f, name, ""), ps_slice_of(value));
}

/* Returns the lower level, or our own where both sides allow that (RFC 6184 8.2.2); absent where a
 * side names none. */
static struct ps_slice codec_h264_answer(const struct ps_sdp_format *ours,
                                         const struct ps_sdp_format *theirs)
{
    bool asymmetric = codec_says(ours, "level-asymmetry-allowed", "1") &&
                      codec_says(theirs, "level-asymmetry-allowed", "1");
    struct codec_h264 x = {0, 0, 0};
    struct codec_h264 y = {0, 0, 0};
    bool higher;
    (void)codec_h264_of(ours, &x); /* they matched, so both can be read */
    (void)codec_h264_of(theirs, &y);
    higher = codec_h264_rank(&x) > codec_h264_rank(&y);
    return codec_parameter(higher && !asymmetric ? theirs : ours, "profile-level-id", "42000A");
}

/* Returns a mode of 30 ms unless both sides say 20 (RFC 3952 5); absent where neither says one. */
static struct ps_slice codec_ilbc_answer(const struct ps_sdp_format *ours,
                                         const struct ps_sdp_format *theirs)
{
    if (!codec_parameter(ours, "mode", "").n && !codec_parameter(theirs, "mode", "").n)
        return PS_NONE;
    return codec_says(ours, "mode", "20") && codec_says(theirs, "mode", "20") ? PS_S("20")
                                                                              : PS_S("30");
}

/* Returns "no" where either side says no (RFC 7261 3.1); otherwise absent. */
static struct ps_slice codec_g729_answer(const struct ps_sdp_format *ours,
                                         const struct ps_sdp_format *theirs)
{
    return codec_says(ours, "annexb", "no") || codec_says(theirs, "annexb", "no") ? PS_S("no")
                                                                                  : PS_NONE;
}

/* Returns the value of the parameter that both sides decide about, and its name in *name; absent
 * where there is none. */
static struct ps_slice codec_answer(const struct ps_sdp_format *ours,
                                    const struct ps_sdp_format *theirs, struct ps_slice *name)
{
    if (ps_sdp_format_is(ours, PS_S("H264"))) {
        *name = PS_S("profile-level-id");
        return codec_h264_answer(ours, theirs);
    }
    if (ps_sdp_format_is(ours, PS_S("iLBC"))) {
        *name = PS_S("mode");
        return codec_ilbc_answer(ours, theirs);
    }
    *name = PS_S("annexb");
    return ps_sdp_format_is(ours, PS_S("G729")) ? codec_g729_answer(ours, theirs) : PS_NONE;
}

void ps_sdp_put_answer_fmtp(struct ps_writer *w, const struct ps_sdp_format *ours,
                            const struct ps_sdp_format *theirs)
{
    /* RFC 4588 8.1: rtx names a payload type of the offer */
    bool rtx = ps_sdp_format_is(ours, PS_S("rtx"));
    /* else: what we want to receive */
    struct ps_slice fmtp = ps_sdp_format_fmtp(rtx ? theirs : ours);
    struct ps_slice name;
    struct ps_slice value = codec_answer(ours, theirs, &name);
    if (!fmtp.n && !value.n)
        return;
    ps_put(w, PS_S("a=fmtp:"));
    ps_put_number(w, theirs->payload);
    ps_put_char(w, ' ');
    if (value.n)
        codec_put_replaced(w, fmtp, name, value);
    else
        ps_put_value(w, fmtp);
    ps_put(w, PS_S("\r\n"));
}
