/*
 * Header values. The first byte chooses the header, by its number in names.h; the rest is a value.
 *
 * Must hold: slices lie inside the value; a list ends; a value means the same on one line as
 * folded; what a typed function reads can be written from its parts and is then read as the same,
 * and that text is a fixed point; what the header's rule lets pass, its typed function reads.
 */
#include "fuzz.h"
#include "sip/header.h"

enum { PARTS = 8, ROOM = 1 << 17 };

/* The parts that a typed function has read, and a text written from them. */
struct reading {
    struct ps_slice part[PARTS];
    uint64_t number[PARTS];
    unsigned parts, numbers;
    struct ps_writer w;
};
typedef enum ps_error (*reader)(struct ps_slice value, struct reading *r);

static char text[2][ROOM];

static void part(struct reading *r, struct ps_slice s)
{
    r->part[r->parts++] = s;
}

static void number(struct reading *r, uint64_t n)
{
    r->number[r->numbers++] = n;
}

static void put_params(struct reading *r, struct ps_slice params)
{
    struct ps_param one;
    part(r, params);
    if (params.n)
        ps_put_char(&r->w, ';');
    ps_put(&r->w, params);
    while (ps_param_next(&params, &one))
        HOLDS(one.name.n && fuzz_inside(one.name, r->part[r->parts - 1]) &&
              fuzz_inside(one.value, r->part[r->parts - 1]));
    HOLDS(!params.n);
}

static enum ps_error read_via(struct ps_slice value, struct reading *r)
{
    struct ps_via via;
    enum ps_error error = ps_via_parse(value, &via);
    if (error)
        return error;
    part(r, via.transport_name);
    part(r, via.host);
    part(r, via.branch);
    part(r, via.received);
    part(r, via.maddr);
    number(r, via.port);
    number(r, via.has_rport);
    number(r, via.rport);
    number(r, via.ttl);
    HOLDS(via.host.n && ps_host_length(via.host) == via.host.n);
    ps_put(&r->w, PS_S("SIP/2.0/"));
    ps_put(&r->w, via.transport_name);
    ps_put_char(&r->w, ' ');
    ps_put(&r->w, via.host);
    if (via.port) {
        ps_put_char(&r->w, ':');
        ps_put_number(&r->w, via.port);
    }
    put_params(r, via.params);
    return PS_OK;
}

static void put_name_addr(struct ps_slice value, const struct ps_name_addr *addr, struct reading *r)
{
    bool quoted = ps_trim(value).p[0] == '"';
    part(r, addr->display);
    part(r, addr->uri);
    part(r, addr->tag);
    number(r, addr->bracketed);
    if (quoted)
        ps_put_char(&r->w, '"');
    ps_put(&r->w, addr->display);
    if (quoted)
        ps_put_char(&r->w, '"');
    if (addr->bracketed)
        ps_put(&r->w, addr->display.n ? PS_S(" <") : PS_S("<"));
    ps_put(&r->w, addr->uri);
    if (addr->bracketed)
        ps_put_char(&r->w, '>');
    put_params(r, addr->params);
}

static enum ps_error read_name_addr(struct ps_slice value, struct reading *r)
{
    struct ps_name_addr addr;
    enum ps_error error = ps_name_addr_parse(value, &addr);
    if (!error)
        put_name_addr(value, &addr, r);
    return error;
}

static enum ps_error read_route(struct ps_slice value, struct reading *r)
{
    struct ps_name_addr addr, same;
    enum ps_error error = ps_route_parse(value, &addr);
    if (error)
        return error;
    HOLDS(addr.bracketed && !ps_name_addr_parse(value, &same));
    put_name_addr(value, &addr, r);
    return PS_OK;
}

static enum ps_error read_contact(struct ps_slice value, struct reading *r)
{
    struct ps_contact contact;
    enum ps_error error = ps_contact_parse(value, &contact);
    if (error)
        return error;
    HOLDS(contact.q <= 1000);
    number(r, contact.any);
    number(r, contact.has_expires ? contact.expires + UINT64_C(1) : 0);
    number(r, contact.q);
    number(r, contact.reg_id);
    part(r, contact.instance);
    put_name_addr(value, &contact.addr, r);
    return PS_OK;
}

static void put_cseq(const struct ps_cseq *cseq, struct reading *r)
{
    part(r, cseq->method_name);
    number(r, cseq->number);
    number(r, cseq->method);
    ps_put_number(&r->w, cseq->number);
    ps_put_char(&r->w, ' ');
    ps_put(&r->w, cseq->method_name);
}

static enum ps_error read_cseq(struct ps_slice value, struct reading *r)
{
    struct ps_cseq cseq;
    enum ps_error error = ps_cseq_parse(value, &cseq);
    if (!error)
        put_cseq(&cseq, r);
    return error;
}

