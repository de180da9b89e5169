/* All databases: which there are, and to which of them a listing belongs. */
#ifndef PHONEBOOKD_PUBLISHER_H
#define PHONEBOOKD_PUBLISHER_H

#include "database.h"

struct publisher {
    uv_loop_t *loop;
    const struct registry *registry;
    database_told *told;
    void *owner;
    struct database *all[CONFIG_DATABASES_MAX]; /* owned */
    size_t n_publications;
};

/* `told` is called when something that was published may have become live. */
void publisher_init(struct publisher *publisher, uv_loop_t *loop, const struct registry *registry,
                    database_told *told, void *owner);
void publisher_fini(
    struct publisher *publisher); /* closes; memory goes with the loop's next turns */

/* Makes the set of databases that of `config`, which must outlive it until the next call. A
 * directory that was served before goes on without a new file being written for that. False, with
 * the reason logged and nothing changed, where a directory cannot be had. */
bool publisher_configure(struct publisher *publisher, const struct config *config);

/* The registry has other zones now; the old ones are still there during this call. */
void publisher_zones_changed(struct publisher *publisher);
void publisher_changed(struct publisher *publisher);
void publisher_build_now(
    struct publisher *publisher); /* at the start: blocks; failures are logged */
void publisher_hurry(struct publisher *publisher);
bool publisher_at_rest(const struct publisher *publisher);

/* What became of a listing's claims, and of all listings of a registration. */
enum publisher_state {
    PUBLISHER_WAITING, /* they have no address to show; another may linger */
    PUBLISHER_PENDING, /* the next build brings it */
    PUBLISHER_LIVE,    /* it is served */
};
enum publisher_state publisher_listing_state(const struct publisher *publisher,
                                             const struct listing *listing);
/* Every name that has an address is served, and at least one is. */
bool publisher_is_live(const struct publisher *publisher, const struct registration *registration);
/* What a person should know of a registration that is not. */
void publisher_why_not_live(const struct publisher *publisher,
                            const struct registration *registration,
                            char why[static REGISTRY_WHY_MAX]);

#endif
