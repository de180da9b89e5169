#include "registry.h"

#include "../../common/request-options.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "accounts.h"
#include "full-names.h"
#include "interfaces.h"
#include "likes.h"
#include "listings.h"
#include "registry-held.h"
#include "registry-parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void registry_use_zones(struct registry *registry, const struct zone *const *zones, size_t n_zones)
{
    registry->zones = zones;
    registry->n_zones = n_zones;
    registry->asks_groups = zones_ask_groups(zones, n_zones);
    registry->shown.zone = NULL;
}

bool registry_init(struct registry *registry, struct accounts *accounts,
                   const struct zone *const *zones, size_t n_zones)
{
    struct likes likes;
    bool enough = likes_make(&likes, zones, n_zones);
    *registry = (struct registry){.accounts = accounts};
    listings_init(&registry->listings);
    registry->listings.likes = likes;
    registry_use_zones(registry, zones, n_zones);
    TAILQ_INIT(&registry->to_note);
    TAILQ_INIT(&registry->stale.list);
    TAILQ_INIT(&registry->unplaced);
    return enough;
}

void registry_fini(struct registry *registry)
{
    registry_drop_remnants(registry);
    struct remnant *ended;
    while ((ended = registry_next_to_note(registry)))
        registry_noted(registry, ended, false);
    sources_fini(&registry->sources);
    listings_fini(&registry->listings);
}

static void link_claim(struct claim *claim, struct registration *registration,
                       struct listing *listing)
{
    struct registration_age age = registration_age(registration);
    struct claim *newer = NULL, *older = listing->claims;
    /* The new claim is the newest, except during a takeover. */
    for (; older && registration_compare_age(age, registration_age(older->registration)) < 0;
         older = older->next)
        newer = older;
    *claim = (struct claim){
        .registration = registration, .listing = listing, .previous = newer, .next = older};
    if (older)
        older->previous = claim;
    if (newer)
        newer->next = claim;
    else
        listing->claims = claim;
    listing_count_claim(claim);
}

/* The remnants of the listing stay until the new holder has an address to show, even if the zones
 * change in the meantime. */
static bool take_over(struct registry *registry, struct listing *listing,
                      const struct holder *holder)
{
    for (struct remnant *r = listing->remnants; r; r = r->next)
        r->heir = holder->uid;
    return listings_pass(&registry->listings, listing, holder->uid, holder->owner);
}

static void unlink_claim(struct registry *registry, struct claim *claim)
{
    const struct remnant *remnant = claim->listing->remnants;
    listing_uncount_claim(claim);
    if (claim->previous)
        claim->previous->next = claim->next;
    else
        claim->listing->claims = claim->next;
    if (claim->next)
        claim->next->previous = claim->previous;
    if (remnant && !claim->listing->claims) /* no claim has replaced it */
        listings_pass(&registry->listings, claim->listing, remnant->former->uid,
                      remnant->former->owner);
    listings_free_unused(&registry->listings, claim->listing);
}

struct full_names_request registry_request_of(const char *name, const struct holder *holder)
{
    return (struct full_names_request){
        .name = name,
        .publisher = {.uid = holder->uid, .gids = holder->gids, .n_gids = holder->n_gids}};
}

/* For a registration from the keeper, whose text does not have the full names: all of them had been
 * accepted. */
static bool all_accepted(const void *unused, const char *name)
{
    (void)unused, (void)name;
    return true;
}

/* Finds the full names, and the listings of those that are held or linger. */
static enum registry_outcome find_full_names(const struct registry *registry,
                                             struct full_names *full_names,
                                             const struct full_names_request *request,
                                             char why[static REGISTRY_WHY_MAX])
{
    enum full_names_outcome outcome = full_names_find(full_names, request, why);
    if (outcome == FULL_NAMES_OK)
        listings_find_all(&registry->listings, full_names->names, full_names->n_names);
    return (enum registry_outcome)outcome;
}

