/*
 * STUN on the SIP port. The input is one datagram.
 *
 * Must hold: what reads as STUN is told apart as STUN; a request is answered with at most
 * PS_STUN_ANSWER bytes, which read as the answer to it and say the address that was seen; an answer
 * is not answered.
 */
#include "fuzz.h"
#include "transport/stun_internal.h"

static const struct ps_address seen[2] = {
    {.family = PS_IPV4, .port = 5062, .ip = {192, 0, 2, 2}},
    {.family = PS_IPV6, .port = 5062, .ip = {0x20, 1, 0xd, 0xb8, [15] = 2}}};

static void answer(const struct ps_stun *request, const struct ps_address *from)
{
    char bytes[PS_STUN_ANSWER];
    struct ps_writer w = ps_writer(bytes, sizeof bytes);
    struct ps_stun read;
    ps_stun_put_answer(&w, request, from);
    HOLDS(!w.error && !ps_stun_read(ps_written(&w), &read));
    HOLDS(ps_datagram_kind(ps_written(&w)) == PS_DATAGRAM_STUN);
    HOLDS(!memcmp(read.id, request->id, PS_STUN_ID) && read.fingerprint == request->fingerprint);
    HOLDS(read.kind == (request->unknown_count ? PS_STUN_ERROR : PS_STUN_SUCCESS));
    if (read.kind == PS_STUN_SUCCESS)
        HOLDS(ps_address_equal(&read.mapped, from));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice bytes = fuzz_input(data, size);
    enum ps_datagram_kind kind = ps_datagram_kind(bytes);
    struct ps_stun m;
    if (ps_stun_read(bytes, &m))
        return 0;
    HOLDS(kind == PS_DATAGRAM_STUN);
    HOLDS(m.mapped.family <= PS_IPV6);
    if (m.kind == PS_STUN_REQUEST) {
        answer(&m, &seen[0]);
        answer(&m, &seen[1]);
    }
    return 0;
}
