/*
 * Keeps registrations as client: RFC 3261 10.2. See registration.h.
 */
#include "../registration.h"

#include "rows.h"

/* Sets the wait after a failure that may pass: 30 s, doubled up to half an hour (in the spirit of
 * RFC 5626 4.5), but never less than a Retry-After. */
#define RETRY_FIRST 30
#define RETRY_LAST 1800

struct ps_registration {
    struct ps_object object;
    struct ps_account *account;
    void *user;
    struct ps_kept draft; /* the REGISTER: its Call-ID and From tag stay (10.2) */
    ps_handle request;
    struct ps_slice contact_params; /* the application's */
    uint32_t cseq, expires, retry;
    bool stopping, stop_wanted;
    bool replacing; /* the REGISTER that runs names the address by which we are seen */
    /* while it does: when the binding of the REGISTER before ends (ms), and how we were seen
     * then */
    uint64_t until;
    struct ps_address seen, seen_from;
    struct ps_timer timer;
};

struct ps_registrations {
    struct ps_environment *env;
    struct ps_requests *requests;
    struct ps_pool pool;
    struct ps_message index;
};

static struct ps_registrations *registrations_of(const struct ps_stack *stack)
{
    return (struct ps_registrations *)ps_environment_look(stack)->usage[PS_KIND_REGISTRATION];
}

static struct ps_registration *get(const struct ps_registrations *r, ps_handle handle)
{
    return ps_pool_get(&r->pool, handle);
}

ps_handle ps_registration_next(const struct ps_stack *stack, ps_handle after)
{
    const struct ps_registrations *r = registrations_of(stack);
    const struct ps_registration *registration = ps_pool_next(&r->pool, after);
    return registration ? ps_pool_handle(&r->pool, registration) : 0;
}

/* Sends the kept REGISTER with the next CSeq, in place of a request that still runs. */
static enum ps_error send_register(struct ps_registrations *r, struct ps_registration *registration)
{
    static const struct ps_parse_options draft = {.draft = true};
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    struct ps_edit edit = {.cseq = ++registration->cseq};
    struct ps_request_options options = {
        .account = registration->account,
        .owner = ps_pool_handle(&r->pool, registration),
        .contact = registration->replacing ? PS_CONTACT_REPLACE : PS_CONTACT_EXPIRES,
        .expires = registration->stopping ? 0 : registration->expires,
        .contact_params = registration->contact_params,
        .follow_redirects = true,
        .proxied = true};
    enum ps_error error =
        ps_message_parse(&r->index, registration->draft.p, registration->draft.n, &draft, NULL);
    if (error)
        return error;
    ps_write_copy(&w, &r->index, &edit);
    ps_request_end(r->requests, registration->request);
    registration->request = 0;
    error = w.error
                ? w.error
                : ps_request_start(r->requests, &options, ps_written(&w), &registration->request);
    if (!error)
        ps_timer_stop(&r->env->timers, &registration->timer);
    return error;
}

static void end(struct ps_registrations *r, ps_handle handle)
{
    struct ps_registration *registration = get(r, handle);
    if (!registration)
        return;
    ps_request_end(r->requests, registration->request);
    ps_timer_stop(&r->env->timers, &registration->timer);
    ps_forget(&r->env->store, &registration->draft);
    ps_pool_give(&r->pool, registration);
}

enum ps_error ps_registration_start(struct ps_stack *stack,
                                    const struct ps_registration_options *options, ps_handle *out)
{
    struct ps_registrations *r = registrations_of(stack);
    struct ps_writer w = ps_writer(r->env->scratch, r->env->scratch_n);
    struct ps_registration *registration;
    struct ps_uri uri;
    enum ps_error error = ps_uri_parse(options->registrar, &uri, NULL);
    if (error || uri.scheme > PS_SCHEME_SIPS)
        return error ? error : PS_E_SCHEME;
    registration = ps_pool_take(&r->pool);
    if (!registration)
        return PS_E_FULL;
    registration->account = options->account;
    registration->user = options->user;
    registration->expires = options->expires;
    registration->contact_params = options->contact_params;
    registration->retry = RETRY_FIRST;
    registration->timer.kind = PS_KIND_REGISTRATION;
    ps_write_new_request(&w, r->env, registration->account, PS_S("REGISTER"), options->registrar,
                         registration->account->aor);
    ps_write_lines(&w, options->lines);
    ps_write_body(&w, PS_NONE, PS_NONE);
    error = w.error
                ? w.error
                : ps_transaction_keep(r->env->transactions, ps_written(&w), &registration->draft);
    if (!error)
        error = send_register(r, registration);
    *out = ps_pool_handle(&r->pool, registration);
    if (error)
        end(r, *out);
    return error;
}

