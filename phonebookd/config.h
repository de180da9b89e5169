/* Reads phonebookd.conf and the zone files; either all of it is valid or nothing is used
 * (phonebookd.conf(5)). Pure. */
#ifndef PHONEBOOKD_CONFIG_H
#define PHONEBOOKD_CONFIG_H

#include "../zones/config/complaints.h"
#include "../zones/config/findings.h"
#include "config-values.h"

/* Reads `path` and all files that it names. Each file comes from `findings` or, if it is not there
 * yet, from the disk into `findings`. Mistakes are added to `complaints`; if there are any besides
 * warnings, the config must not be used. The caller calls config_free() in any case. NULL if memory
 * ran out (which is a complaint too). May be called on any thread; looking up users and groups can
 * take long. */
struct config *config_read(const char *path, struct findings *findings,
                           struct complaints *complaints);

#endif
