/* Identifies the network namespace of a client's socket, and gives it a number (nsid).
 *
 * SIOCGSKNS and RTM_NEWNSID need CAP_NET_ADMIN in the user namespace that owns the network
 * namespace. Neither waits for the kernel's RTNL lock (RTNL_FLAG_DOIT_UNLOCKED). */
#ifndef PHONEBOOKD_NAMESPACE_IDENTITY_H
#define PHONEBOOKD_NAMESPACE_IDENTITY_H

#include "netlink-source.h"

#include <stdint.h>

struct namespace_identity {
    enum { IDENTITY_OPEN, IDENTITY_NUMBER } step; /* where the error is from */
    int error;                                    /* 0 or -errno */
    int32_t nsid;
    int32_t next; /* the number to try first for the next namespace */
    uint64_t inode;
};
/* The system call or request of the step. */
const char *namespace_identity_step(const struct namespace_identity *identity);

/* Finds the namespace in which `socket` was created, and its number. If it has none, it gets one:
 * `first`, or one above. */
void namespace_identify(struct netlink_source *source, int socket, int32_t first,
                        struct namespace_identity *identity);

#endif
