/* Opens connections to `publish`, registers a name on each, and holds them, as so many programs
 * would.
 *
 *     hold [-a] [-c NAMES] [-n NAMESPACES] SOCKET PREFIX COUNT
 *
 * The names are PREFIX000000 and so on, on the interface lo. -a sends all requests before it reads
 * a reply; without it each waits for the reply to the one before. -c registers so many names on
 * each connection, where it is one otherwise. -n spreads them evenly over so many new network
 * namespaces, the lo of the k-th having the address 10.65.0.0 + k.
 *
 * When all are registered it prints "SECONDS P50 P99": how long that took in all, and the median
 * and the 99th percentile of connect, request and reply, in microseconds. Then it answers each line
 * on standard input with the number of connections that were ended from the other side, and closes
 * everything at the end of its input. It exits 1 where a request is refused. */
#include "parts/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_ROOM = 1024, FIRST_ADDRESS = 10 << 24 | 65 << 16 };

struct holder {
    struct sockaddr_un address;
    const char *prefix;
    unsigned count, n_namespaces;
    unsigned each, n_connections; /* names on one; connections for all of them */
    bool at_once;
    struct pollfd *connections; /* `n_connections` */
    int64_t *took;              /* `count`, each from connect to reply */
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "hold: %s: %s\n", what, strerror(errno));
    exit(111);
}

/* A new network namespace, with its lo up. */
static void enter_namespace(unsigned number)
{
    struct ifreq request = {.ifr_name = "lo"};
    struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
    if (unshare(CLONE_NEWNET) < 0)
        die("unshare");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(FIRST_ADDRESS + number);
    if (fd < 0 || ioctl(fd, SIOCSIFADDR, &request) < 0)
        die("address of lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        die("lo up");
    close(fd);
}

static int dial(const struct holder *holder)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)&holder->address, sizeof holder->address) < 0)
        die("connect");
    return fd;
}

static int connection_of(const struct holder *holder, unsigned number)
{
    return holder->connections[number / holder->each].fd;
}

static void request(const struct holder *holder, unsigned number)
{
    char line[LINE_ROOM];
    int length = snprintf(line, sizeof line, "%s%06u lo\n", holder->prefix, number);
    if (write(connection_of(holder, number), line, (size_t)length) != length)
        die("write");
}

/* A part of a line, and nothing of what is behind its end. Where it has none, the rest is to
 * come. */
static size_t read_part(int fd, char part[static LINE_ROOM], const char **end)
{
    ssize_t length = recv(fd, part, LINE_ROOM, MSG_PEEK);
    if (length < 0)
        die("read");
    *end = memchr(part, '\n', (size_t)length);
    if (*end)
        length = *end - part + 1;
    return (size_t)recv(fd, part, (size_t)length, 0);
}

/* A reply can be long: a relative name becomes one in each zone. */
static void read_reply(const struct holder *holder, unsigned number)
{
    int fd = connection_of(holder, number);
    char part[LINE_ROOM];
    const char *end;
    size_t length = read_part(fd, part, &end);
    if (length < 3 || memcmp(part, "ok", 2) != 0) {
        fprintf(stderr, "hold: %s%06u: %.*s\n", holder->prefix, number, (int)length, part);
        exit(1);
    }
    while (length > 0 && !end)
        length = read_part(fd, part, &end);
}

static void register_all(struct holder *holder)
{
    for (unsigned i = 0, entered = 0; i < holder->count; i++) {
        if ((uint64_t)i * holder->n_namespaces >= (uint64_t)entered * holder->count &&
            entered < holder->n_namespaces)
            enter_namespace(entered++);
        holder->took[i] = clock_now();
        if (i % holder->each == 0)
            holder->connections[i / holder->each].fd = dial(holder);
        request(holder, i);
        if (holder->at_once)
            continue;
        read_reply(holder, i);
        holder->took[i] = clock_now() - holder->took[i];
    }
    for (unsigned i = 0; holder->at_once && i < holder->count; i++) {
        read_reply(holder, i);
        holder->took[i] = clock_now() - holder->took[i];
    }
}

/* A hang-up is reported without being asked for. */
static unsigned count_ended(struct holder *holder)
{
    int n = poll(holder->connections, holder->n_connections, 0);
    if (n < 0)
        die("poll");
    return (unsigned)n;
}

static int by_time(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Of the sorted times. */
static double quantile_us(const struct holder *holder, unsigned percent)
{
    size_t index = (size_t)holder->count * percent / 100;
    return (double)holder->took[index] / NS_PER_US;
}

static void prepare(struct holder *holder, const char *path)
{
    holder->address.sun_family = AF_UNIX;
    snprintf(holder->address.sun_path, sizeof holder->address.sun_path, "%s", path);
    holder->n_connections = (holder->count + holder->each - 1) / holder->each;
    holder->connections = calloc(holder->n_connections, sizeof *holder->connections);
    holder->took = calloc(holder->count, sizeof *holder->took);
    if (!holder->connections || !holder->took)
        die("memory");
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    struct holder holder = {.each = 1};
    int option;
    while ((option = getopt(argc, argv, "ac:n:")) != -1) {
        if (option == 'a')
            holder.at_once = true;
        else if (option == 'c')
            holder.each = (unsigned)atoi(optarg);
        else if (option == 'n')
            holder.n_namespaces = (unsigned)atoi(optarg);
        else
            return 100;
    }
    if (argc - optind != 3 || atoi(argv[optind + 2]) <= 0 || holder.each == 0)
        return 100;
    holder.prefix = argv[optind + 1];
    holder.count = (unsigned)atoi(argv[optind + 2]);
    prepare(&holder, argv[optind]);

    int64_t start = clock_now();
    register_all(&holder);
    printf("%.6f ", (double)(clock_now() - start) / 1e9);
    qsort(holder.took, holder.count, sizeof *holder.took, by_time);
    printf("%.1f %.1f\n", quantile_us(&holder, 50), quantile_us(&holder, 99));
    fflush(stdout);
    int octet;
    while ((octet = getchar()) != EOF)
        if (octet == '\n') {
            printf("%u\n", count_ended(&holder));
            fflush(stdout);
        }
    free(holder.connections);
    free(holder.took);
    return 0;
}
