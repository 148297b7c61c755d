/*
 * Registers, calls and is called, with MD5, and SDP offer and answer: a phone. For
 * `make footprint`, which links it.
 */
#define PS_STATIC
#define PS_WITHOUT_SHA256
#define PS_WITHOUT_SHA512_256
#define PS_WITHOUT_DIGEST_SERVER
#include "plainsip.c"
#include "phone.h"

static const char can[] =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.4\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";
static struct ps_sdp codecs;
static struct ps_sdp_negotiation sessions[PHONE_LINES];

static void begin_session(unsigned line)
{
    static char memory[PHONE_LINES][PS_SDP_MEMORY(1024)];
    PORT_SHOW = ps_sdp_parse(ps_slice(can, sizeof can - 1), 0, &codecs, NULL);
    ps_sdp_negotiation_init(&sessions[line], memory[line], sizeof memory[line]);
}

/* Starts the media that were agreed on. */
static void play(unsigned line)
{
    static struct ps_sdp_outcome audio;
    if (ps_sdp_outcome(&sessions[line], 0, &audio) || !audio.active)
        return;
    port_send(audio.address);
    PORT_SHOW = audio.port;
    PORT_SHOW = audio.direction;
    PORT_SHOW = audio.format[0].send_payload;
}

static bool make_offer(unsigned line, bool hold, struct ps_slice *body)
{
    return !ps_sdp_offer(&sessions[line], &codecs, hold ? PS_SDP_SENDONLY : PS_SDP_SENDRECV, body);
}

static bool make_answer(unsigned line, struct ps_slice offer, struct ps_slice *body)
{
    if (ps_sdp_answer(&sessions[line], offer, &codecs, PS_SDP_SENDRECV, body, NULL))
        return false;
    play(line);
    return true;
}

static bool take_answer(unsigned line, struct ps_slice answer)
{
    if (ps_sdp_accept(&sessions[line], answer, NULL))
        return false;
    play(line);
    return true;
}