/* Makes the claims of full names that are known not to clash. False if memory ran out. */
static bool claim_all(struct registry *registry, struct registration *registration,
                      const struct full_names *full_names)
{
    registration->n_claims = 0;
    registration->claims = calloc(full_names->n_names, sizeof *registration->claims);
    if (!registration->claims)
        return false;
    for (size_t i = 0; i < full_names->n_names; i++) {
        const struct full_name *full_name = &full_names->names[i];
        struct listing *listing = full_name->listing;
        if (!listing)
            listing = listings_add(&registry->listings, full_name->zone, full_name->name,
                                   registration->holder->uid, registration->holder->owner);
        if (!listing || !take_over(registry, listing, registration->holder))
            return false;
        link_claim(&registration->claims[registration->n_claims++], registration, listing);
    }
    return true;
}

static void touch(const struct registration *registration)
{
    for (size_t i = 0; i < registration->n_claims; i++)
        listing_touch(registration->claims[i].listing);
}

static bool enter_interface(struct registry *registry, struct registration *registration)
{
    struct namespace *namespace = registration->holder->namespace;
    return !namespace || interface_enter(&registration->visitor, namespace, registration->interface,
                                         &registry->stale);
}

bool registry_spread(struct registry *registry, size_t *n)
{
    struct visitor *next = NULL;
    for (; *n > 0 && (next = interfaces_next_to_hear(&registry->stale)); --*n)
        touch((struct registration *)((char *)next - offsetof(struct registration, visitor)));
    return next;
}

static void release_claims(struct registry *registry, struct registration *registration)
{
    interface_leave(&registration->visitor);
    for (size_t i = 0; i < registration->n_claims; i++)
        unlink_claim(registry, &registration->claims[i]);
    free(registration->claims);
    registration->claims = NULL;
    registration->n_claims = 0;
}

static void free_registration(struct registration *registration)
{
    free(registration->name);
    free(registration->interface);
    free(registration);
}

struct registration *registry_find(const struct holder *holder, const char *name,
                                   const char *interface)
{
    for (struct registration *r = holder->registrations; r; r = r->next)
        if (strcmp(r->name, name) == 0 && strcmp(r->interface, interface) == 0)
            return r;
    return NULL;
}

/* Charges the holder for one registration. *from becomes the former registration that has given its
 * charge, or NULL. */
static enum registry_outcome charge(struct registry *registry, struct holder *holder,
                                    const struct full_names *full_names, bool taken,
                                    struct former **from, char why[static REGISTRY_WHY_MAX])
{
    *from = NULL;
    if (taken)
        return accounts_charge_taken(registry->accounts, holder->owner, ACCOUNT_REGISTRATIONS)
                   ? REGISTRY_OK
                   : REGISTRY_NO_MEMORY;
    if (holder->n_registrations >= REGISTRATIONS_PER_CONNECTION) {
        snprintf(why, REGISTRY_WHY_MAX, "a connection holds at most %d registrations",
                 REGISTRATIONS_PER_CONNECTION);
        return REGISTRY_LIMIT;
    }
    struct account_verdict verdict =
        accounts_charge(registry->accounts, holder->owner, ACCOUNT_REGISTRATIONS);
    if (verdict.outcome == ACCOUNT_FINE)
        return REGISTRY_OK;
    *from = registry_take_charge(full_names, holder->owner);
    if (*from)
        return REGISTRY_OK;
    account_why(why, &verdict, holder->uid);
    if (verdict.outcome == ACCOUNT_NO_MEMORY)
        return REGISTRY_NO_MEMORY;
    return verdict.outcome == ACCOUNT_FULL ? REGISTRY_FULL : REGISTRY_LIMIT;
}

static struct registration *new_registration(struct registry *registry, struct holder *holder,
                                             const char *name, const char *interface,
                                             const struct request_options *options, int64_t since)
{
    struct registration *registration = calloc(1, sizeof *registration);
    if (!registration)
        return NULL;
    registration->holder = holder;
    registration->serial = ++registry->last_serial;
    registration->options = request_options_lasting(options);
    registration->since = since;
    registration->name = strdup(name);
    registration->interface = strdup(interface);
    if (!registration->name || !registration->interface) {
        free_registration(registration);
        return NULL;
    }
    return registration;
}

static void give_to_holder(struct registration *registration)
{
    struct holder *holder = registration->holder;
    registration->next = holder->registrations;
    holder->registrations = registration;
    holder->n_registrations++;
}

static void mark_new(struct registration *registration)
{
    for (size_t i = 0; i < registration->n_claims; i++)
        registration->claims[i].listing->state = LISTING_NEW;
    touch(registration);
}

