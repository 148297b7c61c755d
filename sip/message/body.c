/*
 * Finds the body of a message that a reader of certain media types understands (RFC 3261 8.2.3,
 * 20.11, 20.12, RFC 5621), and tells which types the far end takes (20.1). Refuses to look into a
 * body that is no multipart, and to answer.
 */
#include "../body.h"

/* Bounds how many multiparts may stand in each other. */
enum { MAX_DEPTH = 2 };

/* Describes a message's body, or a part of one: its headers in short, and its bytes. */
struct entity {
    struct ps_slice type, body;
    bool encoded;  /* by anything but the identity */
    bool optional; /* handling=optional */
    bool session;  /* its disposition is session, or not said */
};

/* Holds the result for an entity. `rank` is its type's place in the list, from 1. */
struct outcome {
    struct ps_content content;
    unsigned rank;
};

/* Describes a multipart that is being walked. */
struct level {
    struct ps_parts parts;
    bool alternative, optional;
    struct outcome outcome;
};

/* ---- media types ---- */

static bool is_multipart(const struct ps_media_type *type)
{
    return ps_equal_nocase(type->type, PS_S("multipart"));
}

/* Is it a multipart that is never read as a whole: mixed or alternative? */
static bool is_container(const struct ps_media_type *type)
{
    return is_multipart(type) && (ps_equal_nocase(type->subtype, PS_S("mixed")) ||
                                  ps_equal_nocase(type->subtype, PS_S("alternative")));
}

static bool is_sdp(const struct ps_media_type *type)
{
    return ps_equal_nocase(type->type, PS_S("application")) &&
           ps_equal_nocase(type->subtype, PS_S("sdp"));
}

static bool same_type(const struct ps_media_type *a, const struct ps_media_type *b)
{
    return ps_equal_nocase(a->type, b->type) && ps_equal_nocase(a->subtype, b->subtype);
}

/* Returns the type's place in the list, from 1; 0 where it is not there. */
static unsigned rank_of(struct ps_slice types, const struct ps_media_type *type)
{
    struct ps_slice element;
    struct ps_media_type one;
    unsigned n;
    for (n = 1; !is_container(type) && ps_list_next(&types, &element); n++)
        if (!ps_media_type_parse(element, &one) && same_type(&one, type))
            return n;
    return 0;
}

/* ---- entities ---- */

/* Did each encoding of the comma list leave the bytes as they were? */
static bool is_identity(struct ps_slice encodings)
{
    struct ps_slice one;
    while (ps_list_next(&encodings, &one))
        if (one.n && !ps_equal_nocase(one, PS_S("identity")))
            return false;
    return true;
}

/* Does the transfer encoding leave the bytes as they are (RFC 2045 6.2)? */
static bool is_plain(struct ps_slice transfer_encoding)
{
    return !transfer_encoding.n || ps_equal_nocase(transfer_encoding, PS_S("binary")) ||
           ps_equal_nocase(transfer_encoding, PS_S("8bit")) ||
           ps_equal_nocase(transfer_encoding, PS_S("7bit"));
}

/* Reads the disposition (20.11); a malformed one says nothing (8.2.2). */
static void dispose(struct entity *e, struct ps_slice disposition)
{
    struct ps_slice handling;
    struct ps_token token;
    e->session = true;
    if (ps_token_parse(disposition, &token))
        return;
    e->session = ps_equal_nocase(token.token, PS_S("session"));
    e->optional = ps_param_find(token.params, PS_S("handling"), &handling) &&
                  ps_equal_nocase(handling, PS_S("optional"));
}

static struct entity entity_of_message(const struct ps_message *m)
{
    static const char transfer[] = "Content-Transfer-Encoding"; /* of MIME, and sent all the same */
    struct ps_values encodings = ps_values(m, PS_H_CONTENT_ENCODING);
    struct ps_slice one;
    struct entity e;
    memset(&e, 0, sizeof e);
    e.type = ps_header_value(m, PS_H_CONTENT_TYPE, 0);
    e.body = ps_body(m);
    e.encoded = !is_plain(ps_header_named(m, ps_slice(transfer, sizeof transfer - 1)));
    while (ps_values_next(&encodings, &one))
        e.encoded |= !is_identity(one);
    dispose(&e, ps_header_value(m, PS_H_CONTENT_DISPOSITION, 0));
    return e;
}

static struct entity entity_of_part(const struct ps_part *part)
{
    struct entity e;
    memset(&e, 0, sizeof e);
    e.type = ps_part_header(part, PS_S("Content-Type"));
    if (!e.type.p)
        e.type = PS_S("text/plain"); /* RFC 2046 5.1 */
    e.body = part->body;
    e.encoded = !is_plain(ps_part_header(part, PS_S("Content-Transfer-Encoding"))) ||
                !is_identity(ps_part_header(part, PS_S("Content-Encoding")));
    dispose(&e, ps_part_header(part, PS_S("Content-Disposition")));
    return e;
}

/* ---- outcomes ---- */

static const struct outcome nothing;

static struct outcome not_understood(bool optional, bool by_encoding)
{
    struct outcome o = nothing;
    if (!optional) {
        o.content.status = 415;
        o.content.by_encoding = by_encoding;
    }
    return o;
}

