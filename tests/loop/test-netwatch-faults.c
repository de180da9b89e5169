/* netwatch with wrong answers of the kernel, and with missing events. */
#include "../../phonebookd/network/netwatch.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "kernel-tap.h"
#include "residents.h"

#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

enum {
    INTERVAL = NETWATCH_DUMP_INTERVAL_MS,
    SOON = INTERVAL + 500,
};

/* A resident with one link, acquired and known, whose namespace may be dumped at once. */
struct settled {
    struct resident resident;
    struct namespace *namespace;
};

static struct settled settle(struct house *house)
{
    struct settled settled = {.resident = resident_start(0, NULL, NULL)};
    resident_run(&settled.resident, "ip link add d0 type veth peer name p0");
    settled.namespace = house_acquire(house, &settled.resident);
    house_run(house, 100); /* for the events about the new number and about links that come up */
    house_let_rest(house, settled.namespace);
    return settled;
}

static void leave(struct house *house, struct settled *settled)
{
    memset(&kernel_tap, 0, sizeof kernel_tap);
    netwatch_release(house->watch, settled->namespace);
    resident_close(&settled->resident);
}

static void house_expect_failure(struct house *house, const struct namespace *namespace)
{
    LOOP_RUN_UNTIL(&house->t, namespace->failures == 1);
}

static size_t n_addresses(const struct settled *settled)
{
    return namespace_link(settled->namespace, "d0")->n_addresses;
}

static void add_address(void *context)
{
    resident_run(context, "ip addr add 10.0.0.1/24 dev d0");
}

/* Dumping first and listening later would miss a change in between. */
static void nothing_is_lost_between_events_and_dump(void **state)
{
    struct house *house = *state;
    for (int before = 0; before <= 1; before++) {
        struct resident resident = resident_start(0, NULL, NULL);
        resident_run(&resident, "ip link add d0 type veth peer name p0");
        kernel_tap.context = &resident;
        *(before ? &kernel_tap.before_dump : &kernel_tap.after_dump) = add_address;
        struct settled settled = {resident, house_acquire(house, &resident)};
        assert_null(kernel_tap.before_dump);
        assert_null(kernel_tap.after_dump);
        assert_int_equal(n_addresses(&settled), before);
        house_expect_truth(house, settled.namespace, &resident, SOON);
        assert_int_equal(n_addresses(&settled), 1);
        leave(house, &settled);
    }
}

/* Its error is in its NLMSG_DONE. */
static void a_failed_dump_keeps_what_was_known(void **state)
{
    struct house *house = *state;
    struct settled settled = settle(house);
    kernel_tap.done_error = -EINVAL;
    add_address(&settled.resident);
    unsigned n_changed = house->n_changed;
    house_expect_failure(house, settled.namespace);
    assert_int_equal(kernel_tap.done_error, 0);
    assert_int_equal(house->n_changed, n_changed);
    assert_non_null(namespace_link(settled.namespace, "d0"));
    assert_int_equal(n_addresses(&settled), 0);
    assert_true(loop_logged(&house->t, "the known ones stay"));
    house_expect_truth(house, settled.namespace, &settled.resident, SOON);
    assert_int_equal(n_addresses(&settled), 1);
    leave(house, &settled);
}

/* A few times at once; after that at the next interval. */
static void an_interrupted_dump_is_repeated(void **state)
{
    struct house *house = *state;
    struct settled settled = settle(house);
    kernel_tap.interrupt = NETWATCH_DUMP_TRIES - 1;
    add_address(&settled.resident);
    LOOP_RUN_UNTIL(&house->t, n_addresses(&settled) == 1);
    assert_int_equal(kernel_tap.interrupt, 0);
    assert_int_equal(settled.namespace->failures, 0);

    house_let_rest(house, settled.namespace);
    kernel_tap.interrupt = NETWATCH_DUMP_TRIES;
    resident_run(&settled.resident, "ip addr add 10.0.0.2/24 dev d0");
    house_expect_failure(house, settled.namespace);
    assert_int_equal(kernel_tap.interrupt, 0);
    assert_int_equal(n_addresses(&settled), 1);
    house_expect_truth(house, settled.namespace, &settled.resident, SOON);
    leave(house, &settled);
}

