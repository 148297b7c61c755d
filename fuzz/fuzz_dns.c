/*
 * Answers of a DNS server. The input is one datagram, to the question for "sip.example.com" whose
 * number is the datagram's own first two bytes.
 *
 * Must hold: there are addresses just where it says so, no more than the limits, of the family
 * asked for; our own question is no answer; a name writes and reads the same in any case.
 */
#include "fuzz.h"
#include "transport/dns_internal.h"

static void read_as(struct ps_slice bytes, uint16_t id, const struct ps_dns_name *name,
                    unsigned type)
{
    struct ps_dns_answer answer;
    unsigned i;
    if (ps_dns_read(bytes, id, name, type, &answer))
        return;
    HOLDS(answer.kind <= PS_DNS_FAILED && answer.n <= PS_RESOLVER_ADDRESSES);
    HOLDS((answer.kind == PS_DNS_ADDRESSES) == (answer.n > 0));
    for (i = 0; i < answer.n; i++)
        HOLDS(answer.addresses[i].family == (type == PS_DNS_A ? PS_IPV4 : PS_IPV6) &&
              answer.addresses[i].port == 0);
    HOLDS(ps_dns_read(bytes, (uint16_t)(id + 1), name, type, &answer));
}

static void name_of(struct ps_slice text)
{
    struct ps_dns_name name;
    char query[PS_DNS_QUERY];
    struct ps_writer w = ps_writer(query, sizeof query);
    struct ps_dns_answer answer;
    if (ps_dns_name(text, &name))
        return;
    HOLDS(name.n && name.n <= 255 && name.bytes[name.n - 1] == 0);
    ps_dns_put_query(&w, 7, &name, PS_DNS_A);
    HOLDS(!w.error && w.n == 12u + name.n + 4u);
    HOLDS(ps_dns_read(ps_written(&w), 7, &name, PS_DNS_A, &answer));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice bytes = fuzz_input(data, size);
    struct ps_dns_name name;
    uint16_t id;
    name_of(bytes);
    if (size < 2)
        return 0;
    HOLDS(!ps_dns_name(PS_S("sip.example.com"), &name));
    id = (uint16_t)(data[0] << 8 | data[1]);
    read_as(bytes, id, &name, PS_DNS_A);
    read_as(bytes, id, &name, PS_DNS_AAAA);
    return 0;
}
