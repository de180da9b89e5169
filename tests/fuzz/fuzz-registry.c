/* The registry as a state machine: holders come and go, zones and addresses change, time passes,
 * and after each step everything agrees with a plain list of registrations. Each octet is an
 * operation (enum act); the octets after it are its arguments. */
#include "../../phonebookd/limits.h"
#include "../../zones/reverse.h"
#include "../unit/looked.h"
#include "../unit/made.h"
#include "../unit/require.h"

#include <arpa/inet.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
    HOLDERS = 7, /* the last has no namespace */
    NAMESPACES = 3,
    LINKS = 2,
    NAMES = 9,
    INTERFACES = 4,
    CONFIGS = 4,
    ZONES_MAX = 4,
    REGISTRATIONS_MAX = NAMES * INTERFACES, /* per holder */
    REMNANTS_MAX = 4096,
    FULL_MAX = 64,
    STEPS_MAX = 300,
    UIDS = 10,
};

enum act {
    ACT_ADD,
    ACT_TAKE, /* a registration that a former phonebookd accepted */
    ACT_KEEP,
    ACT_DROP,
    ACT_HANG_UP,
    ACT_LINGER,
    ACT_TIME,
    ACT_ZONES,
    ACT_ADDRESSES,
    ACT_COLLECT, /* then the kept records equal the reference's */
    ACT_DROP_OVERTAKEN,
    ACT_FILL, /* fills a uid's account */
    ACT_AUDIT,
    ACTS,
    ACT_WITHDRAW = 0xf4, /* and above; octets below mean the same as before */
};

static const uint32_t uids[HOLDERS] = {7, 7, 8, 8, 0, 7, 9};
static const char *const interfaces[INTERFACES] = {"eth0", "also", "eth1", "none"};
static const int link_of[INTERFACES] = {0, 0, 1, -1}; /* "also" is another name of eth0 */
static const size_t sizes[] = {0, 1, 2, 3, 20, 70, 3000, NAME_ADDRESSES_MAX};

static const struct {
    const char *name, *database;
    uint32_t linger_max;
    unsigned labels_max;
    bool wildcards;
} zones[CONFIGS][ZONES_MAX] = {
    {{"10.in-addr.arpa", "main", 0, 8, false},
     {"deep.internal", "main", 5, 8, true},
     {"internal", "main", 300, 8, false},
     {"lan", "other", 2, 8, false}},
    {{"internal", "main", 1, 8, true}, {"lan", "main", 0, 8, false}},
    {{"lan", "other", 300, 1, false}},
    {{NULL, NULL, 0, 0, false}},
};

/* The full names of each name, in each of these zones, separated by blanks; "": refused. */
static const struct {
    const char *name, *becomes[CONFIGS];
} names[NAMES] = {
    {"www", {"www.deep.internal www.internal www.lan", "www.internal www.lan", "www.lan", ""}},
    {"www.internal", {"www.internal", "www.internal", "www.internal.lan", ""}},
    {"x.deep",
     {"x.deep.deep.internal x.deep.internal x.deep.lan", "x.deep.internal x.deep.lan", "x.deep.lan",
      ""}},
    {"*.internal", {"", "*.internal", "", ""}},
    {"@", {"deep.internal internal lan", "internal lan", "lan", ""}},
    {"lan.", {"lan", "lan", "lan", ""}},
    {"1.2.3.4.5.6.7.8.9",
     {"1.2.3.4.5.6.7.8.9.deep.internal 1.2.3.4.5.6.7.8.9.internal 1.2.3.4.5.6.7.8.9.lan",
      "1.2.3.4.5.6.7.8.9.internal 1.2.3.4.5.6.7.8.9.lan", "1.2.3.4.5.6.7.8.9.lan", ""}},
    {"deep.internal", {"deep.internal", "deep.internal", "deep.internal.lan", ""}},
    {"y", {"y.deep.internal y.internal y.lan", "y.internal y.lan", "y.lan", ""}},
};

/* Does the name have more labels than one of its zones allows? Only for new requests. */
static const bool too_deep[CONFIGS][NAMES] = {
    {[6] = true}, {[6] = true}, {[1] = true, [2] = true, [6] = true, [7] = true}};

/* A registration, as the model has it. */
struct slot {
    bool there, claimed;
    int holder, name, interface;
    int64_t since, linger;
};

/* A remnant, as the model has it. */
struct rest {
    char full[FULL_MAX];
    uint32_t uid, heir;
    uint64_t ended, deadline;
    bool overtaken;
};

struct link_state {
    size_t n;
    bool up, shown; /* all of its addresses, or none */
};

