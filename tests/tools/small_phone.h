/*
 * PS_CONFIG_FILE of a small phone, as `make footprint` measures it: 1,500-byte messages of at most
 * 48 header lines, and descriptions of two media.
 */
#define PS_MAX_HEADERS 48
#define PS_MAX_MESSAGE 1500
#define PS_SDP_MAX_MEDIA 2
#define PS_SDP_MAX_LINES 64
#define PS_SDP_MAX_FORMATS 16
#define PS_DIGEST_MAX_VALUE 256
