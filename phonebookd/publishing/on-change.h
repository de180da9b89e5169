/* The on-change programs of a database's zones. Each is run after a build that changed its zone,
 * and gets the facts that a parent zone, a secondary or a packet filter may need
 * (on-change-facts.h).
 *
 * When the zone changes while its program runs, the program runs once more afterwards. Failure
 * modes: those of program.h; each is logged, and the program runs again with the latest facts. */
#ifndef PHONEBOOKD_ON_CHANGE_H
#define PHONEBOOKD_ON_CHANGE_H

#include "kept.h"

struct launcher;
struct on_change;

struct on_changes {
    struct launcher *launcher;
    struct on_change **programs; /* owned, each too; each is made when its zone first changes */
    size_t n_programs;
};

/* Runs the programs of the zones whose records, or programs, have changed since they last ran; with
 * `all`, those of all zones. The files in this directory already have the kept records. If memory
 * runs out, that is logged. */
void on_changes_run(struct on_changes *set, const struct kept *kept, const char *directory,
                    uint32_t serial, bool all);

/* program_retry() for each. */
void on_changes_retry(const struct on_changes *set);

/* The zones were read again: closes the programs whose zone is gone, or has another program or none
 * now. To be called before the old zones are freed. */
void on_changes_set_zones(struct on_changes *set, const struct zone *const *zones, size_t n_zones,
                          const char *database);
void on_changes_close(struct on_changes *set);

#endif