static enum ps_error read_number(struct ps_slice value, struct reading *r)
{
    uint32_t n;
    struct ps_slice params;
    enum ps_error error = ps_number_parse(value, UINT32_MAX, &n, &params);
    if (error)
        return error;
    number(r, n);
    ps_put_number(&r->w, n);
    put_params(r, params);
    return PS_OK;
}

static enum ps_error read_session_expires(struct ps_slice value, struct reading *r)
{
    struct ps_session_expires expires;
    enum ps_error error = ps_session_expires_parse(value, &expires);
    if (error)
        return error;
    number(r, expires.seconds);
    number(r, expires.refresher);
    ps_put_number(&r->w, expires.seconds);
    if (expires.refresher)
        ps_put(&r->w, expires.refresher == PS_REFRESHER_UAC ? PS_S(";refresher=uac")
                                                            : PS_S(";refresher=uas"));
    return PS_OK;
}

static enum ps_error read_retry_after(struct ps_slice value, struct reading *r)
{
    struct ps_retry_after after;
    enum ps_error error = ps_retry_after_parse(value, &after);
    if (error)
        return error;
    number(r, after.seconds);
    part(r, after.comment);
    ps_put_number(&r->w, after.seconds);
    ps_put(&r->w, after.comment);
    put_params(r, after.params);
    return PS_OK;
}

static enum ps_error read_rack(struct ps_slice value, struct reading *r)
{
    struct ps_rack rack;
    enum ps_error error = ps_rack_parse(value, &rack);
    if (error)
        return error;
    number(r, rack.rseq);
    ps_put_number(&r->w, rack.rseq);
    ps_put_char(&r->w, ' ');
    put_cseq(&rack.cseq, r);
    return PS_OK;
}

/* Milliseconds, so that three digits are all that is kept behind the point. */
static void put_thousandths(struct reading *r, uint64_t n)
{
    number(r, n);
    ps_put_number(&r->w, n / 1000);
    ps_put_char(&r->w, '.');
    ps_put_char(&r->w, (char)('0' + n / 100 % 10));
    ps_put_char(&r->w, (char)('0' + n / 10 % 10));
    ps_put_char(&r->w, (char)('0' + n % 10));
}

static enum ps_error read_timestamp(struct ps_slice value, struct reading *r)
{
    struct ps_timestamp stamp;
    enum ps_error error = ps_timestamp_parse(value, &stamp);
    if (error)
        return error;
    put_thousandths(r, stamp.sent);
    ps_put_char(&r->w, ' ');
    put_thousandths(r, stamp.delay);
    return PS_OK;
}

static void put_two(struct reading *r, unsigned n)
{
    ps_put_char(&r->w, (char)('0' + n / 10));
    ps_put_char(&r->w, (char)('0' + n % 10));
}

static void put_date(struct reading *r, const struct ps_date *d)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    ps_put(&r->w, ps_slice(&days[3 * d->weekday], 3));
    ps_put(&r->w, PS_S(", "));
    put_two(r, d->day);
    ps_put_char(&r->w, ' ');
    ps_put(&r->w, ps_slice(&months[3 * (d->month - 1)], 3));
    ps_put_char(&r->w, ' ');
    put_two(r, d->year / 100);
    put_two(r, d->year % 100);
    ps_put_char(&r->w, ' ');
    put_two(r, d->hour);
    ps_put_char(&r->w, ':');
    put_two(r, d->minute);
    ps_put_char(&r->w, ':');
    put_two(r, d->second);
    ps_put(&r->w, PS_S(" GMT"));
}

static enum ps_error read_date(struct ps_slice value, struct reading *r)
{
    struct ps_date d;
    enum ps_error error = ps_date_parse(value, &d);
    if (error)
        return error;
    HOLDS(d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= 31 && d.weekday < 7);
    HOLDS(d.hour < 24 && d.minute < 60 && d.second <= 60 && d.year <= 9999);
    number(r, (uint64_t)d.unix_seconds);
    put_date(r, &d);
    return PS_OK;
}

static enum ps_error read_token(struct ps_slice value, struct reading *r)
{
    struct ps_token token;
    enum ps_error error = ps_token_parse(value, &token);
    if (error)
        return error;
    part(r, token.token);
    ps_put(&r->w, token.token);
    put_params(r, token.params);
    return PS_OK;
}

static enum ps_error read_media_type(struct ps_slice value, struct reading *r)
{
    struct ps_media_type type;
    enum ps_error error = ps_media_type_parse(value, &type);
    if (error)
        return error;
    part(r, type.type);
    part(r, type.subtype);
    ps_put(&r->w, type.type);
    ps_put_char(&r->w, '/');
    ps_put(&r->w, type.subtype);
    put_params(r, type.params);
    return PS_OK;
}

