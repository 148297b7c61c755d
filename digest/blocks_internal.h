/*
 * Cuts bytes, which come in any portions, into the whole blocks that a hash function takes (RFC
 * 1321 3.1 and 3.2, FIPS 180-4 5.1 and 5.2). Knows no hash function.
 */
#ifndef PS_BLOCKS_INTERNAL_H
#define PS_BLOCKS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* A hash's own part: takes so many whole blocks into its state. */
typedef void ps_compress(void *state, const uint8_t *p, size_t blocks);

/* Adds `n` bytes. `block` keeps what fills none yet: `*total` % `size` bytes of it. */
void ps_blocks_add(ps_compress *compress, void *state, uint8_t *block, size_t size, uint64_t *total,
                   const void *bytes, size_t n);

/* Ends the text: one bit, and zeros up to `room` bytes before the end of a block, where the length
 * goes; the caller writes it and takes the block. */
void ps_blocks_pad(ps_compress *compress, void *state, uint8_t *block, size_t size, uint64_t total,
                   size_t room);

#endif
