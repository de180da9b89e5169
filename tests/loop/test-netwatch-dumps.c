/* netwatch when the kernel delays a dump, or returns only a part of it. The test plays the kernel's
 * lock: kernel_tap.hold keeps a thread in send(), as rtnl_lock() would. */
#include "../../phonebookd/network/netwatch.h"

#include "../../phonebookd/limits.h"
#include "../../phonebookd/network/netwatch-dumper.h"
#include "../../phonebookd/network/netwatch-requests.h"
#include "../unit/test.h"
#include "kernel-tap.h"
#include "residents.h"

#include <errno.h>
#include <stdio.h>

enum { INTERVAL = NETWATCH_DUMP_INTERVAL_MS, SOON = INTERVAL + LOOP_LIMIT_MS };

/* Meanwhile the loop runs, accepts connections, and follows our own namespace; changes in the
 * waiting namespace are read after the dump. */
static void a_dump_that_hangs_stops_nobody(void **state)
{
    struct house *house = *state;
    struct resident here = resident_here();
    struct resident first = resident_start(0, NULL, NULL), second = resident_start(0, NULL, NULL);
    struct namespace *own = house_acquire(house, &here);
    kernel_tap.hold = KERNEL_TAP_HOLD_ALL;
    struct namespace *stuck = house_enter(house, &first, 1000);
    LOOP_RUN_UNTIL(&house->t, kernel_tap.n_held == 1);
    kernel_tap.hold = stuck->nsid;
    struct namespace *waiting = house_enter(house, &second, 1001);
    resident_run(&first, "ip addr add 10.0.0.1/32 dev lo");
    house_let_rest(house, own);
    resident_run(&here, "ip link add h0 type veth peer name h1; ip addr add 10.9.8.7/24 dev h0");
    house_expect_truth(house, own, &here, SOON);
    assert_int_equal(kernel_tap.n_held, 1);
    assert_false(stuck->known);
    assert_false(waiting->known);
    assert_true(waiting->dirty); /* its turn is next */

    kernel_tap.hold = 0;
    house_expect_truth(house, stuck, &first, SOON);
    house_expect_truth(house, waiting, &second, SOON);
    resident_run(&here, "ip link del h0");
    house_expect_truth(house, own, &here, SOON);
    netwatch_release(house->watch, own);
    netwatch_release(house->watch, stuck);
    netwatch_release(house->watch, waiting);
    resident_close(&here);
    resident_close(&first);
    resident_close(&second);
}

/* The addresses that are shown may be wrong now, without a fault of any client. */
static void a_dump_that_hangs_is_told_once(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    kernel_tap.hold = KERNEL_TAP_HOLD_ALL;
    struct namespace *stuck = house_enter(house, &resident, 1000);
    LOOP_RUN_UNTIL(&house->t, kernel_tap.n_held == 1);
    for (int audit = 1; audit <= 4; audit++) {
        clock_pass(NETWATCH_AUDIT_MS);
        house_run(house, INTERVAL);
        assert_int_equal(loop_logged(&house->t, "other network namespaces stay as they are known"),
                         audit >= 2);
    }
    kernel_tap.hold = 0;
    house_expect_known(house, stuck);
    assert_true(loop_logged(&house->t, "the addresses of other network namespaces are read again"));
    netwatch_release(house->watch, stuck);
    resident_close(&resident);
}

/* Even if the namespace came back: events in between were not received. */
static void the_result_for_a_namespace_that_left_is_dropped(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    kernel_tap.hold = KERNEL_TAP_HOLD_ALL;
    struct namespace *namespace = house_enter(house, &resident, 1000);
    LOOP_RUN_UNTIL(&house->t, kernel_tap.n_held == 1);
    netwatch_release(house->watch, namespace);
    namespace = house_enter(house, &resident, 1000);
    unsigned n_dumps = kernel_tap.n_dumps;
    kernel_tap.hold = 0;
    house_expect_known(house, namespace);
    assert_int_equal(house->n_changed, 1);
    assert_int_equal(kernel_tap.n_dumps, n_dumps + 2); /* it was read anew */

    house_let_rest(house, namespace);
    kernel_tap.hold = KERNEL_TAP_HOLD_ALL;
    resident_run(&resident, "ip addr add 10.0.0.1/32 dev lo");
    LOOP_RUN_UNTIL(&house->t, kernel_tap.n_held == 1);
    netwatch_release(house->watch, namespace);
    kernel_tap.hold = 0;
    LOOP_RUN_UNTIL(&house->t, kernel_tap.n_held == 0 && kernel_tap.n_dumps == n_dumps + 3);
    house_run(house, 20);
    assert_int_equal(house->n_changed, 1);
    assert_int_equal(house->interfaces.n_namespaces, 0);
    resident_close(&resident);
}

