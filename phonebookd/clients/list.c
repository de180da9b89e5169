#include "list.h"

#include "../../common/array.h"
#include "../../common/plain.h"
#include "../../common/text.h"
#include "../../publish-client/request.h"
#include "../../zones/address.h"
#include "../../zones/permit.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "../state/interfaces.h"
#include "../state/listing-addresses.h"
#include "../state/listings.h"
#include "../state/reasons.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    struct text text;
    const struct list_source *source;
    /* For the listing that is printed. */
    char rule[PERMIT_RULE_MAX];
    enum served served;
    const char *reason; /* from list_source::served() */
    struct listing_addresses found;
    enum zone_verdict *verdicts;
    size_t room; /* of verdicts */
    /* The result for the last range of addresses, because a name can have hundreds of claims with
     * the same thousands of addresses. */
    struct {
        size_t first, n;
        size_t n_shown, n_other;    /* of those that count */
        enum zone_verdict foremost; /* the most useful verdict of these */
        bool *counts;               /* owned; from mark() */
        size_t room;
    } marked;
    struct list_place place;
    size_t work;   /* lines and addresses so far, */
    size_t enough; /* and the number at which the slice ends */
};

static const char *const state_words[] = {
    [SERVED_WAITING] = "waiting", [SERVED_PENDING] = "pending", [SERVED_LIVE] = "live"};

/* Counts the work of finding addresses. A name that was begun may have no line left, and a slice
 * without a line would end the list. */
static void count_finding(struct list *list)
{
    size_t cost = (list->found.n + list->found.sources.n) / LIST_FOUND_PER_TOLD;
    if (list->place.at == LIST_BEHIND)
        list->work += cost;
    list->enough = list->work + cost > LIST_SLICE ? list->work + cost : LIST_SLICE;
}

/* Finds the addresses of all holders of the name, and its zone's verdict on each. */
static bool judge(struct list *list, struct listing *listing)
{
    if (!listing_addresses_find(&list->found, listing) ||
        !array_grow(&list->verdicts, &list->room, list->found.n, sizeof *list->verdicts) ||
        !array_grow(&list->marked.counts, &list->marked.room, list->found.n + 1,
                    sizeof *list->marked.counts))
        return false;
    list->marked.n = SIZE_MAX;
    permit_rule(list->rule, listing->zone, listing->name);
    list->reason = NULL;
    list->served = list->source->served(list->source->owner, listing, &list->reason);
    zone_judge(listing->zone, listing_living(listing), listing->name, list->found.addresses,
               list->found.n, list->verdicts);
    count_finding(list);
    return true;
}

/* The addresses of one claim or remnant, among those that were found. */
struct range {
    size_t first, n;
    size_t left_out; /* addresses of its link that were not looked at */
    /* why publishing shows none of the addresses that the zone would show; NULL: it shows them */
    const char *held;
};

/* An interface can have an address twice, with different prefix lengths. Equal addresses are
 * adjacent, and the one with the least verdict counts. */
static bool counts(const struct list *list, const struct range *range, size_t i)
{
    const struct address *addresses = list->found.addresses;
    size_t end = range->first + range->n, j = i;
    while (j > range->first && address_compare(&addresses[j - 1], &addresses[i]) == 0)
        if (list->verdicts[--j] <= list->verdicts[i])
            return false;
    for (j = i + 1; j < end && address_compare(&addresses[j], &addresses[i]) == 0; j++)
        if (list->verdicts[j] < list->verdicts[i])
            return false;
    return true;
}

/* To be called for each range before its addresses are printed. */
static void mark(struct list *list, const struct range *range)
{
    if (list->marked.first == range->first && list->marked.n == range->n)
        return;
    list->marked.first = range->first;
    list->marked.n = range->n;
    list->marked.foremost = ZONE_SCOPE;
    list->marked.n_shown = list->marked.n_other = 0;
    for (size_t i = range->first; i < range->first + range->n; i++) {
        list->marked.counts[i] = counts(list, range, i);
        if (list->marked.counts[i] && list->verdicts[i] == ZONE_SHOWN)
            list->marked.n_shown++;
        else if (list->marked.counts[i])
            list->marked.n_other++;
        if (list->verdicts[i] < list->marked.foremost)
            list->marked.foremost = list->verdicts[i];
    }
}