/* Makes the claims of full names that are known not to clash, and judges the limits of addresses.
 * If this fails, the registration has no claims. */
static enum registry_outcome claim_full_names(struct registry *registry,
                                              struct registration *registration,
                                              const struct full_names *full_names, bool taken,
                                              char why[static REGISTRY_WHY_MAX])
{
    enum registry_outcome outcome = REGISTRY_NO_MEMORY;
    if (claim_all(registry, registration, full_names) && enter_interface(registry, registration))
        outcome = taken || registry_has_room(registration, why) ? REGISTRY_OK : REGISTRY_LIMIT;
    if (outcome == REGISTRY_OK)
        mark_new(registration);
    else
        release_claims(registry, registration);
    return outcome;
}

/* Charges the registration, makes its claims and gives it to its holder; frees it if one of these
 * fails. */
static enum registry_outcome place(struct registry *registry, struct registration *registration,
                                   const struct full_names *full_names, bool taken,
                                   char why[static REGISTRY_WHY_MAX])
{
    struct holder *holder = registration->holder;
    struct former *from;
    enum registry_outcome outcome = charge(registry, holder, full_names, taken, &from, why);
    if (outcome != REGISTRY_OK)
        goto err;
    outcome = claim_full_names(registry, registration, full_names, taken, why);
    if (outcome == REGISTRY_OK) {
        give_to_holder(registration);
        return REGISTRY_OK;
    }
    accounts_release(registry->accounts, holder->owner, ACCOUNT_REGISTRATIONS);
    if (from)
        registry_charge_former(registry, from);
err:
    free_registration(registration);
    return outcome;
}

/* Handles a repeated request. False if nothing changes. */
static bool renew(struct registration *registration, const struct request_options *options)
{
    if (request_options_same(&registration->options, options))
        return false;
    struct request_options before = registration->options;
    registration->options = request_options_lasting(options);
    if (options->ttl != before.ttl || options->family != before.family ||
        options->ptr != before.ptr) /* the records depend on these */
        mark_new(registration);
    registration->kept = false; /* the keeper has an older text */
    return true;
}

void registry_set_in_part(struct registration *registration, bool in_part)
{
    if (registration->in_part != in_part)
        registration->kept = false; /* the keeper has an older text */
    registration->in_part = in_part;
}

enum registry_outcome registry_add(struct registry *registry, struct holder *holder,
                                   const char *name, const char *interface,
                                   const struct request_options *options, int64_t since,
                                   enum registry_origin origin, struct registration **added,
                                   char why[static REGISTRY_WHY_MAX])
{
    struct registration *registration = registry_find(holder, name, interface);
    struct full_names_request request = registry_request_of(name, holder);
    bool taken = origin != REGISTRY_ASKED;
    strcpy(why, "out of memory");
    if (registration && registration->n_claims > 0) {
        registry->changes += renew(registration, options);
        *added = registration;
        return REGISTRY_OK;
    }
    struct full_names full_names;
    if (!full_names_init(&full_names, registry->zones, registry->n_zones))
        return REGISTRY_NO_MEMORY;
    request.taken = taken;
    if (origin == REGISTRY_TAKEN)
        request.accepted = all_accepted;
    enum registry_outcome outcome = find_full_names(registry, &full_names, &request, why);
    if (outcome == REGISTRY_OK && registry_find_clash(registry, &full_names, holder, taken, why))
        outcome = REGISTRY_IN_USE;
    if (outcome == REGISTRY_OK && !taken &&
        registry_is_below_others(registry, &full_names, holder, why))
        outcome = REGISTRY_DENIED;
    if (outcome == REGISTRY_OK && registration) { /* it had no zone until now */
        outcome = claim_full_names(registry, registration, &full_names, true, why);
    } else if (outcome == REGISTRY_OK) {
        registration = new_registration(registry, holder, name, interface, options, since);
        outcome = registration ? place(registry, registration, &full_names, taken, why)
                               : REGISTRY_NO_MEMORY;
    }
    if (outcome == REGISTRY_OK) {
        renew(registration, options);
        registry_set_in_part(registration, full_names.n_kept_out > 0);
        registry_note_place(registry, registration);
        registry->changes++;
        *added = registration;
    }
    full_names_fini(&full_names);
    return outcome;
}

