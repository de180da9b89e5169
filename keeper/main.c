/* phonebook-keeper: holds copies of phonebookd's client sockets, so that names outlive it.
 *
 * A killed keeper loses everything it holds, so it does as little as possible: one loop, no other
 * state, and no memory is allocated after the start (cells.h). At SIGTERM it parks everything for
 * the next keeper (park.h). If it cannot, it goes on until a phonebookd has everything, but at most
 * for END_LIMIT_MS. */
#include "../common/boot-clock.h"
#include "../common/listen-fds.h"
#include "../common/notify.h"
#include "../common/number.h"
#include "../common/option-table.h"
#include "../common/standard-fds.h"
#include "../common/unix-socket.h"
#include "control.h"
#include "notes.h"
#include "park.h"
#include "protocol.h"
#include "sandbox.h"
#include "say.h"
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DESCRIPTORS_MAX = 1 << 18,
    /* for short-lived descriptors: a second phonebookd, a refused socket, phonebookd's listening
     * sockets, a memfd, the ends to park with */
    DESCRIPTORS_SPARE = 12,
    DESCRIPTORS_LOOK_AT = 1024, /* inherited descriptors are below this number */
    BACKLOG = 8,
    END_LIMIT_MS = 5000,
    EVENTS_PER_TURN = 64,
    EXIT_USAGE = 100,
    EXIT_SYSTEM = 111,
};

static const char default_path[] = "/run/phonebook/keep";

static _Noreturn void die(const char *what, const char *why)
{
    say("fatal: %s: %s", what, why);
    exit(EXIT_SYSTEM);
}

static _Noreturn void misused(const char *what)
{
    say("fatal: %s (phonebook-keeper --help)", what);
    exit(EXIT_USAGE);
}

/* Descriptors from the supervisor, each -1 if there is none: the listening socket, and the two ends
 * of park.h. */
struct handed {
    int listener, in, out;
};

static struct handed take_handed(void)
{
    struct handed handed = {-1, -1, -1};
    char why[LISTEN_FDS_TEXT_MAX];
    for (int i = 0, fd = LISTEN_FDS_FIRST; i < listen_fds_count(); i++, fd++) {
        int *place = listen_fds_is_named(fd, PARK_IN)    ? &handed.in
                     : listen_fds_is_named(fd, PARK_OUT) ? &handed.out
                                                         : &handed.listener;
        if (*place >= 0)
            die("LISTEN_FDS", "more than one descriptor is handed over");
        if (place == &handed.listener && !listen_fds_take(fd, SOCK_SEQPACKET, why))
            die("LISTEN_FDS", why);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        *place = fd;
    }
    return handed;
}

static const char *bind_error(int error)
{
    switch (error) {
    case -EADDRINUSE:
        return "another keeper is listening there";
    case -EEXIST:
        return "something that is no socket is there";
    case -ENAMETOOLONG:
        return "longer than a socket's path can be";
    }
    return strerror(-error);
}

static int own_listener(const char *path)
{
    int fd = unix_socket_bind(path, SOCK_SEQPACKET);
    if (fd < 0)
        die(path, bind_error(fd));
    if (listen(fd, BACKLOG) != 0)
        die(path, strerror(errno));
    return fd;
}

/* The table is as large as RLIMIT_NOFILE can be raised to, and as the address space allows. The
 * next keeper's table has the same size, so that everything fits. */
static void make_table(struct table *table, const struct handed *handed)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    while (limit.rlim_cur > 0 && table_init(table, (int)limit.rlim_cur) != 0)
        limit.rlim_cur /= 2;
    setrlimit(RLIMIT_NOFILE, &limit);
    table->limit = (int)limit.rlim_cur - DESCRIPTORS_SPARE;
    for (int fd = 0; fd < DESCRIPTORS_LOOK_AT; fd++)
        table->limit -= fd != handed->in && fd != handed->out && fcntl(fd, F_GETFD) >= 0;
    if (table->limit <= 0)
        die("RLIMIT_NOFILE or memory", "too little to keep anything");
}

/* False if the supervisor's queue is full, so that it has to be told later. */
static bool tell_supervisor(void)
{
    int error = notify("READY=1");
    if (error && error != -EAGAIN)
        say("cannot tell the supervisor that we are ready: %s", strerror(-error));
    return error != -EAGAIN;
}

/* SIGTERM is blocked, and read from this descriptor once the loop runs. */
static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A supervisor that has the listening socket too has shut it down, so that it would stay readable
 * for ever. We stop accepting, keep what we hold, and serve the connected phonebookd. */
static void leave_listener(struct control *control)
{
    say("the socket was shut down: no other phonebookd can connect");
    epoll_ctl(control->holdings.epoll, EPOLL_CTL_DEL, control->listener, NULL);
}

struct keeper {
    struct control control;
    int signals;
    int park;         /* the end of park.h to park in, or -1 */
    const char *path; /* of the socket, if we made it; else NULL */
    bool told;        /* the supervisor knows that we are ready */
    /* ms of CLOCK_BOOTTIME: we were told to end, and go on until then; 0: not told */
    uint64_t deadline;
};

static _Noreturn void end(const char *why)
{
    say("%s", why);
    exit(0);
}

/* Ends the keeper if nothing is left to wait for. Everything that phonebookd has sent so far is
 * stored first. The socket is removed, so that a starting phonebookd does not wait for another
 * keeper, which would hold nothing. */
