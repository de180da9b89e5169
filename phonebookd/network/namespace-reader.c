#include "namespace-reader.h"

#include "../../common/call-filter.h"
#include "../../common/capabilities.h"
#include "../../common/child.h"
#include "../../common/clock.h"
#include "../../common/landlock.h"
#include "../../common/passed-fd.h"
#include "../limits.h"
#include "../log.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IDENTITIES, DUMPS };

struct namespace_reader {
    int sockets[CHILD_SOCKETS];
    pid_t pid;
    int pidfd;
    void *buffer;      /* NETLINK_BUFFER_SIZE octets that both processes map */
    uint32_t asked;    /* number of the last question about a socket */
    uint32_t answered; /* number of the last such question that was answered */
};

struct identity_question {
    uint32_t number;
    int32_t first;
};

struct identity_answer {
    uint32_t number;
    struct namespace_identity identity;
};

/* ---- the process ---- */

struct server {
    int sockets[CHILD_SOCKETS];
    void *buffer; /* shared */
};

/* False at the end. *socket is -1 if none came. */
static bool receive_socket(int from, struct identity_question *question, int *socket)
{
    struct iovec part = {.iov_base = question, .iov_len = sizeof *question};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union passed_fd room;
    passed_fd_expect(&message, &room);
    ssize_t length = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    *socket = length > 0 ? passed_fd_take(&message) : -1;
    return length == sizeof *question;
}

static void serve_identities(int from)
{
    void *buffer = malloc(NETLINK_BUFFER_SIZE);
    if (!buffer)
        return;
    struct netlink_source source;
    netlink_source_open(&source, buffer);
    struct identity_question question;
    int socket;
    while (receive_socket(from, &question, &socket)) {
        struct identity_answer answer = {.number = question.number};
        namespace_identify(&source, socket, question.first, &answer.identity);
        if (socket >= 0)
            close(socket);
        if (send(from, &answer, sizeof answer, MSG_NOSIGNAL) < 0)
            break;
    }
    netlink_source_close(&source);
    free(buffer);
}

static void *serve_dumps(void *context)
{
    const struct server *server = context;
    struct netlink_source source;
    netlink_source_open(&source, server->buffer);
    struct netlink_question question;
    while (recv(server->sockets[DUMPS], &question, sizeof question, 0) == sizeof question) {
        uint64_t began = thread_ns();
        struct netlink_answer answer;
        netlink_source_answer(&source, &question, &answer);
        answer.cpu = thread_ns() - began;
        if (send(server->sockets[DUMPS], &answer, sizeof answer, MSG_NOSIGNAL) < 0)
            break;
    }
    netlink_source_close(&source);
    return NULL;
}

static int reach_no_file(void)
{
    struct landlock landlock;
    int error = landlock_begin(&landlock, LANDLOCK_CHANGES | LANDLOCK_READS,
                               LANDLOCK_SIGNALS | LANDLOCK_ABSTRACT_SOCKETS);
    return error ? error : landlock_enter(&landlock);
}

static int limit_calls(void)
{
    struct call_filter filter;
    call_filter_begin(&filter);
    call_filter_allow_both(&filter, "socket", AF_NETLINK, 2, NETLINK_ROUTE);
    call_filter_allow_where(&filter, "clone", CLONE_FLAGS_ARGUMENT, CLONE_THREAD, CLONE_THREAD);
    call_filter_allow_where(&filter, "ioctl", 1, UINT32_MAX, SIOCGSKNS);
    return call_filter_enter(&filter, "phonebookd-net");
}

/* phonebookd itself logs what the kernel lacks. */
static void give_up_privileges(void)
{
    capabilities_keep(CAPABILITY(CAP_NET_ADMIN), 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!call_filter_is_built())
        return;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    reach_no_file();
    limit_calls();
}

static void serve(const int sockets[], void *buffer)
{
    struct server server = {.buffer = buffer};
    memcpy(server.sockets, sockets, sizeof server.sockets);
    give_up_privileges();
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve_dumps, &server) == 0)
        serve_identities(sockets[IDENTITIES]);
}

/* ---- our side ---- */

