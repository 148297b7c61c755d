/*
 * One transaction layer, or one whole stack, under test in virtual time: what it is fed, what it
 * sends and what its user hears, each with its millisecond. The test is the other side, and the
 * transactions' user or the stack's application.
 */
#ifndef SUT_H
#define SUT_H

#include "sip/base/timer.h"
#include "sip/machines.h"
#include "sip/stack.h"
#include "sip/transaction/transaction.h"

enum { SUT_LOG = 4096, SUT_TEXT = 2048 };

struct sut_sent {
    uint64_t at;
    struct ps_flow flow;
    ps_handle transaction;
    bool again;
    size_t n;
    char text[SUT_TEXT];
};

struct sut_heard {
    uint64_t at;
    struct ps_transaction_event event;
};

struct sut;
/* The application: may do what it likes with the event's call or transaction. */
typedef void (*sut_application)(struct sut *s, const struct ps_event *event);

struct sut {
    struct ps_stack *stack; /* NULL: the transactions alone */
    struct ps_account account;
    sut_application application;
    struct {
        uint64_t at;
        struct ps_event event; /* its message is gone */
    } event[SUT_LOG];
    unsigned event_n;
    /* the transactions; of a stack, only env.now counts */
    struct ps_environment env;
    struct ps_transactions *t;
    void *block;
    struct ps_flow flow; /* its own end and the tester's: where requests go and come from */
    unsigned sent_n, heard_n;
    struct sut_sent *sent;
    struct sut_heard heard[SUT_LOG];
    char trace[SUT_LOG][96]; /* "ict calling -> proceeding on 1xx (17.1.1.2)" */
    unsigned trace_n;
};

/* Defaults of RFC 3261, `transactions` of them, size classes for as many messages. */
void sut_start(struct sut *s, uint32_t transactions);
/* A whole stack, <sip:b@192.0.2.1>, whose application is called for each event (may be NULL). Names
 * and addresses it asks for all lead to the flow's remote end. */
void sut_start_stack(struct sut *s, sut_application application);
/* How many events of a kind the application has had. */
unsigned sut_events(const struct sut *s, enum ps_event_kind kind);
/* The last one of that kind; fails the test where there was none. */
const struct ps_event *sut_event(const struct sut *s, enum ps_event_kind kind);
/* After `quiet` ms more nothing may be left: no transaction, timer, kept byte. */
void sut_end(struct sut *s, uint64_t quiet);
void sut_free(struct sut *s);
/* Lets time pass: each timer at its time, everything sent pulled. */
void sut_run(struct sut *s, uint64_t until);
/* Pulls what is to be sent now. */
void sut_pull(struct sut *s);

/* Feeds the text of a message from the flow's remote end; what it sends is pulled. */
struct ps_transaction_event sut_feed(struct sut *s, struct ps_slice text);
struct ps_transaction_event sut_feed_from(struct sut *s, struct ps_slice text,
                                          const struct ps_flow *flow);

/* The texts of requests and responses. Static storage, until the next of the same function. */
struct sut_request {
    const char *method, *uri, *via, *from_tag, *to_tag, *call_id, *lines; /* NULL: a default */
    unsigned cseq;
    const char *cseq_method, *cseq_text, *max_forwards, *body;
};
/* via: what follows "SIP/2.0/UDP " ("192.0.2.2:5060;branch=z9hG4bKtester"). */
struct ps_slice sut_request_text(const struct sut_request *r);
/* A response to a request text. */
struct ps_slice sut_response_text(struct ps_slice request, unsigned status, const char *to_tag);

/* The user starts a client transaction, with our Via in front: its handle. */
ps_handle sut_send(struct sut *s, const char *method, const char *branch);
/* The user answers on a server transaction. */
enum ps_error sut_respond(struct sut *s, ps_handle transaction, unsigned status);

/* How many messages whose text begins with `start` were sent, and at which times. */
unsigned sut_count(const struct sut *s, const char *start);
/* Fails the test unless those were sent at just these times (ms), each the same octets, each the
 * same way. */
void sut_expect_sent(const struct sut *s, const char *start, const uint64_t *at, unsigned n);
#define SUT_SENT_AT(s, start, ...)                                                                 \
    do {                                                                                           \
        static const uint64_t sut_at[] = {__VA_ARGS__};                                            \
        sut_expect_sent(s, start, sut_at, sizeof sut_at / sizeof *sut_at);                         \
    } while (0)
/* How many events of a kind the user has heard. */
unsigned sut_heard(const struct sut *s, enum ps_transaction_event_kind kind);
struct ps_slice sut_sent_text(const struct sut *s, unsigned i);
/* The last message sent. */
struct ps_slice sut_last(const struct sut *s);
/* The value of a header of a message. */
struct ps_slice sut_header(struct ps_slice text, enum ps_header_id id);

#endif
