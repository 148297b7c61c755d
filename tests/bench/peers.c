/*
 * `make bench-peers`: the captured messages through other parsers of SIP in the same run, as far as
 * they are installed (libosip2-dev, libsofia-sip-ua-dev, libre-dev), as multiples of ours. Each does
 * what its own stack does with a datagram that came in, and frees what it made of it.
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
    load_traces();
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
    return bench(cases, sizeof cases / sizeof cases[0], traces, 1, argc, argv);
}
