/* Which lines of a flood are written, and how the others are counted. */
#include "../../phonebookd/log-gate.h"
#include "test.h"

enum { LINE = 120, T0 = 5000000 }; /* octets of a usual line; a time */

/* Offers `n` lines of one cause and user at one time; returns how many passed. */
static unsigned pour(struct log_gate *gate, enum log_cause cause, uint32_t uid, unsigned n,
                     uint64_t now)
{
    unsigned passed = 0;
    for (unsigned i = 0; i < n; i++)
        passed += log_gate_admit(gate, cause, uid, LINE, now);
    return passed;
}

static unsigned long left_out(const struct log_gate *gate, enum log_cause cause, uint32_t uid,
                              bool others)
{
    size_t step = 0;
    struct log_gate_count count;
    while (log_gate_left_out(gate, &step, &count))
        if (count.cause == cause && count.others == others && (others || count.uid == uid))
            return count.lines;
    return 0;
}

static unsigned n_left_out(const struct log_gate *gate)
{
    size_t step = 0;
    unsigned n = 0;
    struct log_gate_count count;
    while (log_gate_left_out(gate, &step, &count))
        n++;
    return n;
}

static void a_user_has_so_many_lines_of_a_cause(void **state)
{
    (void)state;
    static const struct {
        unsigned lines, passed;
        unsigned long left_out;
    } cases[] = {
        {1, 1, 0},
        {LOG_GATE_USER_LINES, LOG_GATE_USER_LINES, 0},
        {LOG_GATE_USER_LINES + 1, LOG_GATE_USER_LINES, 1},
        {100000, LOG_GATE_USER_LINES, 100000 - LOG_GATE_USER_LINES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct log_gate gate = {0};
        assert_int_equal(pour(&gate, LOG_CUT, 1000, cases[i].lines, T0), cases[i].passed);
        assert_int_equal(left_out(&gate, LOG_CUT, 1000, false), cases[i].left_out);
        assert_int_equal(gate.cut, cases[i].left_out > 0);
    }
}

static void lines_of_no_user_have_the_limit_of_the_cause(void **state)
{
    (void)state;
    struct log_gate gate = {0};
    uint32_t nobody = (uint32_t)LOG_NOBODY;
    assert_int_equal(pour(&gate, LOG_STATIC, nobody, 100, T0), LOG_GATE_CAUSE_LINES);
    assert_int_equal(left_out(&gate, LOG_STATIC, nobody, false), 100 - LOG_GATE_CAUSE_LINES);
}

static void a_flood_takes_no_lines_from_others(void **state)
{
    (void)state;
    struct log_gate gate = {0};
    pour(&gate, LOG_CUT, 1000, 100000, T0);
    assert_int_equal(pour(&gate, LOG_CUT, 1001, 1, T0), 1);
    assert_int_equal(pour(&gate, LOG_LOST, 1000, 1, T0), 1);
    assert_int_equal(pour(&gate, LOG_DATABASE, (uint32_t)LOG_NOBODY, 1, T0), 1);
    assert_int_equal(left_out(&gate, LOG_CUT, 1001, false), 0);
    assert_int_equal(left_out(&gate, LOG_DATABASE, (uint32_t)LOG_NOBODY, false), 0);
}

static void users_without_a_row_are_counted_together(void **state)
{
    (void)state;
    struct log_gate gate = {0};
    unsigned passed = 0;
    for (uint32_t uid = 0; uid <= 65536; uid++)
        passed += pour(&gate, LOG_CUT, uid, 3, T0);
    assert_int_equal(passed, LOG_GATE_CAUSE_LINES);
    assert_int_equal(left_out(&gate, LOG_CUT, 0, true) + left_out(&gate, LOG_CUT, 3, false),
                     65537 * 3 - LOG_GATE_CAUSE_LINES);
    assert_int_equal(pour(&gate, LOG_LOST, 70000, 1, T0), 1);
}

/* Ten minutes, including the lines that count the others. */
static void all_causes_and_users_together_stay_within_the_octets(void **state)
{
    (void)state;
    enum { MINUTES = 10, ALL = 10240 };
    struct log_gate gate = {0};
    uint64_t end = T0 + (uint64_t)MINUTES * LOG_GATE_MINUTE_MS;
    size_t octets = 0;
    for (uint64_t now = T0; now < end; now += 100)
        for (uint32_t user = 0; user < 100; user++) {
            if (log_gate_over(&gate, now)) {
                octets += n_left_out(&gate) * (size_t)LOG_GATE_TOLD;
                log_gate_close(&gate);
            }
            for (int cause = 0; cause < LOG_CAUSES; cause++)
                octets += LINE * pour(&gate, (enum log_cause)cause, user, 2, now);
        }
    octets += n_left_out(&gate) * (size_t)LOG_GATE_TOLD;
    assert_true(octets <= (size_t)MINUTES * ALL);
}

static void each_cause_has_its_first_line(void **state)
{
    (void)state;
    struct log_gate gate = {0};
    assert_true(log_gate_admit(&gate, LOG_CUT, 1, LINE, T0));
    while (log_gate_admit(&gate, LOG_CUT, 2, LOG_GATE_OCTETS / 4, T0))
        ;
    for (int cause = LOG_CUT + 1; cause < LOG_CAUSES; cause++) {
        assert_true(log_gate_admit(&gate, (enum log_cause)cause, 3, LOG_GATE_OCTETS, T0));
        assert_false(log_gate_admit(&gate, (enum log_cause)cause, 3, LOG_GATE_OCTETS, T0));
    }
}

static void after_a_minute_all_lines_pass_again(void **state)
{
    (void)state;
    struct log_gate gate = {0};
    assert_false(log_gate_over(&gate, T0)); /* no minute has begun */
    pour(&gate, LOG_CUT, 1000, 100, T0);
    assert_false(log_gate_over(&gate, T0 + LOG_GATE_MINUTE_MS - 1));
    assert_int_equal(pour(&gate, LOG_CUT, 1000, 1, T0 + LOG_GATE_MINUTE_MS - 1), 0);
    assert_true(log_gate_over(&gate, T0 + LOG_GATE_MINUTE_MS));
    log_gate_close(&gate);
    assert_int_equal(n_left_out(&gate), 0);
    assert_false(log_gate_over(&gate, T0 + (uint64_t)10 * LOG_GATE_MINUTE_MS));
    assert_int_equal(pour(&gate, LOG_CUT, 1000, 1, T0 + LOG_GATE_MINUTE_MS), 1);
}

static void each_cause_has_a_text(void **state)
{
    (void)state;
    for (int cause = 0; cause < LOG_CAUSES; cause++)
        assert_non_null(log_cause_text((enum log_cause)cause));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_has_so_many_lines_of_a_cause),
        cmocka_unit_test(lines_of_no_user_have_the_limit_of_the_cause),
        cmocka_unit_test(a_flood_takes_no_lines_from_others),
        cmocka_unit_test(users_without_a_row_are_counted_together),
        cmocka_unit_test(all_causes_and_users_together_stay_within_the_octets),
        cmocka_unit_test(each_cause_has_its_first_line),
        cmocka_unit_test(after_a_minute_all_lines_pass_again),
        cmocka_unit_test(each_cause_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
