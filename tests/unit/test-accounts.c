/* What each uid holds, and that it is told apart by uid and by kind. */
#include "../../phonebookd/state/accounts.h"

#include "../../phonebookd/limits.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **state)
{
    static struct accounts accounts;
    accounts_init(&accounts);
    *state = &accounts;
    return 0;
}

/* Nobody holds anything at the end: an account that is left over is a leak. */
static int teardown(void **state)
{
    struct accounts *accounts = *state;
    int left = accounts->by_uid != NULL;
    accounts_fini(accounts);
    return left;
}

static size_t charge_all(struct accounts *accounts, uint32_t uid, enum account_kind kind)
{
    size_t n = 0;
    while (n < 2000 && accounts_charge(accounts, uid, kind))
        n++;
    return n;
}

static void release_all(struct accounts *accounts, uint32_t uid, enum account_kind kind, size_t n)
{
    while (n-- > 0)
        accounts_release(accounts, uid, kind);
}

static void stops_at_the_limit(void **state)
{
    static const size_t limits[ACCOUNT_KINDS] = {CONNECTIONS_PER_UID, REGISTRATIONS_PER_UID};
    for (int kind = 0; kind < ACCOUNT_KINDS; kind++) {
        assert_int_equal(account_limit(kind), limits[kind]);
        assert_int_equal(charge_all(*state, 1000, kind), limits[kind]);
        accounts_release(*state, 1000, kind);
        assert_int_equal(charge_all(*state, 1000, kind), 1);
        release_all(*state, 1000, kind, limits[kind]);
    }
}

static void root_is_exempt(void **state)
{
    assert_int_equal(charge_all(*state, 0, ACCOUNT_CONNECTIONS), 2000);
    release_all(*state, 0, ACCOUNT_CONNECTIONS, 2000);
}

static void others_are_not_counted(void **state)
{
    size_t n = charge_all(*state, 1000, ACCOUNT_CONNECTIONS);
    assert_true(accounts_charge(*state, 1001, ACCOUNT_CONNECTIONS));
    assert_true(accounts_charge(*state, 999, ACCOUNT_CONNECTIONS));
    assert_true(accounts_charge(*state, UINT32_MAX, ACCOUNT_CONNECTIONS));
    assert_true(accounts_charge(*state, 1000, ACCOUNT_REGISTRATIONS));
    assert_false(accounts_charge(*state, 1000, ACCOUNT_CONNECTIONS));
    release_all(*state, 1000, ACCOUNT_CONNECTIONS, n);
    release_all(*state, 1001, ACCOUNT_CONNECTIONS, 1);
    release_all(*state, 999, ACCOUNT_CONNECTIONS, 1);
    release_all(*state, UINT32_MAX, ACCOUNT_CONNECTIONS, 1);
    release_all(*state, 1000, ACCOUNT_REGISTRATIONS, 1);
}

/* What is taken back counts, above the limit too: then nothing new before enough is gone. */
static void taken_is_never_refused(void **state)
{
    enum { TAKEN = REGISTRATIONS_PER_UID + 10 };
    for (int i = 0; i < TAKEN; i++)
        assert_true(accounts_charge_taken(*state, 7, ACCOUNT_REGISTRATIONS));
    assert_false(accounts_charge(*state, 7, ACCOUNT_REGISTRATIONS));
    release_all(*state, 7, ACCOUNT_REGISTRATIONS, 10);
    assert_false(accounts_charge(*state, 7, ACCOUNT_REGISTRATIONS));
    release_all(*state, 7, ACCOUNT_REGISTRATIONS, 1);
    assert_true(accounts_charge(*state, 7, ACCOUNT_REGISTRATIONS));
    release_all(*state, 7, ACCOUNT_REGISTRATIONS, REGISTRATIONS_PER_UID);
}

static void release_of_nothing_is_nothing(void **state)
{
    accounts_release(*state, 55, ACCOUNT_CONNECTIONS);
    assert_true(accounts_charge(*state, 55, ACCOUNT_CONNECTIONS));
    accounts_release(*state, 55, ACCOUNT_CONNECTIONS);
    accounts_release(*state, 55, ACCOUNT_CONNECTIONS);
}

/* An account with several kinds goes with the last of all. */
static void account_goes_with_the_last(void **state)
{
    struct accounts *accounts = *state;
    accounts_charge(accounts, 8, ACCOUNT_CONNECTIONS);
    accounts_charge(accounts, 8, ACCOUNT_REGISTRATIONS);
    accounts_release(accounts, 8, ACCOUNT_CONNECTIONS);
    assert_non_null(accounts->by_uid);
    accounts_release(accounts, 8, ACCOUNT_REGISTRATIONS);
    assert_null(accounts->by_uid);
}

static void many_uids(void **state)
{
    for (uint32_t uid = 0; uid < 3000; uid++)
        assert_true(accounts_charge(*state, uid * 2654435761u, ACCOUNT_CONNECTIONS));
    for (uint32_t uid = 3000; uid-- > 0;)
        accounts_release(*state, uid * 2654435761u, ACCOUNT_CONNECTIONS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stops_at_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(root_is_exempt, setup, teardown),
        cmocka_unit_test_setup_teardown(others_are_not_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(taken_is_never_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(release_of_nothing_is_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(account_goes_with_the_last, setup, teardown),
        cmocka_unit_test_setup_teardown(many_uids, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
