/* Mutations that know SIP: see mutate.h. */
#include <string.h>

#include "mutate.h"

enum { LINES = 512 };

/* The text being changed, and where its lines begin. */
struct text {
    char *p;
    size_t n, max;
    uint64_t random;
    size_t line[LINES + 1]; /* the last one is the end */
    unsigned lines;
};

/* 0 to n - 1; 0 for none. */
static uint32_t pick(struct text *t, uint32_t n)
{
    t->random = t->random * 6364136223846793005u + 1442695040888963407u;
    return n ? (uint32_t)((t->random >> 33) % n) : 0;
}

#define ONE_OF(t, table) (table)[pick(t, sizeof(table) / sizeof *(table))]

static void find_lines(struct text *t)
{
    size_t i;
    t->lines = 0;
    t->line[0] = 0;
    for (i = 0; i < t->n && t->lines < LINES - 1; i++)
        if (t->p[i] == '\n')
            t->line[++t->lines] = i + 1;
    if (t->line[t->lines] < t->n)
        t->line[++t->lines] = t->n;
}

/* Puts `with` in place of `n` bytes at `at`; nothing where it does not fit. */
static void replace(struct text *t, size_t at, size_t n, const char *with, size_t with_n)
{
    if (at > t->n || n > t->n - at || t->n - n + with_n > t->max)
        return;
    memmove(t->p + at + with_n, t->p + at + n, t->n - at - n);
    if (with_n)
        memcpy(t->p + at, with, with_n);
    t->n = t->n - n + with_n;
}

static void replace_text(struct text *t, size_t at, size_t n, const char *with)
{
    replace(t, at, n, with, strlen(with));
}

/* The place after `what` in the text from `from` on, in any case; t->n where it is not there. */
static size_t after(const struct text *t, size_t from, const char *what)
{
    size_t k = strlen(what), i;
    for (; from + k <= t->n; from++) {
        for (i = 0; i < k && (t->p[from + i] | 32) == (what[i] | 32); i++)
            ;
        if (i == k)
            return from + k;
    }
    return t->n;
}

/* How far a token goes (RFC 3261 25.1, nearly). */
static size_t token_length(const struct text *t, size_t at)
{
    size_t n = 0;
    while (at + n < t->n && !strchr(" \t\r\n;,<>\"=/:", t->p[at + n]))
        n++;
    return n;
}

/* ---- steps of a script ---- */

