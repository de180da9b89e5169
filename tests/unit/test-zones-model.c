/* A random walk through two worlds, which are the same, except that at a change of zones one makes
 * all claims anew and the other changes only what has to change. After each step nobody can tell
 * them apart. Zones that are no more are freed, so that a sanitizer finds what still refers to
 * them. */
#include "../../common/words.h"
#include "../../phonebookd/clients/list.h"
#include "../../phonebookd/state/listings.h"
#include "../../phonebookd/state/spread.h"
#include "../../zones/config/zonefile.h"
#include "../../zones/reverse.h"

#include "looked.h"
#include "made.h"

#include <stdio.h>

enum { ZONES = 8, HOLDERS = 6, NAMESPACES = 3, RULES = 2, STEPS = 400, WALKS = 40, SECOND = 1000 };

static const char *const zone_names[ZONES] = {"10.in-addr.arpa",
                                              "8.b.d.0.1.0.0.2.ip6.arpa",
                                              "a.b.internal",
                                              "b.internal",
                                              "example",
                                              "internal",
                                              "lan",
                                              "z.lan"};
static const char *const names[] = {"www", "www.internal", "x.b",   "*.y",          "@",      "ns",
                                    "a.b", "a.b.internal", "y.lan", "deep.er.lan.", "z.lan.", "b"};
static const char *const addresses[] = {"10.0.0.1", "10.0.0.2", "192.0.2.1", "2001:db8::1/64",
                                        "2001:db8:0:1::1/64"};
static const char *const likes[] = {"", "www.example", "ns.lan"};
static const uint32_t uids[HOLDERS] = {7, 7, 8, 9, 0, 7};
enum { LIKES = 3, NAMES = sizeof names / sizeof *names };

/* What a zone file says. */
struct spec {
    bool there, relative, wildcards, restricted, subtrees_open, on_change;
    unsigned database, like, ttl, negative_ttl, linger_max, labels_max, families, pointers, n_rules;
    unsigned server, gateway, publishers; /* the last is a set of uids - 7 */
    struct {
        unsigned name, people;
    } rules[RULES];
};

struct world {
    struct accounts accounts;
    struct interfaces interfaces;
    struct registry registry;
    struct zonefile_set zones;
    struct holder holders[HOLDERS], *all[HOLDERS];
    struct looked databases[2];
    size_t n_lost;
};

struct walk {
    uint64_t seed, now;
    struct spec specs[ZONES];
    struct world whole, part; /* all is made anew in the first */
    size_t n_alone;           /* changes of some zones alone */
};

/* The same for the same seed, on every machine. */
static size_t pick(struct walk *walk, size_t n)
{
    walk->seed = walk->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(walk->seed >> 33) % n;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): `world` is declared here */
#define BOTH(walk, world)                                                                          \
    for (struct world *world = &(walk)->whole; world;                                              \
         world = world == &(walk)->whole ? &(walk)->part : NULL)
/* NOLINTEND(bugprone-macro-parentheses) */

/* ---- zones ---- */

static bool is_reverse(int i)
{
    return strstr(zone_names[i], ".arpa");
}

static void give_rule(struct zone *zone, unsigned name, unsigned people)
{
    static const char *const texts[] = {"www", "*", "@", "*.b", "ns", "x"};
    const char *why;
    struct name_rule *rule = name_rules_add(&zone->names, texts[name], 1, &why);
    for (uint32_t i = 0; i < 3; i++)
        if (people & 1 << i)
            rule->people.uids[rule->people.n_uids++] = 7 + i;
}

static void note_nothing(void *context, const struct name_rule *rule, const char *why)
{
    (void)context, (void)rule, (void)why;
}

static void set_servers(struct zone *zone, unsigned server)
{
    static const char *const servers[] = {NULL, "ns.lan", "www.internal", "www.example"};
    zone->n_nameservers = server > 0;
    if (server)
        strcpy(zone->nameservers[0], servers[server]);
}

