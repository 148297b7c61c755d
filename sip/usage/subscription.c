/*
 * Keeps subscriptions as subscriber: RFC 6665 4.1. See subscription.h.
 */
#include "../subscription.h"

#include "../core/responder.h"
#include "rows.h"

/* Waits to subscribe again where the notifier gives no time, or said "at once" twice running. */
#define AGAIN_SECONDS 30

/* Waits between a refresh that failed and the next, at least. */
#define REFRESH_SECONDS 5

enum state {
    STARTING, /* SUBSCRIBE is out, or its 2xx waits for the first NOTIFY */
    ACTIVE,   /* the notifier has made its dialog */
    STOPPING, /* unsubscribed: waits for the last NOTIFY */
    PAUSED    /* terminated by the notifier, to be subscribed again */
};

struct ps_subscription {
    struct ps_object object;
    struct ps_account *account;
    void *user;
    struct ps_kept text; /* target, event and accept, one after the other */
    struct ps_span target, event, accept;
    struct ps_dialog *dialog; /* without remote tag until the first NOTIFY; NULL while it pauses */
    ps_handle request;        /* the SUBSCRIBE that runs */
    uint8_t state;            /* enum state */
    bool stop_wanted;         /* before there was a dialog to do it in */
    bool terminated;          /* by a NOTIFY, but the SUBSCRIBE has no final yet */
    bool again;               /* subscribed again, and not refreshed since */
    uint32_t expires;         /* wanted, seconds */
    uint32_t granted;         /* by the last 2xx, seconds; before one: as wanted */
    uint64_t until;           /* ms: when it ends unless it is refreshed */
    struct ps_timer timer;    /* STARTING, STOPPING: Timer N; ACTIVE: refresh; PAUSED: next try */
};

struct ps_subscriptions {
    struct ps_environment *env;
    struct ps_dialogs *dialogs;
    struct ps_requests *requests;
    struct ps_responder *responder;
    struct ps_pool pool;
};

static struct ps_subscriptions *subscriptions_of(const struct ps_stack *stack)
{
    return (struct ps_subscriptions *)ps_environment_look(stack)->usage[PS_KIND_SUBSCRIPTION];
}

static struct ps_subscription *get(const struct ps_subscriptions *s, ps_handle handle)
{
    return ps_pool_get(&s->pool, handle);
}

ps_handle ps_subscription_next(const struct ps_stack *stack, ps_handle after)
{
    const struct ps_subscriptions *s = subscriptions_of(stack);
    const struct ps_subscription *subscription = ps_pool_next(&s->pool, after);
    return subscription ? ps_pool_handle(&s->pool, subscription) : 0;
}

static struct ps_slice part(const struct ps_subscription *subscription, struct ps_span span)
{
    return ps_slice(subscription->text.p + span.at, span.n);
}

static struct ps_event make_event(const struct ps_subscriptions *s,
                                  const struct ps_subscription *subscription,
                                  enum ps_event_kind kind, unsigned status,
                                  const struct ps_message *m)
{
    struct ps_event event = ps_no_event();
    event.kind = kind;
    event.subscription = ps_pool_handle(&s->pool, subscription);
    event.user = subscription->user;
    event.status = status;
    event.message = m;
    return event;
}

static void drop_dialog(struct ps_subscriptions *s, struct ps_subscription *subscription)
{
    if (subscription->dialog)
        ps_dialog_end(s->dialogs, subscription->dialog);
    subscription->dialog = NULL;
}

static void end(struct ps_subscriptions *s, ps_handle handle)
{
    struct ps_subscription *subscription = get(s, handle);
    if (!subscription)
        return;
    ps_request_end(s->requests, subscription->request);
    drop_dialog(s, subscription);
    ps_timer_stop(&s->env->timers, &subscription->timer);
    ps_forget(&s->env->store, &subscription->text);
    ps_pool_give(&s->pool, subscription);
}

