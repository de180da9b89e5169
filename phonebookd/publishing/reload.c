#include "reload.h"

#include "../launcher/launcher.h"
#include "../limits.h"
#include "../log.h"
#include "program.h"
#include "server-signal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reload {
    struct launcher *launcher;
    const struct reload_options *options;
    const char *database;
    void (*told)(void *owner, uint64_t number);
    void *owner;
    uv_timer_t timer;            /* the next try at a server that was not told */
    unsigned tries;              /* failed ones in a row */
    struct server_answer answer; /* of the last try; it was logged */
    struct server_sighting sighting;
    struct program *program; /* RELOAD_COMMAND */
    uint64_t number;         /* of data.cdb, when the running command began */
    uint64_t next;           /* data.cdb's latest number */
};

/* ---- signals ---- */

static int signal_of(const struct reload_options *options)
{
#define NUMBER(name) SIG##name,
    static const int numbers[] = {RELOAD_SIGNALS(NUMBER)};
#undef NUMBER

    return numbers[options->signal];
}

/* An absent server is logged once, for any reason; an unreachable one when the reason changes. */
static bool is_news(const struct server_answer *answer, const struct server_answer *before)
{
    return answer->outcome != before->outcome ||
           (answer->outcome == SERVER_UNTOLD && strcmp(answer->why, before->why) != 0);
}

static void log_answer(const struct reload *reload, const struct server_answer *answer)
{
    if (answer->outcome == SERVER_TOLD)
        log_caused_over(LOG_PROGRAM, LOG_NOBODY, "database %s: its server is told again",
                        reload->database);
    else
        log_caused(LOG_PROGRAM, LOG_NOBODY,
                   "database %s: its server is not told (%s: %s)%s; trying again", reload->database,
                   reload->options->path, answer->why,
                   answer->outcome == SERVER_UNTOLD ? ", and its names stay pending (untold)" : "");
}

static void on_retry(uv_timer_t *timer);

/* Tries once; the timer repeats a failed try. True if the server has become unreachable, or
 * reachable again. */
static bool try_signal(struct reload *reload)
{
    const struct reload_options *options = reload->options;
    struct server_answer before = reload->answer,
                         answer =
                             options->kind == RELOAD_S6
                                 ? server_signal_s6(options->path, reload->launcher)
                                 : server_signal(options->path, signal_of(options),
                                                 &reload->sighting, uv_now(reload->timer.loop));
    if (is_news(&answer, &before))
        log_answer(reload, &answer);
    reload->answer = answer;
    if (answer.outcome == SERVER_TOLD)
        reload->tries = 0;
    else
        uv_timer_start(&reload->timer, on_retry,
                       reload->tries++ < RELOAD_RETRY_FAST ? RELOAD_RETRY_MS : RELOAD_RETRY_SLOW_MS,
                       0);
    return (answer.outcome == SERVER_UNTOLD) != (before.outcome == SERVER_UNTOLD);
}

/* An absent server reads the new file when it starts. */
static void tell_owner(struct reload *reload, uint64_t number)
{
    reload->told(reload->owner, reload->answer.outcome == SERVER_UNTOLD ? 0 : number);
}

static void on_retry(uv_timer_t *timer)
{
    struct reload *reload = timer->data;
    if (try_signal(reload))
        tell_owner(reload, reload->next);
}

/* ---- commands ---- */

/* A command that fails may have found no server; a command that cannot be run has told none. */
static struct server_answer ask_program(const char *program)
{
    if (faccessat(AT_FDCWD, program, X_OK, AT_EACCESS) == 0)
        return (struct server_answer){SERVER_TOLD, NULL};
    return (struct server_answer){SERVER_UNTOLD, "phonebookd cannot run it"};
}

static struct server_answer why_failed(const struct reload *reload)
{
    if (launcher_has_ended(reload->launcher))
        return (struct server_answer){SERVER_UNTOLD, launcher_error(-EPIPE)};
    return ask_program(reload->options->arguments[0]);
}

static void on_prepare(void *owner, char ***arguments, char ***additions)
{
    struct reload *reload = owner;
    *arguments = reload->options->arguments;
    *additions = NULL;
    reload->number = reload->next;
}

static void on_ended(void *owner, const char *fault, bool recovered)
{
    struct reload *reload = owner;
    const char *program = reload->options->arguments[0];
    if (fault)
        log_caused(LOG_PROGRAM, LOG_NOBODY, "database %s: %s %s", reload->database, program, fault);
    else if (recovered)
        log_caused_over(LOG_PROGRAM, LOG_NOBODY, "database %s: %s succeeded", reload->database,
                        program);
    reload->answer = fault ? why_failed(reload) : (struct server_answer){SERVER_TOLD, NULL};
    tell_owner(reload, reload->number);
}

static const struct program_ops program_ops = {.prepare = on_prepare, .ended = on_ended};

/* ---- both ---- */

void reload_tell(struct reload *reload, uint64_t number)
{
    reload->next = number;
    switch (reload->options->kind) {
    case RELOAD_NONE:
        reload->told(reload->owner, number);
        break;
    case RELOAD_SIGNAL:
    case RELOAD_S6:
        reload->tries = 0;
        uv_timer_stop(&reload->timer);
        try_signal(reload);
        tell_owner(reload, number);
        break;
    case RELOAD_COMMAND:
        program_start(reload->program);
        break;
    }
}

void reload_retry(struct reload *reload)
{
    program_retry(reload->program);
}

const char *reload_untold(const struct reload *reload)
{
    return reload->answer.outcome == SERVER_UNTOLD ? reload->answer.why : NULL;
}

const char *reload_options_untold(const struct reload_options *options)
{
    struct server_answer answer = {SERVER_TOLD, NULL};
    if (options->kind == RELOAD_COMMAND)
        answer = ask_program(options->arguments[0]);
    else if (options->kind == RELOAD_S6)
        answer = server_signal_s6(options->path, NULL);
    else if (options->kind == RELOAD_SIGNAL)
        answer = server_signal(options->path, signal_of(options), NULL, 0);
    return answer.outcome == SERVER_UNTOLD ? answer.why : NULL;
}

int reload_new(struct reload **reload, struct launcher *launcher,
               const struct reload_options *options, const char *database,
               void (*told)(void *owner, uint64_t number), void *owner)
{
    struct reload *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->launcher = launcher;
    made->options = options;
    made->sighting.pidfd = -1;
    made->database = database;
    made->told = told;
    made->owner = owner;
    made->program = program_new(launcher, RELOAD_COMMAND_LIMIT_MS, &program_ops, made);
    if (!made->program) {
        free(made);
        return -ENOMEM;
    }
    uv_timer_init(launcher_loop(launcher), &made->timer);
    made->timer.data = made;
    *reload = made;
    return 0;
}

void reload_set_options(struct reload *reload, const struct reload_options *options,
                        const char *database)
{
    bool same = reload_options_same(reload->options, options);
    reload->options = options;
    reload->database = database;
    if (same)
        return;
    reload->answer = (struct server_answer){SERVER_TOLD, NULL};
    uv_timer_stop(&reload->timer);
    program_forget(reload->program);
    if (reload->next > 0)
        reload_tell(reload, reload->next);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void reload_close(struct reload *reload)
{
    program_close(reload->program);
    server_forget(&reload->sighting);
    uv_close((uv_handle_t *)&reload->timer, on_closed);
}
