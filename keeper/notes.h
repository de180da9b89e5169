/* The texts of no socket that the keeper holds: by key, in the order in which they were first
 * stored.
 *
 * All memory is mapped at start (cells.h). A note is known by its index; 0 is none. */
#ifndef KEEPER_NOTES_H
#define KEEPER_NOTES_H

#include "cells.h"
#include "protocol.h"

enum { NOTES_MAX = 1 << 16, NOTES_BUCKETS = 1 << 15 };

struct note {
    uint64_t key;
    uint32_t deadline;     /* seconds of the clock; it may go from then on */
    uint32_t older, newer; /* notes; `newer` is the next free one where this is free */
    uint32_t next;         /* of the same hash */
    uint32_t length;
    uint32_t bytes; /* their chain in notes::cells */
};

struct notes {
    uint32_t count, limit; /* how many are held, and how many may be */
    struct note *all;      /* [limit + 1] */
    struct cells cells;
    uint32_t *buckets; /* [NOTES_BUCKETS] */
    uint32_t oldest, newest;
    uint32_t free;      /* a chain of those that were used and are not any more */
    uint32_t last;      /* the highest that was ever used */
    uint32_t next_over; /* no deadline is before it */
};

/* 0 or -errno. */
int notes_init(struct notes *notes, uint32_t limit);
void notes_fini(struct notes *notes);

/* Stores a text, in the place of the one that has the key. `now` is in seconds. KEEP_OK, or
 * KEEP_FULL where there is no room for another, and no old one whose time is over. */
enum keep_result notes_store(struct notes *notes, uint64_t key, const uint8_t *bytes, size_t length,
                             uint32_t deadline, uint32_t now);
void notes_remove(struct notes *notes, uint64_t key); /* where there is one */
/* Removes those whose time is over. */
void notes_expire(struct notes *notes, uint32_t now);

#endif
