/* rtnetlink messages: what is read from correct ones, and that broken ones are ignored. */
#include "../../phonebookd/network/rtnl.h"
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 8192 };

/* A datagram under construction: its messages, one after the other. */
struct datagram {
    _Alignas(struct nlmsghdr) uint8_t bytes[SIZE];
    size_t length;
    struct nlmsghdr *last;
};

static struct nlmsghdr *begin(struct datagram *datagram, uint16_t type, size_t fixed)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(datagram->bytes + datagram->length);
    header->nlmsg_type = type;
    header->nlmsg_seq = 7;
    if (fixed)
        mnl_nlmsg_put_extra_header(header, fixed);
    datagram->last = header;
    return header;
}

static void end(struct datagram *datagram)
{
    datagram->length += NLMSG_ALIGN(datagram->last->nlmsg_len);
}

/* Reads the only message, from memory that ends with it. */
static struct rtnl_message read_one(const struct datagram *datagram)
{
    static uint8_t *exact;
    free(exact);
    exact = malloc(datagram->length);
    memcpy(exact, datagram->bytes, datagram->length);
    size_t cursor = 0;
    bool malformed;
    struct rtnl_message message;
    assert_true(rtnl_next(exact, datagram->length, &cursor, &message, &malformed));
    assert_int_equal(cursor, datagram->length);
    struct rtnl_message rest;
    assert_false(rtnl_next(exact, datagram->length, &cursor, &rest, &malformed));
    assert_false(malformed);
    return message;
}

static void begin_link(struct datagram *datagram, uint16_t type, uint8_t family, unsigned flags)
{
    struct nlmsghdr *header = begin(datagram, type, sizeof(struct ifinfomsg));
    struct ifinfomsg *fixed = mnl_nlmsg_get_payload(header);
    fixed->ifi_family = family;
    fixed->ifi_index = 5;
    fixed->ifi_flags = flags;
}

static void a_link_is_read(void **state)
{
    (void)state;
    struct datagram datagram = {.length = 0};
    begin_link(&datagram, RTM_NEWLINK, AF_UNSPEC, IFF_UP);
    mnl_attr_put_strz(datagram.last, IFLA_IFNAME, "macv0");
    mnl_attr_put_u32(datagram.last, IFLA_TARGET_NETNSID, 1234);
    end(&datagram);
    struct rtnl_message message = read_one(&datagram);
    assert_int_equal(message.kind, RTNL_LINK);
    assert_int_equal(message.sequence, 7);
    assert_int_equal(message.index, 5);
    assert_int_equal(message.nsid, 1234);
    assert_string_equal(message.name, "macv0");
    assert_true(message.up);
    assert_false(message.bridge);
    assert_false(message.interrupted);
}

/* An interface that is down keeps its IPv4 addresses; whether there is a carrier does not
 * matter. */
