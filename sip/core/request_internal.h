/*
 * Declares what request_draft.c, request.c and request_again.c share: the shape of a request, and
 * its draft.
 */
#ifndef PS_REQUEST_INTERNAL_H
#define PS_REQUEST_INTERNAL_H

#include "request.h"

enum ps_request_state {
    PS_DRAFT,     /* wants a way to its target */
    PS_RESOLVING, /* the driver was asked */
    PS_ROUTED,    /* wants to be sent */
    PS_RUNNING,   /* a transaction has it */
    PS_FAILED,    /* wants to tell its owner `failure` */
    PS_DONE,      /* the final response was told */
    PS_WAITING,   /* the same, and its owner will want to try again */
    PS_ACK_SENT,  /* an ACK: kept to be sent again */
    PS_ACK_UNSENT /* an ACK that found no way or no room: tried again with its 2xx */
};

struct ps_request {
    struct ps_object object;
    struct ps_request *next_pending;
    bool pending, repeat;
    uint8_t state, method, contact;
    uint8_t flows, current; /* flow[current] is in use */
    uint8_t redirects, visits;
    bool follow_redirects, proxied, alone;
    bool cancel_wanted, cancelled, guarded;
    bool sent;               /* a transaction has had it */
    bool once;               /* goes out one time, without retransmissions */
    bool fixed;              /* its way was given with it */
    uint64_t cancel_end;     /* ms: the final response is awaited no longer (9.1) */
    struct ps_dialog *forks; /* of an INVITE: dialogs of 2xx that nobody wanted */
    uint16_t failure;
    uint32_t expires, cseq;
    ps_handle owner, dialog, transaction;
    void *user;
    struct ps_account *account;
    struct ps_slice contact_params;
    struct ps_digest_attempt attempt;
    struct ps_kept draft;        /* without Via and Contact; an ACK: as it was sent */
    struct ps_kept next_hop;     /* within a dialog */
    struct ps_kept alternatives; /* a comma list of Contacts that 3xx have named (8.1.3.4) */
    struct ps_timer timer;
    struct ps_flow flow[PS_MAX_ADDRESSES];
    uint64_t visited[PS_MAX_REDIRECTS + 1]; /* hashes of the URIs that it went to (8.1.3.4) */
};

/* Bounds the credentials of one request: a few realms. Bytes. */
#define CREDENTIALS_BYTES 4096

struct ps_requests {
    struct ps_environment *env;
    struct ps_transactions *transactions;
    struct ps_dialogs *dialogs;
    struct ps_pool pool;
    struct ps_request *first, *last; /* pending, in the order in which they became so */
    ps_handle spent; /* an ACK alone, sent: forgotten when its bytes are not needed more */
    char *credentials;
    struct ps_message index;
    const struct ps_request *indexed; /* whose draft that is of; NULL: of something else */
};

/* Returns the living request of a handle, or NULL. */
struct ps_request *ps_request_get(const struct ps_requests *r, ps_handle handle);

/* Puts it once into the queue of those that want to be pulled. */
void ps_request_set_pending(struct ps_requests *r, struct ps_request *request);

/* Indexes the draft. Borrowed until the next call of this, of ps_request_index_other, of
 * ps_request_keep, or of ps_request_start. */
const struct ps_message *ps_request_index(struct ps_requests *r, const struct ps_request *request);
/* Indexes another message in its place; borrowed likewise. */
enum ps_error ps_request_index_other(struct ps_requests *r, struct ps_slice bytes);

/* Keeps `bytes` in place of what `kept` holds; on an error that stays. */
enum ps_error ps_request_keep(struct ps_requests *r, struct ps_kept *kept, struct ps_slice bytes);

/* Writes the draft with changes and keeps that instead. */
enum ps_error ps_request_edit(struct ps_requests *r, struct ps_request *request,
                              const struct ps_edit *edit);

/* Does another try take the place of this final response? `m` is NULL for one made here. */
bool ps_request_try_again(struct ps_requests *r, struct ps_request *request, unsigned status,
                          const struct ps_message *m);

#endif
