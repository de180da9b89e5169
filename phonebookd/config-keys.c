#include "config-keys.h"

#include "../common/number.h"
#include "../common/words.h"
#include "../zones/config/publishers.h"
#include "limits.h"
#include "publishing/reload-options.h"
#include "state/accounts.h"

#include <stdlib.h>
#include <string.h>

static const char database_prefix[] = "database ";

static bool set_text(char **text, const char *value)
{
    char *copy = strdup(value);
    if (!copy)
        return false;
    free(*text);
    *text = copy;
    return true;
}

/* ---- [phonebookd] ---- */

static const char *set_path(char **path, const char *value)
{
    if (value[0] != '/')
        return "must be an absolute path";
    return set_text(path, value) ? NULL : "out of memory";
}

/* Three sockets are in this directory; `publish` has the longest name. */
static const char *set_runtime_directory(struct config *config, const char *value)
{
    if (strlen(value) + sizeof "/publish" > SOCKET_PATH_MAX)
        return "is too long: no socket's path in it would fit (unix(7))";
    return set_path(&config->runtime_directory, value);
}

static const char *set_mode(struct listener_options *socket, const char *value)
{
    char *end;
    unsigned long mode = strtoul(value, &end, 8);
    if (*value < '0' || *value > '7' || *end || mode > 0777)
        return "must be an octal file mode, such as 0660";
    socket->mode = (mode_t)mode;
    return NULL;
}

/* A key that is being read, and where complaints about it go. */
struct place {
    struct findings *findings;
    const char *file, *key;
    unsigned line;
    struct complaints *complaints;
};

/* An unknown group may be known a minute later; until then the socket has our own group. */
static const char *set_group(struct listener_options *socket, const char *value,
                             const struct place *place)
{
    uint32_t gid;
    int outcome = publishers_group(place->findings, value, &gid);
    if (outcome == PUBLISHERS_WRONG)
        return "cannot be a group: a group is a name, or a number up to 4294967294";
    if (outcome == PUBLISHERS_OK) {
        socket->group = gid;
        socket->has_group = true;
        return NULL;
    }
    complain_of_unknown(place->complaints, place->file, place->line, place->key,
                        "%s: %s, the socket has the group that phonebookd runs as", value,
                        outcome == PUBLISHERS_UNKNOWN
                            ? "is not a group of this system now; until it is"
                            : "cannot be looked up now; until it can");
    return NULL;
}

static const char *set_amount(size_t *amount, const char *value)
{
    long long number;
    const char *wrong = number_parse(value, 1, CONFIG_AMOUNT_MAX, &number);
    if (!wrong)
        *amount = (size_t)number;
    return wrong;
}

static const char *set_net_admin(struct config *config, const char *value)
{
    char **programs = words_of(value);
    if (!programs)
        return "out of memory";
    words_free(config->net_admin);
    config->net_admin = programs;
    for (; *programs; programs++)
        if (**programs != '/')
            return "must be absolute paths of programs";
    return NULL;
}

/* NULL, or the mistake. *known becomes false if there is no such key. */
static const char *set_main_key(struct config *config, const struct place *place, const char *value,
                                bool *known)
{
    const char *key = place->key;
    if (strcmp(key, "runtime-directory") == 0)
        return set_runtime_directory(config, value);
    if (strcmp(key, "zones") == 0)
        return set_text(&config->zones_directory, value) ? NULL : "out of memory";
    if (strcmp(key, "publish-mode") == 0)
        return set_mode(&config->publish, value);
    if (strcmp(key, "publish-group") == 0)
        return set_group(&config->publish, value, place);
    if (strcmp(key, "list-mode") == 0)
        return set_mode(&config->list, value);
    if (strcmp(key, "list-group") == 0)
        return set_group(&config->list, value, place);
    if (strcmp(key, "programs-with-net-admin") == 0)
        return set_net_admin(config, value);
    if (strcmp(key, "names-max") == 0)
        return set_amount(&config->names_max, value);
    for (int kind = 0; kind < ACCOUNT_KINDS; kind++)
        if (strcmp(key, account_key(kind)) == 0)
            return set_amount(&config->per_user[kind], value);
    *known = false;
    return NULL;
}

