/* Writes the text of the `list` socket: one line per name and holder (phonebook-protocol(7)). The
 * list is written in slices, so that a long one does not delay other work. Each slice continues
 * after the last line of the one before, from the state at that time, because the registry may
 * change in between. A holder that exists all the time is listed exactly once. A holder that comes
 * meanwhile may be missing. Lines of one name may show the state of different moments. Pure. */
#ifndef PHONEBOOKD_LIST_H
#define PHONEBOOKD_LIST_H

#include "../../zones/name.h"
#include "../state/listings.h"
#include "../state/registry.h"

/* The sources of the list's content. */
struct list_source {
    struct registry *registry;
    /* How far the listing is published. If publishing causes a delay, *reason becomes the cause, a
     * static text. It stays unchanged if there is another cause, or if the listing only needs more
     * time. */
    enum served (*served)(void *owner, const struct listing *listing, const char **reason);
    void *owner;
    int64_t epoch, now; /* boot_epoch() and boot_s() when the slice is written */
};

/* How far a list has come. Initially all zero. */
struct list_place {
    char zone[NAME_TEXT_MAX + 1], name[NAME_TEXT_MAX + 1];
    enum {
        LIST_BEHIND, /* at the end of this name in this zone */
        LIST_INSIDE, /* inside this name: its registrations from the newest to `told` are listed */
        LIST_UNPLACED, /* behind all names: registrations without a claim up to `told` are listed */
    } at;
    struct registration_age told;
    size_t withheld; /* withheld addresses named so far, up to LIST_WITHHELD_MAX */
};

bool list_place_same(const struct list_place *a, const struct list_place *b);

/* Writes the next lines. Returns a text that the caller frees, its length in *length (0: the list
 * ends here), and moves *place behind it. NULL if memory ran out; *place is unchanged then.
 *
 * A slice has LIST_SLICE lines and addresses, with two exceptions. If it begins a name, it writes
 * at least as many lines as finding the name's addresses costs, because the next slice has to find
 * them again. And it ends with a whole line; the line of the last holder is followed by all
 * remnants of the name, at most NAME_ADDRESSES_MAX addresses. */
char *list_slice(const struct list_source *source, struct list_place *place, size_t *length);

#endif
