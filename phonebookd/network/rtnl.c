#include "rtnl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* The attributes, which follow the fixed part of a message. */
struct body {
    const void *bytes;
    size_t length;
};

/* Copies the fixed part of a message. False if the message is too short. */
static bool take_fixed(struct body *body, void *fixed, size_t size)
{
    if (body->length < size)
        return false;
    memcpy(fixed, body->bytes, size);
    size_t step = NLMSG_ALIGN(size);
    if (step > body->length)
        step = body->length;
    body->bytes = (const uint8_t *)body->bytes + step;
    body->length -= step;
    return true;
}

/* A NUL-terminated name of 1 to 127 octets, or NULL. */
static const char *attribute_name(const struct nlattr *attribute)
{
    if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0)
        return NULL;
    const char *name = mnl_attr_get_str(attribute);
    size_t length = strlen(name);
    return length > 0 && length < RTNL_NAME_TEXT_MAX ? name : NULL;
}

static bool attribute_nsid(const struct nlattr *attribute, int32_t *nsid)
{
    if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
        return false;
    *nsid = (int32_t)mnl_attr_get_u32(attribute);
    return true;
}

static bool read_altnames(const struct nlattr *list, struct rtnl_message *message)
{
    if (mnl_attr_validate(list, MNL_TYPE_NESTED) < 0)
        return false;
    const struct nlattr *attribute;
    mnl_attr_for_each_nested(attribute, list)
    {
        if (mnl_attr_get_type(attribute) != IFLA_ALT_IFNAME)
            continue;
        const char *name = attribute_name(attribute);
        if (!name)
            return false;
        if (message->n_altnames < RTNL_NAMES_MAX)
            message->altnames[message->n_altnames++] = name;
        else
            message->n_altnames_left_out++;
    }
    return true;
}

static bool read_link(struct body body, struct rtnl_message *message)
{
    struct ifinfomsg fixed;
    if (!take_fixed(&body, &fixed, sizeof fixed))
        return false;
    message->index = fixed.ifi_index;
    message->up = fixed.ifi_flags & IFF_UP;
    message->bridge = fixed.ifi_family != AF_UNSPEC;

    const struct nlattr *attr;
    mnl_attr_for_each_payload(body.bytes, body.length)
    {
        bool well = true;
        switch (mnl_attr_get_type(attr)) {
        case IFLA_IFNAME:
            message->name = attribute_name(attr);
            well = message->name;
            break;
        case IFLA_PROP_LIST:
            well = read_altnames(attr, message);
            break;
        case IFLA_TARGET_NETNSID:
            well = attribute_nsid(attr, &message->nsid);
            break;
        }
        if (!well)
            return false;
    }
    return true;
}

/* The family is checked first: bit 0x01 is IFA_F_TEMPORARY for IPv6 and IFA_F_SECONDARY for IPv4,
 * and for IPv4 the kernel stores any other flags that were requested (rtm_to_ifaddr()). */
static uint8_t state_of(uint8_t family, uint32_t flags, bool preferred)
{
    uint8_t state = 0;
    if (!preferred || flags & IFA_F_DEPRECATED)
        state |= ADDRESS_DEPRECATED;
    if (family != AF_INET6)
        return state;
    if (flags & IFA_F_DADFAILED) /* then IFA_F_TENTATIVE stays set for ever */
        state |= ADDRESS_DUPLICATE;
    else if (flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC))
        state |= ADDRESS_TENTATIVE;
    if (flags & IFA_F_TEMPORARY)
        state |= ADDRESS_TEMPORARY;
    return state;
}

/* An address is preferred until its lifetime is 0. When a router advertisement ends the lifetime,
 * there are two events, and in the first one IFA_F_DEPRECATED is not set yet. */
static bool read_preferred(const struct nlattr *attribute, bool *preferred)
{
    struct ifa_cacheinfo info;
    if (mnl_attr_get_payload_len(attribute) < sizeof info)
        return false;
    memcpy(&info, mnl_attr_get_payload(attribute), sizeof info);
    *preferred = info.ifa_prefered > 0;
    return true;
}

