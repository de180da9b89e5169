/* The slices of the list's text that have been written. Whoever reads the list at the same time as
 * others is given theirs, as long as nothing has changed since it came; a slice is freed when
 * nobody sends it and it is not kept any more. So a list takes no more memory than the slices that
 * are kept, and one for each reader, however long it is and however slowly it is read. */
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
    uint64_t state;                               /* counts the changes of what a list says */
    TAILQ_HEAD(list_slice_list, list_slice) kept; /* newest first; with a reference to each */
    size_t n_kept, octets_kept;
    uint64_t n_written; /* since the start */
};

void list_slices_init(struct list_slices *slices, const struct list_source *source);

/* Does it go on at `place`, as things were in the state `since` or later? */
bool list_slice_fits(const struct list_slice *slice, const struct list_place *place,
                     uint64_t since);

/* The newest one kept that fits, or NULL; with a reference for the caller. */
struct list_slice *list_slices_find(const struct list_slices *slices,
                                    const struct list_place *place, uint64_t since);

/* Writes the slice at `place`, and keeps it too, with a reference for the caller. NULL where memory
 * ran out. */
struct list_slice *list_slices_write(struct list_slices *slices, const struct list_place *place);

struct list_slice *list_slice_ref(struct list_slice *slice);
void list_slice_unref(struct list_slice *slice);

/* Keeps none of those that a new reader could not be given. */
void list_slices_forget_old(struct list_slices *slices);
/* Keeps none. */
void list_slices_fini(struct list_slices *slices);

#endif
