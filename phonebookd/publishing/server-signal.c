#include "server-signal.h"

#include "../../common/proc-text.h"
#include "../../common/short-file.h"
#include "../launcher/fifo.h"
#include "../launcher/launcher.h"
#include "../limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

enum { STATUS_MAX = 8192 }; /* of /proc/PID/status */

static const struct server_answer told = {SERVER_TOLD, NULL};

static struct server_answer absent(const char *why)
{
    return (struct server_answer){SERVER_ABSENT, why};
}

static struct server_answer untold(const char *why)
{
    return (struct server_answer){SERVER_UNTOLD, why};
}

/* ---- by a pid file ---- */

/* SERVER_TOLD: *pid is set. The pid file is empty while the server writes it. */
static struct server_answer read_pid(const char *pidfile, pid_t *pid)
{
    char text[32];
    if (short_file_read(pidfile, text, sizeof text) < 0)
        return errno == ENOENT || errno == ENOTDIR ? absent("no pid file")
                                                   : untold("phonebookd cannot read its pid file");
    if (text[strspn(text, " \t\r\n")] == '\0')
        return absent("its pid file is empty");
    char *end;
    long number = strtol(text, &end, 10);
    if (end == text || number <= 1 || number > INT_MAX)
        return untold("no process number in its pid file");
    *pid = (pid_t)number;
    return told;
}

/* Would the process survive the signal? A server that installs its handler in main() is killed by
 * an earlier signal (shibari: 82 of 200 within 2 ms of its start). -errno if /proc does not show
 * it. */
static int survives(pid_t pid, int signal)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    char status[STATUS_MAX];
    if (short_file_read(path, status, sizeof status) < 0)
        return -errno;
    return proc_status_survives(status, signal);
}

/* Signal 0 asks whether a signal may be sent (kill(2)). */
static struct server_answer send_signal(int pidfd, int signal)
{
    if (pidfd_send_signal(pidfd, signal, NULL, 0) == 0)
        return told;
    if (errno == ESRCH)
        return absent("no such process");
    return untold(errno == EPERM ? "phonebookd may not signal it: it is another user's process, "
                                   "which takes CAP_KILL"
                                 : "it cannot be signalled");
}

void server_forget(struct server_sighting *sighting)
{
    if (sighting->pidfd >= 0)
        close(sighting->pidfd);
    sighting->pidfd = -1;
}

/* Have we seen the process for long enough? While we hold its pidfd, no other process gets its
 * number. */
static bool is_old(struct server_sighting *sighting, int pidfd, pid_t pid, uint64_t now)
{
    if (sighting->pidfd < 0 || sighting->pid != pid ||
        pidfd_send_signal(sighting->pidfd, 0, NULL, 0) < 0) {
        server_forget(sighting);
        *sighting = (struct server_sighting){fcntl(pidfd, F_DUPFD_CLOEXEC, 0), pid, now};
    }
    return sighting->pidfd >= 0 && now - sighting->since >= SERVER_HIDDEN_MS;
}

/* A /proc mounted with hidepid (proc(5)) hides the processes of other users, even from CAP_KILL. So
 * a process that it does not show may run, and the signal may kill it if it has just begun: then it
 * has to be old enough. */
static struct server_answer is_ready(int pidfd, pid_t pid, int signal,
                                     struct server_sighting *sighting, uint64_t now)
{
    int survived = survives(pid, signal);
    struct server_answer answer = told;
    if (survived == 0)
        return absent("it is not ready: the signal would end it");
    if (survived < 0)
        answer = send_signal(pidfd, 0);
    if (survived < 0 && answer.outcome == SERVER_TOLD &&
        !(sighting && is_old(sighting, pidfd, pid, now)))
        return untold("/proc hides it: phonebookd has to be in the group of the mount option gid, "
                      "beside hidepid");
    return answer;
}

static struct server_answer send_checked(int pidfd, pid_t pid, const char *pidfile, int signal,
                                         struct server_sighting *sighting, uint64_t now)
{
    pid_t again;
    if (read_pid(pidfile, &again).outcome != SERVER_TOLD || again != pid)
        return absent("its pid file changes just now");
    struct server_answer answer = send_signal(pidfd, 0);
    if (answer.outcome == SERVER_TOLD)
        answer = is_ready(pidfd, pid, signal, sighting, now);
    return answer.outcome == SERVER_TOLD && sighting ? send_signal(pidfd, signal) : answer;
}

/* For a thread's number the error is EINVAL, on later kernels ENOENT. */
static bool is_no_process(int error)
{
    return error == ESRCH || error == EINVAL || error == ENOENT;
}

struct server_answer server_signal(const char *pidfile, int signal,
                                   struct server_sighting *sighting, uint64_t now)
{
    pid_t pid;
    struct server_answer answer = read_pid(pidfile, &pid);
    if (answer.outcome != SERVER_TOLD)
        return answer;
    int pidfd = pidfd_open(pid, 0);
    if (pidfd < 0)
        return is_no_process(errno) ? absent("no such process")
                                    : untold("its process cannot be looked for");
    /* From here on another process that gets the pid is safe: pidfd_send_signal(2) goes to the
     * process that was opened, or fails. */
    answer = send_checked(pidfd, pid, pidfile, signal, sighting, now);
    close(pidfd);
    return answer;
}

/* ---- by a supervisor ---- */

static struct server_answer why_not_seen(int error)
{
    if (error == -ENOENT || error == -ENOTDIR)
        return absent("no supervise/control there");
    return untold(error == -EACCES ? "phonebookd may not look into its supervise: "
                                     "s6-svperms -G GROUP SERVICEDIR allows a group to"
                                   : "its supervise/control cannot be looked at");
}

static struct server_answer why_not_open(int error)
{
    switch (error) {
    case -ENXIO:
        return absent("no supervisor runs it");
    case -ENOTSUP:
        return untold("its supervise/control is not a FIFO");
    case -EACCES:
        return untold("phonebookd may not write to its supervise/control: "
                      "s6-svperms -G GROUP SERVICEDIR allows a group to");
    case -EPIPE:
        return untold(launcher_error(error));
    }
    return untold("its supervise/control cannot be opened");
}

static struct server_answer write_hangup(int fd)
{
    if (write(fd, "h", 1) == 1)
        return told;
    return errno == EPIPE ? absent("no supervisor runs it")
                          : untold("its supervisor does not listen");
}

struct server_answer server_signal_s6(const char *servicedir, struct launcher *launcher)
{
    struct server_answer answer = told;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, SERVER_CONTROL, servicedir) >= (int)sizeof path)
        return untold("its path is too long");
    bool seen;
    int fd = launcher ? launcher_open_fifo(launcher, path, &seen) : fifo_open(path, &seen);
    if (fd < 0)
        return seen ? why_not_open(fd) : why_not_seen(fd);
    if (launcher)
        answer = write_hangup(fd);
    close(fd);
    return answer;
}