static void a_link_is_up_if_the_administrator_says_so(void **state)
{
    (void)state;
    static const struct {
        unsigned flags;
        bool up;
    } cases[] = {{0, false},
                 {IFF_UP, true},
                 {IFF_UP | IFF_RUNNING | IFF_LOWER_UP, true},
                 {IFF_RUNNING | IFF_LOWER_UP, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct datagram datagram = {.length = 0};
        begin_link(&datagram, RTM_NEWLINK, AF_UNSPEC, cases[i].flags);
        end(&datagram);
        assert_int_equal(read_one(&datagram).up, cases[i].up);
    }
}

/* A port that leaves its bridge causes an RTM_DELLINK of the family AF_BRIDGE. */
static void a_message_of_a_bridge_is_marked(void **state)
{
    (void)state;
    struct datagram datagram = {.length = 0};
    begin_link(&datagram, RTM_DELLINK, AF_BRIDGE, IFF_UP);
    end(&datagram);
    struct rtnl_message message = read_one(&datagram);
    assert_int_equal(message.kind, RTNL_LINK_GONE);
    assert_true(message.bridge);
}

/* Alternative names have up to 127 octets. */
static void alternative_names_are_read(void **state)
{
    (void)state;
    char longest[128];
    memset(longest, 'n', 127);
    longest[127] = '\0';
    char too_long[129];
    memset(too_long, 'n', 128);
    too_long[128] = '\0';
    struct datagram datagram = {.length = 0};
    begin_link(&datagram, RTM_NEWLINK, AF_UNSPEC, IFF_UP);
    mnl_attr_put_strz(datagram.last, IFLA_IFNAME, "v0");
    struct nlattr *list = mnl_attr_nest_start(datagram.last, IFLA_PROP_LIST);
    mnl_attr_put_strz(datagram.last, IFLA_ALT_IFNAME, "to-the-customer-network-of-building-seven");
    mnl_attr_put_u32(datagram.last, IFLA_GROUP, 1);
    mnl_attr_put_strz(datagram.last, IFLA_ALT_IFNAME, longest);
    mnl_attr_nest_end(datagram.last, list);
    end(&datagram);
    struct rtnl_message message = read_one(&datagram);
    assert_int_equal(message.kind, RTNL_LINK);
    assert_int_equal(message.n_altnames, 2);
    assert_string_equal(message.altnames[0], "to-the-customer-network-of-building-seven");
    assert_string_equal(message.altnames[1], longest);

    datagram.length = 0;
    begin_link(&datagram, RTM_NEWLINK, AF_UNSPEC, IFF_UP);
    list = mnl_attr_nest_start(datagram.last, IFLA_PROP_LIST);
    mnl_attr_put_strz(datagram.last, IFLA_ALT_IFNAME, too_long);
    mnl_attr_nest_end(datagram.last, list);
    end(&datagram);
    assert_int_equal(read_one(&datagram).kind, RTNL_OTHER);
}

static void alternative_names_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    struct datagram datagram = {.length = 0};
    begin_link(&datagram, RTM_NEWLINK, AF_UNSPEC, IFF_UP);
    struct nlattr *list = mnl_attr_nest_start(datagram.last, IFLA_PROP_LIST);
    for (int i = 0; i < RTNL_NAMES_MAX + 5; i++)
        mnl_attr_put_strz(datagram.last, IFLA_ALT_IFNAME, "x");
    mnl_attr_nest_end(datagram.last, list);
    end(&datagram);
    assert_int_equal(read_one(&datagram).n_altnames, RTNL_NAMES_MAX);
    assert_int_equal(read_one(&datagram).n_altnames_left_out, 5);
}

static struct nlmsghdr *begin_address(struct datagram *datagram, uint8_t family, uint8_t flags)
{
    struct nlmsghdr *header = begin(datagram, RTM_NEWADDR, sizeof(struct ifaddrmsg));
    struct ifaddrmsg *fixed = mnl_nlmsg_get_payload(header);
    fixed->ifa_family = family;
    fixed->ifa_flags = flags;
    fixed->ifa_index = 5;
    fixed->ifa_prefixlen = family == AF_INET ? 24 : 56;
    return header;
}

static void put_octets(struct datagram *datagram, uint16_t type, int family, const char *text)
{
    uint8_t octets[16];
    assert_int_equal(inet_pton(family, text, octets), 1);
    mnl_attr_put(datagram->last, type, family == AF_INET ? 4 : 16, octets);
}

