/* A wall clock that a test can set: preloaded (ld.so(8)) into a program, it is off by the seconds
 * in the file CLOCK_OFFSET, which is read each time that the program asks for the time. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { FD_LEAST = 512 }; /* beyond the numbers that a test looks at */

static int file = -1; /* opened before the program gives up its rights */

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("CLOCK_OFFSET");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    file = fcntl(fd, F_DUPFD_CLOEXEC, FD_LEAST);
    close(fd);
}

static time_t offset(void)
{
    char text[32] = "";
    int error = errno;
    ssize_t n = file < 0 ? -1 : pread(file, text, sizeof text - 1, 0);
    errno = error;
    return n > 0 ? (time_t)strtoll(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += offset();
    return result;
}

time_t time(time_t *also)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (also)
        *also = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec wall;
    int result = clock_gettime(CLOCK_REALTIME, &wall);
    (void)zone;
    *now = (struct timeval){.tv_sec = wall.tv_sec, .tv_usec = wall.tv_nsec / 1000};
    return result;
}
