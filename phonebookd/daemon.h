/* Owns the state of phonebookd, and connects the modules. */
#ifndef PHONEBOOKD_DAEMON_H
#define PHONEBOOKD_DAEMON_H

#include "../zones/config/findings.h"
#include "config.h"

struct daemon_options {
    const char *config_path;
    int ready_fd; /* -1: none */
};

/* Runs until SIGTERM or SIGINT. Returns the exit status: 0, or 111 if it could not start. Takes
 * over `config` and the findings that it was read with. */
int daemon_run(const struct daemon_options *options, struct config *config,
               const struct findings *findings);

#endif
