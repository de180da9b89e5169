/* Files for tests that need some: a directory of their own, made and removed around each test. */
#ifndef TESTS_UNIT_FILES_H
#define TESTS_UNIT_FILES_H

#include <stddef.h>

/* cmocka fixtures: *state is the directory's path, owned. */
int files_setup(void **state);
int files_teardown(void **state);
#define WITH_FILES(name, setup) cmocka_unit_test_setup_teardown(name, setup, files_teardown)

/* DIRECTORY/NAME in a static buffer, of which there are a few in turn. */
const char *files_path(void **state, const char *name);
void files_write(const char *path, const char *text, size_t length);
/* Ends in NUL, which is not counted; owned by the caller. */
char *files_read(const char *path, size_t *length);
/* The number of entries, "." and ".." not counted. */
size_t files_count(const char *directory);

#endif
