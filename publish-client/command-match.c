#include "command-match.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* Room for a name: 253 characters in the DNS (RFC 1035, 2.3.4), and a dot at its end. */
enum { BEGINNING_MAX = 1024 };

bool match(const char *name, const char *pattern)
{
    char beginning[BEGINNING_MAX];
    size_t length = (size_t)snprintf(beginning, sizeof beginning, "%s.", name);
    if (length >= sizeof beginning)
        return fnmatch(pattern, name, FNM_CASEFOLD) == 0;
    for (char *dot = beginning + length; dot; dot = strrchr(beginning, '.')) {
        *dot = '\0';
        if (fnmatch(pattern, beginning, FNM_CASEFOLD) == 0)
            return true;
    }
    return false;
}
