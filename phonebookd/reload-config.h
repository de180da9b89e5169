/* A configuration in use, and the next one in its place.
 *
 * Happy path: it is read and found good, and everybody who has a part of the old one is given that
 * of the new one; then the old one is freed. Failure modes: a mistake in it, or too little memory
 * before anything was changed: it is said, and the old one stays as a whole. */
#ifndef PHONEBOOKD_RELOAD_CONFIG_H
#define PHONEBOOKD_RELOAD_CONFIG_H

#include "config.h"
#include "state/accounts.h"
#include "state/registry.h"

struct connections;
struct databases;

struct config_users {
    struct registry *registry;
    struct connections *connections;
    struct databases *databases;
    struct listener *publish, *list;
};

/* What the start uses too. False where a database could not be had: it was logged. */
const struct zone *const *config_zones(const struct config *config);
void config_limit_users(const struct config *config, struct accounts *accounts);
bool config_use_databases(const struct config *config, struct databases *databases);

/* Reads the file at `path` and takes it for *config, at this time (ms, the loop's). True where all
 * that is published is to be built anew. */
bool config_reload(struct config **config, const char *path, const struct config_users *users,
                   uint64_t now);

#endif
