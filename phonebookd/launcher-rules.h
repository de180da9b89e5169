/* The launcher's rules: it may do what the administrator wrote into the configuration. It reads the
 * configuration in its own process, because it does not trust phonebookd.
 *
 * At the start it uses phonebookd's configuration, which was read before the first client came.
 * After a SIGHUP the launcher reads the files itself, without looking up users and groups, because
 * that could take long. The programs of the former configuration stay allowed, because one may have
 * to run once more. Failure mode: if a file is changed between phonebookd's reading and this one,
 * the launcher may refuse what phonebookd requests, until the next SIGHUP. */
#ifndef PHONEBOOKD_LAUNCHER_RULES_H
#define PHONEBOOKD_LAUNCHER_RULES_H

#include "config.h"
#include "launcher/launch-rules.h"

struct launcher_rules_context {
    const char *path;                  /* of phonebookd.conf; not owned */
    const struct config *now, *before; /* `before` is NULL at first; not freed */
};

/* `context` must have `path` and `now`, and exist during launcher_start(). */
struct launcher_rules launcher_rules(struct launcher_rules_context *context);

#endif
