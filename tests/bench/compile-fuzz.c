/* compile-fuzz DIRECTORY LINES [SEED]: lines of tinydns-data, made up and mutated, through
 * phonebook's compiler and through Debian's, in files of some hundred lines.
 *
 * What one refuses the other must refuse, at the same line; else the two data.cdb are equal, octet
 * for octet. A line that ours refuses goes into a file of its own, so that it hides no other.
 * Prints "LINES REFUSED FILES SECONDS"; at the first difference, the lines that make it, and
 * exits 1. DIRECTORY should be on a tmpfs: it holds `data`, `data.cdb` and `ours`. */
#include "../../zones/compile.h"
#include "../../zones/tinydns-parse.h"
#include "parts/clock.h"
#include "parts/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TINYDNS_DATA "/usr/sbin/tinydns-data"

enum {
    FILE_LINES = 300,
    FILE_ROOM = FILE_LINES * (LINES_LENGTH_MAX + 2),
    OFTEN_ALONE = 8, /* one refused line in so many stands behind good ones */
    FILE_MODE = 0644,
};

struct file {
    char *text; /* owned */
    size_t length;
    size_t line; /* the last */
};

struct verdict {
    bool refused;
    size_t line; /* 0: not told */
    char why[128];
};

struct totals {
    size_t lines, refused, files;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "compile-fuzz: %s: %s\n", what, strerror(errno));
    exit(111);
}

static void add_line(struct file *file, const char *line, size_t length)
{
    memcpy(file->text + file->length, line, length);
    file->length += length;
    file->text[file->length++] = '\n';
    file->line++;
}

static void add_lines(struct file *file, const struct file *from)
{
    memcpy(file->text + file->length, from->text, from->length);
    file->length += from->length;
    file->line += from->line;
}

/* The time is the default serial; both cut it to 32 bits. */
static void write_data(const struct file *file, int64_t time)
{
    struct timespec times[2] = {{.tv_sec = time}, {.tv_sec = time}};
    int fd = open("data", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    if (fd < 0 || write(fd, file->text, file->length) != (ssize_t)file->length ||
        futimens(fd, times) < 0)
        die("data");
    close(fd);
}

/* ---- the two compilers ---- */

static struct verdict run_theirs(void)
{
    static char program[] = TINYDNS_DATA, *const arguments[] = {program, NULL};
    int fd = memfd_create("said", MFD_CLOEXEC);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, 2);
    int status;
    pid_t pid;
    if (fd < 0 || posix_spawn(&pid, program, &actions, NULL, arguments, NULL) != 0 ||
        waitpid(pid, &status, 0) < 0)
        die(program);
    posix_spawn_file_actions_destroy(&actions);
    struct verdict verdict = {.refused = false};
    verdict.refused = status != 0;
    char said[256] = "";
    if (pread(fd, said, sizeof said - 1, 0) < 0)
        die("what it said");
    close(fd);
    const char *number = strstr(said, "data line ");
    if (number)
        verdict.line = strtoul(number + strlen("data line "), NULL, 10);
    snprintf(verdict.why, sizeof verdict.why, "%.100s", said);
    return verdict;
}

static void on_refused(void *context, size_t line, const char *why)
{
    struct verdict *verdict = context;
    if (verdict->refused)
        return;
    verdict->refused = true;
    verdict->line = line;
    snprintf(verdict->why, sizeof verdict->why, "%s", why);
}

