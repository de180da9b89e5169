#include "list-slices.h"

#include "../limits.h"

#include <stdlib.h>
#include <string.h>

void list_slices_init(struct list_slices *slices, const struct list_source *source)
{
    *slices = (struct list_slices){.source = *source};
    TAILQ_INIT(&slices->kept);
}

struct list_slice *list_slice_ref(struct list_slice *slice)
{
    slice->n_refs++;
    return slice;
}

void list_slice_unref(struct list_slice *slice)
{
    if (--slice->n_refs > 0)
        return;
    free(slice->text);
    free(slice);
}

bool list_slice_fits(const struct list_slice *slice, const struct list_place *place, uint64_t since)
{
    return slice->state >= since && list_place_same(&slice->from, place);
}

struct list_slice *list_slices_find(const struct list_slices *slices,
                                    const struct list_place *place, uint64_t since)
{
    struct list_slice *slice;
    TAILQ_FOREACH (slice, &slices->kept, others) {
        if (list_slice_fits(slice, place, since))
            return list_slice_ref(slice);
    }
    return NULL;
}

static void forget(struct list_slices *slices, struct list_slice *slice)
{
    TAILQ_REMOVE(&slices->kept, slice, others);
    slices->n_kept--;
    slices->octets_kept -= slice->length;
    list_slice_unref(slice);
}

static void keep(struct list_slices *slices, struct list_slice *slice)
{
    list_slice_ref(slice);
    TAILQ_INSERT_HEAD(&slices->kept, slice, others);
    slices->n_kept++;
    slices->octets_kept += slice->length;
    /* The analyzer takes the last for the same one each time.
     * NOLINTBEGIN(clang-analyzer-unix.Malloc) */
    while (slices->n_kept > LIST_SLICES_KEPT || slices->octets_kept > LIST_OCTETS_KEPT)
        forget(slices, TAILQ_LAST(&slices->kept, list_slice_list));
    /* NOLINTEND(clang-analyzer-unix.Malloc) */
}

struct list_slice *list_slices_write(struct list_slices *slices, const struct list_place *place)
{
    struct list_slice *slice = calloc(1, sizeof *slice);
    if (!slice)
        return NULL;
    slice->n_refs = 1;
    slice->state = slices->state;
    slice->from = slice->to = *place;
    slice->text = list_slice(&slices->source, &slice->to, &slice->length);
    if (!slice->text) {
        free(slice);
        return NULL;
    }
    slices->n_written++;
    keep(slices, slice);
    return slice; /* NOLINT(clang-analyzer-unix.Malloc): the caller's reference keeps it */
}

void list_slices_forget_old(struct list_slices *slices)
{
    struct list_slice *next;
    for (struct list_slice *slice = TAILQ_FIRST(&slices->kept); slice; slice = next) {
        next = TAILQ_NEXT(slice, others);
        if (slice->state < slices->state)
            forget(slices, slice);
    }
}

void list_slices_fini(struct list_slices *slices)
{
    slices->state++;
    list_slices_forget_old(slices);
}
