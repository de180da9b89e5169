#include "zonekeys.h"

#include "../../common/number.h"
#include "../../common/words.h"
#include "../address.h"
#include "../name-rules.h"
#include "../name.h"
#include "../reverse.h"
#include "complaints.h"
#include "publishers.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    DATABASE_NAME_MAX = 63,
    EXPANDED_MAX =
        4 * NAME_TEXT_MAX, /* longer than any name: the excess is a complaint, not a cut */
};

/* A key that is being read, and where its complaints go. */
struct key {
    struct zone_reading *reading;
    struct zone *zone;
    const char *file, *name;
    unsigned line;
    const unsigned *lines; /* of each word of the value */
    struct complaints *complaints;
    void *field; /* in `zone`, for keys that only set a member */
};

#define key_complain(key, ...)                                                                     \
    complain((key)->complaints, (key)->file, (key)->line, (key)->name, __VA_ARGS__)

/* The next word of a value. at->line becomes the line of this word. */
static char *next_word(struct key *at, char **value)
{
    char *word = words_next(value);
    if (word)
        at->line = *at->lines++;
    return word;
}

/* Copies `value`, with the host's name for each %h. */
static bool expand(const struct key *key, char expanded[static EXPANDED_MAX], const char *value)
{
    size_t length = 0;
    for (const char *from = value; *from; from++) {
        const char *piece = from;
        size_t piece_length = 1;
        if (*from == '%') {
            if (*++from != 'h') {
                key_complain(key, "%s: after \"%%\" only \"h\" has a meaning, the host's name",
                             value);
                return false;
            }
            piece = key->reading->hostname;
            piece_length = strlen(piece);
            key->reading->hosted = true;
        }
        if (length + piece_length >= EXPANDED_MAX) {
            key_complain(key, "%s: %s", value, name_outcome_text(NAME_TOO_LONG));
            return false;
        }
        memcpy(expanded + length, piece, piece_length);
        length += piece_length;
    }
    expanded[length] = '\0';
    return true;
}

static bool read_name(const struct key *key, char name[static NAME_TEXT_MAX + 1], const char *value)
{
    name[0] = '\0';
    char expanded[EXPANDED_MAX];
    if (!expand(key, expanded, value))
        return false;
    enum name_outcome outcome = name_canonical(name, expanded, strlen(expanded));
    if (outcome == NAME_OK && name_is_wildcard(name))
        outcome = NAME_BAD_OCTET;
    if (outcome == NAME_OK)
        return true;
    name[0] = '\0';
    if (strcmp(expanded, value) == 0)
        key_complain(key, "%s: %s", value, name_outcome_text(outcome));
    else
        key_complain(key, "%s, which is %s: %s", value, expanded, name_outcome_text(outcome));
    return false;
}

/* A zone ends between labels, which are octets or nibbles. A prefix that ends inside a label
 * consists of one zone for each value of the label; this one is reading->part. */
static void take_part(struct zone_reading *reading, struct address_prefix *prefix)
{
    unsigned step = reverse_label_bits(&prefix->address), missing = step - prefix->bits % step;
    unsigned shift = 8 - step - prefix->bits / step * step % 8;
    reading->n_parts = 1U << missing;
    prefix->address.octets[prefix->bits / 8] |= (uint8_t)(reading->part << shift);
    prefix->bits += missing;
}

static void read_prefix(const struct key *key, const char *value)
{
    struct address_prefix *prefix = &key->zone->prefix;
    const char *wrong = address_prefix_parse(prefix, value);
    if (wrong) {
        key_complain(key, "%s: %s", value, wrong);
        return;
    }
    if (!address_prefix_cut(prefix, prefix->bits)) {
        char text[ADDRESS_TEXT_MAX];
        key_complain(key, "%s: has bits set beyond its length, unlike %s/%u", value,
                     address_text(text, &prefix->address), prefix->bits);
        return;
    }
    if (prefix->bits % reverse_label_bits(&prefix->address) != 0 && !reverse_is_classless(prefix))
        take_part(key->reading, prefix);
    key->zone->reverse = true;
    reverse_name(key->zone->name, &prefix->address, prefix->bits);
}