static void *map_shared(void)
{
    void *memory =
        mmap(NULL, NETLINK_BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static int start(struct namespace_reader *reader)
{
    reader->buffer = map_shared();
    if (!reader->buffer)
        return -errno;
    int error = child_start(&reader->pid, "phonebookd-net", reader->sockets, CHILD_SOCKETS, serve,
                            reader->buffer);
    if (error) {
        munmap(reader->buffer, NETLINK_BUFFER_SIZE);
        return error;
    }
    reader->pidfd = pidfd_open(reader->pid, 0);
    child_limit_wait(reader->sockets[IDENTITIES], SO_RCVTIMEO, NAMESPACE_READER_ANSWER_MS);
    child_limit_wait(reader->sockets[IDENTITIES], SO_SNDTIMEO, NAMESPACE_READER_ANSWER_MS);
    return 0;
}

struct namespace_reader *namespace_reader_start(void)
{
    struct namespace_reader *reader = calloc(1, sizeof *reader);
    int error = reader ? start(reader) : -ENOMEM;
    if (!error)
        return reader;
    free(reader);
    errno = -error;
    return NULL;
}

/* ECONNRESET: it has ended, with a question of ours unread. */
static int failure(void)
{
    return errno == ECONNRESET ? -EPIPE : -errno;
}

static int send_socket(const struct namespace_reader *reader, int socket,
                       struct identity_question *question)
{
    struct iovec part = {.iov_base = question, .iov_len = sizeof *question};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union passed_fd room;
    passed_fd_add(&message, &room, socket);
    return sendmsg(reader->sockets[IDENTITIES], &message, MSG_NOSIGNAL) < 0 ? failure() : 0;
}

/* Reads until the last question is answered. `flags` as of recv(2). */
static int receive_identity(struct namespace_reader *reader, struct identity_answer *answer,
                            int flags)
{
    while (reader->answered != reader->asked) {
        ssize_t length = recv(reader->sockets[IDENTITIES], answer, sizeof *answer, flags);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return -ETIMEDOUT;
        if (length != sizeof *answer)
            return -EPIPE;
        reader->answered = answer->number;
    }
    return 0;
}

/* Fails at once while an earlier question is unanswered: the loop waits for each only once. */
static int identify(struct namespace_reader *reader, int socket, int32_t first,
                    struct identity_answer *answer)
{
    int error = receive_identity(reader, answer, MSG_DONTWAIT);
    if (error)
        return error;
    struct identity_question question = {.number = reader->asked + 1, .first = first};
    error = send_socket(reader, socket, &question);
    if (error)
        return error == -EAGAIN ? -ETIMEDOUT : error;
    reader->asked++;
    return receive_identity(reader, answer, 0);
}

void namespace_reader_identify(struct namespace_reader *reader, int socket, int32_t first,
                               struct namespace_identity *identity)
{
    struct identity_answer answer;
    int error = identify(reader, socket, first, &answer);
    if (error)
        *identity = (struct namespace_identity){.error = error, .next = first};
    else
        *identity = answer.identity;
}

void namespace_reader_ask(struct namespace_reader *reader, const struct netlink_question *question,
                          struct netlink_answer *answer)
{
    int socket = reader->sockets[DUMPS];
    *answer = (struct netlink_answer){0};
    if (send(socket, question, sizeof *question, MSG_NOSIGNAL) < 0) {
        answer->error = failure();
        return;
    }
    ssize_t length;
    do
        length = recv(socket, answer, sizeof *answer, 0);
    while (length < 0 && errno == EINTR);
    if (length != sizeof *answer)
        *answer = (struct netlink_answer){.error = -EPIPE};
}

int namespace_reader_end_fd(const struct namespace_reader *reader)
{
    return reader->pidfd;
}

void *namespace_reader_buffer(struct namespace_reader *reader)
{
    return reader->buffer;
}

void namespace_reader_stop(struct namespace_reader *reader)
{
    shutdown(reader->sockets[DUMPS], SHUT_RDWR);
}

void namespace_reader_free(struct namespace_reader *reader)
{
    for (int i = 0; i < CHILD_SOCKETS; i++)
        close(reader->sockets[i]);
    if (reader->pidfd >= 0)
        close(reader->pidfd);
    waitpid(reader->pid, NULL, WNOHANG);
    munmap(reader->buffer, NETLINK_BUFFER_SIZE);
    free(reader);
}

const char *namespace_reader_error(int error)
{
    switch (error) {
    case -EPIPE:
        return "the process phonebookd-net has ended: restart phonebookd";
    case -ETIMEDOUT:
        return "the process phonebookd-net does not answer";
    }
    return strerror(-error);
}
