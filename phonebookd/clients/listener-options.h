/* The keys for a socket in phonebookd.conf(5). Pure. */
#ifndef PHONEBOOKD_LISTENER_OPTIONS_H
#define PHONEBOOKD_LISTENER_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

struct listener_options {
    mode_t mode;
    bool has_group;
    gid_t group;
};

#endif
