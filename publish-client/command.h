/* What the subcommands of `phonebook` share: how they end and how they complain. */
#ifndef PUBLISH_CLIENT_COMMAND_H
#define PUBLISH_CLIENT_COMMAND_H

#include "../common/option-table.h"

/* Exit codes, phonebook(1). */
enum {
    EXIT_REFUSED = 1,      /* by the daemon: asking again will not help */
    EXIT_NONE = 1,         /* of the names that were asked for */
    EXIT_USAGE = 100,      /* wrong arguments, or input */
    EXIT_SYSTEM = 111,     /* no daemon, or the system said no */
    EXIT_CANNOT_RUN = 126, /* PROG is there but cannot be run */
    EXIT_NOT_FOUND = 127,  /* PROG is not there */
    GO_ON = -1,            /* no exit code yet */
};

/* Subcommands get their own name as argv[0]. */
int command_publish(int argc, char **argv);
int command_list(int argc, char **argv);
int command_evict(int argc, char **argv);
int command_compile(int argc, char **argv);
extern const struct option_table publish_options, list_options, evict_options, compile_options;

/* Shows help or the version, or tells what is wrong with the option; the exit code, or GO_ON where
 * the option is another one. */
int standard_option(const struct option_table *table, const struct option_found *found);

/* The next option that is no standard one; false at their end, and where *code, GO_ON before, is
 * one of standard_option(). */
bool next_option(const struct option_table *table, int argc, char **argv,
                 struct option_found *found, int *code);

/* 0, or the exit code where standard output could not be written, which is told. */
int finish_output(void);

/* One line on standard error, "phonebook: LEVEL: ...", which waits for nobody
 * (common/log-line.h). */
void say(const char *level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where a line was lost for want of room: what to poll for POLLOUT before it is said how many were;
 * else -1. */
int say_lost_fd(void);
void say_lost(void);

/* say("fatal", ...), with a second's patience, since it is the last line; returns `code`. */
int fatal(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says that no connection to the daemon's socket came about, and why. Returns EXIT_SYSTEM. */
int fatal_connect(const char *socket_name, int error);

/* Says that a request on that socket, which was to do `what`, got no answer, and why; `hint` is one
 * more reason why phonebookd may not answer, or "". Returns EXIT_SYSTEM. */
int fatal_unanswered(const char *socket_name, const char *what, const char *hint, int error);

/* A copy of what the daemon said, fit for a terminal, which takes some octets as commands: what is
 * not printable ASCII becomes "?", since it may be what another user has chosen, such as the name
 * of an interface. Owned by the caller; NULL where memory ran out. */
char *plain(const char *text);

/* Milliseconds of CLOCK_MONOTONIC. */
long long now_ms(void);

#endif
