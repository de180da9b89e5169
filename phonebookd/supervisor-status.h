/* Messages to the supervisor at run time: a description of the state when it changes (STATUS= of
 * sd_notify(3), shown by `systemctl status`), and the watchdog message WATCHDOG=1.
 *
 * Happy path: once every STATUS_EVERY_MS, or more often if the supervisor's watchdog needs it.
 * Failure modes: a message that the supervisor does not accept is sent the next time; without a
 * supervisor that listens, nothing runs. */
#ifndef PHONEBOOKD_SUPERVISOR_STATUS_H
#define PHONEBOOKD_SUPERVISOR_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <uv.h>

enum { STATUS_MAX = 512 }; /* octets of the text, including its NUL */

struct status_facts {
    size_t names, zones;
    time_t built;      /* when a database was last built; 0: never */
    const char *error; /* the last warning or error; "": none */
    time_t error_time;
};

/* Writes the text, one line. Times are in local time. */
void status_text(char text[static STATUS_MAX], const struct status_facts *facts);

struct status {
    uv_timer_t timer;
    bool watched; /* the supervisor wants WATCHDOG=1 */
    void (*find)(void *owner, struct status_facts *facts);
    void *owner;
    char told[STATUS_MAX];
};

/* `find` is called for the facts each time. */
void status_start(struct status *status, uv_loop_t *loop,
                  void (*find)(void *owner, struct status_facts *facts), void *owner);
void status_stop(struct status *status); /* closes the timer if it was started */

#endif
