/* rtnetlink messages as bytes: what the kernel says, and what we ask. Pure.
 *
 * The bytes come from a socket that any user can write to, so nothing in them is trusted: own
 * bounds checks with unsigned lengths (libmnl 1.0.4's mnl_nlmsg_ok() casts nlmsg_len to int and
 * reads out of bounds), libmnl only for the attributes of a message whose bounds are known. Whether
 * the sender was the kernel is netwatch's to check, from the socket address. */
#ifndef PHONEBOOKD_RTNL_H
#define PHONEBOOKD_RTNL_H

#include "../../zones/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rtnl_kind {
    RTNL_LINK, /* RTM_NEWLINK */
    RTNL_LINK_GONE,
    RTNL_ADDRESS, /* RTM_NEWADDR */
    RTNL_ADDRESS_GONE,
    RTNL_NSID, /* RTM_NEWNSID: the id is in `nsid` */
    RTNL_NSID_GONE,
    RTNL_DONE,    /* end of a dump; `error` is what its payload says */
    RTNL_ERROR,   /* NLMSG_ERROR; `error` is 0 for an acknowledgement */
    RTNL_OVERRUN, /* NLMSG_OVERRUN */
    RTNL_OTHER,   /* whatever else: to be ignored */
};

enum {
    RTNL_NAMES_MAX = 512,     /* alternative names that are looked at, per link */
    RTNL_NAME_TEXT_MAX = 128, /* ALTIFNAMSIZ */
};

struct rtnl_message {
    enum rtnl_kind kind;
    uint32_t sequence;
    bool interrupted; /* NLM_F_DUMP_INTR: the dump that this belongs to is not consistent */
    bool bridge;  /* link messages of another family than AF_UNSPEC: not about the link itself */
    int error;    /* 0 or -errno */
    int index;    /* links, addresses */
    bool up;      /* links */
    int32_t nsid; /* NETNSA_NSID; IFLA_ or IFA_TARGET_NETNSID; -1 where not there */
    const char *name; /* links; points into the message */
    const char *altnames[RTNL_NAMES_MAX];
    size_t n_altnames, n_altnames_left_out;
    struct address address; /* addresses: the local one (IFA_LOCAL, else IFA_ADDRESS), with state */
    bool has_address;
};

/* Reads the message at *cursor of a datagram of `length` octets (aligned for struct nlmsghdr) and
 * moves *cursor on. True where there was one; false at the end, or where the rest is no message
 * (*malformed then says so). A message whose attributes are broken is RTNL_OTHER. */
bool rtnl_next(const void *bytes, size_t length, size_t *cursor, struct rtnl_message *message,
               bool *malformed);

/* Requests, ready to send; each returns its length. nsid -1: the own namespace, attribute left
 * out. */
enum { RTNL_REQUEST_MAX = 128 };
size_t rtnl_request_links(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                          int32_t nsid);
/* One link; answered by one RTNL_LINK, or by an RTNL_ERROR: -ENODEV where there is none. */
size_t rtnl_request_link(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence, int32_t nsid,
                         int index);
size_t rtnl_request_addresses(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                              int32_t nsid);
size_t rtnl_request_new_nsid(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                             int namespace_fd, int32_t nsid);
size_t rtnl_request_get_nsid(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                             int namespace_fd);

#endif
