/* Users and groups of this system, given by name or number in zone files. Pure. */
#ifndef ZONES_PUBLISHERS_H
#define ZONES_PUBLISHERS_H

#include "../people.h"

enum publishers_outcome {
    PUBLISHERS_OK,
    PUBLISHERS_UNKNOWN, /* not known now, so nobody is added; a later reading may find it */
    /* the question failed, so nobody is added; a later reading may get an answer */
    PUBLISHERS_UNANSWERED,
    PUBLISHERS_WRONG, /* impossible, or beyond PEOPLE_MAX */
};

struct findings;

/* Adds a word, USER or @GROUP, as `findings` has it, or as the system knows it now. *why is a
 * static text unless the outcome is PUBLISHERS_OK. */
enum publishers_outcome publishers_add(struct people *people, struct findings *findings,
                                       const char *word, const char **why);
/* Looks up one group, written without "@". */
enum publishers_outcome publishers_group(struct findings *findings, const char *word,
                                         uint32_t *gid);

#endif
