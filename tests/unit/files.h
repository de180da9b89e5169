/* Files for tests that need some: a directory of their own, made and removed around each test. */
#ifndef TESTS_UNIT_FILES_H
#define TESTS_UNIT_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* Makes a directory below /tmp, with a short name for sockets; removes one with all that is in it.
 * 0, or -1. */
enum { FILES_DIRECTORY_MAX = 32 };
int files_begin(char directory[static FILES_DIRECTORY_MAX]);
int files_remove(const char *directory);

/* cmocka fixtures: *state is the directory's path, owned. */
int files_setup(void **state);
int files_teardown(void **state);
#define WITH_FILES(name, setup) cmocka_unit_test_setup_teardown(name, setup, files_teardown)

/* DIRECTORY/NAME in a static buffer, of which there are a few in turn. */
char *files_path(const char *directory, const char *name);
void files_write(const char *path, const char *text, size_t length);
void files_put(const char *directory, const char *name, const char *text);
/* Ends in NUL, which is not counted; owned by the caller. */
char *files_read(const char *path, size_t *length);
/* The text of DIRECTORY/NAME, up to a NUL, until the next call; empty if there is no such file. */
const char *files_text(const char *directory, const char *name);
/* Runs a program in the directory, without arguments; it must succeed. */
void files_run(const char *directory, const char *program);
/* Is it on a tmpfs? */
bool files_in_memory(const char *directory);
/* The number of entries, "." and ".." not counted. */
size_t files_count(const char *directory);

#endif
