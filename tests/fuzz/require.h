/* What a fuzz target asserts: a fuzzer, and a replay, see an abort(3). */
#ifndef TESTS_FUZZ_REQUIRE_H
#define TESTS_FUZZ_REQUIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static inline void require(bool condition)
{
    if (!condition)
        abort();
}

/* For static_image_new(), of a text of which no line may be refused. */
static inline void require_no_line(void *context, size_t line, const char *why)
{
    (void)context, (void)line, (void)why;
    abort();
}

#endif
