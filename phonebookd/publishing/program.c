#include "program.h"

#include "../limits.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAULT_MAX = 128, HANDLES = 2 };

/* A process, which may outlive what it was started for; its memory goes when both handles are
 * closed. */
struct run {
    uv_process_t process;
    uv_timer_t limit;
    struct program *program; /* not owned; NULL: nobody wants to know any more */
    unsigned limit_ms;
    bool late; /* killed for its limit */
    int handles;
};

struct program {
    uv_loop_t *loop;
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

/* The owner may close the program, whose memory is there until the next turn of the loop. */
static void tell_owner(struct program *program, const char *fault)
{
    bool recovered = !fault && program->failed;
    char text[2 * FAULT_MAX];

    program->failed = fault;
    if (!fault) {
        program->delay = 0;
        program->ops->ended(program->owner, NULL, recovered);
        return;
    }
    retry_later(program);
    snprintf(text, sizeof text, "%s; again in %u s", fault, program->delay / 1000);
    program->ops->ended(program->owner, text, false);
}

/* ---- one run ---- */

static const char *fault_of(const struct run *run, int64_t status, int number,
                            char text[static FAULT_MAX])
{
    if (run->late)
        snprintf(text, FAULT_MAX, "took longer than %u ms and was killed", run->limit_ms);
    else if (number)
        snprintf(text, FAULT_MAX, "was ended by signal %d", number);
    else if (status)
        snprintf(text, FAULT_MAX, "exited with %d", (int)status);
    else
        return NULL;
    return text;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct run *run = handle->data;

    if (--run->handles == 0)
        free(run);
}

static void close_run(struct run *run)
{
    uv_close((uv_handle_t *)&run->process, on_handle_closed);
    uv_close((uv_handle_t *)&run->limit, on_handle_closed);
}

static void on_exit_of(uv_process_t *process, int64_t status, int number)
{
    struct run *run = process->data;
    struct program *program = run->program;
    char text[FAULT_MAX];
    bool again;

    close_run(run); /* its memory is there until the next turn of the loop */
    if (!program)
        return;
    tell_owner(program, fault_of(run, status, number, text));
    if (!run->program) /* closed by its owner, or forgotten */
        return;
    again = program->again;
    program->run = NULL;
    program->again = false;
    if (again)
        program_start(program);
}

/* What runs goes on by itself, and does not keep the loop from ending. */
static void leave_run(struct program *program)
{
    struct run *run = program->run;

    program->run = NULL;
    program->again = false;
    if (!run)
        return;
    run->program = NULL;
    uv_unref((uv_handle_t *)&run->process);
    uv_unref((uv_handle_t *)&run->limit);
}

/* A set-user-ID program may be beyond our power: it is left alone, and is no reason to wait. */
static void on_limit(uv_timer_t *timer)
{
    struct run *run = timer->data;
    struct program *program = run->program;
    bool again = program && program->again;
    char text[FAULT_MAX];

    run->late = true;
    if (kill(-uv_process_get_pid(&run->process), SIGKILL) == 0 || errno == ESRCH || !program)
        return;
    snprintf(text, sizeof text, "took longer than %u ms and cannot be killed: %s", run->limit_ms,
             strerror(errno));
    leave_run(program);
    tell_owner(program, text);
    if (again && !uv_is_closing((uv_handle_t *)&program->retry))
        program_start(program);
}

static int spawn(const struct program *program, struct run *run)
{
    uv_stdio_container_t stdio[] = {{.flags = UV_IGNORE},
                                    {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
                                    {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO}};
    uv_process_options_t options = {
        .exit_cb = on_exit_of, .flags = UV_PROCESS_DETACHED, .stdio_count = 3, .stdio = stdio};

    program->ops->prepare(program->owner, &options.args, &options.env);
    options.file = options.args[0];
    return uv_spawn(program->loop, &run->process, &options);
}

/* ---- the program ---- */

static int start_run(struct program *program, struct run *run)
{
    int error;

    *run = (struct run){.limit_ms = program->limit_ms, .handles = HANDLES};
    uv_timer_init(program->loop, &run->limit);
    error = spawn(program, run);
    run->process.data = run->limit.data = run;
    if (error) {
        close_run(run);
        return error;
    }
    run->program = program;
    program->run = run;
    uv_timer_start(&run->limit, on_limit, run->limit_ms, 0);
    return 0;
}

static void start(struct program *program)
{
    struct run *run;
    char text[FAULT_MAX];
    int error;

    if (program->run) {
        program->again = true;
        return;
    }
    uv_timer_stop(&program->retry);
    run = malloc(sizeof *run);
    error = run ? start_run(program, run) : UV_ENOMEM;
    if (error) {
        snprintf(text, sizeof text, "cannot be run: %s", uv_strerror(error));
        tell_owner(program, text);
    }
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

static void leave(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (handle->type == UV_PROCESS && !uv_is_closing(handle))
        close_run(handle->data);
}

void program_leave_all(uv_loop_t *loop)
{
    uv_walk(loop, leave, NULL);
    uv_run(loop, UV_RUN_NOWAIT);
}

struct program *program_new(uv_loop_t *loop, unsigned limit_ms, const struct program_ops *ops,
                            void *owner)
{
    struct program *program = calloc(1, sizeof *program);

    if (!program)
        return NULL;
    *program = (struct program){.loop = loop, .limit_ms = limit_ms, .ops = ops, .owner = owner};
    uv_timer_init(loop, &program->retry);
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
    struct run *run;

    program_forget(program);
    if (again && (run = malloc(sizeof *run)) && start_run(program, run) == 0)
        leave_run(program);
    uv_close((uv_handle_t *)&program->retry, on_closed);
}
