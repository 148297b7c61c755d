/*
 * Writes the attributes of an offer or an answer, other than formats and direction: chooses among
 * those of the capabilities, and applies the rules for answers. Knows one attribute at a time.
 */
#include "negotiation_internal.h"

/* ---- crypto: RFC 4568 5.1 ---- */

static bool attribute_next_keying(const struct ps_sdp *sdp, int media, unsigned *cursor,
                                  struct ps_sdp_keying *out)
{
    while (ps_sdp_next_named(sdp, media, PS_S("crypto"), cursor, &out->rest)) {
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
    RULE_IF_OFFERED, /* in an answer only where the offer has it too */
    RULE_MUX,        /* likewise, but what stands for the session means nothing */
    RULE_ICE,        /* in an answer only where the offer has ice-ufrag (RFC 8839 4.2.1) */
    RULE_FEEDBACK,
    RULE_SETUP,
    RULE_CONNECTION,
    RULE_CRYPTO,
    RULE_EXTMAP
};

struct attribute_rule {
    const char *name;
    uint8_t name_n;
    uint8_t policy; /* enum attribute_policy */
};

#define RULE(name, policy)                                                                         \
    {                                                                                              \
        name, sizeof name - 1, policy                                                              \
    }

static const struct attribute_rule attribute_rules[] = {
    RULE("rtpmap", RULE_ELSEWHERE),
    RULE("fmtp", RULE_ELSEWHERE),
    RULE("rtcp-fb", RULE_FEEDBACK),
    RULE("mid", RULE_ELSEWHERE),
    RULE("group", RULE_ELSEWHERE),
    RULE("bundle-only", RULE_OFFER_ONLY), /* RFC 9143 6: never in an answer */
    RULE("tcap", RULE_OFFER_ONLY),        /* RFC 5939 3.6: the actual configuration is answered */
    RULE("pcfg", RULE_OFFER_ONLY),
    RULE("acfg", RULE_OFFER_ONLY),
    RULE("rtcp-mux", RULE_MUX),            /* RFC 5761 5.1.1: of the media level */
    RULE("rtcp-mux-only", RULE_ELSEWHERE), /* RFC 8858: in offers alone */
    RULE("rtcp-rsize", RULE_IF_OFFERED),
    RULE("extmap-allow-mixed", RULE_IF_OFFERED),
    RULE("fingerprint", RULE_IF_OFFERED),
    RULE("tls-id", RULE_IF_OFFERED),
    RULE("ice-ufrag", RULE_ICE),
    RULE("ice-pwd", RULE_ICE),
    RULE("ice-lite", RULE_ICE),
    RULE("ice-options", RULE_ICE),
    RULE("candidate", RULE_ICE),
    RULE("end-of-candidates", RULE_ICE),
    RULE("setup", RULE_SETUP),
    RULE("connection", RULE_CONNECTION),
    RULE("crypto", RULE_CRYPTO),
    RULE("extmap", RULE_EXTMAP),
};

#undef RULE

/* Finds the rule of an attribute; a name that has none is kept. */
static const struct attribute_rule *attribute_rule_of(struct ps_slice name)
{
    static const struct attribute_rule keep = {"", 0, RULE_KEEP};
    static const struct attribute_rule elsewhere = {"", 0, RULE_ELSEWHERE};
    const struct attribute_rule *rule = attribute_rules;
    const struct attribute_rule *end = rule + sizeof attribute_rules / sizeof *attribute_rules;
    enum ps_sdp_direction direction;
    for (; rule < end; rule++)
        if (rule->name_n == name.n && memcmp(rule->name, name.p, name.n) == 0)
            return rule;
    return ps_sdp_is_direction(name, &direction) ? &elsewhere : &keep;
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
        making->again && ps_equal(ours, PS_S("existing")) && ps_equal(offered, PS_S("existing"));
    ps_sdp_put_named(w, PS_S("connection"), existing ? offered : PS_S("new"));
}

/* Writes a header extension that both sides have, with the offer's number and the mirrored
 * direction (RFC 8285 6). */
static void attribute_put_extmap(struct ps_writer *w, struct ps_slice ours,
                                 const struct ps_sdp *theirs, int i)
{
    struct ps_slice uri;
    struct ps_slice rest;
    unsigned cursor = 0;
    (void)ps_sdp_word(&ours);
    uri = ps_sdp_word(&ours);
    if (!uri.n) /* an empty URI would match any other empty one */
        return;
    while (ps_sdp_next_named(theirs, i, PS_S("extmap"), &cursor, &rest)) {
        struct ps_slice id = ps_sdp_word(&rest);
        const char *slash = ps_find(id, '/');
        enum ps_sdp_direction d;
        if (!ps_equal(ps_sdp_word(&rest), uri))
            continue;
        ps_put(w, PS_S("a=extmap:"));
        ps_put(w, slash ? ps_between(id.p, slash) : id);
        if (slash && ps_sdp_is_direction(ps_between(slash + 1, ps_end(id)), &d)) {
            ps_put_char(w, '/');
            ps_put(w, ps_sdp_direction_name(ps_sdp_direction_mirror(d)));
        }
        ps_put_char(w, ' ');
        ps_put(w, uri);
        ps_put(w, PS_S("\r\n"));
        return;
    }
}

/* Returns the attribute that an offer must have for ours to stand in its answer; empty where the
 * rule is another one. */
static struct ps_slice attribute_needed(const struct attribute_rule *rule)
{
    if (rule->policy == RULE_ICE)
        return PS_S("ice-ufrag");
    if (rule->policy == RULE_IF_OFFERED || rule->policy == RULE_MUX)
        return ps_slice(rule->name, rule->name_n);
    return PS_NONE;
}

/* Tells whether a rule lets our attribute stand in an answer to medium `i` as it is. */
static bool attribute_stands(const struct attribute_rule *rule, const struct ps_sdp *theirs, int i)
{
    struct ps_slice needed = attribute_needed(rule);
    return ps_sdp_attribute(theirs, i, needed, NULL) ||
           (rule->policy != RULE_MUX && ps_sdp_attribute(theirs, PS_SDP_SESSION, needed, NULL));
}

static PS_SDP_NOINLINE void attribute_put_by_rule(struct ps_writer *w,
                                                  const struct ps_sdp_making *making, unsigned i,
                                                  unsigned line)
{
    const struct ps_sdp *theirs = making->theirs;
    const struct attribute_rule *rule =
        attribute_rule_of(ps_sdp_attribute_name(making->ours, line));
    struct ps_slice value = ps_sdp_attribute_value(making->ours, line);
    struct ps_slice rest = value;
    bool kept = rule->policy == RULE_KEEP;
    if (rule->policy == RULE_ELSEWHERE)
        return;
    if (rule->policy == RULE_FEEDBACK) /* what is for one payload type stands beside its rtpmap */
        kept = !theirs && ps_equal(ps_sdp_word(&rest), PS_S("*"));
    else if (!kept)
        kept = !theirs || attribute_stands(rule, theirs, (int)i);
    if (kept)
        ps_sdp_put_lines(w, making->ours, line, line + 1);
    else if (rule->policy == RULE_SETUP)
        attribute_put_setup(w, value, theirs, (int)i);
    else if (rule->policy == RULE_CONNECTION)
        attribute_put_connection(w, making, value, (int)i);
    else if (rule->policy == RULE_EXTMAP)
        attribute_put_extmap(w, value, theirs, (int)i);
}

/* Writes the attributes of our medium that have no rule of their own below. */
PS_SDP_NOINLINE void ps_sdp_put_attributes(struct ps_writer *w, const struct ps_sdp_making *making,
                                           unsigned i)
{
    unsigned cursor = 0;
    unsigned line;
    struct ps_sdp_keying keying;
    while (ps_sdp_next(making->ours, making->from[i], 'a', &cursor, &line))
        attribute_put_by_rule(w, making, i, line);
    if (making->theirs &&
        ps_sdp_keying_of(&keying, making->ours, making->from[i], making->theirs, (int)i)) {
        ps_put(w, PS_S("a=crypto:"));
        ps_put(w, keying.tag);
        ps_put_char(w, ' ');
        ps_put(w, keying.suite);
        ps_put_char(w, ' ');
        ps_put(w, keying.rest);
        ps_put(w, PS_S("\r\n"));
    }
}

/* Tells whether some section of the offer has the attribute. */
static bool attribute_offered_anywhere(const struct ps_sdp *theirs, struct ps_slice name)
{
    int media;
    for (media = PS_SDP_SESSION; media < (int)theirs->media; media++)
        if (ps_sdp_attribute(theirs, media, name, NULL))
            return true;
    return false;
}

void ps_sdp_put_session_attributes(struct ps_writer *w, const struct ps_sdp_making *making)
{
    const struct ps_sdp *ours = making->ours;
    unsigned cursor = 0;
    unsigned line;
    while (ps_sdp_next(ours, PS_SDP_SESSION, 'a', &cursor, &line)) {
        const struct attribute_rule *rule = attribute_rule_of(ps_sdp_attribute_name(ours, line));
        bool kept = rule->policy != RULE_ELSEWHERE; /* all that an offer can say */
        if (making->theirs && rule->policy != RULE_KEEP)
            kept = rule->policy != RULE_MUX &&
                   attribute_offered_anywhere(making->theirs, attribute_needed(rule));
        if (kept)
            ps_sdp_put_lines(w, ours, line, line + 1);
    }
}
