/* Users and groups of this system, by name or number, as zone files name them. */
#ifndef ZONES_PUBLISHERS_H
#define ZONES_PUBLISHERS_H

#include "../people.h"

enum publishers_outcome {
    PUBLISHERS_OK,
    PUBLISHERS_UNKNOWN, /* not known now: nobody is added, and a later reading may find it */
    PUBLISHERS_WRONG,   /* can never be anybody, or one too many */
};

/* Adds one word: a user, or "@" and a group. On another outcome than PUBLISHERS_OK *why is a static
 * text. Asks NSS, which may be a network service (getpwnam(3)). */
enum publishers_outcome publishers_add(struct people *people, const char *word, const char **why);

#endif