static struct zone *new_zone(const struct spec *spec, int i)
{
    struct zone *zone = malloc(sizeof *zone);
    zone_init(zone);
    strcpy(zone->name, zone_names[i]);
    zone->database = strdup(spec->database ? "other" : "main");
    assert_true(asprintf(&zone->file, "%s.zone", zone->name) > 0);
    zone->reverse = is_reverse(i) && reverse_parse(&zone->prefix, zone->name);
    zone->relative = spec->relative;
    zone->wildcards = spec->wildcards;
    zone->subtrees_open = spec->subtrees_open;
    zone->restricted = spec->restricted;
    for (uint32_t j = 0; j < 3; j++)
        if (spec->publishers & 1 << j)
            zone->publishers.uids[zone->publishers.n_uids++] = 7 + j;
    if (spec->on_change)
        zone->on_change = words_of("/bin/true");
    zone->ttl = 60 + spec->ttl;
    zone->negative_ttl = 5 + spec->negative_ttl;
    zone->linger_max = spec->linger_max * 3;
    zone->labels_max = 1 + spec->labels_max;
    zone->families = 1 + spec->families;
    zone->pointers = (enum zone_pointers)spec->pointers;
    zone->n_rules = 1 + spec->n_rules;
    if (!zone->reverse)
        strcpy(zone->like, likes[spec->like]);
    if (spec->gateway)
        zone->n_gateways = address_parse(&zone->gateways[0], "10.0.0.3");
    for (int j = 0; j < RULES; j++)
        if (spec->rules[j].name > 0)
            give_rule(zone, spec->rules[j].name - 1, spec->rules[j].people);
    name_rules_complete(&zone->names, zone->name, note_nothing, NULL);
    set_servers(zone, spec->server);
    return zone;
}

/* As for a directory of zone files. A reverse zone has the servers of the first other zone. */
static struct zonefile_set read_zones(const struct walk *walk)
{
    struct zonefile_set set = {calloc(ZONES, sizeof *set.zones), 0};
    const struct zone *first = NULL;
    for (int i = 0; i < ZONES; i++)
        if (walk->specs[i].there)
            set.zones[set.n_zones++] = new_zone(&walk->specs[i], i);
    for (size_t i = 0; i < set.n_zones; i++)
        if (!set.zones[i]->reverse) {
            zone_complete(set.zones[i]);
            first = first ? first : set.zones[i];
        }
    for (size_t i = 0; i < set.n_zones; i++) {
        struct zone *zone = set.zones[i];
        if (zone->reverse && zone->n_nameservers == 0 && first)
            strcpy(zone->nameservers[zone->n_nameservers++], first->nameservers[0]);
        if (zone->reverse)
            zone_complete(zone);
    }
    made_servers((const struct zone *const *)set.zones, set.n_zones);
    return set;
}

static void change_spec(struct walk *walk, struct spec *spec, bool mild)
{
    switch (pick(walk, 14)) {
    case 0:
        spec->ttl = (unsigned)pick(walk, 3);
        break;
    case 1:
        spec->negative_ttl = (unsigned)pick(walk, 3);
        break;
    case 2:
        spec->linger_max = (unsigned)pick(walk, 4);
        break;
    case 3:
        spec->labels_max = (unsigned)pick(walk, 4);
        break;
    case 4:
        spec->families = (unsigned)pick(walk, 3);
        break;
    case 5:
        spec->pointers = (unsigned)pick(walk, 3);
        break;
    case 6:
        spec->n_rules = (unsigned)pick(walk, 2);
        break;
    case 7:
        spec->server = (unsigned)pick(walk, 4);
        break;
    case 8:
        spec->gateway = (unsigned)pick(walk, 2);
        break;
    case 9:
        spec->on_change = !spec->on_change;
        break;
    case 10:
    case 11:
        for (int i = 0; i < RULES; i++) {
            spec->rules[i].name = (unsigned)pick(walk, 7);
            spec->rules[i].people = (unsigned)pick(walk, 8);
        }
        break;
    case 12:
        spec->subtrees_open = !spec->subtrees_open;
        spec->wildcards = !mild || spec->wildcards;
        break;
    case 13:
        spec->restricted = pick(walk, 2);
        spec->publishers = (unsigned)pick(walk, 8);
        break;
    }
}

static void change_much(struct walk *walk, struct spec *spec)
{
    spec->there = pick(walk, 5) > 0;
    spec->relative = pick(walk, 4) > 0;
    spec->wildcards = pick(walk, 4) > 0;
    spec->database = (unsigned)pick(walk, 4) == 0;
    spec->like = (unsigned)pick(walk, LIKES);
}

/* No two zones make a circle of these. */
static void avoid_circles(struct walk *walk)
{
    walk->specs[4].like = 0;
    walk->specs[6].like %= 2;
}

/* ---- the worlds ---- */

