/* How much of the log a client, a namespace or a server can cause: so many lines a minute of each
 * cause and user, of each cause, and in all. Pure.
 *
 * A minute begins with the first line after the last minute's end. Lines beyond the limits are
 * counted, and the counts are told when the minute is over. The memory is that of struct log_gate,
 * however many users there are: a user has a row from the first line that is let through, and of
 * those only LOG_GATE_CAUSE_LINES come from one cause; users without a row are counted together.
 *
 * The first line of each cause passes always, so that no cause can silence another one. */
#ifndef PHONEBOOKD_LOG_GATE_H
#define PHONEBOOKD_LOG_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a line is about; log_cause_text() has the words. */
enum log_cause {
    LOG_CUT,       /* records that do not fit a reply */
    LOG_DATABASE,  /* a database that cannot be written */
    LOG_LOST,      /* names that are not published (any more) */
    LOG_NAMESPACE, /* namespaces that cannot be read or entered */
    LOG_EVENTS,    /* network events that cannot be read */
    LOG_KEEPER,    /* the keeper: gone, full, another one's */
    LOG_CLIENT,    /* a client that cannot be served: memory, groups */
    LOG_LIMIT,     /* a limit of phonebookd is reached */
    LOG_PROGRAM,   /* a server or program that cannot be told */
    LOG_STATIC,    /* static files */
    LOG_CAUSES
};

enum {
    LOG_GATE_MINUTE_MS = 60000,
    LOG_GATE_USER_LINES = 5,   /* a minute, of one cause and user, and */
    LOG_GATE_CAUSE_LINES = 10, /* of one cause; so many may be LOG_NOBODY's */
    LOG_GATE_OCTETS = 6144,    /* of all that is not the first line of its cause */
    LOG_GATE_TOLD = 100, /* octets that telling how many were left out takes, charged beforehand */
    LOG_NOBODY = -1      /* the uid of a line that no user causes */
};

struct log_gate_row {
    uint32_t uid;
    unsigned lines; /* let through */
    unsigned long left_out;
};

struct log_gate_cause {
    struct log_gate_row users[LOG_GATE_CAUSE_LINES];
    size_t n_users;
    unsigned lines;                /* let through, of all users */
    unsigned long others_left_out; /* lines of users without a row */
};

/* All zero before the first use. */
struct log_gate {
    uint64_t ends; /* the minute; 0: none has begun */
    size_t octets;
    bool cut; /* something was left out */
    struct log_gate_cause causes[LOG_CAUSES];
};

/* May this line of so many octets be written, at this millisecond of any clock that does not go
 * back? Where not, it is counted. Only after what log_gate_over() asks for. */
bool log_gate_admit(struct log_gate *gate, enum log_cause cause, uint32_t uid, size_t octets,
                    uint64_t now);

/* Is a minute over? Then log_gate_left_out() tells its counts, and log_gate_close() ends it. */
bool log_gate_over(const struct log_gate *gate, uint64_t now);
void log_gate_close(struct log_gate *gate);

/* What was left out in this minute, one by one: *step begins at 0. False where there is no more. */
struct log_gate_count {
    enum log_cause cause;
    uint32_t uid;
    bool others; /* not of this uid, but of all that have no row */
    unsigned long lines;
};
bool log_gate_left_out(const struct log_gate *gate, size_t *step, struct log_gate_count *count);

const char *log_cause_text(enum log_cause cause);

#endif
