#include "keeping.h"

#include "../../common/clock.h"
#include "../limits.h"
#include "../state/budgets.h"
#include "../state/listings.h"
#include "../state/registry.h"
#include "../state/spread.h"

#include <string.h>

static const struct image no_image;

void keeping_init(struct keeping *keeping, const char *database, struct registry *registry,
                  const struct kept_images *images, const struct image *image,
                  const struct keeping_ops *ops, void *owner)
{
    *keeping = (struct keeping){.database = database,
                                .registry = registry,
                                .ops = ops,
                                .owner = owner,
                                .how = KEEPING_ANEW};
    look_init(&keeping->look);
    keeping->look.registry = registry;
    keeping->look.images = images;
    keeping->look.image = image;
}

static void forget_anew(struct keeping *keeping)
{
    if (keeping->begun)
        kept_fini(&keeping->anew);
    keeping->begun = keeping->whole = keeping->walk.goes_on = false;
}

void keeping_fini(struct keeping *keeping)
{
    forget_anew(keeping);
    kept_fini(&keeping->kept);
    look_fini(&keeping->look);
}

/* ---- looking ---- */

/* Reports cut RRsets of `kept` for the log. */
static void tell_cuts(struct keeping *keeping, struct fit_cuts *fresh, bool to_be_kept)
{
    for (size_t i = 0; i < fresh->n; i++)
        if (!to_be_kept || !kept_is_cut(&keeping->kept, fresh->cuts[i].owner, fresh->cuts[i].type))
            keeping->ops->is_cut(keeping->owner, &fresh->cuts[i]);
    fresh->n = 0;
}

static void tell_all_cuts(struct keeping *keeping)
{
    tell_cuts(keeping, &keeping->kept.fresh, false);
    if (keeping->begun)
        tell_cuts(keeping, &keeping->anew.fresh, true);
}

/* Touched listings are put into both sets of records. */
static void aim(struct keeping *keeping)
{
    keeping->look.kept = keeping->how == KEEPING_ANEW ? NULL : &keeping->kept;
    keeping->look.anew = keeping->begun ? &keeping->anew : NULL;
}

static enum look_outcome look_once(struct keeping *keeping, struct listing *listing)
{
    struct look_news news;
    enum look_outcome outcome = look_at(&keeping->look, listing, &news);
    if (news.is_short)
        keeping->ops->is_short(keeping->owner, listing);
    if (news.is_static)
        keeping->ops->is_static(keeping->owner, listing);
    listings_took(&keeping->registry->listings, listing);
    return outcome;
}

static size_t cost_of(const struct look *look)
{
    return 1 + look->found.n / ADDRESSES_PER_LOOK;
}

/* Looks at some of an owner's names. */
static bool look_at_some(struct keeping *keeping, struct budget *budget, bool *settled)
{
    bool failed = false;
    struct listing *listing;
    for (size_t n = 0; n < LOOKS_PER_TURN && !failed && (listing = listing_take(budget));) {
        enum look_outcome outcome = look_once(keeping, listing);
        *settled = *settled || outcome == LOOK_SAME;
        failed = outcome == LOOK_FAILED;
        n += cost_of(&keeping->look);
    }
    return !failed;
}

/* Gives one owner his turn. False if no owner has one now. */
static bool give_turn(struct keeping *keeping, uint64_t now, bool all, bool *settled, bool *failed)
{
    struct budgets *budgets = &keeping->registry->listings.budgets;
    uint64_t began = thread_ns();
    struct budget *budget = budgets_next(budgets, keeping->database, now, all);
    if (!budget)
        return false;
    *failed = !look_at_some(keeping, budget, settled);
    budgets_charge(budgets, budget, now, thread_ns() - began);
    return true;
}

static bool settle(struct kept *kept, bool *failed)
{
    bool more = kept_settle(kept, LOOKS_PER_TURN);
    *failed = *failed || kept->failed;
    return more;
}

static bool begin(struct keeping *keeping)
{
    forget_anew(keeping);
    keeping->begun = true; /* even if it fails, there is something to be freed */
    if (!kept_init(&keeping->anew, keeping->database, keeping->registry->zones,
                   keeping->registry->n_zones, &no_image, keeping->look.images))
        return false;
    keeping->look.kept = NULL;
    keeping->look.anew = &keeping->anew;
    return look_at_apexes(&keeping->look, &keeping->anew);
}

/* Records made from scratch also need the names of owners who owe time. */
static bool needs_all(const struct keeping *keeping)
{
    return (keeping->begun || keeping->how == KEEPING_ANEW) && !keeping->whole &&
           !keeping->walk.goes_on;
}

enum keeping_outcome keeping_look(struct keeping *keeping, uint64_t now, bool all, uint64_t limit,
                                  bool *settled)
{
    uint64_t end = thread_ns() + limit;
    *settled = false;
    all = all || needs_all(keeping);
    bool failed = false;
    if (keeping->how == KEEPING_ANEW && !keeping->begun)
        failed = !begin(keeping);
    aim(keeping);
    bool more = true;
    while (more && !failed) {
        more = spread_changes(keeping->registry, SPREAD_PER_TURN);
        more = give_turn(keeping, now, all, settled, &failed) || more;
        if (!more && keeping->look.kept)
            more = settle(&keeping->kept, &failed);
        if (!more && keeping->begun)
            more = settle(&keeping->anew, &failed);
        if (thread_ns() >= end)
            break;
    }
    tell_all_cuts(keeping);
    if (failed)
        return KEEPING_FAILED;
    if (!more && needs_all(keeping))
        keeping->whole = true;
    return more ? KEEPING_MORE : KEEPING_DONE;
}