static void world_open(struct world *world, const struct walk *walk)
{
    *world = (struct world){.zones = read_zones(walk)};
    accounts_init(&world->accounts);
    interfaces_init(&world->interfaces);
    assert_true(registry_init(&world->registry, &world->accounts,
                              (const struct zone *const *)world->zones.zones,
                              world->zones.n_zones));
    for (int i = 0; i < HOLDERS; i++) {
        struct holder *holder = world->all[i] = &world->holders[i];
        holder->uid = holder->owner = uids[i];
        holder->socket = (uint64_t)i % 4;
        if (i < NAMESPACES)
            holder->namespace = interfaces_add(&world->interfaces, 100 + (uint64_t)i, 1 + i);
        else
            holder->namespace = world->holders[i % NAMESPACES].namespace;
    }
    looked_init(&world->databases[0], "main", &world->registry);
    looked_init(&world->databases[1], "other", &world->registry);
}

static void world_close(struct world *world)
{
    for (int i = 0; i < HOLDERS; i++)
        registry_drop_holder(&world->registry, &world->holders[i]);
    registry_drop_remnants(&world->registry);
    for (int i = 0; i < 2; i++) {
        looked_at(&world->databases[i], UINT32_MAX);
        looked_at(&world->databases[i], UINT32_MAX);
    }
    assert_true(world->registry.listings.n == 0 && !world->registry.listings.budgets.by_owner);
    registry_fini(&world->registry);
    for (int i = 0; i < 2; i++)
        looked_fini(&world->databases[i]);
    interfaces_fini(&world->interfaces);
    accounts_fini(&world->accounts);
    zonefile_set_fini(&world->zones);
}

static struct world *lost_in;

static void lost(const struct registration *registration, const char *why)
{
    (void)registration, (void)why;
    lost_in->n_lost++;
}

static void change_whole(struct world *world, const struct zone *const *zones, size_t n)
{
    lost_in = world;
    assert_true(registry_set_zones(&world->registry, zones, n, world->all, HOLDERS, lost));
    keeping_begin_anew(&world->databases[0].keeping, "main", true);
    keeping_begin_anew(&world->databases[1].keeping, "other", true);
}

static bool is_in(const char *database, const struct zone *const *zones, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(zones[i]->database, database) == 0)
            return true;
    return false;
}

static bool change_part(struct world *world, struct zonefile_set *next, const char *const *files,
                        size_t n_files)
{
    const struct zone *changed[ZONES];
    size_t n = zonefile_set_keep(next, &world->zones, files, n_files, changed);
    const struct zone *const *zones = (const struct zone *const *)next->zones;
    if (!registry_change_zones(&world->registry, zones, next->n_zones, changed, n, world->all,
                               HOLDERS)) {
        change_whole(world, zones, next->n_zones);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        struct keeping *keeping = &world->databases[i].keeping;
        if (is_in(keeping->database, changed, n) && !keeping_change_zones(keeping))
            keeping_begin_anew(keeping, keeping->database, false);
    }
    return true;
}

static void take_next(struct world *world, struct zonefile_set *next)
{
    zonefile_set_fini(&world->zones);
    world->zones = *next;
}

static void keep_all(struct world *world)
{
    for (int i = 0; i < HOLDERS; i++)
        for (struct registration *r = world->holders[i].registrations; r; r = r->next)
            r->kept = true;
}

static void set_zones(struct walk *walk, const char *const *files, size_t n_files)
{
    struct zonefile_set whole = read_zones(walk), part = read_zones(walk);
    keep_all(&walk->whole);
    keep_all(&walk->part);
    change_whole(&walk->whole, (const struct zone *const *)whole.zones, whole.n_zones);
    walk->n_alone += change_part(&walk->part, &part, files, n_files);
    take_next(&walk->whole, &whole);
    take_next(&walk->part, &part);
    BOTH(walk, world)
    {
        registry_expire(&world->registry, walk->now);
        /* Until then a name that zones are like shows nothing after all claims were made anew. */
        spread_changes(&world->registry, SIZE_MAX);
    }
}

/* ---- steps ---- */

