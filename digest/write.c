/*
 * Writes challenges, credentials and Authentication-Info as header values, quoted where RFC 3261
 * 25.1 wants it. Does not know which parameters must be there.
 */
#include "raw_internal.h"

/* One value under way: is this its first parameter? */
struct write_list {
    struct ps_writer *w;
    bool first;
};

static struct write_list write_digest(struct ps_writer *w)
{
    struct write_list list;
    list.w = w;
    list.first = true;
    ps_put(w, PS_S("Digest "));
    return list;
}

static void write_name(struct write_list *list, const char *name)
{
    if (!list->first)
        ps_put(list->w, PS_S(", "));
    list->first = false;
    ps_put_string(list->w, name);
    ps_put_char(list->w, '=');
}

/* A raw text in quotes, unless it is absent. */
static void write_raw(struct write_list *list, const char *name, struct ps_slice raw)
{
    if (!raw.p)
        return;
    if (ps_digest_raw_end(raw.p, ps_end(raw)) != ps_end(raw) && !list->w->error)
        list->w->error = PS_E_INJECTION;
    write_name(list, name);
    ps_put_char(list->w, '"');
    ps_put(list->w, raw);
    ps_put_char(list->w, '"');
}

static void write_token(struct write_list *list, const char *name, struct ps_slice token)
{
    if (!token.n)
        return;
    if (!ps_all(token, PS_C_TOKEN) && !list->w->error)
        list->w->error = PS_E_INJECTION;
    write_name(list, name);
    ps_put(list->w, token);
}

static struct ps_slice write_qop_name(unsigned qop)
{
    if (qop & PS_QOP_AUTH)
        return PS_S("auth");
    return qop & PS_QOP_AUTH_INT ? PS_S("auth-int") : PS_NONE;
}

/* qop-options is a quoted list; credentials have one value without quotes */
static struct ps_slice write_qop_options(unsigned qop)
{
    if ((qop & PS_QOP_AUTH) && (qop & PS_QOP_AUTH_INT))
        return PS_S("auth,auth-int");
    return write_qop_name(qop);
}

void ps_digest_put_challenge(struct ps_writer *w, const struct ps_digest_challenge *challenge)
{
    struct write_list list = write_digest(w);
    write_raw(&list, "realm", challenge->realm);
    write_raw(&list, "nonce", challenge->nonce);
    write_raw(&list, "opaque", challenge->opaque);
    write_raw(&list, "domain", challenge->domain);
    if (challenge->stale)
        write_token(&list, "stale", PS_S("true"));
    if (challenge->algorithm_named)
        write_token(&list, "algorithm", ps_digest_algorithm_name(challenge->algorithm));
    write_raw(&list, "qop", write_qop_options(challenge->qop));
    if (challenge->utf8)
        write_token(&list, "charset", PS_S("UTF-8"));
    if (challenge->userhash)
        write_token(&list, "userhash", PS_S("true"));
}

void ps_digest_put_credentials(struct ps_writer *w, const struct ps_digest_credentials *credentials)
{
    struct write_list list = write_digest(w);
    write_raw(&list, "username", credentials->username);
    write_raw(&list, "realm", credentials->realm);
    write_raw(&list, "nonce", credentials->nonce);
    write_raw(&list, "uri", credentials->uri);
    write_raw(&list, "response", credentials->response);
    if (credentials->algorithm_named)
        write_token(&list, "algorithm", ps_digest_algorithm_name(credentials->algorithm));
    write_raw(&list, "cnonce", credentials->cnonce);
    write_raw(&list, "opaque", credentials->opaque);
    write_token(&list, "qop", write_qop_name(credentials->qop));
    write_token(&list, "nc", credentials->nc_text);
    if (credentials->userhash)
        write_token(&list, "userhash", PS_S("true"));
}

void ps_digest_put_info(struct ps_writer *w, const struct ps_digest_info *info)
{
    struct write_list list;
    list.w = w;
    list.first = true;
    write_raw(&list, "nextnonce", info->nextnonce);
    write_token(&list, "qop", write_qop_name(info->qop));
    write_raw(&list, "rspauth", info->rspauth);
    write_raw(&list, "cnonce", info->cnonce);
    write_token(&list, "nc", info->nc_text);
}
