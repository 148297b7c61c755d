/*
 * Floods a SIP port over UDP: flood KIND COUNT ADDR PORT SOURCE [RATE], RATE datagrams a second, or
 * as fast as the system takes it.
 *   garbage    bytes that are no SIP, and cut messages
 *   invite     INVITEs with new branches, every other one faulty
 *   register   REGISTERs with credentials that are wrong
 *   response   responses to nothing
 * Prints how many the system took. Refuses to read what comes back.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *me;

static unsigned next(unsigned n)
{
    static unsigned long long state = 42;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % n;
}

static int head(char *out, size_t room, const char *start, const char *method, unsigned long i)
{
    return snprintf(out, room,
                    "%s\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bKflood%lu;rport\r\n"
                    "From: <sip:f%lu@h>;tag=%lu\r\nTo: <sip:alice@h>\r\nCall-ID: flood%lu@h\r\n"
                    "CSeq: 1 %s\r\nMax-Forwards: 70\r\nContact: <sip:f@%s:5060>\r\n",
                    start, me, i, i, i, i, method, me);
}

static int garbage(char *out, size_t room, unsigned long i)
{
    int n = head(out, room, "OPTIONS sip:a@h SIP/2.0", "OPTIONS", i), k;
    if (i & 1) /* cut in its head */
        return 1 + (int)next((unsigned)n);
    for (k = 0; k < 200; k++)
        out[k] = (char)(128 + next(128));
    return 200;
}

static int invite(char *out, size_t room, unsigned long i)
{
    static const char *const faults[] = {"Content-Length: 9999\r\n", "CSeq: 2 BYE\r\n",
                                         "Require: x\r\n", "no colon\r\n"};
    int n = head(out, room, "INVITE sip:alice@h SIP/2.0", "INVITE", i);
    return n + snprintf(out + n, room - (size_t)n, "%s\r\n", i & 1 ? faults[i / 2 % 4] : "");
}

static int registration(char *out, size_t room, unsigned long i)
{
    int n = head(out, room, "REGISTER sip:127.0.0.1 SIP/2.0", "REGISTER", i);
    return n + snprintf(out + n, room - (size_t)n,
                        "Authorization: Digest username=\"alice\",realm=\"plainsip\",nonce=\"%lu\","
                        "uri=\"sip:127.0.0.1\",response=\"%032lu\",qop=auth,nc=00000001,"
                        "cnonce=\"x\"\r\nContent-Length: 0\r\n\r\n",
                        i, i);
}

static int response(char *out, size_t room, unsigned long i)
{
    int n = head(out, room, "SIP/2.0 200 OK", "INVITE", i);
    return n + snprintf(out + n, room - (size_t)n, "Content-Length: 0\r\n\r\n");
}

static int make(const char *kind, char *out, size_t room, unsigned long i)
{
    switch (kind[0]) {
    case 'g':
        return garbage(out, room, i);
    case 'i':
        return invite(out, room, i);
    case 'r':
        return kind[2] == 'g' ? registration(out, room, i) : response(out, room, i);
    default:
        exit(2);
    }
}

/* Ten milliseconds' worth at a time. */
static void keep_rate(unsigned long i, unsigned long rate)
{
    const struct timespec wait = {.tv_nsec = 10000000};
    unsigned long portion = rate / 100 ? rate / 100 : 1;
    if (rate && i % portion == portion - 1)
        nanosleep(&wait, NULL);
}

int main(int argc, char **argv)
{
    struct sockaddr_in to, from;
    char bytes[2048];
    unsigned long i, count, sent = 0;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (argc < 6 || argc > 7 || fd < 0)
        return 2;
    count = strtoul(argv[2], NULL, 10);
    me = argv[5];
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    from = to;
    to.sin_port = htons((unsigned short)atoi(argv[4]));
    if (inet_pton(AF_INET, argv[3], &to.sin_addr) != 1 ||
        inet_pton(AF_INET, me, &from.sin_addr) != 1 ||
        bind(fd, (struct sockaddr *)&from, sizeof from) ||
        connect(fd, (struct sockaddr *)&to, sizeof to)) {
        perror("flood");
        return 2;
    }
    for (i = 0; i < count; i++) {
        int n = make(argv[1], bytes, sizeof bytes, i);
        keep_rate(i, argc == 7 ? strtoul(argv[6], NULL, 10) : 0);
        sent += send(fd, bytes, (size_t)n, 0) == n;
    }
    printf("sent %lu\n", sent);
    return 0;
}
