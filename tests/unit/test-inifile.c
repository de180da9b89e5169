#include "../../common/number.h"
#include "../../common/words.h"
#include "../../zones/config/complaints.h"
#include "../../zones/config/findings-system.h"
#include "../../zones/config/inifile.h"
#include "files.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static size_t read_file(const char *path, inifile_entry *entry, void *context,
                        struct complaints *complaints)
{
    struct findings findings = {.source = findings_system};
    size_t count = inifile_read(&findings, path, entry, context, complaints);
    findings_fini(&findings);
    return count;
}

/* Notes each call as LINE[SECTION] or LINE[SECTION]KEY=VALUE, and the line of each word of the key
 * `words`. */
static void note(void *context, const struct inifile_place *place, const char *section,
                 const char *key, const char *value, struct complaints *complaints)
{
    FILE *notes = context;
    if (!key) {
        fprintf(notes, "%u[%s];", place->line, section);
        return;
    }
    fprintf(notes, "%u[%s]%s=%s;", place->line, section, key, value);
    if (strcmp(key, "words") == 0) {
        char copy[64], *cursor = strcpy(copy, value);
        for (size_t i = 0; words_next(&cursor); i++)
            fprintf(notes, "%u,", place->lines[i]);
    }
    if (strcmp(value, "bad") == 0)
        complain(complaints, place->file, place->line, key, "is %s", value);
    if (strcmp(value, "doubtful") == 0)
        warn_about(complaints, place->file, place->line, key, "is %s", value);
}

/* In `complaints`, "F" stands for the file's path. */
static void reads_octets(void **state, const char *text, size_t size, const char *entries,
                         const char *expected)
{
    const char *path = files_path(*state, "F");
    char *found = NULL;
    size_t length;
    FILE *notes = open_memstream(&found, &length);
    files_write(path, text, size);
    struct complaints complaints = {0};
    size_t count = read_file(path, note, notes, &complaints);
    fclose(notes);
    assert_string_equal(found, entries);
    assert_int_equal(count, complaints.count);
    char *from = complaints.text ? complaints.text : "";
    size_t lines = 0;
    for (const char *line = expected; *line; lines++) {
        size_t line_length = strcspn(line, "\n") + 1;
        if (strncmp(from, path, strlen(path)) != 0)
            fail_msg("complaint does not begin with the path: %s", from);
        from += strlen(path);
        if (strncmp(from, line + 1, line_length - 1) != 0)
            fail_msg("expected %s\nfound %s", line, from);
        from += line_length - 1;
        line += line_length;
    }
    assert_string_equal(from, "");
    assert_int_equal(count + complaints.n_warnings, lines);
    complaints_fini(&complaints);
    free(found);
}

static void reads(void **state, const char *text, const char *entries, const char *expected)
{
    reads_octets(state, text, strlen(text), entries, expected);
}

static void sections_keys_and_values_are_read(void **state)
{
    reads(state, "", "", "");
    reads(state, "[zone]\nname = internal\nttl=60\n", "1[zone];2[zone]name=internal;3[zone]ttl=60;",
          "");
    reads(state, "; c\n# c\n\n[a b]\r\nx = y ; comment\r\nu = a;b", "4[a b];5[a b]x=y;6[a b]u=a;b;",
          "");
    reads(state, "\xef\xbb\xbf[z]\nk = v\n", "1[z];2[z]k=v;", "");
    reads(state, "k = v\n", "1[]k=v;", "");
    reads(state, "[z] ; a comment\nk =\n", "1[z];2[z]k=;", "");
    reads(state, "[z]\nfar = a=b:c\n", "1[z];2[z]far=a=b:c;", "");
}

static void indented_lines_continue_a_value(void **state)
{
    reads(state, "[z]\na = 1\n  2 ; no\n\n\t3\nb = 4\n", "1[z];2[z]a=1 2 3;6[z]b=4;", "");
    reads(state, "[z]\na =\n  1\n; comment\n  2\n", "1[z];2[z]a=1 2;", "");
    /* indented lines do not continue the line before */
    reads(state, "  [z]\n  a = 1\n  b-c = 2\n  [y]\n  a=3", "1[z];2[z]a=1;3[z]b-c=2;4[y];5[y]a=3;",
          "");
    reads(state, "[z]\na = 1\n[y]\n  stray\n", "1[z];2[z]a=1;3[y];",
          "F:4: is neither a [section], nor KEY = VALUE, nor a comment\n");
}

static void each_word_has_its_line(void **state)
{
    reads(state, "[z]\nwords = a b ; c\n  c ; d\n\n; e\n\td  e\n",
          "1[z];2[z]words=a b c d  e;"
          "2,2,3,6,6,",
          "");
    reads(state, "[z]\nwords =\n\n  a\nwords-2 = b\n", "1[z];2[z]words=a;4,5[z]words-2=b;", "");
    reads(state, "[z]\nwords =\n", "1[z];2[z]words=;", "");
}

static void each_mistake_is_told_with_its_line(void **state)
{
    reads(state, "[z]\na = doubtful\nb = bad\n", "1[z];2[z]a=doubtful;3[z]b=bad;",
          "F:2: a: is doubtful\nF:3: b: is bad\n");
    reads(state, "[z]\na = bad\nb = bad\n", "1[z];2[z]a=bad;3[z]b=bad;",
          "F:2: a: is bad\nF:3: b: is bad\n");
    reads(state, "[z]\njunk\nmore junk\na = 1\nlast", "1[z];4[z]a=1;",
          "F:2: is neither a [section], nor KEY = VALUE, nor a comment\n"
          "F:3: is neither a [section], nor KEY = VALUE, nor a comment\n"
          "F:5: is neither a [section], nor KEY = VALUE, nor a comment\n");
    reads(state, "[z\n[y] x\n[x ; ]\n", "",
          "F:1: a section's name has no \"]\" behind it\n"
          "F:2: there is text after the \"]\"\n"
          "F:3: a section's name has no \"]\" behind it\n");
    reads(state, "[z]\n= 1\n", "1[z];", "F:2: no key before the \"=\"\n");
    reads_octets(state, "[z]\na = 1\0\nb = 2\n", 17, "1[z];3[z]b=2;",
                 "F:2: the line has a NUL octet\n");
}

