/*
 * Writes the attributes of an offer or an answer, other than formats and direction: chooses among
 * those of the capabilities, and applies the rules for answers. Knows one attribute at a time.
 */
#include "negotiation_internal.h"

/* ---- crypto: RFC 4568 5.1 ---- */

static bool attribute_next_keying(const struct ps_sdp *sdp, int media, unsigned *cursor,
                                  struct ps_sdp_keying *out)
{
    unsigned i;
    while (ps_sdp_next(sdp, media, 'a', cursor, &i)) {
        if (!ps_equal(ps_sdp_attribute_name(sdp, i), PS_S("crypto")))
            continue;
        out->rest = ps_sdp_attribute_value(sdp, i);
        out->tag = ps_sdp_word(&out->rest);
        out->suite = ps_sdp_word(&out->rest);
        out->rest = ps_trim(out->rest);
        if (out->rest.n)
            return true;
    }
    return false;
}

bool ps_sdp_keying_of(struct ps_sdp_keying *out, const struct ps_sdp *ours, int m,
                      const struct ps_sdp *theirs, int i)
{
    struct ps_sdp_keying t;
    unsigned their_cursor = 0;
    while (attribute_next_keying(theirs, i, &their_cursor, &t)) {
        unsigned cursor = 0;
        while (attribute_next_keying(ours, m, &cursor, out))
            if (ps_equal(out->suite, t.suite)) {
                out->tag = t.tag;
                return true;
            }
    }
    return false;
}

/* ---- writing attributes ---- */

/* Says how an attribute of the capabilities is treated. */
enum attribute_policy {
    RULE_KEEP,       /* written as it stands */
    RULE_ELSEWHERE,  /* written by a rule of its own, or not at all */
    RULE_OFFER_ONLY, /* kept in an offer, not in an answer */
    RULE_IF_OFFERED, /* in an answer only where the offer has `needs` */
    RULE_MUX,        /* likewise, but what stands for the session means nothing */
    RULE_FEEDBACK,
    RULE_SETUP,
    RULE_CONNECTION,
    RULE_CRYPTO,
    RULE_EXTMAP
};

struct attribute_rule {
    const char *name;
    enum attribute_policy policy;
    const char *needs;
};

static const struct attribute_rule attribute_rules[] = {
    {"rtpmap", RULE_ELSEWHERE, NULL},
    {"fmtp", RULE_ELSEWHERE, NULL},
    {"rtcp-fb", RULE_FEEDBACK, NULL},
    {"mid", RULE_ELSEWHERE, NULL},
    {"group", RULE_ELSEWHERE, NULL},
    {"bundle-only", RULE_OFFER_ONLY, NULL}, /* RFC 9143 6: never in an answer */
    {"tcap", RULE_OFFER_ONLY, NULL},        /* RFC 5939 3.6: the actual configuration is answered */
    {"pcfg", RULE_OFFER_ONLY, NULL},
    {"acfg", RULE_OFFER_ONLY, NULL},
    {"rtcp-mux", RULE_MUX, "rtcp-mux"},      /* RFC 5761 5.1.1: of the media level */
    {"rtcp-mux-only", RULE_ELSEWHERE, NULL}, /* RFC 8858: in offers alone */
    {"rtcp-rsize", RULE_IF_OFFERED, "rtcp-rsize"},
    {"extmap-allow-mixed", RULE_IF_OFFERED, "extmap-allow-mixed"},
    {"fingerprint", RULE_IF_OFFERED, "fingerprint"},
    {"tls-id", RULE_IF_OFFERED, "tls-id"},
    {"ice-ufrag", RULE_IF_OFFERED, "ice-ufrag"}, /* RFC 8839 4.2.1 */
    {"ice-pwd", RULE_IF_OFFERED, "ice-ufrag"},
    {"ice-lite", RULE_IF_OFFERED, "ice-ufrag"},
    {"ice-options", RULE_IF_OFFERED, "ice-ufrag"},
    {"candidate", RULE_IF_OFFERED, "ice-ufrag"},
    {"end-of-candidates", RULE_IF_OFFERED, "ice-ufrag"},
    {"setup", RULE_SETUP, NULL},
    {"connection", RULE_CONNECTION, NULL},
    {"crypto", RULE_CRYPTO, NULL},
    {"extmap", RULE_EXTMAP, NULL},
};

static struct attribute_rule attribute_rule_of(struct ps_slice name)
{
    static const struct attribute_rule keep = {"", RULE_KEEP, NULL};
    static const struct attribute_rule elsewhere = {"", RULE_ELSEWHERE, NULL};
    enum ps_sdp_direction direction;
    size_t i;
    if (ps_sdp_is_direction(name, &direction))
        return elsewhere;
    for (i = 0; i < sizeof attribute_rules / sizeof *attribute_rules; i++)
        if (ps_equal(name, ps_slice_of(attribute_rules[i].name)))
            return attribute_rules[i];
    return keep;
}

/* Writes the answer to setup (RFC 4145 4.1, 5763 5). */
static void attribute_put_setup(struct ps_writer *w, struct ps_slice ours,
                                const struct ps_sdp *theirs, int i)
{
    struct ps_slice offered;
    struct ps_slice answer = PS_S("active");
    if (!ps_sdp_inherited(theirs, i, PS_S("setup"), &offered))
        return;
    if (ps_equal(offered, PS_S("active")) ||
        (ps_equal(offered, PS_S("actpass")) && ps_equal(ours, PS_S("passive"))))
        answer = PS_S("passive");
    else if (ps_equal(offered, PS_S("holdconn")))
        answer = offered;
    ps_sdp_put_named(w, PS_S("setup"), answer);
}

