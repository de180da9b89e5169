/* What still counts if a dump lacks it for the first time: a table of dumps. */
#include "../../phonebookd/limits.h"
#include "../../phonebookd/state/second-look.h"
#include "made.h"

#include <stdio.h>

enum { STEPS_MAX = 4, TEXT_MAX = 512 };

/* Links as "INDEX:NAME/ALTERNATIVE ADDRESS ADDRESS=STATE, -INDEX:NAME"; "-": the link is down. */
static struct snapshot dump_of(const char *text)
{
    char *copy = strdup(text);
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    char *rest_of_links;
    for (char *link = strtok_r(copy, ",", &rest_of_links); link;
         link = strtok_r(NULL, ",", &rest_of_links)) {
        char *rest_of_words;
        char *head = strtok_r(link, " ", &rest_of_words);
        bool up = head[0] != '-';
        char *word;
        int index = (int)strtol(head + !up, &word, 10);
        char *rest_of_names;
        snapshot_add_link(&snapshot, index, up, strtok_r(word + 1, "/", &rest_of_names));
        while ((word = strtok_r(NULL, "/", &rest_of_names)))
            snapshot_add_altname(&snapshot, index, word);
        while ((word = strtok_r(NULL, " ", &rest_of_words))) {
            struct address address = made_address(word);
            snapshot_add_address(&snapshot, index, &address);
        }
    }
    snapshot_finish(&snapshot);
    assert_false(snapshot.failed);
    free(copy);
    return snapshot;
}

static const char *state_of(const struct address *address)
{
    return address->state & ADDRESS_TENTATIVE    ? "=tentative"
           : address->state & ADDRESS_DEPRECATED ? "=deprecated"
                                                 : "";
}

/* The same notation. */
static void print(char text[static TEXT_MAX], const struct snapshot *snapshot)
{
    FILE *out = fmemopen(text, TEXT_MAX, "w");
    char word[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < snapshot->n_links; i++) {
        const struct link *link = &snapshot->links[i];
        fprintf(out, "%s%s%d:%s", i > 0 ? ", " : "", link->up ? "" : "-", link->index,
                link->names[0]);
        for (size_t j = 1; j < link->n_names; j++)
            fprintf(out, "/%s", link->names[j]);
        for (size_t j = 0; j < link->n_addresses; j++)
            fprintf(out, " %s%s", address_text(word, &link->addresses[j]),
                    state_of(&link->addresses[j]));
    }
    fputc('\0', out);
    assert_int_equal(fclose(out), 0);
}

/* A dump; what counts after it (NULL: the dump); must it be looked at again? */
struct step {
    const char *dump, *counts;
    bool again;
};

