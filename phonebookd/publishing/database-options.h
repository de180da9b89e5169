/* The section [database NAME] of phonebookd.conf(5). Pure. */
#ifndef PHONEBOOKD_DATABASE_OPTIONS_H
#define PHONEBOOKD_DATABASE_OPTIONS_H

#include "reload-options.h"

struct database_options {
    char *name;
    char *directory;
    char **static_files; /* owned, from words_of(); paths; NULL: none */
    unsigned interval;   /* seconds between two builds, at least 1 */
    unsigned expire;     /* seconds after which records end if no build renews them; 0: never */
    struct reload_options reload;
};

#endif
