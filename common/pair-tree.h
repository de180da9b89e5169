/* Entries sorted by their keys; a key is a pair of texts. The tree is a crit-bit tree: each branch
 * tests one bit of the key, the first bit in which entries below the branch differ. A search reads
 * branches, which lie side by side in memory, and only one entry, at its end: so it is fast with a
 * million entries that are in no processor cache. Pure.
 *
 * Keys are ordered by strcmp(3) of the first text, then of the second: a key's octets are the first
 * text, NUL, the second text, NUL. */
#ifndef COMMON_PAIR_TREE_H
#define COMMON_PAIR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pair {
    const char *first, *second;
};

/* A slot holds one entry and one branch. Their only relation is that the branch, if used, lies
 * somewhere above the entry. n entries need n - 1 branches. */
struct pair_slot {
    void *entry;       /* not owned */
    uint32_t child[2]; /* a slot's number times two, for its branch; plus one, for its entry */
    uint16_t octet;    /* the branch tests a bit of this octet of the key */
    uint8_t bit;       /* the bit, as a mask */
};

struct pair_tree {
    /* at most 32767 octets; constant while the entry is in the tree */
    struct pair (*key_of)(const void *entry);
    struct pair_slot *slots; /* owned */
    size_t room, n_used;     /* room for slots, and slots that were ever used */
    uint32_t root;           /* as pair_slot::child */
    uint32_t free;           /* the first free slot, chained by child[0], or n_used */
    size_t n;                /* entries */
};

void pair_tree_init(struct pair_tree *tree, struct pair (*key_of)(const void *entry));
void pair_tree_fini(struct pair_tree *tree);

/* The tree must have no entry with this key. False if memory ran out. */
bool pair_tree_add(struct pair_tree *tree, void *entry);
/* The entry must be in the tree. Removing the last entry frees the tree's memory. */
void pair_tree_remove(struct pair_tree *tree, const void *entry);

/* NULL if there is none. */
void *pair_tree_find(const struct pair_tree *tree, struct pair key);
/* The same for n keys at once, at most PAIR_TREE_ABREAST, in found[]. While the tree is in no
 * processor cache, n keys take little longer than one. */
enum { PAIR_TREE_ABREAST = 16 };
void pair_tree_find_all(const struct pair_tree *tree, const struct pair *keys, size_t n,
                        void **found);
/* The first entry after this key, or NULL. The key itself need not be in the tree. */
void *pair_tree_next(const struct pair_tree *tree, struct pair key);

/* Visits all entries in order. `visit` may free the entries if pair_tree_fini() follows. */
void pair_tree_each(const struct pair_tree *tree, void (*visit)(void *entry, void *context),
                    void *context);

#endif
