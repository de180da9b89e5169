/* What the supervisor is told while phonebookd runs: how things are (STATUS= of sd_notify(3), which
 * `systemctl status` shows) where that has changed, and that the loop turns (WATCHDOG=1).
 *
 * Happy path: once in STATUS_EVERY_MS, or more often where the supervisor wants a sign more often.
 * Failure modes: a supervisor that does not take it is told the next time; where there is none that
 * listens, nothing runs. */
#ifndef PHONEBOOKD_SUPERVISOR_STATUS_H
#define PHONEBOOKD_SUPERVISOR_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <uv.h>

enum { STATUS_MAX = 512 }; /* octets of the text, with its NUL */

struct status_facts {
    size_t names, zones;
    time_t built;      /* when a database was last built; 0: none was */
    const char *error; /* the last warning or error; "": none */
    time_t error_time;
};

/* The text: one line. Times are local ones. */
void status_text(char text[static STATUS_MAX], const struct status_facts *facts);

struct status {
    uv_timer_t timer;
    bool watched; /* the supervisor wants WATCHDOG=1 */
    void (*find)(void *owner, struct status_facts *facts);
    void *owner;
    char told[STATUS_MAX];
};

/* `find` is asked for the facts each time. */
void status_start(struct status *status, uv_loop_t *loop,
                  void (*find)(void *owner, struct status_facts *facts), void *owner);
void status_stop(struct status *status); /* closes the timer, where it was started */

#endif
