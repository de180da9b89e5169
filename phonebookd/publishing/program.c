#include "program.h"

#include "../launcher/launcher.h"
#include "../limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { FAULT_MAX = 160 };

/* A process, which may run on after its struct program is closed. */
struct run {
    struct launcher *launcher;
    struct launch launch;
    uv_timer_t limit;
    struct program *program; /* not owned; NULL: nobody is told of its end */
    unsigned limit_ms;
    bool late; /* killed for its limit */
};

struct program {
    struct launcher *launcher;
    unsigned limit_ms;
    const struct program_ops *ops;
    void *owner;
    struct run *run;  /* NULL: none, or left to itself */
    bool again;       /* asked to start while it ran */
    bool failed;      /* the last run that ended */
    uv_timer_t retry; /* after a fault */
    unsigned delay;   /* of `retry`, ms; 0: it begins anew */
};

static void start(struct program *program);

/* ---- faults ---- */

static void on_retry(uv_timer_t *timer)
{
    start(timer->data);
}

static void retry_later(struct program *program)
{
    program->delay = program->delay == 0 ? PROGRAM_RETRY_MS : 2 * program->delay;
    if (program->delay > PROGRAM_RETRY_MAX_MS)
        program->delay = PROGRAM_RETRY_MAX_MS;
    uv_timer_start(&program->retry, on_retry, program->delay, 0);
}

/* The owner may close the program; its memory stays until the loop's next turn. */
static void tell_owner(struct program *program, const char *fault)
{
    bool recovered = !fault && program->failed;
    program->failed = fault;
    if (!fault) {
        program->delay = 0;
        program->ops->ended(program->owner, NULL, recovered);
        return;
    }
    retry_later(program);
    char text[2 * FAULT_MAX];
    snprintf(text, sizeof text, "%s; again in %u s", fault, program->delay / 1000);
    program->ops->ended(program->owner, text, false);
}

/* ---- one run ---- */

static struct run *run_of(struct launch *launch)
{
    return (struct run *)((char *)launch - offsetof(struct run, launch));
}

static const char *fault_of_start(int error, char text[static FAULT_MAX])
{
    snprintf(text, FAULT_MAX, "cannot be run: %s", launcher_error(error));
    return text;
}

/* `status` as of waitpid(2). */
static const char *fault_of_run(const struct run *run, int status, char text[static FAULT_MAX])
{
    if (run->late)
        snprintf(text, FAULT_MAX, "took longer than %u ms and was killed", run->limit_ms);
    else if (WIFSIGNALED(status))
        snprintf(text, FAULT_MAX, "was ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status))
        snprintf(text, FAULT_MAX, "exited with %d", WEXITSTATUS(status));
    else
        return NULL;
    return text;
}

static void on_run_closed(uv_handle_t *limit)
{
    free(limit->data);
}

/* The owner, when told, may close the program or let it forget this run. */
static void on_ended(struct launch *launch, int error, int status)
{
    struct run *run = run_of(launch);
    struct program *program = run->program;
    uv_close((uv_handle_t *)&run->limit,
             on_run_closed); /* the memory stays until the loop's next turn */
    if (!program)
        return;
    char text[FAULT_MAX];
    tell_owner(program, error ? fault_of_start(error, text) : fault_of_run(run, status, text));
    if (!run->program)
        return;
    bool again = program->again;
    program->run = NULL;
    program->again = false;
    if (again)
        program_start(program);
}

/* The process goes on by itself, and the loop can end before it. */
static void leave_run(struct program *program)
{
    struct run *run = program->run;
    program->run = NULL;
    program->again = false;
    if (!run)
        return;
    run->program = NULL;
    uv_unref((uv_handle_t *)&run->limit);
}

/* The launcher may not be allowed to kill a set-user-ID program. It is left alone, and the next run
 * does not wait for it. */
static void on_alive(struct launch *launch, int error)
{
    struct run *run = run_of(launch);
    struct program *program = run->program;
    bool again = program && program->again;
    uv_close((uv_handle_t *)&run->limit, on_run_closed);
    if (!program)
        return;
    char text[FAULT_MAX];
    snprintf(text, sizeof text, "took longer than %u ms and cannot be killed: %s", run->limit_ms,
             launcher_error(error));
    leave_run(program);
    tell_owner(program, text);
    if (again && !uv_is_closing((uv_handle_t *)&program->retry))
        program_start(program);
}

static void on_limit(uv_timer_t *timer)
{
    struct run *run = timer->data;
    run->late = true;
    launch_kill(run->launcher, &run->launch);
}

/* ---- the program ---- */

/* 0, or -errno; then it is freed. */
static int start_run(struct program *program, struct run *run)
{
    *run = (struct run){.launcher = program->launcher,
                        .launch = {.ended = on_ended, .is_alive = on_alive},
                        .limit_ms = program->limit_ms};
    char **arguments, **additions;
    program->ops->prepare(program->owner, &arguments, &additions);
    int error = launch_start(program->launcher, &run->launch, arguments, additions);
    if (error) {
        free(run);
        return error;
    }
    run->program = program;
    program->run = run;
    uv_timer_init(launcher_loop(program->launcher), &run->limit);
    run->limit.data = run;
    uv_timer_start(&run->limit, on_limit, run->limit_ms, 0);
    return 0;
}

static void start(struct program *program)
{
    if (program->run) {
        program->again = true;
        return;
    }
    uv_timer_stop(&program->retry);
    struct run *run = malloc(sizeof *run);
    int error = run ? start_run(program, run) : UV_ENOMEM;
    char text[FAULT_MAX];
    if (error)
        tell_owner(program, fault_of_start(error, text));
}

void program_start(struct program *program)
{
    program->delay = 0;
    start(program);
}

void program_retry(struct program *program)
{
    if (program->failed)
        program_start(program);
}

void program_forget(struct program *program)
{
    leave_run(program);
    program->failed = false;
    program->delay = 0;
    uv_timer_stop(&program->retry);
}

struct program *program_new(struct launcher *launcher, unsigned limit_ms,
                            const struct program_ops *ops, void *owner)
{
    struct program *program = calloc(1, sizeof *program);
    if (!program)
        return NULL;
    *program =
        (struct program){.launcher = launcher, .limit_ms = limit_ms, .ops = ops, .owner = owner};
    uv_timer_init(launcher_loop(launcher), &program->retry);
    uv_unref((uv_handle_t *)&program->retry);
    program->retry.data = program;
    return program;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void program_close(struct program *program)
{
    bool again = program->again;
    program_forget(program);
    struct run *run;
    if (again && (run = malloc(sizeof *run)) && start_run(program, run) == 0)
        leave_run(program);
    uv_close((uv_handle_t *)&program->retry, on_closed);
}
