/* Accounts: what each owner holds, how much more he may have; owners and kinds are separate. */
#include "../../phonebookd/state/accounts.h"

#include "../../phonebookd/limits.h"
#include "test.h"

#include <string.h>

enum { MANY = 1 << 20, ROOT_TAKES = 2000 };

static int setup(void **state)
{
    static struct accounts accounts;
    accounts_init(&accounts);
    *state = &accounts;
    return 0;
}

static void release_all(struct accounts *accounts, uint32_t owner, enum account_kind kind, size_t n)
{
    while (n-- > 0)
        accounts_release(accounts, owner, kind);
}

/* At the end nobody holds anything, so an account that is left is a leak. */
static int teardown(void **state)
{
    struct accounts *accounts = *state;
    int left = accounts->by_owner != NULL;
    for (int kind = 0; kind < ACCOUNT_KINDS; kind++)
        left |= accounts->held[kind] > 0;
    accounts_fini(accounts);
    return left;
}

static bool charge(struct accounts *accounts, uint32_t owner, enum account_kind kind)
{
    return accounts_charge(accounts, owner, kind).outcome == ACCOUNT_FINE;
}

static size_t charge_all(struct accounts *accounts, uint32_t owner, enum account_kind kind,
                         size_t most)
{
    size_t n = 0;
    while (n < most && charge(accounts, owner, kind))
        n++;
    return n;
}

static void each_kind_stops_at_its_limit(void **state)
{
    static const size_t limits[ACCOUNT_KINDS] = {CONNECTIONS_PER_USER, REGISTRATIONS_PER_USER,
                                                 NAMESPACES_PER_USER};
    for (int kind = 0; kind < ACCOUNT_KINDS; kind++) {
        assert_int_equal(charge_all(*state, 1000, kind, MANY), limits[kind]);
        accounts_release(*state, 1000, kind);
        assert_int_equal(charge_all(*state, 1000, kind, MANY), 1);
        release_all(*state, 1000, kind, limits[kind]);
        accounts_limit(*state, kind, 5);
        assert_int_equal(charge_all(*state, 1000, kind, MANY), 5);
        accounts_limit(*state, kind, 0);
        assert_int_equal(charge_all(*state, 1000, kind, MANY), limits[kind] - 5);
        release_all(*state, 1000, kind, limits[kind]);
    }
}

static void root_has_no_limit(void **state)
{
    assert_int_equal(charge_all(*state, 0, ACCOUNT_CONNECTIONS, ROOT_TAKES), ROOT_TAKES);
    release_all(*state, 0, ACCOUNT_CONNECTIONS, ROOT_TAKES);
}

static void owners_and_kinds_are_counted_apart(void **state)
{
    size_t n = charge_all(*state, 1000, ACCOUNT_CONNECTIONS, MANY);
    assert_true(charge(*state, 1001, ACCOUNT_CONNECTIONS));
    assert_true(charge(*state, 999, ACCOUNT_CONNECTIONS));
    assert_true(charge(*state, UINT32_MAX, ACCOUNT_CONNECTIONS));
    assert_true(charge(*state, 1000, ACCOUNT_REGISTRATIONS));
    assert_false(charge(*state, 1000, ACCOUNT_CONNECTIONS));
    release_all(*state, 1000, ACCOUNT_CONNECTIONS, n);
    release_all(*state, 1001, ACCOUNT_CONNECTIONS, 1);
    release_all(*state, 999, ACCOUNT_CONNECTIONS, 1);
    release_all(*state, UINT32_MAX, ACCOUNT_CONNECTIONS, 1);
    release_all(*state, 1000, ACCOUNT_REGISTRATIONS, 1);
}

/* Owners come one after the other, and each takes all that he can get. `got`: how much the first
 * ones get, up to the last who gets another amount than the one before him. */
