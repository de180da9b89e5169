#include "check.h"

#include "../common/number.h"
#include "../zones/config/complaints.h"
#include "../zones/config/findings-system.h"
#include "../zones/name.h"
#include "../zones/static-image.h"
#include "../zones/zone.h"
#include "config.h"
#include "publishing/database.h"
#include "publishing/kept.h"
#include "publishing/reload.h"
#include "publishing/static-file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXPIRE_TTL_MAX = 3600,
    EXPIRE_TTLS = 5, /* a record may be cached for this many times its TTL without a warning */
};

/* ---- the user ---- */

static const struct passwd *find_user(const char *user)
{
    const struct passwd *found = getpwnam(user);
    long long number;
    if (!found && !number_parse(user, 0, (long long)UINT32_MAX - 1, &number))
        found = getpwuid((uid_t)number);
    return found;
}

/* Becomes the user, with its groups, and without the capabilities that a supervisor may have given
 * it. */
static bool become(const char *user)
{
    errno = 0;
    const struct passwd *found = find_user(user);
    if (!found)
        fprintf(stderr, "phonebookd: fatal: -u %s: %s\n", user,
                errno ? strerror(errno) : "is not a user of this system");
    else if (initgroups(found->pw_name, found->pw_gid) == 0 && setgid(found->pw_gid) == 0 &&
             setuid(found->pw_uid) == 0)
        return true;
    else
        fprintf(stderr, "phonebookd: fatal: -u %s: %s\n", user, strerror(errno));
    return false;
}

/* ---- directories ---- */

/* Checks what a new phonebookd with our user could create below an existing directory. */
static int check_above(const char *directory)
{
    char *path = strdup(directory);
    int error = path ? -ENOENT : -ENOMEM;
    char *slash;
    while (error == -ENOENT && (slash = strrchr(path, '/'))) {
        slash[slash == path] = '\0';
        error = faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0 ? 0 : -errno;
        if (slash == path)
            break;
    }
    free(path);
    return error;
}

/* 0, or -errno: why the database could not be opened there. */
static int check_directory(const char *directory)
{
    struct stat status;
    if (stat(directory, &status) < 0)
        return errno == ENOENT ? check_above(directory) : -errno;
    if (!S_ISDIR(status.st_mode))
        return -ENOTDIR;
    return faccessat(AT_FDCWD, directory, R_OK | W_OK | X_OK, AT_EACCESS) == 0 ? 0 : -errno;
}

static bool is_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && path[length] == '/';
}

/* A supervisor may create a runtime directory that is missing now, so databases in it are not
 * checked. */
static void check_directories(const struct config *config, const char *path,
                              struct complaints *complaints)
{
    bool runs = access(config->runtime_directory, F_OK) == 0;
    for (size_t i = 0; i < config->n_databases; i++) {
        const struct database_options *database = config->databases[i];
        int error = 0;
        if (runs || !is_below(database->directory, config->runtime_directory))
            error = check_directory(database->directory);
        if (error)
            complain(complaints, path, 0, "directory", "database %s: %s: %s", database->name,
                     database->directory, strerror(-error));
    }
}

/* ---- servers and static files ---- */

static void check_servers(const struct config *config, const char *path,
                          struct complaints *complaints)
{
    for (size_t i = 0; i < config->n_databases; i++) {
        const struct database_options *database = config->databases[i];
        const char *why = reload_options_untold(&database->reload);
        if (why)
            warn_about(complaints, path, 0, "reload",
                       "database %s: its server cannot be told (%s: %s): its names would stay "
                       "pending (untold)",
                       database->name, reload_options_path(&database->reload), why);
    }
}

/* tinydns answers a record that expires with its remaining time as the TTL, at most an hour
 * (djbdns: tdlookup.c). */
static void check_expiry(const struct config *config, struct complaints *complaints)
{
    for (size_t i = 0; i < config->zones.n_zones; i++) {
        const struct zone *zone = config->zones.zones[i];
        unsigned expire = config_database(config, zone->database)->expire;
        unsigned answered = expire < EXPIRE_TTL_MAX ? expire : EXPIRE_TTL_MAX;
        if (answered > EXPIRE_TTLS * (uint64_t)zone->ttl && !zone->reverse)
            warn_about(complaints, zone->file, 0, "ttl",
                       "%s: is %u, but with expire = %u of database %s resolvers keep an answer "
                       "for up to %u seconds",
                       zone->name, zone->ttl, expire, zone->database, answered);
    }
}