static struct ps_event ended(struct ps_subscriptions *s, struct ps_subscription *subscription,
                             unsigned status, const struct ps_message *m)
{
    struct ps_event event = make_event(s, subscription, PS_EVENT_SUBSCRIPTION_ENDED, status, m);
    end(s, event.subscription);
    return event;
}

static void start_timer(struct ps_subscriptions *s, struct ps_subscription *subscription,
                        uint64_t ms)
{
    ps_timer_start(&s->env->timers, &subscription->timer, s->env->now + ms);
}

/* Returns Timer N (4.1.2.4). Milliseconds. */
static uint64_t timer_n(const struct ps_subscriptions *s)
{
    return 64 * (uint64_t)s->env->t1;
}

/* ---- SUBSCRIBE ---- */

/* Writes what follows the head of each SUBSCRIBE (4.1.2). */
static void write_rest(struct ps_writer *w, const struct ps_subscription *subscription,
                       uint32_t expires)
{
    ps_write_header(w, PS_H_EVENT, part(subscription, subscription->event));
    if (subscription->accept.n)
        ps_write_header(w, PS_H_ACCEPT, part(subscription, subscription->accept));
    ps_write_header_number(w, PS_H_EXPIRES, expires);
    ps_write_body(w, PS_NONE, PS_NONE);
}

/* Sends what is written in place of the last request, whose outcome does not matter any more. */
static enum ps_error send(struct ps_subscriptions *s, struct ps_subscription *subscription,
                          struct ps_request_options *options, const struct ps_writer *w)
{
    options->account = subscription->account;
    options->owner = ps_pool_handle(&s->pool, subscription);
    options->contact = PS_CONTACT_PLAIN;
    ps_request_end(s->requests, subscription->request);
    subscription->request = 0;
    return w->error ? w->error
                    : ps_request_start(s->requests, options, ps_written(w), &subscription->request);
}

/* Subscribes outside of any dialog. A dialog whose remote end has no tag yet will know the first
 * NOTIFY. */
static enum ps_error subscribe(struct ps_subscriptions *s, struct ps_subscription *subscription)
{
    struct ps_request_options options = {.follow_redirects = true, .proxied = true};
    struct ps_writer w = ps_writer(s->env->scratch, s->env->scratch_n);
    enum ps_error error;
    ps_write_new_request(&w, s->env, subscription->account, PS_S("SUBSCRIBE"),
                         part(subscription, subscription->target),
                         part(subscription, subscription->target));
    write_rest(&w, subscription, subscription->expires);
    error = send(s, subscription, &options, &w);
    if (error)
        return error;
    drop_dialog(s, subscription);
    subscription->dialog =
        ps_dialog_from_response(s->dialogs, ps_request_draft(s->requests, subscription->request));
    if (!subscription->dialog)
        return PS_E_FULL;
    subscription->dialog->owner = ps_pool_handle(&s->pool, subscription);
    subscription->state = STARTING;
    subscription->terminated = false;
    subscription->granted = subscription->expires;
    ps_timer_stop(&s->env->timers, &subscription->timer);
    return PS_OK;
}

/* Subscribes within its dialog (4.1.2.2, 4.1.2.3). */
static enum ps_error subscribe_within(struct ps_subscriptions *s,
                                      struct ps_subscription *subscription, uint32_t expires)
{
    struct ps_request_options options = {
        .dialog = ps_dialog_handle(s->dialogs, subscription->dialog),
        .next_hop = ps_dialog_next_hop(subscription->dialog),
    };
    struct ps_writer w = ps_writer(s->env->scratch, s->env->scratch_n);
    ps_dialog_write_request(&w, subscription->dialog, PS_S("SUBSCRIBE"), 0);
    write_rest(&w, subscription, expires);
    return send(s, subscription, &options, &w);
}

