/* All databases, and which of them a listing belongs to. */
#ifndef PHONEBOOKD_DATABASES_H
#define PHONEBOOKD_DATABASES_H

#include "../limits.h"
#include "../state/listings.h"
#include "../state/registry.h"
#include "database.h"

struct databases {
    struct launcher *launcher;
    struct registry *registry;
    database_news *news;
    void *owner;
    struct database *all[DATABASES_MAX]; /* owned */
    size_t n;
};

/* `news` is called for each database. */
void databases_init(struct databases *databases, struct launcher *launcher,
                    struct registry *registry, database_news *news, void *owner);
/* Closes them; the memory is freed in the loop's next turns. */
void databases_fini(struct databases *databases);

/* Replaces the set of databases by the one in `options`, which must stay until the next call. A
 * database whose directory was served before goes on without a new build. False, with the reason
 * logged and nothing changed, if a directory cannot be opened. */
bool databases_set_options(struct databases *databases,
                           const struct database_options *const *options, size_t n);

/* The registry has other zones now. The old ones must exist during this call. */
void databases_zones_changed(struct databases *databases);
/* The registry has changed these zones alone (registry_change_zones()). */
void databases_zones_replaced(struct databases *databases, const struct zone *const *changed,
                              size_t n_changed);
/* As database_changed(), for each. */
void databases_changed(struct databases *databases);
/* As database_retry_programs(), for each. */
void databases_retry_programs(struct databases *databases);
/* For the start: blocks until all are built; failures are logged. */
void databases_build_now(struct databases *databases);
void databases_hurry(struct databases *databases);
bool databases_at_rest(const struct databases *databases);
/* Are all of them free (database_is_free())? */
bool databases_are_free(const struct databases *databases);

/* The latest of their database_built(). */
time_t databases_built(const struct databases *databases);

/* Are the claims of this listing served? */
enum served databases_serve_listing(const struct databases *databases,
                                    const struct listing *listing);
/* If publishing is the reason why the listing is not served, *reason becomes "untold" (the server
 * cannot be told) or "static" (a static file has records that exclude it). Otherwise *reason stays
 * as it is. */
void databases_reason(const struct databases *databases, const struct listing *listing,
                      const char **reason);
/* Is the registration live? True if at least one of its names is served, and so is each name that
 * has an address or will soon have one (claim_awaits_address()). `wait_for` changes this: a zone:
 * only the name in that zone counts; "": every name must be served; NULL: no change. */
bool databases_serve(const struct databases *databases, const struct registration *registration,
                     const char *wait_for);
/* For a registration that is not live: writes one line that names each of its names that is not
 * served, with the reason. */
void databases_why_not(const struct databases *databases, const struct registration *registration,
                       const char *wait_for, char why[static REGISTRY_WHY_MAX]);

/* Does the name clash with a static file of its zone's database? `why` then names the line. */
bool databases_clash(const struct databases *databases, const struct zone *zone, const char *name,
                     char why[static REGISTRY_WHY_MAX]);

#endif
