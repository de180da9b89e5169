/* cmocka with the headers that it needs, and a test in the world of its file. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Before and after it come the file's setup() and teardown(). */
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
