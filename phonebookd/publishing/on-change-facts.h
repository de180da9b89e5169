/* The facts about its zone for an on-change program, as texts for its environment. Pure.
 *
 *     PHONEBOOK_ZONE         the zone's name
 *     PHONEBOOK_SERIAL       of its SOA in this build
 *     PHONEBOOK_DIRECTORY    where data and data.cdb are
 *     PHONEBOOK_NAMESERVERS  NAME=ADDRESS for each address of the zone's name servers that the zone
 *                            shows, separated by blanks; a server without any is NAME alone
 *     PHONEBOOK_PREFIXES     the /64 networks of all IPv6 addresses that the zone shows, separated
 *                            by blanks */
#ifndef PHONEBOOKD_ON_CHANGE_FACTS_H
#define PHONEBOOKD_ON_CHANGE_FACTS_H

#include "kept.h"

#include <stdint.h>

enum { ON_CHANGE_FACTS = 5 };

/* Sets each fact to a text "NAME=VALUE" that the caller frees, or to NULL if memory ran out. */
void on_change_facts(char *facts[static ON_CHANGE_FACTS], const struct kept *kept,
                     const struct kept_zone *zone, const char *directory, uint32_t serial);

#endif
