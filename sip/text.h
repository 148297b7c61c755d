/*
 * Slices of text, character classes, numbers, and the bounded writer. Header only.
 *
 * Every codec (sip, sdp, digest) is made of these. Knows nothing of SIP beyond the character
 * classes of RFC 3261 section 25.1. No locale, no NUL termination, no allocation.
 */
#ifndef PS_TEXT_H
#define PS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "error.h"
#include "limits.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For the few functions whose call would cost more than their work. Not every file uses each of
 * them. */
#if defined(__GNUC__)
#define PS_ALWAYS_INLINE inline __attribute__((always_inline, unused))
#else
#define PS_ALWAYS_INLINE inline
#endif

/* ---- slices ---- */

/* `n` borrowed bytes at `p`. An absent slice is {NULL, 0}; one that is there but empty has a
 * `p`. */
struct ps_slice {
    const char *p;
    size_t n;
};

static inline struct ps_slice ps_slice(const char *p, size_t n)
{
    struct ps_slice s;
    s.p = p;
    s.n = n;
    return s;
}

/* Makes a slice of a string literal. */
#define PS_S(literal) ps_slice("" literal, sizeof(literal) - 1)
#define PS_NONE ps_slice(NULL, 0)

static inline struct ps_slice ps_slice_of(const char *c_string)
{
    return ps_slice(c_string, c_string ? strlen(c_string) : 0);
}

static inline struct ps_slice ps_between(const char *begin, const char *end)
{
    return ps_slice(begin, (size_t)(end - begin));
}

/* Returns the place behind the last byte; NULL for an absent slice. */
static inline const char *ps_end(struct ps_slice s)
{
    return s.n ? s.p + s.n : s.p;
}

/* ---- character classes: RFC 3261 25.1 ---- */

enum {
    PS_C_DIGIT = 1,
    PS_C_ALPHA = 2,
    PS_C_HEX = 4,
    PS_C_TOKEN = 8,  /* token */
    PS_C_MARK = 16,  /* mark: unreserved less alphanum */
    PS_C_WORD = 32,  /* word, as in Call-ID */
    PS_C_USER = 64,  /* user-unreserved: & = + $ , ; ? / */
    PS_C_PARAM = 128 /* param-unreserved: [ ] / : & + $ */
};

/* clang-format off */
static inline unsigned ps_class(char c)
{
    /* D digit, A alpha, X hex, T token, M mark, W word, U user-unreserved, P param-unreserved */
    enum { D = PS_C_DIGIT, A = PS_C_ALPHA, X = PS_C_HEX, T = PS_C_TOKEN, M = PS_C_MARK,
           W = PS_C_WORD, U = PS_C_USER, P = PS_C_PARAM,
           DG = D | X | T | W, AX = A | X | T | W, AL = A | T | W };
    static const uint8_t table[256] = {
        0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
        /*  ! " # $ % & '   */ 0, T|M|W, W, 0, U|P, T|W, U|P, T|M|W,
        /* ( ) * + , - . /  */ M|W, M|W, T|M|W, T|W|U|P, U, T|M|W, T|M|W, W|U|P,
        DG, DG, DG, DG, DG, DG, DG, DG,
        /* 8 9 : ; < = > ?  */ DG, DG, W|P, U, W, U, W, W|U,
        0, AX, AX, AX, AX, AX, AX, AL, AL, AL, AL, AL, AL, AL, AL, AL,
        AL, AL, AL, AL, AL, AL, AL, AL, AL, AL, AL, W|P, W, W|P, 0, T|M|W,
        /* ` */ T|W, AX, AX, AX, AX, AX, AX, AL, AL, AL, AL, AL, AL, AL, AL, AL,
        AL, AL, AL, AL, AL, AL, AL, AL, AL, AL, AL, W, 0, W, T|M|W, 0,
    };
    return table[(unsigned char)c];
}
/* clang-format on */

static inline bool ps_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool ps_is_alpha(char c)
{
    return (ps_class(c) & PS_C_ALPHA) != 0;
}
static inline bool ps_is_token(char c)
{
    return (ps_class(c) & PS_C_TOKEN) != 0;
}
static inline bool ps_is_blank(char c)
{
    return c == ' ' || c == '\t';
}
/* Tells LWS inside a folded value: blanks, and the line end before them. */
static inline bool ps_is_lws(char c)
{
    return (unsigned char)c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}
static inline char ps_lower(char c)
{
    return (c >= 'A' && c <= 'Z') ? (char)(c + 32) : c;
}
/* Returns the value of a hexadecimal digit, or -1. */
static inline int ps_hex_value(char c)
{
    if (ps_is_digit(c))
        return c - '0';
    c = ps_lower(c);
    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}

/* ---- comparing and trimming ---- */

