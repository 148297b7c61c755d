/*
 * Looks up a header's name, inline because the parser does it for each line. Private to sip/; the
 * tables are in names.c.
 */
#ifndef PS_NAMES_INTERNAL_H
#define PS_NAMES_INTERNAL_H

#include "../names.h"

/* Pads names with zeros, so that they compare in words. */
enum { PS_NAME_ROOM = 24 };
extern const char ps_header_names[PS_H_COUNT][PS_NAME_ROOM];
extern const uint8_t ps_header_lengths[PS_H_COUNT];
extern const uint8_t ps_header_slots[256];

/*
 * Computes a slot for each name: its first and middle letter and its length, multiplied by a number
 * that was found by trial to keep the listed names apart. The slot only says which name to compare
 * with. A test holds each name to its slot, and prints the slots where the list was changed.
 */
static PS_ALWAYS_INLINE unsigned ps_header_slot(struct ps_slice name)
{
    uint32_t first = (uint8_t)name.p[0] | 32u, middle = (uint8_t)name.p[name.n / 2] | 32u;
    return ((middle | first << 8 | (uint32_t)name.n << 16) * 0x2b4ab6d7u) >> 24;
}

/*
 * Compares bytes with those of a listed name, but for the case of letters. Names hold letters and
 * "-" alone. The bit that folds the case makes CR of "-", and no line has a CR.
 */
static PS_ALWAYS_INLINE uint64_t ps_name_differs_8(const char *p, const char *name)
{
    uint64_t a, b;
    memcpy(&a, p, 8);
    memcpy(&b, name, 8);
    return (a ^ b) & ~(UINT64_MAX / 255 * 0x20);
}
static PS_ALWAYS_INLINE uint32_t ps_name_differs_4(const char *p, const char *name)
{
    uint32_t a, b;
    memcpy(&a, p, 4);
    memcpy(&b, name, 4);
    return (a ^ b) & ~(UINT32_MAX / 255 * 0x20);
}
static PS_ALWAYS_INLINE uint32_t ps_name_differs_2(const char *p, const char *name)
{
    uint16_t a, b;
    memcpy(&a, p, 2);
    memcpy(&b, name, 2);
    return (uint32_t)(a ^ b) & ~(UINT32_MAX / 255 * 0x20);
}

/* Compares a name with a listed one, which has 2 to 24 bytes; the words may overlap. */
static PS_ALWAYS_INLINE bool ps_name_is(const char *p, const char *name, size_t n)
{
    if (n >= 8)
        return !(ps_name_differs_8(p, name) | ps_name_differs_8(p + n - 8, name + n - 8) |
                 (n > 16 ? ps_name_differs_8(p + 8, name + 8) : 0));
    if (n >= 4)
        return !(ps_name_differs_4(p, name) | ps_name_differs_4(p + n - 4, name + n - 4));
    return !(ps_name_differs_2(p, name) | ps_name_differs_2(p + n - 2, name + n - 2));
}

/* Finds a name of two bytes or more, none of them CR; PS_H_OTHER for one not listed. */
static PS_ALWAYS_INLINE enum ps_header_id ps_header_long(struct ps_slice name)
{
    unsigned id = ps_header_slots[ps_header_slot(name)];
    return name.n == ps_header_lengths[id] && ps_name_is(name.p, ps_header_names[id], name.n)
               ? (enum ps_header_id)id
               : PS_H_OTHER;
}

#endif
