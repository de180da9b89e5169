/* Parses and builds rtnetlink messages. Pure.
 *
 * Any user can write to the socket that the messages come from, so they are not trusted. We check
 * bounds ourselves with unsigned lengths, because libmnl 1.0.4 reads out of bounds (mnl_nlmsg_ok()
 * casts nlmsg_len to int), and use libmnl only for the attributes of a message whose bounds are
 * known. The caller checks from the socket address that the kernel is the sender. */
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
    RTNL_DONE,    /* end of a dump; `error` is from its payload */
    RTNL_ERROR,   /* NLMSG_ERROR; `error` is 0 for an acknowledgement */
    RTNL_OVERRUN, /* NLMSG_OVERRUN */
    RTNL_OTHER,   /* any other; to be ignored */
};

enum {
    RTNL_NAMES_MAX = 512,     /* further alternative names of a link are ignored */
    RTNL_NAME_TEXT_MAX = 128, /* ALTIFNAMSIZ */
};

struct rtnl_message {
    enum rtnl_kind kind;
    uint32_t sequence;
    bool interrupted; /* NLM_F_DUMP_INTR: the dump is not consistent */
    /* a link message of another family than AF_UNSPEC, which is not about the link itself */
    bool bridge;
    int error;        /* 0 or -errno */
    int index;        /* links, addresses */
    bool up;          /* links */
    int32_t nsid;     /* NETNSA_NSID, or IFLA_ or IFA_TARGET_NETNSID; -1 if missing */
    const char *name; /* links; points into the message */
    const char *altnames[RTNL_NAMES_MAX];
    size_t n_altnames, n_altnames_left_out;
    struct address address; /* addresses: IFA_LOCAL, otherwise IFA_ADDRESS, with its state */
    bool has_address;
};

/* Parses the message at *cursor of a datagram of `length` octets (aligned for struct nlmsghdr), and
 * moves *cursor behind it. False at the end, or if the rest is not a message (*malformed). A
 * message with broken attributes becomes RTNL_OTHER. */
bool rtnl_next(const void *bytes, size_t length, size_t *cursor, struct rtnl_message *message,
               bool *malformed);

/* Build requests, and return their length. nsid -1: our own namespace; the attribute is left
 * out. */
enum { RTNL_REQUEST_MAX = 128 };
size_t rtnl_request_links(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                          int32_t nsid);
/* For one link; the answer is one RTNL_LINK, or an RTNL_ERROR with -ENODEV. */
size_t rtnl_request_link(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence, int32_t nsid,
                         int index);
size_t rtnl_request_addresses(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                              int32_t nsid);
size_t rtnl_request_new_nsid(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                             int namespace_fd, int32_t nsid);
size_t rtnl_request_get_nsid(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                             int namespace_fd);

#endif
