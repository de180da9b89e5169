/* Arrays that grow. Pure. */
#ifndef COMMON_ARRAY_H
#define COMMON_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Gives the array that the pointer at `array` points to (NULL at first; freed by its owner) room
 * for `needed` elements of `size` octets; *room is how many it has room for. Where it has too
 * little, it moves, and has room for twice as many at least. False where memory ran out: all is as
 * before. */
bool array_grow(void *array, size_t *room, size_t needed, size_t size);

/* Gives memory back where less than a quarter of it is used: then it has room for twice as much.
 * What is too small to matter stays. */
void array_trim(void *array, size_t *room, size_t used, size_t size);

#endif