static inline bool ps_equal(struct ps_slice a, struct ps_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Compares without the case of ASCII letters (7.3.1). */
static inline bool ps_equal_nocase(struct ps_slice a, struct ps_slice b)
{
    size_t i;
    if (a.n != b.n)
        return false;
    for (i = 0; i < a.n; i++)
        if (ps_lower(a.p[i]) != ps_lower(b.p[i]))
            return false;
    return true;
}

/* Does the same for a constant name; its usual spelling is compared in words. */
static inline bool ps_is(struct ps_slice s, struct ps_slice literal)
{
    return s.n == literal.n &&
           (memcmp(s.p, literal.p, literal.n) == 0 || ps_equal_nocase(s, literal));
}

/* Returns the slice without LWS at both ends. */
static inline struct ps_slice ps_trim(struct ps_slice s)
{
    while (s.n && ps_is_lws(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && ps_is_lws(s.p[s.n - 1]))
        s.n--;
    return s;
}

static inline bool ps_all(struct ps_slice s, unsigned classes)
{
    size_t i;
    for (i = 0; i < s.n; i++)
        if (!(ps_class(s.p[i]) & classes))
            return false;
    return s.n > 0;
}

/* Returns the first `c` in the slice, or NULL. */
static inline const char *ps_find(struct ps_slice s, char c)
{
    return s.n ? (const char *)memchr(s.p, c, s.n) : NULL;
}

/* Does any byte end a line or a C string? A value with one is refused from applications. */
static inline bool ps_breaks_line(struct ps_slice s)
{
    return ps_find(s, '\r') || ps_find(s, '\n') || ps_find(s, '\0');
}

/* ---- numbers ---- */

/* Parses decimal digits, 0 to max; leading zeros are fine. The whole slice must be digits.
 * PS_E_NUMBER; `*out` is then untouched. */
static inline enum ps_error ps_parse_number(struct ps_slice s, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    size_t i;
    for (i = 0; i < s.n; i++) {
        uint64_t digit = (uint64_t)(uint8_t)(s.p[i] - '0');
        /* nineteen digits cannot overflow */
        if (digit > 9 || (i > 18 && value > (UINT64_MAX - digit) / 10))
            return PS_E_NUMBER;
        value = value * 10 + digit;
    }
    if (!s.n || value > max)
        return PS_E_NUMBER;
    *out = value;
    return PS_OK;
}

static inline enum ps_error ps_parse_u32(struct ps_slice s, uint32_t max, uint32_t *out)
{
    uint64_t value;
    enum ps_error error = ps_parse_number(s, max, &value);
    if (!error)
        *out = (uint32_t)value;
    return error;
}

/* ---- the bounded writer ---- */

/*
 * Writes into the caller's buffer, never past it. The first error stays: an overflow, or a value
 * that would inject a line. Bytes after an overflow are counted but not written, so that `n` says
 * how many would have been needed.
 */
struct ps_writer {
    char *p;
    size_t capacity;
    size_t n;
    enum ps_error error;
    bool compact; /* header names in their compact forms (7.3.3), no reason phrase */
};

static inline struct ps_writer ps_writer(char *buffer, size_t capacity)
{
    struct ps_writer w;
    w.p = buffer;
    w.capacity = capacity;
    w.n = 0;
    w.error = PS_OK;
    w.compact = false;
    return w;
}

/* Returns the bytes written so far; empty after an error. */
static inline struct ps_slice ps_written(const struct ps_writer *w)
{
    return ps_slice(w->p, w->error ? 0 : w->n);
}

/* Counts `n` bytes and returns where the caller writes them; NULL where they do not fit. */
static inline char *ps_put_room(struct ps_writer *w, size_t n)
{
    char *p = NULL;
    if (w->n <= w->capacity && n <= w->capacity - w->n)
        p = w->p + w->n;
    else if (!w->error)
        w->error = PS_E_OVERFLOW;
    w->n += n;
    return p;
}

static inline void ps_put(struct ps_writer *w, struct ps_slice s)
{
    char *p = ps_put_room(w, s.n);
    if (p && s.n)
        memcpy(p, s.p, s.n);
}

static inline void ps_put_char(struct ps_writer *w, char c)
{
    ps_put(w, ps_slice(&c, 1));
}

static inline void ps_put_string(struct ps_writer *w, const char *c_string)
{
    ps_put(w, ps_slice_of(c_string));
}

/* Writes a value that came from an application; refuses one that would end the line. */
static inline void ps_put_value(struct ps_writer *w, struct ps_slice s)
{
    if (ps_breaks_line(s) && !w->error)
        w->error = PS_E_INJECTION;
    ps_put(w, s);
}

static inline void ps_put_number(struct ps_writer *w, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value);
    ps_put(w, ps_slice(digits + at, sizeof digits - at));
}

/* Writes lower-case hexadecimal, two digits a byte. */
static inline void ps_put_hex(struct ps_writer *w, const void *bytes, size_t n)
{
    const unsigned char *b = (const unsigned char *)bytes;
    size_t i;
    for (i = 0; i < n; i++) {
        ps_put_char(w, "0123456789abcdef"[b[i] >> 4]);
        ps_put_char(w, "0123456789abcdef"[b[i] & 15]);
    }
}

#ifdef __cplusplus
}
#endif
#endif
