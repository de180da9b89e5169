/* A configuration in use, and the next one in its place.
 *
 * Happy path: it is read on a thread and found good, and everybody who has a part of the old one is
 * given that of the new one; then the old one is freed. Failure modes: a mistake in it, or too
 * little memory before anything was changed: it is said, and the old one stays as a whole. One is
 * read at a time; what is asked for meanwhile is done afterwards. Who ends while a directory
 * service lets the thread wait, waits for it, too. */
#ifndef PHONEBOOKD_RELOAD_CONFIG_H
#define PHONEBOOKD_RELOAD_CONFIG_H

#include "../zones/config/findings.h"
#include "../zones/config/inifile.h"
#include "config.h"
#include "state/accounts.h"
#include "state/registry.h"

#include <stdbool.h>
#include <uv.h>

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

/* What may have changed: what was read last with the users, groups and host name that there are
 * now, or the files too. */
enum config_change { CONFIG_NOTHING, CONFIG_FACTS, CONFIG_FILES };

struct config_reload {
    uv_loop_t *loop;
    const char *path;
    struct config *config;     /* owned; in use */
    struct findings findings;  /* owned; that it was read with */
    struct config_users users; /* of it */
    void (*ended)(void *owner, enum config_change change, bool taken);
    void *owner;

    /* The one that is being read. */
    struct config *next;
    struct findings next_findings;
    struct complaints complaints;
    uv_work_t work;
    enum config_change reading, wanted; /* the latter afterwards */
    bool closed;
};

/* Begins to read it again and to use it. When that has come to an end, `ended` is called; with true
 * where all that is published is to be built anew. */
void config_reload(struct config_reload *reload, enum config_change change);
/* What is being read is not used any more. To be freed when the loop has ended. */
void config_reload_close(struct config_reload *reload);
void config_reload_fini(struct config_reload *reload);

#endif
