/* netwatch with the real kernel: how namespaces come and go, and the costs. */
#include "../../phonebookd/network/netwatch.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "clock.h"
#include "kernel-tap.h"
#include "residents.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    INTERVAL = NETWATCH_DUMP_INTERVAL_MS,
    SOON = INTERVAL + 500, /* an event, a dump that has to wait for its interval, a busy machine */
};

static uint64_t inode_of(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_ino;
}

static void the_own_namespace_needs_no_number(void **state)
{
    struct house *house = *state;
    struct resident here = resident_here();
    struct namespace *namespace = house_acquire(house, &here);
    assert_int_equal(namespace->nsid, NAMESPACE_OWN);
    assert_int_equal(namespace->inode, inode_of(getpid()));
    assert_int_equal(namespace->owner, 0);
    assert_true(namespace->known);
    assert_non_null(namespace_link(namespace, "lo"));
    resident_run(&here, "ip link add d0 type veth peer name p0; ip addr add 10.9.8.7/24 dev d0");
    house_expect_truth(house, namespace, &here, SOON);
    assert_int_equal(namespace_link(namespace, "d0")->n_addresses, 1);
    resident_run(&here, "ip link del d0");
    house_expect_truth(house, namespace, &here, SOON);
    netwatch_release(house->watch, namespace);
    resident_close(&here);
}

/* The second connection costs only a search in a tree. */
static void two_connections_share_a_namespace(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *first = house_acquire(house, &resident);
    assert_true(first->nsid >= NETWATCH_NSID_FIRST);
    assert_int_equal(first->inode, inode_of(resident.pid));
    assert_int_equal(first->owner, 1000);
    unsigned n_dumps = kernel_tap.n_dumps;
    assert_ptr_equal(house_acquire(house, &resident), first);
    house_run(house, 1);
    assert_int_equal(kernel_tap.n_dumps, n_dumps);
    assert_int_equal(first->n_holders, 2);
    assert_int_equal(house->n_changed, 1); /* only by the first dump */
    netwatch_release(house->watch, first);
    assert_int_equal(house->interfaces.n_namespaces, 1);
    netwatch_release(house->watch, first);
    assert_int_equal(house->interfaces.n_namespaces, 0);
    resident_close(&resident);
}

/* Connects and disconnects until its first dump has to wait. */
static struct namespace *exhaust(struct house *house, const struct resident *heavy)
{
    for (int i = 0; i < 5000; i++) {
        struct namespace *namespace = house_enter(house, heavy, 1000);
        if (namespace->dirty)
            return namespace;
        house_expect_known(house, namespace);
        netwatch_release(house->watch, namespace);
    }
    fail_msg("a user is never made to wait");
    return NULL;
}

/* A user connects again and again with such a namespace; other users do not wait, and at the start
 * nobody does. */
static void expensive_namespaces_make_their_user_wait(void **state)
{
    struct house *house = *state;
    struct resident heavy = resident_start(0, NULL, NULL), other = resident_start(0, NULL, NULL);
    resident_run(&heavy, "for i in $(seq 200); do echo link add b$i type ifb; done | ip -batch -");
    struct namespace *namespace = exhaust(house, &heavy);
    unsigned n_dumps = kernel_tap.n_dumps;
    for (int i = 0; i < 100; i++) {
        netwatch_release(house->watch, namespace);
        namespace = house_enter(house, &heavy, 1000);
    }
    assert_int_equal(kernel_tap.n_dumps, n_dumps);
    assert_false(namespace->known);
    struct namespace *light = house_enter(house, &other, 1001);
    assert_false(light->dirty); /* it is being dumped */
    house_expect_known(house, light);
    house_expect_truth(house, namespace, &heavy, 10 * INTERVAL);
    assert_true(house->n_changed > 0);
    netwatch_release(house->watch, namespace);
    namespace = exhaust(house, &heavy);
    netwatch_read_unknown(house->watch);
    assert_true(namespace->known);
    netwatch_release(house->watch, namespace);
    netwatch_release(house->watch, light);
    resident_close(&heavy);
    resident_close(&other);
}

