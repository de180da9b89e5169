/* Which slices of the list's text are kept, and for whom. */
#include "../../phonebookd/clients/list-slices.h"
#include "../../phonebookd/limits.h"

#include "room.h"
#include "unbuilt.h"

#include <stdio.h>

struct world {
    struct room room;
    struct list_slices slices;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    room_init(&world->room, "internal=internal", 1);
    list_slices_init(&world->slices, &(struct list_source){.registry = &world->room.registry,
                                                           .served = unbuilt_served});
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    list_slices_fini(&world->slices);
    int left = world->slices.n_kept || world->slices.octets_kept;
    room_fini(&world->room);
    free(world);
    return left ? -1 : 0;
}

static void claim(struct world *world, const char *name, const char *interface)
{
    room_claim(&world->room, 0, name, interface, &no_request_options, 1, REGISTRY_TAKEN);
}

static const struct list_place start;

static void a_slice_is_found_by_its_place_and_state(void **state)
{
    struct world *world = *state;
    claim(world, "www", "eth0");
    assert_null(list_slices_find(&world->slices, &start, 0));
    struct list_slice *written = list_slices_write(&world->slices, &start);
    struct list_slice *found = list_slices_find(&world->slices, &start, 0);
    assert_ptr_equal(found, written);
    assert_string_equal(found->to.name, "www.internal");
    assert_null(list_slices_find(&world->slices, &found->to, 0));
    const struct list_place told_more = {.withheld = 1};
    assert_null(list_slices_find(&world->slices, &told_more, 0));
    world->slices.state++;
    assert_ptr_equal(list_slices_find(&world->slices, &start, 0), written); /* for an earlier one */
    assert_null(list_slices_find(&world->slices, &start, 1));
    list_slice_unref(found);
    list_slice_unref(found);
    list_slices_forget_old(&world->slices);
    assert_null(list_slices_find(&world->slices, &start, 0));
    assert_non_null(strstr(written->text, "name=www.internal ")); /* our slice is unchanged */
    list_slice_unref(written);
}

static void the_newest_of_equal_slices_is_found(void **state)
{
    struct world *world = *state;
    struct list_slice *old = list_slices_write(&world->slices, &start);
    world->slices.state++;
    struct list_slice *new = list_slices_write(&world->slices, &start);
    assert_ptr_equal(list_slices_find(&world->slices, &start, 0), new);
    list_slice_unref(new);
    list_slice_unref(new);
    list_slice_unref(old);
}

/* A slice that is not kept any more is written again. */
static void only_so_many_slices_are_kept(void **state)
{
    struct world *world = *state;
    claim(world, "www", "eth0");
    for (int i = 0; i < 2 * LIST_SLICES_KEPT; i++) {
        list_slice_unref(list_slices_write(&world->slices, &start));
        world->slices.state++;
        assert_true(world->slices.n_kept <= LIST_SLICES_KEPT);
    }
    assert_int_equal(world->slices.n_kept, LIST_SLICES_KEPT);
    assert_int_equal(world->slices.n_written, 2 * LIST_SLICES_KEPT);
}

/* One name with many addresses on many interfaces makes longer slices. */
static void only_so_many_octets_are_kept(void **state)
{
    enum { ADDRESSES = 2000, SLICES = LIST_SLICES_KEPT };
    struct world *world = *state;
    char *links = malloc(16 + ADDRESSES * 24), *to = links + sprintf(links, "eth0");
    for (int i = 0; i < ADDRESSES; i++)
        to += sprintf(to, " fe80::%x", 0x1000 + i);
    made_links(world->room.holders[0].namespace, links);
    free(links);
    claim(world, "www", "eth0");
    struct list_slice *held = list_slices_write(&world->slices, &start);
    assert_true(held->length * SLICES > LIST_OCTETS_KEPT);
    for (int i = 0; i < SLICES; i++) {
        world->slices.state++;
        list_slice_unref(list_slices_write(&world->slices, &start));
        assert_true(world->slices.octets_kept <= LIST_OCTETS_KEPT);
    }
    assert_true(world->slices.n_kept < SLICES);
    assert_int_equal(world->slices.octets_kept, world->slices.n_kept * held->length);
    list_slice_unref(held);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_slice_is_found_by_its_place_and_state),
        TEST(the_newest_of_equal_slices_is_found),
        TEST(only_so_many_slices_are_kept),
        TEST(only_so_many_octets_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
