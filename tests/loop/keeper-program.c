#include "keeper-program.h"

#include "../unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* $PHONEBOOK_BUILD/phonebook-keeper, otherwise BUILD's: we are BUILD/tests/loop/test-x. */
static void find_program(char path[static 4096])
{
    const char *build = getenv("PHONEBOOK_BUILD");
    if (build) {
        snprintf(path, 4096, "%s/phonebook-keeper", build);
        return;
    }
    ssize_t length = readlink("/proc/self/exe", path, 4000);
    assert_true(length > 0);
    path[length] = '\0';
    for (int i = 0; i < 3; i++)
        *strrchr(path, '/') = '\0';
    strcat(path, "/phonebook-keeper");
}

static void execute(const char *const *arguments)
{
    char path[4096];
    find_program(path);
    const char *vector[8] = {"phonebook-keeper"};
    for (size_t i = 0; arguments[i]; i++)
        vector[i + 1] = arguments[i];
    execv(path, (char **)vector);
    perror(path);
    _exit(127);
}

void keeper_init(struct program *program)
{
    *program = (struct program){.directory = "/tmp/keeper.XXXXXX"};
    assert_non_null(mkdtemp(program->directory));
    snprintf(program->path, sizeof program->path, "%s/keep", program->directory);
    snprintf(program->log, sizeof program->log, "%s/log", program->directory);
}

void keeper_fini(struct program *program)
{
    if (program->pid > 0)
        keeper_kill(program, SIGKILL);
    unlink(program->path);
    unlink(program->log);
    rmdir(program->directory);
}

