/* A table of options: accepted options, complaints, and the help text. */
#include "../../common/option-table.h"
#include "test.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { POINTERS = OPTION_WITHOUT_LETTER, WORDS_MAX = 8 };

static const struct option_row rows[] = {
    {'j', "json", NULL, "as JSON"},
    {'w', "wait", "SECONDS", "wait so long,\nand no longer"},
    {'W', "wait-for", "ZONE", "wait for this zone"},
    {POINTERS, "pointers", "WHICH", "which pointers"},
};

static const struct option_table standing = {.program = "phonebook list",
                                             .operands = "[NAME...]",
                                             .description = "show it",
                                             .notes = "That is all.",
                                             .rows = rows,
                                             .n_rows = 4};

/* The result of a command line (words separated by blanks): for each option, the option as typed
 * and "KEY=VALUE"; then a complaint; then the operands. */
static const char *read_words(const struct option_table *table, const char *words)
{
    static char said[512];
    char copy[128];
    snprintf(copy, sizeof copy, "%s", words);
    char *argv[WORDS_MAX + 2] = {"x"};
    int argc = 1;
    for (char *word = strtok(copy, " "); word && argc <= WORDS_MAX; word = strtok(NULL, " "))
        argv[argc++] = word;
    optind = 0;
    *said = '\0';
    struct option_found found = {0};
    while (option_table_next(table, argc, argv, &found)) {
        char *end = said + strlen(said);
        size_t room = sizeof said - strlen(said);
        if (!found.row) {
            snprintf(end, room, "(%s)", found.text);
            return said;
        }
        snprintf(end, room, "%s:%s%s%s ", found.text, found.row->name, found.row->value ? "=" : "",
                 found.row->value ? optarg : "");
    }
    for (int i = optind; i < argc; i++)
        snprintf(said + strlen(said), sizeof said - strlen(said), "[%s]", argv[i]);
    return said;
}

static void options_are_read_with_their_values(void **state)
{
    (void)state;
    assert_string_equal(read_words(&standing, ""), "");
    assert_string_equal(read_words(&standing, "-j -w 5 www"), "-j:json -w:wait=5 [www]");
    assert_string_equal(read_words(&standing, "-jw5 -W all"), "-j:json -w:wait=5 -W:wait-for=all ");
    assert_string_equal(read_words(&standing, "--json --wait 5 --wait-for=all"),
                        "--json:json --wait:wait=5 --wait-for:wait-for=all ");
    assert_string_equal(read_words(&standing, "--po=none --js"),
                        "--pointers:pointers=none --json:json ");
    assert_string_equal(read_words(&standing, "--wait= -- -j"), "--wait:wait= [-j]");
}

static void operands_may_end_the_options(void **state)
{
    struct option_table leaving = standing;
    (void)state;
    leaving.leaves_rest = true;
    assert_string_equal(read_words(&standing, "www -j mail -w 5"), "-j:json -w:wait=5 [www][mail]");
    assert_string_equal(read_words(&leaving, "-j www -j --jsn"), "-j:json [www][-j][--jsn]");
}

static void help_and_version_belong_to_each_program(void **state)
{
    (void)state;
    assert_string_equal(read_words(&standing, "-j -h"), "-j:json -h:help ");
    const struct option_table bare = {.program = "phonebookd", .operands = ""};
    assert_string_equal(read_words(&bare, "--help -V --version"),
                        "--help:help -V:version --version:version ");
    assert_string_equal(read_words(&bare, "-j"), "(unknown option -j)");
}

static void mistakes_are_told_as_they_were_typed(void **state)
{
    static const struct {
        const char *words, *told;
    } cases[] = {
        {"--jsn", "(unknown option --jsn)"},
        {"www --jsn=5 -j", "(unknown option --jsn)"},
        {"--w 5", "(unknown option --w)"}, /* short for two */
        {"-x", "(unknown option -x)"},
        {"--json -jxw", "--json:json -j:json (unknown option -x)"},
        {"-w", "(-w needs a value)"},
        {"-jW", "-j:json (-W needs a value)"},
        {"--wait", "(--wait needs a value)"},
        {"--point", "(--pointers needs a value)"},
        {"--json=5", "(--json takes no value)"},
        {"--help=5", "(--help takes no value)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(read_words(&standing, cases[i].words), cases[i].told);
}

static void a_long_word_is_cut_in_its_complaint(void **state)
{
    (void)state;
    char word[100];
    memset(word, '-', 2);
    memset(word + 2, 'x', sizeof word - 3);
    word[sizeof word - 1] = '\0';
    assert_non_null(strstr(read_words(&standing, word), "unknown option --xxx"));
}

static char *printed(const struct option_table *table)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    option_table_print(table, out);
    fclose(out);
    return text;
}

static void the_usage_text_lists_all_options(void **state)
{
    char *text = printed(&standing);
    (void)state;
    assert_string_equal(text, "usage: phonebook list [OPTION...] [NAME...]\n"
                              "\n"
                              "show it\n"
                              "\n"
                              "  -j, --json            as JSON\n"
                              "  -w, --wait SECONDS    wait so long,\n"
                              "                        and no longer\n"
                              "  -W, --wait-for ZONE   wait for this zone\n"
                              "      --pointers WHICH  which pointers\n"
                              "  -h, --help            show this\n"
                              "  -V, --version         show the version\n"
                              "\n"
                              "That is all.\n");
    free(text);
    const struct option_table bare = {.program = "phonebookd", .operands = ""};
    text = printed(&bare);
    assert_string_equal(text, "usage: phonebookd [OPTION...]\n"
                              "\n"
                              "  -h, --help     show this\n"
                              "  -V, --version  show the version\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read_with_their_values),
        cmocka_unit_test(operands_may_end_the_options),
        cmocka_unit_test(help_and_version_belong_to_each_program),
        cmocka_unit_test(mistakes_are_told_as_they_were_typed),
        cmocka_unit_test(a_long_word_is_cut_in_its_complaint),
        cmocka_unit_test(the_usage_text_lists_all_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
