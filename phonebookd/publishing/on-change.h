/* A zone's on-change program: run after a build that changed the zone.
 *
 * Its environment has what a parent zone, a secondary or a packet filter may need:
 *
 *     PHONEBOOK_ZONE         the zone's name
 *     PHONEBOOK_SERIAL       of its SOA in this build
 *     PHONEBOOK_DIRECTORY    where data and data.cdb are
 *     PHONEBOOK_NAMESERVERS  NAME=ADDRESS for each address of the zone's name servers that the zone
 *                            shows, separated by blanks; a server without any is NAME alone
 *     PHONEBOOK_PREFIXES     the /64 networks of all IPv6 addresses that the zone shows, separated
 *                            by blanks
 *
 * When the zone changes while the program runs, the program runs once more afterwards.
 * Failure modes: those of program.h; each is logged, and the program runs again with the latest
 * facts. */
#ifndef PHONEBOOKD_ON_CHANGE_H
#define PHONEBOOKD_ON_CHANGE_H

#include "../../zones/zone.h"
#include "kept.h"

struct launcher;
struct on_change;

/* `launcher` outlives it, `zone` too, or until on_change_set_zone(). 0 or -errno. */
int on_change_new(struct on_change **on_change, struct launcher *launcher, const struct zone *zone);
/* The same zone, read again. */
void on_change_set_zone(struct on_change *on_change, const struct zone *zone);
const struct zone *on_change_zone(const struct on_change *on_change);
void on_change_close(struct on_change *on_change);

/* See program_retry(). */
void on_change_retry(struct on_change *on_change);

/* The zone's records are those that are kept, and in the files of this directory, now. */
void on_change_run(struct on_change *on_change, const struct kept *kept,
                   const struct kept_zone *zone, const char *directory, uint32_t serial);
/* Was it run for the records that the zone has? */
bool on_change_has_run(const struct on_change *on_change, const struct kept_zone *zone);

#endif