/* Would the name be live with only these addresses? */
static bool is_live(const struct list *list, const struct range *range)
{
    return range->n > 0 && list->marked.foremost <= ZONE_GATEWAY;
}

/* Prints withheld addresses. An interface can have thousands, which appear in as many lines as its
 * user has names. So when a list has named too many, each further line names only a few, and the
 * number of the others. */
struct withheld {
    struct list *list;
    size_t printed, more, most;
};

static struct withheld begin_withheld(struct list *list)
{
    struct withheld withheld = {.list = list, .most = LIST_WITHHELD_FEW};
    if (list->place.withheld + withheld.most < LIST_WITHHELD_MAX)
        withheld.most = LIST_WITHHELD_MAX - list->place.withheld;
    text_add(&list->text, " withheld=");
    return withheld;
}

static void withhold(struct withheld *withheld, const struct address *address, const char *reason)
{
    if (withheld->printed == withheld->most) {
        withheld->more++;
        return;
    }
    char text[ADDRESS_TEXT_MAX];
    text_add(&withheld->list->text, "%s%s(%s)", withheld->printed > 0 ? "," : "",
             address_text(text, address), reason);
    withheld->printed++;
}

static void end_withheld(const struct withheld *withheld, size_t left_out)
{
    struct text *text = &withheld->list->text;
    if (withheld->more > 0)
        text_add(text, ",+%zu(more)", withheld->more);
    if (left_out > 0)
        text_add(text, "%s+%zu(limit)", withheld->printed > 0 ? "," : "", left_out);
    withheld->list->place.withheld += withheld->printed;
    withheld->list->work += withheld->printed;
}

static bool is_among(const struct address *address, const struct address *others, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (address_compare(&others[i], address) == 0)
            return true;
    return false;
}

/* Addresses of a claim's link that were not searched, and the reason. */
struct beside {
    const struct link *link; /* NULL: there are none */
    struct link_part part;
    const char *reason;
};

/* The search skips all addresses of a link that is down, and those of a family that the
 * registration excludes. */
static struct beside beside_of(const struct claim *claim)
{
    const struct link *link = claim_link(claim);
    unsigned all = ZONE_IPV4 | ZONE_IPV6;
    unsigned others = all & ~families_asked(&claim->registration->options);
    if (!link || (link->up && !others))
        return (struct beside){.link = NULL};
    if (!link->up)
        return (struct beside){link, link_part(link, all), "down"};
    return (struct beside){link, link_part(link, others), zone_verdict_text(ZONE_FAMILY)};
}

static void withhold_beside(struct withheld *withheld, const struct beside *beside)
{
    for (size_t i = 0; i < beside->part.n; i++) {
        const struct address *address = &beside->link->addresses[beside->part.first + i];
        if (i == 0 || address_compare(address - 1, address) != 0)
            withhold(withheld, address, beside->reason);
    }
}

/* Prints the gateways that replace addresses, the shown addresses, and the withheld ones. */
static void print_addresses(struct list *list, const struct zone *zone, const struct range *range,
                            const struct request_options *options, const struct beside *beside)
{
    size_t end = range->first + range->n;
    size_t n_withheld = list->marked.n_other + (range->held ? list->marked.n_shown : 0);
    size_t n_gateways;
    const struct address *gateways = zone_gateways(zone, families_asked(options), &n_gateways);
    text_add(&list->text, " addresses=");
    if (!is_live(list, range) || range->held)
        n_gateways = 0;
    const char *separator = "";
    char text[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < n_gateways; i++) {
        text_add(&list->text, "%s%s", separator, address_text(text, &gateways[i]));
        separator = ",";
    }
    for (size_t i = range->first, n = 0; n < list->marked.n_shown && !range->held; i++) {
        if (list->verdicts[i] != ZONE_SHOWN || !list->marked.counts[i])
            continue;
        n++;
        text_add(&list->text, "%s%s", separator, address_text(text, &list->found.addresses[i]));
        separator = ",";
    }
    list->work += n_gateways + (range->held ? 0 : list->marked.n_shown);
    struct withheld withheld = begin_withheld(list);
    for (size_t i = range->first; i < end; i++) {
        if (n_gateways == 0 && withheld.printed == withheld.most) {
            withheld.more = n_withheld - withheld.printed;
            break;
        }
        if ((list->verdicts[i] != ZONE_SHOWN || range->held) && list->marked.counts[i] &&
            !is_among(&list->found.addresses[i], gateways, n_gateways))
            withhold(&withheld, &list->found.addresses[i],
                     list->verdicts[i] <= ZONE_GATEWAY && range->held
                         ? range->held
                         : zone_verdict_text(list->verdicts[i]));
    }
    withhold_beside(&withheld, beside);
    end_withheld(&withheld, range->left_out);
}

