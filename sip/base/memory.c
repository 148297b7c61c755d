/*
 * Carves the caller's block into pools with handles and a store of kept bytes in size classes.
 * Knows nothing of what is kept in it; asks nobody for memory.
 */
#include "memory.h"

/* Aligns as any object may need: pointers, 64-bit numbers, doubles. */
union aligned {
    void *pointer;
    uint64_t number;
    double real;
};
enum { ALIGNMENT = sizeof(union aligned) };

#define NO_INDEX UINT32_MAX

/* ---- carving the block ---- */

/* Saturates, so that a size that no block can have stays too large instead of wrapping. */
static size_t add(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static size_t multiply(size_t a, size_t b)
{
    return a && b > SIZE_MAX / a ? SIZE_MAX : a * b;
}

void *ps_arena_take(struct ps_arena *arena, size_t n)
{
    size_t odd = ((uintptr_t)arena->p + arena->used) % ALIGNMENT;
    size_t at = add(arena->used, odd ? ALIGNMENT - odd : 0);
    arena->used = add(at, n);
    return arena->p && arena->used <= arena->n ? arena->p + at : NULL;
}

void *ps_arena_take_buckets(struct ps_arena *arena, uint32_t count, uint32_t *buckets)
{
    void *bucket;
    *buckets = 1;
    while (*buckets < count)
        *buckets *= 2;
    bucket = ps_arena_take(arena, *buckets * sizeof(void *));
    if (bucket)
        memset(bucket, 0, *buckets * sizeof(void *));
    return bucket;
}

/* ---- pools ---- */

static struct ps_object *object_at(const struct ps_pool *pool, uint32_t index)
{
    return (struct ps_object *)(void *)(pool->objects + (size_t)index * pool->object_size);
}

static uint32_t index_of(const struct ps_pool *pool, const void *object)
{
    return (uint32_t)((size_t)((const char *)object - pool->objects) / pool->object_size);
}

void ps_pool_init(struct ps_pool *pool, struct ps_arena *arena, uint8_t kind, size_t object_size,
                  uint32_t count)
{
    memset(pool, 0, sizeof *pool);
    pool->kind = kind;
    pool->object_size = (uint32_t)object_size;
    pool->objects = (char *)ps_arena_take(arena, multiply(object_size, count));
    pool->count = pool->objects ? count : 0;
    pool->free_head = NO_INDEX;
}

/* Takes returned objects before those never used: on a system with pages a generous limit costs
 * memory only when it is needed. */
static struct ps_object *take_object(struct ps_pool *pool)
{
    struct ps_object *object;
    if (pool->free_head != NO_INDEX) {
        object = object_at(pool, pool->free_head);
        pool->free_head = object->next_free;
        return object;
    }
    if (pool->fresh == pool->count)
        return NULL;
    object = object_at(pool, pool->fresh++);
    object->generation = 0;
    return object;
}

void *ps_pool_take(struct ps_pool *pool)
{
    struct ps_object *object = take_object(pool);
    if (!object)
        return NULL;
    object->generation++;
    object->next_free = NO_INDEX;
    memset(object + 1, 0, pool->object_size - sizeof *object);
    if (++pool->live > pool->peak)
        pool->peak = pool->live;
    return object;
}

void ps_pool_give(struct ps_pool *pool, void *object)
{
    struct ps_object *o = (struct ps_object *)object;
    PS_ASSERT(o->generation & 1);
    o->generation++;
    o->next_free = pool->free_head;
    pool->free_head = index_of(pool, object);
    pool->live--;
}

ps_handle ps_pool_handle(const struct ps_pool *pool, const void *object)
{
    uint32_t generation = ((const struct ps_object *)object)->generation;
    return (uint64_t)pool->kind << 56 | (uint64_t)index_of(pool, object) << 32 | generation;
}

static uint32_t index_in(ps_handle handle)
{
    return (uint32_t)(handle >> 32) & (PS_POOL_MAX - 1);
}

void *ps_pool_get(const struct ps_pool *pool, ps_handle handle)
{
    uint32_t index = index_in(handle);
    struct ps_object *object;
    if ((uint8_t)(handle >> 56) != pool->kind || index >= pool->fresh)
        return NULL;
    object = object_at(pool, index);
    return (object->generation & 1) && object->generation == (uint32_t)handle ? object : NULL;
}

void *ps_pool_at(const struct ps_pool *pool, uint32_t i)
{
    return i < pool->fresh && (object_at(pool, i)->generation & 1) ? object_at(pool, i) : NULL;
}

void *ps_pool_next(const struct ps_pool *pool, ps_handle after)
{
    uint32_t i = after ? index_in(after) + 1 : 0;
    for (; i < pool->fresh; i++)
        if (object_at(pool, i)->generation & 1)
            return object_at(pool, i);
    return NULL;
}

/* ---- kept bytes ---- */

/* Links a chunk into the free list; the link stands in the chunk. */
static void chunk_free(struct ps_store *store, unsigned c, void *chunk)
{
    memcpy(chunk, &store->size_class[c].free_list, sizeof(void *));
    store->size_class[c].free_list = chunk;
}

static void class_init(struct ps_store *store, unsigned c, struct ps_arena *arena,
                       struct ps_size_class size)
{
    uint32_t bytes = (size.bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *chunks = (char *)ps_arena_take(arena, multiply(bytes, size.count));
    store->size_class[c].chunks = chunks;
    store->size_class[c].bytes = bytes;
    store->size_class[c].count = chunks ? size.count : 0;
}

/* Takes returned chunks before those never used, as pools do. */
static char *take_chunk(struct ps_store *store, unsigned c)
{
    char *chunk = (char *)store->size_class[c].free_list;
    if (chunk)
        memcpy(&store->size_class[c].free_list, chunk, sizeof(void *));
    else if (store->size_class[c].fresh < store->size_class[c].count)
        chunk = store->size_class[c].chunks +
                (size_t)store->size_class[c].fresh++ * store->size_class[c].bytes;
    return chunk;
}

void ps_store_init(struct ps_store *store, struct ps_arena *arena,
                   const struct ps_size_class classes[PS_SIZE_CLASSES])
{
    unsigned c;
    memset(store, 0, sizeof *store);
    for (c = 0; c < PS_SIZE_CLASSES; c++)
        if (classes[c].count && classes[c].bytes && classes[c].bytes <= UINT16_MAX + 1)
            class_init(store, c, arena, classes[c]);
}

enum ps_error ps_keep(struct ps_store *store, struct ps_slice bytes, struct ps_kept *kept)
{
    enum ps_error error = PS_E_TOO_LARGE;
    unsigned c;
    PS_ASSERT(!kept->p);
    if (!bytes.n)
        return PS_OK;
    for (c = 0; c < PS_SIZE_CLASSES && bytes.n <= UINT16_MAX; c++) {
        if (!store->size_class[c].count || store->size_class[c].bytes < bytes.n)
            continue;
        error = PS_E_FULL;
        kept->p = take_chunk(store, c);
        if (!kept->p)
            continue;
        if (++store->size_class[c].live > store->size_class[c].peak)
            store->size_class[c].peak = store->size_class[c].live;
        kept->n = (uint16_t)bytes.n;
        kept->size_class = (uint8_t)c;
        memcpy(kept->p, bytes.p, bytes.n);
        return PS_OK;
    }
    return error;
}

void ps_forget(struct ps_store *store, struct ps_kept *kept)
{
    if (!kept->p)
        return;
    chunk_free(store, kept->size_class, kept->p);
    store->size_class[kept->size_class].live--;
    kept->p = NULL;
    kept->n = 0;
}