void ps_registration_end(struct ps_stack *stack, ps_handle registration)
{
    end(registrations_of(stack), registration);
}

enum ps_error ps_registration_refresh(struct ps_stack *stack, ps_handle handle)
{
    struct ps_registrations *r = registrations_of(stack);
    struct ps_registration *registration = get(r, handle);
    if (!registration)
        return PS_E_STALE;
    return registration->request || registration->stopping ? PS_E_STATE
                                                           : send_register(r, registration);
}

enum ps_error ps_registration_stop(struct ps_stack *stack, ps_handle handle)
{
    struct ps_registrations *r = registrations_of(stack);
    struct ps_registration *registration = get(r, handle);
    enum ps_error error = PS_OK;
    if (!registration)
        return PS_E_STALE;
    if (registration->stopping)
        return PS_OK;
    registration->stopping = true;
    if (registration->request) /* 10.2: no new REGISTER before the last one's end */
        registration->stop_wanted = true;
    else
        error = send_register(r, registration);
    registration->stopping = !error;
    return error;
}

static struct ps_event make_event(const struct ps_registrations *r,
                                  const struct ps_registration *registration,
                                  enum ps_event_kind kind, unsigned status,
                                  const struct ps_message *m)
{
    struct ps_event event = ps_no_event();
    event.kind = kind;
    event.registration = ps_pool_handle(&r->pool, registration);
    event.user = registration->user;
    event.status = status;
    event.message = m;
    return event;
}

/* Returns the granted time (10.2.4): our own Contact's expires, else the header's, else what we
 * wanted. Seconds. */
static uint32_t granted(const struct ps_registrations *r,
                        const struct ps_registration *registration, const struct ps_message *m)
{
    const struct ps_flow *flow = ps_request_flow(r->requests, registration->request);
    struct ps_values values = ps_values(m, PS_H_CONTACT);
    struct ps_slice element, value;
    struct ps_name_addr contact;
    struct ps_uri ours, uri;
    char text[512];
    struct ps_writer w = ps_writer(text, sizeof text);
    uint32_t seconds;
    if (!flow)
        return registration->expires;
    ps_put_contact_uri(&w, registration->account, flow);
    while (!ps_uri_parse(ps_written(&w), &ours, NULL) && ps_values_next(&values, &element)) {
        if (ps_name_addr_parse(element, &contact) || ps_uri_parse(contact.uri, &uri, NULL) ||
            !ps_uri_equal(&ours, &uri, NULL))
            continue;
        if (ps_param_find(contact.params, PS_S("expires"), &value) &&
            !ps_parse_u32(value, UINT32_MAX, &seconds))
            return seconds;
        break;
    }
    return ps_header_number(m, PS_H_EXPIRES, registration->expires);
}

/* Returns when to refresh: a tenth before the end, at least 5 s where there is that much. A
 * registrar that granted nothing is asked again as after a failure, not at once and for ever.
 * Milliseconds. */
static uint64_t refresh_after(uint32_t seconds)
{
    uint32_t margin = seconds / 10;
    if (!seconds)
        return RETRY_FIRST * 1000;
    if (margin < 5)
        margin = seconds > 10 ? 5 : seconds / 2;
    return (uint64_t)(seconds - margin) * 1000;
}

/* Notes how the registrar saw us (RFC 3581 4, 18.2.1). True where that is news: a NAT stands
 * between, or does so no more. */
