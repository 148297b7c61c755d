/*
 * Sets the limits of the bare-metal demo (PS_CONFIG_FILE): 1,500-byte messages, descriptions of two
 * media, one server that asks for a password. A product that vendors the two files writes its own.
 */
#define PS_MAX_HEADERS 48
#define PS_MAX_MESSAGE 1500
#define PS_SDP_MAX_MEDIA 2
#define PS_SDP_MAX_LINES 32
#define PS_SDP_MAX_FORMATS 8
#define PS_DIGEST_MAX_VALUE 256
#define PS_DIGEST_SESSION_TEXT 256
#define PS_DIGEST_MAX_SESSIONS 1