/* Reads the static files of a database. False if one is bad; the mistakes are printed. */
static bool read_static_files(const struct database_options *database, struct kept_images *images)
{
    images->n = 0;
    bool good = true;
    for (char **file = database->static_files; file && *file; file++) {
        struct static_reading reading = {.path = *file, .n_told_most = SIZE_MAX};
        static_file_read(&reading);
        if (!reading.image)
            fprintf(stderr, "%s", reading.complaints.text ? reading.complaints.text : "");
        else
            images->images[images->n++] = reading.image;
        good = good && reading.image;
        complaints_fini(&reading.complaints);
    }
    return good;
}

/* Has the file `data` an address record of this name? */
static bool is_written(const struct finding *data, const char *name)
{
    static const char *const forms[] = {"\n+%s:", "\n:%s:28:"}; /* A and AAAA: tinydns.h */
    for (size_t i = 0; data->length > 0 && i < sizeof forms / sizeof *forms; i++) {
        char line[NAME_TEXT_MAX + sizeof "\n::28:"];
        int length = snprintf(line, sizeof line, forms[i], name);
        if (memmem(data->octets, data->length, line, (size_t)length))
            return true;
    }
    return false;
}

/* The files of the last build show which names have a holder. */
static void check_name_servers(const struct zone *zone, const struct kept_images *images,
                               const struct finding *data, struct complaints *complaints)
{
    for (size_t i = 0; i < zone->n_servers; i++) {
        const struct zone_server *server = &zone->servers[i];
        if ((i > 0 && strcmp(server[-1].name, server->name) == 0) ||
            kept_images_have(images, server->name) & STATIC_ADDRESS ||
            is_written(data, server->name))
            continue;
        warn_about(complaints, zone_of_server(zone, server)->file, 0, "nameservers",
                   "%s: its name server %s has no address now: somebody has to register it, or a "
                   "static file to have one",
                   zone_of_server(zone, server)->name, server->name);
    }
}

static void check_zones_of(const struct config *config, const struct database_options *database,
                           const struct kept_images *images, struct findings *findings,
                           struct complaints *complaints)
{
    const struct finding *data = NULL;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/data", database->directory) < (int)sizeof path)
        data = findings_file(findings, path);
    for (size_t i = 0; data && i < config->zones.n_zones; i++)
        if (strcmp(config->zones.zones[i]->database, database->name) == 0)
            check_name_servers(config->zones.zones[i], images, data, complaints);
}

/* Are all static files good? A bad one is no mistake in the configuration: the other files are
 * served. */
static bool check_databases(const struct config *config, struct findings *findings,
                            struct complaints *complaints)
{
    bool good = true;
    for (size_t i = 0; i < config->n_databases; i++) {
        struct kept_images images;
        good = read_static_files(config->databases[i], &images) && good;
        check_zones_of(config, config->databases[i], &images, findings, complaints);
        while (images.n > 0)
            static_image_unref(images.images[--images.n]);
    }
    return good;
}

/* ---- all of it ---- */

/* Prints complaints and warnings. True if there are no complaints. */
static bool say_complaints(const struct complaints *complaints)
{
    fprintf(stderr, "%s", complaints->text ? complaints->text : "");
    if (complaints->count > 0)
        fprintf(stderr, "phonebookd: fatal: %zu mistake%s in the configuration\n",
                complaints->count, complaints->count == 1 ? "" : "s");
    return complaints->count == 0;
}

int check_config(const char *path, const char *user)
{
    struct findings findings = {.source = findings_system};
    if (user && !become(user))
        return CHECK_SYSTEM;
    struct complaints complaints = {0};
    struct config *config = config_read(path, &findings, &complaints);
    if (complaints.count == 0) {
        check_directories(config, path, &complaints);
        check_servers(config, path, &complaints);
        check_expiry(config, &complaints);
    }
    bool good = true;
    if (complaints.count == 0)
        good = check_databases(config, &findings, &complaints);
    int status = CHECK_WRONG;
    if (say_complaints(&complaints))
        status = good ? 0 : CHECK_PARTLY;
    config_free(config);
    findings_fini(&findings);
    complaints_fini(&complaints);
    return status;
}
