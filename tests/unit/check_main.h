/*
 * The main() of a Check program: a test file defines `static Suite *suite(void)` and ends with
 * PS_CHECK_MAIN. CK_FORK=no in the environment runs without forking (for valgrind and gdb).
 */
#ifndef PS_CHECK_MAIN_H
#define PS_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

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
