/* Matches names with the patterns of `phonebook list NAME...`. Pure. */
#ifndef PUBLISH_CLIENT_COMMAND_MATCH_H
#define PUBLISH_CLIENT_COMMAND_MATCH_H

#include <stdbool.h>

/* Does `pattern` match `name`, which is as in the DNS, without a trailing dot? The pattern matches
 * a whole name or its first labels; with a trailing dot, only a whole name. "*", "?" and "[...]"
 * match other characters, dots included (fnmatch(3)). Case is ignored. */
bool match(const char *name, const char *pattern);

#endif
