/* Happy path: poll(2) on the signals and on the connection, where nothing ever comes.
 *
 * Failure modes: the connection ends (phonebookd was restarted without its keeper): one line, then
 * it is registered again, for ever, with pauses that grow; one line when that has succeeded. A
 * refusal is told once per reason and tried again too, since PROG runs on: another user may let go
 * of the name. Signals are looked at in each of these states. */
#include "command-hold.h"

#include "../include/phonebook.h"
#include "command-program.h"
#include "command-registration.h"
#include "command-signals.h"
#include "command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
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
    enum { HELD, LOST, JOINING } state;
    long long next_try; /* LOST: now_ms() of the next attempt */
    int pause;          /* LOST: what is waited before the attempt after that */
    int told;           /* result of the last attempt, so that it is told once */
    struct signals signals;
    pid_t program; /* 0: none */
};

static void schedule(struct holder *holder)
{
    registration_drop(holder->registration);
    holder->state = LOST;
    holder->next_try = now_ms() + holder->pause;
    holder->pause = holder->pause * 2 < PAUSE_MAX_MS ? holder->pause * 2 : PAUSE_MAX_MS;
}

static void lose(struct holder *holder, int result)
{
    say("warning", "the connection to phonebookd is lost (%s); registering %s again",
        strerror(-result), holder->registration->names[0]);
    holder->pause = PAUSE_FIRST_MS;
    holder->told = 0;
    schedule(holder);
}

static void regain(struct holder *holder)
{
    say("info", "registered again: %s", holder->registration->granted);
    holder->state = HELD;
}

static void fail_attempt(struct holder *holder, int result)
{
    const struct registration *registration = holder->registration;
    if (result > 0 && result != holder->told)
        registration_say_refused(registration, "warning", result, "; trying again");
    holder->told = result;
    schedule(holder);
}

static void turn(struct holder *holder)
{
    int result = -EAGAIN;
    if (holder->state == LOST && now_ms() >= holder->next_try) {
        result = registration_begin(holder->registration);
        if (result) {
            fail_attempt(holder, result);
            return;
        }
        holder->state = JOINING;
    }
    if (holder->state == HELD) {
        result = registration_advance(holder->registration);
        if (result != -EAGAIN)
            lose(holder, result);
    } else if (holder->state == JOINING) {
        result = registration_advance(holder->registration);
        if (result == 0)
            regain(holder);
        else if (result != -EAGAIN || now_ms() >= holder->registration->answer_by)
            fail_attempt(holder, result);
    }
}

/* Returns the exit code, or RUNNING. */
static int take_signals(struct holder *holder)
{
    struct signalfd_siginfo signal;
    int status;
    while (read(holder->signals.fd, &signal, sizeof(signal)) == sizeof(signal)) {
        if (!holder->program)
            return 0;
        if (signal.ssi_signo != SIGCHLD)
            program_forward(holder->program, &signal);
        else if (program_reap(holder->program, &status))
            return program_end_like(status);
    }
    return RUNNING;
}

static int time_left(const struct holder *holder)
{
    long long due = holder->state == LOST ? holder->next_try : holder->registration->answer_by;
    if (holder->state == HELD)
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
        };
        if (poll(ready, 2, time_left(holder)) < 0 && errno != EINTR)
            return fatal(EXIT_SYSTEM, "unable to poll: %s", strerror(errno));
        int code = take_signals(holder);
        if (code != RUNNING)
            return code;
        turn(holder);
    }
}

/* For who reads our output to know what the names are and that they stand. */
static void show_names(char *names)
{
    for (char *name = strsep(&names, " "); name; name = strsep(&names, " "))
        puts(name);
    fflush(stdout);
}

int hold(struct registration *registration, char **program)
{
    static const int ending[] = {SIGTERM, SIGINT, SIGHUP};
    static const int passing[] = {SIGTERM, SIGINT,  SIGHUP,  SIGQUIT, SIGUSR1,
                                  SIGUSR2, SIGALRM, SIGCONT, SIGTSTP, SIGCHLD};
    struct holder holder = {.registration = registration, .state = HELD};
    int result = program ? signals_take(&holder.signals, passing, sizeof(passing) / sizeof(int))
                         : signals_take(&holder.signals, ending, sizeof(ending) / sizeof(int));
    if (result)
        return fatal(EXIT_SYSTEM, "unable to take signals: %s", strerror(-result));

    registration->asked.wait = 0; /* that was for the start: PROG is not held up any more */
    if (program) {
        holder.program = program_start(program, &holder.signals);
        if (holder.program < 0)
            return fatal(EXIT_SYSTEM, "unable to fork: %s", strerror(-holder.program));
    }
    /* Losing who reads our lines is no reason to let go of the names, or of PROG, which has its own
     * disposition by now. */
    signal(SIGPIPE, SIG_IGN);
    if (!program) /* not before the signals are taken: who has read the names may send one */
        show_names(registration->granted);
    return run(&holder);
}
