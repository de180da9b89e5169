/* Whole numbers in a text. Pure. */
#ifndef COMMON_NUMBER_H
#define COMMON_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* The decimal number that these `length` octets are, of nothing but digits; -1 where they are none,
 * or it is more than `high`. */
int64_t number_of(const char *digits, size_t length, int64_t high);

#endif
