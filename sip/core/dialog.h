/*
 * Keeps dialogs: RFC 3261 section 12. They are made from a request and a response, and found by
 * Call-ID and tags. They know the route set, the remote target and both CSeqs, and write the head
 * of a request.
 *
 * Knows no usage (calls, subscriptions): each dialog carries its owner's handle and asks nothing.
 */
#ifndef PS_DIALOG_H
#define PS_DIALOG_H

#include "../base/environment.h"
#include "../message.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ps_dialog {
    struct ps_object object;
    struct ps_dialog *next_in_bucket;
    struct ps_dialog *next_of_owner; /* the owner's list: several early dialogs of one INVITE */
    ps_handle owner;
    ps_handle ack;        /* the owner's: the ACK to the last 2xx of this dialog, a request */
    uint32_t local_cseq;  /* of the last request that we sent */
    uint32_t remote_cseq; /* of the last one received, where remote_cseq_known (12.2.2) */
    uint32_t invite_cseq; /* of the INVITE that an ACK acknowledges */
    uint32_t bucket;      /* where it is found */
    bool remote_cseq_known;
    bool confirmed;
    struct ps_kept text; /* the parts below, one after the other */
    struct ps_span call_id;
    struct ps_span local, local_tag;   /* whole From of our requests; its tag */
    struct ps_span remote, remote_tag; /* whole To of our requests */
    struct ps_span target;             /* remote target URI */
    struct ps_span routes;             /* the route set, a comma list in sending order */
};

struct ps_dialogs; /* opaque; lives in the stack's block */

struct ps_dialogs *ps_dialogs_init(struct ps_arena *arena, struct ps_environment *env,
                                   uint32_t count);

/* Makes a dialog as server, from the request (12.1.1). `local_tag` goes into every response; it is
 * empty where the To has our tag already (a NOTIFY). NULL where there is no room. */
struct ps_dialog *ps_dialog_from_request(struct ps_dialogs *d, const struct ps_message *request,
                                         struct ps_slice local_tag);

/* Makes a dialog as client, from the response to our request (12.1.2). NULL likewise. */
struct ps_dialog *ps_dialog_from_response(struct ps_dialogs *d, const struct ps_message *response);

/* Confirms a dialog by a 2xx, and computes its route set again from that (13.2.2.4). */
enum ps_error ps_dialog_confirm(struct ps_dialogs *d, struct ps_dialog *dialog,
                                const struct ps_message *response);

/* Prepares a change by a request that may still be refused (12.2.2, RFC 6141). `*made` is the
 * dialog as it will be: put it in its place, or give it back. */
enum ps_error ps_dialog_prepare(struct ps_dialogs *d, const struct ps_dialog *dialog,
                                const struct ps_message *m, struct ps_dialog *made);
void ps_dialog_replace(struct ps_dialogs *d, struct ps_dialog *dialog, struct ps_dialog *made);
void ps_dialog_discard(struct ps_dialogs *d, struct ps_dialog *made);

/* Refreshes the target: the message's Contact becomes the remote target (12.2.1.2, 12.2.2). Without
 * a Contact nothing changes. */
enum ps_error ps_dialog_refresh(struct ps_dialogs *d, struct ps_dialog *dialog,
                                const struct ps_message *m);

void ps_dialog_end(struct ps_dialogs *d, struct ps_dialog *dialog);

/* Finds the dialog that a request belongs to (12.2.2), NULL where there is none. */
struct ps_dialog *ps_dialog_of_request(const struct ps_dialogs *d,
                                       const struct ps_message *request);
/* Finds the dialog of a response to a request of ours (12.2.1.2), NULL likewise. */
struct ps_dialog *ps_dialog_of_response(const struct ps_dialogs *d,
                                        const struct ps_message *response);
/* Finds the dialog that a first NOTIFY answers, by Call-ID and our tag alone (RFC 6665 4.4.1). It
 * was made from our own request: ps_dialog_from_response takes a draft, too. */
struct ps_dialog *ps_dialog_waiting(const struct ps_dialogs *d, const struct ps_message *request);
struct ps_dialog *ps_dialog_get(const struct ps_dialogs *d, ps_handle handle);
ps_handle ps_dialog_handle(const struct ps_dialogs *d, const struct ps_dialog *dialog);

/* Is the request's CSeq above the last one's (12.2.2)? Then notes it. ACK and CANCEL pass. */
bool ps_dialog_in_order(struct ps_dialog *dialog, const struct ps_message *request);

/* Returns a part of the dialog's text; borrowed from the dialog. */
struct ps_slice ps_dialog_part(const struct ps_dialog *dialog, struct ps_span part);

/*
 * Writes the head of an in-dialog request, without Via and Contact: request line, Route,
 * Max-Forwards, From, To, Call-ID, CSeq (12.2.1.1). `cseq` 0 takes the next one.
 */
void ps_dialog_write_request(struct ps_writer *w, struct ps_dialog *dialog, struct ps_slice method,
                             uint32_t cseq);

/* Returns where such a request goes: to the first Route's URI, else to the remote target. */
struct ps_slice ps_dialog_next_hop(const struct ps_dialog *dialog);

/* Does a sips URI stand in the way of its requests: as remote target, or as first Route? */
bool ps_dialog_is_secure(const struct ps_dialog *dialog);

/* Returns how many dialogs one INVITE may have beside its call's, so that a far end that forks
 * without end leaves the others theirs. */
uint32_t ps_dialogs_share(const struct ps_dialogs *d);
uint32_t ps_dialogs_live(const struct ps_dialogs *d);

#ifdef __cplusplus
}
#endif
#endif
