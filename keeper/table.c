#include "table.h"

#include <errno.h>

static uint64_t count_texts(const struct table *table)
{
    return (uint64_t)table->size * KEEP_TEXTS_PER_SOCKET + 1;
}

int table_init(struct table *table, int size)
{
    *table = (struct table){.size = size, .limit = size, .bits = 1};
    while (INT64_C(1) << table->bits < size)
        table->bits++;
    table->sockets = cells_map((uint64_t)size, sizeof *table->sockets);
    table->texts = cells_map(count_texts(table), sizeof *table->texts);
    table->buckets = cells_map(UINT64_C(1) << table->bits, sizeof *table->buckets);
    if (cells_init(&table->cells, count_texts(table) * CELLS_FOR(KEEP_TEXT_MAX)) == 0 &&
        table->sockets && table->texts && table->buckets)
        return 0;
    table_fini(table);
    return -ENOMEM;
}

void table_fini(struct table *table)
{
    cells_unmap(table->sockets, (uint64_t)table->size, sizeof *table->sockets);
    cells_unmap(table->texts, count_texts(table), sizeof *table->texts);
    cells_unmap(table->buckets, UINT64_C(1) << table->bits, sizeof *table->buckets);
    cells_fini(&table->cells);
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

static void free_texts(struct table *table, uint32_t first, uint32_t last)
{
    for (uint32_t index = first; index != 0; index = table->texts[index].next)
        cells_free(&table->cells, table->texts[index].bytes);
    if (last != 0) {
        table->texts[last].next = table->free_text;
        table->free_text = first;
    }
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
    free_texts(table, held->first_text, held->last_text);
    table->count--;
}

static bool is_about(const struct table *table, uint32_t index, const uint8_t *subject,
                     size_t length)
{
    const struct text *text = &table->texts[index];
    return text->subject == length && cells_begin_with(&table->cells, text->bytes, subject, length);
}

/* Removes the text with this subject from the socket's texts, and frees its octets. Returns its
 * index, or 0. */
static uint32_t take_text(struct table *table, struct held *held, const uint8_t *subject,
                          size_t length)
{
    uint32_t before = 0, index = held->first_text;
    while (index != 0 && !is_about(table, index, subject, length)) {
        before = index;
        index = table->texts[index].next;
    }
    if (index == 0)
        return 0;
    *(before ? &table->texts[before].next : &held->first_text) = table->texts[index].next;
    if (held->last_text == index)
        held->last_text = before;
    held->n_texts--;
    cells_free(&table->cells, table->texts[index].bytes);
    return index;
}

void table_forget(struct table *table, int fd, const uint8_t *subject, size_t length)
{
    uint32_t index = take_text(table, &table->sockets[fd], subject, length);
    if (index == 0)
        return;
    table->texts[index].next = table->free_text;
    table->free_text = index;
}

/* Always succeeds: there are as many texts as all sockets together may have. */
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
    if (subject == 0)
        subject = length;
    uint32_t index = take_text(table, held, bytes, subject);
    if (index == 0 && held->n_texts == KEEP_TEXTS_PER_SOCKET)
        return KEEP_FULL;
    if (index == 0)
        index = new_text(table);
    struct text *text = &table->texts[index];
    text->length = (uint16_t)length;
    text->subject = (uint16_t)subject;
    text->next = 0;
    text->bytes = cells_store(&table->cells, bytes, length);
    *(held->last_text ? &table->texts[held->last_text].next : &held->first_text) = index;
    held->last_text = index;
    held->n_texts++;
    return KEEP_OK;
}