static struct verdict run_ours(void)
{
    struct verdict verdict = {.refused = false};
    const struct compile_ears ears = {.refused = on_refused, .context = &verdict};
    int from = open("data", O_RDONLY | O_CLOEXEC);
    int to = open("ours", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    struct stat status;
    if (from < 0 || to < 0 || fstat(from, &status) < 0)
        die("data");
    size_t refused;
    int error = compile(from, to, compile_serial(status.st_mtime), &ears, &refused);
    if (error < 0) {
        errno = -error;
        die("compile");
    }
    close(from);
    close(to);
    return verdict;
}

static char *read_whole(const char *path, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        die(path);
    *length = (size_t)status.st_size;
    char *octets = malloc(*length + 1);
    if (!octets || read(fd, octets, *length) != status.st_size)
        die(path);
    close(fd);
    return octets;
}

static bool same_files(void)
{
    size_t theirs_length;
    char *theirs = read_whole("data.cdb", &theirs_length);
    size_t ours_length;
    char *ours = read_whole("ours", &ours_length);
    bool same = theirs_length == ours_length && memcmp(theirs, ours, ours_length) == 0;
    free(theirs);
    free(ours);
    return same;
}

/* NULL, or what is different. */
static const char *compare(const struct file *file, int64_t time)
{
    write_data(file, time);
    struct verdict theirs = run_theirs();
    struct verdict ours = run_ours();
    if (theirs.refused && !ours.refused)
        return "tinydns-data refuses it, we do not";
    if (ours.refused && !theirs.refused)
        return "we refuse it, tinydns-data does not";
    if (ours.refused)
        return theirs.line && theirs.line != ours.line ? "refused at another line" : NULL;
    return same_files() ? NULL : "data.cdb is another one";
}

/* ---- differences ---- */

static void print_line(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c >= ' ' && c < 0x7f)
            putchar(c);
        else
            printf("<%02x>", c);
    }
    putchar('\n');
}

/* Each line by itself; all of them where none alone makes a difference. */
static void explain(const struct file *file, int64_t time, const char *what)
{
    const char *text = file->text;
    size_t length = file->length;
    printf("%s (time %lld)\n", what, (long long)time);
    size_t line_length, found = 0;
    const char *line;
    while (tinydns_next_line(&text, &length, &line, &line_length)) {
        struct file one = {.text = (char *)line, .length = line_length};
        what = compare(&one, time);
        if (!what)
            continue;
        found++;
        printf("%s: ", what);
        print_line(line, line_length);
    }
    if (!found)
        print_line(file->text, file->length);
    fflush(stdout);
}

static void check(const struct file *file, int64_t time, struct totals *totals)
{
    const char *what = compare(file, time);
    totals->files++;
    if (!what)
        return;
    explain(file, time, what);
    exit(1);
}

/* ---- files ---- */

static int64_t make_time(uint64_t *state)
{
    static const int64_t odd[] = {0, 1, -1, INT32_MAX, UINT32_MAX, (int64_t)UINT32_MAX + 1};
    if (lines_random(state, 4))
        return 1700000000 + lines_random(state, 100000000);
    return odd[lines_random(state, sizeof odd / sizeof *odd)];
}

/* Sometimes the last line has no LF. */
static void cut_end(struct file *file, uint64_t *state)
{
    if (file->length > 0 && lines_random(state, 3) == 0)
        file->length--;
}

static void check_refused(const struct file *good, const char *line, size_t length, uint64_t *state,
                          struct totals *totals)
{
    static char text[FILE_ROOM];
    struct file file = {.text = text};
    totals->refused++;
    if (lines_random(state, OFTEN_ALONE) == 0)
        add_lines(&file, good);
    add_line(&file, line, length);
    cut_end(&file, state);
    check(&file, make_time(state), totals);
}

static void check_some(struct file *good, size_t count, uint64_t *state, struct totals *totals)
{
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    good->length = good->line = 0;
    for (size_t i = 0; i < count; i++) {
        char line[LINES_LENGTH_MAX];
        size_t length = lines_make(line, state);
        totals->lines++;
        if (tinydns_parse_line(&entries, line, length))
            check_refused(good, line, length, state, totals);
        else
            add_line(good, line, length);
        cdb_entries_clear(&entries);
    }
    cdb_entries_fini(&entries);
    cut_end(good, state);
    check(good, make_time(state), totals);
}

int main(int argc, char **argv)
{
    int64_t start = clock_now();
    uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
    if (argc < 3)
        return 100;
    struct file good = {.text = malloc(FILE_ROOM)};
    if (!good.text)
        return 111;
    if (chdir(argv[1]) < 0)
        die(argv[1]);
    size_t wanted = strtoul(argv[2], NULL, 10);
    if (argc > 3)
        state ^= strtoull(argv[3], NULL, 10) * UINT64_C(0xd1342543de82ef95);
    struct totals totals = {.lines = 0};
    while (totals.lines < wanted)
        check_some(&good, 1 + lines_random(&state, FILE_LINES), &state, &totals);
    printf("%zu %zu %zu %.1f\n", totals.lines, totals.refused, totals.files,
           (double)(clock_now() - start) / NS_PER_MS / 1000);
    free(good.text);
    return 0;
}
