/* A database without its files: its names are looked at and its image is made at once. A header of
 * its own code, as made.h; for fuzz tests too. */
#ifndef TESTS_UNIT_LOOKED_H
#define TESTS_UNIT_LOOKED_H

#include "../../common/array.h"
#include "../../phonebookd/publishing/keeping.h"
#include "../reference/collect.h"
#include "require.h"

#include <stdlib.h>

struct looked {
    struct keeping keeping;
    struct kept_images images;
    struct image image;
    bool differed;        /* what was made anew was not the same */
    struct fit_cuts cuts; /* those that were told of, in the last looked_at() */
    size_t n_short, n_static;
    uint64_t now;
};

static inline void looked_on_cut(void *owner, const struct fit_cut *cut)
{
    struct looked *looked = owner;
    struct fit_cuts *cuts = &looked->cuts;
    struct fit_cut *added = array_append(&cuts->cuts, cuts->n, sizeof *added);
    require(added);
    cuts->n++;
    *added = *cut;
}

static inline void looked_on_short(void *owner, const struct listing *listing)
{
    struct looked *looked = owner;
    (void)listing;
    looked->n_short++;
}

static inline void looked_on_static(void *owner, const struct listing *listing)
{
    struct looked *looked = owner;
    (void)listing;
    looked->n_static++;
}

static inline void looked_init(struct looked *looked, const char *database,
                               struct registry *registry)
{
    static const struct keeping_ops ops = {looked_on_cut, looked_on_short, looked_on_static};
    *looked = (struct looked){.n_short = 0};
    image_init(&looked->image);
    keeping_init(&looked->keeping, database, registry, &looked->images, &looked->image, &ops,
                 looked);
}

static inline void looked_fini(struct looked *looked)
{
    keeping_fini(&looked->keeping);
    image_fini(&looked->image);
    free(looked->cuts.cuts);
}

/* What was touched is looked at. Returns in how many slices, of `limit` ns each. */
static inline unsigned looked_at(struct looked *looked, uint64_t limit)
{
    looked->cuts.n = looked->n_short = looked->n_static = 0;
    unsigned slices = 0;
    enum keeping_outcome outcome;
    do {
        looked->now += UINT64_C(1) << 40; /* everybody has paid since */
        bool settled;
        outcome = keeping_look(&looked->keeping, looked->now, true, limit, &settled);
        require(outcome != KEEPING_FAILED);
        slices++;
    } while (outcome == KEEPING_MORE || keeping_due(&looked->keeping, looked->now, true) == 0);
    return slices;
}

/* An image is made as for a build. False where there is nothing to be made. */
static inline bool looked_made(struct looked *looked)
{
    struct keeping *keeping = &looked->keeping;
    static const struct image_frame frame;
    bool compares = keeping_compares(keeping);
    if (!compares && !keeping_has_changes(keeping))
        return false;
    struct image beside;
    image_init(&beside);
    if (!compares) {
        require(image_make(&looked->image, &looked->image, keeping_changes(keeping), &frame) == 0);
        looked->differed = true;
    } else {
        require(image_make(&beside, NULL, keeping_changes(keeping), &frame) == 0);
        looked->differed = !image_equal(&looked->image, &beside);
        struct image before = looked->image;
        looked->image = beside;
        beside = before;
    }
    image_fini(&beside);
    keeping->look.build += looked->differed;
    keeping_in_place(keeping, compares);
    return true;
}

/* Both; true where the image is another one now. */
static inline bool looked_and_made(struct looked *looked)
{
    looked_at(looked, UINT32_MAX);
    return looked_made(looked) && looked->differed;
}

/* Is the image what the reference says that it should be? */
static inline bool looked_right(struct looked *looked)
{
    struct records records;
    records_init(&records);
    struct image image;
    image_init(&image);
    struct fit_cuts cuts = {.n = 0};
    require(collect(&records, &cuts, looked->keeping.registry, looked->keeping.database,
                    &looked->images));
    require(collect_image(&image, &records));
    bool equal = image_equal(&image, &looked->image);
    image_fini(&image);
    fit_cuts_fini(&cuts);
    records_fini(&records);
    return equal;
}

/* A whole audit, in slices; the image is what it was. True where it was right. */
static inline bool looked_audited(struct looked *looked)
{
    looked_and_made(looked);
    enum keeping_outcome outcome;
    do
        outcome = keeping_audit(&looked->keeping, 1);
    while (outcome == KEEPING_MORE);
    require(outcome == KEEPING_DONE);
    looked_at(looked, UINT32_MAX);
    require(keeping_compares(&looked->keeping) && looked_made(looked));
    return !looked->differed;
}

#endif
