/*
 * Negotiates by offer and answer (RFC 3264, 6337): keeps the state, writes the session level, and
 * chooses which of our media answers which of theirs. What a media description says is left to
 * negotiation_media.c, what was agreed on to outcome.c.
 */
#include "cursor_internal.h"
#include "negotiation_internal.h"

/* ---- the state ---- */

void PS_SDP_NEGOTIATION_LIMITED(struct ps_sdp_negotiation *n, char *memory, size_t size)
{
    memset(n, 0, sizeof *n);
    n->memory = memory;
    n->slot = size / 3;
    n->local = 0;
    n->remote = 1;
    n->spare = 2;
    n->turn = PS_SDP_TURN_EITHER;
}

static struct ps_slice nego_body(const struct ps_sdp_negotiation *n, unsigned which)
{
    return ps_slice(n->memory + which * n->slot, n->n[which]);
}

enum ps_sdp_turn ps_sdp_turn(const struct ps_sdp_negotiation *n)
{
    return (enum ps_sdp_turn)n->turn;
}

struct ps_slice ps_sdp_local(const struct ps_sdp_negotiation *n)
{
    return nego_body(n, n->local);
}

struct ps_slice ps_sdp_remote(const struct ps_sdp_negotiation *n)
{
    return nego_body(n, n->remote);
}

struct ps_slice ps_sdp_open_offer(const struct ps_sdp_negotiation *n)
{
    return n->turn == PS_SDP_TURN_REMOTE ? nego_body(n, n->spare) : PS_NONE;
}

void ps_sdp_withdraw(struct ps_sdp_negotiation *n)
{
    n->turn = PS_SDP_TURN_EITHER;
}

/* Stands before the ports and the bodies in a packed negotiation. */
struct nego_head {
    size_t n[3]; /* local, remote, open offer */
    unsigned media;
    bool answered, offered;
};

/* Counts the ports up to the last one in use. */
static unsigned nego_ports(const struct ps_sdp_negotiation *n)
{
    unsigned media = PS_SDP_MAX_MEDIA;
    while (media && !n->port[media - 1] && !n->made[media - 1])
        media--;
    return media;
}

static void nego_put_bytes(struct ps_writer *w, const void *bytes, size_t n)
{
    ps_put(w, ps_slice((const char *)bytes, n));
}

void ps_sdp_pack(struct ps_writer *w, const struct ps_sdp_negotiation *n)
{
    struct nego_head head;
    memset(&head, 0, sizeof head);
    head.n[0] = ps_sdp_local(n).n;
    head.n[1] = ps_sdp_remote(n).n;
    head.n[2] = ps_sdp_open_offer(n).n;
    head.media = nego_ports(n);
    head.answered = n->answered;
    head.offered = n->turn == PS_SDP_TURN_REMOTE;
    nego_put_bytes(w, &head, sizeof head);
    nego_put_bytes(w, n->port, head.media * sizeof n->port[0]);
    nego_put_bytes(w, n->made, head.media * sizeof n->made[0]);
    ps_put(w, ps_sdp_local(n));
    ps_put(w, ps_sdp_remote(n));
    ps_put(w, ps_sdp_open_offer(n));
}

static const char *nego_take_bytes(const char *p, void *to, size_t n)
{
    memcpy(to, p, n);
    return p + n;
}

enum ps_error ps_sdp_unpack(struct ps_sdp_negotiation *n, char *memory, size_t size,
                            struct ps_slice packed)
{
    struct nego_head head;
    const char *p = nego_take_bytes(packed.p, &head, sizeof head);
    unsigned i;
    ps_sdp_negotiation_init(n, memory, size);
    for (i = 0; i < 3; i++)
        if (head.n[i] > n->slot)
            return PS_E_OVERFLOW;
    p = nego_take_bytes(p, n->port, head.media * sizeof n->port[0]);
    p = nego_take_bytes(p, n->made, head.media * sizeof n->made[0]);
    for (i = 0; i < 3; i++) {
        n->n[i] = head.n[i];
        p = nego_take_bytes(p, memory + i * n->slot, head.n[i]);
    }
    n->answered = head.answered;
    n->turn = head.offered ? PS_SDP_TURN_REMOTE : PS_SDP_TURN_EITHER;
    return PS_OK;
}

/* Ends an exchange: our new description becomes the current one, and `remote` the peer's. */
static void nego_commit(struct ps_sdp_negotiation *n, struct ps_slice remote, bool answered)
{
    uint8_t made = n->spare;
    n->spare = n->local;
    n->local = made;
    memcpy(n->port, n->made, sizeof n->port);
    memcpy(n->memory + n->remote * n->slot, remote.p, remote.n);
    n->n[n->remote] = remote.n;
    n->turn = PS_SDP_TURN_EITHER;
    n->answered = answered;
}

