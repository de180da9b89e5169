#include "server-signal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_MAX = 8192 }; /* of /proc/PID/status */

static ssize_t read_file(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n;

    if (fd < 0)
        return -1;
    n = read(fd, text, room - 1);
    close(fd);
    if (n >= 0)
        text[n] = '\0';
    return n;
}

/* NULL, or why there is none. */
static const char *read_pid(const char *pidfile, pid_t *pid)
{
    char text[32], *end;
    long number;

    if (read_file(pidfile, text, sizeof text) < 0)
        return errno == ENOENT ? "no pid file" : "its pid file cannot be read";
    number = strtol(text, &end, 10);
    if (end == text || number <= 1 || number > INT_MAX)
        return "no process number in its pid file";
    *pid = (pid_t)number;
    return NULL;
}

/* Is the signal in the set that this line of /proc/PID/status shows (proc(5): a hexadecimal mask)?
 */
static bool in_set(const char *status, const char *key, int signal)
{
    const char *line = strstr(status, key);

    return line && strtoull(line + strlen(key), NULL, 16) >> (signal - 1) & 1;
}

/* Would the process outlive the signal? A server that installs its handler in main() dies of one
 * that comes before (shibari: 82 of 200 within 2 ms of its start). */
static bool survives(pid_t pid, int signal)
{
    char path[64], status[STATUS_MAX];

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    if (read_file(path, status, sizeof status) <= 0)
        return false;
    return in_set(status, "\nSigCgt:", signal) || in_set(status, "\nSigIgn:", signal) ||
           in_set(status, "\nSigBlk:", signal);
}

static const char *send_checked(int pidfd, pid_t pid, const char *pidfile, int signal)
{
    pid_t now;

    if (read_pid(pidfile, &now) || now != pid)
        return "its pid file changes just now";
    if (!survives(pid, signal))
        return "it is not ready: the signal would end it";
    if (pidfd_send_signal(pidfd, signal, NULL, 0) < 0)
        return errno == EPERM ? "phonebookd may not signal it (another user's process)"
                              : "no such process";
    return NULL;
}

const char *server_signal(const char *pidfile, int signal)
{
    pid_t pid;
    const char *why = read_pid(pidfile, &pid);
    int pidfd;

    if (why)
        return why;
    pidfd = pidfd_open(pid, 0);
    if (pidfd < 0)
        return "no such process";
    /* From here on the pid cannot be given to another process unnoticed: pidfd_send_signal(2) goes
     * to the one that was opened, or fails. */
    why = send_checked(pidfd, pid, pidfile, signal);
    close(pidfd);
    return why;
}

/* For writing, and without waiting. The FIFO is looked at before it is opened, and what is opened
 * is what was looked at (proc(5), /proc/PID/fd): nothing is written to a file, and no device finds
 * itself opened. The descriptor, or -1 and *why. */
static int open_fifo(const char *path, const char **why)
{
    int seen = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), fd = -1;
    struct stat status;
    char again[32];

    if (seen < 0 || fstat(seen, &status) < 0) {
        *why = errno == EACCES ? "phonebookd may not look into its supervise"
                               : "no supervise/control there";
    } else if (!S_ISFIFO(status.st_mode)) {
        *why = "its supervise/control is no FIFO";
    } else {
        snprintf(again, sizeof again, "/proc/self/fd/%d", seen);
        fd = open(again, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
            *why = errno == ENXIO    ? "no supervisor runs it"
                   : errno == EACCES ? "phonebookd may not write to its supervise/control"
                                     : "its supervise/control cannot be opened";
    }
    if (seen >= 0)
        close(seen);
    return fd;
}

const char *server_signal_s6(const char *servicedir)
{
    char path[PATH_MAX];
    const char *why = NULL;
    int fd;

    if (snprintf(path, sizeof path, "%s/supervise/control", servicedir) >= (int)sizeof path)
        return "its path is too long";
    fd = open_fifo(path, &why);
    if (fd < 0)
        return why;
    if (write(fd, "h", 1) != 1)
        why = "its supervisor does not listen";
    close(fd);
    return why;
}
