/*
 * Covers sip/memory: carving a block, pools and their handles, kept bytes in size classes.
 * Does not cover: what the layers keep in it (their own tests).
 */
#include "check_main.h"
#include "sip/base/memory.h"

struct thing {
    struct ps_object object;
    uint64_t value;
    char text[24];
};
enum { KIND = 7, OTHER_KIND = 8 };

static uint64_t block[4096];

static struct ps_arena arena_of(size_t n)
{
    struct ps_arena arena = {(char *)block, n, 0};
    return arena;
}

START_TEST(arena_counts_as_it_carves)
{
    struct ps_arena counting = {NULL, 0, 0}, carving = arena_of(sizeof block);
    static const size_t sizes[] = {1, 8, 13, 0, 64, 7};
    unsigned i;
    for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ck_assert_ptr_null(ps_arena_take(&counting, sizes[i]));
        ck_assert_uint_eq((uintptr_t)ps_arena_take(&carving, sizes[i]) % 8, 0);
    }
    ck_assert_uint_eq(counting.used, carving.used);
}
END_TEST

START_TEST(arena_too_small_is_seen_at_the_end)
{
    struct ps_arena arena = arena_of(100);
    ck_assert_ptr_nonnull(ps_arena_take(&arena, 60));
    ck_assert_ptr_null(ps_arena_take(&arena, 60));
    ck_assert_uint_gt(arena.used, arena.n);
    ck_assert_ptr_null(ps_arena_take(&arena, 1));
}
END_TEST

START_TEST(arena_aligns_an_odd_block)
{
    struct ps_arena arena = {(char *)block + 3, 100, 0};
    ck_assert_uint_eq((uintptr_t)ps_arena_take(&arena, 8) % 8, 0);
}
END_TEST

START_TEST(arena_does_not_wrap)
{
    struct ps_arena arena = {NULL, 0, 0};
    struct ps_pool pool;
    ps_arena_take(&arena, SIZE_MAX - 3);
    ps_arena_take(&arena, 100);
    ck_assert_uint_eq(arena.used, SIZE_MAX);
    arena.used = 0;
    ps_pool_init(&pool, &arena, KIND, SIZE_MAX / 2, 3);
    ck_assert_uint_eq(arena.used, SIZE_MAX);
    arena.used = 0;
    ps_pool_init(&pool, &arena, KIND, 0, 3);
    ck_assert_uint_eq(arena.used, 0);
}
END_TEST

static void pool_of(struct ps_pool *pool, uint32_t count)
{
    struct ps_arena arena = arena_of(sizeof block);
    ps_pool_init(pool, &arena, KIND, sizeof(struct thing), count);
    ck_assert_uint_le(arena.used, arena.n);
}

START_TEST(pool_gives_each_object_once_and_zeroed)
{
    struct ps_pool pool;
    struct thing *a, *b, *c;
    memset(block, 0xff, sizeof block);
    pool_of(&pool, 3);
    a = (struct thing *)ps_pool_take(&pool);
    b = (struct thing *)ps_pool_take(&pool);
    c = (struct thing *)ps_pool_take(&pool);
    ck_assert(a && b && c && a != b && b != c && a != c);
    ck_assert_uint_eq(a->value | b->value | c->value, 0);
    ck_assert_int_eq(a->text[23], 0);
    ck_assert_ptr_null(ps_pool_take(&pool));
    ck_assert_uint_eq(pool.live, 3);
    b->value = 5;
    ps_pool_give(&pool, b);
    ck_assert_ptr_eq(ps_pool_take(&pool), b);
    ck_assert_uint_eq(b->value, 0);
    ck_assert_uint_eq(pool.peak, 3);
}
END_TEST

START_TEST(handle_names_one_life)
{
    struct ps_pool pool, other;
    struct ps_arena arena = arena_of(sizeof block);
    struct thing *a;
    ps_handle first, second;
    ps_pool_init(&pool, &arena, KIND, sizeof(struct thing), 2);
    ps_pool_init(&other, &arena, OTHER_KIND, sizeof(struct thing), 2);
    a = (struct thing *)ps_pool_take(&pool);
    ps_pool_take(&other);
    first = ps_pool_handle(&pool, a);
    ck_assert_uint_ne(first, 0);
    ck_assert_ptr_eq(ps_pool_get(&pool, first), a);
    ck_assert_ptr_null(ps_pool_get(&other, first));
    ps_pool_give(&pool, a);
    ck_assert_ptr_null(ps_pool_get(&pool, first));
    ck_assert_ptr_eq(ps_pool_take(&pool), a);
    second = ps_pool_handle(&pool, a);
    ck_assert_uint_ne(first, second);
    ck_assert_ptr_null(ps_pool_get(&pool, first));
    ck_assert_ptr_eq(ps_pool_get(&pool, second), a);
}
END_TEST

START_TEST(handle_made_up_is_none)
{
    struct ps_pool pool;
    pool_of(&pool, 2);
    ck_assert_ptr_null(ps_pool_get(&pool, 0));
    ck_assert_ptr_null(ps_pool_get(&pool, (uint64_t)KIND << 56)); /* generation 0: never lived */
    ck_assert_ptr_null(ps_pool_get(&pool, (uint64_t)KIND << 56 | UINT64_C(2) << 32 | 1));
    ck_assert_ptr_null(ps_pool_get(&pool, (uint64_t)KIND << 56 | UINT64_C(0xffffff) << 32 | 1));
}
END_TEST