struct world {
    const uint8_t *bytes;
    size_t length;
    struct accounts accounts;
    struct interfaces interfaces;
    struct registry registry;
    struct zone zones[CONFIGS][ZONES_MAX];
    const struct zone *lists[CONFIGS][ZONES_MAX];
    size_t n_zones[CONFIGS];
    struct holder holders[HOLDERS];
    struct holder *all[HOLDERS];
    struct looked main, other; /* databases */
    uint64_t now;
    int64_t since;
    size_t filled; /* charged to uid 7 in addition to its registrations */

    int config;
    struct slot entries[HOLDERS][NAMES][INTERFACES];
    struct rest rests[REMNANTS_MAX];
    size_t n_rests;
    struct link_state places[NAMESPACES][LINKS];
};

static unsigned take(struct world *world, unsigned below)
{
    if (world->length == 0)
        return 0;
    world->length--;
    return *world->bytes++ % below;
}

static enum act take_act(struct world *world)
{
    if (world->length > 0 && *world->bytes >= ACT_WITHDRAW)
        return take(world, 1) + ACT_WITHDRAW;
    return take(world, ACTS);
}

/* ---- the model ---- */

/* The i-th name of a registration; false if there are no more. */
static bool full_name(const struct world *world, int name, size_t i, char full[static FULL_MAX])
{
    const char *from = names[name].becomes[world->config];
    while (i-- > 0 && from)
        from = strchr(from, ' ') ? strchr(from, ' ') + 1 : NULL;
    if (!from || !*from)
        return false;
    snprintf(full, FULL_MAX, "%.*s", (int)strcspn(from, " "), from);
    return true;
}

static bool has_name(const struct world *world, const struct slot *entry, const char *full)
{
    char own[FULL_MAX];
    for (size_t i = 0; entry->there && entry->claimed && full_name(world, entry->name, i, own); i++)
        if (strcmp(own, full) == 0)
            return true;
    return false;
}

/* Calls `look` for each entry, until it returns true. */
static struct slot *find_entry(struct world *world,
                               bool (*look)(struct world *world, struct slot *entry,
                                            const void *context),
                               const void *context)
{
    for (int h = 0; h < HOLDERS; h++)
        for (int n = 0; n < NAMES; n++)
            for (int i = 0; i < INTERFACES; i++)
                if (look(world, &world->entries[h][n][i], context))
                    return &world->entries[h][n][i];
    return NULL;
}

static bool has_full(struct world *world, struct slot *entry, const void *full)
{
    return has_name(world, entry, full);
}

/* Root may take over a remnant, and so may a user who did so before. */
static bool is_anothers(struct world *world, const char *full, uint32_t uid, bool taken)
{
    const struct slot *entry = find_entry(world, has_full, full);
    if (entry)
        return uids[entry->holder] != uid;
    for (size_t i = 0; i < world->n_rests && uid != 0 && !taken; i++)
        if (world->rests[i].uid != uid && strcmp(world->rests[i].full, full) == 0)
            return true;
    return false;
}

static bool clashes(struct world *world, int name, uint32_t uid, bool taken)
{
    char full[FULL_MAX];
    for (size_t i = 0; full_name(world, name, i, full); i++)
        if (is_anothers(world, full, uid, taken))
            return true;
    return false;
}

/* The user that holds the name, or for whom it lingers; -1: nobody. */
static int64_t user_of(struct world *world, const char *full)
{
    const struct slot *entry = find_entry(world, has_full, full);
    for (size_t i = 0; i < world->n_rests && !entry; i++)
        if (strcmp(world->rests[i].full, full) == 0)
            return world->rests[i].uid;
    return entry ? (int64_t)uids[entry->holder] : -1;
}

/* Is one of the names new, and the nearest one above it in its zone another user's? */
static bool is_below_others(struct world *world, int name, uint32_t uid)
{
    char full[FULL_MAX];
    for (size_t i = 0; uid != 0 && full_name(world, name, i, full); i++) {
        const struct zone *zone =
            zone_of(world->lists[world->config], world->n_zones[world->config], full);
        int64_t user = user_of(world, full);
        if (user >= 0 || strcmp(full, zone->name) == 0)
            continue;
        for (const char *above = strchr(full, '.') + 1; user < 0 && strcmp(above, zone->name) != 0;
             above = strchr(above, '.') + 1)
            user = user_of(world, above);
        if (user >= 0 && user != uid)
            return true;
    }
    return false;
}

static const struct link_state *place_of(const struct world *world, int holder, int interface)
{
    return link_of[interface] < 0 || holder == HOLDERS - 1
               ? NULL
               : &world->places[holder % NAMESPACES][link_of[interface]];
}

/* Whether a link of a name belongs to our entries, to others, or both. */
enum { OURS = 1, OTHERS = 2 };

