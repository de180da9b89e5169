#include "name-service.h"

#include "../../common/capabilities.h"
#include "../../common/child.h"
#include "../../common/nss.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAME_ROOM = 1024 }; /* nobody has a longer name */

struct name_service {
    int socket;
    pid_t pid;
    pthread_mutex_t mutex; /* one question at a time */
};

struct question {
    enum nss_kind kind;
    char name[NAME_ROOM];
};

struct answer {
    int error; /* as of nss_find() */
    uint32_t id;
};

/* ---- the process ---- */

static void serve(const int sockets[], void *unused)
{
    (void)unused;
    capabilities_keep(0, 0);
    struct question question;
    while (recv(sockets[0], &question, sizeof question, 0) == sizeof question) {
        question.name[NAME_ROOM - 1] = '\0';
        struct answer answer = {0};
        answer.error = nss_find(question.kind, question.name, &answer.id);
        if (send(sockets[0], &answer, sizeof answer, MSG_NOSIGNAL) < 0)
            return;
    }
}

/* ---- our side ---- */

struct name_service *name_service_start(void)
{
    struct name_service *service = calloc(1, sizeof *service);
    int error = service
                    ? child_start(&service->pid, "phonebookd-nss", &service->socket, 1, serve, NULL)
                    : -ENOMEM;
    if (!error) {
        pthread_mutex_init(&service->mutex, NULL);
        return service;
    }
    free(service);
    errno = -error;
    return NULL;
}

static int ask(int socket, const struct question *question, struct answer *answer)
{
    ssize_t n = send(socket, question, sizeof *question, MSG_NOSIGNAL);
    while (n >= 0 && (n = recv(socket, answer, sizeof *answer, 0)) < 0 && errno == EINTR)
        ;
    return n == sizeof *answer ? answer->error : -EPIPE;
}

int name_service_find(struct name_service *service, enum nss_kind kind, const char *name,
                      uint32_t *id)
{
    struct question question = {.kind = kind};
    if (strlen(name) >= NAME_ROOM)
        return -ENOENT;
    strcpy(question.name, name);
    pthread_mutex_lock(&service->mutex);
    struct answer answer;
    int error = ask(service->socket, &question, &answer);
    pthread_mutex_unlock(&service->mutex);
    if (!error)
        *id = answer.id;
    return error;
}

void name_service_stop(struct name_service *service)
{
    shutdown(service->socket, SHUT_RDWR);
}

void name_service_free(struct name_service *service)
{
    close(service->socket);
    waitpid(service->pid, NULL, WNOHANG);
    pthread_mutex_destroy(&service->mutex);
    free(service);
}
