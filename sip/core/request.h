/*
 * Takes client requests from a draft (all but Via and Contact) to their one final response: RFC
 * 3261 8.1, the UAC core. Finds the way (asks for addresses), starts the transaction, answers
 * challenges (22), follows redirections (8.1.3.4), tries the next address, cancels (9.1). Also
 * carries the ACK to a 2xx, which has no transaction.
 *
 * Knows nothing of calls and registrations: each request carries its owner's handle.
 */
#ifndef PS_REQUEST_H
#define PS_REQUEST_H

#include "../account.h"
#include "auth_internal.h"
#include "dialog.h"
#include "../event.h"
#include "../transaction/transaction.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_requests; /* opaque; lives in the stack's block */

struct ps_requests *ps_requests_init(struct ps_arena *arena, struct ps_environment *env,
                                     uint32_t count);

enum ps_contact_kind {
    PS_CONTACT_NONE,
    PS_CONTACT_PLAIN,   /* <sip:user@local> */
    PS_CONTACT_EXPIRES, /* the same with ;expires= (REGISTER) */
    PS_CONTACT_REPLACE, /* likewise, and the one by our local address is removed */
    PS_CONTACT_STAR     /* "*", removing every binding */
};

/* Says how a request is sent. */
struct ps_request_options {
    struct ps_account *account;
    ps_handle owner;  /* whose handle comes back in events; 0: the application's own */
    ps_handle dialog; /* within this dialog (its CSeq counts on), or 0 */
    void *user;       /* for the application's own */
    uint8_t contact;  /* enum ps_contact_kind */
    uint32_t expires; /* for PS_CONTACT_EXPIRES, seconds */
    struct ps_slice contact_params; /* of the Contact, each with its ";"; borrowed for its life */
    bool follow_redirects;          /* 3xx: try the Contacts in turn */
    bool proxied;                   /* outside dialogs: to account->proxy where there is one */
    bool alone;                     /* nobody hears what becomes of it, and it ends by itself */
    bool once;                      /* goes out one time: whoever it goes to has not shown itself */
    const struct ps_flow *way;      /* where it goes, whatever its next hop says; NULL: looked up */
    struct ps_slice next_hop;       /* within a dialog: its next hop's URI; else {NULL, 0} */
};

/* Sends a request: `draft` is the whole message without Via and Contact; copied. */
enum ps_error ps_request_start(struct ps_requests *r, const struct ps_request_options *options,
                               struct ps_slice draft, ps_handle *out);

/* Cancels an INVITE (9.1): sends a CANCEL now, or once a provisional is there, or none when the
 * INVITE was not even sent. Its final (487, or a 2xx that crossed) comes as an event. PS_E_STATE
 * after the final and for other methods. */
enum ps_error ps_request_cancel(struct ps_requests *r, ps_handle request);

/* Keeps a request whose final was a 491 (14.1), and tells its owner PS_REQUEST_DUE after `delay`,
 * in milliseconds. */
void ps_request_wait(struct ps_requests *r, ps_handle request, uint32_t delay);
/* Sends another draft in the place of a request that is due, with the options of its start. The
 * draft may stand in the scratch buffer. On an error the request is as it was. */
enum ps_error ps_request_renew(struct ps_requests *r, ps_handle request, struct ps_slice next_hop,
                               struct ps_slice draft);

/* Sends an ACK's bytes again, or tries to send what has not been sent yet. */
void ps_request_repeat(struct ps_requests *r, ps_handle request);
/* Has an ACK gone out? */
bool ps_request_ack_sent(const struct ps_requests *r, ps_handle request);
/* Keeps a dialog with its INVITE until no 2xx can come. A 2xx of a fork made it and nobody wanted
 * it, but its retransmissions find their ACK in it. False where the INVITE has its share of them:
 * then the dialog is ended. */
bool ps_request_keep_fork(struct ps_requests *r, ps_handle request, struct ps_dialog *dialog);

/* Forgets a request; a running transaction goes on alone. Does nothing for a stale handle. */
void ps_request_end(struct ps_requests *r, ps_handle request);

