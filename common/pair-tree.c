#include "pair-tree.h"

#include "array.h"

#include <stdlib.h>
#include <string.h>

struct key {
    struct pair texts;
    size_t first_length, second_length;
};

/* The first bit in which two keys differ. */
struct place {
    size_t octet;
    uint8_t bit;
};

static struct key make_key(struct pair texts)
{
    return (struct key){texts, strlen(texts.first), strlen(texts.second)};
}

/* 0 at the end of the first text, and from the end of the second on. */
static uint8_t octet_of(const struct key *key, size_t i)
{
    if (i < key->first_length)
        return (uint8_t)key->texts.first[i];
    i -= key->first_length + 1; /* at the NUL this wraps to SIZE_MAX */
    return i < key->second_length ? (uint8_t)key->texts.second[i] : 0;
}

static bool has_bit(const struct key *key, size_t octet, uint8_t bit)
{
    return octet_of(key, octet) & bit;
}

static bool is_entry(uint32_t child)
{
    return child & 1;
}

static struct pair_slot *slot_of(const struct pair_tree *tree, uint32_t child)
{
    return &tree->slots[child / 2];
}

static uint32_t *choose(struct pair_slot *branch, const struct key *key)
{
    return &branch->child[has_bit(key, branch->octet, branch->bit)];
}

/* The only entry that can have this key. The tree must not be empty. */
static void *candidate(const struct pair_tree *tree, const struct key *key)
{
    uint32_t child = tree->root;
    while (!is_entry(child))
        child = *choose(slot_of(tree, child), key);
    return slot_of(tree, child)->entry;
}

/* Steps of several searches take turns, so that the processor fetches the next slot of each while
 * it works on the others. */
static void candidates(const struct pair_tree *tree, const struct key *keys, size_t n, void **found)
{
    uint32_t child[PAIR_TREE_ABREAST];
    for (size_t i = 0; i < n; i++)
        child[i] = tree->root;
    bool any = true;
    while (any) {
        any = false;
        for (size_t i = 0; i < n; i++) {
            if (is_entry(child[i]))
                continue;
            child[i] = *choose(slot_of(tree, child[i]), &keys[i]);
            __builtin_prefetch(slot_of(tree, child[i]));
            any = true;
        }
    }
    for (size_t i = 0; i < n; i++) {
        found[i] = slot_of(tree, child[i])->entry;
        __builtin_prefetch(found[i]);
    }
}

static size_t common_length(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] && a[n] == b[n])
        n++;
    return n;
}

/* False, and a bit of 0, if they are equal. */
static bool find_difference(struct place *place, const struct key *key, struct pair other)
{
    const char *first = key->texts.first, *second = key->texts.second;
    size_t n = first == other.first ? key->first_length : common_length(first, other.first);
    unsigned differing = (uint8_t)first[n] ^ (uint8_t)other.first[n];
    place->octet = n;
    if (!differing) {
        n = common_length(second, other.second);
        differing = (uint8_t)second[n] ^ (uint8_t)other.second[n];
        place->octet += 1 + n;
    }
    place->bit = 0x80;
    while (place->bit && !(differing & place->bit))
        place->bit >>= 1;
    return differing;
}

/* Follows the key from `child` down to where it leaves the tree: all keys below share its bits
 * before `place`. *turn is the last branch where the key took the lesser side, or NULL. */
static uint32_t *leave_at(const struct pair_tree *tree, uint32_t *child, const struct key *key,
                          const struct place *place, const struct pair_slot **turn)
{
    *turn = NULL;
    while (!is_entry(*child)) {
        struct pair_slot *branch = slot_of(tree, *child);
        if (branch->octet > place->octet ||
            (branch->octet == place->octet && branch->bit < place->bit))
            break;
        child = choose(branch, key);
        if (child == &branch->child[0])
            *turn = branch;
    }
    return child;
}

/* *child becomes twice the number of a free slot. False if memory ran out. */
static bool take_slot(struct pair_tree *tree, uint32_t *child)
{
    *child = 2 * tree->free;
    if (tree->free < tree->n_used) {
        tree->free = tree->slots[tree->free].child[0];
        return true;
    }
    if (tree->n_used > UINT32_MAX / 2 - 1 ||
        !array_grow(&tree->slots, &tree->room, tree->n_used + 1, sizeof *tree->slots))
        return false;
    tree->free = (uint32_t)++tree->n_used;
    return true;
}

