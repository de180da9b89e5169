/* Ends a registration, by way of the daemon's `control` socket: one line each way, blocking. */
#include "../include/phonebook.h"

#include "eviction.h"
#include "libphonebook-connect.h"
#include "request.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct answer {
    size_t length;
    char line[REPLY_LINE_MAX];
};

/* Writes the line. Returns its length, or 0 if the eviction is invalid. */
static size_t to_wire(char line[static EVICTION_LINE_MAX],
                      const struct phonebook_eviction *eviction)
{
    struct eviction wire = {.name = ""};
    if (!eviction->name || strlen(eviction->name) >= sizeof wire.name || eviction->number < 0 ||
        eviction->number > UINT32_MAX || eviction->socket < 0)
        return 0;
    strcpy(wire.name, eviction->name);
    wire.number = (uint32_t)eviction->number;
    wire.socket = (uint64_t)eviction->socket;
    return eviction_format(line, &wire);
}

/* Receives one line, and drops its LF. 0 or -errno. */
static int receive(int fd, struct answer *answer, long long deadline)
{
    char *lf;
    while (!(lf = memchr(answer->line, '\n', answer->length))) {
        size_t room = sizeof answer->line - answer->length;
        int waited = wait_before(fd, POLLIN, deadline);
        ssize_t n =
            waited || !room ? 0 : recv(fd, answer->line + answer->length, room, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) /* a signal came */
            continue;
        if (waited || n <= 0)
            return waited ? waited : !room ? -EPROTO : n < 0 ? -errno : -ECONNRESET;
        answer->length += (size_t)n;
    }
    answer->length = (size_t)(lf - answer->line);
    return 0;
}

/* The daemon may answer and hang up before it reads, as when it refuses the client. */
static int converse(int fd, const char *line, size_t length, struct answer *answer,
                    long long deadline)
{
    if (send(fd, line, length, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
        return -errno;
    return receive(fd, answer, deadline);
}

static int outcome_of(const struct answer *answer, char *text, size_t size)
{
    struct reply reply;
    if (!reply_parse(&reply, answer->line, answer->length) || reply.kind == REPLY_LIVE)
        return -EPROTO;
    snprintf(text, size, "%.*s", (int)reply.rest_length, reply.rest);
    return reply.kind == REPLY_ERROR ? (int)reply.error : PHONEBOOK_OK;
}

int phonebook_evict(const char *runtime, const struct phonebook_eviction *eviction, int timeout_ms,
                    char *text, size_t size)
{
    long long deadline = deadline_of(timeout_ms);
    char line[EVICTION_LINE_MAX];
    size_t length = to_wire(line, eviction);
    snprintf(text, size, "%s", "");
    if (length == 0) {
        snprintf(text, size, "a name is one word, and a number is 1 or more");
        return PHONEBOOK_SYNTAX;
    }
    struct answer *answer = calloc(1, sizeof *answer);
    int fd = answer ? connect_daemon(runtime, "control", timeout_ms) : -ENOMEM;
    int result = fd < 0 ? fd : converse(fd, line, length, answer, deadline);
    if (result == 0)
        result = outcome_of(answer, text, size);
    if (fd >= 0)
        close(fd);
    free(answer);
    return result;
}
