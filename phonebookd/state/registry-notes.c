/* The notes of remnants: which ones the keeper must store, and how remnants are made from notes. */
#include "registry.h"

#include "../../zones/zone.h"
#include "accounts.h"
#include "listings.h"
#include "registry-parts.h"

#include <stdlib.h>
#include <string.h>

struct remnant *registry_next_to_note(const struct registry *registry)
{
    return TAILQ_FIRST(&registry->to_note);
}

void registry_noted(struct registry *registry, struct remnant *remnant, bool kept)
{
    TAILQ_REMOVE(&registry->to_note, remnant, noting);
    remnant->to_note = false;
    if (!remnant->listing)
        registry_free_remnant(registry, remnant);
    else if (kept)
        remnant->noted = true;
}

/* The list of all remnants has the newest first; the queue gets the oldest first. */
void registry_note_all(struct registry *registry)
{
    for (struct remnant *r = registry->remnants; r; r = r->next_all) {
        if (r->to_note)
            TAILQ_REMOVE(&registry->to_note, r, noting);
        TAILQ_INSERT_HEAD(&registry->to_note, r, noting);
        r->to_note = true;
    }
}

/* In one takeover the notes can come in any order, because the keeper may have stored a note later
 * than newer ones, when it had room again. */
void registry_begin_taking(struct registry *registry)
{
    registry->last_taken = registry->last_offered;
}

/* Keys only grow, from each phonebookd to the next: so all keys of this one and of earlier takeovers
 * are known. */
static bool is_known(const struct registry *registry, uint64_t key)
{
    return key > registry->first_key || key <= registry->last_taken;
}

/* Finds the former registration by another of its remnants, all of which ended at the same time. */
static struct former *find_former(const struct registry *registry, const struct remnant_note *note)
{
    for (struct remnant *r = registry->remnants; r && r->ended == note->ended; r = r->next_all)
        if (r->former->number == note->number)
            return r->former;
    return NULL;
}

static struct former *new_former(struct registry *registry, const struct remnant_note *note)
{
    struct former *former = registry_new_former(registry, note->interface, note->owner);
    if (!former)
        return NULL;
    former->number = note->number;
    former->inode = note->inode;
    former->uid = note->uid;
    former->pid = note->pid;
    former->since = note->since;
    former->options = note->options;
    return former;
}

static struct remnant *new_remnant(struct registry *registry, const struct remnant_note *note)
{
    struct remnant *remnant = calloc(1, sizeof *remnant);
    if (!remnant)
        return NULL;
    remnant->name = strdup(note->name);
    remnant->addresses = calloc(note->n_addresses, sizeof *note->addresses);
    if (remnant->name && remnant->addresses)
        remnant->former = find_former(registry, note);
    if (remnant->name && remnant->addresses && !remnant->former)
        remnant->former = new_former(registry, note);
    if (!remnant->former) {
        registry_free_remnant(registry, remnant);
        return NULL;
    }
    remnant->former->n_remnants++;
    remnant->n_addresses = note->n_addresses;
    memcpy(remnant->addresses, note->addresses, note->n_addresses * sizeof *note->addresses);
    return remnant;
}

/* If somebody registered the name while it lingered, the remnant is his to replace. */
static uint32_t holder_of(const struct registry *registry, const struct remnant_note *note)
{
    const struct zone *zone = zone_of(registry->zones, registry->n_zones, note->name);
    const struct listing *listing =
        zone ? listings_find(&registry->listings, zone, note->name) : NULL;
    return listing ? listing->uid : note->uid;
}

bool registry_take_note(struct registry *registry, const struct remnant_note *note)
{
    if (is_known(registry, note->key))
        return true;
    struct remnant *remnant = new_remnant(registry, note);
    if (!remnant)
        return false;
    if (note->key > registry->last_offered)
        registry->last_offered = note->key;
    remnant->key = note->key;
    remnant->noted = true;
    remnant->heir = holder_of(registry, note);
    remnant->ended = note->ended;
    remnant->deadline = note->deadline;
    bool linked = registry_link_remnant(registry, remnant); /* which may shorten its time */
    registry_add_remnant(registry, remnant);
    if (!linked)
        registry_drop_remnant(registry, remnant);
    return true;
}