/* A kernel without it would return our own addresses instead of a client's. */
static void netwatch_does_not_start_without_strict_checking(void **state)
{
    struct house *house = *state;
    kernel_tap.refuse_strict_check = true;
    assert_int_equal(netwatch_new(&house->watch, &house->t.loop, NULL, &house->interfaces,
                                  &house->accounts, NULL, NULL),
                     -ENOPROTOOPT);
    kernel_tap.refuse_strict_check = false;
    assert_true(loop_logged(&house->t, "NETLINK_GET_STRICT_CHK"));
    house->watch = NULL;
}

static void answers_of_another_namespace_are_refused(void **state)
{
    struct house *house = *state;
    struct settled a = settle(house), b = settle(house);
    resident_run(&b.resident, "ip addr add 10.6.6.6/24 dev d0");
    kernel_tap.instead_of[0] = a.namespace->nsid;
    kernel_tap.instead_of[1] = b.namespace->nsid;
    add_address(&a.resident);
    house_expect_failure(house, a.namespace);
    assert_int_equal(n_addresses(&a), 0);
    assert_true(loop_logged(&house->t, "the known ones stay"));
    kernel_tap.instead_of[1] = 0;
    house_expect_truth(house, a.namespace, &a.resident, SOON);
    leave(house, &a);
    leave(house, &b);
}

/* After any error, so that the old socket's queue is dropped. */
static void the_request_socket_is_replaced_after_an_error(void **state)
{
    struct house *house = *state;
    struct settled settled = settle(house);
    for (int what = 0; what < 3; what++) {
        uint64_t inode = kernel_tap_requests_inode();
        assert_int_not_equal(inode, 0);
        if (what == 0)
            kernel_tap.silence = true;
        else
            kernel_tap.receive_error = what == 1 ? EBUSY : ENOBUFS;
        resident_run(&settled.resident, "ip addr add 10.0.0.%d/24 dev d0", what + 1);
        house_expect_failure(house, settled.namespace);
        assert_int_equal(n_addresses(&settled), what);
        assert_int_not_equal(kernel_tap_requests_inode(), inode);
        house_expect_truth(house, settled.namespace, &settled.resident, SOON);
        house_let_rest(house, settled.namespace);
    }
    leave(house, &settled);
}

