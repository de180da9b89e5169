/* Limits how many log lines a client, a namespace or a server can cause: per minute, for each cause
 * and user, for each cause, and in all. Pure.
 *
 * A minute begins with the first line after the end of the last minute. Lines beyond a limit are
 * counted, and the counts are logged when the minute is over. The memory is constant, for any
 * number of users: a user gets a row when his first line is admitted, and each cause has
 * LOG_GATE_CAUSE_LINES rows. Users without a row are counted together.
 *
 * The first line of each cause in a minute always passes, so that no cause can silence another. */
#ifndef PHONEBOOKD_LOG_GATE_H
#define PHONEBOOKD_LOG_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The subject of a line. log_cause_text() returns it in words. */
enum log_cause {
    LOG_CUT,       /* records that do not fit into a reply */
    LOG_DATABASE,  /* a database that cannot be written */
    LOG_LOST,      /* names that are not published, or not any more */
    LOG_NAMESPACE, /* namespaces that cannot be read or entered */
    LOG_EVENTS,    /* network events that cannot be read */
    LOG_KEEPER,    /* a keeper that is lost, full, or another user's */
    LOG_CLIENT,    /* a client that cannot be served because of memory or groups */
    LOG_LIMIT,     /* a limit of phonebookd is reached */
    LOG_PROGRAM,   /* a server or program that cannot be told of changes */
    LOG_STATIC,    /* static files */
    LOG_CAUSES
};

enum {
    LOG_GATE_MINUTE_MS = 60000,
    LOG_GATE_USER_LINES = 5,   /* a minute, for one cause and user */
    LOG_GATE_CAUSE_LINES = 10, /* a minute, for one cause; LOG_NOBODY may use all of them */
    LOG_GATE_OCTETS = 6144,    /* a minute, for all lines except the first of each cause */
    LOG_GATE_TOLD = 100,       /* octets of the line with a count, charged in advance */
    LOG_NOBODY = -1            /* uid for a line that no user causes */
};

struct log_gate_row {
    uint32_t uid;
    unsigned lines; /* let through */
    unsigned long left_out;
};

struct log_gate_cause {
    struct log_gate_row users[LOG_GATE_CAUSE_LINES];
    size_t n_users;
    unsigned lines;                /* admitted, for all users */
    unsigned long others_left_out; /* lines of users without a row */
};

/* Initially all zero. */
struct log_gate {
    uint64_t ends; /* end of the current minute; 0: none has begun */
    size_t octets;
    bool cut; /* something was left out */
    struct log_gate_cause causes[LOG_CAUSES];
};

/* May a line of this length be written now? If not, it is counted. `now` is in ms on any clock that
 * never goes back. If log_gate_over(), close the minute first. */
bool log_gate_admit(struct log_gate *gate, enum log_cause cause, uint32_t uid, size_t octets,
                    uint64_t now);

/* Is the minute over? Then read its counts with log_gate_left_out(), and end it with
 * log_gate_close(). */
bool log_gate_over(const struct log_gate *gate, uint64_t now);
void log_gate_close(struct log_gate *gate);

/* Iterates over the counts of this minute; *step starts at 0. False at the end. */
struct log_gate_count {
    enum log_cause cause;
    uint32_t uid;
    bool others; /* the sum of all users without a row, instead of one uid */
    unsigned long lines;
};
bool log_gate_left_out(const struct log_gate *gate, size_t *step, struct log_gate_count *count);

const char *log_cause_text(enum log_cause cause);

#endif