/* The namespace lives as long as our end is open. */
static void a_namespace_goes_when_released(void **state)
{
    struct house *house = *state;
    struct resident here = resident_here();
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    resident_run(&here, "ip link add ours type veth peer name theirs netns %d", resident.pid);
    house_expect_truth(house, namespace, &resident, SOON);
    resident_kill(&resident);
    house_run(house, 200);
    assert_int_not_equal(if_nametoindex("ours"), 0);
    netwatch_release(house->watch, namespace);
    close(resident.fd);
    for (int i = 0; i < 200 && if_nametoindex("ours"); i++)
        house_run(house, 10);
    assert_int_equal(if_nametoindex("ours"), 0);
    resident_close(&here);
}

/* A namespace keeps its number, and a number in use is not given again, even if it is the wanted
 * one. */
static void each_namespace_has_a_number_of_its_own(void **state)
{
    struct house *house = *state;
    int32_t numbers[5] = {0};
    struct resident residents[5];
    for (int i = 0; i < 5; i++) {
        residents[i] = resident_start(0, NULL, NULL);
        kernel_tap.taken = numbers[0];
        kernel_tap.n_taken = i > 0 ? 3 : 0;
        struct namespace *namespace = house_acquire(house, &residents[i]);
        assert_int_equal(kernel_tap.n_taken, 0);
        numbers[i] = namespace->nsid;
        resident_run(&residents[i], "ip addr add 10.0.0.%d/32 dev lo", i + 1);
        netwatch_release(house->watch, namespace);
        namespace = house_acquire(house, &residents[i]);
        assert_int_equal(namespace->nsid, numbers[i]);
        const struct link *lo = namespace_link(namespace, "lo");
        assert_int_equal(lo->n_addresses, 1);
        assert_int_equal(lo->addresses[0].octets[3], i + 1);
        for (int j = 0; j < i; j++)
            assert_int_not_equal(numbers[j], numbers[i]);
        netwatch_release(house->watch, namespace);
    }
    for (int i = 0; i < 5; i++)
        resident_close(&residents[i]);
}

/* Other namespaces have numbers of their own, and report the end of these to us. */
static void a_number_in_another_namespace_is_not_ours(void **state)
{
    struct house *house = *state;
    struct resident a = resident_start(0, NULL, NULL), b = resident_start(0, NULL, NULL);
    struct namespace *of_a = house_acquire(house, &a);
    /* A move makes the kernel number b in a, and a in b. */
    resident_run(&a, "ip link add v0 type veth peer name v1 netns %d", b.pid);
    house_expect_truth(house, of_a, &a, SOON);
    house_run(house, INTERVAL);
    resident_close(&b);
    house_run(house, 100);
    assert_false(loop_logged(&house->t, "is gone"));
    house_expect_truth(house, of_a, &a, SOON);
    netwatch_release(house->watch, of_a);
    resident_close(&a);
}