/* The name's links in order, with at most `allowed` addresses: who has shown ones among these, how
 * many there are in all, and which may linger for `holder`. `only`: only this one of its entries is
 * ours; NULL: all. */
struct sight {
    unsigned shown;
    size_t counted;
    int64_t linger[NAMESPACES][LINKS];
};

static struct sight sight_of(const struct world *world, const char *full, size_t allowed,
                             int holder, const struct slot *only)
{
    struct sight sight = {.shown = 0};
    for (int s = 0; s < NAMESPACES; s++)
        for (int l = 0; l < LINKS; l++) {
            const struct link_state *place = &world->places[s][l];
            size_t n = place->n < allowed ? place->n : allowed;
            unsigned who = 0;
            for (int h = s; h < HOLDERS - 1; h += NAMESPACES)
                for (int i = 0; i < NAMES * INTERFACES; i++) {
                    const struct slot *entry = &world->entries[h][i / INTERFACES][i % INTERFACES];
                    if (!place->up || link_of[entry->interface] != l ||
                        !has_name(world, entry, full))
                        continue;
                    who |= h == holder && (!only || entry == only) ? OURS : OTHERS;
                    if (h == holder && n > 0 && place->shown && entry->linger > sight.linger[s][l])
                        sight.linger[s][l] = entry->linger;
                }
            if (!who)
                continue;
            sight.counted += place->n;
            allowed -= n;
            if (n > 0 && place->shown)
                sight.shown |= who;
        }
    return sight;
}

static uint64_t deadline_of(uint64_t ended, int64_t seconds)
{
    uint64_t end = ended + (uint64_t)seconds * 1000;
    return end % 1000 ? end + 1000 - end % 1000 : end;
}

static void drop_rests(struct world *world, bool (*over)(struct world *world, struct rest *rest))
{
    size_t n = 0;
    for (size_t i = 0; i < world->n_rests; i++)
        if (!over(world, &world->rests[i]))
            world->rests[n++] = world->rests[i];
    world->n_rests = n;
}

static bool is_over(struct world *world, struct rest *rest)
{
    return rest->deadline <= world->now;
}

static bool is_overtaken(struct world *world, struct rest *rest)
{
    (void)world;
    return rest->overtaken;
}

static bool was_dropped(struct world *world, struct rest *rest)
{
    (void)world;
    return rest->deadline == 0;
}

/* ---- what it is compared with ---- */

static const struct listing *find_listing(const struct world *world, const char *full)
{
    const struct zone *zone =
        zone_of(world->lists[world->config], world->n_zones[world->config], full);
    return zone ? listings_find(&world->registry.listings, zone, full) : NULL;
}

struct sums {
    struct world *world;
    size_t n_listings, n_claims, n_remnants;
    size_t held; /* by all budgets */
};

static void check_listing(void *entry, void *context)
{
    struct listing *listing = entry;
    struct sums *sums = context;
    require(listing->claims || listing->remnants);
    require(listing == find_listing(sums->world, listing->name));
    size_t counted = 0;
    for (const struct claim *claim = listing->claims; claim; claim = claim->next) {
        const struct registration *r = claim->registration;
        require(claim->listing == listing && r->holder->uid == listing->uid);
        require(!claim->next || claim->next->previous == claim);
        require(claim->previous ? claim->previous->next == claim : listing->claims == claim);
        counted += claim->counted;
        sums->n_claims++;
    }
    for (struct remnant *r = listing->remnants; r; r = r->next) {
        require(r->listing == listing && *r->link == r);
        require(r->former->uid == listing->uid || (listing->claims && r->heir == listing->uid));
        require(strcmp(r->name, listing->name) == 0);
        sums->n_remnants++;
    }
    require(counted == listing->counted);
    require(listing->budget->owner == listing->uid);
    require(strcmp(listing->budget->database->name, listing->zone->database) == 0);
    sums->held += counted < NAME_ADDRESSES_MAX ? counted : NAME_ADDRESSES_MAX;
    sums->n_listings++;
}

struct held {
    size_t users, names, gone, of_users, of_databases;
};

static void add_user(const void *node, VISIT which, void *context)
{
    const struct budget *budget = *(const struct budget *const *)node;
    struct held *held = context;
    if (which != postorder && which != leaf)
        return;
    require(budget->n_names > 0 || budget->paid > 0);
    const struct listing *listing;
    TAILQ_FOREACH (listing, &budget->touched, queued)
        held->gone += listing->gone;
    held->users++;
    held->names += budget->n_names;
    held->of_users += budget->held;
}

static void add_database(const void *node, VISIT which, void *context)
{
    const struct database_budget *budget = *(const struct database_budget *const *)node;
    struct held *held = context;
    if (which != postorder && which != leaf)
        return;
    held->users -= budget->n_users;
    held->of_databases += budget->held;
}