/* ---- which of our media for which line ---- */

static struct ps_sdp_media nego_media(const struct ps_sdp *sdp, int media)
{
    struct ps_sdp_media m;
    memset(&m, 0, sizeof m);
    (void)ps_sdp_media_parse(ps_sdp_first(sdp, media, 'm'), &m, NULL);
    return m;
}

/* Tells whether a line is offered. Port 0 with bundle-only is an offer too, in a bundle that we
 * take (RFC 9143 6). */
static bool nego_is_offered(const struct ps_sdp_making *making, unsigned i)
{
    struct ps_slice mid;
    if (nego_media(making->theirs, (int)i).port)
        return true;
    return ps_sdp_attribute(making->theirs, (int)i, PS_S("bundle-only"), NULL) &&
           ps_sdp_bundle(making->ours).p &&
           ps_sdp_attribute(making->theirs, (int)i, PS_S("mid"), &mid) &&
           ps_sdp_is_bundled(making->theirs, mid);
}

/* Tells whether our medium `m` can be offered: it has a port or shares one (RFC 9143 6). */
static bool nego_can_offer(const struct ps_sdp *ours, int m)
{
    return nego_media(ours, m).port ||
           (ps_sdp_attribute(ours, m, PS_S("bundle-only"), NULL) && ps_sdp_bundle(ours).p);
}

/* Tells whether our medium `m` fits line `i` of the new description. */
static bool nego_fits(const struct ps_sdp_making *making, int m, unsigned i)
{
    if (making->theirs)
        return nego_is_offered(making, i) &&
               ps_sdp_media_fits(making->ours, m, making->theirs, (int)i);
    return nego_can_offer(making->ours, m) &&
           ps_equal_nocase(nego_media(making->ours, m).media,
                           nego_media(making->before, (int)i).media);
}

/* Tells whether our medium `m` stood on line `i` before. */
static bool nego_was_here(const struct ps_sdp_making *making, int m, unsigned i)
{
    return making->before && i < making->before->media &&
           making->ports[i] == nego_media(making->ours, m).port;
}

/* Assigns our media to the lines 0..lines-1: first to the lines where they were before, then in
 * order. */
static void nego_assign(struct ps_sdp_making *making, unsigned lines, bool used[PS_SDP_MAX_MEDIA])
{
    unsigned pass;
    unsigned i;
    int m;
    for (pass = 0; pass < 2; pass++)
        for (i = 0; i < lines; i++)
            for (m = 0; m < (int)making->ours->media && making->from[i] == PS_SDP_REFUSED; m++)
                if (!used[m] && (pass || nego_was_here(making, m, i)) && nego_fits(making, m, i)) {
                    making->from[i] = (int16_t)m;
                    used[m] = true;
                }
}

/* Chooses the lines of group:BUNDLE: in an answer only offered ones, in an offer those of the
 * capabilities. */
static void nego_bundle(struct ps_sdp_making *making)
{
    const struct ps_sdp *of = making->theirs ? making->theirs : making->ours;
    unsigned i;
    making->bundle_tag = PS_SDP_REFUSED;
    memset(making->bundled, 0, sizeof making->bundled);
    if (!ps_sdp_bundle(making->ours).p || !ps_sdp_bundle(of).p)
        return;
    for (i = 0; i < making->media; i++) {
        struct ps_slice mid = ps_sdp_mid_of(making, i);
        if (making->from[i] == PS_SDP_REFUSED || !mid.n ||
            (making->theirs && !ps_sdp_is_bundled(of, mid)))
            continue;
        making->bundled[i] = true;
        if (making->bundle_tag == PS_SDP_REFUSED)
            making->bundle_tag = (int16_t)i;
    }
}

/* Plans an answer; false where nothing that was offered is possible. */
static bool nego_plan_answer(struct ps_sdp_making *making)
{
    bool used[PS_SDP_MAX_MEDIA] = {false};
    bool any = false;
    bool taken = false;
    unsigned i;
    making->media = making->theirs->media;
    for (i = 0; i < making->media; i++)
        making->from[i] = PS_SDP_REFUSED;
    nego_assign(making, making->media, used);
    for (i = 0; i < making->media; i++) {
        any |= nego_is_offered(making, i);
        taken |= making->from[i] != PS_SDP_REFUSED;
    }
    nego_bundle(making);
    return taken || !any;
}

/* Plans an offer: lines stay where they are, and media without a line come after them (8). */
static enum ps_error nego_plan_offer(struct ps_sdp_making *making)
{
    bool used[PS_SDP_MAX_MEDIA] = {false};
    unsigned i;
    int m;
    making->media = making->before ? making->before->media : 0;
    for (i = 0; i < PS_SDP_MAX_MEDIA; i++)
        making->from[i] = PS_SDP_REFUSED;
    nego_assign(making, making->media, used);
    for (m = 0; m < (int)making->ours->media; m++) {
        if (used[m] || !nego_can_offer(making->ours, m))
            continue;
        if (making->media == PS_SDP_MAX_MEDIA)
            return PS_E_SDP_LIMIT;
        making->from[making->media++] = (int16_t)m;
    }
    nego_bundle(making);
    return PS_OK;
}