/* The thread ends by itself, as the teardown sees. */
static void the_end_waits_for_no_dump(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    kernel_tap.hold = KERNEL_TAP_HOLD_ALL;
    house_enter(house, &resident, 1000);
    LOOP_RUN_UNTIL(&house->t, kernel_tap.n_held == 1);
    netwatch_close(house->watch);
    house->watch = NULL;
    house_run(house, 1);
    assert_int_equal(kernel_tap.n_held, 1);
    kernel_tap.hold = 0;
    for (int i = 0; i < LOOP_LIMIT_MS && kernel_tap.n_held > 0; i++)
        house_run(house, 1);
    resident_close(&resident);
}

/* However long the dumps wait. */
static void slow_dumps_come_last(void **state)
{
    struct house *house = *state;
    struct resident residents[3];
    for (int i = 0; i < 3; i++)
        residents[i] = resident_start(0, NULL, NULL);
    kernel_tap.hold = KERNEL_TAP_HOLD_ALL;
    struct namespace *namespaces[3];
    namespaces[0] = house_enter(house, &residents[0], 1000);
    LOOP_RUN_UNTIL(&house->t, kernel_tap.n_held == 1);
    namespaces[1] = house_enter(house, &residents[1], 1000);
    namespaces[2] = house_enter(house, &residents[2], 1001);
    house_run(house, NETWATCH_DUMP_SLOW_MS + 10);
    kernel_tap.hold = namespaces[1]->nsid;
    house_expect_known(house, namespaces[2]); /* came last, but its user was not slow */
    assert_true(namespaces[0]->known);
    assert_false(namespaces[1]->known);
    kernel_tap.hold = 0;
    house_expect_known(house, namespaces[1]);
    for (int i = 0; i < 3; i++) {
        netwatch_release(house->watch, namespaces[i]);
        resident_close(&residents[i]);
    }
}

/* Before the loop's first turn. */
static void at_the_start_all_namespaces_are_read(void **state)
{
    struct house *house = *state;
    struct resident here = resident_here();
    struct namespace *namespaces[4], *own = house_enter(house, &here, 0);
    struct resident residents[4];
    for (int i = 0; i < 4; i++) {
        residents[i] = resident_start(0, NULL, NULL);
        namespaces[i] = house_enter(house, &residents[i], 1000);
    }
    netwatch_read_unknown(house->watch);
    assert_true(own->known);
    for (int i = 0; i < 4; i++)
        assert_true(namespaces[i]->known);
    assert_int_equal(house->n_changed, 0);
    house_run(house, 20);
    for (int i = 0; i < 4; i++) {
        netwatch_release(house->watch, namespaces[i]);
        resident_close(&residents[i]);
    }
    netwatch_release(house->watch, own);
    resident_close(&here);
}

/* If the kernel does not answer, the start goes on; a line says how many are missing, and they are
 * read later. */
static void the_start_does_not_wait_for_ever(void **state)
{
    struct house *house = *state;
    struct resident here = resident_here(), resident = resident_start(0, NULL, NULL);
    kernel_tap.hold = KERNEL_TAP_HOLD_ALL;
    struct namespace *namespace = house_enter(house, &resident, 1000);
    LOOP_RUN_UNTIL(&house->t, kernel_tap.n_held == 1);
    kernel_tap.hold = namespace->nsid;
    struct namespace *own = house_enter(house, &here, 0);
    netwatch_read_unknown(house->watch);
    assert_true(own->known);
    assert_false(namespace->known);
    assert_true(loop_logged(&house->t, "of 1 network namespaces could not be read yet"));
    assert_int_equal(house->n_changed, 0);
    kernel_tap.hold = 0;
    house_expect_known(house, namespace);
    assert_int_equal(house->n_changed, 1);
    netwatch_release(house->watch, own);
    netwatch_release(house->watch, namespace);
    resident_close(&here);
    resident_close(&resident);
}