/* clang-format off */
static const char *const steps[] = {
    "%l\n", "%t 100\n", "%t 500\n", "%t 4000\n", "%t 32000\n", "%t 64000\n", "%t 300000\n",
    "%t 3600000\n", "%u s 0\n", "%u s 1\n", "%u s 2\n", "%u h 0\n", "%u h 1\n", "%u a 0\n",
    "%u r 0\n", "%u j 0\n",
    "%u j 8\n", "%u i 0\n", "%u i 4\n", "%u k 0\n", "%u o 0\n", "%u q 0\n", "%u q 1\n", "%u g 0\n",
    "%u G 0\n", "%u e 0\n", "%u w 100\n", "%u w 380\n", "%u p 0\n", "%u p 3\n", "%u p 4\n",
    "%u p 9\n", "%u p 16\n", "%u p 32\n", "%u p 64\n", "%u p 132\n", "%u p 388\n", "%u p 644\n",
    "%u j 186\n", "%u j 102\n", "%u j 303\n", "%f 0\n", "%f 1\n",
    "%o 0 1\n", "%o 0 8\n", "%o 1 1\n", "%o 2 2\n", "%c 0 1\n", "%c 0 3\n", "%c 0 40\n", "%c 1 1\n",
    "%c 2 2\n",
    "%r 0 100\n", "%r 0 180 x\n", "%r 0 183 y\nContact: <sip:p@192.0.2.2:5070>\n",
    "%r 0 200 x\nContact: <sip:p@192.0.2.2>\n",
    "%r 0 200 y\nContact: <sip:p@192.0.2.2:5070>\nRecord-Route: <sip:192.0.2.2;lr>\n",
    "%r 1 200 z\nContact: <sip:p@192.0.2.2>\nContent-Type: application/sdp\n\nv=0\n",
    "%r 0 302 x\nContact: <sip:c@192.0.2.2>, <sip:d@192.0.2.2>;q=0.5\n",
    "%r 0 401 x\nWWW-Authenticate: Digest realm=\"example.com\",nonce=\"n\",qop=\"auth\"\n",
    "%r 0 407 x\nProxy-Authenticate: Digest realm=\"p\",nonce=\"m\",algorithm=SHA-256\n",
    "%r 0 401 x\nWWW-Authenticate: Digest realm=\"example.com\",nonce=\"o\",stale=true\n",
    "%r 0 423 x\nMin-Expires: 1800\n", "%r 0 486 x\n", "%r 1 487 x\n", "%r 0 491 x\n",
    "%r 0 503 x\nRetry-After: 10\n", "%r 0 603 x\n", "%r 1 200 x\n", "%r 2 200 x\n",
    "%r 0 200 x\nContact: <sip:alice@192.0.2.1>;expires=60\n",
    "%m 0\nACK sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=$B\n"
    "From: <sip:p@h>;tag=$F\nTo: <sip:alice@h>;tag=$T\nCall-ID: $C\nCSeq: 1 ACK\n\n",
    "%m 0\nACK sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKack\n"
    "From: <sip:p@h>;tag=$F\nTo: <sip:alice@h>;tag=$T\nCall-ID: $C\nCSeq: 1 ACK\n\n",
    "%m 0\nBYE sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKbye\n"
    "From: <sip:p@h>;tag=$F\nTo: <sip:alice@h>;tag=$T\nCall-ID: $C\nCSeq: 2 BYE\n\n",
    "%m 0\nBYE sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKby2\n"
    "From: <sip:p@h>;tag=$T\nTo: <sip:alice@h>;tag=$F\nCall-ID: $C\nCSeq: 2 BYE\n\n",
    "%m 0\nINVITE sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKre\n"
    "From: <sip:p@h>;tag=$F\nTo: <sip:alice@h>;tag=$T\nCall-ID: $C\nCSeq: 3 INVITE\n"
    "Contact: <sip:p@192.0.2.2>\n\n",
    "%m 0\nINVITE sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKr2\n"
    "From: <sip:p@h>;tag=$T\nTo: <sip:alice@h>;tag=$F\nCall-ID: $C\nCSeq: 3 INVITE\n"
    "Contact: <sip:p@192.0.2.2>\n\n",
    "%m 0\nUPDATE sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKup\n"
    "From: <sip:p@h>;tag=$F\nTo: <sip:alice@h>;tag=$T\nCall-ID: $C\nCSeq: 4 UPDATE\n"
    "Contact: <sip:p@192.0.2.2:5071>\n\n",
    "%m 0\nCANCEL sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=$B\n"
    "From: <sip:p@h>;tag=$F\nTo: <sip:alice@h>\nCall-ID: $C\nCSeq: 1 CANCEL\n\n",
    "%m 0\nINVITE sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKin;rport\n"
    "From: <sip:p@h>;tag=1\nTo: <sip:alice@h>\nCall-ID: in@h\nCSeq: 1 INVITE\n"
    "Contact: <sip:p@192.0.2.2>\nRecord-Route: <sip:192.0.2.2;lr>\n\n",
    "%m 1\nREGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKrg\n"
    "From: <sip:p@example.com>;tag=2\nTo: <sip:p@example.com>\nCall-ID: rg@h\nCSeq: 1 REGISTER\n"
    "Contact: <sip:p@192.0.2.3>;expires=60\n\n",
    "%m 2\nOPTIONS sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKop\n"
    "From: <sip:p@h>;tag=3\nTo: <sip:alice@h>\nCall-ID: op@h\nCSeq: 1 OPTIONS\n\n",
};
/* clang-format on */

/* The line at which the step that holds line i begins, and the one behind it. */
static unsigned step_begin(const struct text *t, unsigned i)
{
    while (i && t->p[t->line[i]] != '%')
        i--;
    return i;
}

static unsigned step_end(const struct text *t, unsigned i)
{
    for (i++; i < t->lines && t->p[t->line[i]] != '%'; i++)
        ;
    return i < t->lines ? i : t->lines;
}

static void change_steps(struct text *t)
{
    unsigned i = step_begin(t, pick(t, t->lines)), j = step_begin(t, pick(t, t->lines));
    size_t at = t->line[i], n = t->line[step_end(t, i)] - at, to = t->line[j];
    char copy[4096];
    switch (pick(t, 6)) {
    case 0:
        replace(t, at, n, NULL, 0);
        break;
    case 1:
        if (n <= sizeof copy) { /* the same again, there */
            memcpy(copy, t->p + at, n);
            replace(t, to, 0, copy, n);
        }
        break;
    case 2: /* there, and not here */
        if (n <= sizeof copy && to <= at) {
            memcpy(copy, t->p + at, n);
            replace(t, at, n, NULL, 0);
            replace(t, to, 0, copy, n);
        }
        break;
    case 3:
        replace_text(t, t->n, 0, ONE_OF(t, steps));
        break;
    default:
        replace_text(t, to, 0, ONE_OF(t, steps));
    }
}

/* ---- messages ---- */

static const char *const methods[] = {"INVITE",    "ACK",    "BYE",     "CANCEL", "OPTIONS",
                                      "REGISTER",  "PRACK",  "UPDATE",  "INFO",   "MESSAGE",
                                      "SUBSCRIBE", "NOTIFY", "PUBLISH", "REFER",  "invite"};
