/*
 * A whole stack against a peer made of bytes, under virtual time. The input is a script; each step
 * begins with a line that starts with "%":
 *   %m N         the lines that follow are a datagram from peer N (0 to 2)
 *   %r N S TAG   the peer answers the Nth last request that the stack sent with status S; the lines
 *                that follow go into it, an empty line, a body
 *   %t MS        time passes
 *   %u X N       the user does X (driver.c), with number N
 *   %f N         the last send fails, or (1) an ICMP error comes
 *   %o SKIP N    of the requests for an object of a pool, N fail after the next SKIP
 *   %c SKIP N    the same for a chunk of the store
 * A script that begins with a line "%l" has a stack with little of everything.
 * In a datagram $C, $F, $T and $B stand for Call-ID, From tag, To tag and branch of the last
 * message that the stack sent; what nobody could guess is so in reach. A line end is LF or CRLF;
 * CRLF is delivered.
 *
 * Holds what driver.c asks, after each step and at the end.
 */
#include "driver.h"
#include "sip/message.h"

enum { SENT = 8, ROOM = 8192, STEPS = 200 };

static struct driver d;
static struct {
    struct ps_slice text;
    ps_handle transaction;
    char bytes[4096];
} sent[SENT]; /* requests, the last one first from `newest` backwards */
static unsigned newest;
static char reply_to[4096]; /* the last message of any kind */
static size_t reply_to_n;
static ps_handle last_transaction;

static void keep(struct driver *driver, const struct ps_action *a)
{
    (void)driver;
    memcpy(reply_to, a->bytes.p, a->bytes.n);
    reply_to_n = a->bytes.n;
    last_transaction = a->transaction;
    if (a->again || !memcmp(a->bytes.p, "SIP/2.0", 7))
        return;
    newest = (newest + 1) % SENT;
    memcpy(sent[newest].bytes, a->bytes.p, a->bytes.n);
    sent[newest].text = ps_slice(sent[newest].bytes, a->bytes.n);
    sent[newest].transaction = a->transaction;
}

/* ---- reading a script ---- */

/* The next line without its end. */
static bool take_line(struct ps_slice *rest, struct ps_slice *line)
{
    const char *lf = ps_find(*rest, '\n'), *end = ps_end(*rest);
    if (!rest->n)
        return false;
    *line = ps_between(rest->p, lf ? lf : end);
    *rest = lf ? ps_between(lf + 1, end) : ps_slice(end, 0);
    if (line->n && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

static struct ps_slice take_word(struct ps_slice *line)
{
    const char *p = line->p, *end = ps_end(*line), *begin;
    while (p < end && *p == ' ')
        p++;
    begin = p;
    while (p < end && *p != ' ')
        p++;
    *line = ps_between(p, end);
    return ps_between(begin, p);
}

static uint32_t take_number(struct ps_slice *line, uint32_t max)
{
    uint64_t n = 0;
    if (ps_parse_number(take_word(line), UINT32_MAX, &n))
        return 0;
    return (uint32_t)(n > max ? max : n);
}

/* ---- datagrams ---- */

static void put_variable(struct ps_writer *w, char name)
{
    static struct ps_message m;
    if (ps_message_parse(&m, reply_to, reply_to_n, NULL, NULL))
        return;
    if (name == 'C')
        ps_put(w, ps_call_id(&m));
    else if (name == 'F')
        ps_put(w, ps_from_tag(&m));
    else if (name == 'T')
        ps_put(w, ps_to_tag(&m));
    else
        ps_put(w, ps_via_branch(&m));
}

static void put_filled(struct ps_writer *w, struct ps_slice line)
{
    size_t i;
    for (i = 0; i < line.n; i++) {
        if (line.p[i] == '$' && i + 1 < line.n && ps_find(PS_S("CFTB"), line.p[i + 1]))
            put_variable(w, line.p[++i]);
        else
            ps_put_char(w, line.p[i]);
    }
}

/* The lines up to the next step. */
static void put_lines(struct ps_writer *w, struct ps_slice *rest)
{
    struct ps_slice line;
    while (rest->n && rest->p[0] != '%' && take_line(rest, &line)) {
        put_filled(w, line);
        ps_put(w, PS_S("\r\n"));
    }
}

static void deliver(struct ps_slice arguments, struct ps_slice *rest)
{
    static char bytes[ROOM];
    struct ps_writer w = ps_writer(bytes, ROOM);
    struct ps_address from = d.way.remote;
    from.ip[3] = (uint8_t)(from.ip[3] + take_number(&arguments, 2));
    put_lines(&w, rest);
    if (!w.error)
        driver_receive(&d, &from, ps_written(&w));
}

static void answer(struct ps_slice arguments, struct ps_slice *rest)
{
    static struct ps_message m;
    static char bytes[ROOM];
    struct ps_writer w = ps_writer(bytes, ROOM);
    unsigned i = (newest + SENT - take_number(&arguments, SENT - 1)) % SENT;
    unsigned status = take_number(&arguments, 699);
    struct ps_slice tag = take_word(&arguments);
    if (!sent[i].text.n || ps_message_parse(&m, sent[i].text.p, sent[i].text.n, NULL, NULL))
        return;
    ps_write_response(&w, &m, &d.way, status, PS_NONE, tag);
    put_lines(&w, rest);
    ps_put(&w, PS_S("\r\n"));
    if (!w.error)
        driver_receive(&d, &d.way.remote, ps_written(&w));
}

static void step(struct ps_slice line, struct ps_slice *rest)
{
    char what = line.n > 1 ? line.p[1] : 0;
    struct ps_slice word;
    line = line.n > 2 ? ps_slice(line.p + 2, line.n - 2) : ps_slice(line.p, 0);
    if (what == 'm') {
        deliver(line, rest);
    } else if (what == 'r') {
        answer(line, rest);
    } else if (what == 't') {
        driver_run(&d, d.now + take_number(&line, 4000000));
    } else if (what == 'u') {
        word = take_word(&line);
        driver_act(&d, word.n ? word.p[0] : 0, take_number(&line, 1000));
    } else if (what == 'f') {
        driver_fail(&d, take_number(&line, 1) ? 0 : last_transaction);
    } else if (what == 'o' || what == 'c') {
        uint32_t skip = take_number(&line, 100);
        driver_starve(what, skip, take_number(&line, 1000));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice rest = fuzz_input(data, size), line;
    unsigned steps = 0;
    bool tight = size > 1 && data[0] == '%' && data[1] == 'l';
    driver_start(&d, "192.0.2.1:5060", "192.0.2.2:5060", 7, tight);
    d.send = keep;
    memset(sent, 0, sizeof sent);
    reply_to_n = newest = 0;
    last_transaction = 0;
    if (rest.n && rest.p[0] != '%') /* bytes without a script are a datagram */
        deliver(PS_NONE, &rest);
    while (steps++ < STEPS && take_line(&rest, &line))
        step(line, &rest);
    driver_end(&d);
    return 0;
}
