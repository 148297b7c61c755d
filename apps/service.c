/*
 * A registrar that redirects. See service.h.
 */
#include "service.h"

#include <string.h>

#include "cli.h"

/* The user part of a URI, unescaped; false where it has none that can be a user's name. */
static bool user_of(struct ps_slice text, struct ps_writer *name)
{
    struct ps_uri uri;
    if (ps_uri_parse(text, &uri, NULL) || uri.scheme > PS_SCHEME_SIPS || !uri.user.n)
        return false;
    (void)app_plain_user(uri.user, name);
    return !name->error;
}

static const struct ps_digest_user *find_user(const struct app_service *s, struct ps_slice uri)
{
    char name[PS_DIGEST_MAX_VALUE];
    struct ps_writer w = ps_writer(name, sizeof name);
    return user_of(uri, &w) ? app_auth_find(s->auth, ps_written(&w)) : NULL;
}

/* What answers a REGISTER before the registrar does: who is it, and may they (10.3 steps 3, 4)? */
static bool may_register(struct app_service *s, const struct ps_message *m, struct ps_response *response)
{
    const struct ps_digest_user *user;
    if (!ps_stack_authenticate(s->stack, &s->auth->server, m, &user, response))
        return false;
    response->status = 0;
    if (find_user(s, ps_span_of(m, m->to_uri)) == user)
        return true;
    response->status = 403; /* somebody, but not the owner of this address of record */
    return false;
}

static void redirect(struct app_service *s, const struct ps_message *m, struct ps_response *response,
                     char *text, size_t n)
{
    struct ps_writer w = ps_writer(text, n);
    struct ps_slice uri = ps_request_uri(m);
    if (!find_user(s, uri)) {
        response->status = 404;
        return;
    }
    response->status =
        ps_registrar_contacts(ps_stack_registrar(s->stack), uri, true, SIZE_MAX, &w) ? 302 : 480;
    response->lines = ps_written(&w);
}

/* A request for the server itself, as OPTIONS pings are. */
static bool for_us(const struct ps_message *m)
{
    struct ps_uri uri;
    return m->method == PS_METHOD_OPTIONS && !ps_uri_parse(ps_request_uri(m), &uri, NULL) &&
           !uri.user.n;
}

static void on_request(struct app_service *s, const struct ps_event *event)
{
    static char text[16384];
    const struct ps_message *m = event->message;
    struct ps_response response;
    memset(&response, 0, sizeof response);
    if (m->method == PS_METHOD_REGISTER) {
        if (may_register(s, m, &response)) {
            (void)ps_stack_register(s->stack, event->transaction, m);
            return;
        }
    } else if (for_us(m)) {
        response.status = 200;
        response.lines = PS_S("Allow: REGISTER, INVITE, ACK, CANCEL, OPTIONS\r\n");
    } else {
        redirect(s, m, &response, text, sizeof text);
    }
    (void)ps_stack_respond(s->stack, event->transaction, &response);
}

static void on_call(struct app_service *s, const struct ps_event *event)
{
    static char text[16384];
    struct ps_response response;
    memset(&response, 0, sizeof response);
    redirect(s, event->message, &response, text, sizeof text);
    (void)ps_call_reject(ps_stack_calls(s->stack), event->call, response.status,
                         response.lines);
}

void app_service_event(struct app_service *s, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REQUEST)
        on_request(s, event);
    else if (event->kind == PS_EVENT_CALL_INCOMING)
        on_call(s, event);
}
