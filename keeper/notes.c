#include "notes.h"

#include <errno.h>

int notes_init(struct notes *notes, uint32_t limit)
{
    *notes = (struct notes){.limit = limit, .next_over = UINT32_MAX};
    notes->all = cells_map((uint64_t)limit + 1, sizeof *notes->all);
    notes->buckets = cells_map(NOTES_BUCKETS, sizeof *notes->buckets);
    if (cells_init(&notes->cells, (uint64_t)limit * CELLS_FOR(KEEP_NOTE_MAX)) == 0 && notes->all &&
        notes->buckets)
        return 0;
    notes_fini(notes);
    return -ENOMEM;
}

void notes_fini(struct notes *notes)
{
    cells_unmap(notes->all, (uint64_t)notes->limit + 1, sizeof *notes->all);
    cells_unmap(notes->buckets, NOTES_BUCKETS, sizeof *notes->buckets);
    cells_fini(&notes->cells);
}

/* The link to the note with this key, or the empty link at the end of its chain. */
static uint32_t *find(struct notes *notes, uint64_t key)
{
    uint32_t *link = &notes->buckets[key % NOTES_BUCKETS];
    while (*link != 0 && notes->all[*link].key != key)
        link = &notes->all[*link].next;
    return link;
}

/* 0 if there is no room. */
static uint32_t new_note(struct notes *notes)
{
    uint32_t index = notes->free;
    if (index != 0)
        notes->free = notes->all[index].newer;
    else if (notes->last < notes->limit)
        index = ++notes->last;
    return index;
}

static uint32_t add(struct notes *notes, uint64_t key)
{
    uint32_t index = new_note(notes);
    struct note *note = &notes->all[index];
    if (index == 0)
        return 0;
    note->key = key;
    note->bytes = note->next = 0;
    note->older = notes->newest;
    note->newer = 0;
    *(notes->newest ? &notes->all[notes->newest].newer : &notes->oldest) = index;
    notes->newest = index;
    notes->count++;
    *find(notes, key) = index;
    return index;
}

enum keep_result notes_store(struct notes *notes, uint64_t key, const uint8_t *bytes, size_t length,
                             uint32_t deadline, uint32_t now)
{
    if (notes->limit == 0)
        return KEEP_FULL;
    if (notes->count == notes->limit && notes->next_over <= now)
        notes_expire(notes, now);
    uint32_t index = *find(notes, key);
    if (index == 0)
        index = add(notes, key);
    if (index == 0)
        return KEEP_FULL;
    struct note *note = &notes->all[index];
    cells_free(&notes->cells, note->bytes);
    note->bytes = cells_store(&notes->cells, bytes, length);
    note->length = (uint32_t)length;
    note->deadline = deadline;
    if (deadline < notes->next_over)
        notes->next_over = deadline;
    return KEEP_OK;
}

static void remove_linked(struct notes *notes, uint32_t *link)
{
    uint32_t index = *link;
    struct note *note = &notes->all[index];
    *link = note->next;
    *(note->older ? &notes->all[note->older].newer : &notes->oldest) = note->newer;
    *(note->newer ? &notes->all[note->newer].older : &notes->newest) = note->older;
    cells_free(&notes->cells, note->bytes);
    note->newer = notes->free;
    notes->free = index;
    notes->count--;
}

void notes_remove(struct notes *notes, uint64_t key)
{
    uint32_t *link = find(notes, key);
    if (*link != 0)
        remove_linked(notes, link);
}

void notes_expire(struct notes *notes, uint32_t now)
{
    uint32_t next_over = UINT32_MAX;
    for (uint32_t index = notes->oldest, newer; index != 0; index = newer) {
        const struct note *note = &notes->all[index];
        newer = note->newer;
        if (note->deadline <= now)
            remove_linked(notes, find(notes, note->key));
        else if (note->deadline < next_over)
            next_over = note->deadline;
    }
    notes->next_over = next_over;
}