static struct ps_span put_part(struct ps_writer *w, struct ps_slice text)
{
    struct ps_span span;
    span.at = (uint16_t)w->n;
    span.n = (uint16_t)text.n;
    ps_put_value(w, text);
    return span;
}

static enum ps_error set_up(struct ps_subscriptions *s, struct ps_subscription *subscription,
                            const struct ps_subscription_options *options)
{
    struct ps_writer w = ps_writer(s->env->scratch, s->env->scratch_n);
    enum ps_error error;
    subscription->account = options->account;
    subscription->user = options->user;
    subscription->expires = options->expires;
    subscription->timer.kind = PS_KIND_SUBSCRIPTION;
    subscription->target = put_part(&w, options->target);
    subscription->event = put_part(&w, options->event);
    subscription->accept = put_part(&w, options->accept);
    error = w.error
                ? w.error
                : ps_transaction_keep(s->env->transactions, ps_written(&w), &subscription->text);
    return error ? error : subscribe(s, subscription);
}

enum ps_error ps_subscription_start(struct ps_stack *stack,
                                    const struct ps_subscription_options *options, ps_handle *out)
{
    struct ps_subscriptions *s = subscriptions_of(stack);
    struct ps_subscription *subscription;
    struct ps_event_value event;
    struct ps_uri uri;
    enum ps_error error = ps_uri_parse(options->target, &uri, NULL);
    if (error || uri.scheme > PS_SCHEME_SIPS)
        return error ? error : PS_E_SCHEME;
    error = ps_event_parse(options->event, &event);
    if (error)
        return error;
    subscription = ps_pool_take(&s->pool);
    if (!subscription)
        return PS_E_FULL;
    *out = ps_pool_handle(&s->pool, subscription);
    error = set_up(s, subscription, options);
    if (error)
        end(s, *out);
    return error;
}

static enum ps_error stop(struct ps_subscriptions *s, ps_handle handle)
{
    struct ps_subscription *subscription = get(s, handle);
    enum ps_error error;
    if (!subscription)
        return PS_E_STALE;
    if (subscription->state == STARTING) {
        subscription->stop_wanted = true; /* the first NOTIFY brings the dialog to do it in */
    } else if (subscription->state == PAUSED) {
        subscription->stop_wanted = true;
        start_timer(s, subscription, 0); /* its end is told as every other: when pulled */
    } else if (subscription->state == ACTIVE) {
        error = subscribe_within(s, subscription, 0);
        if (error)
            return error;
        subscription->state = STOPPING;
        start_timer(s, subscription, timer_n(s));
    }
    return PS_OK;
}

void ps_subscription_end(struct ps_stack *stack, ps_handle subscription)
{
    end(subscriptions_of(stack), subscription);
}

enum ps_error ps_subscription_stop(struct ps_stack *stack, ps_handle subscription)
{
    return stop(subscriptions_of(stack), subscription);
}

/* ---- how long ---- */

/* Notes for how many seconds it stands from now. It is refreshed a tenth before, at least 5 s where
 * there is that much. */
static void stands_for(struct ps_subscriptions *s, struct ps_subscription *subscription,
                       uint32_t seconds)
{
    uint32_t margin = seconds / 10;
    if (margin < 5)
        margin = seconds > 10 ? 5 : seconds / 2;
    subscription->until = s->env->now + (uint64_t)seconds * 1000;
    if (subscription->expires && seconds)
        start_timer(s, subscription, (uint64_t)(seconds - margin) * 1000);
    else /* 4.4.3: nothing to refresh, or nothing granted; a NOTIFY will end it */
        start_timer(s, subscription, timer_n(s));
}

/* Tries a refresh again that has failed: half way to the end, but not before `least` seconds are
 * over. Where that is after the end, the end comes first. */
