/* Findings: each system fact that a configuration needs is looked up once. */
#include "../../zones/config/findings-system.h"

#include "files.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_file_is_read_once(void **state)
{
    struct findings findings = {.source = findings_system};
    const char *path = files_path(*state, "f");
    files_write(path, "a\0b\n", 4);
    const struct finding *found = findings_file(&findings, path);
    assert_int_equal(found->error, 0);
    assert_int_equal(found->length, 4);
    assert_memory_equal(found->octets, "a\0b\n", 5);
    files_write(path, "other", 5);
    assert_ptr_equal(findings_file(&findings, path), found);
    assert_int_equal(found->length, 4);
    files_write(files_path(*state, "empty"), "", 0);
    assert_int_equal(findings_file(&findings, files_path(*state, "empty"))->length, 0);
    findings_fini(&findings);
    assert_int_equal(findings_file(&findings, path)->length, 5);
    findings_fini(&findings);
}

static void a_large_file_is_read_whole(void **state)
{
    struct findings findings = {.source = findings_system};
    const char *path = files_path(*state, "f");
    FILE *file = fopen(path, "we");
    char octets[1000];
    memset(octets, 'x', sizeof octets);
    for (int i = 0; i < 100; i++)
        assert_int_equal(fwrite(octets, 1, sizeof octets, file), sizeof octets);
    assert_int_equal(fclose(file), 0);
    const struct finding *found = findings_file(&findings, path);
    assert_int_equal(found->length, 100 * sizeof octets);
    assert_int_equal(strlen(found->octets), found->length);
    findings_fini(&findings);
    assert_int_equal(truncate(path, FINDING_FILE_MAX + 1L), 0);
    assert_int_equal(findings_file(&findings, path)->error, -EFBIG);
    findings_fini(&findings);
}

static void what_is_no_file_is_an_error_once_and_for_all(void **state)
{
    struct findings findings = {.source = findings_system};
    const char *path = files_path(*state, "f");
    assert_int_equal(findings_file(&findings, *state)->error, -EISDIR);
    assert_int_equal(findings_file(&findings, "/dev/zero")->error, -EINVAL);
    assert_int_equal(mkfifo(files_path(*state, "fifo"), 0600), 0);
    assert_int_equal(findings_file(&findings, files_path(*state, "fifo"))->error, -EINVAL);
    assert_int_equal(findings_file(&findings, path)->error, -ENOENT);
    files_write(path, "", 0); /* too late for these findings */
    assert_int_equal(findings_file(&findings, path)->error, -ENOENT);
    findings_fini(&findings);
}

static void the_names_in_a_directory_are_found_once(void **state)
{
    static const char *const names[] = {"b.zone", "a.zone",  "Z.zone",
                                        ".zone",  ".x.zone", "a.zone~"};
    struct findings findings = {.source = findings_system};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        files_write(files_path(*state, names[i]), "", 0);
    const struct finding *found = findings_names(&findings, *state, ".zone");
    assert_int_equal(found->error, 0);
    assert_int_equal(found->length, sizeof "Z.zone\0a.zone\0b.zone");
    assert_memory_equal(found->octets, "Z.zone\0a.zone\0b.zone", found->length);
    unlink(files_path(*state, "a.zone"));
    assert_ptr_equal(findings_names(&findings, *state, ".zone"), found);
    assert_int_equal(findings_file(&findings, *state)->error, -EISDIR); /* a different question */
    assert_int_equal(findings_names(&findings, files_path(*state, "none"), ".zone")->error,
                     -ENOENT);
    findings_fini(&findings);
    assert_int_equal(findings_names(&findings, *state, ".none")->length, 0);
    findings_fini(&findings);
}

static int find_nobody(void *context, enum nss_kind kind, const char *name, uint32_t *id)
{
    (void)kind, (void)name, (void)id;
    return *(int *)context;
}

/* After an error we do not know whether the user still exists. */
static void a_failed_question_leaves_the_number_found_before(void **state)
{
    int error = -EIO;
    struct findings before = {.source = findings_system};
    struct findings findings = {.source = {.find = find_nobody, .context = &error},
                                .before = &before};
    (void)state;
    uint32_t id = 7;
    assert_int_equal(findings_user(&before, "root", &id), 0);
    id = 7;
    assert_int_equal(findings_group(&findings, "root", &id), -EIO);
    assert_int_equal(findings_user(&findings, "root", &id), 0);
    assert_int_equal(id, 0);
    findings_fini(&findings);
    error = -ENOENT;
    findings =
        (struct findings){.source = {.find = find_nobody, .context = &error}, .before = &before};
    assert_int_equal(findings_user(&findings, "root", &id), -ENOENT);
    findings_fini(&findings);
    findings_fini(&before);
}

