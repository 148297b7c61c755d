/*
 * Session descriptions read and written by other parsers, for peers.c. Compiled once for each, as
 * their headers clash: with -DSDP_OSIP, and with -DSDP_SOFIA.
 */
#include <stddef.h>
#include <stdlib.h>

#ifdef SDP_OSIP
#include <sys/time.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/sdp_message.h>

size_t osip_sdp_one(const char *text)
{
    sdp_message_t *message;
    char *written = NULL;
    size_t seen = 0;
    sdp_message_init(&message);
    if (!sdp_message_parse(message, text) && !sdp_message_to_str(message, &written))
        seen = (size_t)written[0];
    osip_free(written);
    sdp_message_free(message);
    return seen;
}
#endif

#ifdef SDP_SOFIA
#include <sofia-sip/sdp.h>

size_t sofia_sdp_one(const char *text, size_t n, char *out, size_t room)
{
    sdp_parser_t *parser = sdp_parse(NULL, text, (issize_t)n, 0);
    sdp_printer_t *printer =
        sdp_session(parser) ? sdp_print(NULL, sdp_session(parser), out, (isize_t)room, 0) : NULL;
    size_t seen = (size_t)sdp_message_size(printer);
    sdp_printer_free(printer);
    sdp_parser_free(parser);
    return seen;
}
#endif
