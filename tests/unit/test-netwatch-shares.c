/* Users whose namespaces take long to dump wait; the others do not. */
#include "../../phonebookd/network/netwatch-shares.h"

#include "../../phonebookd/limits.h"
#include "test.h"

#include <stdbool.h>

enum { MS = 1000000, NOW = 100000, BURST = NETWATCH_SHARE_BURST_MS };

static int setup(void **state)
{
    static struct netwatch_shares shares;
    netwatch_shares_init(&shares);
    *state = &shares;
    return 0;
}

static int teardown(void **state)
{
    netwatch_shares_fini(*state);
    return 0;
}

static bool is_due(const struct netwatch_shares *shares, uint32_t uid, uint64_t now)
{
    return netwatch_shares_due(shares, uid) <= now;
}

static void light_dumps_do_not_wait(void **state)
{
    struct netwatch_shares *shares = *state;
    assert_true(is_due(shares, 1000, 0));
    for (int i = 0; i < 64; i++) /* all namespaces that a user may have, at once */
        netwatch_shares_charge(shares, 1000, MS / 50, 0, NOW);
    assert_true(is_due(shares, 1000, NOW));
    assert_true(is_due(shares, 1000, 0) == false);
}

static void heavy_dumps_wait(void **state)
{
    struct netwatch_shares *shares = *state;
    uint64_t due = NOW + 50 * NETWATCH_DUMP_SHARE - BURST;
    netwatch_shares_charge(shares, 1000, 50 * MS, 0, NOW);
    assert_int_equal(netwatch_shares_due(shares, 1000), due);
    assert_true(is_due(shares, 1001, NOW));
    netwatch_shares_charge(shares, 1000, 1 * MS, 0, due); /* added to the rest of the charge */
    assert_int_equal(netwatch_shares_due(shares, 1000), due + NETWATCH_DUMP_SHARE);
}

/* Each dump begins as soon as it is due. */
static void a_user_has_a_fiftieth_in_the_long_run(void **state)
{
    struct netwatch_shares *shares = *state;
    uint64_t now = NOW, taken = 0;
    while (now < NOW + 1000000) {
        uint64_t due = netwatch_shares_due(shares, 1000);
        now = due > now ? due : now + 1;
        netwatch_shares_charge(shares, 1000, 7 * MS, 0, now);
        taken += 7;
    }
    assert_in_range(taken, 1000000 / NETWATCH_DUMP_SHARE - 50, 1000000 / NETWATCH_DUMP_SHARE + 50);
}

static void root_waits_for_nothing(void **state)
{
    struct netwatch_shares *shares = *state;
    netwatch_shares_charge(shares, 0, (uint64_t)10000 * MS, 0, NOW);
    assert_true(is_due(shares, 0, NOW));
}

static void a_user_without_debt_is_forgotten(void **state)
{
    struct netwatch_shares *shares = *state;
    for (uint32_t uid = 1; uid <= 100; uid++)
        netwatch_shares_charge(shares, uid, 50 * MS, 0, NOW);
    assert_int_equal(shares->n, 100);
    netwatch_shares_charge(shares, 7, 50 * MS, 0, NOW + 50 * NETWATCH_DUMP_SHARE);
    assert_int_equal(shares->n, 1);
    assert_true(is_due(shares, 8, NOW));
}

/* The time that a dump waits is not charged. */
static void a_slow_dump_costs_nothing_but_its_user_comes_last(void **state)
{
    struct netwatch_shares *shares = *state;
    const uint64_t slow = (uint64_t)NETWATCH_DUMP_SLOW_MS * MS;
    netwatch_shares_charge(shares, 1000, 0, slow - 1, NOW);
    assert_int_equal(netwatch_shares_slow(shares, 1000), 0);
    for (int i = 0; i < 100; i++)
        netwatch_shares_charge(shares, 1000, 0, slow, NOW + 1);
    assert_int_equal(netwatch_shares_slow(shares, 1000), NOW + 1);
    assert_true(is_due(shares, 1000, NOW + 1));
    netwatch_shares_charge(shares, 0, 0, slow, NOW + 2); /* root's too */
    assert_int_equal(netwatch_shares_slow(shares, 0), NOW + 2);
    assert_int_equal(netwatch_shares_slow(shares, 1001), 0);
    netwatch_shares_charge(shares, 7, 0, 0, NOW + 1 + NETWATCH_DUMP_SLOW_MEMORY_MS);
    assert_int_equal(netwatch_shares_slow(shares, 1000), 0);
    assert_int_equal(shares->n, 1); /* root */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(light_dumps_do_not_wait),
        TEST(heavy_dumps_wait),
        TEST(a_user_has_a_fiftieth_in_the_long_run),
        TEST(a_slow_dump_costs_nothing_but_its_user_comes_last),
        TEST(root_waits_for_nothing),
        TEST(a_user_without_debt_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
