#include "second-look.h"

#include "../../zones/address.h"

#include <string.h>

/* The last dump of a namespace, and what counted before it. */
struct looks {
    const struct snapshot *now, *before;
};

static bool is_usable(const struct address *address)
{
    return !(address->state & (ADDRESS_TENTATIVE | ADDRESS_DUPLICATE));
}

/* Does the link, which may be NULL, have an address that a name could lose? */
static bool shows(const struct link *link)
{
    for (size_t i = 0; link && link->up && i < link->n_addresses; i++)
        if (is_usable(&link->addresses[i]))
            return true;
    return false;
}

/* The link that has this name as its own, not as an alternative name. */
static const struct link *find_named(const struct snapshot *snapshot, const char *name)
{
    const struct link *found = snapshot_link(snapshot, name);
    return found && strcmp(found->names[0], name) == 0 ? found : NULL;
}

/* The same link in the other snapshot: the one with its index, otherwise one with its name whose
 * index is not in this snapshot. */
static const struct link *counterpart(const struct link *link, const struct snapshot *here,
                                      const struct snapshot *there)
{
    const struct link *same = snapshot_link_of_index(there, link->index);
    if (same)
        return same;
    same = find_named(there, link->names[0]);
    return same && !snapshot_link_of_index(here, same->index) ? same : NULL;
}

/* ---- is anything lost? ---- */

static bool lacks_name(const struct snapshot *now, const struct link *before)
{
    for (size_t i = 0; i < before->n_names; i++)
        if (!snapshot_link(now, before->names[i]))
            return true;
    return false;
}

/* The addresses of both links are sorted. */
static bool lacks_address(const struct link *now, const struct link *before)
{
    size_t j = 0;
    for (size_t i = 0; i < before->n_addresses; i++) {
        const struct address *address = &before->addresses[i];
        if (!is_usable(address))
            continue;
        while (j < now->n_addresses && address_compare(&now->addresses[j], address) < 0)
            j++;
        if (j == now->n_addresses || address_compare(&now->addresses[j], address) > 0 ||
            !is_usable(&now->addresses[j]))
            return true;
    }
    return false;
}

static bool is_anything_lost(const struct looks *looks)
{
    for (size_t i = 0; i < looks->before->n_links; i++) {
        const struct link *before = &looks->before->links[i];
        if (!shows(before))
            continue;
        const struct link *now = counterpart(before, looks->before, looks->now);
        if (lacks_name(looks->now, before) || (now && (!now->up || lacks_address(now, before))))
            return true;
    }
    return false;
}

/* ---- both together ---- */

static void add_lacking_names(struct snapshot *both, int index, const struct looks *looks,
                              const struct link *before)
{
    for (size_t i = 0; i < before->n_names; i++)
        if (!snapshot_link(looks->now, before->names[i]))
            snapshot_add_altname(both, index, before->names[i]);
}

/* If both snapshots have an address, its present state counts, unless it was usable before and is
 * not now. Of a link that is down now, only the usable addresses are kept. */
static void add_addresses(struct snapshot *both, const struct link *now, const struct link *before)
{
    size_t i = 0, j = 0, n = now->up ? now->n_addresses : 0;
    while (i < n || j < before->n_addresses) {
        const struct address *ours = &now->addresses[i], *theirs = &before->addresses[j];
        int order = i == n ? 1 : j == before->n_addresses ? -1 : address_compare(ours, theirs);
        i += order <= 0;
        j += order >= 0;
        if (order < 0 || (order == 0 && (is_usable(ours) || !is_usable(theirs))))
            snapshot_add_address(both, now->index, ours);
        else if (is_usable(theirs))
            snapshot_add_address(both, now->index, theirs);
    }
}

static void add_all_addresses(struct snapshot *both, const struct link *link)
{
    for (size_t i = 0; i < link->n_addresses; i++)
        snapshot_add_address(both, link->index, &link->addresses[i]);
}

/* Adds a link, with what it has lost. */
static void add_link(struct snapshot *both, const struct link *now, const struct looks *looks)
{
    const struct link *before = counterpart(now, looks->now, looks->before);
    bool showed = shows(before);
    snapshot_add_link(both, now->index, now->up || showed, now->names[0]);
    for (size_t i = 1; i < now->n_names; i++)
        snapshot_add_altname(both, now->index, now->names[i]);
    if (!showed) {
        add_all_addresses(both, now);
        return;
    }
    add_lacking_names(both, now->index, looks, before);
    add_addresses(both, now, before);
}

/* Adds a link that is gone, with the names that no other link has now. */
static void add_gone(struct snapshot *both, const struct link *gone, const struct looks *looks)
{
    size_t first = 0;
    while (first < gone->n_names && snapshot_link(looks->now, gone->names[first]))
        first++;
    if (first == gone->n_names)
        return;
    snapshot_add_link(both, gone->index, true, gone->names[first]);
    for (size_t i = first + 1; i < gone->n_names; i++)
        if (!snapshot_link(looks->now, gone->names[i]))
            snapshot_add_altname(both, gone->index, gone->names[i]);
    add_all_addresses(both, gone);
}

/* False if it cannot be kept. */
static bool join(struct snapshot *both, const struct looks *looks)
{
    snapshot_init(both);
    for (size_t i = 0; i < looks->now->n_links; i++)
        add_link(both, &looks->now->links[i], looks);
    for (size_t i = 0; i < looks->before->n_links; i++) {
        const struct link *before = &looks->before->links[i];
        if (shows(before) && !counterpart(before, looks->before, looks->now))
            add_gone(both, before, looks);
    }
    snapshot_finish(both);
    if (!both->failed)
        return true;
    snapshot_fini(both);
    return false;
}

bool second_look_take(struct namespace *namespace, struct snapshot *found, bool *again)
{
    struct looks looks = {found, namespace->doubted ? &namespace->last : &namespace->now};
    struct snapshot both;
    *again = namespace->known && is_anything_lost(&looks) && join(&both, &looks);
    snapshot_fini(&namespace->last);
    namespace->doubted = *again;
    if (!*again)
        return interfaces_replace(namespace, found);
    namespace->last = *found;
    snapshot_init(found);
    return interfaces_replace(namespace, &both);
}
