#include "reload-config.h"

#include "../zones/config/inifile.h"
#include "clients/connection-life.h"
#include "clients/connection-set.h"
#include "clients/connection-turn.h"
#include "clients/listener.h"
#include "log.h"
#include "memory-limit.h"
#include "publishing/databases.h"

#include <stdlib.h>
#include <string.h>

const struct zone *const *config_zones(const struct config *config)
{
    return (const struct zone *const *)config->zones.zones;
}

void config_limit_users(const struct config *config, struct accounts *accounts)
{
    accounts->total[ACCOUNT_REGISTRATIONS] =
        config->names_max > 0 ? config->names_max : memory_limit_names();
    for (int kind = 0; kind < ACCOUNT_KINDS; kind++)
        accounts_limit(accounts, kind, config->per_user[kind]);
}

bool config_use_databases(const struct config *config, struct databases *databases)
{
    return databases_set_options(
        databases, (const struct database_options *const *)config->databases, config->n_databases);
}

static void on_registration_lost(const struct registration *registration, const char *why)
{
    log_caused(LOG_LOST, registration->holder->uid,
               "%s on %s (uid %u) is not published any more: %s", registration->name,
               registration->interface, registration->holder->uid, why);
}

/* The old config must outlive the old zones' last use, which is in registry_set_zones(). */
static bool use(const struct config *config, const struct config_users *users, uint64_t now)
{
    const struct zone *const *zones = config_zones(config);
    struct holder **holders = connections_holders(users->connections);
    bool done = holders && config_use_databases(config, users->databases);

    if (done)
        connections_learn_gids(users->connections, zones, config->zones.n_zones);
    /* From here on there is no way back: a lack of memory is the one thing that can go wrong. */
    while (done && !registry_set_zones(users->registry, zones, config->zones.n_zones, holders,
                                       users->connections->n, on_registration_lost))
        log_caused(LOG_LIMIT, LOG_NOBODY, "the new zones wait for memory");
    connections_forget_gids(users->connections);
    if (done) {
        config_limit_users(config, users->registry->accounts);
        registry_expire(users->registry, now);
        connections_keep_all(users->connections); /* what rules keep out of a zone now */
        databases_zones_changed(users->databases);
    }
    free(holders);
    return done;
}

static void open_up(const struct listener *listener, const char *name,
                    const struct listener_options *options)
{
    int error = listener_open_up(listener, options);

    if (error)
        log_error("%s: mode and group stay: %s", name, listener_error(error));
}

bool config_reload(struct config **config, const char *path, const struct config_users *users,
                   uint64_t now)
{
    struct complaints complaints = {0};
    struct config *new = config_read(path, &complaints);
    bool taken;

    if (complaints.count == 0 && strcmp(new->runtime_directory, (*config)->runtime_directory) != 0)
        complain(&complaints, path, 0, "runtime-directory", "cannot change while phonebookd runs");
    taken = complaints.count == 0 && use(new, users, now);
    if (!taken) {
        log_error("the configuration is not taken, the old one stays");
        log_error_lines(complaints.text);
        config_free(new);
    } else {
        config_free(*config);
        *config = new;
        open_up(users->publish, "publish", &new->publish);
        open_up(users->list, "list", &new->list);
        if (complaints.n_warnings > 0)
            log_warning_lines(complaints.text);
        log_info("configuration read: %zu zones in %zu databases", new->zones.n_zones,
                 new->n_databases);
    }
    complaints_fini(&complaints);
    return taken;
}
