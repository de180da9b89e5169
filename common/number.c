#include "number.h"

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
