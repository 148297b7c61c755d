/*
 * Covers where and why a description is refused: more than 100 ways of breaking one, each with the
 * line, the column, the error and the rule it must give; strict mode against notes; limits.
 * Does not cover: what a good description says (test_sdp, test_sdp_attribute).
 */
#include "check_main.h"
#include "sdp/attribute.h"
#include "sdp/negotiation.h"

#include <stdio.h>

/* RFC 8866's types of lines, each at least once. */
static const char good[] =
    "v=0\r\n"
    "o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n"
    "s=Call to John Smith\r\n"
    "i=SDP Offer #1\r\n"
    "u=http://www.jdoe.example.com/home.html\r\n"
    "e=Jane Doe <jane@jdoe.example.com>\r\n"
    "p=+1 617 555-6011\r\n"
    "c=IN IP4 198.51.100.1\r\n"
    "b=CT:128\r\n"
    "t=3724394400 3724398000\r\n"
    "r=7d 1h 0 25h\r\n"
    "z=3730928400 -1h 3749680800 0\r\n"
    "k=clear:secret\r\n"
    "a=recvonly\r\n"
    "a=group:BUNDLE one two\r\n"
    "m=audio 49170/2 RTP/AVP 0 96\r\n"
    "i=Speech\r\n"
    "c=IN IP4 233.252.0.1/127/3\r\n"
    "c=IN IP6 ff15::101/3\r\n"
    "b=AS:64\r\n"
    "k=prompt\r\n"
    "a=mid:one\r\n"
    "a=rtpmap:96 opus/48000/2\r\n"
    "a=fmtp:96 minptime=10\r\n"
    "a=ptime:20\r\n"
    "a=maxptime:60\r\n"
    "a=rtcp:49171 IN IP4 198.51.100.1\r\n"
    "a=rtcp-mux\r\n"
    "a=rtcp-fb:96 nack pli\r\n"
    "a=ssrc:314159 cname:jane\r\n"
    "a=setup:actpass\r\n"
    "a=connection:new\r\n"
    "a=fingerprint:sha-1 4A:AD:B9\r\n"
    "a=ice-ufrag:8hhY\r\n"
    "a=ice-pwd:asd88fgpdd777uzjYhagZg\r\n"
    "a=ice-options:trickle\r\n"
    "a=candidate:1 1 UDP 2130706431 198.51.100.1 49170 typ host\r\n"
    "a=end-of-candidates\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
    "a=extmap:1/sendonly urn:ietf:params:rtp-hdrext:toffset\r\n"
    "a=msid:stream track\r\n"
    "a=label:1\r\n"
    "a=tcap:1 RTP/SAVP\r\n"
    "a=pcfg:1 t=1\r\n"
    "a=acfg:1 t=1\r\n"
    "a=silenceSupp:off - - - -\r\n"
    "m=image 49172 udptl t38\r\n"
    "a=framerate:29.97\r\n"
    "a=X-own:thing\r\n";

/* Put `with` for `from` in the good description: wrong where the backtick stands. */
struct breakage {
    const char *from;
    const char *with;
    enum ps_error error;
    const char *rule;
};

#define LINE PS_E_SDP_LINE
#define ORDER PS_E_SDP_ORDER
#define MISSING PS_E_SDP_MISSING

