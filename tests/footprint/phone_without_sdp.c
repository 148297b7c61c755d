/*
 * Does without sdp/ what phone.c does with it: knows one codec, and has its descriptions as texts.
 * For `make footprint`, which links it.
 */
#define PS_STATIC
#define PS_WITHOUT_SDP
#define PS_WITHOUT_SHA256
#define PS_WITHOUT_SHA512_256
#define PS_WITHOUT_DIGEST_SERVER
#include "plainsip.c"
#include "phone.h"

#define DESCRIPTION                                                                                \
    "v=0\r\no=- 1 1 IN IP4 192.0.2.4\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n"                    \
    "m=audio 4000 RTP/AVP 0\r\n"

static void begin_session(unsigned line)
{
    (void)line;
}

static bool make_offer(unsigned line, bool hold, struct ps_slice *body)
{
    (void)line;
    *body = hold ? PS_S(DESCRIPTION "a=sendonly\r\n") : PS_S(DESCRIPTION);
    return true;
}

static bool make_answer(unsigned line, struct ps_slice offer, struct ps_slice *body)
{
    port_send(offer);
    return make_offer(line, false, body);
}

static bool take_answer(unsigned line, struct ps_slice answer)
{
    (void)line;
    port_send(answer);
    return true;
}
