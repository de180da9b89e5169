#include "hang-ups.h"

#include "../../common/proc-text.h"
#include "../../common/short-file.h"
#include "../log.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

enum { STAT_MAX = 1024 }; /* octets of /proc/PID/stat */

/* ---- the process that connected ---- */

void hang_ups_program(char name[static HANG_UP_PROGRAM_MAX], int32_t pid)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    short_file_read(path, name, HANG_UP_PROGRAM_MAX);
    name[strcspn(name, "\n")] = '\0';
}

static bool runs_another(int32_t pid, const char *program)
{
    char now[HANG_UP_PROGRAM_MAX] = "";
    if (*program)
        hang_ups_program(now, pid);
    return *now && strcmp(now, program) != 0;
}

/* For kernels without SO_PEERPIDFD, where our system call filter refuses pidfd_open(2): does a
 * process with this number run that began before the end of this second of CLOCK_BOOTTIME? False if
 * /proc does not show it. */
static bool runs_since(int32_t pid, int64_t since)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    char text[STAT_MAX];
    short_file_read(path, text, sizeof text);
    int64_t ticks = proc_stat_began(text);
    return ticks >= 0 && ticks / sysconf(_SC_CLK_TCK) <= since;
}

static const struct registration *oldest_of(const struct holder *holder)
{
    const struct registration *oldest = holder->registrations;
    while (oldest->next)
        oldest = oldest->next;
    return oldest;
}

/* A pidfd. -1 if the kernel does not know this option, or, with *gone, if the process has ended. */
static int open_process(int fd, bool *gone)
{
    int pidfd = -1;
    socklen_t size = sizeof pidfd;
    *gone = getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) < 0 && errno != ENOPROTOOPT;
    return pidfd;
}

/* A pidfd is readable when the process has ended, even if it is still a zombie. */
static bool runs(const struct hang_up *hang_up)
{
    struct pollfd process = {.fd = hang_up->pidfd, .events = POLLIN};
    if (hang_up->pidfd < 0)
        return runs_since(hang_up->pid, hang_up->since);
    return poll(&process, 1, 0) == 0;
}

/* ---- the look ---- */

static void tell(const struct hang_up *hang_up)
{
    char others[48] = "";
    if (hang_up->n_others > 0)
        snprintf(others, sizeof others, " and %zu other name%s", hang_up->n_others,
                 hang_up->n_others == 1 ? "" : "s");
    log_caused(LOG_LOST, hang_up->uid,
               "%s%s: withdrawn: the connection is closed in all processes, but uid %u, pid %d, "
               "which made it, still runs; a program closing inherited descriptors needs "
               "phonebook publish -f",
               hang_up->name, others, hang_up->uid, hang_up->pid);
}

static void close_process(const struct hang_up *hang_up)
{
    if (hang_up->pidfd >= 0)
        close(hang_up->pidfd);
}

static void remove_first(struct hang_ups *hang_ups)
{
    close_process(&hang_ups->all[0]);
    free(hang_ups->all[0].name);
    hang_ups->n--;
    memmove(hang_ups->all, hang_ups->all + 1, hang_ups->n * sizeof *hang_ups->all);
}

static void on_timer(uv_timer_t *timer);

static void start_timer(struct hang_ups *hang_ups)
{
    uint64_t now = uv_now(hang_ups->timer.loop);
    if (hang_ups->n > 0)
        uv_timer_start(&hang_ups->timer, on_timer,
                       hang_ups->all[0].due > now ? hang_ups->all[0].due - now : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct hang_ups *hang_ups = timer->data;
    while (hang_ups->n > 0 && hang_ups->all[0].due <= uv_now(timer->loop)) {
        if (runs(&hang_ups->all[0]))
            tell(&hang_ups->all[0]);
        remove_first(hang_ups);
    }
    start_timer(hang_ups);
}

void hang_ups_note(struct hang_ups *hang_ups, int fd, const struct holder *holder,
                   const char *program)
{
    struct hang_up new = {.pid = holder->pid, .uid = holder->uid};
    if (!holder->registrations || hang_ups->n == HANG_UPS_WATCHED ||
        !runs_another(holder->pid, program))
        return;
    bool gone;
    new.pidfd = open_process(fd, &gone);
    new.since = oldest_of(holder)->since;
    new.name = !gone &&runs(&new) ? strdup(oldest_of(holder)->name) : NULL;
    if (!new.name) {
        close_process(&new);
        return;
    }
    new.n_others = holder->n_registrations - 1;
    new.due = uv_now(hang_ups->timer.loop) + HANG_UP_LOOK_MS;
    hang_ups->all[hang_ups->n++] = new;
    if (hang_ups->n == 1)
        start_timer(hang_ups);
}

void hang_ups_init(struct hang_ups *hang_ups, uv_loop_t *loop)
{
    hang_ups->n = 0;
    uv_timer_init(loop, &hang_ups->timer);
    hang_ups->timer.data = hang_ups;
}

void hang_ups_close(struct hang_ups *hang_ups)
{
    while (hang_ups->n > 0)
        remove_first(hang_ups);
    uv_close((uv_handle_t *)&hang_ups->timer, NULL);
}
