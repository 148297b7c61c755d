/*
 * `make bench-peers`: the captured messages through other parsers of SIP in the same run, as far as
 * they are installed (libosip2-dev, libsofia-sip-ua-dev, libre-dev), as multiples of ours. Each
 * does what its own stack does with a datagram that came in, and frees what it made of it.
 */
#include <stdio.h>
#include <stdlib.h>

#ifdef PEER_OSIP
#include <sys/time.h>
#include <osipparser2/osip_parser.h>
#endif
#ifdef PEER_RE
#include <re.h>
#endif
#ifdef PEER_SOFIA
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/msg.h>
#include <sofia-sip/msg_parser.h>
#endif

#include "harness.h"
#include "sdp/sdp.h"
#include "sip/message.h"
#include "traces.h"

static struct ps_message m;

static void scan_lines(void)
{
    size_t i, lines = 0;
    for (i = 0; i < traces; i++) {
        const char *p = trace[i].p, *end = p + trace[i].n;
        while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
            p++;
            lines++;
        }
    }
    bench_use(lines);
}

static void plainsip(void)
{
    size_t i;
    for (i = 0; i < traces; i++)
        bench_use((size_t)ps_message_parse(&m, trace[i].p, trace[i].n, NULL, NULL) + m.cseq);
}

#ifdef PEER_OSIP
static void osip(void)
{
    size_t i;
    for (i = 0; i < traces; i++) {
        osip_message_t *message;
        osip_message_init(&message);
        if (osip_message_parse(message, trace[i].p, trace[i].n))
            abort();
        bench_use((size_t)osip_list_size(&message->vias));
        osip_message_free(message);
    }
}
#endif

#ifdef PEER_RE
static struct mbuf *buffers[MAX_TRACES];

static void re(void)
{
    size_t i;
    for (i = 0; i < traces; i++) {
        struct sip_msg *message;
        buffers[i]->pos = 0;
        if (sip_msg_decode(&message, buffers[i]))
            abort();
        bench_use(message->cseq.num);
        mem_deref(message);
    }
}
#endif

#ifdef PEER_SOFIA
static void sofia(void)
{
    size_t i;
    for (i = 0; i < traces; i++) {
        msg_t *message = msg_make(sip_default_mclass(), 0, trace[i].p, (ssize_t)trace[i].n);
        if (!message || !sip_object(message)->sip_cseq)
            abort();
        bench_use(sip_object(message)->sip_cseq->cs_seq);
        msg_destroy(message);
    }
}
#endif

/* ---- session descriptions ---- */

static struct ps_slice body[MAX_TRACES];
static size_t bodies;
static char out[65536];

static void find_bodies(void)
{
    size_t i;
    for (i = 0; i < traces; i++)
        if (!ps_message_parse(&m, trace[i].p, trace[i].n, NULL, NULL) && ps_body(&m).n > 4 &&
            !memcmp(ps_body(&m).p, "v=0", 3)) {
            char *copy = malloc(ps_body(&m).n + 1); /* some of the peers want a C string */
            memcpy(copy, ps_body(&m).p, ps_body(&m).n);
            copy[ps_body(&m).n] = '\0';
            body[bodies++] = ps_slice(copy, ps_body(&m).n);
        }
}

static void scan_bodies(void)
{
    size_t i, lines = 0;
    for (i = 0; i < bodies; i++) {
        const char *p = body[i].p, *end = p + body[i].n;
        while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
            p++;
            lines++;
        }
    }
    bench_use(lines);
}

static struct ps_sdp sdp;

static void plainsip_sdp(void)
{
    size_t i;
    for (i = 0; i < bodies; i++) {
        struct ps_writer w = ps_writer(out, sizeof out);
        if (ps_sdp_parse(body[i], 0, &sdp, NULL))
            abort();
        ps_sdp_write(&w, &sdp);
        bench_use(w.n);
    }
}

/* Their headers do not go into one file with each other: peers_sdp.c. */
size_t osip_sdp_one(const char *text);
size_t sofia_sdp_one(const char *text, size_t n, char *out, size_t room);

#ifdef PEER_OSIP
static void osip_sdp(void)
{
    size_t i;
    for (i = 0; i < bodies; i++)
        bench_use(osip_sdp_one(body[i].p));
}
#endif

#ifdef PEER_SOFIA
static void sofia_sdp(void)
{
    size_t i;
    for (i = 0; i < bodies; i++)
        bench_use(sofia_sdp_one(body[i].p, body[i].n, out, sizeof out));
}
#endif

int main(int argc, char **argv)
{
    struct bench_case cases[] = {
        {"memchr line scan", scan_lines, 0},
        {"plainsip, the stack's decode", plainsip, 0},
#ifdef PEER_SOFIA
        {"libsofia-sip-ua", sofia, 0},
#endif
#ifdef PEER_OSIP
        {"libosip2", osip, 0},
#endif
#ifdef PEER_RE
        {"libre", re, 0},
#endif
    };
    struct bench_case sdp_cases[] = {
        {"memchr line scan of the bodies", scan_bodies, 0},
        {"plainsip, SDP read and written", plainsip_sdp, 0},
#ifdef PEER_SOFIA
        {"libsofia-sip-ua, the same", sofia_sdp, 0},
#endif
#ifdef PEER_OSIP
        {"libosip2, the same", osip_sdp, 0},
#endif
    };
    int status;
    load_traces();
    find_bodies();
#ifdef PEER_OSIP
    parser_init();
#endif
#ifdef PEER_RE
    {
        size_t i;
        for (i = 0; i < traces; i++) {
            buffers[i] = mbuf_alloc(trace[i].n);
            mbuf_write_mem(buffers[i], (const uint8_t *)trace[i].p, trace[i].n);
        }
    }
#endif
    status = bench(cases, sizeof cases / sizeof cases[0], traces, 1, argc, argv);
    return status ? status
                  : bench(sdp_cases, sizeof sdp_cases / sizeof sdp_cases[0], bodies, 1, argc, argv);
}