static void key_name(const struct key *key, char *value)
{
    struct zone *zone = key->zone;
    key->reading->name_line = key->line;
    if (reverse_classless_name(zone->name, value)) {
        zone->reverse = reverse_parse(&zone->prefix, zone->name);
        return;
    }
    zone->name[0] = '\0';
    if (strchr(value, '/')) {
        read_prefix(key, value);
        return;
    }
    struct address address;
    if (address_parse(&address, value)) {
        key_complain(key, "%s: the prefix of a reverse zone has a length, such as %s/%u", value,
                     value, (unsigned)address_length(&address) * 8);
        return;
    }
    if (strstr(value, "%h"))
        zone->host_line = key->line;
    if (!read_name(key, zone->name, value))
        return;
    if (reverse_is_name(zone->name)) {
        zone->reverse = reverse_parse(&zone->prefix, zone->name);
        if (!zone->reverse)
            key_complain(key,
                         "%s: is in the reverse tree, but not the name of a prefix, such as "
                         "2.0.192.in-addr.arpa, 32/27.2.0.192.in-addr.arpa or "
                         "32-63.2.0.192.in-addr.arpa",
                         value);
        return;
    }
    char below[NAME_TEXT_MAX + 1];
    if (name_join(below, "hostmaster", key->zone->name) != NAME_OK)
        key_complain(key, "%s: there is no room for a name below it", value);
}

