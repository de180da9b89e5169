#include "crashes.h"

#include "../common/boot-clock.h"
#include "../common/own-file.h"
#include "limits.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { N_FATAL = sizeof fatal_signals / sizeof *fatal_signals };

static const char file_name[] = "crashes";

/* The signal handler's data, set once by crashes_begin(). */
static struct {
    int fd, directory;
    bool is_trial; /* connections were set aside for starts that died: being ready is not enough */
    struct sigaction before[N_FATAL];
} armed = {.fd = -1, .directory = -1};

/* Async-signal-safe. */
static void note(enum crash_kind kind)
{
    struct crash_note entry = {.time = (long long)(boot_ms() / 1000), .kind = kind};
    (void)!write(armed.fd, &entry, sizeof entry);
}

/* Notes the time, then lets the signal have its usual effect. Async-signal-safe. */
static void on_fatal(int number)
{
    int error = errno;
    note(CRASH_SIGNAL);
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

/* Reads the newest notes, and removes older ones from the file. */
static size_t read_notes(struct crash_note notes[static CRASHES_REMEMBERED])
{
    const size_t all = CRASHES_REMEMBERED * sizeof *notes;
    off_t size = lseek(armed.fd, 0, SEEK_END);
    ssize_t n = pread(armed.fd, notes, all, size > (off_t)all ? size - (off_t)all : 0);
    size_t n_notes = n > 0 ? (size_t)n / sizeof *notes : 0;
    (void)!ftruncate(armed.fd, 0);
    (void)!write(armed.fd, notes, n_notes * sizeof *notes);
    return n_notes;
}

struct crash_verdict crashes_begin(const char *directory)
{
    armed.directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    armed.fd = armed.directory < 0 ? -errno : own_file_open(armed.directory, file_name, O_APPEND);
    struct crash_verdict verdict = {0};
    if (armed.fd < 0) {
        log_warning("%s/%s: %s: a crash will not be remembered", directory, file_name,
                    armed.fd == -EEXIST ? "no regular file of ours" : strerror(-armed.fd));
        return verdict;
    }
    struct crash_note notes[CRASHES_REMEMBERED];
    verdict = crashes_judge(notes, read_notes(notes), (long long)(boot_ms() / 1000));
    armed.is_trial = verdict.starts > 0;
    note(CRASH_START);
    arm();
    return verdict;
}

void crashes_ready(void)
{
    if (armed.fd >= 0 && !armed.is_trial)
        note(CRASH_READY);
}

void crashes_leave(void)
{
    if (armed.fd >= 0)
        note(CRASH_LEFT);
}

void crashes_end(void)
{
    if (armed.fd < 0)
        return;
    for (size_t i = 0; i < N_FATAL; i++)
        sigaction(fatal_signals[i], &armed.before[i], NULL);
    unlinkat(armed.directory, file_name, 0);
    close(armed.directory);
    close(armed.fd);
    armed.fd = -1;
}
