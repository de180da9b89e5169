/* Who may register in a zone: users and groups of this system, by name or number. */
#ifndef ZONES_PUBLISHERS_H
#define ZONES_PUBLISHERS_H

#include "zone.h"

/* One word of the key `publishers`: a user, or "@" and a group. Returns NULL, or what is wrong (a
 * static text). */
const char *publishers_add(struct zone *zone, const char *word);

#endif
