#include "program.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FAULT_MAX = 128 };

struct program {
    uv_timer_t limit;
    unsigned limit_ms;
    const struct program_ops *ops;
    void *owner;
    uv_process_t *process; /* running; its own memory, freed in its close callback */
    bool again;            /* asked to start while it ran */
    bool late;             /* killed for its limit */
};

static void on_process_closed(uv_handle_t *handle)
{
    free(handle);
}

static const char *fault_of(const struct program *program, int64_t status, int number,
                            char text[static FAULT_MAX])
{
    if (program->late)
        snprintf(text, FAULT_MAX, "took longer than %u ms and was killed", program->limit_ms);
    else if (number)
        snprintf(text, FAULT_MAX, "was ended by signal %d", number);
    else if (status)
        snprintf(text, FAULT_MAX, "exited with %d", (int)status);
    else
        return NULL;
    return text;
}

static void on_exit_of(uv_process_t *process, int64_t status, int number)
{
    struct program *program = process->data;
    bool again = program->again;
    char text[FAULT_MAX];
    const char *fault = fault_of(program, status, number, text);

    program_forget(program);
    program->ops->ended(program->owner, fault);
    if (again && !uv_is_closing((uv_handle_t *)&program->limit)) /* closed, it is still there */
        program_start(program);
}

static void on_limit(uv_timer_t *timer)
{
    struct program *program = timer->data;

    program->late = true;
    kill(-uv_process_get_pid(program->process), SIGKILL);
}

static int spawn(struct program *program, uv_process_t *process)
{
    uv_stdio_container_t stdio[] = {{.flags = UV_IGNORE},
                                    {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
                                    {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO}};
    uv_process_options_t options = {
        .exit_cb = on_exit_of, .flags = UV_PROCESS_DETACHED, .stdio_count = 3, .stdio = stdio};

    program->ops->prepare(program->owner, &options.args, &options.env);
    options.file = options.args[0];
    return uv_spawn(program->limit.loop, process, &options);
}

void program_start(struct program *program)
{
    uv_process_t *process;
    char text[FAULT_MAX];
    int error;

    if (program->process) {
        program->again = true;
        return;
    }
    process = calloc(1, sizeof *process);
    error = process ? spawn(program, process) : UV_ENOMEM;
    if (error) {
        if (process)
            uv_close((uv_handle_t *)process, on_process_closed);
        snprintf(text, sizeof text, "cannot be run: %s", uv_strerror(error));
        program->ops->ended(program->owner, text);
        return;
    }
    process->data = program;
    program->process = process;
    uv_timer_start(&program->limit, on_limit, program->limit_ms, 0);
}

bool program_runs(const struct program *program)
{
    return program->process != NULL;
}

void program_forget(struct program *program)
{
    if (program->process)
        uv_close((uv_handle_t *)program->process, on_process_closed);
    program->process = NULL;
    program->again = program->late = false;
    uv_timer_stop(&program->limit);
}

int program_new(struct program **program, uv_loop_t *loop, unsigned limit_ms,
                const struct program_ops *ops, void *owner)
{
    struct program *made = calloc(1, sizeof *made);

    if (!made)
        return -ENOMEM;
    made->limit_ms = limit_ms;
    made->ops = ops;
    made->owner = owner;
    uv_timer_init(loop, &made->limit);
    made->limit.data = made;
    *program = made;
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void program_close(struct program *program)
{
    program_forget(program);
    uv_close((uv_handle_t *)&program->limit, on_closed);
}
