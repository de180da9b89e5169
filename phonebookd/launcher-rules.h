/* What the launcher may do, in its own process: what the administrator wrote, by a reading of its
 * own. phonebookd is not believed.
 *
 * The configuration of the start is phonebookd's, before it has served anybody. After a SIGHUP the
 * launcher reads the files itself, without asking for users and groups, since that could take
 * long. What stood in the configuration before is still allowed: a program may have to run once
 * more. Failure modes: a file that was changed between phonebookd's reading and this one can let
 * the launcher refuse what phonebookd asks for; the next SIGHUP mends that. */
#ifndef PHONEBOOKD_LAUNCHER_RULES_H
#define PHONEBOOKD_LAUNCHER_RULES_H

#include "config.h"
#include "launcher/launch-rules.h"

struct launcher_rules_context {
    const char *path;                  /* of phonebookd.conf; not owned */
    const struct config *now, *before; /* the latter NULL at first; not freed */
};

/* `context` is to have `path` and `now`, and to live during launcher_start(). */
struct launcher_rules launcher_rules(struct launcher_rules_context *context);

#endif