static void check_budgets(const struct world *world, const struct sums *sums)
{
    struct held held = {.users = 0};
    twalk_r(world->registry.listings.budgets.by_owner, add_user, &held);
    twalk_r(world->registry.listings.budgets.by_name, add_database, &held);
    require(held.users == 0 && held.names == sums->n_listings + held.gone);
    require(held.of_users == sums->held && held.of_databases == sums->held);
}

static int compare_uid(const void *left, const void *right)
{
    const struct account *a = left, *b = right;
    return (a->owner > b->owner) - (a->owner < b->owner);
}

static size_t charged_to(const struct world *world, uint32_t uid)
{
    struct account key = {.owner = uid};
    struct account **found = tfind(&key, &world->accounts.by_owner, compare_uid);
    return found ? (*found)->held[ACCOUNT_REGISTRATIONS] : 0;
}

/* Each former once: with the remnant that no other of it comes before. */
static bool is_first(const struct world *world, const struct remnant *remnant)
{
    const struct remnant *r = world->registry.remnants;
    while (r->former != remnant->former)
        r = r->next_all;
    return r == remnant;
}

static void check_accounts(const struct world *world)
{
    for (int h = 0; h < HOLDERS; h++) {
        size_t expected = uids[h] == 7 ? world->filled : 0;
        for (int other = 0; other < HOLDERS; other++)
            if (uids[other] == uids[h])
                expected += world->holders[other].n_registrations;
        for (const struct remnant *r = world->registry.remnants; r; r = r->next_all)
            expected += r->former->uid == uids[h] && r->former->charged && is_first(world, r);
        require(charged_to(world, uids[h]) == expected);
    }
}

static bool check_entry(struct world *world, struct slot *entry, const void *context)
{
    const struct holder *holder = &world->holders[entry->holder];
    const struct registration *r =
        registry_find(holder, names[entry->name].name, interfaces[entry->interface]);
    (void)context;
    require(entry->there == (r != NULL));
    if (!r)
        return false;
    require(r->holder == holder && r->since == entry->since && r->options.linger == entry->linger);
    size_t n = 0;
    char full[FULL_MAX];
    for (; entry->claimed && full_name(world, entry->name, n, full); n++) {
        require(n < r->n_claims && strcmp(r->claims[n].listing->name, full) == 0);
        require(r->claims[n].registration == r);
    }
    require(r->n_claims == n);
    return false;
}

static void check_rests(const struct world *world)
{
    size_t n = 0;
    uint64_t first = UINT64_MAX, next = registry_next_expiry(&world->registry);
    for (const struct remnant *r = world->registry.remnants; r; r = r->next_all, n++) {
        require(*r->link_all == r && r->listing && r->n_addresses > 0);
        first = r->deadline < first ? r->deadline : first;
        bool found = false;
        for (size_t i = 0; i < world->n_rests && !found; i++)
            found = strcmp(world->rests[i].full, r->name) == 0 &&
                    world->rests[i].uid == r->former->uid &&
                    world->rests[i].deadline == r->deadline &&
                    world->rests[i].overtaken == r->overtaken;
        require(found);
    }
    require(n == world->n_rests);
    require(n == 0 ? next == 0 : next > 0 && next <= first);
}

static size_t count_claims(struct world *world)
{
    size_t n = 0;
    char full[FULL_MAX];
    for (int h = 0; h < HOLDERS; h++)
        for (int i = 0; i < NAMES * INTERFACES; i++) {
            const struct slot *entry = &world->entries[h][i / INTERFACES][i % INTERFACES];
            for (size_t j = 0;
                 entry->there && entry->claimed && full_name(world, entry->name, j, full); j++)
                n++;
        }
    return n;
}

static void check(struct world *world)
{
    struct sums sums = {.world = world};
    listings_each(&world->registry.listings, check_listing, &sums);
    require(sums.n_listings == world->registry.listings.n);
    require(sums.n_remnants == world->n_rests);
    require(sums.n_claims == count_claims(world));
    find_entry(world, check_entry, NULL);
    check_rests(world);
    check_budgets(world, &sums);
    check_accounts(world);
}

/* ---- the operations ---- */

static bool may_be_charged(const struct world *world, int name, uint32_t uid)
{
    if (uid == 0 || charged_to(world, uid) < REGISTRATIONS_PER_USER)
        return true;
    char full[FULL_MAX];
    for (size_t i = 0; full_name(world, name, i, full); i++) {
        const struct listing *listing = find_listing(world, full);
        for (const struct remnant *r = listing ? listing->remnants : NULL; r; r = r->next)
            if (r->former->charged && r->former->uid == uid)
                return true;
    }
    return false;
}

