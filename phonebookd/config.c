#include "config.h"

#include "../common/number.h"
#include "../common/words.h"
#include "../zones/config/complaints.h"
#include "../zones/config/inifile.h"
#include "../zones/config/publishers.h"
#include "publishing/reload-options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNTIME_DIRECTORY "/run/phonebook"

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
        return "is to be an absolute path";
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
        return "is to be an octal file mode, such as 0660";
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

    switch (publishers_group(place->findings, value, &gid)) {
    case PUBLISHERS_OK:
        socket->group = gid;
        socket->has_group = true;
        break;
    case PUBLISHERS_UNKNOWN:
        complain_of_unknown(place->complaints, place->file, place->line, place->key,
                            "%s: is no group of this system now; until it is, the socket has the "
                            "group that phonebookd runs as",
                            value);
        break;
    case PUBLISHERS_UNANSWERED:
        complain_of_unknown(place->complaints, place->file, place->line, place->key,
                            "%s: cannot be looked up now; until it can, the socket has the group "
                            "that phonebookd runs as",
                            value);
        break;
    case PUBLISHERS_WRONG:
        return "can be no group: that is a name, or a number up to 4294967294";
    }
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
            return "is to be absolute paths of programs";
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

const struct database_options *config_database(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->n_databases; i++)
        if (strcmp(config->databases[i]->name, name) == 0)
            return config->databases[i];
    return NULL;
}

static void free_database(struct database_options *database)
{
    if (!database)
        return;
    reload_options_fini(&database->reload);
    free(database->name);
    free(database->directory);
    words_free(database->static_files);
    free(database);
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
        free_database(database);
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
    const char *wrong = NULL;
    size_t n = 0;

    if (!files)
        return "out of memory";
    while (files[n])
        n++;
    if (n > STATIC_FILES_MAX)
        wrong = "names more than 64 files";
    if (wrong)
        words_free(files);
    else
        database->static_files = files;
    return wrong;
}

static const char *set_database_key(struct database_options *database, const char *key,
                                    const char *value, bool *known)
{
    long long number;
    const char *wrong;

    if (strcmp(key, "directory") == 0)
        return set_path(&database->directory, value);
    if (strcmp(key, "interval") == 0) {
        wrong = number_parse(value, 1, CONFIG_INTERVAL_MAX, &number);
        if (!wrong)
            database->interval = (unsigned)number;
        return wrong;
    }
    if (strcmp(key, "expire") == 0) {
        wrong = number_parse(value, CONFIG_EXPIRE_MIN, CONFIG_EXPIRE_MAX, &number);
        if (!wrong)
            database->expire = (unsigned)number;
        return wrong;
    }
    if (strcmp(key, "reload") == 0)
        return set_reload(database, value);
    if (strcmp(key, "static") == 0)
        return set_static_files(database, value);
    *known = false;
    return NULL;
}

/* ---- the file ---- */

struct config_reading {
    struct config *config;
    struct findings *findings;
};

/* An inifile_entry; `key` is NULL for the line that begins a section. */
static void take_entry(void *context, const struct inifile_place *place, const char *section,
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
                 "[%s] is no section: there are [phonebookd] and [database NAME]", section);
    } else if (section[0] == '\0') {
        complain(complaints, file, line, key, "stands before the first section");
    }
    if (!known)
        complain(complaints, file, line, key, "is no key of [%s]", section);
    else if (wrong)
        complain(complaints, file, line, key, "%s", wrong);
}

/* ---- rules for several keys ---- */

/* A relative path is relative to phonebookd.conf's directory. NULL if memory ran out. */
static char *path_beside(const char *conf, const char *path)
{
    const char *slash = strrchr(conf, '/');
    char *joined;

    if (path[0] == '/' || !slash)
        return strdup(path);
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
        !set_text(&config->warnings, complaints->text ? complaints->text : ""))
        complain(complaints, path, 0, NULL, "out of memory");
}

struct config *config_read(const char *path, struct findings *findings,
                           struct complaints *complaints)
{
    struct config *config = calloc(1, sizeof *config);
    struct config_reading reading = {config, findings};

    if (!config || !set_text(&config->runtime_directory, RUNTIME_DIRECTORY) ||
        !set_text(&config->zones_directory, "zones")) {
        complain(complaints, path, 0, NULL, "out of memory");
        config_free(config);
        return NULL;
    }
    config->publish.mode = config->list.mode = 0660;
    inifile_read(findings, path, take_entry, &reading, complaints);
    if (!default_directories(config) || !resolve_static_files(config, path)) {
        complain(complaints, path, 0, NULL, "out of memory");
        return config;
    }
    read_zones(config, path, findings, complaints);
    check_directories(config, path, complaints);
    check_static_files(config, path, complaints);
    check_expiry(config, path, complaints);
    check_zones(config, path, complaints);
    keep_warnings(config, path, complaints);
    return config;
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

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->n_databases; i++)
        free_database(config->databases[i]);
    zonefile_set_fini(&config->zones);
    words_free(config->net_admin);
    free(config->runtime_directory);
    free(config->zones_directory);
    free(config->warnings);
    free(config);
}