static void add(struct walk *walk)
{
    size_t holder = pick(walk, HOLDERS);
    const char *name = names[pick(walk, NAMES)], *interface = pick(walk, 2) ? "eth0" : "eth1";
    struct request_options options = no_request_options;
    options.linger = (int64_t)pick(walk, 4) * 3;
    options.ttl = (int64_t)pick(walk, 3) * 20 - 1;
    options.family = (int64_t)pick(walk, 3);
    options.ptr = (int64_t)pick(walk, 3);
    static const enum registry_origin origins[] = {REGISTRY_ASKED, REGISTRY_ASKED, REGISTRY_TAKEN,
                                                   REGISTRY_TAKEN_IN_PART};
    enum registry_origin origin = origins[pick(walk, 4)];
    int outcome = -1;
    BOTH(walk, world)
    {
        struct registration *added;
        char why[REGISTRY_WHY_MAX];
        enum registry_outcome its =
            registry_add(&world->registry, &world->holders[holder], name, interface, &options,
                         (int64_t)walk->now, origin, &added, why);
        assert_true(outcome < 0 || its == (enum registry_outcome)outcome);
        outcome = (int)its;
    }
}

static struct registration *nth(const struct world *world, size_t holder, size_t n)
{
    struct registration *r = world->holders[holder].registrations;
    for (; r && n > 0; n--)
        r = r->next;
    return r;
}

static void drop(struct walk *walk)
{
    size_t holder = pick(walk, HOLDERS), n = pick(walk, 6);
    bool withdraw = pick(walk, 2);
    BOTH(walk, world)
    {
        struct registration *r = nth(world, holder, n);
        if (r && withdraw)
            assert_true(registry_withdraw(&world->registry, r, walk->now));
        else if (r)
            registry_drop(&world->registry, r);
    }
}

static void hang_up(struct walk *walk)
{
    size_t holder = pick(walk, HOLDERS);
    BOTH(walk, world)
    {
        assert_true(registry_linger(&world->registry, &world->holders[holder], walk->now));
        registry_drop_holder(&world->registry, &world->holders[holder]);
    }
}

static void change_addresses(struct walk *walk)
{
    char text[512] = "";
    size_t namespace = pick(walk, NAMESPACES);
    for (int link = 0; link < 2; link++) {
        sprintf(text + strlen(text), "%s%seth%d", link ? "," : "", pick(walk, 6) ? "" : "-", link);
        for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
            if (pick(walk, 3) == 0)
                sprintf(text + strlen(text), " %s%s", addresses[i],
                        pick(walk, 5) ? "" : "=deprecated");
    }
    BOTH(walk, world)
    {
        made_links(world->holders[namespace].namespace, text);
    }
}

static void pass_time(struct walk *walk)
{
    walk->now += pick(walk, 3) * SECOND;
    BOTH(walk, world)
    {
        registry_expire(&world->registry, walk->now);
        if (walk->seed & 1 << 20)
            registry_drop_overtaken(&world->registry);
    }
}

/* A registration without a claim would make all claims be made anew. */
static void drop_unplaced(struct walk *walk)
{
    BOTH(walk, world)
    {
        while (!TAILQ_EMPTY(&world->registry.unplaced))
            registry_drop(&world->registry, TAILQ_FIRST(&world->registry.unplaced));
    }
}

static void change_some(struct walk *walk)
{
    size_t n = 1 + pick(walk, 3);
    bool mild = pick(walk, 4) > 0;
    char files[3][64];
    const char *paths[3];
    for (size_t i = 0; i < n; i++) {
        size_t at = pick(walk, ZONES);
        change_spec(walk, &walk->specs[at], mild);
        if (!mild && pick(walk, 4) == 0)
            change_much(walk, &walk->specs[at]);
        snprintf(files[i], sizeof files[i], "%s.zone", zone_names[at]);
        paths[i] = files[i];
    }
    avoid_circles(walk);
    if (pick(walk, 4) > 0)
        drop_unplaced(walk);
    set_zones(walk, paths, n);
}

static void audit(struct walk *walk)
{
    BOTH(walk, world)
    {
        for (int i = 0; i < 2; i++)
            assert_true(looked_audited(&world->databases[i]));
    }
}

/* An audit that has begun, when the zones change. */
static void begin_audit(struct walk *walk)
{
    BOTH(walk, world)
    {
        for (int i = 0; i < 2; i++) {
            looked_and_made(&world->databases[i]);
            keeping_audit(&world->databases[i].keeping, 1);
        }
    }
    change_some(walk);
}