/* After a new request was accepted, none of its counts exceeds a limit. */
static void check_within(const struct registration *r)
{
    for (size_t i = 0; i < r->n_claims; i++)
        if (r->claims[i].counted > 0) {
            require(r->claims[i].listing->counted <= NAME_ADDRESSES_MAX);
            require(r->holder->uid == 0 ||
                    r->claims[i].listing->budget->held <= USER_ADDRESSES_MAX);
        }
}

static void check_refused(const struct world *world, const struct slot *entry, bool taken,
                          enum registry_outcome outcome, bool chargeable, const char *why)
{
    const struct link_state *place = place_of(world, entry->holder, entry->interface);
    require(outcome == REGISTRY_LIMIT && !taken && !entry->there && *why);
    if (chargeable)
        require(strstr(why, "addresses already") && place && place->up && place->n > 0);
    else
        require(strstr(why, " registrations: the most for one user is 512") != NULL);
}

static void inherit(struct world *world, int name, uint32_t uid)
{
    char full[FULL_MAX];
    for (size_t i = 0; full_name(world, name, i, full); i++)
        for (size_t j = 0; j < world->n_rests; j++)
            if (strcmp(world->rests[j].full, full) == 0)
                world->rests[j].heir = uid;
}

static void act_add(struct world *world, bool taken)
{
    int h = (int)take(world, HOLDERS - 1), n = (int)take(world, NAMES);
    int i = (int)take(world, INTERFACES);
    struct slot *entry = &world->entries[h][n][i];
    char full[FULL_MAX];
    bool named = full_name(world, n, 0, full), clash = clashes(world, n, uids[h], taken);
    bool below = !taken && is_below_others(world, n, uids[h]);
    bool chargeable = taken || may_be_charged(world, n, uids[h]);
    struct registration *added = NULL;
    struct request_options options = {.ttl = (int64_t)take(world, 3) * 30 - 1,
                                      .wait = -1,
                                      .linger = entry->there ? entry->linger : -1,
                                      .id = -1};
    char why[REGISTRY_WHY_MAX];
    enum registry_outcome outcome =
        registry_add(&world->registry, &world->holders[h], names[n].name, interfaces[i], &options,
                     ++world->since, taken, &added, why);
    require(outcome != REGISTRY_NO_MEMORY);
    if (entry->there && entry->claimed) {
        require(outcome == REGISTRY_OK && added);
    } else if (!named) {
        require(outcome == REGISTRY_ZONE || outcome == REGISTRY_NAME);
    } else if (!taken && too_deep[world->config][n]) {
        require(outcome == REGISTRY_NAME && strstr(why, "labels-max"));
    } else if (clash) {
        require(outcome == REGISTRY_IN_USE);
    } else if (below) {
        require(outcome == REGISTRY_DENIED && strstr(why, "for that user"));
    } else if (outcome != REGISTRY_OK) {
        check_refused(world, entry, taken, outcome, chargeable, why);
    } else {
        require(entry->there || chargeable);
        if (!taken && !entry->there)
            check_within(added);
        if (!entry->there)
            *entry = (struct slot){true, true, h, n, i, world->since, -1};
        entry->claimed = true;
        inherit(world, n, uids[h]);
    }
}

static void act_keep(struct world *world)
{
    int h = (int)take(world, HOLDERS), n = (int)take(world, NAMES);
    int i = (int)take(world, INTERFACES);
    struct slot *entry = &world->entries[h][n][i];
    struct request_options options = {
        .ttl = -1, .wait = -1, .linger = entry->there ? entry->linger : -1, .id = -1};
    require(registry_keep(&world->registry, &world->holders[h], names[n].name, interfaces[i],
                          &options, ++world->since) != NULL);
    if (!entry->there)
        *entry = (struct slot){true, false, h, n, i, world->since, -1};
}

static struct registration *pick(struct world *world, struct slot **entry)
{
    int h = (int)take(world, HOLDERS), n = (int)take(world, NAMES);
    int i = (int)take(world, INTERFACES);
    *entry = &world->entries[h][n][i];
    return registry_find(&world->holders[h], names[n].name, interfaces[i]);
}

static void act_drop(struct world *world)
{
    struct slot *entry;
    struct registration *r = pick(world, &entry);
    if (r)
        registry_drop(&world->registry, r);
    entry->there = false;
}

static void act_linger(struct world *world)
{
    struct slot *entry;
    struct registration *r = pick(world, &entry);
    int64_t linger = (int64_t)take(world, 12) - 1;
    if (!r)
        return;
    r->options.linger = linger;
    entry->linger = linger;
}

