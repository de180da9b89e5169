/* netwatch with the real kernel: after any change of links and addresses, it knows what `ip` shows.
 * */
#include "../../phonebookd/network/netwatch.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "kernel-tap.h"
#include "residents.h"

#include <stdlib.h>

enum {
    INTERVAL = NETWATCH_DUMP_INTERVAL_MS,
    SOON = INTERVAL + 500, /* an event, a dump that has to wait for its interval, a busy machine */
    DAD = 4000,            /* duplicate address detection takes up to 2 s (RFC 4862) */
};

/* Identity, bridge ports, up and down, names. After each step, it knows what `ip` shows. */
static void links_are_followed(void **state)
{
    static const char *const steps[] = {
        "ip link add d0 type veth peer name p0; ip addr add 10.0.0.1/24 dev d0; ip link set d0 up",
        "ip link set d0 down", /* IPv4 stays, without an event */
        "sysctl -qw net.ipv6.conf.d0.keep_addr_on_down=1; ip link set d0 up;"
        " ip addr add fd00::1/64 dev d0 nodad",
        "ip link set d0 down", /* IPv6 stays too */
        "ip link set d0 up; ip link set d0 name d-1",
        "ip link property add dev d-1 altname to-the-customer-network-of-building-7",
        "ip link add d2 type veth peer name p2; ip addr add 10.0.0.2/24 dev d2;"
        " ip link set d-1 name x; ip link set d2 name d-1; ip link set x name d2", /* swapped */
        "ip link del d-1; ip link add d-1 type veth peer name p3", /* another index, no address */
        "ip link property del dev d2 altname to-the-customer-network-of-building-7",
        "ip link add br0 type bridge; ip link set d2 master br0",
        "ip link set d2 nomaster", /* the event looks as if d2 were gone */
        "ip link add link d2 name m0 type macvlan; ip addr add 10.0.0.3/24 dev m0",
        "ip link del d2", /* removes the macvlan too */
    };
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        house_let_rest(house, namespace);
        resident_run(&resident, "%s", steps[i]);
        house_expect_truth(house, namespace, &resident, SOON);
        if (i == 5)
            assert_ptr_equal(namespace_link(namespace, "to-the-customer-network-of-building-7"),
                             namespace_link(namespace, "d-1"));
        if (i == 1 || i == 3)
            assert_false(namespace_link(namespace, "d0")->up);
    }
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

/* The link keeps its index, and each namespace has the same index. */
static void a_link_that_moves_is_followed(void **state)
{
    struct house *house = *state;
    struct resident a = resident_start(0, NULL, NULL), b = resident_start(0, NULL, NULL);
    struct namespace *of_a = house_acquire(house, &a), *of_b = house_acquire(house, &b);
    resident_run(
        &a, "ip link add index 7 name d0 type veth peer name p0; ip addr add 10.0.0.1/24 dev d0");
    resident_run(&b, "ip link add index 8 name other type veth peer name p1");
    house_expect_truth(house, of_a, &a, SOON);
    house_expect_truth(house, of_b, &b, SOON);
    assert_int_equal(namespace_link(of_a, "d0")->index, 7);
    resident_run(&a, "ip link set d0 netns %d", b.pid);
    resident_run(&b, "ip addr add 10.0.0.2/24 dev d0");
    house_expect_truth(house, of_a, &a, SOON);
    house_expect_truth(house, of_b, &b, SOON);
    assert_null(namespace_link(of_a, "d0"));
    assert_int_equal(namespace_link(of_b, "d0")->index, 7);
    assert_int_equal(namespace_link(of_b, "d0")->n_addresses, 1);
    netwatch_release(house->watch, of_a);
    netwatch_release(house->watch, of_b);
    resident_close(&a);
    resident_close(&b);
}

/* Flags, lifetimes, point-to-point, promotion, disabled IPv6. After each step, it knows what `ip`
 * shows. */
