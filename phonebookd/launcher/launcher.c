#include "launcher.h"

#include "../../common/child.h"
#include "../limits.h"
#include "../log.h"
#include "launch-message.h"
#include "launch-process.h"
#include "launch-rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS, QUESTIONS };

LIST_HEAD(launches, launch);

/* A message that does not fit into the socket yet. */
struct waiting {
    STAILQ_ENTRY(waiting) link;
    struct launch_message message; /* only launch_message_size() octets are allocated */
};
STAILQ_HEAD(waiting_list, waiting);

struct launcher {
    int sockets[CHILD_SOCKETS]; /* -1: the launcher has ended */
    pid_t pid;
    uv_loop_t *loop; /* NULL: not attached */
    uv_poll_t poll;
    struct launches launches; /* those that run, or wait to be run */
    struct waiting_list waiting;
    uint32_t last_id;
    struct launch_message message;
};

/* ---- beginning and end ---- */

static void serve(const int sockets[], void *context)
{
    launch_process(sockets[RUNS], sockets[QUESTIONS], context);
}

struct launcher *launcher_start(const struct launcher_rules *rules)
{
    struct launcher *launcher = calloc(1, sizeof *launcher);
    int error = launcher ? child_start(&launcher->pid, "phonebookd-run", launcher->sockets,
                                       CHILD_SOCKETS, serve, (void *)rules)
                         : -ENOMEM;
    if (error) {
        free(launcher);
        errno = -error;
        return NULL;
    }
    LIST_INIT(&launcher->launches);
    STAILQ_INIT(&launcher->waiting);
    child_limit_wait(launcher->sockets[QUESTIONS], SO_RCVTIMEO, LAUNCHER_ANSWER_MS);
    for (int i = 0; i < CHILD_SOCKETS; i++)
        child_limit_wait(launcher->sockets[i], SO_SNDTIMEO, LAUNCHER_ANSWER_MS);
    return launcher;
}

bool launcher_has_ended(const struct launcher *launcher)
{
    return launcher->sockets[RUNS] < 0;
}

const char *launcher_error(int error)
{
    switch (error) {
    case -EPIPE:
        return "the process phonebookd-run has ended: restart phonebookd";
    case -ECONNREFUSED:
        return "it is not in the configuration that the process phonebookd-run has read";
    case -ETIMEDOUT:
        return "the process phonebookd-run does not answer";
    }
    return strerror(-error);
}

static void close_sockets(struct launcher *launcher)
{
    for (int i = 0; i < CHILD_SOCKETS; i++) {
        close(launcher->sockets[i]);
        launcher->sockets[i] = -1;
    }
    waitpid(launcher->pid, NULL, WNOHANG);
}

static void drop_first(struct launcher *launcher)
{
    struct waiting *first = STAILQ_FIRST(&launcher->waiting);
    STAILQ_REMOVE_HEAD(&launcher->waiting, link);
    free(first);
}

static void drop_waiting(struct launcher *launcher)
{
    while (!STAILQ_EMPTY(&launcher->waiting))
        drop_first(launcher);
}

/* `flags` as of send(2). */
static void send_waiting(struct launcher *launcher, int flags)
{
    const struct waiting *first;
    while ((first = STAILQ_FIRST(&launcher->waiting)) &&
           launch_message_send(launcher->sockets[RUNS], &first->message, -1, flags) != -EAGAIN)
        drop_first(launcher);
}

/* `ended` may start another launch, which fails at once. */
static void give_up_launches(struct launcher *launcher, int error)
{
    struct launch *launch;
    while ((launch = LIST_FIRST(&launcher->launches))) {
        launch_forget(launch);
        launch->ended(launch, error, 0);
    }
}

