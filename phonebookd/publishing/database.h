/* One database and its server, kept equal to what the registry, the interfaces, the zones and its
 * static files say.
 *
 * Happy path: database_changed() any number of times; in the next loop turn, or when the
 * interval since the last build is over, the records are collected anew; where they are those that
 * are served already, that is all; else a thread of libuv's pool writes the files, the server is
 * told, and what became live is told to the owner. Failure modes: a build that fails is logged once
 * and tried again later; the old files stay; changes that come while a build runs wait for the
 * next. While a static file is still to be read for the first time, nothing is built. */
#ifndef PHONEBOOKD_DATABASE_H
#define PHONEBOOKD_DATABASE_H

#include "../../zones/data-files.h"
#include "../state/registry.h"
#include "reload.h"

struct database;

/* As phonebookd.conf(5) has them. */
struct database_options {
    char *name;
    char *directory;
    char **static_files; /* owned, as inifile_words(); paths; NULL: none */
    unsigned interval;   /* seconds between two builds, at least 1 */
    unsigned expire;     /* seconds after which records end if no build renews them; 0: never */
    struct reload_options reload;
};

/* Something may have become live, or could not be written. May close the database. */
typedef void database_news(void *owner);

/* Opens the directory. `options`, `registry` outlive it (or until database_set_options()). 0 or
 * -errno. */
int database_new(struct database **database, uv_loop_t *loop,
                 const struct database_options *options, struct registry *registry,
                 database_news *news, void *owner);
/* The same directory with other settings. */
void database_set_options(struct database *database, const struct database_options *options);
/* It is one of n that use the loop: its slices are so much shorter. */
void database_set_share(struct database *database, size_t n);
const struct database_options *database_options(const struct database *database);

/* Finishes a build that runs, then frees everything. */
void database_close(struct database *database);

/* The registry has other zones now; the old ones are still there during this call. */
void database_zones_changed(struct database *database);
/* Something that it is made of may be another: the registry, or the wall clock, by which the files
 * are written again where stamps_outdated(). */
void database_changed(struct database *database);
/* The host has other addresses: programs that failed may succeed now, and are run again. */
void database_retry_programs(struct database *database);

/* Builds here and now, blocking, whatever the pace: for the start, before anything else runs. 0 or
 * -errno; after an error it is tried again like any other build. */
int database_build_now(struct database *database);

/* Builds what is still to be built without regard to the pace, as soon as a running build is done.
 * When the database is at rest then, the owner is told, as of news. */
void database_hurry(struct database *database);
/* Nothing runs and nothing is left to be built (a failing disk counts as nothing). */
bool database_at_rest(const struct database *database);

/* When its files were last written (wall clock); 0: never. */
time_t database_built(const struct database *database);
/* Why the files could not be written when that was last tried: -errno, or 0 where they were. */
int database_failure(const struct database *database);
/* Why its server cannot be told of them, so that no name in them is served: a static text. NULL
 * where it can, or is not there. */
const char *database_untold(const struct database *database);

/* Is the listing (of this database) in the file that the server was told of? And is it there with
 * all that was found when it was last looked at? */
bool database_serves(const struct database *database, const struct listing *listing);
bool database_has_told(const struct database *database, const struct listing *listing);

/* static_files_clash() with the static files of this database. */
bool database_clashes(const struct database *database, const char *name, const char *apex,
                      char *why, size_t room);

#endif