/* `kept` is of no use any more if everything is made anew. */
static bool has_unsettled(const struct keeping *keeping)
{
    return (keeping->how != KEEPING_ANEW && !TAILQ_EMPTY(&keeping->kept.derived.changed)) ||
           (keeping->begun && !TAILQ_EMPTY(&keeping->anew.derived.changed));
}

uint64_t keeping_due(const struct keeping *keeping, uint64_t now, bool all)
{
    if (needs_all(keeping) || spread_is_due(keeping->registry) || has_unsettled(keeping))
        return 0;
    return budgets_due(&keeping->registry->listings.budgets, keeping->database, now, all);
}

/* ---- everything ---- */

static void touch(void *entry, void *database)
{
    struct listing *listing = entry;
    if (strcmp(listing->zone->database, database) == 0)
        listing_touch(listing);
}

static void touch_all(struct keeping *keeping)
{
    listings_each(&keeping->registry->listings, touch, (void *)keeping->database);
}

void keeping_begin_anew(struct keeping *keeping, const char *database, bool touched)
{
    forget_anew(keeping);
    keeping->how = KEEPING_ANEW;
    keeping->database = database;
    if (!touched)
        touch_all(keeping);
}

static bool change_zones(struct keeping *keeping, struct kept *kept)
{
    const struct registry *registry = keeping->registry;
    return !kept || kept_set_zones(kept, registry->zones, registry->n_zones, keeping->database);
}

bool keeping_change_zones(struct keeping *keeping)
{
    aim(keeping);
    return keeping->how != KEEPING_ANEW && change_zones(keeping, keeping->look.kept) &&
           change_zones(keeping, keeping->look.anew) &&
           look_at_apexes(&keeping->look, &keeping->kept);
}

static bool any_clashes(const struct kept_images *images)
{
    for (size_t i = 0; i < images->n; i++)
        if (images->images[i]->clashes)
            return true;
    return false;
}

bool keeping_set_images(struct keeping *keeping, const struct kept_images *before)
{
    if (keeping->how == KEEPING_ANEW && !keeping->begun)
        return true;
    if (any_clashes(before) || any_clashes(keeping->look.images))
        touch_all(keeping);
    aim(keeping);
    if (keeping->look.kept)
        kept_set_images(&keeping->kept, before);
    if (keeping->look.anew)
        kept_set_images(&keeping->anew, before);
    return !keeping->kept.failed && !keeping->anew.failed &&
           look_at_apexes(&keeping->look,
                          keeping->how == KEEPING_ANEW ? &keeping->anew : &keeping->kept);
}

/* Looks at the next listing, unless it is in another database or touched. False if memory ran
 * out. */
static bool walk_on(struct keeping *keeping)
{
    struct listing *listing =
        listings_next(&keeping->registry->listings, keeping->walk.zone, keeping->walk.name);
    keeping->walk.goes_on = listing;
    if (!listing)
        return true;
    strcpy(keeping->walk.zone, listing->zone->name);
    strcpy(keeping->walk.name, listing->name);
    return listing->queue == LISTING_TOUCHED ||
           strcmp(listing->zone->database, keeping->database) != 0 ||
           look_once(keeping, listing) != LOOK_FAILED;
}

enum keeping_outcome keeping_audit(struct keeping *keeping, uint64_t limit)
{
    uint64_t end = thread_ns() + limit;
    bool failed = !keeping->begun && !begin(keeping);
    if (keeping->how == KEEPING_TRUE)
        keeping->walk.zone[0] = keeping->walk.name[0] = '\0';
    keeping->how = KEEPING_AUDITED;
    keeping->walk.goes_on = true;
    keeping->look.kept = NULL;
    keeping->look.anew = &keeping->anew;
    while (keeping->walk.goes_on && !failed) {
        failed = !walk_on(keeping);
        if (thread_ns() >= end)
            break;
    }
    tell_all_cuts(keeping);
    if (failed)
        return KEEPING_FAILED;
    return keeping->walk.goes_on ? KEEPING_MORE : KEEPING_DONE;
}

/* ---- what comes of it ---- */

bool keeping_is_incomplete(const struct keeping *keeping)
{
    return keeping->how == KEEPING_ANEW && !keeping->whole;
}

bool keeping_has_changes(const struct keeping *keeping)
{
    return keeping->how == KEEPING_ANEW ? keeping->whole
                                        : image_changes_count(&keeping->kept.changes) > 0;
}

bool keeping_compares(const struct keeping *keeping)
{
    return keeping->whole && (keeping->how == KEEPING_ANEW || !keeping_has_changes(keeping));
}

const struct image_changes *keeping_changes(const struct keeping *keeping)
{
    return keeping_compares(keeping) ? &keeping->anew.changes : &keeping->kept.changes;
}

void keeping_in_place(struct keeping *keeping, bool compared)
{
    if (compared) {
        kept_fini(&keeping->kept);
        kept_move(&keeping->kept, &keeping->anew);
        keeping->begun = keeping->whole = false;
        keeping->how = KEEPING_TRUE;
    }
    kept_in_place(&keeping->kept, keeping->look.image);
}