struct registration *registry_keep(struct registry *registry, struct holder *holder,
                                   const char *name, const char *interface,
                                   const struct request_options *options, int64_t since)
{
    struct registration *registration = registry_find(holder, name, interface);
    if (registration) {
        renew(registration, options);
        return registration;
    }
    if (!accounts_charge_taken(registry->accounts, holder->owner, ACCOUNT_REGISTRATIONS))
        return NULL;
    registration = new_registration(registry, holder, name, interface, options, since);
    if (!registration) {
        accounts_release(registry->accounts, holder->owner, ACCOUNT_REGISTRATIONS);
        return NULL;
    }
    give_to_holder(registration);
    registry_note_place(registry, registration);
    return registration;
}

void registry_drop(struct registry *registry, struct registration *registration)
{
    struct holder *holder = registration->holder;
    struct registration **link = &holder->registrations;
    while (*link != registration)
        link = &(*link)->next;
    *link = registration->next;
    holder->n_registrations--;
    registry_give_back_charge(registry, registration);
    touch(registration);
    release_claims(registry, registration);
    registry_forget_place(registry, registration);
    accounts_release(registry->accounts, holder->owner, ACCOUNT_REGISTRATIONS);
    free_registration(registration);
}

void registry_drop_holder(struct registry *registry, struct holder *holder)
{
    for (struct registration *r = holder->registrations, *next; r; r = next) {
        next = r->next;
        registry_drop(registry, r);
    }
}

static int compare_ages(const void *left, const void *right)
{
    const struct registration *const *a = left, *const *b = right;
    return registration_compare_age(registration_age(*a), registration_age(*b));
}

static struct registration **list_all(struct holder *const *holders, size_t n_holders,
                                      size_t *n_all)
{
    size_t n = 0;
    for (size_t i = 0; i < n_holders; i++)
        n += holders[i]->n_registrations;
    *n_all = n;
    struct registration **all = calloc(n + 1, sizeof *all);
    if (!all)
        return NULL;
    n = 0;
    for (size_t i = 0; i < n_holders; i++)
        for (struct registration *r = holders[i]->registrations; r; r = r->next)
            all[n++] = r;
    qsort(all, n, sizeof *all, compare_ages);
    return all;
}

static void claim_again(struct registry *registry, struct registration *registration,
                        struct full_names *full_names, struct held *held,
                        void (*lost)(const struct registration *registration, const char *why))
{
    struct full_names_request request =
        registry_request_of(registration->name, registration->holder);
    if (!registration->holder->namespace) /* its namespace is not known, which was logged before */
        return;
    held_look_at(held, registration);
    request.taken = true;
    request.accepted = held_has;
    request.context = held;
    char why[REGISTRY_WHY_MAX] = "out of memory";
    if (find_full_names(registry, full_names, &request, why) != REGISTRY_OK ||
        registry_find_clash(registry, full_names, registration->holder, true, why) ||
        claim_full_names(registry, registration, full_names, true, why) != REGISTRY_OK)
        lost(registration, why);
    registry_set_in_part(registration, full_names->n_kept_out > 0);
}

bool registry_set_zones(struct registry *registry, const struct zone *const *zones, size_t n_zones,
                        struct holder *const *holders, size_t n_holders,
                        void (*lost)(const struct registration *registration, const char *why))
{
    struct held held = {0};
    size_t n_all;
    struct registration **all = list_all(holders, n_holders, &n_all);
    struct likes likes;
    bool done = likes_make(&likes, zones, n_zones);
    struct full_names full_names;
    done = full_names_init(&full_names, zones, n_zones) && done && all &&
           held_collect(&held, all, n_all, zones, n_zones);

    if (done) {
        for (size_t i = 0; i < n_all; i++)
            release_claims(registry, all[i]);
        registry_unlink_remnants(registry);
        if (registry->listings.n == 0)
            listings_forget(&registry->listings);
        likes_fini(&registry->listings.likes);
        registry->listings.likes = likes;
        registry_use_zones(registry, zones, n_zones);
        for (size_t i = 0; i < n_all; i++) {
            claim_again(registry, all[i], &full_names, &held, lost);
            registry_note_place(registry, all[i]);
        }
        registry_link_remnants(registry);
    } else {
        likes_fini(&likes);
    }
    free(all);
    held_fini(&held);
    full_names_fini(&full_names);
    return done;
}
