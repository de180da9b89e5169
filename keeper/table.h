/* What the keeper holds: sockets by key, each with its texts, in the order of their arrival.
 *
 * All memory is mapped at start, for KEEP_TEXTS_PER_SOCKET texts of each socket, and costs nothing
 * until it is touched. So nobody's texts take another's room, and the one bound is on sockets. A
 * socket is known by its descriptor, a text by its index; 0 is none of both. */
#ifndef KEEPER_TABLE_H
#define KEEPER_TABLE_H

#include "cells.h"
#include "protocol.h"

struct held {
    uint64_t key;
    uint32_t n_texts, first_text, last_text;
    int older, newer;
    int next; /* of the same hash */
};

struct text {
    uint32_t next;  /* of the same socket, or free */
    uint32_t bytes; /* their chain in table::cells */
    uint16_t length;
    uint16_t subject; /* so many octets at the beginning say what it is about */
};

struct table {
    int size;             /* descriptors are less than this */
    int count, limit;     /* how many are held, and how many may be */
    struct held *sockets; /* [size] */
    struct text *texts;
    struct cells cells;
    int *buckets; /* [1 << bits] */
    unsigned bits;
    int oldest, newest;
    uint32_t free_text; /* a chain of those that were used and are not any more */
    uint32_t last_text; /* the highest that was ever used */
};

/* Maps room for descriptors less than `size`. 0 or -errno. */
int table_init(struct table *table, int size);
void table_fini(struct table *table);

int table_find(const struct table *table, uint64_t key);
/* KEEP_OK or KEEP_FULL. The key must not be there yet. */
enum keep_result table_add(struct table *table, uint64_t key, int fd);
void table_remove(struct table *table, int fd); /* the caller closes it */

/* Adds a text as the socket's newest, in the place of one with the same subject; so of requests
 * that are repeated in turn the last word stays the last. `subject` is its length; 0: the whole
 * text. KEEP_OK or KEEP_FULL. */
enum keep_result table_store(struct table *table, int fd, const uint8_t *bytes, size_t length,
                             size_t subject);

#endif
