#include "registry.h"

#include <stdlib.h>
#include <string.h>

static void let_former_go(struct registry *registry, struct former *former)
{
    if (--former->n_remnants > 0)
        return;
    if (former->charged)
        accounts_release(registry->accounts, former->uid, ACCOUNT_REGISTRATIONS);
    free(former->interface);
    free(former);
}

static void free_remnant(struct registry *registry, struct remnant *remnant)
{
    if (remnant->former)
        let_former_go(registry, remnant->former);
    free(remnant->name);
    free(remnant->addresses);
    free(remnant);
}

static void unlink_remnant(struct registry *registry, struct remnant *remnant)
{
    struct remnant **link = &remnant->listing->remnants;

    while (*link != remnant)
        link = &(*link)->next;
    *link = remnant->next;
    registry_free_unused(registry, remnant->listing);
    remnant->listing = NULL;
}

static void link_remnant(struct remnant *remnant, struct listing *listing)
{
    remnant->listing = listing;
    remnant->next = listing->remnants;
    listing->remnants = remnant;
}

/* Drops all that `over` says it of; true where there were any. */
static bool drop_where(struct registry *registry,
                       bool (*over)(const struct remnant *remnant, const void *context),
                       const void *context)
{
    struct remnant **link = &registry->remnants;
    bool any = false;

    while (*link) {
        struct remnant *remnant = *link;

        if (!over(remnant, context)) {
            link = &remnant->next_all;
            continue;
        }
        *link = remnant->next_all;
        if (remnant->listing)
            unlink_remnant(registry, remnant);
        free_remnant(registry, remnant);
        any = true;
    }
    return any;
}

static bool is_due(const struct remnant *remnant, const void *now)
{
    return remnant->deadline <= *(const uint64_t *)now;
}

static bool is_overtaken(const struct remnant *remnant, const void *unused)
{
    (void)unused;
    return remnant->overtaken;
}

static bool is_on(const struct remnant *remnant, const void *listing)
{
    return remnant->listing == listing;
}

static bool is_homeless(const struct remnant *remnant, const void *unused)
{
    (void)unused;
    return !remnant->listing;
}

static bool is_any(const struct remnant *remnant, const void *unused)
{
    (void)remnant, (void)unused;
    return true;
}

bool registry_expire(struct registry *registry, uint64_t now)
{
    return drop_where(registry, is_due, &now);
}

void registry_drop_overtaken(struct registry *registry)
{
    drop_where(registry, is_overtaken, NULL);
}

void registry_drop_remnants(struct registry *registry)
{
    drop_where(registry, is_any, NULL);
}

uint64_t registry_next_expiry(const struct registry *registry)
{
    uint64_t next = 0;

    for (const struct remnant *r = registry->remnants; r; r = r->next_all)
        if (next == 0 || r->deadline < next)
            next = r->deadline;
    return next;
}

static struct former *new_former(struct registry *registry, const struct registration *r)
{
    struct former *former = calloc(1, sizeof *former);

    if (!former)
        return NULL;
    former->interface = strdup(r->interface);
    /* In the place of the registration, whose own charge is released next. */
    former->charged = former->interface && accounts_charge_taken(registry->accounts, r->holder->uid,
                                                                 ACCOUNT_REGISTRATIONS);
    if (!former->charged) {
        free(former->interface);
        free(former);
        return NULL;
    }
    former->inode = r->holder->namespace->inode;
    former->uid = r->holder->uid;
    former->pid = r->holder->pid;
    former->since = r->since;
    former->ttl = r->ttl;
    return former;
}

/* NULL where memory ran out. */
static struct remnant *new_remnant(struct registry *registry, const struct claim *claim,
                                   const struct address *addresses, size_t n)
{
    struct registration *r = claim->registration;
    struct remnant *remnant = calloc(1, sizeof *remnant);

    if (!remnant)
        return NULL;
    remnant->name = strdup(claim->listing->name);
    remnant->addresses = calloc(n, sizeof *addresses);
    if (remnant->name && remnant->addresses && !r->former)
        r->former = new_former(registry, r);
    if (!remnant->name || !remnant->addresses || !r->former) {
        free_remnant(registry, remnant);
        return NULL;
    }
    remnant->former = r->former;
    remnant->former->n_remnants++;
    remnant->n_addresses = n;
    memcpy(remnant->addresses, addresses, n * sizeof *addresses);
    return remnant;
}

/* Has it an address that its zone shows? */
static bool claim_shows(const struct claim *claim)
{
    const struct link *link = registration_link(claim->registration);

    return link && zone_shows_any(claim->listing->zone, link->addresses, link->n_addresses);
}

