#include "array.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 16 };

/* A pointer to any pointer is a void * only for memcpy(3) (C11, 6.5, 7). */
bool array_grow(void *array, size_t *room, size_t needed, size_t size)
{
    size_t more = *room ? 2 * *room : ROOM_MIN;
    void *elements, *larger;

    if (needed <= *room)
        return true;
    more = more < needed ? needed : more;
    memcpy(&elements, array, sizeof elements);
    larger = reallocarray(elements, more, size);
    if (!larger)
        return false;
    memcpy(array, &larger, sizeof larger);
    *room = more;
    return true; /* cppcheck-suppress memleak; the caller's pointer has it */
}