static enum ps_error read_event(struct ps_slice value, struct reading *r)
{
    struct ps_event_value event;
    enum ps_error error = ps_event_parse(value, &event);
    if (error)
        return error;
    part(r, event.package);
    part(r, event.id);
    ps_put(&r->w, event.package);
    if (event.id.p) {
        ps_put(&r->w, PS_S(";id="));
        ps_put(&r->w, event.id);
    }
    return PS_OK;
}

static void put_seconds(struct reading *r, struct ps_slice name, bool there, uint32_t seconds)
{
    number(r, there ? seconds + UINT64_C(1) : 0);
    if (!there)
        return;
    ps_put(&r->w, name);
    ps_put_number(&r->w, seconds);
}

static enum ps_error read_subscription_state(struct ps_slice value, struct reading *r)
{
    struct ps_subscription_state state;
    enum ps_error error = ps_subscription_state_parse(value, &state);
    if (error)
        return error;
    part(r, state.state);
    part(r, state.reason);
    ps_put(&r->w, state.state);
    if (state.reason.p) {
        ps_put(&r->w, PS_S(";reason="));
        ps_put(&r->w, state.reason);
    }
    put_seconds(r, PS_S(";expires="), state.has_expires, state.expires);
    put_seconds(r, PS_S(";retry-after="), state.has_retry_after, state.retry_after);
    return PS_OK;
}

static enum ps_error read_reason(struct ps_slice value, struct reading *r)
{
    struct ps_reason_value reason;
    enum ps_error error = ps_reason_parse(value, &reason);
    if (error)
        return error;
    part(r, reason.protocol);
    part(r, reason.text);
    number(r, reason.cause);
    ps_put(&r->w, reason.protocol);
    if (reason.cause) {
        ps_put(&r->w, PS_S(";cause="));
        ps_put_number(&r->w, reason.cause);
    }
    if (reason.text.p) {
        ps_put(&r->w, PS_S(";text="));
        ps_put(&r->w, reason.text);
    }
    return PS_OK;
}

static enum ps_error read_replaces(struct ps_slice value, struct reading *r)
{
    struct ps_replaces replaces;
    enum ps_error error = ps_replaces_parse(value, &replaces);
    if (error)
        return error;
    part(r, replaces.call_id);
    part(r, replaces.to_tag);
    part(r, replaces.from_tag);
    number(r, replaces.early_only);
    ps_put(&r->w, replaces.call_id);
    ps_put(&r->w, PS_S(";to-tag="));
    ps_put(&r->w, replaces.to_tag);
    ps_put(&r->w, PS_S(";from-tag="));
    ps_put(&r->w, replaces.from_tag);
    if (replaces.early_only)
        ps_put(&r->w, PS_S(";early-only"));
    return PS_OK;
}

static enum ps_error read_warning(struct ps_slice value, struct reading *r)
{
    struct ps_warning warning;
    enum ps_error error = ps_warning_parse(value, &warning);
    if (error)
        return error;
    part(r, warning.agent);
    part(r, warning.text);
    number(r, warning.code);
    ps_put_char(&r->w, (char)('0' + warning.code / 100));
    put_two(r, warning.code % 100u);
    ps_put_char(&r->w, ' ');
    ps_put(&r->w, warning.agent);
    ps_put_char(&r->w, ' ');
    ps_put(&r->w, warning.text);
    return PS_OK;
}

static enum ps_error read_auth(struct ps_slice value, struct reading *r)
{
    struct ps_auth auth;
    struct ps_slice rest;
    struct ps_param one;
    enum ps_error error = ps_auth_parse(value, &auth);
    if (error)
        return error;
    part(r, auth.scheme);
    part(r, auth.params);
    for (rest = auth.params; ps_auth_param_next(&rest, &one);)
        HOLDS(one.name.n && one.value.n && fuzz_inside(one.value, auth.params));
    HOLDS(!rest.n);
    ps_put(&r->w, auth.scheme);
    if (auth.params.n)
        ps_put_char(&r->w, ' ');
    ps_put(&r->w, auth.params);
    return PS_OK;
}

static enum ps_error read_products(struct ps_slice value, struct reading *r)
{
    struct ps_slice rest = value;
    struct ps_product one;
    while (ps_product_next(&rest, &one)) {
        HOLDS(fuzz_inside(one.name, value) && fuzz_inside(one.version, value) &&
              fuzz_inside(one.comment, value) && !one.name.p == !!one.comment.p);
        ps_put(&r->w, one.name.p ? one.name : one.comment);
        if (one.version.p)
            ps_put_char(&r->w, '/');
        ps_put(&r->w, one.version);
        ps_put_char(&r->w, ' ');
    }
    return rest.n ? PS_E_VALUE : PS_OK;
}

/* ---- the table ---- */