/* IFA_ADDRESS is the peer's if there is IFA_LOCAL too. */
static void the_local_address_comes_before_the_peers(void **state)
{
    (void)state;
    static const struct {
        int family;
        const char *local, *address, *expected;
    } cases[] = {
        {AF_INET, "192.0.2.1", "192.0.2.99", "192.0.2.1"},
        {AF_INET, NULL, "192.0.2.7", "192.0.2.7"},
        {AF_INET, "192.0.2.8", NULL, "192.0.2.8"},
        {AF_INET6, "2001:db8::1", "2001:db8::99", "2001:db8::1"},
        {AF_INET6, NULL, "2001:db8::7", "2001:db8::7"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct datagram datagram = {.length = 0};
        begin_address(&datagram, (uint8_t)cases[i].family, 0);
        if (cases[i].address)
            put_octets(&datagram, IFA_ADDRESS, cases[i].family, cases[i].address);
        if (cases[i].local)
            put_octets(&datagram, IFA_LOCAL, cases[i].family, cases[i].local);
        end(&datagram);
        struct rtnl_message message = read_one(&datagram);
        assert_int_equal(message.kind, RTNL_ADDRESS);
        assert_int_equal(message.index, 5);
        assert_int_equal(message.nsid, -1);
        assert_true(message.has_address);
        char text[ADDRESS_TEXT_MAX];
        assert_string_equal(address_text(text, &message.address), cases[i].expected);
        assert_int_equal(message.address.bits, cases[i].family == AF_INET ? 0 : 56);
    }
}

/* The flags have 32 bits, and their meaning depends on the family. */
static void the_state_of_an_address_follows_from_its_flags(void **state)
{
    (void)state;
    enum { NONE = -1 };
    static const struct {
        uint8_t family, flags8;
        int64_t flags32;
        uint8_t expected;
    } cases[] = {
        {AF_INET6, 0, NONE, 0},
        {AF_INET6, 0x80, 0x80, 0},
        {AF_INET6, 0xc0, 0xc0, ADDRESS_TENTATIVE},
        {AF_INET6, IFA_F_TENTATIVE, NONE, ADDRESS_TENTATIVE},
        {AF_INET6, 0, IFA_F_TENTATIVE, ADDRESS_TENTATIVE},
        {AF_INET6, 0, IFA_F_OPTIMISTIC, ADDRESS_TENTATIVE},
        {AF_INET6, 0x48, 0x48, ADDRESS_DUPLICATE},
        {AF_INET6, IFA_F_DADFAILED, NONE, ADDRESS_DUPLICATE},
        {AF_INET6, 0x02, 0x302, 0},
        {AF_INET6, 0, 0x100, 0},
        {AF_INET6, 0xff, 0, 0}, /* the 32 bits have precedence over the 8 */
        {AF_INET6, IFA_F_TEMPORARY, IFA_F_TEMPORARY, ADDRESS_TEMPORARY},
        {AF_INET6, 0, IFA_F_DEPRECATED | IFA_F_TEMPORARY, ADDRESS_DEPRECATED | ADDRESS_TEMPORARY},
        {AF_INET, 0x81, 0x81, 0}, /* 0x01 is IFA_F_SECONDARY */
        {AF_INET, 0x01, NONE, 0},
        {AF_INET, 0, IFA_F_DEPRECATED, ADDRESS_DEPRECATED},
        {AF_INET, 0, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct datagram datagram = {.length = 0};
        begin_address(&datagram, cases[i].family, cases[i].flags8);
        put_octets(&datagram, IFA_ADDRESS, cases[i].family,
                   cases[i].family == AF_INET ? "10.0.0.2" : "2001:db8::1");
        if (cases[i].flags32 != NONE)
            mnl_attr_put_u32(datagram.last, IFA_FLAGS, (uint32_t)cases[i].flags32);
        end(&datagram);
        assert_int_equal(read_one(&datagram).address.state, cases[i].expected);
    }
}

/* The kernel sends two messages; the first has preferred lifetime 0 and does not have the flag
 * yet. */
static void an_address_without_preferred_lifetime_is_deprecated(void **state)
{
    (void)state;
    for (int v6 = 0; v6 <= 1; v6++) {
        for (unsigned lifetime = 0; lifetime <= 1; lifetime++) {
            struct ifa_cacheinfo info = {.ifa_prefered = lifetime, .ifa_valid = 100};
            struct datagram datagram = {.length = 0};
            begin_address(&datagram, v6 ? AF_INET6 : AF_INET, 0);
            put_octets(&datagram, IFA_ADDRESS, v6 ? AF_INET6 : AF_INET,
                       v6 ? "fd00::1" : "10.0.0.1");
            mnl_attr_put(datagram.last, IFA_CACHEINFO, sizeof info, &info);
            end(&datagram);
            assert_int_equal(read_one(&datagram).address.state, lifetime ? 0 : ADDRESS_DEPRECATED);
        }
    }
}

static void another_family_has_no_address(void **state)
{
    (void)state;
    struct datagram datagram = {.length = 0};
    begin_address(&datagram, AF_PHONET, 0);
    mnl_attr_put_u8(datagram.last, IFA_LOCAL, 3);
    end(&datagram);
    struct rtnl_message message = read_one(&datagram);
    assert_int_equal(message.kind, RTNL_ADDRESS);
    assert_false(message.has_address);
}

static void a_message_with_a_broken_attribute_is_unknown(void **state)
{
    (void)state;
    for (int what = 0; what <= 9; what++) {
        struct datagram datagram = {.length = 0};
        if (what < 4) {
            begin_link(&datagram, RTM_NEWLINK, AF_UNSPEC, IFF_UP);
            if (what == 0)
                mnl_attr_put(datagram.last, IFLA_IFNAME, 3, "abc"); /* no NUL */
            if (what == 1)
                mnl_attr_put_strz(datagram.last, IFLA_IFNAME, "");
            if (what == 2)
                mnl_attr_put_u16(datagram.last, IFLA_TARGET_NETNSID, 1);
            if (what == 3)
                mnl_attr_put(datagram.last, IFLA_PROP_LIST, 2, "ab");
        } else if (what < 8) {
            begin_address(&datagram, AF_INET, 0);
            if (what == 4)
                mnl_attr_put(datagram.last, IFA_ADDRESS, 16, "0123456789abcdef");
            if (what == 5)
                mnl_attr_put(datagram.last, IFA_LOCAL, 3, "abc");
            if (what == 6)
                mnl_attr_put_u16(datagram.last, IFA_FLAGS, 1);
            if (what == 7)
                mnl_attr_put_u32(datagram.last, IFA_CACHEINFO, 1);
        } else if (what == 8) {
            begin(&datagram, RTM_DELNSID, sizeof(struct rtgenmsg));
            mnl_attr_put_u16(datagram.last, NETNSA_NSID, 1);
        } else {
            begin(&datagram, RTM_NEWLINK, 4); /* shorter than its fixed part */
        }
        end(&datagram);
        assert_int_equal(read_one(&datagram).kind, RTNL_OTHER);
    }
}

static void numbers_of_namespaces_are_read(void **state)
{
    (void)state;
    struct datagram datagram = {.length = 0};
    begin(&datagram, RTM_NEWNSID, sizeof(struct rtgenmsg));
    mnl_attr_put_u32(datagram.last, NETNSA_NSID, 1 << 20);
    end(&datagram);
    struct rtnl_message message = read_one(&datagram);
    assert_int_equal(message.kind, RTNL_NSID);
    assert_int_equal(message.nsid, 1 << 20);

    datagram.length = 0;
    begin(&datagram, RTM_DELNSID, sizeof(struct rtgenmsg));
    mnl_attr_put_u32(datagram.last, NETNSA_NSID, (uint32_t)-1);
    end(&datagram);
    message = read_one(&datagram);
    assert_int_equal(message.kind, RTNL_NSID_GONE);
    assert_int_equal(message.nsid, -1);
}

static struct rtnl_message read_int(uint16_t type, int value, size_t length)
{
    struct datagram datagram = {.length = 0};
    begin(&datagram, type, length);
    memcpy(mnl_nlmsg_get_payload(datagram.last), &value, length);
    end(&datagram);
    return read_one(&datagram);
}

/* Only NLMSG_DONE has the error. */
static void the_error_of_a_dump_is_read_from_its_end(void **state)
{
    (void)state;
    struct rtnl_message message = read_int(NLMSG_DONE, -EINVAL, sizeof(int));
    assert_int_equal(message.kind, RTNL_DONE);
    assert_int_equal(message.error, -EINVAL);
    assert_int_equal(read_int(NLMSG_DONE, 0, sizeof(int)).error, 0);
    assert_int_equal(read_int(NLMSG_DONE, 0, 0).error, -EPROTO);
    assert_int_equal(read_int(NLMSG_DONE, 1, sizeof(int)).error, -EPROTO);

    message = read_int(NLMSG_ERROR, -EEXIST, sizeof(int));
    assert_int_equal(message.kind, RTNL_ERROR);
    assert_int_equal(message.error, -EEXIST);
    assert_int_equal(read_int(NLMSG_ERROR, 0, sizeof(int)).error, 0);
    assert_int_equal(read_int(NLMSG_ERROR, 0, 0).error, -EPROTO);
    assert_int_equal(read_int(NLMSG_OVERRUN, 0, 0).kind, RTNL_OVERRUN);
    assert_int_equal(read_int(NLMSG_NOOP, 0, 0).kind, RTNL_OTHER);
    assert_int_equal(read_int(RTM_NEWROUTE, 0, 4).kind, RTNL_OTHER);
}

/* The last message may have the flag too. */
static void an_interrupted_dump_is_seen_on_any_message(void **state)
{
    (void)state;
    static const uint16_t types[] = {RTM_NEWLINK, RTM_NEWADDR, NLMSG_DONE};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct datagram datagram = {.length = 0};
        begin(&datagram, types[i], sizeof(struct ifinfomsg));
        datagram.last->nlmsg_flags = NLM_F_MULTI | NLM_F_DUMP_INTR;
        end(&datagram);
        assert_true(read_one(&datagram).interrupted);
    }
}

static void messages_in_a_datagram_are_read_one_by_one(void **state)
{
    (void)state;
    struct datagram datagram = {.length = 0};
    for (int i = 0; i < 3; i++) {
        begin_link(&datagram, RTM_NEWLINK, AF_UNSPEC, 0);
        mnl_attr_put_strz(datagram.last, IFLA_IFNAME, "abcd"); /* 5 octets: to be padded */
        end(&datagram);
    }
    datagram.length -= 3; /* the padding of the last may be missing */
    datagram.last->nlmsg_len -= 3;
    size_t cursor = 0;
    bool malformed;
    struct rtnl_message message;
    for (int i = 0; i < 3; i++)
        assert_true(rtnl_next(datagram.bytes, datagram.length, &cursor, &message, &malformed));
    assert_false(rtnl_next(datagram.bytes, datagram.length, &cursor, &message, &malformed));
    assert_false(malformed);
}

/* libmnl's own check takes the length for a negative one, and reads on. */
static void a_length_beyond_2_gb_is_malformed(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {0,  1,          15,         21,         4096,
                                       36, 0x7fffffff, 0x80000000, 0xfffffff0, UINT32_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct nlmsghdr *header = calloc(1, 20);
        header->nlmsg_len = lengths[i];
        header->nlmsg_type = RTM_NEWADDR;
        size_t cursor = 0;
        bool malformed = false;
        struct rtnl_message message;
        assert_false(rtnl_next(header, 20, &cursor, &message, &malformed));
        assert_true(malformed);
        free(header);
    }
}

static void a_short_rest_is_malformed(void **state)
{
    (void)state;
    for (size_t length = 0; length < sizeof(struct nlmsghdr); length++) {
        uint8_t *bytes = calloc(1, length + 1);
        size_t cursor = 0;
        bool malformed;
        struct rtnl_message message;
        assert_false(rtnl_next(bytes, length, &cursor, &message, &malformed));
        assert_int_equal(malformed, length > 0);
        free(bytes);
    }
}

static const struct nlattr *find(const struct nlmsghdr *header, unsigned fixed, uint16_t type)
{
    const struct nlattr *attr, *found = NULL;
    mnl_attr_for_each(attr, header, fixed)
    {
        if (mnl_attr_get_type(attr) == type)
            found = attr;
    }
    return found;
}

/* Without an nsid for our own namespace, and never for one interface. */
static void a_request_for_a_dump_names_the_namespace_alone(void **state)
{
    (void)state;
    _Alignas(struct nlmsghdr) uint8_t request[RTNL_REQUEST_MAX];
    const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)request;

    size_t length = rtnl_request_links(request, 9, 1234);
    assert_int_equal(length, header->nlmsg_len);
    assert_int_equal(header->nlmsg_type, RTM_GETLINK);
    assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
    assert_int_equal(header->nlmsg_seq, 9);
    const struct ifinfomsg zero_link = {0};
    assert_memory_equal(mnl_nlmsg_get_payload(header), &zero_link, sizeof zero_link);
    const struct nlattr *target = find(header, sizeof zero_link, IFLA_TARGET_NETNSID);
    assert_int_equal(mnl_attr_get_u32(target), 1234);
    const struct nlattr *mask = find(header, sizeof zero_link, IFLA_EXT_MASK);
    assert_int_equal(mnl_attr_get_u32(mask), RTEXT_FILTER_SKIP_STATS);
    rtnl_request_links(request, 9, -1);
    assert_null(find(header, sizeof zero_link, IFLA_TARGET_NETNSID));

    length = rtnl_request_addresses(request, 10, 0);
    assert_int_equal(length, header->nlmsg_len);
    assert_int_equal(header->nlmsg_type, RTM_GETADDR);
    const struct ifaddrmsg zero_address = {0};
    assert_memory_equal(mnl_nlmsg_get_payload(header), &zero_address, sizeof zero_address);
    target = find(header, sizeof zero_address, IFA_TARGET_NETNSID);
    assert_int_equal(mnl_attr_get_u32(target), 0);
    rtnl_request_addresses(request, 10, -1);
    assert_null(find(header, sizeof zero_address, IFA_TARGET_NETNSID));
}

