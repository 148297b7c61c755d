/*
 * The main() of a Check program: a test file defines `static Suite *suite(void)` and ends with
 * PS_CHECK_MAIN. CK_FORK=no in the environment runs without forking (for valgrind and gdb).
 */
#ifndef PS_CHECK_MAIN_H
#define PS_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

#include "sip/text.h"

/* Two slices hold the same bytes; else both are printed. */
#define ck_assert_slices_eq(X, Y)                                                                  \
    do {                                                                                           \
        struct ps_slice ck_x_ = (X), ck_y_ = (Y);                                                  \
        ck_assert_msg(ps_equal(ck_x_, ck_y_), "%s is \"%.*s\", and not \"%.*s\"", #X,              \
                      (int)ck_x_.n, ck_x_.p ? ck_x_.p : "", (int)ck_y_.n, ck_y_.p ? ck_y_.p : ""); \
    } while (0)

/* The same for a slice and a string. */
#define ck_assert_slice_eq(X, TEXT) ck_assert_slices_eq(X, ps_slice_of(TEXT))

#define PS_CHECK_MAIN                                                                              \
    int main(void)                                                                                 \
    {                                                                                              \
        SRunner *runner = srunner_create(suite());                                                 \
        int failed;                                                                                \
        srunner_run_all(runner, CK_NORMAL);                                                        \
        failed = srunner_ntests_failed(runner);                                                    \
        srunner_free(runner);                                                                      \
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;                                               \
    }

#endif
