/* Keeps a database's records up to date. Listings that were touched are looked at, in slices of one
 * loop turn. All listings are looked at anew if the zones changed or memory ran out, and in an
 * audit, which finds listings that a bug left untouched after a change. Pure, except that it reads
 * the thread's processor time. */
#ifndef PHONEBOOKD_KEEPING_H
#define PHONEBOOKD_KEEPING_H

#include "../../zones/image-changes.h"
#include "../../zones/name.h"
#include "kept.h"
#include "look.h"

struct keeping_ops { /* called so that the owner can log it */
    void (*is_cut)(void *owner, const struct fit_cut *cut);
    /* this and the next: see look_at() */
    void (*is_short)(void *owner, const struct listing *listing);
    void (*is_static)(void *owner, const struct listing *listing);
};

struct keeping {
    const char *database; /* not owned */
    struct registry *registry;
    const struct keeping_ops *ops;
    void *owner;
    struct look look;
    struct kept kept; /* the records of the image, plus changes */
    struct kept anew; /* the records, built from scratch */
    enum {
        KEEPING_TRUE,    /* normal: listings that were touched are looked at */
        KEEPING_AUDITED, /* an audit also looks at everything else once, for `anew` */
        /* everything is looked at for `anew`; `kept` is incomplete or of other zones */
        KEEPING_ANEW,
    } how;
    bool begun; /* `anew` exists */
    /* `anew` has every listing's records, and gets those of touched listings from now on */
    bool whole;
    struct {
        bool goes_on;
        char zone[NAME_TEXT_MAX + 1], name[NAME_TEXT_MAX + 1];
    } walk; /* how far the audit has come */
};

/* `images`, and `image`, which is that of the last build, must outlive it. Starts in
 * KEEPING_ANEW. */
void keeping_init(struct keeping *keeping, const char *database, struct registry *registry,
                  const struct kept_images *images, const struct image *image,
                  const struct keeping_ops *ops, void *owner);
void keeping_fini(struct keeping *keeping);

/* Looks at everything again, for the database of this name and the registry's zones when that
 * begins. `touched`: all listings are touched already. */
void keeping_begin_anew(struct keeping *keeping, const char *database, bool touched);
/* The registry has changed some of the zones (registry_change_zones()): the records of
 * other zones stay as they are. False if everything has to be looked at again, or memory ran out;
 * then call keeping_begin_anew(). */
bool keeping_change_zones(struct keeping *keeping);
/* The static files have changed from `before`. False if memory ran out; then call
 * keeping_begin_anew(), as after KEEPING_FAILED. */
bool keeping_set_images(struct keeping *keeping, const struct kept_images *before);

enum keeping_outcome {
    KEEPING_DONE, /* nothing is left to look at now */
    KEEPING_MORE,
    KEEPING_FAILED, /* memory ran out */
};
/* When there is something to look at: 0: now, UINT64_MAX: never. `all`: include users who have used
 * up their share of time (budgets.h). Times are in ns on a clock that never goes back. */
uint64_t keeping_due(const struct keeping *keeping, uint64_t now, bool all);
/* Looks at listings for `limit` ns of processor time. *settled: the image already agreed with some
 * of them. */
enum keeping_outcome keeping_look(struct keeping *keeping, uint64_t now, bool all, uint64_t limit,
                                  bool *settled);

/* Begins an audit or continues it, for `limit` ns. */
enum keeping_outcome keeping_audit(struct keeping *keeping, uint64_t limit);

/* Would an image made now lack names? */
bool keeping_is_incomplete(const struct keeping *keeping);
/* Does the image differ from the known present records? */
bool keeping_has_changes(const struct keeping *keeping);
/* Are the changes to be applied to an empty image, which is then compared with the last one? */
bool keeping_compares(const struct keeping *keeping);
const struct image_changes *keeping_changes(const struct keeping *keeping);
/* The image now has these changes. `compared`: the result of keeping_compares(). */
void keeping_in_place(struct keeping *keeping, bool compared);

#endif