/* ---- writing ---- */

static void nego_put_all(struct ps_writer *w, const struct ps_sdp *sdp, const char *types)
{
    unsigned i;
    for (i = sdp->first[0]; i < sdp->first[1]; i++)
        if (ps_find(ps_slice_of(types), sdp->line[i].type))
            ps_sdp_put_lines(w, sdp, i, i + 1);
}

/* Writes the c= of the session, which a refused medium needs because it has none of its own (5.7).
 * Without an address of ours it is 0.0.0.0, to which nothing is sent. */
static void nego_put_connection(struct ps_writer *w, const struct ps_sdp_making *making)
{
    const struct ps_sdp *ours = making->ours;
    int m;
    for (m = PS_SDP_SESSION; m < (int)ours->media; m++) {
        struct ps_slice c = ps_sdp_first(ours, m, 'c');
        if (c.p) {
            ps_sdp_put_line(w, 'c', c);
            return;
        }
    }
    if (making->media)
        ps_sdp_put_line(w, 'c', PS_S("IN IP4 0.0.0.0"));
}

static void nego_put_bundle(struct ps_writer *w, const struct ps_sdp_making *making)
{
    unsigned i;
    if (making->bundle_tag == PS_SDP_REFUSED)
        return;
    ps_put(w, PS_S("a=group:BUNDLE"));
    for (i = 0; i < making->media; i++)
        if (making->bundled[i]) {
            ps_put_char(w, ' ');
            ps_put_value(w, ps_sdp_mid_of(making, i));
        }
    ps_put(w, PS_S("\r\n"));
}

static void nego_put(struct ps_writer *w, const struct ps_sdp_making *making,
                     const struct ps_sdp_origin *origin)
{
    const struct ps_sdp *ours = making->ours;
    struct ps_slice name = ps_sdp_first(ours, PS_SDP_SESSION, 's');
    unsigned i;
    ps_put(w, PS_S("v=0\r\n"));
    ps_sdp_put_origin(w, origin);
    ps_sdp_put_line(w, 's', name.n ? name : PS_S("-")); /* 5.3: never empty */
    nego_put_all(w, ours, "i");
    nego_put_all(w, ours, "u");
    nego_put_all(w, ours, "e");
    nego_put_all(w, ours, "p");
    nego_put_connection(w, making);
    nego_put_all(w, ours, "b");
    nego_put_all(w, making->theirs ? making->theirs : ours, "trz"); /* 6: as offered */
    nego_put_bundle(w, making);
    ps_sdp_put_session_attributes(w, making);
    for (i = 0; i < making->media; i++)
        ps_sdp_put_media_of(w, making, i);
}

/* Keeps the new description beside what is agreed on. */
static void nego_made(struct ps_sdp_negotiation *n, const struct ps_sdp_making *making,
                      size_t bytes)
{
    unsigned i;
    n->n[n->spare] = bytes;
    for (i = 0; i < making->media; i++)
        n->made[i] =
            making->from[i] == PS_SDP_REFUSED ? 0 : nego_media(making->ours, making->from[i]).port;
}

/* Writes the new description, with a version raised by one where the rest has changed (8). */
static enum ps_error nego_write(struct ps_sdp_negotiation *n, const struct ps_sdp_making *making,
                                struct ps_sdp *scratch)
{
    const struct ps_sdp *from = making->before ? making->before : making->ours;
    struct ps_sdp_origin origin;
    char next[20];
    uint64_t version;
    struct ps_writer digits = ps_writer(next, sizeof next);
    struct ps_writer w = ps_writer(n->memory + n->spare * n->slot, n->slot);
    (void)ps_sdp_origin_parse(ps_sdp_first(from, PS_SDP_SESSION, 'o'), &origin, NULL);
    nego_put(&w, making, &origin);
    if (!w.error && making->before && !ps_equal(ps_written(&w), nego_body(n, n->local))) {
        if (ps_parse_number(origin.version, INT64_MAX, &version))
            return PS_E_NUMBER;
        ps_put_number(&digits, version + 1);
        origin.version = ps_written(&digits);
        w = ps_writer(n->memory + n->spare * n->slot, n->slot);
        nego_put(&w, making, &origin);
    }
    if (w.error)
        return w.error;
    /* what is kept can be read again; making->before is not needed any more */
    if (ps_sdp_parse(ps_written(&w), 0, scratch, NULL))
        return PS_E_SDP_LIMIT;
    nego_made(n, making, w.n);
    return PS_OK;
}

