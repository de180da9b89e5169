/* A connection to the daemon: two buffers around a non-blocking socket.
 *
 * Happy path: phonebook_queue() adds a line to `requests`. phonebook_interpret() sends as much as
 * it can, receives into `in`, and takes one line from it. The blocking call uses these two and
 * poll(2) with one deadline.
 *
 * Failure modes: the daemon may answer and close before it has read our request (for example if it
 * has no room), so a broken pipe counts only when everything was read. A line without end, or an
 * invalid one, is -EPROTO. A reply that answers none of our requests is ignored, unless it says
 * that we were evicted. Answers that the blocking call no longer waited for are kept in `late`
 * until somebody asks. The error that ended the communication is kept in `failed` and returned
 * again; the socket stays open, because the names depend on it. */
#include "../include/phonebook.h"

#include "../common/clock.h"
#include "../common/request-options.h"
#include "libphonebook-connect.h"
#include "libphonebook-kept.h"
#include "libphonebook-requests.h"
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LATE_MAX = 64 }; /* later answers replace the oldest */

/* An answer that came after phonebook_publish() had given up waiting for it. */
struct late {
    STAILQ_ENTRY(late) next;
    int outcome;
    char text[];
};

struct phonebook {
    int fd;
    int failed;      /* 0, or the -errno that ended the communication */
    bool last;       /* phonebook_end_requests() was called */
    bool evicted;    /* somebody has ended the connection permanently */
    size_t given_up; /* phonebook_publish() no longer waits for so many of the oldest requests */
    struct requests requests;
    STAILQ_HEAD(, late) late;
    size_t n_late;
    char *runtime;             /* owned; from phonebook_connect() */
    struct kept_requests kept; /* its `asked` are the requests in `requests` */
    struct late *told;         /* the last answer, if it was a late one */
    size_t in_length;          /* octets received; the first `in_taken` are the last answer */
    size_t in_taken;
    const char *text; /* static, or into `in` or `told` */
    char in[REPLY_LINE_MAX];
};

_Static_assert((int)PHONEBOOK_SYNTAX == (int)REQUEST_SYNTAX &&
                   (int)PHONEBOOK_TIMEOUT == (int)REQUEST_TIMEOUT &&
                   (int)PHONEBOOK_OTHER == (int)REQUEST_OTHER,
               "outcomes are the codes of the wire");

const char *phonebook_outcome_word(int outcome)
{
    return request_error_word((enum request_error)outcome);
}

static int stop_blocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int phonebook_take_fd(struct phonebook **phonebook, int fd)
{
    *phonebook = calloc(1, sizeof **phonebook);
    int error = *phonebook ? stop_blocking(fd) : -ENOMEM;
    if (error) {
        free(*phonebook);
        *phonebook = NULL;
        if (fd >= 0)
            close(fd);
        return error;
    }
    (*phonebook)->fd = fd;
    (*phonebook)->text = "";
    STAILQ_INIT(&(*phonebook)->late);
    requests_init(&(*phonebook)->requests, (int64_t)clock_ns(CLOCK_MONOTONIC));
    kept_init(&(*phonebook)->kept);
    return 0;
}

int phonebook_connect(struct phonebook **phonebook, const char *runtime, int timeout_ms)
{
    *phonebook = NULL;
    int fd = connect_daemon(runtime, "publish", timeout_ms);
    int error = fd < 0 ? fd : phonebook_take_fd(phonebook, fd);
    if (error || !runtime)
        return error;
    (*phonebook)->runtime = strdup(runtime);
    if ((*phonebook)->runtime)
        return 0;
    phonebook_free(*phonebook);
    *phonebook = NULL;
    return -ENOMEM;
}

static struct late *take_late(struct phonebook *phonebook)
{
    struct late *late = STAILQ_FIRST(&phonebook->late);
    if (!late)
        return NULL;
    STAILQ_REMOVE_HEAD(&phonebook->late, next);
    phonebook->n_late--;
    return late;
}

static void free_answers(struct phonebook *phonebook)
{
    struct late *late;
    while ((late = take_late(phonebook)))
        free(late);
    free(phonebook->told);
    phonebook->told = NULL;
    phonebook->text = "";
}

