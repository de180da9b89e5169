/* Which names of a zone are reserved for which users (`names` in phonebook.zone(5)). Pure.
 *
 * A rule applies to one name, or to all names below one. If several rules apply to a name, the
 * longest decides: the rule for this very name, otherwise the one for the nearest name above it. */
#ifndef ZONES_NAME_RULES_H
#define ZONES_NAME_RULES_H

#include "name.h"
#include "people.h"

enum { NAME_RULES_MAX = 1024 }; /* in a zone */

struct name_rule {
    char *name;    /* owned; canonical; a full name after name_rules_complete() */
    bool below;    /* the rule applies to all names below `name`, and not to `name` itself */
    bool absolute; /* it was written as a full name */
    unsigned line; /* line in the zone file */
    struct people people;
};

struct name_rules {
    struct name_rule *rules; /* owned; sorted after name_rules_complete() */
    size_t n;
    bool groups; /* some rule names a group; valid after name_rules_complete() */
};

/* Adds a rule that allows nobody yet. `text` is "www", "www.lan." (a full name), "*.www" (all names
 * below www), "@" (the apex) or "*" (all names below the apex). Returns the rule, valid until the
 * next call; or NULL, and *why is a static text. */
struct name_rule *name_rules_add(struct name_rules *rules, const char *text, unsigned line,
                                 const char **why);

/* Removes rules[i]. */
void name_rules_drop(struct name_rules *rules, size_t i);

/* To be called when all rules are added and the zone's name is known: makes the names full names
 * and sorts the rules. Calls `wrong` for each rule whose name is not in the zone, and for each that
 * has the same name as an earlier one. */
void name_rules_complete(struct name_rules *rules, const char *zone,
                         void (*wrong)(void *context, const struct name_rule *rule,
                                       const char *why),
                         void *context);
void name_rules_fini(struct name_rules *rules);

/* The rule that decides for this full name of the zone, or NULL. Allocates no memory. */
const struct name_rule *name_rules_find(const struct name_rules *rules, const char *name);

#endif
