/* Arrays that grow. Pure. */
#ifndef COMMON_ARRAY_H
#define COMMON_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* Makes room for at least `needed` elements of `size` octets in an array that its owner frees.
 * `array` is the address of the pointer to it (NULL at first); *room elements fit. A growing array
 * at least doubles its room, and may move. False if memory ran out; the array is unchanged then. */
bool array_grow(void *array, size_t *room, size_t needed, size_t size);

/* Makes room for one more element in an array of `n` whose room is not recorded: the room doubles
 * whenever n is a power of two. Returns the new element, which is not initialized; or NULL, with
 * the array unchanged, if memory ran out. */
void *array_append(void *array, size_t n, size_t size);

/* Shrinks the array to twice the used size if less than a quarter of its room is used. Small arrays
 * stay as they are. */
void array_trim(void *array, size_t *room, size_t used, size_t size);

#endif
