/*
 * The stack's memory: pools of equal objects named by handles, and a store of kept bytes in size
 * classes. All of it is carved once from the caller's block; nothing is allocated after that.
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

/* The structure of that type whose member `pointer` points to. */
#define PS_CONTAINER(type, member, pointer)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* ---- carving the block ---- */

/* With p NULL it only counts: `used` says what a block needs that is itself aligned for any object
 * (an odd start costs up to 7 bytes more). A block was too small where `used` > `n` at the end. */
struct ps_arena {
    char *p;
    size_t n, used;
};
/* Aligned for any object; NULL where the block is too small (or only counted). */
void *ps_arena_take(struct ps_arena *arena, size_t n);
/* Heads of a hash table's buckets, pointers, all NULL: a power of two, at least `count`, told in
 * `*buckets`. NULL likewise. */
void *ps_arena_take_buckets(struct ps_arena *arena, uint32_t count, uint32_t *buckets);

/* ---- pools ---- */

/* The first member of each pooled object. */
struct ps_object {
    uint32_t generation; /* odd while it lives */
    uint32_t next_free;
};

/* Objects of one pool at most: 24 bits of index. */
#define PS_POOL_MAX (UINT32_C(1) << 24)

struct ps_pool {
    char *objects;
    uint32_t object_size, count, live, peak, free_head;
    uint32_t fresh; /* objects below it have been used */
    uint8_t kind;
};
/* count: at most PS_POOL_MAX (the caller sees to it). Empty where the arena only counts. */
void ps_pool_init(struct ps_pool *pool, struct ps_arena *arena, uint8_t kind, size_t object_size,
                  uint32_t count);
/* A zeroed object but for its struct ps_object, or NULL when the pool is empty. */
void *ps_pool_take(struct ps_pool *pool);
void ps_pool_give(struct ps_pool *pool, void *object);
ps_handle ps_pool_handle(const struct ps_pool *pool, const void *object);
/* The living object of a handle, or NULL where it is stale, of another kind, or 0. */
void *ps_pool_get(const struct ps_pool *pool, ps_handle handle);
/* The living object in place `i` (from 0, below pool->count), or NULL. */
void *ps_pool_at(const struct ps_pool *pool, uint32_t i);
/* Walks the living: the first after `object` (NULL: from the start), NULL at the end. */
void *ps_pool_next(const struct ps_pool *pool, const void *object);

/* The kind that a handle says, 0 for none. It need not live. */
static inline uint8_t ps_handle_kind(ps_handle handle)
{
    return (uint8_t)(handle >> 56);
}

/* ---- kept bytes ---- */

/* A kept text; {NULL, 0} when nothing is kept. Owned by whoever keeps it: give it back with
 * ps_forget. */
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
/* Copies `bytes` into the smallest free chunk that takes them. PS_E_TOO_LARGE: no class is that
 * large; PS_E_FULL: all that would are taken. `*kept` must be empty before, and stays so on an
 * error and for no bytes. */
enum ps_error ps_keep(struct ps_store *store, struct ps_slice bytes, struct ps_kept *kept);
/* Gives it back and leaves it empty; fine for one that is. */
void ps_forget(struct ps_store *store, struct ps_kept *kept);

#ifdef __cplusplus
}
#endif
#endif
