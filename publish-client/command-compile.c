/* phonebook compile: compiles a file as tinydns-data does. It is the only part of the command that
 * uses zones/, and it needs no daemon. */
#include "../common/option-table.h"
#include "../zones/compile.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DATABASE_MODE = 0644,
    COMPLAINTS_MAX = 100, /* lines that are reported one by one */
};

struct compiling {
    const char *name; /* of the file, in messages */
    size_t told;
};

static void tell(struct compiling *compiling, size_t line, const char *word, const char *text)
{
    if (compiling->told++ < COMPLAINTS_MAX)
        fprintf(stderr, "%s:%zu: %s%s\n", compiling->name, line, word, text);
}

static void tell_refused(void *context, size_t line, const char *why)
{
    tell(context, line, "", why);
}

static void tell_doubted(void *context, size_t line, const char *what)
{
    tell(context, line, "warning: ", what);
}

/* Opens a new file in the directory of `path`, whose name becomes `name`, owned by the caller.
 * Returns -errno, and no name, on failure. */
static int open_beside(const char *path, char **name)
{
    if (asprintf(name, "%s.XXXXXX", path) < 0) {
        *name = NULL;
        return -ENOMEM;
    }
    int fd = mkostemp(*name, O_CLOEXEC);
    if (fd >= 0)
        return fd;
    int error = -errno;
    free(*name);
    *name = NULL;
    return error;
}

/* 0 or -errno; *refused is the number of refused lines. */
static int fill(struct compiling *compiling, int from, int to, size_t *refused)
{
    struct stat status;
    if (fstat(from, &status) < 0)
        return -errno;
    const struct compile_ears ears = {.refused = tell_refused, .context = compiling};
    int error = compile(from, to, compile_serial(status.st_mtime), &ears, refused);
    if (error || *refused)
        return error;
    return fchmod(to, DATABASE_MODE) < 0 || fsync(to) < 0 ? -errno : 0;
}

/* Prints that lines were refused, and the consequence. Returns the exit code; 0 if none was. */
static int end(const struct compiling *compiling, size_t refused, const char *what)
{
    if (refused == 0)
        return 0;
    return fatal(EXIT_USAGE, "%s: %zu line%s refused%s", compiling->name, refused,
                 refused == 1 ? "" : "s", what);
}

static int compile_to(struct compiling *compiling, int from, const char *path)
{
    char *beside;
    int to = open_beside(path, &beside);
    if (!beside)
        return fatal(EXIT_SYSTEM, "unable to write beside %s: %s", path, strerror(-to));
    size_t refused = 0;
    int error = fill(compiling, from, to, &refused);
    if (close(to) < 0 && error == 0)
        error = -errno;
    if (error == 0 && refused == 0 && rename(beside, path) < 0)
        error = -errno;
    int code = 0;
    if (error)
        code = fatal(EXIT_SYSTEM, "unable to make %s of %s: %s", path, compiling->name,
                     strerror(-error));
    else
        code = end(compiling, refused, ", nothing is written");
    if (code)
        unlink(beside);
    free(beside);
    return code;
}

static int check(struct compiling *compiling, int from)
{
    const struct compile_ears ears = {tell_refused, tell_doubted, compiling};
    size_t refused = 0;
    int error = compile(from, -1, 0, &ears, &refused);
    if (error)
        return fatal(EXIT_SYSTEM, "unable to read %s: %s", compiling->name, strerror(-error));
    return end(compiling, refused, "");
}

/* Takes FILE and OUT.cdb, or with -n only FILE; without arguments, the file names of
 * tinydns-data. */
static bool take_paths(int n, char **arguments, bool checks, const char **from, const char **to)
{
    *from = n > 0 ? arguments[0] : "data";
    *to = checks ? NULL : n > 1 ? arguments[1] : "data.cdb";
    return n == 0 || n == (checks ? 1 : 2);
}

static const struct option_row rows[] = {
    {'n', "check", NULL, "write no file: check the lines, and warn about probable mistakes"},
};

const struct option_table compile_options = {
    .program = "phonebook compile",
    .operands = "[FILE [OUT.cdb]]",
    .description = "compile tinydns-data lines to a data.cdb",
    .notes = "FILE \"-\" is standard input. Without files, data is read and data.cdb written.",
    .rows = rows,
    .n_rows = sizeof rows / sizeof *rows,
};

int command_compile(int argc, char **argv)
{
    bool checks = false;
    int code = GO_ON;
    struct option_found found;
    while (next_option(&compile_options, argc, argv, &found, &code))
        checks = true;
    if (code != GO_ON)
        return code;
    const char *path, *to;
    if (!take_paths(argc - optind, argv + optind, checks, &path, &to))
        return fatal(EXIT_USAGE, "compile takes FILE and OUT.cdb, or -n and FILE, or neither of "
                                 "the files (phonebook compile --help)");
    bool is_input = strcmp(path, "-") == 0;
    struct compiling compiling = {.name = is_input ? "standard input" : path};
    int from = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return fatal(EXIT_SYSTEM, "unable to open %s: %s", path, strerror(errno));
    code = checks ? check(&compiling, from) : compile_to(&compiling, from, to);
    if (!is_input)
        close(from);
    return code;
}
