#include "list.h"

#include "../../common/array.h"
#include "../../common/boot-clock.h"
#include "../../common/plain.h"
#include "../../publish-client/request.h"
#include "../../zones/address.h"
#include "../../zones/permit.h"
#include "../../zones/zone.h"
#include "../limits.h"
#include "../state/listing-addresses.h"
#include "../state/listings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    FILE *out;
    const struct list_source *source;
    char rule[PERMIT_RULE_MAX]; /* of the listing that is printed */
    struct listing_addresses found;
    enum zone_verdict *verdicts;
    size_t room; /* of verdicts */
    struct list_place place;
    int64_t epoch, now; /* boot_epoch(), boot_s() */
    size_t work;        /* lines and addresses so far, of LIST_SLICE */
};

static const char *state_word(enum served state)
{
    switch (state) {
    case SERVED_LIVE:
        return "live";
    case SERVED_PENDING:
        return "pending";
    default:
        return "waiting";
    }
}

/* All addresses that the name has, from all holders together, and what its zone says of each. */
static bool judge(struct list *list, struct listing *listing)
{
    if (!listing_addresses_find(&list->found, listing) ||
        !array_grow(&list->verdicts, &list->room, list->found.n, sizeof *list->verdicts))
        return false;
    permit_rule(list->rule, listing->zone, listing->name);
    zone_judge(listing->zone, listing->name, list->found.addresses, list->found.n, list->verdicts);
    return true;
}

/* Does the name live by one of these? */
static bool is_live(const struct list *list, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++)
        if (list->verdicts[i] == ZONE_SHOWN || list->verdicts[i] == ZONE_GATEWAY)
            return true;
    return false;
}

/* What is withheld of [first, first + n), and why. An interface can have thousands of addresses,
 * and as many lines as its user has names: once the list has had too many, of each line only a few
 * are told, and how many more there are. */
static void print_withheld(struct list *list, size_t first, size_t n, size_t left_out)
{
    char text[ADDRESS_TEXT_MAX];
    size_t printed = 0, more = 0, most = LIST_WITHHELD_FEW;
    const char *separator = "";

    if (list->place.withheld + most < LIST_WITHHELD_MAX)
        most = LIST_WITHHELD_MAX - list->place.withheld;

    fprintf(list->out, " withheld=");
    for (size_t i = first; i < first + n; i++) {
        if (list->verdicts[i] == ZONE_SHOWN)
            continue;
        if (printed == most) {
            more++;
            continue;
        }
        fprintf(list->out, "%s%s(%s)", separator, address_text(text, &list->found.addresses[i]),
                zone_verdict_text(list->verdicts[i]));
        separator = ",";
        printed++;
    }
    if (more > 0)
        fprintf(list->out, ",+%zu(more)", more);
    if (left_out > 0)
        fprintf(list->out, "%s+%zu(limit)", separator, left_out);
    list->place.withheld += printed;
}

/* The addresses of one claim, which are [first, first + n) of those found, the gateways that are
 * shown in the place of some, and how many were not looked at. */
static void print_addresses(struct list *list, const struct zone *zone, size_t first, size_t n,
                            size_t left_out)
{
    char text[ADDRESS_TEXT_MAX];
    const char *separator = "";
    size_t n_gateways;
    const struct address *gateways = zone_gateways(zone, &n_gateways);

    fprintf(list->out, " addresses=");
    if (!is_live(list, first, n))
        n_gateways = 0;
    for (size_t i = 0; i < n_gateways; i++) {
        fprintf(list->out, "%s%s", separator, address_text(text, &gateways[i]));
        separator = ",";
    }
    for (size_t i = first; i < first + n; i++) {
        if (list->verdicts[i] != ZONE_SHOWN)
            continue;
        fprintf(list->out, "%s%s", separator, address_text(text, &list->found.addresses[i]));
        separator = ",";
    }
    print_withheld(list, first, n, left_out);
    fprintf(list->out, " rule=%s\n", list->rule);
}

/* On the wall clock as it is set now. What is not past on the boot clock is a time of the wall
 * clock, from a former phonebookd (kept-text.h). */
static int64_t wall_time_of(const struct list *list, int64_t since)
{
    return since > list->now + CLOCK_STEP_S ? since : since + list->epoch;
}

/* The state and what comes before it. */
static void print_head(struct list *list, const char *name, const char *interface, uint64_t inode,
                       uint32_t uid, int32_t pid, int64_t since, const char *state)
{
    char plain[REQUEST_INTERFACE_MAX + 1];

    snprintf(plain, sizeof plain, "%s", interface);
    plain_utf8(plain, strlen(plain));
    fprintf(list->out,
            "name=%s interface=%s namespace=%" PRIu64 " uid=%" PRIu32 " pid=%" PRId32
            " since=%" PRId64 " state=%s",
            name, plain, inode, uid, pid, wall_time_of(list, since), state);
}

static void print_claim(struct list *list, const struct claim *claim)
{
    const struct registration *r = claim->registration;
    const struct listing *listing = claim->listing;

    print_head(list, listing->name, r->interface, r->holder->namespace->inode, r->holder->uid,
               r->holder->pid, r->since,
               state_word(list->source->served(list->source->owner, listing)));
    print_addresses(list, listing->zone, claim->first, claim->n, claim->left_out);
    list->work += 1 + claim->n;
}

static void print_remnant(struct list *list, const struct remnant *r, size_t first, size_t n)
{
    const struct former *former = r->former;

    print_head(list, r->name, former->interface, former->inode, former->uid, former->pid,
               former->since, "lingering");
    print_addresses(list, r->listing->zone, first, n, 0);
    list->work += 1 + n;
}

static void print_listing(struct list *list, const struct listing *listing)
{
    size_t first = list->found.n_claimed;

    for (const struct claim *claim = listing->claims; claim; claim = claim->next)
        print_claim(list, claim);
    for (const struct remnant *r = listing->remnants; r; r = r->next) {
        size_t left = list->found.n - first; /* none where the claims are shown */
        size_t n = r->n_addresses < left ? r->n_addresses : left;

        print_remnant(list, r, first, n);
        first += n;
    }
}

/* False where memory ran out. */
static bool print_slice(struct list *list)
{
    struct listing *listing;

    while (list->work < LIST_SLICE &&
           (listing = listings_next(&list->source->registry->listings, list->place.zone,
                                    list->place.name))) {
        if (!judge(list, listing))
            return false;
        print_listing(list, listing);
        strcpy(list->place.zone, listing->zone->name);
        strcpy(list->place.name, listing->name);
    }
    return true;
}

char *list_slice(const struct list_source *source, struct list_place *place, size_t *length)
{
    char *text = NULL;
    struct list list = {.source = source,
                        .out = open_memstream(&text, length),
                        .place = *place,
                        .epoch = boot_epoch(),
                        .now = boot_s()};
    bool whole;

    if (!list.out)
        return NULL;
    whole = print_slice(&list);
    if (fclose(list.out) != 0 || !whole) {
        free(text);
        text = NULL;
    } else {
        *place = list.place;
    }
    listing_addresses_fini(&list.found);
    free(list.verdicts);
    return text;
}
