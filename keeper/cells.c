#include "cells.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

void *cells_map(uint64_t count, size_t size)
{
    void *memory = MAP_FAILED;
    if (count <= SIZE_MAX / 2 / size)
        memory = mmap(NULL, count * size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void cells_unmap(void *memory, uint64_t count, size_t size)
{
    if (memory)
        munmap(memory, count * size);
}

int cells_init(struct cells *cells, uint64_t limit)
{
    *cells = (struct cells){.limit = limit};
    if (limit < UINT32_MAX)
        cells->all = cells_map(limit + 1, sizeof *cells->all);
    return cells->all ? 0 : -ENOMEM;
}

void cells_fini(struct cells *cells)
{
    cells_unmap(cells->all, cells->limit + 1, sizeof *cells->all);
}

static uint32_t new_cell(struct cells *cells)
{
    uint32_t index = cells->free;
    if (index == 0)
        return ++cells->last;
    cells->free = cells->all[index].next;
    return index;
}

static size_t part_of(size_t length)
{
    return length < CELL_OCTETS ? length : CELL_OCTETS;
}

uint32_t cells_store(struct cells *cells, const uint8_t *bytes, size_t length)
{
    uint32_t first = 0, *link = &first;
    for (size_t part; length > 0; bytes += part, length -= part) {
        part = part_of(length);
        *link = new_cell(cells);
        struct cell *cell = &cells->all[*link];
        memcpy(cell->bytes, bytes, part);
        cell->next = 0;
        link = &cell->next;
    }
    return first;
}

void cells_free(struct cells *cells, uint32_t chain)
{
    uint32_t last = chain;
    if (chain == 0)
        return;
    while (cells->all[last].next != 0)
        last = cells->all[last].next;
    cells->all[last].next = cells->free;
    cells->free = chain;
}

void cells_read(const struct cells *cells, uint32_t chain, uint8_t *bytes, size_t length)
{
    for (size_t part; length > 0; bytes += part, length -= part) {
        part = part_of(length);
        memcpy(bytes, cells->all[chain].bytes, part);
        chain = cells->all[chain].next;
    }
}

bool cells_begin_with(const struct cells *cells, uint32_t chain, const uint8_t *bytes,
                      size_t length)
{
    for (size_t part; length > 0; bytes += part, length -= part) {
        part = part_of(length);
        if (memcmp(cells->all[chain].bytes, bytes, part) != 0)
            return false;
        chain = cells->all[chain].next;
    }
    return true;
}
