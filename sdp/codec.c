/*
 * Matches codecs in offer/answer: the payload types of RFC 3551, the formats of two sides, and the
 * parameters that decide (RFC 7261, 3952, 6184, 4867, 7587, 4588). Knows no state.
 */
#include "codec_internal.h"

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

/* Takes "PAYLOAD " off an attribute's value; false where it begins with no payload type. */
static bool codec_take_payload(struct ps_slice *value, uint32_t *payload)
{
    struct ps_slice word = ps_sdp_word(value);
    *value = ps_trim(*value);
    return !ps_parse_u32(word, 127, payload) && value->n;
}

static void codec_index(struct ps_sdp_side *side, unsigned i)
{
    struct ps_slice name = ps_sdp_attribute_name(side->sdp, i);
    struct ps_slice value = ps_sdp_attribute_value(side->sdp, i);
    ps_sdp_line_number *table;
    uint32_t payload;
    if (ps_equal(name, PS_S("rtpmap")))
        table = side->rtpmap;
    else if (ps_equal(name, PS_S("fmtp")))
        table = side->fmtp;
    else
        return;
    if (codec_take_payload(&value, &payload) && !table[payload])
        table[payload] = (ps_sdp_line_number)(i + 1);
}

void ps_sdp_side_of(struct ps_sdp_side *side, const struct ps_sdp *sdp, int media)
{
    unsigned cursor = 0;
    unsigned i;
    memset(side, 0, sizeof *side);
    side->sdp = sdp;
    side->media = media;
    (void)ps_sdp_media_parse(ps_sdp_first(sdp, media, 'm'), &side->m, NULL);
    while (ps_sdp_next(sdp, media, 'a', &cursor, &i))
        codec_index(side, i);
}

/* Returns what follows the payload type in line `line` - 1. */
static struct ps_slice codec_text(const struct ps_sdp_side *side, uint16_t line)
{
    struct ps_slice value = PS_NONE;
    uint32_t payload;
    if (line) {
        value = ps_sdp_attribute_value(side->sdp, line - 1u);
        (void)codec_take_payload(&value, &payload); /* as when it was found */
    }
    return value;
}

/* Reads NAME/CLOCK[/CHANNELS]. */
static bool codec_rtpmap(struct ps_sdp_format *out)
{
    struct ps_slice text = out->rtpmap;
    const char *end = ps_end(text);
    const char *slash = ps_find(text, '/');
    const char *second;
    if (!slash)
        return false;
    out->name = ps_between(text.p, slash);
    second = ps_find(ps_between(slash + 1, end), '/');
    out->channels = 1;
    if (second && ps_parse_u32(ps_between(second + 1, end), 65535, &out->channels))
        return false;
    return out->name.n && out->channels &&
           !ps_parse_u32(ps_between(slash + 1, second ? second : end), UINT32_MAX,
                         &out->clock_rate) &&
           out->clock_rate;
}

bool ps_sdp_format_of(const struct ps_sdp_side *side, uint8_t payload, struct ps_sdp_format *out)
{
    size_t i;
    out->payload = payload;
    out->rtpmap = codec_text(side, side->rtpmap[payload]);
    out->fmtp = codec_text(side, side->fmtp[payload]);
    if (out->rtpmap.n)
        return codec_rtpmap(out);
    for (i = 0; i < sizeof codec_static / sizeof *codec_static; i++)
        if (codec_static[i].payload == payload) {
            out->name = ps_slice_of(codec_static[i].name);
            out->clock_rate = codec_static[i].clock_rate;
            out->channels = codec_static[i].channels;
            return true;
        }
    return false;
}

bool ps_sdp_next_payload(struct ps_slice *rest, uint8_t *payload)
{
    uint32_t n;
    if (ps_parse_u32(ps_sdp_word(rest), 127, &n))
        return false;
    *payload = (uint8_t)n;
    return true;
}

static bool codec_is(const struct ps_sdp_format *f, struct ps_slice name)
{
    return ps_equal_nocase(f->name, name);
}

bool ps_sdp_format_is_auxiliary(const struct ps_sdp_format *f)
{
    static const char *const names[] = {"telephone-event", "CN",         "red",       "rtx",
                                        "ulpfec",          "flexfec-03", "parityfec", "tone"};
    size_t i;
    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (codec_is(f, ps_slice_of(names[i])))
            return true;
    return false;
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
    const char *codec;
    const char *parameter;
    const char *otherwise;
} codec_equal[] = {
    {"H264", "packetization-mode", "0"}, /* RFC 6184 8.2.2 */
    {"AMR", "octet-align", "0"},         /* RFC 4867 8.3.1 */
    {"AMR", "crc", "0"},
    {"AMR", "robust-sorting", "0"},
    {"AMR-WB", "octet-align", "0"},
    {"AMR-WB", "crc", "0"},
    {"AMR-WB", "robust-sorting", "0"},
    {"G7221", "bitrate", ""},   /* RFC 5577 5 */
    {"VP9", "profile-id", "0"}, /* RFC 9628 7.2 */
    {"AV1", "profile", "0"},
    {"H265", "profile-id", "1"}, /* RFC 7798 7.2.2 */
};

