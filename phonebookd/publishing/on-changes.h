/* The on-change programs of a database's zones: each made when its zone first changes. */
#ifndef PHONEBOOKD_ON_CHANGES_H
#define PHONEBOOKD_ON_CHANGES_H

#include "../state/listings.h"
#include "../state/registry.h"
#include "collect.h"
#include "on-change.h"

struct on_changes {
    uv_loop_t *loop;
    const struct registry *registry; /* for its zones */
    struct on_change **programs;     /* owned, each too */
    size_t n_programs;
};

/* Runs the programs of those zones in `served`, which the files of this database hold, that have
 * other records there than in `before`, or another program than when it was last called. A lack of
 * memory is logged. */
void on_changes_run(struct on_changes *set, const char *database, const char *directory,
                    const struct collection *served, const struct collection *before,
                    uint32_t serial);

/* on_change_retry() for each. */
void on_changes_retry(const struct on_changes *set);

/* The zones were read again: programs of zones that went, or have none or another one now, go. To
 * be called before the old zones are freed. */
void on_changes_set_zones(struct on_changes *set, const char *database, const char *directory);
void on_changes_close(struct on_changes *set);

#endif
