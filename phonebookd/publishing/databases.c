#include "databases.h"

#include "../../common/cut-text.h"
#include "../../zones/data-files.h"
#include "../../zones/zone.h"
#include "../log.h"
#include "../state/listings.h"
#include "../state/reasons.h"
#include "../state/registry.h"

#include <string.h>

void databases_init(struct databases *databases, struct launcher *launcher,
                    struct registry *registry, database_news *news, void *owner)
{
    *databases = (struct databases){
        .launcher = launcher, .registry = registry, .news = news, .owner = owner};
}

void databases_fini(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_close(databases->all[i]);
    databases->n = 0;
}

/* A database is identified by its directory, which has its files and its lock. */
static struct database *find_directory(const struct databases *databases, const char *directory)
{
    for (size_t i = 0; i < databases->n; i++)
        if (strcmp(database_options(databases->all[i])->directory, directory) == 0)
            return databases->all[i];
    return NULL;
}

static struct database *open_database(struct databases *databases,
                                      const struct database_options *options)
{
    struct database *made;
    int error = database_new(&made, databases->launcher, options, databases->registry,
                             databases->news, databases->owner);
    if (!error)
        return made;
    log_error("database %s: %s: %s", options->name, options->directory, data_files_error(error));
    return NULL;
}

static bool is_kept(struct database *const *all, size_t n, const struct database *database)
{
    for (size_t i = 0; i < n; i++)
        if (all[i] == database)
            return true;
    return false;
}

/* Replaces the set. Databases in both sets continue with their new settings. */
static void commit(struct databases *databases, const struct database_options *const *options,
                   size_t n, struct database *const *wanted)
{
    for (size_t i = 0; i < databases->n; i++)
        if (!is_kept(wanted, n, databases->all[i]))
            database_close(databases->all[i]);
    databases->n = n;
    memcpy(databases->all, wanted, n * sizeof *wanted);
    /* last, because each may have news for the owner, who looks at all of them */
    for (size_t i = 0; i < n; i++) {
        database_set_share(wanted[i], n);
        database_set_options(wanted[i], options[i]);
    }
}

bool databases_set_options(struct databases *databases,
                           const struct database_options *const *options, size_t n)
{
    struct database *wanted[DATABASES_MAX];
    for (size_t i = 0; i < n; i++) {
        wanted[i] = find_directory(databases, options[i]->directory);
        if (!wanted[i])
            wanted[i] = open_database(databases, options[i]);
        if (wanted[i])
            continue;
        while (i-- > 0)
            if (!is_kept(databases->all, databases->n, wanted[i]))
                database_close(wanted[i]);
        return false;
    }
    commit(databases, options, n, wanted);
    return true;
}

void databases_zones_changed(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_zones_changed(databases->all[i]);
}

static bool has_any(const struct database *database, const struct zone *const *zones, size_t n)
{
    size_t i = 0;
    while (i < n && strcmp(zones[i]->database, database_options(database)->name) != 0)
        i++;
    return i < n;
}

void databases_zones_replaced(struct databases *databases, const struct zone *const *changed,
                              size_t n_changed)
{
    for (size_t i = 0; i < databases->n; i++)
        if (has_any(databases->all[i], changed, n_changed))
            database_zones_replaced(databases->all[i]);
}

void databases_changed(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_changed(databases->all[i]);
}

void databases_retry_programs(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_retry_programs(databases->all[i]);
}

void databases_build_now(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_build_now(databases->all[i]);
}

void databases_hurry(struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        database_hurry(databases->all[i]);
}

bool databases_at_rest(const struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        if (!database_at_rest(databases->all[i]))
            return false;
    return true;
}

bool databases_are_free(const struct databases *databases)
{
    for (size_t i = 0; i < databases->n; i++)
        if (!database_is_free(databases->all[i]))
            return false;
    return true;
}

time_t databases_built(const struct databases *databases)
{
    time_t latest = 0;
    for (size_t i = 0; i < databases->n; i++) {
        time_t built = database_built(databases->all[i]);
        latest = built > latest ? built : latest;
    }
    return latest;
}

static const struct database *database_of(const struct databases *databases,
                                          const struct zone *zone)
{
    for (size_t i = 0; i < databases->n; i++)
        if (strcmp(database_options(databases->all[i])->name, zone->database) == 0)
            return databases->all[i];
    return NULL;
}

bool databases_clash(const struct databases *databases, const struct zone *zone, const char *name,
                     char why[static REGISTRY_WHY_MAX])
{
    const struct database *database = database_of(databases, zone);
    return database && database_clashes(database, name, zone->name, why, REGISTRY_WHY_MAX);
}

