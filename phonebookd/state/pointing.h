/* Which addresses of a name may point back to it (`ptr` in phonebook-protocol(7)), and the age of
 * each: that of the oldest registration that shows it. Pure. */
#ifndef PHONEBOOKD_POINTING_H
#define PHONEBOOKD_POINTING_H

#include "../../zones/address.h"
#include "registry.h"

#include <stdbool.h>
#include <stddef.h>

struct listing;
struct listing_addresses;
struct zone;

struct pointing {
    struct pointing_address {
        struct address address;
        struct registration_age age;
    } * all; /* owned; sorted by address, each once */
    size_t n, room;
    const struct zone *zone;
    bool any; /* some registration lets addresses point back, */
    /* and this is the age of the oldest, which is also that of the zone's gateways */
    struct registration_age oldest;
};
void pointing_fini(struct pointing *pointing);

/* Replaces the list by that of the listing. *found must be the unchanged result of the last search
 * for this listing. False if memory ran out. */
bool pointing_find(struct pointing *pointing, const struct listing *listing,
                   const struct listing_addresses *found);
/* The age of an address that the listing shows; NULL if it does not point back. */
const struct registration_age *pointing_age(const struct pointing *pointing,
                                            const struct address *address);

#endif
