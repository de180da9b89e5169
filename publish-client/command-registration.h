/* All names of one `phonebook publish`, registered on one connection; and again on another when
 * that one is lost.
 *
 * A registration is a fixed number of steps, one request each. First every name is asked for, so
 * that all of them stand before anything is waited for; the last one, and then the others again,
 * are asked for with the rest of the waiting time: a request may be repeated. */
#ifndef PUBLISH_CLIENT_COMMAND_REGISTRATION_H
#define PUBLISH_CLIENT_COMMAND_REGISTRATION_H

#include "../include/phonebook.h"

#include <stdbool.h>
#include <stddef.h>

struct registration {
    const char **names; /* borrowed */
    size_t n_names;
    struct phonebook_request asked; /* of each name, without it; `wait` is for all together */

    struct phonebook *phonebook; /* NULL while there is no connection */
    size_t step;                 /* answered requests */
    long long answer_by;         /* now_ms() by which the answer under way is due */
    long long live_by;           /* the same for all names to be live; 0: not begun */
    bool late;                   /* live_by has passed: a timeout of ours, that no answer told of */
    char *granted;               /* names in the DNS, separated by blanks; owned */
};

/* Connects and asks for the first name; does not block. 0, -errno (no connection then), or a
 * phonebook_outcome. */
int registration_begin(struct registration *registration);

/* Goes on as far as it can without blocking: 0 when all names are registered (and live, with
 * `wait`), -EAGAIN, another -errno, or the outcome that refused registration_name(). Afterwards,
 * and only then, it serves to ask whether the connection still stands: -EAGAIN, or why not. */
int registration_advance(struct registration *registration);

/* Closes the connection; what was asked for is kept, for another begin. */
void registration_drop(struct registration *registration);

/* Begins and advances until it is done or fails; tries again for `retry` seconds while there is no
 * daemon or it goes away. Blocks. Results as registration_advance(). */
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