static void step(struct walk *walk)
{
    static void (*const steps[])(struct walk *) = {
        add, add, add, add, drop, hang_up, change_addresses, change_addresses, pass_time};
    static void (*const rare[])(struct walk *) = {change_some, change_some, change_some,
                                                  change_some, audit,       begin_audit};
    if (pick(walk, 5) == 0)
        rare[pick(walk, 6)](walk);
    else
        steps[pick(walk, sizeof steps / sizeof *steps)](walk);
}

/* ---- what must hold ---- */

static void expect_same_registration(const struct registration *a, const struct registration *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->n_claims, b->n_claims);
    assert_int_equal(a->in_part, b->in_part);
    assert_int_equal(a->kept, b->kept);
    assert_int_equal(a->unplaced, b->unplaced);
    for (size_t i = 0; i < a->n_claims; i++) {
        const struct listing *la = a->claims[i].listing, *lb = b->claims[i].listing;
        assert_string_equal(la->name, lb->name);
        assert_string_equal(la->zone->name, lb->zone->name);
    }
}

static void expect_same_listing(void *entry, void *context)
{
    const struct listing *a = entry, *b;
    const struct world *part = context;
    b = listings_at(&part->registry.listings, a->zone->name, a->name);
    assert_non_null(b);
    /* it refers to a zone that there is */
    assert_ptr_equal(b->zone, zone_of(part->registry.zones, part->registry.n_zones, b->name));
    assert_int_equal(a->uid, b->uid);
    assert_int_equal(a->budget->owner, b->budget->owner);
    assert_string_equal(a->budget->database->name, b->budget->database->name);
    assert_true(!a->model == !b->model && !a->like == !b->like);
    if (a->like && b->like)
        assert_string_equal(a->like->name, b->like->name);
    const struct claim *ca = a->claims, *cb = b->claims;
    for (; ca && cb; ca = ca->next, cb = cb->next) {
        assert_string_equal(ca->registration->name, cb->registration->name);
        assert_true(registration_compare_age(registration_age(ca->registration),
                                             registration_age(cb->registration)) == 0);
    }
    assert_true(!ca && !cb);
}

static void expect_same_remnants(const struct world *whole, const struct world *part)
{
    const struct remnant *a = whole->registry.remnants, *b = part->registry.remnants;
    uint64_t next = registry_next_expiry(&part->registry);
    for (; a && b; a = a->next_all, b = b->next_all) {
        assert_string_equal(a->name, b->name);
        assert_true(a->key == b->key && a->ended == b->ended && a->deadline == b->deadline);
        assert_int_equal(a->overtaken, b->overtaken);
        assert_int_equal(a->heir, b->heir);
        assert_int_equal(a->former->uid, b->former->uid);
        assert_int_equal(a->former->charged, b->former->charged);
        assert_string_equal(a->listing->zone->name, b->listing->zone->name);
        assert_true(next <= b->deadline);
    }
    assert_true(!a && !b);
}

static void expect_same_likes(const struct likes *a, const struct likes *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        assert_string_equal(a->all[i].name, b->all[i].name);
        assert_true(!a->all[i].listing == !b->all[i].listing);
    }
}

static void expect_same_state(const struct walk *walk)
{
    const struct world *whole = &walk->whole, *part = &walk->part;
    for (int i = 0; i < HOLDERS; i++) {
        const struct registration *a = whole->holders[i].registrations,
                                  *b = part->holders[i].registrations;
        for (; a && b; a = a->next, b = b->next)
            expect_same_registration(a, b);
        assert_true(!a && !b);
    }
    assert_int_equal(whole->registry.listings.n, part->registry.listings.n);
    listings_each((struct listings *)&whole->registry.listings, expect_same_listing, (void *)part);
    expect_same_remnants(whole, part);
    expect_same_likes(&whole->registry.listings.likes, &part->registry.listings.likes);
    assert_int_equal(whole->registry.asks_groups, part->registry.asks_groups);
    assert_int_equal(whole->accounts.held[ACCOUNT_REGISTRATIONS],
                     part->accounts.held[ACCOUNT_REGISTRATIONS]);
    assert_int_equal(whole->n_lost, part->n_lost);
}

/* ... and when both have looked at everything. */
static void expect_same_look(void *entry, void *context)
{
    const struct listing *a = entry, *b;
    const struct world *part = context;
    b = listings_at(&part->registry.listings, a->zone->name, a->name);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->counted, b->counted);
    assert_int_equal(a->allowed, b->allowed);
    assert_int_equal(a->used, b->used);
    assert_int_equal(a->left_out, b->left_out);
    assert_int_equal(a->queue, b->queue);
    assert_int_equal(a->budget->held, b->budget->held);
    assert_int_equal(a->budget->used, b->budget->used);
    assert_int_equal(a->budget->n_names, b->budget->n_names);
}

