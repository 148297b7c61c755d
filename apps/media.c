/*
 * Makes the program's phone speak SDP. See media.h.
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "media.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "escape.h"

uint16_t app_media_port(void)
{
    static uint16_t port;
    struct sockaddr_in address;
    socklen_t n = sizeof address;
    int fd;
    if (port)
        return port;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* open until the process ends */
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) ||
        getsockname(fd, (struct sockaddr *)&address, &n))
        return 0;
    port = ntohs(address.sin_port);
    return port;
}

static void put_capabilities(struct ps_writer *w, const struct ps_address *local)
{
    const char *type = local->family == PS_IPV6 ? "IN IP6 " : "IN IP4 ";
    ps_put(w, PS_S("v=0\r\no=plainsip 1 1 "));
    ps_put_string(w, type);
    ps_put_ip(w, local, false);
    ps_put(w, PS_S("\r\ns=-\r\nc="));
    ps_put_string(w, type);
    ps_put_ip(w, local, false);
    ps_put(w, PS_S("\r\nt=0 0\r\nm=audio "));
    ps_put_number(w, app_media_port());
    ps_put(w, PS_S(" RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
                   "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\n"
                   "a=sendrecv\r\n"));
}

/* Returns our capabilities, parsed again only where the address differs from the last call's. */
static const struct ps_sdp *capabilities(const struct ps_address *local)
{
    static char text[512];
    static struct ps_sdp sdp;
    static struct ps_address of;
    struct ps_writer w = ps_writer(text, sizeof text);
    if (of.family == local->family && ps_address_equal(&of, local))
        return &sdp;
    put_capabilities(&w, local);
    if (ps_sdp_parse(ps_written(&w), PS_SDP_STRICT, &sdp, NULL))
        return NULL;
    of = *local;
    return &sdp;
}

/* Holds the session that is being worked on. Between two exchanges each call keeps its own,
 * packed. */
static char memory[PS_SDP_MEMORY(PS_MAX_MESSAGE)];
static struct ps_sdp_negotiation negotiation;

static enum ps_error begin(const struct app_media *media)
{
    if (media->kept)
        return ps_sdp_unpack(&negotiation, memory, sizeof memory, ps_slice(media->kept, media->n));
    ps_sdp_negotiation_init(&negotiation, memory, sizeof memory);
    return PS_OK;
}

static enum ps_error keep(struct app_media *media)
{
    static char packed[sizeof memory + 1024];
    struct ps_writer w = ps_writer(packed, sizeof packed);
    char *kept;
    ps_sdp_pack(&w, &negotiation);
    kept = w.error ? NULL : malloc(w.n);
    if (!kept)
        return PS_E_FULL;
    memcpy(kept, packed, w.n);
    free(media->kept);
    media->kept = kept;
    media->n = w.n;
    return PS_OK;
}

void app_media_end(struct app_media *media)
{
    free(media->kept);
    memset(media, 0, sizeof *media);
}

enum ps_error app_media_offer(struct app_media *media, const struct ps_address *local,
                              enum ps_sdp_direction direction, struct ps_slice *body)
{
    enum ps_error error = begin(media);
    if (!error)
        error = ps_sdp_offer(&negotiation, capabilities(local), direction, body);
    return error ? error : keep(media);
}

enum ps_error app_media_answer(struct app_media *media, const struct ps_address *local,
                               struct ps_slice offer, struct ps_slice *body)
{
    enum ps_error error = begin(media);
    if (!error)
        error =
            ps_sdp_answer(&negotiation, offer, capabilities(local), PS_SDP_SENDRECV, body, NULL);
    return error ? error : keep(media);
}

unsigned app_media_warning(enum ps_error error, struct ps_slice offer)
{
    static struct ps_sdp sdp;
    struct ps_sdp_media m;
    int i;
    if (error != PS_E_SDP_NO_COMMON || ps_sdp_parse(offer, 0, &sdp, NULL))
        return 399;
    for (i = 0; i < (int)sdp.media; i++)
        if (!ps_sdp_media_parse(ps_sdp_first(&sdp, i, 'm'), &m, NULL) &&
            ps_equal(m.media, PS_S("audio")))
            return 305;
    return 304;
}

enum ps_error app_media_copy(struct app_media *to, const struct app_media *from)
{
    to->kept = from->n ? malloc(from->n) : NULL;
    if (!to->kept)
        return PS_E_FULL;
    memcpy(to->kept, from->kept, from->n);
    to->n = from->n;
    return PS_OK;
}

enum ps_error app_media_accept(struct app_media *media, struct ps_slice answer)
{
    enum ps_error error = begin(media);
    if (!error)
        error = ps_sdp_accept(&negotiation, answer, NULL);
    return error ? error : keep(media);
}

void app_media_withdraw(struct app_media *media)
{
    if (!media->kept || begin(media))
        return;
    ps_sdp_withdraw(&negotiation);
    (void)keep(media); /* without memory the offer stays open, and the next exchange is refused */
}

enum ps_error app_media_outcome(const struct app_media *media, unsigned i,
                                struct ps_sdp_outcome *out)
{
    enum ps_error error = media->kept ? begin(media) : PS_E_ARGUMENT;
    return error ? error : ps_sdp_outcome(&negotiation, i, out);
}

bool app_media_is_sdp(const struct ps_event *event)
{
    struct ps_media_type type;
    return event->body.n && !ps_media_type_parse(event->type, &type) &&
           ps_equal_nocase(type.type, PS_S("application")) &&
           ps_equal_nocase(type.subtype, PS_S("sdp"));
}

bool app_media_agreed(const struct app_media *media)
{
    static struct ps_sdp_outcome outcome;
    unsigned i, n = media->kept && !begin(media) ? ps_sdp_outcomes(&negotiation) : 0;
    for (i = 0; i < n; i++)
        if (!ps_sdp_outcome(&negotiation, i, &outcome) && outcome.active && outcome.formats)
            return true;
    return false;
}

static const char *direction_name(enum ps_sdp_direction direction)
{
    switch (direction) {
    case PS_SDP_SENDONLY:
        return "sendonly";
    case PS_SDP_RECVONLY:
        return "recvonly";
    case PS_SDP_INACTIVE:
        return "inactive";
    default:
        return "sendrecv";
    }
}

static void print_outcome(FILE *out, const struct ps_sdp_outcome *outcome)
{
    fprintf(out, "media ");
    app_print(out, outcome->media);
    putc(' ', out);
    app_print(out, outcome->address);
    fprintf(out, ":%u", outcome->port);
    if (outcome->formats) {
        putc(' ', out);
        app_print(out, outcome->format[0].name);
        fprintf(out, "/%u", outcome->format[0].clock_rate);
    }
    fprintf(out, " %s\n", direction_name(outcome->direction));
}

void app_media_print(FILE *out, const struct app_media *media)
{
    static struct ps_sdp_outcome outcome;
    unsigned i, n = media->kept && !begin(media) ? ps_sdp_outcomes(&negotiation) : 0;
    for (i = 0; i < n; i++) {
        if (ps_sdp_outcome(&negotiation, i, &outcome) || !outcome.active) {
            fprintf(out, "media %u refused\n", i + 1);
            continue;
        }
        print_outcome(out, &outcome);
    }
    fflush(out);
}