/* The namespace is not known yet, and the dump is tried again. */
static void the_first_dump_may_fail(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    kernel_tap.done_error = -ENOMEM;
    struct namespace *namespace = house_enter(house, &resident, 1000);
    house_expect_failure(house, namespace);
    assert_false(namespace->known);
    assert_int_equal(house->n_changed, 0);
    house_expect_truth(house, namespace, &resident, SOON);
    assert_true(namespace->known);
    assert_int_equal(house->n_changed, 1);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

/* An event can be lost without ENOBUFS. Here the socket leaves the group of the event. */
static void an_audit_finds_what_no_event_told(void **state)
{
    struct house *house = *state;
    struct settled settled = settle(house);
    clock_pass(NETWATCH_AUDIT_MS);
    house_run(house, INTERVAL);
    add_address(&settled.resident); /* with an event */
    house_expect_truth(house, settled.namespace, &settled.resident, SOON);
    clock_pass(NETWATCH_AUDIT_MS);
    house_run(house, INTERVAL);
    assert_false(loop_logged(&house->t, "audit"));

    int group = RTNLGRP_IPV4_IFADDR;
    assert_int_equal(setsockopt(kernel_tap_events_fd(), SOL_NETLINK, NETLINK_DROP_MEMBERSHIP,
                                &group, sizeof group),
                     0);
    unsigned n_changed = house->n_changed;
    resident_run(&settled.resident, "ip addr add 10.0.0.2/24 dev d0"); /* without an event */
    clock_pass(NETWATCH_AUDIT_MS);
    house_expect_truth(house, settled.namespace, &settled.resident, SOON);
    assert_int_equal(house->n_changed, n_changed + 1);
    assert_true(loop_logged(&house->t, "without an event; the audit found it"));
    leave(house, &settled);
}

/* A held namespace keeps its number. If another namespace reports that number's end, it is about
 * its own numbers. */
static void a_number_that_seems_gone_is_looked_into(void **state)
{
    struct house *house = *state;
    struct settled settled = settle(house);
    struct {
        struct nlmsghdr header;
        uint32_t fixed; /* struct rtgenmsg, aligned */
        struct nlattr attribute;
        int32_t nsid;
    } event = {
        .header = {.nlmsg_len = sizeof event, .nlmsg_type = RTM_DELNSID},
        .attribute = {.nla_len = 8, .nla_type = NETNSA_NSID},
        .nsid = settled.namespace->nsid,
    };
    for (int other = 1; other >= 0; other--) {
        house_let_rest(house, settled.namespace);
        unsigned n_dumps = kernel_tap.n_dumps;
        kernel_tap.event = &event;
        kernel_tap.event_length = sizeof event;
        kernel_tap.event_nsid = other ? event.nsid : -1;
        resident_run(&settled.resident, "ip link set d0 mtu %d", 1400 + other); /* wakes the loop */
        LOOP_RUN_UNTIL(&house->t, !kernel_tap.event && kernel_tap.n_dumps > n_dumps);
        assert_int_equal(loop_logged(&house->t, "is gone") > 0, !other);
    }
    leave(house, &settled);
}

/* A datagram that is cut, is not a message, or comes from an unknown namespace. */
static void an_unreadable_event_is_a_reason_to_look(void **state)
{
    struct house *house = *state;
    struct settled settled = settle(house);
    struct resident here = resident_here();
    struct namespace *own = house_acquire(house, &here);
    static const uint32_t garbage[] = {0x80000010, 20, 0, 0, 0};
    for (int what = 0; what < 3; what++) {
        house_let_rest(house, own);
        house_let_rest(house, settled.namespace);
        unsigned n_dumps = kernel_tap.n_dumps;
        kernel_tap.event = garbage;
        kernel_tap.event_length = sizeof garbage;
        kernel_tap.event_nsid = what == 2 ? -1 : settled.namespace->nsid;
        kernel_tap.event_flags = what == 0 ? 0 : what == 1 ? MSG_TRUNC : MSG_CTRUNC;
        resident_run(&here, "ip link set lo mtu %d", 1400 + what); /* wakes the loop */
        LOOP_RUN_UNTIL(&house->t, !kernel_tap.event && kernel_tap.n_dumps >= n_dumps + 2);
        assert_int_equal(kernel_tap.n_dumps, n_dumps + 2); /* our own, and the intended one */
    }
    netwatch_release(house->watch, own);
    resident_close(&here);
    leave(house, &settled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(nothing_is_lost_between_events_and_dump, house_setup),
        IN_HOUSE(a_failed_dump_keeps_what_was_known, house_setup),
        IN_HOUSE(an_interrupted_dump_is_repeated, house_setup),
        IN_HOUSE(netwatch_does_not_start_without_strict_checking, house_setup_empty),
        IN_HOUSE(answers_of_another_namespace_are_refused, house_setup),
        IN_HOUSE(the_request_socket_is_replaced_after_an_error, house_setup),
        IN_HOUSE(the_first_dump_may_fail, house_setup),
        IN_HOUSE(an_audit_finds_what_no_event_told, house_setup),
        IN_HOUSE(a_number_that_seems_gone_is_looked_into, house_setup),
        IN_HOUSE(an_unreadable_event_is_a_reason_to_look, house_setup),
    };
    return residents_run(tests);
}