/* The name's remnants that a holder with a shown address has taken over. */
static void drop_rests_on(struct world *world, const char *full)
{
    for (size_t i = 0; i < world->n_rests; i++)
        if (strcmp(world->rests[i].full, full) == 0)
            world->rests[i].deadline = 0;
    drop_rests(world, was_dropped);
}

static void leave(struct world *world, struct listing *listing, int holder)
{
    struct sight sight = sight_of(world, listing->name, listing->allowed, holder, NULL);
    if (!(sight.shown & OURS))
        return;
    drop_rests_on(world, listing->name);
    if (sight.shown & OTHERS)
        return;
    for (int i = 0; i < NAMESPACES * LINKS; i++) {
        int64_t seconds = sight.linger[i / LINKS][i % LINKS];
        struct rest *rest = &world->rests[world->n_rests];
        if (seconds > listing->zone->linger_max)
            seconds = listing->zone->linger_max;
        if (seconds <= 0)
            continue;
        *rest = (struct rest){.uid = uids[holder],
                              .heir = uids[holder],
                              .ended = world->now,
                              .deadline = deadline_of(world->now, seconds)};
        strcpy(rest->full, listing->name);
        require(++world->n_rests < REMNANTS_MAX);
    }
}

static void act_withdraw(struct world *world)
{
    struct slot *entry;
    struct registration *r = pick(world, &entry);
    char full[FULL_MAX];
    for (size_t i = 0; r && entry->claimed && full_name(world, entry->name, i, full); i++) {
        size_t allowed = find_listing(world, full)->allowed;
        if (sight_of(world, full, allowed, entry->holder, entry).shown & OURS)
            drop_rests_on(world, full);
    }
    if (r)
        require(registry_withdraw(&world->registry, r, world->now));
    entry->there = false;
}

struct leaving {
    struct world *world;
    int holder;
};

static void leave_listing(void *entry, void *context)
{
    struct listing *listing = entry;
    struct leaving *leaving = context;
    bool holds = false;
    for (const struct claim *claim = listing->claims; claim; claim = claim->next)
        holds = holds || claim->registration->holder == &leaving->world->holders[leaving->holder];
    if (holds)
        leave(leaving->world, listing, leaving->holder);
}

static void act_hang_up(struct world *world)
{
    int h = (int)take(world, HOLDERS);
    struct leaving leaving = {world, h};
    listings_each(&world->registry.listings, leave_listing, &leaving);
    require(registry_linger(&world->registry, &world->holders[h], world->now));
    registry_drop_holder(&world->registry, &world->holders[h]);
    for (int i = 0; i < NAMES * INTERFACES; i++)
        world->entries[h][i / INTERFACES][i % INTERFACES].there = false;
}

static void act_time(struct world *world)
{
    size_t before = world->n_rests;
    world->now += (uint64_t)take(world, 40) * 133;
    drop_rests(world, is_over);
    require(registry_expire(&world->registry, world->now) == (world->n_rests < before));
}

/* The oldest first; each if nobody else holds any of its names. */
static void place_again(struct world *world)
{
    struct slot *next;
    do {
        next = NULL;
        for (int h = 0; h < HOLDERS - 1; h++)
            for (int i = 0; i < NAMES * INTERFACES; i++) {
                struct slot *entry = &world->entries[h][i / INTERFACES][i % INTERFACES];
                if (entry->there && !entry->claimed && entry->since > 0 &&
                    (!next || entry->since < next->since))
                    next = entry;
            }
        if (next) {
            char full[FULL_MAX];
            next->claimed = full_name(world, next->name, 0, full) &&
                            !clashes(world, next->name, uids[next->holder], true);
            next->since = -next->since; /* it has had its turn */
        }
    } while (next);
    for (int h = 0; h < HOLDERS; h++)
        for (int i = 0; i < NAMES * INTERFACES; i++) {
            struct slot *entry = &world->entries[h][i / INTERFACES][i % INTERFACES];
            entry->since = entry->since < 0 ? -entry->since : entry->since;
        }
}

static bool has_no_place(struct world *world, struct rest *rest)
{
    const struct zone *zone =
        zone_of(world->lists[world->config], world->n_zones[world->config], rest->full);
    const struct slot *entry = find_entry(world, has_full, rest->full);
    if (!zone || (rest->full[0] == '*' && !zone->wildcards) || zone->linger_max == 0 ||
        (entry && uids[entry->holder] != rest->uid && uids[entry->holder] != rest->heir))
        return true;
    uint64_t deadline = deadline_of(rest->ended, zone->linger_max);
    if (deadline < rest->deadline)
        rest->deadline = deadline;
    return false;
}

static void lost(const struct registration *registration, const char *why)
{
    require(registration->n_claims == 0 && *why);
}