/* If both attributes exist, IFA_ADDRESS is the peer's (point-to-point), and IFA_LOCAL is ours. */
static bool read_octets(struct address *address, const struct nlattr *attribute)
{
    if (mnl_attr_get_payload_len(attribute) != (address->family == AF_INET ? 4 : 16))
        return false;
    memcpy(address->octets, mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute));
    return true;
}

static bool read_address(struct body body, struct rtnl_message *message)
{
    struct ifaddrmsg fixed;
    if (!take_fixed(&body, &fixed, sizeof fixed))
        return false;
    message->index = (int)fixed.ifa_index;
    if (fixed.ifa_family != AF_INET && fixed.ifa_family != AF_INET6)
        return true; /* Phonet and MCTP have addresses too */

    const struct nlattr *local = NULL, *other = NULL;
    uint32_t flags = fixed.ifa_flags; /* the low 8 bits; IFA_FLAGS has all 32 */
    bool preferred = true;
    const struct nlattr *attr;
    mnl_attr_for_each_payload(body.bytes, body.length)
    {
        bool well = true;
        switch (mnl_attr_get_type(attr)) {
        case IFA_LOCAL:
            local = attr;
            break;
        case IFA_ADDRESS:
            other = attr;
            break;
        case IFA_FLAGS:
            well = mnl_attr_validate(attr, MNL_TYPE_U32) == 0;
            flags = well ? mnl_attr_get_u32(attr) : 0;
            break;
        case IFA_CACHEINFO:
            well = read_preferred(attr, &preferred);
            break;
        case IFA_TARGET_NETNSID:
            well = attribute_nsid(attr, &message->nsid);
            break;
        }
        if (!well)
            return false;
    }
    message->address.family = fixed.ifa_family;
    message->address.state = state_of(fixed.ifa_family, flags, preferred);
    message->address.bits = fixed.ifa_family == AF_INET6 ? fixed.ifa_prefixlen : 0;
    message->has_address = local || other;
    return !message->has_address || read_octets(&message->address, local ? local : other);
}

static bool read_nsid(struct body body, struct rtnl_message *message)
{
    struct rtgenmsg fixed;
    if (!take_fixed(&body, &fixed, sizeof fixed))
        return false;
    const struct nlattr *attr;
    mnl_attr_for_each_payload(body.bytes, body.length)
    {
        if (mnl_attr_get_type(attr) == NETNSA_NSID && !attribute_nsid(attr, &message->nsid))
            return false;
    }
    return true;
}

/* NLMSG_ERROR and NLMSG_DONE begin with an int: 0 or -errno. A failed dump reports its error only
 * in the DONE at its end (netlink_dump_done()). */
static int read_error(struct body body)
{
    int error;
    if (!take_fixed(&body, &error, sizeof error) || error > 0)
        return -EPROTO;
    return error;
}

static void read_message(const struct nlmsghdr *header, struct rtnl_message *message)
{
    struct body body = {(const uint8_t *)header + NLMSG_HDRLEN, header->nlmsg_len - NLMSG_HDRLEN};
    static const struct {
        uint16_t type;
        enum rtnl_kind kind;
        bool (*read)(struct body body, struct rtnl_message *message);
    } kinds[] = {
        {RTM_NEWLINK, RTNL_LINK, read_link},       {RTM_DELLINK, RTNL_LINK_GONE, read_link},
        {RTM_NEWADDR, RTNL_ADDRESS, read_address}, {RTM_DELADDR, RTNL_ADDRESS_GONE, read_address},
        {RTM_NEWNSID, RTNL_NSID, read_nsid},       {RTM_DELNSID, RTNL_NSID_GONE, read_nsid},
    };
    *message = (struct rtnl_message){
        .kind = RTNL_OTHER,
        .sequence = header->nlmsg_seq,
        .interrupted = header->nlmsg_flags & NLM_F_DUMP_INTR,
        .nsid = -1,
    };
    if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
        message->kind = header->nlmsg_type == NLMSG_DONE ? RTNL_DONE : RTNL_ERROR;
        message->error = read_error(body);
    } else if (header->nlmsg_type == NLMSG_OVERRUN) {
        message->kind = RTNL_OVERRUN;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].type == header->nlmsg_type && kinds[i].read(body, message))
            message->kind = kinds[i].kind;
    }
}