/* ---- the exchanges ---- */

/* Parses our last description; NULL in the first exchange. */
static const struct ps_sdp *nego_before(const struct ps_sdp_negotiation *n, struct ps_sdp *sdp)
{
    if (!n->n[n->local])
        return NULL;
    (void)ps_sdp_parse(nego_body(n, n->local), 0, sdp, NULL); /* it is what we wrote */
    return sdp;
}

enum ps_error ps_sdp_offer(struct ps_sdp_negotiation *n, const struct ps_sdp *capabilities,
                           enum ps_sdp_direction direction, struct ps_slice *body)
{
    struct ps_sdp before;
    struct ps_sdp_making making;
    enum ps_error e;
    if (n->turn != PS_SDP_TURN_EITHER)
        return PS_E_SDP_TURN;
    making.ours = capabilities;
    making.theirs = NULL;
    making.before = nego_before(n, &before);
    making.ports = n->port;
    making.wanted = direction;
    if ((e = nego_plan_offer(&making)) || (e = nego_write(n, &making, &before)))
        return e;
    n->turn = PS_SDP_TURN_REMOTE;
    *body = nego_body(n, n->spare);
    return PS_OK;
}

enum ps_error ps_sdp_answer(struct ps_sdp_negotiation *n, struct ps_slice offer,
                            const struct ps_sdp *capabilities, enum ps_sdp_direction direction,
                            struct ps_slice *body, struct ps_sdp_fault *fault)
{
    struct ps_sdp theirs;
    struct ps_sdp before;
    struct ps_sdp_making making;
    enum ps_error e;
    if (n->turn != PS_SDP_TURN_EITHER)
        return PS_E_SDP_TURN;
    if ((e = ps_sdp_parse(offer, 0, &theirs, fault)))
        return e;
    if (offer.n > n->slot)
        return PS_E_OVERFLOW;
    making.ours = capabilities;
    making.theirs = &theirs;
    making.before = nego_before(n, &before);
    making.ports = n->port;
    making.wanted = direction;
    if (!nego_plan_answer(&making))
        return PS_E_SDP_NO_COMMON;
    if ((e = nego_write(n, &making, &before)))
        return e;
    nego_commit(n, offer, true);
    *body = ps_sdp_local(n);
    return PS_OK;
}

/* Fails because line `line` (from 0) of the answer does not fit the offer. */
static enum ps_error nego_refuse(const struct ps_sdp *answer, unsigned line, enum ps_error error,
                                 const char *expected, struct ps_sdp_fault *fault)
{
    size_t at = line < answer->lines ? answer->line[line].at - 2u : answer->text.n;
    ps_sdp_fault_at(fault, error, at, expected, "RFC 3264 6");
    if (fault) {
        fault->line = line + 1;
        fault->column = 1;
    }
    return error;
}

/* Checks that the answer has an m= of the same kind for each of the offer (6). */
static enum ps_error nego_check_answer(const struct ps_sdp *offer, const struct ps_sdp *answer,
                                       struct ps_sdp_fault *fault)
{
    unsigned i;
    for (i = 0; i < offer->media && i < answer->media; i++) {
        struct ps_sdp_media o = nego_media(offer, (int)i);
        struct ps_sdp_media a = nego_media(answer, (int)i);
        if (!ps_equal_nocase(o.media, a.media) || !ps_equal_nocase(o.protocol, a.protocol))
            return nego_refuse(answer, answer->first[i + 1], PS_E_SDP_LINE,
                               "the media type and transport of the offer", fault);
    }
    if (offer->media < answer->media)
        return nego_refuse(answer, answer->first[offer->media + 1], PS_E_SDP_LINE,
                           "no more m= lines than the offer has", fault);
    if (offer->media > answer->media)
        return nego_refuse(answer, answer->lines, PS_E_SDP_MISSING,
                           "as many m= lines as the offer has", fault);
    return PS_OK;
}

enum ps_error ps_sdp_accept(struct ps_sdp_negotiation *n, struct ps_slice answer,
                            struct ps_sdp_fault *fault)
{
    struct ps_sdp ours;
    struct ps_sdp theirs;
    enum ps_error e;
    if (n->turn != PS_SDP_TURN_REMOTE)
        return PS_E_SDP_TURN;
    (void)ps_sdp_parse(nego_body(n, n->spare), 0, &ours, NULL); /* it is what we wrote */
    if ((e = ps_sdp_parse(answer, 0, &theirs, fault)) ||
        (e = nego_check_answer(&ours, &theirs, fault)))
        return e;
    if (answer.n > n->slot)
        return PS_E_OVERFLOW;
    nego_commit(n, answer, false);
    return PS_OK;
}
