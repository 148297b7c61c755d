/*
 * Dialogs: RFC 3261 section 12. Made from a request and a response, found by Call-ID and tags;
 * they know the route set, the remote target and both CSeqs, and write the head of a request.
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

/* 12.1.1: as server, from the request; `local_tag` goes into every response, empty where the To has
 * ours already (a NOTIFY). NULL: PS_E_FULL. */
struct ps_dialog *ps_dialog_from_request(struct ps_dialogs *d, const struct ps_message *request,
                                         struct ps_slice local_tag);

/* 12.1.2: as client, from the response to our request. */
struct ps_dialog *ps_dialog_from_response(struct ps_dialogs *d, const struct ps_message *response);

/* A 2xx makes it confirmed, and computes the route set anew from it (13.2.2.4). */
enum ps_error ps_dialog_confirm(struct ps_dialogs *d, struct ps_dialog *dialog,
                                const struct ps_message *response);

/* 12.2.2, RFC 6141: the same in two steps, for a request that may still be refused: `*made` is the
 * dialog as it will be, to be put in its place, or given back. */
enum ps_error ps_dialog_prepare(struct ps_dialogs *d, const struct ps_dialog *dialog,
                                const struct ps_message *m, struct ps_dialog *made);
void ps_dialog_replace(struct ps_dialogs *d, struct ps_dialog *dialog, struct ps_dialog *made);
void ps_dialog_discard(struct ps_dialogs *d, struct ps_dialog *made);

/* 12.2.1.2, 12.2.2: target refresh: the message's Contact becomes the remote target. Without one
 * nothing changes. */
enum ps_error ps_dialog_refresh(struct ps_dialogs *d, struct ps_dialog *dialog,
                                const struct ps_message *m);

void ps_dialog_end(struct ps_dialogs *d, struct ps_dialog *dialog);

/* 12.2.2: the dialog that a request belongs to, NULL where there is none. */
struct ps_dialog *ps_dialog_of_request(const struct ps_dialogs *d,
                                       const struct ps_message *request);
/* 12.2.1.2: likewise for a response to a request of ours. */
struct ps_dialog *ps_dialog_of_response(const struct ps_dialogs *d,
                                        const struct ps_message *response);
/* RFC 6665 4.4.1: the dialog made from our own request (ps_dialog_from_response takes a draft, too)
 * that a first NOTIFY answers: by Call-ID and our tag alone. */
struct ps_dialog *ps_dialog_waiting(const struct ps_dialogs *d, const struct ps_message *request);
struct ps_dialog *ps_dialog_get(const struct ps_dialogs *d, ps_handle handle);
ps_handle ps_dialog_handle(const struct ps_dialogs *d, const struct ps_dialog *dialog);

/* 12.2.2: is the request's CSeq above the last one's? Then it is noted. ACK and CANCEL pass. */
bool ps_dialog_in_order(struct ps_dialog *dialog, const struct ps_message *request);

/* A part of the dialog's text. */
struct ps_slice ps_dialog_part(const struct ps_dialog *dialog, struct ps_span part);

/*
 * 12.2.1.1: the head of a request within the dialog, without Via and Contact: request line, Route,
 * Max-Forwards, From, To, Call-ID, CSeq. `cseq` 0 takes the next one.
 */
void ps_dialog_write_request(struct ps_writer *w, struct ps_dialog *dialog, struct ps_slice method,
                             uint32_t cseq);

/* Where such a request goes: the first Route's URI, else the remote target. */
struct ps_slice ps_dialog_next_hop(const struct ps_dialog *dialog);

/* Does a sips URI stand in the way of its requests: as remote target, or as first Route? */
bool ps_dialog_is_secure(const struct ps_dialog *dialog);

/* How many one INVITE may have beside its call's, so that a far end that forks without end leaves
 * the others theirs. */
uint32_t ps_dialogs_share(const struct ps_dialogs *d);
uint32_t ps_dialogs_live(const struct ps_dialogs *d);

#ifdef __cplusplus
}
#endif
#endif
