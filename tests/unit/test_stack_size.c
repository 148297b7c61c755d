/*
 * Covers ps_stack_report, and PS_STACK_BYTES against ps_stack_size: a static block is always large
 * enough, and not much too large; a block one byte too small is refused.
 * Does not cover: what a stack does when something is used up (tests/sim/test_pools.c).
 */
#include "check_main.h"
#include "sip/stack.h"

static struct ps_limits limits_of(uint32_t t, uint32_t r, uint32_t d, uint32_t c, uint32_t g,
                                  uint32_t s, uint32_t b, uint32_t bytes, uint32_t chunks)
{
    struct ps_limits l = {t, r, d, c, g, s, b, bytes, 16, {{512, 0}, {1536, 0}, {0, 0}, {0, 0}}};
    l.kept[0].count = l.kept[1].count = chunks;
    return l;
}

static void hold(uint32_t t, uint32_t r, uint32_t d, uint32_t c, uint32_t g, uint32_t s, uint32_t b,
                 uint32_t bytes, uint32_t chunks)
{
    struct ps_limits l = limits_of(t, r, d, c, g, s, b, bytes, chunks);
    size_t need = ps_stack_size(&l);
    size_t block = PS_STACK_BYTES(t, r, d, c, g, s, b, bytes, chunks * (512 + 1536));
    ck_assert_uint_ge(block, need);
    if (sizeof(void *) == 8)
        ck_assert_uint_le(block, need + need / 8 + 8192);
}

START_TEST(the_constant_is_enough_and_not_much_more)
{
    static const uint32_t n[] = {0, 1, 2, 3, 5, 17, 33, 64, 129, 1000, 1025};
    unsigned i;
    for (i = 0; i < sizeof n / sizeof n[0]; i++) {
        hold(n[i], 0, 0, 0, 0, 0, 0, 512, 0);
        hold(0, n[i], 0, 0, 0, 0, 0, 512, 0);
        hold(0, 0, n[i], 0, 0, 0, 0, 512, 0);
        hold(0, 0, 0, n[i], 0, 0, 0, 512, 0);
        hold(0, 0, 0, 0, n[i], 0, 0, 512, 0);
        hold(0, 0, 0, 0, 0, 0, n[i], 512, 0);
        hold(0, 0, 0, 0, 0, n[i], 0, 512, 0);
        hold(n[i], n[i], n[i], n[i], n[i], n[i], n[i], 65535, n[i]);
        hold(n[i], n[i], n[i], n[i], n[i], n[i], n[i], 1500, n[i]);
    }
}
END_TEST

START_TEST(a_smaller_block_is_refused)
{
    struct ps_config config = {.limits = limits_of(4, 4, 2, 2, 1, 1, 1, 1500, 8)};
    size_t need = ps_stack_size(&config.limits);
    char *block = malloc(need);
    ck_assert_ptr_nonnull(ps_stack_init(block, need, &config));
    ck_assert_ptr_null(ps_stack_init(block, need - 1, &config));
    free(block);
}
END_TEST

START_TEST(the_report_names_every_limit_in_force)
{
    struct ps_config config = {.limits = limits_of(4, 5, 2, 3, 1, 7, 6, 1500, 8)};
    size_t need = ps_stack_size(&config.limits);
    char *block = malloc(need), text[4096];
    struct ps_stack *stack = ps_stack_init(block, need, &config);
    struct ps_writer w = ps_writer(text, sizeof text - 1);
    ps_stack_report(&w, stack);
    ck_assert_int_eq(w.error, PS_OK);
    text[w.n] = '\0';
    ck_assert_ptr_nonnull(strstr(text, "PS_MAX_HEADERS "));
    ck_assert_ptr_nonnull(strstr(text, "PS_MAX_CONTACTS "));
    ck_assert_ptr_nonnull(strstr(text, "\ntransactions 4 live 0\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nbindings 6 live 0\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nkept_512 8 live 0\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nblock_bytes "));
    free(block);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("stack size");
    TCase *t = tcase_create("block");
    tcase_add_test(t, the_constant_is_enough_and_not_much_more);
    tcase_add_test(t, the_report_names_every_limit_in_force);
    tcase_add_test(t, a_smaller_block_is_refused);
    suite_add_tcase(s, t);
    return s;
}

PS_CHECK_MAIN
