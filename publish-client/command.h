/* Shared by the subcommands of `phonebook`: exit codes and messages. */
#ifndef PUBLISH_CLIENT_COMMAND_H
#define PUBLISH_CLIENT_COMMAND_H

#include "../common/option-table.h"

/* Exit codes, phonebook(1). */
enum {
    EXIT_REFUSED = 1,      /* the daemon refused; asking again will not help */
    EXIT_NONE = 1,         /* none of the requested names exists */
    EXIT_USAGE = 100,      /* wrong arguments or input */
    EXIT_SYSTEM = 111,     /* no daemon, or an error of the system */
    EXIT_CANNOT_RUN = 126, /* PROG exists but cannot be run */
    EXIT_NOT_FOUND = 127,  /* PROG does not exist */
    GO_ON = -1,            /* not an exit code: go on */
};

/* Subcommands get their own name as argv[0]. */
int command_publish(int argc, char **argv);
int command_list(int argc, char **argv);
int command_evict(int argc, char **argv);
int command_compile(int argc, char **argv);
extern const struct option_table publish_options, list_options, evict_options, compile_options;

/* Prints to standard error who holds the matching names, as `phonebook list -p NAME` does. */
void list_holders(const char *name);

/* Prints the help, the version, or the mistake in the option. Returns the exit code, or GO_ON if it
 * is another option. */
int standard_option(const struct option_table *table, const struct option_found *found);

/* Returns the next option that is not a standard one. False at the end of the options, and after a
 * standard option; then *code, initially GO_ON, is the exit code. */
bool next_option(const struct option_table *table, int argc, char **argv,
                 struct option_found *found, int *code);

/* 0, or the exit code if standard output could not be written, after a message. */
int finish_output(void);

/* Prints "phonebook: LEVEL: ..." as one line on standard error, without waiting
 * (common/log-line.h). */
void say(const char *level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* If a line was dropped because there was no room: the descriptor to poll for POLLOUT before
 * say_lost() prints the number of dropped lines; otherwise -1. */
int say_lost_fd(void);
void say_lost(void);

/* Calls say("fatal", ...), but waits for up to a second, because it is the last line. Returns
 * `code`. */
int fatal(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints why connecting to the daemon's socket failed. Returns EXIT_SYSTEM. */
int fatal_connect(const char *socket_name, int error);

/* Prints that a request (its purpose: `what`) on that socket got no answer, and why. `hint` is a
 * further possible reason why phonebookd does not answer, or "". Returns EXIT_SYSTEM. */
int fatal_unanswered(const char *socket_name, const char *what, const char *hint, int error);

/* Milliseconds of CLOCK_MONOTONIC. */
long long now_ms(void);

#endif