static struct ps_slice codec_parameter(struct ps_slice fmtp, const char *name,
                                       const char *otherwise)
{
    struct ps_slice value = ps_sdp_fmtp_parameter(fmtp, ps_slice_of(name));
    return value.n ? value : ps_slice_of(otherwise);
}

static bool codec_parameters_equal(const struct ps_sdp_format *a, const struct ps_sdp_format *b)
{
    size_t i;
    for (i = 0; i < sizeof codec_equal / sizeof *codec_equal; i++)
        if (codec_is(a, ps_slice_of(codec_equal[i].codec)) &&
            !ps_equal_nocase(
                codec_parameter(a->fmtp, codec_equal[i].parameter, codec_equal[i].otherwise),
                codec_parameter(b->fmtp, codec_equal[i].parameter, codec_equal[i].otherwise)))
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

static bool codec_h264_of(struct ps_slice fmtp, struct codec_h264 *out)
{
    struct ps_slice id = codec_parameter(fmtp, "profile-level-id", "42000A");
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
    return codec_h264_of(a->fmtp, &x) && codec_h264_of(b->fmtp, &y) && x.profile == y.profile;
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
    if (!ps_equal_nocase(a->name, b->name) || a->clock_rate != b->clock_rate)
        return false;
    if (a->channels != b->channels && !codec_is(a, PS_S("opus"))) /* some phones leave out the /2 */
        return false;
    if (codec_is(a, PS_S("H264")) && !codec_h264_match(a, b))
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

static bool codec_says(struct ps_slice fmtp, const char *name, const char *value)
{
    return ps_equal_nocase(ps_sdp_fmtp_parameter(fmtp, ps_slice_of(name)), ps_slice_of(value));
}

/* Returns the lower level, or our own where both sides allow that (RFC 6184 8.2.2); absent where a
 * side names none. */
static struct ps_slice codec_h264_answer(const struct ps_sdp_format *ours,
                                         const struct ps_sdp_format *theirs)
{
    bool asymmetric = codec_says(ours->fmtp, "level-asymmetry-allowed", "1") &&
                      codec_says(theirs->fmtp, "level-asymmetry-allowed", "1");
    struct codec_h264 x = {0, 0, 0};
    struct codec_h264 y = {0, 0, 0};
    bool higher;
    (void)codec_h264_of(ours->fmtp, &x); /* they matched, so both can be read */
    (void)codec_h264_of(theirs->fmtp, &y);
    higher = codec_h264_rank(&x) > codec_h264_rank(&y);
    return codec_parameter(higher && !asymmetric ? theirs->fmtp : ours->fmtp, "profile-level-id",
                           "42000A");
}

/* Returns a mode of 30 ms unless both sides say 20 (RFC 3952 5); absent where neither says one. */
static struct ps_slice codec_ilbc_answer(const struct ps_sdp_format *ours,
                                         const struct ps_sdp_format *theirs)
{
    if (!ps_sdp_fmtp_parameter(ours->fmtp, PS_S("mode")).n &&
        !ps_sdp_fmtp_parameter(theirs->fmtp, PS_S("mode")).n)
        return PS_NONE;
    return codec_says(ours->fmtp, "mode", "20") && codec_says(theirs->fmtp, "mode", "20")
               ? PS_S("20")
               : PS_S("30");
}

/* Returns "no" where either side says no (RFC 7261 3.1); otherwise absent. */
static struct ps_slice codec_g729_answer(const struct ps_sdp_format *ours,
                                         const struct ps_sdp_format *theirs)
{
    return codec_says(ours->fmtp, "annexb", "no") || codec_says(theirs->fmtp, "annexb", "no")
               ? PS_S("no")
               : PS_NONE;
}

/* Returns the value of the parameter that both sides decide about, and its name in *name; absent
 * where there is none. */
static struct ps_slice codec_answer(const struct ps_sdp_format *ours,
                                    const struct ps_sdp_format *theirs, struct ps_slice *name)
{
    if (codec_is(ours, PS_S("H264"))) {
        *name = PS_S("profile-level-id");
        return codec_h264_answer(ours, theirs);
    }
    if (codec_is(ours, PS_S("iLBC"))) {
        *name = PS_S("mode");
        return codec_ilbc_answer(ours, theirs);
    }
    *name = PS_S("annexb");
    return codec_is(ours, PS_S("G729")) ? codec_g729_answer(ours, theirs) : PS_NONE;
}

void ps_sdp_put_answer_fmtp(struct ps_writer *w, const struct ps_sdp_format *ours,
                            const struct ps_sdp_format *theirs)
{
    /* RFC 4588 8.1: rtx names a payload type of the offer */
    bool rtx = codec_is(ours, PS_S("rtx"));
    struct ps_slice fmtp = rtx ? theirs->fmtp : ours->fmtp; /* else: what we want to receive */
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
