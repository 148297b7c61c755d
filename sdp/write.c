/*
 * Writes the typed lines of a description, o= c= b= t= m=, and any other as it is given. Knows
 * neither their order, nor whether they can be read again (line.c).
 */
#include "sdp_internal.h"

static void write_end(struct ps_writer *w)
{
    ps_put(w, PS_S("\r\n"));
}

static void write_begin(struct ps_writer *w, char type)
{
    char begin[2];
    begin[0] = type;
    begin[1] = '=';
    ps_put(w, ps_slice(begin, 2));
}

void ps_sdp_put_line(struct ps_writer *w, char type, struct ps_slice value)
{
    write_begin(w, type);
    ps_put_value(w, value);
    write_end(w);
}

void ps_sdp_put_named(struct ps_writer *w, struct ps_slice name, struct ps_slice value)
{
    write_begin(w, 'a');
    ps_put_value(w, name);
    if (value.p) {
        ps_put_char(w, ':');
        ps_put_value(w, value);
    }
    write_end(w);
}

static void write_network(struct ps_writer *w, struct ps_slice network, struct ps_slice family,
                          struct ps_slice address)
{
    ps_put_value(w, network);
    ps_put_char(w, ' ');
    ps_put_value(w, family);
    ps_put_char(w, ' ');
    ps_put_value(w, address);
}

void ps_sdp_put_origin(struct ps_writer *w, const struct ps_sdp_origin *origin)
{
    write_begin(w, 'o');
    ps_put_value(w, origin->username);
    ps_put_char(w, ' ');
    ps_put_value(w, origin->session_id);
    ps_put_char(w, ' ');
    ps_put_value(w, origin->version);
    ps_put_char(w, ' ');
    write_network(w, origin->network, origin->family, origin->address);
    write_end(w);
}

void ps_sdp_put_connection(struct ps_writer *w, const struct ps_sdp_connection *connection)
{
    write_begin(w, 'c');
    write_network(w, connection->network, connection->family, connection->address);
    if (connection->has_ttl) {
        ps_put_char(w, '/');
        ps_put_number(w, connection->ttl);
    }
    if (connection->count > 1) {
        ps_put_char(w, '/');
        ps_put_number(w, connection->count);
    }
    write_end(w);
}

void ps_sdp_put_bandwidth(struct ps_writer *w, const struct ps_sdp_bandwidth *bandwidth)
{
    write_begin(w, 'b');
    ps_put_value(w, bandwidth->type);
    ps_put_char(w, ':');
    ps_put_number(w, bandwidth->value);
    write_end(w);
}

void ps_sdp_put_time(struct ps_writer *w, const struct ps_sdp_time *time)
{
    write_begin(w, 't');
    ps_put_number(w, time->start);
    ps_put_char(w, ' ');
    ps_put_number(w, time->stop);
    write_end(w);
}

void ps_sdp_put_media(struct ps_writer *w, const struct ps_sdp_media *media)
{
    struct ps_slice rest = media->formats;
    struct ps_slice format;
    write_begin(w, 'm');
    ps_put_value(w, media->media);
    ps_put_char(w, ' ');
    ps_put_number(w, media->port);
    if (media->count > 1) {
        ps_put_char(w, '/');
        ps_put_number(w, media->count);
    }
    ps_put_char(w, ' ');
    ps_put_value(w, media->protocol);
    while ((format = ps_sdp_word(&rest)).n) {
        ps_put_char(w, ' ');
        ps_put_value(w, format);
    }
    write_end(w);
}
