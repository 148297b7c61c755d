/*
 * Shows an application that is a registrar: authenticates each REGISTER and lets the stack keep the
 * bindings. Knows no other request.
 */
#include "registrar.h"

const struct ps_digest_user registrar_user = {
    .username = {"alice", 5}, .realm = {"example.org", 11}, .password = {"secret of alice", 15}};

static const struct ps_digest_user *find_user(void *context,
                                              const struct ps_digest_credentials *credentials)
{
    (void)context;
    return ps_digest_names(credentials, &registrar_user) ? &registrar_user : NULL;
}

static struct ps_digest_bucket nonces;
static struct ps_auth_server auth = {
    .digest = {.realm = {"example.org", 11},
               .nonce_life = 60000,
               .n_offers = 2,
               .offers = {PS_DIGEST_SHA_256, PS_DIGEST_MD5},
               .qop = PS_QOP_AUTH,
               .key = {7, 2, 3, 5},
               .bucket = &nonces,
               .n_buckets = 1},
    .find_user = find_user,
};

enum ps_error registrar_valid(void)
{
    return ps_digest_server_valid(&auth.digest);
}

/* Authenticates before it reads what the REGISTER asks for (10.3). */
void registrar_on_event(struct party *p, const struct ps_event *event)
{
    const struct ps_digest_user *who;
    struct ps_response refusal;
    memset(&refusal, 0, sizeof refusal);
    if (event->kind != PS_EVENT_REQUEST || event->message->method != PS_METHOD_REGISTER)
        story_fail("something else happened at the registrar");
    if (ps_stack_authenticate(p->stack, &auth, event->transaction, &who, &refusal)) {
        story_happened(story_next() == GRANTED ? GRANTED : GRANTED_UNASKED, who == &registrar_user);
        story_must(ps_registrar_register(p->stack, event->transaction));
        return;
    }
    story_happened(CHALLENGED, refusal.status == 401);
    story_must(ps_stack_respond(p->stack, event->transaction, &refusal));
}
