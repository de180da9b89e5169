/* malloc(3) and its kin, before glibc's, of which one fails when a test says so; a sanitizer wants
 * them for itself, and then there is nothing to be tried. For one file of a program. */
#ifndef TESTS_UNIT_FAILING_MEMORY_H
#define TESTS_UNIT_FAILING_MEMORY_H

#include <stdbool.h>
#include <stdlib.h>

static int allowed = -1; /* allocations until one fails; negative: none does */

#ifdef __SANITIZE_ADDRESS__
enum { POSSIBLE = false };
#else
enum { POSSIBLE = true };

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static bool fails(void)
{
    return allowed >= 0 && allowed-- == 0;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *reallocarray(void *memory, size_t n, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, n * size);
}
#endif

#endif
