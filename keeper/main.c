/* phonebook-keeper: holds copies of phonebookd's client sockets, so that names outlive it.
 *
 *     phonebook-keeper [-V] [-d FD] [SOCKET]
 *
 * One loop, no state but what is held, no memory asked for after start (table.h). What it holds is
 * lost when it ends; so it does next to nothing. */
#include "../common/listen-fds.h"
#include "../common/notify.h"
#include "../common/number.h"
#include "../common/standard-fds.h"
#include "../common/unix-socket.h"
#include "control.h"
#include "notes.h"
#include "protocol.h"
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DESCRIPTORS_MAX = 1 << 18,
    DESCRIPTORS_SPARE = 8, /* for what comes and goes: a second phonebookd, a socket too many */
    DESCRIPTORS_LOOK_AT = 1024, /* where descriptors that we inherited would be */
    BACKLOG = 8,
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

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: phonebook-keeper [-V] [-d FD] [SOCKET]\n");
    exit(EXIT_USAGE);
}

/* The socket that the supervisor hands us, or -1. */
static int given_listener(void)
{
    char why[LISTEN_FDS_TEXT_MAX];
    int count = listen_fds_count();

    if (count == 0)
        return -1;
    if (count != 1)
        die("LISTEN_FDS", "more than one descriptor is handed over");
    if (!listen_fds_take(LISTEN_FDS_FIRST, SOCK_SEQPACKET, why))
        die("LISTEN_FDS", why);
    return LISTEN_FDS_FIRST;
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

/* The table is as large as RLIMIT_NOFILE may be raised, and as there is address space for. */
static void make_table(struct table *table)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    while (limit.rlim_cur > 0 && table_init(table, (int)limit.rlim_cur) != 0)
        limit.rlim_cur /= 2;
    setrlimit(RLIMIT_NOFILE, &limit);
    table->limit = (int)limit.rlim_cur - DESCRIPTORS_SPARE;
    for (int fd = 0; fd < DESCRIPTORS_LOOK_AT; fd++)
        table->limit -= fcntl(fd, F_GETFD) >= 0;
    if (table->limit <= 0)
        die("RLIMIT_NOFILE or memory", "too little to keep anything");
}

static void tell_ready(int fd)
{
    int error = notify_newline(fd);

    if (error)
        say("cannot tell descriptor %d that we are ready: %s", fd, strerror(-error));
    error = notify("READY=1");
    if (error < 0)
        say("cannot tell the supervisor that we are ready: %s", strerror(-error));
}

/* As many as there is address space for. */
static void make_notes(struct notes *notes)
{
    for (uint32_t limit = NOTES_MAX; notes_init(notes, limit) != 0; limit /= 2)
        if (limit == 0)
            die("memory", "too little to keep anything");
}

static void end(int signal_number)
{
    (void)signal_number;
    _exit(0);
}

/* What it holds must not go with whoever reads its log, or with a terminal. */
static void arrange_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, end);
}

/* A supervisor that has our listening socket too has shut it down: it would be readable for ever.
 * What is held stays so, and whoever is connected is served. */
static void leave_listener(struct control *control)
{
    say("the socket was shut down: no other phonebookd can connect");
    epoll_ctl(control->epoll, EPOLL_CTL_DEL, control->listener, NULL);
}

static _Noreturn void run(struct control *control)
{
    struct epoll_event events[EVENTS_PER_TURN];

    for (;;) {
        int count = epoll_wait(control->epoll, events, EVENTS_PER_TURN, -1);

        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;

            if (fd == control->peer) {
                control_serve(control);
            } else if (fd != control->listener) {
                control_hung_up(control, fd);
            } else if (events[i].events & EPOLLHUP) {
                leave_listener(control);
            } else {
                control_accept(control);
                break; /* the former peer may be closed: what epoll said about it is void */
            }
        }
    }
}

int main(int argc, char **argv)
{
    struct control control = {.peer = -1};
    struct epoll_event event = {.events = EPOLLIN};
    int option, ready_fd = -1;
    const char *path = default_path;

    standard_fds_open();
    say_open();
    arrange_signals();
    while ((option = getopt(argc, argv, "Vd:")) != -1) {
        if (option == 'V')
            return puts("phonebook-keeper " PHONEBOOK_VERSION) < 0;
        if (option == 'd')
            ready_fd = (int)number_of(optarg, strlen(optarg), INT_MAX);
        if (option != 'd' || ready_fd < 0)
            usage();
    }
    if (argc - optind > 1)
        usage();
    if (optind < argc)
        path = argv[optind];

    control.listener = given_listener();
    if (control.listener < 0)
        control.listener = own_listener(path);
    control.epoll = epoll_create1(EPOLL_CLOEXEC);
    event.data.fd = control.listener;
    if (epoll_ctl(control.epoll, EPOLL_CTL_ADD, control.listener, &event) != 0)
        die("epoll", strerror(errno));
    make_table(&control.table);
    make_notes(&control.notes);
    say("listening on %s; room for %d sockets, %d texts of %d octets each, and %u notes", path,
        control.table.limit, KEEP_TEXTS_PER_SOCKET, KEEP_TEXT_MAX, control.notes.limit);
    tell_ready(ready_fd);
    run(&control);
}
