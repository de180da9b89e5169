/* What code that somebody has got into a program could do there: preloaded (ld.so(8)), it tries a
 * list of things at SIGUSR2, when the program has given up what it can, and writes how each ended,
 * "WHAT 0" or "WHAT ERROR", to the file INTRUDER_OUT. INTRUDER_OUTSIDE is a directory with a file
 * `file` that file modes would let it change, and INTRUDER_VICTIM another process of its user. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int out = -1; /* opened before the program gives up its rights */

static void tell(const char *what, long result)
{
    dprintf(out, "%s %s\n", what, result >= 0 ? "0" : strerrorname_np(errno));
}

static void try_files(const char *outside)
{
    int directory = open(outside, O_PATH | O_DIRECTORY | O_CLOEXEC);

    tell("read", openat(directory, "file", O_RDONLY | O_CLOEXEC));
    tell("write", openat(directory, "file", O_WRONLY | O_CLOEXEC));
    tell("create", openat(directory, "new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    tell("mkdir", mkdirat(directory, "directory", 0700));
    tell("symlink", symlinkat("file", directory, "link"));
    tell("rename", renameat(directory, "file", directory, "other"));
    tell("unlink", unlinkat(directory, "file", 0));
}

static void try_programs(void)
{
    char *const arguments[] = {"true", NULL};

    tell("execve", execve("/bin/true", arguments, environ));
    tell("fork", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    tell("mmap-exec",
         mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
             ? -1
             : 0);
    tell("mprotect-exec", mprotect((void *)((unsigned long)&out & ~4095UL), 4096,
                                   PROT_READ | PROT_WRITE | PROT_EXEC));
}

static void try_kernel(void)
{
    tell("socket-inet", socket(AF_INET, SOCK_DGRAM, 0));
    tell("socket-packet", socket(AF_PACKET, SOCK_RAW, 0));
    tell("socket-netfilter", socket(AF_NETLINK, SOCK_RAW, 12));
    tell("setns", setns(out, 0));
    tell("unshare", unshare(CLONE_NEWUSER));
    tell("mount", mount("none", "/", "tmpfs", MS_REMOUNT, NULL));
    tell("bpf", syscall(SYS_bpf, 0, NULL, 0));
    tell("io-uring", syscall(SYS_io_uring_setup, 1, NULL));
    tell("perf-event", syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0));
}

static void try_others(pid_t victim)
{
    char octet;
    struct iovec local = {&octet, 1}, remote = {&octet, 1};

    tell("kill", kill(victim, SIGTERM));
    tell("tgkill", syscall(SYS_tgkill, victim, victim, 0));
    tell("pidfd", syscall(SYS_pidfd_open, victim, 0));
    tell("ptrace", ptrace(PTRACE_ATTACH, victim, NULL, NULL));
    tell("process-vm", process_vm_readv(victim, &local, 1, &remote, 1, 0));
}

static void intrude(int number)
{
    (void)number;
    try_files(getenv("INTRUDER_OUTSIDE"));
    try_programs();
    try_kernel();
    try_others(atoi(getenv("INTRUDER_VICTIM")));
    dprintf(out, "end 0\n");
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("INTRUDER_OUT");

    out = path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
    if (out >= 0)
        signal(SIGUSR2, intrude);
}
