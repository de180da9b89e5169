/* What the launcher may do, as its own process is asked each time. */
#ifndef PHONEBOOKD_LAUNCH_RULES_H
#define PHONEBOOKD_LAUNCH_RULES_H

#include <stdbool.h>
#include <stdint.h>

struct launcher_rules {
    uint64_t capabilities; /* that it keeps where it has them, beside those for programs */
    /* May this program run, a NULL-terminated list of words? *net_admin: with CAP_NET_ADMIN. */
    bool (*may_run)(void *context, char *const *arguments, bool *net_admin);
    bool (*may_open)(void *context, const char *path);
    void (*read_again)(void *context); /* the configuration */
    void *context;
};

#endif
