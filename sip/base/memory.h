/*
 * Keeps the stack's memory: pools of equal objects named by handles, and a store of kept bytes in
 * size classes. All of it is carved once from the caller's block; nothing is allocated after that.
 *
 * Knows nothing of what is kept in it.
 */
#ifndef PS_MEMORY_H
#define PS_MEMORY_H

#include "../capacity.h"
#include "../handle.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the structure of that type whose member `pointer` points to. */
#define PS_CONTAINER(type, member, pointer)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* ---- carving the block ---- */

/* Carves a block. With p NULL it only counts: `used` says what a block needs that is itself aligned
 * for any object (an odd start costs up to 7 bytes more). A block was too small where `used` > `n`
 * at the end. */
struct ps_arena {
    char *p;
    size_t n, used;
};
/* Returns bytes aligned for any object; NULL where the block is too small, or only counted. */
void *ps_arena_take(struct ps_arena *arena, size_t n);
/* Returns the heads of a hash table's buckets, pointers, all NULL; or NULL likewise. Their number,
 * a power of two and at least `count`, goes to `*buckets`. */
void *ps_arena_take_buckets(struct ps_arena *arena, uint32_t count, uint32_t *buckets);

/* ---- pools ---- */

/* Stands first in each pooled object. */
struct ps_object {
    uint32_t generation; /* odd while it lives */
    uint32_t next_free;
};

/* Bounds the objects of one pool: a handle has 24 bits of index. */
#define PS_POOL_MAX (UINT32_C(1) << 24)

struct ps_pool {
    char *objects;
    uint32_t object_size, count, live, peak, free_head;
    uint32_t fresh; /* objects below it have been used */
    uint8_t kind;
};
/* Carves room for `count` objects, at most PS_POOL_MAX (the caller sees to it). The pool is empty
 * where the arena only counts. */
void ps_pool_init(struct ps_pool *pool, struct ps_arena *arena, uint8_t kind, size_t object_size,
                  uint32_t count);
/* Returns an object, zeroed but for its struct ps_object, or NULL when the pool is empty. */
void *ps_pool_take(struct ps_pool *pool);
void ps_pool_give(struct ps_pool *pool, void *object);
ps_handle ps_pool_handle(const struct ps_pool *pool, const void *object);
/* Returns the living object of a handle, or NULL where it is stale, of another kind, or 0. */
void *ps_pool_get(const struct ps_pool *pool, ps_handle handle);
/* Returns the living object in place `i` (from 0, below pool->count), or NULL. */
void *ps_pool_at(const struct ps_pool *pool, uint32_t i);
/* Walks the living objects: the first in a place after that of `after` (0: from the start), whose
 * object may be gone; NULL at the end. */
void *ps_pool_next(const struct ps_pool *pool, ps_handle after);

/* Returns the kind that a handle names, 0 for none. Its object need not live. */
static inline uint8_t ps_handle_kind(ps_handle handle)
{
    return (uint8_t)(handle >> 56);
}

/* ---- kept bytes ---- */

/* Holds a kept text; {NULL, 0} when nothing is kept. Owned by whoever keeps it, who gives it back
 * with ps_forget. */
struct ps_kept {
    char *p;
    uint16_t n;
    uint8_t size_class;
};

struct ps_store {
    /* `live` and `peak` are for statistics, `bytes` is what a chunk takes */
    struct {
        char *chunks;
        void *free_list;
        uint32_t bytes, count, live, peak, fresh;
    } size_class[PS_SIZE_CLASSES];
};
void ps_store_init(struct ps_store *store, struct ps_arena *arena,
                   const struct ps_size_class classes[PS_SIZE_CLASSES]);
/* Copies `bytes` into the smallest free chunk that holds them. PS_E_TOO_LARGE: no class is that
 * large; PS_E_FULL: all that would do are taken. `*kept` must be empty before, and stays so on an
 * error and for no bytes. */
enum ps_error ps_keep(struct ps_store *store, struct ps_slice bytes, struct ps_kept *kept);
/* Gives the bytes back and leaves `*kept` empty; does nothing where it is. */
void ps_forget(struct ps_store *store, struct ps_kept *kept);

#ifdef __cplusplus
}
#endif
#endif
