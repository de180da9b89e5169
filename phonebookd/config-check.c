#include "config-check.h"

#include <stdbool.h>
#include <string.h>

static void check_directories(const struct config *config, const char *path,
                              struct complaints *complaints)
{
    for (size_t i = 0; i < config->n_databases; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(config->databases[i]->directory, config->databases[j]->directory) == 0)
                complain(complaints, path, 0, "directory", "databases %s and %s share %s",
                         config->databases[j]->name, config->databases[i]->name,
                         config->databases[i]->directory);
}

static bool is_data_of(const char *file, const struct database_options *database)
{
    size_t length = strlen(database->directory);
    return strncmp(file, database->directory, length) == 0 && strcmp(file + length, "/data") == 0;
}

/* A static file that is one of our files would make each build cause the next. */
static bool is_ours(const struct config *config, const char *file)
{
    for (size_t i = 0; i < config->n_databases; i++)
        if (is_data_of(file, config->databases[i]))
            return true;
    return false;
}

static bool stands_before(char *const *files, char *const *file)
{
    for (; files < file; files++)
        if (strcmp(*files, *file) == 0)
            return true;
    return false;
}

/* Compares resolved paths, because a path can be written in several ways. */
static void check_static_files(const struct config *config, const char *path,
                               struct complaints *complaints)
{
    for (size_t i = 0; i < config->n_databases; i++) {
        const struct database_options *database = config->databases[i];
        for (char **file = database->static_files; file && *file; file++) {
            if (is_ours(config, *file))
                complain(complaints, path, 0, "static", "database %s: %s is written by us",
                         database->name, *file);
            if (stands_before(database->static_files, file))
                complain(complaints, path, 0, "static", "database %s: names %s twice",
                         database->name, *file);
        }
    }
}

/* Records are renewed at half of their time, but not before the interval is over. */
static void check_expiry(const struct config *config, const char *path,
                         struct complaints *complaints)
{
    for (size_t i = 0; i < config->n_databases; i++) {
        const struct database_options *database = config->databases[i];
        if (database->expire > 0 && database->expire < 2 * database->interval)
            complain(complaints, path, 0, "expire",
                     "database %s: is less than twice the interval, which is %u", database->name,
                     database->interval);
    }
}

/* There was a complaint about a zone without a name. */
static void check_zones(const struct config *config, const char *path,
                        struct complaints *complaints)
{
    for (size_t i = 0; i < config->zones.n_zones; i++) {
        const struct zone *zone = config->zones.zones[i];
        if (zone->name[0] && !config_database(config, zone->database))
            complain(complaints, zone->file ? zone->file : path, zone->database_line, "database",
                     "there is no [database %s]", zone->database);
    }
}

void config_check(const struct config *config, const char *path, struct complaints *complaints)
{
    check_directories(config, path, complaints);
    check_static_files(config, path, complaints);
    check_expiry(config, path, complaints);
    check_zones(config, path, complaints);
}
