#include "static-image.h"

#include "../common/array.h"
#include "cdb.h"
#include "name.h"
#include "record.h"
#include "tinydns-advice.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_MIN = 16,
    TYPE_CNAME = 5,
    TYPE_DNAME = 39,
    CLASHING = STATIC_CNAME | STATIC_DNAME | STATIC_NS | STATIC_NS_OF_SOME,
};

/* An owner, exact and wildcard, since their keys are the same. */
struct static_owner {
    uint32_t at;             /* the index of one of its entries, plus one; 0: a free slot */
    uint32_t line;           /* of a CLASHING record, if there is one */
    uint8_t exact, wildcard; /* sets of static_records */
};

/* For each line, the number of entries up to its end. */
struct line_ends {
    size_t *at; /* owned */
    size_t n, room;
};

/* ---- owners ---- */

/* The cdb hash alone would put similar keys into neighbouring slots. */
static size_t mix(uint32_t hash)
{
    return (size_t)((hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

/* The slot of the key, or the free slot where it belongs. */
static struct static_owner *slot_of(const struct static_image *image, uint32_t hash,
                                    const uint8_t *key, size_t length)
{
    for (size_t i = mix(hash);; i++) {
        struct static_owner *slot = &image->owners[i & (image->n_slots - 1)];
        if (slot->at == 0)
            return slot;
        struct cdb_entry entry = cdb_entry_at(&image->entries, slot->at - 1);
        if (entry.key_length == length && memcmp(entry.key, key, length) == 0)
            return slot;
    }
}

/* A record with a location or a time stamp is for some clients or times only. */
static bool for_everybody(const struct cdb_entry *entry)
{
    static const uint8_t no_stamp[8];
    return (entry->value[2] == CDB_EXACT || entry->value[2] == CDB_WILDCARD) &&
           memcmp(entry->value + CDB_ENTRY_HEAD - sizeof no_stamp, no_stamp, sizeof no_stamp) == 0;
}

static unsigned kind_of(const struct cdb_entry *entry)
{
    switch (entry->value[0] << 8 | entry->value[1]) {
    case RECORD_SOA:
        return for_everybody(entry) ? STATIC_SOA : STATIC_OTHER;
    case RECORD_NS:
        return for_everybody(entry) ? STATIC_NS : STATIC_NS_OF_SOME;
    case TYPE_CNAME:
        return STATIC_CNAME;
    case TYPE_DNAME:
        return STATIC_DNAME;
    case RECORD_A:
    case RECORD_AAAA:
        return STATIC_ADDRESS;
    default:
        return STATIC_OTHER;
    }
}

static void note_owner(struct static_image *image, const struct cdb_place *place, uint32_t line)
{
    struct cdb_entry entry = cdb_entry_at(&image->entries, place->at);
    if (entry.value_length < CDB_ENTRY_HEAD) /* a location */
        return;
    struct static_owner *slot = slot_of(image, place->hash, entry.key, entry.key_length);
    slot->at = place->at + 1;
    unsigned kind = kind_of(&entry);
    if (kind & CLASHING) {
        slot->line = line;
        image->clashes = true;
    }
    if (entry.value[2] == CDB_WILDCARD || entry.value[2] == CDB_WILDCARD_IN_LOCATION)
        slot->wildcard |= (uint8_t)kind;
    else
        slot->exact |= (uint8_t)kind;
}

static bool note_owners(struct static_image *image, const struct line_ends *ends)
{
    image->n_slots = SLOTS_MIN;
    while (image->n_slots < image->entries.n * 2)
        image->n_slots *= 2;
    image->owners = calloc(image->n_slots, sizeof *image->owners);
    if (!image->owners)
        return false;
    size_t line = 0;
    for (size_t i = 0; ends->at && i < image->entries.n; i++) { /* each entry is of a line */
        while (ends->at[line] <= i)
            line++;
        note_owner(image, &image->entries.places[i], (uint32_t)line + 1);
    }
    return true;
}

static const struct static_owner *find(const struct static_image *image, const char *name,
                                       unsigned *has)
{
    bool wildcard = name_is_wildcard(name);
    uint8_t key[NAME_WIRE_MAX];
    size_t length = name_to_wire(key, name + (wildcard ? 2 : 0));
    const struct static_owner *slot = slot_of(image, cdb_hash_of(key, length), key, length);
    *has = wildcard ? slot->wildcard : slot->exact;
    return slot;
}

unsigned static_image_has(const struct static_image *image, const char *name)
{
    unsigned has;
    find(image, name, &has);
    return has;
}

/* The records of `owner`, the name or one above it, that clash with the name; NULL: none. */
static const char *clash_of(unsigned has, const char *owner, const char *name, const char *apex)
{
    if (owner == name && has & STATIC_CNAME)
        return "a CNAME";
    if (owner != name && has & STATIC_DNAME)
        return "a DNAME";
    if (strlen(owner) > strlen(apex) && has & (STATIC_NS | STATIC_NS_OF_SOME) &&
        !(has & STATIC_SOA))
        return "a delegation";
    return NULL;
}

bool static_image_clash(const struct static_image *image, const char *name, const char *apex,
                        struct static_clash *clash)
{
    if (!image->clashes)
        return false;
    for (const char *owner = name; owner && strlen(owner) >= strlen(apex);
         owner = name_above(owner)) {
        unsigned has;
        const struct static_owner *slot = find(image, owner, &has);
        const char *what = clash_of(has, owner, name, apex);
        if (!what)
            continue;
        clash->what = what;
        clash->line = slot->line;
        strcpy(clash->owner, owner);
        return true;
    }
    return false;
}

/* ---- names above ---- */

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* False for a name with octets that our names cannot have: it cannot get a placeholder. */
static bool is_canonical(const uint8_t *wire, char name[static NAME_TEXT_MAX + 1])
{
    size_t length = 0;
    for (const uint8_t *label = wire; *label; label += *label + 1) {
        length += *label + 1U;
        if (memchr(label + 1, '.', *label) || memchr(label + 1, '\0', *label))
            return false;
    }
    if (length == 0 || length > NAME_TEXT_MAX + 1)
        return false;
    name_from_wire(name, wire);
    char again[NAME_TEXT_MAX + 1];
    return name_canonical(again, name, strlen(name)) == NAME_OK && !name_is_wildcard(name);
}

/* Adds a name and those above it, up to one that was added before. False if memory ran out. */
static bool add_above(struct static_image *image, const uint8_t *wire)
{
    for (; *wire; wire += *wire + 1) {
        char name[NAME_TEXT_MAX + 1];
        if (!is_canonical(wire, name))
            continue;
        if (tfind(name, &image->above, compare))
            return true;
        char *copy = strdup(name);
        if (!copy || !tsearch(copy, &image->above, compare)) {
            free(copy);
            return false;
        }
    }
    return true;
}

/* The key of a wildcard lacks its "*", so the key itself is a name above the wildcard. */
static bool note_above(struct static_image *image)
{
    for (size_t i = 0; i < image->n_slots; i++) {
        const struct static_owner *owner = &image->owners[i];
        if (owner->at == 0)
            continue;
        const uint8_t *key = cdb_entry_at(&image->entries, owner->at - 1).key;
        if ((owner->wildcard && !add_above(image, key)) ||
            (owner->exact && *key && !add_above(image, key + *key + 1)))
            return false;
    }
    return true;
}

struct visit {
    void (*visit)(const char *name, void *context);
    void *context;
};

static void visit_above(const void *node, VISIT which, void *closure)
{
    const struct visit *visit = closure;
    if (which == postorder || which == leaf)
        visit->visit(*(char *const *)node, visit->context);
}

void static_image_each_above(const struct static_image *image,
                             void (*visit)(const char *name, void *context), void *context)
{
    struct visit closure = {visit, context};
    twalk_r(image->above, visit_above, &closure);
}

/* ---- images ---- */

static size_t parse(struct static_image *image, struct line_ends *ends, tinydns_refused *told,
                    void *context)
{
    const char *text = image->text;
    size_t left = image->length, length, refused = 0;
    const char *line;
    while (tinydns_next_line(&text, &left, &line, &length)) {
        const char *why = tinydns_parse_line(&image->entries, line, length);
        if (!array_grow(&ends->at, &ends->room, ends->n + 1, sizeof *ends->at)) {
            image->entries.failed = true;
            break;
        }
        ends->at[ends->n++] = image->entries.n;
        if (!why)
            continue;
        refused++;
        tinydns_refuse(told, context, ends->n, line, tinydns_trimmed(line, length), why);
    }
    return refused;
}

struct static_image *static_image_new(char *text, size_t length, tinydns_refused *told,
                                      void *context, size_t *refused)
{
    struct static_image *image = calloc(1, sizeof *image);
    *refused = 0;
    if (!image) {
        free(text);
        return NULL;
    }
    *image = (struct static_image){.references = 1, .text = text, .length = length};
    cdb_entries_init(&image->entries);
    struct line_ends ends = {.at = NULL};
    *refused = parse(image, &ends, told, context);
    if (*refused || image->entries.failed || !note_owners(image, &ends) || !note_above(image)) {
        static_image_unref(image);
        image = NULL;
    }
    free(ends.at);
    if (!image)
        return NULL;
    if (length > 0 && text[length - 1] != '\n')
        text[image->length++] = '\n';
    return image;
}

struct static_image *static_image_ref(struct static_image *image)
{
    image->references++;
    return image;
}

void static_image_unref(struct static_image *image)
{
    if (!image || --image->references > 0)
        return;
    cdb_entries_fini(&image->entries);
    tdestroy(image->above, free);
    free(image->owners);
    free(image->text);
    free(image);
}