static const char *const statuses[] = {"SIP/2.0 100 Trying",  "SIP/2.0 180 Ringing",
                                       "SIP/2.0 183 ",        "SIP/2.0 200 OK",
                                       "SIP/2.0 302 Moved",   "SIP/2.0 401 Unauthorized",
                                       "SIP/2.0 407 ",        "SIP/2.0 422 ",
                                       "SIP/2.0 481 ",        "SIP/2.0 487 Request Terminated",
                                       "SIP/2.0 491 Pending", "SIP/2.0 503",
                                       "SIP/2.0 603 Decline", "SIP/2.0 699 x"};
static const char *const numbers[] = {
    "0",   "1",          "2",          "70",          "255",
    "256", "65535",      "65536",      "2147483647",  "2147483648",
    "-1",  "4294967295", "4294967296", "00000000001", "18446744073709551616"};
static const char *const tokens[] = {"$B", "$F", "$T", "$C",  "z9hG4bK",    "z9hG4bKin",
                                     "1",  "x",  "X",  "%00", "a.b!%*_+`'~"};
static const char *const headers[] = {
    "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKin;rport\r\n",
    "v: SIP/2.0/UDP [2001:db8::9]:5061;received=192.0.2.9;maddr=224.2.0.1;branch=z9hG4bKv6\r\n",
    "Contact: <sip:p@192.0.2.2;transport=udp>;expires=60;q=0.5\r\n",
    "Contact: *\r\n",
    "m: \"a, b\" <sip:c@h>,<sip:d@h>;+sip.instance=\"<urn:uuid:1>\"\r\n",
    "Record-Route: <sip:192.0.2.2;lr>, <sip:192.0.2.3;lr>\r\n",
    "Route: <sip:192.0.2.1;lr>\r\n",
    "Expires: 0\r\n",
    "Expires: 60\r\n",
    "Require: 100rel\r\n",
    "Supported: timer, 100rel\r\n",
    "Max-Forwards: 0\r\n",
    "Content-Length: 0\r\n",
    "l: 5\r\n",
    "Content-Length: 65536\r\n",
    "Content-Type: application/sdp\r\n",
    "Content-Type: multipart/mixed;boundary=b\r\n",
    ("Authorization: Digest username=\"alice\",realm=\"example.com\",nonce=\"x\",uri=\"sip:h\","
     "response=\"00000000000000000000000000000000\",qop=auth,nc=00000001,cnonce=\"1\"\r\n"),
    "WWW-Authenticate: Digest realm=\"example.com\",nonce=\"n\",algorithm=SHA-256,qop=\"auth\"\r\n",
    "Session-Expires: 90;refresher=uas\r\n",
    "Replaces: $C;to-tag=$T;from-tag=$F\r\n",
    "Timestamp: 1.5 0.25\r\n",
    "Retry-After: 5 (x);duration=9\r\n",
    "Min-Expires: 4294967295\r\n",
    "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n",
    "X: \r\n y\r\n",
    " folded\r\n"};
static const char *const compact[][2] = {
    {"Via:", "v:"},       {"From:", "f:"},           {"To:", "t:"},
    {"Call-ID:", "i:"},   {"Contact:", "m:"},        {"Subject:", "s:"},
    {"Supported:", "k:"}, {"Content-Length:", "l:"}, {"Content-Type:", "c:"}};
static const char *const marks[] = {
    "tag=",      "branch=",        "Call-ID: ",        "CSeq: ",    "sip:",   "rport", "expires=",
    "Expires: ", "Max-Forwards: ", "Content-Length: ", "received=", "maddr=", "q="};
static const char *const bits[] = {";", ",",   "\"",  "<",     ">",        "\\",      ":",
                                   "@", "=",   " ",   "\t",    "\r\n ",    "\r",      "\n",
                                   "%", "%40", "[",   "]",     "?",        "&",       "(",
                                   ")", "*",   ";lr", ";tag=", "\r\n\r\n", "SIP/2.0", "\xc3\xa9"};

/* A random line that is no step's first. */
static unsigned some_line(struct text *t)
{
    unsigned i = pick(t, t->lines);
    return t->p[t->line[i]] == '%' && i + 1 < t->lines ? i + 1 : i;
}

static void change_line(struct text *t)
{
    unsigned i = some_line(t), j = some_line(t);
    size_t at = t->line[i], n = t->line[i + 1] - at;
    char copy[1024];
    switch (pick(t, 4)) {
    case 0:
        replace(t, at, n, NULL, 0);
        break;
    case 1: /* again, or moved */
    case 2:
        if (n > sizeof copy)
            break;
        memcpy(copy, t->p + at, n);
        replace(t, t->line[j], 0, copy, n);
        break;
    default:
        replace_text(t, at, 0, ONE_OF(t, headers));
    }
}