static void key_database(const struct key *key, char *value)
{
    static const char octets[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = strlen(value);
    if (strspn(value, octets) != length || *value == '.' || length > DATABASE_NAME_MAX) {
        key_complain(key,
                     "%s: is not a database's name: up to %d letters, digits, \"-\", \"_\", \".\"",
                     value, DATABASE_NAME_MAX);
        return;
    }
    key->zone->database_line = key->line;
    char *name = strdup(value);
    if (!name) {
        key_complain(key, "%s", strerror(ENOMEM));
        return;
    }
    free(key->zone->database);
    key->zone->database = name;
}

/* `word` is the word after "like", or NULL. */
static void read_like(const struct key *key, const char *word)
{
    struct zone *zone = key->zone;
    if (zone->like_line) {
        key_complain(key, "like: is given twice");
        return;
    }
    zone->like_line = key->line;
    if (!word)
        key_complain(key, "like: takes a name: like NAME");
    else if (strcmp(word, "@") == 0)
        strcpy(zone->like, word);
    else if (read_name(key, zone->like, word))
        zone->like_is_absolute = word[strlen(word) - 1] == '.';
}

static void key_addresses(const struct key *key, char *value)
{
    struct key at = *key;
    struct zone *zone = key->zone;
    zone->n_rules = 0;
    for (char *word; (word = next_word(&at, &value));) {
        if (strcmp(word, "like") == 0) {
            word = next_word(&at, &value);
            read_like(&at, word);
            continue;
        }
        if (zone->n_rules == ZONE_RULES_MAX) {
            key_complain(&at, "has more than %d rules", ZONE_RULES_MAX);
            return;
        }
        const char *wrong = address_rule_parse(&zone->rules[zone->n_rules], word);
        if (wrong)
            key_complain(&at, "%s: %s", word, wrong);
        else
            zone->n_rules++;
    }
    if (zone->n_rules == 0)
        zone_default_rules(zone);
}

static void key_families(const struct key *key, char *value)
{
    struct key at = *key;
    key->zone->families = 0;
    for (char *word; (word = next_word(&at, &value));) {
        if (strcmp(word, "ipv4") == 0)
            key->zone->families |= ZONE_IPV4;
        else if (strcmp(word, "ipv6") == 0)
            key->zone->families |= ZONE_IPV6;
        else
            key_complain(&at, "%s: is neither ipv4 nor ipv6", word);
    }
}

static void key_gateway(const struct key *key, char *value)
{
    struct key at = *key;
    struct zone *zone = key->zone;
    for (char *word; (word = next_word(&at, &value));) {
        struct address *gateway = &zone->gateways[zone->n_gateways];
        if (zone->n_gateways == ZONE_GATEWAYS_MAX) {
            key_complain(&at, "has more than %d addresses", ZONE_GATEWAYS_MAX);
            return;
        }
        if (!address_parse(gateway, word))
            key_complain(&at, "%s: is not an address", word);
        else if (address_class(gateway) == ADDRESS_NEVER)
            key_complain(&at, "%s: is not an address that anyone could connect to", word);
        else
            zone->n_gateways++;
    }
}

/* An unknown user or group may become known without a change of the file. */
static void add_publisher(const struct key *key, struct people *people, const char *word)
{
    const char *why;
    switch (publishers_add(people, key->reading->findings, word, &why)) {
    case PUBLISHERS_OK:
        break;
    case PUBLISHERS_UNKNOWN:
    case PUBLISHERS_UNANSWERED:
        complain_of_unknown(key->complaints, key->file, key->line, key->name, "%s: %s", word, why);
        break;
    case PUBLISHERS_WRONG:
        key_complain(key, "%s: %s", word, why);
        break;
    }
}

static void key_publishers(const struct key *key, char *value)
{
    struct key at = *key;
    key->zone->restricted = true;
    for (char *word; (word = next_word(&at, &value));)
        add_publisher(&at, &key->zone->publishers, word);
}

static void add_name_rule(const struct key *key, char *word)
{
    char *people = strchr(word, ':');
    if (!people || !people[1]) {
        key_complain(key, "%s: is not NAME:WHO[,WHO...]", word);
        return;
    }
    *people++ = '\0';
    char expanded[EXPANDED_MAX];
    if (!expand(key, expanded, word))
        return;
    const char *why;
    struct name_rule *rule = name_rules_add(&key->zone->names, expanded, key->line, &why);
    if (!rule)
        key_complain(key, "%s: %s", word, why);
    char *next;
    for (; rule && people; people = next) {
        next = strchr(people, ',');
        if (next)
            *next++ = '\0';
        add_publisher(key, &rule->people, people);
    }
}

static void key_names(const struct key *key, char *value)
{
    struct key at = *key;
    for (char *word; (word = next_word(&at, &value));)
        add_name_rule(&at, word);
}

static void key_subtrees(const struct key *key, char *value)
{
    key->zone->subtrees_open = strcmp(value, "open") == 0;
    if (!key->zone->subtrees_open && strcmp(value, "closed") != 0)
        key_complain(key, "%s: is neither closed nor open", value);
}

static void key_pointers(const struct key *key, char *value)
{
    static const char *const words[] = {[ZONE_POINTERS_ALL] = "all",
                                        [ZONE_POINTERS_FIRST] = "first",
                                        [ZONE_POINTERS_NONE] = "none"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(value, words[i]) == 0) {
            key->zone->pointers = (enum zone_pointers)i;
            return;
        }
    key_complain(key, "%s: is neither all, first nor none", value);
}

static void key_boolean(const struct key *key, char *value)
{
    const char *wrong = boolean_parse(value, key->field);
    if (wrong)
        key_complain(key, "%s: %s", value, wrong);
}

static bool read_seconds(const struct key *key, const char *value)
{
    long long number;
    const char *wrong = number_parse(value, 0, ZONE_TTL_LIMIT, &number);
    if (wrong)
        key_complain(key, "%s: %s: seconds, from 0 to %d", value, wrong, ZONE_TTL_LIMIT);
    else
        *(uint32_t *)key->field = (uint32_t)number;
    return !wrong;
}

static void key_seconds(const struct key *key, char *value)
{
    read_seconds(key, value);
}

static void key_ttl(const struct key *key, char *value)
{
    if (read_seconds(key, value))
        key->reading->ttl_line = key->line;
}

static void key_ttl_min(const struct key *key, char *value)
{
    if (read_seconds(key, value))
        key->reading->ttl_min_line = key->line;
}

static void key_ttl_max(const struct key *key, char *value)
{
    if (read_seconds(key, value))
        key->reading->ttl_max_line = key->line;
}

static void key_labels_max(const struct key *key, char *value)
{
    long long number;
    const char *wrong = number_parse(value, 1, NAME_LABELS_MAX, &number);
    if (wrong)
        key_complain(key, "%s: %s: labels below the zone, from 1 to %d", value, wrong,
                     NAME_LABELS_MAX);
    else
        key->zone->labels_max = (unsigned)number;
}

static void key_on_change(const struct key *key, char *value)
{
    key->zone->on_change = words_of(value);
    if (!key->zone->on_change)
        key_complain(key, "%s", strerror(ENOMEM));
    else if (value[0] != '/')
        key_complain(key, "%s: is not an absolute path", key->zone->on_change[0]);
}

static void key_nameservers(const struct key *key, char *value)
{
    struct key at = *key;
    struct zone *zone = key->zone;
    for (char *word; (word = next_word(&at, &value));) {
        if (zone->n_nameservers == ZONE_NAMESERVERS_MAX) {
            key_complain(&at, "has more than %d names", ZONE_NAMESERVERS_MAX);
            return;
        }
        char *server = zone->nameservers[zone->n_nameservers];
        if (!read_name(&at, server, word))
            continue;
        zone->n_nameservers++;
        for (size_t i = 0; i + 1 < zone->n_nameservers; i++) {
            if (strcmp(zone->nameservers[i], server) == 0) {
                key_complain(&at, "%s: is given twice", word);
                zone->n_nameservers--;
                break;
            }
        }
    }
}

/* A mailbox as a name, also in the form "user@host". A dot in the user part would need an escape in
 * the SOA (RFC 1035, 8), which our names cannot have. */
static void key_contact(const struct key *key, char *value)
{
    char *at = strchr(value, '@');
    if (at && memchr(value, '.', (size_t)(at - value))) {
        key_complain(key, "%s: there can be no dot before the \"@\"", value);
        return;
    }
    if (at)
        *at = '.';
    read_name(key, key->zone->contact, value);
}

static const struct {
    const char *name;
    void (*read)(const struct key *key, char *value); /* may write to `value` */
    size_t field;                                     /* in struct zone, of key->field */
} keys[] = {
    {"name", key_name, 0},
    {"database", key_database, 0},
    {"addresses", key_addresses, 0},
    {"families", key_families, 0},
    {"gateway", key_gateway, 0},
    {"temporary", key_boolean, offsetof(struct zone, temporary)},
    {"wildcards", key_boolean, offsetof(struct zone, wildcards)},
    {"relative", key_boolean, offsetof(struct zone, relative)},
    {"labels-max", key_labels_max, 0},
    {"publishers", key_publishers, 0},
    {"names", key_names, 0},
    {"subtrees", key_subtrees, 0},
    {"pointers", key_pointers, 0},
    {"ttl", key_ttl, offsetof(struct zone, ttl)},
    {"ttl-min", key_ttl_min, offsetof(struct zone, ttl_min)},
    {"ttl-max", key_ttl_max, offsetof(struct zone, ttl_max)},
    {"linger-max", key_seconds, offsetof(struct zone, linger_max)},
    {"on-change", key_on_change, 0},
    {"negative-ttl", key_seconds, offsetof(struct zone, negative_ttl)},
    {"nameservers", key_nameservers, 0},
    {"contact", key_contact, 0},
};

static void read_value(const struct key *key, void (*read)(const struct key *key, char *value),
                       const char *value)
{
    if (!*value) {
        key_complain(key, "has no value");
        return;
    }
    char *copy = strdup(value);
    if (!copy) {
        key_complain(key, "%s", strerror(ENOMEM));
        return;
    }
    read(key, copy);
    free(copy);
}

void zonekeys_entry(void *context, const struct inifile_place *place, const char *section,
                    const char *name, const char *value, struct complaints *complaints)
{
    struct zone_reading *reading = context;
    struct key key = {reading,     reading->zone, place->file, name,
                      place->line, place->lines,  complaints,  NULL};
    reading->any_line = place->line;
    if (!*section) {
        key_complain(&key, "comes before the line [zone]");
        return;
    }
    if (!name && strcmp(section, "zone") != 0)
        key_complain(&key, "a zone file has the section [zone] alone, not [%s]", section);
    if (!name || strcmp(section, "zone") != 0)
        return;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(name, keys[i].name) == 0) {
            key.field = (char *)key.zone + keys[i].field;
            read_value(&key, keys[i].read, value);
            return;
        }
    }
    key_complain(&key, "is not a key of a zone");
}

