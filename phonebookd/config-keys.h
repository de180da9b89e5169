/* The keys of phonebookd.conf, one by one. Pure. */
#ifndef PHONEBOOKD_CONFIG_KEYS_H
#define PHONEBOOKD_CONFIG_KEYS_H

#include "../zones/config/complaints.h"
#include "../zones/config/findings.h"
#include "../zones/config/inifile.h"
#include "config-values.h"

struct config_reading {
    struct config *config;
    struct findings *findings;
};

/* An inifile_entry, whose context is a struct config_reading: sets the field of this key. `key` is
 * NULL for the line that begins a section. */
void config_take_entry(void *context, const struct inifile_place *place, const char *section,
                       const char *key, const char *value, struct complaints *complaints);

#endif
