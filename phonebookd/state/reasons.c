#include "reasons.h"

#include "../../zones/zone.h"
#include "interfaces.h"
#include "listings.h"

#include <string.h>

const struct link *claim_link(const struct claim *claim)
{
    const struct registration *registration = claim->registration;
    return namespace_link(registration->holder->namespace, registration->interface);
}

const char *claim_reason(const struct claim *claim)
{
    const struct link *link = claim_link(claim);
    if (!claim->registration->holder->namespace->known)
        return "";
    if (!link)
        return "no-interface";
    if (!link->up)
        return "down";
    if (link->n_addresses == 0)
        return "no-address";
    if (registration_part(claim->registration, link).n == 0)
        return zone_verdict_text(ZONE_FAMILY);
    if (claim->n == 0 && claim->left_out > 0)
        return "limit";
    if (claim->foremost == ZONE_SHOWN || !claim_is_settled(claim))
        return "";
    return zone_verdict_text(claim->foremost);
}

const char *registration_reason(const struct registration *registration)
{
    if (registration->holder->aside)
        return "aside";
    return registration->holder->namespace ? "no-zone" : "no-namespace";
}

bool claim_awaits_address(const struct claim *claim)
{
    return claim->awaits && claim_is_settled(claim);
}

bool claim_is_settled(const struct claim *claim)
{
    const struct interface *interface = claim->registration->visitor.interface;
    const struct like *like = claim->listing->like;
    return claim->listing->queue == LISTING_SETTLED && !(interface && interface->stale) &&
           !(like && (like->stale || like->spreading));
}

int registration_meant_interface(const struct registration *registration)
{
    const struct namespace *namespace = registration->holder->namespace;
    const char *at = strchr(registration->interface, '@');
    char meant[16]; /* IFNAMSIZ: such a name cannot be an alternative name */
    if (!namespace || !at || at - registration->interface >= (long)sizeof meant)
        return 0;
    memcpy(meant, registration->interface, (size_t)(at - registration->interface));
    meant[at - registration->interface] = '\0';
    return namespace_link(namespace, meant) ? (int)(at - registration->interface) : 0;
}
