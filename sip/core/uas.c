/*
 * Runs the UAS core: RFC 3261 8.2. See uas.h.
 */
#include "uas.h"

#include "../body.h"
#include "auth_internal.h"
#include "../message/writing.h"

const struct ps_usage *ps_usage_of(const struct ps_environment *env, uint8_t kind)
{
    const struct ps_usage *const *row = env->usages;
    while (*row && (*row)->kind != kind)
        row++;
    return *row;
}

static void *state_of(const struct ps_environment *env, const struct ps_usage *usage)
{
    return env->usage[usage->kind];
}

/* ---- answers ---- */

void ps_uas_answer(struct ps_uas *u, const struct ps_message *m, unsigned status,
                   struct ps_slice tag, struct ps_slice lines)
{
    char own_tag[32];
    struct ps_writer w = ps_writer(u->env->side, u->env->scratch_n);
    struct ps_writer own = ps_writer(own_tag, sizeof own_tag);
    struct ps_response response = {.status = status, .lines = lines};
    size_t room =
        (size_t)m->n * (m->method == PS_METHOD_INVITE ? PS_AMPLIFY_REFUSED : PS_AMPLIFY_REQUEST);
    ps_put_local_tag(&own, u->env, m);
    response.tag = tag.n ? tag : ps_written(&own);
    ps_response_write(&w, u->env->responder, m, u->flow, &response, room);
    if (w.error)
        return;
    u->stateless_flow = *u->flow;
    ps_response_flow(u->env, m, &u->stateless_flow);
    u->env->count.of[PS_COUNT_ANSWERED_STATELESS]++;
    u->stateless = w.n;
}

bool ps_uas_pull(struct ps_uas *u, const struct ps_flow **flow, struct ps_slice *bytes)
{
    if (!u->stateless)
        return false;
    *flow = &u->stateless_flow;
    *bytes = ps_slice(u->env->side, u->stateless);
    u->stateless = 0;
    return true;
}

static void respond(const struct ps_uas *u, ps_handle transaction, unsigned status,
                    struct ps_slice lines)
{
    struct ps_response response = {.status = status, .lines = lines};
    (void)ps_response_finish(u->env->responder, transaction, &response);
}

/* ---- may it be taken? ---- */

/* Is the method taken (8.2.1)? A known one that is not taken gets 405, an unknown one 501. */
static bool method_allowed(const struct ps_uas *u, const struct ps_message *m)
{
    struct ps_slice rest = u->env->can.allow, element;
    if (!rest.n)
        return true;
    while (ps_list_next(&rest, &element))
        if (ps_equal(element, ps_request_method(m)))
            return true;
    return false;
}

/* Returns the types of bodies that are understood in such a message; empty: any. */
static struct ps_slice types_for(const struct ps_environment *env, const struct ps_message *m)
{
    switch (m->status ? m->cseq_method : m->method) {
    case PS_METHOD_INVITE:
    case PS_METHOD_ACK:
    case PS_METHOD_UPDATE:
    case PS_METHOD_PRACK:
        return env->can.accept;
    case PS_METHOD_MESSAGE:
        return m->status ? PS_NONE : env->can.accept_message;
    default:
        return PS_NONE;
    }
}

/* Returns 415 for a body that is not understood (8.2.3), 406 for an INVITE that would not
 * understand ours (20.1), else 0. */
static unsigned refusal_of_body(const struct ps_uas *u, const struct ps_message *m,
                                struct ps_writer *w)
{
    struct ps_slice types = types_for(u->env, m);
    struct ps_content content;
    ps_content_read(&content, m, types);
    if (content.status)
        ps_write_content_accepted(w, &content, types);
    if (!content.status && m->method == PS_METHOD_INVITE && types.n &&
        !ps_content_acceptable(m, types))
        return 406;
    return content.status;
}

