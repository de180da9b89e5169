/* Happy path: poll(2) waits for signals and for the connection, on which nothing ever comes. Output
 * is written when there is room for it, so that nothing but poll(2) waits.
 *
 * Failure modes: if the connection ends (phonebookd was restarted without its keeper), a line is
 * printed, the names are registered again, with growing pauses until it succeeds, and then another
 * line is printed. A refusal is printed once per reason, and tried again too, because PROG goes on,
 * and another user may give up the name. After an eviction the names are not registered again,
 * because somebody wanted them to end. Signals are handled in each of these states. */
#include "command-hold.h"

#include "../common/plain.h"
#include "../common/write-now.h"
#include "../include/phonebook.h"
#include "command-program.h"
#include "command-registration.h"
#include "command-signals.h"
#include "command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    PAUSE_FIRST_MS = 50,
    PAUSE_MAX_MS = 5000,
    RUNNING = -1, /* no exit code yet */
};

struct holder {
    struct registration *registration;
    enum { HELD, LOST, JOINING, EVICTED } state;
    long long next_try; /* LOST: now_ms() of the next attempt */
    int pause;          /* LOST: the pause before the attempt after that */
    int told;           /* result of the last attempt, so that each is printed once */
    struct signals signals;
    struct program program; /* its pid is 0 if there is none */
    int output;             /* where `names` are written */
    const char *names;      /* the rest of them, one on each line */
};

static void schedule(struct holder *holder)
{
    registration_drop(holder->registration);
    holder->registration->patience.until = 0;
    holder->state = LOST;
    holder->next_try = now_ms() + holder->pause;
    holder->pause = holder->pause * 2 < PAUSE_MAX_MS ? holder->pause * 2 : PAUSE_MAX_MS;
}

static void lose(struct holder *holder, int error)
{
    say("warning", "the connection to phonebookd is lost (%s); registering %s again",
        strerror(-error), holder->registration->names[0]);
    holder->pause = PAUSE_FIRST_MS;
    holder->told = 0;
    schedule(holder);
}

static void fail_attempt(struct holder *holder, int result)
{
    const struct registration *registration = holder->registration;
    if (result > 0 && result != holder->told)
        registration_say_refused(registration, "warning", result, "; trying again");
    holder->told = result;
    schedule(holder);
}

static void leave(struct holder *holder)
{
    const struct registration *registration = holder->registration;
    char *text = plain_copy(phonebook_text(registration->phonebook));
    say("warning", "%s: evicted: %s; it is not registered again", registration->names[0],
        text ? text : "");
    free(text);
    registration_drop(holder->registration);
    holder->state = EVICTED;
}

static void turn(struct holder *holder)
{
    int result = -EAGAIN;
    if (holder->state == LOST && now_ms() >= holder->next_try) {
        result = registration_begin(holder->registration, 0);
        if (result) {
            fail_attempt(holder, result);
            return;
        }
        holder->state = JOINING;
    }
    if (holder->state == HELD) {
        result = registration_advance(holder->registration);
        if (result == PHONEBOOK_EVICTED)
            leave(holder);
        else if (result != -EAGAIN)
            lose(holder, result);
    } else if (holder->state == JOINING) {
        result = registration_advance(holder->registration);
        if (result == 0) {
            say("info", "registered again: %s", holder->registration->granted);
            holder->state = HELD;
        } else if (result == PHONEBOOK_EVICTED) {
            leave(holder);
        } else if (result != -EAGAIN || now_ms() >= holder->registration->patience.until) {
            fail_attempt(holder, result);
        }
    }
}

/* Prints the names, so that a reader of our output knows them, and that they are registered. It
 * does not matter if the reader is gone. */
static void show_names(struct holder *holder)
{
    size_t length = strlen(holder->names);
    ssize_t written = length ? write_now(holder->output, holder->names, length) : 0;
    if (written < 0 && errno == EAGAIN)
        return;
    holder->names += written < 0 ? length : (size_t)written;
}

