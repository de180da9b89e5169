#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int64_t number_of(const char *digits, size_t length, int64_t high)
{
    int64_t n = length ? 0 : -1;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9' || n > (INT64_MAX - 9) / 10)
            return -1;
        n = n * 10 + (digits[i] - '0');
    }
    return n <= high ? n : -1;
}

const char *number_parse(const char *value, long long low, long long high, long long *number)
{
    const char *digits = value + (*value == '-');
    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return "is not a whole number";
    errno = 0;
    char *end;
    *number = strtoll(value, &end, 10);
    if (errno == ERANGE)
        return *value == '-' ? "is too small" : "is too large";
    if (*number < low)
        return "is too small";
    return *number > high ? "is too large" : NULL;
}
