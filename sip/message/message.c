/*
 * Reads a parsed message: its headers by name and number, its lists, its top Via.
 * Refuses to parse lines (parse.c) and to judge them (check.c).
 */
#include "../message.h"

void ps_top_via(const struct ps_message *m, struct ps_via *out)
{
    /* the parser has read it; of a faulty message it is filled as far as it is well-formed */
    (void)ps_via_parse(ps_slice(m->bytes + m->top_via.at, m->top_via.n), out);
}

struct ps_slice ps_header_value(const struct ps_message *m, enum ps_header_id id, unsigned nth)
{
    unsigned i;
    for (i = 0; i < m->lines; i++)
        if (m->line[i].id == id && !nth--)
            return ps_line_value(m, &m->line[i]);
    return PS_NONE;
}

struct ps_slice ps_header_named(const struct ps_message *m, struct ps_slice name)
{
    enum ps_header_id id = ps_header_from(name);
    unsigned i;
    for (i = 0; i < m->lines; i++)
        if (id ? m->line[i].id == id : ps_equal_nocase(ps_span_of(m, m->line[i].name), name))
            return ps_line_value(m, &m->line[i]);
    return PS_NONE;
}

struct ps_values ps_values(const struct ps_message *m, enum ps_header_id id)
{
    struct ps_values values;
    values.m = m;
    values.rest = PS_NONE;
    values.line = 0;
    values.id = (uint8_t)id;
    return values;
}

bool ps_values_next(struct ps_values *values, struct ps_slice *element)
{
    const struct ps_message *m = values->m;
    for (;;) {
        while (ps_list_next(&values->rest, element))
            if (element->n)
                return true;
        while (values->line < m->lines && m->line[values->line].id != values->id)
            values->line++;
        if (values->line == m->lines)
            return false;
        values->rest = ps_line_value(m, &m->line[values->line++]);
    }
}

bool ps_has_token(const struct ps_message *m, enum ps_header_id id, struct ps_slice token)
{
    struct ps_values values = ps_values(m, id);
    struct ps_slice element;
    while (ps_values_next(&values, &element))
        if (ps_equal_nocase(element, token))
            return true;
    return false;
}

uint32_t ps_header_number(const struct ps_message *m, enum ps_header_id id, uint32_t otherwise)
{
    struct ps_slice value = ps_header_value(m, id, 0);
    size_t n = 0;
    while (n < value.n && ps_is_digit(value.p[n]))
        n++;
    if (n < value.n && value.p[n] != ';' && value.p[n] != '(' && !ps_is_lws(value.p[n]))
        return otherwise;
    ps_parse_u32(ps_slice(value.p, n), UINT32_MAX, &otherwise);
    return otherwise;
}
