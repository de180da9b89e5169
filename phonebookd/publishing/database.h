/* One database and its server. It keeps the files equal to the registry, the interfaces, the zones
 * and its static files.
 *
 * Happy path: database_changed() is called any number of times. In the next loop turn, or when the
 * interval since the last build is over, the names that changed are looked at. If their records
 * differ from the files, a thread of libuv's pool writes the files, the server is told, and `news`
 * is called. Failure modes: a failed build is logged once and repeated later, and the old files
 * stay. Changes during a build wait for the next one. Nothing is built before each static file was
 * read for the first time. */
#ifndef PHONEBOOKD_DATABASE_H
#define PHONEBOOKD_DATABASE_H

#include "../../zones/data-files.h"
#include "../state/registry.h"
#include "database-options.h"

#include <time.h>

struct database;
struct launcher;

/* Something may have become live, or a build failed. May close the database. */
typedef void database_news(void *owner);

/* Opens the directory. `options` (until database_set_options()), `registry` and `launcher`, whose
 * loop it uses, must outlive it. 0 or -errno. */
int database_new(struct database **database, struct launcher *launcher,
                 const struct database_options *options, struct registry *registry,
                 database_news *news, void *owner);
/* The directory must be the same. */
void database_set_options(struct database *database, const struct database_options *options);
/* n databases share the loop: this one's time slices are shortened accordingly. */
void database_set_share(struct database *database, size_t n);
const struct database_options *database_options(const struct database *database);

/* Frees everything, after a running build. Does not block. */
void database_close(struct database *database);

/* The registry has other zones now. The old ones must exist during this call. */
void database_zones_changed(struct database *database);
/* The registry has changed some of the zones (registry_change_zones()), this database's
 * included. */
void database_zones_replaced(struct database *database);
/* The registry, or the wall clock, may have changed. After a change of the clock the files are
 * written again if stamps_outdated(). */
void database_changed(struct database *database);
/* The host has other addresses: programs that failed may succeed now, so they are run again. */
void database_retry_programs(struct database *database);

/* Builds at once and blocks until it is done, without waiting for the interval. For the start,
 * before anything else runs. 0 or -errno; a failed build is repeated as usual. */
int database_build_now(struct database *database);

/* Builds all pending changes without waiting for the interval, as soon as a running build is done. A
 * build that has failed is tried once more. Then, when the database is at rest, the owner's `news`
 * is called. */
void database_hurry(struct database *database);
/* True if nothing runs and nothing is left to be built, apart from repeating a failed build. */
bool database_at_rest(const struct database *database);
/* Would a change be built in the next turn of the loop? */
bool database_is_free(const struct database *database);

/* When the files were last written (wall clock); 0: never. */
time_t database_built(const struct database *database);
/* -errno if the last attempt to write the files failed; else 0. */
int database_failure(const struct database *database);
/* Why the server cannot be told of new files, so that no name in them counts as live (a static
 * text). NULL if it can be told, or does not run. */
const char *database_untold(const struct database *database);

/* Is the listing, which belongs to this database, in the file that the server was told of?
 * database_has_told() also requires that the file has all records of the last look. */
bool database_serves(const struct database *database, const struct listing *listing);
bool database_has_told(const struct database *database, const struct listing *listing);

/* As static_files_clash(), with the static files of this database. */
bool database_clashes(const struct database *database, const char *name, const char *apex,
                      char *why, size_t room);

#endif