/* This request is not a dump. */
static void a_single_link_is_asked_for_by_its_index(void **state)
{
    (void)state;
    _Alignas(struct nlmsghdr) uint8_t request[RTNL_REQUEST_MAX];
    const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)request;
    size_t length = rtnl_request_link(request, 9, 1234, 7);
    assert_int_equal(length, header->nlmsg_len);
    assert_int_equal(header->nlmsg_type, RTM_GETLINK);
    assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST);
    const struct ifinfomsg fixed = {.ifi_index = 7};
    assert_memory_equal(mnl_nlmsg_get_payload(header), &fixed, sizeof fixed);
    const struct nlattr *target = find(header, sizeof fixed, IFLA_TARGET_NETNSID);
    assert_int_equal(mnl_attr_get_u32(target), 1234);
    rtnl_request_link(request, 9, -1, 7);
    assert_null(find(header, sizeof fixed, IFLA_TARGET_NETNSID));
}

static void numbers_of_namespaces_are_asked_for(void **state)
{
    (void)state;
    _Alignas(struct nlmsghdr) uint8_t request[RTNL_REQUEST_MAX];
    const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)request;
    unsigned fixed = sizeof(struct rtgenmsg);
    size_t length = rtnl_request_new_nsid(request, 1, 17, 1 << 20);
    assert_int_equal(length, header->nlmsg_len);
    assert_int_equal(header->nlmsg_type, RTM_NEWNSID);
    assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
    assert_int_equal(mnl_attr_get_u32(find(header, fixed, NETNSA_FD)), 17);
    assert_int_equal(mnl_attr_get_u32(find(header, fixed, NETNSA_NSID)), 1 << 20);
    length = rtnl_request_get_nsid(request, 2, 18);
    assert_int_equal(length, header->nlmsg_len);
    assert_int_equal(header->nlmsg_type, RTM_GETNSID);
    assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST);
    assert_int_equal(mnl_attr_get_u32(find(header, fixed, NETNSA_FD)), 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_is_read),
        cmocka_unit_test(a_link_is_up_if_the_administrator_says_so),
        cmocka_unit_test(a_message_of_a_bridge_is_marked),
        cmocka_unit_test(alternative_names_are_read),
        cmocka_unit_test(alternative_names_beyond_the_limit_are_counted),
        cmocka_unit_test(the_local_address_comes_before_the_peers),
        cmocka_unit_test(the_state_of_an_address_follows_from_its_flags),
        cmocka_unit_test(an_address_without_preferred_lifetime_is_deprecated),
        cmocka_unit_test(another_family_has_no_address),
        cmocka_unit_test(a_message_with_a_broken_attribute_is_unknown),
        cmocka_unit_test(numbers_of_namespaces_are_read),
        cmocka_unit_test(the_error_of_a_dump_is_read_from_its_end),
        cmocka_unit_test(an_interrupted_dump_is_seen_on_any_message),
        cmocka_unit_test(messages_in_a_datagram_are_read_one_by_one),
        cmocka_unit_test(a_length_beyond_2_gb_is_malformed),
        cmocka_unit_test(a_short_rest_is_malformed),
        cmocka_unit_test(a_request_for_a_dump_names_the_namespace_alone),
        cmocka_unit_test(a_single_link_is_asked_for_by_its_index),
        cmocka_unit_test(numbers_of_namespaces_are_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