static void end_if_relieved(struct keeper *keeper)
{
    control_hear_out(&keeper->control);
    bool relieved = control_is_relieved(&keeper->control);
    if (!relieved && boot_ms() < keeper->deadline)
        return;
    if (keeper->path)
        unlink(keeper->path);
    end(relieved ? "ended"
                 : "ended, and all that was held is lost: no phonebookd came to take it over");
}

static void on_terminate(struct keeper *keeper)
{
    struct signalfd_siginfo signal_info;
    if (read(keeper->signals, &signal_info, sizeof signal_info) < 0 || keeper->deadline > 0)
        return;
    control_hear_out(&keeper->control);
    if (park_has_store(keeper->park) && park_all(keeper->park, &keeper->control.holdings))
        end("ended");
    keeper->deadline = boot_ms() + END_LIMIT_MS;
    if (!control_is_relieved(&keeper->control))
        say("told to end: it waits until phonebookd has taken over the %d sockets",
            keeper->control.holdings.table.count);
}

/* True if the other events of this round may be about a former peer that is closed now. */
static bool on_event(struct keeper *keeper, const struct epoll_event *event)
{
    struct control *control = &keeper->control;
    int fd = event->data.fd;
    if (fd == control->peer)
        control_serve(control);
    else if (fd == keeper->signals)
        on_terminate(keeper);
    else if (fd != control->listener)
        control_hung_up(control, fd);
    else if (event->events & EPOLLHUP)
        leave_listener(control);
    else
        control_accept(control);
    return fd == control->listener || fd == keeper->signals;
}

static int time_left(const struct keeper *keeper)
{
    uint64_t now = boot_ms();
    if (keeper->deadline == 0)
        return -1;
    return keeper->deadline > now ? (int)(keeper->deadline - now) : 0;
}

/* Writes log lines and messages to the supervisor that found no room before. Returns how long to
 * wait for the next event, in ms; -1: for ever. */
static int time_to_wait(struct keeper *keeper)
{
    int left = time_left(keeper);
    bool late = say_late();
    keeper->told = keeper->told || tell_supervisor();
    if (keeper->told && !late)
        return left;
    return left < 0 || left > NOTIFY_RETRY_MS ? NOTIFY_RETRY_MS : left;
}

static _Noreturn void run(struct keeper *keeper)
{
    for (;;) {
        int wait = time_to_wait(keeper);
        struct epoll_event events[EVENTS_PER_TURN];
        int count = epoll_wait(keeper->control.holdings.epoll, events, EVENTS_PER_TURN, wait);
        for (int i = 0; i < count; i++)
            if (on_event(keeper, &events[i]))
                break;
        if (keeper->deadline > 0)
            end_if_relieved(keeper);
    }
}

static void watch(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll", strerror(errno));
}

static void start(struct keeper *keeper, const char *path)
{
    struct holdings *holdings = &keeper->control.holdings;
    struct handed handed = take_handed();
    keeper->control.listener = handed.listener >= 0 ? handed.listener : own_listener(path);
    keeper->path = handed.listener >= 0 ? NULL : path;
    keeper->signals = open_signals();
    holdings->epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(holdings->epoll, keeper->control.listener);
    watch(holdings->epoll, keeper->signals);
    if (!sandbox_enter(keeper->path))
        die("privileges cannot be given up", strerror(errno));
    make_table(&holdings->table, &handed);
    for (uint32_t limit = NOTES_MAX; notes_init(&holdings->notes, limit) != 0; limit /= 2)
        if (limit == 0) /* not even without notes */
            die("memory", "too little to keep anything");
    say("listening on %s; room for %d sockets, %d texts of %d octets each, and %u notes", path,
        holdings->table.limit, KEEP_TEXTS_PER_SOCKET, KEEP_TEXT_MAX, holdings->notes.limit);
    keeper->park = park_open(holdings, handed.in, handed.out, (uint32_t)(boot_ms() / 1000));
}

static const struct option_row rows[] = {
    {'d', "ready-fd", "FD", "write a newline to this descriptor when ready"},
};

static const struct option_table options = {
    .program = "phonebook-keeper",
    .operands = "[SOCKET]",
    .description =
        "hold the names while phonebookd restarts; SOCKET is /run/phonebook/keep by default",
    .rows = rows,
    .n_rows = sizeof rows / sizeof *rows,
};

/* Returns the descriptor of -d, or -1. */
static int take_options(int argc, char **argv)
{
    int ready_fd = -1;
    struct option_found found;
    while (option_table_next(&options, argc, argv, &found)) {
        if (!found.row)
            misused(found.text);
        if (found.row->key != 'd')
            exit(option_table_answer(&options, found.row) ? EXIT_SYSTEM : 0);
        ready_fd = (int)number_of(optarg, strlen(optarg), INT_MAX);
        if (ready_fd < 0)
            misused("-d takes the number of a descriptor");
    }
    return ready_fd;
}

int main(int argc, char **argv)
{
    standard_fds_open();
    say_open();
    signal(SIGPIPE, SIG_IGN); /* the keeper must survive the process that reads its log, */
    signal(SIGXFSZ, SIG_IGN); /* a log that is a file of RLIMIT_FSIZE octets, */
    signal(SIGHUP, SIG_IGN);  /* and its terminal */
    int ready_fd = take_options(argc, argv);
    if (argc - optind > 1)
        misused("more than one SOCKET is given");
    struct keeper keeper = {.control.peer = -1};
    start(&keeper, optind < argc ? argv[optind] : default_path);
    int error = notify_newline(ready_fd);
    if (error)
        say("cannot tell descriptor %d that we are ready: %s", ready_fd, strerror(-error));
    run(&keeper);
}
