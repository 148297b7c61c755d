/*
 * The stack: one block of memory that an application holds. It is fed with datagrams, the time and
 * the application's calls; ps_stack_pull returns each datagram to send, name to look up and event.
 *
 * Opens nothing, reads no clock, draws no randomness, allocates nothing. Calls back only the trace
 * hook, ps_find_user and ps_serves. A driver (transport/host.h is one) feeds one thing, pulls until
 * PS_ACTION_NONE, then feeds the next, and pulls again at the deadline. Any function may be called
 * between two pulls.
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

/* Checks limits and seed, which ps_stack_init takes as they are. PS_E_ARGUMENT, and `*field` (may
 * be NULL; static) names the first that is wrong: "limits.message_bytes" outside 512 to
 * PS_MAX_MESSAGE; "limits.transactions" of 0 or over 2^24; with calls, "limits.per_source" or
 * "limits.dialogs" of 0; "limits.kept" without a chunk; a "seed" of zeros. */
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

/* Makes a stack in a block of `n` bytes, aligned for any object. NULL where the block is smaller
 * than ps_stack_size, or message_bytes is over PS_MAX_MESSAGE; nothing else is checked
 * (ps_stack_check). The block is borrowed for as long as the stack is used; there is nothing to
 * release. */
static inline struct ps_stack *ps_stack_init(void *block, size_t n, const struct ps_config *config)
{
    return PS_STACK_LIMITED(block, n, config);
}

/* ---- for the driver ---- */

/* Feeds a datagram that came on `flow`. A malformed message is counted, and answered where the RFC
 * wants that (8.2, 18.3): PS_OK. PS_E_STATE where the one before is not pulled empty. `now` is in
 * ms; bytes are borrowed until the next pull that gives PS_ACTION_NONE, the flow for the call. */
enum ps_error ps_stack_receive(struct ps_stack *s, uint64_t now, const struct ps_flow *flow,
                               struct ps_slice bytes);

/* Answers a PS_ACTION_RESOLVE, at once or later, each of them once: one flow for each address, in
 * the order in which to try them; those past PS_MAX_ADDRESSES are not used. `n` is 0 where there is
 * no address or no route. Copied. A request that has ended meanwhile is fine. */
void ps_stack_resolved(struct ps_stack *s, ps_handle request, const struct ps_flow *flows,
                       unsigned n);

/* Reports that the PS_ACTION_SEND of `transaction` could not be sent (17.1.4); or, with a
 * transaction of 0, that an ICMP error came for `remote` (18.4). Handled by the next pulls. Past
 * eight that wait, a report is only counted, and the transaction's timers end it. `remote` is
 * copied. */
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

/* Takes the next thing to do. False, with PS_ACTION_NONE, where nothing is left until the deadline.
 * `now` is in ms. */
bool ps_stack_pull(struct ps_stack *s, uint64_t now, struct ps_action *action);

/* Takes the next message to send, and nothing else. So it may be called while an event is handled:
 * a 180 then leaves before the 200 that replaces it. False where none waits. */
bool ps_stack_pull_send(struct ps_stack *s, struct ps_action *action);

/* Returns the time (ms) at which to pull again at the latest: the earliest timer's; PS_NEVER
 * without one. */
uint64_t ps_stack_deadline(const struct ps_stack *s);

/* Sets the time (ms). Timers count from the last time that the stack was given, so call this before
 * any function that is called neither for an event nor right after a pull. */
void ps_stack_set_now(struct ps_stack *s, uint64_t now);

/* ---- for the application; calls, registrations, subscriptions: call.h, ... ---- */

/* Sends a request outside of any dialog (OPTIONS, MESSAGE, ...). PS_EVENT_RESPONSE brings its final
 * response and releases `*out`. Errors of ps_uri_parse, PS_E_SCHEME where the URI is no sip or sips
 * URI; PS_E_INJECTION, PS_E_OVERFLOW, PS_E_TOO_LARGE, PS_E_FULL: then no event follows. */
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

/* Answers a PS_EVENT_REQUEST. A refusal (300 to 699) that finds no room is shortened; where even
 * that finds none, its transaction is abandoned: PS_OK. PS_E_STALE, PS_E_STATE (it has a final
 * response), PS_E_INJECTION; for a 1xx or 2xx also PS_E_OVERFLOW, PS_E_TOO_LARGE, PS_E_FULL: it
 * still waits. */
enum ps_error ps_stack_respond(struct ps_stack *s, ps_handle transaction,
                               const struct ps_response *response);

#ifndef PS_WITHOUT_DIGEST_SERVER
/* Checks the credentials of the request that waits as `transaction` (22). True: it may pass, and
 * `*user` (may be NULL) is the one whom find_user returned; NULL for an ACK or CANCEL, which need
 * no credentials (22.1). False: `*refusal` is the 401, 407 or 400 to send, by ps_stack_respond or
 * ps_call_reject; its lines are borrowed until the next call into the stack. */
bool ps_stack_authenticate(struct ps_stack *s, struct ps_auth_server *server, ps_handle transaction,
                           const struct ps_digest_user **user, struct ps_response *refusal);
#endif

/* ---- to look at ---- */

/* Returns the counts of what has happened so far. */
const struct ps_counters *ps_stack_counters(const struct ps_stack *s);

/* Returns how many transactions, requests, dialogs, ... are in use. */
struct ps_stack_live ps_stack_live(const struct ps_stack *s);

/* Writes the limits in force, those of the build and those of this stack with how many live, one
 * "name value" a line. */
void ps_stack_report(struct ps_writer *w, const struct ps_stack *s);

#ifdef __cplusplus
}
#endif
#endif
