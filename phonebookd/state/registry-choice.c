#include "registry.h"

#include "../../zones/name.h"
#include "../../zones/zone.h"
#include "listings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct choosing {
    const struct registry *registry;
    const struct holder *asker;
    const struct holder_choice *choice;
    struct holder *chosen; /* so far */
    char *why;
};

static bool may_end(const struct holder *asker, const struct holder *holder)
{
    return asker->uid == 0 || (asker->uid == holder->uid && !asker->nobody && !holder->nobody);
}

static bool is_meant(const struct holder_choice *choice, const struct holder *holder)
{
    return choice->socket > 0 ? holder->socket == choice->socket
                              : choice->number == 0 || holder->number == choice->number;
}

/* Returns the first holder of the listing that the choice can mean, or NULL. */
static struct holder *find_meant(const struct holder_choice *choice, const struct listing *listing)
{
    for (const struct claim *c = listing->claims; c; c = c->next)
        if (is_meant(choice, c->registration->holder))
            return c->registration->holder;
    return NULL;
}

static enum choice_outcome say_absent(const struct choosing *choosing, const char *name, unsigned n)
{
    if (n == 0)
        snprintf(choosing->why, REGISTRY_WHY_MAX,
                 "nobody holds %s any more: it lingers until its time is over", name);
    else if (choosing->choice->socket > 0)
        snprintf(choosing->why, REGISTRY_WHY_MAX, "no connection of %s has the socket %" PRIu64,
                 name, choosing->choice->socket);
    else
        snprintf(choosing->why, REGISTRY_WHY_MAX, "%s is held by %u connection%s", name, n,
                 n == 1 ? "" : "s");
    return CHOICE_ABSENT;
}

static enum choice_outcome choose_of(struct choosing *choosing, const struct listing *listing)
{
    unsigned n = registry_number_holders(listing);
    const struct holder_choice *choice = choosing->choice;
    struct holder *meant = find_meant(choice, listing);
    if (meant && !may_end(choosing->asker, meant)) {
        snprintf(choosing->why, REGISTRY_WHY_MAX, "%s is held by uid %u", listing->name,
                 meant->uid);
        return CHOICE_DENIED;
    }
    if (!meant)
        return say_absent(choosing, listing->name, n);
    if (n > 1 && choice->number == 0 && choice->socket == 0) {
        snprintf(choosing->why, REGISTRY_WHY_MAX, "%s is held by %u connections: which one?",
                 listing->name, n);
        return CHOICE_NUMBER;
    }
    if (choosing->chosen && choosing->chosen != meant) {
        snprintf(choosing->why, REGISTRY_WHY_MAX,
                 "other connections hold %s than the name in other zones: in which zone?",
                 listing->name);
        return CHOICE_NUMBER;
    }
    choosing->chosen = meant;
    return CHOICE_MADE;
}

/* If the zone has no such name, the outcome is CHOICE_MADE, and nothing is chosen. */
static enum choice_outcome choose_in(struct choosing *choosing, const struct zone *zone,
                                     const char *name)
{
    const struct listing *listing = listings_find(&choosing->registry->listings, zone, name);
    return listing ? choose_of(choosing, listing) : CHOICE_MADE;
}

/* `relative` is canonical, or NULL for the apex. */
static enum choice_outcome choose_in_all(struct choosing *choosing, const char *relative)
{
    const struct registry *registry = choosing->registry;
    enum choice_outcome outcome = CHOICE_MADE;
    char name[NAME_TEXT_MAX + 1];
    for (size_t i = 0; i < registry->n_zones && outcome == CHOICE_MADE; i++) {
        const struct zone *zone = registry->zones[i];
        if (!relative)
            outcome = choose_in(choosing, zone, zone->name);
        else if (name_join(name, relative, zone->name) == NAME_OK)
            outcome = choose_in(choosing,
                                zone_below(registry->zones, registry->n_zones, zone, name), name);
    }
    return outcome;
}

/* Looks among registrations without a full name. The list shows these with the name that was
 * requested, and without a number. */
static enum choice_outcome choose_unplaced(struct choosing *choosing)
{
    const struct holder_choice *choice = choosing->choice;
    const struct registration *r;
    TAILQ_FOREACH (r, &choosing->registry->unplaced, others_unplaced) {
        if (strcasecmp(r->name, choice->name) != 0 || choice->number > 0 ||
            !is_meant(choice, r->holder))
            continue;
        if (!may_end(choosing->asker, r->holder)) {
            snprintf(choosing->why, REGISTRY_WHY_MAX, "%s is held by uid %u", choice->name,
                     r->holder->uid);
            return CHOICE_DENIED;
        }
        if (choosing->chosen && choosing->chosen != r->holder) {
            snprintf(choosing->why, REGISTRY_WHY_MAX,
                     "%s is held by several connections: which socket?", choice->name);
            return CHOICE_NUMBER;
        }
        choosing->chosen = r->holder;
    }
    return CHOICE_MADE;
}

enum choice_outcome registry_choose(const struct registry *registry, const struct holder *asker,
                                    const struct holder_choice *choice, struct holder **chosen,
                                    char why[static REGISTRY_WHY_MAX])
{
    struct choosing choosing = {registry, asker, choice, NULL, why};
    size_t length = strlen(choice->name);
    bool apex = strcmp(choice->name, "@") == 0;
    char name[NAME_TEXT_MAX + 1];
    enum name_outcome bad = apex ? NAME_OK : name_canonical(name, choice->name, length);
    const struct zone *zone =
        bad || apex ? NULL : zone_of(registry->zones, registry->n_zones, name);
    if (bad != NAME_OK) {
        snprintf(why, REGISTRY_WHY_MAX, "%s", name_outcome_text(bad));
        return CHOICE_NAME;
    }
    enum choice_outcome outcome = CHOICE_MADE;
    if (zone)
        outcome = choose_in(&choosing, zone, name);
    else if (choice->name[length - 1] != '.')
        outcome = choose_in_all(&choosing, apex ? NULL : name);
    if (outcome == CHOICE_MADE && !choosing.chosen)
        outcome = choose_unplaced(&choosing);
    *chosen = choosing.chosen;
    if (outcome == CHOICE_MADE && !choosing.chosen) {
        snprintf(why, REGISTRY_WHY_MAX, "nobody holds this name");
        return CHOICE_ABSENT;
    }
    return outcome;
}