/* Returns the status by which a request is refused, and writes the lines that it owes; else 0. */
static unsigned refusal_of(const struct ps_uas *u, const struct ps_message *m, struct ps_writer *w)
{
    if (!method_allowed(u, m)) {
        ps_write_header(w, PS_H_ALLOW, u->env->can.allow);
        return m->method == PS_METHOD_OTHER ? 501 : 405;
    }
    return ps_write_unsupported(w, m, u->env->can.supported) ? 420 : refusal_of_body(u, m, w);
}

void ps_uas_describe(const struct ps_environment *env, struct ps_event *event)
{
    struct ps_content content;
    if (!event->message)
        return;
    ps_content_read(&content, event->message, types_for(env, event->message));
    event->type = content.type;
    event->body = content.body;
}

/* ---- whose is it? ---- */

static bool claimed(const struct ps_uas *u, ps_handle transaction, const struct ps_message *m,
                    struct ps_event *event)
{
    const struct ps_usage *const *row;
    for (row = u->env->usages; *row; row++)
        if ((*row)->claim && (*row)->claim(state_of(u->env, *row), transaction, m, event))
            return true;
    *event = ps_no_event();
    return false;
}

/* Takes an in-dialog request. An unknown dialog gets 481 (12.2.2), unless this is the NOTIFY that
 * makes it (6665 4.4.1). A request out of order gets 500. */
static struct ps_event take_within(const struct ps_uas *u, ps_handle transaction,
                                   const struct ps_message *m)
{
    struct ps_dialog *dialog = ps_dialog_of_request(u->env->dialogs, m);
    const struct ps_usage *usage;
    struct ps_event event;
    if (!dialog) {
        if (!claimed(u, transaction, m, &event))
            respond(u, transaction, 481, PS_NONE);
        return event;
    }
    ps_transaction_prove(u->env->transactions, transaction); /* it knows our tag */
    usage = ps_usage_of(u->env, ps_handle_kind(dialog->owner));
    if (!ps_dialog_in_order(dialog, m))
        respond(u, transaction, 500, PS_NONE);
    else if (usage && usage->request)
        return usage->request(state_of(u->env, usage), dialog, transaction, m);
    else
        respond(u, transaction, 481, PS_NONE);
    return ps_no_event();
}

/* Is it a request that means nothing outside of a dialog (12.2.2; RFC 3262 3, 3311 5.2, 6086 4.2.2,
 * 6665 4.1.3)? */
static bool belongs_to_a_dialog(const struct ps_uas *u, const struct ps_message *m)
{
    return m->method == PS_METHOD_BYE || m->method == PS_METHOD_UPDATE ||
           m->method == PS_METHOD_PRACK || m->method == PS_METHOD_INFO ||
           (m->method == PS_METHOD_NOTIFY && !u->notify_unasked);
}

static struct ps_event take(struct ps_uas *u, ps_handle transaction, const struct ps_message *m)
{
    struct ps_writer w = ps_writer(u->lines, sizeof u->lines);
    struct ps_event event = ps_no_event();
    unsigned status = refusal_of(u, m, &w);
    if (status) {
        respond(u, transaction, status, ps_written(&w));
        return event;
    }
    if (ps_to_tag(m).n && m->method != PS_METHOD_REGISTER) /* 10.2: which stands in no dialog */
        return take_within(u, transaction, m);
    if (claimed(u, transaction, m, &event))
        return event;
    if (belongs_to_a_dialog(u, m)) {
        respond(u, transaction, 481, PS_NONE);
        return event;
    }
    event.kind = PS_EVENT_REQUEST;
    event.transaction = transaction;
    event.message = m;
    return event;
}

/* ---- CANCEL and ACK ---- */

/* Tells the owner of the INVITE. */
static struct ps_event cancelled(const struct ps_uas *u, ps_handle invite)
{
    uint8_t kind = ps_handle_kind(ps_transaction_user(u->env->transactions, invite));
    const struct ps_usage *usage = ps_usage_of(u->env, kind);
    if (!usage || !usage->cancelled)
        return ps_no_event();
    return usage->cancelled(state_of(u->env, usage), invite);
}

/* Answers a CANCEL (9.2): 200 where the INVITE is known, whatever became of it, with the tag of its
 * responses; else 481. */
