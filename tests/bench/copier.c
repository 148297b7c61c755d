/*
 * The floor of what answering calls over UDP costs: a stateless copier of lines on one epoll
 * instance and batches. It answers INVITE with 180 and 200 and everything else but ACK with 200, by
 * copying Via, From, To (with a tag), Call-ID and CSeq. It checks nothing, keeps nothing, repeats
 * nothing: no SIP server can cost less with these system calls.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { BATCH = 32, BYTES = 4096 };

static char in[BATCH][BYTES], out[2 * BATCH][BYTES];
static struct sockaddr_in from[BATCH];
static struct mmsghdr take[BATCH], give[2 * BATCH];
static struct iovec take_io[BATCH], give_io[2 * BATCH];
static unsigned gives;

static const char description[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                                  "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

static size_t put(char *p, size_t at, const char *s, size_t n)
{
    if (at + n <= BYTES)
        memcpy(p + at, s, n);
    return at + n;
}

static int wanted(const char *line)
{
    return !strncmp(line, "Via:", 4) || !strncmp(line, "From:", 5) || !strncmp(line, "To:", 3) ||
           !strncmp(line, "Call-ID:", 8) || !strncmp(line, "CSeq:", 5);
}

static void answer(unsigned i, const char *status, int with_body)
{
    char *p = out[gives], tail[256];
    const char *line = memchr(in[i], '\n', BYTES - 1), *end;
    size_t at = put(p, 0, status, strlen(status)), n;
    for (; line && line[1] != '\r'; line = end) {
        end = strchr(++line, '\n');
        if (!end)
            break;
        if (!wanted(line))
            continue;
        n = (size_t)(end - line) + 1;
        if (line[0] == 'T' && line[1] == 'o' && !memmem(line, n, ";tag=", 5)) {
            at = put(p, at, line, n - 2);
            at = put(p, at, ";tag=floor\r\n", 12);
        } else {
            at = put(p, at, line, n);
        }
    }
    n = (size_t)snprintf(tail, sizeof tail,
                         "Contact: <sip:127.0.0.1:%u>\r\n%sContent-Length: %zu\r\n\r\n%s", 5070,
                         with_body ? "Content-Type: application/sdp\r\n" : "",
                         with_body ? sizeof description - 1 : 0, with_body ? description : "");
    at = put(p, at, tail, n);
    give_io[gives].iov_len = at;
    give[gives].msg_hdr.msg_name = &from[i];
    give[gives].msg_hdr.msg_namelen = sizeof from[i];
    gives++;
}

static void one(unsigned i, size_t n)
{
    in[i][n < BYTES ? n : BYTES - 1] = '\0';
    if (!strncmp(in[i], "ACK ", 4))
        return;
    if (!strncmp(in[i], "INVITE ", 7)) {
        answer(i, "SIP/2.0 180 Ringing\r\n", 0);
        answer(i, "SIP/2.0 200 OK\r\n", 1);
    } else {
        answer(i, "SIP/2.0 200 OK\r\n", 0);
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in me = {.sin_family = AF_INET,
                             .sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 5070))};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0),
        size = 4 << 20;
    struct epoll_event event = {.events = EPOLLIN};
    unsigned i;
    inet_pton(AF_INET, "127.0.0.1", &me.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(fd, (struct sockaddr *)&me, sizeof me) ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) {
        perror("copier");
        return 1;
    }
    for (i = 0; i < 2 * BATCH; i++) {
        give_io[i].iov_base = out[i];
        give[i].msg_hdr.msg_iov = &give_io[i];
        give[i].msg_hdr.msg_iovlen = 1;
        if (i >= BATCH)
            continue;
        take_io[i].iov_base = in[i];
        take_io[i].iov_len = BYTES - 1;
        take[i].msg_hdr.msg_iov = &take_io[i];
        take[i].msg_hdr.msg_iovlen = 1;
        take[i].msg_hdr.msg_name = &from[i];
    }
    while (epoll_wait(epoll, &event, 1, -1) >= 0) {
        int n;
        for (i = 0; i < BATCH; i++)
            take[i].msg_hdr.msg_namelen = sizeof from[i];
        n = recvmmsg(fd, take, BATCH, MSG_DONTWAIT, NULL);
        gives = 0;
        for (i = 0; n > 0 && i < (unsigned)n; i++)
            one(i, take[i].msg_len);
        if (gives)
            sendmmsg(fd, give, gives, 0);
    }
    return 0;
}
