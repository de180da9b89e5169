/* The slices of the list that were written. Readers that read the list at the same time share
 * slices, as long as nothing has changed since a reader connected. A slice is freed when it is
 * neither being sent nor kept. So the memory is limited to the slices that are kept plus one per
 * reader, for a list of any length and readers of any speed. Pure. */
#ifndef PHONEBOOKD_LIST_SLICES_H
#define PHONEBOOKD_LIST_SLICES_H

#include "list.h"

#include <sys/queue.h>

struct list_slice {
    size_t n_refs;
    uint64_t state; /* list_slices::state when it was written */
    struct list_place from, to;
    char *text;    /* owned */
    size_t length; /* 0: the list ends at `from` */
    TAILQ_ENTRY(list_slice) others;
};

struct list_slices {
    struct list_source source;
    uint64_t state;                               /* counts the changes of the list's content */
    TAILQ_HEAD(list_slice_list, list_slice) kept; /* newest first; holds a reference to each */
    size_t n_kept, octets_kept;
    uint64_t n_written; /* number of slices written since the start */
};

void list_slices_init(struct list_slices *slices, const struct list_source *source);

/* Does the slice begin at `place`, and is it from the state `since` or a later one? */
bool list_slice_fits(const struct list_slice *slice, const struct list_place *place,
                     uint64_t since);

/* The newest kept slice that fits, with a reference for the caller; or NULL. */
struct list_slice *list_slices_find(const struct list_slices *slices,
                                    const struct list_place *place, uint64_t since);

/* Writes the slice at `place` and keeps it. Returns it with a reference for the caller; NULL if
 * memory ran out. */
struct list_slice *list_slices_write(struct list_slices *slices, const struct list_place *place);

struct list_slice *list_slice_ref(struct list_slice *slice);
void list_slice_unref(struct list_slice *slice);

/* Drops the kept slices that are too old for a new reader. */
void list_slices_forget_old(struct list_slices *slices);
/* Drops all kept slices. */
void list_slices_fini(struct list_slices *slices);

#endif
