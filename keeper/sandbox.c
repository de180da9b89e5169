#include "sandbox.h"

#include "../common/call-filter.h"
#include "../common/capabilities.h"
#include "../common/landlock.h"
#include "../common/notify.h"
#include "say.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static int allow_removal(struct landlock *landlock, const char *path)
{
    char directory[PATH_MAX];
    if (snprintf(directory, sizeof directory, "%s", path) >= (int)sizeof directory)
        return -ENAMETOOLONG;
    return landlock_allow(landlock, dirname(directory), LANDLOCK_REMOVES_FILES);
}

/* Abstract sockets stay allowed if the supervisor has one. */
static int limit_files(const char *path)
{
    struct landlock landlock;
    int error = landlock_begin(&landlock, LANDLOCK_CHANGES | LANDLOCK_READS,
                               notify_is_abstract() ? LANDLOCK_SIGNALS
                                                    : LANDLOCK_SIGNALS | LANDLOCK_ABSTRACT_SOCKETS);
    if (error)
        return error;
    landlock_allow(&landlock, "/dev/null", LANDLOCK_WRITES_FILE);
    error = path ? allow_removal(&landlock, path) : 0;
    return error ? error : landlock_enter(&landlock);
}

static int limit_calls(void)
{
    static const char *const calls[] = {"open", "openat", "unlink", "unlinkat", NULL};
    struct call_filter filter;
    call_filter_begin(&filter);
    call_filter_allow(&filter, calls);
    return call_filter_enter(&filter, "phonebook-keeper");
}

static void say_of(int error, const char *what)
{
    if (error == -ENOSYS || error == -EOPNOTSUPP)
        say("warning: %s: the kernel does not support it", what);
    else if (error)
        say("warning: %s: %s", what, strerror(-error));
}

bool sandbox_enter(const char *path)
{
    if (!capabilities_keep(0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return false;
    if (!call_filter_is_built()) /* LeakSanitizer reads /proc, and traces our threads */
        return true;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return false;
    say_of(limit_files(path), "which files it may reach is not limited (Landlock)");
    say_of(limit_calls(), "its system calls are not filtered (seccomp)");
    return true;
}