/* The launcher has ended by itself. */
static void lose(struct launcher *launcher)
{
    log_error("the process phonebookd-run has ended: until phonebookd is restarted, no program "
              "runs, and no s6 service is told");
    uv_poll_stop(&launcher->poll);
    close_sockets(launcher);
    drop_waiting(launcher);
    give_up_launches(launcher, -EPIPE);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void launcher_close(struct launcher *launcher)
{
    if (launcher->loop)
        uv_close((uv_handle_t *)&launcher->poll, on_closed);
    if (!launcher_has_ended(launcher)) {
        send_waiting(launcher, 0);
        close_sockets(launcher);
    }
    drop_waiting(launcher);
    give_up_launches(launcher, -EPIPE);
    if (!launcher->loop)
        free(launcher);
}

/* ---- messages from the launcher ---- */

static struct launch *find(const struct launcher *launcher, uint32_t id)
{
    struct launch *launch = LIST_FIRST(&launcher->launches);
    while (launch && launch->id != id)
        launch = LIST_NEXT(launch, link);
    return launch;
}

static void hear(const struct launcher *launcher)
{
    const struct launch_message *message = &launcher->message;
    struct launch *launch = find(launcher, message->id);
    if (!launch) /* forgotten */
        return;
    launch_forget(launch);
    if (message->type == LAUNCH_FAILED)
        launch->ended(launch, message->value, 0);
    else if (message->type == LAUNCH_ENDED)
        launch->ended(launch, 0, message->value);
    else if (message->type == LAUNCH_IS_ALIVE)
        launch->is_alive(launch, message->value);
}

/* ---- messages to the launcher ---- */

static void on_ready(uv_poll_t *poll, int status, int events);

static void watch(struct launcher *launcher)
{
    int events = STAILQ_EMPTY(&launcher->waiting) ? UV_READABLE : UV_READABLE | UV_WRITABLE;
    uv_poll_start(&launcher->poll, events, on_ready);
}

/* Sends what fits into the socket; on_ready() sends the rest, and notices the launcher's end. */
static void send_now(struct launcher *launcher)
{
    send_waiting(launcher, MSG_DONTWAIT);
    watch(launcher);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct launcher *launcher = poll->data;
    (void)status;
    if (events & UV_WRITABLE)
        send_now(launcher);
    int fd, result = -EAGAIN;
    while (!launcher_has_ended(launcher) &&
           (result = launch_message_receive(launcher->sockets[RUNS], &launcher->message, &fd,
                                            MSG_DONTWAIT)) == 1)
        hear(launcher);
    if (result != -EAGAIN && !launcher_has_ended(launcher))
        lose(launcher);
}

/* Queues the message, and sends as much of the queue as fits. */
static int send_run(struct launcher *launcher)
{
    size_t size = launch_message_size(&launcher->message);
    if (launcher_has_ended(launcher))
        return -EPIPE;
    struct waiting *waiting = malloc(offsetof(struct waiting, message) + size);
    if (!waiting)
        return -ENOMEM;
    memcpy(&waiting->message, &launcher->message, size);
    STAILQ_INSERT_TAIL(&launcher->waiting, waiting, link);
    send_now(launcher);
    return 0;
}

int launch_start(struct launcher *launcher, struct launch *launch, char *const *arguments,
                 char *const *additions)
{
    struct launch_message *message = &launcher->message;
    launch_message_begin(message, LAUNCH_RUN, ++launcher->last_id);
    int error = launch_message_add(message, arguments);
    message->n_arguments = message->n_texts;
    if (!error)
        error = launch_message_add(message, additions);
    if (!error)
        error = send_run(launcher);
    if (error)
        return error;
    launch->id = launcher->last_id;
    LIST_INSERT_HEAD(&launcher->launches, launch, link);
    return 0;
}

void launch_kill(struct launcher *launcher, struct launch *launch)
{
    launch_message_begin(&launcher->message, LAUNCH_KILL, launch->id);
    int error = send_run(launcher);
    if (!error)
        return;
    launch_forget(launch);
    launch->is_alive(launch, error);
}

void launch_forget(struct launch *launch)
{
    LIST_REMOVE(launch, link);
}

void launcher_read_again(struct launcher *launcher)
{
    launch_message_begin(&launcher->message, LAUNCH_READ_AGAIN, 0);
    send_run(launcher);
}

void launcher_attach(struct launcher *launcher, uv_loop_t *loop)
{
    launcher->loop = loop;
    uv_poll_init(loop, &launcher->poll, launcher->sockets[RUNS]);
    launcher->poll.data = launcher;
    watch(launcher);
    uv_unref((uv_handle_t *)&launcher->poll); /* the loop may end while programs run */
}

uv_loop_t *launcher_loop(const struct launcher *launcher)
{
    return launcher->loop;
}

/* ---- questions ---- */

/* Receives the answer to this question, and skips answers to questions that were given up. */
static int hear_answer(struct launcher *launcher, uint32_t id, bool *seen, int *fd)
{
    int result;
    while ((result = launch_message_receive(launcher->sockets[QUESTIONS], &launcher->message, fd,
                                            0)) == 1 &&
           launcher->message.id != id)
        if (*fd >= 0)
            close(*fd);
    if (result <= 0)
        return result < 0 ? result : -EPIPE;
    *seen = launcher->message.seen;
    return launcher->message.value;
}

int launcher_open_fifo(struct launcher *launcher, const char *path, bool *seen)
{
    char *const texts[] = {(char *)path, NULL};
    uint32_t id = ++launcher->last_id;
    *seen = true;
    if (launcher_has_ended(launcher))
        return -EPIPE;
    launch_message_begin(&launcher->message, LAUNCH_OPEN_FIFO, id);
    int error = launch_message_add(&launcher->message, texts);
    if (!error)
        error = launch_message_send(launcher->sockets[QUESTIONS], &launcher->message, -1, 0);
    int fd = -1;
    if (!error)
        error = hear_answer(launcher, id, seen, &fd);
    if (error)
        return error == -EAGAIN ? -ETIMEDOUT : error;
    return fd < 0 ? -EMFILE : fd;
}