static const struct share {
    const char *what;
    size_t total, per_user;
    int owners; /* 1 and up; each with any number of uids */
    size_t got[12];
    size_t last, left; /* what the last owner gets, and then root */
} shares[] = {
    {"one, by the fixed bound", 524224, 256, 1, {256}, 256, 523968},
    {"one, by the share", 400, 256, 1, {200}, 200, 200},
    {"two", 400, 256, 2, {200, 100}, 100, 100},
    {"two, neither bound by a share", 4096, 64, 2, {64, 64}, 64, 3968},
    {"79 of a large total", 20000, 256, 79, {256, 256, 256, 256}, 4, 3690},
    {"RLIMIT_NOFILE 256: 192", 192, 256, 12, {96, 48, 12, 4, 4, 4, 4, 4, 4}, 0, 12},
    {"RLIMIT_NOFILE 128: 64", 64, 256, 6, {32, 16, 4, 4, 4, 0}, 0, 4},
    {"very few", 8, 256, 3, {4, 4, 0}, 0, 0},
    {"fewer than are few", 3, 256, 2, {3, 0}, 0, 0},
    {"one in all", 1, 256, 2, {1, 0}, 0, 0},
};

static void expect_share(struct accounts *accounts, const struct share *share)
{
    int known = share->owners < 12 ? share->owners : 4;
    accounts->total[ACCOUNT_CONNECTIONS] = share->total;
    accounts_limit(accounts, ACCOUNT_CONNECTIONS, share->per_user);
    size_t got[100] = {0};
    for (int i = 0; i < share->owners; i++)
        got[i] = charge_all(accounts, 1000 + (uint32_t)i, ACCOUNT_CONNECTIONS, MANY);
    size_t root = charge_all(accounts, 0, ACCOUNT_CONNECTIONS, MANY);
    for (int i = 0; i < known; i++)
        if (got[i] != share->got[i])
            fail_msg("%s: owner %d got %zu, not %zu", share->what, i, got[i], share->got[i]);
    if (got[share->owners - 1] != share->last || root != share->left)
        fail_msg("%s: the last got %zu, root %zu", share->what, got[share->owners - 1], root);
    for (int i = 0; i < share->owners; i++)
        release_all(accounts, 1000 + (uint32_t)i, ACCOUNT_CONNECTIONS, got[i]);
    release_all(accounts, 0, ACCOUNT_CONNECTIONS, root);
}

static void a_user_may_hold_half_of_what_is_left(void **state)
{
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        expect_share(*state, &shares[i]);
}

/* The first user keeps what he has; others can have what he releases. */
static void a_share_grows_with_what_others_release(void **state)
{
    struct accounts *accounts = *state;
    accounts->total[ACCOUNT_NAMESPACES] = 100;
    assert_int_equal(charge_all(accounts, 1, ACCOUNT_NAMESPACES, MANY), 50);
    assert_int_equal(charge_all(accounts, 2, ACCOUNT_NAMESPACES, MANY), 25);
    release_all(accounts, 1, ACCOUNT_NAMESPACES, 40);
    assert_int_equal(charge_all(accounts, 2, ACCOUNT_NAMESPACES, MANY), 20);
    release_all(accounts, 1, ACCOUNT_NAMESPACES, 10);
    release_all(accounts, 2, ACCOUNT_NAMESPACES, 45);
}

static void expect_why(struct accounts *accounts, uint32_t owner, uint32_t uid,
                       const char *expected)
{
    struct account_verdict verdict = accounts_charge(accounts, owner, ACCOUNT_CONNECTIONS);
    char why[ACCOUNT_WHY_MAX];
    account_why(why, &verdict, uid);
    assert_string_equal(why, expected);
}

static void the_reason_names_the_limit_and_what_is_left(void **state)
{
    struct accounts *accounts = *state;
    charge_all(accounts, 1000, ACCOUNT_CONNECTIONS, MANY);
    expect_why(accounts, 1000, 1000,
               "uid 1000 holds 256 connections: the most for one user is 256 "
               "(connections-per-user)");
    accounts->total[ACCOUNT_CONNECTIONS] = 600;
    expect_why(accounts, 1000, 100017,
               "uid 1000 with its range (subuid) holds 256 connections, and 344 of 600 are left: "
               "the most for one user is 256 (connections-per-user)");
    charge_all(accounts, 1001, ACCOUNT_CONNECTIONS, MANY);
    expect_why(accounts, 1001, 1001,
               "uid 1001 holds 172 connections, and 172 of 600 are left: a user may hold half of "
               "what others do not hold");
    charge_all(accounts, 1002, ACCOUNT_CONNECTIONS, MANY);
    expect_why(accounts, 1002, 1002,
               "uid 1002 holds 60 connections, and 112 of 600 are left: the rest is kept for "
               "users who hold fewer than 4");
    for (uint32_t owner = 1; charge_all(accounts, owner, ACCOUNT_CONNECTIONS, MANY) > 0; owner++)
        ;
    expect_why(accounts, 7000, 7000,
               "uid 7000 holds 0 connections, and 37 of 600 are left: the rest is kept for "
               "root (RLIMIT_NOFILE)");
    charge_all(accounts, 0, ACCOUNT_CONNECTIONS, MANY);
    expect_why(accounts, 0, 0,
               "uid 0 holds 37 connections, and 0 of 600 are left: all are held (RLIMIT_NOFILE)");
    release_all(accounts, 1000, ACCOUNT_CONNECTIONS, 256);
    release_all(accounts, 1001, ACCOUNT_CONNECTIONS, 172);
    release_all(accounts, 1002, ACCOUNT_CONNECTIONS, 60);
    release_all(accounts, 0, ACCOUNT_CONNECTIONS, 37);
    for (uint32_t owner = 1; owner < 100; owner++)
        release_all(accounts, owner, ACCOUNT_CONNECTIONS, 4);
}

