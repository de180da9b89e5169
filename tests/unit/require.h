/* What fuzz targets assert, and what no test expects to fail: it ends the program with abort(3),
 * which a fuzzer and a replay see. */
#ifndef TESTS_UNIT_REQUIRE_H
#define TESTS_UNIT_REQUIRE_H

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