static const struct {
    const char *what;
    struct step steps[STEPS_MAX];
} cases[] = {
    {"a gain counts at once",
     {{"1:e0", NULL, false},
      {"1:e0 10.0.0.1", NULL, false},
      {"1:e0 10.0.0.1 10.0.0.2", NULL, false}}},
    {"the first dump is the truth", {{"-1:e0 10.0.0.1", NULL, false}}},
    {"an address that comes back was never away",
     {{"1:e0 10.0.0.1", NULL, false},
      {"1:e0", "1:e0 10.0.0.1", true},
      {"1:e0 10.0.0.1", NULL, false},
      {"1:e0", "1:e0 10.0.0.1", true}}},
    {"one that stays away is gone with the second dump",
     {{"1:e0 10.0.0.1 10.0.0.2", NULL, false},
      {"1:e0 10.0.0.2", "1:e0 10.0.0.1 10.0.0.2", true},
      {"1:e0 10.0.0.2", NULL, false}}},
    {"another address instead: both, then the new one",
     {{"1:e0 10.0.0.1", NULL, false},
      {"1:e0 10.0.0.2", "1:e0 10.0.0.1 10.0.0.2", true},
      {"1:e0 10.0.0.2", NULL, false}}},
    {"each loss has its own second look",
     {{"1:e0 10.0.0.1 10.0.0.2", NULL, false},
      {"1:e0 10.0.0.2", "1:e0 10.0.0.1 10.0.0.2", true},
      {"1:e0", "1:e0 10.0.0.2", true},
      {"1:e0", NULL, false}}},
    {"two that are away in turn are both there",
     {{"1:e0 10.0.0.1 10.0.0.2", NULL, false},
      {"1:e0 10.0.0.2", "1:e0 10.0.0.1 10.0.0.2", true},
      {"1:e0 10.0.0.1", "1:e0 10.0.0.1 10.0.0.2", true},
      {"1:e0 10.0.0.2", "1:e0 10.0.0.1 10.0.0.2", true}}},
    {"all of a namespace",
     {{"1:lo 127.0.0.1, 2:e0 10.0.0.1, 3:e1 fd00::1", NULL, false},
      {"1:lo", "1:lo 127.0.0.1, 2:e0 10.0.0.1, 3:e1 fd00::1", true},
      {"1:lo", NULL, false}}},
    {"what moves is on both links",
     {{"1:e0 10.0.0.1, 2:e1 10.0.0.2", NULL, false},
      {"1:e0, 2:e1 10.0.0.1 10.0.0.2", "1:e0 10.0.0.1, 2:e1 10.0.0.1 10.0.0.2", true},
      {"1:e0, 2:e1 10.0.0.1 10.0.0.2", NULL, false}}},
    {"a link that goes down still shows what it showed",
     {{"1:e0 10.0.0.1 fd00::1", NULL, false},
      {"-1:e0 10.0.0.1 10.0.0.2", "1:e0 10.0.0.1 fd00::1", true},
      {"-1:e0 10.0.0.1 10.0.0.2", NULL, false}}},
    {"and is up again",
     {{"1:e0 10.0.0.1 fd00::1", NULL, false},
      {"-1:e0 10.0.0.1", "1:e0 10.0.0.1 fd00::1", true},
      {"1:e0 10.0.0.1 fd00::1=tentative", "1:e0 10.0.0.1 fd00::1=tentative", false}}},
    {"a link that was down loses nothing",
     {{"-1:e0 10.0.0.1", NULL, false}, {"-1:e0", NULL, false}, {"-2:e1", NULL, false}}},
    {"one that is tentative again", /* its detection takes a second: twice in a row is no passing */
     {{"1:e0 fd00::1", NULL, false},
      {"1:e0 fd00::1=tentative", "1:e0 fd00::1", true},
      {"1:e0 fd00::1=tentative", NULL, false},
      {"1:e0 fd00::1", NULL, false}}},
    {"one that never was usable is no loss",
     {{"1:e0 fd00::1=tentative 10.0.0.1", "1:e0 10.0.0.1 fd00::1=tentative", false},
      {"1:e0 10.0.0.1", NULL, false}}},
    {"deprecation is no loss",
     {{"1:e0 fd00::1", NULL, false}, {"1:e0 fd00::1=deprecated", NULL, false}}},
    {"nor is it undone by one",
     {{"1:e0 10.0.0.1 fd00::1", NULL, false},
      {"1:e0 fd00::1=deprecated", "1:e0 10.0.0.1 fd00::1=deprecated", true}}},
    {"a link without addresses is no loss",
     {{"1:lo 127.0.0.1, 2:e0", NULL, false}, {"1:lo 127.0.0.1", NULL, false}}},
    {"a name that no link has by now",
     {{"1:e0 10.0.0.1", NULL, false},
      {"1:e1 10.0.0.1", "1:e1/e0 10.0.0.1", true},
      {"1:e1 10.0.0.1", NULL, false}}},
    {"an alternative name",
     {{"1:e0/lan 10.0.0.1", NULL, false},
      {"1:e0 10.0.0.1", "1:e0/lan 10.0.0.1", true},
      {"1:e0 10.0.0.1", NULL, false}}},
    {"a link that was made again",
     {{"1:e0/lan 10.0.0.1", NULL, false},
      {"2:e0", "2:e0/lan 10.0.0.1", true},
      {"2:e0 10.0.0.1", "2:e0 10.0.0.1", false}}},
    {"made again, with another address",
     {{"1:e0 10.0.0.1", NULL, false},
      {"2:e0 10.0.0.2", "2:e0 10.0.0.1 10.0.0.2", true},
      {"2:e0 10.0.0.2", NULL, false}}},
    {"a link that is gone, and its name another's alternative one",
     {{"1:e0/lan 10.0.0.1, 2:e1 10.0.0.2", NULL, false},
      {"2:e1/e0 10.0.0.2", "1:lan 10.0.0.1, 2:e1/e0 10.0.0.2", true},
      {"2:e1/e0 10.0.0.2", NULL, false}}},
    {"links that exchange their names exchange their addresses at once",
     {{"1:e0 10.0.0.1, 2:e1 10.0.0.2", NULL, false},
      {"1:e1 10.0.0.1, 2:e0 10.0.0.2", NULL, false}}},
    {"a name that passes to a link that was there",
     {{"1:e0 10.0.0.1, 2:e1 10.0.0.2", NULL, false},
      {"2:e0 10.0.0.2", "2:e0/e1 10.0.0.2", true},
      {"2:e0 10.0.0.2", NULL, false}}},
};