/* The tree must not be empty. */
static void put_in(struct pair_tree *tree, struct pair_slot *slot, uint32_t taken)
{
    struct key key = make_key(tree->key_of(slot->entry));
    struct place place;
    find_difference(&place, &key, tree->key_of(candidate(tree, &key)));
    const struct pair_slot *turn;
    uint32_t *child = leave_at(tree, &tree->root, &key, &place, &turn);
    bool greater = has_bit(&key, place.octet, place.bit);
    slot->octet = (uint16_t)place.octet;
    slot->bit = place.bit;
    slot->child[greater] = taken + 1;
    slot->child[!greater] = *child;
    *child = taken;
}

bool pair_tree_add(struct pair_tree *tree, void *entry)
{
    uint32_t taken;
    if (!take_slot(tree, &taken))
        return false;
    struct pair_slot *slot = slot_of(tree, taken);
    slot->entry = entry;
    if (tree->n == 0)
        tree->root = taken + 1;
    else
        put_in(tree, slot, taken);
    tree->n++;
    return true;
}

/* The link to the branch in this slot, or NULL if that is unused. */
static uint32_t *find_branch(struct pair_tree *tree, uint32_t branch, const struct key *key)
{
    uint32_t *child = &tree->root;
    while (!is_entry(*child) && *child != branch)
        child = choose(slot_of(tree, *child), key);
    return *child == branch ? child : NULL;
}

/* Removes the entry and the branch directly above it. If the branch in the entry's slot is still in
 * use, it moves to the slot of the removed branch. */
void pair_tree_remove(struct pair_tree *tree, const void *entry)
{
    struct key key = make_key(tree->key_of(entry));
    uint32_t *end = &tree->root, *above = end;
    if (--tree->n == 0) {
        pair_tree_fini(tree);
        return;
    }
    while (!is_entry(*end)) {
        above = end;
        end = choose(slot_of(tree, *above), &key);
    }
    uint32_t gone = *end - 1;
    uint32_t spare = *above;
    uint32_t *own = find_branch(tree, gone, &key);
    *above = slot_of(tree, spare)->child[end == &slot_of(tree, spare)->child[0]];
    if (own && spare != gone) {
        void *stays = slot_of(tree, spare)->entry;
        *slot_of(tree, spare) = *slot_of(tree, gone);
        slot_of(tree, spare)->entry = stays;
        *own = spare;
    }
    slot_of(tree, gone)->child[0] = tree->free;
    tree->free = gone / 2;
}

void *pair_tree_find(const struct pair_tree *tree, struct pair texts)
{
    struct key key = make_key(texts);
    void *found = tree->n > 0 ? candidate(tree, &key) : NULL;
    struct place place;
    return found && !find_difference(&place, &key, tree->key_of(found)) ? found : NULL;
}

void pair_tree_find_all(const struct pair_tree *tree, const struct pair *texts, size_t n,
                        void **found)
{
    struct key keys[PAIR_TREE_ABREAST];
    for (size_t i = 0; i < n; i++) {
        keys[i] = make_key(texts[i]);
        found[i] = NULL;
    }
    if (tree->n > 0)
        candidates(tree, keys, n, found);
    struct place place;
    for (size_t i = 0; i < n; i++)
        if (found[i] && find_difference(&place, &keys[i], tree->key_of(found[i])))
            found[i] = NULL;
}

static void *least(const struct pair_tree *tree, uint32_t child)
{
    while (!is_entry(child))
        child = slot_of(tree, child)->child[0];
    return slot_of(tree, child)->entry;
}

void *pair_tree_next(const struct pair_tree *tree, struct pair texts)
{
    struct key key = make_key(texts);
    uint32_t root = tree->root;
    if (tree->n == 0)
        return NULL;
    struct place place;
    bool differs = find_difference(&place, &key, tree->key_of(candidate(tree, &key)));
    const struct pair_slot *turn;
    uint32_t below = *leave_at(tree, &root, &key, &place, &turn);
    if (differs && !has_bit(&key, place.octet, place.bit))
        return least(tree, below);
    return turn ? least(tree, turn->child[1]) : NULL;
}

/* The recursion is at most as deep as a key has bits. */
static void visit_below(const struct pair_tree *tree, uint32_t child,
                        void (*visit)(void *entry, void *context), void *context)
{
    if (is_entry(child)) {
        visit(slot_of(tree, child)->entry, context);
        return;
    }
    for (int side = 0; side < 2; side++)
        visit_below(tree, slot_of(tree, child)->child[side], visit, context);
}

void pair_tree_each(const struct pair_tree *tree, void (*visit)(void *entry, void *context),
                    void *context)
{
    if (tree->n > 0)
        visit_below(tree, tree->root, visit, context);
}

void pair_tree_init(struct pair_tree *tree, struct pair (*key_of)(const void *entry))
{
    *tree = (struct pair_tree){.key_of = key_of};
}

void pair_tree_fini(struct pair_tree *tree)
{
    free(tree->slots);
    pair_tree_init(tree, tree->key_of);
}
