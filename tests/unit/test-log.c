/* The lines on standard error, and what happens while nobody reads them. */
#include "../../phonebookd/log.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 17, ALARM_S = 60 };

/* Meanwhile, standard error is `ours`. */
struct world {
    int real, reader;
    char text[TEXT_MAX];
};
static struct world world;

static void redirect(int ours, int reader)
{
    log_left_out();
    world.real = dup(STDERR_FILENO);
    world.reader = reader;
    assert_int_equal(dup2(ours, STDERR_FILENO), STDERR_FILENO);
    close(ours);
    alarm(ALARM_S); /* a line that blocks would block for ever */
}

static void redirect_to_pipe(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    redirect(ends[1], ends[0]);
}

static void redirect_to_socket(void)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    redirect(ends[1], ends[0]);
}

/* Reads all that is there now. */
static const char *read_all(void)
{
    assert_int_equal(fcntl(world.reader, F_SETFL, O_NONBLOCK), 0);
    size_t n = 0;
    ssize_t more;
    while (n < TEXT_MAX - 1 && (more = read(world.reader, world.text + n, TEXT_MAX - 1 - n)) > 0)
        n += (size_t)more;
    world.text[n] = '\0';
    return world.text;
}

static void restore(void)
{
    dup2(world.real, STDERR_FILENO);
    close(world.real);
    close(world.reader);
    alarm(0);
}

static void each_level_has_its_word(void **state)
{
    (void)state;
    redirect_to_pipe();
    log_info("a %d", 1);
    log_warning("b");
    log_error("c");
    log_debug("not without -v");
    log_caused(LOG_CUT, 7, "d");
    log_caused_over(LOG_CUT, 7, "e");
    log_error_lines("f\ng\n");
    log_error_lines(NULL);
    assert_string_equal(read_all(),
                        "phonebookd: a 1\nphonebookd: warning: b\nphonebookd: error: c\n"
                        "phonebookd: warning: d\nphonebookd: e\n"
                        "phonebookd: error: f\nphonebookd: error: g\n");
    restore();
}

/* Invalid UTF-8 could be a control sequence for a terminal. */
static void a_line_stays_one_line_without_controls(void **state)
{
    (void)state;
    redirect_to_pipe();
    log_warning("a\nphonebookd: b\r\t\x1b[2J\x7f\x80\x9f\xa0\xc3\xa4 z");
    log_caused(LOG_LOST, 7, "x\ny");
    assert_string_equal(read_all(), "phonebookd: warning: a?phonebookd: b???[2J????\xc3\xa4 z\n"
                                    "phonebookd: warning: x?y\n");
    restore();
}

static void a_long_line_is_cut(void **state)
{
    (void)state;
    char name[8192];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    redirect_to_pipe();
    log_warning("%s", name);
    assert_true(strlen(read_all()) < 4096); /* PIPE_BUF: as a whole, or not at all */
    assert_int_equal(world.text[strlen(world.text) - 1], '\n');
    restore();
}

static unsigned count(const char *text, const char *part)
{
    unsigned n = 0;
    for (; (text = strstr(text, part)); text++)
        n++;
    return n;
}

static void nobody_reads(void)
{
    enum { LINES = 20000 };
    for (int i = 0; i < LINES; i++)
        log_info("line %d", i);
    const char *text = read_all();
    unsigned written = count(text, "phonebookd: line ");
    assert_in_range(written, 1, LINES - 1);
    log_info("again");
    text = read_all();
    unsigned long missing = 0;
    assert_int_equal(sscanf(text, "phonebookd: warning: %lu lines are missing here", &missing), 1);
    assert_int_equal(missing, LINES - written);
    assert_int_equal(count(text, "\n"), 2);
    assert_non_null(strstr(text, "phonebookd: again\n"));
    restore();
}

static void a_full_pipe_blocks_nobody(void **state)
{
    (void)state;
    redirect_to_pipe();
    nobody_reads();
}

static void a_full_socket_blocks_nobody(void **state)
{
    (void)state;
    redirect_to_socket();
    nobody_reads();
}

static void the_flags_of_standard_error_stay(void **state)
{
    (void)state;
    redirect_to_pipe();
    int before = fcntl(STDERR_FILENO, F_GETFL);
    log_info("a");
    assert_int_equal(fcntl(STDERR_FILENO, F_GETFL), before);
    restore();
}

static void reminded(void *reminder, uint64_t delay)
{
    assert_in_range(delay, 1, LOG_GATE_MINUTE_MS);
    ++*(unsigned *)reminder;
}

static void lost_lines_are_counted_once_there_is_room(void **state)
{
    enum { LINES = 20000 };
    (void)state;
    redirect_to_pipe();
    unsigned n_reminded = 0;
    log_set_reminder(reminded, &n_reminded);
    log_info("x");
    assert_int_equal(n_reminded, 0);
    for (int i = 0; i < LINES; i++)
        log_info("line %d", i);
    assert_int_equal(n_reminded, 1);
    log_late();
    assert_int_equal(n_reminded, 2); /* there is still no room */
    assert_null(strstr(read_all(), "missing"));
    log_late();
    assert_int_equal(n_reminded, 2);
    assert_int_equal(count(read_all(), " lines are missing here"), 1);
    log_late();
    assert_string_equal(read_all(), "");
    log_set_reminder(NULL, NULL);
    restore();
}

static void lines_left_out_are_counted(void **state)
{
    enum { LINES = 100 };
    (void)state;
    redirect_to_pipe();
    unsigned n_reminded = 0;
    log_set_reminder(reminded, &n_reminded);
    for (int i = 0; i < LOG_GATE_USER_LINES; i++)
        log_caused(LOG_CUT, 1000, "x");
    assert_int_equal(n_reminded, 0); /* no line waits */
    for (int i = LOG_GATE_USER_LINES; i < LINES; i++)
        log_caused(LOG_CUT, 1000, "x");
    assert_int_equal(n_reminded, 1);
    assert_int_equal(count(read_all(), "\n"), LOG_GATE_USER_LINES);
    log_left_out();
    assert_string_equal(read_all(), "phonebookd: warning: 95 more lines like this were left out: "
                                    "records that do not fit (uid 1000)\n");
    log_left_out();
    assert_string_equal(read_all(), "");
    log_caused(LOG_CUT, 1000, "y"); /* another minute */
    assert_string_equal(read_all(), "phonebookd: warning: y\n");
    log_set_reminder(NULL, NULL);
    restore();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_level_has_its_word),
        cmocka_unit_test(a_line_stays_one_line_without_controls),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(a_full_pipe_blocks_nobody),
        cmocka_unit_test(a_full_socket_blocks_nobody),
        cmocka_unit_test(the_flags_of_standard_error_stay),
        cmocka_unit_test(lines_left_out_are_counted),
        cmocka_unit_test(lost_lines_are_counted_once_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
