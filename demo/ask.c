/* Asks a DNS server for the addresses of one name, over and over, for the demonstration.
 *
 *     ask until SERVER NAME [ADDRESS...]     until exactly these are the answer (none: the name is
 *                                            gone); prints the time at which that was, as seconds
 *                                            since 1970; 1 after LIMIT_S without it
 *     ask watch SERVER NAME [ADDRESS...]     until standard input ends; prints how many answers it
 *                                            had, and how many were not exactly these; 1 if any
 *
 * An answer is that to a question for A and one for AAAA together, a new one each PERIOD_US. dig(1)
 * takes longer to start than phonebookd to publish. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    LIMIT_S = 10,
    PERIOD_US = 500,
    REPLY_LIMIT_MS = 100,
    ADDRESSES_MAX = 32,
    MESSAGE_MAX = 512, /* RFC 1035, 4.2.1 */
    HEADER = 12,       /* 4.1.1 */
    RECORD_HEAD = 10,  /* 4.1.3, after the name */
    TYPE_A = 1,
    TYPE_AAAA = 28,
};

struct set {
    char texts[ADDRESSES_MAX][INET6_ADDRSTRLEN];
    size_t n;
    bool failed; /* no answer, or one that cannot be read */
};

static void set_add(struct set *set, int family, const void *octets)
{
    if (set->n == ADDRESSES_MAX)
        set->failed = true;
    else
        inet_ntop(family, octets, set->texts[set->n++], INET6_ADDRSTRLEN);
}

static bool set_has(const struct set *set, const char *text)
{
    for (size_t i = 0; i < set->n; i++)
        if (!strcmp(set->texts[i], text))
            return true;
    return false;
}

static bool set_equal(const struct set *got, const struct set *wanted)
{
    if (got->failed || got->n != wanted->n)
        return false;
    for (size_t i = 0; i < wanted->n; i++)
        if (!set_has(got, wanted->texts[i]))
            return false;
    return true;
}

static size_t make_question(unsigned char *message, const char *name, int type)
{
    memset(message, 0, HEADER);
    message[1] = (unsigned char)type; /* the id: tells the reply to A from that to AAAA */
    message[5] = 1;                   /* one question */
    size_t at = HEADER;
    while (*name && at + strlen(name) + 6 < MESSAGE_MAX) {
        size_t label = strcspn(name, ".");
        message[at++] = (unsigned char)label;
        memcpy(message + at, name, label);
        at += label;
        name += label + (name[label] == '.');
    }
    memcpy(message + at, (unsigned char[]){0, 0, (unsigned char)type, 0, 1}, 5);
    return at + 5;
}

/* The position after the name at `at`; past `length` if the name is broken. */
static size_t skip_name(const unsigned char *message, size_t length, size_t at)
{
    while (at < length && message[at] != 0) {
        if (message[at] >= 0xc0) /* a pointer ends a name; 4.1.4 */
            return at + 2;
        at += message[at] + 1U;
    }
    return at + 1;
}

static void read_answers(struct set *set, const unsigned char *message, size_t length, int type)
{
    unsigned n_answers = message[6] << 8 | message[7];
    size_t at = skip_name(message, length, HEADER) + 4;
    for (; n_answers > 0; n_answers--) {
        at = skip_name(message, length, at);
        if (at + RECORD_HEAD > length)
            break;
        size_t n_octets = (size_t)message[at + 8] << 8 | message[at + 9];
        bool ours = message[at] == 0 && message[at + 1] == type;

        at += RECORD_HEAD;
        if (at + n_octets > length)
            break;
        if (ours && n_octets == (type == TYPE_A ? 4 : 16))
            set_add(set, type == TYPE_A ? AF_INET : AF_INET6, message + at);
        at += n_octets;
    }
    if (n_answers > 0)
        set->failed = true;
}

static void ask(struct set *set, int socket, const char *name, int type)
{
    struct pollfd readable = {.fd = socket, .events = POLLIN};
    unsigned char message[MESSAGE_MAX];
    ssize_t length = (ssize_t)make_question(message, name, type);
    if (send(socket, message, (size_t)length, 0) < 0) {
        set->failed = true;
        return;
    }
    do {
        if (poll(&readable, 1, REPLY_LIMIT_MS) <= 0) {
            set->failed = true;
            return;
        }
        length = recv(socket, message, sizeof message, 0);
    } while (length >= HEADER && message[1] != type); /* a late reply to the question before */
    if (length < HEADER)
        set->failed = true;
    else
        read_answers(set, message, (size_t)length, type);
}

static struct set ask_both(int socket, const char *name)
{
    struct set set = {.n = 0};
    ask(&set, socket, name, TYPE_A);
    ask(&set, socket, name, TYPE_AAAA);
    return set;
}

static int open_server(const char *text)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || inet_pton(AF_INET, text, &server.sin_addr) != 1 ||
        connect(fd, (struct sockaddr *)&server, sizeof server) < 0) {
        perror(text);
        exit(111);
    }
    return fd;
}

static void read_wanted(struct set *wanted, char **texts)
{
    for (; *texts; texts++) {
        int family = strchr(*texts, ':') ? AF_INET6 : AF_INET;
        unsigned char octets[16];
        if (inet_pton(family, *texts, octets) != 1) {
            fprintf(stderr, "ask: no address: %s\n", *texts);
            exit(100);
        }
        set_add(wanted, family, octets);
    }
}

static int until(int server, const char *name, const struct set *wanted)
{
    time_t start = time(NULL);
    for (;;) {
        struct set got = ask_both(server, name);
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (set_equal(&got, wanted)) {
            printf("%lld.%06ld\n", (long long)now.tv_sec, now.tv_nsec / 1000);
            return 0;
        }
        if (now.tv_sec - start > LIMIT_S)
            return 1;
        usleep(PERIOD_US);
    }
}

static int watch(int server, const char *name, const struct set *wanted)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    unsigned answers = 0, wrong = 0;
    while (poll(&input, 1, 0) == 0) {
        struct set got = ask_both(server, name);
        answers++;
        wrong += !set_equal(&got, wanted);
        usleep(PERIOD_US);
    }
    printf("%u %u\n", answers, wrong);
    return wrong > 0;
}

int main(int argc, char **argv)
{
    bool watching = argc > 1 && !strcmp(argv[1], "watch");
    if (argc < 4 || (!watching && strcmp(argv[1], "until") != 0)) {
        fprintf(stderr, "usage: ask until|watch SERVER NAME [ADDRESS...]\n");
        return 100;
    }
    struct set wanted = {.n = 0};
    read_wanted(&wanted, argv + 4);
    return (watching ? watch : until)(open_server(argv[2]), argv[3], &wanted);
}