static void refresh_later(struct ps_subscriptions *s, struct ps_subscription *subscription,
                          uint32_t least)
{
    uint64_t left = subscription->until - s->env->now, wait = (left + 1) / 2;
    if (least < REFRESH_SECONDS)
        least = REFRESH_SECONDS;
    if (wait < (uint64_t)least * 1000)
        wait = (uint64_t)least * 1000;
    start_timer(s, subscription, wait < left ? wait : left);
}

/* ---- responses ---- */

/* Does that refusal of a refresh end the subscription (4.1.2.2)? The others leave it as it
 * stands. */
static bool is_the_end(unsigned status)
{
    return status == 404 || status == 405 || status == 410 || status == 416 ||
           (status >= 480 && status <= 485) || status == 489 || status == 501 || status == 604;
}

static struct ps_event accepted(struct ps_subscriptions *s, struct ps_subscription *subscription,
                                unsigned status, const struct ps_message *m)
{
    uint32_t granted = ps_header_number(m, PS_H_EXPIRES, subscription->expires);
    struct ps_event event;
    if (subscription->terminated)
        start_timer(s, subscription, 0); /* the end is told after this */
    if (subscription->state == STOPPING)
        return ps_no_event();
    subscription->granted = granted;
    if (subscription->state == STARTING) {
        start_timer(s, subscription, timer_n(s));
    } else if (!subscription->terminated) {
        /* without room the old target stands */
        (void)ps_dialog_refresh(s->dialogs, subscription->dialog, m);
        stands_for(s, subscription, granted);
        subscription->again = false;
    }
    event = make_event(s, subscription, PS_EVENT_SUBSCRIBED, status, m);
    event.expires = granted;
    return event;
}

static struct ps_event refused(struct ps_subscriptions *s, struct ps_subscription *subscription,
                               unsigned status, const struct ps_message *m)
{
    uint32_t least = m ? ps_header_number(m, PS_H_MIN_EXPIRES, 0) : 0;
    if (subscription->state == STOPPING || subscription->terminated)
        return ended(s, subscription, status == 481 || subscription->terminated ? 200 : status, m);
    if (status == 423 && subscription->expires && least > subscription->expires) {
        subscription->expires = least;
        if (!(subscription->state == STARTING ? subscribe(s, subscription)
                                              : subscribe_within(s, subscription, least)))
            return ps_no_event();
    }
    if (subscription->state == STARTING || is_the_end(status) || subscription->until <= s->env->now)
        return ended(s, subscription, status, m);
    refresh_later(s, subscription, m ? ps_header_number(m, PS_H_RETRY_AFTER, 0) : 0); /* 20.33 */
    return ps_no_event();
}

static struct ps_event on_response(void *state, const struct ps_request_event *event,
                                   const struct ps_message *m, const struct ps_flow *flow)
{
    struct ps_subscriptions *s = state;
    struct ps_subscription *subscription = get(s, event->owner);
    uint32_t cseq;
    (void)flow;
    if (!subscription || event->request != subscription->request ||
        event->outcome != PS_REQUEST_FINAL)
        return ps_no_event();
    cseq = ps_request_cseq(s->requests, subscription->request);
    if (subscription->dialog && subscription->dialog->local_cseq < cseq)
        subscription->dialog->local_cseq = cseq; /* challenges have raised it (22.2) */
    ps_request_end(s->requests, subscription->request);
    subscription->request = 0;
    return event->status < 300 ? accepted(s, subscription, event->status, m)
                               : refused(s, subscription, event->status, m);
}

/* ---- NOTIFY ---- */

static void answer(struct ps_subscriptions *s, ps_handle transaction, unsigned status)
{
    struct ps_response response = {.status = status};
    (void)ps_response_finish(s->responder, transaction, &response); /* nobody else answers it */
}

