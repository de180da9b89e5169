/* A client's input: one reply line, and a stream of them in pieces through a connection. */
#include "../../include/phonebook.h"
#include "../../publish-client/libphonebook-requests.h"
#include "../../publish-client/request.h"
#include "../unit/require.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { STREAM_MAX = 16384, REQUESTS = 4 };

/* A reply that was read can be written, and is read again as the same. */
static void check_head(const struct reply *reply)
{
    char line[REPLY_HEAD_MAX + 1];
    size_t length = reply_format_head(line, reply);
    line[length] = 'x';
    struct reply again;
    require(reply_parse(&again, line, length + 1));
    require(again.kind == reply->kind && again.error == reply->error && again.id == reply->id);
}

static void check_line(const char *line, size_t length)
{
    struct reply reply;
    if (!reply_parse(&reply, line, length))
        return;
    require(reply.rest >= line && reply.rest + reply.rest_length == line + length);
    require((reply.kind == REPLY_ERROR) == (reply.error != REQUEST_OK));
    require(reply.kind == REPLY_ERROR || reply.rest_length > 0);
    check_head(&reply);
}

/* Each call gives one answer, until the daemon has sent everything; then the connection ends. */
static void interpret_all(struct phonebook *phonebook)
{
    int result;
    do {
        result = phonebook_interpret(phonebook);
        require(strchr(phonebook_text(phonebook), '\n') == NULL);
        require(result <= PHONEBOOK_OTHER);
    } while (result >= 0);
    require(result == -EPROTO || result == -ECONNRESET);
    require(phonebook_interpret(phonebook) == result);
}

static void check_stream(const char *bytes, size_t length)
{
    static const struct phonebook_request request = {.name = "www", .interface = "eth0"};
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    struct phonebook *phonebook;
    require(phonebook_take_fd(&phonebook, ends[0]) == 0);
    for (int i = 0; i < REQUESTS; i++)
        require(phonebook_queue(phonebook, &request) == 0);
    require(send(ends[1], bytes, length, MSG_DONTWAIT) == (ssize_t)length);
    require(shutdown(ends[1], SHUT_WR) == 0);
    interpret_all(phonebook);
    phonebook_free(phonebook);
    close(ends[1]);
}

/* The lines, as answers to requests whose ids begin with 7: each answers one or none. */
static void check_answers(const char *bytes, size_t length)
{
    static const struct request request = {
        "www", "eth0", {.ttl = -1, .wait = -1, .linger = -1, .id = -1}};
    static struct requests requests;
    requests_init(&requests, 7);
    size_t n = REQUESTS;
    while (requests.n < n)
        require(requests_add(&requests, &request));
    for (const char *lf; (lf = memchr(bytes, '\n', length));
         length -= (size_t)(lf + 1 - bytes), bytes = lf + 1) {
        size_t unsent;
        requests_unsent(&requests, &unsent);
        requests_note_sent(&requests, unsent);
        struct reply reply;
        if (!reply_parse(&reply, bytes, (size_t)(lf - bytes)))
            return;
        n -= requests_answer(&requests, &reply);
        require(requests.n == n && requests.sent <= requests.length);
        require((n == 0) == (requests.length == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    check_line((const char *)bytes, length);
    check_answers((const char *)bytes, length);
    if (length <= STREAM_MAX)
        check_stream((const char *)bytes, length);
    return 0;
}
