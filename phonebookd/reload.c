#include "reload.h"

#include "../zones/inifile.h"
#include "limits.h"
#include "log.h"
#include "server-signal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct reload {
    const struct reload_config *config;
    const char *database;
    void (*told)(void *owner, uint64_t number);
    void *owner;
    uv_timer_t timer;      /* the next try at an absent server, or the end of a command's time */
    unsigned tries;        /* at an absent server */
    bool complained;       /* the log has it that the server is not there */
    uv_process_t *command; /* running; its own memory, freed in its close callback */
    uint64_t number;       /* that the running command is told of */
    uint64_t next;         /* that the next is to be told of; 0: none */
};

/* ---- configuration ---- */

void reload_config_fini(struct reload_config *config)
{
    free(config->path);
    for (char **argument = config->arguments; argument && *argument; argument++)
        free(*argument);
    free(config->arguments);
    *config = (struct reload_config){0};
}

static int signal_number(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"HUP", SIGHUP}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2},  {"ALRM", SIGALRM},
                   {"INT", SIGINT}, {"CONT", SIGCONT}, {"WINCH", SIGWINCH}};

    if (strncmp(name, "SIG", 3) == 0)
        name += 3;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (strcmp(name, signals[i].name) == 0)
            return signals[i].number;
    return 0;
}

static const char *parse_signal(struct reload_config *config, char *rest)
{
    const char *pidfile = inifile_word(&rest), *name = inifile_word(&rest);

    if (!pidfile || inifile_word(&rest))
        return "is to be: signal PIDFILE [HUP]";
    config->kind = RELOAD_SIGNAL;
    config->signal = name ? signal_number(name) : SIGHUP;
    if (config->signal == 0)
        return "names no signal that a server could reload on (HUP, USR1, USR2, ALRM, INT, CONT, "
               "WINCH)";
    config->path = strdup(pidfile);
    return config->path ? NULL : "out of memory";
}

static const char *parse_s6(struct reload_config *config, char *rest)
{
    const char *servicedir = inifile_word(&rest);

    if (!servicedir || inifile_word(&rest))
        return "is to be: s6 SERVICEDIR";
    config->kind = RELOAD_S6;
    config->path = strdup(servicedir);
    return config->path ? NULL : "out of memory";
}

static const char *parse_command(struct reload_config *config, char *rest)
{
    size_t n = 0, room = strlen(rest) / 2 + 2;
    char *word;

    config->kind = RELOAD_COMMAND;
    config->arguments = calloc(room, sizeof *config->arguments);
    if (!config->arguments)
        return "out of memory";
    while ((word = inifile_word(&rest)))
        if (!(config->arguments[n++] = strdup(word)))
            return "out of memory";
    return n > 0 ? NULL : "is to be: command PROGRAM [ARGUMENT...]";
}

const char *reload_config_parse(struct reload_config *config, char *value)
{
    const char *kind = inifile_word(&value);

    if (kind && strcmp(kind, "signal") == 0)
        return parse_signal(config, value);
    if (kind && strcmp(kind, "s6") == 0)
        return parse_s6(config, value);
    if (kind && strcmp(kind, "command") == 0)
        return parse_command(config, value);
    if (kind && strcmp(kind, "none") == 0 && !inifile_word(&value)) {
        config->kind = RELOAD_NONE;
        return NULL;
    }
    return "is to be one of: none, signal PIDFILE [HUP], s6 SERVICEDIR, command PROGRAM "
           "[ARGUMENT...]";
}

/* ---- signals ---- */

static const char *signal_server(const struct reload *reload)
{
    const struct reload_config *config = reload->config;

    return config->kind == RELOAD_S6 ? server_signal_s6(config->path)
                                     : server_signal(config->path, config->signal);
}

/* One try; where the server is not there, says so once and comes back. */
static void try_signal(uv_timer_t *timer)
{
    struct reload *reload = timer->data;
    const char *why = signal_server(reload);

    if (!why) {
        if (reload->complained)
            log_info("database %s: its server is told again", reload->database);
        reload->complained = false;
        reload->tries = 0;
        return;
    }
    if (!reload->complained)
        log_warning("database %s: its server is not told (%s: %s); trying again", reload->database,
                    reload->config->path, why);
    reload->complained = true;
    uv_timer_start(timer, try_signal,
                   reload->tries++ < RELOAD_RETRY_FAST ? RELOAD_RETRY_MS : RELOAD_RETRY_SLOW_MS, 0);
}

