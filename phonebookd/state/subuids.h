/* The ranges of uids in /etc/subuid (subuid(5)). Pure.
 *
 * A line is NAME:START:COUNT, where NAME is a user's name or number. Other lines are ignored. */
#ifndef PHONEBOOKD_SUBUIDS_H
#define PHONEBOOKD_SUBUIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct subuids {
    struct subuid_range {
        uint32_t first, last;
        char *name;     /* owned; NULL if the line has a number, or after subuid_range_resolve() */
        uint32_t owner; /* valid if `name` is NULL */
    } * ranges;         /* owned; in the order of the lines */
    size_t n, room;
};

/* Parses a file's text; the last line needs no newline. False if memory ran out; call
 * subuids_fini() in any case. */
bool subuids_parse(struct subuids *subuids, const char *text, size_t length);
void subuids_fini(struct subuids *subuids);

/* The first range that contains the uid, or NULL. */
struct subuid_range *subuids_find(const struct subuids *subuids, uint32_t uid);
/* Replaces the range's name by this uid. */
void subuid_range_resolve(struct subuid_range *range, uint32_t owner);

#endif
