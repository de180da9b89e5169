#include "databases.h"

#include "../log.h"

#include <stdio.h>
#include <string.h>

void publisher_init(struct publisher *publisher, uv_loop_t *loop, const struct registry *registry,
                    database_told *told, void *owner)
{
    *publisher =
        (struct publisher){.loop = loop, .registry = registry, .told = told, .owner = owner};
}

void publisher_fini(struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->n_publications; i++)
        database_close(publisher->all[i]);
    publisher->n_publications = 0;
}

/* The directory is what a database is: its files and its lock. */
static struct database *find_directory(const struct publisher *publisher, const char *directory)
{
    for (size_t i = 0; i < publisher->n_publications; i++)
        if (strcmp(database_options(publisher->all[i])->directory, directory) == 0)
            return publisher->all[i];
    return NULL;
}

static struct database *open_publication(struct publisher *publisher,
                                         const struct database_options *config)
{
    struct database *made;
    int error = database_new(&made, publisher->loop, config, publisher->registry, publisher->told,
                             publisher->owner);

    if (!error)
        return made;
    log_error("database %s: %s: %s", config->name, config->directory, data_files_error(error));
    return NULL;
}

static bool is_kept(struct database *const *all, size_t n, const struct database *database)
{
    for (size_t i = 0; i < n; i++)
        if (all[i] == database)
            return true;
    return false;
}

/* Replaces the set; those that are in both go on with their new settings. */
static void commit(struct publisher *publisher, const struct config *config,
                   struct database *const *wanted)
{
    for (size_t i = 0; i < publisher->n_publications; i++)
        if (!is_kept(wanted, config->n_databases, publisher->all[i]))
            database_close(publisher->all[i]);
    publisher->n_publications = config->n_databases;
    memcpy(publisher->all, wanted, config->n_databases * sizeof(*wanted));
    /* Which may tell the owner, who looks at all of them. */
    for (size_t i = 0; i < config->n_databases; i++)
        database_set_options(wanted[i], config->databases[i]);
}

bool publisher_configure(struct publisher *publisher, const struct config *config)
{
    struct database *wanted[CONFIG_DATABASES_MAX];

    for (size_t i = 0; i < config->n_databases; i++) {
        wanted[i] = find_directory(publisher, config->databases[i]->directory);
        if (!wanted[i])
            wanted[i] = open_publication(publisher, config->databases[i]);
        if (wanted[i])
            continue;
        while (i-- > 0)
            if (!is_kept(publisher->all, publisher->n_publications, wanted[i]))
                database_close(wanted[i]);
        return false;
    }
    commit(publisher, config, wanted);
    return true;
}

void publisher_zones_changed(struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->n_publications; i++)
        database_zones_changed(publisher->all[i]);
}

void publisher_changed(struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->n_publications; i++)
        database_changed(publisher->all[i]);
}

void publisher_build_now(struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->n_publications; i++)
        database_build_now(publisher->all[i]);
}

void publisher_hurry(struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->n_publications; i++)
        database_hurry(publisher->all[i]);
}

bool publisher_at_rest(const struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->n_publications; i++)
        if (!database_at_rest(publisher->all[i]))
            return false;
    return true;
}

static const struct database *database_of(const struct publisher *publisher,
                                          const struct listing *listing)
{
    for (size_t i = 0; i < publisher->n_publications; i++)
        if (strcmp(database_options(publisher->all[i])->name, listing->zone->database) == 0)
            return publisher->all[i];
    return NULL;
}

enum publisher_state publisher_listing_state(const struct publisher *publisher,
                                             const struct listing *listing)
{
    const struct database *database = database_of(publisher, listing);

    if (listing->state == LISTING_HIDDEN || listing->state == LISTING_LINGERING)
        return PUBLISHER_WAITING;
    return database && database_serves(database, listing) ? PUBLISHER_LIVE : PUBLISHER_PENDING;
}

bool publisher_is_live(const struct publisher *publisher, const struct registration *registration)
{
    bool any = false;

    for (size_t i = 0; i < registration->n_claims; i++)
        switch (publisher_listing_state(publisher, registration->claims[i].listing)) {
        case PUBLISHER_PENDING:
            return false;
        case PUBLISHER_LIVE:
            any = true;
            break;
        case PUBLISHER_WAITING:
            break;
        }
    return any;
}

void publisher_why_not_live(const struct publisher *publisher,
                            const struct registration *registration,
                            char why[static REGISTRY_WHY_MAX])
{
    snprintf(why, REGISTRY_WHY_MAX, "registered, but no address of it is served yet");
    for (size_t i = 0; i < registration->n_claims; i++) {
        const struct database *database = database_of(publisher, registration->claims[i].listing);
        int failure = database ? database_failure(database) : 0;

        if (failure)
            snprintf(why, REGISTRY_WHY_MAX, "registered, but database %s cannot be written: %s",
                     database_options(database)->name, data_files_error(failure));
    }
}
