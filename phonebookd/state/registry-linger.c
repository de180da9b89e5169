#include "registry.h"

#include "../../zones/living.h"
#include "../../zones/zone.h"
#include "accounts.h"
#include "interfaces.h"
#include "listings.h"
#include "registry-parts.h"

#include <stdlib.h>
#include <string.h>

static void let_former_go(struct registry *registry, struct former *former)
{
    if (--former->n_remnants > 0)
        return;
    if (former->charged)
        accounts_release(registry->accounts, former->owner, ACCOUNT_REGISTRATIONS);
    free(former->interface);
    free(former);
}

/* Frees everything of a remnant except its key, with which its note will be removed. */
static void empty(struct registry *registry, struct remnant *remnant)
{
    if (remnant->former)
        let_former_go(registry, remnant->former);
    remnant->former = NULL;
    free(remnant->name);
    remnant->name = NULL;
    free(remnant->addresses);
    remnant->addresses = NULL;
}

void registry_free_remnant(struct registry *registry, struct remnant *remnant)
{
    empty(registry, remnant);
    if (remnant->to_note)
        TAILQ_REMOVE(&registry->to_note, remnant, noting);
    free(remnant);
}

/* An overtaken remnant is not shown, so the end of one changes no records. */
static void unlink_remnant(struct registry *registry, struct remnant *remnant)
{
    if (!remnant->overtaken)
        listing_touch(remnant->listing);
    *remnant->link = remnant->next;
    if (remnant->next)
        remnant->next->link = remnant->link;
    listings_free_unused(&registry->listings, remnant->listing);
    remnant->listing = NULL;
}

static void link_remnant(struct remnant *remnant, struct listing *listing)
{
    remnant->listing = listing;
    remnant->link = &listing->remnants;
    remnant->next = listing->remnants;
    if (remnant->next)
        remnant->next->link = &remnant->next;
    listing->remnants = remnant;
    listing_touch(listing);
}

void registry_add_remnant(struct registry *registry, struct remnant *remnant)
{
    if (!registry->remnants || remnant->deadline < registry->next_expiry)
        registry->next_expiry = remnant->deadline;
    remnant->link_all = &registry->remnants;
    remnant->next_all = registry->remnants;
    if (remnant->next_all)
        remnant->next_all->link_all = &remnant->next_all;
    registry->remnants = remnant;
}

/* Puts the remnant into the queue of registry_next_to_note(). */
static void note(struct registry *registry, struct remnant *remnant)
{
    if (!remnant->to_note)
        TAILQ_INSERT_TAIL(&registry->to_note, remnant, noting);
    remnant->to_note = true;
}

void registry_drop_remnant(struct registry *registry, struct remnant *remnant)
{
    *remnant->link_all = remnant->next_all;
    if (remnant->next_all)
        remnant->next_all->link_all = remnant->link_all;
    if (remnant->listing)
        unlink_remnant(registry, remnant);
    if (remnant->noted) {
        empty(registry, remnant);
        note(registry, remnant);
    } else {
        registry_free_remnant(registry, remnant);
    }
}

bool registry_expire(struct registry *registry, uint64_t now)
{
    uint64_t next_expiry = UINT64_MAX;
    bool any = false;
    for (struct remnant *r = registry->remnants, *next; r; r = next) {
        next = r->next_all;
        if (r->deadline <= now) {
            registry_drop_remnant(registry, r);
            any = true;
        } else if (r->deadline < next_expiry) {
            next_expiry = r->deadline;
        }
    }
    registry->next_expiry = next_expiry;
    return any;
}

/* Drops all remnants, or only the overtaken ones. */
static void drop_remnants(struct registry *registry, bool overtaken)
{
    for (struct remnant *r = registry->remnants, *next; r; r = next) {
        next = r->next_all;
        if (r->overtaken || !overtaken)
            registry_drop_remnant(registry, r);
    }
}

void registry_drop_overtaken(struct registry *registry)
{
    if (registry->overtaken)
        drop_remnants(registry, true);
    registry->overtaken = false;
}

void registry_drop_remnants(struct registry *registry)
{
    drop_remnants(registry, false);
}

