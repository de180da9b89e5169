/* What the list is told of each listing while no database has been built. */
#ifndef TESTS_UNIT_UNBUILT_H
#define TESTS_UNIT_UNBUILT_H

#include "../../phonebookd/clients/list.h"

static inline enum served unbuilt_served(void *owner, const struct listing *listing,
                                         const char **reason)
{
    bool shown = listing->state != LISTING_HIDDEN && listing->state != LISTING_LINGERING;
    (void)owner, (void)reason;
    return shown ? SERVED_PENDING : SERVED_WAITING;
}

#endif