/* Returns the exit code, or RUNNING. */
static int take_signals(struct holder *holder)
{
    struct signalfd_siginfo signal;
    int status;
    while (read(holder->signals.fd, &signal, sizeof signal) == sizeof signal) {
        if (!holder->program.pid)
            return 0;
        if (signal.ssi_signo != SIGCHLD)
            program_forward(&holder->program, &signal);
        else if (program_reap(&holder->program, &status))
            return program_end_like(status);
    }
    return RUNNING;
}

static int time_left(const struct holder *holder)
{
    const struct patience *patience = &holder->registration->patience;
    long long due = holder->state == LOST ? holder->next_try : patience->until;
    if (holder->state == HELD || holder->state == EVICTED)
        return -1;
    long long left = due - now_ms();
    return left > 0 ? (int)left : 0;
}

static int run(struct holder *holder)
{
    for (;;) {
        const struct phonebook *phonebook = holder->registration->phonebook;
        struct pollfd ready[] = {
            {.fd = holder->signals.fd, .events = POLLIN},
            {.fd = phonebook ? phonebook_fd(phonebook) : -1,
             .events = phonebook ? phonebook_events(phonebook) : (short)0},
            {.fd = *holder->names ? holder->output : -1, .events = POLLOUT},
            {.fd = say_lost_fd(), .events = POLLOUT},
        };
        if (poll(ready, sizeof ready / sizeof *ready, time_left(holder)) < 0 && errno != EINTR)
            return fatal(EXIT_SYSTEM, "unable to poll: %s", strerror(errno));
        int code = take_signals(holder);
        if (code != RUNNING)
            return code;
        show_names(holder);
        say_lost();
        turn(holder);
        if (holder->state == EVICTED && !holder->program.pid)
            return EXIT_REFUSED;
    }
}

/* Turns each blank into the end of a line. Owned by the caller; NULL if memory ran out. */
static char *lines_of(const char *names)
{
    char *lines;
    if (asprintf(&lines, "%s\n", names) < 0)
        return NULL;
    for (char *blank = lines; (blank = strchr(blank, ' ')); blank++)
        *blank = '\n';
    return lines;
}

/* We keep the names and PROG even if the reader of our output is gone, or if our output is a file
 * that has reached RLIMIT_FSIZE. */
static void outlive_output(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

static int hold_for_program(struct holder *holder, char **arguments)
{
    static const int passing[] = {SIGTERM, SIGINT,  SIGHUP,  SIGQUIT, SIGUSR1,
                                  SIGUSR2, SIGALRM, SIGCONT, SIGTSTP, SIGCHLD};
    int error = signals_take(&holder->signals, passing, sizeof passing / sizeof(int));
    if (error)
        return fatal(EXIT_SYSTEM, "unable to take signals: %s", strerror(-error));
    error = program_start(&holder->program, arguments, &holder->signals);
    if (error)
        return fatal(EXIT_SYSTEM, "unable to start the program: %s", strerror(-error));
    outlive_output(); /* PROG has its own dispositions by now */
    return run(holder);
}

/* The signals are taken before the names are printed, because the reader may then send one. */
static int hold_until_signal(struct holder *holder)
{
    static const int ending[] = {SIGTERM, SIGINT, SIGHUP};
    int error = signals_take(&holder->signals, ending, sizeof ending / sizeof(int));
    if (error)
        return fatal(EXIT_SYSTEM, "unable to take signals: %s", strerror(-error));
    char *names = lines_of(holder->registration->granted);
    if (!names)
        return fatal(EXIT_SYSTEM, "out of memory");
    outlive_output();
    holder->names = names;
    holder->output = write_now_open(STDOUT_FILENO);
    int code = run(holder);
    free(names);
    return code;
}

int hold(struct registration *registration, char **program)
{
    struct holder holder = {.registration = registration, .state = HELD, .names = ""};
    registration->asked.wait = 0; /* it was for the start only: PROG must not be delayed any more */
    return program ? hold_for_program(&holder, program) : hold_until_signal(&holder);
}