/* The method, in the start line and in CSeq alike, or in one of them. */
static void change_method(struct text *t)
{
    const char *method = ONE_OF(t, methods);
    unsigned i = step_begin(t, pick(t, t->lines));
    size_t at = t->line[i + (t->p[t->line[i]] == '%' && i + 1 < t->lines)], cseq;
    unsigned both = pick(t, 4);
    if (both)
        replace_text(t, at, token_length(t, at), method);
    cseq = after(t, at, "cseq:");
    while (cseq < t->n && strchr(" 0123456789", t->p[cseq]))
        cseq++;
    if (cseq < t->n && both != 1)
        replace_text(t, cseq, token_length(t, cseq), method);
}

static void change_start_line(struct text *t)
{
    unsigned i = step_begin(t, pick(t, t->lines));
    unsigned k = i + (t->p[t->line[i]] == '%' && i + 1 < t->lines);
    size_t at = t->line[k], n = t->line[k + 1] - at;
    while (n && (t->p[at + n - 1] == '\n' || t->p[at + n - 1] == '\r'))
        n--;
    replace_text(t, at, n, ONE_OF(t, statuses));
}

/* Finds the text behind "tag=", "branch=", "CSeq: " and such. */
static void change_value(struct text *t)
{
    const char *mark = ONE_OF(t, marks);
    size_t at = after(t, pick(t, (uint32_t)t->n), mark);
    if (at == t->n)
        at = after(t, 0, mark);
    if (at < t->n)
        replace_text(t, at, token_length(t, at),
                     pick(t, 2) ? ONE_OF(t, numbers) : ONE_OF(t, tokens));
}

static void change_name(struct text *t)
{
    unsigned i = pick(t, sizeof compact / sizeof *compact), way = pick(t, 2);
    size_t at = after(t, pick(t, (uint32_t)t->n), compact[i][way]), n = strlen(compact[i][way]);
    if (at < t->n)
        replace_text(t, at - n, n, compact[i][!way]);
}

static void change_number(struct text *t)
{
    size_t at = pick(t, (uint32_t)t->n), n = 0;
    while (at < t->n && (t->p[at] < '0' || t->p[at] > '9'))
        at++;
    while (at + n < t->n && t->p[at + n] >= '0' && t->p[at + n] <= '9')
        n++;
    if (n)
        replace_text(t, at, n, ONE_OF(t, numbers));
}

static void change_bytes(struct text *t, mutate_bytes bytes)
{
    size_t at = pick(t, (uint32_t)t->n), n = pick(t, 3) ? pick(t, 8) : pick(t, 200);
    if (bytes && pick(t, 2)) {
        t->n = bytes((uint8_t *)t->p, t->n, t->max);
        return;
    }
    n = n > t->n - at ? t->n - at : n;
    replace_text(t, at, pick(t, 2) ? n : 0, ONE_OF(t, bits));
}

static void change(struct text *t, mutate_bytes bytes)
{
    int script = t->n && t->p[0] == '%';
    find_lines(t);
    if (!t->lines || pick(t, 16) == 0) {
        change_bytes(t, bytes);
        return;
    }
    if (script && pick(t, 2)) {
        change_steps(t);
        return;
    }
    switch (pick(t, 8)) {
    case 0:
    case 1:
        change_line(t);
        break;
    case 2:
        change_method(t);
        break;
    case 3:
        if (pick(t, 4) == 0)
            change_start_line(t);
        else
            change_name(t);
        break;
    case 4:
    case 5:
        change_value(t);
        break;
    case 6:
        change_number(t);
        break;
    default:
        change_bytes(t, bytes);
    }
}

size_t mutate_sip(char *data, size_t size, size_t max, uint32_t seed, mutate_bytes bytes)
{
    struct text t;
    unsigned times;
    t.p = data;
    t.n = size;
    t.max = max;
    t.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (times = 1 + pick(&t, 3); times; times--)
        change(&t, bytes);
    return t.n;
}

size_t mutate_cross(const char *a, size_t a_n, const char *b, size_t b_n, char *out, size_t max,
                    uint32_t seed)
{
    struct text t, from;
    unsigned i, j;
    t.p = out;
    t.max = max;
    t.n = a_n < max ? a_n : max;
    memcpy(out, a, t.n);
    t.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 3;
    from = t;
    from.p = (char *)(uintptr_t)b; /* only read */
    from.n = b_n;
    find_lines(&t);
    find_lines(&from);
    if (!t.lines || !from.lines)
        return t.n;
    i = step_begin(&from, pick(&t, from.lines));
    j = b[0] == '%' ? step_end(&from, i) : i + 1 + pick(&t, from.lines - i);
    replace(&t, t.line[pick(&t, t.lines)], 0, b + from.line[i], from.line[j] - from.line[i]);
    return t.n;
}