/* False where memory ran out. */
static bool linger(struct registry *registry, struct claim *claim, uint64_t now)
{
    const struct link *link = registration_link(claim->registration);
    const struct zone *zone = claim->listing->zone;
    int64_t seconds = claim->registration->linger;
    struct address shown[ZONE_CHOSEN_MAX];
    struct remnant *remnant;
    size_t n;

    if (seconds > zone->linger_max)
        seconds = zone->linger_max;
    if (seconds <= 0 || !link)
        return true;
    n = zone_choose(zone, claim->listing->name, link->addresses, link->n_addresses, shown);
    if (n == 0)
        return true;
    remnant = new_remnant(registry, claim, shown, n);
    if (!remnant)
        return false;
    remnant->ended = now;
    remnant->deadline = now + (uint64_t)seconds * 1000;
    remnant->next_all = registry->remnants;
    registry->remnants = remnant;
    link_remnant(remnant, claim->listing);
    return true;
}

/* Has any claim on the listing of this holder, or of the others, an address to show? */
static bool any_shows(const struct listing *listing, const struct holder *holder, bool others)
{
    for (const struct claim *claim = listing->claims; claim; claim = claim->next)
        if ((claim->registration->holder != holder) == others && claim_shows(claim))
            return true;
    return false;
}

/* A holder that had something to show had taken over from older remnants, which must not come back
 * when it ends. */
static bool linger_on(struct registry *registry, struct listing *listing,
                      const struct holder *holder, uint64_t now)
{
    bool enough = true;

    if (!any_shows(listing, holder, false))
        return true;
    if (listing->remnants)
        drop_where(registry, is_on, listing);
    if (any_shows(listing, holder, true))
        return true;
    for (struct claim *claim = listing->claims; claim; claim = claim->next)
        if (claim->registration->holder == holder)
            enough = linger(registry, claim, now) && enough;
    return enough;
}

/* A holder can have several claims on a listing. */
static bool is_first_of_holder(const struct claim *claim)
{
    const struct claim *first = claim->listing->claims;

    while (first->registration->holder != claim->registration->holder)
        first = first->next;
    return first == claim;
}

bool registry_linger(struct registry *registry, struct holder *holder, uint64_t now)
{
    bool enough = true;

    for (struct registration *r = holder->registrations; r; r = r->next)
        for (size_t i = 0; i < r->n_claims; i++)
            if (is_first_of_holder(&r->claims[i]))
                enough = linger_on(registry, r->claims[i].listing, holder, now) && enough;
    return enough;
}

bool registry_take_charge(struct registry *registry, const struct expansion *expansion)
{
    for (size_t i = 0; i < expansion->n_names; i++) {
        const struct listing *listing =
            registry_find_listing(registry, expansion->names[i].zone, expansion->names[i].name);

        for (struct remnant *r = listing ? listing->remnants : NULL; r; r = r->next)
            if (r->former->charged) {
                r->former->charged = false;
                return true;
            }
    }
    return false;
}

void registry_give_back_charge(struct registry *registry, const struct registration *registration)
{
    for (size_t i = 0; i < registration->n_claims; i++)
        for (struct remnant *r = registration->claims[i].listing->remnants; r; r = r->next)
            if (!r->former->charged)
                r->former->charged = accounts_charge_taken(registry->accounts, r->former->uid,
                                                           ACCOUNT_REGISTRATIONS);
}

/* Other zones: the listings go, the remnants stay for registry_link_remnants(). */
void registry_unlink_remnants(struct registry *registry)
{
    for (struct remnant *r = registry->remnants; r; r = r->next_all)
        unlink_remnant(registry, r);
}

/* The zone in which the name may linger, or NULL. */
static const struct zone *zone_to_linger_in(const struct registry *registry, const char *name)
{
    const struct zone *zone = zone_of(registry->zones, registry->n_zones, name);

    return zone && zone_takes(zone, name) && zone->linger_max > 0 ? zone : NULL;
}

static void shorten(struct remnant *remnant, uint32_t seconds)
{
    uint64_t deadline = remnant->ended + (uint64_t)seconds * 1000;

    if (deadline < remnant->deadline)
        remnant->deadline = deadline;
}

/* Each to the listing that has its name now; those whose name is in no zone any more that would let
 * it linger, or another uid's, are dropped. */
void registry_link_remnants(struct registry *registry)
{
    for (struct remnant *r = registry->remnants; r; r = r->next_all) {
        const struct zone *zone = zone_to_linger_in(registry, r->name);
        struct listing *listing = zone ? registry_find_listing(registry, zone, r->name) : NULL;

        if (zone && !listing)
            listing = registry_add_listing(registry, zone, r->name, r->former->uid);
        if (!listing || listing->uid != r->former->uid)
            continue;
        link_remnant(r, listing);
        shorten(r, zone->linger_max);
    }
    drop_where(registry, is_homeless, NULL);
}