static bool note_seen(struct ps_registration *registration, const struct ps_flow *flow,
                      const struct ps_message *m)
{
    struct ps_account *account = registration->account;
    struct ps_address seen = flow->local;
    struct ps_via via;
    bool had = account->seen.family != PS_FAMILY_NONE &&
               ps_address_equal(&account->seen_from, &flow->local);
    ps_top_via(m, &via);
    if (via.received.n && !ps_ip_parse(via.received, &seen))
        seen.port = flow->local.port;
    if (via.rport)
        seen.port = via.rport;
    if (ps_address_equal(&seen, had ? &account->seen : &flow->local))
        return false;
    if (!registration->replacing) {
        registration->seen = account->seen;
        registration->seen_from = account->seen_from;
    }
    account->seen = seen;
    account->seen_from = flow->local;
    return true;
}

/* Goes back to the first REGISTER, where there is no second: we are reached as the first one
 * says. */
static void put_back(struct ps_registration *registration)
{
    registration->account->seen = registration->seen;
    registration->account->seen_from = registration->seen_from;
    registration->replacing = false;
}

/* Tells of a binding that stands for so many seconds from now, and waits for its refresh. */
static struct ps_event stands_for(struct ps_registrations *r, struct ps_registration *registration,
                                  uint32_t seconds, uint64_t wait, unsigned status,
                                  const struct ps_message *m)
{
    struct ps_event event = make_event(r, registration, PS_EVENT_REGISTERED, status, m);
    event.expires = seconds;
    registration->retry = RETRY_FIRST;
    if (registration->expires) /* else this was a removal (10.2.2): there is nothing to refresh */
        ps_timer_start(&r->env->timers, &registration->timer, r->env->now + wait);
    return event;
}

/* Registers once more, by the address by which we are seen. */
static bool replace(struct ps_registrations *r, struct ps_registration *registration,
                    uint32_t seconds)
{
    registration->replacing = true;
    registration->until = r->env->now + (uint64_t)seconds * 1000;
    if (!send_register(r, registration))
        return true;
    put_back(registration);
    return false;
}

static struct ps_event registered(struct ps_registrations *r, struct ps_registration *registration,
                                  unsigned status, const struct ps_message *m)
{
    const struct ps_flow *flow = ps_request_flow(r->requests, registration->request);
    uint32_t seconds = granted(r, registration, m);
    bool news = flow && note_seen(registration, flow, m);
    if (news && !registration->replacing && replace(r, registration, seconds))
        return ps_no_event();
    /* once: an address that changes each time is no use to anyone */
    registration->replacing = false;
    return stands_for(r, registration, seconds, refresh_after(seconds), status, m);
}

/* Tells of the first binding, where the second REGISTER behind a NAT is refused. It stands, and
 * refreshes go on with it. */
static struct ps_event first_stands(struct ps_registrations *r,
                                    struct ps_registration *registration, uint32_t retry_after)
{
    uint32_t seconds = (uint32_t)((registration->until - r->env->now) / 1000);
    uint64_t wait = refresh_after(seconds), least = (uint64_t)retry_after * 1000;
    return stands_for(r, registration, seconds, wait < least ? least : wait, 200, NULL);
}

/* May a refusal pass? One with a Retry-After says so itself (20.33). So may others: nobody answered
 * (10.2.7, 21.4.8), the way there is wrong just now (480, 482, 483), or somebody's transactions
 * cross (486, 487, 491). So may trouble of the server (21.5), unless it does not know what we say.
 * All others answer what we ask: 401 and 407 credentials that are not to be tried again (22.2), 403
 * and 404 by their definition (21.4.4, 21.4.5), 6xx everywhere. */
static bool may_pass(unsigned status, uint32_t retry_after)
{
    if (retry_after)
        return true;
    if (status >= 500 && status < 600)
        return status != 501 && status != 505 && status != 513;
    return status == 408 || status == 480 || status == 482 || status == 483 || status == 486 ||
           status == 487 || status == 491;
}

