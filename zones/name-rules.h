/* A zone's rules for names: for whom which names are reserved (`names` in phonebook.zone(5)). Pure.
 *
 * A rule is about one name, or about all names below one. For a name that several rules are about,
 * the longest of them decides: the one about that very name, else the one about the nearest name
 * above it. */
#ifndef ZONES_NAME_RULES_H
#define ZONES_NAME_RULES_H

#include "name.h"
#include "people.h"

enum { NAME_RULES_MAX = 1024 }; /* in a zone */

struct name_rule {
    char *name;    /* owned; canonical; the full name after name_rules_complete() */
    bool below;    /* about all names below `name`, and not about that */
    bool absolute; /* written as a full name */
    unsigned line; /* of the zone file */
    struct people people;
};

struct name_rules {
    struct name_rule *rules; /* owned; in order after name_rules_complete() */
    size_t n;
    bool groups; /* any rule has groups; after name_rules_complete() */
};

/* Adds a rule for nobody about `text`, which is "www", "www.lan." (a full name), "*.www" (all names
 * below www), "@" (the apex) or "*" (all names below the apex). Returns it, valid until the next
 * call; or NULL, with *why a static text. */
struct name_rule *name_rules_add(struct name_rules *rules, const char *text, unsigned line,
                                 const char **why);

/* Drops rules[i]; those behind it move up. */
void name_rules_drop(struct name_rules *rules, size_t i);

/* When all rules are added and the zone's name is known: they get full names and an order. `wrong`
 * is told of each rule that is not in the zone, or about the same as one that stands before it. */
void name_rules_complete(struct name_rules *rules, const char *zone,
                         void (*wrong)(void *context, const struct name_rule *rule,
                                       const char *why),
                         void *context);
void name_rules_fini(struct name_rules *rules);

/* The rule that decides about a full name of the zone, or NULL. Allocates nothing. */
const struct name_rule *name_rules_find(const struct name_rules *rules, const char *name);

#endif
