/* Replaces the configuration in use by the next one.
 *
 * Happy path: the next configuration is read on a thread. If it is valid, each module that uses a
 * part of the old one gets the same part of the new one, and the old one is freed. Failure modes:
 * after a mistake, or a lack of memory before anything was changed, a message is logged and the old
 * one stays whole. One configuration is read at a time; requests that come meanwhile are served
 * afterwards. While the thread waits for a directory service, phonebookd cannot end. */
#ifndef PHONEBOOKD_RELOAD_CONFIG_H
#define PHONEBOOKD_RELOAD_CONFIG_H

#include "../zones/config/complaints.h"
#include "../zones/config/findings.h"
#include "config.h"
#include "state/accounts.h"
#include "state/registry.h"

#include <stdbool.h>
#include <uv.h>

struct connections;
struct databases;
struct launcher;
struct name_service;
struct sandbox;

struct config_users {
    struct registry *registry;
    struct connections *connections;
    struct databases *databases;
    struct listener *publish, *list, *control;
    struct launcher *launcher;
};

/* Also used at the start. False if a database cannot be opened; this was logged. */
const struct zone *const *config_zones(const struct config *config);
void config_limit_users(const struct config *config, struct accounts *accounts);
bool config_use_databases(const struct config *config, struct databases *databases);

/* The possible changes: none; users, groups and host name (the files are used as last read); or
 * also the files. */
enum config_change { CONFIG_NOTHING, CONFIG_FACTS, CONFIG_FILES };

struct config_reload {
    uv_loop_t *loop;
    const char *path;
    struct config *config;         /* owned; in use */
    struct findings findings;      /* owned; those that it was read with */
    struct config_users users;     /* the modules that use it */
    const struct sandbox *sandbox; /* tells which rights we have given up */
    struct name_service *names;    /* answers the reading's questions for users and groups */
    void (*ended)(void *owner, enum config_change change, bool taken);
    void *owner;

    /* The next one, while it is being read. */
    struct config *next;
    struct findings next_findings;
    struct complaints complaints;
    uv_work_t work;
    enum config_change reading, wanted; /* the present reading, and the next */
    bool closed;
};

/* Starts to read the configuration again, and uses it. Afterwards `ended` is called; `taken`:
 * everything published has to be built anew. */
void config_reload(struct config_reload *reload, enum config_change change);
/* Ignores what is being read. The memory is freed by config_reload_fini(), when the loop has
 * ended. */
void config_reload_close(struct config_reload *reload);
void config_reload_fini(struct config_reload *reload);

#endif