static void addresses_are_followed(void **state)
{
    static const char *const steps[] = {
        "ip link add d0 type veth peer name p0; ip link set d0 up; ip addr add 10.0.0.1/24 dev d0;"
        " ip addr add 10.0.0.2/24 dev d0; ip addr add 10.0.0.3/24 dev d0", /* secondary */
        "ip addr del 10.0.0.1/24 dev d0",                                  /* removes all three */
        "sysctl -qw net.ipv4.conf.d0.promote_secondaries=1; ip addr add 10.0.0.1/24 dev d0;"
        " ip addr add 10.0.0.2/24 dev d0; ip addr del 10.0.0.1/24 dev d0", /* removes one */
        "ip addr add 192.0.2.1 peer 192.0.2.99 dev d0;"
        " ip addr add 2001:db8::1 peer 2001:db8::99 dev d0 nodad",
        "ip addr add fd00::1/64 dev d0 nodad mngtmpaddr noprefixroute;"
        " ip addr add fd00::2/64 dev d0 nodad valid_lft 100 preferred_lft 0;"
        " ip addr add 10.1.0.1/24 dev d0 valid_lft 100 preferred_lft 0",
        "ip -6 addr change fd00::2/64 dev d0 valid_lft 100 preferred_lft 90",
        "sysctl -qw net.ipv6.conf.d0.disable_ipv6=1",
        "ip addr flush dev d0",
    };
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        house_let_rest(house, namespace);
        resident_run(&resident, "%s", steps[i]);
        house_expect_truth(house, namespace, &resident, SOON);
    }
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