static struct ps_event cancel(struct ps_uas *u, const struct ps_transaction_event *told,
                              const struct ps_message *m)
{
    char tag[32];
    struct ps_writer w = ps_writer(tag, sizeof tag);
    struct ps_response response = {.status = told->cancelled ? 200 : 481};
    if (told->cancelled)
        ps_transaction_put_tag(&w, u->env->transactions, told->cancelled, m);
    response.tag = ps_written(&w);
    if (!told->transaction)
        ps_uas_answer(u, m, response.status, response.tag, PS_NONE);
    else
        (void)ps_response_finish(u->env->responder, told->transaction, &response);
    return told->cancelled ? cancelled(u, told->cancelled) : ps_no_event();
}

static struct ps_event ack(const struct ps_uas *u, const struct ps_message *m)
{
    struct ps_dialog *dialog = ps_dialog_of_request(u->env->dialogs, m);
    const struct ps_usage *usage =
        dialog ? ps_usage_of(u->env, ps_handle_kind(dialog->owner)) : NULL;
    u->env->count.of[dialog ? PS_COUNT_ACKS : PS_COUNT_DROPPED_ACK_STRAY]++;
    if (!usage || !usage->ack)
        return ps_no_event();
    return usage->ack(state_of(u->env, usage), dialog, m);
}

struct ps_event ps_uas_told(struct ps_uas *u, const struct ps_transaction_event *told,
                            const struct ps_message *m)
{
    switch (told->kind) {
    case PS_TX_REQUEST:
        ps_responder_take(u->env->responder, told->transaction, m);
        return take(u, told->transaction, m);
    case PS_TX_MERGED:
        respond(u, told->transaction, 482, PS_NONE);
        break;
    case PS_TX_CANCEL:
        return cancel(u, told, m);
    case PS_TX_ACK:
        return ack(u, m);
    case PS_TX_REFUSED:
        ps_uas_answer(u, m, told->status, PS_NONE,
                      told->status == 503 ? PS_S("Retry-After: 5\r\n") : PS_NONE);
        break;
    default:
        break;
    }
    return ps_no_event();
}

#ifndef PS_WITHOUT_DIGEST_SERVER
/* ---- who is it? ---- */

/* Makes a refusal with its challenges; a nonce serves the address that it was given to. */
static void refuse(struct ps_uas *u, struct ps_auth_server *server, struct ps_slice binding,
                   enum ps_digest_result result, struct ps_response *refusal)
{
    struct ps_writer w = ps_writer(u->lines, sizeof u->lines);
    memset(refusal, 0, sizeof *refusal);
    refusal->status = result == PS_DIGEST_BAD ? 400 : server->proxy ? 407 : 401;
    if (result != PS_DIGEST_BAD)
        ps_auth_write_challenges(&w, server, u->env, binding,
                                 result == PS_DIGEST_STALE || result == PS_DIGEST_REPLAY);
    refusal->lines = ps_written(&w);
}

bool ps_uas_authenticate(struct ps_uas *u, struct ps_auth_server *server, ps_handle transaction,
                         const struct ps_digest_user **user, struct ps_response *refusal)
{
    struct ps_environment *env = u->env;
    const struct ps_message *m = ps_responder_request(env->responder, transaction);
    const struct ps_flow *flow = ps_transaction_flow(env->transactions, transaction);
    const struct ps_digest_user *found = NULL;
    enum ps_digest_result result = PS_DIGEST_BAD;
    char source[PS_ADDRESS_TEXT];
    struct ps_writer binding = ps_writer(source, sizeof source);
    if (m && flow) {
        ps_put_ip(&binding, &flow->remote, false);
        result = ps_auth_check(server, env, m, ps_written(&binding), &found);
    }
    if (user)
        *user = found;
    if (result != PS_DIGEST_GRANTED) {
        refuse(u, server, ps_written(&binding), result, refusal);
        return false;
    }
    if (found) /* a nonce reaches its address alone */
        ps_transaction_prove(env->transactions, transaction);
    return true;
}
#endif