uint64_t registry_next_expiry(const struct registry *registry)
{
    return registry->remnants ? registry->next_expiry : 0;
}

void registry_charge_former(struct registry *registry, struct former *former)
{
    former->charged =
        accounts_charge_taken(registry->accounts, former->owner, ACCOUNT_REGISTRATIONS);
}

struct former *registry_new_former(struct registry *registry, const char *interface, uint32_t owner)
{
    struct former *former = calloc(1, sizeof *former);
    if (!former)
        return NULL;
    former->interface = strdup(interface);
    former->owner = owner;
    if (former->interface)
        registry_charge_former(registry, former);
    if (former->charged)
        return former;
    free(former->interface);
    free(former);
    return NULL;
}

/* Makes a former registration, which is charged as the registration was: the caller releases the
 * charge of the registration next. */
static struct former *new_former(struct registry *registry, const struct registration *r)
{
    struct former *former = registry_new_former(registry, r->interface, r->holder->owner);
    if (!former)
        return NULL;
    former->inode = r->holder->namespace->inode;
    former->uid = r->holder->uid;
    former->pid = r->holder->pid;
    former->since = r->since;
    former->options = r->options;
    return former;
}

/* Returns NULL if memory ran out. */
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
        registry_free_remnant(registry, remnant);
        return NULL;
    }
    remnant->key = ++registry->last_key;
    remnant->former = r->former;
    remnant->heir = r->former->uid;
    if (remnant->former->n_remnants++ == 0)
        remnant->former->number = remnant->key;
    remnant->n_addresses = n;
    memcpy(remnant->addresses, addresses, n * sizeof *addresses);
    return remnant;
}

/* Rounds up to whole seconds: all remnants that end in one second end together, because each end
 * costs a walk over all remnants, and a build. */
static uint64_t deadline_of(uint64_t ended, uint32_t seconds)
{
    return (ended + (uint64_t)seconds * 1000 + 999) / 1000 * 1000;
}

/* The end of a holder, or of one of its registrations. */
struct parting {
    struct registry *registry;
    const struct holder *holder;
    const struct registration *only; /* the one that ends; NULL: all of the holder's */
    uint64_t now;
    bool failed; /* memory ran out */
};

static void linger(struct parting *parting, const struct claim *claim, uint32_t seconds,
                   const struct address *addresses, size_t n)
{
    struct remnant *remnant = new_remnant(parting->registry, claim, addresses, n);
    if (!remnant) {
        parting->failed = true;
        return;
    }
    remnant->ended = parting->now;
    remnant->deadline = deadline_of(parting->now, seconds);
    registry_add_remnant(parting->registry, remnant);
    link_remnant(remnant, claim->listing);
    note(parting->registry, remnant);
}

static bool is_leaving(const struct parting *parting, const struct registration *r)
{
    return r->holder == parting->holder && (!parting->only || r == parting->only);
}

static bool lingers(const struct parting *parting, const struct claim *claim)
{
    return is_leaving(parting, claim->registration) && claim->registration->options.linger > 0;
}

/* Of the sources [start, end), which have one link: returns the ending claim that lingers for
 * longest, or NULL if none lingers. *part becomes the addresses that the lingering claims are for. */
static const struct claim *longest(const struct parting *parting, size_t start, size_t end,
                                   struct link_part *part)
{
    const struct source *sources = parting->registry->sources.all;
    *part = (struct link_part){0, 0};
    const struct claim *found = NULL;
    for (size_t i = start; i < end; i++) {
        const struct claim *claim = sources[i].claim;
        if (!lingers(parting, claim))
            continue;
        *part = link_part_join(*part, source_part(&sources[i]));
        if (!found || claim->registration->options.linger > found->registration->options.linger)
            found = claim;
    }
    return found;
}

/* Cuts the part to the addresses that may still be looked at, and takes these from *left. */
static struct link_part take(struct link_part part, size_t *left)
{
    part.n = part.n < *left ? part.n : *left;
    *left -= part.n;
    return part;
}

