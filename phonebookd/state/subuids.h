/* The ranges of uids in /etc/subuid (subuid(5)), and which of them a uid is in. Pure.
 *
 * A line is NAME:START:COUNT, where NAME is a user's name or number. Lines that are none are
 * ignored. */
#ifndef PHONEBOOKD_SUBUIDS_H
#define PHONEBOOKD_SUBUIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct subuids {
    struct subuid_range {
        uint32_t first, last;
        char *name;     /* owned; NULL where the line has a number, or once it is looked up */
        uint32_t owner; /* where `name` is NULL */
    } * ranges;         /* owned; in the order of the lines */
    size_t n, room;
};

/* Of a file's text; lines end in a newline, or with the text. False where memory ran out;
 * subuids_fini() is due whatever is returned. */
bool subuids_parse(struct subuids *subuids, const char *text, size_t length);
void subuids_fini(struct subuids *subuids);

/* The first that the uid is in, or NULL. */
struct subuid_range *subuids_find(const struct subuids *subuids, uint32_t uid);
/* Its name belongs to this user. */
void subuid_range_resolve(struct subuid_range *range, uint32_t owner);

#endif