void keeper_become(const struct program *program, const char *ready_fd)
{
    close(2);
    open(program->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    execute(ready_fd ? (const char *[]){"-d", ready_fd, program->path, NULL}
                     : (const char *[]){program->path, NULL});
}

void keeper_start(struct program *program, unsigned descriptors)
{
    struct rlimit limit = {descriptors, descriptors};
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    program->pid = fork();
    assert_true(program->pid >= 0);
    if (program->pid == 0) {
        close(pipe_fds[0]);
        if (descriptors > 0)
            setrlimit(RLIMIT_NOFILE, &limit);
        char number[16];
        snprintf(number, sizeof number, "%d", pipe_fds[1]);
        keeper_become(program, number);
    }
    close(pipe_fds[1]);
    struct pollfd ready = {pipe_fds[0], POLLIN, 0};
    assert_int_equal(poll(&ready, 1, WAIT_LIMIT_MS), 1);
    char octet;
    assert_int_equal(read(pipe_fds[0], &octet, 1), 1);
    assert_int_equal(octet, '\n');
    close(pipe_fds[0]);
}

int keeper_run(const char *const *arguments)
{
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        dup2(null, 2);
        execute(arguments);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void keeper_kill(struct program *program, int signal_number)
{
    assert_int_equal(kill(program->pid, signal_number), 0);
    int status;
    assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
    program->pid = 0;
    if (signal_number == SIGTERM)
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void keeper_stop(const struct program *program)
{
    assert_int_equal(kill(program->pid, SIGSTOP), 0);
    int status;
    assert_int_equal(waitpid(program->pid, &status, WUNTRACED), program->pid);
    assert_true(WIFSTOPPED(status));
}

void keeper_continue(const struct program *program)
{
    assert_int_equal(kill(program->pid, SIGCONT), 0);
}

void keeper_wait_said(const struct program *program, const char *text)
{
    char said[8192];
    do {
        int status;
        assert_int_equal(waitpid(program->pid, &status, WNOHANG), 0);
        poll(NULL, 0, 1);
        int log = open(program->log, O_RDONLY | O_CLOEXEC);
        ssize_t n = read(log, said, sizeof said - 1);
        close(log);
        said[n > 0 ? n : 0] = '\0';
    } while (!strstr(said, text));
}

struct client client_new(void)
{
    socklen_t size = sizeof(uint64_t);
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct client client = {.ours = ends[0], .theirs = ends[1]};
    assert_int_equal(getsockopt(client.ours, SOL_SOCKET, SO_COOKIE, &client.key, &size), 0);
    return client;
}

int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, path);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

int conversation_open(const struct program *program)
{
    int fd = connect_to(program->path);
    message_send(fd, message_header(MESSAGE_HELLO, 0, 0), NULL, -1);
    return fd;
}

void send_socket(int fd, const struct client *client)
{
    assert_int_equal(
        message_send(fd, message_header(MESSAGE_SOCKET, client->key, 0), NULL, client->ours), 0);
}

void send_request(int fd, uint64_t key, const char *text)
{
    assert_int_equal(message_send(fd, message_header(MESSAGE_REQUEST, key, strlen(text)), text, -1),
                     0);
}

static void receive_message(int fd, struct message *message)
{
    struct pollfd readable = {fd, POLLIN, 0};
    assert_int_equal(poll(&readable, 1, WAIT_LIMIT_MS), 1);
    assert_int_equal(message_receive(fd, message, 1), 1);
}

struct message_header receive_one(int fd, int *descriptor, char text[static KEEP_TEXT_MAX + 1])
{
    struct message message;
    receive_message(fd, &message);
    struct message_header header;
    const uint8_t *bytes;
    bool other_version;
    assert_true(message_parse(message.bytes, message.length, &header, &bytes, &other_version));
    memcpy(text, bytes, header.length);
    text[header.length] = '\0';
    *descriptor = message.fd;
    return header;
}

struct message_header receive_type(int fd, enum message_type type)
{
    char text[KEEP_TEXT_MAX + 1];
    int descriptor;
    struct message_header header = receive_one(fd, &descriptor, text);
    assert_int_equal(header.type, type);
    assert_int_equal(descriptor, -1);
    return header;
}

void receive_end_of_file(int fd)
{
    struct message message;
    receive_message(fd, &message);
    assert_int_equal(message.length, 0);
}

/* The same socket has the same cookie in every process. */
static int place_of(int fd, const struct client *clients, size_t n_clients)
{
    uint64_t key = 0;
    socklen_t size = sizeof key;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &key, &size), 0);
    for (size_t i = 0; i < n_clients; i++)
        if (clients[i].key == key)
            return (int)i;
    return -1;
}

void receive_all(int fd, const struct client *clients, size_t n_clients, char *told, size_t size)
{
    size_t at = (size_t)snprintf(told, size, "HELLO %u", receive_type(fd, MESSAGE_HELLO).count);
    char text[KEEP_TEXT_MAX + 1];
    struct message_header header;
    int descriptor;
    while ((header = receive_one(fd, &descriptor, text)).type != MESSAGE_END) {
        if (header.type == MESSAGE_SOCKET)
            at += (size_t)snprintf(told + at, size - at, " %d",
                                   place_of(descriptor, clients, n_clients));
        else
            at += (size_t)snprintf(told + at, size - at, ":%s", text);
        assert_true(at < size);
        if (descriptor >= 0)
            close(descriptor);
    }
}

void wait_until_held(const struct program *program, size_t count)
{
    time_t limit = time(NULL) + WAIT_LIMIT_MS / 1000;
    size_t held;
    do {
        int fd = conversation_open(program);
        held = receive_type(fd, MESSAGE_HELLO).count;
        char text[KEEP_TEXT_MAX + 1];
        int descriptor;
        while (receive_one(fd, &descriptor, text).type != MESSAGE_END)
            if (descriptor >= 0)
                close(descriptor);
        close(fd);
    } while (held != count && time(NULL) < limit);
    assert_int_equal(held, count);
}

int hung_up(int fd)
{
    struct pollfd other_end = {fd, 0, 0};
    return poll(&other_end, 1, 0) > 0 && other_end.revents & POLLHUP;
}
