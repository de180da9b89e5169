/* Users and groups of this system, by name or number, as zone files name them. */
#ifndef ZONES_PUBLISHERS_H
#define ZONES_PUBLISHERS_H

#include "../people.h"

enum publishers_outcome {
    PUBLISHERS_OK,
    PUBLISHERS_UNKNOWN, /* not known now: nobody is added, and a later reading may find it */
    PUBLISHERS_WRONG,   /* can never be anybody, or one too many */
};

struct findings;

/* Adds one word: a user, or "@" and a group, as `findings` has them or finds them now. On another
 * outcome than PUBLISHERS_OK *why is a static text. */
enum publishers_outcome publishers_add(struct people *people, struct findings *findings,
                                       const char *word, const char **why);
/* The same of one group by itself, without the "@". */
enum publishers_outcome publishers_group(struct findings *findings, const char *word,
                                         uint32_t *gid);

#endif
