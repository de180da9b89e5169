#include "notes.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* The buckets lie behind the notes. */
static size_t size_of(const struct notes *notes)
{
    return ((size_t)notes->limit + 1) * sizeof(*notes->all) +
           NOTES_BUCKETS * sizeof(*notes->buckets);
}

int notes_init(struct notes *notes, uint32_t limit)
{
    *notes = (struct notes){.limit = limit, .next_over = UINT32_MAX};
    notes->all = mmap(NULL, size_of(notes), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (notes->all == MAP_FAILED)
        return -errno;
    notes->buckets = (uint32_t *)(notes->all + limit + 1);
    return 0;
}

void notes_fini(struct notes *notes)
{
    munmap(notes->all, size_of(notes));
}

/* What points to the note of this key, or to the end of its chain. */
static uint32_t *find(struct notes *notes, uint64_t key)
{
    uint32_t *link = &notes->buckets[key % NOTES_BUCKETS];

    while (*link != 0 && notes->all[*link].key != key)
        link = &notes->all[*link].next;
    return link;
}

/* 0 where there is no room. */
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
    note->next = 0;
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
    uint32_t index;

    if (notes->limit == 0)
        return KEEP_FULL;
    if (notes->count == notes->limit && notes->next_over <= now)
        notes_expire(notes, now);
    index = *find(notes, key);
    if (index == 0)
        index = add(notes, key);
    if (index == 0)
        return KEEP_FULL;
    notes->all[index].deadline = deadline;
    notes->all[index].length = (uint32_t)length;
    memcpy(notes->all[index].bytes, bytes, length);
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
