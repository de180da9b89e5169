/* The values of phonebookd.conf and the zone files. Pure. */
#ifndef PHONEBOOKD_CONFIG_VALUES_H
#define PHONEBOOKD_CONFIG_VALUES_H

#include "../zones/config/zonefile.h"
#include "clients/listener-options.h"
#include "limits.h"
#include "publishing/database-options.h"
#include "state/accounts.h"

enum {
    CONFIG_DATABASE_NAME_MAX = 32, /* libinih keeps 49 octets of a section's name */
    CONFIG_INTERVAL_MAX = 86400,   /* seconds */
    CONFIG_EXPIRE_MIN = 10,        /* seconds; records are renewed at half of it */
    CONFIG_EXPIRE_MAX = 365 * 86400,
    CONFIG_HOSTNAME_MAX = 253,
    CONFIG_AMOUNT_MAX = 1 << 30,
};

struct config {
    char *runtime_directory;
    char *zones_directory;
    struct listener_options publish, list;
    char **net_admin; /* owned, as words_of(); programs that have CAP_NET_ADMIN; NULL: none */
    size_t names_max; /* of all users; 0: as many as the memory allows */
    size_t per_user[ACCOUNT_KINDS];                    /* 0: the default of limits.h */
    struct database_options *databases[DATABASES_MAX]; /* owned */
    size_t n_databases;
    struct zonefile_set zones;

    /* The facts of the system with which it was read. */
    char hostname[CONFIG_HOSTNAME_MAX + 1];
    char *warnings; /* owned; as complaints::text; about users, groups and the host's name */
    bool unknown;   /* some of these are about users or groups that may be known later */
};

void config_free(struct config *config);

/* Are two configurations equal that were read from the same findings without a complaint? */
bool config_same_facts(const struct config *a, const struct config *b);

/* Have both the same databases in the same directories? */
bool config_same_directories(const struct config *a, const struct config *b);

/* NULL: there is none of this name. */
const struct database_options *config_database(const struct config *config, const char *name);
void config_free_database(struct database_options *database);

#endif
