#include "call-filter.h"

#include "write-now.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_BUILT false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                         \
    __has_feature(thread_sanitizer)
#define IS_BUILT false
#endif
#endif
#ifndef IS_BUILT
#define IS_BUILT true
#endif

#ifndef PR_SET_VMA /* Linux 5.17 */
#define PR_SET_VMA 0x53564d41
#endif

enum { CALLS_MAX = 1024 }; /* more than the largest number of a call */

bool call_filter_is_built(void)
{
    return IS_BUILT;
}

/* ---- a refused call ---- */

/* For the signal handler; `program` is set once, before the filter. */
static struct {
    const char *program;
    uint32_t told[CALLS_MAX / 32];
} refused;

/* The register in which the kernel returns a call's result; NULL: not known for this processor. */
static void *result_of(ucontext_t *context)
{
#if defined(__x86_64__)
    return &context->uc_mcontext.gregs[REG_RAX];
#elif defined(__i386__)
    return &context->uc_mcontext.gregs[REG_EAX];
#elif defined(__aarch64__)
    return &context->uc_mcontext.regs[0];
#elif defined(__arm__)
    return &context->uc_mcontext.arm_r0;
#elif defined(__riscv)
    return &context->uc_mcontext.__gregs[REG_A0];
#else
    (void)context;
    return NULL;
#endif
}

static bool can_trap(void)
{
    ucontext_t context;
    return result_of(&context);
}

static bool is_first(int number)
{
    uint32_t bit = UINT32_C(1) << (unsigned)number % 32;
    return number >= 0 && number < CALLS_MAX &&
           !(__atomic_fetch_or(&refused.told[number / 32], bit, __ATOMIC_RELAXED) & bit);
}

/* Async-signal-safe: in glibc and musl, snprintf(3) of numbers and texts is. */
static void on_refused(int signal, siginfo_t *info, void *context)
{
    long *result = result_of(context);
    int error = errno;
    (void)signal;
    if (result)
        *result = -EPERM;
    if (is_first(info->si_syscall)) {
        char line[128];
        int length =
            snprintf(line, sizeof line,
                     "%s: error: its own filter refused system call %d: it fails with EPERM\n",
                     refused.program, info->si_syscall);
        (void)!write_now(STDERR_FILENO, line, (size_t)length);
    }
    errno = error;
}

/* ---- the list ---- */

static void note(struct call_filter *filter, int error)
{
    if (filter->error == 0)
        filter->error = error;
}

/* Returns -1 if this processor has no such call. */
static int number_of_call(const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR ? -1 : number;
}

static void allow(struct call_filter *filter, const char *name, unsigned n,
                  const struct scmp_arg_cmp *arguments)
{
    int number = number_of_call(name);
    if (filter->list && number != -1)
        note(filter, seccomp_rule_add_array(filter->list, SCMP_ACT_ALLOW, number, n, arguments));
}

void call_filter_allow(struct call_filter *filter, const char *const *names)
{
    for (; *names; names++)
        allow(filter, *names, 0, NULL);
}

void call_filter_allow_where(struct call_filter *filter, const char *name, unsigned n,
                             uint32_t mask, uint32_t value)
{
    allow(filter, name, 1, (struct scmp_arg_cmp[]){SCMP_CMP(n, SCMP_CMP_MASKED_EQ, mask, value)});
}

void call_filter_allow_both(struct call_filter *filter, const char *name, uint32_t first,
                            unsigned n, uint32_t value)
{
    allow(filter, name, 2,
          (struct scmp_arg_cmp[]){SCMP_CMP(0, SCMP_CMP_MASKED_EQ, UINT32_MAX, first),
                                  SCMP_CMP(n, SCMP_CMP_MASKED_EQ, UINT32_MAX, value)});
}

static const char *const common_calls[] = {
    /* memory; mmap and mprotect below */
    "brk", "madvise", "mincore", "mremap", "munmap", "membarrier",
    /* signals */
    "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend",
    "rt_sigtimedwait", "rt_sigtimedwait_time64", "sigaction", "sigaltstack", "sigprocmask",
    "sigreturn", "signalfd4", "restart_syscall",
    /* clocks */
    "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64", "clock_nanosleep",
    "clock_nanosleep_time64", "gettimeofday", "nanosleep", "time", "timerfd_create",
    "timerfd_gettime", "timerfd_gettime64", "timerfd_settime", "timerfd_settime64",
    /* ids, capabilities and limits of this process */
    "getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getuid32",
    "geteuid32", "getgid32", "getegid32", "getgroups", "getgroups32", "getresuid", "getresgid",
    "getpgrp", "getpgid", "getsid", "capget", "getrlimit", "ugetrlimit", "getrusage", "sysinfo",
    "uname", "getcpu", "times", "umask", "getrandom",
    /* descriptors; fcntl below */
    "close", "close_range", "dup", "dup2", "dup3", "read", "readv", "write", "writev", "pread64",
    "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "lseek", "_llseek", "fstat", "fstat64",
    "newfstatat", "fstatat64", "statx", "fstatfs", "fstatfs64", "ftruncate", "ftruncate64", "fsync",
    "fdatasync", "memfd_create", "pipe", "pipe2", "eventfd2", "poll", "ppoll", "ppoll_time64",
    "select", "_newselect", "pselect6", "pselect6_time64", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2",
    /* sockets that exist already, or of AF_UNIX (below) */
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen",
    "recv", "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg", "send", "sendmmsg", "sendmsg",
    "sendto", "setsockopt", "shutdown",
    /* threads */
    "futex", "futex_time64", "get_robust_list", "rseq", "sched_getaffinity", "sched_getparam",
    "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "sched_yield",
    "set_robust_list", "set_tid_address", "arch_prctl", "set_thread_area", "exit", "exit_group",
    "waitid", "waitpid", "wait4", NULL};

