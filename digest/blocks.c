/*
 * Bytes into blocks, for each of the hash functions. See blocks_internal.h.
 */
#include "blocks_internal.h"

#include <string.h>

size_t ps_blocks_next(struct ps_blocks *in, uint8_t *block, size_t size, uint64_t *total)
{
    size_t used = (size_t)(*total % size), taken, blocks;
    if (!used && in->n >= size) {
        blocks = in->n / size;
        taken = blocks * size;
        in->whole = in->p;
    } else {
        taken = in->n < size - used ? in->n : size - used;
        memcpy(block + used, in->p, taken);
        blocks = (used + taken) / size;
        in->whole = block;
    }
    in->p += taken;
    in->n -= taken;
    *total += taken;
    return blocks;
}

bool ps_blocks_pad(uint8_t *block, size_t size, uint64_t total)
{
    size_t used = (size_t)(total % size);
    block[used++] = 0x80;
    memset(block + used, 0, size - used);
    return used <= size - size / 8;
}