bool rtnl_next(const void *bytes, size_t length, size_t *cursor, struct rtnl_message *message,
               bool *malformed)
{
    *malformed = false;
    if (*cursor >= length)
        return false;
    size_t rest = length - *cursor;
    const struct nlmsghdr *header =
        (const struct nlmsghdr *)(const void *)((const uint8_t *)bytes + *cursor);
    if (rest < sizeof *header || header->nlmsg_len < sizeof *header || header->nlmsg_len > rest) {
        *malformed = true;
        return false;
    }
    read_message(header, message);
    size_t step = NLMSG_ALIGN((size_t)header->nlmsg_len);
    *cursor = step < rest ? *cursor + step : length;
    return true;
}

/* Requests are built in a buffer with the alignment of their header, and copied out. */
struct draft {
    _Alignas(struct nlmsghdr) uint8_t bytes[RTNL_REQUEST_MAX];
};

static struct nlmsghdr *begin(struct draft *draft, uint16_t type, uint16_t flags, uint32_t sequence)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(draft->bytes);
    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_REQUEST | flags;
    header->nlmsg_seq = sequence;
    return header;
}

static size_t end(uint8_t request[static RTNL_REQUEST_MAX], const struct nlmsghdr *header)
{
    memcpy(request, header, header->nlmsg_len);
    return header->nlmsg_len;
}

static size_t request_links(uint8_t request[static RTNL_REQUEST_MAX], uint16_t flags,
                            uint32_t sequence, int32_t nsid, int index)
{
    struct draft draft;
    struct nlmsghdr *header = begin(&draft, RTM_GETLINK, flags, sequence);
    struct ifinfomsg *fixed = mnl_nlmsg_put_extra_header(header, sizeof *fixed);
    fixed->ifi_index = index;
    mnl_attr_put_u32(header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    if (nsid >= 0)
        mnl_attr_put_u32(header, IFLA_TARGET_NETNSID, (uint32_t)nsid);
    return end(request, header);
}

/* We never dump a single interface: in such a dump the kernel does not set NLM_F_DUMP_INTR, and
 * silently skips addresses that did not change (inet_dump_ifaddr(), inet6_dump_addr()). */
size_t rtnl_request_links(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence, int32_t nsid)
{
    return request_links(request, NLM_F_DUMP, sequence, nsid, 0);
}

size_t rtnl_request_link(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence, int32_t nsid,
                         int index)
{
    return request_links(request, 0, sequence, nsid, index);
}

size_t rtnl_request_addresses(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                              int32_t nsid)
{
    struct draft draft;
    struct nlmsghdr *header = begin(&draft, RTM_GETADDR, NLM_F_DUMP, sequence);
    mnl_nlmsg_put_extra_header(header, sizeof(struct ifaddrmsg)); /* AF_UNSPEC: every family */
    if (nsid >= 0)
        mnl_attr_put_u32(header, IFA_TARGET_NETNSID, (uint32_t)nsid);
    return end(request, header);
}

size_t rtnl_request_new_nsid(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                             int namespace_fd, int32_t nsid)
{
    struct draft draft;
    struct nlmsghdr *header = begin(&draft, RTM_NEWNSID, NLM_F_ACK, sequence);
    mnl_nlmsg_put_extra_header(header, sizeof(struct rtgenmsg));
    mnl_attr_put_u32(header, NETNSA_FD, (uint32_t)namespace_fd);
    mnl_attr_put_u32(header, NETNSA_NSID, (uint32_t)nsid);
    return end(request, header);
}

size_t rtnl_request_get_nsid(uint8_t request[static RTNL_REQUEST_MAX], uint32_t sequence,
                             int namespace_fd)
{
    struct draft draft;
    struct nlmsghdr *header = begin(&draft, RTM_GETNSID, 0, sequence);
    mnl_nlmsg_put_extra_header(header, sizeof(struct rtgenmsg));
    mnl_attr_put_u32(header, NETNSA_FD, (uint32_t)namespace_fd);
    return end(request, header);
}