/* Nothing new is accepted until the owner is below the limit again. */
static void what_was_accepted_before_counts_and_is_never_refused(void **state)
{
    enum { TAKEN = REGISTRATIONS_PER_USER + 10 };
    struct accounts *accounts = *state;
    for (int i = 0; i < TAKEN; i++)
        assert_true(accounts_charge_taken(accounts, 7, ACCOUNT_REGISTRATIONS));
    assert_false(charge(accounts, 7, ACCOUNT_REGISTRATIONS));
    release_all(accounts, 7, ACCOUNT_REGISTRATIONS, 10);
    assert_false(charge(accounts, 7, ACCOUNT_REGISTRATIONS));
    release_all(accounts, 7, ACCOUNT_REGISTRATIONS, 1);
    assert_true(charge(accounts, 7, ACCOUNT_REGISTRATIONS));
    accounts->total[ACCOUNT_REGISTRATIONS] = 10; /* less than is held */
    assert_false(charge(accounts, 8, ACCOUNT_REGISTRATIONS));
    assert_false(charge(accounts, 0, ACCOUNT_REGISTRATIONS));
    assert_true(accounts_charge_taken(accounts, 8, ACCOUNT_REGISTRATIONS));
    release_all(accounts, 7, ACCOUNT_REGISTRATIONS, REGISTRATIONS_PER_USER);
    release_all(accounts, 8, ACCOUNT_REGISTRATIONS, 1);
}

static void releasing_nothing_changes_nothing(void **state)
{
    struct accounts *accounts = *state;
    accounts_release(accounts, 55, ACCOUNT_CONNECTIONS);
    assert_true(charge(accounts, 55, ACCOUNT_CONNECTIONS));
    accounts_release(accounts, 55, ACCOUNT_NAMESPACES);
    accounts_release(accounts, 55, ACCOUNT_CONNECTIONS);
    accounts_release(accounts, 55, ACCOUNT_CONNECTIONS);
}

static void an_account_goes_with_its_last_charge(void **state)
{
    struct accounts *accounts = *state;
    charge(accounts, 8, ACCOUNT_CONNECTIONS);
    charge(accounts, 8, ACCOUNT_REGISTRATIONS);
    accounts_release(accounts, 8, ACCOUNT_CONNECTIONS);
    assert_non_null(accounts->by_owner);
    accounts_release(accounts, 8, ACCOUNT_REGISTRATIONS);
    assert_null(accounts->by_owner);
}

static void thousands_of_owners_come_and_go(void **state)
{
    for (uint32_t owner = 0; owner < 3000; owner++)
        assert_true(charge(*state, owner * 2654435761u, ACCOUNT_CONNECTIONS));
    for (uint32_t owner = 3000; owner-- > 0;)
        accounts_release(*state, owner * 2654435761u, ACCOUNT_CONNECTIONS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(each_kind_stops_at_its_limit),
        TEST(root_has_no_limit),
        TEST(owners_and_kinds_are_counted_apart),
        TEST(a_user_may_hold_half_of_what_is_left),
        TEST(a_share_grows_with_what_others_release),
        TEST(the_reason_names_the_limit_and_what_is_left),
        TEST(what_was_accepted_before_counts_and_is_never_refused),
        TEST(releasing_nothing_changes_nothing),
        TEST(an_account_goes_with_its_last_charge),
        TEST(thousands_of_owners_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
