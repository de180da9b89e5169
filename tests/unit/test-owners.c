/* Whom a uid is charged to, as the file and the user database say, and when the file changes. */
#include "../../phonebookd/clients/owners.h"

#include "../../phonebookd/limits.h"
#include "files.h"

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void write_text(const char *path, const char *text)
{
    files_write(path, text, strlen(text));
}

static void charges_ranges_to_their_users(void **state)
{
    const char *path = files_path(state, "subuid");
    const struct passwd *daemon = getpwnam("daemon");
    struct owners owners;
    write_text(path, "1000:100000:65536\n"
                     "daemon:200000:10\n"
                     "no such user:300000:10\n"
                     "1001:300000:100\n"
                     "root:400000:1000\n"
                     "1002:0:10\n");
    owners_init(&owners, path);
    assert_int_equal(owners_find(&owners, 1000, 0), 1000);
    assert_int_equal(owners_find(&owners, 100078, 0), 1000);
    assert_int_equal(owners_find(&owners, 165536, 0), 165536);
    assert_int_equal(owners_find(&owners, 200009, 0), daemon ? daemon->pw_uid : 200009);
    assert_int_equal(owners_find(&owners, 300000, 0), 300000); /* nobody's, whoever follows */
    assert_int_equal(owners_find(&owners, 300000, 0), 300000);
    assert_int_equal(owners_find(&owners, 300010, 0), 1001);
    assert_int_equal(owners_find(&owners, 400017, 0), 400000); /* root alone is exempt */
    assert_int_equal(owners_find(&owners, 0, 0), 0);
    assert_int_equal(owners_find(&owners, 9, 0), 1002);
    owners_fini(&owners);
}

/* A change is seen at the next look, a second after the last at the earliest. */
static void follows_the_file(void **state)
{
    const char *path = files_path(state, "subuid");
    uint64_t now = 5000;
    struct owners owners;
    owners_init(&owners, path);
    assert_int_equal(owners_find(&owners, 100000, now), 100000);
    write_text(path, "1000:100000:10\n");
    assert_int_equal(owners_find(&owners, 100000, now + SUBUID_LOOK_MS - 1), 100000);
    assert_int_equal(owners_find(&owners, 100000, now += SUBUID_LOOK_MS), 1000);
    write_text(path, "1001:100000:100\n");
    assert_int_equal(owners_find(&owners, 100000, now), 1000);
    assert_int_equal(owners_find(&owners, 100000, now += SUBUID_LOOK_MS), 1001);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(owners_find(&owners, 100000, now += SUBUID_LOOK_MS), 100000);
    write_text(path, "");
    assert_int_equal(owners_find(&owners, 100000, now += SUBUID_LOOK_MS), 100000);
    owners_fini(&owners);
}

/* What cannot be read is as none, and is tried again. */
static void a_directory_is_no_file(void **state)
{
    struct owners owners;
    owners_init(&owners, *state);
    assert_int_equal(owners_find(&owners, 100000, 0), 100000);
    owners.path = files_path(state, "subuid");
    write_text(owners.path, "1000:100000:10\n");
    assert_int_equal(owners_find(&owners, 100000, SUBUID_LOOK_MS), 1000);
    owners_fini(&owners);
}

static void without_a_file_each_is_its_own(void **state)
{
    (void)state;
    assert_int_equal(owners_find(NULL, 100000, 0), 100000);
    assert_false(owners_is_nobody(NULL, 65534));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(charges_ranges_to_their_users),
        TEST(follows_the_file),
        TEST(a_directory_is_no_file),
        TEST(without_a_file_each_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