static void a_key_given_twice_is_a_mistake(void **state)
{
    reads(state, "[z]\na = 1\n[y]\na = 2\n[z]\nb = 1\na = 3\n",
          "1[z];2[z]a=1;3[y];4[y]a=2;5[z];6[z]b=1;",
          "F:7: a: is given twice: line 2 has it first\n");
}

static void a_line_beyond_the_limit_is_a_mistake(void **state)
{
    char text[512];
    strcpy(text, "[z]\na = ");
    size_t limit = 197;
    memset(text + 8, 'x', limit - 4);
    strcpy(text + 8 + limit - 4, "\n");
    char expected[512];
    snprintf(expected, sizeof expected, "1[z];2[z]a=%.*s;", (int)limit - 4, text + 8);
    reads(state, text, expected, "");
    strcpy(text + 8 + limit - 4, "x\nb = 1\n");
    reads(state, text, "1[z];3[z]b=1;",
          "F:2: the line is longer than 197 octets: continue it on an indented one\n");
    memset(text, ';', 300);
    strcpy(text + 300, "\n[z]\na = 1\n"); /* a comment may have any length */
    reads(state, text, "2[z];3[z]a=1;", "");
    memset(text, 'x', 60);
    text[0] = '[';
    strcpy(text + 60, "]\n");
    reads(state, text, "", "F:1: the section's name is too long\n");
}

static void a_missing_file_is_a_mistake(void **state)
{
    struct complaints complaints = {0};
    assert_int_equal(read_file(files_path(*state, "none"), note, NULL, &complaints), 1);
    char expected[600];
    snprintf(expected, sizeof expected, "%s: No such file or directory\n",
             files_path(*state, "none"));
    assert_string_equal(complaints.text, expected);
    complaints_fini(&complaints);
    assert_int_equal(read_file(*state, note, NULL, &complaints), 1);
    snprintf(expected, sizeof expected, "%s: Is a directory\n", (const char *)*state);
    assert_string_equal(complaints.text, expected);
    complaints_fini(&complaints);
    /* A FIFO without a writer, and a file without end. */
    assert_int_equal(mkfifo(files_path(*state, "fifo"), 0600), 0);
    assert_int_equal(read_file(files_path(*state, "fifo"), note, NULL, &complaints), 1);
    assert_int_equal(read_file("/dev/zero", note, NULL, &complaints), 1);
    snprintf(expected, sizeof expected,
             "%s: is not a regular file\n/dev/zero: is not a regular file\n",
             files_path(*state, "fifo"));
    assert_string_equal(complaints.text, expected);
    complaints_fini(&complaints);
}

static void words_are_separated_by_blanks(void **state)
{
    char text[] = "  a\t bc  d ";
    char *cursor = text;
    (void)state;
    assert_string_equal(words_next(&cursor), "a");
    assert_string_equal(words_next(&cursor), "bc");
    assert_string_equal(words_next(&cursor), "d");
    assert_null(words_next(&cursor));
    assert_null(words_next(&cursor));
    char empty[] = " \t";
    cursor = empty;
    assert_null(words_next(&cursor));
}

static void numbers_have_a_range(void **state)
{
    (void)state;
    long long number;
    assert_null(number_parse("0", 0, 10, &number));
    assert_int_equal(number, 0);
    assert_null(number_parse("10", 0, 10, &number));
    assert_int_equal(number, 10);
    assert_null(number_parse("-5", -5, 10, &number));
    assert_int_equal(number, -5);
    assert_string_equal(number_parse("11", 0, 10, &number), "is too large");
    assert_string_equal(number_parse("-1", 0, 10, &number), "is too small");
    assert_string_equal(number_parse("99999999999999999999", 0, 10, &number), "is too large");
    assert_non_null(number_parse("", 0, 10, &number));
    assert_non_null(number_parse("-", 0, 10, &number));
    assert_non_null(number_parse("1s", 0, 10, &number));
    assert_non_null(number_parse(" 1", 0, 10, &number));
    assert_non_null(number_parse("+1", 0, 10, &number));
    assert_non_null(number_parse("0x1", 0, 10, &number));
}

static void booleans_have_four_words_each(void **state)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    (void)state;
    bool boolean;
    for (int i = 0; i < 8; i++) {
        assert_null(boolean_parse(words[i], &boolean));
        assert_int_equal(boolean, i % 2);
    }
    assert_non_null(boolean_parse("", &boolean));
    assert_non_null(boolean_parse("maybe", &boolean));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(sections_keys_and_values_are_read, files_setup),
        WITH_FILES(indented_lines_continue_a_value, files_setup),
        WITH_FILES(each_word_has_its_line, files_setup),
        WITH_FILES(each_mistake_is_told_with_its_line, files_setup),
        WITH_FILES(a_key_given_twice_is_a_mistake, files_setup),
        WITH_FILES(a_line_beyond_the_limit_is_a_mistake, files_setup),
        WITH_FILES(a_missing_file_is_a_mistake, files_setup),
        cmocka_unit_test(words_are_separated_by_blanks),
        cmocka_unit_test(numbers_have_a_range),
        cmocka_unit_test(booleans_have_four_words_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
