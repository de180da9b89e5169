/* One database and its server, kept equal to what the registry, the interfaces, the zones and its
 * static files say.
 *
 * Happy path: publication_changed() any number of times; in the next loop turn, or when the
 * interval since the last build is over, the records are collected anew; where they are those that
 * are served already, that is all; else a thread of libuv's pool writes the files, the server is
 * told, and what became live is told to the owner. Failure modes: a build that fails is logged once
 * and tried again later; the old files stay; changes that come while a build runs wait for the
 * next. While a static file is still to be read for the first time, nothing is built. */
#ifndef PHONEBOOKD_PUBLICATION_H
#define PHONEBOOKD_PUBLICATION_H

#include "../../zones/data-files.h"
#include "../config.h"
#include "../state/registry.h"

struct publication;

/* Something may have become live. */
typedef void publication_told(void *owner);

/* Opens the directory. `config`, `registry` outlive it (or until publication_set_config()). 0 or
 * -errno. */
int publication_new(struct publication **publication, uv_loop_t *loop,
                    const struct database_config *config, const struct registry *registry,
                    publication_told *told, void *owner);
/* The same directory with other settings. */
void publication_set_config(struct publication *publication, const struct database_config *config);
const struct database_config *publication_config(const struct publication *publication);

/* Finishes a build that runs, then frees everything. */
void publication_close(struct publication *publication);

/* The registry has other zones now; the old ones are still there during this call. */
void publication_zones_changed(struct publication *publication);
void publication_changed(struct publication *publication);

/* Builds here and now, blocking, whatever the pace: for the start, before anything else runs. 0 or
 * -errno; after an error it is tried again like any other build. */
int publication_build_now(struct publication *publication);

/* Builds what is still to be built without regard to the pace, as soon as a running build is done.
 */
void publication_hurry(struct publication *publication);
/* Nothing runs and nothing is left to be built (a failing disk counts as nothing). */
bool publication_at_rest(const struct publication *publication);

/* Why the files could not be written when that was last tried: -errno, or 0 where they were. */
int publication_failure(const struct publication *publication);

/* Is the listing (of this database) in the file that the server was told of? */
bool publication_serves(const struct publication *publication, const struct listing *listing);

#endif
