/*
 * The parser a second time, on the portable line scanner, for bench_message.
 */
#include "sip/message/scan_internal.h"
#define ps_scan_line ps_scan_line_portable
#define ps_message_index bench_index_portable
#define ps_message_parse bench_parse_portable
#include "sip/message/parse.c"
