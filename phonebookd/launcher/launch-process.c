#include "launch-process.h"

#include "../../common/array.h"
#include "../../common/capabilities.h"
#include "fifo.h"
#include "launch-message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_CANNOT_RUN = 126 };

/* CAP_KILL: a program may run as another user by then. CAP_NET_ADMIN is passed on to programs that
 * may have it. CAP_SETPCAP limits what execve(2) gives to root's programs. */
#define OWN_CAPABILITIES                                                                           \
    (CAPABILITY(CAP_KILL) | CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_SETPCAP))

/* phonebookd may add only variables with this prefix to a program's environment: neither a shell
 * nor the dynamic linker acts on them. */
static const char addition_prefix[] = "PHONEBOOK_";

struct running {
    uint32_t id;
    pid_t pid;
};

struct server {
    int runs, questions, children; /* `children` is a signalfd of SIGCHLD */
    const struct launcher_rules *rules;
    struct running *running; /* owned */
    size_t n_running, room;
    struct launch_message message; /* the last one received */
};

static void tell(const struct server *s, enum launch_type type, uint32_t id, int value)
{
    struct launch_message news;
    launch_message_begin(&news, type, id);
    news.value = value;
    launch_message_send(s->runs, &news, -1, 0);
}

/* ---- programs ---- */

/* Turns the child into its program; returns only on failure, with -errno. All functions are safe
 * here, because the process that forked had one thread. */
static int become(char **arguments, char **additions, bool net_admin)
{
    int input = open("/dev/null", O_RDONLY);
    setsid();
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return -errno;
    if (input > STDERR_FILENO)
        close(input);
    for (; *additions; additions++)
        putenv(*additions);
    if (!capabilities_give(net_admin ? CAPABILITY(CAP_NET_ADMIN) : 0))
        return -errno;
    execvp(arguments[0], arguments);
    return -errno;
}

/* Returns the pid or -errno. The pipe closes at execve(2), or brings its error. _Fork(3) instead of
 * fork(3): if libuv was used before the launcher began, as in tests, its fork handler would close
 * the descriptor numbers that it had then. */
static pid_t start(char **arguments, char **additions, bool net_admin)
{
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) < 0)
        return -errno;
    pid_t pid = _Fork();
    int error = 0;
    if (pid == 0) {
        error = become(arguments, additions, net_admin);
        (void)!write(pipes[1], &error, sizeof error);
        _exit(EXIT_CANNOT_RUN);
    }
    if (pid < 0)
        error = -errno;
    close(pipes[1]);
    if (pid > 0 && read(pipes[0], &error, sizeof error) == sizeof error)
        waitpid(pid, NULL, 0);
    close(pipes[0]);
    return error ? error : pid;
}

static bool may_add(char *const *additions)
{
    for (; *additions; additions++)
        if (strncmp(*additions, addition_prefix, strlen(addition_prefix)) != 0)
            return false;
    return true;
}

static int run(struct server *s, uint32_t id)
{
    size_t n = s->message.n_arguments;
    char *words[LAUNCH_WORDS_MAX + 1];
    launch_message_words(&s->message, words);
    char *arguments[LAUNCH_WORDS_MAX + 1];
    memcpy(arguments, words, n * sizeof *words);
    arguments[n] = NULL;
    bool net_admin = false;
    if (n == 0 || !may_add(words + n) ||
        !s->rules->may_run(s->rules->context, arguments, &net_admin))
        return -ECONNREFUSED;
    if (!array_grow(&s->running, &s->room, s->n_running + 1, sizeof *s->running))
        return -ENOMEM;
    pid_t pid = start(arguments, words + n, net_admin);
    if (pid > 0)
        s->running[s->n_running++] = (struct running){id, pid};
    return pid > 0 ? 0 : pid;
}

/* The program began a session, whose process group has the program's pid as its number. ESRCH: all
 * have ended already, and the message about that is on its way. */
static void end(const struct server *s, uint32_t id)
{
    for (size_t i = 0; i < s->n_running; i++)
        if (s->running[i].id == id && kill(-s->running[i].pid, SIGKILL) < 0 && errno != ESRCH)
            tell(s, LAUNCH_IS_ALIVE, id, -errno);
}

static void reap(struct server *s)
{
    struct signalfd_siginfo info;
    (void)!read(s->children, &info, sizeof info);
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < s->n_running; i++)
            if (s->running[i].pid == pid) {
                tell(s, LAUNCH_ENDED, s->running[i].id, status);
                s->running[i] = s->running[--s->n_running];
                break;
            }
}

/* ---- questions ---- */

static void answer(struct server *s)
{
    const char *path = s->message.n_texts > 0 ? s->message.texts : "";
    bool seen = false;
    int fd = -ECONNREFUSED;
    if (s->message.type == LAUNCH_OPEN_FIFO && s->rules->may_open(s->rules->context, path))
        fd = fifo_open(path, &seen);
    struct launch_message reply;
    launch_message_begin(&reply, LAUNCH_OPEN_FIFO, s->message.id);
    reply.value = fd < 0 ? fd : 0;
    reply.seen = seen;
    launch_message_send(s->questions, &reply, fd, 0);
    if (fd >= 0)
        close(fd);
}

/* ---- the loop ---- */

/* Receives the next message into s->message; false at the end. A malformed message is replaced by
 * one that requests nothing. */
static bool take(struct server *s, int socket)
{
    int fd, result = launch_message_receive(socket, &s->message, &fd, 0);
    if (fd >= 0)
        close(fd);
    if (result == -EBADMSG)
        launch_message_begin(&s->message, LAUNCH_ENDED, 0);
    return result == 1 || result == -EBADMSG;
}

static bool serve_runs(struct server *s)
{
    if (!take(s, s->runs))
        return false;
    int error;
    switch (s->message.type) {
    case LAUNCH_RUN:
        error = run(s, s->message.id);
        if (error)
            tell(s, LAUNCH_FAILED, s->message.id, error);
        break;
    case LAUNCH_KILL:
        end(s, s->message.id);
        break;
    case LAUNCH_READ_AGAIN:
        s->rules->read_again(s->rules->context);
        break;
    }
    return true;
}

static int open_children(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

void launch_process(int runs, int questions, const struct launcher_rules *rules)
{
    struct server *s = calloc(1, sizeof *s);
    struct pollfd ready[3] = {{.fd = runs, .events = POLLIN}, {.fd = questions, .events = POLLIN}};
    if (!s)
        return;
    *s = (struct server){.runs = runs, .questions = questions, .rules = rules};
    capabilities_keep(OWN_CAPABILITIES | rules->capabilities, CAPABILITY(CAP_NET_ADMIN));
    s->children = open_children();
    ready[2] = (struct pollfd){.fd = s->children, .events = POLLIN};
    while (s->children >= 0 && poll(ready, 3, -1) > 0) {
        if (ready[2].revents)
            reap(s);
        if (ready[0].revents && !serve_runs(s))
            break;
        if (ready[1].revents && take(s, questions))
            answer(s);
    }
    free(s->running);
    free(s);
}