/* Returns after how many seconds it is subscribed again (4.1.3); -1 for never. */
static int64_t again_after(const struct ps_subscription *subscription,
                           const struct ps_subscription_state *state)
{
    if (subscription->state == STOPPING || subscription->stop_wanted || !subscription->expires)
        return -1;
    if (ps_is(state->reason, PS_S("deactivated")) || ps_is(state->reason, PS_S("timeout")))
        return subscription->again ? AGAIN_SECONDS : 0;
    if (ps_is(state->reason, PS_S("probation")) || ps_is(state->reason, PS_S("giveup")))
        return state->has_retry_after && (state->retry_after || !subscription->again)
                   ? (int64_t)state->retry_after
                   : AGAIN_SECONDS;
    return -1;
}

static struct ps_event terminated(struct ps_subscriptions *s, struct ps_subscription *subscription,
                                  const struct ps_subscription_state *state,
                                  const struct ps_message *m)
{
    int64_t after = again_after(subscription, state);
    struct ps_event event = make_event(s, subscription, PS_EVENT_NOTIFIED, 0, m);
    if (after >= 0) {
        ps_request_end(s->requests, subscription->request);
        subscription->request = 0;
        drop_dialog(s, subscription);
        subscription->state = PAUSED;
        subscription->again = true;
        start_timer(s, subscription, (uint64_t)after * 1000);
        return event;
    }
    subscription->terminated = true;
    ps_timer_stop(&s->env->timers, &subscription->timer);
    if (!subscription->request) /* else its final response comes first */
        start_timer(s, subscription, 0);
    return event;
}

/* Takes a NOTIFY; `subscription` has a dialog by now. */
static struct ps_event notified(struct ps_subscriptions *s, struct ps_subscription *subscription,
                                ps_handle transaction, const struct ps_subscription_state *state,
                                const struct ps_message *m)
{
    struct ps_event event;
    answer(s, transaction, 200);
    if (ps_is(state->state, PS_S("terminated")))
        return terminated(s, subscription, state, m);
    event = make_event(s, subscription, PS_EVENT_NOTIFIED, 0, m);
    if (state->has_expires) {
        event.expires = state->expires;
        if (subscription->state == ACTIVE)
            stands_for(s, subscription, state->expires);
    }
    if (subscription->stop_wanted && !stop(s, event.subscription))
        subscription->stop_wanted = false;
    return event;
}

/* Checks a NOTIFY: its headers (4.1.3), and that its Event is the subscription's, id and all
 * (8.2.1). An unknown package is a 489. Another id is another subscription's: 481. Returns the
 * status of the refusal, 0 without one. */
static unsigned fault_of(const struct ps_subscription *subscription, const struct ps_message *m,
                         struct ps_subscription_state *state)
{
    struct ps_slice event = ps_header_value(m, PS_H_EVENT, 0);
    struct ps_slice how = ps_header_value(m, PS_H_SUBSCRIPTION_STATE, 0);
    struct ps_event_value theirs, ours;
    if (!event.n || ps_event_parse(event, &theirs) ||
        ps_event_parse(part(subscription, subscription->event), &ours) ||
        !ps_equal(theirs.package, ours.package))
        return 489;
    if (!ps_equal(theirs.id, ours.id))
        return 481;
    return !how.n || ps_subscription_state_parse(how, state) ? 400 : 0;
}

static struct ps_event on_request(void *own, struct ps_dialog *dialog, ps_handle transaction,
                                  const struct ps_message *m)
{
    struct ps_subscriptions *s = own;
    struct ps_subscription *subscription = get(s, dialog->owner);
    struct ps_subscription_state state;
    unsigned fault = subscription ? fault_of(subscription, m, &state) : 481;
    if (m->method != PS_METHOD_NOTIFY)
        fault = 481; /* no other usage stands in this dialog */
    if (subscription && subscription->terminated)
        fault = 481;
    if (fault) {
        answer(s, transaction, fault);
        return ps_no_event();
    }
    (void)ps_dialog_refresh(s->dialogs, dialog, m); /* NOTIFY is a target refresh (4.4.1) */
    return notified(s, subscription, transaction, &state, m);
}

