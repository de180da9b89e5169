/* All names of one `phonebook publish`, registered on one connection; and again on another when
 * that one is lost.
 *
 * A registration is a fixed number of steps, one request each. First every name is asked for, so
 * that all of them stand before anything is waited for; the last one, and then the others again,
 * are asked for with the rest of the waiting time: a request may be repeated. */
#ifndef PUBLISH_CLIENT_COMMAND_REGISTRATION_H
#define PUBLISH_CLIENT_COMMAND_REGISTRATION_H

#include "../include/phonebook.h"
#include "command-patience.h"

#include <stdbool.h>
#include <stddef.h>

struct registration {
    const char **names; /* borrowed */
    size_t n_names;
    struct phonebook_request asked; /* of each name, without it; `wait` is for all together */

    bool last; /* nobody is to register more on the connection */

    struct phonebook *phonebook; /* NULL while there is no connection */
    size_t step;                 /* answered requests */
    struct patience patience;    /* for all of it; without `wait`, its end is set when somebody is
                                  * found to listen */
    bool late;                   /* it was over before the last name was asked for */
    char *granted;               /* names in the DNS, separated by blanks; owned */
};

/* Connects, within `limit_ms` where the daemon's queue is full, and asks for the first name. 0,
 * -errno (no connection then), or a phonebook_outcome. */
int registration_begin(struct registration *registration, int limit_ms);

/* Goes on as far as it can without blocking: 0 when all names are registered (and live, with
 * `wait`), -EAGAIN, another -errno, or the outcome that refused registration_name(). Afterwards,
 * and only then, it serves to ask whether the connection still stands: -EAGAIN, or why not. */
int registration_advance(struct registration *registration);

/* Closes the connection; what was asked for is kept, for another begin. */
void registration_drop(struct registration *registration);

/* Begins and advances until it is done or fails; tries again for `retry` seconds while there is no
 * daemon or it goes away. Blocks: for `asked.wait` in all, or, without, until no answer has come
 * for 30 seconds. Results as registration_advance(). */
int registration_acquire(struct registration *registration, int retry);

/* The name that is being asked for. */
const char *registration_name(const struct registration *registration);

/* Says on standard error that registration_name() was refused, and why, with `then` behind it. */
void registration_say_refused(const struct registration *registration, const char *level,
                              int outcome, const char *then);

/* Says on standard error why there is no registration, and returns the exit code. */
int registration_fatal(const struct registration *registration, int result);

void registration_fini(struct registration *registration);

#endif
