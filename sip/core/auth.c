/*
 * Authenticates messages by Digest: RFC 3261 section 22. See auth.h. Computes nothing itself.
 */
#include "auth_internal.h"

static void end_line(struct ps_writer *w)
{
    ps_put(w, PS_S("\r\n"));
}

void ps_auth_write_credentials(struct ps_writer *w, struct ps_digest_client *client,
                               struct ps_digest_attempt *attempt, struct ps_slice target,
                               const struct ps_digest_request *request)
{
    struct ps_digest_session *session;
    size_t at = 0;
    while ((session = ps_digest_client_next(client, target, &at)) != NULL) {
        ps_put(w, ps_header_name(session->proxy ? PS_H_PROXY_AUTHORIZATION : PS_H_AUTHORIZATION));
        ps_put(w, PS_S(": "));
        ps_digest_client_put(client, session, attempt, request, w);
        end_line(w);
    }
}

/* Bounds the challenges of one message that are looked at; more are not answered. */
#define MAX_CHALLENGES 16

/* Takes the challenges of one kind; PS_E_DIGEST_SCHEME where there is none. */
static enum ps_error challenged(struct ps_environment *env, struct ps_digest_client *client,
                                struct ps_digest_attempt *attempt,
                                const struct ps_digest_place *place,
                                const struct ps_message *response)
{
    enum ps_header_id id = place->proxy ? PS_H_PROXY_AUTHENTICATE : PS_H_WWW_AUTHENTICATE;
    struct ps_slice values[MAX_CHALLENGES];
    char cnonce[32];
    struct ps_writer w = ps_writer(cnonce, sizeof cnonce);
    unsigned n = 0;
    while (n < MAX_CHALLENGES && (values[n] = ps_header_value(response, id, n)).p)
        n++;
    ps_put_token(&w, env);
    return ps_digest_client_challenged(client, attempt, place, values, n, ps_written(&w));
}

/* Takes the challenges of both kinds: a proxy that forked hands on those of all branches (16.7 step
 * 7). */
enum ps_error ps_auth_challenged(struct ps_environment *env, struct ps_digest_client *client,
                                 struct ps_digest_attempt *attempt, struct ps_slice target,
                                 const struct ps_message *response)
{
    struct ps_digest_place user = {target, false}, proxy = {target, true};
    enum ps_error by_user = challenged(env, client, attempt, &user, response);
    enum ps_error by_proxy = challenged(env, client, attempt, &proxy, response);
    if (!by_user || !by_proxy)
        return PS_OK;
    return by_user == PS_E_DIGEST_SCHEME ? by_proxy : by_user;
}

static void learn(struct ps_digest_client *client, const struct ps_digest_place *place,
                  const struct ps_message *request, struct ps_slice info, struct ps_slice body)
{
    enum ps_header_id id = place->proxy ? PS_H_PROXY_AUTHORIZATION : PS_H_AUTHORIZATION;
    struct ps_slice sent = ps_header_value(request, id, 0);
    struct ps_digest_credentials credentials;
    struct ps_digest_session *session;
    bool proved;
    if (!info.p || !sent.p || ps_header_value(request, id, 1).p ||
        ps_digest_read_credentials(sent, &credentials))
        return;
    session = ps_digest_client_session(client, place, credentials.realm);
    if (session)
        (void)ps_digest_client_info(session, &credentials, info, body, &proved);
}

void ps_auth_learn(struct ps_digest_client *client, struct ps_slice target,
                   const struct ps_message *request, const struct ps_message *response)
{
    struct ps_digest_place user = {target, false}, proxy = {target, true};
    learn(client, &user, request, ps_header_value(response, PS_H_AUTHENTICATION_INFO, 0),
          ps_body(response));
    learn(client, &proxy, request, ps_header_named(response, PS_S("Proxy-Authentication-Info")),
          ps_body(response));
}

