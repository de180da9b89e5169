#include "config-values.h"

#include "../common/words.h"
#include "publishing/reload-options.h"

#include <stdlib.h>
#include <string.h>

const struct database_options *config_database(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->n_databases; i++)
        if (strcmp(config->databases[i]->name, name) == 0)
            return config->databases[i];
    return NULL;
}

bool config_same_facts(const struct config *a, const struct config *b)
{
    return strcmp(a->hostname, b->hostname) == 0 && strcmp(a->warnings, b->warnings) == 0;
}

bool config_same_directories(const struct config *a, const struct config *b)
{
    if (a->n_databases != b->n_databases)
        return false;
    for (size_t i = 0; i < a->n_databases; i++)
        if (strcmp(a->databases[i]->name, b->databases[i]->name) != 0 ||
            strcmp(a->databases[i]->directory, b->databases[i]->directory) != 0)
            return false;
    return true;
}

void config_free_database(struct database_options *database)
{
    if (!database)
        return;
    reload_options_fini(&database->reload);
    free(database->name);
    free(database->directory);
    words_free(database->static_files);
    free(database);
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->n_databases; i++)
        config_free_database(config->databases[i]);
    zonefile_set_fini(&config->zones);
    words_free(config->net_admin);
    free(config->runtime_directory);
    free(config->zones_directory);
    free(config->warnings);
    free(config);
}
