/* phonebookd.conf and the zone files, read whole or not at all (phonebookd.conf(5)). */
#ifndef PHONEBOOKD_CONFIG_H
#define PHONEBOOKD_CONFIG_H

#include "../zones/config/findings.h"
#include "../zones/config/zonefile.h"
#include "clients/listener.h"
#include "limits.h"
#include "publishing/database.h"
#include "state/accounts.h"

enum {
    CONFIG_DATABASE_NAME_MAX = 32, /* libinih keeps 49 octets of a section's name */
    CONFIG_INTERVAL_MAX = 86400,   /* seconds */
    CONFIG_EXPIRE_MIN = 10,        /* seconds: renewed at half of it */
    CONFIG_EXPIRE_MAX = 365 * 86400,
    CONFIG_HOSTNAME_MAX = 253,
    CONFIG_AMOUNT_MAX = 1 << 30,
};

struct config {
    char *runtime_directory;
    char *zones_directory;
    struct listener_options publish, list;
    size_t names_max;                                  /* in all; 0: what the memory allows */
    size_t per_user[ACCOUNT_KINDS];                    /* 0: as in limits.h */
    struct database_options *databases[DATABASES_MAX]; /* owned */
    size_t n_databases;
    struct zonefile_set zones;

    /* Facts of the system that it was read with. */
    char hostname[CONFIG_HOSTNAME_MAX + 1];
    char *
        warnings; /* owned; about users, groups and that name, as complaints::text; perhaps empty */
    bool unknown; /* among these are users or groups that the system may know a minute later */
};

/* Reads everything that `path` leads to, as `findings` remembers it or is to. All that is wrong is
 * in `complaints`; where there is any (warnings are none), the config is not to be used. The caller
 * calls config_free() whatever was returned. NULL where memory ran out (which is a complaint too).
 * Asks the system for users and groups, which can take long, on any thread. */
struct config *config_read(const char *path, struct findings *findings,
                           struct complaints *complaints);
void config_free(struct config *config);

/* Of two that were read from the same findings, without a complaint: are they the same? */
bool config_same_facts(const struct config *a, const struct config *b);

const struct database_options *config_database(const struct config *config, const char *name);

#endif