/* Makes one remnant for each link, even if the holder has several names for the link. */
static void linger_all(struct parting *parting, const struct listing *listing)
{
    const struct sources *sources = &parting->registry->sources;
    const struct zone *zone = listing->zone;
    size_t left = listing->allowed;
    for (size_t i = 0, end; i < sources->n; i = end) {
        const struct link *link = sources->all[i].link;
        end = sources_end(sources, i);
        struct link_part allowed = take(sources_part(sources, i, end), &left);
        struct link_part part;
        const struct claim *claim = longest(parting, i, end, &part);
        if (!claim)
            continue;
        int64_t seconds = claim->registration->options.linger;
        part = link_part_common(part, allowed);
        struct address shown[ZONE_COPIED_MAX];
        size_t n = zone_copy_shown(zone, listing_living(listing), listing->name,
                                   link->addresses + part.first, part.n, shown);
        if (n > 0)
            linger(parting, claim,
                   seconds > zone->linger_max ? zone->linger_max : (uint32_t)seconds, shown, n);
    }
}

static bool is_answer(const struct link_shown *shown, const struct link_shown *asked)
{
    return shown->zone == asked->zone && shown->cookie == asked->cookie &&
           shown->changes == asked->changes && shown->index == asked->index &&
           shown->part.first == asked->part.first && shown->part.n == asked->part.n &&
           living_same(&shown->living, &asked->living);
}

/* Does the zone show an address of this part of the link? The registry remembers the last answer,
 * because many connections on one link with thousands of addresses can end at once. */
static bool shows(struct registry *registry, const struct listing *listing,
                  const struct source *source, struct link_part part)
{
    const struct namespace *namespace = source->claim->registration->holder->namespace;
    const struct living *living = listing_living(listing);
    struct link_shown asked = {.zone = listing->zone,
                               .living = living ? *living : (struct living){.n = 0},
                               .cookie = namespace->cookie,
                               .changes = namespace->changes,
                               .index = source->link->index,
                               .part = part};
    if (part.n == 0)
        return false;
    if (!is_answer(&registry->shown, &asked)) {
        asked.any =
            zone_shows_any(listing->zone, living, source->link->addresses + part.first, part.n);
        registry->shown = asked;
    }
    return registry->shown.any;
}

/* Finds whether the zone shows an address of a claim that ends (*ours), or of another claim
 * (*others). */
static void look(const struct parting *parting, const struct listing *listing, bool *ours,
                 bool *others)
{
    const struct sources *sources = &parting->registry->sources;
    size_t left = listing->allowed;
    *ours = *others = false;
    for (size_t i = 0, end; i < sources->n && !(*ours && *others); i = end) {
        end = sources_end(sources, i);
        struct link_part allowed = take(sources_part(sources, i, end), &left);
        struct link_part mine = {0, 0}, theirs = {0, 0};
        for (size_t j = i; j < end; j++) {
            const struct source *source = &sources->all[j];
            bool is_mine = is_leaving(parting, source->claim->registration);
            struct link_part *part = is_mine ? &mine : &theirs;
            *part = link_part_join(*part, source_part(source));
        }
        mine = link_part_common(mine, allowed);
        theirs = link_part_common(theirs, allowed);
        *ours = *ours || shows(parting->registry, listing, &sources->all[i], mine);
        *others = *others || shows(parting->registry, listing, &sources->all[i], theirs);
    }
}

/* If the zone shows an address of the claims that end, these had replaced the older remnants, which
 * must not be shown again. */
static void part_from(struct parting *parting, struct listing *listing)
{
    if (!sources_find(&parting->registry->sources, listing)) {
        parting->failed = true;
        return;
    }
    bool ours, others;
    look(parting, listing, &ours, &others);
    if (!ours)
        return;
    for (struct remnant *r = listing->remnants, *next; r; r = next) {
        next = r->next;
        registry_drop_remnant(parting->registry, r);
    }
    if (!others && listing->zone->linger_max > 0)
        linger_all(parting, listing);
}

/* Handles each listing once, although the holder can have several claims on it, and skips listings
 * where nothing lingers. */