/* Prints `" key="` and the number, which is left out if it is 0 (unknown). */
static void print_number(struct list *list, const char *key, uint64_t number)
{
    if (number > 0)
        text_add(&list->text, " %s=%" PRIu64, key, number);
    else
        text_add(&list->text, " %s=", key);
}

/* `holder` is NULL if it is gone; `number` is 0 if nobody holds the name. */
static void print_end(struct list *list, const char *reason, unsigned number,
                      const struct holder *holder)
{
    list->work++;
    text_add(&list->text, " rule=%s reason=%s", list->rule, reason);
    print_number(list, "number", number);
    print_number(list, "socket", holder ? holder->socket : 0);
    text_add(&list->text, "\n");
}

/* Converts to the wall clock as it is set now. A time in the future of the boot clock is a
 * wall-clock time, stored by a former phonebookd (kept-text.h). */
static int64_t wall_time_of(const struct list *list, int64_t since)
{
    const struct list_source *source = list->source;
    return since > source->now + CLOCK_STEP_S ? since : since + source->epoch;
}

/* Prints the fields up to the state. */
static void print_head(struct list *list, const char *name, const char *interface, uint64_t inode,
                       uint32_t uid, int32_t pid, int64_t since, const char *state)
{
    char plain[REQUEST_INTERFACE_MAX + 1];
    snprintf(plain, sizeof plain, "%s", interface);
    plain_utf8(plain, strlen(plain));
    text_add(&list->text, "name=%s interface=%s", name, plain);
    print_number(list, "namespace", inode);
    text_add(&list->text, " uid=%" PRIu32 " pid=%" PRId32 " since=%" PRId64 " state=%s", uid, pid,
             wall_time_of(list, since), state);
}

/* The state of one holder, which does not depend on other holders. */
static enum served state_of(const struct list *list, const struct claim *claim, struct range *range)
{
    if (!claim->registration->holder->namespace->known)
        return list->served;
    if (!is_live(list, range))
        return SERVED_WAITING;
    if (list->served == SERVED_WAITING)
        range->held = list->reason;
    return list->served == SERVED_WAITING && !range->held ? SERVED_PENDING : list->served;
}

static void print_claim(struct list *list, const struct claim *claim)
{
    const struct registration *r = claim->registration;
    const struct listing *listing = claim->listing;
    struct range range = {claim->first, claim->n, claim->left_out, NULL};
    const struct beside beside = beside_of(claim);
    const char *reason = list->reason;
    mark(list, &range);
    enum served state = state_of(list, claim, &range);
    if (state == SERVED_WAITING && !range.held)
        reason = range.n > 0          ? zone_verdict_text(list->marked.foremost)
                 : range.left_out > 0 ? "limit"
                                      : claim_reason(claim);
    print_head(list, listing->name, r->interface, r->holder->namespace->inode, r->holder->uid,
               r->holder->pid, r->since, state_words[state]);
    print_addresses(list, listing->zone, &range, &r->options, &beside);
    print_end(list, reason ? reason : "", r->holder->number, r->holder);
}

static void print_remnant(struct list *list, const struct remnant *r, size_t first, size_t n)
{
    const struct former *former = r->former;
    const struct range range = {first, n, 0, NULL};
    mark(list, &range);
    print_head(list, r->name, former->interface, former->inode, former->uid, former->pid,
               former->since, "lingering");
    print_addresses(list, r->listing->zone, &range, &former->options,
                    &(struct beside){.link = NULL});
    print_end(list, "", 0, NULL);
}