static void free_object(struct phonebook *phonebook)
{
    free_answers(phonebook);
    kept_fini(&phonebook->kept);
    free(phonebook->runtime);
    free(phonebook);
}

void phonebook_free(struct phonebook *phonebook)
{
    if (!phonebook)
        return;
    close(phonebook->fd);
    free_object(phonebook);
}

int phonebook_fd(const struct phonebook *phonebook)
{
    return phonebook->fd;
}

int phonebook_release(struct phonebook *phonebook)
{
    int fd = phonebook->fd;
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0)
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    free_object(phonebook);
    return fd;
}

const char *phonebook_text(const struct phonebook *phonebook)
{
    return phonebook->text;
}

size_t phonebook_pending(const struct phonebook *phonebook)
{
    return phonebook->requests.n + phonebook->n_late;
}

short phonebook_events(const struct phonebook *phonebook)
{
    size_t unsent;
    requests_unsent(&phonebook->requests, &unsent);
    return (short)(unsent ? POLLIN | POLLOUT : POLLIN);
}

_Static_assert((int)PHONEBOOK_PTR_YES == (int)REQUEST_PTR_YES &&
                   (int)PHONEBOOK_PTR_NO == (int)REQUEST_PTR_NO,
               "the choices are the same numbers");

/* A text that does not fit is left empty, which request_check() refuses. */
static enum request_error to_wire(struct request *wire, const struct phonebook_request *request,
                                  const char **why)
{
    struct request_options *options = &wire->options;
    *wire = (struct request){.options = no_request_options};
    if (request->name && strlen(request->name) < sizeof wire->name)
        strcpy(wire->name, request->name);
    if (request->interface && strlen(request->interface) < sizeof wire->interface)
        strcpy(wire->interface, request->interface);
    if (request->ttl)
        options->ttl = request->ttl == PHONEBOOK_TTL_ZERO ? 0 : request->ttl;
    if (request->wait)
        options->wait = request->wait > 0 ? request->wait : 0; /* request_check() refuses 0 */
    if (request->linger)
        options->linger = request->linger > 0 ? request->linger : 0;
    if (request->family)
        options->family = request->family == 4   ? REQUEST_IPV4
                          : request->family == 6 ? REQUEST_IPV6
                                                 : -1; /* which is refused */
    options->ptr = request->ptr;
    if (request->wait_for)
        options->wait_for = (struct option_word){request->wait_for, strlen(request->wait_for)};
    *why = request_interface_fault(wire->interface);
    return *why ? REQUEST_INTERFACE : request_check(wire, why);
}

int phonebook_check(const struct phonebook_request *request, const char **why)
{
    struct request wire;
    return (int)to_wire(&wire, request, why);
}

static int queue(struct phonebook *phonebook, const struct request *wire)
{
    struct kept *kept = kept_new(wire);
    if (!kept)
        return -ENOMEM;
    if (!requests_add(&phonebook->requests, wire)) {
        free(kept);
        return -ENOBUFS;
    }
    kept_ask(&phonebook->kept, kept);
    return 0;
}

static int check_and_queue(struct phonebook *phonebook, const struct phonebook_request *request,
                           bool withdraw)
{
    phonebook->text = "";
    if (phonebook->failed || phonebook->last)
        return phonebook->failed ? phonebook->failed : -EPIPE;
    struct request wire;
    enum request_error refused = to_wire(&wire, request, &phonebook->text);
    if (refused != REQUEST_OK)
        return (int)refused;
    wire.options.withdraw = withdraw;
    return queue(phonebook, &wire);
}

int phonebook_queue(struct phonebook *phonebook, const struct phonebook_request *request)
{
    return check_and_queue(phonebook, request, false);
}

int phonebook_queue_withdrawal(struct phonebook *phonebook, const char *name, const char *interface)
{
    const struct phonebook_request request = {.name = name, .interface = interface};
    return check_and_queue(phonebook, &request, true);
}

