/* usage: libuv NAME INTERFACE
 *
 * Holds the name, and registers it again after phonebookd was away.
 *
 *     cc libuv.c $(pkg-config --cflags --libs libuv libphonebook) */
#include "../../include/phonebook.h" /* <phonebook.h> once it is installed */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { RETRY_MS = 1000 };

struct program {
    struct phonebook *phonebook;
    uv_poll_t *poll; /* of the present connection */
    uv_timer_t retry;
};

static void interpret(struct program *program);
static void on_retry(uv_timer_t *retry);

static void on_ready(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    interpret(poll->data);
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

/* The numbers of poll(2) are not those of libuv. */
static int events_of(const struct phonebook *phonebook)
{
    return UV_READABLE | (phonebook_events(phonebook) & POLLOUT ? UV_WRITABLE : 0);
}

/* Each connection has its own descriptor, and so its own handle. */
static void watch(struct program *program)
{
    program->poll = malloc(sizeof *program->poll);
    if (!program->poll)
        abort();
    uv_poll_init(program->retry.loop, program->poll, phonebook_fd(program->phonebook));
    program->poll->data = program;
    interpret(program);
}

/* Gives all answers that are there. */
static void interpret(struct program *program)
{
    int result;
    while ((result = phonebook_interpret(program->phonebook)) >= 0)
        printf("%s %s\n", phonebook_outcome_word(result), phonebook_text(program->phonebook));
    fflush(stdout);
    if (result == -EAGAIN) {
        uv_poll_start(program->poll, events_of(program->phonebook), on_ready);
        return;
    }
    fprintf(stderr, "phonebookd: %s\n", strerror(-result));
    uv_close((uv_handle_t *)program->poll, free_handle); /* before its descriptor is closed */
    uv_timer_start(&program->retry, on_retry, RETRY_MS, 0);
}

static void on_retry(uv_timer_t *retry)
{
    struct program *program = retry->data;
    int result = phonebook_reconnect(program->phonebook, 0);
    if (result == 0 || result == -ETIMEDOUT) /* connected; the answers are still to come */
        watch(program);
    else
        uv_timer_start(retry, on_retry, RETRY_MS, 0);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 100;

    struct phonebook_request request = {.name = argv[1], .interface = argv[2]};
    struct program program;
    int result = phonebook_connect(&program.phonebook, NULL, 5000);
    if (result == 0)
        result = phonebook_queue(program.phonebook, &request);
    if (result) { /* negative, or a refusal of the request as it is written */
        fprintf(stderr, "%s: %s\n", argv[1],
                result < 0 ? strerror(-result) : phonebook_text(program.phonebook));
        return result < 0 ? 111 : 1;
    }
    uv_timer_init(uv_default_loop(), &program.retry);
    program.retry.data = &program;
    watch(&program);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
