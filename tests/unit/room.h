/* Zones, a registry over them, and holders, each in a namespace of its own: what most tests of
 * phonebookd need. A header of its own code, as made.h. */
#ifndef TESTS_UNIT_ROOM_H
#define TESTS_UNIT_ROOM_H

#include "../../phonebookd/state/registry.h"
#include "made.h"
#include "test.h"

enum { ROOM_ZONES_MAX = 9, ROOM_HOLDERS_MAX = 40 };

struct room {
    struct accounts accounts;
    struct interfaces interfaces;
    struct registry registry;
    struct zone zones[ROOM_ZONES_MAX];
    const struct zone *list[ROOM_ZONES_MAX];
    size_t n_zones;
    struct holder holders[ROOM_HOLDERS_MAX]; /* of uid 0, in the order of their namespaces */
    size_t n_holders;
};

/* The zones are "internal=main lan=other": names, in their order, and databases. */
static inline void room_init(struct room *room, const char *zones, size_t n_holders)
{
    char *copy = strdup(zones), *rest = copy;
    *room = (struct room){.n_holders = n_holders};
    assert_in_range(n_holders, 0, ROOM_HOLDERS_MAX);
    for (char *name; (name = strsep(&rest, "= "));) {
        assert_in_range(room->n_zones, 0, ROOM_ZONES_MAX - 1);
        room->zones[room->n_zones] = made_zone(name, strsep(&rest, "= "));
        room->list[room->n_zones] = &room->zones[room->n_zones];
        room->n_zones++;
    }
    free(copy);
    made_servers(room->list, room->n_zones);
    accounts_init(&room->accounts);
    interfaces_init(&room->interfaces);
    registry_init(&room->registry, &room->accounts, room->list, room->n_zones);
    for (size_t i = 0; i < n_holders; i++)
        room->holders[i].namespace = interfaces_add(&room->interfaces, 100 + i, 1 + (int)i);
}

/* Of two zones, the first shows global addresses alone, the second private ones. */
static inline void room_divide_classes(struct room *room)
{
    room->zones[0].n_rules = 1;
    room->zones[1].rules[0] = room->zones[1].rules[1];
    room->zones[1].n_rules = 1;
}

/* All that was registered goes, and what lingers. */
static inline void room_empty(struct room *room)
{
    for (size_t i = 0; i < room->n_holders; i++)
        registry_drop_holder(&room->registry, &room->holders[i]);
    registry_drop_remnants(&room->registry);
}

/* Then nothing may be left: for a teardown to return. */
static inline bool room_has_left(const struct room *room)
{
    const struct listings *listings = &room->registry.listings;
    return listings->by_name.n || listings->n || room->registry.remnants || room->accounts.by_owner;
}

static inline void room_fini(struct room *room)
{
    room_empty(room);
    registry_fini(&room->registry);
    accounts_fini(&room->accounts);
    interfaces_fini(&room->interfaces);
    for (size_t i = 0; i < room->n_zones; i++)
        zone_fini(&room->zones[i]);
}

/* Must be accepted. */
static inline struct registration *room_claim(struct room *room, int holder, const char *name,
                                              const char *interface,
                                              const struct request_options *options, int64_t since,
                                              enum registry_origin origin)
{
    struct registration *added;
    char why[REGISTRY_WHY_MAX];
    if (registry_add(&room->registry, &room->holders[holder], name, interface, options, since,
                     origin, &added, why) != REGISTRY_OK)
        fail_msg("%s: %s", name, why);
    return added;
}

#endif
