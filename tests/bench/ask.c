/* Asks a DNS server without pause, beside the bench: a process of its own, since the bench is busy
 * with what it measures. One command per line on standard input, one line of answer to each.
 *
 *     server ADDRESS REST_US     whom to ask, and how long to rest after an answer that was not it
 *     until NAME ADDRESS         until ADDRESS is among NAME's
 *     gone NAME                  until NAME has no address
 *     all FILE                   until each "NAME ADDRESS" in FILE has been seen once
 *     none FILE                  until each name in FILE has been seen without an address
 *     watch FILE                 asks for the names of FILE in turn, until the next line comes in
 *
 * `watch` answers "ASKED WRONG MISSING", where wrong is any answer but exactly the address, and
 * missing none within MISSING_MS. The others answer with the time of the last answer awaited, in
 * nanoseconds of CLOCK_MONOTONIC, or "late" after LIMIT_MS. */
#include "parts/clock.h"
#include "parts/question.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PORT = 53,
    LIMIT_MS = 60000,
    AGAIN_MS = 5, /* a datagram may be lost: ask again */
    MISSING_MS = 1000,
    WINDOW = 32, /* questions in flight */
    NAME_MAX_LENGTH = 255,
    LINE_LENGTH = 4096,
};

struct asker {
    int fd;
    uint16_t id; /* of the last question */
    int64_t rest;
};

struct wanted {
    char *name; /* owned */
    struct in_addr address;
    bool seen;
};

struct list {
    struct wanted *items; /* owned */
    size_t n;
};

/* ---- one question ---- */

/* False where nothing can be sent: the server's socket is not there. */
static bool ask(struct asker *asker, const char *name)
{
    uint8_t message[QUESTION_MAX];
    size_t length = question_make(message, ++asker->id, name);
    return send(asker->fd, message, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* The next datagram before `end`; its length, or -1. */
static ssize_t receive(const struct asker *asker, uint8_t message[static QUESTION_MAX], int64_t end)
{
    for (;;) {
        struct pollfd ready = {.fd = asker->fd, .events = POLLIN};
        int64_t left = end - clock_now();
        struct timespec limit = {.tv_sec = left / (1000LL * NS_PER_MS),
                                 .tv_nsec = left % (1000LL * NS_PER_MS)};
        if (left <= 0 || ppoll(&ready, 1, &limit, NULL) <= 0)
            return -1;
        ssize_t length = recv(asker->fd, message, QUESTION_MAX, MSG_DONTWAIT);
        if (length >= 0)
            return length;
        if (errno != EAGAIN) { /* ECONNREFUSED: an ICMP message about an earlier question */
            clock_rest(AGAIN_MS * NS_PER_MS / 10);
            return -1;
        }
    }
}

/* Asks once. False where no answer came in time. */
static bool exchange(struct asker *asker, const char *name, struct in_addr looked_for,
                     unsigned limit_ms, struct answer *answer)
{
    int64_t end = clock_now() + (int64_t)limit_ms * NS_PER_MS;
    if (!ask(asker, name))
        clock_rest(AGAIN_MS * NS_PER_MS / 10);
    uint8_t message[QUESTION_MAX];
    ssize_t length;
    while ((length = receive(asker, message, end)) >= 0)
        if (question_id(message, (size_t)length) == asker->id) {
            *answer = answer_read(message, (size_t)length, looked_for);
            return true;
        }
    return false;
}

static bool satisfies(const struct answer *answer, bool gone)
{
    return answer->readable && (gone ? answer->n == 0 : answer->has);
}

static void print_time(bool found)
{
    if (found)
        printf("%lld\n", (long long)clock_now());
    else
        puts("late");
}

static void one(struct asker *asker, const char *name, const char *address, bool gone)
{
    int64_t end = clock_now() + (int64_t)LIMIT_MS * NS_PER_MS;
    struct in_addr looked_for = {.s_addr = INADDR_ANY};
    inet_pton(AF_INET, address, &looked_for);
    bool found = false;
    while (!found && clock_now() < end) {
        struct answer answer;
        if (exchange(asker, name, looked_for, AGAIN_MS, &answer))
            found = satisfies(&answer, gone);
        if (!found)
            clock_rest(asker->rest);
    }
    print_time(found);
}

/* ---- many ---- */

static bool list_read(struct list *list, const char *path)
{
    FILE *file = fopen(path, "r");
    *list = (struct list){.n = 0};
    if (!file)
        return false;
    size_t room = 0;
    char line[LINE_LENGTH], name[NAME_MAX_LENGTH + 1];
    while (fgets(line, sizeof line, file)) {
        char address[INET_ADDRSTRLEN];
        if (sscanf(line, "%255s %15s", name, address) != 2)
            continue;
        if (list->n == room) {
            room = room ? 2 * room : WINDOW;
            list->items = realloc(list->items, room * sizeof *list->items);
            if (!list->items)
                abort();
        }
        struct wanted *wanted = &list->items[list->n++];

        *wanted = (struct wanted){.name = strdup(name)};
        inet_pton(AF_INET, address, &wanted->address);
    }
    fclose(file);
    return true;
}

static void list_free(struct list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i].name);
    free(list->items);
}