static enum served served(void *owner, const struct listing *listing, const char **reason)
{
    (void)owner, (void)reason;
    return listing->state == LISTING_HIDDEN || listing->state == LISTING_LINGERING ? SERVED_WAITING
           : listing->state == LISTING_NEW                                         ? SERVED_PENDING
                                                                                   : SERVED_LIVE;
}

static char *list_of(struct world *world, uint64_t now)
{
    const struct list_source source = {&world->registry, served, NULL, 0, (int64_t)now};
    struct list_place place = {0};
    char *text = strdup("");
    for (size_t length = 1, room = 1; length > 0; room += length) {
        char *slice = list_slice(&source, &place, &length);
        text = realloc(text, room + length);
        strcat(text, slice);
        free(slice);
    }
    return text;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What lingers of one name is in the list in another order after all was linked again. */
static char *sorted(char *text)
{
    char *lines[4096], *sorted = calloc(1, strlen(text) + 2), *rest = text;
    size_t n = 0;
    for (char *line; (line = strsep(&rest, "\n")); n++) {
        assert_in_range(n, 0, 4095);
        lines[n] = line;
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++)
        sprintf(sorted + strlen(sorted), "%s\n", lines[i]);
    free(text);
    return sorted;
}

static void expect_same_lists(struct walk *walk)
{
    char *whole = sorted(list_of(&walk->whole, walk->now)),
         *part = sorted(list_of(&walk->part, walk->now));
    assert_string_equal(whole, part);
    free(whole);
    free(part);
}

static void expect_same_kept(const struct kept *a, const struct kept *b)
{
    assert_int_equal(a->n_zones, b->n_zones);
    for (size_t i = 0; i < a->n_zones; i++)
        assert_true(a->zones[i].digest == b->zones[i].digest &&
                    !a->zones[i].prefixes == !b->zones[i].prefixes);
}

static void look(struct walk *walk)
{
    BOTH(walk, world)
    {
        for (int i = 0; i < 2; i++) {
            looked_and_made(&world->databases[i]);
            assert_true(looked_right(&world->databases[i]));
            assert_false(looked_and_made(&world->databases[i])); /* nothing has changed since */
        }
    }
    for (int i = 0; i < 2; i++) {
        assert_true(image_equal(&walk->whole.databases[i].image, &walk->part.databases[i].image));
        expect_same_kept(&walk->whole.databases[i].keeping.kept,
                         &walk->part.databases[i].keeping.kept);
    }
    listings_each(&walk->whole.registry.listings, expect_same_look, &walk->part);
    expect_same_lists(walk);
}

static void walk_through(struct walk *walk)
{
    for (int i = 0; i < ZONES; i++) {
        walk->specs[i] = (struct spec){.there = true,
                                       .relative = true,
                                       .wildcards = true,
                                       .linger_max = 3,
                                       .labels_max = 4,
                                       .families = 2,
                                       .n_rules = 1};
        for (int n = 0; n < 4; n++)
            change_spec(walk, &walk->specs[i], true);
        if (pick(walk, 3) == 0)
            change_much(walk, &walk->specs[i]);
    }
    avoid_circles(walk);
    world_open(&walk->whole, walk);
    world_open(&walk->part, walk);
    for (int i = 0; i < STEPS; i++) {
        for (size_t n = 1 + pick(walk, 3); n > 0; n--) {
            step(walk);
            expect_same_state(walk);
        }
        if (pick(walk, 3) > 0)
            look(walk);
        expect_same_state(walk);
    }
    look(walk);
    world_close(&walk->whole);
    world_close(&walk->part);
}

static void a_change_of_some_zones_is_one_of_all(void **state)
{
    (void)state;
    size_t n_alone = 0;
    for (uint64_t seed = 1; seed <= WALKS; seed++) {
        struct walk *walk = calloc(1, sizeof *walk);
        walk->seed = seed;
        walk->now = SECOND;
        walk_through(walk);
        n_alone += walk->n_alone;
        free(walk);
    }
    if (getenv("VERBOSE"))
        print_message("%zu changes of some zones alone\n", n_alone);
    assert_true(n_alone > 20 * WALKS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_of_some_zones_is_one_of_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