static void run_case(const char *what, const struct step steps[static STEPS_MAX])
{
    struct interfaces interfaces;
    interfaces_init(&interfaces);
    struct namespace *namespace = interfaces_add(&interfaces, 1, 1);
    char before[TEXT_MAX] = "?";
    for (int i = 0; i < STEPS_MAX && steps[i].dump; i++) {
        struct snapshot dump = dump_of(steps[i].dump);
        const char *counts = steps[i].counts ? steps[i].counts : steps[i].dump;
        bool again, differs = second_look_take(namespace, &dump, &again);
        assert_int_equal(dump.n_links, 0);
        char text[TEXT_MAX];
        print(text, &namespace->now);
        if (strcmp(text, counts) != 0 || again != steps[i].again ||
            differs != (strcmp(text, before) != 0))
            fail_msg("%s, dump %d: %s%s%s", what, i, text, again ? ", again" : "",
                     differs ? ", differs" : "");
        strcpy(before, text);
    }
    interfaces_fini(&interfaces);
}

static void what_is_lost_counts_after_the_second_dump(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run_case(cases[i].what, cases[i].steps);
}

static struct snapshot full(int network)
{
    struct address address = {.family = 2, .octets = {10, (uint8_t)network}};
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    for (int link = 1; link <= NAMESPACE_ADDRESSES_MAX / LINK_ADDRESSES_MAX; link++) {
        char name[16];
        snprintf(name, sizeof name, "v%d", link);
        snapshot_add_link(&snapshot, link, true, name);
        for (int i = 0; i < LINK_ADDRESSES_MAX; i++) {
            address.octets[2] = (uint8_t)(i >> 8);
            address.octets[3] = (uint8_t)i;
            snapshot_add_address(&snapshot, link, &address);
        }
    }
    snapshot_finish(&snapshot);
    assert_false(snapshot.failed);
    return snapshot;
}

static void in_a_full_namespace_what_is_lost_is_gone_at_once(void **state)
{
    (void)state;
    struct interfaces interfaces;
    interfaces_init(&interfaces);
    struct namespace *namespace = interfaces_add(&interfaces, 1, 1);
    struct snapshot first = full(1), second = full(2);
    bool again;
    assert_true(second_look_take(namespace, &first, &again));
    assert_true(second_look_take(namespace, &second, &again));
    assert_false(again);
    assert_int_equal(namespace->now.n_addresses, NAMESPACE_ADDRESSES_MAX);
    assert_int_equal(namespace->now.links[0].addresses[0].octets[1], 2);
    interfaces_fini(&interfaces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_lost_counts_after_the_second_dump),
        cmocka_unit_test(in_a_full_namespace_what_is_lost_is_gone_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
