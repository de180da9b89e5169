/* What a database keeps, made true: listings that were touched are looked at, a slice of the loop
 * at a time; and everything is looked at anew where the zones are others, or memory has run out,
 * and in an audit, which finds what nobody has touched by mistake. Reads the thread's processor
 * time; else pure. */
#ifndef PHONEBOOKD_KEEPING_H
#define PHONEBOOKD_KEEPING_H

#include "../../zones/image-changes.h"
#include "../../zones/name.h"
#include "kept.h"
#include "look.h"

struct keeping_ops { /* for the log */
    void (*is_cut)(void *owner, const struct fit_cut *cut);
    void (*is_short)(void *owner, const struct listing *listing); /* look_at(), as the next */
    void (*is_static)(void *owner, const struct listing *listing);
};

struct keeping {
    const char *database; /* not owned */
    struct registry *registry;
    const struct keeping_ops *ops;
    void *owner;
    struct look look;
    struct kept kept; /* what the image has, with changes */
    struct kept anew; /* the same, made of everything */
    enum {
        KEEPING_TRUE,    /* what was touched is looked at */
        KEEPING_AUDITED, /* and everything else once, for `anew` */
        KEEPING_ANEW, /* all is looked at for `anew`, since `kept` is of other zones, or broken */
    } how;
    bool begun; /* `anew` is */
    bool whole; /* it has had everything once, and from then on all that was touched */
    struct {
        bool goes_on;
        char zone[NAME_TEXT_MAX + 1], name[NAME_TEXT_MAX + 1];
    } walk; /* of the audit */
};

/* `images` and `image`, which is that of the last build, outlive it. It begins with
 * KEEPING_ANEW. */
void keeping_init(struct keeping *keeping, const char *database, struct registry *registry,
                  const struct kept_images *images, const struct image *image,
                  const struct keeping_ops *ops, void *owner);
void keeping_fini(struct keeping *keeping);

/* Everything is to be looked at again: for the database of this name, and the zones that the
 * registry has when that begins. `touched`: all listings are, because of that or at the start. */
void keeping_begin_anew(struct keeping *keeping, const char *database, bool touched);
/* The static files are others than these before. False where memory ran out: then
 * keeping_begin_anew() is due, as after KEEPING_FAILED. */
bool keeping_set_images(struct keeping *keeping, const struct kept_images *before);

enum keeping_outcome {
    KEEPING_DONE, /* there is no more to look at now */
    KEEPING_MORE,
    KEEPING_FAILED, /* memory ran out */
};
/* When there is something to look at: 0 is now, UINT64_MAX never. `all`: whoever owes (budgets.h).
 * Times in ns, on a clock that does not go back. */
uint64_t keeping_due(const struct keeping *keeping, uint64_t now, bool all);
/* Looks for `limit` ns of processor time. *settled: of some listing the image has all. */
enum keeping_outcome keeping_look(struct keeping *keeping, uint64_t now, bool all, uint64_t limit,
                                  bool *settled);

/* Begins an audit, or goes on with it, for so long. */
enum keeping_outcome keeping_audit(struct keeping *keeping, uint64_t limit);

/* Would an image that is made now lack names? */
bool keeping_is_incomplete(const struct keeping *keeping);
/* Is the image not what it should be, as far as is known? */
bool keeping_has_changes(const struct keeping *keeping);
/* Is an image made of no other, with keeping_changes(), to be compared with the last one? */
bool keeping_compares(const struct keeping *keeping);
const struct image_changes *keeping_changes(const struct keeping *keeping);
/* The image has these changes now; `compared` as it was. */
void keeping_in_place(struct keeping *keeping, bool compared);

#endif
