/* The links of the claims on a listing, and how many addresses they have. Pure. */
#ifndef PHONEBOOKD_REGISTRY_LINKS_H
#define PHONEBOOKD_REGISTRY_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct claim;
struct listing;
struct registration;

/* The link that the registration is about, if it exists and is up; else NULL. */
const struct link *registration_link(const struct registration *registration);

/* The listing's count, and its budget's, with the claim's link and without. */
void listing_count_claim(struct claim *claim);
void listing_uncount_claim(struct claim *claim);

/* The links of the claims on a listing, for each claim whose link exists and is up. Those of one
 * link are side by side, in the order of namespaces' cookies and links' indices, which does not
 * depend on who came first. A list that is used again and again. */
struct sources {
    struct source {
        uint64_t cookie;
        const struct link *link;
        struct claim *claim;
    } * all; /* owned */
    size_t n, room;
};

/* The links of the listing's claims. Counts their addresses too, so that the listing's count and
 * its budget's are exact again. False, with nothing counted, where memory ran out. */
bool sources_find(struct sources *sources, struct listing *listing);
/* The end of the sources that are all[i]'s link. */
size_t sources_end(const struct sources *sources, size_t i);
void sources_fini(struct sources *sources);

#endif
