/* The launcher's rights. Its own process calls these functions for each request. */
#ifndef PHONEBOOKD_LAUNCH_RULES_H
#define PHONEBOOKD_LAUNCH_RULES_H

#include <stdbool.h>
#include <stdint.h>

struct launcher_rules {
    uint64_t capabilities; /* kept if the launcher has them, in addition to those for programs */
    /* May this program, a NULL-terminated list of words, run? *net_admin: with CAP_NET_ADMIN. */
    bool (*may_run)(void *context, char *const *arguments, bool *net_admin);
    bool (*may_open)(void *context, const char *path);
    void (*read_again)(void *context); /* reads the configuration again */
    void *context;
};

#endif
