/* The one struct that owns the state, and what the rooms say to each other. */
#ifndef PHONEBOOKD_DAEMON_H
#define PHONEBOOKD_DAEMON_H

#include "../zones/config/findings.h"
#include "config.h"

struct daemon_options {
    const char *config_path;
    int ready_fd; /* -1: none */
};

/* Runs until SIGTERM or SIGINT. The exit status: 0, or 111 where it could not start. Takes `config`
 * and what it was read with. */
int daemon_run(const struct daemon_options *options, struct config *config,
               const struct findings *findings);

#endif