/* Its user waits too, but our own namespace does not. */
static void an_expensive_namespace_rests(void **state)
{
    enum { BURNT_MS = 200 };
    struct house *house = *state;
    struct resident here = resident_here(), resident = resident_start(0, NULL, NULL);
    uint64_t before = uv_now(&house->t.loop);
    kernel_tap.burn_ms = BURNT_MS;
    struct namespace *namespace = house_acquire(house, &resident);
    assert_int_equal(kernel_tap.burn_ms, 0);
    assert_true(namespace->rests_until >= before + BURNT_MS / 2 * NETWATCH_DUMP_SHARE);

    kernel_tap.burn_ms = BURNT_MS;
    struct namespace *own = house_acquire(house, &here);
    assert_int_equal(kernel_tap.burn_ms, 0);
    assert_true(own->rests_until <= uv_now(&house->t.loop) + INTERVAL);
    netwatch_release(house->watch, own);
    netwatch_release(house->watch, namespace);
    namespace = house_enter(house, &resident, 1000);
    assert_true(namespace->dirty); /* it came again, and waits anyway */
    netwatch_release(house->watch, namespace);
    resident_close(&here);
    resident_close(&resident);
}

static void ignore(void *owner)
{
    (void)owner;
}

/* The processor time of a dump counts. */
static void waiting_for_the_kernel_costs_nothing(void **state)
{
    struct house *house = *state;
    struct netwatch_dumper dumper = {.done = ignore};
    assert_int_equal(netwatch_dumper_init(&dumper, NULL, 0), 0);
    kernel_tap.hold = KERNEL_TAP_HOLD_OWN;
    netwatch_dumper_listen(&dumper, &house->t.loop);
    netwatch_dumper_start(&dumper, NAMESPACE_OWN);
    LOOP_RUN_UNTIL(&house->t, kernel_tap.n_held == 1);
    assert_false(netwatch_dumper_wait(&dumper, UINT64_C(200000000)));
    struct netwatch_dump dump;
    assert_false(netwatch_dumper_take(&dumper, &dump));
    kernel_tap.hold = 0;
    assert_true(netwatch_dumper_wait(&dumper, UINT64_C(1000000) * LOOP_LIMIT_MS));
    assert_true(netwatch_dumper_take(&dumper, &dump));
    assert_false(netwatch_dumper_take(&dumper, &dump));
    assert_int_equal(dump.error, 0);
    assert_true(dump.time >= UINT64_C(200000000));
    assert_true(dump.cpu < dump.time / 2);
    assert_true(dump.cpu > 0);
    snapshot_fini(&dump.snapshot);
    netwatch_dumper_fini(&dumper);
    uv_close((uv_handle_t *)&dumper.async, NULL);
    house_run(house, 1);
}

/* Because others wait for it. A small dump has no limit. */
static void a_large_dump_has_a_limit_of_time(void **state)
{
    (void)state;
    struct resident here = resident_here();
    struct netwatch_requests requests;
    assert_int_equal(netwatch_requests_init(&requests, NULL), 0);
    requests.limit_ms = 1;
    clock_go(); /* processor time counts */
    for (int large = 0; large <= 1; large++) {
        kernel_tap.burn_ms = 10;
        struct snapshot snapshot;
        int error = netwatch_requests_dump(&requests, NAMESPACE_OWN, &snapshot);
        assert_int_equal(error, large ? -ETIMEDOUT : 0);
        if (!error)
            snapshot_fini(&snapshot);
        resident_run(&here, large ? "ip link del group 7"
                                  : "for i in $(seq 300); do echo link add t$i group 7 type ifb;"
                                    " done | ip -batch -");
    }
    netwatch_requests_fini(&requests);
    resident_close(&here);
}