static void allow_common(struct call_filter *filter)
{
    static const uint32_t to_prctl[] = {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_VMA,
                                        PR_CAPBSET_READ};
    static const uint32_t to_ioctl[] = {TCGETS, FIONREAD, FIONBIO, FIOCLEX};
    /* Not F_SETOWN and F_SETOWN_EX: with them a socket sends any signal to another process of the
     * same user, and for root to each process (sigio_perm()). Landlock prevents it since Linux 6.12. */
    static const uint32_t to_fcntl[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,    F_SETFD,   F_GETFL,
                                        F_SETFL, F_SETSIG,        F_SETLEASE, F_GETLEASE};
    uint32_t self = (uint32_t)getpid();
    call_filter_allow(filter, common_calls);
    call_filter_allow_where(filter, "mmap", 2, PROT_EXEC, 0);
    call_filter_allow_where(filter, "mmap2", 2, PROT_EXEC, 0);
    call_filter_allow_where(filter, "mprotect", 2, PROT_EXEC, 0);
    call_filter_allow_where(filter, "tgkill", 0, UINT32_MAX, self);
    call_filter_allow_where(filter, "prlimit64", 0, UINT32_MAX, 0);
    call_filter_allow_where(filter, "prlimit64", 0, UINT32_MAX, self);
    call_filter_allow_where(filter, "socket", 0, UINT32_MAX, AF_UNIX);
    call_filter_allow_where(filter, "socketpair", 0, UINT32_MAX, AF_UNIX);
    for (size_t i = 0; i < sizeof to_prctl / sizeof *to_prctl; i++)
        call_filter_allow_where(filter, "prctl", 0, UINT32_MAX, to_prctl[i]);
    for (size_t i = 0; i < sizeof to_fcntl / sizeof *to_fcntl; i++) {
        call_filter_allow_where(filter, "fcntl", 1, UINT32_MAX, to_fcntl[i]);
        call_filter_allow_where(filter, "fcntl64", 1, UINT32_MAX, to_fcntl[i]);
    }
    for (size_t i = 0; i < sizeof to_ioctl / sizeof *to_ioctl; i++)
        call_filter_allow_where(filter, "ioctl", 1, UINT32_MAX, to_ioctl[i]);
}

void call_filter_begin(struct call_filter *filter)
{
    int clone3 = number_of_call("clone3");
    *filter = (struct call_filter){
        .list = seccomp_init(can_trap() ? SCMP_ACT_TRAP : SCMP_ACT_ERRNO(EPERM))};
    if (!filter->list) {
        filter->error = -ENOMEM;
        return;
    }
    if (clone3 != -1)
        note(filter, seccomp_rule_add(filter->list, SCMP_ACT_ERRNO(ENOSYS), clone3, 0));
    allow_common(filter);
}

int call_filter_hide(const char *name)
{
    scmp_filter_ctx list = seccomp_init(SCMP_ACT_ALLOW);
    int number = number_of_call(name), error = list ? 0 : -ENOMEM;
    if (!error && number != -1)
        error = seccomp_rule_add(list, SCMP_ACT_ERRNO(ENOSYS), number, 0);
    if (!error)
        error = seccomp_load(list);
    if (list)
        seccomp_release(list);
    return error;
}

static int catch_refusals(const char *program)
{
    /* SA_NODEFER: otherwise a refused call in the handler itself would end the process. */
    struct sigaction action = {.sa_sigaction = on_refused,
                               .sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER};
    refused.program = program;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGSYS);
    if (sigaction(SIGSYS, &action, NULL) < 0 || sigprocmask(SIG_UNBLOCK, &set, NULL) < 0)
        return -errno;
    return 0;
}

int call_filter_enter(struct call_filter *filter, const char *program)
{
    if (!filter->error)
        filter->error = catch_refusals(program);
    if (!filter->error) /* a binary search for each call, not the whole list */
        filter->error = seccomp_attr_set(filter->list, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (!filter->error)
        filter->error = seccomp_load(filter->list);
    if (filter->list)
        seccomp_release(filter->list);
    filter->list = NULL;
    return filter->error;
}