/* Asks for the last WINDOW names not seen yet, all at once, since the last to be published is as a
 * rule the last to appear. Returns how many were seen now. */
static size_t round_of(struct asker *asker, struct list *list, bool gone)
{
    uint16_t first = (uint16_t)(asker->id + 1);
    size_t n_asked = 0;
    struct wanted *asked[WINDOW];
    for (size_t i = list->n; i-- > 0 && n_asked < WINDOW;)
        if (!list->items[i].seen) {
            ask(asker, list->items[i].name);
            asked[n_asked++] = &list->items[i];
        }
    int64_t end = clock_now() + AGAIN_MS * NS_PER_MS;
    size_t n_answers = 0, n_seen = 0;
    uint8_t message[QUESTION_MAX];
    ssize_t length;
    /* Answers that come too late for their round are none of this one's, and not counted. */
    while (n_answers < n_asked && (length = receive(asker, message, end)) >= 0) {
        int id = question_id(message, (size_t)length);
        uint16_t index = (uint16_t)(id - first);
        if (id < 0 || index >= n_asked)
            continue;
        struct answer answer = answer_read(message, (size_t)length, asked[index]->address);
        asked[index]->seen = satisfies(&answer, gone);
        n_seen += asked[index]->seen;
        n_answers++;
    }
    while (list->n > 0 && list->items[list->n - 1].seen)
        free(list->items[--list->n].name);
    return n_seen;
}

static void many(struct asker *asker, struct list *list, bool gone)
{
    int64_t end = clock_now() + (int64_t)LIMIT_MS * NS_PER_MS;
    size_t left = list->n;
    while (left > 0 && clock_now() < end) {
        size_t n_seen = round_of(asker, list, gone);
        left -= n_seen;
        if (n_seen == 0)
            clock_rest(asker->rest);
    }
    print_time(left == 0);
}

static bool input_waits(void)
{
    struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&ready, 1, 0) > 0;
}

static void watch(struct asker *asker, const struct list *list)
{
    unsigned long asked = 0, wrong = 0, missing = 0;
    while (list->n > 0 && !input_waits()) {
        const struct wanted *wanted = &list->items[asked++ % list->n];
        struct answer answer;
        if (!exchange(asker, wanted->name, wanted->address, MISSING_MS, &answer))
            missing++;
        else if (!satisfies(&answer, false) || answer.n != 1)
            wrong++;
        clock_rest(asker->rest);
    }
    printf("%lu %lu %lu\n", asked, wrong, missing);
}

/* ---- commands ---- */

static void turn_to(struct asker *asker, const char *address, const char *rest_us)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    if (asker->fd >= 0)
        close(asker->fd);
    asker->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    asker->rest = atoll(rest_us) * NS_PER_US;
    if (inet_pton(AF_INET, address, &server.sin_addr) == 1 &&
        connect(asker->fd, (const struct sockaddr *)&server, sizeof server) == 0)
        puts("ok");
    else
        puts("error");
}

static void with_list(struct asker *asker, const char *word, const char *path)
{
    struct list list;
    if (!list_read(&list, path)) {
        puts("error");
        return;
    }
    if (!strcmp(word, "watch"))
        watch(asker, &list);
    else
        many(asker, &list, !strcmp(word, "none"));
    list_free(&list);
}

int main(void)
{
    prctl(PR_SET_TIMERSLACK, NS_PER_US); /* else each rest is 50 us longer */
    setvbuf(stdin, NULL, _IONBF, 0);     /* so that poll(2) knows as much as we do */
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct asker asker = {.fd = -1};
    char line[LINE_LENGTH];
    while (fgets(line, sizeof line, stdin)) {
        char word[16], first[NAME_MAX_LENGTH + 1], second[NAME_MAX_LENGTH + 1];
        int n = sscanf(line, "%15s %255s %255s", word, first, second);
        if (n == 3 && !strcmp(word, "server"))
            turn_to(&asker, first, second);
        else if (n == 3 && !strcmp(word, "until"))
            one(&asker, first, second, false);
        else if (n == 2 && !strcmp(word, "gone"))
            one(&asker, first, "0.0.0.0", true);
        else if (n == 2)
            with_list(&asker, word, first);
        else if (n > 0 && strcmp(word, "stop"))
            puts("error");
    }
    return 0;
}
