/* The client sockets that the keeper holds, found by key, in the order of their arrival, each with
 * its texts. Pure.
 *
 * All memory is mapped at the start, for KEEP_TEXTS_PER_SOCKET texts of each socket, and costs
 * nothing until it is touched. So the texts of one socket never take room from another; only the
 * number of sockets is limited. A socket is identified by its descriptor, a text by its index; 0
 * means none. */
#ifndef KEEPER_TABLE_H
#define KEEPER_TABLE_H

#include "cells.h"
#include "protocol.h"

struct held {
    uint64_t key;
    uint32_t n_texts, first_text, last_text;
    int older, newer;
    int next; /* the next socket with the same hash */
};

struct text {
    uint32_t next;  /* the next text of the same socket, or the next free one */
    uint32_t bytes; /* their chain in table::cells */
    uint16_t length;
    uint16_t subject; /* length of the subject, at the beginning of the text */
};

struct table {
    int size;             /* all descriptors are less than this */
    int count, limit;     /* how many are held, and how many may be */
    struct held *sockets; /* [size] */
    struct text *texts;
    struct cells cells;
    int *buckets; /* [1 << bits] */
    unsigned bits;
    int oldest, newest;
    uint32_t free_text; /* the chain of texts that are free again */
    uint32_t last_text; /* the highest text that was ever used */
};

/* Maps memory for descriptors less than `size`. 0 or -errno. */
int table_init(struct table *table, int size);
void table_fini(struct table *table);

int table_find(const struct table *table, uint64_t key);
/* Returns KEEP_OK or KEEP_FULL. The table must not contain the key. */
enum keep_result table_add(struct table *table, uint64_t key, int fd);
void table_remove(struct table *table, int fd); /* the caller closes it */

/* Adds a text as the newest of the socket, and removes its text with the same subject. So the texts
 * stay in the order in which the client last sent them. `subject` is the subject's length; 0: the
 * whole text. Returns KEEP_OK or KEEP_FULL. */
enum keep_result table_store(struct table *table, int fd, const uint8_t *bytes, size_t length,
                             size_t subject);
/* Removes the socket's text with this subject, if there is one. */
void table_forget(struct table *table, int fd, const uint8_t *subject, size_t length);

#endif
