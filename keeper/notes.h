/* Notes: texts that belong to no socket, each with a key, in the order in which their keys were
 * first stored. Pure.
 *
 * All memory is mapped at the start (cells.h). A note is identified by its index; 0 means none. */
#ifndef KEEPER_NOTES_H
#define KEEPER_NOTES_H

#include "cells.h"
#include "protocol.h"

enum { NOTES_MAX = 1 << 16, NOTES_BUCKETS = 1 << 15 };

struct note {
    uint64_t key;
    uint32_t deadline;     /* seconds of CLOCK_BOOTTIME; from then on the note may be forgotten */
    uint32_t older, newer; /* neighbours in the order; `newer` also chains free notes */
    uint32_t next;         /* the next note with the same hash */
    uint32_t length;
    uint32_t bytes; /* their chain in notes::cells */
};

struct notes {
    uint32_t count, limit; /* how many are held, and how many may be */
    struct note *all;      /* [limit + 1] */
    struct cells cells;
    uint32_t *buckets; /* [NOTES_BUCKETS] */
    uint32_t oldest, newest;
    uint32_t free;      /* the chain of notes that are free again */
    uint32_t last;      /* the highest note that was ever used */
    uint32_t next_over; /* no deadline is earlier than this */
};

/* 0 or -errno. */
int notes_init(struct notes *notes, uint32_t limit);
void notes_fini(struct notes *notes);

/* Stores a text under a key, and replaces the text that has this key. `now` is in seconds. Returns
 * KEEP_OK, or KEEP_FULL if there is no room, even after notes past their deadline were removed. */
enum keep_result notes_store(struct notes *notes, uint64_t key, const uint8_t *bytes, size_t length,
                             uint32_t deadline, uint32_t now);
void notes_remove(struct notes *notes, uint64_t key); /* if there is one */
/* Removes the notes past their deadline. */
void notes_expire(struct notes *notes, uint32_t now);

#endif
