/* Which names `phonebook list NAME...` means. Pure. */
#ifndef PUBLISH_CLIENT_COMMAND_MATCH_H
#define PUBLISH_CLIENT_COMMAND_MATCH_H

#include <stdbool.h>

/* Is `name`, as in the DNS and without a dot at its end, what `pattern` describes? That is a name
 * or the first labels of one, where "*", "?" and "[...]" stand for other characters, dots too
 * (fnmatch(3)); behind a dot at its end nothing can follow. Capitals are as small letters. */
bool match(const char *name, const char *pattern);

#endif
