/* phonebookd.conf and its zones: each reading reports all mistakes at once. */
#include "../../phonebookd/config.h"
#include "../../zones/config/findings-system.h"

#include "../../zones/config/complaints.h"
#include "files.h"
#include "test.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct config *read_config(const char *path, struct complaints *complaints)
{
    struct findings findings = {.source = findings_system};
    struct config *config = config_read(path, &findings, complaints);
    findings_fini(&findings);
    return config;
}

static const char a_zone[] = "[zone]\nname = internal\ndatabase = main\n";

static int setup(void **state)
{
    if (files_setup(state) != 0)
        return -1;
    if (mkdir(files_path(*state, "zones"), 0755) != 0)
        return -1;
    files_put(*state, "zones/internal.zone", a_zone);
    return 0;
}

/* Reads `text` as phonebookd.conf; the caller frees both. */
static struct config *read_text(void **state, const char *text, struct complaints *complaints)
{
    *complaints = (struct complaints){0};
    files_put(*state, "phonebookd.conf", text);
    return read_config(files_path(*state, "phonebookd.conf"), complaints);
}

static struct config *read_good(void **state, const char *text)
{
    struct complaints complaints;
    struct config *config = read_text(state, text, &complaints);
    if (complaints.count > 0)
        fail_msg("%s", complaints.text);
    complaints_fini(&complaints);
    return config;
}

static void an_empty_configuration_has_the_defaults(void **state)
{
    struct config *config = read_good(state, "[database main]\n");
    assert_string_equal(config->runtime_directory, "/run/phonebook");
    assert_int_equal(config->names_max, 0);
    assert_int_equal(config->publish.mode, 0660);
    assert_int_equal(config->list.mode, 0660);
    assert_false(config->publish.has_group);
    assert_false(config->list.has_group);
    assert_int_equal(config->n_databases, 1);
    assert_string_equal(config->databases[0]->name, "main");
    assert_string_equal(config->databases[0]->directory, "/run/phonebook/main");
    assert_int_equal(config->databases[0]->interval, 1);
    assert_int_equal(config->databases[0]->reload.kind, RELOAD_NONE);
    assert_int_equal(config->zones.n_zones, 1);
    assert_string_equal(config->zones.zones[0]->name, "internal");
    config_free(config);
}

static void each_key_is_read(void **state)
{
    char zones[512];
    snprintf(zones, sizeof zones, "%s", files_path(*state, "elsewhere"));
    assert_int_equal(mkdir(zones, 0755), 0);
    files_put(*state, "elsewhere/b.zone", "[zone]\nname = b.example\ndatabase = one\n");
    files_put(*state, "elsewhere/a.zone", "[zone]\nname = z.example\ndatabase = two\n");
    files_put(*state, "elsewhere/c.zone", "[zone]\nname = %h.example\ndatabase = one\n");
    files_put(*state, "elsewhere/no.zone.old", "[zone]\nnonsense\n");
    char text[1024];
    snprintf(text, sizeof text,
             "# a comment\n[phonebookd]\nruntime-directory = /run/other\nzones = %s\n"
             "publish-mode = 0666\npublish-group = 4242\nlist-mode = 600\nlist-group = root\n"
             "names-max = 5000\n"
             "[database one]\ninterval = 86400\nreload = signal /run/x.pid USR1\n"
             "[database two]\ndirectory = /srv/two\nreload = command /bin/true -a\n"
             "[database T_h-3]\nreload = s6 /run/service/dns\n",
             zones);
    struct config *config = read_good(state, text);
    assert_string_equal(config->runtime_directory, "/run/other");
    assert_int_equal(config->names_max, 5000);
    assert_int_equal(config->publish.mode, 0666);
    assert_true(config->publish.has_group);
    assert_int_equal(config->publish.group, 4242);
    assert_int_equal(config->list.mode, 0600);
    assert_true(config->list.has_group);
    assert_int_equal(config->list.group, 0);
    assert_int_equal(config->n_databases, 3);
    assert_string_equal(config_database(config, "one")->directory, "/run/other/one");
    assert_int_equal(config_database(config, "one")->interval, 86400);
    assert_int_equal(config_database(config, "one")->reload.signal, RELOAD_USR1);
    assert_string_equal(config_database(config, "two")->directory, "/srv/two");
    assert_string_equal(config_database(config, "two")->reload.arguments[1], "-a");
    assert_int_equal(config_database(config, "T_h-3")->reload.kind, RELOAD_S6);
    assert_null(config_database(config, "three"));
    /* sorted by name, and not by file */
    assert_int_equal(config->zones.n_zones, 3);
    assert_string_equal(config->zones.zones[0]->name, "b.example");
    assert_string_equal(config->zones.zones[2]->name, "z.example");
    config_free(config);
}

static void relative_static_files_are_beside_the_configuration(void **state)
{
    struct config *config = read_good(state, "[database main]\nstatic = one /two\n  dir/three\n");
    char **files = config_database(config, "main")->static_files;
    assert_string_equal(files[0], files_path(*state, "one"));
    assert_string_equal(files[1], "/two");
    assert_string_equal(files[2], files_path(*state, "dir/three"));
    assert_null(files[3]);
    config_free(config);
}

