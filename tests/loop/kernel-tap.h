/* Counts what the program sends and receives by netlink, and makes faults that the kernel shows too
 * rarely for a test: it defines send(2), recvmsg(2) and others in place of libc's. Without a fault
 * they do what libc's do. Dumps are requested by threads, so a test sets a fault while no dump
 * runs, and looks at the counters once the result of the dump is there. */
#ifndef TESTS_LOOP_KERNEL_TAP_H
#define TESTS_LOOP_KERNEL_TAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { KERNEL_TAP_HOLD_ALL = 1, KERNEL_TAP_HOLD_OWN = 2 }; /* namespaces never have such numbers */

struct kernel_tap {
    atomic_uint n_dumps; /* RTM_GETADDR requests sent */
    atomic_uint n_asked; /* requests for single links */

    /* The kernel does not answer dumps of links while this is the number of the namespace, or ALL;
     * 0: it does. `n_held` threads wait for it. */
    _Atomic int32_t hold;
    atomic_uint n_held;
    atomic_uint burn_ms; /* processor time that the next dump of links costs */

    bool refuse_strict_check;
    int receive_buffer; /* of the event socket, instead of the requested size */

    /* Called before the first RTM_GETLINK, and after the next NLMSG_DONE of addresses, once
     * each. */
    void (*_Atomic before_dump)(void *context);
    void (*_Atomic after_dump)(void *context);
    void *context;

    atomic_uint interrupt;    /* this many dumps of links get NLM_F_DUMP_INTR in NLMSG_DONE */
    atomic_int done_error;    /* the error in the next NLMSG_DONE */
    atomic_bool silence;      /* the next answer does not come: EAGAIN */
    atomic_int receive_error; /* the next receive on the request socket fails with this errno */
    int32_t instead_of[2];    /* requests for nsid [0] are sent for [1]; {0, 0}: none */

    unsigned n_taken; /* this many requests for a number request `taken` instead */
    int32_t taken;

    /* An event to be received next, as if the kernel had sent it; `nsid` -1: without one. */
    const void *event;
    size_t event_length;
    int32_t event_nsid;
    int event_flags; /* MSG_TRUNC, MSG_CTRUNC */
};
extern struct kernel_tap kernel_tap;

/* The netlink socket of this process that is subscribed to groups; -1: none. */
int kernel_tap_events_fd(void);
/* The inode of the one that addresses were asked for on last; 0: none. */
uint64_t kernel_tap_requests_inode(void);
/* The number of messages for it that were dropped ("Drops" in /proc/net/netlink). */
unsigned long kernel_tap_drops(int fd);

#endif