static struct ps_event tried_again(struct ps_registrations *r, struct ps_registration *registration,
                                   uint32_t retry_after, unsigned status,
                                   const struct ps_message *m)
{
    struct ps_event event = make_event(r, registration, PS_EVENT_REGISTRATION_FAILED, status, m);
    event.retry_in = retry_after < registration->retry ? registration->retry : retry_after;
    ps_timer_start(&r->env->timers, &registration->timer,
                   r->env->now + (uint64_t)event.retry_in * 1000);
    registration->retry =
        registration->retry * 2 > RETRY_LAST ? RETRY_LAST : registration->retry * 2;
    return event;
}

/* Handles a refusal. After a 423 we ask for what the registrar demands, after what may pass we ask
 * later; the rest is the owner's turn. */
static struct ps_event failed(struct ps_registrations *r, struct ps_registration *registration,
                              unsigned status, const struct ps_message *m)
{
    uint32_t least = m ? ps_header_number(m, PS_H_MIN_EXPIRES, 0) : 0;
    uint32_t retry_after = m ? ps_header_number(m, PS_H_RETRY_AFTER, 0) : 0; /* 20.33 */
    bool stands;
    if (status == 423 && least > registration->expires) {
        registration->expires = least;
        if (!send_register(r, registration))
            return ps_no_event();
        status = 503; /* it is we who cannot, just now */
        m = NULL;
    }
    stands = registration->replacing && registration->until > r->env->now;
    if (registration->replacing)
        put_back(registration);
    if (stands)
        return first_stands(r, registration, retry_after);
    return may_pass(status, retry_after)
               ? tried_again(r, registration, retry_after, status, m)
               : make_event(r, registration, PS_EVENT_REGISTRATION_FAILED, status, m);
}

static struct ps_event on_response(void *state, const struct ps_request_event *event,
                                   const struct ps_message *m, const struct ps_flow *source)
{
    struct ps_registrations *r = state;
    struct ps_registration *registration = get(r, event->owner);
    struct ps_event told = ps_no_event();
    enum ps_event_kind kind;
    (void)source;
    if (!registration || event->request != registration->request ||
        event->outcome != PS_REQUEST_FINAL)
        return told;
    registration->cseq = ps_request_cseq(r->requests, registration->request);
    if (registration->stopping && !registration->stop_wanted) {
        kind = event->status < 300 ? PS_EVENT_UNREGISTERED : PS_EVENT_REGISTRATION_FAILED;
        told = make_event(r, registration, kind, event->status, m);
        end(r, told.registration);
        return told;
    }
    if (registration->stop_wanted) {
        registration->stop_wanted = false;
        if (send_register(r, registration)) {
            told = make_event(r, registration, PS_EVENT_REGISTRATION_FAILED, 503, NULL);
            end(r, event->owner);
        }
        return told;
    }
    told = event->status < 300 ? registered(r, registration, event->status, m)
                               : failed(r, registration, event->status, m);
    if (told.kind != PS_EVENT_NONE) {
        ps_request_end(r->requests, registration->request);
        registration->request = 0;
    }
    return told;
}

static struct ps_event on_time(void *state, struct ps_timer *timer)
{
    struct ps_registrations *r = state;
    struct ps_registration *registration = PS_CONTAINER(struct ps_registration, timer, timer);
    if (send_register(r, registration))
        return failed(r, registration, 503, NULL);
    return ps_no_event();
}

/* ---- the row ---- */

static void *make_state(struct ps_arena *arena, struct ps_environment *env, uint32_t count)
{
    struct ps_registrations *r = ps_arena_take(arena, sizeof *r);
    struct ps_pool pool;
    ps_pool_init(&pool, arena, PS_KIND_REGISTRATION, sizeof(struct ps_registration), count);
    if (!r)
        return NULL;
    memset(r, 0, sizeof *r);
    r->env = env;
    r->requests = env->requests;
    r->pool = pool;
    return r;
}

static uint32_t count_live(const void *state)
{
    return ((const struct ps_registrations *)state)->pool.live;
}

const struct ps_usage ps_registration_usage = {
    .name = "registrations",
    .kind = PS_KIND_REGISTRATION,
    .limit = offsetof(struct ps_limits, registrations),
    .living = offsetof(struct ps_stack_live, registrations),
    .init = make_state,
    .live = count_live,
    .expire = on_time,
    .response = on_response,
};
