#include "number.h"

#include <errno.h>
#include <stdlib.h>

bool number_read(const char *text, int low, int high, int *number)
{
    char *end;
    long value;

    if (!text || *text < '0' || *text > '9')
        return false;
    errno = 0;
    value = strtol(text, &end, 10);
    if (errno || *end || value < low || value > high)
        return false;
    *number = (int)value;
    return true;
}