START_TEST(walk_sees_the_living)
{
    struct ps_pool pool;
    struct thing *t[4], *at;
    unsigned i;
    uint64_t sum = 0;
    ps_handle gone;
    pool_of(&pool, 4);
    ck_assert_ptr_null(ps_pool_next(&pool, 0));
    for (i = 0; i < 4; i++) {
        t[i] = (struct thing *)ps_pool_take(&pool);
        t[i]->value = UINT64_C(1) << i;
    }
    gone = ps_pool_handle(&pool, t[0]);
    ps_pool_give(&pool, t[0]);
    ps_pool_give(&pool, t[3]);
    for (at = ps_pool_next(&pool, 0); at; at = ps_pool_next(&pool, ps_pool_handle(&pool, at)))
        sum += at->value;
    ck_assert_uint_eq(sum, 6);
    ck_assert_ptr_eq(ps_pool_next(&pool, gone), t[1]); /* the walk goes on from where it was */
}
END_TEST

START_TEST(pool_only_counted_is_empty)
{
    struct ps_arena arena = {NULL, 0, 0};
    struct ps_pool pool;
    ps_pool_init(&pool, &arena, KIND, sizeof(struct thing), 10);
    ck_assert_uint_eq(arena.used, 10 * sizeof(struct thing));
    ck_assert_ptr_null(ps_pool_take(&pool));
}
END_TEST

static void store_of(struct ps_store *store)
{
    static const struct ps_size_class classes[PS_SIZE_CLASSES] = {
        {10, 2}, {30, 0}, {70000, 1}, {100, 1}};
    struct ps_arena arena = arena_of(sizeof block);
    ps_store_init(store, &arena, classes);
}

START_TEST(kept_in_the_smallest_that_fits)
{
    struct ps_store store;
    struct ps_kept a = {NULL, 0, 0}, b = a, c = a, d = a;
    store_of(&store);
    ck_assert_int_eq(ps_keep(&store, PS_S("ten bytes."), &a), PS_OK);
    ck_assert(ps_equal(ps_slice(a.p, a.n), PS_S("ten bytes.")));
    ck_assert_uint_eq(a.size_class, 0);
    ck_assert_int_eq(ps_keep(&store, PS_S("x"), &b), PS_OK);
    ck_assert_int_eq(ps_keep(&store, PS_S("y"), &c), PS_OK); /* the next larger, when full */
    ck_assert_uint_eq(c.size_class, 3);
    ck_assert_int_eq(ps_keep(&store, PS_S("z"), &d), PS_E_FULL);
    ck_assert_ptr_null(d.p);
    ps_forget(&store, &a);
    ck_assert_ptr_null(a.p);
    ck_assert_int_eq(ps_keep(&store, PS_S("z"), &d), PS_OK);
    ck_assert_uint_eq(store.size_class[0].live, 2);
    ck_assert_uint_eq(store.size_class[0].peak, 2);
}
END_TEST

START_TEST(kept_too_large)
{
    static char large[65536];
    struct ps_store store;
    struct ps_kept a = {NULL, 0, 0};
    store_of(&store);
    ck_assert_int_eq(ps_keep(&store, ps_slice(large, 105), &a), PS_E_TOO_LARGE);
    ck_assert_int_eq(ps_keep(&store, ps_slice(large, sizeof large), &a), PS_E_TOO_LARGE);
    ck_assert_int_eq(ps_keep(&store, PS_NONE, &a), PS_OK);
    ck_assert_ptr_null(a.p);
    ps_forget(&store, &a); /* nothing kept: nothing happens */
    ck_assert_uint_eq(store.size_class[0].live, 0);
}
END_TEST

START_TEST(store_only_counted_keeps_nothing)
{
    static const struct ps_size_class classes[PS_SIZE_CLASSES] = {
        {16, 2}, {0, 3}, {65536, 1}, {65537, 9}};
    struct ps_arena arena = {NULL, 0, 0};
    struct ps_store store;
    struct ps_kept a = {NULL, 0, 0};
    ps_store_init(&store, &arena, classes);
    ck_assert_uint_eq(arena.used, 2 * 16 + 65536);
    ck_assert_int_eq(ps_keep(&store, PS_S("x"), &a), PS_E_TOO_LARGE);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("memory");
    TCase *t = tcase_create("memory");
    tcase_add_test(t, arena_counts_as_it_carves);
    tcase_add_test(t, arena_too_small_is_seen_at_the_end);
    tcase_add_test(t, arena_aligns_an_odd_block);
    tcase_add_test(t, arena_does_not_wrap);
    tcase_add_test(t, pool_gives_each_object_once_and_zeroed);
    tcase_add_test(t, handle_names_one_life);
    tcase_add_test(t, handle_made_up_is_none);
    tcase_add_test(t, walk_sees_the_living);
    tcase_add_test(t, pool_only_counted_is_empty);
    tcase_add_test(t, kept_in_the_smallest_that_fits);
    tcase_add_test(t, kept_too_large);
    tcase_add_test(t, store_only_counted_keeps_nothing);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
