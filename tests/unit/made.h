/* Zones and namespaces made by hand, as zone files and the kernel would make them. A header of its
 * own code, for tests of all kinds. */
#ifndef TESTS_UNIT_MADE_H
#define TESTS_UNIT_MADE_H

#include "../../phonebookd/state/interfaces.h"
#include "../../zones/zone.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* With all defaults; the caller calls zone_fini(). */
static inline struct zone made_zone(const char *name, const char *database)
{
    struct zone zone;
    zone_init(&zone);
    strcpy(zone.name, name);
    zone.database = strdup(database);
    zone_complete(&zone);
    return zone;
}

/* As reading a directory of zone files does at its end; again after a server has another name. */
static inline void made_servers(const struct zone *const *zones, size_t n_zones)
{
    if (!zones_note_servers((struct zone *const *)zones, n_zones))
        fail_msg("out of memory");
}

/* "10.0.0.1", "10.0.0.1=deprecated" (or tentative, temporary), "2001:db8::1/56", or both. */
static inline struct address made_address(char *word)
{
    char *state = strchr(word, '=');
    char *bits = strchr(word, '/');
    if (state)
        *state++ = '\0';
    if (bits)
        *bits++ = '\0';
    struct address address;
    if (!address_parse(&address, word))
        fail_msg("%s is no address", word);
    address.bits = (uint8_t)(bits ? atoi(bits) : 0);
    address.state = !state                             ? 0
                    : strcmp(state, "deprecated") == 0 ? ADDRESS_DEPRECATED
                    : strcmp(state, "temporary") == 0  ? ADDRESS_TEMPORARY
                    : strcmp(state, "duplicate") == 0  ? ADDRESS_DUPLICATE
                                                       : ADDRESS_TENTATIVE;
    return address;
}

/* Replaces what the namespace has by links such as "eth0 10.0.0.1 fd00::1=deprecated,
 * -eth1 10.0.0.2": names and addresses; "-" for a link that is down. */
static inline void made_links(struct namespace *namespace, const char *text)
{
    char *copy = strdup(text);
    struct snapshot snapshot;
    snapshot_init(&snapshot);
    int index = 0;
    char *rest_of_links;
    for (char *link = strtok_r(copy, ",", &rest_of_links); link;
         link = strtok_r(NULL, ",", &rest_of_links)) {
        char *rest_of_words;
        char *name = strtok_r(link, " ", &rest_of_words);
        snapshot_add_link(&snapshot, ++index, name[0] != '-', name + (name[0] == '-'));
        char *word;
        while ((word = strtok_r(NULL, " ", &rest_of_words))) {
            struct address address = made_address(word);
            snapshot_add_address(&snapshot, index, &address);
        }
    }
    snapshot_finish(&snapshot);
    interfaces_replace(namespace, &snapshot);
    snapshot_fini(&snapshot);
    free(copy);
}

#endif