/* Makes the dialog from the NOTIFY (4.4.1). */
static bool establish(struct ps_subscriptions *s, struct ps_subscription *subscription,
                      const struct ps_message *m)
{
    uint32_t cseq = subscription->dialog->local_cseq,
             sent = ps_request_cseq(s->requests, subscription->request);
    drop_dialog(s, subscription);
    subscription->dialog = ps_dialog_from_request(s->dialogs, m, PS_NONE);
    if (!subscription->dialog)
        return false;
    subscription->dialog->owner = ps_pool_handle(&s->pool, subscription);
    subscription->dialog->local_cseq = cseq > sent ? cseq : sent;
    subscription->dialog->confirmed = true;
    subscription->state = ACTIVE;
    stands_for(s, subscription, subscription->granted); /* where this NOTIFY names no time itself */
    return true;
}

static struct ps_event first(struct ps_subscriptions *s, ps_handle transaction,
                             const struct ps_message *m, bool *mine)
{
    struct ps_dialog *waiting = ps_dialog_waiting(s->dialogs, m);
    struct ps_subscription *subscription = waiting ? get(s, waiting->owner) : NULL;
    struct ps_subscription_state state;
    unsigned fault = subscription ? fault_of(subscription, m, &state) : 0;
    *mine = subscription && m->method == PS_METHOD_NOTIFY;
    if (!*mine)
        return ps_no_event();
    if (fault) {
        answer(s, transaction, fault);
        return ps_no_event();
    }
    if (!establish(s, subscription, m)) {
        answer(s, transaction, 500);
        return ended(s, subscription, 500, m);
    }
    return notified(s, subscription, transaction, &state, m);
}

/* ---- time ---- */

static struct ps_event on_time(void *state, struct ps_timer *timer)
{
    struct ps_subscriptions *s = state;
    struct ps_subscription *subscription = PS_CONTAINER(struct ps_subscription, timer, timer);
    if (subscription->terminated || (subscription->state == PAUSED && subscription->stop_wanted))
        return ended(s, subscription, 200, NULL);
    if (subscription->state == PAUSED)
        return subscribe(s, subscription) ? ended(s, subscription, 503, NULL) : ps_no_event();
    if (subscription->state != ACTIVE || !subscription->expires ||
        subscription->until <= s->env->now)
        return ended(s, subscription, 408, NULL); /* Timer N, or its time is over */
    if (subscribe_within(s, subscription, subscription->expires))
        refresh_later(s, subscription, 0);
    return ps_no_event();
}

/* ---- the row ---- */

static bool claims(void *state, ps_handle transaction, const struct ps_message *m,
                   struct ps_event *event)
{
    bool mine;
    *event = first(state, transaction, m, &mine);
    return mine;
}

static void *make_state(struct ps_arena *arena, struct ps_environment *env, uint32_t count)
{
    struct ps_subscriptions *s = ps_arena_take(arena, sizeof *s);
    struct ps_pool pool;
    ps_pool_init(&pool, arena, PS_KIND_SUBSCRIPTION, sizeof(struct ps_subscription), count);
    if (!s)
        return NULL;
    memset(s, 0, sizeof *s);
    s->env = env;
    s->dialogs = env->dialogs;
    s->requests = env->requests;
    s->responder = env->responder;
    s->pool = pool;
    return s;
}

static uint32_t count_live(const void *state)
{
    return ((const struct ps_subscriptions *)state)->pool.live;
}

const struct ps_usage ps_subscription_usage = {
    .name = "subscriptions",
    .kind = PS_KIND_SUBSCRIPTION,
    .limit = offsetof(struct ps_limits, subscriptions),
    .living = offsetof(struct ps_stack_live, subscriptions),
    .init = make_state,
    .live = count_live,
    .expire = on_time,
    .response = on_response,
    .request = on_request,
    .claim = claims,
};