static const struct breakage breakages[] = {
    /* lines */
    {"v=0", "`V=0", MISSING, "RFC 8866 5.1"},
    {"v=0\r\n", "`", MISSING, "RFC 8866 5.1"},
    {"v=0\r\n", "`\r\nv=0\r\n", MISSING, "RFC 8866 5.1"},
    {"v=0", "v=`1", LINE, "RFC 8866 5.1"},
    {"v=0", "v=`", LINE, "RFC 8866 5.1"},
    {"v=0", "v=`00", LINE, "RFC 8866 5.1"},
    {"s=Call", "s`Call", LINE, "RFC 8866 5"},
    {"s=Call", "s` =Call", LINE, "RFC 8866 5"},
    {"i=SDP Offer #1", "i`", LINE, "RFC 8866 5"},
    {"u=http", "`x=http", LINE, "RFC 8866 5"},
    {"u=http", "`U=http", LINE, "RFC 8866 5"},
    {"u=http", "`\x80=http", LINE, "RFC 8866 5"},
    {"b=CT:128", "`\r\nb=CT:128", LINE, "RFC 8866 5"},
    {"b=CT:128", "` \t\r\nb=CT:128", LINE, "RFC 8866 5"},
    {"b=CT:128", " `b=CT:128", LINE, "RFC 8866 5"},
    {"John Smith", "John`\rSmith", LINE, "RFC 8866 9"},
    {"Smith\r\n", "Smith`\r\r\n", LINE, "RFC 8866 9"},
    /* order */
    {"o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n", "`", MISSING, "RFC 8866 5.2"},
    {"s=Call to John Smith\r\n", "`", MISSING, "RFC 8866 5.3"},
    {"t=3724394400 3724398000\r\nr=7d 1h 0 25h\r\nz=3730928400 -1h 3749680800 0\r\n", "`", MISSING,
     "RFC 8866 5.9"},
    {"t=3724394400 3724398000\r\n", "`", ORDER, "RFC 8866 5.9"},
    {"t=3724394400 3724398000\r\nr=7d 1h 0 25h\r\n", "`", ORDER, "RFC 8866 5.9"},
    {"s=Call", "s=a\r\n`s=Call", ORDER, "RFC 8866 5"},
    {"s=Call", "`v=0\r\ns=Call", ORDER, "RFC 8866 5"},
    {"s=Call", "`o=- 1 1 IN IP4 a\r\ns=Call", ORDER, "RFC 8866 5"},
    {"e=Jane", "`i=again\r\ne=Jane", ORDER, "RFC 8866 5"},
    {"e=Jane", "`u=http://again\r\ne=Jane", ORDER, "RFC 8866 5"},
    {"b=CT", "`c=IN IP4 198.51.100.2\r\nb=CT", ORDER, "RFC 8866 5"},
    {"a=recv", "`k=prompt\r\na=recv", ORDER, "RFC 8866 5"},
    {"i=Speech", "`v=0\r\ni=Speech", ORDER, "RFC 8866 5"},
    {"i=Speech", "`s=x\r\ni=Speech", ORDER, "RFC 8866 5"},
    {"i=Speech", "`t=0 0\r\ni=Speech", ORDER, "RFC 8866 5"},
    {"i=Speech", "`o=- 1 1 IN IP4 a\r\ni=Speech", ORDER, "RFC 8866 5"},
    {"i=Speech", "i=Speech\r\n`i=again", ORDER, "RFC 8866 5"},
    {"k=prompt", "k=prompt\r\n`k=prompt", ORDER, "RFC 8866 5"},
    {"i=Speech", "`e=me\r\ni=Speech", ORDER, "RFC 8866 5"},
    {"i=Speech", "`x=me\r\ni=Speech", LINE, "RFC 8866 5"},
    {"c=IN IP4 198.51.100.1\r\nb=CT", "b=CT", MISSING, "RFC 8866 5.7"}, /* for m=image */
    /* o= */
    {"o=jdoe", "o=` jdoe", LINE, "RFC 8866 5.2"},
    {"jdoe 3724394400 ", "jdoe `x24394400 ", LINE, "RFC 8866 5.2"},
    {"3724394400 3724394405 IN", "3724394400 `IN", LINE, "RFC 8866 5.2"},
    {"3724394405 IN", "`-1 IN", LINE, "RFC 8866 5.2"},
    {"3724394405 IN", "3724394405`x IN", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05`", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN`", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN IP4`", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN IP4 `198.51.100.256", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN IP4 `198.51.100", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN IP4 `2001:db8::1", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN IP6 `2001:db8::1::2", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN IP6 `198.51.100.1", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN IP4 `host_name", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN IP4 198.51.100.1` more", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 `[] IP4 198.51.100.1", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 ATM `[] 1", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 ATM NSAP`/1", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 ATM`/NSAP 1", LINE, "RFC 8866 5.2"},
    {"05 IN IP4 198.51.100.1", "05 IN IP4 `/1", LINE, "RFC 8866 5.2"},
    /* i= u= e= p= */
    {"i=SDP Offer #1", "i=`", LINE, "RFC 8866 5.4"},
    {"u=http://www.jdoe.example.com/home.html", "u=`", LINE, "RFC 8866 5.5"},
    {"example.com/home", "example.com` /home", LINE, "RFC 8866 5.5"},
    {"e=Jane Doe <jane@jdoe.example.com>", "e=`", LINE, "RFC 8866 5.6"},
    {"p=+1 617 555-6011", "p=`", LINE, "RFC 8866 5.6"},
    /* c= */
    {"c=IN IP4 198.51.100.1", "c=IN IP4`", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP4 198.51.100.1`/127", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP6 2001:db8::1`/3", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP4 `1.2.3.4.5", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP4 `1.2..4", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP4 `1.2.3.0004", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP4 198.51.100.1` 5", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP6 `12345::", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP6 `1:2:3:4:5:6:7", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP6 `1:2:3:4:5:6:7:8:9", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP6 `:1", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP6 `1:", LINE, "RFC 8866 5.7"},
    {"/127/3", "/`256/3", LINE, "RFC 8866 5.7"},
    {"/127/3", "/`/3", LINE, "RFC 8866 5.7"},
    {"/127/3", "/127/`0", LINE, "RFC 8866 5.7"},
    {"/127/3", "/127/`", LINE, "RFC 8866 5.7"},
    {"/127/3", "/127/3`/1", LINE, "RFC 8866 5.7"},
    {"/127/3", "/127/`2000000000", LINE, "RFC 8866 5.7"},
    {"233.252.0.1/127/3", "239.255.255.254/127/`3", LINE, "RFC 8866 5.7"},
    {"ff15::101/3", "ff15::101/`4294967296", LINE, "RFC 8866 5.7"},
    {"ff15::101/3", "ff15::101/`x", LINE, "RFC 8866 5.7"},
    {"ff15::101/3", "ff15::101/3`/3", LINE, "RFC 8866 5.7"},
    /* b= t= r= z= k= */
    {"b=CT:128", "b=`:128", LINE, "RFC 8866 5.8"},
    {"b=CT:128", "b=CT`=128", LINE, "RFC 8866 5.8"},
    {"b=CT:128", "b=CT:`-1", LINE, "RFC 8866 5.8"},
    {"05 IN IP4 198.51.100.1", "05 IN IP4 `1x2.0.0_1", LINE, "RFC 8866 5.2"},
    {"c=IN IP4 198.51.100.1", "c=IN IP4 host`/3", LINE, "RFC 8866 5.7"},
    {"c=IN IP4 198.51.100.1", "c=IN IP4 host` /3", LINE, "RFC 8866 5.7"},
    {"-1h 3749680800 0", "-1h`\t3749680800 0", LINE, "RFC 8866 5.11"},
    {"b=CT:128", "b=CT:`99999999999999999999", LINE, "RFC 8866 5.8"},
    {"b=AS:64", "b=AS:64` kbps", LINE, "RFC 8866 5.8"},
    {"t=3724394400 3724398000", "t=`now 0", LINE, "RFC 8866 5.9"},
    {"t=3724394400 3724398000", "t=3724394400`", LINE, "RFC 8866 5.9"},
    {"t=3724394400 3724398000", "t=3724394400 `-5", LINE, "RFC 8866 5.9"},
    {"t=3724394400 3724398000", "t=3724394400 3724398000` 0", LINE, "RFC 8866 5.9"},
    {"r=7d 1h 0 25h", "r=`7w 1h 0", LINE, "RFC 8866 5.10"},
    {"r=7d 1h 0 25h", "r=`0 1h 0", LINE, "RFC 8866 5.10"},
    {"r=7d 1h 0 25h", "r=`", LINE, "RFC 8866 5.10"},
    {"r=7d 1h 0 25h", "r=7d`", LINE, "RFC 8866 5.10"},
    {"r=7d 1h 0 25h", "r=7d 1h`", LINE, "RFC 8866 5.10"},
    {"r=7d 1h 0 25h", "r=7d `h 0", LINE, "RFC 8866 5.10"},
    {"r=7d 1h 0 25h", "r=7d 1h 0 ` 25h", LINE, "RFC 8866 5.10"},
    {"r=7d 1h 0 25h", "r=7d 1h `-1h", LINE, "RFC 8866 5.10"},
    {"z=3730928400 -1h 3749680800 0", "z=`", LINE, "RFC 8866 5.11"},
    {"z=3730928400 -1h 3749680800 0", "z=`x -1h", LINE, "RFC 8866 5.11"},
    {"z=3730928400 -1h 3749680800 0", "z=3730928400`", LINE, "RFC 8866 5.11"},
    {"z=3730928400 -1h 3749680800 0", "z=3730928400 -1h 3749680800`", LINE, "RFC 8866 5.11"},
    {"z=3730928400 -1h 3749680800 0", "z=3730928400 -1h 3749680800 `+1h", LINE, "RFC 8866 5.11"},
    {"z=3730928400 -1h 3749680800 0", "z=3730928400 -1h 1 -`", LINE, "RFC 8866 5.11"},
    {"k=clear:secret", "k=`", LINE, "RFC 8866 5.12"},
    {"k=clear:secret", "k=clear`", LINE, "RFC 8866 5.12"},
    {"k=clear:secret", "k=clear:`", LINE, "RFC 8866 5.12"},
    {"k=prompt", "k=prompt`:x", LINE, "RFC 8866 5.12"},
    /* m= */
    {"m=audio 49170/2", "m=` 49170", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio `", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio `65536", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio `-1", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio 49170/`0", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio 49170/`", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio 49170/`4294967295", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio 49170/`8184", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio 65535/`2", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio 0/`65535", LINE, "RFC 8866 5.14"},
    {"m=image 49172", "m=image 49172/`16365", LINE, "RFC 8866 5.14"},
    {"m=audio 49170/2", "m=audio 49170`:2", LINE, "RFC 8866 5.14"},
    {" RTP/AVP 0 96", "`", LINE, "RFC 8866 5.14"},
    {"RTP/AVP 0 96", "RTP/` 0", LINE, "RFC 8866 5.14"},
    {"RTP/AVP 0 96", "RTP/AVP`", LINE, "RFC 8866 5.14"},
    {"RTP/AVP 0 96", "RTP/AVP 0 `128", LINE, "RFC 8866 5.14"},
    {"RTP/AVP 0 96", "RTP/AVP 0 `PCMU", LINE, "RFC 8866 5.14"},
    {"RTP/AVP 0 96", "RTP/AVP 0 ` 96", LINE, "RFC 8866 5.14"},
    {"RTP/AVP 0 96", "RTP/AVP 0 `99999", LINE, "RFC 8866 5.14"},
    {"RTP/AVP 0 96", "RTP/AVP 0`/96", LINE, "RFC 8866 5.14"},
    {"udptl t38", "udptl `(t38)", LINE, "RFC 8866 5.14"},
    /* a= */
    {"a=recvonly", "a=`", LINE, "RFC 8866 5.13"},
    {"a=recvonly", "a=` recvonly", LINE, "RFC 8866 5.13"},
    {"a=recvonly", "a=`:recvonly", LINE, "RFC 8866 5.13"},
    {"a=recvonly", "a=recvonly`(now)", LINE, "RFC 8866 5.13"},
    {"a=recvonly", "a=recvonly:`yes", LINE, "RFC 8866 6.7.1"},
    {"a=rtcp-mux", "a=rtcp-mux:`", LINE, "RFC 5761 5.1.1"},
    {"group:BUNDLE one two", "group:`", LINE, "RFC 5888 5"},
    {"a=mid:one", "a=mid:`", LINE, "RFC 5888 4"},
    {"a=mid:one", "a=mid`", LINE, "RFC 5888 4"},
    {"a=mid:one", "a=mid:one` two", LINE, "RFC 5888 4"},
    {"rtpmap:96 opus/48000/2", "rtpmap:`128 opus/48000/2", LINE, "RFC 8866 6.6"},
    {"rtpmap:96 opus/48000/2", "rtpmap:96`", LINE, "RFC 8866 6.6"},
    {"rtpmap:96 opus/48000/2", "rtpmap:96 `/48000/2", LINE, "RFC 8866 6.6"},
    {"rtpmap:96 opus/48000/2", "rtpmap:96 opus`", LINE, "RFC 8866 6.6"},
    {"rtpmap:96 opus/48000/2", "rtpmap:96 opus/`0", LINE, "RFC 8866 6.6"},
    {"rtpmap:96 opus/48000/2", "rtpmap:96 opus/`4294967296", LINE, "RFC 8866 6.6"},
    {"rtpmap:96 opus/48000/2", "rtpmap:96 opus/48000/`0", LINE, "RFC 8866 6.6"},
    {"rtpmap:96 opus/48000/2", "rtpmap:96 opus/48000/2`x", LINE, "RFC 8866 6.6"},
    {"fmtp:96 minptime=10", "fmtp:96`", LINE, "RFC 8866 6.15"},
    {"fmtp:96 minptime=10", "fmtp:` minptime=10", LINE, "RFC 8866 6.15"},
    {"a=ptime:20", "a=ptime:`0", LINE, "RFC 8866 6.4"},
    {"a=ptime:20", "a=ptime:`ms", LINE, "RFC 8866 6.4"},
    {"a=ptime:20", "a=ptime:`20.", LINE, "RFC 8866 6.4"},
    {"a=ptime:20", "a=ptime:20`ms", LINE, "RFC 8866 6.4"},
    {"a=ptime:20", "a=ptime:20.5`x", LINE, "RFC 8866 6.4"},
    {"b=CT:128", "b=` ", LINE, "RFC 8866 5.8"},
    {"a=maxptime:60", "a=maxptime:`4000001", LINE, "RFC 8866 6.5"},
    {"framerate:29.97", "framerate:`fast", LINE, "RFC 8866 6.13"},
    {"rtcp:49171 IN IP4 198.51.100.1", "rtcp:`65536", LINE, "RFC 3605 2.1"},
    {"rtcp:49171 IN IP4 198.51.100.1", "rtcp:49171 IN`", LINE, "RFC 3605 2.1"},
    {"rtcp:49171 IN IP4 198.51.100.1", "rtcp:49171 IN IP4`", LINE, "RFC 3605 2.1"},
    {"rtcp-fb:96 nack pli", "rtcp-fb:96`", LINE, "RFC 4585 4.2"},
    {"rtcp-fb:96 nack pli", "rtcp-fb:96 `(nack)", LINE, "RFC 4585 4.2"},
    {"ssrc:314159 cname:jane", "ssrc:`4294967296 cname:jane", LINE, "RFC 5576 4.1"},
    {"ssrc:314159 cname:jane", "ssrc:314159`", LINE, "RFC 5576 4.1"},
    {"setup:actpass", "setup:`both", LINE, "RFC 4145 4"},
    {"setup:actpass", "setup:`actpasses", LINE, "RFC 4145 4"},
    {"setup:actpass", "setup:actpass` now", LINE, "RFC 4145 4"},
    {"connection:new", "connection:`old", LINE, "RFC 4145 5"},
    {"sha-1 4A:AD:B9", "sha-1`", LINE, "RFC 8122 5"},
    {"sha-1 4A:AD:B9", "sha-1 `4A:A", LINE, "RFC 8122 5"},
    {"sha-1 4A:AD:B9", "sha-1 `4A:", LINE, "RFC 8122 5"},
    {"sha-1 4A:AD:B9", "sha-1 `4x", LINE, "RFC 8122 5"},
    {"sha-1 4A:AD:B9", "sha-1 `x4", LINE, "RFC 8122 5"},
    {"sha-1 4A:AD:B9", "sha-1 4A`-AD", LINE, "RFC 8122 5"},
    {"ice-ufrag:8hhY", "ice-ufrag:`8hh", LINE, "RFC 8839 5.4"},
    {"ice-pwd:asd88fgpdd777uzjYhagZg", "ice-pwd:`tooshort", LINE, "RFC 8839 5.4"},
    {"ice-pwd:asd88fgpdd777uzjYhagZg", "ice-pwd:asd88fgpdd777uzjYhagZg`!", LINE, "RFC 8839 5.4"},
    {"ice-options:trickle", "ice-options:`", LINE, "RFC 8839 5.6"},
    {"candidate:1 1", "candidate:` 1", LINE, "RFC 8839 5.1"},
    {"candidate:1 1", "candidate:`123456789012345678901234567890123 1", LINE, "RFC 8839 5.1"},
    {"candidate:1 1", "candidate:1 `0", LINE, "RFC 8839 5.1"},
    {"candidate:1 1", "candidate:1 `257", LINE, "RFC 8839 5.1"},
    {"UDP 2130706431", "UDP `2147483648", LINE, "RFC 8839 5.1"},
    {"49170 typ host", "`65536 typ host", LINE, "RFC 8839 5.1"},
    {"49170 typ host", "49170 `type host", LINE, "RFC 8839 5.1"},
    {"49170 typ host", "49170 typ`", LINE, "RFC 8839 5.1"},
    {"49170 typ host", "49170`", LINE, "RFC 8839 5.1"},
    {"49170 typ host", "49170 typ `(host)", LINE, "RFC 8839 5.1"},
    {"49170 typ host", "49170 typ srflx raddr 192.0.2.1 rport `x", LINE, "RFC 8839 5.1"},
    {"a=end-of-candidates", "a=end-of-candidates:`1", LINE, "RFC 8840 8.2"},
    {"crypto:1 AES", "crypto:`1000000000 AES", LINE, "RFC 4568 9.1"},
    {"AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", "AES`", LINE,
     "RFC 4568 9.1"},
    {"extmap:1/sendonly", "extmap:`0/sendonly", LINE, "RFC 8285 8"},
    {"extmap:1/sendonly", "extmap:1/`both", LINE, "RFC 8285 8"},
    {"extmap:1/sendonly", "extmap:`4352", LINE, "RFC 8285 8"},
    {"msid:stream track", "msid:stream `(track)", LINE, "RFC 8830 2"},
    {"label:1", "label:`", LINE, "RFC 4574 4"},
    {"tcap:1 RTP/SAVP", "tcap:1`", LINE, "RFC 5939 3.4.1"},
    {"pcfg:1 t=1", "pcfg:`t=1", LINE, "RFC 5939 3.5.1"},
    {"acfg:1 t=1", "acfg:`0", LINE, "RFC 5939 3.5.2"},
    {"silenceSupp:off - - - -", "silenceSupp:`no - - - -", LINE, "RFC 3108 5.6.3.3"},
    {"silenceSupp:off - - - -", "silenceSupp:off - `x - -", LINE, "RFC 3108 5.6.3.3"},
    {"silenceSupp:off - - - -", "silenceSupp:off - - `No -", LINE, "RFC 3108 5.6.3.3"},
    {"silenceSupp:off - - - -", "silenceSupp:off - - -`", LINE, "RFC 3108 5.6.3.3"},
};

/* The good description with one breakage; the place of the backtick goes to *line and *column. */
static struct ps_slice broken(const struct breakage *b, unsigned *line, unsigned *column)
{
    static char text[sizeof good + 256];
    const char *at = strstr(good, b->from);
    size_t n = 0;
    size_t i;
    ck_assert_msg(at != NULL, "%s", b->from);
    n = (size_t)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, b->with,
                         at + strlen(b->from));
    *line = 1;
    *column = 1;
    for (i = 0; i < n && text[i] != '`'; i++) {
        *column = text[i] == '\n' ? 1 : *column + 1;
        *line += text[i] == '\n';
    }
    if (i < n)
        memmove(text + i, text + i + 1, n-- - i);
    else { /* no mark: the m=image line */
        *line = 46;
        *column = 1;
    }
    return ps_slice(text, n);
}

static enum ps_error parse_and_check(struct ps_slice text, unsigned flags,
                                     struct ps_sdp_fault *fault)
{
    static struct ps_sdp sdp;
    enum ps_error e = ps_sdp_parse(text, flags, &sdp, fault);
    return e ? e : ps_sdp_check(&sdp, fault);
}

START_TEST(the_good_one_is_good_in_strict_mode)
{
    struct ps_sdp_fault fault;
    enum ps_error e = parse_and_check(ps_slice_of(good), PS_SDP_STRICT, &fault);
    ck_assert_msg(!e, "%u:%u %s", fault.line, fault.column, fault.expected);
}
END_TEST

START_TEST(each_breakage_gives_its_line_and_rule)
{
    const struct breakage *b = &breakages[_i];
    unsigned line;
    unsigned column;
    struct ps_slice text = broken(b, &line, &column);
    struct ps_sdp_fault fault;
    enum ps_error e = parse_and_check(text, 0, &fault);
    ck_assert_msg(e == b->error, "%s: error %d", b->with, e);
    ck_assert_msg(fault.error == e && !strcmp(fault.rule, b->rule), "%s: %s", b->with, fault.rule);
    ck_assert_msg(fault.line == line && fault.column == column, "%s: %u:%u, expected %u:%u",
                  b->with, fault.line, fault.column, line, column);
    ck_assert_ptr_nonnull(fault.expected);
    /* offset, line and column are one place */
    ck_assert_uint_le(fault.offset, text.n);
    ck_assert(fault.column - 1 <= fault.offset);
    ck_assert(fault.offset == fault.column - 1 || text.p[fault.offset - fault.column] == '\n');
    /* the same error without a place to put it */
    ck_assert_int_eq(parse_and_check(text, 0, NULL), e);
}
END_TEST

START_TEST(there_are_at_least_a_hundred)
{
    ck_assert_uint_ge(sizeof breakages / sizeof *breakages, 100);
}
END_TEST

START_TEST(nul_is_refused_rfc8866_9)
{
    char text[sizeof good];
    struct ps_sdp_fault fault;
    memcpy(text, good, sizeof good);
    *strchr(text, 'J') = '\0';
    ck_assert_int_eq(parse_and_check(ps_slice(text, sizeof good - 1), 0, &fault), PS_E_SDP_LINE);
    ck_assert_str_eq(fault.rule, "RFC 8866 9");
    ck_assert_uint_eq(fault.line, 3);
    ck_assert_uint_eq(fault.column, 11);
    ck_assert_int_eq(parse_and_check(PS_S("v=0\r\no=\0"), 0, &fault), PS_E_SDP_LINE);
    ck_assert_str_eq(fault.rule, "RFC 8866 9");
}
END_TEST

/* ---- read with a note, refused in strict mode ---- */

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
#define TAIL "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"

static const struct {
    const char *text;
    enum ps_sdp_note note;
    unsigned line;
    enum ps_error strict;
    unsigned column; /* in strict mode */
} noted[] = {
    {"v=0\r\no=- 1 1 IN IP4 192.0.2.1\ns=-\r\n" TAIL, PS_SDP_NOTE_LF, 2, LINE, 25},
    {HEAD "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0", PS_SDP_NOTE_NO_LAST_END, 6, LINE,
     23},
    {HEAD "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r", PS_SDP_NOTE_NO_LAST_END, 6,
     LINE, 23},
    {HEAD TAIL "b=AS:64\r\nc=IN IP4 192.0.2.2\r\n", PS_SDP_NOTE_ORDER, 8, ORDER, 1},
    {HEAD "a=x\r\n" TAIL, PS_SDP_NOTE_ORDER, 5, ORDER, 1},
    {HEAD "t=0 0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\n", PS_SDP_NOTE_ORDER, 5, ORDER,
     1},
    {HEAD "c=IN IP4 192.0.2.1 \t\r\nt=0 0\r\n", PS_SDP_NOTE_BLANKS, 4, LINE, 19},
    {HEAD TAIL "a=sendrecv \r\n", PS_SDP_NOTE_BLANKS, 7, LINE, 11},
    {HEAD TAIL "\r\n\r\n", PS_SDP_NOTE_EMPTY_LINES, 7, LINE, 1},
    {HEAD TAIL " \n", PS_SDP_NOTE_EMPTY_LINES, 7, LINE, 1},
    {HEAD TAIL "  ", PS_SDP_NOTE_EMPTY_LINES, 7, LINE, 1},
    {"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=\r\n" TAIL, PS_SDP_NOTE_EMPTY_NAME, 3, LINE, 3},
    {HEAD "t=0 0\r\nm=audio 0 RTP/AVP 0\r\n", PS_SDP_NOTE_NO_CONNECTION, 5, MISSING, 1},
    {HEAD "c=IN IP4 224.2.36.42\r\nt=0 0\r\n", PS_SDP_NOTE_NO_TTL, 4, LINE, 21},
    {HEAD "t=0 12345\r\n", PS_SDP_NOTE_TIME, 4, LINE, 3},
    {HEAD "t=12345 0\r\n", PS_SDP_NOTE_TIME, 4, LINE, 3},
    {HEAD "t=0000000000 0\r\n", PS_SDP_NOTE_TIME, 4, LINE, 3},
};

START_TEST(mistakes_of_real_devices_are_noted_and_refused_when_strict)
{
    static struct ps_sdp sdp;
    struct ps_sdp_fault fault;
    struct ps_slice text = ps_slice_of(noted[_i].text);
    unsigned i;
    ck_assert_int_eq(ps_sdp_parse(text, 0, &sdp, &fault), PS_OK);
    for (i = 0; i < PS_SDP_NOTES; i++)
        ck_assert_uint_eq(sdp.noted[i], i == noted[_i].note ? noted[_i].line : 0);
    ck_assert_str_ne(ps_sdp_note_text(noted[_i].note), "");
    ck_assert_int_eq(parse_and_check(text, PS_SDP_STRICT, &fault), noted[_i].strict);
    ck_assert_uint_eq(fault.line, noted[_i].line);
    ck_assert_uint_eq(fault.column, noted[_i].column);
    ck_assert_int_eq(parse_and_check(text, PS_SDP_STRICT, NULL), noted[_i].strict);
}
END_TEST

/* The first of its kind is the one that is told. */
START_TEST(only_the_first_of_a_kind_is_noted)
{
    static struct ps_sdp sdp;
    ck_assert_int_eq(
        ps_sdp_parse(
            PS_S("v=0\r\no=- 1 1 IN IP4 192.0.2.1\ns=-\r\nt=0 0 \nm=a 0 b c \nm=a 0 b c\n"), 0,
            &sdp, NULL),
        PS_OK);
    ck_assert_uint_eq(sdp.noted[PS_SDP_NOTE_LF], 2);
    ck_assert_uint_eq(sdp.noted[PS_SDP_NOTE_BLANKS], 4);
    ck_assert_uint_eq(sdp.noted[PS_SDP_NOTE_NO_CONNECTION], 5);
    ck_assert_str_eq(ps_sdp_note_text(PS_SDP_NOTES), "");
}
END_TEST

/* ---- limits ---- */

static char many[1 << 17];

static struct ps_slice repeat(const char *head, const char *line, unsigned times)
{
    size_t n = strlen(head);
    size_t each = strlen(line);
    unsigned i;
    memcpy(many, head, n);
    for (i = 0; i < times; i++, n += each)
        memcpy(many + n, line, each);
    return ps_slice(many, n);
}

START_TEST(at_least_16_media_and_512_attributes)
{
    static struct ps_sdp sdp;
    struct ps_sdp_fault fault;
    ck_assert_int_eq(ps_sdp_parse(repeat(HEAD TAIL, "a=x:y\r\n", 512), 0, &sdp, NULL), PS_OK);
    ck_assert_uint_eq(sdp.lines, 6 + 512);
    ck_assert_int_eq(
        ps_sdp_parse(repeat(HEAD "c=IN IP4 a\r\nt=0 0\r\n", "m=a 1 b c\r\n", PS_SDP_MAX_MEDIA), 0,
                     &sdp, NULL),
        PS_OK);
    ck_assert_uint_eq(sdp.media, PS_SDP_MAX_MEDIA);
    ck_assert_uint_ge(PS_SDP_MAX_MEDIA, 16);
    ck_assert_int_eq(
        ps_sdp_parse(repeat(HEAD "c=IN IP4 a\r\nt=0 0\r\n", "m=a 1 b c\r\n", PS_SDP_MAX_MEDIA + 1),
                     0, &sdp, &fault),
        PS_E_SDP_LIMIT);
    ck_assert_uint_eq(fault.line, 5 + PS_SDP_MAX_MEDIA + 1);
    ck_assert_int_eq(
        ps_sdp_parse(repeat(HEAD TAIL, "a=x:y\r\n", PS_SDP_MAX_LINES), 0, &sdp, &fault),
        PS_E_SDP_LIMIT);
    ck_assert_uint_eq(fault.line, PS_SDP_MAX_LINES + 1);
}
END_TEST

START_TEST(formats_and_names_have_limits)
{
    static struct ps_sdp sdp;
    struct ps_sdp_fault fault;
    const char *head = HEAD "c=IN IP4 a\r\nt=0 0\r\nm=audio 1 RTP/AVP";
    ck_assert_int_eq(ps_sdp_parse(repeat(head, " 0", PS_SDP_MAX_FORMATS), 0, &sdp, NULL), PS_OK);
    ck_assert_int_eq(ps_sdp_parse(repeat(head, " 0", PS_SDP_MAX_FORMATS + 1), 0, &sdp, &fault),
                     PS_E_SDP_LIMIT);
    ck_assert_uint_eq(fault.line, 6);
    ck_assert_uint_eq(fault.column, 18 + 2 * PS_SDP_MAX_FORMATS);
    ck_assert_int_eq(ps_sdp_parse(repeat(HEAD TAIL "a=", "x", 255), 0, &sdp, NULL), PS_OK);
    ck_assert_int_eq(ps_sdp_parse(repeat(HEAD TAIL "a=", "x", 256), 0, &sdp, &fault),
                     PS_E_SDP_LINE);
    ck_assert_uint_eq(fault.line, 7);
    ck_assert_uint_eq(fault.column, 258);
}
END_TEST

START_TEST(size_limit_65535)
{
    static struct ps_sdp sdp;
    struct ps_sdp_fault fault;
    struct ps_slice text = repeat(HEAD TAIL "a=x:", "y", 65536);
    text.n = 65535;
    ck_assert_int_eq(ps_sdp_parse(text, 0, &sdp, NULL), PS_OK);
    text.n = 65536;
    ck_assert_int_eq(ps_sdp_parse(text, 0, &sdp, &fault), PS_E_TOO_LARGE);
    ck_assert_int_eq(ps_sdp_parse(PS_NONE, 0, &sdp, &fault), PS_E_SDP_MISSING);
}
END_TEST

/* 64 KB of attributes and 1,000 media lines end at the limits, before the rest is looked at. */
START_TEST(floods_are_errors)
{
    static struct ps_sdp sdp;
    struct ps_sdp_fault fault;
    ck_assert_int_eq(ps_sdp_parse(repeat(HEAD TAIL, "a=x\r\n", 13000), 0, &sdp, &fault),
                     PS_E_SDP_LIMIT);
    ck_assert_uint_eq(fault.line, PS_SDP_MAX_LINES + 1);
    ck_assert_int_eq(
        ps_sdp_parse(repeat(HEAD TAIL, "m=audio 4000 RTP/AVP 0\r\n", 1000), 0, &sdp, &fault),
        PS_E_SDP_LIMIT);
    ck_assert_uint_eq(fault.line, 6 + PS_SDP_MAX_MEDIA);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sdp_faults");
    TCase *t = tcase_create("faults");
    tcase_add_test(t, the_good_one_is_good_in_strict_mode);
    tcase_add_loop_test(t, each_breakage_gives_its_line_and_rule, 0,
                        (int)(sizeof breakages / sizeof *breakages));
    tcase_add_test(t, there_are_at_least_a_hundred);
    tcase_add_test(t, nul_is_refused_rfc8866_9);
    tcase_add_loop_test(t, mistakes_of_real_devices_are_noted_and_refused_when_strict, 0,
                        (int)(sizeof noted / sizeof *noted));
    tcase_add_test(t, only_the_first_of_a_kind_is_noted);
    tcase_add_test(t, at_least_16_media_and_512_attributes);
    tcase_add_test(t, formats_and_names_have_limits);
    tcase_add_test(t, size_limit_65535);
    tcase_add_test(t, floods_are_errors);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