static bool read_again(const struct findings *before, void **state, const char *but)
{
    struct findings findings = {.source = findings_system};
    findings_names(&findings, *state, ".zone");
    findings_file(&findings, files_path(*state, "conf"));
    findings_file(&findings, files_path(*state, "a.zone"));
    uint32_t id;
    findings_user(&findings, "root", &id);
    bool same = findings_same(before, &findings, but);
    findings_fini(&findings);
    return same;
}

static void findings_are_the_same_until_one_of_them_changes(void **state)
{
    char *a = strdup(files_path(*state, "a.zone")), *conf = strdup(files_path(*state, "conf"));
    struct findings findings = {.source = findings_system};
    files_write(a, "x", 1);
    files_write(conf, "y", 1);
    findings_names(&findings, *state, ".zone");
    findings_file(&findings, conf);
    findings_file(&findings, a);
    assert_false(read_again(&findings, state, conf)); /* there is one more file */
    uint32_t id;
    findings_user(&findings, "root", &id);
    assert_true(read_again(&findings, state, conf));
    files_write(conf, "z", 1);
    assert_true(read_again(&findings, state, conf));
    assert_false(read_again(&findings, state, a));
    files_write(conf, "y", 1);
    files_write(a, "xx", 2);
    assert_false(read_again(&findings, state, conf));
    unlink(a);
    assert_false(read_again(&findings, state, conf));
    files_write(a, "x", 1);
    assert_true(read_again(&findings, state, conf));
    findings.all[3]->id = 1;
    assert_false(read_again(&findings, state, conf));
    files_write(files_path(*state, "b.zone"), "", 0);
    findings.all[3]->id = 0;
    assert_false(read_again(&findings, state, conf));
    findings_fini(&findings);
    free(a);
    free(conf);
}

static void other_numbers_are_more_than_other_files(void **state)
{
    char *a = strdup(files_path(*state, "a.zone"));
    struct findings findings = {.source = findings_system}, next = {.source = findings_system};
    files_write(a, "x", 1);
    findings_file(&findings, a);
    uint32_t id;
    findings_user(&findings, "root", &id);
    files_write(a, "y", 1);
    findings_file(&next, a);
    size_t n;
    const char **files = findings_differing(&findings, &next, &n); /* root is in it no more */
    assert_int_equal(n, 1);
    assert_string_equal(files[0], a);
    free(files);
    findings_user(&next, "root", &id);
    files = findings_differing(&findings, &next, &n);
    assert_int_equal(n, 1);
    free(files);
    next.all[1]->id++;
    assert_null(findings_differing(&findings, &next, &n));
    findings_fini(&findings);
    findings_fini(&next);
    free(a);
}

static void known_users_are_asked_for_once_and_unknown_ones_each_time(void **state)
{
    struct findings findings = {.source = findings_system};
    (void)state;
    uint32_t id = 7;
    assert_int_equal(findings_user(&findings, "nobody-there", &id), -ENOENT);
    assert_int_equal(findings_group(&findings, "nobody-there", &id), -ENOENT);
    assert_int_equal(id, 7);
    assert_int_equal(findings.n, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(findings_user(&findings, "root", &id), 0);
        assert_int_equal(id, 0);
        assert_int_equal(findings_group(&findings, "root", &id), 0);
        assert_int_equal(findings.n, 2);
    }
    findings.all[0]->id = 42; /* even if this has changed meanwhile, it is not looked up again */
    assert_int_equal(findings_user(&findings, "root", &id), 0);
    assert_int_equal(id, 42);
    findings_fini(&findings);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_FILES(a_file_is_read_once, files_setup),
        WITH_FILES(a_large_file_is_read_whole, files_setup),
        WITH_FILES(what_is_no_file_is_an_error_once_and_for_all, files_setup),
        WITH_FILES(the_names_in_a_directory_are_found_once, files_setup),
        WITH_FILES(known_users_are_asked_for_once_and_unknown_ones_each_time, files_setup),
        WITH_FILES(a_failed_question_leaves_the_number_found_before, files_setup),
        WITH_FILES(findings_are_the_same_until_one_of_them_changes, files_setup),
        WITH_FILES(other_numbers_are_more_than_other_files, files_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
