#include "crashes.h"

#include "limits.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { N_FATAL = sizeof fatal_signals / sizeof *fatal_signals };

/* A signal handler has no context but this: set once by crashes_begin(). */
static struct {
    int fd;
    struct sigaction before[N_FATAL];
} armed = {.fd = -1};

static long long seconds_since_boot(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

/* Notes the time, then lets the signal do what it would have done. Async-signal-safe throughout. */
static void on_fatal(int number)
{
    long long now = seconds_since_boot();
    int error = errno;

    (void)!write(armed.fd, &now, sizeof now);
    for (size_t i = 0; i < N_FATAL; i++)
        if (fatal_signals[i] == number)
            sigaction(number, &armed.before[i], NULL);
    errno = error;
    raise(number);
}

static void arm(void)
{
    struct sigaction action = {.sa_handler = on_fatal};

    for (size_t i = 0; i < N_FATAL; i++)
        sigaction(fatal_signals[i], &action, &armed.before[i]);
}

size_t crashes_judge(const long long *times, size_t n_times, long long now)
{
    size_t row = 0, aside = 1;
    long long next = now;

    /* Those in a row: each within the window before the next, or before now. */
    for (size_t i = n_times; i > 0 && next - times[i - 1] <= CRASHES_WINDOW_S; i--) {
        next = times[i - 1];
        row++;
    }
    if (row < CRASHES_TOLERATED ||
        times[n_times - 1] - times[n_times - CRASHES_TOLERATED] > CRASHES_WINDOW_S)
        return 0;
    for (; row > CRASHES_TOLERATED && aside < CRASHES_ASIDE_MAX; row--)
        aside *= 2;
    return aside;
}

size_t crashes_begin(const char *path)
{
    long long times[CRASHES_REMEMBERED], now = seconds_since_boot();
    off_t size, start;
    ssize_t n;

    armed.fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (armed.fd < 0) {
        log_warning("%s: %s: a crash will not be remembered", path, strerror(errno));
        return 0;
    }
    arm();
    size = lseek(armed.fd, 0, SEEK_END);
    start = size > (off_t)sizeof times ? size - (off_t)sizeof times : 0;
    n = pread(armed.fd, times, sizeof times, start) / (ssize_t)sizeof *times;
    if (n <= 0 || now - times[n - 1] > CRASHES_WINDOW_S) {
        (void)!ftruncate(armed.fd, 0); /* the last one is long ago: all is well again */
        return 0;
    }
    return crashes_judge(times, (size_t)n, now);
}

void crashes_end(const char *path)
{
    if (armed.fd < 0)
        return;
    for (size_t i = 0; i < N_FATAL; i++)
        sigaction(fatal_signals[i], &armed.before[i], NULL);
    close(armed.fd);
    armed.fd = -1;
    unlink(path);
}