#ifndef PS_WITHOUT_DIGEST_SERVER
static bool same_host(const struct ps_uri *a, const struct ps_uri *b)
{
    struct ps_uri other = *a;
    other.host = b->host;
    return ps_uri_equal(a, &other, NULL);
}

static bool same_user(const struct ps_uri *a, const struct ps_uri *b)
{
    struct ps_uri other = *a;
    other.user = b->user;
    return ps_uri_equal(a, &other, NULL);
}

/* Is the host that the credentials name one that this server serves? */
static bool is_served(const struct ps_auth_server *server, const struct ps_message *request,
                      const struct ps_uri *named)
{
    struct ps_uri to;
    if (server->serves)
        return server->serves(server->context, named);
    return !ps_uri_parse(ps_span_of(request, request->to_uri), &to, NULL) &&
           to.scheme <= PS_SCHEME_SIPS && same_host(named, &to);
}

/* Will the uri parameter do (22.4 (6))? It is the URI that the client has called, and on the way
 * the Request-URI may have become another. */
static bool uri_will_do(const struct ps_auth_server *server, const struct ps_message *request,
                        const struct ps_digest_credentials *credentials)
{
    struct ps_uri asked, named;
    if (ps_uri_parse(credentials->uri, &named, NULL) || named.scheme > PS_SCHEME_SIPS ||
        ps_uri_parse(ps_request_uri(request), &asked, NULL) || asked.scheme > PS_SCHEME_SIPS)
        return false;
    if (credentials->qop == PS_QOP_NONE && !same_user(&asked, &named))
        return false;
    return same_host(&asked, &named) || is_served(server, request, &named);
}

/* Finds the credentials meant for this server among a request's lines. */
static bool find_credentials(const struct ps_auth_server *server, const struct ps_message *request,
                             struct ps_digest_credentials *out)
{
    enum ps_header_id id = server->proxy ? PS_H_PROXY_AUTHORIZATION : PS_H_AUTHORIZATION;
    unsigned i;
    for (i = 0; i < MAX_CHALLENGES; i++) {
        struct ps_slice value = ps_header_value(request, id, i);
        if (!value.p)
            return false;
        if (!ps_digest_read_credentials(value, out) &&
            ps_digest_server_is_asked(&server->digest, out))
            return true;
    }
    return false;
}

enum ps_digest_result ps_auth_check(struct ps_auth_server *server, const struct ps_environment *env,
                                    const struct ps_message *request, struct ps_slice binding,
                                    const struct ps_digest_user **user)
{
    struct ps_digest_credentials credentials;
    struct ps_digest_question question;
    *user = NULL;
    if (request->method == PS_METHOD_ACK || request->method == PS_METHOD_CANCEL)
        return PS_DIGEST_GRANTED;
    if (!find_credentials(server, request, &credentials))
        return PS_DIGEST_NOT_ASKED;
    question.request.method = ps_request_method(request);
    question.request.uri =
        uri_will_do(server, request, &credentials) ? credentials.uri : ps_request_uri(request);
    question.request.body = ps_body(request);
    question.credentials = &credentials;
    question.user = server->find_user(server->context, &credentials);
    question.binding = binding;
    question.now_ms = env->now;
    *user = question.user;
    return ps_digest_server_check(&server->digest, &question);
}

void ps_auth_write_challenges(struct ps_writer *w, struct ps_auth_server *server,
                              const struct ps_environment *env, struct ps_slice binding, bool stale)
{
    char nonce[PS_DIGEST_NONCE];
    size_t i;
    ps_digest_server_nonce(&server->digest, binding, env->now, nonce);
    for (i = 0; i < server->digest.n_offers; i++) {
        ps_put(w, ps_header_name(server->proxy ? PS_H_PROXY_AUTHENTICATE : PS_H_WWW_AUTHENTICATE));
        ps_put(w, PS_S(": "));
        ps_digest_server_put(&server->digest, i, nonce, stale, w);
        end_line(w);
    }
}
#endif
