#include "command-registration.h"

#include "../include/phonebook.h"
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ANSWER_LIMIT_MS =
        60000, /* long enough for a restart behind a socket that the supervisor holds */
    ANSWER_GRACE_MS = 10000, /* the daemon's own timeout comes first, with its reason */
    PAUSE_FIRST_MS = 10,
    PAUSE_MAX_MS = 250,
};

static size_t n_steps(const struct registration *registration)
{
    return registration->asked.wait ? 2 * registration->n_names - 1 : registration->n_names;
}

const char *registration_name(const struct registration *registration)
{
    return registration->names[registration->step % registration->n_names];
}

static bool is_done(const struct registration *registration)
{
    return registration->step >= n_steps(registration);
}

/* Steps from the last name on are the ones that wait. */
static bool step_waits(const struct registration *registration)
{
    return registration->asked.wait && registration->step + 1 >= registration->n_names;
}

static int ask(struct registration *registration)
{
    struct phonebook_request request = registration->asked;
    long long now = now_ms();
    request.name = registration_name(registration);
    request.wait = 0;
    registration->answer_by = now + ANSWER_LIMIT_MS;
    if (step_waits(registration)) {
        registration->late = now >= registration->live_by;
        if (registration->late)
            return PHONEBOOK_TIMEOUT;
        request.wait = (int)((registration->live_by - now + 999) / 1000);
        registration->answer_by = registration->live_by + ANSWER_GRACE_MS;
    }
    return phonebook_queue(registration->phonebook, &request);
}

int registration_begin(struct registration *registration)
{
    registration->step = 0;
    free(registration->granted);
    registration->granted = NULL;
    int result = phonebook_connect(&registration->phonebook, NULL, 0);
    if (result)
        return result;
    if (registration->asked.wait && !registration->live_by)
        registration->live_by = now_ms() + (long long)registration->asked.wait * 1000;
    return ask(registration);
}

/* Each name's first answer lists what it became. */
static int note_granted(struct registration *registration)
{
    char *longer;
    if (registration->step >= registration->n_names)
        return 0;
    const char *before = registration->granted ? registration->granted : "";
    if (asprintf(&longer, "%s%s%s", before, *before ? " " : "",
                 phonebook_text(registration->phonebook)) < 0)
        return -ENOMEM;
    free(registration->granted);
    registration->granted = longer;
    return 0;
}

int registration_advance(struct registration *registration)
{
    for (;;) {
        int result = phonebook_interpret(registration->phonebook);
        if (result || is_done(registration))
            return result;
        result = note_granted(registration);
        if (result)
            return result;
        registration->step++;
        if (is_done(registration))
            return 0;
        result = ask(registration);
        if (result)
            return result;
    }
}

void registration_drop(struct registration *registration)
{
    phonebook_free(registration->phonebook);
    registration->phonebook = NULL;
}

static int wait_for_answer(const struct registration *registration)
{
    struct pollfd ready = {.fd = phonebook_fd(registration->phonebook),
                           .events = phonebook_events(registration->phonebook)};
    long long left = registration->answer_by - now_ms();
    if (left <= 0)
        return -ETIMEDOUT;
    if (poll(&ready, 1, left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
        return -errno;
    return 0;
}

static int attempt(struct registration *registration)
{
    int result = registration_begin(registration);
    if (result)
        return result;
    while ((result = registration_advance(registration)) == -EAGAIN) {
        result = wait_for_answer(registration);
        if (result)
            return result;
    }
    return result;
}

static bool may_pass(int result)
{
    return result == -ENOENT || result == -ECONNREFUSED || result == -ECONNRESET ||
           result == -EAGAIN;
}

static void pause_ms(long long ms)
{
    struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

int registration_acquire(struct registration *registration, int retry)
{
    long long give_up = now_ms() + (long long)retry * 1000;
    long long pause = PAUSE_FIRST_MS;
    for (;;) {
        int result = attempt(registration);
        if (!may_pass(result))
            return result;
        /* A daemon that went while it let us wait has had its time: the next one gets its own. It
         * cannot go on for ever, since the waiting time is not begun anew. */
        if (registration->phonebook && step_waits(registration))
            give_up = now_ms() + (long long)retry * 1000;
        long long left = give_up - now_ms();
        if (left <= 0)
            return result;
        registration_drop(registration);
        pause_ms(pause < left ? pause : left);
        pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
    }
}

void registration_say_refused(const struct registration *registration, const char *level,
                              int outcome, const char *then)
{
    char *text = plain(phonebook_text(registration->phonebook));
    say(level, "%s: refused (%s): %s%s", registration_name(registration),
        phonebook_outcome_word(outcome), text ? text : "", then);
    free(text);
}

/* The text is that of the last answer, which is no reason where the time was over before we could
 * ask again. */
static int fatal_refused(const struct registration *registration, int outcome)
{
    if (registration->late)
        return fatal(EXIT_REFUSED, "%s: refused (timeout): not live within %d seconds",
                     registration_name(registration), registration->asked.wait);
    registration_say_refused(registration, "fatal", outcome, "");
    return EXIT_REFUSED;
}

int registration_fatal(const struct registration *registration, int result)
{
    char path[PATH_MAX];
    if (!registration->phonebook)
        return fatal_connect("publish", result);
    if (result > 0)
        return fatal_refused(registration, result);
    if (phonebook_path(path, sizeof(path), NULL, "publish"))
        *path = '\0';
    if (result == -ECONNRESET)
        return fatal(EXIT_SYSTEM, "%s: the connection was closed before there was an answer", path);
    if (result == -ETIMEDOUT)
        return fatal(EXIT_SYSTEM, "%s: no answer from phonebookd", path);
    if (result == -EPROTO)
        return fatal(EXIT_SYSTEM, "%s: the answer is not phonebook's (who listens there?)", path);
    return fatal(EXIT_SYSTEM, "%s: unable to register: %s", path, strerror(-result));
}

void registration_fini(struct registration *registration)
{
    registration_drop(registration);
    free(registration->granted);
    registration->granted = NULL;
}