/* Returns the owner's handle, 0 where the request is gone. */
ps_handle ps_request_owner(const struct ps_requests *r, ps_handle request);
void ps_request_disown(struct ps_requests *r, ps_handle request);
/* Returns its last draft, all but Via and Contact; NULL where it is gone. Borrowed until the
 * next call. */
const struct ps_message *ps_request_draft(struct ps_requests *r, ps_handle request);
/* Has the draft a body (an offer)? */
bool ps_request_has_body(struct ps_requests *r, ps_handle request);
/* Writes what its owner gave beside the head, for the same request with another head: the header
 * lines that no dialog and no try writes, and the body. Nothing where it is gone. */
void ps_request_write_rest(struct ps_requests *r, ps_handle request, struct ps_writer *w);
/* Writes the Authorization and Proxy-Authorization lines that it was last sent with, for the ACK
 * (22.1). */
void ps_request_write_credentials(struct ps_requests *r, ps_handle request, struct ps_writer *w);
struct ps_account *ps_request_account(const struct ps_requests *r, ps_handle request);
/* Returns the CSeq that it was last sent with; an owner counts on from it. */
uint32_t ps_request_cseq(const struct ps_requests *r, ps_handle request);
/* Returns the flow it was last sent on; NULL where it has none. */
const struct ps_flow *ps_request_flow(const struct ps_requests *r, ps_handle request);

/* Says what became of a request. Then it is its owner's turn. */
enum ps_request_outcome {
    PS_REQUEST_NOTHING,
    PS_REQUEST_PROVISIONAL,
    PS_REQUEST_FINAL, /* INVITE 2xx: may come again, and from several forks */
    PS_REQUEST_GONE,  /* INVITE: no 2xx can come any more (Timer M is over) */
    PS_REQUEST_DUE    /* the delay of ps_request_wait is over */
};
struct ps_request_event {
    enum ps_request_outcome outcome;
    ps_handle request, owner;
    unsigned status;
    uint8_t method;
    bool unsent; /* it failed before any of it went out */
    bool no_way; /* its next hop cannot be reached */
};

/* Says what a transaction's event means to its client request, if it is one's. `m` is the response
 * or NULL. */
struct ps_request_event ps_requests_event(struct ps_requests *r,
                                          const struct ps_transaction_event *event,
                                          const struct ps_message *m);
struct ps_request_event ps_requests_expire(struct ps_requests *r, struct ps_timer *timer);

/* Takes the driver's answer to PS_RESOLVE: flows to try in turn, none where the name has no
 * address. The outcome is handled at the next pull. */
void ps_requests_resolved(struct ps_requests *r, ps_handle request, const struct ps_flow *flows,
                          unsigned n);

/* Takes the next request that wants a step to be made; false when none does. PS_WORK_NONE: the step
 * may have left a message with the transactions. Bytes and names are borrowed until the next call
 * into this layer. */
enum ps_request_work { PS_WORK_NONE, PS_WORK_RESOLVE, PS_WORK_SEND, PS_WORK_EVENT };
struct ps_request_pull {
    enum ps_request_work work;
    ps_handle request;
    struct ps_next_hop hop;     /* PS_WORK_RESOLVE */
    const struct ps_flow *flow; /* PS_WORK_SEND: an ACK */
    struct ps_slice bytes;
    bool again;
    struct ps_request_event event; /* PS_WORK_EVENT */
};
bool ps_requests_pull(struct ps_requests *r, struct ps_request_pull *out);

/* Writes the head of a request outside of any dialog (8.1.1): request line, Max-Forwards, From with
 * a new tag, To, a new Call-ID, CSeq 1. */
void ps_write_new_request(struct ps_writer *w, struct ps_environment *env,
                          const struct ps_account *account, struct ps_slice method,
                          struct ps_slice uri, struct ps_slice to);

/* Writes the URI of a Contact by which `account` (may be NULL) is reached on a flow (8.1.1.8): our
 * end of the flow, or that end as a registrar has seen it (account->seen). */
void ps_put_contact_uri(struct ps_writer *w, const struct ps_account *account,
                        const struct ps_flow *flow);

/* Returns the application's pointer of a request. */
void *ps_request_user(const struct ps_requests *r, ps_handle request);
uint32_t ps_requests_live(const struct ps_requests *r);

#ifdef __cplusplus
}
#endif
#endif
