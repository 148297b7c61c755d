/*
 * Runs a registrar that redirects. See service.h.
 */
#define _POSIX_C_SOURCE 200809L /* gmtime_r */
#include "service.h"

#include <string.h>
#include <time.h>

#include "cli.h"

void app_service_open(struct app_service *s)
{
    ps_registrar_set_domain(s->stack, app_domains_serve, &s->domains);
    app_auth_serve(s->auth, &s->domains);
}

static bool is_sip(struct ps_slice text, struct ps_uri *uri)
{
    return !ps_uri_parse(text, uri, NULL) && uri->scheme <= PS_SCHEME_SIPS;
}

/* Finds the user whose name is the user part of the URI, unescaped; the domain does not matter. */
static const struct ps_digest_user *find_user(const struct app_service *s, const struct ps_uri *uri)
{
    char name[PS_DIGEST_MAX_VALUE];
    struct ps_writer w = ps_writer(name, sizeof name);
    struct ps_slice user = app_plain_user(uri->user, &w);
    return user.n ? app_auth_find(s->auth, user) : NULL;
}

/* Authenticates a REGISTER and checks that the user may change these bindings (10.3 steps 3, 4).
 * Fills the refusal where not. */
static bool may_register(struct app_service *s, const struct ps_event *event,
                         struct ps_response *response)
{
    const struct ps_message *m = event->message;
    const struct ps_digest_user *user;
    struct ps_uri to;
    if (!ps_stack_authenticate(s->stack, &s->auth->server, event->transaction, &user, response))
        return false;
    response->status = 0;
    if (!is_sip(ps_span_of(m, m->to_uri), &to) || !app_domains_serve(&s->domains, &to))
        return true; /* the registrar refuses it (10.3 step 5) */
    if (find_user(s, &to) == user)
        return true;
    response->status = 403; /* a user, but not the owner of this address of record */
    return false;
}

/* Answers with every Contact, the best first, or with 480 where there is none. The stack sends only
 * as many as are safe to send to a source address that may be forged. */
static void redirect(struct app_service *s, const struct ps_event *event,
                     struct ps_response *response)
{
    static char text[PS_MAX_MESSAGE];
    const struct ps_message *m = event->message;
    struct ps_writer w = ps_writer(text, sizeof text);
    struct ps_uri uri;
    if (!is_sip(ps_request_uri(m), &uri) || !app_domains_asked(&s->domains, &uri) ||
        !find_user(s, &uri)) {
        response->status = 404;
        return;
    }
    response->status =
        ps_registrar_contacts(s->stack, ps_request_uri(m), true, sizeof text, &w) ? 302 : 480;
    response->lines = ps_written(&w);
}

/* Tells whether a request is for the server itself, as OPTIONS pings are. */
static bool for_us(struct app_service *s, const struct ps_message *m)
{
    struct ps_uri uri;
    return m->method == PS_METHOD_OPTIONS && is_sip(ps_request_uri(m), &uri) && !uri.user.n &&
           app_domains_asked(&s->domains, &uri);
}

/* Registers, and adds a Date for phones without a clock of their own (10.3 step 8). */
static void do_register(struct app_service *s, const struct ps_event *event)
{
    char date[32];
    time_t now = time(NULL);
    struct tm utc;
    size_t n =
        gmtime_r(&now, &utc) ? strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc) : 0;
    (void)ps_registrar_set_date(s->stack, ps_slice(date, n));
    (void)ps_registrar_register(s->stack, event->transaction);
}

static void on_request(struct app_service *s, const struct ps_event *event)
{
    const struct ps_message *m = event->message;
    struct ps_response response;
    memset(&response, 0, sizeof response);
    if (m->method == PS_METHOD_REGISTER) {
        if (may_register(s, event, &response)) {
            do_register(s, event);
            return;
        }
    } else if (for_us(s, m)) {
        response.status = 200;
        response.lines = PS_S("Allow: REGISTER, INVITE, ACK, CANCEL, OPTIONS\r\n");
    } else {
        redirect(s, event, &response);
    }
    (void)ps_stack_respond(s->stack, event->transaction, &response);
}

static void on_call(struct app_service *s, const struct ps_event *event)
{
    struct ps_response response;
    memset(&response, 0, sizeof response);
    redirect(s, event, &response);
    (void)ps_call_reject(s->stack, event->call, response.status, response.lines);
}

void app_service_event(struct app_service *s, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REQUEST)
        on_request(s, event);
    else if (event->kind == PS_EVENT_CALL_INCOMING)
        on_call(s, event);
}
