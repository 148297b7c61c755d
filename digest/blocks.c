/*
 * Bytes into blocks, for each of the hash functions. See blocks_internal.h.
 */
#include "blocks_internal.h"

#include <string.h>

void ps_blocks_add(ps_compress *compress, void *state, uint8_t *block, size_t size, uint64_t *total,
                   const void *bytes, size_t n)
{
    const uint8_t *p = (const uint8_t *)bytes;
    size_t used = (size_t)(*total % size);
    *total += n;
    if (used && n) {
        size_t room = size - used, part = n < room ? n : room;
        memcpy(block + used, p, part);
        p += part;
        n -= part;
        if (used + part < size)
            return;
        compress(state, block, 1);
    }
    compress(state, p, n / size);
    if (n % size)
        memcpy(block, p + n - n % size, n % size);
}

void ps_blocks_pad(ps_compress *compress, void *state, uint8_t *block, size_t size, uint64_t total,
                   size_t room)
{
    size_t used = (size_t)(total % size);
    block[used++] = 0x80;
    memset(block + used, 0, size - used);
    if (used > size - room) {
        compress(state, block, 1);
        memset(block, 0, size);
    }
}
