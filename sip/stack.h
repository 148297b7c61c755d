/*
 * The stack: what an application holds. One block of memory, fed with datagrams, the time and the
 * application's wishes, and pulled for what is to be sent, looked up, and told.
 *
 * Sans-I/O: it opens nothing, reads no clock, draws no randomness, allocates nothing, calls nothing
 * back but the trace hook and the look-up of users. The rule for a driver (transport/host.h is
 * one): feed one thing, then pull until PS_ACTION_NONE, then feed the next; come back at the
 * deadline. Any function may be called between two pulls.
 *
 * Times are milliseconds from any start, and never go back.
 */
#ifndef PS_STACK_H
#define PS_STACK_H

#include "auth.h"
#include "call.h"
#include "capacity.h"
#include "observe.h"
#include "registrar.h"
#include "registration.h"
#include "subscription.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of randomness that a stack begins with. */
#define PS_SEED 32

struct ps_config {
    struct ps_limits limits;
    uint64_t now;
    uint8_t seed[PS_SEED];      /* random and secret: tags, branches and hash keys come of it */
    uint32_t t1, t2, t4;        /* ms; 0: 500, 4000, 5000 (17.1.1.1, 17.1.2.2) */
    struct ps_account *account; /* who answers calls that come in; borrowed, may be NULL */
    struct ps_slice allow;  /* methods answered, "INVITE, ACK, ..."; borrowed; empty: no check */
    struct ps_slice server; /* Server header; borrowed; may be empty */
    /* An INVITE is told wherever requests to its sender would go: for who takes no calls, as a
     * redirect server does (8.3). */
    bool any_next_hop;
    /* A NOTIFY without a subscription comes as PS_EVENT_REQUEST, as some servers send for voice
     * mail; else it gets 481 (RFC 6665 4.1.3). */
    bool notify_unasked;
    uint8_t transports; /* by which next hops can be reached, 1 << enum ps_transport; 0: UDP */
    /* Lists for headers, borrowed; empty: none is written, nothing is checked (8.2.2.3, 8.2.3). */
    struct ps_slice supported; /* option tags understood, "replaces, timer": Supported */
    struct ps_slice accept;    /* types of session descriptions understood: "application/sdp" */
    struct ps_slice accept_message; /* types of MESSAGE bodies understood: "text/plain" */
    ps_trace_function trace;        /* may be NULL */
    void *trace_context;
};

struct ps_stack;

/* Checks the whole of it: PS_E_ARGUMENT, and `*field` (may be NULL) names what is wrong, a static
 * text: "limits.per_source" of 0 would answer every INVITE with 503, no "limits.kept" with 513, a
 * "limits.message_bytes" under 512 with nothing, and a "seed" of zeros would be known to
 * everybody. */
enum ps_error ps_stack_check(const struct ps_config *config, const char **field);

/* Bytes of the block that a stack of these limits needs. */
size_t ps_stack_size(const struct ps_limits *limits);

/* Under this name the next one links (limits.h): a configuration, an account, a bound contact and a
 * block have these limits in them. */
#define PS_STACK_LIMITED                                                                           \
    PS_LIMITED(                                                                                    \
        PS_LIMITED(PS_LIMITED(ps_stack_init, PS_MAX_HEADERS), PS_SIZE_CLASSES),                    \
        PS_LIMITED(PS_LIMITED(PS_DIGEST_SESSION_TEXT, PS_DIGEST_MAX_SESSIONS), PS_MAX_CONTACTS))
struct ps_stack *PS_STACK_LIMITED(void *block, size_t n, const struct ps_config *config);

/* Makes a stack in the caller's block, aligned for any object, which it uses until the caller
 * takes it back: there is nothing to release. NULL where the block is too small, or message_bytes
 * too large. */
static inline struct ps_stack *ps_stack_init(void *block, size_t n, const struct ps_config *config)
{
    return PS_STACK_LIMITED(block, n, config);
}

/* ---- for the driver ---- */

/* A datagram came on a flow. Bytes are borrowed until the next pull that gives PS_ACTION_NONE.
 * PS_E_STATE: the last one is not pulled empty. What is wrong with a message is counted, and
 * answered where that is owed. */
