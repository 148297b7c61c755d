/*
 * Acts for `answer` and `call` alike. See session.h.
 */
#include "session.h"

#include <string.h>

#include "endpoint.h"
#include "escape.h"

#define ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, MESSAGE, INFO, NOTIFY, SUBSCRIBE"

void app_session_config(struct ps_config *config)
{
    config->allow = PS_S(ALLOW);
    config->accept = APP_SDP;
    config->accept_message = PS_S("text/plain");
}

void app_session_end(struct app_session *s)
{
    app_media_end(&s->media);
}

/* ---- offers ---- */

/* Says in a 488 what is wrong with the offer (20.43). */
static void put_warning(struct ps_writer *w, const struct ps_address *agent, unsigned code)
{
    ps_put(w, PS_S("Warning: "));
    ps_put_number(w, code);
    ps_put_char(w, ' ');
    ps_put_address(w, agent);
    ps_put_string(w, code == 304   ? " \"Media type not available\"\r\n"
                     : code == 305 ? " \"Incompatible media format\"\r\n"
                                   : " \"The session description cannot be used\"\r\n");
}

unsigned app_session_take(struct app_session *s, struct ps_stack *calls, ps_handle call,
                          struct ps_writer *lines)
{
    struct ps_slice offer = ps_call_offer(calls, call), body;
    enum ps_error error;
    s->ours = !offer.n;
    error = s->ours ? app_media_offer(&s->media, &s->local, PS_SDP_SENDRECV, &body)
                    : app_media_answer(&s->media, &s->local, offer, &body);
    if (error) {
        put_warning(lines, &s->local, app_media_warning(error, offer));
        return 488;
    }
    return ps_call_answer(calls, call, APP_SDP, body) ? 500 : 0;
}

void app_session_offered(struct app_session *s, struct ps_stack *calls,
                         const struct ps_event *event)
{
    char text[APP_REFUSAL_LINES];
    struct ps_writer lines = ps_writer(text, sizeof text);
    unsigned refusal;
    if (event->message->method == PS_METHOD_UPDATE && !event->body.n) {
        (void)ps_call_answer(calls, event->call, PS_NONE, PS_NONE); /* RFC 3311 5.2: a refresh */
        return;
    }
    refusal = app_session_take(s, calls, event->call, &lines);
    if (refusal)
        (void)ps_call_reject(calls, event->call, refusal, ps_written(&lines));
}

void app_session_confirmed(struct app_session *s, const struct ps_event *event)
{
    if (s->ours && event->body.n)
        (void)app_media_accept(&s->media, event->body); /* else the session stays as it was */
    app_media_withdraw(&s->media);
    s->ours = false;
}

/* ---- other requests ---- */

void app_session_asked(struct ps_stack *stack, const struct ps_account *account, unsigned invited,
                       const struct ps_event *event)
{
    struct ps_response response;
    memset(&response, 0, sizeof response);
    response.status = 200;
    switch (event->message->method) {
    case PS_METHOD_OPTIONS: /* within a call it does not ask whether another call would be taken */
        app_tell_abilities(stack, event->transaction, event->call ? 200 : invited, account,
                           PS_S(ALLOW), PS_S("application/sdp, text/plain"));
        return;
    case PS_METHOD_SUBSCRIBE:
        response.status = 489; /* RFC 6665 4.2.1.1: no package is known */
        break;
    case PS_METHOD_MESSAGE:
        printf("message ");
        app_print(stdout, event->body);
        putchar('\n');
        fflush(stdout);
        break;
    default:
        break;
    }
    (void)ps_stack_respond(stack, event->transaction, &response);
}
