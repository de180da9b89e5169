/* Whether somebody may register a name: one verdict, and one line that says why. Pure.
 *
 * First the zone's publishers are asked, then its rules for names. Where no rule is about the name,
 * it can be the zone's own: its apex, or the name of a name server of any zone here, which are for
 * root and for phonebookd's user. All other names are free: first come, first served. */
#ifndef ZONES_PERMIT_H
#define ZONES_PERMIT_H

#include "zone.h"

enum permit_verdict {
    PERMIT_FREE,
    PERMIT_RULE,         /* a rule is about it, and gives it */
    PERMIT_OWN,          /* the zone's own */
    PERMIT_NOT_ADMITTED, /* the zone's publishers are others */
    PERMIT_NOT_BY_RULE,
    PERMIT_NOT_OWN,
};

struct permit {
    enum permit_verdict verdict;
    const struct zone *zone;
    const struct name_rule *rule; /* about the name, or NULL */
    const struct zone *served;    /* the first zone that the name is a name server of, or NULL */
};

/* `zone` is zone_of(name). Nothing is allocated. */
struct permit permit_judge(const struct zone *zone, const char *name,
                           const struct zone_publisher *publisher);
bool permit_given(const struct permit *permit); /* or free */

/* Why it is not given, as a person should read it. */
enum { PERMIT_WHY_MAX = 640 };
void permit_why(char why[static PERMIT_WHY_MAX], const struct permit *permit, const char *name,
                const struct zone_publisher *publisher);

/* What the name is under, whoever asks: "FILE:LINE" of a rule, with "?" for the octets that no
 * value of a list has; "own"; or "" where it is free. */
enum { PERMIT_RULE_MAX = 512 };
void permit_rule(char text[static PERMIT_RULE_MAX], const struct zone *zone, const char *name);

#endif