static void act_zones(struct world *world)
{
    size_t n = world->n_rests;
    world->config = (int)take(world, CONFIGS);
    require(registry_set_zones(&world->registry, world->lists[world->config],
                               world->n_zones[world->config], world->all, HOLDERS, lost));
    keeping_begin_anew(&world->main.keeping, "main", true);
    keeping_begin_anew(&world->other.keeping, "other", true);
    world->n_rests = 0; /* the living are first */
    for (int h = 0; h < HOLDERS; h++)
        for (int i = 0; i < NAMES * INTERFACES; i++)
            world->entries[h][i / INTERFACES][i % INTERFACES].claimed = false;
    place_again(world);
    world->n_rests = n;
    drop_rests(world, has_no_place);
}

static void add_link(struct snapshot *snapshot, int index, const char *name, const char *altname,
                     int namespace, const struct link_state *place)
{
    snapshot_add_link(snapshot, index, place->up, name);
    if (altname)
        snapshot_add_altname(snapshot, index, altname);
    for (size_t i = 0; i < place->n; i++) {
        struct address address = {.family = i % 2 ? AF_INET : AF_INET6};
        uint8_t first = i % 2 ? (place->shown ? 10 : 127) : (place->shown ? 0xfd : 0xff);
        memcpy(
            address.octets,
            (uint8_t[]){first, (uint8_t)(namespace * LINKS + index), (uint8_t)(i >> 8), (uint8_t)i},
            4);
        snapshot_add_address(snapshot, index, &address);
    }
}

static void act_addresses(struct world *world)
{
    int s = (int)take(world, NAMESPACES), l = (int)take(world, LINKS);
    unsigned how = take(world, 8);
    struct link_state *places = world->places[s];
    places[l] = (struct link_state){
        .n = sizes[take(world, sizeof sizes / sizeof *sizes)], .up = how != 0, .shown = how > 2};
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    add_link(&snapshot, 1, "eth0", "also", s, &places[0]);
    add_link(&snapshot, 2, "eth1", NULL, s, &places[1]);
    snapshot_finish(&snapshot);
    interfaces_replace(world->holders[s].namespace, &snapshot);
    snapshot_fini(&snapshot);
}

/* Overtaken remnants stay, unseen, until they are dropped. */
static bool may_linger(const struct listing *listing)
{
    const struct remnant *r = listing->remnants;
    while (r && r->overtaken)
        r = r->next;
    return r;
}

/* Checks a listing that was looked at. */
static void check_collected(void *entry, void *context)
{
    struct listing *listing = entry;
    struct world *world = context;
    struct sight sight = sight_of(world, listing->name, listing->allowed, -1, NULL);
    size_t within = sight.counted < listing->allowed ? sight.counted : listing->allowed;
    require(listing->looked_at && listing->queue != LISTING_TOUCHED);
    require(listing->allowed <= NAME_ADDRESSES_MAX && listing->used <= listing->allowed);
    require(listing->counted == sight.counted);
    require(listing->left_out == sight.counted - within);
    require(listing->uid == 0 || listing->budget->used <= USER_ADDRESSES_MAX);
    require(!listing->left_out || within == NAME_ADDRESSES_MAX ||
            listing->queue == LISTING_WANTING);
    if (listing->state == LISTING_SHOWN)
        require(sight.shown);
    else if (listing->state == LISTING_LINGERING)
        require(!sight.shown && listing->remnants);
    else
        require(listing->state == LISTING_HIDDEN && !sight.shown &&
                (!may_linger(listing) || within == listing->allowed));
    for (size_t i = 0; i < world->n_rests; i++)
        if (sight.shown && strcmp(world->rests[i].full, listing->name) == 0)
            world->rests[i].overtaken = true;
}

static void collect_all(struct world *world)
{
    looked_and_made(&world->main);
    looked_and_made(&world->other);
    listings_each(&world->registry.listings, check_collected, world);
}

static void act_collect(struct world *world)
{
    collect_all(world);
    require(looked_right(&world->main) && looked_right(&world->other));
    require(!looked_and_made(&world->main)); /* no change since */
}

static void act_audit(struct world *world)
{
    collect_all(world);
    require(looked_audited(&world->main) && looked_right(&world->main));
}

static void act_fill(struct world *world)
{
    size_t most = REGISTRATIONS_PER_USER - take(world, 4);
    for (; world->filled > 0; world->filled--)
        accounts_release(&world->accounts, 7, ACCOUNT_REGISTRATIONS);
    if (take(world, 4) == 0)
        return;
    while (charged_to(world, 7) < most) {
        require(accounts_charge_taken(&world->accounts, 7, ACCOUNT_REGISTRATIONS));
        world->filled++;
    }
}