/* Links with so many alternative names that the kernel ends its dump before the first of them. */
static void add_long_links(const struct resident *resident, int n_links)
{
    resident_run(resident,
                 "for d in $(seq %d); do echo link add d$d type ifb; for n in $(seq 450); do"
                 " printf \"link property add dev d%%d altname %%0120d-%%d\\n\" $d $n $d; done;"
                 " echo addr add 10.0.0.$d/24 dev d$d; done | ip -batch -",
                 n_links);
}

/* One by one. A link without an address is not needed. */
static void a_truncated_dump_is_completed(void **state)
{
    enum { LINKS = 3 };
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    kernel_tap.n_asked = 0;
    add_long_links(&resident, LINKS);
    resident_run(&resident, "ip link add plain type ifb; ip addr add 10.0.1.1/24 dev plain");
    LOOP_RUN_UNTIL(&house->t, namespace_link(namespace, "plain") &&
                                  namespace_link(namespace, "plain")->n_addresses == 1);
    assert_true(kernel_tap.n_asked >= LINKS + 1);
    for (int i = 1; i <= LINKS; i++) {
        char name[16];
        snprintf(name, sizeof name, "d%d", i);
        const struct link *link = namespace_link(namespace, name);
        assert_non_null(link);
        assert_int_equal(link->n_addresses, 1);
        assert_int_equal(link->n_names, 451);
    }
    assert_int_equal(namespace->failures, 0);

    house_let_rest(house, namespace);
    resident_run(&resident, "ip link set plain up"); /* part of the requested answer */
    LOOP_RUN_UNTIL(&house->t, namespace_link(namespace, "plain")->up);
    resident_run(&resident, "ip link del d2");
    LOOP_RUN_UNTIL(&house->t, !namespace_link(namespace, "d2"));
    assert_int_equal(namespace_link(namespace, "d1")->n_addresses, 1);
    assert_int_equal(namespace_link(namespace, "d3")->n_addresses, 1);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

/* The known addresses stay, and a line says so. */
static void a_dump_that_lacks_too_much_is_refused(void **state)
{
    struct house *house = *state;
    struct resident resident = resident_start(0, NULL, NULL);
    struct namespace *namespace = house_acquire(house, &resident);
    add_long_links(&resident, 1);
    LOOP_RUN_UNTIL(&house->t, namespace_link(namespace, "d1") &&
                                  namespace_link(namespace, "d1")->n_addresses == 1);
    resident_run(
        &resident,
        "for i in $(seq %d); do echo link add e$i type ifb;"
        " echo addr add 10.$((i / 250 + 1)).$((i %% 250)).1/32 dev e$i; done | ip -batch -",
        NETWATCH_LINKS_ASKED_MAX);
    LOOP_RUN_UNTIL(&house->t,
                   loop_logged(&house->t, "the kernel leaves out links that have addresses"));
    assert_non_null(namespace_link(namespace, "d1"));
    assert_int_equal(namespace_link(namespace, "d1")->n_addresses, 1);
    resident_run(&resident, "ip link del d1"); /* the reason is gone */
    LOOP_RUN_UNTIL(&house->t, !namespace_link(namespace, "d1"));
    assert_int_equal(namespace->now.n_addresses, NETWATCH_LINKS_ASKED_MAX);
    netwatch_release(house->watch, namespace);
    resident_close(&resident);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(a_dump_that_hangs_stops_nobody, house_setup),
        IN_HOUSE(a_dump_that_hangs_is_told_once, house_setup),
        IN_HOUSE(the_result_for_a_namespace_that_left_is_dropped, house_setup),
        IN_HOUSE(the_end_waits_for_no_dump, house_setup),
        IN_HOUSE(slow_dumps_come_last, house_setup),
        IN_HOUSE(at_the_start_all_namespaces_are_read, house_setup),
        IN_HOUSE(the_start_does_not_wait_for_ever, house_setup),
        IN_HOUSE(an_expensive_namespace_rests, house_setup),
        IN_HOUSE(waiting_for_the_kernel_costs_nothing, house_setup_empty),
        IN_HOUSE(a_large_dump_has_a_limit_of_time, house_setup_empty),
        IN_HOUSE(a_truncated_dump_is_completed, house_setup),
        IN_HOUSE(a_dump_that_lacks_too_much_is_refused, house_setup),
    };
    return residents_run(tests);
}
