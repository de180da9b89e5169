/* Parses whole numbers. Pure. */
#ifndef COMMON_NUMBER_H
#define COMMON_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* The value of a decimal number of digits only; -1 if the text is not one, or is more than
 * `high`. */
int64_t number_of(const char *digits, size_t length, int64_t high);

/* Parses a decimal number, which may be negative, within [low, high]. Returns NULL, or the mistake
 * (a static text). */
const char *number_parse(const char *text, long long low, long long high, long long *number);

#endif
