#include "config.h"

#include "../common/words.h"
#include "../zones/config/complaints.h"
#include "../zones/config/inifile.h"
#include "../zones/config/zonefile.h"
#include "config-check.h"
#include "config-keys.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNTIME_DIRECTORY "/run/phonebook"

/* ---- defaults and paths ---- */

/* A relative path is relative to phonebookd.conf's directory. NULL if memory ran out. */
static char *path_beside(const char *conf, const char *path)
{
    const char *slash = strrchr(conf, '/');
    if (path[0] == '/' || !slash)
        return strdup(path);
    char *joined;
    if (asprintf(&joined, "%.*s/%s", (int)(slash - conf), conf, path) < 0)
        return NULL;
    return joined;
}

static bool resolve_static_files(const struct config *config, const char *path)
{
    for (size_t i = 0; i < config->n_databases; i++)
        for (char **file = config->databases[i]->static_files; file && *file; file++) {
            char *resolved = path_beside(path, *file);
            if (!resolved)
                return false;
            free(*file);
            *file = resolved;
        }
    return true;
}

static bool default_directories(struct config *config)
{
    for (size_t i = 0; i < config->n_databases; i++) {
        struct database_options *database = config->databases[i];
        if (!database->directory &&
            asprintf(&database->directory, "%s/%s", config->runtime_directory, database->name) < 0)
            return false;
    }
    return true;
}

/* ---- all of it ---- */

static void read_zones(struct config *config, const char *path, struct findings *findings,
                       struct complaints *complaints)
{
    char *directory = path_beside(path, config->zones_directory);
    if (findings->source.hostname(config->hostname, sizeof config->hostname) < 0 || !directory) {
        complain(complaints, path, 0, NULL, "%s", strerror(errno));
        free(directory);
        return;
    }
    config->hostname[sizeof config->hostname - 1] = '\0';
    zonefile_read_directory(&config->zones, findings, directory, config->hostname, complaints);
    for (size_t i = 0; i < config->zones.n_zones; i++)
        config->zones.zones[i]->owner = findings->source.user();
    free(directory);
}

static void keep_warnings(struct config *config, const char *path, struct complaints *complaints)
{
    config->unknown = complaints->n_unknown > 0;
    if (complaints->count == 0 &&
        !(config->warnings = strdup(complaints->text ? complaints->text : "")))
        complain(complaints, path, 0, NULL, "out of memory");
}

struct config *config_read(const char *path, struct findings *findings,
                           struct complaints *complaints)
{
    struct config *config = calloc(1, sizeof *config);
    struct config_reading reading = {config, findings};
    if (!config || !(config->runtime_directory = strdup(RUNTIME_DIRECTORY)) ||
        !(config->zones_directory = strdup("zones"))) {
        complain(complaints, path, 0, NULL, "out of memory");
        config_free(config);
        return NULL;
    }
    config->publish.mode = config->list.mode = 0660;
    inifile_read(findings, path, config_take_entry, &reading, complaints);
    if (!default_directories(config) || !resolve_static_files(config, path)) {
        complain(complaints, path, 0, NULL, "out of memory");
        return config;
    }
    read_zones(config, path, findings, complaints);
    config_check(config, path, complaints);
    keep_warnings(config, path, complaints);
    return config;
}