/* False if the slice ends before the last claim. */
static bool print_claims(struct list *list, const struct listing *listing)
{
    struct list_place *place = &list->place;
    registry_number_holders(listing);
    for (const struct claim *claim = listing->claims; claim; claim = claim->next) {
        struct registration_age age = registration_age(claim->registration);
        if (place->at == LIST_INSIDE && registration_compare_age(age, place->told) >= 0)
            continue;
        if (list->work >= list->enough)
            return false;
        print_claim(list, claim);
        place->at = LIST_INSIDE;
        place->told = age;
    }
    place->at = LIST_BEHIND;
    return true;
}

static void print_remnants(struct list *list, const struct listing *listing)
{
    size_t first = list->found.n_claimed;
    for (const struct remnant *r = listing->remnants; r; r = r->next) {
        size_t left = list->found.n - first; /* none if the claims are shown */
        size_t n = r->n_addresses < left ? r->n_addresses : left;
        print_remnant(list, r, first, n);
        first += n;
    }
}

/* Prints a registration without claims: the name as it was requested, and no number. */
static void print_registration(struct list *list, const struct registration *r)
{
    const struct namespace *namespace = r->holder->namespace;
    char name[REQUEST_NAME_MAX + 1];
    snprintf(name, sizeof name, "%s", r->name);
    plain_utf8(name, strlen(name));
    print_head(list, name, r->interface, namespace ? namespace->inode : 0, r->holder->uid,
               r->holder->pid, r->since, r->holder->aside ? "aside" : "waiting");
    text_add(&list->text, " addresses= withheld=");
    list->rule[0] = '\0';
    print_end(list, registration_reason(r), 0, r->holder);
}

static void print_unplaced(struct list *list)
{
    struct list_place *place = &list->place;
    if (place->at != LIST_UNPLACED)
        place->told = (struct registration_age){.since = INT64_MIN};
    place->at = LIST_UNPLACED;
    const struct registration *r;
    TAILQ_FOREACH (r, &list->source->registry->unplaced, others_unplaced) {
        struct registration_age age = registration_age(r);
        if (registration_compare_age(age, place->told) <= 0)
            continue;
        if (list->work >= LIST_SLICE)
            return;
        print_registration(list, r);
        place->told = age;
    }
}

/* The listing to go on with, which may have no lines left; or NULL. */
static struct listing *next_listing(struct list *list)
{
    struct listings *listings = &list->source->registry->listings;
    struct list_place *place = &list->place;
    struct listing *begun =
        place->at == LIST_INSIDE ? listings_at(listings, place->zone, place->name) : NULL;
    if (begun || place->at == LIST_UNPLACED)
        return begun;
    place->at = LIST_BEHIND;
    return listings_next(listings, place->zone, place->name);
}

/* False if memory ran out. */
static bool print_slice(struct list *list)
{
    struct listing *listing;
    while (list->work < LIST_SLICE && (listing = next_listing(list))) {
        if (!judge(list, listing))
            return false;
        strcpy(list->place.zone, listing->zone->name);
        strcpy(list->place.name, listing->name);
        if (print_claims(list, listing))
            print_remnants(list, listing);
    }
    if (list->work < LIST_SLICE)
        print_unplaced(list);
    return true;
}

bool list_place_same(const struct list_place *a, const struct list_place *b)
{
    return a->at == b->at && a->withheld == b->withheld &&
           (a->at == LIST_BEHIND || registration_compare_age(a->told, b->told) == 0) &&
           strcmp(a->name, b->name) == 0 && strcmp(a->zone, b->zone) == 0;
}

char *list_slice(const struct list_source *source, struct list_place *place, size_t *length)
{
    struct list list = {.source = source, .place = *place};
    bool whole = print_slice(&list);
    char *text = text_take(&list.text);
    if (text && !whole) {
        free(text);
        text = NULL;
    }
    if (text) {
        *place = list.place;
        *length = list.text.length;
    }
    listing_addresses_fini(&list.found);
    free(list.verdicts);
    free(list.marked.counts);
    return text;
}