enum served databases_serve_listing(const struct databases *databases,
                                    const struct listing *listing)
{
    const struct database *database = database_of(databases, listing->zone);
    if (listing->state == LISTING_HIDDEN || listing->state == LISTING_LINGERING)
        return SERVED_WAITING;
    return database && database_serves(database, listing) ? SERVED_LIVE : SERVED_PENDING;
}

static bool is_awaited(const struct claim *claim, const char *wait_for)
{
    return !wait_for || !*wait_for || strcmp(claim->listing->zone->name, wait_for) == 0;
}

/* Does the DNS now show the addresses that the claim's interface has, or none if it has none? */
static bool is_told(const struct databases *databases, const struct claim *claim)
{
    const struct database *database = database_of(databases, claim->listing->zone);
    return claim_is_settled(claim) && database && database_has_told(database, claim->listing);
}

bool databases_serve(const struct databases *databases, const struct registration *registration,
                     const char *wait_for)
{
    size_t n = 0, n_live = 0;
    for (size_t i = 0; i < registration->n_claims; i++) {
        const struct claim *claim = &registration->claims[i];
        if (!is_awaited(claim, wait_for))
            continue;
        enum served served = databases_serve_listing(databases, claim->listing);
        if (served == SERVED_PENDING || claim_awaits_address(claim) || !is_told(databases, claim))
            return false;
        n++;
        n_live += served == SERVED_LIVE;
    }
    return n_live > 0 && (!wait_for || n_live == n);
}

void databases_reason(const struct databases *databases, const struct listing *listing,
                      const char **reason)
{
    const struct database *database = database_of(databases, listing->zone);
    char line[REGISTRY_WHY_MAX];
    if (listing->state == LISTING_HIDDEN &&
        databases_clash(databases, listing->zone, listing->name, line))
        *reason = "static";
    else if (listing->state == LISTING_SHOWN && database && database_untold(database))
        *reason = "untold";
}

/* ---- why not ---- */

struct why {
    struct cut_text text; /* of REGISTRY_WHY_MAX octets */
    size_t n_names;
};

static void add_name(struct why *why, const char *name, const char *reason)
{
    cut_text_add(&why->text, "%s%s: %s", why->n_names++ > 0 ? "; " : "", name, reason);
}

static void explain_pending(struct why *why, const struct listing *listing,
                            const struct database *database)
{
    int failure = database ? database_failure(database) : 0;
    const char *untold = database ? database_untold(database) : NULL;
    add_name(why, listing->name, !failure && untold ? "untold" : "pending");
    if (failure)
        cut_text_add(&why->text, ", since database %s cannot be written: %s",
                     database_options(database)->name, data_files_error(failure));
    else if (untold)
        cut_text_add(&why->text, ", since the server of database %s cannot be told: %s",
                     database_options(database)->name, untold);
}

static void explain_waiting(struct why *why, const struct databases *databases,
                            const struct claim *claim)
{
    const struct listing *listing = claim->listing;
    const struct registration *r = claim->registration;
    const char *reason = claim_reason(claim);
    int meant = registration_meant_interface(r);
    char line[REGISTRY_WHY_MAX];
    if (databases_clash(databases, listing->zone, listing->name, line)) {
        add_name(why, listing->name, "static");
        cut_text_add(&why->text, ", since %s", line);
        return;
    }
    add_name(why, listing->name, *reason ? reason : "pending");
    if (strcmp(reason, "no-interface") == 0 && meant > 0)
        cut_text_add(&why->text, ", since ip(8) shows the interface %.*s as %s", meant,
                     r->interface, r->interface);
}

static void explain_claim(struct why *why, const struct databases *databases,
                          const struct claim *claim)
{
    const struct listing *listing = claim->listing;
    enum served served = databases_serve_listing(databases, listing);
    bool settled = served != SERVED_PENDING && served != SERVED_WAITING;
    if (served == SERVED_WAITING)
        explain_waiting(why, databases, claim);
    else if (settled && claim_awaits_address(claim))
        add_name(why, listing->name, zone_verdict_text(ZONE_TENTATIVE));
    else if (!settled || !is_told(databases, claim))
        explain_pending(why, listing, database_of(databases, listing->zone));
}

void databases_why_not(const struct databases *databases, const struct registration *registration,
                       const char *wait_for, char text[static REGISTRY_WHY_MAX])
{
    struct why why = {.text = {text, REGISTRY_WHY_MAX, 0}};
    cut_text_add(&why.text, "registered, but not live: ");
    for (size_t i = 0; i < registration->n_claims; i++)
        if (is_awaited(&registration->claims[i], wait_for))
            explain_claim(&why, databases, &registration->claims[i]);
    if (why.n_names == 0)
        add_name(&why, registration->name,
                 registration->n_claims > 0 ? "no-zone" : registration_reason(registration));
}
