/* Logs hang-ups that were probably not intended: no process holds the connection any more, but the
 * process that made it still runs, and runs another program now. Many daemons close all descriptors
 * that they inherit (sshd, haproxy, dnsmasq, sudo), and so lose the name that `phonebook publish`
 * gave them. A process that still runs the same program closed the connection on purpose.
 *
 * Happy path: when a connection with names hangs up, the process is looked at HANG_UP_LOOK_MS
 * later, because a process that exits closes its descriptors before the kernel counts it as dead.
 * Until then a pidfd refers to it. If it still runs, one line is logged. Failure modes: nothing is
 * logged if HANG_UPS_WATCHED processes are watched already, no descriptor is free, or the program
 * at the first request is not known. */
#ifndef PHONEBOOKD_HANG_UPS_H
#define PHONEBOOKD_HANG_UPS_H

#include "../limits.h"
#include "../state/registry.h"

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum { HANG_UP_PROGRAM_MAX = 16 }; /* TASK_COMM_LEN (linux/sched.h) */

struct hang_up {
    int pidfd;     /* or -1: the kernel is older than 6.5 */
    int64_t since; /* of the oldest registration */
    int32_t pid;   /* as phonebookd sees it, or 0 */
    uint32_t uid;
    uint64_t due; /* in ms on the loop's clock */
    char *name;   /* of the oldest registration; owned */
    size_t n_others;
};

struct hang_ups {
    uv_timer_t timer;                     /* runs until the first is due */
    struct hang_up all[HANG_UPS_WATCHED]; /* the oldest first */
    size_t n;
};

void hang_ups_init(struct hang_ups *hang_ups, uv_loop_t *loop);
/* The name of the program that a process runs (/proc/PID/comm); "" if it is not known. */
void hang_ups_program(char name[static HANG_UP_PROGRAM_MAX], int32_t pid);
/* The last copy of the client's end of `fd` was closed; to be called before its registrations are
 * dropped. `program` is from hang_ups_program(), when the first request came. */
void hang_ups_note(struct hang_ups *hang_ups, int fd, const struct holder *holder,
                   const char *program);
/* Forgets all; the memory of *hang_ups is needed until the loop has run the close callback. */
void hang_ups_close(struct hang_ups *hang_ups);

#endif
