/* The on-change programs of a database's zones: each made when its zone first changes. */
#ifndef PHONEBOOKD_ON_CHANGES_H
#define PHONEBOOKD_ON_CHANGES_H

#include "on-change.h"

struct on_change_set {
    struct on_change **programs; /* owned, each too */
    size_t n_programs;
};

/* The zone (which has on-change) is [start, end) of `records` now. A lack of memory is logged. */
void on_change_set_run(struct on_change_set *set, uv_loop_t *loop, const struct zone *zone,
                       const char *directory, const struct records *records, size_t start,
                       size_t end, uint32_t serial);

/* Has the zone's program been run, if only to hear of its first build? */
bool on_change_set_has(const struct on_change_set *set, const struct zone *zone);

/* The zones were read again: programs of zones that went, or have none or another one now, go. To
 * be called before the old zones are freed. */
void on_change_set_zones(struct on_change_set *set, const struct zone *const *zones, size_t n_zones,
                         const char *database, const char *directory);
void on_change_set_close(struct on_change_set *set);

#endif
