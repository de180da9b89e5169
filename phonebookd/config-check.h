/* Rules for several keys of the configuration at once. Pure. */
#ifndef PHONEBOOKD_CONFIG_CHECK_H
#define PHONEBOOKD_CONFIG_CHECK_H

#include "../zones/config/complaints.h"
#include "config-values.h"

/* Complains of databases that share a directory, of wrong static files and times, and of zones
 * without a database. `path` is that of phonebookd.conf. */
void config_check(const struct config *config, const char *path, struct complaints *complaints);

#endif
