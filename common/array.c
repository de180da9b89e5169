#include "array.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROOM_MIN = 16,
    TRIM_MIN = 1 << 16, /* octets */
};

/* A pointer to any pointer is a void * only for memcpy(3) (C11, 6.5, 7). */
static bool resize(void *array, size_t *room, size_t n, size_t size)
{
    void *elements;
    memcpy(&elements, array, sizeof elements);
    void *moved = reallocarray(elements, n, size);
    if (!moved)
        return false;
    memcpy(array, &moved, sizeof moved);
    *room = n;
    return true; /* cppcheck-suppress memleak; the caller's pointer has it */
}

bool array_grow(void *array, size_t *room, size_t needed, size_t size)
{
    size_t more = *room ? 2 * *room : ROOM_MIN;
    return needed <= *room || resize(array, room, more < needed ? needed : more, size);
}

void *array_append(void *array, size_t n, size_t size)
{
    size_t room = 0;
    if ((n & (n - 1)) == 0 && !resize(array, &room, n ? 2 * n : 1, size))
        return NULL;
    char *elements;
    memcpy(&elements, array, sizeof elements);
    return elements + n * size;
}

void array_trim(void *array, size_t *room, size_t used, size_t size)
{
    if (*room / 4 > used && *room * size > TRIM_MIN)
        (void)!resize(array, room, used < ROOM_MIN ? ROOM_MIN : 2 * used, size);
}