/* At once at the first change, then once per interval, with any number of changes. */
static void a_namespace_is_dumped_once_per_interval(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    house_run(house, INTERVAL + 50);
    unsigned n_dumps = kernel_tap.n_dumps;
    resident_run(&resident, "ip link add d0 type veth peer name p0");
    house_run(house, 50);
    assert_int_equal(kernel_tap.n_dumps, n_dumps + 1);
    assert_non_null(namespace_link(namespace, "d0"));

    uint64_t end = uv_now(&house->t.loop) + 3 * INTERVAL;
    for (int i = 0; uv_now(&house->t.loop) < end; i++) {
        resident_run(&resident, "ip addr add 10.0.%d.%d/24 dev d0", i / 250, i % 250 + 1);
        house_run(house, 10);
    }
    assert_in_range(kernel_tap.n_dumps - n_dumps, 3, 5);
    house_expect_truth(house, namespace, &resident, SOON);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

static void when_nothing_happens_netwatch_rests(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    house_run(house, 200); /* the events about the new number */
    unsigned n_dumps = kernel_tap.n_dumps;
    assert_true(house_run(house, 1500) <= 2);
    assert_int_equal(kernel_tap.n_dumps, n_dumps);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

static void hold(struct house *house, uint32_t owner, int n)
{
    for (int i = 0; i < n; i++)
        assert_true(accounts_charge_taken(&house->accounts, owner, ACCOUNT_NAMESPACES));
}

/* Nothing stays charged. */
static void expect(struct house *house, int fd, uint32_t owner, bool taken,
                   enum netwatch_outcome outcome)
{
    size_t held = house->accounts.held[ACCOUNT_NAMESPACES];
    struct namespace *namespace;
    assert_int_equal(netwatch_acquire(house->watch, fd, owner, taken, &namespace), outcome);
    assert_int_equal(house->accounts.held[ACCOUNT_NAMESPACES], held + (outcome == NETWATCH_OK));
    if (outcome == NETWATCH_OK)
        netwatch_release(house->watch, namespace);
    assert_int_equal(house->accounts.held[ACCOUNT_NAMESPACES], held);
}

/* Each numbered namespace makes every address event on the host a little more expensive. */
static void namespaces_have_limits_per_user_and_in_all(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    hold(house, 1000, NAMESPACES_PER_USER);
    expect(house, resident.fd, 1000, false, NETWATCH_LIMIT);
    expect(house, resident.fd, 1001, false, NETWATCH_OK);
    hold(house, 0, NETWATCH_NAMESPACES_MAX - NAMESPACES_PER_USER);
    expect(house, resident.fd, 0, false, NETWATCH_LIMIT);
    expect(house, resident.fd, 1000, true, NETWATCH_OK); /* a former phonebookd accepted it */
    accounts_release(&house->accounts, 1000, ACCOUNT_NAMESPACES);
    expect(house, resident.fd, 0, false, NETWATCH_OK);
    resident_close(&resident);
}

/* Without capabilities, our own namespace is served, and others get a reason. Runs in a process of
 * its own; returns its exit status. */
static int without_capabilities(const struct resident *here, const struct resident *other)
{
    if (setresuid(65534, 65534, 65534) < 0)
        return 1;
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct interfaces interfaces;
    interfaces_init(&interfaces);
    struct accounts accounts;
    accounts_init(&accounts);
    struct netwatch *watch;
    if (netwatch_new(&watch, &loop, NULL, &interfaces, &accounts, NULL, NULL) != 0 ||
        netwatch_start(watch, &loop) != 0)
        return 2;
    struct namespace *namespace;
    if (netwatch_acquire(watch, other->fd, 1000, false, &namespace) != NETWATCH_NO_CAPABILITY)
        return 4;
    if (netwatch_acquire(watch, here->fd, 1000, false, &namespace) != NETWATCH_OK)
        return 5;
    netwatch_read_unknown(watch);
    if (!namespace_link(namespace, "lo"))
        return 6;
    netwatch_release(watch, namespace);
    netwatch_close(watch);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) ? 7 : 0;
}

static void without_capabilities_the_own_namespace_is_served(void **state)
{
    (void)state;
    struct resident here = resident_here(), other = resident_start(0, NULL, NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(without_capabilities(&here, &other));
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_non_null(strstr(netwatch_outcome_text(NETWATCH_NO_CAPABILITY), "CAP_NET_ADMIN"));
    resident_close(&here);
    resident_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(the_own_namespace_needs_no_number, house_setup),
        IN_HOUSE(two_connections_share_a_namespace, house_setup),
        IN_HOUSE(a_namespace_goes_when_released, house_setup),
        IN_HOUSE(each_namespace_has_a_number_of_its_own, house_setup),
        IN_HOUSE(a_number_in_another_namespace_is_not_ours, house_setup),
        IN_HOUSE(a_namespace_is_dumped_once_per_interval, house_setup),
        IN_HOUSE(expensive_namespaces_make_their_user_wait, house_setup),
        IN_HOUSE(when_nothing_happens_netwatch_rests, house_setup),
        IN_HOUSE(namespaces_have_limits_per_user_and_in_all, house_setup),
        /* This forks, so it comes before any thread. */
        IN_HOUSE(without_capabilities_the_own_namespace_is_served, house_setup_empty),
    };
    return residents_run(tests);
}