/* Grammars without a typed function have none. */
static const reader readers[PS_GRAMMAR_COUNT] = {
    [PS_GRAMMAR_VIA] = read_via,
    [PS_GRAMMAR_ADDRESS] = read_name_addr,
    [PS_GRAMMAR_CONTACT] = read_contact,
    [PS_GRAMMAR_ROUTE] = read_route,
    [PS_GRAMMAR_INFO] = read_route,
    [PS_GRAMMAR_CSEQ] = read_cseq,
    [PS_GRAMMAR_HOPS] = read_number,
    [PS_GRAMMAR_NUMBER] = read_number,
    [PS_GRAMMAR_NUMBER_PARAMS] = read_number,
    [PS_GRAMMAR_SESSION_EXPIRES] = read_session_expires,
    [PS_GRAMMAR_RETRY_AFTER] = read_retry_after,
    [PS_GRAMMAR_RACK] = read_rack,
    [PS_GRAMMAR_TIMESTAMP] = read_timestamp,
    [PS_GRAMMAR_DATE] = read_date,
    [PS_GRAMMAR_TOKEN] = read_token,
    [PS_GRAMMAR_TOKEN_PARAMS] = read_token,
    [PS_GRAMMAR_MEDIA_TYPE] = read_media_type,
    [PS_GRAMMAR_EVENT] = read_event,
    [PS_GRAMMAR_SUBSCRIPTION_STATE] = read_subscription_state,
    [PS_GRAMMAR_REASON] = read_reason,
    [PS_GRAMMAR_REPLACES] = read_replaces,
    [PS_GRAMMAR_WARNING] = read_warning,
    [PS_GRAMMAR_AUTH] = read_auth,
    [PS_GRAMMAR_PRODUCTS] = read_products,
};

static void same_reading(const struct reading *a, const struct reading *b)
{
    unsigned i;
    HOLDS(a->parts == b->parts && a->numbers == b->numbers);
    for (i = 0; i < a->parts; i++)
        HOLDS(fuzz_same(a->part[i], b->part[i]) || (!a->part[i].n && !b->part[i].n));
    for (i = 0; i < a->numbers; i++)
        HOLDS(a->number[i] == b->number[i]);
}

/* One element: read, written from its parts, read again. */
static enum ps_error one(reader read, struct ps_slice value)
{
    static struct reading a, b;
    enum ps_error error;
    unsigned i;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    a.w = ps_writer(text[0], ROOM);
    b.w = ps_writer(text[1], ROOM);
    error = read(value, &a);
    if (error)
        return error;
    for (i = 0; i < a.parts; i++)
        HOLDS(fuzz_inside(a.part[i], value));
    HOLDS(!read(ps_written(&a.w), &b));
    same_reading(&a, &b);
    HOLDS(ps_equal(ps_written(&a.w), ps_written(&b.w)));
    return PS_OK;
}

/* 7.3.1: a fold means one space. */
static void unfolded_is_the_same(enum ps_header_id id, struct ps_slice value)
{
    static char line[ROOM], again[ROOM];
    struct ps_writer w = ps_writer(line, ROOM), v = ps_writer(again, ROOM);
    ps_put_unfolded(&w, value);
    HOLDS(!w.error && !ps_find(ps_written(&w), '\r') && !ps_find(ps_written(&w), '\n'));
    HOLDS(!ps_header_check(id, value) == !ps_header_check(id, ps_written(&w)));
    ps_put_unfolded(&v, ps_written(&w));
    HOLDS(ps_equal(ps_written(&w), ps_written(&v)));
}

static void quoting(struct ps_slice value)
{
    struct ps_writer w = ps_writer(text[0], ROOM), v = ps_writer(text[1], ROOM);
    ps_put_quoted(&w, value);
    HOLDS(!w.error == !ps_breaks_line(value));
    if (w.error)
        return;
    ps_put_unquoted(&v, ps_written(&w));
    HOLDS(ps_equal(ps_written(&v), value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum ps_header_id id;
    struct ps_slice value, rest, element;
    size_t elements = 0;
    bool passes;
    reader read;
    if (!size)
        return 0;
    id = (enum ps_header_id)(data[0] % PS_H_COUNT);
    value = ps_trim(fuzz_input(data + 1, size - 1));
    passes = !ps_header_check(id, value);
    HOLDS(ps_header_rule(id)[0]);
    unfolded_is_the_same(id, value);
    quoting(value);
    read = readers[ps_header_grammar(id)];
    if (!read)
        return 0;
    if (!ps_header_is_list(id)) {
        HOLDS(!one(read, value) || !passes || !value.n);
        return 0;
    }
    for (rest = value; ps_list_next(&rest, &element); elements++) {
        HOLDS(fuzz_inside(element, value) && fuzz_inside(rest, value));
        HOLDS(!one(read, element) || !passes);
    }
    HOLDS(elements <= value.n + 1);
    return 0;
}