/* Writes connection: an existing one is kept only where both sides say so (RFC 4145 5.1). */
static void attribute_put_connection(struct ps_writer *w, const struct ps_sdp_making *making,
                                     struct ps_slice ours, int i)
{
    struct ps_slice offered;
    bool existing;
    if (!ps_sdp_inherited(making->theirs, i, PS_S("connection"), &offered))
        return;
    existing =
        making->before && ps_equal(ours, PS_S("existing")) && ps_equal(offered, PS_S("existing"));
    ps_sdp_put_named(w, PS_S("connection"), existing ? offered : PS_S("new"));
}

/* Writes a header extension that both sides have, with the offer's number and the mirrored
 * direction (RFC 8285 6). */
static void attribute_put_extmap(struct ps_writer *w, struct ps_slice ours,
                                 const struct ps_sdp *theirs, int i)
{
    struct ps_slice uri;
    unsigned cursor = 0;
    unsigned line;
    (void)ps_sdp_word(&ours);
    uri = ps_sdp_word(&ours);
    if (!uri.n) /* an empty URI would match any other empty one */
        return;
    while (ps_sdp_next(theirs, i, 'a', &cursor, &line)) {
        struct ps_slice rest = ps_sdp_attribute_value(theirs, line);
        struct ps_slice id = ps_sdp_word(&rest);
        const char *slash = ps_find(id, '/');
        enum ps_sdp_direction d;
        if (!ps_equal(ps_sdp_attribute_name(theirs, line), PS_S("extmap")) ||
            !ps_equal(ps_sdp_word(&rest), uri))
            continue;
        ps_put(w, PS_S("a=extmap:"));
        ps_put(w, slash ? ps_between(id.p, slash) : id);
        if (slash && ps_sdp_is_direction(ps_between(slash + 1, ps_end(id)), &d)) {
            ps_put_char(w, '/');
            ps_put(w, ps_sdp_direction_name(ps_sdp_direction_mirror(d)));
        }
        ps_put_char(w, ' ');
        ps_put_value(w, uri);
        ps_put(w, PS_S("\r\n"));
        return;
    }
}

static void attribute_put_by_rule(struct ps_writer *w, const struct ps_sdp_making *making,
                                  unsigned i, unsigned line)
{
    const struct ps_sdp *ours = making->ours;
    struct ps_slice name = ps_sdp_attribute_name(ours, line);
    struct ps_slice value = ps_sdp_attribute_value(ours, line);
    struct ps_slice rest = value;
    struct attribute_rule rule = attribute_rule_of(name);
    if (rule.policy == RULE_ELSEWHERE)
        return;
    if (rule.policy == RULE_FEEDBACK) { /* feedback for one payload type stands beside its rtpmap */
        if (!making->theirs && ps_equal(ps_sdp_word(&rest), PS_S("*")))
            ps_sdp_put_named(w, name, value);
        return;
    }
    if (rule.policy == RULE_KEEP || !making->theirs)
        ps_sdp_put_named(w, name, value);
    else if (rule.policy == RULE_IF_OFFERED &&
             ps_sdp_inherited(making->theirs, (int)i, ps_slice_of(rule.needs), NULL))
        ps_sdp_put_named(w, name, value);
    else if (rule.policy == RULE_MUX && ps_sdp_attribute(making->theirs, (int)i, name, NULL))
        ps_sdp_put_named(w, name, value);
    else if (rule.policy == RULE_SETUP)
        attribute_put_setup(w, value, making->theirs, (int)i);
    else if (rule.policy == RULE_CONNECTION)
        attribute_put_connection(w, making, value, (int)i);
    else if (rule.policy == RULE_EXTMAP)
        attribute_put_extmap(w, value, making->theirs, (int)i);
}

/* Writes the attributes of our medium that have no rule of their own below. */
void ps_sdp_put_attributes(struct ps_writer *w, const struct ps_sdp_making *making, unsigned i)
{
    unsigned cursor = 0;
    unsigned line;
    struct ps_sdp_keying keying;
    while (ps_sdp_next(making->ours, making->from[i], 'a', &cursor, &line))
        attribute_put_by_rule(w, making, i, line);
    if (making->theirs &&
        ps_sdp_keying_of(&keying, making->ours, making->from[i], making->theirs, (int)i)) {
        ps_put(w, PS_S("a=crypto:"));
        ps_put_value(w, keying.tag);
        ps_put_char(w, ' ');
        ps_put_value(w, keying.suite);
        ps_put_char(w, ' ');
        ps_put_value(w, keying.rest);
        ps_put(w, PS_S("\r\n"));
    }
}

/* Tells whether some section of the offer has the attribute. */
static bool attribute_offered_anywhere(const struct ps_sdp *theirs, struct ps_slice name)
{
    unsigned i;
    for (i = 0; i < theirs->lines; i++)
        if (theirs->line[i].type == 'a' && ps_equal(ps_sdp_attribute_name(theirs, i), name))
            return true;
    return false;
}

void ps_sdp_put_session_attributes(struct ps_writer *w, const struct ps_sdp_making *making)
{
    const struct ps_sdp *ours = making->ours;
    unsigned cursor = 0;
    unsigned line;
    while (ps_sdp_next(ours, PS_SDP_SESSION, 'a', &cursor, &line)) {
        struct ps_slice name = ps_sdp_attribute_name(ours, line);
        struct attribute_rule rule = attribute_rule_of(name);
        bool kept = rule.policy == RULE_KEEP ||
                    (!making->theirs && rule.policy != RULE_ELSEWHERE) ||
                    (rule.policy == RULE_IF_OFFERED &&
                     attribute_offered_anywhere(making->theirs, ps_slice_of(rule.needs)));
        if (kept)
            ps_sdp_put_lines(w, ours, line, line + 1);
    }
}
