/*
 * Nonces of a server, and the sliding windows against replays. RFC 7616 3.3, 5.4, 5.5.
 * Knows no user and no response.
 */
#include "nonce_internal.h"
#include "../sip/base/siphash.h"

/* ---- text: 12 digits time, 8 digits number, 16 digits tag ---- */

static void nonce_digits(char *text, size_t n, uint64_t value)
{
    while (n) {
        text[--n] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
}

/* Digits as they are written, in lower case; `*good` is cleared where another stands. */
static uint64_t nonce_value(const char *text, size_t n, bool *good)
{
    uint64_t value = 0;
    size_t i;
    for (i = 0; i < n; i++) {
        unsigned c = (unsigned char)text[i], digit = c - '0';
        if (digit > 9) {
            digit = c - 'a' + 10;
            *good = *good && c - 'a' < 6;
        }
        value = value << 4 | (digit & 15);
    }
    return value;
}

void ps_nonce_write(const struct ps_nonce *nonce, char text[PS_DIGEST_NONCE])
{
    nonce_digits(text, 12, nonce->time);
    nonce_digits(text + 12, 8, nonce->number);
    nonce_digits(text + 20, 16, nonce->tag);
}

uint64_t ps_nonce_tag(const struct ps_digest_server *server, const struct ps_nonce *nonce,
                      struct ps_slice binding)
{
    struct ps_siphash h;
    ps_siphash_start(&h, server->key);
    ps_siphash_add64(&h, nonce->time);
    /* the realm's length tells where it ends and the binding starts */
    ps_siphash_add64(&h, (uint64_t)nonce->number << 32 | (uint32_t)server->realm.n);
    ps_siphash_add(&h, server->realm.p, server->realm.n);
    ps_siphash_add(&h, binding.p, binding.n);
    return ps_siphash_end(&h);
}

bool ps_nonce_read(const struct ps_digest_server *server, struct ps_slice text,
                   struct ps_slice binding, struct ps_nonce *out)
{
    bool good = true;
    uint64_t tag;
    if (text.n != PS_DIGEST_NONCE)
        return false;
    out->time = nonce_value(text.p, 12, &good);
    out->number = (uint32_t)nonce_value(text.p + 12, 8, &good);
    tag = nonce_value(text.p + 20, 16, &good);
    out->tag = ps_nonce_tag(server, out, binding);
    return good & (tag == out->tag); /* one comparison of a word: the same time for all */
}

/* ---- nonce counts ---- */

#define NONCE_WINDOW 64 /* bits of ps_digest_used.window */

static enum ps_nonce_use nonce_slide(struct ps_digest_used *used, uint32_t nc)
{
    uint64_t bit;
    if (nc > used->top) {
        uint32_t by = nc - used->top;
        used->window = (by < NONCE_WINDOW ? used->window << by : 0) | 1;
        used->top = nc;
        return PS_NONCE_FRESH;
    }
    if (used->top - nc >= NONCE_WINDOW)
        return PS_NONCE_USED;
    bit = UINT64_C(1) << (used->top - nc);
    if (used->window & bit)
        return PS_NONCE_USED;
    used->window |= bit;
    return PS_NONCE_FRESH;
}

enum ps_nonce_use ps_nonce_use(struct ps_digest_bucket *bucket, uint64_t time, uint32_t number,
                               uint32_t nc)
{
    struct ps_digest_used *oldest = bucket->nonce;
    size_t i;
    for (i = 0; i < PS_DIGEST_WAYS; i++) {
        struct ps_digest_used *used = &bucket->nonce[i];
        if (used->time == time + 1 && used->number == number)
            return nonce_slide(used, nc);
        if (used->time < oldest->time)
            oldest = used;
    }
    if (time + 1 <= bucket->floor)
        return PS_NONCE_FORGOTTEN;
    if (oldest->time > bucket->floor)
        bucket->floor = oldest->time;
    oldest->time = time + 1;
    oldest->number = number;
    oldest->top = nc;
    oldest->window = 1;
    return PS_NONCE_FRESH;
}

#undef NONCE_WINDOW
