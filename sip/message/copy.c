/*
 * Copies messages: with changes (a draft made into a request, a request made again), or line by
 * line in canonical form. Refuses to judge what it copies.
 */
#include "../message.h"
#include "writing.h"

/* Tells which parts of a copy have been written already. */
struct copy {
    struct ps_writer *w;
    const struct ps_message *m;
    const struct ps_edit *edit;
    bool contact, length;
};

static void put_name(struct copy *c, const struct ps_line *line)
{
    ps_put(c->w, ps_span_of(c->m, line->name));
    ps_put(c->w, PS_S(": "));
}

/* Replaces or drops the top Via; the others of its line stay. */
static void put_top_via(struct copy *c, const struct ps_line *line)
{
    struct ps_slice rest = ps_line_value(c->m, line), first;
    if (c->edit->via_flow)
        ps_write_via(c->w, c->edit->via_flow, c->edit->via_branch, true);
    ps_list_next(&rest, &first);
    if (rest.n) {
        put_name(c, line);
        ps_put(c->w, ps_trim(rest));
        ps_put(c->w, PS_S("\r\n"));
    }
}

static void put_cseq(struct copy *c, const struct ps_line *line)
{
    struct ps_cseq cseq;
    put_name(c, line);
    if (!ps_cseq_parse(ps_line_value(c->m, line), &cseq)) {
        ps_put_number(c->w, c->edit->cseq);
        ps_put_char(c->w, ' ');
        ps_put(c->w, cseq.method_name);
    }
    ps_put(c->w, PS_S("\r\n"));
}

/* Writes To with the new tag: in place of its own, or behind. */
static void put_to(struct copy *c, const struct ps_line *line)
{
    struct ps_slice value = ps_line_value(c->m, line), tag = ps_span_of(c->m, c->m->to_tag);
    put_name(c, line);
    if (tag.n) {
        ps_put(c->w, ps_between(value.p, tag.p));
        ps_put_value(c->w, c->edit->to_tag);
        ps_put(c->w, ps_between(ps_end(tag), ps_end(value)));
    } else {
        ps_put_tagged(c->w, value, c->edit->to_tag);
    }
    ps_put(c->w, PS_S("\r\n"));
}

static void put_contact(struct copy *c)
{
    if (c->edit->contact.n && !c->contact)
        ps_write_header(c->w, PS_H_CONTACT, c->edit->contact);
    c->contact = true;
}

/* Writes the new lines before Content-Length, which is always counted. */
static void put_length(struct copy *c)
{
    if (c->length)
        return;
    c->length = true;
    put_contact(c);
    ps_write_lines(c->w, c->edit->lines);
    ps_write_header_number(c->w, PS_H_CONTENT_LENGTH, ps_body_bytes(c->m).n);
}

static void put_as_it_is(struct copy *c, const struct ps_line *line)
{
    ps_put(c->w,
           ps_between(c->m->bytes + line->name.at, c->m->bytes + line->value.at + line->value.n));
    ps_put(c->w, PS_S("\r\n"));
}

static bool dropped(const struct ps_edit *edit, uint8_t id)
{
    return edit->drops && memchr(edit->drop, id, edit->drops);
}

static void put_line(struct copy *c, const struct ps_line *line, bool first_via)
{
    const struct ps_edit *edit = c->edit;
    if (line->id == PS_H_VIA && first_via && (edit->via_flow || edit->drop_via))
        put_top_via(c, line);
    else if (line->id == PS_H_CSEQ && edit->cseq)
        put_cseq(c, line);
    else if (line->id == PS_H_TO && edit->to_tag.n)
        put_to(c, line);
    else if (line->id == PS_H_CONTACT && edit->contact.n)
        put_contact(c);
    else if (line->id == PS_H_CONTENT_LENGTH)
        put_length(c);
    else
        put_as_it_is(c, line);
}

static void put_start_line(struct ps_writer *w, const struct ps_message *m, struct ps_slice uri)
{
    if (ps_is_request(m))
        ps_write_request_line(w, ps_request_method(m), uri.n ? uri : ps_request_uri(m));
    else
        ps_write_status_line(w, m->status, ps_slice(m->bytes + m->start[2].at, m->start[2].n));
}

void ps_write_copy(struct ps_writer *w, const struct ps_message *m, const struct ps_edit *edit)
{
    struct copy c = {w, m, edit, false, false};
    bool first_via = true;
    unsigned i;
    put_start_line(w, m, edit->request_uri);
    ps_write_lines(w, edit->first);
    if (edit->via_flow && !ps_header_value(m, PS_H_VIA, 0).p)
        ps_write_via(w, edit->via_flow, edit->via_branch, true);
    for (i = 0; i < m->lines; i++) {
        if (dropped(edit, m->line[i].id))
            continue;
        put_line(&c, &m->line[i], first_via);
        if (m->line[i].id == PS_H_VIA)
            first_via = false;
    }
    put_length(&c);
    ps_put(w, PS_S("\r\n"));
    ps_put(w, ps_body_bytes(m));
}

/* ---- canonical ---- */

/* Writes "Name: value" CRLF as one piece, so that whether there is room is asked once. */
static void put_whole(struct ps_writer *w, struct ps_slice name, struct ps_slice value)
{
    char *p = ps_put_room(w, name.n + value.n + 4);
    if (!p)
        return;
    memcpy(p, name.p, name.n);
    p += name.n;
    memcpy(p, ": ", 2);
    memcpy(p + 2, value.p, value.n);
    memcpy(p + 2 + value.n, "\r\n", 2);
}

static void put_canonical(struct ps_writer *w, const struct ps_message *m,
                          const struct ps_line *line)
{
    struct ps_slice name = ps_line_name(m, line), value = ps_line_value(m, line);
    if (!line->folded) {
        put_whole(w, name, value);
        return;
    }
    ps_put(w, name);
    ps_put(w, PS_S(": "));
    ps_put_unfolded(w, value);
    ps_put(w, PS_S("\r\n"));
}

void ps_write_message(struct ps_writer *w, const struct ps_message *m)
{
    bool length = false;
    unsigned i;
    put_start_line(w, m, PS_NONE);
    for (i = 0; i < m->lines; i++) {
        if (m->line[i].id == PS_H_CONTENT_LENGTH) {
            ps_write_header_number(w, PS_H_CONTENT_LENGTH, ps_body_bytes(m).n);
            length = true;
        } else {
            put_canonical(w, m, &m->line[i]);
        }
    }
    if (!length)
        ps_write_header_number(w, PS_H_CONTENT_LENGTH, ps_body_bytes(m).n);
    ps_put(w, PS_S("\r\n"));
    ps_put(w, ps_body_bytes(m));
}
