/* Decides whether a user may register a name, and explains it in one line. Pure.
 *
 * The zone's publishers apply first, then its rules for names. If no rule applies to the name, it
 * may be one of the zone's own names, which are for root and phonebookd's user: its apex, and the
 * names of name servers of all zones. All other names are free: first come, first served. */
#ifndef ZONES_PERMIT_H
#define ZONES_PERMIT_H

#include "zone.h"

enum permit_verdict {
    PERMIT_FREE,
    PERMIT_RULE,         /* a rule applies to the name, and allows it */
    PERMIT_OWN,          /* one of the zone's own names */
    PERMIT_NOT_ADMITTED, /* the zone's publishers do not include the user */
    PERMIT_NOT_BY_RULE,
    PERMIT_NOT_OWN,
};

struct permit {
    enum permit_verdict verdict;
    const struct zone *zone;
    const struct name_rule *rule; /* the rule that applies to the name, or NULL */
    const struct zone *served;    /* the first zone that has the name as a name server, or NULL */
};

/* `zone` must be zone_of(name). Allocates no memory. */
struct permit permit_judge(const struct zone *zone, const char *name,
                           const struct zone_publisher *publisher);
bool permit_given(const struct permit *permit); /* allowed, or free */

/* Writes why the name is refused. */
enum { PERMIT_WHY_MAX = 640 };
void permit_why(char why[static PERMIT_WHY_MAX], const struct permit *permit, const char *name,
                const struct zone_publisher *publisher);

/* The restriction of the name, for all users: "FILE:LINE" of a rule, with "?" for octets that a
 * value of the list cannot have; "own"; or "" if it is free. */
enum { PERMIT_RULE_MAX = 512 };
void permit_rule(char text[static PERMIT_RULE_MAX], const struct zone *zone, const char *name);

#endif
