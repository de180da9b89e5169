#include "../../zones/compile.h"
#include "files.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TINYDNS_DATA "/usr/sbin/tinydns-data"

enum { LARGE = 3 << 20 };

struct told {
    size_t count;
    size_t last;
    char why[64];
};

static void on_refused(void *context, size_t line, const char *why)
{
    struct told *told = context;
    told->count++;
    told->last = line;
    snprintf(told->why, sizeof told->why, "%s", why);
}

/* Compiles DIRECTORY/data to DIRECTORY/ours. */
static int compile_data(void **state, struct told *told, size_t *refused)
{
    int from = open(files_path(*state, "data"), O_RDONLY);
    int to = open(files_path(*state, "ours"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    const struct compile_ears ears = {.refused = on_refused, .context = told};
    assert_true(from >= 0 && to >= 0);
    struct stat status;
    assert_int_equal(fstat(from, &status), 0);
    memset(told, 0, sizeof *told);
    int error = compile(from, to, compile_serial(status.st_mtime), &ears, refused);
    close(from);
    close(to);
    return error;
}

static void is_that_of_tinydns_data(void **state)
{
    size_t refused;
    struct told told;
    assert_int_equal(compile_data(state, &told, &refused), 0);
    assert_int_equal(refused, 0);
    assert_int_equal(told.count, 0);
    files_run(files_path(*state, "."), TINYDNS_DATA);
    size_t ours_length;
    char *ours = files_read(files_path(*state, "ours"), &ours_length);
    size_t theirs_length;
    char *theirs = files_read(files_path(*state, "data.cdb"), &theirs_length);
    assert_int_equal(ours_length, theirs_length);
    assert_memory_equal(ours, theirs, ours_length);
    free(ours);
    free(theirs);
}

static void check(void **state, const char *text, size_t length)
{
    files_write(files_path(*state, "data"), text, length);
    is_that_of_tinydns_data(state);
}

static void small_files_compile_as_by_tinydns_data(void **state)
{
    static const char *const texts[] = {
        "", "\n", "+a:1.2.3.4", "+a:1.2.3.4\n", "+a:1.2.3.4\n\n# x\n-y\n=b:1.2.3.4", ".a\n&a\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check(state, texts[i], strlen(texts[i]));
}

static void lines_across_the_reading_buffer_compile_as_by_tinydns_data(void **state)
{
    char *text = malloc(LARGE);
    assert_non_null(text);
    size_t length = 0;
    unsigned seed = 1;
    while (length < LARGE - 3000) {
        size_t n = (size_t)rand_r(&seed) % (rand_r(&seed) % 50 ? 60 : 2500);
        length += (size_t)sprintf(text + length, "'n%zu.a:", length);
        memset(text + length, 'x', n);
        length += n;
        text[length++] = '\n';
    }
    check(state, text, length);
    check(state, text, length - 1);
    free(text);
}

static void a_line_longer_than_the_reading_buffer_compiles(void **state)
{
    char *text = malloc(LARGE);
    assert_non_null(text);
    memset(text, 'x', LARGE);
    memcpy(text, "'a:", 3);
    check(state, text, LARGE);
    text[LARGE - 1] = '\n';
    check(state, text, LARGE);
    memcpy(text + 1000000, "\n'b:", 4);
    memcpy(text + 2000000, "\n+c:1.2.3.4\n'd:", 15);
    check(state, text, LARGE);
    free(text);
}

static void refused_lines_are_told_and_the_others_compiled(void **state)
{
    char *text = malloc(LARGE);
    assert_non_null(text);
    files_write(files_path(*state, "data"), "+a:1.2.3.4\n?\n+b:1.2.3.4\n:a:6:x", 31);
    struct told told;
    size_t refused;
    assert_int_equal(compile_data(state, &told, &refused), 0);
    assert_int_equal(refused, 2);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.last, 4);
    assert_true(strstr(told.why, "SOA"));
    memset(text, '\n', LARGE);
    text[LARGE - 1] = '!';
    files_write(files_path(*state, "data"), text, LARGE);
    assert_int_equal(compile_data(state, &told, &refused), 0);
    assert_int_equal(refused, 1);
    assert_int_equal(told.last, LARGE);
    free(text);
}

static void errors_of_files_are_returned(void **state)
{
    int full = open("/dev/full", O_RDWR), directory = open("/", O_RDONLY);
    int good = open(files_path(*state, "good"), O_RDWR | O_CREAT, 0600);
    struct told told = {0};
    const struct compile_ears ears = {.refused = on_refused, .context = &told};
    if (full < 0)
        skip();
    files_write(files_path(*state, "data"), "+a:1.2.3.4\n", 11);
    int data = open(files_path(*state, "data"), O_RDONLY);
    size_t refused;
    assert_int_equal(compile(data, full, 1, &ears, &refused), -ENOSPC);
    assert_int_equal(compile(directory, good, 1, &ears, &refused), -EISDIR);
    assert_int_equal(compile(-1, good, 1, &ears, &refused), -EBADF);
    assert_int_equal(told.count, 0);
    close(full);
    close(directory);
    close(data);
    close(good);
}

static void a_serial_is_never_zero(void **state)
{
    (void)state;
    assert_int_equal(compile_serial(1700000000), 1700000000);
    assert_int_equal(compile_serial(0), 1);
    assert_int_equal(compile_serial(-1), UINT32_MAX);
    assert_int_equal(compile_serial((int64_t)UINT32_MAX + 1), 1);
    assert_int_equal(compile_serial((int64_t)UINT32_MAX + 8), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(small_files_compile_as_by_tinydns_data, files_setup),
        WITH_FILES(lines_across_the_reading_buffer_compile_as_by_tinydns_data, files_setup),
        WITH_FILES(a_line_longer_than_the_reading_buffer_compiles, files_setup),
        WITH_FILES(refused_lines_are_told_and_the_others_compiled, files_setup),
        WITH_FILES(errors_of_files_are_returned, files_setup),
        cmocka_unit_test(a_serial_is_never_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
