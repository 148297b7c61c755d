/*
 * Parses, checks and answers a request, reads its headers by their types, and writes a request:
 * parser and writer alone. For `make footprint`, which links it.
 */
#define PS_STATIC
#define PS_WITHOUT_SDP
#define PS_WITHOUT_DIGEST
#define PS_WITHOUT_TRANSACTIONS
#include "plainsip.c"
#include "port.h"

static void show_uri(struct ps_slice text)
{
    struct ps_uri uri;
    if (ps_uri_parse(text, &uri, NULL))
        return;
    port_send(uri.user);
    port_send(uri.host);
    PORT_SHOW = uri.port;
}

static void show_address(struct ps_slice value)
{
    struct ps_name_addr address;
    if (ps_name_addr_parse(value, &address))
        return;
    port_send(address.display);
    port_send(address.tag);
    show_uri(address.uri);
}

static void show_contacts(const struct ps_message *m)
{
    struct ps_values contacts = ps_values(m, PS_H_CONTACT);
    struct ps_contact contact;
    struct ps_slice value;
    while (ps_values_next(&contacts, &value))
        if (!ps_contact_parse(value, &contact)) {
            PORT_SHOW = contact.expires;
            show_uri(contact.addr.uri);
        }
}

static void show(const struct ps_message *m)
{
    struct ps_via via;
    struct ps_cseq cseq;
    ps_top_via(m, &via);
    port_send(via.host);
    port_send(via.branch);
    show_address(ps_span_of(m, m->from));
    show_address(ps_span_of(m, m->to));
    if (!ps_cseq_parse(ps_header_value(m, PS_H_CSEQ, 0), &cseq))
        PORT_SHOW = cseq.number;
    show_contacts(m);
    port_send(ps_body(m));
}

static void answer(const struct ps_message *m, const struct ps_flow *flow, unsigned status)
{
    static char out[PS_MAX_MESSAGE];
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_write_response(&w, m, flow, status, PS_NONE, PS_S("8321234356"));
    ps_write_header(&w, PS_H_CONTACT, PS_S("<sip:bob@192.0.2.4>"));
    ps_write_body(&w, PS_NONE, PS_NONE);
    port_send(ps_written(&w));
}

static void ask(const struct ps_flow *flow, struct ps_slice from)
{
    static char out[PS_MAX_MESSAGE];
    struct ps_writer w = ps_writer(out, sizeof out);
    ps_write_request_line(&w, PS_S("OPTIONS"), from);
    ps_write_via(&w, flow, PS_S("z9hG4bKnashds7"), true);
    ps_write_header_number(&w, PS_H_MAX_FORWARDS, 70);
    ps_write_header(&w, PS_H_FROM, PS_S("<sip:bob@192.0.2.4>;tag=456248"));
    ps_write_header(&w, PS_H_TO, from);
    ps_write_header(&w, PS_H_CALL_ID, PS_S("843817637684230"));
    ps_write_header(&w, PS_H_CSEQ, PS_S("1 OPTIONS"));
    ps_write_body(&w, PS_NONE, PS_NONE);
    port_send(ps_written(&w));
}

int main(void)
{
    static char in[PS_MAX_MESSAGE];
    static struct ps_message m;
    static const struct ps_flow flow = {
        {PS_IPV4, 5060, 0, {192, 0, 2, 4}}, {PS_IPV4, 5060, 0, {192, 0, 2, 1}}, PS_UDP, false, 0};
    struct ps_fault fault;
    for (;;) {
        size_t n = port_receive(in, sizeof in);
        if (ps_message_parse(&m, in, n, NULL, &fault) || ps_message_check(&m, NULL, &fault)) {
            if (fault.status)
                answer(&m, &flow, fault.status);
            continue;
        }
        show(&m);
        if (!ps_is_request(&m))
            continue;
        answer(&m, &flow, 200);
        ask(&flow, ps_span_of(&m, m.from_uri));
    }
}
