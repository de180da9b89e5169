/* A tree of pairs of texts, compared with a plain array. */
#include "../../common/pair-tree.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRSTS = 5, SECONDS = 40, LENGTH_MAX = 253, STEPS = 20000 };

struct world {
    struct pair_tree tree;
    char seconds[SECONDS][LENGTH_MAX + 1];
    struct pair entries[FIRSTS][SECONDS];
    bool in[FIRSTS][SECONDS];
    size_t n;
};

static struct pair key_of(const void *entry)
{
    return *(const struct pair *)entry;
}

/* Texts that begin with each other, contain the least octet, or have the greatest length. */
static void fill(struct world *world)
{
    static const char *const firsts[FIRSTS] = {"a", "a-b", "a.b", "ab", ""};
    static const char *const some[] = {"*", "-", "_", "0", "\xff", "*.z", "a.", "a-", "z.z.z"};
    size_t n = sizeof some / sizeof *some;
    for (size_t i = 0; i < SECONDS; i++)
        if (i < n)
            strcpy(world->seconds[i], some[i]);
        else if (i < 2 * n)
            sprintf(world->seconds[i], "%s%s", some[i - n], some[(i + 1) % n]);
        else
            memset(world->seconds[i], 'x', i == SECONDS - 1 ? LENGTH_MAX : i);
    for (size_t f = 0; f < FIRSTS; f++)
        for (size_t i = 0; i < SECONDS; i++)
            world->entries[f][i] = (struct pair){firsts[f], world->seconds[i]};
}

static int compare(const struct pair *a, struct pair b)
{
    int order = strcmp(a->first, b.first);
    return order ? order : strcmp(a->second, b.second);
}

static struct pair *next_plainly(struct world *world, struct pair key)
{
    struct pair *next = NULL;
    for (size_t f = 0; f < FIRSTS; f++)
        for (size_t i = 0; i < SECONDS; i++) {
            struct pair *one = &world->entries[f][i];
            if (world->in[f][i] && compare(one, key) > 0 && (!next || compare(one, *next) < 0))
                next = one;
        }
    return next;
}

struct walk {
    struct world *world;
    const struct pair *last; /* NULL: it begins */
    size_t n;
};

static void expect_next(void *entry, void *context)
{
    struct walk *walk = context;
    struct pair *least = &walk->world->entries[FIRSTS - 1][0];
    if (walk->last)
        assert_ptr_equal(entry, next_plainly(walk->world, *walk->last));
    else if (entry != least)
        assert_ptr_equal(entry, next_plainly(walk->world, (struct pair){"", ""}));
    walk->last = entry;
    walk->n++;
}

/* Looks up some neighbours from any place on: exactly the members are found. */
static void find_abreast(struct world *world)
{
    size_t n = 1 + (size_t)random() % PAIR_TREE_ABREAST, f = (size_t)random() % FIRSTS;
    size_t first = (size_t)random() % (SECONDS - n);
    void *found[PAIR_TREE_ABREAST];
    pair_tree_find_all(&world->tree, &world->entries[f][first], n, found);
    for (size_t i = 0; i < n; i++)
        assert_ptr_equal(found[i], world->in[f][first + i] ? &world->entries[f][first + i] : NULL);
}

static void expect_all(struct world *world)
{
    struct walk walk = {world, NULL, 0};
    find_abreast(world);
    pair_tree_each(&world->tree, expect_next, &walk);
    assert_int_equal(walk.n, world->n);
    assert_int_equal(world->tree.n, world->n);
    assert_true(world->tree.n_used <= FIRSTS * SECONDS);
}

static void turn(struct world *world, size_t f, size_t i)
{
    struct pair *entry = &world->entries[f][i];
    assert_ptr_equal(pair_tree_find(&world->tree, *entry), world->in[f][i] ? entry : NULL);
    assert_ptr_equal(pair_tree_next(&world->tree, *entry), next_plainly(world, *entry));
    if (world->in[f][i])
        pair_tree_remove(&world->tree, entry);
    else
        assert_true(pair_tree_add(&world->tree, entry));
    world->in[f][i] = !world->in[f][i];
    world->n = world->in[f][i] ? world->n + 1 : world->n - 1;
}

/* In waves, so that the tree is sometimes empty and sometimes full. */
static void a_pair_tree_is_a_sorted_array(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    (void)state;
    fill(world);
    pair_tree_init(&world->tree, key_of);
    srandom(1);
    for (unsigned step = 0; step < STEPS; step++) {
        bool growing = step / 500 % 2 == 0;
        size_t f = (size_t)random() % FIRSTS, i = (size_t)random() % SECONDS;
        if (world->in[f][i] == growing && random() % 4 > 0)
            continue;
        turn(world, f, i);
        find_abreast(world);
        if (step % 100 == 0)
            expect_all(world);
    }
    for (size_t f = 0; f < FIRSTS; f++)
        for (size_t i = 0; i < SECONDS; i++)
            if (world->in[f][i])
                turn(world, f, i);
    assert_null(world->tree.slots);
    assert_null(pair_tree_find(&world->tree, (struct pair){"a", "*"}));
    assert_null(pair_tree_next(&world->tree, (struct pair){"", ""}));
    expect_all(world);
    free(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(a_pair_tree_is_a_sorted_array)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
