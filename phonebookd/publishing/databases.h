/* All databases: which there are, and to which of them a listing belongs. */
#ifndef PHONEBOOKD_DATABASES_H
#define PHONEBOOKD_DATABASES_H

#include "../limits.h"
#include "../state/listings.h"
#include "../state/registry.h"
#include "database.h"

struct databases {
    uv_loop_t *loop;
    struct registry *registry;
    database_news *news;
    void *owner;
    struct database *all[DATABASES_MAX]; /* owned */
    size_t n;
};

/* `news` is called for each of them. */
void databases_init(struct databases *databases, uv_loop_t *loop, struct registry *registry,
                    database_news *news, void *owner);
/* Closes them; the memory is freed in the loop's next turns. */
void databases_fini(struct databases *databases);

/* Makes the set of databases that of `options`, which must outlive it until the next call. A
 * directory that was served before goes on without a new file being written for that. False, with
 * the reason logged and nothing changed, where a directory cannot be had. */
bool databases_set_options(struct databases *databases,
                           const struct database_options *const *options, size_t n);

/* The registry has other zones now; the old ones are still there during this call. */
void databases_zones_changed(struct databases *databases);
/* What they are made of may be another: database_changed(). */
void databases_changed(struct databases *databases);
/* The host has other addresses. */
void databases_retry_programs(struct databases *databases);
/* For the start: blocks until all are built; failures are logged. */
void databases_build_now(struct databases *databases);
void databases_hurry(struct databases *databases);
bool databases_at_rest(const struct databases *databases);

/* The latest database_built() of them. */
time_t databases_built(const struct databases *databases);

/* What became of a listing's claims. */
enum served databases_serve_listing(const struct databases *databases,
                                    const struct listing *listing);
/* Why publishing itself holds the listing, which is not served, back: *reason becomes "untold" (its
 * server cannot be told) or "static" (a static file leaves no room for it). Else it is left as it
 * is. */
void databases_reason(const struct databases *databases, const struct listing *listing,
                      const char **reason);
/* Every name that has an address, or is about to have one (claim_awaits_address()), is served, and
 * at least one is. `wait_for` is a zone, and its name alone counts; or "", and each name has to be
 * served; or NULL. */
bool databases_serve(const struct databases *databases, const struct registration *registration,
                     const char *wait_for);
/* What a person should know of a registration that is not: each of its names that is not, with the
 * reason, in one line. */
void databases_why_not(const struct databases *databases, const struct registration *registration,
                       const char *wait_for, char why[static REGISTRY_WHY_MAX]);

/* Does the name clash with a static file of its zone's database? Then `why` says with which
 * line. */
bool databases_clash(const struct databases *databases, const struct zone *zone, const char *name,
                     char why[static REGISTRY_WHY_MAX]);

#endif
