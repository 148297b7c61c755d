/*
 * Writes the canonical form of an address of record (RFC 3261 10.3 step 5, 19.1.4): two that are
 * written differently and mean one user become the same bytes. Knows no binding.
 */
#include "address_of_record.h"

static void put_unescaped(struct ps_writer *w, struct ps_slice s)
{
    size_t i;
    for (i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? ps_hex_value(s.p[i + 1]) : -1;
        int low = high >= 0 ? ps_hex_value(s.p[i + 2]) : -1;
        if (low >= 0) {
            ps_put_char(w, (char)(high * 16 + low));
            i += 2;
        } else {
            ps_put_char(w, s.p[i]);
        }
    }
}

enum ps_error ps_put_address_of_record(struct ps_writer *w, struct ps_slice aor, ps_serves serves,
                                       void *context)
{
    struct ps_uri uri;
    size_t i;
    enum ps_error error = ps_uri_parse(aor, &uri, NULL);
    if (error)
        return error;
    if (uri.scheme > PS_SCHEME_SIPS)
        return PS_E_SCHEME;
    put_unescaped(w, uri.user);
    if (serves)
        return serves(context, &uri) ? w->error : PS_E_HOST;
    ps_put_char(w, '@');
    for (i = 0; i < uri.host.n; i++)
        ps_put_char(w, ps_lower(uri.host.p[i]));
    if (uri.port) {
        ps_put_char(w, ':');
        ps_put_number(w, uri.port);
    }
    return w->error;
}