enum ps_error ps_stack_receive(struct ps_stack *s, uint64_t now, const struct ps_flow *flow,
                               struct ps_slice bytes);

/* The answer to PS_ACTION_RESOLVE: flows to the addresses, in the order in which they are to be
 * tried (at most PS_MAX_ADDRESSES are); none where there is no address or no way. */
void ps_stack_resolved(struct ps_stack *s, ps_handle request, const struct ps_flow *flows,
                       unsigned n);

/* Tells that the PS_ACTION_SEND of `transaction` could not be sent; or, with 0, an ICMP error
 * came for `remote`. Handled at the next pulls; more than eight between two pulls are forgotten and
 * counted: the timers of their transactions see to them. */
void ps_stack_failed(struct ps_stack *s, ps_handle transaction, const struct ps_address *remote);

enum ps_action_kind { PS_ACTION_NONE, PS_ACTION_SEND, PS_ACTION_RESOLVE, PS_ACTION_EVENT };

/* Everything in it is borrowed until the next pull. */
struct ps_action {
    enum ps_action_kind kind;
    /* PS_ACTION_SEND */
    const struct ps_flow *flow;
    struct ps_slice bytes;
    ps_handle transaction; /* for ps_stack_failed; 0 where none */
    bool again;            /* a retransmission */
    /* PS_ACTION_RESOLVE: asks for flows to hop's host (a name or an address) */
    ps_handle request;
    struct ps_next_hop hop;
    /* PS_ACTION_EVENT */
    struct ps_event event;
};

/* The next thing to do. False, with PS_ACTION_NONE, when there is nothing until the deadline. */
bool ps_stack_pull(struct ps_stack *s, uint64_t now, struct ps_action *action);

/* The same for messages to send alone: nothing else happens, so it may be called while an event is
 * being handled, to let a 180 out before its 200. */
bool ps_stack_pull_send(struct ps_stack *s, struct ps_action *action);

/* When to pull again at the latest; PS_NEVER. */
uint64_t ps_stack_deadline(const struct ps_stack *s);

/* Tells the time before wishes that are made neither for an event nor right after a pull: what they
 * start counts from the last time told. */
void ps_stack_set_now(struct ps_stack *s, uint64_t now);

/* ---- for the application; calls, registrations, subscriptions: call.h, ... ---- */

/* A request outside of any dialog (OPTIONS, MESSAGE, ...). Its final comes as PS_EVENT_RESPONSE. */
struct ps_request_to_send {
    struct ps_account *account; /* borrowed until the final response */
    struct ps_slice method;
    struct ps_slice uri;   /* Request-URI and To; copied, as all below */
    struct ps_slice lines; /* further headers, whole lines with CRLF */
    struct ps_slice type, body;
    bool contact; /* with a Contact of ours */
    void *user;
};
enum ps_error ps_stack_request(struct ps_stack *s, const struct ps_request_to_send *request,
                               ps_handle *out);

/* Answers a PS_EVENT_REQUEST. A refusal (300 to 699) that finds no room is shortened, and in the
 * end given up: PS_OK. Errors of a 2xx: see ps_response_send; the request waits on. */
enum ps_error ps_stack_respond(struct ps_stack *s, ps_handle transaction,
                               const struct ps_response *response);

#ifndef PS_WITHOUT_DIGEST_SERVER
/* 22: may the request that waits as `transaction` pass? If not, `*refusal` is the answer to give
 * (401, 407 or 400, with its lines, borrowed until the next call): by ps_stack_respond or
 * ps_call_reject. `*user` (may be NULL) is who it is. ACK and CANCEL pass without a user (22.1). */
bool ps_stack_authenticate(struct ps_stack *s, struct ps_auth_server *server, ps_handle transaction,
                           const struct ps_digest_user **user, struct ps_response *refusal);
#endif

/* ---- to look at ---- */

/* Returns the counts of what has happened so far. */
const struct ps_counters *ps_stack_counters(const struct ps_stack *s);

/* Returns what lives. */
struct ps_stack_live ps_stack_live(const struct ps_stack *s);

/* Writes the limits in force, those of the build and those of this stack with how many live, one
 * "name value" a line. */
void ps_stack_report(struct ps_writer *w, const struct ps_stack *s);

#ifdef __cplusplus
}
#endif
#endif
