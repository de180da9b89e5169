#include "table.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static void *map(uint64_t count, size_t size)
{
    void *memory = MAP_FAILED;

    if (count <= SIZE_MAX / 2 / size)
        memory = mmap(NULL, count * size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static uint64_t count_texts(const struct table *table)
{
    return (uint64_t)table->size * KEEP_TEXTS_PER_SOCKET + 1;
}

int table_init(struct table *table, int size)
{
    *table = (struct table){.size = size, .limit = size, .bits = 1};
    while (INT64_C(1) << table->bits < size)
        table->bits++;
    table->sockets = map((uint64_t)size, sizeof(*table->sockets));
    table->texts = map(count_texts(table), sizeof(*table->texts));
    table->buckets = map(UINT64_C(1) << table->bits, sizeof(*table->buckets));
    if (table->sockets && table->texts && table->buckets)
        return 0;
    table_fini(table);
    return -ENOMEM;
}

void table_fini(struct table *table)
{
    if (table->sockets)
        munmap(table->sockets, (size_t)table->size * sizeof(*table->sockets));
    if (table->texts)
        munmap(table->texts, count_texts(table) * sizeof(*table->texts));
    if (table->buckets)
        munmap(table->buckets, sizeof(*table->buckets) << table->bits);
}

static int *bucket(const struct table *table, uint64_t key)
{
    return &table->buckets[key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - table->bits)];
}

int table_find(const struct table *table, uint64_t key)
{
    int fd = *bucket(table, key);

    while (fd != 0 && table->sockets[fd].key != key)
        fd = table->sockets[fd].next;
    return fd;
}

enum keep_result table_add(struct table *table, uint64_t key, int fd)
{
    int *head = bucket(table, key);

    if (table->count >= table->limit || fd <= 0 || fd >= table->size)
        return KEEP_FULL;
    table->sockets[fd] = (struct held){.key = key, .older = table->newest, .next = *head};
    *head = fd;
    *(table->newest ? &table->sockets[table->newest].newer : &table->oldest) = fd;
    table->newest = fd;
    table->count++;
    return KEEP_OK;
}

void table_remove(struct table *table, int fd)
{
    struct held *held = &table->sockets[fd];
    int *link = bucket(table, held->key);

    while (*link != fd)
        link = &table->sockets[*link].next;
    *link = held->next;
    *(held->older ? &table->sockets[held->older].newer : &table->oldest) = held->newer;
    *(held->newer ? &table->sockets[held->newer].older : &table->newest) = held->older;
    if (held->n_texts > 0) {
        table->texts[held->last_text].next = table->free_text;
        table->free_text = held->first_text;
    }
    table->count--;
}

static bool is_about(const struct text *text, const uint8_t *subject, size_t length)
{
    return text->subject == length && memcmp(text->bytes, subject, length) == 0;
}

/* Takes the text with this subject out of the socket's; returns its index, or 0 where there is
 * none. */
static uint32_t take_text(struct table *table, struct held *held, const uint8_t *subject,
                          size_t length)
{
    uint32_t before = 0, index = held->first_text;

    while (index != 0 && !is_about(&table->texts[index], subject, length)) {
        before = index;
        index = table->texts[index].next;
    }
    if (index == 0)
        return 0;
    *(before ? &table->texts[before].next : &held->first_text) = table->texts[index].next;
    if (held->last_text == index)
        held->last_text = before;
    held->n_texts--;
    return index;
}

/* They cannot run out: there are as many as all sockets may have. */
static uint32_t new_text(struct table *table)
{
    uint32_t index = table->free_text;

    if (index == 0)
        return ++table->last_text;
    table->free_text = table->texts[index].next;
    return index;
}

enum keep_result table_store(struct table *table, int fd, const uint8_t *bytes, size_t length,
                             size_t subject)
{
    struct held *held = &table->sockets[fd];
    uint32_t index;
    struct text *text;

    if (subject == 0)
        subject = length;
    index = take_text(table, held, bytes, subject);
    if (index == 0 && held->n_texts == KEEP_TEXTS_PER_SOCKET)
        return KEEP_FULL;
    if (index == 0)
        index = new_text(table);
    text = &table->texts[index];
    text->length = (uint32_t)length;
    text->subject = (uint32_t)subject;
    text->next = 0;
    memcpy(text->bytes, bytes, length);
    *(held->last_text ? &table->texts[held->last_text].next : &held->first_text) = index;
    held->last_text = index;
    held->n_texts++;
    return KEEP_OK;
}