/* ---- [database NAME] ---- */

static bool is_database_name(const char *name)
{
    size_t length =
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return length > 0 && length <= CONFIG_DATABASE_NAME_MAX && name[length] == '\0';
}

/* The database with this name; if it is new, it is created. NULL with *wrong set. */
static struct database_options *find_or_add(struct config *config, const char *name,
                                            const char **wrong)
{
    struct database_options *database = (struct database_options *)config_database(config, name);
    if (database)
        return database;
    *wrong = "the name of a database is 1 to 32 letters, digits, hyphens and underscores";
    if (!is_database_name(name))
        return NULL;
    *wrong = "there are more than 64 databases";
    if (config->n_databases == DATABASES_MAX)
        return NULL;
    *wrong = "out of memory";
    database = calloc(1, sizeof *database);
    if (!database || !set_text(&database->name, name)) {
        config_free_database(database);
        return NULL;
    }
    *wrong = NULL;
    database->interval = 1;
    return config->databases[config->n_databases++] = database;
}

static const char *set_reload(struct database_options *database, const char *value)
{
    char *copy = strdup(value);
    const char *wrong = "out of memory";
    if (copy)
        wrong = reload_options_parse(&database->reload, copy);
    free(copy);
    return wrong;
}

static const char *set_static_files(struct database_options *database, const char *value)
{
    char **files = words_of(value);
    if (!files)
        return "out of memory";
    size_t n = 0;
    while (files[n])
        n++;
    const char *wrong = NULL;
    if (n > STATIC_FILES_MAX)
        wrong = "names more than 64 files";
    if (wrong)
        words_free(files);
    else
        database->static_files = files;
    return wrong;
}

static const char *set_seconds(unsigned *seconds, const char *value, long long low, long long high)
{
    long long number;
    const char *wrong = number_parse(value, low, high, &number);
    if (!wrong)
        *seconds = (unsigned)number;
    return wrong;
}

static const char *set_database_key(struct database_options *database, const char *key,
                                    const char *value, bool *known)
{
    if (strcmp(key, "directory") == 0)
        return set_path(&database->directory, value);
    if (strcmp(key, "interval") == 0)
        return set_seconds(&database->interval, value, 1, CONFIG_INTERVAL_MAX);
    if (strcmp(key, "expire") == 0)
        return set_seconds(&database->expire, value, CONFIG_EXPIRE_MIN, CONFIG_EXPIRE_MAX);
    if (strcmp(key, "reload") == 0)
        return set_reload(database, value);
    if (strcmp(key, "static") == 0)
        return set_static_files(database, value);
    *known = false;
    return NULL;
}

/* ---- the file ---- */

void config_take_entry(void *context, const struct inifile_place *place, const char *section,
                       const char *key, const char *value, struct complaints *complaints)
{
    const struct config_reading *reading = context;
    struct config *config = reading->config;
    const char *file = place->file;
    unsigned line = place->line;
    const struct place at = {reading->findings, file, key, line, complaints};
    const char *wrong = NULL;
    bool known = true;
    if (strcmp(section, "phonebookd") == 0) {
        if (key)
            wrong = set_main_key(config, &at, value, &known);
    } else if (strncmp(section, database_prefix, sizeof database_prefix - 1) == 0) {
        struct database_options *database =
            find_or_add(config, section + sizeof database_prefix - 1, &wrong);
        if (key && database)
            wrong = set_database_key(database, key, value, &known);
        else if (key)
            return; /* there was a complaint about the section's own line */
    } else if (!key) {
        complain(complaints, file, line, NULL,
                 "[%s] is not a section: there are [phonebookd] and [database NAME]", section);
    } else if (section[0] == '\0') {
        complain(complaints, file, line, key, "comes before the first section");
    }
    if (!known)
        complain(complaints, file, line, key, "is not a key of [%s]", section);
    else if (wrong)
        complain(complaints, file, line, key, "%s", wrong);
}
