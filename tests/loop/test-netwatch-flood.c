/* netwatch with too many events, and with messages of another user. */
#include "../../phonebookd/network/netwatch.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "kernel-tap.h"
#include "residents.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    INTERVAL = NETWATCH_DUMP_INTERVAL_MS,
    SOON = INTERVAL + 500,
    STRANGER = 65534,
};

/* Memory shared with the stranger's process. */
struct stranger {
    volatile int go; /* messages to send; -1: without end */
    volatile unsigned long sent, failed;
    int what; /* SPOOF_... */
};
enum { SPOOF_ADDRESS, SPOOF_GARBAGE, SPOOF_NSID_GONE, SPOOF_KINDS };

static struct stranger *a_stranger(void)
{
    return mmap(NULL, sizeof(struct stranger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
}

/* A user with a network namespace can send to its groups, and so to sockets that listen to all. The
 * first 20 octets of garbage crash a reader that trusts mnl_nlmsg_ok() of libmnl 1.0.4. */
static size_t make_message(uint8_t bytes[static 64], int what)
{
    static const uint8_t address[] = {2, 24, 0, 0, 1, 0, 0, 0, 8, 0, 1, 0,
                                      6, 6,  6, 6, 8, 0, 2, 0, 6, 6, 6, 6};
    struct nlmsghdr header = {.nlmsg_type = RTM_NEWADDR};
    size_t length = sizeof header + sizeof address;
    memset(bytes, 0, 64);
    if (what == SPOOF_NSID_GONE) {
        header.nlmsg_type = RTM_DELNSID;
        length = sizeof header;
    }
    header.nlmsg_len = what == SPOOF_GARBAGE ? 0x80000010 : (uint32_t)length;
    memcpy(bytes, &header, sizeof header);
    memcpy(bytes + sizeof header, address, sizeof address);
    return what == SPOOF_GARBAGE ? 20 : length;
}

static void strange(void *context)
{
    struct stranger *stranger = context;
    struct sockaddr_nl everybody = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
    };
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    for (;;) {
        while (!stranger->go)
            usleep(1000);
        uint8_t bytes[64];
        size_t length = make_message(bytes, stranger->what);
        if (sendto(fd, bytes, length, 0, (struct sockaddr *)&everybody, sizeof everybody) < 0 &&
            errno != ENOBUFS && errno != ESRCH)
            stranger->failed++;
        stranger->sent++;
        if (stranger->go > 0)
            stranger->go--;
    }
}

/* They arrive (as the drop counter and a second reader would show), but are neither parsed nor
 * counted. */
static void messages_of_another_process_are_ignored(void **state)
{
    struct house *house = *state;
    struct stranger *stranger = a_stranger();
    struct resident resident = resident_start(STRANGER, strange, stranger);
    struct resident victim = resident_start(0, NULL, NULL);
    struct namespace *theirs = house_acquire(house, &resident);
    struct namespace *namespace = house_acquire(house, &victim);
    house_run(house, INTERVAL + 100);
    unsigned n_dumps = kernel_tap.n_dumps, n_changed = house->n_changed;
    for (stranger->what = 0; stranger->what < SPOOF_KINDS; stranger->what++) {
        unsigned long sent = stranger->sent;
        stranger->go = 100;
        while (stranger->go)
            house_run(house, 10);
        assert_int_equal(stranger->sent - sent, 100);
    }
    house_run(house, INTERVAL);
    assert_int_equal(stranger->failed, 0);
    assert_int_equal(kernel_tap.n_dumps, n_dumps);
    assert_int_equal(house->n_changed, n_changed);
    resident_run(&victim, "ip addr add 10.0.0.1/24 dev lo");
    assert_in_range(house_expect_truth(house, namespace, &victim, SOON), 0, INTERVAL / 2);
    netwatch_release(house->watch, theirs);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
    resident_close(&victim);
    munmap(stranger, sizeof *stranger);
}

/* A change in another namespace is delayed by at most a second. */
static void a_flood_delays_nobody_for_long(void **state)
{
    struct house *house = *state;
    struct stranger *stranger = a_stranger();
    struct resident resident = resident_start(STRANGER, strange, stranger);
    struct resident victim = resident_start(0, NULL, NULL);
    struct namespace *theirs = house_acquire(house, &resident);
    struct namespace *namespace = house_acquire(house, &victim);
    house_run(house, INTERVAL + 100);
    stranger->go = -1;
    for (int i = 1; i <= 4; i++) {
        house_run(house, 1000);
        resident_run(&victim, "ip addr add 10.0.0.%d/24 dev lo", i);
        house_expect_truth(house, namespace, &victim, SOON + 500);
    }
    stranger->go = 0;
    assert_true(stranger->sent > NETWATCH_MESSAGES_PER_SECOND);
    assert_true(loop_logged(&house->t, "more network events than can be read"));
    assert_false(loop_logged(&house->t, "can be read again"));
    resident_run(&victim, "ip addr flush dev lo");
    house_expect_truth(house, namespace, &victim, SOON + 500);
    house_run(house, INTERVAL + NETWATCH_CALM_MS);
    assert_true(loop_logged(&house->t, "can be read again"));
    resident_run(&victim, "ip addr add 10.0.0.1/24 dev lo");
    assert_in_range(house_expect_truth(house, namespace, &victim, SOON), 0, INTERVAL / 2);
    netwatch_release(house->watch, theirs);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
    resident_close(&victim);
    munmap(stranger, sizeof *stranger);
}

static int setup_small(void **state)
{
    kernel_tap.receive_buffer = 4096;
    int result = house_setup(state);
    kernel_tap.receive_buffer = 0;
    return result;
}

static void add_many(const struct resident *resident, int third, int n)
{
    char path[] = "/tmp/addresses-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "we");
    for (int i = 0; i < n; i++)
        fprintf(file, "addr add 10.%d.%d.%d/32 dev lo\n", third, i / 250, i % 250 + 1);
    fclose(file);
    resident_run(resident, "ip -batch %s", path);
    unlink(path);
}

/* The kernel reports ENOBUFS once, and libuv stops polling. Lost changes are found at once, changes
 * during the socket's rest at its end, and later ones by events. */
static void an_overrun_loses_nothing(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    for (int i = 0; i < 2; i++) {
        unsigned long drops = kernel_tap_drops(kernel_tap_events_fd());
        house_let_rest(house, namespace);
        add_many(&resident, i, 1000);
        assert_true(kernel_tap_drops(kernel_tap_events_fd()) > drops);
        assert_in_range(house_expect_truth(house, namespace, &resident, SOON), 0, INTERVAL / 2);
        house_run(house, 20);
        resident_run(&resident, "ip addr add 10.8.0.%d/32 dev lo", i + 1);
        house_expect_truth(house, namespace, &resident, SOON);
        house_run(house, 2 * INTERVAL);
        resident_run(&resident, "ip addr add 10.9.0.%d/32 dev lo", i + 1);
        assert_in_range(house_expect_truth(house, namespace, &resident, SOON), 0, INTERVAL / 2);
    }
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

static bool has(const struct namespace *namespace, const char *text)
{
    const struct link *lo = namespace_link(namespace, "lo");
    struct address address;
    assert_true(address_parse(&address, text));
    for (size_t i = 0; i < lo->n_addresses; i++) {
        if (address_compare(&lo->addresses[i], &address) == 0)
            return true;
    }
    return false;
}

/* An address is added and removed as fast as possible, before 2000 others, while they are dumped;
 * none of these may be missing meanwhile. */
static void a_storm_ends_in_the_truth(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    add_many(&resident, 0, 2000);
    house_let_rest(house, namespace);
    house_expect_truth(house, namespace, &resident, SOON);
    resident_run(&resident,
                 "(for i in $(seq 10000); do echo addr add 10.8.8.8/32 dev lo scope host;"
                 " echo addr del 10.8.8.8/32 dev lo; done;"
                 " echo addr add 10.7.7.7/32 dev lo) >/tmp/storm-$$;"
                 " (ip -batch /tmp/storm-$$; rm /tmp/storm-$$) &");
    for (int i = 0; i < 2000 && !has(namespace, "10.7.7.7"); i++) {
        house_let_rest(house, namespace);
        assert_true(namespace_link(namespace, "lo")->n_addresses >= 2000);
    }
    house_expect_truth(house, namespace, &resident, SOON);
    assert_int_equal(namespace_link(namespace, "lo")->n_addresses, 2001);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(messages_of_another_process_are_ignored, house_setup),
        IN_HOUSE(a_flood_delays_nobody_for_long, house_setup),
        IN_HOUSE(an_overrun_loses_nothing, setup_small),
        IN_HOUSE(a_storm_ends_in_the_truth, house_setup),
    };
    return residents_run(tests);
}