static void check_times(const struct zone_reading *reading, const char *path,
                        struct complaints *complaints)
{
    struct zone *zone = reading->zone;
    /* The default of ttl-max does not limit a ttl that is given. */
    if (!reading->ttl_max_line && zone->ttl > zone->ttl_max)
        zone->ttl_max = zone->ttl;
    if (zone->ttl_min > zone->ttl_max) {
        complain(complaints, path, reading->ttl_min_line, "ttl-min",
                 "%u is larger than ttl-max, %u", zone->ttl_min, zone->ttl_max);
        return;
    }
    if (!reading->ttl_line)
        return;
    if (zone->ttl > zone->ttl_max)
        complain(complaints, path, reading->ttl_line, "ttl", "%u is larger than ttl-max, %u",
                 zone->ttl, zone->ttl_max);
    if (zone->ttl < zone->ttl_min)
        complain(complaints, path, reading->ttl_line, "ttl", "%u is smaller than ttl-min, %u",
                 zone->ttl, zone->ttl_min);
}

struct rules_check {
    const char *path;
    struct complaints *complaints;
};

static void complain_of_rule(void *context, const struct name_rule *rule, const char *why)
{
    const struct rules_check *check = context;
    complain(check->complaints, check->path, rule->line, "names", "%s%s: %s",
             rule->below ? "*." : "", rule->name, why);
}

/* A zone named after the host can have rules with full names. If the host has another name now,
 * these rules have no effect, which is no mistake. */
static void drop_rules_elsewhere(struct zone *zone, const char *path, struct complaints *complaints)
{
    for (size_t i = 0; zone->host_line && i < zone->names.n;) {
        const struct name_rule *rule = &zone->names.rules[i];
        if (!rule->absolute || name_within(rule->name, zone->name)) {
            i++;
            continue;
        }
        warn_about(complaints, path, rule->line, "names", "%s%s: has no effect: is not in zone %s",
                   rule->below ? "*." : "", rule->name, zone->name);
        name_rules_drop(&zone->names, i);
    }
}

void zonekeys_check(struct zone_reading *reading, const char *path, struct complaints *complaints)
{
    struct rules_check rules_check = {path, complaints};
    if (!reading->name_line)
        complain(complaints, path, 0, "name", "is missing: which zone is this?");
    if (reading->zone->name[0])
        drop_rules_elsewhere(reading->zone, path, complaints);
    if (reading->zone->name[0])
        name_rules_complete(&reading->zone->names, reading->zone->name, complain_of_rule,
                            &rules_check);
    check_times(reading, path, complaints);
}
