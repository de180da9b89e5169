#include "sandbox.h"

#include "../common/array.h"
#include "../common/call-filter.h"
#include "../common/capabilities.h"
#include "../common/landlock.h"
#include "../zones/config/complaints.h"
#include "../zones/data-files.h"
#include "log.h"
#include "publishing/reload.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

const uint64_t sandbox_file_capabilities =
    CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FOWNER);

static bool signals_servers(const struct config *config)
{
    for (size_t i = 0; i < config->n_databases; i++)
        if (config->databases[i]->reload.kind == RELOAD_SIGNAL)
            return true;
    return false;
}

/* ---- capabilities ---- */

static bool drop_privileges(const struct sandbox *sandbox)
{
    uint64_t kept = sandbox_file_capabilities;
    if (sandbox->signals)
        kept |= CAPABILITY(CAP_KILL);
    if (!capabilities_keep(kept, 0))
        return false;
    /* LeakSanitizer traces our threads; the kernel allows that only if the process is dumpable. */
    return !call_filter_is_built() || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

/* ---- files ---- */

static int remember(struct sandbox *sandbox, const char *directory)
{
    char *copy = strdup(directory);
    if (!copy || !array_grow(&sandbox->directories, &sandbox->room, sandbox->n + 1,
                             sizeof *sandbox->directories)) {
        free(copy);
        return -ENOMEM;
    }
    sandbox->directories[sandbox->n++] = copy;
    return 0;
}

/* Ignores other errors: they are reported when the directory's database is opened. */
static int allow_directory(struct sandbox *sandbox, struct landlock *landlock,
                           const char *directory)
{
    int error = data_files_make_directory(directory);
    if (!error)
        error = landlock_allow(landlock, directory, LANDLOCK_KEEPS_FILES);
    return error == -ENOMEM || !error ? remember(sandbox, directory) : 0;
}

static int limit_files(struct sandbox *sandbox, const struct config *config)
{
    struct landlock landlock;
    int error =
        landlock_begin(&landlock, LANDLOCK_CHANGES, sandbox->signals ? 0 : LANDLOCK_SIGNALS);
    if (error)
        return error;
    landlock_allow(&landlock, "/dev/null", LANDLOCK_WRITES_FILE);
    error = allow_directory(sandbox, &landlock, config->runtime_directory);
    for (size_t i = 0; i < config->n_databases && !error; i++)
        error = allow_directory(sandbox, &landlock, config->databases[i]->directory);
    return error ? error : landlock_enter(&landlock);
}

/* ---- system calls ---- */

static const char *const calls[] = {
    /* configuration, databases, static files, our sockets' modes and groups */
    "access",
    "faccessat",
    "faccessat2",
    "chmod",
    "chown",
    "chown32",
    "lchown",
    "lchown32",
    "fchmod",
    "fchmodat",
    "fchown",
    "fchown32",
    "fchownat",
    "copy_file_range",
    "fadvise64",
    "fadvise64_64",
    "fallocate",
    "flock",
    "stat",
    "stat64",
    "lstat",
    "lstat64",
    "statfs",
    "statfs64",
    "getcwd",
    "getdents",
    "getdents64",
    "link",
    "linkat",
    "mkdir",
    "mkdirat",
    "open",
    "openat",
    "readlink",
    "readlinkat",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sendfile",
    "sendfile64",
    "truncate",
    "truncate64",
    "unlink",
    "unlinkat",
    "utimensat",
    "utimensat_time64",
    "inotify_add_watch",
    "inotify_init1",
    "inotify_rm_watch",
    "mlock",
    "munlock",
    NULL};

/* See server-signal.c. */
static const char *const calls_to_signal[] = {"pidfd_open", "pidfd_send_signal", NULL};

static int limit_calls(const struct sandbox *sandbox)
{
    if (sandbox->unhidden)
        return sandbox->unhidden;
    struct call_filter filter;
    call_filter_begin(&filter);
    call_filter_allow(&filter, calls);
    if (sandbox->signals)
        call_filter_allow(&filter, calls_to_signal);
    call_filter_allow_both(&filter, "socket", AF_NETLINK, 2, NETLINK_ROUTE);
    call_filter_allow_where(&filter, "clone", CLONE_FLAGS_ARGUMENT, CLONE_THREAD, CLONE_THREAD);
    call_filter_allow_where(&filter, "kill", 1, UINT32_MAX, 0); /* does a process exist? */
    call_filter_allow_where(&filter, "ioctl", 1, UINT32_MAX, SIOCOUTQ);
    return call_filter_enter(&filter, "phonebookd");
}

/* ---- all of it ---- */

static bool has_entered(int error, const char *what)
{
    if (error == -ENOSYS || error == -EOPNOTSUPP)
        log_warning("%s: the kernel does not support it", what);
    else if (error)
        log_warning("%s: %s", what, strerror(-error));
    return error == 0;
}

static void say(const struct sandbox *sandbox)
{
    log_debug("sandbox: files %s, system calls %s",
              sandbox->files ? "can be written in the databases' and the runtime directory only"
                             : "are not limited (Landlock)",
              sandbox->calls ? "are filtered" : "are not filtered (seccomp)");
}

bool sandbox_prepare(struct sandbox *sandbox)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        log_error("privileges cannot be given up: %s", strerror(errno));
        return false;
    }
    *sandbox = (struct sandbox){
        .unhidden = call_filter_is_built() ? call_filter_hide("io_uring_setup") : 0};
    return true;
}

bool sandbox_enter(struct sandbox *sandbox, const struct config *config)
{
    sandbox->signals = signals_servers(config);
    if (!drop_privileges(sandbox)) {
        log_error("privileges cannot be given up: %s", strerror(errno));
        return false;
    }
    sandbox->files = has_entered(limit_files(sandbox, config),
                                 "phonebookd's access to files is not limited (Landlock)");
    if (call_filter_is_built())
        sandbox->calls = has_entered(limit_calls(sandbox),
                                     "phonebookd's system calls are not filtered (seccomp)");
    say(sandbox);
    return true;
}

void sandbox_fini(struct sandbox *sandbox)
{
    for (size_t i = 0; i < sandbox->n; i++)
        free(sandbox->directories[i]);
    free(sandbox->directories);
}

/* ---- another configuration ---- */

static bool is_within(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static bool may_write(const struct sandbox *sandbox, const char *directory)
{
    for (size_t i = 0; i < sandbox->n; i++)
        if (is_within(directory, sandbox->directories[i]))
            return true;
    return !sandbox->files;
}

void sandbox_check(const struct sandbox *sandbox, const struct config *config, const char *path,
                   struct complaints *complaints)
{
    for (size_t i = 0; i < config->n_databases; i++)
        if (!may_write(sandbox, config->databases[i]->directory))
            complain(complaints, path, 0, "directory",
                     "database %s: %s needs a restart: phonebookd can write only to directories "
                     "that it used at its start",
                     config->databases[i]->name, config->databases[i]->directory);
    if (signals_servers(config) && !sandbox->signals)
        complain(complaints, path, 0, "reload",
                 "the first `signal` needs a restart: phonebookd had none at its start, and gave "
                 "up sending signals");
}
