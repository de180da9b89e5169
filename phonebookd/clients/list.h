/* The text of the `list` socket: one line per name and holder (phonebook-protocol(7)). It is
 * written in slices, so that a long list keeps nothing else waiting. The registry may change
 * between two of them: each goes on behind the line at which the last one ended, with things as
 * they are then. So a holder that is there all the time is told once, and one that comes meanwhile
 * is told or not; lines of one name can be of different moments. */
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

/* How far a list has come: behind this name of this zone, or inside it. All zero at its beginning.
 */
struct list_place {
    char zone[NAME_TEXT_MAX + 1], name[NAME_TEXT_MAX + 1];
    bool inside; /* of this name, only the registrations up to the oldest told are */
    struct registration_age told; /* that one */
    size_t withheld;              /* addresses told one by one so far, of LIST_WITHHELD_MAX */
};

bool list_place_same(const struct list_place *a, const struct list_place *b);

/* Writes the lines that follow to a text of its own, which the caller frees; its length to *length,
 * which is zero where no line follows. Moves *place on. NULL, with *place as it was, where memory
 * ran out.
 *
 * A slice has LIST_SLICE lines and addresses; but of a name it has begun at least as much as
 * finding the name's addresses cost, since the next slice has to find them again; always whole
 * lines; and with the last holder's all that lingers of the name, NAME_ADDRESSES_MAX addresses at
 * most. */
char *list_slice(const struct list_source *source, struct list_place *place, size_t *length);

#endif