static void a_static_file_named_in_two_ways_is_a_mistake(void **state)
{
    char text[512];
    snprintf(text, sizeof text, "[database main]\nstatic = one %s\n", files_path(*state, "one"));
    struct complaints complaints;
    struct config *config = read_text(state, text, &complaints);
    assert_int_equal(complaints.count, 1);
    assert_non_null(strstr(complaints.text, "static: database main: names "));
    complaints_fini(&complaints);
    config_free(config);
}

static void a_section_may_be_opened_again(void **state)
{
    struct config *config =
        read_good(state, "[database main]\ninterval = 5\n[phonebookd]\nlist-mode = 0600\n"
                         "[database main]\ndirectory = /x\n[phonebookd]\npublish-mode = 0600\n");
    assert_int_equal(config->n_databases, 1);
    assert_int_equal(config->databases[0]->interval, 5);
    assert_string_equal(config->databases[0]->directory, "/x");
    assert_int_equal(config->list.mode, 0600);
    assert_int_equal(config->publish.mode, 0600);
    config_free(config);
}

static void a_bare_file_name_has_its_zones_beside_it(void **state)
{
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    files_put(*state, "phonebookd.conf", "[database main]\n");
    assert_int_equal(chdir(*state), 0);
    struct complaints complaints = {0};
    struct config *config = read_config("phonebookd.conf", &complaints);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(complaints.count, 0);
    assert_int_equal(config->zones.n_zones, 1);
    config_free(config);
}

static void each_mistake_is_told_with_its_line_and_key(void **state)
{
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"[phonebookd]\nruntime-directory = run\n", "conf:2: runtime-directory: "},
        {"[database main]\nexpire = 10\ninterval = 6\n",
         "conf: expire: database main: is less than"},
        {"[database main]\nstatic = /a /b /a\n", "conf: static: database main: names /a twice"},
        {"[database main]\ndirectory = /d\nstatic = /d/data\n",
         "conf: static: database main: /d/data is written by us"},
        {"[phonebookd]\nlist-mode = 999\n", "conf:2: list-mode: "},
        {"[phonebookd]\nlist-mode = 01000\n", "conf:2: list-mode: "},
        {"[phonebookd]\nlist-mode = 4755\n", "conf:2: list-mode: "},
        {"[phonebookd]\nlist-mode = -1\n", "conf:2: list-mode: "},
        {"[phonebookd]\nlist-mode = 0660 \n\npublish-mode = rw\n", "conf:4: publish-mode: "},
        {"[phonebookd]\npublish-mode = \n", "conf:2: publish-mode: "},
        {"[phonebookd]\npublish-group = no-such-group\n", "conf:2: publish-group: "},
        {"[phonebookd]\npublish-group = 4294967295\n", "conf:2: publish-group: "},
        {"[phonebookd]\npublish-group = -1\n", "conf:2: publish-group: "},
        {"[phonebookd]\nlist-group = 5x\n", "conf:2: list-group: "},
        {"[phonebookd]\nnames-max = 0\n", "conf:2: names-max: "},
        {"[phonebookd]\nnames-max = many\n", "conf:2: names-max: "},
        {"[phonebookd]\nport = 53\n", "conf:2: port: is not a key of [phonebookd]"},
        {"[phonebookd]\nzones = /nonexistent\n", "/nonexistent"},
        {"[database main]\ninterval = 0\n", "conf:2: interval: "},
        {"[database main]\ninterval = 86401\n", "conf:2: interval: "},
        {"[database main]\ninterval = 1s\n", "conf:2: interval: "},
        {"[database main]\ninterval = -1\n", "conf:2: interval: "},
        {"[database main]\nreload = maybe\n", "conf:2: reload: "},
        {"[database main]\nreload = signal /x KILL\n", "conf:2: reload: "},
        {"[database main]\ndirectory = data\n", "conf:2: directory: "},
        {"[database main]\ncolour = blue\n", "conf:2: colour: is not a key of [database main]"},
        {"[database main]\ninterval = 5\ninterval = 6\n", "conf:3: interval: "},
        {"[database main]\n[database]\n", "conf:2: "},
        {"[database main]\n[database ]\n", "conf:2: "},
        {"[database main]\n[database a/b]\ninterval = 1\n", "conf:2: "},
        {"[database main]\n[database ..]\n", "conf:2: "},
        {"[database main]\n[database a b]\n", "conf:2: "},
        {"[database main]\n[database a2345678901234567890123456789012x]\n", "conf:2: "},
        {"[databases]\n[database main]\n", "conf:1: [databases] is not a section"},
        {"[Database main]\n", "conf:1: "},
        {"interval = 5\n[database main]\n", "conf:1: interval: "},
        {"[database main]\nnonsense\n", "conf:2: "},
        {"[database other]\n", "database: there is no [database main]"},
        {"", "no [database main]"},
        {"[database main]\ndirectory = /x\n[database b]\ndirectory = /x\n", "main and b share /x"},
        {"[database main]\n[database b]\ndirectory = /run/phonebook/main\n", "main and b share"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct complaints complaints;
        struct config *config = read_text(state, cases[i].text, &complaints);
        if (complaints.count == 0 || !strstr(complaints.text, cases[i].told))
            fail_msg("%s\n-> %s", cases[i].text, complaints.text);
        complaints_fini(&complaints);
        config_free(config);
    }
}

