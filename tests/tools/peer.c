/*
 * A scripted SIP peer over UDP on loopback: peer SCRIPT [PORT]
 *
 * Prints "listening on udp:127.0.0.1:N" and each start line that comes, does what the script says
 * line by line, and ends with 0; with 1 where 8 s bring nothing that is awaited. Knows no
 * transaction: copies that come again are passed over. Lines of the script:
 *   < TEXT   waits for a message whose start line begins with TEXT; an INVITE is kept
 *   =        keeps the message that came last, instead of an INVITE
 *   ~ TEXT   fails if such a message comes within 300 ms
 *   . MS     sleeps
 *   > TEXT   one line of the message to send, which the first other line ends. Content-Length and
 *            the empty line before the body are written where "> " stands alone, or at the end
 *   # ...    nothing
 * In what is sent \xNN is a byte; $via $from $to $callid $cseq $contact are those of the last
 * message that was awaited (header lines as they came; the URI alone of Contact), $kept.via ... of
 * the INVITE; $fromvalue and $tovalue are without the name; $me is the own address, $you the port
 * to which is sent, $n a number that each message sent counts up. A message goes to where the last
 * one came from, the first one to PORT.
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct text {
    size_t n;
    char p[65536];
};

static int fd;
static unsigned my_port, sent;
static struct sockaddr_in remote;
static struct text last, kept, head, body;
static int building, in_body;

static void put(struct text *t, const char *p, size_t n)
{
    if (n > sizeof t->p - 1 - t->n)
        exit(2);
    memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = '\0';
}

static void put_string(struct text *t, const char *s)
{
    put(t, s, strlen(s));
}

/* ---- what came ---- */

/* The line from p to its end; *next is the line after it. */
static size_t line_length(const char *p, const char **next)
{
    const char *end = strstr(p, "\r\n");
    *next = end ? end + 2 : p + strlen(p);
    return end ? (size_t)(end - p) : strlen(p);
}

/* Copies the lines of a header as they came, or from its first one a part. */
static void put_header(struct text *out, const struct text *from, const char *name, char part)
{
    const char *p = from->p, *next;
    size_t n = strlen(name), length, first = out->n;
    for (; *p; p = next) {
        length = line_length(p, &next);
        if (!length)
            return;
        if (strncasecmp(p, name, n) != 0 || p[n] != ':')
            continue;
        if (part == '<' && memchr(p, '<', length)) {
            p = strchr(p, '<') + 1;
            put(out, p, strcspn(p, ">"));
            return;
        }
        if (part) {
            put(out, p + n + 1, length - n - 1);
            return;
        }
        if (out->n > first)
            put_string(out, "\r\n");
        put(out, p, length);
    }
}

/* A message within `ms`, into `got`; 0 where none came. */
static int receive(struct text *got, int ms)
{
    struct pollfd wait = {fd, POLLIN, 0};
    socklen_t n = sizeof remote;
    ssize_t size;
    const char *next;
    if (poll(&wait, 1, ms) <= 0)
        return 0;
    size = recvfrom(fd, got->p, sizeof got->p - 1, 0, (struct sockaddr *)&remote, &n);
    if (size < 0) /* an ICMP error is no message */
        size = 0;
    got->n = (size_t)size;
    got->p[got->n] = '\0';
    printf("%.*s\n", (int)line_length(got->p, &next), got->p);
    fflush(stdout);
    return 1;
}

static long milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for a start line; true where it came in time. */
static int comes(const char *text, int ms)
{
    long end = milliseconds() + ms, left;
    while ((left = end - milliseconds()) > 0) {
        if (!receive(&last, (int)left) || strncmp(last.p, text, strlen(text)) != 0)
            continue;
        if (!strncmp(last.p, "INVITE ", 7))
            kept = last;
        return 1;
    }
    return 0;
}

/* ---- what is sent ---- */

