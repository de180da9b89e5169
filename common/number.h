/* Numbers that a person wrote. Pure. */
#ifndef COMMON_NUMBER_H
#define COMMON_NUMBER_H

#include <stdbool.h>

/* A whole decimal number within [low, high], of nothing but digits; 0 <= low. False, and *number as
 * it was, where `text` is none, or NULL. */
bool number_read(const char *text, int low, int high, int *number);

#endif