static void one_mistake_is_one_complaint(void **state)
{
    static const char *const cases[] = {
        "[database main]\ninterval = 0\n",
        "[phonebookd]\nport = 53\n[database main]\n",
        "[database main]\n[database a b]\ninterval = 5\ndirectory = /x\n",
        "[database main]\n[nonsense]\na = 1\nb = 2\n",
        "[database other]\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct complaints complaints;
        struct config *config = read_text(state, cases[i], &complaints);
        if (complaints.count != 1)
            fail_msg("%s\n-> %s", cases[i], complaints.text);
        complaints_fini(&complaints);
        config_free(config);
    }
}

static void all_mistakes_are_told_at_once(void **state)
{
    static const char *const told[] = {"conf:2: list-mode: ", "conf:4: interval: ",
                                       "conf:5: reload: ", "conf:6: [x]", "internal.zone:2: "};
    files_put(*state, "zones/internal.zone", "[zone]\nname = in..ternal\ndatabase = main\n");
    struct complaints complaints;
    struct config *config = read_text(state,
                                      "[phonebookd]\nlist-mode = 9\n[database main]\ninterval = 0\n"
                                      "reload = x\n[x]\n",
                                      &complaints);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (!strstr(complaints.text, told[i]))
            fail_msg("%s lacks %s", complaints.text, told[i]);
    complaints_fini(&complaints);
    config_free(config);
}

static void a_missing_file_is_a_mistake(void **state)
{
    struct complaints complaints = {0};
    struct config *config = read_config(files_path(*state, "none.conf"), &complaints);
    assert_true(complaints.count > 0);
    assert_non_null(strstr(complaints.text, "none.conf: "));
    assert_non_null(strstr(complaints.text, strerror(ENOENT)));
    complaints_fini(&complaints);
    config_free(config);

    assert_int_equal(unlink(files_path(*state, "zones/internal.zone")), 0);
    config = read_text(state, "[database main]\n", &complaints);
    assert_int_equal(complaints.count, 1);
    assert_non_null(strstr(complaints.text, "has no *.zone file"));
    complaints_fini(&complaints);
    config_free(config);
}

static void more_databases_than_the_limit_are_refused(void **state)
{
    char text[DATABASES_MAX * 32 + 64] = "[database main]\n";
    for (int i = 1; i < DATABASES_MAX; i++) {
        char line[32];
        snprintf(line, sizeof line, "[database n%d]\n", i);
        strcat(text, line);
    }
    config_free(read_good(state, text));
    strcat(text, "[database more]\n");
    struct complaints complaints;
    struct config *config = read_text(state, text, &complaints);
    assert_int_equal(complaints.count, 1);
    assert_non_null(strstr(complaints.text, "conf:65: "));
    complaints_fini(&complaints);
    config_free(config);
}

static void the_shipped_files_have_no_mistake(void **state)
{
    static const char *const files[][2] = {{"phonebookd/phonebookd.conf", "phonebookd.conf"},
                                           {"zones/internal.zone", "zones/internal.zone"},
                                           {"zones/hostname.zone", "zones/hostname.zone"}};
    for (int i = 0; i < 3; i++) {
        if (access(files[i][0], R_OK) != 0)
            skip(); /* not started in the source tree */
        size_t length;
        char *text = files_read(files[i][0], &length);
        files_write(files_path(*state, files[i][1]), text, length);
        free(text);
    }
    struct complaints complaints = {0};
    struct config *config = read_config(files_path(*state, "phonebookd.conf"), &complaints);
    if (complaints.count > 0)
        fail_msg("%s", complaints.text);
    assert_int_equal(config->zones.n_zones, 2);
    assert_non_null(config_database(config, "internal"));
    assert_non_null(config_database(config, "public"));
    complaints_fini(&complaints); /* the host's name may be short */
    config_free(config);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_FILES(an_empty_configuration_has_the_defaults, setup),
        WITH_FILES(each_key_is_read, setup),
        WITH_FILES(relative_static_files_are_beside_the_configuration, setup),
        WITH_FILES(a_static_file_named_in_two_ways_is_a_mistake, setup),
        WITH_FILES(a_section_may_be_opened_again, setup),
        WITH_FILES(a_bare_file_name_has_its_zones_beside_it, setup),
        WITH_FILES(each_mistake_is_told_with_its_line_and_key, setup),
        WITH_FILES(one_mistake_is_one_complaint, setup),
        WITH_FILES(all_mistakes_are_told_at_once, setup),
        WITH_FILES(a_missing_file_is_a_mistake, setup),
        WITH_FILES(more_databases_than_the_limit_are_refused, setup),
        WITH_FILES(the_shipped_files_have_no_mistake, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
