#include "databases.h"

#include "../../zones/data-files.h"
#include "../log.h"
#include "../state/listings.h"
#include "../state/registry.h"

#include <stdio.h>
#include <string.h>

void databases_init(struct databases *databases, uv_loop_t *loop, struct registry *registry,
                    database_news *news, void *owner)
{
    *databases =
        (struct databases){.loop = loop, .registry = registry, .news = news, .owner = owner};
}

void databases_fini(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_close(databases->all[i]);
    databases->n = 0;
}

/* The directory is what a database is: its files and its lock. */
static struct database *find_directory(const struct databases *databases, const char *directory)
{
    for (size_t i = 0; i < databases->n; i++)
        if (strcmp(database_options(databases->all[i])->directory, directory) == 0)
            return databases->all[i];
    return NULL;
}

static struct database *open_database(struct databases *databases,
                                      const struct database_options *options)
{
    struct database *made;
    int error = database_new(&made, databases->loop, options, databases->registry, databases->news,
                             databases->owner);

    if (!error)
        return made;
    log_error("database %s: %s: %s", options->name, options->directory, data_files_error(error));
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
static void commit(struct databases *databases, const struct database_options *const *options,
                   size_t n, struct database *const *wanted)
{
    for (size_t i = 0; i < databases->n; i++)
        if (!is_kept(wanted, n, databases->all[i]))
            database_close(databases->all[i]);
    databases->n = n;
    memcpy(databases->all, wanted, n * sizeof(*wanted));
    /* Last: each may have news for the owner, who looks at all of them. */
    for (size_t i = 0; i < n; i++)
        database_set_options(wanted[i], options[i]);
}

bool databases_set_options(struct databases *databases,
                           const struct database_options *const *options, size_t n)
{
    struct database *wanted[DATABASES_MAX];

    for (size_t i = 0; i < n; i++) {
        wanted[i] = find_directory(databases, options[i]->directory);
        if (!wanted[i])
            wanted[i] = open_database(databases, options[i]);
        if (wanted[i])
            continue;
        while (i-- > 0)
            if (!is_kept(databases->all, databases->n, wanted[i]))
                database_close(wanted[i]);
        return false;
    }
    commit(databases, options, n, wanted);
    return true;
}

void databases_zones_changed(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_zones_changed(databases->all[i]);
}

void databases_changed(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_changed(databases->all[i]);
}

void databases_retry_programs(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_retry_programs(databases->all[i]);
}

void databases_look_at_clock(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_look_at_clock(databases->all[i]);
}

void databases_build_now(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_build_now(databases->all[i]);
}

void databases_hurry(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_hurry(databases->all[i]);
}

bool databases_at_rest(const struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        if (!database_at_rest(databases->all[i]))
            return false;
    return true;
}

time_t databases_built(const struct databases *databases)
{
    time_t latest = 0;

    for (size_t i = 0; i < databases->n; i++) {
        time_t built = database_built(databases->all[i]);

        latest = built > latest ? built : latest;
    }
    return latest;
}

static const struct database *database_of(const struct databases *databases,
                                          const struct zone *zone)
{
    for (size_t i = 0; i < databases->n; i++)
        if (strcmp(database_options(databases->all[i])->name, zone->database) == 0)
            return databases->all[i];
    return NULL;
}

bool databases_clash(const struct databases *databases, const struct zone *zone, const char *name,
                     char why[static REGISTRY_WHY_MAX])
{
    const struct database *database = database_of(databases, zone);

    return database && database_clashes(database, name, zone->name, why, REGISTRY_WHY_MAX);
}

enum served databases_serve_listing(const struct databases *databases,
                                    const struct listing *listing)
{
    const struct database *database = database_of(databases, listing->zone);

    if (listing->state == LISTING_HIDDEN || listing->state == LISTING_LINGERING)
        return SERVED_WAITING;
    return database && database_serves(database, listing) ? SERVED_LIVE : SERVED_PENDING;
}

bool databases_serve(const struct databases *databases, const struct registration *registration)
{
    bool any = false;

    for (size_t i = 0; i < registration->n_claims; i++)
        switch (databases_serve_listing(databases, registration->claims[i].listing)) {
        case SERVED_PENDING:
            return false;
        case SERVED_LIVE:
            any = true;
            break;
        case SERVED_WAITING:
            break;
        }
    return any;
}

void databases_why_not(const struct databases *databases, const struct registration *registration,
                       char why[static REGISTRY_WHY_MAX])
{
    snprintf(why, REGISTRY_WHY_MAX, "registered, but no address of it is served yet");
    for (size_t i = 0; i < registration->n_claims; i++) {
        const struct database *database =
            database_of(databases, registration->claims[i].listing->zone);
        int failure = database ? database_failure(database) : 0;
        const char *untold = database ? database_untold(database) : NULL;

        if (failure)
            snprintf(why, REGISTRY_WHY_MAX, "registered, but database %s cannot be written: %s",
                     database_options(database)->name, data_files_error(failure));
        else if (untold)
            snprintf(why, REGISTRY_WHY_MAX,
                     "registered, but untold: the server of database %s cannot be told: %s",
                     database_options(database)->name, untold);
    }
}