static void part_from_all(struct parting *parting, const struct registration *r)
{
    for (size_t i = 0; i < r->n_claims; i++) {
        struct listing *listing = r->claims[i].listing;
        if (listing->parting || (r->options.linger <= 0 && !listing->remnants))
            continue;
        listing->parting = true;
        part_from(parting, listing);
    }
}

static void has_parted(const struct registration *r)
{
    for (size_t i = 0; i < r->n_claims; i++)
        r->claims[i].listing->parting = false;
}

bool registry_linger(struct registry *registry, struct holder *holder, uint64_t now)
{
    struct parting parting = {.registry = registry, .holder = holder, .now = now};
    for (struct registration *r = holder->registrations; r; r = r->next)
        part_from_all(&parting, r);
    for (struct registration *r = holder->registrations; r; r = r->next)
        has_parted(r);
    return !parting.failed;
}

bool registry_withdraw(struct registry *registry, struct registration *r, uint64_t now)
{
    struct parting parting = {.registry = registry, .holder = r->holder, .only = r, .now = now};
    r->options.linger = -1;
    part_from_all(&parting, r);
    has_parted(r);
    registry_drop(registry, r);
    return !parting.failed;
}

struct former *registry_take_charge(const struct full_names *full_names, uint32_t owner)
{
    for (size_t i = 0; i < full_names->n_names; i++) {
        const struct listing *listing = full_names->names[i].listing;
        for (struct remnant *r = listing ? listing->remnants : NULL; r; r = r->next)
            if (r->former->charged && r->former->owner == owner) {
                r->former->charged = false;
                return r->former;
            }
    }
    return NULL;
}

void registry_give_back_charge(struct registry *registry, const struct registration *registration)
{
    for (size_t i = 0; i < registration->n_claims; i++)
        for (struct remnant *r = registration->claims[i].listing->remnants; r; r = r->next)
            if (!r->former->charged)
                registry_charge_former(registry, r->former);
}

void registry_unlink_remnants(struct registry *registry)
{
    for (struct remnant *r = registry->remnants; r; r = r->next_all)
        unlink_remnant(registry, r);
}

static bool may_linger_in(const struct zone *zone, const char *name)
{
    return zone_takes(zone, name) && zone->linger_max > 0;
}

static void shorten(struct remnant *remnant, uint32_t seconds)
{
    uint64_t deadline = deadline_of(remnant->ended, seconds);
    if (deadline < remnant->deadline)
        remnant->deadline = deadline;
}

bool registry_link_remnant(struct registry *registry, struct remnant *r)
{
    const struct zone *zone = zone_of(registry->zones, registry->n_zones, r->name);
    if (zone && !may_linger_in(zone, r->name))
        zone = NULL;
    struct listing *listing = zone ? listings_at(&registry->listings, zone->name, r->name) : NULL;
    if (zone && !listing)
        listing =
            listings_add(&registry->listings, zone, r->name, r->former->uid, r->former->owner);
    if (!listing || (listing->uid != r->former->uid && listing->uid != r->heir))
        return false;
    link_remnant(r, listing);
    shorten(r, zone->linger_max);
    return true;
}

/* Links each remnant to the listing that has its name now, and drops the remnants whose names may
 * not linger in the new zones or belong to another uid. */
void registry_link_remnants(struct registry *registry)
{
    registry->next_expiry = UINT64_MAX;
    for (struct remnant *r = registry->remnants, *next; r; r = next) {
        next = r->next_all;
        if (!registry_link_remnant(registry, r))
            registry_drop_remnant(registry, r);
        else if (r->deadline < registry->next_expiry)
            registry->next_expiry = r->deadline;
    }
}

void registry_judge_remnants(struct registry *registry, struct listing *listing)
{
    const struct zone *zone = listing->zone;
    bool stay = may_linger_in(zone, listing->name);
    for (struct remnant *r = listing->remnants, *next; r; r = next) {
        next = r->next;
        if (!stay) {
            registry_drop_remnant(registry, r);
            continue;
        }
        shorten(r, zone->linger_max);
        if (r->deadline < registry->next_expiry)
            registry->next_expiry = r->deadline;
    }
}
