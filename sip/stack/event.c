/*
 * Names events and tells who they are from. See ../event.h. Knows no usage.
 */
#include "../event.h"

const char *ps_event_name(enum ps_event_kind kind)
{
    static const char *const names[] = {
        [PS_EVENT_NONE] = "none",
        [PS_EVENT_REQUEST] = "request",
        [PS_EVENT_PROVISIONAL] = "provisional response",
        [PS_EVENT_RESPONSE] = "response",
        [PS_EVENT_CALL_INCOMING] = "call incoming",
        [PS_EVENT_CALL_PROGRESS] = "call progress",
        [PS_EVENT_CALL_ANSWERED] = "call answered",
        [PS_EVENT_CALL_CONFIRMED] = "call confirmed",
        [PS_EVENT_CALL_OFFER] = "call offer",
        [PS_EVENT_CALL_WITHDRAWN] = "call offer withdrawn",
        [PS_EVENT_CALL_ACCEPTED] = "call offer accepted",
        [PS_EVENT_CALL_REFUSED] = "call offer refused",
        [PS_EVENT_CALL_ENDED] = "call ended",
        [PS_EVENT_REGISTERED] = "registered",
        [PS_EVENT_REGISTRATION_FAILED] = "registration failed",
        [PS_EVENT_UNREGISTERED] = "unregistered",
        [PS_EVENT_SUBSCRIBED] = "subscribed",
        [PS_EVENT_NOTIFIED] = "notified",
        [PS_EVENT_SUBSCRIPTION_ENDED] = "subscription ended",
    };
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

bool ps_event_caller(const struct ps_event *event, struct ps_caller *out)
{
    struct ps_name_addr from;
    memset(out, 0, sizeof *out);
    if (!event->message || !ps_is_request(event->message) ||
        ps_name_addr_parse(ps_span_of(event->message, event->message->from), &from))
        return false;
    out->uri = from.uri;
    out->display = from.display;
    return true;
}
