/* The value of a `reload` key. */
#include "../../phonebookd/publishing/reload-options.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const char *parse(struct reload_options *options, const char *text)
{
    char *value = strdup(text);
    const char *wrong = reload_options_parse(options, value);
    free(value);
    return wrong;
}

static void each_kind_has_its_path(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum reload_kind kind;
        const char *path;
        enum reload_signal signal;
    } cases[] = {
        {"none", RELOAD_NONE, NULL, 0},
        {"  none  ", RELOAD_NONE, NULL, 0},
        {"signal /run/x.pid", RELOAD_SIGNAL, "/run/x.pid", RELOAD_HUP},
        {"signal  /run/x.pid\tHUP ", RELOAD_SIGNAL, "/run/x.pid", RELOAD_HUP},
        {"signal /run/x.pid SIGUSR1", RELOAD_SIGNAL, "/run/x.pid", RELOAD_USR1},
        {"signal /run/x.pid USR2", RELOAD_SIGNAL, "/run/x.pid", RELOAD_USR2},
        {"signal /run/x.pid ALRM", RELOAD_SIGNAL, "/run/x.pid", RELOAD_ALRM},
        {"signal /run/x.pid INT", RELOAD_SIGNAL, "/run/x.pid", RELOAD_INT},
        {"signal /run/x.pid CONT", RELOAD_SIGNAL, "/run/x.pid", RELOAD_CONT},
        {"signal /run/x.pid WINCH", RELOAD_SIGNAL, "/run/x.pid", RELOAD_WINCH},
        {"s6 /run/service/dns", RELOAD_S6, "/run/service/dns", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reload_options options = {0};
        const char *wrong = parse(&options, cases[i].text);
        if (wrong)
            fail_msg("%s: %s", cases[i].text, wrong);
        assert_int_equal(options.kind, cases[i].kind);
        assert_int_equal(options.signal, cases[i].signal);
        if (cases[i].path)
            assert_string_equal(options.path, cases[i].path);
        else
            assert_null(options.path);
        assert_null(options.arguments);
        reload_options_fini(&options);
    }
}

static void a_command_is_split_at_blanks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *arguments[6];
    } cases[] = {
        {"command /bin/x", {"/bin/x"}},
        {"command /bin/x a b c d", {"/bin/x", "a", "b", "c", "d"}},
        {"command\t /bin/x   -a\t'b c'  ", {"/bin/x", "-a", "'b", "c'"}}, /* no shell */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reload_options options = {0};
        assert_null(parse(&options, cases[i].text));
        assert_int_equal(options.kind, RELOAD_COMMAND);
        for (size_t j = 0; j < 6; j++) {
            if (!cases[i].arguments[j]) {
                assert_null(options.arguments[j]);
                break;
            }
            assert_string_equal(options.arguments[j], cases[i].arguments[j]);
        }
        reload_options_fini(&options);
        assert_null(options.arguments);
    }
}

static void bad_values_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        " ",
        "no",
        "NONE",
        "none at all",
        "hup",
        "signal",
        "signal /run/x.pid HUP USR1",
        "signal /run/x.pid KILL",
        "signal /run/x.pid TERM",
        "signal /run/x.pid STOP",
        "signal /run/x.pid 1",
        "signal /run/x.pid hup",
        "signal /run/x.pid SIG",
        "s6",
        "s6 /run/service/a /run/service/b",
        "command",
        "command   ",
        "command true",
        "signal x.pid",
        "s6 service/a",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reload_options options = {0};
        const char *wrong = parse(&options, cases[i]);
        if (!wrong || !*wrong)
            fail_msg("\"%s\" was accepted", cases[i]);
        reload_options_fini(&options);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_path),
        cmocka_unit_test(a_command_is_split_at_blanks),
        cmocka_unit_test(bad_values_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
