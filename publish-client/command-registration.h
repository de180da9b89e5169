/* Registers all names of one `phonebook publish` on one connection, and again on another one if
 * that is lost.
 *
 * A registration consists of steps, one request each. First every name is requested without a wait,
 * so that all of them exist before anything is waited for. Then, with `wait`, the last name and
 * after it the others are requested again with the rest of the waiting time: a request may be
 * repeated. */
#ifndef PUBLISH_CLIENT_COMMAND_REGISTRATION_H
#define PUBLISH_CLIENT_COMMAND_REGISTRATION_H

#include "../include/phonebook.h"
#include "command-patience.h"

#include <stdbool.h>
#include <stddef.h>

struct registration {
    const char **names; /* borrowed */
    size_t n_names;
    /* for each name, without the name; `wait` is for all together */
    struct phonebook_request asked;

    bool last; /* nobody may register more on the connection afterwards */

    struct phonebook *phonebook; /* NULL while there is no connection */
    size_t step;                 /* number of requests answered */
    /* for all steps; without `wait`, the time starts when the daemon is found to listen */
    struct patience patience;
    bool late;     /* the time was over before the last name was requested */
    char *granted; /* owned; names in the DNS, separated by blanks */
};

/* Connects and requests the first name. While the daemon's queue is full, waits up to `limit_ms`.
 * 0, -errno (there is no connection then), or a phonebook_outcome. */
int registration_begin(struct registration *registration, int limit_ms);

/* Continues as far as possible without blocking. 0: all names are registered (and live, with
 * `wait`); -EAGAIN; another -errno; or the outcome with which a name was refused.
 * After it has returned 0, it tells whether the connection still exists: -EAGAIN, or why not. */
int registration_advance(struct registration *registration);

/* Closes the connection. The requests are kept for another registration_begin(). */
void registration_drop(struct registration *registration);

/* Calls registration_begin() and registration_advance() until it is done or fails. While there is
 * no daemon, or if it goes away, tries again for `retry` seconds. Blocks: with `asked.wait` for
 * that time in all; without, until no answer has come for 30 seconds. Returns as
 * registration_advance(). */
int registration_acquire(struct registration *registration, int retry);

/* Prints to standard error that the name of the present request was refused, the reason, and
 * `then`. */
void registration_say_refused(const struct registration *registration, const char *level,
                              int outcome, const char *then);

/* Prints to standard error why there is no registration. Returns the exit code. */
int registration_fatal(const struct registration *registration, int result);

void registration_fini(struct registration *registration);

#endif