static int send_queued(struct phonebook *phonebook)
{
    for (;;) {
        size_t unsent;
        const char *lines = requests_unsent(&phonebook->requests, &unsent);
        if (!unsent)
            return 0;
        ssize_t n = send(phonebook->fd, lines, unsent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        requests_note_sent(&phonebook->requests, (size_t)n);
    }
}

static int receive(struct phonebook *phonebook)
{
    size_t room = sizeof phonebook->in - phonebook->in_length;
    if (room == 0)
        return -EPROTO;
    for (;;) {
        ssize_t n = recv(phonebook->fd, phonebook->in + phonebook->in_length, room, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -ECONNRESET;
        phonebook->in_length += (size_t)n;
        return 0;
    }
}

static void drop_last_answer(struct phonebook *phonebook)
{
    phonebook->text = "";
    free(phonebook->told);
    phonebook->told = NULL;
    phonebook->in_length -= phonebook->in_taken;
    memmove(phonebook->in, phonebook->in + phonebook->in_taken, phonebook->in_length);
    phonebook->in_taken = 0;
}

static int fail(struct phonebook *phonebook, int error)
{
    phonebook->failed = error;
    phonebook->given_up = 0;
    kept_unanswered(&phonebook->kept);
    requests_remove_all(&phonebook->requests); /* none of them will be answered */
    return error;
}

/* An eviction comes without a request. */
static bool is_eviction(const struct reply *reply)
{
    return reply->kind == REPLY_ERROR && reply->error == REQUEST_EVICTED;
}

/* `lf` is the end of the first line of `in`, where the NUL of the text goes. Returns the outcome,
 * or -EAGAIN if the line answers none of our requests and is no eviction. */
static int take_answer(struct phonebook *phonebook, char *lf)
{
    size_t length = (size_t)(lf - phonebook->in);
    struct reply reply;
    if (!reply_parse(&reply, phonebook->in, length))
        return fail(phonebook, -EPROTO);
    *lf = '\0';
    phonebook->in_taken = length + 1;
    bool answers = requests_answer(&phonebook->requests, &reply);
    phonebook->evicted = phonebook->evicted || is_eviction(&reply);
    if (!answers && !is_eviction(&reply)) {
        drop_last_answer(phonebook);
        return -EAGAIN;
    }
    phonebook->text = reply.rest;
    if (!answers)
        return (int)reply.error;
    kept_answered(&phonebook->kept, reply.kind != REPLY_ERROR || reply.error == REQUEST_TIMEOUT);
    if (phonebook->given_up)
        phonebook->given_up--;
    return reply.kind == REPLY_ERROR ? (int)reply.error : PHONEBOOK_OK;
}

/* The answer to the oldest request, -EAGAIN, or the error that ended the communication. */
static int next_answer(struct phonebook *phonebook)
{
    drop_last_answer(phonebook);
    if (phonebook->failed)
        return phonebook->failed;
    for (;;) {
        int sent = send_queued(phonebook);
        char *lf = memchr(phonebook->in, '\n', phonebook->in_length);
        if (lf) {
            int answer = take_answer(phonebook, lf);
            if (answer != -EAGAIN)
                return answer;
            continue;
        }
        int received = receive(phonebook);
        if (received == -EAGAIN && sent != 0 && sent != -EAGAIN)
            return fail(phonebook, sent);
        if (received == -EAGAIN)
            return -EAGAIN;
        if (received)
            return fail(phonebook, received);
    }
}

int phonebook_interpret(struct phonebook *phonebook)
{
    if (phonebook->n_late == 0)
        return next_answer(phonebook);
    drop_last_answer(phonebook);
    phonebook->told = take_late(phonebook);
    phonebook->text = phonebook->told->text;
    return phonebook->told->outcome;
}

int phonebook_end_requests(struct phonebook *phonebook)
{
    size_t unsent;
    requests_unsent(&phonebook->requests, &unsent);
    if (unsent)
        return -EBUSY;
    phonebook->last = true;
    return shutdown(phonebook->fd, SHUT_WR) < 0 ? -errno : 0;
}

/* Keeps the last answer for phonebook_interpret(). */
static int keep_late(struct phonebook *phonebook, int outcome)
{
    size_t room = strlen(phonebook->text) + 1;
    struct late *late = malloc(sizeof *late + room);
    if (!late)
        return -ENOMEM;
    late->outcome = outcome;
    memcpy(late->text, phonebook->text, room);
    if (phonebook->n_late == LATE_MAX)
        free(take_late(phonebook));
    STAILQ_INSERT_TAIL(&phonebook->late, late, next);
    phonebook->n_late++;
    return 0;
}

/* As next_answer(), for the one request that is not given up. */
static int own_answer(struct phonebook *phonebook)
{
    for (;;) {
        bool late = phonebook->given_up > 0;
        int result = next_answer(phonebook);
        if (result < 0 || !late)
            return result;
        result = keep_late(phonebook, result);
        if (result)
            return fail(phonebook, result);
    }
}

static int ask(struct phonebook *phonebook, const struct phonebook_request *request, bool withdraw,
               int timeout_ms)
{
    long long deadline = deadline_of(timeout_ms);
    if (phonebook->requests.n > phonebook->given_up)
        return -EBUSY;
    int result = check_and_queue(phonebook, request, withdraw);
    if (result)
        return result;
    while ((result = own_answer(phonebook)) == -EAGAIN) {
        int waited = wait_before(phonebook->fd, phonebook_events(phonebook), deadline);
        if (waited == -ETIMEDOUT)
            phonebook->given_up = phonebook->requests.n;
        if (waited)
            return waited == -ETIMEDOUT ? waited : fail(phonebook, waited);
    }
    return result;
}

int phonebook_publish(struct phonebook *phonebook, const struct phonebook_request *request,
                      int timeout_ms)
{
    return ask(phonebook, request, false, timeout_ms);
}

int phonebook_withdraw(struct phonebook *phonebook, const char *name, const char *interface,
                       int timeout_ms)
{
    const struct phonebook_request request = {.name = name, .interface = interface};
    return ask(phonebook, &request, true, timeout_ms);
}

/* ---- coming back ---- */

static void begin_anew(struct phonebook *phonebook, int fd)
{
    close(phonebook->fd);
    free_answers(phonebook);
    kept_unanswered(&phonebook->kept);
    requests_init(&phonebook->requests, (int64_t)clock_ns(CLOCK_MONOTONIC));
    phonebook->fd = fd;
    phonebook->failed = 0;
    phonebook->last = false;
    phonebook->given_up = phonebook->in_length = phonebook->in_taken = 0;
}

/* Answers change `wanted`, but none is read before all requests are queued. */
static int queue_again(struct phonebook *phonebook)
{
    const struct kept *kept;
    STAILQ_FOREACH (kept, &phonebook->kept.wanted, next) {
        int error = queue(phonebook, &kept->request);
        if (error)
            return error;
    }
    return 0;
}

/* Waits for all answers, and keeps the refusals for phonebook_interpret(). */
static int hear_again(struct phonebook *phonebook, long long deadline)
{
    while (phonebook->requests.n > 0) {
        int result = next_answer(phonebook);
        if (result > 0)
            result = keep_late(phonebook, result);
        if (result == -EAGAIN)
            result = wait_before(phonebook->fd, phonebook_events(phonebook), deadline);
        if (result == -ETIMEDOUT)
            phonebook->given_up = phonebook->requests.n;
        if (result)
            return result == -ETIMEDOUT ? result : fail(phonebook, result);
    }
    return 0;
}

int phonebook_reconnect(struct phonebook *phonebook, int timeout_ms)
{
    long long deadline = deadline_of(timeout_ms);
    if (phonebook->evicted)
        return PHONEBOOK_EVICTED;
    int fd = connect_daemon(phonebook->runtime, "publish", timeout_ms);
    int result = fd < 0 ? fd : stop_blocking(fd);
    if (result < 0) {
        if (fd >= 0)
            close(fd);
        return result;
    }
    begin_anew(phonebook, fd);
    result = queue_again(phonebook);
    return result ? result : hear_again(phonebook, deadline);
}
