#include "command-registration.h"

#include "../common/plain.h"
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
    ANSWER_LIMIT_MS = 30000, /* enough for a restart while the supervisor holds the socket */
    ANSWER_GRACE_MS = 500,   /* so that the daemon's own timeout, with its reason, comes first */
    ROUNDED_UP_MS = 200,     /* the daemon accepts only whole seconds */
    PAUSE_FIRST_MS = 10,
    PAUSE_MAX_MS = 250,
};

static const char *present_name(const struct registration *registration)
{
    return registration->names[registration->step % registration->n_names];
}

static bool is_done(const struct registration *registration)
{
    size_t n = registration->n_names;
    return registration->step >= (registration->asked.wait ? 2 * n - 1 : n);
}

/* The steps from the last name on wait. */
static bool step_waits(const struct registration *registration)
{
    return registration->asked.wait && registration->step + 1 >= registration->n_names;
}

static int ask(struct registration *registration)
{
    struct phonebook_request request = registration->asked;
    request.name = present_name(registration);
    request.wait = 0;
    request.wait_for = NULL;
    if (step_waits(registration)) {
        long long left = registration->patience.until - ANSWER_GRACE_MS - now_ms();
        registration->late = left <= 0;
        if (registration->late)
            return PHONEBOOK_TIMEOUT;
        request.wait = left < 1000 ? 1 : (int)((left + ROUNDED_UP_MS) / 1000);
        request.wait_for = registration->asked.wait_for;
    }
    return phonebook_queue(registration->phonebook, &request);
}

static bool is_absent(int result)
{
    return result == -ENOENT || result == -ECONNREFUSED;
}

int registration_begin(struct registration *registration, int limit_ms)
{
    struct patience *patience = &registration->patience;
    registration->step = 0;
    free(registration->granted);
    registration->granted = NULL;
    int result = phonebook_connect(&registration->phonebook, NULL, limit_ms);
    if (!patience->until && !is_absent(result))
        patience->until = now_ms() + ANSWER_LIMIT_MS;
    return result ? result : ask(registration);
}

/* Each name's first answer lists its full names. */
static int note_granted(struct registration *registration)
{
    if (registration->step >= registration->n_names)
        return 0;
    const char *before = registration->granted ? registration->granted : "";
    char *longer;
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
            return registration->last ? phonebook_end_requests(registration->phonebook) : 0;
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

static int wait_for_answer(struct registration *registration)
{
    struct pollfd ready = {.fd = phonebook_fd(registration->phonebook),
                           .events = phonebook_events(registration->phonebook)};
    struct patience *patience = &registration->patience;
    const char *name = present_name(registration);
    int slice = step_waits(registration) ? patience_slice(patience, "until it is live: ", name)
                                         : patience_slice(patience, "for phonebookd's answer", "");
    if (slice == 0)
        return -ETIMEDOUT;
    return poll(&ready, 1, slice) < 0 && errno != EINTR ? -errno : 0;
}

/* While the daemon's queue is full, waits in it until there is room. */
static int begin_in_queue(struct registration *registration)
{
    int limit_ms = 0;
    for (;;) {
        int result = registration_begin(registration, limit_ms);
        if (registration->phonebook || (result != -EAGAIN && result != -ETIMEDOUT))
            return result;
        limit_ms =
            patience_slice(&registration->patience, "for phonebookd to accept the connection", "");
        if (limit_ms == 0)
            return -ETIMEDOUT;
    }
}

static int attempt(struct registration *registration)
{
    int result = begin_in_queue(registration);
    if (result)
        return result;
    while ((result = registration_advance(registration)) == -EAGAIN) {
        result = wait_for_answer(registration);
        if (result)
            return result;
    }
    return result;
}

/* False if no time is left. */
static bool pause_before_next(struct registration *registration, long long pause, long long give_up)
{
    long long left = give_up - now_ms();
    char path[PATH_MAX];
    if (phonebook_path(path, sizeof path, NULL, "publish"))
        *path = '\0';
    long long slice = patience_slice(&registration->patience, "for somebody to listen on ", path);
    if (left <= 0 || slice == 0)
        return false;
    pause = pause < left ? pause : left;
    pause = pause < slice ? pause : slice;
    nanosleep(&(struct timespec){pause / 1000, pause % 1000 * 1000000}, NULL);
    return true;
}

int registration_acquire(struct registration *registration, int retry)
{
    struct patience *patience = &registration->patience;
    long long give_up = now_ms() + (long long)retry * 1000;
    patience_init(patience);
    if (registration->asked.wait)
        patience->until = now_ms() + (long long)registration->asked.wait * 1000 + ANSWER_GRACE_MS;
    long long pause = PAUSE_FIRST_MS;
    for (;;) {
        int result = attempt(registration);
        if (!is_absent(result) && result != -ECONNRESET)
            return result;
        /* If the daemon ended while we waited for the name to be live, the time for the next one
         * starts anew. This cannot go on for ever, because the waiting time does not start anew. */
        if (registration->phonebook && step_waits(registration))
            give_up = now_ms() + (long long)retry * 1000;
        if (!pause_before_next(registration, pause, give_up))
            return result;
        registration_drop(registration);
        pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
    }
}

void registration_say_refused(const struct registration *registration, const char *level,
                              int outcome, const char *then)
{
    char *text = plain_copy(phonebook_text(registration->phonebook));
    say(level, "%s: %s (%s): %s%s", present_name(registration),
        outcome == PHONEBOOK_TIMEOUT ? "given up" : "refused", phonebook_outcome_word(outcome),
        text ? text : "", then);
    free(text);
}

/* The text is that of the last answer. It is not a reason if the time was over before we could ask
 * again. */
static int fatal_refused(const struct registration *registration, int outcome)
{
    if (registration->late)
        return fatal(EXIT_REFUSED, "%s: given up (timeout): not live within %d seconds",
                     present_name(registration), registration->asked.wait);
    registration_say_refused(registration, "fatal", outcome, "");
    return EXIT_REFUSED;
}

int registration_fatal(const struct registration *registration, int result)
{
    if (!registration->phonebook)
        return fatal_connect("publish", result);
    if (result > 0)
        return fatal_refused(registration, result);
    return fatal_unanswered("publish", "register",
                            " or is this connection aside in phonebook list?", result);
}

void registration_fini(struct registration *registration)
{
    registration_drop(registration);
    free(registration->granted);
    registration->granted = NULL;
}
