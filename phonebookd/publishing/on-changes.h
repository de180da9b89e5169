/* The on-change programs of a database's zones. Each is created when its zone first changes. */
#ifndef PHONEBOOKD_ON_CHANGES_H
#define PHONEBOOKD_ON_CHANGES_H

#include "kept.h"
#include "on-change.h"

struct launcher;

struct on_changes {
    struct launcher *launcher;
    struct on_change **programs; /* owned, each too */
    size_t n_programs;
};

/* Runs the programs of the zones whose records, or programs, have changed since they last ran; with
 * `all`, those of all zones. The files already have the kept records. If memory runs out, that is
 * logged. */
void on_changes_run(struct on_changes *set, const struct kept *kept, const char *directory,
                    uint32_t serial, bool all);

/* on_change_retry() for each. */
void on_changes_retry(const struct on_changes *set);

/* The zones were read again: closes the programs whose zone is gone, or has another program or none
 * now. To be called before the old zones are freed. */
void on_changes_set_zones(struct on_changes *set, const struct zone *const *zones, size_t n_zones,
                          const char *database);
void on_changes_close(struct on_changes *set);

#endif
