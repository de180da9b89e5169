/* The log line when phonebookd is ready. */
#include "../../phonebookd/ready-text.h"

#include "../../phonebookd/clients/doors.h"
#include "../../phonebookd/config.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

enum { N = 6 };

/* A configuration with the first few of these zones and databases. */
struct scene {
    struct zone zones[N], *zone_at[N];
    struct database_options databases[N];
    struct config config;
    struct doors doors;
};

static void prepare(struct scene *scene, char names[][256], size_t n)
{
    *scene = (struct scene){.config.zones = {scene->zone_at, n}, .config.n_databases = n};
    for (size_t i = 0; i < n; i++) {
        snprintf(scene->zones[i].name, sizeof scene->zones[i].name, "%.253s", names[i]);
        scene->databases[i].name = names[i];
        scene->zone_at[i] = &scene->zones[i];
        scene->config.databases[i] = &scene->databases[i];
    }
    doors_init(&scene->doors, "/run/phonebook");
    for (int i = 0; i < DOORS; i++)
        scene->doors.all[i].open = true;
}

static void a_few_zones_are_all_named(void **state)
{
    (void)state;
    char names[][256] = {"box.example", "internal"};
    struct scene scene;
    prepare(&scene, names, 2);
    char text[READY_TEXT_MAX];
    ready_text(text, &scene.config, &scene.doors, true);
    assert_string_equal(
        text, "ready: zones box.example, internal; "
              "databases box.example, internal; sockets /run/phonebook/publish, "
              "/run/phonebook/list, /run/phonebook/control; phonebook-keeper holds the names");
    prepare(&scene, names, 0);
    scene.doors.all[DOOR_PUBLISH].handed = 3;
    scene.doors.all[DOOR_CONTROL].open = false;
    ready_text(text, &scene.config, &scene.doors, false);
    assert_string_equal(text, "ready: zones none; databases none; sockets publish of the "
                              "supervisor, /run/phonebook/list; no phonebook-keeper");
}

static void many_zones_are_cut(void **state)
{
    (void)state;
    char names[N][256];
    for (int i = 0; i < N; i++) {
        memset(names[i], 'a' + i, 253);
        names[i][253] = '\0';
    }
    struct scene scene;
    prepare(&scene, names, N);
    for (size_t i = 0; i < N; i++)
        scene.databases[i].name = "internal";
    char text[READY_TEXT_MAX];
    ready_text(text, &scene.config, &scene.doors, false);
    assert_non_null(strstr(text, names[3]));
    assert_null(strstr(text, names[4]));
    assert_non_null(strstr(text, " and 2 more; databases internal, internal, internal, internal "
                                 "and 2 more; sockets "));
    assert_non_null(strstr(text, "; no phonebook-keeper")); /* all of it fits */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_zones_are_all_named),
        cmocka_unit_test(many_zones_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