/* ---- commands ---- */

static void start_command(struct reload *reload);

static void on_command_closed(uv_handle_t *handle)
{
    free(handle);
}

static void on_command_exit(uv_process_t *process, int64_t status, int signal)
{
    struct reload *reload = process->data;

    uv_close((uv_handle_t *)process, on_command_closed);
    uv_timer_stop(&reload->timer);
    reload->command = NULL;
    if (signal)
        log_warning("database %s: %s was ended by signal %d", reload->database,
                    reload->config->arguments[0], signal);
    else if (status)
        log_warning("database %s: %s exited with %d", reload->database,
                    reload->config->arguments[0], (int)status);
    reload->told(reload->owner, reload->number);
    if (reload->next)
        start_command(reload);
}

static void on_command_late(uv_timer_t *timer)
{
    struct reload *reload = timer->data;

    log_warning("database %s: %s takes longer than %d ms and is killed", reload->database,
                reload->config->arguments[0], RELOAD_COMMAND_LIMIT_MS);
    if (reload->command) /* with what it started: UV_PROCESS_DETACHED made it a group of its own */
        kill(-uv_process_get_pid(reload->command), SIGKILL);
}

static int spawn(uv_loop_t *loop, uv_process_t *process, char **arguments)
{
    uv_stdio_container_t stdio[] = {{.flags = UV_IGNORE},
                                    {.flags = UV_INHERIT_FD, .data.fd = 2},
                                    {.flags = UV_INHERIT_FD, .data.fd = 2}};
    uv_process_options_t options = {.exit_cb = on_command_exit,
                                    .file = arguments[0],
                                    .args = arguments,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio_count = 3,
                                    .stdio = stdio};

    return uv_spawn(loop, process, &options);
}

static void start_command(struct reload *reload)
{
    uv_process_t *process = calloc(1, sizeof *process);
    int error = process ? spawn(reload->timer.loop, process, reload->config->arguments) : UV_ENOMEM;

    reload->number = reload->next;
    reload->next = 0;
    if (error) {
        log_warning("database %s: %s cannot be run: %s", reload->database,
                    reload->config->arguments[0], uv_strerror(error));
        if (process)
            uv_close((uv_handle_t *)process, on_command_closed);
        reload->told(reload->owner, reload->number);
        return;
    }
    process->data = reload;
    reload->command = process;
    uv_timer_start(&reload->timer, on_command_late, RELOAD_COMMAND_LIMIT_MS, 0);
}

/* ---- both ---- */

void reload_tell(struct reload *reload, uint64_t number)
{
    switch (reload->config->kind) {
    case RELOAD_NONE:
        reload->told(reload->owner, number);
        break;
    case RELOAD_SIGNAL:
    case RELOAD_S6:
        reload->tries = 0;
        uv_timer_stop(&reload->timer);
        try_signal(&reload->timer);
        reload->told(reload->owner, number);
        break;
    case RELOAD_COMMAND:
        reload->next = number;
        if (!reload->command)
            start_command(reload);
        break;
    }
}

int reload_new(struct reload **reload, uv_loop_t *loop, const struct reload_config *config,
               const char *database, void (*told)(void *owner, uint64_t number), void *owner)
{
    struct reload *made = calloc(1, sizeof *made);

    if (!made)
        return -ENOMEM;
    made->config = config;
    made->database = database;
    made->told = told;
    made->owner = owner;
    uv_timer_init(loop, &made->timer);
    made->timer.data = made;
    *reload = made;
    return 0;
}

void reload_set_config(struct reload *reload, const struct reload_config *config,
                       const char *database)
{
    uint64_t number = reload->next ? reload->next : reload->number;

    reload->config = config;
    reload->database = database;
    reload->complained = false;
    uv_timer_stop(&reload->timer);
    if (!reload->command)
        return;
    uv_close((uv_handle_t *)reload->command, on_command_closed);
    reload->command = NULL;
    reload->next = 0;
    reload->told(reload->owner, number);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void reload_close(struct reload *reload)
{
    if (reload->command)
        uv_close((uv_handle_t *)reload->command, on_command_closed);
    uv_close((uv_handle_t *)&reload->timer, on_closed);
}
