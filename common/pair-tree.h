/* Entries in the order of their keys, which are two texts. A crit-bit tree: a branch tests one bit
 * of a key, the highest in which any two entries below it differ. A search looks at one entry
 * alone, that at its end, so that a tree of a million entries, each in memory that has gone cold,
 * costs what its branches cost, which lie side by side. Pure.
 *
 * The order is that of strcmp(3) of the first text, then of the second: a key's octets are the
 * first text, NUL, the second, NUL. */
#ifndef COMMON_PAIR_TREE_H
#define COMMON_PAIR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pair {
    const char *first, *second;
};

/* An entry, and a branch, which are nothing to each other but that the branch, where it is used, is
 * somewhere above the entry: n entries need n - 1 branches. */
struct pair_slot {
    void *entry;       /* not owned */
    uint32_t child[2]; /* twice a slot's number; 1 more: its entry, else its branch */
    uint16_t octet;    /* of the key */
    uint8_t bit;       /* of that octet, as a mask */
};

struct pair_tree {
    struct pair (*key_of)(const void *entry); /* 32767 octets at most; the same while it is in it */
    struct pair_slot *slots;                  /* owned */
    size_t room, n_used;                      /* of slots; those that were used at some time */
    uint32_t root;                            /* as a child */
    uint32_t free; /* the first free slot of a chain (child[0]), or n_used */
    size_t n;      /* entries */
};

void pair_tree_init(struct pair_tree *tree, struct pair (*key_of)(const void *entry));
void pair_tree_fini(struct pair_tree *tree);

/* No entry of this key may be in it. False where memory ran out. */
bool pair_tree_add(struct pair_tree *tree, void *entry);
/* It must be in it. The tree's memory is freed with the last. */
void pair_tree_remove(struct pair_tree *tree, const void *entry);

/* NULL where there is none. */
void *pair_tree_find(const struct pair_tree *tree, struct pair key);
/* The first behind this key, which need not be in it; or NULL. */
void *pair_tree_next(const struct pair_tree *tree, struct pair key);

/* In order. `visit` may free the entry where the tree's next call is pair_tree_fini(). */
void pair_tree_each(const struct pair_tree *tree, void (*visit)(void *entry, void *context),
                    void *context);

#endif