/* Judges an entity that is not walked. An entity without bytes asks for nothing. */
static struct outcome outcome_of(const struct entity *e, struct ps_slice types)
{
    struct outcome o = nothing;
    struct ps_media_type type;
    if (!e->body.n)
        return o;
    if (ps_media_type_parse(e->type, &type))
        return not_understood(e->optional, false);
    if (e->session || !is_sdp(&type))
        o.rank = rank_of(types, &type);
    if (!o.rank || e->encoded)
        return not_understood(e->optional, e->encoded && (o.rank || is_multipart(&type)));
    o.content.type = e->type;
    o.content.body = e->body;
    return o;
}

/* ---- multiparts ---- */

/* Begins to walk an entity that is read part by part. */
static bool enter(struct level *level, const struct entity *e, struct ps_slice types)
{
    struct ps_media_type type;
    if (!e->body.n || e->encoded || ps_media_type_parse(e->type, &type) || !is_multipart(&type) ||
        rank_of(types, &type) || ps_parts_begin(&level->parts, e->type, e->body))
        return false;
    level->alternative = ps_equal_nocase(type.subtype, PS_S("alternative"));
    level->optional = e->optional;
    level->outcome = nothing;
    return true;
}

/* Takes the result for a part: the last alternative counts, or the best of other parts. */
static void take(struct level *level, const struct outcome *part)
{
    struct outcome *o = &level->outcome;
    const struct ps_content *c = &part->content;
    bool better = level->alternative ? !c->status : !o->content.body.n || part->rank < o->rank;
    if (c->body.n && better) {
        o->content.type = c->type;
        o->content.body = c->body;
        o->rank = part->rank;
    }
    if (c->status && !o->content.status) {
        o->content.status = c->status;
        o->content.by_encoding = c->by_encoding;
    }
}

/* Ends a walk. A multipart without its last delimiter is not whole, and so not understood. */
static struct outcome leave(const struct level *level)
{
    struct outcome o = level->outcome;
    if (!level->parts.closed)
        o.content.status = 415;
    else if (level->alternative && o.content.body.n)
        o.content.status = 0;
    if (o.content.status && level->optional)
        return nothing;
    o.content.by_encoding &= o.content.status != 0;
    return o;
}

static struct outcome walk(const struct entity *whole, struct ps_slice types)
{
    struct level level[MAX_DEPTH];
    struct outcome o = nothing;
    struct ps_part part;
    unsigned depth = 1;
    if (!enter(&level[0], whole, types))
        return outcome_of(whole, types);
    while (depth) {
        if (ps_parts_next(&level[depth - 1].parts, &part)) {
            struct entity e = entity_of_part(&part);
            if (depth < MAX_DEPTH && enter(&level[depth], &e, types)) {
                depth++;
                continue;
            }
            o = outcome_of(&e, types);
        } else {
            o = leave(&level[--depth]);
        }
        if (depth)
            take(&level[depth - 1], &o);
    }
    return o;
}

void ps_content_read(struct ps_content *out, const struct ps_message *m, struct ps_slice types)
{
    struct entity e;
    *out = nothing.content;
    if (!ps_body(m).n)
        return;
    e = entity_of_message(m);
    if (types.n) {
        *out = walk(&e, types).content;
    } else {
        out->type = e.type;
        out->body = e.body;
    }
}

/* ---- types that the far end takes ---- */

/* Returns how closely a media range fits a type: 0 not at all, 3 by name. */
static unsigned closeness(const struct ps_media_type *range, const struct ps_media_type *type)
{
    bool any = ps_equal(range->subtype, PS_S("*"));
    if (same_type(range, type))
        return 3;
    if (any && ps_equal_nocase(range->type, type->type))
        return 2;
    return any && ps_equal(range->type, PS_S("*")) ? 1 : 0;
}

static bool takes(const struct ps_message *m, const struct ps_media_type *type)
{
    struct ps_values ranges = ps_values(m, PS_H_ACCEPT);
    struct ps_slice element;
    struct ps_media_type range;
    unsigned best = 0, q = 0;
    while (ps_values_next(&ranges, &element)) {
        unsigned close, its_q;
        if (ps_media_type_parse(element, &range))
            continue;
        close = closeness(&range, type);
        its_q = ps_param_q(range.params);
        if (close > best || (close && close == best && its_q > q)) {
            best = close;
            q = its_q;
        }
    }
    return q > 0;
}

bool ps_content_acceptable(const struct ps_message *m, struct ps_slice types)
{
    bool absent = !ps_header_value(m, PS_H_ACCEPT, 0).p;
    struct ps_media_type type;
    struct ps_slice element;
    if (absent && m->method != PS_METHOD_INVITE)
        return true;
    while (ps_list_next(&types, &element))
        if (!ps_media_type_parse(element, &type) && (absent ? is_sdp(&type) : takes(m, &type)))
            return true;
    return false;
}

void ps_write_content_accepted(struct ps_writer *w, const struct ps_content *content,
                               struct ps_slice types)
{
    if (content->by_encoding)
        ps_write_header(w, PS_H_ACCEPT_ENCODING, PS_S("identity"));
    else
        ps_write_header(w, PS_H_ACCEPT, types);
}