/* Each router advertisement causes such an event. */
static void a_refresh_changes_nothing(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    resident_run(&resident, "ip link add d0 type veth peer name p0; ip link set d0 up;"
                            " ip addr add fd00::1/64 dev d0 nodad valid_lft 100 preferred_lft 90");
    house_expect_truth(house, namespace, &resident, DAD);
    house_run(house, DAD); /* detection for the link-local address */
    unsigned n_changed = house->n_changed, n_dumps = kernel_tap.n_dumps;
    for (int i = 0; i < 3; i++) {
        house_let_rest(house, namespace);
        resident_run(&resident,
                     "ip -6 addr change fd00::1/64 dev d0 valid_lft 100 preferred_lft 90");
        house_run(house, 100);
    }
    assert_true(kernel_tap.n_dumps > n_dumps);
    assert_int_equal(house->n_changed, n_changed);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

/* The preferred lifetime ends by itself. */
static void deprecation_is_followed(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    resident_run(&resident, "ip link add d0 type veth peer name p0");
    unsigned preferred = 4;
    do { /* the kernel's seconds go on while we look: longer, if it was over already */
        assert_in_range(preferred, 0, 64);
        resident_run(&resident, "ip addr replace 10.0.0.1/24 dev d0 valid_lft %u preferred_lft %u",
                     preferred + 6, preferred);
        house_expect_truth(house, namespace, &resident, SOON);
        preferred *= 2;
    } while (namespace_link(namespace, "d0")->n_addresses == 0 ||
             namespace_link(namespace, "d0")->addresses[0].state != 0);
    for (int i = 0; i < 1000 && namespace_link(namespace, "d0")->addresses[0].state == 0; i++)
        house_run(house, 100);
    assert_int_equal(namespace_link(namespace, "d0")->addresses[0].state, ADDRESS_DEPRECATED);
    for (int i = 0; i < 1000 && namespace_link(namespace, "d0")->n_addresses > 0; i++)
        house_run(house, 100);
    assert_int_equal(namespace_link(namespace, "d0")->n_addresses, 0);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

static uint8_t state_of(const struct namespace *namespace, const char *link, const char *text)
{
    struct address address;
    assert_true(address_parse(&address, text));
    const struct link *found = namespace_link(namespace, link);
    for (size_t i = 0; found && i < found->n_addresses; i++) {
        if (address_compare(&found->addresses[i], &address) == 0)
            return found->addresses[i].state;
    }
    return UINT8_MAX;
}

/* An address is tentative, then usable; the second of two duplicates stays in dumps, but is never
 * usable. */
static void duplicate_addresses_are_detected(void **state)
{
    struct house *house = *state;
    struct resident a = resident_start(0, NULL, NULL), b = resident_start(0, NULL, NULL);
    struct namespace *of_a = house_acquire(house, &a), *of_b = house_acquire(house, &b);
    resident_run(&a,
                 "ip link add v0 type veth peer name v1 netns %d; ip link set v0 up;"
                 " ip addr add fd00::1/64 dev v0 nodad",
                 b.pid);
    resident_run(&b,
                 "ip link set v1 up; ip addr add fd00::1/64 dev v1; ip addr add fd00::2 dev v1");
    house_run(house, 1);
    resident_run(&a, "ip -o addr show dev v0 | grep -q fd00::1");
    for (int i = 0; i < DAD && state_of(of_b, "v1", "fd00::2") != 0; i += 50)
        house_run(house, 50);
    assert_int_equal(state_of(of_b, "v1", "fd00::2"), 0);
    assert_int_equal(state_of(of_b, "v1", "fd00::1"), ADDRESS_DUPLICATE);
    resident_run(&b, "ip -o addr show dev v1 | grep -q dadfailed");
    house_expect_truth(house, of_a, &a, DAD);
    house_expect_truth(house, of_b, &b, DAD);
    netwatch_release(house->watch, of_a);
    netwatch_release(house->watch, of_b);
    resident_close(&a);
    resident_close(&b);
}

/* It is removed, and set again before the second look. The held clock does not move while a command
 * runs. */
static void what_is_back_soon_was_never_gone(void **state)
{
    static const struct {
        const char *away, *back;
    } steps[] = {
        {"ip addr flush dev d0", "ip addr add 10.0.0.1/24 dev d0"}, /* a DHCP client */
        {"ip addr del 10.0.0.1/24 dev d0", "ip addr add 10.0.0.1/16 dev d0"},
        {"ip link set d0 down", "ip link set d0 up"},
        {"ip link set d0 name x", "ip link set x name d0"},
        {"ip link del d0", "ip link add d0 type veth peer name p0; ip link set d0 up;"
                           " ip addr add 10.0.0.1/24 dev d0"},
    };
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    resident_run(&resident, "sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
    resident_run(&resident, "%s", steps[4].back);
    house_expect_truth(house, namespace, &resident, SOON);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        house_let_rest(house, namespace);
        unsigned n_changed = house->n_changed;
        resident_run(&resident, "%s", steps[i].away);
        LOOP_RUN_UNTIL(&house->t, namespace->doubted);
        assert_int_equal(namespace_link(namespace, "d0")->n_addresses, 1);
        assert_true(namespace_link(namespace, "d0")->up);
        resident_run(&resident, "%s", steps[i].back);
        LOOP_RUN_UNTIL(&house->t, !namespace->doubted);
        if (i < 3) /* in later cases, links have other names or indices meanwhile */
            assert_int_equal(house->n_changed, n_changed);
        assert_int_equal(namespace_link(namespace, "d0")->n_addresses, 1);
        house_expect_truth(house, namespace, &resident, SOON);
    }
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

/* New addresses are there before it. */
static void what_is_gone_counts_after_the_second_look(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    resident_run(&resident, "sysctl -qw net.ipv6.conf.default.disable_ipv6=1;"
                            " ip link add d0 type veth peer name p0; ip link set d0 up;"
                            " ip addr add 10.0.0.1/24 dev d0");
    house_expect_truth(house, namespace, &resident, SOON);
    house_let_rest(house, namespace);
    unsigned n_changed = house->n_changed;
    resident_run(&resident, "ip addr add 10.0.0.2/24 dev d0; ip addr del 10.0.0.1/24 dev d0;"
                            " ip addr replace 10.0.0.2/24 dev d0");
    LOOP_RUN_UNTIL(&house->t, namespace->doubted);
    uint64_t doubted = uv_now(&house->t.loop);
    assert_int_equal(house->n_changed, n_changed + 1);
    assert_int_equal(namespace_link(namespace, "d0")->n_addresses, 2);
    LOOP_RUN_UNTIL(&house->t, !namespace->doubted);
    assert_in_range(uv_now(&house->t.loop) - doubted, NETWATCH_LOOK_AGAIN_MS - CLOCK_TURN_MS,
                    INTERVAL - 1);
    assert_int_equal(house->n_changed, n_changed + 2);
    assert_int_equal(namespace_link(namespace, "d0")->n_addresses, 1);
    house_expect_truth(house, namespace, &resident, SOON);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(links_are_followed, house_setup),
        IN_HOUSE(a_link_that_moves_is_followed, house_setup),
        IN_HOUSE(addresses_are_followed, house_setup),
        IN_HOUSE(a_refresh_changes_nothing, house_setup),
        IN_HOUSE(deprecation_is_followed, house_setup),
        IN_HOUSE(duplicate_addresses_are_detected, house_setup),
        IN_HOUSE(what_is_back_soon_was_never_gone, house_setup),
        IN_HOUSE(what_is_gone_counts_after_the_second_look, house_setup),
    };
    return residents_run(tests);
}
