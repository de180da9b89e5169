/* phonebook compile: what tinydns-data does, for any file. The one part of the command that knows
 * zones/; it talks to no daemon. */
#include "../zones/compile.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DATABASE_MODE = 0644,
    COMPLAINTS_MAX = 100, /* lines that are told of one by one */
};

struct compiling {
    const char *path;
    size_t told;
};

static void tell_refused(void *context, size_t line, const char *why)
{
    struct compiling *compiling = context;
    if (compiling->told++ < COMPLAINTS_MAX)
        fprintf(stderr, "%s:%zu: %s\n", compiling->path, line, why);
}

/* An open file beside `path`, whose name it leaves in `name`, owned by the caller; or -errno and no
 * name. */
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

/* 0 or -errno; *refused counts lines. */
static int fill(struct compiling *compiling, int from, int to, size_t *refused)
{
    struct stat status;
    if (fstat(from, &status) < 0)
        return -errno;
    int error =
        compile(from, to, compile_serial(status.st_mtime), tell_refused, compiling, refused);
    if (error || *refused)
        return error;
    return fchmod(to, DATABASE_MODE) < 0 || fsync(to) < 0 ? -errno : 0;
}

static int compile_to(struct compiling *compiling, int from, const char *path)
{
    char *beside;
    size_t refused = 0;
    int to = open_beside(path, &beside);
    if (!beside)
        return fatal(EXIT_SYSTEM, "unable to write beside %s: %s", path, strerror(-to));
    int code = 0, error = fill(compiling, from, to, &refused);
    if (close(to) < 0 && error == 0)
        error = -errno;
    if (error == 0 && refused == 0 && rename(beside, path) < 0)
        error = -errno;
    if (error)
        code = fatal(EXIT_SYSTEM, "unable to make %s of %s: %s", path, compiling->path,
                     strerror(-error));
    else if (refused)
        code = fatal(EXIT_USAGE, "%s: %zu line%s refused, %s is not written", compiling->path,
                     refused, refused == 1 ? "" : "s", path);
    if (code)
        unlink(beside);
    free(beside);
    return code;
}

int command_compile(int argc, char **argv)
{
    opterr = 0;
    if (getopt(argc, argv, "+") != -1)
        return fatal(EXIT_USAGE, "unknown option -%c (phonebook help compile)", optopt);
    if (argc - optind != 2)
        return fatal(EXIT_USAGE, "compile takes FILE and OUT.cdb (phonebook help compile)");
    struct compiling compiling = {.path = argv[optind]};
    int from = open(compiling.path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return fatal(EXIT_SYSTEM, "unable to open %s: %s", compiling.path, strerror(errno));
    int code = compile_to(&compiling, from, argv[optind + 1]);
    close(from);
    return code;
}
