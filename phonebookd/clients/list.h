/* The text of the `list` socket: one line per name and holder (phonebook-protocol(7)). It is
 * written in slices, so that a long list keeps nothing else waiting; the registry may change
 * between two of them, and each goes on behind the name at which the last one ended. */
#ifndef PHONEBOOKD_LIST_H
#define PHONEBOOKD_LIST_H

#include "../../zones/name.h"
#include "../state/listings.h"
#include "../state/registry.h"

/* What a list is made of. */
struct list_source {
    struct registry *registry;
    /* How far it is. *reason is why publishing has not brought it further, a static text; left as
     * it is where that is not publishing's affair, or only a matter of time. */
    enum served (*served)(void *owner, const struct listing *listing, const char **reason);
    void *owner;
};

/* How far a list has come: behind this name of this zone. All zero at its beginning. */
struct list_place {
    char zone[NAME_TEXT_MAX + 1], name[NAME_TEXT_MAX + 1];
    size_t withheld; /* addresses told one by one so far, of LIST_WITHHELD_MAX */
};

/* Writes the lines of the names that follow, LIST_SLICE lines and addresses and at least one
 * name, to a text of its own, which the caller frees; its length to *length, which is zero where no
 * name follows. Moves *place on. NULL, with *place as it was, where memory ran out. */
char *list_slice(const struct list_source *source, struct list_place *place, size_t *length);

#endif