static void act(struct world *world, enum act what)
{
    switch (what) {
    case ACT_ADD:
    case ACT_TAKE:
        act_add(world, what == ACT_TAKE);
        break;
    case ACT_KEEP:
        act_keep(world);
        break;
    case ACT_DROP:
        act_drop(world);
        break;
    case ACT_HANG_UP:
        act_hang_up(world);
        break;
    case ACT_LINGER:
        act_linger(world);
        break;
    case ACT_TIME:
        act_time(world);
        break;
    case ACT_ZONES:
        act_zones(world);
        break;
    case ACT_ADDRESSES:
        act_addresses(world);
        break;
    case ACT_COLLECT:
        act_collect(world);
        break;
    case ACT_DROP_OVERTAKEN:
        drop_rests(world, is_overtaken);
        registry_drop_overtaken(&world->registry);
        break;
    case ACT_FILL:
        act_fill(world);
        break;
    case ACT_AUDIT:
        act_audit(world);
        break;
    case ACT_WITHDRAW:
        act_withdraw(world);
        break;
    case ACTS:
        break;
    }
}

/* ---- the world ---- */

/* Otherwise only root could register it. */
static void give_apex_to_all(struct zone *zone)
{
    const char *why;
    struct name_rule *rule = name_rules_add(&zone->names, "@", 1, &why);
    require(rule != NULL);
    for (int h = 0; h < HOLDERS; h++)
        rule->people.uids[rule->people.n_uids++] = uids[h];
    name_rules_complete(&zone->names, zone->name, NULL, NULL);
}

static void make_zone(struct world *world, int config, int i)
{
    struct zone *zone = &world->zones[config][i];
    if (!zones[config][i].name)
        return;
    *zone = made_zone(zones[config][i].name, zones[config][i].database);
    zone->linger_max = zones[config][i].linger_max;
    zone->labels_max = zones[config][i].labels_max;
    zone->wildcards = zones[config][i].wildcards;
    zone->reverse = reverse_parse(&zone->prefix, zone->name);
    give_apex_to_all(zone);
    world->lists[config][world->n_zones[config]++] = zone;
}

static void world_open(struct world *world)
{
    accounts_init(&world->accounts);
    interfaces_init(&world->interfaces);
    for (int c = 0; c < CONFIGS; c++)
        for (int i = 0; i < ZONES_MAX; i++)
            make_zone(world, c, i);
    registry_init(&world->registry, &world->accounts, world->lists[0], world->n_zones[0]);
    for (int h = 0; h < HOLDERS; h++) {
        world->all[h] = &world->holders[h];
        world->holders[h].uid = world->holders[h].owner = uids[h];
        if (h < NAMESPACES)
            world->holders[h].namespace =
                interfaces_add(&world->interfaces, 100 + (uint64_t)h, 1 + h);
        else if (h < HOLDERS - 1)
            world->holders[h].namespace = world->holders[h % NAMESPACES].namespace;
    }
    looked_init(&world->main, "main", &world->registry);
    looked_init(&world->other, "other", &world->registry);
    for (int i = 0; i < HOLDERS * NAMES * INTERFACES; i++)
        (&world->entries[0][0][0])[i] = (struct slot){.holder = i / INTERFACES / NAMES,
                                                      .name = i / INTERFACES % NAMES,
                                                      .interface = i % INTERFACES};
    world->now = 1000;
}

static void world_close(struct world *world)
{
    for (int h = 0; h < HOLDERS; h++)
        registry_drop_holder(&world->registry, &world->holders[h]);
    registry_drop_remnants(&world->registry);
    for (int i = 0; i < 2; i++) { /* then users who owe time are forgotten */
        looked_at(&world->main, UINT32_MAX);
        looked_at(&world->other, UINT32_MAX);
    }
    for (; world->filled > 0; world->filled--)
        accounts_release(&world->accounts, 7, ACCOUNT_REGISTRATIONS);
    require(!world->accounts.by_owner && !world->registry.listings.by_name.n &&
            !world->registry.remnants);
    require(!world->registry.listings.budgets.by_owner &&
            !world->registry.listings.budgets.by_name);
    registry_fini(&world->registry);
    looked_fini(&world->main);
    looked_fini(&world->other);
    interfaces_fini(&world->interfaces);
    accounts_fini(&world->accounts);
    for (int c = 0; c < CONFIGS; c++)
        for (int i = 0; i < ZONES_MAX; i++)
            zone_fini(&world->zones[c][i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct world *world = calloc(1, sizeof *world);
    require(world != NULL);
    world->bytes = bytes;
    world->length = length;
    world_open(world);
    for (int i = 0; i < STEPS_MAX && world->length > 0; i++) {
        act(world, take_act(world));
        check(world);
    }
    world_close(world);
    free(world);
    return 0;
}
