/* Static files, compiled of a text, of which no line may be refused. A header of its own code, as
 * made.h. */
#ifndef TESTS_UNIT_COMPILED_H
#define TESTS_UNIT_COMPILED_H

#include "../../zones/static-image.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static inline void compiled_refuse(void *context, size_t line, const char *why)
{
    (void)context;
    fail_msg("%zu: %s", line, why);
}

static inline struct static_image *compiled(const char *text)
{
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy, text, length);
    size_t refused;
    return static_image_new(copy, length, compiled_refuse, NULL, &refused);
}

#endif
