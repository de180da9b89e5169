/* Does what an attacker could try who runs code in a program. The library is preloaded (ld.so(8)) into
 * the program, and into the processes that the program forks. At SIGRTMIN, when the process has
 * given up its privileges, it tries a list of actions. It writes the result of each to standard
 * error, as a line "intruder: ACTION 0" or "intruder: ACTION ERROR", and "intruder: end 0" last.
 * INTRUDER_OUTSIDE is a directory with a file `file` that the file modes allow to change, and
 * INTRUDER_VICTIM the pid of another process of the same user. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
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

static int unused; /* some writable memory */

static void tell(const char *action, long result)
{
    dprintf(STDERR_FILENO, "intruder: %s %s\n", action, result >= 0 ? "0" : strerrorname_np(errno));
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
    tell("mprotect-exec", mprotect((void *)((unsigned long)&unused & ~4095UL), 4096,
                                   PROT_READ | PROT_WRITE | PROT_EXEC));
}

/* Sets the group of lo, which changes nothing else. */
static int change_link(void)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
        struct rtattr attribute;
        uint32_t group;
    } request = {
        .header = {.nlmsg_len = sizeof request,
                   .nlmsg_type = RTM_NEWLINK,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .link = {.ifi_index = 1},
        .attribute = {.rta_len = RTA_LENGTH(sizeof request.group), .rta_type = IFLA_GROUP}};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return -1;
    send(fd, &request, sizeof request, 0);
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[sizeof request];
    } answer = {0};
    recv(fd, &answer, sizeof answer, 0);
    close(fd);
    errno = -answer.error.error;
    return errno ? -1 : 0;
}

static void try_kernel(void)
{
    tell("socket-inet", socket(AF_INET, SOCK_DGRAM, 0));
    tell("socket-packet", socket(AF_PACKET, SOCK_RAW, 0));
    tell("socket-netfilter", socket(AF_NETLINK, SOCK_RAW, 12));
    tell("newlink", change_link());
    tell("setns", setns(STDERR_FILENO, 0));
    tell("unshare", unshare(CLONE_NEWUSER));
    tell("mount", mount("none", "/", "tmpfs", MS_REMOUNT, NULL));
    tell("bpf", syscall(SYS_bpf, 0, NULL, 0));
    tell("io-uring", syscall(SYS_io_uring_setup, 1, NULL));
    tell("perf-event", syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0));
}

/* Its owner gets a signal when it is written to (O_ASYNC). */
static int unused_socket(void)
{
    return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static void try_others(pid_t victim)
{
    char octet;
    struct iovec local = {&octet, 1}, remote = {&octet, 1};
    tell("kill", kill(victim, SIGTERM));
    tell("tgkill", syscall(SYS_tgkill, victim, victim, 0));
    tell("set-owner", fcntl(unused_socket(), F_SETOWN, victim));
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
    tell("end", 0);
}

__attribute__((constructor)) static void begin(void)
{
    signal(SIGRTMIN, intrude);
}