/* The value of the variable at p, behind its "$"; how long its name is. */
static size_t put_variable(struct text *out, const char *p)
{
    static const struct {
        const char *name, *header;
        char part;
    } known[] = {{"fromvalue", "From", ':'},
                 {"tovalue", "To", ':'},
                 {"via", "Via", 0},
                 {"from", "From", 0},
                 {"to", "To", 0},
                 {"callid", "Call-ID", 0},
                 {"cseq", "CSeq", 0},
                 {"contact", "Contact", '<'}};
    const struct text *of = strncmp(p, "kept.", 5) ? &last : &kept;
    size_t skip = of == &kept ? 5 : 0, i;
    char number[40];
    for (i = 0; i < sizeof known / sizeof *known; i++)
        if (!strncmp(p + skip, known[i].name, strlen(known[i].name))) {
            put_header(out, of, known[i].header, known[i].part);
            return skip + strlen(known[i].name);
        }
    if (!strncmp(p, "me", 2))
        snprintf(number, sizeof number, "127.0.0.1:%u", my_port);
    else if (!strncmp(p, "you", 3))
        snprintf(number, sizeof number, "%u", ntohs(remote.sin_port));
    else
        snprintf(number, sizeof number, "%u", sent);
    put_string(out, number);
    return *p == 'n' ? 1 : *p == 'm' ? 2 : 3;
}

static void put_line(struct text *out, const char *p)
{
    unsigned byte;
    while (*p) {
        if (*p == '$') {
            p += 1 + put_variable(out, p + 1);
        } else if (sscanf(p, "\\x%2x", &byte) == 1) {
            char c = (char)byte;
            put(out, &c, 1);
            p += 4;
        } else {
            put(out, p++, 1);
        }
    }
    put_string(out, "\r\n");
}

static void send_message(void)
{
    char length[40];
    if (!building)
        return;
    snprintf(length, sizeof length, "Content-Length: %zu\r\n\r\n", body.n);
    put_string(&head, length);
    put(&head, body.p, body.n);
    if (sendto(fd, head.p, head.n, 0, (struct sockaddr *)&remote, sizeof remote) < 0)
        perror("peer: sendto");
    building = in_body = 0;
    head.n = body.n = 0;
    sent++;
}

static void add_line(const char *text)
{
    building = 1;
    if (!*text && !in_body)
        in_body = 1;
    else
        put_line(in_body ? &body : &head, text);
}

/* ---- the script ---- */

static int failed(const char *why, const char *text)
{
    printf("peer: %s: %s\n", why, text);
    return 1;
}

static int act(const char *line)
{
    const char *text = line[0] && line[1] ? line + 2 : "";
    if (*line == '>') {
        add_line(text);
        return 0;
    }
    send_message();
    if (*line == '=')
        kept = last;
    if (*line == '.')
        poll(NULL, 0, atoi(text));
    if (*line == '<' && !comes(text, 8000))
        return failed("did not come", text);
    if (*line == '~' && comes(text, 300))
        return failed("came", text);
    return 0;
}

static void open_socket(void)
{
    socklen_t n = sizeof remote;
    remote.sin_family = AF_INET;
    remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&remote, sizeof remote) ||
        getsockname(fd, (struct sockaddr *)&remote, &n)) {
        perror("peer");
        exit(2);
    }
    my_port = ntohs(remote.sin_port);
    printf("listening on udp:127.0.0.1:%u\n", my_port);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char line[4096];
    FILE *script = argc > 1 ? fopen(argv[1], "r") : NULL;
    int status = 0;
    if (!script)
        return 2;
    open_socket();
    if (argc > 2)
        remote.sin_port = htons((unsigned short)atoi(argv[2]));
    while (!status && fgets(line, sizeof line, script)) {
        line[strcspn(line, "\n")] = '\0';
        status = act(line);
    }
    if (!status)
        send_message();
    fclose(script);
    return status;
}
